/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite.c - a push scanner for one JSON object. See rewrite.h.
 *
 * One state per place in the grammar; a value or key may be cut anywhere by
 * the end of the input. Bytes pass in runs: `run` is where the bytes not yet
 * copied begin. Directly inside the outermost object nothing passes by itself
 * (`muted`): its commas, its keys and its URI members are written by us, so
 * that members can be left out and added.
 *
 * Invariant: what has been appended to out is a prefix of a JSON text that the
 * closing brace completes; no value of a URI member is ever part of it.
 */
#include "presto/rewrite.h"

#include "base/assert.h"
#include "base/json.h"
#include "base/mem.h"
#include "presto/json_bulk.h"
#include "presto/json_lex.h"
#include "presto/page_member.h"

enum {
	HELD_MAX = 8192,
	N_URIS = 3,
};

/* What the string being scanned is good for. */
enum capture {
	CAPTURE_NONE,
	CAPTURE_KEY,  /* of the outermost object */
	CAPTURE_KEY2, /* within stats or error */
	CAPTURE_URI,
	CAPTURE_FACT,
};

struct uri {
	bool present;
	struct dg_buf text; /* decoded */
};

struct dg_rewriter {
	dg_uri_fn on_uri;
	void *arg;
	enum dg_rc rc; /* sticks */
	struct dg_json_place place;
	bool muted;
	bool any_member; /* of the outermost object was written */
	bool string_is_key;
	enum capture capture;
	enum dg_lex_number number;
	enum dg_member member; /* the outermost object's current one */
	unsigned seen;         /* bit per member */
	const char *literal;   /* what must still come */
	unsigned hex_left;
	struct dg_lex_utf8 utf8;
	char *fact; /* where CAPTURE_FACT goes, or NULL */
	size_t fact_max;
	int64_t *number_fact; /* likewise, for a number; or NULL */
	struct dg_buf held;   /* raw text of the captured string */
	bool escaped;         /* it has escapes */
	struct dg_buf plain;  /* its decoded text then; a new URI */
	struct uri uris[N_URIS];
	struct dg_page_facts facts;
};

/* One call of feed. */
struct scan {
	struct dg_rewriter *r;
	struct dg_buf *out;
	const char *run; /* not yet copied from here; NULL while muted */
	const char *end;
};

struct dg_rewriter *
dg_rewriter_create(void)
{
	struct dg_rewriter *r = DG_NEW(struct dg_rewriter);

	dg_buf_init(&r->held, HELD_MAX);
	dg_buf_init(&r->plain, HELD_MAX);
	for (unsigned i = 0; i < N_URIS; i++)
		dg_buf_init(&r->uris[i].text, HELD_MAX);
	dg_rewriter_reset(r, NULL, NULL);
	return r;
}

void
dg_rewriter_destroy(struct dg_rewriter **rewriter)
{
	struct dg_rewriter *r = *rewriter;

	if (r == NULL)
		return;
	dg_buf_fini(&r->held);
	dg_buf_fini(&r->plain);
	for (unsigned i = 0; i < N_URIS; i++)
		dg_buf_fini(&r->uris[i].text);
	dg_free(r);
	*rewriter = NULL;
}

void
dg_rewriter_reset(struct dg_rewriter *r, dg_uri_fn on_uri, void *arg)
{
	r->on_uri = on_uri;
	r->arg = arg;
	r->rc = DG_OK;
	r->place.state = DG_JSON_START;
	r->muted = true;
	r->any_member = false;
	r->capture = CAPTURE_NONE;
	r->member = DG_MEMBER_OTHER;
	r->seen = 0;
	r->fact = NULL;
	r->number_fact = NULL;
	r->place.depth = 0;
	dg_buf_clear(&r->held);
	for (unsigned i = 0; i < N_URIS; i++)
		r->uris[i].present = false;
	memset(&r->facts, 0, sizeof(r->facts));
}

const struct dg_page_facts *
dg_rewriter_facts(const struct dg_rewriter *r)
{
	return &r->facts;
}

bool
dg_rewriter_at_data(const struct dg_rewriter *r)
{
	return r->facts.has_data;
}

/* ---- output ------------------------------------------------------------ */

/* Failing ends the scan: the loop sees p == end, feed sees r->rc. */
static const char *
fail(struct scan *s, enum dg_rc rc)
{
	s->r->rc = rc;
	return s->end;
}

static void
append(struct scan *s, struct dg_str bytes)
{
	enum dg_rc rc;

	if (s->r->rc != DG_OK)
		return;
	rc = dg_buf_append(s->out, bytes);
	if (rc != DG_OK)
		s->r->rc = rc;
}

/* Copies the run up to p; what follows does not pass by itself. */
static void
mute(struct scan *s, const char *p)
{
	if (!s->r->muted)
		append(s, dg_str_make(s->run, (size_t)(p - s->run)));
	s->r->muted = true;
	s->run = NULL;
}

static void
unmute(struct scan *s, const char *p)
{
	s->r->muted = false;
	s->run = p;
}

/* ---- captured strings -------------------------------------------------- */

static void
hold(struct scan *s, const char *from, const char *to)
{
	struct dg_rewriter *r = s->r;
	size_t n = (size_t)(to - from);
	size_t room = dg_buf_room(&r->held);

	if (n > room) {
		/* Facts and inner keys may be cut: they are only looked at. */
		if (r->capture == CAPTURE_KEY || r->capture == CAPTURE_URI)
			r->rc = DG_ERR_LIMIT;
		n = room;
	}
	if (r->rc == DG_OK)
		r->rc = dg_buf_append(&r->held, dg_str_make(from, n));
}

/* The captured string without its escapes. */
static bool
decode_held(struct dg_rewriter *r, struct dg_str *out)
{
	struct dg_str raw = dg_buf_peek(&r->held);
	char *room;
	size_t n;

	*out = raw;
	if (!r->escaped)
		return true;
	dg_buf_clear(&r->plain);
	if (dg_buf_reserve(&r->plain, raw.len, &room) != DG_OK ||
	    !dg_lex_decode(raw, room, &n))
		return false;
	*out = dg_str_make(room, n);
	return true;
}

/* ---- keys -------------------------------------------------------------- */

static bool
is_uri(enum dg_member member)
{
	return member <= DG_MEMBER_INFO;
}

static const char *
end_outer_key(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;
	struct dg_str raw = dg_buf_peek(&r->held);
	struct dg_str key;

	if (!decode_held(r, &key))
		return fail(s, DG_ERR_INVALID);
	r->member = dg_member_find(key);
	if (r->member != DG_MEMBER_OTHER) {
		/* Some clients' JSON libraries match names in any case. */
		if (!dg_str_eq(key, dg_member_name(r->member)) ||
		    (r->seen & (1U << r->member)) != 0)
			return fail(s, DG_ERR_INVALID);
		r->seen |= 1U << r->member;
	}
	if (is_uri(r->member))
		return p;
	if (r->any_member)
		append(s, DG_STR(","));
	r->any_member = true;
	append(s, DG_STR("\""));
	append(s, raw);
	append(s, DG_STR("\""));
	unmute(s, p);
	return p;
}

/* Within stats and error a few members are of interest. */
static void
end_inner_key(struct dg_rewriter *r)
{
	struct dg_str key;

	r->fact = NULL;
	r->number_fact = NULL;
	if (!decode_held(r, &key))
		return;
	if (r->member == DG_MEMBER_STATS && dg_str_eq(key, DG_STR("state"))) {
		r->fact = r->facts.state;
		r->fact_max = sizeof(r->facts.state);
	} else if (r->member == DG_MEMBER_ERROR &&
		   dg_str_eq(key, DG_STR("errorName"))) {
		r->fact = r->facts.error_name;
		r->fact_max = sizeof(r->facts.error_name);
	} else if (r->member == DG_MEMBER_ERROR &&
		   dg_str_eq(key, DG_STR("errorType"))) {
		r->fact = r->facts.error_type;
		r->fact_max = sizeof(r->facts.error_type);
	} else if (r->member == DG_MEMBER_ERROR &&
		   dg_str_eq(key, DG_STR("errorCode"))) {
		r->facts.error_code = 0;
		r->number_fact = &r->facts.error_code;
	}
}

/* ---- values ------------------------------------------------------------ */

static const char *
end_value(struct scan *s, const char *p)
{
	s->r->place.state = DG_JSON_AFTER;
	s->r->fact = NULL;
	s->r->number_fact = NULL;
	if (s->r->place.depth == 1)
		mute(s, p);
	return p;
}

static bool
open_level(struct dg_rewriter *r, bool object)
{
	uint64_t bit = UINT64_C(1) << (r->place.depth % 64);

	if (r->place.depth == DG_JSON_DEPTH_MAX)
		return false;
	if (object)
		r->place.objects[r->place.depth / 64] |= bit;
	else
		r->place.objects[r->place.depth / 64] &= ~bit;
	r->place.depth++;
	r->fact = NULL;
	r->number_fact = NULL;
	r->place.state = object ? DG_JSON_KEY_OR_END : DG_JSON_VALUE_OR_END;
	return true;
}

/* Nearly always there is nothing to escape. */
static void
append_string(struct scan *s, struct dg_str text)
{
	const char *end = text.data + text.len;

	if (dg_lex_skip_plain(text.data, end) != end) {
		if (s->r->rc == DG_OK)
			s->r->rc = dg_json_append_string(s->out, text);
		return;
	}
	append(s, DG_STR("\""));
	append(s, text);
	append(s, DG_STR("\""));
}

static enum dg_rc
write_uri(struct scan *s, enum dg_uri_kind kind)
{
	struct dg_rewriter *r = s->r;
	enum dg_rc rc;

	dg_buf_clear(&r->plain);
	rc = r->on_uri(r->arg, kind, dg_buf_peek(&r->uris[kind].text),
		       &r->plain);
	if (rc != DG_OK)
		return rc == DG_ERR_NOT_FOUND ? DG_OK : rc;
	if (r->any_member)
		append(s, DG_STR(","));
	r->any_member = true;
	append_string(s, dg_member_name((enum dg_member)kind));
	append(s, DG_STR(":"));
	append_string(s, dg_buf_peek(&r->plain));
	return r->rc;
}

/* The outermost object ends at p (behind its brace). */
static const char *
end_page(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;
	enum dg_rc rc = DG_OK;

	r->facts.has_next = r->uris[DG_URI_NEXT].present;
	for (unsigned i = 0; i < N_URIS && rc == DG_OK; i++) {
		if (r->uris[i].present)
			rc = write_uri(s, (enum dg_uri_kind)i);
	}
	if (rc != DG_OK)
		return fail(s, rc);
	append(s, DG_STR("}"));
	r->facts.complete = true;
	r->place.state = DG_JSON_END;
	return p;
}

static const char *
close_level(struct scan *s, const char *p, bool object)
{
	struct dg_rewriter *r = s->r;

	if (dg_json_in_object(&r->place) != object)
		return fail(s, DG_ERR_INVALID);
	r->place.depth--;
	return r->place.depth == 0 ? end_page(s, p) : end_value(s, p);
}

/* What a string value is for, by where it stands. */
static enum capture
capture_value(struct dg_rewriter *r)
{
	if (r->place.depth == 1 && is_uri(r->member))
		return CAPTURE_URI;
	if (r->place.depth == 1 && r->member == DG_MEMBER_ID) {
		r->fact = r->facts.id;
		r->fact_max = sizeof(r->facts.id);
	}
	if (r->place.depth == 1 && r->member == DG_MEMBER_UPDATE_TYPE) {
		r->fact = r->facts.update_type;
		r->fact_max = sizeof(r->facts.update_type);
	}
	return r->fact != NULL ? CAPTURE_FACT : CAPTURE_NONE;
}

static void
start_string(struct dg_rewriter *r, bool is_key)
{
	r->place.state = DG_JSON_STRING;
	r->string_is_key = is_key;
	dg_buf_clear(&r->held);
	r->escaped = false;
	if (!is_key)
		r->capture = capture_value(r);
	else if (r->place.depth == 1)
		r->capture = CAPTURE_KEY;
	else if (r->place.depth == 2 &&
		 (r->member == DG_MEMBER_STATS || r->member == DG_MEMBER_ERROR))
		r->capture = CAPTURE_KEY2;
	else
		r->capture = CAPTURE_NONE;
}

static const char *
start_literal(struct scan *s, const char *p, const char *rest)
{
	s->r->place.state = DG_JSON_LITERAL;
	s->r->literal = rest;
	return p + 1;
}

/* Of a plain number; any other is 0, and so is one that is too long. */
static void
note_digit(struct dg_rewriter *r, char c)
{
	int64_t *n = r->number_fact;

	if (n == NULL)
		return;
	if (r->number == DG_LEX_INT && *n < INT64_MAX / 10 - 1) {
		*n = *n * 10 + (c - '0');
		return;
	}
	*n = 0;
	r->number_fact = NULL;
}

static const char *
start_number(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	r->place.state = DG_JSON_NUMBER;
	if (*p == '-')
		r->number = DG_LEX_MINUS;
	else
		r->number = *p == '0' ? DG_LEX_ZERO : DG_LEX_INT;
	note_digit(r, *p);
	return p + 1;
}

static const char *
start_value(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;
	enum dg_rc rc;

	if (r->place.depth == 1) {
		rc = dg_member_check(r->member, *p);
		if (rc != DG_OK)
			return fail(s, rc);
		if (r->member == DG_MEMBER_ERROR)
			r->facts.has_error = *p == '{';
	} else if (r->place.depth == 2 &&
		   r->place.state == DG_JSON_VALUE_OR_END &&
		   (r->member == DG_MEMBER_DATA ||
		    r->member == DG_MEMBER_BINARY_DATA)) {
		r->facts.has_data = true;
	}
	switch (*p) {
	case '"':
		start_string(r, false);
		return p + 1;
	case '{':
	case '[':
		return open_level(r, *p == '{') ? p + 1 : fail(s, DG_ERR_LIMIT);
	case 't':
		return start_literal(s, p, "rue");
	case 'f':
		return start_literal(s, p, "alse");
	case 'n':
		return start_literal(s, p, "ull");
	default:
		if (*p != '-' && (*p < '0' || *p > '9'))
			return fail(s, DG_ERR_INVALID);
		return start_number(s, p);
	}
}

/* ---- strings ----------------------------------------------------------- */

static void
end_fact(struct dg_rewriter *r)
{
	struct dg_str text;

	if (!decode_held(r, &text))
		text = DG_STR_EMPTY;
	text = dg_str_slice(text, 0, r->fact_max - 1);
	memcpy(r->fact, text.data, text.len);
	r->fact[text.len] = '\0';
}

static enum dg_rc
end_uri(struct dg_rewriter *r)
{
	struct uri *uri = &r->uris[r->member];
	struct dg_str text;

	if (!decode_held(r, &text))
		return DG_ERR_INVALID;
	uri->present = true;
	dg_buf_clear(&uri->text);
	return dg_buf_append(&uri->text, text);
}

/* p is behind the closing quote. */
static const char *
end_string(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	switch (r->capture) {
	case CAPTURE_KEY:
		r->place.state = DG_JSON_COLON;
		return end_outer_key(s, p);
	case CAPTURE_KEY2:
		end_inner_key(r);
		break;
	case CAPTURE_URI:
		r->rc = end_uri(r);
		if (r->rc != DG_OK)
			return s->end;
		break;
	case CAPTURE_FACT:
		end_fact(r);
		break;
	case CAPTURE_NONE:
		break;
	}
	if (!r->string_is_key)
		return end_value(s, p);
	r->place.state = DG_JSON_COLON;
	return p;
}

static bool
step_escape(struct dg_rewriter *r, char c)
{
	r->place.state = DG_JSON_STRING;
	if (c == 'u') {
		r->place.state = DG_JSON_HEX;
		r->hex_left = 4;
		return true;
	}
	return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
}

/* One byte inside quotes that is not plain; false when it may not stand there.
 */
static bool
step_special(struct dg_rewriter *r, char c)
{
	unsigned char byte = (unsigned char)c;

	if (r->place.state == DG_JSON_ESCAPE)
		return step_escape(r, c);
	if (r->place.state == DG_JSON_HEX) {
		if (--r->hex_left == 0)
			r->place.state = DG_JSON_STRING;
		return dg_lex_is_hex(c);
	}
	if (r->place.state == DG_JSON_UTF8) {
		if (!dg_lex_utf8_step(&r->utf8, byte))
			return false;
		if (r->utf8.left == 0)
			r->place.state = DG_JSON_STRING;
		return true;
	}
	if (c == '\\') {
		r->place.state = DG_JSON_ESCAPE;
		r->escaped = true;
		return true;
	}
	r->place.state = DG_JSON_UTF8;
	return byte >= 0x80 && dg_lex_utf8_start(&r->utf8, byte);
}

static const char *
scan_string(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;
	const char *from = p;
	bool closed = false;

	while (p < s->end) {
		if (r->place.state == DG_JSON_STRING) {
			p = dg_lex_skip_plain(p, s->end);
			if (p == s->end)
				break;
			if (*p == '"') {
				closed = true;
				break;
			}
		}
		if (!step_special(r, *p))
			return fail(s, DG_ERR_INVALID);
		p++;
	}
	if (r->capture != CAPTURE_NONE) {
		hold(s, from, p);
		if (r->rc != DG_OK)
			return s->end;
	}
	return closed ? end_string(s, p + 1) : p;
}

/* ---- numbers and literals ---------------------------------------------- */

static const char *
scan_number(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	for (; p < s->end; p++) {
		int next = dg_lex_number_step(r->number, *p);

		if (next < 0)
			return dg_lex_number_is_whole(r->number)
				       ? end_value(s, p)
				       : fail(s, DG_ERR_INVALID);
		r->number = (enum dg_lex_number)next;
		note_digit(r, *p);
	}
	return p;
}

static const char *
scan_literal(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	while (*r->literal != '\0') {
		if (p == s->end)
			return p;
		if (*p != *r->literal)
			return fail(s, DG_ERR_INVALID);
		r->literal++;
		p++;
	}
	return end_value(s, p);
}

/* ---- structure --------------------------------------------------------- */

static const char *
step_start(struct scan *s, const char *p)
{
	if (*p != '{')
		return fail(s, DG_ERR_INVALID);
	append(s, DG_STR("{"));
	return open_level(s->r, true) ? p + 1 : fail(s, DG_ERR_LIMIT);
}

static const char *
step_key(struct scan *s, const char *p)
{
	if (*p == '}' && s->r->place.state == DG_JSON_KEY_OR_END)
		return close_level(s, p + 1, true);
	if (*p != '"')
		return fail(s, DG_ERR_INVALID);
	start_string(s->r, true);
	return p + 1;
}

static const char *
step_after(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	if (*p == ',') {
		r->place.state = dg_json_in_object(&r->place) ? DG_JSON_KEY
							      : DG_JSON_VALUE;
		return p + 1;
	}
	if (*p == '}' || *p == ']')
		return close_level(s, p + 1, *p == '}');
	return fail(s, DG_ERR_INVALID);
}

/* Inside a token, where blanks mean something. */
static const char *
step_token(struct scan *s, const char *p)
{
	if (s->r->place.state == DG_JSON_NUMBER)
		return scan_number(s, p);
	if (s->r->place.state == DG_JSON_LITERAL)
		return scan_literal(s, p);
	return scan_string(s, p);
}

/* One token, or what there is of it, from p (p < end). */
static const char *
step(struct scan *s, const char *p)
{
	struct dg_rewriter *r = s->r;

	if (r->place.state < DG_JSON_STRING && dg_lex_is_blank(*p))
		return p + 1;
	switch (r->place.state) {
	case DG_JSON_START:
		return step_start(s, p);
	case DG_JSON_KEY_OR_END:
	case DG_JSON_KEY:
		return step_key(s, p);
	case DG_JSON_COLON:
		if (*p != ':')
			return fail(s, DG_ERR_INVALID);
		r->place.state = DG_JSON_VALUE;
		return p + 1;
	case DG_JSON_VALUE_OR_END:
		if (*p == ']')
			return close_level(s, p + 1, false);
		return start_value(s, p);
	case DG_JSON_VALUE:
		return start_value(s, p);
	case DG_JSON_AFTER:
		return step_after(s, p);
	case DG_JSON_END:
		return fail(s, DG_ERR_INVALID);
	case DG_JSON_STRING:
	case DG_JSON_ESCAPE:
	case DG_JSON_HEX:
	case DG_JSON_UTF8:
	case DG_JSON_NUMBER:
	case DG_JSON_LITERAL:
		break;
	}
	return step_token(s, p);
}

/* Whether dg_json_bulk may run: no key or value here is looked at. */
static bool
in_bulk(const struct dg_rewriter *r)
{
	return r->place.depth > 1 && r->fact == NULL &&
	       (r->place.depth > 2 ||
		(r->member != DG_MEMBER_STATS && r->member != DG_MEMBER_ERROR));
}

enum dg_rc
dg_rewriter_feed(struct dg_rewriter *r, struct dg_str in, struct dg_buf *out)
{
	struct scan s = {.r = r, .out = out, .end = in.data + in.len};
	const char *p = in.data;

	DG_ASSERT(r->rc == DG_OK);
	if (in.len == 0)
		return DG_OK;
	s.run = r->muted ? NULL : p;
	while (p < s.end) {
		if (in_bulk(r))
			p = dg_json_bulk(&r->place, p, s.end);
		if (p < s.end)
			p = step(&s, p);
	}
	if (r->rc == DG_OK && !r->muted)
		append(&s, dg_str_make(s.run, (size_t)(s.end - s.run)));
	return r->rc;
}

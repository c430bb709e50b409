/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_globs.c - see regex_globs.h.
 *
 * A small reader of the part of Java's language that people use for names:
 * letters, `.*`, `.+`, `.`, `x?`, (a|b), [abc]. Whatever else it meets, it
 * gives up: then the expression is matched, not translated.
 */
#include "regex_globs.h"

#include <string.h>

#include "base/mem.h"
#include "regex.h"

enum { DEPTH_MAX = 20, CLASS_MAX = 16 };

/* Alternatives; NULL items: given up. */
struct set {
	struct dg_str *items;
	size_t n;
};

struct reader {
	struct dg_str text;
	size_t at;
	unsigned depth;
	struct dg_arena *arena;
};

static const struct set given_up = {NULL, 0};

static struct set read_choice(struct reader *r);

static bool
peek(const struct reader *r, char c)
{
	return r->at < r->text.len && r->text.data[r->at] == c;
}

static bool
is_punctuation(char c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	       !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

static struct set
one(struct reader *r, struct dg_str item)
{
	struct set set = {DG_ARENA_NEW(r->arena, struct dg_str), 1};

	if (set.items == NULL)
		return given_up;
	set.items[0] = dg_arena_str(r->arena, item);
	return set;
}

static struct set
unite(struct reader *r, struct set a, struct set b)
{
	struct set out = {NULL, a.n + b.n};

	if (a.items == NULL || b.items == NULL || out.n > DG_REGEX_GLOBS_MAX)
		return given_up;
	out.items = DG_ARENA_ARRAY(r->arena, struct dg_str, out.n);
	if (out.items == NULL)
		return given_up;
	memcpy(out.items, a.items, a.n * sizeof(*a.items));
	memcpy(out.items + a.n, b.items, b.n * sizeof(*b.items));
	return out;
}

/* Each of a followed by each of b. */
static struct set
join(struct reader *r, struct set a, struct set b)
{
	struct set out = {NULL, a.n * b.n};

	if (a.items == NULL || b.items == NULL || out.n > DG_REGEX_GLOBS_MAX)
		return given_up;
	out.items = DG_ARENA_ARRAY(r->arena, struct dg_str, out.n);
	for (size_t i = 0; out.items != NULL && i < out.n; i++)
		out.items[i] = dg_arena_printf(r->arena, "%.*s%.*s",
					       DG_STR_ARG(a.items[i / b.n]),
					       DG_STR_ARG(b.items[i % b.n]));
	return out.items == NULL ? given_up : out;
}

/* A character that stands for itself; a glob has no way to say `*` or `?`. */
static struct set
literal(struct reader *r, char c)
{
	if (c == '*' || c == '?' || (c & 0x80) != 0 || c < ' ' || c == 0x7f)
		return given_up;
	return one(r, dg_str_make(&c, 1));
}

static struct set
read_class(struct reader *r)
{
	struct set out = {DG_ARENA_ARRAY(r->arena, struct dg_str, CLASS_MAX),
			  0};
	char c;

	for (; r->at < r->text.len && !peek(r, ']'); r->at++) {
		c = r->text.data[r->at];
		if (out.items == NULL || out.n == CLASS_MAX ||
		    strchr("[^-&\\*?", c) != NULL || (c & 0x80) != 0 || c < ' ')
			return given_up;
		out.items[out.n++] =
			dg_str_make(r->text.data + r->at, 1); /* borrowed */
	}
	if (r->at == r->text.len || out.n == 0)
		return given_up;
	r->at++;
	return out;
}

static struct set
read_group(struct reader *r)
{
	struct set out;

	if (peek(r, '?')) {
		if (r->at + 1 >= r->text.len || r->text.data[r->at + 1] != ':')
			return given_up;
		r->at += 2;
	}
	if (++r->depth > DEPTH_MAX)
		return given_up;
	out = read_choice(r);
	r->depth--;
	if (!peek(r, ')'))
		return given_up;
	r->at++;
	return out;
}

static struct set
read_atom(struct reader *r, bool *is_dot)
{
	char c = r->text.data[r->at++];

	*is_dot = c == '.';
	if (c == '.')
		return one(r, DG_STR("?"));
	if (c == '(')
		return read_group(r);
	if (c == '[')
		return read_class(r);
	if (c == '\\') {
		if (r->at == r->text.len ||
		    !is_punctuation(r->text.data[r->at]))
			return given_up;
		return literal(r, r->text.data[r->at++]);
	}
	if (strchr("*+?{}]^$", c) != NULL)
		return given_up;
	return literal(r, c);
}

/* An atom with what follows it. */
static struct set
read_piece(struct reader *r)
{
	bool is_dot;
	struct set set = read_atom(r, &is_dot);
	char c = r->at < r->text.len ? r->text.data[r->at] : '\0';

	if (set.items == NULL || (c != '*' && c != '+' && c != '?' && c != '{'))
		return set;
	r->at++;
	if (peek(r, '?') || peek(r, '+') || c == '{')
		return given_up;
	if (c == '?')
		return unite(r, one(r, DG_STR_EMPTY), set);
	if (!is_dot)
		return given_up;
	return one(r, c == '*' ? DG_STR("*") : DG_STR("?*"));
}

static struct set
read_sequence(struct reader *r)
{
	struct set out = one(r, DG_STR_EMPTY);

	while (out.items != NULL && r->at < r->text.len && !peek(r, '|') &&
	       !peek(r, ')'))
		out = join(r, out, read_piece(r));
	return out;
}

static struct set
read_choice(struct reader *r)
{
	struct set out = read_sequence(r);

	while (out.items != NULL && peek(r, '|')) {
		r->at++;
		out = unite(r, out, read_sequence(r));
	}
	return out;
}

bool
dg_regex_to_globs(struct dg_str regex, struct dg_arena *arena,
		  const struct dg_str **globs_out, size_t *n_out)
{
	struct reader r = {.text = regex, .arena = arena};
	struct set set;
	size_t n = 0;

	/* The whole text is meant in any case. */
	if (r.text.len > 0 && r.text.data[0] == '^')
		r.text = dg_str_slice(r.text, 1, r.text.len);
	if (r.text.len > 0 && r.text.data[r.text.len - 1] == '$' &&
	    (r.text.len == 1 || r.text.data[r.text.len - 2] != '\\'))
		r.text = dg_str_slice(r.text, 0, r.text.len - 1);
	set = read_choice(&r);
	if (set.items == NULL || r.at < r.text.len)
		return false;
	for (size_t i = 0; i < set.n; i++) /* nothing has an empty name */
		if (set.items[i].len > 0)
			set.items[n++] = set.items[i];
	*globs_out = set.items;
	*n_out = n;
	return true;
}

/* ---- what both libraries read alike ------------------------------------- */

static enum dg_rc
refuse(struct dg_str regex, size_t at, const char *what, struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_INVALID,
			    "\"%.*s\": %s at character %zu is not carried "
			    "over; say it in another way",
			    DG_STR_ARG(regex), what, at + 1);
}

static bool
is_escape(char c, bool in_class)
{
	if (is_punctuation(c) || c == ' ')
		return true;
	if (c != '\0' && strchr("dDwWsStnrf", c) != NULL)
		return true;
	return !in_class && c >= '1' && c <= '9';
}

/* Behind the class; 0: refused. */
static size_t
check_class(struct dg_str s, size_t at, struct dg_error *err)
{
	size_t i = at + 1;

	if (i < s.len && s.data[i] == '^')
		i++;
	if (i < s.len && s.data[i] == ']')
		goto refused;
	for (; i < s.len && s.data[i] != ']'; i++) {
		if (s.data[i] == '[' || s.data[i] == '&' || s.data[i] == '^')
			goto refused;
		if (s.data[i] == '\\' &&
		    (++i == s.len || !is_escape(s.data[i], true)))
			goto refused;
	}
	if (i < s.len)
		return i + 1;
refused:
	(void)refuse(s, at, "this class", err);
	return 0;
}

static size_t
skip_digits(struct dg_str s, size_t at)
{
	while (at < s.len && s.data[at] >= '0' && s.data[at] <= '9')
		at++;
	return at;
}

/* "{2}", "{2,}", "{2,5}"; 0: refused. */
static size_t
check_braces(struct dg_str s, size_t at, struct dg_error *err)
{
	size_t i = skip_digits(s, at + 1);

	if (i > at + 1 && i < at + 5) {
		if (i < s.len && s.data[i] == ',')
			i = skip_digits(s, i + 1);
		if (i < s.len && s.data[i] == '}')
			return i + 1;
	}
	(void)refuse(s, at, "this brace", err);
	return 0;
}

static size_t
check_group(struct dg_str s, size_t at, struct dg_error *err)
{
	static const struct dg_str known[] = {
		DG_STR_INIT("?:"),  DG_STR_INIT("?="),  DG_STR_INIT("?!"),
		DG_STR_INIT("?<="), DG_STR_INIT("?<!"), DG_STR_INIT("?>"),
	};
	struct dg_str rest = dg_str_slice(s, at + 1, s.len);

	if (rest.len == 0 || (rest.data[0] != '?' && rest.data[0] != '*'))
		return at + 1;
	for (size_t i = 0; i < DG_ARRAY_LEN(known); i++)
		if (dg_str_starts_with(rest, known[i]))
			return at + 1 + known[i].len;
	if (dg_str_starts_with(rest, DG_STR("?<"))) {
		size_t end = dg_str_find(s, '>', at);

		for (size_t i = at + 3; i < end && end < s.len; i++)
			if (is_punctuation(s.data[i]) || s.data[i] == ' ' ||
			    (s.data[i] & 0x80) != 0)
				end = s.len;
		if (end < s.len)
			return end + 1;
	}
	(void)refuse(s, at, "this group", err);
	return 0;
}

enum dg_rc
dg_regex_check(struct dg_str s, struct dg_error *err)
{
	size_t at = 0;

	while (at < s.len) {
		char c = s.data[at];

		if (c == '\\') {
			if (at + 1 == s.len ||
			    !is_escape(s.data[at + 1], false) ||
			    (at + 2 < s.len && s.data[at + 1] >= '1' &&
			     s.data[at + 1] <= '9' && s.data[at + 2] >= '0' &&
			     s.data[at + 2] <= '9'))
				return refuse(s, at, "this escape", err);
			at += 2;
		} else if (c == '[') {
			at = check_class(s, at, err);
		} else if (c == '{') {
			at = check_braces(s, at, err);
		} else if (c == '(') {
			at = check_group(s, at, err);
		} else if (c == ']' || c == '}' || (c >= 0 && c < ' ') ||
			   c == 0x7f) {
			return refuse(s, at, "this", err);
		} else {
			at++;
		}
		if (at == 0)
			return DG_ERR_INVALID;
	}
	return DG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.c - see regex.h; the only user of PCRE2.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"

#include <pcre2.h>

#include "base/mem.h"
#include "regex_globs.h"

enum { STEPS_MAX = 1000000 };

struct dg_regex {
	struct dg_str text;
	const struct dg_str *globs;
	size_t n_globs;
	bool has_globs;
	bool ignores_case;
	pcre2_code *code;
	pcre2_match_data *groups;
	pcre2_match_context *context;
};

static const struct dg_str ignore_case = DG_STR_INIT("(?i)");

enum dg_rc
dg_regex_compile(struct dg_str text, struct dg_arena *arena,
		 struct dg_regex **regex_out, struct dg_error *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
			   PCRE2_NEVER_BACKSLASH_C;
	struct dg_regex *regex = DG_NEW(struct dg_regex);
	struct dg_str body = text;
	PCRE2_UCHAR message[256] = "";
	PCRE2_SIZE at;
	int code;

	*regex_out = NULL;
	if (dg_str_starts_with(text, ignore_case)) {
		body = dg_str_slice(text, ignore_case.len, text.len);
		regex->ignores_case = true;
		options |= PCRE2_CASELESS;
	}
	if (!dg_str_is_utf8(text) ||
	    (regex->ignores_case && !dg_str_is_ascii(text))) {
		(void)dg_error_set(err, DG_ERR_INVALID,
				   "\"%.*s\" is not carried over: letters "
				   "beyond ASCII",
				   DG_STR_ARG(text));
		goto fail;
	}
	if (dg_regex_check(body, err) != DG_OK)
		goto fail;
	regex->text = dg_arena_str(arena, text);
	regex->code = pcre2_compile((PCRE2_SPTR)body.data, body.len, options,
				    &code, &at, NULL);
	if (regex->code == NULL) {
		(void)pcre2_get_error_message(code, message, sizeof(message));
		(void)dg_error_set(err, DG_ERR_INVALID, "\"%.*s\": %s",
				   DG_STR_ARG(text), (const char *)message);
		goto fail;
	}
	regex->groups = pcre2_match_data_create_from_pattern(regex->code, NULL);
	regex->context = pcre2_match_context_create(NULL);
	if (regex->groups == NULL || regex->context == NULL) {
		(void)dg_error_set(err, DG_ERR_LIMIT, "out of memory");
		goto fail;
	}
	(void)pcre2_set_match_limit(regex->context, STEPS_MAX);
	regex->has_globs = !regex->ignores_case &&
			   dg_regex_to_globs(dg_arena_str(arena, text), arena,
					     &regex->globs, &regex->n_globs);
	*regex_out = regex;
	return DG_OK;
fail:
	dg_regex_destroy(&regex);
	return DG_ERR_INVALID;
}

void
dg_regex_destroy(struct dg_regex **regex_ptr)
{
	struct dg_regex *regex = *regex_ptr;

	*regex_ptr = NULL;
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->context);
	pcre2_match_data_free(regex->groups);
	pcre2_code_free(regex->code);
	dg_free(regex);
}

bool
dg_regex_globs(const struct dg_regex *regex, const struct dg_str **globs,
	       size_t *n_out)
{
	*globs = regex->globs;
	*n_out = regex->n_globs;
	return regex->has_globs;
}

bool
dg_regex_is_any(const struct dg_regex *regex)
{
	for (size_t i = 0; regex->has_globs && i < regex->n_globs; i++)
		if (dg_str_eq(regex->globs[i], DG_STR("*")))
			return true;
	return false;
}

/* What `.` does not match differs: such names are asked for by nobody. */
static bool
has_line_end(struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char *c = (const unsigned char *)text.data + i;

		if (*c < ' ' || *c == 0x7f)
			return true;
		if (i + 1 < text.len && c[0] == 0xc2 && c[1] == 0x85)
			return true;
		if (i + 2 < text.len && c[0] == 0xe2 && c[1] == 0x80 &&
		    (c[2] == 0xa8 || c[2] == 0xa9))
			return true;
	}
	return false;
}

enum dg_rc
dg_regex_matches(const struct dg_regex *regex, struct dg_str text,
		 bool *matches_out, struct dg_error *err)
{
	int rc;

	*matches_out = false;
	if (!dg_str_is_utf8(text) || has_line_end(text) ||
	    (regex->ignores_case && !dg_str_is_ascii(text)))
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "whether \"%.*s\" matches the name "
				    "\"%.*s\" depends on who is asked",
				    DG_STR_ARG(regex->text), DG_STR_ARG(text));
	rc = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.len, 0, 0,
			 regex->groups, regex->context);
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "\"%.*s\" is too much work on \"%.*s\"",
				    DG_STR_ARG(regex->text), DG_STR_ARG(text));
	*matches_out = rc >= 0;
	return DG_OK;
}

/* ---- replacing ----------------------------------------------------------- */

struct replacing {
	const struct dg_regex *regex;
	struct dg_str subject;
	struct dg_str text; /* the replacement */
	size_t at;          /* behind the `$` */
	struct dg_arena *arena;
	struct dg_str out;
	struct dg_error *err;
};

static enum dg_rc
add(struct replacing *r, struct dg_str more)
{
	r->out = dg_arena_printf(r->arena, "%.*s%.*s", DG_STR_ARG(r->out),
				 DG_STR_ARG(more));
	return DG_OK;
}

static enum dg_rc
no_group(const struct replacing *r)
{
	return dg_error_set(r->err, DG_ERR_INVALID,
			    "\"%.*s\" refers to a group that \"%.*s\" does "
			    "not have",
			    DG_STR_ARG(r->text), DG_STR_ARG(r->regex->text));
}

static enum dg_rc
add_group(struct replacing *r, uint32_t group)
{
	PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(r->regex->groups);

	if (group >= pcre2_get_ovector_count(r->regex->groups))
		return no_group(r);
	if (bounds[2 * group] == PCRE2_UNSET)
		return DG_OK;
	return add(r, dg_str_slice(r->subject, bounds[2 * group],
				   bounds[2 * group + 1]));
}

static enum dg_rc
add_named(struct replacing *r)
{
	size_t end = dg_str_find(r->text, '}', r->at);
	char name[64];
	int group;

	if (end == r->text.len || end - r->at - 1 >= sizeof(name))
		return no_group(r);
	memcpy(name, r->text.data + r->at + 1, end - r->at - 1);
	name[end - r->at - 1] = '\0';
	r->at = end + 1;
	group = pcre2_substring_number_from_name(r->regex->code,
						 (PCRE2_SPTR)name);
	return group < 0 ? no_group(r) : add_group(r, (uint32_t)group);
}

/* As many digits as there are groups for, as Java does. */
static enum dg_rc
add_numbered(struct replacing *r)
{
	uint32_t groups = pcre2_get_ovector_count(r->regex->groups);
	uint32_t group = 0;
	bool is_first = true;

	for (; r->at < r->text.len; r->at++) {
		char c = r->text.data[r->at];
		uint32_t next = group * 10 + (uint32_t)(c - '0');

		if (c < '0' || c > '9' || (!is_first && next >= groups))
			break;
		group = next;
		is_first = false;
	}
	return is_first ? no_group(r) : add_group(r, group);
}

enum dg_rc
dg_regex_replace(const struct dg_regex *regex, struct dg_str text,
		 struct dg_str replacement, struct dg_arena *arena,
		 struct dg_str *out, struct dg_error *err)
{
	struct replacing r = {.regex = regex,
			      .subject = text,
			      .text = replacement,
			      .arena = arena,
			      .out = DG_STR_EMPTY,
			      .err = err};
	enum dg_rc rc = DG_OK;
	bool matches;

	rc = dg_regex_matches(regex, text, &matches, err);
	if (rc == DG_OK && !matches)
		rc = dg_error_set(err, DG_ERR_INVALID, "no match");
	while (rc == DG_OK && r.at < replacement.len) {
		char c = replacement.data[r.at];

		if (c == '$') {
			r.at++;
			rc = r.at < replacement.len &&
					     replacement.data[r.at] == '{'
				     ? add_named(&r)
				     : add_numbered(&r);
			continue;
		}
		if (c == '\\' && ++r.at == replacement.len)
			return dg_error_set(err, DG_ERR_INVALID,
					    "\"%.*s\" ends in a backslash",
					    DG_STR_ARG(replacement));
		(void)add(&r, dg_str_slice(replacement, r.at, r.at + 1));
		r.at++;
	}
	*out = r.out;
	return rc;
}

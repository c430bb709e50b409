/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.h - the regular expressions of rule files, as Java's Pattern.matches
 * means them: always about the whole text.
 *
 * Those that are a few names or globs are told so; the others can be matched.
 * What Java and PCRE2 do not read alike is refused when it is compiled.
 */
#ifndef DG_IMPORT_REGEX_H
#define DG_IMPORT_REGEX_H

#include "base/arena.h"

struct dg_regex;

enum { DG_REGEX_GLOBS_MAX = 64 };

/* INVALID with the reason. The regex belongs to the caller. */
enum dg_rc dg_regex_compile(struct dg_str text, struct dg_arena *arena,
			    struct dg_regex **regex_out,
			    struct dg_error *err) DG_MUST_CHECK;
void dg_regex_destroy(struct dg_regex **regex);

/*
 * The globs that together match the same texts; false: there are none. Only
 * ASCII is in them. Lives as long as the arena given to compile.
 */
bool dg_regex_globs(const struct dg_regex *regex, const struct dg_str **globs,
		    size_t *n_out);
/* It matches every text there is. */
bool dg_regex_is_any(const struct dg_regex *regex);
/* UNSUPPORTED: the two libraries might differ on this text, or it is work
 * without end. */
enum dg_rc dg_regex_matches(const struct dg_regex *regex, struct dg_str text,
			    bool *matches_out,
			    struct dg_error *err) DG_MUST_CHECK;

/*
 * Java's Matcher.appendReplacement after a match of the whole text: `$1`,
 * `${name}` and backslashes. INVALID: a group that is not there.
 */
enum dg_rc dg_regex_replace(const struct dg_regex *regex, struct dg_str text,
			    struct dg_str replacement, struct dg_arena *arena,
			    struct dg_str *out,
			    struct dg_error *err) DG_MUST_CHECK;

#endif

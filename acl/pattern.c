/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.c - glob matching without backtracking blow-up.
 *
 * Only the last star seen is ever taken back: what an earlier star could
 * match differently, the later one can as well. So the work is bounded by
 * pattern length times text length, for any input.
 */
#include "pattern.h"

bool
dg_acl_is_pattern(struct dg_str s)
{
	return dg_str_find(s, '*', 0) < s.len || dg_str_find(s, '?', 0) < s.len;
}

/* Bytes of the character at index at: one `?` is one character. */
static size_t
step(struct dg_str text, size_t at)
{
	size_t n = dg_str_utf8_step(text, at);

	return n == 0 ? 1 : n;
}

/*
 * With stars_in_text the text is itself a pattern: its `*` is met by a star
 * of the pattern only, its `?` by `?` or a star.
 */
static bool
match(struct dg_str pattern, struct dg_str text, bool stars_in_text)
{
	size_t p = 0;
	size_t t = 0;
	size_t star = SIZE_MAX; /* index after the last star */
	size_t resume = 0;      /* where its match ends at present */

	while (t < text.len) {
		bool wild = stars_in_text && text.data[t] == '*';

		if (p < pattern.len && pattern.data[p] == '*') {
			star = ++p;
			resume = t;
		} else if (p < pattern.len && pattern.data[p] == '?' && !wild) {
			p++;
			t += step(text, t);
		} else if (p < pattern.len && !wild &&
			   pattern.data[p] == text.data[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			resume += step(text, resume);
			p = star;
			t = resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

bool
dg_acl_pattern_matches(struct dg_str pattern, struct dg_str text)
{
	return match(pattern, text, false);
}

bool
dg_acl_pattern_covers(struct dg_str outer, struct dg_str inner)
{
	return match(outer, inner, true);
}

struct dg_str
dg_acl_pattern_begin(struct dg_str pattern)
{
	size_t n = 0;

	while (n < pattern.len && n < DG_ACL_BEGIN_MAX &&
	       pattern.data[n] != '*' && pattern.data[n] != '?')
		n++;
	return dg_str_slice(pattern, 0, n);
}

bool
dg_acl_column_holds(struct dg_str outer, struct dg_str inner)
{
	return dg_str_starts_with(inner, outer) &&
	       (inner.len == outer.len || inner.data[outer.len] == '.');
}

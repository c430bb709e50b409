/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.c - see glob.h.
 */
#include "glob.h"

#include "base/mem.h"

bool
dg_glob_is_wild(struct dg_str glob)
{
	return dg_str_find(glob, '*', 0) < glob.len ||
	       dg_str_find(glob, '?', 0) < glob.len;
}

static size_t
step(struct dg_str text, size_t at)
{
	size_t n = dg_str_utf8_step(text, at);

	return n == 0 ? 1 : n;
}

/*
 * Matching with the last star taken back, where a star of inner is met by a
 * star of outer only, and its question mark by either.
 */
bool
dg_glob_covers(struct dg_str outer, struct dg_str inner)
{
	size_t o = 0;
	size_t i = 0;
	size_t star = SIZE_MAX; /* index after the last star */
	size_t resume = 0;      /* where its match ends at present */

	while (i < inner.len) {
		bool wild = inner.data[i] == '*';

		if (o < outer.len && outer.data[o] == '*') {
			star = ++o;
			resume = i;
		} else if (o < outer.len && outer.data[o] == '?' && !wild) {
			o++;
			i += step(inner, i);
		} else if (o < outer.len && !wild &&
			   outer.data[o] == inner.data[i]) {
			o++;
			i++;
		} else if (star != SIZE_MAX) {
			resume += step(inner, resume);
			o = star;
			i = resume;
		} else {
			return false;
		}
	}
	while (o < outer.len && outer.data[o] == '*')
		o++;
	return o == outer.len;
}

static bool
heads_meet(char a, char b)
{
	return a == b || a == '?' || b == '?';
}

/*
 * meets[i][j]: what is left of a from i and of b from j have a text in common;
 * filled from the ends, two rows at a time.
 */
bool
dg_globs_meet(struct dg_str a, struct dg_str b)
{
	bool *rows = dg_calloc(2 * (b.len + 1), sizeof(bool));
	bool *row = rows;
	bool *below = rows + b.len + 1;
	bool *swap;
	bool answer;

	for (size_t i = a.len + 1; i-- > 0;) {
		for (size_t j = b.len + 1; j-- > 0;) {
			bool a_star = i < a.len && a.data[i] == '*';
			bool b_star = j < b.len && b.data[j] == '*';

			if (i == a.len && j == b.len)
				row[j] = true;
			else if (a_star || b_star) /* none, or one more */
				row[j] = (i < a.len && (a_star || b_star) &&
					  below[j]) ||
					 (j < b.len && row[j + 1]);
			else
				row[j] = i < a.len && j < b.len &&
					 heads_meet(a.data[i], b.data[j]) &&
					 below[j + 1];
		}
		answer = row[0];
		swap = row;
		row = below;
		below = swap;
	}
	dg_free(rows);
	return answer;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.c - see lines.h. Walks over strings and brackets only: what is between
 * them was checked by the parser before.
 */
#include "lines.h"

struct walker {
	struct dg_str text;
	size_t at;
	unsigned line;
	unsigned depth;
};

/* From the opening quote; what is between the quotes. */
static struct dg_str
skip_string(struct walker *w)
{
	size_t from = ++w->at;

	while (w->at < w->text.len && w->text.data[w->at] != '"')
		w->at += w->text.data[w->at] == '\\' ? 2 : 1;
	return dg_str_slice(w->text, from, w->at);
}

void
dg_json_lines_of(struct dg_str text, struct dg_str key, unsigned *lines,
		 size_t n)
{
	struct walker w = {.text = text, .line = 1};
	struct dg_str last = DG_STR_EMPTY; /* string at depth 1 */
	bool is_wanted = false;            /* within the list */
	bool is_start = false;             /* an item begins next */
	size_t found = 0;

	memset(lines, 0, n * sizeof(*lines));
	for (; found < n && w.at < text.len; w.at++) {
		char c = text.data[w.at];

		if (c == '\n')
			w.line++;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (is_start && c != ']') {
			lines[found++] = w.line;
			is_start = false;
		}
		if (c == '"') {
			struct dg_str s = skip_string(&w);

			if (w.depth == 1)
				last = s;
		} else if (c == '{' || c == '[') {
			w.depth++;
			is_wanted = is_wanted || (w.depth == 2 && c == '[' &&
						  dg_str_eq(last, key));
			is_start = is_wanted && w.depth == 2;
		} else if (c == '}' || c == ']') {
			w.depth--;
			is_wanted = is_wanted && w.depth >= 2;
		} else if (c == ',' && is_wanted && w.depth == 2) {
			is_start = true;
		}
	}
}

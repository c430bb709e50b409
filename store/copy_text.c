/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_text.c - lines of COPY in text format: cells between tabs, \N for NULL,
 * control characters and backslashes escaped (PostgreSQL documentation, COPY,
 * "Text Format"). Most cells have no backslash and are left as they are.
 */
#include "copy_text.h"

#include "base/error.h"

/* What stands behind a backslash; 0: Postgres does not write that. */
static char
unescape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	case '\\':
		return '\\';
	default: /* any byte may be there */
		return 0;
	}
}

/* In place: what is written is never ahead of what is read. */
static enum dg_rc
unescape_cell(char *cell, size_t len, struct dg_str *cell_out)
{
	char *first;
	size_t n;

	if (len == 2 && cell[0] == '\\' && cell[1] == 'N') {
		*cell_out = (struct dg_str){NULL, 0};
		return DG_OK;
	}
	first = len == 0 ? NULL : memchr(cell, '\\', len);
	n = first == NULL ? len : (size_t)(first - cell);
	for (size_t i = n; i < len; i++) {
		char c = cell[i];

		if (c == '\\') {
			c = ++i < len ? unescape(cell[i]) : 0;
			if (c == 0)
				return DG_ERR_INVALID;
		}
		cell[n++] = c;
	}
	*cell_out = dg_str_make(cell, n);
	return DG_OK;
}

enum dg_rc
dg_store_copy_split(char *line, size_t len, struct dg_str *cells, size_t n)
{
	char *at = line;
	char *end = line + len;

	for (size_t i = 0; i < n; i++) {
		bool is_last = i + 1 == n;
		char *tab =
			at == end ? NULL : memchr(at, '\t', (size_t)(end - at));
		char *to = is_last ? end : tab;

		if ((tab == NULL) != is_last)
			return DG_ERR_INVALID;
		if (unescape_cell(at, (size_t)(to - at), &cells[i]) != DG_OK)
			return DG_ERR_INVALID;
		at = to + 1;
	}
	return DG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array.c - reads the text form of a Postgres text[]. An item is quoted when
 * it is empty, looks like NULL, or holds white space, braces, commas, quotes
 * or backslashes; within quotes a backslash takes the next byte as it is.
 */
#include "array.h"

struct reader {
	struct dg_str text;
	size_t at;
	struct dg_arena *arena;
};

/* An upper bound: commas may also stand within quotes. */
static size_t
count_commas(struct dg_str text)
{
	size_t n = 0;

	for (size_t at = dg_str_find(text, ',', 0); at < text.len;
	     at = dg_str_find(text, ',', at + 1))
		n++;
	return n;
}

static enum dg_rc
read_quoted(struct reader *r, struct dg_str *item_out)
{
	char *out = dg_arena_alloc(r->arena, r->text.len - r->at);
	size_t n = 0;

	if (out == NULL)
		return DG_ERR_LIMIT;
	for (r->at++; r->at < r->text.len; r->at++) {
		char c = r->text.data[r->at];

		if (c == '"') {
			r->at++;
			*item_out = dg_str_make(out, n);
			return DG_OK;
		}
		if (c == '\\') {
			if (++r->at == r->text.len)
				return DG_ERR_INVALID;
			c = r->text.data[r->at];
		}
		out[n++] = c;
	}
	return DG_ERR_INVALID;
}

static enum dg_rc
read_plain(struct reader *r, struct dg_str *item_out)
{
	size_t start = r->at;
	struct dg_str item;

	while (r->at < r->text.len && r->text.data[r->at] != ',' &&
	       r->text.data[r->at] != '}') {
		char c = r->text.data[r->at];

		if (c == '{' || c == '"' || c == '\\')
			return DG_ERR_INVALID;
		r->at++;
	}
	item = dg_str_slice(r->text, start, r->at);
	if (item.len == 0 || dg_str_eq_nocase(item, DG_STR("null")))
		return DG_ERR_INVALID;
	*item_out = dg_arena_str(r->arena, item);
	return item_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

static enum dg_rc
read_item(struct reader *r, struct dg_str *item_out)
{
	if (r->at < r->text.len && r->text.data[r->at] == '"')
		return read_quoted(r, item_out);
	return read_plain(r, item_out);
}

enum dg_rc
dg_store_array_parse(struct dg_str text, struct dg_arena *arena,
		     const struct dg_str **items_out, size_t *n_out)
{
	struct reader r = {.text = text, .at = 1, .arena = arena};
	struct dg_str *items;
	size_t n = 0;

	if (text.len < 2 || text.data[0] != '{' ||
	    text.data[text.len - 1] != '}')
		return DG_ERR_INVALID;
	*items_out = NULL;
	*n_out = 0;
	if (text.len == 2)
		return DG_OK;
	items = DG_ARENA_ARRAY(arena, struct dg_str, count_commas(text) + 1);
	if (items == NULL)
		return DG_ERR_LIMIT;
	for (;;) {
		enum dg_rc rc = read_item(&r, &items[n]);

		if (rc != DG_OK)
			return rc;
		n++;
		if (r.at >= text.len)
			return DG_ERR_INVALID;
		if (text.data[r.at] == '}')
			break;
		if (text.data[r.at] != ',')
			return DG_ERR_INVALID;
		r.at++;
	}
	if (r.at != text.len - 1)
		return DG_ERR_INVALID;
	*items_out = items;
	*n_out = n;
	return DG_OK;
}

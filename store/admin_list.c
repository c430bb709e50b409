/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_list.c - listings, a page at a time.
 *
 * Each is one constant statement; what it is filtered by goes as parameters,
 * NULL for what was not asked. Pages are cut by the key of the last row, never
 * by counting, so a page costs the same wherever it is.
 */
#include "base/mem.h"
#include "policy_model.h"

enum { LIST_MAX_BYTES = 64 << 20 };

#define HOLDS(parameter, column) \
	"(" parameter "::text IS NULL OR position(lower(" parameter ") in " \
	"lower(" column ")) > 0) "
#define IS(parameter, type, column) \
	"(" parameter "::" type " IS NULL OR " column " = " parameter \
	"::" type ") "
#define NAMED(parameter, array) \
	"(" parameter "::text IS NULL OR " array " @> ARRAY[" parameter \
	"::text]) "
#define TIME(column) \
	"to_char(" column " AT TIME ZONE 'UTC', " \
	"'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
#define TOKEN \
	"jsonb_build_object('id', t.id, 'name', t.name, " \
	"'subject', t.subject, 'role', t.role, 'scopes', t.scopes, " \
	"'created_by', t.created_by, 'created_at', " TIME( \
		"t.created_at") ", 'expires_at', " TIME("t.expires_at") ", " \
									"'rev" \
									"oked" \
									"_at'" \
									"," \
									" " TIME("t.revoked_at") ", 'last_used_at', " TIME( \
										"t.last_used_at") ")"

static const struct dg_store_listing listings[] = {
#define DG_LISTING(title, items, text, ...) \
	{.name = (title), \
	 .is_items = (items), \
	 .sql = text, \
	 .filters = {__VA_ARGS__}},
#include "listings.def"
#undef DG_LISTING
};

const struct dg_store_listing *
dg_store_listing_find(struct dg_str name)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(listings); i++)
		if (dg_str_eq(name, dg_str_from_cstr(listings[i].name)))
			return &listings[i];
	return NULL;
}

struct listing {
	const struct dg_store_page *page;
	struct dg_arena *arena;
	struct dg_json_writer *w;
	struct dg_str *names; /* of items */
	size_t n;
	struct dg_str last; /* key of the last row of the page */
	bool has_more;
	enum dg_rc rc;
};

static void
on_rows(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	const struct dg_error *err DG_UNUSED)
{
	struct listing *l = arg;
	size_t n;

	if (rc != DG_OK)
		return;
	n = dg_pg_rows(result);
	l->has_more = n > l->page->limit;
	l->n = l->has_more ? l->page->limit : n;
	l->names = DG_ARENA_ARRAY(l->arena, struct dg_str, l->n + 1);
	if (l->names == NULL) {
		l->rc = DG_ERR_LIMIT;
		return;
	}
	for (size_t i = 0; i < l->n && l->rc == DG_OK; i++) {
		l->last = dg_arena_str(l->arena, dg_pg_get(result, i, 0));
		l->names[i] = l->last;
		if (l->last.data == NULL)
			l->rc = DG_ERR_LIMIT;
		else if (!l->page->listing->is_items)
			dg_json_put_raw(l->w, dg_pg_get(result, i, 1));
	}
}

static enum dg_rc
wanted_names(struct dg_buf *out, const struct listing *l)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	dg_json_key(&w, l->page->listing->name);
	dg_json_array_open(&w);
	for (size_t i = 0; i < l->n; i++)
		dg_json_put_str(&w, l->names[i]);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	return dg_json_finish(&w);
}

/* One that went meanwhile is not told. */
static enum dg_rc
put_items(struct dg_pg *pg, struct dg_loop *loop, const struct listing *l,
	  struct dg_error *err)
{
	struct dg_policy_model model;
	struct dg_buf wanted;
	unsigned section;
	enum dg_rc rc;

	if (!dg_store_section_find(dg_str_from_cstr(l->page->listing->name),
				   &section))
		return DG_ERR_INTERNAL;
	dg_policy_model_init(&model, LIST_MAX_BYTES);
	dg_buf_init(&wanted, LIST_MAX_BYTES);
	rc = wanted_names(&wanted, l);
	if (rc == DG_OK)
		rc = dg_policy_read_stored(pg, loop, dg_buf_peek(&wanted),
					   &model, err);
	for (size_t i = 0; rc == DG_OK && i < l->n; i++) {
		const struct dg_policy_item *item = dg_policy_find(
			&model, (enum dg_policy_section)section, l->names[i]);

		if (item != NULL)
			rc = dg_policy_put_item(l->arena, l->w,
						(enum dg_policy_section)section,
						item);
	}
	dg_buf_fini(&wanted);
	dg_policy_model_fini(&model);
	return rc;
}

enum dg_rc
dg_store_list(struct dg_pg *pg, struct dg_loop *loop,
	      const struct dg_store_page *page, struct dg_arena *arena,
	      struct dg_json_writer *w, struct dg_str *next_out,
	      struct dg_error *err)
{
	struct listing l = {.page = page, .arena = arena, .w = w};
	struct dg_str params[2 + DG_STORE_FILTERS_MAX];
	size_t n = 2;
	enum dg_rc rc;

	params[0] = page->after;
	params[1] = dg_arena_printf(arena, "%u", page->limit + 1);
	for (size_t i = 0; page->listing->filters[i] != NULL; i++)
		params[n++] = page->filters[i];
	rc = dg_pg_query_wait(pg, loop, page->listing->sql, params, n, on_rows,
			      &l, err);
	if (rc == DG_OK)
		rc = l.rc;
	if (rc == DG_OK && page->listing->is_items)
		rc = put_items(pg, loop, &l, err);
	*next_out = l.has_more ? l.last : dg_str_make(NULL, 0);
	return rc;
}

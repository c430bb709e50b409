/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns_page.c - the text that is asked and the pages that come back. Pure;
 * see columns_query.h.
 */
#include "base/json.h"
#include "metadata/columns_query.h"
#include "presto/query_id.h"

enum {
	PAGE_MAX = 2 << 20,
	COLUMNS_MAX = 100000,
	PART_MAX = 256,
};

static bool
is_plain_part(struct dg_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c < 0x80 && c != '_' && c != '-' && c != '.')
			return false;
	}
	return name.len > 0 && name.len <= PART_MAX;
}

bool
dg_columns_is_plain(const struct dg_sql_name *table)
{
	return is_plain_part(table->catalog) && is_plain_part(table->schema) &&
	       is_plain_part(table->table);
}

enum dg_rc
dg_columns_quote(struct dg_str s, char quote, struct dg_arena *arena,
		 struct dg_str *out)
{
	char *to = dg_arena_alloc(arena, 2 * s.len + 2);
	size_t n = 0;

	if (to == NULL)
		return DG_ERR_LIMIT;
	to[n++] = quote;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == quote)
			to[n++] = quote;
		to[n++] = s.data[i];
	}
	to[n++] = quote;
	*out = dg_str_make(to, n);
	return DG_OK;
}

enum dg_rc
dg_columns_text(const struct dg_sql_name *table, struct dg_arena *arena,
		struct dg_str *text_out)
{
	struct dg_sql_name q;

	if (dg_columns_quote(table->catalog, '"', arena, &q.catalog) != DG_OK ||
	    dg_columns_quote(table->schema, '"', arena, &q.schema) != DG_OK ||
	    dg_columns_quote(table->table, '"', arena, &q.table) != DG_OK)
		return DG_ERR_LIMIT;
	*text_out =
		dg_arena_printf(arena, "SELECT * FROM %.*s.%.*s.%.*s LIMIT 0",
				DG_STR_ARG(q.catalog), DG_STR_ARG(q.schema),
				DG_STR_ARG(q.table));
	return text_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

/*
 * Only the path is believed: the next request goes to the configured address
 * whatever authority the coordinator wrote.
 */
static bool
read_next(const struct dg_json *root, struct dg_arena *arena,
	  struct dg_str *next_out)
{
	struct dg_str uri;
	size_t at;

	*next_out = DG_STR_EMPTY;
	if (!dg_json_string(dg_json_get(root, "nextUri"), &uri))
		return true;
	if (dg_str_starts_with(uri, DG_STR("https://")))
		at = dg_str_find(uri, '/', 8);
	else if (dg_str_starts_with(uri, DG_STR("http://")))
		at = dg_str_find(uri, '/', 7);
	else
		return false;
	uri = dg_str_slice(uri, at, uri.len);
	if (!dg_str_starts_with(uri, DG_STR("/v1/statement/")))
		return false;
	for (size_t i = 0; i < uri.len; i++)
		if (uri.data[i] <= ' ' || uri.data[i] > '~' ||
		    uri.data[i] == '#')
			return false;
	*next_out = dg_arena_str(arena, uri);
	return next_out->data != NULL;
}

static bool
read_place(const struct dg_json *root, struct dg_arena *arena,
	   struct dg_page_place *place_out)
{
	struct dg_str id;

	place_out->id = DG_STR_EMPTY;
	if (!dg_json_is_object(root) ||
	    !read_next(root, arena, &place_out->next))
		return false;
	if (!dg_json_string(dg_json_get(root, "id"), &id) ||
	    !dg_query_id_is_valid(id))
		return true;
	place_out->id = dg_arena_str(arena, id);
	return place_out->id.data != NULL;
}

bool
dg_page_place(struct dg_str body, struct dg_arena *arena,
	      struct dg_page_place *place_out)
{
	struct dg_json *root = NULL;
	bool ok;

	if (dg_json_parse(body, PAGE_MAX, &root, NULL) != DG_OK)
		return false;
	ok = read_place(root, arena, place_out);
	dg_json_destroy(&root);
	return ok;
}

/* As the engine compares names, so that rules and statements find them. */
static bool
fold_copy(enum dg_store_engine engine, struct dg_str name,
	  struct dg_arena *arena, struct dg_str *name_out)
{
	enum dg_sql_dialect dialect =
		engine == DG_STORE_TRINO ? DG_SQL_TRINO : DG_SQL_PRESTO;

	name = dg_arena_str(arena, name);
	return name.data != NULL &&
	       dg_sql_fold_column(arena, dialect, name, name_out) == DG_OK;
}

/* Of all columns; NULL unless one of them has fields. */
static bool
read_types(const struct dg_json *columns, size_t n, struct dg_arena *arena,
	   const struct dg_str **types_out)
{
	struct dg_str *types = DG_ARENA_ARRAY(arena, struct dg_str, n);
	bool any = false;

	for (size_t i = 0; types != NULL && i < n; i++) {
		struct dg_str text = DG_STR_EMPTY;

		(void)dg_json_string(
			dg_json_get(dg_json_at(columns, i), "type"), &text);
		if (dg_sql_type_encode(text, arena, &types[i]) != DG_OK)
			return false;
		any = any || types[i].len > 1;
	}
	*types_out = any ? types : NULL;
	return types != NULL;
}

static bool
read_columns(enum dg_store_engine engine, const struct dg_json *columns,
	     struct dg_arena *arena, struct dg_sql_columns *out)
{
	size_t n = dg_json_size(columns);
	struct dg_str *names;

	if (n > COLUMNS_MAX)
		return false;
	names = DG_ARENA_ARRAY(arena, struct dg_str, n);
	for (size_t i = 0; names != NULL && i < n; i++) {
		struct dg_str name;

		if (!dg_json_string(dg_json_get(dg_json_at(columns, i), "name"),
				    &name) ||
		    !fold_copy(engine, name, arena, &names[i]))
			return false;
	}
	*out = (struct dg_sql_columns){.names = names, .n_names = n};
	return names != NULL && read_types(columns, n, arena, &out->types);
}

/* ---- what does not exist ----------------------------------------------- */

static bool
skip(struct dg_str *rest, struct dg_str word)
{
	if (!dg_str_starts_with(*rest, word))
		return false;
	*rest = dg_str_slice(*rest, word.len, rest->len);
	return true;
}

static bool
skip_digits(struct dg_str *rest)
{
	size_t n = 0;

	while (n < rest->len && rest->data[n] >= '0' && rest->data[n] <= '9')
		n++;
	*rest = dg_str_slice(*rest, n, rest->len);
	return n > 0;
}

/* "line 1:15: ", once; some messages have none. */
static struct dg_str
without_place(struct dg_str message)
{
	struct dg_str rest = message;

	if (skip(&rest, DG_STR("line ")) && skip_digits(&rest) &&
	    skip(&rest, DG_STR(":")) && skip_digits(&rest) &&
	    skip(&rest, DG_STR(": ")))
		return rest;
	return message;
}

/* As it is; or in double quotes, with those in it doubled. */
static bool
skip_part(struct dg_str *rest, struct dg_str part)
{
	struct dg_str quoted = *rest;

	if (skip(rest, part))
		return true;
	if (!skip(&quoted, DG_STR("\"")))
		return false;
	for (size_t i = 0; i < part.len; i++)
		if (!skip(&quoted, dg_str_slice(part, i, i + 1)) ||
		    (part.data[i] == '"' && !skip(&quoted, DG_STR("\""))))
			return false;
	*rest = quoted;
	return skip(rest, DG_STR("\""));
}

/* "Schema 's' does not exist", of up to three parts. */
static bool
is_about(struct dg_str rest, struct dg_str kind, const struct dg_str *parts,
	 size_t n_parts)
{
	bool quoted;

	if (!skip(&rest, kind))
		return false;
	quoted = skip(&rest, DG_STR("'"));
	for (size_t i = 0; i < n_parts; i++)
		if ((i > 0 && !skip(&rest, DG_STR("."))) ||
		    !skip_part(&rest, parts[i]))
			return false;
	return (!quoted || skip(&rest, DG_STR("'"))) &&
	       (dg_str_eq(rest, DG_STR(" does not exist")) ||
		dg_str_eq(rest, DG_STR(" not found")));
}

bool
dg_columns_says_absent(const struct dg_sql_name *table, struct dg_str message)
{
	static const struct dg_str kinds[] = {
		DG_STR_INIT("Table "), DG_STR_INIT("View "),
		DG_STR_INIT("Materialized view ")};
	const struct dg_str parts[] = {table->catalog, table->schema,
				       table->table};
	struct dg_str rest = without_place(message);

	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++)
		if (is_about(rest, kinds[i], parts, 3))
			return true;
	return is_about(rest, DG_STR("Schema "), &parts[1], 1) ||
	       is_about(rest, DG_STR("Schema "), parts, 2) ||
	       is_about(rest, DG_STR("Catalog "), parts, 1);
}

/* Trino has error names for it; Presto has a sentence under SYNTAX_ERROR. */
static bool
is_absent(enum dg_store_engine engine, const struct dg_sql_name *table,
	  const struct dg_json *error)
{
	static const char *const trino[] = {
		"TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND",
		"MISSING_TABLE",   "MISSING_SCHEMA",   "MISSING_CATALOG"};
	static const char *const presto[] = {"SYNTAX_ERROR", "NOT_FOUND"};
	bool is_trino = engine == DG_STORE_TRINO;
	const char *const *names = is_trino ? trino : presto;
	size_t n = is_trino ? DG_ARRAY_LEN(trino) : DG_ARRAY_LEN(presto);
	struct dg_str name;
	struct dg_str message;

	if (!dg_json_string(dg_json_get(error, "errorName"), &name) ||
	    !dg_json_string(dg_json_get(error, "message"), &message))
		return false;
	for (size_t i = 0; i < n; i++)
		if (dg_str_eq(name, dg_str_from_cstr(names[i])))
			return dg_columns_says_absent(table, message);
	return false;
}

/* ---- pages ------------------------------------------------------------- */

static enum dg_page_verdict
read_page(enum dg_store_engine engine, const struct dg_sql_name *table,
	  const struct dg_json *root, struct dg_arena *arena,
	  struct dg_sql_columns *columns_out, struct dg_page_place *place_out,
	  const char **why_out)
{
	const struct dg_json *error = dg_json_get(root, "error");
	const struct dg_json *columns = dg_json_get(root, "columns");

	*why_out = "its reply holds no usable nextUri";
	if (!read_place(root, arena, place_out))
		return DG_PAGE_BAD;
	if (error != NULL) {
		*why_out = "it refused the query for columns";
		return is_absent(engine, table, error) ? DG_PAGE_ABSENT
						       : DG_PAGE_BAD;
	}
	*why_out = "its list of columns cannot be read";
	if (columns != NULL)
		return read_columns(engine, columns, arena, columns_out)
			       ? DG_PAGE_COLUMNS
			       : DG_PAGE_BAD;
	*why_out = "the query for columns ended without any";
	return place_out->next.len > 0 ? DG_PAGE_AGAIN : DG_PAGE_BAD;
}

enum dg_page_verdict
dg_columns_page(enum dg_store_engine engine, const struct dg_sql_name *table,
		struct dg_str body, struct dg_arena *arena,
		struct dg_sql_columns *columns_out,
		struct dg_page_place *place_out, const char **why_out)
{
	enum dg_page_verdict verdict;
	struct dg_json *root = NULL;

	*why_out = "its reply is not JSON";
	if (dg_json_parse(body, PAGE_MAX, &root, NULL) != DG_OK)
		return DG_PAGE_BAD;
	verdict = read_page(engine, table, root, arena, columns_out, place_out,
			    why_out);
	dg_json_destroy(&root);
	return verdict;
}

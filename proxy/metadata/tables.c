/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.c - see tables.h. Names are copied into an arena, tables found by
 * "catalog\0schema\0table".
 */
#include "proxy/tables.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

struct dg_tables {
	struct dg_arena *arena; /* owned; all below is in it */
	struct dg_map tables;   /* key -> struct dg_sql_columns */
};

static struct dg_str
make_key(struct dg_arena *arena, const struct dg_sql_name *name)
{
	const struct dg_str parts[] = {name->catalog, name->schema,
				       name->table};
	char *key = dg_arena_alloc(arena, parts[0].len + parts[1].len +
						  parts[2].len + 2);
	size_t len = 0;

	if (key == NULL)
		return dg_str_make(NULL, 0);
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		if (i > 0)
			key[len++] = '\0';
		if (parts[i].len > 0)
			memcpy(key + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	return dg_str_make(key, len);
}

/* "name", or ["name", "type"]. False: neither. */
static bool
read_column(const struct dg_json *item, struct dg_str *name_out,
	    struct dg_str *type_out)
{
	*type_out = DG_STR_EMPTY;
	if (!dg_json_is_array(item))
		return dg_json_string(item, name_out);
	return dg_json_size(item) == 2 &&
	       dg_json_string(dg_json_at(item, 0), name_out) &&
	       dg_json_string(dg_json_at(item, 1), type_out);
}

/* {"columns": [...], "view": "...", "rights": "..."}; NULL: another thing. */
static const struct dg_json *
read_view(const struct dg_json *item, struct dg_arena *arena,
	  struct dg_sql_columns *columns)
{
	struct dg_sql_view *view = DG_ARENA_NEW(arena, struct dg_sql_view);
	struct dg_str rights;
	struct dg_str text;

	if (view == NULL || !dg_json_string(dg_json_get(item, "view"), &text) ||
	    !dg_json_string(dg_json_get(item, "rights"), &rights))
		return NULL;
	view->rights = dg_str_eq(rights, DG_STR("owner")) ? DG_SQL_VIEW_OWNER
							  : DG_SQL_VIEW_READER;
	view->text = dg_arena_str(arena, text);
	columns->view = view;
	return view->text.data != NULL ? dg_json_get(item, "columns") : NULL;
}

struct adding {
	struct dg_tables *tables;
	struct dg_error *err;
};

static enum dg_rc
out_of_room(struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_LIMIT, "Too many tables.");
}

static enum dg_rc
read_columns(const struct adding *adding, const struct dg_sql_name *name,
	     const struct dg_json *names, struct dg_sql_columns *columns)
{
	struct dg_arena *arena = adding->tables->arena;
	size_t n = dg_json_size(names);
	struct dg_str *copies = DG_ARENA_ARRAY(arena, struct dg_str, n);
	struct dg_str *types = DG_ARENA_ARRAY(arena, struct dg_str, n);

	if (copies == NULL || types == NULL)
		return out_of_room(adding->err);
	for (size_t i = 0; i < n; i++) {
		struct dg_str column, type;

		if (!read_column(dg_json_at(names, i), &column, &type))
			return dg_error_set(
				adding->err, DG_ERR_INVALID,
				"A column of %.*s.%.*s.%.*s is neither a name "
				"nor a name and a type.",
				DG_STR_ARG(name->catalog),
				DG_STR_ARG(name->schema),
				DG_STR_ARG(name->table));
		copies[i] = dg_arena_str(arena, column);
		if (copies[i].data == NULL ||
		    dg_sql_type_encode(type, arena, &types[i]) != DG_OK)
			return out_of_room(adding->err);
	}
	columns->names = copies;
	columns->types = types;
	columns->n_names = n;
	return DG_OK;
}

static enum dg_rc
add_table(void *arg, const struct dg_sql_name *name,
	  const struct dg_json *names)
{
	const struct adding *adding = arg;
	struct dg_tables *tables = adding->tables;
	struct dg_str key = make_key(tables->arena, name);
	struct dg_sql_columns *columns =
		DG_ARENA_NEW(tables->arena, struct dg_sql_columns);
	enum dg_rc rc;

	if (columns == NULL || key.data == NULL)
		return out_of_room(adding->err);
	if (dg_json_is_object(names))
		names = read_view(names, tables->arena, columns);
	if (!dg_json_is_array(names))
		return dg_error_set(adding->err, DG_ERR_INVALID,
				    "%.*s.%.*s.%.*s is not a list of columns.",
				    DG_STR_ARG(name->catalog),
				    DG_STR_ARG(name->schema),
				    DG_STR_ARG(name->table));
	rc = read_columns(adding, name, names, columns);
	if (rc == DG_OK &&
	    dg_map_put(&tables->tables, key, columns, NULL) != DG_OK)
		return out_of_room(adding->err);
	return rc;
}

enum dg_rc
dg_tables_each(const struct dg_json *root, dg_tables_fn done, void *arg)
{
	struct dg_json_iter catalog = {0};

	while (dg_json_next(root, &catalog)) {
		struct dg_json_iter schema = {0};

		while (dg_json_next(catalog.value, &schema)) {
			struct dg_json_iter table = {0};

			while (dg_json_next(schema.value, &table)) {
				const struct dg_sql_name name = {
					catalog.key, schema.key, table.key};
				enum dg_rc rc = done(arg, &name, table.value);

				if (rc != DG_OK)
					return rc;
			}
		}
	}
	return DG_OK;
}

enum dg_rc
dg_tables_create(const struct dg_json *root, size_t max_bytes,
		 struct dg_tables **tables_out, struct dg_error *err)
{
	struct dg_tables *tables;
	struct adding adding = {.err = err};
	enum dg_rc rc;

	if (!dg_json_is_object(root))
		return dg_error_set(err, DG_ERR_INVALID, "Not a JSON object.");
	tables = DG_NEW(struct dg_tables);
	tables->arena = dg_arena_create(max_bytes);
	dg_map_init(&tables->tables, tables->arena);
	adding.tables = tables;
	rc = dg_tables_each(root, add_table, &adding);
	if (rc == DG_OK)
		*tables_out = tables;
	else
		dg_tables_destroy(&tables);
	return rc;
}

void
dg_tables_destroy(struct dg_tables **tables)
{
	if (*tables == NULL)
		return;
	dg_arena_destroy(&(*tables)->arena);
	dg_free(*tables);
	*tables = NULL;
}

enum dg_sql_lookup
dg_tables_find(const struct dg_tables *tables, const struct dg_sql_name *table,
	       struct dg_sql_columns *columns_out)
{
	struct dg_arena_mark mark = dg_arena_mark(tables->arena);
	struct dg_str key = make_key(tables->arena, table);
	const struct dg_sql_columns *found = NULL;

	if (key.data != NULL)
		found = dg_map_get(&tables->tables, key);
	dg_arena_rewind(tables->arena, mark);
	if (found == NULL)
		return DG_SQL_ABSENT;
	*columns_out = *found;
	return DG_SQL_FOUND;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.c - the tables a statement names and what is charged to them,
 * and the list of its other rights.
 *
 * The caller's catalog is asked once per table. A table that is ABSENT there
 * is treated like one that is UNAVAILABLE: its name and every column that
 * could be its own are charged, with columns_known false. So the policy speaks
 * first, and only who may read the table learns from the engine that there is
 * none; nor does a stale "absent" open anything.
 */
#include "resolve/resolve.h"

#include "resolve/fold.h"

/* So many tables are looked through one by one; more are in the map. */
enum { FEW_TABLES = 8 };

/* Names as one string that no other names give: lengths, then bytes. */
static bool
make_key(struct dg_sql_resolver *r, unsigned action,
	 const struct dg_sql_name *object, struct dg_str name,
	 struct dg_str *key_out)
{
	const struct dg_str parts[] = {object->catalog, object->schema,
				       object->table, name};
	uint32_t head[5];
	size_t len = sizeof(head);
	char *key;

	head[0] = action;
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		head[i + 1] = (uint32_t)parts[i].len;
		len += parts[i].len;
	}
	key = dg_sql_alloc(r, 1, len);
	if (key == NULL)
		return false;
	*key_out = dg_str_make(key, len);
	memcpy(key, head, sizeof(head));
	key += sizeof(head);
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		if (parts[i].len == 0)
			continue;
		memcpy(key, parts[i].data, parts[i].len);
		key += parts[i].len;
	}
	return true;
}

static bool
map_put(struct dg_sql_resolver *r, struct dg_map *map, struct dg_str key,
	void *value)
{
	if (dg_map_put(map, key, value, NULL) != DG_OK)
		return dg_sql_refuse_limit(r);
	return true;
}

/* ---- tables ------------------------------------------------------------ */

/*
 * The catalog's names folded as the engine compares them; almost always they
 * are that already, and then the caller's own array serves.
 */
static const struct dg_str *
fold_listed(struct dg_sql_resolver *r, const struct dg_sql_columns *columns)
{
	struct dg_str *folded = NULL;

	for (size_t i = 0; i < columns->n_names; i++) {
		struct dg_str name = columns->names[i];
		struct dg_str same = name;

		if (dg_sql_fold_column(r->arena, r->engine.dialect, name,
				       &same) == DG_ERR_LIMIT) {
			dg_sql_refuse_limit(r);
			return NULL;
		}
		if (folded == NULL && same.data == name.data)
			continue;
		if (folded == NULL) {
			folded = dg_sql_alloc(r, columns->n_names,
					      sizeof(*folded));
			if (folded == NULL)
				return NULL;
			memcpy(folded, columns->names,
			       columns->n_names * sizeof(*folded));
		}
		folded[i] = same;
	}
	return folded == NULL ? columns->names : folded;
}

static bool
set_columns(struct dg_sql_resolver *r, struct dg_sql_table *table,
	    const struct dg_sql_columns *columns)
{
	const struct dg_str *folded = NULL;

	if (columns->n_names > DG_SQL_MAX_COLUMNS)
		return dg_sql_refuse_limit(r);
	if (columns->index != NULL) {
		folded = columns->names;
	} else if (columns->n_names > 0) {
		folded = fold_listed(r, columns);
		if (folded == NULL)
			return false;
	}
	table->listed = columns->names;
	table->types = columns->types;
	table->first_use =
		dg_sql_alloc(r, columns->n_names, sizeof(*table->first_use));
	table->used = dg_arena_alloc_raw(
		r->arena, (columns->n_names + 1) * sizeof(*table->used));
	if (table->used == NULL)
		return dg_sql_refuse_limit(r);
	table->set = dg_sql_set_create(r, folded, (uint32_t)columns->n_names,
				       table->lookup != DG_SQL_FOUND);
	if (table->first_use == NULL || table->set == NULL)
		return false;
	table->set->index = columns->index;
	return true;
}

static bool
same_table(const struct dg_sql_name *a, const struct dg_sql_name *b)
{
	return dg_str_eq(a->table, b->table) &&
	       dg_str_eq(a->schema, b->schema) &&
	       dg_str_eq(a->catalog, b->catalog);
}

/* The table of that name, or NULL. *key_out: for the map, if it is used. */
static bool
find_table(struct dg_sql_resolver *r, const struct dg_sql_name *name,
	   struct dg_str *key_out, struct dg_sql_table **table_out)
{
	struct dg_sql_table *table = r->tables;

	*key_out = DG_STR_EMPTY;
	if (r->n_tables < FEW_TABLES) {
		while (table != NULL && !same_table(&table->name, name))
			table = table->next;
		*table_out = table;
		return true;
	}
	if (!make_key(r, 0, name, DG_STR_EMPTY, key_out))
		return false;
	*table_out = dg_map_get(&r->table_map, *key_out);
	return true;
}

/* Adds the table; when they become many, all go into the map. */
static bool
keep_table(struct dg_sql_resolver *r, struct dg_sql_table *table,
	   struct dg_str key)
{
	table->next = r->tables;
	r->tables = table;
	r->n_tables++;
	if (r->n_tables > FEW_TABLES)
		return map_put(r, &r->table_map, key, table);
	for (; r->n_tables == FEW_TABLES && table != NULL; table = table->next)
		if (!make_key(r, 0, &table->name, DG_STR_EMPTY, &key) ||
		    !map_put(r, &r->table_map, key, table))
			return false;
	return true;
}

struct dg_sql_table *
dg_sql_table_get(struct dg_sql_resolver *r, const struct dg_sql_name *name)
{
	const struct dg_sql_context *context = r->context;
	struct dg_arena_mark mark = dg_arena_mark(r->arena);
	struct dg_sql_columns columns = {.n_names = 0};
	struct dg_sql_table *table;
	struct dg_str key;

	if (!find_table(r, name, &key, &table))
		return NULL;
	if (table != NULL) {
		dg_arena_rewind(r->arena, mark);
		return table;
	}
	table = dg_sql_alloc(r, 1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->name = *name;
	table->lookup = DG_SQL_UNAVAILABLE;
	if (context->columns != NULL)
		table->lookup = context->columns(context->arg, name, &columns);
	table->is_withheld = columns.is_withheld;
	table->why = columns.why;
	if (table->lookup != DG_SQL_FOUND)
		columns = (struct dg_sql_columns){.n_names = 0};
	table->view = columns.view;
	r->has_views = r->has_views || table->view != NULL;
	dg_map_init(&table->unlisted_map, r->arena);
	dg_map_init(&table->field_map, r->arena);
	if (!set_columns(r, table, &columns) || !keep_table(r, table, key))
		return NULL;
	return table;
}

void
dg_sql_charge_table(struct dg_sql_table *table, uint32_t offset)
{
	if ((!table->read && !table->shown) || offset < table->offset)
		table->offset = offset;
	table->read = true;
}

void
dg_sql_show_table(struct dg_sql_table *table, uint32_t offset)
{
	if ((!table->read && !table->shown) || offset < table->offset)
		table->offset = offset;
	table->shown = true;
}

/* "column.path"; *is_column_out: that is another column's name as well. */
static bool
field_name(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	   uint32_t column, struct dg_str path, struct dg_str *name_out,
	   bool *is_column_out)
{
	struct dg_sql_part part;

	*name_out = dg_arena_printf(r->arena, "%.*s.%.*s",
				    DG_STR_ARG(table->listed[column]),
				    DG_STR_ARG(path));
	if (name_out->data == NULL)
		return dg_sql_refuse_limit(r);
	part.column = *name_out;
	part.hash = dg_sql_hash_column(part.column);
	*is_column_out =
		dg_sql_set_find(r, table->set, &part) != DG_SQL_NO_COLUMN;
	return true;
}

static bool
charge_field(struct dg_sql_resolver *r, struct dg_sql_table *table,
	     uint32_t column, struct dg_str name, uint32_t offset)
{
	struct dg_sql_field *field = dg_map_get(&table->field_map, name);

	if (field != NULL) {
		if (offset < field->offset)
			field->offset = offset;
		return true;
	}
	field = dg_sql_alloc(r, 1, sizeof(*field));
	if (field == NULL)
		return false;
	field->column = column;
	field->path = name;
	field->offset = offset;
	field->next = table->fields;
	table->fields = field;
	table->n_fields++;
	return map_put(r, &table->field_map, name, field);
}

bool
dg_sql_charge_column(struct dg_sql_resolver *r, struct dg_sql_table *table,
		     uint32_t column, struct dg_str path, uint32_t offset)
{
	uint32_t *first = &table->first_use[column];

	if (!table->read)
		dg_sql_charge_table(table, offset);
	if (path.len > 0) {
		struct dg_str name;
		bool is_column;

		if (!field_name(r, table, column, path, &name, &is_column))
			return false;
		if (!is_column)
			return charge_field(r, table, column, name, offset);
	}
	/* Whether that is the first use is no branch: 0 - 1 is after all. */
	table->used[table->n_used] = column;
	table->n_used += *first == 0;
	*first = *first - 1 < offset ? *first : offset + 1;
	return true;
}

static bool
charge_unlisted(struct dg_sql_resolver *r, struct dg_sql_table *table,
		struct dg_str name, uint32_t offset)
{
	struct dg_sql_unlisted *use = dg_map_get(&table->unlisted_map, name);

	if (!table->read)
		dg_sql_charge_table(table, offset);
	if (use != NULL) {
		if (offset < use->offset)
			use->offset = offset;
		return true;
	}
	use = dg_sql_alloc(r, 1, sizeof(*use));
	if (use == NULL)
		return false;
	use->name = name;
	use->offset = offset;
	use->next = table->unlisted;
	table->unlisted = use;
	table->n_unlisted++;
	return map_put(r, &table->unlisted_map, name, use);
}

bool
dg_sql_charge_name(struct dg_sql_resolver *r, struct dg_sql_table *table,
		   const struct dg_sql_part *part, uint32_t offset)
{
	uint32_t column = dg_sql_set_find(r, table->set, part);

	if (column < table->set->n)
		return dg_sql_charge_column(r, table, column, DG_STR_EMPTY,
					    offset);
	return charge_unlisted(r, table, part->column, offset);
}

static void
charge_star(struct dg_sql_table *table, uint32_t offset)
{
	bool charged = table->all_listed || table->all_columns;

	if (!table->read)
		dg_sql_charge_table(table, offset);
	if (!charged || offset < table->star_offset)
		table->star_offset = offset;
}

void
dg_sql_charge_listed(struct dg_sql_table *table, uint32_t offset)
{
	if (table->lookup != DG_SQL_FOUND) {
		dg_sql_charge_all(table, offset);
		return;
	}
	charge_star(table, offset);
	table->all_listed = true;
}

void
dg_sql_charge_all(struct dg_sql_table *table, uint32_t offset)
{
	charge_star(table, offset);
	table->all_columns = true;
}

/* ---- names of tables --------------------------------------------------- */

/* Up to three parts; what is left out, the session gives. */
static bool
complete_name(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	      const struct dg_str *parts, size_t n,
	      struct dg_sql_name *name_out)
{
	if (n == 0)
		return dg_sql_refuse_kind(r, qname);
	name_out->table = parts[n - 1];
	name_out->schema = n >= 2 ? parts[n - 2] : r->schema;
	name_out->catalog = n >= 3 ? parts[n - 3] : r->catalog;
	if (name_out->schema.len == 0)
		return dg_sql_refuse(r, DG_SQL_E_NO_SCHEMA, qname,
				     "Schema must be specified when session "
				     "schema is not set");
	if (name_out->catalog.len == 0)
		return dg_sql_refuse(r, DG_SQL_E_NO_CATALOG, qname,
				     "Catalog must be specified when session "
				     "catalog is not set");
	return true;
}

bool
dg_sql_table_name(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		  struct dg_sql_name *name_out)
{
	struct dg_str parts[3];
	size_t n;

	return dg_sql_fold_qname(r, qname, "table", parts, DG_ARRAY_LEN(parts),
				 &n) &&
	       complete_name(r, qname, parts, n, name_out);
}

bool
dg_sql_column_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		    struct dg_sql_name *name_out)
{
	struct dg_str parts[4];
	size_t n;

	if (!dg_sql_fold_qname(r, qname, "column", parts, DG_ARRAY_LEN(parts),
			       &n))
		return false;
	if (n < 2)
		return dg_sql_refuse(r, DG_SQL_E_NO_TABLE, qname,
				     "The column's table must be specified");
	return complete_name(r, qname, parts, n - 1, name_out);
}

bool
dg_sql_is_plain_name(struct dg_str name)
{
	/* Of each byte a bit: digits; capitals, underscore, small letters. */
	static const uint64_t plain[4] = {UINT64_C(0x03ff000000000000),
					  UINT64_C(0x07fffffe87fffffe)};
	uint64_t all = 1;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];

		all &= plain[c / 64] >> c % 64;
	}
	return all != 0;
}

/*
 * Where the base table's name ends: at the first of `$`, `@`, ".branch_" and
 * ".tag_" that is not at the beginning; an ordinary name's whole length.
 */
static size_t
find_metadata_suffix(struct dg_str name)
{
	for (size_t i = 1; i < name.len; i++) {
		struct dg_str rest = {name.data + i, name.len - i};

		if (rest.data[0] == '$' || rest.data[0] == '@')
			return i;
		if (rest.data[0] == '.' &&
		    (dg_str_starts_with(rest, DG_STR(".branch_")) ||
		     dg_str_starts_with(rest, DG_STR(".tag_"))))
			return i;
	}
	return name.len;
}

bool
dg_sql_metadata_base(const struct dg_sql_name *name,
		     struct dg_sql_name *base_out)
{
	*base_out = *name;
	base_out->table.len = find_metadata_suffix(name->table);
	return base_out->table.len < name->table.len;
}

/*
 * Oracle's v$session is a table of its own: that is so only when the catalog
 * lists it and knows no table v. In doubt the base table is charged.
 */
bool
dg_sql_table_is_metadata(struct dg_sql_resolver *r,
			 const struct dg_sql_name *name,
			 struct dg_sql_name *base_out)
{
	const struct dg_sql_table *literal;
	const struct dg_sql_table *base;

	if (!dg_sql_metadata_base(name, base_out))
		return false;
	literal = dg_sql_table_get(r, name);
	base = dg_sql_table_get(r, base_out);
	if (literal == NULL || base == NULL)
		return false;
	return literal->lookup != DG_SQL_FOUND || base->lookup != DG_SQL_ABSENT;
}

/*
 * Search engines and monitoring take more than one table's name: "orders: tax"
 * searches orders, "a,b" reads both, and "*" in a name stands for anything
 * (BigQuery's too). Elsewhere these are ordinary letters, so that the name
 * itself is asked for as any other.
 */
bool
dg_sql_charge_odd_name(struct dg_sql_resolver *r,
		       const struct dg_sql_node *qname,
		       const struct dg_sql_name *name)
{
	struct dg_str rest = name->table;
	struct dg_sql_name one = *name;

	if (dg_str_find(rest, '*', 0) < rest.len)
		return dg_sql_refuse_as(r, qname, DG_SQL_REFUSED_WILDCARD_NAME);
	if (dg_str_find(rest, ':', 0) == rest.len &&
	    dg_str_find(rest, ',', 0) == rest.len)
		return true;
	while (dg_str_split(&rest, ',', &one.table)) {
		size_t colon = dg_str_find(one.table, ':', 0);

		one.table = dg_str_slice(one.table, 0, colon);
		if (one.table.len > 0 &&
		    !dg_sql_add_right(r, DG_SQL_ACT_SELECT_MAYBE, &one,
				      DG_STR_EMPTY, dg_sql_at(r, qname)))
			return false;
	}
	return true;
}

bool
dg_sql_charge_metadata(struct dg_sql_resolver *r,
		       const struct dg_sql_name *written,
		       const struct dg_sql_name *base, uint32_t offset)
{
	struct dg_sql_table *literal = dg_sql_table_get(r, written);
	struct dg_sql_table *table = dg_sql_table_get(r, base);

	if (literal == NULL || table == NULL)
		return false;
	/* Before it looks for metadata tables an engine looks for views. */
	dg_sql_show_table(literal, offset);
	dg_sql_charge_table(table, offset);
	dg_sql_charge_all(table, offset);
	return dg_sql_add_right(r, DG_SQL_ACT_SELECT_LITERAL, written,
				DG_STR_EMPTY, offset);
}

/* ---- other rights ------------------------------------------------------ */

struct dg_sql_right *
dg_sql_right_get(struct dg_sql_resolver *r, enum dg_sql_action action,
		 const struct dg_sql_name *object, struct dg_str name,
		 uint32_t offset)
{
	struct dg_arena_mark mark = dg_arena_mark(r->arena);
	struct dg_sql_right *right;
	struct dg_str key;

	if (!make_key(r, action, object, name, &key))
		return NULL;
	right = dg_map_get(&r->right_map, key);
	if (right != NULL) {
		dg_arena_rewind(r->arena, mark);
		if (offset < right->offset)
			right->offset = offset;
		return right;
	}
	right = dg_sql_alloc(r, 1, sizeof(*right));
	if (right == NULL)
		return NULL;
	right->action = action;
	right->object = *object;
	right->name = name;
	right->columns_known = true;
	right->offset = offset;
	right->next = r->rights;
	r->rights = right;
	r->n_rights++;
	return map_put(r, &r->right_map, key, right) ? right : NULL;
}

bool
dg_sql_add_right(struct dg_sql_resolver *r, enum dg_sql_action action,
		 const struct dg_sql_name *object, struct dg_str name,
		 uint32_t offset)
{
	return dg_sql_right_get(r, action, object, name, offset) != NULL;
}

bool
dg_sql_right_add_column(struct dg_sql_resolver *r, struct dg_sql_right *right,
			struct dg_str name, uint32_t offset)
{
	struct dg_sql_unlisted *use = dg_sql_alloc(r, 1, sizeof(*use));

	if (use == NULL)
		return false;
	use->name = name;
	use->offset = offset;
	use->next = right->columns;
	right->columns = use;
	right->n_columns++;
	return true;
}

bool
dg_sql_add_opaque(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		  enum dg_sql_opaque what)
{
	static const char *const reasons[] = {
#define DG_SQL_OPAQUE(id, dialect, what, example, reason) reason,
#include "sqlparse/opaque.def"
	};
	static const struct dg_sql_name none = {
		DG_STR_INIT(""), DG_STR_INIT(""), DG_STR_INIT("")};
	struct dg_str text = dg_str_from_cstr(reasons[what]);
	struct dg_sql_right *right = dg_sql_right_get(
		r, DG_SQL_ACT_OPAQUE, &none, text, dg_sql_at(r, node));

	if (right == NULL)
		return false;
	right->name = DG_STR_EMPTY;
	right->reason = text;
	return true;
}

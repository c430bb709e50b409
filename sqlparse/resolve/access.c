/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.c - the access list: one SELECT for each table read, with its
 * columns sorted, and the other rights; then all of it sorted, so that the
 * answer does not depend on how a statement is written.
 */
#include "resolve/access.h"

#include <stdlib.h>

#include "base/assert.h"

enum {
	/* Lists this short are sorted in place, the others by the C library. */
	SHORT_LIST = 16,
	/* Of so many columns one is used: that is sooner sorted than found. */
	SPARSE = 16,
};

static const struct {
	const char *name;
	enum dg_sql_effect effect;
} actions[] = {
#define DG_SQL_ACTION(id, name, object, effect) {name, DG_SQL_##effect},
#include "sqlparse/actions.def"
#undef DG_SQL_ACTION
};

const char *
dg_sql_action_name(enum dg_sql_action action)
{
	DG_ASSERT((size_t)action < DG_ARRAY_LEN(actions));
	return actions[action].name;
}

enum dg_sql_effect
dg_sql_action_effect(enum dg_sql_action action)
{
	DG_ASSERT((size_t)action < DG_ARRAY_LEN(actions));
	return actions[action].effect;
}

static int
compare_names(const struct dg_sql_name *a, const struct dg_sql_name *b)
{
	int order = dg_str_cmp(a->catalog, b->catalog);

	if (order == 0)
		order = dg_str_cmp(a->schema, b->schema);
	if (order == 0)
		order = dg_str_cmp(a->table, b->table);
	return order;
}

static int
compare_access(const void *left, const void *right)
{
	const struct dg_sql_access *a = left;
	const struct dg_sql_access *b = right;
	int order;

	if (a->action != b->action)
		return a->action < b->action ? -1 : 1;
	order = compare_names(&a->object, &b->object);
	if (order == 0)
		order = dg_str_cmp(a->name, b->name);
	if (order == 0)
		order = dg_str_cmp(a->reason, b->reason);
	return order;
}

static int
compare_columns(const void *left, const void *right)
{
	const struct dg_sql_column_use *a = left;
	const struct dg_sql_column_use *b = right;

	return dg_str_cmp(a->name, b->name);
}

static void
sort_columns(struct dg_sql_column_use *columns, size_t n)
{
	if (n > SHORT_LIST) {
		qsort(columns, n, sizeof(*columns), compare_columns);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct dg_sql_column_use moved = columns[i];
		size_t to = i;

		for (; to > 0 && compare_columns(&columns[to - 1], &moved) > 0;
		     to--)
			columns[to] = columns[to - 1];
		columns[to] = moved;
	}
}

static void
sort_access(struct dg_sql_access *access, size_t n)
{
	if (n > SHORT_LIST) {
		qsort(access, n, sizeof(*access), compare_access);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct dg_sql_access moved = access[i];
		size_t to = i;

		for (; to > 0 && compare_access(&access[to - 1], &moved) > 0;
		     to--)
			access[to] = access[to - 1];
		access[to] = moved;
	}
}

/* ---- columns of one table ---------------------------------------------- */

static bool
is_used(const struct dg_sql_table *table, size_t column)
{
	return table->all_listed || table->all_columns ||
	       table->first_use[column] != 0;
}

static uint32_t
use_offset(const struct dg_sql_table *table, size_t column, bool all)
{
	uint32_t first = table->first_use[column];

	if (all && (first == 0 || first - 1 > table->star_offset))
		return table->star_offset;
	return first - 1;
}

static int
compare_fields(const void *left, const void *right)
{
	const struct dg_sql_field *a =
		*(const struct dg_sql_field *const *)left;
	const struct dg_sql_field *b =
		*(const struct dg_sql_field *const *)right;

	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return dg_str_cmp(a->path, b->path);
}

/* "a.b.c" is within "a.b". */
static bool
is_within(struct dg_str path, struct dg_str outer)
{
	return path.len > outer.len && path.data[outer.len] == '.' &&
	       dg_str_starts_with(path, outer);
}

/* Fields in the order of columns and paths; of whole columns none. */
static const struct dg_sql_field **
sort_fields(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	    size_t *n_out)
{
	const struct dg_sql_field **fields;
	size_t n = 0;

	fields = dg_sql_alloc(r, table->n_fields, sizeof(*fields));
	if (fields == NULL)
		return NULL;
	for (const struct dg_sql_field *it = table->fields; it != NULL;
	     it = it->next)
		if (!is_used(table, it->column))
			fields[n++] = it;
	qsort(fields, n, sizeof(*fields), compare_fields);
	*n_out = n;
	return fields;
}

/* The run of fields of one column, from fields[0] on; how many there are. */
static size_t
list_fields(const struct dg_sql_table *table,
	    const struct dg_sql_field *const *fields, size_t n,
	    struct dg_sql_field_use *uses, struct dg_sql_column_use *column)
{
	size_t i;

	column->name = table->listed[fields[0]->column];
	column->offset = fields[0]->offset;
	column->fields = uses;
	column->n_fields = 0;
	for (i = 0; i < n && fields[i]->column == fields[0]->column; i++) {
		const struct dg_sql_field *field = fields[i];

		if (field->offset < column->offset)
			column->offset = field->offset;
		if (column->n_fields > 0 &&
		    is_within(field->path, uses[column->n_fields - 1].path))
			continue;
		uses[column->n_fields++] =
			(struct dg_sql_field_use){field->path, field->offset};
	}
	return i;
}

/* Columns of which only fields are read; *n is how many there are so far. */
static bool
list_partly(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	    struct dg_sql_column_use *columns, size_t *n)
{
	const struct dg_sql_field **fields;
	struct dg_sql_field_use *uses;
	size_t n_fields;

	if (table->n_fields == 0)
		return true;
	fields = sort_fields(r, table, &n_fields);
	uses = dg_sql_alloc(r, table->n_fields, sizeof(*uses));
	if (fields == NULL || uses == NULL)
		return false;
	for (size_t i = 0; i < n_fields;)
		i += list_fields(table, fields + i, n_fields - i, uses + i,
				 &columns[(*n)++]);
	return true;
}

/* Whether the table's index has the order that the list is to have. */
static bool
is_in_index(const struct dg_sql_table *table, size_t n_listed)
{
	const struct dg_sql_set *set = table->set;

	return set->index != NULL && set->index->n_ordered > 0 &&
	       table->n_fields == 0 && table->n_unlisted == 0 &&
	       n_listed > set->n / SPARSE;
}

/* Sorted as the index has them; room for one more column than are used. */
static void
list_by_index(const struct dg_sql_table *table, bool all,
	      struct dg_sql_column_use *columns)
{
	const uint32_t *order = dg_sql_column_index_order(table->set->index);
	size_t n = table->set->n;

	for (size_t i = 0; all && i < n; i++) {
		columns[i].name = table->listed[order[i]];
		columns[i].offset = use_offset(table, order[i], all);
	}
	for (size_t i = 0; !all && i < n; i++) {
		uint32_t first = table->first_use[order[i]];

		/* Overwritten by the next, unless it is used: no branch. */
		columns->name = table->listed[order[i]];
		columns->offset = first - 1;
		columns += first != 0;
	}
}

static bool
list_columns(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	     struct dg_sql_access *access)
{
	bool all = table->all_listed || table->all_columns;
	size_t n_listed = all ? table->set->n : table->n_used;
	const struct dg_sql_unlisted *more = table->unlisted;
	struct dg_sql_column_use *columns;
	size_t n;

	columns = dg_sql_alloc(
		r, n_listed + table->n_fields + table->n_unlisted + 1,
		sizeof(*columns));
	if (columns == NULL)
		return false;
	access->columns = columns;
	access->n_columns = n_listed;
	if (is_in_index(table, n_listed)) {
		list_by_index(table, all, columns);
		return true;
	}
	for (n = 0; n < n_listed; n++) {
		size_t column = all ? n : table->used[n];

		columns[n].name = table->listed[column];
		columns[n].offset = use_offset(table, column, all);
	}
	if (!list_partly(r, table, columns, &n))
		return false;
	for (; more != NULL; more = more->next) {
		columns[n].name = more->name;
		columns[n].offset = more->offset;
		n++;
	}
	sort_columns(columns, n);
	access->n_columns = n;
	return true;
}

static bool
list_table(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	   struct dg_sql_access *access)
{
	access->action = DG_SQL_ACT_SELECT;
	access->object = table->name;
	access->all_columns = table->all_columns;
	access->columns_known = table->lookup == DG_SQL_FOUND;
	access->offset = table->offset;
	return list_columns(r, table, access);
}

/* ---- the list ---------------------------------------------------------- */

/* Each column once, at its first place. */
static size_t
drop_repeated(struct dg_sql_column_use *columns, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct dg_sql_column_use *last =
			kept == 0 ? NULL : &columns[kept - 1];

		if (last == NULL || !dg_str_eq(last->name, columns[i].name))
			columns[kept++] = columns[i];
		else if (columns[i].offset < last->offset)
			last->offset = columns[i].offset;
	}
	return kept;
}

static bool
list_right(struct dg_sql_resolver *r, const struct dg_sql_right *right,
	   struct dg_sql_access *access)
{
	struct dg_sql_column_use *columns;
	size_t n = 0;

	access->action = right->action;
	access->object = right->object;
	access->name = right->name;
	access->reason = right->reason;
	access->all_columns = right->action == DG_SQL_ACT_SELECT_LITERAL ||
			      right->action == DG_SQL_ACT_SELECT_MAYBE;
	access->columns_known = right->columns_known;
	access->is_passing = right->is_passing;
	access->offset = right->offset;
	if (right->n_columns == 0)
		return true;
	columns = dg_sql_alloc(r, right->n_columns, sizeof(*columns));
	if (columns == NULL)
		return false;
	for (const struct dg_sql_unlisted *it = right->columns; it != NULL;
	     it = it->next)
		columns[n++] = (struct dg_sql_column_use){.name = it->name,
							  .offset = it->offset};
	sort_columns(columns, n);
	access->columns = columns;
	access->n_columns = drop_repeated(columns, n);
	return true;
}

bool
dg_sql_access_collect_pending(struct dg_sql_resolver *r,
			      struct dg_sql_analysis *analysis)
{
	const struct dg_sql_table *table;
	struct dg_sql_name *pending;
	size_t n = 0;

	for (table = r->tables; table != NULL; table = table->next)
		n += table->lookup == DG_SQL_PENDING;
	if (n == 0)
		return true;
	pending = dg_sql_alloc(r, n, sizeof(*pending));
	if (pending == NULL)
		return false;
	analysis->pending = pending;
	analysis->n_pending = n;
	for (table = r->tables; table != NULL; table = table->next)
		if (table->lookup == DG_SQL_PENDING)
			pending[--n] = table->name; /* in the order met */
	return true;
}

static bool
is_effect_free(enum dg_sql_action action)
{
	/* A table function may send any text to the source behind it. */
	return action != DG_SQL_ACT_TABLE_FUNCTION &&
	       action != DG_SQL_ACT_OPAQUE;
}

void
dg_sql_access_collect(struct dg_sql_resolver *r,
		      struct dg_sql_analysis *analysis)
{
	const struct dg_sql_table *table;
	const struct dg_sql_right *right;
	struct dg_sql_access *access;
	size_t n = 0;

	access = dg_sql_alloc(r, r->n_tables + r->n_rights, sizeof(*access));
	if (access == NULL || !dg_sql_access_collect_pending(r, analysis))
		return;
	for (table = r->tables; table != NULL; table = table->next)
		if (table->read && !list_table(r, table, &access[n++]))
			return;
	for (right = r->rights; right != NULL; right = right->next) {
		if (!list_right(r, right, &access[n++]))
			return;
		if (!is_effect_free(right->action))
			analysis->read_only = false;
	}
	sort_access(access, n);
	analysis->access = access;
	analysis->n_access = n;
}

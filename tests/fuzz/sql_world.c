/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_world.c - the made-up catalog, and comparing of access lists. Tables of
 * one letter have columns of one letter, which is what mutations make most.
 */
#include "sql_world.h"

#include "base/assert.h"

static const struct dg_str column_names[] = {
	DG_STR_INIT("a"),    DG_STR_INIT("b"),    DG_STR_INIT("c"),
	DG_STR_INIT("x"),    DG_STR_INIT("y"),    DG_STR_INIT("id"),
	DG_STR_INIT("name"), DG_STR_INIT("k"),    DG_STR_INIT("v"),
	DG_STR_INIT("row"),  DG_STR_INIT("date"), DG_STR_INIT("t"),
};

static unsigned
name_number(const struct dg_sql_name *table)
{
	unsigned sum = 0;

	for (size_t i = 0; i < table->table.len; i++)
		sum = sum * 31 + (unsigned char)table->table.data[i];
	return sum ^ sum >> 7;
}

uint64_t
sql_world_bit(const struct dg_sql_name *table)
{
	return UINT64_C(1) << name_number(table) % 64;
}

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	const struct sql_world *world = arg;
	uint64_t bit = sql_world_bit(table);
	size_t all = DG_ARRAY_LEN(column_names);
	size_t first = name_number(table) / 64 % 4;

	if ((world->absent & bit) != 0)
		return DG_SQL_ABSENT;
	if ((world->pending & bit) != 0)
		return DG_SQL_PENDING;
	if ((world->unavailable & bit) != 0)
		return DG_SQL_UNAVAILABLE;
	columns_out->names = column_names + first;
	columns_out->n_names = 1 + name_number(table) % (all - first);
	return DG_SQL_FOUND;
}

static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	static const struct dg_str texts[] = {
		DG_STR_INIT("select a, b from t where x = ?"),
		DG_STR_INIT("execute p"),
		DG_STR_INIT("insert into t select * from u"),
		DG_STR_INIT("select ("),
	};

	(void)arg;
	if (name.len == 0)
		return false;
	*text_out = texts[(unsigned char)name.data[0] % DG_ARRAY_LEN(texts)];
	return true;
}

struct dg_sql_context
sql_world_context(const struct sql_input *input, struct sql_world *world)
{
	return (struct dg_sql_context){
		.engine = input->engine,
		.limits = &sql_limits,
		.catalog = DG_STR("cat"),
		.schema = DG_STR("sch"),
		.columns = find_columns,
		.prepared = find_prepared,
		.arg = world,
	};
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
compare_access(const struct dg_sql_access *a, const struct dg_sql_access *b)
{
	int order = (int)a->action - (int)b->action;

	if (order == 0)
		order = compare_names(&a->object, &b->object);
	if (order == 0)
		order = dg_str_cmp(a->name, b->name);
	return order;
}

static void
check_columns(const struct dg_sql_access *access, size_t size)
{
	for (size_t i = 0; i < access->n_columns; i++) {
		DG_ASSERT(access->columns[i].offset < size);
		if (i > 0)
			DG_ASSERT(dg_str_cmp(access->columns[i - 1].name,
					     access->columns[i].name) < 0);
	}
}

static bool
is_change(enum dg_sql_action action)
{
	switch (dg_sql_action_effect(action)) {
	case DG_SQL_WRITES:
	case DG_SQL_MAKES:
	case DG_SQL_CHANGES:
		return true;
	case DG_SQL_READS:
	case DG_SQL_SHOWS:
	case DG_SQL_OTHER:
		return false;
	}
	DG_UNREACHABLE();
}

static void
check_analysis(const struct dg_sql_analysis *analysis, size_t size)
{
	for (size_t i = 0; i < analysis->n_access; i++) {
		const struct dg_sql_access *access = &analysis->access[i];

		DG_ASSERT(access->offset < size);
		DG_ASSERT((access->action == DG_SQL_ACT_OPAQUE) ==
			  (access->reason.len > 0));
		check_columns(access, size);
		if (i > 0)
			DG_ASSERT(compare_access(access - 1, access) <= 0);
		DG_ASSERT(analysis->statement != DG_SQL_STMT_SELECT ||
			  !is_change(access->action));
	}
}

static bool
is_refused(const struct dg_sql_analysis *analysis,
	   const struct dg_sql_name *object)
{
	for (size_t i = 0; i < analysis->n_access; i++) {
		const struct dg_sql_access *access = &analysis->access[i];

		if (access->is_passing &&
		    compare_names(&access->object, object) == 0)
			return true;
	}
	return false;
}

/* Nothing is read that may be a view of its reader's. */
static void
check_unknown(const struct dg_sql_analysis *analysis,
	      const struct dg_sql_context *context)
{
	const struct sql_world *world = context->arg;

	if (context->columns != find_columns ||
	    !dg_sql_has_reader_views(context->engine))
		return;
	for (size_t i = 0; i < analysis->n_access; i++) {
		const struct dg_sql_access *access = &analysis->access[i];
		uint64_t bit = sql_world_bit(&access->object);

		DG_ASSERT(access->action != DG_SQL_ACT_SELECT ||
			  (world->unavailable & ~world->absent &
			   ~world->pending & bit) == 0 ||
			  dg_str_eq(access->object.schema,
				    DG_STR("information_schema")) ||
			  is_refused(analysis, &access->object));
	}
}

enum dg_rc
sql_analyze(const struct sql_input *input, struct dg_str text,
	    const struct dg_sql_context *context,
	    struct dg_sql_analysis *analysis_out)
{
	struct dg_sql_error err = {.line = 0};
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_parse(text, context->engine, context->limits, input->arena,
			  &tree, &err);
	if (rc == DG_OK)
		rc = dg_sql_analyze(tree, context, input->arena, analysis_out,
				    &err);
	if (rc != DG_OK) {
		sql_check_error(text, rc, &err);
		return rc;
	}
	DG_ASSERT(analysis_out->statement == dg_sql_tree_statement(tree));
	check_analysis(analysis_out, text.len);
	check_unknown(analysis_out, context);
	return DG_OK;
}

static bool
same_columns(const struct dg_sql_access *a, const struct dg_sql_access *b,
	     bool offsets)
{
	if (a->n_columns != b->n_columns || a->all_columns != b->all_columns ||
	    a->columns_known != b->columns_known)
		return false;
	for (size_t i = 0; i < a->n_columns; i++) {
		if (!dg_str_eq(a->columns[i].name, b->columns[i].name) ||
		    (offsets && a->columns[i].offset != b->columns[i].offset))
			return false;
	}
	return true;
}

bool
sql_same_analysis(const struct dg_sql_analysis *a,
		  const struct dg_sql_analysis *b, bool offsets)
{
	if (a->statement != b->statement || a->n_access != b->n_access ||
	    a->n_pending != b->n_pending || a->read_only != b->read_only)
		return false;
	for (size_t i = 0; i < a->n_access; i++) {
		const struct dg_sql_access *x = &a->access[i];
		const struct dg_sql_access *y = &b->access[i];

		if (compare_access(x, y) != 0 ||
		    !dg_str_eq(x->reason, y->reason) ||
		    !same_columns(x, y, offsets) ||
		    (offsets && x->offset != y->offset))
			return false;
	}
	return true;
}

/*
 * Where the columns are not known no right on some of them is enough
 * (acl/decide.c).
 */
static bool
has_column(const struct dg_sql_access *access, struct dg_str name)
{
	if (!access->columns_known)
		return true;
	for (size_t i = 0; i < access->n_columns; i++) {
		if (dg_str_eq(access->columns[i].name, name))
			return true;
	}
	return access->all_columns;
}

static bool
covers_access(const struct dg_sql_analysis *all,
	      const struct dg_sql_access *part)
{
	const struct dg_sql_access *found = NULL;

	for (size_t i = 0; i < all->n_access && found == NULL; i++) {
		if (compare_access(&all->access[i], part) == 0)
			found = &all->access[i];
	}
	if (found == NULL ||
	    (part->all_columns && !found->all_columns && found->columns_known))
		return false;
	for (size_t i = 0; i < part->n_columns; i++) {
		if (!has_column(found, part->columns[i].name))
			return false;
	}
	return true;
}

bool
sql_covers(const struct dg_sql_analysis *all,
	   const struct dg_sql_analysis *part)
{
	for (size_t i = 0; i < part->n_access; i++) {
		if (!covers_access(all, &part->access[i]))
			return false;
	}
	return true;
}

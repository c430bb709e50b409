/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.c - what a statement reads and writes, with dg_sqlparse alone.
 *
 *	cc tables.c $(pkg-config --cflags --libs dg_sqlparse) -o tables
 *	./tables 'select name from nation'          tables that nobody knows
 *	./tables --metadata 'select name from nation'    columns are known
 *
 * docs/sqlparse.md goes through it.
 */
#include <stdio.h>
#include <string.h>

#include <sqlparse/sqlparse.h>

/* ---- the catalog: two tables, known to this program */

static const struct dg_str nation[] = {
	DG_STR_INIT("nationkey"),
	DG_STR_INIT("name"),
	DG_STR_INIT("regionkey"),
};
static const struct dg_str region[] = {
	DG_STR_INIT("regionkey"),
	DG_STR_INIT("name"),
};

/* Asked for each table that the statement names, in lower case. */
static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	(void)arg;
	if (!dg_str_eq(table->catalog, DG_STR("tpch")) ||
	    !dg_str_eq(table->schema, DG_STR("tiny")))
		return DG_SQL_ABSENT;
	if (dg_str_eq(table->table, DG_STR("nation")))
		*columns_out =
			(struct dg_sql_columns){.names = nation, .n_names = 3};
	else if (dg_str_eq(table->table, DG_STR("region")))
		*columns_out =
			(struct dg_sql_columns){.names = region, .n_names = 2};
	else
		return DG_SQL_ABSENT;
	return DG_SQL_FOUND;
}

/* ---- the answer */

static void
print_access(const struct dg_sql_access *access)
{
	printf("%-8s", dg_sql_action_name(access->action));
	if (access->object.catalog.len > 0)
		printf(" %.*s", DG_STR_ARG(access->object.catalog));
	if (access->object.schema.len > 0)
		printf(".%.*s", DG_STR_ARG(access->object.schema));
	if (access->object.table.len > 0)
		printf(".%.*s", DG_STR_ARG(access->object.table));
	if (access->name.len > 0)
		printf(" %.*s", DG_STR_ARG(access->name));
	if (access->n_columns > 0 || access->all_columns)
		printf(":");
	for (size_t i = 0; i < access->n_columns; i++)
		printf(" %.*s", DG_STR_ARG(access->columns[i].name));
	if (access->all_columns)
		printf(" all columns");
	if (access->reason.len > 0)
		printf(" (%.*s)", DG_STR_ARG(access->reason));
	printf("\n");
}

/* Of text, which stays the caller's, with memory out of the arena. */
static enum dg_rc
list_tables(struct dg_str text, dg_sql_columns_fn columns,
	    struct dg_arena *arena)
{
	const struct dg_sql_engine engine = {DG_SQL_TRINO, 476};
	const struct dg_sql_context context = {
		.engine = engine,
		.limits = &dg_sql_default_limits,
		.catalog = DG_STR("tpch"),
		.schema = DG_STR("tiny"),
		.columns = columns,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_parse(text, engine, &dg_sql_default_limits, arena, &tree,
			  &err);
	if (rc == DG_OK)
		rc = dg_sql_analyze(tree, &context, arena, &analysis, &err);
	if (rc != DG_OK) {
		printf("line %u:%u: %s error: %s\n", err.line, err.column,
		       dg_sql_error_kind_name(err.kind), err.text);
		return rc;
	}
	printf("statement: %s\n", dg_sql_statement_name(analysis.statement));
	for (size_t i = 0; i < analysis.n_access; i++)
		print_access(&analysis.access[i]);
	return DG_OK;
}

int
main(int argc, char **argv)
{
	bool known = argc == 3 && strcmp(argv[1], "--metadata") == 0;
	struct dg_arena *arena;
	enum dg_rc rc;

	if (argc != 2 && !known) {
		fprintf(stderr, "usage: tables [--metadata] STATEMENT\n");
		return 2;
	}
	arena = dg_arena_create((size_t)64 << 20);
	rc = list_tables(dg_str_from_cstr(argv[argc - 1]),
			 known ? find_columns : NULL, arena);
	dg_arena_destroy(&arena);
	return rc == DG_OK ? 0 : 1;
}

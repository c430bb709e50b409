/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_analyze.c - any bytes as a statement, read and resolved in both
 * dialects against a catalog that is made up: what a table's look-up answers
 * and which columns it has follows from its name alone.
 *
 * Checked of each answer: it is sorted, without repetition, inside the text,
 * and the same when asked again with a comment and a blank in front.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "sqlparse/sqlparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_MAX = 16384,
	ARENA_MAX = 64 << 20,
};

static const struct dg_str column_names[] = {
	DG_STR_INIT("a"),    DG_STR_INIT("b"),    DG_STR_INIT("c"),
	DG_STR_INIT("x"),    DG_STR_INIT("y"),    DG_STR_INIT("id"),
	DG_STR_INIT("name"), DG_STR_INIT("k"),    DG_STR_INIT("v"),
	DG_STR_INIT("row"),  DG_STR_INIT("date"), DG_STR_INIT("t"),
};

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	unsigned sum = 0;

	(void)arg;
	for (size_t i = 0; i < table->table.len; i++)
		sum = sum * 31 + (unsigned char)table->table.data[i];
	if (sum % 8 == 0)
		return DG_SQL_ABSENT;
	if (sum % 8 == 1)
		return DG_SQL_PENDING;
	if (sum % 8 == 2)
		return DG_SQL_UNAVAILABLE;
	columns_out->names = column_names;
	columns_out->n_names = 1 + sum % DG_ARRAY_LEN(column_names);
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

static void
check_analysis(const struct dg_sql_analysis *analysis, size_t size)
{
	for (size_t i = 0; i < analysis->n_access; i++) {
		DG_ASSERT(analysis->access[i].offset < size);
		check_columns(&analysis->access[i], size);
		if (i > 0)
			DG_ASSERT(analysis->access[i - 1].action <=
				  analysis->access[i].action);
	}
}

/* The same list, offsets aside. */
static void
check_same(const struct dg_sql_analysis *a, const struct dg_sql_analysis *b)
{
	DG_ASSERT(a->n_access == b->n_access);
	for (size_t i = 0; i < a->n_access; i++) {
		const struct dg_sql_access *x = &a->access[i];
		const struct dg_sql_access *y = &b->access[i];

		DG_ASSERT(x->action == y->action);
		DG_ASSERT(dg_str_eq(x->object.table, y->object.table));
		DG_ASSERT(x->all_columns == y->all_columns);
		DG_ASSERT(x->n_columns == y->n_columns);
		for (size_t j = 0; j < x->n_columns; j++)
			DG_ASSERT(dg_str_eq(x->columns[j].name,
					    y->columns[j].name));
	}
}

static enum dg_rc
analyze(struct dg_str text, enum dg_sql_dialect dialect, struct dg_arena *arena,
	struct dg_sql_analysis *analysis)
{
	const struct dg_sql_context context = {
		.engine = {dialect, 0},
		.limits = &dg_sql_default_limits,
		.catalog = DG_STR("cat"),
		.schema = DG_STR("sch"),
		.columns = find_columns,
		.prepared = find_prepared,
	};
	struct dg_sql_error err = {.line = 0};
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_parse(text, context.engine, context.limits, arena, &tree,
			  &err);
	if (rc == DG_OK)
		rc = dg_sql_analyze(tree, &context, arena, analysis, &err);
	if (rc != DG_OK) {
		DG_ASSERT(err.line >= 1 && err.column >= 1);
		DG_ASSERT(err.offset <= text.len);
		DG_ASSERT(err.text[0] != '\0');
	}
	return rc;
}

static void
run(struct dg_str text, struct dg_str spaced, enum dg_sql_dialect dialect,
    struct dg_arena *arena)
{
	struct dg_sql_analysis first, second;
	enum dg_rc rc;

	dg_arena_reset(arena);
	rc = analyze(text, dialect, arena, &first);
	if (rc != DG_OK) {
		DG_ASSERT(analyze(spaced, dialect, arena, &second) == rc);
		return;
	}
	check_analysis(&first, text.len);
	rc = analyze(spaced, dialect, arena, &second);
	DG_ASSERT(rc == DG_OK);
	check_same(&first, &second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char lead[] = "/**/\n ";
	static struct dg_arena *arena;
	struct dg_str text = dg_str_make((const char *)data, size);
	struct dg_str spaced = {NULL, size + sizeof(lead) - 1};
	char *copy;

	if (size > TEXT_MAX || !dg_str_is_utf8(text))
		return 0;
	if (arena == NULL)
		arena = dg_arena_create(ARENA_MAX);
	copy = malloc(spaced.len);
	DG_ASSERT(copy != NULL);
	memcpy(copy, lead, sizeof(lead) - 1);
	if (size > 0)
		memcpy(copy + sizeof(lead) - 1, data, size);
	spaced.data = copy;
	run(text, spaced, DG_SQL_TRINO, arena);
	run(text, spaced, DG_SQL_PRESTO, arena);
	free(copy);
	return 0;
}

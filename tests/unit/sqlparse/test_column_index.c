/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_column_index.c - finding columns in the index that a table comes with.
 */
#include <stdio.h>

#include "analyze_support.h"
#include "resolve/column_index.h"

enum { COLUMNS = 300 };

struct indexed {
	char text[COLUMNS][64];
	struct dg_str names[COLUMNS];
	size_t n;
	struct dg_sql_column_index *index; /* in the fixture's arena */
};

/* Names of every length up to 60. */
static void
make_names(struct indexed *t, size_t n)
{
	t->n = n;
	for (size_t i = 0; i < n; i++) {
		int len = snprintf(t->text[i], sizeof(t->text[i]), "%0*zu_c",
				   (int)(i % 58) + 1, i);

		t->names[i] = dg_str_make(t->text[i], (size_t)len);
	}
}

static bool
make_index(struct sql_fixture *f, struct indexed *t)
{
	t->index = dg_arena_alloc(f->arena, dg_sql_column_index_size(t->n));
	assert_non_null(t->index);
	return dg_sql_column_index_init(t->index, t->names, t->n);
}

static uint32_t
find(const struct indexed *t, struct dg_str name)
{
	uint64_t steps = 0;
	uint32_t column = dg_sql_column_index_find(
		t->index, t->names, name, dg_sql_hash_column(name), &steps);

	assert_true(steps <= t->n);
	return column;
}

static void
test_finds_each(void **state)
{
	static const size_t sizes[] = {0, 1, 8, 9, 100, COLUMNS};
	struct sql_fixture *f = *state;

	for (size_t k = 0; k < DG_ARRAY_LEN(sizes); k++) {
		struct indexed t;

		make_names(&t, sizes[k]);
		assert_true(make_index(f, &t));
		for (uint32_t i = 0; i < t.n; i++)
			assert_int_equal(find(&t, t.names[i]), i);
		assert_int_equal(find(&t, DG_STR("nowhere")), DG_SQL_NO_COLUMN);
		assert_int_equal(find(&t, DG_STR_EMPTY), DG_SQL_NO_COLUMN);
	}
}

static void
test_tells_of_several(void **state)
{
	struct sql_fixture *f = *state;
	struct indexed t;

	make_names(&t, 20);
	t.names[3] = t.names[17] = DG_STR("twice");
	t.names[5] = dg_str_make(NULL, 0);
	assert_true(make_index(f, &t));
	assert_int_equal(find(&t, DG_STR("twice")), DG_SQL_SEVERAL_COLUMNS);
	assert_int_equal(find(&t, t.names[4]), 4);
	assert_int_equal(find(&t, DG_STR_EMPTY), DG_SQL_NO_COLUMN);
}

static void
test_refuses_unfolded_names(void **state)
{
	static const char *const unfolded[] = {"A", "long_lower_and_Upper",
					       ("stra\xc3\x9f"
						"e")};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(unfolded); i++) {
		struct indexed t;

		make_names(&t, 9);
		t.names[8] = dg_str_from_cstr(unfolded[i]);
		assert_false(make_index(f, &t));
	}
}

static void
test_orders_columns(void **state)
{
	struct sql_fixture *f = *state;
	struct indexed t;
	const uint32_t *order;

	make_names(&t, COLUMNS);
	assert_true(make_index(f, &t));
	assert_int_equal(t.index->n_ordered, COLUMNS);
	order = dg_sql_column_index_order(t.index);
	for (size_t i = 1; i < COLUMNS; i++)
		assert_true(dg_str_cmp(t.names[order[i - 1]],
				       t.names[order[i]]) < 0);
}

/* Who is first of two with one name is the statement's to say. */
static void
test_orders_no_twins(void **state)
{
	struct sql_fixture *f = *state;
	struct indexed t;

	make_names(&t, 20);
	t.names[3] = t.names[17] = DG_STR("twice");
	assert_true(make_index(f, &t));
	assert_int_equal(t.index->n_ordered, 0);
	make_names(&t, 20);
	t.names[5] = dg_str_make(NULL, 0);
	assert_true(make_index(f, &t));
	assert_int_equal(t.index->n_ordered, 0);
}

/* arg: a struct indexed, whose table every name is. */
static enum dg_sql_lookup
indexed_catalog(void *arg, const struct dg_sql_name *table,
		struct dg_sql_columns *columns_out)
{
	const struct indexed *t = arg;

	(void)table;
	*columns_out = (struct dg_sql_columns){
		.names = t->names, .n_names = t->n, .index = t->index};
	return DG_SQL_FOUND;
}

static void
test_changes_no_answer(void **state)
{
	static const char *const statements[] = {
		"select \"3_c\", \"00012_c\" from t",
		"select * from t",
		"select \"3_c\", \"1_c\", * from t",
		"select \"18_c\", \"1_c\", \"001_c\", \"$path\" from t",
		"select \"4_c\" from t",
		"select nowhere from t where \"$path\" = '' and \"1_c\" = 2",
		"select \"01_c\" from t a join t b using (\"01_c\")",
		"select x.\"0_c\" from t x",
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(statements); i++) {
		struct dg_str sql = dg_str_from_cstr(statements[i]);
		struct dg_sql_context context = small_context(f);
		struct dg_str answer;
		struct indexed t;
		struct dg_str without;

		make_names(&t, 20);
		t.index = NULL;
		context.columns = indexed_catalog;
		context.arg = &t;
		answer = access_in(f, sql, &context);
		without = dg_str_dup(answer);
		/* access_in resets the arena: an index of our own. */
		t.index = dg_calloc(dg_sql_column_index_size(t.n), 1);
		assert_true(dg_sql_column_index_init(t.index, t.names, t.n));
		answer = access_in(f, sql, &context);
		assert_int_equal(answer.len, without.len);
		assert_memory_equal(answer.data, without.data, without.len);
		dg_free(t.index);
		dg_str_free(&without);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_each),
		cmocka_unit_test(test_tells_of_several),
		cmocka_unit_test(test_refuses_unfolded_names),
		cmocka_unit_test(test_orders_columns),
		cmocka_unit_test(test_orders_no_twins),
		cmocka_unit_test(test_changes_no_answer),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

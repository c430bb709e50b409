/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_authorize_places.c - where in the text each refusal stands, and what it
 * costs to say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "authorize.h"

/* Of alice, who may read the column of hive.hr.t, or nothing. */
static struct dg_acl_snapshot *
make_policy(const struct dg_str *column)
{
	struct dg_acl_builder *builder = dg_acl_builder_create(1, 1 << 20);
	const struct dg_acl_principal alice = {.name = DG_STR("alice")};
	const struct dg_acl_rule rule = {
		.id = 1,
		.effect = DG_ACL_ALLOW,
		.principals = &alice,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_SELECT),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("hive"),
			   .schema = DG_STR("hr"),
			   .name = DG_STR("t")},
		.columns = column,
		.n_columns = 1,
	};
	struct dg_acl_snapshot *policy = NULL;
	struct dg_error err;

	assert_int_equal(dg_acl_add_user(builder, alice.name, NULL), DG_OK);
	if (column != NULL)
		assert_int_equal(dg_acl_add_rule(builder, &rule, &err), DG_OK);
	assert_int_equal(dg_acl_builder_finish(&builder, &policy, NULL), DG_OK);
	return policy;
}

/* A dg_sql_columns_fn: which there are does not matter here. */
static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *out)
{
	static const struct dg_str names[] = {DG_STR_INIT("id")};

	(void)arg;
	(void)table;
	*out = (struct dg_sql_columns){.names = names, .n_names = 1};
	return DG_SQL_FOUND;
}

static struct dg_verdict
decide(struct dg_str text, const struct dg_sql_access *access, size_t n,
       const struct dg_str *column, struct dg_arena *arena)
{
	const struct dg_sql_analysis analysis = {.access = access,
						 .n_access = n};
	struct dg_acl_snapshot *policy = make_policy(column);
	const struct dg_authorize_request request = {
		.policy = policy,
		.user = DG_STR("alice"),
		.cluster = DG_STR("east"),
		.now_us = 1,
		.text = text,
		.analysis = &analysis,
		.columns = find_columns,
	};
	struct dg_verdict verdict;

	assert_int_equal(dg_authorize(&request, arena, &verdict), DG_OK);
	assert_false(verdict.allowed);
	dg_acl_snapshot_unref(&policy);
	return verdict;
}

/* Of a statement that reads hive.hr.t at each offset; nobody has any right. */
static struct dg_verdict
refuse(struct dg_str text, const size_t *offsets, size_t n,
       struct dg_arena *arena)
{
	struct dg_sql_access *access =
		DG_ARENA_ARRAY(arena, struct dg_sql_access, n);

	assert_non_null(access);
	for (size_t i = 0; i < n; i++)
		access[i] = (struct dg_sql_access){
			.action = DG_SQL_ACT_SELECT,
			.object = {DG_STR("hive"), DG_STR("hr"), DG_STR("t")},
			.offset = offsets[i],
		};
	return decide(text, access, n, NULL, arena);
}

/* Lines and code points, as if each were counted from the beginning. */
static void
are_lines_and_code_points(void **state)
{
	static const size_t offsets[] = {15, 5, 20, 8, 99};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_verdict v =
		refuse(DG_STR("a \xc3\xbc t0 t1\n\xe3\x81\x82 t2\n\n t3"),
		       offsets, DG_ARRAY_LEN(offsets), arena);

	(void)state;
	assert_true(dg_str_eq(
		v.message,
		DG_STR("Access Denied: line 1:5: Cannot select from table "
		       "hive.hr.t; line 1:8: Cannot select from table "
		       "hive.hr.t; line 2:3: Cannot select from table "
		       "hive.hr.t; line 4:2: Cannot select from table "
		       "hive.hr.t; line 4:4: Cannot select from table "
		       "hive.hr.t")));
	dg_arena_destroy(&arena);
}

/* A long text is not gone through for each of them: that took seconds. */
static void
cost_one_pass(void **state)
{
	enum { N = 40000, EACH = 16 };
	struct dg_arena *arena = dg_arena_create(256 << 20);
	struct dg_str text = dg_arena_printf(arena, "%*s", N * EACH, "");
	size_t *offsets = DG_ARENA_ARRAY(arena, size_t, N);
	struct dg_verdict v;
	clock_t began;

	(void)state;
	assert_non_null(offsets);
	for (size_t i = 0; i < N; i++)
		offsets[i] = i * EACH;
	began = clock();
	v = refuse(text, offsets, N, arena);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 5);
	assert_non_null(memmem(v.message.data, v.message.len, " more", 5));
	dg_arena_destroy(&arena);
}

/* As many columns as a statement can name, all of them missing. */
static void
cost_no_more_with_many_columns(void **state)
{
	enum { N = 60000 };
	struct dg_arena *arena = dg_arena_create(256 << 20);
	struct dg_sql_column_use *uses =
		DG_ARENA_ARRAY(arena, struct dg_sql_column_use, N);
	const struct dg_str id = DG_STR("id");
	struct dg_sql_access access = {
		.action = DG_SQL_ACT_SELECT,
		.object = {DG_STR("hive"), DG_STR("hr"), DG_STR("t")},
		.columns = uses,
		.n_columns = N,
		.columns_known = true,
	};
	struct dg_verdict v;
	clock_t began;

	(void)state;
	assert_non_null(uses);
	for (size_t i = 0; i < N; i++)
		uses[i] = (struct dg_sql_column_use){
			.name = dg_arena_printf(arena, "column_%05zu", i),
			.offset = 3 + (N - i),
		};
	began = clock();
	v = decide(DG_STR("\n\n  x"), &access, 1, &id, arena);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 5);
	assert_int_equal(v.line, 3);
	assert_int_equal(v.column, 3);
	dg_arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_lines_and_code_points),
		cmocka_unit_test(cost_one_pass),
		cmocka_unit_test(cost_no_more_with_many_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* Of a statement that reads hive.hr.t at each offset; nobody has any right. */
static struct dg_verdict
refuse(struct dg_str text, const size_t *offsets, size_t n,
       struct dg_arena *arena)
{
	struct dg_acl_builder *builder = dg_acl_builder_create(1, 1 << 20);
	struct dg_sql_access *access =
		DG_ARENA_ARRAY(arena, struct dg_sql_access, n);
	const struct dg_sql_analysis analysis = {.access = access,
						 .n_access = n};
	struct dg_authorize_request request = {
		.user = DG_STR("alice"),
		.cluster = DG_STR("east"),
		.now_us = 1,
		.text = text,
		.analysis = &analysis,
	};
	struct dg_acl_snapshot *policy = NULL;
	struct dg_verdict verdict;

	assert_non_null(access);
	for (size_t i = 0; i < n; i++)
		access[i] = (struct dg_sql_access){
			.action = DG_SQL_ACT_SELECT,
			.object = {DG_STR("hive"), DG_STR("hr"), DG_STR("t")},
			.offset = offsets[i],
		};
	assert_int_equal(dg_acl_add_user(builder, DG_STR("alice"), NULL),
			 DG_OK);
	assert_int_equal(dg_acl_builder_finish(&builder, &policy, NULL), DG_OK);
	request.policy = policy;
	assert_int_equal(dg_authorize(&request, arena, &verdict), DG_OK);
	assert_false(verdict.allowed);
	dg_acl_snapshot_unref(&policy);
	return verdict;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_lines_and_code_points),
		cmocka_unit_test(cost_one_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

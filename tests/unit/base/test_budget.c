/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_budget.c - limits of a budget and of its parts, buffers and arenas that
 * draw on it, the gauges.
 */
#include "base/budget.h"

#include "base/arena.h"
#include "base/metrics.h"
#include "test_support.h"

static void
test_take_and_give(void **state)
{
	struct dg_budget budget;

	(void)state;
	dg_budget_init(&budget, 100);
	assert_true(dg_budget_take(&budget, 60));
	assert_false(dg_budget_take(&budget, 41));
	assert_false(dg_budget_take(&budget, SIZE_MAX));
	assert_true(dg_budget_take(&budget, 40));
	assert_false(dg_budget_take(&budget, 1));
	assert_true(dg_budget_take(&budget, 0));
	dg_budget_give(&budget, 100);
	assert_int_equal(budget.used, 0);
	dg_budget_fini(&budget);
	/* No budget, no bound. */
	assert_true(dg_budget_take(NULL, SIZE_MAX));
	dg_budget_give(NULL, SIZE_MAX);
}

/* Neither bound is passed, and a refusal leaves no trace in either. */
static void
test_parts(void **state)
{
	struct dg_budget whole;
	struct dg_budget part;

	(void)state;
	dg_budget_init(&whole, 100);
	dg_budget_init_part(&part, 50, &whole);
	assert_false(dg_budget_take(&part, 51));
	assert_int_equal(whole.used, 0);
	assert_true(dg_budget_take(&part, 30));
	assert_true(dg_budget_take(&whole, 60));
	assert_false(dg_budget_take(&part, 11));
	assert_int_equal(part.used, 30);
	assert_int_equal(whole.used, 90);
	dg_budget_leave_part(&part, 30);
	assert_int_equal(part.used, 0);
	assert_int_equal(whole.used, 90);
	dg_budget_give(&whole, 90);
	dg_budget_fini(&part);
	dg_budget_fini(&whole);
}

static void
test_buffer(void **state)
{
	struct dg_budget budget;
	struct dg_buf buf;
	size_t taken = 0;

	(void)state;
	dg_budget_init(&budget, 3000);
	dg_buf_init(&buf, 1000);
	assert_int_equal(dg_budget_raise(&budget, &buf, 1000, 3500, &taken),
			 DG_OK);
	assert_int_equal(taken, 0);
	assert_int_equal(dg_budget_raise(&budget, &buf, 1001, 3500, &taken),
			 DG_OK);
	assert_int_equal(taken, 1000);
	assert_int_equal(buf.max, 2000);
	assert_int_equal(dg_budget_raise(&budget, &buf, 3501, 3500, &taken),
			 DG_ERR_LIMIT);
	assert_int_equal(dg_budget_raise(&budget, &buf, SIZE_MAX, 3500, &taken),
			 DG_ERR_LIMIT);
	assert_int_equal(dg_budget_raise(&budget, &buf, 3500, 3500, &taken),
			 DG_OK);
	assert_int_equal(taken, 2500);
	assert_int_equal(buf.max, 3500);
	assert_int_equal(dg_budget_raise(&budget, &buf, 7000, 9000, &taken),
			 DG_ERR_UNAVAILABLE);
	assert_int_equal(buf.max, 3500);
	assert_int_equal(budget.used, taken);
	dg_budget_give(&budget, taken);
	dg_buf_fini(&buf);
	dg_budget_fini(&budget);
}

/* The first chunk is free, all others count, and all come back. */
static void
test_arena(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_arena_mark mark;
	struct dg_budget budget;
	size_t base = dg_arena_held(arena);
	size_t before;

	(void)state;
	dg_budget_init(&budget, 120 * 1000);
	dg_arena_set_budget(arena, &budget);
	assert_non_null(dg_arena_alloc(arena, 4000));
	assert_int_equal(budget.used, 0);
	mark = dg_arena_mark(arena);
	while (dg_arena_alloc(arena, 4000) != NULL)
		assert_int_equal(budget.used, dg_arena_held(arena) - base);
	assert_true(budget.used > 50 * 1000 && budget.used <= budget.limit);
	assert_true(dg_arena_is_starved(arena));
	before = budget.used;
	assert_null(dg_arena_alloc(arena, 60 * 1000));
	assert_int_equal(budget.used, before);
	dg_arena_rewind(arena, mark);
	assert_int_equal(budget.used, 0);
	assert_true(dg_arena_is_starved(arena));
	dg_arena_reset(arena);
	assert_false(dg_arena_is_starved(arena));
	assert_non_null(dg_arena_alloc(arena, 60 * 1000));
	assert_int_equal(budget.used, dg_arena_held(arena) - base);
	/* Too much for the cap is another matter than too much for now. */
	assert_null(dg_arena_alloc(arena, 2 << 20));
	assert_false(dg_arena_is_starved(arena));
	dg_arena_destroy(&arena);
	assert_int_equal(budget.used, 0);
	dg_budget_fini(&budget);
}

static void
test_gauges(void **state)
{
	struct dg_budget budget;
	int64_t refused = dg_metric_value(DG_METRIC_MEMORY_REFUSED, 0);

	(void)state;
	dg_budget_init(&budget, 1000);
	assert_true(dg_budget_take(&budget, 10));
	dg_budget_watch(&budget, dg_metric_watch_memory);
	assert_true(dg_budget_take(&budget, 20));
	assert_false(dg_budget_take(&budget, 1000));
	assert_int_equal(dg_metric_value(DG_METRIC_MEMORY_LIMIT, 0), 1000);
	assert_int_equal(dg_metric_value(DG_METRIC_MEMORY_USED, 0), 30);
	assert_int_equal(dg_metric_value(DG_METRIC_MEMORY_REFUSED, 0),
			 refused + 1);
	dg_budget_give(&budget, 30);
	dg_budget_fini(&budget);
	assert_int_equal(dg_metric_value(DG_METRIC_MEMORY_LIMIT, 0), 0);
	assert_int_equal(dg_metric_value(DG_METRIC_MEMORY_USED, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_and_give),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_gauges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

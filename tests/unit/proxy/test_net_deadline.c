/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_net_deadline.c - deadlines that move: never early, once, not when
 * cleared.
 */
#include "net/deadline.h"

#include "base/clock.h"
#include "net_rig.h"

struct world {
	struct rig rig;
	struct dg_deadline deadline;
	unsigned fired;
	uint64_t fired_ms;
};

static void
on_deadline(void *arg)
{
	struct world *world = arg;

	world->fired++;
	world->fired_ms = dg_clock_mono_ms();
}

static void
world_init(struct world *world)
{
	*world = (struct world){0};
	rig_init(&world->rig);
	dg_deadline_init(&world->deadline, world->rig.loop, on_deadline, world);
}

static void
world_fini(struct world *world)
{
	dg_deadline_fini(&world->deadline);
	rig_fini(&world->rig);
}

static void
run_for(struct world *world, uint64_t ms)
{
	uint64_t end = dg_clock_mono_ms() + ms;

	rig_until(&world->rig, dg_clock_mono_ms() >= end);
}

static void
test_fires_once_and_not_early(void **state)
{
	struct world world;
	uint64_t start;

	(void)state;
	world_init(&world);
	start = dg_clock_mono_ms();
	dg_deadline_set(&world.deadline, 20);
	assert_true(dg_deadline_is_set(&world.deadline));
	rig_until(&world.rig, world.fired == 1);
	assert_true(world.fired_ms >= start + 20);
	assert_false(dg_deadline_is_set(&world.deadline));
	run_for(&world, 30);
	assert_int_equal(world.fired, 1);
	world_fini(&world);
}

static void
test_pushed_back(void **state)
{
	struct world world;
	uint64_t start;

	(void)state;
	world_init(&world);
	start = dg_clock_mono_ms();
	dg_deadline_set(&world.deadline, 10);
	dg_deadline_set(&world.deadline, 50);
	rig_until(&world.rig, world.fired == 1);
	assert_true(world.fired_ms >= start + 50);
	world_fini(&world);
}

static void
test_pulled_forward(void **state)
{
	struct world world;
	uint64_t start;

	(void)state;
	world_init(&world);
	start = dg_clock_mono_ms();
	dg_deadline_set(&world.deadline, 50000);
	dg_deadline_set(&world.deadline, 10);
	rig_until(&world.rig, world.fired == 1);
	assert_true(world.fired_ms < start + 40000);
	world_fini(&world);
}

static void
test_cleared(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	dg_deadline_set(&world.deadline, 5);
	dg_deadline_clear(&world.deadline);
	run_for(&world, 20);
	assert_int_equal(world.fired, 0);
	/* And set again. */
	dg_deadline_set(&world.deadline, 5);
	rig_until(&world.rig, world.fired == 1);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fires_once_and_not_early),
		cmocka_unit_test(test_pushed_back),
		cmocka_unit_test(test_pulled_forward),
		cmocka_unit_test(test_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

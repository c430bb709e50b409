/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_offload.c - where work and its answer run, and the two bounds.
 */
#include "base/offload.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "test_support.h"

struct work {
	struct dg_loop *loop;
	pthread_t loop_thread;
	sem_t *gate; /* NULL: do not wait */
	_Atomic int *left;
	bool worked;
	bool done;
};

static void
do_work(void *arg)
{
	struct work *work = arg;

	assert_false(pthread_equal(pthread_self(), work->loop_thread));
	if (work->gate != NULL)
		sem_wait(work->gate);
	work->worked = true;
}

static void
on_done(void *arg)
{
	struct work *work = arg;

	assert_true(pthread_equal(pthread_self(), work->loop_thread));
	assert_true(work->worked);
	work->done = true;
	if (atomic_fetch_sub(work->left, 1) == 1)
		dg_loop_stop(work->loop);
}

static void
init_work(struct work *work, struct dg_loop *loop, sem_t *gate,
	  _Atomic int *left)
{
	*work = (struct work){.loop = loop,
			      .loop_thread = pthread_self(),
			      .gate = gate,
			      .left = left};
}

enum { JOBS = 200 };

static void
test_all_are_done(void **state)
{
	const struct dg_offload_config config = {.threads = 3,
						 .queue_max = JOBS};
	/* A mailbox far too small: the pool waits for room. */
	struct dg_loop *loop = dg_loop_create("test", 2);
	struct dg_offload *pool = dg_offload_create(&config);
	static struct work works[JOBS];
	_Atomic int left = JOBS;

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		init_work(&works[i], loop, NULL, &left);
		assert_int_equal(dg_offload_submit(pool, 1, do_work, on_done,
						   &works[i], loop),
				 DG_OK);
	}
	dg_loop_run(loop);
	for (int i = 0; i < JOBS; i++)
		assert_true(works[i].done);
	dg_offload_destroy(&pool);
	assert_null(pool);
	dg_offload_destroy(&pool);
	dg_loop_destroy(&loop);
}

static void
test_bound_in_all(void **state)
{
	const struct dg_offload_config config = {.threads = 2, .queue_max = 4};
	struct dg_loop *loop = dg_loop_create("test", 100);
	struct dg_offload *pool = dg_offload_create(&config);
	struct work works[5];
	_Atomic int left = 4;
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	for (int i = 0; i < 4; i++) {
		init_work(&works[i], loop, &gate, &left);
		assert_int_equal(dg_offload_submit(pool, (uint64_t)i, do_work,
						   on_done, &works[i], loop),
				 DG_OK);
	}
	init_work(&works[4], loop, NULL, &left);
	assert_int_equal(
		dg_offload_submit(pool, 9, do_work, on_done, &works[4], loop),
		DG_ERR_UNAVAILABLE);
	for (int i = 0; i < 4; i++)
		sem_post(&gate);
	dg_loop_run(loop);
	/* There is room again. */
	atomic_store(&left, 1);
	assert_int_equal(
		dg_offload_submit(pool, 9, do_work, on_done, &works[4], loop),
		DG_OK);
	dg_loop_run(loop);
	assert_true(works[4].done);
	dg_offload_destroy(&pool);
	dg_loop_destroy(&loop);
	sem_destroy(&gate);
}

/* One key at its bound leaves room for the others. */
static void
test_bound_per_key(void **state)
{
	const struct dg_offload_config config = {
		.threads = 1, .queue_max = 10, .per_key_max = 2};
	struct dg_loop *loop = dg_loop_create("test", 100);
	struct dg_offload *pool = dg_offload_create(&config);
	struct work works[4];
	_Atomic int left = 3;
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	for (int i = 0; i < 4; i++)
		init_work(&works[i], loop, &gate, &left);
	assert_int_equal(
		dg_offload_submit(pool, 7, do_work, on_done, &works[0], loop),
		DG_OK);
	assert_int_equal(
		dg_offload_submit(pool, 7, do_work, on_done, &works[1], loop),
		DG_OK);
	assert_int_equal(
		dg_offload_submit(pool, 7, do_work, on_done, &works[2], loop),
		DG_ERR_UNAVAILABLE);
	assert_int_equal(
		dg_offload_submit(pool, 8, do_work, on_done, &works[3], loop),
		DG_OK);
	for (int i = 0; i < 3; i++)
		sem_post(&gate);
	dg_loop_run(loop);
	assert_false(works[2].worked);
	assert_true(works[3].done);
	dg_offload_destroy(&pool);
	dg_loop_destroy(&loop);
	sem_destroy(&gate);
}

/* destroy waits for what runs; what did not start is dropped. */
static void
test_destroy_with_jobs(void **state)
{
	const struct dg_offload_config config = {.threads = 1, .queue_max = 10};
	struct dg_loop *loop = dg_loop_create("test", 1);
	struct dg_offload *pool = dg_offload_create(&config);
	struct work works[3];
	_Atomic int left = 3;
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 3);
	for (int i = 0; i < 3; i++) {
		init_work(&works[i], loop, &gate, &left);
		assert_int_equal(dg_offload_submit(pool, 0, do_work, on_done,
						   &works[i], loop),
				 DG_OK);
	}
	/* The mailbox holds one answer: the pool is stuck behind it. */
	dg_offload_destroy(&pool);
	for (int i = 0; i < 3; i++)
		assert_false(works[i].done);
	assert_true(works[0].worked || !works[1].worked);
	assert_true(works[1].worked || !works[2].worked);
	dg_loop_destroy(&loop);
	sem_destroy(&gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_done),
		cmocka_unit_test(test_bound_in_all),
		cmocka_unit_test(test_bound_per_key),
		cmocka_unit_test(test_destroy_with_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

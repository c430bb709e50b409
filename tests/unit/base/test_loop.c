/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_loop.c - mailbox, deferral, timers, stopping, from own and other
 * threads.
 */
#include "base/loop.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"
#include "test_support.h"

struct trace {
	struct dg_loop *loop;
	char text[64];
	size_t len;
};

static void
add_letter(struct trace *trace, char letter)
{
	assert_true(trace->len < sizeof(trace->text) - 1);
	trace->text[trace->len++] = letter;
	trace->text[trace->len] = '\0';
}

static void
on_a(void *arg)
{
	add_letter(arg, 'a');
}

static void
on_b(void *arg)
{
	add_letter(arg, 'b');
}

static void
on_stop(void *arg)
{
	struct trace *trace = arg;

	add_letter(trace, '.');
	dg_loop_stop(trace->loop);
}

static void
on_defer_more(void *arg)
{
	struct trace *trace = arg;

	add_letter(trace, 'd');
	dg_loop_defer(trace->loop, on_b, trace);
	dg_loop_defer(trace->loop, on_stop, trace);
	add_letter(trace, 'D');
}

static void
test_posts_run_in_order(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 10)};

	(void)state;
	assert_int_equal(dg_loop_post(trace.loop, on_a, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_b, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_a, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_stop, &trace), DG_OK);
	assert_string_equal(trace.text, "");
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, "aba.");
	dg_loop_destroy(&trace.loop);
	assert_null(trace.loop);
	dg_loop_destroy(&trace.loop);
}

static void
on_forget(void *arg)
{
	struct trace *trace = arg;

	add_letter(trace, 'f');
	dg_loop_forget(trace->loop, on_b, trace);
}

/* In the mailbox, and among what is being delivered. */
static void
test_posts_are_forgotten(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 10)};
	struct trace other = {.loop = trace.loop};

	(void)state;
	assert_int_equal(dg_loop_post(trace.loop, on_b, &trace), DG_OK);
	dg_loop_forget(trace.loop, on_b, &trace);
	assert_int_equal(dg_loop_post(trace.loop, on_a, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_forget, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_b, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_b, &other), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_stop, &trace), DG_OK);
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, "af.");
	assert_string_equal(other.text, "b");
	dg_loop_destroy(&trace.loop);
}

static void
test_mailbox_is_bounded(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(dg_loop_post(trace.loop, on_a, &trace), DG_OK);
	assert_int_equal(dg_loop_post(trace.loop, on_b, &trace),
			 DG_ERR_UNAVAILABLE);
	dg_loop_run_once(trace.loop);
	assert_string_equal(trace.text, "aaa");
	assert_int_equal(dg_loop_post(trace.loop, on_b, &trace), DG_OK);
	dg_loop_run_once(trace.loop);
	assert_string_equal(trace.text, "aaab");
	dg_loop_destroy(&trace.loop);
}

static void
test_undelivered_posts_are_dropped(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};

	(void)state;
	assert_int_equal(dg_loop_post(trace.loop, on_a, &trace), DG_OK);
	dg_loop_destroy(&trace.loop);
	assert_string_equal(trace.text, "");
}

/* Deferred work runs behind the callback that asked for it. */
static void
test_deferral(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};

	(void)state;
	assert_int_equal(dg_loop_post(trace.loop, on_defer_more, &trace),
			 DG_OK);
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, "dDb.");
	dg_loop_defer(trace.loop, on_defer_more, &trace);
	assert_string_equal(trace.text, "dDb.");
	/* destroy runs what is still deferred, also what that defers. */
	dg_loop_destroy(&trace.loop);
	assert_string_equal(trace.text, "dDb.dDb.");
}

/* With only deferred work left the loop does not wait for an event. */
static void
test_deferral_does_not_wait(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};

	(void)state;
	dg_loop_defer(trace.loop, on_defer_more, &trace);
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, "dDb.");
	dg_loop_destroy(&trace.loop);
}

static void
test_timers(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};
	struct dg_timer early = {0};
	struct dg_timer late = {0};
	struct dg_timer never = {0};
	uint64_t start = dg_clock_mono_ms();

	(void)state;
	dg_timer_start(&late, trace.loop, 30, on_stop, &trace);
	dg_timer_start(&early, trace.loop, 5, on_a, &trace);
	dg_timer_start(&never, trace.loop, 1, on_b, &trace);
	assert_true(dg_timer_is_pending(&never));
	dg_timer_cancel(&never);
	assert_false(dg_timer_is_pending(&never));
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, "a.");
	assert_true(dg_clock_mono_ms() - start >= 25);
	assert_false(dg_timer_is_pending(&late));
	dg_timer_fini(&late);
	dg_timer_fini(&early);
	dg_timer_fini(&never);
	dg_timer_fini(&never);
	dg_timer_cancel(&never);
	assert_false(dg_timer_is_pending(&never));
	dg_loop_destroy(&trace.loop);
}

/* A second start moves the deadline and replaces the function. */
static void
test_timer_restart(void **state)
{
	struct trace trace = {.loop = dg_loop_create("test", 3)};
	struct dg_timer timer = {0};

	(void)state;
	dg_timer_start(&timer, trace.loop, 100000, on_a, &trace);
	dg_timer_start(&timer, trace.loop, 1, on_stop, &trace);
	dg_loop_run(trace.loop);
	assert_string_equal(trace.text, ".");
	dg_timer_fini(&timer);
	dg_loop_destroy(&trace.loop);
}

struct owner {
	struct dg_timer timer;
	struct dg_loop *loop;
};

static void
on_release(void *arg)
{
	struct owner *owner = arg;

	dg_loop_stop(owner->loop);
	dg_timer_fini(&owner->timer);
	dg_free(owner);
}

static void
on_end_of_owner(void *arg)
{
	struct owner *owner = arg;

	dg_loop_defer(owner->loop, on_release, owner);
}

/* The pattern by which an object goes away in its own callback. */
static void
test_object_ends_in_own_callback(void **state)
{
	struct dg_loop *loop = dg_loop_create("test", 3);
	struct owner *owner = DG_NEW(struct owner);

	(void)state;
	owner->loop = loop;
	dg_timer_start(&owner->timer, loop, 1, on_end_of_owner, owner);
	dg_loop_run(loop);
	dg_loop_destroy(&loop);
}

enum { POSTERS = 4, POSTS = 5000 };

struct crowd {
	struct dg_loop *loop;
	int received; /* loop's thread only */
	int expected[POSTERS];
};

struct poster {
	struct crowd *crowd;
	int who;
};

struct note {
	struct poster *from;
	int number;
};

static void
on_note(void *arg)
{
	struct note *note = arg;
	struct crowd *crowd = note->from->crowd;

	/* From one thread in the order of posting. */
	assert_int_equal(crowd->expected[note->from->who], note->number);
	crowd->expected[note->from->who]++;
	crowd->received++;
	if (crowd->received == POSTERS * POSTS)
		dg_loop_stop(crowd->loop);
	dg_free(note);
}

static void *
post_many(void *arg)
{
	struct poster *poster = arg;

	for (int i = 0; i < POSTS; i++) {
		struct note *note = DG_NEW(struct note);

		*note = (struct note){poster, i};
		while (dg_loop_post(poster->crowd->loop, on_note, note) !=
		       DG_OK)
			sched_yield();
	}
	return NULL;
}

static void
test_many_threads_post(void **state)
{
	struct crowd crowd = {.loop = dg_loop_create("test", 100)};
	struct poster posters[POSTERS];
	pthread_t threads[POSTERS];

	(void)state;
	for (int i = 0; i < POSTERS; i++) {
		posters[i] = (struct poster){&crowd, i};
		assert_int_equal(pthread_create(&threads[i], NULL, post_many,
						&posters[i]),
				 0);
	}
	dg_loop_run(crowd.loop);
	for (int i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.received, POSTERS * POSTS);
	dg_loop_destroy(&crowd.loop);
}

static void *
stop_loop(void *arg)
{
	dg_loop_stop(arg);
	return NULL;
}

static void
test_stop_from_other_thread(void **state)
{
	struct dg_loop *loop = dg_loop_create("test", 3);
	pthread_t thread;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(pthread_create(&thread, NULL, stop_loop, loop),
				 0);
		dg_loop_run(loop);
		pthread_join(thread, NULL);
	}
	dg_loop_destroy(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts_run_in_order),
		cmocka_unit_test(test_posts_are_forgotten),
		cmocka_unit_test(test_mailbox_is_bounded),
		cmocka_unit_test(test_undelivered_posts_are_dropped),
		cmocka_unit_test(test_deferral),
		cmocka_unit_test(test_deferral_does_not_wait),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_timer_restart),
		cmocka_unit_test(test_object_ends_in_own_callback),
		cmocka_unit_test(test_many_threads_post),
		cmocka_unit_test(test_stop_from_other_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

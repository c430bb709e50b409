/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - a libevent base, a mailbox on an eventfd, deferral. See loop.h.
 *
 * Each pass is event_base_loop(EVLOOP_ONCE): it waits, dispatches all that is
 * ready and returns; then deferred functions run. So memory given back by
 * deferral is gone only when no callback of the pass can still refer to it.
 * Only the mailbox and the stop flag are touched by other threads.
 */
#include "base/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"

enum { LOOP_MAGIC = 0x4c6f4f70 };

struct call {
	dg_loop_fn fn;
	void *arg;
};

struct call_list {
	struct call *calls; /* owned */
	size_t count;
	size_t capacity;
};

struct dg_loop {
	uint32_t magic;
	const char *name;
	struct event_base *base; /* owned */
	struct event *wake;      /* owned; reading side of wake_fd */
	int wake_fd;             /* owned; an eventfd */
	_Atomic bool stopping;

	pthread_mutex_t mailbox_lock;
	struct call_list mailbox; /* under mailbox_lock */
	size_t mailbox_max;

	/* Own thread only. */
	struct call_list delivering; /* taken out of the mailbox */
	struct call_list deferred;
	struct call_list running; /* taken out of deferred */
};

static void
add_call(struct call_list *list, dg_loop_fn fn, void *arg)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		list->calls = dg_realloc(list->calls, list->capacity,
					 sizeof(*list->calls));
	}
	list->calls[list->count++] = (struct call){fn, arg};
}

static void
free_calls(struct call_list *list)
{
	dg_free(list->calls);
	*list = (struct call_list){.calls = NULL};
}

/* What was collected so far, for running while new calls are collected. */
static void
swap_calls(struct call_list *a, struct call_list *b)
{
	struct call_list tmp = *a;

	*a = *b;
	*b = tmp;
}

static void
run_calls(struct call_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->calls[i].fn(list->calls[i].arg);
	list->count = 0;
}

static void
wake_up(struct dg_loop *loop)
{
	uint64_t one = 1;
	ssize_t n;

	do {
		n = write(loop->wake_fd, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
	/* EAGAIN: the counter is full, so the loop is awake anyway. */
	DG_ASSERT(n == (ssize_t)sizeof(one) || errno == EAGAIN);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct dg_loop *loop = arg;
	uint64_t count;

	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		DG_ASSERT(errno == EAGAIN || errno == EINTR);
	pthread_mutex_lock(&loop->mailbox_lock);
	swap_calls(&loop->mailbox, &loop->delivering);
	pthread_mutex_unlock(&loop->mailbox_lock);
	run_calls(&loop->delivering);
}

static struct event_base *
create_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	DG_ASSERT(config != NULL);
	/* Other threads reach a loop through its mailbox only. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	DG_ASSERT(base != NULL);
	return base;
}

struct dg_loop *
dg_loop_create(const char *name, size_t mailbox_max)
{
	struct dg_loop *loop = DG_NEW(struct dg_loop);

	DG_ASSERT(mailbox_max > 0);
	loop->magic = LOOP_MAGIC;
	loop->name = name;
	loop->mailbox_max = mailbox_max;
	DG_ASSERT(pthread_mutex_init(&loop->mailbox_lock, NULL) == 0);
	loop->base = create_base();
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	DG_ASSERT(loop->wake_fd >= 0);
	loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST,
			       on_wake, loop);
	DG_ASSERT(loop->wake != NULL);
	DG_ASSERT(event_add(loop->wake, NULL) == 0);
	return loop;
}

/* A deferred function may defer more: that runs in the next pass. */
static void
run_deferred(struct dg_loop *loop)
{
	swap_calls(&loop->deferred, &loop->running);
	run_calls(&loop->running);
}

void
dg_loop_destroy(struct dg_loop **loop)
{
	struct dg_loop *l = *loop;

	if (l == NULL)
		return;
	DG_CHECK_MAGIC(l, LOOP_MAGIC);
	while (l->deferred.count > 0)
		run_deferred(l);
	event_free(l->wake);
	event_base_free(l->base);
	close(l->wake_fd);
	pthread_mutex_destroy(&l->mailbox_lock);
	free_calls(&l->mailbox);
	free_calls(&l->delivering);
	free_calls(&l->deferred);
	free_calls(&l->running);
	l->magic = 0;
	dg_free(l);
	*loop = NULL;
}

static void
run_pass(struct dg_loop *loop)
{
	int flags = EVLOOP_ONCE;

	if (loop->deferred.count > 0)
		flags |= EVLOOP_NONBLOCK;
	if (event_base_loop(loop->base, flags) < 0)
		dg_log_error(NULL, "loop.failed",
			     DG_FIELDS(DG_LOG_CSTR("loop", loop->name),
				       DG_LOG_INT("errno", errno)),
			     "event loop: waiting for events failed");
	run_deferred(loop);
}

void
dg_loop_run_once(struct dg_loop *loop)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	run_pass(loop);
}

void
dg_loop_run(struct dg_loop *loop)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	while (!atomic_load(&loop->stopping))
		run_pass(loop);
	atomic_store(&loop->stopping, false);
}

void
dg_loop_stop(struct dg_loop *loop)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	atomic_store(&loop->stopping, true);
	wake_up(loop);
}

struct event_base *
dg_loop_base(struct dg_loop *loop)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	return loop->base;
}

enum dg_rc
dg_loop_post(struct dg_loop *loop, dg_loop_fn fn, void *arg)
{
	bool full;

	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	pthread_mutex_lock(&loop->mailbox_lock);
	full = loop->mailbox.count >= loop->mailbox_max;
	if (!full)
		add_call(&loop->mailbox, fn, arg);
	pthread_mutex_unlock(&loop->mailbox_lock);
	if (full)
		return DG_ERR_UNAVAILABLE;
	wake_up(loop);
	return DG_OK;
}

static void
do_nothing(void *arg DG_UNUSED)
{
}

/* The list may be running: places stay as they are. */
static void
forget_calls(struct call_list *list, dg_loop_fn fn, const void *arg)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->calls[i].fn == fn && list->calls[i].arg == arg)
			list->calls[i].fn = do_nothing;
}

void
dg_loop_forget(struct dg_loop *loop, dg_loop_fn fn, void *arg)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	pthread_mutex_lock(&loop->mailbox_lock);
	forget_calls(&loop->mailbox, fn, arg);
	pthread_mutex_unlock(&loop->mailbox_lock);
	forget_calls(&loop->delivering, fn, arg);
}

void
dg_loop_defer(struct dg_loop *loop, dg_loop_fn fn, void *arg)
{
	DG_CHECK_MAGIC(loop, LOOP_MAGIC);
	add_call(&loop->deferred, fn, arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dg_timer *timer = arg;

	(void)fd;
	(void)what;
	timer->fn(timer->arg);
}

void
dg_timer_start(struct dg_timer *timer, struct dg_loop *loop, uint64_t delay_ms,
	       dg_loop_fn fn, void *arg)
{
	struct timeval delay = {
		.tv_sec = (time_t)(delay_ms / 1000),
		.tv_usec = (suseconds_t)(delay_ms % 1000 * 1000),
	};

	DG_ASSERT(timer->event == NULL || timer->loop == loop);
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	if (timer->event == NULL) {
		timer->event = evtimer_new(dg_loop_base(loop), on_timer, timer);
		DG_ASSERT(timer->event != NULL);
	}
	DG_ASSERT(evtimer_add(timer->event, &delay) == 0);
}

void
dg_timer_cancel(struct dg_timer *timer)
{
	if (timer->event != NULL)
		evtimer_del(timer->event);
}

void
dg_timer_fini(struct dg_timer *timer)
{
	if (timer->event != NULL)
		event_free(timer->event);
	timer->event = NULL;
}

bool
dg_timer_is_pending(const struct dg_timer *timer)
{
	return timer->event != NULL && evtimer_pending(timer->event, NULL) != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - an event loop (libevent base) with a mailbox, timers and deferral.
 *
 * One loop per thread; everything but dg_loop_post and dg_loop_stop may be
 * called by its own thread only. No callback may block. Objects are never
 * freed inside a callback of their own: dg_loop_defer runs a function after
 * the current dispatch, which is where memory is given back.
 */
#ifndef DG_BASE_LOOP_H
#define DG_BASE_LOOP_H

#include "base/list.h"
#include "base/str.h"

struct event_base;
struct event;
struct dg_loop;

typedef void (*dg_loop_fn)(void *arg);

/* name shows in logs (static string). mailbox_max bounds queued messages. */
struct dg_loop *dg_loop_create(const char *name, size_t mailbox_max);
/* Runs what is still deferred; messages not yet delivered are dropped. */
void dg_loop_destroy(struct dg_loop **loop);

/* Until dg_loop_stop. */
void dg_loop_run(struct dg_loop *loop);
/* One pass: waits for and dispatches at least one event. For tests, tools. */
void dg_loop_run_once(struct dg_loop *loop);
/* Any thread. */
void dg_loop_stop(struct dg_loop *loop);

/* For code that adds its own libevent events. Borrowed. */
struct event_base *dg_loop_base(struct dg_loop *loop);

/*
 * Any thread: fn(arg) runs on the loop's thread, in order of posting.
 * UNAVAILABLE when the mailbox is full; then nothing was queued and arg is
 * still the caller's.
 */
enum dg_rc dg_loop_post(struct dg_loop *loop, dg_loop_fn fn,
			void *arg) DG_MUST_CHECK;

/*
 * Own thread: what was posted with this fn and arg and has not run yet never
 * does. For an owner that dies, when nobody can post any more.
 */
void dg_loop_forget(struct dg_loop *loop, dg_loop_fn fn, void *arg);

/* Own thread: fn(arg) after the current dispatch. Never fails. */
void dg_loop_defer(struct dg_loop *loop, dg_loop_fn fn, void *arg);

/* A timer embedded in its owner; zeroed memory is a timer not started. */
struct dg_timer {
	struct event *event; /* owned */
	struct dg_loop *loop;
	dg_loop_fn fn;
	void *arg;
};
/* (Re)starts; fires once after delay_ms. */
void dg_timer_start(struct dg_timer *timer, struct dg_loop *loop,
		    uint64_t delay_ms, dg_loop_fn fn, void *arg);
/* Stops; harmless when not running. Keeps memory for the next start. */
void dg_timer_cancel(struct dg_timer *timer);
/* Cancels and gives memory back; call before the owner dies. */
void dg_timer_fini(struct dg_timer *timer);
bool dg_timer_is_pending(const struct dg_timer *timer);

#endif

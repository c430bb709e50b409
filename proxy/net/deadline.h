/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline.h - deadlines that are pushed back far more often than they pass.
 *
 * Setting and clearing only store a number; the timer underneath is touched
 * when it is not running or would fire too late. When it fires early it is
 * started again for the rest. So a connection that is busy costs no timer
 * work per request. A deadline may fire a little late, never early.
 */
#ifndef DG_PROXY_NET_DEADLINE_H
#define DG_PROXY_NET_DEADLINE_H

#include "base/loop.h"

struct dg_deadline {
	struct dg_timer timer;
	struct dg_loop *loop; /* borrowed */
	uint64_t due_ms;      /* monotonic; 0: none */
	uint64_t armed_ms;    /* when the timer fires; 0: not running */
	dg_loop_fn fn;
	void *arg;
};

void dg_deadline_init(struct dg_deadline *deadline, struct dg_loop *loop,
		      dg_loop_fn fn, void *arg);
/* Call before the owner dies; harmless on zeroed memory. */
void dg_deadline_fini(struct dg_deadline *deadline);
/* fn(arg) once, delay_ms from now, unless set again or cleared before. */
void dg_deadline_set(struct dg_deadline *deadline, uint64_t delay_ms);
static inline void
dg_deadline_clear(struct dg_deadline *deadline)
{
	deadline->due_ms = 0;
}
static inline bool
dg_deadline_is_set(const struct dg_deadline *deadline)
{
	return deadline->due_ms != 0;
}

#endif

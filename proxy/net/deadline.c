/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline.c - see deadline.h. Invariant: while due_ms is set the timer runs
 * and armed_ms <= due_ms.
 */
#include "net/deadline.h"

#include "base/clock.h"

static void on_timer(void *arg);

static void
arm(struct dg_deadline *deadline, uint64_t now)
{
	uint64_t delay = deadline->due_ms > now ? deadline->due_ms - now : 0;

	deadline->armed_ms = deadline->due_ms;
	dg_timer_start(&deadline->timer, deadline->loop, delay, on_timer,
		       deadline);
}

static void
on_timer(void *arg)
{
	struct dg_deadline *deadline = arg;
	uint64_t now = dg_clock_mono_ms();

	deadline->armed_ms = 0;
	if (deadline->due_ms == 0)
		return;
	if (now < deadline->due_ms) {
		arm(deadline, now);
		return;
	}
	deadline->due_ms = 0;
	deadline->fn(deadline->arg);
}

void
dg_deadline_init(struct dg_deadline *deadline, struct dg_loop *loop,
		 dg_loop_fn fn, void *arg)
{
	*deadline = (struct dg_deadline){.loop = loop, .fn = fn, .arg = arg};
}

void
dg_deadline_fini(struct dg_deadline *deadline)
{
	deadline->due_ms = 0;
	deadline->armed_ms = 0;
	dg_timer_fini(&deadline->timer);
}

void
dg_deadline_set(struct dg_deadline *deadline, uint64_t delay_ms)
{
	uint64_t now = dg_clock_mono_ms();

	deadline->due_ms = now + delay_ms;
	if (deadline->armed_ms == 0 || deadline->armed_ms > deadline->due_ms)
		arm(deadline, now);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.c - SIGTERM, SIGINT and SIGHUP as events of a loop. See signals.h.
 */
#include "signals.h"

#include <event2/event.h>
#include <signal.h>

#include "base/assert.h"
#include "base/mem.h"

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

struct dg_signals {
	struct event *events[DG_ARRAY_LEN(numbers)]; /* owned */
	dg_signal_fn on_signal;
	void *arg;
};

static void
on_event(evutil_socket_t number, short what, void *arg)
{
	struct dg_signals *signals = arg;

	(void)what;
	signals->on_signal(signals->arg, (int)number);
}

struct dg_signals *
dg_signals_open(struct dg_loop *loop, dg_signal_fn on_signal, void *arg)
{
	struct dg_signals *signals = DG_NEW(struct dg_signals);

	signals->on_signal = on_signal;
	signals->arg = arg;
	for (size_t i = 0; i < DG_ARRAY_LEN(numbers); i++) {
		signals->events[i] = evsignal_new(
			dg_loop_base(loop), numbers[i], on_event, signals);
		DG_ASSERT(signals->events[i] != NULL);
		DG_ASSERT(evsignal_add(signals->events[i], NULL) == 0);
	}
	DG_ASSERT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	return signals;
}

void
dg_signals_close(struct dg_signals **signals)
{
	struct dg_signals *s = *signals;

	if (s == NULL)
		return;
	for (size_t i = 0; i < DG_ARRAY_LEN(numbers); i++)
		event_free(s->events[i]);
	dg_free(s);
	*signals = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - SIGTERM, SIGINT and SIGHUP as events of a loop.
 */
#ifndef DG_PROXY_SIGNALS_H
#define DG_PROXY_SIGNALS_H

#include "base/loop.h"

struct dg_signals;
typedef void (*dg_signal_fn)(void *arg, int signal);

/* One at a time in a process. Ignores SIGPIPE besides. */
struct dg_signals *dg_signals_open(struct dg_loop *loop, dg_signal_fn on_signal,
				   void *arg);
void dg_signals_close(struct dg_signals **signals);

#endif

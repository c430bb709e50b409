/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h - accepts connections with SO_REUSEPORT, one per worker.
 */
#ifndef DG_PROXY_NET_LISTENER_H
#define DG_PROXY_NET_LISTENER_H

#include "base/loop.h"

struct dg_listener;
/* fd is nonblocking and the callee's. peer: as dg_conn_peer. */
typedef void (*dg_accept_fn)(void *arg, int fd, const char *peer);

/* address: "127.0.0.1:8443", "[::]:8443", port 0 = any free one. */
enum dg_rc dg_listener_open(struct dg_loop *loop, struct dg_str address,
			    dg_accept_fn on_accept, void *arg,
			    struct dg_listener **listener_out,
			    struct dg_error *err) DG_MUST_CHECK;
/*
 * Whether nobody else listens there: SO_REUSEPORT would let two programs share
 * the port without a word. Asked once before the first of our own listeners.
 */
enum dg_rc dg_listener_check_free(struct dg_str address,
				  struct dg_error *err) DG_MUST_CHECK;
void dg_listener_close(struct dg_listener **listener);
unsigned dg_listener_port(const struct dg_listener *listener);
/* Overload: stop and go on accepting. */
void dg_listener_pause(struct dg_listener *listener, bool paused);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.h - host names to addresses without blocking a loop: getaddrinfo
 * on the offload threads, answers cached for a short time per loop.
 */
#ifndef DG_PROXY_NET_RESOLVER_H
#define DG_PROXY_NET_RESOLVER_H

#include <sys/socket.h>

#include "base/loop.h"
#include "base/offload.h"

struct dg_address {
	struct sockaddr_storage storage;
	socklen_t len;
};

struct dg_resolver;
typedef void (*dg_resolved_fn)(void *arg, enum dg_rc rc,
			       const struct dg_address *addresses, size_t n);
struct dg_resolver *dg_resolver_create(struct dg_loop *loop,
				       struct dg_offload *offload,
				       unsigned ttl_ms);
/*
 * The pool has been destroyed and the loop does not run again: a look-up that
 * did not end is answered NOT_FOUND here.
 */
void dg_resolver_destroy(struct dg_resolver **resolver);
/*
 * Literals and cached names are answered before this returns. A running
 * look-up cannot be cancelled: arg must live until the callback.
 */
void dg_resolve(struct dg_resolver *resolver, struct dg_str host, uint16_t port,
		dg_resolved_fn done, void *arg);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy_header.h - the PROXY protocol, versions 1 and 2, of load balancers.
 *
 * Says which client a connection is for, in front of everything else, TLS
 * included. Bytes in, an address out; no I/O. A reader takes as many bytes as
 * `need` says and never one that belongs to what follows.
 */
#ifndef DG_PROXY_NET_PROXY_HEADER_H
#define DG_PROXY_NET_PROXY_HEADER_H

#include "net/address.h"

enum {
	DG_PROXY_HEADER_FIRST = 15, /* no header is shorter */
	DG_PROXY_HEADER_MAX = 2048, /* bytes; version 1: 107 */
};

enum dg_proxy_header_result {
	DG_PROXY_HEADER_DONE,
	DG_PROXY_HEADER_NEED_MORE,
	DG_PROXY_HEADER_BAD,
};

struct dg_proxy_header {
	size_t need; /* NEED_MORE: so many bytes are surely of the header */
	/*
	 * DONE: the client's address; or that there is one which the balancer
	 * cannot tell; or neither: the connection is the balancer's own.
	 */
	bool has_source;
	bool is_unknown;
	union dg_sockaddr source;
	const char *why; /* BAD: static */
};

/*
 * bytes: all that was read, at most DG_PROXY_HEADER_MAX. DONE when they are a
 * header and nothing else.
 */
enum dg_proxy_header_result
dg_proxy_header_parse(struct dg_str bytes,
		      struct dg_proxy_header *out) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - socket addresses to text and back; numbers only, no look-ups.
 */
#ifndef DG_PROXY_NET_ADDRESS_H
#define DG_PROXY_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/str.h"

union dg_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

#define DG_ADDRESS_TEXT_MAX 64
/* "192.0.2.1:443", "[2001:db8::1]:443"; mapped IPv4 as IPv4. */
void dg_address_format(const union dg_sockaddr *address,
		       char out[DG_ADDRESS_TEXT_MAX]);
unsigned dg_address_port(const union dg_sockaddr *address);

/* host: a literal without brackets. INVALID when it is none. */
enum dg_rc dg_address_from_literal(struct dg_str host, uint16_t port,
				   union dg_sockaddr *address_out,
				   socklen_t *len_out) DG_MUST_CHECK;
/* A name or literal, for which plain HTTP goes nowhere. */
bool dg_host_is_this_machine(struct dg_str host);
/* "127.0.0.1:8443", "[::1]:8443". */
enum dg_rc dg_address_parse(struct dg_str text, union dg_sockaddr *address_out,
			    socklen_t *len_out) DG_MUST_CHECK;

#endif

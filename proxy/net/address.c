/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.c - see address.h.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void
dg_address_format(const union dg_sockaddr *address,
		  char out[DG_ADDRESS_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "";
	const struct in6_addr *v6 = &address->v6.sin6_addr;

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
		snprintf(out, DG_ADDRESS_TEXT_MAX, "%s:%u", host,
			 dg_address_port(address));
	} else if (address->any.sa_family == AF_INET6 &&
		   IN6_IS_ADDR_V4MAPPED(v6)) {
		inet_ntop(AF_INET, &v6->s6_addr[12], host, sizeof(host));
		snprintf(out, DG_ADDRESS_TEXT_MAX, "%s:%u", host,
			 dg_address_port(address));
	} else if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, v6, host, sizeof(host));
		snprintf(out, DG_ADDRESS_TEXT_MAX, "[%s]:%u", host,
			 dg_address_port(address));
	} else {
		snprintf(out, DG_ADDRESS_TEXT_MAX, "unknown");
	}
}

unsigned
dg_address_port(const union dg_sockaddr *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohs(address->v4.sin_port);
	if (address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return 0;
}

enum dg_rc
dg_address_from_literal(struct dg_str host, uint16_t port,
			union dg_sockaddr *address_out, socklen_t *len_out)
{
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 || host.len >= sizeof(text) ||
	    memchr(host.data, '\0', host.len) != NULL)
		return DG_ERR_INVALID;
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	memset(address_out, 0, sizeof(*address_out));
	if (inet_pton(AF_INET, text, &address_out->v4.sin_addr) == 1) {
		address_out->v4.sin_family = AF_INET;
		address_out->v4.sin_port = htons(port);
		*len_out = sizeof(address_out->v4);
		return DG_OK;
	}
	if (inet_pton(AF_INET6, text, &address_out->v6.sin6_addr) == 1) {
		address_out->v6.sin6_family = AF_INET6;
		address_out->v6.sin6_port = htons(port);
		*len_out = sizeof(address_out->v6);
		return DG_OK;
	}
	return DG_ERR_INVALID;
}

enum dg_rc
dg_address_parse(struct dg_str text, union dg_sockaddr *address_out,
		 socklen_t *len_out)
{
	struct dg_str host;
	uint64_t port;
	size_t colon = text.len;

	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	if (colon < 2 ||
	    dg_str_to_u64(dg_str_slice(text, colon, text.len), &port) !=
		    DG_OK ||
	    port > UINT16_MAX)
		return DG_ERR_INVALID;
	host = dg_str_slice(text, 0, colon - 1);
	if (host.len >= 2 && host.data[0] == '[' &&
	    host.data[host.len - 1] == ']')
		host = dg_str_slice(host, 1, host.len - 1);
	else if (dg_str_find(host, ':', 0) != host.len)
		return DG_ERR_INVALID;
	return dg_address_from_literal(host, (uint16_t)port, address_out,
				       len_out);
}

bool
dg_host_is_this_machine(struct dg_str host)
{
	return dg_str_eq(host, DG_STR("127.0.0.1")) ||
	       dg_str_eq(host, DG_STR("::1")) ||
	       dg_str_eq(host, DG_STR("localhost"));
}

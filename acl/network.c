/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.c - addresses of clients and the networks that rules name.
 *
 * All are kept as IPv6; an IPv4 address is one in ::ffff:0:0/96, and so it
 * makes no difference in which of both forms a socket or a header shows it.
 */
#include <arpa/inet.h>

#include "acl/acl.h"

enum { TEXT_MAX = INET6_ADDRSTRLEN, V4_BITS = 96, ALL_BITS = 128 };

static const uint8_t v4_prefix[V4_BITS / 8] = {0, 0, 0, 0, 0,    0,
					       0, 0, 0, 0, 0xff, 0xff};

static bool
is_v4(const struct dg_acl_address *address)
{
	return memcmp(address->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

/* The address alone. */
static bool
parse_bare(struct dg_str text, struct dg_acl_address *out)
{
	char copy[TEXT_MAX + 1] = {0};
	struct dg_acl_address address;

	if (text.len == 0 || text.len > TEXT_MAX ||
	    memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	if (inet_pton(AF_INET, copy, address.bytes + sizeof(v4_prefix)) == 1)
		memcpy(address.bytes, v4_prefix, sizeof(v4_prefix));
	else if (inet_pton(AF_INET6, copy, address.bytes) != 1)
		return false;
	*out = address;
	return true;
}

bool
dg_acl_address_parse(struct dg_str text, struct dg_acl_address *address_out)
{
	size_t colon = dg_str_find(text, ':', 0);
	size_t bracket = dg_str_find(text, ']', 0);

	if (text.len > 0 && text.data[0] == '[')
		return bracket < text.len &&
		       parse_bare(dg_str_slice(text, 1, bracket), address_out);
	/* One colon: an IPv4 address with its port. */
	if (colon < text.len && dg_str_find(text, ':', colon + 1) == text.len)
		text = dg_str_slice(text, 0, colon);
	return parse_bare(text, address_out);
}

static bool
has_bits_behind(const struct dg_acl_network *network)
{
	for (unsigned bit = network->bits; bit < ALL_BITS; bit++)
		if ((network->address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return true;
	return false;
}

enum dg_rc
dg_acl_network_parse(struct dg_str text, struct dg_acl_network *network_out,
		     struct dg_error *err)
{
	size_t slash = dg_str_find(text, '/', 0);
	struct dg_str prefix = dg_str_slice(text, slash + 1, text.len);
	struct dg_acl_network network;
	uint64_t bits = ALL_BITS;
	uint64_t first = 0;

	if (!parse_bare(dg_str_slice(text, 0, slash), &network.address))
		return dg_error_set(err, DG_ERR_INVALID,
				    "\"%.*s\" is no network such as "
				    "10.0.0.0/8 or 2001:db8::/32",
				    DG_STR_ARG(text));
	/* Dots: the prefix is counted as people do with IPv4. */
	if (dg_str_find(text, ':', 0) == text.len)
		first = V4_BITS;
	if (slash < text.len &&
	    (prefix.len > 3 || dg_str_to_u64(prefix, &bits) != DG_OK ||
	     bits > ALL_BITS - first))
		return dg_error_set(err, DG_ERR_INVALID,
				    "network \"%.*s\" must end in a prefix of "
				    "0 to %u bits",
				    DG_STR_ARG(text),
				    (unsigned)(ALL_BITS - first));
	network.bits = (uint8_t)(slash < text.len ? first + bits : ALL_BITS);
	if (has_bits_behind(&network))
		return dg_error_set(err, DG_ERR_INVALID,
				    "network \"%.*s\" has bits behind its "
				    "prefix",
				    DG_STR_ARG(text));
	*network_out = network;
	return DG_OK;
}

bool
dg_acl_network_holds(const struct dg_acl_network *network,
		     const struct dg_acl_address *address)
{
	unsigned whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (is_v4(address) != is_v4(&network->address))
		return false;
	if (memcmp(network->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       (network->address.bytes[whole] ^ address->bytes[whole]) >>
			       (8 - rest) ==
		       0;
}

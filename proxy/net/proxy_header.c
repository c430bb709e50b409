/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy_header.c - see proxy_header.h. "The PROXY protocol", sections 2.1 and
 * 2.2. What is not TCP over IPv4 or IPv6 is refused; additions (TLVs) are
 * passed over.
 */
#include "net/proxy_header.h"

#include <arpa/inet.h>

enum {
	V1_MAX = 107, /* the longest line, its end included */
	V2_FIXED = 16,
	V2_TCP4 = 12, /* addresses and ports */
	V2_TCP6 = 36,
};

#define V1_START DG_STR("PROXY ")
#define V2_START DG_STR("\r\n\r\n\0\r\nQUIT\n")

static enum dg_proxy_header_result
bad(struct dg_proxy_header *out, const char *why)
{
	out->why = why;
	return DG_PROXY_HEADER_BAD;
}

static enum dg_proxy_header_result
need(struct dg_proxy_header *out, size_t n)
{
	out->need = n;
	return DG_PROXY_HEADER_NEED_MORE;
}

/* As far as bytes go. */
static bool
agrees(struct dg_str bytes, struct dg_str start)
{
	size_t n = bytes.len < start.len ? bytes.len : start.len;

	return n == 0 || memcmp(bytes.data, start.data, n) == 0;
}

/* ---- version 1 ----------------------------------------------------------- */

static bool
read_port(struct dg_str text, uint16_t *port_out)
{
	uint64_t port;

	if (text.len == 0 || text.len > 5 ||
	    (text.len > 1 && text.data[0] == '0') ||
	    dg_str_to_u64(text, &port) != DG_OK || port > UINT16_MAX)
		return false;
	*port_out = (uint16_t)port;
	return true;
}

static bool
read_address(struct dg_str host, struct dg_str port, int family,
	     union dg_sockaddr *out)
{
	uint16_t number;
	socklen_t len;

	return read_port(port, &number) &&
	       dg_address_from_literal(host, number, out, &len) == DG_OK &&
	       out->any.sa_family == family;
}

/* line: between "PROXY " and CR LF. */
static enum dg_proxy_header_result
parse_line(struct dg_str line, struct dg_proxy_header *out)
{
	struct dg_str rest = line;
	struct dg_str parts[5]; /* protocol, two addresses, two ports */
	union dg_sockaddr destination;
	size_t n = 0;
	int family;

	while (n < DG_ARRAY_LEN(parts) && dg_str_split(&rest, ' ', &parts[n]))
		n++;
	/* Section 2.1: what follows is to be ignored. */
	if (n > 0 && dg_str_eq(parts[0], DG_STR("UNKNOWN"))) {
		out->is_unknown = true;
		return DG_PROXY_HEADER_DONE;
	}
	if (n < DG_ARRAY_LEN(parts) || rest.data != NULL)
		return bad(out, "a PROXY line of another form");
	if (dg_str_eq(parts[0], DG_STR("TCP4")))
		family = AF_INET;
	else if (dg_str_eq(parts[0], DG_STR("TCP6")))
		family = AF_INET6;
	else
		return bad(out, "a PROXY line that is not about TCP");
	if (!read_address(parts[1], parts[3], family, &out->source) ||
	    !read_address(parts[2], parts[4], family, &destination))
		return bad(out, "a PROXY line with a bad address");
	out->has_source = true;
	return DG_PROXY_HEADER_DONE;
}

static enum dg_proxy_header_result
parse_v1(struct dg_str bytes, struct dg_proxy_header *out)
{
	size_t cr = dg_str_find(bytes, '\r', 0);
	size_t room;

	if (dg_str_find(bytes, '\n', 0) < cr)
		return bad(out, "a PROXY line that ends in LF alone");
	if (cr + 1 < bytes.len) {
		if (bytes.data[cr + 1] != '\n' || cr + 2 != bytes.len)
			return bad(out, "bytes behind a PROXY line");
		return parse_line(dg_str_slice(bytes, V1_START.len, cr), out);
	}
	if (bytes.len >= V1_MAX)
		return bad(out, "a PROXY line that does not end");
	/* The end is missing: LF, or CR LF. */
	room = cr < bytes.len ? 1 : 2;
	if (bytes.len < DG_PROXY_HEADER_FIRST)
		room = DG_PROXY_HEADER_FIRST - bytes.len;
	return need(out, bytes.len + room > V1_MAX ? V1_MAX - bytes.len : room);
}

/* ---- version 2 ----------------------------------------------------------- */

static void
set_v4(const char *body, union dg_sockaddr *out)
{
	memset(out, 0, sizeof(*out));
	out->v4.sin_family = AF_INET;
	memcpy(&out->v4.sin_addr, body, 4);
	memcpy(&out->v4.sin_port, body + 8, 2);
}

static void
set_v6(const char *body, union dg_sockaddr *out)
{
	memset(out, 0, sizeof(*out));
	out->v6.sin6_family = AF_INET6;
	memcpy(&out->v6.sin6_addr, body, 16);
	memcpy(&out->v6.sin6_port, body + 32, 2);
}

static enum dg_proxy_header_result
read_body(unsigned kind, struct dg_str body, struct dg_proxy_header *out)
{
	switch (kind) {
	case 0x00:
		out->is_unknown = true;
		return DG_PROXY_HEADER_DONE;
	case 0x11:
		if (body.len < V2_TCP4)
			return bad(out, "a PROXY header without its addresses");
		set_v4(body.data, &out->source);
		out->has_source = true;
		return DG_PROXY_HEADER_DONE;
	case 0x21:
		if (body.len < V2_TCP6)
			return bad(out, "a PROXY header without its addresses");
		set_v6(body.data, &out->source);
		out->has_source = true;
		return DG_PROXY_HEADER_DONE;
	default:
		return bad(out, "a PROXY header that is not about TCP");
	}
}

static enum dg_proxy_header_result
parse_v2(struct dg_str bytes, struct dg_proxy_header *out)
{
	const unsigned char *b = (const unsigned char *)bytes.data;
	size_t length;

	if (bytes.len < V2_FIXED)
		return need(out, V2_FIXED - bytes.len);
	if (b[12] != 0x20 && b[12] != 0x21)
		return bad(out, "a PROXY header of another version");
	length = (size_t)b[14] << 8 | b[15];
	if (V2_FIXED + length > DG_PROXY_HEADER_MAX)
		return bad(out, "a PROXY header that is too long");
	if (bytes.len < V2_FIXED + length)
		return need(out, V2_FIXED + length - bytes.len);
	if (bytes.len > V2_FIXED + length)
		return bad(out, "bytes behind a PROXY header");
	/* LOCAL: the balancer itself, such as its health check. */
	if (b[12] == 0x20)
		return DG_PROXY_HEADER_DONE;
	return read_body(b[13], dg_str_slice(bytes, V2_FIXED, bytes.len), out);
}

enum dg_proxy_header_result
dg_proxy_header_parse(struct dg_str bytes, struct dg_proxy_header *out)
{
	*out = (struct dg_proxy_header){.why = ""};
	if (bytes.len == 0)
		return need(out, DG_PROXY_HEADER_FIRST);
	if (agrees(bytes, V1_START))
		return parse_v1(bytes, out);
	if (agrees(bytes, V2_START))
		return parse_v2(bytes, out);
	return bad(out, "no PROXY header");
}

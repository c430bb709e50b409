/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_net_proxy_header.c - PROXY headers of both versions, whole, cut at every
 * byte, and in all the forms that are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/assert.h"
#include "net/balancers.h"
#include "net/proxy_header.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(literal) DG_STR_INIT(literal)
#define V4 "\xc0\0\2\1\xc6\x33\x64\1\xdb\x33\1\xbb" /* 192.0.2.1:56115 */
#define V6_SOURCE "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define V6 V6_SOURCE V6_SOURCE "\xdb\x33\1\xbb"
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"

static const struct {
	struct dg_str bytes;
	const char
		*peer; /* "": the connection's own; "?": unknown; NULL: bad */
} rows[] = {
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56115 443\r\n"),
	 "192.0.2.1:56115"},
	{BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	 "255.255.255.255:65535"},
	{BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 0 0\r\n"), "1.1.1.1:0"},
	{BYTES("PROXY TCP6 2001:db8::1 ::1 56115 443\r\n"),
	 "[2001:db8::1]:56115"},
	{BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	 "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
	/* Mapped, and one address in both forms. */
	{BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), "192.0.2.1:1"},
	{BYTES("PROXY UNKNOWN\r\n"), "?"},
	{BYTES("PROXY UNKNOWN ffff::1 what ever\r\n"), "?"},
	{BYTES(SIGNATURE "\x21\x11\0\x0c" V4), "192.0.2.1:56115"},
	{BYTES(SIGNATURE "\x21\x21\0\x24" V6), "[2001:db8::1]:56115"},
	{BYTES(SIGNATURE "\x21\x21\0\x24" MAPPED MAPPED "\0\1\0\2"),
	 "192.0.2.1:1"},
	/* Additions behind the addresses. */
	{BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\3\0\4abcd"), "192.0.2.1:56115"},
	/* The balancer itself; not of a kind that it wants to tell. */
	{BYTES(SIGNATURE "\x20\0\0\0"), ""},
	{BYTES(SIGNATURE "\x20\x11\0\x0c" V4), ""},
	{BYTES(SIGNATURE "\x21\0\0\0"), "?"},
	{BYTES(SIGNATURE "\x21\0\0\3abc"), "?"},

	{BYTES("GET / HTTP/1.1\r\n"), NULL},
	{BYTES("\x16\3\1\2\0\1\0\1\xfc\3\3xxxxx"), NULL}, /* TLS */
	{BYTES("proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4  192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 -1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1 x\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 ::1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\r\n"), NULL},
	{BYTES("PROXY TCP4 192.0.2.1\0x 198.51.100.1 1 2\r\n"), NULL},
	{BYTES("PROXY \r\nxxxxxxx"), NULL},
	{BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r\n"),
	 NULL},
	{BYTES(SIGNATURE "\x11\x11\0\x0c" V4), NULL}, /* version 1 */
	{BYTES(SIGNATURE "\x22\x11\0\x0c" V4), NULL}, /* unknown command */
	{BYTES(SIGNATURE "\x21\x12\0\x0c" V4), NULL}, /* UDP */
	{BYTES(SIGNATURE "\x21\x31\0\x0c" V4), NULL}, /* a UNIX socket */
	{BYTES(SIGNATURE "\x21\x10\0\x0c" V4), NULL},
	{BYTES(SIGNATURE "\x21\x11\0\x0b\xc0\0\2\1\xc6\x33\x64\1\xdb\x33\1"),
	 NULL},
	{BYTES(SIGNATURE "\x21\x21\0\x0c" V4), NULL},
	{BYTES(SIGNATURE "\x21\x11\xff\xff" V4), NULL}, /* too long */
	{BYTES("\r\n\r\n\0\r\nQUIT\r\x21\x11\0"), NULL},
};

/* As a connection reads it: never more than it is told to. */
static enum dg_proxy_header_result
read_slowly(struct dg_str bytes, size_t at_most, size_t *taken_out,
	    struct dg_proxy_header *header)
{
	size_t taken = 0;
	enum dg_proxy_header_result result;

	for (;;) {
		result = dg_proxy_header_parse(dg_str_slice(bytes, 0, taken),
					       header);
		if (result != DG_PROXY_HEADER_NEED_MORE)
			break;
		assert_true(header->need > 0);
		assert_true(taken + header->need <= DG_PROXY_HEADER_MAX);
		if (taken == bytes.len)
			break;
		taken += header->need < at_most ? header->need : at_most;
		/* What follows the header is not touched. */
		if (taken > bytes.len)
			taken = bytes.len;
	}
	*taken_out = taken;
	return result;
}

static void
reads_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		for (size_t at_most = 1; at_most <= 200; at_most++) {
			struct dg_proxy_header header;
			char peer[DG_ADDRESS_TEXT_MAX] = "";
			size_t taken;
			enum dg_proxy_header_result result = read_slowly(
				rows[i].bytes, at_most, &taken, &header);

			if (rows[i].peer == NULL) {
				if (result != DG_PROXY_HEADER_BAD)
					fail_msg("row %zu: taken", i);
				assert_true(header.why[0] != '\0');
				continue;
			}
			if (result != DG_PROXY_HEADER_DONE ||
			    taken != rows[i].bytes.len)
				fail_msg("row %zu: %s", i, header.why);
			assert_false(header.has_source && header.is_unknown);
			if (header.has_source)
				dg_address_format(&header.source, peer);
			if (header.is_unknown)
				peer[0] = '?';
			assert_string_equal(peer, rows[i].peer);
		}
}

/* The bytes of a request behind the header stay where they are. */
static void
leaves_what_follows(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		char room[256];
		struct dg_proxy_header header;
		size_t len = rows[i].bytes.len;
		size_t taken;

		if (rows[i].peer == NULL)
			continue;
		memcpy(room, rows[i].bytes.data, len);
		memcpy(room + len, "GET / HTTP/1.1\r\n\r\n", 18);
		assert_int_equal(read_slowly(dg_str_make(room, len + 18), 200,
					     &taken, &header),
				 DG_PROXY_HEADER_DONE);
		assert_int_equal(taken, len);
		/* All of it at once is refused: it was read too far. */
		assert_int_equal(dg_proxy_header_parse(
					 dg_str_make(room, len + 18), &header),
				 DG_PROXY_HEADER_BAD);
	}
}

static void
bounds_headers(void **state)
{
	static char room[DG_PROXY_HEADER_MAX + 16];
	struct dg_proxy_header header;
	size_t taken;

	(void)state;
	memcpy(room, SIGNATURE "\x21\x11", 14);
	/* The longest that is allowed, and one more. */
	for (size_t more = 0; more <= 1; more++) {
		size_t length = DG_PROXY_HEADER_MAX - 16 + more;

		room[14] = (char)(length >> 8);
		room[15] = (char)(length & 0xff);
		assert_int_equal(read_slowly(dg_str_make(room, 16 + length),
					     4096, &taken, &header),
				 more == 0 ? DG_PROXY_HEADER_DONE
					   : DG_PROXY_HEADER_BAD);
	}
	/* A line without end. */
	memset(room, 'x', sizeof(room));
	memcpy(room, "PROXY UNKNOWN ", 14);
	assert_int_equal(read_slowly(dg_str_make(room, sizeof(room)), 1, &taken,
				     &header),
			 DG_PROXY_HEADER_BAD);
	assert_true(taken <= 107);
}

static void
believes_balancers_only(void **state)
{
	char one[] = "10.0.0.0/8";
	char two[] = "2001:db8::/32";
	char three[] = "127.0.0.1";
	char bad[] = "10.0.0.0/33";
	char *networks[] = {one, two, three};
	char *wrong[] = {one, bad};
	struct dg_balancers *b = NULL;
	struct dg_error err;

	(void)state;
	assert_int_equal(dg_balancers_create(wrong, 2, &b, &err),
			 DG_ERR_INVALID);
	assert_int_equal(dg_balancers_create(networks, 3, &b, &err), DG_OK);
	assert_true(dg_balancers_hold(b, "10.1.2.3:55"));
	assert_true(dg_balancers_hold(b, "[2001:db8::7]:55"));
	assert_true(dg_balancers_hold(b, "127.0.0.1:55"));
	assert_false(dg_balancers_hold(b, "127.0.0.2:55"));
	assert_false(dg_balancers_hold(b, "11.1.2.3:55"));
	assert_false(dg_balancers_hold(b, "[::1]:55"));
	assert_false(dg_balancers_hold(b, "unknown"));
	assert_false(dg_balancers_hold(b, ""));
	assert_false(dg_balancers_hold(NULL, "10.1.2.3:55"));
	dg_balancers_destroy(&b);
	assert_int_equal(dg_balancers_create(NULL, 0, &b, &err), DG_OK);
	assert_false(dg_balancers_hold(b, "10.1.2.3:55"));
	dg_balancers_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(leaves_what_follows),
		cmocka_unit_test(bounds_headers),
		cmocka_unit_test(believes_balancers_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

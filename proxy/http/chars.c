/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chars.c - the table behind chars.h, and the check of header values, eight
 * bytes at a time.
 */
#include "http/chars.h"

/* Bit 0: token (RFC 9110 5.6.2). Bit 1: may stand in a request target. */
/* clang-format off */
const uint8_t dg_http_char_class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 00 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
	0, 3, 2, 1, 3, 3, 3, 3, 2, 2, 3, 3, 2, 3, 3, 2, /* 20 */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, /* 30 */
	2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 40 */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 3, 3, /* 50 */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 60 */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 3, 2, 3, 0, /* 70 */
};
/* clang-format on */

static bool
is_value_byte(unsigned char c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* True when a byte of w is below 0x20 or is 0x7f; tabs count as well. */
static bool
has_suspect(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t highs = ones << 7;
	uint64_t del = w ^ (ones * 0x7f);

	return (((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & highs;
}

bool
dg_http_is_field_value(struct dg_str s)
{
	size_t i = 0;

	while (i < s.len) {
		uint64_t w;

		if (s.len - i >= sizeof(w)) {
			memcpy(&w, s.data + i, sizeof(w));
			if (!has_suspect(w)) {
				i += sizeof(w);
				continue;
			}
		}
		if (!is_value_byte((unsigned char)s.data[i]))
			return false;
		i++;
	}
	return true;
}

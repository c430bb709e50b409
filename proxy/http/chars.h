/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chars.h - the byte classes of RFC 9110, shared by the parsers and by the
 * writers, so that what goes out is checked as what comes in.
 */
#ifndef DG_PROXY_HTTP_CHARS_H
#define DG_PROXY_HTTP_CHARS_H

#include "base/str.h"

enum { DG_HTTP_CHAR_TOKEN = 1, DG_HTTP_CHAR_TARGET = 2 };
extern const uint8_t dg_http_char_class[256];

static inline bool
dg_http_is_token_byte(char c)
{
	return (dg_http_char_class[(unsigned char)c] & DG_HTTP_CHAR_TOKEN) != 0;
}

/* Visible ASCII, but for '#': a fragment never goes over the wire. */
static inline bool
dg_http_is_target_byte(char c)
{
	return (dg_http_char_class[(unsigned char)c] & DG_HTTP_CHAR_TARGET) !=
	       0;
}

/* Length of the token at the start of s. */
static inline size_t
dg_http_token_len(struct dg_str s)
{
	size_t n = 0;

	while (n < s.len && dg_http_is_token_byte(s.data[n]))
		n++;
	return n;
}

/* Bytes 0x20-0xff and tab, without DEL. */
bool dg_http_is_field_value(struct dg_str s);

#endif

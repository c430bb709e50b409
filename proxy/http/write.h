/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.h - formatting of heads into memory that was measured before.
 *
 * Each function writes at `at` and returns the place behind. No bounds are
 * checked here: the caller reserves what the _size functions say.
 */
#ifndef DG_PROXY_HTTP_WRITE_H
#define DG_PROXY_HTTP_WRITE_H

#include "http/head.h"

enum {
	DG_HTTP_DECIMAL_MAX = 20,
	DG_HTTP_HEX_MAX = 16,
	DG_HTTP_DATE_LEN = 29, /* "Sun, 06 Nov 1994 08:49:37 GMT" */
};

static inline char *
dg_http_put(char *at, struct dg_str s)
{
	if (s.len > 0)
		memcpy(at, s.data, s.len);
	return at + s.len;
}

char *dg_http_put_decimal(char *at, uint64_t n);
char *dg_http_put_hex(char *at, uint64_t n);
/* "Name: value\r\n"; bytes that could end the line become '?'. */
char *dg_http_put_header(char *at, struct dg_str name, struct dg_str value);
static inline size_t
dg_http_header_size(const struct dg_http_header *header)
{
	return header->name.len + header->value.len + 4;
}
/* RFC 9110 5.6.7. */
void dg_http_format_date(int64_t unix_s, char out[DG_HTTP_DATE_LEN]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c - see write.h. Without printf: a head is written for each request.
 */
#include "http/write.h"

#include <time.h>

#include "http/chars.h"

char *
dg_http_put_decimal(char *at, uint64_t n)
{
	char digits[DG_HTTP_DECIMAL_MAX];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return dg_http_put(at, dg_str_make(digits + i, sizeof(digits) - i));
}

char *
dg_http_put_hex(char *at, uint64_t n)
{
	char digits[DG_HTTP_HEX_MAX];
	size_t i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[n % 16];
		n /= 16;
	} while (n > 0);
	return dg_http_put(at, dg_str_make(digits + i, sizeof(digits) - i));
}

static void
defuse(char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!dg_http_is_field_value(dg_str_make(at + i, 1)))
			at[i] = '?';
	}
}

char *
dg_http_put_header(char *at, struct dg_str name, struct dg_str value)
{
	char *start;

	at = dg_http_put(at, name);
	*at++ = ':';
	*at++ = ' ';
	start = at;
	at = dg_http_put(at, value);
	if (!dg_http_is_field_value(value))
		defuse(start, value.len);
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

static char *
put_two(char *at, int n)
{
	*at++ = (char)('0' + n / 10 % 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

void
dg_http_format_date(int64_t unix_s, char out[DG_HTTP_DATE_LEN])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)unix_s;
	struct tm tm;
	char *at = out;

	gmtime_r(&t, &tm);
	at = dg_http_put(at, dg_str_make(days + 3 * tm.tm_wday, 3));
	at = dg_http_put(at, DG_STR(", "));
	at = put_two(at, tm.tm_mday);
	*at++ = ' ';
	at = dg_http_put(at, dg_str_make(months + 3 * tm.tm_mon, 3));
	*at++ = ' ';
	at = put_two(at, (tm.tm_year + 1900) / 100);
	at = put_two(at, (tm.tm_year + 1900) % 100);
	*at++ = ' ';
	at = put_two(at, tm.tm_hour);
	*at++ = ':';
	at = put_two(at, tm.tm_min);
	*at++ = ':';
	at = put_two(at, tm.tm_sec);
	dg_http_put(at, DG_STR(" GMT"));
}

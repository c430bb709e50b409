/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.c - RFC 4648 sections 4 and 5, table driven. See base64.h.
 *
 * Not constant-time: do not use it for keys whose text itself is secret and
 * compared here.
 */
#include "base/base64.h"

#include <pthread.h>

#include "base/assert.h"

static const char alphabet_plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-_";

enum { NOT_A_DIGIT = 0xff };

static unsigned char digits_plain[256];
static unsigned char digits_url[256];
static pthread_once_t digits_once = PTHREAD_ONCE_INIT;

static void
invert(const char *alphabet, unsigned char digits[256])
{
	memset(digits, NOT_A_DIGIT, 256);
	for (unsigned char i = 0; i < 64; i++)
		digits[(unsigned char)alphabet[i]] = i;
}

static void
build_digits(void)
{
	invert(alphabet_plain, digits_plain);
	invert(alphabet_url, digits_url);
}

size_t
dg_base64_encoded_len(size_t n, bool url)
{
	size_t rest = n % 3;

	if (!url)
		return (n / 3 + (rest != 0)) * 4;
	return n / 3 * 4 + (rest == 0 ? 0 : rest + 1);
}

size_t
dg_base64_decoded_max(size_t n)
{
	return n / 4 * 3 + n % 4;
}

size_t
dg_base64_encode(struct dg_str in, bool url, char *out)
{
	const char *alphabet = url ? alphabet_url : alphabet_plain;
	const unsigned char *p = (const unsigned char *)in.data;
	size_t left = in.len;
	char *o = out;
	uint32_t bits;

	for (; left >= 3; left -= 3, p += 3) {
		bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		*o++ = alphabet[bits >> 18];
		*o++ = alphabet[bits >> 12 & 63];
		*o++ = alphabet[bits >> 6 & 63];
		*o++ = alphabet[bits & 63];
	}
	if (left == 0)
		return (size_t)(o - out);
	bits = (uint32_t)p[0] << 16;
	if (left == 2)
		bits |= (uint32_t)p[1] << 8;
	*o++ = alphabet[bits >> 18];
	*o++ = alphabet[bits >> 12 & 63];
	if (left == 2)
		*o++ = alphabet[bits >> 6 & 63];
	if (!url) {
		*o++ = '=';
		if (left == 1)
			*o++ = '=';
	}
	return (size_t)(o - out);
}

/* Cuts right padding off; false when it is wrong or missing where required. */
static bool
strip_padding(struct dg_str *in, bool url)
{
	size_t padding = 0;

	while (padding < 2 && padding < in->len &&
	       in->data[in->len - 1 - padding] == '=')
		padding++;
	if ((padding > 0 || !url) && in->len % 4 != 0)
		return false;
	in->len -= padding;
	return in->len % 4 != 1;
}

enum dg_rc
dg_base64_decode(struct dg_str in, bool url, char *out, size_t *len_out)
{
	const unsigned char *digits = url ? digits_url : digits_plain;
	uint32_t bits = 0;
	unsigned n_bits = 0;
	char *o = out;

	pthread_once(&digits_once, build_digits);
	if (!strip_padding(&in, url))
		return DG_ERR_INVALID;
	for (size_t i = 0; i < in.len; i++) {
		unsigned char digit = digits[(unsigned char)in.data[i]];

		if (digit == NOT_A_DIGIT)
			return DG_ERR_INVALID;
		bits = bits << 6 | digit;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			*o++ = (char)(unsigned char)(bits >> n_bits & 0xff);
		}
	}
	/* Left-over bits would give one value two spellings. */
	if ((bits & ((UINT32_C(1) << n_bits) - 1)) != 0)
		return DG_ERR_INVALID;
	*len_out = (size_t)(o - out);
	return DG_OK;
}

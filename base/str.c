/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.c - string views: comparing, cutting, numbers, UTF-8. See str.h.
 *
 * Nothing here depends on the locale: what is a letter, a digit or a space is
 * decided on ASCII bytes.
 */
#include "base/str.h"

#include "base/mem.h"

static inline unsigned char
to_lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

static bool
eq_nocase(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (to_lower(a[i]) != to_lower(b[i]))
			return false;
	}
	return true;
}

bool
dg_str_eq_nocase(struct dg_str a, struct dg_str b)
{
	return a.len == b.len && eq_nocase(a.data, b.data, a.len);
}

bool
dg_str_starts_with(struct dg_str s, struct dg_str prefix)
{
	return s.len >= prefix.len &&
	       dg_str_eq(dg_str_make(s.data, prefix.len), prefix);
}

bool
dg_str_starts_with_nocase(struct dg_str s, struct dg_str prefix)
{
	return s.len >= prefix.len &&
	       eq_nocase(s.data, prefix.data, prefix.len);
}

bool
dg_str_ends_with(struct dg_str s, struct dg_str suffix)
{
	if (suffix.len == 0)
		return true;
	return s.len >= suffix.len && memcmp(s.data + (s.len - suffix.len),
					     suffix.data, suffix.len) == 0;
}

int
dg_str_cmp(struct dg_str a, struct dg_str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a.len > b.len) - (a.len < b.len);
}

bool
dg_str_eq_secret(struct dg_str a, struct dg_str b)
{
	volatile unsigned char difference = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		difference |= (unsigned char)(a.data[i] ^ b.data[i]);
	return difference == 0;
}

struct dg_str
dg_str_slice(struct dg_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from >= to)
		return DG_STR_EMPTY;
	return dg_str_make(s.data + from, to - from);
}

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct dg_str
dg_str_trim(struct dg_str s)
{
	while (s.len > 0 && is_space(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

size_t
dg_str_find(struct dg_str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.len)
		return s.len;
	hit = memchr(s.data + from, (unsigned char)c, s.len - from);
	return hit == NULL ? s.len : (size_t)(hit - s.data);
}

bool
dg_str_split(struct dg_str *rest, char separator, struct dg_str *part_out)
{
	size_t at;

	if (rest->data == NULL)
		return false;
	at = dg_str_find(*rest, separator, 0);
	*part_out = dg_str_make(rest->data, at);
	if (at == rest->len)
		*rest = (struct dg_str){NULL, 0};
	else
		*rest = dg_str_make(rest->data + at + 1, rest->len - at - 1);
	return true;
}

int
dg_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum dg_rc
dg_str_to_u64(struct dg_str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return DG_ERR_INVALID;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.data[i] - '0';

		if (digit > 9)
			return DG_ERR_INVALID;
		if (n > (UINT64_MAX - digit) / 10)
			return DG_ERR_INVALID;
		n = n * 10 + digit;
	}
	*out = n;
	return DG_OK;
}

enum dg_rc
dg_str_to_i64(struct dg_str s, int64_t *out)
{
	bool negative = s.len > 0 && s.data[0] == '-';
	uint64_t magnitude;
	enum dg_rc rc;

	rc = dg_str_to_u64(negative ? dg_str_slice(s, 1, s.len) : s,
			   &magnitude);
	if (rc != DG_OK)
		return rc;
	if (!negative) {
		if (magnitude > (uint64_t)INT64_MAX)
			return DG_ERR_INVALID;
		*out = (int64_t)magnitude;
		return DG_OK;
	}
	if (magnitude > (uint64_t)INT64_MAX + 1)
		return DG_ERR_INVALID;
	/* -1 - (m - 1) reaches INT64_MIN without overflow. */
	*out = magnitude == 0 ? 0 : -1 - (int64_t)(magnitude - 1);
	return DG_OK;
}

static inline bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* RFC 3629 section 4: the second byte's range depends on the first. */
static size_t
utf8_step_multi(struct dg_str s, size_t at)
{
	unsigned char lead = (unsigned char)s.data[at];
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	unsigned char second;
	size_t len;

	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	len = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (s.len - at < len)
		return 0;
	if (lead == 0xE0)
		low = 0xA0; /* overlong */
	else if (lead == 0xED)
		high = 0x9F; /* surrogates */
	else if (lead == 0xF0)
		low = 0x90; /* overlong */
	else if (lead == 0xF4)
		high = 0x8F; /* above U+10FFFF */
	second = (unsigned char)s.data[at + 1];
	if (second < low || second > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (!is_continuation(s.data[at + i]))
			return 0;
	}
	return len;
}

size_t
dg_str_utf8_step(struct dg_str s, size_t at)
{
	if (at >= s.len)
		return 0;
	if ((unsigned char)s.data[at] < 0x80)
		return 1;
	return utf8_step_multi(s, at);
}

size_t
dg_utf8_put(char *to, uint32_t code)
{
	size_t len = code < 0x80      ? 1
		     : code < 0x800   ? 2
		     : code < 0x10000 ? 3
				      : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = len; i-- > 1; code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3F));
	to[0] = (char)(lead[len] | code);
	return len;
}

/* The index of the first byte at or after `at` that is not ASCII, or len. */
static size_t
skip_ascii(struct dg_str s, size_t at)
{
	while (s.len - at >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, s.data + at, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
		at += sizeof(word);
	}
	while (at < s.len && (unsigned char)s.data[at] < 0x80)
		at++;
	return at;
}

bool
dg_str_is_utf8(struct dg_str s)
{
	for (size_t at = skip_ascii(s, 0); at < s.len; at = skip_ascii(s, at)) {
		size_t step = utf8_step_multi(s, at);

		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

bool
dg_str_is_ascii(struct dg_str s)
{
	return skip_ascii(s, 0) == s.len;
}

enum dg_rc
dg_str_to_cstr(struct dg_str s, char **out)
{
	char *copy;

	if (s.len > 0 && memchr(s.data, '\0', s.len) != NULL)
		return DG_ERR_INVALID;
	copy = dg_calloc(s.len + 1, 1);
	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	*out = copy;
	return DG_OK;
}

struct dg_str
dg_str_dup(struct dg_str s)
{
	char *copy = dg_calloc(s.len + 1, 1);

	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	return dg_str_make(copy, s.len);
}

void
dg_str_free(struct dg_str *s)
{
	/* The view is const for its readers; the owner may free it. */
	dg_free((void *)(uintptr_t)s->data);
	*s = (struct dg_str){NULL, 0};
}

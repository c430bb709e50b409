/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - how long a run of bytes is; private to this folder.
 *
 * What token.c asks for each name and literal: sixteen bytes at a time,
 * so that the length of a run costs no branch, where the processor is known to
 * have SSE2 (every amd64 has); byte by byte elsewhere, with the same answers.
 * The bytes asked about are those of a copy with DG_SQL_PADDING zero bytes
 * behind it, so that nobody has to ask how many are left.
 */
#ifndef DG_SQLPARSE_SCAN_BYTES_H
#define DG_SQLPARSE_SCAN_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define DG_SQL_PADDING 16

static inline bool
dg_sql_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool
dg_sql_is_capital(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool
dg_sql_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
dg_sql_is_name_byte(unsigned char c)
{
	unsigned char low = c | 0x20;

	return (low >= 'a' && low <= 'z') || dg_sql_is_digit(c) || c == '_';
}

#ifdef __SSE2__
static inline __m128i
dg_sql_sixteen(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* A bit for each byte that is one of the n from first on. */
static inline __m128i
dg_sql_in_range(__m128i bytes, unsigned char first, unsigned char n)
{
	/* There is only a signed comparison. */
	__m128i moved = _mm_add_epi8(
		bytes, _mm_set1_epi8((char)(unsigned char)(0x80 - first)));

	return _mm_cmplt_epi8(moved,
			      _mm_set1_epi8((char)(unsigned char)(0x80 + n)));
}

static inline unsigned
dg_sql_bits(__m128i bytes)
{
	return (unsigned)_mm_movemask_epi8(bytes);
}

static inline unsigned
dg_sql_blank_bits(__m128i bytes)
{
	__m128i is_space = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
	__m128i is_tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
	__m128i is_lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
	__m128i is_cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));

	return dg_sql_bits(_mm_or_si128(_mm_or_si128(is_space, is_tab),
					_mm_or_si128(is_lf, is_cr)));
}

static inline unsigned
dg_sql_name_bits(__m128i bytes)
{
	__m128i low = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
	__m128i letter = dg_sql_in_range(low, 'a', 26);
	__m128i digit = dg_sql_in_range(bytes, '0', 10);
	__m128i bar = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));

	return dg_sql_bits(_mm_or_si128(_mm_or_si128(letter, digit), bar));
}

static inline unsigned
dg_sql_capital_bits(__m128i bytes)
{
	return dg_sql_bits(dg_sql_in_range(bytes, 'A', 26));
}
#endif

/* What a text has in it anywhere. */
struct dg_sql_bytes {
	bool has_nul;
	bool is_ascii;
};

/* Of sixteen bytes, a bit for each that is no blank. */
static inline unsigned
dg_sql_solid_bits(const char *p)
{
#ifdef __SSE2__
	return dg_sql_blank_bits(dg_sql_sixteen(p)) ^ 0xffff;
#else
	unsigned bits = 0;

	for (size_t i = 0; i < 16; i++)
		bits |= (unsigned)!dg_sql_is_blank((unsigned char)p[i]) << i;
	return bits;
#endif
}

/* Room for the bits of len bytes, and for a word of them behind the last. */
static inline size_t
dg_sql_solid_size(size_t len)
{
	return (len / 16 + 1) * 2 + sizeof(uint64_t);
}

static inline void
dg_sql_mark_solid(const char *sixteen, unsigned char *solid)
{
	uint16_t bits = htole16((uint16_t)dg_sql_solid_bits(sixteen));

	memcpy(solid, &bits, sizeof(bits));
}

/*
 * to: has room for len bytes and the padding. solid: gets a bit for each byte
 * that is no blank; behind the last all are set.
 */
static inline struct dg_sql_bytes
dg_sql_copy_bytes(char *to, const char *from, size_t len, unsigned char *solid)
{
	struct dg_sql_bytes bytes = {.has_nul = false};
	unsigned char all = 0;
	size_t whole = len & ~(size_t)15;
	size_t n = 0;

#ifdef __SSE2__
	__m128i any = _mm_setzero_si128();
	__m128i least = _mm_set1_epi8(-1);

	for (; n < whole; n += 16) {
		__m128i sixteen = dg_sql_sixteen(from + n);

		_mm_storeu_si128((__m128i *)(void *)(to + n), sixteen);
		any = _mm_or_si128(any, sixteen);
		least = _mm_min_epu8(least, sixteen);
		dg_sql_mark_solid(from + n, solid + n / 8);
	}
	bytes.has_nul =
		dg_sql_bits(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0;
	all = dg_sql_bits(any) != 0 ? 0x80 : 0;
#else
	for (size_t at = 0; at < whole; at += 16)
		dg_sql_mark_solid(from + at, solid + at / 8);
#endif
	for (; n < len; n++) {
		to[n] = from[n];
		all |= (unsigned char)from[n];
		bytes.has_nul = bytes.has_nul || from[n] == '\0';
	}
	memset(to + len, 0, DG_SQL_PADDING);
	bytes.is_ascii = all < 0x80;
	dg_sql_mark_solid(to + whole, solid + whole / 8);
	memset(solid + whole / 8 + 2, 0xff, sizeof(uint64_t));
	return bytes;
}

/* The first byte from `at` on that is no blank; at most the length. */
static inline size_t
dg_sql_skip_blanks(const unsigned char *solid, size_t at)
{
	for (;; at += 57) {
		uint64_t word;

		memcpy(&word, solid + at / 8, sizeof(word));
		word = le64toh(word) >> at % 8; /* 57 bits or more */
		if (word != 0)
			return at + (size_t)__builtin_ctzll(word);
	}
}

/* Letters, digits, underscores; *folded_out: none is a capital. */
static inline size_t
dg_sql_count_name(const char *p, bool *folded_out)
{
	bool folded = true;
	size_t n = 0;

#ifdef __SSE2__
	for (;; n += 16) {
		__m128i bytes = dg_sql_sixteen(p + n);
		unsigned others = dg_sql_name_bits(bytes) ^ 0xffff;
		unsigned capitals = dg_sql_capital_bits(bytes);

		if (others != 0) {
			/* Those in front of the first other. */
			capitals &= (others & -others) - 1;
			*folded_out = folded && capitals == 0;
			return n + (size_t)__builtin_ctz(others);
		}
		folded = folded && capitals == 0;
	}
#else
	for (; dg_sql_is_name_byte((unsigned char)p[n]); n++)
		folded = folded && !dg_sql_is_capital((unsigned char)p[n]);
	*folded_out = folded;
	return n;
#endif
}

/*
 * All up to the next quote, or `left` where there is none. *folded_out becomes
 * false when there is a capital, or what is not ASCII.
 */
static inline size_t
dg_sql_count_quoted(const char *p, size_t left, char quote, bool *folded_out)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; n < left; n += 16) {
		__m128i bytes = dg_sql_sixteen(p + n);
		unsigned quotes = dg_sql_bits(
			_mm_cmpeq_epi8(bytes, _mm_set1_epi8(quote)));
		unsigned unfolded =
			dg_sql_capital_bits(bytes) | dg_sql_bits(bytes);

		if (quotes != 0) {
			unfolded &= (quotes & -quotes) - 1;
			*folded_out &= unfolded == 0;
			return n + (size_t)__builtin_ctz(quotes);
		}
		*folded_out &= unfolded == 0;
	}
	return left;
#else
	for (; n < left && p[n] != quote; n++) {
		unsigned char c = (unsigned char)p[n];

		if (dg_sql_is_capital(c) || c >= 0x80)
			*folded_out = false;
	}
	return n;
#endif
}

/* radix: 'x', 'o' or 'b' */
static inline bool
dg_sql_is_radix_digit(unsigned char c, unsigned char radix)
{
	unsigned char low = c | 0x20;

	if (radix == 'b')
		return c == '0' || c == '1';
	if (radix == 'o')
		return c >= '0' && c <= '7';
	return dg_sql_is_digit(c) || (low >= 'a' && low <= 'f');
}

/*
 * Presto, and Trino for long, put all letters in capitals before anything else,
 * and so take U+0131 for I and U+017F for S. Bytes of such a letter; 0: it is
 * none.
 */
static inline size_t
dg_sql_fold_letter(const char *p, char *letter_out)
{
	if (memcmp(p, "\xC4\xB1", 2) == 0)
		*letter_out = 'i';
	else if (memcmp(p, "\xC5\xBF", 2) == 0)
		*letter_out = 's';
	else
		return 0;
	return 2;
}

#endif

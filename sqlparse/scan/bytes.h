/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - how long a run of bytes is; private to this folder.
 *
 * What token.c asks for each blank, name and literal: sixteen bytes at a time,
 * so that the length of a run costs no branch, where the processor is known to
 * have SSE2 (every amd64 has); byte by byte elsewhere, with the same answers.
 * No byte beyond p[left - 1] is read.
 */
#ifndef DG_SQLPARSE_SCAN_BYTES_H
#define DG_SQLPARSE_SCAN_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* Spaces, tabs, line feeds, carriage returns. */
static inline size_t
dg_sql_count_blanks(const char *p, size_t left)
{
	size_t n = 0;

	if (left == 0 || (unsigned char)p[0] > ' ')
		return 0;
#ifdef __SSE2__
	for (; left - n >= 16; n += 16) {
		unsigned others =
			dg_sql_blank_bits(dg_sql_sixteen(p + n)) ^ 0xffff;

		if (others != 0)
			return n + (size_t)__builtin_ctz(others);
	}
#endif
	while (n < left && dg_sql_is_blank((unsigned char)p[n]))
		n++;
	return n;
}

/* Letters, digits, underscores; *folded_out: none is a capital. */
static inline size_t
dg_sql_count_name(const char *p, size_t left, bool *folded_out)
{
	bool folded = true;
	size_t n = 0;

#ifdef __SSE2__
	for (; left - n >= 16; n += 16) {
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
#endif
	for (; n < left && dg_sql_is_name_byte((unsigned char)p[n]); n++)
		folded = folded && !dg_sql_is_capital((unsigned char)p[n]);
	*folded_out = folded;
	return n;
}

/*
 * All up to the next quote, or up to the end where there is none. *folded_out
 * becomes false when there is a capital, or what is not ASCII.
 */
static inline size_t
dg_sql_count_quoted(const char *p, size_t left, char quote, bool *folded_out)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; left - n >= 16; n += 16) {
		__m128i bytes = dg_sql_sixteen(p + n);
		unsigned quotes = dg_sql_bits(
			_mm_cmpeq_epi8(bytes, _mm_set1_epi8(quote)));
		unsigned unfolded =
			dg_sql_capital_bits(bytes) | dg_sql_bits(bytes);

		if (quotes != 0) {
			if ((unfolded & ((quotes & -quotes) - 1)) != 0)
				*folded_out = false;
			return n + (size_t)__builtin_ctz(quotes);
		}
		if (unfolded != 0)
			*folded_out = false;
	}
#endif
	for (; n < left && p[n] != quote; n++) {
		unsigned char c = (unsigned char)p[n];

		if (dg_sql_is_capital(c) || c >= 0x80)
			*folded_out = false;
	}
	return n;
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
 * and so take U+0131 for I and U+017F for S. Bytes of such a letter, of which
 * left > 0 are there; 0: it is none.
 */
static inline size_t
dg_sql_fold_letter(const char *p, size_t left, char *letter_out)
{
	if (left < 2)
		return 0;
	if (memcmp(p, "\xC4\xB1", 2) == 0)
		*letter_out = 'i';
	else if (memcmp(p, "\xC5\xBF", 2) == 0)
		*letter_out = 's';
	else
		return 0;
	return 2;
}

#endif

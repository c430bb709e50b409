/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_lex.h - the letters of JSON: strings, characters and numbers as small
 * automata that can stop at any byte. Pure; rewrite.c strings them together.
 */
#ifndef DG_PROXY_PRESTO_JSON_LEX_H
#define DG_PROXY_PRESTO_JSON_LEX_H

#include "base/str.h"

#define DG_LEX_ONES UINT64_C(0x0101010101010101)
#define DG_LEX_HIGHS (DG_LEX_ONES * 0x80)

/*
 * To the first byte inside quotes that is a quote, a backslash, a control byte
 * or not ASCII; else end. Eight bytes at a
 * time.
 */
static inline const char *
dg_lex_skip_plain(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t word;
		uint64_t quote;
		uint64_t slash;

		memcpy(&word, p, sizeof(word));
		quote = word ^ (DG_LEX_ONES * '"');
		slash = word ^ (DG_LEX_ONES * '\\');
		if ((((quote - DG_LEX_ONES) | (slash - DG_LEX_ONES) |
		      (word - DG_LEX_ONES * 0x20) | word) &
		     DG_LEX_HIGHS) != 0)
			break;
		p += 8;
	}
	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
			break;
		p++;
	}
	return p;
}

bool dg_lex_is_blank(char c);
bool dg_lex_is_hex(char c);

/*
 * Undoes the escapes of a string that was scanned; to holds raw.len bytes (no
 * escape is shorter than what it stands for). False for half a surrogate pair
 * and for NUL, which no key or URI has.
 */
bool dg_lex_decode(struct dg_str raw, char *to, size_t *len_out) DG_MUST_CHECK;

/* A multi-byte character on its way. */
struct dg_lex_utf8 {
	unsigned left;    /* continuation bytes to come */
	unsigned char lo; /* bounds of the next one */
	unsigned char hi;
};
/* c is not ASCII: does it begin a character? */
bool dg_lex_utf8_start(struct dg_lex_utf8 *u, unsigned char c) DG_MUST_CHECK;
/* False: c does not belong there. The character is over when left is 0. */
bool dg_lex_utf8_step(struct dg_lex_utf8 *u, unsigned char c) DG_MUST_CHECK;

enum dg_lex_number {
	DG_LEX_MINUS,
	DG_LEX_ZERO,
	DG_LEX_INT,
	DG_LEX_DOT,
	DG_LEX_FRAC,
	DG_LEX_E,
	DG_LEX_E_SIGN,
	DG_LEX_EXP,
};
/* The state after c, or -1 when c does not belong to the number. */
int dg_lex_number_step(enum dg_lex_number state, char c);
bool dg_lex_number_is_whole(enum dg_lex_number state);

#endif

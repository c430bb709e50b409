/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_lex.c - see json_lex.h.
 */
#include "presto/json_lex.h"

/* ---- strings ----------------------------------------------------------- */

bool
dg_lex_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool
dg_lex_is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

static unsigned
read_hex4(const char *p)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		n = n * 16 +
		    (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return n;
}

/*
 * The code point of the \u escape whose digits begin at *at, moved behind it;
 * a second escape of a surrogate pair is taken along. False for half a pair
 * and for NUL, which no key or URI has.
 */
static bool
decode_hex(struct dg_str raw, size_t *at, unsigned *c_out)
{
	unsigned c;
	unsigned low;

	if (raw.len - *at < 4)
		return false;
	c = read_hex4(raw.data + *at);
	*at += 4;
	if (c >= 0xd800 && c < 0xdc00) {
		if (raw.len - *at < 6 || raw.data[*at] != '\\' ||
		    raw.data[*at + 1] != 'u')
			return false;
		low = read_hex4(raw.data + *at + 2);
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		*at += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*c_out = c;
	return c != 0 && !(c >= 0xdc00 && c <= 0xdfff);
}

static char
decode_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default: /* a quote, a slash or a backslash: scanned before */
		return c;
	}
}

bool
dg_lex_decode(struct dg_str raw, char *to, size_t *len_out)
{
	size_t n = 0;
	size_t at = 0;
	unsigned c;

	while (at < raw.len) {
		if (raw.data[at] != '\\') {
			to[n++] = raw.data[at++];
			continue;
		}
		if (++at == raw.len)
			return false;
		if (raw.data[at] != 'u') {
			to[n++] = decode_escape(raw.data[at++]);
			continue;
		}
		at++;
		if (!decode_hex(raw, &at, &c))
			return false;
		n += dg_utf8_put(to + n, c);
	}
	*len_out = n;
	return true;
}

/* ---- characters -------------------------------------------------------- */

/* RFC 3629: the lead byte fixes the bounds of the byte that follows it. */
bool
dg_lex_utf8_start(struct dg_lex_utf8 *u, unsigned char c)
{
	u->lo = 0x80;
	u->hi = 0xbf;
	if (c >= 0xc2 && c <= 0xdf) {
		u->left = 1;
	} else if (c >= 0xe0 && c <= 0xef) {
		u->left = 2;
		if (c == 0xe0)
			u->lo = 0xa0;
		if (c == 0xed)
			u->hi = 0x9f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		u->left = 3;
		if (c == 0xf0)
			u->lo = 0x90;
		if (c == 0xf4)
			u->hi = 0x8f;
	} else {
		return false;
	}
	return true;
}

bool
dg_lex_utf8_step(struct dg_lex_utf8 *u, unsigned char c)
{
	if (c < u->lo || c > u->hi)
		return false;
	u->lo = 0x80;
	u->hi = 0xbf;
	u->left--;
	return true;
}

/* ---- numbers ----------------------------------------------------------- */

int
dg_lex_number_step(enum dg_lex_number state, char c)
{
	bool digit = c >= '0' && c <= '9';

	switch (state) {
	case DG_LEX_MINUS:
		if (c == '0')
			return DG_LEX_ZERO;
		return digit ? DG_LEX_INT : -1;
	case DG_LEX_INT:
		if (digit)
			return DG_LEX_INT;
		break;
	case DG_LEX_ZERO:
		break;
	case DG_LEX_DOT:
	case DG_LEX_FRAC:
		if (digit)
			return DG_LEX_FRAC;
		return state == DG_LEX_FRAC && (c | 32) == 'e' ? DG_LEX_E : -1;
	case DG_LEX_E:
		if (c == '+' || c == '-')
			return DG_LEX_E_SIGN;
		return digit ? DG_LEX_EXP : -1;
	case DG_LEX_E_SIGN:
	case DG_LEX_EXP:
		return digit ? DG_LEX_EXP : -1;
	}
	if (c == '.')
		return DG_LEX_DOT;
	return (c | 32) == 'e' ? DG_LEX_E : -1;
}

bool
dg_lex_number_is_whole(enum dg_lex_number state)
{
	return state == DG_LEX_ZERO || state == DG_LEX_INT ||
	       state == DG_LEX_FRAC || state == DG_LEX_EXP;
}

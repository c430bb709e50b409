/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classes.h - what a byte can begin; private to this folder.
 *
 * The tables that token.c goes by. A byte that begins nothing is C_BAD; blanks,
 * which are skipped before, are as well.
 */
#ifndef DG_SQLPARSE_SCAN_CLASSES_H
#define DG_SQLPARSE_SCAN_CLASSES_H

#include <stdint.h>

#include "grammar_tokens.h"

/* What a byte can begin. WORD and DIGIT also continue a name. */
enum char_class {
	C_BAD,
	C_WORD,
	C_PREFIX, /* u, x: a word, or the prefix of a literal */
	C_DIGIT,
	C_NAME,   /* in double quotes */
	C_STRING, /* ' */
	C_BACK_QUOTE,
	C_OPEN,
	C_CLOSE,
	C_MINUS,
	C_SLASH,
	C_BANG,
	C_BAR,
	C_COLON,
	C_PATTERN, /* { } ^ $ */
	C_SIGN,    /* one byte, but for what is in longer_if[] */
};

/* clang-format off */
static const uint8_t class_of[256] = {
	['a'] = C_WORD, ['b'] = C_WORD, ['c'] = C_WORD, ['d'] = C_WORD,
	['e'] = C_WORD, ['f'] = C_WORD, ['g'] = C_WORD, ['h'] = C_WORD,
	['i'] = C_WORD, ['j'] = C_WORD, ['k'] = C_WORD, ['l'] = C_WORD,
	['m'] = C_WORD, ['n'] = C_WORD, ['o'] = C_WORD, ['p'] = C_WORD,
	['q'] = C_WORD, ['r'] = C_WORD, ['s'] = C_WORD, ['t'] = C_WORD,
	['u'] = C_PREFIX, ['v'] = C_WORD, ['w'] = C_WORD, ['x'] = C_PREFIX,
	['y'] = C_WORD, ['z'] = C_WORD,
	['A'] = C_WORD, ['B'] = C_WORD, ['C'] = C_WORD, ['D'] = C_WORD,
	['E'] = C_WORD, ['F'] = C_WORD, ['G'] = C_WORD, ['H'] = C_WORD,
	['I'] = C_WORD, ['J'] = C_WORD, ['K'] = C_WORD, ['L'] = C_WORD,
	['M'] = C_WORD, ['N'] = C_WORD, ['O'] = C_WORD, ['P'] = C_WORD,
	['Q'] = C_WORD, ['R'] = C_WORD, ['S'] = C_WORD, ['T'] = C_WORD,
	['U'] = C_PREFIX, ['V'] = C_WORD, ['W'] = C_WORD, ['X'] = C_PREFIX,
	['Y'] = C_WORD, ['Z'] = C_WORD, ['_'] = C_WORD,
	['0'] = C_DIGIT, ['1'] = C_DIGIT, ['2'] = C_DIGIT, ['3'] = C_DIGIT,
	['4'] = C_DIGIT, ['5'] = C_DIGIT, ['6'] = C_DIGIT, ['7'] = C_DIGIT,
	['8'] = C_DIGIT, ['9'] = C_DIGIT,
	['\''] = C_STRING, ['"'] = C_NAME, ['`'] = C_BACK_QUOTE,
	['('] = C_OPEN, ['['] = C_OPEN, [')'] = C_CLOSE, [']'] = C_CLOSE,
	['.'] = C_SIGN, ['<'] = C_SIGN, ['>'] = C_SIGN, ['='] = C_SIGN,
	['-'] = C_MINUS, ['/'] = C_SLASH, ['!'] = C_BANG, ['|'] = C_BAR,
	[':'] = C_COLON,
	['{'] = C_PATTERN, ['}'] = C_PATTERN, ['^'] = C_PATTERN,
	['$'] = C_PATTERN,
	['+'] = C_SIGN, ['*'] = C_SIGN, ['%'] = C_SIGN, [','] = C_SIGN,
	['?'] = C_SIGN, [';'] = C_SIGN, ['@'] = C_SIGN,
};

static const uint16_t single_code[128] = {
	['+'] = DG_TK_PLUS, ['*'] = DG_TK_STAR, ['%'] = DG_TK_PERCENT,
	[','] = DG_TK_COMMA, ['?'] = DG_TK_QM, [';'] = DG_TK_SEMICOLON,
	['@'] = DG_TK_AT_SIGN, ['{'] = DG_TK_LC, ['}'] = DG_TK_RC,
	['^'] = DG_TK_CARET, ['$'] = DG_TK_DOLLAR, ['('] = DG_TK_LP,
	[')'] = DG_TK_RP, ['['] = DG_TK_LB, [']'] = DG_TK_RB,
	['.'] = DG_TK_DOT, ['='] = DG_TK_EQ, ['<'] = DG_TK_LT,
	['>'] = DG_TK_GT,
};

/* Of the byte behind a sign. */
enum follower {
	F_DIGIT = 1,
	F_GREATER = 2,
	F_EQUAL = 4,
};

static const uint8_t follower_of[256] = {
	['0'] = F_DIGIT, ['1'] = F_DIGIT, ['2'] = F_DIGIT, ['3'] = F_DIGIT,
	['4'] = F_DIGIT, ['5'] = F_DIGIT, ['6'] = F_DIGIT, ['7'] = F_DIGIT,
	['8'] = F_DIGIT, ['9'] = F_DIGIT,
	['>'] = F_GREATER, ['='] = F_EQUAL,
};

/* The followers with which a sign is another token. */
static const uint8_t longer_if[128] = {
	['.'] = F_DIGIT, ['='] = F_GREATER, ['<'] = F_GREATER | F_EQUAL,
	['>'] = F_EQUAL,
};
/* clang-format on */

#endif

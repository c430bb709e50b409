/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reject.c - from the token where the parser stopped to a message for people:
 * what was found and what could stand there.
 *
 * Works on failures only, so nothing here decides how a text is read.
 */
#include "parse/reject.h"

#include <stdio.h>

#include "parse/turn_back.h"
#include "scan/error.h"

enum { LISTED_MAX = 10, FOUND_MAX = 60 };

struct help {
	char text[256];
	size_t len;
	unsigned n;
};

static void
drop(unsigned char *expected, unsigned code)
{
	expected[code / 8] &= (unsigned char)~(1u << code % 8);
}

static void
add(struct help *help, const char *open, struct dg_str what, const char *close)
{
	size_t room = sizeof(help->text) - help->len;
	int n;

	if (help->n >= LISTED_MAX) {
		help->n++;
		return;
	}
	n = snprintf(help->text + help->len, room, "%s%s%.*s%s",
		     help->n == 0 ? "" : ", ", open, DG_STR_ARG(what), close);
	if (n > 0 && (size_t)n < room)
		help->len += (size_t)n;
	else
		help->text[help->len] = '\0';
	help->n++;
}

/* A set of tokens that people know under one name. */
struct group {
	const char *name;
	uint16_t sign[3];     /* all expected: the group is */
	uint16_t members[48]; /* then not listed one by one */
};

static const struct group groups[] = {
	{"<query>",
	 {DG_TK_SELECT, DG_TK_VALUES, DG_TK_TABLE},
	 {DG_TK_SELECT, DG_TK_VALUES, DG_TK_TABLE, DG_TK_LP, DG_TK_WITH}},
	{"<expression>",
	 {DG_TK_LIT_INTEGER, DG_TK_CASE, DG_TK_NOT},
	 {DG_TK_ID,          DG_TK_QUOTED,     DG_TK_LIT_STRING,
	  DG_TK_LIT_UNICODE, DG_TK_LIT_BINARY, DG_TK_LIT_INTEGER,
	  DG_TK_LIT_DECIMAL, DG_TK_QM,         DG_TK_LP,
	  DG_TK_LB,          DG_TK_PLUS,       DG_TK_MINUS,
	  DG_TK_NOT,         DG_TK_CASE,       DG_TK_CAST,
	  DG_TK_TRY_CAST,    DG_TK_EXISTS,     DG_TK_NULL,
	  DG_TK_TRUE,        DG_TK_FALSE,      DG_TK_EXTRACT,
	  DG_TK_GROUPING,    DG_TK_NORMALIZE,  DG_TK_TRIM,
	  DG_TK_LISTAGG,     DG_TK_NILADIC,    DG_TK_NILADIC_PRECISION,
	  DG_TK_INTERVAL,    DG_TK_DOUBLE,     DG_TK_POSITION,
	  DG_TK_SUBSTRING,   DG_TK_OVERLAY,    DG_TK_ROW_OF,
	  DG_TK_ARRAY_OF,    DG_TK_JSON_ARRAY, DG_TK_JSON_EXISTS,
	  DG_TK_JSON_OBJECT, DG_TK_JSON_QUERY, DG_TK_JSON_VALUE,
	  DG_TK_PROCESSING,  DG_TK_UNIQUE,     DG_TK_DOUBLE_LITERAL}},
	{"<value>",
	 {DG_TK_LIT_INTEGER, DG_TK_CASE, DG_TK_CASE},
	 {DG_TK_ID,
	  DG_TK_QUOTED,
	  DG_TK_LIT_STRING,
	  DG_TK_LIT_UNICODE,
	  DG_TK_LIT_BINARY,
	  DG_TK_LIT_INTEGER,
	  DG_TK_LIT_DECIMAL,
	  DG_TK_QM,
	  DG_TK_LP,
	  DG_TK_LB,
	  DG_TK_PLUS,
	  DG_TK_MINUS,
	  DG_TK_CASE,
	  DG_TK_CAST,
	  DG_TK_TRY_CAST,
	  DG_TK_EXISTS,
	  DG_TK_NULL,
	  DG_TK_TRUE,
	  DG_TK_FALSE,
	  DG_TK_EXTRACT,
	  DG_TK_GROUPING,
	  DG_TK_NORMALIZE,
	  DG_TK_TRIM,
	  DG_TK_LISTAGG,
	  DG_TK_NILADIC,
	  DG_TK_NILADIC_PRECISION,
	  DG_TK_INTERVAL,
	  DG_TK_DOUBLE,
	  DG_TK_POSITION,
	  DG_TK_SUBSTRING,
	  DG_TK_OVERLAY,
	  DG_TK_ROW_OF,
	  DG_TK_ARRAY_OF,
	  DG_TK_JSON_ARRAY,
	  DG_TK_JSON_EXISTS,
	  DG_TK_JSON_OBJECT,
	  DG_TK_JSON_QUERY,
	  DG_TK_JSON_VALUE,
	  DG_TK_PROCESSING,
	  DG_TK_UNIQUE,
	  DG_TK_DOUBLE_LITERAL}},
	{"<identifier>",
	 {DG_TK_ID, DG_TK_QUOTED, DG_TK_ID},
	 {DG_TK_ID, DG_TK_QUOTED}},
	{"<string>",
	 {DG_TK_LIT_STRING, DG_TK_LIT_UNICODE, DG_TK_LIT_STRING},
	 {DG_TK_LIT_STRING, DG_TK_LIT_UNICODE}},
	{"<integer>",
	 {DG_TK_LIT_INTEGER, DG_TK_LIT_INTEGER, DG_TK_LIT_INTEGER},
	 {DG_TK_LIT_INTEGER}},
	{"<comparison>",
	 {DG_TK_EQ, DG_TK_NE, DG_TK_LT},
	 {DG_TK_EQ, DG_TK_NE, DG_TK_LT, DG_TK_LE, DG_TK_GT, DG_TK_GE}},
	{"<operator>",
	 {DG_TK_SLASH, DG_TK_PERCENT, DG_TK_CONCAT},
	 {DG_TK_PLUS, DG_TK_MINUS, DG_TK_STAR, DG_TK_SLASH, DG_TK_PERCENT,
	  DG_TK_CONCAT, DG_TK_AT, DG_TK_DOT, DG_TK_LB, DG_TK_ARROW}},
};

static void
add_groups(struct help *help, unsigned char *expected)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(groups); i++) {
		const struct group *g = &groups[i];

		if (!dg_sql_is_expected(expected, g->sign[0]) ||
		    !dg_sql_is_expected(expected, g->sign[1]) ||
		    !dg_sql_is_expected(expected, g->sign[2]))
			continue;
		add(help, "", dg_str_from_cstr(g->name), "");
		for (size_t m = 0; m < DG_ARRAY_LEN(g->members); m++) {
			if (g->members[m] != 0)
				drop(expected, g->members[m]);
		}
	}
}

static const char *
sign_of(unsigned code)
{
	switch (code) {
	case DG_TK_LP:
		return "(";
	case DG_TK_RP:
		return ")";
	case DG_TK_LB:
		return "[";
	case DG_TK_RB:
		return "]";
	case DG_TK_DOT:
		return ".";
	case DG_TK_COMMA:
		return ",";
	case DG_TK_ARROW:
		return "->";
	case DG_TK_DOUBLE_ARROW:
		return "=>";
	case DG_TK_EQ:
		return "=";
	case DG_TK_LT:
		return "<";
	case DG_TK_GT:
		return ">";
	case DG_TK_PLUS:
		return "+";
	case DG_TK_MINUS:
		return "-";
	case DG_TK_STAR:
		return "*";
	case DG_TK_QM:
		return "?";
	case DG_TK_WITH_ORDINALITY:
	case DG_TK_WITH_DATA:
	case DG_TK_WITH_TIES:
	case DG_TK_WITH_TIME_ZONE:
		return "WITH";
	case DG_TK_SEMICOLON:
		return ";";
	case DG_TK_COLON:
		return ":";
	case DG_TK_AT_SIGN:
		return "@";
	case DG_TK_LIT_DOLLAR:
		return "$$";
	case DG_TK_RUN:
		return "ANALYZE";
	case DG_TK_IF_THEN:
		return "IF";
	case DG_TK_POSITION_IN:
		return "IN";
	}
	return NULL;
}

static void
list_expected(struct help *help, const unsigned char *expected)
{
	unsigned char left[DG_SQL_EXPECTED_BYTES];

	memcpy(left, expected, sizeof(left));
	if (dg_sql_is_expected(left, 0))
		add(help, "", DG_STR("<EOF>"), "");
	add_groups(help, left);
	for (unsigned code = 1; code < DG_SQL_EXPECTED_BYTES * 8; code++) {
		enum dg_sql_word word;
		const char *sign;

		if (!dg_sql_is_expected(left, code))
			continue;
		sign = sign_of(code);
		word = dg_sql_code_word(code);
		if (sign != NULL)
			add(help, "'", dg_str_from_cstr(sign), "'");
		else if (word != DG_SQL_NO_WORD)
			add(help, "'", dg_sql_word_name(word), "'");
	}
	if (help->n > LISTED_MAX && help->len + 5 < sizeof(help->text))
		memcpy(help->text + help->len, ", ...", 6);
}

static const char *
explain_illegal(enum dg_sql_illegal why)
{
	switch (why) {
	case DG_SQL_I_CHARACTER:
		return "a character that cannot stand here";
	case DG_SQL_I_STRING:
		return "a string without its closing quote";
	case DG_SQL_I_QUOTED:
		return "a quoted name without its closing quote";
	case DG_SQL_I_EMPTY_NAME:
		return "a name of zero length";
	case DG_SQL_I_NUL_NAME:
		return "a name must not contain a NUL character";
	case DG_SQL_I_BACKQUOTED:
		return "back quotes; use double quotes to quote names";
	case DG_SQL_I_DIGIT_NAME:
		return "a name must not begin with a digit; put it in double "
		       "quotes";
	case DG_SQL_I_NAME_CHARACTER:
		return "a name must not contain '@' or ':'; put it in double "
		       "quotes";
	case DG_SQL_I_LAMBDA:
		return "where the lambda before it ends cannot be told; put it "
		       "in brackets";
	case DG_SQL_I_GATE:
		break; /* reject_gate */
	}
	return "";
}

/* One line of a token's text, whole characters. */
static struct dg_str
shorten(struct dg_str found)
{
	size_t len = 0;

	while (len < found.len && len < FOUND_MAX &&
	       (unsigned char)found.data[len] >= 0x20)
		len++;
	found.len = len;
	while (!dg_str_is_utf8(found))
		found.len--;
	return found;
}

static enum dg_rc
reject_gate(const struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	char text[DG_ERROR_TEXT_MAX];

	dg_sql_gate_explain(cx->tokens->engine,
			    (enum dg_sql_gate)(token->word - DG_SQL_I_GATE),
			    text, sizeof(text));
	return dg_sql_fail(cx->err, DG_SQL_E_SYNTAX, cx->tokens->text,
			   token->offset, "%s", text);
}

enum dg_rc
dg_sql_reject(const struct dg_sql_build *cx,
	      const unsigned char expected[DG_SQL_EXPECTED_BYTES])
{
	const struct dg_sql_token *token = cx->rejected;
	struct dg_str text = cx->tokens->text;
	struct dg_str found = dg_sql_token_text(text, token);
	struct help help = {.len = 0};

	if (token->code == 0)
		found = DG_STR("<EOF>");
	found = shorten(found);
	if (token->code == DG_TK_ILLEGAL && token->word >= DG_SQL_I_GATE)
		return reject_gate(cx, token);
	if (token->code == DG_TK_ILLEGAL)
		return dg_sql_fail(
			cx->err, DG_SQL_E_SYNTAX, text,
			dg_sql_turn_back(cx, expected)->offset,
			"mismatched input '%.*s': %s", DG_STR_ARG(found),
			explain_illegal((enum dg_sql_illegal)token->word));
	list_expected(&help, expected);
	token = dg_sql_turn_back(cx, expected);
	return dg_sql_fail(cx->err, DG_SQL_E_SYNTAX, text, token->offset,
			   "mismatched input '%.*s'. Expecting: %s",
			   DG_STR_ARG(found), help.text);
}

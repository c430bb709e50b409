/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.c - keywords and the codes of their tokens, for errors and for words
 * that turn out to be something else than promote.c has decided.
 *
 * Not for the common way through a statement: token.c has a table of its own.
 */
#include "scan/token.h"

#include "base/assert.h"

static const struct {
	struct dg_str name;
	uint16_t codes[2]; /* and the end */
} words[] = {
	{DG_STR_INIT(""), {0, 0}},
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved) \
	{DG_STR_INIT(#word), {DG_TK_##token, 0}},
#include "scan/keywords.def"
#undef DG_SQL_WORD
};

const uint16_t *
dg_sql_word_readings(enum dg_sql_word word)
{
	static const uint16_t with[] = {DG_TK_WITH, DG_TK_WITH_DATA, 0};
	static const uint16_t rows[] = {DG_TK_ROWS, DG_TK_FRAME, 0};
	static const uint16_t analyze[] = {DG_TK_ANALYZE, DG_TK_RUN, 0};

	DG_ASSERT(word < DG_SQL_N_WORDS);
	if (word == DG_SQL_W_WITH)
		return with;
	if (word == DG_SQL_W_ROWS)
		return rows;
	if (word == DG_SQL_W_ANALYZE)
		return analyze;
	return words[word].codes;
}

struct dg_str
dg_sql_word_name(enum dg_sql_word word)
{
	DG_ASSERT(word < DG_SQL_N_WORDS);
	return words[word].name;
}

enum dg_sql_word
dg_sql_code_word(unsigned code)
{
	for (unsigned word = 1; code != DG_TK_ID && word < DG_SQL_N_WORDS;
	     word++) {
		if (words[word].codes[0] == code)
			return (enum dg_sql_word)word;
	}
	return DG_SQL_NO_WORD;
}

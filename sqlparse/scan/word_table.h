/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word_table.h - all keywords of keywords.def; private to this folder.
 *
 * Of each by its number (enum dg_sql_word) the name, the token and the
 * versions, for token.c alone: it looks up every word of a statement. The hash
 * over the names is in keyword.h.
 */
#ifndef DG_SQLPARSE_SCAN_WORD_TABLE_H
#define DG_SQLPARSE_SCAN_WORD_TABLE_H

#include "grammar_tokens.h"
#include "sqlparse/sqlparse.h"

/* clang-format off */
struct word_info {
	struct dg_str name;
	uint16_t code;
	uint16_t since[2];    /* by dialect */
	uint16_t reserved[2]; /* by dialect */
};

static const struct word_info word_table[] = {
	{DG_STR_INIT(""), DG_TK_ID, {0, 0}, {UINT16_MAX, UINT16_MAX}},
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved)     \
	{DG_STR_INIT(#word), DG_TK_##token,                                    \
	 {t_since, p_since}, {t_reserved, p_reserved}},
#include "scan/keywords.def"
#undef DG_SQL_WORD
};
/* clang-format on */

/* Letters that follow the head, in any case. */
static inline bool
has_tail(const char *text, struct dg_str name)
{
	for (size_t i = sizeof(uint64_t); i < name.len; i++)
		if ((text[i] | 0x20) != (name.data[i] | 0x20))
			return false;
	return true;
}

#endif

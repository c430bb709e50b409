/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_clauses.c - soft keywords of row patterns and JSON.
 *
 * Most words of these clauses stand behind a complete expression, where no
 * name can be, and %fallback tells them from names elsewhere. Here are those
 * that begin something where a name could begin as well.
 */
#include "promote.h"

/* ---- row patterns ------------------------------------------------------ */

/* `t MATCH_RECOGNIZE (`, and not an alias with columns. */
static bool
is_match_recognize(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *first = dg_sql_ahead(p, 2);
	const struct dg_sql_token *second = dg_sql_ahead(p, 3);

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP)
		return false;
	switch (first->word) {
	case DG_SQL_W_PARTITION:
	case DG_SQL_W_ORDER:
		return second->code == DG_TK_BY;
	case DG_SQL_W_MEASURES:
		return second->code != DG_TK_COMMA && second->code != DG_TK_RP;
	case DG_SQL_W_ONE:
		return dg_sql_is_word(second, DG_SQL_W_ROW);
	case DG_SQL_W_ALL:
		return dg_sql_is_word(second, DG_SQL_W_ROWS);
	case DG_SQL_W_AFTER:
		return dg_sql_is_word(second, DG_SQL_W_MATCH);
	case DG_SQL_W_INITIAL:
	case DG_SQL_W_SEEK:
		return dg_sql_is_word(second, DG_SQL_W_PATTERN);
	case DG_SQL_W_PATTERN:
		return second->code == DG_TK_LP;
	}
	return false;
}

/*
 * At the head of a window it could be the name of another one. MEASURES has an
 * expression behind it, which the clauses of a window cannot begin.
 */
static bool
is_measures(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *next = dg_sql_ahead(p, 1);
	const struct dg_sql_token *after = dg_sql_ahead(p, 2);

	if (p->i == 0 || p->t[p->i - 1].code != DG_TK_LP)
		return true; /* behind a clause: no name could be there */
	if (dg_sql_is_word(next, DG_SQL_W_PARTITION) && after->code == DG_TK_BY)
		return false;
	if (dg_sql_is_word(next, DG_SQL_W_ROWS) ||
	    dg_sql_is_word(next, DG_SQL_W_RANGE) ||
	    dg_sql_is_word(next, DG_SQL_W_GROUPS))
		return after->code == DG_TK_AS || after->code == DG_TK_DOT;
	return dg_sql_starts_expression(p, next);
}

/* SKIP TO NEXT ROW, SKIP TO FIRST a; or a is FIRST itself. */
static bool
is_skip_target(const struct dg_sql_promote *p)
{
	if (p->i < 2 || !dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_TO) ||
	    !dg_sql_is_word(&p->t[p->i - 2], DG_SQL_W_SKIP))
		return true;
	if (dg_sql_is_word(&p->t[p->i], DG_SQL_W_NEXT))
		return dg_sql_word_ahead(p, 1, DG_SQL_W_ROW);
	return dg_sql_is_name(p, dg_sql_ahead(p, 1)) &&
	       !(dg_sql_word_ahead(p, 1, DG_SQL_W_PATTERN) &&
		 dg_sql_code_ahead(p, 2) == DG_TK_LP);
}

/* PERMUTE (a, b); PERMUTE (a) is a variable and a group. */
static bool
is_permute(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *open = dg_sql_ahead(p, 1);

	if (open->code != DG_TK_LP || open->match == DG_SQL_NO_TOKEN)
		return false;
	for (size_t at = p->i + 2; at < open->match; at++) {
		if (p->t[at].code == DG_TK_COMMA && p->t[at].match == p->i + 1)
			return true;
		if (p->t[at].code == DG_TK_LP &&
		    p->t[at].match != DG_SQL_NO_TOKEN)
			at = p->t[at].match;
	}
	return false;
}

/* RUNNING f(x) */
static bool
is_processing(const struct dg_sql_promote *p)
{
	size_t behind = dg_sql_skip_name(p, p->i + 1);

	return behind > p->i + 1 && behind < p->n &&
	       p->t[behind - 1].code != DG_TK_DOT &&
	       p->t[behind].code == DG_TK_LP;
}

/* ---- JSON -------------------------------------------------------------- */

/* The token before the innermost bracket that is open around token i. */
static const struct dg_sql_token *
before_bracket(const struct dg_sql_promote *p)
{
	uint32_t open = p->t[p->i].match;

	return open == DG_SQL_NO_TOKEN || open == 0 ? NULL : &p->t[open - 1];
}

/* Another VALUE, with a value, in this member of JSON_OBJECT. */
static bool
has_value_behind(const struct dg_sql_promote *p, size_t by)
{
	for (size_t at = p->i + by; at < p->n; at++) {
		const struct dg_sql_token *token = &p->t[at];

		if (token->code == DG_TK_COMMA || token->code == DG_TK_RP)
			return false;
		if (dg_sql_is_word(token, DG_SQL_W_VALUE) &&
		    dg_sql_starts_expression(p, &token[1]))
			return true;
		if ((token->code == DG_TK_LP || token->code == DG_TK_LB) &&
		    token->match != DG_SQL_NO_TOKEN)
			at = token->match;
	}
	return false;
}

/* JSON_OBJECT(KEY k VALUE v); in `KEY VALUE v` a column has the name. */
static bool
is_key(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *head = before_bracket(p);
	unsigned before = p->i == 0 ? 0 : p->t[p->i - 1].code;

	if (head == NULL || head->code != DG_TK_JSON_OBJECT ||
	    (before != DG_TK_LP && before != DG_TK_COMMA))
		return false;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_VALUE))
		return has_value_behind(p, 2);
	return dg_sql_starts_expression(p, dg_sql_ahead(p, 1)) &&
	       has_value_behind(p, 1);
}

/* JSON_ARRAY(RETURNING t), not JSON_ARRAY(returning FORMAT JSON). */
static bool
is_returning(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *head = before_bracket(p);

	if (head == NULL || p->t[p->i - 1].code != DG_TK_LP ||
	    (head->code != DG_TK_JSON_OBJECT && head->code != DG_TK_JSON_ARRAY))
		return true; /* behind an expression, or a name */
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_FORMAT))
		return !dg_sql_word_ahead(p, 2, DG_SQL_W_JSON);
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_ABSENT))
		return dg_sql_code_ahead(p, 2) != DG_TK_ON;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_VALUE))
		return dg_sql_code_ahead(p, 2) == DG_TK_RP;
	return dg_sql_is_name(p, dg_sql_ahead(p, 1));
}

/* NESTED [PATH] 'x' among the columns of JSON_TABLE. */
static bool
is_nested(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *head = before_bracket(p);
	size_t path = dg_sql_word_ahead(p, 1, DG_SQL_W_PATH) ? 2 : 1;
	unsigned code = dg_sql_code_ahead(p, path);

	return head != NULL && dg_sql_is_word(head, DG_SQL_W_COLUMNS) &&
	       (code == DG_TK_LIT_STRING || code == DG_TK_LIT_UNICODE);
}

void
dg_sql_promote_clause(struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_MATCH_RECOGNIZE:
		dg_sql_keep_if(p, is_match_recognize(p));
		break;
	case DG_SQL_W_MEASURES:
		dg_sql_keep_if(p, is_measures(p));
		break;
	case DG_SQL_W_FIRST:
	case DG_SQL_W_LAST:
	case DG_SQL_W_NEXT:
		dg_sql_keep_if(p, is_skip_target(p));
		break;
	case DG_SQL_W_PERMUTE:
		dg_sql_keep_if(p, is_permute(p));
		break;
	case DG_SQL_W_RUNNING:
	case DG_SQL_W_FINAL:
		dg_sql_keep_if(p, is_processing(p));
		break;
	case DG_SQL_W_KEY:
		dg_sql_keep_if(p, is_key(p));
		break;
	case DG_SQL_W_RETURNING:
		dg_sql_keep_if(p, is_returning(p));
		break;
	case DG_SQL_W_NESTED:
		dg_sql_keep_if(p, is_nested(p));
		break;
	}
}

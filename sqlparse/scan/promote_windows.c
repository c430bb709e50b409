/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_windows.c - soft keywords of windows: OVER, frames, MEASURES.
 *
 * Part of the pass of promote.c. In a window the name of another one may stand
 * in front of each clause, and each word of a clause may be such a name or that
 * of a column: what stands behind it decides, as the engines decide.
 */
#include "scan/gate.h"
#include "scan/promote.h"

/* ---- OVER -------------------------------------------------------------- */

/*
 * A name may follow in Trino only: OVER w. Behind anything but a call stands
 * the name of a measure.
 */
bool
dg_sql_is_over(const struct dg_sql_promote *p)
{
	struct dg_sql_engine engine = p->tokens->engine;

	if (p->trino && p->i > 0 && p->t[p->i - 1].code != DG_TK_RP &&
	    !dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_NULLS) &&
	    !dg_sql_has(engine, DG_SQL_G_WINDOW_MEASURE))
		return false;
	/* AS OF a OVER MATCH_RECOGNIZE (..): an alias */
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_MATCH_RECOGNIZE) &&
	    dg_sql_code_ahead(p, 2) == DG_TK_LP)
		return false;
	return dg_sql_code_ahead(p, 1) == DG_TK_LP ||
	       (p->trino && dg_sql_is_name(p, dg_sql_ahead(p, 1)) &&
		!dg_sql_is_row_limit(p, 1) &&
		dg_sql_has(engine, DG_SQL_G_NAMED_WINDOW));
}

static bool
ends_operand(const struct dg_sql_promote *p, const struct dg_sql_token *token)
{
	return token->code == DG_TK_RP || token->code == DG_TK_RB ||
	       token->code == DG_TK_LIT_INTEGER ||
	       token->code == DG_TK_LIT_DECIMAL ||
	       dg_sql_is_string(token->code) || token->code == DG_TK_QM ||
	       token->code == DG_TK_TRUE || token->code == DG_TK_FALSE ||
	       token->code == DG_TK_NULL || token->code == DG_TK_NILADIC ||
	       token->code == DG_TK_NILADIC_PRECISION ||
	       token->code == DG_TK_END || dg_sql_is_name(p, token);
}

bool
dg_sql_is_window(const struct dg_sql_promote *p, size_t by)
{
	uint32_t close = dg_sql_ahead(p, by + 1)->match;

	if (!p->trino || !dg_sql_word_ahead(p, by, DG_SQL_W_OVER) ||
	    dg_sql_code_ahead(p, by + 1) != DG_TK_LP ||
	    close == DG_SQL_NO_TOKEN ||
	    !dg_sql_has(p->tokens->engine, DG_SQL_G_WINDOW_MEASURE))
		return false;
	for (size_t at = p->i + by + 2; at < close; at++) {
		const struct dg_sql_token *token = &p->t[at];

		if (dg_sql_is_word(token, DG_SQL_W_PARTITION) &&
		    token[1].code == DG_TK_BY)
			return true;
		if ((dg_sql_is_word(token, DG_SQL_W_PRECEDING) ||
		     dg_sql_is_word(token, DG_SQL_W_FOLLOWING) ||
		     (dg_sql_is_word(token, DG_SQL_W_ROW) &&
		      dg_sql_is_word(token - 1, DG_SQL_W_CURRENT))) &&
		    ends_operand(p, token - 1))
			return true;
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* ---- in the brackets --------------------------------------------------- */

/* Up to the first word that ends a frame, or the bracket. */
static bool
is_measure(const struct dg_sql_promote *p, size_t at)
{
	if (!dg_sql_starts_expression(p, &p->t[at]))
		return false;
	for (; at < p->n && p->t[at].code != DG_TK_RP; at++) {
		if (p->t[at].code == DG_TK_AS)
			return true;
		if (dg_sql_is_word(&p->t[at], DG_SQL_W_PRECEDING) ||
		    dg_sql_is_word(&p->t[at], DG_SQL_W_FOLLOWING))
			return false;
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/*
 * At the head of a window it could be the name of another one. MEASURES has an
 * expression behind it, which the clauses of a window cannot begin; of two
 * MEASURES the first is that name if it can be.
 */
bool
dg_sql_is_measures(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *next = dg_sql_ahead(p, 1);
	const struct dg_sql_token *after = dg_sql_ahead(p, 2);

	if (p->i < 2 || p->t[p->i - 1].code != DG_TK_LP ||
	    dg_sql_is_word(&p->t[p->i - 2], DG_SQL_W_MATCH_RECOGNIZE))
		return true; /* behind a clause: no name could be there */
	if (dg_sql_is_word(next, DG_SQL_W_PARTITION) && after->code == DG_TK_BY)
		return false;
	if (dg_sql_is_word(next, DG_SQL_W_ROWS) ||
	    dg_sql_is_word(next, DG_SQL_W_RANGE) ||
	    dg_sql_is_word(next, DG_SQL_W_GROUPS))
		return after->code == DG_TK_AS || after->code == DG_TK_DOT;
	if (dg_sql_is_word(next, DG_SQL_W_MEASURES) &&
	    !(dg_sql_is_word(after, DG_SQL_W_OVER) &&
	      dg_sql_is_name(p, &after[1])))
		return !is_measure(p, p->i + 2);
	return dg_sql_starts_expression(p, next);
}

/* Inside OVER (..) or a definition of WINDOW: name AS (..). */
static bool
is_in_window(const struct dg_sql_promote *p)
{
	uint32_t open = p->t[p->i].match;

	if (open == DG_SQL_NO_TOKEN || open == 0)
		return false;
	if (p->t[open - 1].code == DG_TK_AS) /* CREATE TYPE t AS (a bigint) */
		return open < 2 || !dg_sql_is_definition(p, open - 2);
	return dg_sql_is_word(&p->t[open - 1], DG_SQL_W_OVER);
}

/* OFFSET 5 ROWS, FETCH FIRST ROWS, FETCH FIRST 5 ROWS */
static bool
is_behind_row_count(const struct dg_sql_promote *p)
{
	size_t at = p->i - 1;

	if (at > 0 &&
	    (p->t[at].code == DG_TK_LIT_INTEGER || p->t[at].code == DG_TK_QM))
		at--;
	if (p->t[at].code == DG_TK_OFFSET)
		return at + 1 < p->i;
	return at > 0 && p->t[at - 1].code == DG_TK_FETCH;
}

static bool
is_frame_word(const struct dg_sql_token *token)
{
	return dg_sql_is_word(token, DG_SQL_W_ROWS) ||
	       dg_sql_is_word(token, DG_SQL_W_RANGE) ||
	       dg_sql_is_word(token, DG_SQL_W_GROUPS);
}

static bool
is_bound_end(const struct dg_sql_token *token)
{
	return dg_sql_is_word(token, DG_SQL_W_PRECEDING) ||
	       dg_sql_is_word(token, DG_SQL_W_FOLLOWING);
}

/*
 * The word ahead, at a place of its own, begins a clause of the window, so that
 * what stands in front of it is the name of another one. As an operand it would
 * have an operator or the end of a bound behind it.
 */
static bool
is_window_part(const struct dg_sql_promote *p, size_t by)
{
	const struct dg_sql_token *word = dg_sql_ahead(p, by);
	const struct dg_sql_token *next = dg_sql_ahead(p, by + 1);

	if (dg_sql_is_word(word, DG_SQL_W_PARTITION))
		return next->code == DG_TK_BY;
	if (dg_sql_is_word(word, DG_SQL_W_MEASURES))
		return is_measure(p, p->i + by + 1);
	if (!is_frame_word(word))
		return false;
	if (is_bound_end(next))
		return is_bound_end(dg_sql_ahead(p, by + 2));
	return next->code == DG_TK_BETWEEN || dg_sql_starts_expression(p, next);
}

/* ROWS, RANGE, GROUPS at the head of a frame. */
bool
dg_sql_is_frame(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *before = &p->t[p->i - 1];
	const struct dg_sql_token *next = dg_sql_ahead(p, 1);

	if (!is_in_window(p) || is_behind_row_count(p) ||
	    before->code == DG_TK_BY || before->code == DG_TK_MEASURES ||
	    before->code == DG_TK_COMMA || before->code == DG_TK_DOT)
		return false;
	if (next->code == DG_TK_BETWEEN ||
	    dg_sql_is_word(next, DG_SQL_W_UNBOUNDED) ||
	    dg_sql_is_word(next, DG_SQL_W_CURRENT))
		return true;
	return !is_window_part(p, 1) && dg_sql_starts_expression(p, next);
}

/* (a) or (a, ..: of an alias, as behind AS OF f() and in front of WHERE. */
static bool
is_column_list(const struct dg_sql_promote *p, size_t by)
{
	return dg_sql_is_name(p, dg_sql_ahead(p, by + 1)) &&
	       (dg_sql_code_ahead(p, by + 2) == DG_TK_RP ||
		dg_sql_code_ahead(p, by + 2) == DG_TK_COMMA);
}

bool
dg_sql_is_filter(const struct dg_sql_promote *p)
{
	return dg_sql_code_ahead(p, 1) == DG_TK_LP && p->i > 0 &&
	       p->t[p->i - 1].code == DG_TK_RP && !is_column_list(p, 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_clauses.c - soft keywords of row patterns, JSON and other clauses.
 *
 * Most words of these clauses stand behind a complete expression, where no
 * name can be, and %fallback tells them from names elsewhere. Here are those
 * that begin something where a name could begin as well.
 */
#include "scan/gate.h"
#include "scan/promote.h"

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

/* PERMUTE (a, b); PERMUTE (a), or (a{1,2}), is a variable and a group. */
static bool
is_permute(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *open = dg_sql_ahead(p, 1);

	if (open->code != DG_TK_LP || open->match == DG_SQL_NO_TOKEN)
		return false;
	for (size_t at = p->i + 2; at < open->match; at++) {
		if (p->t[at].code == DG_TK_COMMA &&
		    p->t[at].match == p->i + 1 &&
		    p->t[at - 1].code != DG_TK_LC &&
		    p->t[at - 2].code != DG_TK_LC)
			return true;
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* In MATCH_RECOGNIZE, behind an expression: PATTERN (..) DEFINE. */
static bool
is_pattern_clause(const struct dg_sql_promote *p, size_t by)
{
	uint32_t close = dg_sql_ahead(p, by + 1)->match;

	return dg_sql_word_ahead(p, by, DG_SQL_W_PATTERN) &&
	       dg_sql_code_ahead(p, by + 1) == DG_TK_LP &&
	       close != DG_SQL_NO_TOKEN &&
	       (dg_sql_is_word(&p->t[close + 1], DG_SQL_W_DEFINE) ||
		dg_sql_is_word(&p->t[close + 1], DG_SQL_W_SUBSET));
}

/* MATCH_RECOGNIZE (.. PATTERN (..) DEFINE ..): not of its name the call. */
static bool
has_pattern_clause(const struct dg_sql_promote *p, size_t by)
{
	uint32_t close = dg_sql_ahead(p, by + 1)->match;

	if (!dg_sql_word_ahead(p, by, DG_SQL_W_MATCH_RECOGNIZE) ||
	    dg_sql_code_ahead(p, by + 1) != DG_TK_LP ||
	    close == DG_SQL_NO_TOKEN)
		return false;
	for (size_t at = p->i + by + 2; at < close; at++) {
		if (is_pattern_clause(p, at - p->i))
			return true;
		/* Not into brackets: all scans together are one pass. */
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* RUNNING f(x) */
static bool
is_processing(const struct dg_sql_promote *p)
{
	size_t behind = dg_sql_skip_name(p, p->i + 1);

	if (is_pattern_clause(p, 1) || has_pattern_clause(p, 1) ||
	    dg_sql_is_window(p, 1))
		return false;
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
		at = dg_sql_bracket_end(p, at);
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
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_RETURNING))
		return !dg_sql_is_name(p, dg_sql_ahead(p, 2));
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_ABSENT))
		return dg_sql_code_ahead(p, 2) != DG_TK_ON;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_VALUE))
		return dg_sql_code_ahead(p, 2) == DG_TK_RP ||
		       (dg_sql_word_ahead(p, 2, DG_SQL_W_FORMAT) &&
			dg_sql_word_ahead(p, 3, DG_SQL_W_JSON));
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

/* ---- others ------------------------------------------------------------ */

static bool
continues_query(const struct dg_sql_token *token)
{
	return token->code == DG_TK_UNION || token->code == DG_TK_EXCEPT ||
	       token->code == DG_TK_INTERSECT ||
	       dg_sql_is_word(token, DG_SQL_W_LIMIT) ||
	       dg_sql_is_word(token, DG_SQL_W_OFFSET) ||
	       dg_sql_is_word(token, DG_SQL_W_FETCH);
}

/*
 * (SELECT 1) ORDER BY a LIMIT 1: without a limit it is an argument, where one
 * could be.
 */
static bool
is_ordered_query(const struct dg_sql_promote *p, size_t at, bool alone)
{
	if (p->t[at].code != DG_TK_ORDER || alone)
		return p->t[at].code == DG_TK_ORDER;
	for (; at < p->n && p->t[at].code != DG_TK_RP; at++) {
		if (continues_query(&p->t[at]))
			return true;
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

bool
dg_sql_is_subquery(const struct dg_sql_promote *p, size_t at, bool inner_too)
{
	const struct dg_sql_token *end = &p->t[p->n];

	for (; at < p->n && p->t[at].code == DG_TK_LP; at++) {
		const struct dg_sql_token *inner = &p->t[at + 1];

		switch (inner->code) {
		case DG_TK_SELECT:
		case DG_TK_TABLE:
		case DG_TK_VALUES:
		case DG_TK_WITH:
			return true;
		}
		if (inner->code != DG_TK_LP || inner->match == DG_SQL_NO_TOKEN)
			return false;
		if (&p->t[inner->match] < end &&
		    (continues_query(&p->t[inner->match + 1]) ||
		     is_ordered_query(p, inner->match + 1, inner_too)))
			return true;
		if (!inner_too || p->t[inner->match + 1].code != DG_TK_RP)
			return false;
	}
	return false;
}

/* UNIQUE (query); WITH UNIQUE KEYS of JSON_OBJECT. */
static bool
is_unique(const struct dg_sql_promote *p)
{
	if (p->i > 0 && (p->t[p->i - 1].code == DG_TK_WITH ||
			 p->t[p->i - 1].code == DG_TK_WITHOUT ||
			 p->t[p->i - 1].code == DG_TK_MATCH_OF))
		return true;
	return dg_sql_has(p->tokens->engine, DG_SQL_G_UNIQUE_PREDICATE) &&
	       dg_sql_is_subquery(p, p->i + 1, false);
}

/* `a MATCH UNIQUE FULL (query)` */
static bool
is_match_predicate(const struct dg_sql_promote *p)
{
	size_t by = 1;

	if (dg_sql_word_ahead(p, by, DG_SQL_W_UNIQUE))
		by++;
	if (dg_sql_word_ahead(p, by, DG_SQL_W_SIMPLE) ||
	    dg_sql_word_ahead(p, by, DG_SQL_W_PARTIAL) ||
	    dg_sql_word_ahead(p, by, DG_SQL_W_FULL))
		by++;
	return dg_sql_is_subquery(p, p->i + by, true);
}

/* In NEAREST (FROM t MATCH a < b); an alias may have that name. */
static bool
is_nearest_match(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *head = before_bracket(p);

	if (head == NULL || head->code != DG_TK_NEAREST ||
	    p->t[p->i - 1].code == DG_TK_AS ||
	    p->t[p->i - 1].code == DG_TK_FROM)
		return false;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_MATCH) &&
	    dg_sql_starts_expression(p, dg_sql_ahead(p, 2)))
		return false;
	return dg_sql_starts_expression(p, dg_sql_ahead(p, 1));
}

static void
promote_match(struct dg_sql_promote *p)
{
	const struct dg_sql_token *before = &p->t[p->i > 0 ? p->i - 1 : 0];

	if (dg_sql_is_word(before, DG_SQL_W_PER) ||
	    dg_sql_is_word(before, DG_SQL_W_AFTER) || is_nearest_match(p))
		return;
	dg_sql_keep_if(
		p, dg_sql_has(p->tokens->engine, DG_SQL_G_MATCH_PREDICATE) &&
			   is_match_predicate(p));
	if (p->t[p->i].code != DG_TK_ID)
		p->t[p->i].code = DG_TK_MATCH_OF;
}

/* PIVOT (sum(a) FOR ..; of names alone it is an alias with its columns. */
static bool
is_pivot(const struct dg_sql_promote *p)
{
	size_t at = p->i + 2;

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP)
		return false;
	while (dg_sql_is_name(p, &p->t[at]) && p->t[at + 1].code == DG_TK_COMMA)
		at += 2;
	return !dg_sql_is_name(p, &p->t[at]) || p->t[at + 1].code != DG_TK_RP;
}

/* WITH SESSION a = 1, WITH SESSION a.b = 1 */
static void
promote_session(struct dg_sql_promote *p)
{
	size_t behind = dg_sql_skip_name(p, p->i + 1);

	if (dg_sql_has(p->tokens->engine, DG_SQL_G_WITH_SESSION) && p->i > 0 &&
	    p->t[p->i - 1].code == DG_TK_WITH && behind > p->i + 1)
		p->t[p->i].code = DG_TK_WITH_SESSION;
}

/* Of TABLE (f(TABLE (t) ORDER BY (a DESC, b))): the bracket around it all. */
static void
promote_sort_bracket(struct dg_sql_promote *p)
{
	const struct dg_sql_token *open = dg_sql_ahead(p, 2);
	const struct dg_sql_token *head = before_bracket(p);
	const struct dg_sql_token *behind;

	if (dg_sql_code_ahead(p, 1) != DG_TK_BY || open->code != DG_TK_LP ||
	    open->match == DG_SQL_NO_TOKEN || head == NULL ||
	    !dg_sql_is_name(p, head) || head->match == DG_SQL_NO_TOKEN ||
	    head->match == 0 || p->t[head->match - 1].code != DG_TK_TABLE)
		return;
	behind = &p->t[open->match + 1];
	if (behind->code == DG_TK_COMMA || behind->code == DG_TK_RP ||
	    dg_sql_is_word(behind, DG_SQL_W_COPARTITION))
		p->t[p->i + 2].code = DG_TK_LP_SORT;
}

void
dg_sql_promote_clause(struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_MATCH_RECOGNIZE:
		dg_sql_keep_if(p, is_match_recognize(p));
		break;
	case DG_SQL_W_MEASURES:
		dg_sql_keep_if(p, dg_sql_is_measures(p));
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
	case DG_SQL_W_KEY: /* Presto's is PRIMARY KEY */
		dg_sql_keep_if(p, !p->trino || is_key(p));
		break;
	case DG_SQL_W_RETURNING:
		dg_sql_keep_if(p, is_returning(p));
		break;
	case DG_SQL_W_NESTED:
		dg_sql_keep_if(p, is_nested(p));
		break;
	case DG_SQL_W_UNIQUE: /* Presto's is a constraint */
		dg_sql_keep_if(p,
			       p->trino ? is_unique(p)
					: dg_sql_code_ahead(p, 1) == DG_TK_LP);
		break;
	case DG_SQL_W_MATCH:
		promote_match(p);
		break;
	case DG_SQL_W_NEAREST:
		dg_sql_keep_if(p, dg_sql_code_ahead(p, 1) == DG_TK_LP);
		break;
	case DG_SQL_W_MAP:
		dg_sql_keep_if(p, dg_sql_code_ahead(p, 1) == DG_TK_LT);
		break;
	case DG_SQL_W_PIVOT:
		dg_sql_keep_if(p, is_pivot(p));
		break;
	case DG_SQL_W_SESSION:
		promote_session(p);
		break;
	case DG_SQL_W_ORDER:
		promote_sort_bracket(p);
		break;
	}
}

/* ---- arguments of table functions ------------------------------------- */

/* The comma behind the type that begins at `at`, or close. */
static size_t
end_of_type(const struct dg_sql_promote *p, size_t at, size_t close)
{
	size_t depth = 0; /* of a<b> */

	while (at < close && (depth > 0 || p->t[at].code != DG_TK_COMMA)) {
		depth += p->t[at].code == DG_TK_LT;
		depth -= depth > 0 && p->t[at].code == DG_TK_GT;
		at = dg_sql_bracket_end(p, at) + 1;
	}
	return at;
}

/* Else there is an operator, and an expression. */
static bool
ends_table_arg(const struct dg_sql_promote *p, size_t at)
{
	return p->t[at].code == DG_TK_COMMA || p->t[at].code == DG_TK_RP ||
	       dg_sql_is_word(&p->t[at], DG_SQL_W_COPARTITION);
}

/* DESCRIPTOR(a, b bigint): each a name, and a type perhaps; else it is a call.
 */
bool
dg_sql_is_descriptor(const struct dg_sql_promote *p)
{
	uint32_t close = p->t[p->i + 1].match;
	size_t at = p->i + 2;

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP || close == DG_SQL_NO_TOKEN)
		return false;
	for (;;) {
		if (!dg_sql_is_name(p, &p->t[at++]))
			return false;
		if (dg_sql_is_name(p, &p->t[at]))
			at = end_of_type(p, at, close);
		if (at == close)
			return ends_table_arg(p, close + 1);
		if (p->t[at++].code != DG_TK_COMMA)
			return false;
	}
}

/*
 * Behind the arguments of a table function; in their place it is a call, as the
 * engines read it, who try arguments first. Behind TABLE (t), in a subquery of
 * TABLE (..) and behind AS it is an alias with columns.
 */
bool
dg_sql_is_copartition(const struct dg_sql_promote *p)
{
	uint32_t open = p->t[p->i].match;
	const struct dg_sql_token *before = &p->t[p->i > 0 ? p->i - 1 : 0];

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP || open == DG_SQL_NO_TOKEN ||
	    open == 0 || !dg_sql_is_name(p, &p->t[open - 1]) ||
	    before->code == DG_TK_AS || before->code == DG_TK_LP ||
	    before->code == DG_TK_COMMA || before->code == DG_TK_DOUBLE_ARROW)
		return false;
	return before->code != DG_TK_RP || before->match == DG_SQL_NO_TOKEN ||
	       before->match == 0 ||
	       p->t[before->match - 1].code != DG_TK_TABLE;
}

/* ---- POSITION, when no lambda is in it; promote_lambdas.c --------------- */

/* Makes the brackets the arguments of a call, or leaves them for later. */
static bool
ends_position(const struct dg_sql_promote *p, size_t at)
{
	switch (p->t[at].code) {
	case DG_TK_AND:
	case DG_TK_OR:
	case DG_TK_EQ:
	case DG_TK_NE:
	case DG_TK_LT:
	case DG_TK_LE:
	case DG_TK_GT:
	case DG_TK_GE:
	case DG_TK_NOT:
	case DG_TK_IN:
	case DG_TK_IS:
	case DG_TK_LIKE:
	case DG_TK_BETWEEN:
	case DG_TK_MATCH_OF:
	case DG_TK_OVERLAPS:
	case DG_TK_COMMA:
	case DG_TK_ORDER:
	case DG_TK_ARROW:
		return true;
	case DG_TK_DISTINCT:
		return p->t[at - 1].code == DG_TK_LP;
	}
	return false;
}

/* The IN of POSITION in the brackets of token open; 0: there is none. */
static size_t
find_position_in(const struct dg_sql_promote *p, size_t open)
{
	uint32_t close = p->t[open].match; /* none: up to the end */
	size_t cases = 0;
	size_t in = 0;

	for (size_t at = open + 1; at < close && at < p->n; at++) {
		unsigned code = p->t[at].code;

		cases += code == DG_TK_CASE;
		if (cases > 0) {
			cases -= code == DG_TK_END;
		} else if (code == DG_TK_IN && in == 0 &&
			   p->t[at - 1].code != DG_TK_NOT) {
			in = at;
		} else if (ends_position(p, at)) {
			return 0;
		}
		if ((code == DG_TK_LP || code == DG_TK_LB) &&
		    p->t[at].match == DG_SQL_NO_TOKEN)
			break;
		/* Not into brackets: all scans together are one pass. */
		at = dg_sql_bracket_end(p, at);
	}
	return in;
}

void
dg_sql_promote_position(struct dg_sql_promote *p)
{
	const struct dg_sql_token *open = dg_sql_ahead(p, 1);
	size_t in = 0;

	dg_sql_keep_if(p, open->code == DG_TK_LP);
	if (open->code == DG_TK_LP)
		in = find_position_in(p, p->i + 1);
	if (in > 0)
		p->t[in].code = DG_TK_POSITION_IN;
}

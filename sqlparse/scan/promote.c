/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote.c - decides by its neighbours what a soft keyword is.
 *
 * A word such as LIMIT is a clause in one place and a name in another, and one
 * token of look-ahead does not tell. The tokens are all there, so one pass
 * settles each such word before the grammar sees it: what is no keyword here
 * becomes ID. Words with one obvious place in the grammar are not looked at;
 * %fallback takes care of them. Only what two rules could take has to be right
 * here: a word that no rule takes as it is told here is read the other way
 * (find_other_action of parser.tmpl).
 */
#include "scan/promote.h"

#include "scan/gate.h"

bool
dg_sql_is_name(const struct dg_sql_promote *p, const struct dg_sql_token *token)
{
	if (token->code == DG_TK_ID || token->code == DG_TK_QUOTED)
		return true;
	return token->code != DG_TK_ILLEGAL && token->word != DG_SQL_NO_WORD &&
	       !dg_sql_word_is_reserved((enum dg_sql_word)token->word,
					p->tokens->engine);
}

static bool
is_comparison(unsigned code)
{
	return code == DG_TK_EQ || code == DG_TK_NE || code == DG_TK_LT ||
	       code == DG_TK_LE || code == DG_TK_GT || code == DG_TK_GE;
}

bool
dg_sql_starts_expression(const struct dg_sql_promote *p,
			 const struct dg_sql_token *token)
{
	switch (token->code) {
	case DG_TK_LIT_STRING:
	case DG_TK_LIT_UNICODE:
	case DG_TK_LIT_BINARY:
	case DG_TK_LIT_INTEGER:
	case DG_TK_LIT_DECIMAL:
	case DG_TK_QM:
	case DG_TK_LP:
	case DG_TK_PLUS:
	case DG_TK_MINUS:
	case DG_TK_NOT:
	case DG_TK_CASE:
	case DG_TK_CAST:
	case DG_TK_EXISTS:
	case DG_TK_NULL:
	case DG_TK_TRUE:
	case DG_TK_FALSE:
	case DG_TK_EXTRACT:
	case DG_TK_GROUPING:
	case DG_TK_NORMALIZE:
	case DG_TK_TRIM:
	case DG_TK_LISTAGG:
	case DG_TK_NILADIC:
	case DG_TK_NILADIC_PRECISION:
	case DG_TK_JSON_ARRAY:
	case DG_TK_JSON_EXISTS:
	case DG_TK_JSON_OBJECT:
	case DG_TK_JSON_QUERY:
	case DG_TK_JSON_VALUE:
		return true;
	case DG_TK_LB: /* a[*] has a subscript */
		return p->trino && token[1].code != DG_TK_STAR &&
		       dg_sql_has(p->tokens->engine, DG_SQL_G_ARRAY_BRACKETS);
	}
	return dg_sql_is_name(p, token);
}

/* Nothing but white space between the two tokens: one token in Presto. */
static bool
is_only_blank_between(const struct dg_sql_promote *p,
		      const struct dg_sql_token *a)
{
	const char *text = p->tokens->text.data;

	for (size_t at = a->offset + a->len; at < a[1].offset; at++) {
		if (text[at] == '-' || text[at] == '/')
			return false;
	}
	return true;
}

static void
become_if(struct dg_sql_promote *p, unsigned code, bool keyword)
{
	p->t[p->i].code = (uint16_t)(keyword ? code : DG_TK_ID);
}

static bool
is_row_count(const struct dg_sql_promote *p, size_t by)
{
	return dg_sql_code_ahead(p, by) == DG_TK_LIT_INTEGER ||
	       (p->trino && dg_sql_code_ahead(p, by) == DG_TK_QM);
}

static bool
is_callee(const struct dg_sql_promote *p, const struct dg_sql_token *token)
{
	return token->code == DG_TK_LISTAGG || dg_sql_is_name(p, token);
}

/* GRANT, REVOKE [GRANT OPTION FOR], DENY in front of rights. */
static bool
is_grant(const struct dg_sql_token *token)
{
	return token->code == DG_TK_GRANT || token->code == DG_TK_REVOKE ||
	       token->code == DG_TK_DENY || token->code == DG_TK_FOR;
}

/* WINDOW w AS ( */
static bool
is_window_clause(const struct dg_sql_promote *p, size_t by)
{
	return dg_sql_word_ahead(p, by, DG_SQL_W_WINDOW) &&
	       dg_sql_is_name(p, dg_sql_ahead(p, by + 1)) &&
	       dg_sql_code_ahead(p, by + 2) == DG_TK_AS &&
	       dg_sql_code_ahead(p, by + 3) == DG_TK_LP;
}

/* WINDOW w and no more: an alias would have no plain name behind it. */
static bool
is_broken_window_clause(const struct dg_sql_promote *p)
{
	return p->trino && dg_sql_is_name(p, dg_sql_ahead(p, 1)) &&
	       dg_sql_ahead(p, 1)->word == DG_SQL_NO_WORD;
}

bool
dg_sql_is_row_limit(const struct dg_sql_promote *p, size_t by)
{
	if (dg_sql_word_ahead(p, by, DG_SQL_W_LIMIT))
		return is_row_count(p, by + 1) ||
		       dg_sql_word_ahead(p, by + 1, DG_SQL_W_ALL);
	if (dg_sql_word_ahead(p, by, DG_SQL_W_OFFSET))
		return is_row_count(p, by + 1);
	return dg_sql_word_ahead(p, by, DG_SQL_W_FETCH) &&
	       (dg_sql_word_ahead(p, by + 1, DG_SQL_W_FIRST) ||
		dg_sql_word_ahead(p, by + 1, DG_SQL_W_NEXT));
}

/* The bracket before token i is that of OVER behind a call. */
static bool
is_over_bracket(const struct dg_sql_promote *p)
{
	unsigned before;

	if (p->i < 3 || !dg_sql_is_word(&p->t[p->i - 2], DG_SQL_W_OVER))
		return false;
	before = p->t[p->i - 3].code;
	return before == DG_TK_RP ||
	       dg_sql_is_word(&p->t[p->i - 3], DG_SQL_W_NULLS);
}

/* Of GROUP BY, before a set of no columns: all() + 1 would be a call. */
static bool
is_before_empty_set(const struct dg_sql_promote *p)
{
	unsigned next = dg_sql_code_ahead(p, 3);

	return p->i > 1 && p->t[p->i - 1].code == DG_TK_BY &&
	       p->t[p->i - 2].code == DG_TK_GROUP &&
	       (next == 0 || next == DG_TK_COMMA || next == DG_TK_RP ||
		next == DG_TK_SEMICOLON || next == DG_TK_HAVING ||
		next == DG_TK_ORDER || next == DG_TK_UNION ||
		next == DG_TK_EXCEPT || next == DG_TK_INTERSECT ||
		is_window_clause(p, 3) || dg_sql_is_row_limit(p, 3));
}

/*
 * ALL: the quantifier of a set operation, LIMIT, comparison or ROWS PER MATCH;
 * of SELECT, GROUP BY and a call only before an expression or a lone `*`.
 * `all * 2`, `all = 1`, `all, b`, `all LIMIT 5` are about a column.
 */
static bool
is_all_quantifier(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *before = p->i > 0 ? &p->t[p->i - 1] : NULL;

	if (before == NULL)
		return false;
	if (dg_sql_code_ahead(p, 1) == DG_TK_PRIVILEGES && is_grant(before))
		return true;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_ROWS) &&
	    dg_sql_word_ahead(p, 2, DG_SQL_W_PER) &&
	    dg_sql_word_ahead(p, 3, DG_SQL_W_MATCH))
		return true;
	if (before->code == DG_TK_UNION || before->code == DG_TK_EXCEPT ||
	    before->code == DG_TK_INTERSECT || before->code == DG_TK_LIMIT)
		return true;
	if (is_comparison(before->code))
		return dg_sql_is_subquery(p, p->i + 1, false);
	if (dg_sql_code_ahead(p, 1) == DG_TK_LP &&
	    dg_sql_code_ahead(p, 2) == DG_TK_RP &&
	    dg_sql_code_ahead(p, 3) != DG_TK_ARROW)
		return is_before_empty_set(p); /* or all() */
	if (is_window_clause(p, 1) || dg_sql_is_row_limit(p, 1) ||
	    dg_sql_is_window(p, 1))
		return false;
	if (before->code == DG_TK_SELECT &&
	    dg_sql_code_ahead(p, 1) == DG_TK_STAR)
		return is_window_clause(p, 2) || dg_sql_is_row_limit(p, 2) ||
		       !dg_sql_starts_expression(p, dg_sql_ahead(p, 2));
	if (before->code == DG_TK_BY)
		return p->i > 1 && p->t[p->i - 2].code == DG_TK_GROUP &&
		       (dg_sql_starts_expression(p, dg_sql_ahead(p, 1)) ||
			dg_sql_code_ahead(p, 1) == DG_TK_ROLLUP ||
			dg_sql_code_ahead(p, 1) == DG_TK_CUBE ||
			dg_sql_code_ahead(p, 1) == DG_TK_AUTO);
	if (before->code == DG_TK_LP)
		return p->i > 1 && is_callee(p, &p->t[p->i - 2]) &&
		       !dg_sql_is_definition(p, p->i - 2) &&
		       !is_over_bracket(p) &&
		       dg_sql_starts_expression(p, dg_sql_ahead(p, 1));
	return before->code == DG_TK_SELECT &&
	       dg_sql_starts_expression(p, dg_sql_ahead(p, 1));
}

/* The bracket before token i belongs to UNNEST, and an alias may follow. */
static bool
is_with_ordinality(const struct dg_sql_promote *p)
{
	uint32_t open;

	if (p->i < 2 || !dg_sql_word_ahead(p, 1, DG_SQL_W_ORDINALITY) ||
	    p->t[p->i - 1].code != DG_TK_RP)
		return false;
	open = p->t[p->i - 1].match;
	return open != DG_SQL_NO_TOKEN && open > 0 &&
	       p->t[open - 1].code == DG_TK_UNNEST;
}

/* WITH [NO] DATA can only be the end of its statement. */
static bool
is_with_data(const struct dg_sql_promote *p)
{
	size_t data = dg_sql_word_ahead(p, 1, DG_SQL_W_NO) ? 2 : 1;

	return dg_sql_word_ahead(p, data, DG_SQL_W_DATA) &&
	       dg_sql_code_ahead(p, data + 1) == 0;
}

/* A type's; in Presto three words make one token, behind TIME[STAMP] only. */
static bool
is_with_time_zone(const struct dg_sql_promote *p)
{
	if (!dg_sql_word_ahead(p, 1, DG_SQL_W_TIME))
		return false;
	if (p->trino && dg_sql_code_ahead(p, 2) == 0)
		return true; /* ZONE is missing */
	if (!dg_sql_word_ahead(p, 2, DG_SQL_W_ZONE))
		return false;
	if (p->trino)
		return true;
	return p->i > 0 &&
	       (dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_TIME) ||
		dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_TIMESTAMP)) &&
	       is_only_blank_between(p, &p->t[p->i - 1]) &&
	       is_only_blank_between(p, &p->t[p->i]) &&
	       is_only_blank_between(p, &p->t[p->i + 1]);
}

static void
promote_with(struct dg_sql_promote *p)
{
	struct dg_sql_token *with = &p->t[p->i];

	if (is_with_time_zone(p))
		with->code = DG_TK_WITH_TIME_ZONE;
	else if (is_with_ordinality(p))
		with->code = DG_TK_WITH_ORDINALITY;
	else if (is_with_data(p))
		with->code = DG_TK_WITH_DATA;
	else if (dg_sql_word_ahead(p, 1, DG_SQL_W_TIES) && p->i > 0 &&
		 (dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_ROW) ||
		  dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_ROWS)))
		with->code = DG_TK_WITH_TIES;
}

static void
promote_array(struct dg_sql_promote *p)
{
	unsigned next = dg_sql_code_ahead(p, 1);

	if (next == DG_TK_LB)
		p->t[p->i].code = DG_TK_ARRAY_OF;
	else if (next == DG_TK_LP || next == DG_TK_LT)
		p->t[p->i].code = DG_TK_ARRAY_TYPE;
}

static void
promote_interval(struct dg_sql_promote *p)
{
	size_t value = dg_sql_code_ahead(p, 1) == DG_TK_PLUS ||
				       dg_sql_code_ahead(p, 1) == DG_TK_MINUS
			       ? 2
			       : 1;
	size_t unit = value + 1;

	if (dg_sql_code_ahead(p, value) == DG_TK_LIT_UNICODE &&
	    dg_sql_code_ahead(p, value + 1) == DG_TK_UESCAPE)
		unit = value + 3;
	if (dg_sql_is_string(dg_sql_code_ahead(p, value)) &&
	    dg_sql_code_ahead(p, unit) == DG_TK_UNIT)
		return;
	become_if(p, DG_TK_INTERVAL_TYPE,
		  dg_sql_code_ahead(p, 1) == DG_TK_UNIT);
}

static bool
is_at(const struct dg_sql_promote *p)
{
	return dg_sql_word_ahead(p, 1, DG_SQL_W_TIME) ||
	       (p->trino && dg_sql_word_ahead(p, 1, DG_SQL_W_LOCAL));
}

/* In Presto one token of two words; in Trino a literal or a type. */
static void
promote_double(struct dg_sql_promote *p)
{
	bool precision = dg_sql_word_ahead(p, 1, DG_SQL_W_PRECISION);

	if (p->trino && precision && dg_sql_is_string(dg_sql_code_ahead(p, 2)))
		p->t[p->i].code = DG_TK_DOUBLE_LITERAL;
	else
		dg_sql_keep_if(
			p, precision && (p->trino || is_only_blank_between(
							     p, &p->t[p->i])));
}

/* What stands behind token i in brackets can be nothing but arguments. */
static bool
is_call_alone(const struct dg_sql_promote *p)
{
	unsigned first = dg_sql_code_ahead(p, 2);

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP)
		return false;
	return first == DG_TK_STAR || first == DG_TK_DISTINCT ||
	       first == DG_TK_ORDER ||
	       (first == DG_TK_RP && dg_sql_code_ahead(p, 3) != DG_TK_ARROW);
}

/* ROW (..) that is the call of a function: ROW(DISTINCT a), ROW(a) OVER w. */
static bool
is_row_call(const struct dg_sql_promote *p)
{
	uint32_t close = dg_sql_ahead(p, 1)->match;
	const struct dg_sql_token *behind;

	if (close == DG_SQL_NO_TOKEN)
		return false;
	behind = &p->t[close + 1];
	if (is_call_alone(p) || dg_sql_is_word(behind, DG_SQL_W_OVER) ||
	    (dg_sql_is_word(behind, DG_SQL_W_FILTER) &&
	     behind[1].code == DG_TK_LP) ||
	    ((dg_sql_is_word(behind, DG_SQL_W_IGNORE) ||
	      dg_sql_is_word(behind, DG_SQL_W_RESPECT)) &&
	     dg_sql_is_word(&behind[1], DG_SQL_W_NULLS)))
		return dg_sql_code_ahead(p, 2) != DG_TK_RP ||
		       behind->code != DG_TK_ARROW;
	for (size_t at = p->i + 2; at < close; at++) {
		if (p->t[at].code == DG_TK_ORDER)
			return true;
		/* Not into brackets: all scans together are one pass. */
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* Of whatever version. */
static bool
is_plain_name(const struct dg_sql_token *token)
{
	return token->code == DG_TK_QUOTED ||
	       (token->code == DG_TK_ID && token->word == DG_SQL_NO_WORD);
}

/* What can be behind a value and begins none. */
static bool
goes_on(const struct dg_sql_promote *p, size_t by)
{
	switch (dg_sql_code_ahead(p, by)) {
	case DG_TK_ARROW:
	case DG_TK_CONCAT:
	case DG_TK_DOT:
	case DG_TK_DOUBLE_COLON:
	case DG_TK_PERCENT:
	case DG_TK_SLASH:
	case DG_TK_STAR:
		return true;
	}
	return dg_sql_word_ahead(p, by, DG_SQL_W_AT) &&
	       dg_sql_word_ahead(p, by + 1, DG_SQL_W_TIME) &&
	       dg_sql_word_ahead(p, by + 2, DG_SQL_W_ZONE);
}

/* TRIM(BOTH .. FROM ..), with FROM in the same bracket; TRIM(BOTH a. */
static bool
is_trim_side(const struct dg_sql_promote *p)
{
	uint32_t open = p->t[p->i].match;

	if (p->i < 2 || p->t[p->i - 1].code != DG_TK_LP ||
	    p->t[p->i - 2].code != DG_TK_TRIM || open == DG_SQL_NO_TOKEN ||
	    p->t[open].match == DG_SQL_NO_TOKEN || is_call_alone(p) ||
	    dg_sql_is_window(p, 1) || goes_on(p, 1))
		return false;
	if (p->trino && is_plain_name(dg_sql_ahead(p, 1)))
		return true;
	for (size_t at = p->i + 1; at < p->t[open].match; at++) {
		if (p->t[at].code == DG_TK_FROM)
			return true;
		/* Not into brackets: all scans together are one pass. */
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* Several types in the brackets behind token i; MAP<k, v> is one. */
static bool
has_comma(const struct dg_sql_promote *p)
{
	uint32_t close = dg_sql_ahead(p, 1)->match;
	size_t angles = 0;

	if (dg_sql_code_ahead(p, 1) != DG_TK_LP || close == DG_SQL_NO_TOKEN)
		return false;
	for (size_t at = p->i + 2; at < close; at++) {
		if (p->t[at].code == DG_TK_COMMA && angles == 0)
			return true;
		angles += p->t[at].code == DG_TK_LT;
		angles -= angles > 0 && p->t[at].code == DG_TK_GT;
		at = dg_sql_bracket_end(p, at);
	}
	return false;
}

/* TIME ARRAY, one type; in (time ARRAY(a)) ARRAY begins another. */
static bool
is_array_of(const struct dg_sql_promote *p)
{
	return dg_sql_word_ahead(p, 1, DG_SQL_W_ARRAY) &&
	       dg_sql_code_ahead(p, 2) != DG_TK_LP &&
	       dg_sql_code_ahead(p, 2) != DG_TK_LT;
}

/* (time a, timestamp b): parameters and fields by that name, of types a, b. */
static bool
is_name_before_type(const struct dg_sql_promote *p)
{
	unsigned before = p->i == 0 ? 0 : p->t[p->i - 1].code;

	return (before == DG_TK_LP || before == DG_TK_COMMA) &&
	       dg_sql_is_name(p, dg_sql_ahead(p, 1)) && !is_array_of(p) &&
	       !dg_sql_word_ahead(p, 1, DG_SQL_W_WITHOUT);
}

/* In Presto all other types of time are generic ones. */
static bool
is_zoned_type(const struct dg_sql_promote *p)
{
	return dg_sql_code_ahead(p, 1) == DG_TK_WITH &&
	       dg_sql_word_ahead(p, 2, DG_SQL_W_TIME) &&
	       dg_sql_word_ahead(p, 3, DG_SQL_W_ZONE);
}

/* PRUNE WHEN EMPTY, KEEP WHEN EMPTY, of a table argument. */
static bool
is_when_empty(const struct dg_sql_promote *p)
{
	return dg_sql_code_ahead(p, 1) == DG_TK_WHEN &&
	       dg_sql_word_ahead(p, 2, DG_SQL_W_EMPTY);
}

/* Of JSON_QUERY. */
static bool
is_keep_quotes(const struct dg_sql_promote *p)
{
	return dg_sql_is_word(&p->t[p->i], DG_SQL_W_KEEP) &&
	       dg_sql_word_ahead(p, 1, DG_SQL_W_QUOTES);
}

/* Of a set operation: before a query or its column list. */
static bool
is_corresponding(const struct dg_sql_promote *p)
{
	return p->i > 0 && !is_comparison(p->t[p->i - 1].code) &&
	       (p->t[p->i - 1].code == DG_TK_UNION ||
		p->t[p->i - 1].code == DG_TK_EXCEPT ||
		p->t[p->i - 1].code == DG_TK_INTERSECT ||
		p->t[p->i - 1].code == DG_TK_ALL ||
		p->t[p->i - 1].code == DG_TK_DISTINCT) &&
	       (dg_sql_code_ahead(p, 1) == DG_TK_SELECT ||
		dg_sql_code_ahead(p, 1) == DG_TK_TABLE ||
		dg_sql_code_ahead(p, 1) == DG_TK_VALUES ||
		dg_sql_code_ahead(p, 1) == DG_TK_LP ||
		dg_sql_code_ahead(p, 1) == DG_TK_BY);
}

size_t
dg_sql_skip_name(const struct dg_sql_promote *p, size_t at)
{
	while (at < p->n && dg_sql_is_name(p, &p->t[at])) {
		at++;
		if (at >= p->n || p->t[at].code != DG_TK_DOT)
			break;
		at++;
	}
	return at;
}

/* = ANY (SELECT .. */
static bool
is_any_quantifier(const struct dg_sql_promote *p)
{
	return p->i > 0 && is_comparison(p->t[p->i - 1].code) &&
	       dg_sql_is_subquery(p, p->i + 1, false);
}

static bool
is_limit(const struct dg_sql_promote *p)
{
	return is_row_count(p, 1) || dg_sql_word_ahead(p, 1, DG_SQL_W_ALL);
}

/* Clauses, and words before which a bracket or a fixed word decides. */
static void
promote_word(struct dg_sql_promote *p)
{
	unsigned next = dg_sql_code_ahead(p, 1);

	switch (p->t[p->i].word) {
	case DG_SQL_W_ALL:
		dg_sql_keep_if(p, is_all_quantifier(p));
		break;
	case DG_SQL_W_ANY:
	case DG_SQL_W_SOME:
		dg_sql_keep_if(p, is_any_quantifier(p));
		break;
	case DG_SQL_W_LIMIT:
		dg_sql_keep_if(p, is_limit(p));
		break;
	case DG_SQL_W_OFFSET:
		dg_sql_keep_if(p, is_row_count(p, 1));
		break;
	case DG_SQL_W_FETCH:
		dg_sql_keep_if(p, next == DG_TK_FIRST || next == DG_TK_NEXT);
		break;
	case DG_SQL_W_WINDOW:
		dg_sql_keep_if(p, is_window_clause(p, 0) ||
					  is_broken_window_clause(p));
		break;
	case DG_SQL_W_TABLESAMPLE:
		dg_sql_keep_if(p, next == DG_TK_SAMPLE_METHOD);
		break;
	case DG_SQL_W_OVER:
		dg_sql_keep_if(p, dg_sql_is_over(p));
		break;
	case DG_SQL_W_FILTER:
		dg_sql_keep_if(p, dg_sql_is_filter(p));
		break;
	case DG_SQL_W_IGNORE:
	case DG_SQL_W_RESPECT:
		dg_sql_keep_if(p, next == DG_TK_NULLS);
		break;
	case DG_SQL_W_WITHIN:
		dg_sql_keep_if(p, next == DG_TK_GROUP &&
					  dg_sql_code_ahead(p, 2) == DG_TK_LP);
		break;
	case DG_SQL_W_PARTITION:
		dg_sql_keep_if(p, next == DG_TK_BY);
		break;
	case DG_SQL_W_ROWS:
		if (p->i > 0 && dg_sql_is_frame(p))
			p->t[p->i].code = DG_TK_FRAME;
		break;
	case DG_SQL_W_RANGE:
	case DG_SQL_W_GROUPS:
		dg_sql_keep_if(p, p->i > 0 && dg_sql_is_frame(p));
		break;
	case DG_SQL_W_UNBOUNDED:
		dg_sql_keep_if(p, next == DG_TK_PRECEDING ||
					  next == DG_TK_FOLLOWING);
		break;
	case DG_SQL_W_CURRENT:
		dg_sql_keep_if(p,
			       next == DG_TK_ROW || dg_sql_is_show_current(p));
		break;
	case DG_SQL_W_ROW:
		if (next == DG_TK_LP)
			p->t[p->i].code =
				is_row_call(p) ? DG_TK_ID : DG_TK_ROW_OF;
		break;
	case DG_SQL_W_ARRAY:
		promote_array(p);
		break;
	case DG_SQL_W_POSITION:
		dg_sql_promote_position(p);
		break;
	case DG_SQL_W_LATERAL:
	case DG_SQL_W_SUBSTRING:
	case DG_SQL_W_TRY_CAST:
	case DG_SQL_W_OVERLAY:
		dg_sql_keep_if(p, next == DG_TK_LP);
		break;
	case DG_SQL_W_DESCRIPTOR:
		dg_sql_keep_if(p, dg_sql_is_descriptor(p));
		break;
	case DG_SQL_W_COPARTITION:
		dg_sql_keep_if(p, dg_sql_is_copartition(p));
		break;
	case DG_SQL_W_INTERVAL:
		promote_interval(p);
		break;
	case DG_SQL_W_DOUBLE:
		promote_double(p);
		break;
	case DG_SQL_W_TIME:
	case DG_SQL_W_TIMESTAMP:
		dg_sql_keep_if(p, p->trino ? !is_name_before_type(p) &&
						     !has_comma(p) /* (3, a) */
					   : is_zoned_type(p));
		break;
	case DG_SQL_W_AT:
		dg_sql_keep_if(p, is_at(p));
		break;
	case DG_SQL_W_WITH:
		promote_with(p);
		break;
	case DG_SQL_W_WITHOUT:
		if (dg_sql_word_ahead(p, 1, DG_SQL_W_TIME))
			p->t[p->i].code = DG_TK_WITHOUT_TIME_ZONE;
		break;
	case DG_SQL_W_LEADING:
	case DG_SQL_W_TRAILING:
	case DG_SQL_W_BOTH:
		dg_sql_keep_if(p, is_trim_side(p));
		break;
	case DG_SQL_W_TRIM: /* Trino reserves it */
		dg_sql_keep_if(p, p->trino || next == DG_TK_LP);
		break;
	case DG_SQL_W_PRUNE:
	case DG_SQL_W_KEEP:
		dg_sql_keep_if(p, is_when_empty(p) || is_keep_quotes(p));
		break;
	case DG_SQL_W_CORRESPONDING:
		dg_sql_keep_if(p, is_corresponding(p));
		break;
	case DG_SQL_W_CURRENT_PATH: /* Presto had it for a while */
		dg_sql_keep_if(p, p->trino || dg_sql_has(p->tokens->engine,
							 DG_SQL_G_SET_PATH));
		break;
	case DG_SQL_W_IMMEDIATE:
		dg_sql_keep_if(p, dg_sql_is_string(next) && p->i > 0 &&
					  dg_sql_is_word(&p->t[p->i - 1],
							 DG_SQL_W_EXECUTE));
		break;
	default:
		dg_sql_promote_clause(p);
		dg_sql_promote_statement(p);
	}
}

/* Behind a dot or `::` stands a name, whatever its word means elsewhere. */
static bool
is_behind_dot(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *token = &p->t[p->i];

	if (p->i == 0 || (p->t[p->i - 1].code != DG_TK_DOT &&
			  p->t[p->i - 1].code != DG_TK_DOUBLE_COLON))
		return false;
	return dg_sql_is_name(p, token) ||
	       (dg_sql_code_ahead(p, 1) == DG_TK_LP &&
		dg_sql_has(p->tokens->engine, DG_SQL_G_METHOD));
}

/* `name :` of a loop. */
static bool
is_label(const struct dg_sql_promote *p)
{
	return p->trino && dg_sql_code_ahead(p, 1) == DG_TK_COLON &&
	       (dg_sql_word_ahead(p, 2, DG_SQL_W_LOOP) ||
		dg_sql_word_ahead(p, 2, DG_SQL_W_WHILE) ||
		dg_sql_word_ahead(p, 2, DG_SQL_W_REPEAT)) &&
	       dg_sql_is_name(p, &p->t[p->i]);
}

static void
settle(struct dg_sql_promote *p)
{
	const struct dg_sql_token *token = &p->t[p->i];

	if (p->dated && dg_sql_close_token(p))
		return;
	p->lambdas |= token->code == DG_TK_ARROW;
	if (token->word == DG_SQL_NO_WORD || token->code == DG_TK_ILLEGAL)
		return;
	if (is_behind_dot(p) || is_label(p))
		p->t[p->i].code = DG_TK_ID;
	else
		promote_word(p);
}

const bool dg_sql_word_is_settled[DG_SQL_N_WORDS] = {
	[DG_SQL_NO_WORD] = true,    [DG_SQL_W_AND] = true,
	[DG_SQL_W_AS] = true,       [DG_SQL_W_BETWEEN] = true,
	[DG_SQL_W_BY] = true,       [DG_SQL_W_CASE] = true,
	[DG_SQL_W_CAST] = true,     [DG_SQL_W_CROSS] = true,
	[DG_SQL_W_DISTINCT] = true, [DG_SQL_W_ELSE] = true,
	[DG_SQL_W_END] = true,      [DG_SQL_W_EXCEPT] = true,
	[DG_SQL_W_EXISTS] = true,   [DG_SQL_W_FROM] = true,
	[DG_SQL_W_FULL] = true,     [DG_SQL_W_GROUP] = true,
	[DG_SQL_W_HAVING] = true,   [DG_SQL_W_IN] = true,
	[DG_SQL_W_INNER] = true,    [DG_SQL_W_INTERSECT] = true,
	[DG_SQL_W_IS] = true,       [DG_SQL_W_JOIN] = true,
	[DG_SQL_W_LEFT] = true,     [DG_SQL_W_LIKE] = true,
	[DG_SQL_W_NOT] = true,      [DG_SQL_W_NULL] = true,
	[DG_SQL_W_ON] = true,       [DG_SQL_W_OR] = true,
	[DG_SQL_W_OUTER] = true,    [DG_SQL_W_RIGHT] = true,
	[DG_SQL_W_SELECT] = true,   [DG_SQL_W_THEN] = true,
	[DG_SQL_W_UNION] = true,    [DG_SQL_W_WHEN] = true,
	[DG_SQL_W_WHERE] = true,
};

/* Those that the scanner noted: the others are what they look like. */
static void
settle_noted(struct dg_sql_promote *p)
{
	for (size_t first = 0; first < p->n; first += 64) {
		uint64_t left = p->tokens->unsettled[first / 64];

		for (; left != 0; left &= left - 1) {
			p->i = first + (size_t)__builtin_ctzll(left);
			settle(p);
		}
	}
}

bool
dg_sql_promote(struct dg_sql_tokens *tokens)
{
	struct dg_sql_promote p = {
		.tokens = tokens,
		.t = tokens->at,
		.n = tokens->n,
		.trino = tokens->engine.dialect == DG_SQL_TRINO,
		.dated = dg_sql_closes_tokens(tokens->engine),
	};

	if (p.dated) {
		p.head = dg_sql_statement_head(&p);
		for (; p.i < p.n; p.i++)
			settle(&p);
	} else {
		settle_noted(&p);
	}
	return !p.lambdas || dg_sql_promote_lambdas(&p);
}

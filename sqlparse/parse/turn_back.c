/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_back.c - the engines' parsers look ahead to choose between two roads.
 * Where all of them end, the error is at that token; but when one could have
 * been left at the fork, the error is at the fork: IN without a list that can
 * be read and, in Trino since it has routines (RETURN an expression, then a
 * query that may begin with a bracket), the bracket of a call.
 *
 * Forks lie within forks, and the outermost that is not decided yet is the one
 * that tells. So this looks at what is open around the token, from the inside
 * out. Works on failures only, in time linear in the text.
 */
#include "parse/turn_back.h"

#include "scan/gate.h"

enum { ROUTINES_SINCE = 431 };

struct walk {
	const struct dg_sql_tokens *tokens;
	const struct dg_sql_token *bad;
	const struct dg_sql_token *found; /* the answer so far */
	/* Of the level that is being left: */
	bool is_query;     /* has SELECT, or a clause of it */
	bool has_comma;    /* between its bracket and us */
	bool has_operator; /* in the same item as we */
};

static bool
is_operator(unsigned code)
{
	switch (code) {
	case DG_TK_PLUS:
	case DG_TK_MINUS:
	case DG_TK_STAR:
	case DG_TK_SLASH:
	case DG_TK_PERCENT:
	case DG_TK_CONCAT:
	case DG_TK_EQ:
	case DG_TK_NE:
	case DG_TK_LT:
	case DG_TK_LE:
	case DG_TK_GT:
	case DG_TK_GE:
	case DG_TK_AND:
	case DG_TK_OR:
	case DG_TK_NOT:
	case DG_TK_IN:
	case DG_TK_IS:
	case DG_TK_LIKE:
	case DG_TK_BETWEEN:
	case DG_TK_AT:
		return true;
	}
	return false;
}

/* What stands in front of an expression, so that a bracket there is one. */
static bool
precedes_expression(unsigned code)
{
	switch (code) {
	case DG_TK_LP:
	case DG_TK_LB:
	case DG_TK_COMMA:
	case DG_TK_ARROW:
	case DG_TK_DOUBLE_ARROW:
	case DG_TK_SELECT:
	case DG_TK_DISTINCT:
	case DG_TK_ALL:
	case DG_TK_WHERE:
	case DG_TK_HAVING:
	case DG_TK_ON:
	case DG_TK_BY:
	case DG_TK_VALUES:
	case DG_TK_CASE:
	case DG_TK_WHEN:
	case DG_TK_THEN:
	case DG_TK_ELSE:
	case DG_TK_ESCAPE:
		return true;
	}
	return is_operator(code) && code != DG_TK_IN;
}

static bool
begins_clause(unsigned code)
{
	switch (code) {
	case DG_TK_FROM:
	case DG_TK_WHERE:
	case DG_TK_GROUP:
	case DG_TK_HAVING:
	case DG_TK_ORDER:
	case DG_TK_WINDOW:
	case DG_TK_LIMIT:
	case DG_TK_OFFSET:
	case DG_TK_FETCH:
	case DG_TK_ON:
	case DG_TK_SET:
	case DG_TK_VALUES:
	case DG_TK_UNION:
	case DG_TK_EXCEPT:
	case DG_TK_INTERSECT:
		return true;
	}
	return false;
}

/* Out of a bracket. What is within one is one thing to those without. */
static void
leave(struct walk *w, const struct dg_sql_token *bracket)
{
	const struct dg_sql_token *first = w->tokens->at;
	unsigned before = bracket > first ? bracket[-1].code : 0;

	if (bracket->code == DG_TK_LP && before == DG_TK_IN) {
		if (bracket - first < 2 || bracket[-2].word != DG_SQL_W_NOT)
			w->found = &bracket[-1];
	} else if ((before == DG_TK_ROW_OF && bracket + 1 < w->bad) ||
		   (bracket->code == DG_TK_LP && !w->is_query &&
		    !w->has_comma && precedes_expression(before))) {
		w->found = w->bad; /* of a row, a lambda or only in brackets */
	}
	w->is_query = false;
	w->has_comma = false;
	w->has_operator = false;
}

static void
pass(struct walk *w, unsigned code)
{
	if (code == DG_TK_COMMA)
		w->has_comma = true;
	else if (code == DG_TK_ARROW && !w->has_comma)
		w->has_operator = false; /* a lambda is a value */
	else if (is_operator(code) && !w->has_comma)
		w->has_operator = true;
	else if (begins_clause(code))
		w->is_query = true;
	if (code != DG_TK_SELECT)
		return;
	/* Trino: "a value.*" until it cannot be a value alone any more. */
	if (w->tokens->engine.dialect == DG_SQL_TRINO && !w->is_query &&
	    !w->has_operator)
		w->found = w->bad;
	w->is_query = true;
}

static bool
has_routines(struct dg_sql_engine engine)
{
	return engine.dialect == DG_SQL_TRINO &&
	       dg_sql_gate_version(engine) >= ROUTINES_SINCE;
}

static bool
is_number(unsigned code)
{
	return code == DG_TK_LIT_INTEGER || code == DG_TK_LIT_DECIMAL;
}

/* The first of a.b.c; behind a bracket, what is in front of that counts. */
static const struct dg_sql_token *
start_of_chain(const struct dg_sql_tokens *tokens,
	       const struct dg_sql_token *dot)
{
	while (dot - tokens->at >= 2 && dot[-2].code == DG_TK_DOT)
		dot -= 2;
	return dot - 1;
}

/* Whether a list at this place, or a bracket, is of relations. */
static bool
is_among_relations(const struct dg_sql_tokens *tokens,
		   const struct dg_sql_token *it)
{
	while (it-- > tokens->at) {
		if (it->code == DG_TK_RP || it->code == DG_TK_RB)
			it = it->match == DG_SQL_NO_TOKEN
				     ? it
				     : tokens->at + it->match;
		else if (it->code == DG_TK_FROM || it->code == DG_TK_JOIN)
			return true;
		else if (it->code == DG_TK_SELECT || it->code == DG_TK_LB ||
			 begins_clause(it->code))
			return false;
	}
	return false;
}

/* The dot follows a value; else it is within the name of an object. */
static bool
is_dereference(const struct dg_sql_tokens *tokens,
	       const struct dg_sql_token *dot)
{
	const struct dg_sql_token *name = start_of_chain(tokens, dot);

	if (name->code == DG_TK_RP || name->code == DG_TK_RB ||
	    name->code == DG_TK_END)
		return true;
	if (name == tokens->at ||
	    (is_number(name->code) && name[-1].code == DG_TK_MINUS))
		return false;
	switch (name[-1].code) {
	case DG_TK_LP:
		if (name - tokens->at >= 2 && name[-2].code == DG_TK_UNNEST)
			return true;
		return !is_among_relations(tokens, name);
	case DG_TK_COMMA:
		return !is_among_relations(tokens, name);
	case DG_TK_USING:
		return tokens->at[0].code == DG_TK_EXECUTE;
	case DG_TK_ON:
		return tokens->at[0].word != DG_SQL_W_GRANT &&
		       tokens->at[0].word != DG_SQL_W_REVOKE &&
		       tokens->at[0].word != DG_SQL_W_DENY &&
		       tokens->at[0].word != DG_SQL_W_SHOW;
	}
	return precedes_expression(name[-1].code);
}

/*
 * What a dot may follow before "*" can be left at the dot: in Trino values, in
 * Presto names, but where the statement itself is not decided yet.
 */
static bool
may_end_at_dot(const struct dg_sql_tokens *tokens,
	       const struct dg_sql_token *dot)
{
	bool is_value = is_dereference(tokens, dot);

	if (tokens->engine.dialect == DG_SQL_TRINO)
		return is_value;
	switch (tokens->at[0].code) {
	case DG_TK_USE:
		return false;
	case DG_TK_ALTER:
		return start_of_chain(tokens, dot)[-1].code == DG_TK_TO;
	case DG_TK_CREATE:
		return !is_value && tokens->at[1].code != DG_TK_TABLE;
	}
	return !is_value;
}

/* The innermost fork, if that is right behind us. */
static const struct dg_sql_token *
start(const struct dg_sql_build *cx, const unsigned char *expected)
{
	const struct dg_sql_token *token = cx->rejected;
	const struct dg_sql_token *fork = token - 1;
	size_t at = (size_t)(token - cx->tokens->at);
	bool is_fork = false;

	if (at < 2)
		return token;
	if (fork->code == DG_TK_IN)
		is_fork = fork[-1].word != DG_SQL_W_NOT &&
			  !dg_sql_is_expected(expected, DG_TK_ID);
	else if (fork->code == DG_TK_DOT)
		is_fork = dg_sql_is_expected(expected, DG_TK_ID) &&
			  may_end_at_dot(cx->tokens, fork);
	else if (fork->code == DG_TK_LP && has_routines(cx->tokens->engine))
		is_fork = fork[-1].code == DG_TK_ROW_OF ||
			  (dg_sql_is_expected(expected, DG_TK_STAR) &&
			   dg_sql_is_expected(expected, DG_TK_DISTINCT));
	return is_fork ? fork : token;
}

const struct dg_sql_token *
dg_sql_turn_back(const struct dg_sql_build *cx,
		 const unsigned char expected[DG_SQL_EXPECTED_BYTES])
{
	const struct dg_sql_token *first = cx->tokens->at;
	struct walk w = {.tokens = cx->tokens, .bad = cx->rejected};
	unsigned n_ends = 0;

	w.found = start(cx, expected);
	for (const struct dg_sql_token *it = cx->rejected; it-- > first;) {
		switch (it->code) {
		case DG_TK_RP:
		case DG_TK_RB:
			if (it->match != DG_SQL_NO_TOKEN)
				it = first + it->match;
			break;
		case DG_TK_LP:
		case DG_TK_LB:
		case DG_TK_LB_OUTER:
			leave(&w, it);
			n_ends = 0;
			break;
		case DG_TK_END:
			n_ends++;
			break;
		case DG_TK_CASE:
			if (n_ends > 0)
				n_ends--;
			else if (!w.has_comma)
				w.has_operator = false;
			break;
		default:
			if (n_ends == 0)
				pass(&w, it->code);
		}
	}
	return w.found;
}

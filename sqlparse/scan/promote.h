/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote.h - the pass of promote.c and its parts; private to this folder.
 *
 * promote.c walks the tokens and decides the words that most statements have;
 * promote_clauses.c those of row patterns, JSON and other long clauses,
 * promote_windows.c those of windows, promote_statements.c those of statements
 * other than queries; promote_lambdas.c decides where lambdas end.
 */
#ifndef DG_SQLPARSE_PROMOTE_H
#define DG_SQLPARSE_PROMOTE_H

#include "scan/token.h"

/* The pass: token i of t, none before it undecided. */
struct dg_sql_promote {
	const struct dg_sql_tokens *tokens;
	struct dg_sql_token *t;
	size_t n;
	size_t i;
	bool trino;
	bool lambdas; /* an arrow is among the tokens so far */
	bool dated;   /* a version in which some tokens are closed */
	size_t head;  /* if so: where the statement begins behind an EXPLAIN */
};

/* Any token of the array; the end token for what is beyond. */
static inline const struct dg_sql_token *
dg_sql_ahead(const struct dg_sql_promote *p, size_t by)
{
	size_t at = p->i + by;

	return &p->t[at < p->n ? at : p->n];
}

static inline unsigned
dg_sql_code_ahead(const struct dg_sql_promote *p, size_t by)
{
	return dg_sql_ahead(p, by)->code;
}

static inline bool
dg_sql_is_word(const struct dg_sql_token *token, enum dg_sql_word word)
{
	return token->word == word && token->code != DG_TK_ILLEGAL;
}

static inline bool
dg_sql_word_ahead(const struct dg_sql_promote *p, size_t by,
		  enum dg_sql_word word)
{
	return dg_sql_is_word(dg_sql_ahead(p, by), word);
}

/* The partner of the bracket that opens in token at; at where none does. */
static inline size_t
dg_sql_bracket_end(const struct dg_sql_promote *p, size_t at)
{
	const struct dg_sql_token *token = &p->t[at];

	if ((token->code != DG_TK_LP && token->code != DG_TK_LB) ||
	    token->match == DG_SQL_NO_TOKEN)
		return at;
	return token->match;
}

static inline bool
dg_sql_is_string(unsigned code)
{
	return code == DG_TK_LIT_STRING || code == DG_TK_LIT_UNICODE;
}

static inline void
dg_sql_keep_if(struct dg_sql_promote *p, bool keyword)
{
	if (!keyword)
		p->t[p->i].code = DG_TK_ID;
}

/* A soft or an ordinary word, or a quoted name. */
bool dg_sql_is_name(const struct dg_sql_promote *p,
		    const struct dg_sql_token *token);
bool dg_sql_starts_expression(const struct dg_sql_promote *p,
			      const struct dg_sql_token *token);
/* Past `a . b . c`; at itself when there is no name. */
size_t dg_sql_skip_name(const struct dg_sql_promote *p, size_t at);

/*
 * Token at is the `(` of a query. `((select 1))` is one as well, unless that
 * is to be the argument of a function.
 */
bool dg_sql_is_subquery(const struct dg_sql_promote *p, size_t at,
			bool inner_too);

/* LIMIT 5, OFFSET 5, FETCH FIRST: not the name of a window. */
bool dg_sql_is_row_limit(const struct dg_sql_promote *p, size_t by);
/* Token i is that of a table function's argument; promote_clauses.c. */
bool dg_sql_is_descriptor(const struct dg_sql_promote *p);
/* Token i stands behind the arguments of a table function. */
bool dg_sql_is_copartition(const struct dg_sql_promote *p);
/* Token i is the OVER of a call or a measure; promote_windows.c. */
bool dg_sql_is_over(const struct dg_sql_promote *p);
/* Token i is the FILTER of a call. */
bool dg_sql_is_filter(const struct dg_sql_promote *p);
/* OVER and a window, in brackets that cannot be the arguments of a call. */
bool dg_sql_is_window(const struct dg_sql_promote *p, size_t by);
/* Token i, ROWS, RANGE or GROUPS, begins a frame; it is not the first. */
bool dg_sql_is_frame(const struct dg_sql_promote *p);
/* Token i, MEASURES, is the clause. */
bool dg_sql_is_measures(const struct dg_sql_promote *p);

/* Decides token i, POSITION, and finds its IN. */
void dg_sql_promote_position(struct dg_sql_promote *p);
/* Of all tokens, decided otherwise: what ends a lambda. */
/* False: no memory. */
bool dg_sql_promote_lambdas(struct dg_sql_promote *p) DG_MUST_CHECK;
/* Decides token i when it is a word of a long clause. */
void dg_sql_promote_clause(struct dg_sql_promote *p);
/* The same for words of statements: promote_statements.c. */
void dg_sql_promote_statement(struct dg_sql_promote *p);
/* Behind EXPLAIN and its options, and PREPARE p FROM; 0 where nothing is. */
size_t dg_sql_statement_head(const struct dg_sql_promote *p);
/* Whether the engine is too old for any token that there is. */
bool dg_sql_closes_tokens(struct dg_sql_engine engine);
/* Closes token i where the engine is too old for it; promote_versions.c. */
bool dg_sql_close_token(struct dg_sql_promote *p);
/* Whether the name that ends in token `at` is one to be defined. */
bool dg_sql_is_definition(const struct dg_sql_promote *p, size_t at);
/* CURRENT of SHOW CURRENT ROLES. */
bool dg_sql_is_show_current(const struct dg_sql_promote *p);

#endif

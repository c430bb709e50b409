/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_statements.c - soft keywords of statements other than queries.
 *
 * Part of the pass of promote.c. Most such words are left as they are, since no
 * name can stand where their rules want them; here are those of which one and
 * the same place may hold the keyword or a name.
 */
#include "scan/gate.h"
#include "scan/promote.h"

/* IF [NOT] EXISTS; else what may be the IF of a routine. */
static void
promote_if(struct dg_sql_promote *p)
{
	if (dg_sql_code_ahead(p, 1) == DG_TK_EXISTS ||
	    dg_sql_code_ahead(p, 1) == DG_TK_NOT)
		return;
	p->t[p->i].code = p->trino ? DG_TK_IF_THEN : DG_TK_ID;
}

/* Of the words that can be names. */
static bool
begins_statement(const struct dg_sql_token *token)
{
	switch (token->word) {
	case DG_SQL_W_ANALYZE:
	case DG_SQL_W_CALL:
	case DG_SQL_W_COMMENT:
	case DG_SQL_W_COMMIT:
	case DG_SQL_W_DENY:
	case DG_SQL_W_DESC:
	case DG_SQL_W_EXECUTE:
	case DG_SQL_W_EXPLAIN:
	case DG_SQL_W_GRANT:
	case DG_SQL_W_MERGE:
	case DG_SQL_W_REFRESH:
	case DG_SQL_W_RESET:
	case DG_SQL_W_REVOKE:
	case DG_SQL_W_ROLLBACK:
	case DG_SQL_W_SET:
	case DG_SQL_W_SHOW:
	case DG_SQL_W_START:
	case DG_SQL_W_TRUNCATE:
	case DG_SQL_W_UPDATE:
	case DG_SQL_W_USE:
	case DG_SQL_W_VERBOSE:
		return true;
	}
	return false;
}

/*
 * EXPLAIN ANALYZE t [WITH (..)] is about a statement ANALYZE t, not about
 * running t; EXPLAIN ANALYZE VERBOSE WITH a AS .. runs a query.
 */
static bool
is_explain_analyze(const struct dg_sql_promote *p)
{
	size_t behind = dg_sql_skip_name(p, p->i + 1);

	if (p->i == 0 || !dg_sql_is_word(&p->t[p->i - 1], DG_SQL_W_EXPLAIN))
		return false;
	if (!dg_sql_has(p->tokens->engine, DG_SQL_G_ANALYZE))
		return true;
	if (behind > p->i + 1 && !begins_statement(dg_sql_ahead(p, 1)))
		return false;
	/* Presto, and an old Trino, try a statement first. */
	if (dg_sql_has(p->tokens->engine, DG_SQL_G_EXPLAIN_FREELY) &&
	    behind == p->n &&
	    (dg_sql_word_ahead(p, 1, DG_SQL_W_COMMIT) ||
	     dg_sql_word_ahead(p, 1, DG_SQL_W_ROLLBACK)))
		return true;
	return behind == p->i + 1 ||
	       (behind < p->n && (p->t[behind].code != DG_TK_WITH ||
				  p->t[behind + 1].code != DG_TK_LP));
}

static bool
is_before(const struct dg_sql_promote *p, enum dg_sql_word word)
{
	return p->i > 0 && dg_sql_is_word(&p->t[p->i - 1], word);
}

bool
dg_sql_is_show_current(const struct dg_sql_promote *p)
{
	return dg_sql_word_ahead(p, 1, DG_SQL_W_ROLES) &&
	       is_before(p, DG_SQL_W_SHOW);
}

/* WITH FUNCTION f: a CTE may have that name. */
static bool
is_with_name(const struct dg_sql_promote *p)
{
	return dg_sql_is_name(p, dg_sql_ahead(p, 1)) &&
	       dg_sql_code_ahead(p, 1) != DG_TK_RECURSIVE;
}

/* DESCRIBE INPUT p, not a table of that name. */
static bool
is_describe(const struct dg_sql_promote *p)
{
	if (dg_sql_is_name(p, dg_sql_ahead(p, 1)))
		return true;
	return p->t[p->i].word == DG_SQL_W_OUTPUT &&
	       dg_sql_has(p->tokens->engine, DG_SQL_G_DESCRIBE_OUTPUT_QUERY) &&
	       dg_sql_code_ahead(p, 1) == DG_TK_LP;
}

/* In front of a principal, which may be a user or a role by that name. */
static bool
is_principal(const struct dg_sql_promote *p)
{
	return is_before(p, DG_SQL_W_TO) || is_before(p, DG_SQL_W_FROM) ||
	       is_before(p, DG_SQL_W_BY) || is_before(p, DG_SQL_W_ADMIN) ||
	       is_before(p, DG_SQL_W_AUTHORIZATION) ||
	       p->t[p->i > 0 ? p->i - 1 : 0].code == DG_TK_COMMA;
}

/* USER bob, ROLE admin; TO user GRANTED BY is about one called user. */
static bool
is_kind_of_principal(const struct dg_sql_promote *p)
{
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_GRANTED) &&
	    dg_sql_code_ahead(p, 2) == DG_TK_BY)
		return false;
	return dg_sql_is_name(p, dg_sql_ahead(p, 1));
}

/* SET SESSION AUTHORIZATION u; `authorization = 1` is a property. */
static bool
is_session_authorization(const struct dg_sql_promote *p)
{
	unsigned next = dg_sql_code_ahead(p, 1);

	return dg_sql_has(p->tokens->engine, DG_SQL_G_SESSION_AUTHORIZATION) &&
	       next != DG_TK_EQ && next != DG_TK_DOT;
}

/* ALTER COLUMN SET NOT NULL: Presto lets COLUMN be left out. */
static bool
is_column_by_that_name(const struct dg_sql_promote *p)
{
	return !p->trino && p->i > 0 && p->t[p->i - 1].code == DG_TK_ALTER &&
	       (dg_sql_word_ahead(p, 1, DG_SQL_W_SET) ||
		dg_sql_code_ahead(p, 1) == DG_TK_DROP) &&
	       (dg_sql_code_ahead(p, 2) == DG_TK_NOT ||
		dg_sql_word_ahead(p, 2, DG_SQL_W_DATA) ||
		dg_sql_word_ahead(p, 2, DG_SQL_W_DEFAULT));
}

/* TABLE t (, FUNCTION a.b.f (, IF NOT EXISTS t (, TYPE t AS ( */
bool
dg_sql_is_definition(const struct dg_sql_promote *p, size_t at)
{
	while (at >= 2 && p->t[at - 1].code == DG_TK_DOT)
		at -= 2;
	return at > 0 && (p->t[at - 1].code == DG_TK_TABLE ||
			  p->t[at - 1].code == DG_TK_EXISTS ||
			  dg_sql_is_word(&p->t[at - 1], DG_SQL_W_TYPE) ||
			  dg_sql_is_word(&p->t[at - 1], DG_SQL_W_FUNCTION));
}

/* TIME and TIMESTAMP as the names of parameters and fields. */
static bool
is_typed_name(const struct dg_sql_promote *p)
{
	unsigned before = p->i == 0 ? 0 : p->t[p->i - 1].code;

	if (before != DG_TK_LP && before != DG_TK_COMMA)
		return false;
	if (dg_sql_word_ahead(p, 1, DG_SQL_W_ARRAY))
		return dg_sql_code_ahead(p, 2) == DG_TK_LP ||
		       dg_sql_code_ahead(p, 2) == DG_TK_LT;
	return dg_sql_is_name(p, dg_sql_ahead(p, 1));
}

/* ON SCHEMA to TO u: behind its kind an object is called TO. */
static bool
is_object_called_to(const struct dg_sql_promote *p)
{
	if (dg_sql_code_ahead(p, 1) == DG_TK_FROM || /* of REVOKE */
	    dg_sql_code_ahead(p, 1) == DG_TK_DOT)
		return true;
	return p->i > 1 && p->t[p->i - 2].code == DG_TK_ON &&
	       dg_sql_word_ahead(p, 1, DG_SQL_W_TO) &&
	       dg_sql_is_name(p, dg_sql_ahead(p, 2));
}

/* ALTER MATERIALIZED view SET AUTHORIZATION u: any kind of object. */
static bool
is_kind_of_owned(const struct dg_sql_promote *p)
{
	return p->i > 0 && p->t[p->i - 1].code == DG_TK_ALTER &&
	       dg_sql_word_ahead(p, 2, DG_SQL_W_SET) &&
	       dg_sql_word_ahead(p, 3, DG_SQL_W_AUTHORIZATION) &&
	       dg_sql_has(p->tokens->engine, DG_SQL_G_ANY_OWNER);
}

/* (a = DEFAULT): a property's; else a column has the name. */
static bool
is_default(const struct dg_sql_promote *p)
{
	if (p->i == 0 || p->t[p->i - 1].code != DG_TK_EQ)
		return true;
	return dg_sql_code_ahead(p, 1) == DG_TK_COMMA ||
	       dg_sql_code_ahead(p, 1) == DG_TK_RP ||
	       dg_sql_code_ahead(p, 1) == 0;
}

/* INTERVAL '1' DAY to: an alias, not DAY TO SECOND. */
static bool
is_behind_interval(const struct dg_sql_promote *p)
{
	return p->i > 1 && p->t[p->i - 1].code == DG_TK_UNIT &&
	       (p->t[p->i - 2].code == DG_TK_LIT_STRING ||
		p->t[p->i - 2].code == DG_TK_LIT_UNICODE ||
		p->t[p->i - 2].word == DG_SQL_W_INTERVAL) &&
	       dg_sql_code_ahead(p, 1) != DG_TK_UNIT;
}

/* PRIMARY KEY (a, b); with (1) it is a column of a type KEY(1). */
static bool
is_primary_key(const struct dg_sql_promote *p)
{
	return dg_sql_code_ahead(p, 1) == DG_TK_KEY &&
	       dg_sql_code_ahead(p, 2) == DG_TK_LP &&
	       dg_sql_code_ahead(p, 3) != DG_TK_LIT_INTEGER;
}

void
dg_sql_promote_statement(struct dg_sql_promote *p)
{
	unsigned next = dg_sql_code_ahead(p, 1);

	switch (p->t[p->i].word) {
	case DG_SQL_W_IF:
		promote_if(p);
		break;
	case DG_SQL_W_TO:
		dg_sql_keep_if(p, !is_object_called_to(p) &&
					  !is_behind_interval(p));
		break;
	case DG_SQL_W_TIME:
	case DG_SQL_W_TIMESTAMP:
		dg_sql_keep_if(p, !is_typed_name(p));
		break;
	case DG_SQL_W_ANALYZE:
		if (is_explain_analyze(p))
			p->t[p->i].code = DG_TK_RUN;
		break;
	case DG_SQL_W_FUNCTION:
		if (is_before(p, DG_SQL_W_WITH))
			dg_sql_keep_if(p, is_with_name(p));
		break;
	case DG_SQL_W_INPUT:
	case DG_SQL_W_OUTPUT:
		if (is_before(p, DG_SQL_W_DESCRIBE))
			dg_sql_keep_if(p, is_describe(p));
		break;
	case DG_SQL_W_USER:
	case DG_SQL_W_ROLE:
		if (is_principal(p))
			dg_sql_keep_if(p, is_kind_of_principal(p));
		break;
	case DG_SQL_W_AUTHORIZATION:
		if (is_before(p, DG_SQL_W_SESSION))
			dg_sql_keep_if(p, is_session_authorization(p));
		break;
	case DG_SQL_W_GRANT:
	case DG_SQL_W_ADMIN:
		if (is_before(p, DG_SQL_W_REVOKE))
			dg_sql_keep_if(
				p, dg_sql_word_ahead(p, 1, DG_SQL_W_OPTION));
		break;
	case DG_SQL_W_MATERIALIZED:
		dg_sql_keep_if(p, dg_sql_word_ahead(p, 1, DG_SQL_W_VIEW) &&
					  !is_kind_of_owned(p));
		break;
	case DG_SQL_W_BRANCH: /* ON BRANCH b IN t; Presto: BRANCH 'b' */
		if (is_before(p, DG_SQL_W_ON))
			dg_sql_keep_if(p, dg_sql_code_ahead(p, 2) == DG_TK_IN);
		break;
	case DG_SQL_W_LOCAL: /* SET TIME ZONE local -> .. is an expression */
		dg_sql_keep_if(p, !is_before(p, DG_SQL_W_ZONE) || next == 0);
		break;
	case DG_SQL_W_COLUMN:
		dg_sql_keep_if(p, !is_column_by_that_name(p));
		break;
	case DG_SQL_W_DEFAULT:
		dg_sql_keep_if(p, is_default(p));
		break;
	case DG_SQL_W_PRIMARY:
		dg_sql_keep_if(p, is_primary_key(p));
		break;
	}
}

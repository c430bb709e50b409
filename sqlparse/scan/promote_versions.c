/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_versions.c - where an older engine's reading ends.
 *
 * Part of the pass of promote.c. The grammar's actions ask gates.def as well,
 * but only once a rule is complete: too late for the place of an error, which
 * is the first token that the older engine has no use for. That token is closed
 * here. Only tokens are closed that no rule of the older engine takes in their
 * place, so nothing it reads is refused.
 */
#include "base/assert.h"
#include "scan/gate.h"
#include "scan/promote.h"

/* What gate_of asks about: where all are open, nothing is ever closed. */
static const enum dg_sql_gate closing[] = {
	DG_SQL_G_ALTER_IF_EXISTS,
	DG_SQL_G_ALTER_MATERIALIZED,
	DG_SQL_G_ALTER_VIEW,
	DG_SQL_G_ANALYZE,
	DG_SQL_G_ANY_OWNER,
	DG_SQL_G_ANY_PRIVILEGE,
	DG_SQL_G_ARRAY_BRACKETS,
	DG_SQL_G_COLUMN_CHANGE,
	DG_SQL_G_DOLLAR_STRING,
	DG_SQL_G_DROP_FUNCTION,
	DG_SQL_G_DROP_ROLE_IF_EXISTS,
	DG_SQL_G_EXECUTE_NAME,
	DG_SQL_G_GRANT_ROLE,
	DG_SQL_G_GROUPING_VALUE,
	DG_SQL_G_NAMED_WINDOW,
	DG_SQL_G_REPLACE_TABLE,
	DG_SQL_G_SET_PATH,
	DG_SQL_G_SET_PROPERTIES,
	DG_SQL_G_SET_TIME_ZONE,
	DG_SQL_G_SHOW_CATALOGS_ESCAPE,
	DG_SQL_G_SHOW_CREATE_SCHEMA,
	DG_SQL_G_SHOW_ESCAPE,
	DG_SQL_G_SHOW_FUNCTIONS_LIKE,
	DG_SQL_G_SHOW_SESSION_LIKE,
	DG_SQL_G_SHOW_STATS_QUERY,
	DG_SQL_G_TABLE_FUNCTION,
	DG_SQL_G_TIME_TRAVEL,
};

/* The same, about Presto alone: no Trino has them. */
static const enum dg_sql_gate closing_presto[] = {
	DG_SQL_G_ALTER_FUNCTION,
	DG_SQL_G_CREATE_TYPE,
	DG_SQL_G_TABLE_CONSTRAINT,
};

static bool
is_closing(const struct dg_sql_promote *p, enum dg_sql_gate gate)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(closing); i++)
		if (closing[i] == gate)
			return true;
	for (size_t i = 0; i < DG_ARRAY_LEN(closing_presto); i++)
		if (closing_presto[i] == gate)
			return !p->trino;
	return false;
}

bool
dg_sql_closes_tokens(struct dg_sql_engine engine)
{
	if (engine.version == 0)
		return false;
	for (size_t i = 0; i < DG_ARRAY_LEN(closing); i++)
		if (!dg_sql_has(engine, closing[i]))
			return true;
	if (engine.dialect == DG_SQL_TRINO)
		return false;
	for (size_t i = 0; i < DG_ARRAY_LEN(closing_presto); i++)
		if (!dg_sql_has(engine, closing_presto[i]))
			return true;
	return false;
}

static bool
is_word_at(const struct dg_sql_promote *p, size_t behind, enum dg_sql_word word)
{
	return p->i >= behind && dg_sql_is_word(&p->t[p->i - behind], word);
}

static unsigned
code_behind(const struct dg_sql_promote *p, size_t by)
{
	return p->i >= by ? p->t[p->i - by].code : 0;
}

/* Token `at` stands behind ALTER TABLE [IF EXISTS] a.b.c. */
static bool
is_table_change_at(const struct dg_sql_promote *p, size_t at)
{
	if (at < 3 || !dg_sql_is_name(p, &p->t[at - 1]))
		return false;
	for (at--; at >= 2 && p->t[at - 1].code == DG_TK_DOT;)
		at -= 2;
	if (at >= 4 && p->t[at - 1].code == DG_TK_EXISTS)
		at -= 2;
	return at >= 2 && p->t[at - 1].code == DG_TK_TABLE &&
	       p->t[at - 2].code == DG_TK_ALTER;
}

static bool
is_table_change(const struct dg_sql_promote *p)
{
	return is_table_change_at(p, p->i);
}

/* FROM TABLE .., JOIN TABLE ..; PREPARE p FROM TABLE t is a query. */
static bool
is_table_in_relation(const struct dg_sql_promote *p)
{
	switch (code_behind(p, 1)) {
	case DG_TK_FROM:
		return code_behind(p, 3) != DG_TK_PREPARE;
	case DG_TK_JOIN:
	case DG_TK_COMMA:
	case DG_TK_USING:
		return true;
	}
	return false;
}

/* FOR VERSION AS OF; not SUBSTRING(a FROM 1 FOR b), nor OPTION FOR. */
static bool
is_time_travel(const struct dg_sql_promote *p)
{
	return dg_sql_is_name(p, dg_sql_ahead(p, 1)) &&
	       (dg_sql_code_ahead(p, 2) == DG_TK_AS ||
		dg_sql_is_name(p, dg_sql_ahead(p, 2))) &&
	       !is_word_at(p, 1, DG_SQL_W_STATS) &&
	       !is_word_at(p, 1, DG_SQL_W_OPTION);
}

/* The kind of object behind ALTER, when it is none of the usual ones. */
static bool
is_other_kind(const struct dg_sql_promote *p)
{
	if (code_behind(p, 1) != DG_TK_ALTER || !p->trino)
		return false;
	switch (p->t[p->i].word) {
	case DG_SQL_W_BRANCH: /* a keyword only where it is one */
	case DG_SQL_W_COLUMN:
	case DG_SQL_W_MATERIALIZED:
	case DG_SQL_W_SCHEMA:
	case DG_SQL_W_TABLE:
	case DG_SQL_W_VIEW:
		return false;
	}
	return dg_sql_is_name(p, &p->t[p->i]);
}

static bool
is_grant(const struct dg_sql_promote *p)
{
	switch (p->t[p->head].word) {
	case DG_SQL_W_DENY:
	case DG_SQL_W_GRANT:
	case DG_SQL_W_REVOKE:
		return p->t[p->head].code != DG_TK_ILLEGAL;
	}
	return false;
}

static bool
is_old_privilege(const struct dg_sql_promote *p,
		 const struct dg_sql_token *token)
{
	switch (token->word) {
	case DG_SQL_W_SELECT:
	case DG_SQL_W_INSERT:
	case DG_SQL_W_DELETE:
		return true;
	case DG_SQL_W_PRIVILEGES: /* token is behind GRANT, at least */
		return dg_sql_is_word(token - 1, DG_SQL_W_ALL);
	case DG_SQL_W_UPDATE:
		return dg_sql_has(p->tokens->engine, DG_SQL_G_GRANT_UPDATE);
	case DG_SQL_W_CREATE:
		return dg_sql_has(p->tokens->engine, DG_SQL_G_GRANT_CREATE);
	}
	return false;
}

/* GRANT a ON: a role has no object. */
static bool
is_grant_of_any(const struct dg_sql_promote *p)
{
	return p->trino && is_grant(p) && p->i >= 2 &&
	       p->t[p->i].code == DG_TK_ON &&
	       !is_old_privilege(p, &p->t[p->i - 1]);
}

/* GRANT SELECT TO: what grants a right has no roles, and the other way. */
static bool
is_mixed_grant(const struct dg_sql_promote *p)
{
	size_t first = p->head + 1;
	bool of_rights;

	if (!p->trino || !is_grant(p) || p->i < first)
		return false;
	if (dg_sql_is_word(&p->t[first], DG_SQL_W_GRANT) &&
	    dg_sql_is_word(&p->t[first + 1], DG_SQL_W_OPTION))
		first += 3;
	of_rights = p->t[first].code == DG_TK_SELECT ||
		    p->t[first].code == DG_TK_INSERT ||
		    p->t[first].code == DG_TK_DELETE ||
		    p->t[first].code == DG_TK_CREATE || first > p->head + 1;
	if (p->i == first)
		return first > p->head + 1 &&
		       !dg_sql_is_word(&p->t[first], DG_SQL_W_ALL) &&
		       !is_old_privilege(p, &p->t[first]);
	if ((p->i - first) % 2 == 1) /* behind the first of one or several */
		return of_rights && p->i == first + 1 &&
		       (dg_sql_is_word(&p->t[p->i], DG_SQL_W_TO) ||
			p->t[p->i].code == DG_TK_FROM);
	if (code_behind(p, 1) != DG_TK_COMMA ||
	    p->t[p->i].match != DG_SQL_NO_TOKEN)
		return false;
	return p->i == first + 2 &&
	       !dg_sql_is_word(&p->t[first], DG_SQL_W_UPDATE) && /* a role? */
	       of_rights != is_old_privilege(p, &p->t[p->i]) &&
	       !dg_sql_is_word(&p->t[p->i], DG_SQL_W_UPDATE);
}

/* GRANT a TO, REVOKE a, b FROM: of roles. */
static bool
is_granted_role(const struct dg_sql_promote *p)
{
	return !p->trino && is_grant(p) &&
	       (p->i == p->head + 2 || code_behind(p, 2) == DG_TK_COMMA) &&
	       (dg_sql_is_word(&p->t[p->i], DG_SQL_W_TO) ||
		p->t[p->i].code == DG_TK_FROM);
}

/* GRANT .. ON kind name, of a kind that is not spelt out in the grammar. */
static bool
is_grant_on_any(const struct dg_sql_promote *p)
{
	return p->trino && is_grant(p) && p->i >= 3 &&
	       code_behind(p, 2) == DG_TK_ON &&
	       !is_word_at(p, 1, DG_SQL_W_TABLE) &&
	       !is_word_at(p, 1, DG_SQL_W_SCHEMA) &&
	       !dg_sql_is_word(&p->t[p->i], DG_SQL_W_TO) &&
	       dg_sql_is_name(p, &p->t[p->i]);
}

/* SHOW GRANTS ON kind name, likewise; here TABLE alone is spelt out. */
static bool
is_shown_grant_on_any(const struct dg_sql_promote *p)
{
	return p->trino && p->i == p->head + 4 &&
	       code_behind(p, 2) == DG_TK_ON &&
	       is_word_at(p, 3, DG_SQL_W_GRANTS) &&
	       is_word_at(p, 4, DG_SQL_W_SHOW) &&
	       !is_word_at(p, 1, DG_SQL_W_TABLE) &&
	       dg_sql_is_name(p, &p->t[p->i]);
}

/* DENY takes rights alone. */
static bool
is_denied_other(const struct dg_sql_promote *p)
{
	return p->i == p->head + 1 && is_word_at(p, 1, DG_SQL_W_DENY) &&
	       !dg_sql_is_word(&p->t[p->head + 1], DG_SQL_W_ALL) &&
	       !is_old_privilege(p, &p->t[p->head + 1]);
}

/* OVER (w ORDER BY a): one that WINDOW defines. */
static bool
is_base_window(const struct dg_sql_promote *p)
{
	if (!p->trino || code_behind(p, 1) != DG_TK_LP ||
	    code_behind(p, 2) != DG_TK_OVER)
		return false;
	switch (p->t[p->i].word) {
	case DG_SQL_W_GROUPS:
	case DG_SQL_W_PARTITION:
	case DG_SQL_W_RANGE:
	case DG_SQL_W_ROWS:
		return false;
	}
	return dg_sql_is_name(p, &p->t[p->i]);
}

/* `[` where an operand begins. */
static bool
is_bracket_array(const struct dg_sql_promote *p)
{
	if (!p->trino || p->t[p->i].code != DG_TK_LB)
		return false;
	switch (code_behind(p, 1)) {
	case DG_TK_SELECT:
	case DG_TK_COMMA:
	case DG_TK_LP:
	case DG_TK_EQ:
		return true;
	}
	return false;
}

/* EXPLAIN, EXPLAIN ANALYZE VERBOSE, EXPLAIN (TYPE IO): a statement follows. */
static bool
is_behind_explain(const struct dg_sql_promote *p)
{
	size_t at = p->i - 1;

	if (p->t[at].code == DG_TK_RP) {
		if (p->t[at].match == DG_SQL_NO_TOKEN || p->t[at].match == 0)
			return false;
		at = p->t[at].match - 1;
	}
	return dg_sql_is_word(&p->t[at], DG_SQL_W_EXPLAIN) ||
	       (dg_sql_is_word(&p->t[at], DG_SQL_W_ANALYZE) && at > 0 &&
		dg_sql_is_word(&p->t[at - 1], DG_SQL_W_EXPLAIN)) ||
	       dg_sql_is_word(&p->t[at], DG_SQL_W_VERBOSE);
}

/* Anywhere but at the head of a statement, or of what ALTER TABLE does. */
static bool
is_execute_name(const struct dg_sql_promote *p)
{
	return p->i > 0 && !is_table_change(p) && !is_behind_explain(p) &&
	       (code_behind(p, 1) != DG_TK_FROM ||
		code_behind(p, 3) != DG_TK_PREPARE);
}

/* The bracket that is open around the token, which closes none. */
static uint32_t
bracket_around(const struct dg_sql_promote *p, size_t at)
{
	if (p->t[at].code != DG_TK_LP)
		return p->t[at].match;
	if (at == 0)
		return DG_SQL_NO_TOKEN;
	return p->t[at - 1].code == DG_TK_LP ? (uint32_t)(at - 1)
					     : p->t[at - 1].match;
}

static bool
is_grouping_head(const struct dg_sql_token *token)
{
	return token->code == DG_TK_CUBE || token->code == DG_TK_ROLLUP ||
	       (dg_sql_is_word(token, DG_SQL_W_SETS) &&
		token[-1].code == DG_TK_GROUPING);
}

/* In CUBE (..), GROUPING SETS (a, (..)): what is no name of a column. */
static bool
is_grouping_value(const struct dg_sql_promote *p)
{
	uint32_t open;

	switch (p->t[p->i].code) {
	case 0:
	case DG_TK_COMMA:
	case DG_TK_DOT:
	case DG_TK_RP:
		return false;
	}
	if (p->trino || dg_sql_is_name(p, &p->t[p->i]))
		return false;
	open = bracket_around(p, p->i);
	if (open == DG_SQL_NO_TOKEN || open < 2)
		return false;
	if (is_grouping_head(&p->t[open - 1]))
		return p->t[p->i].code != DG_TK_LP ||
		       p->t[open - 1].word != DG_SQL_W_SETS ||
		       dg_sql_is_name(p, &p->t[p->i - 1]);
	open = bracket_around(p, open);
	return open != DG_SQL_NO_TOKEN && open > 1 &&
	       is_grouping_head(&p->t[open - 1]) &&
	       p->t[open - 1].word == DG_SQL_W_SETS;
}

/* Directly in the brackets of SHOW STATS FOR (..). */
static bool
is_in_stats(const struct dg_sql_promote *p)
{
	return p->trino && p->t[p->i].match == p->head + 3 &&
	       dg_sql_is_word(&p->t[p->head + 1], DG_SQL_W_STATS) &&
	       dg_sql_is_word(&p->t[p->head], DG_SQL_W_SHOW);
}

/* SHOW STATS FOR (VALUES 1): anything but a SELECT. */
static bool
is_other_stats(const struct dg_sql_promote *p)
{
	return p->trino && p->i == p->head + 4 &&
	       p->t[p->i - 1].code == DG_TK_LP &&
	       p->t[p->i].code != DG_TK_SELECT &&
	       dg_sql_is_word(&p->t[p->head + 1], DG_SQL_W_STATS) &&
	       dg_sql_is_word(&p->t[p->head], DG_SQL_W_SHOW);
}

/* RETURNS t AS $$: a function in another language. */
static bool
is_foreign_body(const struct dg_sql_promote *p)
{
	return p->trino && p->t[p->i].code == DG_TK_AS &&
	       dg_sql_code_ahead(p, 1) == DG_TK_DOLLAR;
}

/* SHOW FUNCTIONS LIKE, SHOW SESSION LIKE */
static enum dg_sql_gate
gate_of_like(const struct dg_sql_promote *p)
{
	if (p->i != p->head + 2 ||
	    !dg_sql_is_word(&p->t[p->head], DG_SQL_W_SHOW))
		return DG_SQL_N_GATES;
	if (dg_sql_is_word(&p->t[p->head + 1], DG_SQL_W_FUNCTIONS))
		return DG_SQL_G_SHOW_FUNCTIONS_LIKE;
	if (dg_sql_is_word(&p->t[p->head + 1], DG_SQL_W_SESSION))
		return DG_SQL_G_SHOW_SESSION_LIKE;
	return DG_SQL_N_GATES;
}

static enum dg_sql_gate
gate_of_escape(const struct dg_sql_promote *p)
{
	if (!dg_sql_is_word(&p->t[p->head], DG_SQL_W_SHOW))
		return DG_SQL_N_GATES;
	switch (p->t[p->head + 1].word) {
	case DG_SQL_W_CATALOGS:
		return DG_SQL_G_SHOW_CATALOGS_ESCAPE;
	case DG_SQL_W_SCHEMAS:
	case DG_SQL_W_TABLES:
		return DG_SQL_G_SHOW_ESCAPE;
	}
	return DG_SQL_N_GATES;
}

/* IF EXISTS: of roles, of tables to be changed and of their columns. */
static enum dg_sql_gate
gate_of_exists(const struct dg_sql_promote *p)
{
	if (!is_word_at(p, 1, DG_SQL_W_IF))
		return DG_SQL_N_GATES;
	if (is_word_at(p, 2, DG_SQL_W_ROLE))
		return DG_SQL_G_DROP_ROLE_IF_EXISTS;
	if (is_word_at(p, 2, DG_SQL_W_COLUMN) ||
	    (is_word_at(p, 2, DG_SQL_W_TABLE) &&
	     code_behind(p, 3) == DG_TK_ALTER))
		return DG_SQL_G_ALTER_IF_EXISTS;
	return DG_SQL_N_GATES;
}

/* Words of clauses: a gate, and whether this is the place. */
static enum dg_sql_gate
gate_of_clause(const struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_ESCAPE:
		return gate_of_escape(p);
	case DG_SQL_W_FETCH:
		if (is_in_stats(p) &&
		    (dg_sql_word_ahead(p, 1, DG_SQL_W_FIRST) ||
		     dg_sql_word_ahead(p, 1, DG_SQL_W_NEXT)))
			return DG_SQL_G_SHOW_STATS_QUERY;
		break;
	case DG_SQL_W_EXCEPT:
	case DG_SQL_W_INTERSECT:
	case DG_SQL_W_ORDER:
	case DG_SQL_W_UNION:
		if (is_in_stats(p))
			return DG_SQL_G_SHOW_STATS_QUERY;
		break;
	case DG_SQL_W_EXECUTE:
		if (is_execute_name(p))
			return DG_SQL_G_EXECUTE_NAME;
		break;
	case DG_SQL_W_EXISTS:
		return gate_of_exists(p);
	case DG_SQL_W_FOR:
		if (is_time_travel(p))
			return DG_SQL_G_TIME_TRAVEL;
		break;
	case DG_SQL_W_LIKE:
		return gate_of_like(p);
	case DG_SQL_W_LIMIT:
		if (is_in_stats(p) &&
		    (dg_sql_code_ahead(p, 1) == DG_TK_LIT_INTEGER ||
		     dg_sql_code_ahead(p, 1) == DG_TK_QM))
			return DG_SQL_G_SHOW_STATS_QUERY;
		break;
	case DG_SQL_W_NOT:
		if (is_word_at(p, 1, DG_SQL_W_IF) &&
		    is_word_at(p, 2, DG_SQL_W_COLUMN))
			return DG_SQL_G_ALTER_IF_EXISTS;
		break;
	}
	return DG_SQL_N_GATES;
}

/* The word behind ALTER, which is the head of a statement. */
static enum dg_sql_gate
gate_of_altered(const struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_FUNCTION:
		return p->trino ? DG_SQL_N_GATES : DG_SQL_G_ALTER_FUNCTION;
	case DG_SQL_W_MATERIALIZED:
		return DG_SQL_G_ALTER_MATERIALIZED;
	case DG_SQL_W_VIEW:
		return DG_SQL_G_ALTER_VIEW;
	}
	return DG_SQL_N_GATES;
}

/* CREATE OR REPLACE TABLE, or TABLE(..) in FROM. */
static enum dg_sql_gate
gate_of_table(const struct dg_sql_promote *p)
{
	if (is_word_at(p, 1, DG_SQL_W_REPLACE) && code_behind(p, 2) == DG_TK_OR)
		return DG_SQL_G_REPLACE_TABLE;
	return is_table_in_relation(p) ? DG_SQL_G_TABLE_FUNCTION
				       : DG_SQL_N_GATES;
}

/* Words that say what a statement is about. */
static enum dg_sql_gate
gate_of_object(const struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_CONSTRAINT:
		if (!p->trino)
			return DG_SQL_G_TABLE_CONSTRAINT;
		break;
	case DG_SQL_W_FUNCTION:
		if (p->i == p->head + 1 && is_word_at(p, 1, DG_SQL_W_DROP))
			return DG_SQL_G_DROP_FUNCTION;
		break;
	case DG_SQL_W_PATH:
		if (p->i == p->head + 1 && is_word_at(p, 1, DG_SQL_W_SET))
			return DG_SQL_G_SET_PATH;
		break;
	case DG_SQL_W_SCHEMA:
		if (is_word_at(p, 1, DG_SQL_W_CREATE) &&
		    is_word_at(p, 2, DG_SQL_W_SHOW))
			return DG_SQL_G_SHOW_CREATE_SCHEMA;
		break;
	case DG_SQL_W_TABLE:
		return gate_of_table(p);
	case DG_SQL_W_TYPE:
		if (!p->trino && is_word_at(p, 1, DG_SQL_W_CREATE))
			return DG_SQL_G_CREATE_TYPE;
		break;
	}
	return DG_SQL_N_GATES;
}

/* Words that say what a statement does, or to what. */
static enum dg_sql_gate
gate_of_statement(const struct dg_sql_promote *p)
{
	switch (p->t[p->i].word) {
	case DG_SQL_W_ALTER:
		if (is_table_change(p))
			return DG_SQL_G_COLUMN_CHANGE;
		break;
	case DG_SQL_W_ANALYZE:
		if (p->i == p->head)
			return DG_SQL_G_ANALYZE;
		break;
	case DG_SQL_W_PROPERTIES:
		if (is_word_at(p, 1, DG_SQL_W_SET) &&
		    dg_sql_code_ahead(p, 1) != DG_TK_EQ)
			return DG_SQL_G_SET_PROPERTIES;
		break;
	case DG_SQL_W_SET:
		if (!p->trino && is_table_change(p))
			return DG_SQL_G_SET_PROPERTIES;
		break;
	case DG_SQL_W_TIME:
		if (p->trino && is_word_at(p, 1, DG_SQL_W_SET) &&
		    dg_sql_word_ahead(p, 1, DG_SQL_W_ZONE))
			return DG_SQL_G_SET_TIME_ZONE;
		break;
	}
	return gate_of_object(p);
}

/* The gate that token i would have to pass, or DG_SQL_N_GATES. */
static enum dg_sql_gate
gate_of(const struct dg_sql_promote *p)
{
	enum dg_sql_gate gate;

	if (is_other_kind(p))
		return DG_SQL_G_ANY_OWNER;
	if (is_grant_of_any(p) || is_grant_on_any(p) || is_denied_other(p) ||
	    is_shown_grant_on_any(p) || is_mixed_grant(p))
		return DG_SQL_G_ANY_PRIVILEGE;
	if (is_granted_role(p))
		return DG_SQL_G_GRANT_ROLE;
	if (is_other_stats(p))
		return DG_SQL_G_SHOW_STATS_QUERY;
	if (is_foreign_body(p))
		return DG_SQL_G_DOLLAR_STRING;
	if (is_base_window(p))
		return DG_SQL_G_NAMED_WINDOW;
	if (is_bracket_array(p))
		return DG_SQL_G_ARRAY_BRACKETS;
	if (is_grouping_value(p))
		return DG_SQL_G_GROUPING_VALUE;
	if (code_behind(p, 1) == DG_TK_ALTER &&
	    !is_table_change_at(p, p->i - 1))
		return gate_of_altered(p);
	gate = gate_of_clause(p);
	return gate != DG_SQL_N_GATES ? gate : gate_of_statement(p);
}

/* EXPLAIN ANALYZE, and what follows is no table to be analyzed. */
static bool
is_explained_analyze(const struct dg_sql_promote *p, size_t at)
{
	return !dg_sql_has(p->tokens->engine, DG_SQL_G_ANALYZE) ||
	       !dg_sql_is_name(p, &p->t[at]) ||
	       dg_sql_is_word(&p->t[at], DG_SQL_W_VERBOSE);
}

size_t
dg_sql_statement_head(const struct dg_sql_promote *p)
{
	size_t at = 0;

	for (;;) {
		const struct dg_sql_token *token = &p->t[at];

		if (token->code == DG_TK_PREPARE && at + 3 < p->n) {
			at += 3;
		} else if (dg_sql_is_word(token, DG_SQL_W_EXPLAIN)) {
			at++;
			if (dg_sql_is_word(&p->t[at], DG_SQL_W_ANALYZE) &&
			    is_explained_analyze(p, at + 1))
				at++;
			if (dg_sql_is_word(&p->t[at], DG_SQL_W_VERBOSE))
				at++;
			if (p->t[at].code == DG_TK_LP &&
			    p->t[at].match != DG_SQL_NO_TOKEN &&
			    (dg_sql_is_word(&p->t[at + 1], DG_SQL_W_FORMAT) ||
			     dg_sql_is_word(&p->t[at + 1], DG_SQL_W_TYPE)))
				at = p->t[at].match + 1;
		} else {
			return at < p->n ? at : 0;
		}
	}
}

/* Of these words alone gate_of asks, in most statements. */
static const bool is_gate_word[DG_SQL_N_WORDS] = {
	[DG_SQL_W_ALTER] = true,     [DG_SQL_W_ANALYZE] = true,
	[DG_SQL_W_AS] = true,        [DG_SQL_W_CONSTRAINT] = true,
	[DG_SQL_W_ESCAPE] = true,    [DG_SQL_W_EXCEPT] = true,
	[DG_SQL_W_EXECUTE] = true,   [DG_SQL_W_EXISTS] = true,
	[DG_SQL_W_FETCH] = true,     [DG_SQL_W_FOR] = true,
	[DG_SQL_W_FUNCTION] = true,  [DG_SQL_W_PATH] = true,
	[DG_SQL_W_INTERSECT] = true, [DG_SQL_W_LIKE] = true,
	[DG_SQL_W_LIMIT] = true,     [DG_SQL_W_NOT] = true,
	[DG_SQL_W_ORDER] = true,     [DG_SQL_W_PROPERTIES] = true,
	[DG_SQL_W_SCHEMA] = true,    [DG_SQL_W_SET] = true,
	[DG_SQL_W_TABLE] = true,     [DG_SQL_W_TIME] = true,
	[DG_SQL_W_TYPE] = true,      [DG_SQL_W_UNION] = true,
};

/* In a statement about rights, or one that shows, any token may be. */
static bool
is_gate_statement(const struct dg_sql_promote *p)
{
	switch (p->t[p->head].word) {
	case DG_SQL_W_DENY:
	case DG_SQL_W_GRANT:
	case DG_SQL_W_REVOKE:
	case DG_SQL_W_SHOW:
		return true;
	}
	return false;
}

/* False of almost all tokens of a query: no use in asking gate_of. */
static bool
may_have_gate(const struct dg_sql_promote *p)
{
	const struct dg_sql_token *token = &p->t[p->i];

	return token->code == DG_TK_LB || token->code == DG_TK_ILLEGAL ||
	       is_gate_word[token->word] || code_behind(p, 1) == DG_TK_ALTER ||
	       (code_behind(p, 1) == DG_TK_LP &&
		code_behind(p, 2) == DG_TK_OVER) ||
	       is_gate_statement(p) ||
	       (!p->trino &&
		!dg_sql_has(p->tokens->engine, DG_SQL_G_GROUPING_VALUE));
}

bool
dg_sql_close_token(struct dg_sql_promote *p)
{
	struct dg_sql_token *token = &p->t[p->i];
	enum dg_sql_gate gate;

	if (!may_have_gate(p)) {
		DG_DEBUG_ASSERT(gate_of(p) == DG_SQL_N_GATES ||
				gate_of(p) == DG_SQL_G_GROUPING_VALUE);
		return false;
	}
	gate = gate_of(p);
	if (gate == DG_SQL_N_GATES)
		return false;
	DG_DEBUG_ASSERT(is_closing(p, gate));
	if (dg_sql_has(p->tokens->engine, gate))
		return false;
	token->code = DG_TK_ILLEGAL;
	token->word = (DG_SQL_I_GATE + (unsigned)gate) & 0x3fffu;
	return true;
}

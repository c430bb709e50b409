/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify.c - which statement a tree is, and what it is called.
 */
#include "parse/parse.h"

#include "base/assert.h"

const char *
dg_sql_statement_name(enum dg_sql_statement statement)
{
	static const char *const names[] = {
#define DG_SQL_STATEMENT(id, name, read_only) name,
#include "sqlparse/statements.def"
#undef DG_SQL_STATEMENT
	};

	DG_ASSERT(statement < DG_ARRAY_LEN(names));
	return names[statement];
}

enum dg_sql_statement
dg_sql_classify(const struct dg_sql_node *root)
{
	switch (root->kind) {
#define CASE(kind) \
	case DG_SQL_K_##kind: \
		return DG_SQL_STMT_##kind
	case DG_SQL_K_QUERY_STATEMENT:
		return DG_SQL_STMT_SELECT;
	case DG_SQL_K_CALL_PROCEDURE:
		return DG_SQL_STMT_CALL;
	case DG_SQL_K_GRANT:
		return dg_str_eq(root->text, DG_STR("GRANT"))
			       ? DG_SQL_STMT_GRANT
		       : dg_str_eq(root->text, DG_STR("REVOKE"))
			       ? DG_SQL_STMT_REVOKE
			       : DG_SQL_STMT_DENY;
	case DG_SQL_K_EXPLAIN:
		return (root->flags & DG_SQL_F_ANALYZE) != 0
			       ? DG_SQL_STMT_EXPLAIN_ANALYZE
			       : DG_SQL_STMT_EXPLAIN;
		CASE(SHOW_CATALOGS);
		CASE(SHOW_SCHEMAS);
		CASE(SHOW_TABLES);
		CASE(SHOW_COLUMNS);
		CASE(USE);
		CASE(SET_SESSION);
		CASE(RESET_SESSION);
		CASE(PREPARE);
		CASE(EXECUTE);
		CASE(EXECUTE_IMMEDIATE);
		CASE(DEALLOCATE);
		CASE(START_TRANSACTION);
		CASE(COMMIT);
		CASE(ROLLBACK);
		CASE(CREATE_TABLE_AS);
		CASE(INSERT);
		CASE(DELETE);
		CASE(DROP_TABLE);
		CASE(CREATE_VIEW);
		CASE(DROP_VIEW);
		CASE(UPDATE);
		CASE(MERGE);
		CASE(TRUNCATE);
		CASE(ANALYZE);
		CASE(REFRESH_MATERIALIZED_VIEW);
		CASE(CREATE_TABLE);
		CASE(CREATE_MATERIALIZED_VIEW);
		CASE(DROP_MATERIALIZED_VIEW);
		CASE(CREATE_SCHEMA);
		CASE(DROP_SCHEMA);
		CASE(CREATE_CATALOG);
		CASE(DROP_CATALOG);
		CASE(COMMENT);
		CASE(ALTER);
		CASE(CREATE_BRANCH);
		CASE(DROP_BRANCH);
		CASE(FAST_FORWARD);
		CASE(CREATE_TYPE);
		CASE(CREATE_VECTOR_INDEX);
		CASE(CREATE_FUNCTION);
		CASE(DROP_FUNCTION);
		CASE(ALTER_FUNCTION);
		CASE(CREATE_ROLE);
		CASE(DROP_ROLE);
		CASE(SET_ROLE);
		CASE(SET_SESSION_AUTHORIZATION);
		CASE(RESET_SESSION_AUTHORIZATION);
		CASE(SET_PATH);
		CASE(SET_TIME_ZONE);
		CASE(SHOW_CREATE);
		CASE(SHOW_STATS);
		CASE(SHOW_FUNCTIONS);
		CASE(SHOW_SESSION);
		CASE(SHOW_GRANTS);
		CASE(SHOW_ROLES);
		CASE(SHOW_ROLE_GRANTS);
		CASE(SHOW_BRANCHES);
		CASE(SHOW_PARTITIONS);
		CASE(DESCRIBE_INPUT);
		CASE(DESCRIBE_OUTPUT);
#undef CASE
	}
	DG_UNREACHABLE();
}

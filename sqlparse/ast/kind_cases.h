/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind_cases.h - the kinds of node by the place where they may stand.
 *
 * Each visitor of the resolver is a switch without default: its own kinds have
 * their code, the others are named by these lists and refused. So a kind that
 * is new in kinds.def does not compile until every visitor knows it.
 */
#ifndef DG_SQLPARSE_KIND_CASES_H
#define DG_SQLPARSE_KIND_CASES_H

#define DG_SQL_CASES_STATEMENT \
	case DG_SQL_K_QUERY_STATEMENT: \
	case DG_SQL_K_EXPLAIN: \
	case DG_SQL_K_SHOW_CATALOGS: \
	case DG_SQL_K_SHOW_SCHEMAS: \
	case DG_SQL_K_SHOW_TABLES: \
	case DG_SQL_K_SHOW_COLUMNS: \
	case DG_SQL_K_USE: \
	case DG_SQL_K_SET_SESSION: \
	case DG_SQL_K_RESET_SESSION: \
	case DG_SQL_K_PREPARE: \
	case DG_SQL_K_EXECUTE: \
	case DG_SQL_K_EXECUTE_IMMEDIATE: \
	case DG_SQL_K_DEALLOCATE: \
	case DG_SQL_K_START_TRANSACTION: \
	case DG_SQL_K_COMMIT: \
	case DG_SQL_K_ROLLBACK: \
	case DG_SQL_K_CREATE_TABLE_AS: \
	case DG_SQL_K_INSERT: \
	case DG_SQL_K_DELETE: \
	case DG_SQL_K_DROP_TABLE: \
	case DG_SQL_K_CREATE_VIEW: \
	case DG_SQL_K_DROP_VIEW: \
	case DG_SQL_K_UPDATE: \
	case DG_SQL_K_MERGE: \
	case DG_SQL_K_TRUNCATE: \
	case DG_SQL_K_ANALYZE: \
	case DG_SQL_K_REFRESH_MATERIALIZED_VIEW: \
	case DG_SQL_K_CALL_PROCEDURE: \
	case DG_SQL_K_CREATE_TABLE: \
	case DG_SQL_K_CREATE_MATERIALIZED_VIEW: \
	case DG_SQL_K_DROP_MATERIALIZED_VIEW: \
	case DG_SQL_K_CREATE_SCHEMA: \
	case DG_SQL_K_DROP_SCHEMA: \
	case DG_SQL_K_CREATE_CATALOG: \
	case DG_SQL_K_DROP_CATALOG: \
	case DG_SQL_K_COMMENT: \
	case DG_SQL_K_ALTER: \
	case DG_SQL_K_CREATE_BRANCH: \
	case DG_SQL_K_DROP_BRANCH: \
	case DG_SQL_K_FAST_FORWARD: \
	case DG_SQL_K_CREATE_TYPE: \
	case DG_SQL_K_CREATE_VECTOR_INDEX: \
	case DG_SQL_K_CREATE_FUNCTION: \
	case DG_SQL_K_DROP_FUNCTION: \
	case DG_SQL_K_ALTER_FUNCTION: \
	case DG_SQL_K_GRANT: \
	case DG_SQL_K_CREATE_ROLE: \
	case DG_SQL_K_DROP_ROLE: \
	case DG_SQL_K_SET_ROLE: \
	case DG_SQL_K_SET_SESSION_AUTHORIZATION: \
	case DG_SQL_K_RESET_SESSION_AUTHORIZATION: \
	case DG_SQL_K_SET_PATH: \
	case DG_SQL_K_SET_TIME_ZONE: \
	case DG_SQL_K_SHOW_CREATE: \
	case DG_SQL_K_SHOW_STATS: \
	case DG_SQL_K_SHOW_FUNCTIONS: \
	case DG_SQL_K_SHOW_SESSION: \
	case DG_SQL_K_SHOW_GRANTS: \
	case DG_SQL_K_SHOW_ROLES: \
	case DG_SQL_K_SHOW_ROLE_GRANTS: \
	case DG_SQL_K_SHOW_BRANCHES: \
	case DG_SQL_K_SHOW_PARTITIONS: \
	case DG_SQL_K_DESCRIBE_INPUT: \
	case DG_SQL_K_DESCRIBE_OUTPUT:

/* What ALTER changes of an object. */
#define DG_SQL_CASES_CHANGE \
	case DG_SQL_K_RENAME: \
	case DG_SQL_K_ADD_COLUMN: \
	case DG_SQL_K_RENAME_COLUMN: \
	case DG_SQL_K_DROP_COLUMN: \
	case DG_SQL_K_ALTER_COLUMN: \
	case DG_SQL_K_SET_PROPERTIES: \
	case DG_SQL_K_SET_AUTHORIZATION: \
	case DG_SQL_K_EXECUTE_PROCEDURE: \
	case DG_SQL_K_ADD_CONSTRAINT: \
	case DG_SQL_K_DROP_CONSTRAINT: \
	case DG_SQL_K_CREATE_REFERENCE: \
	case DG_SQL_K_DROP_REFERENCE: \
	case DG_SQL_K_REFRESH_VIEW:

/* Control statements of a routine's body. */
#define DG_SQL_CASES_CONTROL \
	case DG_SQL_K_ROUTINE_RETURN: \
	case DG_SQL_K_ROUTINE_SET: \
	case DG_SQL_K_ROUTINE_CASE: \
	case DG_SQL_K_ROUTINE_IF: \
	case DG_SQL_K_ROUTINE_JUMP: \
	case DG_SQL_K_ROUTINE_BLOCK: \
	case DG_SQL_K_ROUTINE_LOOP: \
	case DG_SQL_K_ROUTINE_FOREIGN:

/* What the BODY of a query can be. */
#define DG_SQL_CASES_QUERY_BODY \
	case DG_SQL_K_SELECT: \
	case DG_SQL_K_SET_OP: \
	case DG_SQL_K_SUBQUERY: \
	case DG_SQL_K_TABLE_QUERY: \
	case DG_SQL_K_VALUES:

#define DG_SQL_CASES_RELATION \
	case DG_SQL_K_REL_TABLE: \
	case DG_SQL_K_REL_SUBQUERY: \
	case DG_SQL_K_REL_UNNEST: \
	case DG_SQL_K_REL_LATERAL: \
	case DG_SQL_K_REL_JOIN: \
	case DG_SQL_K_REL_ALIAS: \
	case DG_SQL_K_REL_SAMPLE: \
	case DG_SQL_K_REL_PAREN: \
	case DG_SQL_K_REL_FUNCTION: \
	case DG_SQL_K_REL_MATCH: \
	case DG_SQL_K_REL_JSON_TABLE: \
	case DG_SQL_K_REL_PIVOT: \
	case DG_SQL_K_REL_NEAREST:

/* Values, also those that stand only as an argument or an element of GROUP. */
#define DG_SQL_CASES_EXPRESSION \
	case DG_SQL_K_ID: \
	case DG_SQL_K_WORD: \
	case DG_SQL_K_NULL_LITERAL: \
	case DG_SQL_K_BOOLEAN: \
	case DG_SQL_K_NUMBER: \
	case DG_SQL_K_STRING: \
	case DG_SQL_K_BINARY: \
	case DG_SQL_K_TYPED_LITERAL: \
	case DG_SQL_K_INTERVAL: \
	case DG_SQL_K_PARAMETER: \
	case DG_SQL_K_CURRENT: \
	case DG_SQL_K_DEREF: \
	case DG_SQL_K_SUBSCRIPT: \
	case DG_SQL_K_PAREN: \
	case DG_SQL_K_ROW_EXPR: \
	case DG_SQL_K_ROW_FIELD: \
	case DG_SQL_K_ARRAY: \
	case DG_SQL_K_CALL: \
	case DG_SQL_K_NAMED_ARG: \
	case DG_SQL_K_LAMBDA: \
	case DG_SQL_K_BINARY_OP: \
	case DG_SQL_K_UNARY_OP: \
	case DG_SQL_K_NOT: \
	case DG_SQL_K_BETWEEN: \
	case DG_SQL_K_IN_LIST: \
	case DG_SQL_K_IN_QUERY: \
	case DG_SQL_K_LIKE: \
	case DG_SQL_K_IS_NULL: \
	case DG_SQL_K_IS_TRUTH: \
	case DG_SQL_K_IS_DISTINCT: \
	case DG_SQL_K_QUANTIFIED: \
	case DG_SQL_K_EXISTS: \
	case DG_SQL_K_SCALAR_QUERY: \
	case DG_SQL_K_CASE: \
	case DG_SQL_K_CAST: \
	case DG_SQL_K_AT_ZONE: \
	case DG_SQL_K_GROUPING: \
	case DG_SQL_K_GROUPING_SETS: \
	case DG_SQL_K_ROLLUP: \
	case DG_SQL_K_CUBE: \
	case DG_SQL_K_EMPTY_SET: \
	case DG_SQL_K_GROUP_AUTO: \
	case DG_SQL_K_SORT_ITEM: \
	case DG_SQL_K_MEASURE: \
	case DG_SQL_K_OVERLAPS: \
	case DG_SQL_K_MATCH: \
	case DG_SQL_K_UNIQUE: \
	case DG_SQL_K_CASE_OPERAND: \
	case DG_SQL_K_STATIC_CALL: \
	case DG_SQL_K_JSON_ACCESS: \
	case DG_SQL_K_JSON_FORMATTED: \
	case DG_SQL_K_JSON_EXISTS: \
	case DG_SQL_K_JSON_VALUE: \
	case DG_SQL_K_JSON_QUERY: \
	case DG_SQL_K_JSON_OBJECT: \
	case DG_SQL_K_JSON_ARRAY:

/* Parts that their owner's visitor reads itself. */
#define DG_SQL_CASES_PART \
	DG_SQL_CASES_CHANGE \
	DG_SQL_CASES_CONTROL \
	case DG_SQL_K_ASSIGN: \
	case DG_SQL_K_MERGE_UPDATE: \
	case DG_SQL_K_MERGE_DELETE: \
	case DG_SQL_K_MERGE_INSERT: \
	case DG_SQL_K_COLUMN_DEF: \
	case DG_SQL_K_LIKE_TABLE: \
	case DG_SQL_K_CONSTRAINT: \
	case DG_SQL_K_ROUTINE: \
	case DG_SQL_K_PARAM: \
	case DG_SQL_K_ROUTINE_WHEN: \
	case DG_SQL_K_ROUTINE_DECLARE: \
	case DG_SQL_K_GRANT_OBJECT: \
	case DG_SQL_K_PRINCIPAL: \
	case DG_SQL_K_LIST: \
	case DG_SQL_K_QNAME: \
	case DG_SQL_K_EXPLAIN_OPTION: \
	case DG_SQL_K_PROPERTY: \
	case DG_SQL_K_QUERY: \
	case DG_SQL_K_WITH: \
	case DG_SQL_K_CTE: \
	case DG_SQL_K_SELECT_ITEM: \
	case DG_SQL_K_SELECT_STAR: \
	case DG_SQL_K_GROUP_BY: \
	case DG_SQL_K_LIMIT: \
	case DG_SQL_K_WINDOW_DEF: \
	case DG_SQL_K_REL_VERSION: \
	case DG_SQL_K_TABLE_ARG: \
	case DG_SQL_K_DESCRIPTOR: \
	case DG_SQL_K_DESCRIPTOR_FIELD: \
	case DG_SQL_K_WINDOW_SPEC: \
	case DG_SQL_K_FRAME: \
	case DG_SQL_K_FRAME_BOUND: \
	case DG_SQL_K_WHEN: \
	case DG_SQL_K_TYPE: \
	case DG_SQL_K_ROW_PATTERN: \
	case DG_SQL_K_PATTERN_MEASURE: \
	case DG_SQL_K_PATTERN_SKIP: \
	case DG_SQL_K_PATTERN_SUBSET: \
	case DG_SQL_K_PATTERN_DEFINE: \
	case DG_SQL_K_PATTERN_ALTERNATION: \
	case DG_SQL_K_PATTERN_CONCATENATION: \
	case DG_SQL_K_PATTERN_PERMUTATION: \
	case DG_SQL_K_PATTERN_EXCLUDED: \
	case DG_SQL_K_PATTERN_QUANTIFIED: \
	case DG_SQL_K_PATTERN_EMPTY: \
	case DG_SQL_K_PATTERN_ANCHOR: \
	case DG_SQL_K_JSON_PATH: \
	case DG_SQL_K_JSON_ARG: \
	case DG_SQL_K_JSON_OUTPUT: \
	case DG_SQL_K_JSON_BEHAVIOR: \
	case DG_SQL_K_JSON_MEMBER: \
	case DG_SQL_K_JSON_COLUMN: \
	case DG_SQL_K_JSON_ORDINALITY: \
	case DG_SQL_K_JSON_NESTED: \
	case DG_SQL_K_JSON_PLAN: \
	case DG_SQL_K_COUNT:

#endif

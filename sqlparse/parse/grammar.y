// SPDX-License-Identifier: Apache-2.0
//
// grammar.y - the language of both engines, top down: statements, queries,
// relations, expressions, types.
//
// lemon -c, once with -DDG_TRINO and once with -DDG_PRESTO; zero conflicts, or
// the build fails. It takes all that the engines take, and a little more where
// the reading is the same: then the engine is the judge. Each action is one
// call to a constructor of ast/build.c; nothing is simplified away.
//
// Soft keywords: promote.c has made those into ID that are not keywords where
// they stand. The others either stand in %fallback (a name wherever no rule
// wants the keyword) or are keywords for certain. %fallback is only right
// together with -c, without which default reductions go before it.

%include {
#include "ast/build.h"
}
%ifdef DG_TRINO
%name dg_sql_trino
%endif
%ifdef DG_PRESTO
%name dg_sql_presto
%endif
%token_prefix DG_TK_
%token_type {const struct dg_sql_token *}
%default_type {struct dg_sql_node *}
%extra_context {struct dg_sql_build *cx}
%syntax_error { cx->rejected = TOKEN; }
%stack_overflow { dg_sql_build_overflow(cx); }
// 16 bytes each: more than the deepest tree can need.
%stack_size 8000

// ---- tokens. The same numbers in both dialects, since token.c is shared: so
// every one is named here, in front of what only one dialect has.

%token ID QUOTED.
%token LIT_STRING LIT_UNICODE LIT_BINARY LIT_INTEGER LIT_DECIMAL QM.
%token LP RP LB RB DOT COMMA SEMICOLON COLON AT_SIGN ARROW DOUBLE_ARROW.
%token DOUBLE_COLON.
%token EQ NE LT LE GT GE PLUS MINUS STAR SLASH PERCENT CONCAT.
// in no rule: end of the road
%token ILLEGAL RESERVED.
// reserved words
%token AND AS BETWEEN BY CASE CAST CREATE CROSS CUBE DEALLOCATE DELETE DESCRIBE.
%token DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL.
%token GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN LEFT LIKE.
%token NATURAL NILADIC NILADIC_PRECISION NORMALIZE NOT NULL ON OR ORDER OUTER.
%token PREPARE RECURSIVE RIGHT ROLLUP SELECT TABLE THEN TRUE UESCAPE UNION.
%token UNNEST USING VALUES WHEN WHERE WITH LISTAGG TRIM AUTO SKIP OVERLAPS.
%token ALTER CONSTRAINT CURRENT_ROLE.
%token JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE.
// of row patterns
%token BAR CARET DOLLAR LC RC LC_MINUS MINUS_RC.
// WITH by what follows it
%token WITH_ORDINALITY WITH_DATA WITH_TIES WITH_TIME_ZONE.
// decided by promote.c: keywords, unless no rule takes them where they stand
%token ALL ANY RUN LIMIT OFFSET FETCH WINDOW TABLESAMPLE FILTER.
%token IGNORE RESPECT WITHIN PARTITION FRAME UNBOUNDED CURRENT LATERAL INTERVAL.
%token INTERVAL_TYPE AT WITHOUT_TIME_ZONE POSITION SUBSTRING TRY_CAST OVERLAY.
%token ROW_OF ARRAY_OF ARRAY_TYPE TRIM_SIDE IF CORRESPONDING KEEP PRUNE.
%token COPARTITION DESCRIPTOR IMMEDIATE DOUBLE.
%token MATCH_RECOGNIZE PIVOT NEAREST MATCH_OF WITH_SESSION DOUBLE_LITERAL.
// `(` of a list of sort items
%token LP_SORT.
// what ends a lambda: `.` before `*`, the IN of POSITION, the AND of BETWEEN;
// `.` and `[` behind its AT TIME ZONE
%token DOT_STAR POSITION_IN BETWEEN_AND DOT_OUTER LB_OUTER.
// soft words, names wherever no rule takes them
%token OVER ROW ROWS ARRAY PRECISION PLACING WITHOUT.
%token ASC DESC NULLS FIRST LAST NEXT ONLY TIES PRECEDING FOLLOWING ORDINALITY.
%token SETS TIME TIMESTAMP ZONE LOCAL OF BEFORE VERSION SYSTEM_TIME UNKNOWN TO.
%token UNIT SAMPLE_METHOD SYMMETRIC OVERFLOW ERROR TRUNCATE COUNT EMPTY.
%token EXPLAIN SHOW USE SET RESET SESSION EXECUTE START TRANSACTION COMMIT.
%token ROLLBACK WORK TABLES SCHEMAS CATALOGS COLUMNS VIEW REPLACE COMMENT.
%token SECURITY DEFINER INVOKER DATA NO ISOLATION LEVEL READ FORMAT TYPE.
%token VERBOSE DEFAULT ANALYZE.
%token ABSENT AFTER CONDITIONAL DEFINE ENCODING INITIAL JSON KEY KEYS MATCH.
%token MATCHES MEASURES NESTED OBJECT OMIT ONE PASSING PAST PATH PATTERN PER.
%token PERMUTE PLAN PROCESSING QUOTES RETURNING SCALAR SEEK SUBSET TEXT_STRING.
%token UNCONDITIONAL UNIQUE UNMATCHED UTF VALUE WRAPPER MATCH_TYPE MAP.
%token NORMAL_FORM.
// of statements alone
%token CALL UPDATE MERGE MATCHED REFRESH MATERIALIZED GRACE PERIOD STALE.
%token INLINE FAIL ADD RENAME COLUMN PROPERTIES INCLUDING EXCLUDING SCHEMA.
%token CASCADE RESTRICT CATALOG AUTHORIZATION PRIMARY RELY.
%token ENFORCED ENABLED DISABLED BRANCH BRANCHES TAG FAST FORWARD RETAIN DAYS.
%token SNAPSHOT SNAPSHOTS RETENTION VECTOR INDEX UPDATING GRANT GRANTS GRANTED.
%token REVOKE DENY OPTION PRIVILEGES ROLE ROLES ADMIN USER STATS FUNCTIONS.
%token PARTITIONS INPUT OUTPUT.
// of routines
%token FUNCTION TEMPORARY EXTERNAL NAME LANGUAGE DETERMINISTIC CALLED RETURNS.
%token RETURN BEGIN DECLARE IF_THEN ELSEIF ITERATE LEAVE LOOP WHILE DO REPEAT.
%token UNTIL LIT_DOLLAR.
// of EXPLAIN and START TRANSACTION
%token TEXT GRAPHVIZ LOGICAL DISTRIBUTED VALIDATE IO.
%token SERIALIZABLE REPEATABLE COMMITTED UNCOMMITTED WRITE.

%fallback ID OVER ROW ROWS ARRAY PRECISION PLACING WITHOUT
	ASC DESC NULLS FIRST LAST NEXT ONLY TIES PRECEDING FOLLOWING ORDINALITY
	SETS ZONE LOCAL OF BEFORE VERSION SYSTEM_TIME UNKNOWN TO
	UNIT SAMPLE_METHOD SYMMETRIC OVERFLOW ERROR TRUNCATE COUNT EMPTY
	EXPLAIN SHOW USE SET RESET SESSION EXECUTE START TRANSACTION COMMIT
	ROLLBACK WORK TABLES SCHEMAS CATALOGS COLUMNS VIEW REPLACE COMMENT
	SECURITY DEFINER INVOKER DATA NO ISOLATION LEVEL READ FORMAT TYPE
	VERBOSE DEFAULT ANALYZE
	ABSENT AFTER CONDITIONAL DEFINE ENCODING INITIAL JSON KEY KEYS MATCH
	MATCHES MEASURES NESTED OBJECT OMIT ONE PASSING PAST PATH PATTERN PER
	PERMUTE PLAN PROCESSING QUOTES RETURNING SCALAR SEEK SUBSET TEXT_STRING
	UNCONDITIONAL UNIQUE UNMATCHED UTF VALUE WRAPPER MATCH_TYPE KEEP
	PIVOT NEAREST MAP NORMAL_FORM
	CALL UPDATE MERGE MATCHED REFRESH MATERIALIZED GRACE PERIOD STALE INLINE
	FAIL ADD RENAME COLUMN PROPERTIES INCLUDING EXCLUDING SCHEMA CASCADE
	RESTRICT CATALOG AUTHORIZATION PRIMARY RELY ENFORCED
	ENABLED DISABLED BRANCH BRANCHES TAG FAST FORWARD RETAIN DAYS SNAPSHOT
	SNAPSHOTS RETENTION VECTOR INDEX UPDATING GRANT GRANTS GRANTED REVOKE
	DENY OPTION PRIVILEGES ROLE ROLES ADMIN USER STATS FUNCTIONS
	PARTITIONS INPUT OUTPUT
	FUNCTION TEMPORARY EXTERNAL NAME LANGUAGE DETERMINISTIC CALLED RETURNS
	RETURN BEGIN DECLARE IF_THEN ELSEIF ITERATE LEAVE LOOP WHILE DO REPEAT
	UNTIL
	TEXT GRAPHVIZ LOGICAL DISTRIBUTED VALIDATE IO
	SERIALIZABLE REPEATABLE COMMITTED UNCOMMITTED WRITE
	ROW_OF ARRAY_OF ARRAY_TYPE INTERVAL_TYPE LATERAL POSITION SUBSTRING
	TRY_CAST OVERLAY DESCRIPTOR DOUBLE_LITERAL
	ALL ANY RUN LIMIT OFFSET FETCH WINDOW TABLESAMPLE FILTER IGNORE RESPECT
	WITHIN PARTITION FRAME UNBOUNDED CURRENT INTERVAL AT WITHOUT_TIME_ZONE
	TRIM_SIDE IF CORRESPONDING PRUNE COPARTITION IMMEDIATE MATCH_RECOGNIZE
	MATCH_OF WITH_SESSION.
%ifdef DG_PRESTO
// Trino reserves it
%fallback ID TRIM.
%endif
%ifdef DG_TRINO
// in Presto the beginning of one word: DOUBLE PRECISION, TIME WITH TIME ZONE
%fallback ID DOUBLE TIME TIMESTAMP.
%endif

// A name where any may stand.
%token_class id ID|QUOTED.

// as far to the right as it goes
%right LAMBDA_BODY.
%left OR.
%left AND.
%right NOT.
%nonassoc EQ NE LT LE GT GE BETWEEN IN LIKE IS OVERLAPS MATCH_OF.
// Of two LIKE, one in a lambda, the inner one has the ESCAPE.
%nonassoc NO_ESCAPE.
%nonassoc ESCAPE.
// A query in parentheses is a query before it is a scalar or a relation.
%nonassoc AS_OPERAND.
%nonassoc AS_QUERY.
%left UNION EXCEPT.
%left INTERSECT.
%left CONCAT.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%right SIGN.
%left AT.
%right ARROW.
%left DOT LB DOUBLE_COLON DOT_OUTER LB_OUTER.
%left JOIN CROSS NATURAL INNER LEFT RIGHT FULL.

// ---- statements

start ::= statement(S). { cx->root = S; }

statement(A) ::= root_query(Q).
	{ A = MK(QUERY_STATEMENT, 0, Q->offset, Q); }
%ifdef DG_TRINO
statement(A) ::= WITH(T) WITH_SESSION(U) session_properties(L)
		headed_root_query(Q).
	{ GATE(WITH_SESSION, U);
	  A = MK(QUERY_STATEMENT, 0, T->offset, Q, L); }
session_properties(A) ::= session_property(P).	{ A = dg_mk_list(cx, P); }
session_properties(A) ::= session_properties(L) COMMA session_property(P).
	{ A = dg_mk_append(cx, L, P); }
session_property(A) ::= qname(N) EQ expr(V).
	{ A = MK(PROPERTY, 0, N->offset, N, V); }
%endif

statement(A) ::= EXPLAIN(T) statement(S).
	{ A = MK(EXPLAIN, 0, T->offset, NULL, S); }
statement(A) ::= EXPLAIN(T) LP explain_list(L) RP statement(S).
	{ A = MK(EXPLAIN, 0, T->offset, L, S); }
statement(A) ::= EXPLAIN(T) explain_words(F) statement(S).
	{ A = MK(EXPLAIN, F, T->offset, NULL, S); }
statement(A) ::= EXPLAIN(T) explain_words(F) LP(P) explain_list(L) RP
		statement(S).
	{ GATE(EXPLAIN_FREELY, P); A = MK(EXPLAIN, F, T->offset, L, S); }
%type explain_words {unsigned}
explain_words(A) ::= RUN.		{ A = DG_SQL_F_ANALYZE; }
explain_words(A) ::= RUN VERBOSE.
	{ A = DG_SQL_F_ANALYZE | DG_SQL_F_VERBOSE; }
explain_words(A) ::= VERBOSE(T).
	{ GATE(EXPLAIN_FREELY, T); A = DG_SQL_F_VERBOSE; }
explain_list(A) ::= explain_option(O).	{ A = dg_mk_list(cx, O); }
explain_list(A) ::= explain_list(L) COMMA explain_option(O).
	{ A = dg_mk_append(cx, L, O); }
explain_option(A) ::= FORMAT(K) explain_format(V).
	{ A = dg_mk_worded(cx, MK(EXPLAIN_OPTION, 0, K->offset,
				  dg_mk_word(cx, V)), K, K); }
explain_option(A) ::= TYPE(K) explain_type(V).
	{ A = dg_mk_worded(cx, MK(EXPLAIN_OPTION, 0, K->offset,
				  dg_mk_word(cx, V)), K, K); }
%type explain_format {const struct dg_sql_token *}
explain_format(A) ::= TEXT(A).
explain_format(A) ::= GRAPHVIZ(A).
explain_format(A) ::= JSON(A).
%type explain_type {const struct dg_sql_token *}
explain_type(A) ::= LOGICAL(A).
explain_type(A) ::= DISTRIBUTED(A).
explain_type(A) ::= VALIDATE(A).
explain_type(A) ::= IO(A).

statement(A) ::= SHOW(T) CATALOGS like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_CATALOGS, T, NULL, L); }
statement(A) ::= SHOW(T) SCHEMAS like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_SCHEMAS, T, NULL, L); }
statement(A) ::= SHOW(T) SCHEMAS from_in id(N) like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_SCHEMAS, T, dg_mk_id(cx, N), L); }
statement(A) ::= SHOW(T) TABLES like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_TABLES, T, NULL, L); }
statement(A) ::= SHOW(T) TABLES from_in qname(N) like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_TABLES, T, N, L); }
statement(A) ::= SHOW(T) COLUMNS from_in qname(N).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_COLUMNS, T, N, NULL); }
%ifdef DG_TRINO
statement(A) ::= SHOW(T) COLUMNS from_in qname(N) like(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_COLUMNS, T, N, L); }
%endif
statement(A) ::= DESCRIBE(T) qname(N).
	{ A = MK(SHOW_COLUMNS, DG_SQL_F_DESCRIBE, T->offset, N); }
statement(A) ::= DESC(T) qname(N).
	{ A = MK(SHOW_COLUMNS, DG_SQL_F_DESCRIBE, T->offset, N); }
statement(A) ::= SHOW(T) CREATE TABLE(K) qname(N).
	{ A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N), K, K); }
statement(A) ::= SHOW(T) CREATE VIEW(K) qname(N).
	{ A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N), K, K); }
statement(A) ::= SHOW(T) CREATE MATERIALIZED(K) VIEW(V) qname(N).
	{ A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N), K, V); }
statement(A) ::= SHOW(T) CREATE SCHEMA(K) qname(N).
	{ A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N), K, K); }
%ifdef DG_TRINO
statement(A) ::= SHOW(T) CREATE FUNCTION(K) qname(N).
	{ GATE(SHOW_CREATE_FUNCTION, K);
	  A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N), K, K); }
%endif
%ifdef DG_PRESTO
statement(A) ::= SHOW(T) CREATE FUNCTION(K) qname(N) dropped_params(L).
	{ GATE(SHOW_CREATE_FUNCTION, K);
	  A = dg_mk_worded(cx, MK(SHOW_CREATE, 0, T->offset, N, L), K, K); }
%endif
statement(A) ::= SHOW(T) STATS FOR qname(N).
	{ A = MK(SHOW_STATS, 0, T->offset, N, NULL); }
%ifdef DG_TRINO
statement(A) ::= SHOW(T) STATS FOR root_subquery(Q).
	{ A = MK(SHOW_STATS, 0, T->offset, NULL, Q); }
%endif
%ifdef DG_PRESTO
statement(A) ::= SHOW(T) STATS ON(O) qname(N).
	{ GATE(SHOW_STATS_ON, O); A = MK(SHOW_STATS, 0, T->offset, N, NULL); }
statement(A) ::= SHOW(T) STATS FOR LP(O) select(Q) RP.
	{ A = MK(SHOW_STATS, 0, T->offset, NULL, dg_mk_enclosed(
		cx, O, MK(QUERY, 0, Q->offset, NULL, Q))); }
%endif
statement(A) ::= SHOW(T) FUNCTIONS like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_FUNCTIONS, T, NULL, L); }
%ifdef DG_TRINO
statement(A) ::= SHOW(T) FUNCTIONS from_in(F) qname(N) like_opt(L).
	{ GATE(SHOW_FUNCTIONS_FROM, F);
	  A = dg_mk_show(cx, DG_SQL_K_SHOW_FUNCTIONS, T, N, L); }
statement(A) ::= SHOW(T) BRANCHES from_in TABLE qname(N).
	{ A = MK(SHOW_BRANCHES, 0, T->offset, N); }
%endif
statement(A) ::= SHOW(T) SESSION like_opt(L).
	{ A = dg_mk_show(cx, DG_SQL_K_SHOW_SESSION, T, NULL, L); }
statement(A) ::= SHOW(T) GRANTS.
	{ A = MK(SHOW_GRANTS, 0, T->offset, NULL); }
statement(A) ::= SHOW(T) GRANTS ON grant_object(O).
	{ A = MK(SHOW_GRANTS, 0, T->offset, O); }
statement(A) ::= SHOW(T) ROLES from_catalog_opt(C).
	{ A = MK(SHOW_ROLES, 0, T->offset, C); }
statement(A) ::= SHOW(T) CURRENT(U) ROLES from_catalog_opt(C).
	{ A = dg_mk_worded(cx, MK(SHOW_ROLES, 0, T->offset, C), U, U); }
statement(A) ::= SHOW(T) ROLE GRANTS from_catalog_opt(C).
	{ A = MK(SHOW_ROLE_GRANTS, 0, T->offset, C); }
from_catalog_opt(A) ::= .		{ A = NULL; }
from_catalog_opt(A) ::= from_in id(C).	{ A = dg_mk_id(cx, C); }
%ifdef DG_PRESTO
statement(A) ::= SHOW(T) PARTITIONS(P) from_in qname(N) where_opt(W)
		order_opt(O) limit_opt(L).
	{ GATE(SHOW_PARTITIONS, P);
	  A = MK(SHOW_PARTITIONS, 0, T->offset, N, W, O, L); }
%endif
statement(A) ::= DESCRIBE(T) INPUT id(N).
	{ A = MK(DESCRIBE_INPUT, 0, T->offset, dg_mk_id(cx, N)); }
statement(A) ::= DESCRIBE(T) OUTPUT id(N).
	{ A = MK(DESCRIBE_OUTPUT, 0, T->offset, dg_mk_id(cx, N), NULL); }
%ifdef DG_TRINO
statement(A) ::= DESCRIBE(T) OUTPUT root_subquery(Q).
	{ A = MK(DESCRIBE_OUTPUT, 0, T->offset, NULL, Q); }
%endif
%type from_in {const struct dg_sql_token *}
from_in(A) ::= FROM(T).			{ A = T; }
from_in(A) ::= IN(T).			{ A = T; }
// LIKE without a left side, for dg_mk_show to take apart
like_opt(A) ::= .			{ A = NULL; }
like_opt(A) ::= like(L).		{ A = L; }
like(A) ::= LIKE(T) shown(P).	{ A = MK(LIKE, 0, T->offset, NULL, P); }
like(A) ::= LIKE(T) shown(P) ESCAPE shown(E).
	{ A = MK(LIKE, 0, T->offset, NULL, P, E); }
shown(A) ::= LIT_STRING(T).		{ A = dg_mk_string(cx, T); }
shown(A) ::= LIT_UNICODE(T).		{ A = dg_mk_shown(cx, T, NULL); }
shown(A) ::= LIT_UNICODE(T) UESCAPE LIT_STRING(E).
	{ A = dg_mk_shown(cx, T, E); }

statement(A) ::= USE(T) id(S).	{ A = MK(USE, 0, T->offset, NULL, dg_mk_id(cx, S)); }
statement(A) ::= USE(T) id(C) DOT id(S).	{ A = MK(USE, 0, T->offset, dg_mk_id(cx, C), dg_mk_id(cx, S)); }
statement(A) ::= SET(T) SESSION qname(N) EQ expr(V).
	{ A = MK(SET_SESSION, 0, T->offset, N, V); }
statement(A) ::= RESET(T) SESSION qname(N).
	{ A = MK(RESET_SESSION, 0, T->offset, N); }

%ifdef DG_TRINO
statement(A) ::= SET(T) SESSION AUTHORIZATION id(N).
	{ A = MK(SET_SESSION_AUTHORIZATION, 0, T->offset, dg_mk_id(cx, N)); }
statement(A) ::= SET(T) SESSION AUTHORIZATION string(S).
	{ A = MK(SET_SESSION_AUTHORIZATION, 0, T->offset, S); }
statement(A) ::= RESET(T) SESSION AUTHORIZATION.
	{ A = MK_LEAF(RESET_SESSION_AUTHORIZATION, 0, T->offset); }
statement(A) ::= SET(T) TIME ZONE LOCAL.
	{ A = MK(SET_TIME_ZONE, 0, T->offset, NULL); }
statement(A) ::= SET(T) TIME ZONE expr(E).
	{ A = MK(SET_TIME_ZONE, 0, T->offset, E); }
%endif
statement(A) ::= SET(T) PATH(P) path(L).
	{ GATE(SET_PATH, P); A = MK(SET_PATH, 0, T->offset, L); }
path(A) ::= path_element(E).		{ A = dg_mk_list(cx, E); }
path(A) ::= path(L) COMMA path_element(E).	{ A = dg_mk_append(cx, L, E); }
path_element(A) ::= id(S).		{ A = dg_mk_qname(cx, NULL, S); }
path_element(A) ::= id(C) DOT id(S).
	{ A = dg_mk_qname(cx, dg_mk_qname(cx, NULL, C), S); }

statement(A) ::= PREPARE(T) id(N) FROM statement(S).
	{ A = MK(PREPARE, 0, T->offset, dg_mk_id(cx, N), S); }
statement(A) ::= EXECUTE(T) id(N) using_opt(U).
	{ A = MK(EXECUTE, 0, T->offset, dg_mk_id(cx, N), U); }
statement(A) ::= EXECUTE(T) IMMEDIATE string(S) using_opt(U).
	{ A = MK(EXECUTE_IMMEDIATE, 0, T->offset, S, U); }
using_opt(A) ::= .			{ A = NULL; }
using_opt(A) ::= USING exprs(L).	{ A = L; }
statement(A) ::= DEALLOCATE(T) PREPARE id(N).
	{ A = MK(DEALLOCATE, 0, T->offset, dg_mk_id(cx, N)); }

statement(A) ::= START(T) TRANSACTION.
	{ A = MK(START_TRANSACTION, 0, T->offset, NULL); }
statement(A) ::= START(T) TRANSACTION modes(L).
	{ A = MK(START_TRANSACTION, 0, T->offset, L); }
modes(A) ::= mode(M).			{ A = dg_mk_list(cx, M); }
modes(A) ::= modes(L) COMMA mode(M).	{ A = dg_mk_append(cx, L, M); }
mode(A) ::= ISOLATION(T) LEVEL isolation_level.	{ A = dg_mk_words(cx, T); }
mode(A) ::= READ(T) ONLY.		{ A = dg_mk_words(cx, T); }
mode(A) ::= READ(T) WRITE.		{ A = dg_mk_words(cx, T); }
isolation_level ::= SERIALIZABLE.
isolation_level ::= REPEATABLE READ.
isolation_level ::= READ COMMITTED.
isolation_level ::= READ UNCOMMITTED.
statement(A) ::= COMMIT(T) work_opt.	{ A = MK_LEAF(COMMIT, 0, T->offset); }
statement(A) ::= ROLLBACK(T) work_opt.	{ A = MK_LEAF(ROLLBACK, 0, T->offset); }
work_opt ::= .
work_opt ::= WORK.

// ---- statements: rows

target(A) ::= qname(N).			{ A = N; }
%ifdef DG_TRINO
target(A) ::= qname(N) AT_SIGN(T) id(B).
	{ GATE(BRANCH_TARGET, T); A = dg_mk_branch(N, dg_mk_id(cx, B)); }
%endif
statement(A) ::= INSERT(T) INTO target(N) root_query(Q).
	{ A = MK(INSERT, 0, T->offset, N, NULL, Q); }
statement(A) ::= INSERT(T) INTO target(N) LP ids(C) RP root_query(Q).
	{ A = MK(INSERT, 0, T->offset, N, C, Q); }
statement(A) ::= DELETE(T) FROM target(N) where_opt(W).
	{ A = MK(DELETE, 0, T->offset, N, W); }
statement(A) ::= UPDATE(T) target(N) SET assigns(L) where_opt(W).
	{ A = MK(UPDATE, 0, T->offset, N, L, W); }
assigns(A) ::= assign(S).		{ A = dg_mk_list(cx, S); }
assigns(A) ::= assigns(L) COMMA assign(S).	{ A = dg_mk_append(cx, L, S); }
assign(A) ::= id(C) EQ expr(V).	{ A = MK(ASSIGN, 0, C->offset, dg_mk_id(cx, C), V); }
statement(A) ::= TRUNCATE(T) TABLE qname(N).
	{ A = MK(TRUNCATE, 0, T->offset, N); }

statement(A) ::= MERGE(T) INTO target(N) merge_alias_opt(I)
		USING relation(R) ON expr(E) merge_cases(L).
	{ A = MK(MERGE, 0, T->offset, N, I, R, E, L); }
merge_alias_opt(A) ::= .		{ A = NULL; }
merge_alias_opt(A) ::= id(I).		{ A = dg_mk_id(cx, I); }
merge_alias_opt(A) ::= AS id(I).	{ A = dg_mk_id(cx, I); }
merge_cases(A) ::= merge_case(C).	{ A = dg_mk_list(cx, C); }
merge_cases(A) ::= merge_cases(L) merge_case(C).
	{ A = dg_mk_append(cx, L, C); }
merge_case(A) ::= WHEN(T) MATCHED merge_condition_opt(C) THEN UPDATE SET
		assigns(L).
	{ A = MK(MERGE_UPDATE, 0, T->offset, C, L); }
merge_case(A) ::= WHEN(T) MATCHED merge_condition_opt(C) THEN merge_delete.
	{ A = MK(MERGE_DELETE, 0, T->offset, C); }
merge_case(A) ::= WHEN(T) NOT MATCHED merge_condition_opt(C) THEN INSERT
		column_aliases_opt(I) VALUES LP exprs(V) RP.
	{ A = MK(MERGE_INSERT, 0, T->offset, C, I, V); }
merge_condition_opt(A) ::= .		{ A = NULL; }
merge_condition_opt(A) ::= merge_and expr(C).	{ A = C; }
%ifdef DG_TRINO
merge_and ::= AND.
merge_delete ::= DELETE.
%endif
%ifdef DG_PRESTO
merge_and ::= AND(T).			{ GATE(MERGE_CONDITION, T); }
merge_delete ::= DELETE(T).		{ GATE(MERGE_DELETE, T); }
%endif

statement(A) ::= REFRESH(T) MATERIALIZED VIEW qname(N) refresh_where_opt(W).
	{ A = MK(REFRESH_MATERIALIZED_VIEW, 0, T->offset, N, W); }
refresh_where_opt(A) ::= .
	{ GATE(REFRESH_ALL, &cx->tokens->at[cx->tokens->n]); A = NULL; }
%ifdef DG_PRESTO
refresh_where_opt(A) ::= WHERE expr(E).	{ A = E; }
%endif
statement(A) ::= ANALYZE(T) qname(N) properties_opt(P).
	{ A = MK(ANALYZE, 0, T->offset, N, P); }
statement(A) ::= CALL(T) qname(N) LP call_params_opt(L) RP.
	{ A = MK(CALL_PROCEDURE, 0, T->offset, N, L); }
call_params_opt(A) ::= .		{ A = NULL; }
call_params_opt(A) ::= call_params(L).	{ A = L; }
call_params(A) ::= call_param(P).	{ A = dg_mk_list(cx, P); }
call_params(A) ::= call_params(L) COMMA call_param(P).
	{ A = dg_mk_append(cx, L, P); }
call_param(A) ::= expr(E).		{ A = E; }
call_param(A) ::= id(N) DOUBLE_ARROW expr(E).
	{ A = MK(NAMED_ARG, 0, N->offset, dg_mk_any_id(cx, N), E); }

// ---- statements: tables and views

statement(A) ::= CREATE(T) new_replace_opt(R) TABLE if_not_exists_opt(I) qname(N)
		column_aliases_opt(C) comment_opt(M) properties_opt(P)
		AS created_query(Q) with_data_opt(D).
	{ dg_mk_check_create(cx, T, R | I);
	  A = MK(CREATE_TABLE_AS, R | I | D, T->offset, N, C, M, P, Q); }
statement(A) ::= CREATE(T) new_replace_opt(R) TABLE if_not_exists_opt(I) qname(N)
		LP elements(L) RP comment_opt(M) properties_opt(P).
	{ dg_mk_check_create(cx, T, R | I);
	  A = MK(CREATE_TABLE, R | I, T->offset, N, L, M, P); }
// here alone a WITH may stand in the outermost brackets
created_query(A) ::= root_query(A).
created_query(A) ::= root_with_subquery(Q).
	{ A = MK(QUERY, 0, Q->offset, NULL, MK(SUBQUERY, 0, Q->offset, Q)); }
%type replace_opt {unsigned}
replace_opt(A) ::= .			{ A = 0; }
replace_opt(A) ::= OR REPLACE.		{ A = DG_SQL_F_OR_REPLACE; }
// of what only Trino replaces
%type new_replace_opt {unsigned}
new_replace_opt(A) ::= .		{ A = 0; }
%ifdef DG_TRINO
new_replace_opt(A) ::= OR REPLACE.	{ A = DG_SQL_F_OR_REPLACE; }
%endif
%type if_not_exists_opt {unsigned}
if_not_exists_opt(A) ::= .		{ A = 0; }
if_not_exists_opt(A) ::= IF NOT EXISTS.	{ A = DG_SQL_F_IF_EXISTS; }
%type if_exists_opt {unsigned}
if_exists_opt(A) ::= .			{ A = 0; }
if_exists_opt(A) ::= IF EXISTS.		{ A = DG_SQL_F_IF_EXISTS; }
%type with_data_opt {unsigned}
with_data_opt(A) ::= .			{ A = 0; }
with_data_opt(A) ::= WITH_DATA DATA.	{ A = DG_SQL_F_WITH_DATA; }
with_data_opt(A) ::= WITH_DATA NO DATA.	{ A = DG_SQL_F_WITH_NO_DATA; }
comment_opt(A) ::= .			{ A = NULL; }
comment_opt(A) ::= COMMENT string(S).	{ A = S; }
properties_opt(A) ::= .			{ A = NULL; }
properties_opt(A) ::= WITH LP properties(L) RP.	{ A = L; }
properties(A) ::= property(P).		{ A = dg_mk_list(cx, P); }
properties(A) ::= properties(L) COMMA property(P).
	{ A = dg_mk_append(cx, L, P); }
property(A) ::= id(N) EQ expr(V).	{ A = MK(PROPERTY, 0, N->offset, dg_mk_id(cx, N), V); }
%ifdef DG_TRINO
property(A) ::= id(N) EQ DEFAULT.
	{ A = MK(PROPERTY, 0, N->offset, dg_mk_id(cx, N), NULL); }
%endif

elements(A) ::= element(E).		{ A = dg_mk_list(cx, E); }
elements(A) ::= elements(L) COMMA element(E).	{ A = dg_mk_append(cx, L, E); }
element(A) ::= column_def(C).		{ A = C; }
element(A) ::= LIKE(T) qname(N) like_properties(F).
	{ A = MK(LIKE_TABLE, F, T->offset, N); }
%type like_properties {unsigned}
like_properties(A) ::= .		{ A = 0; }
like_properties(A) ::= INCLUDING PROPERTIES.	{ A = DG_SQL_F_INCLUDING; }
like_properties(A) ::= EXCLUDING PROPERTIES.	{ A = DG_SQL_F_EXCLUDING; }
%type not_null_opt {unsigned}
not_null_opt(A) ::= .			{ A = 0; }
not_null_opt(A) ::= NOT(T) NULL.
	{ GATE(COLUMN_NOT_NULL, T); A = DG_SQL_F_NOT; }
%ifdef DG_TRINO
column_def(A) ::= new_column(N) type(Y) not_null_opt(F) comment_opt(M)
		properties_opt(P).
	{ A = MK(COLUMN_DEF, F, N->offset, N, Y, NULL, M, P); }
column_def(A) ::= new_column(N) type(Y) column_default fixed(V) not_null_opt(F)
		comment_opt(M) properties_opt(P).
	{ A = MK(COLUMN_DEF, F, N->offset, N, Y, V, M, P); }
new_column(A) ::= qname(N).
	{ A = dg_mk_nested(cx, DG_SQL_G_NESTED_COLUMN, N); }
column_default ::= DEFAULT(T).		{ GATE(COLUMN_DEFAULT, T); }
%endif
%ifdef DG_PRESTO
column_def(A) ::= id(N) type(Y) not_null_opt(F) comment_opt(M) default_opt(V)
		column_properties_opt(P).
	{ A = MK(COLUMN_DEF, F, N->offset, dg_mk_qname(cx, NULL, N), Y, V, M, P); }
column_properties_opt(A) ::= .		{ A = NULL; }
column_properties_opt(A) ::= WITH(T) LP properties(L) RP.
	{ GATE(COLUMN_PROPERTIES, T); A = L; }
default_opt(A) ::= .			{ A = NULL; }
default_opt(A) ::= DEFAULT expr(E).	{ A = E; }
element(A) ::= constraint(C).		{ A = C; }
constraint(A) ::= unnamed_constraint(C).	{ A = C; }
constraint(A) ::= CONSTRAINT id(N) unnamed_constraint(C).
	{ A = dg_mk_headed(cx, dg_mk_id(cx, N), C); }
unnamed_constraint(A) ::= UNIQUE(T) LP ids(L) RP constraint_options(O).
	{ dg_mk_check_constraint(cx, O);
	  A = dg_mk_worded(cx, MK(CONSTRAINT, 0, T->offset, NULL, L, O), T, T); }
unnamed_constraint(A) ::= PRIMARY(T) KEY(K) LP ids(L) RP constraint_options(O).
	{ dg_mk_check_constraint(cx, O);
	  A = dg_mk_worded(cx, MK(CONSTRAINT, 0, T->offset, NULL, L, O), T, K); }
constraint_options(A) ::= .		{ A = NULL; }
constraint_options(A) ::= constraint_options(L) constraint_option(O).
	{ A = L == NULL ? dg_mk_list(cx, O) : dg_mk_append(cx, L, O); }
constraint_option(A) ::= ENABLED(T).	{ A = dg_mk_words(cx, T); }
constraint_option(A) ::= DISABLED(T).	{ A = dg_mk_words(cx, T); }
constraint_option(A) ::= RELY(T).	{ A = dg_mk_words(cx, T); }
constraint_option(A) ::= NOT(T) RELY.	{ A = dg_mk_words(cx, T); }
constraint_option(A) ::= ENFORCED(T).	{ A = dg_mk_words(cx, T); }
constraint_option(A) ::= NOT(T) ENFORCED.	{ A = dg_mk_words(cx, T); }
%endif

statement(A) ::= DROP(T) TABLE if_exists_opt(I) qname(N).
	{ A = MK(DROP_TABLE, I, T->offset, N); }
%ifdef DG_TRINO
statement(A) ::= CREATE(T) replace_opt(R) VIEW qname(N) comment_opt(M)
		security_opt(S) view_properties_opt(P) AS root_query(Q).
	{ A = MK(CREATE_VIEW, R | S, T->offset, N, M, P, Q); }
view_properties_opt(A) ::= .		{ A = NULL; }
view_properties_opt(A) ::= WITH(T) LP properties(L) RP.
	{ GATE(VIEW_PROPERTIES, T); A = L; }
%endif
%ifdef DG_PRESTO
statement(A) ::= CREATE(T) replace_opt(R) VIEW qname(N) security_opt(S)
		AS root_query(Q).
	{ A = MK(CREATE_VIEW, R | S, T->offset, N, NULL, NULL, Q); }
%endif
%type security_opt {unsigned}
security_opt(A) ::= .			{ A = 0; }
security_opt(A) ::= SECURITY DEFINER.	{ A = DG_SQL_F_DEFINER; }
security_opt(A) ::= SECURITY INVOKER.	{ A = DG_SQL_F_INVOKER; }
statement(A) ::= DROP(T) VIEW if_exists_opt(I) qname(N).
	{ A = MK(DROP_VIEW, I, T->offset, N); }
statement(A) ::= CREATE(T) new_replace_opt(R) MATERIALIZED VIEW
		if_not_exists_opt(I) qname(N) grace_opt(G) stale_opt(W)
		comment_opt(M) mv_security_opt(S) properties_opt(P) AS mv_query(Q).
	{ A = MK(CREATE_MATERIALIZED_VIEW, R | I | S, T->offset, N, G, M, P, Q);
	  if (W != NULL)
		A = dg_mk_worded(cx, A, W, W); }
%ifdef DG_TRINO
mv_query(A) ::= root_query(A).
%endif
%ifdef DG_PRESTO
mv_query(A) ::= created_query(A).
%endif
grace_opt(A) ::= .			{ A = NULL; }
%type stale_opt {const struct dg_sql_token *}
stale_opt(A) ::= .			{ A = NULL; }
%ifdef DG_TRINO
grace_opt(A) ::= GRACE PERIOD interval(I).	{ A = I; }
stale_opt(A) ::= when_stale STALE INLINE(T).	{ A = T; }
stale_opt(A) ::= when_stale STALE FAIL(T).	{ A = T; }
when_stale ::= WHEN(T).			{ GATE(WHEN_STALE, T); }
%endif
%type mv_security_opt {unsigned}
mv_security_opt(A) ::= .		{ A = 0; }
%ifdef DG_PRESTO
mv_security_opt(A) ::= mv_security DEFINER.	{ A = DG_SQL_F_DEFINER; }
mv_security_opt(A) ::= mv_security INVOKER.	{ A = DG_SQL_F_INVOKER; }
mv_security ::= SECURITY(T).		{ GATE(MATERIALIZED_SECURITY, T); }
%endif
statement(A) ::= DROP(T) MATERIALIZED VIEW if_exists_opt(I) qname(N).
	{ A = MK(DROP_MATERIALIZED_VIEW, I, T->offset, N); }
%ifdef DG_TRINO
statement(A) ::= COMMENT(T) ON TABLE(K) qname(N) IS string_or_null(S).
	{ A = dg_mk_worded(cx, MK(COMMENT, 0, T->offset, N, S), K, K); }
statement(A) ::= COMMENT(T) ON VIEW(K) qname(N) IS string_or_null(S).
	{ GATE(COMMENT_VIEW, K);
	  A = dg_mk_worded(cx, MK(COMMENT, 0, T->offset, N, S), K, K); }
statement(A) ::= COMMENT(T) ON COLUMN(K) qname(N) IS string_or_null(S).
	{ A = dg_mk_worded(cx, MK(COMMENT, 0, T->offset, N, S), K, K); }
string_or_null(A) ::= string(S).	{ A = S; }
string_or_null(A) ::= NULL.		{ A = NULL; }
%endif

// ---- statements: ALTER, a kind of object and what becomes of it

statement(A) ::= ALTER(T) TABLE(K) qname(N) table_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, K); }
statement(A) ::= ALTER(T) TABLE(K) IF EXISTS qname(N) table_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, DG_SQL_F_IF_EXISTS, T->offset, N, C),
			   K, K); }
%ifdef DG_TRINO
statement(A) ::= ALTER(T) TABLE(K) qname(N) sure_table_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, K); }
statement(A) ::= ALTER(T) VIEW(K) qname(N) view_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, K); }
statement(A) ::= ALTER(T) MATERIALIZED(K) VIEW(V) qname(N)
		materialized_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, V); }
statement(A) ::= ALTER(T) MATERIALIZED(K) VIEW(V) IF EXISTS qname(N)
		rename_to(C).
	{ A = dg_mk_worded(cx, MK(ALTER, DG_SQL_F_IF_EXISTS, T->offset, N, C),
			   K, V); }
%endif
%ifdef DG_PRESTO
statement(A) ::= ALTER(T) VIEW(K) if_exists_opt(I) qname(N) view_change(C).
	{ GATE(ALTER_VIEW, K);
	  A = dg_mk_worded(cx, MK(ALTER, I, T->offset, N, C), K, K); }
statement(A) ::= ALTER(T) materialized(K) VIEW(V) if_exists_opt(I) qname(N)
		materialized_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, I, T->offset, N, C), K, V); }
%type materialized {const struct dg_sql_token *}
materialized(A) ::= MATERIALIZED(T).	{ GATE(ALTER_MATERIALIZED, T); A = T; }
%endif
statement(A) ::= ALTER(T) SCHEMA(K) qname(N) schema_change(C).
	{ A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, K); }

table_change(A) ::= rename_to(R).	{ A = R; }
table_change(A) ::= ADD(T) COLUMN if_not_exists_opt(I) column_def(D).
	{ A = MK(ADD_COLUMN, I, T->offset, D, NULL); }
table_change(A) ::= DROP(T) COLUMN if_exists_opt(I) dropped_column(N).
	{ A = MK(DROP_COLUMN, I, T->offset, N); }
%ifdef DG_TRINO
dropped_column(A) ::= qname(N).
	{ A = dg_mk_nested(cx, DG_SQL_G_NESTED_COLUMN_DROP, N); }
%endif
%ifdef DG_PRESTO
dropped_column(A) ::= id(N).		{ A = dg_mk_qname(cx, NULL, N); }
%endif
table_change(A) ::= RENAME(T) COLUMN if_exists_opt(I) old_column(N) TO id(O).
	{ A = MK(RENAME_COLUMN, I, T->offset, N, dg_mk_id(cx, O)); }
%ifdef DG_TRINO
old_column(A) ::= qname(N).
	{ A = dg_mk_nested(cx, DG_SQL_G_NESTED_COLUMN_CHANGE, N); }
%endif
%ifdef DG_PRESTO
old_column(A) ::= id(N).		{ A = dg_mk_qname(cx, NULL, N); }
%endif
table_change(A) ::= ALTER COLUMN changed_column(N) column_change(C).
	{ A = dg_mk_headed(cx, N, C); }
%ifdef DG_TRINO
changed_column(A) ::= old_column(A).
%endif
%ifdef DG_PRESTO
changed_column(A) ::= qname(A).
%endif
rename_to(A) ::= RENAME(T) TO qname(N).	{ A = MK(RENAME, 0, T->offset, N); }
column_change(A) ::= SET(T) set_data TYPE(U) type(Y).
	{ A = dg_mk_worded(cx, MK(ALTER_COLUMN, 0, T->offset, NULL, Y), T, U); }
column_change(A) ::= DROP(T) drop_not NULL(U).
	{ A = dg_mk_worded(cx, MK(ALTER_COLUMN, 0, T->offset, NULL), T, U); }
column_change(A) ::= SET(T) set_default(U) new_default(E).
	{ A = dg_mk_worded(cx, MK(ALTER_COLUMN, 0, T->offset, NULL, NULL, E),
			   T, U); }
%ifdef DG_TRINO
new_default(A) ::= fixed(A).
%endif
%ifdef DG_PRESTO
new_default(A) ::= expr(A).
%endif
%type set_default {const struct dg_sql_token *}
%ifdef DG_PRESTO
set_data ::= DATA(T).			{ GATE(SET_DATA_TYPE, T); }
drop_not ::= NOT(T).			{ GATE(NOT_NULL_CHANGE, T); }
set_default(A) ::= DEFAULT(T).		{ GATE(SET_DEFAULT, T); A = T; }
%endif
%ifdef DG_TRINO
set_data ::= DATA(T).			{ GATE(SET_DATA_TYPE, T); }
drop_not ::= NOT(T).			{ GATE(NOT_NULL_CHANGE, T); }
set_default(A) ::= DEFAULT(T).		{ GATE(SET_DEFAULT, T); A = T; }
column_change(A) ::= DROP(T) set_default(U).
	{ A = dg_mk_worded(cx, MK(ALTER_COLUMN, 0, T->offset, NULL), T, U); }
table_change(A) ::= ADD(T) COLUMN if_not_exists_opt(I) column_def(D) FIRST(W).
	{ GATE(COLUMN_POSITION, W);
	  A = dg_mk_worded(cx, MK(ADD_COLUMN, I, T->offset, D, NULL), W, W); }
table_change(A) ::= ADD(T) COLUMN if_not_exists_opt(I) column_def(D) LAST(W).
	{ GATE(COLUMN_POSITION, W);
	  A = dg_mk_worded(cx, MK(ADD_COLUMN, I, T->offset, D, NULL), W, W); }
table_change(A) ::= ADD(T) COLUMN if_not_exists_opt(I) column_def(D) AFTER(W)
		id(N).
	{ GATE(COLUMN_POSITION, W);
	  A = dg_mk_worded(cx, MK(ADD_COLUMN, I, T->offset, D,
				  dg_mk_id(cx, N)), W, W); }
sure_table_change(A) ::= set_properties(S).	{ A = S; }
sure_table_change(A) ::= set_authorization(S).	{ A = S; }
sure_table_change(A) ::= EXECUTE(T) procedure(P).
	{ GATE(TABLE_EXECUTE, T); A = P; }
view_change(A) ::= rename_to(R).	{ A = R; }
view_change(A) ::= set_authorization(S).	{ A = S; }
view_change(A) ::= REFRESH(T).
	{ GATE(VIEW_REFRESH, T); A = MK_LEAF(REFRESH_VIEW, 0, T->offset); }
materialized_change(A) ::= rename_to(R).	{ A = R; }
materialized_change(A) ::= set_properties(S).	{ A = S; }
materialized_change(A) ::= SET(T) mv_authorization principal(P).
	{ A = MK(SET_AUTHORIZATION, 0, T->offset, P); }
mv_authorization ::= AUTHORIZATION(T).	{ GATE(MATERIALIZED_OWNER, T); }
materialized_change(A) ::= mv_execute procedure(P).	{ A = P; }
mv_execute ::= EXECUTE(T).		{ GATE(MATERIALIZED_EXECUTE, T); }
schema_change(A) ::= set_authorization(S).	{ A = S; }
set_properties(A) ::= SET(T) PROPERTIES(U) properties(L).
	{ GATE(SET_PROPERTIES, U); A = MK(SET_PROPERTIES, 0, T->offset, L); }
set_authorization(A) ::= SET(T) AUTHORIZATION principal(P).
	{ A = MK(SET_AUTHORIZATION, 0, T->offset, P); }
procedure(A) ::= id(N) where_opt(W).
	{ A = MK(EXECUTE_PROCEDURE, 0, N->offset, dg_mk_id(cx, N), NULL, W); }
procedure(A) ::= id(N) LP call_params_opt(L) RP where_opt(W).
	{ A = MK(EXECUTE_PROCEDURE, 0, N->offset, dg_mk_id(cx, N), L, W); }
// any other kind of object has an owner as well
statement(A) ::= ALTER(T) id(K) qname(N) set_authorization(C).
	{ GATE(ANY_OWNER, K);
	  A = dg_mk_worded(cx, MK(ALTER, 0, T->offset, N, C), K, K); }

statement(A) ::= CREATE(T) replace_opt(R) BRANCH if_not_exists_opt(I) id(B)
		properties_opt(P) IN TABLE qname(N) branch_from_opt(F).
	{ dg_mk_check_create(cx, T, R | I);
	  A = MK(CREATE_BRANCH, R | I, T->offset, dg_mk_id(cx, B), P, N, F); }
branch_from_opt(A) ::= .		{ A = NULL; }
branch_from_opt(A) ::= FROM id(B).	{ A = dg_mk_id(cx, B); }
statement(A) ::= DROP(T) BRANCH if_exists_opt(I) id(B) IN TABLE qname(N).
	{ A = MK(DROP_BRANCH, I, T->offset, dg_mk_id(cx, B), N); }
statement(A) ::= ALTER(T) BRANCH id(B) IN TABLE qname(N) FAST FORWARD TO id(O).
	{ A = MK(FAST_FORWARD, 0, T->offset, dg_mk_id(cx, B), N,
		 dg_mk_id(cx, O)); }
%endif
schema_change(A) ::= RENAME(T) TO id(N).
	{ A = MK(RENAME, 0, T->offset, dg_mk_qname(cx, NULL, N)); }
%ifdef DG_PRESTO
column_change(A) ::= SET(T) NOT NULL(U).
	{ A = dg_mk_worded(cx, MK(ALTER_COLUMN, 0, T->offset, NULL), T, U); }
table_change(A) ::= ALTER id(N) column_change(C).
	{ A = dg_mk_headed(cx, dg_mk_qname(cx, NULL, N), C); }
table_change(A) ::= ADD(T) constraint(C).
	{ A = MK(ADD_CONSTRAINT, 0, T->offset, C); }
table_change(A) ::= DROP(T) CONSTRAINT if_exists_opt(I) id(N).
	{ A = MK(DROP_CONSTRAINT, I, T->offset, dg_mk_id(cx, N)); }
table_change(A) ::= set_properties(S).	{ A = S; }
table_change(A) ::= create_reference(T) replace_opt(R) reference(K) if_not_exists_opt(I)
		string(S) reference_version(V) reference_options(O).
	{ A = dg_mk_worded(cx, MK(CREATE_REFERENCE, R | I, T->offset, S, V, O),
			   K, K); }
table_change(A) ::= DROP(T) reference(K) if_exists_opt(I) string(S).
	{ GATE(TABLE_REFERENCES, K); A = dg_mk_worded(cx, MK(DROP_REFERENCE, I, T->offset, S), K, K); }
%type create_reference {const struct dg_sql_token *}
create_reference(A) ::= CREATE(T).	{ GATE(TABLE_REFERENCES, T); A = T; }
%type reference {const struct dg_sql_token *}
reference(A) ::= BRANCH(T).		{ A = T; }
reference(A) ::= TAG(T).		{ A = T; }
reference_version(A) ::= .		{ A = NULL; }
reference_version(A) ::= FOR version_kind(K) AS OF value(V).
	{ A = dg_mk_worded(cx, MK(REL_VERSION, 0, K->offset, V), K, K); }
reference_options(A) ::= .		{ A = NULL; }
reference_options(A) ::= reference_options(L) reference_option(O).
	{ A = L == NULL ? dg_mk_list(cx, O) : dg_mk_append(cx, L, O); }
reference_option(A) ::= RETAIN(T) LIT_INTEGER DAYS.	{ A = dg_mk_words(cx, T); }
reference_option(A) ::= WITH(T) SNAPSHOT RETENTION LIT_INTEGER DAYS.
	{ A = dg_mk_words(cx, T); }
reference_option(A) ::= WITH(T) SNAPSHOT RETENTION LIT_INTEGER SNAPSHOTS.
	{ A = dg_mk_words(cx, T); }
reference_option(A) ::= WITH(T) SNAPSHOT RETENTION LIT_INTEGER SNAPSHOTS
		LIT_INTEGER DAYS.
	{ A = dg_mk_words(cx, T); }
view_change(A) ::= rename_to(R).	{ A = R; }
materialized_change(A) ::= set_properties(S).	{ A = S; }
set_properties(A) ::= SET(T) PROPERTIES(U) LP properties(L) RP.
	{ GATE(SET_PROPERTIES, U); A = MK(SET_PROPERTIES, 0, T->offset, L); }

statement(A) ::= CREATE(T) TYPE qname(N) AS type(Y).
	{ A = MK(CREATE_TYPE, 0, T->offset, N, Y); }
statement(A) ::= CREATE(T) TYPE qname(N) AS LP params(L) RP.
	{ A = MK(CREATE_TYPE, 0, T->offset, N, L); }
statement(A) ::= CREATE(T) VECTOR INDEX qname(I) ON table_opt qname(N)
		LP ids(C) RP properties_opt(P) updating_opt(W).
	{ A = MK(CREATE_VECTOR_INDEX, 0, T->offset, I, N, C, P, W); }
updating_opt(A) ::= .			{ A = NULL; }
updating_opt(A) ::= UPDATING FOR expr(E).	{ A = E; }
table_opt ::= .
table_opt ::= TABLE.
%endif

// ---- statements: schemas, catalogs

statement(A) ::= CREATE(T) SCHEMA if_not_exists_opt(I) qname(N) owner_opt(O)
		properties_opt(P).
	{ A = MK(CREATE_SCHEMA, I, T->offset, N, O, P); }
statement(A) ::= DROP(T) SCHEMA if_exists_opt(I) qname(N) cascade_opt(F).
	{ A = MK(DROP_SCHEMA, I | F, T->offset, N); }
%type cascade_opt {unsigned}
cascade_opt(A) ::= .			{ A = 0; }
cascade_opt(A) ::= RESTRICT.		{ A = 0; }
cascade_opt(A) ::= CASCADE.		{ A = DG_SQL_F_CASCADE; }
owner_opt(A) ::= .			{ A = NULL; }
%ifdef DG_TRINO
owner_opt(A) ::= AUTHORIZATION principal(P).	{ A = P; }
statement(A) ::= CREATE(T) CATALOG if_not_exists_opt(I) id(N) USING id(U)
		comment_opt(M) owner_opt(O) properties_opt(P).
	{ A = MK(CREATE_CATALOG, I, T->offset, dg_mk_id(cx, N),
		 dg_mk_id(cx, U), M, O, P); }
statement(A) ::= DROP(T) CATALOG if_exists_opt(I) id(N) cascade_opt(F).
	{ A = MK(DROP_CATALOG, I | F, T->offset, dg_mk_id(cx, N)); }
%endif

// ---- statements: roles and rights

statement(A) ::= CREATE(T) ROLE id(N) with_admin_opt(G) in_catalog_opt(C).
	{ A = MK(CREATE_ROLE, 0, T->offset, dg_mk_id(cx, N), G, C); }
statement(A) ::= DROP(T) ROLE if_exists_opt(I) id(N) in_catalog_opt(C).
	{ A = MK(DROP_ROLE, I, T->offset, dg_mk_id(cx, N), C); }
statement(A) ::= SET(T) ROLE id(N) in_catalog_opt(C).
	{ A = MK(SET_ROLE, 0, T->offset, dg_mk_id(cx, N), C); }
with_admin_opt(A) ::= .			{ A = NULL; }
with_admin_opt(A) ::= WITH ADMIN grantor(G).	{ A = G; }
in_catalog_opt(A) ::= .			{ A = NULL; }
%ifdef DG_TRINO
in_catalog_opt(A) ::= IN(T) id(C).
	{ GATE(ROLE_CATALOG, T); A = dg_mk_id(cx, C); }
%endif
principals(A) ::= principal(P).		{ A = dg_mk_list(cx, P); }
principals(A) ::= principals(L) COMMA principal(P).
	{ A = dg_mk_append(cx, L, P); }
principal(A) ::= id(N).	{ A = MK(PRINCIPAL, 0, N->offset, dg_mk_id(cx, N)); }
principal(A) ::= USER(T) id(N).
	{ A = dg_mk_worded(cx, MK(PRINCIPAL, 0, T->offset, dg_mk_id(cx, N)),
			   T, T); }
principal(A) ::= ROLE(T) id(N).
	{ A = dg_mk_worded(cx, MK(PRINCIPAL, 0, T->offset, dg_mk_id(cx, N)),
			   T, T); }
grantor(A) ::= principal(P).		{ A = P; }
grantor(A) ::= NILADIC(T).
	{ dg_mk_check_grantor(cx, T);
	  A = dg_mk_worded(cx, MK(PRINCIPAL, 0, T->offset, NULL), T, T); }
grantor(A) ::= CURRENT_ROLE(T).
	{ A = dg_mk_worded(cx, MK(PRINCIPAL, 0, T->offset, NULL), T, T); }

// roles or rights: TO and FROM, or ON, will tell
statement(A) ::= GRANT(T) granted_roles(L) TO principals(P) admin_option_opt(F)
		granted_by_opt(G) in_catalog_opt(C).
	{ A = dg_mk_worded(cx, MK(GRANT, F, T->offset, L, NULL, P, G, C),
			   T, T); }
statement(A) ::= GRANT(T) privileges(L) ON grant_object(O) TO grantee(P)
		grant_option_opt(F).
	{ A = dg_mk_worded(cx, MK(GRANT, F, T->offset, L, O, P), T, T); }
statement(A) ::= REVOKE(T) granted_roles(L) FROM principals(P)
		granted_by_opt(G) in_catalog_opt(C).
	{ A = dg_mk_worded(cx, MK(GRANT, 0, T->offset, L, NULL, P, G, C),
			   T, T); }
statement(A) ::= REVOKE(T) ADMIN OPTION FOR granted_roles(L) FROM principals(P)
		granted_by_opt(G) in_catalog_opt(C).
	{ A = dg_mk_worded(cx, MK(GRANT, DG_SQL_F_OPTION, T->offset, L, NULL,
				  P, G, C), T, T); }
statement(A) ::= REVOKE(T) privileges(L) ON grant_object(O) FROM grantee(P).
	{ A = dg_mk_worded(cx, MK(GRANT, 0, T->offset, L, O, P), T, T); }
statement(A) ::= REVOKE(T) GRANT OPTION FOR privileges(L) ON grant_object(O)
		FROM grantee(P).
	{ A = dg_mk_worded(cx, MK(GRANT, DG_SQL_F_OPTION, T->offset, L, O, P),
			   T, T); }
%ifdef DG_TRINO
statement(A) ::= DENY(T) privileges(L) ON grant_object(O) TO grantee(P).
	{ A = dg_mk_worded(cx, MK(GRANT, 0, T->offset, L, O, P), T, T); }
%endif
grantee(A) ::= principal(P).		{ A = dg_mk_list(cx, P); }
granted_roles(A) ::= named_rights(L).	{ dg_mk_check_roles(cx, L); A = L; }
%ifdef DG_TRINO
granted_roles(A) ::= rights(L).		{ dg_mk_check_roles(cx, L); A = L; }
%endif
privileges(A) ::= named_rights(A).
privileges(A) ::= rights(A).
privileges(A) ::= ALL PRIVILEGES.	{ A = NULL; }
// rights of which one is a keyword, so that they are no roles
rights(A) ::= right_word(W).		{ A = dg_mk_list(cx, W); }
rights(A) ::= named_rights(L) COMMA right_word(W).
	{ A = dg_mk_append(cx, L, W); }
rights(A) ::= rights(L) COMMA right_word(W).	{ A = dg_mk_append(cx, L, W); }
rights(A) ::= rights(L) COMMA id(N).	{ A = dg_mk_append(cx, L, dg_mk_any_id(cx, N)); }
named_rights(A) ::= id(N).		{ A = dg_mk_list(cx, dg_mk_any_id(cx, N)); }
named_rights(A) ::= named_rights(L) COMMA id(N).
	{ A = dg_mk_append(cx, L, dg_mk_any_id(cx, N)); }
right_word(A) ::= SELECT(T).		{ A = dg_mk_word(cx, T); }
right_word(A) ::= DELETE(T).		{ A = dg_mk_word(cx, T); }
right_word(A) ::= INSERT(T).		{ A = dg_mk_word(cx, T); }
%ifdef DG_TRINO
right_word(A) ::= CREATE(T).
	{ GATE(GRANT_CREATE, T); A = dg_mk_word(cx, T); }
right_word(A) ::= CREATE(T) BRANCH(B).
	{ GATE(GRANT_CREATE_BRANCH, B); A = dg_mk_words(cx, T); }
%endif
%type admin_option_opt {unsigned}
admin_option_opt(A) ::= .		{ A = 0; }
admin_option_opt(A) ::= WITH ADMIN OPTION.	{ A = DG_SQL_F_OPTION; }
%type grant_option_opt {unsigned}
grant_option_opt(A) ::= .		{ A = 0; }
grant_option_opt(A) ::= WITH GRANT OPTION.	{ A = DG_SQL_F_OPTION; }
granted_by_opt(A) ::= .			{ A = NULL; }
granted_by_opt(A) ::= GRANTED BY grantor(G).	{ A = G; }
grant_object(A) ::= qname(N).
	{ A = MK(GRANT_OBJECT, 0, N->offset, NULL, N); }
grant_object(A) ::= TABLE(T) qname(N).
	{ A = dg_mk_worded(cx, MK(GRANT_OBJECT, 0, T->offset, NULL, N), T, T); }
%ifdef DG_TRINO
grant_object(A) ::= id(T) qname(N).
	{ A = dg_mk_worded(cx, MK(GRANT_OBJECT, 0, T->offset, NULL, N), T, T); }
grant_object(A) ::= BRANCH id(B) IN grant_object(O).
	{ A = dg_mk_headed(cx, dg_mk_id(cx, B), O); }
%endif

// ---- statements: functions

statement(A) ::= CREATE(T) replace_opt(R) temporary_opt(F) FUNCTION routine(D).
	{ A = MK(CREATE_FUNCTION, R | F, T->offset, D); }
statement(A) ::= DROP(T) temporary_opt(F) FUNCTION(K) if_exists_opt(I)
		qname(N) dropped_params(P).
	{ GATE(DROP_FUNCTION, K);
	  A = MK(DROP_FUNCTION, F | I, T->offset, N, P); }
%type temporary_opt {unsigned}
temporary_opt(A) ::= .			{ A = 0; }
// what can be written behind CREATE FUNCTION
routine(A) ::= qname(N) LP RP RETURNS type(Y) routine_options(O) routine_body(B).
	{ dg_mk_check_options(cx, O);
	  A = MK(ROUTINE, 0, N->offset, N, NULL, Y, O, B); }
routine(A) ::= qname(N) LP params(P) RP RETURNS type(Y) routine_options(O)
		routine_body(B).
	{ dg_mk_check_options(cx, O);
	  A = MK(ROUTINE, 0, N->offset, N, P, Y, O, B); }
dropped_params(A) ::= LP RP.		{ A = NULL; }
%ifdef DG_TRINO
dropped_params(A) ::= LP params(L) RP.	{ A = L; }
param(A) ::= unnamed_param(P).		{ A = P; }
%endif
%ifdef DG_PRESTO
dropped_params(A) ::= LP unnamed_params(L) RP.	{ A = L; }
unnamed_params(A) ::= unnamed_param(P).	{ A = dg_mk_list(cx, P); }
unnamed_params(A) ::= unnamed_params(L) COMMA unnamed_param(P).
	{ A = dg_mk_append(cx, L, P); }
%endif
unnamed_param(A) ::= type(Y).	{ A = MK(PARAM, 0, Y->offset, NULL, Y); }
params(A) ::= param(P).			{ A = dg_mk_list(cx, P); }
params(A) ::= params(L) COMMA param(P).	{ A = dg_mk_append(cx, L, P); }
param(A) ::= id(N) type(Y).
	{ A = MK(PARAM, 0, N->offset, dg_mk_id(cx, N), Y); }
routine_options(A) ::= .		{ A = NULL; }
routine_options(A) ::= routine_options(L) routine_option(O).
	{ A = L == NULL ? dg_mk_list(cx, O) : dg_mk_append(cx, L, O); }
routine_option(A) ::= LANGUAGE(T) id(N).
	{ dg_mk_check_language(cx, N); A = dg_mk_words(cx, T); }
routine_option(A) ::= DETERMINISTIC(T).	{ A = dg_mk_words(cx, T); }
routine_option(A) ::= NOT(T) DETERMINISTIC.	{ A = dg_mk_words(cx, T); }
routine_option(A) ::= null_call(A).
null_call(A) ::= RETURNS(T) NULL ON NULL INPUT.	{ A = dg_mk_words(cx, T); }
null_call(A) ::= CALLED(T) ON NULL INPUT.	{ A = dg_mk_words(cx, T); }
%ifdef DG_PRESTO
routine_options(A) ::= COMMENT string(S).	{ A = dg_mk_list(cx, S); }
dropped_params(A) ::= .			{ A = NULL; }
temporary_opt(A) ::= TEMPORARY.		{ A = DG_SQL_F_TEMPORARY; }
routine_body(A) ::= RETURN(T) expr(E).	{ A = MK(ROUTINE_RETURN, 0, T->offset, E); }
routine_body(A) ::= EXTERNAL(T).
	{ A = MK(ROUTINE_FOREIGN, 0, T->offset, NULL); }
routine_body(A) ::= EXTERNAL(T) NAME id(N).
	{ A = MK(ROUTINE_FOREIGN, 0, T->offset, dg_mk_id(cx, N)); }
statement(A) ::= ALTER(T) FUNCTION qname(N) dropped_params(P) null_calls(O).
	{ dg_mk_check_null_calls(cx, O);
	  A = MK(ALTER_FUNCTION, 0, T->offset, N, P, O); }
null_calls(A) ::= .			{ A = NULL; }
null_calls(A) ::= null_calls(L) null_call(O).
	{ A = L == NULL ? dg_mk_list(cx, O) : dg_mk_append(cx, L, O); }
%endif
%ifdef DG_TRINO
routine_option(A) ::= COMMENT string(S).	{ A = S; }
routine_option(A) ::= SECURITY(T) DEFINER.	{ A = dg_mk_words(cx, T); }
routine_option(A) ::= SECURITY(T) INVOKER.	{ A = dg_mk_words(cx, T); }
routine_option(A) ::= WITH LP properties(L) RP.	{ A = L; }
routine_body(A) ::= control(C).		{ dg_mk_check_body(cx, C); A = C; }
routine_body(A) ::= AS(T) LIT_DOLLAR(S).
	{ A = MK(ROUTINE_FOREIGN, 0, T->offset, dg_mk_dollar(cx, S)); }

controls(A) ::= control(C) SEMICOLON.	{ A = dg_mk_list(cx, C); }
controls(A) ::= controls(L) control(C) SEMICOLON.
	{ A = dg_mk_append(cx, L, C); }
control(A) ::= RETURN(T) value(V).	{ A = MK(ROUTINE_RETURN, 0, T->offset, V); }
control(A) ::= SET(T) id(N) EQ expr(V).
	{ A = MK(ROUTINE_SET, 0, T->offset, dg_mk_id(cx, N), V); }
control(A) ::= CASE(T) control_whens(W) control_else(E) END CASE.
	{ A = MK(ROUTINE_CASE, 0, T->offset, NULL, W, E); }
control(A) ::= CASE(T) expr(O) control_whens(W) control_else(E) END CASE.
	{ A = MK(ROUTINE_CASE, 0, T->offset, O, W, E); }
control_whens(A) ::= control_when(W).	{ A = dg_mk_list(cx, W); }
control_whens(A) ::= control_whens(L) control_when(W).
	{ A = dg_mk_append(cx, L, W); }
control_when(A) ::= WHEN(T) expr(E) THEN controls(L).
	{ A = MK(ROUTINE_WHEN, 0, T->offset, E, L); }
control_else(A) ::= .			{ A = NULL; }
control_else(A) ::= ELSE controls(L).	{ A = L; }
control(A) ::= if_then(T) expr(E) THEN controls(L) control_elseifs(I)
		control_else(O) END if_then.
	{ A = MK(ROUTINE_IF, 0, T->offset, E, L, I, O); }
%type if_then {const struct dg_sql_token *}
if_then(A) ::= IF(T).			{ A = T; }
if_then(A) ::= IF_THEN(T).		{ A = T; }
control_elseifs(A) ::= .		{ A = NULL; }
control_elseifs(A) ::= control_elseifs(L) ELSEIF(T) expr(E) THEN controls(C).
	{ struct dg_sql_node *when = MK(ROUTINE_WHEN, 0, T->offset, E, C);
	  A = L == NULL ? dg_mk_list(cx, when) : dg_mk_append(cx, L, when); }
control(A) ::= ITERATE(T) id(N).
	{ A = dg_mk_worded(cx, MK(ROUTINE_JUMP, 0, T->offset,
				  dg_mk_id(cx, N)), T, T); }
control(A) ::= LEAVE(T) id(N).
	{ A = dg_mk_worded(cx, MK(ROUTINE_JUMP, 0, T->offset,
				  dg_mk_id(cx, N)), T, T); }
control(A) ::= BEGIN(T) declares(D) END.
	{ A = MK(ROUTINE_BLOCK, 0, T->offset, D, NULL); }
control(A) ::= BEGIN(T) declares(D) controls(L) END.
	{ A = MK(ROUTINE_BLOCK, 0, T->offset, D, L); }
declares(A) ::= .			{ A = NULL; }
declares(A) ::= declares(L) declare(D) SEMICOLON.
	{ A = L == NULL ? dg_mk_list(cx, D) : dg_mk_append(cx, L, D); }
declare(A) ::= DECLARE(T) ids(L) type(Y).
	{ A = MK(ROUTINE_DECLARE, 0, T->offset, L, Y, NULL); }
declare(A) ::= DECLARE(T) ids(L) type(Y) DEFAULT value(V).
	{ A = MK(ROUTINE_DECLARE, 0, T->offset, L, Y, V); }
control(A) ::= loop(L).			{ A = L; }
control(A) ::= id(N) COLON loop(L).	{ A = dg_mk_headed(cx, dg_mk_id(cx, N), L); }
loop(A) ::= LOOP(T) controls(L) END LOOP.
	{ A = dg_mk_worded(cx, MK(ROUTINE_LOOP, 0, T->offset, NULL, NULL, L),
			   T, T); }
loop(A) ::= WHILE(T) expr(E) DO controls(L) END WHILE.
	{ A = dg_mk_worded(cx, MK(ROUTINE_LOOP, 0, T->offset, NULL, E, L),
			   T, T); }
loop(A) ::= REPEAT(T) controls(L) UNTIL expr(E) END REPEAT.
	{ A = dg_mk_worded(cx, MK(ROUTINE_LOOP, 0, T->offset, NULL, E, L),
			   T, T); }
%endif

// ---- names

ids(A) ::= id(I).			{ A = dg_mk_list(cx, dg_mk_id(cx, I)); }
ids(A) ::= ids(L) COMMA id(I).		{ A = dg_mk_append(cx, L, dg_mk_id(cx, I)); }
qname(A) ::= id(I).			{ A = dg_mk_qname(cx, NULL, I); }
qname(A) ::= qname(Q) DOT id(I).	{ A = dg_mk_qname(cx, Q, I); }
column_aliases_opt(A) ::= .		{ A = NULL; }
column_aliases_opt(A) ::= LP ids(L) RP.	{ A = L; }
string(A) ::= LIT_STRING(T).		{ A = dg_mk_string(cx, T); }
string(A) ::= LIT_UNICODE(T).		{ A = dg_mk_unicode(cx, T, NULL); }
string(A) ::= LIT_UNICODE(T) UESCAPE LIT_STRING(E).
	{ A = dg_mk_unicode(cx, T, E); }

// ---- queries

root_query(A) ::= query(A).
%ifdef DG_TRINO
// with functions of its own: of a statement only
root_query(A) ::= WITH(T) inline_functions(L) headed_query(Q).
	{ A = dg_mk_with_functions(cx, T, L, Q); }
inline_functions(A) ::= FUNCTION routine(F).	{ A = dg_mk_list(cx, F); }
inline_functions(A) ::= inline_functions(L) COMMA FUNCTION routine(F).
	{ A = dg_mk_append(cx, L, F); }
headed_root_query(A) ::= headed_query(A).
headed_root_query(A) ::= WITH(T) inline_functions(L) headed_query(Q).
	{ A = dg_mk_with_functions(cx, T, L, Q); }
%endif
query(A) ::= query_no_with(A).
query(A) ::= with_query(A).
with_query(A) ::= WITH(T) ctes(L) query_no_with(Q).
	{ A = dg_mk_with_query(cx, T, MK(WITH, 0, T->offset, L), Q); }
with_query(A) ::= WITH(T) RECURSIVE ctes(L) query_no_with(Q).
	{ A = dg_mk_with_query(cx, T, MK(WITH, DG_SQL_F_RECURSIVE, T->offset, L),
			       Q); }
ctes(A) ::= cte(C).			{ A = dg_mk_list(cx, C); }
ctes(A) ::= ctes(L) COMMA cte(C).	{ A = dg_mk_append(cx, L, C); }
cte(A) ::= id(N) column_aliases_opt(C) AS LP query(Q) RP.
	{ A = MK(CTE, 0, N->offset, dg_mk_id(cx, N), C, Q); }
// in brackets; one with a WITH is no operand of a set operation
any_subquery(A) ::= subquery(A). [AS_OPERAND]
any_subquery(A) ::= with_subquery(A).
subquery(A) ::= LP(T) query_no_with(Q) RP.	{ A = dg_mk_enclosed(cx, T, Q); }
with_subquery(A) ::= LP(T) with_query(Q) RP.	{ A = dg_mk_enclosed(cx, T, Q); }
// the same of a statement's own query
root_with_subquery(A) ::= with_subquery(A).
%ifdef DG_TRINO
root_with_subquery(A) ::= LP(O) WITH(T) inline_functions(L) headed_query(Q) RP.
	{ A = dg_mk_enclosed(cx, O, dg_mk_with_functions(cx, T, L, Q)); }
root_subquery(A) ::= subquery(A). [AS_OPERAND]
root_subquery(A) ::= root_with_subquery(A).
%endif

query_no_with(A) ::= query_term(B) order_opt(O) offset_opt(S) limit_opt(L).
	{ A = MK(QUERY, 0, B->offset, NULL, B, O, S, L); }
order_opt(A) ::= .			{ A = NULL; }
order_opt(A) ::= order_by(A).
order_by(A) ::= ORDER BY sort_items(L).	{ A = L; }
sort_items(A) ::= sort_item(S).		{ A = dg_mk_list(cx, S); }
sort_items(A) ::= sort_items(L) COMMA sort_item(S).
	{ A = dg_mk_append(cx, L, S); }
sort_item(A) ::= expr(E) direction(D) nulls_order(N).
	{ A = MK(SORT_ITEM, D | N, E->offset, E); }
%type direction {unsigned}
direction(A) ::= .			{ A = 0; }
direction(A) ::= ASC.			{ A = 0; }
direction(A) ::= DESC.			{ A = DG_SQL_F_DESC; }
%type nulls_order {unsigned}
nulls_order(A) ::= .			{ A = 0; }
nulls_order(A) ::= NULLS FIRST.		{ A = DG_SQL_F_NULLS_FIRST; }
nulls_order(A) ::= NULLS LAST.		{ A = DG_SQL_F_NULLS_LAST; }
offset_opt(A) ::= .			{ A = NULL; }
offset_opt(A) ::= OFFSET row_count(C).		{ A = C; }
offset_opt(A) ::= OFFSET row_count(C) rows.	{ A = C; }
rows ::= ROW.
rows ::= ROWS.
%ifdef DG_PRESTO
row_count(A) ::= LIT_INTEGER(T).
	{ A = dg_mk_literal(cx, DG_SQL_K_NUMBER, T); }
%endif
%ifdef DG_TRINO
row_count(A) ::= LIT_INTEGER(T).	{ A = dg_mk_integer(cx, T); }
row_count(A) ::= QM(T).			{ A = MK_LEAF(PARAMETER, 0, T->offset); }
%endif
limit_opt(A) ::= .			{ A = NULL; }
limit_opt(A) ::= LIMIT(T) ALL.
	{ A = MK(LIMIT, DG_SQL_F_ALL, T->offset, NULL); }
limit_opt(A) ::= LIMIT(T) row_count(C).	{ A = MK(LIMIT, 0, T->offset, C); }
%ifdef DG_PRESTO
limit_opt(A) ::= FETCH(T) FIRST row_count(C) ROWS ONLY.
	{ A = MK(LIMIT, 0, T->offset, C); }
%endif
%ifdef DG_TRINO
limit_opt(A) ::= FETCH(T) first_next rows ties_opt(F).
	{ A = MK(LIMIT, F, T->offset, NULL); }
limit_opt(A) ::= FETCH(T) first_next row_count(C) rows ties_opt(F).
	{ A = MK(LIMIT, F, T->offset, C); }
first_next ::= FIRST.
first_next ::= NEXT.
%type ties_opt {unsigned}
ties_opt(A) ::= ONLY.			{ A = 0; }
ties_opt(A) ::= WITH_TIES TIES.		{ A = DG_SQL_F_WITH_TIES; }
%endif

query_term(A) ::= query_primary(A).
query_term(A) ::= query_term(L) UNION quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_UNION, Q, L->offset, L, R, C); }
query_term(A) ::= query_term(L) EXCEPT quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_EXCEPT, Q, L->offset, L, R, C); }
query_term(A) ::= query_term(L) INTERSECT quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_INTERSECT, Q, L->offset, L, R, C); }
%type quantifier {unsigned}
quantifier(A) ::= .			{ A = 0; }
quantifier(A) ::= DISTINCT.		{ A = DG_SQL_F_DISTINCT; }
quantifier(A) ::= ALL.			{ A = DG_SQL_F_ALL; }
corresponding(A) ::= .			{ A = NULL; }
%ifdef DG_TRINO
corresponding(A) ::= CORRESPONDING.	{ A = dg_mk_list(cx, NULL); }
corresponding(A) ::= CORRESPONDING BY LP ids(L) RP.	{ A = L; }
%endif

// a query that does not begin with a bracket, which would make a call of the
// name in front of it
%ifdef DG_TRINO
headed_query(A) ::= with_query(A).
headed_query(A) ::= headed_term(B) order_opt(O) offset_opt(S) limit_opt(L).
	{ A = MK(QUERY, 0, B->offset, NULL, B, O, S, L); }
headed_term(A) ::= headed_primary(A).
headed_term(A) ::= headed_term(L) UNION quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_UNION, Q, L->offset, L, R, C); }
headed_term(A) ::= headed_term(L) EXCEPT quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_EXCEPT, Q, L->offset, L, R, C); }
headed_term(A) ::= headed_term(L) INTERSECT quantifier(Q) corresponding(C)
		query_term(R).
	{ A = MK_OP(SET_OP, DG_SQL_OP_INTERSECT, Q, L->offset, L, R, C); }
%endif

query_primary(A) ::= headed_primary(A).
query_primary(A) ::= subquery(Q). [AS_QUERY]
	{ A = MK(SUBQUERY, 0, Q->offset, Q); }
headed_primary(A) ::= select(A).
headed_primary(A) ::= TABLE(T) qname(N).
	{ A = MK(TABLE_QUERY, 0, T->offset, N); }
headed_primary(A) ::= VALUES(T) exprs(L).
	{ A = MK(VALUES, 0, T->offset, L); }

select(A) ::= SELECT(T) quantifier(F) select_items(I) from_opt(R) where_opt(W)
		group_opt(G) having_opt(H) window_opt(N).
	{ A = MK(SELECT, F, T->offset, I, R, W, G, H, N); }
select_items(A) ::= select_item(I).	{ A = dg_mk_list(cx, I); }
select_items(A) ::= select_items(L) COMMA select_item(I).
	{ A = dg_mk_append(cx, L, I); }
select_item(A) ::= expr(E).		{ A = MK(SELECT_ITEM, 0, E->offset, E); }
select_item(A) ::= expr(E) id(N).
	{ A = MK(SELECT_ITEM, 0, E->offset, E, dg_mk_id(cx, N)); }
select_item(A) ::= expr(E) AS id(N).
	{ A = MK(SELECT_ITEM, 0, E->offset, E, dg_mk_id(cx, N)); }
select_item(A) ::= STAR(T).	{ A = MK(SELECT_STAR, 0, T->offset, NULL); }
select_item(A) ::= value(E) DOT(D) STAR.
	{ dg_mk_check_unzoned(cx, E, D); A = dg_mk_star(cx, E, NULL); }
%ifdef DG_TRINO
select_item(A) ::= value(E) DOT(D) STAR AS LP ids(L) RP.
	{ dg_mk_check_unzoned(cx, E, D);
	  A = dg_mk_star(cx, E, L); }
// what ends in a value that no star can follow; the sign is a number's
select_item(A) ::= MINUS(T) value(V) DOT(D) STAR aliased_star(L).
	{ dg_mk_check_signed(cx, T, D);
	  A = dg_mk_star(cx, MK_OP(UNARY_OP, DG_SQL_OP_NEG, 0, T->offset, V),
			 L); }
// behind a lambda
select_item(A) ::= value(E) DOT_STAR(D) STAR aliased_star(L).
	{ dg_mk_check_primary(cx, E, D); A = dg_mk_star(cx, E, L); }
aliased_star(A) ::= .			{ A = NULL; }
aliased_star(A) ::= AS LP ids(L) RP.	{ A = L; }
%endif
from_opt(A) ::= .			{ A = NULL; }
from_opt(A) ::= FROM relations(L).	{ A = L; }
relations(A) ::= relation(R).		{ A = dg_mk_list(cx, R); }
relations(A) ::= relations(L) COMMA relation(R).
	{ A = dg_mk_append(cx, L, R); }
where_opt(A) ::= .			{ A = NULL; }
where_opt(A) ::= WHERE expr(E).	{ A = E; }
having_opt(A) ::= .			{ A = NULL; }
having_opt(A) ::= HAVING expr(E).	{ A = E; }

group_opt(A) ::= .			{ A = NULL; }
group_opt(A) ::= GROUP(T) BY quantifier(F) group_items(L).
	{ dg_mk_check_group(cx, T);
	  A = MK(GROUP_BY, F, T->offset, L); }
group_items(A) ::= group_item(G).	{ A = dg_mk_list(cx, G); }
group_items(A) ::= group_items(L) COMMA group_item(G).
	{ A = dg_mk_append(cx, L, G); }
group_item(A) ::= grouping_set(A).
group_item(A) ::= ROLLUP(T) LP grouping_sets_opt(L) RP.
	{ dg_mk_check_sets(cx, T, L); A = MK(ROLLUP, 0, T->offset, L); }
group_item(A) ::= CUBE(T) LP grouping_sets_opt(L) RP.
	{ dg_mk_check_sets(cx, T, L); A = MK(CUBE, 0, T->offset, L); }
group_item(A) ::= GROUPING(T) SETS LP grouping_sets(L) RP.
	{ A = MK(GROUPING_SETS, 0, T->offset, L); }
%ifdef DG_TRINO
group_item(A) ::= AUTO(T).		{ A = MK_LEAF(GROUP_AUTO, 0, T->offset); }
%endif
grouping_sets_opt(A) ::= .		{ A = NULL; }
%ifdef DG_TRINO
grouping_sets_opt(A) ::= grouping_sets(A).
%endif
%ifdef DG_PRESTO
grouping_sets_opt(A) ::= exprs(A).
%endif
grouping_sets(A) ::= grouping_set(S).	{ A = dg_mk_list(cx, S); }
grouping_sets(A) ::= grouping_sets(L) COMMA grouping_set(S).
	{ A = dg_mk_append(cx, L, S); }
grouping_set(A) ::= LP(T) RP.		{ A = MK_LEAF(EMPTY_SET, 0, T->offset); }
grouping_set(A) ::= expr(A).

window_opt(A) ::= .			{ A = NULL; }
%ifdef DG_TRINO
window_opt(A) ::= WINDOW window_defs(L).	{ A = L; }
window_defs(A) ::= window_def(W).	{ A = dg_mk_list(cx, W); }
window_defs(A) ::= window_defs(L) COMMA window_def(W).
	{ A = dg_mk_append(cx, L, W); }
window_def(A) ::= id(N) AS LP window_spec(S) RP.
	{ A = MK(WINDOW_DEF, 0, N->offset, dg_mk_id(cx, N), S); }
%endif
window_spec(A) ::= partition_opt(P) order_opt(O) frame_opt(F).
	{ A = dg_mk_window(cx, NULL, P, O, F); }
%ifdef DG_TRINO
window_spec(A) ::= id(B) partition_opt(P) order_opt(O) frame_opt(F).
	{ A = dg_mk_window(cx, dg_mk_id(cx, B), P, O, F); }
%endif
partition_opt(A) ::= .			{ A = NULL; }
partition_opt(A) ::= PARTITION BY exprs(L).	{ A = L; }
frame_opt(A) ::= .			{ A = NULL; }
%ifdef DG_PRESTO
frame_opt(A) ::= frame_extent(A).
%endif
%ifdef DG_TRINO
frame_opt(A) ::= measures_opt(M) frame_extent(F) skip_opt(S) search_opt(I)
		frame_pattern_opt(P) subsets_opt(U) defines_opt(D).
	{ A = dg_mk_frame(cx, F, MK(ROW_PATTERN, 0, F->offset, M, NULL, S, I,
				    P, U, D)); }
frame_pattern_opt(A) ::= .		{ A = NULL; }
frame_pattern_opt(A) ::= PATTERN LP row_pattern(P) RP.	{ A = P; }
defines_opt(A) ::= .			{ A = NULL; }
defines_opt(A) ::= DEFINE defines(L).	{ A = L; }
%endif
frame_extent(A) ::= FRAME(T) bound(S).
	{ A = dg_mk_worded(cx, MK(FRAME, 0, T->offset, S), T, T); }
frame_extent(A) ::= FRAME(T) BETWEEN bound(S) AND bound(E).
	{ A = dg_mk_worded(cx, MK(FRAME, 0, T->offset, S, E), T, T); }
bound(A) ::= UNBOUNDED(T) PRECEDING(U).
	{ A = dg_mk_worded(cx, MK(FRAME_BOUND, 0, T->offset, NULL), T, U); }
bound(A) ::= UNBOUNDED(T) FOLLOWING(U).
	{ A = dg_mk_worded(cx, MK(FRAME_BOUND, 0, T->offset, NULL), T, U); }
bound(A) ::= CURRENT(T) ROW(U).
	{ A = dg_mk_worded(cx, MK(FRAME_BOUND, 0, T->offset, NULL), T, U); }
bound(A) ::= expr(V) PRECEDING(T).
	{ A = dg_mk_worded(cx, MK(FRAME_BOUND, 0, V->offset, V), T, T); }
bound(A) ::= expr(V) FOLLOWING(T).
	{ A = dg_mk_worded(cx, MK(FRAME_BOUND, 0, V->offset, V), T, T); }

// ---- relations

relation(A) ::= suffixed(A).
relation(A) ::= suffixed(R) TABLESAMPLE SAMPLE_METHOD(M) LP expr(P) RP.
	{ A = dg_mk_worded(cx, MK(REL_SAMPLE, 0, R->offset, R, P), M, M); }
relation(A) ::= relation(L) CROSS JOIN sampled(R).
	{ A = MK_OP(REL_JOIN, DG_SQL_OP_CROSS, 0, L->offset, L, R); }
relation(A) ::= relation(L) NATURAL join_type(J) JOIN sampled(R).
	{ A = MK_OP(REL_JOIN, J, DG_SQL_F_NATURAL, L->offset, L, R); }
relation(A) ::= relation(L) join_type(J) JOIN relation(R) ON expr(E).
	{ A = MK_OP(REL_JOIN, J, 0, L->offset, L, R, E); }
relation(A) ::= relation(L) join_type(J) JOIN relation(R) USING LP ids(U) RP.
	{ A = MK_OP(REL_JOIN, J, 0, L->offset, L, R, NULL, U); }
%type join_type {enum dg_sql_op}
join_type(A) ::= .			{ A = DG_SQL_OP_INNER; }
join_type(A) ::= INNER.			{ A = DG_SQL_OP_INNER; }
join_type(A) ::= LEFT outer_opt.	{ A = DG_SQL_OP_LEFT; }
join_type(A) ::= RIGHT outer_opt.	{ A = DG_SQL_OP_RIGHT; }
join_type(A) ::= FULL outer_opt.	{ A = DG_SQL_OP_FULL; }
outer_opt ::= .
outer_opt ::= OUTER.
// what CROSS and NATURAL joins take on their right
sampled(A) ::= suffixed(A).
sampled(A) ::= suffixed(R) TABLESAMPLE SAMPLE_METHOD(M) LP expr(P) RP.
	{ A = dg_mk_worded(cx, MK(REL_SAMPLE, 0, R->offset, R, P), M, M); }
// a relation with its alias, its row pattern with an alias, its pivot likewise
suffixed(A) ::= recognized(A).
%ifdef DG_TRINO
suffixed(A) ::= pivoted(A).
suffixed(A) ::= pivoted(R) id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
suffixed(A) ::= pivoted(R) AS id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
%endif
recognized(A) ::= aliased(A).
%ifdef DG_TRINO
recognized(A) ::= matched(A).
recognized(A) ::= matched(R) id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
recognized(A) ::= matched(R) AS id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
%endif
aliased(A) ::= relation_primary(A).
aliased(A) ::= relation_primary(R) id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
aliased(A) ::= relation_primary(R) AS id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }

relation_primary(A) ::= qname(N).	{ A = MK(REL_TABLE, 0, N->offset, N); }
relation_primary(A) ::= qname(N) FOR version_kind(K) AS OF value(V).
	{ A = MK(REL_TABLE, 0, N->offset, N,
		 dg_mk_worded(cx, MK(REL_VERSION, 0, K->offset, V), K, K)); }
%type version_kind {const struct dg_sql_token *}
version_kind(A) ::= TIMESTAMP(A).
version_kind(A) ::= VERSION(A).
%ifdef DG_PRESTO
version_kind(A) ::= SYSTEM_TIME(A).
relation_primary(A) ::= qname(N) FOR version_kind(K) BEFORE(B) value(V).
	{ A = MK(REL_TABLE, 0, N->offset, N,
		 dg_mk_worded(cx, MK(REL_VERSION, 0, K->offset, V), K, B)); }
%endif
relation_primary(A) ::= any_subquery(Q).
	{ A = MK(REL_SUBQUERY, 0, Q->offset, Q); }
relation_primary(A) ::= UNNEST(T) LP exprs(L) RP.
	{ A = MK(REL_UNNEST, 0, T->offset, L); }
relation_primary(A) ::= UNNEST(T) LP exprs(L) RP WITH_ORDINALITY ORDINALITY.
	{ A = MK(REL_UNNEST, DG_SQL_F_ORDINALITY, T->offset, L); }
relation_primary(A) ::= LATERAL(T) any_subquery(Q).
	{ A = MK(REL_LATERAL, 0, T->offset, Q); }
relation_primary(A) ::= LP(T) relation(R) RP.
	{ A = MK(REL_PAREN, 0, T->offset, R); }
relation_primary(A) ::= TABLE(T) LP table_call(C) RP.
	{ A = C; GATE(TABLE_FUNCTION, T); }
%ifdef DG_TRINO
relation_primary(A) ::= JSON_TABLE(T) LP json_path(P)
		COLUMNS LP json_columns(C) RP json_plan_opt(L)
		json_table_error_opt(E) RP.
	{ A = MK(REL_JSON_TABLE, 0, T->offset, P, C, L, E); }
relation_primary(A) ::= NEAREST(T) LP FROM relation(R) where_opt(W)
		MATCH expr(M) RP.
	{ A = MK(REL_NEAREST, 0, T->offset, R, W, M); }
%endif

table_call(A) ::= qname(N) LP copartition_opt(C) RP.
	{ A = MK(REL_FUNCTION, 0, N->offset, N, NULL, C); }
table_call(A) ::= qname(N) LP table_args(L) copartition_opt(C) RP.
	{ A = MK(REL_FUNCTION, 0, N->offset, N, L, C); }
table_args(A) ::= table_arg(E).		{ A = dg_mk_list(cx, E); }
table_args(A) ::= table_args(L) COMMA table_arg(E).
	{ A = dg_mk_append(cx, L, E); }
table_arg(A) ::= table_arg_value(A).
table_arg(A) ::= id(N) DOUBLE_ARROW table_arg_value(V).
	{ A = MK(NAMED_ARG, 0, N->offset, dg_mk_id(cx, N), V); }
table_arg_value(A) ::= expr(A).
table_arg_value(A) ::= DESCRIPTOR(T) LP descriptor_fields(L) RP.
	{ A = MK(DESCRIPTOR, 0, T->offset, L); }
descriptor_fields(A) ::= descriptor_field(F).	{ A = dg_mk_list(cx, F); }
descriptor_fields(A) ::= descriptor_fields(L) COMMA descriptor_field(F).
	{ A = dg_mk_append(cx, L, F); }
descriptor_field(A) ::= id(N).
	{ dg_mk_check_descriptor(cx, N);
	  A = MK(DESCRIPTOR_FIELD, 0, N->offset, dg_mk_id(cx, N)); }
descriptor_field(A) ::= id(N) type(T).
	{ A = MK(DESCRIPTOR_FIELD, 0, N->offset, dg_mk_id(cx, N), T); }
table_arg_value(A) ::= table_arg_relation(R) table_arg_partition(P)
		table_arg_empty(E) table_arg_order(O).
	{ A = dg_mk_table_arg(cx, R, P, E, O); }
table_arg_relation(A) ::= table_arg_source(A).
table_arg_relation(A) ::= table_arg_source(R) id(N) column_aliases_opt(C).
	{ A = dg_mk_table_arg_alias(cx, R, N, C); }
table_arg_relation(A) ::= table_arg_source(R) AS id(N) column_aliases_opt(C).
	{ A = MK(REL_ALIAS, 0, R->offset, R, dg_mk_id(cx, N), C); }
table_arg_source(A) ::= TABLE(T) LP qname(N) RP.
	{ A = MK(REL_TABLE, 0, T->offset, N); }
table_arg_source(A) ::= TABLE(T) any_subquery(Q).
	{ A = MK(REL_SUBQUERY, 0, T->offset, Q); }
table_arg_partition(A) ::= .		{ A = NULL; }
table_arg_partition(A) ::= PARTITION BY expr(E).	{ A = dg_mk_list(cx, E); }
table_arg_partition(A) ::= PARTITION BY LP RP.	{ A = dg_mk_list(cx, NULL); }
%type table_arg_empty {const struct dg_sql_token *}
table_arg_empty(A) ::= .		{ A = NULL; }
table_arg_empty(A) ::= PRUNE(T) WHEN EMPTY.	{ A = T; }
table_arg_empty(A) ::= KEEP(T) WHEN EMPTY.	{ A = T; }
table_arg_order(A) ::= .		{ A = NULL; }
table_arg_order(A) ::= ORDER BY sort_item(S).	{ A = dg_mk_list(cx, S); }
table_arg_order(A) ::= ORDER BY LP_SORT sort_items(L) RP.	{ A = L; }
copartition_opt(A) ::= .		{ A = NULL; }
copartition_opt(A) ::= COPARTITION copartitions(L).	{ A = L; }
copartitions(A) ::= copartition(C).	{ A = dg_mk_list(cx, C); }
copartitions(A) ::= copartitions(L) COMMA copartition(C).
	{ A = dg_mk_append(cx, L, C); }
copartition(A) ::= LP qnames(L) RP.	{ A = L; }
qnames(A) ::= qname(N) COMMA qname(M).
	{ A = dg_mk_append(cx, dg_mk_list(cx, N), M); }
qnames(A) ::= qnames(L) COMMA qname(N).	{ A = dg_mk_append(cx, L, N); }

// Row patterns: MATCH_RECOGNIZE, and in a window's frame.
%ifdef DG_TRINO
matched(A) ::= aliased(R) MATCH_RECOGNIZE(T) LP partition_opt(P) order_opt(O)
		measures_opt(M) rows_per_match_opt(W) skip_opt(S) search_opt(I)
		PATTERN LP row_pattern(X) RP subsets_opt(U) DEFINE defines(D) RP.
	{ A = MK(REL_MATCH, 0, R->offset, R, P, O,
		 MK(ROW_PATTERN, 0, T->offset, M, W, S, I, X, U, D)); }
measures_opt(A) ::= .			{ A = NULL; }
measures_opt(A) ::= MEASURES measures(L).	{ A = L; }
measures(A) ::= measure(M).		{ A = dg_mk_list(cx, M); }
measures(A) ::= measures(L) COMMA measure(M).
	{ A = dg_mk_append(cx, L, M); }
measure(A) ::= expr(E) AS id(N).
	{ A = MK(PATTERN_MEASURE, 0, E->offset, E, dg_mk_id(cx, N)); }
rows_per_match_opt(A) ::= .		{ A = NULL; }
rows_per_match_opt(A) ::= ONE(T) ROW PER MATCH.	{ A = dg_mk_words(cx, T); }
rows_per_match_opt(A) ::= ALL(T) ROWS PER MATCH.	{ A = dg_mk_words(cx, T); }
rows_per_match_opt(A) ::= ALL(T) ROWS PER MATCH SHOW EMPTY MATCHES.
	{ A = dg_mk_words(cx, T); }
rows_per_match_opt(A) ::= ALL(T) ROWS PER MATCH OMIT EMPTY MATCHES.
	{ A = dg_mk_words(cx, T); }
rows_per_match_opt(A) ::= ALL(T) ROWS PER MATCH WITH UNMATCHED ROWS.
	{ A = dg_mk_words(cx, T); }
skip_opt(A) ::= .			{ A = NULL; }
skip_opt(A) ::= AFTER MATCH SKIP(S) TO NEXT ROW(T).
	{ A = dg_mk_worded(cx, MK(PATTERN_SKIP, 0, S->offset, NULL), S, T); }
skip_opt(A) ::= AFTER MATCH SKIP(S) PAST LAST ROW(T).
	{ A = dg_mk_worded(cx, MK(PATTERN_SKIP, 0, S->offset, NULL), S, T); }
skip_opt(A) ::= AFTER MATCH SKIP(S) TO FIRST(T) id(N).
	{ A = dg_mk_worded(cx, MK(PATTERN_SKIP, 0, S->offset,
				  dg_mk_id(cx, N)), S, T); }
skip_opt(A) ::= AFTER MATCH SKIP(S) TO LAST(T) id(N).
	{ A = dg_mk_worded(cx, MK(PATTERN_SKIP, 0, S->offset,
				  dg_mk_id(cx, N)), S, T); }
skip_opt(A) ::= AFTER MATCH SKIP(S) TO(T) id(N).
	{ A = dg_mk_worded(cx, MK(PATTERN_SKIP, 0, S->offset,
				  dg_mk_id(cx, N)), S, T); }
search_opt(A) ::= .			{ A = NULL; }
search_opt(A) ::= INITIAL(T).		{ A = dg_mk_word(cx, T); }
search_opt(A) ::= SEEK(T).		{ A = dg_mk_word(cx, T); }
subsets_opt(A) ::= .			{ A = NULL; }
subsets_opt(A) ::= SUBSET subsets(L).	{ A = L; }
subsets(A) ::= subset(S).		{ A = dg_mk_list(cx, S); }
subsets(A) ::= subsets(L) COMMA subset(S).	{ A = dg_mk_append(cx, L, S); }
subset(A) ::= id(N) EQ LP ids(L) RP.
	{ A = MK(PATTERN_SUBSET, 0, N->offset, dg_mk_id(cx, N), L); }
defines(A) ::= define(D).		{ A = dg_mk_list(cx, D); }
defines(A) ::= defines(L) COMMA define(D).	{ A = dg_mk_append(cx, L, D); }
define(A) ::= id(N) AS expr(E).
	{ A = MK(PATTERN_DEFINE, 0, N->offset, dg_mk_id(cx, N), E); }

// alternatives of sequences of variables, groups and the like
row_pattern(A) ::= pattern_branches(L).
	{ A = dg_mk_pattern(cx, DG_SQL_K_PATTERN_ALTERNATION, L); }
pattern_branches(A) ::= pattern_branch(B).	{ A = dg_mk_list(cx, B); }
pattern_branches(A) ::= pattern_branches(L) BAR pattern_branch(B).
	{ A = dg_mk_append(cx, L, B); }
pattern_branch(A) ::= pattern_factors(L).
	{ A = dg_mk_pattern(cx, DG_SQL_K_PATTERN_CONCATENATION, L); }
pattern_factors(A) ::= pattern_factor(F).	{ A = dg_mk_list(cx, F); }
pattern_factors(A) ::= pattern_factors(L) pattern_factor(F).
	{ A = dg_mk_append(cx, L, F); }
pattern_factor(A) ::= pattern_primary(A).
pattern_factor(A) ::= pattern_primary(P) pattern_quantifier(Q).
	{ A = dg_mk_worded(cx, MK(PATTERN_QUANTIFIED, 0, P->offset, P), Q,
			   cx->last); }
pattern_primary(A) ::= id(N).		{ A = dg_mk_id(cx, N); }
pattern_primary(A) ::= LP(T) RP.	{ A = MK_LEAF(PATTERN_EMPTY, 0, T->offset); }
pattern_primary(A) ::= LP row_pattern(P) RP.	{ A = P; }
pattern_primary(A) ::= PERMUTE(T) LP permuted(L) RP.
	{ A = MK(PATTERN_PERMUTATION, 0, T->offset, L); }
pattern_primary(A) ::= CARET(T).
	{ A = dg_mk_worded(cx, MK_LEAF(PATTERN_ANCHOR, 0, T->offset), T, T); }
pattern_primary(A) ::= DOLLAR(T).
	{ A = dg_mk_worded(cx, MK_LEAF(PATTERN_ANCHOR, 0, T->offset), T, T); }
pattern_primary(A) ::= LC_MINUS(T) row_pattern(P) MINUS_RC.
	{ A = MK(PATTERN_EXCLUDED, 0, T->offset, P); }
permuted(A) ::= row_pattern(P).		{ A = dg_mk_list(cx, P); }
permuted(A) ::= permuted(L) COMMA row_pattern(P).
	{ A = dg_mk_append(cx, L, P); }
%type pattern_quantifier {const struct dg_sql_token *}
pattern_quantifier(A) ::= STAR(T) reluctant_opt.	{ A = T; }
pattern_quantifier(A) ::= PLUS(T) reluctant_opt.	{ A = T; }
pattern_quantifier(A) ::= QM(T) reluctant_opt.		{ A = T; }
pattern_quantifier(A) ::= LC(T) LIT_INTEGER RC reluctant_opt.	{ A = T; }
pattern_quantifier(A) ::= LC(T) integer_opt COMMA integer_opt RC reluctant_opt.
	{ A = T; }
reluctant_opt ::= .
reluctant_opt ::= QM.
integer_opt ::= .
integer_opt ::= LIT_INTEGER.
%endif

// PIVOT (aggregates FOR columns IN (values)).
%ifdef DG_TRINO
pivoted(A) ::= recognized(R) PIVOT LP pivot_items(G) FOR pivot_columns(C)
		IN LP pivot_items(V) RP group_opt(B) RP.
	{ A = MK(REL_PIVOT, 0, R->offset, R, G, C, V, B); }
pivot_columns(A) ::= chain(A).
pivot_columns(A) ::= LP(T) chains(L) RP.
	{ A = MK(ROW_EXPR, 0, T->offset, L); }
pivot_items(A) ::= pivot_item(I).	{ A = dg_mk_list(cx, I); }
pivot_items(A) ::= pivot_items(L) COMMA pivot_item(I).
	{ A = dg_mk_append(cx, L, I); }
pivot_item(A) ::= expr(E).	{ A = MK(SELECT_ITEM, 0, E->offset, E); }
pivot_item(A) ::= expr(E) id(N).
	{ A = MK(SELECT_ITEM, 0, E->offset, E, dg_mk_id(cx, N)); }
pivot_item(A) ::= expr(E) AS id(N).
	{ A = MK(SELECT_ITEM, 0, E->offset, E, dg_mk_id(cx, N)); }
%endif

// What JSON_TABLE puts out.
%ifdef DG_TRINO
json_columns(A) ::= json_column(C).	{ A = dg_mk_list(cx, C); }
json_columns(A) ::= json_columns(L) COMMA json_column(C).
	{ A = dg_mk_append(cx, L, C); }
json_column(A) ::= id(N) FOR ORDINALITY.
	{ A = MK(JSON_ORDINALITY, 0, N->offset, dg_mk_id(cx, N)); }
json_column(A) ::= id(N) type(Y) json_column_path_opt(P) json_defaults_opt(B).
	{ A = MK(JSON_COLUMN, 0, N->offset, dg_mk_id(cx, N), Y, NULL, P, NULL,
		 NULL, B); }
json_column(A) ::= id(N) type(Y) json_format(F) json_column_path_opt(P)
		json_wrapper_opt(W) json_quotes_opt(Q) json_fallbacks_opt(B).
	{ A = MK(JSON_COLUMN, 0, N->offset, dg_mk_id(cx, N), Y, F, P, W, Q,
		 B); }
json_column(A) ::= NESTED(T) path_opt string(P) json_path_name_opt(N)
		COLUMNS LP json_columns(C) RP.
	{ A = MK(JSON_NESTED, 0, T->offset, P, N, C); }
path_opt ::= .
path_opt ::= PATH.
json_column_path_opt(A) ::= .		{ A = NULL; }
json_column_path_opt(A) ::= PATH string(P).	{ A = P; }
json_plan_opt(A) ::= .			{ A = NULL; }
json_plan_opt(A) ::= PLAN(T) LP json_plan RP.
	{ A = dg_mk_written(cx, DG_SQL_K_JSON_PLAN, T); }
json_plan_opt(A) ::= PLAN(T) DEFAULT LP json_default_plan RP.
	{ A = dg_mk_written(cx, DG_SQL_K_JSON_PLAN, T); }
json_plan ::= id.
json_plan ::= id OUTER json_plan_item.
json_plan ::= id INNER json_plan_item.
json_plan ::= json_plan_unions.
json_plan ::= json_plan_crosses.
json_plan_unions ::= json_plan_item UNION json_plan_item.
json_plan_unions ::= json_plan_unions UNION json_plan_item.
json_plan_crosses ::= json_plan_item CROSS json_plan_item.
json_plan_crosses ::= json_plan_crosses CROSS json_plan_item.
json_plan_item ::= id.
json_plan_item ::= LP json_plan RP.
json_default_plan ::= json_plan_parent.
json_default_plan ::= json_plan_sibling.
json_default_plan ::= json_plan_parent COMMA json_plan_sibling.
json_default_plan ::= json_plan_sibling COMMA json_plan_parent.
json_plan_parent ::= OUTER.
json_plan_parent ::= INNER.
json_plan_sibling ::= UNION.
json_plan_sibling ::= CROSS.
json_table_error_opt(A) ::= .		{ A = NULL; }
json_table_error_opt(A) ::= ERROR(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
json_table_error_opt(A) ::= EMPTY(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
%endif

// ---- expressions, loose to tight. A predicate takes one value on its left:
// `a = b = c` is an error here as it is in the engines.

exprs(A) ::= expr(E).			{ A = dg_mk_list(cx, E); }
exprs(A) ::= exprs(L) COMMA expr(E).	{ A = dg_mk_append(cx, L, E); }
several_exprs(A) ::= expr(E) COMMA expr(F).
	{ A = dg_mk_append(cx, dg_mk_list(cx, E), F); }
several_exprs(A) ::= several_exprs(L) COMMA expr(E).
	{ A = dg_mk_append(cx, L, E); }
expr(A) ::= expr(L) OR expr(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_OR, L, R); }
expr(A) ::= expr(L) AND expr(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_AND, L, R); }
expr(A) ::= NOT(T) expr(E).		{ A = MK(NOT, 0, T->offset, E); }
expr(A) ::= value(A). [LAMBDA_BODY]
expr(A) ::= value(L) EQ value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_EQ, L, R); }
expr(A) ::= value(L) NE value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_NE, L, R); }
expr(A) ::= value(L) LT value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_LT, L, R); }
expr(A) ::= value(L) LE value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_LE, L, R); }
expr(A) ::= value(L) GT value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_GT, L, R); }
expr(A) ::= value(L) GE value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_GE, L, R); }
expr(A) ::= value(L) predicate(P).	{ A = dg_mk_headed(cx, L, P); }

predicate(A) ::= comparison(O) any_all(Q) any_subquery(S).
	{ A = dg_mk_quantified(cx, O, Q, S); }
predicate(A) ::= not_opt(N) BETWEEN symmetric_opt(S) value(L) AND value(H).
	{ A = MK(BETWEEN, N | S, L->offset, NULL, L, H); }
predicate(A) ::= not_opt(N) IN LP(T) exprs(L) RP.
	{ A = MK(IN_LIST, N, T->offset, NULL, L); }
predicate(A) ::= not_opt(N) IN any_subquery(Q).
	{ A = MK(IN_QUERY, N, Q->offset, NULL, Q); }
predicate(A) ::= not_opt(N) LIKE value(P). [NO_ESCAPE]
	{ A = MK(LIKE, N, P->offset, NULL, P); }
predicate(A) ::= not_opt(N) LIKE value(P) ESCAPE value(E).
	{ A = MK(LIKE, N, P->offset, NULL, P, E); }
predicate(A) ::= IS(T) not_opt(N) NULL.
	{ A = MK(IS_NULL, N, T->offset, NULL); }
predicate(A) ::= IS not_opt(N) DISTINCT FROM value(V).
	{ A = MK(IS_DISTINCT, N, V->offset, NULL, V); }
%ifdef DG_TRINO
predicate(A) ::= IS not_opt(N) truth(T).
	{ A = dg_mk_worded(cx, MK(IS_TRUTH, N, T->offset, NULL), T, T);
	  GATE(IS_TRUTH, T); }
predicate(A) ::= OVERLAPS value(V).
	{ A = MK(OVERLAPS, 0, V->offset, NULL, V); }
predicate(A) ::= MATCH_OF(T) any_subquery(Q).
	{ A = dg_mk_worded(cx, MK(MATCH, 0, T->offset, NULL, Q), T, T); }
predicate(A) ::= MATCH_OF(T) match_type(U) any_subquery(Q).
	{ A = dg_mk_worded(cx, MK(MATCH, 0, T->offset, NULL, Q), T, U); }
%type match_type {const struct dg_sql_token *}
match_type(A) ::= UNIQUE(T).		{ A = T; }
match_type(A) ::= MATCH_TYPE(T).	{ A = T; }
match_type(A) ::= FULL(T).		{ A = T; }
match_type(A) ::= UNIQUE MATCH_TYPE(T).	{ A = T; }
match_type(A) ::= UNIQUE FULL(T).	{ A = T; }
%type truth {const struct dg_sql_token *}
truth(A) ::= TRUE(A).
truth(A) ::= FALSE(A).
truth(A) ::= UNKNOWN(A).
%endif
predicate(A) ::= not_opt(N) BETWEEN symmetric_opt(S) value(L)
		BETWEEN_AND value(H).
	{ A = MK(BETWEEN, N | S, L->offset, NULL, L, H); }
%type comparison {enum dg_sql_op}
comparison(A) ::= EQ.			{ A = DG_SQL_OP_EQ; }
comparison(A) ::= NE.			{ A = DG_SQL_OP_NE; }
comparison(A) ::= LT.			{ A = DG_SQL_OP_LT; }
comparison(A) ::= LE.			{ A = DG_SQL_OP_LE; }
comparison(A) ::= GT.			{ A = DG_SQL_OP_GT; }
comparison(A) ::= GE.			{ A = DG_SQL_OP_GE; }
%type any_all {enum dg_sql_op}
any_all(A) ::= ANY.			{ A = DG_SQL_OP_ANY; }
any_all(A) ::= ALL.			{ A = DG_SQL_OP_ALL; }
%type not_opt {unsigned}
not_opt(A) ::= . [BETWEEN]		{ A = 0; }
not_opt(A) ::= NOT.			{ A = DG_SQL_F_NOT; }
%type symmetric_opt {unsigned}
symmetric_opt(A) ::= .			{ A = 0; }
symmetric_opt(A) ::= SYMMETRIC(T).
	{ A = DG_SQL_F_SYMMETRIC; GATE(BETWEEN_SYMMETRIC, T); }

// x -> .., (x, y) -> ..; what is no list of names is refused at the arrow. What
// can go on with the body does; with the rest, the lambda is a value like any:
// `a -> b = c = d` compares it with d.
value(A) ::= lambda(A). [LAMBDA_BODY]
lambda(A) ::= lambda_params(P) expr(B). [LAMBDA_BODY]
	{ A = MK(LAMBDA, 0, P->offset, P, B); }
lambda(A) ::= no_lambda_params(S) expr(B). [LAMBDA_BODY]
	{ A = MK(LAMBDA, 0, S->offset, NULL, B); }
%type no_lambda_params {const struct dg_sql_token *}
no_lambda_params(A) ::= LP(S) RP ARROW(T).	{ cx->arrow = T; A = S; }
lambda_params(A) ::= value(P) ARROW(T).	{ A = dg_mk_lambda_params(cx, P, T); }

value(A) ::= value(V) AT TIME ZONE interval(Z).
	{ A = MK(AT_ZONE, 0, V->offset, V, Z); }
value(A) ::= value(V) AT TIME ZONE string(Z).
	{ A = MK(AT_ZONE, 0, V->offset, V, Z); }
%ifdef DG_TRINO
value(A) ::= value(V) AT LOCAL(T).
	{ A = MK(AT_ZONE, 0, V->offset, V); GATE(AT_LOCAL, T); }
%endif
value(A) ::= MINUS(T) value(V). [SIGN]
	{ A = MK_OP(UNARY_OP, DG_SQL_OP_NEG, 0, T->offset, V); }
value(A) ::= PLUS(T) value(V). [SIGN]
	{ A = MK_OP(UNARY_OP, DG_SQL_OP_POS, 0, T->offset, V); }
value(A) ::= value(L) STAR value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_MUL, L, R); }
value(A) ::= value(L) SLASH value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_DIV, L, R); }
value(A) ::= value(L) PERCENT value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_MOD, L, R); }
value(A) ::= value(L) PLUS value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_ADD, L, R); }
value(A) ::= value(L) MINUS value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_SUB, L, R); }
value(A) ::= value(L) CONCAT value(R).
	{ A = dg_mk_binary_op(cx, DG_SQL_OP_CONCAT, L, R); }

// literals
value(A) ::= literal(A).
value(A) ::= number(A).
literal(A) ::= NULL(T).		{ A = MK_LEAF(NULL_LITERAL, 0, T->offset); }
literal(A) ::= TRUE(T).
	{ A = dg_mk_literal(cx, DG_SQL_K_BOOLEAN, T); }
literal(A) ::= FALSE(T).
	{ A = dg_mk_literal(cx, DG_SQL_K_BOOLEAN, T); }
number(A) ::= LIT_INTEGER(T).	{ A = dg_mk_integer(cx, T); }
number(A) ::= LIT_DECIMAL(T).	{ A = dg_mk_literal(cx, DG_SQL_K_NUMBER, T); }
literal(A) ::= string(A).
literal(A) ::= LIT_BINARY(T).		{ A = dg_mk_binary(cx, T); }
value(A) ::= QM(T).			{ A = MK_LEAF(PARAMETER, 0, T->offset); }
literal(A) ::= interval(A).
literal(A) ::= id(N) string(S).		{ A = dg_mk_typed(cx, N, S); }
%ifdef DG_TRINO
// of a column
fixed(A) ::= literal(A).
fixed(A) ::= number(A).
fixed(A) ::= MINUS(T) number(V).
	{ A = MK_OP(UNARY_OP, DG_SQL_OP_NEG, 0, T->offset, V); }
literal(A) ::= DOUBLE_LITERAL(T) PRECISION string(S).
	{ A = dg_mk_worded(cx, MK(TYPED_LITERAL, 0, T->offset, S), T, T + 1); }
%endif
%ifdef DG_PRESTO
literal(A) ::= DOUBLE(T) PRECISION string(S).
	{ A = dg_mk_worded(cx, MK(TYPED_LITERAL, 0, T->offset, S), T, T + 1); }
%endif
value(A) ::= NILADIC(T).		{ A = dg_mk_current(cx, T, NULL); }
value(A) ::= NILADIC_PRECISION(T).		{ A = dg_mk_current(cx, T, NULL); }
value(A) ::= NILADIC_PRECISION(T) LP LIT_INTEGER(P) RP.
	{ A = dg_mk_current(cx, T, P); }
interval(A) ::= INTERVAL(T) string(S) unit(U).
	{ A = dg_mk_interval(cx, T, NULL, S, U); }
interval(A) ::= INTERVAL(T) PLUS(G) string(S) unit(U).
	{ A = dg_mk_interval(cx, T, G, S, U); }
interval(A) ::= INTERVAL(T) MINUS(G) string(S) unit(U).
	{ A = dg_mk_interval(cx, T, G, S, U); }
%type unit {const struct dg_sql_token *}
unit(A) ::= UNIT(T) unit_precision.			{ A = T; }
unit(A) ::= UNIT(T) unit_precision TO(S) UNIT(U) unit_precision.
	{ dg_mk_check_units(cx, T, S, U); A = T; }
unit_precision ::= .
unit_precision ::= LP(T) precision RP.	{ GATE(INTERVAL_PRECISION, T); }
unit_precision ::= LP(T) precision COMMA precision RP.
	{ GATE(INTERVAL_PRECISION, T); }
precision ::= LIT_INTEGER(T).		{ dg_mk_check_precision(cx, T); }

// names and what hangs on them
value(A) ::= id(N).		{ A = dg_mk_id(cx, N); }
value(A) ::= value(B) DOT(D) id(F).
	{ dg_mk_check_unzoned(cx, B, D);
	  A = MK(DEREF, 0, B->offset, B, dg_mk_id(cx, F)); }
value(A) ::= value(B) LB(T) value(I) RB.
	{ dg_mk_check_unzoned(cx, B, T); A = MK(SUBSCRIPT, 0, B->offset, B, I); }
value(A) ::= lambda(B) DOT_OUTER id(F).
	{ A = MK(DEREF, 0, B->offset, B, dg_mk_id(cx, F)); }
value(A) ::= lambda(B) LB_OUTER value(I) RB.
	{ A = MK(SUBSCRIPT, 0, B->offset, B, I); }
%ifdef DG_TRINO
value(A) ::= lambda(B) DOT_OUTER string(S).
	{ A = MK(JSON_ACCESS, 0, B->offset, B, S); GATE(JSON_ACCESS, S);
	  dg_mk_check_member(cx, S); }
value(A) ::= lambda(B) LB_OUTER(T) STAR RB.
	{ A = MK(JSON_ACCESS, 0, B->offset, B); GATE(JSON_ACCESS, T + 1); }
// of JSON: member 'x', all elements
value(A) ::= value(B) DOT(D) string(S).
	{ dg_mk_check_unzoned(cx, B, D);
	  A = MK(JSON_ACCESS, 0, B->offset, B, S); GATE(JSON_ACCESS, S);
	  dg_mk_check_member(cx, S); }
value(A) ::= value(B) LB(T) STAR RB.
	{ dg_mk_check_unzoned(cx, B, T);
	  A = MK(JSON_ACCESS, 0, B->offset, B); GATE(JSON_ACCESS, T + 1); }
%endif

// parentheses, rows, arrays
value(A) ::= LP(T) expr(E) RP.		{ A = MK(PAREN, 0, T->offset, E); }
value(A) ::= LP(T) several_exprs(L) RP.	{ A = MK(ROW_EXPR, 0, T->offset, L); }
value(A) ::= any_subquery(Q).
	{ A = MK(SCALAR_QUERY, 0, Q->offset, Q); }
value(A) ::= EXISTS(T) any_subquery(Q).	{ A = MK(EXISTS, 0, T->offset, Q); }
%ifdef DG_TRINO
value(A) ::= UNIQUE(T) any_subquery(Q).
	{ A = MK(UNIQUE, 0, T->offset, Q); GATE(UNIQUE_PREDICATE, T); }
%endif
value(A) ::= ROW_OF(T) LP row_fields(L) RP.
	{ A = MK(ROW_EXPR, 0, T->offset, L); }
row_fields(A) ::= row_field(F).		{ A = dg_mk_list(cx, F); }
row_fields(A) ::= row_fields(L) COMMA row_field(F).
	{ A = dg_mk_append(cx, L, F); }
row_field(A) ::= expr(A).
row_field(A) ::= expr(E) AS(T) id(N).
	{ A = MK(ROW_FIELD, 0, E->offset, E, dg_mk_id(cx, N));
	  GATE(ROW_FIELD_NAME, T); }
row_field(A) ::= expr(E) id(N).
	{ A = MK(ROW_FIELD, 0, E->offset, E, dg_mk_id(cx, N));
	  GATE(ROW_FIELD_NAME, N); }
value(A) ::= ARRAY_OF(T) LB exprs_opt(L) RB.
	{ A = MK(ARRAY, 0, T->offset, L); }
%ifdef DG_TRINO
value(A) ::= LB(T) exprs_opt(L) RB.
	{ A = MK(ARRAY, 0, T->offset, L); GATE(ARRAY_BRACKETS, T); }
%endif
exprs_opt(A) ::= .			{ A = NULL; }
exprs_opt(A) ::= exprs(A).

// CASE and CAST
value(A) ::= CASE(T) whens(W) else_opt(E) END.
	{ A = MK(CASE, 0, T->offset, NULL, W, E); }
%ifdef DG_PRESTO
value(A) ::= CASE(T) value(O) whens(W) else_opt(E) END.
	{ A = MK(CASE, 0, T->offset, O, W, E); }
%endif
%ifdef DG_TRINO
value(A) ::= CASE(T) expr(O) operand_whens(W) else_opt(E) END.
	{ A = MK(CASE, 0, T->offset, O, W, E); }
%endif
whens(A) ::= when(W).			{ A = dg_mk_list(cx, W); }
whens(A) ::= whens(L) when(W).		{ A = dg_mk_append(cx, L, W); }
when(A) ::= WHEN(T) expr(C) THEN expr(R).
	{ A = MK(WHEN, 0, T->offset, C, R); }
%ifdef DG_TRINO
// of the operand: WHEN > 5, WHEN BETWEEN 1 AND 4
operand_whens(A) ::= operand_when(W).	{ A = dg_mk_list(cx, W); }
operand_whens(A) ::= operand_whens(L) operand_when(W).
	{ A = dg_mk_append(cx, L, W); }
operand_when(A) ::= when(A).
operand_when(A) ::= WHEN(T) predicate(P) THEN expr(R).
	{ A = MK(WHEN, 0, T->offset, dg_mk_headed(
		cx, MK_LEAF(CASE_OPERAND, 0, T->offset), P), R);
	  GATE(WHEN_PREDICATE, T + 1); }
operand_when(A) ::= WHEN(T) comparison(O) value(V) THEN expr(R).
	{ A = MK(WHEN, 0, T->offset, dg_mk_binary_op(
		cx, O, MK_LEAF(CASE_OPERAND, 0, T->offset), V), R);
	  GATE(WHEN_PREDICATE, T + 1); }
%endif
else_opt(A) ::= .			{ A = NULL; }
else_opt(A) ::= ELSE expr(E).		{ A = E; }
value(A) ::= CAST(T) LP expr(E) AS type(Y) RP.
	{ A = MK(CAST, 0, T->offset, E, Y); }
value(A) ::= TRY_CAST(T) LP expr(E) AS type(Y) RP.
	{ A = MK(CAST, DG_SQL_F_TRY, T->offset, E, Y); }

// functions with a syntax of their own
value(A) ::= EXTRACT(T) LP id(F) FROM value(V) RP.
	{ A = dg_mk_extract(cx, T, F, V); }
value(A) ::= POSITION(T) LP value(N) POSITION_IN value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_list(cx, N), V)); }
value(A) ::= SUBSTRING(T) LP value(V) FROM value(F) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_list(cx, V), F)); }
value(A) ::= SUBSTRING(T) LP value(V) FROM value(F)
		FOR value(N) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(
		cx, dg_mk_append(cx, dg_mk_list(cx, V), F), N)); }
value(A) ::= OVERLAY(T) LP value(V) PLACING value(R)
		FROM value(F) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(
		cx, dg_mk_append(cx, dg_mk_list(cx, V), R), F)); }
value(A) ::= OVERLAY(T) LP value(V) PLACING value(R)
		FROM value(F) FOR value(N) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_append(
		cx, dg_mk_append(cx, dg_mk_list(cx, V), R), F), N)); }
value(A) ::= NORMALIZE(T) LP value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_list(cx, V)); }
value(A) ::= NORMALIZE(T) LP value(V) COMMA NORMAL_FORM(F) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(
		cx, dg_mk_list(cx, V), dg_mk_word(cx, F))); }
value(A) ::= GROUPING(T) LP chains(L) RP.
	{ A = MK(GROUPING, 0, T->offset, L); }
value(A) ::= GROUPING(T) LP RP.
	{ dg_sql_build_fault(cx, T->offset, "GROUPING has no columns");
	  A = MK(GROUPING, 0, T->offset, NULL); }
chains(A) ::= chain(C).			{ A = dg_mk_list(cx, C); }
chains(A) ::= chains(L) COMMA chain(C).	{ A = dg_mk_append(cx, L, C); }
chain(A) ::= id(N).			{ A = dg_mk_id(cx, N); }
chain(A) ::= chain(B) DOT id(F).	{ A = MK(DEREF, 0, B->offset, B, dg_mk_id(cx, F)); }
value(A) ::= TRIM(T) LP value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_list(cx, V)); }
value(A) ::= TRIM(T) LP value(V) COMMA value(C) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_list(cx, V), C)); }
value(A) ::= TRIM(T) LP value(C) FROM value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_list(cx, C), V)); }
value(A) ::= TRIM(T) LP TRIM_SIDE(S) FROM value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(
		cx, dg_mk_list(cx, dg_mk_word(cx, S)), V)); }
value(A) ::= TRIM(T) LP TRIM_SIDE(S) value(C) FROM value(V) RP.
	{ A = dg_mk_special(cx, T, dg_mk_append(cx, dg_mk_append(
		cx, dg_mk_list(cx, dg_mk_word(cx, S)), C), V)); }
%ifdef DG_TRINO
value(A) ::= TRIM(T) LP FROM value(V) RP.
	{ dg_sql_build_fault(cx, T->offset, "TRIM(FROM ..) does not say what is "
			     "trimmed, or from which end");
	  A = dg_mk_special(cx, T, dg_mk_list(cx, V)); }
value(A) ::= listagg(C) WITHIN GROUP LP order_by(O) RP filter_opt(F)
		over_opt(W).
	{ A = dg_mk_listagg(cx, C, O, F, W); }
listagg(A) ::= LISTAGG(T) LP quantifier(Q) listagg_args(L) RP.
	{ A = dg_mk_flag(dg_mk_special(cx, T, L), Q); }
listagg_args(A) ::= listagg_values(A).
listagg_args(A) ::= listagg_values(L) listagg_overflow(W).
	{ A = dg_mk_append(cx, L, W); }
listagg_values(A) ::= expr(E).		{ A = dg_mk_list(cx, E); }
listagg_values(A) ::= expr(E) COMMA string(S).
	{ A = dg_mk_append(cx, dg_mk_list(cx, E), S); }
listagg_overflow(A) ::= ON OVERFLOW(T) ERROR.	{ A = dg_mk_words(cx, T); }
listagg_overflow(A) ::= ON OVERFLOW(T) TRUNCATE filler_opt with_without COUNT.
	{ A = dg_mk_words(cx, T); }
filler_opt ::= .
filler_opt ::= string.
with_without ::= WITH.
with_without ::= WITHOUT.
over_opt(A) ::= .			{ A = NULL; }
over_opt(A) ::= over(A).
%endif

// JSON
%ifdef DG_TRINO
value(A) ::= JSON_EXISTS(T) LP json_path(P) json_exists_error_opt(E) RP.
	{ A = MK(JSON_EXISTS, 0, T->offset, P, E); }
json_exists_error_opt(A) ::= .		{ A = NULL; }
json_exists_error_opt(A) ::= TRUE(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
json_exists_error_opt(A) ::= FALSE(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
json_exists_error_opt(A) ::= UNKNOWN(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
json_exists_error_opt(A) ::= ERROR(T) ON ERROR.	{ A = dg_mk_words(cx, T); }
value(A) ::= JSON_VALUE(T) LP json_path(P) json_type_opt(Y)
		json_defaults_opt(B) RP.
	{ A = MK(JSON_VALUE, 0, T->offset, P, Y, B); }
value(A) ::= JSON_QUERY(T) LP json_path(P) json_output_opt(O)
		json_wrapper_opt(W) json_quotes_opt(Q) json_fallbacks_opt(B) RP.
	{ A = MK(JSON_QUERY, 0, T->offset, P, O, W, Q, B); }
value(A) ::= JSON_OBJECT(T) LP json_output_opt(O) RP.
	{ A = MK(JSON_OBJECT, 0, T->offset, NULL, NULL, NULL, O); }
value(A) ::= JSON_OBJECT(T) LP json_members(L) json_nulls_opt(N)
		json_unique_opt(U) json_output_opt(O) RP.
	{ A = MK(JSON_OBJECT, 0, T->offset, L, N, U, O); }
value(A) ::= JSON_ARRAY(T) LP json_output_opt(O) RP.
	{ A = MK(JSON_ARRAY, 0, T->offset, NULL, NULL, O); }
value(A) ::= JSON_ARRAY(T) LP json_inputs(L) json_nulls_opt(N)
		json_output_opt(O) RP.
	{ A = MK(JSON_ARRAY, 0, T->offset, L, N, O); }

json_path(A) ::= json_input(I) COMMA string(P) json_path_name_opt(N)
		json_passing_opt(L).
	{ A = MK(JSON_PATH, 0, I->offset, I, P, N, L); }
json_path_name_opt(A) ::= .		{ A = NULL; }
json_path_name_opt(A) ::= AS(T) id(N).
	{ GATE(JSON_PATH_NAME, T); A = dg_mk_id(cx, N); }
json_passing_opt(A) ::= .		{ A = NULL; }
json_passing_opt(A) ::= PASSING json_args(L).	{ A = L; }
json_args(A) ::= json_arg(V).		{ A = dg_mk_list(cx, V); }
json_args(A) ::= json_args(L) COMMA json_arg(V).
	{ A = dg_mk_append(cx, L, V); }
json_arg(A) ::= json_input(I) AS id(N).
	{ A = MK(JSON_ARG, 0, I->offset, I, dg_mk_id(cx, N)); }
json_inputs(A) ::= json_input(I).	{ A = dg_mk_list(cx, I); }
json_inputs(A) ::= json_inputs(L) COMMA json_input(I).
	{ A = dg_mk_append(cx, L, I); }
json_input(A) ::= expr(A).
json_input(A) ::= expr(E) json_format(F).
	{ A = MK(JSON_FORMATTED, 0, E->offset, E, F); }
json_format(A) ::= FORMAT(T) JSON.	{ A = dg_mk_words(cx, T); }
json_format(A) ::= FORMAT(T) JSON ENCODING UTF.	{ A = dg_mk_words(cx, T); }
json_members(A) ::= json_member(M).	{ A = dg_mk_list(cx, M); }
json_members(A) ::= json_members(L) COMMA json_member(M).
	{ A = dg_mk_append(cx, L, M); }
json_member(A) ::= expr(K) VALUE json_input(V).
	{ A = MK(JSON_MEMBER, 0, K->offset, K, V); }
json_member(A) ::= KEY(T) expr(K) VALUE json_input(V).
	{ A = MK(JSON_MEMBER, 0, T->offset, K, V); }
json_member(A) ::= expr(K) COLON json_input(V).
	{ A = MK(JSON_MEMBER, 0, K->offset, K, V); }
json_nulls_opt(A) ::= .			{ A = NULL; }
json_nulls_opt(A) ::= NULL(T) ON NULL.	{ A = dg_mk_words(cx, T); }
json_nulls_opt(A) ::= ABSENT(T) ON NULL.	{ A = dg_mk_words(cx, T); }
json_unique_opt(A) ::= .		{ A = NULL; }
json_unique_opt(A) ::= WITH(T) UNIQUE keys_opt.	{ A = dg_mk_words(cx, T); }
json_unique_opt(A) ::= WITHOUT(T) UNIQUE keys_opt.	{ A = dg_mk_words(cx, T); }
keys_opt ::= .
keys_opt ::= KEYS.
json_type_opt(A) ::= .			{ A = NULL; }
json_type_opt(A) ::= RETURNING type(Y).	{ A = Y; }
json_output_opt(A) ::= .		{ A = NULL; }
json_output_opt(A) ::= RETURNING type(Y).
	{ A = MK(JSON_OUTPUT, 0, Y->offset, Y); }
json_output_opt(A) ::= RETURNING type(Y) json_format(F).
	{ A = MK(JSON_OUTPUT, 0, Y->offset, Y, F); }
json_wrapper_opt(A) ::= .		{ A = NULL; }
json_wrapper_opt(A) ::= WITHOUT(T) array_opt WRAPPER.
	{ A = dg_mk_words(cx, T); }
json_wrapper_opt(A) ::= WITH(T) array_opt WRAPPER.
	{ A = dg_mk_words(cx, T); }
json_wrapper_opt(A) ::= WITH(T) CONDITIONAL array_opt WRAPPER.
	{ A = dg_mk_words(cx, T); }
json_wrapper_opt(A) ::= WITH(T) UNCONDITIONAL array_opt WRAPPER.
	{ A = dg_mk_words(cx, T); }
array_opt ::= .
array_opt ::= ARRAY.
json_quotes_opt(A) ::= .		{ A = NULL; }
json_quotes_opt(A) ::= KEEP(T) QUOTES on_scalar_opt.
	{ A = dg_mk_words(cx, T); }
json_quotes_opt(A) ::= OMIT(T) QUOTES on_scalar_opt.
	{ A = dg_mk_words(cx, T); }
on_scalar_opt ::= .
on_scalar_opt ::= ON SCALAR TEXT_STRING.

// what comes of nothing, and of an error: of JSON_VALUE ..
json_defaults_opt(A) ::= .		{ A = NULL; }
json_defaults_opt(A) ::= json_default(B) ON EMPTY.
	{ A = dg_mk_list(cx, dg_mk_flag(B, DG_SQL_F_ON_EMPTY)); }
json_defaults_opt(A) ::= json_default(B) ON ERROR.
	{ A = dg_mk_list(cx, B); }
json_defaults_opt(A) ::= json_default(B) ON EMPTY json_default(E) ON ERROR.
	{ A = dg_mk_append(cx, dg_mk_list(
		cx, dg_mk_flag(B, DG_SQL_F_ON_EMPTY)), E); }
json_default(A) ::= ERROR(T).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, T); }
json_default(A) ::= NULL(T).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, T); }
json_default(A) ::= DEFAULT(T) expr(E).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, E), T, T); }
// .. and of JSON_QUERY
json_fallbacks_opt(A) ::= .		{ A = NULL; }
json_fallbacks_opt(A) ::= json_fallback(B) ON EMPTY.
	{ A = dg_mk_list(cx, dg_mk_flag(B, DG_SQL_F_ON_EMPTY)); }
json_fallbacks_opt(A) ::= json_fallback(B) ON ERROR.
	{ A = dg_mk_list(cx, B); }
json_fallbacks_opt(A) ::= json_fallback(B) ON EMPTY json_fallback(E) ON ERROR.
	{ A = dg_mk_append(cx, dg_mk_list(
		cx, dg_mk_flag(B, DG_SQL_F_ON_EMPTY)), E); }
json_fallback(A) ::= ERROR(T).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, T); }
json_fallback(A) ::= NULL(T).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, T); }
json_fallback(A) ::= EMPTY(T) ARRAY(U).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, U); }
json_fallback(A) ::= EMPTY(T) OBJECT(U).
	{ A = dg_mk_worded(cx, MK(JSON_BEHAVIOR, 0, T->offset, NULL), T, U); }
%endif

// calls
value(A) ::= call(A).
value(A) ::= call(C) filter(F).
	{ A = dg_mk_call_tail(cx, C, F, 0, NULL); }
value(A) ::= call(C) filter_opt(F) nulls_opt(N) over(W).
	{ A = dg_mk_call_tail(cx, C, F, N, W); }
%ifdef DG_TRINO
// of a row pattern: a measure of window w, and how far a function looks
value(A) ::= id(N) over(W).
	{ A = MK(MEASURE, 0, N->offset, dg_mk_id(cx, N), W);
	  GATE(WINDOW_MEASURE, N); }
value(A) ::= value(B) DOUBLE_COLON id(N) LP call_args(C) RP.
	{ A = dg_mk_static_call(cx, B, dg_mk_id(cx, N), C); }
call(A) ::= PROCESSING(T) chain(N) LP call_args(C) RP.
	{ A = dg_mk_processing(cx, T, dg_mk_call(cx, N, C)); }
%endif
call(A) ::= id(N) LP call_args(C) RP.	{ A = dg_mk_call(cx, dg_mk_id(cx, N), C); }
call(A) ::= dotted_callee(N) call_args(C) RP.	{ A = dg_mk_call(cx, N, C); }
dotted_callee(A) ::= value(B) DOT(D) id(F) LP.
	{ dg_mk_check_unzoned(cx, B, D);
	  A = dg_mk_callee(cx, MK(DEREF, 0, B->offset, B, dg_mk_id(cx, F))); }
call(A) ::= ROW_OF(T) LP RP.
	{ A = dg_mk_special(cx, T, NULL); }
call(A) ::= POSITION(T) LP call_args(C) RP.
	{ A = dg_mk_call(cx, dg_mk_id(cx, T), C); }
call(A) ::= SUBSTRING(T) LP call_args(C) RP.
	{ A = dg_mk_call(cx, dg_mk_id(cx, T), C); }
call(A) ::= OVERLAY(T) LP call_args(C) RP.
	{ A = dg_mk_call(cx, dg_mk_id(cx, T), C); }
call(A) ::= TRY_CAST(T) LP call_args(C) RP.
	{ A = dg_mk_call(cx, dg_mk_id(cx, T), C); }
// a CALL that has no name yet
call_args(A) ::= .	{ A = MK(CALL, 0, cx->last->offset, NULL); }
call_args(A) ::= STAR(T).
	{ A = MK(CALL, DG_SQL_F_STAR, T->offset, NULL); }
%ifdef DG_TRINO
call_args(A) ::= value(B) DOT(D) STAR.
	{ dg_mk_check_label(cx, B, D);
	  A = MK(CALL, DG_SQL_F_STAR, B->offset, NULL, NULL, B); }
%endif
call_args(A) ::= order_by(O).
	{ A = MK(CALL, 0, O->offset, NULL, NULL, NULL, O); }
call_args(A) ::= args(L) order_opt(O).
	{ A = MK(CALL, 0, L->offset, NULL, L, NULL, O); }
call_args(A) ::= DISTINCT args(L) order_opt(O).
	{ A = MK(CALL, DG_SQL_F_DISTINCT, L->offset, NULL, L, NULL, O); }
call_args(A) ::= ALL args(L) order_opt(O).
	{ A = MK(CALL, DG_SQL_F_ALL, L->offset, NULL, L, NULL, O); }
args(A) ::= arg(E).			{ A = dg_mk_list(cx, E); }
args(A) ::= args(L) COMMA arg(E).	{ A = dg_mk_append(cx, L, E); }
arg(A) ::= expr(A).
%ifdef DG_TRINO
arg(A) ::= id(N) DOUBLE_ARROW(T) expr(E).
	{ A = MK(NAMED_ARG, 0, N->offset, dg_mk_id(cx, N), E);
	  GATE(NAMED_ARGUMENT, T); }
%endif
filter_opt(A) ::= .			{ A = NULL; }
filter_opt(A) ::= filter(A).
filter(A) ::= FILTER LP WHERE expr(E) RP.	{ A = E; }
%type nulls_opt {unsigned}
nulls_opt(A) ::= .			{ A = 0; }
nulls_opt(A) ::= IGNORE NULLS.		{ A = DG_SQL_F_IGNORE_NULLS; }
nulls_opt(A) ::= RESPECT NULLS.		{ A = DG_SQL_F_RESPECT_NULLS; }
%ifdef DG_TRINO
over(A) ::= OVER id(N).			{ A = dg_mk_id(cx, N); }
%endif
over(A) ::= OVER LP window_spec(S) RP.	{ A = S; }

// ---- types: read for their extent only, they hold no names to check

type(A) ::= type_text(T).
	{ A = dg_mk_written(cx, DG_SQL_K_TYPE, T); }
%type type_text {const struct dg_sql_token *}
type_text(A) ::= type_name(A).
type_text(A) ::= type_name(T) LP type_params RP.	{ A = T; }
type_text(A) ::= MAP(T) LT type_text COMMA type_text GT.	{ A = T; }
%ifdef DG_TRINO
type_text(A) ::= DOUBLE(T) PRECISION.			{ A = T; }
type_text(A) ::= TIMESTAMP(T) time_precision time_zone.	{ A = T; }
type_text(A) ::= TIME(T) time_precision time_zone.	{ A = T; }
time_precision ::= .
time_precision ::= LP type_param RP.
time_zone ::= .
time_zone ::= WITH_TIME_ZONE TIME ZONE.
time_zone ::= WITHOUT_TIME_ZONE TIME ZONE.
type_text(A) ::= INTERVAL_TYPE(T) unit.			{ A = T; }
%endif
%ifdef DG_PRESTO
// one word each, which may have parameters as any other
type_name(A) ::= DOUBLE(T) PRECISION.			{ A = T; }
type_name(A) ::= TIMESTAMP(T) WITH_TIME_ZONE TIME ZONE.	{ A = T; }
type_name(A) ::= TIME(T) WITH_TIME_ZONE TIME ZONE.	{ A = T; }
type_text(A) ::= INTERVAL_TYPE(T) UNIT TO UNIT.		{ A = T; }
%endif
type_text(A) ::= ROW_OF(T) LP type_fields RP.		{ A = T; }
type_text(A) ::= ARRAY_TYPE(T) LP type_params RP.	{ A = T; }
type_text(A) ::= ARRAY_TYPE(T) LT type_text GT.		{ A = T; }
type_text(A) ::= type_text(T) ARRAY.			{ A = T; }
%ifdef DG_TRINO
type_text(A) ::= type_text(T) ARRAY_OF(U) LB LIT_INTEGER RB.
	{ dg_mk_check_sized(cx, U); A = T; }
%endif
%type type_name {const struct dg_sql_token *}
type_name(A) ::= id(A).
%ifdef DG_PRESTO
type_name(A) ::= type_name(T) DOT(D) id.
	{ GATE(QUALIFIED_TYPE, D); A = T; }
%endif
type_params ::= type_param.
type_params ::= type_params COMMA type_param.
type_param ::= LIT_INTEGER.
type_param ::= type_text.
// ROW (a bigint); of types and numbers alone it is any type called ROW
%type type_fields {unsigned}
type_fields(A) ::= type_field(F).	{ A = dg_mk_fields(cx, 0, F); }
type_fields(A) ::= type_fields(L) COMMA type_field(F).
	{ A = dg_mk_fields(cx, L, F); }
// where the type begins, or the number stands
%type type_field {const struct dg_sql_token *}
type_field(A) ::= type_text(A).
type_field(A) ::= id type_text(T).	{ A = T; }
type_field(A) ::= LIT_INTEGER(A).

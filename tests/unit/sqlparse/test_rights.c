/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rights.c - what each kind of statement needs, a line for each: the
 * table of docs/policy.md "What statements need", and of the engines' checks
 * where these ask for less. Every kind of statement that is known has a line.
 */
#include "analyze_support.h"

enum { T = 1, P = 2, TP = T | P };

struct row {
	unsigned dialects;
	const char *sql;
	const char *needs; /* as analyze_support.h writes it */
};

/* Tables abc (a, b, c) and ax (a, x) of cat.sch; session cat.sch. */
static const struct row rows[] = {
	{TP, "select a from abc", "select cat.sch.abc(a)"},
	{TP, "select count(*) from abc", "select cat.sch.abc()"},
	{TP, "select s.f(a) from abc",
	 "select cat.sch.abc(a); function cat.s [f]"},
	{TP, "table abc", "select cat.sch.abc(a,b,c*)"},
	{T, "select * from table(k.s.f(table(abc)))",
	 "select cat.sch.abc(a,b,c*); table_function k.s [f]"},
	{T, "with session k.p = 1 select a from abc",
	 "select cat.sch.abc(a); set_session [k.p]"},
	{T, "with function f() returns bigint return s.g() select f()",
	 "function cat.s [g]"},
	{TP, "insert into ax select a, b from abc",
	 "select cat.sch.abc(a,b); insert cat.sch.ax"},
	{TP, "insert into ax (x) values 1", "insert cat.sch.ax"},
	{TP, "delete from abc", "delete cat.sch.abc"},
	{TP, "delete from abc where b = 1",
	 "select cat.sch.abc(b); delete cat.sch.abc"},
	{TP, "update abc set a = b where c = 1",
	 "select cat.sch.abc(b,c); update cat.sch.abc"},
	{TP, "update abc set a = 1", "update cat.sch.abc"},
	{TP,
	 "merge into abc t using ax s on t.a = s.a when matched then update "
	 "set b = s.x when not matched then insert values (1, 2, 3)",
	 "select cat.sch.abc(a); select cat.sch.ax(a,x); insert cat.sch.abc; "
	 "update cat.sch.abc"},
	{TP,
	 "merge into abc t using ax s on t.a = s.a when matched then delete",
	 "select cat.sch.abc(a); select cat.sch.ax(a); delete cat.sch.abc"},
	{TP, "truncate table abc", "truncate cat.sch.abc"},
	{TP, "analyze abc", "select cat.sch.abc(a,b,c*); analyze cat.sch.abc"},
	{TP, "create table n as select a from abc",
	 "select cat.sch.abc(a); create_table cat.sch.n"},
	{TP, "create table if not exists n as select a from abc with no data",
	 "select cat.sch.abc(a); create_table cat.sch.n"},
	{T, "create or replace table n as select 1 as a",
	 "create_table cat.sch.n; drop_table cat.sch.n"},
	{TP, "create table n (a bigint)", "create_table cat.sch.n"},
	{TP, "create table n (like abc)",
	 "select cat.sch.abc(a,b,c*); create_table cat.sch.n"},
	{TP, "create table n (like abc including properties)",
	 "select cat.sch.abc(a,b,c*); create_table cat.sch.n; "
	 "show_create cat.sch.abc"},
	{TP, "drop table abc", "drop_table cat.sch.abc"},
	{TP, "create view n as select a from abc",
	 "select cat.sch.abc(a); create_view cat.sch.n"},
	{TP, "create view n security invoker as select a from abc",
	 "select cat.sch.abc(a); create_view cat.sch.n"},
	{TP, "create or replace view n as select 1 as a",
	 "create_view cat.sch.n; drop_view cat.sch.n"},
	{TP, "drop view n", "drop_view cat.sch.n"},
	{TP, "alter view abc rename to cat.sch.n",
	 "select cat.sch.abc(a,b,c*); create_view cat.sch.n; "
	 "rename_view cat.sch.abc"},
	{T, "alter view n refresh", "refresh_view cat.sch.n"},
	{TP, "create materialized view n as select a from abc",
	 "select cat.sch.abc(a); create_materialized_view cat.sch.n"},
	{TP, "drop materialized view n", "drop_materialized_view cat.sch.n"},
	{T, "alter materialized view abc rename to n",
	 "select cat.sch.abc(a,b,c*); create_materialized_view cat.sch.n; "
	 "rename_materialized_view cat.sch.abc"},
	{T, "alter materialized view n set properties p = 1",
	 "set_properties cat.sch.n"},
	{TP, "refresh materialized view n",
	 "refresh_materialized_view cat.sch.n"},
	{P, "refresh materialized view abc where a = 1",
	 "select cat.sch.abc(a); refresh_materialized_view cat.sch.abc"},
	{TP, "alter table abc rename to n",
	 "select cat.sch.abc(a,b,c*); create_table cat.sch.n; "
	 "rename_table cat.sch.abc"},
	{TP, "alter table abc add column n bigint", "add_column cat.sch.abc"},
	{T, "alter table abc add column a.n bigint",
	 "alter_column cat.sch.abc"},
	{TP, "alter table abc drop column a", "drop_column cat.sch.abc"},
	{TP, "alter table abc rename column a to n",
	 "select cat.sch.abc(a); rename_column cat.sch.abc"},
	{T, "alter table abc alter column a set data type bigint",
	 "alter_column cat.sch.abc"},
	{T, "alter table abc alter column a drop not null",
	 "alter_column cat.sch.abc"},
	{P, "alter table abc alter column a drop not null",
	 "add_constraint cat.sch.abc"},
	{P, "alter table abc drop constraint k", "drop_constraint cat.sch.abc"},
	{T, "alter table abc set properties p = 1",
	 "set_properties cat.sch.abc"},
	{T, "alter table abc set authorization bob",
	 "set_table_authorization cat.sch.abc"},
	{T, "alter table abc execute optimize where b = 1",
	 "select cat.sch.abc(b); table_procedure cat.sch.abc; "
	 "procedure cat.sch [optimize]"},
	{T, "create branch b in table abc", "create_branch cat.sch.abc"},
	{T, "drop branch b in table abc", "drop_branch cat.sch.abc"},
	{T, "alter branch b in table abc fast forward to c",
	 "fast_forward_branch cat.sch.abc"},
	{TP, "create schema k.s", "create_schema k.s"},
	{T, "create schema k.s authorization bob",
	 "create_schema k.s; set_schema_authorization k.s"},
	{TP, "drop schema k.s", "drop_schema k.s"},
	{TP, "alter schema k.s rename to n",
	 "create_schema k.n; rename_schema k.s"},
	{T, "create catalog k using c", "create_catalog k"},
	{T, "drop catalog k", "drop_catalog k"},
	{T, "comment on table abc is 'x'", "comment_table cat.sch.abc"},
	{T, "comment on view abc is 'x'", "comment_view cat.sch.abc"},
	{T, "comment on column abc.a is 'x'", "comment_column cat.sch.abc"},
	{TP, "call k.s.p(1)", "procedure k.s [p]"},
	{T, "create function k.s.f() returns bigint return 1",
	 "create_function k.s [f]"},
	{T, "create or replace function k.s.f() returns bigint return 1",
	 "create_function k.s [f]; drop_function k.s [f]"},
	{TP, "drop function k.s.f(bigint)", "drop_function k.s [f]"},
	{P, "alter function k.s.f(bigint) called on null input",
	 "alter_function k.s [f]"},
	{P, "create type k.s.t as (x bigint)", "opaque"},
	{P, "create vector index i on abc (a)",
	 "select cat.sch.abc(a,b,c*); create_table cat.sch.i"},
	{TP, "grant select on abc to bob", "grant_table cat.sch.abc [select]"},
	{TP, "revoke select on abc from bob",
	 "grant_table cat.sch.abc [select]"},
	{T, "deny select on abc to bob", "grant_table cat.sch.abc [select]"},
	{T, "grant create on schema k.s to bob", "grant_schema k.s [create]"},
	{T, "grant r to user bob in k", "manage_roles k"},
	{P, "grant r to user bob", "manage_roles cat"},
	{T, "create role r", "opaque"},
	{T, "create role r in k", "manage_roles k"},
	{T, "drop role r in k", "manage_roles k"},
	{TP, "set role all", "opaque"},
	{T, "set session authorization bob", "opaque"},
	{T, "reset session authorization", "opaque"},
	{T, "set path a.b", "opaque"},
	{TP, "set session a = 1", "set_session [a]"},
	{TP, "set session k.p = 1", "set_session [k.p]"},
	{TP, "reset session a", ""},
	{T, "set time zone local", "set_session [time_zone_id]"},
	{TP, "use k.s", "use k.s"},
	{TP, "start transaction", ""},
	{TP, "commit", ""},
	{TP, "rollback", ""},
	{TP, "prepare q from select a from abc", ""},
	{TP, "deallocate prepare q", ""},
	{TP, "execute known", "select cat.sch.ax(x)"},
	{TP, "describe input known", "select cat.sch.ax(x)"},
	{TP, "describe output known", "select cat.sch.ax(x)"},
	{T, "execute immediate 'delete from abc'", "delete cat.sch.abc"},
	{TP, "explain select a from abc", "select cat.sch.abc(a)"},
	{TP, "explain (type validate) drop table abc",
	 "drop_table cat.sch.abc"},
	{TP, "explain analyze insert into ax select 1, 2", "insert cat.sch.ax"},
	{TP, "show catalogs", "show_catalogs"},
	{TP, "show schemas from k", "show_schemas k"},
	{TP, "show tables from k.s", "show_tables k.s"},
	{TP, "show columns from abc", "show_columns cat.sch.abc"},
	{TP, "describe abc", "show_columns cat.sch.abc"},
	{TP, "show create table abc", "show_create cat.sch.abc"},
	{TP, "show create view abc", "show_create cat.sch.abc"},
	{TP, "show create schema k.s", "show_create_schema k.s"},
	{T, "show create function k.s.f", "show_create_function k.s [f]"},
	{TP, "show stats for abc", "select cat.sch.abc(a,b,c)"},
	{T, "show stats for (select a from abc where b = 1)",
	 "select cat.sch.abc(a,b)"},
	{TP, "show functions", ""},
	{T, "show functions from k.s", "show_functions k.s"},
	{TP, "show session", ""},
	{TP, "show grants on abc", "show_grants cat.sch.abc"},
	{TP, "show grants", "show_all_grants cat"},
	{T, "show roles", "opaque"},
	{T, "show roles from k", "show_roles k"},
	{TP, "show role grants from k", "show_roles k"},
	{T, "show branches from table abc", "show_branches cat.sch.abc"},
};

static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	(void)arg;
	*text_out = DG_STR("select x from ax");
	return dg_str_eq(name, DG_STR("known"));
}

static void
check_row(struct sql_fixture *f, const struct row *row,
	  enum dg_sql_dialect dialect)
{
	struct dg_sql_context context = small_context(f);
	struct dg_str sql = dg_str_from_cstr(row->sql);

	context.engine = dialect == DG_SQL_TRINO ? sql_trino(0) : sql_presto(0);
	context.prepared = find_prepared;
	assert_same(access_in(f, sql, &context), dg_str_from_cstr(row->needs),
		    sql);
}

static void
test_rows(void **state)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		if ((rows[i].dialects & T) != 0)
			check_row(*state, &rows[i], DG_SQL_TRINO);
		if ((rows[i].dialects & P) != 0)
			check_row(*state, &rows[i], DG_SQL_PRESTO);
	}
}

/* A kind of statement that has no line would be one that nobody thought of. */
static void
test_every_kind(void **state)
{
	static const char *const names[] = {
#define DG_SQL_STATEMENT(id, name, read_only) name,
#include "sqlparse/statements.def"
#undef DG_SQL_STATEMENT
	};
	bool seen[DG_ARRAY_LEN(names)] = {false};
	struct sql_fixture *f = *state;

	/* Only versions that nobody runs any more have it. */
	seen[DG_SQL_STMT_SHOW_PARTITIONS] = true;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		struct dg_sql_tree *tree;

		dg_arena_reset(f->arena);
		assert_int_equal(sql_parse(f, dg_str_from_cstr(rows[i].sql),
					   (rows[i].dialects & T) != 0
						   ? sql_trino(0)
						   : sql_presto(0),
					   &tree),
				 DG_OK);
		seen[dg_sql_tree_statement(tree)] = true;
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++)
		if (!seen[i])
			fail_msg("no line for %s", names[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_every_kind, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.rights", tests, NULL,
					   NULL);
}

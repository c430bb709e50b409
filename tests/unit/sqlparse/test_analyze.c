/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_analyze.c - dg_sql_analyze as its callers see it: what the context
 * gives, tables not known yet, prepared statements, which statements have no
 * effect, errors in the client's text.
 */
#include "analyze_support.h"

#include <stdio.h>

/* ---- the catalog ------------------------------------------------------- */

struct recorder {
	unsigned calls;
	char names[16][64];
	enum dg_sql_lookup answer;
};

static enum dg_sql_lookup
record(void *arg, const struct dg_sql_name *table,
       struct dg_sql_columns *columns_out)
{
	struct recorder *r = arg;

	assert_true(r->calls < DG_ARRAY_LEN(r->names));
	snprintf(r->names[r->calls++], sizeof(r->names[0]), "%.*s.%.*s.%.*s",
		 DG_STR_ARG(table->catalog), DG_STR_ARG(table->schema),
		 DG_STR_ARG(table->table));
	*columns_out =
		(struct dg_sql_columns){.names = abc_names, .n_names = 3};
	return r->answer;
}

/* Once a table, in lower case, whatever the session's names look like. */
static void
test_lookups(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"select 1 from T, \"t\", CAT.Sch.T x, S.t, c.s.\"U\" where "
		"exists (select 1 from t)");
	struct sql_fixture *f = *state;
	struct recorder recorder = {.answer = DG_SQL_FOUND};
	struct dg_sql_context context = small_context(f);

	context.catalog = DG_STR("Cat");
	context.schema = DG_STR("SCH");
	context.columns = record;
	context.arg = &recorder;
	assert_same(access_in(f, sql, &context),
		    DG_STR("select c.s.u(); select cat.s.t(); "
			   "select cat.sch.t()"),
		    sql);
	assert_int_equal(recorder.calls, 3);
	assert_string_equal(recorder.names[0], "cat.sch.t");
	assert_string_equal(recorder.names[1], "cat.s.t");
	assert_string_equal(recorder.names[2], "c.s.u");
}

static void
test_without_catalog(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_str sql = DG_STR("select a, b from abc");

	context.columns = NULL;
	assert_same(access_in(f, sql, &context),
		    DG_STR("select cat.sch.abc(a,b)?"), sql);
}

/* Columns that come with another answer than FOUND are not looked at. */
static void
test_columns_only_when_found(void **state)
{
	static const enum dg_sql_lookup answers[] = {
		DG_SQL_ABSENT, DG_SQL_PENDING, DG_SQL_NO_VIEW};
	struct sql_fixture *f = *state;
	struct dg_str sql = DG_STR("select * from abc");

	for (size_t i = 0; i < DG_ARRAY_LEN(answers); i++) {
		struct recorder recorder = {.answer = answers[i]};
		struct dg_sql_context context = small_context(f);

		context.columns = record;
		context.arg = &recorder;
		assert_same(access_in(f, sql, &context),
			    DG_STR("select cat.sch.abc(*)?"), sql);
	}
}

static void
test_pending(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"with c as (select * from p1) select a, \"$h\" from p2, abc, "
		"u1 where exists (select * from p1, p3 where p3.x = y) and "
		"b in (select n from \"p4$files\")");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	/* "p4$files" itself as well: it might be a table of its own. */
	assert_int_equal(analysis.n_pending, 5);
	assert_same(analysis.pending[0].table, DG_STR("p1"), sql);
	assert_same(analysis.pending[1].table, DG_STR("p2"), sql);
	assert_same(analysis.pending[2].table, DG_STR("p3"), sql);
	assert_same(analysis.pending[3].table, DG_STR("p4$files"), sql);
	assert_same(analysis.pending[4].table, DG_STR("p4"), sql);
	assert_same(analysis.pending[0].catalog, DG_STR("cat"), sql);
	assert_same(analysis.pending[0].schema, DG_STR("sch"), sql);
}

/* What is an error only while columns are not known waits for them. */
static void
test_pending_error(void **state)
{
	/* Known, column a would have methods; unknown, it is a function. */
	static const struct dg_str sql =
		DG_STR_INIT("select a.b.c.d(1) from p1");
	static const struct dg_str without = DG_STR_INIT("select a.b.c.d(1)");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	assert_int_equal(analysis.n_pending, 1);
	assert_same(analysis.pending[0].table, DG_STR("p1"), sql);
	assert_int_equal(analysis.n_access, 0);
	assert_int_equal(analyze_in(f, without, &context, &analysis),
			 DG_ERR_INVALID);
}

/* ---- prepared statements ----------------------------------------------- */

static bool
give_text(void *arg, struct dg_str name, struct dg_str *text_out)
{
	const char *text = arg;

	if (!dg_str_eq(name, DG_STR("p")))
		return false;
	*text_out = dg_str_from_cstr(text);
	return true;
}

static enum dg_sql_lookup
find_small(void *arg, const struct dg_sql_name *table,
	   struct dg_sql_columns *columns_out)
{
	(void)arg;
	return small_catalog(NULL, table, columns_out);
}

/* Whatever is inside, it points at the name in EXECUTE. */
static void
test_execute_offsets(void **state)
{
	static char text[] = "select * from abc, table(x.y.z(table(ax))) "
			     "where a = ? and s.f(b)";
	static char wrong[] = "select nosuch\n from abc, ax";
	static char broken[] = "\n\n\n\n\n   select select";
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;
	struct dg_str sql = DG_STR("  execute p using 1");

	context.columns = find_small;
	context.prepared = give_text;
	context.arg = text;
	assert_int_equal(analyze_in(f, sql, &context, &analysis),
			 DG_ERR_INVALID);
	assert_string_equal(f->err.text, "Column 'a' is ambiguous");
	assert_int_equal(f->err.offset, 10);
	assert_int_equal(f->err.column, 11);

	context.arg = wrong;
	assert_int_equal(analyze_in(f, sql, &context, &analysis),
			 DG_ERR_INVALID);
	assert_int_equal(f->err.line, 1);
	assert_int_equal(f->err.offset, 10);
	context.arg = broken;
	assert_int_equal(analyze_in(f, sql, &context, &analysis),
			 DG_ERR_INVALID);
	assert_int_equal(f->err.kind, DG_SQL_E_SYNTAX);
	assert_int_equal(f->err.line, 1);
	assert_int_equal(f->err.offset, 10);

	sql = DG_STR("explain execute immediate 'select *, s.f(1) from abc'");
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	assert_int_equal(analysis.statement, DG_SQL_STMT_EXPLAIN);
	assert_int_equal(analysis.n_access, 2);
	assert_int_equal(analysis.access[0].offset, 26);
	assert_int_equal(analysis.access[0].columns[2].offset, 26);
	assert_int_equal(analysis.access[1].offset, 26);
}

static void
test_execute_without_any(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_str sql = DG_STR("execute p");

	assert_same(access_of(f, sql),
		    DG_STR("resolve 1:9 Prepared statement not found: p"), sql);
}

/* Limits hold for the inner text too, also when the context has none. */
static void
test_execute_limits(void **state)
{
	static char text[] = "select a + b + c from abc";
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_limits tight = dg_sql_default_limits;
	struct dg_sql_analysis analysis;
	struct dg_str sql = DG_STR("execute p");

	context.columns = find_small;
	context.prepared = give_text;
	context.arg = text;
	context.limits = NULL;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	tight.max_tokens = 4;
	context.limits = &tight;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_ERR_LIMIT);
	assert_int_equal(f->err.kind, DG_SQL_E_LIMIT);
	assert_int_equal(f->err.line, 1);
}

/* ---- effects ----------------------------------------------------------- */

static void
test_read_only(void **state)
{
	static const struct {
		const char *sql;
		bool read_only;
	} cases[] = {
		{"select 1", true},
		{"table abc", true},
		{"select * from table(s.f(1))", false},
		{"select s.f(1)", true},
		{"explain select 1", true},
		{"explain insert into ax select 1, 2", true},
		{"explain analyze select 1", false},
		{"show catalogs", true},
		{"show schemas", true},
		{"show tables", true},
		{"describe abc", true},
		{"use x", true},
		{"set session x = 1", true},
		{"reset session x", true},
		{"prepare p from insert into ax select 1, 2", true},
		{"deallocate prepare p", true},
		{"execute immediate 'select 1'", true},
		{"execute immediate 'drop table abc'", false},
		{"execute p", false},
		{"start transaction", false},
		{"commit", false},
		{"rollback", false},
		{"create table y as select 1 x", false},
		{"insert into ax select 1, 2", false},
		{"delete from abc", false},
		{"drop table abc", false},
		{"create view v as select 1 x", false},
		{"drop view v", false},
	};
	static char inserts[] = "insert into ax select 1, 2";
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = find_small;
	context.prepared = give_text;
	context.arg = inserts;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_analysis analysis;
		struct dg_str sql = dg_str_from_cstr(cases[i].sql);

		assert_int_equal(analyze_in(f, sql, &context, &analysis),
				 DG_OK);
		if (analysis.read_only != cases[i].read_only)
			fail_msg("%s", cases[i].sql);
	}
}

static void
test_failure_leaves_output(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis = {.n_access = 77};

	assert_int_equal(analyze_in(f, DG_STR("select nosuch from abc, ax"),
				    &context, &analysis),
			 DG_ERR_INVALID);
	assert_int_equal(analysis.n_access, 77);
	assert_int_equal(f->err.kind, DG_SQL_E_NO_COLUMN);
	assert_int_equal(analyze_in(f,
				    DG_STR("select 1 from abc natural join "
					   "ax"),
				    &context, &analysis),
			 DG_ERR_UNSUPPORTED);
	assert_int_equal(f->err.kind, DG_SQL_E_UNSUPPORTED);
}

/* Each as Trino names it; all of them are of one kind to who prints them. */
static void
test_kinds_of_errors(void **state)
{
	static const struct {
		const char *text;
		enum dg_sql_error_kind kind;
	} cases[] = {
		{"select nosuch from abc, ax", DG_SQL_E_NO_COLUMN},
		{"select 1 from abc x join ax y using (nosuch)",
		 DG_SQL_E_NO_COLUMN},
		{"select a from abc, ax", DG_SQL_E_AMBIGUOUS},
		{"select 1 from abc as t (x)", DG_SQL_E_ALIASES},
		{"with t (x) as (select 1, 2) select 1 from t",
		 DG_SQL_E_ALIASES},
		{"with t as (select 1), t as (select 2) select 1",
		 DG_SQL_E_SAME_QUERY},
		{"select 1 from a.b.c.d", DG_SQL_E_PARTS},
		{"create schema a.b.c", DG_SQL_E_PARTS},
		{"select a.b.c.d(1)", DG_SQL_E_NO_FUNCTION},
		{"select *", DG_SQL_E_NO_COLUMN},
		{"comment on column e is 'x'", DG_SQL_E_NO_TABLE},
		{"with recursive t as (select 1 union all select * from t) "
		 "select 1 from t",
		 DG_SQL_E_NO_ALIASES},
		{"execute p", DG_SQL_E_RESOLVE},
	};
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis = {0};

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		assert_int_equal(analyze_in(f, dg_str_from_cstr(cases[i].text),
					    &context, &analysis),
				 DG_ERR_INVALID);
		assert_int_equal(f->err.kind, cases[i].kind);
		assert_true(dg_sql_error_is_of_names(f->err.kind));
		assert_string_equal(dg_sql_error_kind_name(f->err.kind),
				    "resolve");
	}
	context.schema = DG_STR_EMPTY;
	assert_int_equal(
		analyze_in(f, DG_STR("select 1 from abc"), &context, &analysis),
		DG_ERR_INVALID);
	assert_int_equal(f->err.kind, DG_SQL_E_NO_SCHEMA);
	context.catalog = DG_STR_EMPTY;
	assert_int_equal(analyze_in(f, DG_STR("show tables from s"), &context,
				    &analysis),
			 DG_ERR_INVALID);
	assert_int_equal(f->err.kind, DG_SQL_E_NO_CATALOG);
	assert_false(dg_sql_error_is_of_names(DG_SQL_E_LIMIT));
	assert_false(dg_sql_error_is_of_names(DG_SQL_E_UNSUPPORTED));
}

/* Lines and columns count as the engine's do. */
static void
test_error_positions(void **state)
{
	static const struct {
		const char *sql;
		const char *expected;
	} cases[] = {
		{"select\r\n\nnosuch from abc, ax",
		 "resolve 3:1 Column 'nosuch' cannot be resolved"},
		{"select '\xc3\xa9', nosuch from abc, ax",
		 "resolve 1:13 Column 'nosuch' cannot be resolved"},
		{"select /*\n*/ t.nosuch.x from ax",
		 "resolve 2:4 Column 't.nosuch.x' cannot be resolved"},
		{"select a.b.c.d.e.f from ax t, abc",
		 "resolve 1:8 Column 'a' is ambiguous"},
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str sql = dg_str_from_cstr(cases[i].sql);

		assert_same(access_of(f, sql),
			    dg_str_from_cstr(cases[i].expected), sql);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lookups, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_without_catalog, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_columns_only_when_found,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_pending, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_pending_error, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_execute_offsets, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_execute_without_any,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_execute_limits, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_read_only, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_failure_leaves_output,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_kinds_of_errors, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_error_positions, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.analyze", tests, NULL,
					   NULL);
}

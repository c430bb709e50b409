/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_access.c - the form of the access list: order, one entry a right, one
 * use a column, and where in the text each of them points.
 */
#include "analyze_support.h"

static void
assert_offset(struct dg_str sql, size_t offset, const char *text)
{
	struct dg_str found = dg_str_slice(sql, offset, sql.len);

	if (!dg_str_starts_with(found, dg_str_from_cstr(text)))
		fail_msg("%zu of %.*s is not at %s", offset, DG_STR_ARG(sql),
			 text);
}

static struct dg_sql_analysis
analysis_of(struct sql_fixture *f, struct dg_str sql)
{
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	dg_arena_reset(f->arena);
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	return analysis;
}

static void
test_order(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"insert into z.z.z select s2.g(c), s1.f(a), s1.f(b), s1.e(1) "
		"from b.b.b, abc, b.a.a, a.z.z, table(f()), table(c.s.g()), "
		"abc other");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.engine.version = 476; /* without methods of columns */
	assert_same(access_in(f, sql, &context),
		    DG_STR("resolve 1:31 Column 'c' is ambiguous"), sql);
	assert_same(
		access_in(f,
			  DG_STR("insert into z.z.z select s2.g(1), s1.f(2), "
				 "s1.f(3), s1.e(1) from b.b.b, abc, b.a.a, "
				 "a.z.z, table(f()), table(c.s.g()), abc o"),
			  &context),
		DG_STR("select a.z.z()?; select b.a.a()?; select b.b.b()?; "
		       "select cat.sch.abc(); insert z.z.z; "
		       "table_function [f]; table_function c.s [g]; "
		       "function cat.s1 [e]; function cat.s1 [f]; "
		       "function cat.s2 [g]"),
		sql);
}

/* Long lists are sorted by other code than short ones. */
static void
test_many(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_sql_analysis analysis;
	struct dg_buf text;

	dg_buf_init(&text, 1 << 20);
	for (unsigned n = 1; n < 60; n++) {
		dg_buf_clear(&text);
		append(&text, "select ", DG_STR_EMPTY);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(dg_buf_appendf(&text, "n0.c%u, ",
							(i * 37 + 11) % n),
					 DG_OK);
		append(&text, "1 from n0", DG_STR_EMPTY);
		for (unsigned i = 1; i < n; i++)
			assert_int_equal(
				dg_buf_appendf(&text, ", n%u", (i * 41) % n),
				DG_OK);
		analysis = analysis_of(f, dg_buf_peek(&text));
		assert_true(analysis.n_access >= 1);
		assert_true(analysis.access[0].n_columns <= n);
		for (size_t i = 1; i < analysis.n_access; i++)
			assert_true(
				dg_str_cmp(analysis.access[i - 1].object.table,
					   analysis.access[i].object.table) <
				0);
		for (size_t i = 1; i < analysis.access[0].n_columns; i++)
			assert_true(
				dg_str_cmp(
					analysis.access[0].columns[i - 1].name,
					analysis.access[0].columns[i].name) <
				0);
	}
	dg_buf_fini(&text);
}

/* The first use in the text, in whichever order clauses are visited. */
static void
test_offsets(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"select /*1*/ b, c /*2*/ from /*3*/ abc where /*4*/ b = "
		"/*5*/ a and (select /*6*/ t.x from /*7*/ ax t) = 1");
	struct sql_fixture *f = *state;
	struct dg_sql_analysis analysis = analysis_of(f, sql);
	const struct dg_sql_access *abc = &analysis.access[0];
	const struct dg_sql_access *ax = &analysis.access[1];

	assert_int_equal(analysis.n_access, 2);
	assert_offset(sql, abc->offset, "abc where");
	assert_int_equal(abc->n_columns, 3);
	assert_offset(sql, abc->columns[0].offset, "a and");
	assert_offset(sql, abc->columns[1].offset, "b, c");
	assert_offset(sql, abc->columns[2].offset, "c /*2*/");
	assert_offset(sql, ax->offset, "ax t");
	assert_offset(sql, ax->columns[0].offset, "t.x");
}

static void
test_offsets_of_stars(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"select b, * from abc union select t.*, 1 from abc t");
	static const struct dg_str later =
		DG_STR_INIT("select t.* from abc t where t.c = 1");
	struct sql_fixture *f = *state;
	struct dg_sql_analysis analysis = analysis_of(f, sql);

	assert_offset(sql, analysis.access[0].columns[0].offset, "* from");
	assert_offset(sql, analysis.access[0].columns[1].offset, "b, *");
	assert_offset(sql, analysis.access[0].columns[2].offset, "* from");
	analysis = analysis_of(f, later);
	assert_offset(later, analysis.access[0].columns[2].offset, "t.*");
}

static void
test_offsets_of_rights(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("insert into ax select s.f(a), s.f(b) from abc, "
			    "table(c.s.g(1))");
	struct sql_fixture *f = *state;
	struct dg_sql_analysis analysis = analysis_of(f, sql);

	assert_int_equal(analysis.n_access, 4);
	assert_int_equal(analysis.access[1].action, DG_SQL_ACT_INSERT);
	assert_offset(sql, analysis.access[1].offset, "ax select");
	assert_int_equal(analysis.access[2].action, DG_SQL_ACT_TABLE_FUNCTION);
	assert_offset(sql, analysis.access[2].offset, "c.s.g(1)");
	assert_int_equal(analysis.access[3].action, DG_SQL_ACT_FUNCTION);
	assert_offset(sql, analysis.access[3].offset, "s.f(a)");
}

/* Names of columns are the catalog's own, not what the statement calls them. */
static void
test_spelling_of_columns(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_sql_analysis analysis =
		analysis_of(f, DG_STR("select \"A\", B from ABC"));

	assert_ptr_equal(analysis.access[0].columns[0].name.data,
			 abc_names[0].data);
	assert_ptr_equal(analysis.access[0].columns[1].name.data,
			 abc_names[1].data);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(dg_sql_action_name(DG_SQL_ACT_SELECT), "select");
	assert_string_equal(dg_sql_action_name(DG_SQL_ACT_OPAQUE), "opaque");
	assert_string_equal(dg_sql_action_name(DG_SQL_ACT_CREATE_TABLE),
			    "create_table");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_many, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_offsets, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_offsets_of_stars,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_offsets_of_rights,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_spelling_of_columns,
						sql_setup, sql_teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("sqlparse.access", tests, NULL,
					   NULL);
}

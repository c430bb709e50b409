/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_view.c - what reading through a view with the reader's rights needs,
 * and what a REFRESH does.
 */
#include "analyze_support.h"

#include <stdio.h>

static const struct dg_str read_names[] = {DG_STR_INIT("a"),
					   DG_STR_INIT("hidden")};
static const struct dg_sql_view_read told_reads[] = {
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"), DG_STR_INIT("abc")},
	 .columns = read_names,
	 .n_columns = 2},
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"), DG_STR_INIT("ax")}},
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"), DG_STR_INIT("p9")},
	 .owner = DG_STR_INIT("bob")},
};
static const struct dg_sql_view_read metadata_reads[] = {
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"),
		   DG_STR_INIT("abc$files")},
	 .columns = read_names,
	 .n_columns = 1},
};
static const struct dg_sql_view_read odd_reads[] = {
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"),
		   DG_STR_INIT("ax,abc")}},
};
/* Of whoever made the view. */
static const struct dg_sql_view_read owned_reads[] = {
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"), DG_STR_INIT("abc")},
	 .columns = read_names,
	 .n_columns = 1,
	 .owner = DG_STR_INIT("ann")},
	{.table = {DG_STR_INIT("cat"), DG_STR_INIT("sch"), DG_STR_INIT("ax")},
	 .owner = DG_STR_INIT("bob")},
};

#define TOLD(name, sql) \
	{ \
		name, \
		{ \
			.rights = DG_SQL_VIEW_READER, \
			.text = DG_STR_INIT(sql), .is_told = true, \
			.reads = told_reads, .n_reads = 3 \
		} \
	}
#define TEXT(name, sql) \
	{ \
		name, \
		{ \
			.rights = DG_SQL_VIEW_READER, .text = DG_STR_INIT(sql) \
		} \
	}

static const struct {
	const char *name;
	struct dg_sql_view view;
} views[] = {
	TOLD("told", "create view cat.sch.told security invoker as "
		     "select f.g.h(a) from short"),
	TOLD("told_table_function",
	     "select * from table(pg.system.query(query => 'x'))"),
	TOLD("told_short_function", "select * from table(s.f(1))"),
	TOLD("told_unreadable", "select from"),
	TEXT("complete", "select a from cat.sch.abc where b = 1"),
	TEXT("made", "create view x.y.z as select x from cat.sch.ax"),
	TEXT("star", "select * from cat.sch.abc"),
	TEXT("stale", "create materialized view x.y.z as select b from "
		      "cat.sch.abc"),
	TEXT("short", "select a from abc"),
	TEXT("short_schema", "select a from sch.abc"),
	TEXT("wrong", "select nosuch from cat.sch.abc, cat.sch.ax"),
	TEXT("no_query", "drop table cat.sch.abc"),
	TEXT("within",
	     "with t as (select a from cat.sch.complete) select a from t"),
	TEXT("itself", "select itself.a from cat.sch.itself, cat.sch.ax"),
	TEXT("pending", "select a from cat.sch.p1"),
	TEXT("broken_with",
	     "with t as (select a from nowhere) select 1 from t"),
	{"mine",
	 {.rights = DG_SQL_VIEW_OWNER, .reads = owned_reads, .n_reads = 2}},
	{"owners",
	 {.rights = DG_SQL_VIEW_OWNER,
	  .text = DG_STR_INIT("create materialized view x.y.z as "
			      "select b from abc")}},
	{"abc$v",
	 {.rights = DG_SQL_VIEW_READER,
	  .text = DG_STR_INIT("select x from cat.sch.ax")}},
	{"gone$v",
	 {.rights = DG_SQL_VIEW_READER,
	  .text = DG_STR_INIT("select x from cat.sch.ax")}},
	{"deep",
	 {.rights = DG_SQL_VIEW_READER,
	  .text = DG_STR_INIT("select a from cat.sch.u1")}},
	{"unknown", {.rights = DG_SQL_VIEW_UNKNOWN}},
	{"files",
	 {.rights = DG_SQL_VIEW_READER,
	  .text = DG_STR_INIT("select 1"),
	  .is_told = true,
	  .reads = metadata_reads,
	  .n_reads = 1}},
	{"told_odd",
	 {.rights = DG_SQL_VIEW_READER,
	  .text = DG_STR_INIT("select 1"),
	  .is_told = true,
	  .reads = odd_reads,
	  .n_reads = 1}},
};

static enum dg_sql_lookup
view_catalog(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	if (!dg_str_eq(table->catalog, DG_STR("cat")))
		return DG_SQL_ABSENT;
	for (size_t i = 0; i < DG_ARRAY_LEN(views); i++) {
		if (!dg_str_eq(table->table, dg_str_from_cstr(views[i].name)))
			continue;
		*columns_out = (struct dg_sql_columns){
			.names = abc_names,
			.n_names = 3,
			.view = &views[i].view,
		};
		return DG_SQL_FOUND;
	}
	return small_catalog(arg, table, columns_out);
}

static void
test_reads(void **state)
{
	static const struct {
		const char *sql;
		const char *needs;
	} cases[] = {
		{"select a from told",
		 "select cat.sch.abc(a,hidden); select cat.sch.ax(); "
		 "select cat.sch.told(a); function f.g [h]"},
		{"select a from told_table_function",
		 "select cat.sch.abc(a,hidden); select cat.sch.ax(); "
		 "select cat.sch.told_table_function(a); "
		 "table_function pg.system [query]"},
		{"select abc.c from abc, complete",
		 "select cat.sch.abc(a,b,c); select cat.sch.complete()"},
		{"select a from made",
		 "select cat.sch.ax(x); select cat.sch.made(a)"},
		{"select 1 from star",
		 "select cat.sch.abc(a,b,c); select cat.sch.star()"},
		{"select a from within",
		 "select cat.sch.abc(a,b); select cat.sch.complete(a); "
		 "select cat.sch.within(a)"},
		{"select 1 from itself",
		 "select cat.sch.ax(); select cat.sch.itself(a)"},
		{"select a from mine",
		 "select cat.sch.abc(a); select cat.sch.mine(a)"},
		{"select a from owners", "select cat.sch.owners(a)"},
		{"create view v as select a from complete",
		 "select cat.sch.abc(a,b); select cat.sch.complete(a); "
		 "create_view cat.sch.v"},
		{"select 1 from files",
		 "select cat.sch.abc(a,b,c*); select cat.sch.files(); "
		 "select_literal cat.sch.abc$files"},
		/* A view shadows a metadata table, and is read besides. */
		{"select a from \"abc$v\"",
		 "select cat.sch.abc(a,b,c*); select cat.sch.ax(x); "
		 "select_literal cat.sch.abc$v"},
		{"select a from \"gone$v\"",
		 "select cat.sch.ax(x); select cat.sch.gone$v(a)"},
		{"refresh materialized view owners",
		 "select cat.sch.abc(b); "
		 "refresh_materialized_view cat.sch.owners"},
		{"refresh materialized view abc",
		 "refresh_materialized_view cat.sch.abc"},
	};
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = view_catalog;
	context.user = DG_STR("ann");
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_same(
			access_in(f, dg_str_from_cstr(cases[i].sql), &context),
			dg_str_from_cstr(cases[i].needs),
			dg_str_from_cstr(cases[i].sql));
}

/* What cannot be told is nobody's to read, and not a limit or an error. */
static void
test_opaque_views(void **state)
{
	static const char *const names[] = {
		"short",    "short_schema",        "wrong",
		"no_query", "told_short_function", "told_unreadable",
		"unknown",  "broken_with",         "told_odd",
	};
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;
	char sql[64];

	context.columns = view_catalog;
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		const struct dg_sql_access *last;

		dg_arena_reset(f->arena);
		snprintf(sql, sizeof(sql), "select 1\nfrom %s", names[i]);
		assert_int_equal(analyze_in(f, dg_str_from_cstr(sql), &context,
					    &analysis),
				 DG_OK);
		last = &analysis.access[analysis.n_access - 1];
		if (last->action != DG_SQL_ACT_OPAQUE)
			print_message("%s\n", names[i]);
		assert_int_equal(last->action, DG_SQL_ACT_OPAQUE);
		assert_int_equal(last->offset, strlen("select 1\nfrom "));
		assert_true(dg_str_starts_with(last->reason,
					       DG_STR("what view cat.sch.")));
		assert_int_equal(analysis.n_pending, 0);
	}
}

/* Everything is needed where the view is named. */
static void
test_places(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("select 1 from ax, within, told, owners");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	context.columns = view_catalog;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	for (size_t i = 0; i < analysis.n_access; i++)
		assert_true(analysis.access[i].offset < sql.len);
	assert_same(analysis.access[0].object.table, DG_STR("abc"), sql);
	assert_int_equal(analysis.access[0].offset,
			 dg_str_find(sql, 'w', 0)); /* within */
}

static void
test_pending_within(void **state)
{
	static const struct dg_str sql = DG_STR_INIT("select a from pending");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	context.columns = view_catalog;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	assert_int_equal(analysis.n_pending, 1);
	assert_same(analysis.pending[0].table, DG_STR("p1"), sql);
}

/* Presto refreshes with the owner's rights. */
static void
test_refresh_presto(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("refresh materialized view owners where a = 1");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = view_catalog;
	context.engine = (struct dg_sql_engine){DG_SQL_PRESTO, 287};
	assert_same(access_in(f, sql, &context),
		    DG_STR("select cat.sch.owners(a); "
			   "refresh_materialized_view cat.sch.owners"),
		    sql);
}

/* SELECT * of what is beneath, where its rows are out of date. */
static void
test_materialized_presto(void **state)
{
	static const struct dg_str sql = DG_STR_INIT("select a from stale");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = view_catalog;
	context.engine = (struct dg_sql_engine){DG_SQL_PRESTO, 287};
	assert_same(access_in(f, sql, &context),
		    DG_STR("select cat.sch.abc(a,b,c); "
			   "select cat.sch.stale(a)"),
		    sql);
}

/* What may be a view of its reader's is not taken for a table. */
static void
test_unknown_kinds(void **state)
{
	static const struct {
		const char *sql;
		const char *unknown; /* NULL: nothing that counts */
		unsigned presto;     /* version; 0: Trino */
	} cases[] = {
		{"select 1 from abc, u1", "u1", 0},
		{"select 1 from u1", "u1", 239},
		{"select 1 from u1", NULL, 238},
		{"select 1 from n1", NULL, 0},
		{"select 1 from \"n1$x\"", NULL, 0},
		{"select 1 from nosuch", NULL, 0},
		{"select 1 from deep", "u1", 0},
		{"select 1 from \"u$x\"", "u", 0},
		{"describe u1", NULL, 0},
		{"insert into u1 select a from abc", NULL, 0},
		{"create view v as table u1", "u1", 0},
		{"refresh materialized view u1", "u1", 0},
	};
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = view_catalog;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_analysis analysis;
		struct dg_str found = DG_STR_EMPTY;

		context.engine =
			cases[i].presto == 0
				? sql_trino(0)
				: (struct dg_sql_engine){DG_SQL_PRESTO,
							 cases[i].presto};
		dg_arena_reset(f->arena);
		assert_int_equal(analyze_in(f, dg_str_from_cstr(cases[i].sql),
					    &context, &analysis),
				 DG_OK);
		for (size_t a = 0; a < analysis.n_access; a++)
			if (analysis.access[a].action == DG_SQL_ACT_OPAQUE &&
			    analysis.access[a].is_passing && found.len == 0)
				found = analysis.access[a].object.table;
		assert_same(found,
			    cases[i].unknown == NULL
				    ? DG_STR_EMPTY
				    : dg_str_from_cstr(cases[i].unknown),
			    dg_str_from_cstr(cases[i].sql));
	}
}

static enum dg_sql_lookup
fail_to_tell(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	(void)arg;
	(void)table;
	columns_out->why = DG_STR("it is asleep");
	return DG_SQL_UNAVAILABLE;
}

/* Each name once, where it stands first, with what went wrong. */
static void
test_words_of_unknown_kinds(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("select 1 from t1 x, s.t2, t1 y");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	context.columns = fail_to_tell;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	assert_int_equal(analysis.n_access, 4);
	assert_int_equal(analysis.access[3].action, DG_SQL_ACT_OPAQUE);
	assert_same(analysis.access[3].object.table, DG_STR("t1"), sql);
	assert_int_equal(analysis.access[3].offset, dg_str_find(sql, 't', 10));
	assert_same(analysis.access[3].reason,
		    DG_STR("Whether cat.sch.t1 is a view that reads with the "
			   "rights of its reader could not be found out: it is "
			   "asleep; try again later"),
		    sql);
	assert_int_equal(analysis.access[2].action, DG_SQL_ACT_OPAQUE);
	assert_same(analysis.access[2].object.schema, DG_STR("s"), sql);
}

/* A definition that cannot be had is not taken for an empty one. */
static void
test_refresh_unknown(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("refresh materialized view u1");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_sql_analysis analysis;

	context.columns = view_catalog;
	assert_int_equal(analyze_in(f, sql, &context, &analysis), DG_OK);
	assert_int_equal(analysis.n_access, 2);
	assert_int_equal(analysis.access[1].action, DG_SQL_ACT_OPAQUE);
}

static enum dg_sql_lookup
withhold(void *arg, const struct dg_sql_name *table,
	 struct dg_sql_columns *columns_out)
{
	(void)arg;
	(void)table;
	columns_out->is_withheld = true;
	return DG_SQL_UNAVAILABLE;
}

/* Who has no right on it is refused for that, and told nothing else. */
static void
test_refresh_withheld(void **state)
{
	static const struct dg_str sql =
		DG_STR_INIT("refresh materialized view u1");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);

	context.columns = withhold;
	assert_same(access_in(f, sql, &context),
		    DG_STR("refresh_materialized_view cat.sch.u1"), sql);
}

static void
test_security(void **state)
{
	static const struct {
		const char *sql;
		bool is_view;
		bool invoker;
		bool definer;
	} cases[] = {
		{"create view v security invoker as select 1", true, true,
		 false},
		{"create view v comment 'security invoker' security definer "
		 "as select 1",
		 true, false, true},
		{"create view v as select 1", true, false, false},
		{"create materialized view v as select 1", true, false, false},
		{"select 1", false, false, false},
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_tree *tree;
		bool invoker;
		bool definer;

		assert_int_equal(sql_parse(f, dg_str_from_cstr(cases[i].sql),
					   sql_trino(0), &tree),
				 DG_OK);
		assert_int_equal(dg_sql_tree_security(tree, &invoker, &definer),
				 cases[i].is_view);
		assert_int_equal(invoker, cases[i].invoker);
		assert_int_equal(definer, cases[i].definer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_opaque_views, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_places, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_pending_within, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_refresh_presto, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_materialized_presto,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_unknown_kinds, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_words_of_unknown_kinds,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_refresh_unknown, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_refresh_withheld,
						sql_setup, sql_teardown),
		cmocka_unit_test_setup_teardown(test_security, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.view", tests, NULL, NULL);
}

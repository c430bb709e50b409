/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cross_check.c - encoding what was decided, and comparing it with what
 * an engine says; in both forms of the encoding.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "metadata/cross_check.h"

enum { MANY = 400 };

static struct dg_sql_column_use two[] = {
	{.name = DG_STR_INIT("name"), .offset = 0},
	{.name = DG_STR_INIT("nationkey"), .offset = 0}};
static struct dg_sql_column_use many[MANY]; /* c0..; too long for names */
static char many_text[MANY][8];

#define NATION \
	{ \
		DG_STR_INIT("tpch"), DG_STR_INIT("tiny"), \
			DG_STR_INIT("nation") \
	}
#define WIDE \
	{ \
		DG_STR_INIT("m"), DG_STR_INIT("d"), DG_STR_INIT("wide") \
	}
#define OUT \
	{ \
		DG_STR_INIT("m"), DG_STR_INIT("d"), DG_STR_INIT("out") \
	}

static struct dg_sql_access access_list[] = {
	{.action = DG_SQL_ACT_SELECT,
	 .object = NATION,
	 .columns = two,
	 .n_columns = 2},
	{.action = DG_SQL_ACT_SELECT,
	 .object = {DG_STR_INIT("m"), DG_STR_INIT("d"), DG_STR_INIT("all")},
	 .all_columns = true},
	{.action = DG_SQL_ACT_SELECT_LITERAL,
	 .object = {DG_STR_INIT("m"), DG_STR_INIT("d"),
		    DG_STR_INIT("all$files")},
	 .all_columns = true},
	{.action = DG_SQL_ACT_SELECT_MAYBE,
	 .object = {DG_STR_INIT("m"), DG_STR_INIT("d"), DG_STR_INIT("maybe")},
	 .all_columns = true},
	{.action = DG_SQL_ACT_INSERT, .object = OUT},
	{.action = DG_SQL_ACT_SELECT,
	 .object = WIDE,
	 .columns = many,
	 .n_columns = MANY},
};

static void
encode(bool hashed, struct dg_arena *arena, struct dg_str *out)
{
	const struct dg_sql_analysis analysis = {
		.statement = DG_SQL_STMT_INSERT,
		.access = access_list,
		.n_access = hashed ? 6 : 5,
	};

	assert_int_equal(dg_check_encode(&analysis, arena, out), DG_OK);
	assert_int_equal(out->data[0], hashed ? 'H' : 'L');
	assert_true(out->len <= 4096);
}

#define RUNNING "{\"state\":\"RUNNING\",\"referencedTables\":["
#define FAILED "{\"state\":\"FAILED\",\"referencedTables\":[],"
#define TABLE(c, s, t, columns) \
	"{\"catalog\":\"" c "\",\"schema\":\"" s "\",\"table\":\"" t \
	"\",\"columns\":[" columns "],\"directlyReferenced\":true}"
#define READ_BY(t, user, columns, chain) \
	"{\"catalog\":\"tpch\",\"schema\":\"tiny\",\"table\":\"" t \
	"\",\"authorization\":\"" user "\",\"columns\":[" columns \
	"],\"directlyReferenced\":false,\"referenceChain\":[" chain "]}"
#define THROUGH(t, user, columns) READ_BY(t, user, columns, "")
#define FILTERED(kind) READ_BY("z", "ann", "", "{\"@type\":\"" kind "\"}")
#define COLUMN(name) "{\"column\":\"" name "\"}"

static const struct {
	const char *body;
	enum dg_check_result want;
	const char *what;
} cases[] = {
	{RUNNING "]}", DG_CHECK_OK, ""},
	{RUNNING TABLE("tpch", "tiny", "nation", COLUMN("name")) "]}",
	 DG_CHECK_OK, ""},
	{RUNNING TABLE("TPCH", "Tiny", "Nation", COLUMN("NAME")) "]}",
	 DG_CHECK_OK, ""},
	{RUNNING TABLE("tpch", "tiny", "nation", "") "]}", DG_CHECK_OK, ""},
	{RUNNING TABLE("tpch", "tiny", "nation",
		       COLUMN("name") "," COLUMN("comment")) "]}",
	 DG_CHECK_EXCEEDED, "read column comment of table tpch.tiny.nation"},
	{RUNNING TABLE("tpch", "tiny", "nation",
		       "") "," TABLE("tpch", "tiny", "region", "") "]}",
	 DG_CHECK_EXCEEDED, "read table tpch.tiny.region"},
	{RUNNING TABLE("m", "d", "all", COLUMN("whatever")) "]}", DG_CHECK_OK,
	 ""},
	/* By the name that was decided beside its base's, and by no other. */
	{RUNNING TABLE("m", "d", "all$files", COLUMN("path")) "]}", DG_CHECK_OK,
	 ""},
	{RUNNING TABLE("m", "d", "all$secret", "") "]}", DG_CHECK_EXCEEDED,
	 "read table m.d.all$secret"},
	{RUNNING TABLE("m", "d", "maybe", "") "]}", DG_CHECK_EXCEEDED,
	 "read table m.d.maybe"},
	{RUNNING TABLE("m", "d", "all$", "") "]}", DG_CHECK_EXCEEDED,
	 "read table m.d.all$"},
	/* Written is not read, and read is not written. */
	{RUNNING TABLE("m", "d", "out", "") "]}", DG_CHECK_EXCEEDED,
	 "read table m.d.out"},
	{RUNNING "],\"output\":{\"catalogName\":\"m\",\"schema\":\"d\","
		 "\"table\":\"out\"}}",
	 DG_CHECK_OK, ""},
	{RUNNING "],\"output\":{\"catalogName\":\"m\",\"schema\":\"d\","
		 "\"table\":\"all\"}}",
	 DG_CHECK_EXCEEDED, "wrote table m.d.all"},
	{RUNNING "],\"output\":null}", DG_CHECK_OK, ""},
	{RUNNING "],\"output\":{\"schema\":\"d\"}}", DG_CHECK_FAILED,
	 "its output cannot be read"},
	/* What a view reads with its owner's rights is the view's business. */
	{RUNNING THROUGH("z", "bob", "") "]}", DG_CHECK_OK, ""},
	{RUNNING THROUGH("z", "ann", "") "]}", DG_CHECK_EXCEEDED,
	 "read table tpch.tiny.z"},
	{RUNNING THROUGH("nation", "ann", COLUMN("name")) "]}", DG_CHECK_OK,
	 ""},
	{RUNNING THROUGH("nation", "ann", COLUMN("comment")) "]}",
	 DG_CHECK_EXCEEDED, "read column comment of table tpch.tiny.nation"},
	/* Whoever it is that reads, when that is not told. */
	{RUNNING "{\"catalog\":\"x\",\"schema\":\"y\",\"table\":\"z\","
		 "\"columns\":[],\"directlyReferenced\":false}]}",
	 DG_CHECK_EXCEEDED, "read table x.y.z"},
	/* The engine's own filters and masks. */
	{RUNNING FILTERED("rowFilter") "]}", DG_CHECK_OK, ""},
	{RUNNING FILTERED("columnMask") "]}", DG_CHECK_OK, ""},
	{RUNNING FILTERED("view") "]}", DG_CHECK_EXCEEDED,
	 "read table tpch.tiny.z"},
	{RUNNING "{\"catalog\":\"x\",\"schema\":\"y\",\"table\":\"z\","
		 "\"columns\":[]}]}",
	 DG_CHECK_EXCEEDED, "read table x.y.z"},
	{RUNNING "{\"catalog\":\"tpch\",\"schema\":\"tiny\","
		 "\"table\":\"nation\"}]}",
	 DG_CHECK_FAILED, "a table cannot be read"},
	{RUNNING TABLE("tpch", "tiny", "nation", "{}") "]}", DG_CHECK_FAILED,
	 "a column cannot be read"},
	{"{\"state\":\"QUEUED\",\"referencedTables\":[]}", DG_CHECK_NOT_YET,
	 ""},
	{"{\"state\":\"PLANNING\",\"referencedTables\":[]}", DG_CHECK_NOT_YET,
	 ""},
	{"{\"state\":\"FINISHED\"}", DG_CHECK_FAILED, "it tells no tables"},
	/* A query that failed: before its analysis was over, or later. */
	{FAILED "\"queryStats\":{\"totalTasks\":0}}", DG_CHECK_OK, ""},
	{FAILED "\"queryStats\":{\"totalTasks\":1}}", DG_CHECK_FAILED,
	 "it ran, and tells no tables"},
	{FAILED "\"queryStats\":{}}", DG_CHECK_FAILED,
	 "it ran, and tells no tables"},
	{"{\"state\":\"FAILED\",\"referencedTables\":[" TABLE(
		 "tpch", "tiny", "nation", COLUMN("name")) "]}",
	 DG_CHECK_OK, ""},
	{"{\"state\":\"FAILED\",\"referencedTables\":[" TABLE(
		 "tpch", "tiny", "nation", COLUMN("comment")) "]}",
	 DG_CHECK_EXCEEDED, "read column comment of table tpch.tiny.nation"},
	{"{\"referencedTables\":[]}", DG_CHECK_FAILED, "it tells no state"},
	{"[]", DG_CHECK_FAILED, "it tells no state"},
	{"", DG_CHECK_FAILED, "its answer is not JSON"},
};

/* SELECT 1/0: nothing was decided to be read, and nothing is told. */
static void
compares_failure_without_tables(void **state)
{
	const struct dg_sql_analysis analysis = {
		.statement = DG_SQL_STMT_SELECT,
	};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_str encoded;
	struct dg_str what;

	(void)state;
	assert_int_equal(dg_check_encode(&analysis, arena, &encoded), DG_OK);
	assert_int_equal(
		dg_check_compare(
			encoded,
			DG_STR(FAILED "\"queryStats\":{\"totalTasks\":1}}"),
			DG_STR("ann"), arena, &what),
		DG_CHECK_OK);
	dg_arena_destroy(&arena);
}

static void
compares(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	for (int hashed = 0; hashed < 2; hashed++) {
		struct dg_str encoded;

		encode(hashed != 0, arena, &encoded);
		for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
			struct dg_str what;

			assert_int_equal(
				dg_check_compare(
					encoded,
					dg_str_from_cstr(cases[i].body),
					DG_STR("ann"), arena, &what),
				cases[i].want);
			assert_true(dg_str_eq(what,
					      dg_str_from_cstr(cases[i].what)));
		}
	}
	dg_arena_destroy(&arena);
}

static void
compares_wide_tables(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_str encoded;
	struct dg_str what;

	(void)state;
	encode(true, arena, &encoded);
	assert_int_equal(
		dg_check_compare(encoded,
				 DG_STR(RUNNING TABLE(
					 "m", "d", "wide",
					 COLUMN("c0") "," COLUMN("c399")) "]}"),
				 DG_STR("ann"), arena, &what),
		DG_CHECK_OK);
	assert_int_equal(
		dg_check_compare(encoded,
				 DG_STR(RUNNING TABLE("m", "d", "wide",
						      COLUMN("c400")) "]}"),
				 DG_STR("ann"), arena, &what),
		DG_CHECK_EXCEEDED);
	dg_arena_destroy(&arena);
}

/* A list cut anywhere never covers more than the whole one. */
static void
covers_nothing_when_cut(void **state)
{
	static const struct dg_str body =
		DG_STR_INIT(RUNNING TABLE("m", "d", "zzz", COLUMN("c1")) "]}");
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	for (int hashed = 0; hashed < 2; hashed++) {
		struct dg_str encoded;

		encode(hashed != 0, arena, &encoded);
		for (size_t len = 0; len <= encoded.len; len++) {
			struct dg_str what;
			enum dg_check_result result = dg_check_compare(
				dg_str_slice(encoded, 0, len), body,
				DG_STR("ann"), arena, &what);

			assert_true(result == DG_CHECK_EXCEEDED ||
				    result == DG_CHECK_FAILED);
		}
	}
	dg_arena_destroy(&arena);
}

static void
skips_what_reports_nothing(void **state)
{
	/* DESCRIBE "t$files" */
	static const struct dg_sql_access shows[] = {
		{.action = DG_SQL_ACT_SELECT_LITERAL, .all_columns = true},
		{.action = DG_SQL_ACT_SHOW_COLUMNS},
	};
	static const struct {
		enum dg_sql_statement statement;
		bool shows;
		bool skipped;
	} kinds[] = {
		{DG_SQL_STMT_EXPLAIN, false, true},
		{DG_SQL_STMT_SHOW_TABLES, true, true},
		{DG_SQL_STMT_PREPARE, false, true},
		{DG_SQL_STMT_EXECUTE, true, true},
		{DG_SQL_STMT_EXECUTE, false, false},
		{DG_SQL_STMT_EXPLAIN_ANALYZE, false, false},
		{DG_SQL_STMT_SELECT, false, false},
	};
	struct dg_arena *arena = dg_arena_create(4096);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++) {
		const struct dg_sql_analysis analysis = {
			.statement = kinds[i].statement,
			.access = shows,
			.n_access = kinds[i].shows ? DG_ARRAY_LEN(shows) : 0,
		};
		struct dg_str encoded;
		struct dg_str what;

		assert_int_equal(dg_check_encode(&analysis, arena, &encoded),
				 DG_OK);
		assert_int_equal(dg_check_compare(encoded, DG_STR(RUNNING "]}"),
						  DG_STR("ann"), arena, &what),
				 kinds[i].skipped ? DG_CHECK_SKIPPED
						  : DG_CHECK_OK);
	}
	dg_arena_destroy(&arena);
}

/* Twenty wide tables: one hash a table is all there is room for. */
static void
compares_sets(void **state)
{
	static struct dg_sql_access tables[20];
	static char body[MANY * 32];
	const struct dg_sql_analysis analysis = {
		.statement = DG_SQL_STMT_SELECT,
		.access = tables,
		.n_access = DG_ARRAY_LEN(tables)};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_str encoded;
	struct dg_str what;
	size_t at;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(tables); i++)
		tables[i] = access_list[5];
	assert_int_equal(dg_check_encode(&analysis, arena, &encoded), DG_OK);
	assert_int_equal(encoded.data[0], 'D');
	for (int n = MANY - 1; n <= MANY + 1; n++) {
		at = (size_t)snprintf(body, sizeof(body), "%s",
				      RUNNING "{\"catalog\":\"m\","
					      "\"schema\":\"d\",\"table\":"
					      "\"wide\",\"columns\":[");
		/* The engine's order is its own. */
		for (int i = n; i-- > 0;)
			at += (size_t)snprintf(body + at, sizeof(body) - at,
					       "{\"column\":\"C%d\"}%s", i,
					       i > 0 ? "," : "]}]}");
		assert_int_equal(dg_check_compare(encoded,
						  dg_str_make(body, at),
						  DG_STR("ann"), arena, &what),
				 n == MANY ? DG_CHECK_OK : DG_CHECK_EXCEEDED);
	}
	assert_int_equal(dg_check_compare(encoded,
					  DG_STR(RUNNING TABLE(
						  "m", "d", "other", "") "]}"),
					  DG_STR("ann"), arena, &what),
			 DG_CHECK_EXCEEDED);
	dg_arena_destroy(&arena);
}

static void
says_when_too_long(void **state)
{
	static struct dg_sql_access tables[1000];
	const struct dg_sql_analysis analysis = {
		.statement = DG_SQL_STMT_SELECT,
		.access = tables,
		.n_access = DG_ARRAY_LEN(tables)};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_str encoded;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(tables); i++)
		tables[i] = access_list[0];
	assert_int_equal(dg_check_encode(&analysis, arena, &encoded),
			 DG_ERR_LIMIT);
	dg_arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(compares_failure_without_tables),
		cmocka_unit_test(compares_wide_tables),
		cmocka_unit_test(covers_nothing_when_cut),
		cmocka_unit_test(skips_what_reports_nothing),
		cmocka_unit_test(compares_sets),
		cmocka_unit_test(says_when_too_long),
	};

	if (sodium_init() < 0)
		return 1;
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(many_text[i], sizeof(many_text[i]), "c%d", i);
		many[i].name = dg_str_from_cstr(many_text[i]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

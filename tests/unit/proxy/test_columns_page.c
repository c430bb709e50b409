/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_columns_page.c - the text that asks for columns and the pages that
 * answer, as both engines write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metadata/columns_query.h"

static void
asks_by_quoted_names(void **state)
{
	static const struct {
		const char *table;
		const char *want;
		bool is_plain;
	} cases[] = {
		{"nation", "\"nation\"", true},
		{"a-b_c.d9", "\"a-b_c.d9\"", true},
		{"t\xc3\xa4g", "\"t\xc3\xa4g\"", true},
		{"", "\"\"", false},
		{"t$files", "\"t$files\"", false},
		{"t@1", "\"t@1\"", false},
		{"a b\n", "\"a b\n\"", false},
		{"a'b\\", "\"a'b\\\"", false},
		{"a\"b", "\"a\"\"b\"", false},
		{"\"", "\"\"\"\"", false},
		{"\"; drop table x; --", "\"\"\"; drop table x; --\"", false},
		{"select max(x) from t", "\"select max(x) from t\"", false},
		{"Upper", "\"Upper\"", false},
	};
	struct dg_arena *arena = dg_arena_create(1 << 16);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str odd = dg_str_from_cstr(cases[i].table);
		struct dg_sql_name name = {odd, odd, odd};
		struct dg_str want = dg_arena_printf(
			arena, "SELECT * FROM %s.%s.%s LIMIT 0", cases[i].want,
			cases[i].want, cases[i].want);
		struct dg_str text;

		assert_int_equal(dg_columns_text(&name, arena, &text), DG_OK);
		assert_true(dg_str_eq(text, want));
		assert_int_equal(dg_columns_is_plain(&name), cases[i].is_plain);
		name.table = DG_STR("t");
		name.catalog = DG_STR("c");
		assert_int_equal(dg_columns_is_plain(&name), cases[i].is_plain);
	}
	dg_arena_destroy(&arena);
}

static void
quotes_texts(void **state)
{
	struct dg_arena *arena = dg_arena_create(256);
	struct dg_str text;

	(void)state;
	assert_int_equal(
		dg_columns_quote(DG_STR("it's \"x\""), '\'', arena, &text),
		DG_OK);
	assert_true(dg_str_eq(text, DG_STR("'it''s \"x\"'")));
	assert_int_equal(dg_columns_quote(dg_str_make(text.data, 300), '\'',
					  arena, &text),
			 DG_ERR_LIMIT);
	dg_arena_destroy(&arena);
}

#define NEXT "\"nextUri\":\"http://10.0.0.1:8080/v1/statement/queued/q/s/1\""
#define ERROR(name, message) \
	"{\"id\":\"q\",\"error\":{\"message\":\"" message \
	"\",\"errorName\":\"" name "\"}}"

static const struct dg_sql_name plain = {DG_STR_INIT("c"), DG_STR_INIT("s"),
					 DG_STR_INIT("x")};

static const struct {
	enum dg_store_engine engine;
	const char *body;
	enum dg_page_verdict want;
	const char *next;
	const char *last_column; /* NULL: none */
} pages[] = {
	{DG_STORE_TRINO, "{\"id\":\"q\"," NEXT ",\"stats\":{}}", DG_PAGE_AGAIN,
	 "/v1/statement/queued/q/s/1", NULL},
	{DG_STORE_PRESTO,
	 "{\"nextUri\":\"https://h/v1/statement/queued/q/1?slug=x\"}",
	 DG_PAGE_AGAIN, "/v1/statement/queued/q/1?slug=x", NULL},
	{DG_STORE_TRINO,
	 "{" NEXT ",\"columns\":[{\"name\":\"a\"},{\"name\":\"B\"}]}",
	 DG_PAGE_COLUMNS, "/v1/statement/queued/q/s/1", "b"},
	{DG_STORE_TRINO, "{\"columns\":[{\"name\":\"a\"}],\"data\":[]}",
	 DG_PAGE_COLUMNS, "", "a"},
	{DG_STORE_TRINO, "{\"columns\":[{\"nome\":\"a\"}]}", DG_PAGE_BAD, "",
	 NULL},
	{DG_STORE_TRINO, "{\"id\":\"q\"}", DG_PAGE_BAD, "", NULL},
	{DG_STORE_PRESTO, ERROR("SYNTAX_ERROR", "mismatched input"),
	 DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, ERROR("PERMISSION_DENIED", "Access Denied"),
	 DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, "{\"nextUri\":\"http://h/v1/query/x\"}", DG_PAGE_BAD,
	 "", NULL},
	{DG_STORE_TRINO, "{\"nextUri\":\"ftp://h/v1/statement/x\"}",
	 DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, "{\"nextUri\":\"http://h/v1/statement/a b\"}",
	 DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, "{\"nextUri\":\"http://h\"}", DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, "[]", DG_PAGE_BAD, "", NULL},
	{DG_STORE_TRINO, "nonsense", DG_PAGE_BAD, "", NULL},
};

static void
reads_pages(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(pages); i++) {
		struct dg_sql_columns columns = {.n_names = 0};
		struct dg_page_place place = {DG_STR_EMPTY, DG_STR_EMPTY};
		const char *why;

		assert_int_equal(
			dg_columns_page(pages[i].engine, &plain,
					dg_str_from_cstr(pages[i].body), arena,
					&columns, &place, &why),
			pages[i].want);
		assert_true(
			dg_str_eq(place.next, dg_str_from_cstr(pages[i].next)));
		assert_int_equal(columns.n_names > 0,
				 pages[i].last_column != NULL);
		if (columns.n_names > 0)
			assert_true(dg_str_eq(
				columns.names[columns.n_names - 1],
				dg_str_from_cstr(pages[i].last_column)));
	}
	dg_arena_destroy(&arena);
}

/* ---- what does not exist ------------------------------------------------ */

#define STORED "line 1:15: Failed analyzing stored view 'c.s.x': "

static const struct {
	enum dg_store_engine engine;
	const char *name;
	const char *message;
	bool absent;
} errors[] = {
	/* Presto 0.287, and those that tell the place. */
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Table c.s.x does not exist", true},
	{DG_STORE_PRESTO, "NOT_FOUND", "Table c.s.x does not exist", true},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Schema s does not exist", true},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Catalog c does not exist", true},
	{DG_STORE_PRESTO, "SYNTAX_ERROR",
	 "line 1:15: Table c.s.x does not exist", true},
	/* A name of the reader's, in our session: a materialized view's text */
	{DG_STORE_PRESTO, "SYNTAX_ERROR",
	 "Table system.information_schema.salaries does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR",
	 "line 1:55: Table system.information_schema.x does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Schema other does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Catalog s does not exist", false},
	/* What a view is made of has gone for a moment. */
	{DG_STORE_PRESTO, "SYNTAX_ERROR",
	 STORED "line 1:55: Table c.s.x does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", STORED "Table c.s.x does not exist",
	 false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR",
	 "line 1:15: line 1:55: Table c.s.x does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Function x does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Table c.s.x.y does not exist",
	 false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Table c.s.x2 does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Table c.s.x does not exist.", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "Table 'c.s.x does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", " does not exist", false},
	{DG_STORE_PRESTO, "SYNTAX_ERROR", "line :: Table c.s.x does not exist",
	 false},
	{DG_STORE_PRESTO, "TABLE_NOT_FOUND", "Table c.s.x does not exist",
	 false},
	/* Trino 435; 476 has another sentence for catalogs. */
	{DG_STORE_TRINO, "TABLE_NOT_FOUND",
	 "line 1:15: Table 'c.s.x' does not exist", true},
	{DG_STORE_TRINO, "TABLE_NOT_FOUND",
	 "line 1:15: Table 'c.s.\\\"x\\\"' does not exist", true},
	{DG_STORE_TRINO, "SCHEMA_NOT_FOUND",
	 "line 1:15: Schema 's' does not exist", true},
	{DG_STORE_TRINO, "CATALOG_NOT_FOUND",
	 "line 1:15: Catalog 'c' does not exist", true},
	{DG_STORE_TRINO, "CATALOG_NOT_FOUND",
	 "line 1:15: Catalog 'c' not found", true},
	{DG_STORE_TRINO, "TABLE_NOT_FOUND",
	 "line 1:15: Table 'c.s.other' does not exist", false},
	{DG_STORE_TRINO, "SCHEMA_NOT_FOUND", "Schema other not found", false},
	{DG_STORE_TRINO, "CATALOG_NOT_FOUND", "x", false},
	{DG_STORE_TRINO, "INVALID_VIEW", STORED "Table 'c.s.x' does not exist",
	 false},
	{DG_STORE_TRINO, "TABLE_NOT_FOUND",
	 STORED "Table 'c.s.x' does not exist", false},
	{DG_STORE_TRINO, "SYNTAX_ERROR", "Table c.s.x does not exist", false},
};

static void
knows_what_is_absent(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(errors); i++) {
		struct dg_str body = dg_arena_printf(
			arena,
			"{\"error\":{\"message\":\"%s\",\"errorName\":\"%s\"}}",
			errors[i].message, errors[i].name);
		struct dg_sql_columns columns = {.n_names = 0};
		struct dg_page_place place;
		const char *why;

		if (dg_columns_page(errors[i].engine, &plain, body, arena,
				    &columns, &place, &why) !=
		    (errors[i].absent ? DG_PAGE_ABSENT : DG_PAGE_BAD))
			fail_msg("%s", errors[i].message);
	}
	dg_arena_destroy(&arena);
}

static const struct {
	const char *schema;
	const char *table;
	const char *message;
	bool absent;
} odd[] = {
	{"s", "a \"b\"", "line 1:1: View 'c.s.a \"b\"' does not exist", true},
	{"s", "a \"b\"", "line 1:1: View 'c.s.\"a \"\"b\"\"\"' does not exist",
	 true},
	{"s", "a'b", "line 1:1: Materialized view 'c.s.a'b' does not exist",
	 true},
	{"s", "a'b", "line 1:1: View 'c.s.\"a'b\"' does not exist", true},
	{"s.f", "gr\u00fc\u00dfe",
	 "line 1:1: View 'c.\"s.f\".\"gr\u00fc\u00dfe\"' does not exist", true},
	{"s.f", "x", "Schema 's.f' does not exist", true},
	{"s.f", "x", "Schema c.s.f does not exist", true},
	{"s", "a \"b\"", "line 1:1: View 'c.s.\"a \"b\"\"' does not exist",
	 false},
	{"s", "a \"b\"", "line 1:1: View 'c.s.\"a \"\"b' does not exist",
	 false},
	{"s", "", "Table c.s. does not exist", true},
};

static void
knows_odd_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(odd); i++) {
		const struct dg_sql_name name = {
			DG_STR("c"), dg_str_from_cstr(odd[i].schema),
			dg_str_from_cstr(odd[i].table)};

		if (dg_columns_says_absent(&name,
					   dg_str_from_cstr(odd[i].message)) !=
		    odd[i].absent)
			fail_msg("%s", odd[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_by_quoted_names),
		cmocka_unit_test(quotes_texts),
		cmocka_unit_test(reads_pages),
		cmocka_unit_test(knows_what_is_absent),
		cmocka_unit_test(knows_odd_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

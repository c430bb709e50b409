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
asks_only_for_plain_names(void **state)
{
	static const struct {
		const char *table;
		const char *want; /* NULL: not asked */
	} cases[] = {
		{"nation", "SELECT * FROM \"c\".\"s\".\"nation\" LIMIT 0"},
		{"a-b_c.d9", "SELECT * FROM \"c\".\"s\".\"a-b_c.d9\" LIMIT 0"},
		{"t\xc3\xa4g", "SELECT * FROM \"c\".\"s\".\"t\xc3\xa4g\" "
			       "LIMIT 0"},
		{"", NULL},
		{"t$files", NULL},
		{"t@1", NULL},
		{"a b", NULL},
		{"a\"b", NULL},
		{"select max(x) from t", NULL},
		{"Upper", NULL},
	};
	struct dg_arena *arena = dg_arena_create(1 << 16);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_sql_name name = {
			DG_STR("c"), DG_STR("s"),
			dg_str_from_cstr(cases[i].table)};
		struct dg_str text;
		enum dg_rc rc = dg_columns_text(&name, arena, &text);

		if (cases[i].want == NULL) {
			assert_int_equal(rc, DG_ERR_UNSUPPORTED);
			continue;
		}
		assert_int_equal(rc, DG_OK);
		assert_true(dg_str_eq(text, dg_str_from_cstr(cases[i].want)));
	}
	dg_arena_destroy(&arena);
}

#define NEXT "\"nextUri\":\"http://10.0.0.1:8080/v1/statement/queued/q/s/1\""
#define ERROR(name, message) \
	"{\"id\":\"q\",\"error\":{\"message\":\"" message \
	"\",\"errorName\":\"" name "\"}}"

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
	{DG_STORE_TRINO,
	 ERROR("TABLE_NOT_FOUND", "line 1:15: Table 'x' does not exist"),
	 DG_PAGE_ABSENT, "", NULL},
	{DG_STORE_TRINO, ERROR("SCHEMA_NOT_FOUND", "x"), DG_PAGE_ABSENT, "",
	 NULL},
	{DG_STORE_TRINO, ERROR("CATALOG_NOT_FOUND", "x"), DG_PAGE_ABSENT, "",
	 NULL},
	{DG_STORE_TRINO, ERROR("SYNTAX_ERROR", "Table x does not exist"),
	 DG_PAGE_BAD, "", NULL},
	{DG_STORE_PRESTO, ERROR("SYNTAX_ERROR", "Table c.s.x does not exist"),
	 DG_PAGE_ABSENT, "", NULL},
	{DG_STORE_PRESTO, ERROR("SYNTAX_ERROR", "Schema x does not exist"),
	 DG_PAGE_ABSENT, "", NULL},
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
			dg_columns_page(pages[i].engine,
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_only_for_plain_names),
		cmocka_unit_test(reads_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

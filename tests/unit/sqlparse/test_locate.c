/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_locate.c - line and column of an offset, as both engines' parsers count
 * (tried with Trino 476 and Presto 0.296): LF ends a line, CR does not, a
 * column is a code point.
 */
#include "sql_support.h"

static const struct {
	struct dg_str text;
	size_t offset;
	unsigned line;
	unsigned column;
} cases[] = {
	{DG_STR_INIT(""), 0, 1, 1},
	{DG_STR_INIT("abc"), 0, 1, 1},
	{DG_STR_INIT("abc"), 2, 1, 3},
	{DG_STR_INIT("abc"), 3, 1, 4},
	{DG_STR_INIT("abc"), 99, 1, 4},
	{DG_STR_INIT("a\nb"), 1, 1, 2},
	{DG_STR_INIT("a\nb"), 2, 2, 1},
	{DG_STR_INIT("a\r\n b"), 4, 2, 2},
	{DG_STR_INIT("a\rb"), 2, 1, 3},
	{DG_STR_INIT("\n\n\nx"), 3, 4, 1},
	{DG_STR_INIT("\xC3\xA9x"), 2, 1, 2},
	{DG_STR_INIT("\xF0\x9F\x98\x80x"), 4, 1, 2},
	{DG_STR_INIT("\t\tx"), 2, 1, 3},
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		unsigned line;
		unsigned column;

		dg_sql_locate(cases[i].text, cases[i].offset, &line, &column);
		assert_int_equal(line, cases[i].line);
		assert_int_equal(column, cases[i].column);
	}
}

/* Errors of the parser carry the same. */
static void
test_errors(void **state)
{
	struct sql_fixture *f = *state;

	assert_same(sql_dump(f, DG_STR("select '\xF0\x9F\x98\x80' x y z"),
			     sql_trino(476)),
		    DG_STR("syntax 1:14"), DG_STR("astral character"));
	assert_same(sql_dump(f, DG_STR("select 1 --c\rx y z"), sql_trino(476)),
		    DG_STR("syntax 1:16"), DG_STR("lone CR"));
	assert_same(sql_dump(f, DG_STR("select 1\r\n x y z"), sql_presto(296)),
		    DG_STR("syntax 2:4"), DG_STR("CR LF"));
	assert_same(sql_dump(f, DG_STR("select  "), sql_presto(296)),
		    DG_STR("syntax 1:9"), DG_STR("the end"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

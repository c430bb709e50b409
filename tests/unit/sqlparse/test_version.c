/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_version.c - version strings as coordinators report them.
 */
#include "sql_support.h"

static const struct {
	enum dg_sql_dialect dialect;
	const char *text;
	unsigned version; /* 0: refused */
} cases[] = {
	{DG_SQL_TRINO, "476", 476},
	{DG_SQL_TRINO, "435-e.12", 435},
	{DG_SQL_TRINO, "484-SNAPSHOT", 484},
	{DG_SQL_TRINO, "476.1", 476},
	{DG_SQL_PRESTO, "0.287", 287},
	{DG_SQL_PRESTO, "0.287-edge4", 287},
	{DG_SQL_PRESTO, "0.296.1", 296},
	{DG_SQL_PRESTO, "287", 0},
	{DG_SQL_PRESTO, "0.", 0},
	{DG_SQL_PRESTO, "1.0", 0},
	{DG_SQL_TRINO, "0.215", 0},
	{DG_SQL_TRINO, "", 0},
	{DG_SQL_TRINO, "testversion", 0},
	{DG_SQL_TRINO, "476x", 0},
	{DG_SQL_TRINO, " 476", 0},
	{DG_SQL_TRINO, "99999999999999999999", 0},
	{DG_SQL_TRINO, "65535", 0},
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		unsigned version = 7;
		enum dg_rc rc = dg_sql_version_parse(
			cases[i].dialect, dg_str_from_cstr(cases[i].text),
			&version);

		if (cases[i].version == 0) {
			assert_int_equal(rc, DG_ERR_INVALID);
			assert_int_equal(version, 7);
			continue;
		}
		assert_int_equal(rc, DG_OK);
		assert_int_equal(version, cases[i].version);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

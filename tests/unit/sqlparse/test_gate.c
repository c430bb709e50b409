/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_gate.c - what a version has, at both edges of each gate.
 */
#include "sql_support.h"

#include "scan/gate.h"

static bool
has(enum dg_sql_dialect dialect, unsigned version, enum dg_sql_gate gate)
{
	return dg_sql_has((struct dg_sql_engine){dialect, version}, gate);
}

static void
test_since(void **state)
{
	(void)state;
	assert_false(has(DG_SQL_TRINO, 469, DG_SQL_G_WITH_SESSION));
	assert_true(has(DG_SQL_TRINO, 470, DG_SQL_G_WITH_SESSION));
	assert_true(has(DG_SQL_TRINO, 70000, DG_SQL_G_WITH_SESSION));
	assert_false(has(DG_SQL_PRESTO, 300, DG_SQL_G_WITH_SESSION));
	assert_false(has(DG_SQL_PRESTO, 290, DG_SQL_G_ALTER_VIEW));
	assert_true(has(DG_SQL_PRESTO, 291, DG_SQL_G_ALTER_VIEW));
}

static void
test_until(void **state)
{
	(void)state;
	assert_true(has(DG_SQL_PRESTO, 208, DG_SQL_G_SHOW_PARTITIONS));
	assert_false(has(DG_SQL_PRESTO, 209, DG_SQL_G_SHOW_PARTITIONS));
	assert_false(has(DG_SQL_TRINO, 208, DG_SQL_G_SHOW_PARTITIONS));
}

/* An unknown version reads as the newest. */
static void
test_unknown_version(void **state)
{
	(void)state;
	assert_true(has(DG_SQL_TRINO, 0, DG_SQL_G_JSON_ACCESS));
	assert_false(has(DG_SQL_PRESTO, 0, DG_SQL_G_JSON_ACCESS));
	assert_false(has(DG_SQL_PRESTO, 0, DG_SQL_G_SHOW_PARTITIONS));
}

/* Each gate has a dialect that passes it, and tells since when. */
static void
test_every_gate(void **state)
{
	(void)state;
	for (enum dg_sql_gate gate = 0; gate < DG_SQL_N_GATES; gate++) {
		bool passed = false;

		assert_true(dg_sql_gate_text(gate)[0] != '\0');
		for (unsigned version = 1; version < 500 && !passed; version++)
			passed = has(DG_SQL_TRINO, version, gate) ||
				 has(DG_SQL_PRESTO, version, gate);
		assert_true(passed);
	}
	assert_int_equal(dg_sql_gate_since(DG_SQL_TRINO, DG_SQL_G_AT_LOCAL),
			 482);
	assert_int_equal(dg_sql_gate_since(DG_SQL_PRESTO, DG_SQL_G_AT_LOCAL),
			 0);
}

static void
test_messages(void **state)
{
	static const struct {
		const char *text;
		struct dg_sql_engine engine;
		const char *message;
	} cases[] = {
		{"select [1]",
		 {DG_SQL_TRINO, 472},
		 "Trino 472 does not read an array in plain brackets; Trino "
		 "473 is the first that does"},
		{"alter view v rename to w",
		 {DG_SQL_PRESTO, 290},
		 "Presto 0.290 does not read ALTER VIEW; Presto 0.291 is the "
		 "first that does"},
		{"show partitions from t",
		 {DG_SQL_PRESTO, 209},
		 "Presto 0.209 does not read SHOW PARTITIONS"},
		{"show partitions from t",
		 {DG_SQL_PRESTO, 0},
		 "This engine does not read SHOW PARTITIONS"},
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_tree *tree;

		assert_int_equal(sql_parse(f, dg_str_from_cstr(cases[i].text),
					   cases[i].engine, &tree),
				 DG_ERR_INVALID);
		assert_string_equal(f->err.text, cases[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_unknown_version),
		cmocka_unit_test(test_every_gate),
		cmocka_unit_test_setup_teardown(test_messages, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

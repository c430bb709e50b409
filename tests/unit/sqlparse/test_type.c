/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_type.c - types as both engines write them, and what is made of texts
 * that could be read in two ways: nothing.
 */
#include "resolve/type.h"
#include "sql_support.h"

static const struct {
	const char *text;
	const char *encoded;
} cases[] = {
	{"bigint", "."},
	{"varchar(25)", "."},
	{"decimal(10, 2)", "."},
	{"timestamp(3) with time zone", "."},
	{"INTERVAL DAY TO SECOND", "."},
	{"json", "?"},
	{"map(varchar, row(a bigint))", "?"},
	{"map(varchar, row(\"a)\" bigint))", "?"},
	{"row(pub varchar,priv varchar)", "(3:pub.4:priv.)"},
	{"row(pub varchar(3), \"Odd \"\"Name\" row(x bigint))",
	 "(3:pub.9:odd \"name(1:x.))"},
	{"array(row(a bigint))", "[(1:a.)"},
	{"row(a array(array(row(b json))), c map(a, b), d date)",
	 "(1:a[[(1:b?)1:c?1:d.)"},
	{"row(\"\xc5\xbfsn\" bigint)", "(3:ssn.)"},
	{"row(time time, timestamp timestamp(3), row row(x date))",
	 "(4:time.9:timestamp.3:row(1:x.))"},
	{"row(t timestamp(3) with time zone, u interval year to month)",
	 "(1:t.1:u.)"},
	/* Fields without names. */
	{"row(bigint, varchar)", ""},
	{"row(a bigint, varchar)", ""},
	{"row(timestamp with time zone)", ""},
	{"row(interval day to second, a bigint)", ""},
	{"row(array(bigint))", ""},
	/* What nobody writes. */
	{"", ""},
	{"row", "?"},
	{"row(", ""},
	{"row()", ""},
	{"row(a bigint", ""},
	{"row(a bigint) x", ""},
	{"row(a bigint,)", ""},
	{"row(\"a bigint)", ""},
	{"row(\"\" bigint)", ""},
	{"array(bigint", ""},
	{"varchar(\"", ""},
	{"varchar(3", ""},
	{"bigint, bigint", ""},
	{"row(a \xff)", ""},
};

static void
test_encode(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str text = dg_str_from_cstr(cases[i].text);
		struct dg_str encoded;

		assert_int_equal(dg_sql_type_encode(text, f->arena, &encoded),
				 DG_OK);
		assert_same(encoded, dg_str_from_cstr(cases[i].encoded), text);
	}
}

static void
test_fields(void **state)
{
	/* The second name looks like what an encoding is made of. */
	struct dg_str rest = DG_STR("(1:a[(1:b.)10:9:a(.).[1:(1:z?)1:c.)");
	struct dg_str name, found;

	(void)state;
	assert_true(dg_sql_type_next(&rest, &name, &found));
	assert_same(name, DG_STR("a"), rest);
	assert_same(found, DG_STR("[(1:b.)"), rest);
	assert_true(dg_sql_type_is_row(dg_sql_type_element(found)));
	assert_true(dg_sql_type_next(&rest, &name, &found));
	assert_same(name, DG_STR("9:a(.).[1:"), rest);
	assert_same(found, DG_STR("(1:z?)"), rest);
	assert_true(dg_sql_type_next(&rest, &name, &found));
	assert_same(name, DG_STR("c"), rest);
	assert_false(dg_sql_type_next(&rest, &name, &found));
}

/* Deep and long types are of no use, and cost no more than they are long. */
static void
test_limits(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_str encoded;
	struct dg_buf text;

	dg_buf_init(&text, 1 << 20);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(dg_buf_append(&text, DG_STR("array(")), DG_OK);
	assert_int_equal(
		dg_sql_type_encode(dg_buf_peek(&text), f->arena, &encoded),
		DG_OK);
	assert_int_equal(encoded.len, 0);
	dg_buf_clear(&text);
	assert_int_equal(dg_buf_append(&text, DG_STR("row(a row(b date)")),
			 DG_OK);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(dg_buf_appendf(&text, ", f%u bigint", i),
				 DG_OK);
	assert_int_equal(dg_buf_append(&text, DG_STR(")")), DG_OK);
	assert_int_equal(
		dg_sql_type_encode(dg_buf_peek(&text), f->arena, &encoded),
		DG_OK);
	assert_true(dg_sql_type_field(encoded, DG_STR("f4999"), &encoded));
	assert_same(encoded, DG_STR("."), encoded);
	dg_buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_encode, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_fields, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_limits, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.type", tests, NULL, NULL);
}

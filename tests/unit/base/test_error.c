/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_error.c - names of results, texts and their wrapping.
 */
#include "base/error.h"

#include "test_support.h"

static void
test_names_are_unique(void **state)
{
	(void)state;
	for (int a = DG_OK; a <= DG_ERR_INTERNAL; a++) {
		assert_non_null(dg_rc_name((enum dg_rc)a));
		for (int b = DG_OK; b < a; b++)
			assert_string_not_equal(dg_rc_name((enum dg_rc)a),
						dg_rc_name((enum dg_rc)b));
	}
	assert_string_equal(dg_rc_name(DG_ERR_NOT_FOUND), "not_found");
}

static void
test_set_and_wrap(void **state)
{
	struct dg_error err;

	(void)state;
	assert_int_equal(
		dg_error_set(&err, DG_ERR_INVALID, "bad %s %d", "x", 7),
		DG_ERR_INVALID);
	assert_string_equal(err.text, "bad x 7");
	assert_int_equal(dg_error_wrap(&err, "rule %d", 3), DG_ERR_INVALID);
	assert_int_equal(dg_error_wrap(&err, "file f"), DG_ERR_INVALID);
	assert_string_equal(err.text, "file f: rule 3: bad x 7");
	assert_int_equal(err.code, DG_ERR_INVALID);
}

static void
test_null_error_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(dg_error_set(NULL, DG_ERR_IO, "x"), DG_ERR_IO);
	assert_int_not_equal(dg_error_wrap(NULL, "x"), DG_OK);
}

static void
test_own_text_as_argument(void **state)
{
	struct dg_error err;

	(void)state;
	dg_error_set(&err, DG_ERR_IO, "inner");
	dg_error_set(&err, DG_ERR_LIMIT, "outer (%s)", err.text);
	assert_string_equal(err.text, "outer (inner)");
	assert_int_equal(err.code, DG_ERR_LIMIT);
}

static void
test_long_texts_are_cut(void **state)
{
	char big[2 * DG_ERROR_TEXT_MAX];
	struct dg_error err;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	dg_error_set(&err, DG_ERR_INVALID, "%s", big);
	assert_int_equal(strlen(err.text), DG_ERROR_TEXT_MAX - 1);
	dg_error_wrap(&err, "ctx");
	assert_int_equal(strlen(err.text), DG_ERROR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "ctx: xxx", 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_set_and_wrap),
		cmocka_unit_test(test_null_error_is_allowed),
		cmocka_unit_test(test_own_text_as_argument),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_clock.c - the two clocks and the text form of a moment.
 */
#include "base/clock.h"

#include "test_support.h"

static const struct {
	int64_t wall_us;
	const char *text;
} cases[] = {
	{0, "1970-01-01T00:00:00.000000Z"},
	{1, "1970-01-01T00:00:00.000001Z"},
	{1769862896123456, "2026-01-31T12:34:56.123456Z"},
	{951782400000000, "2000-02-29T00:00:00.000000Z"},
	{-1, "1969-12-31T23:59:59.999999Z"},
	{253402300799999999, "9999-12-31T23:59:59.999999Z"},
	{INT64_MAX, "294247-01-10T04:00:54.775807Z"},
	{INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
};

static void
test_format(void **state)
{
	char text[DG_CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dg_clock_format_utc(cases[i].wall_us, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
test_monotonic(void **state)
{
	uint64_t us = dg_clock_mono_us();
	uint64_t ms = dg_clock_mono_ms();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t now = dg_clock_mono_us();

		assert_true(now >= us);
		us = now;
	}
	assert_true(dg_clock_mono_ms() >= ms);
	assert_true(us / 1000 - ms < 60000);
}

static void
test_wall(void **state)
{
	(void)state;
	/* 2020 to 2100: microseconds, not another unit. */
	assert_true(dg_clock_wall_us() > INT64_C(1577836800000000));
	assert_true(dg_clock_wall_us() < INT64_C(4102444800000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_monotonic),
		cmocka_unit_test(test_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

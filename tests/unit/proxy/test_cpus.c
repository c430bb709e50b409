/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cpus.c - what the machine grants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>

#include "cpus.h"

static void
reads_quotas(void **state)
{
	static const struct {
		const char *text;
		unsigned cpus;
	} cases[] = {
		{"max 100000\n", 0},
		{"100000 100000\n", 1},
		{"150000 100000\n", 2},
		{"50000 100000\n", 1},
		{"400000 100000", 4},
		{"", 0},
		{"100000", 0},
		{"0 100000", 0},
		{"100000 0", 0},
		{"-1 100000", 0},
		{"99999999999999999999 1", 0},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_int_equal(
			dg_cpus_parse_quota(dg_str_from_cstr(cases[i].text)),
			cases[i].cpus);
}

static void
grants_no_more_than_affinity(void **state)
{
	cpu_set_t before;
	cpu_set_t one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_true(dg_cpus_granted() >= 1);
	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &before))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(dg_cpus_granted(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_true(dg_files_granted() > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_quotas),
		cmocka_unit_test(grants_no_more_than_affinity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

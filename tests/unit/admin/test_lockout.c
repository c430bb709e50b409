/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_lockout.c - addresses with wrong tokens, by a clock of the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lockout.h"

static struct dg_api_lockout *lockout;

static int
setup(void **state)
{
	(void)state;
	lockout = DG_NEW(struct dg_api_lockout);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_free(lockout);
	return 0;
}

/* How many wrong tokens until it is locked. */
static unsigned
try_until_locked(const char *peer, uint64_t now_ms)
{
	unsigned n = 1;

	while (!dg_api_lockout_note_bad(lockout, peer, now_ms))
		n++;
	return n;
}

static void
locks_and_opens(void **state)
{
	(void)state;
	assert_int_equal(dg_api_lockout_left_ms(lockout, "10.0.0.1:5", 1), 0);
	assert_int_equal(try_until_locked("10.0.0.1:5", 1000),
			 API_LOCKOUT_BAD_MAX);
	/* The port is no matter, the address is. */
	assert_int_equal(dg_api_lockout_left_ms(lockout, "10.0.0.1:9", 1000),
			 API_LOCKOUT_FIRST_MS);
	assert_int_equal(dg_api_lockout_left_ms(lockout, "10.0.0.2:5", 1000),
			 0);
	assert_int_equal(dg_api_lockout_left_ms(lockout, "10.0.0.1:5",
						1000 + API_LOCKOUT_FIRST_MS),
			 0);
}

static void
locks_longer_each_time(void **state)
{
	uint64_t now_ms = 1;
	uint64_t before = 0;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t left;

		(void)try_until_locked("10.0.0.1:5", now_ms);
		left = dg_api_lockout_left_ms(lockout, "10.0.0.1:5", now_ms);
		assert_true(left > before || left == API_LOCKOUT_MOST_MS);
		before = left;
		now_ms += left;
	}
	assert_int_equal(before, API_LOCKOUT_MOST_MS);
}

static void
forgets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5 * API_LOCKOUT_BAD_MAX; i++)
		assert_false(dg_api_lockout_note_bad(
			lockout, "10.0.0.1:5",
			(i + 1) * (uint64_t)API_LOCKOUT_WINDOW_MS / 5));
	for (unsigned i = 1; i < API_LOCKOUT_BAD_MAX; i++)
		(void)dg_api_lockout_note_bad(lockout, "10.0.0.3:5", 1);
	dg_api_lockout_note_good(lockout, "10.0.0.3:6");
	assert_int_equal(try_until_locked("10.0.0.3:5", 2),
			 API_LOCKOUT_BAD_MAX);
}

static void
counts_networks_of_ipv6(void **state)
{
	(void)state;
	(void)try_until_locked("[2001:db8::1]:443", 5);
	assert_true(dg_api_lockout_left_ms(lockout, "[2001:db8::ffff]:1", 5) >
		    0);
	assert_int_equal(
		dg_api_lockout_left_ms(lockout, "[2001:db8:0:1::1]:1", 5), 0);
}

static void
stays_small(void **state)
{
	char peer[32];

	(void)state;
	(void)try_until_locked("10.9.9.9:1", 1000000);
	for (unsigned i = 0; i < API_LOCKOUT_SLOTS - 1; i++) {
		(void)snprintf(peer, sizeof(peer), "10.1.%u.%u:1", i / 256,
			       i % 256);
		(void)dg_api_lockout_note_bad(lockout, peer, 1000001 + i);
	}
	assert_true(dg_api_lockout_left_ms(lockout, "10.9.9.9:1", 1000001) > 0);
	/* One more takes the place of the oldest. */
	(void)dg_api_lockout_note_bad(lockout, "10.2.0.0:1", 1002000);
	assert_int_equal(dg_api_lockout_left_ms(lockout, "10.9.9.9:1", 1000001),
			 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(locks_and_opens, setup,
						teardown),
		cmocka_unit_test_setup_teardown(locks_longer_each_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(forgets, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_networks_of_ipv6, setup,
						teardown),
		cmocka_unit_test_setup_teardown(stays_small, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

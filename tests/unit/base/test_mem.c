/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mem.c - the heap wrappers: zeroed, overflow aborts, wiping wipes.
 */
#include "base/mem.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_support.h"

static void
test_calloc_zeroes(void **state)
{
	unsigned char *p = DG_NEW_ARRAY(unsigned char, 1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	p = dg_realloc(p, 2000, 1);
	memset(p, 1, 2000);
	dg_free(p);
	p = dg_calloc(0, 8);
	assert_non_null(p);
	p = dg_realloc(p, 0, 0);
	assert_non_null(p);
	dg_free(p);
	dg_free(NULL);
}

static void
test_strdup(void **state)
{
	char *copy = dg_strdup("abc");

	(void)state;
	assert_string_equal(copy, "abc");
	dg_free(copy);
}

static void
test_wipe(void **state)
{
	char secret[] = "secret";

	(void)state;
	dg_wipe(secret, 3);
	assert_memory_equal(secret, "\0\0\0ret", 6);
	dg_wipe(NULL, 0);
}

/* Sizes whose product overflows must not become a small block. */
static void
test_overflow_aborts(void **state)
{
	volatile size_t huge = SIZE_MAX / 2;
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		dg_free(dg_realloc(NULL, huge, 4));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calloc_zeroes),
		cmocka_unit_test(test_strdup),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_overflow_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

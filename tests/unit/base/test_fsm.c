/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fsm.c - moves along the table work, all others abort; so do asserts.
 */
#include "base/fsm.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "test_support.h"

enum { A, B, C, STATES };

static const struct dg_fsm_state table[STATES] = {
	[A] = {"a", DG_FSM_TO(B), false},
	[B] = {"b", DG_FSM_TO(A) | DG_FSM_TO(C), true},
	[C] = {"c", 0, false},
};

/* Whether fn(arg) ends in abort(). */
static bool
aborts(void (*fn)(unsigned), unsigned arg)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		fn(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
move_from_a(unsigned to)
{
	struct dg_fsm fsm;

	dg_fsm_init(&fsm, table, STATES, A);
	dg_fsm_move(&fsm, to);
}

static void
test_moves(void **state)
{
	struct dg_fsm fsm;

	(void)state;
	dg_fsm_init(&fsm, table, STATES, A);
	assert_string_equal(dg_fsm_name(&fsm), "a");
	dg_fsm_move(&fsm, B);
	dg_fsm_move(&fsm, A);
	dg_fsm_move(&fsm, B);
	dg_fsm_move(&fsm, C);
	assert_int_equal(fsm.state, C);
	assert_string_equal(dg_fsm_name(&fsm), "c");
}

static void
test_forbidden_moves_abort(void **state)
{
	(void)state;
	assert_false(aborts(move_from_a, B));
	assert_true(aborts(move_from_a, A));
	assert_true(aborts(move_from_a, C));
	assert_true(aborts(move_from_a, STATES));
}

static void
fail_assert(unsigned zero)
{
	DG_ASSERT(zero != 0);
}

static void
reach_unreachable(unsigned zero)
{
	(void)zero;
	DG_UNREACHABLE();
}

static void
test_assert(void **state)
{
	(void)state;
	assert_true(aborts(fail_assert, 0));
	assert_false(aborts(fail_assert, 1));
	assert_true(aborts(reach_unreachable, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_forbidden_moves_abort),
		cmocka_unit_test(test_assert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

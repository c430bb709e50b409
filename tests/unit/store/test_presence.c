/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_presence.c - a replica's row among the replicas: what it says, what
 * becomes of it, and what others can do to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/lab.h"

#include <cmocka.h>

struct member {
	struct dg_store_presence *presence;
	struct dg_store_presence_state state;
	char stamp[DG_STORE_STAMP_MAX];
	int fills;
	bool left;
};

static void
on_fill(void *arg, struct dg_store_presence_state *state)
{
	struct member *m = arg;

	m->fills++;
	*state = m->state;
}

static void
on_left(void *arg)
{
	struct member *m = arg;

	m->left = true;
}

static void
join(struct lab *lab, struct member *m, const char *name, unsigned report_ms)
{
	const struct dg_store_presence_config config = {
		.conninfo = lab_conninfo(),
		.name = dg_str_from_cstr(name),
		.host = DG_STR("host"),
		.address = DG_STR("0.0.0.0:8443"),
		.program = DG_STR("1.2.3"),
		.report_ms = report_ms,
		.fill = on_fill,
		.arg = m,
	};

	(void)snprintf(m->stamp, sizeof(m->stamp), "%s",
		       lab_ask(lab, "SELECT datagateway.policy_stamp(1)"));
	m->state = (struct dg_store_presence_state){.version = 1,
						    .stamp = m->stamp,
						    .seen_version = 1,
						    .poll_age_ms = 0,
						    .stale_after_ms = 60000};
	m->fills = 0;
	m->left = false;
	m->presence = dg_store_presence_create(lab->loop, &config);
}

static void
on_wake(void *arg)
{
	(void)arg;
}

/* Asks until it is so. */
static void
expect(struct lab *lab, const char *sql, const char *want)
{
	uint64_t until_ms = dg_clock_mono_ms() + 10000;
	const char *got = lab_ask(lab, sql);

	while (strcmp(got, want) != 0) {
		struct dg_timer wake = {0};

		if (dg_clock_mono_ms() > until_ms)
			fail_msg("%s: got \"%s\", wanted \"%s\"", sql, got,
				 want);
		dg_timer_start(&wake, lab->loop, 20, on_wake, NULL);
		dg_loop_run_once(lab->loop);
		dg_timer_fini(&wake);
		got = lab_ask(lab, sql);
	}
}

static void
test_a_row_and_its_end(void **state)
{
	struct lab *lab = *state;
	struct member m;

	join(lab, &m, "one", 60000);
	expect(lab,
	       "SELECT concat_ws(' ', name, host, address, program, state, "
	       "policy_version, policy_seen, versions_behind, seconds_behind, "
	       "polled_at = reported_at, login = current_user) "
	       "FROM datagateway.replica_states",
	       "one host 0.0.0.0:8443 1.2.3 current 1 1 0 0 t t");
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann')");
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('bob')");
	expect(lab,
	       "SELECT concat_ws(' ', state, versions_behind, "
	       "seconds_behind BETWEEN 0 AND 10) "
	       "FROM datagateway.replica_states",
	       "behind 2 t");
	/* The number of the newest, of another history. */
	m.state.version = 3;
	dg_store_presence_report(m.presence);
	expect(lab,
	       "SELECT concat_ws(' ', state, is_ours, policy_version) "
	       "FROM datagateway.replica_states",
	       "behind f 3");
	m.state.stamp = lab_ask(lab, "SELECT datagateway.policy_stamp(3)");
	dg_store_presence_report(m.presence);
	expect(lab, "SELECT state FROM datagateway.replica_states", "current");
	dg_store_presence_leave(m.presence, on_left);
	LAB_UNTIL(lab, m.left);
	expect(lab, "SELECT count(*) FROM datagateway.replicas", "0");
	dg_store_presence_destroy(&m.presence);
}

static void
test_reports_without_being_told(void **state)
{
	struct lab *lab = *state;
	struct member m;

	join(lab, &m, "one", 100);
	LAB_UNTIL(lab, m.fills >= 5);
	expect(lab, "SELECT count(*) FROM datagateway.replicas", "1");
	dg_store_presence_destroy(&m.presence);
}

/* Until it would refuse everything by itself, silence is no end. */
static void
test_silent_then_gone(void **state)
{
	struct lab *lab = *state;
	struct member m;

	join(lab, &m, "one", 60000);
	expect(lab, "SELECT count(*) FROM datagateway.replicas", "1");
	dg_store_presence_destroy(&m.presence);
	lab_run(lab, "UPDATE datagateway.replicas SET report_every = "
		     "interval '0.1 s', reported_at = now() - interval '2 s', "
		     "polled_at = now() - interval '58 s'");
	expect(lab, "SELECT state FROM datagateway.replica_states", "silent");
	expect(lab, "SELECT count(*) FROM datagateway.replica_states", "0");
	/* Whoever joins next sweeps. */
	join(lab, &m, "two", 60000);
	expect(lab, "SELECT string_agg(name, ' ') FROM datagateway.replicas",
	       "two");
	dg_store_presence_destroy(&m.presence);
}

/* A process that was killed and started again: its place is taken. */
static void
test_takes_the_place_of_the_dead(void **state)
{
	struct lab *lab = *state;
	struct member m;

	join(lab, &m, "one", 60000);
	expect(lab, "SELECT count(*) FROM datagateway.replicas", "1");
	dg_store_presence_destroy(&m.presence);
	/* Not while it may live. */
	join(lab, &m, "one", 60000);
	expect(lab, "SELECT count(*) FROM datagateway.replicas", "2");
	dg_store_presence_destroy(&m.presence);
	lab_run(lab, "UPDATE datagateway.replicas SET report_every = "
		     "interval '0.1 s', reported_at = now() - interval '2 s'");
	expect(lab,
	       "SELECT string_agg(state, ' ') FROM datagateway.replica_states",
	       "silent silent");
	join(lab, &m, "one", 60000);
	expect(lab,
	       "SELECT string_agg(state, ' ') FROM datagateway.replica_states",
	       "current");
	dg_store_presence_destroy(&m.presence);
}

#define REPORT(key, name) \
	"SELECT datagateway.report_replica('" key "', '" name "', 'h', 'a', " \
	"'v', 0, 1000, 0, 1000, 1, '', 1)"
#define KEY "0123456789abcdef0123456789abcdef"

/* The proxy's login has these functions, and they bound what it can do. */
static void
test_what_a_foul_replica_can_do(void **state)
{
	struct lab *lab = *state;

	lab_run(lab, REPORT(KEY, "mine"));
	lab_run(lab, "SET ROLE datagateway_proxy");
	assert_int_equal(lab_try(lab, "SELECT * FROM datagateway.replicas"),
			 DG_ERR_DENIED);
	assert_int_equal(
		lab_try(lab, "SELECT * FROM datagateway.replica_states"),
		DG_ERR_DENIED);
	assert_int_equal(lab_try(lab, "DELETE FROM datagateway.replicas"),
			 DG_ERR_DENIED);
	/* Without the key it finds no row. */
	lab_run(lab, "SELECT datagateway.leave_replica('" KEY "0')");
	lab_run(lab, REPORT(KEY "0", "other"));
	assert_int_not_equal(lab_try(lab, REPORT("short", "x")), DG_OK);
	assert_int_not_equal(lab_try(lab, REPORT(KEY "1", "two\nlines")),
			     DG_OK);
	assert_int_not_equal(
		lab_try(lab, "SELECT datagateway.report_replica(repeat('k', "
			     "64), repeat('n', 257), '', '', '', 0, 1, 0, 1, "
			     "1, '', 1)"),
		DG_OK);
	/* As many as there may be, and no more. */
	assert_int_not_equal(
		lab_try(lab, "SELECT datagateway.report_replica('" KEY
			     "' || i, 'n' || i, '', '', '', 0, 1000000, 0, "
			     "1000, 1, '', 1) FROM generate_series(1, 1200) i"),
		DG_OK);
	lab_run(lab, "RESET ROLE");
	assert_string_equal(lab_ask(lab,
				    "SELECT string_agg(name, ' ' ORDER BY id) "
				    "FROM datagateway.replicas"),
			    "mine other");
}

int
main(void)
{
#define PRESENCE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, lab_setup_migrated, lab_teardown)
	const struct CMUnitTest tests[] = {
		PRESENCE_TEST(test_a_row_and_its_end),
		PRESENCE_TEST(test_reports_without_being_told),
		PRESENCE_TEST(test_silent_then_gone),
		PRESENCE_TEST(test_takes_the_place_of_the_dead),
		PRESENCE_TEST(test_what_a_foul_replica_can_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

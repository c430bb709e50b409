/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_health.c - what is known of clusters, against /v1/info requests that
 * the test answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "proxy/fake_fetch.h"
#include "proxy/policy_fixture.h"
#include "route/route.h"

#define INFO(version) "{\"nodeVersion\":{\"version\":\"" version "\"}}"

struct fixture {
	struct dg_loop *loop;
	struct dg_health *health;
	struct policy_fixture policy;
	struct dg_cluster_states *states; /* newest */
	int changes;
};

static void
on_change(void *arg, struct dg_cluster_states *states)
{
	struct fixture *f = arg;

	dg_cluster_states_unref(&f->states);
	f->states = dg_cluster_states_ref(states);
	f->changes++;
}

static void
open_fixture(struct fixture *f)
{
	*f = (struct fixture){.changes = 0};
	f->loop = dg_loop_create("test", 16);
	f->health = dg_health_create(f->loop, NULL, 1, 1000, on_change, f);
	policy_fixture_init(&f->policy, 1);
	policy_fixture_cluster(&f->policy, "one", DG_STORE_TRINO, 1);
	policy_fixture_cluster(&f->policy, "two", DG_STORE_PRESTO, 2);
	policy_fixture_cluster(&f->policy, "off", DG_STORE_TRINO, 3)->enabled =
		false;
	dg_health_set_snapshot(f->health, policy_fixture_finish(&f->policy));
}

static void
close_fixture(struct fixture *f)
{
	dg_health_destroy(&f->health);
	assert_int_equal(fake_fetch_open(), 0);
	dg_cluster_states_unref(&f->states);
	dg_loop_destroy(&f->loop);
	policy_fixture_fini(&f->policy);
}

static void
run_until_asked(struct fixture *f)
{
	while (fake_fetch_open() == 0)
		dg_loop_run_once(f->loop);
}

static const struct dg_cluster_state *
state_of(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->states->n_states; i++)
		if (dg_str_eq(f->states->states[i].name,
			      dg_str_from_cstr(name)))
			return &f->states->states[i];
	return NULL;
}

static void
learns_versions(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(fake_fetch_open(), 2); /* not the one that is off */
	assert_false(dg_health_is_settled(f.health));
	assert_string_equal(fake_fetch_request(), "GET /v1/info");
	assert_string_equal(fake_fetch_header("X-Trino-User"), "metadata");
	fake_fetch_answer(200, INFO("476"));
	assert_int_equal(state_of(&f, "one")->version, 476);
	assert_false(state_of(&f, "two")->reachable);
	assert_false(dg_health_is_settled(f.health));
	fake_fetch_answer(200, INFO("0.287-abc"));
	assert_int_equal(state_of(&f, "two")->version, 287);
	assert_true(dg_health_is_settled(f.health));
	assert_null(state_of(&f, "off"));
	close_fixture(&f);
}

static void
keeps_the_version_of_who_is_away(void **state)
{
	struct fixture f;
	int changes;

	(void)state;
	open_fixture(&f);
	fake_fetch_answer(200, INFO("476"));
	fake_fetch_fail("connection refused"); /* two */
	assert_true(dg_health_is_settled(f.health));
	run_until_asked(&f);
	changes = f.changes;
	fake_fetch_answer(200, INFO("476")); /* no news, no message */
	assert_int_equal(f.changes, changes);
	fake_fetch_fail("connection refused");
	assert_int_equal(f.changes, changes);
	run_until_asked(&f);
	fake_fetch_answer(502, "");
	assert_int_equal(f.changes, changes + 1);
	assert_false(state_of(&f, "one")->reachable);
	assert_int_equal(state_of(&f, "one")->version, 476);
	close_fixture(&f);
}

static void
does_not_take_one_engine_for_another(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	fake_fetch_answer(200, INFO("0.287"));
	assert_false(state_of(&f, "one")->reachable);
	assert_int_equal(state_of(&f, "one")->version, 0);
	close_fixture(&f);
}

static void
starts_anew_at_another_address(void **state)
{
	struct policy_fixture next;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	fake_fetch_answer(200, INFO("476"));
	policy_fixture_init(&next, 2);
	policy_fixture_cluster(&next, "one", DG_STORE_TRINO, 99);
	policy_fixture_cluster(&next, "two", DG_STORE_PRESTO, 2);
	dg_health_set_snapshot(f.health, policy_fixture_finish(&next));
	assert_int_equal(state_of(&f, "one")->version, 0);
	assert_int_equal(fake_fetch_open(), 2); /* two's still, one's anew */
	dg_health_destroy(&f.health);
	policy_fixture_fini(&next);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learns_versions),
		cmocka_unit_test(keeps_the_version_of_who_is_away),
		cmocka_unit_test(does_not_take_one_engine_for_another),
		cmocka_unit_test(starts_anew_at_another_address),
	};

	dg_log_set_level(DG_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

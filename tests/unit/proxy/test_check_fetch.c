/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_check_fetch.c - asking a coordinator what a query touched, against
 * requests that the test answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "metadata/cross_check.h"
#include "proxy/fake_fetch.h"

static const struct dg_store_cluster cluster = {
	.name = DG_STR_INIT("c"), .engine = DG_STORE_TRINO, .port = 1};
static const struct dg_target target = {.cluster = &cluster};

struct fixture {
	struct dg_loop *loop;
	struct dg_upstream *upstream;
	struct dg_check_call *call;
	int done;
	enum dg_check_result result;
	char what[128];
};

static void
on_check(void *arg, enum dg_check_result result, struct dg_str what)
{
	struct fixture *f = arg;

	f->done++;
	f->call = NULL;
	f->result = result;
	(void)snprintf(f->what, sizeof(f->what), "%.*s", DG_STR_ARG(what));
}

static void
start(struct fixture *f, const char *query_id, unsigned deadline_ms)
{
	*f = (struct fixture){.loop = dg_loop_create("test", 16)};
	f->upstream = fake_fetch_upstream(f->loop);
	f->call = dg_check_start(f->loop, f->upstream, &target,
				 dg_str_from_cstr(query_id), DG_STR("ann"),
				 DG_STR("L"), deadline_ms, on_check, f);
	assert_int_equal(f->done, 0);
}

static void
stop(struct fixture *f)
{
	dg_check_cancel(&f->call);
	dg_upstream_destroy(&f->upstream);
	dg_loop_destroy(&f->loop);
	assert_int_equal(fake_fetch_open(), 0);
}

static void
run_until_asked(struct fixture *f)
{
	while (fake_fetch_open() == 0 && f->done == 0)
		dg_loop_run_once(f->loop);
}

static void
asks_until_it_is_planned(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "20260101_000000_00001_abcde", 60000);
	for (int i = 0; i < 3; i++) {
		run_until_asked(&f);
		assert_string_equal(fake_fetch_request(),
				    "GET /v1/query/20260101_000000_00001_abcde"
				    "?pruned=true");
		assert_string_equal(fake_fetch_header("X-Trino-User"), "ann");
		fake_fetch_answer(200, "{\"state\":\"PLANNING\"}");
		assert_int_equal(f.done, 0);
	}
	run_until_asked(&f);
	fake_fetch_answer(200,
			  "{\"state\":\"RUNNING\",\"referencedTables\":[]}");
	assert_int_equal(f.done, 1);
	assert_int_equal(f.result, DG_CHECK_OK);
	stop(&f);
}

static void
tells_what_is_beyond(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "q", 60000);
	fake_fetch_answer(200, "{\"state\":\"RUNNING\",\"referencedTables\":["
			       "{\"catalog\":\"a\",\"schema\":\"b\","
			       "\"table\":\"c\",\"columns\":[]}]}");
	assert_int_equal(f.result, DG_CHECK_EXCEEDED);
	assert_string_equal(f.what, "read table a.b.c");
	stop(&f);
}

static void
fails_closed(void **state)
{
	static const unsigned statuses[] = {401, 403, 404, 410, 500, 0};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(statuses); i++) {
		start(&f, "q", 60000);
		if (statuses[i] == 0)
			fake_fetch_fail("connection refused");
		else
			fake_fetch_answer(statuses[i], "{}");
		assert_int_equal(f.done, 1);
		assert_int_equal(f.result, DG_CHECK_FAILED);
		stop(&f);
	}
}

static void
keeps_its_deadline(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "q", 60);
	while (f.done == 0) {
		run_until_asked(&f);
		if (f.done == 0)
			fake_fetch_answer(200, "{\"state\":\"QUEUED\"}");
	}
	assert_int_equal(f.result, DG_CHECK_FAILED);
	stop(&f);
}

static void
does_not_ask_for_odd_ids(void **state)
{
	static const char *const ids[] = {"", "../info", "a?b", "A", "a b"};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(ids); i++) {
		start(&f, ids[i], 60000);
		assert_int_equal(fake_fetch_open(), 0);
		while (f.done == 0)
			dg_loop_run_once(f.loop);
		assert_int_equal(f.result, DG_CHECK_FAILED);
		stop(&f);
	}
}

static void
can_be_cancelled(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "q", 60000);
	dg_check_cancel(&f.call);
	assert_int_equal(f.done, 0);
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_until_it_is_planned),
		cmocka_unit_test(tells_what_is_beyond),
		cmocka_unit_test(fails_closed),
		cmocka_unit_test(keeps_its_deadline),
		cmocka_unit_test(does_not_ask_for_odd_ids),
		cmocka_unit_test(can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

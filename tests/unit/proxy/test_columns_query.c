/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_columns_query.c - the query for the columns of a table, from its POST to
 * the DELETE of what is left, against requests that the test answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "metadata/columns_query.h"
#include "proxy/fake_fetch.h"

static const struct dg_store_cluster cluster = {
	.name = DG_STR_INIT("c"),
	.engine = DG_STORE_TRINO,
	.host = DG_STR_INIT("h"),
	.port = 1,
	.metadata_user = DG_STR_INIT("meta"),
};
static const struct dg_target target = {.cluster = &cluster};
static const struct dg_sql_name table = {
	DG_STR_INIT("tpch"), DG_STR_INIT("tiny"), DG_STR_INIT("nation")};

struct fixture {
	struct dg_loop *loop;
	struct dg_upstream *upstream;
	struct dg_columns_query *query;
	enum dg_columns_result result;
	int done;
	size_t n_names;
	char why[128];
};

static void
on_columns(void *arg, enum dg_columns_result result,
	   const struct dg_sql_columns *columns, const char *why)
{
	struct fixture *f = arg;

	f->done++;
	f->query = NULL;
	f->result = result;
	f->n_names = columns == NULL ? 0 : columns->n_names;
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
}

static void
start(struct fixture *f, const struct dg_sql_name *name, unsigned deadline_ms)
{
	*f = (struct fixture){.loop = dg_loop_create("test", 16)};
	f->upstream = fake_fetch_upstream(f->loop);
	f->query = dg_columns_query_start(f->loop, f->upstream, &target, name,
					  deadline_ms, on_columns, f);
	assert_int_equal(f->done, 0);
}

static void
stop(struct fixture *f)
{
	dg_columns_query_cancel(&f->query);
	dg_upstream_destroy(&f->upstream);
	dg_loop_destroy(&f->loop);
	assert_int_equal(fake_fetch_open(), 0);
}

#define NEXT(n) "\"nextUri\":\"http://elsewhere:9/v1/statement/q/" #n "\""

static void
follows_and_cancels(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 60000);
	assert_string_equal(fake_fetch_request(), "POST /v1/statement");
	assert_string_equal(
		fake_fetch_body(),
		"SELECT * FROM \"tpch\".\"tiny\".\"nation\" LIMIT 0");
	assert_string_equal(fake_fetch_header("X-Trino-User"), "meta");
	assert_string_equal(fake_fetch_header("Content-Type"),
			    "text/plain; charset=utf-8");
	fake_fetch_answer(200, "{" NEXT(1) "}");
	/* Where the coordinator says it is does not count. */
	assert_string_equal(fake_fetch_request(), "GET /v1/statement/q/1");
	fake_fetch_answer(200, "{" NEXT(2) "}");
	fake_fetch_answer(200, "{" NEXT(3) ",\"columns\":[{\"name\":\"a\"},"
					   "{\"name\":\"b\"}]}");
	assert_int_equal(f.done, 1);
	assert_int_equal(f.result, DG_COLUMNS_FOUND);
	assert_int_equal(f.n_names, 2);
	assert_string_equal(fake_fetch_request(), "DELETE /v1/statement/q/3");
	assert_string_equal(fake_fetch_header("X-Trino-User"), "meta");
	fake_fetch_answer(204, "");
	stop(&f);
}

static void
tells_what_went_wrong(void **state)
{
	static const struct {
		unsigned status; /* 0: the request fails */
		const char *body;
		enum dg_columns_result result;
	} cases[] = {
		{200, "{\"error\":{\"errorName\":\"TABLE_NOT_FOUND\"}}",
		 DG_COLUMNS_ABSENT},
		{200, "{\"error\":{\"errorName\":\"PERMISSION_DENIED\"}}",
		 DG_COLUMNS_FAILED},
		{200, "{}", DG_COLUMNS_FAILED},
		{401, "", DG_COLUMNS_FAILED},
		{503, "", DG_COLUMNS_FAILED},
		{0, "connection refused", DG_COLUMNS_FAILED},
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		start(&f, &table, 60000);
		if (cases[i].status == 0)
			fake_fetch_fail(cases[i].body);
		else
			fake_fetch_answer(cases[i].status, cases[i].body);
		assert_int_equal(f.done, 1);
		assert_int_equal(f.result, cases[i].result);
		stop(&f);
	}
}

static void
keeps_its_deadline(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 1);
	fake_fetch_answer(200, "{" NEXT(1) "}");
	while (f.done == 0)
		dg_loop_run_once(f.loop);
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	assert_string_equal(f.why, "it did not tell the columns in time");
	stop(&f);
}

static void
has_an_end(void **state)
{
	struct fixture f;
	size_t before = fake_fetch_made();

	(void)state;
	start(&f, &table, 60000);
	while (f.done == 0)
		fake_fetch_answer(200, "{" NEXT(1) "}");
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	assert_true(fake_fetch_made() - before <= 200);
	stop(&f);
}

static void
asks_nothing_for_odd_names(void **state)
{
	const struct dg_sql_name odd = {DG_STR("c"), DG_STR("s"),
					DG_STR("t$files")};
	struct fixture f;

	(void)state;
	start(&f, &odd, 60000);
	assert_int_equal(fake_fetch_open(), 0);
	while (f.done == 0)
		dg_loop_run_once(f.loop);
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	stop(&f);
}

static void
can_be_cancelled(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 60000);
	dg_columns_query_cancel(&f.query);
	assert_null(f.query);
	assert_int_equal(fake_fetch_open(), 0);
	assert_int_equal(f.done, 0);
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_and_cancels),
		cmocka_unit_test(tells_what_went_wrong),
		cmocka_unit_test(keeps_its_deadline),
		cmocka_unit_test(has_an_end),
		cmocka_unit_test(asks_nothing_for_odd_names),
		cmocka_unit_test(can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_reply.c - the gateway's own pages have what each client insists on
 * (protocol.md 5.1, 13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "presto/reply.h"

#define BASE DG_STR("https://gw.example:8443")

static struct dg_buf out;

static int
setup(void **state)
{
	(void)state;
	dg_buf_init(&out, 1 << 16);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_buf_fini(&out);
	return 0;
}

static struct dg_json *
parse(void)
{
	struct dg_json *root = NULL;
	struct dg_error err;

	assert_int_equal(dg_json_parse(dg_buf_peek(&out), 1 << 16, &root, &err),
			 DG_OK);
	return root;
}

static struct dg_json *
at(struct dg_json *root, const char *a, const char *b, const char *c)
{
	root = dg_json_get(root, a);
	if (b != NULL)
		root = dg_json_get(root, b);
	return c == NULL ? root : dg_json_get(root, c);
}

static void
expect_text(struct dg_json *value, const char *want)
{
	struct dg_str got = DG_STR("(none)");

	(void)dg_json_string(value, &got);
	if (!dg_str_eq(got, dg_str_from_cstr(want)))
		fail_msg("%.*s, not %s", DG_STR_ARG(got), want);
}

static void
expect_number(struct dg_json *value, int64_t want)
{
	int64_t got = -1;

	assert_true(dg_json_int(value, &got));
	assert_int_equal(got, want);
}

static void
queued(void **state)
{
	(void)state;
	struct dg_json *page;

	assert_int_equal(dg_reply_queued(DG_FAMILY_TRINO, DG_STR("id_1"), BASE,
					 DG_STR("https://gw/next"), &out),
			 DG_OK);
	page = parse();
	expect_text(at(page, "id", NULL, NULL), "id_1");
	expect_text(at(page, "infoUri", NULL, NULL),
		    "https://gw.example:8443/ui/query.html?id_1");
	expect_text(at(page, "nextUri", NULL, NULL), "https://gw/next");
	expect_text(at(page, "stats", "state", NULL), "QUEUED");
	expect_number(at(page, "stats", "completedSplits", NULL), 0);
	assert_true(dg_json_is_array(at(page, "warnings", NULL, NULL)));
	dg_json_destroy(&page);
}

static void
failed(void **state)
{
	(void)state;
	struct dg_failure failure = {
		.error = DG_QE_PERMISSION_DENIED,
		.message = DG_STR("Access Denied: \"x\"\n\xff"),
		.line = 3,
		.column = 8,
	};
	struct dg_json *page;

	assert_int_equal(dg_reply_failed(DG_FAMILY_TRINO, DG_STR("a"), BASE,
					 &failure, &out),
			 DG_OK);
	page = parse();
	expect_text(at(page, "stats", "state", NULL), "FAILED");
	expect_number(at(page, "error", "errorCode", NULL), 4);
	expect_text(at(page, "error", "errorName", NULL), "PERMISSION_DENIED");
	expect_text(at(page, "error", "errorType", NULL), "USER_ERROR");
	expect_number(at(page, "error", "errorLocation", "lineNumber"), 3);
	expect_number(at(page, "error", "errorLocation", "columnNumber"), 8);
	expect_text(at(page, "error", "failureInfo", "type"),
		    "io.trino.spi.security.AccessDeniedException");
	assert_true(dg_json_is_array(
		at(page, "error", "failureInfo", "suppressed")));
	assert_true(
		dg_json_is_array(at(page, "error", "failureInfo", "stack")));
	assert_null(at(page, "error", "retriable", NULL));
	assert_null(at(page, "nextUri", NULL, NULL));
	dg_json_destroy(&page);

	dg_buf_clear(&out);
	failure.error = DG_QE_REMOTE_HOST_GONE;
	failure.line = 0;
	assert_int_equal(dg_reply_failed(DG_FAMILY_PRESTO, DG_STR("a"), BASE,
					 &failure, &out),
			 DG_OK);
	page = parse();
	expect_number(at(page, "error", "errorCode", NULL), 65558);
	expect_text(at(page, "error", "errorType", NULL), "INTERNAL_ERROR");
	assert_null(at(page, "error", "errorLocation", NULL));
	assert_non_null(at(page, "error", "retriable", NULL));
	assert_null(at(page, "error", "failureInfo", "errorInfo"));
	expect_text(at(page, "error", "failureInfo", "type"),
		    "com.facebook.presto.spi.PrestoException");
	dg_json_destroy(&page);
}

/* An error of the engine's that we have no name for. */
static void
failed_as_the_engine_says(void **state)
{
	(void)state;
	const struct dg_query_error_info engine = {"DIVISION_BY_ZERO", 8,
						   "USER_ERROR"};
	const struct dg_failure failure = {
		.error = DG_QE_GENERIC_INTERNAL_ERROR,
		.engine = &engine,
		.message = DG_STR("withheld"),
	};
	struct dg_json *page;

	assert_int_equal(dg_reply_failed(DG_FAMILY_TRINO, DG_STR("a"), BASE,
					 &failure, &out),
			 DG_OK);
	page = parse();
	expect_text(at(page, "error", "message", NULL), "withheld");
	expect_number(at(page, "error", "errorCode", NULL), 8);
	expect_text(at(page, "error", "errorName", NULL), "DIVISION_BY_ZERO");
	expect_text(at(page, "error", "errorType", NULL), "USER_ERROR");
	dg_json_destroy(&page);
}

static void
session_done(void **state)
{
	(void)state;
	struct dg_json *page;

	assert_int_equal(dg_reply_session_done(DG_FAMILY_TRINO, DG_STR("a"),
					       BASE, "SET SESSION", &out),
			 DG_OK);
	page = parse();
	expect_text(at(page, "updateType", NULL, NULL), "SET SESSION");
	assert_true(dg_json_is_array(at(page, "columns", NULL, NULL)));
	assert_int_equal(dg_json_size(at(page, "columns", NULL, NULL)), 0);
	assert_null(at(page, "data", NULL, NULL));
	expect_text(at(page, "stats", "state", NULL), "FINISHED");
	dg_json_destroy(&page);

	dg_buf_clear(&out);
	assert_int_equal(dg_reply_session_done(DG_FAMILY_PRESTO, DG_STR("a"),
					       BASE, "RESET SESSION", &out),
			 DG_OK);
	page = parse();
	expect_text(at(dg_json_at(at(page, "columns", NULL, NULL), 0), "type",
		       NULL, NULL),
		    "boolean");
	assert_int_equal(dg_json_size(at(page, "data", NULL, NULL)), 1);
	dg_json_destroy(&page);
}

static void
full_buffer(void **state)
{
	(void)state;
	const struct dg_failure failure = {.message = DG_STR("m")};

	dg_buf_fini(&out);
	dg_buf_init(&out, 300);
	assert_int_equal(dg_reply_queued(DG_FAMILY_TRINO, DG_STR("a"), BASE,
					 DG_STR("n"), &out),
			 DG_ERR_LIMIT);
	assert_int_equal(dg_reply_failed(DG_FAMILY_TRINO, DG_STR("a"), BASE,
					 &failure, &out),
			 DG_ERR_LIMIT);
}

static void
query_ids(void **state)
{
	(void)state;
	char id[DG_QUERY_ID_MAX];
	char other[DG_QUERY_ID_MAX];

	/* 2026-08-01T10:11:12Z */
	dg_reply_make_query_id(INT64_C(1785579072) * 1000000, id);
	dg_reply_make_query_id(INT64_C(1785579072) * 1000000, other);
	assert_memory_equal(id, "20260801_101112_", 16);
	assert_memory_equal(id + 21, "_d0l", 4);
	assert_int_equal(strlen(id), 27);
	assert_string_not_equal(id, other);
	for (size_t i = 0; id[i] != '\0'; i++)
		assert_non_null(
			strchr("abcdefghijklmnopqrstuvwxyz0123456789_", id[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(queued),
		TEST(failed),
		TEST(failed_as_the_engine_says),
		TEST(session_done),
		TEST(full_buffer),
		TEST(query_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

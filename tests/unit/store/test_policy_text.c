/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy_text.c - names of objects, principals, URLs and times as people
 * write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy_text.h"

#include <cmocka.h>

static struct dg_arena *arena;

static int
open_arena(void **state)
{
	(void)state;
	arena = dg_arena_create(1 << 20);
	return 0;
}

static int
close_arena(void **state)
{
	(void)state;
	dg_arena_destroy(&arena);
	return 0;
}

static void
test_objects(void **state)
{
	static const struct {
		enum dg_acl_kind kind;
		const char *text;
		const char *parts; /* catalog|schema|name, or the error */
	} cases[] = {
		{DG_ACL_TABLE, "C.S.T", "c|s|t"},
		{DG_ACL_TABLE, "*.s*.t?", "*|s*|t?"},
		{DG_ACL_TABLE, "c.\"a.b\".\"d\"\"e\"", "c|a.b|d\"e"},
		{DG_ACL_TABLE, "c.s.\"T$files\"", "c|s|t$files"},
		{DG_ACL_TABLE, "c.s",
		 "\"c.s\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "c.s.t.u",
		 "\"c.s.t.u\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "c..t",
		 "\"c..t\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "",
		 "\"\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "c.s.",
		 "\"c.s.\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "c.\"\".t",
		 "\"c.\"\".t\" is not of the form CATALOG.SCHEMA.NAME"},
		{DG_ACL_TABLE, "c.\"s.t",
		 "a quote in \"c.\"s.t\" is not closed"},
		{DG_ACL_TABLE, "c.\"s\"x.t",
		 "a quote in \"c.\"s\"x.t\" is not closed"},
		{DG_ACL_TABLE, "c.s\"x.t", "a quote in the middle of \"s\"x\""},
		{DG_ACL_SCHEMA, "C.s", "c|s|"},
		{DG_ACL_SCHEMA, "c", "\"c\" is not of the form CATALOG.SCHEMA"},
		{DG_ACL_CATALOG, "C", "c||"},
		{DG_ACL_CATALOG, "c.s", "\"c.s\" is not of the form CATALOG"},
		{DG_ACL_PROPERTY, "Hive.X_y", "||hive.x_y"},
		{DG_ACL_CLUSTER, "One", "||one"},
		{DG_ACL_USER, "Ann.B", "||Ann.B"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_acl_object o;
		struct dg_error err;
		char got[600];

		if (dg_policy_object(dg_str_from_cstr(cases[i].text),
				     cases[i].kind, arena, &o, &err) == DG_OK)
			(void)snprintf(got, sizeof(got), "%.*s|%.*s|%.*s",
				       DG_STR_ARG(o.catalog),
				       DG_STR_ARG(o.schema),
				       DG_STR_ARG(o.name));
		else
			(void)snprintf(got, sizeof(got), "%s", err.text);
		assert_string_equal(got, cases[i].parts);
	}
}

static void
test_principals(void **state)
{
	static const struct {
		const char *text;
		const char *token;
	} cases[] = {
		{"ann", "user:ann"},
		{"user:ann", "user:ann"},
		{"role:x", "role:x"},
		{"public", "role:public"},
		{"user:public", "user:public"},
		{"group:x", "user:group:x"},
		{"", NULL},
		{"user:", NULL},
		{"role:", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str token;
		struct dg_error err;
		enum dg_rc rc = dg_policy_principal(
			dg_str_from_cstr(cases[i].text), arena, &token, &err);

		assert_int_equal(rc == DG_OK, cases[i].token != NULL);
		if (rc == DG_OK)
			assert_true(dg_str_eq(
				token, dg_str_from_cstr(cases[i].token)));
	}
}

static void
test_urls(void **state)
{
	static const struct {
		const char *text;
		const char *parts; /* NULL: refused */
	} cases[] = {
		{"http://h:8080", "0 h 8080"},
		{"HTTPS://Host.Example:8443/", "1 host.example 8443"},
		{"http://h", "0 h 80"},
		{"https://h", "1 h 443"},
		{"https://[::1]:8443", "1 ::1 8443"},
		{"https://[::1]", "1 ::1 443"},
		{"https://h:1", "1 h 1"},
		{"https://h:65535", "1 h 65535"},
		{"https://h:0", NULL},
		{"https://h:65536", NULL},
		{"https://h:", NULL},
		{"https://h:x", NULL},
		{"https://", NULL},
		{"https:///", NULL},
		{"https://user@h", NULL},
		{"https://h/path", NULL},
		{"https://h?x", NULL},
		{"https://h h", NULL},
		{"https://[::1", NULL},
		{"https://[::1]8443", NULL},
		{"ftp://h", NULL},
		{"h:8080", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_policy_url url;
		struct dg_error err;
		char got[300] = "";
		enum dg_rc rc = dg_policy_url(dg_str_from_cstr(cases[i].text),
					      arena, &url, &err);

		if (rc == DG_OK)
			(void)snprintf(got, sizeof(got), "%d %.*s %u", url.tls,
				       DG_STR_ARG(url.host), url.port);
		if (cases[i].parts == NULL ? rc == DG_OK
					   : strcmp(got, cases[i].parts) != 0)
			fail_msg("%s: %s", cases[i].text, got);
	}
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		const char *time; /* NULL: refused */
	} cases[] = {
		{"2026-01-31", "2026-01-31T00:00:00Z"},
		{"2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z"},
		{"2024-02-29", "2024-02-29T00:00:00Z"},
		{"2000-02-29", "2000-02-29T00:00:00Z"},
		{"2023-02-29", NULL},
		{"2100-02-29", NULL},
		{"2026-04-31", NULL},
		{"2026-00-01", NULL},
		{"2026-13-01", NULL},
		{"2026-01-00", NULL},
		{"1969-12-31", NULL},
		{"2026-1-1", NULL},
		{"2026/01/31", NULL},
		{"2026-01-31T24:00:00Z", NULL},
		{"2026-01-31T00:60:00Z", NULL},
		{"2026-01-31T00:00:60Z", NULL},
		{"2026-01-31T00:00:00", NULL},
		{"2026-01-31T00:00:00+01:00", NULL},
		{"2026-01-31 00:00:00Z", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_error err;
		struct dg_str time = DG_STR_EMPTY;
		enum dg_rc rc = dg_policy_time(dg_str_from_cstr(cases[i].text),
					       arena, &time, &err);

		if (cases[i].time == NULL
			    ? rc == DG_OK
			    : !dg_str_eq(time, dg_str_from_cstr(cases[i].time)))
			fail_msg("%s: %.*s", cases[i].text, DG_STR_ARG(time));
	}
}

static enum dg_rc
read_file_with(const char *bytes, size_t n, struct dg_str *out)
{
	char path[] = "/tmp/dg-test-XXXXXX";
	int fd = mkstemp(path);
	struct dg_error err;
	enum dg_rc rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	(void)close(fd);
	rc = dg_policy_read_file(dg_str_from_cstr(path), out, &err);
	(void)unlink(path);
	return rc;
}

static void
test_secrets(void **state)
{
	static char large[5000];
	struct dg_str secret;
	struct dg_error err;

	(void)state;
	memset(large, 'x', sizeof(large));
	assert_int_equal(read_file_with("se cret\r\n\n", 10, &secret), DG_OK);
	assert_true(dg_str_eq(secret, DG_STR("se cret")));
	dg_str_free(&secret);
	assert_int_equal(read_file_with("\n", 1, &secret), DG_ERR_INVALID);
	assert_int_equal(read_file_with("", 0, &secret), DG_ERR_INVALID);
	assert_int_equal(read_file_with(large, sizeof(large), &secret),
			 DG_ERR_INVALID);
	assert_int_equal(
		dg_policy_read_file(DG_STR("/nonexistent/x"), &secret, &err),
		DG_ERR_IO);
	assert_string_equal(err.text,
			    "/nonexistent/x: No such file or directory");
	assert_int_equal(dg_policy_read_file(dg_str_make(large, sizeof(large)),
					     &secret, &err),
			 DG_ERR_INVALID);
	assert_int_equal(setenv("DG_TEST_SECRET", "hush", 1), 0);
	assert_int_equal(
		dg_policy_read_env(DG_STR("DG_TEST_SECRET"), &secret, &err),
		DG_OK);
	assert_true(dg_str_eq(secret, DG_STR("hush")));
	dg_str_free(&secret);
	assert_int_equal(
		dg_policy_read_env(DG_STR("DG_TEST_NO_SECRET"), &secret, &err),
		DG_ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_principals),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}

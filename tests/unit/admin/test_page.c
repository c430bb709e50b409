/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_page.c - the operator's pages, by request and status.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin/admin.h"

static const struct dg_gateway_status ready = {
	.policy_version = 7,
	.policy_age_ms = 12,
	.postgres_connected = true,
	.ready = true,
	.workers = 2,
};
static const struct dg_gateway_status behind = {
	.policy_version = 7,
	.policy_seen = 9,
	.lag_versions = 2,
	.lag_ms = 61250,
	.postgres_connected = true,
	.ready = true,
};
static const struct dg_gateway_status from_file = {
	.policy_version = 7,
	.policy_from_file = true,
	.ready = true,
};
static const struct dg_gateway_status not_ready = {
	.policy_age_ms = -1,
	.why_not = "no policy has been loaded",
};

static void
answers(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		const struct dg_gateway_status *status;
		unsigned want;
		const char *holds;
	} cases[] = {
		{"GET", "/healthz", &not_ready, 200, "ok"},
		{"HEAD", "/healthz", &ready, 200, ""},
		{"GET", "/readyz", &ready, 200,
		 "{\"ready\":true,\"policy_version\":7,"},
		{"GET", "/readyz", &behind, 200,
		 "\"behind\":\"2 versions, 61.2 s\",\"policy_version\":7,"
		 "\"policy_seen\":9,"},
		{"GET", "/readyz", &from_file, 200,
		 "\"policy_source\":\"file: Postgres has not answered"},
		{"GET", "/readyz", &not_ready, 503,
		 "\"why\":\"no policy has been loaded\""},
		{"GET", "/metrics", &ready, 200,
		 "# TYPE datagateway_requests_total counter"},
		{"GET", "/", &ready, 404, "not found"},
		{"GET", "/metrics/", &ready, 404, "not found"},
		{"POST", "/metrics", &ready, 405, "only GET"},
		{"DELETE", "/readyz", &ready, 405, "only GET"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_service_request request = {
			.method = dg_str_from_cstr(cases[i].method),
			.path = dg_str_from_cstr(cases[i].path),
		};
		struct dg_buf body;
		struct dg_service_reply reply = {.status = 200, .body = &body};

		dg_buf_init(&body, 1 << 20);
		dg_admin_page(cases[i].status, &request, &reply);
		assert_int_equal(reply.status, cases[i].want);
		assert_int_equal(dg_buf_append_char(&body, '\0'), DG_OK);
		assert_non_null(
			strstr(dg_buf_peek(&body).data, cases[i].holds));
		dg_buf_fini(&body);
	}
}

static void
says_when_it_does_not_fit(void **state)
{
	const struct dg_service_request request = {.method = DG_STR("GET"),
						   .path = DG_STR("/metrics")};
	struct dg_buf body;
	struct dg_service_reply reply = {.status = 200, .body = &body};

	(void)state;
	dg_buf_init(&body, 64);
	dg_admin_page(&ready, &request, &reply);
	assert_int_equal(reply.status, 500);
	dg_buf_fini(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(says_when_it_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

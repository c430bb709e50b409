/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_statement_parts.c - the pure pieces of the statement protocol: URIs,
 * pages of our own, response headers, datagateway.* statements.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "presto/own_page.h"
#include "presto/own_session.h"
#include "presto/response.h"
#include "presto/seal_page.h"
#include "presto/uri.h"

static struct dg_arena *arena;
static struct dg_http_head head;

static int
setup(void **state)
{
	(void)state;
	arena = dg_arena_create(4 << 20);
	memset(&head, 0, sizeof(head));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_arena_destroy(&arena);
	return 0;
}

static void
add(const char *name, const char *value)
{
	head.headers[head.n_headers++] = (struct dg_http_header){
		dg_str_from_cstr(name), dg_str_from_cstr(value)};
}

static void
expect_text(struct dg_str got, const char *want)
{
	if (!dg_str_eq(got, dg_str_from_cstr(want)))
		fail_msg("got  %.*s\nwant %s", DG_STR_ARG(got), want);
}

/* ---- our own name ------------------------------------------------------ */

static void
base_of_host(void **state)
{
	(void)state;
	static const char *const good[] = {"gw", "gw.example:8443", "[::1]:80",
					   "10.0.0.1", "a_b-c"};
	static const char *const bad[] = {"",      "a/b",     "a b", "a@b",
					  "\"a\"", "a\\b",    ":80", "a,b",
					  "a#b",   "\xc3\xa4"};
	struct dg_str base;

	for (size_t i = 0; i < DG_ARRAY_LEN(good); i++) {
		head.n_headers = 0;
		add("host", good[i]);
		assert_int_equal(dg_uri_base("", &head, true, arena, &base),
				 DG_OK);
		assert_true(dg_str_starts_with(base, DG_STR("https://")));
		expect_text(dg_str_slice(base, 8, base.len), good[i]);
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		head.n_headers = 0;
		add("Host", bad[i]);
		assert_int_equal(dg_uri_base("", &head, false, arena, &base),
				 DG_ERR_INVALID);
	}
	head.n_headers = 0;
	assert_int_equal(dg_uri_base("", &head, false, arena, &base),
			 DG_ERR_INVALID);
	assert_int_equal(dg_uri_base("https://gw/", &head, false, arena, &base),
			 DG_OK);
	expect_text(base, "https://gw");
	add("Host", "a");
	add("Host", "b");
	assert_int_equal(dg_uri_base("", &head, false, arena, &base),
			 DG_ERR_INVALID);
}

/* ---- coordinators' URIs ------------------------------------------------ */

struct uri_case {
	enum dg_uri_kind kind;
	const char *uri;
	int phase; /* -1: refused */
};

static void
engine_uris(void **state)
{
	(void)state;
	static const struct uri_case cases[] = {
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/id/ya/1",
		 DG_SEAL_QUEUED},
		{DG_URI_NEXT, "HTTP://C1:8080/v1/statement/executing/id/ya/1",
		 DG_SEAL_EXECUTING},
		{DG_URI_NEXT,
		 "http://c1:8080/v1/statement/queued/id/1?slug=xa&a=%20b",
		 DG_SEAL_QUEUED},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/retry/id",
		 DG_SEAL_QUEUED},
		{DG_URI_PARTIAL_CANCEL, "http://10.0.0.9:99/v1/stage/id.0",
		 DG_SEAL_PARTIAL},
		{DG_URI_PARTIAL_CANCEL,
		 "http://c1:8080/v1/statement/executing/partialCancel/id/0/y/1",
		 DG_SEAL_PARTIAL},
		/* elsewhere, other doors, or not clean */
		{DG_URI_NEXT, "http://c2:8080/v1/statement/queued/id/ya/1", -1},
		{DG_URI_NEXT, "http://c1/v1/statement/queued/id/ya/1", -1},
		{DG_URI_NEXT, "http://c1:8080@x/v1/statement/queued/a", -1},
		{DG_URI_NEXT, "//c1:8080/v1/statement/queued/id/ya/1", -1},
		{DG_URI_NEXT, "/v1/statement/queued/id/ya/1", -1},
		{DG_URI_NEXT, "ftp://c1:8080/v1/statement/queued/id/1", -1},
		{DG_URI_NEXT, "http://c1:8080", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/query/id", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/../../x", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/a b", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/a#b", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/a\r\nb", -1},
		{DG_URI_NEXT, "http://c1:8080/v1/statement/queued/\xc3\xa4",
		 -1},
		{DG_URI_NEXT, "http://c1:8080/v1/stage/id.0", -1},
		{DG_URI_NEXT,
		 "http://c1:8080/v1/statement/executing/partialCancel/id/0",
		 -1},
		{DG_URI_PARTIAL_CANCEL,
		 "http://c1:8080/v1/statement/queued/id/ya/1", -1},
		{DG_URI_PARTIAL_CANCEL, "http://c1:8080/v1/query/id", -1},
	};
	const struct dg_endpoint endpoint = {.host = DG_STR("c1"),
					     .port = 8080};

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		enum dg_seal_phase phase = DG_SEAL_OWN;
		struct dg_str path;
		enum dg_rc rc = dg_uri_from_engine(
			&endpoint, cases[i].kind,
			dg_str_from_cstr(cases[i].uri), &path, &phase);

		if ((rc == DG_OK) != (cases[i].phase >= 0))
			fail_msg("%s: %s", cases[i].uri, dg_rc_name(rc));
		if (rc != DG_OK)
			continue;
		assert_int_equal(phase, cases[i].phase);
		assert_true(dg_str_starts_with(path, DG_STR("/v1/st")));
	}
}

static void
usual_ports(void **state)
{
	(void)state;
	const struct dg_endpoint tls = {
		.host = DG_STR("c1"), .port = 443, .tls = true};
	const struct dg_endpoint v6 = {.host = DG_STR("::1"), .port = 80};
	enum dg_seal_phase phase;
	struct dg_str path;

	assert_int_equal(
		dg_uri_from_engine(
			&tls, DG_URI_NEXT,
			DG_STR("https://c1/v1/statement/queued/a/b/1?x=y"),
			&path, &phase),
		DG_OK);
	expect_text(path, "/v1/statement/queued/a/b/1?x=y");
	assert_int_equal(
		dg_uri_from_engine(
			&tls, DG_URI_NEXT,
			DG_STR("https://c1:443/v1/statement/queued/a/b/1"),
			&path, &phase),
		DG_OK);
	assert_int_equal(
		dg_uri_from_engine(
			&v6, DG_URI_NEXT,
			DG_STR("http://[::1]:80/v1/statement/queued/a/b/1"),
			&path, &phase),
		DG_OK);
}

/* ---- pages of our own -------------------------------------------------- */

static void
own_round_trip(void **state)
{
	(void)state;
	const struct dg_own_page in = {
		.kind = DG_OWN_FAILED,
		.family = DG_FAMILY_PRESTO,
		.failure = {.error = DG_QE_NOT_SUPPORTED,
			    .message = DG_STR("no \xc3\xa4"),
			    .line = 70000,
			    .column = 8},
	};
	struct dg_own_page out;
	struct dg_buf bytes;
	struct dg_str all;

	dg_buf_init(&bytes, 4096);
	assert_int_equal(dg_own_page_encode(&in, &bytes), DG_OK);
	all = dg_buf_peek(&bytes);
	assert_int_equal(dg_own_page_decode(all, &out), DG_OK);
	assert_int_equal(out.kind, in.kind);
	assert_int_equal(out.family, in.family);
	assert_int_equal(out.failure.error, in.failure.error);
	assert_int_equal(out.failure.line, 70000);
	assert_int_equal(out.failure.column, 8);
	assert_true(dg_str_eq(out.failure.message, in.failure.message));
	for (size_t n = 0; n < all.len; n++)
		assert_int_equal(
			dg_own_page_decode(dg_str_slice(all, 0, n), &out),
			DG_ERR_INVALID);
	bytes.data[bytes.head] = 9;
	assert_int_equal(dg_own_page_decode(all, &out), DG_ERR_INVALID);
	bytes.data[bytes.head] = 0;
	bytes.data[bytes.head + 3] = 9;
	assert_int_equal(dg_own_page_decode(all, &out), DG_ERR_INVALID);
	dg_buf_fini(&bytes);
}

static void
own_message_is_cut(void **state)
{
	(void)state;
	struct dg_own_page page = {.kind = DG_OWN_FAILED};
	char *text = dg_arena_alloc(arena, 5001);
	struct dg_own_page out;
	struct dg_buf bytes;

	text[0] = 'x';
	for (size_t i = 1; i < 5001; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	page.failure.message = dg_str_make(text, 5001);
	dg_buf_init(&bytes, 4096);
	assert_int_equal(dg_own_page_encode(&page, &bytes), DG_OK);
	assert_int_equal(dg_own_page_decode(dg_buf_peek(&bytes), &out), DG_OK);
	assert_int_equal(out.failure.message.len, DG_OWN_MESSAGE_MAX - 1);
	assert_true(dg_str_is_utf8(out.failure.message));
	dg_buf_fini(&bytes);
}

static void
own_session_header(void **state)
{
	(void)state;
	struct dg_own_page page = {
		.kind = DG_OWN_SET_SESSION,
		.family = DG_FAMILY_TRINO,
		.property = DG_STR("datagateway.cluster"),
		.value = DG_STR("east, west"),
	};
	struct dg_http_header header;
	struct dg_buf body;
	size_t n;

	dg_buf_init(&body, 8192);
	assert_int_equal(dg_own_page_render(&page, DG_STR("a"), DG_STR("b"),
					    arena, &body, &header, &n),
			 DG_OK);
	assert_int_equal(n, 1);
	expect_text(header.name, "X-Trino-Set-Session");
	expect_text(header.value, "datagateway.cluster=east%2C+west");
	page.kind = DG_OWN_RESET_SESSION;
	page.family = DG_FAMILY_PRESTO;
	assert_int_equal(dg_own_page_render(&page, DG_STR("a"), DG_STR("b"),
					    arena, &body, &header, &n),
			 DG_OK);
	expect_text(header.name, "X-Presto-Clear-Session");
	expect_text(header.value, "datagateway.cluster");
	page.kind = DG_OWN_FAILED;
	assert_int_equal(dg_own_page_render(&page, DG_STR("a"), DG_STR("b"),
					    arena, &body, &header, &n),
			 DG_OK);
	assert_int_equal(n, 0);
	dg_buf_fini(&body);
}

/* ---- response headers -------------------------------------------------- */

static enum dg_rc
pass_headers(struct dg_keyring *keys, struct dg_http_header *out, size_t *n)
{
	const struct dg_response_context context = {
		.family = DG_FAMILY_TRINO,
		.keys = keys,
		.cluster = DG_STR("east"),
		.principal = DG_STR("bi"),
		.session_user = DG_STR("alice"),
		.transaction_until_us = 5000,
	};

	*n = 0;
	return dg_response_headers(&context, &head, arena, out, 10, n);
}

static void
response_allow_list(void **state)
{
	(void)state;
	struct dg_keyring *keys = dg_keyring_random();
	struct dg_http_header out[10];
	struct dg_sealed_transaction sealed;
	size_t n;

	add("content-type", "application/json; charset=utf-8");
	add("Server", "Jetty");
	add("Set-Cookie", "a=b");
	add("WWW-Authenticate", "Basic");
	add("X-Trino-Query-Data-Encoding", "json");
	add("X-Trino-Set-Authorization-User", "bob");
	add("X-Presto-Set-Catalog", "other");
	add("x-trino-set-catalog", "tpch");
	add("X-Trino-Set-Session", "a=b");
	add("X-Trino-Set-Session", "DataGateway.cluster=evil");
	add("X-Trino-Clear-Session", "datagateway.cluster");
	add("X-Trino-Started-Transaction-Id", "uuid");
	assert_int_equal(pass_headers(keys, out, &n), DG_OK);
	assert_int_equal(n, 3);
	expect_text(out[0].name, "X-Trino-Set-Catalog");
	expect_text(out[0].value, "tpch");
	expect_text(out[1].value, "a=b");
	expect_text(out[2].name, "X-Trino-Started-Transaction-Id");
	assert_int_equal(
		dg_unseal_transaction(keys, out[2].value, 0, arena, &sealed),
		DG_OK);
	expect_text(sealed.cluster, "east");
	expect_text(sealed.principal, "bi");
	expect_text(sealed.session_user, "alice");
	expect_text(sealed.id, "uuid");
	assert_int_equal(sealed.expires_us, 5000);
	dg_keyring_destroy(&keys);
}

static void
response_refusals(void **state)
{
	(void)state;
	struct dg_keyring *keys = dg_keyring_random();
	struct dg_http_header out[10];
	size_t n;

	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_INVALID);
	add("Content-Type", "text/html");
	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_INVALID);
	head.n_headers = 0;
	add("Content-Type", "application/jsonx");
	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_INVALID);
	head.n_headers = 0;
	add("Content-Type", "application/json");
	assert_int_equal(pass_headers(keys, out, &n), DG_OK);
	add("Content-Encoding", "gzip");
	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_INVALID);
	head.n_headers = 1;
	add("X-Trino-Set-Catalog", "a\tb");
	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_INVALID);
	head.n_headers = 1;
	for (int i = 0; i < 11; i++)
		add("X-Trino-Set-Session", "a=b");
	assert_int_equal(pass_headers(keys, out, &n), DG_ERR_LIMIT);
	dg_keyring_destroy(&keys);
}

/* ---- the URIs of a page ------------------------------------------------ */

static void
page_uris(void **state)
{
	(void)state;
	struct dg_keyring *keys = dg_keyring_random();
	struct dg_rewriter *rewriter = dg_rewriter_create();
	const struct dg_endpoint endpoint = {.host = DG_STR("c1"),
					     .port = 8080};
	struct dg_sealed from = {.principal = DG_STR("alice"),
				 .cluster = DG_STR("east"),
				 .flags = DG_SEAL_READ_ONLY};
	struct dg_page_uris uris = {
		.keys = keys,
		.rewriter = rewriter,
		.endpoint = &endpoint,
		.base = DG_STR("https://gw"),
		.from = &from,
		.now_us = 1000,
		.queued_us = 60,
		.running_us = 3600,
	};
	const struct dg_str page = DG_STR(
		"{\"nextUri\":\"http://c1:8080/v1/statement/queued/a_1/y/1\","
		"\"partialCancelUri\":\"http://other/nowhere\","
		"\"infoUri\":\"http://c1:8080/ui/x\",\"id\":\"a_1\"}");
	struct dg_sealed sealed;
	struct dg_json *root;
	struct dg_str next;
	struct dg_str info;
	struct dg_buf out;

	dg_buf_init(&out, 1 << 16);
	for (int round = 0; round < 2; round++) {
		dg_buf_clear(&out);
		dg_rewriter_reset(rewriter, dg_page_uris_replace, &uris);
		assert_int_equal(dg_rewriter_feed(rewriter, page, &out), DG_OK);
		assert_int_equal(
			dg_json_parse(dg_buf_peek(&out), 1 << 16, &root, NULL),
			DG_OK);
		assert_true(
			dg_json_string(dg_json_get(root, "nextUri"), &next));
		assert_true(
			dg_json_string(dg_json_get(root, "infoUri"), &info));
		expect_text(info, "https://gw/ui/query.html?a_1");
		assert_null(dg_json_get(root, "partialCancelUri"));
		assert_true(dg_str_starts_with(
			next, DG_STR("https://gw/v1/statement/queued/a_1/")));
		assert_int_equal(dg_unseal_uri(keys,
					       dg_str_slice(next, 10, next.len),
					       0, arena, &sealed),
				 DG_OK);
		expect_text(sealed.path, "/v1/statement/queued/a_1/y/1");
		expect_text(sealed.principal, "alice");
		/* Not started: a short life. */
		assert_int_equal(sealed.expires_us, round == 0 ? 1060 : 4600);
		from.flags |= DG_SEAL_STARTED;
		dg_json_destroy(&root);
	}
	dg_rewriter_reset(rewriter, dg_page_uris_replace, &uris);
	assert_int_equal(
		dg_rewriter_feed(
			rewriter,
			DG_STR("{\"id\":\"a\",\"nextUri\":"
			       "\"http://evil/v1/statement/queued/a\"}"),
			&out),
		DG_ERR_INVALID);
	dg_buf_fini(&out);
	dg_rewriter_destroy(&rewriter);
	dg_keyring_destroy(&keys);
}

/* ---- datagateway.* ----------------------------------------------------- */

struct setting_case {
	const char *text;
	enum dg_own_session want;
	const char *property;
	const char *value;
};

static void
own_settings(void **state)
{
	(void)state;
	static const struct setting_case cases[] = {
		{"SELECT 1", DG_OWN_SESSION_NONE, "", ""},
		{"SELECT 'datagateway.cluster'", DG_OWN_SESSION_NONE, "", ""},
		{"SET SESSION hive.datagateway = 'x'", DG_OWN_SESSION_NONE, "",
		 ""},
		{"SET SESSION datagateway.cluster = 'east'", DG_OWN_SESSION_SET,
		 "datagateway.cluster", "east"},
		{"set /* c */ session\n\"DataGateway\".Cluster='a''b'",
		 DG_OWN_SESSION_SET, "datagateway.cluster", "a'b"},
		{"SET SESSION datagateway.other = 'x'", DG_OWN_SESSION_SET,
		 "datagateway.other", "x"},
		{"SET SESSION datagateway.cluster = 1", DG_OWN_SESSION_VALUE,
		 "datagateway.cluster", ""},
		{"RESET SESSION datagateway.cluster", DG_OWN_SESSION_RESET,
		 "datagateway.cluster", ""},
		{"PREPARE p FROM SET SESSION datagateway.cluster = 'x'",
		 DG_OWN_SESSION_NESTED, NULL, NULL},
		{"PREPARE p FROM RESET SESSION datagateway.cluster",
		 DG_OWN_SESSION_NESTED, NULL, NULL},
		{"PREPARE datagateway FROM SELECT 1", DG_OWN_SESSION_NONE, "",
		 ""},
		{"SET SESSION datagateway.cluster", DG_OWN_SESSION_NONE, "",
		 ""},
	};
	static const enum dg_sql_dialect dialects[] = {DG_SQL_TRINO,
						       DG_SQL_PRESTO};

	for (size_t i = 0; i < 2 * DG_ARRAY_LEN(cases); i++) {
		const struct setting_case *c = &cases[i / 2];
		const struct dg_sql_engine engine = {dialects[i % 2], 0};
		struct dg_own_setting setting = {DG_STR_EMPTY, DG_STR_EMPTY};
		enum dg_own_session got = dg_own_session_find(
			dg_str_from_cstr(c->text), engine,
			&dg_sql_default_limits, arena, &setting);

		if (got != c->want)
			fail_msg("%s: %d", c->text, (int)got);
		if (got == DG_OWN_SESSION_NONE || c->property == NULL)
			continue;
		expect_text(setting.property, c->property);
		expect_text(setting.value, c->value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(base_of_host),        TEST(engine_uris),
		TEST(usual_ports),         TEST(own_round_trip),
		TEST(own_message_is_cut),  TEST(own_session_header),
		TEST(response_allow_list), TEST(response_refusals),
		TEST(page_uris),           TEST(own_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_jwt_issuer.c - the issuer's keys kept up to date, against questions that
 * the test answers; tokens of administrators by these keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "auth/jwt_issuer.h"
#include "base/clock.h"
#include "config.h"
#include "proxy/fake_fetch.h"
#include "proxy/mint.h"
#include "proxy/policy_fixture.h"
#include "tokens.h"

struct fixture {
	struct dg_loop *loop;
	struct dg_jwt_issuer *issuer;
	struct dg_jwt_keys *keys; /* ref; newest */
	int published;
};

static void
on_keys(void *arg, struct dg_jwt_keys *keys)
{
	struct fixture *f = arg;

	dg_jwt_keys_unref(&f->keys);
	f->keys = dg_jwt_keys_ref(keys);
	f->published++;
}

static void
open_fixture(struct fixture *f, const char *url, unsigned refresh_ms,
	     unsigned retry_ms)
{
	const struct dg_jwt_issuer_config config = {
		.url = dg_str_from_cstr(url),
		.refresh_ms = refresh_ms,
		.retry_ms = retry_ms,
		.stale_ms = 60000,
		.timeout_ms = 1000,
		.on_keys = on_keys,
		.arg = f,
	};

	*f = (struct fixture){.published = 0};
	f->loop = dg_loop_create("test", 16);
	assert_int_equal(
		dg_jwt_issuer_create(f->loop, NULL, &config, &f->issuer, NULL),
		DG_OK);
}

static void
close_fixture(struct fixture *f)
{
	dg_jwt_issuer_destroy(&f->issuer);
	assert_int_equal(fake_fetch_open(), 0);
	dg_jwt_keys_unref(&f->keys);
	dg_loop_destroy(&f->loop);
}

static void
run_until_asked(struct fixture *f)
{
	while (fake_fetch_open() == 0)
		dg_loop_run_once(f->loop);
}

/* A JWKS with the key of that number. */
static const char *
document(enum mint_key key)
{
	static char text[8192];

	(void)snprintf(text, sizeof(text), "{\"keys\":[{%s,\"kid\":\"%d\"}]}",
		       mint_jwk(key), (int)key);
	return text;
}

static bool
has_key(const struct fixture *f, enum mint_key key)
{
	char id[16];

	(void)snprintf(id, sizeof(id), "%d", (int)key);
	for (size_t i = 0; i < f->keys->n; i++)
		if (dg_str_eq(f->keys->keys[i].id, dg_str_from_cstr(id)))
			return true;
	return false;
}

static void
keeps_up_to_date(void **state)
{
	uint64_t generation;
	struct fixture f;

	(void)state;
	open_fixture(&f, "https://id.example:8443/jwks?x=1", 1, 1);
	/* Known at once: nothing; and asked for. */
	assert_int_equal(f.published, 1);
	assert_int_equal(f.keys->n, 0);
	assert_int_equal(dg_jwt_issuer_age_s(f.issuer), -1);
	assert_string_equal(fake_fetch_request(), "GET /jwks?x=1");
	fake_fetch_answer(200, document(MINT_RSA));
	assert_int_equal(f.published, 2);
	assert_true(has_key(&f, MINT_RSA));
	assert_int_equal(dg_jwt_issuer_age_s(f.issuer), 0);
	generation = f.keys->generation;
	/* The same document: the same keys, heard of again. */
	run_until_asked(&f);
	fake_fetch_answer(200, document(MINT_RSA));
	assert_int_equal(f.keys->generation, generation);
	/* Another one replaces all of it. */
	run_until_asked(&f);
	fake_fetch_answer(200, document(MINT_P256));
	assert_true(f.keys->generation > generation);
	assert_true(has_key(&f, MINT_P256));
	assert_false(has_key(&f, MINT_RSA));
	/* No keys at all are the issuer's word as well. */
	run_until_asked(&f);
	fake_fetch_answer(200, "{\"keys\":[]}");
	assert_int_equal(f.keys->n, 0);
	close_fixture(&f);
}

static void
keeps_keys_when_there_is_no_answer(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
	} answers[] = {
		{404, ""},   {500, "{\"keys\":[]}"}, {302, "{\"keys\":[]}"},
		{200, ""},   {200, "<html>"},        {200, "[]"},
		{200, "{}"}, {200, "{\"keys\":1}"},  {204, ""},
	};
	struct fixture f;
	uint64_t heard_ms;

	(void)state;
	open_fixture(&f, "https://id.example/jwks", 1, 1);
	fake_fetch_answer(200, document(MINT_RSA));
	heard_ms = f.keys->heard_ms;
	for (size_t i = 0; i < DG_ARRAY_LEN(answers); i++) {
		uint64_t generation = f.keys->generation;
		int published = f.published;

		run_until_asked(&f);
		fake_fetch_answer(answers[i].status, answers[i].body);
		/* Those who wait are told. */
		assert_int_equal(f.published, published + 1);
		assert_int_equal(f.keys->generation, generation);
		assert_true(has_key(&f, MINT_RSA));
		/* Their age is counted from the last answer. */
		assert_int_equal(f.keys->heard_ms, heard_ms);
	}
	run_until_asked(&f);
	fake_fetch_fail("connection refused");
	assert_true(has_key(&f, MINT_RSA));
	close_fixture(&f);
}

static void
heeds_wishes_within_reason(void **state)
{
	struct fixture f;
	size_t made;

	(void)state;
	open_fixture(&f, "https://id.example/jwks", 60000, 60000);
	made = fake_fetch_made();
	/* A question is open: it will do. */
	dg_jwt_issuer_wish(f.issuer);
	assert_int_equal(fake_fetch_made(), made);
	fake_fetch_answer(200, document(MINT_RSA));
	/* Too early, and everybody is told so. */
	assert_true(f.keys->next_ms > dg_clock_mono_ms());
	for (int i = 0; i < 100; i++)
		dg_jwt_issuer_wish(f.issuer);
	assert_int_equal(fake_fetch_made(), made);
	assert_int_equal(f.published, 2);
	close_fixture(&f);

	open_fixture(&f, "https://id.example/jwks", 60000, 1);
	fake_fetch_answer(200, document(MINT_RSA));
	made = fake_fetch_made();
	while (dg_clock_mono_ms() < f.keys->next_ms)
		;
	dg_jwt_issuer_wish(f.issuer);
	assert_int_equal(fake_fetch_made(), made + 1);
	fake_fetch_fail("away");
	assert_int_equal(f.published, 3);
	close_fixture(&f);
}

static void
reads_urls(void **state)
{
	static const struct {
		const char *url;
		const char *host; /* NULL: refused */
		uint16_t port;
		bool tls;
		const char *target;
	} rows[] = {
		{"https://a.b/c", "a.b", 443, true, "/c"},
		{"https://a.b:8443/c/d?e=f", "a.b", 8443, true, "/c/d?e=f"},
		{"https://[::1]:1/", "::1", 1, true, "/"},
		{"https://[::1]/", "::1", 443, true, "/"},
		{"http://127.0.0.1:80/x", "127.0.0.1", 80, false, "/x"},
		{"http://[::1]/x", "::1", 80, false, "/x"},
		{"http://localhost/x", "localhost", 80, false, "/x"},
		{"http://a.b/c", NULL, 0, false, ""},
		{"http://127.0.0.2/c", NULL, 0, false, ""},
		{"http://localhost.evil/c", NULL, 0, false, ""},
		{"https://a.b", NULL, 0, false, ""},
		{"https:///c", NULL, 0, false, ""},
		{"https://:443/c", NULL, 0, false, ""},
		{"https://a:/c", NULL, 0, false, ""},
		{"https://a:0/c", NULL, 0, false, ""},
		{"https://a:65536/c", NULL, 0, false, ""},
		{"https://a:x/c", NULL, 0, false, ""},
		{"https://[::1/c", NULL, 0, false, ""},
		{"https://[::1]x/c", NULL, 0, false, ""},
		{"https://u:p@a/c", NULL, 0, false, ""},
		{"https://a/c#d", NULL, 0, false, ""},
		{"https://a/c d", NULL, 0, false, ""},
		{"https://a/\r\nX: y", NULL, 0, false, ""},
		{"ftp://a/c", NULL, 0, false, ""},
		{"", NULL, 0, false, ""},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		struct dg_endpoint endpoint;
		struct dg_str target;
		struct dg_error err;
		enum dg_rc rc = dg_jwt_url_parse(dg_str_from_cstr(rows[i].url),
						 &endpoint, &target, &err);

		if ((rc == DG_OK) != (rows[i].host != NULL))
			fail_msg("%s", rows[i].url);
		if (rc != DG_OK)
			continue;
		assert_true(dg_str_eq(endpoint.host,
				      dg_str_from_cstr(rows[i].host)));
		assert_int_equal(endpoint.port, rows[i].port);
		assert_int_equal(endpoint.tls, rows[i].tls);
		assert_true(
			dg_str_eq(target, dg_str_from_cstr(rows[i].target)));
	}
}

/* ---- administrators ------------------------------------------------------ */

static const char *
admin_token(const char *audience, const char *user)
{
	char payload[256];

	(void)snprintf(payload, sizeof(payload),
		       "{\"iss\":\"https://issuer\",\"aud\":\"%s\","
		       "\"sub\":\"%s\",\"exp\":%lld}",
		       audience, user,
		       (long long)(dg_clock_wall_us() / 1000000 + 60));
	return mint_token(MINT_RSA, "SHA256", "{\"alg\":\"RS256\"}", payload);
}

static enum dg_rc
check_admin(struct dg_tokens *tokens, const struct policy_fixture *policy,
	    const char *token, struct dg_gateway_identity *out)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_error err;
	enum dg_rc rc = dg_tokens_check_admin(tokens, &policy->snapshot,
					      dg_str_from_cstr(token), arena,
					      out, &err);

	dg_arena_destroy(&arena);
	return rc;
}

static void
knows_administrators(void **state)
{
	char path[] = "/tmp/dg_jwt_XXXXXX";
	char text[512];
	int fd = mkstemp(path);
	const char *pem = mint_pem(MINT_RSA);
	struct dg_config *config = NULL;
	struct dg_gateway_identity who;
	struct policy_fixture policy;
	struct dg_tokens *tokens;
	struct dg_buf errors;
	struct fixture f = {.loop = dg_loop_create("test", 16)};

	(void)state;
	assert_int_equal(write(fd, pem, strlen(pem)), strlen(pem));
	close(fd);
	(void)snprintf(text, sizeof(text),
		       "listen: ['127.0.0.1:0']\npostgres: {conninfo: x}\n"
		       "auth:\n  password: {require_tls: false}\n  jwt:\n"
		       "    issuer: https://issuer\n    audiences: [gateway]\n"
		       "    admin_audiences: [admin]\n    require_tls: false\n"
		       "    keys: {files: ['%s']}\n",
		       path);
	dg_buf_init(&errors, 4096);
	if (dg_config_parse(dg_str_from_cstr(text), "x", &config, &errors) !=
	    DG_OK)
		fail_msg("%.*s", DG_STR_ARG(dg_buf_peek(&errors)));
	policy_fixture_init(&policy, 1);
	policy_fixture_user(&policy, "ann", "");
	policy_fixture_user(&policy, "off", "")->disabled = true;
	policy_fixture_finish(&policy);
	tokens = dg_tokens_create(config);
	/* Before its keys were read. */
	assert_int_equal(check_admin(tokens, &policy, "x", &who),
			 DG_ERR_UNAVAILABLE);
	assert_int_equal(
		dg_tokens_start(tokens, f.loop, NULL, on_keys, &f, NULL),
		DG_OK);
	assert_int_equal(
		check_admin(tokens, &policy, admin_token("admin", "ann"), &who),
		DG_OK);
	assert_true(dg_str_eq(who.user, DG_STR("ann")));
	/* A client's token does not administer. */
	assert_int_equal(check_admin(tokens, &policy,
				     admin_token("gateway", "ann"), &who),
			 DG_ERR_DENIED);
	assert_int_equal(
		check_admin(tokens, &policy, admin_token("admin", "zoe"), &who),
		DG_ERR_DENIED);
	assert_int_equal(
		check_admin(tokens, &policy, admin_token("admin", "off"), &who),
		DG_ERR_DENIED);
	assert_int_equal(check_admin(tokens, &policy, "", &who), DG_ERR_DENIED);
	assert_int_equal(check_admin(NULL, &policy, "x", &who), DG_ERR_DENIED);
	dg_tokens_destroy(&tokens);
	dg_config_destroy(&config);
	dg_buf_fini(&errors);
	dg_jwt_keys_unref(&f.keys);
	dg_loop_destroy(&f.loop);
	policy_fixture_fini(&policy);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_up_to_date),
		cmocka_unit_test(keeps_keys_when_there_is_no_answer),
		cmocka_unit_test(heeds_wishes_within_reason),
		cmocka_unit_test(reads_urls),
		cmocka_unit_test(knows_administrators),
	};

	return cmocka_run_group_tests(tests, mint_open, mint_close);
}

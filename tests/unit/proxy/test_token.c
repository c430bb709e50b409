/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_token.c - bearer tokens in the chain of authenticators: the user behind
 * the name, what is remembered and for how long, and those who wait for keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "proxy/mint.h"
#include "proxy/policy_fixture.h"

static char gateway[] = "gateway";
static char *audiences[] = {gateway};

struct fixture {
	struct dg_loop *loop;
	struct dg_offload *offload;
	struct dg_auth *auth;
	struct dg_jwt_rules rules;
	struct policy_fixture policy;
	struct dg_store_user *ann;
	enum dg_auth_result result;
	char principal[64];
	char groups[64];
	char text[128];
	int answers;
	int wishes;
};

static void
on_wish(void *arg)
{
	struct fixture *f = arg;

	f->wishes++;
}

static void
open_fixture(struct fixture *f, unsigned wait_ms)
{
	const struct dg_offload_config pool = {
		.threads = 1, .queue_max = 8, .per_key_max = 2};
	const struct dg_auth_config config = {
		.password = true,
		.require_tls = true,
		.cache_ttl_ms = 60000,
		.cache_max = 100,
		.jwt = &f->rules,
		.jwt_require_tls = true,
		.jwt_lower_names = true,
		.jwt_wait_ms = wait_ms,
		.want_keys = wait_ms > 0 ? on_wish : NULL,
		.want_keys_arg = f,
	};

	*f = (struct fixture){.answers = 0};
	f->rules = (struct dg_jwt_rules){
		.issuer = DG_STR("https://issuer"),
		.audiences = audiences,
		.n_audiences = 1,
		.algorithms = DG_JWT_ALL,
	};
	assert_int_equal(dg_jwt_path_parse(DG_STR("sub"), &f->rules.user),
			 DG_OK);
	assert_int_equal(dg_jwt_path_parse(DG_STR("groups"), &f->rules.groups),
			 DG_OK);
	f->loop = dg_loop_create("test", 64);
	f->offload = dg_offload_create(&pool);
	f->auth = dg_auth_create(f->loop, f->offload, &config);
	policy_fixture_init(&f->policy, 1);
	f->ann = policy_fixture_user(&f->policy, "ann", "secret");
	policy_fixture_user(&f->policy, "off", "secret")->disabled = true;
	dg_auth_set_snapshot(f->auth, policy_fixture_finish(&f->policy));
}

static void
close_fixture(struct fixture *f)
{
	dg_offload_destroy(&f->offload);
	dg_auth_destroy(&f->auth);
	dg_loop_destroy(&f->loop);
	policy_fixture_fini(&f->policy);
	dg_jwt_path_fini(&f->rules.user);
	dg_jwt_path_fini(&f->rules.groups);
}

/* A set with these keys, -1 ends them; ids are "0", "1" and so on. */
static void
publish(struct fixture *f, uint64_t generation, uint64_t stale_ms,
	const int *which)
{
	static char text[64 * 1024];
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	size_t len = (size_t)snprintf(text, sizeof(text), "{\"keys\":[");
	size_t skipped;

	for (size_t i = 0; which[i] >= 0; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s{%s,\"kid\":\"%d\"}",
			i == 0 ? "" : ",", mint_jwk((enum mint_key)which[i]),
			which[i]);
	(void)snprintf(text + len, sizeof(text) - len, "]}");
	assert_int_equal(dg_jwt_keys_add_jwks(keys, dg_str_from_cstr(text),
					      &skipped, NULL),
			 DG_OK);
	keys->generation = generation;
	keys->heard_ms = dg_clock_mono_ms();
	keys->stale_ms = stale_ms;
	dg_auth_set_keys(f->auth, keys);
	dg_jwt_keys_unref(&keys);
}

static const char *
token_for(enum mint_key key, const char *user, int64_t lives_s)
{
	char header[64];
	char payload[256];

	(void)snprintf(header, sizeof(header),
		       "{\"alg\":\"%s\",\"kid\":\"%d\"}",
		       key == MINT_P256 ? "ES256" : "RS256", (int)key);
	(void)snprintf(
		payload, sizeof(payload),
		"{\"iss\":\"https://issuer\",\"aud\":\"gateway\","
		"\"sub\":\"%s\",\"exp\":%lld,\"groups\":[\"g1\",\"g2\"]}",
		user, (long long)(dg_clock_wall_us() / 1000000 + lives_s));
	return mint_token(key, "SHA256", header, payload);
}

static void
on_answer(void *arg, enum dg_auth_result result, const struct dg_caller *caller,
	  const char *text)
{
	struct fixture *f = arg;

	f->result = result;
	f->groups[0] = '\0';
	(void)snprintf(f->principal, sizeof(f->principal), "%.*s",
		       DG_STR_ARG(caller->name));
	for (size_t i = 0; i < caller->n_groups; i++)
		(void)snprintf(f->groups + strlen(f->groups),
			       sizeof(f->groups) - strlen(f->groups), "%.*s|",
			       DG_STR_ARG(caller->groups[i]));
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	f->answers++;
}

static struct dg_auth_call *
send_values(struct fixture *f, const char *first, const char *second, bool tls)
{
	static struct dg_http_head head;
	const struct dg_auth_request request = {&head, "192.0.2.1:1", tls};

	head.n_headers = second == NULL ? 1 : 2;
	head.headers[0] = (struct dg_http_header){DG_STR("authorization"),
						  dg_str_from_cstr(first)};
	head.headers[1] = (struct dg_http_header){DG_STR("authorization"),
						  dg_str_from_cstr(second)};
	return dg_auth_check(f->auth, &request, on_answer, f);
}

static struct dg_auth_call *
send_token(struct fixture *f, const char *token)
{
	static char value[16 * 1024];

	(void)snprintf(value, sizeof(value), "Bearer %s", token);
	return send_values(f, value, NULL, true);
}

static void
expect(struct fixture *f, const char *token, enum dg_auth_result result)
{
	int before = f->answers;

	assert_null(send_token(f, token));
	assert_int_equal(f->answers, before + 1);
	assert_int_equal(f->result, result);
}

/* ---- tests --------------------------------------------------------------- */

static void
knows_users_of_the_policy(void **state)
{
	const int keys[] = {MINT_RSA, -1};
	struct fixture f;

	(void)state;
	open_fixture(&f, 0);
	/* Before the first keys: not the client's fault. */
	expect(&f, token_for(MINT_RSA, "ann", 60), DG_AUTH_BUSY);
	publish(&f, 1, 60000, keys);
	expect(&f, token_for(MINT_RSA, "ann", 60), DG_AUTH_OK);
	assert_string_equal(f.principal, "ann");
	assert_string_equal(f.groups, "g1|g2|");
	/* This authenticator lowers names. */
	expect(&f, token_for(MINT_RSA, "ANN", 60), DG_AUTH_OK);
	assert_string_equal(f.principal, "ann");
	expect(&f, token_for(MINT_RSA, "zoe", 60), DG_AUTH_FAILED);
	expect(&f, token_for(MINT_RSA, "off", 60), DG_AUTH_FAILED);
	/* Who may come by password only does not come by token. */
	f.ann->auth_methods = 1U << DG_STORE_AUTH_PASSWORD;
	expect(&f, token_for(MINT_RSA, "ann", 61), DG_AUTH_FAILED);
	f.ann->auth_methods = 1U << DG_STORE_AUTH_TOKEN;
	expect(&f, token_for(MINT_RSA, "ann", 61), DG_AUTH_OK);
	expect(&f, token_for(MINT_RSA, "ann", -60), DG_AUTH_FAILED);
	assert_string_equal(f.text, "Access Denied: The token has expired");
	expect(&f, "x", DG_AUTH_FAILED);
	assert_string_equal(f.text, "Access Denied: Invalid credentials");
	expect(&f, "", DG_AUTH_FAILED);
	close_fixture(&f);
}

static void
refuses_odd_requests(void **state)
{
	const int keys[] = {MINT_RSA, -1};
	char value[8192];
	struct fixture f;

	(void)state;
	open_fixture(&f, 0);
	publish(&f, 1, 60000, keys);
	(void)snprintf(value, sizeof(value), "Bearer %s",
		       token_for(MINT_RSA, "ann", 60));
	assert_null(send_values(&f, value, NULL, false));
	assert_int_equal(f.result, DG_AUTH_REFUSED);
	assert_null(send_values(&f, value, value, true));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	assert_null(send_values(&f, "Basic YW5uOnNlY3JldA==", value, true));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	assert_null(send_values(&f, value, "Basic YW5uOnNlY3JldA==", true));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	memcpy(value, "bEARER", 6);
	assert_null(send_values(&f, value, NULL, true));
	assert_int_equal(f.result, DG_AUTH_OK);
	/* No other scheme leads here. */
	memcpy(value, "Digest", 6);
	assert_null(send_values(&f, value, NULL, true));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	close_fixture(&f);
}

/* What is remembered dies with its keys, its user and itself. */
static void
forgets_in_time(void **state)
{
	const int both[] = {MINT_RSA, MINT_P256, -1};
	const int one[] = {MINT_P256, -1};
	char token[4096];
	struct fixture f;

	(void)state;
	open_fixture(&f, 0);
	publish(&f, 1, 60000, both);
	(void)snprintf(token, sizeof(token), "%s",
		       token_for(MINT_RSA, "ann", 60));
	expect(&f, token, DG_AUTH_OK);
	expect(&f, token, DG_AUTH_OK);
	assert_string_equal(f.groups, "g1|g2|");
	/* The user is switched off. */
	f.ann->disabled = true;
	expect(&f, token, DG_AUTH_FAILED);
	f.ann->disabled = false;
	expect(&f, token, DG_AUTH_OK);
	/* The issuer took its key back. */
	publish(&f, 2, 60000, one);
	expect(&f, token, DG_AUTH_FAILED);
	expect(&f, token_for(MINT_P256, "ann", 60), DG_AUTH_OK);
	close_fixture(&f);
}

static void
wait_ms(unsigned ms)
{
	uint64_t until = dg_clock_mono_ms() + ms;

	while (dg_clock_mono_ms() <= until)
		;
}

static void
believes_stale_keys_no_longer(void **state)
{
	const int keys[] = {MINT_RSA, -1};
	char token[4096];
	struct fixture f;

	(void)state;
	open_fixture(&f, 0);
	publish(&f, 1, 20, keys);
	(void)snprintf(token, sizeof(token), "%s",
		       token_for(MINT_RSA, "ann", 60));
	expect(&f, token, DG_AUTH_OK);
	wait_ms(25);
	/* Remembered, but not for longer than the keys. */
	expect(&f, token, DG_AUTH_BUSY);
	publish(&f, 1, 60000, keys);
	expect(&f, token, DG_AUTH_OK);
	close_fixture(&f);
}

static void
waits_for_newer_keys(void **state)
{
	const int before[] = {MINT_P256, -1};
	const int after[] = {MINT_P256, MINT_RSA, -1};
	struct dg_auth_call *call;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000);
	publish(&f, 1, 60000, before);
	expect(&f, token_for(MINT_P256, "ann", 60), DG_AUTH_OK);
	assert_int_equal(f.wishes, 0);
	/* Two of them wait; there is one wish. */
	assert_non_null(send_token(&f, token_for(MINT_RSA, "ann", 60)));
	call = send_token(&f, token_for(MINT_RSA, "ann", 61));
	assert_non_null(call);
	assert_int_equal(f.wishes, 1);
	assert_int_equal(f.answers, 1);
	dg_auth_cancel(&call);
	assert_null(call);
	publish(&f, 2, 60000, after);
	assert_int_equal(f.answers, 2);
	assert_int_equal(f.result, DG_AUTH_OK);
	assert_string_equal(f.groups, "g1|g2|");
	/* Not again for a key that the issuer does not have. */
	assert_non_null(send_token(&f, token_for(MINT_RSA_OTHER, "ann", 60)));
	assert_int_equal(f.wishes, 2);
	publish(&f, 2, 60000, after);
	assert_int_equal(f.answers, 3);
	assert_int_equal(f.result, DG_AUTH_FAILED);
	/* A wrong signature is none of the keys' business. */
	expect(&f,
	       mint_token(MINT_RSA_OTHER, "SHA256",
			  "{\"alg\":\"RS256\",\"kid\":\"0\"}", "{}"),
	       DG_AUTH_FAILED);
	/* Somebody waits while it ends. */
	assert_non_null(send_token(&f, token_for(MINT_RSA_OTHER, "ann", 60)));
	close_fixture(&f);
	assert_int_equal(f.answers, 4);
}

static void
waits_no_longer_than_allowed(void **state)
{
	const int keys[] = {MINT_P256, -1};
	struct fixture f;

	(void)state;
	open_fixture(&f, 10);
	publish(&f, 1, 60000, keys);
	for (int i = 1; i <= 2; i++) {
		assert_non_null(send_token(&f, token_for(MINT_RSA, "ann", 60)));
		assert_int_equal(f.wishes, i);
		while (f.answers < i)
			dg_loop_run_once(f.loop);
		assert_int_equal(f.result, DG_AUTH_FAILED);
	}
	close_fixture(&f);
}

static void
bounds_those_who_wait(void **state)
{
	enum { MANY = 256 };
	const int keys[] = {MINT_P256, -1};
	const char *token;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000);
	publish(&f, 1, 60000, keys);
	token = token_for(MINT_RSA, "ann", 60);
	for (int i = 0; i < MANY; i++)
		assert_non_null(send_token(&f, token));
	expect(&f, token, DG_AUTH_BUSY);
	publish(&f, 1, 60000, keys);
	assert_int_equal(f.answers, MANY + 1);
	close_fixture(&f);
}

/* Signatures cost up to a millisecond: an address may waste some of them. */
static void
bounds_refusals_by_address(void **state)
{
	const int keys[] = {MINT_RSA, -1};
	char token[4096];
	struct fixture f;
	bool bounded = false;

	(void)state;
	open_fixture(&f, 0);
	publish(&f, 1, 60000, keys);
	(void)snprintf(token, sizeof(token), "%s",
		       token_for(MINT_RSA, "ann", 60));
	expect(&f, token, DG_AUTH_OK);
	for (int i = 0; i < 200 && !bounded; i++) {
		assert_null(send_token(&f, "x.y.z"));
		bounded = f.result == DG_AUTH_BUSY;
		assert_true(bounded || f.result == DG_AUTH_FAILED);
	}
	assert_true(bounded);
	/* What is remembered costs nothing. */
	expect(&f, token, DG_AUTH_OK);
	close_fixture(&f);
}

/* Nobody waits, and nobody is bothered, before the issuer may be asked. */
static void
asks_no_more_often_than_allowed(void **state)
{
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000);
	keys->next_ms = dg_clock_mono_ms() + 60000;
	dg_auth_set_keys(f.auth, keys);
	dg_jwt_keys_unref(&keys);
	/* There are no keys at all: that is no fault of the token's. */
	expect(&f, token_for(MINT_RSA, "ann", 60), DG_AUTH_BUSY);
	assert_int_equal(f.wishes, 0);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_users_of_the_policy),
		cmocka_unit_test(refuses_odd_requests),
		cmocka_unit_test(forgets_in_time),
		cmocka_unit_test(believes_stale_keys_no_longer),
		cmocka_unit_test(waits_for_newer_keys),
		cmocka_unit_test(waits_no_longer_than_allowed),
		cmocka_unit_test(bounds_those_who_wait),
		cmocka_unit_test(bounds_refusals_by_address),
		cmocka_unit_test(asks_no_more_often_than_allowed),
	};

	return cmocka_run_group_tests(tests, mint_open, mint_close);
}

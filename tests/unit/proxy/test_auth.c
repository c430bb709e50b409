/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_auth.c - the chain of authenticators, with a password check that can be
 * counted and held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sodium.h>

#include <stdio.h>

#include "auth/auth.h"
#include "auth/basic.h"
#include "base/base64.h"
#include "proxy/policy_fixture.h"

/* ---- in place of the store's argon2 ------------------------------------ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;
static int checks;
static int dummy_checks;

/* The hash is the password itself. */
bool
dg_store_password_verify(struct dg_str password, struct dg_str hash)
{
	pthread_mutex_lock(&lock);
	checks++;
	dummy_checks += dg_str_eq(hash, DG_STR("dummy"));
	while (held)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return dg_str_eq(password, hash);
}

struct dg_str
dg_store_password_dummy_hash(void)
{
	return DG_STR("dummy");
}

static void
hold(bool on)
{
	pthread_mutex_lock(&lock);
	held = on;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* ---- fixture ----------------------------------------------------------- */

struct fixture {
	struct dg_loop *loop;
	struct dg_offload *offload;
	struct dg_auth *auth;
	struct policy_fixture policy;
	struct dg_store_user *ann;
	enum dg_auth_result result;
	char principal[64];
	char text[128];
	int answers;
};

static const struct dg_auth_config password_config = {
	.password = true,
	.require_tls = true,
	.cache_ttl_ms = 60000,
	.cache_max = 2,
};

static void
open_fixture(struct fixture *f, const struct dg_auth_config *config)
{
	const struct dg_offload_config pool = {
		.threads = 1, .queue_max = 8, .per_key_max = 2};

	*f = (struct fixture){.answers = 0};
	checks = 0;
	dummy_checks = 0;
	f->loop = dg_loop_create("test", 64);
	f->offload = dg_offload_create(&pool);
	f->auth = dg_auth_create(f->loop, f->offload, config);
	policy_fixture_init(&f->policy, 1);
	f->ann = policy_fixture_user(&f->policy, "ann", "secret");
	policy_fixture_user(&f->policy, "bob", "secret");
	policy_fixture_user(&f->policy, "nopass", "");
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
}

static void
on_answer(void *arg, enum dg_auth_result result, const struct dg_caller *caller,
	  const char *text)
{
	struct fixture *f = arg;

	f->result = result;
	(void)snprintf(f->principal, sizeof(f->principal), "%.*s",
		       DG_STR_ARG(caller->name));
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	f->answers++;
}

static struct dg_auth_call *
send_headers(struct fixture *f, const struct dg_http_header *headers, size_t n,
	     bool tls, const char *peer)
{
	static struct dg_http_head head;
	const struct dg_auth_request request = {&head, peer, tls};

	for (size_t i = 0; i < n; i++)
		head.headers[i] = headers[i];
	head.n_headers = n;
	return dg_auth_check(f->auth, &request, on_answer, f);
}

static struct dg_auth_call *
send_basic(struct fixture *f, const char *pair, bool tls, const char *peer)
{
	static char value[512] = "Basic ";
	size_t n = dg_base64_encode(dg_str_from_cstr(pair), false, value + 6);
	const struct dg_http_header header = {DG_STR("authorization"),
					      dg_str_make(value, 6 + n)};

	return send_headers(f, &header, 1, tls, peer);
}

static void
run_until(struct fixture *f, int answers)
{
	while (f->answers < answers)
		dg_loop_run_once(f->loop);
}

static void
expect(struct fixture *f, const char *pair, enum dg_auth_result want)
{
	int before = f->answers;

	(void)send_basic(f, pair, true, "192.0.2.1:1234");
	run_until(f, before + 1);
	assert_int_equal(f->result, want);
}

/* ---- tests ------------------------------------------------------------- */

static void
verifies_and_remembers(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	expect(&f, "ann:secret", DG_AUTH_OK);
	assert_string_equal(f.principal, "ann");
	expect(&f, "ann:secret", DG_AUTH_OK);
	assert_int_equal(checks, 1);
	expect(&f, "bob:secret", DG_AUTH_OK);
	assert_string_equal(f.principal, "bob");
	assert_int_equal(checks, 2);
	close_fixture(&f);
}

static void
fails_alike(void **state)
{
	static const char *const pairs[] = {"ann:wrong", "nobody:secret",
					    "off:secret", "nopass:dummy",
					    "ANN:secret"};
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	for (size_t i = 0; i < DG_ARRAY_LEN(pairs); i++) {
		expect(&f, pairs[i], DG_AUTH_FAILED);
		assert_string_equal(f.text,
				    "Access Denied: Invalid credentials");
		assert_string_equal(f.principal, "");
	}
	/* Each cost a check; who has no hash costs one on the dummy. */
	assert_int_equal(checks, DG_ARRAY_LEN(pairs));
	assert_int_equal(dummy_checks, 3);
	close_fixture(&f);
}

static void
refuses_before_checking(void **state)
{
	static const struct {
		const char *value;
		bool tls;
		enum dg_auth_result want;
	} cases[] = {
		{"Basic YW5uOnNlY3JldA==", false, DG_AUTH_REFUSED},
		{"Basic !!!", true, DG_AUTH_FAILED},
		{"Basic YW5u", true, DG_AUTH_FAILED},     /* ann */
		{"Basic YW5uOg==", true, DG_AUTH_FAILED}, /* ann: */
		{"Basic OnNlY3JldA==", true, DG_AUTH_FAILED},
		{"Bearer abc", true, DG_AUTH_FAILED},
		{"", true, DG_AUTH_FAILED},
	};
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_http_header header = {
			DG_STR("Authorization"),
			dg_str_from_cstr(cases[i].value)};

		assert_null(send_headers(&f, &header, 1, cases[i].tls, "a:1"));
		assert_int_equal(f.result, cases[i].want);
	}
	assert_null(send_headers(&f, NULL, 0, true, "a:1"));
	assert_int_equal(f.result, DG_AUTH_MISSING);
	assert_int_equal(checks, 0);
	close_fixture(&f);
}

static void
refuses_two_credentials(void **state)
{
	const struct dg_http_header twice[] = {
		{DG_STR("Authorization"), DG_STR("Basic YW5uOnNlY3JldA==")},
		{DG_STR("authorization"), DG_STR("Basic YW5uOnNlY3JldA==")},
	};
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	assert_null(send_headers(&f, twice, 2, true, "a:1"));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	close_fixture(&f);
}

static void
shares_one_check(void **state)
{
	struct fixture f;
	struct dg_auth_call *cancelled;

	(void)state;
	open_fixture(&f, &password_config);
	hold(true);
	for (int i = 0; i < 5; i++)
		assert_non_null(send_basic(&f, "ann:secret", true, "a:1"));
	cancelled = send_basic(&f, "ann:secret", true, "a:1");
	dg_auth_cancel(&cancelled);
	assert_null(cancelled);
	hold(false);
	run_until(&f, 5);
	assert_int_equal(f.result, DG_AUTH_OK);
	assert_int_equal(checks, 1);
	assert_int_equal(f.answers, 5);
	close_fixture(&f);
}

static void
bounds_one_address(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	hold(true);
	assert_non_null(send_basic(&f, "ann:1", true, "192.0.2.1:1"));
	assert_non_null(send_basic(&f, "ann:2", true, "192.0.2.1:2"));
	assert_null(send_basic(&f, "ann:3", true, "192.0.2.1:3"));
	assert_int_equal(f.result, DG_AUTH_BUSY);
	assert_non_null(send_basic(&f, "bob:secret", true, "192.0.2.2:3"));
	hold(false);
	run_until(&f, 4);
	assert_int_equal(f.result, DG_AUTH_OK);
	close_fixture(&f);
}

static void
forgets_who_changed(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	expect(&f, "ann:secret", DG_AUTH_OK);
	f.ann->credential_version++;
	f.ann->password_hash = DG_STR("other");
	dg_auth_set_snapshot(f.auth, &f.policy.snapshot);
	expect(&f, "ann:secret", DG_AUTH_FAILED);
	expect(&f, "ann:other", DG_AUTH_OK);
	assert_int_equal(checks, 3);
	f.ann->id = 99; /* removed and made again */
	expect(&f, "ann:other", DG_AUTH_OK);
	assert_int_equal(checks, 4);
	f.ann->disabled = true;
	expect(&f, "ann:other", DG_AUTH_FAILED);
	close_fixture(&f);
}

static void
notices_a_change_meanwhile(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	hold(true);
	assert_non_null(send_basic(&f, "ann:secret", true, "a:1"));
	f.ann->credential_version++;
	hold(false);
	run_until(&f, 1);
	assert_int_equal(f.result, DG_AUTH_BUSY);
	close_fixture(&f);
}

static void
bounds_the_cache(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config); /* two entries */
	expect(&f, "ann:secret", DG_AUTH_OK);
	expect(&f, "bob:secret", DG_AUTH_OK);
	f.ann->password_hash = DG_STR("second");
	expect(&f, "ann:second", DG_AUTH_OK); /* pushes out ann:secret */
	assert_int_equal(checks, 3);
	expect(&f, "bob:secret", DG_AUTH_OK);
	assert_int_equal(checks, 3);
	expect(&f, "ann:secret", DG_AUTH_FAILED);
	assert_int_equal(checks, 4);
	close_fixture(&f);
}

static void
says_when_there_is_no_policy(void **state)
{
	const struct dg_offload_config pool = {.threads = 1, .queue_max = 1};
	struct fixture f = {.answers = 0};

	(void)state;
	f.loop = dg_loop_create("test", 64);
	f.offload = dg_offload_create(&pool);
	f.auth = dg_auth_create(f.loop, f.offload, &password_config);
	assert_null(send_basic(&f, "ann:secret", true, "a:1"));
	assert_int_equal(f.result, DG_AUTH_BUSY);
	dg_offload_destroy(&f.offload);
	dg_auth_destroy(&f.auth);
	dg_loop_destroy(&f.loop);
}

static void
dies_with_checks_running(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	assert_non_null(send_basic(&f, "ann:secret", true, "a:1"));
	assert_non_null(send_basic(&f, "bob:secret", true, "a:1"));
	close_fixture(&f);
	assert_int_equal(f.answers, 0);
}

static void
trusts_headers_only_when_told(void **state)
{
	static const struct dg_auth_config trusting = {
		.trusted_header = true, .cache_max = 2, .lower_names = true};
	const struct dg_http_header trino = {DG_STR("x-trino-user"),
					     DG_STR("Ann")};
	const struct dg_http_header unknown = {DG_STR("X-Presto-User"),
					       DG_STR("eve")};
	const struct dg_http_header off = {DG_STR("X-Presto-User"),
					   DG_STR("off")};
	const struct dg_http_header both[] = {
		{DG_STR("X-Trino-User"), DG_STR("ann")},
		{DG_STR("X-Presto-User"), DG_STR("bob")}};
	struct fixture f;

	(void)state;
	open_fixture(&f, &password_config);
	assert_null(send_headers(&f, &trino, 1, true, "a:1"));
	assert_int_equal(f.result, DG_AUTH_MISSING);
	close_fixture(&f);

	open_fixture(&f, &trusting);
	assert_null(send_headers(&f, &trino, 1, false, "a:1"));
	assert_int_equal(f.result, DG_AUTH_OK);
	assert_string_equal(f.principal, "ann");
	assert_null(send_headers(&f, &unknown, 1, false, "a:1"));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	assert_null(send_headers(&f, &off, 1, false, "a:1"));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	assert_null(send_headers(&f, both, 2, false, "a:1"));
	assert_int_equal(f.result, DG_AUTH_REFUSED);
	/* Credentials are never passed over. */
	assert_null(send_basic(&f, "ann:secret", true, "a:1"));
	assert_int_equal(f.result, DG_AUTH_FAILED);
	close_fixture(&f);
}

static void
reads_basic(void **state)
{
	struct dg_basic basic;
	char big[DG_BASIC_MAX * 2];

	(void)state;
	assert_int_equal(dg_basic_read(DG_STR("basic  YTpiOmM="), &basic),
			 DG_OK);
	assert_true(dg_str_eq(basic.user, DG_STR("a")));
	assert_true(dg_str_eq(basic.password, DG_STR("b:c")));
	assert_int_equal(dg_basic_read(DG_STR("Negotiate x"), &basic),
			 DG_ERR_UNSUPPORTED);
	memset(big, 'A', sizeof(big));
	memcpy(big, "Basic ", 6);
	assert_int_equal(dg_basic_read(dg_str_make(big, sizeof(big)), &basic),
			 DG_ERR_INVALID);
}

/* The same name and password, as a JDBC driver and as a browser send them. */
static void
reads_basic_in_both_charsets(void **state)
{
	const struct dg_str forms[] = {DG_STR("Basic 6Tr8/w=="),
				       DG_STR("Basic w6k6w7zDvw==")};
	struct dg_basic basic;
	char big[5600];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(forms); i++) {
		assert_int_equal(dg_basic_read(forms[i], &basic), DG_OK);
		assert_true(dg_str_eq(basic.user, DG_STR("\xc3\xa9")));
		assert_true(
			dg_str_eq(basic.password, DG_STR("\xc3\xbc\xc3\xbf")));
	}
	/* 4,000 bytes of 0xff fit as they are, not as UTF-8. */
	memset(big, '/', sizeof(big));
	memcpy(big, "Basic ", 6);
	assert_int_equal(dg_basic_read(dg_str_make(big, 6 + 5332), &basic),
			 DG_ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies_and_remembers),
		cmocka_unit_test(fails_alike),
		cmocka_unit_test(refuses_before_checking),
		cmocka_unit_test(refuses_two_credentials),
		cmocka_unit_test(shares_one_check),
		cmocka_unit_test(bounds_one_address),
		cmocka_unit_test(forgets_who_changed),
		cmocka_unit_test(notices_a_change_meanwhile),
		cmocka_unit_test(bounds_the_cache),
		cmocka_unit_test(says_when_there_is_no_policy),
		cmocka_unit_test(dies_with_checks_running),
		cmocka_unit_test(trusts_headers_only_when_told),
		cmocka_unit_test(reads_basic),
		cmocka_unit_test(reads_basic_in_both_charsets),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

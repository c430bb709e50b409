/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_jwt_keys.c - keys from PEM and JWKS, good, bad and for something
 * else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "proxy/jwt_world.h"

/* ---- keys ---------------------------------------------------------------- */

static enum dg_rc add_jwks(struct dg_jwt_keys *keys, size_t *skipped,
			   const char *fmt, ...) DG_PRINTF(3, 4);

static enum dg_rc
add_jwks(struct dg_jwt_keys *keys, size_t *skipped, const char *fmt, ...)
{
	static char text[64 * 1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return dg_jwt_keys_add_jwks(keys, dg_str_from_cstr(text), skipped,
				    NULL);
}

static void
reads_jwks(void **state)
{
	struct world w;
	size_t skipped;

	(void)state;
	open_world(&w);
	dg_jwt_keys_unref(&w.keys);
	w.keys = dg_jwt_keys_create();
	assert_int_equal(
		add_jwks(w.keys, &skipped,
			 "{\"keys\":[{%s,\"kid\":\"rsa\",\"use\":\"sig\"},"
			 "{%s,\"kid\":\"p256\",\"alg\":\"ES256\"},"
			 "{%s,\"kid\":\"p384\",\"key_ops\":[\"verify\"]},"
			 "{%s,\"kid\":\"p521\"},{%s,\"kid\":\"ed\"}]}",
			 mint_jwk(MINT_RSA), mint_jwk(MINT_P256),
			 mint_jwk(MINT_P384), mint_jwk(MINT_P521),
			 mint_jwk(MINT_ED25519)),
		DG_OK);
	assert_int_equal(w.keys->n, 5);
	assert_int_equal(skipped, 0);
	w.keys->heard_ms = 1000;
	w.keys->stale_ms = 5000;
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++) {
		const struct kind *k = &kinds[i];
		const char *token = mint_token(k->key, k->digest,
					       header_of(k->alg, k->id), usual);

		w.mono_ms = 5999;
		expect(&w, DG_JWT_OK, token, k->alg);
		assert_true(w.identity.from_url);
		/* The issuer was not heard of for too long. */
		w.mono_ms = 6000;
		expect(&w, DG_JWT_STALE_KEYS, token, k->alg);
	}
	close_world(&w);
}

/* Keys that are not for us, or that are none: each by itself. */
static void
passes_over_keys(void **state)
{
	static const char *const rows[] = {
		"\"use\":\"enc\"",
		"\"use\":7",
		"\"key_ops\":[\"sign\"]",
		"\"key_ops\":[]",
		"\"key_ops\":\"verify\"",
		"\"alg\":\"RSA-OAEP\"",
		"\"alg\":\"HS256\"",
		"\"alg\":\"none\"",
		"\"alg\":\"ES256\"", /* not this key's */
		"\"alg\":7",
		"\"kid\":7",
	};
	static const char *const whole[] = {
		"{}",
		"7",
		"\"x\"",
		"{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"rsa\"}",
		"{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}",
		"{\"kty\":\"RSA\"}",
		"{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
		"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}",
		"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}",
		"{\"kty\":\"ROT13\"}",
	};
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	size_t skipped;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		if (add_jwks(keys, &skipped, "{\"keys\":[{%s,%s}]}",
			     mint_jwk(MINT_RSA), rows[i]) != DG_OK ||
		    keys->n != 0 || skipped != 1)
			fail_msg("%s", rows[i]);
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(whole); i++) {
		if (add_jwks(keys, &skipped, "{\"keys\":[%s]}", whole[i]) !=
			    DG_OK ||
		    keys->n != 0 || skipped != 1)
			fail_msg("%s", whole[i]);
	}
	assert_int_equal(add_jwks(keys, &skipped, "{\"keys\":[{%s},{%s}]}",
				  mint_jwk(MINT_RSA_SHORT),
				  mint_jwk(MINT_K256)),
			 DG_OK);
	assert_int_equal(keys->n, 0);
	assert_int_equal(skipped, 2);
	/* A point that is not on its curve (invalid curve attack). */
	assert_int_equal(
		add_jwks(keys, &skipped,
			 "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
			 "\"x\":\"%s\",\"y\":\"%s\"}]}",
			 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
			 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"),
		DG_OK);
	assert_int_equal(keys->n, 0);
	/* What is no JWKS at all. */
	assert_int_equal(add_jwks(keys, &skipped, "%s", "[]"), DG_ERR_INVALID);
	assert_int_equal(add_jwks(keys, &skipped, "%s", "{}"), DG_ERR_INVALID);
	assert_int_equal(add_jwks(keys, &skipped, "%s", "<html>"),
			 DG_ERR_INVALID);
	assert_int_equal(add_jwks(keys, &skipped, "%s", "{\"keys\":{}}"),
			 DG_ERR_INVALID);
	dg_jwt_keys_unref(&keys);
}

static void
bounds_keys(void **state)
{
	static char text[64 * 1024];
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	size_t len = (size_t)snprintf(text, sizeof(text), "{\"keys\":[");
	size_t skipped;

	(void)state;
	for (int i = 0; i <= DG_JWT_KEYS_MAX; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s{%s,\"kid\":\"%d\"}",
			i == 0 ? "" : ",", mint_jwk(MINT_ED25519), i);
	(void)snprintf(text + len, sizeof(text) - len, "]}");
	assert_int_equal(dg_jwt_keys_add_jwks(keys, dg_str_from_cstr(text),
					      &skipped, NULL),
			 DG_ERR_LIMIT);
	dg_jwt_keys_unref(&keys);
}

static void
reads_pem(void **state)
{
	static const struct {
		enum mint_key key;
		enum dg_rc rc;
	} rows[] = {
		{MINT_RSA, DG_OK},
		{MINT_ED25519, DG_OK},
		{MINT_RSA_SHORT, DG_ERR_UNSUPPORTED},
		{MINT_K256, DG_ERR_UNSUPPORTED},
	};
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	struct dg_error err;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		assert_int_equal(
			dg_jwt_keys_add_pem(
				keys, DG_STR("x"),
				dg_str_from_cstr(mint_pem(rows[i].key)), &err),
			rows[i].rc);
	assert_int_equal(dg_jwt_keys_add_pem(keys, DG_STR("x"),
					     DG_STR("not a key"), &err),
			 DG_ERR_INVALID);
	assert_int_equal(
		dg_jwt_keys_add_pem(keys, DG_STR("x"), DG_STR_EMPTY, &err),
		DG_ERR_INVALID);
	dg_jwt_keys_unref(&keys);
}

/* A key without an id is of whatever id; one with an id only of that. */
static void
picks_keys_by_id(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	dg_jwt_keys_unref(&w.keys);
	w.keys = dg_jwt_keys_create();
	add_pem(&w, "", MINT_RSA_OTHER);
	add_pem(&w, "rsa", MINT_RSA);
	expect(&w, DG_JWT_OK,
	       mint_token(MINT_RSA_OTHER, "SHA256", header_of("RS256", "any"),
			  usual),
	       "of whatever id");
	expect(&w, DG_JWT_OK,
	       mint_token(MINT_RSA, "SHA256", header_of("RS256", NULL), usual),
	       "no id");
	expect(&w, DG_JWT_SIGNATURE,
	       mint_token(MINT_RSA_OTHER, "SHA256", header_of("RS256", "rsa"),
			  usual),
	       "the id of another key");
	/* It may be one that the issuer has only just made. */
	expect(&w, DG_JWT_UNKNOWN_KEY,
	       mint_token(MINT_RSA, "SHA256", header_of("RS256", "new"), usual),
	       "an unknown id");
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_jwks),
		cmocka_unit_test(passes_over_keys),
		cmocka_unit_test(bounds_keys),
		cmocka_unit_test(reads_pem),
		cmocka_unit_test(picks_keys_by_id),
	};

	return cmocka_run_group_tests(tests, mint_open, mint_close);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_jwt.c - tokens that hold, and a table of those whose form,
 * header or signature must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "proxy/jwt_world.h"

/* ---- signatures ---------------------------------------------------------- */

static void
holds_by_every_kind(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++) {
		const struct kind *k = &kinds[i];

		expect(&w, DG_JWT_OK,
		       mint_token(k->key, k->digest, header_of(k->alg, k->id),
				  usual),
		       k->alg);
		assert_true(dg_str_eq(w.identity.user, DG_STR("ann")));
		assert_int_equal(w.identity.until_s, NOW + 330);
		/* A token need not name its key. */
		expect(&w, DG_JWT_OK,
		       mint_token(k->key, k->digest, header_of(k->alg, NULL),
				  usual),
		       k->alg);
	}
	close_world(&w);
}

/* No key is good for the algorithm of another one. */
static void
keeps_algorithms_apart(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++)
		for (size_t j = 0; j < DG_ARRAY_LEN(kinds); j++) {
			const struct kind *a = &kinds[i];
			const struct kind *b = &kinds[j];
			enum dg_jwt_verdict got =
				check(&w, mint_token(a->key, a->digest,
						     header_of(b->alg, a->id),
						     usual));

			if (i == j)
				continue;
			/* The other RS* hash differently. */
			assert_int_equal(got, a->key == b->key
						      ? DG_JWT_SIGNATURE
						      : DG_JWT_ALGORITHM);
		}
	close_world(&w);
}

static void
refuses_other_algorithms(void **state)
{
	static const char *const names[] = {
		"none",   "None",     "NONE",   "nOnE",    "",
		"HS256",  "HS384",    "HS512",  "hs256",   "rs256",
		"RS256 ", "PS257",    "ES256K", "RS1",     "A128KW",
		"dir",    "RSA-OAEP", "EdDSA ", "Ed25519", "ES256\\u0020",
	};
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		expect(&w, DG_JWT_ALGORITHM,
		       mint_token(MINT_RSA, "SHA256",
				  header_of(names[i], "rsa"), usual),
		       names[i]);
		expect(&w, DG_JWT_ALGORITHM,
		       mint_token(MINT_RSA, "SHA256", header_of(names[i], NULL),
				  usual),
		       names[i]);
	}
	close_world(&w);
}

/* CVE-2015-9235 and its many cousins: the public key as an HMAC's secret. */
static void
refuses_hmac_by_public_keys(void **state)
{
	static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
	static const char *const algs[] = {"HS256", "HS384", "HS512"};
	struct world w;

	(void)state;
	open_world(&w);
	for (unsigned k = 0; k <= MINT_ED25519; k++)
		for (unsigned d = 0; d < 3; d++) {
			struct dg_str pem =
				dg_str_from_cstr(mint_pem((enum mint_key)k));
			struct dg_str cut = dg_str_trim(pem);
			struct dg_str nothing = DG_STR_EMPTY;

			expect(&w, DG_JWT_ALGORITHM,
			       mint_hmac(pem, digests[d],
					 header_of(algs[d], "rsa"), usual),
			       "public key");
			expect(&w, DG_JWT_ALGORITHM,
			       mint_hmac(cut, digests[d],
					 header_of(algs[d], NULL), usual),
			       "public key, no newline");
			expect(&w, DG_JWT_ALGORITHM,
			       mint_hmac(nothing, digests[d],
					 header_of(algs[d], "rsa"), usual),
			       "no secret");
			/* The same bytes under an honest name. */
			expect(&w, DG_JWT_SIGNATURE,
			       mint_hmac(pem, digests[d],
					 header_of("RS256", "rsa"), usual),
			       "an HMAC for an RSA signature");
		}
	close_world(&w);
}

static void
refuses_bad_signatures(void **state)
{
	static const char zeroes[512];
	struct world w;
	char token[4096];
	size_t dot;

	(void)state;
	open_world(&w);
	expect(&w, DG_JWT_SIGNATURE,
	       mint_token(MINT_RSA_OTHER, "SHA256", header_of("RS256", "rsa"),
			  usual),
	       "another key");
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++) {
		const struct kind *k = &kinds[i];
		char good[4096];
		const char *other =
			mint_token(k->key, k->digest, header_of(k->alg, k->id),
				   PAYLOAD(",\"x\":1"));

		(void)snprintf(good, sizeof(good), "%s",
			       mint_token(k->key, k->digest,
					  header_of(k->alg, k->id), usual));
		/* A signature belongs to its token. */
		dot = (size_t)(strrchr(good, '.') - good);
		(void)snprintf(token, sizeof(token), "%.*s%s", (int)dot, good,
			       strrchr(other, '.'));
		expect(&w, DG_JWT_SIGNATURE, token, k->alg);
		/* CVE-2022-21449: zeroes are no signature. */
		for (size_t n = 1; n <= sizeof(zeroes); n++)
			expect(&w, DG_JWT_SIGNATURE,
			       mint_signed_by(dg_str_make(zeroes, n),
					      header_of(k->alg, k->id), usual),
			       k->alg);
		/* Not a byte of it may be another. */
		(void)snprintf(token, sizeof(token), "%s", good);
		for (size_t at = 0; token[at] != '\0'; at++) {
			char was = token[at];

			token[at] = was == 'A' ? 'B' : 'A';
			assert_true(check(&w, token) != DG_JWT_OK);
			token[at] = was;
		}
		expect(&w, DG_JWT_OK, token, k->alg);
		/* Nor may there be more or fewer. */
		for (size_t len = strlen(token); len > 0; len--) {
			token[len - 1] = '\0';
			assert_true(check(&w, token) != DG_JWT_OK);
		}
	}
	close_world(&w);
}

/* ---- form and header ----------------------------------------------------- */

static void
refuses_what_is_no_token(void **state)
{
	static const char *const rows[] = {
		"",
		".",
		"..",
		"...",
		"a",
		"a.b",
		"a.b.",
		".b.c",
		"a..c",
		"a.b.c.d",
		"a.b.c.d.e",
		"a.b.c=",
		"a.b.c\n",
		" a.b.c",
		"a.b.c d",
		"a+b.c.d",
		"a/b.c.d",
		/* {"alg":"none"} and so on, without a signature */
		"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
		/* [] */
		"W10.W10.W10",
		/* "x" */
		"Ing.Ing.Ing",
	};
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		expect(&w, DG_JWT_MALFORMED, rows[i], rows[i]);
	close_world(&w);
}

static void
reads_headers_strictly(void **state)
{
	static const struct {
		const char *header;
		enum dg_jwt_verdict verdict;
	} rows[] = {
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\"}", DG_JWT_OK},
		{"{\"alg\":\"RS256\",\"typ\":\"jwt\"}", DG_JWT_OK},
		{"{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", DG_JWT_OK},
		{"{\"alg\":\"RS256\",\"typ\":\"application/at+JWT\"}",
		 DG_JWT_OK},
		/* For something else. */
		{"{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", DG_JWT_TYPE},
		{"{\"alg\":\"RS256\",\"typ\":\"dpop+jwt\"}", DG_JWT_TYPE},
		{"{\"alg\":\"RS256\",\"typ\":\"secevent+jwt\"}", DG_JWT_TYPE},
		{"{\"alg\":\"RS256\",\"typ\":\"\"}", DG_JWT_TYPE},
		{"{\"alg\":\"RS256\",\"typ\":null}", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\",\"typ\":[\"JWT\"]}", DG_JWT_MALFORMED},
		/* Extensions. */
		{"{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}",
		 DG_JWT_CRITICAL},
		{"{\"alg\":\"RS256\",\"crit\":[]}", DG_JWT_CRITICAL},
		{"{\"alg\":\"RS256\",\"crit\":null}", DG_JWT_CRITICAL},
		/* Members twice, of a wrong type, or not there. */
		{"{\"alg\":\"none\",\"alg\":\"RS256\"}", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\",\"kid\":\"x\",\"kid\":\"rsa\"}",
		 DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\",\"kid\":7}", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\",\"kid\":null}", DG_JWT_MALFORMED},
		{"{\"alg\":[\"RS256\"]}", DG_JWT_MALFORMED},
		{"{\"alg\":7}", DG_JWT_MALFORMED},
		{"{\"alg\":null}", DG_JWT_MALFORMED},
		{"{\"kid\":\"rsa\"}", DG_JWT_MALFORMED},
		{"{\"ALG\":\"RS256\"}", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\"} ", DG_JWT_OK},
		{"{\"alg\":\"RS256\"}x", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\"", DG_JWT_MALFORMED},
		{"{\"alg\":\"RS256\",\"kid\":\"a\\u0000b\"}", DG_JWT_MALFORMED},
		/* Keys that are not there. */
		{"{\"alg\":\"RS256\",\"kid\":\"\"}", DG_JWT_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"kid\":\"RSA\"}", DG_JWT_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"kid\":\"../../dev/null\"}",
		 DG_JWT_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"kid\":\"rsa' OR '1'='1\"}",
		 DG_JWT_UNKNOWN_KEY},
		/* A key of another kind. */
		{"{\"alg\":\"RS256\",\"kid\":\"p256\"}", DG_JWT_ALGORITHM},
		/* Keys that come along are never used, nor do they harm. */
		{"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jku\":\"https://evil\","
		 "\"x5u\":\"https://evil\",\"x5c\":[\"x\"]}",
		 DG_JWT_OK},
	};
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		expect(&w, rows[i].verdict,
		       mint_token(MINT_RSA, "SHA256", rows[i].header, usual),
		       rows[i].header);
	close_world(&w);
}

/* CVE-2018-0114: the key in the token's own header. */
static void
uses_no_key_that_comes_along(void **state)
{
	struct world w;
	char header[4096];

	(void)state;
	open_world(&w);
	(void)snprintf(header, sizeof(header),
		       "{\"alg\":\"RS256\",\"jwk\":{%s}}",
		       mint_jwk(MINT_RSA_OTHER));
	expect(&w, DG_JWT_SIGNATURE,
	       mint_token(MINT_RSA_OTHER, "SHA256", header, usual), "jwk");
	(void)snprintf(header, sizeof(header),
		       "{\"alg\":\"RS256\",\"kid\":\"new\",\"jwk\":{%s,"
		       "\"kid\":\"new\"}}",
		       mint_jwk(MINT_RSA_OTHER));
	expect(&w, DG_JWT_UNKNOWN_KEY,
	       mint_token(MINT_RSA_OTHER, "SHA256", header, usual), "jwk");
	close_world(&w);
}

static void
obeys_configured_lists(void **state)
{
	static char access_token[] = "at+jwt";
	static char *types[] = {access_token};
	const char *rs =
		mint_token(MINT_RSA, "SHA256",
			   "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", usual);
	const char *plain =
		mint_token(MINT_RSA, "SHA256",
			   "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", usual);
	const char *without =
		mint_token(MINT_RSA, "SHA256", "{\"alg\":\"RS256\"}", usual);
	struct world w;

	(void)state;
	open_world(&w);
	w.rules.algorithms = DG_JWT_BIT(DG_JWT_ES256);
	expect(&w, DG_JWT_ALGORITHM, rs, "an algorithm that is switched off");
	w.rules.algorithms = DG_JWT_BIT(DG_JWT_RS256);
	w.rules.types = types;
	w.rules.n_types = 1;
	expect(&w, DG_JWT_OK, rs, "at+jwt");
	expect(&w, DG_JWT_TYPE, plain, "an ID token");
	expect(&w, DG_JWT_TYPE, without, "no type");
	close_world(&w);
}

static void
bounds_what_it_reads(void **state)
{
	static char big[DG_JWT_TOKEN_MAX + 64];
	static char payload[DG_JWT_TOKEN_MAX];
	struct world w;

	(void)state;
	open_world(&w);
	memset(big, 'A', sizeof(big) - 1);
	big[10] = big[20] = '.';
	expect(&w, DG_JWT_MALFORMED, big, "too long");
	/* A header that is longer than any. */
	memset(payload, ' ', sizeof(payload) - 1);
	memcpy(payload, "{\"alg\":\"RS256\"}", 15);
	payload[5000] = '\0';
	expect(&w, DG_JWT_MALFORMED,
	       mint_token(MINT_RSA, "SHA256", payload, usual), "long header");
	/* Nested without end. */
	memset(payload, '[', 8000);
	payload[8000] = '\0';
	expect(&w, DG_JWT_MALFORMED,
	       mint_token(MINT_RSA, "SHA256", header_of("RS256", "rsa"),
			  payload),
	       "nested");
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_by_every_kind),
		cmocka_unit_test(keeps_algorithms_apart),
		cmocka_unit_test(refuses_other_algorithms),
		cmocka_unit_test(refuses_hmac_by_public_keys),
		cmocka_unit_test(refuses_bad_signatures),
		cmocka_unit_test(refuses_what_is_no_token),
		cmocka_unit_test(reads_headers_strictly),
		cmocka_unit_test(uses_no_key_that_comes_along),
		cmocka_unit_test(obeys_configured_lists),
		cmocka_unit_test(bounds_what_it_reads),
	};

	return cmocka_run_group_tests(tests, mint_open, mint_close);
}

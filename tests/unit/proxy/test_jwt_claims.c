/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_jwt_claims.c - what a token that is well signed has to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "proxy/jwt_world.h"

/* ---- claims -------------------------------------------------------------- */

#define WITHOUT_AUD(aud) \
	"{\"iss\":\"https://issuer\",\"sub\":\"ann\",\"exp\":1700000300" aud "}"
#define WITHOUT_DATES(dates) \
	"{\"iss\":\"https://" \
	"issuer\",\"aud\":\"gateway\",\"sub\":\"ann\"" dates "}"

static void
judges_claims(void **state)
{
	static const struct {
		const char *payload;
		enum dg_jwt_verdict verdict;
	} rows[] = {
		{usual, DG_JWT_OK},
		{"[]", DG_JWT_MALFORMED},
		{"\"x\"", DG_JWT_MALFORMED},
		{"null", DG_JWT_MALFORMED},
		{"{", DG_JWT_MALFORMED},
		{PAYLOAD(",\"sub\":\"bob\""), DG_JWT_MALFORMED},
		{PAYLOAD(",\"aud\":\"gateway\""), DG_JWT_MALFORMED},
		/* iss */
		{"{\"aud\":\"gateway\",\"sub\":\"ann\",\"exp\":1700000300}",
		 DG_JWT_ISSUER},
		{"{\"iss\":\"https://issuer/\",\"aud\":\"gateway\",\"sub\":"
		 "\"ann\",\"exp\":1700000300}",
		 DG_JWT_ISSUER},
		{"{\"iss\":\"HTTPS://issuer\",\"aud\":\"gateway\",\"sub\":"
		 "\"ann\",\"exp\":1700000300}",
		 DG_JWT_ISSUER},
		{"{\"iss\":[\"https://issuer\"],\"aud\":\"gateway\",\"sub\":"
		 "\"ann\",\"exp\":1700000300}",
		 DG_JWT_ISSUER},
		/* aud */
		{WITHOUT_AUD(""), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":\"other\""), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":\"Gateway\""), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":\"gateway \""), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":\"\""), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":[]"), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":[\"other\"]"), DG_JWT_AUDIENCE},
		{WITHOUT_AUD(",\"aud\":[\"other\",\"gateway-too\"]"),
		 DG_JWT_OK},
		{WITHOUT_AUD(",\"aud\":[\"gateway\",7]"), DG_JWT_MALFORMED},
		{WITHOUT_AUD(",\"aud\":{\"gateway\":true}"), DG_JWT_MALFORMED},
		{WITHOUT_AUD(",\"aud\":null"), DG_JWT_MALFORMED},
		/* exp: at now and before is too late; 30 s of leeway */
		{WITHOUT_DATES(""), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":1699999970"), DG_JWT_EXPIRED},
		{WITHOUT_DATES(",\"exp\":1699999971"), DG_JWT_OK},
		{WITHOUT_DATES(",\"exp\":0"), DG_JWT_EXPIRED},
		{WITHOUT_DATES(",\"exp\":-1"), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":\"1700000300\""), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":1700000300.5"), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":9223372036854775807"),
		 DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":99999999999999999999"),
		 DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":true"), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":null"), DG_JWT_MALFORMED},
		/* nbf, iat */
		{PAYLOAD(",\"nbf\":1700000030"), DG_JWT_OK},
		{PAYLOAD(",\"nbf\":1700000031"), DG_JWT_NOT_YET},
		{PAYLOAD(",\"nbf\":\"0\""), DG_JWT_MALFORMED},
		{PAYLOAD(",\"nbf\":null"), DG_JWT_MALFORMED},
		{WITHOUT_DATES(",\"exp\":1700000300,\"iat\":1700000031"),
		 DG_JWT_NOT_YET},
		{WITHOUT_DATES(",\"exp\":1700000300,\"iat\":[]"),
		 DG_JWT_MALFORMED},
		/* sub */
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"exp\":"
		 "1700000300}",
		 DG_JWT_NO_USER},
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":\"\","
		 "\"exp\":1700000300}",
		 DG_JWT_NO_USER},
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":7,"
		 "\"exp\":1700000300}",
		 DG_JWT_NO_USER},
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":"
		 "[\"ann\"],\"exp\":1700000300}",
		 DG_JWT_NO_USER},
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":"
		 "\"ann\\nx\",\"exp\":1700000300}",
		 DG_JWT_NO_USER},
		{"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":"
		 "\"ann\\u0000\",\"exp\":1700000300}",
		 DG_JWT_MALFORMED},
	};
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		expect(&w, rows[i].verdict,
		       mint_token(MINT_P256, "SHA256",
				  header_of("ES256", "p256"), rows[i].payload),
		       rows[i].payload);
	/* Without an audience of ours, or an issuer, nothing holds. */
	w.rules.n_audiences = 0;
	expect(&w, DG_JWT_AUDIENCE,
	       mint_token(MINT_P256, "SHA256", header_of("ES256", "p256"),
			  usual),
	       "no audience");
	w.rules.issuer = DG_STR_EMPTY;
	expect(&w, DG_JWT_ISSUER,
	       mint_token(MINT_P256, "SHA256", header_of("ES256", "p256"),
			  usual),
	       "no issuer");
	close_world(&w);
}

static void
bounds_the_age(void **state)
{
	static const struct {
		const char *payload;
		enum dg_jwt_verdict verdict;
		int64_t until_s;
	} rows[] = {
		{WITHOUT_DATES(",\"exp\":1700009000,\"iat\":1699999500"),
		 DG_JWT_OK, 1699999500 + 600 + 30},
		{WITHOUT_DATES(",\"exp\":1700000010,\"iat\":1700000000"),
		 DG_JWT_OK, 1700000010 + 30},
		{WITHOUT_DATES(",\"exp\":1700009000,\"iat\":1699999370"),
		 DG_JWT_TOO_OLD, 0},
		{WITHOUT_DATES(",\"exp\":1700009000"), DG_JWT_TOO_OLD, 0},
	};
	struct world w;

	(void)state;
	open_world(&w);
	w.rules.max_age_s = 600;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		expect(&w, rows[i].verdict,
		       mint_token(MINT_P256, "SHA256",
				  header_of("ES256", "p256"), rows[i].payload),
		       rows[i].payload);
		if (rows[i].verdict == DG_JWT_OK)
			assert_int_equal(w.identity.until_s, rows[i].until_s);
	}
	close_world(&w);
}

static void
reads_paths(void **state)
{
	static const struct {
		const char *text;
		const char *segments[3]; /* none: refused */
	} rows[] = {
		{"sub", {"sub"}},
		{"realm_access.roles", {"realm_access", "roles"}},
		{"/realm_access/roles", {"realm_access", "roles"}},
		{"/https:~1~1x.com~1groups", {"https://x.com/groups"}},
		{"/a~01", {"a~1"}},
		{"https://x.com/groups", {"https://x", "com/groups"}},
		{".", {NULL}},
		{"a.", {NULL}},
		{".a", {NULL}},
		{"a..b", {NULL}},
		{"/", {NULL}},
		{"/a/", {NULL}},
		{"/a~", {NULL}},
		{"/a~2", {NULL}},
		{"1.2.3.4.5.6.7.8.9", {NULL}},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		struct dg_jwt_path path;
		enum dg_rc rc = dg_jwt_path_parse(
			dg_str_from_cstr(rows[i].text), &path);
		size_t n = 0;

		while (n < 3 && rows[i].segments[n] != NULL)
			n++;
		if (rc != (n == 0 ? DG_ERR_INVALID : DG_OK) || path.n != n)
			fail_msg("%s: %zu segments", rows[i].text, path.n);
		for (size_t k = 0; k < n; k++)
			assert_string_equal(path.segments[k],
					    rows[i].segments[k]);
		dg_jwt_path_fini(&path);
	}
}

static void
reads_groups(void **state)
{
	static const struct {
		const char *claim;
		const char *payload;
		enum dg_jwt_verdict verdict;
		const char *groups; /* joined with '|' */
	} rows[] = {
		{"groups", PAYLOAD(",\"groups\":[\"a\",\"b c\"]"), DG_JWT_OK,
		 "a|b c|"},
		{"groups", PAYLOAD(",\"groups\":\"one\""), DG_JWT_OK, "one|"},
		{"groups", PAYLOAD(",\"groups\":[]"), DG_JWT_OK, ""},
		{"groups", PAYLOAD(""), DG_JWT_OK, ""},
		{"realm_access.roles",
		 PAYLOAD(",\"realm_access\":{\"roles\":[\"x\"]}"), DG_JWT_OK,
		 "x|"},
		/* Not by a claim whose name looks like the path. */
		{"realm_access.roles",
		 PAYLOAD(",\"realm_access.roles\":[\"x\"]"), DG_JWT_OK, ""},
		{"/https:~1~1x.com~1groups",
		 PAYLOAD(",\"https://x.com/groups\":[\"y\"]"), DG_JWT_OK, "y|"},
		/* What cannot be read could hold a deny. */
		{"groups", PAYLOAD(",\"groups\":7"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"groups\":null"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"groups\":{\"a\":1}"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"groups\":[\"a\",7]"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"groups\":[\"\"]"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"groups\":\"\""), DG_JWT_GROUPS, ""},
		{"groups",
		 PAYLOAD(",\"_claim_names\":{\"groups\":\"src1\"},"
			 "\"_claim_sources\":{\"src1\":{\"endpoint\":\"x\"}}"),
		 DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"_claim_names\":[\"groups\"]"),
		 DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"hasgroups\":true"), DG_JWT_GROUPS, ""},
		{"groups", PAYLOAD(",\"hasgroups\":false"), DG_JWT_OK, ""},
		{"realm_access.roles", PAYLOAD(",\"realm_access\":\"x\""),
		 DG_JWT_GROUPS, ""},
		{"realm_access.roles", PAYLOAD(",\"realm_access\":[]"),
		 DG_JWT_GROUPS, ""},
		{"realm_access.roles", PAYLOAD(",\"realm_access\":null"),
		 DG_JWT_GROUPS, ""},
		{"realm_access.roles", PAYLOAD(",\"realm_access\":{}"),
		 DG_JWT_OK, ""},
		/* Not asked for. */
		{"", PAYLOAD(",\"groups\":7"), DG_JWT_OK, ""},
	};
	struct world w;

	(void)state;
	open_world(&w);
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		char joined[64] = "";

		dg_jwt_path_fini(&w.rules.groups);
		assert_int_equal(
			dg_jwt_path_parse(dg_str_from_cstr(rows[i].claim),
					  &w.rules.groups),
			DG_OK);
		expect(&w, rows[i].verdict,
		       mint_token(MINT_P256, "SHA256",
				  header_of("ES256", "p256"), rows[i].payload),
		       rows[i].payload);
		for (size_t k = 0; k < w.identity.n_groups; k++)
			(void)snprintf(joined + strlen(joined),
				       sizeof(joined) - strlen(joined), "%.*s|",
				       DG_STR_ARG(w.identity.groups[k]));
		assert_string_equal(joined, rows[i].groups);
	}
	close_world(&w);
}

static void
bounds_groups(void **state)
{
	static char payload[16 * 1024];
	struct world w;

	(void)state;
	open_world(&w);
	assert_int_equal(dg_jwt_path_parse(DG_STR("g"), &w.rules.groups),
			 DG_OK);
	for (int n = DG_JWT_GROUPS_MAX; n <= DG_JWT_GROUPS_MAX + 1; n++) {
		size_t len = (size_t)snprintf(
			payload, sizeof(payload),
			"{\"iss\":\"https://issuer\",\"aud\":\"gateway\","
			"\"sub\":\"ann\",\"exp\":1700000300,\"g\":[\"a\"");

		for (int i = 1; i < n; i++)
			len += (size_t)snprintf(
				payload + len, sizeof(payload) - len, ",\"a\"");
		(void)snprintf(payload + len, sizeof(payload) - len, "]}");
		expect(&w, n > DG_JWT_GROUPS_MAX ? DG_JWT_GROUPS : DG_JWT_OK,
		       mint_token(MINT_P256, "SHA256",
				  header_of("ES256", "p256"), payload),
		       "groups");
	}
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_claims),
		cmocka_unit_test(bounds_the_age),
		cmocka_unit_test(reads_paths),
		cmocka_unit_test(reads_groups),
		cmocka_unit_test(bounds_groups),
	};

	return cmocka_run_group_tests(tests, mint_open, mint_close);
}

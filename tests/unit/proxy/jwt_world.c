/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_world.c - see jwt_world.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>

#include "proxy/jwt_world.h"

const char usual[] = PAYLOAD("");

static char gateway[] = "gateway";
static char gateway_too[] = "gateway-too";
static char *audiences[] = {gateway, gateway_too};

void
add_pem(struct world *w, const char *id, enum mint_key key)
{
	struct dg_error err = {.text = ""};

	if (dg_jwt_keys_add_pem(w->keys, dg_str_from_cstr(id),
				dg_str_from_cstr(mint_pem(key)), &err) != DG_OK)
		fail_msg("%s: %s", id, err.text);
}

void
open_world(struct world *w)
{
	*w = (struct world){.mono_ms = 1000};
	w->keys = dg_jwt_keys_create();
	w->arena = dg_arena_create(4 << 20);
	w->rules = (struct dg_jwt_rules){
		.issuer = DG_STR("https://issuer"),
		.audiences = audiences,
		.n_audiences = DG_ARRAY_LEN(audiences),
		.algorithms = DG_JWT_ALL,
		.leeway_s = 30,
	};
	assert_int_equal(dg_jwt_path_parse(DG_STR("sub"), &w->rules.user),
			 DG_OK);
	add_pem(w, "rsa", MINT_RSA);
	add_pem(w, "p256", MINT_P256);
	add_pem(w, "p384", MINT_P384);
	add_pem(w, "p521", MINT_P521);
	add_pem(w, "ed", MINT_ED25519);
}

void
close_world(struct world *w)
{
	dg_jwt_path_fini(&w->rules.user);
	dg_jwt_path_fini(&w->rules.groups);
	dg_jwt_keys_unref(&w->keys);
	dg_arena_destroy(&w->arena);
}

enum dg_jwt_verdict
check(struct world *w, const char *token)
{
	dg_arena_reset(w->arena);
	w->identity = (struct dg_jwt_identity){.n_groups = 0};
	return dg_jwt_check(w->keys, &w->rules, dg_str_from_cstr(token), NOW,
			    w->mono_ms, w->arena, &w->identity);
}

void
expect(struct world *w, enum dg_jwt_verdict verdict, const char *token,
       const char *what)
{
	enum dg_jwt_verdict got = check(w, token);

	if (got != verdict)
		fail_msg("%s: %s, not %s", what, dg_jwt_verdict_name(got),
			 dg_jwt_verdict_name(verdict));
}

const struct kind kinds[N_KINDS] = {
	{"RS256", "SHA256", MINT_RSA, "rsa"},
	{"RS384", "SHA384", MINT_RSA, "rsa"},
	{"RS512", "SHA512", MINT_RSA, "rsa"},
	{"PS256", "PSS-SHA256", MINT_RSA, "rsa"},
	{"PS384", "PSS-SHA384", MINT_RSA, "rsa"},
	{"PS512", "PSS-SHA512", MINT_RSA, "rsa"},
	{"ES256", "SHA256", MINT_P256, "p256"},
	{"ES384", "SHA384", MINT_P384, "p384"},
	{"ES512", "SHA512", MINT_P521, "p521"},
	{"EdDSA", "", MINT_ED25519, "ed"},
};

const char *
header_of(const char *alg, const char *id)
{
	static char room[8][256];
	static unsigned next;
	char *out = room[next++ % 8];

	if (id == NULL)
		(void)snprintf(out, sizeof(room[0]), "{\"alg\":\"%s\"}", alg);
	else
		(void)snprintf(out, sizeof(room[0]),
			       "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, id);
	return out;
}

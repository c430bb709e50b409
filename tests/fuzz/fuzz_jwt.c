/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_jwt.c - tokens and JWKS documents of hostile bytes. By the first byte:
 * a token against a key whose private half nobody has, so that none may hold;
 * claims as if the signature had held; a JWKS; a claim's path.
 */
#include "auth/jwt_claims.h"
#include "base/assert.h"

enum { NOW_S = 1700000000, ARENA_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 8037, A.2, and RFC 7515, A.3: keys of examples. */
static const char jwks[] =
	"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":"
	"\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
	"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
	"\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static char audience[] = "gateway";
static char *audiences[] = {audience};

static void
make_rules(struct dg_jwt_rules *rules)
{
	*rules = (struct dg_jwt_rules){
		.issuer = DG_STR("i"),
		.audiences = audiences,
		.n_audiences = 1,
		.algorithms = DG_JWT_ALL,
		.leeway_s = 30,
	};
	if (dg_jwt_path_parse(DG_STR("sub"), &rules->user) != DG_OK ||
	    dg_jwt_path_parse(DG_STR("a.b"), &rules->groups) != DG_OK)
		DG_UNREACHABLE();
}

static void
try_token(struct dg_str bytes)
{
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	struct dg_arena *arena = dg_arena_create(ARENA_MAX);
	struct dg_jwt_identity identity;
	struct dg_jwt_rules rules;
	size_t skipped;

	make_rules(&rules);
	if (dg_jwt_keys_add_jwks(keys, dg_str_from_cstr(jwks), &skipped,
				 NULL) != DG_OK)
		DG_UNREACHABLE();
	keys->heard_ms = 1;
	keys->stale_ms = 1000;
	DG_ASSERT(dg_jwt_check(keys, &rules, bytes, NOW_S, 2, arena,
			       &identity) != DG_JWT_OK);
	dg_jwt_path_fini(&rules.user);
	dg_jwt_path_fini(&rules.groups);
	dg_arena_destroy(&arena);
	dg_jwt_keys_unref(&keys);
}

static void
try_claims(struct dg_str bytes)
{
	struct dg_arena *arena = dg_arena_create(ARENA_MAX);
	struct dg_jwt_identity identity;
	struct dg_jwt_rules rules;
	struct dg_json *root = NULL;

	make_rules(&rules);
	if (dg_json_parse(bytes, DG_JWT_TOKEN_MAX, &root, NULL) == DG_OK &&
	    dg_jwt_claims_judge(root, &rules, NOW_S, arena, &identity) ==
		    DG_JWT_OK) {
		DG_ASSERT(identity.user.len > 0);
		DG_ASSERT(identity.until_s > NOW_S);
		DG_ASSERT(identity.n_groups <= DG_JWT_GROUPS_MAX);
	}
	dg_json_destroy(&root);
	dg_jwt_path_fini(&rules.user);
	dg_jwt_path_fini(&rules.groups);
	dg_arena_destroy(&arena);
}

static void
try_jwks(struct dg_str bytes)
{
	struct dg_jwt_keys *keys = dg_jwt_keys_create();
	size_t skipped;

	if (dg_jwt_keys_add_jwks(keys, bytes, &skipped, NULL) == DG_OK)
		for (size_t i = 0; i < keys->n; i++)
			DG_ASSERT(keys->keys[i].algorithms != 0);
	DG_ASSERT(keys->n <= DG_JWT_KEYS_MAX);
	dg_jwt_keys_unref(&keys);
}

static void
try_path(struct dg_str bytes)
{
	struct dg_jwt_path path;

	if (dg_jwt_path_parse(bytes, &path) == DG_OK)
		DG_ASSERT(path.n <= DG_JWT_PATH_MAX);
	dg_jwt_path_fini(&path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_str bytes;

	if (size < 1)
		return 0;
	bytes = dg_str_make((const char *)data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		try_token(bytes);
		break;
	case 1:
		try_claims(bytes);
		break;
	case 2:
		try_jwks(bytes);
		break;
	default:
		try_path(bytes);
		break;
	}
	return 0;
}

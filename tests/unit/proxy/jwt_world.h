/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_world.h - an issuer with a key of each kind, and what it asks of tokens.
 */
#ifndef DG_TESTS_PROXY_JWT_WORLD_H
#define DG_TESTS_PROXY_JWT_WORLD_H

#include "auth/jwt.h"
#include "proxy/mint.h"

#define NOW INT64_C(1700000000)

#define PAYLOAD(more) \
	"{\"iss\":\"https://issuer\",\"aud\":\"gateway\",\"sub\":\"ann\"," \
	"\"exp\":1700000300,\"iat\":1700000000" more "}"
extern const char usual[];

struct world {
	struct dg_jwt_keys *keys;
	struct dg_jwt_rules rules;
	struct dg_arena *arena;
	struct dg_jwt_identity identity;
	uint64_t mono_ms;
};

void add_pem(struct world *w, const char *id, enum mint_key key);
void open_world(struct world *w);
void close_world(struct world *w);
enum dg_jwt_verdict check(struct world *w, const char *token);
void expect(struct world *w, enum dg_jwt_verdict verdict, const char *token,
	    const char *what);
/* With kid, or without when id is NULL; some live at a time. */
const char *header_of(const char *alg, const char *id);

/* Of each algorithm, the key of open_world that it goes with. */
struct kind {
	const char *alg;
	const char *digest;
	enum mint_key key;
	const char *id;
};
enum { N_KINDS = 10 };
extern const struct kind kinds[N_KINDS];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.h - whether a bearer token holds, and whom it stands for.
 *
 * JWS in its compact form (RFC 7515, 7519), checked as RFC 8725 asks: which
 * algorithms a key allows is known before the token is read, `none` and HMAC do
 * not exist here, headers that bring keys along are never followed. Pure but
 * for the cryptography: no I/O, no clock; for clients and administrators alike.
 */
#ifndef DG_PROXY_AUTH_JWT_H
#define DG_PROXY_AUTH_JWT_H

#include "auth/jwt_keys.h"
#include "base/arena.h"

enum {
	DG_JWT_TOKEN_MAX = 32 * 1024,
	DG_JWT_GROUPS_MAX = 1000,
	DG_JWT_PATH_MAX = 8, /* segments of a claim's path */
};

/* Why a token was refused; the order is that of the checks. */
enum dg_jwt_verdict {
	DG_JWT_OK,
	DG_JWT_MALFORMED,   /* not a token, or a member of the wrong type */
	DG_JWT_TYPE,        /* `typ` says that it is for something else */
	DG_JWT_CRITICAL,    /* `crit`: an extension that must be understood */
	DG_JWT_ALGORITHM,   /* unknown, not allowed, or not the key's own */
	DG_JWT_UNKNOWN_KEY, /* newer keys of the issuer could hold it */
	DG_JWT_STALE_KEYS,  /* the issuer was not heard of for too long */
	DG_JWT_SIGNATURE,
	DG_JWT_ISSUER,
	DG_JWT_EXPIRED,
	DG_JWT_NOT_YET, /* nbf or iat lie ahead */
	DG_JWT_TOO_OLD, /* iat is missing or too long ago */
	DG_JWT_AUDIENCE,
	DG_JWT_NO_USER,
	DG_JWT_GROUPS, /* not a list of names, too many, or kept elsewhere */
	DG_JWT_LIMIT,  /* no memory left for the answer */
	DG_JWT_VERDICTS
};
/* For logs and metrics: "expired". */
const char *dg_jwt_verdict_name(enum dg_jwt_verdict verdict);
/*
 * One line for the bearer. Only who holds a token that the issuer signed is
 * told more than that it did not hold.
 */
const char *dg_jwt_verdict_text(enum dg_jwt_verdict verdict);

/*
 * Where a claim stands: "groups", "realm_access.roles", or a JSON pointer (RFC
 * 6901) where names have dots in them: "/https:~1~1example.com~1groups".
 */
struct dg_jwt_path {
	size_t n;                        /* 0: no such claim is asked for */
	char *segments[DG_JWT_PATH_MAX]; /* owned */
};
/* INVALID: empty segments, bad escapes, too many. text empty: n is 0. */
enum dg_rc dg_jwt_path_parse(struct dg_str text,
			     struct dg_jwt_path *path_out) DG_MUST_CHECK;
void dg_jwt_path_fini(struct dg_jwt_path *path);

/* What a token has to say. All but the paths is borrowed. */
struct dg_jwt_rules {
	struct dg_str issuer;
	char *const *audiences; /* one of them; none: no token holds */
	size_t n_audiences;
	char *const *types; /* of `typ`; none: JWT, at+jwt or nothing */
	size_t n_types;
	unsigned algorithms; /* bits */
	int64_t leeway_s;
	int64_t max_age_s; /* since iat; 0: it is not asked for */
	struct dg_jwt_path user;
	struct dg_jwt_path groups;
};

struct dg_jwt_identity {
	struct dg_str user; /* as the issuer writes it */
	const struct dg_str *groups;
	size_t n_groups;
	int64_t until_s; /* wall clock: leeway included */
	bool from_url;   /* by a key that can become stale */
};

/* All of identity is in the arena. */
enum dg_jwt_verdict
dg_jwt_check(const struct dg_jwt_keys *keys, const struct dg_jwt_rules *rules,
	     struct dg_str token, int64_t now_s, uint64_t now_mono_ms,
	     struct dg_arena *arena,
	     struct dg_jwt_identity *identity_out) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_keys.h - public keys that tokens may be signed with.
 *
 * From PEM files and from JWKS documents (RFC 7517). A key's type says which
 * algorithms it can be used with, before any token is looked at: RSA for RS*
 * and PS*, each curve for its own ES*, Ed25519 for EdDSA. There are no
 * symmetric keys: a public key can never be taken for the secret of an HMAC. A
 * set is filled, then immutable and ref-counted.
 */
#ifndef DG_PROXY_AUTH_JWT_KEYS_H
#define DG_PROXY_AUTH_JWT_KEYS_H

#include "base/str.h"

enum dg_jwt_algorithm {
	DG_JWT_RS256,
	DG_JWT_RS384,
	DG_JWT_RS512,
	DG_JWT_PS256,
	DG_JWT_PS384,
	DG_JWT_PS512,
	DG_JWT_ES256,
	DG_JWT_ES384,
	DG_JWT_ES512,
	DG_JWT_EDDSA,
	DG_JWT_ALGORITHMS
};
#define DG_JWT_BIT(algorithm) (1U << (algorithm))
#define DG_JWT_ALL (DG_JWT_BIT(DG_JWT_ALGORITHMS) - 1)

/* "RS256" and so on, as in `alg`; exactly. False for all others. */
bool dg_jwt_algorithm_parse(struct dg_str name,
			    enum dg_jwt_algorithm *algorithm_out);

enum {
	DG_JWT_KEYS_MAX = 64,
	DG_JWT_KEY_ID_MAX = 256,
	DG_JWT_JWKS_MAX = 256 * 1024,
};

struct dg_jwt_key {
	struct dg_str id;    /* owned; empty: of whatever id a token names */
	unsigned algorithms; /* bits; never 0 */
	struct evp_pkey_st *pkey; /* reference; shared between threads */
	bool from_url; /* good only as long as the issuer was heard of */
};

struct dg_jwt_keys {
	int refs;            /* atomic */
	uint64_t generation; /* another one: other keys */
	uint64_t heard_ms;   /* monotonic: the URL's keys are as of; 0 never */
	uint64_t stale_ms;   /* they are believed for that long */
	uint64_t next_ms;    /* nobody is asked for newer ones before */
	size_t n;
	struct dg_jwt_key keys[DG_JWT_KEYS_MAX];
};

/* Empty; one reference is the caller's. */
struct dg_jwt_keys *dg_jwt_keys_create(void);
/* Any thread. */
struct dg_jwt_keys *dg_jwt_keys_ref(struct dg_jwt_keys *keys);
void dg_jwt_keys_unref(struct dg_jwt_keys **keys);

/* A public key or a certificate; INVALID, UNSUPPORTED, LIMIT with the reason.
 */
enum dg_rc dg_jwt_keys_add_pem(struct dg_jwt_keys *keys, struct dg_str id,
			       struct dg_str pem,
			       struct dg_error *err) DG_MUST_CHECK;
/*
 * All keys of a document that are for signatures and of a kind we know; others
 * are passed over, *skipped_out counts them. There may be none left. INVALID
 * when it is no JWKS; LIMIT when there are too many.
 */
enum dg_rc dg_jwt_keys_add_jwks(struct dg_jwt_keys *keys, struct dg_str json,
				size_t *skipped_out,
				struct dg_error *err) DG_MUST_CHECK;
/* All of from: they are shared by sets of one issuer. */
void dg_jwt_keys_copy(struct dg_jwt_keys *to, const struct dg_jwt_keys *from);

/* Whether a key may be used now. */
bool dg_jwt_key_is_fresh(const struct dg_jwt_keys *keys,
			 const struct dg_jwt_key *key, uint64_t now_ms);

#endif

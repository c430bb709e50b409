/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mint.h - keys made on the spot, and tokens signed with them.
 */
#ifndef DG_TESTS_PROXY_MINT_H
#define DG_TESTS_PROXY_MINT_H

#include "auth/jwt_keys.h"

enum mint_key {
	MINT_RSA,
	MINT_RSA_OTHER,
	MINT_P256,
	MINT_P384,
	MINT_P521,
	MINT_ED25519,
	MINT_RSA_SHORT, /* 1024 bits */
	MINT_K256,      /* secp256k1 */
	MINT_KEYS
};

/* Once a process, for a group of tests; starts libsodium for what is tested. */
int mint_open(void **state);
int mint_close(void **state);

/* These live in static memory, several at a time (MINT_ROOMS). */
enum { MINT_ROOMS = 8, MINT_ROOM = 64 * 1024 };

/* header and payload are JSON; digest "SHA256", or
 * "PSS-SHA256" for an RSA key; signed with the key. */
const char *mint_token(enum mint_key key, const char *digest,
		       const char *header, const char *payload);
/* The same under HMAC with any bytes for a secret. */
const char *mint_hmac(struct dg_str secret, const char *digest,
		      const char *header, const char *payload);
/* With these bytes for a signature, encoded here. */
const char *mint_signed_by(struct dg_str signature, const char *header,
			   const char *payload);
/* Public, as PEM. */
const char *mint_pem(enum mint_key key);
/* The members of a JWK but for the braces: "\"kty\":\"RSA\",...". */
const char *mint_jwk(enum mint_key key);

#endif

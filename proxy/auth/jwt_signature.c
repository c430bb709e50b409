/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_signature.c - the one file that knows libjwt. See jwt_signature.h.
 *
 * libjwt 1.x takes the algorithm from the token, and takes a NULL key for "do
 * not check". So the algorithm is compared with the key's own before, and again
 * after; a key is always passed. It has no Ed25519: that is libsodium's.
 */
#include "auth/jwt_signature.h"

#include <jwt.h>
#include <sodium.h>

#include "base/assert.h"
#include "base/base64.h"

static jwt_alg_t
to_libjwt(enum dg_jwt_algorithm algorithm)
{
	switch (algorithm) {
	case DG_JWT_RS256:
		return JWT_ALG_RS256;
	case DG_JWT_RS384:
		return JWT_ALG_RS384;
	case DG_JWT_RS512:
		return JWT_ALG_RS512;
	case DG_JWT_ES256:
		return JWT_ALG_ES256;
	case DG_JWT_ES384:
		return JWT_ALG_ES384;
	case DG_JWT_ES512:
		return JWT_ALG_ES512;
	case DG_JWT_EDDSA:
	case DG_JWT_ALGORITHMS:
		break;
	}
	return JWT_ALG_INVAL;
}

static bool
libjwt_holds(const struct dg_jwt_key *key, enum dg_jwt_algorithm algorithm,
	     struct dg_str token)
{
	jwt_t *jwt = NULL;
	bool holds;

	DG_ASSERT(key->pem.len > 0 && key->pem.len < INT32_MAX);
	holds = jwt_decode(&jwt, token.data,
			   (const unsigned char *)key->pem.data,
			   (int)key->pem.len) == 0 &&
		jwt != NULL && jwt_get_alg(jwt) == to_libjwt(algorithm);
	if (jwt != NULL)
		jwt_free(jwt);
	return holds;
}

/* RFC 8037, 3.1: over the token up to its last dot. */
static bool
ed25519_holds(const struct dg_jwt_key *key, struct dg_str token)
{
	char signature[crypto_sign_BYTES + 4];
	struct dg_str text;
	size_t dot = token.len;
	size_t len;

	while (dot > 0 && token.data[dot - 1] != '.')
		dot--;
	text = dg_str_slice(token, dot, token.len);
	if (dot == 0 ||
	    text.len != dg_base64_encoded_len(crypto_sign_BYTES, true) ||
	    dg_base64_decode(text, true, signature, &len) != DG_OK ||
	    len != crypto_sign_BYTES)
		return false;
	return crypto_sign_verify_detached((const unsigned char *)signature,
					   (const unsigned char *)token.data,
					   dot - 1, key->ed25519) == 0;
}

bool
dg_jwt_signature_holds(const struct dg_jwt_key *key,
		       enum dg_jwt_algorithm algorithm, struct dg_str token)
{
	if ((key->algorithms & DG_JWT_BIT(algorithm)) == 0)
		return false;
	if (algorithm == DG_JWT_EDDSA)
		return ed25519_holds(key, token);
	if (to_libjwt(algorithm) == JWT_ALG_INVAL)
		return false;
	return libjwt_holds(key, algorithm, token);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_signature.c - RFC 7518, section 3, and RFC 8037 by OpenSSL. See
 * jwt_signature.h.
 *
 * Not by libjwt: that of Debian 12 refuses every `typ` but JWT, hence the
 * access tokens of RFC 9068, knows neither PS* nor EdDSA, and takes the
 * algorithm from the token.
 */
#include "auth/jwt_signature.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

enum {
	COORDINATE_MAX = 66, /* of P-521 */
	DER_MAX = 2 * COORDINATE_MAX + 16,
};

struct way {
	const char *digest; /* NULL: the algorithm has its own */
	bool is_pss;
	int coordinate; /* bytes of r and of s; 0: no ECDSA */
};

static const struct way ways[DG_JWT_ALGORITHMS] = {
	[DG_JWT_RS256] = {"SHA256", false, 0},
	[DG_JWT_RS384] = {"SHA384", false, 0},
	[DG_JWT_RS512] = {"SHA512", false, 0},
	[DG_JWT_PS256] = {"SHA256", true, 0},
	[DG_JWT_PS384] = {"SHA384", true, 0},
	[DG_JWT_PS512] = {"SHA512", true, 0},
	[DG_JWT_ES256] = {"SHA256", false, 32},
	[DG_JWT_ES384] = {"SHA384", false, 48},
	[DG_JWT_ES512] = {"SHA512", false, 66},
	[DG_JWT_EDDSA] = {NULL, false, 0},
};

/* RFC 7518, 3.4: r and s side by side, where OpenSSL wants DER. */
static bool
to_der(struct dg_str raw, int coordinate, unsigned char der[DER_MAX],
       size_t *len_out)
{
	const unsigned char *bytes = (const unsigned char *)raw.data;
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *at = der;
	BIGNUM *r = NULL;
	BIGNUM *s = NULL;
	int len = 0;

	if (signature == NULL || raw.len != 2 * (size_t)coordinate)
		goto out;
	r = BN_bin2bn(bytes, coordinate, NULL);
	s = BN_bin2bn(bytes + coordinate, coordinate, NULL);
	if (r == NULL || s == NULL || ECDSA_SIG_set0(signature, r, s) != 1)
		goto out;
	r = NULL; /* the signature's now */
	s = NULL;
	len = i2d_ECDSA_SIG(signature, NULL);
	if (len > 0 && len <= DER_MAX)
		len = i2d_ECDSA_SIG(signature, &at);
	else
		len = 0;
out:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(signature);
	*len_out = len > 0 ? (size_t)len : 0;
	return len > 0;
}

/* RFC 7518, 3.5: the salt is as long as the digest, MGF1 uses the same one. */
static bool
set_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
		       1;
}

static bool
verify(const struct dg_jwt_key *key, const struct way *way, struct dg_str text,
       struct dg_str signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_ctx = NULL;
	bool holds = ctx != NULL &&
		     EVP_DigestVerifyInit_ex(ctx, &pkey_ctx, way->digest, NULL,
					     NULL, key->pkey, NULL) == 1 &&
		     (!way->is_pss || set_pss(pkey_ctx)) &&
		     EVP_DigestVerify(
			     ctx, (const unsigned char *)signature.data,
			     signature.len, (const unsigned char *)text.data,
			     text.len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return holds;
}

bool
dg_jwt_signature_holds(const struct dg_jwt_key *key,
		       enum dg_jwt_algorithm algorithm, struct dg_str text,
		       struct dg_str signature)
{
	const struct way *way;
	unsigned char der[DER_MAX];

	if ((unsigned)algorithm >= DG_JWT_ALGORITHMS ||
	    (key->algorithms & DG_JWT_BIT(algorithm)) == 0)
		return false;
	way = &ways[algorithm];
	if (way->coordinate > 0) {
		size_t len;

		if (!to_der(signature, way->coordinate, der, &len))
			return false;
		signature = dg_str_make((const char *)der, len);
	}
	return verify(key, way, text, signature);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_keys.c - from PEM and JWK (RFC 7517, 7518 section 6, 8037) to public keys
 * that can be used. See jwt_keys.h.
 *
 * Both ways end in `admit`, which looks at the key itself and not at what its
 * source says of it: too short RSA keys, odd exponents and unknown curves stop
 * there.
 */
#include "auth/jwt_keys.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/mem.h"

enum {
	RSA_BITS_MIN = 2048,
	RSA_BITS_MAX = 8192,
	RSA_EXPONENT_BITS_MAX = 64, /* verifying stays cheap */
	NUMBER_BYTES_MAX = RSA_BITS_MAX / 8,
	COORDINATE_MAX = 66, /* of P-521 */
	ED25519_BYTES = 32,
	PEM_MAX = 64 * 1024,
};

static const struct dg_str algorithm_names[DG_JWT_ALGORITHMS] = {
	[DG_JWT_RS256] = DG_STR_INIT("RS256"),
	[DG_JWT_RS384] = DG_STR_INIT("RS384"),
	[DG_JWT_RS512] = DG_STR_INIT("RS512"),
	[DG_JWT_PS256] = DG_STR_INIT("PS256"),
	[DG_JWT_PS384] = DG_STR_INIT("PS384"),
	[DG_JWT_PS512] = DG_STR_INIT("PS512"),
	[DG_JWT_ES256] = DG_STR_INIT("ES256"),
	[DG_JWT_ES384] = DG_STR_INIT("ES384"),
	[DG_JWT_ES512] = DG_STR_INIT("ES512"),
	[DG_JWT_EDDSA] = DG_STR_INIT("EdDSA"),
};

struct curve {
	struct dg_str name;  /* `crv` */
	const char *openssl; /* its group */
	size_t bytes;        /* of a coordinate */
	unsigned algorithms;
};

static const struct curve curves[] = {
	{DG_STR_INIT("P-256"), "prime256v1", 32, DG_JWT_BIT(DG_JWT_ES256)},
	{DG_STR_INIT("P-384"), "secp384r1", 48, DG_JWT_BIT(DG_JWT_ES384)},
	{DG_STR_INIT("P-521"), "secp521r1", 66, DG_JWT_BIT(DG_JWT_ES512)},
};

bool
dg_jwt_algorithm_parse(struct dg_str name, enum dg_jwt_algorithm *algorithm_out)
{
	for (unsigned i = 0; i < DG_JWT_ALGORITHMS; i++)
		if (dg_str_eq(name, algorithm_names[i])) {
			*algorithm_out = (enum dg_jwt_algorithm)i;
			return true;
		}
	return false;
}

/* ---- sets ---------------------------------------------------------------- */

struct dg_jwt_keys *
dg_jwt_keys_create(void)
{
	struct dg_jwt_keys *keys = DG_NEW(struct dg_jwt_keys);

	keys->refs = 1;
	return keys;
}

struct dg_jwt_keys *
dg_jwt_keys_ref(struct dg_jwt_keys *keys)
{
	if (keys != NULL)
		(void)__atomic_add_fetch(&keys->refs, 1, __ATOMIC_RELAXED);
	return keys;
}

void
dg_jwt_keys_unref(struct dg_jwt_keys **keys)
{
	struct dg_jwt_keys *k = *keys;

	*keys = NULL;
	if (k == NULL || __atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (size_t i = 0; i < k->n; i++) {
		dg_str_free(&k->keys[i].id);
		EVP_PKEY_free(k->keys[i].pkey);
	}
	dg_free(k);
}

static void
append(struct dg_jwt_keys *keys, const struct dg_jwt_key *key)
{
	struct dg_jwt_key *copy = &keys->keys[keys->n++];

	*copy = *key;
	copy->id = dg_str_dup(key->id);
	DG_ASSERT(EVP_PKEY_up_ref(key->pkey) == 1);
}

void
dg_jwt_keys_copy(struct dg_jwt_keys *to, const struct dg_jwt_keys *from)
{
	for (size_t i = 0; i < from->n && to->n < DG_JWT_KEYS_MAX; i++)
		append(to, &from->keys[i]);
}

bool
dg_jwt_key_is_fresh(const struct dg_jwt_keys *keys,
		    const struct dg_jwt_key *key, uint64_t now_ms)
{
	return !key->from_url || (keys->heard_ms != 0 &&
				  now_ms < keys->heard_ms + keys->stale_ms);
}

/* ---- what a key is ------------------------------------------------------- */

/* RFC 7518, 3.3: 2048 bits or more. */
static enum dg_rc
judge_rsa(const EVP_PKEY *pkey, unsigned *algorithms_out, struct dg_error *err)
{
	int bits = EVP_PKEY_get_bits(pkey);
	BIGNUM *e = NULL;
	enum dg_rc rc = DG_OK;

	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "an RSA key of %d bits (%d to %d can be "
				    "used)",
				    bits, RSA_BITS_MIN, RSA_BITS_MAX);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1 ||
	    !BN_is_odd(e) || BN_num_bits(e) < 2 ||
	    BN_num_bits(e) > RSA_EXPONENT_BITS_MAX)
		rc = dg_error_set(err, DG_ERR_UNSUPPORTED,
				  "an RSA key with an odd exponent");
	BN_free(e);
	*algorithms_out = DG_JWT_BIT(DG_JWT_RS256) | DG_JWT_BIT(DG_JWT_RS384) |
			  DG_JWT_BIT(DG_JWT_RS512) | DG_JWT_BIT(DG_JWT_PS256) |
			  DG_JWT_BIT(DG_JWT_PS384) | DG_JWT_BIT(DG_JWT_PS512);
	return rc;
}

static enum dg_rc
judge_ec(const EVP_PKEY *pkey, unsigned *algorithms_out, struct dg_error *err)
{
	char group[64];
	size_t len;

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) == 1)
		for (size_t i = 0; i < DG_ARRAY_LEN(curves); i++)
			if (strcmp(group, curves[i].openssl) == 0) {
				*algorithms_out = curves[i].algorithms;
				return DG_OK;
			}
	return dg_error_set(err, DG_ERR_UNSUPPORTED,
			    "an EC key on a curve other than P-256, P-384, "
			    "P-521");
}

static enum dg_rc
judge(const EVP_PKEY *pkey, unsigned *algorithms_out, struct dg_error *err)
{
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return judge_rsa(pkey, algorithms_out, err);
	case EVP_PKEY_EC:
		return judge_ec(pkey, algorithms_out, err);
	case EVP_PKEY_ED25519:
		*algorithms_out = DG_JWT_BIT(DG_JWT_EDDSA);
		return DG_OK;
	default:
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "a key that is not RSA, EC or Ed25519");
	}
}

static bool
is_sound(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool sound = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return sound;
}

/* Takes the key into the set; pins, if not 0, narrows its algorithms. */
static enum dg_rc
admit(struct dg_jwt_keys *keys, struct dg_str id, EVP_PKEY *pkey, unsigned pins,
      bool from_url, struct dg_error *err)
{
	struct dg_jwt_key key = {.id = id, .pkey = pkey, .from_url = from_url};
	enum dg_rc rc;

	if (keys->n >= DG_JWT_KEYS_MAX)
		return dg_error_set(err, DG_ERR_LIMIT, "more than %d keys",
				    DG_JWT_KEYS_MAX);
	if (id.len > DG_JWT_KEY_ID_MAX)
		return dg_error_set(err, DG_ERR_LIMIT, "a key id of %zu bytes",
				    id.len);
	rc = judge(pkey, &key.algorithms, err);
	if (rc != DG_OK)
		return rc;
	if (!is_sound(pkey))
		return dg_error_set(err, DG_ERR_INVALID,
				    "a key whose numbers make no key");
	if (pins != 0)
		key.algorithms &= pins;
	if (key.algorithms == 0)
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "a key for an algorithm that is not its "
				    "own");
	append(keys, &key);
	return DG_OK;
}

/* ---- PEM ----------------------------------------------------------------- */

static EVP_PKEY *
read_pem(struct dg_str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	EVP_PKEY *pkey = NULL;
	X509 *certificate;

	DG_ASSERT(bio != NULL);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (pkey == NULL) {
		(void)BIO_reset(bio);
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		if (certificate != NULL)
			pkey = X509_get_pubkey(certificate);
		X509_free(certificate);
	}
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

enum dg_rc
dg_jwt_keys_add_pem(struct dg_jwt_keys *keys, struct dg_str id,
		    struct dg_str pem, struct dg_error *err)
{
	EVP_PKEY *pkey;
	enum dg_rc rc;

	if (pem.len > PEM_MAX)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "a key file of %zu bytes", pem.len);
	pkey = read_pem(pem);
	if (pkey == NULL)
		return dg_error_set(err, DG_ERR_INVALID,
				    "neither a public key nor a certificate "
				    "in PEM");
	rc = admit(keys, id, pkey, 0, false, err);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return rc;
}

/* ---- JWK ----------------------------------------------------------------- */

/* A member as base64url; false when it is missing, bad or longer than max. */
static bool
read_bytes(const struct dg_json *jwk, const char *name, size_t max,
	   unsigned char *out, size_t *len_out)
{
	char room[NUMBER_BYTES_MAX + 4];
	struct dg_str text;

	DG_ASSERT(max <= NUMBER_BYTES_MAX);
	if (!dg_json_string(dg_json_get(jwk, name), &text) || text.len == 0 ||
	    text.len > dg_base64_encoded_len(max, true) ||
	    dg_base64_decode(text, true, room, len_out) != DG_OK ||
	    *len_out > max)
		return false;
	memcpy(out, room, *len_out);
	return true;
}

static EVP_PKEY *
make_key(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* RFC 7518, 6.3.1 */
static EVP_PKEY *
read_rsa(const struct dg_json *jwk)
{
	unsigned char bytes[NUMBER_BYTES_MAX];
	OSSL_PARAM_BLD *build = NULL;
	OSSL_PARAM *params = NULL;
	BIGNUM *n = NULL;
	BIGNUM *e = NULL;
	EVP_PKEY *pkey = NULL;
	size_t len;

	if (!read_bytes(jwk, "n", sizeof(bytes), bytes, &len))
		return NULL;
	n = BN_bin2bn(bytes, (int)len, NULL);
	if (!read_bytes(jwk, "e", RSA_EXPONENT_BITS_MAX / 8, bytes, &len))
		goto out;
	e = BN_bin2bn(bytes, (int)len, NULL);
	build = OSSL_PARAM_BLD_new();
	DG_ASSERT(n != NULL && e != NULL && build != NULL);
	if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	if (params != NULL)
		pkey = make_key("RSA", params);
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static const struct curve *
find_curve(const struct dg_json *jwk)
{
	struct dg_str name;

	if (!dg_json_string(dg_json_get(jwk, "crv"), &name))
		return NULL;
	for (size_t i = 0; i < DG_ARRAY_LEN(curves); i++)
		if (dg_str_eq(name, curves[i].name))
			return &curves[i];
	return NULL;
}

/* RFC 7518, 6.2.1: coordinates have the full length of the curve. */
static EVP_PKEY *
read_ec(const struct dg_json *jwk)
{
	const struct curve *curve = find_curve(jwk);
	unsigned char point[1 + 2 * COORDINATE_MAX] = {
		POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM params[3];
	char group[32];
	size_t x_len;
	size_t y_len;

	if (curve == NULL ||
	    !read_bytes(jwk, "x", curve->bytes, point + 1, &x_len) ||
	    !read_bytes(jwk, "y", curve->bytes, point + 1 + curve->bytes,
			&y_len) ||
	    x_len != curve->bytes || y_len != curve->bytes)
		return NULL;
	memcpy(group, curve->openssl, strlen(curve->openssl) + 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						     group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
		OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->bytes);
	params[2] = OSSL_PARAM_construct_end();
	return make_key("EC", params);
}

/* RFC 8037, 2 */
static EVP_PKEY *
read_okp(const struct dg_json *jwk)
{
	unsigned char bytes[ED25519_BYTES];
	struct dg_str curve;
	size_t len;

	if (!dg_json_string(dg_json_get(jwk, "crv"), &curve) ||
	    !dg_str_eq(curve, DG_STR("Ed25519")) ||
	    !read_bytes(jwk, "x", sizeof(bytes), bytes, &len) ||
	    len != sizeof(bytes))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, len);
}

/* RFC 7517, 4.2 and 4.3: what is not said is allowed. */
static bool
is_for_signatures(const struct dg_json *jwk)
{
	const struct dg_json *use = dg_json_get(jwk, "use");
	const struct dg_json *operations = dg_json_get(jwk, "key_ops");
	struct dg_str text;

	if (use != NULL &&
	    (!dg_json_string(use, &text) || !dg_str_eq(text, DG_STR("sig"))))
		return false;
	if (operations == NULL)
		return true;
	for (size_t i = 0; i < dg_json_size(operations); i++)
		if (dg_json_string(dg_json_at(operations, i), &text) &&
		    dg_str_eq(text, DG_STR("verify")))
			return true;
	return false;
}

/* `alg` narrows what the type allows; one that we do not know is none. */
static bool
read_pins(const struct dg_json *jwk, unsigned *pins_out)
{
	const struct dg_json *alg = dg_json_get(jwk, "alg");
	enum dg_jwt_algorithm algorithm;
	struct dg_str name;

	*pins_out = 0;
	if (alg == NULL)
		return true;
	if (!dg_json_string(alg, &name) ||
	    !dg_jwt_algorithm_parse(name, &algorithm))
		return false;
	*pins_out = DG_JWT_BIT(algorithm);
	return true;
}

static EVP_PKEY *
read_jwk(const struct dg_json *jwk)
{
	struct dg_str type;

	if (!dg_json_string(dg_json_get(jwk, "kty"), &type))
		return NULL;
	if (dg_str_eq(type, DG_STR("RSA")))
		return read_rsa(jwk);
	if (dg_str_eq(type, DG_STR("EC")))
		return read_ec(jwk);
	if (dg_str_eq(type, DG_STR("OKP")))
		return read_okp(jwk);
	return NULL;
}

/* UNSUPPORTED and INVALID: pass it over. */
static enum dg_rc
add_jwk(struct dg_jwt_keys *keys, const struct dg_json *jwk,
	struct dg_error *err)
{
	const struct dg_json *kid = dg_json_get(jwk, "kid");
	struct dg_str id = DG_STR_EMPTY;
	unsigned pins;
	EVP_PKEY *pkey;
	enum dg_rc rc;

	if (!is_for_signatures(jwk) || !read_pins(jwk, &pins) ||
	    (kid != NULL && !dg_json_string(kid, &id)))
		return DG_ERR_UNSUPPORTED;
	pkey = read_jwk(jwk);
	if (pkey == NULL)
		return DG_ERR_UNSUPPORTED;
	rc = admit(keys, id, pkey, pins, true, err);
	EVP_PKEY_free(pkey);
	return rc;
}

enum dg_rc
dg_jwt_keys_add_jwks(struct dg_jwt_keys *keys, struct dg_str json,
		     size_t *skipped_out, struct dg_error *err)
{
	struct dg_json *root = NULL;
	const struct dg_json *list;
	size_t skipped = 0;
	enum dg_rc rc;

	rc = dg_json_parse(json, DG_JWT_JWKS_MAX, &root, err);
	if (rc != DG_OK)
		return rc;
	list = dg_json_get(root, "keys");
	if (!dg_json_is_array(list))
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "a JWKS without its list of keys");
	for (size_t i = 0; rc == DG_OK && i < dg_json_size(list); i++) {
		rc = add_jwk(keys, dg_json_at(list, i), err);
		if (rc == DG_ERR_UNSUPPORTED || rc == DG_ERR_INVALID) {
			skipped++;
			rc = DG_OK;
		}
	}
	dg_json_destroy(&root);
	ERR_clear_error();
	*skipped_out = skipped;
	return rc;
}

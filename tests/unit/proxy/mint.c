/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mint.c - see mint.h. By OpenSSL alone: nothing of what is tested is used.
 */
#include "proxy/mint.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/base64.h"

static EVP_PKEY *keys[MINT_KEYS];

static char *
next_room(void)
{
	static char rooms[MINT_ROOMS][MINT_ROOM];
	static unsigned next;

	return rooms[next++ % MINT_ROOMS];
}

int
mint_open(void **state)
{
	(void)state;
	keys[MINT_RSA] = EVP_RSA_gen(2048U);
	keys[MINT_RSA_OTHER] = EVP_RSA_gen(2048U);
	keys[MINT_P256] = EVP_EC_gen("P-256");
	keys[MINT_P384] = EVP_EC_gen("P-384");
	keys[MINT_P521] = EVP_EC_gen("P-521");
	keys[MINT_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[MINT_RSA_SHORT] = EVP_RSA_gen(1024U);
	keys[MINT_K256] = EVP_EC_gen("secp256k1");
	for (unsigned i = 0; i < MINT_KEYS; i++)
		DG_ASSERT(keys[i] != NULL);
	return sodium_init() < 0;
}

int
mint_close(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MINT_KEYS; i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

/* The signing input; *len_out: without the dot and what follows. */
static char *
begin(const char *header, const char *payload, size_t *len_out)
{
	char *room = next_room();
	size_t len;

	len = dg_base64_encode(dg_str_from_cstr(header), true, room);
	room[len++] = '.';
	len += dg_base64_encode(dg_str_from_cstr(payload), true, room + len);
	room[len] = '\0';
	*len_out = len;
	return room;
}

static const char *
end(char *room, size_t len, struct dg_str signature)
{
	room[len++] = '.';
	len += dg_base64_encode(signature, true, room + len);
	room[len] = '\0';
	return room;
}

const char *
mint_signed_by(struct dg_str signature, const char *header, const char *payload)
{
	size_t len;
	char *room = begin(header, payload, &len);

	return end(room, len, signature);
}

/* RFC 7518, 3.4: R and S side by side, not DER. */
static size_t
to_raw(const EVP_PKEY *key, unsigned char *signature, size_t len)
{
	const unsigned char *at = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	int half = (EVP_PKEY_get_bits(key) + 7) / 8;

	DG_ASSERT(sig != NULL);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, half);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + half, half);
	ECDSA_SIG_free(sig);
	return 2 * (size_t)half;
}

const char *
mint_token(enum mint_key key, const char *digest, const char *header,
	   const char *payload)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_ctx = NULL;
	bool is_pss = strncmp(digest, "PSS-", 4) == 0;
	unsigned char signature[1024];
	size_t signature_len = sizeof(signature);
	size_t len;
	char *room = begin(header, payload, &len);
	bool is_ed25519 = key == MINT_ED25519;

	DG_ASSERT(EVP_DigestSignInit_ex(ctx, &pkey_ctx,
					is_ed25519 ? NULL
						   : digest + (is_pss ? 4 : 0),
					NULL, NULL, keys[key], NULL) == 1);
	if (is_pss) {
		DG_ASSERT(EVP_PKEY_CTX_set_rsa_padding(
				  pkey_ctx, RSA_PKCS1_PSS_PADDING) == 1);
		DG_ASSERT(EVP_PKEY_CTX_set_rsa_pss_saltlen(
				  pkey_ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
	}
	DG_ASSERT(EVP_DigestSign(ctx, signature, &signature_len,
				 (const unsigned char *)room, len) == 1);
	EVP_MD_CTX_free(ctx);
	if (EVP_PKEY_get_base_id(keys[key]) == EVP_PKEY_EC)
		signature_len = to_raw(keys[key], signature, signature_len);
	return end(room, len,
		   dg_str_make((const char *)signature, signature_len));
}

const char *
mint_hmac(struct dg_str secret, const char *digest, const char *header,
	  const char *payload)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	size_t len;
	char *room = begin(header, payload, &len);

	DG_ASSERT(HMAC(EVP_get_digestbyname(digest), secret.data,
		       (int)secret.len, (const unsigned char *)room, len, mac,
		       &mac_len) != NULL);
	return end(room, len, dg_str_make((const char *)mac, mac_len));
}

const char *
mint_pem(enum mint_key key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *room = next_room();
	int len;

	DG_ASSERT(PEM_write_bio_PUBKEY(bio, keys[key]) == 1);
	len = BIO_read(bio, room, MINT_ROOM - 1);
	DG_ASSERT(len > 0);
	room[len] = '\0';
	BIO_free(bio);
	return room;
}

/* ,"name":"base64url" */
static size_t
put_number(char *room, size_t len, const char *name, const char *parameter,
	   const EVP_PKEY *key, int pad)
{
	unsigned char bytes[1024];
	BIGNUM *number = NULL;
	int n;

	DG_ASSERT(EVP_PKEY_get_bn_param(key, parameter, &number) == 1);
	n = pad > 0 ? BN_bn2binpad(number, bytes, pad)
		    : BN_bn2bin(number, bytes);
	DG_ASSERT(n > 0);
	BN_free(number);
	len += (size_t)snprintf(room + len, MINT_ROOM - len, ",\"%s\":\"",
				name);
	len += dg_base64_encode(dg_str_make((const char *)bytes, (size_t)n),
				true, room + len);
	room[len++] = '"';
	room[len] = '\0';
	return len;
}

const char *
mint_jwk(enum mint_key key)
{
	static const char *const heads[MINT_KEYS] = {
		"\"kty\":\"RSA\"",
		"\"kty\":\"RSA\"",
		"\"kty\":\"EC\",\"crv\":\"P-256\"",
		"\"kty\":\"EC\",\"crv\":\"P-384\"",
		"\"kty\":\"EC\",\"crv\":\"P-521\"",
		"\"kty\":\"OKP\",\"crv\":\"Ed25519\"",
		"\"kty\":\"RSA\"",
		"\"kty\":\"EC\",\"crv\":\"secp256k1\"",
	};
	char *room = next_room();
	size_t len = (size_t)snprintf(room, MINT_ROOM, "%s", heads[key]);
	unsigned char raw[32];
	size_t raw_len = sizeof(raw);
	int pad;

	switch (EVP_PKEY_get_base_id(keys[key])) {
	case EVP_PKEY_RSA:
		len = put_number(room, len, "n", OSSL_PKEY_PARAM_RSA_N,
				 keys[key], 0);
		(void)put_number(room, len, "e", OSSL_PKEY_PARAM_RSA_E,
				 keys[key], 0);
		break;
	case EVP_PKEY_EC:
		pad = (EVP_PKEY_get_bits(keys[key]) + 7) / 8;
		len = put_number(room, len, "x", OSSL_PKEY_PARAM_EC_PUB_X,
				 keys[key], pad);
		(void)put_number(room, len, "y", OSSL_PKEY_PARAM_EC_PUB_Y,
				 keys[key], pad);
		break;
	default:
		DG_ASSERT(EVP_PKEY_get_raw_public_key(keys[key], raw,
						      &raw_len) == 1);
		len += (size_t)snprintf(room + len, MINT_ROOM - len,
					",\"x\":\"");
		len += dg_base64_encode(dg_str_make((const char *)raw, raw_len),
					true, room + len);
		room[len++] = '"';
		room[len] = '\0';
		break;
	}
	return room;
}

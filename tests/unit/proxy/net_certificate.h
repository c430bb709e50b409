/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_certificate.h - a self-signed certificate for the length of a test, in
 * files of a folder of its own.
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net_support.h"

struct certificate {
	char folder[64];
	char cert[96];
	char key[96];
};

static inline void
add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline X509 *
make_x509(EVP_PKEY *key, const char *names)
{
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);
	const unsigned char cn[] = "test";

	assert_int_equal(X509_set_version(x509, 2), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
	X509_set_pubkey(x509, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0);
	X509_set_issuer_name(x509, name);
	add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(x509, NID_subject_alt_name, names);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	return x509;
}

/* names: "DNS:gateway.test,IP:127.0.0.1" */
static inline void
certificate_init(struct certificate *c, const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = make_x509(key, names);
	FILE *file;

	snprintf(c->folder, sizeof(c->folder), "/tmp/dg-net-test-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	snprintf(c->cert, sizeof(c->cert), "%s/cert.pem", c->folder);
	snprintf(c->key, sizeof(c->key), "%s/key.pem", c->folder);
	file = fopen(c->cert, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, x509), 1);
	fclose(file);
	file = fopen(c->key, "w");
	assert_non_null(file);
	assert_int_equal(
		PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	X509_free(x509);
	EVP_PKEY_free(key);
}

static inline void
certificate_fini(const struct certificate *c)
{
	unlink(c->cert);
	unlink(c->key);
	rmdir(c->folder);
}

#endif

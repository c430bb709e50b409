/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.c - OpenSSL contexts. One choice for all: TLS 1.2 with forward secrecy
 * and AEAD, or 1.3; no compression, no renegotiation, HTTP/1.1 only.
 *
 * A context may be shared by the workers: OpenSSL counts its references, and
 * it is not changed after it was made.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>

#include "base/assert.h"

static const char tls12_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL";
/* ALPN protocol list: length, name. */
static const unsigned char http11[] = "\x08http/1.1";

static const char *
openssl_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason == NULL ? "unknown error" : reason;
}

static SSL_CTX *
create(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	DG_ASSERT(ctx != NULL);
	/* Its sockets are written without MSG_NOSIGNAL. */
	(void)signal(SIGPIPE, SIG_IGN);
	DG_ASSERT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
	DG_ASSERT(SSL_CTX_set_cipher_list(ctx, tls12_ciphers) == 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	/* A record's head and body in one system call. */
	SSL_CTX_set_read_ahead(ctx, 1);
	return ctx;
}

/* An offer without http/1.1 is answered as if there were none (RFC 7301). */
static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	    const unsigned char *in, unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	for (unsigned i = 0; i < in_len; i += 1U + in[i]) {
		if (in[i] == http11[0] && in_len - i > in[i] &&
		    memcmp(in + i + 1, http11 + 1, in[i]) == 0) {
			*out = in + i + 1;
			*out_len = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_NOACK;
}

enum dg_rc
dg_tls_server_create(const char *cert_file, const char *key_file,
		     struct ssl_ctx_st **ctx_out, struct dg_error *err)
{
	SSL_CTX *ctx = create(TLS_server_method());
	enum dg_rc rc;

	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1) {
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "cannot use the certificate %s: %s",
				  cert_file, openssl_reason());
		goto fail;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1) {
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "cannot use the private key %s: %s", key_file,
				  openssl_reason());
		goto fail;
	}
	if (SSL_CTX_check_private_key(ctx) != 1) {
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "the private key %s is not that of the "
				  "certificate %s",
				  key_file, cert_file);
		goto fail;
	}
	/* Sessions go to the clients as tickets; nothing is kept here. */
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
	*ctx_out = ctx;
	return DG_OK;
fail:
	SSL_CTX_free(ctx);
	return rc;
}

enum dg_rc
dg_tls_client_create(const char *ca_file, struct ssl_ctx_st **ctx_out,
		     struct dg_error *err)
{
	SSL_CTX *ctx = create(TLS_client_method());
	bool own_ca = ca_file != NULL && ca_file[0] != '\0';
	int loaded;

	ERR_clear_error();
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	loaded = own_ca ? SSL_CTX_load_verify_file(ctx, ca_file)
			: SSL_CTX_set_default_verify_paths(ctx);
	if (loaded != 1) {
		SSL_CTX_free(ctx);
		return dg_error_set(err, DG_ERR_INVALID,
				    "cannot use the CA certificates %s: %s",
				    own_ca ? ca_file : "of the system",
				    openssl_reason());
	}
	DG_ASSERT(SSL_CTX_set_alpn_protos(ctx, http11, sizeof(http11) - 1) ==
		  0);
	*ctx_out = ctx;
	return DG_OK;
}

void
dg_tls_destroy(struct ssl_ctx_st **ctx)
{
	SSL_CTX_free(*ctx);
	*ctx = NULL;
}

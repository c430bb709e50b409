/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_tls.c - byte operations through OpenSSL on the same socket.
 *
 * An end of the stream without close_notify is a failure, not an end: what
 * is framed by the end of the connection could have been cut by anyone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "net/conn_private.h"

static const char *
name_failure(struct dg_conn *conn, int kind, int system_error)
{
	unsigned long code = ERR_peek_last_error();
	long verify = SSL_get_verify_result(conn->ssl);
	const char *text = NULL;

	if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return "the peer closed the connection without a TLS "
		       "close_notify";
	if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED &&
	    verify != X509_V_OK)
		text = X509_verify_cert_error_string(verify);
	else if (code != 0)
		text = ERR_reason_error_string(code);
	else if (kind == SSL_ERROR_SYSCALL && system_error != 0)
		text = strerrordesc_np(system_error);
	return text == NULL ? "TLS failure" : text;
}

/* What a call that returned no success means. */
static enum conn_io
classify(struct dg_conn *conn, int rc)
{
	int system_error = errno;
	int kind = SSL_get_error(conn->ssl, rc);

	switch (kind) {
	case SSL_ERROR_WANT_READ:
		return CONN_IO_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return CONN_IO_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return CONN_IO_END;
	}
	conn->why = name_failure(conn, kind, system_error);
	return CONN_IO_FAILED;
}

static enum conn_io
tls_open(struct dg_conn *conn)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(conn->ssl);
	return rc == 1 ? CONN_IO_OK : classify(conn, rc);
}

/* Record after record into room, as long as no new system call is needed. */
static enum conn_io
tls_read(struct dg_conn *conn, char *room, size_t size, size_t *got_out,
	 bool *more_out)
{
	size_t total = 0;

	*more_out = false;
	ERR_clear_error();
	while (total < size) {
		size_t got;
		int rc = SSL_read_ex(conn->ssl, room + total, size - total,
				     &got);

		if (rc != 1) {
			enum conn_io io = classify(conn, rc);

			if (total == 0)
				return io;
			/* An end or a failure comes again on the next read. */
			*more_out = io == CONN_IO_END || io == CONN_IO_FAILED;
			*got_out = total;
			return CONN_IO_OK;
		}
		total += got;
		*more_out = SSL_has_pending(conn->ssl) == 1;
		if (!*more_out)
			break;
	}
	*got_out = total;
	return CONN_IO_OK;
}

static enum conn_io
tls_write(struct dg_conn *conn, const struct iovec *parts, size_t n,
	  size_t *sent_out)
{
	size_t total = 0;

	ERR_clear_error();
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		while (at < parts[i].iov_len) {
			const char *bytes = parts[i].iov_base;
			size_t sent;
			int rc = SSL_write_ex(conn->ssl, bytes + at,
					      parts[i].iov_len - at, &sent);

			if (rc != 1) {
				*sent_out = total;
				return total > 0 ? CONN_IO_OK
						 : classify(conn, rc);
			}
			at += sent;
			total += sent;
		}
	}
	*sent_out = total;
	return CONN_IO_OK;
}

static void
tls_shutdown(struct dg_conn *conn)
{
	ERR_clear_error();
	if (SSL_is_init_finished(conn->ssl))
		(void)SSL_shutdown(conn->ssl);
	(void)shutdown(conn->fd, SHUT_WR);
}

const struct conn_ops dg_conn_tls_ops = {
	.open = tls_open,
	.read = tls_read,
	.write = tls_write,
	.shutdown = tls_shutdown,
};

static bool
is_address(const char *name)
{
	unsigned char binary[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, binary) == 1 ||
	       inet_pton(AF_INET6, name, binary) == 1;
}

/* RFC 6066 3: no SNI for addresses. They are checked against iPAddress SANs. */
static void
expect_name(struct ssl_st *ssl, const char *name)
{
	/* SSL_set_tlsext_host_name casts const away. */
	union {
		const char *in;
		void *out;
	} sni = {name};

	if (is_address(name)) {
		DG_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
							name) == 1);
		return;
	}

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	DG_ASSERT(SSL_set1_host(ssl, name) == 1);
	(void)SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		       TLSEXT_NAMETYPE_host_name, sni.out);
}

struct ssl_st *
dg_conn_tls_create(struct ssl_ctx_st *ctx, int fd, const char *client_name)
{
	struct ssl_st *ssl = SSL_new(ctx);

	DG_ASSERT(ssl != NULL);
	DG_ASSERT(SSL_set_fd(ssl, fd) == 1);
	if (client_name != NULL) {
		expect_name(ssl, client_name);
		SSL_set_connect_state(ssl);
	} else {
		SSL_set_accept_state(ssl);
	}
	return ssl;
}

void
dg_conn_tls_destroy(struct ssl_st **ssl)
{
	SSL_free(*ssl);
	*ssl = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_plain.c - byte operations on a bare socket.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/conn_private.h"

static enum conn_io
fail(struct dg_conn *conn, int error)
{
	const char *text = strerrordesc_np(error);

	conn->why = text == NULL ? "unknown socket error" : text;
	return CONN_IO_FAILED;
}

static enum conn_io
plain_open(struct dg_conn *conn)
{
	(void)conn;
	return CONN_IO_OK;
}

static enum conn_io
plain_read(struct dg_conn *conn, char *room, size_t size, size_t *got_out,
	   bool *more_out)
{
	ssize_t n;

	do {
		n = recv(conn->fd, room, size, 0);
	} while (n < 0 && errno == EINTR);
	*more_out = false;
	if (n > 0) {
		*got_out = (size_t)n;
		return CONN_IO_OK;
	}
	if (n == 0)
		return CONN_IO_END;
	if (errno == EAGAIN)
		return CONN_IO_WANT_READ;
	return fail(conn, errno);
}

static enum conn_io
plain_write(struct dg_conn *conn, const struct iovec *parts, size_t n,
	    size_t *sent_out)
{
	ssize_t sent;

	do {
		if (n == 1) {
			sent = send(conn->fd, parts->iov_base, parts->iov_len,
				    MSG_NOSIGNAL);
		} else {
			union {
				const struct iovec *in;
				struct iovec *out;
			} vector = {parts}; /* sendmsg only reads */
			struct msghdr message = {.msg_iov = vector.out,
						 .msg_iovlen = n};

			sent = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
		}
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0) {
		*sent_out = (size_t)sent;
		return CONN_IO_OK;
	}
	if (errno == EAGAIN)
		return CONN_IO_WANT_WRITE;
	return fail(conn, errno);
}

static void
plain_shutdown(struct dg_conn *conn)
{
	(void)shutdown(conn->fd, SHUT_WR);
}

const struct conn_ops dg_conn_plain_ops = {
	.open = plain_open,
	.read = plain_read,
	.write = plain_write,
	.shutdown = plain_shutdown,
};

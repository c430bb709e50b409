/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_private.h - the struct of a connection and its byte operations.
 *
 * conn.c holds states, buffers, events; conn_plain.c and conn_tls.c hold the
 * operations, which know the socket but neither states nor callbacks.
 */
#ifndef DG_PROXY_NET_CONN_PRIVATE_H
#define DG_PROXY_NET_CONN_PRIVATE_H

#include <event2/event_struct.h>
#include <sys/uio.h>

#include "base/fsm.h"
#include "net/conn.h"
#include "net/deadline.h"

enum conn_io {
	CONN_IO_OK,
	CONN_IO_WANT_READ,  /* nothing done; again when readable */
	CONN_IO_WANT_WRITE, /* nothing done; again when writable */
	CONN_IO_END,        /* orderly end of what the peer sends */
	CONN_IO_FAILED,     /* dg_conn.why says why */
};

struct conn_ops {
	/* TLS handshake; OK when established. */
	enum conn_io (*open)(struct dg_conn *conn);
	/* *more_out: more can be had without the socket becoming readable. */
	enum conn_io (*read)(struct dg_conn *conn, char *room, size_t size,
			     size_t *got_out, bool *more_out);
	/* OK when at least one byte was taken. */
	enum conn_io (*write)(struct dg_conn *conn, const struct iovec *parts,
			      size_t n, size_t *sent_out);
	/* Tells the peer that no more will come. Best effort. */
	void (*shutdown)(struct dg_conn *conn);
};

struct dg_conn {
	uint32_t magic;
	struct dg_fsm fsm;    /* enum conn_state */
	struct dg_loop *loop; /* borrowed */
	const struct conn_ops *ops;
	struct ssl_st *ssl; /* owned; NULL: plain */
	int fd;             /* owned; -1 when closed */
	unsigned pauses;    /* enum dg_conn_pause bits */
	bool reading;       /* on_readable is registered */
	bool writing;       /* on_writable is registered */
	bool blocked;       /* output waits for the socket */
	bool open_wants_write;
	bool read_wants_write; /* TLS: reading goes on when writable */
	bool write_wants_read; /* TLS: writing goes on when readable */
	bool wants_drain;
	bool send_failed; /* to be reported by the next flush */
	bool flush_deferred;
	bool read_deferred;
	bool redeliver;   /* on_read for what is in the buffer already */
	bool has_more;    /* the TLS layer holds bytes */
	size_t read_size; /* asked of the socket next */
	size_t lingered;  /* bytes dropped in state LINGERING */
	struct dg_buf in;
	struct dg_buf out;
	struct event read_event;
	struct event write_event;
	struct dg_deadline deadline; /* of opening, of output, of lingering */
	struct dg_conn_config config;
	const struct dg_conn_handlers *handlers; /* borrowed, static */
	void *arg;
	const char *why; /* static; of the failure */
	char peer[DG_CONN_ADDRESS_MAX];
};

extern const struct conn_ops dg_conn_plain_ops;
extern const struct conn_ops dg_conn_tls_ops;

/* ssl for fd; the TLS library holds no other reference to either. */
struct ssl_st *dg_conn_tls_create(struct ssl_ctx_st *ctx, int fd,
				  const char *client_name);
void dg_conn_tls_destroy(struct ssl_st **ssl);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_private.h - the struct of a connection and its byte operations.
 *
 * conn.c and conn_write.c hold states, buffers, events; conn_plain.c and
 * conn_tls.c hold the operations, which know the socket but neither states nor
 * callbacks.
 */
#ifndef DG_PROXY_NET_CONN_PRIVATE_H
#define DG_PROXY_NET_CONN_PRIVATE_H

#include <event2/event_struct.h>
#include <sys/uio.h>

#include "base/fsm.h"
#include "net/conn.h"
#include "net/deadline.h"

#define DG_CONN_MAGIC UINT32_C(0x436f6e4e)

/* docs/fsm/conn.dot */
enum conn_state {
	CONN_CONNECTING, /* TCP handshake of ours; left by its outcome, deadline
			  */
	CONN_ANNOUNCED,  /* PROXY header; left by its end, failure, deadline */
	CONN_OPENING,    /* TLS handshake; left by its outcome, deadline */
	CONN_OPEN,       /* bytes flow; left by an end, a failure, a close */
	CONN_FLUSHING,   /* the last output; left when all is sent, deadline */
	CONN_LINGERING, /* all sent; left when the peer ends, deadline, bound */
	CONN_CLOSED,    /* waits for the end of the dispatch to be freed */
};

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
	size_t out_granted; /* of out_max; more than the base is charged */
	struct event read_event;
	struct event write_event;
	struct dg_deadline deadline; /* of opening, of output, of lingering */
	struct dg_conn_config config;
	const struct dg_conn_handlers *handlers; /* borrowed, static */
	void *arg;
	const char *why; /* static; of the failure */
	char peer[DG_CONN_ADDRESS_MAX];
};

static inline enum conn_state
dg_conn_state(const struct dg_conn *conn)
{
	return (enum conn_state)conn->fsm.state;
}

/* conn.c: registers the events that the state wants. */
void dg_conn_update_events(struct dg_conn *conn);
/* conn.c: the end that comes by itself; on_close is its last act. */
void dg_conn_end(struct dg_conn *conn, enum dg_conn_close_reason reason,
		 const char *why);
/* conn.c: all is sent; says so, and waits for the peer. */
void dg_conn_start_lingering(struct dg_conn *conn);
/* conn_write.c: sends what is queued; may run on_drain or on_close. */
void dg_conn_flush(struct dg_conn *conn);
void dg_conn_defer_flush(struct dg_conn *conn);
/* conn_write.c: the room that nobody needs to ask for. */
size_t dg_conn_out_base(const struct dg_conn_config *config);
/* conn_write.c: gives back what an empty write buffer was granted. */
void dg_conn_settle_out(struct dg_conn *conn);

extern const struct conn_ops dg_conn_plain_ops;
extern const struct conn_ops dg_conn_tls_ops;

/* ssl for fd; the TLS library holds no other reference to either. */
struct ssl_st *dg_conn_tls_create(struct ssl_ctx_st *ctx, int fd,
				  const char *client_name);
void dg_conn_tls_destroy(struct ssl_st **ssl);

#endif

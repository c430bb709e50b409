/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h - one byte stream, plain or TLS, on a loop.
 *
 * Knows bytes and back-pressure, not protocols. Plain and TLS sit behind one
 * small table of operations. Two buffers with caps; reading stops while any
 * pause bit is set or the read buffer is full. Callbacks come from the loop,
 * never out of a call of the owner's: the owner may close the conn in them.
 * Output is sent when the current dispatch is over, so that a head and its body
 * leave in one piece. dg_conn_close stops everything at once; memory, the
 * bytes in dg_conn_in included, is released after the current dispatch.
 */
#ifndef DG_PROXY_NET_CONN_H
#define DG_PROXY_NET_CONN_H

#include "base/budget.h"
#include "base/loop.h"

struct dg_conn;
struct ssl_ctx_st;

enum dg_conn_close_reason {
	DG_CONN_PEER_CLOSED, /* orderly end (TLS: close_notify or plain EOF) */
	DG_CONN_ERROR,       /* reset, TLS failure, connect failure */
	DG_CONN_TIMEOUT,
	DG_CONN_OURS, /* dg_conn_close */
};

struct dg_conn_handlers {
	/* Connected, and TLS established. */
	void (*on_open)(void *arg);
	/* New bytes in dg_conn_in. */
	void (*on_read)(void *arg);
	/*
	 * The write buffer fell to its low mark (a quarter of out_max) or
	 * below, after it was above or a write was refused.
	 */
	void (*on_drain)(void *arg);
	/*
	 * The stream is finished and the conn is being freed; unread bytes may
	 * still be in dg_conn_in during this call. Not called for
	 * dg_conn_close by the owner.
	 */
	void (*on_close)(void *arg, enum dg_conn_close_reason reason,
			 const char *why);
};

struct dg_conn_config {
	size_t in_max;             /* bytes of the read buffer at most */
	size_t out_max;            /* bytes of the write buffer at most */
	unsigned open_timeout_ms;  /* connect, PROXY header, TLS handshake */
	unsigned write_timeout_ms; /* no progress while output waits */
	size_t read_first;         /* asked of the socket at first; 0: 4 KiB */
	size_t read_max; /* and at most, when it has more; 0: 64 KiB */
	/* Accepted ones: begins with a PROXY header, which names the peer. */
	bool proxy_header;
	/*
	 * What the write buffer takes beyond 32 KiB, while it does; without it
	 * there is less room. Borrowed; NULL: out_max is all that counts.
	 */
	struct dg_budget *out_budget;
};

/* Takes fd (nonblocking). tls NULL: plain; else a server-side handshake. */
struct dg_conn *dg_conn_accept(struct dg_loop *loop, int fd,
			       struct ssl_ctx_st *tls,
			       const struct dg_conn_config *config,
			       const struct dg_conn_handlers *handlers,
			       void *arg);
/* Starts connecting; tls_name is checked against the certificate (SNI too). */
struct sockaddr;
struct dg_conn *
dg_conn_connect(struct dg_loop *loop, const struct sockaddr *address,
		unsigned address_len, struct ssl_ctx_st *tls,
		const char *tls_name, const struct dg_conn_config *config,
		const struct dg_conn_handlers *handlers, void *arg);
/* Frees later; *conn becomes NULL. Unsent output is dropped. */
void dg_conn_close(struct dg_conn **conn);
/*
 * Sends what is queued, then ends the stream. What the peer still sends is
 * read and dropped for a short while, because closing with unread bytes would
 * reset the connection under the last reply. No callback comes but on_close,
 * with OURS when all was sent. Only on an open conn.
 */
void dg_conn_finish(struct dg_conn *conn);
/*
 * As dg_conn_close, but so that the peer cannot take it for an orderly end:
 * TCP reset, no close_notify.
 */
void dg_conn_abort(struct dg_conn **conn);

/*
 * Borrowed; consume from it, never write. When it was full and bytes were
 * consumed outside on_read, dg_conn_resume makes the conn look again.
 */
struct dg_buf *dg_conn_in(struct dg_conn *conn);
/* Raises or lowers in_max; not below what is buffered. */
void dg_conn_set_in_max(struct dg_conn *conn, size_t in_max);
/*
 * Hands over the buffer that holds the first n readable bytes: views into
 * them stay valid until the caller frees or gives back *taken, whose former
 * (empty) memory becomes the read buffer, with what follows byte n in it.
 */
void dg_conn_take_in(struct dg_conn *conn, size_t n, struct dg_buf *taken);
/* Gives back buffers that are empty and larger than a few KiB. */
void dg_conn_trim(struct dg_conn *conn);

/* Queues; sent soon. LIMIT: would pass out_max; nothing queued. */
enum dg_rc dg_conn_write(struct dg_conn *conn,
			 struct dg_str bytes) DG_MUST_CHECK;
/*
 * The same for parts in order, as a whole. Large ones go from where they are
 * to the socket at once; only what it does not take is copied.
 */
#define DG_CONN_PARTS_MAX 4
enum dg_rc dg_conn_writev(struct dg_conn *conn, const struct dg_str *parts,
			  size_t n) DG_MUST_CHECK;
/*
 * Room for n bytes of which the caller knows a bound of its own (a reply's
 * head): not limited by out_max. dg_conn_commit says how many were written.
 */
char *dg_conn_reserve(struct dg_conn *conn, size_t n) DG_MUST_CHECK;
void dg_conn_commit(struct dg_conn *conn, size_t n);
/*
 * Room left in the write buffer, and bytes queued. When the budget is used up
 * the room is small, and on_drain tells when to look again.
 */
size_t dg_conn_out_room(struct dg_conn *conn);
size_t dg_conn_out_queued(const struct dg_conn *conn);
/* The peer does not take what is queued; on_drain will come. */
bool dg_conn_out_is_slow(const struct dg_conn *conn);

/* Reasons not to read, as bits; reading goes on when the mask is zero. */
enum dg_conn_pause {
	DG_CONN_PAUSE_PEER = 1 << 0,   /* the other side is slow */
	DG_CONN_PAUSE_DECIDE = 1 << 1, /* a request is being worked on */
};
void dg_conn_pause(struct dg_conn *conn, enum dg_conn_pause reason);
void dg_conn_resume(struct dg_conn *conn, enum dg_conn_pause reason);
/* Resume may be followed by an on_read for bytes that already arrived. */

/*
 * False when the peer has ended or sent something that the loop has not told
 * yet. One system call: for what must not be sent into a closed connection.
 */
bool dg_conn_is_quiet(const struct dg_conn *conn);

bool dg_conn_is_tls(const struct dg_conn *conn);
#define DG_CONN_ADDRESS_MAX 64
/*
 * Peer as "192.0.2.1:443" or "[2001:db8::1]:443"; once it is open, the one that
 * a PROXY header names, "unknown" when it cannot.
 */
const char *dg_conn_peer(const struct dg_conn *conn);

#endif

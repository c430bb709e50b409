/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the client's side: connections that carry one exchange (request
 * and reply) after another. Pipelined bytes wait until the reply is complete.
 *
 * The service gets each exchange at on_request, with the head complete and the
 * body still on the wire, and must answer it, now or later. An exchange ends
 * with its reply; when the client goes first, on_cancel is called and nothing
 * more may be done with it.
 */
#ifndef DG_PROXY_HTTP_SERVER_H
#define DG_PROXY_HTTP_SERVER_H

#include "base/arena.h"
#include "http/head.h"
#include "net/balancers.h"
#include "net/conn.h"

struct dg_http_server; /* one per worker and listener */
struct dg_http_exchange;

struct dg_http_server_config {
	size_t max_head;  /* bytes: 2 MiB as Trino's (protocol.md 2.1) */
	size_t arena_max; /* per exchange */
	size_t out_max;   /* write buffer per connection */
	size_t max_connections;
	unsigned idle_timeout_ms; /* between requests */
	unsigned head_timeout_ms; /* first byte of a head to its end */
	unsigned body_timeout_ms; /* no progress within a body */
	unsigned write_timeout_ms;
	unsigned tls_timeout_ms;
	/* Whose connections begin with a PROXY header; borrowed, or NULL. */
	const struct dg_balancers *balancers;
	/*
	 * What requests take beyond a small allowance each: heads, bodies,
	 * arenas; then 503. Borrowed; NULL: not bounded together.
	 */
	struct dg_budget *budget;
};

struct dg_http_service {
	void (*on_request)(void *arg, struct dg_http_exchange *exchange);
	void *arg;
};

struct dg_http_server *
dg_http_server_create(struct dg_loop *loop, struct ssl_ctx_st *tls,
		      const struct dg_http_server_config *config,
		      const struct dg_http_service *service);
/* Closes idle connections, lets running exchanges end; then on_drained. */
void dg_http_server_drain(struct dg_http_server *server, dg_loop_fn on_drained,
			  void *arg);
void dg_http_server_destroy(struct dg_http_server **server);
/* New TLS context for connections accepted from now on (reload). */
void dg_http_server_set_tls(struct dg_http_server *server,
			    struct ssl_ctx_st *tls);
/* dg_accept_fn of a listener; arg is the server. */
void dg_http_server_accept(void *arg, int fd, const char *peer);
size_t dg_http_server_connections(const struct dg_http_server *server);

/* ---- the request ------------------------------------------------------- */

/* Valid until the reply has ended. */
const struct dg_http_head *
dg_http_exchange_head(const struct dg_http_exchange *x);
struct dg_arena *dg_http_exchange_arena(struct dg_http_exchange *x);
/*
 * The caller is known. Until then a head counts as a stranger's: all of them
 * have a part of the budget, and each address a part of that.
 */
void dg_http_exchange_trust(struct dg_http_exchange *x);
const char *dg_http_exchange_peer(const struct dg_http_exchange *x);
bool dg_http_exchange_is_tls(const struct dg_http_exchange *x);
struct dg_loop *dg_http_exchange_loop(struct dg_http_exchange *x);

/*
 * The client has gone; called at most once, never after the reply's end. The
 * exchange's arena and head are there until fn returns, not longer. Who
 * does not ask for it may go on replying, into the void, and must still end
 * or abort the exchange.
 */
void dg_http_exchange_on_cancel(struct dg_http_exchange *x, dg_loop_fn fn,
				void *arg);

/*
 * Reads the whole body into memory (sends 100-continue if asked for). OK with
 * the bytes (valid until the reply's end); LIMIT when longer than max, then
 * the rest is read and dropped up to a bound or the connection is closed
 * after the reply; INVALID for broken framing (the connection closes after
 * the reply); TIMEOUT likewise when the body does not come; UNAVAILABLE when
 * the server's buffers are full; CLOSED when the client has gone and no
 * on_cancel was set. May call back before it returns.
 */
typedef void (*dg_http_body_fn)(void *arg, enum dg_rc rc, struct dg_str body);
void dg_http_exchange_read_body(struct dg_http_exchange *x, size_t max,
				dg_http_body_fn done, void *arg);

/*
 * The body is needed no more: its bytes, which done was given, are gone. Only
 * between done and the reply.
 */
void dg_http_exchange_drop_body(struct dg_http_exchange *x);

/* ---- the reply --------------------------------------------------------- */

#define DG_HTTP_LENGTH_UNKNOWN UINT64_MAX /* chunked (or close for 1.0) */

/*
 * Headers are written as given; Date is added, Content-Length or
 * Transfer-Encoding and Connection are the server's. reason NULL: the usual
 * one. An unread request body is drained (bounded) or the connection closed.
 */
void dg_http_reply_begin(struct dg_http_exchange *x, unsigned status,
			 const char *reason,
			 const struct dg_http_header *headers, size_t n_headers,
			 uint64_t content_length);
/*
 * Never more than dg_http_reply_room bytes at once: LIMIT otherwise. When room
 * was too small, on_writable (set below) says when to go on. Only who has
 * something to write asks for room: without memory it says so at once.
 */
enum dg_rc dg_http_reply_write(struct dg_http_exchange *x,
			       struct dg_str bytes) DG_MUST_CHECK;
size_t dg_http_reply_room(const struct dg_http_exchange *x);
void dg_http_reply_on_writable(struct dg_http_exchange *x, dg_loop_fn fn,
			       void *arg);
/* Ends the exchange: x is gone. */
void dg_http_reply_end(struct dg_http_exchange *x);
/*
 * Cuts the connection without an orderly end of the body, so that the client
 * notices (protocol.md 0.1, fact 9). x is gone.
 */
void dg_http_reply_abort(struct dg_http_exchange *x);
/* begin + write + end for a small body. HEAD requests get no body. */
void dg_http_reply_simple(struct dg_http_exchange *x, unsigned status,
			  const char *reason,
			  const struct dg_http_header *headers,
			  size_t n_headers, struct dg_str content_type,
			  struct dg_str body);

#endif

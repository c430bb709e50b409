/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_private.h - what server.c (connections) and exchange.c (requests and
 * replies) share.
 */
#ifndef DG_PROXY_HTTP_SERVER_PRIVATE_H
#define DG_PROXY_HTTP_SERVER_PRIVATE_H

#include "base/fsm.h"
#include "http/body.h"
#include "http/server.h"
#include "http/write.h"
#include "net/deadline.h"

#define DG_HTTP_SERVER_MAGIC UINT32_C(0x48747053)
#define DG_HTTP_CLIENT_MAGIC UINT32_C(0x48747043)
#define DG_HTTP_EXCHANGE_MAGIC UINT32_C(0x48747058)

/* Read buffer that each connection may have without asking the budget. */
enum { CLIENT_IN_BASE = 16 * 1024 };
/* Client addresses are told apart by so many bits of their hash. */
enum { ADDRESS_SLOTS = 256 };
/* Bytes of an unread body that are read and dropped to keep a connection. */
enum { CLIENT_DROP_MAX = 64 * 1024 * 1024 };

/* docs/fsm/client_conn.dot */
enum client_state {
	CLIENT_OPENING,  /* TLS handshake; dg_conn has the deadline */
	CLIENT_IDLE,     /* no byte of a request is here; idle timeout */
	CLIENT_HEAD,     /* part of a head is here; head timeout */
	CLIENT_BUSY,     /* an exchange is with the service, which has deadlines
			  * of its own; body timeout while a body is read */
	CLIENT_DRAINING, /* replied; the rest of the body is dropped */
	CLIENT_CLOSING,  /* the last bytes go out; dg_conn has the deadline */
	CLIENT_CLOSED,   /* waits for the end of the dispatch */
};

enum request_body_state {
	REQUEST_BODY_UNREAD,
	REQUEST_BODY_READING,  /* into body_bytes, for body_done */
	REQUEST_BODY_DROPPING, /* nobody wants it */
	REQUEST_BODY_COMPLETE,
	REQUEST_BODY_BROKEN, /* framing or deadline; the connection must close
			      */
};

struct client_conn {
	uint32_t magic;
	struct dg_fsm fsm;             /* enum client_state */
	struct dg_http_server *server; /* borrowed; outlives */
	struct dg_conn *conn;          /* owned; NULL when closed */
	struct dg_http_exchange *x;    /* owned in BUSY and DRAINING */
	struct dg_list link;           /* in server->idle or server->active */
	struct dg_deadline deadline;
	struct dg_http_head_progress progress;
	size_t charged;      /* bytes of heads, taken from the budget */
	bool stranger;       /* from its part for strangers */
	unsigned slot;       /* of the address */
	uint64_t body_bytes; /* of a body, since the deadline was set */
	char peer[DG_CONN_ADDRESS_MAX];
};

struct dg_http_exchange {
	uint32_t magic;                /* 0 in the pool */
	struct dg_http_server *server; /* borrowed; outlives */
	struct client_conn *client;    /* borrowed; NULL: it has gone */
	struct dg_list link;           /* in server->spare */
	struct dg_http_head head;      /* views into head_bytes */
	struct dg_buf head_bytes;
	struct dg_arena *arena; /* owned; NULL until asked for */
	size_t charged; /* bytes of head_bytes, if the client has gone */

	enum request_body_state body_state;
	struct dg_http_body body;
	struct dg_buf body_bytes;
	size_t body_max;
	size_t body_charged; /* bytes of body_bytes, taken from the budget */
	uint64_t dropped;
	bool continued; /* 100 was sent */
	dg_http_body_fn body_done;
	void *body_arg;

	bool begun;
	bool has_body; /* of the reply */
	bool chunked;
	bool keep_alive;
	uint64_t left; /* bytes of the reply's body, if not chunked */
	bool until_close;
	dg_loop_fn on_cancel;
	void *cancel_arg;
	dg_loop_fn on_writable;
	void *writable_arg;
};

struct dg_http_server {
	uint32_t magic;
	struct dg_loop *loop;   /* borrowed */
	struct ssl_ctx_st *tls; /* ref-counted; NULL: plain */
	struct dg_http_server_config config;
	struct dg_conn_config conn_config;
	struct dg_http_service service;
	struct dg_list idle;   /* struct client_conn, the longest idle first */
	struct dg_list active; /* all others */
	size_t n_clients;
	struct dg_list spare; /* struct dg_http_exchange */
	size_t n_spare;
	size_t n_exchanges;         /* not in the pool */
	struct dg_budget replies;   /* a part of config.budget: to clients */
	struct dg_budget strangers; /* a part of config.budget: heads */
	size_t stranger_max;        /* of one address */
	size_t stranger_bytes[ADDRESS_SLOTS];
	bool draining;
	bool destroyed;
	dg_loop_fn on_drained;
	void *drained_arg;
	int64_t turned_away_s;  /* when that was last logged */
	uint64_t n_turned_away; /* since then */
	int64_t date_s;         /* of date */
	char date[DG_HTTP_DATE_LEN];
};

/* ---- exchange.c -------------------------------------------------------- */

struct dg_http_exchange *dg_http_exchange_take(struct dg_http_server *server);
/* Back to the pool. */
void dg_http_exchange_release(struct dg_http_exchange *x);
void dg_http_exchange_free(struct dg_http_exchange *x);
/* The head is parsed: takes its bytes off the connection. */
void dg_http_exchange_begin(struct dg_http_exchange *x,
			    struct client_conn *client);
/* New bytes on the connection, in BUSY or DRAINING. */
void dg_http_exchange_feed(struct dg_http_exchange *x);
/* No more body in time, in BUSY. */
void dg_http_exchange_body_late(struct dg_http_exchange *x);
/* The client has gone: tells the service; x lives on only if it must. */
void dg_http_exchange_client_gone(struct dg_http_exchange *x);

/* ---- server.c ---------------------------------------------------------- */

/* The reply and the request's body are over: next request, or close. */
void dg_http_client_next(struct client_conn *client);
/* Replied, with body left to drop. */
void dg_http_client_drain(struct client_conn *client);
/* After what is queued was sent. Releases the exchange. */
void dg_http_client_close(struct client_conn *client);
/* At once, so that the peer notices. */
void dg_http_client_abort(struct client_conn *client);
/* What it takes is no stranger's any more. */
void dg_http_client_trust(struct client_conn *client);
/* An exchange has ended; a destroyed server waits for the last one. */
void dg_http_server_note_released(struct dg_http_server *server);
struct dg_str dg_http_server_date(struct dg_http_server *server);
void dg_http_count_reply(unsigned status);

#endif

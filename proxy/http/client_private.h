/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_private.h - what client.c (calls) and pool.c (endpoints and their
 * connections) share.
 */
#ifndef DG_PROXY_HTTP_CLIENT_PRIVATE_H
#define DG_PROXY_HTTP_CLIENT_PRIVATE_H

#include "base/fsm.h"
#include "http/body.h"
#include "http/client.h"
#include "net/conn.h"
#include "net/deadline.h"

#define DG_UPSTREAM_MAGIC UINT32_C(0x55707374)
#define DG_UPSTREAM_CALL_MAGIC UINT32_C(0x55704361)
#define DG_UPSTREAM_CONN_MAGIC UINT32_C(0x5570436f)

enum {
	UPSTREAM_ADDRESSES_MAX = 4,
	UPSTREAM_WHY_MAX = 256,
};

/* docs/fsm/upstream_call.dot; every state but DONE has a deadline. */
enum call_state {
	CALL_NEW,        /* starts after the dispatch */
	CALL_WAITING,    /* in line for a connection */
	CALL_CONNECTING, /* resolving, connecting, TLS handshake */
	CALL_HEAD,       /* sent or being sent; no head yet */
	CALL_BODY,       /* no deadline while paused */
	CALL_DONE,       /* waits for the end of the dispatch */
};

/* docs/fsm/upstream_conn.dot */
enum upstream_conn_state {
	UPSTREAM_CONNECTING, /* for its call, which has the deadline */
	UPSTREAM_BUSY,       /* with its call, which has the deadline */
	UPSTREAM_IDLE,       /* in endpoint->idle; idle timeout */
	UPSTREAM_CLOSED,     /* waits for the end of the dispatch */
};

struct upstream_endpoint {
	struct dg_list link; /* in dg_upstream.endpoints, last used first */
	struct dg_upstream *upstream; /* borrowed */
	char *host;                   /* owned */
	char *ca_file;                /* owned */
	char *host_header;            /* owned; "host:port" */
	uint16_t port;
	bool tls;
	struct ssl_ctx_st *ctx; /* owned; NULL: plain, or unusable */
	struct dg_error fault;  /* why it is unusable; code OK: it is not */
	struct dg_list idle;    /* struct upstream_conn, last used first */
	struct dg_list busy;
	struct dg_list waiting; /* struct dg_upstream_call, first come first */
	size_t n_conns;
	size_t n_idle;
	size_t n_waiting;
	size_t n_calls;
};

struct upstream_conn {
	uint32_t magic;
	struct dg_fsm fsm;                  /* enum upstream_conn_state */
	struct upstream_endpoint *endpoint; /* borrowed; outlives */
	struct dg_conn *conn;               /* owned; NULL before and after */
	struct dg_upstream_call *call;      /* borrowed; NULL when idle */
	struct dg_list link;                /* in endpoint->idle or busy */
	struct dg_deadline deadline;
	size_t charged; /* bytes of a long head, taken from the budget */
	bool used;      /* a reply was read to its end */
	bool resolving; /* the resolver will call back */
	struct dg_address addresses[UPSTREAM_ADDRESSES_MAX];
	size_t n_addresses;
	size_t next_address;
};

struct dg_upstream_call {
	uint32_t magic;
	struct dg_fsm fsm;                  /* enum call_state */
	struct dg_upstream *upstream;       /* borrowed */
	struct upstream_endpoint *endpoint; /* borrowed; NULL: none to be had */
	struct upstream_conn *conn;         /* borrowed; its call is this one */
	struct dg_list link;                /* in upstream->calls or spare */
	struct dg_list wait_link;           /* in endpoint->waiting */
	struct dg_deadline deadline;
	struct dg_upstream_handlers handlers;
	void *arg;

	struct dg_buf request; /* head and body, kept for a repetition */
	size_t charged;        /* bytes of it, taken from the budget */
	size_t sent;
	enum dg_http_method method;
	unsigned head_timeout_ms;
	unsigned body_timeout_ms;
	bool repeatable;
	bool repeated;
	bool paused;
	bool start_deferred;
	bool step_deferred;
	enum dg_rc early_rc; /* not OK: fails when it starts */
	const char *early_why;

	struct dg_http_head_progress progress;
	unsigned interim;
	bool any_reply; /* a byte of the reply has come */
	bool keep_alive;
	struct dg_http_body body;
	char why[UPSTREAM_WHY_MAX];
};

struct dg_upstream {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_resolver *resolver; /* borrowed */
	struct dg_upstream_config config;
	struct dg_conn_config conn_config;
	struct dg_budget replies; /* a part of config.budget */
	struct dg_list endpoints;
	size_t n_endpoints;
	struct dg_list calls; /* running */
	struct dg_list spare; /* calls to be used again */
	size_t n_spare;
	size_t n_zombies; /* calls that wait for the end of the dispatch */
	bool destroyed;
	struct dg_http_head head; /* of the reply being read */
};

static inline enum call_state
dg_upstream_call_state(const struct dg_upstream_call *call)
{
	return (enum call_state)call->fsm.state;
}

/* ---- client.c ---------------------------------------------------------- */

void dg_upstream_call_free(struct dg_upstream_call *call);
/* Ends the call; runs on_done as its last act. */
void dg_upstream_call_finish(struct dg_upstream_call *call, enum dg_rc rc,
			     const char *why);
/* Runs dg_upstream_start after the dispatch. */
void dg_upstream_call_defer_start(struct dg_upstream_call *call);
/* An open connection is the call's: sends. Runs no callback. */
void dg_upstream_call_attach(struct dg_upstream_call *call,
			     struct upstream_conn *conn);
/* Sends what there is room for. Runs no callback. */
void dg_upstream_call_pump(struct dg_upstream_call *call);
void dg_upstream_call_on_read(struct dg_upstream_call *call);
/* conn has ended by itself and is not the call's any more. */
void dg_upstream_call_on_close(struct dg_upstream_call *call, bool used,
			       enum dg_conn_close_reason reason,
			       const char *why);

/* ---- pool.c ------------------------------------------------------------ */

/* NULL when there are too many in use. */
struct upstream_endpoint *
dg_upstream_endpoint(struct dg_upstream *upstream,
		     const struct dg_endpoint *endpoint);
/* Attaches an idle connection if there is one. */
bool dg_upstream_send_on_idle(struct dg_upstream_call *call);
/* An idle connection, a new one, or a place in the line. May run on_done. */
void dg_upstream_start(struct dg_upstream_call *call);
/* A longer read buffer, for a head; false when that cannot be. */
bool dg_upstream_conn_grow(struct upstream_conn *conn);
/* The call has ended: back to the pool, or closed. Runs no callback. */
void dg_upstream_conn_release(struct upstream_conn *conn, bool reusable);
/* A call was given back; a destroyed dg_upstream waits for the last one. */
void dg_upstream_note_recycled(struct dg_upstream *upstream);

#endif

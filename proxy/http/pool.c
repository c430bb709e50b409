/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - endpoints, their kept-alive connections, and the line in front of
 * them. Calls are in client.c. See client.h.
 *
 * The connection used last is used next, so that spare ones grow old and are
 * closed. A connection that frees itself serves the line first.
 */
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "http/client_private.h"
#include "net/tls.h"

enum {
	ENDPOINTS_MAX = 256,
	READ_FIRST = 16 * 1024,
	OUT_MAX = 64 * 1024,
	/* The part of the whole that fetched replies and long heads share. */
	REPLIES_PART = 4,
};

#define TO(state) DG_FSM_TO(state)
/* docs/fsm/upstream_conn.dot */
static const struct dg_fsm_state conn_states[] = {
	[UPSTREAM_CONNECTING] = {"connecting",
				 TO(UPSTREAM_BUSY) | TO(UPSTREAM_CLOSED),
				 false},
	[UPSTREAM_BUSY] = {"busy",
			   TO(UPSTREAM_BUSY) | TO(UPSTREAM_IDLE) |
				   TO(UPSTREAM_CLOSED),
			   false},
	[UPSTREAM_IDLE] = {"idle", TO(UPSTREAM_BUSY) | TO(UPSTREAM_CLOSED),
			   true},
	[UPSTREAM_CLOSED] = {"closed", 0, false},
};

/* ---- endpoints --------------------------------------------------------- */

static bool
is_same(const struct upstream_endpoint *e, const struct dg_endpoint *wanted)
{
	return e->port == wanted->port && e->tls == wanted->tls &&
	       dg_str_eq(dg_str_from_cstr(e->host), wanted->host) &&
	       dg_str_eq(dg_str_from_cstr(e->ca_file), wanted->ca_file);
}

static void
free_endpoint(struct upstream_endpoint *e)
{
	DG_ASSERT(e->n_conns == 0 && e->n_waiting == 0);
	dg_list_remove(&e->link);
	e->upstream->n_endpoints--;
	dg_tls_destroy(&e->ctx);
	dg_free(e->host);
	dg_free(e->ca_file);
	dg_free(e->host_header);
	dg_free(e);
}

/* Room for one more: the one not used for longest, if it can be spared. */
static bool
make_room(struct dg_upstream *upstream)
{
	struct dg_list *it;

	if (upstream->n_endpoints < ENDPOINTS_MAX)
		return true;
	for (it = upstream->endpoints.prev; it != &upstream->endpoints;
	     it = it->prev) {
		struct upstream_endpoint *e =
			DG_CONTAINER_OF(it, struct upstream_endpoint, link);

		if (e->n_conns == 0 && e->n_calls == 0) {
			free_endpoint(e);
			return true;
		}
	}
	return false;
}

static char *
make_host_header(struct dg_str host, uint16_t port)
{
	bool v6 = dg_str_find(host, ':', 0) < host.len;
	struct dg_buf text;
	char *out;

	dg_buf_init(&text, host.len + 16);
	DG_ASSERT(dg_buf_appendf(&text, v6 ? "[%.*s]:%u" : "%.*s:%u",
				 DG_STR_ARG(host), port) == DG_OK);
	DG_ASSERT(dg_str_to_cstr(dg_buf_peek(&text), &out) == DG_OK);
	dg_buf_fini(&text);
	return out;
}

static struct upstream_endpoint *
create_endpoint(struct dg_upstream *upstream, const struct dg_endpoint *wanted)
{
	struct upstream_endpoint *e;
	char *host;
	char *ca_file;

	if (dg_str_to_cstr(wanted->host, &host) != DG_OK)
		return NULL;
	if (dg_str_to_cstr(wanted->ca_file, &ca_file) != DG_OK) {
		dg_free(host);
		return NULL;
	}
	e = DG_NEW(struct upstream_endpoint);
	e->upstream = upstream;
	e->host = host;
	e->ca_file = ca_file;
	e->host_header = make_host_header(wanted->host, wanted->port);
	e->port = wanted->port;
	e->tls = wanted->tls;
	dg_list_init(&e->idle);
	dg_list_init(&e->busy);
	dg_list_init(&e->waiting);
	if (e->tls &&
	    dg_tls_client_create(ca_file, &e->ctx, &e->fault) != DG_OK)
		DG_ASSERT(e->fault.code != DG_OK);
	dg_list_prepend(&upstream->endpoints, &e->link);
	upstream->n_endpoints++;
	return e;
}

struct upstream_endpoint *
dg_upstream_endpoint(struct dg_upstream *upstream,
		     const struct dg_endpoint *endpoint)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &upstream->endpoints) {
		struct upstream_endpoint *e =
			DG_CONTAINER_OF(it, struct upstream_endpoint, link);

		if (is_same(e, endpoint)) {
			dg_list_remove(&e->link);
			dg_list_prepend(&upstream->endpoints, &e->link);
			return e;
		}
	}
	return make_room(upstream) ? create_endpoint(upstream, endpoint) : NULL;
}

/* ---- connections ------------------------------------------------------- */

static enum upstream_conn_state
state_of(const struct upstream_conn *conn)
{
	return (enum upstream_conn_state)conn->fsm.state;
}

/* The lists follow the state. */
static void
move_to(struct upstream_conn *conn, enum upstream_conn_state next)
{
	struct upstream_endpoint *e = conn->endpoint;

	if (state_of(conn) == UPSTREAM_IDLE)
		e->n_idle--;
	dg_list_remove(&conn->link);
	dg_fsm_move(&conn->fsm, next);
	switch (next) {
	case UPSTREAM_IDLE:
		dg_list_prepend(&e->idle, &conn->link);
		e->n_idle++;
		return;
	case UPSTREAM_CONNECTING:
	case UPSTREAM_BUSY:
		dg_list_append(&e->busy, &conn->link);
		return;
	case UPSTREAM_CLOSED:
		return;
	}
}

static void
free_conn(void *arg)
{
	struct upstream_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	dg_deadline_fini(&conn->deadline);
	conn->magic = 0;
	dg_free(conn);
}

static void
serve_line(struct upstream_endpoint *e)
{
	struct dg_upstream_call *call;

	if (dg_list_is_empty(&e->waiting))
		return;
	call = DG_CONTAINER_OF(e->waiting.next, struct dg_upstream_call,
			       wait_link);
	dg_upstream_call_defer_start(call);
}

/* conn->conn has been closed or has closed itself. */
static void
forget(struct upstream_conn *conn)
{
	struct upstream_endpoint *e = conn->endpoint;

	conn->conn = NULL;
	conn->call = NULL;
	dg_budget_give(&e->upstream->replies, conn->charged);
	conn->charged = 0;
	move_to(conn, UPSTREAM_CLOSED);
	dg_deadline_clear(&conn->deadline);
	e->n_conns--;
	dg_metric_add(DG_METRIC_UPSTREAM_CONNECTIONS, -1);
	/* Else the resolver's answer frees it. */
	if (!conn->resolving)
		dg_loop_defer(e->upstream->loop, free_conn, conn);
	serve_line(e);
}

static void
close_conn(struct upstream_conn *conn)
{
	dg_conn_close(&conn->conn);
	forget(conn);
}

static void
on_idle_deadline(void *arg)
{
	struct upstream_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	if (state_of(conn) == UPSTREAM_IDLE)
		close_conn(conn);
}

/* A reply was read to its end: its head may have been long. */
static void
shrink(struct upstream_conn *conn)
{
	struct dg_upstream *upstream = conn->endpoint->upstream;

	if (conn->charged == 0)
		return;
	dg_conn_set_in_max(conn->conn, upstream->conn_config.in_max);
	dg_budget_give(&upstream->replies, conn->charged);
	conn->charged = 0;
}

bool
dg_upstream_conn_grow(struct upstream_conn *conn)
{
	struct dg_upstream *upstream = conn->endpoint->upstream;
	size_t old = dg_conn_in(conn->conn)->max;
	size_t new = old > upstream->config.max_head / 2
			     ? upstream->config.max_head
			     : 2 * old;

	if (new <= old || !dg_budget_take(&upstream->replies, new - old))
		return false;
	conn->charged += new - old;
	dg_conn_set_in_max(conn->conn, new);
	return true;
}

static void
become_idle(struct upstream_conn *conn)
{
	const struct dg_upstream *upstream = conn->endpoint->upstream;

	move_to(conn, UPSTREAM_IDLE);
	dg_conn_trim(conn->conn);
	dg_conn_resume(conn->conn, DG_CONN_PAUSE_PEER);
	dg_deadline_set(&conn->deadline, upstream->config.idle_timeout_ms);
}

static void
lend(struct upstream_conn *conn, struct dg_upstream_call *call)
{
	dg_deadline_clear(&conn->deadline);
	move_to(conn, UPSTREAM_BUSY);
	dg_upstream_call_attach(call, conn);
}

void
dg_upstream_conn_release(struct upstream_conn *conn, bool reusable)
{
	struct upstream_endpoint *e = conn->endpoint;
	const struct dg_upstream *upstream = e->upstream;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	conn->call = NULL;
	conn->used = true;
	if (reusable)
		shrink(conn);
	if (!reusable || upstream->destroyed) {
		close_conn(conn);
		return;
	}
	if (!dg_list_is_empty(&e->waiting)) {
		struct dg_upstream_call *call = DG_CONTAINER_OF(
			e->waiting.next, struct dg_upstream_call, wait_link);

		dg_list_remove(&call->wait_link);
		e->n_waiting--;
		dg_conn_resume(conn->conn, DG_CONN_PAUSE_PEER);
		lend(conn, call);
		return;
	}
	if (e->n_idle >= upstream->config.max_idle_per_endpoint)
		close_conn(conn);
	else
		become_idle(conn);
}

static void connect_next(struct upstream_conn *conn);

static void
on_conn_open(void *arg)
{
	struct upstream_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	lend(conn, conn->call);
}

static void
on_conn_read(void *arg)
{
	struct upstream_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	switch (state_of(conn)) {
	case UPSTREAM_BUSY:
		dg_upstream_call_on_read(conn->call);
		return;
	case UPSTREAM_IDLE:
		/* Nobody asked: whose reply is that? */
		if (dg_buf_len(dg_conn_in(conn->conn)) > 0)
			close_conn(conn);
		return;
	case UPSTREAM_CONNECTING:
	case UPSTREAM_CLOSED:
		return;
	}
}

static void
on_conn_drain(void *arg)
{
	struct upstream_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	if (state_of(conn) == UPSTREAM_BUSY)
		dg_upstream_call_pump(conn->call);
}

static void
on_conn_close(void *arg, enum dg_conn_close_reason reason, const char *why)
{
	struct upstream_conn *conn = arg;
	struct dg_upstream_call *call = conn->call;
	bool used = conn->used;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	conn->conn = NULL;
	if (state_of(conn) == UPSTREAM_CONNECTING &&
	    conn->next_address < conn->n_addresses) {
		connect_next(conn);
		return;
	}
	forget(conn);
	if (call != NULL)
		dg_upstream_call_on_close(call, used, reason, why);
}

static const struct dg_conn_handlers conn_handlers = {
	.on_open = on_conn_open,
	.on_read = on_conn_read,
	.on_drain = on_conn_drain,
	.on_close = on_conn_close,
};

static void
connect_next(struct upstream_conn *conn)
{
	struct upstream_endpoint *e = conn->endpoint;
	const struct dg_address *address =
		&conn->addresses[conn->next_address++];
	union {
		const struct sockaddr_storage *storage;
		const struct sockaddr *any;
	} u = {&address->storage};

	conn->conn = dg_conn_connect(e->upstream->loop, u.any, address->len,
				     e->ctx, e->host, &e->upstream->conn_config,
				     &conn_handlers, conn);
}

static void
on_resolved(void *arg, enum dg_rc rc, const struct dg_address *addresses,
	    size_t n)
{
	struct upstream_conn *conn = arg;
	struct dg_upstream_call *call = conn->call;

	DG_CHECK_MAGIC(conn, DG_UPSTREAM_CONN_MAGIC);
	conn->resolving = false;
	if (state_of(conn) == UPSTREAM_CLOSED) {
		free_conn(conn);
		return;
	}
	if (rc != DG_OK) {
		forget(conn);
		dg_upstream_call_on_close(call, false, DG_CONN_ERROR,
					  "its name is unknown");
		return;
	}
	if (n > UPSTREAM_ADDRESSES_MAX)
		n = UPSTREAM_ADDRESSES_MAX;
	memcpy(conn->addresses, addresses, n * sizeof(*addresses));
	conn->n_addresses = n;
	connect_next(conn);
}

/* For this call. May run its on_done. */
static void
open_conn(struct upstream_endpoint *e, struct dg_upstream_call *call)
{
	struct upstream_conn *conn = DG_NEW(struct upstream_conn);

	conn->magic = DG_UPSTREAM_CONN_MAGIC;
	conn->endpoint = e;
	conn->call = call;
	call->conn = conn;
	dg_fsm_init(&conn->fsm, conn_states, DG_ARRAY_LEN(conn_states),
		    UPSTREAM_CONNECTING);
	dg_list_init(&conn->link);
	dg_list_append(&e->busy, &conn->link);
	dg_deadline_init(&conn->deadline, e->upstream->loop, on_idle_deadline,
			 conn);
	e->n_conns++;
	dg_metric_add(DG_METRIC_UPSTREAM_CONNECTIONS, 1);
	dg_fsm_move(&call->fsm, CALL_CONNECTING);
	dg_deadline_set(&call->deadline,
			e->upstream->config.connect_timeout_ms);
	conn->resolving = true;
	dg_resolve(e->upstream->resolver, dg_str_from_cstr(e->host), e->port,
		   on_resolved, conn);
}

/* ---- getting a connection for a call ----------------------------------- */

/*
 * A request that cannot be repeated gets only a connection that is surely
 * alive as far as anyone here can know.
 */
static bool
suits(const struct upstream_conn *conn, const struct dg_upstream_call *call)
{
	return call->repeatable || dg_conn_is_quiet(conn->conn);
}

bool
dg_upstream_send_on_idle(struct dg_upstream_call *call)
{
	struct upstream_endpoint *e = call->endpoint;

	/* Nobody overtakes the line. */
	if (!dg_list_is_empty(&e->waiting))
		return false;
	while (!dg_list_is_empty(&e->idle)) {
		struct upstream_conn *conn = DG_CONTAINER_OF(
			e->idle.next, struct upstream_conn, link);

		if (suits(conn, call)) {
			lend(conn, call);
			return true;
		}
		close_conn(conn);
	}
	return false;
}

static void
join_line(struct dg_upstream_call *call)
{
	struct upstream_endpoint *e = call->endpoint;

	if (e->n_waiting >= e->upstream->config.max_waiting) {
		dg_upstream_call_finish(call, DG_ERR_UNAVAILABLE,
					"too many requests wait for a "
					"connection");
		return;
	}
	dg_fsm_move(&call->fsm, CALL_WAITING);
	dg_list_append(&e->waiting, &call->wait_link);
	e->n_waiting++;
	dg_deadline_set(&call->deadline,
			e->upstream->config.connect_timeout_ms);
}

void
dg_upstream_start(struct dg_upstream_call *call)
{
	struct upstream_endpoint *e = call->endpoint;
	bool in_line = dg_list_is_linked(&call->wait_link);

	if (e->fault.code != DG_OK) {
		dg_upstream_call_finish(call, DG_ERR_IO, e->fault.text);
		return;
	}
	if (e->n_conns < e->upstream->config.max_per_endpoint) {
		if (in_line) {
			dg_list_remove(&call->wait_link);
			e->n_waiting--;
		}
		open_conn(e, call);
		return;
	}
	if (!in_line)
		join_line(call);
}

/* ---- life -------------------------------------------------------------- */

struct dg_upstream *
dg_upstream_create(struct dg_loop *loop, struct dg_resolver *resolver,
		   const struct dg_upstream_config *config)
{
	struct dg_upstream *upstream = DG_NEW(struct dg_upstream);

	DG_ASSERT(config->max_per_endpoint > 0);
	upstream->magic = DG_UPSTREAM_MAGIC;
	upstream->loop = loop;
	upstream->resolver = resolver;
	upstream->config = *config;
	upstream->conn_config = (struct dg_conn_config){
		.in_max = config->in_max,
		.out_max = OUT_MAX,
		.open_timeout_ms = config->connect_timeout_ms,
		.write_timeout_ms = config->connect_timeout_ms,
		.read_first = READ_FIRST < config->in_max ? READ_FIRST
							  : config->in_max,
		.read_max = config->in_max,
	};
	dg_budget_init_part(&upstream->replies,
			    config->budget == NULL
				    ? SIZE_MAX
				    : config->budget->limit / REPLIES_PART,
			    config->budget);
	dg_list_init(&upstream->endpoints);
	dg_list_init(&upstream->calls);
	dg_list_init(&upstream->spare);
	return upstream;
}

struct dg_budget *
dg_upstream_replies(struct dg_upstream *upstream)
{
	return &upstream->replies;
}

struct dg_loop *
dg_upstream_loop(struct dg_upstream *upstream)
{
	DG_CHECK_MAGIC(upstream, DG_UPSTREAM_MAGIC);
	return upstream->loop;
}

static void
free_upstream(void *arg)
{
	struct dg_upstream *upstream = arg;

	DG_CHECK_MAGIC(upstream, DG_UPSTREAM_MAGIC);
	while (!dg_list_is_empty(&upstream->spare)) {
		struct dg_list *link = upstream->spare.next;

		dg_list_remove(link);
		dg_upstream_call_free(
			DG_CONTAINER_OF(link, struct dg_upstream_call, link));
	}
	while (!dg_list_is_empty(&upstream->endpoints))
		free_endpoint(DG_CONTAINER_OF(upstream->endpoints.next,
					      struct upstream_endpoint, link));
	dg_budget_fini(&upstream->replies);
	upstream->magic = 0;
	dg_free(upstream);
}

void
dg_upstream_note_recycled(struct dg_upstream *upstream)
{
	if (upstream->destroyed && upstream->n_zombies == 0)
		dg_loop_defer(upstream->loop, free_upstream, upstream);
}

static void
close_idle(struct upstream_endpoint *e)
{
	while (!dg_list_is_empty(&e->idle))
		close_conn(DG_CONTAINER_OF(e->idle.next, struct upstream_conn,
					   link));
}

void
dg_upstream_destroy(struct dg_upstream **upstream)
{
	struct dg_upstream *u = *upstream;
	struct dg_list *it;
	struct dg_list *tmp;

	if (u == NULL)
		return;
	DG_CHECK_MAGIC(u, DG_UPSTREAM_MAGIC);
	*upstream = NULL;
	u->destroyed = true;
	while (!dg_list_is_empty(&u->calls))
		dg_upstream_call_finish(DG_CONTAINER_OF(u->calls.next,
							struct dg_upstream_call,
							link),
					DG_ERR_CLOSED, "shutting down");
	DG_LIST_FOREACH (it, tmp, &u->endpoints)
		close_idle(DG_CONTAINER_OF(it, struct upstream_endpoint, link));
	dg_upstream_note_recycled(u);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.c - client connections: accepting, reading heads, keeping alive,
 * draining. Requests and replies are in exchange.c. See server.h.
 *
 * One request per dispatch and connection; pipelined ones wait in the read
 * buffer. A client_conn is freed after the dispatch in which it was closed.
 */
#include "http/server.h"

#include <openssl/ssl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "http/server_private.h"
#include "http/status.h"

enum {
	REFUSAL_MAX = 512,
	/* Parts of the whole that replies to slow clients may take together, */
	REPLIES_PART = 4,
	STRANGERS_PART = 4, /* and strangers' heads, */
	ADDRESS_PART = 8,   /* and one address of these. */
};

#define TO(state) DG_FSM_TO(state)
/* docs/fsm/client_conn.dot */
static const struct dg_fsm_state states[] = {
	[CLIENT_OPENING] = {"opening", TO(CLIENT_IDLE) | TO(CLIENT_CLOSED),
			    true},
	[CLIENT_IDLE] = {"idle",
			 TO(CLIENT_HEAD) | TO(CLIENT_BUSY) |
				 TO(CLIENT_CLOSING) | TO(CLIENT_CLOSED),
			 true},
	[CLIENT_HEAD] = {"head",
			 TO(CLIENT_BUSY) | TO(CLIENT_CLOSING) |
				 TO(CLIENT_CLOSED),
			 true},
	[CLIENT_BUSY] = {"busy",
			 TO(CLIENT_IDLE) | TO(CLIENT_DRAINING) |
				 TO(CLIENT_CLOSING) | TO(CLIENT_CLOSED),
			 false},
	[CLIENT_DRAINING] = {"draining",
			     TO(CLIENT_IDLE) | TO(CLIENT_CLOSING) |
				     TO(CLIENT_CLOSED),
			     true},
	[CLIENT_CLOSING] = {"closing", TO(CLIENT_CLOSED), true},
	[CLIENT_CLOSED] = {"closed", 0, false},
};

static enum client_state
state_of(const struct client_conn *client)
{
	return (enum client_state)client->fsm.state;
}

static void
move_to(struct client_conn *client, enum client_state next)
{
	dg_fsm_move(&client->fsm, next);
	dg_list_remove(&client->link);
	if (next == CLIENT_IDLE)
		dg_list_append(&client->server->idle, &client->link);
	else if (next != CLIENT_CLOSED)
		dg_list_append(&client->server->active, &client->link);
}

/* ---- budget ------------------------------------------------------------ */

/*
 * By the address without its port. Addresses that meet in a slot share what
 * one may take; nobody outside can tell which do.
 */
static unsigned
find_slot(struct dg_str peer)
{
	size_t len = peer.len;

	while (len > 0 && peer.data[len - 1] != ':')
		len--;
	return (unsigned)(dg_hash(peer.data, len) % ADDRESS_SLOTS);
}

/* For a longer read buffer; false when that is too much at the moment. */
static bool
charge(struct client_conn *client, size_t bytes)
{
	struct dg_http_server *server = client->server;
	size_t *of_address = &server->stranger_bytes[client->slot];

	if (!client->stranger) {
		if (!dg_budget_take(server->config.budget, bytes))
			return false;
	} else {
		if (bytes > server->stranger_max - *of_address ||
		    !dg_budget_take(&server->strangers, bytes))
			return false;
		*of_address += bytes;
	}
	client->charged += bytes;
	return true;
}

void
dg_http_client_trust(struct client_conn *client)
{
	struct dg_http_server *server = client->server;

	if (!client->stranger)
		return;
	client->stranger = false;
	dg_budget_leave_part(&server->strangers, client->charged);
	server->stranger_bytes[client->slot] -= client->charged;
}

static void
give_back(struct client_conn *client)
{
	dg_http_client_trust(client);
	dg_budget_give(client->server->config.budget, client->charged);
	client->charged = 0;
}

/* The head's bytes live on with the exchange. */
static void
hand_over(struct client_conn *client, struct dg_http_exchange *x)
{
	dg_http_client_trust(client);
	x->charged += client->charged;
	client->charged = 0;
}

/* ---- the end of connections and of the server -------------------------- */

static void
free_server(void *arg)
{
	struct dg_http_server *server = arg;

	DG_CHECK_MAGIC(server, DG_HTTP_SERVER_MAGIC);
	while (!dg_list_is_empty(&server->spare)) {
		struct dg_list *link = server->spare.next;

		dg_list_remove(link);
		dg_http_exchange_free(
			DG_CONTAINER_OF(link, struct dg_http_exchange, link));
	}
	SSL_CTX_free(server->tls);
	dg_budget_fini(&server->strangers);
	dg_budget_fini(&server->replies);
	server->magic = 0;
	dg_free(server);
}

static void
on_all_gone(void *arg)
{
	struct dg_http_server *server = arg;
	dg_loop_fn on_drained = server->on_drained;

	DG_CHECK_MAGIC(server, DG_HTTP_SERVER_MAGIC);
	server->on_drained = NULL;
	if (on_drained != NULL && !server->destroyed)
		on_drained(server->drained_arg);
}

static void
free_client(void *arg)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	DG_ASSERT(client->conn == NULL && client->x == NULL);
	DG_ASSERT(!dg_list_is_linked(&client->link));
	dg_deadline_fini(&client->deadline);
	client->magic = 0;
	dg_free(client);
}

/* The dg_conn has been closed or has closed itself. */
static void
forget(struct client_conn *client)
{
	struct dg_http_server *server = client->server;
	struct dg_http_exchange *x = client->x;

	client->conn = NULL;
	client->x = NULL;
	move_to(client, CLIENT_CLOSED);
	dg_deadline_clear(&client->deadline);
	if (x != NULL && client->charged > 0)
		hand_over(client, x);
	else
		give_back(client);
	server->n_clients--;
	dg_metric_add(DG_METRIC_CLIENT_CONNECTIONS, -1);
	dg_loop_defer(server->loop, free_client, client);
	if (server->draining && server->n_clients == 0)
		dg_loop_defer(server->loop, on_all_gone, server);
	if (x != NULL)
		dg_http_exchange_client_gone(x);
}

static void
release_exchange(struct client_conn *client)
{
	struct dg_http_exchange *x = client->x;

	client->x = NULL;
	if (x != NULL)
		dg_http_exchange_release(x);
}

void
dg_http_client_close(struct client_conn *client)
{
	release_exchange(client);
	dg_deadline_clear(&client->deadline);
	move_to(client, CLIENT_CLOSING);
	dg_conn_finish(client->conn);
}

/* No byte of a request has come, but the last reply may not be out yet. */
static void
close_idle_client(struct client_conn *client)
{
	if (dg_conn_out_queued(client->conn) > 0) {
		dg_http_client_close(client);
		return;
	}
	dg_conn_close(&client->conn);
	forget(client);
}

void
dg_http_client_abort(struct client_conn *client)
{
	release_exchange(client);
	dg_conn_abort(&client->conn);
	forget(client);
}

/* ---- read buffers ------------------------------------------------------ */

static size_t
base_in_max(const struct dg_http_server *server)
{
	return server->config.max_head < CLIENT_IN_BASE
		       ? server->config.max_head
		       : CLIENT_IN_BASE;
}

/* After an exchange: its large buffers have been freed, all is as before. */
static void
settle_charge(struct client_conn *client)
{
	const struct dg_buf *in = dg_conn_in(client->conn);
	size_t base = base_in_max(client->server);

	if (client->charged > 0) {
		dg_conn_set_in_max(client->conn, base);
		/* Full of what comes next. */
		if (in->max > base)
			return;
		give_back(client);
	}
	client->stranger = true;
}

/* ---- heads ------------------------------------------------------------- */

static void
write_refusal(struct client_conn *client, unsigned status, const char *why)
{
	struct dg_str text = dg_str_from_cstr(why);
	char *start = dg_conn_reserve(client->conn, REFUSAL_MAX + text.len);
	char *at = start;

	at = dg_http_put(at, DG_STR("HTTP/1.1 "));
	at = dg_http_put_decimal(at, status);
	*at++ = ' ';
	at = dg_http_put(at, dg_http_reason(status));
	at = dg_http_put(at, DG_STR("\r\nContent-Type: text/plain; "
				    "charset=utf-8\r\nDate: "));
	at = dg_http_put(at, dg_http_server_date(client->server));
	at = dg_http_put(at, DG_STR("\r\nContent-Length: "));
	at = dg_http_put_decimal(at, text.len + 1);
	if (status == 503)
		at = dg_http_put(at, DG_STR("\r\nRetry-After: 1"));
	at = dg_http_put(at, DG_STR("\r\nConnection: close\r\n\r\n"));
	at = dg_http_put(at, text);
	*at++ = '\n';
	dg_conn_commit(client->conn, (size_t)(at - start));
}

/* What could not become a request: say why, and close. */
static void
refuse(struct client_conn *client, unsigned status, const char *why)
{
	dg_log_debug(NULL, "http.refused",
		     DG_FIELDS(DG_LOG_CSTR("peer", client->peer),
			       DG_LOG_INT("status", status)),
		     "request refused: %s", why);
	dg_metric_add(DG_METRIC_BAD_REQUESTS, 1);
	dg_http_count_reply(status);
	write_refusal(client, status, why);
	dg_http_client_close(client);
}

/* A longer read buffer, as long as the budget has room for it. */
static bool
grow_in(struct client_conn *client)
{
	size_t old = dg_conn_in(client->conn)->max;
	size_t new = 2 * old;

	if (new > client->server->config.max_head)
		new = client->server->config.max_head;
	if (!charge(client, new - old))
		return false;
	dg_conn_set_in_max(client->conn, new);
	return true;
}

static void
wait_for_head(struct client_conn *client)
{
	if (state_of(client) == CLIENT_IDLE) {
		move_to(client, CLIENT_HEAD);
		dg_deadline_set(&client->deadline,
				client->server->config.head_timeout_ms);
	}
	if (dg_buf_room(dg_conn_in(client->conn)) == 0 && !grow_in(client))
		refuse(client, 503, "too many large requests at the moment");
}

static void
start_exchange(struct client_conn *client, struct dg_http_exchange *x)
{
	const struct dg_http_service *service = &client->server->service;

	move_to(client, CLIENT_BUSY);
	dg_deadline_clear(&client->deadline);
	client->progress = (struct dg_http_head_progress){0, 0};
	client->x = x;
	dg_http_exchange_begin(x, client);
	if (client->charged > 0)
		dg_conn_set_in_max(client->conn, base_in_max(client->server));
	service->on_request(service->arg, x);
}

/* Methods whose target is no path, and TRACE, which echoes credentials. */
static bool
is_unsupported(const struct dg_http_head *head)
{
	return head->method == DG_HTTP_OTHER &&
	       (head->path.len == 0 ||
		dg_str_eq(head->method_text, DG_STR("CONNECT")) ||
		dg_str_eq(head->method_text, DG_STR("TRACE")));
}

static void
step_head(struct client_conn *client)
{
	struct dg_str bytes = dg_buf_peek(dg_conn_in(client->conn));
	struct dg_http_exchange *x;
	struct dg_http_fault fault;

	if (bytes.len == 0)
		return;
	if (!dg_http_head_is_worth_parsing(&client->progress, bytes,
					   client->server->config.max_head)) {
		wait_for_head(client);
		return;
	}
	x = dg_http_exchange_take(client->server);
	switch (dg_http_parse_request(bytes, client->server->config.max_head,
				      &x->head, &fault)) {
	case DG_HTTP_NEED_MORE:
		dg_http_exchange_release(x);
		wait_for_head(client);
		return;
	case DG_HTTP_BAD:
		dg_http_exchange_release(x);
		refuse(client, fault.status, fault.why);
		return;
	case DG_HTTP_DONE:
		break;
	}
	if (is_unsupported(&x->head)) {
		dg_http_exchange_release(x);
		refuse(client, 501, "this method is not supported");
		return;
	}
	start_exchange(client, x);
}

/* ---- between requests -------------------------------------------------- */

static void
become_idle(struct client_conn *client)
{
	struct dg_http_server *server = client->server;

	move_to(client, CLIENT_IDLE);
	if (server->draining) {
		dg_http_client_close(client);
		return;
	}
	dg_deadline_set(&client->deadline, server->config.idle_timeout_ms);
	/* Who does not read replies may not ask for more of them. */
	if (dg_conn_out_is_slow(client->conn))
		dg_conn_pause(client->conn, DG_CONN_PAUSE_PEER);
	if (dg_buf_len(dg_conn_in(client->conn)) == 0)
		dg_conn_trim(client->conn);
	else
		/* The next request has been waiting: its turn is later. */
		dg_conn_resume(client->conn, DG_CONN_PAUSE_DECIDE);
}

void
dg_http_client_next(struct client_conn *client)
{
	release_exchange(client);
	settle_charge(client);
	become_idle(client);
}

void
dg_http_client_drain(struct client_conn *client)
{
	move_to(client, CLIENT_DRAINING);
	client->body_bytes = 0;
	dg_deadline_set(&client->deadline,
			client->server->config.body_timeout_ms);
}

/* ---- callbacks of the connection --------------------------------------- */

/* Nothing is charged to its slot yet. */
static void
set_peer(struct client_conn *client, const char *peer)
{
	size_t len = strnlen(peer, sizeof(client->peer) - 1);

	memcpy(client->peer, peer, len);
	client->peer[len] = '\0';
	client->slot = find_slot(dg_str_make(peer, len));
}

static void
on_conn_open(void *arg)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	/* A PROXY header may have named another one. */
	if (client->server->config.balancers != NULL)
		set_peer(client, dg_conn_peer(client->conn));
	become_idle(client);
}

static void
on_conn_read(void *arg)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	switch (state_of(client)) {
	case CLIENT_IDLE:
	case CLIENT_HEAD:
		step_head(client);
		return;
	case CLIENT_BUSY:
	case CLIENT_DRAINING:
		dg_http_exchange_feed(client->x);
		return;
	case CLIENT_OPENING:
	case CLIENT_CLOSING:
	case CLIENT_CLOSED:
		return;
	}
}

static void
on_conn_drain(void *arg)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	if (state_of(client) == CLIENT_IDLE)
		dg_conn_resume(client->conn, DG_CONN_PAUSE_PEER);
	else if (state_of(client) == CLIENT_BUSY &&
		 client->x->on_writable != NULL)
		client->x->on_writable(client->x->writable_arg);
}

static void
on_conn_close(void *arg, enum dg_conn_close_reason reason, const char *why)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	if (reason == DG_CONN_ERROR || reason == DG_CONN_TIMEOUT)
		dg_log_debug(NULL, "http.client_lost",
			     DG_FIELDS(DG_LOG_CSTR("peer", client->peer),
				       DG_LOG_CSTR("state",
						   dg_fsm_name(&client->fsm))),
			     "client connection lost: %s", why);
	if (state_of(client) == CLIENT_DRAINING)
		release_exchange(client);
	forget(client);
}

static const struct dg_conn_handlers conn_handlers = {
	.on_open = on_conn_open,
	.on_read = on_conn_read,
	.on_drain = on_conn_drain,
	.on_close = on_conn_close,
};

static void
on_deadline(void *arg)
{
	struct client_conn *client = arg;

	DG_CHECK_MAGIC(client, DG_HTTP_CLIENT_MAGIC);
	switch (state_of(client)) {
	case CLIENT_IDLE:
		close_idle_client(client);
		return;
	case CLIENT_HEAD:
		refuse(client, 408, "the request head took too long");
		return;
	case CLIENT_BUSY:
		dg_http_exchange_body_late(client->x);
		return;
	case CLIENT_DRAINING:
		dg_http_client_close(client);
		return;
	case CLIENT_OPENING:
	case CLIENT_CLOSING:
	case CLIENT_CLOSED:
		return;
	}
}

/* ---- accepting --------------------------------------------------------- */

/* Room for one more, if need be by closing the longest idle connection. */
static bool
make_room(struct dg_http_server *server)
{
	if (server->n_clients < server->config.max_connections)
		return true;
	if (dg_list_is_empty(&server->idle))
		return false;
	close_idle_client(
		DG_CONTAINER_OF(server->idle.next, struct client_conn, link));
	return true;
}

static void
accept_client(struct dg_http_server *server, int fd, const char *peer)
{
	struct client_conn *client = DG_NEW(struct client_conn);
	struct dg_conn_config config = server->conn_config;

	config.proxy_header = dg_balancers_hold(server->config.balancers, peer);
	client->magic = DG_HTTP_CLIENT_MAGIC;
	client->server = server;
	set_peer(client, peer);
	client->stranger = true;
	dg_fsm_init(&client->fsm, states, DG_ARRAY_LEN(states), CLIENT_OPENING);
	dg_list_init(&client->link);
	dg_list_append(&server->active, &client->link);
	dg_deadline_init(&client->deadline, server->loop, on_deadline, client);
	client->conn = dg_conn_accept(server->loop, fd, server->tls, &config,
				      &conn_handlers, client);
	server->n_clients++;
	dg_metric_add(DG_METRIC_CLIENT_CONNECTIONS, 1);
	dg_metric_add(DG_METRIC_CLIENT_ACCEPTED, 1);
}

/* A line a second at most: who floods us shall not flood the log. */
static void
note_turned_away(struct dg_http_server *server, const char *peer)
{
	int64_t now = (int64_t)time(NULL);

	server->n_turned_away++;
	if (now == server->turned_away_s)
		return;
	dg_log_warn(NULL, "http.connection_refused",
		    DG_FIELDS(DG_LOG_CSTR("peer", peer),
			      DG_LOG_INT("count", server->n_turned_away)),
		    "connections closed: %s",
		    server->draining ? "shutting down"
				     : "too many connections");
	server->turned_away_s = now;
	server->n_turned_away = 0;
}

void
dg_http_server_accept(void *arg, int fd, const char *peer)
{
	struct dg_http_server *server = arg;

	DG_CHECK_MAGIC(server, DG_HTTP_SERVER_MAGIC);
	if (server->draining || !make_room(server)) {
		note_turned_away(server, peer);
		close(fd);
		return;
	}
	accept_client(server, fd, peer);
}

/* ---- the server -------------------------------------------------------- */

struct dg_http_server *
dg_http_server_create(struct dg_loop *loop, struct ssl_ctx_st *tls,
		      const struct dg_http_server_config *config,
		      const struct dg_http_service *service)
{
	struct dg_http_server *server = DG_NEW(struct dg_http_server);
	size_t whole =
		config->budget == NULL ? SIZE_MAX : config->budget->limit;

	server->magic = DG_HTTP_SERVER_MAGIC;
	server->loop = loop;
	server->config = *config;
	server->service = *service;
	server->conn_config = (struct dg_conn_config){
		.in_max = base_in_max(server),
		.out_max = config->out_max,
		.open_timeout_ms = config->tls_timeout_ms,
		.write_timeout_ms = config->write_timeout_ms,
	};
	dg_budget_init_part(&server->replies, whole / REPLIES_PART,
			    config->budget);
	if (config->budget != NULL)
		server->conn_config.out_budget = &server->replies;
	dg_budget_init_part(&server->strangers, whole / STRANGERS_PART,
			    config->budget);
	server->stranger_max = server->strangers.limit / ADDRESS_PART;
	if (server->stranger_max < config->max_head)
		server->stranger_max = config->max_head;
	dg_list_init(&server->idle);
	dg_list_init(&server->active);
	dg_list_init(&server->spare);
	dg_http_server_set_tls(server, tls);
	return server;
}

void
dg_http_server_set_tls(struct dg_http_server *server, struct ssl_ctx_st *tls)
{
	DG_CHECK_MAGIC(server, DG_HTTP_SERVER_MAGIC);
	if (tls != NULL)
		DG_ASSERT(SSL_CTX_up_ref(tls) == 1);
	SSL_CTX_free(server->tls);
	server->tls = tls;
}

static void
close_idle(struct dg_http_server *server)
{
	while (!dg_list_is_empty(&server->idle))
		dg_http_client_close(DG_CONTAINER_OF(server->idle.next,
						     struct client_conn, link));
}

void
dg_http_server_drain(struct dg_http_server *server, dg_loop_fn on_drained,
		     void *arg)
{
	DG_CHECK_MAGIC(server, DG_HTTP_SERVER_MAGIC);
	server->on_drained = on_drained;
	server->drained_arg = arg;
	if (!server->draining && server->n_clients > 0) {
		server->draining = true;
		close_idle(server);
		return;
	}
	server->draining = true;
	if (server->n_clients == 0)
		dg_loop_defer(server->loop, on_all_gone, server);
}

void
dg_http_server_note_released(struct dg_http_server *server)
{
	if (server->destroyed && server->n_exchanges == 0)
		dg_loop_defer(server->loop, free_server, server);
}

void
dg_http_server_destroy(struct dg_http_server **server)
{
	struct dg_http_server *s = *server;

	if (s == NULL)
		return;
	DG_CHECK_MAGIC(s, DG_HTTP_SERVER_MAGIC);
	*server = NULL;
	s->draining = true;
	close_idle(s);
	while (!dg_list_is_empty(&s->active)) {
		struct client_conn *client = DG_CONTAINER_OF(
			s->active.next, struct client_conn, link);

		if (state_of(client) == CLIENT_DRAINING)
			release_exchange(client);
		dg_conn_abort(&client->conn);
		forget(client);
	}
	s->destroyed = true;
	dg_http_server_note_released(s);
}

size_t
dg_http_server_connections(const struct dg_http_server *server)
{
	return server->n_clients;
}

struct dg_str
dg_http_server_date(struct dg_http_server *server)
{
	int64_t now = (int64_t)time(NULL);

	if (now != server->date_s) {
		dg_http_format_date(now, server->date);
		server->date_s = now;
	}
	return dg_str_make(server->date, sizeof(server->date));
}

void
dg_http_count_reply(unsigned status)
{
	if (status >= 200 && status < 600)
		dg_metric_add_label(DG_METRIC_REQUESTS, status / 100 - 2, 1);
}

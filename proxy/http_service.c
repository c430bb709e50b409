/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_service.c - http/server.h behind the small face that admin sees.
 *
 * A call outlives its exchange when the client goes first: the reply then goes
 * nowhere.
 */
#include "proxy/http_service.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/mem.h"
#include "http/server.h"
#include "net/address.h"
#include "net/listener.h"
#include "net/tls.h"

enum {
	SERVICE_MAGIC = 0x53767263,
	CALL_MAGIC = 0x53766361,
	SERVICE_HEAD_MAX = 65536,
	SERVICE_ARENA_MAX = 1 << 20,
	SERVICE_CONNECTIONS_MAX = 64,
	SERVICE_BUDGET = 256 << 20,
	SERVICE_TIMEOUT_MS = 10000,
};

struct dg_service {
	uint32_t magic;
	struct dg_loop *loop;          /* borrowed */
	struct dg_http_server *server; /* owned */
	struct dg_listener *listener;  /* owned */
	struct ssl_ctx_st *tls;        /* owned; NULL: plain */
	struct dg_budget budget;
	size_t n_calls;
	struct dg_service_config config;
};

struct dg_service_call {
	uint32_t magic;
	struct dg_service *service; /* borrowed; outlives */
	struct dg_http_exchange *x; /* NULL: the client has gone */
	struct dg_service_request request;
	dg_service_body_fn on_body;
	void *body_arg;
};

static void
on_gone(void *arg)
{
	struct dg_service_call *call = arg;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	call->x = NULL;
	call->request = (struct dg_service_request){.peer = ""};
	if (call->on_body != NULL) {
		dg_service_body_fn on_body = call->on_body;

		call->on_body = NULL;
		on_body(call->body_arg, DG_ERR_CLOSED, DG_STR_EMPTY);
	}
}

static void
on_request(void *arg, struct dg_http_exchange *x)
{
	struct dg_service *service = arg;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	struct dg_service_call *call;

	DG_CHECK_MAGIC(service, SERVICE_MAGIC);
	call = DG_NEW(struct dg_service_call);
	call->magic = CALL_MAGIC;
	call->service = service;
	call->x = x;
	call->request = (struct dg_service_request){
		.method = head->method_text,
		.path = head->path,
		.query = head->query,
		.peer = dg_http_exchange_peer(x),
	};
	service->n_calls++;
	dg_http_exchange_on_cancel(x, on_gone, call);
	service->config.handle(service->config.arg, call);
}

const struct dg_service_request *
dg_service_request(const struct dg_service_call *call)
{
	return &call->request;
}

bool
dg_service_has_doubled(const struct dg_service_call *call, struct dg_str name)
{
	size_t count = 0;

	if (call->x == NULL)
		return false;
	(void)dg_http_find(dg_http_exchange_head(call->x), name, &count);
	return count > 1;
}

struct dg_str
dg_service_header(const struct dg_service_call *call, struct dg_str name)
{
	const struct dg_http_header *header;
	size_t count = 0;

	if (call->x == NULL)
		return dg_str_make(NULL, 0);
	header = dg_http_find(dg_http_exchange_head(call->x), name, &count);
	return count == 1 ? header->value : dg_str_make(NULL, 0);
}

static void
on_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	struct dg_service_call *call = arg;
	dg_service_body_fn done = call->on_body;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	call->on_body = NULL;
	if (done != NULL)
		done(call->body_arg, rc, body);
}

void
dg_service_read_body(struct dg_service_call *call, size_t max,
		     dg_service_body_fn done, void *arg)
{
	DG_CHECK_MAGIC(call, CALL_MAGIC);
	if (call->x == NULL) {
		done(arg, DG_ERR_CLOSED, DG_STR_EMPTY);
		return;
	}
	call->on_body = done;
	call->body_arg = arg;
	dg_http_exchange_trust(call->x);
	dg_http_exchange_read_body(call->x, max, on_body, call);
}

void
dg_service_reply(struct dg_service_call *call,
		 const struct dg_service_reply *reply)
{
	struct dg_http_header headers[DG_SERVICE_HEADERS_MAX];

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	DG_ASSERT(reply->n_headers <= DG_SERVICE_HEADERS_MAX);
	for (size_t i = 0; i < reply->n_headers; i++)
		headers[i] = (struct dg_http_header){reply->headers[i].name,
						     reply->headers[i].value};
	if (call->x != NULL &&
	    dg_buf_len(reply->body) > dg_http_reply_room(call->x))
		dg_http_reply_simple(
			call->x, 503, NULL, NULL, 0,
			DG_STR("text/plain; charset=utf-8"),
			DG_STR("the buffers are full, try again later\n"));
	else if (call->x != NULL)
		dg_http_reply_simple(call->x, reply->status, NULL, headers,
				     reply->n_headers,
				     dg_str_from_cstr(reply->content_type),
				     dg_buf_peek(reply->body));
	call->service->n_calls--;
	call->magic = 0;
	dg_free(call);
}

bool
dg_service_is_loopback(struct dg_str address)
{
	union dg_sockaddr parsed;
	socklen_t len;

	if (dg_address_parse(address, &parsed, &len) != DG_OK)
		return false;
	if (parsed.any.sa_family == AF_INET)
		return ntohl(parsed.v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&parsed.v6.sin6_addr) != 0;
}

enum dg_rc
dg_service_open(struct dg_loop *loop, const struct dg_service_config *config,
		struct dg_service **service_out, struct dg_error *err)
{
	struct dg_service *service = DG_NEW(struct dg_service);
	const struct dg_http_server_config http = {
		.max_head = SERVICE_HEAD_MAX,
		.arena_max = SERVICE_ARENA_MAX,
		/* A whole page, its head included. */
		.out_max = DG_SERVICE_REPLY_MAX + SERVICE_HEAD_MAX,
		.max_connections = SERVICE_CONNECTIONS_MAX,
		.idle_timeout_ms = SERVICE_TIMEOUT_MS,
		.head_timeout_ms = SERVICE_TIMEOUT_MS,
		.body_timeout_ms = SERVICE_TIMEOUT_MS,
		.write_timeout_ms = SERVICE_TIMEOUT_MS,
		.tls_timeout_ms = SERVICE_TIMEOUT_MS,
		.budget = &service->budget,
	};
	const struct dg_http_service callbacks = {on_request, service};
	enum dg_rc rc = DG_OK;

	service->magic = SERVICE_MAGIC;
	service->loop = loop;
	service->config = *config;
	dg_budget_init(&service->budget, SERVICE_BUDGET);
	if (config->tls_certificate != NULL &&
	    config->tls_certificate[0] != '\0')
		rc = dg_tls_server_create(config->tls_certificate,
					  config->tls_key, &service->tls, err);
	service->server =
		dg_http_server_create(loop, service->tls, &http, &callbacks);
	if (rc == DG_OK)
		rc = dg_listener_check_free(config->address, err);
	if (rc == DG_OK)
		rc = dg_listener_open(loop, config->address,
				      dg_http_server_accept, service->server,
				      &service->listener, err);
	if (rc != DG_OK) {
		dg_service_close(&service);
		return rc;
	}
	*service_out = service;
	return DG_OK;
}

/* The server gives its memory back after the dispatch, before this. */
static void
free_service(void *arg)
{
	struct dg_service *service = arg;

	DG_CHECK_MAGIC(service, SERVICE_MAGIC);
	dg_budget_fini(&service->budget);
	service->magic = 0;
	dg_free(service);
}

void
dg_service_close(struct dg_service **service)
{
	struct dg_service *s = *service;

	if (s == NULL)
		return;
	DG_CHECK_MAGIC(s, SERVICE_MAGIC);
	DG_ASSERT(s->n_calls == 0);
	dg_listener_close(&s->listener);
	dg_http_server_destroy(&s->server);
	dg_tls_destroy(&s->tls);
	dg_loop_defer(s->loop, free_service, s);
	*service = NULL;
}

unsigned
dg_service_port(const struct dg_service *service)
{
	return dg_listener_port(service->listener);
}

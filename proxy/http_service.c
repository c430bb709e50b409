/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_service.c - http/server.h behind the small face that admin sees.
 *
 * A reply is made within the request's callback, so nothing is pending
 * between callbacks and closing is simple.
 */
#include "proxy/http_service.h"

#include "base/assert.h"
#include "base/mem.h"
#include "http/server.h"
#include "net/listener.h"

enum {
	SERVICE_MAGIC = 0x53767263,
	SERVICE_HEAD_MAX = 16384,
	SERVICE_BODY_MAX = 4 << 20,
	SERVICE_ARENA_MAX = 1 << 20,
	SERVICE_CONNECTIONS_MAX = 64,
	SERVICE_TIMEOUT_MS = 10000,
};

struct dg_service {
	uint32_t magic;
	struct dg_http_server *server; /* owned */
	struct dg_listener *listener;  /* owned */
	dg_service_fn handle;
	void *arg;
};

static void
on_request(void *arg, struct dg_http_exchange *x)
{
	const struct dg_service *service = arg;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	const struct dg_service_request request = {
		.method = head->method_text,
		.path = head->path,
		.query = head->query,
	};
	struct dg_buf body;
	struct dg_service_reply reply = {
		.status = 200,
		.content_type = "text/plain; charset=utf-8",
		.body = &body,
	};

	DG_CHECK_MAGIC(service, SERVICE_MAGIC);
	dg_buf_init(&body, SERVICE_BODY_MAX);
	service->handle(service->arg, &request, &reply);
	dg_http_reply_simple(x, reply.status, NULL, NULL, 0,
			     dg_str_from_cstr(reply.content_type),
			     dg_buf_peek(&body));
	dg_buf_fini(&body);
}

enum dg_rc
dg_service_open(struct dg_loop *loop, struct dg_str address,
		dg_service_fn handle, void *arg,
		struct dg_service **service_out, struct dg_error *err)
{
	static const struct dg_http_server_config config = {
		.max_head = SERVICE_HEAD_MAX,
		.arena_max = SERVICE_ARENA_MAX,
		/* A whole page, its head included. */
		.out_max = SERVICE_BODY_MAX + SERVICE_HEAD_MAX,
		.max_connections = SERVICE_CONNECTIONS_MAX,
		.idle_timeout_ms = SERVICE_TIMEOUT_MS,
		.head_timeout_ms = SERVICE_TIMEOUT_MS,
		.body_timeout_ms = SERVICE_TIMEOUT_MS,
		.write_timeout_ms = SERVICE_TIMEOUT_MS,
		.tls_timeout_ms = SERVICE_TIMEOUT_MS,
	};
	struct dg_service *service = DG_NEW(struct dg_service);
	const struct dg_http_service callbacks = {on_request, service};
	enum dg_rc rc;

	service->magic = SERVICE_MAGIC;
	service->handle = handle;
	service->arg = arg;
	service->server =
		dg_http_server_create(loop, NULL, &config, &callbacks);
	rc = dg_listener_check_free(address, err);
	if (rc == DG_OK)
		rc = dg_listener_open(loop, address, dg_http_server_accept,
				      service->server, &service->listener, err);
	if (rc != DG_OK) {
		dg_service_close(&service);
		return rc;
	}
	*service_out = service;
	return DG_OK;
}

void
dg_service_close(struct dg_service **service)
{
	struct dg_service *s = *service;

	if (s == NULL)
		return;
	DG_CHECK_MAGIC(s, SERVICE_MAGIC);
	dg_listener_close(&s->listener);
	dg_http_server_destroy(&s->server);
	s->magic = 0;
	dg_free(s);
	*service = NULL;
}

unsigned
dg_service_port(const struct dg_service *service)
{
	return dg_listener_port(service->listener);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_client_rig.h - an upstream with a fake coordinator made of bare
 * sockets, for the tests of proxy/http/client.h.
 */
#ifndef HTTP_CLIENT_RIG_H
#define HTTP_CLIENT_RIG_H

#include "base/metrics.h"
#include "http/client.h"
#include "net_rig.h"

struct world {
	struct rig rig;
	struct dg_offload *offload;
	struct dg_resolver *resolver;
	struct dg_upstream *upstream;
	int listener; /* of the fake coordinator */
	unsigned port;
};

/* What a call has told so far. */
struct outcome {
	struct dg_upstream_call *call;
	struct dg_buf body;
	unsigned heads;
	unsigned status;
	unsigned n_done;
	enum dg_rc rc;
	char why[256];
	struct dg_str cancel_at; /* cancels when the body holds this much */
	bool pause_at_body;
};

static inline struct dg_upstream_config
default_config(void)
{
	return (struct dg_upstream_config){
		.max_idle_per_endpoint = 4,
		.max_per_endpoint = 2,
		.max_waiting = 2,
		.max_head = 65536,
		.in_max = 65536,
		.connect_timeout_ms = 20000,
		.idle_timeout_ms = 20000,
	};
}

static inline void
world_init_with(struct world *world, const struct dg_upstream_config *config)
{
	const struct dg_offload_config offload = {.threads = 1, .queue_max = 8};

	*world = (struct world){0};
	rig_init(&world->rig);
	world->offload = dg_offload_create(&offload);
	world->resolver =
		dg_resolver_create(world->rig.loop, world->offload, 1000);
	world->upstream =
		dg_upstream_create(world->rig.loop, world->resolver, config);
	world->listener = fake_listen(&world->port);
}

static inline void
world_init(struct world *world)
{
	struct dg_upstream_config config = default_config();

	world_init_with(world, &config);
}

static inline void
world_fini(struct world *world)
{
	dg_upstream_destroy(&world->upstream);
	dg_resolver_destroy(&world->resolver);
	dg_offload_destroy(&world->offload);
	rig_fini(&world->rig);
	close(world->listener);
	assert_int_equal(dg_metric_value(DG_METRIC_UPSTREAM_CONNECTIONS, 0), 0);
}

static inline void
on_head(void *arg, const struct dg_http_head *head)
{
	struct outcome *outcome = arg;

	outcome->heads++;
	outcome->status = head->status;
}

static inline void
on_body(void *arg, struct dg_str bytes)
{
	struct outcome *outcome = arg;

	assert_true(bytes.len > 0);
	assert_int_equal(outcome->heads, 1);
	assert_int_equal(outcome->n_done, 0);
	assert_int_equal(dg_buf_append(&outcome->body, bytes), DG_OK);
	if (outcome->pause_at_body)
		dg_upstream_pause(outcome->call, true);
	if (outcome->cancel_at.len > 0 &&
	    dg_buf_len(&outcome->body) >= outcome->cancel_at.len)
		dg_upstream_cancel(&outcome->call);
}

static inline void
on_done(void *arg, enum dg_rc rc, const char *why)
{
	struct outcome *outcome = arg;

	outcome->call = NULL;
	outcome->n_done++;
	outcome->rc = rc;
	snprintf(outcome->why, sizeof(outcome->why), "%s", why);
}

static const struct dg_upstream_handlers handlers = {on_head, on_body, on_done};

static inline struct dg_upstream_request
make_request(struct world *world, const char *method, const char *target)
{
	return (struct dg_upstream_request){
		.endpoint = {.host = DG_STR("127.0.0.1"),
			     .port = (uint16_t)world->port},
		.method = method,
		.target = dg_str_from_cstr(target),
		.head_timeout_ms = 20000,
		.body_timeout_ms = 20000,
		.repeatable = true,
	};
}

static inline void
start(struct world *world, struct outcome *outcome,
      const struct dg_upstream_request *request)
{
	*outcome = (struct outcome){0};
	dg_buf_init(&outcome->body, 64 << 20);
	outcome->call =
		dg_upstream_send(world->upstream, request, &handlers, outcome);
	assert_non_null(outcome->call);
	assert_int_equal(outcome->n_done, 0);
}

static inline void
get(struct world *world, struct outcome *outcome, const char *target)
{
	struct dg_upstream_request request = make_request(world, "GET", target);

	start(world, outcome, &request);
}

static inline void
finish(struct world *world, struct outcome *outcome)
{
	rig_until(&world->rig, outcome->n_done > 0);
	assert_int_equal(outcome->n_done, 1);
	dg_buf_fini(&outcome->body);
}

#define EMPTY_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define GET_A "GET /a HTTP/1.1\r\nHost: 127.0.0.1:"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server_rig.h - a server with a service that does a bit of everything,
 * for the tests of proxy/http/server.h.
 */
#ifndef HTTP_SERVER_RIG_H
#define HTTP_SERVER_RIG_H

#include "base/clock.h"
#include "base/metrics.h"
#include "http/server.h"
#include "net/listener.h"
#include "net_rig.h"

#define HOST "Host: h\r\n"

enum { BODY_MAX = 100000, OUT_MAX = 64 * 1024, HEAD_MAX = 1024 * 1024 };

struct world {
	struct rig rig;
	struct dg_http_server *server;
	struct dg_listener *listener;
	unsigned port;
	/* What the service saw last. */
	struct dg_http_exchange *held;
	unsigned requests;
	unsigned cancels;
	unsigned bodies;
	enum dg_rc body_rc;
	size_t body_len;
	size_t stream_left; /* of a streamed reply */
	bool want_cancel;
	bool drained;
};

static inline void
reply_text(struct dg_http_exchange *x, unsigned status, struct dg_str text)
{
	dg_http_reply_simple(x, status, NULL, NULL, 0, DG_STR("text/plain"),
			     text);
}

struct body_call {
	struct world *world;
	struct dg_http_exchange *x;
};

static inline void
on_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	struct body_call *call = arg;
	struct dg_http_exchange *x = call->x;

	call->world->bodies++;
	call->world->body_rc = rc;
	call->world->body_len = body.len;
	if (rc == DG_OK)
		reply_text(x, 200, body);
	else
		reply_text(x, rc == DG_ERR_LIMIT ? 413 : 400, DG_STR("bad"));
}

/* What the service keeps of an exchange usually lies in its arena. */
struct held {
	struct world *world;
	char path[16];
};

static inline void
on_cancel(void *arg)
{
	struct held *held = arg;

	assert_true(held->path[0] == '/');
	held->world->held = NULL;
	held->world->cancels++;
}

static inline void
ask_for_cancel(struct world *world, struct dg_http_exchange *x)
{
	struct held *held =
		DG_ARENA_NEW(dg_http_exchange_arena(x), struct held);

	held->world = world;
	snprintf(held->path, sizeof(held->path), "%.*s",
		 DG_STR_ARG(dg_http_exchange_head(x)->path));
	dg_http_exchange_on_cancel(x, on_cancel, held);
}

/* As much as there is room for, in writes of 10000 bytes. */
static inline void
stream(void *arg)
{
	static char block[10000];
	struct world *world = arg;
	struct dg_http_exchange *x = world->held;

	memset(block, 'x', sizeof(block));
	while (world->stream_left > 0) {
		size_t n = world->stream_left < sizeof(block)
				   ? world->stream_left
				   : sizeof(block);

		if (dg_http_reply_write(x, dg_str_make(block, n)) != DG_OK)
			return;
		world->stream_left -= n;
	}
	world->held = NULL;
	dg_http_reply_end(x);
}

static inline void
start_stream(struct world *world, struct dg_http_exchange *x, uint64_t length)
{
	dg_http_reply_begin(x, 200, NULL, NULL, 0, length);
	dg_http_reply_on_writable(x, stream, world);
	ask_for_cancel(world, x);
	world->held = x;
	stream(world);
}

static inline void
read_body(struct world *world, struct dg_http_exchange *x)
{
	struct body_call *call =
		DG_ARENA_NEW(dg_http_exchange_arena(x), struct body_call);

	*call = (struct body_call){world, x};
	dg_http_exchange_read_body(x, BODY_MAX, on_body, call);
}

static inline void
on_request(void *arg, struct dg_http_exchange *x)
{
	struct world *world = arg;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	const struct dg_http_header header = {DG_STR("X-Evil"),
					      DG_STR("a\r\nb: c")};

	world->requests++;
	if (dg_str_eq(head->path, DG_STR("/echo"))) {
		read_body(world, x);
	} else if (dg_str_eq(head->path, DG_STR("/hold")) ||
		   dg_str_eq(head->path, DG_STR("/known"))) {
		world->held = x;
		if (dg_str_eq(head->path, DG_STR("/known")))
			dg_http_exchange_trust(x);
		if (world->want_cancel)
			ask_for_cancel(world, x);
	} else if (dg_str_eq(head->path, DG_STR("/chunked"))) {
		start_stream(world, x, DG_HTTP_LENGTH_UNKNOWN);
	} else if (dg_str_eq(head->path, DG_STR("/length"))) {
		start_stream(world, x, world->stream_left);
	} else if (dg_str_eq(head->path, DG_STR("/abort"))) {
		dg_http_reply_begin(x, 200, NULL, NULL, 0,
				    DG_HTTP_LENGTH_UNKNOWN);
		assert_int_equal(dg_http_reply_write(x, DG_STR("half")), DG_OK);
		dg_http_reply_abort(x);
	} else if (dg_str_eq(head->path, DG_STR("/short"))) {
		dg_http_reply_begin(x, 200, NULL, NULL, 0, 10);
		assert_int_equal(dg_http_reply_write(x, DG_STR("half")), DG_OK);
		dg_http_reply_end(x);
	} else if (dg_str_eq(head->path, DG_STR("/evil"))) {
		dg_http_reply_simple(x, 200, NULL, &header, 1,
				     DG_STR("text/plain"), DG_STR("ok"));
	} else if (dg_str_eq(head->path, DG_STR("/none"))) {
		dg_http_reply_begin(x, 204, NULL, NULL, 0,
				    DG_HTTP_LENGTH_UNKNOWN);
		dg_http_reply_end(x);
	} else {
		reply_text(x, 401, head->path);
	}
}

static inline struct dg_http_server_config
default_config(void)
{
	return (struct dg_http_server_config){
		.max_head = HEAD_MAX,
		.arena_max = 65536,
		.out_max = OUT_MAX,
		.max_connections = 100,
		.idle_timeout_ms = 20000,
		.head_timeout_ms = 20000,
		.body_timeout_ms = 20000,
		.write_timeout_ms = 20000,
		.tls_timeout_ms = 20000,
	};
}

static inline void
world_init_with(struct world *world, const struct dg_http_server_config *config)
{
	const struct dg_http_service service = {on_request, world};
	struct dg_error err;

	*world = (struct world){.want_cancel = true};
	rig_init(&world->rig);
	world->server =
		dg_http_server_create(world->rig.loop, NULL, config, &service);
	assert_int_equal(dg_listener_open(world->rig.loop,
					  DG_STR("127.0.0.1:0"),
					  dg_http_server_accept, world->server,
					  &world->listener, &err),
			 DG_OK);
	world->port = dg_listener_port(world->listener);
}

static inline void
world_init(struct world *world)
{
	struct dg_http_server_config config = default_config();

	world_init_with(world, &config);
}

/* Every close path must leave the gauges balanced. */
static inline void
world_fini(struct world *world)
{
	dg_listener_close(&world->listener);
	dg_http_server_destroy(&world->server);
	if (world->held != NULL)
		dg_http_reply_abort(world->held);
	rig_fini(&world->rig);
	assert_int_equal(dg_metric_value(DG_METRIC_CLIENT_CONNECTIONS, 0), 0);
}

static inline void
exchange(struct world *world, const char *request, const char *reply)
{
	struct peer peer;

	peer_connect(&peer, world->port);
	peer_say(&world->rig, &peer, request);
	peer_expect(&world->rig, &peer, reply);
	peer_fini(&peer);
}

#endif

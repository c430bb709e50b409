/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_server.c - the client's side over real sockets: framing, keeping
 * alive, pipelining, bodies, limits, deadlines, clients that vanish.
 */
#include "http/server.h"

#include "base/clock.h"
#include "base/metrics.h"
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

static void
reply_text(struct dg_http_exchange *x, unsigned status, struct dg_str text)
{
	dg_http_reply_simple(x, status, NULL, NULL, 0, DG_STR("text/plain"),
			     text);
}

struct body_call {
	struct world *world;
	struct dg_http_exchange *x;
};

static void
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

static void
on_cancel(void *arg)
{
	struct held *held = arg;

	assert_true(held->path[0] == '/');
	held->world->held = NULL;
	held->world->cancels++;
}

static void
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
static void
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

static void
start_stream(struct world *world, struct dg_http_exchange *x, uint64_t length)
{
	dg_http_reply_begin(x, 200, NULL, NULL, 0, length);
	dg_http_reply_on_writable(x, stream, world);
	ask_for_cancel(world, x);
	world->held = x;
	stream(world);
}

static void
read_body(struct world *world, struct dg_http_exchange *x)
{
	struct body_call *call =
		DG_ARENA_NEW(dg_http_exchange_arena(x), struct body_call);

	*call = (struct body_call){world, x};
	dg_http_exchange_read_body(x, BODY_MAX, on_body, call);
}

static void
on_request(void *arg, struct dg_http_exchange *x)
{
	struct world *world = arg;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	const struct dg_http_header header = {DG_STR("X-Evil"),
					      DG_STR("a\r\nb: c")};

	world->requests++;
	if (dg_str_eq(head->path, DG_STR("/echo"))) {
		read_body(world, x);
	} else if (dg_str_eq(head->path, DG_STR("/hold"))) {
		world->held = x;
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

static struct dg_http_server_config
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

static void
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

static void
world_init(struct world *world)
{
	struct dg_http_server_config config = default_config();

	world_init_with(world, &config);
}

/* Every close path must leave the gauges balanced. */
static void
world_fini(struct world *world)
{
	dg_listener_close(&world->listener);
	dg_http_server_destroy(&world->server);
	if (world->held != NULL)
		dg_http_reply_abort(world->held);
	rig_fini(&world->rig);
	assert_int_equal(dg_metric_value(DG_METRIC_CLIENT_CONNECTIONS, 0), 0);
}

static void
exchange(struct world *world, const char *request, const char *reply)
{
	struct peer peer;

	peer_connect(&peer, world->port);
	peer_say(&world->rig, &peer, request);
	peer_expect(&world->rig, &peer, reply);
	peer_fini(&peer);
}

static void
test_simple(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /a HTTP/1.1\r\n" HOST "\r\n");
	peer_expect(&world.rig, &peer,
		    "HTTP/1.1 401 Unauthorized\r\n"
		    "Content-Type: text/plain\r\nDate: ");
	peer_expect(&world.rig, &peer, " GMT\r\nContent-Length: 2\r\n\r\n/a");
	/* The connection is kept. */
	peer_say(&world.rig, &peer,
		 "GET /b HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	peer_expect(&world.rig, &peer, "Connection: close\r\n\r\n/b");
	peer_expect_end(&world.rig, &peer);
	assert_int_equal(peer.error, 0);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_cut_at_every_byte(void **state)
{
	static const struct dg_str text = DG_STR_INIT(
		"POST /echo HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
		"GET /b HTTP/1.1\r\n" HOST "\r\n");
	struct world world;

	(void)state;
	world_init(&world);
	for (size_t cut = 1; cut < text.len; cut++) {
		struct peer peer;

		peer_connect(&peer, world.port);
		peer_send(&world.rig, &peer, dg_str_slice(text, 0, cut));
		/* Once accepted, two passes read what has come. */
		rig_until(&world.rig,
			  dg_http_server_connections(world.server) > 0);
		rig_pass(&world.rig);
		rig_pass(&world.rig);
		peer_send(&world.rig, &peer, dg_str_slice(text, cut, text.len));
		peer_expect(&world.rig, &peer, "\r\n\r\nhello");
		peer_expect(&world.rig, &peer, "\r\n\r\n/b");
		peer_fini(&peer);
	}
	world_fini(&world);
}

static void
test_pipelining(void **state)
{
	struct world world;
	struct peer peer;
	char text[64];

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "GET /%d HTTP/1.1\r\n" HOST "\r\n",
			 i);
		peer_say(&world.rig, &peer, text);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "\r\n\r\n/%d", i);
		peer_expect(&world.rig, &peer, text);
	}
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_second_request_waits(void **state)
{
	struct world world;
	struct peer peer;
	struct dg_http_exchange *x;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "GET /hold HTTP/1.1\r\n" HOST "\r\n"
		 "GET /b HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	for (int i = 0; i < 5; i++)
		rig_pass(&world.rig);
	assert_int_equal(world.requests, 1);
	assert_str(dg_http_exchange_head(world.held)->path, "/hold");
	x = world.held;
	world.held = NULL;
	reply_text(x, 200, DG_STR("first"));
	peer_expect(&world.rig, &peer, "\r\n\r\nfirst");
	peer_expect(&world.rig, &peer, "\r\n\r\n/b");
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_bodies(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	exchange(&world,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Content-Length: 5\r\n\r\nhello",
		 "Content-Length: 5\r\n\r\nhello");
	exchange(&world,
		 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		 "Content-Length: 0\r\n\r\n");
	exchange(&world, "POST /echo HTTP/1.1\r\n" HOST "\r\n",
		 "Content-Length: 0\r\n\r\n");
	exchange(&world,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n"
		 "0\r\nA: b\r\n\r\n",
		 "Content-Length: 5\r\n\r\nhello");
	exchange(&world,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
		 "HTTP/1.1 400 Bad Request");
	assert_int_equal(world.body_rc, DG_ERR_INVALID);
	world_fini(&world);
}

/* A body beyond the service's bound: an answer, and the connection is kept. */
static void
test_body_limit(void **state)
{
	struct world world;
	struct peer peer;
	char *body = test_malloc(BODY_MAX + 1);

	(void)state;
	memset(body, 'b', BODY_MAX + 1);
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Content-Length: 100000\r\n\r\n");
	peer_send(&world.rig, &peer, dg_str_make(body, BODY_MAX));
	peer_expect(&world.rig, &peer, "Content-Length: 100000\r\n\r\nbbbbb");
	assert_int_equal(world.body_rc, DG_OK);
	peer_say(&world.rig, &peer,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Content-Length: 100001\r\n\r\n");
	peer_send(&world.rig, &peer, dg_str_make(body, BODY_MAX + 1));
	peer_expect(&world.rig, &peer, "HTTP/1.1 413 ");
	assert_int_equal(world.body_rc, DG_ERR_LIMIT);
	peer_say(&world.rig, &peer,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n186A1\r\n");
	peer_send(&world.rig, &peer, dg_str_make(body, BODY_MAX + 1));
	peer_say(&world.rig, &peer, "\r\n0\r\n\r\n");
	peer_expect(&world.rig, &peer, "HTTP/1.1 413 ");
	peer_say(&world.rig, &peer, "GET /still HTTP/1.1\r\n" HOST "\r\n");
	peer_expect(&world.rig, &peer, "\r\n\r\n/still");
	peer_fini(&peer);
	world_fini(&world);
	test_free(body);
}

/* An answer before the body is read (401): the body is dropped meanwhile. */
static void
test_unread_body(void **state)
{
	struct world world;
	struct peer peer;
	char *body = test_malloc(1 << 20);

	(void)state;
	memset(body, 'b', 1 << 20);
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n");
	peer_expect(&world.rig, &peer, "HTTP/1.1 401 ");
	peer_send(&world.rig, &peer, dg_str_make(body, 1 << 20));
	peer_say(&world.rig, &peer, "GET /b HTTP/1.1\r\n" HOST "\r\n");
	peer_expect(&world.rig, &peer, "\r\n\r\n/b");
	/* Too long to be dropped: said in the reply. */
	peer_say(&world.rig, &peer,
		 "POST /a HTTP/1.1\r\n" HOST
		 "Content-Length: 9999999999\r\n\r\n");
	peer_expect(&world.rig, &peer, "Connection: close\r\n");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
	test_free(body);
}

static void
test_expect_continue(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /echo HTTP/1.1\r\n" HOST
		 "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	peer_expect(&world.rig, &peer, "HTTP/1.1 100 Continue\r\n\r\n");
	peer_say(&world.rig, &peer, "hello");
	peer_expect(&world.rig, &peer, "HTTP/1.1 200 OK\r\n");
	peer_expect(&world.rig, &peer, "\r\n\r\nhello");
	/* Refused without the body: nobody knows whether it comes. */
	peer_say(&world.rig, &peer,
		 "POST /a HTTP/1.1\r\n" HOST
		 "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	peer_expect(&world.rig, &peer, "HTTP/1.1 401 ");
	peer_expect(&world.rig, &peer, "Connection: close\r\n");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_head_and_versions(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "HEAD /abc HTTP/1.1\r\n" HOST "\r\n"
		 "GET /none HTTP/1.1\r\n" HOST "\r\n");
	peer_expect(&world.rig, &peer,
		    "Content-Length: 4\r\n\r\nHTTP/1.1 204 ");
	peer_expect(&world.rig, &peer, " GMT\r\n\r\n");
	peer_fini(&peer);

	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	peer_expect(&world.rig, &peer, "Connection: keep-alive\r\n\r\n/x");
	peer_say(&world.rig, &peer, "GET /y HTTP/1.0\r\n\r\n");
	peer_expect(&world.rig, &peer, "Connection: close\r\n\r\n/y");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);

	world.stream_left = 3;
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	peer_expect(&world.rig, &peer, "Connection: close\r\n\r\nxxx");
	peer_expect_end(&world.rig, &peer);
	assert_int_equal(peer.error, 0);
	peer_fini(&peer);
	world_fini(&world);
}

/* Far more than the buffers hold: back-pressure, then the rest. */
static void
test_streaming(void **state)
{
	static const char *const paths[] = {"/length", "/chunked"};
	enum { TOTAL = 20 * 1000 * 1000 };
	struct world world;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < DG_ARRAY_LEN(paths); i++) {
		struct peer peer;
		char text[128];
		size_t n = 0;

		world.stream_left = TOTAL;
		peer_connect(&peer, world.port);
		snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\n" HOST "\r\n"
			 "GET /next HTTP/1.1\r\n" HOST "\r\n",
			 paths[i]);
		peer_say(&world.rig, &peer, text);
		rig_until(&world.rig, world.held != NULL);
		for (int pass = 0; pass < 5; pass++)
			rig_pass(&world.rig);
		/* The kernel's buffers and ours are full. */
		assert_true(world.stream_left > TOTAL / 4);
		peer_expect(&world.rig, &peer, "\r\n\r\n/next");
		assert_int_equal(world.stream_left, 0);
		(void)n;
		peer_fini(&peer);
	}
	world_fini(&world);
}

static void
test_cut_replies(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /abort HTTP/1.1\r\n" HOST "\r\n");
	peer_expect_end(&world.rig, &peer);
	assert_int_equal(peer.error, ECONNRESET);
	assert_false(peer_has(&peer, "0\r\n\r\n"));
	peer_fini(&peer);

	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /short HTTP/1.1\r\n" HOST "\r\n");
	peer_expect_end(&world.rig, &peer);
	assert_int_equal(peer.error, ECONNRESET);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_reply_cannot_be_split(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	exchange(&world, "GET /evil HTTP/1.1\r\n" HOST "\r\n",
		 "X-Evil: a??b: c\r\n");
	world_fini(&world);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *request;
		const char *reply;
	} cases[] = {
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
		{"GET / HTTP/3.0\r\n\r\n", "HTTP/1.1 505 "},
		{"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 "},
		{"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 "},
		{"TRACE / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 "},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
		 "GET /smuggled HTTP/1.1\r\n" HOST "\r\n",
		 "HTTP/1.1 400 "},
	};
	struct world world;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct peer peer;

		peer_connect(&peer, world.port);
		peer_say(&world.rig, &peer, cases[i].request);
		peer_expect(&world.rig, &peer, cases[i].reply);
		peer_expect(&world.rig, &peer, "Connection: close\r\n\r\n");
		peer_expect_end(&world.rig, &peer);
		assert_int_equal(peer.error, 0);
		assert_false(peer_has(&peer, "\nHTTP/1.1 "));
		peer_fini(&peer);
	}
	assert_int_equal(world.requests, 0);
	world_fini(&world);
}

static void
say_long_head(struct world *world, struct peer *peer, size_t len)
{
	char *pad = test_malloc(len);

	memset(pad, 'p', len);
	peer_say(&world->rig, peer, "GET /long HTTP/1.1\r\n" HOST "A: ");
	peer_send(&world->rig, peer, dg_str_make(pad, len));
	test_free(pad);
}

static void
test_long_heads(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	peer_connect(&peer, world.port);
	for (int i = 0; i < 2; i++) {
		say_long_head(&world, &peer, HEAD_MAX - 100);
		peer_say(&world.rig, &peer, "\r\n\r\n");
		peer_expect(&world.rig, &peer, "\r\n\r\n/long");
	}
	peer_fini(&peer);
	peer_connect(&peer, world.port);
	say_long_head(&world, &peer, HEAD_MAX);
	peer_expect(&world.rig, &peer, "HTTP/1.1 431 ");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
}

/* What many long heads may take together is bounded; it comes back. */
static void
test_buffer_budget(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct peer first;
	struct peer second;

	(void)state;
	config.buffer_budget = 600 * 1000;
	world_init_with(&world, &config);
	peer_connect(&first, world.port);
	peer_connect(&second, world.port);
	say_long_head(&world, &first, 400 * 1000);
	for (int i = 0; i < 50; i++)
		rig_pass(&world.rig);
	say_long_head(&world, &second, 400 * 1000);
	peer_expect(&world.rig, &second, "HTTP/1.1 503 ");
	peer_fini(&second);
	peer_say(&world.rig, &first, "\r\n\r\n");
	peer_expect(&world.rig, &first, "\r\n\r\n/long");
	peer_connect(&second, world.port);
	say_long_head(&world, &second, 400 * 1000);
	peer_say(&world.rig, &second, "\r\n\r\n");
	peer_expect(&world.rig, &second, "\r\n\r\n/long");
	peer_fini(&first);
	peer_fini(&second);
	world_fini(&world);
}

static void
test_client_goes(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	/* While the service works, while a body comes, while we stream. */
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	peer_fini(&peer);
	rig_until(&world.rig, world.cancels == 1);

	world.stream_left = 10 * 1000 * 1000;
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /chunked HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	peer_fini(&peer);
	rig_until(&world.rig, world.cancels == 2);

	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel");
	rig_until(&world.rig, world.requests == 3);
	peer_fini(&peer);
	rig_until(&world.rig, world.bodies == 1);
	assert_int_equal(world.body_rc, DG_ERR_CLOSED);
	world_fini(&world);
}

/* Who did not ask for cancels replies into the void. */
static void
test_reply_into_the_void(void **state)
{
	struct world world;
	struct peer peer;
	struct dg_http_exchange *x;

	(void)state;
	world_init(&world);
	world.want_cancel = false;
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	peer_fini(&peer);
	rig_until(&world.rig, dg_http_server_connections(world.server) == 0);
	x = world.held;
	world.held = NULL;
	dg_http_reply_begin(x, 200, NULL, NULL, 0, 5);
	assert_int_equal(dg_http_reply_write(x, DG_STR("hello")), DG_OK);
	dg_http_reply_end(x);
	world_fini(&world);
}

static void
test_deadlines(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct peer peer;

	(void)state;
	config.idle_timeout_ms = 40;
	config.head_timeout_ms = 30;
	config.body_timeout_ms = 30;
	world_init_with(&world, &config);
	peer_connect(&peer, world.port);
	peer_expect_end(&world.rig, &peer);
	assert_int_equal(dg_buf_len(&peer.in), 0);
	peer_fini(&peer);
	exchange(&world, "GET / HT", "HTTP/1.1 408 Request Timeout\r\n");
	exchange(&world,
		 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel",
		 "HTTP/1.1 400 ");
	assert_int_equal(world.body_rc, DG_ERR_TIMEOUT);
	/* After a reply, with the body still to come. */
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel");
	peer_expect(&world.rig, &peer, "\r\n\r\n/a");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
}

/* A client that does not read is cut by the write timeout. */
static void
test_write_timeout(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct peer peer;

	(void)state;
	config.write_timeout_ms = 30;
	world_init_with(&world, &config);
	world.stream_left = 50 * 1000 * 1000;
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET /chunked HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.cancels == 1);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_connection_limit(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct peer busy;
	struct peer idle;
	struct peer third;

	(void)state;
	config.max_connections = 2;
	world_init_with(&world, &config);
	peer_connect(&busy, world.port);
	peer_say(&world.rig, &busy, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	peer_connect(&idle, world.port);
	rig_until(&world.rig, dg_http_server_connections(world.server) == 2);
	rig_pass(&world.rig);
	/* The idle one makes room; when none is idle, the newcomer goes. */
	peer_connect(&third, world.port);
	peer_say(&world.rig, &third, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	peer_expect_end(&world.rig, &idle);
	rig_until(&world.rig, world.requests == 2);
	peer_fini(&idle);
	peer_connect(&idle, world.port);
	peer_expect_end(&world.rig, &idle);
	assert_int_equal(dg_http_server_connections(world.server), 2);
	peer_fini(&busy);
	peer_fini(&idle);
	peer_fini(&third);
	world_fini(&world);
}

static void
on_drained(void *arg)
{
	struct world *world = arg;

	world->drained = true;
}

static void
test_drain(void **state)
{
	struct world world;
	struct peer busy;
	struct peer idle;
	struct dg_http_exchange *x;

	(void)state;
	world_init(&world);
	peer_connect(&busy, world.port);
	peer_connect(&idle, world.port);
	peer_say(&world.rig, &busy, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	rig_until(&world.rig, world.held != NULL);
	rig_until(&world.rig, dg_http_server_connections(world.server) == 2);
	rig_pass(&world.rig);
	dg_http_server_drain(world.server, on_drained, &world);
	peer_expect_end(&world.rig, &idle);
	assert_false(world.drained);
	x = world.held;
	world.held = NULL;
	reply_text(x, 200, DG_STR("last"));
	peer_expect(&world.rig, &busy, "Connection: close\r\n\r\nlast");
	rig_until(&world.rig, world.drained);
	peer_fini(&busy);
	peer_fini(&idle);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_second_request_waits),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_body_limit),
		cmocka_unit_test(test_unread_body),
		cmocka_unit_test(test_expect_continue),
		cmocka_unit_test(test_head_and_versions),
		cmocka_unit_test(test_streaming),
		cmocka_unit_test(test_cut_replies),
		cmocka_unit_test(test_reply_cannot_be_split),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_long_heads),
		cmocka_unit_test(test_buffer_budget),
		cmocka_unit_test(test_client_goes),
		cmocka_unit_test(test_reply_into_the_void),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_write_timeout),
		cmocka_unit_test(test_connection_limit),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

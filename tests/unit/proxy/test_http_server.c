/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_server.c - the client's side over real sockets: framing, keeping
 * alive, pipelining, bodies, replies. Limits are in test_http_server_limits.c.
 */
#include "http_server_rig.h"

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
		 "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n"
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
	/* Broken, and here already: said in the reply. */
	peer_say(&world.rig, &peer,
		 "POST /c HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n-1\r\n");
	peer_expect(&world.rig, &peer, "Connection: close\r\n\r\n/c");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	/* Too long to be dropped: said in the reply. */
	peer_connect(&peer, world.port);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

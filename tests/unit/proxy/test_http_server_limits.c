/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_server_limits.c - the client's side at its bounds: long heads,
 * memory, deadlines, connections, clients that vanish, shutting down.
 */
#include "base/map.h"
#include "http/server_private.h"
#include "http_server_rig.h"

static void
say_long_value(struct world *world, struct peer *peer, size_t len)
{
	char *pad = test_malloc(len);

	memset(pad, 'p', len);
	peer_send(&world->rig, peer, dg_str_make(pad, len));
	test_free(pad);
}

static void
say_long_head(struct world *world, struct peer *peer, size_t len)
{
	peer_say(&world->rig, peer, "GET /long HTTP/1.1\r\n" HOST "A: ");
	say_long_value(world, peer, len);
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
	struct dg_budget budget;
	struct peer first;
	struct peer second;

	(void)state;
	/* A quarter is for heads. */
	dg_budget_init(&budget, 2400 * 1000);
	config.budget = &budget;
	world_init_with(&world, &config);
	peer_connect(&first, world.port);
	peer_connect(&second, world.port);
	say_long_head(&world, &first, 400 * 1000);
	rig_until(&world.rig, budget.used > 400 * 1000);
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
	dg_budget_fini(&budget);
}

static uint64_t
slot_of(unsigned last_byte)
{
	char host[32];
	int len = snprintf(host, sizeof(host), "127.0.0.%u:", last_byte);

	return dg_hash(host, (size_t)len) % ADDRESS_SLOTS;
}

/* One that does not share its slot with 127.0.0.1; the hash is seeded. */
static in_addr_t
another_address(void)
{
	unsigned last_byte = 2;

	while (slot_of(last_byte) == slot_of(1))
		last_byte++;
	return INADDR_LOOPBACK - 1 + last_byte;
}

/*
 * One address has its share of what strangers may take, and who is known is no
 * stranger.
 */
static void
test_address_budget(void **state)
{
	struct dg_http_server_config config = default_config();
	struct peer peers[4];
	struct world world;
	struct dg_budget budget;

	(void)state;
	/* 16 MiB for heads, 2 MiB of that for an address: two of these. */
	dg_budget_init(&budget, 64 << 20);
	config.budget = &budget;
	world_init_with(&world, &config);
	for (size_t i = 0; i < 2; i++) {
		peer_connect(&peers[i], world.port);
		peer_say(&world.rig, &peers[i],
			 "GET /known HTTP/1.1\r\n" HOST "A: ");
		say_long_value(&world, &peers[i], 900 * 1000);
	}
	rig_until(&world.rig, budget.used > 1800 * 1000);
	peer_connect(&peers[2], world.port);
	say_long_head(&world, &peers[2], 900 * 1000);
	peer_expect(&world.rig, &peers[2], "HTTP/1.1 503 ");
	peer_fini(&peers[2]);
	peer_connect_from(&peers[2], world.port, another_address());
	say_long_head(&world, &peers[2], 900 * 1000);
	peer_say(&world.rig, &peers[2], "\r\n\r\n");
	peer_expect(&world.rig, &peers[2], "\r\n\r\n/long");
	/* The first is believed, is answered later, and makes room so. */
	peer_say(&world.rig, &peers[0], "\r\n\r\n");
	rig_until(&world.rig, world.held != NULL);
	peer_connect(&peers[3], world.port);
	say_long_head(&world, &peers[3], 900 * 1000);
	peer_say(&world.rig, &peers[3], "\r\n\r\n");
	peer_expect(&world.rig, &peers[3], "\r\n\r\n/long");
	for (size_t i = 0; i < 4; i++)
		peer_fini(&peers[i]);
	world_fini(&world);
	dg_budget_fini(&budget);
}

/* Bodies draw on the same budget. */
static void
test_body_budget(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct peer peers[2];
	struct dg_budget budget;
	char *body = test_malloc(BODY_MAX);

	(void)state;
	memset(body, 'b', BODY_MAX);
	/* What one body needs beyond its allowance, but not two. */
	dg_budget_init(&budget, 100 * 1000);
	config.budget = &budget;
	world_init_with(&world, &config);
	for (size_t i = 0; i < 2; i++) {
		peer_connect(&peers[i], world.port);
		peer_say(&world.rig, &peers[i],
			 "POST /echo HTTP/1.1\r\n" HOST
			 "Content-Length: 100000\r\n\r\n");
		peer_send(&world.rig, &peers[i],
			  dg_str_make(body, BODY_MAX - 1));
		for (int pass = 0; pass < 20; pass++)
			rig_pass(&world.rig);
	}
	rig_until(&world.rig, world.bodies == 1);
	assert_int_equal(world.body_rc, DG_ERR_UNAVAILABLE);
	peer_expect(&world.rig, &peers[1], "HTTP/1.1 400 ");
	peer_say(&world.rig, &peers[0], "b");
	peer_expect(&world.rig, &peers[0], "Content-Length: 100000\r\n");
	assert_int_equal(world.body_rc, DG_OK);
	/* It has come back, and the second connection is as good as before. */
	peer_say(&world.rig, &peers[1],
		 "bPOST /echo HTTP/1.1\r\n" HOST
		 "Content-Length: 100000\r\n\r\n");
	peer_send(&world.rig, &peers[1], dg_str_make(body, BODY_MAX));
	peer_expect(&world.rig, &peers[1], "Content-Length: 100000\r\n");
	peer_fini(&peers[0]);
	peer_fini(&peers[1]);
	world_fini(&world);
	dg_budget_fini(&budget);
	test_free(body);
}

/* So do arenas; it comes back when the exchange ends, however it ends. */
static void
test_arena_budget(void **state)
{
	struct dg_http_server_config config = default_config();
	struct world world;
	struct dg_budget budget;
	struct peer peer;

	(void)state;
	dg_budget_init(&budget, 100 * 1000);
	config.budget = &budget;
	config.arena_max = 1 << 20;
	world_init_with(&world, &config);
	for (int i = 0; i < 2; i++) {
		struct dg_arena *arena;

		peer_connect(&peer, world.port);
		peer_say(&world.rig, &peer,
			 "GET /hold HTTP/1.1\r\n" HOST "\r\n");
		rig_until(&world.rig, world.held != NULL);
		arena = dg_http_exchange_arena(world.held);
		assert_non_null(dg_arena_alloc(arena, 90 * 1000));
		assert_true(budget.used >= 90 * 1000);
		assert_null(dg_arena_alloc(arena, 90 * 1000));
		assert_true(dg_arena_is_starved(arena));
		if (i == 0) {
			dg_http_reply_abort(world.held);
			world.held = NULL;
		}
		peer_fini(&peer);
		rig_until(&world.rig, budget.used == 0);
	}
	assert_int_equal(world.cancels, 1);
	world_fini(&world);
	dg_budget_fini(&budget);
}

/* Whoever asks and asks and does not read is not read either. */
static void
test_pipelining_without_reading(void **state)
{
	enum { PATH = 10000, N = 5000 };
	struct world world;
	struct peer peer;
	char *text = test_malloc(PATH + 100);
	size_t sent = 0;
	size_t len;

	(void)state;
	memset(text, '/', PATH);
	memcpy(text, "GET ", 4);
	len = PATH + (size_t)snprintf(text + PATH, 100, "%s",
				      " HTTP/1.1\r\n" HOST "\r\n");
	world_init(&world);
	peer_connect(&peer, world.port);
	for (int idle = 0; idle < 20 && sent < N * len; idle++) {
		ssize_t n = send(peer.fd, text + sent % len, len - sent % len,
				 MSG_NOSIGNAL);

		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		}
		rig_pass(&world.rig);
	}
	assert_true(sent < N * len);
	assert_true(world.requests < N);
	/* It goes on when the client does. */
	while (world.requests < N) {
		ssize_t n = 0;

		if (sent < N * len)
			n = send(peer.fd, text + sent % len, len - sent % len,
				 MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		if (peer_poll(&peer))
			dg_buf_clear(&peer.in);
		rig_pass(&world.rig);
	}
	peer_fini(&peer);
	world_fini(&world);
	test_free(text);
}

/* Without memory for it a reply goes out in small pieces, but whole. */
static void
test_streaming_without_budget(void **state)
{
	enum { TOTAL = 20 * 1000 * 1000 };
	struct dg_http_server_config config = default_config();
	struct dg_budget budget;
	struct world world;
	struct peer peer;
	size_t limits[] = {100, 64 << 20};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(limits); i++) {
		dg_budget_init(&budget, limits[i]);
		config.budget = &budget;
		world_init_with(&world, &config);
		world.stream_left = TOTAL;
		peer_connect(&peer, world.port);
		peer_say(&world.rig, &peer,
			 "GET /length HTTP/1.1\r\n" HOST "\r\n"
			 "GET /next HTTP/1.1\r\n" HOST "\r\n");
		rig_until(&world.rig, world.held != NULL);
		for (int pass = 0; pass < 5; pass++)
			rig_pass(&world.rig);
		assert_true(world.stream_left > TOTAL / 4);
		assert_true((budget.used > 0) == (i == 1));
		peer_expect(&world.rig, &peer, "\r\n\r\n/next");
		assert_int_equal(world.stream_left, 0);
		rig_until(&world.rig, budget.used == 0);
		peer_fini(&peer);
		world_fini(&world);
		dg_budget_fini(&budget);
	}
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
		 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe");
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
		 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe",
		 "HTTP/1.1 400 ");
	assert_int_equal(world.body_rc, DG_ERR_TIMEOUT);
	/* After a reply, with the body still to come. */
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer,
		 "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe");
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
	/* Nobody there: at once. */
	world_init(&world);
	dg_http_server_drain(world.server, on_drained, &world);
	assert_false(world.drained);
	rig_until(&world.rig, world.drained);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_heads),
		cmocka_unit_test(test_buffer_budget),
		cmocka_unit_test(test_address_budget),
		cmocka_unit_test(test_arena_budget),
		cmocka_unit_test(test_pipelining_without_reading),
		cmocka_unit_test(test_streaming_without_budget),
		cmocka_unit_test(test_body_budget),
		cmocka_unit_test(test_client_goes),
		cmocka_unit_test(test_reply_into_the_void),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_write_timeout),
		cmocka_unit_test(test_connection_limit),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

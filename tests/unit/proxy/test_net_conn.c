/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_net_conn.c - connections, plain and TLS, both ends in one loop or one
 * end a bare socket: opening, back-pressure, ends of all kinds.
 */
#include "net/conn.h"

#include "base/assert.h"
#include "net/listener.h"
#include "net/tls.h"
#include "net_certificate.h"
#include "net_rig.h"

struct world {
	struct rig rig;
	struct dg_listener *listener;
	unsigned port;
	struct certificate certificate;
	struct certificate other;
	struct ssl_ctx_st *server_tls;
	struct ssl_ctx_st *client_tls;
	struct ssl_ctx_st *stranger_tls; /* trusts another certificate */
	struct dg_conn_config config;
	bool accept_tls;
	struct end {
		struct world *world;
		struct dg_conn *conn;
		struct dg_buf got;
		unsigned opened;
		unsigned drained;
		unsigned closed;
		enum dg_conn_close_reason reason;
		char why[128];
		bool keep_in; /* does not consume */
		bool close_in_read;
	} client, server;
};

static void
on_open(void *arg)
{
	struct end *end = arg;

	end->opened++;
}

static void
on_read(void *arg)
{
	struct end *end = arg;
	struct dg_buf *in = dg_conn_in(end->conn);

	assert_int_equal(end->opened, 1);
	assert_int_equal(end->closed, 0);
	if (end->close_in_read) {
		dg_conn_close(&end->conn);
		return;
	}
	if (end->keep_in)
		return;
	assert_int_equal(dg_buf_append(&end->got, dg_buf_peek(in)), DG_OK);
	dg_buf_consume(in, dg_buf_len(in));
}

static void
on_drain(void *arg)
{
	struct end *end = arg;

	end->drained++;
}

static void
on_close(void *arg, enum dg_conn_close_reason reason, const char *why)
{
	struct end *end = arg;

	end->closed++;
	end->reason = reason;
	snprintf(end->why, sizeof(end->why), "%s", why);
	end->conn = NULL;
}

static const struct dg_conn_handlers handlers = {on_open, on_read, on_drain,
						 on_close};

static void
end_init(struct world *world, struct end *end)
{
	*end = (struct end){.world = world};
	dg_buf_init(&end->got, 64 << 20);
}

static void
end_fini(struct end *end)
{
	dg_conn_close(&end->conn);
	assert_null(end->conn);
	dg_buf_fini(&end->got);
}

static void
on_accept(void *arg, int fd, const char *peer)
{
	struct world *world = arg;

	assert_null(world->server.conn);
	assert_memory_equal(peer, "127.0.0.1:", 10);
	world->server.conn =
		dg_conn_accept(world->rig.loop, fd,
			       world->accept_tls ? world->server_tls : NULL,
			       &world->config, &handlers, &world->server);
	assert_string_equal(dg_conn_peer(world->server.conn), peer);
}

static void
world_init(struct world *world, bool tls)
{
	struct dg_error err;

	*world = (struct world){.accept_tls = tls};
	rig_init(&world->rig);
	world->config = (struct dg_conn_config){.in_max = 100000,
						.out_max = 100000,
						.open_timeout_ms = 20000,
						.write_timeout_ms = 20000};
	certificate_init(&world->certificate, "DNS:gateway.test,IP:127.0.0.1");
	certificate_init(&world->other, "DNS:gateway.test");
	assert_int_equal(dg_tls_server_create(world->certificate.cert,
					      world->certificate.key,
					      &world->server_tls, &err),
			 DG_OK);
	assert_int_equal(dg_tls_client_create(world->certificate.cert,
					      &world->client_tls, &err),
			 DG_OK);
	assert_int_equal(dg_tls_client_create(world->other.cert,
					      &world->stranger_tls, &err),
			 DG_OK);
	assert_int_equal(dg_listener_open(world->rig.loop,
					  DG_STR("127.0.0.1:0"), on_accept,
					  world, &world->listener, &err),
			 DG_OK);
	world->port = dg_listener_port(world->listener);
	end_init(world, &world->client);
	end_init(world, &world->server);
}

static void
world_fini(struct world *world)
{
	end_fini(&world->client);
	end_fini(&world->server);
	dg_listener_close(&world->listener);
	rig_fini(&world->rig);
	dg_tls_destroy(&world->server_tls);
	dg_tls_destroy(&world->client_tls);
	dg_tls_destroy(&world->stranger_tls);
	certificate_fini(&world->certificate);
	certificate_fini(&world->other);
}

static void
connect_to(struct world *world, struct ssl_ctx_st *tls, const char *name)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)world->port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	union {
		const struct sockaddr_in *in;
		const struct sockaddr *any;
	} u = {&address};

	world->client.conn = dg_conn_connect(
		world->rig.loop, u.any, sizeof(address), tls, name,
		&world->config, &handlers, &world->client);
}

static void
connect_both(struct world *world)
{
	connect_to(world, world->accept_tls ? world->client_tls : NULL,
		   "gateway.test");
	rig_until(&world->rig, world->client.opened && world->server.opened);
	assert_int_equal(dg_conn_is_tls(world->client.conn), world->accept_tls);
}

static void
say(struct end *end, const char *text)
{
	assert_int_equal(dg_conn_write(end->conn, dg_str_from_cstr(text)),
			 DG_OK);
}

static void
talk(bool tls)
{
	struct world world;

	world_init(&world, tls);
	connect_both(&world);
	say(&world.client, "hel");
	say(&world.client, "lo");
	rig_until(&world.rig, dg_buf_len(&world.server.got) == 5);
	assert_str(dg_buf_peek(&world.server.got), "hello");
	say(&world.server, "world");
	rig_until(&world.rig, dg_buf_len(&world.client.got) == 5);
	assert_str(dg_buf_peek(&world.client.got), "world");
	/* The end, with bytes in front of it. */
	say(&world.server, "bye");
	dg_conn_finish(world.server.conn);
	rig_until(&world.rig, world.client.closed);
	assert_int_equal(world.client.reason, DG_CONN_PEER_CLOSED);
	assert_str(dg_buf_peek(&world.client.got), "worldbye");
	rig_until(&world.rig, world.server.closed);
	assert_int_equal(world.server.reason, DG_CONN_OURS);
	world_fini(&world);
}

static void
test_talk_plain(void **state)
{
	(void)state;
	talk(false);
}

static void
test_talk_tls(void **state)
{
	(void)state;
	talk(true);
}

/* Fills the buffers of a reader that does not read, then lets it. */
static void
push(bool tls)
{
	enum { TOTAL = 8 * 1000 * 1000, PIECE = 30000 };
	struct world world;
	char *block = test_malloc(PIECE);
	size_t sent = 0;
	unsigned refusals = 0;

	world_init(&world, tls);
	connect_both(&world);
	dg_conn_pause(world.server.conn, DG_CONN_PAUSE_PEER);
	dg_conn_pause(world.server.conn, DG_CONN_PAUSE_DECIDE);
	for (int passes = 0; passes < 200; passes++) {
		memset(block, 'a' + (int)(sent / PIECE % 26), PIECE);
		if (dg_conn_write(world.client.conn,
				  dg_str_make(block, PIECE)) == DG_OK) {
			sent += PIECE;
			continue;
		}
		refusals++;
		rig_pass(&world.rig);
	}
	assert_true(refusals > 0 && sent < TOTAL);
	assert_int_equal(dg_buf_len(&world.server.got), 0);
	assert_true(dg_conn_out_queued(world.client.conn) <= 100000);
	/* One reason fewer is not enough. */
	dg_conn_resume(world.server.conn, DG_CONN_PAUSE_DECIDE);
	for (int i = 0; i < 10; i++)
		rig_pass(&world.rig);
	assert_int_equal(dg_buf_len(&world.server.got), 0);
	dg_conn_resume(world.server.conn, DG_CONN_PAUSE_PEER);
	while (sent < TOTAL) {
		unsigned drained = world.client.drained;

		memset(block, 'a' + (int)(sent / PIECE % 26), PIECE);
		if (dg_conn_write(world.client.conn,
				  dg_str_make(block, PIECE)) == DG_OK)
			sent += PIECE;
		else
			rig_until(&world.rig, world.client.drained > drained);
	}
	rig_until(&world.rig, dg_buf_len(&world.server.got) == sent);
	for (size_t i = 0; i < sent; i++)
		assert_int_equal(dg_buf_peek(&world.server.got).data[i],
				 'a' + (int)(i / PIECE % 26));
	world_fini(&world);
	test_free(block);
}

static void
test_back_pressure_plain(void **state)
{
	(void)state;
	push(false);
}

static void
test_back_pressure_tls(void **state)
{
	(void)state;
	push(true);
}

/* Nobody consumes: reading stops at in_max and goes on afterwards. */
static void
fill(bool tls)
{
	struct world world;
	struct dg_buf taken;
	char *block = test_malloc(90000);
	size_t len;

	memset(block, 'z', 90000);
	world_init(&world, tls);
	world.config.in_max = 50000;
	connect_both(&world);
	world.server.keep_in = true;
	assert_int_equal(
		dg_conn_write(world.client.conn, dg_str_make(block, 90000)),
		DG_OK);
	rig_until(&world.rig,
		  dg_buf_len(dg_conn_in(world.server.conn)) == 50000);
	for (int i = 0; i < 10; i++)
		rig_pass(&world.rig);
	assert_int_equal(dg_buf_len(dg_conn_in(world.server.conn)), 50000);
	/* The first bytes are taken away, with the memory they are in. */
	dg_buf_init(&taken, 1000);
	dg_conn_take_in(world.server.conn, 20000, &taken);
	assert_int_equal(dg_buf_len(&taken), 20000);
	assert_int_equal(dg_buf_len(dg_conn_in(world.server.conn)), 30000);
	world.server.keep_in = false;
	dg_conn_resume(world.server.conn, DG_CONN_PAUSE_PEER);
	rig_until(&world.rig, dg_buf_len(&world.server.got) == 70000);
	len = dg_buf_len(&taken);
	assert_int_equal(dg_buf_peek(&taken).data[len - 1], 'z');
	dg_buf_fini(&taken);
	world_fini(&world);
	test_free(block);
}

static void
test_full_buffer_plain(void **state)
{
	(void)state;
	fill(false);
}

static void
test_full_buffer_tls(void **state)
{
	(void)state;
	fill(true);
}

static void
test_certificates(void **state)
{
	static const struct {
		const char *name;
		bool stranger;
		const char *why; /* NULL: accepted */
	} cases[] = {
		{"gateway.test", false, NULL},
		{"127.0.0.1", false, NULL},
		{"other.test", false, "hostname mismatch"},
		{"127.0.0.2", false, "IP address mismatch"},
		{"gateway.test", true, "self-signed certificate"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct world world;

		world_init(&world, true);
		connect_to(&world,
			   cases[i].stranger ? world.stranger_tls
					     : world.client_tls,
			   cases[i].name);
		rig_until(&world.rig,
			  world.client.opened || world.client.closed);
		assert_int_equal(world.client.opened, cases[i].why == NULL);
		if (cases[i].why != NULL) {
			assert_int_equal(world.client.reason, DG_CONN_ERROR);
			if (strstr(world.client.why, cases[i].why) == NULL)
				fail_msg("%s: %s", cases[i].name,
					 world.client.why);
		}
		world_fini(&world);
	}
}

/* An end without close_notify may be an attacker's: a failure. */
static void
test_truncated_tls(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, true);
	connect_both(&world);
	say(&world.server, "half");
	rig_until(&world.rig, dg_buf_len(&world.client.got) == 4);
	dg_conn_abort(&world.server.conn);
	rig_until(&world.rig, world.client.closed);
	assert_int_equal(world.client.reason, DG_CONN_ERROR);
	world_fini(&world);
}

/* A bare end of the socket under TLS: not an orderly end either. */
static void
test_tls_without_close_notify(void **state)
{
	struct world world;
	struct peer peer;
	struct peer far;
	unsigned port;
	int listener = fake_listen(&port);

	(void)state;
	world_init(&world, true);
	/* A man in the middle passes the bytes on, then hangs up. */
	{
		unsigned real = world.port;

		world.port = port;
		connect_to(&world, world.client_tls, "gateway.test");
		world.port = real;
	}
	fake_accept(&world.rig, listener, &peer);
	peer_connect(&far, world.port);
	while (!world.client.opened || !world.server.opened) {
		peer_poll(&peer);
		peer_poll(&far);
		peer_send(&world.rig, &far, dg_buf_peek(&peer.in));
		dg_buf_clear(&peer.in);
		peer_send(&world.rig, &peer, dg_buf_peek(&far.in));
		dg_buf_clear(&far.in);
		rig_pass(&world.rig);
	}
	peer_fini(&peer);
	peer_fini(&far);
	rig_until(&world.rig, world.client.closed && world.server.closed);
	assert_int_equal(world.client.reason, DG_CONN_ERROR);
	assert_int_equal(world.server.reason, DG_CONN_ERROR);
	close(listener);
	world_fini(&world);
}

static void
test_tls_with_strangers(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	/* Plain HTTP on the TLS port. */
	world_init(&world, true);
	peer_connect(&peer, world.port);
	peer_say(&world.rig, &peer, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_until(&world.rig, world.server.closed);
	assert_int_equal(world.server.reason, DG_CONN_ERROR);
	assert_int_equal(world.server.opened, 0);
	peer_fini(&peer);
	world_fini(&world);
	/* Nothing at all: the deadline of the handshake. */
	world_init(&world, true);
	world.config.open_timeout_ms = 20;
	peer_connect(&peer, world.port);
	rig_until(&world.rig, world.server.closed);
	assert_int_equal(world.server.reason, DG_CONN_TIMEOUT);
	assert_string_equal(world.server.why, "timeout in the TLS handshake");
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_refused(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, false);
	dg_listener_close(&world.listener);
	rig_pass(&world.rig);
	connect_to(&world, NULL, NULL);
	rig_until(&world.rig, world.client.closed);
	assert_int_equal(world.client.reason, DG_CONN_ERROR);
	assert_string_equal(world.client.why, "Connection refused");
	world_fini(&world);
}

static void
test_write_deadline(void **state)
{
	struct world world;
	struct peer peer;
	char *block = test_malloc(50000);

	(void)state;
	memset(block, 'w', 50000);
	world_init(&world, false);
	world.config.write_timeout_ms = 20;
	peer_connect(&peer, world.port);
	rig_until(&world.rig, world.server.opened);
	while (!world.server.closed) {
		if (dg_conn_write(world.server.conn,
				  dg_str_make(block, 50000)) != DG_OK)
			rig_pass(&world.rig);
	}
	assert_int_equal(world.server.reason, DG_CONN_TIMEOUT);
	assert_string_equal(world.server.why, "timeout while sending");
	peer_fini(&peer);
	world_fini(&world);
	test_free(block);
}

static void
test_close_in_callback(void **state)
{
	struct world world;

	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		world_init(&world, tls == 1);
		connect_both(&world);
		world.server.close_in_read = true;
		say(&world.client, "close!");
		rig_until(&world.rig, world.client.closed);
		assert_int_equal(world.client.reason, DG_CONN_PEER_CLOSED);
		assert_int_equal(world.server.closed, 0);
		world_fini(&world);
	}
}

/* What the peer said before it went is read although we cannot send. */
static void
test_reads_after_failed_send(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world, false);
	peer_connect(&peer, world.port);
	rig_until(&world.rig, world.server.opened);
	dg_conn_pause(world.server.conn, DG_CONN_PAUSE_PEER);
	say(&world.server, "unread");
	rig_pass(&world.rig);
	peer_say(&world.rig, &peer, "last words");
	/* With bytes unread: a reset. */
	peer_fini(&peer);
	say(&world.server, "more");
	for (int i = 0; i < 3; i++)
		rig_pass(&world.rig);
	assert_int_equal(world.server.closed, 0);
	dg_conn_resume(world.server.conn, DG_CONN_PAUSE_PEER);
	rig_until(&world.rig, world.server.closed);
	assert_str(dg_buf_peek(&world.server.got), "last words");
	assert_int_equal(world.server.reason, DG_CONN_ERROR);
	world_fini(&world);
}

static void
test_listener_addresses(void **state)
{
	static const char *const bad[] = {"",
					  "8443",
					  ":8443",
					  "localhost:1",
					  "127.0.0.1",
					  "127.0.0.1:x",
					  "::1:80",
					  "[::1]",
					  "127.0.0.1:65536",
					  "[127.0.0.1:1",
					  "1.2.3:4"};
	struct world world;
	struct dg_listener *listener;
	struct dg_error err;

	(void)state;
	world_init(&world, false);
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		assert_int_equal(dg_listener_open(world.rig.loop,
						  dg_str_from_cstr(bad[i]),
						  on_accept, &world, &listener,
						  &err),
				 DG_ERR_INVALID);
		assert_non_null(strstr(err.text, "listen address"));
	}
	/* Two listeners on one port: SO_REUSEPORT. */
	{
		char text[64];

		snprintf(text, sizeof(text), "127.0.0.1:%u", world.port);
		assert_int_equal(
			dg_listener_open(world.rig.loop, dg_str_from_cstr(text),
					 on_accept, &world, &listener, &err),
			DG_OK);
		assert_int_equal(dg_listener_port(listener), world.port);
		dg_listener_close(&listener);
	}
	world_fini(&world);
}

static void
test_paused_listener(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world, false);
	dg_listener_pause(world.listener, true);
	peer_connect(&peer, world.port);
	for (int i = 0; i < 5; i++)
		rig_pass(&world.rig);
	assert_null(world.server.conn);
	dg_listener_pause(world.listener, false);
	rig_until(&world.rig, world.server.opened);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_tls_files(void **state)
{
	struct world world;
	struct ssl_ctx_st *ctx = NULL;
	struct dg_error err;

	(void)state;
	world_init(&world, true);
	assert_int_equal(
		dg_tls_server_create("/nowhere", world.other.key, &ctx, &err),
		DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "certificate /nowhere"));
	assert_int_equal(dg_tls_server_create(world.certificate.cert,
					      "/nowhere", &ctx, &err),
			 DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "private key /nowhere"));
	assert_int_equal(dg_tls_server_create(world.certificate.cert,
					      world.other.key, &ctx, &err),
			 DG_ERR_INVALID);
	assert_int_equal(dg_tls_client_create("/nowhere", &ctx, &err),
			 DG_ERR_INVALID);
	assert_int_equal(dg_tls_client_create("", &ctx, &err), DG_OK);
	dg_tls_destroy(&ctx);
	assert_null(ctx);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talk_plain),
		cmocka_unit_test(test_talk_tls),
		cmocka_unit_test(test_back_pressure_plain),
		cmocka_unit_test(test_back_pressure_tls),
		cmocka_unit_test(test_full_buffer_plain),
		cmocka_unit_test(test_full_buffer_tls),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_truncated_tls),
		cmocka_unit_test(test_tls_without_close_notify),
		cmocka_unit_test(test_tls_with_strangers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_write_deadline),
		cmocka_unit_test(test_close_in_callback),
		cmocka_unit_test(test_reads_after_failed_send),
		cmocka_unit_test(test_listener_addresses),
		cmocka_unit_test(test_paused_listener),
		cmocka_unit_test(test_tls_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

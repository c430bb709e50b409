/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_tls.c - the client fetches from the server over TLS, in one loop:
 * small and long replies, certificates that do not fit, cut replies, reload.
 */
#include "http/client.h"
#include "http/server.h"
#include "net/listener.h"
#include "net/tls.h"
#include "net_certificate.h"
#include "net_rig.h"

enum { LONG_REPLY = 5 * 1000 * 1000, OUT_MAX = 128 * 1024 };

struct world {
	struct rig rig;
	struct dg_offload *offload;
	struct dg_resolver *resolver;
	struct dg_upstream *upstream;
	struct dg_http_server *server;
	struct dg_listener *listener;
	struct ssl_ctx_st *tls;
	struct certificate certificate;
	struct certificate other;
	unsigned requests;
	size_t left;
	struct dg_http_exchange *streaming;
};

struct fetched {
	unsigned n;
	enum dg_rc rc;
	unsigned status;
	size_t len;
	char why[256];
};

static void
step_stream(void *arg)
{
	static const char block[16000] = {0};
	struct world *world = arg;

	while (world->left > 0) {
		size_t n = world->left < sizeof(block) ? world->left
						       : sizeof(block);

		if (dg_http_reply_write(world->streaming,
					dg_str_make(block, n)) != DG_OK)
			return;
		world->left -= n;
	}
	dg_http_reply_end(world->streaming);
}

static void
on_request(void *arg, struct dg_http_exchange *x)
{
	struct world *world = arg;
	struct dg_str path = dg_http_exchange_head(x)->path;

	world->requests++;
	assert_true(dg_http_exchange_is_tls(x));
	if (dg_str_eq(path, DG_STR("/long"))) {
		world->left = LONG_REPLY;
		world->streaming = x;
		dg_http_reply_begin(x, 200, NULL, NULL, 0,
				    DG_HTTP_LENGTH_UNKNOWN);
		dg_http_reply_on_writable(x, step_stream, world);
		step_stream(world);
	} else if (dg_str_eq(path, DG_STR("/cut"))) {
		dg_http_reply_begin(x, 200, NULL, NULL, 0,
				    DG_HTTP_LENGTH_UNKNOWN);
		assert_int_equal(dg_http_reply_write(x, DG_STR("half")), DG_OK);
		dg_http_reply_abort(x);
	} else {
		dg_http_reply_simple(x, 200, NULL, NULL, 0,
				     DG_STR("text/plain"), path);
	}
}

static void
world_init(struct world *world)
{
	const struct dg_offload_config offload = {.threads = 1, .queue_max = 8};
	const struct dg_upstream_config upstream = {
		.max_idle_per_endpoint = 4,
		.max_per_endpoint = 4,
		.max_waiting = 4,
		.max_head = 65536,
		.in_max = 65536,
		.connect_timeout_ms = 20000,
		.idle_timeout_ms = 20000,
	};
	const struct dg_http_server_config server = {
		.max_head = 65536,
		.arena_max = 65536,
		.out_max = OUT_MAX,
		.max_connections = 10,
		.idle_timeout_ms = 20000,
		.head_timeout_ms = 20000,
		.body_timeout_ms = 20000,
		.write_timeout_ms = 20000,
		.tls_timeout_ms = 20000,
	};
	const struct dg_http_service service = {on_request, world};
	struct dg_error err;

	*world = (struct world){0};
	rig_init(&world->rig);
	certificate_init(&world->certificate, "DNS:localhost,IP:127.0.0.1");
	certificate_init(&world->other, "DNS:localhost,IP:127.0.0.1");
	assert_int_equal(dg_tls_server_create(world->certificate.cert,
					      world->certificate.key,
					      &world->tls, &err),
			 DG_OK);
	world->offload = dg_offload_create(&offload);
	world->resolver =
		dg_resolver_create(world->rig.loop, world->offload, 1000);
	world->upstream =
		dg_upstream_create(world->rig.loop, world->resolver, &upstream);
	world->server = dg_http_server_create(world->rig.loop, world->tls,
					      &server, &service);
	assert_int_equal(dg_listener_open(world->rig.loop,
					  DG_STR("127.0.0.1:0"),
					  dg_http_server_accept, world->server,
					  &world->listener, &err),
			 DG_OK);
}

static void
world_fini(struct world *world)
{
	dg_listener_close(&world->listener);
	dg_upstream_destroy(&world->upstream);
	dg_http_server_destroy(&world->server);
	dg_offload_destroy(&world->offload);
	dg_resolver_destroy(&world->resolver);
	rig_fini(&world->rig);
	dg_tls_destroy(&world->tls);
	certificate_fini(&world->certificate);
	certificate_fini(&world->other);
}

static void
on_fetched(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	   const char *why)
{
	struct fetched *fetched = arg;

	fetched->n++;
	fetched->rc = rc;
	fetched->status = status;
	fetched->len = body.len;
	snprintf(fetched->why, sizeof(fetched->why), "%s", why);
}

static struct fetched
fetch(struct world *world, const char *host, const char *target,
      const char *ca_file)
{
	const struct dg_upstream_request request = {
		.endpoint = {.host = dg_str_from_cstr(host),
			     .port = (uint16_t)dg_listener_port(
				     world->listener),
			     .tls = true,
			     .ca_file = dg_str_from_cstr(ca_file)},
		.method = "GET",
		.target = dg_str_from_cstr(target),
		.head_timeout_ms = 20000,
		.body_timeout_ms = 20000,
	};
	struct fetched fetched = {0};

	dg_upstream_fetch(world->upstream, &request, 2 * LONG_REPLY, on_fetched,
			  &fetched);
	rig_until(&world->rig, fetched.n > 0);
	return fetched;
}

static void
test_fetch(void **state)
{
	struct world world;
	struct fetched fetched;

	(void)state;
	world_init(&world);
	for (int i = 0; i < 3; i++) {
		fetched = fetch(&world, "127.0.0.1", "/abc",
				world.certificate.cert);
		assert_int_equal(fetched.rc, DG_OK);
		assert_int_equal(fetched.len, 4);
	}
	assert_int_equal(dg_http_server_connections(world.server), 1);
	fetched = fetch(&world, "localhost", "/abc", world.certificate.cert);
	assert_int_equal(fetched.rc, DG_OK);
	fetched = fetch(&world, "127.0.0.1", "/long", world.certificate.cert);
	assert_int_equal(fetched.rc, DG_OK);
	assert_int_equal(fetched.len, LONG_REPLY);
	world_fini(&world);
}

static void
test_distrust(void **state)
{
	struct world world;
	struct fetched fetched;

	(void)state;
	world_init(&world);
	fetched = fetch(&world, "127.0.0.1", "/abc", world.other.cert);
	assert_int_equal(fetched.rc, DG_ERR_IO);
	assert_non_null(strstr(fetched.why, "connecting to 127.0.0.1:"));
	assert_non_null(strstr(fetched.why, "certificate"));
	fetched = fetch(&world, "127.0.0.1", "/abc", "/nowhere");
	assert_int_equal(fetched.rc, DG_ERR_IO);
	assert_non_null(strstr(fetched.why, "/nowhere"));
	assert_int_equal(world.requests, 0);
	world_fini(&world);
}

static void
test_cut(void **state)
{
	struct world world;
	struct fetched fetched;

	(void)state;
	world_init(&world);
	fetched = fetch(&world, "127.0.0.1", "/cut", world.certificate.cert);
	assert_int_equal(fetched.rc, DG_ERR_IO);
	world_fini(&world);
}

/* A new certificate is shown to new connections; old ones go on. */
static void
test_reload(void **state)
{
	struct world world;
	struct fetched fetched;
	struct ssl_ctx_st *fresh = NULL;
	struct dg_error err;

	(void)state;
	world_init(&world);
	fetched = fetch(&world, "127.0.0.1", "/a", world.certificate.cert);
	assert_int_equal(fetched.rc, DG_OK);
	assert_int_equal(dg_tls_server_create(world.other.cert, world.other.key,
					      &fresh, &err),
			 DG_OK);
	dg_http_server_set_tls(world.server, fresh);
	dg_tls_destroy(&fresh);
	fetched = fetch(&world, "127.0.0.1", "/a", world.certificate.cert);
	assert_int_equal(fetched.rc, DG_OK);
	fetched = fetch(&world, "127.0.0.1", "/a", world.other.cert);
	assert_int_equal(fetched.rc, DG_OK);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_distrust),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

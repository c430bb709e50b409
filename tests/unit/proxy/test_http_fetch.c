/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_fetch.c - replies that are kept whole: their bounds, and what they
 * and their requests take of the budget.
 */
#include "http_client_rig.h"

struct fetched {
	unsigned n;
	enum dg_rc rc;
	unsigned status;
	char body[64];
};

static void
on_fetched(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	   const char *why)
{
	struct fetched *fetched = arg;

	(void)why;
	fetched->n++;
	fetched->rc = rc;
	fetched->status = status;
	snprintf(fetched->body, sizeof(fetched->body), "%.*s",
		 DG_STR_ARG(body));
}

static void
test_fetch(void **state)
{
	struct world world;
	struct peer peer;

	(void)state;
	world_init(&world);
	for (int round = 0; round < 2; round++) {
		struct dg_upstream_request request =
			make_request(&world, "GET", "/v1/info");
		struct fetched fetched = {0};

		dg_upstream_fetch(world.upstream, &request, round == 0 ? 5 : 4,
				  on_fetched, &fetched);
		if (round == 0)
			fake_accept(&world.rig, world.listener, &peer);
		peer_say(&world.rig, &peer,
			 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
		rig_until(&world.rig, fetched.n > 0);
		assert_int_equal(fetched.rc, round == 0 ? DG_OK : DG_ERR_LIMIT);
		assert_string_equal(fetched.body, round == 0 ? "hello" : "");
		assert_int_equal(fetched.status, 200);
	}
	{
		struct dg_upstream_request request =
			make_request(&world, "GET", "/v1/info");
		struct fetched fetched = {0};
		struct dg_fetch *fetch = dg_upstream_fetch(
			world.upstream, &request, 5, on_fetched, &fetched);

		dg_upstream_fetch_cancel(&fetch);
		assert_null(fetch);
		assert_int_equal(fetched.n, 0);
	}
	peer_fini(&peer);
	world_fini(&world);
}

static void
reply_of(struct world *world, struct peer *peer, size_t head_len,
	 size_t body_len)
{
	char *pad = test_malloc(head_len + body_len);
	char text[100];

	memset(pad, 'p', head_len + body_len);
	snprintf(text, sizeof(text),
		 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nA: ", body_len);
	peer_say(&world->rig, peer, text);
	peer_send(&world->rig, peer, dg_str_make(pad, head_len));
	peer_say(&world->rig, peer, "\r\n\r\n");
	peer_send(&world->rig, peer, dg_str_make(pad, body_len));
	test_free(pad);
}

/* Long requests, heads and bodies, with memory for them and without. */
static void
test_budget(void **state)
{
	static const struct {
		size_t request;
		size_t head;
		size_t body;
		size_t limit;
		enum dg_rc rc;
	} rows[] = {
		{10 * 1000, 10 * 1000, 10 * 1000, 100, DG_OK},
		{100 * 1000, 10, 10, 90 * 1000, DG_ERR_UNAVAILABLE},
		{100 * 1000, 10, 10, 110 * 1000, DG_OK},
		{10, 50 * 1000, 10, 160 * 1000, DG_ERR_UNAVAILABLE},
		{10, 50 * 1000, 10, 200 * 1000, DG_OK},
		{10, 10, 100 * 1000, 400 * 1000, DG_ERR_UNAVAILABLE},
		{10, 10, 100 * 1000, 470 * 1000, DG_OK},
	};
	char *body = test_malloc(100 * 1000);

	(void)state;
	memset(body, 'b', 100 * 1000);
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		struct dg_upstream_config config = default_config();
		struct dg_upstream_request request;
		struct fetched fetched = {0};
		struct dg_budget budget;
		struct world world;
		struct peer peer = {.fd = -1};

		dg_budget_init(&budget, rows[i].limit);
		config.budget = &budget;
		config.in_max = 16384;
		world_init_with(&world, &config);
		request = make_request(&world, "POST", "/a");
		request.body = dg_str_make(body, rows[i].request);
		dg_upstream_fetch(world.upstream, &request, 1 << 20, on_fetched,
				  &fetched);
		/* Else it is not even sent. */
		if (rows[i].request < rows[i].limit ||
		    rows[i].request <= 10 * 1000) {
			fake_accept(&world.rig, world.listener, &peer);
			peer_expect(&world.rig, &peer, "\r\n\r\n");
			reply_of(&world, &peer, rows[i].head, rows[i].body);
		}
		rig_until(&world.rig, fetched.n > 0);
		assert_int_equal(fetched.rc, rows[i].rc);
		rig_until(&world.rig, budget.used == 0);
		peer_fini(&peer);
		world_fini(&world);
		dg_budget_fini(&budget);
	}
	test_free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

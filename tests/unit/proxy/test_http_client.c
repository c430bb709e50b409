/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_client.c - calls against a fake coordinator made of bare sockets:
 * framing, keeping alive, lines, repetitions, deadlines, back-pressure.
 */
#include "http_client_rig.h"

static void
test_get_and_keep(void **state)
{
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	get(&world, &outcome, "/a");
	fake_accept(&world.rig, world.listener, &peer);
	peer_expect(&world.rig, &peer, GET_A);
	peer_expect(&world.rig, &peer, "\r\n\r\n");
	peer_say(&world.rig, &peer,
		 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	rig_until(&world.rig, outcome.n_done > 0);
	assert_int_equal(outcome.rc, DG_OK);
	assert_int_equal(outcome.status, 200);
	assert_str(dg_buf_peek(&outcome.body), "hello");
	finish(&world, &outcome);
	/* The second one comes over the same connection. */
	get(&world, &outcome, "/b");
	peer_expect(&world.rig, &peer, "GET /b HTTP/1.1\r\n");
	peer_say(&world.rig, &peer, "HTTP/1.1 204 No Content\r\n\r\n");
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_OK);
	assert_int_equal(outcome.status, 204);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_post(void **state)
{
	const struct dg_http_header headers[] = {
		{DG_STR("X-A"), DG_STR("b")},
		{DG_STR("X-C"), DG_STR("")},
	};
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	request = make_request(&world, "POST", "/v1/statement");
	request.headers = headers;
	request.n_headers = 2;
	request.body = DG_STR("select 1");
	start(&world, &outcome, &request);
	fake_accept(&world.rig, world.listener, &peer);
	peer_expect(&world.rig, &peer,
		    "\r\nX-A: b\r\nX-C: \r\nContent-Length: 8\r\n\r\n"
		    "select 1");
	peer_say(&world.rig, &peer, EMPTY_REPLY);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_OK);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_long_post(void **state)
{
	enum { LEN = 5 * 1000 * 1000 };
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcome;
	struct peer peer;
	char *body = test_malloc(LEN);

	(void)state;
	memset(body, 'q', LEN);
	world_init(&world);
	request = make_request(&world, "POST", "/v1/statement");
	request.body = dg_str_make(body, LEN);
	start(&world, &outcome, &request);
	test_free(body);
	fake_accept(&world.rig, world.listener, &peer);
	peer_expect(&world.rig, &peer, "Content-Length: 5000000\r\n\r\n");
	rig_until(&world.rig, (peer_poll(&peer), dg_buf_len(&peer.in) == LEN));
	peer_say(&world.rig, &peer, EMPTY_REPLY);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_OK);
	peer_fini(&peer);
	world_fini(&world);
}

struct reply_case {
	const char *name;
	const char *bytes;
	bool close; /* the peer closes behind the bytes */
	enum dg_rc rc;
	const char *body;
	const char *why; /* part of it */
	bool kept;       /* the connection is used again */
};

static const struct reply_case replies[] = {
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", false,
	 DG_OK, "ab", "", true},
	{"chunked",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "1\r\na\r\n1;x\r\nb\r\n0\r\nT: x\r\n\r\n",
	 false, DG_OK, "ab", "", true},
	{"until close", "HTTP/1.1 200 OK\r\n\r\nab", true, DG_OK, "ab", "",
	 false},
	{"connection close",
	 "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
	 false, DG_OK, "ab", "", false},
	{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", false, DG_OK,
	 "ab", "", false},
	{"interim replies",
	 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
	 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
	 false, DG_OK, "ab", "", true},
	{"redirects are not followed",
	 "HTTP/1.1 307 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", false,
	 DG_OK, "", "", true},
	{"bytes behind the end",
	 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n",
	 false, DG_OK, "ab", "", false},

	{"switching protocols", "HTTP/1.1 101 Switching\r\n\r\n", false,
	 DG_ERR_IO, "", "unexpected interim reply", false},
	{"short", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true,
	 DG_ERR_IO, "ab", "reading the reply of 127.0.0.1:", false},
	{"chunked, short",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
	 true, DG_ERR_IO, "ab", "reading the reply of 127.0.0.1:", false},
	{"bad chunk",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "2\r\nab\r\n-1\r\n",
	 false, DG_ERR_IO, "ab", "chunk size is not a hex number", false},
	{"two framings",
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	 "Content-Length: 2\r\n\r\nab",
	 false, DG_ERR_IO, "", "both Content-Length and Transfer-Encoding",
	 false},
	{"no reply", "", true, DG_ERR_IO, "",
	 "waiting for the reply of 127.0.0.1:", false},
	{"half a head", "HTTP/1.1 200 OK\r\nConte", true, DG_ERR_IO, "",
	 "waiting for the reply of 127.0.0.1:", false},
	{"not HTTP", "SSH-2.0-x\r\n", false, DG_ERR_IO, "",
	 "malformed HTTP version", false},
};

static void
check_reply(struct world *world, const struct reply_case *test, size_t cut)
{
	struct dg_str bytes = dg_str_from_cstr(test->bytes);
	struct outcome outcome;
	struct peer peer;

	get(world, &outcome, "/a");
	fake_accept(&world->rig, world->listener, &peer);
	peer_expect(&world->rig, &peer, GET_A);
	peer_send(&world->rig, &peer, dg_str_slice(bytes, 0, cut));
	rig_pass(&world->rig);
	peer_send(&world->rig, &peer, dg_str_slice(bytes, cut, bytes.len));
	if (test->close)
		assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	rig_until(&world->rig, outcome.n_done > 0);
	if (outcome.rc != test->rc || strstr(outcome.why, test->why) == NULL)
		print_error("case \"%s\", cut at %zu: %s, %s\n", test->name,
			    cut, dg_rc_name(outcome.rc), outcome.why);
	assert_int_equal(outcome.rc, test->rc);
	assert_non_null(strstr(outcome.why, test->why));
	assert_str(dg_buf_peek(&outcome.body), test->body);
	finish(world, &outcome);
	if (!test->kept) {
		peer_expect_end(&world->rig, &peer);
		peer_fini(&peer);
		return;
	}
	get(world, &outcome, "/again");
	peer_expect(&world->rig, &peer, "GET /again ");
	dg_upstream_cancel(&outcome.call);
	dg_buf_fini(&outcome.body);
	peer_expect_end(&world->rig, &peer);
	peer_fini(&peer);
}

static void
test_replies(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < DG_ARRAY_LEN(replies); i++) {
		size_t len = strlen(replies[i].bytes);

		/* Bytes behind the end must come together with it. */
		if (strcmp(replies[i].name, "bytes behind the end") == 0) {
			check_reply(&world, &replies[i], len);
			continue;
		}
		for (size_t cut = 0; cut <= len; cut++)
			check_reply(&world, &replies[i], cut);
	}
	world_fini(&world);
}

/* One request over a connection that is kept then. */
static void
warm_up(struct world *world, struct peer *peer)
{
	struct outcome outcome;

	get(world, &outcome, "/a");
	fake_accept(&world->rig, world->listener, peer);
	peer_expect(&world->rig, peer, GET_A);
	peer_say(&world->rig, peer, EMPTY_REPLY);
	finish(world, &outcome);
	assert_int_equal(outcome.rc, DG_OK);
}

/*
 * Closed by the peer while idle, and the loop has not seen it yet: repeated if
 * allowed; else not even sent on it.
 */
static void
test_stale_connection(void **state)
{
	struct world world;
	struct outcome outcome;
	struct dg_upstream_request request;
	struct peer peer;

	(void)state;
	world_init(&world);
	for (int repeatable = 1; repeatable >= 0; repeatable--) {
		warm_up(&world, &peer);
		request = make_request(&world, "GET", "/b");
		request.repeatable = repeatable == 1;
		peer_fini(&peer);
		start(&world, &outcome, &request);
		fake_accept(&world.rig, world.listener, &peer);
		peer_expect(&world.rig, &peer, "GET /b ");
		peer_say(&world.rig, &peer,
			 "HTTP/1.1 200 OK\r\nConnection: close\r\n"
			 "Content-Length: 0\r\n\r\n");
		finish(&world, &outcome);
		assert_int_equal(outcome.rc, DG_OK);
		peer_fini(&peer);
	}
	world_fini(&world);
}

/* Closed after the request has come, without a reply. */
static void
test_repetition(void **state)
{
	struct world world;
	struct outcome outcome;
	struct dg_upstream_request request;
	struct peer peer;

	(void)state;
	world_init(&world);
	for (int repeatable = 1; repeatable >= 0; repeatable--) {
		warm_up(&world, &peer);
		request = make_request(&world, "GET", "/b");
		request.repeatable = repeatable == 1;
		start(&world, &outcome, &request);
		peer_expect(&world.rig, &peer, "GET /b ");
		peer_fini(&peer);
		if (repeatable == 0) {
			finish(&world, &outcome);
			assert_int_equal(outcome.rc, DG_ERR_IO);
			continue;
		}
		/* Once more, and not a third time. */
		fake_accept(&world.rig, world.listener, &peer);
		peer_expect(&world.rig, &peer, "GET /b ");
		peer_fini(&peer);
		finish(&world, &outcome);
		assert_int_equal(outcome.rc, DG_ERR_IO);
	}
	/* A fresh connection that fails is no reason to repeat. */
	get(&world, &outcome, "/c");
	fake_accept(&world.rig, world.listener, &peer);
	peer_expect(&world.rig, &peer, "GET /c ");
	peer_fini(&peer);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_IO);
	world_fini(&world);
}

static void
test_unsolicited_bytes(void **state)
{
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	get(&world, &outcome, "/a");
	fake_accept(&world.rig, world.listener, &peer);
	peer_say(&world.rig, &peer, EMPTY_REPLY);
	finish(&world, &outcome);
	peer_say(&world.rig, &peer, "HTTP/1.1 200 OK\r\n\r\n");
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
}

/* Two connections at most, two calls in line, the fifth is refused. */
static void
test_line(void **state)
{
	struct world world;
	struct outcome outcomes[5];
	struct peer first;
	struct peer second;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < 5; i++)
		get(&world, &outcomes[i], "/a");
	finish(&world, &outcomes[4]);
	assert_int_equal(outcomes[4].rc, DG_ERR_UNAVAILABLE);
	fake_accept(&world.rig, world.listener, &first);
	fake_accept(&world.rig, world.listener, &second);
	peer_expect(&world.rig, &first, GET_A);
	peer_say(&world.rig, &first, EMPTY_REPLY);
	/* The first in line has that connection now. */
	peer_expect(&world.rig, &first, GET_A);
	/* One that breaks is replaced for the next in line. */
	peer_expect(&world.rig, &second, GET_A);
	peer_fini(&second);
	fake_accept(&world.rig, world.listener, &second);
	peer_expect(&world.rig, &second, GET_A);
	peer_say(&world.rig, &second, EMPTY_REPLY);
	peer_say(&world.rig, &first, EMPTY_REPLY);
	for (size_t i = 0; i < 4; i++) {
		finish(&world, &outcomes[i]);
		assert_int_equal(outcomes[i].rc, i == 1 ? DG_ERR_IO : DG_OK);
	}
	peer_fini(&first);
	peer_fini(&second);
	world_fini(&world);
}

static void
test_refused_connection(void **state)
{
	struct world world;
	struct outcome outcome;
	struct dg_upstream_request request;

	(void)state;
	world_init(&world);
	close(world.listener);
	get(&world, &outcome, "/a");
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_IO);
	assert_non_null(strstr(outcome.why, "connecting to 127.0.0.1:"));
	assert_non_null(strstr(outcome.why, "Connection refused"));
	request = make_request(&world, "GET", "/a");
	request.endpoint.host = DG_STR("no-such-host.invalid");
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_IO);
	assert_non_null(strstr(outcome.why, "its name is unknown"));
	/* A name, not an address. */
	world.listener = fake_listen(&world.port);
	request.endpoint.host = DG_STR("localhost");
	request.endpoint.port = (uint16_t)world.port;
	start(&world, &outcome, &request);
	{
		struct peer peer;

		fake_accept(&world.rig, world.listener, &peer);
		peer_expect(&world.rig, &peer, "Host: localhost:");
		peer_say(&world.rig, &peer, EMPTY_REPLY);
		finish(&world, &outcome);
		assert_int_equal(outcome.rc, DG_OK);
		peer_fini(&peer);
	}
	world_fini(&world);
}

static void
test_bad_requests(void **state)
{
	const struct dg_http_header bad_name = {DG_STR("A b"), DG_STR("c")};
	const struct dg_http_header bad_value = {DG_STR("A"),
						 DG_STR("c\r\nd: e")};
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcome;

	(void)state;
	world_init(&world);
	request = make_request(&world, "GET", "/a b");
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_INVALID);
	request = make_request(&world, "GET", "/a");
	request.n_headers = 1;
	request.headers = &bad_name;
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_INVALID);
	request.headers = &bad_value;
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_INVALID);
	world_fini(&world);
}

static void
test_deadlines(void **state)
{
	static const char *const said[] = {
		"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"};
	static const char *const why[] = {"waiting for the reply",
					  "within the reply's body"};
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	request = make_request(&world, "GET", "/a");
	for (size_t i = 0; i < 2; i++) {
		request.head_timeout_ms = i == 0 ? 50 : 20000;
		request.body_timeout_ms = i == 0 ? 20000 : 30;
		start(&world, &outcome, &request);
		fake_accept(&world.rig, world.listener, &peer);
		peer_say(&world.rig, &peer, said[i]);
		finish(&world, &outcome);
		assert_int_equal(outcome.rc, DG_ERR_TIMEOUT);
		assert_non_null(strstr(outcome.why, why[i]));
		peer_expect_end(&world.rig, &peer);
		peer_fini(&peer);
	}
	world_fini(&world);
}

/* In line, and while the peer does not answer our TLS greeting. */
static void
test_connecting_deadlines(void **state)
{
	struct dg_upstream_config config = default_config();
	struct dg_upstream_request request;
	struct world world;
	struct outcome busy[2];
	struct outcome outcome;
	struct peer peers[2];

	(void)state;
	config.connect_timeout_ms = 200;
	world_init_with(&world, &config);
	for (size_t i = 0; i < 2; i++)
		get(&world, &busy[i], "/a");
	for (size_t i = 0; i < 2; i++) {
		fake_accept(&world.rig, world.listener, &peers[i]);
		peer_expect(&world.rig, &peers[i], GET_A);
	}
	get(&world, &outcome, "/line");
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_TIMEOUT);
	assert_non_null(strstr(outcome.why, "waiting for a free connection"));
	for (size_t i = 0; i < 2; i++) {
		dg_upstream_cancel(&busy[i].call);
		dg_buf_fini(&busy[i].body);
		peer_fini(&peers[i]);
	}
	request = make_request(&world, "GET", "/a");
	request.endpoint.tls = true;
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_TIMEOUT);
	assert_int_equal(outcome.heads, 0);
	world_fini(&world);
}

/* Cancelled before the resolver answers. */
static void
test_cancel_while_resolving(void **state)
{
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcome;

	(void)state;
	world_init(&world);
	request = make_request(&world, "GET", "/a");
	request.endpoint.host = DG_STR("no-such-host.invalid");
	start(&world, &outcome, &request);
	/* The start is deferred by one pass; the answer takes a thread. */
	rig_pass(&world.rig);
	dg_upstream_cancel(&outcome.call);
	dg_buf_fini(&outcome.body);
	start(&world, &outcome, &request);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_ERR_IO);
	world_fini(&world);
}

/* Endpoints that are not in use make room; those in use do not. */
static void
test_many_endpoints(void **state)
{
	enum { MANY = 300, MOST = 256 };
	struct dg_upstream_request request;
	struct world world;
	struct outcome outcomes[MANY];
	char names[MANY][16];

	(void)state;
	world_init(&world);
	request = make_request(&world, "GET", "/a");
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "ca%zu", i);
		request.endpoint.ca_file = dg_str_from_cstr(names[i]);
		start(&world, &outcomes[i], &request);
		dg_upstream_cancel(&outcomes[i].call);
		dg_buf_fini(&outcomes[i].body);
	}
	for (size_t i = 0; i < MANY; i++) {
		request.endpoint.ca_file = dg_str_from_cstr(names[i]);
		start(&world, &outcomes[i], &request);
	}
	finish(&world, &outcomes[MANY - 1]);
	assert_int_equal(outcomes[MANY - 1].rc, DG_ERR_UNAVAILABLE);
	assert_int_equal(outcomes[MOST - 1].n_done, 0);
	for (size_t i = 0; i < MANY - 1; i++) {
		dg_upstream_cancel(&outcomes[i].call);
		dg_buf_fini(&outcomes[i].body);
	}
	world_fini(&world);
}

static void
test_idle_deadline(void **state)
{
	struct dg_upstream_config config = default_config();
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	config.idle_timeout_ms = 20;
	world_init_with(&world, &config);
	get(&world, &outcome, "/a");
	fake_accept(&world.rig, world.listener, &peer);
	peer_say(&world.rig, &peer, EMPTY_REPLY);
	finish(&world, &outcome);
	peer_expect(&world.rig, &peer, GET_A);
	peer_expect_end(&world.rig, &peer);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_cancel(void **state)
{
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	/* Before anything happened. */
	get(&world, &outcome, "/a");
	dg_upstream_cancel(&outcome.call);
	assert_null(outcome.call);
	/* While connecting, before and after the head, within a callback. */
	for (int phase = 0; phase < 4; phase++) {
		get(&world, &outcome, "/a");
		if (phase == 3)
			outcome.cancel_at = DG_STR("ab");
		fake_accept(&world.rig, world.listener, &peer);
		if (phase > 0)
			peer_expect(&world.rig, &peer, GET_A);
		if (phase > 1) {
			peer_say(&world.rig, &peer,
				 "HTTP/1.1 200 OK\r\n"
				 "Content-Length: 9\r\n\r\nabc");
			rig_until(&world.rig, dg_buf_len(&outcome.body) > 0);
		}
		dg_upstream_cancel(&outcome.call);
		peer_expect_end(&world.rig, &peer);
		assert_int_equal(outcome.n_done, 0);
		dg_buf_fini(&outcome.body);
		peer_fini(&peer);
	}
	world_fini(&world);
}

/* A paused call stops the peer; the rest comes when it goes on. */
static void
test_back_pressure(void **state)
{
	enum { LEN = 20 * 1000 * 1000 };
	struct world world;
	struct outcome outcome;
	struct peer peer;
	char *body = test_malloc(LEN);
	size_t sent = 0;
	ssize_t n;

	(void)state;
	memset(body, 'r', LEN);
	world_init(&world);
	get(&world, &outcome, "/a");
	outcome.pause_at_body = true;
	fake_accept(&world.rig, world.listener, &peer);
	peer_say(&world.rig, &peer,
		 "HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
	for (int idle = 0; idle < 20;) {
		n = send(peer.fd, body + sent, LEN - sent, MSG_NOSIGNAL);
		idle = n > 0 ? 0 : idle + 1;
		sent += n > 0 ? (size_t)n : 0;
		rig_pass(&world.rig);
	}
	assert_true(sent < LEN);
	assert_true(dg_buf_len(&outcome.body) <= 65536);
	outcome.pause_at_body = false;
	dg_upstream_pause(outcome.call, false);
	peer_send(&world.rig, &peer, dg_str_make(body + sent, LEN - sent));
	rig_until(&world.rig, outcome.n_done > 0);
	assert_int_equal(outcome.rc, DG_OK);
	assert_int_equal(dg_buf_len(&outcome.body), LEN);
	finish(&world, &outcome);
	test_free(body);
	peer_fini(&peer);
	world_fini(&world);
}

/* Paused by the very bytes that end the body: done comes afterwards. */
static void
test_pause_at_the_end(void **state)
{
	struct world world;
	struct outcome outcome;
	struct peer peer;

	(void)state;
	world_init(&world);
	get(&world, &outcome, "/a");
	outcome.pause_at_body = true;
	fake_accept(&world.rig, world.listener, &peer);
	peer_say(&world.rig, &peer,
		 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab");
	rig_until(&world.rig, dg_buf_len(&outcome.body) == 2);
	for (int i = 0; i < 5; i++)
		rig_pass(&world.rig);
	assert_int_equal(outcome.n_done, 0);
	dg_upstream_pause(outcome.call, false);
	finish(&world, &outcome);
	assert_int_equal(outcome.rc, DG_OK);
	peer_fini(&peer);
	world_fini(&world);
}

static void
test_destroy_while_running(void **state)
{
	struct world world;
	struct outcome outcomes[3];
	struct peer peer;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < 3; i++)
		get(&world, &outcomes[i], "/a");
	fake_accept(&world.rig, world.listener, &peer);
	peer_expect(&world.rig, &peer, GET_A);
	dg_upstream_destroy(&world.upstream);
	assert_null(world.upstream);
	for (size_t i = 0; i < 3; i++) {
		finish(&world, &outcomes[i]);
		assert_int_equal(outcomes[i].rc, DG_ERR_CLOSED);
	}
	peer_fini(&peer);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_and_keep),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_long_post),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_stale_connection),
		cmocka_unit_test(test_repetition),
		cmocka_unit_test(test_unsolicited_bytes),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_refused_connection),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_connecting_deadlines),
		cmocka_unit_test(test_cancel_while_resolving),
		cmocka_unit_test(test_many_endpoints),
		cmocka_unit_test(test_idle_deadline),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_pause_at_the_end),
		cmocka_unit_test(test_destroy_while_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

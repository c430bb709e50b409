/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_echo.c - a small server and relay on proxy/http, for tests at the
 * level of bytes and for measuring the HTTP layers alone.
 *
 * usage: dg_http_echo [-l ADDRESS:PORT] [-t TIMEOUT_MS] [-c CERT -k KEY]
 *                     [-u HOST:PORT] [-a CA]
 *
 * Prints "listening PORT". Answers:
 *   /relay/PATH   what the upstream says to /PATH: the one of -u, or the port
 *                 on this host that the header X-Upstream-Port names
 *   /stream/N     N bytes, chunked
 *   /early        401 without reading the body
 *   else          200, "METHOD PATH" and the body
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/mem.h"
#include "http/client.h"
#include "http/server.h"
#include "net/listener.h"
#include "net/tls.h"

enum {
	BODY_MAX = 4 << 20,
	HEAD_MAX = 2 << 20,
	OUT_MAX = 256 * 1024,
	RELAY_HEADERS_MAX = 32,
};

struct echo {
	struct dg_loop *loop;
	struct dg_offload *offload;
	struct dg_resolver *resolver;
	struct dg_upstream *upstream;
	struct dg_http_server *server;
	struct dg_listener *listener;
	struct ssl_ctx_st *tls;
	struct dg_endpoint endpoint;
	unsigned timeout_ms;
};

/* One relayed request; in the exchange's arena. */
struct relay {
	struct echo *echo;
	struct dg_http_exchange *x; /* NULL when the client has gone */
	struct dg_upstream_call *call;
	size_t streamed; /* still to be sent of /stream */
	bool begun;
};

static struct relay *
relay_of(struct echo *echo, struct dg_http_exchange *x)
{
	struct relay *relay =
		DG_ARENA_NEW(dg_http_exchange_arena(x), struct relay);

	*relay = (struct relay){.echo = echo, .x = x};
	return relay;
}

static void
reply(struct dg_http_exchange *x, unsigned status, struct dg_str text)
{
	dg_http_reply_simple(x, status, NULL, NULL, 0, DG_STR("text/plain"),
			     text);
}

/* ---- relaying ---------------------------------------------------------- */

static void
on_relay_cancel(void *arg)
{
	struct relay *relay = arg;

	relay->x = NULL;
	dg_upstream_cancel(&relay->call);
}

static bool
is_relayed(struct dg_str name)
{
	static const struct dg_str kept[] = {DG_STR_INIT("Content-Type"),
					     DG_STR_INIT("X-Test")};

	for (size_t i = 0; i < DG_ARRAY_LEN(kept); i++) {
		if (dg_str_eq_nocase(name, kept[i]))
			return true;
	}
	return false;
}

static void
on_relay_head(void *arg, const struct dg_http_head *head)
{
	struct relay *relay = arg;
	struct dg_http_header headers[RELAY_HEADERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < head->n_headers && n < RELAY_HEADERS_MAX; i++) {
		if (is_relayed(head->headers[i].name))
			headers[n++] = head->headers[i];
	}
	relay->begun = true;
	dg_http_reply_begin(relay->x, head->status, NULL, headers, n,
			    head->framing == DG_HTTP_LENGTH
				    ? head->content_length
				    : DG_HTTP_LENGTH_UNKNOWN);
}

static void
on_relay_body(void *arg, struct dg_str bytes)
{
	struct relay *relay = arg;

	/* The room is there: see the pause below. */
	if (dg_http_reply_write(relay->x, bytes) != DG_OK) {
		struct dg_http_exchange *x = relay->x;

		dg_upstream_cancel(&relay->call);
		dg_http_reply_abort(x);
		return;
	}
	if (dg_http_reply_room(relay->x) < OUT_MAX / 2)
		dg_upstream_pause(relay->call, true);
}

static void
on_relay_writable(void *arg)
{
	struct relay *relay = arg;

	if (relay->call != NULL)
		dg_upstream_pause(relay->call, false);
}

static void
on_relay_done(void *arg, enum dg_rc rc, const char *why)
{
	struct relay *relay = arg;

	relay->call = NULL;
	if (rc == DG_OK)
		dg_http_reply_end(relay->x);
	else if (relay->begun)
		dg_http_reply_abort(relay->x);
	else
		reply(relay->x, 502, dg_str_from_cstr(why));
}

/* Path and query behind "/relay". */
static struct dg_str
target_of(struct dg_http_exchange *x, const struct dg_http_head *head)
{
	struct dg_str path = dg_str_slice(head->path, 6, head->path.len);

	if (head->query.len == 0)
		return path;
	return dg_arena_printf(dg_http_exchange_arena(x), "%.*s?%.*s",
			       DG_STR_ARG(path), DG_STR_ARG(head->query));
}

static void
on_relay_request_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	static const struct dg_upstream_handlers handlers = {
		.on_head = on_relay_head,
		.on_body = on_relay_body,
		.on_done = on_relay_done,
	};
	struct relay *relay = arg;
	const struct dg_http_head *head = dg_http_exchange_head(relay->x);
	const struct dg_http_header *port =
		dg_http_find(head, DG_STR("X-Upstream-Port"), NULL);
	struct dg_upstream_request request = {
		.endpoint = relay->echo->endpoint,
		.method = head->method == DG_HTTP_POST   ? "POST"
			  : head->method == DG_HTTP_HEAD ? "HEAD"
							 : "GET",
		.target = target_of(relay->x, head),
		.body = body,
		.head_timeout_ms = relay->echo->timeout_ms,
		.body_timeout_ms = relay->echo->timeout_ms,
		.repeatable = true,
	};
	uint64_t number = 0;

	if (rc != DG_OK) {
		reply(relay->x, 400, DG_STR("bad body"));
		return;
	}
	if (port != NULL && dg_str_to_u64(port->value, &number) == DG_OK)
		request.endpoint.port = (uint16_t)number;
	dg_http_exchange_on_cancel(relay->x, on_relay_cancel, relay);
	dg_http_reply_on_writable(relay->x, on_relay_writable, relay);
	relay->call = dg_upstream_send(relay->echo->upstream, &request,
				       &handlers, relay);
}

/* ---- streaming --------------------------------------------------------- */

static void
on_stream_cancel(void *arg)
{
	struct relay *relay = arg;

	relay->x = NULL;
}

static void
step_stream(void *arg)
{
	static char block[16384];
	struct relay *relay = arg;

	while (relay->streamed > 0) {
		size_t n = relay->streamed < sizeof(block) ? relay->streamed
							   : sizeof(block);

		if (dg_http_reply_write(relay->x, dg_str_make(block, n)) !=
		    DG_OK)
			return;
		relay->streamed -= n;
	}
	dg_http_reply_end(relay->x);
}

static void
start_stream(struct relay *relay, struct dg_str count)
{
	uint64_t n;

	if (dg_str_to_u64(count, &n) != DG_OK) {
		reply(relay->x, 404, DG_STR("how many bytes?"));
		return;
	}
	relay->streamed = (size_t)n;
	dg_http_exchange_on_cancel(relay->x, on_stream_cancel, relay);
	dg_http_reply_on_writable(relay->x, step_stream, relay);
	dg_http_reply_begin(relay->x, 200, NULL, NULL, 0,
			    DG_HTTP_LENGTH_UNKNOWN);
	step_stream(relay);
}

/* ---- echo -------------------------------------------------------------- */

static void
on_echo_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	struct relay *relay = arg;
	struct dg_http_exchange *x = relay->x;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	struct dg_buf text;

	if (rc != DG_OK) {
		reply(x, rc == DG_ERR_LIMIT ? 413 : 400, DG_STR("bad body\n"));
		return;
	}
	dg_buf_init(&text,
		    body.len + head->method_text.len + head->path.len + 16);
	if (dg_buf_append(&text, head->method_text) != DG_OK ||
	    dg_buf_append_char(&text, ' ') != DG_OK ||
	    dg_buf_append(&text, head->path) != DG_OK ||
	    dg_buf_append_char(&text, '\n') != DG_OK ||
	    dg_buf_append(&text, body) != DG_OK)
		DG_UNREACHABLE();
	reply(x, 200, dg_buf_peek(&text));
	dg_buf_fini(&text);
}

static void
on_request(void *arg, struct dg_http_exchange *x)
{
	struct echo *echo = arg;
	struct dg_str path = dg_http_exchange_head(x)->path;
	struct relay *relay = relay_of(echo, x);

	if (dg_str_starts_with(path, DG_STR("/relay/")))
		dg_http_exchange_read_body(x, BODY_MAX, on_relay_request_body,
					   relay);
	else if (dg_str_starts_with(path, DG_STR("/stream/")))
		start_stream(relay, dg_str_slice(path, 8, path.len));
	else if (dg_str_eq(path, DG_STR("/early")))
		reply(x, 401, DG_STR("no\n"));
	else
		dg_http_exchange_read_body(x, BODY_MAX, on_echo_body, relay);
}

/* ---- start and end ----------------------------------------------------- */

static struct echo *running;

static void
on_signal(int signal_number)
{
	(void)signal_number;
	dg_loop_stop(running->loop);
}

static void
fail(const char *what)
{
	fprintf(stderr, "dg_http_echo: %s\n", what);
	exit(2);
}

static void
set_upstream(struct echo *echo, const char *text)
{
	struct dg_str s = dg_str_from_cstr(text);
	size_t colon = dg_str_find(s, ':', 0);
	uint64_t port;

	if (dg_str_to_u64(dg_str_slice(s, colon + 1, s.len), &port) != DG_OK)
		fail("-u HOST:PORT");
	echo->endpoint.host = dg_str_slice(s, 0, colon);
	echo->endpoint.port = (uint16_t)port;
}

static void
start_upstream(struct echo *echo)
{
	const struct dg_offload_config offload = {.threads = 1,
						  .queue_max = 64};
	const struct dg_upstream_config upstream = {
		.max_idle_per_endpoint = 64,
		.max_per_endpoint = 256,
		.max_waiting = 1024,
		.max_head = HEAD_MAX,
		.in_max = 64 * 1024,
		.connect_timeout_ms = echo->timeout_ms,
		.idle_timeout_ms = echo->timeout_ms,
	};

	echo->offload = dg_offload_create(&offload);
	echo->resolver = dg_resolver_create(echo->loop, echo->offload, 1000);
	echo->upstream =
		dg_upstream_create(echo->loop, echo->resolver, &upstream);
}

static void
start_server(struct echo *echo, const char *address)
{
	const struct dg_http_server_config config = {
		.max_head = HEAD_MAX,
		.arena_max = 65536,
		.out_max = OUT_MAX,
		.max_connections = 4096,
		.idle_timeout_ms = echo->timeout_ms,
		.head_timeout_ms = echo->timeout_ms,
		.body_timeout_ms = echo->timeout_ms,
		.write_timeout_ms = echo->timeout_ms,
		.tls_timeout_ms = echo->timeout_ms,
	};
	const struct dg_http_service service = {on_request, echo};
	struct dg_error err;

	echo->server =
		dg_http_server_create(echo->loop, echo->tls, &config, &service);
	if (dg_listener_open(echo->loop, dg_str_from_cstr(address),
			     dg_http_server_accept, echo->server,
			     &echo->listener, &err) != DG_OK)
		fail(err.text);
	printf("listening %u\n", dg_listener_port(echo->listener));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct echo echo = {.timeout_ms = 60000,
			    .endpoint = {.host = DG_STR("127.0.0.1")}};
	const char *address = "127.0.0.1:0";
	const char *cert = NULL;
	const char *key = NULL;
	struct dg_error err;
	int option;

	while ((option = getopt(argc, argv, "l:t:c:k:u:a:")) != -1) {
		switch (option) {
		case 'l':
			address = optarg;
			break;
		case 't':
			echo.timeout_ms = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			cert = optarg;
			break;
		case 'k':
			key = optarg;
			break;
		case 'u':
			set_upstream(&echo, optarg);
			break;
		case 'a':
			echo.endpoint.tls = true;
			echo.endpoint.ca_file = dg_str_from_cstr(optarg);
			break;
		default:
			fail("unknown option");
		}
	}
	if (cert != NULL &&
	    dg_tls_server_create(cert, key, &echo.tls, &err) != DG_OK)
		fail(err.text);
	echo.loop = dg_loop_create("echo", 64);
	start_upstream(&echo);
	start_server(&echo, address);
	running = &echo;
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGINT, on_signal);
	dg_loop_run(echo.loop);
	dg_listener_close(&echo.listener);
	dg_http_server_destroy(&echo.server);
	dg_upstream_destroy(&echo.upstream);
	dg_offload_destroy(&echo.offload);
	dg_resolver_destroy(&echo.resolver);
	dg_loop_destroy(&echo.loop);
	dg_tls_destroy(&echo.tls);
	return 0;
}

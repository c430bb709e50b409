/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c - one request with its reply: the request's body, the reply's
 * head and framing. Connections are in server.c. See server.h.
 *
 * Exchanges are pooled per server, the one used last first, with their
 * buffers and arena: a small request allocates nothing. Nothing here calls the
 * service but body_done, on_cancel, each as the last thing done.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "http/chars.h"
#include "http/server_private.h"
#include "http/status.h"

enum {
	SPARE_MAX = 64,
	KEEP_BUFFER = 16 * 1024,
	/* Bytes of a body within body_timeout_ms, at least. */
	PROGRESS_MIN = 4096,
	CHUNK_FRAME = DG_HTTP_HEX_MAX + 4,
};

/* ---- pool -------------------------------------------------------------- */

struct dg_http_exchange *
dg_http_exchange_take(struct dg_http_server *server)
{
	struct dg_http_exchange *x;

	server->n_exchanges++;
	if (dg_list_is_empty(&server->spare)) {
		x = DG_NEW(struct dg_http_exchange);
		x->server = server;
		dg_list_init(&x->link);
		dg_buf_init(&x->head_bytes, KEEP_BUFFER);
		dg_buf_init(&x->body_bytes, KEEP_BUFFER);
	} else {
		x = DG_CONTAINER_OF(server->spare.next, struct dg_http_exchange,
				    link);
		dg_list_remove(&x->link);
		server->n_spare--;
	}
	x->magic = DG_HTTP_EXCHANGE_MAGIC;
	return x;
}

void
dg_http_exchange_free(struct dg_http_exchange *x)
{
	dg_buf_fini(&x->head_bytes);
	dg_buf_fini(&x->body_bytes);
	dg_arena_destroy(&x->arena);
	dg_free(x);
}

static void
keep_small(struct dg_buf *buf)
{
	dg_buf_clear(buf);
	if (buf->cap > KEEP_BUFFER)
		dg_buf_fini(buf);
	buf->max = KEEP_BUFFER;
}

void
dg_http_exchange_release(struct dg_http_exchange *x)
{
	struct dg_http_server *server = x->server;

	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	x->magic = 0;
	x->client = NULL;
	server->n_exchanges--;
	/* The client's password. */
	dg_wipe(x->head_bytes.data, x->head_bytes.tail);
	keep_small(&x->head_bytes);
	keep_small(&x->body_bytes);
	dg_budget_give(server->config.budget, x->charged + x->body_charged);
	x->charged = 0;
	x->body_charged = 0;
	if (x->arena != NULL)
		dg_arena_reset(x->arena);
	if (server->n_spare >= SPARE_MAX) {
		dg_http_exchange_free(x);
		dg_http_server_note_released(server);
		return;
	}
	dg_list_prepend(&server->spare, &x->link);
	server->n_spare++;
	dg_http_server_note_released(server);
}

void
dg_http_exchange_begin(struct dg_http_exchange *x, struct client_conn *client)
{
	x->client = client;
	dg_conn_take_in(client->conn, x->head.head_len, &x->head_bytes);
	dg_http_body_init(&x->body, &x->head);
	x->body_state = x->head.framing == DG_HTTP_NO_BODY ||
					(x->head.framing == DG_HTTP_LENGTH &&
					 x->head.content_length == 0)
				? REQUEST_BODY_COMPLETE
				: REQUEST_BODY_UNREAD;
	x->dropped = 0;
	x->continued = false;
	x->body_done = NULL;
	x->begun = false;
	x->on_cancel = NULL;
	x->on_writable = NULL;
}

/* ---- the request ------------------------------------------------------- */

const struct dg_http_head *
dg_http_exchange_head(const struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	return &x->head;
}

struct dg_arena *
dg_http_exchange_arena(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	if (x->arena == NULL) {
		x->arena = dg_arena_create(x->server->config.arena_max);
		dg_arena_set_budget(x->arena, x->server->config.budget);
		/* Services' passwords, on their way to a coordinator. */
		dg_arena_keep_secrets(x->arena);
	}
	return x->arena;
}

void
dg_http_exchange_trust(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	if (x->client != NULL)
		dg_http_client_trust(x->client);
}

const char *
dg_http_exchange_peer(const struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	return x->client == NULL ? "gone" : x->client->peer;
}

bool
dg_http_exchange_is_tls(const struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	return x->client != NULL && dg_conn_is_tls(x->client->conn);
}

struct dg_loop *
dg_http_exchange_loop(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	return x->server->loop;
}

void
dg_http_exchange_on_cancel(struct dg_http_exchange *x, dg_loop_fn fn, void *arg)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	x->on_cancel = fn;
	x->cancel_arg = arg;
}

void
dg_http_exchange_client_gone(struct dg_http_exchange *x)
{
	dg_loop_fn on_cancel = x->on_cancel;
	void *cancel_arg = x->cancel_arg;
	dg_http_body_fn done = x->body_done;

	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	x->client = NULL;
	x->body_done = NULL;
	x->body_state = REQUEST_BODY_BROKEN;
	if (on_cancel != NULL) {
		/* What the service knows of x may lie in its arena. */
		on_cancel(cancel_arg);
		dg_http_exchange_release(x);
	} else if (done != NULL) {
		done(x->body_arg, DG_ERR_CLOSED, DG_STR_EMPTY);
	}
}

/* ---- the request's body ------------------------------------------------ */

/* Tells who asked for the body; the last thing its caller does. */
static void
finish_body(struct dg_http_exchange *x, enum dg_rc rc)
{
	dg_http_body_fn done = x->body_done;
	struct dg_str bytes =
		rc == DG_OK ? dg_buf_peek(&x->body_bytes) : DG_STR_EMPTY;

	x->body_done = NULL;
	if (done != NULL)
		done(x->body_arg, rc, bytes);
}

static void
push_deadline(struct client_conn *client, size_t bytes)
{
	client->body_bytes += bytes;
	if (client->body_bytes < PROGRESS_MIN)
		return;
	client->body_bytes = 0;
	dg_deadline_set(&client->deadline,
			client->server->config.body_timeout_ms);
}

/* LIMIT: longer than wanted. UNAVAILABLE: the budget is used up. */
static enum dg_rc
keep_payload(struct dg_http_exchange *x, struct dg_str payload)
{
	enum dg_rc rc =
		dg_budget_raise(x->server->config.budget, &x->body_bytes,
				payload.len, x->body_max, &x->body_charged);

	return rc == DG_OK ? dg_buf_append(&x->body_bytes, payload) : rc;
}

/*
 * Takes what has arrived. OK: complete. CONFLICT: more is to come. LIMIT,
 * UNAVAILABLE, INVALID as dg_http_exchange_read_body says.
 */
static enum dg_rc
take_body(struct dg_http_exchange *x)
{
	struct dg_buf *in = dg_conn_in(x->client->conn);
	bool keep = x->body_state == REQUEST_BODY_READING;

	while (dg_buf_len(in) > 0) {
		struct dg_http_fault fault;
		struct dg_str payload;
		size_t consumed;
		enum dg_rc rc = DG_OK;
		enum dg_http_parse parsed = dg_http_body_next(
			&x->body, dg_buf_peek(in), &payload, &consumed, &fault);

		if (parsed == DG_HTTP_BAD)
			return DG_ERR_INVALID;
		if (keep)
			rc = keep_payload(x, payload);
		else
			x->dropped += consumed;
		push_deadline(x->client, consumed);
		dg_buf_consume(in, consumed);
		if (parsed == DG_HTTP_DONE)
			x->body_state = REQUEST_BODY_COMPLETE;
		if (parsed == DG_HTTP_DONE || rc != DG_OK)
			return rc;
	}
	return DG_ERR_CONFLICT;
}

static void
feed_reading(struct dg_http_exchange *x)
{
	enum dg_rc rc = take_body(x);

	if (rc == DG_ERR_CONFLICT)
		return;
	dg_deadline_clear(&x->client->deadline);
	if (rc == DG_ERR_INVALID)
		x->body_state = REQUEST_BODY_BROKEN;
	else if (x->body_state == REQUEST_BODY_READING)
		x->body_state = REQUEST_BODY_UNREAD;
	finish_body(x, rc);
}

/* Bytes nobody wants, before, during and after the reply. */
static void
feed_dropping(struct dg_http_exchange *x)
{
	struct client_conn *client = x->client;
	bool draining = client->fsm.state == CLIENT_DRAINING;
	enum dg_rc rc = take_body(x);

	if (rc == DG_ERR_CONFLICT && x->dropped < CLIENT_DROP_MAX)
		return;
	dg_deadline_clear(&client->deadline);
	if (rc != DG_OK) {
		x->body_state = REQUEST_BODY_BROKEN;
		x->keep_alive = false;
	}
	if (!draining)
		return;
	if (rc == DG_OK)
		dg_http_client_next(client);
	else
		dg_http_client_close(client);
}

void
dg_http_exchange_feed(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	switch (x->body_state) {
	case REQUEST_BODY_READING:
		feed_reading(x);
		return;
	case REQUEST_BODY_DROPPING:
		feed_dropping(x);
		return;
	case REQUEST_BODY_UNREAD:
	case REQUEST_BODY_COMPLETE:
	case REQUEST_BODY_BROKEN:
		return;
	}
}

void
dg_http_exchange_body_late(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	x->body_state = REQUEST_BODY_BROKEN;
	x->keep_alive = false;
	finish_body(x, DG_ERR_TIMEOUT);
}

static void
send_continue(struct dg_http_exchange *x)
{
	static const struct dg_str text =
		DG_STR_INIT("HTTP/1.1 100 Continue\r\n\r\n");
	char *at;

	if (!x->head.expect_continue || x->continued)
		return;
	x->continued = true;
	/* RFC 9110 10.1.1: not needed when the body is coming already. */
	if (dg_buf_len(dg_conn_in(x->client->conn)) > 0)
		return;
	at = dg_conn_reserve(x->client->conn, text.len);
	dg_http_put(at, text);
	dg_conn_commit(x->client->conn, text.len);
}

void
dg_http_exchange_read_body(struct dg_http_exchange *x, size_t max,
			   dg_http_body_fn done, void *arg)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	DG_ASSERT(x->body_done == NULL && !x->begun);
	x->body_done = done;
	x->body_arg = arg;
	if (x->client == NULL) {
		finish_body(x, DG_ERR_CLOSED);
		return;
	}
	if (x->body_state == REQUEST_BODY_COMPLETE) {
		finish_body(x, DG_OK);
		return;
	}
	DG_ASSERT(x->body_state == REQUEST_BODY_UNREAD);
	if (x->head.framing == DG_HTTP_LENGTH && x->head.content_length > max) {
		finish_body(x, DG_ERR_LIMIT);
		return;
	}
	x->body_max = max;
	x->body_state = REQUEST_BODY_READING;
	x->client->body_bytes = 0;
	dg_deadline_set(&x->client->deadline,
			x->server->config.body_timeout_ms);
	send_continue(x);
	dg_conn_resume(x->client->conn, DG_CONN_PAUSE_DECIDE);
	feed_reading(x);
}

void
dg_http_exchange_drop_body(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	DG_ASSERT(x->body_done == NULL);
	keep_small(&x->body_bytes);
	dg_budget_give(x->server->config.budget, x->body_charged);
	x->body_charged = 0;
}

/* ---- the reply --------------------------------------------------------- */

/* What is left of the body must be few enough bytes, and on its way. */
static bool
can_drop_body(const struct dg_http_exchange *x)
{
	switch (x->body_state) {
	case REQUEST_BODY_COMPLETE:
		return true;
	case REQUEST_BODY_BROKEN:
		return false;
	case REQUEST_BODY_UNREAD:
	case REQUEST_BODY_READING:
	case REQUEST_BODY_DROPPING:
		if (x->head.expect_continue && !x->continued)
			return false;
		return x->head.framing != DG_HTTP_LENGTH ||
		       x->body.remaining <= CLIENT_DROP_MAX;
	}
	DG_UNREACHABLE();
}

static bool
status_has_body(unsigned status)
{
	return status >= 200 && status != 204 && status != 304;
}

static void
settle_reply(struct dg_http_exchange *x, unsigned status,
	     uint64_t content_length)
{
	bool unknown = content_length == DG_HTTP_LENGTH_UNKNOWN;

	x->begun = true;
	x->has_body = status_has_body(status) && x->head.method != DG_HTTP_HEAD;
	x->chunked = unknown && x->head.minor >= 1;
	x->until_close = unknown && x->head.minor == 0 && x->has_body;
	x->left = unknown ? 0 : content_length;
	x->keep_alive = x->head.keep_alive && !x->server->draining &&
			!x->until_close && can_drop_body(x);
}

static char *
put_framing(const struct dg_http_exchange *x, char *at, unsigned status,
	    uint64_t content_length)
{
	if (!status_has_body(status))
		return at;
	if (content_length != DG_HTTP_LENGTH_UNKNOWN) {
		at = dg_http_put(at, DG_STR("Content-Length: "));
		at = dg_http_put_decimal(at, content_length);
		return dg_http_put(at, DG_STR("\r\n"));
	}
	if (x->chunked)
		at = dg_http_put(at, DG_STR("Transfer-Encoding: chunked\r\n"));
	return at;
}

static char *
put_connection(const struct dg_http_exchange *x, char *at)
{
	if (!x->keep_alive)
		return dg_http_put(at, DG_STR("Connection: close\r\n"));
	if (x->head.minor == 0)
		return dg_http_put(at, DG_STR("Connection: keep-alive\r\n"));
	return at;
}

static size_t
measure_head(struct dg_str reason, const struct dg_http_header *headers,
	     size_t n, const struct dg_http_header *extra)
{
	enum {
		FIXED = sizeof("HTTP/1.1 100 \r\nDate: \r\n"
			       "Transfer-Encoding: chunked\r\n"
			       "Connection: keep-alive\r\n\r\n") +
			DG_HTTP_DATE_LEN + DG_HTTP_DECIMAL_MAX
	};
	size_t size = FIXED + reason.len + dg_http_header_size(extra);

	for (size_t i = 0; i < n; i++)
		size += dg_http_header_size(&headers[i]);
	return size;
}

static void
write_head(struct dg_http_exchange *x, unsigned status, struct dg_str reason,
	   const struct dg_http_header *headers, size_t n,
	   const struct dg_http_header *extra, uint64_t content_length)
{
	struct dg_conn *conn = x->client->conn;
	char *start =
		dg_conn_reserve(conn, measure_head(reason, headers, n, extra));
	char *at = dg_http_put(start, DG_STR("HTTP/1.1 "));

	at = dg_http_put_decimal(at, status);
	*at++ = ' ';
	at = dg_http_put(at, reason);
	at = dg_http_put(at, DG_STR("\r\n"));
	for (size_t i = 0; i < n; i++)
		at = dg_http_put_header(at, headers[i].name, headers[i].value);
	if (extra->name.len > 0)
		at = dg_http_put_header(at, extra->name, extra->value);
	at = dg_http_put(at, DG_STR("Date: "));
	at = dg_http_put(at, dg_http_server_date(x->server));
	at = dg_http_put(at, DG_STR("\r\n"));
	at = put_framing(x, at, status, content_length);
	at = put_connection(x, at);
	at = dg_http_put(at, DG_STR("\r\n"));
	dg_conn_commit(conn, (size_t)(at - start));
}

/*
 * Nobody will ask for the body any more. What has arrived is looked at before
 * the reply says whether the connection is kept.
 */
static void
drop_body(struct dg_http_exchange *x)
{
	x->body_done = NULL;
	if (x->client == NULL)
		return;
	if (x->body_state == REQUEST_BODY_READING)
		x->body_state = REQUEST_BODY_UNREAD;
	if (x->body_state != REQUEST_BODY_UNREAD || !can_drop_body(x))
		return;
	x->body_state = REQUEST_BODY_DROPPING;
	feed_dropping(x);
	/* The read buffer may have been full. */
	dg_conn_resume(x->client->conn, DG_CONN_PAUSE_DECIDE);
}

static void
begin(struct dg_http_exchange *x, unsigned status, const char *reason,
      const struct dg_http_header *headers, size_t n,
      const struct dg_http_header *extra, uint64_t content_length)
{
	struct dg_str text = reason == NULL ? dg_http_reason(status)
					    : dg_str_from_cstr(reason);

	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	DG_ASSERT(!x->begun && status >= 200 && status <= 599);
	DG_ASSERT(dg_http_is_field_value(text));
	drop_body(x);
	settle_reply(x, status, content_length);
	dg_http_count_reply(status);
	if (x->client != NULL)
		write_head(x, status, text, headers, n, extra, content_length);
}

void
dg_http_reply_begin(struct dg_http_exchange *x, unsigned status,
		    const char *reason, const struct dg_http_header *headers,
		    size_t n_headers, uint64_t content_length)
{
	static const struct dg_http_header none = {DG_STR_INIT(""),
						   DG_STR_INIT("")};

	begin(x, status, reason, headers, n_headers, &none, content_length);
}

static enum dg_rc
write_chunk(struct dg_http_exchange *x, struct dg_str bytes)
{
	char size[CHUNK_FRAME];
	char *end = dg_http_put_hex(size, bytes.len);
	struct dg_str parts[3];

	end = dg_http_put(end, DG_STR("\r\n"));
	parts[0] = dg_str_make(size, (size_t)(end - size));
	parts[1] = bytes;
	parts[2] = DG_STR("\r\n");
	return dg_conn_writev(x->client->conn, parts, 3);
}

enum dg_rc
dg_http_reply_write(struct dg_http_exchange *x, struct dg_str bytes)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	DG_ASSERT(x->begun);
	if (x->client == NULL || !x->has_body || bytes.len == 0)
		return DG_OK;
	if (x->chunked)
		return write_chunk(x, bytes);
	if (!x->until_close) {
		enum dg_rc rc;

		DG_ASSERT(bytes.len <= x->left);
		rc = dg_conn_write(x->client->conn, bytes);
		if (rc == DG_OK)
			x->left -= bytes.len;
		return rc;
	}
	return dg_conn_write(x->client->conn, bytes);
}

size_t
dg_http_reply_room(const struct dg_http_exchange *x)
{
	size_t room;

	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	if (x->client == NULL)
		return x->server->config.out_max;
	room = dg_conn_out_room(x->client->conn);
	return room > CHUNK_FRAME ? room - CHUNK_FRAME : 0;
}

void
dg_http_reply_on_writable(struct dg_http_exchange *x, dg_loop_fn fn, void *arg)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	x->on_writable = fn;
	x->writable_arg = arg;
}

static void
write_last_chunk(struct dg_http_exchange *x)
{
	static const struct dg_str last = DG_STR_INIT("0\r\n\r\n");
	char *at = dg_conn_reserve(x->client->conn, last.len);

	dg_http_put(at, last);
	dg_conn_commit(x->client->conn, last.len);
}

void
dg_http_reply_end(struct dg_http_exchange *x)
{
	struct client_conn *client = x->client;

	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	DG_ASSERT(x->begun);
	if (client == NULL) {
		dg_http_exchange_release(x);
		return;
	}
	x->on_writable = NULL;
	x->on_cancel = NULL;
	/* Shorter than announced: the client must notice. */
	if (x->has_body && !x->chunked && !x->until_close && x->left > 0) {
		dg_http_client_abort(client);
		return;
	}
	if (x->has_body && x->chunked)
		write_last_chunk(x);
	if (!x->keep_alive) {
		dg_http_client_close(client);
		return;
	}
	if (x->body_state == REQUEST_BODY_COMPLETE) {
		dg_http_client_next(client);
		return;
	}
	x->body_state = REQUEST_BODY_DROPPING;
	dg_http_client_drain(client);
	feed_dropping(x);
}

void
dg_http_reply_abort(struct dg_http_exchange *x)
{
	DG_CHECK_MAGIC(x, DG_HTTP_EXCHANGE_MAGIC);
	if (x->client == NULL)
		dg_http_exchange_release(x);
	else
		dg_http_client_abort(x->client);
}

void
dg_http_reply_simple(struct dg_http_exchange *x, unsigned status,
		     const char *reason, const struct dg_http_header *headers,
		     size_t n_headers, struct dg_str content_type,
		     struct dg_str body)
{
	const struct dg_http_header type = {
		content_type.len > 0 ? DG_STR("Content-Type") : DG_STR_EMPTY,
		content_type};

	begin(x, status, reason, headers, n_headers, &type, body.len);
	if (x->client != NULL && x->has_body && body.len > 0) {
		char *at = dg_conn_reserve(x->client->conn, body.len);

		dg_http_put(at, body);
		dg_conn_commit(x->client->conn, body.len);
	}
	x->left = 0;
	dg_http_reply_end(x);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c - calls to coordinators: waiting, sending, reading the reply. The
 * pools of connections are in pool.c. See client.h.
 *
 * A call is pooled with its request buffer. It has one connection at most, and
 * a connection one call at most. Any anomaly of a reply (bytes behind its end,
 * a broken frame, an end before the request was sent) costs the connection.
 */
#include "http/client.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "http/chars.h"
#include "http/client_private.h"
#include "http/write.h"

enum {
	SPARE_MAX = 64,
	KEEP_BUFFER = 16 * 1024,
	INTERIM_MAX = 8, /* 1xx replies in front of one reply */
};

#define TO(state) DG_FSM_TO(state)
/* docs/fsm/upstream_call.dot */
static const struct dg_fsm_state call_states[] = {
	[CALL_NEW] = {"new",
		      TO(CALL_WAITING) | TO(CALL_CONNECTING) | TO(CALL_HEAD) |
			      TO(CALL_DONE),
		      true},
	[CALL_WAITING] = {"waiting",
			  TO(CALL_WAITING) | TO(CALL_CONNECTING) |
				  TO(CALL_HEAD) | TO(CALL_DONE),
			  true},
	[CALL_CONNECTING] = {"connecting", TO(CALL_HEAD) | TO(CALL_DONE), true},
	[CALL_HEAD] = {"head", TO(CALL_BODY) | TO(CALL_WAITING) | TO(CALL_DONE),
		       true},
	[CALL_BODY] = {"body", TO(CALL_DONE), true},
	[CALL_DONE] = {"done", 0, false},
};

/* ---- life -------------------------------------------------------------- */

static void
on_deadline(void *arg)
{
	struct dg_upstream_call *call = arg;
	const char *why = "timeout";

	DG_CHECK_MAGIC(call, DG_UPSTREAM_CALL_MAGIC);
	switch (dg_upstream_call_state(call)) {
	case CALL_NEW:
	case CALL_WAITING:
		why = "timeout while waiting for a free connection";
		break;
	case CALL_CONNECTING:
		why = "timeout while connecting";
		break;
	case CALL_HEAD:
		why = "timeout while waiting for the reply";
		break;
	case CALL_BODY:
		why = "timeout within the reply's body";
		break;
	case CALL_DONE:
		return;
	}
	dg_upstream_call_finish(call, DG_ERR_TIMEOUT, why);
}

static struct dg_upstream_call *
take_call(struct dg_upstream *upstream)
{
	struct dg_upstream_call *call;

	if (dg_list_is_empty(&upstream->spare)) {
		call = DG_NEW(struct dg_upstream_call);
		call->upstream = upstream;
		dg_list_init(&call->link);
		dg_list_init(&call->wait_link);
		dg_buf_init(&call->request, KEEP_BUFFER);
		dg_deadline_init(&call->deadline, upstream->loop, on_deadline,
				 call);
	} else {
		call = DG_CONTAINER_OF(upstream->spare.next,
				       struct dg_upstream_call, link);
		dg_list_remove(&call->link);
		upstream->n_spare--;
	}
	call->magic = DG_UPSTREAM_CALL_MAGIC;
	return call;
}

void
dg_upstream_call_free(struct dg_upstream_call *call)
{
	dg_deadline_fini(&call->deadline);
	dg_buf_fini(&call->request);
	dg_free(call);
}

/* It may hold a service's password, which is not to lie about. */
static void
forget_request(struct dg_upstream_call *call)
{
	dg_wipe(call->request.data, call->request.tail);
	dg_buf_clear(&call->request);
	if (call->request.cap > KEEP_BUFFER)
		dg_buf_fini(&call->request);
	call->request.max = KEEP_BUFFER;
	dg_budget_give(call->upstream->config.budget, call->charged);
	call->charged = 0;
}

/* After the dispatch: callbacks of the call may still be on the stack. */
static void
recycle(void *arg)
{
	struct dg_upstream_call *call = arg;
	struct dg_upstream *upstream = call->upstream;

	DG_CHECK_MAGIC(call, DG_UPSTREAM_CALL_MAGIC);
	call->magic = 0;
	upstream->n_zombies--;
	forget_request(call);
	if (upstream->n_spare >= SPARE_MAX) {
		dg_upstream_call_free(call);
	} else {
		dg_list_prepend(&upstream->spare, &call->link);
		upstream->n_spare++;
	}
	dg_upstream_note_recycled(upstream);
}

/* Out of every list; no callback comes any more. */
static void
retire(struct dg_upstream_call *call)
{
	dg_fsm_move(&call->fsm, CALL_DONE);
	dg_deadline_clear(&call->deadline);
	dg_list_remove(&call->link);
	if (dg_list_is_linked(&call->wait_link)) {
		dg_list_remove(&call->wait_link);
		call->endpoint->n_waiting--;
	}
	if (call->endpoint != NULL)
		call->endpoint->n_calls--;
	call->upstream->n_zombies++;
	dg_loop_defer(call->upstream->loop, recycle, call);
}

/*
 * More bytes than the reply has, or a request that is not sent to its end,
 * mean that the peer counts otherwise than we do.
 */
static bool
is_reusable(const struct dg_upstream_call *call)
{
	struct dg_conn *conn = call->conn == NULL ? NULL : call->conn->conn;

	return conn != NULL && call->keep_alive &&
	       dg_buf_len(dg_conn_in(conn)) == 0 &&
	       call->sent == dg_buf_len(&call->request) &&
	       dg_conn_out_queued(conn) == 0;
}

void
dg_upstream_call_finish(struct dg_upstream_call *call, enum dg_rc rc,
			const char *why)
{
	const struct dg_upstream_handlers *handlers = &call->handlers;
	struct upstream_conn *conn = call->conn;
	bool reusable = rc == DG_OK && is_reusable(call);

	dg_metric_add_label(DG_METRIC_UPSTREAM_REQUESTS, rc == DG_OK ? 0 : 1,
			    1);
	call->conn = NULL;
	retire(call);
	if (conn != NULL)
		dg_upstream_conn_release(conn, reusable);
	handlers->on_done(call->arg, rc, why);
}

static void
on_deferred_start(void *arg)
{
	struct dg_upstream_call *call = arg;

	DG_CHECK_MAGIC(call, DG_UPSTREAM_CALL_MAGIC);
	call->start_deferred = false;
	switch (dg_upstream_call_state(call)) {
	case CALL_NEW:
	case CALL_WAITING:
		if (call->early_rc != DG_OK)
			dg_upstream_call_finish(call, call->early_rc,
						call->early_why);
		else
			dg_upstream_start(call);
		return;
	case CALL_CONNECTING:
	case CALL_HEAD:
	case CALL_BODY:
	case CALL_DONE:
		return;
	}
}

void
dg_upstream_call_defer_start(struct dg_upstream_call *call)
{
	if (call->start_deferred)
		return;
	call->start_deferred = true;
	dg_loop_defer(call->upstream->loop, on_deferred_start, call);
}

/* ---- the request ------------------------------------------------------- */

static bool
is_target(struct dg_str target)
{
	if (target.len == 0 || target.data[0] != '/')
		return false;
	for (size_t i = 0; i < target.len; i++) {
		if (!dg_http_is_target_byte(target.data[i]))
			return false;
	}
	return true;
}

/* What goes out must read there as it reads here. */
static const char *
check_request(const struct dg_upstream_request *request)
{
	if (!is_target(request->target))
		return "the request target is malformed";
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct dg_http_header *header = &request->headers[i];

		if (header->name.len == 0 ||
		    dg_http_token_len(header->name) != header->name.len)
			return "a request header's name is malformed";
		if (!dg_http_is_field_value(header->value))
			return "a request header has a control byte";
	}
	return NULL;
}

static bool
has_request_body(const struct dg_upstream_request *request,
		 struct dg_str method)
{
	return request->body.len > 0 || dg_str_eq(method, DG_STR("POST")) ||
	       dg_str_eq(method, DG_STR("PUT"));
}

static enum dg_http_method
method_of(struct dg_str method)
{
	if (dg_str_eq(method, DG_STR("GET")))
		return DG_HTTP_GET;
	if (dg_str_eq(method, DG_STR("HEAD")))
		return DG_HTTP_HEAD;
	return DG_HTTP_OTHER;
}

static enum dg_rc
format_request(struct dg_upstream_call *call,
	       const struct dg_upstream_request *request)
{
	struct dg_str method = dg_str_from_cstr(request->method);
	struct dg_str host = dg_str_from_cstr(call->endpoint->host_header);
	size_t size = method.len + request->target.len + host.len +
		      request->body.len + DG_HTTP_DECIMAL_MAX + 64;
	char *start;
	char *at;
	enum dg_rc rc;

	for (size_t i = 0; i < request->n_headers; i++)
		size += dg_http_header_size(&request->headers[i]);
	if (size > KEEP_BUFFER) {
		if (!dg_budget_take(call->upstream->config.budget, size))
			return DG_ERR_UNAVAILABLE;
		call->charged = size;
		call->request.max = size;
	}
	rc = dg_buf_reserve(&call->request, size, &start);
	if (rc != DG_OK)
		return rc;
	at = dg_http_put(start, method);
	*at++ = ' ';
	at = dg_http_put(at, request->target);
	at = dg_http_put(at, DG_STR(" HTTP/1.1\r\n"));
	at = dg_http_put_header(at, DG_STR("Host"), host);
	for (size_t i = 0; i < request->n_headers; i++)
		at = dg_http_put_header(at, request->headers[i].name,
					request->headers[i].value);
	if (has_request_body(request, method)) {
		at = dg_http_put(at, DG_STR("Content-Length: "));
		at = dg_http_put_decimal(at, request->body.len);
		at = dg_http_put(at, DG_STR("\r\n"));
	}
	at = dg_http_put(at, DG_STR("\r\n"));
	at = dg_http_put(at, request->body);
	dg_buf_commit(&call->request, (size_t)(at - start));
	return DG_OK;
}

struct dg_upstream_call *
dg_upstream_send(struct dg_upstream *upstream,
		 const struct dg_upstream_request *request,
		 const struct dg_upstream_handlers *handlers, void *arg)
{
	struct dg_upstream_call *call = take_call(upstream);
	const char *fault = check_request(request);

	DG_CHECK_MAGIC(upstream, DG_UPSTREAM_MAGIC);
	dg_fsm_init(&call->fsm, call_states, DG_ARRAY_LEN(call_states),
		    CALL_NEW);
	call->endpoint = dg_upstream_endpoint(upstream, &request->endpoint);
	call->handlers = *handlers;
	call->arg = arg;
	call->conn = NULL;
	call->method = method_of(dg_str_from_cstr(request->method));
	call->head_timeout_ms = request->head_timeout_ms;
	call->body_timeout_ms = request->body_timeout_ms;
	call->repeatable = request->repeatable;
	call->repeated = false;
	call->paused = false;
	call->keep_alive = false;
	call->early_rc = DG_OK;
	dg_list_append(&upstream->calls, &call->link);
	if (call->endpoint != NULL)
		call->endpoint->n_calls++;
	if (fault != NULL) {
		call->early_rc = DG_ERR_INVALID;
		call->early_why = fault;
	} else if (call->endpoint == NULL) {
		call->early_rc = DG_ERR_UNAVAILABLE;
		call->early_why = "too many coordinators are in use";
	} else if (format_request(call, request) != DG_OK) {
		call->early_rc = DG_ERR_UNAVAILABLE;
		call->early_why = "no memory is left for the request";
	} else if (dg_upstream_send_on_idle(call)) {
		/* The common case: a kept connection takes it at once. */
		return call;
	}
	dg_upstream_call_defer_start(call);
	return call;
}

void
dg_upstream_cancel(struct dg_upstream_call **call)
{
	struct dg_upstream_call *c = *call;
	struct upstream_conn *conn;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, DG_UPSTREAM_CALL_MAGIC);
	*call = NULL;
	if (dg_upstream_call_state(c) == CALL_DONE)
		return;
	conn = c->conn;
	c->conn = NULL;
	retire(c);
	if (conn != NULL)
		dg_upstream_conn_release(conn, false);
}

static void
push_deadline(struct dg_upstream_call *call)
{
	switch (dg_upstream_call_state(call)) {
	case CALL_HEAD:
		dg_deadline_set(&call->deadline, call->head_timeout_ms);
		return;
	case CALL_BODY:
		dg_deadline_set(&call->deadline, call->body_timeout_ms);
		return;
	case CALL_NEW:
	case CALL_WAITING:
	case CALL_CONNECTING:
	case CALL_DONE:
		return;
	}
}

/* The end of the body may have been read before the pause. */
static void
on_deferred_step(void *arg)
{
	struct dg_upstream_call *call = arg;

	DG_CHECK_MAGIC(call, DG_UPSTREAM_CALL_MAGIC);
	call->step_deferred = false;
	if (dg_upstream_call_state(call) == CALL_BODY)
		dg_upstream_call_on_read(call);
}

static void
defer_step(struct dg_upstream_call *call)
{
	if (call->step_deferred)
		return;
	call->step_deferred = true;
	dg_loop_defer(call->upstream->loop, on_deferred_step, call);
}

static bool
is_connected(const struct dg_upstream_call *call)
{
	return dg_upstream_call_state(call) == CALL_HEAD ||
	       dg_upstream_call_state(call) == CALL_BODY;
}

void
dg_upstream_pause(struct dg_upstream_call *call, bool paused)
{
	DG_CHECK_MAGIC(call, DG_UPSTREAM_CALL_MAGIC);
	if (call->paused == paused || dg_upstream_call_state(call) == CALL_DONE)
		return;
	call->paused = paused;
	if (paused) {
		/* The silence is ours. */
		if (dg_upstream_call_state(call) == CALL_BODY)
			dg_deadline_clear(&call->deadline);
		if (is_connected(call))
			dg_conn_pause(call->conn->conn, DG_CONN_PAUSE_PEER);
	} else {
		push_deadline(call);
		if (is_connected(call))
			dg_conn_resume(call->conn->conn, DG_CONN_PAUSE_PEER);
		defer_step(call);
	}
}

/* ---- sending ----------------------------------------------------------- */

void
dg_upstream_call_pump(struct dg_upstream_call *call)
{
	struct dg_conn *conn = call->conn->conn;
	struct dg_str bytes = dg_buf_peek(&call->request);

	/* Ends with all sent, or with a full buffer, which tells when not. */
	while (call->sent < bytes.len && dg_conn_out_room(conn) > 0) {
		struct dg_str piece = dg_str_slice(
			bytes, call->sent, call->sent + dg_conn_out_room(conn));

		if (dg_conn_write(conn, piece) != DG_OK)
			return;
		call->sent += piece.len;
	}
}

void
dg_upstream_call_attach(struct dg_upstream_call *call,
			struct upstream_conn *conn)
{
	call->conn = conn;
	conn->call = call;
	call->sent = 0;
	call->progress = (struct dg_http_head_progress){0, 0};
	call->interim = 0;
	call->any_reply = false;
	dg_fsm_move(&call->fsm, CALL_HEAD);
	push_deadline(call);
	dg_upstream_call_pump(call);
	if (call->paused)
		dg_conn_pause(conn->conn, DG_CONN_PAUSE_PEER);
}

/* ---- the reply --------------------------------------------------------- */

static bool
is_running(const struct dg_upstream_call *call)
{
	return call->fsm.state == CALL_BODY && !call->paused;
}

static void
step_body(struct dg_upstream_call *call)
{
	while (is_running(call)) {
		struct dg_buf *in = dg_conn_in(call->conn->conn);
		struct dg_http_fault fault = {0, ""};
		struct dg_str payload;
		size_t consumed;
		enum dg_http_parse rc =
			dg_http_body_next(&call->body, dg_buf_peek(in),
					  &payload, &consumed, &fault);

		if (rc == DG_HTTP_BAD) {
			dg_upstream_call_finish(call, DG_ERR_IO, fault.why);
			return;
		}
		dg_buf_consume(in, consumed);
		if (payload.len > 0) {
			push_deadline(call);
			call->handlers.on_body(call->arg, payload);
			continue;
		}
		if (rc == DG_HTTP_DONE) {
			dg_upstream_call_finish(call, DG_OK, "");
			return;
		}
		if (consumed == 0)
			return;
	}
}

enum head_step {
	HEAD_WAIT,    /* more bytes are needed, or the call has ended */
	HEAD_INTERIM, /* a 1xx was skipped */
	HEAD_FINAL,   /* in upstream->head */
};

static enum head_step
skip_interim(struct dg_upstream_call *call, const struct dg_http_head *head)
{
	if (head->status == 101 || ++call->interim > INTERIM_MAX) {
		dg_upstream_call_finish(call, DG_ERR_IO,
					"unexpected interim reply");
		return HEAD_WAIT;
	}
	dg_buf_consume(dg_conn_in(call->conn->conn), head->head_len);
	return HEAD_INTERIM;
}

/* The rest of a head needs room: that is where a hostile one would grow. */
static enum head_step
wait_for_head(struct dg_upstream_call *call)
{
	if (dg_buf_room(dg_conn_in(call->conn->conn)) == 0 &&
	    !dg_upstream_conn_grow(call->conn))
		dg_upstream_call_finish(call, DG_ERR_UNAVAILABLE,
					"no memory is left for the reply's "
					"head");
	return HEAD_WAIT;
}

static enum head_step
parse_head(struct dg_upstream_call *call)
{
	struct dg_upstream *upstream = call->upstream;
	struct dg_str bytes = dg_buf_peek(dg_conn_in(call->conn->conn));
	struct dg_http_fault fault = {0, ""};

	if (bytes.len == 0)
		return HEAD_WAIT;
	call->any_reply = true;
	if (!dg_http_head_is_worth_parsing(&call->progress, bytes,
					   upstream->config.max_head))
		return wait_for_head(call);
	switch (dg_http_parse_response(bytes, upstream->config.max_head,
				       call->method, &upstream->head, &fault)) {
	case DG_HTTP_NEED_MORE:
		return wait_for_head(call);
	case DG_HTTP_BAD:
		dg_upstream_call_finish(call, DG_ERR_IO, fault.why);
		return HEAD_WAIT;
	case DG_HTTP_DONE:
		break;
	}
	call->progress = (struct dg_http_head_progress){0, 0};
	return upstream->head.status < 200 ? skip_interim(call, &upstream->head)
					   : HEAD_FINAL;
}

/* True when the head is there and was handed on. */
static bool
step_head(struct dg_upstream_call *call)
{
	const struct dg_http_head *head = &call->upstream->head;
	enum head_step step;
	size_t head_len;

	do {
		step = parse_head(call);
	} while (step == HEAD_INTERIM);
	if (step == HEAD_WAIT)
		return false;
	dg_fsm_move(&call->fsm, CALL_BODY);
	push_deadline(call);
	call->keep_alive = head->keep_alive;
	dg_http_body_init(&call->body, head);
	head_len = head->head_len;
	call->handlers.on_head(call->arg, head);
	if (dg_upstream_call_state(call) != CALL_BODY)
		return false;
	dg_buf_consume(dg_conn_in(call->conn->conn), head_len);
	return true;
}

void
dg_upstream_call_on_read(struct dg_upstream_call *call)
{
	if (call->paused)
		return;
	if (dg_upstream_call_state(call) == CALL_HEAD && !step_head(call))
		return;
	step_body(call);
}

static const char *
explain(struct dg_upstream_call *call, const char *phase, const char *why)
{
	snprintf(call->why, sizeof(call->why), "%s %s: %s", phase,
		 call->endpoint->host_header, why);
	return call->why;
}

static bool
may_repeat(const struct dg_upstream_call *call, bool used)
{
	return used && !call->any_reply && call->repeatable && !call->repeated;
}

void
dg_upstream_call_on_close(struct dg_upstream_call *call, bool used,
			  enum dg_conn_close_reason reason, const char *why)
{
	enum dg_rc rc = reason == DG_CONN_TIMEOUT ? DG_ERR_TIMEOUT : DG_ERR_IO;
	const char *phase = "reading the reply of";

	call->conn = NULL;
	switch (dg_upstream_call_state(call)) {
	case CALL_CONNECTING:
		phase = "connecting to";
		break;
	case CALL_HEAD:
		phase = "waiting for the reply of";
		if (may_repeat(call, used)) {
			call->repeated = true;
			dg_fsm_move(&call->fsm, CALL_WAITING);
			dg_upstream_start(call);
			return;
		}
		break;
	case CALL_BODY:
		if (call->body.framing == DG_HTTP_UNTIL_CLOSE &&
		    reason == DG_CONN_PEER_CLOSED) {
			dg_upstream_call_finish(call, DG_OK, "");
			return;
		}
		break;
	case CALL_NEW:
	case CALL_WAITING:
	case CALL_DONE:
		DG_UNREACHABLE();
	}
	dg_upstream_call_finish(call, rc, explain(call, phase, why));
}

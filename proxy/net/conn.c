/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.c - states, events and reading of one connection. Writing is in
 * conn_write.c. See conn.h.
 *
 * Drawing: docs/fsm/conn.dot. The reading event stays registered while there
 * is nothing against reading; the writing event only while output waits. Each
 * readiness event does one bounded piece of work. A function that runs a
 * callback of the owner does nothing with the conn afterwards, unless it
 * looks at the state first: the memory is there until the dispatch is over.
 */
#include "net/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/conn_private.h"
#include "net/proxy_header.h"

enum {
	READ_FIRST = 4 * 1024,
	READ_MAX = 64 * 1024,
	TRIM_ABOVE = 16 * 1024,
	LINGER_MS = 2000,
	LINGER_BYTES = 16 * 1024 * 1024,
};

#define TO(state) DG_FSM_TO(state)
static const struct dg_fsm_state states[] = {
	[CONN_CONNECTING] = {"connecting",
			     TO(CONN_ANNOUNCED) | TO(CONN_OPENING) |
				     TO(CONN_OPEN) | TO(CONN_CLOSED),
			     true},
	[CONN_ANNOUNCED] = {"announced",
			    TO(CONN_OPENING) | TO(CONN_OPEN) | TO(CONN_CLOSED),
			    true},
	[CONN_OPENING] = {"opening", TO(CONN_OPEN) | TO(CONN_CLOSED), true},
	[CONN_OPEN] = {"open", TO(CONN_FLUSHING) | TO(CONN_CLOSED), false},
	[CONN_FLUSHING] = {"flushing", TO(CONN_LINGERING) | TO(CONN_CLOSED),
			   true},
	[CONN_LINGERING] = {"lingering", TO(CONN_CLOSED), true},
	[CONN_CLOSED] = {"closed", 0, false},
};

static void defer_read(struct dg_conn *conn);

/* ---- events ------------------------------------------------------------ */

static void
set_event(struct event *event, bool *registered, bool wanted)
{
	if (*registered == wanted)
		return;
	if (wanted)
		DG_ASSERT(event_add(event, NULL) == 0);
	else
		DG_ASSERT(event_del(event) == 0);
	*registered = wanted;
}

static bool
wants_reading(const struct dg_conn *conn)
{
	switch (dg_conn_state(conn)) {
	case CONN_ANNOUNCED:
	case CONN_OPENING:
	case CONN_LINGERING:
		return true;
	case CONN_OPEN:
		return conn->write_wants_read ||
		       (conn->pauses == 0 && dg_buf_room(&conn->in) > 0);
	case CONN_FLUSHING:
		return conn->write_wants_read;
	case CONN_CONNECTING:
	case CONN_CLOSED:
		return false;
	}
	DG_UNREACHABLE();
}

static bool
wants_writing(const struct dg_conn *conn)
{
	switch (dg_conn_state(conn)) {
	case CONN_CONNECTING:
		return true;
	case CONN_OPENING:
		return conn->open_wants_write;
	case CONN_OPEN:
	case CONN_FLUSHING:
		return conn->blocked || conn->read_wants_write;
	case CONN_ANNOUNCED:
	case CONN_LINGERING:
	case CONN_CLOSED:
		return false;
	}
	DG_UNREACHABLE();
}

void
dg_conn_update_events(struct dg_conn *conn)
{
	if (conn->fd < 0)
		return;
	set_event(&conn->read_event, &conn->reading, wants_reading(conn));
	set_event(&conn->write_event, &conn->writing, wants_writing(conn));
}

/* ---- the end ----------------------------------------------------------- */

static void
free_conn(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	DG_ASSERT(dg_conn_state(conn) == CONN_CLOSED);
	dg_deadline_fini(&conn->deadline);
	if (conn->ssl != NULL)
		dg_conn_tls_destroy(&conn->ssl);
	dg_buf_fini(&conn->in);
	dg_buf_clear(&conn->out);
	dg_conn_settle_out(conn);
	dg_buf_fini(&conn->out);
	conn->magic = 0;
	dg_free(conn);
}

/* No event of conn's comes any more; the memory stays for this dispatch. */
static void
detach(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, CONN_CLOSED);
	dg_conn_update_events(conn);
	dg_deadline_clear(&conn->deadline);
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	dg_loop_defer(conn->loop, free_conn, conn);
}

/* The end that comes by itself. */
void
dg_conn_end(struct dg_conn *conn, enum dg_conn_close_reason reason,
	    const char *why)
{
	detach(conn);
	conn->handlers->on_close(conn->arg, reason, why);
}

static void
on_deadline(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	switch (dg_conn_state(conn)) {
	case CONN_CONNECTING:
		dg_conn_end(conn, DG_CONN_TIMEOUT, "timeout while connecting");
		return;
	case CONN_ANNOUNCED:
		dg_conn_end(conn, DG_CONN_TIMEOUT,
			    "timeout in the PROXY header");
		return;
	case CONN_OPENING:
		dg_conn_end(conn, DG_CONN_TIMEOUT,
			    "timeout in the TLS handshake");
		return;
	case CONN_OPEN:
	case CONN_FLUSHING:
		if (conn->send_failed)
			dg_conn_end(conn, DG_CONN_ERROR, conn->why);
		else
			dg_conn_end(conn, DG_CONN_TIMEOUT,
				    "timeout while sending");
		return;
	case CONN_LINGERING:
		dg_conn_end(conn, DG_CONN_OURS, "");
		return;
	case CONN_CLOSED:
		return;
	}
}

/* ---- lingering ------------------------------------------------------- */

/* All has been sent: say so, and wait for the peer. */
void
dg_conn_start_lingering(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, CONN_LINGERING);
	conn->ops->shutdown(conn);
	dg_deadline_set(&conn->deadline, LINGER_MS);
	dg_conn_update_events(conn);
}

/* ---- reading ----------------------------------------------------------- */

static void
grow_read_size(struct dg_conn *conn)
{
	conn->read_size *= 4;
	if (conn->read_size > conn->config.read_max)
		conn->read_size = conn->config.read_max;
}

/* One read of the socket; there is room. Runs no callback. */
static enum conn_io
fill(struct dg_conn *conn)
{
	size_t room = dg_buf_room(&conn->in);
	size_t want = room < conn->read_size ? room : conn->read_size;
	size_t got = 0;
	char *bytes;
	enum conn_io io;

	DG_ASSERT(dg_buf_reserve(&conn->in, want, &bytes) == DG_OK);
	io = conn->ops->read(conn, bytes, want, &got, &conn->has_more);
	conn->read_wants_write = io == CONN_IO_WANT_WRITE;
	if (io == CONN_IO_OK) {
		dg_buf_commit(&conn->in, got);
		if (got == conn->read_size)
			grow_read_size(conn);
	}
	return io;
}

static void
deliver(struct dg_conn *conn)
{
	conn->redeliver = false;
	conn->handlers->on_read(conn->arg);
	/* Consumed, or full and not consumed. */
	if (dg_conn_state(conn) != CONN_OPEN)
		return;
	dg_conn_update_events(conn);
	if (conn->has_more && wants_reading(conn))
		defer_read(conn);
}

static void
step_read(struct dg_conn *conn)
{
	if (dg_buf_room(&conn->in) == 0) {
		dg_conn_update_events(conn);
		return;
	}
	switch (fill(conn)) {
	case CONN_IO_OK:
		deliver(conn);
		return;
	case CONN_IO_WANT_READ:
	case CONN_IO_WANT_WRITE:
		dg_conn_update_events(conn);
		return;
	case CONN_IO_END:
		/* After a reset the socket may report a mere end. */
		if (conn->send_failed)
			dg_conn_end(conn, DG_CONN_ERROR, conn->why);
		else
			dg_conn_end(conn, DG_CONN_PEER_CLOSED,
				    "closed by the peer");
		return;
	case CONN_IO_FAILED:
		dg_conn_end(conn, DG_CONN_ERROR, conn->why);
		return;
	}
}

/* Bytes that are here already: in the read buffer, or inside the TLS layer. */
static void
on_deferred_read(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	conn->read_deferred = false;
	if (dg_conn_state(conn) != CONN_OPEN || conn->pauses != 0)
		return;
	if (conn->redeliver && dg_buf_len(&conn->in) > 0)
		deliver(conn);
	else if (conn->has_more)
		step_read(conn);
	else
		dg_conn_update_events(conn);
}

static void
defer_read(struct dg_conn *conn)
{
	if (conn->read_deferred)
		return;
	conn->read_deferred = true;
	dg_loop_defer(conn->loop, on_deferred_read, conn);
}

/* Reads and drops, until the peer ends or has had its share. */
static void
step_linger(struct dg_conn *conn)
{
	char dropped[READ_MAX / 4];
	ssize_t n = recv(conn->fd, dropped, sizeof(dropped), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		conn->lingered += (size_t)n;
	if (n <= 0 || conn->lingered > LINGER_BYTES)
		dg_conn_end(conn, DG_CONN_OURS, "");
}

struct dg_buf *
dg_conn_in(struct dg_conn *conn)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	return &conn->in;
}

void
dg_conn_set_in_max(struct dg_conn *conn, size_t in_max)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	if (in_max < conn->in.cap) {
		/* dg_buf keeps its memory within its maximum. */
		if (dg_buf_len(&conn->in) > 0)
			return;
		dg_buf_fini(&conn->in);
	}
	conn->in.max = in_max;
	dg_conn_update_events(conn);
}

void
dg_conn_take_in(struct dg_conn *conn, size_t n, struct dg_buf *taken)
{
	struct dg_buf former = *taken;
	struct dg_str rest = dg_buf_peek(&conn->in);

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	DG_ASSERT(n <= rest.len && dg_buf_len(&former) == 0);
	rest = dg_str_slice(rest, n, rest.len);
	dg_buf_clear(&former);
	former.max = conn->in.max > former.cap ? conn->in.max : former.cap;
	*taken = conn->in;
	conn->in = former;
	DG_ASSERT(dg_buf_append(&conn->in, rest) == DG_OK);
	dg_buf_truncate(taken, n);
}

static void
trim(struct dg_buf *buf)
{
	if (dg_buf_len(buf) == 0 && buf->cap > TRIM_ABOVE)
		dg_buf_fini(buf);
}

void
dg_conn_trim(struct dg_conn *conn)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	trim(&conn->in);
	trim(&conn->out);
	dg_conn_settle_out(conn);
}

void
dg_conn_pause(struct dg_conn *conn, enum dg_conn_pause reason)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	conn->pauses |= (unsigned)reason;
	dg_conn_update_events(conn);
}

void
dg_conn_resume(struct dg_conn *conn, enum dg_conn_pause reason)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	conn->pauses &= ~(unsigned)reason;
	dg_conn_update_events(conn);
	conn->redeliver = true;
	if (dg_conn_state(conn) == CONN_OPEN && conn->pauses == 0 &&
	    (conn->has_more || dg_buf_len(&conn->in) > 0))
		defer_read(conn);
}

/* ---- opening ----------------------------------------------------------- */

static void
become_open(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, CONN_OPEN);
	dg_deadline_clear(&conn->deadline);
	if (dg_buf_len(&conn->out) > 0)
		dg_conn_defer_flush(conn);
	/* The first bytes may have come with the end of the handshake. */
	conn->has_more = conn->ssl != NULL;
	if (conn->has_more)
		defer_read(conn);
	dg_conn_update_events(conn);
	conn->handlers->on_open(conn->arg);
}

static void
step_open(struct dg_conn *conn)
{
	enum conn_io io = conn->ops->open(conn);

	switch (io) {
	case CONN_IO_OK:
		become_open(conn);
		return;
	case CONN_IO_WANT_READ:
	case CONN_IO_WANT_WRITE:
		conn->open_wants_write = io == CONN_IO_WANT_WRITE;
		dg_conn_update_events(conn);
		return;
	case CONN_IO_END:
		dg_conn_end(conn, DG_CONN_ERROR, "closed in the TLS handshake");
		return;
	case CONN_IO_FAILED:
		dg_conn_end(conn, DG_CONN_ERROR, conn->why);
		return;
	}
}

static void
start_opening(struct dg_conn *conn)
{
	if (conn->ssl == NULL) {
		become_open(conn);
		return;
	}
	dg_fsm_move(&conn->fsm, CONN_OPENING);
	step_open(conn);
}

/* ---- the PROXY header -------------------------------------------------- */

static void
end_header(struct dg_conn *conn, const struct dg_proxy_header *header)
{
	const union dg_sockaddr nobody = {.any = {.sa_family = AF_UNSPEC}};

	if (header->has_source)
		dg_address_format(&header->source, conn->peer);
	else if (header->is_unknown)
		dg_address_format(&nobody, conn->peer);
	dg_buf_clear(&conn->in);
	start_opening(conn);
}

/* One read, of no more than what is surely of the header. */
static void
step_header(struct dg_conn *conn)
{
	struct dg_proxy_header header;
	char *room;
	ssize_t n;

	if (dg_proxy_header_parse(dg_buf_peek(&conn->in), &header) !=
		    DG_PROXY_HEADER_NEED_MORE ||
	    dg_buf_reserve(&conn->in, header.need, &room) != DG_OK) {
		dg_conn_end(conn, DG_CONN_ERROR, header.why);
		return;
	}
	n = recv(conn->fd, room, header.need, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		dg_conn_end(conn, DG_CONN_ERROR, "closed in the PROXY header");
		return;
	}
	dg_buf_commit(&conn->in, (size_t)n);
	switch (dg_proxy_header_parse(dg_buf_peek(&conn->in), &header)) {
	case DG_PROXY_HEADER_NEED_MORE:
		return; /* the socket says when there is more */
	case DG_PROXY_HEADER_BAD:
		dg_conn_end(conn, DG_CONN_ERROR, header.why);
		return;
	case DG_PROXY_HEADER_DONE:
		end_header(conn, &header);
		return;
	}
}

static void
step_connected(struct dg_conn *conn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		dg_conn_end(conn, DG_CONN_ERROR, strerrordesc_np(error));
		return;
	}
	start_opening(conn);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	(void)fd;
	(void)what;
	switch (dg_conn_state(conn)) {
	case CONN_ANNOUNCED:
		step_header(conn);
		return;
	case CONN_OPENING:
		step_open(conn);
		return;
	case CONN_OPEN:
		if (conn->write_wants_read)
			dg_conn_flush(conn);
		else
			step_read(conn);
		return;
	case CONN_FLUSHING:
		dg_conn_flush(conn);
		return;
	case CONN_LINGERING:
		step_linger(conn);
		return;
	case CONN_CONNECTING:
	case CONN_CLOSED:
		return;
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	(void)fd;
	(void)what;
	switch (dg_conn_state(conn)) {
	case CONN_CONNECTING:
		step_connected(conn);
		return;
	case CONN_OPENING:
		step_open(conn);
		return;
	case CONN_OPEN:
	case CONN_FLUSHING:
		if (conn->read_wants_write)
			step_read(conn);
		else
			dg_conn_flush(conn);
		return;
	case CONN_ANNOUNCED:
	case CONN_LINGERING:
	case CONN_CLOSED:
		return;
	}
}

static struct dg_conn *
create(struct dg_loop *loop, int fd, const struct dg_conn_config *config,
       const struct dg_conn_handlers *handlers, void *arg)
{
	struct dg_conn *conn = DG_NEW(struct dg_conn);
	struct event_base *base = dg_loop_base(loop);
	int on = 1;

	conn->magic = DG_CONN_MAGIC;
	conn->loop = loop;
	conn->fd = fd;
	conn->config = *config;
	conn->handlers = handlers;
	conn->arg = arg;
	conn->why = "";
	if (conn->config.read_first == 0)
		conn->config.read_first = READ_FIRST;
	if (conn->config.read_max == 0)
		conn->config.read_max = READ_MAX;
	conn->read_size = conn->config.read_first;
	dg_buf_init(&conn->in, config->in_max);
	dg_buf_init(&conn->out, config->out_max);
	conn->out_granted = dg_conn_out_base(config);
	dg_deadline_init(&conn->deadline, loop, on_deadline, conn);
	if (fd >= 0) {
		DG_ASSERT(event_assign(&conn->read_event, base, fd,
				       EV_READ | EV_PERSIST, on_readable,
				       conn) == 0);
		DG_ASSERT(event_assign(&conn->write_event, base, fd,
				       EV_WRITE | EV_PERSIST, on_writable,
				       conn) == 0);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	return conn;
}

static void
set_tls(struct dg_conn *conn, struct ssl_ctx_st *tls, const char *client_name)
{
	conn->ops = &dg_conn_plain_ops;
	if (tls == NULL)
		return;
	conn->ops = &dg_conn_tls_ops;
	conn->ssl = dg_conn_tls_create(tls, conn->fd, client_name);
}

static void
on_accepted(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	if (dg_conn_state(conn) != CONN_CONNECTING)
		return;
	if (!conn->config.proxy_header) {
		start_opening(conn);
		return;
	}
	dg_fsm_move(&conn->fsm, CONN_ANNOUNCED);
	dg_conn_update_events(conn);
}

struct dg_conn *
dg_conn_accept(struct dg_loop *loop, int fd, struct ssl_ctx_st *tls,
	       const struct dg_conn_config *config,
	       const struct dg_conn_handlers *handlers, void *arg)
{
	struct dg_conn *conn = create(loop, fd, config, handlers, arg);
	union dg_sockaddr address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(address);

	dg_fsm_init(&conn->fsm, states, DG_ARRAY_LEN(states), CONN_CONNECTING);
	(void)getpeername(fd, &address.any, &len);
	dg_address_format(&address, conn->peer);
	set_tls(conn, tls, NULL);
	dg_deadline_set(&conn->deadline, config->open_timeout_ms);
	dg_loop_defer(loop, on_accepted, conn);
	return conn;
}

static void
on_connect_failed(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	if (dg_conn_state(conn) == CONN_CONNECTING)
		dg_conn_end(conn, DG_CONN_ERROR, conn->why);
}

struct dg_conn *
dg_conn_connect(struct dg_loop *loop, const struct sockaddr *address,
		unsigned address_len, struct ssl_ctx_st *tls,
		const char *tls_name, const struct dg_conn_config *config,
		const struct dg_conn_handlers *handlers, void *arg)
{
	int fd = socket(address->sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? errno : 0;
	struct dg_conn *conn = create(loop, fd, config, handlers, arg);
	union dg_sockaddr copy;

	DG_ASSERT(address_len <= sizeof(copy));
	dg_fsm_init(&conn->fsm, states, DG_ARRAY_LEN(states), CONN_CONNECTING);
	memcpy(&copy, address, address_len);
	dg_address_format(&copy, conn->peer);
	if (error == 0 && connect(fd, address, address_len) != 0 &&
	    errno != EINPROGRESS)
		error = errno;
	if (error != 0) {
		conn->ops = &dg_conn_plain_ops;
		conn->why = strerrordesc_np(error);
		dg_loop_defer(loop, on_connect_failed, conn);
		return conn;
	}
	set_tls(conn, tls, tls_name);
	dg_deadline_set(&conn->deadline, config->open_timeout_ms);
	dg_conn_update_events(conn);
	return conn;
}

/* ---- closing by the owner ---------------------------------------------- */

void
dg_conn_close(struct dg_conn **conn)
{
	struct dg_conn *c = *conn;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, DG_CONN_MAGIC);
	*conn = NULL;
	if (dg_conn_state(c) == CONN_CLOSED)
		return;
	/* Not after half a record: OpenSSL wants that one finished first. */
	if (dg_conn_state(c) == CONN_OPEN && dg_buf_len(&c->out) == 0)
		c->ops->shutdown(c);
	detach(c);
}

void
dg_conn_finish(struct dg_conn *conn)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	DG_ASSERT(dg_conn_state(conn) == CONN_OPEN);
	dg_fsm_move(&conn->fsm, CONN_FLUSHING);
	dg_conn_update_events(conn);
	if (!conn->blocked)
		dg_conn_defer_flush(conn);
}

void
dg_conn_abort(struct dg_conn **conn)
{
	struct dg_conn *c = *conn;
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, DG_CONN_MAGIC);
	*conn = NULL;
	if (dg_conn_state(c) == CONN_CLOSED)
		return;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	detach(c);
}

bool
dg_conn_is_quiet(const struct dg_conn *conn)
{
	char byte;

	return recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN;
}

bool
dg_conn_is_tls(const struct dg_conn *conn)
{
	return conn->ssl != NULL;
}

const char *
dg_conn_peer(const struct dg_conn *conn)
{
	return conn->peer;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.c - states, buffers and events of one connection. See conn.h.
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

enum {
	CONN_MAGIC = 0x436f6e4e,
	READ_FIRST = 4 * 1024,
	READ_MAX = 64 * 1024,
	/* From here on bytes go to the socket without waiting for more. */
	SEND_NOW = 16 * 1024,
	TRIM_ABOVE = 16 * 1024,
	LINGER_MS = 2000,
	LAST_WORDS_MS = 1000,
	LINGER_BYTES = 16 * 1024 * 1024,
};

enum conn_state {
	CONNECTING, /* TCP handshake of ours; left by its outcome, deadline */
	OPENING,    /* TLS handshake; left by its outcome, deadline */
	OPEN,       /* bytes flow; left by an end, a failure, a close */
	FLUSHING,   /* the last output; left when all is sent, deadline */
	LINGERING,  /* all sent; left when the peer ends, deadline, bound */
	CLOSED,     /* waits for the end of the dispatch to be freed */
};

#define TO(state) DG_FSM_TO(state)
static const struct dg_fsm_state states[] = {
	[CONNECTING] = {"connecting", TO(OPENING) | TO(OPEN) | TO(CLOSED),
			true},
	[OPENING] = {"opening", TO(OPEN) | TO(CLOSED), true},
	[OPEN] = {"open", TO(FLUSHING) | TO(CLOSED), false},
	[FLUSHING] = {"flushing", TO(LINGERING) | TO(CLOSED), true},
	[LINGERING] = {"lingering", TO(CLOSED), true},
	[CLOSED] = {"closed", 0, false},
};

static void flush(struct dg_conn *conn);
static void defer_read(struct dg_conn *conn);

static enum conn_state
state_of(const struct dg_conn *conn)
{
	return (enum conn_state)conn->fsm.state;
}

static size_t
low_mark(const struct dg_conn *conn)
{
	return conn->config.out_max / 4;
}

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
	switch (state_of(conn)) {
	case OPENING:
	case LINGERING:
		return true;
	case OPEN:
		return conn->write_wants_read ||
		       (conn->pauses == 0 && dg_buf_room(&conn->in) > 0);
	case FLUSHING:
		return conn->write_wants_read;
	case CONNECTING:
	case CLOSED:
		return false;
	}
	DG_UNREACHABLE();
}

static bool
wants_writing(const struct dg_conn *conn)
{
	switch (state_of(conn)) {
	case CONNECTING:
		return true;
	case OPENING:
		return conn->open_wants_write;
	case OPEN:
	case FLUSHING:
		return conn->blocked || conn->read_wants_write;
	case LINGERING:
	case CLOSED:
		return false;
	}
	DG_UNREACHABLE();
}

static void
update_events(struct dg_conn *conn)
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

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	DG_ASSERT(state_of(conn) == CLOSED);
	dg_deadline_fini(&conn->deadline);
	if (conn->ssl != NULL)
		dg_conn_tls_destroy(&conn->ssl);
	dg_buf_fini(&conn->in);
	dg_buf_fini(&conn->out);
	conn->magic = 0;
	dg_free(conn);
}

/* No event of conn's comes any more; the memory stays for this dispatch. */
static void
detach(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, CLOSED);
	update_events(conn);
	dg_deadline_clear(&conn->deadline);
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	dg_loop_defer(conn->loop, free_conn, conn);
}

/* The end that comes by itself. */
static void
finish(struct dg_conn *conn, enum dg_conn_close_reason reason, const char *why)
{
	detach(conn);
	conn->handlers->on_close(conn->arg, reason, why);
}

static void
on_deadline(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	switch (state_of(conn)) {
	case CONNECTING:
		finish(conn, DG_CONN_TIMEOUT, "timeout while connecting");
		return;
	case OPENING:
		finish(conn, DG_CONN_TIMEOUT, "timeout in the TLS handshake");
		return;
	case OPEN:
	case FLUSHING:
		if (conn->send_failed)
			finish(conn, DG_CONN_ERROR, conn->why);
		else
			finish(conn, DG_CONN_TIMEOUT, "timeout while sending");
		return;
	case LINGERING:
		finish(conn, DG_CONN_OURS, "");
		return;
	case CLOSED:
		return;
	}
}

/* ---- writing ----------------------------------------------------------- */

static void
on_deferred_flush(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	conn->flush_deferred = false;
	if (state_of(conn) == OPEN || state_of(conn) == FLUSHING)
		flush(conn);
}

static void
defer_flush(struct dg_conn *conn)
{
	if (conn->flush_deferred)
		return;
	conn->flush_deferred = true;
	dg_loop_defer(conn->loop, on_deferred_flush, conn);
}

static bool
can_send(const struct dg_conn *conn)
{
	return (state_of(conn) == OPEN || state_of(conn) == FLUSHING) &&
	       !conn->blocked && !conn->send_failed;
}

/*
 * One write of parts; how much of them has gone. Sets blocked or send_failed
 * when that was not all. Runs no callback.
 */
static size_t
send_parts(struct dg_conn *conn, const struct iovec *parts, size_t n,
	   size_t total)
{
	size_t sent = 0;

	switch (conn->ops->write(conn, parts, n, &sent)) {
	case CONN_IO_OK:
		break;
	case CONN_IO_WANT_READ:
		conn->write_wants_read = true;
		break;
	case CONN_IO_WANT_WRITE:
		break;
	case CONN_IO_END:
	case CONN_IO_FAILED:
		conn->send_failed = true;
		break;
	}
	conn->blocked = sent < total;
	if (conn->blocked && (sent > 0 || !dg_deadline_is_set(&conn->deadline)))
		dg_deadline_set(&conn->deadline, conn->config.write_timeout_ms);
	if (!conn->blocked)
		dg_deadline_clear(&conn->deadline);
	return sent;
}

static void
send_queued(struct dg_conn *conn)
{
	struct dg_str bytes = dg_buf_peek(&conn->out);
	/* iov_base is not const; nobody writes through it. */
	union {
		const char *in;
		void *out;
	} base = {bytes.data};
	struct iovec part = {base.out, bytes.len};

	if (bytes.len == 0)
		return;
	dg_buf_consume(&conn->out, send_parts(conn, &part, 1, bytes.len));
}

/* All has been sent: say so, and wait for the peer. */
static void
start_lingering(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, LINGERING);
	conn->ops->shutdown(conn);
	dg_deadline_set(&conn->deadline, LINGER_MS);
	update_events(conn);
}

/*
 * The peer takes nothing more; but it may have said why before it went, so
 * what it sent is read first, for a moment.
 */
static void
give_up_sending(struct dg_conn *conn)
{
	if (state_of(conn) == FLUSHING) {
		finish(conn, DG_CONN_ERROR, conn->why);
		return;
	}
	dg_buf_clear(&conn->out);
	conn->blocked = false;
	dg_deadline_set(&conn->deadline, LAST_WORDS_MS);
	update_events(conn);
}

static void
flush(struct dg_conn *conn)
{
	conn->blocked = false;
	conn->write_wants_read = false;
	if (!conn->send_failed)
		send_queued(conn);
	if (conn->send_failed) {
		give_up_sending(conn);
		return;
	}
	if (state_of(conn) == FLUSHING && dg_buf_len(&conn->out) == 0) {
		start_lingering(conn);
		return;
	}
	update_events(conn);
	if (state_of(conn) == OPEN && conn->wants_drain &&
	    dg_buf_len(&conn->out) <= low_mark(conn)) {
		conn->wants_drain = false;
		conn->handlers->on_drain(conn->arg);
	}
}

/* After bytes were queued: large amounts leave at once, small ones soon. */
static void
note_queued(struct dg_conn *conn)
{
	if (dg_buf_len(&conn->out) > low_mark(conn))
		conn->wants_drain = true;
	if (!can_send(conn))
		return;
	if (dg_buf_len(&conn->out) >= SEND_NOW) {
		send_queued(conn);
		update_events(conn);
	}
	if (!conn->blocked || conn->send_failed)
		defer_flush(conn);
}

char *
dg_conn_reserve(struct dg_conn *conn, size_t n)
{
	char *room;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	if (dg_buf_room(&conn->out) < n)
		conn->out.max = dg_buf_len(&conn->out) + n;
	DG_ASSERT(dg_buf_reserve(&conn->out, n, &room) == DG_OK);
	return room;
}

void
dg_conn_commit(struct dg_conn *conn, size_t n)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	dg_buf_commit(&conn->out, n);
	note_queued(conn);
}

static void
queue_from(struct dg_conn *conn, const struct dg_str *parts, size_t n,
	   size_t skip)
{
	for (size_t i = 0; i < n; i++) {
		struct dg_str rest = dg_str_slice(parts[i], skip, parts[i].len);

		skip -= parts[i].len - rest.len;
		DG_ASSERT(dg_buf_append(&conn->out, rest) == DG_OK);
	}
}

/* What is queued and parts in one write; what did not go is queued. */
static void
send_direct(struct dg_conn *conn, const struct dg_str *parts, size_t n,
	    size_t total)
{
	struct iovec vector[DG_CONN_PARTS_MAX + 1];
	size_t queued = dg_buf_len(&conn->out);
	size_t used = 0;
	size_t sent;

	if (queued > 0) {
		union {
			const char *in;
			void *out;
		} base = {dg_buf_peek(&conn->out).data};

		vector[used++] = (struct iovec){base.out, queued};
	}
	for (size_t i = 0; i < n; i++) {
		union {
			const char *in;
			void *out;
		} base = {parts[i].data};

		if (parts[i].len > 0)
			vector[used++] = (struct iovec){base.out, parts[i].len};
	}
	sent = send_parts(conn, vector, used, queued + total);
	dg_buf_consume(&conn->out, sent < queued ? sent : queued);
	queue_from(conn, parts, n, sent < queued ? 0 : sent - queued);
	if (conn->send_failed)
		defer_flush(conn);
	update_events(conn);
}

enum dg_rc
dg_conn_writev(struct dg_conn *conn, const struct dg_str *parts, size_t n)
{
	size_t total = 0;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	DG_ASSERT(n <= DG_CONN_PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		total += parts[i].len;
	if (total > dg_conn_out_room(conn)) {
		conn->wants_drain = true;
		if (can_send(conn))
			defer_flush(conn);
		return DG_ERR_LIMIT;
	}
	if (total >= SEND_NOW && conn->ssl == NULL && can_send(conn)) {
		send_direct(conn, parts, n, total);
		if (dg_buf_len(&conn->out) > low_mark(conn))
			conn->wants_drain = true;
		return DG_OK;
	}
	queue_from(conn, parts, n, 0);
	note_queued(conn);
	return DG_OK;
}

enum dg_rc
dg_conn_write(struct dg_conn *conn, struct dg_str bytes)
{
	return dg_conn_writev(conn, &bytes, 1);
}

size_t
dg_conn_out_room(const struct dg_conn *conn)
{
	size_t queued = dg_buf_len(&conn->out);

	return queued < conn->config.out_max ? conn->config.out_max - queued
					     : 0;
}

size_t
dg_conn_out_queued(const struct dg_conn *conn)
{
	return dg_buf_len(&conn->out);
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
	if (state_of(conn) != OPEN)
		return;
	update_events(conn);
	if (conn->has_more && wants_reading(conn))
		defer_read(conn);
}

static void
step_read(struct dg_conn *conn)
{
	if (dg_buf_room(&conn->in) == 0) {
		update_events(conn);
		return;
	}
	switch (fill(conn)) {
	case CONN_IO_OK:
		deliver(conn);
		return;
	case CONN_IO_WANT_READ:
	case CONN_IO_WANT_WRITE:
		update_events(conn);
		return;
	case CONN_IO_END:
		/* After a reset the socket may report a mere end. */
		if (conn->send_failed)
			finish(conn, DG_CONN_ERROR, conn->why);
		else
			finish(conn, DG_CONN_PEER_CLOSED, "closed by the peer");
		return;
	case CONN_IO_FAILED:
		finish(conn, DG_CONN_ERROR, conn->why);
		return;
	}
}

/* Bytes that are here already: in the read buffer, or inside the TLS layer. */
static void
on_deferred_read(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	conn->read_deferred = false;
	if (state_of(conn) != OPEN || conn->pauses != 0)
		return;
	if (conn->redeliver && dg_buf_len(&conn->in) > 0)
		deliver(conn);
	else if (conn->has_more)
		step_read(conn);
	else
		update_events(conn);
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
		finish(conn, DG_CONN_OURS, "");
}

struct dg_buf *
dg_conn_in(struct dg_conn *conn)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	return &conn->in;
}

void
dg_conn_set_in_max(struct dg_conn *conn, size_t in_max)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	if (in_max < conn->in.cap) {
		/* dg_buf keeps its memory within its maximum. */
		if (dg_buf_len(&conn->in) > 0)
			return;
		dg_buf_fini(&conn->in);
	}
	conn->in.max = in_max;
	update_events(conn);
}

void
dg_conn_take_in(struct dg_conn *conn, size_t n, struct dg_buf *taken)
{
	struct dg_buf former = *taken;
	struct dg_str rest = dg_buf_peek(&conn->in);

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
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
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	trim(&conn->in);
	trim(&conn->out);
}

void
dg_conn_pause(struct dg_conn *conn, enum dg_conn_pause reason)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	conn->pauses |= (unsigned)reason;
	update_events(conn);
}

void
dg_conn_resume(struct dg_conn *conn, enum dg_conn_pause reason)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	conn->pauses &= ~(unsigned)reason;
	update_events(conn);
	conn->redeliver = true;
	if (state_of(conn) == OPEN && conn->pauses == 0 &&
	    (conn->has_more || dg_buf_len(&conn->in) > 0))
		defer_read(conn);
}

/* ---- opening ----------------------------------------------------------- */

static void
become_open(struct dg_conn *conn)
{
	dg_fsm_move(&conn->fsm, OPEN);
	dg_deadline_clear(&conn->deadline);
	if (dg_buf_len(&conn->out) > 0)
		defer_flush(conn);
	/* The first bytes may have come with the end of the handshake. */
	conn->has_more = conn->ssl != NULL;
	if (conn->has_more)
		defer_read(conn);
	update_events(conn);
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
		update_events(conn);
		return;
	case CONN_IO_END:
		finish(conn, DG_CONN_ERROR, "closed in the TLS handshake");
		return;
	case CONN_IO_FAILED:
		finish(conn, DG_CONN_ERROR, conn->why);
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
	dg_fsm_move(&conn->fsm, OPENING);
	step_open(conn);
}

static void
step_connected(struct dg_conn *conn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		finish(conn, DG_CONN_ERROR, strerrordesc_np(error));
		return;
	}
	start_opening(conn);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	(void)fd;
	(void)what;
	switch (state_of(conn)) {
	case OPENING:
		step_open(conn);
		return;
	case OPEN:
		if (conn->write_wants_read)
			flush(conn);
		else
			step_read(conn);
		return;
	case FLUSHING:
		flush(conn);
		return;
	case LINGERING:
		step_linger(conn);
		return;
	case CONNECTING:
	case CLOSED:
		return;
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	(void)fd;
	(void)what;
	switch (state_of(conn)) {
	case CONNECTING:
		step_connected(conn);
		return;
	case OPENING:
		step_open(conn);
		return;
	case OPEN:
	case FLUSHING:
		if (conn->read_wants_write)
			step_read(conn);
		else
			flush(conn);
		return;
	case LINGERING:
	case CLOSED:
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

	conn->magic = CONN_MAGIC;
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

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	if (state_of(conn) == CONNECTING)
		start_opening(conn);
}

struct dg_conn *
dg_conn_accept(struct dg_loop *loop, int fd, struct ssl_ctx_st *tls,
	       const struct dg_conn_config *config,
	       const struct dg_conn_handlers *handlers, void *arg)
{
	struct dg_conn *conn = create(loop, fd, config, handlers, arg);
	union dg_sockaddr address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(address);

	dg_fsm_init(&conn->fsm, states, DG_ARRAY_LEN(states), CONNECTING);
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

	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	if (state_of(conn) == CONNECTING)
		finish(conn, DG_CONN_ERROR, conn->why);
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
	dg_fsm_init(&conn->fsm, states, DG_ARRAY_LEN(states), CONNECTING);
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
	update_events(conn);
	return conn;
}

/* ---- closing by the owner ---------------------------------------------- */

void
dg_conn_close(struct dg_conn **conn)
{
	struct dg_conn *c = *conn;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, CONN_MAGIC);
	*conn = NULL;
	if (state_of(c) == CLOSED)
		return;
	/* Not after half a record: OpenSSL wants that one finished first. */
	if (state_of(c) == OPEN && dg_buf_len(&c->out) == 0)
		c->ops->shutdown(c);
	detach(c);
}

void
dg_conn_finish(struct dg_conn *conn)
{
	DG_CHECK_MAGIC(conn, CONN_MAGIC);
	DG_ASSERT(state_of(conn) == OPEN);
	dg_fsm_move(&conn->fsm, FLUSHING);
	update_events(conn);
	if (!conn->blocked)
		defer_flush(conn);
}

void
dg_conn_abort(struct dg_conn **conn)
{
	struct dg_conn *c = *conn;
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, CONN_MAGIC);
	*conn = NULL;
	if (state_of(c) == CLOSED)
		return;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	detach(c);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_write.c - the output of a connection: queueing, sending once per
 * dispatch, large amounts straight from where they are. See conn.h.
 *
 * dg_conn_flush is the only function here that runs a callback; it is called
 * from the loop only.
 */
#include <string.h>

#include "base/assert.h"
#include "net/conn_private.h"

enum {
	/* From here on bytes go to the socket without waiting for more. */
	SEND_NOW = 16 * 1024,
	LAST_WORDS_MS = 1000,
	OUT_BASE = 32 * 1024,
};

static size_t
low_mark(const struct dg_conn *conn)
{
	return conn->out_granted / 4;
}

size_t
dg_conn_out_base(const struct dg_conn_config *config)
{
	return config->out_budget == NULL || config->out_max < OUT_BASE
		       ? config->out_max
		       : OUT_BASE;
}

void
dg_conn_settle_out(struct dg_conn *conn)
{
	size_t base = dg_conn_out_base(&conn->config);

	if (conn->out_granted == base || dg_buf_len(&conn->out) > 0)
		return;
	if (conn->out.cap > base)
		dg_buf_fini(&conn->out);
	dg_budget_give(conn->config.out_budget, conn->out_granted - base);
	conn->out_granted = base;
}

static void
on_deferred_flush(void *arg)
{
	struct dg_conn *conn = arg;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	conn->flush_deferred = false;
	if (dg_conn_state(conn) == CONN_OPEN ||
	    dg_conn_state(conn) == CONN_FLUSHING)
		dg_conn_flush(conn);
}

void
dg_conn_defer_flush(struct dg_conn *conn)
{
	if (conn->flush_deferred)
		return;
	conn->flush_deferred = true;
	dg_loop_defer(conn->loop, on_deferred_flush, conn);
}

static bool
can_send(const struct dg_conn *conn)
{
	return (dg_conn_state(conn) == CONN_OPEN ||
		dg_conn_state(conn) == CONN_FLUSHING) &&
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
	dg_conn_settle_out(conn);
}

/*
 * The peer takes nothing more; but it may have said why before it went, so
 * what it sent is read first, for a moment.
 */
static void
give_up_sending(struct dg_conn *conn)
{
	if (dg_conn_state(conn) == CONN_FLUSHING) {
		dg_conn_end(conn, DG_CONN_ERROR, conn->why);
		return;
	}
	dg_buf_clear(&conn->out);
	dg_conn_settle_out(conn);
	conn->blocked = false;
	dg_deadline_set(&conn->deadline, LAST_WORDS_MS);
	dg_conn_update_events(conn);
}

void
dg_conn_flush(struct dg_conn *conn)
{
	conn->blocked = false;
	conn->write_wants_read = false;
	if (!conn->send_failed)
		send_queued(conn);
	if (conn->send_failed) {
		give_up_sending(conn);
		return;
	}
	if (dg_conn_state(conn) == CONN_FLUSHING &&
	    dg_buf_len(&conn->out) == 0) {
		dg_conn_start_lingering(conn);
		return;
	}
	dg_conn_update_events(conn);
	if (dg_conn_state(conn) == CONN_OPEN && conn->wants_drain &&
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
		dg_conn_update_events(conn);
	}
	if (!conn->blocked || conn->send_failed)
		dg_conn_defer_flush(conn);
}

char *
dg_conn_reserve(struct dg_conn *conn, size_t n)
{
	char *room;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	if (dg_buf_room(&conn->out) < n)
		conn->out.max = dg_buf_len(&conn->out) + n;
	DG_ASSERT(dg_buf_reserve(&conn->out, n, &room) == DG_OK);
	return room;
}

void
dg_conn_commit(struct dg_conn *conn, size_t n)
{
	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
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
	dg_conn_settle_out(conn);
	if (conn->send_failed)
		dg_conn_defer_flush(conn);
	dg_conn_update_events(conn);
}

enum dg_rc
dg_conn_writev(struct dg_conn *conn, const struct dg_str *parts, size_t n)
{
	size_t total = 0;

	DG_CHECK_MAGIC(conn, DG_CONN_MAGIC);
	DG_ASSERT(n <= DG_CONN_PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		total += parts[i].len;
	if (total > dg_conn_out_room(conn)) {
		conn->wants_drain = true;
		if (can_send(conn))
			dg_conn_defer_flush(conn);
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
dg_conn_out_room(struct dg_conn *conn)
{
	size_t queued = dg_buf_len(&conn->out);
	size_t more = conn->config.out_max - conn->out_granted;

	if (more > 0 && dg_budget_take(conn->config.out_budget, more)) {
		conn->out_granted = conn->config.out_max;
	} else if (more > 0) {
		conn->wants_drain = true;
		if (can_send(conn))
			dg_conn_defer_flush(conn);
	}
	return queued < conn->out_granted ? conn->out_granted - queued : 0;
}

bool
dg_conn_out_is_slow(const struct dg_conn *conn)
{
	return conn->wants_drain;
}

size_t
dg_conn_out_queued(const struct dg_conn *conn)
{
	return dg_buf_len(&conn->out);
}

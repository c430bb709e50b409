/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg.c - a self-healing, nonblocking libpq connection. See pg.h.
 *
 *     DOWN -> CONNECTING -> SETUP (LISTENs) -> IDLE <-> BUSY
 *      ^___________|__________|_________________|________|
 *
 * Any callback may destroy the connection; its memory lives until the deferred
 * release, so the code after a callback looks at the state only.
 *
 * libpq never blocks here, but for two things: a host *name* in conninfo is
 * resolved by getaddrinfo, and a password file is read. Hence Postgres is
 * spoken to on the control thread or in tools, never on a worker.
 */
#include "pg_private.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

enum {
	PG_RETRY_FIRST_MS = 100,
	PG_RETRY_MAX_MS = 5000,
	PG_RESULTS_PER_PASS = 256, /* then other events have their turn */
	PG_LINES_PER_PASS = 1024,
};

/* docs/fsm/pg.dot */
static const struct dg_fsm_state pg_states[DG_PG_STATES] = {
	[DG_PG_DOWN] = {"down",
			DG_FSM_TO(DG_PG_CONNECTING) | DG_FSM_TO(DG_PG_CLOSED),
			true},
	[DG_PG_CONNECTING] = {"connecting",
			      DG_FSM_TO(DG_PG_SETUP) | DG_FSM_TO(DG_PG_DOWN) |
				      DG_FSM_TO(DG_PG_CLOSED),
			      true},
	[DG_PG_SETUP] = {"setup",
			 DG_FSM_TO(DG_PG_IDLE) | DG_FSM_TO(DG_PG_DOWN) |
				 DG_FSM_TO(DG_PG_CLOSED),
			 true},
	[DG_PG_IDLE] = {"idle",
			DG_FSM_TO(DG_PG_BUSY) | DG_FSM_TO(DG_PG_DOWN) |
				DG_FSM_TO(DG_PG_CLOSED),
			false},
	[DG_PG_BUSY] = {"busy",
			DG_FSM_TO(DG_PG_IDLE) | DG_FSM_TO(DG_PG_DOWN) |
				DG_FSM_TO(DG_PG_CLOSED),
			true},
	[DG_PG_CLOSED] = {"closed", 0, false},
};

static void on_io(evutil_socket_t fd, short what, void *arg);
static void on_deadline(void *arg);

bool
dg_pg_has_session(const struct dg_pg *pg)
{
	switch (dg_pg_state_of(pg)) {
	case DG_PG_SETUP:
	case DG_PG_IDLE:
	case DG_PG_BUSY:
		return true;
	case DG_PG_DOWN:
	case DG_PG_CONNECTING:
	case DG_PG_CLOSED:
	case DG_PG_STATES:
		return false;
	}
	DG_UNREACHABLE();
}

bool
dg_pg_is_connected(const struct dg_pg *pg)
{
	return dg_pg_state_of(pg) == DG_PG_IDLE ||
	       dg_pg_state_of(pg) == DG_PG_BUSY;
}

const char *
dg_pg_last_sqlstate(const struct dg_pg *pg)
{
	return pg->last_sqlstate;
}

/* --- the socket --- */

static void
unwatch(struct dg_pg *pg)
{
	if (pg->io_fd < 0)
		return;
	event_del(pg->io);
	pg->io_fd = -1;
}

/*
 * libpq may have replaced its socket, even by one with the same number:
 * `anew` forgets what was watched.
 */
static void
watch(struct dg_pg *pg, short what, bool anew)
{
	int fd = PQsocket(pg->conn);

	if (!anew && pg->io_fd == fd && pg->io_what == what)
		return;
	unwatch(pg);
	if (fd < 0)
		return; /* the caller looks at PQstatus */
	if (pg->io == NULL) {
		pg->io = event_new(dg_loop_base(pg->loop), fd,
				   (short)(what | EV_PERSIST), on_io, pg);
		DG_ASSERT(pg->io != NULL);
	} else {
		DG_ASSERT(event_assign(pg->io, dg_loop_base(pg->loop), fd,
				       (short)(what | EV_PERSIST), on_io,
				       pg) == 0);
	}
	DG_ASSERT(event_add(pg->io, NULL) == 0);
	pg->io_fd = fd;
	pg->io_what = what;
}

/* --- losing the connection --- */

static void
start_timer(struct dg_pg *pg, uint64_t delay_ms)
{
	dg_timer_start(&pg->timer, pg->loop, delay_ms, on_deadline, pg);
}

/* Half of it fixed, half random: replicas must not come back in step. */
static uint64_t
retry_delay_ms(const struct dg_pg *pg)
{
	uint64_t now = dg_clock_mono_us();
	uint64_t delay = PG_RETRY_FIRST_MS;

	for (unsigned i = 0; i < pg->failures && delay < PG_RETRY_MAX_MS; i++)
		delay *= 2;
	if (delay > PG_RETRY_MAX_MS)
		delay = PG_RETRY_MAX_MS;
	return delay / 2 + dg_hash(&now, sizeof(now)) % (delay / 2);
}

/* libpq's messages end in a newline and may have several lines. */
static void
set_why(struct dg_pg *pg, const char *text)
{
	struct dg_str s = dg_str_trim(dg_str_from_cstr(text));
	size_t len = s.len < sizeof(pg->why) - 1 ? s.len : sizeof(pg->why) - 1;

	memmove(pg->why, s.data, len);
	pg->why[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (pg->why[i] == '\n' || pg->why[i] == '\t')
			pg->why[i] = ' ';
	}
}

static void
disconnect(struct dg_pg *pg)
{
	unwatch(pg);
	PQfinish(pg->conn);
	pg->conn = NULL;
}

static void
log_lost(const struct dg_pg *pg, const char *state, uint64_t retry_ms)
{
	dg_log_warn(NULL, "pg.disconnected",
		    DG_FIELDS(DG_LOG_CSTR("pg", pg->config.name),
			      DG_LOG_CSTR("state", state),
			      DG_LOG_INT("retry_ms", retry_ms)),
		    "Postgres connection: %s", pg->why);
}

/* Ends in callbacks: the caller returns at once. text may be libpq's. */
static void
lose_connection(struct dg_pg *pg, const char *text)
{
	struct dg_pg_query *q = pg->current;
	const char *state = dg_fsm_name(&pg->fsm);
	uint64_t retry_ms = retry_delay_ms(pg);

	set_why(pg, text);
	disconnect(pg);
	dg_fsm_move(&pg->fsm, DG_PG_DOWN);
	pg->failures++;
	start_timer(pg, retry_ms);
	log_lost(pg, state, retry_ms);

	pg->current = NULL;
	if (q != NULL)
		dg_pg_query_fail(
			pg, q, DG_ERR_IO,
			"the connection to Postgres was lost; "
			"the statement may or may not have taken effect");
	dg_pg_queue_fail_impatient(pg);
	dg_pg_answer_failing(pg);
	if (dg_pg_state_of(pg) == DG_PG_CLOSED || pg->reported_down)
		return;
	pg->reported_down = true;
	if (pg->config.on_state != NULL)
		pg->config.on_state(pg->config.arg, false, pg->why);
}

/* --- sending --- */

/* False when the connection was lost. */
static bool
flush_output(struct dg_pg *pg)
{
	int left = PQflush(pg->conn);

	if (left < 0 || PQstatus(pg->conn) == CONNECTION_BAD) {
		lose_connection(pg, PQerrorMessage(pg->conn));
		return false;
	}
	watch(pg, left == 0 ? EV_READ : EV_READ | EV_WRITE, false);
	return true;
}

/* Setting up is part of connecting. 0 = no limit. */
static unsigned
answer_timeout_ms(const struct dg_pg *pg)
{
	return dg_pg_state_of(pg) == DG_PG_SETUP ? pg->config.connect_timeout_ms
						 : pg->config.query_timeout_ms;
}

/* pg->current goes out; false when the connection was lost. */
static bool
send_current(struct dg_pg *pg)
{
	const struct dg_pg_query *q = pg->current;
	int sent;

	if (q->kind == DG_PG_QUERY_SCRIPT || q->kind == DG_PG_QUERY_COPY)
		sent = PQsendQuery(pg->conn, q->sql);
	else
		sent = PQsendQueryParams(pg->conn, q->sql, (int)q->n_values,
					 NULL, (const char *const *)q->values,
					 NULL, NULL, 0);
	if (sent == 0 || (q->kind == DG_PG_QUERY_ROWS &&
			  PQsetSingleRowMode(pg->conn) == 0)) {
		lose_connection(pg, PQerrorMessage(pg->conn));
		return false;
	}
	if (answer_timeout_ms(pg) > 0)
		start_timer(pg, answer_timeout_ms(pg));
	return flush_output(pg);
}

void
dg_pg_send_next(struct dg_pg *pg)
{
	if (dg_pg_state_of(pg) != DG_PG_IDLE || dg_list_is_empty(&pg->queue))
		return;
	pg->current = dg_pg_queue_pop(pg);
	dg_pg_queue_arm(pg);
	dg_fsm_move(&pg->fsm, DG_PG_BUSY);
	(void)send_current(pg);
}

/* --- receiving --- */

static void on_drain(void *arg);

/* The rest of what is here, when others have had their turn. */
static void
schedule_drain(struct dg_pg *pg)
{
	if (!pg->drain_scheduled)
		dg_loop_defer(pg->loop, on_drain, pg);
	pg->drain_scheduled = true;
}

/* The callback may have destroyed pg. */
static void
note_reader(struct dg_pg *pg, struct dg_pg_query *q, bool goes_on)
{
	if (pg->current != q || goes_on)
		return;
	q->stopped = true;
	if (q->rc == DG_OK)
		q->rc = dg_error_set(&q->err, DG_ERR_CLOSED,
				     "the reader of the rows stopped");
}

/* May destroy pg. Takes res. */
static void
take_row(struct dg_pg *pg, PGresult *res)
{
	struct dg_pg_query *q = pg->current;
	struct dg_pg_result row = {res};
	bool goes_on = q->stopped || q->on_row(q->arg, &row);

	PQclear(res);
	note_reader(pg, q, goes_on);
}

/* May destroy pg. Takes line, which ends in a newline. */
static void
take_line(struct dg_pg *pg, char *line, int len)
{
	struct dg_pg_query *q = pg->current;
	bool goes_on =
		q->stopped || q->on_line(q->arg, line, (size_t)len - (len > 0));

	PQfreemem(line);
	note_reader(pg, q, goes_on);
}

/*
 * Lines of a COPY that are here; false: nothing more for now. When they are
 * over, or it broke, results follow as usual.
 */
static bool
take_lines(struct dg_pg *pg)
{
	struct dg_pg_query *q = pg->current;

	for (unsigned i = 0; i < PG_LINES_PER_PASS; i++) {
		char *line;
		int len = PQgetCopyData(pg->conn, &line, 1);

		if (len < 0) {
			q->copying = false;
			return true;
		}
		if (len == 0)
			return false;
		take_line(pg, line, len);
		if (pg->current != q)
			return false;
	}
	schedule_drain(pg);
	return false;
}

/* Takes res. May destroy pg. */
static void
take_result(struct dg_pg *pg, PGresult *res)
{
	struct dg_pg_query *q = pg->current;

	switch (PQresultStatus(res)) {
	case PGRES_SINGLE_TUPLE:
		take_row(pg, res);
		return;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		PQclear(q->result);
		q->result = res;
		return;
	case PGRES_FATAL_ERROR:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_PIPELINE_ABORTED:
	case PGRES_PIPELINE_SYNC:
		dg_pg_query_record(q, res);
		PQclear(res);
		return;
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
		q->copying = PQresultStatus(res) == PGRES_COPY_OUT &&
			     q->kind == DG_PG_QUERY_COPY;
		PQclear(res);
		if (q->copying)
			return;
		q->rc = dg_error_set(&q->err, DG_ERR_UNSUPPORTED,
				     "COPY is not offered here");
		lose_connection(pg, "COPY was started");
		return;
	}
	DG_UNREACHABLE();
}

static void
report_up(struct dg_pg *pg)
{
	pg->failures = 0;
	pg->reported_down = false;
	dg_log_info(NULL, "pg.connected",
		    DG_FIELDS(DG_LOG_CSTR("pg", pg->config.name),
			      DG_LOG_INT("server_version",
					 PQserverVersion(pg->conn))),
		    "connected to Postgres");
	if (pg->config.on_state != NULL)
		pg->config.on_state(pg->config.arg, true, "");
}

/* The server will not LISTEN, and has nothing against us otherwise. */
static bool
is_refusal(const struct dg_pg *pg, const struct dg_pg_query *q)
{
	static const char *const codes[] = {
		"25006", /* read-only: a standby */
		"42501", /* no right to it */
		"42601", /* it is no SQL there */
		"0A000", /* not supported */
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(codes); i++)
		if (strcmp(q->sqlstate, codes[i]) == 0)
			return PQstatus(pg->conn) == CONNECTION_OK;
	return false;
}

static void
log_refusal(const struct dg_pg *pg, const char *why)
{
	dg_log_warn(NULL, "pg.listen_refused",
		    DG_FIELDS(DG_LOG_CSTR("pg", pg->config.name)),
		    "the server does not LISTEN, only asking is left: %s", why);
}

/* All results of current are here. May destroy pg. */
static void
end_current(struct dg_pg *pg)
{
	struct dg_pg_query *q = pg->current;
	bool setting_up = dg_pg_state_of(pg) == DG_PG_SETUP;

	if (setting_up && q->rc != DG_OK && !is_refusal(pg, q)) {
		lose_connection(pg, q->err.text);
		return;
	}
	if (setting_up && q->rc != DG_OK) {
		log_refusal(pg, q->err.text);
		q->rc = DG_OK;
	}
	pg->current = NULL;
	dg_timer_cancel(&pg->timer);
	dg_fsm_move(&pg->fsm, DG_PG_IDLE);
	dg_pg_queue_kick(pg);
	if (PQstatus(pg->conn) == CONNECTION_BAD) {
		/* Its answer is complete, so it is not one of the lost. */
		dg_list_append(&pg->failing, &q->link);
		lose_connection(pg, PQerrorMessage(pg->conn));
		return;
	}
	dg_pg_query_answer(pg, q);
	if (setting_up && dg_pg_state_of(pg) == DG_PG_IDLE)
		report_up(pg);
}

static void
deliver_notifications(struct dg_pg *pg)
{
	while (dg_pg_has_session(pg)) {
		PGnotify *n = PQnotifies(pg->conn);

		if (n == NULL)
			return;
		if (pg->config.on_notify != NULL)
			pg->config.on_notify(pg->config.arg,
					     dg_str_from_cstr(n->relname),
					     dg_str_from_cstr(n->extra));
		PQfreemem(n);
	}
}

/* Takes what libpq has parsed, a bounded number of results at a time. */
static void
drain(struct dg_pg *pg)
{
	for (unsigned i = 0; pg->current != NULL; i++) {
		PGresult *res;

		if (pg->current->copying && !take_lines(pg))
			break;
		if (PQisBusy(pg->conn) != 0)
			break;
		if (i == PG_RESULTS_PER_PASS) {
			schedule_drain(pg);
			break;
		}
		res = PQgetResult(pg->conn);
		if (res == NULL) {
			end_current(pg);
			break;
		}
		take_result(pg, res);
	}
	deliver_notifications(pg);
}

static void
on_drain(void *arg)
{
	struct dg_pg *pg = arg;

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	pg->drain_scheduled = false;
	if (dg_pg_has_session(pg))
		drain(pg);
}

static void
step_session(struct dg_pg *pg)
{
	if (PQconsumeInput(pg->conn) == 0) {
		lose_connection(pg, PQerrorMessage(pg->conn));
		return;
	}
	if (flush_output(pg))
		drain(pg);
}

/* --- connecting --- */

static void
on_notice(void *arg, const char *message)
{
	struct dg_pg *pg = arg;
	struct dg_str text = dg_str_trim(dg_str_from_cstr(message));

	dg_log_debug(NULL, "pg.notice",
		     DG_FIELDS(DG_LOG_CSTR("pg", pg->config.name)), "%.*s",
		     DG_STR_ARG(text));
}

static void
step_setup(struct dg_pg *pg)
{
	char *listens = dg_pg_listen_sql(pg);

	dg_timer_cancel(&pg->timer);
	dg_fsm_move(&pg->fsm, DG_PG_SETUP);
	pg->current =
		dg_pg_query_create(DG_PG_QUERY_SCRIPT, listens, NULL, NULL);
	dg_free(listens);
	if (PQsetnonblocking(pg->conn, 1) != 0) {
		lose_connection(pg, PQerrorMessage(pg->conn));
		return;
	}
	watch(pg, EV_READ, true);
	(void)send_current(pg);
}

static void
step_connect(struct dg_pg *pg)
{
	/* Before libpq may close the socket under the event. */
	unwatch(pg);
	switch (PQconnectPoll(pg->conn)) {
	case PGRES_POLLING_READING:
	case PGRES_POLLING_ACTIVE:
		watch(pg, EV_READ, true);
		return;
	case PGRES_POLLING_WRITING:
		watch(pg, EV_WRITE, true);
		return;
	case PGRES_POLLING_OK:
		step_setup(pg);
		return;
	case PGRES_POLLING_FAILED:
		lose_connection(pg, PQerrorMessage(pg->conn));
		return;
	}
	DG_UNREACHABLE();
}

static void
start_connecting(struct dg_pg *pg)
{
	/* What follows dbname overrides what conninfo says. */
	const char *const keywords[] = {"fallback_application_name", "dbname",
					"client_encoding", NULL};
	const char *const values[] = {"datagateway", pg->conninfo, "UTF8",
				      NULL};

	dg_fsm_move(&pg->fsm, DG_PG_CONNECTING);
	pg->conn = PQconnectStartParams(keywords, values, 1);
	DG_ASSERT(pg->conn != NULL);
	if (PQstatus(pg->conn) == CONNECTION_BAD) {
		lose_connection(pg, PQerrorMessage(pg->conn));
		return;
	}
	PQsetNoticeProcessor(pg->conn, on_notice, pg);
	if (pg->config.connect_timeout_ms > 0)
		start_timer(pg, pg->config.connect_timeout_ms);
	watch(pg, EV_WRITE, true);
}

static const char *
connect_phase(const struct dg_pg *pg)
{
	switch ((int)PQstatus(pg->conn)) {
	case CONNECTION_STARTED:
		return "waiting for the TCP connection";
	case CONNECTION_MADE:
		return "sending the startup packet";
	case CONNECTION_AWAITING_RESPONSE:
		return "waiting for the server's answer";
	case CONNECTION_AUTH_OK:
		return "waiting for the backend to start";
	case CONNECTION_SSL_STARTUP:
		return "negotiating TLS";
	default:
		return "connecting";
	}
}

static void
on_deadline(void *arg)
{
	struct dg_pg *pg = arg;
	char text[128];

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	switch (dg_pg_state_of(pg)) {
	case DG_PG_DOWN:
		start_connecting(pg);
		return;
	case DG_PG_CONNECTING:
		snprintf(text, sizeof(text), "timeout after %u ms, %s",
			 pg->config.connect_timeout_ms, connect_phase(pg));
		lose_connection(pg, text);
		return;
	case DG_PG_SETUP:
	case DG_PG_BUSY:
		snprintf(text, sizeof(text), "no answer within %u ms",
			 answer_timeout_ms(pg));
		pg->current->rc =
			dg_error_set(&pg->current->err, DG_ERR_TIMEOUT,
				     "Postgres: %s", text);
		/* PQcancel blocks; a new connection does not. */
		lose_connection(pg, text);
		return;
	case DG_PG_IDLE:
	case DG_PG_CLOSED:
	case DG_PG_STATES:
		break;
	}
	DG_UNREACHABLE();
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct dg_pg *pg = arg;

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	(void)fd;
	(void)what;
	if (dg_pg_state_of(pg) == DG_PG_CONNECTING)
		step_connect(pg);
	else if (dg_pg_has_session(pg))
		step_session(pg);
}

/* --- the public calls --- */

void
dg_pg_drop(struct dg_pg *pg, const char *why)
{
	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	if (dg_pg_has_session(pg) || dg_pg_state_of(pg) == DG_PG_CONNECTING)
		lose_connection(pg, why);
}

struct dg_pg *
dg_pg_create(struct dg_loop *loop, const struct dg_pg_config *config)
{
	struct dg_pg *pg = DG_NEW(struct dg_pg);

	DG_ASSERT(config->queue_max > 0);
	pg->magic = DG_PG_MAGIC;
	pg->loop = loop;
	pg->config = *config;
	pg->conninfo = dg_strdup(config->conninfo);
	pg->config.conninfo = pg->conninfo;
	pg->io_fd = -1;
	dg_fsm_init(&pg->fsm, pg_states, DG_PG_STATES, DG_PG_DOWN);
	dg_list_init(&pg->queue);
	dg_list_init(&pg->failing);
	dg_list_init(&pg->channels);
	snprintf(pg->why, sizeof(pg->why), "not connected yet");
	start_timer(pg, 0); /* no callback runs inside create */
	return pg;
}

static void
free_channels(struct dg_pg *pg)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &pg->channels) {
		struct dg_pg_channel *channel =
			DG_CONTAINER_OF(it, struct dg_pg_channel, link);

		dg_list_remove(it);
		dg_free(channel->name);
		dg_free(channel);
	}
}

/* Deferred by destroy: no callback of ours is on the stack any more. */
static void
release(void *arg)
{
	struct dg_pg *pg = arg;

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	DG_ASSERT(dg_list_is_empty(&pg->queue));
	DG_ASSERT(dg_list_is_empty(&pg->failing));
	free_channels(pg);
	if (pg->io != NULL)
		event_free(pg->io);
	dg_timer_fini(&pg->timer);
	dg_timer_fini(&pg->wait_timer);
	dg_wipe(pg->conninfo, strlen(pg->conninfo));
	dg_free(pg->conninfo);
	pg->magic = 0;
	dg_free(pg);
}

void
dg_pg_destroy(struct dg_pg **pg)
{
	struct dg_pg *p = *pg;
	struct dg_pg_query *q;
	struct dg_list *it;
	struct dg_list *tmp;

	if (p == NULL)
		return;
	DG_CHECK_MAGIC(p, DG_PG_MAGIC);
	*pg = NULL;
	disconnect(p);
	dg_timer_cancel(&p->timer);
	dg_timer_cancel(&p->wait_timer);
	dg_fsm_move(&p->fsm, DG_PG_CLOSED);
	q = p->current;
	p->current = NULL;
	if (q != NULL)
		dg_list_append(&p->failing, &q->link);
	while (!dg_list_is_empty(&p->queue))
		dg_list_append(&p->failing, &dg_pg_queue_pop(p)->link);
	DG_LIST_FOREACH (it, tmp, &p->failing) {
		q = DG_CONTAINER_OF(it, struct dg_pg_query, link);
		q->rc = dg_error_set(&q->err, DG_ERR_CLOSED,
				     "the Postgres connection was closed");
	}
	dg_pg_answer_failing(p);
	dg_loop_defer(p->loop, release, p);
}

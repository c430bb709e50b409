/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg_query.c - the queries of a connection: queue, waiting, answers, results.
 *
 * Knows nothing of sockets and states but whether there is a session. See
 * pg_private.h for where a query can be, and pg.h for the contract.
 */
#include "pg_private.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum {
	PG_PARAMS_MAX = 65535, /* the protocol's own limit */
	PG_LISTEN_SQL_MAX = 64 * 1024,
};

struct dg_pg_query *
dg_pg_query_create(enum dg_pg_query_kind kind, const char *sql,
		   dg_pg_result_fn on_result, void *arg)
{
	struct dg_pg_query *q = DG_NEW(struct dg_pg_query);

	dg_list_init(&q->link);
	q->kind = kind;
	q->sql = dg_strdup(sql);
	q->on_result = on_result;
	q->arg = arg;
	return q;
}

/* Values may be password hashes: they do not stay in freed memory. */
void
dg_pg_query_free(struct dg_pg_query *q)
{
	DG_ASSERT(!dg_list_is_linked(&q->link));
	for (size_t i = 0; i < q->n_values; i++) {
		if (q->values[i] != NULL)
			dg_wipe(q->values[i], strlen(q->values[i]));
		dg_free(q->values[i]);
	}
	dg_free(q->values);
	dg_free(q->sql);
	PQclear(q->result);
	dg_free(q);
}

static enum dg_rc
copy_params(struct dg_pg_query *q, const struct dg_str *params, size_t n)
{
	DG_ASSERT(n <= PG_PARAMS_MAX);
	q->values = DG_NEW_ARRAY(char *, n);
	q->n_values = n;
	for (size_t i = 0; i < n; i++) {
		enum dg_rc rc;

		if (params[i].data == NULL)
			continue;
		rc = dg_str_to_cstr(params[i], &q->values[i]);
		if (rc != DG_OK)
			return rc;
	}
	return DG_OK;
}

/* Answers q and frees it. May destroy pg. */
void
dg_pg_query_answer(struct dg_pg *pg, struct dg_pg_query *q)
{
	struct dg_pg_result result = {q->result};

	if (q->rc != DG_OK)
		memcpy(pg->last_sqlstate, q->sqlstate, sizeof(q->sqlstate));
	if (q->on_result == NULL && q->rc != DG_OK && q->rc != DG_ERR_CLOSED)
		dg_log_warn(NULL, "pg.query_failed",
			    DG_FIELDS(DG_LOG_CSTR("pg", pg->config.name),
				      DG_LOG_CSTR("sqlstate", q->sqlstate)),
			    "Postgres query failed: %s", q->err.text);
	if (q->on_result != NULL)
		q->on_result(q->arg, q->rc, q->rc == DG_OK ? &result : NULL,
			     q->rc == DG_OK ? NULL : &q->err);
	dg_pg_query_free(q);
}

/* Each step looks afresh: a callback may have destroyed pg. */
void
dg_pg_answer_failing(struct dg_pg *pg)
{
	while (!dg_list_is_empty(&pg->failing)) {
		struct dg_pg_query *q = DG_CONTAINER_OF(
			pg->failing.next, struct dg_pg_query, link);

		dg_list_remove(&q->link);
		dg_pg_query_answer(pg, q);
	}
}

void
dg_pg_query_fail(struct dg_pg *pg, struct dg_pg_query *q, enum dg_rc rc,
		 const char *text)
{
	if (q->rc == DG_OK)
		q->rc = dg_error_set(&q->err, rc, "%s", text);
	dg_list_append(&pg->failing, &q->link);
}

struct dg_pg_query *
dg_pg_queue_pop(struct dg_pg *pg)
{
	struct dg_pg_query *q =
		DG_CONTAINER_OF(pg->queue.next, struct dg_pg_query, link);

	dg_list_remove(&q->link);
	pg->n_queued--;
	return q;
}

/* --- waiting for a turn --- */

static void on_wait_over(void *arg);

/* The oldest that has a deadline; LISTENs have none. */
static const struct dg_pg_query *
find_next_to_expire(const struct dg_pg *pg)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &pg->queue) {
		const struct dg_pg_query *q =
			DG_CONTAINER_OF(it, struct dg_pg_query, link);

		if (q->wait_until_ms != 0)
			return q;
	}
	return NULL;
}

void
dg_pg_queue_arm(struct dg_pg *pg)
{
	const struct dg_pg_query *next = find_next_to_expire(pg);
	uint64_t now = dg_clock_mono_ms();
	uint64_t delay_ms;

	if (next == NULL) {
		dg_timer_cancel(&pg->wait_timer);
		return;
	}
	delay_ms = next->wait_until_ms > now ? next->wait_until_ms - now : 0;
	dg_timer_start(&pg->wait_timer, pg->loop, delay_ms, on_wait_over, pg);
}

static void
fail_expired(struct dg_pg *pg, const char *text)
{
	uint64_t now = dg_clock_mono_ms();
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &pg->queue) {
		struct dg_pg_query *q =
			DG_CONTAINER_OF(it, struct dg_pg_query, link);

		if (q->wait_until_ms == 0 || q->wait_until_ms > now)
			continue;
		dg_list_remove(&q->link);
		pg->n_queued--;
		dg_pg_query_fail(pg, q, DG_ERR_TIMEOUT, text);
	}
}

static void
on_wait_over(void *arg)
{
	struct dg_pg *pg = arg;
	char text[DG_ERROR_TEXT_MAX];

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	if (dg_pg_has_session(pg))
		snprintf(text, sizeof(text),
			 "Postgres was busy for more than %u ms",
			 pg->config.query_timeout_ms);
	else
		snprintf(text, sizeof(text),
			 "no connection to Postgres within %u ms: %.400s",
			 pg->config.query_timeout_ms, pg->why);
	fail_expired(pg, text);
	dg_pg_queue_arm(pg);
	dg_pg_answer_failing(pg);
}

static void
on_kick(void *arg)
{
	struct dg_pg *pg = arg;

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	pg->kick_scheduled = false;
	dg_pg_send_next(pg);
}

void
dg_pg_queue_kick(struct dg_pg *pg)
{
	if (pg->kick_scheduled)
		return;
	pg->kick_scheduled = true;
	dg_loop_defer(pg->loop, on_kick, pg);
}

void
dg_pg_queue_fail_impatient(struct dg_pg *pg)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &pg->queue) {
		struct dg_pg_query *q =
			DG_CONTAINER_OF(it, struct dg_pg_query, link);

		if (q->patient)
			continue;
		dg_list_remove(&q->link);
		pg->n_queued--;
		dg_pg_query_fail(pg, q, DG_ERR_UNAVAILABLE,
				 "no connection to Postgres");
	}
	dg_pg_queue_arm(pg);
}

struct sqlstate_class {
	const char *prefix;
	enum dg_rc rc;
};

/* The first match counts (PostgreSQL documentation, appendix A). */
static const struct sqlstate_class sqlstate_classes[] = {
	{"23505", DG_ERR_CONFLICT},    /* unique violation */
	{"23", DG_ERR_INVALID},        /* other integrity constraints */
	{"22", DG_ERR_INVALID},        /* data exceptions */
	{"40", DG_ERR_UNAVAILABLE},    /* serialization failure, deadlock */
	{"42501", DG_ERR_DENIED},      /* insufficient privilege */
	{"28", DG_ERR_DENIED},         /* authorization */
	{"55P03", DG_ERR_UNAVAILABLE}, /* lock not available */
	{"57014", DG_ERR_TIMEOUT},     /* cancelled, statement_timeout */
	{"08", DG_ERR_IO},
	{"53", DG_ERR_UNAVAILABLE},    /* out of resources */
	{"57", DG_ERR_UNAVAILABLE},    /* shutting down */
	{"25006", DG_ERR_UNAVAILABLE}, /* read-only: a standby */
};

static enum dg_rc
rc_of_sqlstate(const char *sqlstate)
{
	struct dg_str state = dg_str_from_cstr(sqlstate);

	for (size_t i = 0; i < DG_ARRAY_LEN(sqlstate_classes); i++) {
		struct dg_str prefix =
			dg_str_from_cstr(sqlstate_classes[i].prefix);

		if (dg_str_starts_with(state, prefix))
			return sqlstate_classes[i].rc;
	}
	return DG_ERR_INTERNAL;
}

/* Only the primary message: DETAIL shows values. */
void
dg_pg_query_record(struct dg_pg_query *q, const PGresult *res)
{
	const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	enum dg_rc rc;

	if (q->rc != DG_OK)
		return;
	if (sqlstate == NULL || message == NULL) {
		q->rc = dg_error_set(&q->err, DG_ERR_IO,
				     "the connection to Postgres was lost; the "
				     "statement may or may not have taken "
				     "effect");
		return;
	}
	rc = rc_of_sqlstate(sqlstate);
	snprintf(q->sqlstate, sizeof(q->sqlstate), "%s", sqlstate);
	q->rc = dg_error_set(&q->err, rc, "%s (SQLSTATE %s)", message,
			     sqlstate);
}

/* Takes q. On failure it is freed and nothing was queued. */
static enum dg_rc
enqueue(struct dg_pg *pg, struct dg_pg_query *q, bool patient)
{
	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	q->patient = patient || !pg->config.fail_fast;
	if (dg_pg_state_of(pg) == DG_PG_CLOSED ||
	    pg->n_queued >= pg->config.queue_max ||
	    (!q->patient && !dg_pg_is_connected(pg))) {
		dg_pg_query_free(q);
		return DG_ERR_UNAVAILABLE;
	}
	if (pg->config.query_timeout_ms > 0)
		q->wait_until_ms =
			dg_clock_mono_ms() + pg->config.query_timeout_ms;
	dg_list_append(&pg->queue, &q->link);
	pg->n_queued++;
	if (pg->n_queued == 1)
		dg_pg_queue_arm(pg);
	dg_pg_queue_kick(pg);
	return DG_OK;
}

static enum dg_rc
enqueue_params(struct dg_pg *pg, struct dg_pg_query *q,
	       const struct dg_str *params, size_t n_params, bool patient)
{
	enum dg_rc rc = copy_params(q, params, n_params);

	if (rc != DG_OK) {
		dg_pg_query_free(q);
		return rc;
	}
	return enqueue(pg, q, patient);
}

enum dg_rc
dg_pg_query(struct dg_pg *pg, const char *sql, const struct dg_str *params,
	    size_t n_params, dg_pg_result_fn on_result, void *arg)
{
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_WHOLE, sql, on_result, arg);

	return enqueue_params(pg, q, params, n_params, false);
}

enum dg_rc
dg_pg_query_rows(struct dg_pg *pg, const char *sql, const struct dg_str *params,
		 size_t n_params, dg_pg_row_fn on_row, dg_pg_result_fn on_done,
		 void *arg)
{
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_ROWS, sql, on_done, arg);

	DG_ASSERT(on_row != NULL);
	q->on_row = on_row;
	return enqueue_params(pg, q, params, n_params, false);
}

enum dg_rc
dg_pg_copy_out(struct dg_pg *pg, const char *sql, dg_pg_line_fn on_line,
	       dg_pg_result_fn on_done, void *arg)
{
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_COPY, sql, on_done, arg);

	DG_ASSERT(on_line != NULL);
	q->on_line = on_line;
	return enqueue(pg, q, false);
}

enum dg_rc
dg_pg_script(struct dg_pg *pg, const char *sql, dg_pg_result_fn on_result,
	     void *arg)
{
	return enqueue(
		pg, dg_pg_query_create(DG_PG_QUERY_SCRIPT, sql, on_result, arg),
		false);
}

/* "LISTEN a;LISTEN b;", names quoted by libpq. Owned by the caller. */
char *
dg_pg_listen_sql(struct dg_pg *pg)
{
	struct dg_buf sql;
	struct dg_list *it;
	struct dg_list *tmp;
	enum dg_rc rc = DG_OK;
	char *text;

	dg_buf_init(&sql, PG_LISTEN_SQL_MAX);
	DG_LIST_FOREACH (it, tmp, &pg->channels) {
		const char *name =
			DG_CONTAINER_OF(it, struct dg_pg_channel, link)->name;
		char *quoted = PQescapeIdentifier(pg->conn, name, strlen(name));

		DG_ASSERT(quoted != NULL);
		if (rc == DG_OK)
			rc = dg_buf_appendf(&sql, "LISTEN %s;", quoted);
		PQfreemem(quoted);
	}
	if (rc == DG_OK)
		rc = dg_str_to_cstr(dg_buf_peek(&sql), &text);
	/* Channels are a few constants of ours. */
	DG_ASSERT(rc == DG_OK);
	dg_buf_fini(&sql);
	return text;
}

/*
 * In front of all others and without a deadline: it fails only with the
 * connection, and then the next set-up issues it.
 */
static void
queue_listens(struct dg_pg *pg)
{
	char *sql = dg_pg_listen_sql(pg);
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_SCRIPT, sql, NULL, NULL);

	dg_free(sql);
	q->patient = true;
	dg_list_prepend(&pg->queue, &q->link);
	pg->n_queued++;
	dg_pg_queue_kick(pg);
}

enum dg_rc
dg_pg_listen(struct dg_pg *pg, const char *channel)
{
	struct dg_pg_channel *c = DG_NEW(struct dg_pg_channel);

	DG_CHECK_MAGIC(pg, DG_PG_MAGIC);
	c->name = dg_strdup(channel);
	dg_list_append(&pg->channels, &c->link);
	/* Not connected yet: the set-up will issue all. */
	if (dg_pg_has_session(pg))
		queue_listens(pg);
	return DG_OK;
}

size_t
dg_pg_rows(const struct dg_pg_result *result)
{
	return (size_t)PQntuples(result->res);
}

size_t
dg_pg_affected(const struct dg_pg_result *result)
{
	struct dg_str text;
	uint64_t n;

	/* PQcmdTuples is not const-correct; it only reads. */
	text = dg_str_from_cstr(
		PQcmdTuples((PGresult *)(uintptr_t)result->res));
	return dg_str_to_u64(text, &n) == DG_OK ? (size_t)n : 0;
}

static void
check_cell(const struct dg_pg_result *result, size_t row, size_t column)
{
	DG_ASSERT(row < (size_t)PQntuples(result->res));
	DG_ASSERT(column < (size_t)PQnfields(result->res));
}

struct dg_str
dg_pg_get(const struct dg_pg_result *result, size_t row, size_t column)
{
	int r = (int)row;
	int c = (int)column;

	check_cell(result, row, column);
	if (PQgetisnull(result->res, r, c) != 0)
		return (struct dg_str){NULL, 0};
	return dg_str_make(PQgetvalue(result->res, r, c),
			   (size_t)PQgetlength(result->res, r, c));
}

bool
dg_pg_is_null(const struct dg_pg_result *result, size_t row, size_t column)
{
	check_cell(result, row, column);
	return PQgetisnull(result->res, (int)row, (int)column) != 0;
}

struct dg_row
dg_pg_row(const struct dg_pg_result *result, size_t row, struct dg_str *cells,
	  size_t max)
{
	size_t n = (size_t)PQnfields(result->res);

	DG_ASSERT(n <= max);
	for (size_t i = 0; i < n; i++)
		cells[i] = dg_pg_get(result, row, i);
	return (struct dg_row){.cells = cells, .n = n};
}

/* --- which database --- */

static const char *
find_option(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword != NULL; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val == NULL ? "" : options->val;
	return "";
}

enum dg_rc
dg_pg_describe(const char *conninfo, char *out, size_t size)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	const char *host;
	int len;

	if (options == NULL)
		return DG_ERR_INVALID;
	host = find_option(options, "host");
	if (host[0] == '\0')
		host = find_option(options, "hostaddr");
	len = snprintf(out, size, "%s:%s/%s", host,
		       find_option(options, "port"),
		       find_option(options, "dbname"));
	PQconninfoFree(options);
	return len < 0 || (size_t)len >= size ? DG_ERR_LIMIT : DG_OK;
}

/* --- waiting, for tools --- */

struct waiter {
	dg_pg_result_fn on_result; /* the tool's; may be NULL */
	void *arg;
	struct dg_error *err; /* the tool's; may be NULL */
	enum dg_rc rc;
	bool done;
};

static void
on_waited(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	struct waiter *waiter = arg;

	waiter->rc = rc;
	waiter->done = true;
	if (err != NULL)
		dg_error_set(waiter->err, rc, "%s", err->text);
	if (waiter->on_result != NULL)
		waiter->on_result(waiter->arg, rc, result, err);
}

static enum dg_rc
wait_for(struct dg_loop *loop, struct waiter *waiter, enum dg_rc queued)
{
	if (queued != DG_OK)
		return dg_error_set(waiter->err, queued,
				    "the Postgres query was not accepted");
	while (!waiter->done)
		dg_loop_run_once(loop);
	return waiter->rc;
}

enum dg_rc
dg_pg_query_wait(struct dg_pg *pg, struct dg_loop *loop, const char *sql,
		 const struct dg_str *params, size_t n_params,
		 dg_pg_result_fn on_result, void *arg, struct dg_error *err)
{
	struct waiter waiter = {.on_result = on_result, .arg = arg, .err = err};
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_WHOLE, sql, on_waited, &waiter);

	return wait_for(loop, &waiter,
			enqueue_params(pg, q, params, n_params, true));
}

enum dg_rc
dg_pg_script_wait(struct dg_pg *pg, struct dg_loop *loop, const char *sql,
		  struct dg_error *err)
{
	struct waiter waiter = {.err = err};
	struct dg_pg_query *q =
		dg_pg_query_create(DG_PG_QUERY_SCRIPT, sql, on_waited, &waiter);

	return wait_for(loop, &waiter, enqueue(pg, q, true));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg.h - asynchronous Postgres on a loop; libpq stays behind it.
 *
 * One dg_pg is one connection that keeps itself up: it reconnects with
 * back-off, re-issues LISTENs, and runs queued queries in order. Statement
 * texts are constants of ours; values always go as parameters (text format).
 * With fail_fast a query asked for while the connection is down is refused
 * with UNAVAILABLE, and so are those that wait when it goes down; else they
 * wait until their timeout. query_timeout_ms bounds the wait for a turn and,
 * from then on, the answer; 0 = no limit. After a timeout the connection is
 * given up and opened anew: cancelling would block.
 *
 * A host name in conninfo is resolved by libpq, which blocks: keep a dg_pg off
 * the loops that serve clients.
 */
#ifndef DG_BASE_PG_H
#define DG_BASE_PG_H

#include "base/loop.h"
#include "base/row.h"

struct dg_pg;
struct dg_pg_result; /* borrowed by callbacks, valid until they return */

/*
 * connected: LISTENs are in force, so what is read from here on misses nothing;
 * unless the server refuses them (a standby, some poolers): that is logged, and
 * who listens has to ask from time to time, as he must behind a pooler that
 * takes a LISTEN and forgets it.
 * Not connected: once per outage, with the reason of its first failure.
 */
typedef void (*dg_pg_state_fn)(void *arg, bool connected, const char *why);
typedef void (*dg_pg_notify_fn)(void *arg, struct dg_str channel,
				struct dg_str payload);
/*
 * Once per query: rc OK and a result, or another rc with err (result NULL).
 * sqlstate of a server error is in dg_pg_last_sqlstate.
 */
typedef void (*dg_pg_result_fn)(void *arg, enum dg_rc rc,
				const struct dg_pg_result *result,
				const struct dg_error *err);
/*
 * Row by row, for large results; return false to stop receiving: the rest is
 * skipped and on_done gets CLOSED. row is row 0 of its argument.
 */
typedef bool (*dg_pg_row_fn)(void *arg, const struct dg_pg_result *row);
/* The same of a COPY: a line of its text format, the callee's to change. */
typedef bool (*dg_pg_line_fn)(void *arg, char *line, size_t len);

struct dg_pg_config {
	const char *name; /* for logs; static */
	const char
		*conninfo; /* copied; libpq URI or keywords; may hold secrets */
	unsigned connect_timeout_ms;
	unsigned query_timeout_ms;
	size_t queue_max;
	bool fail_fast;
	dg_pg_state_fn on_state;   /* may be NULL */
	dg_pg_notify_fn on_notify; /* may be NULL */
	void *arg;
};

/* Starts connecting at once. */
struct dg_pg *dg_pg_create(struct dg_loop *loop,
			   const struct dg_pg_config *config);
/* Pending queries end with CLOSED before this returns. */
void dg_pg_destroy(struct dg_pg **pg);
bool dg_pg_is_connected(const struct dg_pg *pg);
/*
 * Gives the connection up and opens another one, for whoever knows better than
 * the timeouts that nothing will come. What is in flight ends with IO.
 */
void dg_pg_drop(struct dg_pg *pg, const char *why);
/*
 * Which database conninfo names, without user and password: "host:port/name",
 * what is left to libpq being empty. INVALID when it is none, LIMIT when it is
 * longer than size.
 */
enum dg_rc dg_pg_describe(const char *conninfo, char *out,
			  size_t size) DG_MUST_CHECK;
/* SQLSTATE of the newest failed query, "" when it was not the server's. */
const char *dg_pg_last_sqlstate(const struct dg_pg *pg);

/*
 * params: NULL data = SQL NULL. Copied. on_result may be NULL: a failure is
 * logged then. UNAVAILABLE when the queue is full, or when there is no
 * connection and fail_fast is set; INVALID when a value holds a NUL byte. In
 * both cases nothing was queued and on_result is not called. sql is copied.
 * A callback may call any function here, dg_pg_destroy included.
 *
 * Server errors come as: CONFLICT unique violation; INVALID other constraints
 * and bad values; DENIED privileges; TIMEOUT cancelled; UNAVAILABLE deadlock,
 * lock, resources, shutdown, standby; IO connection lost, outcome unknown;
 * INTERNAL the rest.
 */
enum dg_rc dg_pg_query(struct dg_pg *pg, const char *sql,
		       const struct dg_str *params, size_t n_params,
		       dg_pg_result_fn on_result, void *arg) DG_MUST_CHECK;
/* The same, rows delivered as they arrive (single-row mode). */
enum dg_rc dg_pg_query_rows(struct dg_pg *pg, const char *sql,
			    const struct dg_str *params, size_t n_params,
			    dg_pg_row_fn on_row, dg_pg_result_fn on_done,
			    void *arg) DG_MUST_CHECK;
/*
 * "COPY ... TO STDOUT", its lines delivered as they arrive, without their
 * newlines: a third of the work that rows take. See store/copy_text.h.
 */
enum dg_rc dg_pg_copy_out(struct dg_pg *pg, const char *sql,
			  dg_pg_line_fn on_line, dg_pg_result_fn on_done,
			  void *arg) DG_MUST_CHECK;
/*
 * Several statements without parameters as one simple query (migrations),
 * e.g. "BEGIN; ...; COMMIT".
 */
enum dg_rc dg_pg_script(struct dg_pg *pg, const char *sql,
			dg_pg_result_fn on_result, void *arg) DG_MUST_CHECK;
/* Kept over reconnects; notifications go to on_notify. */
enum dg_rc dg_pg_listen(struct dg_pg *pg, const char *channel) DG_MUST_CHECK;

size_t dg_pg_rows(const struct dg_pg_result *result);
size_t dg_pg_affected(const struct dg_pg_result *result);
/* SQL NULL gives data NULL. Text format. */
struct dg_str dg_pg_get(const struct dg_pg_result *result, size_t row,
			size_t column);
bool dg_pg_is_null(const struct dg_pg_result *result, size_t row,
		   size_t column);
/* A row as cells, which there must be room for; it lives as the result. */
struct dg_row dg_pg_row(const struct dg_pg_result *result, size_t row,
			struct dg_str *cells, size_t max);

/*
 * For command-line tools: drives the loop until the query is done. on_result
 * is called before it returns, with the result.
 */
enum dg_rc dg_pg_query_wait(struct dg_pg *pg, struct dg_loop *loop,
			    const char *sql, const struct dg_str *params,
			    size_t n_params, dg_pg_result_fn on_result,
			    void *arg, struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_pg_script_wait(struct dg_pg *pg, struct dg_loop *loop,
			     const char *sql,
			     struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg_private.h - what pg.c (the connection) and pg_query.c (its queries) share.
 *
 * One query is in flight (current), the others wait in queue, oldest first. A
 * query that must fail is moved to failing before any callback runs, so that
 * at each moment a query is in exactly one place and is answered once.
 */
#ifndef DG_BASE_PG_PRIVATE_H
#define DG_BASE_PG_PRIVATE_H

#include <event2/event.h>
#include <libpq-fe.h>

#include "base/fsm.h"
#include "base/pg.h"

enum { DG_PG_MAGIC = 0x5067436e };

enum dg_pg_state {
	DG_PG_DOWN,       /* no connection; the retry timer runs */
	DG_PG_CONNECTING, /* PQconnectPoll is at work */
	DG_PG_SETUP,      /* connected; LISTENs are being issued */
	DG_PG_IDLE,       /* connected; no query in flight */
	DG_PG_BUSY,       /* connected; current is in flight */
	DG_PG_CLOSED,     /* destroyed; waits for its memory to be released */
	DG_PG_STATES,
};

enum dg_pg_query_kind {
	DG_PG_QUERY_WHOLE,
	DG_PG_QUERY_ROWS,
	DG_PG_QUERY_COPY,
	DG_PG_QUERY_SCRIPT
};

struct dg_pg_query {
	struct dg_list link; /* in queue or failing; unlinked while current */
	enum dg_pg_query_kind kind;
	char *sql;     /* owned */
	char **values; /* owned array of owned strings; NULL = NULL */
	size_t n_values;
	uint64_t wait_until_ms; /* monotonic; 0 = may wait for ever */
	bool patient;           /* waits for a connection despite fail_fast */
	bool stopped;           /* on_row or on_line wants no more */
	bool copying;           /* lines come, then a result */
	dg_pg_row_fn on_row;
	dg_pg_line_fn on_line;
	dg_pg_result_fn on_result;
	void *arg;
	PGresult *result; /* owned; the newest of a script */
	enum dg_rc rc;    /* the first failure */
	struct dg_error err;
	char sqlstate[6];
};

struct dg_pg_channel {
	struct dg_list link; /* in dg_pg.channels */
	char *name;          /* owned */
};

struct dg_pg_result {
	const PGresult *res;
};

struct dg_pg {
	uint32_t magic;
	struct dg_loop *loop; /* borrowed; outlives this */
	struct dg_pg_config config;
	char *conninfo; /* owned; wiped */
	struct dg_fsm fsm;

	PGconn *conn;     /* owned; NULL in DOWN and CLOSED */
	struct event *io; /* owned; reassigned when fd or direction change */
	int io_fd;        /* -1: io is not added */
	short io_what;

	struct dg_timer timer;      /* the state's deadline, or the retry */
	struct dg_timer wait_timer; /* of the oldest query in queue */
	unsigned failures;          /* in a row, to connect */
	bool reported_down;         /* on_state(false) was the last word */
	bool kick_scheduled;
	bool drain_scheduled;

	struct dg_list queue; /* owned struct dg_pg_query */
	size_t n_queued;
	struct dg_pg_query *current; /* owned; in SETUP and BUSY */
	struct dg_list failing;  /* owned struct dg_pg_query with rc and err */
	struct dg_list channels; /* owned struct dg_pg_channel */
	char why[DG_ERROR_TEXT_MAX]; /* the newest connection failure */
	char last_sqlstate[6];
};

static inline enum dg_pg_state
dg_pg_state_of(const struct dg_pg *pg)
{
	return (enum dg_pg_state)pg->fsm.state;
}

/* Connected, even if LISTENs are still being issued. */
bool dg_pg_has_session(const struct dg_pg *pg);

/* pg_query.c */
struct dg_pg_query *dg_pg_query_create(enum dg_pg_query_kind kind,
				       const char *sql,
				       dg_pg_result_fn on_result, void *arg);
void dg_pg_query_free(struct dg_pg_query *q);
struct dg_pg_query *dg_pg_queue_pop(struct dg_pg *pg);
/* The next query that has waited too long fails when its time has come. */
void dg_pg_queue_arm(struct dg_pg *pg);
/* Those that do not wait for a connection go to failing. */
void dg_pg_queue_fail_impatient(struct dg_pg *pg);
/* Sends the oldest after the current dispatch, if the connection is idle. */
void dg_pg_queue_kick(struct dg_pg *pg);
/* To failing, with this error unless it has one. */
void dg_pg_query_fail(struct dg_pg *pg, struct dg_pg_query *q, enum dg_rc rc,
		      const char *text);
/* Takes the error of the server's answer, unless there is one already. */
void dg_pg_query_record(struct dg_pg_query *q, const PGresult *res);
/* Calls back and frees q. May destroy pg. */
void dg_pg_query_answer(struct dg_pg *pg, struct dg_pg_query *q);
/* All that are in failing. May destroy pg. */
void dg_pg_answer_failing(struct dg_pg *pg);
/* "LISTEN a;LISTEN b;" of all channels; owned by the caller. */
char *dg_pg_listen_sql(struct dg_pg *pg);
/* pg.c: sends the oldest query when the connection is idle. */
void dg_pg_send_next(struct dg_pg *pg);

#endif

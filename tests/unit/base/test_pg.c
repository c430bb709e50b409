/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pg.c - against a real Postgres (with_postgres.sh): queries, errors,
 * notifications, losing the server and getting it back, silent servers.
 *
 * Nothing sleeps: each test drives the loop until its condition holds; a
 * watchdog ends the program when that never happens.
 */
#include "base/pg.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "test_support.h"

enum { WATCHDOG_MS = 30000, EVENTS_MAX = 8 };

struct answer {
	bool done;
	enum dg_rc rc;
	char text[256]; /* the first cell, or the error */
	char sqlstate[8];
	size_t rows;
	size_t affected;
};

struct fixture {
	struct dg_loop *loop;
	struct dg_pg *pg;
	bool connected;
	int ups;
	int downs;
	int notes;
	char channel[64];
	char payload[64];
};

static void
on_state(void *arg, bool connected, const char *why)
{
	struct fixture *f = arg;

	f->connected = connected;
	f->ups += connected;
	f->downs += !connected;
	assert_int_equal(connected, why[0] == '\0');
}

static void
on_notify(void *arg, struct dg_str channel, struct dg_str payload)
{
	struct fixture *f = arg;

	f->notes++;
	snprintf(f->channel, sizeof(f->channel), "%.*s", DG_STR_ARG(channel));
	snprintf(f->payload, sizeof(f->payload), "%.*s", DG_STR_ARG(payload));
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	fail_msg("the condition did not come true within %d ms", WATCHDOG_MS);
}

#define run_until(f, condition) \
	do { \
		struct dg_timer watchdog = {0}; \
		dg_timer_start(&watchdog, (f)->loop, WATCHDOG_MS, on_watchdog, \
			       NULL); \
		while (!(condition)) \
			dg_loop_run_once((f)->loop); \
		dg_timer_fini(&watchdog); \
	} while (0)

static struct dg_pg_config
default_config(struct fixture *f)
{
	return (struct dg_pg_config){
		.name = "test",
		.conninfo = getenv("DG_TEST_PG"),
		.connect_timeout_ms = 10000,
		.query_timeout_ms = 10000,
		.queue_max = 100,
		.on_state = on_state,
		.on_notify = on_notify,
		.arg = f,
	};
}

static void
open_pg(struct fixture *f, const struct dg_pg_config *config)
{
	struct dg_pg_config defaults = default_config(f);

	*f = (struct fixture){.loop = dg_loop_create("test", 10)};
	f->pg = dg_pg_create(f->loop, config == NULL ? &defaults : config);
}

static void
close_pg(struct fixture *f)
{
	dg_pg_destroy(&f->pg);
	assert_null(f->pg);
	dg_loop_destroy(&f->loop);
}

static void
control_server(const char *verb)
{
	char command[256];

	snprintf(command, sizeof(command), "%s %s", getenv("DG_TEST_PG_CTL"),
		 verb);
	assert_int_equal(system(command), 0);
}

static void
on_answer(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	struct answer *a = arg;
	struct dg_str cell = DG_STR_EMPTY;

	assert_false(a->done);
	a->done = true;
	a->rc = rc;
	assert_int_equal(rc == DG_OK, result != NULL);
	assert_int_equal(rc != DG_OK, err != NULL);
	if (rc == DG_OK) {
		a->rows = dg_pg_rows(result);
		a->affected = dg_pg_affected(result);
		if (a->rows > 0)
			cell = dg_pg_get(result, 0, 0);
	} else {
		cell = dg_str_from_cstr(err->text);
		assert_int_equal(err->code, rc);
	}
	snprintf(a->text, sizeof(a->text), "%.*s", DG_STR_ARG(cell));
}

static void
ask(struct fixture *f, struct answer *a, const char *sql)
{
	*a = (struct answer){.done = false};
	assert_int_equal(dg_pg_query(f->pg, sql, NULL, 0, on_answer, a), DG_OK);
	run_until(f, a->done);
	snprintf(a->sqlstate, sizeof(a->sqlstate), "%s",
		 dg_pg_last_sqlstate(f->pg));
}

static void
test_queries(void **state)
{
	struct fixture f;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	assert_false(dg_pg_is_connected(f.pg));
	/* Queued before there is a connection. */
	ask(&f, &a, "SELECT 40 + 2");
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "42");
	assert_int_equal(a.rows, 1);
	assert_true(dg_pg_is_connected(f.pg));
	assert_int_equal(f.ups, 1);
	ask(&f, &a, "CREATE TABLE t (n int PRIMARY KEY, s text NOT NULL)");
	assert_int_equal(a.rc, DG_OK);
	ask(&f, &a, "INSERT INTO t SELECT i, 'x' FROM generate_series(1,5) i");
	assert_int_equal(a.affected, 5);
	ask(&f, &a, "DELETE FROM t WHERE n > 3");
	assert_int_equal(a.affected, 2);
	ask(&f, &a, "");
	assert_int_equal(a.rc, DG_OK);
	assert_int_equal(f.downs, 0);
	close_pg(&f);
}

static void
on_params(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	(void)err;
	assert_int_equal(rc, DG_OK);
	assert_str(dg_pg_get(result, 0, 0), "O'Brien; DROP TABLE t --");
	assert_true(dg_pg_is_null(result, 0, 1));
	assert_null(dg_pg_get(result, 0, 1).data);
	assert_false(dg_pg_is_null(result, 0, 2));
	assert_str(dg_pg_get(result, 0, 2), "");
	assert_non_null(dg_pg_get(result, 0, 2).data);
	assert_str(dg_pg_get(result, 0, 3), "\xC3\xA9");
	*(bool *)arg = true;
}

static void
test_parameters(void **state)
{
	const struct dg_str params[] = {DG_STR("O'Brien; DROP TABLE t --"),
					{NULL, 0},
					DG_STR(""),
					DG_STR("\xC3\xA9")};
	const struct dg_str with_nul = DG_STR("a\0b");
	struct fixture f;
	bool done = false;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg,
				     "SELECT $1::text, $2::text, $3::text, $4",
				     params, 4, on_params, &done),
			 DG_OK);
	run_until(&f, done);
	assert_int_equal(dg_pg_query(f.pg, "SELECT $1::text", &with_nul, 1,
				     on_params, &done),
			 DG_ERR_INVALID);
	close_pg(&f);
}

static const struct {
	const char *sql;
	enum dg_rc rc;
	const char *sqlstate;
} errors[] = {
	{"SELEC 1", DG_ERR_INTERNAL, "42601"},
	{"SELECT 1/0", DG_ERR_INVALID, "22012"},
	{"INSERT INTO t VALUES (1, 'again')", DG_ERR_CONFLICT, "23505"},
	{"INSERT INTO t VALUES (99, NULL)", DG_ERR_INVALID, "23502"},
	{"COPY t TO STDOUT", DG_ERR_UNSUPPORTED, ""},
	{"SELECT pg_terminate_backend(pg_backend_pid())", DG_ERR_UNAVAILABLE,
	 "57P01"},
};

static void
test_server_errors(void **state)
{
	struct fixture f;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	for (size_t i = 0; i < DG_ARRAY_LEN(errors); i++) {
		ask(&f, &a, errors[i].sql);
		assert_int_equal(a.rc, errors[i].rc);
		assert_string_equal(a.sqlstate, errors[i].sqlstate);
		assert_true(a.text[0] != '\0');
		/* Values belong into no message. */
		assert_null(strstr(a.text, "again"));
		/* The connection is of use again afterwards. */
		ask(&f, &a, "SELECT 1");
		assert_int_equal(a.rc, DG_OK);
	}
	close_pg(&f);
}

static void
test_script(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_script(f.pg,
				      "BEGIN; CREATE TABLE u (n int);"
				      "INSERT INTO u VALUES (7); COMMIT;"
				      "SELECT n FROM u",
				      on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "7");
	/* One failing statement undoes the block and is the answer. */
	a = (struct answer){.done = false};
	assert_int_equal(dg_pg_script(f.pg,
				      "BEGIN; DELETE FROM u; SELECT 1/0;"
				      "COMMIT",
				      on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_ERR_INVALID);
	ask(&f, &a, "ROLLBACK");
	ask(&f, &a, "SELECT count(*) FROM u");
	assert_string_equal(a.text, "1");
	close_pg(&f);
}

struct rows {
	struct answer answer; /* must come first: on_answer's arg */
	int64_t sum;
	size_t n;
	size_t stop_after;
};

static bool
on_row(void *arg, const struct dg_pg_result *row)
{
	struct rows *rows = arg;
	int64_t n;

	assert_int_equal(dg_pg_rows(row), 1);
	assert_int_equal(dg_str_to_i64(dg_pg_get(row, 0, 0), &n), DG_OK);
	rows->sum += n;
	rows->n++;
	return rows->stop_after == 0 || rows->n < rows->stop_after;
}

static void
test_rows(void **state)
{
	struct fixture f;
	struct rows rows = {.sum = 0};
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT generate_series(1, 20000)",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_OK);
	assert_int_equal(rows.n, 20000);
	assert_true(rows.sum == INT64_C(20000) * 20001 / 2);
	/* A reader that has enough. */
	rows = (struct rows){.stop_after = 5};
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT generate_series(1, 20000)",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_ERR_CLOSED);
	assert_int_equal(rows.n, 5);
	/* An error after rows have come. */
	rows = (struct rows){.stop_after = 0};
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT 10/(500-i) FROM "
					  "generate_series(1, 1000) i",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_ERR_INVALID);
	assert_int_equal(rows.n, 499);
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
}

/* A result larger than any socket buffer, and a parameter as large. */
static void
test_large_values(void **state)
{
	enum { BIG = 20 * 1024 * 1024 };
	struct fixture f;
	struct answer a = {.done = false};
	char *big = dg_calloc(BIG, 1);
	struct dg_str param = dg_str_make(big, BIG);

	(void)state;
	memset(big, 'x', BIG);
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg, "SELECT length($1::text)", &param, 1,
				     on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "20971520");
	ask(&f, &a, "SELECT repeat('y', 20000000)");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
	dg_free(big);
}

static void
test_notifications(void **state)
{
	struct fixture f;
	struct fixture g;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	open_pg(&g, NULL);
	/* One before the connection is up, one after. */
	assert_int_equal(dg_pg_listen(f.pg, "early"), DG_OK);
	run_until(&f, f.connected);
	assert_int_equal(dg_pg_listen(f.pg, "Late \"one\""), DG_OK);
	ask(&f, &a, "SELECT 1");

	ask(&g, &a, "NOTIFY early, 'p1'");
	assert_int_equal(a.rc, DG_OK);
	run_until(&f, f.notes == 1);
	assert_string_equal(f.channel, "early");
	assert_string_equal(f.payload, "p1");
	ask(&g, &a, "SELECT pg_notify('Late \"one\"', 'p2')");
	run_until(&f, f.notes == 2);
	assert_string_equal(f.channel, "Late \"one\"");
	/* Still in force when the connection is a new one. */
	ask(&f, &a, "SELECT pg_terminate_backend(pg_backend_pid())");
	run_until(&f, f.ups == 2);
	ask(&g, &a, "NOTIFY early, 'p3'");
	ask(&g, &a, "SELECT pg_notify('Late \"one\"', 'p4')");
	run_until(&f, f.notes == 4);
	assert_string_equal(f.payload, "p4");
	close_pg(&f);
	close_pg(&g);
}

static void
test_server_restarts(void **state)
{
	struct fixture f;
	struct answer a;
	struct answer waiting = {.done = false};

	(void)state;
	open_pg(&f, NULL);
	run_until(&f, f.connected);
	control_server("stop");
	run_until(&f, !f.connected);
	assert_int_equal(f.downs, 1);
	assert_false(dg_pg_is_connected(f.pg));
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 5", NULL, 0, on_answer, &waiting),
		DG_OK);
	/* Several attempts fail: one outage is reported once. */
	dg_loop_run_once(f.loop);
	dg_loop_run_once(f.loop);
	dg_loop_run_once(f.loop);
	control_server("start");
	run_until(&f, waiting.done);
	assert_int_equal(waiting.rc, DG_OK);
	assert_string_equal(waiting.text, "5");
	assert_int_equal(f.ups, 2);
	assert_int_equal(f.downs, 1);
	ask(&f, &a, "SELECT 6");
	assert_string_equal(a.text, "6");
	close_pg(&f);
}

static void
test_fail_fast(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.fail_fast = true;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_answer, &a),
			 DG_ERR_UNAVAILABLE);
	/* A tool waits all the same. */
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 8", NULL, 0,
					  on_answer, &a, &err),
			 DG_OK);
	assert_string_equal(a.text, "8");
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	assert_false(a.text[0] == '\0');
	close_pg(&f);
}

/* Two in the queue: the second is refused with the first one's connection. */
static void
test_fail_fast_in_queue(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};
	struct answer b = {.done = false};
	struct dg_pg_config config = default_config(&f);

	(void)state;
	config.fail_fast = true;
	config.query_timeout_ms = 200;
	open_pg(&f, &config);
	run_until(&f, f.connected);
	assert_int_equal(dg_pg_query(f.pg, "SELECT pg_sleep(30)", NULL, 0,
				     on_answer, &a),
			 DG_OK);
	run_until(&f, dg_pg_is_connected(f.pg));
	assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_answer, &b),
			 DG_OK);
	run_until(&f, a.done && b.done);
	assert_int_equal(a.rc, DG_ERR_TIMEOUT);
	assert_true(b.rc == DG_ERR_UNAVAILABLE || b.rc == DG_ERR_TIMEOUT);
	close_pg(&f);
}

static void
test_query_timeout(void **state)
{
	struct fixture f;
	struct answer a;
	struct dg_pg_config config = default_config(&f);
	uint64_t start;

	(void)state;
	config.query_timeout_ms = 150;
	open_pg(&f, &config);
	run_until(&f, f.connected);
	start = dg_clock_mono_ms();
	ask(&f, &a, "SELECT pg_sleep(30)");
	assert_int_equal(a.rc, DG_ERR_TIMEOUT);
	assert_true(dg_clock_mono_ms() - start < 10000);
	run_until(&f, f.connected);
	ask(&f, &a, "SELECT 3");
	assert_int_equal(a.rc, DG_OK);
	assert_int_equal(f.ups, 2);
	close_pg(&f);
}

/* Without a connection the wait ends in time, and says why there is none. */
static void
test_wait_timeout(void **state)
{
	struct fixture f;
	struct answer waiting = {.done = false};
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.conninfo = "host=/nonexistent/folder";
	config.query_timeout_ms = 300;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  on_answer, &waiting, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "no connection to Postgres"));
	assert_non_null(strstr(err.text, "/nonexistent/folder"));
	assert_int_equal(dg_pg_script_wait(f.pg, f.loop, "SELECT 1", &err),
			 DG_ERR_TIMEOUT);
	assert_int_equal(f.downs, 1);
	close_pg(&f);
}

static void
test_queue_is_bounded(void **state)
{
	struct fixture f;
	struct answer a[3];
	struct dg_pg_config config = default_config(&f);

	(void)state;
	config.queue_max = 2;
	open_pg(&f, &config);
	for (int i = 0; i < 3; i++) {
		a[i] = (struct answer){.done = false};
		assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0,
					     on_answer, &a[i]),
				 i < 2 ? DG_OK : DG_ERR_UNAVAILABLE);
	}
	run_until(&f, a[0].done && a[1].done);
	assert_false(a[2].done);
	close_pg(&f);
}

/* In order, also those that a callback adds. */
struct chain {
	struct fixture *f;
	char text[16];
	size_t len;
};

static void
on_chain(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err)
{
	struct chain *chain = arg;
	char letter;

	(void)err;
	assert_int_equal(rc, DG_OK);
	letter = dg_pg_get(result, 0, 0).data[0];
	chain->text[chain->len++] = letter;
	if (letter == 'a')
		assert_int_equal(dg_pg_query(chain->f->pg, "SELECT 'c'", NULL,
					     0, on_chain, chain),
				 DG_OK);
}

static void
test_order(void **state)
{
	struct fixture f;
	struct chain chain = {.f = &f};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 'a'", NULL, 0, on_chain, &chain),
		DG_OK);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 'b'", NULL, 0, on_chain, &chain),
		DG_OK);
	run_until(&f, chain.len == 3);
	assert_string_equal(chain.text, "abc");
	close_pg(&f);
}

/* destroy inside each kind of callback, with others still waiting. */
struct suicide {
	struct fixture *f;
	int closed;
	bool destroyed;
};

static void
on_closed(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	struct suicide *s = arg;

	assert_int_equal(rc, DG_ERR_CLOSED);
	assert_null(result);
	assert_non_null(err);
	s->closed++;
}

static void
destroy_now(struct suicide *s)
{
	dg_pg_destroy(&s->f->pg);
	assert_null(s->f->pg);
	s->destroyed = true;
}

static void
on_result_destroy(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
		  const struct dg_error *err)
{
	(void)rc;
	(void)result;
	(void)err;
	destroy_now(arg);
}

static bool
on_row_destroy(void *arg, const struct dg_pg_result *row)
{
	destroy_now(arg);
	assert_int_equal(dg_pg_rows(row), 1);
	return true;
}

static void
on_notify_destroy(void *arg, struct dg_str channel, struct dg_str payload)
{
	(void)channel;
	(void)payload;
	destroy_now(arg);
}

static void
on_state_destroy(void *arg, bool connected, const char *why)
{
	(void)connected;
	(void)why;
	destroy_now(arg);
}

static void
test_destroy_in_callbacks(void **state)
{
	struct fixture f;
	struct suicide s = {.f = &f};
	struct dg_pg_config config;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_result_destroy, &s),
		DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query_rows(f.pg, "SELECT generate_series(1,9)",
					  NULL, 0, on_row_destroy, on_closed,
					  &s),
			 DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 2);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config = default_config(&f);
	config.on_state = NULL;
	config.on_notify = on_notify_destroy;
	config.arg = &s;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_listen(f.pg, "c"), DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "NOTIFY c", NULL, 0, NULL, NULL),
			 DG_OK);
	run_until(&f, s.destroyed);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config.on_notify = NULL;
	config.on_state = on_state_destroy;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config.conninfo = "host=/nonexistent/folder";
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);
}

static void
test_destroy_at_once(void **state)
{
	struct fixture f;
	struct suicide s = {.f = &f};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	close_pg(&f);
	assert_int_equal(s.closed, 1);
	dg_pg_destroy(&f.pg);
}

/* A server that takes the connection and never says a word. */
static void
test_silent_server(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct fixture f;
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;
	char conninfo[64];

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(conninfo, sizeof(conninfo), "hostaddr=127.0.0.1 port=%d",
		 ntohs(address.sin_port));
	config.conninfo = conninfo;
	config.connect_timeout_ms = 50;
	config.query_timeout_ms = 400;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  NULL, NULL, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "timeout after 50 ms"));
	assert_int_equal(f.downs, 1);
	close_pg(&f);
	close(fd);
}

static void
test_connection_text_is_broken(void **state)
{
	struct fixture f;
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.conninfo = "no_such_option=1 password=hunter2";
	config.query_timeout_ms = 200;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  NULL, NULL, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "no_such_option"));
	assert_null(strstr(err.text, "hunter2"));
	close_pg(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_server_errors),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_large_values),
		cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_server_restarts),
		cmocka_unit_test(test_fail_fast),
		cmocka_unit_test(test_fail_fast_in_queue),
		cmocka_unit_test(test_query_timeout),
		cmocka_unit_test(test_wait_timeout),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_destroy_in_callbacks),
		cmocka_unit_test(test_destroy_at_once),
		cmocka_unit_test(test_silent_server),
		cmocka_unit_test(test_connection_text_is_broken),
	};

	if (getenv("DG_TEST_PG") == NULL) {
		printf("skipped: run this through with_postgres.sh\n");
		return 77;
	}
	dg_log_set_level(DG_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

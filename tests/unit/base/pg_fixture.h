/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg_fixture.h - a connection on a loop of its own, for the Postgres tests.
 *
 * Nothing sleeps: a test drives the loop until its condition holds; a watchdog
 * ends the program when that never happens.
 */
#ifndef PG_FIXTURE_H
#define PG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/pg.h"
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

static inline void
on_state(void *arg, bool connected, const char *why)
{
	struct fixture *f = arg;

	f->connected = connected;
	f->ups += connected;
	f->downs += !connected;
	assert_int_equal(connected, why[0] == '\0');
}

static inline void
on_notify(void *arg, struct dg_str channel, struct dg_str payload)
{
	struct fixture *f = arg;

	f->notes++;
	snprintf(f->channel, sizeof(f->channel), "%.*s", DG_STR_ARG(channel));
	snprintf(f->payload, sizeof(f->payload), "%.*s", DG_STR_ARG(payload));
}

static inline void
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

static inline struct dg_pg_config
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

static inline void
open_pg(struct fixture *f, const struct dg_pg_config *config)
{
	struct dg_pg_config defaults = default_config(f);

	*f = (struct fixture){.loop = dg_loop_create("test", 10)};
	f->pg = dg_pg_create(f->loop, config == NULL ? &defaults : config);
}

static inline void
close_pg(struct fixture *f)
{
	dg_pg_destroy(&f->pg);
	assert_null(f->pg);
	dg_loop_destroy(&f->loop);
}

static inline void
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

static inline void
ask(struct fixture *f, struct answer *a, const char *sql)
{
	*a = (struct answer){.done = false};
	assert_int_equal(dg_pg_query(f->pg, sql, NULL, 0, on_answer, a), DG_OK);
	run_until(f, a->done);
	snprintf(a->sqlstate, sizeof(a->sqlstate), "%s",
		 dg_pg_last_sqlstate(f->pg));
}

/* main() of a file of tests. */
static inline int
run_with_postgres(const struct CMUnitTest *tests, size_t n)
{
	if (getenv("DG_TEST_PG") == NULL) {
		printf("skipped: run this through with_postgres.sh\n");
		return 77;
	}
	dg_log_set_level(DG_LOG_ERROR);
	return _cmocka_run_group_tests("pg", tests, n, NULL, NULL);
}

#endif

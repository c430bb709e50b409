/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence.c - a replica's row among the replicas: written at once when what
 * it works with has changed, and every report_ms besides.
 *
 * A connection of its own, so that neither a long load delays a report nor a
 * slow report a load. Nothing depends on it: a report that fails is tried again
 * at the next tick. One report at a time is in flight.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"

enum {
	PRESENCE_MAGIC = 0x50727365,
	QUEUE_MAX = 4,
	TIMEOUT_MS = 10000,
	KEY_BYTES = 32,
	NUMBER_MAX = 24,
	TEXT_MAX = 256, /* as the table allows */
};

enum {
	P_KEY,
	P_NAME,
	P_HOST,
	P_ADDRESS,
	P_PROGRAM,
	P_UPTIME,
	P_EVERY,
	P_POLL_AGE,
	P_STALE_AFTER,
	P_VERSION,
	P_STAMP,
	P_SEEN,
	P_COUNT
};

struct dg_store_presence {
	uint32_t magic;
	struct dg_loop *loop; /* borrowed */
	struct dg_pg *pg;     /* owned */
	struct dg_timer timer;
	char key[KEY_BYTES * 2 + 1]; /* secret; of this process alone */
	char texts[P_PROGRAM + 1][TEXT_MAX + 1];
	uint64_t started_ms;
	unsigned report_ms;
	dg_store_presence_fn fill;
	dg_store_left_fn on_left;
	void *arg;
	bool busy;       /* a report is in flight */
	bool again;      /* something changed meanwhile */
	bool is_failing; /* the last report did; it was logged */
	bool is_leaving;
	bool closing;
};

static void report(struct dg_store_presence *p);

static void
note_outcome(struct dg_store_presence *p, enum dg_rc rc,
	     const struct dg_error *err)
{
	if (rc == DG_OK && p->is_failing)
		dg_log_info(NULL, "replica.reported", DG_NO_FIELDS,
			    "this replica is among the replicas again");
	else if (rc != DG_OK && !p->is_failing)
		dg_log_warn(NULL, "replica.report_failed",
			    DG_FIELDS(DG_LOG_CSTR("code", dg_rc_name(rc))),
			    "this replica could not be entered among the "
			    "replicas: %s",
			    err->text);
	p->is_failing = rc != DG_OK;
}

static void
on_reported(void *arg, enum dg_rc rc,
	    const struct dg_pg_result *result DG_UNUSED,
	    const struct dg_error *err)
{
	struct dg_store_presence *p = arg;

	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	p->busy = false;
	if (p->closing)
		return;
	/* Connections that are lost are told of already. */
	if (rc == DG_OK || (rc != DG_ERR_IO && rc != DG_ERR_UNAVAILABLE))
		note_outcome(p, rc, err);
	if (!p->again)
		return;
	p->again = false;
	report(p);
}

static struct dg_str
number(char out[NUMBER_MAX], int64_t value)
{
	(void)snprintf(out, NUMBER_MAX, "%" PRId64, value);
	return dg_str_from_cstr(out);
}

static void
report(struct dg_store_presence *p)
{
	static const char sql[] =
		"SELECT datagateway.report_replica($1, $2, $3, $4, $5, "
		"$6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, "
		"$11, $12::bigint)";
	struct dg_store_presence_state state = {.poll_age_ms = -1};
	char numbers[P_COUNT][NUMBER_MAX];
	struct dg_str params[P_COUNT];

	if (p->busy) {
		p->again = true;
		return;
	}
	if (p->is_leaving || !dg_pg_is_connected(p->pg))
		return; /* on_state will report */
	p->fill(p->arg, &state);
	params[P_KEY] = dg_str_from_cstr(p->key);
	for (int i = P_NAME; i <= P_PROGRAM; i++)
		params[i] = dg_str_from_cstr(p->texts[i]);
	params[P_UPTIME] =
		number(numbers[P_UPTIME],
		       (int64_t)(dg_clock_mono_ms() - p->started_ms));
	params[P_EVERY] = number(numbers[P_EVERY], p->report_ms);
	params[P_POLL_AGE] = number(numbers[P_POLL_AGE], state.poll_age_ms);
	params[P_STALE_AFTER] =
		number(numbers[P_STALE_AFTER], state.stale_after_ms);
	params[P_VERSION] = number(numbers[P_VERSION], state.version);
	params[P_STAMP] = dg_str_from_cstr(state.stamp);
	params[P_SEEN] = number(numbers[P_SEEN], state.seen_version);
	p->busy = dg_pg_query(p->pg, sql, params, P_COUNT, on_reported, p) ==
		  DG_OK;
}

static void
on_timer(void *arg)
{
	struct dg_store_presence *p = arg;

	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	dg_timer_start(&p->timer, p->loop, p->report_ms, on_timer, p);
	if (!p->busy)
		report(p);
}

static void
on_state(void *arg, bool connected, const char *why DG_UNUSED)
{
	struct dg_store_presence *p = arg;

	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	if (connected && !p->closing)
		report(p);
}

static void
keep(struct dg_store_presence *p, unsigned which, struct dg_str text)
{
	(void)snprintf(p->texts[which], TEXT_MAX + 1, "%.*s", DG_STR_ARG(text));
}

struct dg_store_presence *
dg_store_presence_create(struct dg_loop *loop,
			 const struct dg_store_presence_config *config)
{
	struct dg_store_presence *p = DG_NEW(struct dg_store_presence);
	const struct dg_pg_config pg = {
		.name = "presence",
		.conninfo = config->conninfo,
		.connect_timeout_ms = TIMEOUT_MS,
		.query_timeout_ms = TIMEOUT_MS,
		.queue_max = QUEUE_MAX,
		.fail_fast = true,
		.on_state = on_state,
		.arg = p,
	};
	unsigned char key[KEY_BYTES];

	DG_ASSERT(config->fill != NULL && config->report_ms > 0);
	DG_ASSERT(sodium_init() >= 0);
	p->magic = PRESENCE_MAGIC;
	p->loop = loop;
	p->started_ms = dg_clock_mono_ms();
	p->report_ms = config->report_ms;
	p->fill = config->fill;
	p->arg = config->arg;
	randombytes_buf(key, sizeof(key));
	(void)sodium_bin2hex(p->key, sizeof(p->key), key, sizeof(key));
	dg_wipe(key, sizeof(key));
	keep(p, P_NAME, config->name);
	keep(p, P_HOST, config->host);
	keep(p, P_ADDRESS, config->address);
	keep(p, P_PROGRAM, config->program);
	p->pg = dg_pg_create(loop, &pg);
	dg_timer_start(&p->timer, loop, p->report_ms, on_timer, p);
	return p;
}

void
dg_store_presence_report(struct dg_store_presence *p)
{
	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	report(p);
}

static void
on_left(void *arg, enum dg_rc rc DG_UNUSED,
	const struct dg_pg_result *result DG_UNUSED,
	const struct dg_error *err DG_UNUSED)
{
	struct dg_store_presence *p = arg;

	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	if (!p->closing)
		p->on_left(p->arg);
}

void
dg_store_presence_leave(struct dg_store_presence *p, dg_store_left_fn done)
{
	const struct dg_str key = dg_str_from_cstr(p->key);

	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	DG_ASSERT(!p->is_leaving);
	p->is_leaving = true;
	p->again = false;
	p->on_left = done;
	dg_timer_cancel(&p->timer);
	/* Behind a report that is in flight. */
	if (dg_pg_query(p->pg, "SELECT datagateway.leave_replica($1)", &key, 1,
			on_left, p) != DG_OK)
		done(p->arg);
}

static void
release(void *arg)
{
	struct dg_store_presence *p = arg;

	dg_timer_fini(&p->timer);
	p->magic = 0;
	dg_wipe(p->key, sizeof(p->key));
	dg_free(p);
}

void
dg_store_presence_destroy(struct dg_store_presence **presence)
{
	struct dg_store_presence *p = *presence;

	*presence = NULL;
	if (p == NULL)
		return;
	DG_CHECK_MAGIC(p, PRESENCE_MAGIC);
	p->closing = true;
	dg_timer_cancel(&p->timer);
	dg_pg_destroy(&p->pg);
	dg_loop_defer(p->loop, release, p);
}

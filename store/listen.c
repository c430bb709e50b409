/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - follows the policy: woken by NOTIFY, asking every poll_ms besides
 * (LISTEN does not work through a transaction pooler), loading what is new.
 *
 * One thing at a time is in flight: a poll or a load. What wakes it meanwhile
 * is remembered and looked at afterwards. A version that cannot be loaded
 * leaves the former one in force and is not counted as a successful poll, so
 * that its age shows and policy.max_staleness closes the gateway in the end.
 *
 * Where Postgres does not answer at the start, the policy of the saver's file
 * is in force, as old as it is, and everything goes on as if it had been
 * loaded then.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "policy_load.h"

enum {
	FOLLOWER_MAGIC = 0x466f6c77,
	QUEUE_MAX = 16,
	CONNECT_TIMEOUT_MS = 10000,
	QUERY_TIMEOUT_MS = 60000,
	REFUSED_RETRY_MS = 30000, /* a bad version may be a bad memory limit */
	/* An answer to a poll: this many times poll_ms, within these bounds. */
	POLLS_WAITED = 10,
	POLL_WAIT_MIN_MS = 2000,
	POLL_WAIT_MAX_MS = 10000,
};

/* Values of the metric's label. */
enum { LOADS_OK, LOADS_FAILED };

struct dg_store_follower {
	uint32_t magic;
	struct dg_loop *loop; /* borrowed */
	struct dg_store_follower_config config;
	struct dg_pg *pg; /* owned */
	struct dg_timer timer;
	struct dg_store_snapshot *current; /* ref; NULL: none yet */
	uint64_t last_poll_ms;
	int64_t seen_version;      /* newest that was heard of; 0: none */
	uint64_t behind_since_ms;  /* 0: it is the one in force */
	uint64_t polling_since_ms; /* 0: no answer is awaited */
	int64_t refused_version;   /* 0: none */
	uint64_t refused_ms;       /* when */
	bool busy;                 /* a poll or load is in flight */
	bool again;                /* woken meanwhile */
	bool closing;
	bool from_file;  /* current is: Postgres has not answered yet */
	bool asked_file; /* once is enough */
};

static void look(struct dg_store_follower *f);

/*
 * The version, its stamp, and how long ago the first version after $1 came, by
 * Postgres's clock: a replica's own may be anything.
 */
static const char poll_sql[] =
	"SELECT v.version, datagateway.policy_stamp(v.version), "
	"CASE WHEN v.version > $1::bigint THEN greatest(0, 1000 * "
	"extract(epoch FROM clock_timestamp() - coalesce((SELECT l.at "
	"FROM datagateway.policy_log l WHERE l.version > $1::bigint "
	"ORDER BY l.version, l.id LIMIT 1), v.changed_at)))::bigint END "
	"FROM datagateway.policy_version v";

/* That long ago there was a version that is not loaded yet. */
static void
note_behind(struct dg_store_follower *f, int64_t version, int64_t ago_ms)
{
	uint64_t now_ms = dg_clock_mono_ms();

	f->seen_version = version;
	if (ago_ms > 0 && (uint64_t)ago_ms < now_ms)
		f->behind_since_ms = now_ms - (uint64_t)ago_ms;
	else if (f->behind_since_ms == 0)
		f->behind_since_ms = now_ms;
}

/* What was asked for or loaded is the newest, as far as is known. */
static void
note_current(struct dg_store_follower *f, int64_t version)
{
	f->last_poll_ms = dg_clock_mono_ms();
	f->seen_version = version;
	f->behind_since_ms = 0;
	f->from_file = false;
	dg_metric_set(DG_METRIC_POLICY_FROM_FILE, 0);
	dg_store_saver_note(f->config.saver, f->current);
}

/* Numbers alone are not enough: see policy_stamp in 001_policy.sql. */
static bool
is_current(const struct dg_store_follower *f, int64_t version,
	   struct dg_str stamp)
{
	return f->current != NULL && f->current->version == version &&
	       dg_str_eq(dg_str_from_cstr(f->current->stamp), stamp);
}

static bool
is_worth_loading(const struct dg_store_follower *f, int64_t version)
{
	return version != f->refused_version ||
	       dg_clock_mono_ms() - f->refused_ms >= REFUSED_RETRY_MS;
}

static void
rest(struct dg_store_follower *f)
{
	f->busy = false;
	if (!f->again)
		return;
	f->again = false;
	look(f);
}

/* The last thing that its caller does: the callee may destroy the follower. */
static void
hand_out(struct dg_store_follower *f)
{
	struct dg_store_snapshot *mine = dg_store_snapshot_ref(f->current);

	f->config.on_snapshot(f->config.arg, mine);
	dg_store_snapshot_unref(&mine);
}

static void
take_from_file(struct dg_store_follower *f, struct dg_store_snapshot *snapshot,
	       int64_t age_ms)
{
	f->current = snapshot;
	f->seen_version = snapshot->version;
	f->from_file = true;
	f->last_poll_ms = dg_clock_mono_ms() - (uint64_t)age_ms;
	dg_metric_set(DG_METRIC_POLICY_FROM_FILE, 1);
	dg_log_warn(NULL, "policy.from_file",
		    DG_FIELDS(DG_LOG_INT("version", snapshot->version),
			      DG_LOG_INT("rules",
					 dg_acl_snapshot_rules(snapshot->acl)),
			      DG_LOG_INT("age_ms", age_ms)),
		    "there is no policy from Postgres: version %lld, as it was "
		    "%lld s ago, is in force from the file",
		    (long long)snapshot->version, (long long)age_ms / 1000);
}

/* Postgres gives no policy and nothing is in force. May destroy f. */
static void
fall_back(struct dg_store_follower *f)
{
	struct dg_store_snapshot *snapshot = NULL;
	int64_t age_ms = 0;
	struct dg_error err;
	enum dg_rc rc;

	if (f->current != NULL || f->asked_file || f->config.saver == NULL)
		return;
	f->asked_file = true;
	rc = dg_store_saver_load(f->config.saver, f->config.snapshot_max_bytes,
				 &snapshot, &age_ms, &err);
	if (rc == DG_OK) {
		take_from_file(f, snapshot, age_ms);
		hand_out(f);
		return;
	}
	dg_log_error(NULL, "policy.file_refused",
		     DG_FIELDS(DG_LOG_CSTR("code", dg_rc_name(rc))),
		     "there is no policy from Postgres, and none without it: "
		     "%s; the file is written anew when Postgres has one",
		     err.text);
}

static void
refuse(struct dg_store_follower *f, enum dg_rc rc, int64_t version,
       const struct dg_error *err)
{
	bool is_policy = rc == DG_ERR_INVALID || rc == DG_ERR_CONFLICT ||
			 rc == DG_ERR_NOT_FOUND || rc == DG_ERR_LIMIT;

	dg_metric_add_label(DG_METRIC_POLICY_LOADS, LOADS_FAILED, 1);
	if (is_policy) {
		f->refused_version = version;
		f->refused_ms = dg_clock_mono_ms();
	}
	dg_log_error(NULL, is_policy ? "policy.refused" : "policy.load_failed",
		     DG_FIELDS(DG_LOG_INT("version", version),
			       DG_LOG_CSTR("code", dg_rc_name(rc))),
		     "the policy was not loaded: %s", err->text);
}

static void
on_loaded(void *arg, enum dg_rc rc, int64_t version,
	  struct dg_store_snapshot *snapshot, const struct dg_error *err)
{
	struct dg_store_follower *f = arg;

	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	if (f->closing) {
		dg_store_snapshot_unref(&snapshot);
		return;
	}
	if (rc != DG_OK) {
		refuse(f, rc, version, err);
		rest(f);
		fall_back(f);
		return;
	}
	dg_metric_add_label(DG_METRIC_POLICY_LOADS, LOADS_OK, 1);
	f->refused_version = 0;
	dg_store_snapshot_unref(&f->current);
	f->current = snapshot;
	note_current(f, version);
	dg_log_info(NULL, "policy.loaded",
		    DG_FIELDS(DG_LOG_INT("version", version),
			      DG_LOG_INT("changes", snapshot->n_changes),
			      DG_LOG_INT("rules",
					 dg_acl_snapshot_rules(snapshot->acl)),
			      DG_LOG_INT("bytes",
					 dg_acl_snapshot_bytes(snapshot->acl))),
		    "policy version %lld is in force", (long long)version);
	rest(f);
	hand_out(f);
}

static void
load(struct dg_store_follower *f)
{
	f->busy = true;
	dg_store_load(f->pg, f->config.snapshot_max_bytes, f->current,
		      on_loaded, f);
}

static void
on_version(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	   const struct dg_error *err)
{
	struct dg_store_follower *f = arg;
	int64_t version = 0;
	int64_t ago_ms = 0;

	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	f->polling_since_ms = 0;
	if (f->closing)
		return;
	if (rc != DG_OK) {
		dg_log_warn(NULL, "policy.poll_failed", DG_NO_FIELDS,
			    "the policy version could not be read: %s",
			    err->text);
		rest(f);
		return;
	}
	if (dg_pg_rows(result) == 1 &&
	    dg_str_to_i64(dg_pg_get(result, 0, 0), &version) == DG_OK &&
	    is_current(f, version, dg_pg_get(result, 0, 1))) {
		note_current(f, version);
		rest(f);
		return;
	}
	if (dg_pg_rows(result) != 1 || dg_pg_is_null(result, 0, 2) ||
	    dg_str_to_i64(dg_pg_get(result, 0, 2), &ago_ms) != DG_OK)
		ago_ms = 0;
	note_behind(f, version, ago_ms);
	if (is_worth_loading(f, version))
		load(f);
	else
		rest(f);
}

static void
ask(struct dg_store_follower *f)
{
	char text[24];
	struct dg_str version;

	(void)snprintf(text, sizeof(text), "%" PRId64,
		       f->current == NULL ? 0 : f->current->version);
	version = dg_str_from_cstr(text);
	f->busy = dg_pg_query(f->pg, poll_sql, &version, 1, on_version, f) ==
		  DG_OK;
	f->polling_since_ms = f->busy ? dg_clock_mono_ms() : 0;
}

/* Is there anything new? The first load needs no question. */
static void
look(struct dg_store_follower *f)
{
	if (f->busy) {
		f->again = true;
		return;
	}
	if (!dg_pg_is_connected(f->pg))
		return; /* on_state will look */
	if (f->current == NULL && f->refused_version == 0)
		load(f);
	else
		ask(f);
}

/* A server that has gone without a word would be waited for too long. */
static bool
is_overdue(const struct dg_store_follower *f)
{
	uint64_t patience_ms = (uint64_t)POLLS_WAITED * f->config.poll_ms;

	if (patience_ms > POLL_WAIT_MAX_MS)
		patience_ms = POLL_WAIT_MAX_MS;
	if (patience_ms < POLL_WAIT_MIN_MS)
		patience_ms = POLL_WAIT_MIN_MS;
	return f->polling_since_ms != 0 &&
	       dg_clock_mono_ms() - f->polling_since_ms > patience_ms;
}

static void
on_timer(void *arg)
{
	struct dg_store_follower *f = arg;

	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	dg_timer_start(&f->timer, f->loop, f->config.poll_ms, on_timer, f);
	if (is_overdue(f))
		dg_pg_drop(f->pg, "the poll was not answered");
	else
		look(f);
}

static void
on_state(void *arg, bool connected, const char *why DG_UNUSED)
{
	struct dg_store_follower *f = arg;

	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	if (f->closing)
		return;
	if (connected)
		look(f);
	else
		fall_back(f);
}

/* Anybody may notify of anything: it is a reason to look, and no more. */
static void
on_notify(void *arg, struct dg_str channel DG_UNUSED,
	  struct dg_str payload DG_UNUSED)
{
	struct dg_store_follower *f = arg;

	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	if (!f->closing)
		look(f);
}

struct dg_store_follower *
dg_store_follower_create(struct dg_loop *loop,
			 const struct dg_store_follower_config *config)
{
	struct dg_store_follower *f = DG_NEW(struct dg_store_follower);
	struct dg_pg_config pg = {
		.name = "policy",
		.conninfo = config->conninfo,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.query_timeout_ms = QUERY_TIMEOUT_MS,
		.queue_max = QUEUE_MAX,
		.fail_fast = true, /* policy_load.h */
		.on_state = on_state,
		.on_notify = on_notify,
		.arg = f,
	};

	DG_ASSERT(config->on_snapshot != NULL && config->poll_ms > 0);
	f->magic = FOLLOWER_MAGIC;
	f->loop = loop;
	f->config = *config;
	f->config.conninfo = NULL; /* may hold a password; pg has a copy */
	f->pg = dg_pg_create(loop, &pg);
	/* Channels are re-issued at each connection; this cannot fail here. */
	DG_ASSERT(dg_pg_listen(f->pg, "datagateway_policy") == DG_OK);
	dg_timer_start(&f->timer, loop, config->poll_ms, on_timer, f);
	return f;
}

static void
release(void *arg)
{
	struct dg_store_follower *f = arg;

	dg_timer_fini(&f->timer);
	dg_store_snapshot_unref(&f->current);
	f->magic = 0;
	dg_free(f);
}

void
dg_store_follower_destroy(struct dg_store_follower **follower)
{
	struct dg_store_follower *f = *follower;

	*follower = NULL;
	if (f == NULL)
		return;
	DG_CHECK_MAGIC(f, FOLLOWER_MAGIC);
	f->closing = true;
	dg_timer_cancel(&f->timer);
	dg_pg_destroy(&f->pg);
	dg_loop_defer(f->loop, release, f);
}

uint64_t
dg_store_follower_last_poll_ms(const struct dg_store_follower *f)
{
	return f->last_poll_ms;
}

int64_t
dg_store_follower_seen_version(const struct dg_store_follower *f)
{
	return f->seen_version;
}

uint64_t
dg_store_follower_behind_ms(const struct dg_store_follower *f)
{
	return f->behind_since_ms == 0
		       ? 0
		       : dg_clock_mono_ms() - f->behind_since_ms + 1;
}

bool
dg_store_follower_is_from_file(const struct dg_store_follower *f)
{
	return f->from_file;
}

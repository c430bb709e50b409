/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replicas.c - see store/replicas.h.
 */
#include "store/replicas.h"

#include "base/clock.h"

enum { ASK_MS = 100 };

const char dg_store_replicas_sql[] =
	"SELECT id, name, host, address, policy_version, is_ours, "
	"state = 'silent' FROM datagateway.replica_states ORDER BY name, id";

static int64_t
read_number(struct dg_str text)
{
	int64_t value;

	return dg_str_to_i64(text, &value) == DG_OK ? value : 0;
}

void
dg_store_replica_read(const struct dg_pg_result *result, size_t row,
		      struct dg_store_replica *out)
{
	*out = (struct dg_store_replica){
		.id = read_number(dg_pg_get(result, row, 0)),
		.name = dg_pg_get(result, row, 1),
		.host = dg_pg_get(result, row, 2),
		.address = dg_pg_get(result, row, 3),
		.version = read_number(dg_pg_get(result, row, 4)),
		.is_ours = dg_str_eq(dg_pg_get(result, row, 5), DG_STR("t")),
		.is_silent = dg_str_eq(dg_pg_get(result, row, 6), DG_STR("t")),
	};
}

bool
dg_store_replica_lacks(const struct dg_store_replica *replica, int64_t version)
{
	return replica->is_silent || !replica->is_ours ||
	       replica->version < version;
}

/* ---- waiting ------------------------------------------------------------ */

struct look {
	int64_t version;
	struct dg_buf *behind;
	bool is_hopeful; /* one that reports is behind */
	enum dg_rc rc;
};

static enum dg_rc
tell(struct dg_buf *out, const struct dg_store_replica *r)
{
	return dg_buf_appendf(
		out, "%.*s (%.*s, %.*s): %s %lld\n", DG_STR_ARG(r->name),
		DG_STR_ARG(r->host), DG_STR_ARG(r->address),
		r->is_silent ? "silent, last at version" : "at version",
		(long long)r->version);
}

static void
on_replicas(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	    const struct dg_error *err DG_UNUSED)
{
	struct look *look = arg;

	if (rc != DG_OK)
		return;
	dg_buf_clear(look->behind);
	look->is_hopeful = false;
	for (size_t i = 0; i < dg_pg_rows(result); i++) {
		struct dg_store_replica r;

		dg_store_replica_read(result, i, &r);
		if (!dg_store_replica_lacks(&r, look->version))
			continue;
		look->is_hopeful |= !r.is_silent;
		if (look->rc == DG_OK)
			look->rc = tell(look->behind, &r);
	}
}

static void
on_pause(void *arg)
{
	bool *is_over = arg;

	*is_over = true;
}

static void
pause_a_little(struct dg_loop *loop)
{
	struct dg_timer timer = {0};
	bool is_over = false;

	dg_timer_start(&timer, loop, ASK_MS, on_pause, &is_over);
	while (!is_over)
		dg_loop_run_once(loop);
	dg_timer_fini(&timer);
}

enum dg_rc
dg_store_replicas_wait(struct dg_pg *pg, struct dg_loop *loop, int64_t version,
		       uint64_t timeout_ms, struct dg_buf *behind_out,
		       struct dg_error *err)
{
	uint64_t until_ms = dg_clock_mono_ms() + timeout_ms;
	struct look look = {.version = version, .behind = behind_out};
	enum dg_rc rc;

	for (;;) {
		rc = dg_pg_query_wait(pg, loop, dg_store_replicas_sql, NULL, 0,
				      on_replicas, &look, err);
		if (rc == DG_OK && look.rc != DG_OK)
			rc = dg_error_set(err, look.rc, "too many replicas");
		if (rc != DG_OK || !look.is_hopeful ||
		    dg_clock_mono_ms() >= until_ms)
			return rc;
		pause_a_little(loop);
	}
}

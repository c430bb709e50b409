/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wait.c - see wait.h.
 *
 * A replica that is silent (docs/schema.md) is not waited for: when only such
 * are left the answer is given, and names them.
 */
#include "wait.h"

#include <stdatomic.h>

#include "api_private.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/replicas.h"

enum {
	WAITING_MAGIC = 0x41776169,
	ASK_MS = 20,
	GRACE_MS = 2000,
	TOLD_MAX = 100, /* replicas in a reply */
	CONNECT_TIMEOUT_MS = 5000,
	QUERY_TIMEOUT_MS = 5000,
};

struct dg_api_waiting {
	uint32_t magic;
	struct dg_loop *control; /* borrowed */
	char *conninfo;          /* owned, wiped */
	dg_api_waited_fn done;
	atomic_uint n_places;
	struct dg_list jobs; /* by wait_link */
	struct dg_pg *pg;    /* owned; NULL before the first wait */
	struct dg_timer timer;
	bool busy; /* a question is on its way */
	bool closing;
};

bool
dg_api_wait_take_place(struct dg_api_job *job)
{
	struct dg_api_waiting *w = job->waiting;

	if (atomic_fetch_add(&w->n_places, 1) < API_WAITS_MAX) {
		job->has_place = true;
		return true;
	}
	atomic_fetch_sub(&w->n_places, 1);
	return false;
}

void
dg_api_wait_give_place(struct dg_api_job *job)
{
	if (job->has_place)
		atomic_fetch_sub(&job->waiting->n_places, 1);
	job->has_place = false;
}

bool
dg_api_wait_is_due(const struct dg_api_job *job)
{
	return job->has_place && job->version > 0 && job->status >= 200 &&
	       job->status < 300;
}

/* ---- answers ------------------------------------------------------------ */

static void
put_replica(struct dg_json_writer *w, const struct dg_store_replica *r)
{
	dg_json_object_open(w);
	dg_json_key(w, "id");
	dg_json_put_int(w, r->id);
	dg_json_key(w, "name");
	dg_json_put_str(w, r->name);
	dg_json_key(w, "host");
	dg_json_put_str(w, r->host);
	dg_json_key(w, "address");
	dg_json_put_str(w, r->address);
	dg_json_key(w, "state");
	dg_json_put_cstr(w, r->is_silent ? "silent" : "behind");
	dg_json_key(w, "policy_version");
	dg_json_put_int(w, r->version);
	dg_json_object_close(w);
}

/* Done, and not everywhere, or it is not known where: RFC 9110, 15.3.3. */
static void
put_behind(struct dg_api_job *job, const char *why,
	   const struct dg_store_replica *replicas, size_t n)
{
	size_t told = 0;
	struct dg_json_writer w;

	dg_api_reply_begin(job, &w, 202);
	dg_json_object_open(&w);
	dg_json_key(&w, "version");
	dg_json_put_int(&w, job->version);
	dg_json_key(&w, "applied");
	dg_json_put_bool(&w, false);
	dg_json_key(&w, "detail");
	dg_json_put_cstr(&w, why);
	dg_json_key(&w, "behind");
	dg_json_array_open(&w);
	for (size_t i = 0; i < n && told < TOLD_MAX; i++)
		if (dg_store_replica_lacks(&replicas[i], job->version)) {
			put_replica(&w, &replicas[i]);
			told++;
		}
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	dg_api_reply_end(job, &w);
}

static void
finish(struct dg_api_waiting *w, struct dg_api_job *job)
{
	dg_list_remove(&job->wait_link);
	dg_api_header(job, DG_STR("Policy-Applied"),
		      job->status == 202 ? DG_STR("false") : DG_STR("true"));
	dg_api_wait_give_place(job);
	w->done(job);
}

static bool
is_over(const struct dg_api_job *job, uint64_t grace_ms)
{
	return dg_clock_mono_ms() >= job->wait_until_ms + grace_ms;
}

/* What the replicas say, for one of those who wait. */
static void
judge(struct dg_api_waiting *w, struct dg_api_job *job,
      const struct dg_store_replica *replicas, size_t n)
{
	bool is_lacked = false;
	bool is_hopeful = false;

	for (size_t i = 0; i < n; i++)
		if (dg_store_replica_lacks(&replicas[i], job->version)) {
			is_lacked = true;
			is_hopeful |= !replicas[i].is_silent;
		}
	if (is_lacked && is_hopeful && !is_over(job, 0))
		return;
	if (is_lacked)
		put_behind(job,
			   is_hopeful
				   ? "done; some replicas are still behind"
				   : "done; some replicas do not report, and "
				     "may decide by an older version until "
				     "they find out or give up",
			   replicas, n);
	finish(w, job);
}

/* ---- asking ------------------------------------------------------------- */

static void
on_replicas(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	    const struct dg_error *err DG_UNUSED)
{
	struct dg_api_waiting *w = arg;
	struct dg_store_replica *replicas = NULL;
	struct dg_list *it;
	struct dg_list *tmp;
	size_t n = 0;

	DG_CHECK_MAGIC(w, WAITING_MAGIC);
	w->busy = false;
	if (w->closing || rc != DG_OK)
		return;
	n = dg_pg_rows(result);
	replicas = DG_NEW_ARRAY(struct dg_store_replica, n + 1);
	for (size_t i = 0; i < n; i++)
		dg_store_replica_read(result, i, &replicas[i]);
	DG_LIST_FOREACH (it, tmp, &w->jobs)
		judge(w, DG_CONTAINER_OF(it, struct dg_api_job, wait_link),
		      replicas, n);
	dg_free(replicas);
}

static void
ask(struct dg_api_waiting *w)
{
	const struct dg_pg_config config = {
		.name = "replicas",
		.conninfo = w->conninfo,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.query_timeout_ms = QUERY_TIMEOUT_MS,
		.queue_max = 1,
		.fail_fast = true,
	};

	if (w->pg == NULL)
		w->pg = dg_pg_create(w->control, &config);
	if (!w->busy && dg_pg_is_connected(w->pg))
		w->busy = dg_pg_query(w->pg, dg_store_replicas_sql, NULL, 0,
				      on_replicas, w) == DG_OK;
}

/* Postgres does not answer either; an answer on its way is waited for. */
static void
end_late(struct dg_api_waiting *w)
{
	uint64_t grace_ms = w->busy ? GRACE_MS : 0;
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &w->jobs) {
		struct dg_api_job *job =
			DG_CONTAINER_OF(it, struct dg_api_job, wait_link);

		if (!is_over(job, grace_ms))
			continue;
		put_behind(job, "done; which replicas have it is not known",
			   NULL, 0);
		finish(w, job);
	}
}

static void
on_timer(void *arg)
{
	struct dg_api_waiting *w = arg;

	DG_CHECK_MAGIC(w, WAITING_MAGIC);
	if (w->busy || !dg_pg_is_connected(w->pg))
		end_late(w);
	if (dg_list_is_empty(&w->jobs))
		return;
	ask(w);
	dg_timer_start(&w->timer, w->control, ASK_MS, on_timer, w);
}

void
dg_api_wait_start(struct dg_api_job *job)
{
	struct dg_api_waiting *w = job->waiting;
	bool is_first = dg_list_is_empty(&w->jobs);

	DG_CHECK_MAGIC(w, WAITING_MAGIC);
	job->wait_until_ms = dg_clock_mono_ms() + job->wait_ms;
	dg_list_append(&w->jobs, &job->wait_link);
	ask(w);
	if (is_first)
		dg_timer_start(&w->timer, w->control, ASK_MS, on_timer, w);
}

/* ---- life --------------------------------------------------------------- */

struct dg_api_waiting *
dg_api_waiting_create(struct dg_loop *control, const char *conninfo,
		      dg_api_waited_fn done)
{
	struct dg_api_waiting *w = DG_NEW(struct dg_api_waiting);

	w->magic = WAITING_MAGIC;
	w->control = control;
	w->conninfo = dg_strdup(conninfo);
	w->done = done;
	atomic_init(&w->n_places, 0);
	dg_list_init(&w->jobs);
	return w;
}

static void
release(void *arg)
{
	struct dg_api_waiting *w = arg;

	dg_timer_fini(&w->timer);
	dg_wipe(w->conninfo, strlen(w->conninfo));
	dg_free(w->conninfo);
	w->magic = 0;
	dg_free(w);
}

void
dg_api_waiting_destroy(struct dg_api_waiting **waiting)
{
	struct dg_api_waiting *w = *waiting;

	*waiting = NULL;
	if (w == NULL)
		return;
	DG_CHECK_MAGIC(w, WAITING_MAGIC);
	w->closing = true;
	dg_timer_cancel(&w->timer);
	while (!dg_list_is_empty(&w->jobs)) {
		struct dg_api_job *job = DG_CONTAINER_OF(
			w->jobs.next, struct dg_api_job, wait_link);

		put_behind(job, "done; the program that knew ends", NULL, 0);
		finish(w, job);
	}
	dg_pg_destroy(&w->pg);
	dg_loop_defer(w->control, release, w);
}

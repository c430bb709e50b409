/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c - see query.h.
 */
#include "presto/query.h"

#include "authorize.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "presto/answer.h"
#include "presto/query_id.h"

#define DG_QUERY_MAGIC UINT32_C(0x51525931)

enum {
	/* A pruned QueryInfo or a QueryStateInfo: mostly the query's text. */
	INFO_MAX = 2 << 20,
	REPLY_MAX = 16 << 10,
	INFO_TIMEOUT_MS = 5000,
	TEXT_MAX = 2 << 20,
};

struct query {
	uint32_t magic;
	struct dg_worker *worker;
	struct dg_http_exchange *x;
	struct dg_arena *arena;           /* the exchange's */
	struct dg_store_snapshot *policy; /* ref */
	struct dg_subject who;            /* the caller */
	struct dg_str id;
	bool is_delete;
	size_t next;      /* cluster to be asked */
	bool unreachable; /* one of them did not answer */
	struct dg_target target;
	struct dg_fetch *fetch;
};

/* ---- life -------------------------------------------------------------- */

static void
destroy(void *arg)
{
	struct query *q = arg;

	DG_CHECK_MAGIC(q, DG_QUERY_MAGIC);
	dg_store_snapshot_unref(&q->policy);
	q->magic = 0;
	dg_free(q);
}

static void
finish(struct query *q)
{
	dg_upstream_fetch_cancel(&q->fetch);
	q->x = NULL;
	dg_loop_defer(q->worker->loop, destroy, q);
}

static void
on_client_gone(void *arg)
{
	struct query *q = arg;

	DG_CHECK_MAGIC(q, DG_QUERY_MAGIC);
	finish(q);
}

static void
answer_line(struct query *q, unsigned status, const char *line)
{
	dg_answer_text(q->x, status, dg_str_from_cstr(line));
	finish(q);
}

/* ---- asking ------------------------------------------------------------ */

static bool
ask(struct query *q, const char *method, struct dg_str target,
    struct dg_str user, size_t max, dg_fetch_fn done)
{
	struct dg_http_header headers[8];
	struct dg_upstream_request request = {
		.endpoint = q->target.endpoint,
		.method = method,
		.target = target,
		.headers = headers,
		.n_headers = 1,
		.head_timeout_ms = INFO_TIMEOUT_MS,
		.body_timeout_ms = INFO_TIMEOUT_MS,
		.repeatable = true,
	};
	struct dg_error err;

	headers[0] = (struct dg_http_header){DG_STR("Accept-Encoding"),
					     DG_STR("identity")};
	if (target.data == NULL ||
	    dg_route_identity(q->target.cluster, user, q->arena, headers,
			      DG_ARRAY_LEN(headers), &request.n_headers,
			      &err) != DG_OK)
		return false;
	q->fetch =
		dg_upstream_fetch(q->worker->upstream, &request, max, done, q);
	return true;
}

/* ---- acting ------------------------------------------------------------ */

/* dg_fetch_fn */
static void
on_deleted(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	   const char *why)
{
	struct query *q = arg;

	(void)body;
	(void)why;
	DG_CHECK_MAGIC(q, DG_QUERY_MAGIC);
	q->fetch = NULL;
	/* An unknown query has ended (404, 410). */
	if (rc != DG_OK || ((status < 200 || status >= 300) && status != 404 &&
			    status != 410)) {
		answer_line(q, 503, "The cluster did not cancel the query");
		return;
	}
	dg_answer_nothing(q->x);
	finish(q);
}

/* What a coordinator told of a query. */
struct info {
	struct dg_str user;
	struct dg_str state;
	struct dg_str text;
};

static void
answer_info(struct query *q, const struct info *info)
{
	struct dg_json_writer w;
	struct dg_buf body;

	dg_buf_init(&body, TEXT_MAX);
	dg_json_begin(&w, &body);
	dg_json_object_open(&w);
	dg_json_key(&w, "queryId");
	dg_json_put_str(&w, q->id);
	dg_json_key(&w, "session");
	dg_json_object_open(&w);
	dg_json_key(&w, "user");
	dg_json_put_str(&w, info->user);
	dg_json_object_close(&w);
	dg_json_key(&w, "state");
	dg_json_put_str(&w, info->state);
	dg_json_key(&w, "query");
	dg_json_put_str(&w, info->text);
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK)
		dg_answer_page(q->x, NULL, 0, dg_buf_peek(&body));
	else
		dg_answer_text(q->x, 404, DG_STR("Query not found"));
	dg_buf_fini(&body);
	finish(q);
}

static bool
may_act(struct query *q, struct dg_str owner)
{
	const struct dg_authorize_request request = {
		.policy = q->policy->acl,
		.user = q->who.user,
		.roles = q->who.roles,
		.n_roles = q->who.n_roles,
		.client = q->who.client,
		.cluster = q->target.cluster->name,
		.now_us = dg_clock_wall_us(),
	};

	return dg_str_eq(owner, q->who.user) ||
	       dg_authorize_one(&request,
				q->is_delete ? DG_ACL_P_KILL : DG_ACL_P_VIEW,
				DG_ACL_QUERY, owner, q->arena) ||
	       dg_authorize_one(&request, DG_ACL_P_IMPERSONATE, DG_ACL_USER,
				owner, q->arena);
}

static void
act(struct query *q, const struct info *info)
{
	if (!may_act(q, info->user)) {
		dg_log_warn(NULL, "query.foreign",
			    DG_FIELDS(DG_LOG_STR("principal", q->who.user),
				      DG_LOG_STR("owner", info->user),
				      DG_LOG_STR("query_id", q->id)),
			    "request for another user's query");
		answer_line(q, 403, "The query belongs to another user");
	} else if (!q->is_delete) {
		answer_info(q, info);
	} else if (!ask(q, "DELETE",
			dg_arena_printf(q->arena, "/v1/query/%.*s",
					DG_STR_ARG(q->id)),
			info->user, REPLY_MAX, on_deleted)) {
		answer_line(q, 503, "The cluster cannot be asked");
	}
}

/* ---- finding ----------------------------------------------------------- */

static bool
read_info(const struct query *q, const struct dg_json *root, struct info *info)
{
	bool trino = q->target.cluster->engine == DG_STORE_TRINO;
	const struct dg_json *user =
		trino ? dg_json_get(dg_json_get(root, "session"), "user")
		      : dg_json_get(root, "user");

	*info = (struct info){DG_STR_EMPTY, DG_STR_EMPTY, DG_STR_EMPTY};
	(void)dg_json_string(dg_json_get(root, trino ? "state" : "queryState"),
			     &info->state);
	(void)dg_json_string(dg_json_get(root, "query"), &info->text);
	return dg_json_string(user, &info->user) && info->user.len > 0;
}

static void ask_next(struct query *q);

/* dg_fetch_fn */
static void
on_info(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	const char *why)
{
	struct query *q = arg;
	struct dg_json *root = NULL;
	struct info info;

	(void)why;
	DG_CHECK_MAGIC(q, DG_QUERY_MAGIC);
	q->fetch = NULL;
	if (rc != DG_OK || status >= 500)
		q->unreachable = true;
	if (rc == DG_OK && status == 200 &&
	    dg_json_parse(body, INFO_MAX, &root, NULL) == DG_OK &&
	    read_info(q, root, &info))
		act(q, &info);
	else
		ask_next(q);
	dg_json_destroy(&root);
}

static struct dg_str
info_path(struct query *q)
{
	if (q->target.cluster->engine == DG_STORE_TRINO)
		return dg_arena_printf(q->arena, "/v1/query/%.*s?pruned=true",
				       DG_STR_ARG(q->id));
	/* Small, where /v1/query/ID is not. */
	return dg_arena_printf(q->arena, "/v1/queryState/%.*s",
			       DG_STR_ARG(q->id));
}

static void
answer_unknown(struct query *q)
{
	if (q->unreachable) {
		answer_line(q, 503, "A cluster cannot be reached; try again");
	} else if (q->is_delete) {
		dg_answer_nothing(q->x);
		finish(q);
	} else {
		answer_line(q, 410, "Query not found");
	}
}

static void
ask_next(struct query *q)
{
	while (q->next < q->policy->n_clusters) {
		const struct dg_store_cluster *cluster =
			&q->policy->clusters[q->next++];
		struct dg_error err;

		if (dg_route_by_name(q->policy, q->worker->clusters, &q->who,
				     cluster->name, dg_clock_wall_us(),
				     &q->target, &err) == DG_OK &&
		    ask(q, "GET", info_path(q), q->who.user, INFO_MAX, on_info))
			return;
	}
	answer_unknown(q);
}

void
dg_query_start(struct dg_worker *worker, struct dg_http_exchange *x,
	       const struct dg_caller *caller, struct dg_str id)
{
	struct dg_caller copy;
	enum dg_http_method method = dg_http_exchange_head(x)->method;
	struct query *q;

	if (method != DG_HTTP_GET && method != DG_HTTP_DELETE) {
		dg_answer_text(x, 405, DG_STR("Method not allowed"));
		return;
	}
	if (!dg_query_id_is_valid(id)) {
		dg_answer_text(x, 404, DG_STR("Query not found"));
		return;
	}
	if (!dg_worker_policy_usable(worker)) {
		dg_answer_text(x, 503,
			       dg_str_from_cstr(dg_worker_policy_why(worker)));
		return;
	}
	q = DG_NEW(struct query);
	q->magic = DG_QUERY_MAGIC;
	q->worker = worker;
	q->x = x;
	q->arena = dg_http_exchange_arena(x);
	q->policy = dg_store_snapshot_ref(worker->policy);
	q->id = id;
	q->is_delete = method == DG_HTTP_DELETE;
	dg_http_exchange_on_cancel(x, on_client_gone, q);
	if (dg_caller_copy(caller, q->arena, &copy) == DG_OK &&
	    dg_subject_of(q->policy, &copy, copy.name, q->arena, &q->who) ==
		    DG_OK)
		ask_next(q);
	else
		answer_line(q, 503, "Out of memory, try again");
}

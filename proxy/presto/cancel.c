/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cancel.c - see cancel.h. The request owns itself: it is freed when the
 * coordinator has answered, or with the worker's pools.
 */
#include "presto/cancel.h"

#include "base/log.h"
#include "base/mem.h"

enum { SCRATCH_MAX = 64 << 10, REPLY_MAX = 16 << 10 };

struct cancel {
	struct dg_str cluster; /* owned */
};

/* dg_fetch_fn */
static void
on_canceled(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	    const char *why)
{
	struct cancel *cancel = arg;

	(void)body;
	if (rc != DG_OK || status >= 300)
		dg_log_warn(
			NULL, "query.cancel_failed",
			DG_FIELDS(DG_LOG_STR("cluster", cancel->cluster),
				  DG_LOG_INT("status", status),
				  DG_LOG_CSTR("why", why == NULL ? "" : why)),
			"a query could not be cancelled");
	dg_str_free(&cancel->cluster);
	dg_free(cancel);
}

void
dg_cancel_query(struct dg_worker *worker, const struct dg_target *target,
		struct dg_str user, struct dg_str path)
{
	struct dg_arena *scratch = dg_arena_create(SCRATCH_MAX);
	struct dg_http_header headers[8];
	struct dg_upstream_request request = {
		.endpoint = target->endpoint,
		.method = "DELETE",
		.target = path,
		.headers = headers,
		.head_timeout_ms = (unsigned)worker->config->upstream_head_ms,
		.body_timeout_ms = (unsigned)worker->config->upstream_body_ms,
		.repeatable = true,
	};
	struct cancel *cancel;
	struct dg_error err;

	dg_arena_keep_secrets(scratch);
	if (dg_route_identity(target->cluster, user, scratch, headers,
			      DG_ARRAY_LEN(headers), &request.n_headers,
			      &err) == DG_OK) {
		cancel = DG_NEW(struct cancel);
		cancel->cluster = dg_str_dup(target->cluster->name);
		(void)dg_upstream_fetch(worker->upstream, &request, REPLY_MAX,
					on_canceled, cancel);
	} else {
		dg_log_error(
			NULL, "query.cancel_failed",
			DG_FIELDS(DG_LOG_STR("cluster", target->cluster->name)),
			"%s", err.text);
	}
	dg_arena_destroy(&scratch);
}

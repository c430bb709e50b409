/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c - GET, HEAD and DELETE of a sealed URI: who may, what is answered by
 * us, what is asked of the coordinator. page_relay.c streams the pages.
 *
 * Invariant: nothing is asked of a coordinator before the seal was authentic
 * and in time, the caller was its principal, and dg_page_access agreed; but
 * that a query be stopped may be asked although it did not.
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "presto/cancel.h"
#include "presto/page_access.h"
#include "presto/page_private.h"
#include "presto/uri.h"

/* docs/fsm/page.dot */
static const struct dg_fsm_state states[] = {
	[DG_PAGE_REQUEST] = {"request",
			     DG_FSM_TO(DG_PAGE_HOLD) |
				     DG_FSM_TO(DG_PAGE_CANCEL) |
				     DG_FSM_TO(DG_PAGE_DONE),
			     true},
	[DG_PAGE_HOLD] = {"hold",
			  DG_FSM_TO(DG_PAGE_CHECK) |
				  DG_FSM_TO(DG_PAGE_RELEASE) |
				  DG_FSM_TO(DG_PAGE_DONE),
			  true},
	[DG_PAGE_CHECK] = {"check",
			   DG_FSM_TO(DG_PAGE_HOLD) | DG_FSM_TO(DG_PAGE_DONE),
			   true},
	[DG_PAGE_RELEASE] = {"release", DG_FSM_TO(DG_PAGE_DONE), true},
	[DG_PAGE_CANCEL] = {"cancel", DG_FSM_TO(DG_PAGE_DONE), true},
	[DG_PAGE_DONE] = {"done", 0, false},
};

/* ---- life -------------------------------------------------------------- */

static void
destroy(void *arg)
{
	struct dg_page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	DG_ASSERT(page->fsm.state == DG_PAGE_DONE);
	dg_rewriter_destroy(&page->rewriter);
	dg_buf_fini(&page->out);
	page->magic = 0;
	dg_free(page);
}

void
dg_page_finish(struct dg_page *page)
{
	dg_fsm_move(&page->fsm, DG_PAGE_DONE);
	page->x = NULL;
	page->arena = NULL;
	dg_upstream_cancel(&page->call);
	dg_check_cancel(&page->check);
	dg_upstream_fetch_cancel(&page->fetch);
	dg_loop_defer(page->worker->loop, destroy, page);
}

static void
on_client_gone(void *arg)
{
	struct dg_page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	dg_page_finish(page);
}

/* ---- answers of our own ------------------------------------------------ */

void
dg_page_audit_end(const struct dg_page *page, const char *state,
		  const char *error_name)
{
	const char *id = page->rewriter == NULL
				 ? ""
				 : dg_rewriter_facts(page->rewriter)->id;
	int64_t now_us = dg_clock_wall_us();
	const struct dg_store_audit_end end = {
		.statement_id = page->sealed.statement_id,
		.started_us = page->sealed.started_us,
		.query_id = id[0] != '\0' ? dg_str_from_cstr(id)
					  : page->sealed.query_id,
		.at_us = now_us,
		.duration_ms = (now_us - page->sealed.started_us) / 1000,
		.state = dg_str_from_cstr(state),
		.error_name = dg_str_from_cstr(error_name),
		.rows = -1,
		.bytes = (int64_t)(page->sealed.bytes + page->bytes_in),
	};

	dg_audit_end(page->worker->audit, &end);
}

void
dg_page_log(const struct dg_page *page, const char *event, const char *why)
{
	dg_log_warn(
		NULL, event,
		DG_FIELDS(DG_LOG_STR("statement_id", page->sealed.statement_id),
			  DG_LOG_STR("query_id", page->sealed.query_id),
			  DG_LOG_STR("cluster", page->sealed.cluster),
			  DG_LOG_STR("principal", page->sealed.principal),
			  DG_LOG_CSTR("why", why)),
		"%s", why);
}

void
dg_page_answer_line(struct dg_page *page, unsigned status, const char *line)
{
	dg_answer_text(page->x, status, dg_str_from_cstr(line));
	dg_page_finish(page);
}

void
dg_page_answer_failure(struct dg_page *page, const char *state,
		       const struct dg_failure *failure)
{
	const struct dg_own_page own = {
		.kind = DG_OWN_FAILED,
		.family = page->family,
		.failure = *failure,
	};

	dg_page_audit_end(page, state,
			  failure->engine != NULL
				  ? failure->engine->name
				  : dg_query_error_name(failure->error));
	dg_answer_own(page->x, &own, page->sealed.query_id, page->base);
	dg_page_finish(page);
}

void
dg_page_answer_failed(struct dg_page *page, const char *state,
		      enum dg_query_error error, const char *message)
{
	const struct dg_failure failure = {
		.error = error,
		.message = dg_str_from_cstr(message),
	};

	dg_page_answer_failure(page, state, &failure);
}

void
dg_page_count_refusal(enum dg_page_refusal refusal)
{
	dg_metric_add_label(DG_METRIC_PAGES_REFUSED, refusal, 1);
}

void
dg_page_refuse_query(struct dg_page *page, enum dg_page_refusal refusal,
		     const char *event, const char *message)
{
	dg_page_count_refusal(refusal);
	dg_page_log(page, event, message);
	if (page->target.cluster != NULL)
		dg_cancel_query(page->worker, &page->target,
				page->sealed.session_user, page->sealed.path);
	dg_page_answer_failed(page, "REFUSED", DG_QE_PERMISSION_DENIED,
			      message);
}

/* ---- asking the coordinator -------------------------------------------- */

bool
dg_page_fill_request(struct dg_page *page, const char *method,
		     struct dg_http_header *headers, size_t max,
		     struct dg_upstream_request *request)
{
	struct dg_error err;
	size_t n = 0;

	headers[n++] = (struct dg_http_header){DG_STR("Accept-Encoding"),
					       DG_STR("identity")};
	if (dg_route_identity(page->target.cluster, page->sealed.session_user,
			      page->arena, headers, max, &n, &err) != DG_OK) {
		dg_page_log(page, "page.identity_failed", err.text);
		dg_page_answer_line(page, 503, "The cluster cannot be asked");
		return false;
	}
	*request = (struct dg_upstream_request){
		.endpoint = page->target.endpoint,
		.method = method,
		.target = page->sealed.path,
		.headers = headers,
		.n_headers = n,
		.head_timeout_ms = (unsigned)page->config->upstream_head_ms,
		.body_timeout_ms = (unsigned)page->config->upstream_body_ms,
		/* The coordinator answers the same token the same way. */
		.repeatable = true,
	};
	return true;
}

/*
 * Whether nothing of it can be running: the coordinator says so, or does not
 * know the query any more. Presto throws at a DELETE of what has not been
 * started (500): there was nothing to cancel, and a client that heard of a
 * failure would raise it.
 */
static bool
is_cancelled(const struct dg_page *page, unsigned status)
{
	if (status == 500)
		return (page->sealed.flags & DG_SEAL_STARTED) == 0;
	return (status >= 200 && status < 300) || status == 404 ||
	       status == 410;
}

/* dg_fetch_fn: DELETE */
static void
on_deleted(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	   const char *why)
{
	struct dg_page *page = arg;
	char text[64];

	(void)body;
	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->fetch = NULL;
	if (rc == DG_OK && status >= 300)
		snprintf(text, sizeof(text), "it answered %u", status);
	if (rc != DG_OK || status >= 300)
		dg_page_log(page, "page.cancel_failed",
			    rc == DG_OK ? text : why);
	if (rc != DG_OK || !is_cancelled(page, status)) {
		dg_page_answer_line(page, 503, "The cluster cannot be reached");
		return;
	}
	if (page->sealed.phase != DG_SEAL_PARTIAL)
		dg_page_audit_end(page, "CANCELED", "USER_CANCELED");
	/* It may have been done by then. */
	dg_worker_tables_changed(page->worker, page->sealed.cluster,
				 page->sealed.changes);
	dg_answer_nothing(page->x);
	dg_page_finish(page);
}

/* dg_fetch_fn: HEAD, the heartbeat of clients */
static void
on_heartbeat(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	     const char *why)
{
	struct dg_page *page = arg;

	(void)body;
	(void)why;
	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->fetch = NULL;
	if (rc == DG_OK && status == 200)
		dg_page_answer_line(page, 200, "");
	else if (rc == DG_OK && (status == 404 || status == 405))
		dg_page_answer_line(page, status, "");
	else
		dg_page_answer_line(page, 503, "");
}

static void
start_fetch(struct dg_page *page, const char *method, dg_fetch_fn done)
{
	enum { REPLY_MAX = 16 << 10 };
	struct dg_http_header headers[8];
	struct dg_upstream_request request;

	if (!dg_page_fill_request(page, method, headers, DG_ARRAY_LEN(headers),
				  &request))
		return;
	dg_fsm_move(&page->fsm, DG_PAGE_CANCEL);
	page->fetch = dg_upstream_fetch(page->worker->upstream, &request,
					REPLY_MAX, done, page);
}

/* ---- the request ------------------------------------------------------- */

/*
 * Before Trino 475 a HEAD would run the GET and acknowledge the page before
 * (protocol.md 9), so it does not get there.
 */
static bool
has_heartbeat(const struct dg_page *page)
{
	return page->sealed.phase == DG_SEAL_EXECUTING &&
	       page->target.cluster->engine == DG_STORE_TRINO &&
	       page->target.version >= 475;
}

static void
start_method(struct dg_page *page)
{
	bool partial = page->sealed.phase == DG_SEAL_PARTIAL;

	DG_ASSERT(page->target.cluster != NULL);
	switch (dg_http_exchange_head(page->x)->method) {
	case DG_HTTP_GET:
		if (partial)
			break;
		dg_page_relay(page);
		return;
	case DG_HTTP_HEAD:
		if (!has_heartbeat(page))
			break;
		start_fetch(page, "HEAD", on_heartbeat);
		return;
	case DG_HTTP_DELETE:
		start_fetch(page, "DELETE", on_deleted);
		return;
	case DG_HTTP_POST:
	case DG_HTTP_PUT:
	case DG_HTTP_OTHER:
		break;
	}
	dg_page_answer_line(page, 405, "Method not allowed");
}

static void
answer_own_page(struct dg_page *page)
{
	enum dg_http_method method = dg_http_exchange_head(page->x)->method;
	struct dg_own_page own;

	if (method == DG_HTTP_DELETE) {
		dg_answer_nothing(page->x);
	} else if (method != DG_HTTP_GET) {
		dg_answer_text(page->x, 405, DG_STR("Method not allowed"));
	} else if (dg_own_page_decode(page->sealed.extra, &own) == DG_OK) {
		dg_answer_own(page->x, &own, page->sealed.query_id, page->base);
	} else {
		dg_answer_text(page->x, 404, DG_STR("Query not found"));
	}
	dg_page_finish(page);
}

/* To be decided anew, which takes the text. */
static void
refuse_stale(struct dg_page *page, const char *message)
{
	dg_page_count_refusal(DG_PAGE_REVOKED);
	dg_page_log(page, "page.stale", message);
	dg_cancel_query(page->worker, &page->target, page->sealed.session_user,
			page->sealed.path);
	dg_page_answer_failed(page, "REFUSED", DG_QE_QUERY_REJECTED, message);
}

/* What a user may not run any more the user may still stop. */
static bool
may_start(const struct dg_page *page, enum dg_rc rc)
{
	bool is_delete =
		dg_http_exchange_head(page->x)->method == DG_HTTP_DELETE;

	return rc == DG_OK ||
	       (is_delete && (rc == DG_ERR_DENIED || rc == DG_ERR_CONFLICT));
}

static void
start_on_cluster(struct dg_page *page)
{
	struct dg_error err;
	enum dg_rc rc;

	rc = dg_page_access(page->worker, &page->sealed, &page->caller,
			    page->arena, &page->target, &err);
	if (page->target.cluster != NULL &&
	    page->target.cluster->engine == DG_STORE_PRESTO)
		page->family = DG_FAMILY_PRESTO;
	if (may_start(page, rc))
		start_method(page);
	else if (rc == DG_ERR_NOT_FOUND)
		dg_page_answer_failed(page, "FAILED", DG_QE_REMOTE_HOST_GONE,
				      err.text);
	else if (rc == DG_ERR_DENIED)
		dg_page_refuse_query(page, DG_PAGE_REVOKED, "page.revoked",
				     err.text);
	else if (rc == DG_ERR_CONFLICT)
		refuse_stale(page, err.text);
	else
		dg_page_answer_line(page, 503, err.text);
}

/* Which family an error page is written for before the cluster is known. */
static enum dg_family
guess_family(const struct dg_http_head *head)
{
	for (size_t i = 0; i < head->n_headers; i++) {
		if (dg_str_starts_with_nocase(head->headers[i].name,
					      DG_STR("X-Presto-")))
			return DG_FAMILY_PRESTO;
	}
	return DG_FAMILY_TRINO;
}

static void
start(struct dg_page *page)
{
	const struct dg_http_head *head = dg_http_exchange_head(page->x);
	enum dg_rc rc;

	rc = dg_unseal_uri(page->worker->keys, head->path, dg_clock_wall_us(),
			   page->arena, &page->sealed);
	if (rc == DG_ERR_TIMEOUT) {
		dg_page_count_refusal(DG_PAGE_EXPIRED);
		dg_page_answer_line(page, 410, "The URI has expired");
		return;
	}
	if (rc != DG_OK) {
		dg_page_count_refusal(DG_PAGE_FORGED);
		dg_page_answer_line(page, 404, "Query not found");
		return;
	}
	if (!dg_str_eq(page->sealed.principal, page->caller.name)) {
		dg_page_count_refusal(DG_PAGE_FOREIGN);
		dg_page_log(page, "page.foreign",
			    "URI of another user's query");
		dg_page_answer_line(page, 403,
				    "The query belongs to another user");
		return;
	}
	if (dg_uri_base(page->config->public_url, head,
			dg_http_exchange_is_tls(page->x), page->arena,
			&page->base) != DG_OK) {
		dg_page_answer_line(page, 400,
				    "The Host header is missing or malformed");
		return;
	}
	page->family = guess_family(head);
	if (page->sealed.phase == DG_SEAL_OWN)
		answer_own_page(page);
	else
		start_on_cluster(page);
}

void
dg_page_start(struct dg_worker *worker, struct dg_http_exchange *x,
	      const struct dg_caller *caller)
{
	struct dg_page *page = DG_NEW(struct dg_page);

	page->magic = DG_PAGE_MAGIC;
	dg_fsm_init(&page->fsm, states, DG_PAGE_N_STATES, DG_PAGE_REQUEST);
	page->worker = worker;
	page->config = worker->config;
	page->x = x;
	page->arena = dg_http_exchange_arena(x);
	dg_http_exchange_on_cancel(x, on_client_gone, page);
	if (dg_caller_copy(caller, page->arena, &page->caller) == DG_OK)
		start(page);
	else
		dg_page_answer_line(page, 503, "Out of memory, try again");
}

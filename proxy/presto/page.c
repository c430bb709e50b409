/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c - GET, HEAD and DELETE of a sealed URI. See docs/fsm/page.dot.
 *
 * A page streams: what the rewriter lets through is released as soon as the
 * client has room, and the coordinator is not read while it has none. The
 * first bytes wait until there is a good piece of them, because before the
 * reply has begun every failure can still be told in words; afterwards the
 * connection is cut, so that the client asks again (protocol.md 0.1, fact 9).
 *
 * Invariant: rows are released only under DG_SEAL_CHECKED, or after the
 * cross-check of this very page; see may_release.
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/fsm.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "metadata/cross_check.h"
#include "presto/answer.h"
#include "presto/cancel.h"
#include "presto/page_access.h"
#include "presto/response.h"
#include "presto/seal_page.h"
#include "presto/statement.h"
#include "presto/uri.h"

#define DG_PAGE_MAGIC UINT32_C(0x50414731)

enum {
	HEADERS_MAX = 64,
	OUT_HIGH = 64 << 10,    /* the coordinator is not read above this */
	RELEASE_MIN = 32 << 10, /* before the first release */
	GONE_AFTER_US = 120 * 1000000, /* Java clients give up then as well */
};

enum state {
	PG_REQUEST, /* until the coordinator has answered */
	PG_HOLD,    /* a page comes in, nothing has been released */
	PG_CHECK,   /* held back until the cross-check has an answer */
	PG_RELEASE, /* the reply has begun */
	PG_CANCEL,  /* DELETE or HEAD has been passed on */
	PG_DONE,    /* answered, or the client has gone */
	N_STATES,
};

static const struct dg_fsm_state states[] = {
	[PG_REQUEST] = {"request",
			DG_FSM_TO(PG_HOLD) | DG_FSM_TO(PG_CANCEL) |
				DG_FSM_TO(PG_DONE),
			true},
	[PG_HOLD] = {"hold",
		     DG_FSM_TO(PG_CHECK) | DG_FSM_TO(PG_RELEASE) |
			     DG_FSM_TO(PG_DONE),
		     true},
	[PG_CHECK] = {"check", DG_FSM_TO(PG_HOLD) | DG_FSM_TO(PG_DONE), true},
	[PG_RELEASE] = {"release", DG_FSM_TO(PG_DONE), true},
	[PG_CANCEL] = {"cancel", DG_FSM_TO(PG_DONE), true},
	[PG_DONE] = {"done", 0, false},
};

struct page {
	uint32_t magic;
	struct dg_fsm fsm;
	struct dg_worker *worker;
	struct dg_http_exchange *x; /* not to be used once DONE */
	struct dg_arena *arena;     /* the exchange's */
	const struct dg_config *config;
	struct dg_str base;
	struct dg_sealed sealed; /* of the URI that was asked for */
	struct dg_sealed next;   /* what this page's URIs inherit */
	struct dg_target target; /* in the arena */
	enum dg_family family;   /* of the cluster */

	struct dg_upstream_call *call;
	bool upstream_done;  /* the page is in, whole */
	bool paused;         /* the coordinator is not being read */
	unsigned bad_status; /* of the coordinator, when not 200 */
	bool checked;        /* this page may be released */
	struct dg_check_call *check;
	struct dg_fetch *fetch; /* DELETE, HEAD */

	struct dg_rewriter *rewriter; /* owned */
	struct dg_page_uris uris;
	struct dg_buf out; /* rewritten, not yet released */
	struct dg_http_header headers[HEADERS_MAX];
	size_t n_headers;
	uint64_t bytes_in;
};

/* ---- life -------------------------------------------------------------- */

static void
destroy(void *arg)
{
	struct page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	DG_ASSERT(page->fsm.state == PG_DONE);
	dg_rewriter_destroy(&page->rewriter);
	dg_buf_fini(&page->out);
	page->magic = 0;
	dg_free(page);
}

/* The exchange is not touched any more, nothing calls back any more. */
static void
finish(struct page *page)
{
	dg_fsm_move(&page->fsm, PG_DONE);
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
	struct page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	finish(page);
}

/* ---- answers of our own ------------------------------------------------ */

static void
audit_end(const struct page *page, const char *state, const char *error_name)
{
	const char *id = page->rewriter == NULL
				 ? ""
				 : dg_rewriter_facts(page->rewriter)->id;
	int64_t now_us = dg_clock_wall_us();
	const struct dg_store_audit_end end = {
		.statement_id = page->sealed.statement_id,
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

static void
log_refusal(const struct page *page, const char *event, const char *why)
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

/* Only before the reply has begun. */
static void
answer_line(struct page *page, unsigned status, const char *line)
{
	dg_answer_text(page->x, status, dg_str_from_cstr(line));
	finish(page);
}

/* The query is over for the client; state is what the audit says. */
static void
answer_failed(struct page *page, const char *state, enum dg_query_error error,
	      const char *message)
{
	const struct dg_own_page own = {
		.kind = DG_OWN_FAILED,
		.family = page->family,
		.failure = {.error = error,
			    .message = dg_str_from_cstr(message)},
	};

	audit_end(page, state, dg_query_error_name(error));
	dg_answer_own(page->x, &own, page->sealed.query_id, page->base);
	finish(page);
}

/*
 * The query is stopped where it runs, too: nobody will ask for its pages.
 */
static void
refuse_query(struct page *page, const char *reason, const char *message)
{
	log_refusal(page, reason, message);
	if (page->target.cluster != NULL)
		dg_cancel_query(page->worker, &page->target,
				page->sealed.session_user, page->sealed.path);
	answer_failed(page, "REFUSED", DG_QE_PERMISSION_DENIED, message);
}

/* A page that the gateway does not understand never reaches the client. */
static void
refuse_page(struct page *page, enum dg_rc rc)
{
	char text[160];

	if (page->fsm.state == PG_RELEASE) {
		log_refusal(page, "page.cut", dg_rc_name(rc));
		dg_http_reply_abort(page->x);
		finish(page);
		return;
	}
	log_refusal(page, "page.unreadable", dg_rc_name(rc));
	snprintf(text, sizeof(text),
		 "Cluster '%.*s' sent a result page that the gateway cannot "
		 "pass on%s",
		 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)),
		 rc == DG_ERR_UNSUPPORTED ? " (spooled rows)" : "");
	dg_cancel_query(page->worker, &page->target, page->sealed.session_user,
			page->sealed.path);
	answer_failed(page, "FAILED", DG_QE_GENERIC_INTERNAL_ERROR, text);
}

/* ---- the cross-check --------------------------------------------------- */

static bool
needs_check(const struct page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	if (page->checked || (page->sealed.flags & DG_SEAL_CHECKED) != 0)
		return false;
	if (page->target.cluster->engine != DG_STORE_TRINO ||
	    page->target.cluster->cross_check == DG_STORE_CHECK_OFF)
		return false;
	if (facts->has_data)
		return true;
	return facts->complete && !facts->has_next &&
	       facts->error_name[0] == '\0';
}

static void
count_check(enum dg_check_result result)
{
	/* ok|exceeded|skipped|failed */
	switch (result) {
	case DG_CHECK_OK:
		dg_metric_add_label(DG_METRIC_CROSS_CHECK, 0, 1);
		return;
	case DG_CHECK_EXCEEDED:
		dg_metric_add_label(DG_METRIC_CROSS_CHECK, 1, 1);
		return;
	case DG_CHECK_SKIPPED:
		dg_metric_add_label(DG_METRIC_CROSS_CHECK, 2, 1);
		return;
	case DG_CHECK_NOT_YET:
	case DG_CHECK_FAILED:
		dg_metric_add_label(DG_METRIC_CROSS_CHECK, 3, 1);
		return;
	}
}

static void
refuse_excess(struct page *page, enum dg_check_result result,
	      struct dg_str what)
{
	char text[400];

	if (result == DG_CHECK_EXCEEDED)
		snprintf(text, sizeof(text),
			 "Access Denied: the cluster reports that the query "
			 "touches more than was decided: %.*s (statement id "
			 "%.*s)",
			 DG_STR_ARG(dg_str_slice(what, 0, 200)),
			 DG_STR_ARG(page->sealed.statement_id));
	else
		snprintf(text, sizeof(text),
			 "Access Denied: the cluster did not tell in time what "
			 "the query touches (statement id %.*s)",
			 DG_STR_ARG(page->sealed.statement_id));
	dg_upstream_cancel(&page->call);
	refuse_query(page, "page.cross_check_refused", text);
}

static void pump(struct page *page);

/* dg_check_fn */
static void
on_checked(void *arg, enum dg_check_result result, struct dg_str what)
{
	struct page *page = arg;
	bool fine = result == DG_CHECK_OK || result == DG_CHECK_SKIPPED;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->check = NULL;
	count_check(result);
	if (!fine &&
	    page->target.cluster->cross_check == DG_STORE_CHECK_ENFORCE) {
		refuse_excess(page, result, what);
		return;
	}
	if (!fine)
		log_refusal(page, "page.cross_check_differs",
			    "touches more than was decided, or cannot tell");
	page->checked = true;
	dg_fsm_move(&page->fsm, PG_HOLD);
	pump(page);
}

static void
start_check(struct page *page)
{
	const char *id = dg_rewriter_facts(page->rewriter)->id;

	dg_fsm_move(&page->fsm, PG_CHECK);
	page->check = dg_check_start(
		page->worker->loop, page->worker->upstream, &page->target,
		id[0] != '\0' ? dg_str_from_cstr(id) : page->sealed.query_id,
		page->sealed.session_user, page->sealed.extra,
		(unsigned)page->config->cross_check_deadline_ms, on_checked,
		page);
}

/* ---- releasing --------------------------------------------------------- */

static void
pause_upstream(struct page *page, bool paused)
{
	if (page->call == NULL || page->paused == paused)
		return;
	page->paused = paused;
	dg_upstream_pause(page->call, paused);
}

static void
on_writable(void *arg)
{
	struct page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	pump(page);
}

static void
begin_reply(struct page *page)
{
	uint64_t length = page->upstream_done ? dg_buf_len(&page->out)
					      : DG_HTTP_LENGTH_UNKNOWN;

	dg_fsm_move(&page->fsm, PG_RELEASE);
	dg_http_reply_begin(page->x, 200, NULL, page->headers, page->n_headers,
			    length);
	dg_http_reply_on_writable(page->x, on_writable, page);
}

/* The last page was released: the end of the statement. */
static void
end_reply(struct page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	dg_metric_add(DG_METRIC_RELAYED_BYTES, (int64_t)page->bytes_in);
	if (!facts->has_next)
		audit_end(page, facts->state, facts->error_name);
	dg_http_reply_end(page->x);
	finish(page);
}

/* As much as the client has room for. False: the page has been cut. */
static bool
write_out(struct page *page)
{
	struct dg_str bytes = dg_buf_peek(&page->out);
	size_t room = dg_http_reply_room(page->x);

	if (bytes.len > room)
		bytes = dg_str_slice(bytes, 0, room);
	if (bytes.len == 0)
		return true;
	if (dg_http_reply_write(page->x, bytes) != DG_OK) {
		refuse_page(page, DG_ERR_LIMIT);
		return false;
	}
	dg_buf_consume(&page->out, bytes.len);
	return true;
}

/* Whether anything of the page may go out now. */
static bool
may_release(const struct page *page)
{
	if (page->fsm.state == PG_RELEASE)
		return true;
	return page->fsm.state == PG_HOLD &&
	       (page->upstream_done || dg_buf_len(&page->out) >= RELEASE_MIN);
}

/* Moves bytes on; called whenever something has changed. */
static void
pump(struct page *page)
{
	if (page->fsm.state == PG_HOLD && needs_check(page)) {
		pause_upstream(page, true);
		start_check(page);
		return;
	}
	if (may_release(page)) {
		if (page->fsm.state == PG_HOLD)
			begin_reply(page);
		if (!write_out(page))
			return;
		if (page->upstream_done && dg_buf_len(&page->out) == 0) {
			end_reply(page);
			return;
		}
	}
	if (page->fsm.state != PG_CHECK)
		pause_upstream(page, dg_buf_len(&page->out) > OUT_HIGH);
}

/* ---- the coordinator's answer ------------------------------------------ */

/* dg_uri_fn: at the end of the page, when its facts are known. */
static enum dg_rc
on_uri(void *arg, enum dg_uri_kind kind, struct dg_str uri, struct dg_buf *out)
{
	struct page *page = arg;

	/* A page with rows is released only once it has been checked. */
	if (dg_rewriter_facts(page->rewriter)->has_data)
		page->next.flags |= DG_SEAL_CHECKED;
	page->next.bytes = page->sealed.bytes + page->bytes_in;
	return dg_page_uris_replace(&page->uris, kind, uri, out);
}

static void
on_head(void *arg, const struct dg_http_head *head)
{
	struct page *page = arg;
	const struct dg_response_context context = {
		.family = page->family,
		.keys = page->worker->keys,
		.cluster = page->sealed.cluster,
		.principal = page->sealed.principal,
	};
	enum dg_rc rc;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	if (head->status != 200) {
		page->bad_status = head->status;
		return;
	}
	dg_answer_page_headers(page->headers);
	page->n_headers = DG_PAGE_HEADERS;
	dg_fsm_move(&page->fsm, PG_HOLD);
	rc = dg_response_headers(&context, head, page->arena, page->headers,
				 HEADERS_MAX, &page->n_headers);
	if (rc != DG_OK) {
		dg_upstream_cancel(&page->call);
		refuse_page(page, rc);
	}
}

static void
on_body(void *arg, struct dg_str bytes)
{
	struct page *page = arg;
	enum dg_rc rc;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	if (page->bad_status != 0)
		return;
	page->bytes_in += bytes.len;
	rc = dg_rewriter_feed(page->rewriter, bytes, &page->out);
	if (rc != DG_OK) {
		dg_upstream_cancel(&page->call);
		refuse_page(page, rc);
		return;
	}
	pump(page);
}

static bool
is_reachable(const struct page *page)
{
	const struct dg_cluster_states *all = page->worker->clusters;

	for (size_t i = 0; all != NULL && i < all->n_states; i++) {
		if (dg_str_eq(all->states[i].name, page->sealed.cluster))
			return all->states[i].reachable;
	}
	return false;
}

/*
 * Clients repeat a GET that is answered by 503. When they have done so for
 * long and the coordinator is away, the query is over.
 */
static void
answer_unreachable(struct page *page, const char *why)
{
	int64_t issued_us =
		page->sealed.expires_us - page->config->uri_running_ms * 1000;
	bool started = (page->sealed.flags & DG_SEAL_STARTED) != 0;
	char text[160];

	log_refusal(page, "page.upstream_failed", why == NULL ? "" : why);
	if (!started || is_reachable(page) ||
	    dg_clock_wall_us() - issued_us < GONE_AFTER_US) {
		answer_line(page, 503,
			    "The cluster cannot be reached; try again");
		return;
	}
	snprintf(text, sizeof(text), "Cluster '%.*s' cannot be reached",
		 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)));
	answer_failed(page, "FAILED", DG_QE_REMOTE_HOST_GONE, text);
}

static void
answer_status(struct page *page)
{
	char text[160];

	switch (page->bad_status) {
	case 404:
		answer_line(page, 404, "Query not found");
		return;
	case 410:
		answer_line(page, 410, "Gone");
		return;
	case 429:
	case 502:
	case 503:
	case 504:
		answer_line(page, 503, "The cluster is busy; try again");
		return;
	default:
		snprintf(text, sizeof(text), "Cluster '%.*s' answered HTTP %u",
			 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)),
			 page->bad_status);
		log_refusal(page, "page.upstream_status", text);
		answer_failed(page, "FAILED", DG_QE_GENERIC_INTERNAL_ERROR,
			      text);
		return;
	}
}

static void
on_done(void *arg, enum dg_rc rc, const char *why)
{
	struct page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->call = NULL;
	if (rc == DG_OK && page->bad_status != 0) {
		answer_status(page);
		return;
	}
	if (rc == DG_OK && dg_rewriter_facts(page->rewriter)->complete) {
		page->upstream_done = true;
		pump(page);
		return;
	}
	/* Cut short: the coordinator gives the same page again. */
	if (page->fsm.state == PG_RELEASE)
		refuse_page(page, rc == DG_OK ? DG_ERR_CLOSED : rc);
	else
		answer_unreachable(page, rc == DG_OK ? "cut short" : why);
}

/* ---- asking the coordinator -------------------------------------------- */

static bool
fill_request(struct page *page, const char *method,
	     struct dg_http_header *headers, size_t max,
	     struct dg_upstream_request *request)
{
	struct dg_error err;
	size_t n = 0;

	headers[n++] = (struct dg_http_header){DG_STR("Accept-Encoding"),
					       DG_STR("identity")};
	if (dg_route_identity(page->target.cluster, page->sealed.session_user,
			      page->arena, headers, max, &n, &err) != DG_OK) {
		log_refusal(page, "page.identity_failed", err.text);
		answer_line(page, 503, "The cluster cannot be asked");
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

static void
start_get(struct page *page)
{
	static const struct dg_upstream_handlers handlers = {on_head, on_body,
							     on_done};
	struct dg_http_header headers[8];
	struct dg_upstream_request request;

	if (!fill_request(page, "GET", headers, DG_ARRAY_LEN(headers),
			  &request))
		return;
	page->rewriter = dg_rewriter_create();
	dg_rewriter_reset(page->rewriter, on_uri, page);
	dg_buf_init(&page->out, OUT_HIGH + RELEASE_MIN +
					(size_t)page->config->upstream_buffer +
					DG_REWRITE_GROWTH);
	page->next = page->sealed;
	page->next.flags |= DG_SEAL_STARTED;
	page->uris = (struct dg_page_uris){
		.keys = page->worker->keys,
		.rewriter = page->rewriter,
		.endpoint = &page->target.endpoint,
		.base = page->base,
		.from = &page->next,
		.now_us = dg_clock_wall_us(),
		.queued_us = page->config->uri_queued_ms * 1000,
		.running_us = page->config->uri_running_ms * 1000,
	};
	page->call = dg_upstream_send(page->worker->upstream, &request,
				      &handlers, page);
}

/* dg_fetch_fn: DELETE */
static void
on_deleted(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	   const char *why)
{
	struct page *page = arg;

	(void)body;
	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->fetch = NULL;
	if (rc != DG_OK || status >= 500) {
		log_refusal(page, "page.cancel_failed",
			    rc == DG_OK ? "status" : why);
		answer_line(page, 503, "The cluster cannot be reached");
		return;
	}
	if (page->sealed.phase != DG_SEAL_PARTIAL)
		audit_end(page, "CANCELED", "USER_CANCELED");
	dg_answer_nothing(page->x);
	finish(page);
}

/* dg_fetch_fn: HEAD, the heartbeat of clients */
static void
on_heartbeat(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	     const char *why)
{
	struct page *page = arg;

	(void)body;
	(void)why;
	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->fetch = NULL;
	if (rc == DG_OK && status == 200)
		answer_line(page, 200, "");
	else if (rc == DG_OK && (status == 404 || status == 405))
		answer_line(page, status, "");
	else
		answer_line(page, 503, "");
}

static void
start_fetch(struct page *page, const char *method, dg_fetch_fn done)
{
	enum { REPLY_MAX = 16 << 10 };
	struct dg_http_header headers[8];
	struct dg_upstream_request request;

	if (!fill_request(page, method, headers, DG_ARRAY_LEN(headers),
			  &request))
		return;
	dg_fsm_move(&page->fsm, PG_CANCEL);
	page->fetch = dg_upstream_fetch(page->worker->upstream, &request,
					REPLY_MAX, done, page);
}

/* ---- the request ------------------------------------------------------- */

/*
 * Before Trino 475 a HEAD would run the GET and acknowledge the page before
 * (protocol.md 9), so it does not get there.
 */
static bool
has_heartbeat(const struct page *page)
{
	return page->sealed.phase == DG_SEAL_EXECUTING &&
	       page->target.cluster->engine == DG_STORE_TRINO &&
	       page->target.version >= 475;
}

static void
start_method(struct page *page)
{
	bool partial = page->sealed.phase == DG_SEAL_PARTIAL;

	switch (dg_http_exchange_head(page->x)->method) {
	case DG_HTTP_GET:
		if (partial)
			break;
		start_get(page);
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
	answer_line(page, 405, "Method not allowed");
}

static void
answer_own_page(struct page *page)
{
	struct dg_own_page own;

	if (dg_http_exchange_head(page->x)->method == DG_HTTP_DELETE) {
		dg_answer_nothing(page->x);
	} else if (dg_own_page_decode(page->sealed.extra, &own) == DG_OK) {
		dg_answer_own(page->x, &own, page->sealed.query_id, page->base);
	} else {
		dg_answer_text(page->x, 404, DG_STR("Query not found"));
	}
	finish(page);
}

static void
start_on_cluster(struct page *page)
{
	struct dg_error err;
	enum dg_rc rc;

	rc = dg_page_access(page->worker, &page->sealed, page->arena,
			    &page->target, &err);
	if (page->target.cluster != NULL &&
	    page->target.cluster->engine == DG_STORE_PRESTO)
		page->family = DG_FAMILY_PRESTO;
	if (rc == DG_OK)
		start_method(page);
	else if (rc == DG_ERR_NOT_FOUND)
		answer_failed(page, "FAILED", DG_QE_REMOTE_HOST_GONE, err.text);
	else if (rc == DG_ERR_DENIED)
		refuse_query(page, "page.revoked", err.text);
	else
		answer_line(page, 503, err.text);
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
start(struct page *page, struct dg_str principal)
{
	const struct dg_http_head *head = dg_http_exchange_head(page->x);
	enum dg_rc rc;

	rc = dg_unseal_uri(page->worker->keys, head->path, dg_clock_wall_us(),
			   page->arena, &page->sealed);
	if (rc == DG_ERR_TIMEOUT) {
		answer_line(page, 410, "The URI has expired");
		return;
	}
	if (rc != DG_OK) {
		answer_line(page, 404, "Query not found");
		return;
	}
	if (!dg_str_eq(page->sealed.principal, principal)) {
		log_refusal(page, "page.foreign",
			    "URI of another user's query");
		answer_line(page, 403, "The query belongs to another user");
		return;
	}
	if (dg_uri_base(page->config->public_url, head,
			dg_http_exchange_is_tls(page->x), page->arena,
			&page->base) != DG_OK) {
		answer_line(page, 400,
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
	      struct dg_str principal)
{
	struct page *page = DG_NEW(struct page);

	page->magic = DG_PAGE_MAGIC;
	dg_fsm_init(&page->fsm, states, N_STATES, PG_REQUEST);
	page->worker = worker;
	page->config = worker->config;
	page->x = x;
	page->arena = dg_http_exchange_arena(x);
	dg_http_exchange_on_cancel(x, on_client_gone, page);
	start(page, principal);
}

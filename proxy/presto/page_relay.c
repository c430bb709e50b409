/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_relay.c - GET of a page of the coordinator, as a stream. See
 * docs/fsm/page.dot.
 *
 * What the rewriter lets through is released as soon as the client has room,
 * and the coordinator is not read while it has none. The first bytes wait
 * until there is a good piece of them, because before the reply has begun
 * every failure can still be told in words; afterwards the connection is cut,
 * so that the client asks again (protocol.md 0.1, fact 9).
 *
 * Invariant: rows, and the texts of errors, which may quote values of rows,
 * are released only under DG_SEAL_CHECKED, or after the cross-check of this
 * very page; see pump.
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "presto/cancel.h"
#include "presto/page_private.h"
#include "presto/response.h"

enum {
	OUT_HIGH = 64 << 10,    /* the coordinator is not read above this */
	GROWTH_USUAL = 1024,    /* by sealed URIs instead of plain ones */
	RELEASE_MIN = 32 << 10, /* before the first release */
	GONE_AFTER_US = 120 * 1000000, /* Java clients give up then as well */
};

/* ---- failures ---------------------------------------------------------- */

/* A page that the gateway does not understand never reaches the client. */
static void
refuse_page(struct dg_page *page, enum dg_rc rc)
{
	char text[160];

	dg_page_count_refusal(DG_PAGE_UNREADABLE);
	if (page->fsm.state == DG_PAGE_RELEASE) {
		dg_page_log(page, "page.cut", dg_rc_name(rc));
		dg_http_reply_abort(page->x);
		dg_page_finish(page);
		return;
	}
	dg_page_log(page, "page.unreadable", dg_rc_name(rc));
	snprintf(text, sizeof(text),
		 "Cluster '%.*s' sent a result page that the gateway cannot "
		 "pass on%s",
		 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)),
		 rc == DG_ERR_UNSUPPORTED ? " (spooled rows)" : "");
	dg_cancel_query(page->worker, &page->target, page->sealed.session_user,
			page->sealed.path);
	dg_page_answer_failed(page, "FAILED", DG_QE_GENERIC_INTERNAL_ERROR,
			      text);
}

/* ---- the cross-check --------------------------------------------------- */

/*
 * Also of a page that would be released for its length alone: rows may follow
 * what has come so far, and the client chooses how long that is (aliases).
 */
static bool
needs_check(const struct dg_page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	if (page->checked || (page->sealed.flags & DG_SEAL_CHECKED) != 0)
		return false;
	if (page->target.cluster->engine != DG_STORE_TRINO ||
	    page->target.cluster->cross_check == DG_STORE_CHECK_OFF)
		return false;
	if (facts->has_data || dg_buf_len(&page->out) >= RELEASE_MIN)
		return true;
	return facts->complete && (!facts->has_next || facts->has_error);
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
refuse_excess(struct dg_page *page, enum dg_check_result result,
	      const char *what)
{
	char text[400];

	if (result == DG_CHECK_EXCEEDED) {
		snprintf(text, sizeof(text),
			 "Access Denied: the cluster reports that the query "
			 "touches more than was decided: %s (statement id "
			 "%.*s)",
			 what, DG_STR_ARG(page->sealed.statement_id));
	} else {
		/* what may name inner addresses: for the log. */
		dg_page_log(page, "page.cross_check_failed", what);
		snprintf(text, sizeof(text),
			 "Access Denied: the cluster did not tell in time what "
			 "the query touches (statement id %.*s)",
			 DG_STR_ARG(page->sealed.statement_id));
	}
	dg_upstream_cancel(&page->call);
	dg_page_refuse_query(page, DG_PAGE_CROSS_CHECK,
			     "page.cross_check_refused", text);
}

/* Nothing on it but its error's text could tell what is in a table. */
static bool
is_error_page(const struct dg_page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	return facts->complete && facts->has_error && !facts->has_data;
}

/* Clients make exceptions of name and type: others than these break them. */
static bool
is_engine_error(const struct dg_query_error_info *error)
{
	static const char *const types[] = {"USER_ERROR", "INTERNAL_ERROR",
					    "INSUFFICIENT_RESOURCES",
					    "EXTERNAL"};

	if (error->name[0] == '\0' ||
	    strspn(error->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
		    strlen(error->name))
		return false;
	for (size_t i = 0; i < DG_ARRAY_LEN(types); i++)
		if (strcmp(error->type, types[i]) == 0)
			return true;
	return false;
}

/* The engine's error under its own name; its text stays here. */
static void
withhold_error(struct dg_page *page, const char *why)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);
	const struct dg_query_error_info engine = {
		.name = facts->error_name,
		.code = facts->error_code,
		.type = facts->error_type,
	};
	char text[400];

	/* why may name inner addresses: for the log. */
	dg_page_log(page, "page.error_withheld", why);
	snprintf(text, sizeof(text),
		 "Query %.*s failed. The cluster's message is withheld: it may "
		 "quote data, and the cluster did not tell what the query has "
		 "read (statement id %.*s)",
		 DG_STR_ARG(dg_str_slice(page->sealed.query_id, 0, 100)),
		 DG_STR_ARG(page->sealed.statement_id));
	dg_upstream_cancel(&page->call);
	dg_page_answer_failure(
		page, "FAILED",
		&(struct dg_failure){
			.error = DG_QE_GENERIC_INTERNAL_ERROR,
			.engine = is_engine_error(&engine) ? &engine : NULL,
			.message = dg_str_from_cstr(text)});
}

static void pump(struct dg_page *page);

/* dg_check_fn */
static void
on_checked(void *arg, enum dg_check_result result, struct dg_str what)
{
	struct dg_page *page = arg;
	bool fine = result == DG_CHECK_OK || result == DG_CHECK_SKIPPED;
	char why[200];

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	page->check = NULL;
	count_check(result);
	snprintf(why, sizeof(why), "%.*s", DG_STR_ARG(what));
	if (!fine &&
	    page->target.cluster->cross_check == DG_STORE_CHECK_ENFORCE) {
		if (result != DG_CHECK_EXCEEDED && is_error_page(page))
			withhold_error(page, why);
		else
			refuse_excess(page, result, why);
		return;
	}
	if (!fine)
		dg_page_log(page, "page.cross_check_differs", why);
	page->checked = true;
	dg_fsm_move(&page->fsm, DG_PAGE_HOLD);
	pump(page);
}

static void
start_check(struct dg_page *page)
{
	const char *id = dg_rewriter_facts(page->rewriter)->id;

	dg_fsm_move(&page->fsm, DG_PAGE_CHECK);
	page->check = dg_check_start(
		page->worker->loop, page->worker->upstream, &page->target,
		id[0] != '\0' ? dg_str_from_cstr(id) : page->sealed.query_id,
		page->sealed.session_user, page->sealed.extra,
		(unsigned)page->config->cross_check_deadline_ms, on_checked,
		page);
}

/* ---- releasing --------------------------------------------------------- */

static void
pause_upstream(struct dg_page *page, bool paused)
{
	if (page->call == NULL || page->paused == paused)
		return;
	page->paused = paused;
	dg_upstream_pause(page->call, paused);
}

static void
on_writable(void *arg)
{
	struct dg_page *page = arg;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	pump(page);
}

static void
begin_reply(struct dg_page *page)
{
	uint64_t length = page->upstream_done ? dg_buf_len(&page->out)
					      : DG_HTTP_LENGTH_UNKNOWN;

	dg_fsm_move(&page->fsm, DG_PAGE_RELEASE);
	dg_http_reply_begin(page->x, 200, NULL, page->headers, page->n_headers,
			    length);
	dg_http_reply_on_writable(page->x, on_writable, page);
}

/* The last page was released: the end of the statement. */
static void
end_reply(struct dg_page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	dg_metric_add(DG_METRIC_RELAYED_BYTES, (int64_t)page->bytes_in);
	if (!facts->has_next)
		dg_page_audit_end(page, facts->state, facts->error_name);
	dg_http_reply_end(page->x);
	dg_page_finish(page);
}

/*
 * As much as the client has room for; who asks for room and then writes
 * nothing is called again at once. False: the page has been cut.
 */
static bool
write_out(struct dg_page *page)
{
	struct dg_str bytes = dg_buf_peek(&page->out);

	if (bytes.len > 0)
		bytes = dg_str_slice(bytes, 0, dg_http_reply_room(page->x));
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
may_release(const struct dg_page *page)
{
	if (page->fsm.state == DG_PAGE_RELEASE)
		return true;
	return page->fsm.state == DG_PAGE_HOLD &&
	       (page->upstream_done || dg_buf_len(&page->out) >= RELEASE_MIN);
}

/* Moves bytes on; called whenever something has changed. */
static void
pump(struct dg_page *page)
{
	if (page->fsm.state == DG_PAGE_HOLD && needs_check(page)) {
		pause_upstream(page, true);
		start_check(page);
		return;
	}
	if (may_release(page)) {
		if (page->fsm.state == DG_PAGE_HOLD)
			begin_reply(page);
		if (!write_out(page))
			return;
		if (page->upstream_done && dg_buf_len(&page->out) == 0) {
			end_reply(page);
			return;
		}
	}
	if (page->fsm.state != DG_PAGE_CHECK)
		pause_upstream(page, dg_buf_len(&page->out) > OUT_HIGH);
}

/* Before the client knows that the statement is over, workers do. */
static void
tell_changes(struct dg_page *page)
{
	const struct dg_page_facts *facts = dg_rewriter_facts(page->rewriter);

	if (facts->complete && !facts->has_next)
		dg_worker_tables_changed(page->worker, page->sealed.cluster,
					 page->sealed.changes);
}

/* ---- the coordinator's answer ------------------------------------------ */

/* dg_uri_fn: at the end of the page, when its facts are known. */
static enum dg_rc
on_uri(void *arg, enum dg_uri_kind kind, struct dg_str uri, struct dg_buf *out)
{
	struct dg_page *page = arg;

	/* A page with rows is released only once it has been checked. */
	if (dg_rewriter_facts(page->rewriter)->has_data)
		page->next.flags |= DG_SEAL_CHECKED;
	page->next.bytes = page->sealed.bytes + page->bytes_in;
	return dg_page_uris_replace(&page->uris, kind, uri, out);
}

static enum dg_rc
take_headers(struct dg_page *page, const struct dg_http_head *head)
{
	const struct dg_response_context context = {
		.family = page->family,
		.keys = page->worker->keys,
		.cluster = page->sealed.cluster,
		.principal = page->sealed.principal,
		.session_user = page->sealed.session_user,
		.transaction_until_us = dg_clock_wall_us() +
					page->config->uri_transaction_ms * 1000,
	};
	size_t max = DG_PAGE_HEADERS + head->n_headers;
	char *room;

	page->headers = DG_ARENA_ARRAY(page->arena, struct dg_http_header, max);
	if (page->headers == NULL)
		return DG_ERR_LIMIT;
	dg_answer_page_headers(page->headers);
	page->n_headers = DG_PAGE_HEADERS;
	/* Small pages in one piece of memory. */
	if (head->framing == DG_HTTP_LENGTH &&
	    head->content_length < RELEASE_MIN)
		(void)!dg_buf_reserve(
			&page->out, (size_t)head->content_length + GROWTH_USUAL,
			&room);
	return dg_response_headers(&context, head, page->arena, page->headers,
				   max, &page->n_headers);
}

static void
on_head(void *arg, const struct dg_http_head *head)
{
	struct dg_page *page = arg;
	enum dg_rc rc;

	DG_CHECK_MAGIC(page, DG_PAGE_MAGIC);
	if (head->status != 200) {
		page->bad_status = head->status;
		return;
	}
	dg_fsm_move(&page->fsm, DG_PAGE_HOLD);
	rc = take_headers(page, head);
	if (rc != DG_OK) {
		dg_upstream_cancel(&page->call);
		refuse_page(page, rc);
	}
}

static void
on_body(void *arg, struct dg_str bytes)
{
	struct dg_page *page = arg;
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
	tell_changes(page);
	pump(page);
}

static bool
is_reachable(const struct dg_page *page)
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
answer_unreachable(struct dg_page *page, const char *why)
{
	int64_t issued_us =
		page->sealed.expires_us - page->config->uri_running_ms * 1000;
	bool started = (page->sealed.flags & DG_SEAL_STARTED) != 0;
	char text[160];

	dg_page_log(page, "page.upstream_failed", why == NULL ? "" : why);
	if (!started || is_reachable(page) ||
	    dg_clock_wall_us() - issued_us < GONE_AFTER_US) {
		dg_page_answer_line(page, 503,
				    "The cluster cannot be reached; try again");
		return;
	}
	snprintf(text, sizeof(text), "Cluster '%.*s' cannot be reached",
		 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)));
	dg_page_answer_failed(page, "FAILED", DG_QE_REMOTE_HOST_GONE, text);
}

static void
answer_status(struct dg_page *page)
{
	char text[160];

	switch (page->bad_status) {
	case 404:
		dg_page_answer_line(page, 404, "Query not found");
		return;
	case 410:
		dg_page_answer_line(page, 410, "Gone");
		return;
	case 429:
	case 502:
	case 503:
	case 504:
		dg_page_answer_line(page, 503,
				    "The cluster is busy; try again");
		return;
	default:
		snprintf(text, sizeof(text), "Cluster '%.*s' answered HTTP %u",
			 DG_STR_ARG(dg_str_slice(page->sealed.cluster, 0, 64)),
			 page->bad_status);
		dg_page_log(page, "page.upstream_status", text);
		dg_page_answer_failed(page, "FAILED",
				      DG_QE_GENERIC_INTERNAL_ERROR, text);
		return;
	}
}

static void
on_done(void *arg, enum dg_rc rc, const char *why)
{
	struct dg_page *page = arg;

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
	if (page->fsm.state == DG_PAGE_RELEASE)
		refuse_page(page, rc == DG_OK ? DG_ERR_CLOSED : rc);
	else
		answer_unreachable(page, rc == DG_OK ? "cut short" : why);
}

/* ---- the request ------------------------------------------------------- */

void
dg_page_relay(struct dg_page *page)
{
	static const struct dg_upstream_handlers handlers = {on_head, on_body,
							     on_done};
	struct dg_http_header headers[8];
	struct dg_upstream_request request;

	if (!dg_page_fill_request(page, "GET", headers, DG_ARRAY_LEN(headers),
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

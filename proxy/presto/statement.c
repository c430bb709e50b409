/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.c - POST /v1/statement from its first byte to its reply. See
 * docs/fsm/statement.dot and statement.h; decide.c does the judging.
 *
 * The engine starts nothing before the first GET of the URI in the reply
 * (protocol.md 0.1), so a POST that was sent on and then forgotten costs
 * nothing. The invariant: the reply holds a sealed URI of the engine only if
 * the outcome is `allowed` and its record is durable.
 */
#include "presto/statement.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "presto/seal_page.h"
#include "presto/statement_private.h"

enum {
	AUDIT_DEADLINE_MS = 10000,
	POST_REPLY_MAX = 256 << 10, /* a placeholder of 2 KiB */
	PAGE_MAX = POST_REPLY_MAX + DG_REWRITE_GROWTH,
	HEADERS_MAX = 48,
};

enum state {
	ST_BODY,    /* entered at the start; left when the body is there */
	ST_DECIDE,  /* no waiting: left at once */
	ST_COLUMNS, /* until metadata has been fetched */
	ST_AUDIT,   /* until the decision is durable */
	ST_FORWARD, /* until the coordinator has answered */
	ST_DONE,    /* answered, or the client has gone */
	N_STATES,
};

static const struct dg_fsm_state states[] = {
	[ST_BODY] = {"body",
		     DG_FSM_TO(ST_DECIDE) | DG_FSM_TO(ST_AUDIT) |
			     DG_FSM_TO(ST_DONE),
		     true},
	[ST_DECIDE] = {"decide",
		       DG_FSM_TO(ST_COLUMNS) | DG_FSM_TO(ST_AUDIT) |
			       DG_FSM_TO(ST_DONE),
		       false},
	[ST_COLUMNS] = {"columns", DG_FSM_TO(ST_DECIDE) | DG_FSM_TO(ST_DONE),
			true},
	[ST_AUDIT] = {"audit", DG_FSM_TO(ST_FORWARD) | DG_FSM_TO(ST_DONE),
		      true},
	[ST_FORWARD] = {"forward", DG_FSM_TO(ST_DONE), true},
	[ST_DONE] = {"done", 0, false},
};

/* ---- life -------------------------------------------------------------- */

static void
destroy(void *arg)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	DG_ASSERT(st->fsm.state == ST_DONE);
	dg_timer_fini(&st->timer);
	dg_store_snapshot_unref(&st->policy);
	dg_arena_destroy(&st->facts);
	st->magic = 0;
	dg_free(st);
}

/* The exchange is not touched any more, nothing calls back any more. */
static void
finish(struct dg_statement *st)
{
	dg_fsm_move(&st->fsm, ST_DONE);
	st->x = NULL;
	st->arena = NULL;
	dg_timer_cancel(&st->timer);
	dg_metadata_cancel(&st->wait);
	dg_audit_cancel(&st->audit);
	dg_upstream_fetch_cancel(&st->fetch);
	dg_metric_add(DG_METRIC_STATEMENTS_ACTIVE, -1);
	dg_loop_defer(st->worker->loop, destroy, st);
}

/* The statement was allowed, and yet it comes to nothing. */
static void
audit_end(const struct dg_statement *st, struct dg_str state,
	  enum dg_query_error error)
{
	int64_t now_us = dg_clock_wall_us();
	const struct dg_store_audit_end end = {
		.statement_id = dg_str_from_cstr(st->id),
		.started_us = st->at_us,
		.query_id = DG_STR_EMPTY,
		.at_us = now_us,
		.duration_ms = (now_us - st->at_us) / 1000,
		.state = state,
		.error_name = dg_str_from_cstr(dg_query_error_name(error)),
		.rows = -1,
	};

	dg_audit_end(st->worker->audit, &end);
}

static void
on_client_gone(void *arg)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	if (st->outcome.known && st->outcome.decision == DG_DECISION_ALLOWED)
		audit_end(st, DG_STR("CANCELED"), DG_QE_USER_CANCELED);
	finish(st);
}

/* ---- replies ----------------------------------------------------------- */

/* A sealed URI under which any replica shows the page. */
static enum dg_rc
seal_own(struct dg_statement *st, struct dg_str id, struct dg_buf *uri)
{
	struct dg_sealed sealed = {
		.phase = DG_SEAL_OWN,
		.query_id = id,
		.principal = st->principal,
		.session_user = st->user,
		.statement_id = dg_str_from_cstr(st->id),
		.started_us = st->at_us,
		.expires_us =
			dg_clock_wall_us() + st->config->uri_own_ms * 1000,
	};
	struct dg_buf extra;
	enum dg_rc rc;

	dg_buf_init(&extra, DG_SEAL_PATH_MAX);
	rc = dg_own_page_encode(&st->outcome.page, &extra);
	sealed.extra = dg_buf_peek(&extra);
	if (rc == DG_OK)
		rc = dg_buf_append(uri, st->base);
	if (rc == DG_OK)
		rc = dg_seal_uri(st->worker->keys, &sealed, uri);
	dg_buf_fini(&extra);
	return rc;
}

/*
 * The outcome as a result in two steps; in one when it does not fit a URI.
 * Ends the exchange.
 */
static void
answer_page(struct dg_statement *st)
{
	char id_text[DG_QUERY_ID_MAX];
	struct dg_buf uri;
	struct dg_buf body;
	struct dg_str id;

	dg_reply_make_query_id(st->at_us, id_text);
	id = dg_str_from_cstr(id_text);
	dg_buf_init(&uri, 2 * DG_SEAL_PATH_MAX);
	dg_buf_init(&body, 64 << 10);
	if (seal_own(st, id, &uri) == DG_OK &&
	    dg_reply_queued(st->family, id, st->base, dg_buf_peek(&uri),
			    &body) == DG_OK)
		dg_answer_page(st->x, NULL, 0, dg_buf_peek(&body));
	else
		dg_answer_own(st->x, &st->outcome.page, id, st->base);
	dg_buf_fini(&body);
	dg_buf_fini(&uri);
}

static void
log_outcome(const struct dg_statement *st)
{
	dg_metric_add_label(DG_METRIC_STATEMENTS, st->outcome.decision, 1);
	dg_log_info(
		NULL, "statement.decided",
		DG_FIELDS(DG_LOG_CSTR("statement_id", st->id),
			  DG_LOG_STR("principal", st->principal),
			  DG_LOG_CSTR("decision",
				      dg_decision_name(st->outcome.decision)),
			  DG_LOG_CSTR("reason", st->outcome.reason),
			  DG_LOG_INT("rule_id", st->outcome.rule_id),
			  DG_LOG_INT("busy_us", st->busy_us)),
		"statement %s", dg_decision_name(st->outcome.decision));
}

/* Tells the client an outcome that is not `allowed`. */
static void
answer(struct dg_statement *st)
{
	DG_ASSERT(st->outcome.decision != DG_DECISION_ALLOWED);
	if (st->outcome.http_status != 0)
		dg_answer_text(st->x, st->outcome.http_status,
			       st->outcome.page.failure.message);
	else
		answer_page(st);
	finish(st);
}

/* ---- after the decision ------------------------------------------------ */

/* Replaces `allowed` by a failure that happened since, and tells it. */
static void
fail_allowed(struct dg_statement *st, const char *reason,
	     enum dg_query_error error, const char *text)
{
	st->outcome.known = false;
	dg_decide_fail(st, DG_DECISION_ERROR, reason, error,
		       "Cluster '%.*s' %s (statement id %s)",
		       DG_STR_ARG(st->target.cluster->name), text, st->id);
	log_outcome(st);
	audit_end(st, DG_STR("FAILED"), error);
	answer(st);
}

static uint64_t
fingerprint(const struct dg_statement *st)
{
	const struct dg_acl_request who = {
		.user = st->who.user,
		.roles = st->who.roles,
		.n_roles = st->who.n_roles,
		.client = st->who.client,
		.now_us = st->rights_us,
	};

	return dg_acl_fingerprint(st->policy->acl, &who);
}

static struct dg_sealed
make_sealed(const struct dg_statement *st)
{
	uint8_t flags = 0;

	if (st->read_only)
		flags |= DG_SEAL_READ_ONLY;
	if (st->check.len == 0)
		flags |= DG_SEAL_CHECKED;
	return (struct dg_sealed){
		.flags = flags,
		.cluster = st->target.cluster->name,
		.principal = st->principal,
		.session_user = st->user,
		.statement_id = dg_str_from_cstr(st->id),
		.rights = fingerprint(st),
		.started_us = st->at_us,
		.extra = st->check,
		.changes = st->changes,
	};
}

/* The coordinator's placeholder with our URIs; INVALID when it is more. */
static enum dg_rc
rewrite_placeholder(struct dg_statement *st, struct dg_str body,
		    struct dg_buf *out)
{
	struct dg_rewriter *rewriter = dg_rewriter_create();
	const struct dg_page_facts *facts = dg_rewriter_facts(rewriter);
	const struct dg_sealed sealed = make_sealed(st);
	struct dg_page_uris uris = {
		.keys = st->worker->keys,
		.rewriter = rewriter,
		.endpoint = &st->target.endpoint,
		.base = st->base,
		.from = &sealed,
		.now_us = dg_clock_wall_us(),
		.queued_us = st->config->uri_queued_ms * 1000,
		.running_us = st->config->uri_running_ms * 1000,
	};
	enum dg_rc rc;

	dg_rewriter_reset(rewriter, dg_page_uris_replace, &uris);
	rc = dg_rewriter_feed(rewriter, body, out);
	/* A POST never carries rows or an error (protocol.md 0.1). */
	if (rc == DG_OK && (!facts->complete || facts->has_data ||
			    !facts->has_next || facts->id[0] == '\0'))
		rc = DG_ERR_INVALID;
	dg_rewriter_destroy(&rewriter);
	return rc;
}

static void
answer_placeholder(struct dg_statement *st, struct dg_str body)
{
	struct dg_buf out;
	enum dg_rc rc;

	dg_buf_init(&out, PAGE_MAX);
	rc = rewrite_placeholder(st, body, &out);
	if (rc == DG_OK) {
		dg_answer_page(st->x, NULL, 0, dg_buf_peek(&out));
		finish(st);
	} else {
		fail_allowed(st, "upstream_page", DG_QE_GENERIC_INTERNAL_ERROR,
			     "gave an answer that the gateway does not "
			     "understand");
	}
	dg_buf_fini(&out);
}

/* dg_fetch_fn */
static void
on_forwarded(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	     const char *why)
{
	struct dg_statement *st = arg;
	char text[64];

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	st->fetch = NULL;
	if (rc == DG_OK && status == 200) {
		answer_placeholder(st, body);
		return;
	}
	dg_log_warn(NULL, "statement.upstream_failed",
		    DG_FIELDS(DG_LOG_CSTR("statement_id", st->id),
			      DG_LOG_STR("cluster", st->target.cluster->name),
			      DG_LOG_INT("status", status),
			      DG_LOG_CSTR("why", why == NULL ? "" : why)),
		    "coordinator did not take the statement");
	if (rc == DG_ERR_UNAVAILABLE) {
		audit_end(st, DG_STR("FAILED"), DG_QE_GENERIC_INTERNAL_ERROR);
		dg_decide_busy(st);
		log_outcome(st);
		answer(st);
		return;
	}
	if (rc != DG_OK) {
		fail_allowed(st, "upstream", DG_QE_REMOTE_HOST_GONE,
			     "cannot be reached");
		return;
	}
	snprintf(text, sizeof(text), "refused the statement with HTTP %u",
		 status);
	fail_allowed(st, "upstream_status", DG_QE_GENERIC_INTERNAL_ERROR, text);
}

static enum dg_rc
write_headers(struct dg_statement *st, struct dg_http_header *out, size_t *n,
	      struct dg_error *err)
{
	const struct dg_session_emit emit = {
		.family = st->family,
		.transaction = st->transaction,
		.prepared_name = st->prepared_name,
		.prepared_text = st->prepared_text,
	};
	enum dg_rc rc;

	out[0] = (struct dg_http_header){DG_STR("Content-Type"),
					 DG_STR("text/plain; charset=utf-8")};
	out[1] = (struct dg_http_header){DG_STR("Accept-Encoding"),
					 DG_STR("identity")};
	*n = 2;
	rc = dg_route_identity(st->target.cluster, st->user, st->arena, out,
			       HEADERS_MAX, n, err);
	if (rc != DG_OK)
		return rc;
	rc = dg_session_write(&st->session, &emit, st->arena, out, HEADERS_MAX,
			      n);
	if (rc != DG_OK)
		return dg_error_set(err, rc, "the headers are too large");
	return DG_OK;
}

static void
forward(struct dg_statement *st)
{
	struct dg_http_header headers[HEADERS_MAX];
	struct dg_upstream_request request = {
		.endpoint = st->target.endpoint,
		.method = "POST",
		.target = DG_STR("/v1/statement"),
		.headers = headers,
		.body = st->text,
		.head_timeout_ms = (unsigned)st->config->upstream_head_ms,
		.body_timeout_ms = (unsigned)st->config->upstream_body_ms,
		.repeatable = true, /* nothing starts before the first GET */
	};
	struct dg_error err;

	dg_fsm_move(&st->fsm, ST_FORWARD);
	if (write_headers(st, headers, &request.n_headers, &err) != DG_OK) {
		dg_log_error(NULL, "statement.identity_failed",
			     DG_FIELDS(DG_LOG_CSTR("statement_id", st->id),
				       DG_LOG_STR("cluster",
						  st->target.cluster->name)),
			     "%s", err.text);
		fail_allowed(st, "identity", DG_QE_GENERIC_INTERNAL_ERROR,
			     "cannot be asked in your name: its operator finds "
			     "the cause in the gateway's log");
		return;
	}
	st->fetch = dg_upstream_fetch(st->worker->upstream, &request,
				      POST_REPLY_MAX, on_forwarded, st);
	/* The request has a copy. */
	st->text = DG_STR_EMPTY;
	dg_http_exchange_drop_body(st->x);
}

/* ---- the record -------------------------------------------------------- */

/* A statement whose record is not safe does not run; others are told. */
static void
on_recorded(struct dg_statement *st, bool durable)
{
	dg_timer_cancel(&st->timer);
	if (durable && st->outcome.decision == DG_DECISION_ALLOWED) {
		log_outcome(st);
		forward(st);
		return;
	}
	if (st->outcome.decision == DG_DECISION_ALLOWED) {
		st->outcome.known = false;
		dg_decide_fail(st, DG_DECISION_ERROR, "audit",
			       DG_QE_GENERIC_INTERNAL_ERROR,
			       "The gateway cannot record the statement in its "
			       "audit trail at the moment; try again later "
			       "(statement id %s)",
			       st->id);
	}
	log_outcome(st);
	answer(st);
}

/* dg_audit_fn */
static void
on_audited(void *arg, enum dg_rc rc)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	st->audit = NULL;
	on_recorded(st, rc == DG_OK);
}

static void
on_audit_late(void *arg)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	dg_audit_cancel(&st->audit);
	on_recorded(st, false);
}

/*
 * Before each wait: the tree of a text of 64 KiB takes 6 MB, and a wait lasts
 * up to a minute.
 */
static void
forget_work(struct dg_statement *st)
{
	st->tree = NULL;
	st->analysis = (struct dg_sql_analysis){.read_only = false};
	st->outcome.access_json = DG_STR_EMPTY;
	dg_arena_reset(st->work);
}

/* Nothing is asked about tables any more. */
static void
forget_columns(struct dg_statement *st)
{
	dg_map_init(&st->columns, NULL);
	dg_arena_destroy(&st->facts);
}

static void
record_text(struct dg_statement *st, struct dg_str text, uint64_t fingerprint)
{
	const struct dg_store_audit_decision decision = {
		.statement_id = dg_str_from_cstr(st->id),
		.at_us = st->at_us,
		.principal = st->principal,
		.session_user = st->user,
		.client_address =
			dg_str_from_cstr(dg_http_exchange_peer(st->x)),
		.source = st->session.source,
		.cluster = st->target_rc == DG_OK && st->target.cluster != NULL
				   ? st->target.cluster->name
				   : DG_STR_EMPTY,
		.statement = dg_str_from_cstr(st->kind),
		.text = text,
		.fingerprint = fingerprint,
		.access_json = st->outcome.access_json.len > 0
				       ? st->outcome.access_json
				       : DG_STR("[]"),
		.decision = dg_str_from_cstr(
			dg_decision_name(st->outcome.decision)),
		.rule_id = st->outcome.rule_id,
		.reason = dg_str_from_cstr(st->outcome.reason),
		.policy_version = st->policy == NULL ? 0 : st->policy->version,
		.replica = dg_str_from_cstr(st->worker->replica),
	};
	enum dg_rc rc;

	dg_fsm_move(&st->fsm, ST_AUDIT);
	dg_timer_start(&st->timer, st->worker->loop, AUDIT_DEADLINE_MS,
		       on_audit_late, st);
	rc = dg_audit_decision(st->worker->audit, st->worker->loop, &decision,
			       on_audited, st, &st->audit);
	forget_work(st);
	forget_columns(st);
	if (rc != DG_OK)
		on_recorded(st, false);
}

/* What was found without the memory to find it does not count. */
static void
record(struct dg_statement *st)
{
	uint64_t fingerprint;
	struct dg_str text = dg_decide_audit_text(st, &fingerprint);

	if (dg_decide_is_starved(st))
		dg_decide_busy(st);
	record_text(st, text, fingerprint);
}

/* ---- deciding ---------------------------------------------------------- */

static void decide(struct dg_statement *st);

static void
on_columns(void *arg)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	st->wait = NULL;
	dg_fsm_move(&st->fsm, ST_DECIDE);
	decide(st);
}

/* All rounds together have metadata.deadline. */
static void
fetch_columns(struct dg_statement *st)
{
	uint64_t now_ms = dg_clock_mono_ms();
	struct dg_metadata_request request = {
		.target = &st->target,
		.user = st->user,
		.tables = st->analysis.pending,
		.n_tables = st->analysis.n_pending,
	};

	if (st->rounds++ == 0)
		st->columns_until_ms =
			now_ms + (uint64_t)st->config->metadata_deadline_ms;
	if (st->columns_until_ms > now_ms)
		request.deadline_ms = (unsigned)(st->columns_until_ms - now_ms);
	st->wait = dg_metadata_fetch(st->worker->metadata, &request, on_columns,
				     st);
	if (st->wait == NULL) {
		dg_decide_fail_crowded(st);
		record(st);
		return;
	}
	dg_fsm_move(&st->fsm, ST_COLUMNS);
	forget_work(st);
}

static void
decide(struct dg_statement *st)
{
	uint64_t start = dg_clock_mono_us();
	bool known;

	DG_DEBUG_ASSERT(dg_arena_used(st->work) == 0);
	known = dg_decide_text(st);
	st->busy_us += dg_clock_mono_us() - start;
	if (known || dg_decide_is_starved(st)) {
		dg_metric_observe(DG_METRIC_DECIDE_US, st->busy_us);
		record(st);
		return;
	}
	fetch_columns(st);
}

/* ---- the body ---------------------------------------------------------- */

static void
fail_body(struct dg_statement *st, enum dg_rc rc)
{
	if (rc == DG_ERR_LIMIT)
		dg_decide_fail(st, DG_DECISION_INVALID, "text_too_large",
			       DG_QE_QUERY_TEXT_TOO_LARGE,
			       "Query text length exceeds the maximum length "
			       "(%lld bytes)",
			       (long long)st->config->limit_statement);
	else if (rc == DG_ERR_UNAVAILABLE)
		dg_decide_fail_http(st, DG_DECISION_ERROR, "busy", 503,
				    "The gateway is busy; try again later");
	else if (rc == DG_ERR_TIMEOUT)
		dg_decide_fail_http(st, DG_DECISION_INVALID, "slow", 408,
				    "The statement came too slowly");
	else
		dg_decide_fail_http(st, DG_DECISION_INVALID, "body", 400,
				    "The body of the request is malformed");
}

/* dg_http_body_fn */
static void
on_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	struct dg_statement *st = arg;

	DG_CHECK_MAGIC(st, DG_STATEMENT_MAGIC);
	if (rc != DG_OK) {
		fail_body(st, rc);
		record(st);
		return;
	}
	st->text = body;
	st->rights_us = dg_clock_wall_us();
	dg_fsm_move(&st->fsm, ST_DECIDE);
	decide(st);
}

void
dg_statement_start(struct dg_worker *worker, struct dg_http_exchange *x,
		   const struct dg_caller *caller)
{
	struct dg_statement *st = DG_NEW(struct dg_statement);
	bool has_room;

	st->magic = DG_STATEMENT_MAGIC;
	dg_fsm_init(&st->fsm, states, N_STATES, ST_BODY);
	st->worker = worker;
	st->config = worker->config;
	st->x = x;
	st->arena = dg_http_exchange_arena(x);
	st->work = worker->scratch;
	has_room = dg_caller_copy(caller, st->arena, &st->caller) == DG_OK;
	st->principal = st->caller.name;
	st->user = st->principal;
	st->base = DG_STR_EMPTY;
	st->text = DG_STR_EMPTY;
	st->kind = "";
	st->at_us = dg_clock_wall_us();
	st->rights_us = st->at_us;
	st->target_rc = DG_ERR_NOT_FOUND;
	dg_statement_make_id(st->id);
	dg_metric_add(DG_METRIC_STATEMENTS_ACTIVE, 1);
	dg_http_exchange_on_cancel(x, on_client_gone, st);

	if (has_room)
		dg_decide_head(st);
	else
		dg_decide_busy(st);
	if (st->outcome.known)
		record(st);
	else
		dg_http_exchange_read_body(
			x, (size_t)st->config->limit_statement, on_body, st);
}

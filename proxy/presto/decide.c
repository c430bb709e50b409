/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide.c - what is to become of a statement, as far as its headers tell:
 * session, user, target. See statement_private.h; decide_text.c goes on.
 *
 * Invariant: every refusal has a reason, and none says `allowed`.
 */
#include "base/assert.h"
#include "presto/statement_private.h"
#include "presto/uri.h"

/* ---- outcomes ---------------------------------------------------------- */

void
dg_decide_refuse(struct dg_statement *st, enum dg_decision decision,
		 const char *reason, enum dg_query_error error,
		 struct dg_str message)
{
	DG_ASSERT(!st->outcome.known);
	DG_ASSERT(decision != DG_DECISION_ALLOWED);
	st->outcome = (struct dg_outcome){
		.known = true,
		.decision = decision,
		.reason = reason,
		.page = {.kind = DG_OWN_FAILED,
			 .family = st->family,
			 .failure = {.error = error, .message = message}},
		.rule_id = st->outcome.rule_id,
		.access_json = st->outcome.access_json,
	};
}

/* The arena may be full: then the words are lost, the refusal is not. */
struct dg_str
dg_decide_keep(struct dg_statement *st, struct dg_str s)
{
	struct dg_str copy = dg_arena_str(st->arena, s);

	return copy.data != NULL ? copy
				 : DG_STR("The statement is too large for the "
					  "gateway");
}

void
dg_decide_fail(struct dg_statement *st, enum dg_decision decision,
	       const char *reason, enum dg_query_error error, const char *fmt,
	       ...)
{
	struct dg_error text;
	va_list ap;

	va_start(ap, fmt);
	dg_error_vset(&text, DG_ERR_DENIED, fmt, ap);
	va_end(ap);
	dg_decide_refuse(st, decision, reason, error,
			 dg_decide_keep(st, dg_str_from_cstr(text.text)));
}

void
dg_decide_fail_http(struct dg_statement *st, enum dg_decision decision,
		    const char *reason, unsigned status, const char *text)
{
	dg_decide_refuse(st, decision, reason, DG_QE_NOT_SUPPORTED,
			 dg_decide_keep(st, dg_str_from_cstr(text)));
	st->outcome.http_status = status;
}

void
dg_decide_fail_full(struct dg_statement *st)
{
	dg_decide_fail(st, DG_DECISION_INVALID, "memory", DG_QE_QUERY_REJECTED,
		       "The statement needs more memory to be checked than "
		       "the gateway allows");
}

void
dg_decide_fail_crowded(struct dg_statement *st)
{
	dg_decide_fail(st, DG_DECISION_ERROR, "metadata_busy",
		       DG_QE_QUERY_REJECTED,
		       "The columns of a table were not there in time: too "
		       "many tables wait for theirs, or it was changed "
		       "meanwhile; try again later");
}

bool
dg_decide_is_starved(const struct dg_statement *st)
{
	return dg_arena_is_starved(st->arena) ||
	       dg_arena_is_starved(st->work) ||
	       (st->facts != NULL && dg_arena_is_starved(st->facts));
}

void
dg_decide_busy(struct dg_statement *st)
{
	st->outcome.known = false;
	dg_decide_refuse(st, DG_DECISION_ERROR, "busy", DG_QE_NOT_SUPPORTED,
			 DG_STR("The gateway is busy; try again later"));
	st->outcome.http_status = 503;
}

/* ---- before the body --------------------------------------------------- */

static bool
find_header(const struct dg_http_head *head, struct dg_str name,
	    struct dg_str *value_out, size_t *count_out)
{
	const struct dg_http_header *h = dg_http_find(head, name, count_out);

	*value_out = h == NULL ? DG_STR_EMPTY : h->value;
	return h != NULL;
}

/* "utf-8", with or without quotes, in any case. */
static bool
is_utf8_name(struct dg_str s)
{
	if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"')
		s = dg_str_slice(s, 1, s.len - 1);
	return dg_str_eq_nocase(s, DG_STR("utf-8")) ||
	       dg_str_eq_nocase(s, DG_STR("utf8"));
}

/* The types that clients send their SQL under (protocol.md 1.1). */
static bool
is_text_type(struct dg_str type)
{
	static const struct dg_str types[] = {
		DG_STR_INIT("text/plain"),
		DG_STR_INIT("application/x-www-form-urlencoded"),
		DG_STR_INIT("application/json"),
		DG_STR_INIT("application/octet-stream"),
		DG_STR_INIT("application/sql"),
		DG_STR_INIT("text/sql"),
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(types); i++) {
		if (dg_str_eq_nocase(type, types[i]))
			return true;
	}
	return false;
}

static bool
check_content_type(struct dg_statement *st, struct dg_str value)
{
	struct dg_str part;

	(void)dg_str_split(&value, ';', &part);
	if (!is_text_type(dg_str_trim(part))) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "content_type",
				    415, "Send the statement as text/plain");
		return false;
	}
	while (dg_str_split(&value, ';', &part)) {
		const struct dg_str charset = DG_STR("charset=");

		part = dg_str_trim(part);
		if (part.len == 0)
			continue;
		if (dg_str_starts_with_nocase(part, charset) &&
		    is_utf8_name(dg_str_slice(part, charset.len, part.len)))
			continue;
		dg_decide_fail_http(st, DG_DECISION_INVALID, "charset", 415,
				    "The only charset of statements is UTF-8");
		return false;
	}
	return true;
}

static bool
check_content(struct dg_statement *st)
{
	const struct dg_http_head *head = dg_http_exchange_head(st->x);
	struct dg_str value;
	size_t count;

	if (find_header(head, DG_STR("Content-Encoding"), &value, &count)) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "content_encoding",
				    415,
				    "Statements cannot be sent with a "
				    "Content-Encoding");
		return false;
	}
	if (!find_header(head, DG_STR("Content-Type"), &value, &count))
		return true;
	if (count > 1) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "content_type",
				    400, "Header Content-Type is there twice");
		return false;
	}
	return value.len == 0 || check_content_type(st, value);
}

static bool
check_policy(struct dg_statement *st)
{
	if (dg_worker_policy_usable(st->worker)) {
		st->policy = dg_store_snapshot_ref(st->worker->policy);
		if (dg_subject_of(st->policy, &st->caller, st->principal,
				  st->arena, &st->own) == DG_OK)
			return true;
		dg_decide_fail_full(st);
		return false;
	}
	dg_decide_fail_http(st, DG_DECISION_ERROR, "no_policy", 503,
			    dg_worker_policy_why(st->worker));
	return false;
}

struct dg_authorize_request
dg_decide_request(const struct dg_statement *st, const struct dg_subject *who)
{
	bool current = st->policy == st->worker->policy;

	return (struct dg_authorize_request){
		.policy = st->policy->acl,
		.cache = current ? st->worker->rights : NULL,
		.user = who->user,
		.roles = who->roles,
		.n_roles = who->n_roles,
		.client = who->client,
		.cluster = st->target_rc == DG_OK && st->target.cluster != NULL
				   ? st->target.cluster->name
				   : DG_STR_EMPTY,
		.now_us = st->rights_us,
		.text = st->text,
		.analysis = &st->analysis,
		.help = dg_str_from_cstr(st->config->errors_help),
		.statement_id = dg_str_from_cstr(st->id),
		.minimal = st->config->errors_disclose == 1,
		.access_max = (size_t)st->config->audit_text,
	};
}

/* Who the statement runs as: the principal, or somebody it may speak for. */
static bool
choose_user(struct dg_statement *st)
{
	struct dg_str user = st->session.user;
	struct dg_str original = st->session.original_user;
	struct dg_authorize_request request;
	const struct dg_store_user *known;

	st->user = user.len > 0 ? user : st->principal;
	if (original.len > 0 && !dg_str_eq(original, st->user)) {
		dg_decide_fail(st, DG_DECISION_UNSUPPORTED, "original_user",
			       DG_QE_NOT_SUPPORTED,
			       "SET SESSION AUTHORIZATION is not supported");
		return false;
	}
	st->who = st->own;
	if (dg_str_eq(st->user, st->principal))
		return true;
	/* Whoever is spoken for comes without the roles of this session. */
	st->who =
		(struct dg_subject){.user = st->user, .client = st->own.client};
	known = dg_store_find_user(st->policy, st->user);
	request = dg_decide_request(st, &st->own);
	if (known != NULL && !known->disabled &&
	    dg_authorize_one(&request, DG_ACL_P_IMPERSONATE, DG_ACL_USER,
			     st->user, st->arena))
		return true;
	dg_decide_fail(st, DG_DECISION_DENIED, "impersonation",
		       DG_QE_PERMISSION_DENIED,
		       "Access Denied: User %.*s cannot impersonate user %.*s",
		       DG_STR_ARG(dg_str_slice(st->principal, 0, 100)),
		       DG_STR_ARG(dg_str_slice(st->user, 0, 100)));
	return false;
}

static bool
has_transaction(const struct dg_session *session)
{
	return session->transaction.len > 0 &&
	       !dg_str_eq_nocase(session->transaction, DG_STR("NONE"));
}

/* The cluster that holds the transaction; no other may be asked for. */
static enum dg_rc
find_transaction_target(struct dg_statement *st)
{
	struct dg_str wish = dg_session_own(&st->session, DG_STR("cluster"));
	struct dg_sealed_transaction sealed;
	enum dg_rc rc;

	rc = dg_unseal_transaction(st->worker->keys, st->session.transaction,
				   st->at_us, st->arena, &sealed);
	if (rc == DG_ERR_TIMEOUT)
		return dg_error_set(&st->target_err, DG_ERR_CONFLICT,
				    "Unknown transaction: it was started too "
				    "long ago");
	if (rc != DG_OK || !dg_str_eq(sealed.principal, st->principal) ||
	    !dg_str_eq(sealed.session_user, st->user))
		return dg_error_set(&st->target_err, DG_ERR_CONFLICT,
				    "Unknown transaction: it has ended, or "
				    "belongs to another user or gateway");
	st->transaction = sealed.id;
	if (wish.len > 0 && !dg_str_eq_nocase(wish, sealed.cluster))
		return dg_error_set(&st->target_err, DG_ERR_CONFLICT,
				    "The transaction is open on cluster "
				    "'%.*s': commit or roll back before you "
				    "use cluster '%.*s'",
				    DG_STR_ARG(sealed.cluster),
				    DG_STR_ARG(dg_str_slice(wish, 0, 100)));
	return dg_route_by_name(st->policy, st->worker->clusters, &st->who,
				sealed.cluster, st->at_us, &st->target,
				&st->target_err);
}

static void
choose_target(struct dg_statement *st)
{
	if (has_transaction(&st->session)) {
		st->target_rc = find_transaction_target(st);
	} else {
		st->transaction = st->session.transaction.len > 0
					  ? DG_STR("NONE")
					  : DG_STR_EMPTY;
		st->target_rc = dg_route_choose(
			st->policy, st->worker->clusters, &st->who,
			&st->session, st->at_us, st->arena, &st->target,
			&st->target_err);
	}
	if (st->session.has_family || st->target_rc != DG_OK)
		return;
	st->family = st->target.cluster->engine == DG_STORE_TRINO
			     ? DG_FAMILY_TRINO
			     : DG_FAMILY_PRESTO;
}

/* What the user has by default stands in for what the client did not say. */
static void
fill_defaults(struct dg_statement *st)
{
	const struct dg_store_user *user =
		dg_store_find_user(st->policy, st->user);

	if (st->session.catalog.len > 0 || user == NULL ||
	    user->default_catalog.len == 0)
		return;
	st->session.catalog = user->default_catalog;
	st->session.schema = user->default_schema;
}

void
dg_decide_head(struct dg_statement *st)
{
	const struct dg_http_head *head = dg_http_exchange_head(st->x);
	struct dg_error err;
	enum dg_rc rc;

	rc = dg_session_read(head, st->arena, &st->session, &err);
	if (rc != DG_OK) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "headers",
				    rc == DG_ERR_LIMIT ? 431 : 400, err.text);
		return;
	}
	st->family = st->session.family;
	st->user = st->principal;
	rc = dg_uri_base(st->config->public_url, head,
			 dg_http_exchange_is_tls(st->x), st->arena, &st->base);
	if (rc != DG_OK) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "host", 400,
				    "The Host header is missing or malformed");
		return;
	}
	if (!check_policy(st) || !check_content(st) || !choose_user(st))
		return;
	fill_defaults(st);
	choose_target(st);
}

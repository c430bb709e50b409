/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide_text.c - what is to become of a statement, from its text: own
 * statements, parse, analysis, rights. See statement_private.h.
 *
 * No I/O: columns come from the cache of metadata, and what is missing there
 * is reported for statement.c to fetch. Invariant: `allowed` is set in one
 * place, in authorize, behind dg_authorize.
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/metrics.h"
#include "metadata/changes.h"
#include "metadata/cross_check.h"
#include "presto/own_session.h"
#include "presto/statement_private.h"

/* ---- statements about the gateway -------------------------------------- */

struct dg_sql_engine
dg_decide_engine(const struct dg_statement *st)
{
	if (st->target_rc == DG_OK && st->target.cluster != NULL)
		return dg_target_engine(&st->target);
	return (struct dg_sql_engine){
		st->family == DG_FAMILY_TRINO ? DG_SQL_TRINO : DG_SQL_PRESTO,
		0};
}

static struct dg_sql_limits
make_limits(const struct dg_config *config)
{
	return (struct dg_sql_limits){
		.max_bytes = (size_t)config->limit_statement,
		.max_tokens = (size_t)config->limit_tokens,
		.max_depth = (size_t)config->limit_depth,
		.max_nodes = (size_t)config->limit_nodes,
	};
}

static bool
is_known(struct dg_str property)
{
	return dg_str_eq(property, DG_STR("datagateway.cluster"));
}

/* What a client carries it must be able to drop, whatever it is. */
static bool
is_set(const struct dg_statement *st, struct dg_str property)
{
	size_t prefix = DG_STR("datagateway.").len;

	return dg_session_own(&st->session,
			      dg_str_slice(property, prefix, property.len))
		       .len > 0;
}

static void
fail_property(struct dg_statement *st, struct dg_str name)
{
	dg_decide_fail(st, DG_DECISION_INVALID, "own_property",
		       DG_QE_INVALID_SESSION_PROPERTY,
		       "Session property '%.*s' does not exist; there is "
		       "datagateway.cluster",
		       DG_STR_ARG(dg_str_slice(name, 0, 100)));
}

/* The cluster must be one that the next statement could go to. */
static bool
check_wish(struct dg_statement *st, struct dg_str name)
{
	struct dg_target target = {0};
	struct dg_error err;
	enum dg_rc rc;

	rc = dg_route_by_name(st->policy, st->worker->clusters, &st->who, name,
			      st->at_us, &target, &err);
	if (rc == DG_OK)
		rc = dg_route_check_family(&target, &st->session, &err);
	if (rc == DG_OK || rc == DG_ERR_UNAVAILABLE)
		return true;
	if (rc == DG_ERR_UNSUPPORTED)
		dg_decide_fail(st, DG_DECISION_DENIED, "family",
			       DG_QE_NOT_SUPPORTED, "%s", err.text);
	else
		dg_decide_fail(st, DG_DECISION_DENIED, "cluster",
			       DG_QE_PERMISSION_DENIED,
			       "Access Denied: Cluster '%.*s' does not exist "
			       "or may not be used by you",
			       DG_STR_ARG(dg_str_slice(name, 0, 100)));
	return false;
}

static void
answer_setting(struct dg_statement *st, enum dg_own_kind kind,
	       const struct dg_own_setting *setting)
{
	struct dg_str property = dg_arena_str(st->arena, setting->property);
	struct dg_str value = dg_arena_str(st->arena, setting->value);

	if (property.data == NULL || value.data == NULL) {
		dg_decide_fail_full(st);
		return;
	}
	st->outcome = (struct dg_outcome){
		.known = true,
		.decision = DG_DECISION_ANSWERED,
		.reason = "own_session",
		.page = {.kind = kind,
			 .family = st->family,
			 .property = property,
			 .value = value},
	};
}

/* True: it was one of ours, and the outcome is set. */
static bool
decide_own(struct dg_statement *st)
{
	struct dg_sql_limits limits = make_limits(st->config);
	struct dg_own_setting setting;

	switch (dg_own_session_find(st->text, dg_decide_engine(st), &limits,
				    st->work, &setting)) {
	case DG_OWN_SESSION_NONE:
		return false;
	case DG_OWN_SESSION_RESET:
		if (is_known(setting.property) || is_set(st, setting.property))
			answer_setting(st, DG_OWN_RESET_SESSION, &setting);
		else
			fail_property(st, setting.property);
		return true;
	case DG_OWN_SESSION_SET:
		if (!is_known(setting.property))
			fail_property(st, setting.property);
		else if (check_wish(st, setting.value))
			answer_setting(st, DG_OWN_SET_SESSION, &setting);
		return true;
	case DG_OWN_SESSION_VALUE:
		dg_decide_fail(st, DG_DECISION_INVALID, "own_property",
			       DG_QE_INVALID_SESSION_PROPERTY,
			       "Session property datagateway.cluster takes the "
			       "name of a cluster in quotes");
		return true;
	case DG_OWN_SESSION_NESTED:
		dg_decide_fail(st, DG_DECISION_UNSUPPORTED, "own_property",
			       DG_QE_NOT_SUPPORTED,
			       "Session properties datagateway.* cannot be "
			       "set by a prepared statement");
		return true;
	}
	DG_UNREACHABLE();
}

/* ---- checks before the SQL --------------------------------------------- */

static void
fail_target(struct dg_statement *st)
{
	const char *text = st->target_err.text;

	if (st->target_rc == DG_ERR_CONFLICT)
		dg_decide_fail(st, DG_DECISION_INVALID, "transaction",
			       DG_QE_UNKNOWN_TRANSACTION, "%s", text);
	else if (st->target_rc == DG_ERR_INVALID)
		dg_decide_fail(st, DG_DECISION_INVALID, "cluster",
			       DG_QE_INVALID_SESSION_PROPERTY, "%s", text);
	else if (st->target_rc == DG_ERR_UNAVAILABLE)
		dg_decide_fail(st, DG_DECISION_ERROR, "cluster_off",
			       DG_QE_QUERY_REJECTED, "%s", text);
	else
		dg_decide_fail(st, DG_DECISION_DENIED, "cluster",
			       DG_QE_PERMISSION_DENIED, "Access Denied: %s",
			       text);
}

static bool
check_target(struct dg_statement *st)
{
	struct dg_error err;

	for (size_t i = 0; i < st->session.n_own_properties; i++) {
		struct dg_str name = st->session.own_properties[i].name;

		if (!dg_str_eq(name, DG_STR("cluster"))) {
			fail_property(st, name);
			return false;
		}
	}
	if (st->target_rc != DG_OK) {
		fail_target(st);
		return false;
	}
	if (dg_route_check_family(&st->target, &st->session, &err) != DG_OK) {
		dg_decide_fail(st, DG_DECISION_DENIED, "family",
			       DG_QE_NOT_SUPPORTED, "%s", err.text);
		return false;
	}
	if (dg_route_check_ready(&st->target, &err) != DG_OK) {
		dg_decide_fail(st, DG_DECISION_ERROR, "cluster_not_ready",
			       DG_QE_SERVER_STARTING_UP, "%s", err.text);
		return false;
	}
	return true;
}

/* Function names would be looked up on it, unseen by the analysis. */
static bool
check_path(struct dg_statement *st)
{
	if (st->session.path.len == 0)
		return true;
	dg_decide_fail(st, DG_DECISION_UNSUPPORTED, "path", DG_QE_NOT_SUPPORTED,
		       "An SQL path cannot be used through the gateway: write "
		       "the catalog and schema of functions");
	return false;
}

/*
 * What SET ROLE would leave in the session; SET ROLE itself is refused. ALL
 * and NONE are what every client starts with.
 */
static bool
check_roles(struct dg_statement *st)
{
	for (size_t i = 0; i < st->session.n_roles; i++) {
		struct dg_str role = st->session.roles[i].value;

		if (dg_str_eq(role, DG_STR("ALL")) ||
		    dg_str_eq(role, DG_STR("NONE")))
			continue;
		if (dg_str_starts_with(role, DG_STR("ROLE{")) &&
		    dg_str_ends_with(role, DG_STR("}")))
			role = dg_str_slice(role, DG_STR("ROLE{").len,
					    role.len - 1);
		dg_decide_fail(
			st, DG_DECISION_UNSUPPORTED, "role",
			DG_QE_NOT_SUPPORTED,
			"The engine's role '%.*s' cannot be used through "
			"the gateway: its own rules say what you may do",
			DG_STR_ARG(dg_str_slice(role, 0, 100)));
		return false;
	}
	return true;
}

static struct dg_str
lower(struct dg_arena *arena, struct dg_str s)
{
	char *to = dg_arena_alloc(arena, s.len);

	if (to == NULL)
		return (struct dg_str){NULL, 0};
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		to[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return dg_str_make(to, s.len);
}

static void
fail_verdict(struct dg_statement *st, const struct dg_verdict *verdict)
{
	st->outcome.rule_id = verdict->rule_id;
	st->outcome.access_json = verdict->access_json;
	/* Reasons are static texts. */
	dg_decide_refuse(st,
			 verdict->is_passing ? DG_DECISION_ERROR
					     : DG_DECISION_DENIED,
			 verdict->reason.data,
			 verdict->is_passing ? DG_QE_QUERY_REJECTED
					     : DG_QE_PERMISSION_DENIED,
			 dg_decide_keep(st, verdict->message));
	st->outcome.page.failure.line = verdict->line;
	st->outcome.page.failure.column = verdict->column;
}

static bool
check_properties(struct dg_statement *st)
{
	size_t n = st->session.n_properties;
	struct dg_authorize_request request = dg_decide_request(st, &st->who);
	struct dg_verdict verdict;
	struct dg_str *names;

	if (n == 0)
		return true;
	names = DG_ARENA_ARRAY(st->work, struct dg_str, n);
	for (size_t i = 0; names != NULL && i < n; i++) {
		names[i] = lower(st->work, st->session.properties[i].name);
		if (names[i].data == NULL)
			names = NULL;
	}
	if (names == NULL ||
	    dg_authorize_properties(&request, names, n, st->work, &verdict) !=
		    DG_OK) {
		dg_decide_fail_full(st);
		return false;
	}
	st->observed = verdict.allowed && verdict.observed;
	if (verdict.allowed)
		return true;
	fail_verdict(st, &verdict);
	return false;
}

static bool
check_text(struct dg_statement *st)
{
	if (!dg_str_is_utf8(st->text)) {
		dg_decide_fail(st, DG_DECISION_INVALID, "utf8",
			       DG_QE_SYNTAX_ERROR,
			       "The statement is not valid UTF-8");
		return false;
	}
	if (dg_str_trim(st->text).len == 0) {
		dg_decide_fail_http(st, DG_DECISION_INVALID, "empty", 400,
				    "SQL query is empty");
		return false;
	}
	return true;
}

/* ---- the SQL ----------------------------------------------------------- */

static void
fail_sql(struct dg_statement *st, const struct dg_sql_error *err)
{
	static const struct {
		enum dg_decision decision;
		const char *reason;
		enum dg_query_error error;
	} kinds[] = {
		[DG_SQL_E_SYNTAX] = {DG_DECISION_INVALID, "syntax",
				     DG_QE_SYNTAX_ERROR},
		[DG_SQL_E_RESOLVE] = {DG_DECISION_INVALID, "resolve",
				      DG_QE_NOT_FOUND},
		[DG_SQL_E_UNSUPPORTED] = {DG_DECISION_UNSUPPORTED,
					  "unsupported", DG_QE_NOT_SUPPORTED},
		[DG_SQL_E_LIMIT] = {DG_DECISION_INVALID, "limit",
				    DG_QE_QUERY_REJECTED},
		[DG_SQL_E_NO_CATALOG] = {DG_DECISION_INVALID, "resolve",
					 DG_QE_MISSING_CATALOG_NAME},
		[DG_SQL_E_NO_SCHEMA] = {DG_DECISION_INVALID, "resolve",
					DG_QE_MISSING_SCHEMA_NAME},
		[DG_SQL_E_NO_COLUMN] = {DG_DECISION_INVALID, "resolve",
					DG_QE_COLUMN_NOT_FOUND},
		[DG_SQL_E_AMBIGUOUS] = {DG_DECISION_INVALID, "resolve",
					DG_QE_AMBIGUOUS_NAME},
		[DG_SQL_E_SAME_QUERY] = {DG_DECISION_INVALID, "resolve",
					 DG_QE_DUPLICATE_NAMED_QUERY},
		[DG_SQL_E_NO_ALIASES] = {DG_DECISION_INVALID, "resolve",
					 DG_QE_MISSING_COLUMN_ALIASES},
		[DG_SQL_E_RECURSION] = {DG_DECISION_INVALID, "resolve",
					DG_QE_INVALID_RECURSIVE_REFERENCE},
		[DG_SQL_E_NO_TABLE] = {DG_DECISION_INVALID, "resolve",
				       DG_QE_MISSING_TABLE},
		[DG_SQL_E_NO_FUNCTION] = {DG_DECISION_INVALID, "resolve",
					  DG_QE_FUNCTION_NOT_FOUND},
		[DG_SQL_E_PARTS] = {DG_DECISION_INVALID, "resolve",
				    DG_QE_SYNTAX_ERROR},
		[DG_SQL_E_ALIASES] = {DG_DECISION_INVALID, "resolve",
				      DG_QE_MISMATCHED_COLUMN_ALIASES},
	};
	bool has_name = dg_decide_engine(st).dialect == DG_SQL_TRINO ||
			!dg_sql_error_is_of_names(err->kind) ||
			err->kind == DG_SQL_E_RESOLVE;
	bool placed = dg_str_starts_with(dg_str_from_cstr(err->text),
					 DG_STR("line "));
	char where[48] = "";

	if (!placed && err->line > 0)
		snprintf(where, sizeof(where), "line %u:%u: ", err->line,
			 err->column);
	dg_decide_fail(st, kinds[err->kind].decision, kinds[err->kind].reason,
		       has_name ? kinds[err->kind].error : DG_QE_SYNTAX_ERROR,
		       "%s%s", where, err->text);
	st->outcome.page.failure.line = err->line;
	st->outcome.page.failure.column = err->column;
}

/* dg_sql_prepared_fn: remembers which one the statement is about. */
static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	struct dg_statement *st = arg;
	struct dg_str kept;

	if (st->prepared_name.len > 0 && dg_str_eq(name, st->prepared_name)) {
		*text_out = st->prepared_text;
		return true;
	}
	if (dg_session_prepared(&st->session, name,
				(size_t)st->config->limit_statement, st->arena,
				text_out, &st->prepared_err) != DG_OK)
		return false;
	kept = dg_arena_str(st->arena, name);
	if (kept.data == NULL) {
		(void)dg_error_set(&st->prepared_err, DG_ERR_LIMIT,
				   "The prepared statement is too large");
		return false;
	}
	st->prepared_name = kept;
	st->prepared_text = *text_out;
	return true;
}

/* An arena of its own: only a decision that goes on needs the columns. */
static struct dg_arena *
facts_of(struct dg_statement *st)
{
	if (st->facts == NULL) {
		st->facts = dg_arena_create((size_t)st->config->limit_arena);
		dg_arena_set_budget(st->facts, &st->worker->memory);
		dg_map_init(&st->columns, st->facts);
	}
	return st->facts;
}

/* What find_columns answered for a table; in facts. */
struct answer {
	enum dg_sql_lookup lookup;
	struct dg_sql_columns columns;
	unsigned round; /* in which it was given */
};

/* "t$files" is read with a right on t, and may be a view for all that. */
static bool
has_any_right(struct dg_statement *st, const struct dg_sql_name *table)
{
	const struct dg_authorize_request request =
		dg_decide_request(st, &st->who);
	struct dg_sql_name base;

	return dg_authorize_any(&request, table, st->work) ||
	       (dg_sql_metadata_base(table, &base) &&
		dg_authorize_any(&request, &base, st->work));
}

/*
 * A table that the user has no right on is as good as unknown: nothing is
 * fetched for him, and no answer depends on what it holds, or on whether it is
 * there at all.
 */
static enum dg_sql_lookup
look_up(struct dg_statement *st, const struct dg_sql_name *table,
	struct dg_sql_columns *columns_out)
{
	if (!has_any_right(st, table)) {
		columns_out->is_withheld = true;
		return DG_SQL_UNAVAILABLE;
	}
	return dg_metadata_lookup(st->worker->metadata, &st->target, table,
				  facts_of(st), columns_out);
}

/* Where the answer for the table is kept; NULL when memory is out. */
static struct answer *
answer_of(struct dg_statement *st, const struct dg_sql_name *table)
{
	struct answer *answer;
	struct dg_str key;

	key = dg_arena_printf(
		st->work, "%.*s\001%.*s\001%.*s", DG_STR_ARG(table->catalog),
		DG_STR_ARG(table->schema), DG_STR_ARG(table->table));
	if (key.data == NULL)
		return NULL;
	answer = dg_map_get(&st->columns, key);
	if (answer != NULL)
		return answer;
	key = dg_arena_str(facts_of(st), key);
	answer = DG_ARENA_NEW(st->facts, struct answer);
	if (key.data == NULL || answer == NULL ||
	    dg_map_put(&st->columns, key, answer, NULL) != DG_OK)
		return NULL;
	answer->lookup = look_up(st, table, &answer->columns);
	answer->round = st->rounds;
	return answer;
}

/*
 * dg_sql_columns_fn: one answer holds for the whole statement. What is still
 * missing after a wait for it has not come in time, which is nobody's fault
 * but the coordinator's unless other tables were before it.
 */
static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	struct dg_statement *st = arg;
	struct answer *answer = answer_of(st, table);

	if (answer == NULL) {
		st->crowded = true; /* by the statement's other tables */
		return DG_SQL_UNAVAILABLE;
	}
	if (answer->lookup == DG_SQL_PENDING && answer->round != st->rounds) {
		answer->lookup = look_up(st, table, &answer->columns);
		if (answer->lookup == DG_SQL_PENDING) {
			answer->lookup = DG_SQL_UNAVAILABLE;
			answer->columns.why = DG_STR(
				"its coordinator did not answer in time");
			st->crowded =
				st->crowded ||
				dg_metadata_is_crowded_out(st->worker->metadata,
							   &st->target, table);
		}
	}
	*columns_out = answer->columns;
	return answer->lookup;
}

static bool
parse(struct dg_statement *st)
{
	struct dg_sql_limits limits = make_limits(st->config);
	struct dg_sql_error err = {0};

	if (dg_sql_parse(st->text, dg_decide_engine(st), &limits, st->work,
			 &st->tree, &err) != DG_OK) {
		fail_sql(st, &err);
		return false;
	}
	st->kind = dg_sql_statement_name(dg_sql_tree_statement(st->tree));
	return true;
}

static enum dg_rc
bind_names(struct dg_statement *st, dg_sql_columns_fn columns,
	   struct dg_sql_error *err)
{
	struct dg_sql_limits limits = make_limits(st->config);
	struct dg_sql_context context = {
		.engine = dg_decide_engine(st),
		.limits = &limits,
		.catalog = lower(st->work, st->session.catalog),
		.schema = lower(st->work, st->session.schema),
		.user = st->user,
		.accounting = dg_target_accounting(
			&st->target, st->config->presto_columns ==
					     DG_PRESTO_COLUMNS_UTILIZED),
		.columns = columns,
		.prepared = find_prepared,
		.arg = st,
	};

	if (context.catalog.data == NULL || context.schema.data == NULL) {
		*err = (struct dg_sql_error){.kind = DG_SQL_E_LIMIT,
					     .text = "Statement is too large"};
		return DG_ERR_LIMIT;
	}
	st->prepared_err.text[0] = '\0';
	return dg_sql_analyze(st->tree, &context, st->work, &st->analysis, err);
}

static void
fail_names(struct dg_statement *st, const struct dg_sql_error *err)
{
	if (st->prepared_err.text[0] != '\0')
		dg_decide_fail(st, DG_DECISION_INVALID, "prepared",
			       DG_QE_NOT_FOUND, "%s", st->prepared_err.text);
	else
		fail_sql(st, err);
}

/*
 * What is wrong with the names tells of columns and of tables: who may not
 * read those is told of the refusal instead. Analysed without any columns the
 * statement shows its tables; what is wrong even then depends on its text
 * alone.
 */
static void
fail_binding(struct dg_statement *st, const struct dg_sql_error *err)
{
	struct dg_authorize_request request = dg_decide_request(st, &st->who);
	struct dg_verdict verdict = {0};
	struct dg_sql_error blind_err = {0};

	if (bind_names(st, NULL, &blind_err) != DG_OK)
		fail_names(st, &blind_err);
	else if (dg_authorize_error(&request, st->work, &verdict) != DG_OK)
		dg_decide_fail_full(st);
	else if (!verdict.allowed)
		fail_verdict(st, &verdict);
	else
		fail_names(st, err);
}

/* False: the outcome is set. True: analysis is filled, pending or not. */
static bool
analyze(struct dg_statement *st)
{
	struct dg_sql_error err = {0};

	if (bind_names(st, find_columns, &err) == DG_OK)
		return true;
	if (dg_sql_error_is_of_names(err.kind))
		fail_binding(st, &err);
	else
		fail_names(st, &err);
	return false;
}

/* EXECUTE and EXECUTE IMMEDIATE reach no further than plain statements. */
static bool
check_own_access(struct dg_statement *st)
{
	for (size_t i = 0; i < st->analysis.n_access; i++) {
		const struct dg_sql_access *access = &st->analysis.access[i];

		if (access->action != DG_SQL_ACT_SET_SESSION ||
		    !dg_own_session_is_name(access->name))
			continue;
		dg_decide_fail(st, DG_DECISION_UNSUPPORTED, "own_property",
			       DG_QE_NOT_SUPPORTED,
			       "Session properties datagateway.* can only be "
			       "set by a statement of their own");
		return false;
	}
	return true;
}

/*
 * DEALLOCATE and its like name an entry without reading it; the engine looks
 * whether it is there.
 */
static void
find_named(struct dg_statement *st)
{
	struct dg_sql_session_effect effect;
	struct dg_str text;

	dg_sql_tree_effect(st->tree, &effect);
	if (st->prepared_name.len > 0 || effect.prepared.len == 0 ||
	    dg_sql_tree_statement(st->tree) == DG_SQL_STMT_PREPARE)
		return;
	(void)find_prepared(st, effect.prepared, &text);
}

static bool
needs_cross_check(const struct dg_statement *st)
{
	return st->target.cluster->engine == DG_STORE_TRINO &&
	       st->target.cluster->cross_check != DG_STORE_CHECK_OFF;
}

/* What rides in the URIs of the statement's pages. */
static enum dg_rc
encode(struct dg_statement *st)
{
	enum dg_rc rc;

	rc = dg_changes_encode(&st->analysis, st->arena, &st->changes);
	if (rc == DG_OK && needs_cross_check(st))
		rc = dg_check_encode(&st->analysis, st->arena, &st->check);
	return rc;
}

static void
authorize(struct dg_statement *st)
{
	struct dg_authorize_request request = dg_decide_request(st, &st->who);
	struct dg_verdict verdict = {0};

	request.columns = find_columns;
	request.columns_arg = st;
	if (dg_authorize(&request, st->work, &verdict) != DG_OK) {
		dg_decide_fail_full(st);
		return;
	}
	if (!verdict.allowed) {
		fail_verdict(st, &verdict);
		return;
	}
	if (encode(st) != DG_OK) {
		dg_decide_fail_full(st);
		return;
	}
	st->observed = st->observed || verdict.observed;
	/* From now on it may be wrong; page_relay.c tells of the end. */
	dg_worker_tables_changed(st->worker, st->target.cluster->name,
				 st->changes);
	st->read_only = st->analysis.read_only;
	st->outcome = (struct dg_outcome){
		.known = true,
		.decision = DG_DECISION_ALLOWED,
		.reason = st->observed ? "would_deny" : "allowed",
		.rule_id = verdict.rule_id,
		.access_json = verdict.access_json,
	};
	if (st->observed)
		dg_metric_add(DG_METRIC_OBSERVED_DENIALS, 1);
}

/* Each table is waited for once, so this also bounds the rounds. */
static bool
may_fetch(struct dg_statement *st)
{
	size_t max = (size_t)st->config->limit_new_tables;

	st->n_fetched += st->analysis.n_pending;
	if (st->n_fetched <= max)
		return true;
	dg_decide_fail(st, DG_DECISION_INVALID, "limit", DG_QE_QUERY_REJECTED,
		       "The statement names more than %zu tables whose columns "
		       "are not known yet (limits.new_tables)",
		       max);
	return false;
}

bool
dg_decide_text(struct dg_statement *st)
{
	/* On later rounds only the columns have changed. */
	if (st->rounds == 0 &&
	    (!check_text(st) || decide_own(st) || !check_target(st) ||
	     !check_path(st) || !check_roles(st) || !check_properties(st)))
		return true;
	if (!parse(st) || !analyze(st))
		return true;
	if (st->analysis.n_pending > 0)
		return !may_fetch(st);
	if (st->crowded) {
		dg_decide_fail_crowded(st);
		return true;
	}
	if (!check_own_access(st))
		return true;
	find_named(st);
	authorize(st);
	return true;
}

struct dg_str
dg_decide_audit_text(struct dg_statement *st, uint64_t *fingerprint_out)
{
	struct dg_sql_engine engine = dg_decide_engine(st);
	struct dg_buf out;
	struct dg_str text = DG_STR_EMPTY;

	*fingerprint_out = 0;
	if (st->text.len == 0)
		return DG_STR_EMPTY;
	dg_buf_init(&out, (size_t)st->config->audit_text);
	if (dg_sql_normalize(st->text, engine, st->work, &out) == DG_OK)
		*fingerprint_out = dg_sql_fingerprint_of(dg_buf_peek(&out));
	else /* what is kept is a beginning, what is known by it all of it */
		*fingerprint_out =
			dg_sql_fingerprint(st->text, engine, st->work);
	if (dg_buf_len(&out) > 0)
		text = dg_arena_str(st->work, dg_buf_peek(&out));
	dg_buf_fini(&out);
	return text.data == NULL || text.len == 0 ? DG_STR("<too long>") : text;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - would this user be allowed this statement, and why: the answer
 * of `datagateway explain`, from the policy in force on this replica.
 *
 * No coordinator is asked: columns are known as far as the request tells them,
 * or else as this replica's workers know them already.
 */
#include "proxy/explain.h"

#include "api_private.h"
#include "base/clock.h"
#include "base/mem.h"
#include "proxy/tables.h"

enum { ANSWER_MAX = 32 << 20, TABLES_MAX = 8 << 20, POLICY_WAIT_MS = 3000 };

struct dg_store_snapshot *
dg_api_policy(struct dg_api_job *job)
{
	struct dg_store_snapshot *policy;
	struct dg_error err = {.text = ""};
	int64_t version = 0;
	enum dg_rc rc = dg_store_version(job->session->pg, job->session->loop,
					 &version, &err);

	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
		return NULL;
	}
	policy = dg_api_current_get(job->current, version, POLICY_WAIT_MS);
	if (policy == NULL)
		dg_api_problem(job, 503, "no policy has been loaded yet");
	return policy;
}

struct question {
	struct dg_api_job *job;
	struct dg_explain explain;
	struct dg_sql_engine engine;
	struct dg_tables *tables; /* owned; NULL: none is known */
	struct dg_buf errors;     /* of the body: POINTER, tab, text */
};

static void
complain(struct question *q, struct dg_str key, const char *text)
{
	if (dg_buf_appendf(&q->errors, "/%.*s\t%s\n", DG_STR_ARG(key), text) !=
	    DG_OK)
		return; /* there are enough of them */
}

static void
read_groups(struct question *q, struct dg_str key, const struct dg_json *value)
{
	size_t n = dg_json_size(value);
	struct dg_str *groups = DG_ARENA_ARRAY(q->job->arena, struct dg_str, n);

	if (groups == NULL || !dg_json_is_array(value)) {
		complain(q, key, "is a list of names");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!dg_json_string(dg_json_at(value, i), &groups[i]))
			complain(q, key, "is a list of names");
	q->explain.groups = groups;
	q->explain.n_groups = n;
}

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	return dg_tables_find(arg, table, columns_out);
}

static void
read_metadata(struct question *q, struct dg_str key,
	      const struct dg_json *value)
{
	struct dg_error err = {.text = ""};

	if (dg_tables_create(value, TABLES_MAX, &q->tables, &err) != DG_OK) {
		complain(q, key, err.text);
		return;
	}
	q->explain.columns = find_columns;
	q->explain.columns_arg = q->tables;
}

static void
read_engine(struct question *q, const struct dg_json *body)
{
	const struct dg_json *version = dg_json_get(body, "version");
	const struct dg_json *engine = dg_json_get(body, "engine");
	struct dg_str text = DG_STR_EMPTY;

	if (engine == NULL && version == NULL)
		return;
	(void)dg_json_string(engine, &text);
	q->engine.dialect = dg_str_eq(text, DG_STR("presto")) ? DG_SQL_PRESTO
							      : DG_SQL_TRINO;
	if (!dg_str_eq(text, DG_STR("presto")) &&
	    !dg_str_eq(text, DG_STR("trino")))
		complain(q, DG_STR("engine"), "is trino or presto");
	if (version != NULL &&
	    (!dg_json_string(version, &text) ||
	     dg_sql_version_parse(q->engine.dialect, text,
				  &q->engine.version) != DG_OK))
		complain(q, DG_STR("version"), "is none, such as \"476\"");
	q->explain.engine = &q->engine;
}

static void
read_member(struct question *q, struct dg_str key, const struct dg_json *value)
{
	const struct {
		const char *key;
		struct dg_str *out;
	} texts[] = {
		{"user", &q->explain.user},
		{"sql", &q->explain.sql},
		{"cluster", &q->explain.cluster},
		{"address", &q->explain.client},
		{"catalog", &q->explain.catalog},
		{"schema", &q->explain.schema},
	};
	struct dg_str time;

	for (size_t i = 0; i < DG_ARRAY_LEN(texts); i++) {
		if (!dg_str_eq(key, dg_str_from_cstr(texts[i].key)))
			continue;
		if (!dg_json_string(value, texts[i].out))
			complain(q, key, "is a text");
		return;
	}
	if (dg_str_eq(key, DG_STR("groups"))) {
		read_groups(q, key, value);
	} else if (dg_str_eq(key, DG_STR("metadata"))) {
		read_metadata(q, key, value);
	} else if (dg_str_eq(key, DG_STR("time"))) {
		if (!dg_json_string(value, &time) ||
		    dg_store_time_us(time, &q->explain.now_us) != DG_OK)
			complain(q, key,
				 "is no time in UTC, such as "
				 "2026-01-31T12:34:56Z");
	} else if (!dg_str_eq(key, DG_STR("engine")) &&
		   !dg_str_eq(key, DG_STR("version"))) {
		complain(q, key, "is not known here");
	}
}

/* False: answered. */
static bool
read_question(struct question *q, const struct dg_json *body)
{
	struct dg_json_iter iter = {0};

	while (dg_json_next(body, &iter))
		read_member(q, iter.key, iter.value);
	read_engine(q, body);
	if (q->explain.user.len == 0)
		complain(q, DG_STR("user"), "is needed");
	if (q->explain.sql.len == 0)
		complain(q, DG_STR("sql"), "is needed");
	if (dg_buf_len(&q->errors) == 0)
		return true;
	dg_api_problem_with(q->job, 422, "the question does not make sense",
			    &q->errors);
	return false;
}

static void
answer(struct question *q, struct dg_store_snapshot *policy)
{
	struct dg_api_job *job = q->job;
	struct dg_error err = {.text = ""};
	bool allowed = false;
	enum dg_rc rc;

	q->explain.policy = policy;
	rc = dg_explain_statement(&q->explain, &job->reply, &allowed, &err);
	if (rc == DG_ERR_NOT_FOUND)
		rc = DG_ERR_INVALID; /* what the body names, not the path */
	if (rc == DG_OK)
		rc = dg_explain_name_rules(job->session->pg, job->session->loop,
					   &job->reply, &err);
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
		return;
	}
	job->status = 200;
	dg_api_put_version(job, policy->version);
}

void
dg_api_explain(struct dg_api_job *job)
{
	struct question q = {
		.job = job,
		.explain = {.user = DG_STR_EMPTY,
			    .now_us = dg_clock_wall_us(),
			    .gateway = job->gateway,
			    .admins = job->admins,
			    .n_admins = job->n_admins,
			    .tells_groups = dg_api_tells_access(job)},
	};
	struct dg_store_snapshot *policy = NULL;
	struct dg_json *body = NULL;

	if (!dg_api_params(job, NULL, 0, NULL) ||
	    !dg_api_body(job, DG_STR("application/json"), &body))
		return;
	dg_buf_init(&q.errors, ANSWER_MAX);
	if (read_question(&q, body))
		policy = dg_api_policy(job);
	if (policy != NULL)
		answer(&q, policy);
	dg_store_snapshot_unref(&policy);
	dg_tables_destroy(&q.tables);
	dg_buf_fini(&q.errors);
	dg_json_destroy(&body);
}

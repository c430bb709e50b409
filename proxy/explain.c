/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - see explain.h. The decision is dg_authorize's; here are only the
 * question and the answer.
 */
#include "proxy/explain.h"

#include "authorize.h"
#include "base/json.h"

enum { ARENA_MAX = 256 << 20 };

struct explaining {
	const struct dg_explain *e;
	const struct dg_store_user *user;
	const struct dg_store_cluster *cluster;
	struct dg_arena *arena;
	struct dg_json_writer w;
};

static enum dg_rc
find_user(struct explaining *x, struct dg_error *err)
{
	x->user = dg_store_find_user(x->e->policy, x->e->user);
	if (x->user != NULL)
		return DG_OK;
	return dg_error_set(err, DG_ERR_NOT_FOUND, "there is no user \"%.*s\"",
			    DG_STR_ARG(x->e->user));
}

static enum dg_rc
find_cluster(struct explaining *x, struct dg_error *err)
{
	struct dg_str name = x->e->cluster.len > 0 ? x->e->cluster
						   : x->user->default_cluster;

	x->cluster = name.len > 0 ? dg_store_find_cluster(x->e->policy, name)
				  : dg_store_default_cluster(x->e->policy);
	if (x->cluster != NULL)
		return DG_OK;
	if (name.len > 0)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "there is no cluster \"%.*s\"",
				    DG_STR_ARG(name));
	return dg_error_set(err, DG_ERR_NOT_FOUND,
			    "the user has no default cluster: name one");
}

static enum dg_rc
analyze(const struct explaining *x, struct dg_sql_analysis *analysis_out,
	struct dg_sql_error *err)
{
	const struct dg_explain *e = x->e;
	const struct dg_sql_context context = {
		.engine = {.dialect = x->cluster->engine == DG_STORE_TRINO
					      ? DG_SQL_TRINO
					      : DG_SQL_PRESTO,
			   .version = e->version},
		.limits = &dg_sql_default_limits,
		.catalog = e->catalog.len > 0 ? e->catalog
					      : x->user->default_catalog,
		.schema =
			e->schema.len > 0 ? e->schema : x->user->default_schema,
		.columns = e->columns,
		.arg = e->columns_arg,
	};
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_parse(e->sql, context.engine, context.limits, x->arena,
			  &tree, err);
	return rc == DG_OK ? dg_sql_analyze(tree, &context, x->arena,
					    analysis_out, err)
			   : rc;
}

static void
put_error(struct explaining *x, const struct dg_sql_error *err)
{
	dg_json_key(&x->w, "ok");
	dg_json_put_bool(&x->w, false);
	dg_json_key(&x->w, "allowed");
	dg_json_put_bool(&x->w, false);
	dg_json_key(&x->w, "reason");
	dg_json_put_cstr(&x->w, dg_sql_error_kind_name(err->kind));
	dg_json_key(&x->w, "message");
	dg_json_put_cstr(&x->w, err->text);
	dg_json_key(&x->w, "line");
	dg_json_put_int(&x->w, err->line);
	dg_json_key(&x->w, "column");
	dg_json_put_int(&x->w, err->column);
}

static void
put_verdict(struct explaining *x, const struct dg_verdict *verdict,
	    bool may_use)
{
	bool allowed = verdict->allowed && may_use && !x->user->disabled;

	dg_json_key(&x->w, "ok");
	dg_json_put_bool(&x->w, true);
	dg_json_key(&x->w, "allowed");
	dg_json_put_bool(&x->w, allowed);
	dg_json_key(&x->w, "reason");
	if (x->user->disabled)
		dg_json_put_cstr(&x->w, "user_disabled");
	else if (!may_use)
		dg_json_put_cstr(&x->w, "cluster_not_granted");
	else
		dg_json_put_str(&x->w, verdict->reason);
	if (verdict->message.len > 0) {
		dg_json_key(&x->w, "message");
		dg_json_put_str(&x->w, verdict->message);
	}
	if (verdict->line > 0) {
		dg_json_key(&x->w, "line");
		dg_json_put_int(&x->w, verdict->line);
		dg_json_key(&x->w, "column");
		dg_json_put_int(&x->w, verdict->column);
	}
	dg_json_key(&x->w, "access");
	dg_json_put_raw(&x->w, verdict->access_json);
}

static enum dg_rc
decide(struct explaining *x, bool *allowed_out)
{
	struct dg_authorize_request request = {
		.policy = x->e->policy->acl,
		.user = x->e->user,
		.client = x->e->client,
		.cluster = x->cluster->name,
		.now_us = x->e->now_us,
		.text = x->e->sql,
		.columns = x->e->columns,
		.columns_arg = x->e->columns_arg,
		.explain = true,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_error err = {.line = 0};
	struct dg_verdict verdict = {.allowed = false};
	enum dg_rc rc = analyze(x, &analysis, &err);
	bool may_use;

	*allowed_out = false;
	if (rc == DG_ERR_LIMIT)
		return rc;
	if (rc != DG_OK) {
		put_error(x, &err);
		return DG_OK;
	}
	request.analysis = &analysis;
	may_use = dg_authorize_one(&request, DG_ACL_P_USE, DG_ACL_CLUSTER,
				   x->cluster->name, x->arena);
	rc = dg_authorize(&request, x->arena, &verdict);
	if (rc == DG_OK)
		put_verdict(x, &verdict, may_use);
	*allowed_out =
		rc == DG_OK && verdict.allowed && may_use && !x->user->disabled;
	return rc;
}

enum dg_rc
dg_explain_statement(const struct dg_explain *explain, struct dg_buf *json_out,
		     bool *allowed_out, struct dg_error *err)
{
	struct explaining x = {.e = explain};
	enum dg_rc rc;

	rc = find_user(&x, err);
	if (rc == DG_OK)
		rc = find_cluster(&x, err);
	if (rc != DG_OK)
		return rc;
	x.arena = dg_arena_create(ARENA_MAX);
	dg_json_begin(&x.w, json_out);
	dg_json_object_open(&x.w);
	rc = decide(&x, allowed_out);
	if (rc == DG_OK) {
		dg_json_key(&x.w, "cluster");
		dg_json_put_str(&x.w, x.cluster->name);
		dg_json_key(&x.w, "policy_version");
		dg_json_put_int(&x.w, explain->policy->version);
		dg_json_object_close(&x.w);
		rc = dg_json_finish(&x.w);
	}
	if (rc != DG_OK)
		rc = dg_error_set(err, DG_ERR_LIMIT,
				  "the statement is too large to explain");
	dg_arena_destroy(&x.arena);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - see explain.h. The decision is dg_authorize's; here are only the
 * question and the answer.
 */
#include "proxy/explain.h"

#include "acl/reach.h"
#include "authorize.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "proxy/known.h"
#include "store/admin.h"

enum {
	ARENA_MAX = 256 << 20,
	ANSWER_MAX = 64 << 20,
	IDS_MAX = 1 << 20,
	TABLES_MAX = 64,   /* that workers are asked about */
	GROUPS_MAX = 1024, /* that are decided with, one after the other */
	GROUPS_MS = 1000,  /* for all of them */
};

struct explaining {
	const struct dg_explain *e;
	const struct dg_store_user *user;
	const struct dg_store_cluster *cluster;
	const struct dg_str *roles; /* by the groups */
	size_t n_roles;
	struct dg_arena *arena;
	struct dg_json_writer w;
	struct dg_sql_engine engine;
	enum dg_sql_accounting accounting;
	struct dg_known *known; /* owned; NULL: the caller tells, or nobody */
	struct dg_map asked;    /* make_key -> struct answer */
	const struct answer *unknown; /* the last one */
	size_t n_known;
	size_t n_asked;              /* of workers */
	bool is_cut;                 /* there were more to ask about */
	const struct answer *beyond; /* what the caller is not to ask about */
};

/* What was said of a table; in the arena. */
struct answer {
	struct dg_str name;
	enum dg_sql_lookup lookup;
	struct dg_sql_columns columns;
	const struct answer *next; /* unknown before it, or beyond */
	bool is_named; /* by the statement itself; of those beyond, by then */
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

/* ---- columns ------------------------------------------------------------- */

/* Nobody is told more than what its rows are about. */
static bool
is_told(const struct explaining *x, const struct dg_sql_name *name)
{
	struct dg_arena_mark mark = dg_arena_mark(x->arena);
	const struct dg_acl_object object = {
		.kind = name->table.len > 0    ? DG_ACL_TABLE
			: name->schema.len > 0 ? DG_ACL_SCHEMA
					       : DG_ACL_CATALOG,
		.catalog = name->catalog,
		.schema = name->schema,
		.name = name->table,
	};
	bool is_concerned;

	if (x->e->admins == NULL || name->catalog.len == 0)
		return true;
	is_concerned = dg_acl_is_concerned(x->e->policy->acl, x->e->admins,
					   x->e->n_admins, x->cluster->name,
					   &object, x->arena);
	dg_arena_rewind(x->arena, mark);
	return is_concerned;
}

/* By the workers; the first ones are as good as any. */
static enum dg_sql_lookup
ask_workers(struct explaining *x, const struct dg_sql_name *table,
	    struct dg_sql_columns *columns_out)
{
	if (x->beyond != NULL)
		return DG_SQL_UNAVAILABLE; /* there will be no answer */
	if (x->n_asked == TABLES_MAX) {
		x->is_cut = true;
		return DG_SQL_UNAVAILABLE;
	}
	x->n_asked++;
	return dg_known_columns(x->known, table, columns_out);
}

static void
look_up(struct explaining *x, const struct dg_sql_name *table,
	struct answer *answer)
{
	answer->lookup = DG_SQL_UNAVAILABLE;
	if (!is_told(x, table)) {
		answer->next = x->beyond;
		x->beyond = answer;
		return;
	}
	answer->lookup = x->e->columns == NULL
				 ? ask_workers(x, table, &answer->columns)
				 : x->e->columns(x->e->columns_arg, table,
						 &answer->columns);
	if (answer->lookup == DG_SQL_FOUND || answer->lookup == DG_SQL_ABSENT) {
		x->n_known++;
		return;
	}
	/* It is about rights that he asks; that it may be a view, he is told.
	 */
	answer->lookup = DG_SQL_NO_VIEW;
	answer->next = x->unknown;
	x->unknown = answer;
}

static struct dg_str
say_name(struct dg_arena *arena, const struct dg_sql_name *name)
{
	return dg_arena_printf(
		arena, "%.*s.%.*s.%.*s", DG_STR_ARG(name->catalog),
		DG_STR_ARG(name->schema), DG_STR_ARG(name->table));
}

/* Dots may stand in a name as well, so that its parts are counted out. */
static struct dg_str
make_key(struct dg_arena *arena, const struct dg_sql_name *name)
{
	return dg_arena_printf(arena, "%zu.%zu.%.*s%.*s%.*s", name->catalog.len,
			       name->schema.len, DG_STR_ARG(name->catalog),
			       DG_STR_ARG(name->schema),
			       DG_STR_ARG(name->table));
}

/* NULL: it has not been looked up. Leaves nothing in the arena. */
static struct answer *
recall(const struct explaining *x, const struct dg_sql_name *table)
{
	struct dg_arena_mark mark = dg_arena_mark(x->arena);
	struct dg_str key = make_key(x->arena, table);
	struct answer *answer =
		key.data == NULL ? NULL : dg_map_get(&x->asked, key);

	dg_arena_rewind(x->arena, mark);
	return answer;
}

/* NULL: the arena is full. */
static struct answer *
learn(struct explaining *x, const struct dg_sql_name *table)
{
	struct answer *answer = DG_ARENA_NEW(x->arena, struct answer);
	struct dg_str key = make_key(x->arena, table);

	if (answer == NULL || key.data == NULL)
		return NULL;
	answer->name = say_name(x->arena, table);
	if (answer->name.data == NULL ||
	    dg_map_put(&x->asked, key, answer, NULL) != DG_OK)
		return NULL;
	look_up(x, table, answer);
	return answer;
}

/* A dg_sql_columns_fn: one answer for the whole statement. */
static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	struct answer *answer = recall(arg, table);

	if (answer == NULL)
		answer = learn(arg, table);
	if (answer == NULL)
		return DG_SQL_UNAVAILABLE;
	*columns_out = answer->columns;
	return answer->lookup;
}

/* The same once the statement is decided: what else is to be found? */
static enum dg_sql_lookup
recall_columns(void *arg, const struct dg_sql_name *table,
	       struct dg_sql_columns *columns_out)
{
	const struct answer *answer = recall(arg, table);

	if (answer == NULL)
		return DG_SQL_UNAVAILABLE;
	*columns_out = answer->columns;
	return answer->lookup;
}

/* The same of a statement whose views are not opened: what it names itself. */
static enum dg_sql_lookup
note_named(void *arg, const struct dg_sql_name *table,
	   struct dg_sql_columns *columns_out)
{
	struct answer *answer = recall(arg, table);

	(void)columns_out;
	if (answer != NULL)
		answer->is_named = true;
	return DG_SQL_NO_VIEW;
}

/* NULL: nobody tells, which is not the same as that nobody knows. */
static dg_sql_columns_fn
columns_of(const struct explaining *x)
{
	return x->e->columns == NULL && x->known == NULL ? NULL : find_columns;
}

/* As what the statement is read, and who tells of columns. */
static void
open_known(struct explaining *x)
{
	x->engine.dialect = x->cluster->engine == DG_STORE_TRINO
				    ? DG_SQL_TRINO
				    : DG_SQL_PRESTO;
	if (x->e->gateway != NULL) {
		x->known = dg_gateway_know(x->e->gateway, x->cluster->name);
		(void)dg_known_reading(x->known, &x->engine, &x->accounting);
	}
	if (x->e->engine != NULL)
		x->engine = *x->e->engine;
}

static enum dg_rc
analyze(struct explaining *x, dg_sql_columns_fn columns,
	struct dg_sql_analysis *analysis_out, struct dg_sql_error *err)
{
	const struct dg_explain *e = x->e;
	struct dg_sql_context context = {
		.engine = x->engine,
		.limits = &dg_sql_default_limits,
		.catalog = e->catalog.len > 0 ? e->catalog
					      : x->user->default_catalog,
		.schema =
			e->schema.len > 0 ? e->schema : x->user->default_schema,
		.user = e->user,
		.accounting = x->accounting,
		.columns = columns,
		.arg = x,
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

/* Of a refusal: who may give whatever is missing. */
static void
put_admins(struct explaining *x)
{
	const struct dg_str *names;
	size_t n;

	if (dg_acl_admin_names(x->e->policy->acl, x->arena, &names, &n) !=
	    DG_OK)
		return;
	dg_json_key(&x->w, "admins");
	dg_json_array_open(&x->w);
	for (size_t i = 0; i < n; i++)
		dg_json_put_str(&x->w, names[i]);
	dg_json_array_close(&x->w);
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
	if (!allowed)
		put_admins(x);
	dg_json_key(&x->w, "access");
	dg_json_put_raw(&x->w, verdict->access_json);
}

/* ---- what is beyond the caller's scope ------------------------------------
 */

static const struct dg_sql_access *
find_beyond(const struct explaining *x, const struct dg_sql_analysis *analysis)
{
	for (size_t i = 0; i < analysis->n_access; i++)
		if (!is_told(x, &analysis->access[i].object))
			return &analysis->access[i];
	return NULL;
}

/* What a view reads stands where the statement names the view. */
static const struct dg_sql_access *
find_table_at(const struct dg_sql_analysis *analysis, size_t offset)
{
	for (size_t i = 0; i < analysis->n_access; i++)
		if (analysis->access[i].offset == offset &&
		    analysis->access[i].object.table.len > 0)
			return &analysis->access[i];
	return NULL;
}

static enum dg_rc
refuse_named(struct dg_str name, struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_DENIED,
			    "%.*s is beyond your catalogs, schemas and tags",
			    DG_STR_ARG(name));
}

/* found NULL: the statement could not be read. */
static enum dg_rc
refuse_read(struct explaining *x, const struct dg_sql_analysis *named,
	    const struct dg_sql_access *found, struct dg_error *err)
{
	const struct dg_sql_access *view =
		found == NULL ? NULL : find_table_at(named, found->offset);
	struct dg_str name = DG_STR("a view of the statement");

	if (view != NULL)
		name = say_name(x->arena, &view->object);
	return dg_error_set(err, DG_ERR_DENIED,
			    "%.*s reads what is beyond your catalogs, schemas "
			    "and tags",
			    DG_STR_ARG(name));
}

/*
 * Names what the statement itself names, or the view that reads it: what views
 * are made of is not told.
 */
static enum dg_rc
refuse_beyond(struct explaining *x, const struct dg_sql_access *found,
	      struct dg_error *err)
{
	struct dg_sql_analysis named = {.n_access = 0};
	struct dg_sql_error ignored = {.line = 0};
	const struct dg_sql_access *access;

	if (analyze(x, note_named, &named, &ignored) != DG_OK)
		named.n_access = 0;
	for (const struct answer *a = x->beyond; a != NULL; a = a->next)
		if (a->is_named)
			return refuse_named(a->name, err);
	access = find_beyond(x, &named);
	return access != NULL
		       ? refuse_named(say_name(x->arena, &access->object), err)
		       : refuse_read(x, &named, found, err);
}

/*
 * Also of a statement that cannot be read: how it fails would tell of tables
 * that were looked at.
 */
static enum dg_rc
check_scope(struct explaining *x, const struct dg_sql_analysis *analysis,
	    struct dg_error *err)
{
	const struct dg_sql_access *found = find_beyond(x, analysis);

	return x->beyond == NULL && found == NULL
		       ? DG_OK
		       : refuse_beyond(x, found, err);
}

/* ---- what groups change --------------------------------------------------
 */

/*
 * The same question of a session with other roles. scratch is another arena
 * than that of the explanation, where answers about columns are kept.
 */
static enum dg_rc
is_allowed_with(const struct dg_authorize_request *asked,
		const struct dg_str *roles, size_t n_roles,
		struct dg_arena *scratch, bool *allowed_out)
{
	struct dg_authorize_request request = *asked;
	struct dg_verdict verdict = {.allowed = false};
	enum dg_rc rc;

	request.explain = false;
	request.columns = asked->columns == NULL ? NULL : recall_columns;
	request.roles = roles;
	request.n_roles = n_roles;
	rc = dg_authorize(&request, scratch, &verdict);
	*allowed_out = rc == DG_OK && verdict.allowed &&
		       dg_authorize_one(&request, DG_ACL_P_USE, DG_ACL_CLUSTER,
					request.cluster, scratch);
	return rc;
}

/* Whether a token that names the group would be refused what is allowed. */
static enum dg_rc
is_refused_with(const struct explaining *x,
		const struct dg_authorize_request *asked, struct dg_str group,
		struct dg_arena *scratch, size_t *n_decided, bool *refused_out)
{
	struct dg_acl_request who = {.user = x->e->user};
	bool allowed = true;
	bool denies = false;
	enum dg_rc rc;

	rc = dg_store_group_roles(x->e->policy, &group, 1, scratch, &who.roles,
				  &who.n_roles);
	if (rc == DG_OK)
		rc = dg_acl_session_denies(x->e->policy->acl, &who, scratch,
					   &denies);
	if (rc == DG_OK && denies) {
		(*n_decided)++;
		rc = is_allowed_with(asked, who.roles, who.n_roles, scratch,
				     &allowed);
	}
	*refused_out = !allowed;
	return rc;
}

static void
put_flag(struct explaining *x, const char *key)
{
	dg_json_key(&x->w, key);
	dg_json_put_bool(&x->w, true);
}

/*
 * Groups are known of tokens only. What is allowed without any may be refused
 * with one; the list is left out when it is empty. Each is a decision anew:
 * who asks about a long statement holds up others.
 */
static enum dg_rc
put_refusing_groups(struct explaining *x,
		    const struct dg_authorize_request *asked,
		    struct dg_arena *scratch)
{
	uint64_t until_ms = dg_clock_mono_ms() + GROUPS_MS;
	const struct dg_str *groups;
	size_t n;
	size_t n_decided = 0;
	size_t i = 0;
	bool is_open = false;
	enum dg_rc rc = dg_store_groups(x->e->policy, x->arena, &groups, &n);

	for (; rc == DG_OK && i < n; i++) {
		bool refused;

		if (n_decided == GROUPS_MAX || dg_clock_mono_ms() >= until_ms)
			break;
		rc = is_refused_with(x, asked, groups[i], scratch, &n_decided,
				     &refused);
		dg_arena_reset(scratch);
		if (rc != DG_OK || !refused)
			continue;
		if (!is_open) {
			dg_json_key(&x->w, "refused_with_groups");
			dg_json_array_open(&x->w);
		}
		is_open = true;
		dg_json_put_str(&x->w, groups[i]);
	}
	if (is_open)
		dg_json_array_close(&x->w);
	if (rc == DG_OK && i < n)
		put_flag(x, "groups_cut");
	return rc;
}

static enum dg_rc
put_allowed_without(struct explaining *x,
		    const struct dg_authorize_request *asked,
		    struct dg_arena *scratch)
{
	bool allowed;
	enum dg_rc rc = is_allowed_with(asked, NULL, 0, scratch, &allowed);

	if (rc == DG_OK && allowed)
		put_flag(x, "allowed_without_groups");
	return rc;
}

/* What the groups of a token change, seen from either side. */
static enum dg_rc
put_groups(struct explaining *x, const struct dg_authorize_request *asked,
	   bool allowed)
{
	struct dg_arena *scratch;
	enum dg_rc rc;

	if (allowed ? x->e->n_groups > 0 : x->n_roles == 0)
		return DG_OK;
	if (!x->e->tells_groups) {
		put_flag(x, "groups_hidden");
		return DG_OK;
	}
	scratch = dg_arena_create(ARENA_MAX);
	rc = allowed ? put_refusing_groups(x, asked, scratch)
		     : put_allowed_without(x, asked, scratch);
	dg_arena_destroy(&scratch);
	return rc;
}

static enum dg_rc
decide(struct explaining *x, bool *allowed_out, struct dg_error *why)
{
	struct dg_authorize_request request = {
		.policy = x->e->policy->acl,
		.user = x->e->user,
		.roles = x->roles,
		.n_roles = x->n_roles,
		.client = x->e->client,
		.cluster = x->cluster->name,
		.now_us = x->e->now_us,
		.text = x->e->sql,
		.columns = columns_of(x),
		.columns_arg = x,
		.explain = true,
	};
	struct dg_sql_analysis analysis = {.n_access = 0};
	struct dg_sql_error err = {.line = 0};
	struct dg_verdict verdict = {.allowed = false};
	enum dg_rc rc = analyze(x, columns_of(x), &analysis, &err);
	bool may_use;

	*allowed_out = false;
	if (rc == DG_ERR_LIMIT)
		return rc;
	if (rc != DG_OK) {
		analysis.n_access = 0;
		rc = check_scope(x, &analysis, why);
		if (rc == DG_OK)
			put_error(x, &err);
		return rc;
	}
	rc = check_scope(x, &analysis, why);
	if (rc != DG_OK)
		return rc;
	request.analysis = &analysis;
	may_use = dg_authorize_one(&request, DG_ACL_P_USE, DG_ACL_CLUSTER,
				   x->cluster->name, x->arena);
	rc = dg_authorize(&request, x->arena, &verdict);
	if (rc != DG_OK)
		return rc;
	put_verdict(x, &verdict, may_use);
	*allowed_out = verdict.allowed && may_use && !x->user->disabled;
	return x->user->disabled ? DG_OK
				 : put_groups(x, &request, *allowed_out);
}

static void
put_metadata(struct explaining *x)
{
	const char *who = "known";

	if (x->e->columns != NULL)
		who = "given";
	else if (x->known == NULL || (x->unknown != NULL && x->n_known == 0))
		who = "unknown";
	else if (x->unknown != NULL)
		who = "partly";
	dg_json_key(&x->w, "metadata");
	dg_json_put_cstr(&x->w, who);
	if (x->unknown == NULL)
		return;
	dg_json_key(&x->w, "unknown_tables");
	dg_json_array_open(&x->w);
	for (const struct answer *a = x->unknown; a != NULL; a = a->next)
		dg_json_put_str(&x->w, a->name);
	dg_json_array_close(&x->w);
	if (x->is_cut)
		put_flag(x, "tables_cut");
}

static enum dg_rc
write_answer(struct explaining *x, bool *allowed_out, struct dg_error *err)
{
	enum dg_rc rc;

	dg_json_object_open(&x->w);
	rc = decide(x, allowed_out, err);
	if (rc != DG_OK)
		return rc;
	dg_json_key(&x->w, "user");
	dg_json_put_str(&x->w, x->e->user);
	dg_json_key(&x->w, "cluster");
	dg_json_put_str(&x->w, x->cluster->name);
	put_metadata(x);
	dg_json_key(&x->w, "policy_version");
	dg_json_put_int(&x->w, x->e->policy->version);
	dg_json_object_close(&x->w);
	return dg_json_finish(&x->w);
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
	dg_map_init(&x.asked, x.arena);
	open_known(&x);
	dg_json_begin(&x.w, json_out);
	rc = dg_store_group_roles(explain->policy, explain->groups,
				  explain->n_groups, x.arena, &x.roles,
				  &x.n_roles);
	if (rc == DG_OK)
		rc = write_answer(&x, allowed_out, err);
	if (rc != DG_OK && rc != DG_ERR_DENIED)
		rc = dg_error_set(err, DG_ERR_LIMIT,
				  "the statement is too large to explain");
	dg_known_close(&x.known);
	dg_arena_destroy(&x.arena);
	return rc;
}

/* ---- names of rules ------------------------------------------------------ */

/* "7,8": those that fit. */
static void
list_ids(const struct dg_json *access, struct dg_buf *out)
{
	for (size_t i = 0; i < dg_json_size(access); i++) {
		const struct dg_json *rules =
			dg_json_get(dg_json_at(access, i), "rules");

		for (size_t j = 0; j < dg_json_size(rules); j++) {
			int64_t id = 0;

			if (dg_json_int(dg_json_at(rules, j), &id) &&
			    dg_buf_appendf(out, "%s%lld",
					   dg_buf_len(out) > 0 ? "," : "",
					   (long long)id) != DG_OK)
				return;
		}
	}
}

static enum dg_rc
write_named(const struct dg_json *answer, const struct dg_json *names,
	    struct dg_buf *out)
{
	struct dg_json_iter iter = {0};
	struct dg_json_writer w;

	dg_buf_clear(out);
	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	while (dg_json_next(answer, &iter)) {
		dg_json_key_str(&w, iter.key);
		dg_json_put_value(&w, iter.value);
	}
	dg_json_key(&w, "rule_names");
	dg_json_put_value(&w, names);
	dg_json_object_close(&w);
	return dg_json_finish(&w);
}

enum dg_rc
dg_explain_name_rules(struct dg_pg *pg, struct dg_loop *loop,
		      struct dg_buf *json, struct dg_error *err)
{
	struct dg_json *answer = NULL;
	struct dg_json *names = NULL;
	struct dg_buf ids;
	enum dg_rc rc;

	dg_buf_init(&ids, IDS_MAX);
	rc = dg_json_parse(dg_buf_peek(json), ANSWER_MAX, &answer, err);
	if (rc == DG_OK) {
		list_ids(dg_json_get(answer, "access"), &ids);
		rc = dg_store_rule_names(pg, loop, dg_buf_peek(&ids), &names,
					 err);
	}
	if (rc == DG_OK && write_named(answer, names, json) != DG_OK)
		rc = dg_error_set(err, DG_ERR_LIMIT, "the answer is too long");
	dg_json_destroy(&names);
	dg_json_destroy(&answer);
	dg_buf_fini(&ids);
	return rc;
}

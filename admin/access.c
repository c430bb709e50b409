/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.c - who may use an object, and what a user may use: the policy read
 * the other way round (acl/reach.h), with what acl does not know: who is
 * disabled, and who may use which cluster.
 *
 * Names are the policy's, whatever clusters call their catalogs.
 */
#include "acl/reach.h"

#include <stdio.h>
#include <stdlib.h>

#include "api_private.h"
#include "base/clock.h"
#include "base/mem.h"

enum { ITEMS_MAX = 10000, ANSWER_ARENA_MAX = 256 << 20, IDS_MAX = 1 << 20 };

/* What both questions have in common. */
struct asked {
	struct dg_api_job *job;
	struct dg_store_snapshot *policy; /* ref */
	struct dg_arena *arena;
	enum dg_acl_privilege privilege;
	struct dg_str cluster; /* empty: any, or the user's */
	struct dg_acl_request request;
	struct dg_buf ids; /* of rules, to be named */
};

/* False: answered. */
static bool
read_common(struct asked *a, struct dg_str privilege, struct dg_str cluster,
	    struct dg_str address, struct dg_str time)
{
	uint32_t mask = privilege.data == NULL
				? DG_ACL_BIT(DG_ACL_P_SELECT)
				: dg_acl_privilege_parse(privilege);

	a->request = (struct dg_acl_request){
		.user = DG_STR_EMPTY,
		.client = address.data == NULL ? DG_STR_EMPTY : address,
		.policy_names = true,
		.now_us = dg_clock_wall_us(),
	};
	a->cluster = cluster.data == NULL ? DG_STR_EMPTY : cluster;
	a->privilege = DG_ACL_P_COUNT;
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++)
		if (mask == DG_ACL_BIT(p))
			a->privilege = (enum dg_acl_privilege)p;
	if (a->privilege == DG_ACL_P_COUNT) {
		dg_api_bad_parameter(a->job, DG_STR("privilege"),
				     "is one such as select, and no bundle");
		return false;
	}
	if (time.data != NULL &&
	    dg_store_time_us(time, &a->request.now_us) != DG_OK) {
		dg_api_bad_parameter(a->job, DG_STR("time"),
				     "is no time in UTC, such as "
				     "2026-01-31T12:34:56Z");
		return false;
	}
	a->policy = dg_api_policy(a->job);
	return a->policy != NULL;
}

static bool
is_known_cluster(const struct asked *a)
{
	if (a->cluster.len == 0 ||
	    dg_store_find_cluster(a->policy, a->cluster) != NULL)
		return true;
	dg_api_bad_parameter(a->job, DG_STR("cluster"), "there is none such");
	return false;
}

static enum dg_rc
decide_use(const struct asked *a, struct dg_str user, struct dg_str cluster,
	   bool *may_out)
{
	const struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_USE,
		.object = {.kind = DG_ACL_CLUSTER, .name = cluster},
	};
	struct dg_acl_request request = a->request;
	struct dg_acl_decision decision = {.allowed = false};
	enum dg_rc rc;

	request.user = user;
	request.cluster = cluster;
	request.entries = &entry;
	request.n_entries = 1;
	rc = dg_acl_decide(a->policy->acl, NULL, &request, a->arena, &decision);
	*may_out = decision.allowed;
	return rc;
}

/* ---- writing ------------------------------------------------------------ */

static void
note_rule(struct asked *a, int64_t id)
{
	if (id != 0 && dg_buf_appendf(&a->ids, "%s%lld",
				      dg_buf_len(&a->ids) > 0 ? "," : "",
				      (long long)id) != DG_OK)
		return; /* those that fit are named */
}

static void
put_list(struct dg_json_writer *w, const char *key, const struct dg_str *names,
	 size_t n)
{
	dg_json_key(w, key);
	dg_json_array_open(w);
	for (size_t i = 0; i < n; i++)
		dg_json_put_str(w, names[i]);
	dg_json_array_close(w);
}

static void
put_text(struct dg_json_writer *w, const char *key, struct dg_str text)
{
	dg_json_key(w, key);
	dg_json_put_str(w, text);
}

static void
put_rights(struct dg_json_writer *w, const struct dg_acl_rights *rights)
{
	if (rights->whole) {
		put_text(w, "columns", DG_STR("*"));
		if (rights->n_denied > 0)
			put_list(w, "except", rights->denied, rights->n_denied);
		return;
	}
	put_list(w, "columns", rights->columns, rights->n_columns);
}

static void
put_rule(struct asked *a, struct dg_json_writer *w, int64_t id)
{
	if (id == 0)
		return;
	dg_json_key(w, "rule");
	dg_json_put_int(w, id);
	note_rule(a, id);
}

/* The version, and what the rules that were told are called. */
static void
put_end(struct asked *a, struct dg_json_writer *w)
{
	struct dg_json *names = NULL;
	struct dg_error err = {.text = ""};
	enum dg_rc rc =
		dg_store_rule_names(a->job->session->pg, a->job->session->loop,
				    dg_buf_peek(&a->ids), &names, &err);

	if (rc != DG_OK) {
		dg_api_fail(a->job, rc, &err);
		return;
	}
	put_text(w, "privilege",
		 dg_str_from_cstr(dg_acl_privilege_name(a->privilege)));
	dg_json_key(w, "policy_version");
	dg_json_put_int(w, a->policy->version);
	dg_json_key(w, "rule_names");
	dg_json_put_value(w, names);
	dg_json_object_close(w);
	dg_api_put_version(a->job, a->policy->version);
	dg_api_reply_end(a->job, w);
	dg_json_destroy(&names);
}

static void
init(struct asked *a, struct dg_api_job *job)
{
	*a = (struct asked){.job = job,
			    .arena = dg_arena_create(ANSWER_ARENA_MAX)};
	dg_buf_init(&a->ids, IDS_MAX);
}

static void
fini(struct asked *a)
{
	dg_store_snapshot_unref(&a->policy);
	dg_arena_destroy(&a->arena);
	dg_buf_fini(&a->ids);
}

/* ---- who may use an object ---------------------------------------------- */

/* One user on one cluster. All of it in the arena. */
struct holder {
	struct dg_str user;
	struct dg_str cluster;
	struct dg_str path;
	int64_t rule_id;
	bool observed;
	bool any_column; /* rights are told */
	struct dg_acl_rights rights;
};

struct holders {
	struct asked *a;
	struct dg_str cluster; /* the one of this walk */
	struct holder *items;  /* in the arena */
	size_t n;
	size_t max;
	size_t n_of_cluster;
	unsigned limit; /* of users */
	struct dg_str last;
};

static enum dg_rc
copy_names(struct dg_arena *arena, const struct dg_str **names, size_t n)
{
	struct dg_str *copy = DG_ARENA_ARRAY(arena, struct dg_str, n);

	for (size_t i = 0; copy != NULL && i < n; i++)
		copy[i] = (*names)[i]; /* the names are the policy's */
	*names = copy;
	return copy == NULL ? DG_ERR_LIMIT : DG_OK;
}

/* CONFLICT: there are enough. */
static enum dg_rc
add_holder(void *arg, struct dg_str user, const struct dg_acl_outcome *outcome,
	   const struct dg_acl_rights *rights)
{
	struct holders *h = arg;
	const struct dg_store_user *known =
		dg_store_find_user(h->a->policy, user);
	struct holder *item = &h->items[h->n];
	bool may_use = false;
	enum dg_rc rc;

	if (known == NULL || known->disabled)
		return DG_OK;
	rc = decide_use(h->a, user, h->cluster, &may_use);
	if (rc != DG_OK || !may_use)
		return rc;
	if (h->n_of_cluster > h->limit || h->n == h->max)
		return DG_ERR_CONFLICT;
	*item = (struct holder){
		.user = user,
		.cluster = h->cluster,
		.path = dg_arena_str(h->a->arena, outcome->path),
		.rule_id = outcome->rule_id,
		.observed = outcome->observed,
		.any_column = rights != NULL,
	};
	h->n++;
	h->n_of_cluster++;
	if (item->path.data == NULL)
		return DG_ERR_LIMIT;
	if (rights == NULL)
		return DG_OK;
	item->rights = *rights;
	if (copy_names(h->a->arena, &item->rights.columns, rights->n_columns) !=
	    DG_OK)
		return DG_ERR_LIMIT;
	return copy_names(h->a->arena, &item->rights.denied, rights->n_denied);
}

static bool
is_same_names(const struct dg_str *x, size_t n, const struct dg_str *y,
	      size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (!dg_str_eq(x[i], y[i]))
			return false;
	return n == m;
}

/* What is the same on two clusters is told once. */
static bool
is_same_answer(const struct holder *x, const struct holder *y)
{
	return dg_str_eq(x->user, y->user) && x->rule_id == y->rule_id &&
	       x->observed == y->observed &&
	       x->rights.whole == y->rights.whole &&
	       is_same_names(x->rights.columns, x->rights.n_columns,
			     y->rights.columns, y->rights.n_columns) &&
	       is_same_names(x->rights.denied, x->rights.n_denied,
			     y->rights.denied, y->rights.n_denied);
}

static int
compare_holders(const void *a, const void *b)
{
	const struct holder *x = a;
	const struct holder *y = b;
	int order = dg_str_cmp(x->user, y->user);

	if (order == 0 && x->rule_id != y->rule_id)
		order = x->rule_id < y->rule_id ? -1 : 1;
	return order == 0 ? dg_str_cmp(x->cluster, y->cluster) : order;
}

static size_t
put_holder(struct holders *h, struct dg_json_writer *w, size_t at)
{
	const struct holder *item = &h->items[at];

	dg_json_object_open(w);
	put_text(w, "user", item->user);
	dg_json_key(w, "clusters");
	dg_json_array_open(w);
	for (; at < h->n && is_same_answer(item, &h->items[at]); at++)
		dg_json_put_str(w, h->items[at].cluster);
	dg_json_array_close(w);
	if (item->any_column && !item->observed)
		put_rights(w, &item->rights);
	if (item->observed) {
		dg_json_key(w, "observed");
		dg_json_put_bool(w, true);
	}
	put_rule(h->a, w, item->rule_id);
	if (item->path.len > 0)
		put_text(w, "path", item->path);
	dg_json_object_close(w);
	return at;
}

/* So many users, sorted; the cursor of what follows. */
static void
put_holders(struct holders *h, struct dg_json_writer *w)
{
	unsigned n_users = 0;
	size_t at = 0;

	if (h->n > 0)
		qsort(h->items, h->n, sizeof(h->items[0]), compare_holders);
	dg_json_key(w, "items");
	dg_json_array_open(w);
	while (at < h->n) {
		if (at == 0 ||
		    !dg_str_eq(h->items[at].user, h->items[at - 1].user))
			n_users++;
		if (n_users > h->limit)
			break;
		h->last = h->items[at].user;
		at = put_holder(h, w, at);
	}
	dg_json_array_close(w);
	if (at < h->n)
		dg_api_put_cursor(h->a->job, w, h->last);
}

/* One cluster after the other; false: answered. */
static bool
find_holders(struct holders *h, struct dg_str after,
	     const struct dg_acl_entry *entry, bool any_column)
{
	struct asked *a = h->a;
	enum dg_rc rc = DG_OK;

	h->max = (size_t)(h->limit + 1) * a->policy->n_clusters + 1;
	h->items = DG_ARENA_ARRAY(a->arena, struct holder, h->max);
	if (h->items == NULL)
		rc = DG_ERR_LIMIT;
	a->request.entries = entry;
	a->request.n_entries = 1;
	for (size_t i = 0; rc == DG_OK && i < a->policy->n_clusters; i++) {
		const struct dg_store_cluster *c = &a->policy->clusters[i];

		if (!c->enabled ||
		    (a->cluster.len > 0 && !dg_str_eq(c->name, a->cluster)))
			continue;
		h->cluster = c->name;
		h->n_of_cluster = 0;
		a->request.cluster = c->name;
		rc = dg_acl_each_holder(a->policy->acl, &a->request, any_column,
					after, add_holder, h);
		if (rc == DG_ERR_CONFLICT)
			rc = DG_OK; /* enough of this one */
	}
	a->request.entries = NULL; /* the caller's */
	a->request.n_entries = 0;
	if (rc != DG_OK)
		dg_api_problem(a->job, 413, "the answer is too long");
	return rc == DG_OK;
}

/* False: answered. */
static bool
is_concerned(struct asked *a, const struct dg_acl_object *object)
{
	if (a->job->admins == NULL ||
	    dg_acl_is_concerned(a->policy->acl, a->job->admins,
				a->job->n_admins, DG_STR_EMPTY, object,
				a->arena))
		return true;
	dg_api_problem(a->job, 403,
		       "that is beyond your catalogs, schemas and tags");
	return false;
}

static void
answer_who(struct asked *a, struct dg_str text, struct dg_str after,
	   unsigned limit)
{
	struct holders h = {.a = a, .limit = limit};
	struct dg_acl_tagging what = {.column = DG_STR_EMPTY};
	struct dg_acl_entry entry = {.privilege = a->privilege};
	struct dg_error err = {.text = ""};
	struct dg_json_writer w;
	bool has_columns = a->privilege == DG_ACL_P_SELECT ||
			   a->privilege == DG_ACL_P_UPDATE;

	if (dg_store_object_parse(text, a->arena, &what, &err) != DG_OK ||
	    (what.column.len > 0 && !has_columns)) {
		dg_api_bad_parameter(a->job, DG_STR("object"),
				     err.text[0] == '\0'
					     ? "this privilege has no columns"
					     : err.text);
		return;
	}
	entry.object = what.object;
	if (what.column.len > 0) { /* it is there, and not hidden */
		entry.columns = entry.table_columns = &what.column;
		entry.n_columns = entry.n_table_columns = 1;
		entry.columns_known = true;
	}
	if (!is_concerned(a, &what.object) ||
	    !find_holders(&h, after, &entry,
			  has_columns && what.object.kind == DG_ACL_TABLE &&
				  what.column.len == 0))
		return;
	dg_api_reply_begin(a->job, &w, 200);
	dg_json_object_open(&w);
	put_text(&w, "object", text);
	put_holders(&h, &w);
	put_end(a, &w);
}

void
dg_api_who_can(struct dg_api_job *job)
{
	static const char *const names[] = {"object",  "privilege", "cluster",
					    "address", "time",      "limit",
					    "cursor"};
	struct dg_str values[DG_ARRAY_LEN(names)];
	struct dg_str after;
	unsigned limit;
	struct asked a;

	if (!dg_api_params(job, names, DG_ARRAY_LEN(names), values) ||
	    !dg_api_read_limit(job, values[5], &limit) ||
	    !dg_api_read_cursor(job, values[6], &after))
		return;
	if (values[0].data == NULL) {
		dg_api_bad_parameter(job, DG_STR("object"), "is needed");
		return;
	}
	init(&a, job);
	if (read_common(&a, values[1], values[2], values[3], values[4]) &&
	    is_known_cluster(&a))
		answer_who(&a, values[0],
			   after.data == NULL ? DG_STR_EMPTY : after, limit);
	fini(&a);
}

/* ---- what a user may use ------------------------------------------------ */

static void
put_item(struct asked *a, struct dg_json_writer *w,
	 const struct dg_acl_reach_item *item)
{
	struct dg_str path = dg_acl_path_of_rule(
		a->policy->acl, &a->request, item->rights.rule_id, a->arena);

	dg_json_object_open(w);
	put_text(w, "table", item->object.name);
	if (item->is_deny) {
		dg_json_key(w, "denied");
		dg_json_put_bool(w, true);
	}
	put_rights(w, &item->rights);
	put_rule(a, w, item->rights.rule_id);
	if (path.len > 0)
		put_text(w, "path", path);
	dg_json_object_close(w);
}

static bool
is_told(struct asked *a, const struct dg_acl_reach_item *item)
{
	return a->job->admins == NULL ||
	       dg_acl_is_concerned(a->policy->acl, a->job->admins,
				   a->job->n_admins, DG_STR_EMPTY,
				   &item->object, a->arena);
}

/* Items are sorted: a catalog is opened where its first one comes. */
static void
put_tree(struct asked *a, struct dg_json_writer *w,
	 const struct dg_acl_reach_item *items, size_t n)
{
	const struct dg_acl_object *before = NULL;

	dg_json_key(w, "catalogs");
	dg_json_array_open(w);
	for (size_t i = 0; i < n; i++) {
		const struct dg_acl_object *object = &items[i].object;
		bool is_catalog;
		bool is_schema;

		if (!is_told(a, &items[i]))
			continue;
		is_catalog = before == NULL ||
			     !dg_str_eq(before->catalog, object->catalog);
		is_schema = is_catalog ||
			    !dg_str_eq(before->schema, object->schema);
		for (int open = is_catalog ? 2 : is_schema; open > 0 && before;
		     open--) {
			dg_json_array_close(w);
			dg_json_object_close(w);
		}
		if (is_catalog) {
			dg_json_object_open(w);
			put_text(w, "catalog", object->catalog);
			dg_json_key(w, "schemas");
			dg_json_array_open(w);
		}
		if (is_schema) {
			dg_json_object_open(w);
			put_text(w, "schema", object->schema);
			dg_json_key(w, "tables");
			dg_json_array_open(w);
		}
		put_item(a, w, &items[i]);
		before = object;
	}
	for (int open = before == NULL ? 0 : 2; open > 0; open--) {
		dg_json_array_close(w);
		dg_json_object_close(w);
	}
	dg_json_array_close(w);
}

static void
answer_user(struct asked *a, const struct dg_store_user *user)
{
	const struct dg_acl_reach_item *items;
	struct dg_json_writer w;
	bool may_use = false;
	bool is_cut;
	size_t n;

	a->request.user = user->name;
	a->request.cluster = a->cluster;
	if (dg_acl_reach(a->policy->acl, &a->request, a->privilege, ITEMS_MAX,
			 a->arena, &items, &n, &is_cut) != DG_OK ||
	    decide_use(a, user->name, a->cluster, &may_use) != DG_OK) {
		dg_api_problem(a->job, 413, "the answer is too long");
		return;
	}
	dg_api_reply_begin(a->job, &w, 200);
	dg_json_object_open(&w);
	put_text(&w, "user", user->name);
	dg_json_key(&w, "disabled");
	dg_json_put_bool(&w, user->disabled);
	put_text(&w, "cluster", a->cluster);
	dg_json_key(&w, "may_use_cluster");
	dg_json_put_bool(&w, may_use && a->cluster.len > 0 && !user->disabled);
	put_tree(a, &w, items, n);
	dg_json_key(&w, "is_cut");
	dg_json_put_bool(&w, is_cut);
	put_end(a, &w);
}

/* Where the user would be without choosing. */
static struct dg_str
usual_cluster(const struct asked *a, const struct dg_store_user *user)
{
	const struct dg_store_cluster *c = dg_store_default_cluster(a->policy);

	if (user->default_cluster.len > 0)
		return user->default_cluster;
	return c == NULL ? DG_STR_EMPTY : c->name;
}

/* The answer tells of rules: the scope of users is not enough. */
static bool
may_read_rules(struct dg_api_job *job)
{
	struct dg_error err = {.text = ""};
	enum dg_rc rc = dg_api_permit(&job->token, API_READ, DG_STR("rules"),
				      false, &err);

	if (rc != DG_OK)
		dg_api_fail(job, rc, &err);
	return rc == DG_OK;
}

void
dg_api_user_access(struct dg_api_job *job)
{
	static const char *const names[] = {"privilege", "cluster", "address",
					    "time"};
	struct dg_str values[DG_ARRAY_LEN(names)];
	const struct dg_store_user *user;
	struct asked a;

	if (!dg_api_params(job, names, DG_ARRAY_LEN(names), values) ||
	    !may_read_rules(job))
		return;
	init(&a, job);
	if (read_common(&a, values[0], values[1], values[2], values[3]) &&
	    is_known_cluster(&a)) {
		user = dg_store_find_user(a.policy, job->match.segments[1]);
		if (user != NULL && a.cluster.len == 0)
			a.cluster = usual_cluster(&a, user);
		if (user == NULL)
			dg_api_problem(job, 404, "there is no such user");
		else
			answer_user(&a, user);
	}
	fini(&a);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.c - what a user may use: the policy read the other way round
 * (acl/reach.h), with what acl does not know: who is disabled, and who may use
 * which cluster. Who may use an object is who_can.c's.
 *
 * Names are the policy's, whatever clusters call their catalogs.
 */
#include "access.h"

#include "base/clock.h"

enum { ITEMS_MAX = 10000, ANSWER_ARENA_MAX = 256 << 20, IDS_MAX = 1 << 20 };

static bool
is_known_cluster(const struct dg_api_asked *a)
{
	if (a->cluster.len == 0 ||
	    dg_store_find_cluster(a->policy, a->cluster) != NULL)
		return true;
	dg_api_bad_parameter(a->job, DG_STR("cluster"), "there is none such");
	return false;
}

bool
dg_api_asked_read(struct dg_api_asked *a, struct dg_str privilege,
		  struct dg_str cluster, struct dg_str address,
		  struct dg_str time)
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
	return a->policy != NULL && is_known_cluster(a);
}

enum dg_rc
dg_api_may_use(const struct dg_api_asked *a, const struct dg_acl_request *who,
	       struct dg_str cluster, bool *may_out)
{
	const struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_USE,
		.object = {.kind = DG_ACL_CLUSTER, .name = cluster},
	};
	struct dg_acl_request request = *who;
	struct dg_acl_decision decision = {.allowed = false};
	enum dg_rc rc;

	request.cluster = cluster;
	request.entries = &entry;
	request.n_entries = 1;
	rc = dg_acl_decide(a->policy->acl, NULL, &request, a->arena, &decision);
	*may_out = decision.allowed;
	return rc;
}

/* ---- writing ------------------------------------------------------------ */

static void
note_rule(struct dg_api_asked *a, int64_t id)
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

void
dg_api_put_text(struct dg_json_writer *w, const char *key, struct dg_str text)
{
	dg_json_key(w, key);
	dg_json_put_str(w, text);
}

void
dg_api_put_flag(struct dg_json_writer *w, const char *key, bool value)
{
	dg_json_key(w, key);
	dg_json_put_bool(w, value);
}

void
dg_api_put_rights(struct dg_json_writer *w, const struct dg_acl_rights *rights)
{
	if (rights->whole) {
		dg_api_put_text(w, "columns", DG_STR("*"));
		if (rights->n_denied > 0)
			put_list(w, "except", rights->denied, rights->n_denied);
		return;
	}
	put_list(w, "columns", rights->columns, rights->n_columns);
}

void
dg_api_put_rule(struct dg_api_asked *a, struct dg_json_writer *w, int64_t id)
{
	if (id == 0)
		return;
	dg_json_key(w, "rule");
	dg_json_put_int(w, id);
	note_rule(a, id);
}

void
dg_api_put_end(struct dg_api_asked *a, struct dg_json_writer *w)
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
	dg_api_put_text(w, "privilege",
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

void
dg_api_asked_init(struct dg_api_asked *a, struct dg_api_job *job)
{
	*a = (struct dg_api_asked){.job = job,
				   .arena = dg_arena_create(ANSWER_ARENA_MAX)};
	dg_buf_init(&a->ids, IDS_MAX);
}

void
dg_api_asked_fini(struct dg_api_asked *a)
{
	dg_store_snapshot_unref(&a->policy);
	dg_arena_destroy(&a->arena);
	dg_buf_fini(&a->ids);
}

/* ---- what a user may use ------------------------------------------------ */

static void
put_item(struct dg_api_asked *a, struct dg_json_writer *w,
	 const struct dg_acl_reach_item *item)
{
	struct dg_str path = dg_acl_path_of_rule(
		a->policy->acl, &a->request, item->rights.rule_id, a->arena);

	dg_json_object_open(w);
	dg_api_put_text(w, "table", item->object.name);
	if (item->is_deny)
		dg_api_put_flag(w, "denied", true);
	dg_api_put_rights(w, &item->rights);
	dg_api_put_rule(a, w, item->rights.rule_id);
	if (path.len > 0)
		dg_api_put_text(w, "path", path);
	dg_json_object_close(w);
}

static bool
is_told(struct dg_api_asked *a, const struct dg_acl_reach_item *item)
{
	return a->job->admins == NULL ||
	       dg_acl_is_concerned(a->policy->acl, a->job->admins,
				   a->job->n_admins, DG_STR_EMPTY,
				   &item->object, a->arena);
}

/* Items are sorted: a catalog is opened where its first one comes. */
static void
put_tree(struct dg_api_asked *a, struct dg_json_writer *w,
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
			dg_api_put_text(w, "catalog", object->catalog);
			dg_json_key(w, "schemas");
			dg_json_array_open(w);
		}
		if (is_schema) {
			dg_json_object_open(w);
			dg_api_put_text(w, "schema", object->schema);
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

/* Groups whose roles deny something that the user is not denied anyway. */
static enum dg_rc
list_denying_groups(struct dg_api_asked *a, struct dg_str user,
		    const struct dg_str **names_out, size_t *n_out)
{
	struct dg_acl_request who = {.user = user};
	const struct dg_str *groups;
	struct dg_str *names = NULL;
	size_t n;
	enum dg_rc rc = dg_store_groups(a->policy, a->arena, &groups, &n);

	*n_out = 0;
	if (rc == DG_OK)
		names = DG_ARENA_ARRAY(a->arena, struct dg_str, n);
	if (rc == DG_OK && names == NULL)
		rc = DG_ERR_LIMIT;
	for (size_t i = 0; rc == DG_OK && i < n; i++) {
		bool denies = false;

		rc = dg_store_group_roles(a->policy, &groups[i], 1, a->arena,
					  &who.roles, &who.n_roles);
		if (rc == DG_OK)
			rc = dg_acl_session_denies(a->policy->acl, &who,
						   a->arena, &denies);
		if (rc == DG_OK && denies)
			names[(*n_out)++] = groups[i];
	}
	*names_out = names;
	return rc;
}

static void
answer_user(struct dg_api_asked *a, const struct dg_store_user *user)
{
	const struct dg_acl_reach_item *items;
	const struct dg_str *groups;
	struct dg_json_writer w;
	bool may_use = false;
	bool is_cut;
	size_t n_groups;
	size_t n;

	a->request.user = user->name;
	a->request.cluster = a->cluster;
	if (dg_acl_reach(a->policy->acl, &a->request, DG_ACL_TABLE,
			 a->privilege, ITEMS_MAX, a->arena, &items, &n,
			 &is_cut) != DG_OK ||
	    dg_api_may_use(a, &a->request, a->cluster, &may_use) != DG_OK ||
	    list_denying_groups(a, user->name, &groups, &n_groups) != DG_OK) {
		dg_api_problem(a->job, 413, "the answer is too long");
		return;
	}
	dg_api_reply_begin(a->job, &w, 200);
	dg_json_object_open(&w);
	dg_api_put_text(&w, "user", user->name);
	dg_api_put_flag(&w, "disabled", user->disabled);
	dg_api_put_text(&w, "cluster", a->cluster);
	dg_api_put_flag(&w, "may_use_cluster",
			may_use && a->cluster.len > 0 && !user->disabled);
	put_tree(a, &w, items, n);
	dg_api_put_flag(&w, "is_cut", is_cut);
	put_list(&w, "denying_groups", groups, n_groups);
	dg_api_put_end(a, &w);
}

/* Where the user would be without choosing. */
static struct dg_str
usual_cluster(const struct dg_api_asked *a, const struct dg_store_user *user)
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
	struct dg_api_asked a;

	if (!dg_api_params(job, names, DG_ARRAY_LEN(names), values) ||
	    !may_read_rules(job))
		return;
	dg_api_asked_init(&a, job);
	if (dg_api_asked_read(&a, values[0], values[1], values[2], values[3])) {
		user = dg_store_find_user(a.policy, job->match.segments[1]);
		if (user != NULL && a.cluster.len == 0)
			a.cluster = usual_cluster(&a, user);
		if (user == NULL)
			dg_api_problem(job, 404, "there is no such user");
		else
			answer_user(&a, user);
	}
	dg_api_asked_fini(&a);
}

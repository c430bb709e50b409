/* SPDX-License-Identifier: Apache-2.0 */
/*
 * who_can.c - who may use an object: users, with the roles that the policy
 * stores for them, and groups, with the roles that tokens of their members
 * bring.
 *
 * Who is in a group, only the tokens' issuer knows. So a group is asked about
 * as somebody of whom the policy says nothing but its roles, and told when
 * that comes to more than everybody has.
 */
#include <stdlib.h>

#include "access.h"

enum { GROUPS_MAX = 4096 };

/* A user or a group on one cluster. All of it in the arena. */
struct holder {
	struct dg_str name;
	struct dg_str cluster;
	struct dg_str path;
	int64_t rule_id;
	bool observed;
	bool may_use;    /* the cluster */
	bool any_column; /* rights are told */
	struct dg_acl_rights rights;
};

struct holders {
	struct dg_api_asked *a;
	const struct dg_store_cluster *cluster; /* the one of this walk */
	bool any_column;
	struct holder *items; /* in the arena */
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

static enum dg_rc
make_holder(const struct holders *h, struct dg_str name,
	    const struct dg_acl_outcome *outcome,
	    const struct dg_acl_rights *rights, struct holder *out)
{
	struct dg_arena *arena = h->a->arena;

	*out = (struct holder){
		.name = name,
		.cluster = h->cluster->name,
		.path = dg_arena_str(arena, outcome->path),
		.rule_id = outcome->rule_id,
		.observed = outcome->observed,
		.any_column = rights != NULL,
	};
	if (out->path.data == NULL)
		return DG_ERR_LIMIT;
	if (rights == NULL)
		return DG_OK;
	out->rights = *rights;
	if (copy_names(arena, &out->rights.columns, rights->n_columns) != DG_OK)
		return DG_ERR_LIMIT;
	return copy_names(arena, &out->rights.denied, rights->n_denied);
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

static bool
is_same_right(const struct holder *x, const struct holder *y)
{
	return x->observed == y->observed && x->may_use == y->may_use &&
	       x->rights.whole == y->rights.whole &&
	       is_same_names(x->rights.columns, x->rights.n_columns,
			     y->rights.columns, y->rights.n_columns) &&
	       is_same_names(x->rights.denied, x->rights.n_denied,
			     y->rights.denied, y->rights.n_denied);
}

/* What is the same on two clusters is told once. */
static bool
is_same_answer(const struct holder *x, const struct holder *y)
{
	return dg_str_eq(x->name, y->name) && x->rule_id == y->rule_id &&
	       is_same_right(x, y);
}

static int
compare_holders(const void *a, const void *b)
{
	const struct holder *x = a;
	const struct holder *y = b;
	int order = dg_str_cmp(x->name, y->name);

	if (order == 0 && x->rule_id != y->rule_id)
		order = x->rule_id < y->rule_id ? -1 : 1;
	if (order == 0 && x->may_use != y->may_use)
		order = x->may_use ? -1 : 1;
	return order == 0 ? dg_str_cmp(x->cluster, y->cluster) : order;
}

static void
sort_holders(struct holders *h)
{
	if (h->n > 0)
		qsort(h->items, h->n, sizeof(h->items[0]), compare_holders);
}

/* The object stays open; where the next answer is. */
static size_t
begin_holder(struct holders *h, struct dg_json_writer *w, const char *kind,
	     size_t at)
{
	const struct holder *item = &h->items[at];

	dg_json_object_open(w);
	dg_api_put_text(w, kind, item->name);
	dg_json_key(w, "clusters");
	dg_json_array_open(w);
	for (; at < h->n && is_same_answer(item, &h->items[at]); at++)
		dg_json_put_str(w, h->items[at].cluster);
	dg_json_array_close(w);
	if (item->any_column && !item->observed)
		dg_api_put_rights(w, &item->rights);
	if (item->observed)
		dg_api_put_flag(w, "observed", true);
	dg_api_put_rule(h->a, w, item->rule_id);
	if (item->path.len > 0)
		dg_api_put_text(w, "path", item->path);
	return at;
}

/* Each that counts; fn until it is not OK. */
static enum dg_rc
each_cluster(struct holders *h, enum dg_rc (*fn)(struct holders *h))
{
	struct dg_api_asked *a = h->a;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < a->policy->n_clusters; i++) {
		const struct dg_store_cluster *c = &a->policy->clusters[i];

		if (!c->enabled ||
		    (a->cluster.len > 0 && !dg_str_eq(c->name, a->cluster)))
			continue;
		h->cluster = c;
		h->n_of_cluster = 0;
		a->request.cluster = c->name;
		rc = fn(h);
	}
	return rc;
}

/* ---- users --------------------------------------------------------------- */

/* CONFLICT: there are enough. */
static enum dg_rc
add_user(void *arg, struct dg_str user, const struct dg_acl_outcome *outcome,
	 const struct dg_acl_rights *rights)
{
	struct holders *h = arg;
	const struct dg_store_user *known =
		dg_store_find_user(h->a->policy, user);
	struct dg_acl_request who = h->a->request;
	struct holder *item = &h->items[h->n];
	bool may_use = false;
	enum dg_rc rc;

	if (known == NULL || known->disabled)
		return DG_OK;
	who.user = user;
	rc = dg_api_may_use(h->a, &who, h->cluster->name, &may_use);
	if (rc != DG_OK || !may_use)
		return rc;
	if (h->n_of_cluster > h->limit || h->n == h->max)
		return DG_ERR_CONFLICT;
	rc = make_holder(h, user, outcome, rights, item);
	item->may_use = true;
	h->n++;
	h->n_of_cluster++;
	return rc;
}

static enum dg_rc
find_users(struct holders *h)
{
	enum dg_rc rc = dg_acl_each_holder(h->a->policy->acl, &h->a->request,
					   h->any_column, h->last, add_user, h);

	return rc == DG_ERR_CONFLICT ? DG_OK : rc; /* enough of this one */
}

/* So many users, sorted; the cursor of what follows. */
static void
put_users(struct holders *h, struct dg_json_writer *w)
{
	unsigned n_users = 0;
	size_t at = 0;

	sort_holders(h);
	dg_json_key(w, "items");
	dg_json_array_open(w);
	while (at < h->n) {
		if (at == 0 ||
		    !dg_str_eq(h->items[at].name, h->items[at - 1].name))
			n_users++;
		if (n_users > h->limit)
			break;
		h->last = h->items[at].name;
		at = begin_holder(h, w, "user", at);
		dg_json_object_close(w);
	}
	dg_json_array_close(w);
	if (at < h->n)
		dg_api_put_cursor(h->a->job, w, h->last);
}

/* ---- groups -------------------------------------------------------------- */

struct group {
	struct dg_str name;
	const struct dg_str *roles;
	size_t n_roles;
};

struct groups {
	struct holders h;
	const struct group *items; /* in the arena */
	size_t n;
	bool is_cut;
};

struct found {
	const struct holders *h;
	struct holder holder;
	bool is_there;
};

static enum dg_rc
note_found(void *arg, struct dg_str name, const struct dg_acl_outcome *outcome,
	   const struct dg_acl_rights *rights)
{
	struct found *found = arg;

	found->is_there = true;
	return make_holder(found->h, name, outcome, rights, &found->holder);
}

/* What everybody has who comes with these roles. */
static enum dg_rc
ask_group(const struct holders *h, const struct group *group, struct found *out)
{
	struct dg_acl_request who = h->a->request;
	enum dg_rc rc;

	*out = (struct found){.h = h};
	who.user = group->name;
	who.roles = group->roles;
	who.n_roles = group->n_roles;
	rc = dg_acl_anyone_holds(h->a->policy->acl, &who, h->any_column,
				 note_found, out);
	who.anyone = true;
	return rc == DG_OK && out->is_there
		       ? dg_api_may_use(h->a, &who, h->cluster->name,
					&out->holder.may_use)
		       : rc;
}

static enum dg_rc
find_groups(struct holders *h)
{
	const struct groups *g = DG_CONTAINER_OF(h, struct groups, h);
	static const struct group none = {.name = DG_STR_INIT("")};
	struct found everybody;
	enum dg_rc rc = ask_group(h, &none, &everybody);

	for (size_t i = 0; rc == DG_OK && i < g->n; i++) {
		struct found found;

		rc = ask_group(h, &g->items[i], &found);
		if (rc == DG_OK && found.is_there &&
		    !(everybody.is_there &&
		      is_same_right(&everybody.holder, &found.holder)))
			h->items[h->n++] = found.holder;
	}
	return rc;
}

/* The names' roles, as far as there are not too many of them. */
static enum dg_rc
read_groups(struct groups *g, const struct dg_str *names, size_t n)
{
	struct dg_api_asked *a = g->h.a;
	struct group *items;

	g->is_cut = n > GROUPS_MAX;
	g->n = g->is_cut ? GROUPS_MAX : n;
	items = DG_ARENA_ARRAY(a->arena, struct group, g->n);
	for (size_t i = 0; items != NULL && i < g->n; i++) {
		items[i].name = names[i];
		if (dg_store_group_roles(a->policy, &names[i], 1, a->arena,
					 &items[i].roles,
					 &items[i].n_roles) != DG_OK)
			return DG_ERR_LIMIT;
	}
	g->items = items;
	g->h.items = DG_ARENA_ARRAY(a->arena, struct holder,
				    g->n * a->policy->n_clusters);
	return items == NULL || g->h.items == NULL ? DG_ERR_LIMIT : DG_OK;
}

static void
put_groups(struct groups *g, struct dg_json_writer *w)
{
	size_t at = 0;

	sort_holders(&g->h);
	dg_json_key(w, "groups");
	dg_json_array_open(w);
	while (at < g->h.n) {
		bool may_use = g->h.items[at].may_use;

		at = begin_holder(&g->h, w, "group", at);
		dg_api_put_flag(w, "may_use_cluster", may_use);
		dg_json_object_close(w);
	}
	dg_json_array_close(w);
	if (g->is_cut)
		dg_api_put_flag(w, "groups_cut", true);
}

/* ---- the question -------------------------------------------------------- */

struct question {
	struct dg_str object;
	struct dg_str group; /* data NULL: all, and users without any */
	struct dg_str after;
	unsigned limit;
};

/* False: answered. */
static bool
is_concerned(struct dg_api_asked *a, const struct dg_acl_tagging *what)
{
	if (a->job->admins == NULL ||
	    dg_acl_is_concerned_by(a->policy->acl, a->job->admins,
				   a->job->n_admins, DG_STR_EMPTY,
				   &what->object, &what->column,
				   what->column.len > 0 ? 1 : 0, a->arena))
		return true;
	dg_api_problem(a->job, 403,
		       "that is beyond your catalogs, schemas and tags");
	return false;
}

/* What is asked about; false: answered. */
static bool
read_object(struct dg_api_asked *a, struct dg_str text,
	    struct dg_acl_tagging *what, struct dg_acl_entry *entry)
{
	struct dg_error err = {.text = ""};
	bool has_columns = a->privilege == DG_ACL_P_SELECT ||
			   a->privilege == DG_ACL_P_UPDATE;

	if (dg_store_object_parse(text, a->arena, what, &err) != DG_OK ||
	    (what->column.len > 0 && !has_columns)) {
		dg_api_bad_parameter(a->job, DG_STR("object"),
				     err.text[0] == '\0'
					     ? "this privilege has no columns"
					     : err.text);
		return false;
	}
	*entry = (struct dg_acl_entry){.privilege = a->privilege,
				       .object = what->object};
	if (what->column.len > 0) { /* it is there, and not hidden */
		entry->columns = entry->table_columns = &what->column;
		entry->n_columns = entry->n_table_columns = 1;
		entry->columns_known = true;
	}
	return is_concerned(a, what);
}

/*
 * Groups are told with the first page, before users are looked for: the users'
 * request has the roles of the group, if one is asked about.
 */
static enum dg_rc
find_all(struct holders *users, struct groups *groups, const struct question *q)
{
	struct dg_api_asked *a = users->a;
	const struct dg_str *names = &q->group;
	size_t n = 1;
	enum dg_rc rc = DG_OK;

	if (q->group.data == NULL)
		rc = dg_store_groups(a->policy, a->arena, &names, &n);
	if (rc == DG_OK && q->after.len == 0) {
		rc = read_groups(groups, names, n);
		if (rc == DG_OK)
			rc = each_cluster(&groups->h, find_groups);
	}
	if (rc == DG_OK && q->group.data != NULL)
		rc = dg_store_group_roles(a->policy, &q->group, 1, a->arena,
					  &a->request.roles,
					  &a->request.n_roles);
	users->max = (size_t)(q->limit + 1) * a->policy->n_clusters + 1;
	users->items = DG_ARENA_ARRAY(a->arena, struct holder, users->max);
	if (users->items == NULL)
		return DG_ERR_LIMIT;
	return rc == DG_OK ? each_cluster(users, find_users) : rc;
}

static void
answer(struct dg_api_asked *a, const struct question *q)
{
	struct dg_acl_tagging what = {.column = DG_STR_EMPTY};
	struct dg_acl_entry entry;
	struct holders users = {.a = a, .limit = q->limit, .last = q->after};
	struct groups groups = {.h = {.a = a}};
	struct dg_json_writer w;
	enum dg_rc rc;

	if (!read_object(a, q->object, &what, &entry))
		return;
	users.any_column = groups.h.any_column =
		(a->privilege == DG_ACL_P_SELECT ||
		 a->privilege == DG_ACL_P_UPDATE) &&
		what.object.kind == DG_ACL_TABLE && what.column.len == 0;
	a->request.entries = &entry;
	a->request.n_entries = 1;
	rc = find_all(&users, &groups, q);
	a->request.entries = NULL; /* ours */
	a->request.n_entries = 0;
	if (rc != DG_OK) {
		dg_api_problem(a->job, 413, "the answer is too long");
		return;
	}
	dg_api_reply_begin(a->job, &w, 200);
	dg_json_object_open(&w);
	dg_api_put_text(&w, "object", q->object);
	put_users(&users, &w);
	put_groups(&groups, &w);
	dg_api_put_end(a, &w);
}

/* A name that stands for nothing is more likely misspelt. False: answered. */
static bool
is_known_group(struct dg_api_asked *a, struct dg_str group)
{
	const struct dg_str *roles;
	size_t n = 0;

	if (group.data == NULL ||
	    (dg_store_group_roles(a->policy, &group, 1, a->arena, &roles, &n) ==
		     DG_OK &&
	     n > 0))
		return true;
	dg_api_bad_parameter(a->job, DG_STR("group"),
			     "no role is mapped to it");
	return false;
}

void
dg_api_who_can(struct dg_api_job *job)
{
	static const char *const names[] = {"object",  "privilege", "cluster",
					    "address", "time",      "group",
					    "limit",   "cursor"};
	struct dg_str values[DG_ARRAY_LEN(names)];
	struct question q = {.limit = 0};
	struct dg_api_asked a;

	if (!dg_api_params(job, names, DG_ARRAY_LEN(names), values) ||
	    !dg_api_read_limit(job, values[6], &q.limit) ||
	    !dg_api_read_cursor(job, values[7], &q.after))
		return;
	if (values[0].data == NULL) {
		dg_api_bad_parameter(job, DG_STR("object"), "is needed");
		return;
	}
	q.object = values[0];
	q.group = values[5];
	if (q.after.data == NULL)
		q.after = DG_STR_EMPTY;
	dg_api_asked_init(&a, job);
	if (dg_api_asked_read(&a, values[1], values[2], values[3], values[4]) &&
	    is_known_group(&a, q.group))
		answer(&a, &q);
	dg_api_asked_fini(&a);
}

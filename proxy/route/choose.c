/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choose.c - which cluster a statement goes to. Pure; see route.h.
 *
 * A name that does not exist and one that may not be used get the same words,
 * so that names cannot be probed; both list what may be used.
 */
#include <stdio.h>

#include "route/route.h"

/* A decision that cannot be had (LIMIT) is a no. */
static bool
may_use(const struct dg_store_snapshot *policy, const struct dg_subject *who,
	struct dg_str cluster, int64_t now_us, struct dg_arena *arena)
{
	const struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_USE,
		.object = {.kind = DG_ACL_CLUSTER, .name = cluster},
	};
	const struct dg_acl_request request = {
		.user = who->user,
		.roles = who->roles,
		.n_roles = who->n_roles,
		.client = who->client,
		.cluster = cluster,
		.now_us = now_us,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_arena_mark mark = dg_arena_mark(arena);
	struct dg_acl_decision decision;
	bool allowed = dg_acl_decide(policy->acl, NULL, &request, arena,
				     &decision) == DG_OK &&
		       decision.allowed;

	dg_arena_rewind(arena, mark);
	return allowed;
}

/* "a, b", cut where room ends. */
static void
list_usable(const struct dg_store_snapshot *policy,
	    const struct dg_subject *who, int64_t now_us,
	    struct dg_arena *arena, char *room, size_t size)
{
	size_t len = 0;

	room[0] = '\0';
	for (size_t i = 0; i < policy->n_clusters && len < size - 1; i++) {
		const struct dg_store_cluster *c = &policy->clusters[i];
		int n;

		if (!c->enabled ||
		    !may_use(policy, who, c->name, now_us, arena))
			continue;
		n = snprintf(room + len, size - len, "%s%.*s",
			     len > 0 ? ", " : "", DG_STR_ARG(c->name));
		len += n > 0 ? (size_t)n : 0;
	}
	if (room[0] == '\0')
		(void)snprintf(room, size, "none");
}

struct wish {
	struct dg_str name; /* empty: nobody asked for one */
	const char *how;    /* where the name stood */
};

static enum dg_rc
read_property(const struct dg_session *session, struct wish *wish,
	      struct dg_error *err)
{
	for (size_t i = 0; i < session->n_own_properties; i++) {
		const struct dg_pair *pair = &session->own_properties[i];

		if (!dg_str_eq_nocase(pair->name, DG_STR("cluster")))
			continue;
		if (wish->name.len > 0 && !dg_str_eq(wish->name, pair->value))
			return dg_error_set(err, DG_ERR_INVALID,
					    "session property "
					    "datagateway.cluster is set twice");
		if (pair->value.len == 0)
			return dg_error_set(err, DG_ERR_INVALID,
					    "session property "
					    "datagateway.cluster is empty");
		*wish = (struct wish){pair->value,
				      "session property datagateway.cluster"};
	}
	return DG_OK;
}

static enum dg_rc
read_tag(const struct dg_session *session, struct wish *wish,
	 struct dg_error *err)
{
	const struct dg_str prefix = DG_STR("cluster=");

	for (size_t i = 0; i < session->n_tags; i++) {
		struct dg_str tag = session->tags[i];

		if (!dg_str_starts_with(tag, prefix))
			continue;
		tag = dg_str_slice(tag, prefix.len, tag.len);
		if (tag.len == 0 ||
		    (wish->name.len > 0 && !dg_str_eq(wish->name, tag)))
			return dg_error_set(err, DG_ERR_INVALID,
					    "client tag cluster= is empty or "
					    "names two clusters");
		*wish = (struct wish){tag, "client tag cluster="};
	}
	return DG_OK;
}

/* Session property, client tag, the user's default, the global one. */
static enum dg_rc
find_wish(const struct dg_store_snapshot *policy, const struct dg_subject *who,
	  const struct dg_session *session, struct wish *wish,
	  struct dg_error *err)
{
	const struct dg_store_user *user =
		dg_store_find_user(policy, who->user);
	const struct dg_store_cluster *cluster =
		dg_store_default_cluster(policy);
	enum dg_rc rc;

	*wish = (struct wish){DG_STR_EMPTY, ""};
	rc = read_property(session, wish, err);
	if (rc != DG_OK || wish->name.len > 0)
		return rc;
	rc = read_tag(session, wish, err);
	if (rc != DG_OK || wish->name.len > 0)
		return rc;
	if (user != NULL && user->default_cluster.len > 0)
		*wish = (struct wish){user->default_cluster,
				      "default of the user"};
	else if (cluster != NULL)
		*wish = (struct wish){cluster->name, "default cluster"};
	return DG_OK;
}

enum dg_rc
dg_route_choose(const struct dg_store_snapshot *policy,
		const struct dg_cluster_states *states,
		const struct dg_subject *who, const struct dg_session *session,
		int64_t now_us, struct dg_arena *arena,
		struct dg_target *target_out, struct dg_error *err)
{
	const struct dg_store_cluster *cluster;
	char usable[200];
	struct wish wish;
	enum dg_rc rc;

	rc = find_wish(policy, who, session, &wish, err);
	if (rc != DG_OK)
		return rc;
	cluster = dg_store_find_cluster(policy, wish.name);
	if (cluster != NULL && cluster->enabled &&
	    may_use(policy, who, wish.name, now_us, arena)) {
		dg_target_fill(cluster, states, target_out);
		return DG_OK;
	}
	list_usable(policy, who, now_us, arena, usable, sizeof(usable));
	if (wish.name.len == 0)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "No cluster is chosen and there is no "
				    "default; set session property "
				    "datagateway.cluster; you may use: %s",
				    usable);
	if (cluster == NULL || !may_use(policy, who, wish.name, now_us, arena))
		return dg_error_set(
			err, cluster == NULL ? DG_ERR_NOT_FOUND : DG_ERR_DENIED,
			"Cluster '%.*s' (%s) does not exist or "
			"may not be used by you; you may use: %s",
			DG_STR_ARG(dg_str_slice(wish.name, 0, 64)), wish.how,
			usable);
	return dg_error_set(err, DG_ERR_UNAVAILABLE,
			    "Cluster '%.*s' (%s) is switched off; you may "
			    "use: %s",
			    DG_STR_ARG(wish.name), wish.how, usable);
}

enum dg_rc
dg_route_by_name(const struct dg_store_snapshot *policy,
		 const struct dg_cluster_states *states,
		 const struct dg_subject *who, struct dg_str name,
		 int64_t now_us, struct dg_target *target_out,
		 struct dg_error *err)
{
	enum { SCRATCH_MAX = 64 << 10 };
	const struct dg_store_cluster *cluster =
		dg_store_find_cluster(policy, name);
	struct dg_arena *scratch;
	bool allowed;

	if (cluster == NULL)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "Cluster '%.*s' does not exist any more",
				    DG_STR_ARG(name));
	scratch = dg_arena_create(SCRATCH_MAX);
	allowed = may_use(policy, who, name, now_us, scratch);
	dg_arena_destroy(&scratch);
	if (!allowed)
		return dg_error_set(err, DG_ERR_DENIED,
				    "Cluster '%.*s' may not be used by you any "
				    "more",
				    DG_STR_ARG(name));
	if (!cluster->enabled)
		return dg_error_set(err, DG_ERR_UNAVAILABLE,
				    "Cluster '%.*s' is switched off",
				    DG_STR_ARG(name));
	dg_target_fill(cluster, states, target_out);
	return DG_OK;
}

enum dg_rc
dg_route_check_ready(const struct dg_target *target, struct dg_error *err)
{
	if (target->version != 0)
		return DG_OK;
	return dg_error_set(err, DG_ERR_UNAVAILABLE,
			    "Cluster '%.*s' cannot be used yet: its "
			    "coordinator has not told its version",
			    DG_STR_ARG(target->cluster->name));
}

enum dg_rc
dg_route_check_family(const struct dg_target *target,
		      const struct dg_session *session, struct dg_error *err)
{
	enum dg_family family = target->cluster->engine == DG_STORE_TRINO
					? DG_FAMILY_TRINO
					: DG_FAMILY_PRESTO;

	if (!session->has_family || session->family == family)
		return DG_OK;
	return dg_error_set(
		err, DG_ERR_UNSUPPORTED,
		"Cluster '%.*s' runs %s, but this client speaks "
		"the protocol of %s; use a %s client, or choose "
		"another cluster with session property "
		"datagateway.cluster",
		DG_STR_ARG(target->cluster->name), dg_family_name(family),
		dg_family_name(session->family), dg_family_name(family));
}

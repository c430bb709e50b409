/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_access.c - see page_access.h.
 */
#include "presto/page_access.h"

#include "authorize.h"
#include "base/clock.h"

static enum dg_rc
check_enabled(const struct dg_worker *worker, const struct dg_sealed *sealed,
	      struct dg_error *err)
{
	const struct dg_store_user *user =
		dg_store_find_user(worker->policy, sealed->session_user);

	if (user != NULL && !user->disabled)
		return DG_OK;
	return dg_error_set(err, DG_ERR_DENIED,
			    "Access Denied: User %.*s is disabled",
			    DG_STR_ARG(sealed->session_user));
}

static enum dg_rc
check_impersonation(const struct dg_worker *worker,
		    const struct dg_sealed *sealed,
		    const struct dg_subject *principal, struct dg_arena *arena,
		    struct dg_error *err)
{
	const struct dg_authorize_request request = {
		.policy = worker->policy->acl,
		.cache = worker->rights,
		.user = principal->user,
		.roles = principal->roles,
		.n_roles = principal->n_roles,
		.client = principal->client,
		.cluster = sealed->cluster,
		.now_us = dg_clock_wall_us(),
	};

	if (dg_str_eq(sealed->principal, sealed->session_user) ||
	    dg_authorize_one(&request, DG_ACL_P_IMPERSONATE, DG_ACL_USER,
			     sealed->session_user, arena))
		return DG_OK;
	return dg_error_set(err, DG_ERR_DENIED,
			    "Access Denied: User %.*s cannot impersonate user "
			    "%.*s",
			    DG_STR_ARG(sealed->principal),
			    DG_STR_ARG(sealed->session_user));
}

/* A change that concerns others does not show. */
static enum dg_rc
check_rights(const struct dg_worker *worker, const struct dg_sealed *sealed,
	     const struct dg_subject *who, struct dg_error *err)
{
	const struct dg_acl_request request = {
		.user = who->user,
		.roles = who->roles,
		.n_roles = who->n_roles,
		.client = who->client,
		.now_us = dg_clock_wall_us(),
	};

	if (dg_acl_fingerprint(worker->policy->acl, &request) == sealed->rights)
		return DG_OK;
	return dg_error_set(
		err, DG_ERR_CONFLICT,
		"The rights of user %.*s have changed since the "
		"statement was decided (a rule was changed, has begun or "
		"ended, or the client has moved to another network); it has "
		"not run: send it again (statement id %.*s)",
		DG_STR_ARG(dg_str_slice(sealed->session_user, 0, 100)),
		DG_STR_ARG(sealed->statement_id));
}

static enum dg_rc
find_target(const struct dg_worker *worker, const struct dg_sealed *sealed,
	    struct dg_arena *arena, struct dg_target *target_out,
	    struct dg_error *err)
{
	const struct dg_store_cluster *cluster =
		dg_store_find_cluster(worker->policy, sealed->cluster);
	const struct dg_cluster_states *all = worker->clusters;
	struct dg_target target = {.cluster = cluster};

	if (cluster == NULL)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "Cluster '%.*s' does not exist any more",
				    DG_STR_ARG(sealed->cluster));
	for (size_t i = 0; all != NULL && i < all->n_states; i++) {
		if (dg_str_eq(all->states[i].name, cluster->name))
			target.version = all->states[i].version;
	}
	if (dg_target_copy(&target, arena, target_out) != DG_OK)
		return dg_error_set(err, DG_ERR_UNAVAILABLE, "Out of memory");
	return DG_OK;
}

/* What a first GET needs, and under `kill` every one. */
static enum dg_rc
check_subjects(const struct dg_worker *worker, const struct dg_sealed *sealed,
	       const struct dg_caller *caller, struct dg_arena *arena,
	       struct dg_error *err)
{
	bool started = (sealed->flags & DG_SEAL_STARTED) != 0;
	struct dg_subject principal;
	struct dg_subject who;
	struct dg_target usable;
	enum dg_rc rc;

	if (dg_subject_of(worker->policy, caller, caller->name, arena,
			  &principal) != DG_OK ||
	    dg_subject_of(worker->policy, caller, sealed->session_user, arena,
			  &who) != DG_OK)
		return dg_error_set(err, DG_ERR_UNAVAILABLE, "Out of memory");
	rc = check_impersonation(worker, sealed, &principal, arena, err);
	if (rc != DG_OK)
		return rc;
	rc = dg_route_by_name(worker->policy, worker->clusters, &who,
			      sealed->cluster, dg_clock_wall_us(), &usable,
			      err);
	/* Switched off: what runs ends, nothing new starts. */
	if (rc == DG_ERR_UNAVAILABLE)
		rc = started ? DG_OK : DG_ERR_DENIED;
	return rc == DG_OK && !started ? check_rights(worker, sealed, &who, err)
				       : rc;
}

enum dg_rc
dg_page_access(const struct dg_worker *worker, const struct dg_sealed *sealed,
	       const struct dg_caller *caller, struct dg_arena *arena,
	       struct dg_target *target_out, struct dg_error *err)
{
	bool started = (sealed->flags & DG_SEAL_STARTED) != 0;
	bool finish = worker->config->revocation_running == 0;
	enum dg_rc rc;

	if (!dg_worker_policy_usable(worker))
		return dg_error_set(err, DG_ERR_UNAVAILABLE, "%s",
				    dg_worker_policy_why(worker));
	rc = find_target(worker, sealed, arena, target_out, err);
	if (rc == DG_OK)
		rc = check_enabled(worker, sealed, err);
	if (rc != DG_OK || (started && finish))
		return rc;
	return check_subjects(worker, sealed, caller, arena, err);
}

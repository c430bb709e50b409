/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller.c - who asks the admin API, and as what: by a token of the API, or
 * signed in with one of the issuer's (auth.jwt.admin_audiences).
 *
 * A token of the API has a role of its own; who signs in is what the policy's
 * admins say, its groups' roles included, at each request anew. What the caller
 * may do is permit.c's, and within a steward's scope the store's.
 */
#include "api_private.h"

/* ---- on a thread --------------------------------------------------------- */

/* The connection may have been lost long ago, unnoticed. */
static bool
is_lost(enum dg_rc rc)
{
	return rc == DG_ERR_IO || rc == DG_ERR_CLOSED;
}

static enum dg_rc
check_token(struct dg_api_job *job, struct dg_error *err)
{
	struct dg_api_session *s = job->session;
	enum dg_rc rc = dg_store_token_check(s->pg, s->loop, job->bearer,
					     job->arena, &job->token, err);

	if (is_lost(rc))
		rc = dg_store_token_check(s->pg, s->loop, job->bearer,
					  job->arena, &job->token, err);
	return rc;
}

/* All that the subject is by the policy. */
static enum dg_rc
find_ranks(struct dg_api_job *job, const struct dg_acl_admin **all_out,
	   size_t *n_out, struct dg_error *err)
{
	struct dg_api_session *s = job->session;

	return dg_store_admins_of(s->pg, s->loop, job->token.subject,
				  job->roles, job->n_roles, job->arena, all_out,
				  n_out, err);
}

/*
 * A steward can do what its rows as a steward say, and no more, whatever else
 * it is: a steward's token is no more than that.
 */
static enum dg_rc
keep_scope(struct dg_api_job *job, const struct dg_acl_admin *all, size_t n,
	   struct dg_error *err)
{
	struct dg_acl_admin *kept =
		DG_ARENA_ARRAY(job->arena, struct dg_acl_admin, n + 1);

	if (kept == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "too many scopes");
	job->n_admins = 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].role == DG_ACL_STEWARD)
			kept[job->n_admins++] = all[i];
	job->admins = kept;
	if (!dg_acl_may_read(kept, job->n_admins))
		return dg_error_set(err, DG_ERR_DENIED, "%.*s is no steward",
				    DG_STR_ARG(job->token.subject));
	return DG_OK;
}

static enum dg_rc
find_scope(struct dg_api_job *job, struct dg_error *err)
{
	const struct dg_acl_admin *all = NULL;
	size_t n = 0;
	enum dg_rc rc;

	if (job->is_signed_in || job->token.role != DG_STORE_STEWARD)
		return DG_OK;
	rc = find_ranks(job, &all, &n, err);
	return rc == DG_OK ? keep_scope(job, all, n, err) : rc;
}

static bool
has_rank(const struct dg_acl_admin *all, size_t n, enum dg_acl_admin_role role)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].role == role)
			return true;
	return false;
}

/* Who signed in is the highest of what the policy makes it. */
static enum dg_rc
take_rank(struct dg_api_job *job, struct dg_error *err)
{
	const struct dg_acl_admin *all = NULL;
	size_t n = 0;
	enum dg_rc rc = find_ranks(job, &all, &n, err);

	if (is_lost(rc))
		rc = find_ranks(job, &all, &n, err);
	if (rc != DG_OK)
		return rc;
	if (has_rank(all, n, DG_ACL_ADMIN)) {
		job->token.role = DG_STORE_ADMIN;
	} else if (has_rank(all, n, DG_ACL_STEWARD)) {
		job->token.role = DG_STORE_STEWARD;
		return keep_scope(job, all, n, err);
	} else if (has_rank(all, n, DG_ACL_AUDITOR)) {
		job->token.role = DG_STORE_AUDITOR;
	} else {
		return dg_error_set(err, DG_ERR_DENIED,
				    "%.*s is no administrator, steward or "
				    "auditor",
				    DG_STR_ARG(job->token.subject));
	}
	return DG_OK;
}

static void
refuse_token(struct dg_api_job *job, const char *text)
{
	job->is_wrong_token = true;
	dg_api_header(job, DG_STR("WWW-Authenticate"), DG_STR("Bearer"));
	dg_api_problem(job, 401, text);
}

/* Who asks, and as what; false: answered. */
static bool
identify(struct dg_api_job *job)
{
	struct dg_error err = {.text = ""};
	enum dg_rc rc = job->is_signed_in ? take_rank(job, &err)
					  : check_token(job, &err);

	if (rc == DG_ERR_DENIED && !job->is_signed_in)
		refuse_token(job, "the token is wrong, revoked or over");
	else if (rc != DG_OK)
		dg_api_fail(job, rc, &err);
	return rc == DG_OK;
}

bool
dg_api_admit(struct dg_api_job *job)
{
	struct dg_str resource = job->match.segments[0];
	struct dg_error err = {.text = ""};
	enum dg_rc rc;

	if (!identify(job))
		return false;
	rc = dg_api_permit(&job->token, job->match.route->access, resource,
			   dg_api_is_write(job) &&
				   job->match.route->access != API_ASK,
			   &err);
	if (rc == DG_OK && job->match.route->access != API_ANY)
		rc = find_scope(job, &err);
	if (rc != DG_OK)
		dg_api_fail(job, rc, &err);
	return rc == DG_OK;
}

bool
dg_api_tells_access(const struct dg_api_job *job)
{
	struct dg_error err;

	return dg_api_permit(&job->token, API_READ, DG_STR("access"), false,
			     &err) == DG_OK;
}

/* ---- on the control loop ------------------------------------------------- */

/* Names that live as long as a policy, which a thread does not hold. */
static bool
keep_roles(struct dg_api_job *job, const struct dg_gateway_identity *who)
{
	struct dg_str *roles =
		DG_ARENA_ARRAY(job->arena, struct dg_str, who->n_roles + 1);

	for (size_t i = 0; roles != NULL && i < who->n_roles; i++)
		roles[i] = dg_arena_str(job->arena, who->roles[i]);
	job->roles = roles;
	job->n_roles = roles == NULL ? 0 : who->n_roles;
	return roles != NULL;
}

bool
dg_api_sign_in(struct dg_api_job *job, struct dg_gateway *gateway)
{
	struct dg_gateway_identity who;
	struct dg_error err = {.text = ""};
	enum dg_rc rc;

	if (dg_str_starts_with(job->bearer, DG_STR(DG_STORE_TOKEN_PREFIX)))
		return true;
	rc = dg_gateway_check_token(gateway, job->bearer, job->arena, &who,
				    &err);
	if (rc == DG_ERR_DENIED) {
		refuse_token(job, err.text);
		return false;
	}
	if (rc == DG_OK && !keep_roles(job, &who))
		rc = dg_error_set(&err, DG_ERR_LIMIT, "too many roles");
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
		return false;
	}
	job->is_signed_in = true;
	job->token.name = DG_STR("signed in");
	job->token.subject = dg_arena_str(job->arena, who.user);
	return true;
}

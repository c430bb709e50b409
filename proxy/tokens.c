/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.c - see tokens.h.
 */
#include "tokens.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "config.h"

struct dg_tokens {
	const struct dg_config *config; /* borrowed */
	struct dg_jwt_rules clients;
	struct dg_jwt_rules admins;
	struct dg_jwt_issuer *issuer; /* owned; NULL: not started */
};

struct dg_tokens *
dg_tokens_create(const struct dg_config *config)
{
	struct dg_tokens *tokens;

	if (config->jwt_issuer[0] == '\0')
		return NULL;
	tokens = DG_NEW(struct dg_tokens);
	tokens->config = config;
	dg_jwt_rules_init(&tokens->clients, config);
	dg_jwt_rules_init(&tokens->admins, config);
	tokens->admins.audiences = config->jwt_admin_audiences;
	tokens->admins.n_audiences = config->n_jwt_admin_audiences;
	return tokens;
}

enum dg_rc
dg_tokens_start(struct dg_tokens *tokens, struct dg_loop *loop,
		struct dg_upstream *upstream, dg_jwt_issuer_fn on_keys,
		void *arg, struct dg_error *err)
{
	const struct dg_config *c;
	struct dg_jwt_issuer_config config;
	enum dg_rc rc;

	if (tokens == NULL)
		return DG_OK;
	c = tokens->config;
	config = (struct dg_jwt_issuer_config){
		.url = dg_str_from_cstr(c->jwt_keys_url),
		.ca_file = dg_str_from_cstr(c->jwt_keys_ca),
		.files = c->jwt_keys_files,
		.n_files = c->n_jwt_keys_files,
		.refresh_ms = (unsigned)c->jwt_keys_refresh_ms,
		.retry_ms = (unsigned)c->jwt_keys_retry_ms,
		.stale_ms = (unsigned)c->jwt_keys_stale_ms,
		.timeout_ms = (unsigned)c->jwt_keys_timeout_ms,
		.on_keys = on_keys,
		.arg = arg,
	};
	rc = dg_jwt_issuer_create(loop, upstream, &config, &tokens->issuer,
				  err);
	if (rc != DG_OK)
		(void)dg_error_wrap(err, "auth.jwt.keys");
	return rc;
}

void
dg_tokens_stop(struct dg_tokens *tokens)
{
	if (tokens != NULL)
		dg_jwt_issuer_destroy(&tokens->issuer);
}

void
dg_tokens_destroy(struct dg_tokens **tokens)
{
	struct dg_tokens *t = *tokens;

	*tokens = NULL;
	if (t == NULL)
		return;
	dg_tokens_stop(t);
	dg_jwt_rules_fini(&t->clients);
	dg_jwt_rules_fini(&t->admins);
	dg_free(t);
}

const struct dg_jwt_rules *
dg_tokens_rules(const struct dg_tokens *tokens)
{
	return tokens == NULL ? NULL : &tokens->clients;
}

void
dg_tokens_wish(struct dg_tokens *tokens)
{
	if (tokens != NULL && tokens->issuer != NULL)
		dg_jwt_issuer_wish(tokens->issuer);
}

void
dg_tokens_measure(const struct dg_tokens *tokens)
{
	if (tokens != NULL && tokens->issuer != NULL)
		dg_metric_set(DG_METRIC_AUTH_KEYS_AGE_S,
			      dg_jwt_issuer_age_s(tokens->issuer));
}

/* The user must be one of the policy, for administrators as for clients. */
static enum dg_rc
find_identity(const struct dg_tokens *tokens,
	      const struct dg_store_snapshot *policy,
	      const struct dg_jwt_identity *identity, struct dg_arena *arena,
	      struct dg_gateway_identity *out)
{
	enum dg_rc rc = dg_auth_find_user(policy, identity->user,
					  tokens->config->jwt_username_case ==
						  DG_USERNAME_LOWER,
					  arena, &out->user);

	if (rc != DG_OK)
		return rc;
	return dg_store_group_roles(policy, identity->groups,
				    identity->n_groups, arena, &out->roles,
				    &out->n_roles);
}

enum dg_rc
dg_tokens_check_admin(struct dg_tokens *tokens,
		      const struct dg_store_snapshot *policy,
		      struct dg_str token, struct dg_arena *arena,
		      struct dg_gateway_identity *identity_out,
		      struct dg_error *err)
{
	struct dg_gateway_identity out = {.user = DG_STR_EMPTY};
	struct dg_jwt_identity identity;
	enum dg_jwt_verdict verdict;
	enum dg_rc rc;

	if (tokens == NULL || tokens->admins.n_audiences == 0)
		return dg_error_set(err, DG_ERR_DENIED,
				    "Access Denied: Invalid credentials");
	if (tokens->issuer == NULL || policy == NULL)
		return dg_error_set(err, DG_ERR_UNAVAILABLE,
				    "Tokens cannot be checked");
	verdict = dg_jwt_check(dg_jwt_issuer_keys(tokens->issuer),
			       &tokens->admins, token,
			       dg_clock_wall_us() / 1000000, dg_clock_mono_ms(),
			       arena, &identity);
	if (verdict == DG_JWT_UNKNOWN_KEY || verdict == DG_JWT_STALE_KEYS)
		dg_jwt_issuer_wish(tokens->issuer);
	if (verdict == DG_JWT_STALE_KEYS || verdict == DG_JWT_LIMIT)
		return dg_error_set(err, DG_ERR_UNAVAILABLE, "%s",
				    dg_jwt_verdict_text(verdict));
	if (verdict != DG_JWT_OK)
		return dg_error_set(err, DG_ERR_DENIED, "%s",
				    dg_jwt_verdict_text(verdict));
	rc = find_identity(tokens, policy, &identity, arena, &out);
	if (rc != DG_OK)
		return dg_error_set(err, rc,
				    "Access Denied: Invalid credentials");
	*identity_out = out;
	return DG_OK;
}

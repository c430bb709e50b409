/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permit.c - see permit.h.
 */
#include "permit.h"

static bool
role_may(enum dg_store_admin_role role, enum dg_api_access access)
{
	switch (role) {
	case DG_STORE_ADMIN:
		return true;
	case DG_STORE_STEWARD:
		return access != API_OWNER;
	case DG_STORE_AUDITOR:
		return access == API_OPEN || access == API_ANY ||
		       access == API_READ || access == API_ASK;
	}
	return false;
}

/* "rules:write" holds "rules:read". */
static bool
is_in_scope(const struct dg_store_token *token, struct dg_str resource,
	    bool is_write)
{
	for (size_t i = 0; i < token->n_scopes; i++) {
		struct dg_str verb = token->scopes[i];
		struct dg_str name;

		if (!dg_str_split(&verb, ':', &name) ||
		    !dg_str_eq(name, resource))
			continue;
		if (dg_str_eq(verb, DG_STR("write")) ||
		    (!is_write && dg_str_eq(verb, DG_STR("read"))))
			return true;
	}
	return token->n_scopes == 0;
}

enum dg_rc
dg_api_permit(const struct dg_store_token *token, enum dg_api_access access,
	      struct dg_str resource, bool is_write, struct dg_error *err)
{
	if (access == API_OPEN || access == API_ANY)
		return DG_OK;
	if (!role_may(token->role, access))
		return dg_error_set(err, DG_ERR_DENIED,
				    "the role of this token may not do that");
	if (!is_in_scope(token, resource, is_write))
		return dg_error_set(err, DG_ERR_DENIED,
				    "the scopes of this token do not hold "
				    "%.*s:%s",
				    DG_STR_ARG(resource),
				    is_write ? "write" : "read");
	return DG_OK;
}

enum dg_rc
dg_api_permit_scopes(const struct dg_store_token *token,
		     const struct dg_str *scopes, size_t n_scopes,
		     struct dg_error *err)
{
	if (token->n_scopes == 0)
		return DG_OK;
	if (n_scopes == 0)
		return dg_error_set(err, DG_ERR_DENIED,
				    "this token has scopes, so that the new "
				    "one must have some of them");
	for (size_t i = 0; i < n_scopes; i++) {
		struct dg_str verb = scopes[i];
		struct dg_str name;

		if (!dg_str_split(&verb, ':', &name) ||
		    !is_in_scope(token, name, dg_str_eq(verb, DG_STR("write"))))
			return dg_error_set(
				err, DG_ERR_DENIED,
				"the scopes of this token do not hold %.*s",
				DG_STR_ARG(scopes[i]));
	}
	return DG_OK;
}

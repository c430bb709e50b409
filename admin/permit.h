/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permit.h - which token may do what; pure.
 *
 * admin: everything. auditor: reads all but tokens. steward: reads, and may try
 * to write single items; whether these lie within its scope is acl/admin.h's to
 * say, when they are known. Scopes of a token only take away.
 */
#ifndef DG_ADMIN_PERMIT_H
#define DG_ADMIN_PERMIT_H

#include "store/admin.h"

enum dg_api_access {
	API_OPEN, /* no token */
	API_ANY,  /* any token */
	API_READ, /* reading the policy, the log, the audit */
	API_ASK,  /* the same with a body: changes nothing, for scopes a read */
	API_WRITE, /* changing one item of the policy */
	API_OWNER, /* tokens, whole policies: administrators only */
};

/* DENIED with the reason. is_write: the method changes something. */
enum dg_rc dg_api_permit(const struct dg_store_token *token,
			 enum dg_api_access access, struct dg_str resource,
			 bool is_write, struct dg_error *err) DG_MUST_CHECK;
/*
 * Whether a token may make one with these scopes: not one that may more than
 * itself. DENIED with the reason.
 */
enum dg_rc dg_api_permit_scopes(const struct dg_store_token *token,
				const struct dg_str *scopes, size_t n_scopes,
				struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize.h - the one place where SQL meets policy.
 *
 * Turns an access list into entries for acl, decides, and words the refusal.
 * Every action of sqlparse/actions.def has an explicit mapping; OPAQUE is
 * always denied.
 */
#ifndef DG_PROXY_AUTHORIZE_H
#define DG_PROXY_AUTHORIZE_H

#include "acl/acl.h"
#include "sqlparse/sqlparse.h"

struct dg_authorize_request {
	const struct dg_acl_snapshot *policy;
	struct dg_acl_cache *cache; /* may be NULL */
	struct dg_str user;
	struct dg_str cluster;
	int64_t now_us;
	struct dg_str text; /* the client's, for line and column */
	const struct dg_sql_analysis *analysis;
	/* Columns of tables, as given to the analysis (for empty sets). */
	dg_sql_columns_fn columns;
	void *columns_arg;
	struct dg_str help; /* "ask data-team@example.com", from config */
};

struct dg_verdict {
	bool allowed;
	int64_t rule_id;
	struct dg_str reason;  /* dg_acl_reason_name or "opaque" */
	/* "Access Denied: line 1:8: Cannot select from columns [acctbal] ..." */
	struct dg_str message;
	unsigned line; /* of the first refused object; 0 = none */
	unsigned column;
	struct dg_str access_json; /* for the audit */
};

/* LIMIT (arena) is a refusal as well. Everything lives in arena. */
enum dg_rc dg_authorize(const struct dg_authorize_request *request,
			struct dg_arena *arena,
			struct dg_verdict *verdict_out) DG_MUST_CHECK;

#endif

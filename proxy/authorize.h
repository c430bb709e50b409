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
	const struct dg_str *roles; /* of the session: subject.h */
	size_t n_roles;
	struct dg_str client; /* "address:port"; empty: not known */
	struct dg_str cluster;
	int64_t now_us;
	struct dg_str text; /* the client's, for line and column */
	const struct dg_sql_analysis *analysis;
	/* Columns of tables, as given to the analysis (for empty sets). */
	dg_sql_columns_fn columns;
	void *columns_arg;
	struct dg_str help; /* "ask data-team@example.com", from config */
	struct dg_str statement_id; /* for people to quote; may be empty */
	/* errors.disclose: name objects, neither what is missing nor where */
	bool minimal;
	/* Slower: access_json tells all rules and the way to each right. */
	bool explain;
	size_t access_max; /* of access_json; the rest is counted only; 0: any
			    */
};

struct dg_verdict {
	bool allowed;
	int64_t rule_id;
	/* Allowed only because the place is being observed (docs/policy.md). */
	bool observed;
	/*
	 * Refused, and for nothing but what could not be found out now:
	 * nothing is missing to who asks.
	 */
	bool is_passing;
	/*
	 * dg_acl_reason_name, "opaque", "metadata" (is_passing) or, when
	 * observed, "would_deny"
	 */
	struct dg_str reason;
	/* "Access Denied: line 1:8: Cannot select from columns [acctbal] ..."
	 */
	struct dg_str message;
	unsigned line; /* of the first refused object; 0 = none */
	unsigned column;
	struct dg_str access_json; /* for the audit */
};

/*
 * LIMIT (arena) is a refusal as well. Everything lives in arena.
 *
 * SHOW, DESCRIBE and USE need any privilege on the object or beneath it; SHOW
 * CATALOGS is as good as reading system.jdbc.catalogs, and so needs that.
 */
enum dg_rc dg_authorize(const struct dg_authorize_request *request,
			struct dg_arena *arena,
			struct dg_verdict *verdict_out) DG_MUST_CHECK;

/*
 * For a statement whose names cannot be bound: may its author be told what is
 * wrong with them? analysis was made without any columns. Refused as by
 * dg_authorize when a table is denied whatever its columns are; with minimal
 * already when not every column of it is allowed for sure. Nothing runs on the
 * word of this function.
 */
enum dg_rc dg_authorize_error(const struct dg_authorize_request *request,
			      struct dg_arena *arena,
			      struct dg_verdict *verdict_out) DG_MUST_CHECK;
/*
 * Any right at all on the table. Who has none is told nothing of it but its
 * name. Columns, analysis and text of the request are not used.
 */
bool dg_authorize_any(const struct dg_authorize_request *request,
		      const struct dg_sql_name *table, struct dg_arena *arena);

/*
 * Session properties that a client brings in its headers: each needs SET, as
 * SET SESSION does. Fills verdict_out as dg_authorize does, without analysis.
 */
enum dg_rc
dg_authorize_properties(const struct dg_authorize_request *request,
			const struct dg_str *names, size_t n_names,
			struct dg_arena *arena,
			struct dg_verdict *verdict_out) DG_MUST_CHECK;
/*
 * One question about one name, such as IMPERSONATE of a user. Columns,
 * analysis and text of the request are not used.
 */
bool dg_authorize_one(const struct dg_authorize_request *request,
		      enum dg_acl_privilege privilege, enum dg_acl_kind kind,
		      struct dg_str name, struct dg_arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - what would be decided about a statement, and why; for people.
 *
 * The same analysis and the same decision as for a client's statement; nothing
 * is run, nothing recorded.
 */
#ifndef DG_PROXY_EXPLAIN_H
#define DG_PROXY_EXPLAIN_H

#include "acl/admin.h"
#include "base/buf.h"
#include "proxy/gateway.h"
#include "sqlparse/sqlparse.h"
#include "store/store.h"

struct dg_explain {
	const struct dg_store_snapshot *policy;
	struct dg_str user;
	const struct dg_str *groups; /* of the token or directory */
	size_t n_groups;
	struct dg_str cluster; /* empty: the user's, or the default one */
	struct dg_str client;  /* address; empty: not known */
	/* NULL: the cluster's, in its version or the newest there is */
	const struct dg_sql_engine *engine;
	struct dg_str catalog; /* of the session; empty: the user's default */
	struct dg_str schema;
	struct dg_str sql;
	dg_sql_columns_fn columns; /* NULL: as the gateway knows them */
	void *columns_arg;
	/*
	 * Borrowed; NULL: there is none. What its workers know, they are asked
	 * for, of the cluster's version as well; then the caller may wait.
	 */
	struct dg_gateway *gateway;
	int64_t now_us;
	/* Whose rows bound what may be asked about; NULL: nobody's. */
	const struct dg_acl_admin *admins;
	size_t n_admins;
	/* What groups bring is read in others' rules. */
	bool tells_groups;
};

/*
 * A JSON object: ok, allowed, reason, message, line, column, user, cluster,
 * metadata (who has told of columns: "given", by the caller; "known", by the
 * gateway; "partly"; "unknown"; what is not known the decision does not know,
 * as unknown_tables lists; tables_cut: there are more than the gateway is
 * asked about), policy_version, admins (who may give everything,
 * when it is refused), and access, each with its action and object, reason,
 * rule, rules (ids of all that matched), path (user -> role), missing columns,
 * the stewards who may give what is missing, and roles that have it.
 * refused_with_groups: those that a token would bring the refusal with, asked
 * about none (groups_cut: there are more groups than there was time for, or
 * than are looked at); allowed_without_groups: asked about some. groups_hidden
 * stands in place of either without tells_groups. ok is false when the
 * statement cannot be read. NOT_FOUND: no such user or cluster; DENIED: beyond
 * what admins are about; it names what the statement names. LIMIT.
 */
enum dg_rc dg_explain_statement(const struct dg_explain *explain,
				struct dg_buf *json_out, bool *allowed_out,
				struct dg_error *err) DG_MUST_CHECK;
/*
 * Adds rule_names, {"7": "name"}, of all rules that the answer names; for
 * threads that may wait.
 */
enum dg_rc dg_explain_name_rules(struct dg_pg *pg, struct dg_loop *loop,
				 struct dg_buf *json,
				 struct dg_error *err) DG_MUST_CHECK;

#endif

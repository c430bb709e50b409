/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - what would be decided about a statement, and why; for people.
 *
 * The same analysis and the same decision as for a client's statement; nothing
 * is run, nothing recorded.
 */
#ifndef DG_PROXY_EXPLAIN_H
#define DG_PROXY_EXPLAIN_H

#include "base/buf.h"
#include "sqlparse/sqlparse.h"
#include "store/store.h"

struct dg_explain {
	const struct dg_store_snapshot *policy;
	struct dg_str user;
	struct dg_str cluster; /* empty: the user's, or the default one */
	struct dg_str client;  /* address; empty: not known */
	unsigned version;      /* of the engine; 0: the newest known */
	struct dg_str catalog; /* of the session; empty: the user's default */
	struct dg_str schema;
	struct dg_str sql;
	dg_sql_columns_fn columns; /* NULL: none is known */
	void *columns_arg;
	int64_t now_us;
};

/*
 * A JSON object: ok, allowed, reason, message, line, column, cluster,
 * policy_version, and access, each with its action and object, reason, rule,
 * rules (ids of all that matched), path (user -> role), missing columns, and
 * the stewards who may give what is missing. ok is false, with error, when the
 * statement cannot be read. NOT_FOUND: no such user or cluster; LIMIT.
 */
enum dg_rc dg_explain_statement(const struct dg_explain *explain,
				struct dg_buf *json_out, bool *allowed_out,
				struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_prune.c - partitions of the audit, made ahead and dropped when they are
 * past. The functions of migrations/006_audit.sql do it, each call in its own
 * transaction, so that whoever writes waits for one step only.
 */
#include <stdio.h>

#include "store/admin.h"

enum { DELETE_ROWS = 20000 };

static void
on_count(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err DG_UNUSED)
{
	if (rc == DG_OK && dg_pg_rows(result) == 1 &&
	    dg_str_to_u64(dg_pg_get(result, 0, 0), arg) != DG_OK)
		*(uint64_t *)arg = 0;
}

static enum dg_rc
count(struct dg_pg *pg, struct dg_loop *loop, const char *sql,
      const struct dg_str *params, size_t n, uint64_t *out,
      struct dg_error *err)
{
	*out = 0;
	return dg_pg_query_wait(pg, loop, sql, params, n, on_count, out, err);
}

/* Some rows at a time, until there are none. */
static enum dg_rc
delete_rows(struct dg_pg *pg, struct dg_loop *loop, struct dg_str days,
	    uint64_t *deleted, struct dg_error *err)
{
	char most[16];
	struct dg_str params[2];
	uint64_t n = 1;
	enum dg_rc rc = DG_OK;

	(void)snprintf(most, sizeof(most), "%d", (int)DELETE_ROWS);
	params[0] = days;
	params[1] = dg_str_from_cstr(most);
	while (rc == DG_OK && n > 0) {
		rc = count(pg, loop,
			   "SELECT datagateway.audit_delete("
			   "now() - make_interval(days => $1::int), $2::int)",
			   params, 2, &n, err);
		*deleted += n;
	}
	return rc;
}

enum dg_rc
dg_store_audit_prune(struct dg_pg *pg, struct dg_loop *loop,
		     struct dg_store_prune *prune, struct dg_error *err)
{
	char ahead[16];
	char keep[16];
	struct dg_str params[2];
	enum dg_rc rc;

	(void)snprintf(ahead, sizeof(ahead), "%u", prune->ahead);
	(void)snprintf(keep, sizeof(keep), "%u", prune->keep_days);
	prune->made = prune->dropped = prune->deleted = 0;
	params[0] = prune->by_month ? DG_STR("month") : DG_STR("day");
	params[1] = dg_str_from_cstr(ahead);
	/* What is past goes first: it need not move to partitions. */
	if (prune->keep_days > 0) {
		struct dg_str days = dg_str_from_cstr(keep);

		rc = count(pg, loop,
			   "SELECT datagateway.audit_drop_partitions("
			   "now() - make_interval(days => $1::int))",
			   &days, 1, &prune->dropped, err);
		if (rc == DG_OK)
			rc = delete_rows(pg, loop, days, &prune->deleted, err);
		if (rc != DG_OK)
			return rc;
	}
	return count(pg, loop,
		     "SELECT datagateway.audit_make_partitions($1, $2::int)",
		     params, 2, &prune->made, err);
}

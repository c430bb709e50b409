/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metadata.h - the columns of tables on clusters, as the engines show them.
 *
 * A cache per worker: TTL, bounded, single flight per table, a deadline. Rows
 * come in ordinal order from `SELECT * FROM t LIMIT 0`-like or
 * information_schema queries sent as the cluster's metadata user, who must see
 * every column. Names are lower case.
 *
 * Queries are shared out: so many in all, so many for one user, the rest in
 * order of asking, and users in turn.
 */
#ifndef DG_PROXY_METADATA_METADATA_H
#define DG_PROXY_METADATA_METADATA_H

#include "http/client.h"
#include "route/route.h"
#include "sqlparse/sqlparse.h"

struct dg_metadata; /* one per worker */

struct dg_metadata_config {
	unsigned ttl_ms;
	unsigned absent_ttl_ms; /* how long "no such table" is believed */
	unsigned deadline_ms;   /* of one query */
	size_t max_tables;
	size_t max_bytes;
	size_t max_flights; /* queries at a time */
};

struct dg_metadata *dg_metadata_create(struct dg_loop *loop,
				       struct dg_upstream *upstream,
				       const struct dg_metadata_config *config);
void dg_metadata_destroy(struct dg_metadata **metadata);

/*
 * For dg_sql_context.columns: FOUND, ABSENT, NO_VIEW, PENDING (not cached), or
 * UNAVAILABLE (a fetch failed a moment ago, why says how). Names are copied to
 * arena; PENDING as well when it has no room for them.
 */
enum dg_sql_lookup dg_metadata_lookup(struct dg_metadata *metadata,
				      const struct dg_target *target,
				      const struct dg_sql_name *table,
				      struct dg_arena *arena,
				      struct dg_sql_columns *columns_out);

/*
 * Of a table that is PENDING though it was waited for: its query has not begun,
 * or so late that less than half of the deadline was left to it, because others
 * were before it or the table changed; or its answer was dropped meanwhile, or
 * found no room in the arena. All of that others can bring about.
 */
bool dg_metadata_is_crowded_out(struct dg_metadata *metadata,
				const struct dg_target *target,
				const struct dg_sql_name *table);

struct dg_metadata_request {
	const struct dg_target *target;
	struct dg_str user; /* whose share of the queries it is */
	const struct dg_sql_name *tables;
	size_t n_tables;
	unsigned deadline_ms;
};

struct dg_metadata_wait;
/*
 * Fetches all tables; done when of each there is an answer, at the latest at
 * the deadline: what is PENDING then did not come in time. Never calls back
 * before it returned. NULL when so much is waiting already, of this user or of
 * all, that the deadline would be all that comes.
 */
struct dg_metadata_wait *
dg_metadata_fetch(struct dg_metadata *metadata,
		  const struct dg_metadata_request *request, dg_loop_fn done,
		  void *arg);
void dg_metadata_cancel(struct dg_metadata_wait **wait);
/*
 * The table changes or has changed: what is known of it is forgotten, and what
 * is on its way is asked for again.
 */
void dg_metadata_forget(struct dg_metadata *metadata, struct dg_str cluster,
			const struct dg_sql_name *table);
/* The same for every table there is. */
void dg_metadata_forget_all(struct dg_metadata *metadata);

#endif

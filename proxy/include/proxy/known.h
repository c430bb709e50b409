/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - what this replica knows of a cluster and its tables, for threads
 * that may wait and are not its workers'.
 *
 * Workers are asked for what they have in their caches; no coordinator is.
 */
#ifndef DG_PROXY_KNOWN_H
#define DG_PROXY_KNOWN_H

#include "proxy/gateway.h"
#include "sqlparse/sqlparse.h"

struct dg_known; /* one thread's at a time */

/* The gateway outlives it. cluster: a name in the policy, copied. */
struct dg_known *dg_gateway_know(struct dg_gateway *gateway,
				 struct dg_str cluster);
void dg_known_close(struct dg_known **known);

/*
 * As what a statement for the cluster is read now. False: no worker has
 * answered, or none knows the cluster.
 */
bool dg_known_reading(struct dg_known *known, struct dg_sql_engine *engine_out,
		      enum dg_sql_accounting *accounting_out);

/*
 * A dg_sql_columns_fn, arg being a dg_known. UNAVAILABLE: no worker knows, or
 * none has answered in time, or all that was asked has taken too long or found
 * too much. What is found lives as long as known.
 */
enum dg_sql_lookup dg_known_columns(void *known,
				    const struct dg_sql_name *table,
				    struct dg_sql_columns *columns_out);

#endif

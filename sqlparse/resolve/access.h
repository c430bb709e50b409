/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - from what the resolver learnt to the answer; private.
 */
#ifndef DG_SQLPARSE_ACCESS_H
#define DG_SQLPARSE_ACCESS_H

#include "resolve/resolve.h"

/*
 * Fills access, n_access, pending, n_pending of analysis: sorted, each right
 * once. A limit fails r.
 */
void dg_sql_access_collect(struct dg_sql_resolver *r,
			   struct dg_sql_analysis *analysis);
/* Of that, pending and n_pending; false: a limit. */
bool dg_sql_access_collect_pending(struct dg_sql_resolver *r,
				   struct dg_sql_analysis *analysis);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h - GET and DELETE of /v1/query/{id}: some clients cancel that way
 * (protocol.md 1.4).
 */
#ifndef DG_PROXY_PRESTO_QUERY_H
#define DG_PROXY_PRESTO_QUERY_H

#include "worker.h"

/*
 * Takes over an authenticated exchange whose path is /v1/query/ID. The id says
 * neither cluster nor owner, and Presto checks no owner: so the clusters that
 * the principal may use are asked for it, one after the other, and the user
 * that they name must be the principal, or one that it may speak for, VIEW
 * or KILL. DELETE of an unknown id is 204, as in the engines; GET tells id,
 * state, user and text, nothing of the cluster.
 */
void dg_query_start(struct dg_worker *worker, struct dg_http_exchange *x,
		    const struct dg_caller *caller, struct dg_str id);

#endif

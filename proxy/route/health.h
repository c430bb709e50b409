/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h - reading a coordinator's /v1/info; the rest of health is in
 * route.h.
 */
#ifndef DG_PROXY_ROUTE_HEALTH_H
#define DG_PROXY_ROUTE_HEALTH_H

#include "route/route.h"

/*
 * Fills all of *state but its name. False with why_out (static) when the reply
 * is not one of a coordinator of that engine; the version is left as it was.
 */
bool dg_health_read_info(enum dg_store_engine engine, struct dg_str body,
			 struct dg_cluster_state *state,
			 const char **why_out) DG_MUST_CHECK;

#endif

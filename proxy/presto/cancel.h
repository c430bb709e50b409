/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cancel.h - DELETE of a query on its coordinator, without waiting for it.
 */
#ifndef DG_PROXY_PRESTO_CANCEL_H
#define DG_PROXY_PRESTO_CANCEL_H

#include "worker.h"

/* path: of the engine's URI. What comes of it is logged only. */
void dg_cancel_query(struct dg_worker *worker, const struct dg_target *target,
		     struct dg_str user, struct dg_str path);

#endif

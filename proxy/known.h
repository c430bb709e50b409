/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - asking workers, for the gateway, who has them.
 */
#ifndef DG_PROXY_KNOWN_PRIVATE_H
#define DG_PROXY_KNOWN_PRIVATE_H

#include "proxy/known.h"
#include "worker_thread.h"

/* Any thread; the workers outlive it. */
struct dg_known *dg_known_create(struct dg_worker_thread *const *workers,
				 unsigned n_workers, struct dg_str cluster);

#endif

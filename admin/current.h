/* SPDX-License-Identifier: Apache-2.0 */
/*
 * current.h - the policy in force on this replica, handed from the control
 * loop to the API's threads.
 */
#ifndef DG_ADMIN_CURRENT_H
#define DG_ADMIN_CURRENT_H

#include <pthread.h>

#include "store/store.h"

struct dg_api_current {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct dg_store_snapshot *policy; /* ref; NULL: none yet */
};

void dg_api_current_init(struct dg_api_current *current);
void dg_api_current_fini(struct dg_api_current *current);
/* The newest one; takes a reference of its own. */
void dg_api_current_set(struct dg_api_current *current,
			struct dg_store_snapshot *policy);
/*
 * Waits for so long until it is of that version or a later one. The newest
 * there is then, with a reference for the caller; NULL: none yet.
 */
struct dg_store_snapshot *dg_api_current_get(struct dg_api_current *current,
					     int64_t version,
					     unsigned timeout_ms);

#endif

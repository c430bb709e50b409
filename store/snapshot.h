/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h - making snapshots; private to store/.
 */
#ifndef DG_STORE_SNAPSHOT_H
#define DG_STORE_SNAPSHOT_H

#include "store/store.h"

/* Empty, version 0, no acl yet; its arena holds at most max_bytes. */
struct dg_store_snapshot *dg_store_snapshot_create(size_t max_bytes);

#endif

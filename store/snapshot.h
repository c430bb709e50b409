/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h - making snapshots; private to store/.
 */
#ifndef DG_STORE_SNAPSHOT_H
#define DG_STORE_SNAPSHOT_H

#include "store/store.h"

/* The roles of one group, in the snapshot's arena, linked. */
struct dg_store_group_role {
	struct dg_str role;
	const struct dg_store_group_role *next;
};

/* Empty, version 0, no acl yet; its arena holds at most max_bytes. */
struct dg_store_snapshot *dg_store_snapshot_create(size_t max_bytes);
/* All but acl, shared; nothing may be added to either from then on. */
struct dg_store_snapshot *
dg_store_snapshot_derive(const struct dg_store_snapshot *from);
/* Members of group get role. LIMIT when the arena is full. */
enum dg_rc dg_store_snapshot_map_group(struct dg_store_snapshot *s,
				       struct dg_str group,
				       struct dg_str role) DG_MUST_CHECK;

#endif

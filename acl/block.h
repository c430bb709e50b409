/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.h - makes blocks of rules; private to acl/.
 */
#ifndef DG_ACL_BLOCK_H
#define DG_ACL_BLOCK_H

#include "snapshot.h"

/* A rule on its way into a block. */
struct dg_acl_placed {
	const struct dg_acl_compiled *rule;
	uint32_t tag;  /* one of the rule's; NONE: it has none */
	uint32_t hash; /* dg_acl_placed_hash */
	uint32_t group;
};
uint32_t dg_acl_placed_hash(const struct dg_acl_snapshot *snapshot,
			    const struct dg_acl_compiled *rule, uint32_t tag);

/* Room to work in, used for one block after the other. Zeroes to begin with. */
struct dg_acl_block_maker {
	const struct dg_acl_snapshot *snapshot; /* borrowed */
	struct dg_acl_group *groups;            /* owned, as the next two */
	uint32_t *slots;
	struct dg_acl_placed *rest;
	size_t capacity;
};
void dg_acl_block_maker_fini(struct dg_acl_block_maker *maker);

/* Copies the rules; sorts placed. One reference is the caller's. */
struct dg_acl_block *dg_acl_block_make(struct dg_acl_block_maker *maker,
				       struct dg_acl_placed *placed,
				       uint32_t n);

#endif

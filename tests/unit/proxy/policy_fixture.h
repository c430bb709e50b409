/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_fixture.h - policy snapshots made by hand, for tests without a store.
 */
#ifndef DG_TESTS_POLICY_FIXTURE_H
#define DG_TESTS_POLICY_FIXTURE_H

#include "store/store.h"

struct policy_fixture {
	struct dg_store_snapshot snapshot; /* never reaches zero references */
	struct dg_arena *arena;
	struct dg_acl_builder *builder;
	struct dg_store_user users[16];
	size_t n_users;
	int64_t n_rules;
	struct dg_store_cluster clusters[16];
};

void policy_fixture_init(struct policy_fixture *p, int64_t version);
struct dg_store_user *policy_fixture_user(struct policy_fixture *p,
					  const char *name, const char *hash);
struct dg_store_cluster *policy_fixture_cluster(struct policy_fixture *p,
						const char *name,
						enum dg_store_engine engine,
						uint16_t port);
/* `user` may USE `cluster` (a glob). */
void policy_fixture_use(struct policy_fixture *p, const char *user,
			const char *cluster);
/* After this no more users and rules. */
struct dg_store_snapshot *policy_fixture_finish(struct policy_fixture *p);
/* Asserts that no reference is left but its own. */
void policy_fixture_fini(struct policy_fixture *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_fixture.c - policy snapshots made by hand. See policy_fixture.h.
 */
#include "proxy/policy_fixture.h"

#include "base/assert.h"

void
policy_fixture_init(struct policy_fixture *p, int64_t version)
{
	*p = (struct policy_fixture){.n_users = 0};
	p->arena = dg_arena_create(1 << 20);
	p->builder = dg_acl_builder_create(version, 1 << 20);
	p->snapshot.version = version;
	p->snapshot.refs = 1;
	p->snapshot.clusters = p->clusters;
	dg_map_init(&p->snapshot.users, p->arena);
	dg_map_init(&p->snapshot.groups, p->arena);
}

struct dg_store_user *
policy_fixture_user(struct policy_fixture *p, const char *name,
		    const char *hash)
{
	struct dg_store_user *user = &p->users[p->n_users++];

	*user = (struct dg_store_user){
		.id = (int64_t)p->n_users,
		.name = dg_str_from_cstr(name),
		.password_hash = dg_str_from_cstr(hash),
		.credential_version = 1,
	};
	DG_ASSERT(dg_acl_add_user(p->builder, user->name, NULL) == DG_OK);
	DG_ASSERT(dg_map_put(&p->snapshot.users, user->name, user, NULL) ==
		  DG_OK);
	return user;
}

struct dg_store_cluster *
policy_fixture_cluster(struct policy_fixture *p, const char *name,
		       enum dg_store_engine engine, uint16_t port)
{
	struct dg_store_cluster *cluster =
		&p->clusters[p->snapshot.n_clusters++];

	*cluster = (struct dg_store_cluster){
		.id = (int64_t)p->snapshot.n_clusters,
		.name = dg_str_from_cstr(name),
		.engine = engine,
		.host = DG_STR("127.0.0.1"),
		.port = port,
		.enabled = true,
		.metadata_user = DG_STR("metadata"),
	};
	return cluster;
}

void
policy_fixture_use(struct policy_fixture *p, const char *user,
		   const char *cluster)
{
	const struct dg_acl_principal principal = {
		.name = dg_str_from_cstr(user)};
	const struct dg_acl_rule rule = {
		.id = ++p->n_rules,
		.effect = DG_ACL_ALLOW,
		.principals = &principal,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_USE),
		.object = {.kind = DG_ACL_CLUSTER,
			   .name = dg_str_from_cstr(cluster)},
	};

	DG_ASSERT(dg_acl_add_rule(p->builder, &rule, NULL) == DG_OK);
}

struct dg_store_snapshot *
policy_fixture_finish(struct policy_fixture *p)
{
	DG_ASSERT(dg_acl_builder_finish(&p->builder, &p->snapshot.acl, NULL) ==
		  DG_OK);
	return &p->snapshot;
}

void
policy_fixture_fini(struct policy_fixture *p)
{
	DG_ASSERT(p->snapshot.refs == 1);
	dg_acl_builder_destroy(&p->builder);
	dg_acl_snapshot_unref(&p->snapshot.acl);
	dg_arena_destroy(&p->arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.c - life and look-ups of policy snapshots. Loading is in
 * policy_load.c. A snapshot is immutable once it was handed out.
 */
#include "snapshot.h"

#include "base/mem.h"

struct dg_store_snapshot *
dg_store_snapshot_create(size_t max_bytes)
{
	struct dg_store_snapshot *s = DG_NEW(struct dg_store_snapshot);

	s->refs = 1;
	s->arena = dg_arena_create(max_bytes);
	dg_map_init(&s->users, NULL);
	return s;
}

struct dg_store_snapshot *
dg_store_snapshot_ref(struct dg_store_snapshot *s)
{
	if (s != NULL)
		__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void
dg_store_snapshot_unref(struct dg_store_snapshot **s)
{
	struct dg_store_snapshot *p = *s;

	*s = NULL;
	if (p == NULL || __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	dg_acl_snapshot_unref(&p->acl);
	dg_map_fini(&p->users);
	dg_arena_destroy(&p->arena);
	dg_free(p);
}

const struct dg_store_user *
dg_store_find_user(const struct dg_store_snapshot *s, struct dg_str name)
{
	return dg_map_get(&s->users, name);
}

const struct dg_store_cluster *
dg_store_find_cluster(const struct dg_store_snapshot *s, struct dg_str name)
{
	for (size_t i = 0; i < s->n_clusters; i++)
		if (dg_str_eq_nocase(s->clusters[i].name, name))
			return &s->clusters[i];
	return NULL;
}

const struct dg_store_cluster *
dg_store_default_cluster(const struct dg_store_snapshot *s)
{
	for (size_t i = 0; i < s->n_clusters; i++)
		if (s->clusters[i].is_default)
			return &s->clusters[i];
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.c - life and look-ups of policy snapshots. Loading is in
 * policy_load.c. A snapshot is immutable once it was handed out.
 */
#include "snapshot.h"

#include <stdlib.h>

#include "base/mem.h"

/* Counts those that share the tables: versions that differ in rules only. */
struct dg_store_ground {
	int refs; /* atomic */
	struct dg_arena *arena;
};

struct dg_store_snapshot *
dg_store_snapshot_create(size_t max_bytes)
{
	struct dg_store_snapshot *s = DG_NEW(struct dg_store_snapshot);

	s->refs = 1;
	s->ground = DG_NEW(struct dg_store_ground);
	s->ground->refs = 1;
	s->arena = dg_arena_create(max_bytes);
	s->ground->arena = s->arena;
	dg_map_init(&s->users, NULL);
	dg_map_init(&s->groups, NULL);
	return s;
}

struct dg_store_snapshot *
dg_store_snapshot_derive(const struct dg_store_snapshot *from)
{
	struct dg_store_snapshot *s = DG_NEW(struct dg_store_snapshot);

	*s = *from;
	s->refs = 1;
	s->acl = NULL;
	__atomic_add_fetch(&s->ground->refs, 1, __ATOMIC_RELAXED);
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
	if (__atomic_sub_fetch(&p->ground->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		/* The tables are the same in all that share them. */
		dg_map_fini(&p->users);
		dg_map_fini(&p->groups);
		dg_arena_destroy(&p->ground->arena);
		dg_free(p->ground);
	}
	dg_free(p);
}

const struct dg_store_user *
dg_store_find_user(const struct dg_store_snapshot *s, struct dg_str name)
{
	return dg_map_get(&s->users, name);
}

enum dg_rc
dg_store_snapshot_map_group(struct dg_store_snapshot *s, struct dg_str group,
			    struct dg_str role)
{
	struct dg_store_group_role *entry =
		DG_ARENA_NEW(s->arena, struct dg_store_group_role);
	struct dg_str name = dg_arena_str(s->arena, group);

	if (entry == NULL || name.data == NULL)
		return DG_ERR_LIMIT;
	entry->role = dg_arena_str(s->arena, role);
	entry->next = dg_map_get(&s->groups, group);
	if (entry->role.data == NULL)
		return DG_ERR_LIMIT;
	if (entry->next != NULL)
		(void)dg_map_remove(&s->groups, group);
	return dg_map_put(&s->groups, name, entry, NULL);
}

enum dg_rc
dg_store_group_roles(const struct dg_store_snapshot *s,
		     const struct dg_str *groups, size_t n_groups,
		     struct dg_arena *arena, const struct dg_str **roles_out,
		     size_t *n_roles_out)
{
	const struct dg_store_group_role *at;
	struct dg_str *roles;
	size_t n = 0;

	for (size_t i = 0; i < n_groups; i++)
		for (at = dg_map_get(&s->groups, groups[i]); at != NULL;
		     at = at->next)
			n++;
	roles = DG_ARENA_ARRAY(arena, struct dg_str, n);
	if (roles == NULL)
		return DG_ERR_LIMIT;
	n = 0;
	for (size_t i = 0; i < n_groups; i++)
		for (at = dg_map_get(&s->groups, groups[i]); at != NULL;
		     at = at->next)
			roles[n++] = at->role;
	*roles_out = roles;
	*n_roles_out = n;
	return DG_OK;
}

static int
compare_names(const void *a, const void *b)
{
	const struct dg_str *x = a;
	const struct dg_str *y = b;

	return dg_str_cmp(*x, *y);
}

enum dg_rc
dg_store_groups(const struct dg_store_snapshot *s, struct dg_arena *arena,
		const struct dg_str **groups_out, size_t *n_out)
{
	struct dg_str *groups =
		DG_ARENA_ARRAY(arena, struct dg_str, s->groups.count);
	struct dg_map_iter iter = {0};
	size_t n = 0;

	if (groups == NULL)
		return DG_ERR_LIMIT;
	while (dg_map_next(&s->groups, &iter))
		groups[n++] = iter.key;
	if (n > 0)
		qsort(groups, n, sizeof(groups[0]), compare_names);
	*groups_out = groups;
	*n_out = n;
	return DG_OK;
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

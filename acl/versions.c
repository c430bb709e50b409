/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions.c - life of snapshots and of what they share.
 *
 * A snapshot that was built from nothing makes the ground; one that is derived
 * takes references to it and to all parts, and has names of its own only for
 * what no version before it named.
 */
#include "snapshot.h"

#include "base/mem.h"

enum {
	/* Then a change costs more than it should: load anew. */
	OWN_NAMES_MAX = 1 << 16,
};

static void
free_tables(struct dg_acl_ground *g)
{
	dg_acl_symbols_fini(&g->symbols);
	dg_map_fini(&g->users);
	dg_map_fini(&g->roles);
	dg_map_fini(&g->catalogs);
	dg_map_fini(&g->observed_clusters);
	dg_map_fini(&g->observed_catalogs);
	dg_free(g->members);
	dg_arena_destroy(&g->arena);
}

static void
ground_unref(struct dg_acl_ground *ground)
{
	if (__atomic_sub_fetch(&ground->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free_tables(ground);
	dg_free(ground);
}

void
dg_acl_snapshot_settle(struct dg_acl_snapshot *s)
{
	struct dg_acl_ground *ground = DG_NEW(struct dg_acl_ground);

	*ground = (struct dg_acl_ground){
		.refs = 1,
		.arena = s->arena,
		.symbols = s->symbols,
		.users = s->users,
		.roles = s->roles,
		.catalogs = s->catalogs,
		.observed_clusters = s->observed_clusters,
		.observed_catalogs = s->observed_catalogs,
		.members = s->members,
	};
	s->arena = NULL;
	s->ground = ground;
}

void
dg_acl_snapshot_free(struct dg_acl_snapshot *snapshot)
{
	struct dg_acl_snapshot *s = snapshot;

	for (uint32_t i = 0; s->parts != NULL && i < s->n_members; i++)
		dg_acl_part_unref(&s->parts[i]);
	dg_free(s->parts);
	if (s->ground == NULL)
		dg_acl_snapshot_settle(s);
	if (s->symbols.base != NULL)
		dg_acl_symbols_fini(&s->symbols);
	dg_arena_destroy(&s->arena);
	ground_unref(s->ground);
	dg_free(s);
}

struct dg_acl_snapshot *
dg_acl_snapshot_derive(const struct dg_acl_snapshot *snapshot, int64_t version,
		       size_t max_bytes)
{
	struct dg_acl_snapshot *s;

	if (dg_acl_symbols_own(&snapshot->symbols) > OWN_NAMES_MAX)
		return NULL;
	s = DG_NEW(struct dg_acl_snapshot);
	*s = *snapshot;
	s->refs = 1;
	s->version = version;
	s->arena = dg_arena_create(max_bytes);
	__atomic_add_fetch(&s->ground->refs, 1, __ATOMIC_RELAXED);
	s->parts = DG_NEW_ARRAY(const struct dg_acl_part *, s->n_members);
	for (uint32_t i = 0; i < s->n_members; i++)
		s->parts[i] = dg_acl_part_ref(snapshot->parts[i]);
	dg_acl_symbols_init(&s->symbols, &s->ground->symbols, s->arena);
	if (dg_acl_symbols_copy_own(&s->symbols, &snapshot->symbols) == DG_OK)
		return s;
	dg_acl_snapshot_free(s);
	return NULL;
}

struct dg_acl_snapshot *
dg_acl_snapshot_ref(struct dg_acl_snapshot *snapshot)
{
	__atomic_add_fetch(&snapshot->refs, 1, __ATOMIC_RELAXED);
	return snapshot;
}

void
dg_acl_snapshot_unref(struct dg_acl_snapshot **snapshot)
{
	struct dg_acl_snapshot *s = *snapshot;

	*snapshot = NULL;
	if (s == NULL)
		return;
	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) == 0)
		dg_acl_snapshot_free(s);
}

int64_t
dg_acl_snapshot_version(const struct dg_acl_snapshot *snapshot)
{
	return snapshot->version;
}

size_t
dg_acl_snapshot_bytes(const struct dg_acl_snapshot *snapshot)
{
	return snapshot->bytes;
}

size_t
dg_acl_snapshot_rules(const struct dg_acl_snapshot *snapshot)
{
	return snapshot->n_rules;
}

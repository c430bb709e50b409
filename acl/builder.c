/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.c - a snapshot while it is being filled: its life, its members, and
 * how much it may hold. A builder that modifies a snapshot starts with all that
 * is there, and knows what goes besides what comes.
 */
#include "builder.h"

#include "base/assert.h"
#include "base/mem.h"

static enum dg_rc
add_member(struct dg_acl_builder *builder, struct dg_map *map,
	   struct dg_str name, bool is_role)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	struct dg_acl_member *member;

	member = DG_ARENA_NEW(s->arena, struct dg_acl_member);
	if (member == NULL)
		return DG_ERR_LIMIT;
	member->name = dg_arena_str(s->arena, name);
	if (member->name.data == NULL)
		return DG_ERR_LIMIT;
	member->is_role = is_role;
	if (s->n_members == builder->members_capacity) {
		builder->members_capacity =
			s->n_members == 0 ? 64 : 2 * s->n_members;
		s->members = dg_realloc(s->members, builder->members_capacity,
					sizeof(void *));
	}
	member->id = s->n_members;
	if (dg_map_put(map, member->name, member, NULL) != DG_OK)
		return DG_ERR_LIMIT;
	s->members[s->n_members++] = member;
	return DG_OK;
}

/* ---- life --------------------------------------------------------------- */

struct dg_acl_builder *
dg_acl_builder_create(int64_t version, size_t cap_bytes)
{
	struct dg_acl_builder *builder = DG_NEW(struct dg_acl_builder);
	struct dg_acl_snapshot *snapshot = DG_NEW(struct dg_acl_snapshot);
	enum dg_rc rc;

	snapshot->refs = 1;
	snapshot->version = version;
	snapshot->arena = dg_arena_create(cap_bytes);
	dg_acl_symbols_init(&snapshot->symbols, NULL, snapshot->arena);
	dg_map_init(&snapshot->users, NULL);
	dg_map_init(&snapshot->roles, NULL);
	dg_map_init(&snapshot->catalogs, NULL);
	dg_map_init(&snapshot->observed_clusters, NULL);
	dg_map_init(&snapshot->observed_catalogs, NULL);
	builder->snapshot = snapshot;
	builder->cap_bytes = cap_bytes;
	builder->scratch = dg_arena_create(cap_bytes);
	builder->sorted = true;
	dg_map_init(&builder->by_tag, NULL);
	rc = add_member(builder, &snapshot->roles, DG_STR("public"), true);
	builder->is_full = rc != DG_OK;
	return builder;
}

struct dg_acl_builder *
dg_acl_builder_modify(const struct dg_acl_snapshot *snapshot, int64_t version,
		      size_t cap_bytes)
{
	struct dg_acl_snapshot *derived =
		dg_acl_snapshot_derive(snapshot, version, cap_bytes);
	struct dg_acl_builder *builder;

	if (derived == NULL)
		return NULL;
	builder = DG_NEW(struct dg_acl_builder);
	builder->snapshot = derived;
	builder->cap_bytes = cap_bytes;
	builder->scratch = dg_arena_create(cap_bytes);
	builder->sorted = true;
	dg_map_init(&builder->by_tag, NULL);
	builder->modifies = true;
	return builder;
}

void
dg_acl_builder_destroy(struct dg_acl_builder **builder)
{
	struct dg_acl_builder *b = *builder;

	*builder = NULL;
	if (b == NULL)
		return;
	dg_free(b->rules);
	dg_free(b->come.items);
	dg_free(b->go.items);
	dg_free(b->edges);
	dg_free(b->taggings);
	dg_map_fini(&b->by_tag);
	dg_arena_destroy(&b->scratch);
	if (b->snapshot != NULL)
		dg_acl_snapshot_free(b->snapshot);
	dg_free(b);
}

/* ---- members ------------------------------------------------------------ */

/* The tables are counted as they are allocated. */
size_t
dg_acl_bytes_held(const struct dg_acl_builder *builder)
{
	const struct dg_acl_snapshot *s = builder->snapshot;
	size_t map_slots =
		s->users.capacity + s->roles.capacity + s->catalogs.capacity +
		s->observed_clusters.capacity + s->observed_catalogs.capacity;

	if (builder->modifies)
		return s->ground->bytes + dg_arena_held(s->arena) +
		       dg_acl_symbols_bytes(&s->symbols);
	return dg_arena_held(s->arena) + dg_acl_symbols_bytes(&s->symbols) +
	       map_slots * (sizeof(uint64_t) + 3 * sizeof(void *)) +
	       builder->members_capacity * sizeof(void *);
}

enum dg_rc
dg_acl_out_of_room(struct dg_acl_builder *builder, struct dg_error *err)
{
	builder->is_full = true;
	return dg_error_set(err, DG_ERR_LIMIT,
			    "the policy needs more than %zu bytes",
			    builder->cap_bytes);
}

enum dg_rc
dg_acl_check_room(struct dg_acl_builder *builder, struct dg_error *err)
{
	size_t held =
		dg_acl_bytes_held(builder) + dg_arena_held(builder->scratch);

	held += builder->rules_capacity * sizeof(struct dg_acl_compiled) +
		(builder->come.capacity + builder->go.capacity) *
			sizeof(struct dg_acl_posting) +
		builder->edges_capacity * sizeof(struct dg_acl_edge) +
		builder->taggings_capacity * sizeof(*builder->taggings);
	if (held > builder->cap_bytes || builder->is_full)
		return dg_acl_out_of_room(builder, err);
	return DG_OK;
}

static enum dg_rc
add_named(struct dg_acl_builder *builder, struct dg_map *map,
	  struct dg_str name, bool is_role, struct dg_error *err)
{
	const char *what = is_role ? "role" : "user";

	DG_ASSERT(!builder->modifies);
	if (name.len == 0 || builder->snapshot->n_members >= DG_ACL_MEMBERS_MAX)
		return dg_error_set(err, DG_ERR_INVALID, "a %s without a name",
				    what);
	if (dg_map_get(map, name) != NULL)
		return dg_error_set(err, DG_ERR_CONFLICT,
				    "%s \"%.*s\" exists already", what,
				    DG_STR_ARG(name));
	if (add_member(builder, map, name, is_role) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	return dg_acl_check_room(builder, err);
}

enum dg_rc
dg_acl_add_user(struct dg_acl_builder *builder, struct dg_str name,
		struct dg_error *err)
{
	return add_named(builder, &builder->snapshot->users, name, false, err);
}

enum dg_rc
dg_acl_add_role(struct dg_acl_builder *builder, struct dg_str name,
		struct dg_error *err)
{
	if (dg_str_eq(name, DG_STR("public")))
		return DG_OK; /* there from the start */
	return add_named(builder, &builder->snapshot->roles, name, true, err);
}

const struct dg_acl_member *
dg_acl_find_member(const struct dg_acl_snapshot *s,
		   struct dg_acl_principal principal, struct dg_error *err)
{
	const struct dg_acl_member *member = dg_map_get(
		principal.is_role ? &s->roles : &s->users, principal.name);

	if (member == NULL)
		(void)dg_error_set(err, DG_ERR_NOT_FOUND,
				   "there is no %s \"%.*s\"",
				   principal.is_role ? "role" : "user",
				   DG_STR_ARG(principal.name));
	return member;
}

enum dg_rc
dg_acl_add_member(struct dg_acl_builder *builder, struct dg_str role,
		  struct dg_acl_principal member, struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	const struct dg_acl_member *to;
	const struct dg_acl_member *who;

	DG_ASSERT(!builder->modifies);
	to = dg_acl_find_member(
		s, (struct dg_acl_principal){.is_role = true, .name = role},
		err);
	if (to == NULL)
		return DG_ERR_NOT_FOUND;
	who = dg_acl_find_member(s, member, err);
	if (who == NULL)
		return DG_ERR_NOT_FOUND;
	if (to->id == DG_ACL_PUBLIC || who->id == DG_ACL_PUBLIC)
		return dg_error_set(err, DG_ERR_INVALID,
				    "public holds every user; it has no "
				    "members and is no member");
	if (builder->n_edges == builder->edges_capacity) {
		builder->edges_capacity =
			builder->n_edges == 0 ? 64 : 2 * builder->n_edges;
		builder->edges =
			dg_realloc(builder->edges, builder->edges_capacity,
				   sizeof(struct dg_acl_edge));
	}
	builder->edges[builder->n_edges++] =
		(struct dg_acl_edge){.role = to->id, .member = who->id};
	return dg_acl_check_room(builder, err);
}

/* ---- names -------------------------------------------------------------- */

enum dg_rc
dg_acl_intern_lower(struct dg_acl_snapshot *s, struct dg_str name,
		    uint32_t *symbol_out)
{
	struct dg_str lower = dg_acl_lower(s->arena, name);

	if (lower.data == NULL)
		return DG_ERR_LIMIT;
	return dg_acl_symbols_intern(&s->symbols, lower, symbol_out);
}

enum dg_rc
dg_acl_intern_column(struct dg_acl_snapshot *snapshot, struct dg_str column,
		     uint32_t *symbol_out)
{
	uint32_t ignored;

	for (size_t dot = dg_str_find(column, '.', 0); dot < column.len;
	     dot = dg_str_find(column, '.', dot + 1))
		if (dg_acl_intern_lower(snapshot, dg_str_slice(column, 0, dot),
					&ignored) != DG_OK)
			return DG_ERR_LIMIT;
	return dg_acl_intern_lower(snapshot, column, symbol_out);
}

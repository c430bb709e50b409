/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - roles that a user has in one session only. See session.h.
 *
 * They are added where the closure is, so that every rule, deny and exception
 * sees them as it sees roles of the policy. Roles that the user has anyway are
 * not extra: a session whose groups add nothing is the user's own.
 */
#include "session.h"

#include <stdlib.h>

#include "acl/reach.h"

struct gathering {
	const struct dg_acl_snapshot *snapshot;
	const struct dg_acl_member *user;
	uint32_t *extra; /* what the session names */
	uint32_t n_extra;
	uint32_t *roles; /* these and all above them */
	uint32_t n_roles;
};

static bool
is_listed(const uint32_t *list, uint32_t n, uint32_t id)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

static bool
is_new(const struct gathering *g, uint32_t role)
{
	return !is_listed(g->user->closure, g->user->n_closure, role) &&
	       !is_listed(g->roles, g->n_roles, role);
}

/* Each role once: the queue is the result. */
static void
add_roles_above(struct gathering *g)
{
	for (uint32_t at = 0; at < g->n_roles; at++) {
		const struct dg_acl_member *m =
			g->snapshot->members[g->roles[at]];

		for (uint32_t i = 0; i < m->n_parents; i++)
			if (is_new(g, m->parents[i]))
				g->roles[g->n_roles++] = m->parents[i];
	}
}

static void
add_named(struct gathering *g, const struct dg_acl_request *request)
{
	for (size_t i = 0; i < request->n_roles; i++) {
		const struct dg_acl_member *role =
			dg_map_get(&g->snapshot->roles, request->roles[i]);

		if (role == NULL || !is_new(g, role->id))
			continue;
		g->extra[g->n_extra++] = role->id;
		g->roles[g->n_roles++] = role->id;
	}
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Itself is nobody of the policy: no rule is written for it. */
static struct dg_acl_member *
make_anyone(const struct dg_acl_snapshot *snapshot, struct dg_str name,
	    struct dg_arena *arena)
{
	static const uint32_t closure[] = {DG_ACL_PUBLIC};
	struct dg_acl_member *member =
		DG_ARENA_NEW(arena, struct dg_acl_member);

	if (member != NULL)
		*member = (struct dg_acl_member){
			.name = name,
			.id = snapshot->n_members,
			.closure = closure,
			.n_closure = DG_ARRAY_LEN(closure),
		};
	return member;
}

/* The user, public, and all roles in order, as in every closure. */
static uint32_t *
merge_closure(const struct gathering *g, struct dg_arena *arena)
{
	const struct dg_acl_member *user = g->user;
	/* Of anyone, who is not in its own, public alone. */
	uint32_t fixed = user->id < g->snapshot->n_members ? 2 : 1;
	uint32_t n = user->n_closure + g->n_roles;
	uint32_t *closure = DG_ARENA_ARRAY(arena, uint32_t, n);

	if (closure == NULL)
		return NULL;
	memcpy(closure, user->closure, user->n_closure * sizeof(uint32_t));
	memcpy(closure + user->n_closure, g->roles,
	       g->n_roles * sizeof(uint32_t));
	qsort(closure + fixed, n - fixed, sizeof(uint32_t), compare_u32);
	return closure;
}

static uint32_t *
merge_parents(const struct gathering *g, struct dg_arena *arena)
{
	const struct dg_acl_member *user = g->user;
	uint32_t n = user->n_parents + g->n_extra;
	uint32_t *parents = DG_ARENA_ARRAY(arena, uint32_t, n);

	if (parents == NULL)
		return NULL;
	if (user->n_parents > 0)
		memcpy(parents, user->parents,
		       user->n_parents * sizeof(uint32_t));
	memcpy(parents + user->n_parents, g->extra,
	       g->n_extra * sizeof(uint32_t));
	qsort(parents, n, sizeof(uint32_t), compare_u32);
	return parents;
}

static enum dg_rc
make_member(struct gathering *g, struct dg_arena *arena,
	    const struct dg_acl_member **member_out)
{
	struct dg_acl_member *member =
		DG_ARENA_NEW(arena, struct dg_acl_member);

	if (member == NULL)
		return DG_ERR_LIMIT;
	*member = *g->user;
	qsort(g->extra, g->n_extra, sizeof(uint32_t), compare_u32);
	member->extra = g->extra;
	member->n_extra = g->n_extra;
	member->closure = merge_closure(g, arena);
	member->n_closure = g->user->n_closure + g->n_roles;
	member->parents = merge_parents(g, arena);
	member->n_parents = g->user->n_parents + g->n_extra;
	if (member->closure == NULL || member->parents == NULL)
		return DG_ERR_LIMIT;
	*member_out = member;
	return DG_OK;
}

enum dg_rc
dg_acl_session_member(const struct dg_acl_snapshot *snapshot,
		      const struct dg_acl_request *request,
		      struct dg_arena *arena,
		      const struct dg_acl_member **member_out)
{
	struct gathering g = {
		.snapshot = snapshot,
		.user = request->anyone
				? make_anyone(snapshot, request->user, arena)
				: dg_map_get(&snapshot->users, request->user),
	};

	*member_out = g.user;
	if (request->anyone && g.user == NULL)
		return DG_ERR_LIMIT;
	if (g.user == NULL || request->n_roles == 0)
		return DG_OK;
	g.extra = DG_ARENA_ARRAY(arena, uint32_t, request->n_roles);
	g.roles = DG_ARENA_ARRAY(arena, uint32_t, snapshot->roles.count);
	if (g.extra == NULL || g.roles == NULL)
		return DG_ERR_LIMIT;
	add_named(&g, request);
	if (g.n_extra == 0)
		return DG_OK;
	add_roles_above(&g);
	return make_member(&g, arena, member_out);
}

enum dg_rc
dg_acl_session_denies(const struct dg_acl_snapshot *snapshot,
		      const struct dg_acl_request *who, struct dg_arena *arena,
		      bool *denies_out)
{
	const struct dg_acl_member *user =
		dg_map_get(&snapshot->users, who->user);
	const struct dg_acl_member *member;
	enum dg_rc rc = dg_acl_session_member(snapshot, who, arena, &member);

	*denies_out = false;
	if (rc != DG_OK || user == NULL)
		return rc;
	for (uint32_t i = 0; i < member->n_closure && !*denies_out; i++) {
		const struct dg_acl_part *part =
			dg_acl_part_of(snapshot, member->closure[i]);

		*denies_out = part != NULL && part->sums.n_denies > 0 &&
			      !is_listed(user->closure, user->n_closure,
					 member->closure[i]);
	}
	return DG_OK;
}

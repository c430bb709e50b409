/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - a decision with the rules and roles that made it.
 *
 * The answer itself comes from dg_acl_decide, so that it cannot differ.
 */
#include <stdlib.h>

#include "acl/reach.h"
#include "base/mem.h"
#include "match.h"
#include "session.h"

struct found {
	const struct dg_acl_compiled *rule;
	const struct dg_acl_member *member;
};

struct collector {
	struct found *found; /* NULL: only count */
	size_t n;
};

static void
collect(void *arg, const struct dg_acl_hit *hit)
{
	struct collector *c = arg;

	if (c->found != NULL)
		c->found[c->n] = (struct found){.rule = hit->rule,
						.member = hit->member};
	c->n++;
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;

	if (x->rule->id != y->rule->id)
		return x->rule->id < y->rule->id ? -1 : 1;
	return x->member->id < y->member->id ? -1
					     : x->member->id > y->member->id;
}

/* ---- the way from a user to a role -------------------------------------- */

/* Breadth first over roles; from[] is where each was reached from, plus 1. */
static bool
find_way(const struct dg_acl_snapshot *s, const struct dg_acl_member *user,
	 uint32_t target, uint32_t *from)
{
	uint32_t *queue = DG_NEW_ARRAY(uint32_t, (size_t)s->n_members + 1);
	uint32_t n = 0;
	bool is_found = false;

	queue[n++] = user->id;
	from[user->id] = user->id + 1;
	for (uint32_t at = 0; at < n && !is_found; at++) {
		/* The user may have roles of a session, or be anyone. */
		const struct dg_acl_member *m =
			queue[at] == user->id ? user : s->members[queue[at]];

		for (uint32_t i = 0; i < m->n_parents; i++) {
			uint32_t role = m->parents[i];

			if (from[role] != 0)
				continue;
			from[role] = m->id + 1;
			queue[n++] = role;
			is_found = is_found || role == target;
		}
	}
	dg_free(queue);
	return is_found;
}

/* "user -> role -> role"; data NULL when the arena is full. */
static struct dg_str
describe_way(const struct dg_acl_snapshot *s, const struct dg_acl_member *user,
	     const struct dg_acl_member *target, struct dg_arena *arena)
{
	uint32_t *from;
	struct dg_str way = target->name;

	if (target == user)
		return user->name;
	if (target->id == DG_ACL_PUBLIC)
		return dg_arena_printf(arena, "%.*s -> public",
				       DG_STR_ARG(user->name));
	from = DG_NEW_ARRAY(uint32_t, (size_t)s->n_members + 1);
	if (!find_way(s, user, target->id, from))
		way = DG_STR_EMPTY;
	for (uint32_t at = target->id; way.len > 0 && at != user->id;) {
		const struct dg_acl_member *m;

		at = from[at] - 1;
		m = at == user->id ? user : s->members[at];
		way = dg_arena_printf(arena, "%.*s -> %.*s",
				      DG_STR_ARG(m->name), DG_STR_ARG(way));
	}
	dg_free(from);
	return way;
}

/* ---- one entry ---------------------------------------------------------- */

static enum dg_rc
fill_ids(const struct found *found, size_t n, struct dg_arena *arena,
	 struct dg_acl_outcome *out)
{
	int64_t *ids = DG_ARENA_ARRAY(arena, int64_t, n);
	size_t kept = 0;

	if (ids == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ids[kept - 1] != found[i].rule->id)
			ids[kept++] = found[i].rule->id;
	out->rule_ids = ids;
	out->n_rule_ids = kept;
	return DG_OK;
}

static const struct dg_acl_member *
written_for(const struct found *found, size_t n, int64_t rule_id)
{
	for (size_t i = 0; i < n; i++)
		if (found[i].rule->id == rule_id)
			return found[i].member;
	return NULL;
}

/* Of a rule beneath or above the object, which the entry's own did not show */
static const struct dg_acl_member *
search_member(const struct dg_acl_snapshot *s, const struct dg_acl_member *user,
	      int64_t rule_id)
{
	for (uint32_t i = 0; i < user->n_closure; i++) {
		const struct dg_acl_member *m = s->members[user->closure[i]];

		const struct dg_acl_part *part = dg_acl_part_of(s, m->id);
		struct dg_acl_part_iter iter = {.below = INT64_MAX};
		const struct dg_acl_compiled *rule;

		for (rule = dg_acl_part_next(part, &iter); rule != NULL;
		     rule = dg_acl_part_next(part, &iter))
			if (rule->id == rule_id)
				return m;
	}
	return NULL;
}

static enum dg_rc
explain_entry(const struct dg_acl_snapshot *s,
	      const struct dg_acl_request *request,
	      const struct dg_acl_member *user,
	      const struct dg_acl_entry *entry, struct dg_arena *arena,
	      struct dg_acl_outcome *out)
{
	struct dg_acl_window window = {INT64_MIN, INT64_MAX};
	struct dg_acl_query query;
	struct collector c = {0};
	const struct dg_acl_member *member;
	enum dg_rc rc;

	rc = dg_acl_query_init(&query, s, request, user, &entry->object, arena);
	if (rc != DG_OK)
		return rc;
	dg_acl_query_symbols(&query);
	query.privileges = entry->privilege == DG_ACL_P_SHOW
				   ? DG_ACL_BIT(DG_ACL_P_COUNT) - 1
				   : DG_ACL_BIT(entry->privilege);
	query.wants_all = true;
	dg_acl_match_each(&query, &window, collect, &c);
	c.found = DG_ARENA_ARRAY(arena, struct found, c.n);
	if (c.found == NULL)
		return DG_ERR_LIMIT;
	c.n = 0;
	dg_acl_match_each(&query, &window, collect, &c);
	if (c.n > 0)
		qsort(c.found, c.n, sizeof(*c.found), compare_found);
	if (out->rule_id != 0) {
		member = written_for(c.found, c.n, out->rule_id);
		if (member == NULL)
			member = search_member(s, user, out->rule_id);
		if (member != NULL)
			out->path = describe_way(s, user, member, arena);
		if (member != NULL && out->path.data == NULL)
			return DG_ERR_LIMIT;
	}
	return fill_ids(c.found, c.n, arena, out);
}

struct dg_str
dg_acl_path_of_rule(const struct dg_acl_snapshot *snapshot,
		    const struct dg_acl_request *who, int64_t rule_id,
		    struct dg_arena *arena)
{
	const struct dg_acl_member *user = NULL;
	const struct dg_acl_member *member = NULL;

	if (dg_acl_session_member(snapshot, who, arena, &user) != DG_OK)
		return dg_str_make(NULL, 0);
	if (user != NULL && rule_id != 0)
		member = search_member(snapshot, user, rule_id);
	/* Of itself: the user is another object than its copy in a session. */
	if (member != NULL && member->id == user->id)
		return user->name;
	return member == NULL ? DG_STR_EMPTY
			      : describe_way(snapshot, user, member, arena);
}

enum dg_rc
dg_acl_explain(const struct dg_acl_snapshot *snapshot,
	       const struct dg_acl_request *request, struct dg_arena *arena,
	       struct dg_acl_decision *decision_out)
{
	const struct dg_acl_member *user = NULL;
	struct dg_acl_decision decision;
	enum dg_rc rc;

	rc = dg_acl_session_member(snapshot, request, arena, &user);
	if (rc == DG_OK)
		rc = dg_acl_decide(snapshot, NULL, request, arena, &decision);
	for (size_t i = 0;
	     user != NULL && rc == DG_OK && i < request->n_entries; i++)
		rc = explain_entry(snapshot, request, user,
				   &request->entries[i], arena,
				   &decision.outcomes[i]);
	if (rc == DG_OK)
		*decision_out = decision;
	return rc;
}

/* ---- what would help ----------------------------------------------------- */

enum { ROLES_TRIED_MAX = 2048 };

/* With one role more, as a session may bring it. */
static bool
helps(const struct dg_acl_snapshot *s, const struct dg_acl_request *request,
      struct dg_str role, struct dg_arena *arena)
{
	struct dg_acl_request with = *request;
	struct dg_acl_decision decision = {.allowed = false};
	struct dg_str *roles =
		DG_ARENA_ARRAY(arena, struct dg_str, request->n_roles + 1);

	if (roles == NULL)
		return false;
	for (size_t i = 0; i < request->n_roles; i++)
		roles[i] = request->roles[i];
	roles[request->n_roles] = role;
	with.roles = roles;
	with.n_roles = request->n_roles + 1;
	return dg_acl_decide(s, NULL, &with, arena, &decision) == DG_OK &&
	       decision.allowed && !decision.observed;
}

enum dg_rc
dg_acl_helping_roles(const struct dg_acl_snapshot *snapshot,
		     const struct dg_acl_request *request,
		     struct dg_arena *arena, size_t max,
		     const struct dg_str **names_out, size_t *n_out)
{
	struct dg_str *names = DG_ARENA_ARRAY(arena, struct dg_str, max);
	uint32_t tried = 0;

	*n_out = 0;
	*names_out = names;
	if (names == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t i = 0; i < snapshot->n_members && *n_out < max; i++) {
		const struct dg_acl_member *m = snapshot->members[i];
		struct dg_arena_mark mark = dg_arena_mark(arena);

		if (!m->is_role || i == DG_ACL_PUBLIC)
			continue;
		if (++tried > ROLES_TRIED_MAX)
			break;
		if (helps(snapshot, request, m->name, arena))
			names[(*n_out)++] = m->name;
		dg_arena_rewind(arena, mark);
	}
	return DG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - finds the rules that speak about a user and an object.
 *
 * Work is bounded by the user's own roles and rules, never by how many rules
 * there are for others.
 */
#include "match.h"

#include "pattern.h"

enum dg_rc
dg_acl_query_init(struct dg_acl_query *query,
		  const struct dg_acl_snapshot *snapshot,
		  const struct dg_acl_request *request,
		  const struct dg_acl_member *user,
		  const struct dg_acl_object *object, struct dg_arena *arena)
{
	const struct dg_str parts[DG_ACL_PARTS] = {
		object->catalog, object->schema, object->name};
	unsigned used = dg_acl_kind_parts(object->kind);
	bool keeps_case = dg_acl_kind_keeps_case(object->kind);

	*query = (struct dg_acl_query){
		.snapshot = snapshot,
		.user = user,
		.kind = object->kind,
		.now_us = request->now_us,
		.cluster = dg_acl_lower(arena, request->cluster),
	};
	if (query->cluster.data == NULL && request->cluster.len > 0)
		return DG_ERR_LIMIT;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		if ((used & (1U << i)) == 0)
			query->parts[i] = DG_STR_EMPTY;
		else if (keeps_case || parts[i].len == 0)
			query->parts[i] = parts[i];
		else
			query->parts[i] = dg_acl_lower(arena, parts[i]);
		if (query->parts[i].data == NULL && parts[i].len > 0)
			return DG_ERR_LIMIT;
	}
	return DG_OK;
}

void
dg_acl_query_symbols(struct dg_acl_query *query)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;
	unsigned used = dg_acl_kind_parts(query->kind);

	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		query->symbols[i] =
			(used & (1U << i)) == 0
				? DG_ACL_SYM_NONE
				: dg_acl_symbols_find(symbols, query->parts[i]);
	if (query->cluster.len > 0)
		query->cluster_symbol =
			dg_acl_symbols_find(symbols, query->cluster);
}

static bool
is_in(const uint32_t *sorted, uint32_t n, uint32_t id)
{
	uint32_t low = 0;

	while (low < n) {
		uint32_t middle = low + (n - low) / 2;

		if (sorted[middle] == id)
			return true;
		if (sorted[middle] < id)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}

static bool
is_excepted(const struct dg_acl_query *query, const struct dg_acl_conditions *c)
{
	const struct dg_acl_member *user = query->user;

	for (uint32_t i = 0; c->n_except > 0 && i < user->n_closure; i++)
		if (is_in(c->except, c->n_except, user->closure[i]))
			return true;
	return false;
}

/* As long as no cluster is chosen, its allows are not given, its denies are. */
static bool
is_for_cluster(const struct dg_acl_query *query,
	       const struct dg_acl_conditions *c, enum dg_acl_effect effect)
{
	if (c->n_clusters == 0)
		return true;
	if (query->cluster.len == 0)
		return effect == DG_ACL_DENY;
	return is_in(c->clusters, c->n_clusters, query->cluster_symbol);
}

bool
dg_acl_conditions_hold(const struct dg_acl_query *query,
		       const struct dg_acl_compiled *rule,
		       struct dg_acl_window *window)
{
	const struct dg_acl_conditions *c = rule->conditions;

	if (c == NULL)
		return true;
	if (!is_for_cluster(query, c, (enum dg_acl_effect)rule->effect) ||
	    is_excepted(query, c))
		return false;
	if (c->valid_from_us != 0 && query->now_us < c->valid_from_us) {
		if (c->valid_from_us < window->until_us)
			window->until_us = c->valid_from_us;
		return false;
	}
	if (c->valid_from_us > window->from_us)
		window->from_us = c->valid_from_us;
	if (c->valid_until_us == 0)
		return true;
	if (query->now_us >= c->valid_until_us) {
		if (c->valid_until_us > window->from_us)
			window->from_us = c->valid_until_us;
		return false;
	}
	if (c->valid_until_us < window->until_us)
		window->until_us = c->valid_until_us;
	return true;
}

static bool
globs_match(const struct dg_acl_query *query,
	    const struct dg_acl_compiled *rule)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;

	for (unsigned i = 0; rule->globs >> i != 0; i++)
		if ((rule->globs & (1U << i)) != 0 &&
		    !dg_acl_pattern_matches(
			    dg_acl_symbols_name(symbols, rule->parts[i]),
			    query->parts[i]))
			return false;
	return true;
}

static const struct dg_acl_group *
find_group(const struct dg_acl_part *part, uint32_t kind,
	   const uint32_t key[DG_ACL_PARTS])
{
	uint32_t mask = part->n_slots - 1;
	uint32_t at = dg_acl_group_hash(kind, key) & mask;

	for (; part->slots[at] != 0; at = (at + 1) & mask) {
		const struct dg_acl_group *g =
			&part->groups[part->slots[at] - 1];

		if (g->kind == kind && g->key[0] == key[0] &&
		    g->key[1] == key[1] && g->key[2] == key[2])
			return g;
	}
	return NULL;
}

static void
match_group(const struct dg_acl_query *query,
	    const struct dg_acl_member *member,
	    const struct dg_acl_group *group, struct dg_acl_window *window,
	    dg_acl_rule_fn fn, void *arg)
{
	const uint32_t *rules = member->part->rules + group->first;

	for (uint32_t i = 0; i < group->n; i++) {
		const struct dg_acl_compiled *rule =
			&query->snapshot->rules[rules[i]];

		if ((rule->privileges & query->privileges) != 0 &&
		    globs_match(query, rule) &&
		    dg_acl_conditions_hold(query, rule, window))
			fn(arg, rule, member);
	}
}

static void
match_part(const struct dg_acl_query *query, const struct dg_acl_member *member,
	   struct dg_acl_window *window, dg_acl_rule_fn fn, void *arg)
{
	static const uint32_t other[] = {0, DG_ACL_SYM_STAR, DG_ACL_SYM_GLOB};
	uint32_t shapes = member->part->shapes[query->kind];

	for (unsigned shape = 0; shapes >> shape != 0; shape++) {
		unsigned digits[DG_ACL_PARTS] = {shape % 3, shape / 3 % 3,
						 shape / 9};
		uint32_t key[DG_ACL_PARTS];
		const struct dg_acl_group *group;

		if ((shapes >> shape & 1) == 0)
			continue;
		for (unsigned i = 0; i < DG_ACL_PARTS; i++)
			key[i] = digits[i] == 0 ? query->symbols[i]
						: other[digits[i]];
		group = find_group(member->part, query->kind, key);
		if (group != NULL)
			match_group(query, member, group, window, fn, arg);
	}
}

void
dg_acl_match_each(const struct dg_acl_query *query,
		  struct dg_acl_window *window, dg_acl_rule_fn fn, void *arg)
{
	const struct dg_acl_snapshot *s = query->snapshot;

	for (uint32_t i = 0; i < query->user->n_closure; i++) {
		const struct dg_acl_member *member =
			s->members[query->user->closure[i]];

		if (member->part != NULL)
			match_part(query, member, window, fn, arg);
	}
}

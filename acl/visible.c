/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visible.c - whether a user may know that an object is there.
 *
 * An object is seen by whoever has any privilege on it or on something beneath
 * it (a privilege that is denied again is none); a deny of SHOW on the object
 * itself hides it. Only names are at stake here: reading needs a decision.
 */
#include "base/assert.h"
#include "match.h"
#include "pattern.h"
#include "session.h"

#define ALL_PRIVILEGES (DG_ACL_BIT(DG_ACL_P_COUNT) - 1)

struct sight {
	uint32_t denied;
	uint32_t with_columns; /* of those with columns, allowed for some */
	uint32_t allowed;
	const struct dg_acl_compiled *by[DG_ACL_P_COUNT];
	const struct dg_acl_compiled *show_deny;
};

static void
see_hit(void *arg, const struct dg_acl_hit *hit)
{
	struct sight *sight = arg;
	const struct dg_acl_compiled *rule = hit->rule;

	if (rule->effect == DG_ACL_DENY) {
		if (dg_acl_hit_has_columns(hit))
			return;
		sight->denied |= hit->privileges;
		if ((hit->privileges & DG_ACL_BIT(DG_ACL_P_SHOW)) != 0 &&
		    (sight->show_deny == NULL ||
		     rule->id < sight->show_deny->id))
			sight->show_deny = rule;
		return;
	}
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++) {
		uint32_t bit = DG_ACL_BIT(p);

		if ((hit->privileges & bit) == 0)
			continue;
		if (dg_acl_hit_has_columns(hit) &&
		    dg_acl_has_columns((enum dg_acl_kind)rule->kind, bit)) {
			sight->with_columns |= bit;
			continue;
		}
		sight->allowed |= bit;
		if (sight->by[p] == NULL || rule->id < sight->by[p]->id)
			sight->by[p] = rule;
	}
}

/* The lowest rule among the privileges of mask. */
static const struct dg_acl_compiled *
lowest(const struct sight *sight, uint32_t mask)
{
	const struct dg_acl_compiled *best = NULL;

	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++)
		if ((mask & DG_ACL_BIT(p)) != 0 && sight->by[p] != NULL &&
		    (best == NULL || sight->by[p]->id < best->id))
			best = sight->by[p];
	return best;
}

/* SELECT or UPDATE of some columns: the allow of one that is not denied. */
static const struct dg_acl_compiled *
column_left(struct dg_acl_query *query, unsigned privilege,
	    struct dg_arena *arena)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;
	const struct dg_acl_compiled *best = NULL;
	struct dg_acl_query one = *query;
	struct dg_acl_effective *e;

	one.privileges = DG_ACL_BIT(privilege);
	e = dg_acl_effective_build(&one, arena);
	if (e == NULL || e->deny_whole != NULL)
		return NULL;
	for (uint32_t i = 0; i < e->n_allows; i++) {
		const struct dg_acl_compiled *rule = e->allows[i].rule;

		if ((best == NULL || rule->id < best->id) &&
		    dg_acl_effective_deny(
			    query->snapshot, e,
			    dg_acl_symbols_name(symbols,
						e->allows[i].symbol)) == NULL)
			best = rule;
	}
	return best;
}

/* Any privilege on exactly this object. */
static const struct dg_acl_compiled *
see_itself(struct dg_acl_query *query, struct dg_arena *arena,
	   const struct dg_acl_compiled **show_deny_out)
{
	struct dg_acl_window window = {INT64_MIN, INT64_MAX};
	struct sight sight = {0};
	uint32_t left;

	query->privileges = ALL_PRIVILEGES;
	dg_acl_match_each(query, &window, see_hit, &sight);
	*show_deny_out = sight.show_deny;
	left = sight.allowed & ~sight.denied;
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++) {
		uint32_t bit = DG_ACL_BIT(p);

		if ((sight.with_columns & ~sight.denied & ~left & bit) == 0)
			continue;
		sight.by[p] = column_left(query, p, arena);
		if (sight.by[p] != NULL)
			left |= bit;
	}
	return lowest(&sight, left);
}

/* ---- containers --------------------------------------------------------- */

static struct dg_str
part_text(const struct dg_acl_snapshot *s, const struct dg_acl_compiled *rule,
	  unsigned part)
{
	return dg_acl_symbols_name(&s->symbols, rule->parts[part]);
}

/* Whether the rule speaks of something beneath the queried container. */
static bool
is_beneath(const struct dg_acl_query *query, const struct dg_acl_compiled *rule)
{
	unsigned used = dg_acl_kind_parts(query->kind);
	unsigned theirs = dg_acl_kind_parts((enum dg_acl_kind)rule->kind);

	if ((theirs & 1) == 0 || (used & theirs) != used || used == theirs)
		return false;
	for (unsigned i = 0; (used >> i & 1) != 0; i++) {
		bool fits = rule->parts[i] == DG_ACL_SYM_STAR ||
			    rule->parts[i] == query->symbols[i];

		if (!fits && (rule->globs & 1U << i) != 0)
			fits = dg_acl_pattern_matches(
				part_text(query->snapshot, rule, i),
				query->parts[i]);
		if (!fits)
			return false;
	}
	return true;
}

/* Whether deny takes all that allow gives beneath the container. */
static bool
covers(const struct dg_acl_query *query, const struct dg_acl_compiled *deny,
       const struct dg_acl_compiled *allow)
{
	unsigned used = dg_acl_kind_parts(query->kind);

	if (deny->kind != allow->kind || deny->n_columns > 0 ||
	    !is_beneath(query, deny) || !dg_acl_carries(query, deny))
		return false;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		if ((used >> i & 1) != 0)
			continue; /* both hold the container's own name */
		if (!dg_acl_pattern_covers(
			    part_text(query->snapshot, deny, i),
			    part_text(query->snapshot, allow, i)))
			return false;
	}
	return true;
}

static bool
is_pattern_beneath(const struct dg_acl_query *query,
		   const struct dg_acl_compiled *rule)
{
	unsigned used = dg_acl_kind_parts(query->kind);

	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		if ((used >> i & 1) == 0 &&
		    (rule->parts[i] == DG_ACL_SYM_STAR ||
		     (rule->globs >> i & 1) != 0))
			return true;
	return false;
}

/* What all the user's denies leave of an allow on a pattern. */
static bool
is_left(const struct dg_acl_query *query, const struct dg_acl_compiled *allow)
{
	const struct dg_acl_snapshot *s = query->snapshot;
	struct dg_acl_window window = {INT64_MIN, INT64_MAX};
	uint32_t left = allow->privileges;

	for (uint32_t i = 0; i < query->user->n_closure; i++) {
		const struct dg_acl_part *part =
			dg_acl_part_of(s, query->user->closure[i]);
		struct dg_acl_part_iter iter = {0};
		const struct dg_acl_compiled *deny;

		for (deny = dg_acl_part_next_deny(part, &iter); deny != NULL;
		     deny = dg_acl_part_next_deny(part, &iter))
			if ((deny->privileges & left) != 0 &&
			    covers(query, deny, allow) &&
			    dg_acl_conditions_hold(query, deny, &window))
				left &= ~deny->privileges;
	}
	return left != 0;
}

/* The one object that an allow without patterns names. */
static const struct dg_acl_compiled *
see_named(const struct dg_acl_query *query, const struct dg_acl_compiled *rule,
	  struct dg_arena *arena)
{
	struct dg_acl_query one = *query;
	const struct dg_acl_compiled *show_deny;
	unsigned used = dg_acl_kind_parts(query->kind);

	one.kind = (enum dg_acl_kind)rule->kind;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		if ((used >> i & 1) == 0)
			one.parts[i] = part_text(query->snapshot, rule, i);
	dg_acl_query_symbols(&one);
	return see_itself(&one, arena, &show_deny);
}

/* What the rule names as such, no tag being in the way. */
static bool
sees_by(const struct dg_acl_query *query, const struct dg_acl_compiled *rule,
	struct dg_arena *arena)
{
	return is_pattern_beneath(query, rule)
		       ? is_left(query, rule)
		       : see_named(query, rule, arena) != NULL;
}

/* The same question about the object that carries a tag. */
static void
ask_about(const struct dg_acl_query *query, const struct dg_acl_tagged *tagged,
	  enum dg_acl_kind kind, struct dg_acl_query *out)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;

	*out = *query;
	out->kind = kind;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		out->parts[i] =
			tagged->key[i] == DG_ACL_SYM_NONE
				? DG_STR_EMPTY
				: dg_acl_symbols_name(symbols, tagged->key[i]);
	dg_acl_query_symbols(out);
}

static bool
is_inside(const struct dg_acl_query *query, const struct dg_acl_tagged *tagged)
{
	unsigned used = dg_acl_kind_parts(query->kind);
	unsigned i = 0;

	for (; (used >> i & 1) != 0; i++)
		if (tagged->key[i] != query->symbols[i])
			return false;
	return tagged->key[i] != DG_ACL_SYM_NONE;
}

/*
 * A rule by tag, and one object beneath the container that carries it. The
 * object may be what the rule is about, or a schema that holds such.
 */
static bool
sees_carrier(const struct dg_acl_query *query,
	     const struct dg_acl_compiled *rule,
	     const struct dg_acl_tagged *tagged, struct dg_arena *arena)
{
	const struct dg_acl_compiled *show_deny;
	struct dg_acl_query one;
	bool is_schema = tagged->key[2] == DG_ACL_SYM_NONE;

	if (!is_inside(query, tagged))
		return false;
	ask_about(query, tagged, is_schema ? DG_ACL_SCHEMA : DG_ACL_TABLE,
		  &one);
	if (rule->kind == (uint8_t)one.kind)
		return see_itself(&one, arena, &show_deny) != NULL;
	return is_schema && is_beneath(&one, rule) &&
	       sees_by(&one, rule, arena);
}

static bool
sees_tagged(const struct dg_acl_query *query,
	    const struct dg_acl_compiled *rule, struct dg_arena *arena)
{
	const struct dg_acl_conditions *c = rule->conditions;

	for (uint32_t t = 0; t < c->n_tags; t++) {
		const struct dg_acl_tag *tag =
			dg_acl_find_tag(query->snapshot, c->tags[t]);

		for (uint32_t i = 0; tag != NULL && i < tag->n_carriers; i++)
			if (sees_carrier(query, rule, tag->carriers[i], arena))
				return true;
	}
	return false;
}

static bool
sees_beneath(const struct dg_acl_query *query,
	     const struct dg_acl_compiled *rule, struct dg_arena *arena)
{
	struct dg_acl_window window = {INT64_MIN, INT64_MAX};

	if (rule->effect == DG_ACL_DENY || !is_beneath(query, rule) ||
	    !dg_acl_conditions_hold(query, rule, &window))
		return false;
	return dg_acl_carries(query, rule) ? sees_by(query, rule, arena)
					   : sees_tagged(query, rule, arena);
}

/* Of several rules for a principal the one with the lowest id. */
static const struct dg_acl_compiled *
see_by_part(const struct dg_acl_query *query, const struct dg_acl_part *part,
	    struct dg_arena *arena)
{
	struct dg_acl_part_iter iter = {.below = INT64_MAX};
	const struct dg_acl_compiled *best = NULL;
	const struct dg_acl_compiled *rule;

	for (rule = dg_acl_part_next(part, &iter); rule != NULL;
	     rule = dg_acl_part_next(part, &iter)) {
		if (!sees_beneath(query, rule, arena))
			continue;
		best = rule;
		iter.below = rule->id;
	}
	return best;
}

static const struct dg_acl_compiled *
see_beneath(const struct dg_acl_query *query, struct dg_arena *arena)
{
	const struct dg_acl_compiled *rule = NULL;

	for (uint32_t i = 0; i < query->user->n_closure && rule == NULL; i++)
		rule = see_by_part(query,
				   dg_acl_part_of(query->snapshot,
						  query->user->closure[i]),
				   arena);
	return rule;
}

const struct dg_acl_compiled *
dg_acl_visible_by(struct dg_acl_query *query, struct dg_arena *arena,
		  const struct dg_acl_compiled **deny_out)
{
	const struct dg_acl_compiled *by = see_itself(query, arena, deny_out);

	if (*deny_out != NULL)
		return NULL;
	if (by == NULL &&
	    (query->kind == DG_ACL_CATALOG || query->kind == DG_ACL_SCHEMA))
		by = see_beneath(query, arena);
	return by;
}

/* The rule that shows the object to the user, or gives a right on it. */
static bool
ask(const struct dg_acl_snapshot *snapshot, const struct dg_acl_request *who,
    const struct dg_acl_object *object,
    const struct dg_acl_compiled *(*find)(
	    struct dg_acl_query *query, struct dg_arena *arena,
	    const struct dg_acl_compiled **deny_out))
{
	enum { SCRATCH_BYTES = 1 << 20 };
	struct dg_arena *arena;
	struct dg_acl_query query;
	const struct dg_acl_compiled *deny;
	const struct dg_acl_member *user;
	bool found = false;

	arena = dg_arena_create(SCRATCH_BYTES);
	if (dg_acl_session_member(snapshot, who, arena, &user) == DG_OK &&
	    user != NULL &&
	    dg_acl_query_init(&query, snapshot, who, user, object, arena) ==
		    DG_OK) {
		dg_acl_query_symbols(&query);
		found = find(&query, arena, &deny) != NULL;
	}
	dg_arena_destroy(&arena);
	return found;
}

bool
dg_acl_can_see(const struct dg_acl_snapshot *snapshot,
	       const struct dg_acl_request *who,
	       const struct dg_acl_object *object)
{
	return ask(snapshot, who, object, dg_acl_visible_by);
}

static const struct dg_acl_compiled *
see_observed(struct dg_acl_query *query, struct dg_arena *arena DG_UNUSED,
	     const struct dg_acl_compiled **deny_out DG_UNUSED)
{
	static const struct dg_acl_compiled no_rule;

	return dg_acl_query_observed(query) ? &no_rule : NULL;
}

bool
dg_acl_is_observed(const struct dg_acl_snapshot *snapshot,
		   const struct dg_acl_request *who,
		   const struct dg_acl_object *object)
{
	return ask(snapshot, who, object, see_observed);
}

bool
dg_acl_has_any(const struct dg_acl_snapshot *snapshot,
	       const struct dg_acl_request *who,
	       const struct dg_acl_object *object)
{
	return ask(snapshot, who, object, see_itself);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.c - who gains and who loses what when one policy follows another;
 * for people. See acl/reach.h.
 *
 * Only users whose fingerprints differ are looked at, and only what their rules
 * name in either policy: elsewhere nothing can have changed.
 */
#include <stdlib.h>

#include "acl/reach.h"
#include "base/mem.h"
#include "pattern.h"
#include "snapshot.h"

enum {
	SCRATCH_BYTES = 64 << 20,
	BOXES_MAX = 2000,
	USERS_MAX = 1000,
	ITEM_STEPS = 64,       /* that an item is looked at for, at least */
	STEPS_MAX = 256 << 20, /* a few seconds: who asks holds up others */
};

struct comparing {
	struct dg_acl_comparison *of;
	/* The same one but for roles. */
	struct dg_acl_request before;
	struct dg_acl_request after;
	enum dg_acl_kind kind;
	enum dg_acl_privilege privilege;
	struct dg_arena *arena;
	size_t left; /* of items that fn is called for */
	struct dg_acl_effects *effects;
};

/* What the rules of one name in one policy. */
struct side {
	const struct dg_acl_snapshot *s;
	const struct dg_acl_request *who;
	const struct dg_acl_reach_item *items;
	size_t n;
};

/* The column is among the names, or what it is a field of. */
static bool
is_held(const struct dg_str *names, size_t n, struct dg_str column)
{
	for (size_t i = 0; i < n; i++)
		if (dg_acl_column_holds(names[i], column))
			return true;
	return false;
}

/* A deny of a field takes the column as a whole. */
static bool
is_denied(const struct dg_str *denied, size_t n, struct dg_str column)
{
	for (size_t i = 0; i < n; i++)
		if (dg_acl_column_holds(column, denied[i]))
			return true;
	return is_held(denied, n, column);
}

/* The names of a that b does not hold; NULL when the arena is full. */
static const struct dg_str *
subtract(struct dg_arena *arena, const struct dg_str *a, size_t n,
	 const struct dg_str *b, size_t m, size_t *n_out)
{
	struct dg_str *out = DG_ARENA_ARRAY(arena, struct dg_str, n);

	*n_out = 0;
	for (size_t i = 0; out != NULL && i < n; i++)
		if (!is_held(b, m, a[i]))
			out[(*n_out)++] = a[i];
	return out;
}

/* What a gives and b does not. */
static enum dg_rc
difference(struct dg_arena *arena, const struct dg_acl_rights *a,
	   const struct dg_acl_rights *b, struct dg_acl_rights *out)
{
	*out = (struct dg_acl_rights){.whole = a->whole && !b->whole};
	if (out->whole) { /* all but what b gives, too */
		struct dg_str *denied = DG_ARENA_ARRAY(
			arena, struct dg_str, a->n_denied + b->n_columns);

		if (denied == NULL)
			return DG_ERR_LIMIT;
		for (size_t i = 0; i < a->n_denied; i++)
			denied[out->n_denied++] = a->denied[i];
		for (size_t i = 0; i < b->n_columns; i++)
			denied[out->n_denied++] = b->columns[i];
		out->denied = denied;
		return DG_OK;
	}
	if (a->whole) /* both: what b takes out and a does not */
		out->columns =
			subtract(arena, b->denied, b->n_denied, a->denied,
				 a->n_denied, &out->n_columns);
	else if (b->whole) { /* of those listed, what b takes out */
		struct dg_str *names =
			DG_ARENA_ARRAY(arena, struct dg_str, a->n_columns);

		for (size_t i = 0; names != NULL && i < a->n_columns; i++)
			if (is_denied(b->denied, b->n_denied, a->columns[i]))
				names[out->n_columns++] = a->columns[i];
		out->columns = names;
	} else {
		out->columns =
			subtract(arena, a->columns, a->n_columns, b->columns,
				 b->n_columns, &out->n_columns);
	}
	return out->columns == NULL ? DG_ERR_LIMIT : DG_OK;
}

static enum dg_rc
tell(struct comparing *c, const struct dg_acl_object *object,
     const struct dg_acl_rights *was, const struct dg_acl_rights *is_now)
{
	struct dg_acl_effect_item item = {.user = c->before.user,
					  .privilege = c->privilege,
					  .object = *object};
	enum dg_rc rc = difference(c->arena, is_now, was, &item.gains);

	if (rc == DG_OK)
		rc = difference(c->arena, was, is_now, &item.loses);
	if (rc != DG_OK)
		return rc;
	c->effects->n_gains += dg_acl_rights_any(&item.gains);
	c->effects->n_losses += dg_acl_rights_any(&item.loses);
	if (!dg_acl_rights_any(&item.gains) && !dg_acl_rights_any(&item.loses))
		return DG_OK;
	if (c->left == 0) {
		c->effects->is_cut = true;
		return DG_OK;
	}
	c->left--;
	c->of->fn(c->of->arg, &item);
	return DG_OK;
}

static bool
is_same_object(const struct dg_acl_reach_item *x,
	       const struct dg_acl_reach_item *y)
{
	return x->is_deny == y->is_deny &&
	       dg_str_eq(x->object.catalog, y->object.catalog) &&
	       dg_str_eq(x->object.schema, y->object.schema) &&
	       dg_str_eq(x->object.name, y->object.name);
}

static const struct dg_acl_reach_item *
find_item(const struct side *side, const struct dg_acl_reach_item *like)
{
	for (size_t i = 0; i < side->n; i++)
		if (is_same_object(&side->items[i], like))
			return &side->items[i];
	return NULL;
}

/* Names that both may match: said yes to where it is not plain. */
static bool
may_meet(enum dg_acl_kind kind, struct dg_str x, struct dg_str y)
{
	if (dg_acl_names_role(kind, x) || dg_acl_names_role(kind, y))
		return true;
	if (!dg_acl_is_pattern(x))
		return dg_acl_pattern_matches(y, x);
	return dg_acl_is_pattern(y) || dg_acl_pattern_matches(x, y);
}

static bool
takes_something(const struct side *side, const struct dg_acl_object *object)
{
	for (size_t i = 0; i < side->n; i++) {
		const struct dg_acl_reach_item *item = &side->items[i];

		if (item->is_pattern && !item->is_deny &&
		    may_meet(object->kind, item->object.catalog,
			     object->catalog) &&
		    may_meet(object->kind, item->object.schema,
			     object->schema) &&
		    may_meet(object->kind, item->object.name, object->name))
			return true;
	}
	return false;
}

/* Of what a deny takes, more is a loss. */
static enum dg_rc
compare_deny(struct comparing *c, const struct side *before,
	     const struct side *after, const struct dg_acl_reach_item *item)
{
	static const struct dg_acl_rights nothing;
	const struct dg_acl_reach_item *was = find_item(before, item);
	const struct dg_acl_reach_item *is_now = find_item(after, item);

	if (!takes_something(was == NULL ? before : after, &item->object))
		return DG_OK;
	return tell(c, &item->object,
		    is_now == NULL ? &nothing : &is_now->rights,
		    was == NULL ? &nothing : &was->rights);
}

static enum dg_rc
compare_item(struct comparing *c, const struct side *before,
	     const struct side *after, const struct dg_acl_reach_item *item)
{
	struct dg_acl_rights was;
	struct dg_acl_rights is_now;
	enum dg_rc rc;

	if (item->is_deny)
		return compare_deny(c, before, after, item);
	rc = dg_acl_rights_on_all(before->s, before->who, c->privilege,
				  &item->object, c->arena, &was);
	if (rc == DG_OK)
		rc = dg_acl_rights_on_all(after->s, after->who, c->privilege,
					  &item->object, c->arena, &is_now);
	return rc == DG_OK ? tell(c, &item->object, &was, &is_now) : rc;
}

static enum dg_rc
find_side(struct comparing *c, const struct dg_acl_snapshot *s,
	  const struct dg_acl_request *who, struct side *out)
{
	bool is_cut;
	enum dg_rc rc;

	*out = (struct side){.s = s, .who = who};
	rc = dg_acl_reach(s, who, c->kind, c->privilege, BOXES_MAX, c->arena,
			  &out->items, &out->n, &is_cut);
	c->effects->is_cut = c->effects->is_cut || is_cut;
	return rc;
}

/* False: enough was looked at. */
static bool
may_look(struct comparing *c, const struct side *before,
	 const struct side *after)
{
	c->of->steps += ITEM_STEPS + before->n + after->n;
	if (c->of->steps <= STEPS_MAX)
		return true;
	c->effects->is_cut = true;
	return false;
}

static enum dg_rc
compare_privilege(struct comparing *c)
{
	struct side before = {.n = 0};
	struct side after = {.n = 0};
	enum dg_rc rc = find_side(c, c->of->before, &c->before, &before);

	if (rc == DG_OK)
		rc = find_side(c, c->of->after, &c->after, &after);
	for (size_t i = 0; rc == DG_OK && i < before.n; i++) {
		if (!may_look(c, &before, &after))
			return DG_OK;
		rc = compare_item(c, &before, &after, &before.items[i]);
	}
	for (size_t i = 0; rc == DG_OK && i < after.n; i++) {
		if (!may_look(c, &before, &after))
			return DG_OK;
		if (find_item(&before, &after.items[i]) == NULL)
			rc = compare_item(c, &before, &after, &after.items[i]);
	}
	return rc;
}

/* All privileges but SHOW, which is a matter of the others as well. */
static enum dg_rc
compare_kind(struct comparing *c, enum dg_acl_kind kind)
{
	uint32_t privileges =
		dg_acl_kind_privileges(kind) & ~DG_ACL_BIT(DG_ACL_P_SHOW);
	enum dg_rc rc = DG_OK;

	c->kind = kind;
	for (unsigned p = 0; rc == DG_OK && p < DG_ACL_P_COUNT; p++) {
		struct dg_arena_mark mark = dg_arena_mark(c->arena);

		c->privilege = (enum dg_acl_privilege)p;
		if ((privileges & DG_ACL_BIT(p)) != 0)
			rc = compare_privilege(c);
		dg_arena_rewind(c->arena, mark);
	}
	return rc;
}

/* What it takes to gather roles; each is looked for among the others. */
static uint64_t
count_gathering(const struct dg_acl_snapshot *s,
		const struct dg_acl_request *who)
{
	return who->n_roles == 0 ? 1
				 : who->n_roles * who->n_roles +
					   s->roles.count / 8 + ITEM_STEPS;
}

/* Whoever before and after are; enough may have been looked at already. */
static enum dg_rc
compare_one(struct comparing *c)
{
	enum dg_rc rc = DG_OK;

	c->of->steps += count_gathering(c->of->before, &c->before) +
			count_gathering(c->of->after, &c->after);
	if (c->of->steps > STEPS_MAX) {
		c->effects->is_cut = true;
		return DG_OK;
	}
	if (dg_acl_fingerprint(c->of->before, &c->before) ==
	    dg_acl_fingerprint(c->of->after, &c->after))
		return DG_OK;
	if (++c->effects->n_users > USERS_MAX) {
		c->effects->is_cut = true;
		return DG_OK;
	}
	for (unsigned kind = 0; rc == DG_OK && kind < DG_ACL_KIND_COUNT; kind++)
		rc = compare_kind(c, (enum dg_acl_kind)kind);
	return rc;
}

static enum dg_rc
compare_users(struct comparing *c, const struct dg_acl_snapshot *of,
	      const struct dg_acl_snapshot *but)
{
	enum dg_rc rc = DG_OK;

	for (uint32_t i = 0; rc == DG_OK && i < of->n_members; i++) {
		const struct dg_acl_member *m = of->members[i];

		if (m->is_role ||
		    (but != NULL && dg_map_get(&but->users, m->name) != NULL))
			continue;
		c->before.user = c->after.user = m->name;
		rc = compare_one(c);
	}
	return rc;
}

static void
init(struct comparing *c, struct dg_acl_comparison *of,
     struct dg_acl_effects *effects)
{
	const struct dg_acl_request who = {.cluster = of->cluster,
					   .client = DG_STR_EMPTY,
					   .policy_names = true,
					   .now_us = of->now_us};

	*effects = (struct dg_acl_effects){.n_users = 0};
	*c = (struct comparing){.of = of,
				.before = who,
				.after = who,
				.arena = dg_arena_create(SCRATCH_BYTES),
				.left = of->max,
				.effects = effects};
}

enum dg_rc
dg_acl_compare(struct dg_acl_comparison *comparison,
	       struct dg_acl_effects *effects_out)
{
	struct comparing c;
	enum dg_rc rc;

	init(&c, comparison, effects_out);
	rc = compare_users(&c, comparison->before, NULL);
	if (rc == DG_OK)
		rc = compare_users(&c, comparison->after, comparison->before);
	dg_arena_destroy(&c.arena);
	return rc;
}

enum dg_rc
dg_acl_compare_anyone(struct dg_acl_comparison *comparison,
		      const struct dg_acl_comers *comers,
		      struct dg_acl_effects *effects_out)
{
	struct comparing c;
	enum dg_rc rc;

	init(&c, comparison, effects_out);
	c.before.anyone = c.after.anyone = true;
	c.before.user = c.after.user = comers->name;
	c.before.roles = comers->before;
	c.before.n_roles = comers->n_before;
	c.after.roles = comers->after;
	c.after.n_roles = comers->n_after;
	rc = compare_one(&c);
	dg_arena_destroy(&c.arena);
	return rc;
}

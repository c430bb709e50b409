/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.c - see reach.h.
 *
 * What a user may use is told from the rules, not from all tables there are:
 * each rule, resolved by its tags, is a box of names; boxes of allows with
 * patterns stand for themselves, exact ones are decided like any question. So
 * an exact name is never wrong, and a pattern is right but for what exact items
 * and denies say.
 */
#include "acl/reach.h"

#include <stdlib.h>

#include "base/mem.h"
#include "match.h"
#include "pattern.h"
#include "session.h"

enum { SCRATCH_BYTES = 8 << 20, BOXES_MAX = 4000 };

/* ---- who may use an object ----------------------------------------------- */

static int
compare_members(const void *a, const void *b)
{
	const struct dg_acl_member *const *x = a;
	const struct dg_acl_member *const *y = b;

	return dg_str_cmp((*x)->name, (*y)->name);
}

/* Users behind after, sorted; owned by the caller. */
static const struct dg_acl_member **
sort_users(const struct dg_acl_snapshot *s, struct dg_str after, size_t *n_out)
{
	const struct dg_acl_member **users =
		DG_NEW_ARRAY(const struct dg_acl_member *, s->n_members);
	size_t n = 0;

	for (uint32_t i = 0; i < s->n_members; i++)
		if (!s->members[i]->is_role &&
		    (after.len == 0 ||
		     dg_str_cmp(s->members[i]->name, after) > 0))
			users[n++] = s->members[i];
	if (n > 0)
		qsort(users, n, sizeof(void *), compare_members);
	*n_out = n;
	return users;
}

struct asking {
	const struct dg_acl_snapshot *s;
	struct dg_acl_request one; /* with the user */
	dg_acl_holder_fn fn;
	void *arg;
	struct dg_arena *arena;
};

/* Told with its rules only when it is to be told at all. */
static enum dg_rc
ask_decision(struct asking *a)
{
	struct dg_acl_decision decision;
	enum dg_rc rc = dg_acl_decide(a->s, NULL, &a->one, a->arena, &decision);

	if (rc != DG_OK || !decision.allowed)
		return rc;
	rc = dg_acl_explain(a->s, &a->one, a->arena, &decision);
	return rc == DG_OK
		       ? a->fn(a->arg, a->one.user, &decision.outcomes[0], NULL)
		       : rc;
}

static enum dg_rc
ask_rights(struct asking *a)
{
	const struct dg_acl_entry *entry = &a->one.entries[0];
	struct dg_acl_outcome outcome = {.allowed = true};
	struct dg_acl_rights rights;
	enum dg_rc rc = dg_acl_rights_on(a->s, &a->one, entry->privilege,
					 &entry->object, a->arena, &rights);

	if (rc != DG_OK)
		return rc;
	outcome.rule_id = rights.rule_id;
	outcome.observed = !dg_acl_rights_any(&rights) &&
			   dg_acl_is_observed(a->s, &a->one, &entry->object);
	if (!outcome.observed && !dg_acl_rights_any(&rights))
		return DG_OK;
	outcome.rule_ids = &outcome.rule_id;
	outcome.n_rule_ids = rights.rule_id == 0 ? 0 : 1;
	outcome.path =
		dg_acl_path_of_rule(a->s, &a->one, rights.rule_id, a->arena);
	if (outcome.path.data == NULL)
		return DG_ERR_LIMIT;
	return a->fn(a->arg, a->one.user, &outcome, &rights);
}

enum dg_rc
dg_acl_each_holder(const struct dg_acl_snapshot *snapshot,
		   const struct dg_acl_request *request, bool any_column,
		   struct dg_str after, dg_acl_holder_fn fn, void *arg)
{
	struct asking a = {.s = snapshot,
			   .one = *request,
			   .fn = fn,
			   .arg = arg,
			   .arena = dg_arena_create(SCRATCH_BYTES)};
	size_t n;
	const struct dg_acl_member **users = sort_users(snapshot, after, &n);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < n; i++) {
		struct dg_arena_mark mark = dg_arena_mark(a.arena);

		a.one.user = users[i]->name;
		rc = any_column ? ask_rights(&a) : ask_decision(&a);
		dg_arena_rewind(a.arena, mark);
	}
	dg_free(users);
	dg_arena_destroy(&a.arena);
	return rc;
}

enum dg_rc
dg_acl_anyone_holds(const struct dg_acl_snapshot *snapshot,
		    const struct dg_acl_request *request, bool any_column,
		    dg_acl_holder_fn fn, void *arg)
{
	struct asking a = {.s = snapshot,
			   .one = *request,
			   .fn = fn,
			   .arg = arg,
			   .arena = dg_arena_create(SCRATCH_BYTES)};
	enum dg_rc rc;

	a.one.anyone = true;
	rc = any_column ? ask_rights(&a) : ask_decision(&a);
	dg_arena_destroy(&a.arena);
	return rc;
}

/* ---- what a user may on one object -------------------------------------- */

static struct dg_str
name_of(const struct dg_acl_snapshot *s, uint32_t symbol)
{
	return dg_acl_symbols_name(&s->symbols, symbol);
}

/* Names that denies take out of a whole table: those they name themselves. */
static enum dg_rc
list_denied(const struct dg_acl_snapshot *s, const struct dg_acl_effective *e,
	    struct dg_arena *arena, struct dg_acl_rights *out)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(arena, struct dg_str, e->n_denies);

	if (names == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t i = 0; i < e->n_denies; i++)
		if (!e->denies[i].is_prefix)
			names[out->n_denied++] =
				name_of(s, e->denies[i].symbol);
	out->denied = names;
	return DG_OK;
}

static enum dg_rc
list_allowed(const struct dg_acl_snapshot *s, const struct dg_acl_effective *e,
	     struct dg_arena *arena, struct dg_acl_rights *out)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(arena, struct dg_str, e->n_allows);

	if (names == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t i = 0; i < e->n_allows; i++) {
		struct dg_str name = name_of(s, e->allows[i].symbol);

		if (dg_acl_effective_deny(s, e, name) != NULL)
			continue;
		names[out->n_columns++] = name;
		if (out->rule_id == 0 || e->allows[i].rule->id < out->rule_id)
			out->rule_id = e->allows[i].rule->id;
	}
	out->columns = names;
	return DG_OK;
}

enum dg_rc
dg_acl_rights_on(const struct dg_acl_snapshot *snapshot,
		 const struct dg_acl_request *who,
		 enum dg_acl_privilege privilege,
		 const struct dg_acl_object *object, struct dg_arena *arena,
		 struct dg_acl_rights *rights_out)
{
	const struct dg_acl_member *user;
	const struct dg_acl_effective *e;
	struct dg_acl_query query;

	*rights_out = (struct dg_acl_rights){.whole = false};
	if (dg_acl_session_member(snapshot, who, arena, &user) != DG_OK)
		return DG_ERR_LIMIT;
	if (user == NULL)
		return DG_OK;
	if (dg_acl_query_init(&query, snapshot, who, user, object, arena) !=
	    DG_OK)
		return DG_ERR_LIMIT;
	query.privileges = DG_ACL_BIT(privilege);
	dg_acl_query_symbols(&query);
	e = dg_acl_effective_build(&query, arena);
	if (e == NULL)
		return DG_ERR_LIMIT;
	if (e->deny_whole != NULL)
		return DG_OK;
	if (e->allow_whole == NULL)
		return list_allowed(snapshot, e, arena, rights_out);
	rights_out->whole = true;
	rights_out->rule_id = e->allow_whole->id;
	return list_denied(snapshot, e, arena, rights_out);
}

/* ---- what a user may at all --------------------------------------------- */

/* The names that a rule is about, its tags resolved. */
struct box {
	struct dg_str parts[DG_ACL_PARTS];
	const struct dg_acl_compiled *rule;
	const struct dg_acl_tagged *columns; /* of these, those with tag */
	uint32_t tag;
};

struct gathering {
	const struct dg_acl_snapshot *s;
	const struct dg_acl_request *who;
	enum dg_acl_kind kind;
	enum dg_acl_privilege privilege;
	struct dg_acl_query query; /* for conditions */
	struct dg_arena *arena;
	struct box *boxes; /* owned */
	size_t n;
	size_t max;
	bool is_cut;
};

static void
add_box(struct gathering *g, const struct box *box)
{
	if (g->n == g->max)
		g->is_cut = true;
	else
		g->boxes[g->n++] = *box;
}

static struct box
box_of(const struct gathering *g, const struct dg_acl_compiled *rule)
{
	struct box box = {.rule = rule};

	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		box.parts[i] = name_of(g->s, rule->parts[i]);
	return box;
}

/* How deep what an object of the kind inherits tags from can lie. */
static unsigned
tag_depth(enum dg_acl_kind kind)
{
	switch (kind) {
	case DG_ACL_CATALOG:
		return 1;
	case DG_ACL_SCHEMA:
	case DG_ACL_FUNCTION:
	case DG_ACL_PROCEDURE:
	case DG_ACL_TABLE_FUNCTION:
		return 2;
	case DG_ACL_TABLE:
		return DG_ACL_PARTS;
	case DG_ACL_CLUSTER:
	case DG_ACL_PROPERTY:
	case DG_ACL_USER:
	case DG_ACL_QUERY:
	case DG_ACL_KIND_COUNT:
		break;
	}
	return 0;
}

/* The rule's box, as far as it lies in what carries the tag. */
static void
add_carrier(struct gathering *g, const struct dg_acl_compiled *rule,
	    const struct dg_acl_tagged *carrier, uint32_t tag)
{
	struct box box = box_of(g, rule);
	bool is_own = false;

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		struct dg_str name;

		if (carrier->key[i] == DG_ACL_SYM_NONE)
			break;
		if (i >= tag_depth(g->kind))
			return;
		name = name_of(g->s, carrier->key[i]);
		if (!dg_acl_pattern_matches(box.parts[i], name))
			return;
		box.parts[i] = name;
	}
	for (uint32_t i = 0; i < carrier->n_tags; i++)
		is_own = is_own || carrier->tags[i] == tag;
	if (!is_own && !dg_acl_has_columns(g->kind, DG_ACL_BIT(g->privilege)))
		return;
	if (!is_own) {
		box.columns = carrier;
		box.tag = tag;
	}
	add_box(g, &box);
}

static void
add_rule(struct gathering *g, const struct dg_acl_compiled *rule)
{
	const struct dg_acl_conditions *c = rule->conditions;
	struct dg_acl_window window = {INT64_MIN, INT64_MAX};
	struct box box;

	if (rule->kind != (uint8_t)g->kind ||
	    (rule->privileges & DG_ACL_BIT(g->privilege)) == 0 ||
	    !dg_acl_conditions_hold(&g->query, rule, &window))
		return;
	if (c == NULL || c->n_tags == 0) {
		box = box_of(g, rule);
		add_box(g, &box);
		return;
	}
	for (uint32_t t = 0; t < c->n_tags; t++) {
		const struct dg_acl_tag *tag =
			dg_acl_find_tag(g->s, c->tags[t]);

		for (uint32_t i = 0; tag != NULL && i < tag->n_carriers; i++)
			add_carrier(g, rule, tag->carriers[i], c->tags[t]);
	}
}

static void
gather(struct gathering *g, const struct dg_acl_member *user)
{
	for (uint32_t i = 0; i < user->n_closure; i++) {
		const struct dg_acl_part *part =
			dg_acl_part_of(g->s, user->closure[i]);
		struct dg_acl_part_iter iter = {.below = INT64_MAX};
		const struct dg_acl_compiled *rule;

		if (part == NULL || (part->sums.shapes[g->kind] |
				     part->sums.tag_shapes[g->kind]) == 0)
			continue; /* none of this kind */
		for (rule = dg_acl_part_next(part, &iter); rule != NULL;
		     rule = dg_acl_part_next(part, &iter))
			add_rule(g, rule);
	}
}

static bool
is_exact(enum dg_acl_kind kind, const struct box *box)
{
	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		if (dg_acl_is_pattern(box->parts[i]) ||
		    dg_acl_names_role(kind, box->parts[i]))
			return false;
	return true;
}

static int
compare_names(const struct box *x, const struct box *y)
{
	int order = 0;

	for (unsigned i = 0; order == 0 && i < DG_ACL_PARTS; i++)
		order = dg_str_cmp(x->parts[i], y->parts[i]);
	return order;
}

/* By names; allows before denies, as exact names are one item anyway. */
static int
compare_boxes(const void *a, const void *b)
{
	const struct box *x = a;
	const struct box *y = b;
	int order = compare_names(x, y);

	if (order != 0)
		return order;
	if (x->rule->effect != y->rule->effect)
		return x->rule->effect == DG_ACL_ALLOW ? -1 : 1;
	return x->rule->id < y->rule->id ? -1 : x->rule->id > y->rule->id;
}

/* Whether all that inner names is named by outer. */
static bool
box_covers(enum dg_acl_kind kind, const struct box *outer,
	   const struct box *inner)
{
	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		struct dg_str name = inner->parts[i];

		if (dg_str_eq(outer->parts[i], name))
			continue;
		/* A pattern is one of users' names: * alone has them all. */
		if (dg_acl_names_role(kind, name))
			name = DG_STR("*");
		if (!dg_acl_pattern_covers(outer->parts[i], name))
			return false;
	}
	return true;
}

static bool
has_columns(const struct box *box)
{
	return box->columns != NULL || box->rule->n_columns > 0;
}

/* A column that the box is about, one after the other; start with *at 0. */
static bool
next_column(const struct gathering *g, const struct box *box, size_t *at,
	    struct dg_str *name_out)
{
	const struct dg_acl_hit hit = {
		.rule = box->rule, .table = box->columns, .tag = box->tag};
	uint32_t symbol;

	if (!dg_acl_hit_column(&g->s->symbols, &hit, at, &symbol))
		return false;
	*name_out = name_of(g->s, symbol);
	return true;
}

static int
compare_strs(const void *a, const void *b)
{
	const struct dg_str *x = a;
	const struct dg_str *y = b;

	return dg_str_cmp(*x, *y);
}

struct column_list {
	struct dg_str *names; /* in the arena */
	size_t n;
	bool is_whole;
};

/* What all boxes of that effect that cover this one say about columns. */
static enum dg_rc
list_columns(const struct gathering *g, const struct box *of,
	     enum dg_acl_effect effect, struct column_list *out)
{
	size_t n = 0;
	size_t kept = 0;

	*out = (struct column_list){.n = 0};
	for (int pass = 0; pass < 2; pass++) {
		n = 0;
		for (size_t i = 0; i < g->n; i++) {
			const struct box *box = &g->boxes[i];
			struct dg_str name;
			size_t at = 0;

			if (box->rule->effect != (uint8_t)effect ||
			    !box_covers(g->kind, box, of))
				continue;
			out->is_whole = out->is_whole || !has_columns(box);
			while (has_columns(box) &&
			       next_column(g, box, &at, &name)) {
				if (pass == 1)
					out->names[n] = name;
				n++;
			}
		}
		if (pass == 0)
			out->names = DG_ARENA_ARRAY(g->arena, struct dg_str, n);
		if (out->names == NULL)
			return DG_ERR_LIMIT;
	}
	if (n > 0)
		qsort(out->names, n, sizeof(out->names[0]), compare_strs);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 ||
		    !dg_str_eq(out->names[kept - 1], out->names[i]))
			out->names[kept++] = out->names[i];
	out->n = kept;
	return DG_OK;
}

/* A deny of a field takes the column as a whole, and the other way round. */
static bool
is_denied(const struct column_list *denied, struct dg_str name)
{
	for (size_t i = 0; i < denied->n; i++)
		if (dg_acl_column_holds(denied->names[i], name) ||
		    dg_acl_column_holds(name, denied->names[i]))
			return true;
	return false;
}

/* Of a pattern of allows: what they give on whatever it matches. */
static enum dg_rc
rights_of_pattern(const struct gathering *g, const struct box *box,
		  struct dg_acl_rights *out)
{
	struct column_list allowed;
	struct column_list denied = {.n = 0};
	enum dg_rc rc = list_columns(g, box, DG_ACL_ALLOW, &allowed);

	if (rc == DG_OK)
		rc = list_columns(g, box, DG_ACL_DENY, &denied);
	if (rc != DG_OK || denied.is_whole)
		return rc;
	out->rule_id = box->rule->id;
	out->whole = allowed.is_whole;
	if (allowed.is_whole) {
		out->denied = denied.names;
		out->n_denied = denied.n;
		return DG_OK;
	}
	out->columns = allowed.names;
	for (size_t i = 0; i < allowed.n; i++)
		if (!is_denied(&denied, allowed.names[i]))
			allowed.names[out->n_columns++] = allowed.names[i];
	return DG_OK;
}

/* Of a deny with a pattern: what it takes. */
static enum dg_rc
rights_of_deny(const struct gathering *g, const struct box *box,
	       struct dg_acl_rights *out)
{
	struct column_list list;
	enum dg_rc rc = list_columns(g, box, DG_ACL_DENY, &list);

	out->rule_id = box->rule->id;
	out->whole = list.is_whole;
	if (!list.is_whole) {
		out->columns = list.names;
		out->n_columns = list.n;
	}
	return rc;
}

static enum dg_rc
make_item(const struct gathering *g, const struct box *box,
	  struct dg_acl_reach_item *out)
{
	*out = (struct dg_acl_reach_item){
		.object = {.kind = g->kind,
			   .catalog = box->parts[0],
			   .schema = box->parts[1],
			   .name = box->parts[2]},
		.is_pattern = !is_exact(g->kind, box),
	};
	if (!out->is_pattern)
		return dg_acl_rights_on(g->s, g->who, g->privilege,
					&out->object, g->arena, &out->rights);
	if (box->rule->effect == DG_ACL_ALLOW)
		return rights_of_pattern(g, box, &out->rights);
	out->is_deny = true;
	return rights_of_deny(g, box, &out->rights);
}

/* Exact names are one item, patterns one of allows and one of denies. */
static bool
is_same_item(enum dg_acl_kind kind, const struct box *x, const struct box *y)
{
	return compare_names(x, y) == 0 &&
	       (is_exact(kind, x) || x->rule->effect == y->rule->effect);
}

static enum dg_rc
make_items(struct gathering *g, const struct dg_acl_reach_item **items_out,
	   size_t *n_out)
{
	struct dg_acl_reach_item *items =
		DG_ARENA_ARRAY(g->arena, struct dg_acl_reach_item, g->n);
	enum dg_rc rc = items == NULL ? DG_ERR_LIMIT : DG_OK;
	size_t n = 0;

	if (g->n > 0)
		qsort(g->boxes, g->n, sizeof(g->boxes[0]), compare_boxes);
	for (size_t i = 0; rc == DG_OK && i < g->n; i++) {
		const struct dg_acl_reach_item *made;

		if (i > 0 &&
		    is_same_item(g->kind, &g->boxes[i - 1], &g->boxes[i]))
			continue;
		rc = make_item(g, &g->boxes[i], &items[n]);
		made = &items[n];
		/* A pattern that gives nothing is nothing to tell. */
		if (!made->is_pattern || dg_acl_rights_any(&made->rights))
			n++;
	}
	*items_out = items;
	*n_out = n;
	return rc;
}

/* All boxes of the user; g->boxes is owned by the caller, NULL: there is none.
 */
static enum dg_rc
start(struct gathering *g)
{
	static const struct dg_acl_object anything = {
		.kind = DG_ACL_TABLE,
		.catalog = DG_STR_INIT("*"),
		.schema = DG_STR_INIT("*"),
		.name = DG_STR_INIT("*")};
	const struct dg_acl_member *user;
	enum dg_rc rc = dg_acl_session_member(g->s, g->who, g->arena, &user);

	g->boxes = NULL;
	if (rc != DG_OK || user == NULL)
		return rc;
	rc = dg_acl_query_init(&g->query, g->s, g->who, user, &anything,
			       g->arena);
	if (rc != DG_OK)
		return rc;
	dg_acl_query_symbols(&g->query); /* the cluster's */
	g->boxes = DG_NEW_ARRAY(struct box, g->max);
	gather(g, user);
	return DG_OK;
}

enum dg_rc
dg_acl_reach(const struct dg_acl_snapshot *snapshot,
	     const struct dg_acl_request *who, enum dg_acl_kind kind,
	     enum dg_acl_privilege privilege, size_t max,
	     struct dg_arena *arena, const struct dg_acl_reach_item **items_out,
	     size_t *n_out, bool *is_cut_out)
{
	struct gathering g = {.s = snapshot,
			      .who = who,
			      .kind = kind,
			      .privilege = privilege,
			      .arena = arena,
			      .max = max};
	enum dg_rc rc = start(&g);

	*n_out = 0;
	*is_cut_out = g.is_cut;
	if (g.boxes != NULL)
		rc = make_items(&g, items_out, n_out);
	dg_free(g.boxes);
	return rc;
}

enum dg_rc
dg_acl_rights_on_all(const struct dg_acl_snapshot *snapshot,
		     const struct dg_acl_request *who,
		     enum dg_acl_privilege privilege,
		     const struct dg_acl_object *object, struct dg_arena *arena,
		     struct dg_acl_rights *rights_out)
{
	static const struct dg_acl_compiled no_rule = {.effect = DG_ACL_ALLOW};
	struct gathering g = {.s = snapshot,
			      .who = who,
			      .kind = object->kind,
			      .privilege = privilege,
			      .arena = arena,
			      .max = BOXES_MAX};
	const struct box box = {
		.parts = {object->catalog, object->schema, object->name},
		.rule = &no_rule};
	enum dg_rc rc;

	*rights_out = (struct dg_acl_rights){.whole = false};
	if (is_exact(object->kind, &box))
		return dg_acl_rights_on(snapshot, who, privilege, object, arena,
					rights_out);
	rc = start(&g);
	if (g.boxes != NULL)
		rc = g.is_cut ? DG_ERR_LIMIT
			      : rights_of_pattern(&g, &box, rights_out);
	dg_free(g.boxes);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c - see plan.h.
 *
 * Objects are thought of in boxes: a glob for each part of the name. A rule
 * covers a box, meets it, or has nothing to do with it. An allow is given on a
 * box when every rule before it that says no can be denied exactly there: when
 * those still earlier that say yes cover the box of the deny or do not touch
 * it, so that `except` tells them apart. Else the box is split into the names
 * that are known; a box without globs can always be decided.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/map.h"
#include "base/mem.h"
#include "glob.h"

enum { RULES_MAX = 200000 };

enum relation { APART, MEETS, COVERS };

struct box {
	struct dg_str parts[DG_PARTS];
};

/* An allow or deny on its way: which rights of which rule on which box. */
struct piece {
	size_t rule;
	struct box box;
	bool *rights;
	bool is_deny;
};

struct planning {
	struct dg_plan *plan;
	const struct dg_list *list;
	struct dg_map found; /* key -> piece */
	struct piece **pieces;
	size_t n_pieces, capacity;
	size_t rule;  /* being granted */
	size_t right; /* being granted */
	enum dg_rc rc;
	bool *split_noted; /* a rule each */
};

/* ---- boxes and rules ----------------------------------------------------- */

static void
fail(struct planning *p, enum dg_rc rc)
{
	if (p->rc == DG_OK)
		p->rc = rc;
}

static enum relation
relate_part(struct planning *p, const struct dg_part *part, struct dg_str glob)
{
	enum relation found = APART;
	bool matches;

	if (!dg_glob_is_wild(glob)) {
		if (dg_part_matches(part, glob, &matches, p->plan->err) !=
		    DG_OK) {
			fail(p, DG_ERR_INVALID);
			return MEETS;
		}
		return matches ? COVERS : APART;
	}
	if (!part->is_globs)
		return MEETS;
	for (size_t i = 0; i < part->n_globs; i++) {
		if (dg_glob_covers(part->globs[i], glob))
			return COVERS;
		if (dg_globs_meet(part->globs[i], glob))
			found = MEETS;
	}
	return found;
}

static enum relation
relate(struct planning *p, const struct dg_flat *rule, const struct box *box)
{
	enum relation found = COVERS;

	for (unsigned i = 0; i < p->list->n_parts; i++) {
		enum relation part =
			relate_part(p, &rule->parts[i], box->parts[i]);

		if (part == APART)
			return APART;
		if (part == MEETS)
			found = MEETS;
	}
	return found;
}

/* How many boxes a rule's own globs make; 0: they are not globs. */
static size_t
count_boxes(const struct planning *p, const struct dg_flat *rule, bool roughly)
{
	size_t n = 1;

	for (unsigned i = 0; i < p->list->n_parts; i++) {
		if (rule->parts[i].is_globs)
			n *= rule->parts[i].n_globs;
		else if (!roughly)
			return 0;
	}
	return n;
}

static struct box
nth_box(const struct planning *p, const struct dg_flat *rule, size_t nth)
{
	struct box box;

	for (unsigned i = 0; i < DG_PARTS; i++) {
		const struct dg_part *part = &rule->parts[i];

		box.parts[i] = DG_STR_EMPTY;
		if (i >= p->list->n_parts)
			continue;
		if (!part->is_globs) {
			box.parts[i] = DG_STR("*");
			continue;
		}
		box.parts[i] = part->globs[nth % part->n_globs];
		nth /= part->n_globs;
	}
	return box;
}

static bool
is_exact(const struct planning *p, const struct box *box)
{
	for (unsigned i = 0; i < p->list->n_parts; i++)
		if (dg_glob_is_wild(box->parts[i]))
			return false;
	return true;
}

static struct dg_str
say_box(const struct planning *p, const struct box *box)
{
	struct dg_str out = box->parts[0];

	for (unsigned i = 1; i < p->list->n_parts; i++)
		out = dg_arena_printf(p->plan->arena, "%.*s.%.*s",
				      DG_STR_ARG(out),
				      DG_STR_ARG(box->parts[i]));
	return out;
}

/* ---- pieces -------------------------------------------------------------- */

static void
add_piece(struct planning *p, size_t rule, const struct box *box, size_t right,
	  bool is_deny)
{
	struct dg_str key = dg_arena_printf(
		p->plan->arena, "%zu%c%.*s\n%.*s\n%.*s", rule,
		is_deny ? '-' : '+', DG_STR_ARG(box->parts[0]),
		DG_STR_ARG(box->parts[1]), DG_STR_ARG(box->parts[2]));
	struct piece *piece = dg_map_get(&p->found, key);

	if (piece == NULL) {
		if (p->n_pieces == RULES_MAX) {
			fail(p, dg_error_set(p->plan->err, DG_ERR_LIMIT,
					     "this makes more than %d rules",
					     RULES_MAX));
			return;
		}
		piece = dg_plan_array(p->plan, 1, sizeof(*piece));
		*piece = (struct piece){.rule = rule, .box = *box};
		piece->is_deny = is_deny;
		piece->rights =
			dg_plan_array(p->plan, p->list->n_rights, sizeof(bool));
		p->pieces = dg_plan_grow(p->plan, p->pieces, p->n_pieces,
					 &p->capacity, sizeof(*p->pieces));
		p->pieces[p->n_pieces++] = piece;
		DG_ASSERT(dg_map_put(&p->found, key, piece, NULL) == DG_OK);
	}
	piece->rights[right] = true;
}

/* ---- denies -------------------------------------------------------------- */

/* An earlier rule takes everything there; this one is never asked. */
static bool
is_hidden(struct planning *p, size_t rule, const struct box *box)
{
	const struct dg_list *list = p->list;

	for (size_t i = 0; i < rule; i++)
		if (dg_who_covers(&list->rules[i].who,
				  &list->rules[rule].who) &&
		    relate(p, &list->rules[i], box) == COVERS)
			return true;
	return false;
}

/*
 * Whether rule `no` can be denied on the box: all before it that say yes are
 * told apart by who they are for.
 */
static bool
is_deniable(struct planning *p, size_t no, size_t right, const struct box *box)
{
	const struct dg_list *list = p->list;

	for (size_t i = 0; i < no; i++)
		if (list->rules[i].grants[right] &&
		    dg_who_may_meet(&list->rules[i].who,
				    &list->rules[no].who) &&
		    relate(p, &list->rules[i], box) == MEETS)
			return false;
	return true;
}

/* One of the rule's own; false: it does not meet this one. */
static bool
nth_meeting(const struct planning *p, const struct dg_flat *rule, size_t n,
	    const struct box *box, struct box *own_out)
{
	*own_out = nth_box(p, rule, n);
	for (unsigned k = 0; k < p->list->n_parts; k++)
		if (!dg_globs_meet(own_out->parts[k], box->parts[k]))
			return false;
	return true;
}

/* On all of its own boxes that meet this one. */
static bool
is_deniable_on_own(struct planning *p, size_t no, size_t right,
		   const struct box *box)
{
	const struct dg_flat *rule = &p->list->rules[no];
	size_t n = count_boxes(p, rule, false);

	for (size_t i = 0; i < n; i++) {
		struct box own;

		if (nth_meeting(p, rule, i, box, &own) &&
		    !is_deniable(p, no, right, &own))
			return false;
	}
	return n > 0;
}

static void
deny_on_own(struct planning *p, size_t no, size_t right, const struct box *box)
{
	const struct dg_flat *rule = &p->list->rules[no];
	size_t n = count_boxes(p, rule, false);

	for (size_t i = 0; i < n; i++) {
		struct box own;

		if (nth_meeting(p, rule, i, box, &own))
			add_piece(p, no, &own, right, true);
	}
}

/* False: it cannot be said here. */
static bool
deny(struct planning *p, size_t no, size_t right, const struct box *box,
     bool do_it)
{
	enum relation relation = relate(p, &p->list->rules[no], box);

	if (relation == APART ||
	    !dg_who_may_meet(&p->list->rules[no].who,
			     &p->list->rules[p->rule].who) ||
	    is_hidden(p, no, box))
		return true;
	if (is_deniable_on_own(p, no, right, box)) {
		if (do_it)
			deny_on_own(p, no, right, box);
		return true;
	}
	if (relation != COVERS || !is_deniable(p, no, right, box))
		return false;
	if (do_it)
		add_piece(p, no, box, right, true);
	return true;
}

/* ---- allows -------------------------------------------------------------- */

/*
 * All that says no before the rule being granted, and of columns also the rule
 * itself. With do_it the denies are added; else returns the first rule that
 * cannot be denied here, or n_rules.
 */
static size_t
deny_before(struct planning *p, const struct box *box, bool do_it)
{
	const struct dg_list *list = p->list;

	for (size_t no = 0; no <= p->rule; no++) {
		const bool *grants = list->rules[no].grants;

		if (no < p->rule && !grants[p->right] &&
		    !deny(p, no, p->right, box, do_it))
			return no;
		if (p->right != 0 || !grants[0])
			continue;
		for (size_t c = 0; c < list->n_rights; c++)
			if (list->rights[c].column.len > 0 && !grants[c] &&
			    !deny(p, no, c, box, do_it))
				return no;
	}
	return list->n_rules;
}

static void
note_split(struct planning *p, const struct box *box, size_t why)
{
	const struct dg_flat *rule = &p->list->rules[p->rule];
	const struct dg_trino_rule *other =
		why < p->list->n_rules ? p->list->rules[why].rule : NULL;
	struct dg_str said = say_box(p, box);

	if (p->split_noted[p->rule])
		return;
	p->split_noted[p->rule] = true;
	if (other == NULL || other == rule->rule)
		dg_plan_note(p->plan, DG_IMPORT_NARROWED, rule->rule,
			     "on %.*s it is granted for the names that are "
			     "known: no pattern of ours says what it says",
			     DG_STR_ARG(said));
	else
		dg_plan_note(p->plan, DG_IMPORT_NARROWED, rule->rule,
			     "on %.*s it is granted for the names that are "
			     "known: %s[%zu] (line %u) comes before it and "
			     "takes some of them",
			     DG_STR_ARG(said),
			     dg_trino_sections[other->section], other->index,
			     other->line);
}

static void grant(struct planning *p, const struct box *box);

static void
split(struct planning *p, const struct box *box, size_t why)
{
	const struct dg_str *names;
	unsigned at = 0;
	size_t n;

	note_split(p, box, why);
	while (!dg_glob_is_wild(box->parts[at]))
		at++;
	names = dg_plan_names(p->plan, p->list, box->parts, at, &n);
	for (size_t i = 0; i < n && p->rc == DG_OK; i++) {
		struct box narrower = *box;

		if (dg_glob_is_wild(names[i]) ||
		    !dg_glob_covers(box->parts[at], names[i]))
			continue; /* a name with a star cannot be written */
		narrower.parts[at] = names[i];
		grant(p, &narrower);
	}
}

static void
grant(struct planning *p, const struct box *box)
{
	enum relation own = relate(p, &p->list->rules[p->rule], box);
	size_t why = p->list->n_rules;

	if (p->rc != DG_OK || own == APART || is_hidden(p, p->rule, box))
		return;
	if (own == COVERS)
		why = deny_before(p, box, false);
	if (own == MEETS || why < p->list->n_rules) {
		DG_ASSERT(!is_exact(p, box));
		split(p, box, why);
		return;
	}
	(void)deny_before(p, box, true);
	add_piece(p, p->rule, box, p->right, false);
}

/* ---- pieces as rules ----------------------------------------------------- */

static void
add_principals(struct dg_plan *plan, struct dg_acl_principal **items, size_t *n,
	       size_t *capacity, const struct dg_str *names, size_t n_names,
	       bool is_role)
{
	for (size_t i = 0; i < n_names; i++) {
		bool is_there = false;

		for (size_t j = 0; j < *n; j++)
			is_there |= (*items)[j].is_role == is_role &&
				    dg_str_eq((*items)[j].name, names[i]);
		if (is_there)
			continue;
		*items = dg_plan_grow(plan, *items, *n, capacity,
				      sizeof(**items));
		(*items)[(*n)++] = (struct dg_acl_principal){.is_role = is_role,
							     .name = names[i]};
	}
}

static void
add_who(struct dg_plan *plan, struct dg_acl_principal **items, size_t *n,
	size_t *capacity, const struct dg_who *who)
{
	static const struct dg_str everybody = DG_STR_INIT("public");

	if (who->is_all) {
		add_principals(plan, items, n, capacity, &everybody, 1, true);
		return;
	}
	add_principals(plan, items, n, capacity, who->users, who->n_users,
		       false);
	add_principals(plan, items, n, capacity, who->groups, who->n_groups,
		       true);
}

/* Everybody but those who are known not to be meant. */
static void
add_others(struct dg_plan *plan, struct dg_acl_principal **items, size_t *n,
	   size_t *capacity, const struct dg_who *who)
{
	for (size_t i = 0; i < plan->people.n; i++)
		if (!who->holds[i] && !plan->people.persons[i].is_made_up)
			add_principals(plan, items, n, capacity,
				       &plan->people.persons[i].name, 1, false);
}

static int
compare_principals(const void *a, const void *b)
{
	const struct dg_acl_principal *x = a;
	const struct dg_acl_principal *y = b;

	if (x->is_role != y->is_role)
		return x->is_role ? 1 : -1;
	return dg_str_cmp(x->name, y->name);
}

/* All who are meant, and maybe others: as few as can be named. */
static const struct dg_who *
outer_of(const struct dg_who *who)
{
	static const struct dg_who all = {.is_all = true};

	if (who->is_exact)
		return who;
	for (unsigned i = 0; i < 2; i++)
		if (who->within[i] != NULL && who->within[i]->is_exact &&
		    !who->within[i]->is_all)
			return who->within[i];
	return &all;
}

/* A deny for those alone who are excepted says nothing. */
static size_t
drop_excepted(struct dg_acl_principal *to, size_t n_to,
	      const struct dg_acl_principal *except, size_t n_except)
{
	size_t n = 0;

	for (size_t i = 0; i < n_to; i++) {
		bool is_excepted = false;

		for (size_t j = 0; j < n_except; j++)
			is_excepted |=
				compare_principals(&to[i], &except[j]) == 0 ||
				(except[j].is_role &&
				 dg_str_eq(except[j].name, DG_STR("public")));
		if (!is_excepted)
			to[n++] = to[i];
	}
	return n;
}

static void
set_deny_people(struct planning *p, const struct piece *piece, size_t right,
		struct dg_import_rule *out)
{
	const struct dg_flat *rule = &p->list->rules[piece->rule];
	struct dg_acl_principal *to = NULL, *except = NULL;
	size_t n_to = 0, n_except = 0, room_to = 0, room_except = 0;

	add_who(p->plan, &to, &n_to, &room_to, outer_of(&rule->who));
	if (!rule->who.is_exact)
		add_others(p->plan, &except, &n_except, &room_except,
			   &rule->who);
	for (size_t i = 0; i < piece->rule; i++)
		if (p->list->rules[i].grants[right] &&
		    dg_who_may_meet(&p->list->rules[i].who, &rule->who) &&
		    relate(p, &p->list->rules[i], &piece->box) == COVERS)
			add_who(p->plan, &except, &n_except, &room_except,
				&p->list->rules[i].who);
	n_to = drop_excepted(to, n_to, except, n_except);
	if (n_except > 1)
		qsort(except, n_except, sizeof(*except), compare_principals);
	if (n_to > 1)
		qsort(to, n_to, sizeof(*to), compare_principals);
	out->to = to;
	out->n_to = n_to;
	out->except = except;
	out->n_except = n_except;
}

static void
set_allow_people(struct planning *p, const struct piece *piece,
		 struct dg_import_rule *out)
{
	struct dg_acl_principal *to = NULL;
	size_t n_to = 0, room = 0;

	add_who(p->plan, &to, &n_to, &room, &p->list->rules[piece->rule].who);
	if (n_to > 1)
		qsort(to, n_to, sizeof(*to), compare_principals);
	out->to = to;
	out->n_to = n_to;
}

static void
set_object(const struct planning *p, const struct box *box,
	   struct dg_import_rule *out)
{
	struct dg_acl_object *o = &out->object;

	*o = (struct dg_acl_object){.kind = p->list->kind,
				    .catalog = DG_STR_EMPTY,
				    .schema = DG_STR_EMPTY,
				    .name = DG_STR_EMPTY};
	if (p->list->is_dotted) {
		o->name = dg_arena_printf(p->plan->arena, "%.*s.%.*s",
					  DG_STR_ARG(box->parts[0]),
					  DG_STR_ARG(box->parts[1]));
	} else if (p->list->kind == DG_ACL_CATALOG) {
		o->catalog = box->parts[0];
	} else if (p->list->n_parts == 1) {
		o->name = box->parts[0];
	} else {
		o->catalog = box->parts[0];
		o->schema = box->parts[1];
		o->name = box->parts[2];
	}
}

/* The one that is written in the file, if any is. */
static const struct dg_trino_rule *
written(const struct dg_flat *rule)
{
	if (rule->rule->index == 0 && rule->catalog != NULL)
		return rule->catalog;
	return rule->rule;
}

static struct dg_str
say_source(struct planning *p, const struct dg_flat *rule)
{
	const struct dg_trino_rule *r = written(rule);
	const struct dg_trino_rule *c = rule->catalog;
	struct dg_str out;

	if (r->index == 0)
		out = dg_arena_printf(p->plan->arena, "no %s section",
				      dg_trino_sections[r->section]);
	else
		out = dg_arena_printf(p->plan->arena, "%s[%zu], line %u",
				      dg_trino_sections[r->section], r->index,
				      r->line);
	if (c == NULL || c == r || c->index == 0)
		return out;
	return dg_arena_printf(p->plan->arena, "%.*s, within %s[%zu], line %u",
			       DG_STR_ARG(out), dg_trino_sections[c->section],
			       c->index, c->line);
}

static bool
are_same_people(const struct dg_import_rule *a, const struct dg_import_rule *b)
{
	if (a->n_to != b->n_to || a->n_except != b->n_except)
		return false;
	for (size_t i = 0; i < a->n_to; i++)
		if (compare_principals(&a->to[i], &b->to[i]) != 0)
			return false;
	for (size_t i = 0; i < a->n_except; i++)
		if (compare_principals(&a->except[i], &b->except[i]) != 0)
			return false;
	return true;
}

/*
 * Names that the metadata has and our rules cannot hold. Such a name is the
 * box of one grant and its denies only, so all of them go together.
 */
static bool
can_be_said(struct planning *p, const struct dg_flat *from,
	    const struct dg_import_rule *rule)
{
	struct dg_acl_rule check = {
		.id = 1,
		.effect = rule->effect,
		.principals = rule->to,
		.n_principals = rule->n_to,
		.except = rule->except,
		.n_except = rule->n_except,
		.privileges = rule->privileges,
		.object = rule->object,
		.columns = rule->columns,
		.n_columns = rule->n_columns,
	};
	struct dg_error err;

	if (dg_acl_rule_check(&check, &err) == DG_OK)
		return true;
	if (rule->effect == DG_ACL_ALLOW)
		dg_plan_note(p->plan, DG_IMPORT_DROPPED, from->rule, "%s",
			     err.text);
	return false;
}

/* "trino tables[3] #2": the same when other rules of the file change. */
static struct dg_str
number_name(struct planning *p, const struct dg_trino_rule *rule)
{
	struct dg_plan *plan = p->plan;
	struct dg_str name =
		dg_arena_printf(plan->arena, "trino %s[%zu]",
				dg_trino_sections[rule->section], rule->index);
	size_t *n = dg_map_get(&plan->names, name);

	if (n == NULL) {
		n = dg_plan_array(plan, 1, sizeof(*n));
		DG_ASSERT(dg_map_put(&plan->names, name, n, NULL) == DG_OK);
	}
	return dg_arena_printf(plan->arena, "%.*s #%zu", DG_STR_ARG(name),
			       ++*n);
}

static void
finish_rule(struct planning *p, const struct piece *piece,
	    struct dg_import_rule *rule)
{
	struct dg_plan *plan = p->plan;
	const struct dg_flat *from = &p->list->rules[piece->rule];

	if (rule->n_to == 0)
		return; /* nobody */
	set_object(p, &piece->box, rule);
	if (!can_be_said(p, from, rule))
		return;
	rule->source = say_source(p, from);
	rule->line = written(from)->line;
	plan->rules = dg_plan_grow(plan, plan->rules, plan->n_rules,
				   &plan->rules_capacity, sizeof(*rule));
	rule->name = number_name(p, written(from));
	plan->rules[plan->n_rules++] = *rule;
}

/* Rights with the same people are one rule; columns are one by themselves. */
static void
make_rules(struct planning *p, const struct piece *piece)
{
	const struct dg_list *list = p->list;
	bool *done = dg_plan_array(p->plan, list->n_rights, sizeof(bool));

	for (size_t i = 0; i < list->n_rights; i++) {
		bool is_column = list->rights[i].column.len > 0;
		struct dg_str *columns;
		struct dg_import_rule rule = {
			.effect = piece->is_deny ? DG_ACL_DENY : DG_ACL_ALLOW};

		if (!piece->rights[i] || done[i])
			continue;
		columns = dg_plan_array(p->plan, list->n_rights,
					sizeof(struct dg_str));
		if (piece->is_deny)
			set_deny_people(p, piece, i, &rule);
		else
			set_allow_people(p, piece, &rule);
		for (size_t j = i; j < list->n_rights; j++) {
			struct dg_import_rule other = {0};

			if (!piece->rights[j] || done[j] ||
			    is_column != (list->rights[j].column.len > 0))
				continue;
			if (piece->is_deny)
				set_deny_people(p, piece, j, &other);
			else
				set_allow_people(p, piece, &other);
			if (!are_same_people(&rule, &other))
				continue;
			done[j] = true;
			rule.privileges |= list->rights[j].privileges;
			if (is_column)
				columns[rule.n_columns++] =
					list->rights[j].column;
		}
		rule.columns = columns;
		finish_rule(p, piece, &rule);
	}
}

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a;
	const struct piece *y = *(struct piece *const *)b;
	int c = 0;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->is_deny != y->is_deny)
		return x->is_deny ? 1 : -1;
	for (unsigned i = 0; c == 0 && i < DG_PARTS; i++)
		c = dg_str_cmp(x->box.parts[i], y->box.parts[i]);
	return c;
}

enum dg_rc
dg_plan_list(struct dg_plan *plan, const struct dg_list *list)
{
	struct planning p = {.plan = plan, .list = list};

	dg_map_init(&p.found, plan->arena);
	p.split_noted = dg_plan_array(plan, list->n_rules, sizeof(bool));
	for (p.rule = 0; p.rule < list->n_rules; p.rule++) {
		const struct dg_flat *rule = &list->rules[p.rule];

		for (p.right = 0; p.right < list->n_rights; p.right++) {
			size_t n = count_boxes(&p, rule, true);

			if (!rule->grants[p.right] ||
			    list->rights[p.right].column.len > 0)
				continue;
			for (size_t i = 0; i < n; i++) {
				struct box box = nth_box(&p, rule, i);

				grant(&p, &box);
			}
		}
	}
	if (p.n_pieces > 1)
		qsort(p.pieces, p.n_pieces, sizeof(*p.pieces), compare_pieces);
	for (size_t i = 0; p.rc == DG_OK && i < p.n_pieces; i++)
		make_rules(&p, p.pieces[i]);
	dg_map_fini(&p.found);
	return p.rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.c - closures of users, and the parts of principals.
 *
 * A part depends on nothing but the rules of its principal, so that a change
 * of one rule can later rebuild one part and share all others.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "snapshot.h"

/* ---- closures ----------------------------------------------------------- */

/* Roles in an order in which each comes after those it was put into. */
struct topology {
	uint32_t *waiting; /* parents not yet placed, by member */
	uint32_t *order;
	uint32_t n_order;
	uint32_t *children; /* members of each role, flattened */
	uint32_t *first;    /* by role, into children; one more at the end */
};

static void
topology_init(struct topology *t, const struct dg_acl_snapshot *s)
{
	uint32_t n = s->n_members;
	uint32_t total = 0;
	uint32_t *fill;

	t->waiting = DG_NEW_ARRAY(uint32_t, n);
	t->order = DG_NEW_ARRAY(uint32_t, n);
	t->first = DG_NEW_ARRAY(uint32_t, (size_t)n + 1);
	t->n_order = 0;
	for (uint32_t i = 0; i < n; i++) {
		t->waiting[i] = s->members[i]->n_parents;
		for (uint32_t j = 0; j < s->members[i]->n_parents; j++)
			t->first[s->members[i]->parents[j] + 1]++;
	}
	for (uint32_t i = 0; i < n; i++)
		t->first[i + 1] += t->first[i];
	total = t->first[n];
	t->children = DG_NEW_ARRAY(uint32_t, (size_t)total + 1);
	fill = DG_NEW_ARRAY(uint32_t, n);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < s->members[i]->n_parents; j++) {
			uint32_t role = s->members[i]->parents[j];

			t->children[t->first[role] + fill[role]++] = i;
		}
	dg_free(fill);
}

static void
topology_fini(struct topology *t)
{
	dg_free(t->waiting);
	dg_free(t->order);
	dg_free(t->children);
	dg_free(t->first);
}

static void
topology_sort(struct topology *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (t->waiting[i] == 0)
			t->order[t->n_order++] = i;
	for (uint32_t at = 0; at < t->n_order; at++) {
		uint32_t role = t->order[at];

		for (uint32_t c = t->first[role]; c < t->first[role + 1]; c++)
			if (--t->waiting[t->children[c]] == 0)
				t->order[t->n_order++] = t->children[c];
	}
}

/* A parent that could not be placed either: there is one for each such. */
static uint32_t
stuck_parent(const struct dg_acl_snapshot *s, const struct topology *t,
	     uint32_t member)
{
	const struct dg_acl_member *m = s->members[member];

	for (uint32_t i = 0; i < m->n_parents; i++)
		if (t->waiting[m->parents[i]] > 0)
			return m->parents[i];
	DG_UNREACHABLE();
}

/* Walks up among the members that could not be placed until one repeats. */
static enum dg_rc
report_cycle(const struct dg_acl_snapshot *s, const struct topology *t,
	     struct dg_error *err)
{
	bool *seen = DG_NEW_ARRAY(bool, s->n_members);
	char path[DG_ERROR_TEXT_MAX - 64];
	size_t len = 0;
	uint32_t start = 0;
	uint32_t at;

	while (t->waiting[start] == 0)
		start++;
	while (!seen[start]) {
		seen[start] = true;
		start = stuck_parent(s, t, start);
	}
	at = start;
	do {
		struct dg_str name = s->members[at]->name;
		int n = snprintf(path + len, sizeof(path) - len, "%.*s -> ",
				 DG_STR_ARG(name));

		if (n < 0 || (size_t)n >= sizeof(path) - len)
			break;
		len += (size_t)n;
		at = stuck_parent(s, t, at);
	} while (at != start);
	dg_free(seen);
	return dg_error_set(err, DG_ERR_CONFLICT,
			    "roles form a cycle: %.*s%.*s", (int)len, path,
			    DG_STR_ARG(s->members[start]->name));
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All roles above a member, sorted, into scratch; the count. */
static uint32_t
collect_roles(const struct dg_acl_snapshot *s, uint32_t member, uint32_t *marks,
	      uint32_t mark, uint32_t *scratch)
{
	uint32_t n = 0;
	const struct dg_acl_member *m = s->members[member];

	for (uint32_t at = 0;; m = s->members[scratch[at++]]) {
		for (uint32_t i = 0; i < m->n_parents; i++) {
			uint32_t role = m->parents[i];

			if (marks[role] == mark)
				continue;
			marks[role] = mark;
			scratch[n++] = role;
		}
		if (at == n)
			break;
	}
	qsort(scratch, n, sizeof(*scratch), compare_u32);
	return n;
}

static enum dg_rc
set_closures(struct dg_acl_snapshot *s)
{
	uint32_t *marks = DG_NEW_ARRAY(uint32_t, s->n_members);
	uint32_t *scratch = DG_NEW_ARRAY(uint32_t, (size_t)s->n_members + 2);
	enum dg_rc rc = DG_OK;

	for (uint32_t i = 0; i < s->n_members && rc == DG_OK; i++) {
		struct dg_acl_member *m = s->members[i];
		uint32_t *closure;

		if (m->is_role)
			continue;
		m->n_closure = 2 + collect_roles(s, i, marks, i + 1, scratch);
		closure = DG_ARENA_ARRAY(s->arena, uint32_t, m->n_closure);
		if (closure == NULL) {
			rc = DG_ERR_LIMIT;
			break;
		}
		closure[0] = i;
		closure[1] = DG_ACL_PUBLIC;
		memcpy(closure + 2, scratch,
		       (m->n_closure - 2) * sizeof(uint32_t));
		m->closure = closure;
	}
	dg_free(marks);
	dg_free(scratch);
	return rc;
}

enum dg_rc
dg_acl_compile_members(struct dg_acl_snapshot *snapshot, struct dg_error *err)
{
	struct topology t;
	enum dg_rc rc = DG_OK;

	topology_init(&t, snapshot);
	topology_sort(&t, snapshot->n_members);
	if (t.n_order < snapshot->n_members)
		rc = report_cycle(snapshot, &t, err);
	topology_fini(&t);
	return rc == DG_OK ? set_closures(snapshot) : rc;
}

/* ---- parts -------------------------------------------------------------- */

/* Room for the largest part, used for one after the other. */
struct workshop {
	struct dg_acl_group *groups;
	uint32_t *slots;
	uint32_t *group_of; /* by position in the part's rules */
	uint32_t n_slots;
};

static void
key_of(const struct dg_acl_compiled *rule, uint32_t key[DG_ACL_PARTS])
{
	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		key[i] = (rule->globs & (1U << i)) != 0 ? DG_ACL_SYM_GLOB
							: rule->parts[i];
}

static bool
key_eq(const struct dg_acl_group *group, uint32_t kind, uint32_t tag,
       const uint32_t key[DG_ACL_PARTS])
{
	return group->kind == kind && group->tag == tag &&
	       group->key[0] == key[0] && group->key[1] == key[1] &&
	       group->key[2] == key[2];
}

static uint32_t
slots_for(uint32_t n)
{
	uint32_t slots = 4;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

/* Finds or makes the group of a rule under a tag; the group's number. */
static uint32_t
place(struct workshop *w, uint32_t mask, uint32_t *n_groups,
      const struct dg_acl_compiled *rule, uint32_t tag)
{
	uint32_t key[DG_ACL_PARTS];
	uint32_t at;

	key_of(rule, key);
	at = dg_acl_group_hash(rule->kind, tag, key) & mask;
	while (w->slots[at] != 0) {
		if (key_eq(&w->groups[w->slots[at] - 1], rule->kind, tag, key))
			return w->slots[at] - 1;
		at = (at + 1) & mask;
	}
	w->groups[*n_groups] = (struct dg_acl_group){
		.key = {key[0], key[1], key[2]},
		.tag = tag,
		.kind = rule->kind,
	};
	w->slots[at] = ++*n_groups;
	return *n_groups - 1;
}

static void
fill_slots(const struct dg_acl_group *groups, uint32_t n, uint32_t *slots,
	   uint32_t n_slots)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = dg_acl_group_hash(groups[i].kind, groups[i].tag,
						groups[i].key) &
			      (n_slots - 1);

		while (slots[at] != 0)
			at = (at + 1) & (n_slots - 1);
		slots[at] = i + 1;
	}
}

static enum dg_rc
list_denies(struct dg_acl_snapshot *s, struct dg_acl_part *part)
{
	uint32_t *denies;
	uint32_t n = 0;

	for (uint32_t i = 0; i < part->n_rules; i++)
		n += s->rules[part->rules[i]].effect == DG_ACL_DENY;
	denies = DG_ARENA_ARRAY(s->arena, uint32_t, n);
	if (denies == NULL)
		return DG_ERR_LIMIT;
	n = 0;
	for (uint32_t i = 0; i < part->n_rules; i++)
		if (s->rules[part->rules[i]].effect == DG_ACL_DENY)
			denies[n++] = part->rules[i];
	part->denies = denies;
	part->n_denies = n;
	return DG_OK;
}

static void
note_shape(struct dg_acl_part *part, const struct dg_acl_group *group)
{
	uint32_t *shapes =
		group->tag == DG_ACL_SYM_NONE ? part->shapes : part->tag_shapes;

	shapes[group->kind] |= UINT32_C(1)
			       << (dg_acl_shape_of(group->key[0]) +
				   3 * dg_acl_shape_of(group->key[1]) +
				   9 * dg_acl_shape_of(group->key[2]));
}

/*
 * source: the principal's, in order of ids; a rule comes again for each of its
 * tags, and where it names the principal twice.
 */
static enum dg_rc
build_part(struct dg_acl_snapshot *s, struct workshop *w,
	   const struct dg_acl_posting *source, uint32_t n,
	   const struct dg_acl_part **part_out)
{
	struct dg_acl_part *part = DG_ARENA_NEW(s->arena, struct dg_acl_part);
	uint32_t mask = slots_for(n) - 1;
	uint32_t n_groups = 0;
	uint32_t first = 0;
	struct dg_acl_group *groups;
	uint32_t *rules;
	uint32_t *slots;

	memset(w->slots, 0, ((size_t)mask + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < n; i++) {
		w->group_of[i] =
			place(w, mask, &n_groups, &s->rules[source[i].rule],
			      source[i].tag);
		w->groups[w->group_of[i]].n++;
	}
	groups = DG_ARENA_ARRAY(s->arena, struct dg_acl_group, n_groups);
	rules = DG_ARENA_ARRAY(s->arena, uint32_t, n);
	slots = DG_ARENA_ARRAY(s->arena, uint32_t, slots_for(n_groups));
	if (part == NULL || groups == NULL || rules == NULL || slots == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t g = 0; g < n_groups; g++) {
		groups[g] = w->groups[g];
		groups[g].first = first;
		first += groups[g].n;
		groups[g].n = 0;
		note_shape(part, &groups[g]);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct dg_acl_group *g = &groups[w->group_of[i]];

		rules[g->first + g->n++] = source[i].rule;
	}
	part->n_slots = slots_for(n_groups);
	fill_slots(groups, n_groups, slots, part->n_slots);
	part->groups = groups;
	part->n_groups = n_groups;
	part->slots = slots;
	part->rules = rules;
	part->n_rules = n;
	part->fingerprint = dg_acl_part_fingerprint(s, part);
	*part_out = part;
	return list_denies(s, part);
}

/* Those of each member, one after the other; first has one more at the end. */
static struct dg_acl_posting *
split_postings(const struct dg_acl_snapshot *s,
	       const struct dg_acl_posting *postings, size_t n, uint32_t *first)
{
	struct dg_acl_posting *split =
		DG_NEW_ARRAY(struct dg_acl_posting, n + 1);
	uint32_t *fill = DG_NEW_ARRAY(uint32_t, (size_t)s->n_members + 1);

	for (size_t i = 0; i < n; i++)
		first[postings[i].member + 1]++;
	for (uint32_t i = 0; i < s->n_members; i++)
		first[i + 1] += first[i];
	for (size_t i = 0; i < n; i++) {
		uint32_t member = postings[i].member;

		split[first[member] + fill[member]++] = postings[i];
	}
	dg_free(fill);
	return split;
}

enum dg_rc
dg_acl_compile_parts(struct dg_acl_snapshot *snapshot,
		     const struct dg_acl_posting *postings, size_t n_postings)
{
	struct dg_acl_snapshot *s = snapshot;
	uint32_t *first = DG_NEW_ARRAY(uint32_t, (size_t)s->n_members + 2);
	struct workshop w = {0};
	uint32_t largest = 0;
	struct dg_acl_posting *split;
	enum dg_rc rc = DG_OK;

	if (n_postings > UINT32_MAX / 4) {
		dg_free(first);
		return DG_ERR_LIMIT;
	}
	split = split_postings(s, postings, n_postings, first);
	for (uint32_t i = 0; i < s->n_members; i++)
		if (first[i + 1] - first[i] > largest)
			largest = first[i + 1] - first[i];
	w.groups = DG_NEW_ARRAY(struct dg_acl_group, (size_t)largest + 1);
	w.group_of = DG_NEW_ARRAY(uint32_t, (size_t)largest + 1);
	w.n_slots = slots_for(largest);
	w.slots = DG_NEW_ARRAY(uint32_t, w.n_slots);
	for (uint32_t i = 0; i < s->n_members && rc == DG_OK; i++)
		if (first[i + 1] > first[i])
			rc = build_part(s, &w, split + first[i],
					first[i + 1] - first[i],
					&s->members[i]->part);
	dg_free(w.groups);
	dg_free(w.group_of);
	dg_free(w.slots);
	dg_free(split);
	dg_free(first);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.c - closures of users; cycles of roles.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "snapshot.h"

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

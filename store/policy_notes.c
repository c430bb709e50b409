/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_notes.c - what a change of the policy comes to that no list of gains
 * and losses shows, in words for who is about to make it.
 *
 * Roles that groups bring hold in sessions that begin with a token. A deny for
 * such a role does not bite who has the role by a group alone and comes without
 * a token: that is told when a rule, a role or a mapping makes it so.
 */
#include "policy_model.h"

enum { NOTES_MAX = 100 };

/* Roles that groups bring, those above them included: name -> the group. */
struct brought {
	struct dg_map groups; /* role -> struct dg_policy_item, a mapping */
};

static enum dg_rc
bring(struct brought *b, struct dg_str role, struct dg_policy_item *group,
      bool *is_new_out)
{
	*is_new_out = dg_map_get(&b->groups, role) == NULL;
	return *is_new_out ? dg_map_put(&b->groups, role, group, NULL) : DG_OK;
}

/* "role:NAME"; empty: a user, or everybody, whom a deny bites in any case. */
static struct dg_str
role_of(struct dg_str principal)
{
	const struct dg_str lead = DG_STR("role:");

	if (!dg_str_starts_with(principal, lead) ||
	    dg_str_eq(principal, DG_STR("role:public")))
		return DG_STR_EMPTY;
	return dg_str_slice(principal, lead.len, principal.len);
}

/* One step upwards: roles that hold one that is brought. */
static enum dg_rc
bring_above(struct brought *b, const struct dg_policy_list *roles,
	    bool *any_out)
{
	enum dg_rc rc = DG_OK;

	*any_out = false;
	for (size_t i = 0; i < roles->n; i++) {
		const struct dg_policy_item *role = roles->items[i];
		const struct dg_policy_value *members =
			&role->fields[DG_ROLE_MEMBERS];

		for (size_t m = 0; rc == DG_OK && m < members->n_items; m++) {
			struct dg_str name = role_of(members->items[m]);
			struct dg_policy_item *group =
				dg_map_get(&b->groups, name);
			bool is_new = false;

			if (group != NULL)
				rc = bring(b, role->name, group, &is_new);
			*any_out = *any_out || is_new;
		}
	}
	return rc;
}

static enum dg_rc
find_brought(struct brought *b, const struct dg_policy_list *lists)
{
	const struct dg_policy_list *groups = &lists[DG_POLICY_GROUPS];
	enum dg_rc rc = DG_OK;
	bool more = true;

	for (size_t i = 0; i < groups->n; i++) {
		const struct dg_policy_value *roles =
			&groups->items[i]->fields[DG_GROUP_ROLES];
		bool ignored;

		for (size_t r = 0; rc == DG_OK && r < roles->n_items; r++)
			rc = bring(b, roles->items[r], groups->items[i],
				   &ignored);
	}
	while (rc == DG_OK && more)
		rc = bring_above(b, &lists[DG_POLICY_ROLES], &more);
	return rc;
}

static enum dg_rc
note_rule(const struct brought *b, const struct dg_policy_item *rule,
	  struct dg_arena *arena, struct dg_map *notes)
{
	const struct dg_policy_value *to = &rule->fields[DG_RULE_PRINCIPALS];
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < to->n_items; i++) {
		const struct dg_policy_item *group =
			dg_map_get(&b->groups, role_of(to->items[i]));
		struct dg_str text;

		if (group == NULL)
			continue;
		text = dg_arena_printf(
			arena,
			"deny \"%.*s\" for %.*s: who has the role by group "
			"\"%.*s\" of a token alone is not denied when signed "
			"in with a password, or spoken for by others",
			DG_STR_ARG(rule->name), DG_STR_ARG(to->items[i]),
			DG_STR_ARG(group->name));
		rc = text.data == NULL ? DG_ERR_LIMIT
				       : dg_map_put(notes, text, notes, NULL);
	}
	return rc;
}

static bool
is_deny(const struct dg_policy_item *rule)
{
	return rule->fields[DG_RULE_ENABLED].number != 0 &&
	       dg_str_eq(rule->fields[DG_RULE_EFFECT].text, DG_STR("deny"));
}

static enum dg_rc
find_notes(const struct dg_policy_list *lists, struct dg_arena *arena,
	   struct dg_map *notes)
{
	const struct dg_policy_list *rules = &lists[DG_POLICY_RULES];
	struct brought b;
	enum dg_rc rc;

	dg_map_init(&b.groups, arena);
	dg_map_init(notes, arena);
	rc = find_brought(&b, lists);
	for (size_t i = 0; rc == DG_OK && i < rules->n; i++)
		if (is_deny(rules->items[i]))
			rc = note_rule(&b, rules->items[i], arena, notes);
	return rc;
}

enum dg_rc
dg_policy_put_notes(struct dg_json_writer *w,
		    const struct dg_policy_list *before,
		    const struct dg_policy_list *after, struct dg_arena *arena)
{
	struct dg_map_iter iter = {0};
	struct dg_map old;
	struct dg_map new;
	size_t n = 0;
	enum dg_rc rc = find_notes(before, arena, &old);

	if (rc == DG_OK)
		rc = find_notes(after, arena, &new);
	if (rc != DG_OK)
		return rc;
	while (n < NOTES_MAX && dg_map_next(&new, &iter)) {
		if (dg_map_get(&old, iter.key) != NULL)
			continue;
		dg_json_put_str(w, iter.key);
		n++;
	}
	return DG_OK;
}

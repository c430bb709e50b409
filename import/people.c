/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people.c - see people.h.
 */
#include "people.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "glob.h"

/* ---- lists of names ------------------------------------------------------ */

struct names {
	struct dg_str *items;
	size_t n;
	size_t capacity;
};

static bool
holds_name(const struct dg_str *items, size_t n, struct dg_str name)
{
	for (size_t i = 0; i < n; i++)
		if (dg_str_eq(items[i], name))
			return true;
	return false;
}

static void
add_name(struct dg_arena *arena, struct names *names, struct dg_str name)
{
	if (holds_name(names->items, names->n, name))
		return;
	if (names->n == names->capacity) {
		size_t more = 2 * names->capacity + 16;
		struct dg_str *grown =
			DG_ARENA_ARRAY(arena, struct dg_str, more);

		DG_ASSERT(grown != NULL);
		for (size_t i = 0; i < names->n; i++)
			grown[i] = names->items[i];
		names->items = grown;
		names->capacity = more;
	}
	names->items[names->n++] = name;
}

/* Plain names and nothing else. */
static bool
are_names(const struct dg_regex *regex, const struct dg_str **items,
	  size_t *n_out)
{
	if (!dg_regex_globs(regex, items, n_out))
		return false;
	for (size_t i = 0; i < *n_out; i++)
		if (dg_glob_is_wild((*items)[i]))
			return false;
	return true;
}

static void
add_names_of(struct dg_arena *arena, struct names *names,
	     const struct dg_regex *regex)
{
	const struct dg_str *items;
	size_t n;

	if (regex == NULL || !are_names(regex, &items, &n))
		return;
	for (size_t i = 0; i < n; i++)
		add_name(arena, names, items[i]);
}

/* ---- who there is -------------------------------------------------------- */

static enum dg_rc
check_name(struct dg_str name, struct dg_error *err)
{
	bool matches;
	struct dg_regex *any = NULL;
	struct dg_arena *scratch = dg_arena_create((size_t)1 << 16);
	enum dg_rc rc = dg_regex_compile(DG_STR(".*"), scratch, &any, err);

	if (rc == DG_OK)
		rc = dg_regex_matches(any, name, &matches, err);
	if (rc == DG_OK && name.len == 0)
		rc = dg_error_set(err, DG_ERR_INVALID, "a user has no name");
	dg_regex_destroy(&any);
	dg_arena_destroy(&scratch);
	return rc;
}

enum dg_rc
dg_people_init(struct dg_people *people, const struct dg_import_input *input,
	       const struct dg_trino_file *file, struct dg_arena *arena,
	       struct dg_error *err)
{
	struct names users = {0};
	struct names groups = {0};
	size_t n = 0;

	*people = (struct dg_people){
		.arena = arena,
		.users_known = input->users_known,
		.groups_known = input->groups_known,
		.roles_known = input->roles_known,
	};
	for (size_t s = 0; s < DG_TRINO_SECTIONS; s++)
		for (size_t i = 0; i < file->n[s]; i++) {
			if (!input->users_known)
				add_names_of(arena, &users,
					     file->rules[s][i].user);
			add_names_of(arena, &groups, file->rules[s][i].group);
		}
	for (size_t i = 0; i < input->n_users; i++)
		for (size_t j = 0; j < input->users[i].n_groups; j++)
			add_name(arena, &groups, input->users[i].groups[j]);
	/* Beside the known: one in each group, and one in none. */
	people->persons =
		DG_ARENA_ARRAY(arena, struct dg_person,
			       input->n_users + users.n + groups.n + 1);
	DG_ASSERT(people->persons != NULL);
	for (size_t i = 0; i < input->n_users; i++) {
		const struct dg_import_user *u = &input->users[i];

		if (check_name(u->name, err) != DG_OK)
			return DG_ERR_INVALID;
		people->persons[n++] = (struct dg_person){
			.name = u->name,
			.groups = u->groups,
			.n_groups = u->n_groups,
			.roles = u->roles,
			.n_roles = u->n_roles,
		};
	}
	for (size_t i = 0; i < users.n; i++) {
		bool is_there = false;

		for (size_t j = 0; j < input->n_users; j++)
			is_there |=
				dg_str_eq(input->users[j].name, users.items[i]);
		if (!is_there)
			people->persons[n++] =
				(struct dg_person){.name = users.items[i]};
	}
	for (size_t i = 0; i < groups.n; i++)
		people->persons[n++] = (struct dg_person){
			.name = dg_arena_printf(arena, "~new user %zu", i),
			.groups = &groups.items[i],
			.n_groups = 1,
			.is_made_up = true,
		};
	people->persons[n++] = (struct dg_person){.name = DG_STR("~new user"),
						  .is_made_up = true};
	people->n = n;
	people->groups = groups.items;
	people->n_groups = groups.n;
	return DG_OK;
}

/* ---- who is meant -------------------------------------------------------- */

static enum dg_rc
any_matches(const struct dg_regex *regex, const struct dg_str *names, size_t n,
	    bool *out, struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	*out = regex == NULL;
	for (size_t i = 0; rc == DG_OK && !*out && i < n; i++)
		rc = dg_regex_matches(regex, names[i], out, err);
	return rc;
}

/* Whether the engine would say so of each person. */
static enum dg_rc
find_holds(const struct dg_people *people, const struct dg_trino_rule *rule,
	   bool with_groups, bool *holds, struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < people->n; i++) {
		const struct dg_person *p = &people->persons[i];
		bool user, group = true, role = true;

		rc = any_matches(rule->user, &p->name, 1, &user, err);
		if (rc == DG_OK && with_groups)
			rc = any_matches(rule->group, p->groups, p->n_groups,
					 &group, err);
		if (rc == DG_OK && people->roles_known)
			rc = any_matches(rule->role, p->roles, p->n_roles,
					 &role, err);
		holds[i] = user && group && role;
	}
	return rc;
}

/* Those that hold, by name. */
static void
write_down(const struct dg_people *people, struct dg_who *who)
{
	struct names users = {0};

	for (size_t i = 0; i < people->n; i++)
		if (who->holds[i] && !people->persons[i].is_made_up)
			add_name(people->arena, &users,
				 people->persons[i].name);
	who->users = users.items;
	who->n_users = users.n;
	who->is_exact = false;
}

static bool
is_person(const struct dg_people *people, struct dg_str name)
{
	for (size_t i = 0; i < people->n; i++)
		if (dg_str_eq(people->persons[i].name, name))
			return true;
	return false;
}

static void
name_users(const struct dg_people *people, const struct dg_str *items, size_t n,
	   struct dg_who *who)
{
	struct names users = {0};

	for (size_t i = 0; i < n; i++)
		if (is_person(people, items[i]))
			add_name(people->arena, &users, items[i]);
	who->users = users.items;
	who->n_users = users.n;
	who->is_exact = true;
}

static bool
is_any(const struct dg_regex *regex)
{
	return regex == NULL || dg_regex_is_any(regex);
}

enum dg_rc
dg_who_of(const struct dg_people *people, const struct dg_trino_rule *rule,
	  struct dg_who *who_out, enum dg_who_known *known_out,
	  struct dg_error *err)
{
	bool *holds = DG_ARENA_ARRAY(people->arena, bool, people->n);
	bool one_kind = rule->role == NULL || !people->roles_known;
	bool with_groups = true;
	const struct dg_str *names;
	enum dg_rc rc;
	size_t n;

	DG_ASSERT(holds != NULL);
	*who_out = (struct dg_who){.holds = holds};
	*known_out = DG_WHO_KNOWN;
	if (rule->role != NULL && !people->roles_known)
		*known_out = DG_WHO_TOO_MANY;
	if (rule->group != NULL && !people->groups_known &&
	    !(is_any(rule->user) && are_names(rule->group, &names, &n))) {
		*known_out = DG_WHO_TOO_MANY;
		with_groups = false;
	}
	rc = find_holds(people, rule, with_groups, holds, err);
	if (rc != DG_OK)
		return rc;
	if (!with_groups || rule->group == NULL) {
		if (one_kind && is_any(rule->user)) {
			who_out->is_all = who_out->is_exact = true;
			return DG_OK;
		}
		if (one_kind && are_names(rule->user, &names, &n)) {
			name_users(people, names, n, who_out);
			return DG_OK;
		}
	} else if (one_kind && is_any(rule->user) &&
		   are_names(rule->group, &names, &n)) {
		who_out->groups = names;
		who_out->n_groups = n;
		who_out->is_exact = true;
		return DG_OK;
	}
	write_down(people, who_out);
	return DG_OK;
}

struct dg_who
dg_who_one(const struct dg_people *people, size_t person)
{
	bool *holds = DG_ARENA_ARRAY(people->arena, bool, people->n);

	DG_ASSERT(holds != NULL);
	holds[person] = true;
	return (struct dg_who){.is_exact = true,
			       .users = &people->persons[person].name,
			       .n_users = 1,
			       .holds = holds};
}

struct dg_who
dg_who_both(const struct dg_people *people, const struct dg_who *a,
	    const struct dg_who *b)
{
	struct dg_who both = {0};
	bool *holds;

	if (dg_who_covers(a, b))
		return *b;
	if (dg_who_covers(b, a))
		return *a;
	holds = DG_ARENA_ARRAY(people->arena, bool, people->n);
	DG_ASSERT(holds != NULL);
	for (size_t i = 0; i < people->n; i++)
		holds[i] = a->holds[i] && b->holds[i];
	both.holds = holds;
	both.within[0] = a;
	both.within[1] = b;
	write_down(people, &both);
	/* Two lists of users are still all there is to it. */
	both.is_exact = a->is_exact && b->is_exact && a->n_groups == 0 &&
			b->n_groups == 0;
	return both;
}

bool
dg_who_may_meet(const struct dg_who *a, const struct dg_who *b)
{
	for (unsigned i = 0; i < 2; i++)
		if ((a->within[i] != NULL &&
		     !dg_who_may_meet(a->within[i], b)) ||
		    (b->within[i] != NULL && !dg_who_may_meet(a, b->within[i])))
			return false;
	if (a->is_all || b->is_all || a->n_groups > 0 || b->n_groups > 0 ||
	    !a->is_exact || !b->is_exact)
		return true;
	for (size_t i = 0; i < a->n_users; i++)
		if (holds_name(b->users, b->n_users, a->users[i]))
			return true;
	return false;
}

bool
dg_who_covers(const struct dg_who *outer, const struct dg_who *inner)
{
	if (outer->is_all && outer->is_exact)
		return true;
	for (unsigned i = 0; i < 2; i++)
		if (inner->within[i] != NULL &&
		    dg_who_covers(outer, inner->within[i]))
			return true;
	if (!inner->is_exact || inner->is_all)
		return false;
	for (size_t i = 0; i < inner->n_users; i++)
		if (!holds_name(outer->users, outer->n_users, inner->users[i]))
			return false;
	for (size_t i = 0; i < inner->n_groups; i++)
		if (!holds_name(outer->groups, outer->n_groups,
				inner->groups[i]))
			return false;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people.h - whom a rule is about: the engine's user, group and role
 * expressions as users and roles of ours; private to import/.
 *
 * Groups become roles. What names neither users nor groups is written down for
 * those who are known, and is then no longer exact for those to come.
 */
#ifndef DG_IMPORT_PEOPLE_H
#define DG_IMPORT_PEOPLE_H

#include "import/import.h"
#include "rules.h"

struct dg_person {
	struct dg_str name;
	const struct dg_str *groups;
	size_t n_groups;
	const struct dg_str *roles;
	size_t n_roles;
	bool is_made_up; /* stands for those who are not known */
};

struct dg_people {
	struct dg_arena *arena;
	struct dg_person *persons;
	size_t n;
	const struct dg_str *groups; /* known ones and those of the file */
	size_t n_groups;
	bool groups_known;
	bool roles_known;
	bool users_known;
};

struct dg_who {
	bool is_all;
	bool is_exact; /* users and groups are all there is to it */
	const struct dg_str *users;
	size_t n_users;
	const struct dg_str *groups;
	size_t n_groups;
	const bool *holds; /* a person each */
	/* Not exact, but within these; NULL: not known to be within any. */
	const struct dg_who *within[2];
};

/* How much of a rule's condition on people can be known at all. */
enum dg_who_known {
	DG_WHO_KNOWN,
	DG_WHO_TOO_MANY, /* who_out holds more than the rule does */
};

enum dg_rc dg_people_init(struct dg_people *people,
			  const struct dg_import_input *input,
			  const struct dg_trino_file *file,
			  struct dg_arena *arena,
			  struct dg_error *err) DG_MUST_CHECK;

enum dg_rc dg_who_of(const struct dg_people *people,
		     const struct dg_trino_rule *rule, struct dg_who *who_out,
		     enum dg_who_known *known_out,
		     struct dg_error *err) DG_MUST_CHECK;
/* A single user. */
struct dg_who dg_who_one(const struct dg_people *people, size_t person);
struct dg_who dg_who_both(const struct dg_people *people,
			  const struct dg_who *a, const struct dg_who *b);

/* False only when nobody can ever be in both. */
bool dg_who_may_meet(const struct dg_who *a, const struct dg_who *b);
/* True only when all of inner, also those to come, are in outer. */
bool dg_who_covers(const struct dg_who *outer, const struct dg_who *inner);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - a list of which the first rule that matches counts, as rules of
 * which allows add and denies win; private to import/.
 *
 * The invariant: a deny bites only where the list says no, and each allow is
 * given only where the list says yes or such a deny bites. So what comes out
 * never grants more than the list, whatever is made later; and it grants less
 * only where it says so in a note.
 */
#ifndef DG_IMPORT_PLAN_H
#define DG_IMPORT_PLAN_H

#include "base/map.h"
#include "people.h"

enum { DG_PARTS = 3 };

/* One part of an object's name: matched by all of the expressions. */
struct dg_part {
	const struct dg_regex *regexes[2];
	size_t n_regexes;
	const struct dg_str *globs; /* the same as globs, if is_globs */
	size_t n_globs;
	bool is_globs;
};

/* What a list is asked for. */
struct dg_right {
	uint32_t privileges;
	/* Not empty: reading this column; the list's right 0 is reading. */
	struct dg_str column;
};

struct dg_flat {
	struct dg_who who;
	struct dg_part parts[DG_PARTS];
	bool *grants;                        /* a right each */
	const struct dg_trino_rule *rule;    /* where it comes from */
	const struct dg_trino_rule *catalog; /* and with which; may be NULL */
};

struct dg_list {
	enum dg_acl_kind kind;
	unsigned n_parts;
	const struct dg_right *rights;
	size_t n_rights;
	struct dg_flat *rules;
	size_t n_rules;
	/* The object's name is its first two parts with a dot between. */
	bool is_dotted;
	/* Names of things with one part, when they must be told one by one. */
	const struct dg_str *names;
	size_t n_names;
};

struct dg_known_schema {
	struct dg_str name;
	const struct dg_import_table **tables;
	size_t n_tables, capacity;
};

struct dg_known_catalog {
	struct dg_str name;
	struct dg_known_schema *schemas;
	size_t n_schemas, capacity;
};

struct dg_plan {
	struct dg_arena *arena; /* borrowed; without a bound that matters */
	struct dg_error *err;
	struct dg_people people;
	struct dg_known_catalog *catalogs;
	size_t n_catalogs, catalogs_capacity;
	struct dg_import_rule *rules;
	size_t n_rules, rules_capacity;
	struct dg_map names; /* "trino tables[3]" -> how many have it */
	struct dg_import_note *notes;
	size_t n_notes, notes_capacity;
};

/* items with room for one more. */
void *dg_plan_grow(struct dg_plan *plan, void *items, size_t n,
		   size_t *capacity, size_t size);
/* n zeroed items, never NULL. */
void *dg_plan_array(struct dg_plan *plan, size_t n, size_t size);

void dg_plan_note(struct dg_plan *plan, enum dg_import_note_kind kind,
		  const struct dg_trino_rule *rule, const char *fmt, ...)
	DG_PRINTF(4, 5);

/* From expressions, of which NULL ones match all. */
struct dg_part dg_part_of(struct dg_plan *plan, const struct dg_regex *a,
			  const struct dg_regex *b, bool is_lower);
/* No name is in both. */
bool dg_part_is_empty(const struct dg_part *part);
enum dg_rc dg_part_matches(const struct dg_part *part, struct dg_str name,
			   bool *matches_out, struct dg_error *err);

/* Adds the list's rules and notes to the plan. */
enum dg_rc dg_plan_list(struct dg_plan *plan,
			const struct dg_list *list) DG_MUST_CHECK;

/* The names that part `at` may have beneath the exact parts before it. */
const struct dg_str *dg_plan_names(struct dg_plan *plan,
				   const struct dg_list *list,
				   const struct dg_str *parts, unsigned at,
				   size_t *n_out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trino.c - the whole way of a Trino rule file: read, made into lists, planned
 * list by list, compared again with what the file says.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "check.h"
#include "lists.h"

const char *
dg_import_note_kind_name(enum dg_import_note_kind kind)
{
	switch (kind) {
	case DG_IMPORT_DROPPED:
		return "dropped";
	case DG_IMPORT_NARROWED:
		return "narrowed";
	case DG_IMPORT_DIFFERS:
		return "differs";
	}
	DG_UNREACHABLE();
}

/* ---- what is known ------------------------------------------------------- */

static struct dg_known_catalog *
want_catalog(struct dg_plan *plan, struct dg_str name)
{
	size_t n = plan->n_catalogs;

	if (n > 0 && dg_str_eq(plan->catalogs[n - 1].name, name))
		return &plan->catalogs[n - 1];
	for (size_t i = 0; i < n; i++)
		if (dg_str_eq(plan->catalogs[i].name, name))
			return &plan->catalogs[i];
	plan->catalogs =
		dg_plan_grow(plan, plan->catalogs, n, &plan->catalogs_capacity,
			     sizeof(*plan->catalogs));
	plan->catalogs[n] = (struct dg_known_catalog){.name = name};
	return &plan->catalogs[plan->n_catalogs++];
}

static struct dg_known_schema *
want_schema(struct dg_plan *plan, struct dg_known_catalog *catalog,
	    struct dg_str name)
{
	size_t n = catalog->n_schemas;

	if (n > 0 && dg_str_eq(catalog->schemas[n - 1].name, name))
		return &catalog->schemas[n - 1];
	for (size_t i = 0; i < n; i++)
		if (dg_str_eq(catalog->schemas[i].name, name))
			return &catalog->schemas[i];
	catalog->schemas =
		dg_plan_grow(plan, catalog->schemas, n, &catalog->capacity,
			     sizeof(*catalog->schemas));
	catalog->schemas[n] = (struct dg_known_schema){.name = name};
	return &catalog->schemas[catalog->n_schemas++];
}

static void
add_known(struct dg_plan *plan, const struct dg_import_table *table)
{
	struct dg_known_schema *schema = want_schema(
		plan, want_catalog(plan, table->catalog), table->schema);

	schema->tables =
		dg_plan_grow(plan, (void *)schema->tables, schema->n_tables,
			     &schema->capacity, sizeof(*schema->tables));
	schema->tables[schema->n_tables++] = table;
}

/* ---- the policy ---------------------------------------------------------- */

static void
give_people(struct dg_plan *plan, struct dg_import_policy *out)
{
	const struct dg_people *people = &plan->people;
	struct dg_str *users =
		dg_plan_array(plan, people->n, sizeof(struct dg_str));
	struct dg_import_role *roles =
		dg_plan_array(plan, people->n_groups, sizeof(*roles));

	for (size_t i = 0; i < people->n; i++)
		if (!people->persons[i].is_made_up)
			users[out->n_users++] = people->persons[i].name;
	for (size_t g = 0; g < people->n_groups; g++) {
		struct dg_str *members =
			dg_plan_array(plan, people->n, sizeof(struct dg_str));

		roles[g].name = people->groups[g];
		roles[g].members = members;
		for (size_t i = 0; i < people->n; i++) {
			const struct dg_person *p = &people->persons[i];

			for (size_t j = 0; !p->is_made_up && j < p->n_groups;
			     j++)
				if (dg_str_eq(p->groups[j], roles[g].name))
					members[roles[g].n_members++] = p->name;
		}
	}
	out->users = users;
	out->roles = roles;
	out->n_roles = people->n_groups;
}

enum dg_rc
dg_import_trino(const struct dg_import_input *input, struct dg_arena *arena,
		struct dg_import_policy *policy_out, struct dg_error *err)
{
	struct dg_plan plan = {.arena = arena, .err = err};
	struct dg_trino_file file;
	struct dg_lists lists = {.plan = &plan, .file = &file};
	enum dg_rc rc;

	*policy_out = (struct dg_import_policy){0};
	dg_map_init(&plan.names, arena);
	rc = dg_trino_file_read(input->rules, arena, &file, err);
	if (rc == DG_OK)
		rc = dg_people_init(&plan.people, input, &file, arena, err);
	for (size_t i = 0; i < input->n_tables; i++)
		add_known(&plan, &input->tables[i]);
	if (rc == DG_OK)
		rc = dg_lists_make(&lists);
	for (size_t i = 0; rc == DG_OK && i < lists.n; i++)
		rc = dg_plan_list(&plan, &lists.items[i]);
	policy_out->rules = plan.rules;
	policy_out->n_rules = plan.n_rules;
	if (rc == DG_OK)
		rc = dg_import_check(&lists, policy_out, err);
	policy_out->notes = plan.notes;
	policy_out->n_notes = plan.n_notes;
	if (rc == DG_OK)
		give_people(&plan, policy_out);
	dg_lists_fini(&lists);
	dg_trino_file_fini(&file);
	return rc;
}

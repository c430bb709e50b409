/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.c - parts of names, and the names that are known: of the metadata, and
 * those that the rules themselves write out.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/mem.h"
#include "glob.h"
#include "plan.h"

void *
dg_plan_array(struct dg_plan *plan, size_t n, size_t size)
{
	void *items = dg_arena_alloc_array(plan->arena, n == 0 ? 1 : n, size);

	DG_ASSERT(items != NULL); /* a tool of one person: no bound to keep */
	return items;
}

void *
dg_plan_grow(struct dg_plan *plan, void *items, size_t n, size_t *capacity,
	     size_t size)
{
	void *grown;

	if (n < *capacity)
		return items;
	*capacity = 2 * *capacity + 16;
	grown = dg_plan_array(plan, *capacity, size);
	if (n > 0)
		memcpy(grown, items, n * size);
	return grown;
}

void
dg_plan_note(struct dg_plan *plan, enum dg_import_note_kind kind,
	     const struct dg_trino_rule *rule, const char *fmt, ...)
{
	struct dg_import_note note = {.kind = kind, .where = DG_STR_EMPTY};
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note.text = dg_arena_str(plan->arena, dg_str_from_cstr(text));
	if (rule != NULL && rule->index > 0) {
		note.line = rule->line;
		note.where = dg_arena_printf(plan->arena, "%s[%zu]",
					     dg_trino_sections[rule->section],
					     rule->index);
	} else if (rule != NULL) {
		note.where = dg_arena_printf(plan->arena, "no %s section",
					     dg_trino_sections[rule->section]);
	}
	for (size_t i = 0; i < plan->n_notes; i++)
		if (plan->notes[i].kind == kind &&
		    plan->notes[i].line == note.line &&
		    dg_str_eq(plan->notes[i].where, note.where) &&
		    dg_str_eq(plan->notes[i].text, note.text))
			return; /* the same for another catalog */
	plan->notes = dg_plan_grow(plan, plan->notes, plan->n_notes,
				   &plan->notes_capacity, sizeof(note));
	plan->notes[plan->n_notes++] = note;
}

/* ---- parts --------------------------------------------------------------- */

static bool
has_upper(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] >= 'A' && s.data[i] <= 'Z')
			return true;
	return false;
}

static bool
add_meet(struct dg_plan *plan, struct dg_part *part, size_t *capacity,
	 struct dg_str a, struct dg_str b)
{
	struct dg_str *globs;
	struct dg_str both = a;

	if (dg_glob_covers(b, a))
		both = a;
	else if (dg_glob_covers(a, b))
		both = b;
	else if (dg_globs_meet(a, b))
		return false; /* what both match is no glob */
	else
		return true;
	globs = dg_plan_grow(plan, (void *)(uintptr_t)part->globs,
			     part->n_globs, capacity, sizeof(*globs));
	globs[part->n_globs++] = both;
	part->globs = globs;
	return true;
}

/*
 * Names of things are in lower case: to Trino an expression with a capital
 * letter matches none, while our rules would be put in lower case.
 */
struct dg_part
dg_part_of(struct dg_plan *plan, const struct dg_regex *a,
	   const struct dg_regex *b, bool is_lower)
{
	static const struct dg_str any = DG_STR_INIT("*");
	const struct dg_str *left = &any, *right = &any;
	size_t n_left = 1, n_right = 1, capacity = 0;
	struct dg_part part = {.is_globs = true};

	if (a != NULL) {
		part.regexes[part.n_regexes++] = a;
		part.is_globs = dg_regex_globs(a, &left, &n_left);
	}
	if (b != NULL) {
		part.regexes[part.n_regexes++] = b;
		part.is_globs &= dg_regex_globs(b, &right, &n_right);
	}
	for (size_t i = 0; part.is_globs && i < n_left; i++)
		for (size_t j = 0; part.is_globs && j < n_right; j++)
			if (!is_lower ||
			    (!has_upper(left[i]) && !has_upper(right[j])))
				part.is_globs = add_meet(plan, &part, &capacity,
							 left[i], right[j]);
	return part;
}

bool
dg_part_is_empty(const struct dg_part *part)
{
	return part->is_globs && part->n_globs == 0;
}

enum dg_rc
dg_part_matches(const struct dg_part *part, struct dg_str name,
		bool *matches_out, struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	*matches_out = true;
	for (size_t i = 0; rc == DG_OK && *matches_out && i < part->n_regexes;
	     i++)
		rc = dg_regex_matches(part->regexes[i], name, matches_out, err);
	return rc;
}

/* ---- names --------------------------------------------------------------- */

struct names {
	struct dg_str *items;
	size_t n, capacity;
};

/* What is told once only needs no search. */
static void
append_name(struct dg_plan *plan, struct names *names, struct dg_str name)
{
	names->items = dg_plan_grow(plan, names->items, names->n,
				    &names->capacity, sizeof(name));
	names->items[names->n++] = name;
}

static void
add_name(struct dg_plan *plan, struct names *names, struct dg_str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (dg_str_eq(names->items[i], name))
			return;
	append_name(plan, names, name);
}

static const struct dg_known_catalog *
find_catalog(const struct dg_plan *plan, struct dg_str name)
{
	for (size_t i = 0; i < plan->n_catalogs; i++)
		if (dg_str_eq(plan->catalogs[i].name, name))
			return &plan->catalogs[i];
	return NULL;
}

static void
add_metadata(struct dg_plan *plan, const struct dg_list *list,
	     const struct dg_str *parts, unsigned at, struct names *names)
{
	const struct dg_known_catalog *catalog;

	if (at == 0)
		for (size_t i = 0; i < plan->n_catalogs; i++)
			add_name(plan, names, plan->catalogs[i].name);
	catalog = at == 0 || list->is_dotted ? NULL
					     : find_catalog(plan, parts[0]);
	for (size_t i = 0; catalog != NULL && i < catalog->n_schemas; i++) {
		const struct dg_known_schema *schema = &catalog->schemas[i];

		if (at == 1)
			add_name(plan, names, schema->name);
		else if (list->kind == DG_ACL_TABLE &&
			 dg_str_eq(schema->name, parts[1]))
			for (size_t j = 0; j < schema->n_tables; j++)
				append_name(plan, names,
					    schema->tables[j]->name);
	}
}

/* A rule that may be about what the parts before `at` say. */
static bool
is_about(const struct dg_flat *rule, const struct dg_str *parts, unsigned at)
{
	for (unsigned i = 0; i < at; i++) {
		struct dg_error err;
		bool matches;

		if (dg_part_matches(&rule->parts[i], parts[i], &matches,
				    &err) == DG_OK &&
		    !matches)
			return false;
	}
	return true;
}

const struct dg_str *
dg_plan_names(struct dg_plan *plan, const struct dg_list *list,
	      const struct dg_str *parts, unsigned at, size_t *n_out)
{
	struct names names = {0};

	for (size_t i = 0; i < list->n_names; i++)
		add_name(plan, &names, list->names[i]);
	if (list->n_parts > 1 || list->kind == DG_ACL_CATALOG)
		add_metadata(plan, list, parts, at, &names);
	for (size_t i = 0; i < list->n_rules; i++) {
		const struct dg_part *part = &list->rules[i].parts[at];

		if (!part->is_globs || !is_about(&list->rules[i], parts, at))
			continue;
		for (size_t j = 0; j < part->n_globs; j++)
			if (!dg_glob_is_wild(part->globs[j]))
				add_name(plan, &names, part->globs[j]);
	}
	*n_out = names.n;
	return names.items;
}

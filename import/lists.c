/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - see lists.h. What an absent section means stands here, and which
 * of our privileges each of Trino's is.
 */
#include "lists_private.h"

#include "base/assert.h"
#include "base/mem.h"
#include "glob.h"

enum { FLAT_MAX = 100000 };

/* ---- making parts -------------------------------------------------------- */

enum dg_rc
dg_side_compile(struct dg_lists *l, struct dg_str text, struct dg_regex **out)
{
	enum dg_rc rc =
		dg_regex_compile(text, l->plan->arena, out, l->plan->err);

	if (rc != DG_OK)
		return rc;
	l->regexes = dg_plan_grow(l->plan, l->regexes, l->n_regexes,
				  &l->regexes_capacity, sizeof(*l->regexes));
	l->regexes[l->n_regexes++] = *out;
	return DG_OK;
}

/* A rule that Trino adds by itself. */
struct dg_trino_rule *
dg_side_imply(struct dg_lists *l, enum dg_trino_section section,
	      unsigned grants)
{
	struct dg_trino_rule *rule = dg_plan_array(l->plan, 1, sizeof(*rule));

	rule->section = section;
	rule->grants = grants;
	return rule;
}

/* Whom a rule is about; what cannot be known is taken to say no. */
enum dg_rc
dg_side_of(struct dg_lists *l, const struct dg_trino_rule *rule,
	   struct dg_side *out)
{
	enum dg_who_known known;
	enum dg_rc rc;

	*out = (struct dg_side){.rule = rule, .grants = rule->grants};
	rc = dg_who_of(&l->plan->people, rule, &out->who, &known, l->plan->err);
	if (rc != DG_OK)
		return dg_error_wrap(
			l->plan->err, "line %u: %s[%zu]", rule->line,
			dg_trino_sections[rule->section], rule->index);
	if (known == DG_WHO_TOO_MANY) {
		out->grants = 0;
		dg_plan_note(l->plan, DG_IMPORT_DROPPED, rule,
			     "who is in the %s it names is not known (see "
			     "--groups and --roles): it grants nothing, and "
			     "keeps later rules from everybody it may mean",
			     rule->role != NULL ? "role" : "group");
	} else if (!out->who.is_exact) {
		dg_plan_note(l->plan, DG_IMPORT_NARROWED, rule,
			     "whom it is about is written down: %zu users as "
			     "of now; users and memberships to come need a "
			     "new import",
			     out->who.n_users);
	}
	return DG_OK;
}

enum dg_rc
dg_sides_of(struct dg_lists *l, enum dg_trino_section section,
	    struct dg_trino_rule *absent, struct dg_sides *out)
{
	size_t n = l->file->n[section];
	enum dg_rc rc = DG_OK;

	out->items = dg_plan_array(l->plan, n + 1, sizeof(*out->items));
	out->n = 0;
	if (!l->file->is_there[section])
		return absent == NULL
			       ? DG_OK
			       : dg_side_of(l, absent, &out->items[out->n++]);
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = dg_side_of(l, &l->file->rules[section][i],
				&out->items[out->n++]);
	return rc;
}

static enum dg_rc
make_catalogs(struct dg_lists *l, struct dg_sides *out)
{
	struct dg_trino_rule *all = dg_side_imply(l, DG_TRINO_CATALOGS,
						  DG_TRINO_READ | DG_TRINO_ALL);
	enum dg_rc rc = dg_sides_of(l, DG_TRINO_CATALOGS, all, out);

	if (rc != DG_OK || !l->file->is_there[DG_TRINO_CATALOGS])
		return rc;
	rc = dg_side_compile(l, DG_STR("system"), &all->catalog);
	return rc == DG_OK ? dg_side_of(l, all, &out->items[out->n++]) : rc;
}

/* ---- lists --------------------------------------------------------------- */

static struct dg_list *
add_list(struct dg_lists *l, const struct dg_shape *shape)
{
	struct dg_list *list = &l->items[l->n++];

	DG_ASSERT(l->n <= DG_LISTS_MAX);
	*list = (struct dg_list){.kind = shape->kind,
				 .n_parts = shape->n_parts,
				 .rights = shape->rights,
				 .n_rights = shape->n_rights};
	return list;
}

static bool
is_nobody(const struct dg_who *who)
{
	return !who->is_all && who->is_exact && who->n_users == 0 &&
	       who->n_groups == 0;
}

/* The next rule of the list, kept when it can match at all. */
static struct dg_flat *
add_flat(struct dg_lists *l, struct dg_list *list, size_t *capacity,
	 const struct dg_flat *flat)
{
	for (unsigned i = 0; i < list->n_parts; i++)
		if (dg_part_is_empty(&flat->parts[i]))
			return NULL;
	if (is_nobody(&flat->who))
		return NULL;
	list->rules = dg_plan_grow(l->plan, list->rules, list->n_rules,
				   capacity, sizeof(*flat));
	list->rules[list->n_rules] = *flat;
	list->rules[list->n_rules].grants =
		dg_plan_array(l->plan, list->n_rights, sizeof(bool));
	return &list->rules[list->n_rules++];
}

static bool
restricts(const struct dg_trino_rule *rule, struct dg_str column)
{
	for (size_t i = 0; i < rule->n_restricted; i++)
		if (dg_str_eq_nocase(rule->restricted[i], column))
			return true;
	return false;
}

static void
set_grants(const struct dg_shape *shape, const struct dg_side *catalog,
	   const struct dg_side *side, bool *grants)
{
	for (size_t r = 0; r < shape->n_rights; r++)
		grants[r] = (side->grants & shape->means[r]) != 0 &&
			    (catalog == NULL ||
			     (catalog->grants & shape->needs[r]) != 0) &&
			    (shape->rights[r].column.len == 0 ||
			     !restricts(side->rule, shape->rights[r].column));
}

static enum dg_rc
too_many(struct dg_lists *l, const struct dg_list *list)
{
	if (list->n_rules <= FLAT_MAX)
		return DG_OK;
	return dg_error_set(l->plan->err, DG_ERR_LIMIT,
			    "the catalogs together with the other rules are "
			    "more than %d rules",
			    (int)FLAT_MAX);
}

/* Every catalog rule with every rule of the section, in that order. */
enum dg_rc
dg_list_product(struct dg_lists *l, const struct dg_sides *catalogs,
		const struct dg_sides *sides, const struct dg_shape *shape,
		struct dg_list **list_out)
{
	struct dg_list *list = add_list(l, shape);
	size_t capacity = 0;
	enum dg_rc rc = DG_OK;

	for (size_t c = 0; rc == DG_OK && c < catalogs->n; c++) {
		const struct dg_side *catalog = &catalogs->items[c];
		size_t n = catalog->grants == 0 ? 1 : sides->n;

		for (size_t s = 0; s < n; s++) {
			const struct dg_trino_rule *from =
				catalog->grants == 0 ? catalog->rule
						     : sides->items[s].rule;
			struct dg_flat flat = {.rule = from,
					       .catalog = catalog->rule};
			struct dg_flat *added;
			bool alone = catalog->grants == 0;

			flat.who = alone ? catalog->who
					 : dg_who_both(&l->plan->people,
						       &catalog->who,
						       &sides->items[s].who);
			flat.parts[0] =
				dg_part_of(l->plan, catalog->rule->catalog,
					   alone ? NULL : from->catalog, true);
			flat.parts[1] =
				dg_part_of(l->plan, alone ? NULL : from->schema,
					   NULL, true);
			flat.parts[2] = dg_part_of(
				l->plan, alone ? NULL : from->name, NULL, true);
			if (list->kind == DG_ACL_PROPERTY)
				flat.parts[1] = flat.parts[2];
			added = add_flat(l, list, &capacity, &flat);
			if (added != NULL && !alone)
				set_grants(shape, catalog, &sides->items[s],
					   added->grants);
		}
		rc = too_many(l, list);
	}
	if (list_out != NULL)
		*list_out = list;
	return rc;
}

/* Things with one part of a name, which no catalog has a say in. */
static enum dg_rc
add_single(struct dg_lists *l, const struct dg_sides *sides,
	   const struct dg_shape *shape, bool is_lower,
	   struct dg_list **list_out)
{
	struct dg_list *list = add_list(l, shape);
	size_t capacity = 0;

	for (size_t s = 0; s < sides->n; s++) {
		const struct dg_side *side = &sides->items[s];
		struct dg_flat flat = {.rule = side->rule, .who = side->who};
		struct dg_flat *added;

		flat.parts[0] =
			dg_part_of(l->plan, side->rule->name, NULL, is_lower);
		added = add_flat(l, list, &capacity, &flat);
		if (added != NULL)
			set_grants(shape, NULL, side, added->grants);
	}
	if (list_out != NULL)
		*list_out = list;
	return too_many(l, list);
}

/* ---- the other sections -------------------------------------------------- */

static enum dg_rc
add_schemas(struct dg_lists *l, const struct dg_sides *catalogs)
{
	static const struct dg_right right = {P(CREATE) | P(DROP) | P(ALTER),
					      DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_YES, needs = DG_TRINO_ALL;
	static const struct dg_shape shape = {.kind = DG_ACL_SCHEMA,
					      .n_parts = 2,
					      .rights = &right,
					      .means = &means,
					      .needs = &needs,
					      .n_rights = 1};
	struct dg_sides sides;
	enum dg_rc rc = dg_sides_of(
		l, DG_TRINO_SCHEMAS,
		dg_side_imply(l, DG_TRINO_SCHEMAS, DG_TRINO_YES), &sides);

	return rc == DG_OK ? dg_list_product(l, catalogs, &sides, &shape, NULL)
			   : rc;
}

static enum dg_rc
add_catalogs(struct dg_lists *l, const struct dg_sides *catalogs)
{
	static const struct dg_right right = {P(CREATE) | P(DROP),
					      DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_OWNER;
	static const struct dg_shape shape = {.kind = DG_ACL_CATALOG,
					      .n_parts = 1,
					      .rights = &right,
					      .means = &means,
					      .n_rights = 1};
	struct dg_sides named = {
		dg_plan_array(l->plan, catalogs->n, sizeof(struct dg_side)),
		catalogs->n};
	struct dg_trino_rule *copies =
		dg_plan_array(l->plan, catalogs->n, sizeof(*copies));

	for (size_t i = 0; i < catalogs->n; i++) {
		copies[i] = *catalogs->items[i].rule;
		copies[i].name = copies[i].catalog;
		named.items[i] = catalogs->items[i];
		named.items[i].rule = &copies[i];
	}
	return add_single(l, &named, &shape, true, NULL);
}

/* Of absent functions and procedures, those of system.builtin are there. */
static enum dg_rc
make_routines(struct dg_lists *l, enum dg_trino_section section,
	      struct dg_sides *out)
{
	struct dg_trino_rule *builtin = dg_side_imply(
		l, section, DG_TRINO_EXECUTE | DG_TRINO_GRANT_EXECUTE);
	enum dg_rc rc = dg_side_compile(l, DG_STR("system"), &builtin->catalog);

	if (rc == DG_OK)
		rc = dg_side_compile(l, DG_STR("builtin"), &builtin->schema);
	return rc == DG_OK ? dg_sides_of(l, section, builtin, out) : rc;
}

static enum dg_rc
add_routines(struct dg_lists *l, const struct dg_sides *catalogs)
{
	static const struct dg_right rights[] = {
		{P(EXECUTE), DG_STR_INIT("")},
		{P(CREATE) | P(DROP), DG_STR_INIT("")},
	};
	static const unsigned means[] = {
		DG_TRINO_EXECUTE | DG_TRINO_GRANT_EXECUTE, DG_TRINO_OWNERSHIP};
	static const unsigned needs[] = {DG_TRINO_READ, DG_TRINO_READ};
	struct dg_shape shape = {.kind = DG_ACL_FUNCTION,
				 .n_parts = 3,
				 .rights = rights,
				 .means = means,
				 .needs = needs,
				 .n_rights = 2};
	struct dg_sides sides;
	enum dg_rc rc = make_routines(l, DG_TRINO_FUNCTIONS, &sides);

	if (rc == DG_OK)
		rc = dg_list_product(l, catalogs, &sides, &shape, NULL);
	shape.n_rights = 1;
	shape.kind = DG_ACL_TABLE_FUNCTION;
	if (rc == DG_OK)
		rc = dg_list_product(l, catalogs, &sides, &shape, NULL);
	if (rc == DG_OK)
		rc = make_routines(l, DG_TRINO_PROCEDURES, &sides);
	shape.kind = DG_ACL_PROCEDURE;
	if (rc == DG_OK)
		rc = dg_list_product(l, catalogs, &sides, &shape, NULL);
	return rc;
}

/* Everybody may set everything: the first rule says so. */
static bool
is_open(const struct dg_sides *sides, unsigned grants)
{
	const struct dg_side *first = sides->items;

	return sides->n > 0 && first->who.is_all &&
	       (first->grants & grants) != 0 &&
	       (first->rule->name == NULL ||
		dg_regex_is_any(first->rule->name)) &&
	       (first->rule->catalog == NULL ||
		dg_regex_is_any(first->rule->catalog));
}

/*
 * A pattern for properties of the system would match those of catalogs as
 * well: unless all are open, the names that Trino has are told one by one.
 */
static enum dg_rc
add_properties(struct dg_lists *l, const struct dg_sides *catalogs)
{
	static const struct dg_str system_names[] = {
#define DG_TRINO_PROPERTY(name) DG_STR_INIT(name),
#include "trino_properties.def"
#undef DG_TRINO_PROPERTY
	};
	static const struct dg_right right = {P(SET), DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_YES, needs = DG_TRINO_READ;
	struct dg_shape shape = {.kind = DG_ACL_PROPERTY,
				 .n_parts = 2,
				 .rights = &right,
				 .means = &means,
				 .needs = &needs,
				 .n_rights = 1};
	struct dg_sides of_catalogs, of_system;
	struct dg_list *list;
	enum dg_rc rc;

	rc = dg_sides_of(
		l, DG_TRINO_CATALOG_PROPERTIES,
		dg_side_imply(l, DG_TRINO_CATALOG_PROPERTIES, DG_TRINO_YES),
		&of_catalogs);
	if (rc == DG_OK)
		rc = dg_sides_of(l, DG_TRINO_SYSTEM_PROPERTIES,
				 dg_side_imply(l, DG_TRINO_SYSTEM_PROPERTIES,
					       DG_TRINO_YES),
				 &of_system);
	if (rc == DG_OK)
		rc = dg_list_product(l, catalogs, &of_catalogs, &shape, &list);
	if (rc != DG_OK)
		return rc;
	list->is_dotted = true;
	shape.n_parts = 1;
	rc = add_single(l, &of_system, &shape, true, &list);
	if (rc != DG_OK || (is_open(catalogs, DG_TRINO_READ) &&
			    is_open(&of_catalogs, DG_TRINO_YES) &&
			    is_open(&of_system, DG_TRINO_YES)))
		return rc;
	list->names = system_names;
	list->n_names = DG_ARRAY_LEN(system_names);
	for (size_t i = 0; i < list->n_rules; i++) {
		struct dg_part *part = &list->rules[i].parts[0];

		for (size_t j = 0; j < part->n_globs; j++)
			if (dg_glob_is_wild(part->globs[j]))
				part->is_globs = false;
	}
	return DG_OK;
}

/* What a list is about are users. */
static void
name_users(struct dg_lists *l, struct dg_list *list)
{
	const struct dg_people *people = &l->plan->people;
	struct dg_str *names =
		dg_plan_array(l->plan, people->n, sizeof(struct dg_str));

	for (size_t i = 0; i < people->n; i++)
		if (!people->persons[i].is_made_up)
			names[list->n_names++] = people->persons[i].name;
	list->names = names;
}

static enum dg_rc
add_queries(struct dg_lists *l)
{
	static const struct dg_right use = {P(USE), DG_STR_INIT("")};
	static const unsigned use_means = DG_TRINO_QUERY_EXECUTE;
	static const struct dg_shape cluster = {.kind = DG_ACL_CLUSTER,
						.n_parts = 1,
						.rights = &use,
						.means = &use_means,
						.n_rights = 1};
	static const struct dg_right rights[] = {{P(VIEW), DG_STR_INIT("")},
						 {P(KILL), DG_STR_INIT("")}};
	static const unsigned means[] = {DG_TRINO_QUERY_VIEW,
					 DG_TRINO_QUERY_KILL};
	static const struct dg_shape query = {.kind = DG_ACL_QUERY,
					      .n_parts = 1,
					      .rights = rights,
					      .means = means,
					      .n_rights = 2};
	struct dg_sides sides, running;
	struct dg_list *list;
	enum dg_rc rc;

	rc = dg_sides_of(l, DG_TRINO_QUERIES,
			 dg_side_imply(l, DG_TRINO_QUERIES,
				       DG_TRINO_QUERY_EXECUTE |
					       DG_TRINO_QUERY_VIEW |
					       DG_TRINO_QUERY_KILL),
			 &sides);
	if (rc != DG_OK)
		return rc;
	running = (struct dg_sides){
		dg_plan_array(l->plan, sides.n, sizeof(struct dg_side)), 0};
	for (size_t i = 0; i < sides.n; i++)
		if (sides.items[i].rule->name == NULL)
			running.items[running.n++] = sides.items[i];
	rc = add_single(l, &running, &cluster, true, NULL);
	if (rc == DG_OK)
		rc = add_single(l, &sides, &query, false, &list);
	if (rc == DG_OK)
		name_users(l, list);
	return rc;
}

/* ---- impersonation ------------------------------------------------------- */

/* A copy of the rule about one user, with what new_user means for him. */
static enum dg_rc
impersonate_one(struct dg_lists *l, const struct dg_trino_rule *rule,
		size_t person, struct dg_side *out)
{
	struct dg_trino_rule *copy = dg_plan_array(l->plan, 1, sizeof(*copy));
	struct dg_str text;
	enum dg_rc rc;

	*copy = *rule;
	rc = dg_regex_replace(rule->user, l->plan->people.persons[person].name,
			      rule->new_user, l->plan->arena, &text,
			      l->plan->err);
	if (rc == DG_OK)
		rc = dg_side_compile(l, text, &copy->name);
	*out = (struct dg_side){.rule = copy, .grants = rule->grants};
	out->who = dg_who_one(&l->plan->people, person);
	return rc;
}

static enum dg_rc
impersonate(struct dg_lists *l, const struct dg_trino_rule *rule,
	    struct dg_sides *sides, size_t *capacity)
{
	bool has_groups =
		rule->user != NULL &&
		(dg_str_find(rule->new_user, '$', 0) < rule->new_user.len ||
		 dg_str_find(rule->new_user, '\\', 0) < rule->new_user.len);
	struct dg_trino_rule *copy = dg_plan_array(l->plan, 1, sizeof(*copy));
	struct dg_side side;
	enum dg_rc rc;

	*copy = *rule;
	rc = dg_side_of(l, copy, &side);
	if (rc != DG_OK)
		return rc;
	if (has_groups && side.grants != 0) {
		dg_plan_note(l->plan, DG_IMPORT_NARROWED, rule,
			     "new_user depends on who asks: written down for "
			     "the users who are known");
		for (size_t i = 0; rc == DG_OK && i < l->plan->people.n; i++) {
			if (!side.who.holds[i] ||
			    l->plan->people.persons[i].is_made_up)
				continue;
			sides->items =
				dg_plan_grow(l->plan, sides->items, sides->n,
					     capacity, sizeof(side));
			rc = impersonate_one(l, rule, i,
					     &sides->items[sides->n++]);
		}
		return rc;
	}
	if (has_groups)
		dg_plan_note(l->plan, DG_IMPORT_NARROWED, rule,
			     "new_user depends on who asks: taken to mean "
			     "everybody");
	else
		rc = dg_side_compile(l, rule->new_user, &copy->name);
	sides->items = dg_plan_grow(l->plan, sides->items, sides->n, capacity,
				    sizeof(side));
	sides->items[sides->n++] = side;
	return rc;
}

static enum dg_rc
add_impersonation(struct dg_lists *l)
{
	static const struct dg_right right = {P(IMPERSONATE), DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_YES;
	static const struct dg_shape shape = {.kind = DG_ACL_USER,
					      .n_parts = 1,
					      .rights = &right,
					      .means = &means,
					      .n_rights = 1};
	struct dg_sides sides = {0};
	struct dg_list *list;
	size_t capacity = 0;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0;
	     rc == DG_OK && i < l->file->n[DG_TRINO_IMPERSONATION]; i++) {
		const struct dg_trino_rule *rule =
			&l->file->rules[DG_TRINO_IMPERSONATION][i];

		rc = impersonate(l, rule, &sides, &capacity);
		if (rc != DG_OK)
			rc = dg_error_wrap(l->plan->err,
					   "line %u: impersonation[%zu]",
					   rule->line, rule->index);
	}
	if (rc == DG_OK)
		rc = add_single(l, &sides, &shape, false, &list);
	if (rc == DG_OK)
		name_users(l, list);
	return rc;
}

/* ---- all ----------------------------------------------------------------- */

static void
note_all_of(struct dg_lists *l, enum dg_trino_section section, const char *why)
{
	for (size_t i = 0; i < l->file->n[section]; i++)
		dg_plan_note(l->plan, DG_IMPORT_DROPPED,
			     &l->file->rules[section][i], "%s", why);
}

static void
note_sections(struct dg_lists *l)
{
	note_all_of(l, DG_TRINO_PRINCIPALS,
		    "who may sign in as whom is for the gateway's own "
		    "sign-in to say");
	note_all_of(l, DG_TRINO_AUTHORIZATION,
		    "SET AUTHORIZATION needs the privilege grant, which is "
		    "about more than new owners: not granted");
	note_all_of(l, DG_TRINO_SYSTEM_INFORMATION,
		    "the gateway does not pass on requests for it");
	if (l->file->is_there[DG_TRINO_PRINCIPALS] &&
	    !l->file->is_there[DG_TRINO_IMPERSONATION])
		dg_plan_note(l->plan, DG_IMPORT_DROPPED, NULL,
			     "with principals and without impersonation Trino "
			     "lets principals decide; here nobody may "
			     "impersonate");
	for (size_t i = 0; i < l->file->n_unknown; i++)
		dg_plan_note(l->plan, DG_IMPORT_DIFFERS, NULL,
			     "%.*s: Trino does not look at it, and neither do "
			     "we",
			     DG_STR_ARG(l->file->unknown[i]));
	for (size_t i = 0; i < l->file->n[DG_TRINO_TABLES]; i++)
		if ((l->file->rules[DG_TRINO_TABLES][i].grants &
		     DG_TRINO_OWNERSHIP) != 0) {
			dg_plan_note(
				l->plan, DG_IMPORT_DIFFERS, NULL,
				"owners are not given the privilege grant: "
				"GRANT, REVOKE, DENY and SET AUTHORIZATION "
				"are not carried over; views need select on "
				"what they read, not GRANT_SELECT");
			return;
		}
}

enum dg_rc
dg_lists_make(struct dg_lists *l)
{
	struct dg_sides catalogs;
	enum dg_rc rc = make_catalogs(l, &catalogs);

	if (rc == DG_OK)
		rc = add_queries(l);
	if (rc == DG_OK)
		rc = add_impersonation(l);
	if (rc == DG_OK)
		rc = add_catalogs(l, &catalogs);
	if (rc == DG_OK)
		rc = add_schemas(l, &catalogs);
	if (rc == DG_OK)
		rc = dg_list_information_schema(l, &catalogs);
	if (rc == DG_OK)
		rc = dg_list_tables(l, &catalogs);
	if (rc == DG_OK)
		rc = add_routines(l, &catalogs);
	if (rc == DG_OK)
		rc = add_properties(l, &catalogs);
	note_sections(l);
	return rc;
}

void
dg_lists_fini(struct dg_lists *l)
{
	for (size_t i = 0; i < l->n_regexes; i++)
		dg_regex_destroy(&l->regexes[i]);
	l->n_regexes = 0;
}

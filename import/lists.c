/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - see lists.h. What an absent section means stands here, and which
 * of our privileges each of Trino's is.
 */
#include "lists.h"

#include "base/assert.h"
#include "base/mem.h"
#include "glob.h"

#define P(name) DG_ACL_BIT(DG_ACL_P_##name)

enum { FLAT_MAX = 100000 };

/* A rule with whom it is about; the catalogs, and the other side. */
struct side {
	const struct dg_trino_rule *rule;
	struct dg_who who;
	unsigned grants; /* what of rule->grants is carried over */
};

struct sides {
	struct side *items;
	size_t n;
};

/* How a section becomes a list. */
struct shape {
	enum dg_acl_kind kind;
	unsigned n_parts;
	const struct dg_right *rights;
	const unsigned *means; /* bits of dg_trino_rule.grants, any of them */
	const unsigned *needs; /* of the catalog, per right */
	size_t n_rights;
};

/* ---- making parts -------------------------------------------------------- */

static enum dg_rc
compile(struct dg_lists *l, struct dg_str text, struct dg_regex **out)
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
static struct dg_trino_rule *
imply(struct dg_lists *l, enum dg_trino_section section, unsigned grants)
{
	struct dg_trino_rule *rule = dg_plan_array(l->plan, 1, sizeof(*rule));

	rule->section = section;
	rule->grants = grants;
	return rule;
}

/* Whom a rule is about; what cannot be known is taken to say no. */
static enum dg_rc
make_side(struct dg_lists *l, const struct dg_trino_rule *rule,
	  struct side *out)
{
	enum dg_who_known known;
	enum dg_rc rc;

	*out = (struct side){.rule = rule, .grants = rule->grants};
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

static enum dg_rc
make_sides(struct dg_lists *l, enum dg_trino_section section,
	   struct dg_trino_rule *absent, struct sides *out)
{
	size_t n = l->file->n[section];
	enum dg_rc rc = DG_OK;

	out->items = dg_plan_array(l->plan, n + 1, sizeof(*out->items));
	out->n = 0;
	if (!l->file->is_there[section])
		return absent == NULL
			       ? DG_OK
			       : make_side(l, absent, &out->items[out->n++]);
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = make_side(l, &l->file->rules[section][i],
			       &out->items[out->n++]);
	return rc;
}

static enum dg_rc
make_catalogs(struct dg_lists *l, struct sides *out)
{
	struct dg_trino_rule *all =
		imply(l, DG_TRINO_CATALOGS, DG_TRINO_READ | DG_TRINO_ALL);
	enum dg_rc rc = make_sides(l, DG_TRINO_CATALOGS, all, out);

	if (rc != DG_OK || !l->file->is_there[DG_TRINO_CATALOGS])
		return rc;
	rc = compile(l, DG_STR("system"), &all->catalog);
	return rc == DG_OK ? make_side(l, all, &out->items[out->n++]) : rc;
}

/* ---- lists --------------------------------------------------------------- */

static struct dg_list *
add_list(struct dg_lists *l, const struct shape *shape)
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
set_grants(const struct shape *shape, const struct side *catalog,
	   const struct side *side, bool *grants)
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
static enum dg_rc
add_product(struct dg_lists *l, const struct sides *catalogs,
	    const struct sides *sides, const struct shape *shape,
	    struct dg_list **list_out)
{
	struct dg_list *list = add_list(l, shape);
	size_t capacity = 0;
	enum dg_rc rc = DG_OK;

	for (size_t c = 0; rc == DG_OK && c < catalogs->n; c++) {
		const struct side *catalog = &catalogs->items[c];
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
add_single(struct dg_lists *l, const struct sides *sides,
	   const struct shape *shape, bool is_lower, struct dg_list **list_out)
{
	struct dg_list *list = add_list(l, shape);
	size_t capacity = 0;

	for (size_t s = 0; s < sides->n; s++) {
		const struct side *side = &sides->items[s];
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

/* ---- tables -------------------------------------------------------------- */

enum { TABLE_RIGHTS = 5 };

static struct dg_str
lower(struct dg_lists *l, struct dg_str s)
{
	char *copy = dg_plan_array(l->plan, s.len + 1, 1);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = s.data[i] >= 'A' && s.data[i] <= 'Z'
				  ? (char)(s.data[i] - 'A' + 'a')
				  : s.data[i];
	return dg_str_make(copy, s.len);
}

/* A rule about the column would say what is meant. */
static bool
can_be_named(struct dg_lists *l, struct dg_str column)
{
	struct dg_acl_principal who = {.name = DG_STR("x")};
	struct dg_str name = lower(l, column);
	struct dg_acl_rule rule = {
		.id = 1,
		.effect = DG_ACL_DENY,
		.principals = &who,
		.n_principals = 1,
		.privileges = P(SELECT),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("*"),
			   .schema = DG_STR("*"),
			   .name = DG_STR("*")},
		.columns = &name,
		.n_columns = 1,
	};
	struct dg_error err;

	return dg_str_find(column, '.', 0) == column.len &&
	       dg_acl_rule_check(&rule, &err) == DG_OK;
}

/* What of a table rule has no counterpart is taken from its grants. */
static void
trim_table(struct dg_lists *l, struct side *side)
{
	const unsigned change =
		DG_TRINO_INSERT | DG_TRINO_DELETE | DG_TRINO_UPDATE;
	const unsigned select = DG_TRINO_SELECT | DG_TRINO_GRANT_SELECT;
	const struct dg_trino_rule *rule = side->rule;

	if (rule->has_filter && (side->grants & (select | change)) != 0) {
		side->grants &= ~(select | change);
		dg_plan_note(l->plan, DG_IMPORT_DROPPED, rule,
			     "row filters are not carried over: reading and "
			     "changing rows is not granted");
	}
	if (rule->n_masks > 0 && (side->grants & (select | change)) != 0) {
		side->grants &= ~change;
		dg_plan_note(l->plan, DG_IMPORT_DROPPED, rule,
			     "masks are not carried over: the %zu masked "
			     "columns cannot be read, and rows not be changed",
			     rule->n_masks);
	}
	for (size_t i = 0; i < rule->n_restricted; i++)
		if ((side->grants & select) != 0 &&
		    !can_be_named(l, rule->restricted[i])) {
			side->grants &= ~select;
			dg_plan_note(l->plan, DG_IMPORT_DROPPED, rule,
				     "no rule of ours can name the column "
				     "\"%.*s\": reading is not granted",
				     DG_STR_ARG(rule->restricted[i]));
		}
}

/* The columns that some rule keeps from its users: a right each. */
static size_t
add_column_rights(struct dg_lists *l, const struct sides *sides,
		  struct dg_right **rights, size_t n, size_t *capacity)
{
	for (size_t s = 0; s < sides->n; s++)
		for (size_t i = 0; i < sides->items[s].rule->n_restricted;
		     i++) {
			struct dg_str name =
				lower(l, sides->items[s].rule->restricted[i]);
			bool is_there = !can_be_named(l, name);

			for (size_t r = TABLE_RIGHTS; r < n; r++)
				is_there |=
					dg_str_eq((*rights)[r].column, name);
			if (is_there)
				continue;
			*rights = dg_plan_grow(l->plan, *rights, n, capacity,
					       sizeof(**rights));
			(*rights)[n++] = (struct dg_right){
				.privileges = P(SELECT), .column = name};
		}
	return n;
}

static enum dg_rc
add_tables(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_right base[TABLE_RIGHTS] = {
		{P(SELECT), DG_STR_INIT("")},
		{P(INSERT) | P(ANALYZE), DG_STR_INIT("")},
		{P(DELETE) | P(TRUNCATE), DG_STR_INIT("")},
		{P(UPDATE) | P(REFRESH), DG_STR_INIT("")},
		{P(CREATE) | P(DROP) | P(ALTER) | P(COMMENT), DG_STR_INIT("")},
	};
	static const unsigned means[TABLE_RIGHTS] = {
		DG_TRINO_SELECT | DG_TRINO_GRANT_SELECT, DG_TRINO_INSERT,
		DG_TRINO_DELETE, DG_TRINO_UPDATE, DG_TRINO_OWNERSHIP};
	struct shape shape = {.kind = DG_ACL_TABLE, .n_parts = 3};
	struct sides sides;
	struct dg_right *rights = NULL;
	unsigned *wide_means, *wide_needs;
	size_t capacity = 0;
	enum dg_rc rc;

	rc = make_sides(l, DG_TRINO_TABLES,
			imply(l, DG_TRINO_TABLES,
			      DG_TRINO_SELECT | DG_TRINO_INSERT |
				      DG_TRINO_DELETE | DG_TRINO_UPDATE |
				      DG_TRINO_OWNERSHIP),
			&sides);
	if (rc != DG_OK)
		return rc;
	for (size_t i = 0; i < sides.n; i++)
		trim_table(l, &sides.items[i]);
	for (size_t r = 0; r < TABLE_RIGHTS; r++) {
		rights = dg_plan_grow(l->plan, rights, r, &capacity,
				      sizeof(*rights));
		rights[r] = base[r];
	}
	shape.n_rights =
		add_column_rights(l, &sides, &rights, TABLE_RIGHTS, &capacity);
	wide_means = dg_plan_array(l->plan, shape.n_rights, sizeof(unsigned));
	wide_needs = dg_plan_array(l->plan, shape.n_rights, sizeof(unsigned));
	for (size_t r = 0; r < shape.n_rights; r++) {
		wide_means[r] = means[r < TABLE_RIGHTS ? r : 0];
		wide_needs[r] = r == 0 || r >= TABLE_RIGHTS ? DG_TRINO_READ
							    : DG_TRINO_ALL;
	}
	shape.rights = rights;
	shape.means = wide_means;
	shape.needs = wide_needs;
	return add_product(l, catalogs, &sides, &shape, NULL);
}

/* Whoever may read of a catalog may read what it has; tables have no say. */
static enum dg_rc
add_information_schema(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_right right = {P(SELECT), DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_SELECT, needs = DG_TRINO_READ;
	static const struct shape shape = {.kind = DG_ACL_TABLE,
					   .n_parts = 3,
					   .rights = &right,
					   .means = &means,
					   .needs = &needs,
					   .n_rights = 1};
	struct dg_trino_rule *rule =
		imply(l, DG_TRINO_CATALOGS, DG_TRINO_SELECT);
	struct sides sides = {dg_plan_array(l->plan, 1, sizeof(struct side)),
			      1};
	enum dg_rc rc = compile(l, DG_STR("information_schema"), &rule->schema);

	if (rc == DG_OK)
		rc = make_side(l, rule, sides.items);
	if (rc == DG_OK)
		rc = add_product(l, catalogs, &sides, &shape, NULL);
	return rc;
}

/* ---- the other sections -------------------------------------------------- */

static enum dg_rc
add_schemas(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_right right = {P(CREATE) | P(DROP) | P(ALTER),
					      DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_YES, needs = DG_TRINO_ALL;
	static const struct shape shape = {.kind = DG_ACL_SCHEMA,
					   .n_parts = 2,
					   .rights = &right,
					   .means = &means,
					   .needs = &needs,
					   .n_rights = 1};
	struct sides sides;
	enum dg_rc rc =
		make_sides(l, DG_TRINO_SCHEMAS,
			   imply(l, DG_TRINO_SCHEMAS, DG_TRINO_YES), &sides);

	return rc == DG_OK ? add_product(l, catalogs, &sides, &shape, NULL)
			   : rc;
}

static enum dg_rc
add_catalogs(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_right right = {P(CREATE) | P(DROP),
					      DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_OWNER;
	static const struct shape shape = {.kind = DG_ACL_CATALOG,
					   .n_parts = 1,
					   .rights = &right,
					   .means = &means,
					   .n_rights = 1};
	struct sides named = {
		dg_plan_array(l->plan, catalogs->n, sizeof(struct side)),
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
	      struct sides *out)
{
	struct dg_trino_rule *builtin =
		imply(l, section, DG_TRINO_EXECUTE | DG_TRINO_GRANT_EXECUTE);
	enum dg_rc rc = compile(l, DG_STR("system"), &builtin->catalog);

	if (rc == DG_OK)
		rc = compile(l, DG_STR("builtin"), &builtin->schema);
	return rc == DG_OK ? make_sides(l, section, builtin, out) : rc;
}

static enum dg_rc
add_routines(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_right rights[] = {
		{P(EXECUTE), DG_STR_INIT("")},
		{P(CREATE) | P(DROP), DG_STR_INIT("")},
	};
	static const unsigned means[] = {
		DG_TRINO_EXECUTE | DG_TRINO_GRANT_EXECUTE, DG_TRINO_OWNERSHIP};
	static const unsigned needs[] = {DG_TRINO_READ, DG_TRINO_READ};
	struct shape shape = {.kind = DG_ACL_FUNCTION,
			      .n_parts = 3,
			      .rights = rights,
			      .means = means,
			      .needs = needs,
			      .n_rights = 2};
	struct sides sides;
	enum dg_rc rc = make_routines(l, DG_TRINO_FUNCTIONS, &sides);

	if (rc == DG_OK)
		rc = add_product(l, catalogs, &sides, &shape, NULL);
	shape.n_rights = 1;
	shape.kind = DG_ACL_TABLE_FUNCTION;
	if (rc == DG_OK)
		rc = add_product(l, catalogs, &sides, &shape, NULL);
	if (rc == DG_OK)
		rc = make_routines(l, DG_TRINO_PROCEDURES, &sides);
	shape.kind = DG_ACL_PROCEDURE;
	if (rc == DG_OK)
		rc = add_product(l, catalogs, &sides, &shape, NULL);
	return rc;
}

/* Everybody may set everything: the first rule says so. */
static bool
is_open(const struct sides *sides, unsigned grants)
{
	const struct side *first = sides->items;

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
add_properties(struct dg_lists *l, const struct sides *catalogs)
{
	static const struct dg_str system_names[] = {
#define DG_TRINO_PROPERTY(name) DG_STR_INIT(name),
#include "trino_properties.def"
#undef DG_TRINO_PROPERTY
	};
	static const struct dg_right right = {P(SET), DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_YES, needs = DG_TRINO_READ;
	struct shape shape = {.kind = DG_ACL_PROPERTY,
			      .n_parts = 2,
			      .rights = &right,
			      .means = &means,
			      .needs = &needs,
			      .n_rights = 1};
	struct sides of_catalogs, of_system;
	struct dg_list *list;
	enum dg_rc rc;

	rc = make_sides(l, DG_TRINO_CATALOG_PROPERTIES,
			imply(l, DG_TRINO_CATALOG_PROPERTIES, DG_TRINO_YES),
			&of_catalogs);
	if (rc == DG_OK)
		rc = make_sides(
			l, DG_TRINO_SYSTEM_PROPERTIES,
			imply(l, DG_TRINO_SYSTEM_PROPERTIES, DG_TRINO_YES),
			&of_system);
	if (rc == DG_OK)
		rc = add_product(l, catalogs, &of_catalogs, &shape, &list);
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

static enum dg_rc
add_queries(struct dg_lists *l)
{
	static const struct dg_right use = {P(USE), DG_STR_INIT("")};
	static const unsigned use_means = DG_TRINO_QUERY_EXECUTE;
	static const struct shape cluster = {.kind = DG_ACL_CLUSTER,
					     .n_parts = 1,
					     .rights = &use,
					     .means = &use_means,
					     .n_rights = 1};
	static const struct dg_right rights[] = {{P(VIEW), DG_STR_INIT("")},
						 {P(KILL), DG_STR_INIT("")}};
	static const unsigned means[] = {DG_TRINO_QUERY_VIEW,
					 DG_TRINO_QUERY_KILL};
	static const struct shape query = {.kind = DG_ACL_QUERY,
					   .n_parts = 1,
					   .rights = rights,
					   .means = means,
					   .n_rights = 2};
	struct sides sides, running;
	enum dg_rc rc;

	rc = make_sides(l, DG_TRINO_QUERIES,
			imply(l, DG_TRINO_QUERIES,
			      DG_TRINO_QUERY_EXECUTE | DG_TRINO_QUERY_VIEW |
				      DG_TRINO_QUERY_KILL),
			&sides);
	if (rc != DG_OK)
		return rc;
	running = (struct sides){
		dg_plan_array(l->plan, sides.n, sizeof(struct side)), 0};
	for (size_t i = 0; i < sides.n; i++)
		if (sides.items[i].rule->name == NULL)
			running.items[running.n++] = sides.items[i];
	rc = add_single(l, &running, &cluster, true, NULL);
	return rc == DG_OK ? add_single(l, &sides, &query, false, NULL) : rc;
}

/* ---- impersonation ------------------------------------------------------- */

/* A copy of the rule about one user, with what new_user means for him. */
static enum dg_rc
impersonate_one(struct dg_lists *l, const struct dg_trino_rule *rule,
		size_t person, struct side *out)
{
	struct dg_trino_rule *copy = dg_plan_array(l->plan, 1, sizeof(*copy));
	struct dg_str text;
	enum dg_rc rc;

	*copy = *rule;
	rc = dg_regex_replace(rule->user, l->plan->people.persons[person].name,
			      rule->new_user, l->plan->arena, &text,
			      l->plan->err);
	if (rc == DG_OK)
		rc = compile(l, text, &copy->name);
	*out = (struct side){.rule = copy, .grants = rule->grants};
	out->who = dg_who_one(&l->plan->people, person);
	return rc;
}

static enum dg_rc
impersonate(struct dg_lists *l, const struct dg_trino_rule *rule,
	    struct sides *sides, size_t *capacity)
{
	bool has_groups =
		rule->user != NULL &&
		(dg_str_find(rule->new_user, '$', 0) < rule->new_user.len ||
		 dg_str_find(rule->new_user, '\\', 0) < rule->new_user.len);
	struct dg_trino_rule *copy = dg_plan_array(l->plan, 1, sizeof(*copy));
	struct side side;
	enum dg_rc rc;

	*copy = *rule;
	rc = make_side(l, copy, &side);
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
		rc = compile(l, rule->new_user, &copy->name);
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
	static const struct shape shape = {.kind = DG_ACL_USER,
					   .n_parts = 1,
					   .rights = &right,
					   .means = &means,
					   .n_rights = 1};
	const struct dg_people *people = &l->plan->people;
	struct dg_str *names =
		dg_plan_array(l->plan, people->n, sizeof(struct dg_str));
	struct sides sides = {0};
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
	if (rc != DG_OK)
		return rc;
	for (size_t i = 0; i < people->n; i++)
		if (!people->persons[i].is_made_up)
			names[list->n_names++] = people->persons[i].name;
	list->names = names;
	return DG_OK;
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
	struct sides catalogs;
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
		rc = add_information_schema(l, &catalogs);
	if (rc == DG_OK)
		rc = add_tables(l, &catalogs);
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

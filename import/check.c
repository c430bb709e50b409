/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - see check.h. It shares with the plan only the lists: what they say
 * is found by matching expressions, never by globs.
 */
#include "check.h"

#include "base/assert.h"
#include "base/mem.h"
#include "glob.h"

enum { QUESTIONS_MAX = 1000000, OBJECTS_MAX = 200000 };

static const struct dg_str new_name = DG_STR_INIT("zz_new");

struct objects {
	struct dg_str (*items)[DG_PARTS];
	size_t n, capacity;
};

struct checking {
	struct dg_lists *lists;
	struct dg_plan *plan;
	struct dg_import_policy *policy;
	struct dg_acl_snapshot *snapshot;
	struct dg_arena *scratch;
	struct dg_error *err;
	uint64_t *less; /* a rule of the list each */
	struct dg_str *example;
};

/* ---- the policy as replicas would load it -------------------------------- */

static enum dg_rc
add_people(struct dg_plan *plan, struct dg_acl_builder *builder)
{
	const struct dg_people *people = &plan->people;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < people->n; i++)
		rc = dg_acl_add_user(builder, people->persons[i].name,
				     plan->err);
	for (size_t i = 0; rc == DG_OK && i < people->n_groups; i++)
		rc = dg_acl_add_role(builder, people->groups[i], plan->err);
	for (size_t i = 0; rc == DG_OK && i < people->n; i++) {
		const struct dg_person *p = &people->persons[i];

		for (size_t j = 0; rc == DG_OK && j < p->n_groups; j++)
			rc = dg_acl_add_member(
				builder, p->groups[j],
				(struct dg_acl_principal){.name = p->name},
				plan->err);
	}
	return rc;
}

static enum dg_rc
add_rules(struct dg_plan *plan, struct dg_acl_builder *builder)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < plan->n_rules; i++) {
		const struct dg_import_rule *r = &plan->rules[i];
		struct dg_acl_rule rule = {
			.id = (int64_t)i + 1,
			.effect = r->effect,
			.principals = r->to,
			.n_principals = r->n_to,
			.except = r->except,
			.n_except = r->n_except,
			.privileges = r->privileges,
			.object = r->object,
			.columns = r->columns,
			.n_columns = r->n_columns,
		};

		rc = dg_acl_add_rule(builder, &rule, plan->err);
	}
	return rc;
}

static enum dg_rc
build(struct checking *c)
{
	struct dg_acl_builder *builder =
		dg_acl_builder_create(1, (size_t)1 << 31);
	enum dg_rc rc = add_people(c->plan, builder);

	if (rc == DG_OK)
		rc = add_rules(c->plan, builder);
	if (rc == DG_OK)
		rc = dg_acl_builder_finish(&builder, &c->snapshot,
					   c->plan->err);
	dg_acl_builder_destroy(&builder);
	return rc;
}

/* ---- objects ------------------------------------------------------------- */

static void
add_objects(struct checking *c, const struct dg_list *list,
	    struct dg_str parts[DG_PARTS], unsigned at, struct objects *out)
{
	const struct dg_str *names;
	size_t n;

	if (out->n >= OBJECTS_MAX)
		return;
	if (at == list->n_parts) {
		out->items = dg_plan_grow(c->plan, out->items, out->n,
					  &out->capacity, sizeof(*out->items));
		for (unsigned i = 0; i < DG_PARTS; i++)
			out->items[out->n][i] = parts[i];
		out->n++;
		return;
	}
	names = dg_plan_names(c->plan, list, parts, at, &n);
	for (size_t i = 0; i < n; i++) {
		parts[at] = names[i];
		add_objects(c, list, parts, at + 1, out);
		parts[at] = DG_STR_EMPTY;
	}
	parts[at] = new_name;
	add_objects(c, list, parts, at + 1, out);
	parts[at] = DG_STR_EMPTY;
}

/* The information schema has a list of its own. */
static bool
is_of_list(const struct dg_list *list, const struct dg_str *parts)
{
	if (list->kind != DG_ACL_TABLE)
		return true;
	return dg_str_eq(parts[1], DG_STR("information_schema")) ==
	       (list->n_rights == 1);
}

/* ---- what the list says -------------------------------------------------- */

/* The rules that match the object, whoever asks. */
static enum dg_rc
match_object(struct checking *c, const struct dg_list *list,
	     const struct dg_str *parts, bool *matches)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < list->n_rules; i++) {
		matches[i] = true;
		for (unsigned k = 0;
		     rc == DG_OK && matches[i] && k < list->n_parts; k++)
			rc = dg_part_matches(&list->rules[i].parts[k], parts[k],
					     &matches[i], c->err);
	}
	return rc;
}

static const struct dg_flat *
find_first(const struct dg_list *list, const bool *matches, size_t person)
{
	for (size_t i = 0; i < list->n_rules; i++)
		if (matches[i] && list->rules[i].who.holds[person])
			return &list->rules[i];
	return NULL;
}

/* ---- what the policy says ------------------------------------------------ */

static struct dg_acl_object
make_object(struct checking *c, const struct dg_list *list,
	    const struct dg_str *parts)
{
	struct dg_acl_object o = {.kind = list->kind,
				  .catalog = DG_STR_EMPTY,
				  .schema = DG_STR_EMPTY,
				  .name = DG_STR_EMPTY};

	if (list->is_dotted) {
		o.name = dg_arena_printf(c->scratch, "%.*s.%.*s",
					 DG_STR_ARG(parts[0]),
					 DG_STR_ARG(parts[1]));
	} else if (list->n_parts == 1 && list->kind != DG_ACL_CATALOG) {
		o.name = parts[0];
	} else {
		o.catalog = parts[0];
		o.schema = parts[1];
		o.name = parts[2];
	}
	return o;
}

/* Whether all of the privileges are given; any: whether some are. */
static enum dg_rc
ask_policy(struct checking *c, const struct dg_list *list,
	   const struct dg_str *parts, const struct dg_right *right,
	   struct dg_str user, bool *all_out, bool *any_out)
{
	const struct dg_str columns[] = {right->column.len > 0 ? right->column
							       : new_name};
	bool has_columns = list->kind == DG_ACL_TABLE;

	*all_out = true;
	*any_out = false;
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++) {
		struct dg_acl_entry entry = {
			.privilege = (enum dg_acl_privilege)p,
			.object = make_object(c, list, parts),
		};
		struct dg_acl_request request = {
			.user = user, .entries = &entry, .n_entries = 1};
		struct dg_acl_decision decision;

		if ((right->privileges & DG_ACL_BIT(p)) == 0)
			continue;
		if (has_columns &&
		    (p == DG_ACL_P_SELECT || p == DG_ACL_P_UPDATE)) {
			entry.columns = entry.table_columns = columns;
			entry.n_columns = entry.n_table_columns = 1;
			entry.columns_known = true;
		}
		if (dg_acl_decide(c->snapshot, NULL, &request, c->scratch,
				  &decision) != DG_OK)
			return dg_error_set(c->err, DG_ERR_LIMIT,
					    "out of memory");
		*all_out = *all_out && decision.allowed;
		*any_out = *any_out || decision.allowed;
	}
	return DG_OK;
}

/* ---- comparing ----------------------------------------------------------- */

static enum dg_rc
complain(struct checking *c, const struct dg_list *list,
	 const struct dg_str *parts, const struct dg_right *right,
	 struct dg_str user)
{
	unsigned p = 0;

	while ((right->privileges & DG_ACL_BIT(p)) == 0)
		p++;
	return dg_error_set(
		c->err, DG_ERR_INTERNAL,
		"this importer is wrong: user \"%.*s\" would get %s on %s "
		"%.*s.%.*s.%.*s %.*s, which the rules do not say",
		DG_STR_ARG(user),
		dg_acl_privilege_name((enum dg_acl_privilege)p),
		dg_acl_kind_name(list->kind), DG_STR_ARG(parts[0]),
		DG_STR_ARG(parts[1]), DG_STR_ARG(parts[2]),
		DG_STR_ARG(right->column));
}

static void
count_less(struct checking *c, const struct dg_list *list,
	   const struct dg_flat *first, const struct dg_str *parts,
	   struct dg_str user)
{
	size_t at = (size_t)(first - list->rules);

	c->policy->n_less++;
	if (c->less[at]++ == 0)
		c->example[at] = dg_arena_printf(
			c->plan->arena, "%.*s on %.*s%s%.*s%s%.*s",
			DG_STR_ARG(user), DG_STR_ARG(parts[0]),
			parts[1].len > 0 ? "." : "", DG_STR_ARG(parts[1]),
			parts[2].len > 0 ? "." : "", DG_STR_ARG(parts[2]));
}

static enum dg_rc
compare(struct checking *c, const struct dg_list *list,
	const struct dg_str *parts, const bool *matches, size_t person)
{
	const struct dg_flat *first = find_first(list, matches, person);
	struct dg_str user = c->plan->people.persons[person].name;

	for (size_t r = 0; r < list->n_rights; r++) {
		bool wanted = first != NULL && first->grants[r];
		bool all, any;
		enum dg_rc rc;

		dg_arena_reset(c->scratch);
		rc = ask_policy(c, list, parts, &list->rights[r], user, &all,
				&any);
		if (rc != DG_OK)
			return rc;
		c->policy->n_compared++;
		if (any && !wanted)
			return complain(c, list, parts, &list->rights[r], user);
		if (wanted && !all)
			count_less(c, list, first, parts, user);
	}
	return DG_OK;
}

/* One note for a rule, whatever the catalogs that it was taken with. */
static void
note_less(struct checking *c, const struct dg_list *list)
{
	for (size_t i = 0; i < list->n_rules; i++) {
		const struct dg_trino_rule *rule = list->rules[i].rule;
		uint64_t n = 0;

		if (c->less[i] == 0)
			continue;
		for (size_t j = i; j < list->n_rules; j++)
			if (list->rules[j].rule == rule) {
				n += c->less[j];
				c->less[j] = 0;
			}
		dg_plan_note(c->plan, DG_IMPORT_NARROWED,
			     rule->index > 0 ? rule : list->rules[i].catalog,
			     "%s: of all that was asked about, %llu rights "
			     "that it grants are not granted, the first to "
			     "%.*s",
			     dg_acl_kind_name(list->kind),
			     (unsigned long long)n, DG_STR_ARG(c->example[i]));
	}
}

static enum dg_rc
check_list(struct checking *c, const struct dg_list *list)
{
	size_t n_people = c->plan->people.n;
	bool *matches = dg_plan_array(c->plan, list->n_rules, sizeof(bool));
	struct dg_str parts[DG_PARTS] = {DG_STR_EMPTY, DG_STR_EMPTY,
					 DG_STR_EMPTY};
	struct objects objects = {0};
	size_t step;
	enum dg_rc rc = DG_OK;

	c->less = dg_plan_array(c->plan, list->n_rules, sizeof(*c->less));
	c->example = dg_plan_array(c->plan, list->n_rules, sizeof(*c->example));
	add_objects(c, list, parts, 0, &objects);
	step = 1 + objects.n * n_people * list->n_rights / QUESTIONS_MAX;
	for (size_t i = 0; rc == DG_OK && i < objects.n; i++) {
		if (!is_of_list(list, objects.items[i]))
			continue;
		rc = match_object(c, list, objects.items[i], matches);
		for (size_t u = i % step; rc == DG_OK && u < n_people;
		     u += step)
			rc = compare(c, list, objects.items[i], matches, u);
	}
	if (rc == DG_OK)
		note_less(c, list);
	return rc;
}

enum dg_rc
dg_import_check(struct dg_lists *lists, struct dg_import_policy *policy,
		struct dg_error *err)
{
	struct checking c = {.lists = lists,
			     .plan = lists->plan,
			     .policy = policy,
			     .err = err};
	enum dg_rc rc = build(&c);

	c.scratch = dg_arena_create((size_t)1 << 24);
	for (size_t i = 0; rc == DG_OK && i < lists->n; i++)
		rc = check_list(&c, &lists->items[i]);
	dg_arena_destroy(&c.scratch);
	dg_acl_snapshot_unref(&c.snapshot);
	return rc;
}

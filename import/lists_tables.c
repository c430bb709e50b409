/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists_tables.c - tables, with columns, filters and masks, and the information
 * schema, which tables have no say in.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "lists_private.h"

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
trim_table(struct dg_lists *l, struct dg_side *side)
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
add_column_rights(struct dg_lists *l, const struct dg_sides *sides,
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

enum dg_rc
dg_list_tables(struct dg_lists *l, const struct dg_sides *catalogs)
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
	struct dg_shape shape = {.kind = DG_ACL_TABLE, .n_parts = 3};
	struct dg_sides sides;
	struct dg_right *rights = NULL;
	unsigned *wide_means, *wide_needs;
	size_t capacity = 0;
	enum dg_rc rc;

	rc = dg_sides_of(l, DG_TRINO_TABLES,
			 dg_side_imply(l, DG_TRINO_TABLES,
				       DG_TRINO_SELECT | DG_TRINO_INSERT |
					       DG_TRINO_DELETE |
					       DG_TRINO_UPDATE |
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
	return dg_list_product(l, catalogs, &sides, &shape, NULL);
}

/* Whoever may read of a catalog may read what it has; tables have no say. */
enum dg_rc
dg_list_information_schema(struct dg_lists *l, const struct dg_sides *catalogs)
{
	static const struct dg_right right = {P(SELECT), DG_STR_INIT("")};
	static const unsigned means = DG_TRINO_SELECT, needs = DG_TRINO_READ;
	static const struct dg_shape shape = {.kind = DG_ACL_TABLE,
					      .n_parts = 3,
					      .rights = &right,
					      .means = &means,
					      .needs = &needs,
					      .n_rights = 1};
	struct dg_trino_rule *rule =
		dg_side_imply(l, DG_TRINO_CATALOGS, DG_TRINO_SELECT);
	struct dg_sides sides = {
		dg_plan_array(l->plan, 1, sizeof(struct dg_side)), 1};
	enum dg_rc rc =
		dg_side_compile(l, DG_STR("information_schema"), &rule->schema);

	if (rc == DG_OK)
		rc = dg_side_of(l, rule, sides.items);
	if (rc == DG_OK)
		rc = dg_list_product(l, catalogs, &sides, &shape, NULL);
	return rc;
}

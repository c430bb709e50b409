/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_row.c - a rule as Postgres gives it. What cannot be read exactly is an
 * error: a rule that is left out might have been a deny.
 */
#include "rule_row.h"

#include "array.h"

enum { LIST_MAX = 100000 /* principals or columns of one rule */ };

struct reader {
	struct dg_arena *scratch;
	struct dg_error *err;
};

static enum dg_rc
bad_row(const struct reader *l, const char *what, struct dg_str name)
{
	return dg_error_set(l->err, DG_ERR_INVALID,
			    "%s \"%.*s\" is not understood", what,
			    DG_STR_ARG(name));
}

static enum dg_rc
no_room(const struct reader *l)
{
	return dg_error_set(l->err, DG_ERR_LIMIT,
			    "the policy needs more memory than is allowed");
}

/* NULL: none; a list; or, where no item looks like a list, the only item. */
static enum dg_rc
get_list(const struct reader *r, const struct dg_row *row, size_t column,
	 const struct dg_str **items_out, size_t *n_out)
{
	struct dg_str text = dg_row_get(row, column);
	struct dg_str *only;
	enum dg_rc rc;

	*n_out = 0;
	if (text.data == NULL)
		return DG_OK;
	if (text.len > 0 && text.data[0] != '{') {
		only = DG_ARENA_NEW(r->scratch, struct dg_str);
		if (only == NULL)
			return no_room(r);
		*only = text; /* lives as long as the row */
		*items_out = only;
		*n_out = 1;
		return DG_OK;
	}
	rc = dg_store_array_parse(text, r->scratch, items_out, n_out);
	if (rc == DG_ERR_LIMIT || (rc == DG_OK && *n_out > LIST_MAX))
		return no_room(r);
	if (rc != DG_OK)
		return bad_row(r, "the list in rule", dg_row_get(row, 1));
	return DG_OK;
}

/* "user:NAME", "role:NAME" */
static enum dg_rc
get_principals(const struct reader *r, const struct dg_row *row, size_t column,
	       const struct dg_acl_principal **principals_out, size_t *n_out)
{
	const struct dg_str *items;
	struct dg_acl_principal *p;
	enum dg_rc rc = get_list(r, row, column, &items, n_out);

	if (rc != DG_OK)
		return rc;
	p = DG_ARENA_ARRAY(r->scratch, struct dg_acl_principal, *n_out);
	if (p == NULL)
		return no_room(r);
	for (size_t i = 0; i < *n_out; i++) {
		p[i].is_role = dg_str_starts_with(items[i], DG_STR("role:"));
		if (!p[i].is_role &&
		    !dg_str_starts_with(items[i], DG_STR("user:")))
			return bad_row(r, "principal", items[i]);
		p[i].name = dg_str_slice(items[i], 5, items[i].len);
	}
	*principals_out = p;
	return DG_OK;
}

static enum dg_rc
get_privileges(const struct reader *r, const struct dg_row *row, size_t column,
	       uint32_t *mask_out)
{
	const struct dg_str *items;
	size_t n;
	enum dg_rc rc = get_list(r, row, column, &items, &n);

	*mask_out = 0;
	for (size_t i = 0; rc == DG_OK && i < n; i++) {
		uint32_t mask = dg_acl_privilege_parse(items[i]);

		if (mask == 0)
			rc = bad_row(r, "privilege", items[i]);
		*mask_out |= mask;
	}
	return rc;
}

static enum dg_rc
read_rule(const struct reader *r, const struct dg_row *row,
	  struct dg_acl_rule *rule)
{
	static const char *const effects[] = {"allow", "deny"};
	int effect = dg_store_get_enum(row, 2, effects, 2);
	enum dg_rc rc;

	*rule = (struct dg_acl_rule){
		.id = dg_store_get_int(row, 0),
		.effect = effect == 0 ? DG_ACL_ALLOW : DG_ACL_DENY,
		.object = {.catalog = dg_row_get(row, 5),
			   .schema = dg_row_get(row, 6),
			   .name = dg_row_get(row, 7)},
		.valid_from_us = dg_store_get_int(row, 12),
		.valid_until_us = dg_store_get_int(row, 13),
		.reason = dg_row_get(row, 14),
		.break_glass = dg_store_get_bool(row, 17),
	};
	if (effect < 0 ||
	    !dg_acl_kind_parse(dg_row_get(row, 4), &rule->object.kind))
		return bad_row(r, "rule", dg_row_get(row, 1));
	rc = get_privileges(r, row, 3, &rule->privileges);
	if (rc == DG_OK)
		rc = get_list(r, row, 8, &rule->columns, &rule->n_columns);
	if (rc == DG_OK)
		rc = get_list(r, row, 9, &rule->clusters, &rule->n_clusters);
	if (rc == DG_OK)
		rc = get_list(r, row, 15, &rule->tags, &rule->n_tags);
	if (rc == DG_OK)
		rc = get_list(r, row, 16, &rule->networks, &rule->n_networks);
	if (rc == DG_OK)
		rc = get_principals(r, row, 10, &rule->principals,
				    &rule->n_principals);
	if (rc == DG_OK)
		rc = get_principals(r, row, 11, &rule->except, &rule->n_except);
	return rc;
}

enum dg_rc
dg_store_rule_read(const struct dg_row *row, struct dg_arena *scratch,
		   struct dg_acl_rule *rule, struct dg_error *err)
{
	const struct reader r = {.scratch = scratch, .err = err};

	return read_rule(&r, row, rule);
}

enum dg_rc
dg_store_principals_read(const struct dg_row *row, size_t column,
			 struct dg_arena *scratch,
			 const struct dg_acl_principal **principals_out,
			 size_t *n_out, struct dg_error *err)
{
	const struct reader r = {.scratch = scratch, .err = err};

	return get_principals(&r, row, column, principals_out, n_out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - JSON functions and JSON_TABLE.
 *
 * What they read are expressions: the input, PASSING, members, DEFAULT. Paths
 * are strings, and the columns of JSON_TABLE are new.
 */
#include "resolve/resolve.h"

static bool
resolve_path(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *path)
{
	if (path->kind != DG_SQL_K_JSON_PATH)
		return dg_sql_refuse_kind(r, path);
	return dg_sql_resolve_expr(r, scope,
				   path->kid[DG_SQL_JSON_PATH_INPUT]) &&
	       dg_sql_resolve_each(r, scope,
				   path->kid[DG_SQL_JSON_PATH_PASSING],
				   DG_SQL_JSON_ARG_VALUE);
}

static bool
resolve_behaviors(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		  const struct dg_sql_node *list)
{
	return dg_sql_resolve_each(r, scope, list, DG_SQL_JSON_BEHAVIOR_VALUE);
}

static bool
resolve_members(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		const struct dg_sql_node *list)
{
	DG_SQL_FOREACH(member, list)
	{
		if (!dg_sql_resolve_expr(r, scope,
					 member->kid[DG_SQL_JSON_MEMBER_KEY]) ||
		    !dg_sql_resolve_expr(r, scope,
					 member->kid[DG_SQL_JSON_MEMBER_VALUE]))
			return false;
	}
	return true;
}

bool
dg_sql_resolve_json(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *node)
{
	switch (node->kind) {
	case DG_SQL_K_JSON_EXISTS:
		return resolve_path(r, scope,
				    node->kid[DG_SQL_JSON_EXISTS_PATH]);
	case DG_SQL_K_JSON_VALUE:
		return resolve_path(r, scope,
				    node->kid[DG_SQL_JSON_VALUE_PATH]) &&
		       resolve_behaviors(
			       r, scope,
			       node->kid[DG_SQL_JSON_VALUE_BEHAVIORS]);
	case DG_SQL_K_JSON_QUERY:
		return resolve_path(r, scope,
				    node->kid[DG_SQL_JSON_QUERY_PATH]);
	case DG_SQL_K_JSON_OBJECT:
		return resolve_members(r, scope,
				       node->kid[DG_SQL_JSON_OBJECT_MEMBERS]);
	case DG_SQL_K_JSON_ARRAY:
		return dg_sql_resolve_list(r, scope,
					   node->kid[DG_SQL_JSON_ARRAY_ITEMS]);
	}
	return dg_sql_refuse_kind(r, node);
}

/* ---- JSON_TABLE -------------------------------------------------------- */

static bool
resolve_columns(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		const struct dg_sql_node *list, struct dg_sql_names *names)
{
	struct dg_str name;

	DG_SQL_FOREACH(column, list)
	{
		if (column->kind == DG_SQL_K_JSON_NESTED) {
			if (!resolve_columns(
				    r, scope,
				    column->kid[DG_SQL_JSON_NESTED_COLUMNS],
				    names))
				return false;
			continue;
		}
		if (column->kind == DG_SQL_K_JSON_COLUMN &&
		    !resolve_behaviors(
			    r, scope,
			    column->kid[DG_SQL_JSON_COLUMN_BEHAVIORS]))
			return false;
		if (!dg_sql_fold_column_id(r, column->kid[0], &name) ||
		    !dg_sql_names_add(r, names, name))
			return false;
	}
	return true;
}

bool
dg_sql_resolve_json_table(struct dg_sql_resolver *r,
			  const struct dg_sql_scope *left,
			  struct dg_sql_from *from,
			  const struct dg_sql_node *node)
{
	struct dg_sql_names names = {.n = 0};

	return resolve_path(r, left, node->kid[DG_SQL_REL_JSON_TABLE_PATH]) &&
	       resolve_columns(r, left,
			       node->kid[DG_SQL_REL_JSON_TABLE_COLUMNS],
			       &names) &&
	       dg_sql_from_add_names(r, from, &names);
}

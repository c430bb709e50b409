/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routine.c - bodies of functions: what they call.
 *
 * Names in a body are parameters and variables; which, the engine knows. It
 * allows no queries there, but they parse, so their tables are read. Control
 * statements nest within the parser's limit of depth.
 */
#include "resolve/statement.h"

static bool resolve_control(struct dg_sql_resolver *r,
			    const struct dg_sql_scope *scope,
			    const struct dg_sql_node *node);

static bool
resolve_controls(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		 const struct dg_sql_node *list)
{
	DG_SQL_FOREACH(it, list)
	{
		if (!resolve_control(r, scope, it))
			return false;
	}
	return true;
}

/* WHEN and ELSEIF: condition and what is done then. */
static bool
resolve_whens(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *list)
{
	DG_SQL_FOREACH(it, list)
	{
		if (!dg_sql_resolve_expr(r, scope,
					 it->kid[DG_SQL_ROUTINE_WHEN_WHEN]) ||
		    !resolve_controls(r, scope,
				      it->kid[DG_SQL_ROUTINE_WHEN_THEN]))
			return false;
	}
	return true;
}

static bool
resolve_control(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		const struct dg_sql_node *node)
{
	struct dg_sql_node *const *kid = node->kid;

	switch (node->kind) {
	case DG_SQL_K_ROUTINE_RETURN:
		return dg_sql_resolve_expr(r, scope,
					   kid[DG_SQL_ROUTINE_RETURN_VALUE]);
	case DG_SQL_K_ROUTINE_SET:
		return dg_sql_resolve_expr(r, scope,
					   kid[DG_SQL_ROUTINE_SET_VALUE]);
	case DG_SQL_K_ROUTINE_CASE:
		return dg_sql_resolve_expr(r, scope,
					   kid[DG_SQL_ROUTINE_CASE_OPERAND]) &&
		       resolve_whens(r, scope,
				     kid[DG_SQL_ROUTINE_CASE_WHENS]) &&
		       resolve_controls(r, scope,
					kid[DG_SQL_ROUTINE_CASE_ELSE]);
	case DG_SQL_K_ROUTINE_IF:
		return dg_sql_resolve_expr(r, scope,
					   kid[DG_SQL_ROUTINE_IF_WHEN]) &&
		       resolve_controls(r, scope,
					kid[DG_SQL_ROUTINE_IF_THEN]) &&
		       resolve_whens(r, scope,
				     kid[DG_SQL_ROUTINE_IF_ELSEIFS]) &&
		       resolve_controls(r, scope, kid[DG_SQL_ROUTINE_IF_ELSE]);
	case DG_SQL_K_ROUTINE_BLOCK:
		return dg_sql_resolve_each(r, scope,
					   kid[DG_SQL_ROUTINE_BLOCK_DECLARES],
					   DG_SQL_ROUTINE_DECLARE_DEFAULT) &&
		       resolve_controls(r, scope,
					kid[DG_SQL_ROUTINE_BLOCK_BODY]);
	case DG_SQL_K_ROUTINE_LOOP:
		return dg_sql_resolve_expr(r, scope,
					   kid[DG_SQL_ROUTINE_LOOP_WHEN]) &&
		       resolve_controls(r, scope,
					kid[DG_SQL_ROUTINE_LOOP_BODY]);
	case DG_SQL_K_ROUTINE_JUMP:
	case DG_SQL_K_ROUTINE_FOREIGN:
		return true;
	}
	return dg_sql_refuse_kind(r, node);
}

bool
dg_sql_resolve_routine(struct dg_sql_resolver *r,
		       const struct dg_sql_node *routine)
{
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {NULL, &from, 0, 1};

	/* Any name at all is one of a parameter or a variable. */
	source.set = dg_sql_set_create(r, NULL, 0, true);
	if (source.set == NULL)
		return false;
	DG_SQL_FOREACH(option, routine->kid[DG_SQL_ROUTINE_OPTIONS])
	{
		if (option->kind == DG_SQL_K_LIST &&
		    !dg_sql_resolve_properties(r, option))
			return false;
	}
	return resolve_control(r, &scope, routine->kid[DG_SQL_ROUTINE_BODY]);
}

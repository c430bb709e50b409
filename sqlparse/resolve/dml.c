/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dml.c - statements that change rows, and the tables they act on.
 *
 * A target is no reading: only columns that expressions name are charged to
 * it. What is written, and where (a branch, a row), is the engine's affair;
 * the right is one on the table.
 */
#include "resolve/statement.h"

/* ---- targets ----------------------------------------------------------- */

bool
dg_sql_target_name(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		   struct dg_sql_target *target)
{
	target->qname = qname;
	target->offset = dg_sql_at(r, qname);
	if (!dg_sql_table_name(r, qname, &target->written))
		return false;
	target->base = target->written;
	target->is_metadata =
		dg_sql_table_is_metadata(r, &target->written, &target->base);
	return r->rc == DG_OK;
}

bool
dg_sql_target_change(struct dg_sql_resolver *r,
		     const struct dg_sql_target *target,
		     enum dg_sql_action action)
{
	if (target->is_metadata &&
	    !dg_sql_add_right(r, action, &target->written, DG_STR_EMPTY,
			      target->offset))
		return false;
	return dg_sql_add_right(r, action, &target->base, DG_STR_EMPTY,
				target->offset);
}

bool
dg_sql_target_look(struct dg_sql_resolver *r,
		   const struct dg_sql_target *target,
		   enum dg_sql_action action)
{
	if (!dg_sql_charge_odd_name(r, target->qname, &target->written))
		return false;
	if (target->is_metadata &&
	    !dg_sql_add_right(r, DG_SQL_ACT_SELECT_LITERAL, &target->written,
			      DG_STR_EMPTY, target->offset))
		return false;
	return dg_sql_add_right(r, action, &target->base, DG_STR_EMPTY,
				target->offset);
}

bool
dg_sql_target_read(struct dg_sql_resolver *r,
		   const struct dg_sql_target *target, bool hidden)
{
	struct dg_sql_table *table;

	if (!dg_sql_charge_odd_name(r, target->qname, &target->written))
		return false;
	if (target->is_metadata)
		return dg_sql_charge_metadata(r, &target->written,
					      &target->base, target->offset);
	table = dg_sql_table_get(r, &target->base);
	if (table == NULL)
		return false;
	dg_sql_charge_table(table, target->offset);
	if (hidden)
		dg_sql_charge_all(table, target->offset);
	else
		dg_sql_charge_listed(table, target->offset);
	return true;
}

/*
 * The table as a relation of its statement, by its name as written. Of a
 * metadata table nobody knows the columns: all of its base is read.
 */
static bool
make_source(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	    struct dg_str alias[3], struct dg_sql_source *source)
{
	if (target->is_metadata) {
		source->set = dg_sql_set_create(r, NULL, 0, true);
		if (!dg_sql_charge_metadata(r, &target->written, &target->base,
					    target->offset))
			return false;
	} else {
		source->table = dg_sql_table_get(r, &target->base);
		source->set = source->table == NULL ? NULL : source->table->set;
	}
	if (source->set == NULL)
		return false;
	source->alias = alias;
	DG_SQL_FOREACH(id, target->qname->kid[DG_SQL_QNAME_PARTS])
	{
		if (!dg_sql_fold_id(r, id, &alias[source->n_alias++]))
			return false;
	}
	return true;
}

bool
dg_sql_target_where(struct dg_sql_resolver *r,
		    const struct dg_sql_target *target,
		    const struct dg_sql_node *where)
{
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {NULL, &from, 0, 1};
	struct dg_str alias[3];

	return where == NULL || (make_source(r, target, alias, &source) &&
				 dg_sql_resolve_expr(r, &scope, where));
}

bool
dg_sql_change_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		    enum dg_sql_action action)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       dg_sql_target_change(r, &target, action);
}

bool
dg_sql_look_at_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		     enum dg_sql_action action)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       dg_sql_target_look(r, &target, action);
}

bool
dg_sql_read_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		  bool hidden)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       dg_sql_target_read(r, &target, hidden);
}

/* ---- INSERT, DELETE ---------------------------------------------------- */

static bool
insert(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_change_table(r, node->kid[DG_SQL_INSERT_TABLE],
				   DG_SQL_ACT_INSERT) &&
	       dg_sql_resolve_query(r, NULL, node->kid[DG_SQL_INSERT_QUERY],
				    NULL);
}

/* WHERE reads the columns that it names, and is no reading without any. */
static bool
delete_rows(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, node->kid[DG_SQL_DELETE_TABLE], &target) &&
	       dg_sql_target_change(r, &target, DG_SQL_ACT_DELETE) &&
	       dg_sql_target_where(r, &target, node->kid[DG_SQL_DELETE_WHERE]);
}

/* ---- UPDATE, MERGE ----------------------------------------------------- */

/* UPDATE on a name, and on these columns of it. */
static bool
update_name(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	    const struct dg_sql_name *name, const struct dg_sql_node *sets)
{
	const struct dg_sql_table *table = dg_sql_table_get(r, name);
	struct dg_sql_right *right = dg_sql_right_get(
		r, DG_SQL_ACT_UPDATE, name, DG_STR_EMPTY, target->offset);
	struct dg_str column;

	if (table == NULL || right == NULL)
		return false;
	right->columns_known = table->lookup == DG_SQL_FOUND;
	DG_SQL_FOREACH(set, sets)
	{
		const struct dg_sql_node *id = set->kid[DG_SQL_ASSIGN_COLUMN];

		if (!dg_sql_fold_column_id(r, id, &column) ||
		    !dg_sql_right_add_column(r, right, column,
					     dg_sql_at(r, id)))
			return false;
	}
	return true;
}

static bool
update_columns(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	       const struct dg_sql_node *sets)
{
	if (target->is_metadata &&
	    !update_name(r, target, &target->written, sets))
		return false;
	return update_name(r, target, &target->base, sets);
}

static bool
update_rows(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *sets = node->kid[DG_SQL_UPDATE_SETS];
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {NULL, &from, 0, 1};
	struct dg_sql_target target;
	struct dg_str alias[3];

	return dg_sql_target_name(r, node->kid[DG_SQL_UPDATE_TABLE], &target) &&
	       update_columns(r, &target, sets) &&
	       make_source(r, &target, alias, &source) &&
	       dg_sql_resolve_each(r, &scope, sets, DG_SQL_ASSIGN_VALUE) &&
	       dg_sql_resolve_expr(r, &scope, node->kid[DG_SQL_UPDATE_WHERE]);
}

/* What one WHEN does to the target, and the names in it. */
static bool
merge_case(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	   const struct dg_sql_target *target, const struct dg_sql_node *node)
{
	const struct dg_sql_node *sets;

	switch (node->kind) {
	case DG_SQL_K_MERGE_UPDATE:
		sets = node->kid[DG_SQL_MERGE_UPDATE_SETS];
		return update_columns(r, target, sets) &&
		       dg_sql_resolve_expr(
			       r, scope,
			       node->kid[DG_SQL_MERGE_UPDATE_CONDITION]) &&
		       dg_sql_resolve_each(r, scope, sets, DG_SQL_ASSIGN_VALUE);
	case DG_SQL_K_MERGE_DELETE:
		return dg_sql_target_change(r, target, DG_SQL_ACT_DELETE) &&
		       dg_sql_resolve_expr(
			       r, scope,
			       node->kid[DG_SQL_MERGE_DELETE_CONDITION]);
	case DG_SQL_K_MERGE_INSERT:
		return dg_sql_target_change(r, target, DG_SQL_ACT_INSERT) &&
		       dg_sql_resolve_expr(
			       r, scope,
			       node->kid[DG_SQL_MERGE_INSERT_CONDITION]) &&
		       dg_sql_resolve_list(
			       r, scope, node->kid[DG_SQL_MERGE_INSERT_VALUES]);
	}
	return dg_sql_refuse_kind(r, node);
}

/* The target and the source, side by side, are what all of it sees. */
static bool
merge_rows(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *id = node->kid[DG_SQL_MERGE_ALIAS];
	struct dg_sql_from from = {NULL, 0, 0};
	struct dg_sql_scope scope = {NULL, &from, 0, 0};
	struct dg_sql_target target;
	struct dg_sql_source *source;
	struct dg_str alias[3];

	if (!dg_sql_target_name(r, node->kid[DG_SQL_MERGE_TABLE], &target))
		return false;
	source = dg_sql_from_add(r, &from);
	if (source == NULL || !make_source(r, &target, alias, source))
		return false;
	if (id != NULL) {
		source->n_alias = 1;
		if (!dg_sql_fold_id(r, id, &alias[0]))
			return false;
	}
	if (!dg_sql_resolve_relation(r, NULL, &from,
				     node->kid[DG_SQL_MERGE_SOURCE]))
		return false;
	scope.hi = from.n;
	if (!dg_sql_resolve_expr(r, &scope, node->kid[DG_SQL_MERGE_ON]))
		return false;
	DG_SQL_FOREACH(it, node->kid[DG_SQL_MERGE_CASES])
	{
		if (!merge_case(r, &scope, &target, it))
			return false;
	}
	return true;
}

/* ---- the rest ---------------------------------------------------------- */

/* Statistics are made of the values of every column. */
static bool
analyze_table(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, node->kid[DG_SQL_ANALYZE_TABLE],
				  &target) &&
	       dg_sql_target_change(r, &target, DG_SQL_ACT_ANALYZE) &&
	       dg_sql_target_read(r, &target, true) &&
	       dg_sql_resolve_properties(r,
					 node->kid[DG_SQL_ANALYZE_PROPERTIES]);
}

static bool
refresh(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_target target;

	return dg_sql_target_name(
		       r, node->kid[DG_SQL_REFRESH_MATERIALIZED_VIEW_VIEW],
		       &target) &&
	       dg_sql_target_change(r, &target,
				    DG_SQL_ACT_REFRESH_MATERIALIZED_VIEW) &&
	       dg_sql_refresh_view(r, &target.written, target.offset) &&
	       dg_sql_target_where(
		       r, &target,
		       node->kid[DG_SQL_REFRESH_MATERIALIZED_VIEW_WHERE]);
}

/* A procedure may do anything: its right stands for all of that. */
static bool
call_procedure(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_add_routine_right(r,
					node->kid[DG_SQL_CALL_PROCEDURE_NAME],
					DG_SQL_ACT_PROCEDURE) &&
	       dg_sql_resolve_list(r, NULL,
				   node->kid[DG_SQL_CALL_PROCEDURE_ARGS]);
}

bool
dg_sql_resolve_dml(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	switch (node->kind) {
	case DG_SQL_K_INSERT:
		return insert(r, node);
	case DG_SQL_K_DELETE:
		return delete_rows(r, node);
	case DG_SQL_K_UPDATE:
		return update_rows(r, node);
	case DG_SQL_K_MERGE:
		return merge_rows(r, node);
	case DG_SQL_K_TRUNCATE:
		return dg_sql_change_table(r, node->kid[DG_SQL_TRUNCATE_TABLE],
					   DG_SQL_ACT_TRUNCATE);
	case DG_SQL_K_ANALYZE:
		return analyze_table(r, node);
	case DG_SQL_K_REFRESH_MATERIALIZED_VIEW:
		return refresh(r, node);
	case DG_SQL_K_CALL_PROCEDURE:
		return call_procedure(r, node);
	}
	return dg_sql_refuse_kind(r, node);
}

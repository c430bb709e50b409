/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ddl.c - statements that change definitions: tables, views, schemas,
 * catalogs, functions.
 *
 * Whatever is made under a new name comes under the rules of that name. So
 * what is renamed must be readable to who renames it, as if it were copied;
 * the engines do not ask for that (grammar.md 4).
 */
#include "resolve/statement.h"

/* ---- tables and views -------------------------------------------------- */

/* OR REPLACE destroys what DROP would: it needs both rights. */
static bool
create_or_replace(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		  const struct dg_sql_node *qname, enum dg_sql_action create,
		  enum dg_sql_action drop)
{
	bool replaces = (node->flags & DG_SQL_F_OR_REPLACE) != 0;
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       dg_sql_target_change(r, &target, create) &&
	       (!replaces || dg_sql_target_change(r, &target, drop));
}

static bool
create_table_as(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return create_or_replace(
		       r, node, node->kid[DG_SQL_CREATE_TABLE_AS_TABLE],
		       DG_SQL_ACT_CREATE_TABLE, DG_SQL_ACT_DROP_TABLE) &&
	       dg_sql_resolve_properties(
		       r, node->kid[DG_SQL_CREATE_TABLE_AS_PROPERTIES]) &&
	       dg_sql_resolve_query(
		       r, NULL, node->kid[DG_SQL_CREATE_TABLE_AS_QUERY], NULL);
}

/* LIKE shows the other table's columns, all of them. */
static bool
like_table(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_LIKE_TABLE_TABLE];
	bool including = (node->flags & DG_SQL_F_INCLUDING) != 0;
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       dg_sql_target_read(r, &target, true) &&
	       (!including ||
		dg_sql_target_look(r, &target, DG_SQL_ACT_SHOW_CREATE));
}

static bool
column_def(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_resolve_expr(r, NULL,
				   node->kid[DG_SQL_COLUMN_DEF_DEFAULT]) &&
	       dg_sql_resolve_properties(
		       r, node->kid[DG_SQL_COLUMN_DEF_PROPERTIES]);
}

static bool
create_table(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_CREATE_TABLE_TABLE];

	if (!create_or_replace(r, node, qname, DG_SQL_ACT_CREATE_TABLE,
			       DG_SQL_ACT_DROP_TABLE))
		return false;
	DG_SQL_FOREACH(it, node->kid[DG_SQL_CREATE_TABLE_ELEMENTS])
	{
		bool ok = true;

		if (it->kind == DG_SQL_K_COLUMN_DEF)
			ok = column_def(r, it);
		else if (it->kind == DG_SQL_K_LIKE_TABLE)
			ok = like_table(r, it);
		else
			ok = dg_sql_change_table(r, qname,
						 DG_SQL_ACT_ADD_CONSTRAINT);
		if (!ok)
			return false;
	}
	return dg_sql_resolve_properties(
		r, node->kid[DG_SQL_CREATE_TABLE_PROPERTIES]);
}

/* Others will read through it: its maker needs all that it reads. */
static bool
create_view(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return create_or_replace(r, node, node->kid[DG_SQL_CREATE_VIEW_VIEW],
				 DG_SQL_ACT_CREATE_VIEW,
				 DG_SQL_ACT_DROP_VIEW) &&
	       dg_sql_resolve_properties(
		       r, node->kid[DG_SQL_CREATE_VIEW_PROPERTIES]) &&
	       dg_sql_resolve_query(r, NULL,
				    node->kid[DG_SQL_CREATE_VIEW_QUERY], NULL);
}

static bool
create_materialized_view(struct dg_sql_resolver *r,
			 const struct dg_sql_node *node)
{
	struct dg_sql_node *const *kid = node->kid;

	return create_or_replace(r, node,
				 kid[DG_SQL_CREATE_MATERIALIZED_VIEW_VIEW],
				 DG_SQL_ACT_CREATE_MATERIALIZED_VIEW,
				 DG_SQL_ACT_DROP_MATERIALIZED_VIEW) &&
	       dg_sql_resolve_properties(
		       r, kid[DG_SQL_CREATE_MATERIALIZED_VIEW_PROPERTIES]) &&
	       dg_sql_resolve_query(r, NULL,
				    kid[DG_SQL_CREATE_MATERIALIZED_VIEW_QUERY],
				    NULL);
}

/* The last part of the name is a column's. */
static bool
comment(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_COMMENT_OBJECT];
	struct dg_sql_name table;

	if (dg_str_eq(node->text, DG_STR("TABLE")))
		return dg_sql_change_table(r, qname, DG_SQL_ACT_COMMENT_TABLE);
	if (dg_str_eq(node->text, DG_STR("VIEW")))
		return dg_sql_change_table(r, qname, DG_SQL_ACT_COMMENT_VIEW);
	return dg_sql_column_table(r, qname, &table) &&
	       dg_sql_add_right(r, DG_SQL_ACT_COMMENT_COLUMN, &table,
				DG_STR_EMPTY, dg_sql_at(r, qname));
}

/* ---- ALTER TABLE, VIEW, MATERIALIZED VIEW ------------------------------ */

/* In Trino what the new name leaves out is the old one's. */
static bool
new_name(struct dg_sql_resolver *r, const struct dg_sql_target *old,
	 const struct dg_sql_node *qname, struct dg_sql_target *target)
{
	struct dg_str catalog = r->catalog;
	struct dg_str schema = r->schema;
	bool ok;

	if (r->engine.dialect == DG_SQL_TRINO) {
		r->catalog = old->written.catalog;
		r->schema = old->written.schema;
	}
	ok = dg_sql_target_name(r, qname, target);
	r->catalog = catalog;
	r->schema = schema;
	return ok;
}

static bool
rename_table(struct dg_sql_resolver *r, const struct dg_sql_target *old,
	     const struct dg_sql_node *change, enum dg_sql_action rename,
	     enum dg_sql_action create)
{
	struct dg_sql_target to;

	return dg_sql_target_change(r, old, rename) &&
	       dg_sql_target_read(r, old, true) &&
	       new_name(r, old, change->kid[DG_SQL_RENAME_TO], &to) &&
	       dg_sql_target_change(r, &to, create);
}

/* A column comes under other rules, too, when it has another name. */
static bool
rename_column(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	      const struct dg_sql_node *change)
{
	const struct dg_sql_node *qname =
		change->kid[DG_SQL_RENAME_COLUMN_FROM];
	const struct dg_sql_node *column =
		dg_sql_list_first(qname->kid[DG_SQL_QNAME_PARTS]);

	return dg_sql_target_change(r, target,
				    column->next == NULL
					    ? DG_SQL_ACT_RENAME_COLUMN
					    : DG_SQL_ACT_ALTER_COLUMN) &&
	       dg_sql_target_where(r, target, column);
}

/* A field of a row is no new column, but a change of an old one. */
static bool
add_column(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	   const struct dg_sql_node *column)
{
	const struct dg_sql_node *qname = column->kid[DG_SQL_COLUMN_DEF_NAME];
	bool nested =
		dg_sql_list_first(qname->kid[DG_SQL_QNAME_PARTS])->next != NULL;

	return dg_sql_target_change(r, target,
				    nested ? DG_SQL_ACT_ALTER_COLUMN
					   : DG_SQL_ACT_ADD_COLUMN) &&
	       column_def(r, column);
}

/* What it does to its table, the table's right covers; see policy. */
static bool
execute_procedure(struct dg_sql_resolver *r, const struct dg_sql_target *target,
		  const struct dg_sql_node *change)
{
	const struct dg_sql_name place = {target->base.catalog,
					  target->base.schema, DG_STR_EMPTY};
	const struct dg_sql_node *id =
		change->kid[DG_SQL_EXECUTE_PROCEDURE_NAME];
	struct dg_sql_table *table = dg_sql_table_get(r, &target->base);
	struct dg_str name;

	if (table == NULL || !dg_sql_fold_id(r, id, &name) ||
	    !dg_sql_target_change(r, target, DG_SQL_ACT_TABLE_PROCEDURE) ||
	    !dg_sql_add_right(r, DG_SQL_ACT_PROCEDURE, &place, name,
			      dg_sql_at(r, id)))
		return false;
	dg_sql_charge_table(table, target->offset);
	return dg_sql_resolve_list(
		       r, NULL, change->kid[DG_SQL_EXECUTE_PROCEDURE_ARGS]) &&
	       dg_sql_target_where(r, target,
				   change->kid[DG_SQL_EXECUTE_PROCEDURE_WHERE]);
}

/* To Presto NOT NULL is a constraint, made or taken away alike. */
static bool
alter_column(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	     const struct dg_sql_node *change)
{
	bool constraint = r->engine.dialect == DG_SQL_PRESTO &&
			  (dg_str_eq(change->text, DG_STR("SET NOT NULL")) ||
			   dg_str_eq(change->text, DG_STR("DROP NOT NULL")));

	return dg_sql_target_change(r, target,
				    constraint ? DG_SQL_ACT_ADD_CONSTRAINT
					       : DG_SQL_ACT_ALTER_COLUMN) &&
	       dg_sql_resolve_expr(r, NULL,
				   change->kid[DG_SQL_ALTER_COLUMN_DEFAULT]);
}

static bool
create_reference(struct dg_sql_resolver *r, const struct dg_sql_target *target,
		 const struct dg_sql_node *change)
{
	const struct dg_sql_node *version =
		change->kid[DG_SQL_CREATE_REFERENCE_VERSION];

	return dg_sql_target_change(r, target, DG_SQL_ACT_CREATE_BRANCH) &&
	       (version == NULL ||
		dg_sql_resolve_expr(r, NULL,
				    version->kid[DG_SQL_REL_VERSION_END]));
}

static bool
alter_table(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	    const struct dg_sql_node *change)
{
	switch (change->kind) {
	case DG_SQL_K_RENAME:
		return rename_table(r, target, change, DG_SQL_ACT_RENAME_TABLE,
				    DG_SQL_ACT_CREATE_TABLE);
	case DG_SQL_K_ADD_COLUMN:
		return add_column(r, target,
				  change->kid[DG_SQL_ADD_COLUMN_COLUMN]);
	case DG_SQL_K_RENAME_COLUMN:
		return rename_column(r, target, change);
	case DG_SQL_K_DROP_COLUMN:
		return dg_sql_target_change(r, target, DG_SQL_ACT_DROP_COLUMN);
	case DG_SQL_K_ALTER_COLUMN:
		return alter_column(r, target, change);
	case DG_SQL_K_SET_PROPERTIES:
		return dg_sql_target_change(r, target,
					    DG_SQL_ACT_SET_PROPERTIES) &&
		       dg_sql_resolve_properties(
			       r,
			       change->kid[DG_SQL_SET_PROPERTIES_PROPERTIES]);
	case DG_SQL_K_SET_AUTHORIZATION:
		return dg_sql_target_change(r, target,
					    DG_SQL_ACT_SET_TABLE_OWNER);
	case DG_SQL_K_EXECUTE_PROCEDURE:
		return execute_procedure(r, target, change);
	case DG_SQL_K_ADD_CONSTRAINT:
		return dg_sql_target_change(r, target,
					    DG_SQL_ACT_ADD_CONSTRAINT);
	case DG_SQL_K_DROP_CONSTRAINT:
		return dg_sql_target_change(r, target,
					    DG_SQL_ACT_DROP_CONSTRAINT);
	case DG_SQL_K_CREATE_REFERENCE:
		return create_reference(r, target, change);
	case DG_SQL_K_DROP_REFERENCE:
		return dg_sql_target_change(r, target, DG_SQL_ACT_DROP_BRANCH);
	}
	return dg_sql_refuse_kind(r, change);
}

/* Who a view's owner is decides what it may read, and that we do not know. */
static bool
set_owner_of_view(struct dg_sql_resolver *r, const struct dg_sql_node *change)
{
	return dg_sql_add_opaque(r, change, DG_SQL_OPAQUE_SET_OWNER);
}

static bool
alter_view(struct dg_sql_resolver *r, const struct dg_sql_target *target,
	   const struct dg_sql_node *change)
{
	switch (change->kind) {
	case DG_SQL_K_RENAME:
		return rename_table(r, target, change, DG_SQL_ACT_RENAME_VIEW,
				    DG_SQL_ACT_CREATE_VIEW);
	case DG_SQL_K_REFRESH_VIEW:
		return dg_sql_target_change(r, target, DG_SQL_ACT_REFRESH_VIEW);
	case DG_SQL_K_SET_AUTHORIZATION:
		return set_owner_of_view(r, change);
	}
	return dg_sql_refuse_kind(r, change);
}

static bool
alter_materialized_view(struct dg_sql_resolver *r,
			const struct dg_sql_target *target,
			const struct dg_sql_node *change)
{
	switch (change->kind) {
	case DG_SQL_K_RENAME:
		return rename_table(r, target, change,
				    DG_SQL_ACT_RENAME_MATERIALIZED_VIEW,
				    DG_SQL_ACT_CREATE_MATERIALIZED_VIEW);
	case DG_SQL_K_SET_PROPERTIES:
	case DG_SQL_K_EXECUTE_PROCEDURE:
		return alter_table(r, target, change);
	case DG_SQL_K_SET_AUTHORIZATION:
		return set_owner_of_view(r, change);
	}
	return dg_sql_refuse_kind(r, change);
}

/* ---- schemas, catalogs ------------------------------------------------- */

static bool
change_schema(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	      enum dg_sql_action action)
{
	struct dg_sql_name object;

	return dg_sql_schema_name(r, qname, qname, &object) &&
	       dg_sql_add_right(r, action, &object, DG_STR_EMPTY,
				dg_sql_at(r, qname));
}

static bool
alter_schema(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	     const struct dg_sql_node *change)
{
	struct dg_sql_name object;

	if (change->kind == DG_SQL_K_SET_AUTHORIZATION)
		return change_schema(r, qname, DG_SQL_ACT_SET_SCHEMA_OWNER);
	if (change->kind != DG_SQL_K_RENAME)
		return dg_sql_refuse_kind(r, change);
	if (!change_schema(r, qname, DG_SQL_ACT_RENAME_SCHEMA) ||
	    !dg_sql_schema_name(r, qname, qname, &object))
		return false;
	qname = change->kid[DG_SQL_RENAME_TO];
	return dg_sql_fold_id(r,
			      dg_sql_list_first(qname->kid[DG_SQL_QNAME_PARTS]),
			      &object.schema) &&
	       dg_sql_add_right(r, DG_SQL_ACT_CREATE_SCHEMA, &object,
				DG_STR_EMPTY, dg_sql_at(r, qname));
}

static bool
create_schema(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname =
		node->kid[DG_SQL_CREATE_SCHEMA_SCHEMA];

	return change_schema(r, qname, DG_SQL_ACT_CREATE_SCHEMA) &&
	       (node->kid[DG_SQL_CREATE_SCHEMA_OWNER] == NULL ||
		change_schema(r, qname, DG_SQL_ACT_SET_SCHEMA_OWNER)) &&
	       dg_sql_resolve_properties(
		       r, node->kid[DG_SQL_CREATE_SCHEMA_PROPERTIES]);
}

/* CASCADE: refused as a whole, whatever there is to drop. */
static bool
refuse_cascade(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_add_opaque(r, node, DG_SQL_OPAQUE_CASCADE);
}

static bool
change_catalog(struct dg_sql_resolver *r, const struct dg_sql_node *id,
	       enum dg_sql_action action)
{
	struct dg_sql_name object = dg_sql_no_object;

	return dg_sql_fold_id(r, id, &object.catalog) &&
	       dg_sql_add_right(r, action, &object, DG_STR_EMPTY,
				dg_sql_at(r, id));
}

/* ---- ALTER ------------------------------------------------------------- */

static bool
alter(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_ALTER_OBJECT];
	const struct dg_sql_node *change = node->kid[DG_SQL_ALTER_CHANGE];
	struct dg_sql_target target;

	if (dg_str_eq(node->text, DG_STR("SCHEMA")))
		return alter_schema(r, qname, change);
	if (!dg_str_eq(node->text, DG_STR("TABLE")) &&
	    !dg_str_eq(node->text, DG_STR("VIEW")) &&
	    !dg_str_eq(node->text, DG_STR("MATERIALIZED VIEW")))
		return set_owner_of_view(r, change);
	if (!dg_sql_target_name(r, qname, &target))
		return false;
	if (dg_str_eq(node->text, DG_STR("TABLE")))
		return alter_table(r, &target, change);
	if (dg_str_eq(node->text, DG_STR("VIEW")))
		return alter_view(r, &target, change);
	return alter_materialized_view(r, &target, change);
}

/* ---- functions, and what Presto alone has ------------------------------ */

static bool
create_function(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *routine =
		node->kid[DG_SQL_CREATE_FUNCTION_FUNCTION];
	const struct dg_sql_node *qname = routine->kid[DG_SQL_ROUTINE_NAME];
	bool replaces = (node->flags & DG_SQL_F_OR_REPLACE) != 0;

	if ((node->flags & DG_SQL_F_TEMPORARY) != 0)
		return dg_sql_add_opaque(r, node,
					 DG_SQL_OPAQUE_SESSION_FUNCTION);
	return dg_sql_add_routine_right(r, qname, DG_SQL_ACT_CREATE_FUNCTION) &&
	       (!replaces ||
		dg_sql_add_routine_right(r, qname, DG_SQL_ACT_DROP_FUNCTION)) &&
	       dg_sql_resolve_routine(r, routine);
}

static bool
drop_function(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	if ((node->flags & DG_SQL_F_TEMPORARY) != 0)
		return dg_sql_add_opaque(r, node,
					 DG_SQL_OPAQUE_SESSION_FUNCTION);
	return dg_sql_add_routine_right(r, node->kid[DG_SQL_DROP_FUNCTION_NAME],
					DG_SQL_ACT_DROP_FUNCTION);
}

/* The index holds the rows' values, under a name of its own. */
static bool
create_vector_index(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_node *const *kid = node->kid;
	struct dg_sql_target table;

	return dg_sql_target_name(r, kid[DG_SQL_CREATE_VECTOR_INDEX_TABLE],
				  &table) &&
	       dg_sql_target_read(r, &table, true) &&
	       dg_sql_target_where(r, &table,
				   kid[DG_SQL_CREATE_VECTOR_INDEX_WHERE]) &&
	       dg_sql_change_table(r, kid[DG_SQL_CREATE_VECTOR_INDEX_INDEX],
				   DG_SQL_ACT_CREATE_TABLE) &&
	       dg_sql_resolve_properties(
		       r, kid[DG_SQL_CREATE_VECTOR_INDEX_PROPERTIES]);
}

/* ---- all --------------------------------------------------------------- */

bool
dg_sql_resolve_ddl(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_node *const *kid = node->kid;

	switch (node->kind) {
	case DG_SQL_K_CREATE_TABLE_AS:
		return create_table_as(r, node);
	case DG_SQL_K_CREATE_TABLE:
		return create_table(r, node);
	case DG_SQL_K_DROP_TABLE:
		return dg_sql_change_table(r, kid[DG_SQL_DROP_TABLE_TABLE],
					   DG_SQL_ACT_DROP_TABLE);
	case DG_SQL_K_CREATE_VIEW:
		return create_view(r, node);
	case DG_SQL_K_DROP_VIEW:
		return dg_sql_change_table(r, kid[DG_SQL_DROP_VIEW_VIEW],
					   DG_SQL_ACT_DROP_VIEW);
	case DG_SQL_K_CREATE_MATERIALIZED_VIEW:
		return create_materialized_view(r, node);
	case DG_SQL_K_DROP_MATERIALIZED_VIEW:
		return dg_sql_change_table(
			r, kid[DG_SQL_DROP_MATERIALIZED_VIEW_VIEW],
			DG_SQL_ACT_DROP_MATERIALIZED_VIEW);
	case DG_SQL_K_COMMENT:
		return comment(r, node);
	case DG_SQL_K_ALTER:
		return alter(r, node);
	case DG_SQL_K_CREATE_BRANCH:
		return dg_sql_change_table(r, kid[DG_SQL_CREATE_BRANCH_TABLE],
					   DG_SQL_ACT_CREATE_BRANCH) &&
		       dg_sql_resolve_properties(
			       r, kid[DG_SQL_CREATE_BRANCH_PROPERTIES]);
	case DG_SQL_K_DROP_BRANCH:
		return dg_sql_change_table(r, kid[DG_SQL_DROP_BRANCH_TABLE],
					   DG_SQL_ACT_DROP_BRANCH);
	case DG_SQL_K_FAST_FORWARD:
		return dg_sql_change_table(r, kid[DG_SQL_FAST_FORWARD_TABLE],
					   DG_SQL_ACT_FAST_FORWARD);
	case DG_SQL_K_CREATE_SCHEMA:
		return create_schema(r, node);
	case DG_SQL_K_DROP_SCHEMA:
		if ((node->flags & DG_SQL_F_CASCADE) != 0)
			return refuse_cascade(r, node);
		return change_schema(r, kid[DG_SQL_DROP_SCHEMA_SCHEMA],
				     DG_SQL_ACT_DROP_SCHEMA);
	case DG_SQL_K_CREATE_CATALOG:
		return change_catalog(r, kid[DG_SQL_CREATE_CATALOG_CATALOG],
				      DG_SQL_ACT_CREATE_CATALOG) &&
		       dg_sql_resolve_properties(
			       r, kid[DG_SQL_CREATE_CATALOG_PROPERTIES]);
	case DG_SQL_K_DROP_CATALOG:
		if ((node->flags & DG_SQL_F_CASCADE) != 0)
			return refuse_cascade(r, node);
		return change_catalog(r, kid[DG_SQL_DROP_CATALOG_CATALOG],
				      DG_SQL_ACT_DROP_CATALOG);
	case DG_SQL_K_CREATE_FUNCTION:
		return create_function(r, node);
	case DG_SQL_K_DROP_FUNCTION:
		return drop_function(r, node);
	case DG_SQL_K_ALTER_FUNCTION:
		return dg_sql_add_routine_right(r,
						kid[DG_SQL_ALTER_FUNCTION_NAME],
						DG_SQL_ACT_ALTER_FUNCTION);
	case DG_SQL_K_CREATE_TYPE:
		return dg_sql_add_opaque(r, node, DG_SQL_OPAQUE_CREATE_TYPE);
	case DG_SQL_K_CREATE_VECTOR_INDEX:
		return create_vector_index(r, node);
	}
	return dg_sql_refuse_kind(r, node);
}

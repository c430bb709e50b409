/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.c - statements that show what is there: SHOW, DESCRIBE.
 *
 * Names alone need little; texts of views and statistics tell what is in the
 * tables behind them and need what reading them would.
 */
#include "resolve/statement.h"

static bool
show_schemas(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_name object = dg_sql_no_object;

	return dg_sql_catalog_name(r, node,
				   node->kid[DG_SQL_SHOW_SCHEMAS_CATALOG],
				   &object.catalog) &&
	       dg_sql_add_right(r, DG_SQL_ACT_SHOW_SCHEMAS, &object,
				DG_STR_EMPTY, dg_sql_at(r, node));
}

static bool
show_in_schema(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	       const struct dg_sql_node *qname, enum dg_sql_action action)
{
	struct dg_sql_name object;

	return dg_sql_schema_name(r, node, qname, &object) &&
	       dg_sql_add_right(r, action, &object, DG_STR_EMPTY,
				dg_sql_at(r, node));
}

static bool
show_create(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_SHOW_CREATE_OBJECT];

	if (dg_str_eq(node->text, DG_STR("SCHEMA")))
		return show_in_schema(r, node, qname,
				      DG_SQL_ACT_SHOW_CREATE_SCHEMA);
	if (dg_str_eq(node->text, DG_STR("FUNCTION")))
		return dg_sql_add_routine_right(
			r, qname, DG_SQL_ACT_SHOW_CREATE_FUNCTION);
	return dg_sql_look_at_table(r, qname, DG_SQL_ACT_SHOW_CREATE);
}

/* Without FROM the functions that all may use. */
static bool
show_functions(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname =
		node->kid[DG_SQL_SHOW_FUNCTIONS_SCHEMA];

	return qname == NULL ||
	       show_in_schema(r, node, qname, DG_SQL_ACT_SHOW_FUNCTIONS);
}

/* Of the kinds that can be granted on, we know tables and schemas. */
static bool
show_grants(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *object = node->kid[DG_SQL_SHOW_GRANTS_OBJECT];
	struct dg_sql_name name = dg_sql_no_object;

	if (object == NULL)
		return dg_sql_catalog_name(r, node, NULL, &name.catalog) &&
		       dg_sql_add_right(r, DG_SQL_ACT_SHOW_ALL_GRANTS, &name,
					DG_STR_EMPTY, dg_sql_at(r, node));
	if (object->text.len == 0 || dg_str_eq(object->text, DG_STR("TABLE")))
		return dg_sql_look_at_table(
			r, object->kid[DG_SQL_GRANT_OBJECT_NAME],
			DG_SQL_ACT_SHOW_GRANTS);
	return dg_sql_add_opaque(r, object, DG_SQL_OPAQUE_SHOW_GRANTS_OBJECT);
}

/*
 * A catalog's roles. Presto's are always those of a catalog, the session's if
 * none is named; Trino's are the whole cluster's then.
 */
static bool
show_roles(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	   const struct dg_sql_node *id)
{
	struct dg_sql_name object = dg_sql_no_object;

	if (id == NULL && r->engine.dialect == DG_SQL_TRINO)
		return dg_sql_add_opaque(r, node,
					 DG_SQL_OPAQUE_SHOW_CLUSTER_ROLES);
	return dg_sql_catalog_name(r, node, id, &object.catalog) &&
	       dg_sql_add_right(r, DG_SQL_ACT_SHOW_ROLES, &object, DG_STR_EMPTY,
				dg_sql_at(r, id != NULL ? id : node));
}

static bool
show_stats(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *table = node->kid[DG_SQL_SHOW_STATS_TABLE];

	if (table != NULL)
		return dg_sql_read_table(r, table, false);
	return dg_sql_resolve_query(r, NULL, node->kid[DG_SQL_SHOW_STATS_QUERY],
				    NULL);
}

/* The engine reads the values of partition keys. */
static bool
show_partitions(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {NULL, &from, 0, 1};

	source.set = dg_sql_set_create(r, NULL, 0, true);
	return source.set != NULL &&
	       dg_sql_read_table(r, node->kid[DG_SQL_SHOW_PARTITIONS_TABLE],
				 true) &&
	       dg_sql_resolve_expr(r, &scope,
				   node->kid[DG_SQL_SHOW_PARTITIONS_WHERE]) &&
	       dg_sql_resolve_list(r, &scope,
				   node->kid[DG_SQL_SHOW_PARTITIONS_ORDER]);
}

bool
dg_sql_resolve_show(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	switch (node->kind) {
	case DG_SQL_K_SHOW_CATALOGS:
		return dg_sql_add_right(r, DG_SQL_ACT_SHOW_CATALOGS,
					&dg_sql_no_object, DG_STR_EMPTY,
					dg_sql_at(r, node));
	case DG_SQL_K_SHOW_SCHEMAS:
		return show_schemas(r, node);
	case DG_SQL_K_SHOW_TABLES:
		return show_in_schema(r, node,
				      node->kid[DG_SQL_SHOW_TABLES_SCHEMA],
				      DG_SQL_ACT_SHOW_TABLES);
	case DG_SQL_K_SHOW_COLUMNS:
		return dg_sql_look_at_table(
			r, node->kid[DG_SQL_SHOW_COLUMNS_TABLE],
			DG_SQL_ACT_SHOW_COLUMNS);
	case DG_SQL_K_SHOW_BRANCHES:
		return dg_sql_look_at_table(
			r, node->kid[DG_SQL_SHOW_BRANCHES_TABLE],
			DG_SQL_ACT_SHOW_BRANCHES);
	case DG_SQL_K_SHOW_CREATE:
		return show_create(r, node);
	case DG_SQL_K_SHOW_STATS:
		return show_stats(r, node);
	case DG_SQL_K_SHOW_FUNCTIONS:
		return show_functions(r, node);
	case DG_SQL_K_SHOW_SESSION:
		return true;
	case DG_SQL_K_SHOW_GRANTS:
		return show_grants(r, node);
	case DG_SQL_K_SHOW_ROLES:
		return show_roles(r, node,
				  node->kid[DG_SQL_SHOW_ROLES_CATALOG]);
	case DG_SQL_K_SHOW_ROLE_GRANTS:
		return show_roles(r, node,
				  node->kid[DG_SQL_SHOW_ROLE_GRANTS_CATALOG]);
	case DG_SQL_K_SHOW_PARTITIONS:
		return show_partitions(r, node);
	}
	return dg_sql_refuse_kind(r, node);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rights.c - GRANT, REVOKE, DENY, and roles of the engine.
 *
 * They change what the engine allows, beneath the gateway's own policy; who
 * gets the right is no matter of ours. What belongs to no catalog has no
 * object that a rule could name, and is refused.
 */
#include "resolve/statement.h"

/* One right a privilege, as the engine checks them. */
static bool
add_grants(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	   enum dg_sql_action action, const struct dg_sql_name *object)
{
	const struct dg_sql_node *list = node->kid[DG_SQL_GRANT_PRIVILEGES];
	const struct dg_sql_node *on = node->kid[DG_SQL_GRANT_OBJECT];
	struct dg_str name;

	if (list == NULL)
		return dg_sql_add_right(
			r, action, object, DG_STR("all"),
			dg_sql_at(r, on->kid[DG_SQL_GRANT_OBJECT_NAME]));
	DG_SQL_FOREACH(it, list)
	{
		if (!dg_sql_fold_id(r, it, &name) ||
		    !dg_sql_add_right(r, action, object, name,
				      dg_sql_at(r, it)))
			return false;
	}
	return true;
}

static bool
grant_on_table(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	       const struct dg_sql_node *qname)
{
	struct dg_sql_target target;

	return dg_sql_target_name(r, qname, &target) &&
	       (!target.is_metadata ||
		add_grants(r, node, DG_SQL_ACT_GRANT_TABLE, &target.written)) &&
	       add_grants(r, node, DG_SQL_ACT_GRANT_TABLE, &target.base);
}

static bool
manage_roles(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	     const struct dg_sql_node *catalog)
{
	struct dg_sql_name object = dg_sql_no_object;

	if (catalog == NULL && r->engine.dialect == DG_SQL_TRINO)
		return dg_sql_add_opaque(r, node, DG_SQL_OPAQUE_CLUSTER_ROLES);
	return dg_sql_catalog_name(r, node, catalog, &object.catalog) &&
	       dg_sql_add_right(r, DG_SQL_ACT_MANAGE_ROLES, &object,
				DG_STR_EMPTY,
				dg_sql_at(r, catalog != NULL ? catalog : node));
}

static bool
grant(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *object = node->kid[DG_SQL_GRANT_OBJECT];
	const struct dg_sql_node *qname;
	struct dg_sql_name schema;

	if (object == NULL)
		return manage_roles(r, node, node->kid[DG_SQL_GRANT_CATALOG]);
	qname = object->kid[DG_SQL_GRANT_OBJECT_NAME];
	if (object->text.len == 0 || dg_str_eq(object->text, DG_STR("TABLE")))
		return grant_on_table(r, node, qname);
	if (dg_str_eq(object->text, DG_STR("SCHEMA")))
		return dg_sql_schema_name(r, qname, qname, &schema) &&
		       add_grants(r, node, DG_SQL_ACT_GRANT_SCHEMA, &schema);
	return dg_sql_add_opaque(r, object, DG_SQL_OPAQUE_GRANT_OBJECT);
}

bool
dg_sql_resolve_rights(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	switch (node->kind) {
	case DG_SQL_K_GRANT:
		return grant(r, node);
	case DG_SQL_K_CREATE_ROLE:
		return manage_roles(r, node,
				    node->kid[DG_SQL_CREATE_ROLE_CATALOG]);
	case DG_SQL_K_DROP_ROLE:
		return manage_roles(r, node,
				    node->kid[DG_SQL_DROP_ROLE_CATALOG]);
	case DG_SQL_K_SET_ROLE:
		return dg_sql_add_opaque(r, node, DG_SQL_OPAQUE_SET_ROLE);
	case DG_SQL_K_SET_SESSION_AUTHORIZATION:
		return dg_sql_add_opaque(
			r, node, DG_SQL_OPAQUE_SET_SESSION_AUTHORIZATION);
	case DG_SQL_K_RESET_SESSION_AUTHORIZATION:
		return dg_sql_add_opaque(
			r, node, DG_SQL_OPAQUE_RESET_SESSION_AUTHORIZATION);
	case DG_SQL_K_SET_PATH:
		return dg_sql_add_opaque(r, node, DG_SQL_OPAQUE_SET_PATH);
	}
	return dg_sql_refuse_kind(r, node);
}

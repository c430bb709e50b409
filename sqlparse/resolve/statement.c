/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.c - what each statement needs (grammar.md 4).
 *
 * EXECUTE is the statement that it runs: its text is parsed here, and whatever
 * it needs is needed at the place of the EXECUTE. PREPARE needs nothing, the
 * EXECUTE is checked.
 */
#include "resolve/statement.h"

#include <stdio.h>

#include "ast/kind_cases.h"

const struct dg_sql_name dg_sql_no_object = {DG_STR_INIT(""), DG_STR_INIT(""),
					     DG_STR_INIT("")};

/* ---- objects ----------------------------------------------------------- */

bool
dg_sql_catalog_name(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		    const struct dg_sql_node *id, struct dg_str *catalog_out)
{
	*catalog_out = r->catalog;
	if (id != NULL)
		return dg_sql_fold_id(r, id, catalog_out);
	if (catalog_out->len == 0)
		return dg_sql_refuse(r, DG_SQL_E_NO_CATALOG, node,
				     "Catalog must be specified when session "
				     "catalog is not set");
	return true;
}

bool
dg_sql_schema_name(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		   const struct dg_sql_node *qname,
		   struct dg_sql_name *object_out)
{
	const struct dg_sql_node *catalog = NULL;
	const struct dg_sql_node *schema = NULL;

	*object_out = dg_sql_no_object;
	if (qname != NULL) {
		DG_SQL_FOREACH(id, qname->kid[DG_SQL_QNAME_PARTS])
		{
			if (catalog != NULL)
				return dg_sql_refuse(r, DG_SQL_E_PARTS, qname,
						     "Too many parts in schema "
						     "name");
			catalog = schema;
			schema = id;
		}
	}
	object_out->schema = r->schema;
	if (schema != NULL && !dg_sql_fold_id(r, schema, &object_out->schema))
		return false;
	if (!dg_sql_catalog_name(r, node, catalog, &object_out->catalog))
		return false;
	if (object_out->schema.len == 0)
		return dg_sql_refuse(r, DG_SQL_E_NO_SCHEMA, node,
				     "Schema must be specified when session "
				     "schema is not set");
	return true;
}

/* One word alone is looked for along a path that we do not know. */
bool
dg_sql_add_routine_right(struct dg_sql_resolver *r,
			 const struct dg_sql_node *qname,
			 enum dg_sql_action action)
{
	struct dg_sql_name name;
	struct dg_sql_name place;
	const struct dg_sql_node *parts = qname->kid[DG_SQL_QNAME_PARTS];

	if (action != DG_SQL_ACT_PROCEDURE &&
	    dg_sql_list_first(parts)->next == NULL)
		return dg_sql_add_opaque(r, qname, DG_SQL_OPAQUE_BARE_FUNCTION);
	if (!dg_sql_table_name(r, qname, &name))
		return false;
	place = (struct dg_sql_name){name.catalog, name.schema, DG_STR_EMPTY};
	return dg_sql_add_right(r, action, &place, name.table,
				dg_sql_at(r, qname));
}

static bool
use_schema(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *catalog = node->kid[DG_SQL_USE_CATALOG];
	const struct dg_sql_node *schema = node->kid[DG_SQL_USE_SCHEMA];
	struct dg_sql_name object = dg_sql_no_object;

	return dg_sql_catalog_name(r, node, catalog, &object.catalog) &&
	       dg_sql_fold_id(r, schema, &object.schema) &&
	       dg_sql_add_right(
		       r, DG_SQL_ACT_USE_SCHEMA, &object, DG_STR_EMPTY,
		       dg_sql_at(r, catalog != NULL ? catalog : schema));
}

/* "catalog.property", folded. */
static bool
join_property(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	      struct dg_str *name_out)
{
	struct dg_str joined = DG_STR_EMPTY;
	struct dg_str part;

	DG_SQL_FOREACH(id, qname->kid[DG_SQL_QNAME_PARTS])
	{
		if (!dg_sql_fold_id(r, id, &part))
			return false;
		if (joined.len == 0) {
			joined = part;
			continue;
		}
		joined = dg_arena_printf(r->arena, "%.*s.%.*s",
					 DG_STR_ARG(joined), DG_STR_ARG(part));
		if (joined.data == NULL)
			return dg_sql_refuse_limit(r);
	}
	*name_out = joined;
	return true;
}

static bool
set_property(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	     const struct dg_sql_node *value)
{
	struct dg_str name;

	return join_property(r, qname, &name) &&
	       dg_sql_add_right(r, DG_SQL_ACT_SET_SESSION, &dg_sql_no_object,
				name, dg_sql_at(r, qname)) &&
	       dg_sql_resolve_expr(r, NULL, value);
}

/* Constants, says the engine; a subquery parses, so its tables are read. */
bool
dg_sql_resolve_properties(struct dg_sql_resolver *r,
			  const struct dg_sql_node *list)
{
	DG_SQL_FOREACH(property, list)
	{
		if (property->kind != DG_SQL_K_PROPERTY)
			return dg_sql_refuse_kind(r, property);
		if (!dg_sql_resolve_expr(r, NULL,
					 property->kid[DG_SQL_PROPERTY_VALUE]))
			return false;
	}
	return true;
}

/* WITH SESSION a.b = 1 SELECT .. needs what SET SESSION does. */
static bool
resolve_query_statement(struct dg_sql_resolver *r,
			const struct dg_sql_node *node)
{
	DG_SQL_FOREACH(setting, node->kid[DG_SQL_QUERY_STATEMENT_SESSION])
	{
		if (!set_property(r, setting->kid[DG_SQL_PROPERTY_NAME],
				  setting->kid[DG_SQL_PROPERTY_VALUE]))
			return false;
	}
	return dg_sql_resolve_query(
		r, NULL, node->kid[DG_SQL_QUERY_STATEMENT_QUERY], NULL);
}

/* The engine keeps it as a session property. */
static bool
set_time_zone(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_add_right(r, DG_SQL_ACT_SET_SESSION, &dg_sql_no_object,
				DG_STR("time_zone_id"), dg_sql_at(r, node)) &&
	       dg_sql_resolve_expr(r, NULL,
				   node->kid[DG_SQL_SET_TIME_ZONE_ZONE]);
}

/* ---- prepared statements ----------------------------------------------- */

static bool
may_be_executed(enum dg_sql_statement statement)
{
	return statement != DG_SQL_STMT_PREPARE &&
	       statement != DG_SQL_STMT_EXECUTE &&
	       statement != DG_SQL_STMT_EXECUTE_IMMEDIATE &&
	       statement != DG_SQL_STMT_DEALLOCATE;
}

/* An error in a text that the client did not send here: say where it ran. */
static bool
fail_inside(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	    enum dg_rc rc)
{
	r->rc = rc;
	r->err->offset = dg_sql_at(r, node);
	dg_sql_locate(r->text, r->err->offset, &r->err->line, &r->err->column);
	return false;
}

/* Of USING only constants: the engine reads a name there inside the text. */
static bool
resolve_using(struct dg_sql_resolver *r, const struct dg_sql_node *list)
{
	bool ok;

	r->constant = true;
	ok = dg_sql_resolve_list(r, NULL, list);
	r->constant = false;
	return ok;
}

static bool
execute_text(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	     struct dg_str text, const struct dg_sql_node *using,
	     struct dg_sql_analysis *analysis)
{
	const struct dg_sql_limits *limits = r->context->limits;
	struct dg_sql_tree *tree;
	bool was_pinned = r->pinned;
	bool ok;
	enum dg_rc rc;

	if (!resolve_using(r, using))
		return false;
	if (limits == NULL)
		limits = &dg_sql_default_limits;
	rc = dg_sql_parse(text, r->engine, limits, r->arena, &tree, r->err);
	if (rc != DG_OK)
		return fail_inside(r, node, rc);
	if (!may_be_executed(tree->statement))
		return dg_sql_refuse(r, DG_SQL_E_UNSUPPORTED, node,
				     "Invalid statement type for prepared "
				     "statement: %s",
				     dg_sql_statement_name(tree->statement));
	if (!was_pinned)
		r->pin = node->offset;
	r->pinned = true;
	ok = dg_sql_resolve_statement(r, tree->root, analysis);
	r->pinned = was_pinned;
	return ok;
}

static bool
find_prepared(struct dg_sql_resolver *r, const struct dg_sql_node *id,
	      struct dg_str *text_out)
{
	const struct dg_sql_context *context = r->context;

	if (context->prepared != NULL &&
	    context->prepared(context->arg, id->text, text_out))
		return true;
	return dg_sql_refuse(r, DG_SQL_E_RESOLVE, id,
			     "Prepared statement not found: %.*s",
			     DG_STR_ARG(id->text));
}

static bool
execute(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	struct dg_sql_analysis *analysis)
{
	const struct dg_sql_node *id = node->kid[DG_SQL_EXECUTE_NAME];
	struct dg_str text;

	return find_prepared(r, id, &text) &&
	       execute_text(r, id, text, node->kid[DG_SQL_EXECUTE_USING],
			    analysis);
}

static bool
execute_immediate(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		  struct dg_sql_analysis *analysis)
{
	const struct dg_sql_node *sql = node->kid[DG_SQL_EXECUTE_IMMEDIATE_SQL];

	if (sql->kind != DG_SQL_K_STRING)
		return dg_sql_refuse_kind(r, sql);
	return execute_text(r, sql, sql->text,
			    node->kid[DG_SQL_EXECUTE_IMMEDIATE_USING],
			    analysis);
}

/* What a prepared text takes or puts out, is told like what it reads. */
static bool
describe(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	 const struct dg_sql_node *id, struct dg_sql_analysis *analysis)
{
	struct dg_str text;

	return find_prepared(r, id, &text) &&
	       execute_text(r, node, text, NULL, analysis);
}

static bool
describe_output(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		struct dg_sql_analysis *analysis)
{
	const struct dg_sql_node *id = node->kid[DG_SQL_DESCRIBE_OUTPUT_NAME];

	if (id != NULL)
		return describe(r, node, id, analysis);
	return dg_sql_resolve_query(
		r, NULL, node->kid[DG_SQL_DESCRIBE_OUTPUT_QUERY], NULL);
}

/* ---- all --------------------------------------------------------------- */

/* EXPLAIN runs nothing, but shows what the statement inside would show. */
static bool
explain(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	struct dg_sql_analysis *analysis)
{
	bool runs = (node->flags & DG_SQL_F_ANALYZE) != 0;

	if (!dg_sql_resolve_statement(r, node->kid[DG_SQL_EXPLAIN_STATEMENT],
				      analysis))
		return false;
	analysis->read_only = !runs;
	return true;
}

static bool
without_effect(struct dg_sql_analysis *analysis)
{
	analysis->read_only = true;
	return true;
}

bool
dg_sql_resolve_statement(struct dg_sql_resolver *r,
			 const struct dg_sql_node *node,
			 struct dg_sql_analysis *analysis)
{
	struct dg_sql_node *const *kid = node->kid;

	analysis->read_only = false;
	switch ((enum dg_sql_kind)node->kind) {
	case DG_SQL_K_QUERY_STATEMENT:
		without_effect(analysis);
		return resolve_query_statement(r, node);
	case DG_SQL_K_EXPLAIN:
		return explain(r, node, analysis);
	case DG_SQL_K_INSERT:
	case DG_SQL_K_DELETE:
	case DG_SQL_K_UPDATE:
	case DG_SQL_K_MERGE:
	case DG_SQL_K_TRUNCATE:
	case DG_SQL_K_ANALYZE:
	case DG_SQL_K_REFRESH_MATERIALIZED_VIEW:
	case DG_SQL_K_CALL_PROCEDURE:
		return dg_sql_resolve_dml(r, node);
	case DG_SQL_K_CREATE_TABLE_AS:
	case DG_SQL_K_CREATE_TABLE:
	case DG_SQL_K_DROP_TABLE:
	case DG_SQL_K_CREATE_VIEW:
	case DG_SQL_K_DROP_VIEW:
	case DG_SQL_K_CREATE_MATERIALIZED_VIEW:
	case DG_SQL_K_DROP_MATERIALIZED_VIEW:
	case DG_SQL_K_COMMENT:
	case DG_SQL_K_ALTER:
	case DG_SQL_K_CREATE_BRANCH:
	case DG_SQL_K_DROP_BRANCH:
	case DG_SQL_K_FAST_FORWARD:
	case DG_SQL_K_CREATE_SCHEMA:
	case DG_SQL_K_DROP_SCHEMA:
	case DG_SQL_K_CREATE_CATALOG:
	case DG_SQL_K_DROP_CATALOG:
	case DG_SQL_K_CREATE_FUNCTION:
	case DG_SQL_K_DROP_FUNCTION:
	case DG_SQL_K_ALTER_FUNCTION:
	case DG_SQL_K_CREATE_TYPE:
	case DG_SQL_K_CREATE_VECTOR_INDEX:
		return dg_sql_resolve_ddl(r, node);
	case DG_SQL_K_GRANT:
	case DG_SQL_K_CREATE_ROLE:
	case DG_SQL_K_DROP_ROLE:
	case DG_SQL_K_SET_ROLE:
	case DG_SQL_K_SET_SESSION_AUTHORIZATION:
	case DG_SQL_K_RESET_SESSION_AUTHORIZATION:
	case DG_SQL_K_SET_PATH:
		return dg_sql_resolve_rights(r, node);
	case DG_SQL_K_SHOW_CATALOGS:
	case DG_SQL_K_SHOW_SCHEMAS:
	case DG_SQL_K_SHOW_TABLES:
	case DG_SQL_K_SHOW_COLUMNS:
	case DG_SQL_K_SHOW_BRANCHES:
	case DG_SQL_K_SHOW_CREATE:
	case DG_SQL_K_SHOW_STATS:
	case DG_SQL_K_SHOW_FUNCTIONS:
	case DG_SQL_K_SHOW_SESSION:
	case DG_SQL_K_SHOW_GRANTS:
	case DG_SQL_K_SHOW_ROLES:
	case DG_SQL_K_SHOW_ROLE_GRANTS:
	case DG_SQL_K_SHOW_PARTITIONS:
		without_effect(analysis);
		return dg_sql_resolve_show(r, node);
	case DG_SQL_K_DESCRIBE_INPUT:
		return describe(r, node, kid[DG_SQL_DESCRIBE_INPUT_NAME],
				analysis) &&
		       without_effect(analysis);
	case DG_SQL_K_DESCRIBE_OUTPUT:
		return describe_output(r, node, analysis) &&
		       without_effect(analysis);
	case DG_SQL_K_USE:
		without_effect(analysis);
		return use_schema(r, node);
	case DG_SQL_K_SET_SESSION:
		without_effect(analysis);
		return set_property(r, kid[DG_SQL_SET_SESSION_NAME],
				    kid[DG_SQL_SET_SESSION_VALUE]);
	case DG_SQL_K_SET_TIME_ZONE:
		without_effect(analysis);
		return set_time_zone(r, node);
	case DG_SQL_K_RESET_SESSION:
	case DG_SQL_K_PREPARE:
	case DG_SQL_K_DEALLOCATE:
		return without_effect(analysis);
	case DG_SQL_K_START_TRANSACTION:
	case DG_SQL_K_COMMIT:
	case DG_SQL_K_ROLLBACK:
		return true;
	case DG_SQL_K_EXECUTE:
		return execute(r, node, analysis);
	case DG_SQL_K_EXECUTE_IMMEDIATE:
		return execute_immediate(r, node, analysis);
		DG_SQL_CASES_QUERY_BODY
		DG_SQL_CASES_RELATION
		DG_SQL_CASES_EXPRESSION
		DG_SQL_CASES_PART
		break;
	}
	return dg_sql_refuse_kind(r, node);
}

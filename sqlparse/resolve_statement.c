/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve_statement.c - what each statement needs (grammar.md 4).
 *
 * EXECUTE is the statement that it runs: its text is parsed here, and whatever
 * it needs is needed at the place of the EXECUTE. PREPARE needs nothing, the
 * EXECUTE is checked.
 */
#include "resolve.h"

#include <stdio.h>

#include "kind_cases.h"

static const struct dg_sql_name no_object = {DG_STR_INIT(""), DG_STR_INIT(""),
					     DG_STR_INIT("")};

/* ---- objects ----------------------------------------------------------- */

/*
 * A table that the statement acts on. A metadata table means its base; but
 * some catalogs have ordinary tables of such names (memory."t$x" is not t's),
 * so that who changes one needs the right on what was written as well, and
 * nothing may deny the name to who only looks at it.
 */
struct target {
	struct dg_sql_name written;
	struct dg_sql_name base; /* what was written, unless is_metadata */
	bool is_metadata;
	uint32_t offset;
};

static bool
name_target(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	    struct target *target)
{
	target->offset = dg_sql_at(r, qname);
	if (!dg_sql_table_name(r, qname, &target->written))
		return false;
	target->base = target->written;
	target->is_metadata =
		dg_sql_table_is_metadata(r, &target->written, &target->base);
	return r->rc == DG_OK;
}

static bool
change_target(struct dg_sql_resolver *r, const struct target *target,
	      enum dg_sql_action action)
{
	if (target->is_metadata &&
	    !dg_sql_add_right(r, action, &target->written, DG_STR_EMPTY,
			      target->offset))
		return false;
	return dg_sql_add_right(r, action, &target->base, DG_STR_EMPTY,
				target->offset);
}

static bool
change_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	     enum dg_sql_action action)
{
	struct target target;

	return name_target(r, qname, &target) &&
	       change_target(r, &target, action);
}

/* OR REPLACE destroys what DROP would: it needs both rights. */
static bool
create_or_replace(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		  const struct dg_sql_node *qname, enum dg_sql_action create,
		  enum dg_sql_action drop)
{
	bool replaces = (node->flags & DG_SQL_F_OR_REPLACE) != 0;
	struct target target;

	return name_target(r, qname, &target) &&
	       change_target(r, &target, create) &&
	       (!replaces || change_target(r, &target, drop));
}

static bool
show_columns(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_SHOW_COLUMNS_TABLE];
	struct target target;

	if (!name_target(r, qname, &target) ||
	    !dg_sql_charge_odd_name(r, qname, &target.written))
		return false;
	if (target.is_metadata &&
	    !dg_sql_add_right(r, DG_SQL_ACT_SELECT_LITERAL, &target.written,
			      DG_STR_EMPTY, target.offset))
		return false;
	return dg_sql_add_right(r, DG_SQL_ACT_SHOW_COLUMNS, &target.base,
				DG_STR_EMPTY, target.offset);
}

static bool
resolve_catalog(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		const struct dg_sql_node *id, struct dg_str *catalog_out)
{
	*catalog_out = r->catalog;
	if (id != NULL)
		return dg_sql_fold_id(r, id, catalog_out);
	if (catalog_out->len == 0)
		return dg_sql_refuse(r, DG_SQL_E_RESOLVE, node,
				     "Catalog must be specified when session "
				     "catalog is not set");
	return true;
}

static bool
show_schemas(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_name object = no_object;

	return resolve_catalog(r, node, node->kid[DG_SQL_SHOW_SCHEMAS_CATALOG],
			       &object.catalog) &&
	       dg_sql_add_right(r, DG_SQL_ACT_SHOW_SCHEMAS, &object,
				DG_STR_EMPTY, dg_sql_at(r, node));
}

/* SHOW TABLES [FROM [catalog.]schema] */
static bool
show_tables(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_SHOW_TABLES_SCHEMA];
	struct dg_sql_name object = no_object;
	const struct dg_sql_node *catalog = NULL;
	const struct dg_sql_node *schema = NULL;

	if (qname != NULL) {
		DG_SQL_FOREACH(id, qname->kid[DG_SQL_QNAME_PARTS])
		{
			if (catalog != NULL)
				return dg_sql_refuse(r, DG_SQL_E_RESOLVE, qname,
						     "Too many parts in schema "
						     "name");
			catalog = schema;
			schema = id;
		}
	}
	object.schema = r->schema;
	if (schema != NULL && !dg_sql_fold_id(r, schema, &object.schema))
		return false;
	if (!resolve_catalog(r, node, catalog, &object.catalog))
		return false;
	if (object.schema.len == 0)
		return dg_sql_refuse(r, DG_SQL_E_RESOLVE, node,
				     "Schema must be specified when session "
				     "schema is not set");
	return dg_sql_add_right(r, DG_SQL_ACT_SHOW_TABLES, &object,
				DG_STR_EMPTY, dg_sql_at(r, node));
}

static bool
use_schema(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	struct dg_sql_name object = no_object;

	return resolve_catalog(r, node, node->kid[DG_SQL_USE_CATALOG],
			       &object.catalog) &&
	       dg_sql_fold_id(r, node->kid[DG_SQL_USE_SCHEMA],
			      &object.schema) &&
	       dg_sql_add_right(r, DG_SQL_ACT_USE_SCHEMA, &object, DG_STR_EMPTY,
				dg_sql_at(r, node));
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
set_session(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_SET_SESSION_NAME];
	struct dg_str name;

	return join_property(r, qname, &name) &&
	       dg_sql_add_right(r, DG_SQL_ACT_SET_SESSION, &no_object, name,
				dg_sql_at(r, qname)) &&
	       dg_sql_resolve_expr(r, NULL,
				   node->kid[DG_SQL_SET_SESSION_VALUE]);
}

/* WITH SESSION a.b = 1 SELECT .. needs what SET SESSION does. */
static bool
resolve_query_statement(struct dg_sql_resolver *r,
			const struct dg_sql_node *node)
{
	struct dg_str name;

	DG_SQL_FOREACH(property, node->kid[DG_SQL_QUERY_STATEMENT_SESSION])
	{
		const struct dg_sql_node *qname =
			property->kid[DG_SQL_PROPERTY_NAME];

		if (!join_property(r, qname, &name) ||
		    !dg_sql_add_right(r, DG_SQL_ACT_SET_SESSION, &no_object,
				      name, dg_sql_at(r, qname)) ||
		    !dg_sql_resolve_expr(r, NULL,
					 property->kid[DG_SQL_PROPERTY_VALUE]))
			return false;
	}
	return dg_sql_resolve_query(
		r, NULL, node->kid[DG_SQL_QUERY_STATEMENT_QUERY], NULL);
}

/* ---- data -------------------------------------------------------------- */

/* Constants, says the engine; a subquery parses, so its tables are read. */
static bool
resolve_properties(struct dg_sql_resolver *r, const struct dg_sql_node *list)
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

static bool
create_table_as(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return create_or_replace(
		       r, node, node->kid[DG_SQL_CREATE_TABLE_AS_TABLE],
		       DG_SQL_ACT_CREATE_TABLE, DG_SQL_ACT_DROP_TABLE) &&
	       resolve_properties(
		       r, node->kid[DG_SQL_CREATE_TABLE_AS_PROPERTIES]) &&
	       dg_sql_resolve_query(
		       r, NULL, node->kid[DG_SQL_CREATE_TABLE_AS_QUERY], NULL);
}

static bool
insert(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return change_table(r, node->kid[DG_SQL_INSERT_TABLE],
			    DG_SQL_ACT_INSERT) &&
	       dg_sql_resolve_query(r, NULL, node->kid[DG_SQL_INSERT_QUERY],
				    NULL);
}

/*
 * WHERE reads the columns that it names, and is no reading without any. Of a
 * metadata table nobody knows the columns: all of its base is read.
 */
static bool
resolve_where(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	      const struct target *target, const struct dg_sql_node *where)
{
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {NULL, &from, 0, 1};
	struct dg_str alias[3];

	if (target->is_metadata) {
		source.set = dg_sql_set_create(r, NULL, 0, true);
		if (!dg_sql_charge_metadata(r, &target->written, &target->base,
					    target->offset))
			return false;
	} else {
		source.table = dg_sql_table_get(r, &target->base);
		source.set = source.table == NULL ? NULL : source.table->set;
	}
	if (source.set == NULL)
		return false;
	source.alias = alias;
	DG_SQL_FOREACH(id, qname->kid[DG_SQL_QNAME_PARTS])
	{
		if (!dg_sql_fold_id(r, id, &alias[source.n_alias++]))
			return false;
	}
	return dg_sql_resolve_expr(r, &scope, where);
}

static bool
resolve_delete(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_DELETE_TABLE];
	const struct dg_sql_node *where = node->kid[DG_SQL_DELETE_WHERE];
	struct target target;

	return name_target(r, qname, &target) &&
	       change_target(r, &target, DG_SQL_ACT_DELETE) &&
	       (where == NULL || resolve_where(r, qname, &target, where));
}

/* Others will read through it: its maker needs all that it reads. */
static bool
create_view(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return create_or_replace(r, node, node->kid[DG_SQL_CREATE_VIEW_VIEW],
				 DG_SQL_ACT_CREATE_VIEW,
				 DG_SQL_ACT_DROP_VIEW) &&
	       resolve_properties(r,
				  node->kid[DG_SQL_CREATE_VIEW_PROPERTIES]) &&
	       dg_sql_resolve_query(r, NULL,
				    node->kid[DG_SQL_CREATE_VIEW_QUERY], NULL);
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
execute(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	struct dg_sql_analysis *analysis)
{
	const struct dg_sql_node *id = node->kid[DG_SQL_EXECUTE_NAME];
	const struct dg_sql_context *context = r->context;
	struct dg_str text;

	if (context->prepared == NULL ||
	    !context->prepared(context->arg, id->text, &text))
		return dg_sql_refuse(r, DG_SQL_E_RESOLVE, id,
				     "Prepared statement not found: %.*s",
				     DG_STR_ARG(id->text));
	return execute_text(r, id, text, node->kid[DG_SQL_EXECUTE_USING],
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
	analysis->read_only = false;
	switch ((enum dg_sql_kind)node->kind) {
	case DG_SQL_K_QUERY_STATEMENT:
		without_effect(analysis);
		return resolve_query_statement(r, node);
	case DG_SQL_K_EXPLAIN:
		return explain(r, node, analysis);
	case DG_SQL_K_SHOW_CATALOGS:
		without_effect(analysis);
		return dg_sql_add_right(r, DG_SQL_ACT_SHOW_CATALOGS, &no_object,
					DG_STR_EMPTY, dg_sql_at(r, node));
	case DG_SQL_K_SHOW_SCHEMAS:
		without_effect(analysis);
		return show_schemas(r, node);
	case DG_SQL_K_SHOW_TABLES:
		without_effect(analysis);
		return show_tables(r, node);
	case DG_SQL_K_SHOW_COLUMNS:
		without_effect(analysis);
		return show_columns(r, node);
	case DG_SQL_K_USE:
		without_effect(analysis);
		return use_schema(r, node);
	case DG_SQL_K_SET_SESSION:
		without_effect(analysis);
		return set_session(r, node);
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
	case DG_SQL_K_CREATE_TABLE_AS:
		return create_table_as(r, node);
	case DG_SQL_K_INSERT:
		return insert(r, node);
	case DG_SQL_K_DELETE:
		return resolve_delete(r, node);
	case DG_SQL_K_DROP_TABLE:
		return change_table(r, node->kid[DG_SQL_DROP_TABLE_TABLE],
				    DG_SQL_ACT_DROP_TABLE);
	case DG_SQL_K_CREATE_VIEW:
		return create_view(r, node);
	case DG_SQL_K_DROP_VIEW:
		return change_table(r, node->kid[DG_SQL_DROP_VIEW_VIEW],
				    DG_SQL_ACT_DROP_VIEW);
		DG_SQL_CASES_QUERY_BODY
		DG_SQL_CASES_RELATION
		DG_SQL_CASES_EXPRESSION
		DG_SQL_CASES_PART
		break;
	}
	return dg_sql_refuse_kind(r, node);
}

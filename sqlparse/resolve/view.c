/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.c - what is read through a view with the rights of who reads the view
 * (SECURITY INVOKER; Presto's materialized views), and what a REFRESH reads.
 *
 * The caller's catalog says of a view either what the engine has told it
 * reads, or its text, which is resolved here like a prepared one: everything
 * at the place where the view is named. Each view is opened once, so that views
 * in views cost what they hold.
 *
 * The invariant: a view whose reads are the reader's is either charged in full
 * or OPAQUE, and so is what may be such a view. What is wrong inside its text
 * is no error of the statement's, whose client is not told of that text.
 */
#include "resolve/statement.h"

#include "sqlparse/sqlparse.h"

/* In place of a session's: whatever turns up with it was named too shortly. */
static const struct dg_str nowhere = DG_STR_INIT("\x7f");

static bool
add_unknown(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	    uint32_t offset)
{
	struct dg_str text = dg_arena_printf(
		r->arena,
		"what view %.*s.%.*s.%.*s reads with the caller's rights "
		"cannot be told; it can where the view names tables with "
		"catalog and schema, or has SECURITY DEFINER",
		DG_STR_ARG(table->name.catalog), DG_STR_ARG(table->name.schema),
		DG_STR_ARG(table->name.table));
	struct dg_sql_right *right;

	if (text.data == NULL)
		return dg_sql_refuse_limit(r);
	right = dg_sql_right_get(r, DG_SQL_ACT_OPAQUE, &dg_sql_no_object, text,
				 offset);
	if (right == NULL)
		return false;
	right->name = DG_STR_EMPTY;
	right->reason = text;
	return true;
}

/* ---- what may be a view ------------------------------------------------ */

bool
dg_sql_has_reader_views(struct dg_sql_engine engine)
{
	enum { PRESTO_INVOKER = 239 };

	return engine.dialect == DG_SQL_TRINO || engine.version == 0 ||
	       engine.version >= PRESTO_INVOKER;
}

/* Without a catalog nothing runs; nor does it without any right. */
static bool
may_be_view(const struct dg_sql_resolver *r, const struct dg_sql_table *table)
{
	return (table->read || table->shown) &&
	       table->lookup == DG_SQL_UNAVAILABLE &&
	       r->context->columns != NULL && !table->is_withheld &&
	       !dg_str_eq(table->name.schema, DG_STR("information_schema"));
}

static bool
add_passing(struct dg_sql_resolver *r, const struct dg_sql_table *table)
{
	struct dg_str why = table->why;
	struct dg_sql_right *right;

	right = dg_sql_right_get(r, DG_SQL_ACT_OPAQUE, &table->name,
				 DG_STR_EMPTY, table->offset);
	if (right == NULL)
		return false;
	right->is_passing = true;
	right->reason = dg_arena_printf(
		r->arena,
		"Whether %.*s.%.*s.%.*s is a view that reads with the rights "
		"of its reader could not be found out%s%.*s; try again later",
		DG_STR_ARG(table->name.catalog), DG_STR_ARG(table->name.schema),
		DG_STR_ARG(table->name.table), why.len > 0 ? ": " : "",
		DG_STR_ARG(why));
	return right->reason.data != NULL || dg_sql_refuse_limit(r);
}

static bool
refuse_unknown(struct dg_sql_resolver *r)
{
	if (!dg_sql_has_reader_views(r->engine))
		return true;
	for (const struct dg_sql_table *it = r->tables; it != NULL;
	     it = it->next)
		if (may_be_view(r, it) && !add_passing(r, it))
			return false;
	return true;
}

/* ---- what the engine told ---------------------------------------------- */

/* A name that stands for several tables, as dg_sql_charge_odd_name has them. */
static bool
is_odd_name(struct dg_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] == '*' || name.data[i] == ':' ||
		    name.data[i] == ',')
			return true;
	return false;
}

/* As if the statement had named it: "t$files" is of t here, too. */
static bool
charge_read(struct dg_sql_resolver *r, const struct dg_sql_table *through,
	    const struct dg_sql_view_read *read)
{
	struct dg_sql_table *table;
	struct dg_sql_name base;

	if (!dg_sql_is_plain_name(read->table.table)) {
		if (is_odd_name(read->table.table))
			return add_unknown(r, through, through->offset);
		if (dg_sql_table_is_metadata(r, &read->table, &base))
			return dg_sql_charge_metadata(r, &read->table, &base,
						      through->offset);
	}
	table = dg_sql_table_get(r, &read->table);
	if (table == NULL)
		return false;
	dg_sql_charge_table(table, through->offset);
	for (size_t c = 0; c < read->n_columns; c++) {
		const struct dg_sql_part part = {
			.column = read->columns[c],
			.hash = dg_sql_hash_column(read->columns[c]),
		};

		if (!dg_sql_charge_name(r, table, &part, through->offset))
			return false;
	}
	return true;
}

static bool
charge_reads(struct dg_sql_resolver *r, const struct dg_sql_table *through)
{
	const struct dg_sql_view *view = through->view;

	for (size_t i = 0; i < view->n_reads; i++) {
		const struct dg_sql_view_read *read = &view->reads[i];

		if (read->owner.len > 0 &&
		    !dg_str_eq(read->owner, r->context->user))
			continue;
		if (!charge_read(r, through, read))
			return false;
	}
	return true;
}

/* ---- its text ---------------------------------------------------------- */

static const struct dg_sql_limits *
limits_of(const struct dg_sql_resolver *r)
{
	return r->context->limits != NULL ? r->context->limits
					  : &dg_sql_default_limits;
}

/* NULL: another statement than one that has a view's query. */
static const struct dg_sql_node *
query_of(const struct dg_sql_node *root)
{
	switch ((int)root->kind) {
	case DG_SQL_K_CREATE_VIEW:
		return root->kid[DG_SQL_CREATE_VIEW_QUERY];
	case DG_SQL_K_CREATE_MATERIALIZED_VIEW:
		return root->kid[DG_SQL_CREATE_MATERIALIZED_VIEW_QUERY];
	case DG_SQL_K_QUERY_STATEMENT:
		return root->kid[DG_SQL_QUERY_STATEMENT_QUERY];
	default:
		return NULL;
	}
}

/* Of the text only what is no table: functions, and what is opaque. */
static enum dg_rc
charge_routines(struct dg_sql_resolver *r, const struct dg_sql_tree *tree,
		uint32_t offset, bool *whole_out)
{
	const struct dg_sql_context context = {
		.engine = r->engine,
		.limits = limits_of(r),
		.catalog = nowhere,
		.schema = nowhere,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;
	enum dg_rc rc;

	*whole_out = false;
	rc = dg_sql_analyze(tree, &context, r->arena, &analysis, &err);
	if (rc != DG_OK)
		return rc;
	for (size_t i = 0; i < analysis.n_access; i++) {
		const struct dg_sql_access *access = &analysis.access[i];

		if (access->action == DG_SQL_ACT_OPAQUE)
			return DG_OK;
		if (access->action != DG_SQL_ACT_FUNCTION &&
		    access->action != DG_SQL_ACT_TABLE_FUNCTION)
			continue;
		if (dg_str_eq(access->object.catalog, nowhere))
			return DG_OK;
		if (!dg_sql_add_right(r, access->action, &access->object,
				      access->name, offset))
			return r->rc;
	}
	*whole_out = true;
	return DG_OK;
}

/* In the place of the statement, with these names for what it leaves out. */
static enum dg_rc
resolve_text(struct dg_sql_resolver *r, const struct dg_sql_node *query,
	     struct dg_str catalog, struct dg_str schema, uint32_t offset)
{
	const struct dg_sql_resolver before = *r;
	enum dg_rc rc;

	r->catalog = catalog;
	r->schema = schema;
	r->pinned = true;
	r->pin = offset;
	(void)dg_sql_resolve_query(r, NULL, query, NULL);
	rc = r->rc;
	r->catalog = before.catalog;
	r->schema = before.schema;
	r->pinned = before.pinned;
	r->pin = before.pin;
	if (rc == DG_OK || rc == DG_ERR_LIMIT)
		return rc;
	/* It stopped anywhere: what it had put up is taken down. */
	r->rc = DG_OK;
	dg_map_init(&r->ctes, r->arena);
	r->n_recursive = before.n_recursive;
	r->n_around = before.n_around;
	r->constant = before.constant;
	r->sink = before.sink;
	return rc;
}

/*
 * Presto looks for rows that its materialized view lacks with SELECT * of the
 * tables beneath.
 */
static bool
takes_all(const struct dg_sql_resolver *r, const struct dg_sql_tree *tree)
{
	return r->engine.dialect == DG_SQL_PRESTO &&
	       tree->root->kind == DG_SQL_K_CREATE_MATERIALIZED_VIEW;
}

/* A limit only is an error of the statement's. */
static bool
settle(struct dg_sql_resolver *r, const struct dg_sql_table *table,
       uint32_t offset, enum dg_rc rc, bool whole)
{
	if (r->rc != DG_OK)
		return false;
	if (rc == DG_ERR_LIMIT)
		return dg_sql_refuse_limit(r);
	return (rc == DG_OK && whole) || add_unknown(r, table, offset);
}

/* for_refresh: the engine takes what its names leave out from the session. */
static bool
open_text(struct dg_sql_resolver *r, const struct dg_sql_table *table,
	  uint32_t offset, bool for_refresh)
{
	const struct dg_sql_view *view = table->view;
	const struct dg_sql_node *query;
	struct dg_sql_tree *tree;
	struct dg_sql_error err;
	bool whole = true;
	enum dg_rc rc;

	rc = dg_sql_parse(view->text, r->engine, limits_of(r), r->arena, &tree,
			  &err);
	if (rc != DG_OK)
		return settle(r, table, offset, rc, false);
	query = query_of(tree->root);
	if (query == NULL)
		return add_unknown(r, table, offset);
	if (for_refresh)
		rc = resolve_text(r, query, r->catalog, r->schema, offset);
	else if (view->is_told)
		rc = charge_routines(r, tree, offset, &whole);
	else {
		r->takes_all = takes_all(r, tree);
		rc = resolve_text(r, query, DG_STR_EMPTY, DG_STR_EMPTY, offset);
		r->takes_all = false;
	}
	return settle(r, table, offset, rc, whole);
}

static bool
open_view(struct dg_sql_resolver *r, const struct dg_sql_table *table)
{
	const struct dg_sql_view *view = table->view;

	switch (view->rights) {
	case DG_SQL_VIEW_OWNER:
		return charge_reads(r, table);
	case DG_SQL_VIEW_UNKNOWN:
		return add_unknown(r, table, table->offset);
	case DG_SQL_VIEW_READER:
		break;
	}
	return charge_reads(r, table) &&
	       open_text(r, table, table->offset, false);
}

bool
dg_sql_open_views(struct dg_sql_resolver *r)
{
	bool again = r->has_views;

	while (again) {
		again = false;
		for (struct dg_sql_table *it = r->tables; it != NULL;
		     it = it->next) {
			if (it->view == NULL || it->is_opened ||
			    (!it->read && !it->shown))
				continue;
			it->is_opened = true;
			again = true;
			if (!open_view(r, it))
				return false;
		}
	}
	return refuse_unknown(r);
}

/* Presto reads with the owner's rights then, which is none of the caller's. */
bool
dg_sql_refresh_view(struct dg_sql_resolver *r, const struct dg_sql_name *name,
		    uint32_t offset)
{
	struct dg_sql_table *table;

	if (r->engine.dialect == DG_SQL_PRESTO)
		return true;
	table = dg_sql_table_get(r, name);
	if (table == NULL)
		return false;
	if (table->is_refreshed)
		return true;
	table->is_refreshed = true;
	/* Unless that is not known it is no view, and nothing will run. */
	if (table->view == NULL) {
		dg_sql_show_table(table, offset);
		return true;
	}
	if (table->view->text.len == 0)
		return add_unknown(r, table, offset);
	return open_text(r, table, offset, true);
}

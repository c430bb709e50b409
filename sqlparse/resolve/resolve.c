/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c - dg_sql_analyze, and what all of the resolver shares.
 *
 * The parts: statement.c and what its header names (what a statement
 * does), query.c (WITH, set operations, SELECT), relation.c
 * (FROM), expr.c (expressions), lazy.c (what is read of
 * columns that are passed on), pattern.c (row patterns),
 * json.c (JSON), scope.c (which column a name means),
 * columns.c (sets of columns), table.c (tables and rights),
 * access.c (the answer), fold.c (when names are the same).
 */
#include "resolve/resolve.h"

#include <stdarg.h>

#include "base/assert.h"
#include "resolve/access.h"
#include "resolve/fold.h"
#include "scan/error.h"
#include "scan/token.h"

#undef dg_sql_refuse /* resolve.h, for the analyzer */
#undef dg_sql_refuse_limit
#undef dg_sql_refuse_as

bool
dg_sql_refuse(struct dg_sql_resolver *r, enum dg_sql_error_kind kind,
	      const struct dg_sql_node *node, const char *fmt, ...)
{
	va_list ap;

	if (r->rc != DG_OK)
		return false;
	va_start(ap, fmt);
	r->rc = dg_sql_vfail(r->err, kind, r->text, dg_sql_at(r, node), fmt,
			     ap);
	va_end(ap);
	return false;
}

bool
dg_sql_refuse_limit(struct dg_sql_resolver *r)
{
	if (r->rc != DG_OK)
		return false;
	r->rc = dg_sql_fail(r->err, DG_SQL_E_LIMIT, r->text,
			    r->pinned ? r->pin : 0,
			    "Statement is too large: resolving its names takes "
			    "more memory than is allowed");
	return false;
}

bool
dg_sql_refuse_kind(struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return dg_sql_refuse(r, DG_SQL_E_UNSUPPORTED, node,
			     "Cannot account for '%s' at this place",
			     dg_sql_kind_name((enum dg_sql_kind)node->kind));
}

bool
dg_sql_refuse_as(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		 enum dg_sql_refused what)
{
	static const char *const reasons[] = {
#define DG_SQL_REFUSED(id, dialect, what, example, reason) reason,
#include "sqlparse/opaque.def"
	};

	return dg_sql_refuse(r, DG_SQL_E_UNSUPPORTED, node, "%s",
			     reasons[what]);
}

bool
dg_sql_refuse_steps(struct dg_sql_resolver *r)
{
	if (r->rc == DG_OK)
		r->rc = dg_sql_fail(r->err, DG_SQL_E_LIMIT, r->text,
				    r->pinned ? r->pin : 0,
				    "Statement has too many names over too "
				    "many relations");
	return false;
}

void *
dg_sql_alloc(struct dg_sql_resolver *r, size_t count, size_t size)
{
	void *memory = dg_arena_alloc_array(r->arena, count, size);

	if (memory == NULL)
		dg_sql_refuse_limit(r);
	return memory;
}

static bool
check_fold(struct dg_sql_resolver *r, const struct dg_sql_node *id,
	   enum dg_rc rc)
{
	if (rc == DG_OK)
		return true;
	if (rc == DG_ERR_LIMIT)
		return dg_sql_refuse_limit(r);
	return dg_sql_refuse_as(r, id, DG_SQL_REFUSED_NAME_CASE);
}

bool
dg_sql_fold_id(struct dg_sql_resolver *r, const struct dg_sql_node *id,
	       struct dg_str *name_out)
{
	*name_out = id->text;
	if ((id->flags & DG_SQL_F_FOLDED) != 0)
		return true;
	return check_fold(r, id,
			  dg_sql_fold_name(r->arena, id->text, name_out));
}

bool
dg_sql_fold_column_id(struct dg_sql_resolver *r, const struct dg_sql_node *id,
		      struct dg_str *name_out)
{
	*name_out = id->text;
	if ((id->flags & DG_SQL_F_FOLDED) != 0)
		return true;
	return check_fold(r, id,
			  dg_sql_fold_column(r->arena, r->engine.dialect,
					     id->text, name_out));
}

bool
dg_sql_fold_qname(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
		  const char *what, struct dg_str *parts, size_t room,
		  size_t *n_out)
{
	size_t n = 0;

	DG_SQL_FOREACH(id, qname->kid[DG_SQL_QNAME_PARTS])
	{
		if (n == room)
			return dg_sql_refuse(r, DG_SQL_E_PARTS, qname,
					     "Too many dots in %s name", what);
		if (!dg_sql_fold_id(r, id, &parts[n++]))
			return false;
	}
	*n_out = n;
	return true;
}

bool
dg_sql_fold_part(struct dg_sql_resolver *r, const struct dg_sql_node *id,
		 struct dg_sql_part *part_out)
{
	enum dg_rc rc;

	if (!dg_sql_fold_column_id(r, id, &part_out->column))
		return false;
	part_out->name = part_out->column;
	if (part_out->column.data != id->text.data &&
	    !dg_str_is_ascii(id->text)) {
		/* A qualifier with such letters may well be an alias. */
		rc = dg_sql_fold_name(r->arena, id->text, &part_out->name);
		if (rc == DG_ERR_UNSUPPORTED)
			part_out->name = id->text;
		else if (!check_fold(r, id, rc))
			return false;
	}
	return true;
}

bool
dg_sql_is_scalar(const struct dg_sql_node *node)
{
	node = dg_sql_strip_parens(node);
	while (node->kind == DG_SQL_K_UNARY_OP)
		node = dg_sql_strip_parens(node->kid[DG_SQL_UNARY_OP_VALUE]);
	return node->kind == DG_SQL_K_NUMBER || node->kind == DG_SQL_K_STRING ||
	       node->kind == DG_SQL_K_BOOLEAN || node->kind == DG_SQL_K_BINARY;
}

static bool
fold_session(struct dg_sql_resolver *r, struct dg_str name,
	     struct dg_str *name_out)
{
	enum dg_rc rc = dg_sql_fold_name(r->arena, name, name_out);

	if (rc == DG_ERR_LIMIT)
		return dg_sql_refuse_limit(r);
	if (rc == DG_OK)
		return true;
	r->rc = dg_sql_fail(r->err, DG_SQL_E_UNSUPPORTED, r->text, 0,
			    "The lower case of the session's catalog or schema "
			    "depends on its letters' neighbours: write it in "
			    "lower case");
	return false;
}

/*
 * A refusal may be for want of columns that are still to be fetched: then it is
 * none yet. A failure to say which ones takes its place.
 */
static void
reconsider(struct dg_sql_resolver *r, struct dg_sql_analysis *analysis)
{
	enum dg_rc refused = r->rc;

	if (refused == DG_ERR_LIMIT)
		return;
	r->rc = DG_OK;
	if (dg_sql_access_collect_pending(r, analysis) &&
	    analysis->n_pending == 0)
		r->rc = refused;
}

enum dg_rc
dg_sql_analyze(const struct dg_sql_tree *tree,
	       const struct dg_sql_context *context, struct dg_arena *arena,
	       struct dg_sql_analysis *analysis_out, struct dg_sql_error *err)
{
	struct dg_sql_analysis analysis = {
		.statement = tree->statement,
		.read_only = true,
	};
	struct dg_sql_resolver r = {
		.context = context,
		.arena = arena,
		.err = err,
		.text = tree->text,
		.engine = tree->engine,
	};

	dg_map_init(&r.ctes, arena);
	dg_map_init(&r.table_map, arena);
	dg_map_init(&r.right_map, arena);
	if (!fold_session(&r, context->catalog, &r.catalog) ||
	    !fold_session(&r, context->schema, &r.schema))
		return r.rc;
	if (dg_sql_resolve_statement(&r, tree->root, &analysis) &&
	    r.rc == DG_OK && dg_sql_open_views(&r) && dg_sql_settle_lazies(&r))
		dg_sql_access_collect(&r, &analysis);
	else
		reconsider(&r, &analysis);
	if (r.rc == DG_OK)
		*analysis_out = analysis;
	return r.rc;
}

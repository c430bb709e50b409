/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c - queries: WITH, set operations, SELECT and its clauses.
 *
 * Clauses are visited in the engine's order, so that of several mistakes we
 * report the one that it would. A CTE is resolved once, used or not; whoever
 * names it shares its columns.
 */
#include "resolve/resolve.h"

#include "ast/kind_cases.h"
#include "base/assert.h"

/* ---- WITH -------------------------------------------------------------- */

static bool
bind_cte(struct dg_sql_resolver *r, struct dg_sql_cte *cte,
	 struct dg_sql_cte **frame)
{
	void *shadowed;

	if (dg_map_put(&r->ctes, cte->name, cte, &shadowed) != DG_OK)
		return dg_sql_refuse_limit(r);
	cte->shadowed = shadowed;
	cte->next = *frame;
	*frame = cte;
	return true;
}

/* The names mean again what they meant outside; there_was_none: nothing. */
static bool
unbind_ctes(struct dg_sql_resolver *r, struct dg_sql_cte *frame,
	    bool there_was_none)
{
	if (frame != NULL && there_was_none) {
		dg_map_init(&r->ctes, r->arena);
		return true;
	}
	for (; frame != NULL; frame = frame->next) {
		if (frame->shadowed == NULL)
			dg_map_remove(&r->ctes, frame->name);
		else if (dg_map_put(&r->ctes, frame->name, frame->shadowed,
				    NULL) != DG_OK)
			return dg_sql_refuse_limit(r);
	}
	return true;
}

static bool resolve_body(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *outer,
			 const struct dg_sql_node *node,
			 struct dg_sql_shape *shape);

/* What it shows under the names of `c(a, b)`. */
static bool
name_cte(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	 struct dg_sql_cte *cte, const struct dg_sql_shape *shape)
{
	const struct dg_sql_node *columns = node->kid[DG_SQL_CTE_COLUMNS];
	const struct dg_sql_set *set = shape->set;

	DG_ASSERT(set != NULL);
	cte->set = shape->set;
	cte->lazies = shape->lazies;
	if (dg_sql_list_first(columns) == NULL)
		return true;
	if (set->open) {
		/* Which position is whose? */
		if (!dg_sql_use_lazies(r, shape->lazies, set->n))
			return false;
		cte->lazies = NULL;
	}
	cte->set = dg_sql_set_of_ids(r, columns);
	if (cte->set == NULL)
		return false;
	if (!set->open && set->n != cte->set->n)
		return dg_sql_refuse(
			r, DG_SQL_E_ALIASES, dg_sql_list_first(columns),
			"Column alias list has %u entries but relation has %u "
			"columns",
			cte->set->n, set->n);
	return true;
}

/* `anchor UNION step` with nothing around it, and named columns. */
static const struct dg_sql_node *
recursive_union(const struct dg_sql_node *node)
{
	const struct dg_sql_node *query = node->kid[DG_SQL_CTE_QUERY];
	const struct dg_sql_node *body = query->kid[DG_SQL_QUERY_BODY];

	if (query->kid[DG_SQL_QUERY_WITH] != NULL ||
	    query->kid[DG_SQL_QUERY_ORDER] != NULL ||
	    query->kid[DG_SQL_QUERY_OFFSET] != NULL ||
	    query->kid[DG_SQL_QUERY_LIMIT] != NULL)
		return NULL;
	if (body->kind != DG_SQL_K_SET_OP || body->op != DG_SQL_OP_UNION)
		return NULL;
	return body;
}

/*
 * Under RECURSIVE an entry's own name never means a table: in the step it is
 * the anchor's rows, anywhere else it is refused.
 */
static bool
resolve_recursive_cte(struct dg_sql_resolver *r,
		      const struct dg_sql_scope *outer,
		      const struct dg_sql_node *node, struct dg_sql_cte *cte,
		      struct dg_sql_cte **frame)
{
	const struct dg_sql_node *recursive = recursive_union(node);
	struct dg_sql_shape shape = {.set = NULL};

	if (dg_sql_list_first(node->kid[DG_SQL_CTE_COLUMNS]) == NULL)
		return dg_sql_refuse(r, DG_SQL_E_NO_ALIASES, node,
				     "Missing column aliases in recursive WITH "
				     "query");
	if (!bind_cte(r, cte, frame))
		return false;
	if (recursive == NULL)
		return dg_sql_resolve_query(
			       r, outer, node->kid[DG_SQL_CTE_QUERY], &shape) &&
		       name_cte(r, node, cte, &shape);
	return resolve_body(r, outer, recursive->kid[DG_SQL_SET_OP_LEFT],
			    &shape) &&
	       name_cte(r, node, cte, &shape) &&
	       resolve_body(r, outer, recursive->kid[DG_SQL_SET_OP_RIGHT],
			    NULL);
}

/*
 * A recursive entry with another WITH entry of its name inside: Trino then
 * takes no reference to it for recursive, and reads a table of that name.
 */
static bool
check_not_inside_itself(struct dg_sql_resolver *r,
			const struct dg_sql_node *node,
			const struct dg_sql_cte *cte)
{
	const struct dg_sql_cte *around;

	if (r->n_recursive == 0)
		return true;
	around = dg_map_get(&r->ctes, cte->name);
	for (; around != NULL; around = around->shadowed)
		if (around->recursive)
			return dg_sql_refuse_as(
				r, node, DG_SQL_REFUSED_RECURSIVE_SHADOWED);
	return true;
}

static bool
resolve_cte(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	    const struct dg_sql_node *node, bool recursive,
	    struct dg_sql_cte **frame)
{
	struct dg_sql_shape shape = {.keep = true};
	const struct dg_sql_cte *same;
	struct dg_sql_cte *cte = dg_sql_alloc(r, 1, sizeof(*cte));

	if (cte == NULL ||
	    !dg_sql_fold_id(r, node->kid[DG_SQL_CTE_NAME], &cte->name) ||
	    !check_not_inside_itself(r, node, cte))
		return false;
	cte->frame = frame;
	same = dg_map_get(&r->ctes, cte->name);
	if (same != NULL && same->frame == frame)
		return dg_sql_refuse(r, DG_SQL_E_SAME_QUERY, node,
				     "WITH query name '%.*s' specified more "
				     "than once",
				     DG_STR_ARG(cte->name));
	if (recursive) {
		bool ok;

		cte->recursive = true;
		r->n_recursive++;
		ok = resolve_recursive_cte(r, outer, node, cte, frame);
		r->n_recursive--;
		cte->recursive = false;
		return ok;
	}
	r->n_around++;
	if (!dg_sql_resolve_query(r, outer, node->kid[DG_SQL_CTE_QUERY],
				  &shape))
		return false;
	r->n_around--;
	return name_cte(r, node, cte, &shape) && bind_cte(r, cte, frame);
}

static bool
resolve_with(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	     const struct dg_sql_node *with, struct dg_sql_cte **frame)
{
	bool recursive = (with->flags & DG_SQL_F_RECURSIVE) != 0;

	if (recursive && r->engine.dialect == DG_SQL_PRESTO)
		return dg_sql_refuse(
			r, DG_SQL_E_RECURSION, with,
			"Recursive WITH queries are not supported");
	DG_SQL_FOREACH(function, with->kid[DG_SQL_WITH_FUNCTIONS])
	{
		if (!dg_sql_resolve_routine(r, function))
			return false;
	}
	DG_SQL_FOREACH(cte, with->kid[DG_SQL_WITH_CTES])
	{
		if (!resolve_cte(r, outer, cte, recursive, frame))
			return false;
	}
	return true;
}

/* ---- SELECT ------------------------------------------------------------ */

/* A column without alias: the last part of its name, or none. */
static bool
name_item(struct dg_sql_resolver *r, const struct dg_sql_node *item,
	  struct dg_sql_names *names, struct dg_sql_lazy *lazy)
{
	const struct dg_sql_node *id = item->kid[DG_SQL_SELECT_ITEM_ALIAS];
	struct dg_str name = {NULL, 0};

	if (id == NULL) {
		const struct dg_sql_node *expr =
			dg_sql_strip_parens(item->kid[DG_SQL_SELECT_ITEM_EXPR]);

		if (expr->kind == DG_SQL_K_ID)
			id = expr;
		else if (expr->kind == DG_SQL_K_DEREF && dg_sql_is_chain(expr))
			id = expr->kid[DG_SQL_DEREF_FIELD];
	}
	if (id != NULL && !dg_sql_fold_column_id(r, id, &name))
		return false;
	return dg_sql_names_add_lazy(r, names, name, lazy);
}

/*
 * What the expression reads, to be charged when its column is used. Of a WITH
 * query that nobody refers to, Presto's rule drops the columns, but not what
 * subqueries in its items read; who refers to it, shows when it is over.
 */
static bool
keep_item(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	  const struct dg_sql_node *expr, struct dg_sql_lazy **lazy_out)
{
	struct dg_sql_lazy *sink = r->sink;
	uint32_t n_queries = r->n_queries;
	struct dg_sql_trace trace;
	struct dg_sql_lazy *lazy;

	*lazy_out = NULL;
	if (r->context->accounting == DG_SQL_STRICT)
		return dg_sql_trace_expr(r, scope, expr, &trace) &&
		       dg_sql_keep_trace(r, &trace, lazy_out);
	lazy = dg_sql_lazy_create(r);
	if (lazy == NULL)
		return false;
	r->sink = lazy;
	if (!dg_sql_trace_expr(r, scope, expr, &trace))
		return false;
	r->sink = sink;
	lazy->counts = r->n_around > 0 && r->n_queries > n_queries;
	/* Subscripts and the like read more than the value itself. */
	if (lazy->charges == NULL)
		return dg_sql_keep_trace(r, &trace, lazy_out);
	r->sink = lazy;
	*lazy_out = lazy;
	if (!dg_sql_charge_trace(r, &trace))
		return false;
	r->sink = sink;
	return true;
}

static bool
expand_all(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	   const struct dg_sql_node *star, struct dg_sql_names *names)
{
	if (scope->lo == scope->hi)
		return dg_sql_refuse(r, DG_SQL_E_NO_COLUMN, star,
				     "SELECT * not allowed in queries without "
				     "FROM clause");
	for (uint32_t i = scope->lo; i < scope->hi; i++)
		if (!dg_sql_expand_source(r, &scope->from->items[i], names,
					  dg_sql_at(r, star)))
			return false;
	return true;
}

/* `x.*`: the relation x, or else the fields of the row x. */
static bool
expand_target(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *target, struct dg_sql_names *names)
{
	bool bound = false;

	if (dg_sql_is_chain(target) &&
	    !dg_sql_resolve_star(r, scope, target, names, &bound))
		return false;
	if (bound)
		return true;
	if (names != NULL)
		names->open = true;
	return dg_sql_resolve_expr(r, scope, target);
}

static bool
resolve_star(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *star, struct dg_sql_names *names)
{
	const struct dg_sql_node *target = star->kid[DG_SQL_SELECT_STAR_TARGET];
	const struct dg_sql_node *aliases =
		star->kid[DG_SQL_SELECT_STAR_ALIASES];
	struct dg_str name;

	if (target == NULL)
		return expand_all(r, scope, star, names);
	if (dg_sql_list_first(aliases) == NULL)
		return expand_target(r, scope, target, names);
	if (!expand_target(r, scope, target, NULL))
		return false;
	DG_SQL_FOREACH(id, names == NULL ? NULL : aliases)
	{
		if (!dg_sql_fold_column_id(r, id, &name) ||
		    !dg_sql_names_add(r, names, name))
			return false;
	}
	return true;
}

static bool
resolve_item(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *item, struct dg_sql_names *names)
{
	const struct dg_sql_node *expr = item->kid[DG_SQL_SELECT_ITEM_EXPR];
	struct dg_sql_lazy *lazy;

	if (item->kind == DG_SQL_K_SELECT_STAR)
		return resolve_star(r, scope, item, names);
	if (item->kind != DG_SQL_K_SELECT_ITEM)
		return dg_sql_refuse_kind(r, item);
	if (names == NULL || !names->keep)
		return dg_sql_resolve_expr(r, scope, expr) &&
		       (names == NULL || name_item(r, item, names, NULL));
	return keep_item(r, scope, expr, &lazy) &&
	       name_item(r, item, names, lazy);
}

/* `select * from c`: the columns of c itself, not a copy for each reader. */
static const struct dg_sql_source *
whole_source(const struct dg_sql_scope *scope, const struct dg_sql_node *items)
{
	const struct dg_sql_node *item = dg_sql_list_first(items);

	if (item->next != NULL || item->kind != DG_SQL_K_SELECT_STAR ||
	    item->kid[DG_SQL_SELECT_STAR_TARGET] != NULL ||
	    scope->hi - scope->lo != 1)
		return NULL;
	return &scope->from->items[scope->lo];
}

/* Can c show what its columns are made of to who reads it through this? */
static bool
passes_through(const struct dg_sql_source *source, bool keep)
{
	return keep && source->table == NULL && source->origins == NULL;
}

/* shape: NULL, or what the items show is put there. */
static bool
resolve_items(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *items, struct dg_sql_shape *shape)
{
	bool keep = shape != NULL && shape->keep;
	struct dg_sql_names names = {.keep = keep};
	struct dg_sql_names *wanted = shape == NULL ? NULL : &names;
	const struct dg_sql_source *whole =
		shape == NULL ? NULL : whole_source(scope, items);

	if (whole != NULL && passes_through(whole, keep)) {
		shape->set = whole->set;
		shape->lazies = whole->lazies;
		return true;
	}
	if (whole != NULL && !(keep && dg_sql_can_keep(r, whole))) {
		shape->set = whole->set;
		wanted = NULL;
	}
	DG_SQL_FOREACH(item, items)
	{
		if (!resolve_item(r, scope, item, wanted))
			return false;
	}
	if (wanted == NULL)
		return true;
	shape->set = dg_sql_names_finish(r, wanted);
	shape->lazies = names.lazies;
	return shape->set != NULL;
}

/* Neither an ordinal nor what could hold one, as far as is sure. */
static bool
is_no_ordinal(const struct dg_sql_node *expr)
{
	return expr->kind == DG_SQL_K_ID || expr->kind == DG_SQL_K_DEREF ||
	       expr->kind == DG_SQL_K_SUBSCRIPT ||
	       expr->kind == DG_SQL_K_CALL || expr->kind == DG_SQL_K_CAST ||
	       expr->kind == DG_SQL_K_BINARY_OP || expr->kind == DG_SQL_K_CASE;
}

/*
 * GROUP BY 2, ORDER BY 2 use all of the second item. What could hold an
 * ordinal, or stands for the items themselves (AUTO), uses all of them.
 */
static bool
use_ordinals(struct dg_sql_resolver *r, const struct dg_sql_shape *shape,
	     const struct dg_sql_node *list)
{
	if (shape->lazies == NULL)
		return true;
	DG_SQL_FOREACH(it, list)
	{
		const struct dg_sql_node *expr = it;

		if (expr->kind == DG_SQL_K_SORT_ITEM)
			expr = expr->kid[DG_SQL_SORT_ITEM_EXPR];
		if (!is_no_ordinal(dg_sql_strip_parens(expr)))
			return dg_sql_use_lazies(r, shape->lazies,
						 shape->set->n);
	}
	return true;
}

static bool
resolve_windows(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		const struct dg_sql_node *windows)
{
	DG_SQL_FOREACH(window, windows)
	{
		if (!dg_sql_resolve_window(r, scope,
					   window->kid[DG_SQL_WINDOW_DEF_SPEC]))
			return false;
	}
	return true;
}

static bool
resolve_group(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_shape *shape, const struct dg_sql_node *group)
{
	const struct dg_sql_node *elements;

	if (group == NULL)
		return true;
	elements = group->kid[DG_SQL_GROUP_BY_ELEMENTS];
	return use_ordinals(r, shape, elements) &&
	       dg_sql_resolve_list(r, scope, elements);
}

/* ORDER BY sees the columns put out first, then what `parent` does. */
static bool
resolve_order(struct dg_sql_resolver *r, const struct dg_sql_scope *parent,
	      const struct dg_sql_shape *shape, const struct dg_sql_node *order)
{
	struct dg_sql_source source = {
		.alias = shape->alias,
		.n_alias = shape->n_alias,
		.set = shape->set,
		.lazies = shape->lazies,
	};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope scope = {parent, &from, 0, 1};

	return use_ordinals(r, shape, order) &&
	       dg_sql_resolve_list(r, &scope, order);
}

static bool
resolve_select(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	       const struct dg_sql_node *node, const struct dg_sql_node *order,
	       struct dg_sql_shape *shape)
{
	struct dg_sql_from from = {.n = 0};
	struct dg_sql_scope scope = {outer, &from, 0, 0};
	struct dg_sql_shape own = {.set = NULL};
	bool named = shape != NULL || order != NULL;

	/* DISTINCT: how many rows there are depends on all of each item. */
	own.keep = shape != NULL && shape->keep &&
		   (node->flags & DG_SQL_F_DISTINCT) == 0;

	if (!dg_sql_resolve_from(r, outer, &from,
				 node->kid[DG_SQL_SELECT_FROM]))
		return false;
	scope.hi = from.n;
	if (!resolve_windows(r, &scope, node->kid[DG_SQL_SELECT_WINDOWS]) ||
	    !dg_sql_resolve_expr(r, &scope, node->kid[DG_SQL_SELECT_WHERE]) ||
	    !resolve_items(r, &scope, node->kid[DG_SQL_SELECT_ITEMS],
			   named ? &own : NULL) ||
	    !resolve_group(r, &scope, &own, node->kid[DG_SQL_SELECT_GROUP]) ||
	    !dg_sql_resolve_expr(r, &scope, node->kid[DG_SQL_SELECT_HAVING]))
		return false;
	if (order != NULL && !resolve_order(r, &scope, &own, order))
		return false;
	if (shape != NULL)
		*shape = own;
	return true;
}

/* ---- other bodies ------------------------------------------------------ */

/* The columns of a row of VALUES; what is no row constructor may be a row. */
static bool
name_row(struct dg_sql_resolver *r, const struct dg_sql_node *row,
	 struct dg_sql_names *names)
{
	row = dg_sql_strip_parens(row);
	if (row->kind != DG_SQL_K_ROW_EXPR) {
		names->open = !dg_sql_is_scalar(row);
		return dg_sql_names_add(r, names, (struct dg_str){NULL, 0});
	}
	DG_SQL_FOREACH(item, row->kid[DG_SQL_ROW_EXPR_ITEMS])
	{
		struct dg_str name = {NULL, 0};

		if (item->kind == DG_SQL_K_ROW_FIELD &&
		    !dg_sql_fold_column_id(r, item->kid[DG_SQL_ROW_FIELD_NAME],
					   &name))
			return false;
		if (!dg_sql_names_add(r, names, name))
			return false;
	}
	return true;
}

static bool
resolve_values(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	       const struct dg_sql_node *node, struct dg_sql_shape *shape)
{
	const struct dg_sql_node *rows = node->kid[DG_SQL_VALUES_ROWS];
	struct dg_sql_names names = {.n = 0};

	if (!dg_sql_resolve_list(r, outer, rows))
		return false;
	if (shape == NULL)
		return true;
	if (!name_row(r, dg_sql_list_first(rows), &names))
		return false;
	shape->set = dg_sql_names_finish(r, &names);
	return shape->set != NULL;
}

/* What both sides of CORRESPONDING show, or the names that it lists. */
static bool
correspond(struct dg_sql_resolver *r, const struct dg_sql_node *list,
	   const struct dg_sql_shape *right, struct dg_sql_shape *shape)
{
	struct dg_sql_names names = {.open = shape->set->open};

	if (dg_sql_list_first(list) != NULL) {
		shape->set = dg_sql_set_of_ids(r, list);
		return shape->set != NULL;
	}
	for (uint32_t i = 0; i < shape->set->n; i++) {
		struct dg_sql_part part = {.column = shape->set->names[i]};

		if (part.column.data == NULL)
			continue;
		part.hash = dg_sql_hash_column(part.column);
		if (!right->set->open &&
		    dg_sql_set_find(r, right->set, &part) == DG_SQL_NO_COLUMN)
			continue;
		if (!dg_sql_names_add(r, &names, part.column))
			return false;
	}
	shape->set = dg_sql_names_finish(r, &names);
	return shape->set != NULL;
}

static bool
resolve_operand(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		const struct dg_sql_node *op, struct dg_sql_shape *shape)
{
	const struct dg_sql_node *list = op->kid[DG_SQL_SET_OP_CORRESPONDING];
	struct dg_sql_shape right = {.set = NULL};
	bool compare = list != NULL && shape != NULL;

	if (!resolve_body(r, outer, op->kid[DG_SQL_SET_OP_RIGHT],
			  compare ? &right : NULL))
		return false;
	return !compare || correspond(r, list, &right, shape);
}

/* Operations of one chain, from the leftmost query to the right (ast.h). */
static bool
resolve_set_ops(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		const struct dg_sql_node *top, struct dg_sql_shape *shape)
{
	const struct dg_sql_node *op = dg_sql_chain_bottom(top);

	if (shape != NULL)
		shape->keep = false; /* which rows there are depends on all */
	if (!resolve_body(r, outer, op->kid[DG_SQL_SET_OP_LEFT], shape))
		return false;
	if (shape != NULL)
		shape->n_alias = 0; /* `table t union ..` has lost its t */
	for (;;) {
		if (!resolve_operand(r, outer, op, shape))
			return false;
		if (op == top)
			return true;
		op = op->next;
	}
}

static bool
resolve_body(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	     const struct dg_sql_node *node, struct dg_sql_shape *shape)
{
	switch ((enum dg_sql_kind)node->kind) {
	case DG_SQL_K_SELECT:
		return resolve_select(r, outer, node, NULL, shape);
	case DG_SQL_K_SET_OP:
		return resolve_set_ops(r, outer, node, shape);
	case DG_SQL_K_SUBQUERY:
		return dg_sql_resolve_query(
			r, outer, node->kid[DG_SQL_SUBQUERY_QUERY], shape);
	case DG_SQL_K_TABLE_QUERY:
		return dg_sql_resolve_table_query(r, node, shape);
	case DG_SQL_K_VALUES:
		return resolve_values(r, outer, node, shape);
		DG_SQL_CASES_STATEMENT
		DG_SQL_CASES_RELATION
		DG_SQL_CASES_EXPRESSION
		DG_SQL_CASES_PART
		break;
	}
	return dg_sql_refuse_kind(r, node);
}

/* ---- the whole --------------------------------------------------------- */

/*
 * ORDER BY belongs to a SELECT when that is all of the body; behind anything
 * else it sees no more than what is put out.
 */
static bool
resolve_ordered_body(struct dg_sql_resolver *r,
		     const struct dg_sql_scope *outer,
		     const struct dg_sql_node *query,
		     struct dg_sql_shape *shape)
{
	const struct dg_sql_node *body = query->kid[DG_SQL_QUERY_BODY];
	const struct dg_sql_node *order = query->kid[DG_SQL_QUERY_ORDER];
	struct dg_sql_shape own = {.set = NULL};

	if (order == NULL)
		return resolve_body(r, outer, body, shape);
	if (body->kind == DG_SQL_K_SELECT)
		return resolve_select(r, outer, body, order, shape);
	if (!resolve_body(r, outer, body, &own) ||
	    !resolve_order(r, outer, &own, order))
		return false;
	if (shape != NULL)
		*shape = own;
	return true;
}

/* OFFSET n, LIMIT n: constants and parameters. */
static bool
resolve_bound(struct dg_sql_resolver *r, const struct dg_sql_node *bound)
{
	if (bound != NULL && bound->kind == DG_SQL_K_LIMIT)
		bound = bound->kid[DG_SQL_LIMIT_COUNT];
	return dg_sql_resolve_expr(r, NULL, bound);
}

bool
dg_sql_resolve_query(struct dg_sql_resolver *r,
		     const struct dg_sql_scope *outer,
		     const struct dg_sql_node *query,
		     struct dg_sql_shape *shape)
{
	const struct dg_sql_node *with = query->kid[DG_SQL_QUERY_WITH];
	bool is_first = r->ctes.count == 0;
	struct dg_sql_cte *frame = NULL;

	if (r->constant)
		return dg_sql_refuse_as(r, query,
					DG_SQL_REFUSED_USING_SUBQUERY);
	r->n_queries++;
	if (with != NULL && !resolve_with(r, outer, with, &frame))
		return false;
	return resolve_ordered_body(r, outer, query, shape) &&
	       resolve_bound(r, query->kid[DG_SQL_QUERY_OFFSET]) &&
	       resolve_bound(r, query->kid[DG_SQL_QUERY_LIMIT]) &&
	       unbind_ctes(r, frame, is_first);
}

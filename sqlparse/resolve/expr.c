/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expr.c - expressions: every name in them, whatever becomes of it.
 *
 * Nothing is simplified: a branch that is never taken, the other side of
 * `false and ..`, an argument that the function ignores all count, as they do
 * for the engine. Long chains of operators are walked without recursion.
 */
#include "resolve/resolve.h"

#include "ast/kind_cases.h"
#include "scan/gate.h"

/* Operators of one chain, from the leftmost operand to the right (ast.h). */
static bool
resolve_operators(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		  const struct dg_sql_node *top)
{
	const struct dg_sql_node *op = dg_sql_chain_bottom(top);

	if (!dg_sql_resolve_expr(r, scope, op->kid[DG_SQL_BINARY_OP_LEFT]))
		return false;
	for (;;) {
		if (!dg_sql_resolve_expr(r, scope,
					 op->kid[DG_SQL_BINARY_OP_RIGHT]))
			return false;
		if (op == top)
			return true;
		op = op->next;
	}
}

/* An element of an array has the array's fields; of a row or map, all. */
static bool
trace_subscript(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		const struct dg_sql_node *node, struct dg_sql_trace *trace)
{
	if (!dg_sql_trace_expr(r, scope, node->kid[DG_SQL_SUBSCRIPT_BASE],
			       trace))
		return false;
	trace->type = dg_sql_type_element(trace->type);
	return dg_sql_resolve_expr(r, scope, node->kid[DG_SQL_SUBSCRIPT_INDEX]);
}

/* A field of what is no name: `a[1].b`, `f(x).a.b`. */
static bool
trace_deref(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	    const struct dg_sql_node *node, struct dg_sql_trace *trace)
{
	const struct dg_sql_node *base = node;
	uint32_t n = 0;

	for (; base->kind == DG_SQL_K_DEREF; n++)
		base = dg_sql_strip_parens(base->kid[DG_SQL_DEREF_BASE]);
	return dg_sql_trace_expr(r, scope, base, trace) &&
	       dg_sql_trace_fields(r, trace, node, n);
}

bool
dg_sql_trace_expr(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		  const struct dg_sql_node *node,
		  struct dg_sql_trace *trace_out)
{
	node = dg_sql_strip_parens(node);
	*trace_out = (struct dg_sql_trace){.table = NULL};
	if (dg_sql_is_chain(node))
		return dg_sql_trace_chain(r, scope, node, trace_out);
	if (node->kind == DG_SQL_K_DEREF)
		return trace_deref(r, scope, node, trace_out);
	if (node->kind == DG_SQL_K_SUBSCRIPT)
		return trace_subscript(r, scope, node, trace_out);
	return dg_sql_resolve_expr(r, scope, node);
}

static bool
resolve_trace(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *node)
{
	struct dg_sql_trace trace;

	return dg_sql_trace_expr(r, scope, node, &trace) &&
	       dg_sql_charge_trace(r, &trace);
}

static bool
resolve_deref(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *node)
{
	return dg_sql_is_chain(node) ? dg_sql_resolve_chain(r, scope, node)
				     : resolve_trace(r, scope, node);
}

/* Parameters shadow columns in the body. */
static bool
resolve_lambda(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	       const struct dg_sql_node *node)
{
	struct dg_sql_source source = {.alias = NULL};
	struct dg_sql_from from = {&source, 1, 1};
	const struct dg_sql_scope inner = {scope, &from, 0, 1};

	source.set = dg_sql_set_of_ids(r, node->kid[DG_SQL_LAMBDA_PARAMS]);
	return source.set != NULL &&
	       dg_sql_resolve_expr(r, &inner, node->kid[DG_SQL_LAMBDA_BODY]);
}

/* ---- calls ------------------------------------------------------------- */

/* Functions of the engine itself need no right. */
static bool
is_builtin(const struct dg_sql_resolver *r, const struct dg_sql_name *object)
{
	switch (r->engine.dialect) {
	case DG_SQL_TRINO:
		return dg_str_eq(object->catalog, DG_STR("system")) &&
		       dg_str_eq(object->schema, DG_STR("builtin"));
	case DG_SQL_PRESTO:
		return dg_str_eq(object->catalog, DG_STR("presto")) &&
		       dg_str_eq(object->schema, DG_STR("default"));
	}
	return false;
}

/* `[catalog.]schema.f(..)`: a function that somebody made. */
static bool
add_function(struct dg_sql_resolver *r, const struct dg_sql_node *name)
{
	struct dg_sql_name object = {.catalog = r->catalog};
	const struct dg_sql_node *base =
		dg_sql_strip_parens(name->kid[DG_SQL_DEREF_BASE]);
	const struct dg_sql_node *schema = base;
	struct dg_str function;

	if (base->kind == DG_SQL_K_DEREF) {
		const struct dg_sql_node *catalog =
			dg_sql_strip_parens(base->kid[DG_SQL_DEREF_BASE]);

		schema = base->kid[DG_SQL_DEREF_FIELD];
		if (catalog->kind != DG_SQL_K_ID)
			return dg_sql_refuse(r, DG_SQL_E_NO_FUNCTION, name,
					     "Too many dots in function name");
		if (!dg_sql_fold_id(r, catalog, &object.catalog))
			return false;
	}
	if (!dg_sql_fold_id(r, schema, &object.schema) ||
	    !dg_sql_fold_id(r, name->kid[DG_SQL_DEREF_FIELD], &function))
		return false;
	if (is_builtin(r, &object))
		return true;
	return dg_sql_add_right(r, DG_SQL_ACT_FUNCTION, &object, function,
				dg_sql_at(r, name));
}

/*
 * `a.b(..)`: a method of column a where there are methods and such a column,
 * else function b of schema a.
 */
static bool
resolve_dotted_call(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *name)
{
	const struct dg_sql_node *base = name->kid[DG_SQL_DEREF_BASE];
	bool is_method = false;

	if (!dg_sql_is_chain(base))
		return dg_sql_resolve_expr(r, scope, base);
	if (dg_sql_has(r->engine, DG_SQL_G_METHOD) &&
	    !dg_sql_try_chain(r, scope, base, &is_method))
		return false;
	return is_method || add_function(r, name);
}

/* The NAME of a call: one word is the engine's own, or found by its path. */
static bool
resolve_callee(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	       const struct dg_sql_node *name)
{
	name = dg_sql_strip_parens(name);
	if (name->kind == DG_SQL_K_ID)
		return true;
	if (name->kind == DG_SQL_K_DEREF)
		return resolve_dotted_call(r, scope, name);
	return dg_sql_resolve_expr(r, scope, name);
}

/* `count(t.*)` reads what t.* would. */
static bool
resolve_call_target(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *target)
{
	bool bound = false;

	if (target == NULL)
		return true;
	if (dg_sql_is_chain(target) &&
	    !dg_sql_resolve_star(r, scope, target, NULL, &bound))
		return false;
	return bound || dg_sql_resolve_expr(r, scope, target);
}

static bool
resolve_over(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *over)
{
	if (over == NULL || over->kind == DG_SQL_K_ID)
		return true; /* a named window is resolved where it is made */
	return dg_sql_resolve_window(r, scope, over);
}

/* CLASSIFIER(A): the argument is a variable of a row pattern. */
static bool
is_label_argument(const struct dg_sql_scope *scope,
		  const struct dg_sql_node *call)
{
	const struct dg_sql_node *name = call->kid[DG_SQL_CALL_NAME];
	const struct dg_sql_node *arg =
		dg_sql_list_first(call->kid[DG_SQL_CALL_ARGS]);

	return name->kind == DG_SQL_K_ID && arg != NULL && arg->next == NULL &&
	       arg->kind == DG_SQL_K_ID &&
	       dg_str_eq_nocase(name->text, DG_STR("classifier")) &&
	       dg_sql_is_label(scope, arg);
}

static bool
resolve_call(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *node)
{
	return resolve_callee(r, scope, node->kid[DG_SQL_CALL_NAME]) &&
	       resolve_call_target(r, scope, node->kid[DG_SQL_CALL_TARGET]) &&
	       (is_label_argument(scope, node) ||
		dg_sql_resolve_list(r, scope, node->kid[DG_SQL_CALL_ARGS])) &&
	       dg_sql_resolve_list(r, scope, node->kid[DG_SQL_CALL_ORDER]) &&
	       dg_sql_resolve_list(r, scope, node->kid[DG_SQL_CALL_WITHIN]) &&
	       dg_sql_resolve_expr(r, scope, node->kid[DG_SQL_CALL_FILTER]) &&
	       resolve_over(r, scope, node->kid[DG_SQL_CALL_OVER]);
}

/* bigint, varchar(5): a type as an expression reads, with nothing in it. */
static bool
is_plain_type(const struct dg_sql_node *node)
{
	if (node->kind == DG_SQL_K_ID)
		return true;
	if (node->kind != DG_SQL_K_CALL ||
	    node->kid[DG_SQL_CALL_NAME]->kind != DG_SQL_K_ID ||
	    node->kid[DG_SQL_CALL_TARGET] != NULL ||
	    node->kid[DG_SQL_CALL_ORDER] != NULL ||
	    node->kid[DG_SQL_CALL_FILTER] != NULL ||
	    node->kid[DG_SQL_CALL_OVER] != NULL)
		return false;
	DG_SQL_FOREACH(arg, node->kid[DG_SQL_CALL_ARGS])
	{
		if (arg->kind != DG_SQL_K_NUMBER && arg->kind != DG_SQL_K_ID)
			return false;
	}
	return true;
}

/* varchar::parse('x') reads its arguments; a type of a schema is opaque. */
static bool
resolve_static_call(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *node)
{
	const struct dg_sql_node *type = node->kid[DG_SQL_STATIC_CALL_TYPE];

	if (!is_plain_type(type))
		return dg_sql_refuse_as(r, type, DG_SQL_REFUSED_STATIC_METHOD);
	return dg_sql_resolve_list(r, scope,
				   node->kid[DG_SQL_STATIC_CALL_ARGS]);
}

static bool
resolve_bound(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      const struct dg_sql_node *bound)
{
	if (bound == NULL)
		return true;
	if (bound->kind != DG_SQL_K_FRAME_BOUND)
		return dg_sql_refuse_kind(r, bound);
	return dg_sql_resolve_expr(r, scope,
				   bound->kid[DG_SQL_FRAME_BOUND_VALUE]);
}

bool
dg_sql_resolve_window(struct dg_sql_resolver *r,
		      const struct dg_sql_scope *scope,
		      const struct dg_sql_node *spec)
{
	const struct dg_sql_node *frame, *pattern;

	if (spec->kind != DG_SQL_K_WINDOW_SPEC)
		return dg_sql_refuse_kind(r, spec);
	frame = spec->kid[DG_SQL_WINDOW_SPEC_FRAME];
	if (!dg_sql_resolve_list(r, scope,
				 spec->kid[DG_SQL_WINDOW_SPEC_PARTITION]) ||
	    !dg_sql_resolve_list(r, scope, spec->kid[DG_SQL_WINDOW_SPEC_ORDER]))
		return false;
	if (frame == NULL)
		return true;
	pattern = frame->kid[DG_SQL_FRAME_PATTERN];
	return resolve_bound(r, scope, frame->kid[DG_SQL_FRAME_START]) &&
	       resolve_bound(r, scope, frame->kid[DG_SQL_FRAME_END]) &&
	       (pattern == NULL ||
		dg_sql_resolve_frame_pattern(r, scope, pattern));
}

/* ---- all --------------------------------------------------------------- */

/* Kids from first on that are expressions or queries' nodes, in order. */
static bool
resolve_kids(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *node)
{
	unsigned n = dg_sql_kind_slots((enum dg_sql_kind)node->kind);

	for (unsigned i = 0; i < n; i++)
		if (!dg_sql_resolve_expr(r, scope, node->kid[i]))
			return false;
	return true;
}

static bool
resolve_case(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct dg_sql_node *node)
{
	if (!dg_sql_resolve_expr(r, scope, node->kid[DG_SQL_CASE_OPERAND]))
		return false;
	DG_SQL_FOREACH(when, node->kid[DG_SQL_CASE_WHENS])
	{
		if (when->kind != DG_SQL_K_WHEN)
			return dg_sql_refuse_kind(r, when);
		if (!resolve_kids(r, scope, when))
			return false;
	}
	return dg_sql_resolve_expr(r, scope, node->kid[DG_SQL_CASE_ELSE]);
}

static bool
resolve_with_query(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		   const struct dg_sql_node *value,
		   const struct dg_sql_node *query)
{
	return dg_sql_resolve_expr(r, scope, value) &&
	       dg_sql_resolve_query(r, scope, query, NULL);
}

/* What an EXISTS puts out, nobody uses. */
static bool
resolve_exists(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	       const struct dg_sql_node *query)
{
	struct dg_sql_shape shape = {
		.keep = r->context->accounting == DG_SQL_UTILIZED,
	};

	return dg_sql_resolve_query(r, scope, query, &shape);
}

bool
dg_sql_resolve_list(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *list)
{
	DG_SQL_FOREACH(it, list)
	{
		if (!dg_sql_resolve_expr(r, scope, it))
			return false;
	}
	return true;
}

bool
dg_sql_resolve_each(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *list, size_t kid)
{
	DG_SQL_FOREACH(it, list)
	{
		if (!dg_sql_resolve_expr(r, scope, it->kid[kid]))
			return false;
	}
	return true;
}

bool
dg_sql_resolve_expr(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *node)
{
	node = dg_sql_strip_parens(node);
	if (node == NULL)
		return true;
	/* The commonest ones: foreseen better than one jump to all. */
	if (node->kind == DG_SQL_K_ID)
		return dg_sql_resolve_chain(r, scope, node);
	if (node->kind == DG_SQL_K_BINARY_OP)
		return resolve_operators(r, scope, node);
	if (node->kind == DG_SQL_K_DEREF)
		return resolve_deref(r, scope, node);
	switch ((enum dg_sql_kind)node->kind) {
	case DG_SQL_K_WORD:
	case DG_SQL_K_NULL_LITERAL:
	case DG_SQL_K_BOOLEAN:
	case DG_SQL_K_NUMBER:
	case DG_SQL_K_STRING:
	case DG_SQL_K_BINARY:
	case DG_SQL_K_TYPED_LITERAL:
	case DG_SQL_K_INTERVAL:
	case DG_SQL_K_PARAMETER:
	case DG_SQL_K_CURRENT:
	case DG_SQL_K_EMPTY_SET:
	case DG_SQL_K_GROUP_AUTO:
	case DG_SQL_K_CASE_OPERAND: /* resolved with the CASE */
		return true;
	case DG_SQL_K_SUBSCRIPT:
		return resolve_trace(r, scope, node);
	case DG_SQL_K_CALL:
		return resolve_call(r, scope, node);
	case DG_SQL_K_LAMBDA:
		return resolve_lambda(r, scope, node);
	case DG_SQL_K_CASE:
		return resolve_case(r, scope, node);
	case DG_SQL_K_MEASURE:
		return resolve_over(r, scope, node->kid[DG_SQL_MEASURE_OVER]);
	case DG_SQL_K_JSON_FORMATTED:
		return dg_sql_resolve_expr(
			r, scope, node->kid[DG_SQL_JSON_FORMATTED_VALUE]);
	case DG_SQL_K_JSON_EXISTS:
	case DG_SQL_K_JSON_VALUE:
	case DG_SQL_K_JSON_QUERY:
	case DG_SQL_K_JSON_OBJECT:
	case DG_SQL_K_JSON_ARRAY:
		return dg_sql_resolve_json(r, scope, node);
	case DG_SQL_K_NAMED_ARG:
		return dg_sql_resolve_expr(r, scope,
					   node->kid[DG_SQL_NAMED_ARG_VALUE]);
	case DG_SQL_K_ROW_FIELD:
		return dg_sql_resolve_expr(r, scope,
					   node->kid[DG_SQL_ROW_FIELD_EXPR]);
	case DG_SQL_K_CAST:
		return dg_sql_resolve_expr(r, scope,
					   node->kid[DG_SQL_CAST_VALUE]);
	case DG_SQL_K_ROW_EXPR:
	case DG_SQL_K_ARRAY:
	case DG_SQL_K_GROUPING:
	case DG_SQL_K_GROUPING_SETS:
	case DG_SQL_K_ROLLUP:
	case DG_SQL_K_CUBE:
		return dg_sql_resolve_list(r, scope, node->kid[0]);
	case DG_SQL_K_IN_LIST:
		return dg_sql_resolve_expr(r, scope,
					   node->kid[DG_SQL_IN_LIST_VALUE]) &&
		       dg_sql_resolve_list(r, scope,
					   node->kid[DG_SQL_IN_LIST_ITEMS]);
	case DG_SQL_K_IN_QUERY:
		return resolve_with_query(r, scope,
					  node->kid[DG_SQL_IN_QUERY_VALUE],
					  node->kid[DG_SQL_IN_QUERY_QUERY]);
	case DG_SQL_K_QUANTIFIED:
		return resolve_with_query(r, scope,
					  node->kid[DG_SQL_QUANTIFIED_LEFT],
					  node->kid[DG_SQL_QUANTIFIED_QUERY]);
	case DG_SQL_K_EXISTS:
		return resolve_exists(r, scope, node->kid[DG_SQL_EXISTS_QUERY]);
	case DG_SQL_K_UNIQUE:
		return dg_sql_resolve_query(
			r, scope, node->kid[DG_SQL_UNIQUE_QUERY], NULL);
	case DG_SQL_K_MATCH:
		return resolve_with_query(r, scope,
					  node->kid[DG_SQL_MATCH_VALUE],
					  node->kid[DG_SQL_MATCH_QUERY]);
	case DG_SQL_K_STATIC_CALL:
		return resolve_static_call(r, scope, node);
	case DG_SQL_K_SCALAR_QUERY:
		return dg_sql_resolve_query(
			r, scope, node->kid[DG_SQL_SCALAR_QUERY_QUERY], NULL);
	case DG_SQL_K_AT_ZONE:
	case DG_SQL_K_UNARY_OP:
	case DG_SQL_K_NOT:
	case DG_SQL_K_BETWEEN:
	case DG_SQL_K_LIKE:
	case DG_SQL_K_IS_NULL:
	case DG_SQL_K_IS_TRUTH:
	case DG_SQL_K_IS_DISTINCT:
	case DG_SQL_K_OVERLAPS:
	case DG_SQL_K_JSON_ACCESS:
	case DG_SQL_K_SORT_ITEM:
		return resolve_kids(r, scope, node);
	case DG_SQL_K_PAREN: /* taken off above */
	case DG_SQL_K_ID:    /* as these are */
	case DG_SQL_K_BINARY_OP:
	case DG_SQL_K_DEREF:
		DG_SQL_CASES_STATEMENT
		DG_SQL_CASES_QUERY_BODY
		DG_SQL_CASES_RELATION
		DG_SQL_CASES_PART
		break;
	}
	return dg_sql_refuse_kind(r, node);
}

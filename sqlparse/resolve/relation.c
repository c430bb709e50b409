/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relation.c - FROM: each relation becomes one or more sources.
 *
 * A join's columns are the sources of both sides, side by side in one array,
 * so that its scope is a range and nothing is copied. An alias over several
 * sources folds them into one.
 */
#include "resolve/resolve.h"

#include "ast/kind_cases.h"

static bool
is_empty_list(const struct dg_sql_node *list)
{
	return dg_sql_list_first(list) == NULL;
}

/* ---- tables ------------------------------------------------------------ */

/* The name as written, folded: what its columns can be qualified with. */
static bool
make_alias(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	   const struct dg_str **alias_out, uint32_t *n_out)
{
	struct dg_str *parts = dg_sql_alloc(r, 3, sizeof(*parts));
	size_t n;

	if (parts == NULL ||
	    !dg_sql_fold_qname(r, qname, "table", parts, 3, &n))
		return false;
	*alias_out = parts;
	*n_out = (uint32_t)n;
	return true;
}

/* The CTE that a table's name means; NULL when it is none. */
static struct dg_sql_cte *
find_cte(const struct dg_sql_resolver *r, const struct dg_str *alias,
	 uint32_t n_alias)
{
	if (n_alias != 1 || r->ctes.count == 0)
		return NULL;
	return dg_map_get(&r->ctes, alias[0]);
}

static bool
use_cte(struct dg_sql_resolver *r, const struct dg_sql_cte *cte,
	const struct dg_sql_node *node, struct dg_sql_source *source)
{
	source->set = cte->set;
	source->lazies = cte->lazies;
	if (cte->set == NULL)
		return dg_sql_refuse(r, DG_SQL_E_RECURSION, node,
				     "Recursive reference not allowed in this "
				     "context");
	return true;
}

/* "t$files": all of t is read, and the columns are others, unknown. */
static bool
use_metadata_table(struct dg_sql_resolver *r, const struct dg_sql_name *written,
		   const struct dg_sql_name *base, uint32_t offset,
		   struct dg_sql_source *source)
{
	source->set = dg_sql_set_create(r, NULL, 0, true);
	return source->set != NULL &&
	       dg_sql_charge_metadata(r, written, base, offset);
}

/* A table by its name; whole: with its hidden columns, as `TABLE t`. */
static bool
use_table(struct dg_sql_resolver *r, const struct dg_sql_node *qname,
	  bool whole, struct dg_sql_source *source)
{
	uint32_t offset = dg_sql_at(r, qname);
	struct dg_sql_table *table;
	struct dg_sql_name name, base;
	struct dg_sql_cte *cte;

	if (!make_alias(r, qname, &source->alias, &source->n_alias))
		return false;
	cte = find_cte(r, source->alias, source->n_alias);
	if (cte != NULL)
		return use_cte(r, cte, qname, source);
	if (!dg_sql_table_name(r, qname, &name))
		return false;
	if (!dg_sql_is_plain_name(name.table)) {
		if (!dg_sql_charge_odd_name(r, qname, &name))
			return false;
		if (dg_sql_table_is_metadata(r, &name, &base))
			return use_metadata_table(r, &name, &base, offset,
						  source);
	}
	table = dg_sql_table_get(r, &name);
	if (table == NULL || r->rc != DG_OK)
		return false;
	dg_sql_charge_table(table, offset);
	if (r->takes_all)
		dg_sql_charge_listed(table, offset);
	if (whole)
		dg_sql_charge_all(table, offset);
	source->table = table;
	source->set = table->set;
	return true;
}

bool
dg_sql_resolve_table_query(struct dg_sql_resolver *r,
			   const struct dg_sql_node *node,
			   struct dg_sql_shape *shape)
{
	struct dg_sql_source source = {.alias = NULL};

	if (!use_table(r, node->kid[DG_SQL_TABLE_QUERY_NAME], true, &source))
		return false;
	if (shape != NULL && shape->keep)
		shape->lazies = source.lazies;
	else if (!dg_sql_use_lazies(r, source.lazies, source.set->n))
		return false;
	if (shape != NULL) {
		shape->set = source.set;
		shape->alias = source.alias;
		shape->n_alias = source.n_alias;
	}
	return true;
}

static bool
resolve_table(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	      struct dg_sql_from *from, const struct dg_sql_node *node)
{
	const struct dg_sql_node *version = node->kid[DG_SQL_REL_TABLE_VERSION];
	struct dg_sql_source *source;

	if (version != NULL &&
	    !dg_sql_resolve_expr(r, outer,
				 version->kid[DG_SQL_REL_VERSION_END]))
		return false;
	source = dg_sql_from_add(r, from);
	return source != NULL &&
	       use_table(r, node->kid[DG_SQL_REL_TABLE_NAME], false, source);
}

/* ---- relations with columns of their own ------------------------------- */

static bool
resolve_subquery(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		 struct dg_sql_from *from, const struct dg_sql_node *query)
{
	struct dg_sql_shape shape = {.keep = true};
	struct dg_sql_source *source;

	if (!dg_sql_resolve_query(r, outer, query, &shape))
		return false;
	source = dg_sql_from_add(r, from);
	if (source == NULL)
		return false;
	source->set = shape.set;
	source->lazies = shape.lazies;
	source->alias = shape.alias;
	source->n_alias = shape.n_alias;
	return true;
}

/* Columns that only the engine can name; charged in what they come from. */
static bool
add_open_source(struct dg_sql_resolver *r, struct dg_sql_from *from)
{
	struct dg_sql_source *source = dg_sql_from_add(r, from);

	if (source == NULL)
		return false;
	source->set = dg_sql_set_create(r, NULL, 0, true);
	return source->set != NULL;
}

/* ARRAY[1, x]: its elements are of one type, so that none can be a row. */
static bool
is_array_of_scalars(const struct dg_sql_node *node)
{
	node = dg_sql_strip_parens(node);
	if (node->kind != DG_SQL_K_ARRAY)
		return false;
	DG_SQL_FOREACH(item, node->kid[DG_SQL_ARRAY_ITEMS])
	{
		if (dg_sql_is_scalar(item))
			return true;
	}
	return false;
}

/* The fields of rows have names; what else is unnested has none. */
static bool
add_unnested(struct dg_sql_resolver *r, struct dg_sql_from *from,
	     const struct dg_sql_node *node)
{
	bool ordinality = (node->flags & DG_SQL_F_ORDINALITY) != 0;
	static const struct dg_str no_name = {NULL, 0};
	struct dg_sql_names names = {.n = 0};

	DG_SQL_FOREACH(expr, node->kid[DG_SQL_REL_UNNEST_EXPRS])
	{
		if (!is_array_of_scalars(expr))
			return add_open_source(r, from);
		if (!dg_sql_names_add(r, &names, no_name))
			return false;
	}
	if (ordinality && !dg_sql_names_add(r, &names, no_name))
		return false;
	return dg_sql_from_add_names(r, from, &names);
}

static bool
resolve_unnest(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	       struct dg_sql_from *from, const struct dg_sql_node *node)
{
	return dg_sql_resolve_list(r, outer,
				   node->kid[DG_SQL_REL_UNNEST_EXPRS]) &&
	       add_unnested(r, from, node);
}

/* ---- table functions --------------------------------------------------- */

/* All columns of a table argument: which ones the function wants, it says. */
static bool
resolve_table_arg(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		  struct dg_sql_from *from, const struct dg_sql_node *node)
{
	struct dg_sql_scope own = {outer, from, from->n, from->n};

	if (!dg_sql_resolve_relation(r, outer, from,
				     node->kid[DG_SQL_TABLE_ARG_RELATION]))
		return false;
	own.hi = from->n;
	for (uint32_t i = own.lo; i < own.hi; i++) {
		const struct dg_sql_source *source = &from->items[i];

		if (source->table != NULL)
			dg_sql_charge_all(source->table, dg_sql_at(r, node));
		else if (!dg_sql_expand_source(r, source, NULL,
					       dg_sql_at(r, node)))
			return false;
	}
	return dg_sql_resolve_list(r, &own,
				   node->kid[DG_SQL_TABLE_ARG_PARTITION]) &&
	       dg_sql_resolve_list(r, &own, node->kid[DG_SQL_TABLE_ARG_ORDER]);
}

static bool
resolve_function_arg(struct dg_sql_resolver *r,
		     const struct dg_sql_scope *outer, struct dg_sql_from *from,
		     const struct dg_sql_node *arg)
{
	if (arg->kind == DG_SQL_K_NAMED_ARG)
		arg = arg->kid[DG_SQL_NAMED_ARG_VALUE];
	if (arg->kind == DG_SQL_K_TABLE_ARG)
		return resolve_table_arg(r, outer, from, arg);
	if (arg->kind == DG_SQL_K_DESCRIPTOR)
		return true; /* names for the function, not columns read */
	return dg_sql_resolve_expr(r, outer, arg);
}

static bool
add_table_function(struct dg_sql_resolver *r, const struct dg_sql_node *qname)
{
	struct dg_sql_name object = {.catalog = DG_STR_EMPTY};
	struct dg_str parts[3];
	size_t n;

	if (!dg_sql_fold_qname(r, qname, "function", parts, DG_ARRAY_LEN(parts),
			       &n))
		return false;
	if (n == 0)
		return dg_sql_refuse_kind(r, qname);
	if (n >= 2)
		object.schema = parts[n - 2];
	if (n >= 2)
		object.catalog = n == 3 ? parts[0] : r->catalog;
	return dg_sql_add_right(r, DG_SQL_ACT_TABLE_FUNCTION, &object,
				parts[n - 1], dg_sql_at(r, qname));
}

/*
 * What the function puts out is unknown; columns of its table arguments pass
 * through under their own qualifiers, so these are sources as well.
 */
static bool
resolve_function(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		 struct dg_sql_from *from, const struct dg_sql_node *node)
{
	if (!add_table_function(r, node->kid[DG_SQL_REL_FUNCTION_NAME]))
		return false;
	DG_SQL_FOREACH(arg, node->kid[DG_SQL_REL_FUNCTION_ARGS])
	{
		if (!resolve_function_arg(r, outer, from, arg))
			return false;
	}
	return add_open_source(r, from);
}

/* ---- PIVOT and NEAREST -------------------------------------------------- */

/* Nothing of the input but what its clauses read; what comes out is new. */
static bool
resolve_pivot(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	      struct dg_sql_from *from, const struct dg_sql_node *node)
{
	const struct dg_sql_node *group = node->kid[DG_SQL_REL_PIVOT_GROUP];
	struct dg_sql_scope input = {outer, from, from->n, 0};

	if (!dg_sql_resolve_relation(r, outer, from,
				     node->kid[DG_SQL_REL_PIVOT_RELATION]))
		return false;
	input.hi = from->n;
	if (!dg_sql_resolve_each(r, &input,
				 node->kid[DG_SQL_REL_PIVOT_AGGREGATES],
				 DG_SQL_SELECT_ITEM_EXPR) ||
	    !dg_sql_resolve_expr(r, &input,
				 node->kid[DG_SQL_REL_PIVOT_COLUMNS]) ||
	    !dg_sql_resolve_each(r, &input, node->kid[DG_SQL_REL_PIVOT_VALUES],
				 DG_SQL_SELECT_ITEM_EXPR))
		return false;
	if (group != NULL &&
	    !dg_sql_resolve_list(r, &input,
				 group->kid[DG_SQL_GROUP_BY_ELEMENTS]))
		return false;
	from->n = input.lo;
	return add_open_source(r, from);
}

/* WHERE and MATCH compare with the relations before it. */
static bool
resolve_nearest(struct dg_sql_resolver *r, const struct dg_sql_scope *left,
		struct dg_sql_from *from, const struct dg_sql_node *node)
{
	struct dg_sql_scope own = {left, from, from->n, 0};

	if (!dg_sql_resolve_relation(r, left, from,
				     node->kid[DG_SQL_REL_NEAREST_RELATION]))
		return false;
	own.hi = from->n;
	return dg_sql_resolve_expr(r, &own,
				   node->kid[DG_SQL_REL_NEAREST_WHERE]) &&
	       dg_sql_resolve_expr(r, &own,
				   node->kid[DG_SQL_REL_NEAREST_MATCH]);
}

/* ---- aliases ----------------------------------------------------------- */

static uint32_t
count_list(const struct dg_sql_node *list)
{
	uint32_t n = 0;

	DG_SQL_FOREACH(it, list)
	n++;
	return n;
}

static bool
rename_columns(struct dg_sql_resolver *r, struct dg_sql_source *source,
	       const struct dg_sql_node *node)
{
	const struct dg_sql_node *columns = node->kid[DG_SQL_REL_ALIAS_COLUMNS];
	uint32_t n = count_list(columns);

	if (!source->set->open && source->set->n != n)
		return dg_sql_refuse(
			r, DG_SQL_E_ALIASES, node,
			"Column alias list has %u entries but '%.*s' has %u "
			"columns available",
			n, DG_STR_ARG(source->alias[0]), source->set->n);
	if ((source->origins != NULL || source->lazies != NULL) &&
	    (source->scrambled || source->set->open)) {
		/* Which position is whose? All are read. */
		if (!dg_sql_expand_source(r, source, NULL, dg_sql_at(r, node)))
			return false;
		source->origins = NULL;
		source->lazies = NULL;
	}
	source->renamed = true;
	source->set = dg_sql_set_of_ids(r, columns);
	return source->set != NULL;
}

/*
 * One source of those from lo on. Tables whose columns we do not know are
 * read whole then: nobody could say later which column was theirs.
 */
bool
dg_sql_merge_sources(struct dg_sql_resolver *r, struct dg_sql_from *from,
		     uint32_t lo, const struct dg_sql_node *node)
{
	struct dg_sql_source merged = {.alias = NULL};
	struct dg_sql_names names = {.n = 0};
	struct dg_sql_origin *origins;
	uint32_t at = 0;

	for (uint32_t i = lo; i < from->n; i++) {
		const struct dg_sql_source *source = &from->items[i];
		struct dg_sql_table *table = source->table;

		if (table != NULL && table->lookup != DG_SQL_FOUND)
			dg_sql_charge_all(table, dg_sql_at(r, node));
		/* The engine puts the keys of USING first. */
		if (source->excluded != NULL || source->scrambled)
			merged.scrambled = true;
	}
	for (uint32_t i = lo; i < from->n; i++)
		if (!dg_sql_name_source(r, &from->items[i], &names))
			return false;
	origins = dg_sql_alloc(r, names.n, sizeof(*origins));
	merged.set = dg_sql_names_finish(r, &names);
	if (origins == NULL || merged.set == NULL)
		return false;
	for (uint32_t i = lo; i < from->n; i++)
		at += dg_sql_list_origins(&from->items[i], origins + at);
	merged.origins = origins;
	from->items[lo] = merged;
	from->n = lo + 1;
	return true;
}

static bool
resolve_alias(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	      struct dg_sql_from *from, const struct dg_sql_node *node)
{
	const struct dg_sql_node *columns = node->kid[DG_SQL_REL_ALIAS_COLUMNS];
	uint32_t lo = from->n;
	struct dg_sql_source *source;
	struct dg_str *alias;

	if (!dg_sql_resolve_relation(r, outer, from,
				     node->kid[DG_SQL_REL_ALIAS_RELATION]))
		return false;
	if (from->n - lo > 1 && !dg_sql_merge_sources(r, from, lo, node))
		return false;
	alias = dg_sql_alloc(r, 1, sizeof(*alias));
	if (alias == NULL ||
	    !dg_sql_fold_id(r, node->kid[DG_SQL_REL_ALIAS_NAME], alias))
		return false;
	source = &from->items[lo];
	source->alias = alias;
	source->n_alias = 1;
	return is_empty_list(columns) || rename_columns(r, source, node);
}

/* ---- joins ------------------------------------------------------------- */

static bool
is_lateral(const struct dg_sql_node *node)
{
	while (node->kind == DG_SQL_K_REL_PAREN)
		node = node->kid[DG_SQL_REL_PAREN_RELATION];
	if (node->kind == DG_SQL_K_REL_ALIAS)
		node = node->kid[DG_SQL_REL_ALIAS_RELATION];
	while (node->kind == DG_SQL_K_REL_PAREN)
		node = node->kid[DG_SQL_REL_PAREN_RELATION];
	return node->kind == DG_SQL_K_REL_UNNEST ||
	       node->kind == DG_SQL_K_REL_LATERAL ||
	       node->kind == DG_SQL_K_REL_JSON_TABLE ||
	       node->kind == DG_SQL_K_REL_NEAREST;
}

/* A right side sees the left one only when it is lateral itself. */
static bool
resolve_right(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	      struct dg_sql_from *from, uint32_t lo,
	      const struct dg_sql_node *node)
{
	const struct dg_sql_scope left = {outer, from, lo, from->n};

	return dg_sql_resolve_relation(r, is_lateral(node) ? &left : outer,
				       from, node);
}

/*
 * Both sides lose the key; the join has it instead, without a qualifier.
 */
static bool
resolve_using(struct dg_sql_resolver *r, const struct dg_sql_scope *both,
	      uint32_t mid, const struct dg_sql_node *keys)
{
	const struct dg_sql_scope left = {both->parent, both->from, both->lo,
					  mid};
	const struct dg_sql_scope right = {both->parent, both->from, mid,
					   both->hi};
	struct dg_sql_names names = {.n = 0};
	struct dg_sql_part part;

	DG_SQL_FOREACH(key, keys)
	{
		if (!dg_sql_make_part(r, key, &part) ||
		    !dg_sql_take_key(r, &left, key, &part, "left") ||
		    !dg_sql_take_key(r, &right, key, &part, "right") ||
		    !dg_sql_names_add(r, &names, part.column))
			return false;
	}
	return dg_sql_from_add_names(r, both->from, &names);
}

static bool
resolve_join(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	     struct dg_sql_from *from, const struct dg_sql_node *node)
{
	const struct dg_sql_node *on = node->kid[DG_SQL_REL_JOIN_ON];
	const struct dg_sql_node *keys = node->kid[DG_SQL_REL_JOIN_USING];
	struct dg_sql_scope both = {outer, from, from->n, 0};
	uint32_t mid;

	if (!dg_sql_resolve_relation(r, outer, from,
				     node->kid[DG_SQL_REL_JOIN_LEFT]))
		return false;
	mid = from->n;
	if (!resolve_right(r, outer, from, both.lo,
			   node->kid[DG_SQL_REL_JOIN_RIGHT]))
		return false;
	if (node->flags & DG_SQL_F_NATURAL)
		return dg_sql_refuse(r, DG_SQL_E_UNSUPPORTED, node,
				     "Natural join not supported");
	both.hi = from->n;
	if (on != NULL && !dg_sql_resolve_expr(r, &both, on))
		return false;
	return keys == NULL || resolve_using(r, &both, mid, keys);
}

bool
dg_sql_resolve_from(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
		    struct dg_sql_from *from, const struct dg_sql_node *list)
{
	uint32_t lo = from->n;

	DG_SQL_FOREACH(node, list)
	{
		if (!resolve_right(r, outer, from, lo, node))
			return false;
	}
	return true;
}

static bool
resolve_sample(struct dg_sql_resolver *r, const struct dg_sql_scope *outer,
	       struct dg_sql_from *from, const struct dg_sql_node *node)
{
	return dg_sql_resolve_relation(r, outer, from,
				       node->kid[DG_SQL_REL_SAMPLE_RELATION]) &&
	       dg_sql_resolve_expr(r, NULL,
				   node->kid[DG_SQL_REL_SAMPLE_PERCENT]);
}

bool
dg_sql_resolve_relation(struct dg_sql_resolver *r,
			const struct dg_sql_scope *outer,
			struct dg_sql_from *from,
			const struct dg_sql_node *node)
{
	switch ((enum dg_sql_kind)node->kind) {
	case DG_SQL_K_REL_TABLE:
		return resolve_table(r, outer, from, node);
	case DG_SQL_K_REL_SUBQUERY:
		return resolve_subquery(r, outer, from,
					node->kid[DG_SQL_REL_SUBQUERY_QUERY]);
	case DG_SQL_K_REL_LATERAL:
		return resolve_subquery(r, outer, from,
					node->kid[DG_SQL_REL_LATERAL_QUERY]);
	case DG_SQL_K_REL_UNNEST:
		return resolve_unnest(r, outer, from, node);
	case DG_SQL_K_REL_JOIN:
		return resolve_join(r, outer, from, node);
	case DG_SQL_K_REL_ALIAS:
		return resolve_alias(r, outer, from, node);
	case DG_SQL_K_REL_SAMPLE:
		return resolve_sample(r, outer, from, node);
	case DG_SQL_K_REL_PAREN:
		return dg_sql_resolve_relation(
			r, outer, from, node->kid[DG_SQL_REL_PAREN_RELATION]);
	case DG_SQL_K_REL_FUNCTION:
		return resolve_function(r, outer, from, node);
	case DG_SQL_K_REL_MATCH:
		return dg_sql_resolve_match(r, outer, from, node);
	case DG_SQL_K_REL_JSON_TABLE:
		return dg_sql_resolve_json_table(r, outer, from, node);
	case DG_SQL_K_REL_PIVOT:
		return resolve_pivot(r, outer, from, node);
	case DG_SQL_K_REL_NEAREST:
		return resolve_nearest(r, outer, from, node);
		DG_SQL_CASES_STATEMENT
		DG_SQL_CASES_QUERY_BODY
		DG_SQL_CASES_EXPRESSION
		DG_SQL_CASES_PART
		break;
	}
	return dg_sql_refuse_kind(r, node);
}

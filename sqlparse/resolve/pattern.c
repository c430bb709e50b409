/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.c - row patterns: MATCH_RECOGNIZE and windows with one.
 *
 * In MEASURES and DEFINE a variable's name stands before a column of the
 * input: `A.price`. For each variable there is a copy of every input source
 * that can only be reached behind that name, so that scope.c finds
 * such columns as it finds others.
 */
#include "resolve/resolve.h"

struct label {
	const struct dg_sql_node *id;
};

/* Names of variables and subsets, each once. */
struct labels {
	struct dg_sql_resolver *r;
	struct label *all;
	size_t n;
	size_t cap;
};

/* As the engine has it: in upper case unless quoted. */
static char
canonical(const struct dg_sql_node *id, size_t at)
{
	char c = id->text.data[at];

	return (id->flags & DG_SQL_F_QUOTED) == 0 && c >= 'a' && c <= 'z'
		       ? (char)(c - 0x20)
		       : c;
}

bool
dg_sql_same_label(const struct dg_sql_node *a, const struct dg_sql_node *b)
{
	if (a->text.len != b->text.len)
		return false;
	for (size_t i = 0; i < a->text.len; i++)
		if (canonical(a, i) != canonical(b, i))
			return false;
	return true;
}

bool
dg_sql_is_label(const struct dg_sql_scope *scope, const struct dg_sql_node *id)
{
	for (; scope != NULL; scope = scope->parent) {
		for (uint32_t i = scope->lo; i < scope->hi; i++) {
			const struct dg_sql_node *label =
				scope->from->items[i].label;

			if (label != NULL && dg_sql_same_label(label, id))
				return true;
		}
	}
	return false;
}

static bool
add_label(struct labels *labels, const struct dg_sql_node *id)
{
	if (!dg_sql_spend(labels->r, labels->n + 1))
		return false;
	for (size_t i = 0; i < labels->n; i++)
		if (dg_sql_same_label(labels->all[i].id, id))
			return true;
	if (labels->n == labels->cap) {
		size_t cap = labels->cap == 0 ? 8 : labels->cap * 2;
		struct label *all = dg_sql_alloc(labels->r, cap, sizeof(*all));

		if (all == NULL)
			return false;
		if (labels->n > 0)
			memcpy(all, labels->all, labels->n * sizeof(*all));
		labels->all = all;
		labels->cap = cap;
	}
	labels->all[labels->n++].id = id;
	return true;
}

static enum dg_sql_walk
visit_pattern(void *arg, const struct dg_sql_node *node)
{
	struct labels *labels = arg;

	if (node->kind == DG_SQL_K_ID && !add_label(labels, node))
		return DG_SQL_WALK_STOP;
	return DG_SQL_WALK_ON;
}

static bool
collect_labels(struct labels *labels, const struct dg_sql_node *pattern)
{
	if (!dg_sql_walk(pattern->kid[DG_SQL_ROW_PATTERN_PATTERN],
			 visit_pattern, labels))
		return false;
	DG_SQL_FOREACH(subset, pattern->kid[DG_SQL_ROW_PATTERN_SUBSETS])
	{
		if (!add_label(labels, subset->kid[DG_SQL_PATTERN_SUBSET_NAME]))
			return false;
	}
	return true;
}

/* The sources of scope, then those behind each label. */
static bool
copy_sources(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct labels *labels, bool unqualified,
	     struct dg_sql_from *from)
{
	for (size_t copy = 0; copy <= labels->n; copy++) {
		for (uint32_t i = scope->lo; i < scope->hi; i++) {
			struct dg_sql_source *source = dg_sql_from_add(r, from);

			if (source == NULL)
				return false;
			*source = scope->from->items[i];
			if (unqualified)
				source->n_alias = 0;
			if (copy > 0)
				source->label = labels->all[copy - 1].id;
		}
	}
	return true;
}

static bool
resolve_row_pattern(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *pattern, bool unqualified)
{
	struct labels labels = {.r = r};
	struct dg_sql_from from = {.n = 0};
	struct dg_sql_scope inner = {scope->parent, &from, 0, 0};

	if (!collect_labels(&labels, pattern) ||
	    !copy_sources(r, scope, &labels, unqualified, &from))
		return false;
	inner.hi = from.n;
	return dg_sql_resolve_each(r, &inner,
				   pattern->kid[DG_SQL_ROW_PATTERN_MEASURES],
				   DG_SQL_PATTERN_MEASURE_EXPR) &&
	       dg_sql_resolve_each(r, &inner,
				   pattern->kid[DG_SQL_ROW_PATTERN_DEFINE],
				   DG_SQL_PATTERN_DEFINE_EXPR);
}

bool
dg_sql_resolve_frame_pattern(struct dg_sql_resolver *r,
			     const struct dg_sql_scope *scope,
			     const struct dg_sql_node *pattern)
{
	static const struct dg_sql_scope nothing = {.parent = NULL};

	if (pattern->kind != DG_SQL_K_ROW_PATTERN)
		return dg_sql_refuse_kind(r, pattern);
	return resolve_row_pattern(r, scope == NULL ? &nothing : scope, pattern,
				   false);
}

/* ---- MATCH_RECOGNIZE --------------------------------------------------- */

static bool
is_all_rows(const struct dg_sql_node *pattern)
{
	const struct dg_sql_node *rows = pattern->kid[DG_SQL_ROW_PATTERN_ROWS];

	return rows != NULL && dg_str_starts_with(rows->text, DG_STR("ALL"));
}

/* One row for each match: what the rows are partitioned by. */
static bool
name_partition(struct dg_sql_resolver *r, const struct dg_sql_node *list,
	       struct dg_sql_names *names)
{
	DG_SQL_FOREACH(column, list)
	{
		const struct dg_sql_node *id = dg_sql_strip_parens(column);
		struct dg_str name = {NULL, 0};

		if (id->kind == DG_SQL_K_DEREF)
			id = id->kid[DG_SQL_DEREF_FIELD];
		if (id->kind == DG_SQL_K_ID &&
		    !dg_sql_fold_column_id(r, id, &name))
			return false;
		if (!dg_sql_names_add(r, names, name))
			return false;
	}
	return true;
}

static bool
name_measures(struct dg_sql_resolver *r, const struct dg_sql_node *list,
	      struct dg_sql_names *names)
{
	struct dg_str name;

	DG_SQL_FOREACH(measure, list)
	{
		if (!dg_sql_fold_column_id(
			    r, measure->kid[DG_SQL_PATTERN_MEASURE_NAME],
			    &name) ||
		    !dg_sql_names_add(r, names, name))
			return false;
	}
	return true;
}

/*
 * The input's qualifier does not reach further. Its columns do with ALL ROWS,
 * in an order of their own, and are read where they are used.
 */
static bool
put_out(struct dg_sql_resolver *r, struct dg_sql_from *from, uint32_t lo,
	const struct dg_sql_node *node)
{
	const struct dg_sql_node *pattern = node->kid[DG_SQL_REL_MATCH_PATTERN];
	struct dg_sql_names names = {.n = 0};

	if (is_all_rows(pattern)) {
		if (!dg_sql_merge_sources(r, from, lo, node))
			return false;
		from->items[lo].renamed = true;
		from->items[lo].scrambled = true;
	} else {
		from->n = lo;
		if (!name_partition(r, node->kid[DG_SQL_REL_MATCH_PARTITION],
				    &names))
			return false;
	}
	return name_measures(r, pattern->kid[DG_SQL_ROW_PATTERN_MEASURES],
			     &names) &&
	       dg_sql_from_add_names(r, from, &names);
}

bool
dg_sql_resolve_match(struct dg_sql_resolver *r,
		     const struct dg_sql_scope *outer, struct dg_sql_from *from,
		     const struct dg_sql_node *node)
{
	const struct dg_sql_node *pattern = node->kid[DG_SQL_REL_MATCH_PATTERN];
	struct dg_sql_scope input = {outer, from, from->n, 0};

	if (pattern->kind != DG_SQL_K_ROW_PATTERN)
		return dg_sql_refuse_kind(r, pattern);
	if (!dg_sql_resolve_relation(r, outer, from,
				     node->kid[DG_SQL_REL_MATCH_RELATION]))
		return false;
	input.hi = from->n;
	return dg_sql_resolve_list(r, &input,
				   node->kid[DG_SQL_REL_MATCH_PARTITION]) &&
	       dg_sql_resolve_list(r, &input,
				   node->kid[DG_SQL_REL_MATCH_ORDER]) &&
	       resolve_row_pattern(r, &input, pattern, true) &&
	       put_out(r, from, input.lo, node);
}

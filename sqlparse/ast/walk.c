/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - one recursion over any tree, parents before children, children
 * in the order of the text. Its depth is the tree's, which is bounded.
 */
#include "ast/ast.h"

static bool walk_kids(const struct dg_sql_node *node, unsigned from,
		      dg_sql_visit_fn visit, void *arg);

static bool
walk_list(const struct dg_sql_node *list, dg_sql_visit_fn visit, void *arg)
{
	DG_SQL_FOREACH(item, list)
	{
		if (!dg_sql_walk(item, visit, arg))
			return false;
	}
	return true;
}

/*
 * A chain without recursion down its left side: down, visiting, until an
 * operand or a SKIP, then up through the right operands of those visited.
 */
static bool
walk_chain(const struct dg_sql_node *top, dg_sql_visit_fn visit, void *arg)
{
	const struct dg_sql_node *at = top;

	/* top has been visited, with ON. */
	while (at->kid[0]->kind == top->kind) {
		enum dg_sql_walk how = visit(arg, at->kid[0]);

		if (how == DG_SQL_WALK_STOP)
			return false;
		if (how == DG_SQL_WALK_SKIP)
			goto up;
		at = at->kid[0];
	}
	if (!dg_sql_walk(at->kid[0], visit, arg))
		return false;
up:
	for (;;) {
		if (!walk_kids(at, 1, visit, arg))
			return false;
		if (at == top)
			return true;
		at = at->next;
	}
}

static bool
walk_kids(const struct dg_sql_node *node, unsigned from, dg_sql_visit_fn visit,
	  void *arg)
{
	unsigned n = dg_sql_kind_slots((enum dg_sql_kind)node->kind);

	for (unsigned i = from; i < n; i++) {
		if (!dg_sql_walk(node->kid[i], visit, arg))
			return false;
	}
	return true;
}

bool
dg_sql_walk(const struct dg_sql_node *node, dg_sql_visit_fn visit, void *arg)
{
	if (node == NULL)
		return true;
	switch (visit(arg, node)) {
	case DG_SQL_WALK_STOP:
		return false;
	case DG_SQL_WALK_SKIP:
		return true;
	case DG_SQL_WALK_ON:
		break;
	}
	if (node->kind == DG_SQL_K_LIST)
		return walk_list(node, visit, arg);
	if (dg_sql_is_chain_kind(node->kind))
		return walk_chain(node, visit, arg);
	return walk_kids(node, 0, visit, arg);
}

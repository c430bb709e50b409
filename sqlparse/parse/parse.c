/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c - dg_sql_parse: limits, tokens, promotion, parser, tree.
 *
 * Holds no state between calls; all memory is the caller's arena. A failure
 * at any step is an error with a place in the text, never a partial tree.
 */
#include "parse/parse.h"

#include "ast/build.h"
#include "base/assert.h"
#include "parse/reject.h"
#include "scan/error.h"

const struct dg_sql_limits dg_sql_default_limits = {
	.max_bytes = 1000000,
	.max_tokens = 400000,
	.max_depth = 2000,
	.max_nodes = 1000000,
};

/* Tokens to a root node in cx. */
static enum dg_rc
run_parser(struct dg_sql_build *cx)
{
	unsigned char expected[DG_SQL_EXPECTED_BYTES] = {0};

	switch (cx->tokens->engine.dialect) {
	case DG_SQL_TRINO:
		dg_sql_trino_run(cx, expected);
		break;
	case DG_SQL_PRESTO:
		dg_sql_presto_run(cx, expected);
		break;
	}
	if (cx->rc != DG_OK)
		return cx->rc;
	if (cx->rejected != NULL)
		return dg_sql_reject(cx, expected);
	if (cx->fault != NULL)
		return dg_sql_fail(cx->err, DG_SQL_E_SYNTAX, cx->tokens->text,
				   cx->fault_offset, "%s", cx->fault);
	DG_ASSERT(cx->root != NULL);
	return DG_OK;
}

enum dg_rc
dg_sql_parse(struct dg_str text, struct dg_sql_engine engine,
	     const struct dg_sql_limits *limits, struct dg_arena *arena,
	     struct dg_sql_tree **tree_out, struct dg_sql_error *err)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_build cx;
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_tokenize(text, engine, limits, arena, &tokens, err);
	if (rc != DG_OK)
		return rc;
	if (!tokens.is_ascii && !dg_str_is_utf8(text))
		return dg_sql_fail(err, DG_SQL_E_SYNTAX, text, 0,
				   "The statement is not valid UTF-8");
	if (!dg_sql_promote(&tokens))
		goto no_memory;
	tree = DG_ARENA_NEW(arena, struct dg_sql_tree);
	if (tree == NULL ||
	    !dg_sql_build_init(&cx, &tokens, limits, arena, err))
		goto no_memory;
	rc = run_parser(&cx);
	if (rc != DG_OK)
		return rc;
	tree->text = text;
	tree->engine = engine;
	tree->root = cx.root;
	tree->statement = dg_sql_classify(cx.root);
	tree->n_nodes = cx.n_nodes;
	tree->depth = cx.root->depth;
	if (!dg_sql_find_effect(tree, arena))
		goto no_memory;
	*tree_out = tree;
	return DG_OK;
no_memory:
	return dg_sql_fail(err, DG_SQL_E_LIMIT, text, 0,
			   "The statement needs too much memory");
}

enum dg_sql_statement
dg_sql_tree_statement(const struct dg_sql_tree *tree)
{
	return tree->statement;
}

void
dg_sql_tree_effect(const struct dg_sql_tree *tree,
		   struct dg_sql_session_effect *effect_out)
{
	*effect_out = tree->effect;
}

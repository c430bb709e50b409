/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_parse.c - any bytes as a statement, to its tree.
 *
 * Of each tree: every node lies in the text and within the limits, each name
 * that was written is in it, its dump is the same for another layout and for
 * keywords in another case. One node or level less than it takes is an error
 * LIMIT. Each error has its place. The normalised text, if that can be read at
 * all, is a statement of the same kind.
 */
#include "ast/ast.h"
#include "base/assert.h"
#include "sql_input.h"

struct walk {
	struct dg_str text;
	size_t n_nodes;
	uint8_t *seen; /* per byte of the text: a node begins there */
};

static enum dg_sql_walk
visit(void *arg, const struct dg_sql_node *node)
{
	struct walk *walk = arg;

	DG_ASSERT(node->kind < DG_SQL_K_COUNT && node->op < DG_SQL_OP_COUNT);
	DG_ASSERT(node->offset <= node->end && node->end <= walk->text.len);
	DG_ASSERT(node->text.data != NULL || node->text.len == 0);
	DG_ASSERT(node->text.len <= node->end - node->offset ||
		  node->kind != DG_SQL_K_ID);
	walk->n_nodes++;
	if (node->offset < walk->text.len)
		walk->seen[node->offset] = 1;
	return DG_SQL_WALK_ON;
}

static void
check_nodes(const struct sql_input *input, const struct dg_sql_tree *tree)
{
	struct walk walk = {.text = input->text};

	walk.seen = dg_arena_alloc(input->arena, input->text.len + 1);
	DG_ASSERT(walk.seen != NULL);
	DG_ASSERT(dg_sql_walk(tree->root, visit, &walk));
	DG_ASSERT(walk.n_nodes <= tree->n_nodes);
	DG_ASSERT(tree->n_nodes <= sql_limits.max_nodes);
	DG_ASSERT(tree->depth <= sql_limits.max_depth);
}

static enum dg_rc
parse(const struct sql_input *input, struct dg_str text,
      const struct dg_sql_limits *limits, struct dg_sql_tree **tree_out)
{
	struct dg_sql_error err = {.line = 0};
	enum dg_rc rc = dg_sql_parse(text, input->engine, limits, input->arena,
				     tree_out, &err);

	if (rc != DG_OK)
		sql_check_error(text, rc, &err);
	return rc;
}

static void
dump(const struct dg_sql_tree *tree, struct dg_buf *out)
{
	if (out->max == 0)
		dg_buf_init(out, (size_t)16 << 20);
	dg_buf_clear(out);
	DG_ASSERT(dg_sql_dump_tree(tree, out) == DG_OK);
}

/* The same tree out of another spelling. */
static void
check_respelled(const struct sql_input *input, const struct dg_sql_tree *tree)
{
	static struct dg_buf once, twice;
	struct dg_sql_tokens tokens;
	struct dg_sql_tree *again;

	DG_ASSERT(sql_input_tokens(input, &tokens));
	DG_ASSERT(parse(input, sql_respell(input, &tokens, sql_is_reserved),
			&sql_limits, &again) == DG_OK);
	DG_ASSERT(again->statement == tree->statement);
	DG_ASSERT(again->n_nodes == tree->n_nodes);
	DG_ASSERT(again->depth == tree->depth);
	/* A keyword that is a function's name keeps its case. */
	dump(tree, &once);
	dump(again, &twice);
	DG_ASSERT(dg_str_eq_nocase(dg_buf_peek(&once), dg_buf_peek(&twice)));
}

static void
check_normal(const struct sql_input *input, const struct dg_sql_tree *tree)
{
	static struct dg_buf normal;
	struct dg_sql_tree *again;

	if (normal.max == 0)
		dg_buf_init(&normal, (size_t)4 << 20);
	dg_buf_clear(&normal);
	DG_ASSERT(dg_sql_normalize(input->text, input->engine, input->arena,
				   &normal) == DG_OK);
	if (parse(input, dg_buf_peek(&normal), &sql_limits, &again) == DG_OK)
		DG_ASSERT(again->statement == tree->statement);
}

static void
check_limits(const struct sql_input *input, const struct dg_sql_tree *tree)
{
	struct dg_sql_limits limits = sql_limits;
	struct dg_sql_tree *unused;

	limits.max_nodes = tree->n_nodes;
	limits.max_bytes = input->text.len;
	DG_ASSERT(parse(input, input->text, &limits, &unused) == DG_OK);
	limits.max_nodes = tree->n_nodes - 1;
	DG_ASSERT(parse(input, input->text, &limits, &unused) == DG_ERR_LIMIT);
	limits = sql_limits;
	limits.max_depth = tree->depth - 1;
	DG_ASSERT(tree->depth < 2 ||
		  parse(input, input->text, &limits, &unused) == DG_ERR_LIMIT);
	limits = sql_limits;
	limits.max_bytes = input->text.len - 1;
	DG_ASSERT(parse(input, input->text, &limits, &unused) == DG_ERR_LIMIT);
}

/* With little memory: the same answer, or LIMIT. */
static void
check_small(const struct sql_input *input, enum dg_rc expected)
{
	struct sql_input small = *input;
	struct dg_sql_tree *unused;
	enum dg_rc rc;

	small.arena = sql_small_arena(input);
	rc = parse(&small, input->text, &sql_limits, &unused);
	DG_ASSERT(rc == expected || rc == DG_ERR_LIMIT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_input input;
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	if (!sql_input_make(data, size, &input))
		return 0;
	rc = parse(&input, input.text, &sql_limits, &tree);
	if (input.dice % 4 == 0)
		check_small(&input, rc);
	if (rc != DG_OK)
		return 0;
	check_nodes(&input, tree);
	if (input.dice % 4 == 1)
		check_limits(&input, tree);
	if (input.dice % 4 == 2)
		check_normal(&input, tree);
	check_respelled(&input, tree);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_tokens.c - any bytes through scanner, promotion and normaliser.
 *
 * Checks what must hold of every token array: tokens in order, inside the
 * text, apart from each other, brackets matched both ways; and that
 * normalising twice is normalising once. Then parses and dumps, which must not
 * crash. The first byte chooses the engine.
 */
#include "base/assert.h"
#include "sqlparse/sqlparse.h"
#include "token.h"

#define MEGABYTE ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dg_sql_limits limits = {
	.max_bytes = 64 * 1024,
	.max_tokens = 8 * 1024,
	.max_depth = 200,
	.max_nodes = 16 * 1024,
};

static const struct dg_sql_engine engines[] = {
	{DG_SQL_TRINO, 0},    {DG_SQL_PRESTO, 0},  {DG_SQL_TRINO, 476},
	{DG_SQL_PRESTO, 287}, {DG_SQL_TRINO, 351},
};

static void
check_match(const struct dg_sql_tokens *tokens, size_t i)
{
	const struct dg_sql_token *token = &tokens->at[i];
	bool opens = token->code == DG_TK_LP || token->code == DG_TK_LP_SORT ||
		     token->code == DG_TK_LB;
	bool closes = token->code == DG_TK_RP || token->code == DG_TK_RB;

	if (token->match == DG_SQL_NO_TOKEN)
		return;
	DG_ASSERT(token->match < tokens->n);
	if (opens || closes) {
		DG_ASSERT(opens == (token->match > i));
		DG_ASSERT(tokens->at[token->match].match == i);
		return;
	}
	DG_ASSERT(token->match < i);
}

static void
check_tokens(const struct dg_sql_tokens *tokens)
{
	size_t end = 0;

	for (size_t i = 0; i < tokens->n; i++) {
		const struct dg_sql_token *token = &tokens->at[i];

		DG_ASSERT(token->code != 0);
		DG_ASSERT(token->len > 0);
		DG_ASSERT(token->offset >= end);
		end = token->offset + (size_t)token->len;
		DG_ASSERT(end <= tokens->text.len);
		DG_ASSERT(token->code != DG_TK_ILLEGAL || i + 1 == tokens->n);
		check_match(tokens, i);
	}
	DG_ASSERT(tokens->at[tokens->n].code == 0);
	DG_ASSERT(tokens->at[tokens->n].offset == tokens->text.len);
}

static void
check_normal(struct dg_str text, struct dg_sql_engine engine,
	     struct dg_arena *arena)
{
	struct dg_buf once;
	struct dg_buf twice;

	dg_buf_init(&once, 4 * MEGABYTE);
	dg_buf_init(&twice, 4 * MEGABYTE);
	DG_ASSERT(dg_sql_normalize(text, engine, arena, &once) == DG_OK);
	DG_ASSERT(dg_sql_normalize(dg_buf_peek(&once), engine, arena, &twice) ==
		  DG_OK);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&once), dg_buf_peek(&twice)));
	dg_buf_fini(&once);
	dg_buf_fini(&twice);
}

static void
check_tree(struct dg_str text, struct dg_sql_engine engine,
	   struct dg_arena *arena)
{
	struct dg_sql_error err = {.line = 0};
	struct dg_sql_tree *tree;
	struct dg_buf out;
	enum dg_rc rc = dg_sql_parse(text, engine, &limits, arena, &tree, &err);

	if (rc != DG_OK) {
		DG_ASSERT(err.line > 0 && err.column > 0);
		DG_ASSERT(err.offset <= text.len && err.text[0] != '\0');
		return;
	}
	dg_buf_init(&out, 16 * MEGABYTE);
	DG_ASSERT(dg_sql_dump_tree(tree, &out) == DG_OK);
	dg_buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Reused: making one for each input would be most of the work. */
	static struct dg_arena *arena;
	struct dg_sql_tokens tokens;
	struct dg_sql_engine engine;
	struct dg_sql_error err;
	struct dg_str text;

	if (size == 0)
		return 0;
	if (arena == NULL)
		arena = dg_arena_create(32 * MEGABYTE);
	engine = engines[data[0] % DG_ARRAY_LEN(engines)];
	text = dg_str_make((const char *)data + 1, size - 1);
	if (dg_sql_tokenize(text, engine, &limits, arena, &tokens, &err) ==
	    DG_OK) {
		check_tokens(&tokens);
		dg_sql_promote(&tokens);
		check_tokens(&tokens);
		check_normal(text, engine, arena);
	}
	check_tree(text, engine, arena);
	dg_arena_reset(arena);
	return 0;
}

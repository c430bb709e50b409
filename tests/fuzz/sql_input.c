/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_input.c - engine and text of an input, its tokens spelled differently,
 * and checks that each target makes. The large arena is made once: making one
 * for each input would be most of the work.
 */
#include "sql_input.h"

#include "base/assert.h"

enum {
	ARENA_MAX = 32 << 20,
	ARENA_OWN = 256, /* what an arena needs for itself, and more */
};

const struct dg_sql_limits sql_limits = {
	.max_bytes = 64 * 1024,
	.max_tokens = 8 * 1024,
	.max_depth = 200,
	.max_nodes = 16 * 1024,
};

static const struct dg_sql_engine engines[] = {
	{DG_SQL_TRINO, 0},    {DG_SQL_PRESTO, 0},   {DG_SQL_TRINO, 476},
	{DG_SQL_PRESTO, 287}, {DG_SQL_TRINO, 351},  {DG_SQL_PRESTO, 196},
	{DG_SQL_TRINO, 435},  {DG_SQL_PRESTO, 270},
};

static uint32_t
hash_text(struct dg_str text)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 16777619U;
	return hash ^ hash >> 15;
}

bool
sql_input_make(const uint8_t *data, size_t size, struct sql_input *input_out)
{
	static struct dg_arena *arena;

	if (size == 0)
		return false;
	if (arena == NULL)
		arena = dg_arena_create(ARENA_MAX);
	dg_arena_reset(arena);
	input_out->engine = engines[data[0] % DG_ARRAY_LEN(engines)];
	input_out->text = dg_str_make((const char *)data + 1, size - 1);
	input_out->dice = hash_text(input_out->text);
	input_out->arena = arena;
	return true;
}

void
sql_check_error(struct dg_str text, enum dg_rc rc,
		const struct dg_sql_error *err)
{
	unsigned line, column;

	DG_ASSERT(rc != DG_OK && err->offset <= text.len);
	dg_sql_locate(text, err->offset, &line, &column);
	DG_ASSERT(err->line == line && err->column == column);
	DG_ASSERT(err->text[0] != '\0');
	switch (err->kind) {
	case DG_SQL_E_SYNTAX:
	case DG_SQL_E_RESOLVE:
	case DG_SQL_E_NO_CATALOG:
	case DG_SQL_E_NO_SCHEMA:
	case DG_SQL_E_NO_COLUMN:
	case DG_SQL_E_AMBIGUOUS:
	case DG_SQL_E_SAME_QUERY:
	case DG_SQL_E_ALIASES:
	case DG_SQL_E_NO_ALIASES:
	case DG_SQL_E_RECURSION:
	case DG_SQL_E_NO_TABLE:
	case DG_SQL_E_NO_FUNCTION:
	case DG_SQL_E_PARTS:
		DG_ASSERT(rc == DG_ERR_INVALID);
		return;
	case DG_SQL_E_UNSUPPORTED:
		DG_ASSERT(rc == DG_ERR_UNSUPPORTED);
		return;
	case DG_SQL_E_LIMIT:
		DG_ASSERT(rc == DG_ERR_LIMIT);
		return;
	}
	DG_UNREACHABLE();
}

bool
sql_is_reserved(const struct dg_sql_tokens *tokens,
		const struct dg_sql_token *token)
{
	return token->word != DG_SQL_NO_WORD &&
	       dg_sql_word_is_reserved((enum dg_sql_word)token->word,
				       tokens->engine);
}

bool
sql_is_word(const struct dg_sql_tokens *tokens,
	    const struct dg_sql_token *token)
{
	(void)tokens;
	return token->word != DG_SQL_NO_WORD || token->code == DG_TK_ID;
}

static char
other_case(char c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return letter ? (char)(c ^ 0x20) : c;
}

/*
 * What stands before token i instead. Presto reads `double precision`,
 * `time with time zone` as one word only if there are blanks alone between.
 */
static struct dg_str
pick_gap(const struct sql_input *input, const struct dg_sql_tokens *tokens,
	 size_t i)
{
	static const char *const gaps[] = {
		" ", "\n", "\t ", " /**/\r", " -- '\n", " /*(\"*/",
	};
	const struct dg_sql_token *token = &tokens->at[i];
	size_t which = (input->dice + i * 7) % DG_ARRAY_LEN(gaps);
	size_t begin = 0;
	bool blank = true;

	if (i > 0)
		begin = token[-1].offset + (size_t)token[-1].len;
	if (input->engine.dialect == DG_SQL_PRESTO && begin < token->offset) {
		for (size_t at = begin; at < token->offset; at++)
			blank = blank && tokens->text.data[at] != '-' &&
				tokens->text.data[at] != '/';
		which = blank ? which % 3 : which % 3 + 3;
	}
	return dg_str_from_cstr(gaps[which]);
}

struct dg_str
sql_respell(const struct sql_input *input, const struct dg_sql_tokens *tokens,
	    bool (*case_of)(const struct dg_sql_tokens *tokens,
			    const struct dg_sql_token *token))
{
	size_t cap = input->text.len + (tokens->n + 1) * 8;
	char *room = dg_arena_alloc_raw(input->arena, cap);
	size_t n = 0;

	DG_ASSERT(room != NULL);
	for (size_t i = 0; i <= tokens->n; i++) {
		const struct dg_sql_token *token = &tokens->at[i];
		struct dg_str word = dg_sql_token_text(tokens->text, token);
		struct dg_str gap = pick_gap(input, tokens, i);
		bool change = case_of(tokens, token);

		memcpy(room + n, gap.data, gap.len);
		n += gap.len;
		for (size_t k = 0; k < word.len; k++)
			room[n++] = change ? other_case(word.data[k])
					   : word.data[k];
	}
	DG_ASSERT(n <= cap);
	return dg_str_make(room, n);
}

bool
sql_input_tokens(const struct sql_input *input,
		 struct dg_sql_tokens *tokens_out)
{
	struct dg_sql_error err;

	return dg_sql_tokenize(input->text, input->engine, &sql_limits,
			       input->arena, tokens_out, &err) == DG_OK &&
	       (tokens_out->n == 0 ||
		tokens_out->at[tokens_out->n - 1].code != DG_TK_ILLEGAL);
}

struct dg_arena *
sql_small_arena(const struct sql_input *input)
{
	static struct dg_arena *arena;
	size_t enough = dg_arena_used(input->arena) + ARENA_OWN;

	dg_arena_destroy(&arena);
	arena = dg_arena_create(input->dice / 7 % enough);
	return arena;
}

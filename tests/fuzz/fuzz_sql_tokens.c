/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_tokens.c - any bytes through scanner, promotion and normaliser.
 *
 * Of each token array: tokens in order, inside the text, apart from each
 * other, nothing but blanks and comments between them, brackets matched both
 * ways. Promotion decides codes of words and nothing else. Neither tokens nor
 * the normalised text depend on layout and case; normalising twice is
 * normalising once.
 */
#include "base/assert.h"
#include "sql_input.h"

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

/* How long the comment or blank is that the text begins with; 0: neither. */
static size_t
skip_one(struct dg_str text)
{
	size_t at = 2;

	if (text.len == 0)
		return 0;
	if (strchr(" \t\r\n", text.data[0]) != NULL && text.data[0] != '\0')
		return 1;
	if (dg_str_starts_with(text, DG_STR("--"))) {
		while (at < text.len && text.data[at] != '\n' &&
		       text.data[at] != '\r')
			at++;
		return at;
	}
	if (!dg_str_starts_with(text, DG_STR("/*")))
		return 0;
	while (at + 1 < text.len &&
	       !(text.data[at] == '*' && text.data[at + 1] == '/'))
		at++;
	return at + 1 < text.len ? at + 2 : 0;
}

static void
check_gap(struct dg_str gap)
{
	while (gap.len > 0) {
		size_t n = skip_one(gap);

		DG_ASSERT(n > 0);
		gap = dg_str_slice(gap, n, gap.len);
	}
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
		check_gap(dg_str_slice(tokens->text, end, token->offset));
		end = token->offset + (size_t)token->len;
		DG_ASSERT(end <= tokens->text.len);
		DG_ASSERT(token->code != DG_TK_ILLEGAL || i + 1 == tokens->n);
		check_match(tokens, i);
	}
	if (tokens->n == 0 || tokens->at[tokens->n - 1].code != DG_TK_ILLEGAL)
		check_gap(dg_str_slice(tokens->text, end, tokens->text.len));
	DG_ASSERT(tokens->at[tokens->n].code == 0);
	DG_ASSERT(tokens->at[tokens->n].offset == tokens->text.len);
}

/* What promotion links anew in a statement with lambdas. */
static bool
is_linked(const struct dg_sql_token *token)
{
	return token->code == DG_TK_AND || token->code == DG_TK_CASE ||
	       token->code == DG_TK_END;
}

/* The same words in the same order, and the same brackets. */
static void
check_same(const struct dg_sql_tokens *a, const struct dg_sql_tokens *b,
	   bool codes)
{
	DG_ASSERT(a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		DG_ASSERT(!codes || a->at[i].code == b->at[i].code);
		/* Not of this version: refused, and the word says why. */
		DG_ASSERT(a->at[i].word == b->at[i].word ||
			  (!codes && b->at[i].code == DG_TK_ILLEGAL));
		DG_ASSERT(a->at[i].len == b->at[i].len);
		DG_ASSERT(a->at[i].match == b->at[i].match ||
			  (!codes && is_linked(&a->at[i])));
	}
}

static struct dg_sql_tokens
copy_tokens(const struct dg_sql_tokens *tokens, struct dg_arena *arena)
{
	struct dg_sql_tokens copy = *tokens;

	copy.at = DG_ARENA_ARRAY(arena, struct dg_sql_token, tokens->n + 1);
	DG_ASSERT(copy.at != NULL);
	memcpy(copy.at, tokens->at, (tokens->n + 1) * sizeof(*tokens->at));
	return copy;
}

/* Promotes them, which changes codes of words and of few signs. */
static void
promote(struct dg_sql_tokens *tokens, struct dg_arena *arena)
{
	struct dg_sql_tokens before = copy_tokens(tokens, arena);

	DG_ASSERT(dg_sql_promote(tokens));
	check_same(&before, tokens, false);
	for (size_t i = 0; i < tokens->n; i++)
		DG_ASSERT(tokens->at[i].code == before.at[i].code ||
			  before.at[i].word != DG_SQL_NO_WORD ||
			  tokens->at[i].code == DG_TK_ILLEGAL ||
			  before.at[i].code == DG_TK_LP ||
			  before.at[i].code == DG_TK_DOT);
}

static void
normalize(const struct sql_input *input, struct dg_str text, struct dg_buf *out)
{
	dg_buf_clear(out);
	DG_ASSERT(dg_sql_normalize(text, input->engine, input->arena, out) ==
		  DG_OK);
}

static void
check_normal(const struct sql_input *input, struct dg_str respelled)
{
	static struct dg_buf once, twice;

	if (once.max == 0) {
		dg_buf_init(&once, (size_t)4 << 20);
		dg_buf_init(&twice, (size_t)4 << 20);
	}
	normalize(input, input->text, &once);
	normalize(input, dg_buf_peek(&once), &twice);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&once), dg_buf_peek(&twice)));
	/* "<unreadable>" itself stays as it is. */
	if (respelled.len == 0 ||
	    dg_str_eq(dg_buf_peek(&once), DG_STR("<unreadable>")))
		return;
	normalize(input, respelled, &twice);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&once), dg_buf_peek(&twice)));
}

/* Read again out of another spelling. */
static void
check_respelled(const struct sql_input *input,
		const struct dg_sql_tokens *before,
		const struct dg_sql_tokens *promoted)
{
	struct sql_input again = *input;
	struct dg_sql_tokens tokens;

	again.text = sql_respell(input, before, sql_is_word);
	DG_ASSERT(sql_input_tokens(&again, &tokens));
	check_tokens(&tokens);
	check_same(before, &tokens, true);
	DG_ASSERT(dg_sql_promote(&tokens));
	check_same(promoted, &tokens, true);
	check_normal(input, again.text);
}

/* One less than it takes is an error LIMIT; so is too small an arena. */
static void
check_limits(const struct sql_input *input, const struct dg_sql_tokens *tokens)
{
	struct dg_sql_limits limits = sql_limits;
	struct dg_sql_tokens unused;
	struct dg_sql_error err = {.line = 0};
	enum dg_rc rc;

	rc = dg_sql_tokenize(input->text, input->engine, &limits,
			     sql_small_arena(input), &unused, &err);
	DG_ASSERT(rc == DG_OK || rc == DG_ERR_LIMIT);
	if (tokens->n == 0)
		return;
	limits.max_tokens = tokens->n - 1;
	rc = dg_sql_tokenize(input->text, input->engine, &limits, input->arena,
			     &unused, &err);
	DG_ASSERT(rc == DG_ERR_LIMIT);
	sql_check_error(input->text, rc, &err);
	limits.max_tokens = tokens->n;
	rc = dg_sql_tokenize(input->text, input->engine, &limits, input->arena,
			     &unused, &err);
	DG_ASSERT(rc == DG_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_sql_error err = {.line = 0};
	struct dg_sql_tokens tokens, before;
	struct sql_input input;
	enum dg_rc rc;

	if (!sql_input_make(data, size, &input))
		return 0;
	rc = dg_sql_tokenize(input.text, input.engine, &sql_limits, input.arena,
			     &tokens, &err);
	if (rc != DG_OK) {
		sql_check_error(input.text, rc, &err);
		return 0;
	}
	check_tokens(&tokens);
	before = copy_tokens(&tokens, input.arena);
	promote(&tokens, input.arena);
	if (tokens.n > 0 && tokens.at[tokens.n - 1].code == DG_TK_ILLEGAL)
		check_normal(&input, DG_STR_EMPTY);
	else
		check_respelled(&input, &before, &tokens);
	if (input.dice % 4 == 0)
		check_limits(&input, &before);
	return 0;
}

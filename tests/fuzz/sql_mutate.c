/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_mutate.c - libFuzzer's mutator for statements: it changes tokens.
 *
 * Each step replaces a run of tokens, perhaps empty, by another text: a
 * keyword, a sign, a fragment, a run of the same or of another input. Runs are
 * single tokens, a few neighbours, or what one pair of brackets holds, so that
 * much of what is well formed stays so. Now and then the bytes go to the
 * fuzzer's own mutations, which know nothing of SQL.
 */
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "sql_input.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
				 const uint8_t *data2, size_t size2,
				 uint8_t *out, size_t max_out, unsigned seed);

enum {
	STATEMENT_MAX = 64 << 10,
	NEIGHBOURS_MAX = 6,
	STEPS_MAX = 4,
	ENGINES = 8,
};

static const char *const keywords[] = {
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved) \
#word,
#include "scan/keywords.def"
#undef DG_SQL_WORD
};

static const char *const signs[] = {
#define SQL_SIGN(sign) sign,
#define SQL_FRAGMENT(text)
#include "sql_fragments.def"
#undef SQL_FRAGMENT
#undef SQL_SIGN
};

static const char *const fragments[] = {
#define SQL_SIGN(sign)
#define SQL_FRAGMENT(text) text,
#include "sql_fragments.def"
#undef SQL_FRAGMENT
#undef SQL_SIGN
};

/* Tokens lo .. hi - 1. */
struct run {
	size_t lo;
	size_t hi;
};

struct mutation {
	uint64_t random;
	struct dg_sql_tokens tokens;
	struct dg_arena *arena;
	char text[STATEMENT_MAX];
	size_t len;
	char next[STATEMENT_MAX]; /* in the making */
	size_t next_len;
};

static size_t
pick(struct mutation *m, size_t n)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return n == 0 ? 0 : (size_t)((m->random >> 11) % n);
}

/* ---- runs of tokens */

/* False: nothing to be seen in this text. */
static bool
read_tokens(struct mutation *m, struct dg_str text,
	    struct dg_sql_tokens *tokens_out)
{
	const struct dg_sql_engine newest = {DG_SQL_TRINO, 0};
	struct dg_sql_error err;

	return dg_sql_tokenize(text, newest, &sql_limits, m->arena, tokens_out,
			       &err) == DG_OK;
}

/* From a bracket to its partner; of one token where there is none. */
static struct run
bracket_run(const struct dg_sql_tokens *tokens, size_t at, bool inside)
{
	const struct dg_sql_token *token = &tokens->at[at];
	struct run run = {at, at + 1};
	size_t open;

	if (token->match == DG_SQL_NO_TOKEN)
		return run;
	open = token->match < at ? token->match : at;
	if (tokens->at[open].match == DG_SQL_NO_TOKEN)
		return run;
	run.lo = open;
	run.hi = tokens->at[open].match + (size_t)1;
	if (inside && run.lo < run.hi) {
		run.lo++;
		run.hi--;
	}
	return run.lo <= run.hi ? run : (struct run){at, at + 1};
}

static struct run
pick_run(struct mutation *m, const struct dg_sql_tokens *tokens)
{
	size_t at = pick(m, tokens->n);
	size_t room = tokens->n - at;
	size_t many = 1 + pick(m, NEIGHBOURS_MAX);

	if (tokens->n == 0)
		return (struct run){0, 0};
	switch (pick(m, 5)) {
	case 0:
		return bracket_run(tokens, at, false);
	case 1:
		return bracket_run(tokens, at, true);
	case 2:
		return (struct run){at, at + (many < room ? many : room)};
	default:
		return (struct run){at, at + 1};
	}
}

static struct dg_str
run_text(const struct dg_sql_tokens *tokens, struct run run)
{
	const struct dg_sql_token *last;

	if (run.lo >= run.hi)
		return DG_STR_EMPTY;
	last = &tokens->at[run.hi - 1];
	return dg_str_slice(tokens->text, tokens->at[run.lo].offset,
			    last->offset + (size_t)last->len);
}

/* ---- putting a text together */

static void
put(struct mutation *m, struct dg_str text)
{
	if (text.len > sizeof(m->next) - m->next_len)
		text.len = sizeof(m->next) - m->next_len;
	if (text.len > 0)
		memcpy(m->next + m->next_len, text.data, text.len);
	m->next_len += text.len;
}

/* With a blank before it, unless one chance in eight has it otherwise. */
static void
put_apart(struct mutation *m, struct dg_str text)
{
	if (text.len > 0 && m->next_len > 0 && pick(m, 8) != 0)
		put(m, DG_STR(" "));
	put(m, text);
}

static void
put_before(struct mutation *m, size_t token)
{
	put(m, dg_str_slice(m->tokens.text, 0, m->tokens.at[token].offset));
}

static void
put_from(struct mutation *m, size_t token)
{
	put_apart(m, dg_str_slice(m->tokens.text, m->tokens.at[token].offset,
				  m->tokens.text.len));
}

static struct dg_str
pick_text(struct mutation *m)
{
	switch (pick(m, 5)) {
	case 0:
	case 1:
		return dg_str_from_cstr(
			keywords[pick(m, DG_ARRAY_LEN(keywords))]);
	case 2:
		return dg_str_from_cstr(signs[pick(m, DG_ARRAY_LEN(signs))]);
	case 3:
		return dg_str_from_cstr(
			fragments[pick(m, DG_ARRAY_LEN(fragments))]);
	default:
		return run_text(&m->tokens, pick_run(m, &m->tokens));
	}
}

static void
replace(struct mutation *m, struct run run, struct dg_str by)
{
	put_before(m, run.lo);
	put_apart(m, by);
	put_from(m, run.hi);
}

static void
wrap(struct mutation *m, struct run run)
{
	static const char *const around[][2] = {
		{"(", ")"},
		{"(select ", ")"},
		{"select * from (", ")"},
		{"f(", ")"},
		{"case when ", " then a end"},
		{"array[", "]"},
		{"explain ", ""},
		{"cast(", " as bigint)"},
		{"\"", "\""},
		{"/*", "*/"},
	};
	size_t which = pick(m, DG_ARRAY_LEN(around));

	put_before(m, run.lo);
	put_apart(m, dg_str_from_cstr(around[which][0]));
	put(m, run_text(&m->tokens, run));
	put(m, dg_str_from_cstr(around[which][1]));
	put_from(m, run.hi);
}

/* Two runs change places, unless they overlap. */
static void
swap(struct mutation *m, struct run a, struct run b)
{
	struct run first = a.lo < b.lo ? a : b;
	struct run second = a.lo < b.lo ? b : a;

	if (second.lo < first.hi)
		second = first;
	put_before(m, first.lo);
	put_apart(m, run_text(&m->tokens, second));
	if (second.lo != first.lo) {
		put_apart(m, run_text(&m->tokens,
				      (struct run){first.hi, second.lo}));
		put_apart(m, run_text(&m->tokens, first));
	}
	put_from(m, second.hi);
}

/* The first token of a run, with which bytes does not matter, goes. */
static void
change(struct mutation *m)
{
	struct run run = pick_run(m, &m->tokens);
	struct run none = {run.lo, run.lo};

	switch (pick(m, 8)) {
	case 0:
		replace(m, run, DG_STR_EMPTY);
		return;
	case 1:
	case 2:
		replace(m, none, pick_text(m));
		return;
	case 3:
		replace(m, none, run_text(&m->tokens, run));
		return;
	case 4:
		swap(m, run, pick_run(m, &m->tokens));
		return;
	case 5:
		wrap(m, run);
		return;
	default:
		replace(m, run, pick_text(m));
	}
}

/* ---- from and to the fuzzer */

static struct mutation *
begin(struct dg_str text, unsigned seed)
{
	static struct mutation m;

	if (m.arena == NULL)
		m.arena = dg_arena_create((size_t)8 << 20);
	dg_arena_reset(m.arena);
	m.random = ((uint64_t)seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
	m.len = text.len < sizeof(m.text) ? text.len : sizeof(m.text);
	if (m.len > 0)
		memcpy(m.text, text.data, m.len);
	m.next_len = 0;
	return &m;
}

/* False: the text has no tokens that are known. */
static bool
take(struct mutation *m)
{
	return read_tokens(m, dg_str_make(m->text, m->len), &m->tokens);
}

static void
step(struct mutation *m)
{
	memcpy(m->text, m->next, m->next_len);
	m->len = m->next_len;
	m->next_len = 0;
	dg_arena_reset(m->arena);
}

static size_t
end(struct mutation *m, uint8_t engine, uint8_t *out, size_t max)
{
	size_t len = m->len < max - 1 ? m->len : max - 1;

	out[0] = pick(m, 16) == 0 ? (uint8_t)('0' + pick(m, ENGINES)) : engine;
	if (len > 0)
		memcpy(out + 1, m->text, len);
	return len + 1;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			unsigned seed)
{
	struct mutation *m;
	size_t steps;

	if (size < 2 || max_size < 2)
		return LLVMFuzzerMutate(data, size, max_size);
	m = begin(dg_str_make((const char *)data + 1, size - 1), seed);
	if (pick(m, 6) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	steps = 1 + pick(m, STEPS_MAX);
	for (size_t i = 0; i < steps && take(m); i++) {
		change(m);
		step(m);
	}
	return end(m, data[0], data, max_size);
}

/* A run of the first is replaced by, or followed by, one of the second. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
			  const uint8_t *data2, size_t size2, uint8_t *out,
			  size_t max_out, unsigned seed)
{
	struct dg_sql_tokens other;
	struct mutation *m;
	struct run run;

	if (size1 < 2 || size2 < 2 || max_out < 2)
		return 0;
	m = begin(dg_str_make((const char *)data1 + 1, size1 - 1), seed);
	if (!take(m) ||
	    !read_tokens(m, dg_str_make((const char *)data2 + 1, size2 - 1),
			 &other))
		return 0;
	run = pick_run(m, &m->tokens);
	if (pick(m, 2) == 0)
		run.lo = run.hi;
	replace(m, run, run_text(&other, pick_run(m, &other)));
	step(m);
	return end(m, data1[0], out, max_out);
}

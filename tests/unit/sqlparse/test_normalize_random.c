/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_normalize_random.c - what must hold of normalised text, whatever the
 * statement: those of tests/sql and, where they are, of the shared corpora.
 *
 * Each statement is written again from its tokens with other white space,
 * comments, letters' case and literals: text and fingerprint stay. With one
 * word changed, one token more or one fewer they do not. DG_SEED makes another
 * run of it; a failure prints the seed.
 */
#include "sql_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "scan/token.h"

enum {
	TEXT_MAX = 1 << 20,
	FILE_MAX = 8 << 20,
	CORPUS_TAKEN = 4, /* of so many statements of the corpora one */
};

struct run {
	struct sql_fixture *f;
	struct dg_arena *tokens; /* of the statement; f->arena is reset */
	struct dg_buf text;      /* a statement written again */
	struct dg_buf normal;
	struct dg_buf again;
	uint64_t state; /* of the random numbers */
	unsigned long seed;
	size_t n;
};

/* splitmix64 */
static unsigned
random_below(struct run *r, unsigned n)
{
	uint64_t z;

	r->state += UINT64_C(0x9E3779B97F4A7C15);
	z = r->state;
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (unsigned)((z ^ z >> 31) % n);
}

static void
put(struct run *r, struct dg_str s)
{
	assert_int_equal(dg_buf_append(&r->text, s), DG_OK);
}

/* ---- writing again ------------------------------------------------------ */

static void
put_gap(struct run *r)
{
	static const char *const gaps[] = {
		" ",         "\n",          "\t", "\r\n ", "  ",
		"/* 'x' */", " --\"\n",     " ",  "\r",    "/**/",
		" -- a;b\r", "/* -- */ \n", " ",
	};

	put(r, dg_str_from_cstr(gaps[random_below(r, DG_ARRAY_LEN(gaps))]));
}

/* A literal of the same kind. */
static bool
put_literal(struct run *r, unsigned code)
{
	static const char *const strings[] = {"''", "'secret'", "'it''s'",
					      "'--'", "'?'"};
	static const char *const numbers[] = {"0", "42", "007"};

	switch (code) {
	case DG_TK_LIT_STRING:
		put(r,
		    dg_str_from_cstr(
			    strings[random_below(r, DG_ARRAY_LEN(strings))]));
		return true;
	case DG_TK_LIT_INTEGER:
		put(r,
		    dg_str_from_cstr(
			    numbers[random_below(r, DG_ARRAY_LEN(numbers))]));
		return true;
	}
	return false;
}

static void
put_any_case(struct run *r, struct dg_str word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];
		char low = (char)(c | 0x20);

		if (low >= 'a' && low <= 'z' && random_below(r, 2) == 0)
			c = (char)(c ^ 0x20);
		put(r, dg_str_make(&c, 1));
	}
}

static bool
is_wordlike(const struct dg_sql_token *token)
{
	return token->code == DG_TK_ID || token->word != DG_SQL_NO_WORD;
}

/* Without a gap between them; then it may stay so. */
static bool
touches_next(const struct dg_sql_tokens *tokens, size_t at)
{
	const struct dg_sql_token *next = &tokens->at[at + 1];

	return at + 1 < tokens->n &&
	       tokens->at[at].offset + tokens->at[at].len == next->offset;
}

static void
write_again(struct run *r, const struct dg_sql_tokens *tokens)
{
	dg_buf_clear(&r->text);
	put_gap(r);
	for (size_t i = 0; i < tokens->n; i++) {
		const struct dg_sql_token *token = &tokens->at[i];
		struct dg_str word = dg_sql_token_text(tokens->text, token);

		if (is_wordlike(token))
			put_any_case(r, word);
		else if (!put_literal(r, token->code))
			put(r, word);
		if (!touches_next(tokens, i) || random_below(r, 3) == 0)
			put_gap(r);
	}
}

/* Without token `left`; `changed` has another name, behind `more` stands `,`.
 */
static void
write_other(struct run *r, const struct dg_sql_tokens *tokens, size_t left,
	    size_t changed, size_t more)
{
	dg_buf_clear(&r->text);
	for (size_t i = 0; i < tokens->n; i++) {
		if (i == changed)
			put(r, DG_STR("zz9"));
		else if (i != left)
			put(r, dg_sql_token_text(tokens->text, &tokens->at[i]));
		put(r, DG_STR(" "));
		if (i == more)
			put(r, DG_STR(", "));
	}
}

/* ---- what must hold ------------------------------------------------------ */

static struct dg_str
normalize(struct run *r, struct dg_str text, struct dg_sql_engine engine,
	  struct dg_buf *out)
{
	dg_arena_reset(r->f->arena);
	dg_buf_clear(out);
	assert_int_equal(dg_sql_normalize(text, engine, r->f->arena, out),
			 DG_OK);
	return dg_buf_peek(out);
}

static void
check(struct run *r, bool good, struct dg_str text)
{
	if (good)
		return;
	print_error("DG_SEED=%lu\nof     %.*s\nbecame %.*s\nfirst  %.*s\n"
		    "then   %.*s\n",
		    r->seed, DG_STR_ARG(text),
		    DG_STR_ARG(dg_buf_peek(&r->text)),
		    DG_STR_ARG(dg_buf_peek(&r->normal)),
		    DG_STR_ARG(dg_buf_peek(&r->again)));
	fail();
}

/* Whether what is in r->text normalises to r->normal, print and all. */
static bool
is_same(struct run *r, struct dg_str text, struct dg_sql_engine engine)
{
	struct dg_str other = dg_buf_peek(&r->text);
	bool same = dg_str_eq(normalize(r, other, engine, &r->again),
			      dg_buf_peek(&r->normal));
	uint64_t a = dg_sql_fingerprint(text, engine, r->f->arena);
	uint64_t b = dg_sql_fingerprint(other, engine, r->f->arena);

	check(r, same == (a == b), text);
	return same;
}

/* A comment that nobody closes: one that is written behind it would. */
static bool
has_open_comment(const struct dg_sql_tokens *tokens)
{
	for (size_t i = 0; i + 1 < tokens->n; i++) {
		if (tokens->at[i].code == DG_TK_SLASH &&
		    tokens->at[i + 1].code == DG_TK_STAR &&
		    touches_next(tokens, i))
			return true;
	}
	return false;
}

static void
check_statement(struct run *r, struct dg_str text, struct dg_sql_engine engine)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_error err;
	size_t at;

	dg_arena_reset(r->tokens);
	if (text.len > TEXT_MAX / 64 ||
	    dg_sql_tokenize(text, engine, &r->f->limits, r->tokens, &tokens,
			    &err) != DG_OK ||
	    tokens.n == 0 || tokens.at[tokens.n - 1].code == DG_TK_ILLEGAL ||
	    has_open_comment(&tokens))
		return;
	r->n++;
	normalize(r, text, engine, &r->normal);
	dg_buf_clear(&r->text);
	put(r, dg_buf_peek(&r->normal));
	check(r, is_same(r, text, engine), text);
	write_again(r, &tokens);
	check(r, is_same(r, text, engine), text);
	at = random_below(r, (unsigned)tokens.n);
	write_other(r, &tokens, at, SIZE_MAX, SIZE_MAX);
	check(r, !is_same(r, text, engine), text);
	write_other(r, &tokens, SIZE_MAX, SIZE_MAX, at);
	check(r, !is_same(r, text, engine), text);
	if (!is_wordlike(&tokens.at[at]))
		return;
	write_other(r, &tokens, SIZE_MAX, at, SIZE_MAX);
	check(r, !is_same(r, text, engine), text);
}

static void
check_both(struct run *r, struct dg_str text)
{
	check_statement(r, text, sql_trino(0));
	check_statement(r, text, sql_presto(0));
}

/* ---- where statements come from ------------------------------------------ */

static bool
read_file(const char *path, struct dg_buf *out)
{
	FILE *in = fopen(path, "rb");
	char *room;
	size_t n;

	dg_buf_clear(out);
	if (in == NULL)
		return false;
	do {
		assert_int_equal(dg_buf_reserve(out, 65536, &room), DG_OK);
		n = fread(room, 1, 65536, in);
		dg_buf_commit(out, n);
	} while (n == 65536);
	fclose(in);
	return true;
}

/* Each line of a golden file; most are statements, all are texts. */
static void
check_lines(struct run *r, struct dg_str lines)
{
	struct dg_str line;

	while (dg_str_split(&lines, '\n', &line))
		check_both(r, line);
}

static void
check_corpus(struct run *r, struct dg_str lines)
{
	struct dg_str line;

	while (dg_str_split(&lines, '\n', &line)) {
		struct dg_json *root = NULL;
		struct dg_error err;
		struct dg_str sql;

		if (random_below(r, CORPUS_TAKEN) != 0)
			continue;
		if (dg_json_parse(line, FILE_MAX, &root, &err) == DG_OK &&
		    dg_json_string(dg_json_get(root, "sql"), &sql))
			check_both(r, sql);
		dg_json_destroy(&root);
	}
}

static void
check_folder(struct run *r, const char *folder, const char *suffix,
	     void (*check_file)(struct run *, struct dg_str))
{
	struct dg_buf contents;
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);

	dg_buf_init(&contents, FILE_MAX);
	for (int i = 0; i < n; i++) {
		struct dg_str name = dg_str_from_cstr(names[i]->d_name);
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (dg_str_ends_with(name, dg_str_from_cstr(suffix)) &&
		    read_file(path, &contents))
			check_file(r, dg_buf_peek(&contents));
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	dg_buf_fini(&contents);
}

static int
setup(void **state)
{
	const char *seed = getenv("DG_SEED");
	struct run *r = DG_NEW(struct run);
	void *fixture;

	assert_int_equal(sql_setup(&fixture), 0);
	r->f = fixture;
	r->tokens = dg_arena_create((size_t)64 << 20);
	dg_buf_init(&r->text, TEXT_MAX);
	dg_buf_init(&r->normal, TEXT_MAX);
	dg_buf_init(&r->again, TEXT_MAX);
	r->seed = seed == NULL ? 1 : strtoul(seed, NULL, 10);
	r->state = r->seed;
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct run *r = *state;
	void *fixture = r->f;

	dg_buf_fini(&r->again);
	dg_buf_fini(&r->normal);
	dg_buf_fini(&r->text);
	dg_arena_destroy(&r->tokens);
	dg_free(r);
	return sql_teardown(&fixture);
}

static void
test_own_statements(void **state)
{
	static const char *const folders[] = {"access", "ast", "presto",
					      "refusals", "statements"};
	struct run *r = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(folders); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/tests/sql/%s", DG_ROOT,
			 folders[i]);
		check_folder(r, path, ".golden", check_lines);
	}
	print_message("%zu texts\n", r->n);
	assert_true(r->n > 2000);
}

static void
test_corpora(void **state)
{
	const char *shared = getenv("DG_SHARED");
	struct run *r = *state;
	struct stat info;
	char path[512];

	snprintf(path, sizeof(path), "%s/corpora",
		 shared == NULL ? DG_ROOT "/../shared" : shared);
	if (stat(path, &info) != 0) {
		print_message("no corpora in %s\n", path);
		skip();
	}
	check_folder(r, path, ".jsonl", check_corpus);
	print_message("%zu texts\n", r->n);
	assert_true(r->n > 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_own_statements, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_corpora, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

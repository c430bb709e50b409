/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_token.c - the scanner reads what the engines' lexers read.
 *
 * Each case is a text and its tokens, one letter or two a token: n name,
 * q quoted, s string, b binary, i integer, d decimal or double, k keyword,
 * x illegal, signs as they are.
 */
#include "sql_support.h"

#include "scan/token.h"

#define LIT(literal) DG_STR_INIT(literal)

struct token_case {
	struct dg_str text;
	const char *tokens;
};

static const char *
shape(const struct dg_sql_token *token)
{
	switch (token->code) {
	case DG_TK_ID:
		return token->word == 0 ? "n" : "k";
	case DG_TK_QUOTED:
		return "q";
	case DG_TK_LIT_STRING:
		return "s";
	case DG_TK_LIT_UNICODE:
		return "u";
	case DG_TK_LIT_BINARY:
		return "b";
	case DG_TK_LIT_INTEGER:
		return "i";
	case DG_TK_LIT_DECIMAL:
		return "d";
	case DG_TK_ILLEGAL:
		return "x";
	}
	return token->word == 0 ? NULL : "k";
}

static void
scan(struct sql_fixture *f, struct dg_str text, struct dg_sql_engine engine,
     struct dg_sql_tokens *tokens)
{
	dg_arena_reset(f->arena);
	assert_int_equal(dg_sql_tokenize(text, engine, &f->limits, f->arena,
					 tokens, &f->err),
			 DG_OK);
}

static void
check_case(struct sql_fixture *f, const struct token_case *c,
	   struct dg_sql_engine engine)
{
	struct dg_sql_tokens tokens;

	scan(f, c->text, engine, &tokens);
	dg_buf_clear(&f->out);
	for (size_t i = 0; i < tokens.n; i++) {
		const char *letter = shape(&tokens.at[i]);
		struct dg_str sign = dg_sql_token_text(c->text, &tokens.at[i]);

		if (letter != NULL)
			sign = dg_str_from_cstr(letter);
		assert_int_equal(dg_buf_appendf(&f->out, "%s%.*s",
						i == 0 ? "" : " ",
						DG_STR_ARG(sign)),
				 DG_OK);
	}
	assert_same(dg_buf_peek(&f->out), dg_str_from_cstr(c->tokens), c->text);
	assert_int_equal(tokens.at[tokens.n].code, 0);
	assert_int_equal(tokens.at[tokens.n].offset, c->text.len);
}

static void
check_cases(void **state, const struct token_case *cases, size_t n,
	    struct dg_sql_engine engine)
{
	for (size_t i = 0; i < n; i++)
		check_case(*state, &cases[i], engine);
}

/* Read alike by every version of both. */
static const struct token_case common[] = {
	{LIT(""), ""},
	{LIT(" \t\r\n"), ""},
	{LIT("a _b c9_ A"), "n n n n"},
	{LIT("select FROM wHeRe selec fromm"), "k k k n n"},
	{LIT("\"a\" \"a\"\"b\" \"sel\nect\""), "q q q"},
	{LIT("'a' 'it''s' '' 'a\nb' 'a\\'"), "s s s s s"},
	{LIT("'a''b' 'c'"), "s s"},
	{LIT("'a' 'b'"), "s s"},
	{LIT("1 12 1.5 1. .5 1e5 1.5E+3 .5e-1 1.e2"), "i i d d d d d d d"},
	{LIT("1.e a"), "d n n"}, /* 1. and the alias e */
	{LIT("1.5e3x"), "d n"},
	{LIT("a.5"), "n d"},
	{LIT("a.b"), "n . n"},
	{LIT("1a"), "x"},
	{LIT("1e5a"), "x"},
	{LIT("1_"), "x"},
	{LIT("1-1"), "i - i"},
	{LIT("1--1"), "i"},
	{LIT("a->b a- >b"), "n -> n n - > n"},
	{LIT("< <= <> = => > >= != ||"), "< <= <> = => > >= != ||"},
	{LIT("+-*/%,.()[]?;"), "+ - * / % , . ( ) [ ] ? ;"},
	{LIT("x'0A' X'' x 'ab' xx'ab'"), "b b n s n s"},
	{LIT("X'ab''cd'"), "b s"}, /* no '' escape */
	{LIT("U&'\\0041' u&'a''b' u & 'a'"), "u u n x"},
	{LIT("U&\"x\""), "n x"},
	{LIT("-- c\na"), "n"},
	{LIT("-- c\ra"), "n"},           /* a lone CR ends it */
	{LIT("-- c\xE2\x80\xA8 a"), ""}, /* U+2028 does not */
	{LIT("--"), ""},
	{LIT("/* a */ b /**/ c"), "n n"},
	{LIT("/* a /* b */ c */"), "n * /"}, /* no nesting */
	{LIT("/*/ a */ b"), "n"},
	{LIT("/* a"), "/ * n"},
	{LIT("/* /* /*"), "/ * / * / *"},
	{LIT("/*+ hint */"), ""},
	{LIT("'/*' a '*/'"), "s n s"},
	{LIT("'--' a"), "s n"},
	{LIT("\"--\" \"/*\""), "q q"},
	{LIT("a \f b"), "n x"},
	{LIT("a \v b"), "n x"},
	{LIT("a\xC2\xA0"
	     "b"),
	 "n x"},
	{LIT("\xEF\xBB\xBFselect"), "x"},
	{LIT("a\0b"), "n x"},
	{LIT("'a\0b'"), "s"},
	{LIT("'abc"), "x"},
	/* The last quote closes nothing: it opens, as in the engines. */
	{LIT("'abc''"), "s x"},
	{LIT("'abc''d"), "s x"},
	{LIT("'a''b''"), "s x"},
	{LIT("'abc"), "x"},
	{LIT("a \"abc"), "n x"},
	{LIT("`a` b"), "x"},
	{LIT("`a"), "x"},
	{LIT("a ! b"), "n x"},
	{LIT("a & b"), "n x"},
	{LIT("\\"), "x"},
	{LIT("ARRAY<ARRAY<x>>"), "k < k < n > >"},
};

static void
test_common(void **state)
{
	check_cases(state, common, DG_ARRAY_LEN(common), sql_trino(0));
	check_cases(state, common, DG_ARRAY_LEN(common), sql_trino(351));
	check_cases(state, common, DG_ARRAY_LEN(common), sql_presto(0));
	check_cases(state, common, DG_ARRAY_LEN(common), sql_presto(287));
}

static const struct token_case trino[] = {
	{LIT("a:b a::b a@b"), "n : n n :: n n @ n"},
	{LIT("a | b||c ^ $"), "n | n || n ^ $"},
	{LIT("{--}a{2,}-}-->"), "{- -} n { i , } -}"},
	{LIT("\"\""), "x"},
	{LIT("\xC5\xBF"
	     "elect"),
	 "x"},
	{LIT("0x1F 0X_ff 0o17 0b1_0 1_000 1_0.0_1 .1_0"), "i i i i i d d"},
	{LIT("0x1G"), "x"},
	{LIT("0x"), "x"},
	{LIT("0b2"), "x"},
	{LIT("1__0"), "x"},
	{LIT("1_0e5"), "x"}, /* doubles have no underscores */
};

static const struct token_case trino_old[] = {
	{LIT("a::b"), "n : : n"},
	{LIT("0x1F"), "x"},
	{LIT("1_000"), "x"},
};

static const struct token_case presto[] = {
	{LIT("a:b"), "x"},      {LIT("a@b"), "x"},     {LIT("1@"), "x"},
	{LIT("\"\" a"), "q n"}, {LIT("0x1F"), "x"},    {LIT("1_000"), "x"},
	{LIT(":"), "x"},        {LIT("a | b"), "n x"}, {LIT("^"), "x"},
};

static void
test_dialects(void **state)
{
	check_cases(state, trino, DG_ARRAY_LEN(trino), sql_trino(482));
	check_cases(state, trino_old, DG_ARRAY_LEN(trino_old), sql_trino(419));
	check_cases(state, presto, DG_ARRAY_LEN(presto), sql_presto(296));
}

/* Of a name only: the same bytes are data in a string. */
static void
test_nul_names(void **state)
{
	static const struct dg_str names[] = {LIT("\"a\0b\""), LIT("\"\0\""),
					      LIT("\"a\"\"\0\"")};
	static const struct token_case fine = {LIT("'a\0b' \"a\""), "s q"};
	const struct dg_sql_engine engines[] = {sql_trino(0), sql_presto(0)};
	struct dg_sql_tokens tokens;

	for (size_t e = 0; e < DG_ARRAY_LEN(engines); e++) {
		for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
			scan(*state, names[i], engines[e], &tokens);
			assert_int_equal(tokens.at[tokens.n - 1].code,
					 DG_TK_ILLEGAL);
			assert_int_equal(tokens.at[tokens.n - 1].word,
					 DG_SQL_I_NUL_NAME);
		}
		check_case(*state, &fine, engines[e]);
	}
}

/* Presto reads both letters as ASCII, in whatever word and from then on. */
static void
test_folded_letters(void **state)
{
	static const struct {
		struct dg_str text;
		unsigned code;
	} words[] = {
		{LIT("\xC5\xBF"
		     "elect"),
		 DG_TK_SELECT},
		{LIT("\xC4\xB1nner"), DG_TK_INNER},
		{LIT("in\xC5\xBF"
		     "ert"),
		 DG_TK_INSERT},
		{LIT("current_t\xC4\xB1me\xC5\xBFtamp"),
		 DG_TK_NILADIC_PRECISION},
		{LIT("\xC5\xBF"), DG_TK_ID},
		{LIT("a\xC4\xB1"
		     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		 DG_TK_ID},
		{LIT("1\xC5\xBF"), DG_TK_ILLEGAL},
		{LIT("\xC5\xBF:"), DG_TK_ILLEGAL},
		{LIT("\xC5\xBE"), DG_TK_ILLEGAL},
	};
	static const struct token_case fine = {
		LIT("'\xC5\xBF' \"\xC4\xB1\" -- \xC5\xBF\n"), "s q"};
	struct dg_sql_tokens tokens;

	for (size_t i = 0; i < DG_ARRAY_LEN(words); i++) {
		scan(*state, words[i].text, sql_presto(0), &tokens);
		assert_int_equal(tokens.n, 1);
		assert_int_equal(tokens.at[0].code, words[i].code);
		assert_int_equal(tokens.at[0].len, words[i].text.len);
		scan(*state, words[i].text, sql_trino(0), &tokens);
		assert_int_equal(tokens.at[tokens.n - 1].code, DG_TK_ILLEGAL);
	}
	check_case(*state, &fine, sql_presto(0));
}

static void
test_brackets(void **state)
{
	static const uint32_t none = DG_SQL_NO_TOKEN;
	/*                     0 1 2 3 4 5 6 7 8 9 */
	struct dg_str text = DG_STR("a ( b [ c ] d ) e )");
	const uint32_t match[] = {none, 7, 1, 5, 3, 3, 1, 1, none, none};
	struct dg_sql_tokens tokens;

	scan(*state, text, sql_trino(0), &tokens);
	assert_int_equal(tokens.n, DG_ARRAY_LEN(match));
	for (size_t i = 0; i < tokens.n; i++)
		assert_int_equal(tokens.at[i].match, match[i]);
	scan(*state, DG_STR("( [ ) a"), sql_trino(0), &tokens);
	assert_int_equal(tokens.at[0].match, none);
	assert_int_equal(tokens.at[1].match, none);
	assert_int_equal(tokens.at[2].match, none);
}

/* A word is a keyword from its version on, in its dialect. */
static void
test_versions(void **state)
{
	static const struct {
		const char *word;
		enum dg_sql_dialect dialect;
		unsigned before;
		unsigned since;
	} cases[] = {
		{"merge", DG_SQL_TRINO, 353, 354},
		{"merge", DG_SQL_PRESTO, 294, 295},
		{"window", DG_SQL_TRINO, 351, 352},
		{"json_table", DG_SQL_TRINO, 418, 419},
		{"groups", DG_SQL_PRESTO, 280, 281},
		{"auto", DG_SQL_TRINO, 474, 475},
		{"current_user", DG_SQL_PRESTO, 200, 201},
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str text = dg_str_from_cstr(cases[i].word);
		struct dg_sql_engine engine = {cases[i].dialect,
					       cases[i].before};
		struct dg_sql_tokens tokens;

		scan(*state, text, engine, &tokens);
		assert_int_equal(tokens.at[0].word, DG_SQL_NO_WORD);
		assert_int_equal(tokens.at[0].code, DG_TK_ID);
		engine.version = cases[i].since;
		scan(*state, text, engine, &tokens);
		assert_int_not_equal(tokens.at[0].word, DG_SQL_NO_WORD);
		engine.version = 0;
		scan(*state, text, engine, &tokens);
		assert_int_not_equal(tokens.at[0].word, DG_SQL_NO_WORD);
	}
	assert_true(dg_sql_word_is_reserved(DG_SQL_W_SELECT, sql_presto(1)));
	assert_false(dg_sql_word_is_reserved(DG_SQL_W_LIMIT, sql_trino(0)));
	assert_true(dg_sql_word_is_reserved(DG_SQL_W_TRIM, sql_trino(377)));
	assert_false(dg_sql_word_is_reserved(DG_SQL_W_TRIM, sql_trino(376)));
	assert_false(dg_sql_word_is_reserved(DG_SQL_W_TRIM, sql_presto(0)));
}

/* Every keyword is found, whatever its case, and names itself. */
static void
test_every_word(void **state)
{
	for (unsigned w = 1; w < DG_SQL_N_WORDS; w++) {
		struct dg_str name = dg_sql_word_name((enum dg_sql_word)w);
		char lower[64];
		struct dg_sql_tokens t;
		struct dg_sql_tokens p;
		unsigned word;

		for (size_t i = 0; i < name.len; i++)
			lower[i] = name.data[i] == '_'
					   ? '_'
					   : (char)(name.data[i] | 0x20);
		scan(*state, dg_str_make(lower, name.len), sql_trino(0), &t);
		word = t.at[0].word;
		if (word == DG_SQL_NO_WORD) {
			scan(*state, name, sql_presto(0), &p);
			word = p.at[0].word;
		}
		assert_int_equal(word, w);
	}
}

static void
test_limits(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_str text = DG_STR("a b c d");
	struct dg_sql_tokens tokens;

	f->limits.max_tokens = 4;
	assert_int_equal(dg_sql_tokenize(text, sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_OK);
	assert_int_equal(dg_sql_tokenize(DG_STR("a b c d /* e */ -- f"),
					 sql_trino(0), &f->limits, f->arena,
					 &tokens, &f->err),
			 DG_OK);
	f->limits.max_tokens = 3;
	assert_int_equal(dg_sql_tokenize(text, sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_ERR_LIMIT);
	assert_int_equal(f->err.kind, DG_SQL_E_LIMIT);
	assert_int_equal(f->err.offset, 6); /* the fourth */
	f->limits.max_tokens = 0;
	assert_int_equal(dg_sql_tokenize(text, sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_ERR_LIMIT);
	assert_non_null(strstr(f->err.text, "more than 0 words"));
	assert_int_equal(dg_sql_tokenize(DG_STR(" "), sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_OK);
	f->limits = dg_sql_default_limits;
	f->limits.max_bytes = text.len;
	assert_int_equal(dg_sql_tokenize(text, sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_OK);
	f->limits.max_bytes = text.len - 1;
	assert_int_equal(dg_sql_tokenize(text, sql_trino(0), &f->limits,
					 f->arena, &tokens, &f->err),
			 DG_ERR_LIMIT);
	f->limits = dg_sql_default_limits;
}

/* `aa..` blanks `b` blanks: at each place, of each length. */
static void
check_blanks(struct sql_fixture *f, size_t a, size_t run)
{
	static const char blanks[] = " \t\n\r";
	struct dg_sql_tokens tokens;
	char text[512];
	size_t n = 2 * run + a + 1;

	for (size_t i = 0; i < n; i++)
		text[i] = blanks[(i + run) % 4];
	memset(text, 'a', a);
	text[a + run] = 'b';
	scan(f, dg_str_make(text, n), sql_trino(0), &tokens);
	assert_int_equal(tokens.n, 2);
	assert_int_equal(tokens.at[0].len, a);
	assert_int_equal(tokens.at[1].offset, a + run);
	assert_int_equal(tokens.at[1].len, 1);
	/* The limit looks for a token behind the last one on its own. */
	f->limits.max_tokens = 2;
	scan(f, dg_str_make(text, n), sql_trino(0), &tokens);
	assert_int_equal(tokens.n, 2);
	f->limits = dg_sql_default_limits;
}

static void
test_blanks(void **state)
{
	for (size_t a = 1; a <= 70; a++)
		for (size_t run = 1; run <= 140; run++)
			check_blanks(*state, a, run);
}

/* A small arena is an error of its own, not a crash. */
static void
test_small_arena(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_arena *small = dg_arena_create(4096);
	char text[4000];
	struct dg_sql_tokens tokens;

	memset(text, ',', sizeof(text));
	assert_int_equal(dg_sql_tokenize(dg_str_make(text, sizeof(text)),
					 sql_trino(0), &f->limits, small,
					 &tokens, &f->err),
			 DG_ERR_LIMIT);
	dg_arena_destroy(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_nul_names),
		cmocka_unit_test(test_folded_letters),
		cmocka_unit_test(test_brackets),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_small_arena),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dump.c - the canonical dump and the walker: what they show, that layout
 * does not show, that they agree, that chains do not recurse.
 */
#include "sql_support.h"

#include "ast/ast.h"

static const struct {
	const char *text;
	const char *dump;
} cases[] = {
	{"select 1", "(query-statement query=(query body=(select items=[(item "
		     "expr=(number \"1\"))])))"},
	{"commit", "(commit)"},
	{"use \"C\".s", "(use catalog=(id quoted \"C\") schema=(id \"s\"))"},
	{"drop table if exists a.b",
	 "(drop-table if-exists table=(name parts=[(id \"a\") (id \"b\")]))"},
	{"deallocate prepare p", "(deallocate name=(id \"p\"))"},
	{"execute p using 'a\"\\\t\xC3\xA9', U&'\\0041', X'0a 0B'",
	 "(execute name=(id \"p\") using=[(string \"a\\\"\\\\\\x09\xC3\xA9\") "
	 "(string \"A\") (binary \"0A0B\")])"},
	{"execute p using -a + b * c || d",
	 "(execute name=(id \"p\") using=[(op || left=(op + left=(unary - "
	 "value=(id \"a\")) right=(op * left=(id \"b\") right=(id \"c\"))) "
	 "right=(id \"d\"))])"},
	{"execute p using a and not b or c = 1",
	 "(execute name=(id \"p\") using=[(op or left=(op and left=(id \"a\") "
	 "right=(not value=(id \"b\"))) right=(op = left=(id \"c\") "
	 "right=(number \"1\")))])"},
	{"execute p using (select 1)",
	 "(execute name=(id \"p\") using=[(scalar-query query=(query "
	 "body=(select items=[(item expr=(number \"1\"))])))])"},
	{"execute p using cast(a as decimal ( 10 , 2 ))",
	 "(execute name=(id \"p\") using=[(cast value=(id \"a\") type=(type "
	 "\"decimal(10,2)\"))])"},
};

static void
test_cases(void **state)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_same(sql_dump(*state, dg_str_from_cstr(cases[i].text),
				     sql_trino(0)),
			    dg_str_from_cstr(cases[i].dump),
			    dg_str_from_cstr(cases[i].text));
}

/* Words of one layout, to be joined by another. */
static const char *const words[] = {
	"with",       "recursive",
	"c",          "(",
	"x",          ")",
	"as",         "(",
	"select",     "a",
	".",          "b",
	"as",         "x",
	"from",       "cat",
	".",          "s",
	".",          "t",
	"as",         "a",
	"left",       "join",
	"u",          "using",
	"(",          "k",
	",",          "l",
	")",          "where",
	"a",          ".",
	"b",          "between",
	"-",          "1",
	"and",        "count",
	"(",          "*",
	")",          "filter",
	"(",          "where",
	"true",       ")",
	"over",       "(",
	"partition",  "by",
	"1",          "order",
	"by",         "2",
	"desc",       "nulls",
	"first",      "rows",
	"between",    "unbounded",
	"preceding",  "and",
	"current",    "row",
	")",          "group",
	"by",         "grouping",
	"sets",       "(",
	"(",          ")",
	",",          "(",
	"a",          ",",
	"b",          ")",
	")",          "having",
	"exists",     "(",
	"table",      "z",
	")",          "union",
	"all",        "values",
	"(",          "1",
	",",          "'It''s'",
	")",          ")",
	"select",     "*",
	",",          "c",
	".",          "*",
	",",          "cast",
	"(",          "x",
	"as",         "array",
	"(",          "varchar",
	")",          ")",
	",",          "interval",
	"'1'",        "day",
	"to",         "second",
	",",          "case",
	"x",          "when",
	"1",          "then",
	"date",       "'2020-01-01'",
	"else",       "current_timestamp",
	"(",          "3",
	")",          "end",
	"from",       "c",
	",",          "unnest",
	"(",          "a",
	")",          "with",
	"ordinality", "order",
	"by",         "1",
	"limit",      "5",
};

static struct dg_str
lay_out(char *room, const char *const blanks[], size_t n_blanks, bool upper)
{
	size_t len = 0;

	for (size_t i = 0; i < DG_ARRAY_LEN(words); i++) {
		struct dg_str blank = dg_str_from_cstr(blanks[i % n_blanks]);
		struct dg_str word = dg_str_from_cstr(words[i]);
		bool fold = upper && word.len > 1 && word.data[0] != '\'' &&
			    strcmp(words[i], "cat") != 0 &&
			    strcmp(words[i], "count") != 0 &&
			    strcmp(words[i], "date") != 0 &&
			    strcmp(words[i], "varchar") != 0 &&
			    strcmp(words[i], "array") != 0;

		memcpy(room + len, blank.data, blank.len);
		len += blank.len;
		for (size_t c = 0; c < word.len; c++)
			room[len++] = fold && word.data[c] >= 'a' &&
						      word.data[c] <= 'z'
					      ? (char)(word.data[c] - 0x20)
					      : word.data[c];
	}
	return dg_str_make(room, len);
}

static void
test_layout_does_not_show(void **state)
{
	static const char *const blank[] = {" "};
	static const char *const wild[] = {"\n",      "\t ",      "/* ) */",
					   "-- ' \n", "\r\n\r\n", " /**/ ",
					   "--\r"};
	static char room[8192];
	struct sql_fixture *f = *state;
	const struct dg_sql_engine engines[] = {sql_trino(0), sql_presto(0)};

	for (size_t e = 0; e < DG_ARRAY_LEN(engines); e++) {
		struct dg_str plain = dg_str_dup(sql_dump(
			f, lay_out(room, blank, 1, false), engines[e]));

		assert_true(dg_str_starts_with(plain, DG_STR("(query-st")));
		assert_same(
			sql_dump(f, lay_out(room, wild, 7, false), engines[e]),
			plain, DG_STR("wild layout"));
		assert_same(
			sql_dump(f, lay_out(room, blank, 1, true), engines[e]),
			plain, DG_STR("upper case"));
		dg_str_free(&plain);
	}
}

struct counts {
	size_t n;
	size_t last_offset;
	bool ordered;
	int stop_after;
};

static enum dg_sql_walk
count(void *arg, const struct dg_sql_node *node)
{
	struct counts *c = arg;

	c->n++;
	if (node->kind == DG_SQL_K_ID) {
		c->ordered = c->ordered && node->offset >= c->last_offset;
		c->last_offset = node->offset;
	}
	if (c->stop_after > 0 && (int)c->n == c->stop_after)
		return DG_SQL_WALK_STOP;
	return DG_SQL_WALK_ON;
}

static enum dg_sql_walk
skip_operators(void *arg, const struct dg_sql_node *node)
{
	struct counts *c = arg;

	c->n++;
	return node->kind == DG_SQL_K_BINARY_OP && node->op == DG_SQL_OP_MUL
		       ? DG_SQL_WALK_SKIP
		       : DG_SQL_WALK_ON;
}

static void
test_walk(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_sql_tree *tree;
	struct counts c = {.ordered = true};

	dg_arena_reset(f->arena);
	assert_int_equal(
		sql_parse(f,
			  DG_STR("select a + b - c * d + e from t where f and "
				 "g union select h union select i"),
			  sql_trino(0), &tree),
		DG_OK);
	assert_true(dg_sql_walk(tree->root, count, &c));
	assert_true(c.ordered);
	assert_true(c.n > 20);
	c = (struct counts){.stop_after = 7};
	assert_false(dg_sql_walk(tree->root, count, &c));
	assert_int_equal(c.n, 7);
	assert_true(dg_sql_walk(NULL, count, &c));

	/* SKIP in a chain leaves out the operator's own operands only. */
	dg_arena_reset(f->arena);
	assert_int_equal(sql_parse(f, DG_STR("execute p using a * b * c + d"),
				   sql_trino(0), &tree),
			 DG_OK);
	c = (struct counts){0};
	assert_true(dg_sql_walk(tree->root, skip_operators, &c));
	/* execute, p, list, +, *, d */
	assert_int_equal(c.n, 6);
}

/* A hundred thousand operands: neither the dump nor the walk recurses. */
static void
test_long_chains(void **state)
{
	static const char *const operators[] = {" or ", " + ", " || ",
						" union select "};
	struct sql_fixture *f = *state;

	for (size_t o = 0; o < DG_ARRAY_LEN(operators); o++) {
		size_t n = o == 3 ? 20000 : 100000;
		struct dg_sql_tree *tree;
		struct counts c = {.ordered = true};
		struct dg_buf text;

		dg_buf_init(&text, (size_t)1 << 22);
		assert_int_equal(dg_buf_append(&text, DG_STR("select x")),
				 DG_OK);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(
				dg_buf_appendf(&text, "%sx", operators[o]),
				DG_OK);
		f->limits.max_bytes = (size_t)1 << 22;
		dg_arena_reset(f->arena);
		assert_int_equal(
			sql_parse(f, dg_buf_peek(&text), sql_trino(0), &tree),
			DG_OK);
		assert_true(tree->depth < 12);
		assert_true(dg_sql_walk(tree->root, count, &c));
		assert_true(c.ordered);
		assert_true(c.n > 2 * n);
		dg_buf_clear(&f->out);
		assert_int_equal(dg_sql_dump_tree(tree, &f->out), DG_OK);
		dg_buf_fini(&text);
	}
	f->limits = dg_sql_default_limits;
}

static void
test_tokens(void **state)
{
	struct sql_fixture *f = *state;

	dg_arena_reset(f->arena);
	dg_buf_clear(&f->out);
	assert_int_equal(dg_sql_dump_tokens(DG_STR("select \"a\", 'b' limit 1"),
					    sql_trino(0), f->arena, &f->out),
			 DG_OK);
	assert_same(dg_buf_peek(&f->out),
		    DG_STR("0 keyword \"select\"\n7 quoted \"\\\"a\\\"\"\n"
			   "10 sign \",\"\n12 string \"'b'\"\n"
			   "16 keyword \"limit\"\n22 number \"1\"\n"
			   "23 end \"\"\n"),
		    DG_STR("tokens"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_layout_does_not_show),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_long_chains),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

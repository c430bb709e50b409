/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_resolve.c - what must hold of the resolver whatever the statement:
 * independence of spelling, bounds on time, memory and stack. What each clause
 * reads is in tests/sql/access.
 */
#include "analyze_support.h"

#include <time.h>

/* ---- spelling ---------------------------------------------------------- */

/* Words apart by one blank, so that the blanks can be replaced. */
static const char *const statements[] = {
	"select a , b from abc where c = 1",
	"select * from abc t join ax using ( a ) where t . b > 2",
	"with q as ( select a x from abc ) select x from q order by x",
	"select a from abc where exists ( select x from ax where ax . a = c )",
	"select sum ( a ) over ( partition by b order by c ) from abc",
	"insert into ax select a , b from abc",
	"select t . y from abc as t ( x , y , z ) group by t . y",
	"select transform ( array [ 1 ] , a -> a + b ) from abc",
	"table abc",
	"delete from abc where a in ( select x from ax )",
	"select a from abc union select x from ax order by a",
	"select x from abc cross join unnest ( array [ b ] ) as u ( x )",
	"explain select abc . * , 1 from abc , ax",
};

static const char *const blanks[] = {
	"\n", "\t  ", " /* x */ ", "-- x\n ", " -- ' \" ;\r", "/**/ /*/*/\r\n",
};

static void
respell(struct dg_buf *out, const char *text, const char *blank, bool upper)
{
	dg_buf_clear(out);
	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == ' ')
			append(out, blank, DG_STR_EMPTY);
		else if (upper && c >= 'a' && c <= 'z')
			append(out, "",
			       dg_str_make(&(char){(char)(c - 32)}, 1));
		else
			append(out, "", dg_str_make(&c, 1));
	}
}

static void
test_spelling(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf plain, respelled;

	dg_buf_init(&plain, 65536);
	dg_buf_init(&respelled, 65536);
	for (size_t i = 0; i < DG_ARRAY_LEN(statements); i++) {
		struct dg_str sql = dg_str_from_cstr(statements[i]);

		dg_buf_clear(&plain);
		append(&plain, "", access_of(f, sql));
		assert_true(dg_str_find(dg_buf_peek(&plain), ':', 0) ==
			    dg_buf_len(&plain));
		for (size_t j = 0; j < 2 * DG_ARRAY_LEN(blanks); j++) {
			respell(&respelled, statements[i], blanks[j / 2],
				j % 2 == 1);
			assert_same(access_of(f, dg_buf_peek(&respelled)),
				    dg_buf_peek(&plain),
				    dg_buf_peek(&respelled));
		}
	}
	dg_buf_fini(&plain);
	dg_buf_fini(&respelled);
}

/* ---- limits ------------------------------------------------------------ */

/* However little memory there is: an answer, or LIMIT; never less of one. */
static void
test_memory_limit(void **state)
{
	static const struct dg_str sql = DG_STR_INIT(
		"with c(p, q) as (select a, b from abc union select a, x from "
		"ax) select p, \"B\", f.g.h(c.q), transform(array[1], z -> z + "
		"a) from c, abc j join ax k using (a), lateral (select u.v "
		"from "
		"uu u) l where c.q in (select * from abc) order by j.\"$p\"");
	struct sql_fixture *f = *state;
	struct dg_sql_context context = small_context(f);
	struct dg_str whole = access_of(f, sql);
	struct dg_str expected = dg_str_dup(whole);
	unsigned refused = 0, answered = 0;

	assert_true(dg_str_starts_with(expected, DG_STR("select ")));
	for (size_t cap = 4096; cap < 96 * 1024; cap += 512) {
		struct dg_arena *kept = f->arena;

		f->arena = dg_arena_create(cap);
		whole = access_in(f, sql, &context);
		if (dg_str_starts_with(whole, DG_STR("limit "))) {
			refused++;
		} else {
			answered++;
			assert_same(whole, expected, sql);
		}
		dg_arena_destroy(&f->arena);
		f->arena = kept;
	}
	assert_true(refused > 0 && answered > 0);
	dg_str_free(&expected);
}

/* prefix item, item, .. suffix */
static struct dg_str
make_long(struct dg_buf *text, const char *prefix, const char *item,
	  const char *between, size_t n, const char *suffix)
{
	dg_buf_clear(text);
	append(text, prefix, DG_STR_EMPTY);
	for (size_t i = 0; i < n; i++) {
		const char *at = item;

		append(text, i == 0 ? "" : between, DG_STR_EMPTY);
		for (; *at != '\0'; at++) {
			if (*at == '#')
				assert_int_equal(dg_buf_appendf(text, "%zu", i),
						 DG_OK);
			else
				append(text, "", dg_str_make(at, 1));
		}
	}
	append(text, suffix, DG_STR_EMPTY);
	return dg_buf_peek(text);
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/*
 * Large statements, each near the limits. Their time is bounded here by far
 * more than they take, and by far less than anything quadratic would.
 */
static void
test_large(void **state)
{
	static const struct {
		const char *prefix, *item, *between;
		size_t n;
		const char *suffix, *expected;
	} cases[] = {
		{"select a from abc where b in (", "#", ",", 100000, ")",
		 "select cat.sch.abc(a,b)"},
		{"select 1 from abc where ", "b = #", " or ", 60000, "",
		 "select cat.sch.abc(b)"},
		{"select ", "a", "||", 100000, " from abc",
		 "select cat.sch.abc(a)"},
		{"", "select a from abc", " union all ", 10000, " order by a",
		 "select cat.sch.abc(a)"},
		{"with ", "c# as (select a from abc)", ",", 5000,
		 " select x.a from c4999, c0 x where x.a = 1 and c4999.a = 2",
		 "select cat.sch.abc(a)"},
		{"with c as (select b from abc) select 1 from ",
		 "(select b from c) c#", ",", 20000, "",
		 "select cat.sch.abc(b)"},
		{"select ", "t.a", ",", 90000, " from abc t, ax u",
		 "select cat.sch.abc(a); select cat.sch.ax()"},
		{"select ", "a a#", ",", 50000, " from abc order by a49999, a0",
		 "select cat.sch.abc(a)"},
		{"select x7 from (values (", "#", ",", 50000, ")) t",
		 "resolve 1:8 Column 'x7' cannot be resolved"},
		{"select case ", "when a = # then b", " ", 30000,
		 " else c end from abc", "select cat.sch.abc(a,b,c)"},
		{"select ", "cat.s.f#(a)", ",", 2, " from abc",
		 "select cat.sch.abc(a); function cat.s [f0]; "
		 "function cat.s [f1]"},
		{"select 1 from abc t0 ", "join abc t## using (a)", " ", 1500,
		 "", "select cat.sch.abc(a)"},
	};
	struct sql_fixture *f = *state;
	struct dg_buf text;

	dg_buf_init(&text, 4 << 20);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str sql = make_long(&text, cases[i].prefix,
					      cases[i].item, cases[i].between,
					      cases[i].n, cases[i].suffix);
		double start = now_ms();

		assert_same(access_of(f, sql),
			    dg_str_from_cstr(cases[i].expected),
			    dg_str_slice(sql, 0, 60));
		assert_true(now_ms() - start < 5000);
	}
	dg_buf_fini(&text);
}

/* Many names over many relations: the work is cut off. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *before, *name, *after, *relation, *end;
		size_t n_names, n_relations;
	} cases[] = {
		/* none has it, but one further out */
		{"select z from (values (1)) t0(z) where 1 in (select ", "z",
		 " from ", "(values (1)) t#(x)", ")", 40000, 20000},
		{"select 1 from abc where 1 in (select ", "abc.a", " from ",
		 "(values (1)) t#(x)", ")", 40000, 20000},
		/* many of one qualifier */
		{"select ", "t.x7", " from ", "(values (1)) t(x#)", "", 40000,
		 20000},
		/* columns that could be anybody's */
		{"select ", "z", " from ", "u# a", "", 40000, 20000},
	};
	struct sql_fixture *f = *state;
	struct dg_buf text, part;

	dg_buf_init(&text, 4 << 20);
	dg_buf_init(&part, 4 << 20);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		double start = now_ms();

		dg_buf_clear(&text);
		append(&text, cases[i].before,
		       make_long(&part, "", cases[i].name, "+",
				 cases[i].n_names, ""));
		append(&text, cases[i].after,
		       make_long(&part, "", cases[i].relation, ",",
				 cases[i].n_relations, ""));
		append(&text, cases[i].end, DG_STR_EMPTY);
		assert_same(
			dg_str_slice(access_of(f, dg_buf_peek(&text)), 0, 6),
			DG_STR("limit "), dg_str_from_cstr(cases[i].name));
		assert_true(now_ms() - start < 10000);
	}
	dg_buf_fini(&part);
	dg_buf_fini(&text);
}

/* Keys that a source has lost are looked through for each name. */
static void
test_many_keys(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf text, part;
	struct dg_str columns;
	double start = now_ms();

	dg_buf_init(&text, 4 << 20);
	dg_buf_init(&part, 4 << 20);
	columns = make_long(&part, "(select ", "1 k#", ",", 40000, ")");
	append(&text, "select * from ", columns);
	append(&text, " a join ", columns);
	append(&text, " b using (",
	       make_long(&part, "", "k#", ",", 40000, ")"));
	assert_same(dg_str_slice(access_of(f, dg_buf_peek(&text)), 0, 6),
		    DG_STR("limit "), DG_STR("keys"));
	assert_true(now_ms() - start < 10000);
	dg_buf_fini(&part);
	dg_buf_fini(&text);
}

/* As deep as the parser lets through, in each way of nesting. */
static void
test_deep(void **state)
{
	static const struct {
		const char *prefix, *open, *middle, *close, *suffix;
	} cases[] = {
		{"select ", "(", "a", ")", " from abc"},
		{"select ", "- ", "a", "", " from abc"},
		{"select ", "not ", "true", "", " from abc"},
		{"select ", "f(", "a", ")", " from abc"},
		{"select ", "(select ", "a", " from abc)", ""},
		{"select 1 from ", "(select * from ", "abc", ")", ""},
		{"select 1 from ", "(", "abc", ")", ""},
		{"", "(", "select a from abc", ")", ""},
		{"select 1 where ",
		 "exists (with c as (select a from abc) "
		 "select 1 from c where ",
		 "true", ")", ""},
		{"select ", "case when a = 1 then ", "b", " end", " from abc"},
		{"select ", "x -> ", "a", "", " from abc"},
		{"select ", "array[", "a", "]", " from abc"},
		{"select a", "[1", "", "]", " from abc"},
		{"select a", ".a", "", "", " from abc"},
		{"select 1 from abc", " join abc", "", " on true", ""},
		{"", "explain ", "select a from abc", "", ""},
	};
	struct sql_fixture *f = *state;
	struct dg_buf text;

	dg_buf_init(&text, 4 << 20);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		unsigned read = 0;

		for (size_t depth = 4; depth < 4096; depth += depth / 2) {
			struct dg_str answer;

			dg_buf_clear(&text);
			append(&text, cases[i].prefix, DG_STR_EMPTY);
			for (size_t j = 0; j < depth; j++)
				append(&text, cases[i].open, DG_STR_EMPTY);
			append(&text, cases[i].middle, DG_STR_EMPTY);
			for (size_t j = 0; j < depth; j++)
				append(&text, cases[i].close, DG_STR_EMPTY);
			append(&text, cases[i].suffix, DG_STR_EMPTY);
			answer = access_of(f, dg_buf_peek(&text));
			read += dg_str_starts_with(answer, DG_STR("select "));
		}
		if (i != DG_ARRAY_LEN(cases) - 1)
			assert_true(read > 0);
	}
	dg_buf_fini(&text);
}

/* A CTE that doubles its columns thirty times, and one used by many. */
static void
test_growth(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf text;
	struct dg_str sql;

	dg_buf_init(&text, 1 << 20);
	dg_buf_clear(&text);
	append(&text, "with c0 as (select * from abc)", DG_STR_EMPTY);
	for (unsigned i = 1; i <= 30; i++)
		assert_int_equal(dg_buf_appendf(&text,
						", c%u as (select * from c%u "
						"x, c%u y)",
						i, i - 1, i - 1),
				 DG_OK);
	append(&text, " select 1 from c30", DG_STR_EMPTY);
	assert_same(dg_str_slice(access_of(f, dg_buf_peek(&text)), 0, 6),
		    DG_STR("limit "), DG_STR("doubling columns"));

	/* Doubling the uses, each resolved once, is no growth at all. */
	dg_buf_clear(&text);
	append(&text, "with c0 as (select a from abc)", DG_STR_EMPTY);
	for (unsigned i = 1; i <= 60; i++)
		assert_int_equal(dg_buf_appendf(&text,
						", c%u as (select x.a from c%u "
						"x, c%u y)",
						i, i - 1, i - 1),
				 DG_OK);
	append(&text, " select 1 from c60", DG_STR_EMPTY);
	sql = dg_buf_peek(&text);
	assert_same(access_of(f, sql), DG_STR("select cat.sch.abc(a)"), sql);
	dg_buf_fini(&text);
}

/* ---- sets of columns --------------------------------------------------- */

/* Around the size from which sets are indexed. */
static void
test_wide(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf text;

	dg_buf_init(&text, 1 << 20);
	for (unsigned n = 1; n < 40; n++) {
		dg_buf_clear(&text);
		append(&text, "select a from (select ", DG_STR_EMPTY);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(dg_buf_appendf(&text, "1 c%u, ", i),
					 DG_OK);
		append(&text, "a from abc) t where ", DG_STR_EMPTY);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(
				dg_buf_appendf(&text, "C%u = t.c%u and ", i, i),
				DG_OK);
		append(&text, "true", DG_STR_EMPTY);
		assert_same(access_of(f, dg_buf_peek(&text)),
			    DG_STR("select cat.sch.abc(a)"),
			    dg_buf_peek(&text));
		/* The last name twice: ambiguous, however it is searched. */
		dg_buf_clear(&text);
		append(&text, "select a from (select ", DG_STR_EMPTY);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(dg_buf_appendf(&text, "1 c%u, ", i),
					 DG_OK);
		append(&text, "a, b a from abc) t", DG_STR_EMPTY);
		assert_same(access_of(f, dg_buf_peek(&text)),
			    DG_STR("resolve 1:8 Column 'a' is ambiguous"),
			    dg_buf_peek(&text));
	}
	dg_buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_spelling, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_memory_limit, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_large, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_hostile, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_many_keys, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_deep, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_growth, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_wide, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.resolve", tests, NULL,
					   NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parse.c - what is read, what is refused and where, every limit at its
 * edge, what a session statement says.
 */

#include "sql_support.h"

#include "ast/ast.h"

/* Read by both newest engines. */
static const char *const accepted[] = {
	"select 1",
	"select",
	"select a.b.c.d, \"x\" y, z as w, * from t",
	"select distinct a from t where b group by 1 having c order by 2 limit "
	"3",
	"select t.* from t",
	"values 1, (2, 3)",
	"table a.b.c",
	"(select 1)",
	"((select 1)) union (select 2) order by 1 limit 1",
	"(select 1) intersect select 2 except all values 3",
	"with a as (select 1), b (x, y) as (table a) select * from a, b",
	"with recursive a (n) as (select 1 union all select n from a) select "
	"1",
	"select * from (select 1) x (a), lateral (select 2), unnest(a, b) with "
	"ordinality as u (a, b, n)",
	"select * from a join b on a.x = b.x left join c using (x, y) cross "
	"join d natural full outer join e",
	"select * from a join b join c on 1 = 1 on 2 = 2",
	"select * from ((a join b on true))",
	"select * from ((select 1) x)",
	"select * from ((select 1) union select 2)",
	"select * from t tablesample bernoulli (10) where x",
	"select * from t x tablesample system (1 + 1)",
	"select * from t for timestamp as of timestamp '2020-01-01' x",
	"select * from table(c.s.f(1, a => 2, t => table(x) partition by y "
	"order by z))",
	"select * from table(f())",
	"select * from table(f(table(select 1) as t (a)))",
	"select a from t group by (), (a, b), rollup (a), cube (a, b), "
	"grouping sets ((a), ())",
	"select grouping(a, t.b) from t group by a",
	"select count(*), count(distinct a), max(a, b order by c desc nulls "
	"last) from t",
	"select f() over (), f(a) filter (where b) ignore nulls over "
	"(partition by a, b order by c rows between 1 preceding and unbounded "
	"following)",
	"select f(a) over (order by b range current row)",
	"select x -> x + 1, (x, y) -> x, () -> 1, f(x -> y -> z)",
	"select a.b[1].c, array[1, 2][1], array[], row(1, 2), (1, 2)",
	"select case a when 1 then 2 end, case when a then b else c end",
	"select cast(a as row(x bigint, y array(varchar(10)))), try_cast(b as "
	"map(varchar, double))",
	"select cast(a as array<array<bigint>>), cast(b as timestamp with time "
	"zone), cast(c as bigint array)",
	"select a at time zone 'UTC', a at time zone interval '1' hour",
	"select a between b and c and d, not a not in (1, 2), a in (select 1), "
	"a not like 'x' escape '\\'",
	"select a is null, a is not null, a is distinct from b, a is not "
	"distinct from b",
	"select a = all (select 1), a <> any (table t), exists (values 1)",
	"select a in ((select 1)), ((select 1)), (((1)))",
	"select current_date, current_timestamp(3), localtime, current_user",
	"select extract(year from a), position('a' in b), substring(a from 1 "
	"for 2), normalize(a, NFD)",
	"select date '2020-01-01', interval '1' year to month, double "
	"precision '1', \"t\" 'x', U&'!0041' uescape '!' from t",
	"select ? + ?",
	"select -1, +1, - - 1, 1 - -1",
	"select 'a' from t offset 1 row limit all",
	"select 1 offset 1 fetch first 2 rows only",
	"select x \"select\" from \"from\"",
	"explain select 1",
	"explain (type distributed, format json) select 1",
	"explain (select 1)",
	"explain analyze select 1",
	"explain analyze verbose insert into t select 1",
	"show catalogs",
	"show catalogs like 'a' escape 'b'",
	"show schemas in c like 'a'",
	"show tables from a.b like 'x'",
	"show tables",
	"show columns from a.b.c",
	"describe a",
	"desc a.b",
	"use a",
	"use a.b",
	"set session a = 1",
	"set session a.b = 'x'",
	"reset session a.b",
	"prepare p from select ?",
	"prepare p from insert into t values ?",
	"execute p",
	"execute p using 1, 'a'",
	"deallocate prepare p",
	"start transaction",
	"start transaction isolation level read committed, read only",
	"start transaction isolation level serializable",
	"start transaction read write",
	"commit",
	"commit work",
	"rollback work",
	"create table a.b as select 1",
	"create table if not exists t (a, b) comment 'x' with (p = 1, q = "
	"array['x']) as select 1 with no data",
	"create table t as (select 1) with data",
	"create table t as (with a as (select 1) select * from a)",
	"create table t as select * from unnest(a) with no data",
	"insert into t select 1",
	"insert into t (a, b) values (1, 2)",
	"insert into t (select 1)",
	"insert into t (a) with ordinality as (select 1) table ordinality",
	"delete from a.b.c",
	"delete from t where a in (select 1)",
	"drop table if exists t",
	"create or replace view v as select 1",
	"create view v security invoker as select 1",
	"drop view if exists v",
	"/* c */ select 1 -- d",
};

/* Trino 484's; not read for Presto, or before the version. */
static const struct {
	const char *text;
	unsigned since; /* 0: as old as can be */
} trino[] = {
	{"select 1 limit ?", 0},
	{"select f(a) over w from t window w as (partition by a), v as (w)",
	 352},
	{"select row(1, 2).*, t.* as (a, b) from t", 0},
	{"select 1 union corresponding by (a) select 1", 475},
	{"select a from t group by auto", 0},
	{"select listagg(distinct a, ',' on overflow truncate '..' with count) "
	 "within group (order by a) filter (where b) over ()",
	 362},
	{"select trim(both 'x' from a), trim(a, b), trim(trailing from a)",
	 377},
	{"execute immediate 'select 1' using 1", 418},
	{"select overlay(a placing b from 1 for 2)", 482},
	{"select [1, 2], []", 473},
	{"select * from table(f())", 381},
	{"select a.b().c(1)", 482},
	{"create or replace table t as select 1", 0},
	{"create view v comment 'x' with (p = default) as select 1", 0},
	{"show columns from t like 'x'", 0},
	{"select cast(a as timestamp(3) with time zone), cast(a as time "
	 "without time zone), cast(a as row(bigint))",
	 323},
	{"select 1 fetch next row with ties", 315},
	{"select current_catalog, current_schema, current_path", 0},
	{"select 0x1F, 1_000", 420},
	{"alter table t execute f", 364},
	{"alter table t alter column a set data type bigint", 404},
	{"alter table t alter column a drop not null", 438},
	{"alter table t alter column a drop default", 479},
	{"alter table t add column a bigint first", 469},
	{"alter function f set authorization u", 475},
	{"alter materialized view v set authorization u", 477},
	{"alter view v refresh", 477},
	{"create table t (a bigint default 1)", 477},
	{"create materialized view v when stale fail as select 1", 479},
	{"create function f() returns int return 1", 431},
	{"create branch b in table t", 477},
	{"insert into t @ b select 1", 477},
	{"show functions from s", 429},
	{"show create function f", 447},
	{"describe output (select 1)", 481},
	{"with session a = 1 select 1", 470},
	{"truncate table t", 362},
	{"update t set a = 1", 352},
	{"merge into t using u on a when matched then delete", 354},
	{"deny select on t to u", 366},
	{"select a between symmetric 1 and 2, a is unknown", 482},
	{"select 1 from t, nearest (from u match u.a < t.a)", 481},
	{"select 1 where unique (select 1)", 482},
	{"select row(1) match unique (select 1)", 482},
	{"select case a when > 1 then 2 end", 482},
	{"select case a when in (1) then 2 end", 482},
	{"select a at local", 482},
	{"select f(a => 1)", 482},
	{"select bigint::parse('1')", 482},
	{"select a overlaps b", 483},
	{"select * from t pivot (sum(a) for b in (1))", 483},
	{"select j.'x'", 483},
	{"select j[*]", 483},
	{"select row(1 as a)", 479},
	{"select interval '1' day(3)", 480},
	{"with session a = 1 select 1", 0},
	{"select f(a) over (rows a and b preceding)", 0},
	{"select double precision from t", 0},
	{"select * from table(f(table(t) order by (a desc, b)))", 381},
	{"select * from t match_recognize (pattern (a) define a as b)", 356},
	{"select a over (partition by b)", 359},
	{"select json_value(a, 'b' null on error)", 383},
	{"select json_object('a' : 1)", 385},
	{"select * from json_table(a, 'b' columns (c bigint))", 419},
};

static const struct {
	const char *text;
	unsigned since;
} presto[] = {
	{"update t set a = 1", 286},
	{"merge into t using u on a when matched then update set a = 1", 295},
	{"merge into t using u on a when matched then delete", 297},
	{"merge into t using u on a when matched and b then update set a = 1",
	 299},
	{"create table t (unique (a))", 287},
	{"alter table t set properties (a = 1)", 291},
	{"alter table t alter column a drop not null", 288},
	{"alter table t alter a set default 1", 298},
	{"alter table t alter a set data type bigint", 298},
	{"alter table t create branch 'b'", 297},
	{"alter view v rename to w", 291},
	{"alter materialized view v set properties (a = 1)", 298},
	{"create materialized view v security invoker as select 1", 296},
	{"create function f() returns int return 1", 228},
	{"show create function f(int)", 235},
	{"create role r", 218},
};

/* Refused by both; the place is the engines'. */
static const struct {
	const char *text;
	const char *error;
} refused[] = {
	{"", "syntax 1:1"},
	{"  ", "syntax 1:3"},
	{"select 1;", "syntax 1:9"},
	{"select 1 x y", "syntax 1:12"},
	{"selec 1", "syntax 1:1"},
	{"select a = b = c", "syntax 1:14"},
	{"select a is null is null", "syntax 1:18"},
	{"select a like b like c", "syntax 1:17"},
	{"select a = b is null", "syntax 1:14"},
	{"select a.b 'x'", "syntax 1:12"},
	{"select a.5", "syntax 1:9"},
	{"select from t", "syntax 1:8"},
	{"select * from", "syntax 1:14"},
	{"select (1", "syntax 1:10"},
	{"select 1)", "syntax 1:9"},
	{"select 1 order by 1 order by 2", "syntax 1:21"},
	{"select 1 limit 1 offset 1", "syntax 1:18"},
	{"select a from t where", "syntax 1:22"},
	{"select 'abc", "syntax 1:8"},
	{"select \"a", "syntax 1:8"},
	{"select X'abc'", "syntax 1:8"},
	{"select X'zz'", "syntax 1:8"},
	{"select U&'\\00'", "syntax 1:8"},
	{"select U&'\\D800'", "syntax 1:8"},
	{"select U&'!0041' uescape '+'", "syntax 1:8"},
	{"select U&'!0041' uescape '!!'", "syntax 1:8"},
	{"select 1a", "syntax 1:8"},
	{"select `a`", "syntax 1:8"},
	{"select 1 /* x", "syntax 1:11"},
	{"select grouping(a + 2) from t", "syntax 1:19"},
	{"select (a.b, c) -> 1", "syntax 1:17"},
	{"select ((a)) -> 1", "syntax 1:14"},
	{"with a as select 1 select 2", "syntax 1:11"},
	{"(with a as (select 1) table a) union select 1", "syntax 1:2"},
	{"show", "syntax 1:5"},
	{"use a.b.c", "syntax 1:8"},
	{"prepare p", "syntax 1:10"},
	{"insert t select 1", "syntax 1:8"},
	{"drop table a, b", "syntax 1:13"},
	{"update t set a.b = 1", "syntax 1:15"},
	{"update t x set a = 1", "syntax 1:10"},
	{"explain merge into t", "syntax 1:21"},
	{"prepare p from call x", "syntax 1:22"},
	{"create table t (a)", "syntax 1:19"},
	{"create table t (a bigint, b)", "syntax 1:28"},
	{"alter table t", "syntax 1:14"},
	{"merge into t using u on true when matched", "syntax 1:42"},
	{"grant select on t", "syntax 1:18"},
};

static bool
reads(struct sql_fixture *f, const char *text, struct dg_sql_engine engine)
{
	struct dg_str dump = sql_dump(f, dg_str_from_cstr(text), engine);

	return dg_str_starts_with(dump, DG_STR("("));
}

static void
test_accepted(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(accepted); i++) {
		bool good = strcmp(accepted[i], "select") != 0;

		if (reads(f, accepted[i], sql_trino(0)) != good)
			fail_msg("trino: %s: %s", accepted[i], f->err.text);
		if (reads(f, accepted[i], sql_presto(0)) != good)
			fail_msg("presto: %s: %s", accepted[i], f->err.text);
	}
}

static void
test_versions(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(trino); i++) {
		if (!reads(f, trino[i].text, sql_trino(0)))
			fail_msg("%s: %s", trino[i].text, f->err.text);
		if (trino[i].since == 0)
			continue;
		if (!reads(f, trino[i].text, sql_trino(trino[i].since)))
			fail_msg("%s: %s", trino[i].text, f->err.text);
		if (reads(f, trino[i].text, sql_trino(trino[i].since - 1)))
			fail_msg("read too early: %s", trino[i].text);
	}
	assert_true(reads(f, "select * from t for system_time before x",
			  sql_presto(288)));
	assert_false(reads(f, "select * from t for system_time before x",
			   sql_presto(287)));
	for (size_t i = 0; i < DG_ARRAY_LEN(presto); i++) {
		if (!reads(f, presto[i].text, sql_presto(presto[i].since)))
			fail_msg("%s: %s", presto[i].text, f->err.text);
		if (reads(f, presto[i].text, sql_presto(presto[i].since - 1)))
			fail_msg("read too early: %s", presto[i].text);
	}
	assert_true(reads(f, "show partitions from t", sql_presto(208)));
	assert_false(reads(f, "show partitions from t", sql_presto(209)));
	assert_false(reads(f, "select f(a) over w from t", sql_presto(0)));
	assert_false(reads(f, "select [1]", sql_presto(0)));
	assert_false(reads(f, "select (1, 2).*", sql_presto(0)));
	assert_true(reads(f, "select 1 as \"\"", sql_presto(0)));
	assert_false(reads(f, "select 1 as \"\"", sql_trino(0)));
}

static void
test_refused(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(refused); i++) {
		struct dg_str text = dg_str_from_cstr(refused[i].text);
		struct dg_str error = dg_str_from_cstr(refused[i].error);

		assert_same(sql_dump(f, text, sql_trino(476)), error, text);
		if (!dg_str_starts_with(error, DG_STR("unsupported")))
			assert_same(sql_dump(f, text, sql_presto(296)), error,
				    text);
	}
}

static const struct {
	const char *text;
	const char *message;
} messages[] = {
	{"select 1 from t where", "mismatched input '<EOF>'. Expecting: "
				  "<expression>"},
	{"use 1", "mismatched input '1'. Expecting: <identifier>"},
	{"drop table", "mismatched input '<EOF>'. Expecting: <identifier>, "
		       "'IF'"},
	{"select 'x", "mismatched input ''': a string without its closing "
		      "quote"},
	{"select (1", "mismatched input '<EOF>'. Expecting: ')', ','"},
	{"insert into t @ b select 1", "Trino 476 does not read the branch of "
				       "a table (t @ branch); Trino 477 "
				       "is the first that does"},
};

static void
test_messages(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(messages); i++) {
		assert_false(reads(f, messages[i].text, sql_trino(476)));
		/* The list of what may follow `(1` depends on no version. */
		if (strcmp(messages[i].text, "select (1") == 0)
			continue;
		assert_string_equal(f->err.text, messages[i].message);
	}
}

/* n times open, the kernel, n times close. */
static struct dg_str
nest(struct dg_buf *buf, const char *before, const char *open,
     const char *kernel, const char *close, size_t n)
{
	dg_buf_clear(buf);
	assert_int_equal(dg_buf_append(buf, dg_str_from_cstr(before)), DG_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dg_buf_append(buf, dg_str_from_cstr(open)),
				 DG_OK);
	assert_int_equal(dg_buf_append(buf, dg_str_from_cstr(kernel)), DG_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dg_buf_append(buf, dg_str_from_cstr(close)),
				 DG_OK);
	return dg_buf_peek(buf);
}

static const struct {
	const char *before;
	const char *open;
	const char *kernel;
	const char *close;
	size_t fits; /* as many levels as the default limit takes */
} nests[] = {
	{"select ", "(", "1", ")", 1994},
	{"select ", "- ", "a", "", 1994},
	{"select ", "not ", "a", "", 1994},
	{"select ", "f(", "a", ")", 997},
	{"select ", "a[", "1", "]", 1994},
	{"select ", "(select ", "1", ")", 398},
	{"", "select * from (", "select 1", ")", 498},
	{"", "(", "select 1", ")", 997},
	{"select ", "case when ", "a", " then 1 end", 664},
	{"select ", "x -> ", "a", "", 1993},
	{"select * from ", "(", "t", ")", 1992},
	{"select * from ", "t join ", "t", " on a", 1992},
	{"select ", "1 + (", "1", ")", 997},
	{"", "explain ", "select 1", "", 1994},
	{"", "prepare p from ", "select 1", "", 1994},
};

static void
test_depth(void **state)
{
	struct sql_fixture *f = *state;
	const struct dg_sql_engine engine = sql_trino(0);
	struct dg_buf text;

	dg_buf_init(&text, (size_t)64 << 20);
	for (size_t i = 0; i < DG_ARRAY_LEN(nests); i++) {
		size_t n = nests[i].fits;
		struct dg_str fits = nest(&text, nests[i].before, nests[i].open,
					  nests[i].kernel, nests[i].close, n);
		struct dg_str above;

		if (!dg_str_starts_with(sql_dump(f, fits, engine), DG_STR("(")))
			fail_msg("%s x %zu: %s", nests[i].open, n, f->err.text);
		above = nest(&text, nests[i].before, nests[i].open,
			     nests[i].kernel, nests[i].close, n + 1);
		if (dg_str_starts_with(sql_dump(f, above, engine), DG_STR("(")))
			fail_msg("%s x %zu is read", nests[i].open, n + 1);
		assert_int_equal(f->err.kind, DG_SQL_E_LIMIT);
		/* Far beyond, where the parser's own stack ends. */
		above = nest(&text, nests[i].before, nests[i].open,
			     nests[i].kernel, nests[i].close, 20000);
		(void)sql_dump(f, above, engine);
		assert_int_equal(f->err.kind, DG_SQL_E_LIMIT);
	}
	dg_buf_fini(&text);
}

/* Ten megabytes of parentheses, at once and one after the other. */
static void
test_parentheses(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf text;

	dg_buf_init(&text, (size_t)16 << 20);
	(void)nest(&text, "select ", "(", "1", ")", (size_t)5 << 20);
	assert_true(dg_str_starts_with(
		sql_dump(f, dg_buf_peek(&text), sql_trino(0)),
		DG_STR("limit")));
	f->limits.max_bytes = (size_t)16 << 20;
	assert_true(dg_str_starts_with(
		sql_dump(f, dg_buf_peek(&text), sql_trino(0)),
		DG_STR("limit")));
	f->limits.max_tokens = (size_t)16 << 20;
	assert_true(dg_str_starts_with(
		sql_dump(f, dg_buf_peek(&text), sql_presto(0)),
		DG_STR("limit")));
	f->limits = dg_sql_default_limits;
	dg_buf_fini(&text);
}

/* Texts that grow a quadratic pass where there is one: milliseconds each, but
 * minutes then, which ctest's limit of time ends. */
static const struct {
	const char *before;
	const char *open;
	const char *kernel;
	const char *close;
} hostile[] = {
	{"select ", "trim(both ", "'a' from b", ")"},
	{"select ", "trim(both ", "1", ""},
	{"select ", "a.", "b", ""},
	{"select ", "f(a).", "b", ""},
	{"select a", "[1]", "", ""},
	{"select a", " or b = 'c'", "", ""},
	{"select a from t where a in (1", ", 1", ")", ""},
	{"", "select 1 union ", "select 1", ""},
	{"select ", "/*", "", ""},
	{"select ", "x'", "", ""},
	{"select ", "u&'", "", ""},
	{"select ", "\"", "", ""},
	{"select ", "( ) [ ] ", "", ""},
	{"select ", "([", "", ""},
	{"select ", "((", "json_value(", "))"},
	{"select double ", " ", "precision '1'", ""},
	{"", "explain ", "select 1", ""},
	{"", "explain (type io) ", "select 1", ""},
	{"explain analyze a", ".a", "", ""},
	{"select * from t match_recognize (", "(", "a", ")"},
	{"with a as (select 1)", ", a as (select 1)", " select 1", ""},
	{"select f(a) over (", "partition by rows ", "rows", ")"},
	{"select * from ", "t cross join ", "t", ""},
	{"select a -> ", "(a, a) -> ", "a", ""},
	{"select a between b -> c", " and d = e", "", ""},
	{"select a", " between b -> c and d and e = f", "", ""},
	{"select a", " between b -> c", "", " and d and e = f or g"},
	{"select position(a -> b", " in (c) and d", " in e", ")"},
};

static void
test_hostile_texts(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf text;

	dg_buf_init(&text, (size_t)2 << 20);
	for (size_t i = 0; i < DG_ARRAY_LEN(hostile); i++) {
		size_t each =
			strlen(hostile[i].open) + strlen(hostile[i].close);

		(void)nest(&text, hostile[i].before, hostile[i].open,
			   hostile[i].kernel, hostile[i].close, 990000 / each);
		(void)sql_dump(f, dg_buf_peek(&text), sql_trino(0));
		(void)sql_dump(f, dg_buf_peek(&text), sql_presto(0));
		dg_arena_reset(f->arena);
		dg_buf_clear(&f->out);
		assert_int_equal(dg_sql_normalize(dg_buf_peek(&text),
						  sql_trino(0), f->arena,
						  &f->out),
				 DG_OK);
	}
	dg_buf_fini(&text);
}

static void
test_nodes(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_str text = DG_STR("select a, b from t");
	struct dg_sql_tree *tree;
	size_t n;

	dg_arena_reset(f->arena);
	assert_int_equal(sql_parse(f, text, sql_trino(0), &tree), DG_OK);
	n = tree->n_nodes;
	f->limits.max_nodes = n;
	assert_int_equal(sql_parse(f, text, sql_trino(0), &tree), DG_OK);
	f->limits.max_nodes = n - 1;
	assert_int_equal(sql_parse(f, text, sql_trino(0), &tree), DG_ERR_LIMIT);
	assert_int_equal(f->err.kind, DG_SQL_E_LIMIT);
	for (n = 0; n < f->limits.max_nodes; n++) {
		struct dg_sql_limits limits = f->limits;

		limits.max_nodes = n;
		assert_int_equal(dg_sql_parse(text, sql_trino(0), &limits,
					      f->arena, &tree, &f->err),
				 DG_ERR_LIMIT);
	}
	f->limits = dg_sql_default_limits;
}

static void
check_small_arenas(struct sql_fixture *f, struct dg_str text)
{
	bool enough = false;

	for (size_t cap = 256; cap <= 64 * 1024; cap += 128) {
		struct dg_arena *arena = dg_arena_create(cap);
		struct dg_sql_tree *tree;
		enum dg_rc rc = dg_sql_parse(text, sql_trino(0), &f->limits,
					     arena, &tree, &f->err);

		assert_true(rc == DG_OK || rc == DG_ERR_LIMIT);
		assert_true(rc == DG_OK || !enough);
		enough = rc == DG_OK;
		dg_arena_destroy(&arena);
	}
	assert_true(enough);
}

/* An arena of any size is enough or is an error, never a crash. */
static void
test_small_arenas(void **state)
{
	check_small_arenas(
		*state,
		DG_STR("with a as (select 'it''s', U&'\\0041', \"a\"\"b\" from "
		       "t) select x -> f(x), case when a then interval '1' day "
		       "end from a where b in (1, 2) and c like 'd'"));
	/* Much to find out where it ends, little to put into the tree. */
	check_small_arenas(
		*state,
		DG_STR("select a -> b and c and d and e and f and g and h and "
		       "i and j "
		       "and k and l and m and n and o and p and q and r and s "
		       "between t and u and v and w and x and y and z"));
}

static void
test_not_utf8(void **state)
{
	struct sql_fixture *f = *state;

	assert_true(dg_str_starts_with(
		sql_dump(f, DG_STR("select '\xFF'"), sql_trino(0)),
		DG_STR("syntax")));
	assert_true(dg_str_starts_with(
		sql_dump(f, DG_STR("select 'aaaaaaaaaaaaaaaa\xC3'"),
			 sql_trino(0)),
		DG_STR("syntax")));
	assert_true(
		reads(f, "select 'aaaaaaaaaaaaaaaaa\xC3\xA9'", sql_trino(0)));
}

static const struct {
	const char *text;
	enum dg_sql_statement statement;
	struct dg_sql_session_effect effect;
} effects[] = {
	{"select 1", DG_SQL_STMT_SELECT, {.value_is_string = false}},
	{"set session DataGateway.\"Cluster\" = 'blue''s'",
	 DG_SQL_STMT_SET_SESSION,
	 {.property = DG_STR_INIT("datagateway.cluster"),
	  .value_is_string = true,
	  .value = DG_STR_INIT("blue's")}},
	{"set session a = 1 + 2",
	 DG_SQL_STMT_SET_SESSION,
	 {.property = DG_STR_INIT("a")}},
	{"reset session a.B",
	 DG_SQL_STMT_RESET_SESSION,
	 {.property = DG_STR_INIT("a.b")}},
	{"use \"C\"\"x\".S",
	 DG_SQL_STMT_USE,
	 {.catalog = DG_STR_INIT("C\"x"), .schema = DG_STR_INIT("S")}},
	{"use s", DG_SQL_STMT_USE, {.schema = DG_STR_INIT("s")}},
	{"prepare P from /* c */ select ? from t -- d",
	 DG_SQL_STMT_PREPARE,
	 {.prepared = DG_STR_INIT("P"),
	  .inner_text = DG_STR_INIT("select ? from t")}},
	{"execute \"p q\" using 1",
	 DG_SQL_STMT_EXECUTE,
	 {.prepared = DG_STR_INIT("p q")}},
	{"deallocate prepare p",
	 DG_SQL_STMT_DEALLOCATE,
	 {.prepared = DG_STR_INIT("p")}},
	{"explain analyze select 1",
	 DG_SQL_STMT_EXPLAIN_ANALYZE,
	 {.value_is_string = false}},
	{"explain analyze verbose select 1",
	 DG_SQL_STMT_EXPLAIN_ANALYZE,
	 {.value_is_string = false}},
	{"describe input P",
	 DG_SQL_STMT_DESCRIBE_INPUT,
	 {.prepared = DG_STR_INIT("P")}},
	{"describe output p",
	 DG_SQL_STMT_DESCRIBE_OUTPUT,
	 {.prepared = DG_STR_INIT("p")}},
	{"describe output (select 1)",
	 DG_SQL_STMT_DESCRIBE_OUTPUT,
	 {.value_is_string = false}},
};

static void
test_effects(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(effects); i++) {
		const struct dg_sql_session_effect *want = &effects[i].effect;
		struct dg_str text = dg_str_from_cstr(effects[i].text);
		struct dg_sql_session_effect got;
		struct dg_sql_tree *tree;

		dg_arena_reset(f->arena);
		assert_int_equal(sql_parse(f, text, sql_trino(0), &tree),
				 DG_OK);
		assert_int_equal(dg_sql_tree_statement(tree),
				 effects[i].statement);
		dg_sql_tree_effect(tree, &got);
		assert_same(got.property, want->property, text);
		assert_same(got.value, want->value, text);
		assert_same(got.catalog, want->catalog, text);
		assert_same(got.schema, want->schema, text);
		assert_same(got.prepared, want->prepared, text);
		assert_same(got.inner_text, want->inner_text, text);
		assert_int_equal(got.value_is_string, want->value_is_string);
	}
}

/* Offsets are the engines': a name's first byte, ends behind the last. */
static void
test_offsets(void **state)
{
	struct sql_fixture *f = *state;
	/*                     0         1         2 */
	/*                     0123456789012345678901234567 */
	struct dg_str text = DG_STR("select  a.b + c from  x . y z");
	struct dg_sql_tree *tree;
	const struct dg_sql_node *select;
	const struct dg_sql_node *expr;
	const struct dg_sql_node *alias;

	dg_arena_reset(f->arena);
	assert_int_equal(sql_parse(f, text, sql_trino(0), &tree), DG_OK);
	select = tree->root->kid[DG_SQL_QUERY_STATEMENT_QUERY]
			 ->kid[DG_SQL_QUERY_BODY];
	expr = dg_sql_list_first(select->kid[DG_SQL_SELECT_ITEMS])
		       ->kid[DG_SQL_SELECT_ITEM_EXPR];
	assert_int_equal(expr->kind, DG_SQL_K_BINARY_OP);
	assert_int_equal(expr->offset, 8);
	assert_int_equal(expr->end, 15);
	assert_int_equal(expr->kid[DG_SQL_BINARY_OP_LEFT]->end, 11);
	assert_int_equal(expr->kid[DG_SQL_BINARY_OP_RIGHT]->offset, 14);
	alias = dg_sql_list_first(select->kid[DG_SQL_SELECT_FROM]);
	assert_int_equal(alias->kind, DG_SQL_K_REL_ALIAS);
	assert_int_equal(alias->offset, 22);
	assert_int_equal(alias->end, 29);
	assert_int_equal(alias->kid[DG_SQL_REL_ALIAS_RELATION]->end, 27);
	assert_int_equal(alias->kid[DG_SQL_REL_ALIAS_NAME]->offset, 28);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_parentheses),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_small_arenas),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_offsets),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

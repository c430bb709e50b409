/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_promote.c - soft keywords: names wherever the engines take them for
 * names, keywords in their own clauses.
 *
 * The first test puts every word of both dialects that is not reserved into
 * each place for a name and expects the tree of any other name. What the
 * templates say was compared with the engines' parsers, as were the exceptions.
 */
#include "sql_support.h"

#include "scan/promote.h"

/* @ is the word. */
static const char *const places[] = {
	"select @ from t",
	"select a @ from t",
	"select a as @ from t",
	"select 1 from @",
	"select 1 from t @",
	"select 1 from t as @ (a, b)",
	"select 1 from t @ (a, b)",
	"select t.@ from t",
	"select @.a from t",
	"select @(1) from t",
	"select @(a, b) from t",
	"select @ '1' from t",
	"select @, @ + 1 from t",
	"select a from t where @ = 1",
	"select a from t order by @",
	"select a from t group by @",
	"select sum(a) over (partition by @ order by @) from t",
	"select x from t where @ in (1, 2) and @ is null",
	"with @ as (select 1) select * from @",
	"select @ -> @ + 1",
	"select a from t join @ using (@)",
	"select f(@) from t",
	"select f(distinct @) from t",
	"select (@, @)",
	"select cast(@ as @)",
	"select case @ when 1 then @ else @ end",
	"select @[1]",
	"use @.@",
	"set session @.@ = 1",
	"insert into @ (@) select 1",
	"select @ between 1 and 2",
	"values (@, 1)",
	"select -@",
	"select not @",
	"select x.y.@.z",
	"table @",
	"select @.*",
	"select * from @.@.@",
	"select @ || @ as @ from @ @",
};

/* Where the engines, too, read something else. */
static const struct {
	const char *word;
	const char *place;
} exceptions[] = {
	{"ALL", "select @(1) from t"}, /* ALL (1) */
	{"ALL", "select @(a, b) from t"},
	{"ALL", "select @ '1' from t"},
	{"ALL", "select @[1]"}, /* Trino: ALL [1] */
	/* too few arguments */
	{"FORMAT", "select @(1) from t"},
	{"IF", "select @(1) from t"},
	{"NULLIF", "select @(1) from t"},
	{"ARRAY", "select @[1]"},
	{"ROW", "select @(1) from t"},
	{"ROW", "select @(a, b) from t"},
};

static bool
is_exception(struct dg_str word, const char *place)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(exceptions); i++) {
		if (dg_str_eq(word, dg_str_from_cstr(exceptions[i].word)) &&
		    strcmp(place, exceptions[i].place) == 0)
			return true;
	}
	return false;
}

static struct dg_str
fill(const char *place, struct dg_str word, char room[512])
{
	size_t len = 0;

	for (; *place != '\0'; place++) {
		if (*place != '@') {
			room[len++] = *place;
			continue;
		}
		memcpy(room + len, word.data, word.len);
		len += word.len;
	}
	return dg_str_make(room, len);
}

/* The dump with each "WORD" made "name"; on the heap. */
static struct dg_str
dump_as_name(struct sql_fixture *f, const char *place, struct dg_str word,
	     struct dg_sql_engine engine)
{
	char room[512];
	struct dg_str text = fill(place, word, room);
	struct dg_str dump = sql_dump(f, text, engine);
	char *copy = dg_calloc(dump.len * 2 + 1, 1);
	size_t len = 0;

	for (size_t i = 0; i < dump.len;) {
		struct dg_str rest = dg_str_slice(dump, i, dump.len);

		if (dump.data[i] == '"' && rest.len > word.len + 1 &&
		    rest.data[word.len + 1] == '"' &&
		    dg_str_starts_with(dg_str_slice(rest, 1, rest.len), word)) {
			memcpy(copy + len, "\"name\"", 6);
			len += 6;
			i += word.len + 2;
			continue;
		}
		copy[len++] = dump.data[i++];
	}
	return dg_str_make(copy, len);
}

static void
check_word(struct sql_fixture *f, struct dg_str word,
	   struct dg_sql_engine engine)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(places); i++) {
		struct dg_str got;
		struct dg_str want;

		if (is_exception(word, places[i]))
			continue;
		got = dump_as_name(f, places[i], word, engine);
		want = dump_as_name(f, places[i], DG_STR("name"), engine);
		assert_true(dg_str_starts_with(want, DG_STR("(")));
		assert_same(got, want, word);
		dg_str_free(&got);
		dg_str_free(&want);
	}
}

static void
test_every_soft_word_is_a_name(void **state)
{
	const struct dg_sql_engine engines[] = {sql_trino(0), sql_trino(476),
						sql_trino(351), sql_presto(0),
						sql_presto(287)};

	for (size_t e = 0; e < DG_ARRAY_LEN(engines); e++) {
		for (unsigned w = 1; w < DG_SQL_N_WORDS; w++) {
			enum dg_sql_word word = (enum dg_sql_word)w;

			if (!dg_sql_word_is_reserved(word, engines[e]))
				check_word(*state, dg_sql_word_name(word),
					   engines[e]);
		}
	}
}

static void
test_no_reserved_word_is_a_name(void **state)
{
	const struct dg_sql_engine engines[] = {sql_trino(0), sql_presto(0)};

	for (size_t e = 0; e < DG_ARRAY_LEN(engines); e++) {
		for (unsigned w = 1; w < DG_SQL_N_WORDS; w++) {
			enum dg_sql_word word = (enum dg_sql_word)w;
			struct dg_str text;
			char room[512];

			if (!dg_sql_word_is_reserved(word, engines[e]))
				continue;
			text = fill("select 1 as @", dg_sql_word_name(word),
				    room);
			assert_same(sql_dump(*state, text, engines[e]),
				    DG_STR("syntax 1:13"), text);
			text = fill("select 1 from t.@", dg_sql_word_name(word),
				    room);
			/* Presto goes back to the dot: turn_back.c */
			assert_same(sql_dump(*state, text, engines[e]),
				    engines[e].dialect == DG_SQL_TRINO
					    ? DG_STR("syntax 1:17")
					    : DG_STR("syntax 1:16"),
				    text);
		}
	}
}

struct decision {
	const char *text;
	const char *word;
	bool keyword; /* its token, or else a name */
};

/* Each in its clause, and beside it as a name. */
static const struct decision both[] = {
	{"select 1 limit 1", "limit", true},
	{"select 1 limit all", "all", true},
	{"select 1 from t limit", "limit", false},
	{"select 1 offset 2", "offset", true},
	{"select 1 from t offset", "offset", false},
	{"select 1 fetch first 1 rows only", "fetch", true},
	{"select 1 fetch", "fetch", false},
	{"select 1 from t tablesample system (1)", "tablesample", true},
	{"select 1 from t tablesample", "tablesample", false},
	{"select f(a) over (order by 1)", "over", true},
	{"select f(a) over from t", "over", false},
	{"select f(a) filter (where true)", "filter", true},
	{"select filter (a, b -> true)", "filter", false},
	{"select f(a) ignore nulls over ()", "ignore", true},
	{"select f(a) ignore from t", "ignore", false},
	{"select f(a) over (partition by 1)", "partition", true},
	{"select f(a) over (rows 1 preceding)", "rows", true},
	{"select f(a) over (rows unbounded preceding)", "rows", true},
	{"select f(a) over (order by range)", "range", false},
	{"select f(a) over (partition by a, range)", "range", false},
	{"select f(a) over (order by b range between 1 preceding and current "
	 "row)",
	 "range", true},
	{"select range from t", "range", false},
	{"select range between 1 and 2 from t", "range", false},
	{"select f(a) over (rows current row)", "current", true},
	{"select current from t", "current", false},
	{"select all a from t", "all", true},
	{"select all from t", "all", false},
	{"select all, b from t", "all", false},
	{"select all * from t", "all", true},
	{"select all * 2 from t", "all", false},
	{"select all = 1 from t", "all", false},
	{"select all + 1 from t", "all", true},
	{"select (all + 1) from t", "all", false},
	{"select count(all a) from t", "all", true},
	{"select count(all) from t", "all", false},
	{"select 1 union all select 2", "all", true},
	{"select 1 group by all a", "all", true},
	{"select 1 group by all, a", "all", false},
	{"select 1 order by all", "all", false},
	{"select a = all (select 1)", "all", true},
	{"select a = any (select 1)", "any", true},
	{"select a > some (select 1)", "some", true},
	{"select any (select 1)", "any", false},
	{"select a at time zone 'x'", "at", true},
	{"select a at from t", "at", false},
	{"select interval '1' day", "interval", true},
	{"select interval - '1' day", "interval", true},
	{"select interval + '1' from t", "interval", false},
	{"select interval '1' from t", "interval", false},
	{"drop table if exists a", "if", true},
	{"create table if not exists a as select 1", "if", true},
	{"explain analyze select 1", "analyze", true},
	{"select position ('a' in b)", "position", true},
	{"select position from t", "position", false},
};

static const struct decision trino_only[] = {
	{"select 1 limit ?", "limit", true},
	{"select f(a) over w from t window w as ()", "over", true},
	{"select f(a) over w from t window w as ()", "window", true},
	{"select 1 from t window", "window", false},
	{"select 1 from t window (a, b)", "window", false},
	{"select 1 union corresponding select 1", "corresponding", true},
	{"select 1 from corresponding", "corresponding", false},
	{"select listagg(a) within group (order by 1)", "within", true},
	{"select a within from t", "within", false},
	{"select trim(both 'a' from b)", "both", true},
	{"select trim(both from b)", "both", true},
	{"select trim(both)", "both", false},
	{"select trim(both, 'a')", "both", false},
	{"execute immediate 'select 1'", "immediate", true},
	{"execute immediate", "immediate", false},
	{"execute immediate using 1", "immediate", false},
	{"select a at local", "at", true},
	{"select cast(a as double precision)", "double", true},
	{"select double from t", "double", false},
	{"select * from table(f(input => table(t) prune when empty))", "prune",
	 true},
	{"select * from table(f(d => descriptor(a, b)))", "descriptor", true},
	{"select * from table(f(d => descriptor(a + b)))", "descriptor", false},
	{"select * from table(f(table(a), table(b) copartition (a, b)))",
	 "copartition", false},
	{"select * from table(f(table(a) partition by x, table(b) partition by "
	 "y copartition (a, b)))",
	 "copartition", true},
};

static const struct decision presto_only[] = {
	{"select 1 limit ?", "limit", false},
	{"select f(a) over w from t", "over", false},
	{"select cast(a as double precision)", "double", true},
	{"select cast(a as double /**/ precision)", "double", false},
};

static void
check_decisions(struct sql_fixture *f, const struct decision *cases, size_t n,
		struct dg_sql_engine engine)
{
	for (size_t i = 0; i < n; i++) {
		struct dg_str text = dg_str_from_cstr(cases[i].text);
		struct dg_str word = dg_str_from_cstr(cases[i].word);
		struct dg_sql_tokens tokens;
		bool seen = false;

		dg_arena_reset(f->arena);
		assert_int_equal(dg_sql_tokenize(text, engine, &f->limits,
						 f->arena, &tokens, &f->err),
				 DG_OK);
		assert_true(dg_sql_promote(&tokens));
		for (size_t t = 0; t < tokens.n && !seen; t++) {
			bool keyword = tokens.at[t].code != DG_TK_ID;

			if (!dg_str_eq(dg_sql_token_text(text, &tokens.at[t]),
				       word))
				continue;
			seen = true;
			if (keyword != cases[i].keyword)
				fail_msg("%s: %s is %s", cases[i].text,
					 cases[i].word,
					 keyword ? "a keyword" : "a name");
		}
		assert_true(seen);
	}
}

static void
test_decisions(void **state)
{
	struct sql_fixture *f = *state;

	check_decisions(f, both, DG_ARRAY_LEN(both), sql_trino(0));
	check_decisions(f, both, DG_ARRAY_LEN(both), sql_presto(0));
	check_decisions(f, trino_only, DG_ARRAY_LEN(trino_only), sql_trino(0));
	check_decisions(f, presto_only, DG_ARRAY_LEN(presto_only),
			sql_presto(0));
}

/* Words of statements where the same word is a name as well. */
static const struct {
	const char *text;
	const char *name;
} statements[] = {
	{"explain analyze t", "explain"},
	{"explain analyze a.b with (p = 1)", "explain"},
	{"explain analyze select 1", "explain_analyze"},
	{"explain analyze show catalogs", "explain_analyze"},
	{"explain analyze verbose select 1", "explain_analyze"},
	{"explain analyze verbose", "explain"},
	{"explain (type logical) analyze t", "explain"},
	{"analyze analyze", "analyze"},
	{"describe input", "show_columns"},
	{"describe input.t", "show_columns"},
	{"describe input p", "describe_input"},
	{"describe output output", "describe_output"},
	{"describe output (select 1)", "describe_output"},
	{"reset session authorization", "reset_session_authorization"},
	{"reset session authorization.x", "reset_session"},
	{"set session authorization x", "set_session_authorization"},
	{"set session authorization 'x'", "set_session_authorization"},
	{"set session authorization = 1", "set_session"},
	{"set session authorization.x = 1", "set_session"},
	{"set role none", "set_role"},
	{"set role role", "set_role"},
	{"grant role to role", "grant"},
	{"grant user to user user", "grant"},
	{"grant r to user granted by role role", "grant"},
	{"grant r to user granted", "grant"},
	{"grant all privileges on t to u", "grant"},
	{"grant all to u", "grant"},
	{"grant a on to to to", "grant"},
	{"grant a on schema to u", "grant"},
	{"grant a on schema schema to u", "grant"},
	{"grant a on branch to u", "grant"},
	{"grant a on branch b to u", "grant"},
	{"grant a on branch b in t to u", "grant"},
	{"grant a on branch b in table t to u", "grant"},
	{"revoke grant on t from u", "revoke"},
	{"revoke grant option for a on t from u", "revoke"},
	{"revoke admin, b from u", "revoke"},
	{"revoke admin option for admin from role", "revoke"},
	{"create table unique (unique unique)", "create_table"},
	{"create table column (column primary, key key)", "create_table"},
	{"create table if (if if)", "create_table"},
	{"create table t (a) as select 1", "create_table_as"},
	{"alter materialized materialized set authorization u", "alter"},
	{"alter table add add column column column", "alter"},
	{"alter table rename rename column rename to rename", "alter"},
	{"alter column column set authorization column", "alter"},
	{"alter table t alter column set set data type set", "alter"},
	{"update update set set = set where update", "update"},
	{"update set set set = 1", "update"},
	{"merge into merge merge using matched on merge "
	 "when matched then delete",
	 "merge"},
	{"show roles from roles", "show_roles"},
	{"show current roles", "show_roles"},
	{"with function as (select 1) select 1", "select"},
	{"with session (a) as (select 1) select 1", "select"},
	{"with session as (select 1) table session", "select"},
	{"with session session = 1, session.session = 2 select 1", "select"},
	{"create function f() returns int return if(a, b)", "create_function"},
	{"create function f(int) returns array(int) begin if if then return 1; "
	 "end if; end",
	 "create_function"},
	{"create function f() returns int begin if: loop leave if; end loop; "
	 "end",
	 "create_function"},
	{"create function f() returns int begin begin: loop set set = do; "
	 "end loop; end",
	 "create_function"},
	{"create function f() returns int begin while while do set while = 1; "
	 "end while; end",
	 "create_function"},
	{"create function f() returns int begin if exists (select 1) then "
	 "return 1; else case a when 1 then return case b when 2 then 3 end; "
	 "end case; end if; end",
	 "create_function"},
	{"create function f() returns int language python as $$\n a;b $$",
	 "create_function"},
};

static void
test_words_of_statements(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(statements); i++) {
		struct dg_str text = dg_str_from_cstr(statements[i].text);
		struct dg_sql_tree *tree = NULL;
		const char *name = f->err.text;

		dg_arena_reset(f->arena);
		if (dg_sql_parse(text, sql_trino(0), &f->limits, f->arena,
				 &tree, &f->err) == DG_OK)
			name = dg_sql_statement_name(
				dg_sql_tree_statement(tree));
		assert_same(dg_str_from_cstr(name),
			    dg_str_from_cstr(statements[i].name), text);
	}
}

/* From which version on no token has to be looked at for its age. */
static void
test_closing_versions(void **state)
{
	(void)state;
	assert_false(dg_sql_closes_tokens(sql_trino(0)));
	assert_true(dg_sql_closes_tokens(sql_trino(330)));
	assert_true(dg_sql_closes_tokens(sql_trino(474))); /* ANY_OWNER */
	assert_false(dg_sql_closes_tokens(sql_trino(475)));
	assert_false(dg_sql_closes_tokens(sql_trino(60000)));
	assert_false(dg_sql_closes_tokens(sql_presto(0)));
	/* It never came to replace tables. */
	assert_true(dg_sql_closes_tokens(sql_presto(60000)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closing_versions),
		cmocka_unit_test(test_every_soft_word_is_a_name),
		cmocka_unit_test(test_no_reserved_word_is_a_name),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_words_of_statements),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

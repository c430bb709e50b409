/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_command.c - the program as a user of the command line sees it: help,
 * exit status, and the contract of `analyze` (docs/architecture.md 7). Runs
 * the real program, whose path is DG_PROGRAM.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "base/buf.h"

struct fixture {
	char dir[64];
	struct dg_buf out;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/test_command.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	dg_buf_init(&f->out, 64 << 20);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	dg_buf_fini(&f->out);
	free(f);
	return 0;
}

static void
write_file(struct fixture *f, const char *name, const void *data, size_t len)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void
write_text(struct fixture *f, const char *name, const char *text)
{
	write_file(f, name, text, strlen(text));
}

/* Runs `datagateway ARGUMENTS` in the folder; stdout and stderr to f->out. */
static int
run(struct fixture *f, const char *arguments)
{
	char command[1024];
	char *room;
	FILE *pipe;
	size_t n;
	int status;

	snprintf(command, sizeof(command), "cd '%s' && '%s' %s 2>&1", f->dir,
		 DG_PROGRAM, arguments);
	dg_buf_clear(&f->out);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	do {
		assert_int_equal(dg_buf_reserve(&f->out, 65536, &room), DG_OK);
		n = fread(room, 1, 65536, pipe);
		dg_buf_commit(&f->out, n);
	} while (n > 0);
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
assert_output(struct fixture *f, const char *expected)
{
	struct dg_str out = dg_buf_peek(&f->out);

	if (!dg_str_eq(out, dg_str_from_cstr(expected)))
		fail_msg("expected\n%s\ngot\n%.*s", expected, DG_STR_ARG(out));
}

static void
assert_contains(struct fixture *f, const char *part)
{
	struct dg_str out = dg_buf_peek(&f->out);

	if (memmem(out.data, out.len, part, strlen(part)) == NULL)
		fail_msg("no '%s' in\n%.*s", part, DG_STR_ARG(out));
}

static const char metadata[] =
	"{\"tpch\":{\"tiny\":{\"nation\":[\"nationkey\",\"name\"]}}}";

#define ANALYZE \
	"analyze --dialect trino --catalog tpch --schema tiny --metadata m "

/* ---- all commands ------------------------------------------------------ */

static void
test_help(void **state)
{
	static const char *const names[] = {
#define DG_COMMAND(function, name, help) name,
#include "commands.def"
#undef DG_COMMAND
	};
	struct fixture *f = *state;
	char arguments[64];

	assert_int_equal(run(f, "--help"), 0);
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++)
		assert_contains(f, names[i]);
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		snprintf(arguments, sizeof(arguments), "%s --help", names[i]);
		assert_int_equal(run(f, arguments), 0);
		assert_contains(f, "Usage: datagateway ");
		assert_contains(f, names[i]);
	}
}

static void
test_usage(void **state)
{
	static const char *const wrong[] = {
		"",
		"nosuch",
		"anal",
		"analyzer",
		"version extra",
		"analyze",
		"analyze x",
		"analyze --dialect",
		"analyze --dialect oracle x",
		"analyze --dialect trino",
		"analyze --dialect trino x y",
		"analyze --dialect trino --nosuch x",
		"analyze --dialect trino --engine-version new x",
		"analyze --dialect trino --dump everything x",
		"analyze --dialect trino --jsonl --dump ast x",
		"analyze --dialect trino --jsonl --format text x",
		"analyze --dialect trino --format yaml x",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(wrong); i++) {
		int status = run(f, wrong[i]);

		if (status != 2)
			fail_msg("'%s' ended with %d", wrong[i], status);
		assert_true(dg_buf_len(&f->out) > 0);
	}
}

static void
test_version(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "version"), 0);
	assert_output(f, "datagateway " DG_VERSION "\n");
	assert_int_equal(run(f, "--version"), 0);
	assert_output(f, "datagateway " DG_VERSION "\n");
}

static void
test_full_disk(void **state)
{
	struct fixture *f = *state;

	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_int_equal(run(f, "version >/dev/full"), 1);
}

/* ---- analyze ----------------------------------------------------------- */

static void
test_one_statement(void **state)
{
	struct fixture *f = *state;

	write_text(f, "m", metadata);
	write_text(f, "q", "select name\nfrom nation -- all\n");
	assert_int_equal(run(f, ANALYZE "q"), 0);
	assert_output(f,
		      "{\"ok\":true,\"statement\":\"select\",\"access\":[{"
		      "\"action\":\"select\",\"catalog\":\"tpch\",\"schema\":"
		      "\"tiny\",\"table\":\"nation\",\"columns\":[\"name\"]}]}"
		      "\n");
	assert_int_equal(run(f, ANALYZE "- < q"), 0);
	assert_contains(f, "\"columns\":[\"name\"]");
	assert_int_equal(run(f, ANALYZE "--parse-only q"), 0);
	assert_output(f, "{\"ok\":true,\"statement\":\"select\"}\n");
}

static void
test_what_entries_say(void **state)
{
	static const struct {
		const char *sql;
		const char *access;
	} cases[] = {
		{"select count(*) from nation",
		 "\"table\":\"nation\",\"columns\":[]}]}"},
		{"table nation", "\"columns\":[\"name\",\"nationkey\"],"
				 "\"all_columns\":true}]}"},
		{"select x from other",
		 "\"table\":\"other\",\"columns\":[\"x\"],"
		 "\"columns_known\":false}]}"},
		{"show schemas from c", "[{\"action\":\"show_schemas\","
					"\"catalog\":\"c\"}]}"},
		{"set session a.b = 1",
		 "[{\"action\":\"set_session\",\"name\":\"a.b\"}]}"},
		{"drop table nation", "[{\"action\":\"drop_table\",\"catalog\":"
				      "\"tpch\",\"schema\":\"tiny\",\"table\":"
				      "\"nation\"}]}"},
		{"commit", "\"statement\":\"commit\",\"access\":[]}"},
	};
	struct fixture *f = *state;

	write_text(f, "m", metadata);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		write_text(f, "q", cases[i].sql);
		assert_int_equal(run(f, ANALYZE "q"), 0);
		assert_contains(f, cases[i].access);
	}
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *sql;
		const char *error;
	} cases[] = {
		{"select\n frm frm frm",
		 "{\"ok\":false,\"error\":{\"kind\":\"syntax\",\"line\":2,"
		 "\"column\":10,\"message\":\""},
		{"select y from nation, other",
		 "\"kind\":\"resolve\",\"line\":1,\"column\":8,"
		 "\"message\":\"Column 'y' cannot be resolved\"}}"},
		{"select 1 from nation natural join other",
		 "\"kind\":\"unsupported\""},
		{"select '\xff'", "\"kind\":\"syntax\",\"line\":1,\"column\":1,"
				  "\"message\":\"The statement is not valid"},
	};
	struct fixture *f = *state;

	write_text(f, "m",
		   "{\"tpch\":{\"tiny\":{\"nation\":[\"x1\"],"
		   "\"other\":[\"x2\"]}}}");
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		write_text(f, "q", cases[i].sql);
		assert_int_equal(run(f, ANALYZE "q"), 1);
		assert_contains(f, cases[i].error);
	}
}

static void
test_files(void **state)
{
	struct fixture *f = *state;

	write_text(f, "q", "select 1");
	assert_int_equal(run(f, "analyze --dialect presto nosuch"), 1);
	assert_contains(f, "nosuch: No such file");
	assert_int_equal(run(f, "analyze --dialect presto --metadata no q"), 1);
	assert_contains(f, "no: No such file");
	write_text(f, "bad", "{\"c\":{\"s\":{\"t\":[1]}}}");
	assert_int_equal(run(f, "analyze --dialect presto --metadata bad q"),
			 1);
	assert_contains(f, "bad: A column of c.s.t is neither a name nor");
	write_text(f, "bad", "{\"c\":{\"s\":{\"t\":\"a\"}}}");
	assert_int_equal(run(f, "analyze --dialect presto --metadata bad q"),
			 1);
	write_text(f, "bad", "{\"c\":");
	assert_int_equal(run(f, "analyze --dialect presto --metadata bad q"),
			 1);
	write_text(f, "bad", "[]");
	assert_int_equal(run(f, "analyze --dialect presto --metadata bad q"),
			 1);
	assert_int_equal(
		run(f, "analyze --dialect presto --engine-version 0.287 q"), 0);
}

static void
test_dump(void **state)
{
	struct fixture *f = *state;

	write_text(f, "q", "select a");
	assert_int_equal(run(f, "analyze --dialect trino --dump ast q"), 0);
	assert_contains(f, "(query-statement");
	assert_int_equal(run(f, "analyze --dialect trino --dump tokens q"), 0);
	assert_true(dg_buf_len(&f->out) > 0);
	write_text(f, "q", "select (");
	assert_int_equal(run(f, "analyze --dialect trino --dump ast q"), 1);
	assert_contains(f, "\"ok\":false");
}

static void
test_lines(void **state)
{
	static const char lines[] =
		"{\"sql\":\"select name from nation\"}\n"
		"\n"
		"not json\n"
		"{\"catalog\":\"c\"}\n"
		"{\"sql\":\"select 1 from t\",\"catalog\":\"c\","
		"\"schema\":\"s\"}\r\n"
		"{\"sql\":\"execute p\",\"prepared\":{\"p\":\"table nation\"}}"
		"\n"
		"{\"sql\":\"execute p\"}\n"
		"{\"sql\":\"select \\u0000\"}\n"
		"{\"sql\":\"select 2\"}";
	static const char *const expected[] = {
		"\"columns\":[\"name\"]",
		"\"ok\":false",
		"\"ok\":false",
		"\"catalog\":\"c\",\"schema\":\"s\",\"table\":\"t\"",
		"\"statement\":\"execute\",\"access\":[{\"action\":\"select\"",
		"Prepared statement not found: p",
		"\"ok\":false",
		"{\"ok\":true,\"statement\":\"select\",\"access\":[]}",
	};
	struct fixture *f = *state;
	struct dg_str rest, line;
	size_t n = 0;

	write_text(f, "m", metadata);
	write_text(f, "q", lines);
	assert_int_equal(run(f, ANALYZE "--jsonl q"), 0);
	rest = dg_buf_peek(&f->out);
	while (dg_str_split(&rest, '\n', &line) && line.len > 0) {
		assert_true(n < DG_ARRAY_LEN(expected));
		if (memmem(line.data, line.len, expected[n],
			   strlen(expected[n])) == NULL)
			fail_msg("no '%s' in %.*s", expected[n],
				 DG_STR_ARG(line));
		n++;
	}
	assert_int_equal(n, DG_ARRAY_LEN(expected));
}

/* A line beyond the bound is one answer, and the next is read as ever. */
static void
test_long_line(void **state)
{
	enum { LONG = 20 << 20 };
	struct fixture *f = *state;
	static const char last[] = "\"}\n{\"sql\":\"select 2\"}\n";
	char *text = malloc(LONG + sizeof(last));

	assert_non_null(text);
	memset(text, 'x', LONG);
	memcpy(text, "{\"sql\":\"", 8);
	memcpy(text + LONG, last, sizeof(last));
	write_file(f, "q", text, LONG + sizeof(last) - 1);
	free(text);
	assert_int_equal(run(f, "analyze --dialect trino --jsonl q"), 0);
	assert_output(f,
		      "{\"ok\":false,\"error\":{\"kind\":\"limit\",\"line\":1,"
		      "\"column\":1,\"message\":\"The line is too long\"}}\n"
		      "{\"ok\":true,\"statement\":\"select\",\"access\":[]}\n");
}

/* Each line has its answer, and what one took is given back. */
static void
test_many_lines(void **state)
{
	enum { LINES = 20000 };
	struct fixture *f = *state;
	struct dg_buf text;
	struct dg_str out;
	size_t n = 0;

	dg_buf_init(&text, 64 << 20);
	for (unsigned i = 0; i < LINES; i++)
		assert_int_equal(
			dg_buf_appendf(&text,
				       "{\"sql\":\"select * from nation a%u, "
				       "other b%u where a%u.name = 'x'\"}\n",
				       i, i, i),
			DG_OK);
	out = dg_buf_peek(&text);
	write_text(f, "m", metadata);
	write_file(f, "q", out.data, out.len);
	dg_buf_fini(&text);
	assert_int_equal(run(f, ANALYZE "--jsonl - < q"), 0);
	out = dg_buf_peek(&f->out);
	for (size_t at = 0; at < out.len; n++)
		at = dg_str_find(out, '\n', at) + 1;
	assert_int_equal(n, LINES);
}

/* ---- analyze, for people ------------------------------------------------ */

static void
test_table_and_marked_text(void **state)
{
	struct fixture *f = *state;

	write_text(f, "m", metadata);
	write_text(f, "q",
		   "-- x\n--y\nwith w as (\n\tselect \"name\", b.f(1)\n"
		   "\tfrom nation -- all\n)\n\nselect 'ä', s.\"o\"\"k\"\n"
		   "from w, other s\n\n\n-- end\n");
	assert_int_equal(run(f, ANALYZE "--format text q"), 0);
	assert_output(
		f, "select, reads only\n"
		   "\n"
		   "kind      needs    place  on                columns\n"
		   "function  execute  4:17   tpch.b.f\n"
		   "select    select   5:7    tpch.tiny.nation  name\n"
		   "select    select   9:9    tpch.tiny.other   o\"k (columns "
		   "not known)\n"
		   "\n"
		   "     ...\n"
		   "   3 | with w as (\n"
		   "   4 |  select \"name\", b.f(1)\n"
		   "     |         ~~~~~~  ^^^\n"
		   "   5 |  from nation -- all\n"
		   "     |       ^^^^^^\n"
		   "   6 | )\n"
		   "   7 | \n"
		   "   8 | select 'ä', s.\"o\"\"k\"\n"
		   "     |             ~~~~~~~~\n"
		   "   9 | from w, other s\n"
		   "     |         ^^^^^\n"
		   "  10 | \n");
}

static void
test_words_of_few(void **state)
{
	static const struct {
		const char *arguments;
		const char *sql;
		const char *output;
	} cases[] = {
		{"--format text", "commit", "commit\n"},
		{"--format text --parse-only", "select a from b", "select\n"},
		{"--format text", "show catalogs",
		 "show_catalogs, reads only\n\n"
		 "kind           needs      place  on  columns\n"
		 "show_catalogs  any right  1:1\n\n"
		 "   1 | show catalogs\n     | ^^^^\n"},
		/* Wide letters, combining ones, what would move a cursor. */
		{"--format text",
		 "select '\xE6\x97\xA5\xE6\x9C\xAC', 'a\xCC\x81', \"\033[2J\" "
		 "from \"\xE8\xA1\xA8\"",
		 "select, reads only\n\n"
		 "kind    needs   place  on            columns\n"
		 "select  select  1:32   tpch.tiny.\xE8\xA1\xA8  ?[2j (columns "
		 "not known)\n\n"
		 "   1 | select '\xE6\x97\xA5\xE6\x9C\xAC', 'a\xCC\x81', "
		 "\"?[2J\" from \"\xE8\xA1\xA8\"\n"
		 "     |                     ~~~~~~      ^^^^\n"},
		{"--format text", "select * from nation",
		 "select, reads only\n\n"
		 "kind    needs   place  on                columns\n"
		 "select  select  1:15   tpch.tiny.nation  name, nationkey\n\n"
		 "   1 | select * from nation\n"
		 "     |        ~      ^^^^^^\n"},
	};
	struct fixture *f = *state;

	write_text(f, "m", metadata);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char arguments[256];

		write_text(f, "q", cases[i].sql);
		snprintf(arguments, sizeof(arguments), ANALYZE "%s q",
			 cases[i].arguments);
		assert_int_equal(run(f, arguments), 0);
		assert_output(f, cases[i].output);
	}
}

/* The end of the text, a newline behind it, what would move a cursor. */
static void
test_marked_mistakes(void **state)
{
	static const struct {
		const char *sql;
		const char *output;
	} cases[] = {
		{"use 1", "1:5: syntax error: mismatched input '1'. Expecting: "
			  "<identifier>\n\n   1 | use 1\n     |     ^\n"},
		{"use\n",
		 "2:1: syntax error: mismatched input '<EOF>'. Expecting: "
		 "<identifier>\n\n   1 | use\n   2 | \n     | ^\n"},
		{"/* \033[2J \xC2\x9B */ use 1",
		 "1:18: syntax error: mismatched input '1'. Expecting: "
		 "<identifier>\n\n   1 | /* ?[2J ? */ use 1\n"
		 "     |                  ^\n"},
		{"use \xFF",
		 "1:1: syntax error: The statement is not valid UTF-8\n\n"
		 "   1 | use ?\n     | ^^^\n"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		write_text(f, "q", cases[i].sql);
		assert_int_equal(
			run(f, "analyze --dialect trino --format text q"), 1);
		assert_output(f, cases[i].output);
	}
}

/* A window around the first mark; the marks are under what they mean. */
static void
test_marks_far_right(void **state)
{
	struct fixture *f = *state;
	struct dg_str out;
	char sql[2048];
	size_t text;
	size_t signs;

	snprintf(sql, sizeof(sql),
		 "select /*%01000d*/ name from nation/*%0500d*/", 0, 0);
	write_text(f, "m", metadata);
	write_text(f, "q", sql);
	assert_int_equal(run(f, ANALYZE "--format text q"), 0);
	out = dg_buf_peek(&f->out);
	text = (size_t)((const char *)memmem(out.data, out.len, "   1 | ", 7) -
			out.data);
	signs = dg_str_find(out, '\n', text) + 1;
	assert_int_equal(signs - text - 1, 7 + 160);
	assert_int_equal(dg_str_find(out, 'n', text),
			 text + dg_str_find(out, '~', signs) - signs);
}

static void
test_dumps(void **state)
{
	static const struct {
		const char *arguments;
		const char *sql;
		int status;
		const char *output;
	} cases[] = {
		{"--dump tokens", "use \"a\"", 0,
		 "0 keyword \"use\"\n4 quoted \"\\\"a\\\"\"\n7 end \"\"\n"},
		{"--dump tokens --format json", "use \"a\t\\\"", 0,
		 "{\"ok\":true,\"tokens\":[{\"offset\":0,\"kind\":\"keyword\","
		 "\"text\":\"use\"},{\"offset\":4,\"kind\":\"quoted\","
		 "\"text\":\"\\\"a\\t\\\\\\\"\"},{\"offset\":9,"
		 "\"kind\":\"end\",\"text\":\"\"}]}\n"},
		{"--dump ast", "use a", 0, "(use schema=(id \"a\"))\n"},
		{"--dump ast --format json", "use a", 0,
		 "{\"ok\":true,\"tree\":\"(use schema=(id \\\"a\\\"))\"}"
		 "\n"},
		{"--dump ast", "use 1", 1,
		 "{\"ok\":false,\"error\":{\"kind\":\"syntax\",\"line\":1,"
		 "\"column\":5,\"message\":\"mismatched input '1'. "
		 "Expecting: <identifier>\"}}\n"},
		{"--dump ast --format text", "use 1", 1,
		 "1:5: syntax error: mismatched input '1'. Expecting: "
		 "<identifier>\n\n   1 | use 1\n     |     ^\n"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char arguments[256];

		write_text(f, "q", cases[i].sql);
		snprintf(arguments, sizeof(arguments),
			 "analyze --dialect trino %s q", cases[i].arguments);
		assert_int_equal(run(f, arguments), cases[i].status);
		assert_output(f, cases[i].output);
	}
}

/* Text on a terminal only; script(1) makes one. */
static void
test_default_format(void **state)
{
	struct fixture *f = *state;

	if (system("command -v script >/dev/null") != 0)
		skip();
	write_text(f, "q", "commit");
	assert_int_equal(run(f, "analyze --dialect trino q"), 0);
	assert_contains(f, "{\"ok\":true");
	assert_int_equal(run(f, "version; script -qec \"'" DG_PROGRAM
				"' analyze --dialect trino q\" /dev/null "
				"</dev/null"),
			 0);
	assert_contains(f, "\ncommit\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
		cmocka_unit_test_setup_teardown(test_usage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_one_statement, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_entries_say, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dump, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_many_lines, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_table_and_marked_text,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_words_of_few, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_marked_mistakes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_marks_far_right, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_dumps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_default_format, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("cli.command", tests, NULL, NULL);
}

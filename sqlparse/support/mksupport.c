/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mksupport.c - writes docs/sql-support.md: what is read, in which version.
 *
 * Tries every example of support.def with every version that we claim and
 * tells what the library answers, so the page cannot say anything else than
 * the code does; the words come from keywords.def, what is refused from
 * opaque.def. With --jsonl the examples alone, an object a line with the
 * versions that read it, for tests that ask the engines the same. An example
 * that no version reads, or whose names mean nothing, is an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "scan/token.h"
#include "sqlparse/sqlparse.h"

/* The versions that are claimed, by dialect. */
static const struct {
	const char *name;
	const char *prefix; /* of a version */
	unsigned oldest;
	unsigned newest;
} dialects[] = {
	[DG_SQL_TRINO] = {"Trino", "", 351, 484},
	[DG_SQL_PRESTO] = {"Presto", "0.", 196, 300},
};

enum writes {
	WRITES_TRINO = 1 << DG_SQL_TRINO,
	WRITES_PRESTO = 1 << DG_SQL_PRESTO,
	WRITES_BOTH = WRITES_TRINO | WRITES_PRESTO,
};

struct form {
	const char *what;
	const char *example; /* NULL: the heading of a theme */
	enum writes writes;
	enum dg_sql_word word; /* that must be a keyword; or none */
};

static const struct form forms[] = {
#define DG_SQL_THEME(heading) {heading, NULL, WRITES_BOTH, DG_SQL_NO_WORD},
#define DG_SQL_FORM(dialect, what, example) \
	{what, example, WRITES_##dialect, DG_SQL_NO_WORD},
#define DG_SQL_FORM_OF(dialect, word, what, example) \
	{what, example, WRITES_##dialect, DG_SQL_W_##word},
#include "support/support.def"
#undef DG_SQL_THEME
#undef DG_SQL_FORM
#undef DG_SQL_FORM_OF
};

/* ---- asking the library ------------------------------------------------- */

enum answer {
	ANSWER_UNREAD,
	ANSWER_KNOWN,
	ANSWER_OPAQUE,  /* an entry `opaque` */
	ANSWER_REFUSED, /* UNSUPPORTED; RECURSION, where there is none */
	ANSWER_BAD,     /* an example that is none */
};

static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	(void)arg;
	*text_out = DG_STR("select a from c.s.t where b = ?");
	return dg_str_eq(name, DG_STR("p"));
}

static enum answer
try(const char *example, struct dg_sql_engine engine, struct dg_arena *arena)
{
	const struct dg_sql_context context = {
		.engine = engine,
		.limits = &dg_sql_default_limits,
		.catalog = DG_STR("c"),
		.schema = DG_STR("s"),
		.prepared = find_prepared,
	};
	struct dg_str text = dg_str_from_cstr(example);
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;
	struct dg_sql_tree *tree;

	dg_arena_reset(arena);
	if (dg_sql_parse(text, engine, &dg_sql_default_limits, arena, &tree,
			 &err) != DG_OK)
		return err.kind == DG_SQL_E_SYNTAX ? ANSWER_UNREAD : ANSWER_BAD;
	if (dg_sql_analyze(tree, &context, arena, &analysis, &err) != DG_OK)
		return err.kind == DG_SQL_E_UNSUPPORTED ||
				       err.kind == DG_SQL_E_RECURSION
			       ? ANSWER_REFUSED
			       : ANSWER_BAD;
	for (size_t i = 0; i < analysis.n_access; i++) {
		if (analysis.access[i].action == DG_SQL_ACT_OPAQUE)
			return ANSWER_OPAQUE;
	}
	return ANSWER_KNOWN;
}

static bool
is_word(enum dg_sql_word word, struct dg_sql_engine engine,
	struct dg_arena *arena)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_error err;

	dg_arena_reset(arena);
	return dg_sql_tokenize(dg_sql_word_name(word), engine,
			       &dg_sql_default_limits, arena, &tokens,
			       &err) == DG_OK &&
	       tokens.n == 1 && tokens.at[0].word == word;
}

/* Versions without a gap that read an example; since 0: none does. */
struct span {
	unsigned since;
	unsigned last;
	enum answer answer; /* of the last one */
};

static bool
measure(const struct form *form, enum dg_sql_dialect dialect,
	struct dg_arena *arena, struct span *span_out)
{
	*span_out = (struct span){0, 0, ANSWER_UNREAD};
	if ((form->writes & 1u << dialect) == 0)
		return true;
	for (unsigned version = dialects[dialect].oldest;
	     version <= dialects[dialect].newest; version++) {
		const struct dg_sql_engine engine = {dialect, version};
		enum answer answer;

		if (form->word != DG_SQL_NO_WORD &&
		    !is_word(form->word, engine, arena))
			continue;
		answer = try(form->example, engine, arena);
		if (answer == ANSWER_UNREAD)
			continue;
		if (answer == ANSWER_BAD ||
		    (span_out->since != 0 && span_out->last + 1 != version)) {
			fprintf(stderr, "%s %u: not an example: %s\n",
				dialects[dialect].name, version, form->example);
			return false;
		}
		if (span_out->since == 0)
			span_out->since = version;
		span_out->last = version;
		span_out->answer = answer;
	}
	return true;
}

static bool
measure_both(const struct form *form, struct dg_arena *arena,
	     struct span spans[2])
{
	if (!measure(form, DG_SQL_TRINO, arena, &spans[DG_SQL_TRINO]) ||
	    !measure(form, DG_SQL_PRESTO, arena, &spans[DG_SQL_PRESTO]))
		return false;
	if (spans[0].since == 0 && spans[1].since == 0) {
		fprintf(stderr, "no version reads: %s\n", form->example);
		return false;
	}
	return true;
}

/* ---- the page ----------------------------------------------------------- */

static const char head[] =
	"# SQL that is read\n"
	"\n"
	"<!-- Written by dg_mksupport; `tests/lint/support.py` compares. -->\n"
	"\n"
	"Every form of statement, which versions of the engines it is read "
	"for, "
	"and what\n"
	"becomes of it. Written by a program that tries an example of each "
	"form "
	"with each\n"
	"version (`sqlparse/support/support.def`, "
	"`sqlparse/support/mksupport.c`); "
	"`docs/conformance.md` says\n"
	"how that compares with the engines.\n"
	"\n"
	"- **always**: in all versions, Trino 351 to 484 and Presto 0.196 to "
	"0.300\n"
	"- **432**: since that version; **- 208**: up to that one\n"
	"- **–**: the engine has no such thing, or writes it in another way\n"
	"- **opaque**: read, but no right that a rule could name says what it "
	"does, so it is\n"
	"  refused; **refused**: read, and refused as a whole. All of these "
	"are "
	"listed below.\n"
	"\n"
	"A newer version reads as the newest here. For an old one we may read "
	"a "
	"little more\n"
	"than it does: then the engine is the one to refuse it.\n"
	"\n"
	"Not read, though the engine reads it (`tests/sql/refusals`):\n"
	"\n"
	"- in Presto a word that touches DOUBLE PRECISION or WITH TIME ZONE; "
	"a blank helps\n";

/* Markdown in a cell of a table, which is one line. */
static void
put_cell(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			putchar('\\');
		if (*text == '\n')
			printf("⏎");
		else
			putchar(*text);
	}
}

static void
put_span(const struct span *span, enum dg_sql_dialect dialect)
{
	const char *prefix = dialects[dialect].prefix;
	bool from_start = span->since == dialects[dialect].oldest;
	bool to_end = span->last == dialects[dialect].newest;

	if (span->since == 0) {
		printf(" – |");
		return;
	}
	putchar(' ');
	if (from_start && to_end)
		printf("always");
	else if (!from_start)
		printf("%s%u", prefix, span->since);
	if (!to_end)
		printf("%s- %s%u", from_start ? "" : " ", prefix, span->last);
	if (span->answer == ANSWER_OPAQUE)
		printf(", opaque");
	if (span->answer == ANSWER_REFUSED)
		printf(", refused");
	printf(" |");
}

static bool
put_forms(struct dg_arena *arena)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(forms); i++) {
		struct span spans[2];

		if (forms[i].example == NULL) {
			printf("\n## %s\n\n| form | Trino | Presto | example "
			       "|\n"
			       "|---|---|---|---|\n",
			       forms[i].what);
			continue;
		}
		if (!measure_both(&forms[i], arena, spans))
			return false;
		printf("| ");
		put_cell(forms[i].what);
		printf(" |");
		put_span(&spans[DG_SQL_TRINO], DG_SQL_TRINO);
		put_span(&spans[DG_SQL_PRESTO], DG_SQL_PRESTO);
		printf(" `");
		put_cell(forms[i].example);
		printf("` |\n");
	}
	return true;
}

static void
put_refused(void)
{
	static const struct {
		const char *how;
		const char *dialect;
		const char *what;
		const char *reason;
	} rows[] = {
#define DG_SQL_OPAQUE(id, dialect, what, example, reason) \
	{"opaque", #dialect, what, reason},
#define DG_SQL_REFUSED(id, dialect, what, example, reason) \
	{"refused", #dialect, what, reason},
#include "sqlparse/opaque.def"
#undef DG_SQL_OPAQUE
#undef DG_SQL_REFUSED
	};

	printf("\n## Read and refused\n"
	       "\n"
	       "All that is read and not accounted for "
	       "(`sqlparse/include/sqlparse/opaque.def`).\n"
	       "\n"
	       "| what | dialect | how | why |\n|---|---|---|---|\n");
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		const char *dialect = rows[i].dialect;

		printf("| ");
		put_cell(rows[i].what);
		printf(" | %s | %s | ",
		       strcmp(dialect, "TRINO") == 0    ? "Trino"
		       : strcmp(dialect, "PRESTO") == 0 ? "Presto"
							: "both",
		       rows[i].how);
		put_cell(rows[i].reason);
		printf(" |\n");
	}
}

/* ---- keywords ----------------------------------------------------------- */

static bool
is_reserved(enum dg_sql_word word, enum dg_sql_dialect dialect,
	    unsigned version)
{
	return dg_sql_word_is_reserved(
		word, (struct dg_sql_engine){dialect, version});
}

/* "always", "301", "228 - 228"; a dash for none. */
static void
put_versions(enum dg_sql_dialect dialect, const bool *in, unsigned n)
{
	unsigned oldest = dialects[dialect].oldest;
	const char *prefix = dialects[dialect].prefix;
	bool any = false;

	for (unsigned i = 0; i < n; i++) {
		unsigned end = i;

		if (!in[i])
			continue;
		while (end + 1 < n && in[end + 1])
			end++;
		printf(any ? ", " : " ");
		any = true;
		if (i == 0 && end + 1 == n)
			printf("always");
		else if (i > 0)
			printf("%s%u", prefix, oldest + i);
		if (end + 1 < n)
			printf("%s- %s%u", i > 0 ? " " : "", prefix,
			       oldest + end);
		i = end;
	}
	printf(any ? " |" : " – |");
}

static void
put_word(enum dg_sql_word word, struct dg_arena *arena)
{
	enum { VERSIONS_MAX = 256 };
	const enum dg_sql_dialect both[] = {DG_SQL_TRINO, DG_SQL_PRESTO};

	printf("| %.*s |", DG_STR_ARG(dg_sql_word_name(word)));
	for (size_t d = 0; d < DG_ARRAY_LEN(both); d++) {
		unsigned oldest = dialects[both[d]].oldest;
		unsigned n = dialects[both[d]].newest - oldest + 1;
		bool known[VERSIONS_MAX];
		bool reserved[VERSIONS_MAX];

		DG_ASSERT(n <= VERSIONS_MAX);
		for (unsigned i = 0; i < n; i++) {
			known[i] = is_word(
				word,
				(struct dg_sql_engine){both[d], oldest + i},
				arena);
			reserved[i] = known[i] &&
				      is_reserved(word, both[d], oldest + i);
		}
		put_versions(both[d], known, n);
		put_versions(both[d], reserved, n);
	}
	printf("\n");
}

static void
put_words(struct dg_arena *arena)
{
	printf("\n## Keywords\n"
	       "\n"
	       "In which versions a word is a keyword, and in which it is "
	       "reserved: no name\n"
	       "without double quotes (`sqlparse/scan/keywords.def`).\n"
	       "\n"
	       "| word | Trino | reserved | Presto | reserved |\n"
	       "|---|---|---|---|---|\n");
	for (unsigned word = DG_SQL_NO_WORD + 1; word < DG_SQL_N_WORDS; word++)
		put_word((enum dg_sql_word)word, arena);
}

/* ---- for tests ---------------------------------------------------------- */

static void
put_json(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if (*text == '\n')
			printf("\\n");
		else
			putchar(*text);
	}
	putchar('"');
}

static bool
put_lines(struct dg_arena *arena)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(forms); i++) {
		struct span spans[2];

		if (forms[i].example == NULL)
			continue;
		if (!measure_both(&forms[i], arena, spans))
			return false;
		printf("{\"what\": ");
		put_json(forms[i].what);
		printf(", \"sql\": ");
		put_json(forms[i].example);
		printf(", \"name_before\": %s",
		       forms[i].word == DG_SQL_NO_WORD ? "false" : "true");
		if ((forms[i].writes & WRITES_TRINO) != 0)
			printf(", \"trino\": [%u, %u]", spans[0].since,
			       spans[0].last);
		if ((forms[i].writes & WRITES_PRESTO) != 0)
			printf(", \"presto\": [%u, %u]", spans[1].since,
			       spans[1].last);
		printf("}\n");
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct dg_arena *arena = dg_arena_create((size_t)16 << 20);
	bool ok;

	if (argc == 2 && strcmp(argv[1], "--jsonl") == 0) {
		ok = put_lines(arena);
	} else {
		fputs(head, stdout);
		ok = put_forms(arena);
		put_refused();
		put_words(arena);
	}
	dg_arena_destroy(&arena);
	return ok && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

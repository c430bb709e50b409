/* SPDX-License-Identifier: Apache-2.0 */
/*
 * analyze.c - `datagateway analyze`: what a statement touches.
 *
 * Works without any server: tables' columns come from a file. With --jsonl one
 * object is answered for each line read, in order, in memory that does not
 * grow with their number. The JSON is a contract (docs/architecture.md 7); on a
 * terminal the answer is one for people.
 */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze_text.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog_file.h"
#include "sqlparse/sqlparse.h"
#include "stream.h"

static const char usage[] =
	"Usage: datagateway analyze --dialect trino|presto [OPTION]... FILE|-\n"
	"Prints what the SQL statement in FILE would need rights for.\n"
	"\n"
	"  --dialect trino|presto  whose SQL it is (needed)\n"
	"  --engine-version V      e.g. 476 or 0.287; the newest if not given\n"
	"  --catalog C             the session's catalog\n"
	"  --schema S              the session's schema\n"
	"  --metadata FILE.json    columns of tables, lower case, a column as\n"
	"                          \"name\" or [\"name\", \"type\"]:\n"
	"                          "
	"{\"catalog\":{\"schema\":{\"table\":[\"column\"]}}}\n"
	"                          a view also as "
	"{\"columns\":[..],\"view\":\"SQL\",\n"
	"                          \"rights\":\"reader\"} or \"owner\"\n"
	"  --accounting RULE       strict (all columns that are named) or\n"
	"                          utilized (those that the result depends "
	"on)\n"
	"  --parse-only            read the statement, list nothing\n"
	"  --format text|json      a table and the marked text (^ objects, ~ "
	"columns),\n"
	"                          or one line of JSON; text on a terminal, "
	"else JSON\n"
	"  --dump tokens|ast       print how it was read instead; as text "
	"unless\n"
	"                          --format json\n"
	"  --jsonl                 FILE has one JSON object a line: \"sql\", "
	"and\n"
	"                          optional \"catalog\", \"schema\", "
	"\"prepared\"\n"
	"                          (an object: name to text); one object a "
	"line\n"
	"                          is printed\n"
	"  --help                  this text\n"
	"\n"
	"Exit status: 0 done, 1 the statement or a file was refused, 2 wrong\n"
	"usage. With --jsonl a refused statement is an answer like another.\n";

enum dump {
	DUMP_NOTHING,
	DUMP_TOKENS,
	DUMP_AST,
};

enum format {
	FORMAT_ANY,
	FORMAT_TEXT,
	FORMAT_JSON,
};

struct options {
	struct dg_sql_engine engine;
	struct dg_str catalog;
	struct dg_str schema;
	const char *metadata;
	enum dg_sql_accounting accounting;
	const char *file;
	enum dump dump;
	enum format format;
	bool parse_only;
	bool jsonl;
};

/* Per statement; grows with its length only. */
#define ARENA_MAX ((size_t)256 << 20)
/* An answer names each table and column once. */
#define ANSWER_MAX ((size_t)256 << 20)
/* A statement of the greatest length, each byte written as \u00XX. */
#define LINE_MAX_BYTES ((size_t)8 << 20)

struct analyzer {
	const struct options *options;
	struct dg_tables *tables;       /* owned; NULL: nothing known */
	struct dg_arena *arena;         /* owned; reset per statement */
	struct dg_buf answer;           /* owned */
	const struct dg_json *prepared; /* of this line; borrowed */
};

/* ---- answers ----------------------------------------------------------- */

static void
put_part(struct dg_json_writer *w, const char *key, struct dg_str value)
{
	if (value.len == 0)
		return;
	dg_json_key(w, key);
	dg_json_put_str(w, value);
}

/* Of columns that are not read as a whole. */
static void
put_fields(struct dg_json_writer *w, const struct dg_sql_access *access)
{
	bool any = false;

	for (size_t i = 0; i < access->n_columns; i++) {
		const struct dg_sql_column_use *column = &access->columns[i];

		for (size_t f = 0; f < column->n_fields; f++) {
			if (!any) {
				dg_json_key(w, "fields");
				dg_json_array_open(w);
				any = true;
			}
			dg_json_put_str(w, column->fields[f].path);
		}
	}
	if (any)
		dg_json_array_close(w);
}

static void
put_columns(struct dg_json_writer *w, const struct dg_sql_access *access)
{
	dg_json_key(w, "columns");
	dg_json_array_open(w);
	for (size_t i = 0; i < access->n_columns; i++)
		dg_json_put_str(w, access->columns[i].name);
	dg_json_array_close(w);
	put_fields(w, access);
	if (access->all_columns) {
		dg_json_key(w, "all_columns");
		dg_json_put_bool(w, true);
	}
	if (!access->columns_known) {
		dg_json_key(w, "columns_known");
		dg_json_put_bool(w, false);
	}
}

static void
put_access(struct dg_json_writer *w, const struct dg_sql_access *access)
{
	dg_json_object_open(w);
	dg_json_key(w, "action");
	dg_json_put_cstr(w, dg_sql_action_name(access->action));
	put_part(w, "catalog", access->object.catalog);
	put_part(w, "schema", access->object.schema);
	put_part(w, "table", access->object.table);
	put_part(w, "name", access->name);
	put_part(w, "reason", access->reason);
	if (access->action == DG_SQL_ACT_SELECT ||
	    access->action == DG_SQL_ACT_UPDATE)
		put_columns(w, access);
	dg_json_object_close(w);
}

static void
put_analysis(struct dg_json_writer *w, const struct dg_sql_analysis *analysis)
{
	dg_json_key(w, "access");
	dg_json_array_open(w);
	for (size_t i = 0; i < analysis->n_access; i++)
		put_access(w, &analysis->access[i]);
	dg_json_array_close(w);
}

static void
put_error(struct dg_json_writer *w, const struct dg_sql_error *err)
{
	dg_json_object_open(w);
	dg_json_key(w, "ok");
	dg_json_put_bool(w, false);
	dg_json_key(w, "error");
	dg_json_object_open(w);
	dg_json_key(w, "kind");
	dg_json_put_cstr(w, dg_sql_error_kind_name(err->kind));
	dg_json_key(w, "line");
	dg_json_put_int(w, (int64_t)err->line);
	dg_json_key(w, "column");
	dg_json_put_int(w, (int64_t)err->column);
	dg_json_key(w, "message");
	dg_json_put_cstr(w, err->text);
	dg_json_object_close(w);
	dg_json_object_close(w);
}

static void
set_error(struct dg_sql_error *err, enum dg_sql_error_kind kind,
	  const char *text)
{
	*err = (struct dg_sql_error){.kind = kind, .line = 1, .column = 1};
	snprintf(err->text, sizeof(err->text), "%s", text);
}

/* ---- one statement ----------------------------------------------------- */

struct statement {
	struct dg_str sql;
	struct dg_str catalog;
	struct dg_str schema;
};

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	struct analyzer *a = arg;

	return dg_tables_find(a->tables, table, columns_out);
}

static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	struct analyzer *a = arg;
	char *key = dg_arena_cstr(a->arena, name);

	return key != NULL &&
	       dg_json_string(dg_json_get(a->prepared, key), text_out);
}

static enum dg_rc
parse(struct analyzer *a, struct dg_str sql, struct dg_sql_tree **tree_out,
      struct dg_sql_error *err)
{
	if (!dg_str_is_utf8(sql)) {
		set_error(err, DG_SQL_E_SYNTAX,
			  "The statement is not valid UTF-8");
		return DG_ERR_INVALID;
	}
	return dg_sql_parse(sql, a->options->engine, &dg_sql_default_limits,
			    a->arena, tree_out, err);
}

/* An analysis without accesses when only the parse was asked for. */
static enum dg_rc
analyze(struct analyzer *a, const struct statement *statement,
	struct dg_sql_analysis *analysis_out, struct dg_sql_error *err)
{
	const struct dg_sql_context context = {
		.engine = a->options->engine,
		.limits = &dg_sql_default_limits,
		.catalog = statement->catalog,
		.schema = statement->schema,
		.accounting = a->options->accounting,
		.columns = a->tables == NULL ? NULL : find_columns,
		.prepared = a->prepared == NULL ? NULL : find_prepared,
		.arg = a,
	};
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = parse(a, statement->sql, &tree, err);
	if (rc != DG_OK)
		return rc;
	*analysis_out = (struct dg_sql_analysis){
		.statement = dg_sql_tree_statement(tree)};
	if (a->options->parse_only)
		return DG_OK;
	return dg_sql_analyze(tree, &context, a->arena, analysis_out, err);
}

/* For people; ok_out: the statement was understood. */
static enum dg_rc
answer_in_words(struct analyzer *a, const struct statement *statement,
		bool *ok_out)
{
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;

	*ok_out = analyze(a, statement, &analysis, &err) == DG_OK;
	if (!*ok_out)
		return dg_analyze_put_error(&a->answer, statement->sql, &err,
					    a->arena);
	return dg_analyze_put_text(&a->answer, statement->sql, &analysis,
				   a->arena);
}

/* Puts one line into a->answer; ok_out: the statement was understood. */
static enum dg_rc
answer_statement(struct analyzer *a, const struct statement *statement,
		 bool *ok_out)
{
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;
	struct dg_json_writer w;
	enum dg_rc rc;

	*ok_out = analyze(a, statement, &analysis, &err) == DG_OK;
	dg_json_begin(&w, &a->answer);
	if (*ok_out) {
		dg_json_object_open(&w);
		dg_json_key(&w, "ok");
		dg_json_put_bool(&w, true);
		dg_json_key(&w, "statement");
		dg_json_put_cstr(&w, dg_sql_statement_name(analysis.statement));
		if (!a->options->parse_only)
			put_analysis(&w, &analysis);
		dg_json_object_close(&w);
	} else {
		put_error(&w, &err);
	}
	rc = dg_json_finish(&w);
	if (rc != DG_OK)
		return rc;
	return dg_buf_append_char(&a->answer, '\n');
}

static enum dg_rc
answer_error_at(struct analyzer *a, const struct dg_sql_error *err)
{
	struct dg_json_writer w;
	enum dg_rc rc;

	dg_json_begin(&w, &a->answer);
	put_error(&w, err);
	rc = dg_json_finish(&w);
	if (rc != DG_OK)
		return rc;
	return dg_buf_append_char(&a->answer, '\n');
}

static enum dg_rc
answer_error(struct analyzer *a, enum dg_sql_error_kind kind, const char *text)
{
	struct dg_sql_error err;

	set_error(&err, kind, text);
	return answer_error_at(a, &err);
}

/* Prints what was put and makes room for the next. */
static bool
flush_answer(struct analyzer *a, enum dg_rc rc)
{
	struct dg_str text = dg_buf_peek(&a->answer);

	if (rc == DG_OK)
		fwrite(text.data, 1, text.len, stdout);
	else
		dg_cli_complain("analyze", "the answer is too large");
	dg_buf_clear(&a->answer);
	dg_arena_reset(a->arena);
	return rc == DG_OK;
}

/* ---- lines ------------------------------------------------------------- */

static enum dg_rc
answer_line(struct analyzer *a, struct dg_str line)
{
	struct statement statement = {
		.catalog = a->options->catalog,
		.schema = a->options->schema,
	};
	struct dg_json *root = NULL;
	struct dg_error err;
	enum dg_rc rc;
	bool ok;

	rc = dg_json_parse(line, LINE_MAX_BYTES, &root, &err);
	if (rc != DG_OK)
		return answer_error(a, DG_SQL_E_SYNTAX, err.text);
	if (!dg_json_string(dg_json_get(root, "sql"), &statement.sql)) {
		rc = answer_error(
			a, DG_SQL_E_SYNTAX,
			"The line is no object with a \"sql\" string");
	} else {
		dg_json_string(dg_json_get(root, "catalog"),
			       &statement.catalog);
		dg_json_string(dg_json_get(root, "schema"), &statement.schema);
		a->prepared = dg_json_get(root, "prepared");
		rc = answer_statement(a, &statement, &ok);
		a->prepared = NULL;
	}
	dg_json_destroy(&root);
	return rc;
}

/* Lines longer than the buffer are answered by an error, and skipped. */
static bool
answer_lines(struct analyzer *a, FILE *in)
{
	char *line = DG_NEW_ARRAY(char, LINE_MAX_BYTES);
	bool ok = true;
	bool skipping = false;

	while (ok && fgets(line, (int)LINE_MAX_BYTES, in) != NULL) {
		size_t len = strlen(line);
		bool whole = len > 0 && line[len - 1] == '\n';
		struct dg_str text = dg_str_trim(dg_str_make(line, len));
		bool was_skipping = skipping;

		skipping = !whole && !feof(in);
		if (was_skipping || (text.len == 0 && !skipping))
			continue;
		ok = flush_answer(a, skipping ? answer_error(a, DG_SQL_E_LIMIT,
							     "The line is too "
							     "long")
					      : answer_line(a, text));
	}
	dg_free(line);
	return ok;
}

/* ---- the command ------------------------------------------------------- */

static bool
read_all(FILE *in, struct dg_buf *text)
{
	enum dg_rc rc = dg_cli_stream_read(in, text);

	if (rc == DG_ERR_LIMIT)
		dg_cli_complain("analyze", "the file is too large");
	return rc == DG_OK;
}

/* One line of the dump: its offset, its kind, its text with escapes. */
static enum dg_rc
put_token(struct dg_json_writer *w, struct dg_str line, struct dg_buf *text)
{
	struct dg_str offset = DG_STR_EMPTY;
	struct dg_str kind = DG_STR_EMPTY;
	uint64_t number = 0;
	enum dg_rc rc = DG_OK;

	dg_buf_clear(text);
	if (!dg_str_split(&line, ' ', &offset) ||
	    !dg_str_split(&line, ' ', &kind) ||
	    dg_str_to_u64(offset, &number) != DG_OK)
		return DG_ERR_INTERNAL;
	for (size_t i = 1; i + 1 < line.len && rc == DG_OK; i++) {
		char c = line.data[i];

		if (c == '\\' && line.data[i + 1] == 'x') {
			c = (char)(dg_hex_value(line.data[i + 2]) << 4 |
				   dg_hex_value(line.data[i + 3]));
			i += 3;
		} else if (c == '\\') {
			c = line.data[++i];
		}
		rc = dg_buf_append_char(text, c);
	}
	dg_json_object_open(w);
	dg_json_key(w, "offset");
	dg_json_put_int(w, (int64_t)number);
	dg_json_key(w, "kind");
	dg_json_put_str(w, kind);
	dg_json_key(w, "text");
	dg_json_put_str(w, dg_buf_peek(text));
	dg_json_object_close(w);
	return rc;
}

/* The dump as an array of tokens, or as the tree's text. */
static enum dg_rc
put_dump(struct analyzer *a, struct dg_str dump)
{
	struct dg_str line = DG_STR_EMPTY;
	struct dg_json_writer w;
	struct dg_buf text;
	enum dg_rc rc = DG_OK;

	dg_buf_init(&text, LINE_MAX_BYTES);
	dg_json_begin(&w, &a->answer);
	dg_json_object_open(&w);
	dg_json_key(&w, "ok");
	dg_json_put_bool(&w, true);
	if (a->options->dump == DUMP_AST) {
		dg_json_key(&w, "tree");
		dg_json_put_str(&w, dump);
	} else {
		dg_json_key(&w, "tokens");
		dg_json_array_open(&w);
		while (rc == DG_OK && dg_str_split(&dump, '\n', &line)) {
			if (line.len > 0)
				rc = put_token(&w, line, &text);
		}
		dg_json_array_close(&w);
	}
	dg_json_object_close(&w);
	dg_buf_fini(&text);
	return rc == DG_OK ? dg_json_finish(&w) : rc;
}

static enum dg_rc
make_dump(struct analyzer *a, struct dg_str sql, struct dg_buf *out,
	  struct dg_sql_error *err)
{
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	set_error(err, DG_SQL_E_LIMIT, "The dump is too large");
	if (a->options->dump == DUMP_TOKENS)
		return dg_sql_dump_tokens(sql, a->options->engine, a->arena,
					  out);
	rc = parse(a, sql, &tree, err);
	return rc == DG_OK ? dg_sql_dump_tree(tree, out) : rc;
}

static bool
dump_statement(struct analyzer *a, struct dg_str sql)
{
	bool json = a->options->format == FORMAT_JSON;
	struct dg_sql_error err;
	struct dg_buf dump;
	enum dg_rc rc;
	bool ok;

	dg_buf_init(&dump, ANSWER_MAX);
	ok = make_dump(a, sql, &dump, &err) == DG_OK;
	if (!ok && a->options->format == FORMAT_TEXT)
		rc = dg_analyze_put_error(&a->answer, sql, &err, a->arena);
	else if (!ok)
		rc = answer_error_at(a, &err);
	else if (json)
		rc = put_dump(a, dg_buf_peek(&dump));
	else
		rc = dg_buf_append(&a->answer, dg_buf_peek(&dump));
	if (rc == DG_OK && ok && (json || a->options->dump == DUMP_AST))
		rc = dg_buf_append_char(&a->answer, '\n');
	dg_buf_fini(&dump);
	return flush_answer(a, rc) && ok;
}

static bool
answer_one(struct analyzer *a, const struct statement *statement)
{
	bool ok;
	enum dg_rc rc = a->options->format == FORMAT_TEXT
				? answer_in_words(a, statement, &ok)
				: answer_statement(a, statement, &ok);

	return flush_answer(a, rc) && ok;
}

static bool
answer_file(struct analyzer *a, FILE *in)
{
	struct statement statement = {
		.catalog = a->options->catalog,
		.schema = a->options->schema,
	};
	struct dg_buf text;
	bool ok = false;

	dg_buf_init(&text, LINE_MAX_BYTES);
	if (read_all(in, &text)) {
		statement.sql = dg_buf_peek(&text);
		if (a->options->dump != DUMP_NOTHING)
			ok = dump_statement(a, statement.sql);
		else
			ok = answer_one(a, &statement);
	}
	dg_buf_fini(&text);
	return ok;
}

static enum dg_exit
run(const struct options *options)
{
	struct analyzer a = {.options = options};
	bool from_stdin = strcmp(options->file, "-") == 0;
	FILE *in = from_stdin ? stdin : fopen(options->file, "rb");
	struct dg_error err;
	bool ok = false;

	if (in == NULL) {
		dg_cli_complain("analyze", "%s: %s", options->file,
				strerror(errno));
		return DG_EXIT_FAILED;
	}
	dg_buf_init(&a.answer, ANSWER_MAX);
	a.arena = dg_arena_create(ARENA_MAX);
	if (options->metadata != NULL &&
	    dg_catalog_file_load(options->metadata, &a.tables, &err) != DG_OK)
		dg_cli_complain("analyze", "%s", err.text);
	else
		ok = options->jsonl ? answer_lines(&a, in)
				    : answer_file(&a, in);
	if (ferror(in) != 0) {
		dg_cli_complain("analyze", "%s: read error", options->file);
		ok = false;
	}
	dg_tables_destroy(&a.tables);
	dg_arena_destroy(&a.arena);
	dg_buf_fini(&a.answer);
	if (!from_stdin)
		fclose(in);
	return ok ? DG_EXIT_OK : DG_EXIT_FAILED;
}

static bool
set_dialect(struct options *options, const char *name)
{
	if (strcmp(name, "trino") == 0)
		options->engine.dialect = DG_SQL_TRINO;
	else if (strcmp(name, "presto") == 0)
		options->engine.dialect = DG_SQL_PRESTO;
	else
		return false;
	return true;
}

static bool
set_accounting(struct options *options, const char *name)
{
	bool utilized = strcmp(name, "utilized") == 0;

	options->accounting = utilized ? DG_SQL_UTILIZED : DG_SQL_STRICT;
	return utilized || strcmp(name, "strict") == 0;
}

static bool
set_dump(struct options *options, const char *what)
{
	if (strcmp(what, "tokens") == 0)
		options->dump = DUMP_TOKENS;
	else if (strcmp(what, "ast") == 0)
		options->dump = DUMP_AST;
	else
		return false;
	return true;
}

static bool
set_format(struct options *options, const char *name)
{
	if (strcmp(name, "text") == 0)
		options->format = FORMAT_TEXT;
	else if (strcmp(name, "json") == 0)
		options->format = FORMAT_JSON;
	else
		return false;
	return true;
}

/* The options together; version may be NULL. */
static enum dg_exit
check_options(struct options *options, const char *version)
{
	if (version != NULL &&
	    dg_sql_version_parse(options->engine.dialect,
				 dg_str_from_cstr(version),
				 &options->engine.version) != DG_OK)
		return dg_cli_usage_error("analyze", "no version %s", version);
	if (options->jsonl && options->dump != DUMP_NOTHING)
		return dg_cli_usage_error("analyze",
					  "--dump does not go with --jsonl");
	if (options->jsonl && options->format == FORMAT_TEXT)
		return dg_cli_usage_error(
			"analyze", "--format text does not go with --jsonl");
	if (options->format == FORMAT_ANY && !options->jsonl &&
	    isatty(STDOUT_FILENO) == 1)
		options->format = FORMAT_TEXT;
	return DG_EXIT_OK;
}

enum dg_exit
dg_command_analyze(int argc, char **argv)
{
	enum {
		O_DIALECT,
		O_VERSION,
		O_CATALOG,
		O_SCHEMA,
		O_METADATA,
		O_ACCOUNTING,
		O_PARSE_ONLY,
		O_DUMP,
		O_FORMAT,
		O_JSONL,
		O_HELP
	};
	static const struct option long_options[] = {
		{"dialect", required_argument, NULL, O_DIALECT},
		{"engine-version", required_argument, NULL, O_VERSION},
		{"catalog", required_argument, NULL, O_CATALOG},
		{"schema", required_argument, NULL, O_SCHEMA},
		{"metadata", required_argument, NULL, O_METADATA},
		{"accounting", required_argument, NULL, O_ACCOUNTING},
		{"parse-only", no_argument, NULL, O_PARSE_ONLY},
		{"dump", required_argument, NULL, O_DUMP},
		{"format", required_argument, NULL, O_FORMAT},
		{"jsonl", no_argument, NULL, O_JSONL},
		{"help", no_argument, NULL, O_HELP},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.catalog = DG_STR_EMPTY};
	const char *version = NULL;
	bool has_dialect = false;
	int option;

	optind = 1;
	for (;;) {
		option = getopt_long(argc, argv, ":", long_options, NULL);
		if (option == -1)
			break;
		switch (option) {
		case O_DIALECT:
			has_dialect = set_dialect(&options, optarg);
			if (!has_dialect)
				return dg_cli_usage_error(
					"analyze", "no dialect %s", optarg);
			break;
		case O_VERSION:
			version = optarg;
			break;
		case O_CATALOG:
			options.catalog = dg_str_from_cstr(optarg);
			break;
		case O_SCHEMA:
			options.schema = dg_str_from_cstr(optarg);
			break;
		case O_METADATA:
			options.metadata = optarg;
			break;
		case O_ACCOUNTING:
			if (!set_accounting(&options, optarg))
				return dg_cli_usage_error(
					"analyze", "no accounting %s", optarg);
			break;
		case O_PARSE_ONLY:
			options.parse_only = true;
			break;
		case O_DUMP:
			if (!set_dump(&options, optarg))
				return dg_cli_usage_error(
					"analyze", "cannot dump %s", optarg);
			break;
		case O_FORMAT:
			if (!set_format(&options, optarg))
				return dg_cli_usage_error(
					"analyze", "no format %s", optarg);
			break;
		case O_JSONL:
			options.jsonl = true;
			break;
		case O_HELP:
			fputs(usage, stdout);
			return DG_EXIT_OK;
		default:
			return dg_cli_bad_option("analyze", option, argv);
		}
	}
	if (!has_dialect)
		return dg_cli_usage_error("analyze", "--dialect is needed");
	if (argc - optind != 1)
		return dg_cli_usage_error("analyze", "needs one FILE, or -");
	if (check_options(&options, version) != DG_EXIT_OK)
		return DG_EXIT_USAGE;
	options.file = argv[optind];
	/* For the widths of characters; it is in every libc of the last years.
	 */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return run(&options);
}

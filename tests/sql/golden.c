/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden.c - runs statements of golden files and compares what sqlparse says.
 *
 * usage: golden [--update] FILE...
 *
 * The format is told in README.md. With --update the expectations are written
 * anew as they came out; review them as you would review code.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/mem.h"
#include "sqlparse/sqlparse.h"

enum {
	FILE_MAX_BYTES = 8 * 1024 * 1024,
	TABLES_MAX = 256,
	COLUMNS_MAX = 128,
	PREPARED_MAX = 16,
	EXPECTED_MAX = 8,
};

struct table {
	struct dg_sql_name name;
	enum dg_sql_lookup lookup;
	struct dg_str columns[COLUMNS_MAX];
	struct dg_str types[COLUMNS_MAX];
	size_t n_columns;
};

struct prepared {
	struct dg_str name;
	struct dg_str text;
};

/* What the header of a file sets. */
struct setting {
	struct dg_sql_engine engine;
	enum dg_sql_accounting accounting;
	struct dg_str catalog;
	struct dg_str schema;
	struct table tables[TABLES_MAX];
	size_t n_tables;
	enum dg_sql_lookup unlisted;
	struct prepared prepared[PREPARED_MAX];
	size_t n_prepared;
};

struct expectation {
	struct dg_str kind; /* ast, access, normal, tokens, error */
	struct dg_str body; /* trimmed */
};

struct golden_case {
	unsigned line;
	struct dg_str lead; /* comment lines in front, as they are */
	struct dg_str sql;
	struct expectation expected[EXPECTED_MAX];
	size_t n_expected;
};

struct run {
	const char *path;
	struct setting setting;
	struct dg_arena *text;  /* of the file */
	struct dg_arena *parse; /* of one case */
	struct dg_buf out;      /* the file as it should be */
	bool update;
	unsigned n_cases;
	unsigned n_failed;
};

static void
die(const char *path, unsigned line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", path, line, what);
	exit(2);
}

static void
must(enum dg_rc rc)
{
	DG_ASSERT(rc == DG_OK);
}

/* ---- reading */

static struct dg_str
read_file(const char *path, struct dg_arena *arena)
{
	FILE *file = fopen(path, "rb");
	char *text = dg_arena_alloc(arena, FILE_MAX_BYTES);
	size_t n;

	if (file == NULL)
		die(path, 0, "cannot be opened");
	DG_ASSERT(text != NULL);
	n = fread(text, 1, FILE_MAX_BYTES, file);
	fclose(file);
	if (n == FILE_MAX_BYTES)
		die(path, 0, "is too large");
	return dg_str_make(text, n);
}

static bool
is_separator(struct dg_str line)
{
	return dg_str_eq(dg_str_trim(line), DG_STR("----"));
}

/* `key: value` */
static bool
take_key(struct dg_str line, const char *key, struct dg_str *value_out)
{
	struct dg_str name = dg_str_from_cstr(key);

	if (!dg_str_starts_with(line, name) || line.len <= name.len ||
	    line.data[name.len] != ':')
		return false;
	*value_out = dg_str_trim(dg_str_slice(line, name.len + 1, line.len));
	return true;
}

static struct dg_str
take_word(struct dg_str *rest)
{
	struct dg_str word = {"", 0};

	*rest = dg_str_trim(*rest);
	if (rest->len > 0)
		(void)dg_str_split(rest, ' ', &word);
	if (rest->data == NULL)
		*rest = DG_STR_EMPTY;
	return word;
}

/* "c.s.t col col ..." */
static void
add_table(struct run *run, struct dg_str value, enum dg_sql_lookup lookup,
	  unsigned line)
{
	struct setting *s = &run->setting;
	struct table *table = &s->tables[s->n_tables];
	struct dg_str name = take_word(&value);

	if (s->n_tables == TABLES_MAX)
		die(run->path, line, "too many tables");
	if (!dg_str_split(&name, '.', &table->name.catalog) ||
	    !dg_str_split(&name, '.', &table->name.schema) || name.data == NULL)
		die(run->path, line, "a table needs the form c.s.t");
	table->name.table = name;
	table->lookup = lookup;
	table->n_columns = 0;
	while (value.len > 0) {
		if (table->n_columns == COLUMNS_MAX)
			die(run->path, line, "too many columns");
		table->columns[table->n_columns++] = take_word(&value);
	}
	s->n_tables++;
}

/* "column type ..", of the last table. */
static void
add_type(struct run *run, struct dg_str value, unsigned line)
{
	struct setting *s = &run->setting;
	struct table *table = &s->tables[s->n_tables - (s->n_tables > 0)];
	struct dg_str name = take_word(&value);

	for (size_t i = 0; s->n_tables > 0 && i < table->n_columns; i++) {
		if (!dg_str_eq(table->columns[i], name))
			continue;
		must(dg_sql_type_encode(value, run->text, &table->types[i]));
		return;
	}
	die(run->path, line, "a type needs a column of the table before");
}

static enum dg_sql_lookup
parse_lookup(struct run *run, struct dg_str value, unsigned line)
{
	if (dg_str_eq(value, DG_STR("absent")))
		return DG_SQL_ABSENT;
	if (dg_str_eq(value, DG_STR("pending")))
		return DG_SQL_PENDING;
	if (dg_str_eq(value, DG_STR("no_view")))
		return DG_SQL_NO_VIEW;
	if (!dg_str_eq(value, DG_STR("unavailable")))
		die(run->path, line, "absent, pending, no_view or unavailable");
	return DG_SQL_UNAVAILABLE;
}

static void read_header(struct run *run, struct dg_str text, unsigned *line);

/* Another file's header, beside this one. */
static void
include_file(struct run *run, struct dg_str value)
{
	struct dg_str path = dg_str_from_cstr(run->path);
	size_t slash = path.len;
	unsigned line = 1;
	struct dg_str full;
	char *name;

	while (slash > 0 && path.data[slash - 1] != '/')
		slash--;
	full = dg_arena_printf(run->text, "%.*s%.*s", (int)slash, path.data,
			       DG_STR_ARG(value));
	name = dg_arena_cstr(run->text, full);
	DG_ASSERT(name != NULL);
	read_header(run, read_file(name, run->text), &line);
}

static void
add_prepared(struct run *run, struct dg_str value, unsigned line)
{
	struct setting *s = &run->setting;

	if (s->n_prepared == PREPARED_MAX)
		die(run->path, line, "too many prepared statements");
	s->prepared[s->n_prepared].name = take_word(&value);
	s->prepared[s->n_prepared++].text = dg_str_trim(value);
}

static void
read_header_line(struct run *run, struct dg_str line, unsigned number)
{
	struct setting *s = &run->setting;
	struct dg_str value;

	line = dg_str_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return;
	if (take_key(line, "dialect", &value))
		s->engine.dialect = dg_str_eq(value, DG_STR("presto"))
					    ? DG_SQL_PRESTO
					    : DG_SQL_TRINO;
	else if (take_key(line, "version", &value)) {
		if (dg_sql_version_parse(s->engine.dialect, value,
					 &s->engine.version) != DG_OK)
			die(run->path, number, "no version of this dialect");
	} else if (take_key(line, "catalog", &value))
		s->catalog = value;
	else if (take_key(line, "schema", &value))
		s->schema = value;
	else if (take_key(line, "table", &value))
		add_table(run, value, DG_SQL_FOUND, number);
	else if (take_key(line, "type", &value))
		add_type(run, value, number);
	else if (take_key(line, "accounting", &value))
		s->accounting = dg_str_eq(value, DG_STR("utilized"))
					? DG_SQL_UTILIZED
					: DG_SQL_STRICT;
	else if (take_key(line, "pending", &value))
		add_table(run, value, DG_SQL_PENDING, number);
	else if (take_key(line, "absent", &value))
		add_table(run, value, DG_SQL_ABSENT, number);
	else if (take_key(line, "unavailable", &value))
		add_table(run, value, DG_SQL_UNAVAILABLE, number);
	else if (take_key(line, "unlisted", &value))
		s->unlisted = parse_lookup(run, value, number);
	else if (take_key(line, "prepared", &value))
		add_prepared(run, value, number);
	else if (take_key(line, "include", &value))
		include_file(run, value);
	else
		die(run->path, number, "unknown header line");
}

static void
read_header(struct run *run, struct dg_str text, unsigned *line)
{
	struct dg_str part;

	while (dg_str_split(&text, '\n', &part))
		read_header_line(run, part, (*line)++);
}

/* Up to the next separator line, which is skipped. */
static struct dg_str
take_section(struct dg_str *rest, unsigned *n_lines)
{
	const char *start = rest->data;
	size_t len = 0;
	struct dg_str line;

	*n_lines = 0;
	while (rest->data != NULL && dg_str_split(rest, '\n', &line)) {
		(*n_lines)++;
		if (is_separator(line))
			break;
		len = (size_t)(line.data + line.len - start);
	}
	return dg_str_make(start, len);
}

static bool
is_expectation(struct dg_str line)
{
	return dg_str_starts_with(line, DG_STR("=> "));
}

static void
read_expectations(struct run *run, struct golden_case *c, struct dg_str text)
{
	struct dg_str line;

	while (text.data != NULL && dg_str_split(&text, '\n', &line)) {
		struct expectation *e = &c->expected[c->n_expected];

		if (is_expectation(line)) {
			struct dg_str rest = dg_str_slice(line, 3, line.len);

			if (c->n_expected == EXPECTED_MAX)
				die(run->path, c->line,
				    "too many expectations");
			e->kind = take_word(&rest);
			e->body = dg_str_trim(rest);
			c->n_expected++;
			continue;
		}
		DG_ASSERT(c->n_expected > 0);
		e = &c->expected[c->n_expected - 1];
		/* All of the file is one string: bodies just grow. */
		if (e->body.len == 0)
			e->body = line;
		e->body.len = (size_t)(line.data + line.len - e->body.data);
		e->body = dg_str_trim(e->body);
	}
}

static void
read_case(struct run *run, struct golden_case *c, struct dg_str text)
{
	struct dg_str rest = text;
	struct dg_str line;
	const char *sql = NULL;
	const char *sql_end = text.data;

	while (rest.data != NULL && dg_str_split(&rest, '\n', &line)) {
		if (sql == NULL && (line.len == 0 || line.data[0] == '#')) {
			c->lead = dg_str_make(
				text.data,
				(size_t)(line.data + line.len - text.data));
			continue;
		}
		if (is_expectation(line)) {
			size_t at = (size_t)(line.data - text.data);

			read_expectations(run, c,
					  dg_str_slice(text, at, text.len));
			break;
		}
		if (sql == NULL)
			sql = line.data;
		sql_end = line.data + line.len;
	}
	if (sql == NULL)
		die(run->path, c->line, "a case without a statement");
	c->sql = dg_str_trim(dg_str_make(sql, (size_t)(sql_end - sql)));
}

/* ---- running */

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *name,
	     struct dg_sql_columns *columns_out)
{
	const struct setting *s = arg;

	for (size_t i = 0; i < s->n_tables; i++) {
		const struct table *table = &s->tables[i];

		if (!dg_str_eq(table->name.catalog, name->catalog) ||
		    !dg_str_eq(table->name.schema, name->schema) ||
		    !dg_str_eq(table->name.table, name->table))
			continue;
		columns_out->names = table->columns;
		columns_out->n_names = table->n_columns;
		columns_out->types = table->types;
		return table->lookup;
	}
	return s->unlisted;
}

static bool
find_prepared(void *arg, struct dg_str name, struct dg_str *text_out)
{
	const struct setting *s = arg;

	for (size_t i = 0; i < s->n_prepared; i++) {
		if (dg_str_eq(s->prepared[i].name, name)) {
			*text_out = s->prepared[i].text;
			return true;
		}
	}
	return false;
}

/* Fields instead, of a column that is not read as a whole. */
static void
print_column(const struct dg_sql_column_use *column, const char *before,
	     struct dg_buf *out)
{
	if (column->n_fields == 0)
		must(dg_buf_appendf(out, "%s%.*s", before,
				    DG_STR_ARG(column->name)));
	for (size_t i = 0; i < column->n_fields; i++, before = ", ")
		must(dg_buf_appendf(out, "%s.%.*s", before,
				    DG_STR_ARG(column->fields[i].path)));
}

static void
print_columns(const struct dg_sql_access *a, struct dg_buf *out)
{
	if (a->action != DG_SQL_ACT_SELECT && a->n_columns == 0 &&
	    !a->all_columns)
		return;
	must(dg_buf_appendf(out, " ("));
	for (size_t i = 0; i < a->n_columns; i++)
		print_column(&a->columns[i], i == 0 ? "" : ", ", out);
	if (a->all_columns)
		must(dg_buf_appendf(out, "%s*", a->n_columns == 0 ? "" : ", "));
	must(dg_buf_appendf(out, ")%s", a->columns_known ? "" : " unknown"));
}

static void
print_access(const struct dg_sql_access *a, struct dg_buf *out)
{
	const struct dg_str parts[] = {a->object.catalog, a->object.schema,
				       a->object.table};
	const char *before = " ";

	must(dg_buf_appendf(out, "%s", dg_sql_action_name(a->action)));
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		if (parts[i].len == 0)
			continue;
		must(dg_buf_appendf(out, "%s%.*s", before,
				    DG_STR_ARG(parts[i])));
		before = ".";
	}
	if (a->name.len > 0)
		must(dg_buf_appendf(out, " name=%.*s", DG_STR_ARG(a->name)));
	if (a->reason.len > 0)
		must(dg_buf_appendf(out, " reason=%.*s",
				    DG_STR_ARG(a->reason)));
	print_columns(a, out);
	must(dg_buf_append_char(out, '\n'));
}

static void
print_analysis(const struct dg_sql_analysis *analysis, struct dg_buf *out)
{
	for (size_t i = 0; i < analysis->n_access; i++)
		print_access(&analysis->access[i], out);
	for (size_t i = 0; i < analysis->n_pending; i++)
		must(dg_buf_appendf(out, "pending %.*s.%.*s.%.*s\n",
				    DG_STR_ARG(analysis->pending[i].catalog),
				    DG_STR_ARG(analysis->pending[i].schema),
				    DG_STR_ARG(analysis->pending[i].table)));
	if (analysis->n_access + analysis->n_pending == 0)
		must(dg_buf_append(out, DG_STR("nothing\n")));
}

static void
print_error(const struct dg_sql_error *err, struct dg_buf *out)
{
	must(dg_buf_appendf(out, "%s %u:%u %s\n",
			    dg_sql_error_kind_name(err->kind), err->line,
			    err->column, err->text));
}

static enum dg_rc
print_tree_or_access(struct run *run, struct dg_str sql, bool access,
		     struct dg_buf *out, struct dg_sql_error *err)
{
	struct dg_sql_context context = {
		.engine = run->setting.engine,
		.limits = &dg_sql_default_limits,
		.catalog = run->setting.catalog,
		.schema = run->setting.schema,
		.accounting = run->setting.accounting,
		.columns = find_columns,
		.prepared = find_prepared,
		.arg = &run->setting,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_tree *tree;
	enum dg_rc rc = dg_sql_parse(sql, context.engine, context.limits,
				     run->parse, &tree, err);

	if (rc != DG_OK)
		return rc;
	if (!access) {
		must(dg_sql_dump_tree(tree, out));
		return DG_OK;
	}
	rc = dg_sql_analyze(tree, &context, run->parse, &analysis, err);
	if (rc == DG_OK)
		print_analysis(&analysis, out);
	return rc;
}

/* Appends what comes out; returns the kind that it is: error instead of ast. */
static struct dg_str
produce(struct run *run, struct dg_str sql, struct dg_str kind,
	struct dg_buf *out)
{
	struct dg_sql_engine engine = run->setting.engine;
	struct dg_sql_error err;

	if (dg_str_eq(kind, DG_STR("normal"))) {
		must(dg_sql_normalize(sql, engine, run->parse, out));
		return kind;
	}
	if (dg_str_eq(kind, DG_STR("tokens"))) {
		must(dg_sql_dump_tokens(sql, engine, run->parse, out));
		return kind;
	}
	if (print_tree_or_access(run, sql, !dg_str_eq(kind, DG_STR("ast")), out,
				 &err) == DG_OK)
		return dg_str_eq(kind, DG_STR("error")) ? DG_STR("access")
							: kind;
	print_error(&err, out);
	return DG_STR("error");
}

static void
report(const struct run *run, const struct golden_case *c,
       const struct expectation *e, struct dg_str kind, struct dg_str actual)
{
	printf("%s:%u: %.*s\n", run->path, c->line, DG_STR_ARG(c->sql));
	printf("  expected %.*s: %.*s\n", DG_STR_ARG(e->kind),
	       DG_STR_ARG(e->body));
	printf("  but got  %.*s: %.*s\n", DG_STR_ARG(kind), DG_STR_ARG(actual));
}

static void
write_expectation(struct run *run, struct dg_str kind, struct dg_str body)
{
	bool lines = dg_str_find(body, '\n', 0) < body.len ||
		     dg_str_eq(kind, DG_STR("access"));

	must(dg_buf_appendf(&run->out, "=> %.*s%s", DG_STR_ARG(kind),
			    lines ? "\n" : " "));
	must(dg_buf_append(&run->out, body));
	must(dg_buf_append_char(&run->out, '\n'));
}

static void
run_case(struct run *run, struct golden_case *c)
{
	bool good = c->n_expected > 0;

	run->n_cases++;
	if (c->lead.len > 0) {
		must(dg_buf_append(&run->out, c->lead));
		must(dg_buf_append_char(&run->out, '\n'));
	}
	must(dg_buf_append(&run->out, c->sql));
	must(dg_buf_append_char(&run->out, '\n'));
	if (c->n_expected == 0 && !run->update)
		printf("%s:%u: nothing expected\n", run->path, c->line);
	for (size_t i = 0; i < c->n_expected; i++) {
		const struct expectation *e = &c->expected[i];
		struct dg_buf out;
		struct dg_str kind;
		struct dg_str body;

		dg_buf_init(&out, FILE_MAX_BYTES);
		kind = produce(run, c->sql, e->kind, &out);
		body = dg_str_trim(dg_buf_peek(&out));
		if (!dg_str_eq(kind, e->kind) || !dg_str_eq(body, e->body)) {
			good = false;
			if (!run->update)
				report(run, c, e, kind, body);
		}
		write_expectation(run, kind, body);
		dg_buf_fini(&out);
		dg_arena_reset(run->parse);
	}
	if (!good)
		run->n_failed++;
}

static void
run_cases(struct run *run, struct dg_str rest, unsigned line)
{
	while (rest.data != NULL) {
		unsigned n_lines;
		struct golden_case c = {.line = line, .lead = DG_STR_EMPTY};
		struct dg_str section = take_section(&rest, &n_lines);

		if (dg_str_trim(section).len > 0) {
			must(dg_buf_append(&run->out, DG_STR("----\n")));
			read_case(run, &c, section);
			run_case(run, &c);
		}
		line += n_lines;
	}
}

static void
write_back(struct run *run)
{
	FILE *file = fopen(run->path, "wb");
	struct dg_str out = dg_buf_peek(&run->out);

	if (file == NULL || fwrite(out.data, 1, out.len, file) != out.len ||
	    fclose(file) != 0)
		die(run->path, 0, "cannot be written");
}

static bool
run_file(const char *path, bool update)
{
	struct run *run = DG_NEW(struct run);
	unsigned line = 1;
	unsigned n_lines;
	bool good;
	struct dg_str rest;
	struct dg_str header;

	run->path = path;
	run->update = update;
	run->text = dg_arena_create((size_t)FILE_MAX_BYTES * 4);
	run->parse = dg_arena_create((size_t)FILE_MAX_BYTES * 8);
	run->setting.unlisted = DG_SQL_ABSENT;
	run->setting.catalog = DG_STR_EMPTY;
	run->setting.schema = DG_STR_EMPTY;
	dg_buf_init(&run->out, (size_t)FILE_MAX_BYTES * 2);
	rest = read_file(path, run->text);
	header = take_section(&rest, &n_lines);
	read_header(run, header, &line);
	must(dg_buf_append(&run->out, header));
	must(dg_buf_append_char(&run->out, '\n'));
	run_cases(run, rest, n_lines + 1);
	if (update)
		write_back(run);
	printf("%s: %u cases, %u %s\n", path, run->n_cases, run->n_failed,
	       update ? "changed" : "failed");
	good = update || (run->n_failed == 0 && run->n_cases > 0);
	dg_buf_fini(&run->out);
	dg_arena_destroy(&run->text);
	dg_arena_destroy(&run->parse);
	dg_free(run);
	return good;
}

int
main(int argc, char **argv)
{
	bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
	bool good = true;

	if (argc < (update ? 3 : 2)) {
		fprintf(stderr, "usage: golden [--update] FILE...\n");
		return 2;
	}
	for (int i = update ? 2 : 1; i < argc; i++)
		good = run_file(argv[i], update) && good;
	return good ? 0 : 1;
}

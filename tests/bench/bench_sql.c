/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_sql.c - microseconds from text to decision, for `run sql`.
 *
 * usage: bench_sql trino|presto VERSION TABLES STATEMENTS
 *
 * VERSION is the engine's, as the gateway has learnt it from a cluster.
 * TABLES has lines "table column column ..", found in whatever schema they are
 * asked for; STATEMENTS are each ended by a NUL byte. Each line on stdin asks
 * for one pass over the statements, answered by a line of microseconds: first
 * those of nothing, which are the clock's own, then one number a statement:
 * lex, parse, resolve, decide. Every text is made distinct by a comment in
 * front. CPU time of the thread. The engine's parser (ParserOracle.java)
 * answers alike, so that passes can alternate.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "acl/acl.h"
#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "sqlparse/sqlparse.h"

enum {
	FILE_MAX_BYTES = 32 << 20,
	TEXT_MAX = 1 << 20,
	STATEMENTS_MAX = 4096,
	COLUMNS_MAX = 512,
	NOISE_RULES = 1000,
	CACHED_TABLES = 4096,
};

struct bench {
	struct dg_sql_engine engine;
	struct dg_arena *arena; /* of the run */
	struct dg_arena *request;
	struct dg_map tables; /* name -> struct dg_sql_columns */
	struct dg_str statements[STATEMENTS_MAX];
	size_t n_statements;
	struct dg_acl_snapshot *policy;
	struct dg_acl_cache *cache;
	uint64_t serial;
};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_sql: %s\n", what);
	exit(1);
}

/* ---- the world: statements, tables, a policy */

static struct dg_str
read_file(struct bench *b, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long size;

	must(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
	size = ftell(file);
	must(size >= 0 && size <= FILE_MAX_BYTES, "file too large");
	rewind(file);
	text = dg_arena_alloc(b->arena, (size_t)size);
	must(text != NULL && fread(text, 1, (size_t)size, file) == (size_t)size,
	     path);
	fclose(file);
	return dg_str_make(text, (size_t)size);
}

static void
read_statements(struct bench *b, struct dg_str text)
{
	struct dg_str part;

	while (dg_str_split(&text, '\0', &part)) {
		if (part.len == 0)
			continue;
		must(b->n_statements < STATEMENTS_MAX, "too many statements");
		must(part.len < TEXT_MAX - 64, "statement too long");
		b->statements[b->n_statements++] = part;
	}
	must(b->n_statements > 0, "no statements");
}

/* As the gateway's cache of columns does it. */
static const struct dg_sql_column_index *
index_columns(struct bench *b, const struct dg_sql_columns *columns)
{
	struct dg_sql_column_index *index = dg_arena_alloc(
		b->arena, dg_sql_column_index_size(columns->n_names));

	must(index != NULL && dg_sql_column_index_init(index, columns->names,
						       columns->n_names),
	     "names of columns");
	return index;
}

static void
read_table(struct bench *b, struct dg_str line)
{
	struct dg_sql_columns *columns =
		DG_ARENA_NEW(b->arena, struct dg_sql_columns);
	struct dg_str *names =
		DG_ARENA_ARRAY(b->arena, struct dg_str, COLUMNS_MAX);
	struct dg_str table;
	struct dg_str name;

	must(columns != NULL && names != NULL, "memory");
	if (!dg_str_split(&line, ' ', &table))
		return;
	while (line.data != NULL && dg_str_split(&line, ' ', &name)) {
		must(columns->n_names < COLUMNS_MAX, "too many columns");
		names[columns->n_names++] = name;
	}
	columns->names = names;
	columns->index = index_columns(b, columns);
	must(dg_map_put(&b->tables, table, columns, NULL) == DG_OK, "memory");
}

static void
read_tables(struct bench *b, struct dg_str text)
{
	struct dg_str line;

	while (dg_str_split(&text, '\n', &line)) {
		if (line.len > 0)
			read_table(b, line);
	}
}

static void
add_rule(struct dg_acl_builder *builder, int64_t id, struct dg_str role,
	 struct dg_str schema, struct dg_str table)
{
	struct dg_acl_principal principal = {.is_role = true, .name = role};
	struct dg_acl_rule rule = {
		.id = id,
		.effect = DG_ACL_ALLOW,
		.principals = &principal,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_SELECT),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("memory"),
			   .schema = schema,
			   .name = table},
	};

	must(dg_acl_add_rule(builder, &rule, NULL) == DG_OK, "rule");
}

/* The analyst reads tpcds; a thousand rules are about other things. */
static void
make_policy(struct bench *b)
{
	struct dg_acl_builder *builder =
		dg_acl_builder_create(1, (size_t)256 << 20);
	struct dg_acl_principal analyst = {.name = DG_STR("analyst")};
	struct dg_str role = DG_STR("reader");

	must(dg_acl_add_user(builder, analyst.name, NULL) == DG_OK, "user");
	must(dg_acl_add_role(builder, role, NULL) == DG_OK, "role");
	must(dg_acl_add_member(builder, role, analyst, NULL) == DG_OK,
	     "member");
	add_rule(builder, 1, role, DG_STR("tpcds"), DG_STR("*"));
	for (int i = 0; i < NOISE_RULES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "table_%d", i);
		add_rule(builder, i + 2, role, DG_STR("other"),
			 dg_str_from_cstr(name));
	}
	must(dg_acl_builder_finish(&builder, &b->policy, NULL) == DG_OK,
	     "policy");
	b->cache = dg_acl_cache_create(b->policy, CACHED_TABLES);
}

/* ---- one statement */

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	struct bench *b = arg;
	struct dg_sql_columns *columns = dg_map_get(&b->tables, table->table);

	if (columns == NULL)
		return DG_SQL_ABSENT;
	*columns_out = *columns;
	return DG_SQL_FOUND;
}

static void
fill_entry(struct bench *b, const struct dg_sql_access *access,
	   struct dg_acl_entry *entry)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(b->request, struct dg_str, access->n_columns);
	struct dg_sql_columns known = {0};

	must(names != NULL, "memory");
	must(access->action == DG_SQL_ACT_SELECT, "not a read");
	for (size_t i = 0; i < access->n_columns; i++)
		names[i] = access->columns[i].name;
	(void)find_columns(b, &access->object, &known);
	*entry = (struct dg_acl_entry){
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = access->object.catalog,
			   .schema = access->object.schema,
			   .name = access->object.table},
		.columns = names,
		.n_columns = access->n_columns,
		.all_columns = access->all_columns,
		.columns_known = true,
		.table_columns = known.names,
		.n_table_columns = known.n_names,
	};
}

static void
decide(struct bench *b, const struct dg_sql_analysis *analysis)
{
	struct dg_acl_request request = {
		.user = DG_STR("analyst"),
		.cluster = DG_STR("one"),
		.now_us = 1,
	};
	struct dg_acl_decision decision;
	struct dg_acl_entry *entries = DG_ARENA_ARRAY(
		b->request, struct dg_acl_entry, analysis->n_access);

	must(entries != NULL, "memory");
	for (size_t i = 0; i < analysis->n_access; i++)
		fill_entry(b, &analysis->access[i], &entries[i]);
	request.entries = entries;
	request.n_entries = analysis->n_access;
	must(dg_acl_decide(b->policy, b->cache, &request, b->request,
			   &decision) == DG_OK,
	     "decide");
	must(decision.allowed, "denied");
}

static void
run_statement(struct bench *b, struct dg_str text)
{
	struct dg_sql_context context = {
		.engine = b->engine,
		.limits = &dg_sql_default_limits,
		.catalog = DG_STR("memory"),
		.schema = DG_STR("tpcds"),
		.columns = find_columns,
		.arg = b,
	};
	struct dg_sql_error err = {.line = 0};
	struct dg_sql_analysis analysis;
	struct dg_sql_tree *tree;

	must(dg_sql_parse(text, context.engine, context.limits, b->request,
			  &tree, &err) == DG_OK,
	     err.text);
	must(dg_sql_analyze(tree, &context, b->request, &analysis, &err) ==
		     DG_OK,
	     err.text);
	must(analysis.n_pending == 0, "pending");
	decide(b, &analysis);
}

/* ---- passes */

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double
time_nothing(void)
{
	double start = now_us();

	return now_us() - start;
}

static void
run_pass(struct bench *b, char *room)
{
	printf("%.3f", time_nothing());
	for (size_t i = 0; i < b->n_statements; i++) {
		int n = snprintf(room, 64, "/* %" PRIu64 " */ ", b->serial++);
		struct dg_str text;
		double start;

		memcpy(room + n, b->statements[i].data, b->statements[i].len);
		text = dg_str_make(room, (size_t)n + b->statements[i].len);
		start = now_us();
		run_statement(b, text);
		dg_arena_reset(b->request);
		printf(" %.3f", now_us() - start);
	}
	printf("\n");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct bench *b = DG_NEW(struct bench);
	char *room = dg_calloc(TEXT_MAX, 1);
	char line[64];

	dg_mem_keep_freed(); /* as the gateway does */
	must(argc == 5,
	     "usage: bench_sql trino|presto VERSION TABLES STATEMENTS");
	b->engine.dialect =
		strcmp(argv[1], "presto") == 0 ? DG_SQL_PRESTO : DG_SQL_TRINO;
	must(dg_sql_version_parse(b->engine.dialect, dg_str_from_cstr(argv[2]),
				  &b->engine.version) == DG_OK,
	     "VERSION is no version of the engine");
	b->arena = dg_arena_create((size_t)FILE_MAX_BYTES * 4);
	b->request = dg_arena_create((size_t)256 << 20);
	dg_map_init(&b->tables, b->arena);
	read_tables(b, read_file(b, argv[3]));
	read_statements(b, read_file(b, argv[4]));
	make_policy(b);
	while (fgets(line, sizeof(line), stdin) != NULL)
		run_pass(b, room);
	dg_acl_cache_destroy(&b->cache);
	dg_acl_snapshot_unref(&b->policy);
	dg_arena_destroy(&b->request);
	dg_arena_destroy(&b->arena);
	dg_free(room);
	dg_free(b);
	return 0;
}

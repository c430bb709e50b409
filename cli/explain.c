/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - `datagateway explain`: would this user be allowed this
 * statement, and why. Reads the policy from Postgres, asks no coordinator:
 * columns come from a file, and what depends on others is told as not known.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog_file.h"
#include "command.h"
#include "postgres.h"
#include "proxy/explain.h"

enum { ANSWER_MAX = 64 << 20, IDS_MAX = 1 << 20 };

static const char help[] =
	"Usage: datagateway explain (-c FILE | -d CONNINFO) --user NAME\n"
	"                           --sql TEXT [OPTION]...\n"
	"Would the user be allowed the statement, and by which rules.\n\n"
	"  -c, --config FILE     configuration file with postgres.conninfo\n"
	"  -d, --database TEXT   libpq connection string or URI\n"
	"      --user NAME       who asks\n"
	"      --sql TEXT        the statement\n"
	"      --cluster NAME    else the user's default, else the default "
	"one\n"
	"      --catalog, --schema NAME  of the session\n"
	"      --address TEXT    of the client, for rules with networks\n"
	"      --metadata FILE   columns of tables, as `analyze` takes them\n"
	"      --json            one object\n"
	"      --help            this text\n\n"
	"Exit status: 0 allowed, 1 refused or failed, 2 wrong command line.\n";

struct arguments {
	struct dg_cli_database database;
	const char *metadata;
	struct dg_explain explain;
	bool json;
};

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	const struct dg_catalog_file *tables = arg;

	return dg_catalog_file_find(tables, table, columns_out);
}

/* ---- names of rules ------------------------------------------------------ */

static void
on_names(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err DG_UNUSED)
{
	struct dg_json **names = arg;

	if (rc == DG_OK && dg_pg_rows(result) == 1 &&
	    dg_json_parse(dg_pg_get(result, 0, 0), ANSWER_MAX, names, NULL) !=
		    DG_OK)
		*names = NULL;
}

/* {"7": "name"}; NULL when they could not be had. */
static struct dg_json *
find_names(const struct dg_cli_postgres *postgres, const struct dg_json *access)
{
	struct dg_json *names = NULL;
	struct dg_error err;
	struct dg_buf ids;
	struct dg_str text;

	dg_buf_init(&ids, IDS_MAX);
	for (size_t i = 0; i < dg_json_size(access); i++) {
		const struct dg_json *rules =
			dg_json_get(dg_json_at(access, i), "rules");

		for (size_t j = 0; j < dg_json_size(rules); j++) {
			int64_t id = 0;

			if (dg_json_int(dg_json_at(rules, j), &id) &&
			    dg_buf_appendf(&ids, "%s%lld",
					   dg_buf_len(&ids) > 0 ? "," : "",
					   (long long)id) != DG_OK)
				break; /* those that fit */
		}
	}
	text = dg_buf_peek(&ids);
	if (dg_pg_query_wait(postgres->pg, postgres->loop,
			     "SELECT coalesce(jsonb_object_agg(id, name), '{}')"
			     " FROM datagateway.rules WHERE id = ANY "
			     "(string_to_array($1, ',')::bigint[])",
			     &text, 1, on_names, &names, &err) != DG_OK)
		names = NULL;
	dg_buf_fini(&ids);
	return names;
}

/* ---- showing ------------------------------------------------------------- */

static void
print_texts(const char *lead, const struct dg_json *list)
{
	struct dg_str text = DG_STR_EMPTY;

	if (dg_json_string(list, &text)) { /* "*" */
		printf("%s%.*s", lead, DG_STR_ARG(text));
		return;
	}
	for (size_t i = 0; i < dg_json_size(list); i++) {
		(void)dg_json_string(dg_json_at(list, i), &text);
		printf("%s%.*s", i == 0 ? lead : ", ", DG_STR_ARG(text));
	}
}

static struct dg_str
text_of(const struct dg_json *object, const char *key)
{
	struct dg_str text = DG_STR_EMPTY;

	(void)dg_json_string(dg_json_get(object, key), &text);
	return text;
}

static void
print_rules(const struct dg_json *access, const struct dg_json *names)
{
	const struct dg_json *rules = dg_json_get(access, "rules");

	for (size_t i = 0; i < dg_json_size(rules); i++) {
		char key[24];
		int64_t id = 0;

		(void)dg_json_int(dg_json_at(rules, i), &id);
		(void)snprintf(key, sizeof(key), "%lld", (long long)id);
		printf("    rule %s: %.*s\n", key,
		       DG_STR_ARG(text_of(names, key)));
	}
}

static void
print_access(const struct dg_json *access, const struct dg_json *names)
{
	static const char *const parts[] = {"catalog", "schema", "table",
					    "name"};
	struct dg_str path = text_of(access, "path");
	const char *lead = " ";
	bool denied = false;

	(void)dg_json_bool(dg_json_get(access, "denied"), &denied);
	printf("  %s %.*s", denied ? "no " : "yes",
	       DG_STR_ARG(text_of(access, "action")));
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		struct dg_str part = text_of(access, parts[i]);

		if (part.len > 0)
			printf("%s%.*s", lead, DG_STR_ARG(part));
		lead = part.len > 0 ? "." : lead;
	}
	print_texts(": ", dg_json_get(access, "columns"));
	printf("\n    %.*s", DG_STR_ARG(text_of(access, "reason")));
	print_texts(", missing ", dg_json_get(access, "missing"));
	putchar('\n');
	print_rules(access, names);
	if (path.len > 0)
		printf("    by %.*s\n", DG_STR_ARG(path));
	if (dg_json_size(dg_json_get(access, "stewards")) > 0) {
		print_texts("    may be given by ",
			    dg_json_get(access, "stewards"));
		putchar('\n');
	}
}

static void
print_answer(const struct dg_json *answer, const struct dg_json *names)
{
	const struct dg_json *access = dg_json_get(answer, "access");
	struct dg_str message = text_of(answer, "message");
	bool allowed = false;

	(void)dg_json_bool(dg_json_get(answer, "allowed"), &allowed);
	printf("%s: %.*s\n", allowed ? "allowed" : "refused",
	       DG_STR_ARG(text_of(answer, "reason")));
	if (message.len > 0)
		printf("%.*s\n", DG_STR_ARG(message));
	for (size_t i = 0; i < dg_json_size(access); i++)
		print_access(dg_json_at(access, i), names);
}

static void
print_json(const struct dg_json *answer, const struct dg_json *names)
{
	struct dg_json_iter iter = {0};
	struct dg_json_writer w;
	struct dg_buf out;

	dg_buf_init(&out, ANSWER_MAX);
	dg_json_begin(&w, &out);
	dg_json_object_open(&w);
	while (dg_json_next(answer, &iter)) {
		dg_json_key_str(&w, iter.key);
		dg_json_put_value(&w, iter.value);
	}
	if (names != NULL) {
		dg_json_key(&w, "rule_names");
		dg_json_put_value(&w, names);
	}
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK) {
		struct dg_str text = dg_buf_peek(&out);

		(void)fwrite(text.data, 1, text.len, stdout);
		putchar('\n');
	}
	dg_buf_fini(&out);
}

/* ---- the command --------------------------------------------------------- */

static enum dg_exit
answer(struct arguments *args, const struct dg_cli_postgres *postgres)
{
	struct dg_json *parsed = NULL;
	struct dg_json *names;
	struct dg_error err = {.text = ""};
	struct dg_buf text;
	bool allowed = false;

	dg_buf_init(&text, ANSWER_MAX);
	if (dg_explain_statement(&args->explain, &text, &allowed, &err) !=
		    DG_OK ||
	    dg_json_parse(dg_buf_peek(&text), ANSWER_MAX, &parsed, &err) !=
		    DG_OK) {
		dg_cli_complain("explain", "%s", err.text);
		dg_buf_fini(&text);
		return DG_EXIT_FAILED;
	}
	names = find_names(postgres, dg_json_get(parsed, "access"));
	if (args->json)
		print_json(parsed, names);
	else
		print_answer(parsed, names);
	dg_json_destroy(&names);
	dg_json_destroy(&parsed);
	dg_buf_fini(&text);
	return allowed ? DG_EXIT_OK : DG_EXIT_FAILED;
}

static enum dg_exit
explain(struct arguments *args)
{
	struct dg_catalog_file *tables = NULL;
	struct dg_store_snapshot *policy = NULL;
	struct dg_cli_postgres postgres;
	struct dg_error err = {.text = ""};
	enum dg_exit status = DG_EXIT_FAILED;

	if (args->metadata != NULL &&
	    dg_catalog_file_load(args->metadata, &tables, &err) != DG_OK) {
		dg_cli_complain("explain", "%s", err.text);
		return DG_EXIT_FAILED;
	}
	if (dg_cli_postgres_open("explain", &args->database, &postgres)) {
		if (dg_cli_postgres_policy("explain", &args->database,
					   &postgres, &policy)) {
			args->explain.policy = policy;
			args->explain.columns =
				tables == NULL ? NULL : find_columns;
			args->explain.columns_arg = tables;
			args->explain.now_us = dg_clock_wall_us();
			status = answer(args, &postgres);
		}
		dg_store_snapshot_unref(&policy);
		dg_cli_postgres_close(&postgres);
	}
	dg_catalog_file_destroy(&tables);
	return status;
}

enum dg_exit
dg_command_explain(int argc, char **argv)
{
	enum {
		USER = 1000,
		SQL,
		CLUSTER,
		CATALOG,
		SCHEMA,
		ADDRESS,
		METADATA,
		JSON
	};
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"database", required_argument, NULL, 'd'},
		{"user", required_argument, NULL, USER},
		{"sql", required_argument, NULL, SQL},
		{"cluster", required_argument, NULL, CLUSTER},
		{"catalog", required_argument, NULL, CATALOG},
		{"schema", required_argument, NULL, SCHEMA},
		{"address", required_argument, NULL, ADDRESS},
		{"metadata", required_argument, NULL, METADATA},
		{"json", no_argument, NULL, JSON},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {.json = false};
	struct dg_str *const texts[] = {
		&args.explain.user,    &args.explain.sql,
		&args.explain.cluster, &args.explain.catalog,
		&args.explain.schema,  &args.explain.client};
	int c;

	for (size_t i = 0; i < DG_ARRAY_LEN(texts); i++)
		*texts[i] = DG_STR_EMPTY;
	for (;;) {
		c = getopt_long(argc, argv, ":c:d:h", options, NULL);
		if (c == -1)
			break;
		if (c >= USER && c <= ADDRESS) {
			*texts[c - USER] = dg_str_from_cstr(optarg);
		} else if (c == METADATA) {
			args.metadata = optarg;
		} else if (c == JSON) {
			args.json = true;
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else if (!dg_cli_database_option(&args.database, c, optarg)) {
			return dg_cli_bad_option("explain", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("explain", "too many arguments");
	if (!dg_cli_database_is_given("explain", &args.database))
		return DG_EXIT_USAGE;
	if (args.explain.user.len == 0 || args.explain.sql.len == 0)
		return dg_cli_usage_error("explain",
					  "--user and --sql are needed");
	return explain(&args);
}

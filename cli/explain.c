/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - `datagateway explain`: would this user be allowed this
 * statement, and why. Asks the admin API, or reads the policy from Postgres;
 * no coordinator is asked: columns come from a file, or are what the replica
 * knows, and what depends on others is told as not known.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog_file.h"
#include "command.h"
#include "explain_api.h"
#include "postgres.h"
#include "proxy/explain.h"
#include "store/admin.h"

enum { ANSWER_MAX = 64 << 20, GROUPS_MAX = 64 };

static const char help[] =
	"Usage: datagateway explain [-c FILE | -d CONNINFO | -s URL]\n"
	"                           --user NAME --sql TEXT [OPTION]...\n"
	"Would the user be allowed the statement, and by which rules.\n\n"
	"By the admin API, unless -c or -d says otherwise:\n"
	"  -s, --server URL      the admin listener; else "
	"$DATAGATEWAY_ADMIN_URL,\n"
	"                        else http://127.0.0.1:9180\n"
	"      --token-file FILE the token; else $DATAGATEWAY_ADMIN_TOKEN\n"
	"      --ca FILE         authority of the server's certificate\n"
	"By the policy in Postgres:\n"
	"  -c, --config FILE     configuration file with postgres.conninfo\n"
	"  -d, --database TEXT   libpq connection string or URI\n\n"
	"      --user NAME       who asks\n"
	"      --group NAME      of a token of the user; may stand several "
	"times\n"
	"      --sql TEXT        the statement\n"
	"      --cluster NAME    else the user's default, else the default "
	"one\n"
	"      --engine trino|presto, --engine-version V  else the cluster's, "
	"newest\n"
	"      --catalog, --schema NAME  of the session\n"
	"      --address TEXT    of the client, for rules with networks\n"
	"      --time TIME       \"2026-01-31T12:34:56Z\"; else now\n"
	"      --metadata FILE   columns of tables, as `analyze` takes them; "
	"else as the\n"
	"                        replica knows them\n"
	"      --json            one object\n"
	"      --help            this text\n\n"
	"Exit status: 0 allowed, 1 refused or failed, 2 wrong command line.\n";

struct arguments {
	struct dg_cli_database database;
	const char *metadata;
	const char *engine;
	const char *version;
	const char *time;
	struct dg_str groups[GROUPS_MAX];
	struct dg_sql_engine read; /* of engine and version */
	struct dg_explain explain;
	bool json;
	/* The admin API's: */
	const char *server;
	const char *ca_file;
	const char *token_file;
};

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	const struct dg_tables *tables = arg;

	return dg_tables_find(tables, table, columns_out);
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
	if (dg_json_size(dg_json_get(access, "roles")) > 0) {
		print_texts("    members of these have it: ",
			    dg_json_get(access, "roles"));
		putchar('\n');
	}
}

static void
print_answer(const struct dg_json *answer)
{
	const struct dg_json *access = dg_json_get(answer, "access");
	const struct dg_json *names = dg_json_get(answer, "rule_names");
	struct dg_str message = text_of(answer, "message");
	bool allowed = false;

	(void)dg_json_bool(dg_json_get(answer, "allowed"), &allowed);
	printf("%s: %.*s\n", allowed ? "allowed" : "refused",
	       DG_STR_ARG(text_of(answer, "reason")));
	if (message.len > 0)
		printf("%.*s\n", DG_STR_ARG(message));
	for (size_t i = 0; i < dg_json_size(access); i++)
		print_access(dg_json_at(access, i), names);
	if (dg_json_size(dg_json_get(answer, "unknown_tables")) > 0) {
		print_texts("columns are not known of: ",
			    dg_json_get(answer, "unknown_tables"));
		putchar('\n');
	}
	if (dg_json_size(dg_json_get(answer, "refused_with_groups")) > 0) {
		print_texts("refused with a token of these groups: ",
			    dg_json_get(answer, "refused_with_groups"));
		putchar('\n');
	}
	if (dg_json_get(answer, "allowed_without_groups") != NULL)
		puts("allowed without these groups: signed in with a "
		     "password, or spoken for by others");
	if (dg_json_get(answer, "groups_cut") != NULL)
		puts("with other groups of tokens it was not decided");
	if (dg_json_get(answer, "groups_hidden") != NULL)
		puts("what groups of tokens change is not told without "
		     "access:read");
	if (dg_json_size(dg_json_get(answer, "admins")) > 0) {
		print_texts("administrators: ", dg_json_get(answer, "admins"));
		putchar('\n');
	}
}

/* ---- the command --------------------------------------------------------- */

static void
print_text(const struct dg_buf *text)
{
	struct dg_str s = dg_buf_peek(text);

	(void)fwrite(s.data, 1, s.len, stdout);
	putchar('\n');
}

/* An answer, wherever it came from. */
static enum dg_exit
show(const struct arguments *args, const struct dg_buf *text)
{
	struct dg_json *parsed = NULL;
	struct dg_error err = {.text = ""};
	bool allowed = false;

	if (dg_json_parse(dg_buf_peek(text), ANSWER_MAX, &parsed, &err) !=
	    DG_OK) {
		dg_cli_complain("explain", "%s", err.text);
		return DG_EXIT_FAILED;
	}
	(void)dg_json_bool(dg_json_get(parsed, "allowed"), &allowed);
	if (args->json)
		print_text(text);
	else
		print_answer(parsed);
	dg_json_destroy(&parsed);
	return allowed ? DG_EXIT_OK : DG_EXIT_FAILED;
}

static enum dg_exit
answer(struct arguments *args, const struct dg_cli_postgres *postgres)
{
	struct dg_error err = {.text = ""};
	enum dg_exit status = DG_EXIT_FAILED;
	struct dg_buf text;
	bool allowed;

	dg_buf_init(&text, ANSWER_MAX);
	if (dg_explain_statement(&args->explain, &text, &allowed, &err) ==
		    DG_OK &&
	    dg_explain_name_rules(postgres->pg, postgres->loop, &text, &err) ==
		    DG_OK)
		status = show(args, &text);
	else
		dg_cli_complain("explain", "%s", err.text);
	dg_buf_fini(&text);
	return status;
}

static enum dg_exit
explain_by_api(const struct arguments *args)
{
	const struct dg_cli_question question = {
		.explain = &args->explain,
		.engine = args->engine,
		.version = args->version,
		.time = args->time,
		.metadata = args->metadata,
		.server = args->server,
		.ca_file = args->ca_file,
		.token_file = args->token_file,
	};
	enum dg_exit status = DG_EXIT_FAILED;
	struct dg_buf text;

	dg_buf_init(&text, ANSWER_MAX);
	if (dg_cli_explain_ask(&question, &text))
		status = show(args, &text);
	dg_buf_fini(&text);
	return status;
}

static enum dg_exit
explain(struct arguments *args)
{
	struct dg_tables *tables = NULL;
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
			if (args->time == NULL)
				args->explain.now_us = dg_clock_wall_us();
			args->explain.tells_groups = true;
			status = answer(args, &postgres);
		}
		dg_store_snapshot_unref(&policy);
		dg_cli_postgres_close(&postgres);
	}
	dg_tables_destroy(&tables);
	return status;
}

/* The engine and the time; false after a complaint. */
static bool
read_texts(struct arguments *args)
{
	bool is_presto =
		args->engine != NULL && strcmp(args->engine, "presto") == 0;

	if (args->engine != NULL && !is_presto &&
	    strcmp(args->engine, "trino") != 0) {
		(void)dg_cli_usage_error("explain",
					 "--engine is trino or presto");
		return false;
	}
	if (args->version != NULL && args->engine == NULL) {
		(void)dg_cli_usage_error("explain",
					 "--engine-version needs --engine");
		return false;
	}
	args->read.dialect = is_presto ? DG_SQL_PRESTO : DG_SQL_TRINO;
	if (args->version != NULL &&
	    dg_sql_version_parse(args->read.dialect,
				 dg_str_from_cstr(args->version),
				 &args->read.version) != DG_OK) {
		(void)dg_cli_usage_error("explain", "%s is no version",
					 args->version);
		return false;
	}
	args->explain.engine = args->engine == NULL ? NULL : &args->read;
	if (args->time == NULL ||
	    dg_store_time_us(dg_str_from_cstr(args->time),
			     &args->explain.now_us) == DG_OK)
		return true;
	(void)dg_cli_usage_error("explain", "%s is no time", args->time);
	return false;
}

static bool
add_group(struct arguments *args, const char *name)
{
	if (args->explain.n_groups == GROUPS_MAX)
		return false;
	args->groups[args->explain.n_groups++] = dg_str_from_cstr(name);
	args->explain.groups = args->groups;
	return true;
}

static enum dg_exit
explain_anyhow(struct arguments *args)
{
	if (args->database.config_file == NULL &&
	    args->database.conninfo == NULL) {
		if (dg_cli_admin_has_token(args->token_file))
			return explain_by_api(args);
		return dg_cli_usage_error("explain",
					  "one of -c and -d, or a token of the "
					  "admin API, is needed");
	}
	if (args->server != NULL)
		return dg_cli_usage_error("explain",
					  "-s and -c or -d are two ways");
	return dg_cli_database_is_given("explain", &args->database)
		       ? explain(args)
		       : DG_EXIT_USAGE;
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
		ENGINE,
		VERSION,
		TIME,
		TOKEN_FILE,
		CA,
		SERVER = 's',
		GROUP = 2000,
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
		{"engine", required_argument, NULL, ENGINE},
		{"engine-version", required_argument, NULL, VERSION},
		{"time", required_argument, NULL, TIME},
		{"group", required_argument, NULL, GROUP},
		{"server", required_argument, NULL, SERVER},
		{"token-file", required_argument, NULL, TOKEN_FILE},
		{"ca", required_argument, NULL, CA},
		{"json", no_argument, NULL, JSON},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {.json = false};
	struct dg_str *const texts[] = {
		&args.explain.user,    &args.explain.sql,
		&args.explain.cluster, &args.explain.catalog,
		&args.explain.schema,  &args.explain.client};
	const char **const words[] = {&args.metadata,   &args.engine,
				      &args.version,    &args.time,
				      &args.token_file, &args.ca_file};
	int c;

	for (size_t i = 0; i < DG_ARRAY_LEN(texts); i++)
		*texts[i] = DG_STR_EMPTY;
	for (;;) {
		c = getopt_long(argc, argv, ":c:d:s:h", options, NULL);
		if (c == -1)
			break;
		if (c >= USER && c <= ADDRESS) {
			*texts[c - USER] = dg_str_from_cstr(optarg);
		} else if (c >= METADATA && c <= CA) {
			*words[c - METADATA] = optarg;
		} else if (c == GROUP) {
			if (!add_group(&args, optarg))
				return dg_cli_usage_error("explain",
							  "too many groups");
		} else if (c == SERVER) {
			args.server = optarg;
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
	if (args.explain.user.len == 0 || args.explain.sql.len == 0)
		return dg_cli_usage_error("explain",
					  "--user and --sql are needed");
	if (!read_texts(&args))
		return DG_EXIT_USAGE;
	return explain_anyhow(&args);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c - `datagateway migrate`: brings the tables up to date. Harmless
 * when they are, and when several programs do it at once.
 */
#include <getopt.h>
#include <stdio.h>

#include "command.h"
#include "postgres.h"
#include "store/store.h"

static const char help[] =
	"Usage: datagateway migrate (-c FILE | -d CONNINFO)\n"
	"Brings the tables in Postgres up to date.\n\n"
	"  -c, --config FILE        configuration file with "
	"postgres.conninfo\n"
	"  -d, --database CONNINFO  libpq connection string or URI\n"
	"      --help               this text\n\n"
	"The role needs the right to create the schema \"datagateway\". If it "
	"may also\ncreate roles, \"datagateway_proxy\" is made, for replicas: "
	"it reads the policy\nand adds audit records.\n\n"
	"Exit status: 0 done, 1 failed, 2 wrong command line.\n";

static enum dg_exit
migrate(const struct dg_cli_database *database)
{
	struct dg_cli_postgres postgres;
	struct dg_error err = {0};
	unsigned applied = 0;
	enum dg_rc rc;

	if (!dg_cli_postgres_open("migrate", database, &postgres))
		return DG_EXIT_FAILED;
	rc = dg_store_migrate(postgres.pg, postgres.loop, &applied, &err);
	dg_cli_postgres_close(&postgres);
	if (rc != DG_OK) {
		dg_cli_complain("migrate", "%s", err.text);
		return DG_EXIT_FAILED;
	}
	if (applied == 0)
		printf("schema version %u: nothing to do\n",
		       dg_store_schema_version());
	else
		printf("schema version %u: %u step%s done\n",
		       dg_store_schema_version(), applied,
		       applied == 1 ? "" : "s");
	return DG_EXIT_OK;
}

enum dg_exit
dg_command_migrate(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"database", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct dg_cli_database database = {NULL, NULL};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":c:d:h", options, NULL);
		if (c == -1)
			break;
		if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else if (!dg_cli_database_option(&database, c, optarg)) {
			return dg_cli_bad_option("migrate", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("migrate", "too many arguments");
	if (!dg_cli_database_is_given("migrate", &database))
		return DG_EXIT_USAGE;
	return migrate(&database);
}

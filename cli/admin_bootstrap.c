/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_bootstrap.c - `datagateway admin bootstrap`: the first token.
 *
 * Goes straight to Postgres, as whoever can change the tables there. It makes
 * no second one unless asked to: a token that nobody knows of is a back door.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "command.h"
#include "postgres.h"
#include "store/admin.h"

enum { DAY_S = 86400, DAYS_DEFAULT = 90, DAYS_MAX = 366 };

static const char help[] =
	"Usage: datagateway admin bootstrap (-c FILE | -d CONNINFO) "
	"[OPTION]...\n"
	"Makes the first token of an administrator for the admin API and "
	"prints\n"
	"it, once. More tokens are made with it.\n\n"
	"  -c, --config FILE      configuration file with postgres.conninfo\n"
	"  -d, --database TEXT    libpq connection string or URI\n"
	"      --subject NAME     for whom it acts; default \"admin\"\n"
	"      --days N           how long it is good; 1 to 366, default 90\n"
	"      --again            although an administrator has one already\n"
	"      --help             this text\n\n"
	"The role that connects has to own the tables, or be a member of\n"
	"datagateway_admin.\n"
	"Exit status: 0 made, 1 failed, 2 wrong command line.\n";

struct arguments {
	struct dg_cli_database database;
	const char *subject;
	uint64_t days;
	bool again;
};

static enum dg_exit
make(const struct arguments *args, struct dg_cli_postgres *postgres)
{
	const struct dg_store_new_token token = {
		.name = DG_STR("bootstrap"),
		.subject = dg_str_from_cstr(args->subject),
		.role = DG_STR("admin"),
		.lifetime_s = (int64_t)args->days * DAY_S,
		.actor = DG_STR("admin bootstrap"),
	};
	char text[DG_STORE_TOKEN_MAX];
	struct dg_error err = {.text = ""};
	int64_t count = 0;
	int64_t id;

	if (dg_store_token_admins(postgres->pg, postgres->loop, &count, &err) !=
	    DG_OK) {
		dg_cli_complain("admin bootstrap", "%s", err.text);
		return DG_EXIT_FAILED;
	}
	if (count > 0 && !args->again) {
		dg_cli_complain("admin bootstrap",
				"%lld token%s of administrators can be used; "
				"--again makes another one",
				(long long)count, count == 1 ? "" : "s");
		return DG_EXIT_FAILED;
	}
	if (dg_store_token_create(postgres->pg, postgres->loop, &token, text,
				  &id, &err) != DG_OK) {
		dg_cli_complain("admin bootstrap", "%s", err.text);
		return DG_EXIT_FAILED;
	}
	puts(text);
	fprintf(stderr,
		"This is shown once. Keep it as a file that is yours alone.\n");
	dg_wipe(text, sizeof(text));
	return DG_EXIT_OK;
}

static enum dg_exit
bootstrap(const struct arguments *args)
{
	struct dg_cli_postgres postgres;
	enum dg_exit status;

	if (!dg_cli_postgres_open("admin bootstrap", &args->database,
				  &postgres))
		return DG_EXIT_FAILED;
	status = make(args, &postgres);
	dg_cli_postgres_close(&postgres);
	return status;
}

enum dg_exit
dg_command_admin_bootstrap(int argc, char **argv)
{
	enum { SUBJECT = 1000, DAYS, AGAIN };
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"database", required_argument, NULL, 'd'},
		{"subject", required_argument, NULL, SUBJECT},
		{"days", required_argument, NULL, DAYS},
		{"again", no_argument, NULL, AGAIN},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {.subject = "admin", .days = DAYS_DEFAULT};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":c:d:h", options, NULL);
		if (c == -1)
			break;
		if (c == SUBJECT) {
			args.subject = optarg;
		} else if (c == DAYS) {
			if (dg_str_to_u64(dg_str_from_cstr(optarg),
					  &args.days) != DG_OK ||
			    args.days < 1 || args.days > DAYS_MAX)
				return dg_cli_usage_error("admin bootstrap",
							  "--days is 1 to %d",
							  (int)DAYS_MAX);
		} else if (c == AGAIN) {
			args.again = true;
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else if (!dg_cli_database_option(&args.database, c, optarg)) {
			return dg_cli_bad_option("admin bootstrap", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("admin bootstrap",
					  "too many arguments");
	if (!dg_cli_database_is_given("admin bootstrap", &args.database))
		return DG_EXIT_USAGE;
	return bootstrap(&args);
}

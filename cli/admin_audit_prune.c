/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_audit_prune.c - `datagateway admin audit prune`: the partitions of the
 * audit, made ahead and dropped when they are past.
 *
 * Works on Postgres as the owner of its tables, by a timer: neither replicas
 * nor the admin API can drop what they wrote.
 */
#include <getopt.h>
#include <stdio.h>

#include "base/mem.h"
#include "command.h"
#include "postgres.h"
#include "proxy/config.h"
#include "store/admin.h"

enum {
	KEEP_MAX = 3650,
	BY_DAY_MAX = 100, /* days kept: more partitions help nobody */
	DAYS_AHEAD = 7,
	MONTHS_AHEAD = 2,
	ERRORS_MAX_BYTES = 1 << 20,
};

static const char help[] =
	"Usage: datagateway admin audit prune (-c FILE | -d CONNINFO) "
	"[OPTION]...\n"
	"Makes partitions of the audit ahead, of a day each or of a month, "
	"and\n"
	"drops those that are past as a whole. Run it once a day.\n\n"
	"  -c, --config FILE     configuration file with postgres.conninfo "
	"and\n"
	"                        audit.retention\n"
	"  -d, --database TEXT   libpq connection string or URI, of the owner\n"
	"      --keep DAYS       else audit.retention; 0 keeps everything\n"
	"      --by day|month    else by day for up to 100 days, then by "
	"month\n"
	"      --help            this text\n\n"
	"Exit status: 0 done, 1 failed, 2 wrong command line.\n";

struct arguments {
	struct dg_cli_database database;
	const char *by;
	uint64_t keep;
	bool has_keep;
};

/* audit.retention; false after a complaint. */
static bool
read_config(struct arguments *args)
{
	struct dg_config *config = NULL;
	struct dg_buf errors;
	bool ok;

	if (args->has_keep || args->database.config_file == NULL)
		return true;
	dg_buf_init(&errors, ERRORS_MAX_BYTES);
	ok = dg_config_load(args->database.config_file, &config, &errors) ==
	     DG_OK;
	if (ok)
		args->keep = dg_config_admin(config).audit_days;
	else
		dg_cli_complain("admin audit prune", "%.*s",
				DG_STR_ARG(dg_buf_peek(&errors)));
	dg_buf_fini(&errors);
	dg_config_destroy(&config);
	return ok;
}

static enum dg_exit
prune(const struct arguments *args)
{
	struct dg_store_prune p = {
		.by_month = args->by != NULL ? args->by[0] == 'm'
					     : args->keep == 0 ||
						       args->keep > BY_DAY_MAX,
		.keep_days = (unsigned)args->keep,
	};
	struct dg_cli_postgres postgres;
	struct dg_error err = {.text = ""};
	enum dg_rc rc;

	p.ahead = p.by_month ? MONTHS_AHEAD : DAYS_AHEAD;
	if (!dg_cli_postgres_open("admin audit prune", &args->database,
				  &postgres))
		return DG_EXIT_FAILED;
	rc = dg_store_audit_prune(postgres.pg, postgres.loop, &p, &err);
	dg_cli_postgres_close(&postgres);
	printf("%llu partitions made, %llu dropped, %llu rows deleted\n",
	       (unsigned long long)p.made, (unsigned long long)p.dropped,
	       (unsigned long long)p.deleted);
	if (rc != DG_OK)
		dg_cli_complain("admin audit prune", "%s", err.text);
	return rc == DG_OK ? DG_EXIT_OK : DG_EXIT_FAILED;
}

enum dg_exit
dg_command_admin_audit_prune(int argc, char **argv)
{
	enum { KEEP = 1000, BY };
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"database", required_argument, NULL, 'd'},
		{"keep", required_argument, NULL, KEEP},
		{"by", required_argument, NULL, BY},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {.keep = 0};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":c:d:h", options, NULL);
		if (c == -1)
			break;
		if (c == KEEP) {
			args.has_keep = true;
			if (dg_str_to_u64(dg_str_from_cstr(optarg),
					  &args.keep) != DG_OK ||
			    args.keep > KEEP_MAX)
				return dg_cli_usage_error("admin audit prune",
							  "--keep is 0 to %d",
							  (int)KEEP_MAX);
		} else if (c == BY) {
			args.by = optarg;
			if (strcmp(optarg, "day") != 0 &&
			    strcmp(optarg, "month") != 0)
				return dg_cli_usage_error("admin audit prune",
							  "--by day or month");
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else if (!dg_cli_database_option(&args.database, c, optarg)) {
			return dg_cli_bad_option("admin audit prune", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("admin audit prune",
					  "too many arguments");
	if (!dg_cli_database_is_given("admin audit prune", &args.database))
		return DG_EXIT_USAGE;
	if (!read_config(&args))
		return DG_EXIT_FAILED;
	return prune(&args);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_apply.c - `datagateway admin apply`: makes the stored policy equal to
 * a file (docs/policy.md). Shows what would change, asks, and does all of it
 * in one transaction or nothing. By Postgres as its owner, or by the admin API
 * as whoever the token is of.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin_write.h"
#include "base/json.h"
#include "base/mem.h"
#include "command.h"
#include "postgres.h"
#include "store/replicas.h"
#include "stream.h"

enum {
	FILE_MAX_BYTES = 256 << 20,
	ERRORS_MAX_BYTES = 1 << 20,
	DIFF_MAX_BYTES = 256 << 20,
	WAIT_DEFAULT_S = 10,
	WAIT_MAX_S = 60,
};

static const char help[] =
	"Usage: datagateway admin apply -f POLICY [-c FILE | -d CONNINFO | "
	"-s URL]\n"
	"                               [--dry-run] [--yes] [--json]\n"
	"Makes users, roles, clusters and rules equal to the policy file. A "
	"section that\nis not in the file stays as it is. Shows what would "
	"change, asks, and does all\nof it in one transaction.\n\n"
	"  -f, --file POLICY        the policy file; - for standard input\n"
	"By the admin API, unless -c or -d says otherwise:\n"
	"  -s, --server URL         the admin listener; else "
	"$DATAGATEWAY_ADMIN_URL,\n"
	"                           else http://127.0.0.1:9180\n"
	"      --token-file FILE    the token; else "
	"$DATAGATEWAY_ADMIN_TOKEN\n"
	"      --ca FILE            authority of the server's certificate\n"
	"In Postgres:\n"
	"  -c, --config FILE        configuration file with "
	"postgres.conninfo\n"
	"  -d, --database CONNINFO  libpq connection string or URI\n\n"
	"      --dry-run            only show the difference\n"
	"      --yes                do not ask\n"
	"      --wait[=SECONDS]     until all replicas have it; 10\n"
	"      --json               print one JSON object\n"
	"      --help               this text\n\n"
	"Exit status: 0 done or nothing to do, 1 failed, 2 wrong command "
	"line, 3 done,\nbut with --wait not known to be in force "
	"everywhere.\n";

struct arguments {
	struct dg_cli_database database;
	const char *policy_file;
	bool dry_run;
	bool yes;
	bool json;
	uint64_t wait_ms; /* 0: no */
	const char *wait_text;
	/* The admin API's: */
	const char *server;
	const char *ca_file;
	const char *token_file;
};

struct outcome {
	struct dg_buf diff;
	struct dg_buf effects; /* JSON; empty: none, or not known */
	struct dg_buf errors;  /* lines */
	size_t n_changes;
	int64_t version;
	bool is_applied;
	bool has_waited;
	struct dg_buf behind; /* lines: replicas that lack it */
};

static void
print_buf(const struct dg_buf *buf, FILE *out)
{
	struct dg_str text = dg_buf_peek(buf);

	(void)fwrite(text.data, 1, text.len, out);
}

/* ---- the file ----------------------------------------------------------- */

static bool
read_policy(const char *name, struct dg_buf *out)
{
	bool is_file = strcmp(name, "-") != 0;
	FILE *in = is_file ? fopen(name, "re") : stdin;
	enum dg_rc rc = in == NULL ? DG_ERR_IO : dg_cli_stream_read(in, out);

	if (rc == DG_ERR_LIMIT)
		errno = EFBIG;
	if (rc != DG_OK)
		dg_cli_complain("admin apply", "%s: %s", name, strerror(errno));
	if (is_file && in != NULL)
		(void)fclose(in);
	return rc == DG_OK;
}

/* "line 3: ..." becomes "policy.yaml: line 3: ..." */
static void
print_errors(const char *file, const struct dg_buf *errors)
{
	struct dg_str rest = dg_buf_peek(errors);
	struct dg_str line;

	while (dg_str_split(&rest, '\n', &line))
		if (line.len > 0)
			fprintf(stderr, "%s: %.*s\n", file, DG_STR_ARG(line));
}

/* ---- the outcome -------------------------------------------------------- */

static void
print_json(const struct outcome *o, bool ok)
{
	struct dg_json_writer w;
	struct dg_buf out;

	dg_buf_init(&out, 2 * (size_t)DIFF_MAX_BYTES);
	dg_json_begin(&w, &out);
	dg_json_object_open(&w);
	dg_json_key(&w, "ok");
	dg_json_put_bool(&w, ok);
	dg_json_key(&w, "applied");
	dg_json_put_bool(&w, o->is_applied);
	dg_json_key(&w, "changes");
	dg_json_put_int(&w, (int64_t)o->n_changes);
	dg_json_key(&w, "version");
	dg_json_put_int(&w, o->version);
	dg_json_key(&w, "diff");
	dg_json_put_lines(&w, dg_buf_peek(&o->diff));
	if (dg_buf_len(&o->effects) > 0) {
		dg_json_key(&w, "effects");
		dg_json_put_raw(&w, dg_buf_peek(&o->effects));
	}
	if (o->has_waited) {
		dg_json_key(&w, "behind");
		dg_json_put_lines(&w, dg_buf_peek(&o->behind));
	}
	dg_json_key(&w, "errors");
	dg_json_put_lines(&w, dg_buf_peek(&o->errors));
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK)
		print_buf(&out, stdout);
	putchar('\n');
	dg_buf_fini(&out);
}

static void
print_text(const struct outcome *o)
{
	if (o->n_changes == 0)
		printf("nothing to change, version %lld is in force\n",
		       (long long)o->version);
	else if (o->is_applied)
		printf("%zu change%s applied, version %lld is in force\n",
		       o->n_changes, o->n_changes == 1 ? "" : "s",
		       (long long)o->version);
	else
		printf("%zu change%s, nothing was done\n", o->n_changes,
		       o->n_changes == 1 ? "" : "s");
}

/* What it comes to for people. */
static void
print_effects(const struct outcome *o)
{
	struct dg_json *effects = NULL;

	if (dg_buf_len(&o->effects) == 0 ||
	    dg_json_parse(dg_buf_peek(&o->effects), DIFF_MAX_BYTES, &effects,
			  NULL) != DG_OK)
		return;
	dg_cli_effects(effects);
	dg_json_destroy(&effects);
}

/* ---- applying ----------------------------------------------------------- */

/* Who did it, for the change log: the person at this machine. */
static struct dg_str
find_actor(char *out, size_t size)
{
	const struct passwd *who = getpwuid(getuid());
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	if (who != NULL)
		(void)snprintf(out, size, "%s@%s", who->pw_name, host);
	else
		(void)snprintf(out, size, "uid %u@%s", (unsigned)getuid(),
			       host);
	return dg_str_from_cstr(out);
}

static bool
ask(const struct arguments *args)
{
	char answer[16];

	if (args->yes)
		return true;
	if (isatty(STDIN_FILENO) == 0 || strcmp(args->policy_file, "-") == 0) {
		dg_cli_complain("admin apply",
				"nobody to ask: use --yes or --dry-run");
		return false;
	}
	printf("Apply? [y/N] ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static enum dg_rc
run(const struct arguments *args, struct dg_cli_postgres *postgres,
    const struct dg_store_policy_file *file, bool dry_run, struct outcome *o)
{
	char actor[512];
	struct dg_error err = {0};
	enum dg_rc rc;

	dg_buf_clear(&o->diff);
	rc = dg_store_policy_apply(postgres->pg, postgres->loop, file,
				   find_actor(actor, sizeof(actor)), dry_run,
				   &o->diff, dry_run ? &o->effects : NULL,
				   &o->n_changes, &o->version, &err);
	if (rc == DG_OK)
		return DG_OK;
	if (dg_buf_appendf(&o->errors, "%s\n", err.text) != DG_OK ||
	    !args->json)
		dg_cli_complain("admin apply", "%s", err.text);
	return rc;
}

/* OK or PENDING; FAILED only when Postgres does not tell. */
static enum dg_exit
wait_for_replicas(const struct arguments *args,
		  struct dg_cli_postgres *postgres, struct outcome *o)
{
	struct dg_error err = {.text = ""};

	o->has_waited = true;
	if (dg_store_replicas_wait(postgres->pg, postgres->loop, o->version,
				   args->wait_ms, &o->behind, &err) != DG_OK) {
		dg_cli_complain("admin apply", "%s", err.text);
		return DG_EXIT_PENDING;
	}
	if (dg_buf_len(&o->behind) == 0)
		return DG_EXIT_OK;
	if (!args->json) {
		dg_cli_complain("admin apply",
				"done, but not in force everywhere:");
		print_buf(&o->behind, stderr);
	}
	return DG_EXIT_PENDING;
}

/* Shows first, then asks, then does; the version guards what was shown. */
static enum dg_exit
apply(const struct arguments *args, const struct dg_store_policy_file *file,
      struct outcome *o)
{
	struct dg_cli_postgres postgres;
	enum dg_exit status = DG_EXIT_FAILED;

	if (!dg_cli_postgres_open("admin apply", &args->database, &postgres))
		return DG_EXIT_FAILED;
	if (run(args, &postgres, file, true, o) != DG_OK)
		goto done;
	if (!args->json) {
		print_buf(&o->diff, stdout);
		print_effects(o);
	}
	if (args->dry_run || o->n_changes == 0) {
		status = DG_EXIT_OK;
	} else if (ask(args)) {
		int64_t shown = o->version;

		if (run(args, &postgres, file, false, o) != DG_OK)
			goto done;
		o->is_applied = o->n_changes > 0;
		status = DG_EXIT_OK;
		if (o->is_applied && o->version != shown + 1 && !args->json)
			printf("the policy was changed meanwhile; what was "
			       "done:\n%.*s",
			       DG_STR_ARG(dg_buf_peek(&o->diff)));
	}
	if (!args->json)
		print_text(o);
	if (status == DG_EXIT_OK && args->wait_ms > 0 && !args->dry_run)
		status = wait_for_replicas(args, &postgres, o);
done:
	dg_cli_postgres_close(&postgres);
	return status;
}

static enum dg_exit
apply_file(const struct arguments *args)
{
	struct dg_store_policy_file *file = NULL;
	enum dg_exit status = DG_EXIT_FAILED;
	struct outcome o = {0};
	struct dg_buf yaml;

	dg_buf_init(&yaml, FILE_MAX_BYTES);
	dg_buf_init(&o.diff, DIFF_MAX_BYTES);
	dg_buf_init(&o.effects, DIFF_MAX_BYTES);
	dg_buf_init(&o.errors, ERRORS_MAX_BYTES);
	dg_buf_init(&o.behind, ERRORS_MAX_BYTES);
	if (!read_policy(args->policy_file, &yaml))
		goto done;
	if (dg_store_policy_parse(dg_buf_peek(&yaml), &file, &o.errors) ==
	    DG_OK)
		status = apply(args, file, &o);
	else if (!args->json)
		print_errors(args->policy_file, &o.errors);
	if (args->json)
		print_json(&o, status != DG_EXIT_FAILED);
	dg_store_policy_destroy(&file);
done:
	dg_buf_fini(&yaml);
	dg_buf_fini(&o.diff);
	dg_buf_fini(&o.effects);
	dg_buf_fini(&o.errors);
	dg_buf_fini(&o.behind);
	return status;
}

/* ---- by the admin API -----------------------------------------------------
 */

static enum dg_exit
apply_by_api(const struct arguments *args)
{
	struct dg_cli_admin admin = {
		.command = "admin apply",
		.server = args->server,
		.ca_file = args->ca_file,
		.token_file = args->token_file,
		.json = args->json,
		.dry_run = args->dry_run,
		.yes = args->yes,
		.wait = args->wait_ms > 0,
		.wait_seconds = args->wait_text,
	};
	struct dg_cli_writing w = {.method = "POST",
				   .content_type = "application/yaml",
				   .takes_away = true};
	enum dg_exit status = DG_EXIT_FAILED;

	dg_buf_init(&w.body, FILE_MAX_BYTES);
	dg_buf_init(&w.target, ERRORS_MAX_BYTES);
	if (read_policy(args->policy_file, &w.body) &&
	    dg_cli_admin_connect(&admin) &&
	    dg_buf_append(&w.target, DG_STR("/apply")) == DG_OK)
		status = dg_cli_admin_write(&admin, &w);
	dg_cli_admin_close(&admin);
	dg_buf_fini(&w.target);
	dg_buf_fini(&w.body);
	return status;
}

/* ---- the command line -----------------------------------------------------
 */

static bool
read_wait(const char *text, uint64_t *ms_out)
{
	uint64_t seconds = WAIT_DEFAULT_S;

	if (text != NULL &&
	    (dg_str_to_u64(dg_str_from_cstr(text), &seconds) != DG_OK ||
	     seconds < 1 || seconds > WAIT_MAX_S))
		return false;
	*ms_out = seconds * 1000;
	return true;
}

static enum dg_exit
apply_anyhow(const struct arguments *args)
{
	bool in_postgres = args->database.config_file != NULL ||
			   args->database.conninfo != NULL;

	if (args->policy_file == NULL)
		return dg_cli_usage_error("admin apply", "-f is needed");
	if (args->json && !args->yes && !args->dry_run)
		return dg_cli_usage_error("admin apply",
					  "--json needs --yes or --dry-run");
	if (!in_postgres && !dg_cli_admin_has_token(args->token_file))
		return dg_cli_usage_error("admin apply",
					  "one of -c and -d, or a token of the "
					  "admin API, is needed");
	if (!in_postgres)
		return apply_by_api(args);
	if (args->server != NULL)
		return dg_cli_usage_error("admin apply",
					  "-s and -c or -d are two ways");
	if (!dg_cli_database_is_given("admin apply", &args->database))
		return DG_EXIT_USAGE;
	return apply_file(args);
}

enum dg_exit
dg_command_admin_apply(int argc, char **argv)
{
	enum { DRY_RUN = 1000, YES, JSON, WAIT, TOKEN_FILE, CA };
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"database", required_argument, NULL, 'd'},
		{"file", required_argument, NULL, 'f'},
		{"server", required_argument, NULL, 's'},
		{"token-file", required_argument, NULL, TOKEN_FILE},
		{"ca", required_argument, NULL, CA},
		{"dry-run", no_argument, NULL, DRY_RUN},
		{"yes", no_argument, NULL, YES},
		{"json", no_argument, NULL, JSON},
		{"wait", optional_argument, NULL, WAIT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {0};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":c:d:f:s:h", options, NULL);
		if (c == -1)
			break;
		if (c == 'f') {
			args.policy_file = optarg;
		} else if (c == 's') {
			args.server = optarg;
		} else if (c == TOKEN_FILE) {
			args.token_file = optarg;
		} else if (c == CA) {
			args.ca_file = optarg;
		} else if (c == DRY_RUN) {
			args.dry_run = true;
		} else if (c == YES) {
			args.yes = true;
		} else if (c == JSON) {
			args.json = true;
		} else if (c == WAIT) {
			args.wait_text = optarg;
			if (!read_wait(optarg, &args.wait_ms))
				return dg_cli_usage_error(
					"admin apply",
					"--wait takes 1 to 60 seconds");
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else if (!dg_cli_database_option(&args.database, c, optarg)) {
			return dg_cli_bad_option("admin apply", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("admin apply", "too many arguments");
	return apply_anyhow(&args);
}

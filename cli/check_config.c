/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_config.c - `datagateway check-config`: all errors of a configuration
 * file at once, for people or as JSON; also writes the reference of options.
 */
#include <getopt.h>
#include <stdio.h>

#include "base/json.h"
#include "command.h"
#include "proxy/config.h"

enum {
	CHECK_ERRORS_MAX = 1 << 20,
	CHECK_REPLY_MAX = 4 << 20,
};

static const char help[] =
	"Usage: datagateway check-config [--json] FILE\n"
	"       datagateway check-config --reference\n"
	"Reads a configuration file and prints every error in it, a line "
	"each.\n"
	"Nothing is opened and no secret is read.\n\n"
	"  --json       print one JSON object: {\"ok\":..., \"errors\":[...]}\n"
	"  --reference  print docs/configuration.md, written from the options\n"
	"  --help       this text\n\n"
	"Exit status: 0 good, 1 errors found, 2 wrong command line.\n";

static void
print_buf(const struct dg_buf *buf, FILE *out)
{
	struct dg_str text = dg_buf_peek(buf);

	(void)fwrite(text.data, 1, text.len, out);
}

static enum dg_exit
print_reference(void)
{
	enum dg_exit status = DG_EXIT_OK;
	struct dg_buf out;

	dg_buf_init(&out, CHECK_REPLY_MAX);
	if (dg_config_reference(&out) == DG_OK)
		print_buf(&out, stdout);
	else
		status = DG_EXIT_FAILED;
	dg_buf_fini(&out);
	return status;
}

static void
print_json(bool ok, const struct dg_buf *errors)
{
	struct dg_json_writer w;
	struct dg_buf out;

	dg_buf_init(&out, CHECK_REPLY_MAX);
	dg_json_begin(&w, &out);
	dg_json_object_open(&w);
	dg_json_key(&w, "ok");
	dg_json_put_bool(&w, ok);
	dg_json_key(&w, "errors");
	dg_json_put_lines(&w, dg_buf_peek(errors));
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK)
		print_buf(&out, stdout);
	putchar('\n');
	dg_buf_fini(&out);
}

static enum dg_exit
check(const char *file, bool json)
{
	struct dg_config *config = NULL;
	struct dg_buf errors;
	bool ok;

	dg_buf_init(&errors, CHECK_ERRORS_MAX);
	ok = dg_config_load(file, &config, &errors) == DG_OK;
	if (json)
		print_json(ok, &errors);
	else if (ok)
		printf("%s: good\n", file);
	else
		print_buf(&errors, stderr);
	dg_config_destroy(&config);
	dg_buf_fini(&errors);
	return ok ? DG_EXIT_OK : DG_EXIT_FAILED;
}

enum dg_exit
dg_command_check_config(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"reference", no_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool json = false;
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":h", options, NULL);
		if (c == -1)
			break;
		if (c == 'j') {
			json = true;
		} else if (c == 'r') {
			return print_reference();
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else {
			return dg_cli_bad_option("check-config", c, argv);
		}
	}
	if (optind != argc - 1)
		return dg_cli_usage_error("check-config",
					  "exactly one FILE is needed");
	return check(argv[optind], json);
}

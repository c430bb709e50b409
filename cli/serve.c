/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.c - `datagateway serve`: the gateway and, if the configuration says
 * so, the operator's pages, until a signal ends them.
 */
#include <getopt.h>
#include <stdio.h>

#include "admin/admin.h"
#include "base/log.h"
#include "base/mem.h"
#include "command.h"
#include "proxy/config.h"
#include "proxy/gateway.h"

enum {
	SERVE_ERRORS_MAX = 1 << 20,
	SERVE_MAILBOX_MAX = 65536,
};

static const char help[] =
	"Usage: datagateway serve -c FILE\n"
	"Runs the gateway until SIGTERM or SIGINT, which let running requests\n"
	"end first; a second one ends at once. SIGHUP reads FILE again.\n"
	"The log goes to stderr, a JSON object a line.\n\n"
	"  -c, --config FILE  the configuration, see docs/configuration.md\n"
	"      --help         this text\n\n"
	"Exit status: 0 ended by a signal, 1 could not start, 2 wrong command\n"
	"line.\n";

static enum dg_exit
fail(const struct dg_error *err)
{
	dg_log_error(NULL, "gateway.failed",
		     DG_FIELDS(DG_LOG_CSTR("why", err->text)),
		     "the gateway cannot start");
	return DG_EXIT_FAILED;
}

static enum dg_rc
open_admin(struct dg_loop *control, struct dg_gateway *gateway,
	   const struct dg_config *config, struct dg_admin **admin_out,
	   struct dg_error *err)
{
	const char *address = dg_config_admin(config).listen;
	enum dg_rc rc;

	if (address[0] == '\0')
		return DG_OK;
	rc = dg_admin_open(control, gateway, config, admin_out, err);
	if (rc == DG_OK)
		dg_log_info(NULL, "admin.listening",
			    DG_FIELDS(DG_LOG_CSTR("address", address),
				      DG_LOG_INT("port",
						 dg_admin_port(*admin_out))),
			    "metrics and health can be read");
	return rc;
}

static enum dg_exit
run(const struct dg_config *config, const char *file)
{
	struct dg_loop *control = dg_loop_create("control", SERVE_MAILBOX_MAX);
	struct dg_gateway *gateway = NULL;
	struct dg_admin *admin = NULL;
	enum dg_exit status = DG_EXIT_OK;
	struct dg_error err = {.text = ""};

	if (dg_gateway_start(control, config, &gateway, &err) != DG_OK ||
	    open_admin(control, gateway, config, &admin, &err) != DG_OK) {
		status = fail(&err);
	} else {
		dg_gateway_take_signals(gateway, file);
		dg_loop_run(control);
	}
	dg_admin_close(&admin);
	dg_gateway_destroy(&gateway);
	dg_loop_destroy(&control);
	return status;
}

static enum dg_exit
serve(const char *file)
{
	struct dg_config *config;
	struct dg_buf errors;
	struct dg_str text;
	enum dg_exit status;

	dg_buf_init(&errors, SERVE_ERRORS_MAX);
	if (dg_config_load(file, &config, &errors) != DG_OK) {
		text = dg_buf_peek(&errors);
		(void)fwrite(text.data, 1, text.len, stderr);
		dg_buf_fini(&errors);
		return DG_EXIT_FAILED;
	}
	dg_buf_fini(&errors);
	dg_mem_keep_freed();
	status = run(config, file);
	dg_config_destroy(&config);
	return status;
}

enum dg_exit
dg_command_serve(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *file = NULL;
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":c:h", options, NULL);
		if (c == -1)
			break;
		if (c == 'c') {
			file = optarg;
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else {
			return dg_cli_bad_option("serve", c, argv);
		}
	}
	if (optind != argc)
		return dg_cli_usage_error("serve", "too many arguments");
	if (file == NULL)
		return dg_cli_usage_error("serve", "-c FILE is needed");
	return serve(file);
}

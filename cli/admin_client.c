/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_client.c - options and requests of the subcommands that use the admin
 * API. The token is read from a file or the environment, never from the
 * command line, where others can see it.
 */
#include "admin_client.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/config.h"

enum { REPLY_MAX_BYTES = 64 << 20, TOKEN_MAX = 4096, TARGET_MAX = 1 << 16 };

const struct dg_cli_resource dg_cli_resources[] = {
#define DG_RESOURCE(name, is_item, columns, filters) \
	{name, is_item, columns, filters},
#include "resources.def"
#undef DG_RESOURCE
};
const size_t dg_cli_n_resources = DG_ARRAY_LEN(dg_cli_resources);

static const char common_help[] =
	"\n  -s, --server URL       the admin listener; else "
	"$DATAGATEWAY_ADMIN_URL,\n"
	"                         else http://127.0.0.1:9180\n"
	"      --token-file FILE  the token; else $DATAGATEWAY_ADMIN_TOKEN\n"
	"      --ca FILE          authority of the server's certificate\n"
	"      --json             what the API answered\n"
	"      --dry-run          show what would be done\n"
	"      --yes              do not ask\n"
	"      --wait[=SECONDS]   until all replicas have what was written; "
	"10\n"
	"      --help             this text\n\n"
	"Exit status: 0 done, 1 refused or failed, 2 wrong command line, "
	"3 done, but\nwith --wait not known to be in force everywhere.\n";

const struct dg_cli_resource *
dg_cli_resource_find(const char *name)
{
	for (size_t i = 0; i < dg_cli_n_resources; i++)
		if (strcmp(dg_cli_resources[i].name, name) == 0)
			return &dg_cli_resources[i];
	return NULL;
}

bool
dg_cli_admin_has_token(const char *token_file)
{
	return token_file != NULL || getenv("DATAGATEWAY_ADMIN_TOKEN") != NULL;
}

static bool
read_token(struct dg_cli_admin *admin)
{
	struct dg_error err = {.text = ""};
	char reference[4096];

	if (!dg_cli_admin_has_token(admin->token_file)) {
		dg_cli_complain(admin->command,
				"a token is needed: --token-file or "
				"DATAGATEWAY_ADMIN_TOKEN");
		return false;
	}
	(void)snprintf(reference, sizeof(reference), "%s%s",
		       admin->token_file == NULL ? "env:" : "file:",
		       admin->token_file == NULL ? "DATAGATEWAY_ADMIN_TOKEN"
						 : admin->token_file);
	if (dg_secret_read(dg_str_from_cstr(reference), TOKEN_MAX,
			   &admin->token, &err) == DG_OK)
		return true;
	dg_cli_complain(admin->command, "%s", err.text);
	return false;
}

static bool
connect_server(struct dg_cli_admin *admin)
{
	struct dg_error err = {.text = ""};

	if (admin->server == NULL)
		admin->server = getenv("DATAGATEWAY_ADMIN_URL");
	if (admin->server == NULL)
		admin->server = "http://127.0.0.1:9180";
	dg_log_set_level(DG_LOG_ERROR); /* failures come back as errors */
	if (dg_asker_open(dg_str_from_cstr(admin->server), admin->ca_file,
			  &admin->asker, &err) == DG_OK)
		return true;
	dg_cli_complain(admin->command, "%s", err.text);
	return false;
}

/* Options may stand before, between and behind words. */
static enum dg_exit
read_options(struct dg_cli_admin *admin, const char *help, int argc,
	     char **argv, bool *done_out)
{
	enum { TOKEN_FILE = 1000, CA, DRY_RUN, YES, JSON, WAIT };
	static const struct option options[] = {
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
	int c;

	*done_out = true;
	for (;;) {
		c = getopt_long(argc, argv, ":s:h", options, NULL);
		if (c == -1)
			break;
		if (c == 's') {
			admin->server = optarg;
		} else if (c == TOKEN_FILE) {
			admin->token_file = optarg;
		} else if (c == CA) {
			admin->ca_file = optarg;
		} else if (c == DRY_RUN) {
			admin->dry_run = true;
		} else if (c == YES) {
			admin->yes = true;
		} else if (c == JSON) {
			admin->json = true;
		} else if (c == WAIT) {
			admin->wait = true;
			admin->wait_seconds = optarg;
		} else if (c == 'h') {
			printf("%s%s", help, common_help);
			return DG_EXIT_OK;
		} else {
			return dg_cli_bad_option(admin->command, c, argv);
		}
	}
	for (int i = optind; i < argc; i++) {
		if (admin->n_words == DG_CLI_WORDS_MAX)
			return dg_cli_usage_error(admin->command,
						  "too many arguments");
		admin->words[admin->n_words++] = argv[i];
	}
	*done_out = false;
	return DG_EXIT_OK;
}

bool
dg_cli_admin_connect(struct dg_cli_admin *admin)
{
	dg_buf_init(&admin->body, REPLY_MAX_BYTES);
	return read_token(admin) && connect_server(admin);
}

enum dg_exit
dg_cli_admin_open(struct dg_cli_admin *admin, const char *command,
		  const char *help, int argc, char **argv, bool *done_out)
{
	enum dg_exit status;

	*admin = (struct dg_cli_admin){.command = command};
	status = read_options(admin, help, argc, argv, done_out);
	if (*done_out)
		return status;
	if (dg_cli_admin_connect(admin))
		return DG_EXIT_OK;
	*done_out = true;
	dg_cli_admin_close(admin);
	return DG_EXIT_FAILED;
}

void
dg_cli_admin_close(struct dg_cli_admin *admin)
{
	dg_asker_close(&admin->asker);
	if (admin->token.data != NULL)
		dg_secret_free(&admin->token);
	dg_buf_fini(&admin->body);
}

/* What a problem says, and where. */
static void
complain_problem(const struct dg_cli_admin *admin)
{
	struct dg_json *problem = NULL;
	struct dg_str text = DG_STR_EMPTY;
	const struct dg_json *errors;

	if (dg_json_parse(dg_buf_peek(&admin->body), REPLY_MAX_BYTES, &problem,
			  NULL) != DG_OK) {
		dg_cli_complain(admin->command, "the server answered %u",
				admin->status);
		return;
	}
	if (!dg_json_string(dg_json_get(problem, "detail"), &text))
		(void)dg_json_string(dg_json_get(problem, "title"), &text);
	dg_cli_complain(admin->command, "%.*s", DG_STR_ARG(text));
	errors = dg_json_get(problem, "errors");
	for (size_t i = 0; i < dg_json_size(errors); i++) {
		const struct dg_json *error = dg_json_at(errors, i);
		struct dg_str place = DG_STR_EMPTY;

		text = DG_STR_EMPTY;
		if (!dg_json_string(dg_json_get(error, "pointer"), &place))
			(void)dg_json_string(dg_json_get(error, "parameter"),
					     &place);
		(void)dg_json_string(dg_json_get(error, "detail"), &text);
		fprintf(stderr, "  %.*s%s%.*s\n", DG_STR_ARG(place),
			place.len > 0 ? ": " : "", DG_STR_ARG(text));
	}
	dg_json_destroy(&problem);
}

static void
add_header(struct dg_ask *ask, struct dg_str name, struct dg_str value)
{
	ask->headers[ask->n_headers++] = (struct dg_ask_header){name, value};
}

bool
dg_cli_admin_ask(struct dg_cli_admin *admin, const char *method,
		 struct dg_str target, const char *content_type,
		 struct dg_str body)
{
	struct dg_ask ask = {.method = method, .body = body};
	struct dg_ask_reply reply = {.body = &admin->body};
	struct dg_error err = {.text = ""};
	struct dg_buf path;
	struct dg_buf bearer;
	bool ok = false;

	dg_buf_init(&path, TARGET_MAX);
	dg_buf_init(&bearer, TOKEN_MAX + 16);
	dg_buf_clear(&admin->body);
	if (dg_buf_appendf(&path, "/api/v1%.*s", DG_STR_ARG(target)) != DG_OK ||
	    dg_buf_append(&bearer, DG_STR("Bearer ")) != DG_OK ||
	    dg_buf_append(&bearer, admin->token) != DG_OK) {
		dg_cli_complain(admin->command, "the request is too long");
		goto out;
	}
	ask.target = dg_buf_peek(&path);
	add_header(&ask, DG_STR("Authorization"), dg_buf_peek(&bearer));
	add_header(&ask, DG_STR("Accept"), DG_STR("application/json"));
	if (content_type != NULL)
		add_header(&ask, DG_STR("Content-Type"),
			   dg_str_from_cstr(content_type));
	if (dg_asker_ask(admin->asker, &ask, &reply, &err) != DG_OK) {
		dg_cli_complain(admin->command, "%s: %s", admin->server,
				err.text);
		goto out;
	}
	admin->status = reply.status;
	ok = reply.status >= 200 && reply.status < 300;
	if (!ok)
		complain_problem(admin);
out:
	if (bearer.data != NULL)
		dg_wipe(bearer.data, bearer.cap);
	dg_buf_fini(&bearer);
	dg_buf_fini(&path);
	return ok;
}

void
dg_cli_admin_print(const struct dg_cli_admin *admin)
{
	struct dg_str text = dg_buf_peek(&admin->body);

	(void)fwrite(text.data, 1, text.len, stdout);
	if (text.len > 0)
		putchar('\n');
}

bool
dg_cli_admin_reply(struct dg_cli_admin *admin, struct dg_json **out)
{
	struct dg_error err = {.text = ""};

	if (dg_json_parse(dg_buf_peek(&admin->body), REPLY_MAX_BYTES, out,
			  &err) == DG_OK)
		return true;
	dg_cli_complain(admin->command, "the server's answer: %s", err.text);
	return false;
}

enum dg_rc
dg_cli_encode(struct dg_buf *out, struct dg_str text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c != 0 && strchr(plain, c) != NULL)
			rc = dg_buf_append_char(out, (char)c);
		else
			rc = dg_buf_appendf(out, "%%%02X", c);
	}
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_tokens.c - `admin create-token` and `admin revoke-token`.
 */
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "base/mem.h"

enum { BODY_MAX = 1 << 16 };

static const char create_help[] =
	"Usage: datagateway admin create-token NAME subject=WHO role=ROLE "
	"[days=N]\n"
	"                                      [SCOPE]... [OPTION]...\n"
	"Makes a token and prints it, once. Roles: admin, auditor, steward.\n"
	"Scopes: RESOURCE:read, RESOURCE:write; none: all that the role may.\n";

/* "days=30" is a number, "users:read" a scope. */
static bool
make_body(const struct dg_cli_admin *admin, struct dg_buf *out)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	dg_json_key(&w, "name");
	dg_json_put_cstr(&w, admin->words[0]);
	for (size_t i = 1; i < admin->n_words; i++) {
		struct dg_str value = dg_str_from_cstr(admin->words[i]);
		struct dg_str key;
		int64_t number;

		if (strchr(admin->words[i], '=') == NULL ||
		    !dg_str_split(&value, '=', &key))
			continue;
		dg_json_key_str(&w, key);
		if (dg_str_eq(key, DG_STR("days")) &&
		    dg_str_to_i64(value, &number) == DG_OK)
			dg_json_put_int(&w, number);
		else
			dg_json_put_str(&w, value);
	}
	dg_json_key(&w, "scopes");
	dg_json_array_open(&w);
	for (size_t i = 1; i < admin->n_words; i++)
		if (strchr(admin->words[i], '=') == NULL)
			dg_json_put_cstr(&w, admin->words[i]);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	return dg_json_finish(&w) == DG_OK;
}

static enum dg_exit
create(struct dg_cli_admin *admin)
{
	enum dg_exit status = DG_EXIT_FAILED;
	struct dg_json *reply = NULL;
	struct dg_buf body;
	struct dg_str text;

	if (admin->n_words < 1)
		return dg_cli_usage_error(admin->command, "NAME is needed");
	dg_buf_init(&body, BODY_MAX);
	if (make_body(admin, &body) &&
	    dg_cli_admin_ask(admin, "POST", DG_STR("/tokens"),
			     "application/json", dg_buf_peek(&body)) &&
	    dg_cli_admin_reply(admin, &reply) &&
	    dg_json_string(dg_json_get(reply, "text"), &text)) {
		status = DG_EXIT_OK;
		if (admin->json)
			printf("%.*s\n", DG_STR_ARG(dg_buf_peek(&admin->body)));
		else
			printf("%.*s\n", DG_STR_ARG(text));
		fprintf(stderr, "This is shown once. Keep it as a file that "
				"is yours alone.\n");
	}
	dg_json_destroy(&reply);
	if (admin->body.data != NULL)
		dg_wipe(admin->body.data, admin->body.cap);
	dg_buf_fini(&body);
	return status;
}

enum dg_exit
dg_command_admin_create_token(int argc, char **argv)
{
	struct dg_cli_admin admin;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, "admin create-token", create_help,
				   argc, argv, &done);
	if (done)
		return status;
	status = create(&admin);
	dg_cli_admin_close(&admin);
	return status;
}

static const char revoke_help[] =
	"Usage: datagateway admin revoke-token ID [OPTION]...\n"
	"Ends a token, at once.\n";

enum dg_exit
dg_command_admin_revoke_token(int argc, char **argv)
{
	struct dg_cli_admin admin;
	struct dg_buf target;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, "admin revoke-token", revoke_help,
				   argc, argv, &done);
	if (done)
		return status;
	dg_buf_init(&target, BODY_MAX);
	if (admin.n_words != 1) {
		status = dg_cli_usage_error("admin revoke-token",
					    "one ID is needed");
	} else if (dg_buf_append(&target, DG_STR("/tokens/")) != DG_OK ||
		   dg_cli_encode(&target, dg_str_from_cstr(admin.words[0])) !=
			   DG_OK ||
		   !dg_cli_admin_ask(&admin, "DELETE", dg_buf_peek(&target),
				     NULL, DG_STR_EMPTY)) {
		status = DG_EXIT_FAILED;
	} else {
		puts("done");
	}
	dg_buf_fini(&target);
	dg_cli_admin_close(&admin);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_client.h - what the subcommands of `admin` that use the API share:
 * options, the request, its reply, tables.
 */
#ifndef DG_CLI_ADMIN_CLIENT_H
#define DG_CLI_ADMIN_CLIENT_H

#include "base/json.h"
#include "command.h"
#include "proxy/http_ask.h"

struct dg_cli_resource {
	const char *name;
	bool is_item;
	const char *columns; /* words */
	const char *filters; /* words */
};
extern const struct dg_cli_resource dg_cli_resources[];
extern const size_t dg_cli_n_resources;
/* NULL: there is none of that name. */
const struct dg_cli_resource *dg_cli_resource_find(const char *name);

enum { DG_CLI_WORDS_MAX = 64 };

struct dg_cli_admin {
	const char *command; /* "admin list" */
	const char *server;
	const char *ca_file;
	const char *token_file;
	bool json;
	bool dry_run;
	bool yes;
	bool wait;                /* until all replicas have what is written */
	const char *wait_seconds; /* NULL: as the API does */
	char *words[DG_CLI_WORDS_MAX]; /* what is no option */
	size_t n_words;
	struct dg_asker *asker; /* owned */
	struct dg_str token;    /* owned, wiped */
	struct dg_buf body;     /* of the newest reply */
	unsigned status;
};

/*
 * Reads options; *done_out: go no further, the status is the answer (--help,
 * a mistake, no connection).
 */
enum dg_exit dg_cli_admin_open(struct dg_cli_admin *admin, const char *command,
			       const char *help, int argc, char **argv,
			       bool *done_out);
/* By file, which may be NULL, or the environment. */
bool dg_cli_admin_has_token(const char *token_file);
/*
 * The same where options were read elsewhere: admin has them, and is zero but
 * for them. False after a complaint; close it in any case.
 */
bool dg_cli_admin_connect(struct dg_cli_admin *admin) DG_MUST_CHECK;
void dg_cli_admin_close(struct dg_cli_admin *admin);

/*
 * target: below /api/v1, encoded. content_type NULL: no body. False after a
 * complaint: no answer, or one that is no 2xx.
 */
bool dg_cli_admin_ask(struct dg_cli_admin *admin, const char *method,
		      struct dg_str target, const char *content_type,
		      struct dg_str body) DG_MUST_CHECK;
/* The reply as it came, and a newline; nothing of an empty one. */
void dg_cli_admin_print(const struct dg_cli_admin *admin);
/* The reply parsed; destroy it. False after a complaint. */
bool dg_cli_admin_reply(struct dg_cli_admin *admin,
			struct dg_json **out) DG_MUST_CHECK;

/* "a b/c" -> "a%20b%2Fc" at the end of out. */
enum dg_rc dg_cli_encode(struct dg_buf *out, struct dg_str text) DG_MUST_CHECK;
/* Rows under the resource's columns; empty columns are left out. */
void dg_cli_table(const struct dg_cli_resource *resource,
		  const struct dg_json *items);
/* Under each other: "name  value". */
void dg_cli_record(const struct dg_json *object);
/* Who gains and loses what by a change, as far as it is told. */
void dg_cli_effects(const struct dg_json *effects);
/* As YAML, for people and for `admin apply`. */
void dg_cli_yaml(const struct dg_json *value);

#endif

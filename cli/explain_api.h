/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_api.h - the question of `explain` put to the admin API.
 */
#ifndef DG_CLI_EXPLAIN_API_H
#define DG_CLI_EXPLAIN_API_H

#include "proxy/explain.h"

struct dg_cli_question {
	const struct dg_explain *explain; /* user, groups, names and sql */
	const char *engine;               /* these may be NULL */
	const char *version;
	const char *time;
	const char *metadata; /* file */
	const char *server;
	const char *ca_file;
	const char *token_file;
};

/* The answer as it came; false after a complaint. */
bool dg_cli_explain_ask(const struct dg_cli_question *question,
			struct dg_buf *json_out) DG_MUST_CHECK;

#endif

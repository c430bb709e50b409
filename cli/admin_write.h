/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_write.h - a write by the admin API: shown first, asked about where it
 * may take rights away, done, and told.
 */
#ifndef DG_CLI_ADMIN_WRITE_H
#define DG_CLI_ADMIN_WRITE_H

#include "admin_client.h"

struct dg_cli_writing {
	const char *method;
	struct dg_buf target;     /* without a query; the caller's */
	const char *content_type; /* NULL: no body */
	struct dg_buf body;       /* the caller's */
	bool takes_away;          /* maybe */
};

/* By the options of admin: dry_run, yes, wait, json. Prints all there is. */
enum dg_exit dg_cli_admin_write(struct dg_cli_admin *admin,
				const struct dg_cli_writing *w);

#endif

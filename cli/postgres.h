/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres.h - the connection of a subcommand that works on Postgres.
 */
#ifndef DG_CLI_POSTGRES_H
#define DG_CLI_POSTGRES_H

#include "base/loop.h"
#include "base/pg.h"
#include "store/store.h"

struct dg_cli_postgres {
	struct dg_loop *loop; /* owned */
	struct dg_pg *pg;     /* owned */
};

/* Where it is: the options -c and -d, of which one is given. */
struct dg_cli_database {
	const char *config_file; /* with postgres.conninfo */
	const char *conninfo;
};

/* Takes what getopt_long said, if it is one of them. */
bool dg_cli_database_option(struct dg_cli_database *database, int option,
			    const char *value);
/* Complains under command's name unless one of them was given. */
bool dg_cli_database_is_given(const char *command,
			      const struct dg_cli_database *database);
/*
 * Complains under command's name and returns false when that does not work, or
 * nobody answers in 10 s.
 */
bool dg_cli_postgres_open(const char *command,
			  const struct dg_cli_database *database,
			  struct dg_cli_postgres *postgres_out);
/*
 * The policy in force, of a connection of its own; complains and returns false
 * when it does not come within 60 s. Unref it.
 */
bool dg_cli_postgres_policy(const char *command,
			    const struct dg_cli_database *database,
			    struct dg_cli_postgres *postgres,
			    struct dg_store_snapshot **policy_out);
void dg_cli_postgres_close(struct dg_cli_postgres *postgres);

#endif

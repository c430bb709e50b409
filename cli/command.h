/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - what a subcommand is, and the little that all of them share.
 *
 * A subcommand is one file and one row of commands.def. Its function gets the
 * arguments behind its name, argv[0] being the name itself, answers --help on
 * stdout, complains on stderr, and returns an exit status. It may use stdout
 * freely: main() reports a failed write.
 */
#ifndef DG_CLI_COMMAND_H
#define DG_CLI_COMMAND_H

#include "base/attributes.h"

enum dg_exit {
	DG_EXIT_OK = 0,
	DG_EXIT_FAILED = 1,  /* the answer is no, or it could not be had */
	DG_EXIT_USAGE = 2,   /* the command line itself is wrong */
	DG_EXIT_PENDING = 3, /* done, but --wait was in vain */
};

#define DG_COMMAND(function, name, help) \
	enum dg_exit dg_command_##function(int argc, char **argv);
#include "commands.def"
#undef DG_COMMAND

/* "datagateway NAME: message" on stderr. */
void dg_cli_complain(const char *command, const char *fmt, ...) DG_PRINTF(2, 3);
/* The same, and where to find help; returns DG_EXIT_USAGE. */
enum dg_exit dg_cli_usage_error(const char *command, const char *fmt, ...)
	DG_PRINTF(2, 3);

/*
 * What getopt_long said other than an option: ':' (argument missing, with
 * optstring beginning ":") or '?' (unknown).
 */
enum dg_exit dg_cli_bad_option(const char *command, int result, char **argv);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.c - `datagateway version`.
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

enum dg_exit
dg_command_version(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("Usage: datagateway version\n"
		     "Prints the program's name and version.");
		return DG_EXIT_OK;
	}
	if (argc != 1)
		return dg_cli_usage_error("version", "takes no arguments");
	puts("datagateway " DG_VERSION);
	return DG_EXIT_OK;
}

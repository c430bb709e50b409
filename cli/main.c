/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - finds the subcommand in commands.def and runs it.
 *
 * Everything else is the subcommand's own business. Exit status: 0 done, 1
 * failed, 2 wrong command line.
 */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	const char *help;
	enum dg_exit (*run)(int argc, char **argv);
};

static const struct command commands[] = {
#define DG_COMMAND(function, name, help) {name, help, dg_command_##function},
#include "commands.def"
#undef DG_COMMAND
};

void
dg_cli_complain(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "datagateway %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

enum dg_exit
dg_cli_usage_error(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "datagateway %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry: datagateway %s --help\n", command);
	return DG_EXIT_USAGE;
}

enum dg_exit
dg_cli_bad_option(const char *command, int result, char **argv)
{
	const char *option = argv[optind - 1];

	if (result == ':')
		return dg_cli_usage_error(command, "%s needs a value", option);
	return dg_cli_usage_error(command, "unknown option %s", option);
}

static void
print_help(FILE *out)
{
	size_t i;

	fputs("Usage: datagateway COMMAND [OPTION]...\n"
	      "An SQL-aware access-control proxy for Presto and Trino.\n\n"
	      "Commands:\n",
	      out);
	for (i = 0; i < DG_ARRAY_LEN(commands); i++)
		fprintf(out, "  %-19s %s\n", commands[i].name,
			commands[i].help);
	fputs("\nMore about one: datagateway COMMAND --help\n", out);
}

/* How many of the words match the command's name; 0 when not all do. */
static int
match_name(const struct command *command, int argc, char **argv)
{
	const char *rest = command->name;
	int words = 0;

	while (words < argc) {
		size_t len = strlen(argv[words]);

		if (len == 0 || strncmp(rest, argv[words], len) != 0)
			return 0;
		rest += len;
		words++;
		if (*rest == '\0')
			return words;
		if (*rest != ' ')
			return 0;
		rest++;
	}
	return 0;
}

static const struct command *
find_command(int argc, char **argv, int *words_out)
{
	size_t i;

	for (i = 0; i < DG_ARRAY_LEN(commands); i++) {
		*words_out = match_name(&commands[i], argc, argv);
		if (*words_out > 0)
			return &commands[i];
	}
	return NULL;
}

static enum dg_exit
run(int argc, char **argv)
{
	const struct command *command;
	int words;

	if (argc < 2) {
		print_help(stderr);
		return DG_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return DG_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("datagateway " DG_VERSION);
		return DG_EXIT_OK;
	}
	command = find_command(argc - 1, argv + 1, &words);
	if (command == NULL) {
		fprintf(stderr,
			"datagateway: no command %s\n"
			"Try: datagateway --help\n",
			argv[1]);
		return DG_EXIT_USAGE;
	}
	/* argv[0] of a command is the last word of its name. */
	return command->run(argc - words, argv + words);
}

int
main(int argc, char **argv)
{
	enum dg_exit status = run(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "datagateway: writing to stdout: %s\n",
			strerror(errno));
		return DG_EXIT_FAILED;
	}
	return (int)status;
}

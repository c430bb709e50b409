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

/* Commands that begin with the word; NULL: all. How many there are. */
static size_t
print_commands(FILE *out, const char *word)
{
	size_t len = word == NULL ? 0 : strlen(word);
	size_t n = 0;

	for (size_t i = 0; i < DG_ARRAY_LEN(commands); i++) {
		const char *name = commands[i].name;

		if (word != NULL &&
		    (strncmp(name, word, len) != 0 || name[len] != ' '))
			continue;
		if (n++ == 0)
			fputs("Commands:\n", out);
		fprintf(out, "  %-24s %s\n", name, commands[i].help);
	}
	if (n > 0)
		fputs("\nMore about one: datagateway COMMAND --help\n", out);
	return n;
}

static void
print_help(FILE *out)
{
	fputs("Usage: datagateway COMMAND [OPTION]...\n"
	      "An SQL-aware access-control proxy for Presto and Trino.\n\n",
	      out);
	(void)print_commands(out, NULL);
}

/* "admin" alone, or what begins so and is none. */
static enum dg_exit
miss_command(int argc, char **argv)
{
	bool is_asked = argc == 1 || strcmp(argv[1], "--help") == 0;

	if (is_asked && print_commands(stdout, argv[0]) > 0)
		return argc == 1 ? DG_EXIT_USAGE : DG_EXIT_OK;
	fprintf(stderr, "datagateway: no command %s%s%s\n", argv[0],
		argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	if (print_commands(stderr, argv[0]) == 0)
		fputs("Try: datagateway --help\n", stderr);
	return DG_EXIT_USAGE;
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
	if (command == NULL)
		return miss_command(argc - 1, argv + 1);
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

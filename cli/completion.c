/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion.c - `datagateway completion bash|zsh`: what a shell needs to
 * complete commands, resources and filters. Written from the tables that the
 * program itself uses, so it knows what there is.
 */
#include <stdio.h>
#include <string.h>

#include "admin_client.h"

static const char *const commands[] = {
#define DG_COMMAND(function, name, help) name,
#include "commands.def"
#undef DG_COMMAND
};

static const char help[] =
	"Usage: datagateway completion bash|zsh\n"
	"Prints what completes the program's commands in a shell:\n"
	"  source <(datagateway completion bash)\n\n"
	"      --help  this text\n";

/* The first words of commands, or the second ones of "admin". */
static void
print_words(const char *parent)
{
	size_t len = strlen(parent);
	const char *before = "";
	size_t before_size = 0;

	for (size_t i = 0; i < DG_ARRAY_LEN(commands); i++) {
		const char *word = commands[i];
		int size;

		if (len > 0 &&
		    (strncmp(word, parent, len) != 0 || word[len] != ' '))
			continue;
		word += len > 0 ? len + 1 : 0;
		size = (int)strcspn(word, " ");
		if (before_size == (size_t)size &&
		    strncmp(before, word, (size_t)size) == 0)
			continue;
		printf(" %.*s", size, word);
		before = word;
		before_size = (size_t)size;
	}
}

static void
print_resources(bool items_only)
{
	for (size_t i = 0; i < dg_cli_n_resources; i++)
		if (dg_cli_resources[i].is_item || !items_only)
			printf(" %s", dg_cli_resources[i].name);
}

static void
print_filters(void)
{
	for (size_t i = 0; i < dg_cli_n_resources; i++) {
		struct dg_str rest =
			dg_str_from_cstr(dg_cli_resources[i].filters);
		struct dg_str word;

		printf("\t%s) words='", dg_cli_resources[i].name);
		while (dg_str_split(&rest, ' ', &word))
			printf("%.*s= ", DG_STR_ARG(word));
		fputs("limit= cursor=' ;;\n", stdout);
	}
}

static void
print_script(void)
{
	fputs("_datagateway() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=''\n"
	      "\tcase $COMP_CWORD:${COMP_WORDS[1]}:${COMP_WORDS[2]} in\n"
	      "\t1:*) words='",
	      stdout);
	print_words("");
	fputs("' ;;\n\t2:admin:*) words='", stdout);
	print_words("admin");
	fputs("' ;;\n\t3:admin:list) words='", stdout);
	print_resources(false);
	fputs("' ;;\n\t3:admin:@(show|create|set|delete)) words='", stdout);
	print_resources(true);
	fputs("' ;;\n\t*:admin:audit) words='prune user= object= since= from= "
	      "to= decision= cluster= q= statement_id= query_id= fingerprint= "
	      "what= limit='\n\tcompopt -o nospace 2>/dev/null ;;"
	      "\n\t*:admin:who-can) words='cluster= address= time= group= "
	      "limit= cursor='\n\tcompopt -o nospace 2>/dev/null ;;"
	      "\n\t*:admin:access) words='privilege= cluster= address= time='"
	      "\n\tcompopt -o nospace 2>/dev/null ;;"
	      "\n\t*:admin:list)\n\tcase ${COMP_WORDS[3]} in\n",
	      stdout);
	print_filters();
	fputs("\tesac\n\tcompopt -o nospace 2>/dev/null ;;\n"
	      "\t2:completion:*) words='bash zsh' ;;\n"
	      "\tesac\n"
	      "\t[[ $cur == -* ]] && words='--help --json --dry-run --yes "
	      "--wait "
	      "--server --token-file --ca'\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t[[ -n $words ]] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "}\n"
	      "complete -F _datagateway datagateway\n",
	      stdout);
}

enum dg_exit
dg_command_completion(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return DG_EXIT_OK;
	}
	if (argc != 2)
		return dg_cli_usage_error("completion", "bash or zsh");
	if (strcmp(argv[1], "zsh") == 0)
		fputs("autoload -U +X bashcompinit && bashcompinit\n", stdout);
	else if (strcmp(argv[1], "bash") != 0)
		return dg_cli_usage_error("completion", "no shell %s", argv[1]);
	else
		fputs("shopt -s extglob\n", stdout);
	print_script();
	return DG_EXIT_OK;
}

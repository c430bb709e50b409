/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_import.c - `datagateway admin import trino-rules`: a policy file out of
 * the rules of Trino's own access control (docs/from-trino.md). Writes nothing
 * to Postgres: what it prints is for `admin apply`.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "command.h"
#include "import_input.h"
#include "store/store.h"

#define COMMAND "admin import trino-rules"
#define ARENA_BYTES ((size_t)8 << 30)
#define OUT_MAX_BYTES ((size_t)256 << 20)

static const char help[] =
	"Usage: datagateway admin import trino-rules [OPTION]... RULES\n"
	"Makes a policy file out of the JSON file of Trino's "
	"access-control.name=file.\nIt never grants more than the rules; what "
	"it had to leave out is told on\nstandard error, line by line.\n\n"
	"  -o, --output FILE    the policy file; default is standard output\n"
	"      --metadata FILE  tables that exist, as `analyze` takes them\n"
	"      --users FILE     all users, one a line (a password file will "
	"do)\n"
	"      --groups FILE    all groups, GROUP:USER,USER a line\n"
	"      --roles FILE     roles that are always enabled, in the same "
	"form\n"
	"      --people         write users and roles (of the groups) as well\n"
	"      --json           the report as one JSON object on standard "
	"error\n"
	"      --strict         fail when anything was left out\n"
	"      --help           this text\n\n"
	"Exit status: 0 done, 1 failed, 2 wrong command line.\n";

struct arguments {
	struct dg_import_files files;
	const char *output;
	bool people;
	bool json;
	bool strict;
};

/* ---- the report ---------------------------------------------------------- */

static void
print_note(const struct arguments *args, const struct dg_import_note *note)
{
	fprintf(stderr, "%s", args->files.rules);
	if (note->line > 0)
		fprintf(stderr, ":%u", note->line);
	fprintf(stderr, ": %s: ", dg_import_note_kind_name(note->kind));
	if (note->where.len > 0)
		fprintf(stderr, "%.*s: ", DG_STR_ARG(note->where));
	fprintf(stderr, "%.*s\n", DG_STR_ARG(note->text));
}

static void
print_text(const struct arguments *args, const struct dg_import_policy *policy)
{
	for (size_t i = 0; i < policy->n_notes; i++)
		print_note(args, &policy->notes[i]);
	fprintf(stderr,
		"%zu rules; compared with the file in %llu questions: none "
		"granted more, %llu less\n",
		policy->n_rules, (unsigned long long)policy->n_compared,
		(unsigned long long)policy->n_less);
}

static void
put_note(struct dg_json_writer *w, const struct dg_import_note *note)
{
	dg_json_object_open(w);
	dg_json_key(w, "line");
	dg_json_put_int(w, note->line);
	dg_json_key(w, "kind");
	dg_json_put_cstr(w, dg_import_note_kind_name(note->kind));
	dg_json_key(w, "rule");
	dg_json_put_str(w, note->where);
	dg_json_key(w, "text");
	dg_json_put_str(w, note->text);
	dg_json_object_close(w);
}

static void
print_json(const struct dg_import_policy *policy, const struct dg_error *err)
{
	struct dg_json_writer w;
	struct dg_buf out;

	dg_buf_init(&out, OUT_MAX_BYTES);
	dg_json_begin(&w, &out);
	dg_json_object_open(&w);
	dg_json_key(&w, "ok");
	dg_json_put_bool(&w, err == NULL);
	if (err != NULL) {
		dg_json_key(&w, "error");
		dg_json_put_cstr(&w, err->text);
	}
	dg_json_key(&w, "rules");
	dg_json_put_int(&w, (int64_t)policy->n_rules);
	dg_json_key(&w, "compared");
	dg_json_put_int(&w, (int64_t)policy->n_compared);
	dg_json_key(&w, "less");
	dg_json_put_int(&w, (int64_t)policy->n_less);
	dg_json_key(&w, "notes");
	dg_json_array_open(&w);
	for (size_t i = 0; i < policy->n_notes; i++)
		put_note(&w, &policy->notes[i]);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK)
		(void)fwrite(dg_buf_peek(&out).data, 1, dg_buf_len(&out),
			     stderr);
	fputc('\n', stderr);
	dg_buf_fini(&out);
}

/* ---- the policy ---------------------------------------------------------- */

/* Read again by those who will read it. */
static enum dg_rc
check_yaml(struct dg_str yaml, struct dg_error *err)
{
	struct dg_store_policy_file *file = NULL;
	struct dg_buf errors;
	struct dg_str rest, line = DG_STR_EMPTY;
	enum dg_rc rc;

	dg_buf_init(&errors, OUT_MAX_BYTES);
	rc = dg_store_policy_parse(yaml, &file, &errors);
	if (rc != DG_OK) {
		rest = dg_buf_peek(&errors);
		(void)dg_str_split(&rest, '\n', &line);
		rc = dg_error_set(err, DG_ERR_INTERNAL,
				  "the policy that was made is none: %.*s",
				  DG_STR_ARG(line));
	}
	dg_store_policy_destroy(&file);
	dg_buf_fini(&errors);
	return rc;
}

static enum dg_rc
write_output(const char *path, struct dg_str text, struct dg_error *err)
{
	FILE *out = path == NULL ? stdout : fopen(path, "we");
	bool ok =
		out != NULL && fwrite(text.data, 1, text.len, out) == text.len;

	if (path != NULL && out != NULL && fclose(out) != 0)
		ok = false;
	return ok ? DG_OK
		  : dg_error_set(err, DG_ERR_IO, "%s: %s",
				 path == NULL ? "standard output" : path,
				 strerror(errno));
}

static enum dg_rc
import(const struct arguments *args, struct dg_arena *arena,
       struct dg_import_policy *policy, struct dg_error *err)
{
	struct dg_import_yaml how = {
		.file_name = dg_str_from_cstr(args->files.rules),
		.with_people = args->people};
	struct dg_import_input input;
	struct dg_buf yaml;
	enum dg_rc rc;

	dg_buf_init(&yaml, OUT_MAX_BYTES);
	rc = dg_import_input_read(&args->files, arena, &input, err);
	if (rc == DG_OK) {
		rc = dg_import_trino(&input, arena, policy, err);
		if (rc != DG_OK)
			(void)dg_error_wrap(err, "%s", args->files.rules);
	}
	if (rc == DG_OK && args->strict && policy->n_notes > 0)
		rc = dg_error_set(err, DG_ERR_UNSUPPORTED,
				  "%zu remarks, and --strict was given",
				  policy->n_notes);
	if (rc == DG_OK && dg_import_write_yaml(policy, &how, &yaml) != DG_OK)
		rc = dg_error_set(err, DG_ERR_LIMIT,
				  "the policy is larger than %zu bytes",
				  OUT_MAX_BYTES);
	if (rc == DG_OK)
		rc = check_yaml(dg_buf_peek(&yaml), err);
	if (rc == DG_OK)
		rc = write_output(args->output, dg_buf_peek(&yaml), err);
	dg_buf_fini(&yaml);
	return rc;
}

static enum dg_exit
run(const struct arguments *args)
{
	struct dg_arena *arena = dg_arena_create(ARENA_BYTES);
	struct dg_import_policy policy = {0};
	struct dg_error err = {0};
	enum dg_rc rc = import(args, arena, &policy, &err);

	if (args->json) {
		print_json(&policy, rc == DG_OK ? NULL : &err);
	} else {
		if (rc == DG_OK || policy.n_notes > 0)
			print_text(args, &policy);
		if (rc != DG_OK)
			dg_cli_complain(COMMAND, "%s", err.text);
	}
	dg_arena_destroy(&arena);
	return rc == DG_OK ? DG_EXIT_OK : DG_EXIT_FAILED;
}

enum dg_exit
dg_command_admin_import_trino(int argc, char **argv)
{
	enum { METADATA = 1000, USERS, GROUPS, ROLES, PEOPLE, JSON, STRICT };
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"metadata", required_argument, NULL, METADATA},
		{"users", required_argument, NULL, USERS},
		{"groups", required_argument, NULL, GROUPS},
		{"roles", required_argument, NULL, ROLES},
		{"people", no_argument, NULL, PEOPLE},
		{"json", no_argument, NULL, JSON},
		{"strict", no_argument, NULL, STRICT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments args = {0};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, ":o:h", options, NULL);
		if (c == -1)
			break;
		if (c == 'o') {
			args.output = optarg;
		} else if (c == METADATA) {
			args.files.metadata = optarg;
		} else if (c == USERS) {
			args.files.users = optarg;
		} else if (c == GROUPS) {
			args.files.groups = optarg;
		} else if (c == ROLES) {
			args.files.roles = optarg;
		} else if (c == PEOPLE) {
			args.people = true;
		} else if (c == JSON) {
			args.json = true;
		} else if (c == STRICT) {
			args.strict = true;
		} else if (c == 'h') {
			fputs(help, stdout);
			return DG_EXIT_OK;
		} else {
			return dg_cli_bad_option(COMMAND, c, argv);
		}
	}
	if (optind + 1 != argc)
		return dg_cli_usage_error(COMMAND, "one file of rules is "
						   "needed");
	args.files.rules = argv[optind];
	return run(&args);
}

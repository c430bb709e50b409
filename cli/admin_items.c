/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_items.c - `admin list`, `show`, `create`, `set`, `delete`,
 * `add-member`, `remove-member`, `export`, `token`, `revoke-token`: the admin
 * API for people.
 *
 * What may take rights away is shown first, by a dry run, and asked about.
 */
#include <stdio.h>
#include <string.h>

#include "admin_write.h"
#include "base/mem.h"
#include "proxy/config.h"

enum { TARGET_MAX = 1 << 16, BODY_MAX = 1 << 20, FILE_MAX_BYTES = 1 << 20 };

static const struct dg_cli_resource *
find_resource(const struct dg_cli_admin *admin, const char *name, bool is_item)
{
	const struct dg_cli_resource *resource = dg_cli_resource_find(name);

	if (resource != NULL && (resource->is_item || !is_item))
		return resource;
	fprintf(stderr, "datagateway %s: no %s %s; there are", admin->command,
		is_item ? "items" : "resource", name);
	for (size_t i = 0; i < dg_cli_n_resources; i++)
		if (dg_cli_resources[i].is_item || !is_item)
			fprintf(stderr, " %s", dg_cli_resources[i].name);
	fputc('\n', stderr);
	return NULL;
}

/* "/users" or "/users/ann%20b" */
static bool
make_target(struct dg_buf *out, const char *resource, const char *name)
{
	return dg_buf_appendf(out, "/%s", resource) == DG_OK &&
	       (name == NULL ||
		(dg_buf_append_char(out, '/') == DG_OK &&
		 dg_cli_encode(out, dg_str_from_cstr(name)) == DG_OK));
}

/* ---- lists --------------------------------------------------------------- */

/* "FILTER=VALUE" */
static bool
add_filters(const struct dg_cli_admin *admin, struct dg_buf *target)
{
	for (size_t i = 1; i < admin->n_words; i++) {
		const char *equals = strchr(admin->words[i], '=');
		size_t len;

		if (equals == NULL) {
			(void)dg_cli_usage_error(admin->command,
						 "%s is not FILTER=VALUE",
						 admin->words[i]);
			return false;
		}
		len = (size_t)(equals - admin->words[i]);
		if (dg_buf_append_char(target, i == 1 ? '?' : '&') != DG_OK ||
		    dg_cli_encode(target, dg_str_make(admin->words[i], len)) !=
			    DG_OK ||
		    dg_buf_append_char(target, '=') != DG_OK ||
		    dg_cli_encode(target, dg_str_from_cstr(equals + 1)) !=
			    DG_OK)
			return false;
	}
	return true;
}

static bool
show_page(struct dg_cli_admin *admin, const struct dg_cli_resource *resource)
{
	struct dg_json *reply = NULL;
	struct dg_str next;

	if (admin->json) {
		dg_cli_admin_print(admin);
		return true;
	}
	if (!dg_cli_admin_reply(admin, &reply))
		return false;
	dg_cli_table(resource, dg_json_get(reply, "items"));
	if (dg_json_string(dg_json_get(reply, "next"), &next))
		fprintf(stderr, "more: cursor=%.*s\n", DG_STR_ARG(next));
	dg_json_destroy(&reply);
	return true;
}

static const char list_help[] =
	"Usage: datagateway admin list RESOURCE [FILTER=VALUE]... [OPTION]...\n"
	"Lists users, roles, clusters, catalogs, tags, rules, admins,\n"
	"memberships, changes, audit, replicas or tokens, a page at a time: "
	"limit=N,\n"
	"cursor=TEXT. Filters: q=PART OF A NAME and those of "
	"docs/admin-api.md.\n";

enum dg_exit
dg_command_admin_list(int argc, char **argv)
{
	const struct dg_cli_resource *resource;
	struct dg_cli_admin admin;
	struct dg_buf target;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, "admin list", list_help, argc, argv,
				   &done);
	if (done)
		return status;
	dg_buf_init(&target, TARGET_MAX);
	status = DG_EXIT_USAGE;
	if (admin.n_words < 1) {
		(void)dg_cli_usage_error("admin list", "RESOURCE is needed");
		goto out;
	}
	resource = find_resource(&admin, admin.words[0], false);
	if (resource == NULL || !make_target(&target, resource->name, NULL) ||
	    !add_filters(&admin, &target))
		goto out;
	status = dg_cli_admin_ask(&admin, "GET", dg_buf_peek(&target), NULL,
				  DG_STR_EMPTY) &&
				 show_page(&admin, resource)
			 ? DG_EXIT_OK
			 : DG_EXIT_FAILED;
out:
	dg_buf_fini(&target);
	dg_cli_admin_close(&admin);
	return status;
}

/* ---- bodies -------------------------------------------------------------- */

static bool
is_one_of(struct dg_str key, const char *words)
{
	struct dg_str rest = dg_str_from_cstr(words);
	struct dg_str word;

	while (dg_str_split(&rest, ' ', &word))
		if (dg_str_eq(key, word))
			return true;
	return false;
}

static void
put_list(struct dg_json_writer *w, struct dg_str text)
{
	struct dg_str part;

	dg_json_array_open(w);
	while (dg_str_split(&text, ',', &part))
		dg_json_put_str(w, dg_str_trim(part));
	dg_json_array_close(w);
}

/* As tables show it, too; what is neither the API complains about. */
static void
put_truth(struct dg_json_writer *w, struct dg_str text)
{
	bool is_yes = dg_str_eq(text, DG_STR("true")) ||
		      dg_str_eq(text, DG_STR("yes"));
	bool is_no = dg_str_eq(text, DG_STR("false")) ||
		     dg_str_eq(text, DG_STR("no"));

	if (is_yes || is_no)
		dg_json_put_bool(w, is_yes);
	else
		dg_json_put_str(w, text);
}

static void
put_value(struct dg_json_writer *w, const char *resource, struct dg_str key,
	  struct dg_str text)
{
	bool is_map = strcmp(resource, "clusters") == 0 ||
		      strcmp(resource, "admins") == 0;

	if (text.len == 0)
		dg_json_put_null(w); /* takes it away */
	else if (is_one_of(key, "disabled enabled default break_glass"))
		put_truth(w, text);
	else if (is_one_of(
			 key,
			 "members to except privileges columns clusters "
			 "tags networks objects schemas auth_methods roles") ||
		 (is_map && dg_str_eq(key, DG_STR("catalogs"))))
		put_list(w, text);
	else
		dg_json_put_str(w, text);
}

/* "KEY=VALUE", or "KEY@FILE" for what others should not see. */
static bool
put_word(const struct dg_cli_admin *admin, struct dg_json_writer *w,
	 const char *resource, const char *word)
{
	size_t len = strcspn(word, "=@");
	struct dg_str key = dg_str_make(word, len);
	struct dg_error err = {.text = ""};
	struct dg_str secret;
	char reference[4096];

	if (len == 0 || word[len] == '\0') {
		(void)dg_cli_usage_error(admin->command,
					 "%s is not KEY=VALUE or KEY@FILE",
					 word);
		return false;
	}
	dg_json_key_str(w, key);
	if (word[len] == '=') {
		put_value(w, resource, key, dg_str_from_cstr(word + len + 1));
		return true;
	}
	(void)snprintf(reference, sizeof(reference), "file:%s", word + len + 1);
	if (dg_secret_read(dg_str_from_cstr(reference), FILE_MAX_BYTES, &secret,
			   &err) != DG_OK) {
		dg_cli_complain(admin->command, "%s", err.text);
		dg_json_put_null(w);
		return false;
	}
	put_value(w, resource, key, secret);
	dg_secret_free(&secret);
	return true;
}

static bool
takes_away(const char *word)
{
	size_t len = strcspn(word, "=@");

	return len > 0 && word[len] == '=' && word[len + 1] == '\0';
}

/* name NULL: not in the body; else the item is made. */
static bool
make_body(const struct dg_cli_admin *admin, struct dg_buf *out,
	  const char *resource, const char *name, size_t first)
{
	struct dg_json_writer w;
	bool ok = true;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	if (name != NULL) {
		dg_json_key(&w, "name");
		dg_json_put_cstr(&w, name);
	}
	for (size_t i = first; ok && i < admin->n_words; i++) {
		const char *word = admin->words[i];

		/* "KEY=" takes away: of what is made there is nothing yet. */
		if (name == NULL || !takes_away(word))
			ok = put_word(admin, &w, resource, word);
	}
	dg_json_object_close(&w);
	return dg_json_finish(&w) == DG_OK && ok;
}

/* ---- items --------------------------------------------------------------- */

struct verb {
	const char *command;
	const char *help;
	const char *method;
	size_t least; /* words */
	size_t most;
};

static bool
has_word(const struct dg_cli_admin *admin, const char *word)
{
	for (size_t i = 2; i < admin->n_words; i++)
		if (strcmp(admin->words[i], word) == 0)
			return true;
	return false;
}

/* What POST, PATCH, GET, DELETE of an item want; false after a complaint. */
static bool
prepare(const struct dg_cli_admin *admin, const struct verb *verb,
	struct dg_cli_writing *w)
{
	const struct dg_cli_resource *resource =
		find_resource(admin, admin->words[0], true);
	bool is_create = strcmp(verb->method, "POST") == 0;
	bool is_patch = strcmp(verb->method, "PATCH") == 0;

	if (resource == NULL ||
	    !make_target(&w->target, resource->name,
			 is_create ? NULL : admin->words[1]))
		return false;
	/* A new deny takes away, a new allow does not. */
	w->takes_away = !is_create || has_word(admin, "effect=deny");
	if (!is_create && !is_patch)
		return true;
	w->content_type =
		is_create ? "application/json" : "application/merge-patch+json";
	return make_body(admin, &w->body, resource->name,
			 is_create ? admin->words[1] : NULL, 2);
}

static enum dg_exit
run_member(struct dg_cli_admin *admin, const struct verb *verb,
	   struct dg_cli_writing *w)
{
	w->takes_away = strcmp(verb->method, "DELETE") == 0;
	if (!make_target(&w->target, "roles", admin->words[0]) ||
	    dg_buf_append(&w->target, DG_STR("/members/")) != DG_OK ||
	    dg_cli_encode(&w->target, dg_str_from_cstr(admin->words[1])) !=
		    DG_OK)
		return DG_EXIT_FAILED;
	return dg_cli_admin_write(admin, w);
}

static enum dg_exit
run_show(struct dg_cli_admin *admin, struct dg_cli_writing *w)
{
	struct dg_json *reply = NULL;

	if (!dg_cli_admin_ask(admin, "GET", dg_buf_peek(&w->target), NULL,
			      DG_STR_EMPTY))
		return DG_EXIT_FAILED;
	if (admin->json) {
		dg_cli_admin_print(admin);
		return DG_EXIT_OK;
	}
	if (!dg_cli_admin_reply(admin, &reply))
		return DG_EXIT_FAILED;
	dg_cli_record(reply);
	dg_json_destroy(&reply);
	return DG_EXIT_OK;
}

static enum dg_exit
run_verb(const struct verb *verb, int argc, char **argv)
{
	struct dg_cli_writing w = {.method = verb->method};
	struct dg_cli_admin admin;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, verb->command, verb->help, argc,
				   argv, &done);
	if (done)
		return status;
	dg_buf_init(&w.target, TARGET_MAX);
	dg_buf_init(&w.body, BODY_MAX);
	if (admin.n_words < verb->least || admin.n_words > verb->most)
		status = dg_cli_usage_error(verb->command,
					    admin.n_words < verb->least
						    ? "too few arguments"
						    : "too many arguments");
	else if (strstr(verb->command, "member") != NULL)
		status = run_member(&admin, verb, &w);
	else if (!prepare(&admin, verb, &w))
		status = DG_EXIT_USAGE;
	else if (strcmp(verb->method, "GET") == 0)
		status = run_show(&admin, &w);
	else
		status = dg_cli_admin_write(&admin, &w);
	if (w.body.data != NULL)
		dg_wipe(w.body.data, w.body.cap);
	dg_buf_fini(&w.body);
	dg_buf_fini(&w.target);
	dg_cli_admin_close(&admin);
	return status;
}

enum dg_exit
dg_command_admin_show(int argc, char **argv)
{
	static const struct verb verb = {
		"admin show",
		"Usage: datagateway admin show RESOURCE NAME [OPTION]...\n"
		"Shows one user, role, cluster, catalog, tag, rule or admin.\n",
		"GET", 2, 2};

	return run_verb(&verb, argc, argv);
}

enum dg_exit
dg_command_admin_create(int argc, char **argv)
{
	static const struct verb verb = {
		"admin create",
		"Usage: datagateway admin create RESOURCE NAME [KEY=VALUE]... "
		"[OPTION]...\n"
		"Makes an item; keys are those of policy files "
		"(docs/policy.md)."
		"\nLists are separated by commas; KEY@FILE reads a value from "
		"a "
		"file.\n",
		"POST", 2, DG_CLI_WORDS_MAX};

	return run_verb(&verb, argc, argv);
}

enum dg_exit
dg_command_admin_set(int argc, char **argv)
{
	static const struct verb verb = {
		"admin set",
		"Usage: datagateway admin set RESOURCE NAME KEY=VALUE... "
		"[OPTION]...\n"
		"Changes keys of an item; KEY= takes one away.\n",
		"PATCH", 3, DG_CLI_WORDS_MAX};

	return run_verb(&verb, argc, argv);
}

enum dg_exit
dg_command_admin_delete(int argc, char **argv)
{
	static const struct verb verb = {
		"admin delete",
		"Usage: datagateway admin delete RESOURCE NAME [OPTION]...\n"
		"Deletes an item that nothing names any more.\n",
		"DELETE", 2, 2};

	return run_verb(&verb, argc, argv);
}

enum dg_exit
dg_command_admin_add_member(int argc, char **argv)
{
	static const struct verb verb = {
		"admin add-member",
		"Usage: datagateway admin add-member ROLE user:NAME|role:NAME "
		"[OPTION]...\n"
		"Makes somebody a member of a role.\n",
		"PUT", 2, 2};

	return run_verb(&verb, argc, argv);
}

enum dg_exit
dg_command_admin_remove_member(int argc, char **argv)
{
	static const struct verb verb = {
		"admin remove-member",
		"Usage: datagateway admin remove-member ROLE "
		"user:NAME|role:NAME [OPTION]...\n"
		"Takes somebody out of a role.\n",
		"DELETE", 2, 2};

	return run_verb(&verb, argc, argv);
}

/* ---- export -------------------------------------------------------------- */

static const char export_help[] =
	"Usage: datagateway admin export [OPTION]...\n"
	"Prints the policy as a file that `admin apply` takes, without\n"
	"passwords: YAML, or JSON with --json.\n";

enum dg_exit
dg_command_admin_export(int argc, char **argv)
{
	struct dg_json *reply = NULL;
	struct dg_cli_admin admin;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, "admin export", export_help, argc,
				   argv, &done);
	if (done)
		return status;
	if (admin.n_words > 0) {
		status = dg_cli_usage_error("admin export",
					    "too many arguments");
	} else if (!dg_cli_admin_ask(&admin, "GET", DG_STR("/export"), NULL,
				     DG_STR_EMPTY)) {
		status = DG_EXIT_FAILED;
	} else if (admin.json) {
		dg_cli_admin_print(&admin);
	} else if (dg_cli_admin_reply(&admin, &reply)) {
		dg_cli_yaml(reply);
		dg_json_destroy(&reply);
	} else {
		status = DG_EXIT_FAILED;
	}
	dg_cli_admin_close(&admin);
	return status;
}

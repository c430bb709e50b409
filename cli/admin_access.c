/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_access.c - `datagateway admin who-can` and `admin access`: the policy
 * read the other way round, by the admin API.
 */
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "base/mem.h"

enum { TARGET_MAX = 1 << 16, ROWS_MAX = 128 << 20 };

/* Adds the words from the first one on, FILTER=VALUE each. */
static bool
add_filters(const struct dg_cli_admin *admin, struct dg_buf *target,
	    size_t first, char lead)
{
	for (size_t i = first; i < admin->n_words; i++) {
		struct dg_str word = dg_str_from_cstr(admin->words[i]);
		size_t equals = dg_str_find(word, '=', 0);

		if (equals == word.len) {
			(void)dg_cli_usage_error(admin->command,
						 "%s is not FILTER=VALUE",
						 admin->words[i]);
			return false;
		}
		if (dg_buf_append_char(target, lead) != DG_OK ||
		    dg_cli_encode(target, dg_str_slice(word, 0, equals)) !=
			    DG_OK ||
		    dg_buf_append_char(target, '=') != DG_OK ||
		    dg_cli_encode(target, dg_str_slice(word, equals + 1,
						       word.len)) != DG_OK)
			return false;
		lead = '&';
	}
	return true;
}

static void
put_member(struct dg_json_writer *w, const struct dg_json *object,
	   const char *key)
{
	const struct dg_json *value = dg_json_get(object, key);

	if (value == NULL)
		return;
	dg_json_key(w, key);
	dg_json_put_value(w, value);
}

/* The rule's name under "rule". */
static void
put_rule(struct dg_json_writer *w, const struct dg_json *item,
	 const struct dg_json *names)
{
	char key[24];
	int64_t id;

	if (!dg_json_int(dg_json_get(item, "rule"), &id))
		return;
	(void)snprintf(key, sizeof(key), "%lld", (long long)id);
	if (dg_json_get(names, key) == NULL)
		return;
	dg_json_key(w, "rule");
	dg_json_put_value(w, dg_json_get(names, key));
}

static bool
show_rows(const struct dg_buf *text, const char *columns)
{
	const struct dg_cli_resource resource = {.name = "access",
						 .columns = columns};
	struct dg_json *rows = NULL;

	if (dg_json_parse(dg_buf_peek(text), ROWS_MAX, &rows, NULL) != DG_OK)
		return false;
	dg_cli_table(&resource, rows);
	dg_json_destroy(&rows);
	return true;
}

/* ---- who-can ------------------------------------------------------------ */

/* Users or groups, under their own names. */
static enum dg_rc
list_holders(const struct dg_json *reply, const char *list, const char *kind,
	     struct dg_buf *out)
{
	const struct dg_json *items = dg_json_get(reply, list);
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_array_open(&w);
	for (size_t i = 0; i < dg_json_size(items); i++) {
		const struct dg_json *item = dg_json_at(items, i);

		dg_json_object_open(&w);
		put_member(&w, item, kind);
		put_member(&w, item, "columns");
		put_member(&w, item, "except");
		put_member(&w, item, "clusters");
		put_member(&w, item, "may_use_cluster");
		put_rule(&w, item, dg_json_get(reply, "rule_names"));
		put_member(&w, item, "path");
		put_member(&w, item, "observed");
		dg_json_object_close(&w);
	}
	dg_json_array_close(&w);
	return dg_json_finish(&w);
}

static enum dg_rc
list_users(const struct dg_json *reply, struct dg_buf *out)
{
	return list_holders(reply, "items", "user", out);
}

/* A table of their own, where there are any; false: they cannot be shown. */
static bool
show_groups(const struct dg_json *reply)
{
	struct dg_buf rows;
	bool is_cut = false;
	bool ok;

	if (dg_json_size(dg_json_get(reply, "groups")) == 0)
		return true;
	dg_buf_init(&rows, ROWS_MAX);
	putchar('\n');
	ok = list_holders(reply, "groups", "group", &rows) == DG_OK &&
	     show_rows(&rows, "group columns except clusters may_use_cluster "
			      "rule path observed");
	dg_buf_fini(&rows);
	(void)dg_json_bool(dg_json_get(reply, "groups_cut"), &is_cut);
	if (is_cut)
		fputs("there are more groups than were looked at\n", stderr);
	return ok;
}

/* ---- access ------------------------------------------------------------- */

static void
put_object(struct dg_json_writer *w, const struct dg_json *catalog,
	   const struct dg_json *schema, const struct dg_json *table)
{
	struct dg_str parts[] = {DG_STR_EMPTY, DG_STR_EMPTY, DG_STR_EMPTY};
	struct dg_buf text;

	(void)dg_json_string(dg_json_get(catalog, "catalog"), &parts[0]);
	(void)dg_json_string(dg_json_get(schema, "schema"), &parts[1]);
	(void)dg_json_string(dg_json_get(table, "table"), &parts[2]);
	dg_buf_init(&text, TARGET_MAX);
	dg_json_key(w, "table");
	if (dg_buf_appendf(&text, "%.*s.%.*s.%.*s", DG_STR_ARG(parts[0]),
			   DG_STR_ARG(parts[1]), DG_STR_ARG(parts[2])) == DG_OK)
		dg_json_put_str(w, dg_buf_peek(&text));
	else
		dg_json_put_null(w);
	dg_buf_fini(&text);
}

/* What one may: read it, not read it, and what a pattern takes. */
static const char *
say_may(const struct dg_json *table)
{
	bool denied = false;

	(void)dg_json_bool(dg_json_get(table, "denied"), &denied);
	if (denied)
		return "taken away";
	return dg_json_is_array(dg_json_get(table, "columns")) &&
			       dg_json_size(dg_json_get(table, "columns")) == 0
		       ? "no"
		       : "yes";
}

static void
list_schema(struct dg_json_writer *w, const struct dg_json *reply,
	    const struct dg_json *catalog, const struct dg_json *schema)
{
	const struct dg_json *tables = dg_json_get(schema, "tables");

	for (size_t i = 0; i < dg_json_size(tables); i++) {
		const struct dg_json *table = dg_json_at(tables, i);

		dg_json_object_open(w);
		put_object(w, catalog, schema, table);
		dg_json_key(w, "may");
		dg_json_put_cstr(w, say_may(table));
		put_member(w, table, "columns");
		put_member(w, table, "except");
		put_rule(w, table, dg_json_get(reply, "rule_names"));
		put_member(w, table, "path");
		dg_json_object_close(w);
	}
}

static enum dg_rc
list_tables(const struct dg_json *reply, struct dg_buf *out)
{
	const struct dg_json *catalogs = dg_json_get(reply, "catalogs");
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_array_open(&w);
	for (size_t i = 0; i < dg_json_size(catalogs); i++) {
		const struct dg_json *catalog = dg_json_at(catalogs, i);
		const struct dg_json *schemas = dg_json_get(catalog, "schemas");

		for (size_t j = 0; j < dg_json_size(schemas); j++)
			list_schema(&w, reply, catalog, dg_json_at(schemas, j));
	}
	dg_json_array_close(&w);
	return dg_json_finish(&w);
}

/* What the table does not say. */
static void
note_user(const struct dg_json *reply)
{
	const struct dg_json *groups = dg_json_get(reply, "denying_groups");
	struct dg_str cluster = DG_STR_EMPTY;
	bool disabled = false;
	bool may_use = false;
	bool is_cut = false;

	(void)dg_json_string(dg_json_get(reply, "cluster"), &cluster);
	(void)dg_json_bool(dg_json_get(reply, "disabled"), &disabled);
	(void)dg_json_bool(dg_json_get(reply, "may_use_cluster"), &may_use);
	(void)dg_json_bool(dg_json_get(reply, "is_cut"), &is_cut);
	if (disabled)
		fputs("the user is disabled\n", stderr);
	else if (!may_use)
		fprintf(stderr, "the user may not use cluster \"%.*s\"\n",
			DG_STR_ARG(cluster));
	if (is_cut)
		fputs("there is more than is shown\n", stderr);
	for (size_t i = 0; i < dg_json_size(groups); i++) {
		struct dg_str group = DG_STR_EMPTY;

		(void)dg_json_string(dg_json_at(groups, i), &group);
		fprintf(stderr,
			"a token that names group \"%.*s\" brings denies that "
			"are not shown\n",
			DG_STR_ARG(group));
	}
}

/* ---- the commands
 * ------------------------------------------------------------ */

struct command {
	const char *name;
	const char *help;
	size_t least; /* words */
	const char *columns;
	enum dg_rc (*list)(const struct dg_json *reply, struct dg_buf *out);
};

static bool
make_target(const struct dg_cli_admin *admin, struct dg_buf *target)
{
	if (strcmp(admin->command, "admin who-can") == 0)
		return dg_buf_append(target, DG_STR("/access?privilege=")) ==
			       DG_OK &&
		       dg_cli_encode(target,
				     dg_str_from_cstr(admin->words[0])) ==
			       DG_OK &&
		       dg_buf_append(target, DG_STR("&object=")) == DG_OK &&
		       dg_cli_encode(target,
				     dg_str_from_cstr(admin->words[1])) ==
			       DG_OK &&
		       add_filters(admin, target, 2, '&');
	return dg_buf_append(target, DG_STR("/users/")) == DG_OK &&
	       dg_cli_encode(target, dg_str_from_cstr(admin->words[0])) ==
		       DG_OK &&
	       dg_buf_append(target, DG_STR("/access")) == DG_OK &&
	       add_filters(admin, target, 1, '?');
}

static bool
show(struct dg_cli_admin *admin, const struct command *command)
{
	struct dg_json *reply = NULL;
	struct dg_buf rows;
	struct dg_str next;
	bool ok;

	if (admin->json) {
		dg_cli_admin_print(admin);
		return true;
	}
	if (!dg_cli_admin_reply(admin, &reply))
		return false;
	dg_buf_init(&rows, ROWS_MAX);
	ok = command->list(reply, &rows) == DG_OK &&
	     show_rows(&rows, command->columns) && show_groups(reply);
	if (ok && dg_json_get(reply, "user") != NULL)
		note_user(reply);
	else if (ok && dg_json_size(dg_json_get(reply, "items")) == 0 &&
		 dg_json_size(dg_json_get(reply, "groups")) == 0)
		fputs("nobody\n", stderr);
	if (ok && dg_json_string(dg_json_get(reply, "next"), &next))
		fprintf(stderr, "more: cursor=%.*s\n", DG_STR_ARG(next));
	dg_buf_fini(&rows);
	dg_json_destroy(&reply);
	return ok;
}

static enum dg_exit
run(const struct command *command, int argc, char **argv)
{
	struct dg_cli_admin admin;
	struct dg_buf target;
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&admin, command->name, command->help, argc,
				   argv, &done);
	if (done)
		return status;
	dg_buf_init(&target, TARGET_MAX);
	if (admin.n_words < command->least)
		status = dg_cli_usage_error(command->name, "too few arguments");
	else if (!make_target(&admin, &target))
		status = DG_EXIT_USAGE;
	else if (!dg_cli_admin_ask(&admin, "GET", dg_buf_peek(&target), NULL,
				   DG_STR_EMPTY) ||
		 !show(&admin, command))
		status = DG_EXIT_FAILED;
	dg_buf_fini(&target);
	dg_cli_admin_close(&admin);
	return status;
}

enum dg_exit
dg_command_admin_who_can(int argc, char **argv)
{
	static const struct command command = {
		"admin who-can",
		"Usage: datagateway admin who-can PRIVILEGE OBJECT "
		"[FILTER=VALUE]... [OPTION]...\n"
		"Lists who may, for instance, select "
		"catalog.schema.table.column,\n"
		"on which clusters, by which rule, and the way through roles: "
		"users, and\n"
		"groups whose members may by the roles that their tokens "
		"bring.\n"
		"Filters: cluster=, address=, time=, group= (users as members "
		"of "
		"it),\n"
		"limit=, cursor=.\n",
		2, "user columns except clusters rule path observed",
		list_users};

	return run(&command, argc, argv);
}

enum dg_exit
dg_command_admin_access(int argc, char **argv)
{
	static const struct command command = {
		"admin access",
		"Usage: datagateway admin access USER [FILTER=VALUE]... "
		"[OPTION]...\n"
		"Lists the tables that a user may read, as rules name them. An "
		"exact\n"
		"name is told as it is decided; a pattern is right but for "
		"exact names\n"
		"and for what other patterns take away.\n"
		"Filters: privilege= (select), cluster=, address=, time=.\n",
		1, "table may columns except rule path", list_tables};

	return run(&command, argc, argv);
}

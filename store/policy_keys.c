/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_keys.c - the keys of policy files: one table a section, one small
 * reader a kind of value.
 */
#include "base/mem.h"
#include "credentials.h"
#include "policy_file.h"
#include "policy_text.h"

enum { PASSWORD_MAX_BYTES = 1024 };

#define KEY_ARGS \
	struct dg_policy_reader *r, const yaml_node_t *value, \
		const struct dg_policy_key *key, struct dg_policy_item *item

/* ---- plain values ------------------------------------------------------- */

static void
read_name(KEY_ARGS)
{
	enum { NAME_MAX_BYTES = 256 };
	struct dg_str name;

	if (!dg_policy_text(r, value, key->name, &name))
		return;
	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		dg_policy_complain(r, value, "a name has 1 to %d bytes",
				   (int)NAME_MAX_BYTES);
	else
		item->name = name;
}

static void
read_text(KEY_ARGS)
{
	struct dg_str text;

	if (dg_policy_text(r, value, key->name, &text))
		item->fields[key->field].text = text;
}

static void
read_lower(KEY_ARGS)
{
	struct dg_str text;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	text = dg_policy_lower(r->model->arena, text);
	if (text.data == NULL)
		dg_policy_complain(r, value, "the file is too large");
	else
		item->fields[key->field].text = text;
}

static void
read_truth(KEY_ARGS)
{
	int64_t truth;

	if (dg_policy_truth(r, value, key->name, &truth))
		item->fields[key->field].number = truth;
}

static void
put_list(struct dg_policy_item *item, unsigned field, struct dg_str *items,
	 size_t n)
{
	item->fields[field].items = items;
	item->fields[field].n_items = dg_policy_sort(items, n);
}

static void
read_lower_list(KEY_ARGS)
{
	struct dg_str *items;
	size_t n;

	if (!dg_policy_texts(r, value, key->name, &items, &n))
		return;
	if (n == 0) /* "columns: []" would mean all of them */
		dg_policy_complain(r, value, "%s is empty; leave it out",
				   key->name);
	for (size_t i = 0; i < n; i++) {
		items[i] = dg_policy_lower(r->model->arena, items[i]);
		if (items[i].data == NULL) {
			dg_policy_complain(r, value, "the file is too large");
			return;
		}
	}
	put_list(item, key->field, items, n);
}

static void
read_principals(KEY_ARGS)
{
	struct dg_str *items;
	struct dg_error err;
	size_t n;

	if (!dg_policy_texts(r, value, key->name, &items, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dg_policy_principal(items[i], r->model->arena, &items[i],
					&err) != DG_OK) {
			dg_policy_complain(r, value, "%s: %s", key->name,
					   err.text);
			return;
		}
	put_list(item, key->field, items, n);
}

static void
read_time(KEY_ARGS)
{
	struct dg_str text;
	struct dg_error err;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	if (dg_policy_time(text, r->model->arena,
			   &item->fields[key->field].text, &err) != DG_OK)
		dg_policy_complain(r, value, "%s: %s", key->name, err.text);
}

/* One of the words that end in NULL. */
static void
read_word(struct dg_policy_reader *r, const yaml_node_t *value,
	  const struct dg_policy_key *key, struct dg_policy_item *item,
	  const char *const *words, const char *all)
{
	struct dg_str text;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	for (; *words != NULL; words++)
		if (dg_str_eq(text, dg_str_from_cstr(*words))) {
			item->fields[key->field].text =
				dg_str_from_cstr(*words);
			return;
		}
	dg_policy_complain(r, value, "%s must be %s", key->name, all);
}

/* ---- users -------------------------------------------------------------- */

static bool
claim_password(struct dg_policy_reader *r, const yaml_node_t *value,
	       struct dg_policy_item *item)
{
	if (item->password == DG_POLICY_KEEP)
		return true;
	dg_policy_complain(r, value, "the password is given twice");
	return false;
}

static void
read_plain_password(KEY_ARGS)
{
	struct dg_str text;

	if (r->places == NULL) {
		dg_policy_complain(r, value,
				   "passwords do not stand in policy files: "
				   "use password_file, password_env or "
				   "password_hash");
		return;
	}
	if (!dg_policy_text(r, value, key->name, &text) ||
	    !claim_password(r, value, item))
		return;
	if (text.len == 0 || text.len > PASSWORD_MAX_BYTES) {
		dg_policy_complain(r, value, "a password has 1 to %d bytes",
				   (int)PASSWORD_MAX_BYTES);
		return;
	}
	item->plain = dg_str_dup(text);
	item->password = DG_POLICY_PLAIN;
}

static void
read_password_hash(KEY_ARGS)
{
	struct dg_str text;

	if (!dg_policy_text(r, value, key->name, &text) ||
	    !claim_password(r, value, item))
		return;
	item->password = DG_POLICY_GIVEN;
	if (dg_str_eq(text, DG_STR("none")))
		return; /* the empty hash: no password is right */
	if (dg_store_password_is_hash(text))
		item->fields[DG_USER_PASSWORD_HASH].text = text;
	else
		dg_policy_complain(r, value,
				   "password_hash must be \"none\" or argon2id "
				   "with at most m=19456,t=10,p=1");
}

static void
read_password(struct dg_policy_reader *r, const yaml_node_t *value,
	      const struct dg_policy_key *key, struct dg_policy_item *item,
	      enum dg_rc (*read)(struct dg_str, struct dg_str *,
				 struct dg_error *))
{
	struct dg_error err;
	struct dg_str text;

	if (r->is_remote) {
		dg_policy_complain(r, value,
				   "%s would be read on another machine than "
				   "yours",
				   key->name);
		return;
	}
	if (!dg_policy_text(r, value, key->name, &text) ||
	    !claim_password(r, value, item))
		return;
	if (read(text, &item->plain, &err) == DG_OK)
		item->password = DG_POLICY_PLAIN;
	else
		dg_policy_complain(r, value, "%s: %s", key->name, err.text);
}

static void
read_password_file(KEY_ARGS)
{
	read_password(r, value, key, item, dg_policy_read_file);
}

static void
read_password_env(KEY_ARGS)
{
	read_password(r, value, key, item, dg_policy_read_env);
}

static void
read_methods(KEY_ARGS)
{
	const struct dg_policy_value *list = &item->fields[key->field];

	read_lower_list(r, value, key, item);
	for (size_t i = 0; i < list->n_items; i++)
		if (!dg_str_eq(list->items[i], DG_STR("password")) &&
		    !dg_str_eq(list->items[i], DG_STR("token")))
			dg_policy_complain(r, value,
					   "%s must be password or token",
					   key->name);
}

static const struct dg_policy_key user_keys[] = {
	{"name", read_name, 0, true},
	{"password", read_plain_password, 0, false},
	{"password_hash", read_password_hash, 0, false},
	{"password_file", read_password_file, 0, false},
	{"password_env", read_password_env, 0, false},
	{"disabled", read_truth, DG_USER_DISABLED, false},
	{"default_cluster", read_lower, DG_USER_DEFAULT_CLUSTER, false},
	{"default_catalog", read_text, DG_USER_DEFAULT_CATALOG, false},
	{"default_schema", read_text, DG_USER_DEFAULT_SCHEMA, false},
	{"auth_methods", read_methods, DG_USER_AUTH_METHODS, false},
};

/* ---- roles -------------------------------------------------------------- */

static const struct dg_policy_key role_keys[] = {
	{"name", read_name, 0, true},
	{"description", read_text, DG_ROLE_DESCRIPTION, false},
	{"members", read_principals, DG_ROLE_MEMBERS, false},
};

/* ---- clusters ----------------------------------------------------------- */

static void
read_cluster_name(KEY_ARGS)
{
	enum { NAME_MAX_BYTES = 63 };
	struct dg_str name;

	if (!dg_policy_text(r, value, key->name, &name))
		return;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (i > 0 && (c == '.' || c == '_' || c == '-')))
			continue;
		dg_policy_complain(r, value,
				   "the name of a cluster is lower-case "
				   "letters, digits and . _ - inside");
		return;
	}
	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		dg_policy_complain(r, value,
				   "the name of a cluster has 1 to %d "
				   "characters",
				   (int)NAME_MAX_BYTES);
	else
		item->name = name;
}

static void
read_engine(KEY_ARGS)
{
	static const char *const words[] = {"trino", "presto", NULL};

	read_word(r, value, key, item, words, "trino or presto");
}

static void
read_identity(KEY_ARGS)
{
	static const char *const words[] = {"header", "password", NULL};

	read_word(r, value, key, item, words, "header or password");
}

static void
read_cross_check(KEY_ARGS)
{
	static const char *const words[] = {"off", "audit", "enforce", NULL};

	read_word(r, value, key, item, words, "off, audit or enforce");
}

static void
read_mode(KEY_ARGS)
{
	static const char *const words[] = {"enforce", "observe", NULL};

	read_word(r, value, key, item, words, "enforce or observe");
}

/* "NAME=POLICY NAME" */
static void
read_catalog_names(KEY_ARGS)
{
	const struct dg_policy_value *list = &item->fields[key->field];

	read_lower_list(r, value, key, item);
	for (size_t i = 0; i < list->n_items; i++) {
		struct dg_str text = list->items[i];
		size_t equals = dg_str_find(text, '=', 0);

		if (equals == 0 || equals + 1 >= text.len)
			dg_policy_complain(r, value,
					   "\"%.*s\" is not of the form "
					   "NAME_ON_THE_CLUSTER=NAME_IN_RULES",
					   DG_STR_ARG(text));
		else if (i > 0 &&
			 dg_str_starts_with(list->items[i - 1],
					    dg_str_slice(text, 0, equals + 1)))
			dg_policy_complain(
				r, value, "catalog \"%.*s\" has two names",
				DG_STR_ARG(dg_str_slice(text, 0, equals)));
	}
}

static void
read_url(KEY_ARGS)
{
	struct dg_policy_url url;
	struct dg_str text;
	struct dg_error err;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	if (dg_policy_url(text, r->model->arena, &url, &err) != DG_OK) {
		dg_policy_complain(r, value, "url: %s", err.text);
		return;
	}
	item->fields[DG_CLUSTER_TLS].number = url.tls ? 1 : 0;
	item->fields[DG_CLUSTER_HOST].text = url.host;
	item->fields[DG_CLUSTER_PORT].number = url.port;
}

static void
read_secret(KEY_ARGS)
{
	struct dg_str text;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	if (text.len > 5 && dg_str_starts_with(text, DG_STR("file:")))
		item->fields[key->field].text = text;
	else if (text.len > 4 && dg_str_starts_with(text, DG_STR("env:")))
		item->fields[key->field].text = text;
	else /* it may be the secret itself: not a word of it */
		dg_policy_complain(r, value, "%s must be file:PATH or env:NAME",
				   key->name);
}

static const struct dg_policy_key cluster_keys[] = {
	{"name", read_cluster_name, 0, true},
	{"engine", read_engine, DG_CLUSTER_ENGINE, true},
	{"url", read_url, 0, true},
	{"enabled", read_truth, DG_CLUSTER_ENABLED, false},
	{"default", read_truth, DG_CLUSTER_IS_DEFAULT, false},
	{"identity", read_identity, DG_CLUSTER_IDENTITY, false},
	{"service_user", read_text, DG_CLUSTER_SERVICE_USER, false},
	{"service_secret", read_secret, DG_CLUSTER_SERVICE_SECRET, false},
	{"metadata_user", read_text, DG_CLUSTER_METADATA_USER, false},
	{"tls_ca_file", read_text, DG_CLUSTER_TLS_CA_FILE, false},
	{"cross_check", read_cross_check, DG_CLUSTER_CROSS_CHECK, false},
	{"mode", read_mode, DG_CLUSTER_MODE, false},
	{"catalogs", read_catalog_names, DG_CLUSTER_CATALOGS, false},
};

static void
end_cluster(struct dg_policy_reader *r, const yaml_node_t *node,
	    struct dg_policy_item *item)
{
	struct dg_policy_value *f = item->fields;
	bool is_trino = dg_str_eq(f[DG_CLUSTER_ENGINE].text, DG_STR("trino"));

	if (dg_str_eq(f[DG_CLUSTER_IDENTITY].text, DG_STR("password")) &&
	    (f[DG_CLUSTER_SERVICE_USER].text.len == 0 ||
	     f[DG_CLUSTER_SERVICE_SECRET].text.len == 0))
		dg_policy_complain(r, node,
				   "identity password needs service_user and "
				   "service_secret");
	if (f[DG_CLUSTER_TLS_CA_FILE].text.len > 0 &&
	    f[DG_CLUSTER_TLS].number == 0)
		dg_policy_complain(r, node,
				   "tls_ca_file needs an https:// url");
	if (f[DG_CLUSTER_CROSS_CHECK].text.len == 0)
		f[DG_CLUSTER_CROSS_CHECK].text =
			is_trino ? DG_STR("audit") : DG_STR("off");
	else if (!is_trino &&
		 !dg_str_eq(f[DG_CLUSTER_CROSS_CHECK].text, DG_STR("off")))
		dg_policy_complain(r, node,
				   "cross_check needs trino: presto does not "
				   "tell what a query read");
}

/* ---- rules -------------------------------------------------------------- */

static void
read_rule_name(KEY_ARGS)
{
	read_name(r, value, key, item);
	if (dg_str_starts_with(item->name, DG_STR("default: ")))
		dg_policy_complain(r, value,
				   "names beginning with \"default: \" are "
				   "kept for the default rules");
}

static void
read_effect(KEY_ARGS)
{
	static const char *const words[] = {"allow", "deny", NULL};

	read_word(r, value, key, item, words, "allow or deny");
}

static void
read_privileges(KEY_ARGS)
{
	const struct dg_policy_value *list = &item->fields[key->field];

	read_lower_list(r, value, key, item);
	for (size_t i = 0; i < list->n_items; i++)
		if (dg_acl_privilege_parse(list->items[i]) == 0)
			dg_policy_complain(r, value,
					   "unknown privilege \"%.*s\"",
					   DG_STR_ARG(list->items[i]));
}

static void
read_object(KEY_ARGS)
{
	struct dg_policy_value *f = item->fields;
	struct dg_acl_object object;
	enum dg_acl_kind kind;
	struct dg_str text;
	struct dg_error err;

	if (!dg_policy_text(r, value, key->name, &text))
		return;
	if (f[DG_RULE_KIND].text.len > 0) {
		dg_policy_complain(r, value,
				   "a rule has one object, not both %.*s and "
				   "%s",
				   DG_STR_ARG(f[DG_RULE_KIND].text), key->name);
		return;
	}
	f[DG_RULE_KIND].text = dg_str_from_cstr(key->name);
	if (!dg_acl_kind_parse(f[DG_RULE_KIND].text, &kind))
		return; /* the keys are the kinds' names */
	if (dg_policy_object(text, kind, r->model->arena, &object, &err) !=
	    DG_OK) {
		dg_policy_complain(r, value, "%s", err.text);
		return;
	}
	f[DG_RULE_CATALOG].text = object.catalog;
	f[DG_RULE_SCHEMA].text = object.schema;
	f[DG_RULE_NAME].text = object.name;
}

static const struct dg_policy_key rule_keys[] = {
	{"name", read_rule_name, 0, true},
	{"effect", read_effect, DG_RULE_EFFECT, true},
	{"to", read_principals, DG_RULE_PRINCIPALS, true},
	{"except", read_principals, DG_RULE_EXCEPTED, false},
	{"privileges", read_privileges, DG_RULE_PRIVILEGES, true},
	{"catalog", read_object, 0, false},
	{"schema", read_object, 0, false},
	{"table", read_object, 0, false},
	{"function", read_object, 0, false},
	{"procedure", read_object, 0, false},
	{"table_function", read_object, 0, false},
	{"cluster", read_object, 0, false},
	{"property", read_object, 0, false},
	{"user", read_object, 0, false},
	{"query", read_object, 0, false},
	{"columns", read_lower_list, DG_RULE_COLUMNS, false},
	{"tags", read_lower_list, DG_RULE_TAGS, false},
	{"clusters", read_lower_list, DG_RULE_CLUSTERS, false},
	{"networks", read_lower_list, DG_RULE_NETWORKS, false},
	{"break_glass", read_truth, DG_RULE_BREAK_GLASS, false},
	{"valid_from", read_time, DG_RULE_VALID_FROM, false},
	{"valid_until", read_time, DG_RULE_VALID_UNTIL, false},
	{"enabled", read_truth, DG_RULE_ENABLED, false},
	{"reason", read_text, DG_RULE_REASON, false},
};

/* Of a rule that names tags alone: all tables that carry one. */
static void
name_all_tables(struct dg_policy_value *f)
{
	f[DG_RULE_KIND].text = DG_STR("table");
	f[DG_RULE_CATALOG].text = DG_STR("*");
	f[DG_RULE_SCHEMA].text = DG_STR("*");
	f[DG_RULE_NAME].text = DG_STR("*");
}

static void
end_rule(struct dg_policy_reader *r, const yaml_node_t *node,
	 struct dg_policy_item *item)
{
	struct dg_arena_mark mark = dg_arena_mark(r->model->arena);
	struct dg_acl_rule rule;
	struct dg_error err;

	if (item->fields[DG_RULE_KIND].text.len == 0 &&
	    item->fields[DG_RULE_TAGS].n_items > 0)
		name_all_tables(item->fields);
	if (item->fields[DG_RULE_KIND].text.len == 0)
		dg_policy_complain(r, node,
				   "a rule needs an object: table, schema, "
				   "catalog, function, procedure, "
				   "table_function, cluster, property, user or "
				   "query; or tags");
	else if (dg_policy_rule(item, 1, r->model->arena, &rule, &err) != DG_OK)
		dg_policy_complain(r, node, "%s", err.text);
	dg_arena_rewind(r->model->arena, mark);
}

/* ---- catalogs, tags ----------------------------------------------------- */

/* Names that are compared in lower case. */
static void
read_lower_name(KEY_ARGS)
{
	struct dg_error err;

	read_name(r, value, key, item);
	item->name = dg_policy_lower(r->model->arena, item->name);
	if (item->name.data == NULL)
		dg_policy_complain(r, value, "the file is too large");
	else if (item->name.len > 0 &&
		 dg_acl_name_check(key->name, item->name, &err) != DG_OK)
		dg_policy_complain(r, value, "%s", err.text);
}

static const struct dg_policy_key catalog_keys[] = {
	{"name", read_lower_name, 0, true},
	{"mode", read_mode, DG_CATALOG_MODE, false},
	{"description", read_text, DG_CATALOG_DESCRIPTION, false},
};

static void
read_tagged(KEY_ARGS)
{
	struct dg_str *items;
	struct dg_error err;
	size_t n;

	if (!dg_policy_texts(r, value, key->name, &items, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct dg_acl_tagging tagging;
		enum dg_rc rc = dg_policy_tagged(items[i], r->model->arena,
						 &tagging, &err);

		tagging.tag =
			DG_STR("tag"); /* its own name is looked at there */
		if (rc == DG_OK)
			rc = dg_acl_tagging_check(&tagging, &err);
		if (rc == DG_OK)
			rc = dg_policy_tagged_text(&tagging, r->model->arena,
						   &items[i], &err);
		if (rc != DG_OK) {
			dg_policy_complain(r, value, "%s: %s", key->name,
					   err.text);
			return;
		}
	}
	put_list(item, key->field, items, n);
}

static const struct dg_policy_key tag_keys[] = {
	{"name", read_lower_name, 0, true},
	{"description", read_text, DG_TAG_DESCRIPTION, false},
	{"objects", read_tagged, DG_TAG_OBJECTS, false},
};

/* ---- admins ------------------------------------------------------------- */

static void
read_admin_role(KEY_ARGS)
{
	static const char *const words[] = {"admin", "steward", "auditor",
					    NULL};

	read_word(r, value, key, item, words, "admin, steward or auditor");
}

static const struct dg_policy_key admin_keys[] = {
	{"name", read_name, 0, true},
	{"role", read_admin_role, DG_ADMIN_ROLE, true},
	{"to", read_principals, DG_ADMIN_PRINCIPALS, true},
	{"catalogs", read_lower_list, DG_ADMIN_CATALOGS, false},
	{"schemas", read_lower_list, DG_ADMIN_SCHEMAS, false},
	{"tags", read_lower_list, DG_ADMIN_TAGS, false},
};

static void
end_admin(struct dg_policy_reader *r, const yaml_node_t *node,
	  struct dg_policy_item *item)
{
	struct dg_arena_mark mark = dg_arena_mark(r->model->arena);
	struct dg_acl_admin admin;
	struct dg_error err;

	if (item->fields[DG_ADMIN_PRINCIPALS].n_items == 0)
		dg_policy_complain(r, node, "an admin needs a user or role");
	else if (dg_policy_admin(item, r->model->arena, &admin, &err) != DG_OK)
		dg_policy_complain(r, node, "%s", err.text);
	dg_arena_rewind(r->model->arena, mark);
}

/* ---- group mappings ----------------------------------------------------- */

static void
read_role_names(KEY_ARGS)
{
	struct dg_str *items;
	size_t n;

	if (!dg_policy_texts(r, value, key->name, &items, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (items[i].len == 0)
			n = 0;
	if (n == 0)
		dg_policy_complain(r, value, "%s names no role", key->name);
	put_list(item, key->field, items, n);
}

static const struct dg_policy_key group_keys[] = {
	{"name", read_name, 0, true},
	{"roles", read_role_names, DG_GROUP_ROLES, true},
	{"description", read_text, DG_GROUP_DESCRIPTION, false},
};

/* ---- sections ----------------------------------------------------------- */

const struct dg_policy_keys dg_policy_keys[DG_POLICY_SECTIONS] = {
	[DG_POLICY_USERS] = {user_keys, DG_ARRAY_LEN(user_keys)},
	[DG_POLICY_ROLES] = {role_keys, DG_ARRAY_LEN(role_keys)},
	[DG_POLICY_CLUSTERS] = {cluster_keys, DG_ARRAY_LEN(cluster_keys)},
	[DG_POLICY_RULES] = {rule_keys, DG_ARRAY_LEN(rule_keys)},
	[DG_POLICY_CATALOGS] = {catalog_keys, DG_ARRAY_LEN(catalog_keys)},
	[DG_POLICY_TAGS] = {tag_keys, DG_ARRAY_LEN(tag_keys)},
	[DG_POLICY_ADMINS] = {admin_keys, DG_ARRAY_LEN(admin_keys)},
	[DG_POLICY_GROUPS] = {group_keys, DG_ARRAY_LEN(group_keys)},
};

void
dg_policy_begin_item(enum dg_policy_section section,
		     struct dg_policy_item *item)
{
	switch (section) {
	case DG_POLICY_CLUSTERS:
		item->fields[DG_CLUSTER_ENABLED].number = 1;
		item->fields[DG_CLUSTER_IDENTITY].text = DG_STR("header");
		item->fields[DG_CLUSTER_MODE].text = DG_STR("enforce");
		return;
	case DG_POLICY_CATALOGS:
		item->fields[DG_CATALOG_MODE].text = DG_STR("enforce");
		return;
	case DG_POLICY_RULES:
		item->fields[DG_RULE_ENABLED].number = 1;
		return;
	case DG_POLICY_USERS:
	case DG_POLICY_ROLES:
	case DG_POLICY_TAGS:
	case DG_POLICY_ADMINS:
	case DG_POLICY_GROUPS:
	case DG_POLICY_SECTIONS:
		return;
	}
}

void
dg_policy_end_item(struct dg_policy_reader *r, const yaml_node_t *node,
		   enum dg_policy_section section, struct dg_policy_item *item)
{
	switch (section) {
	case DG_POLICY_CLUSTERS:
		end_cluster(r, node, item);
		return;
	case DG_POLICY_RULES:
		end_rule(r, node, item);
		return;
	case DG_POLICY_ROLES:
		if (dg_str_eq(item->name, DG_STR("public")))
			dg_policy_complain(r, node,
					   "role public is built in: it holds "
					   "every user");
		return;
	case DG_POLICY_ADMINS:
		end_admin(r, node, item);
		return;
	case DG_POLICY_USERS:
	case DG_POLICY_CATALOGS:
	case DG_POLICY_TAGS:
	case DG_POLICY_GROUPS:
	case DG_POLICY_SECTIONS:
		return;
	}
}

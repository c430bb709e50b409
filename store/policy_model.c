/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_model.c - the sections with their fields, and items in general.
 */
#include "policy_model.h"

#include <stdlib.h>

#include "base/mem.h"

static const struct dg_policy_field user_fields[] = {
	[DG_USER_PASSWORD_HASH] = {"password_hash", DG_POLICY_TEXT, true},
	[DG_USER_DISABLED] = {"disabled", DG_POLICY_BOOL, false},
	[DG_USER_DEFAULT_CLUSTER] = {"default_cluster", DG_POLICY_TEXT, false},
	[DG_USER_DEFAULT_CATALOG] = {"default_catalog", DG_POLICY_TEXT, false},
	[DG_USER_DEFAULT_SCHEMA] = {"default_schema", DG_POLICY_TEXT, false},
	[DG_USER_AUTH_METHODS] = {"auth_methods", DG_POLICY_LIST, false},
};

static const struct dg_policy_field role_fields[] = {
	[DG_ROLE_DESCRIPTION] = {"description", DG_POLICY_TEXT, false},
	[DG_ROLE_MEMBERS] = {"members", DG_POLICY_LIST, false},
};

static const struct dg_policy_field cluster_fields[] = {
	[DG_CLUSTER_ENGINE] = {"engine", DG_POLICY_TEXT, false},
	[DG_CLUSTER_TLS] = {"tls", DG_POLICY_BOOL, false},
	[DG_CLUSTER_HOST] = {"host", DG_POLICY_TEXT, false},
	[DG_CLUSTER_PORT] = {"port", DG_POLICY_INT, false},
	[DG_CLUSTER_ENABLED] = {"enabled", DG_POLICY_BOOL, false},
	[DG_CLUSTER_IS_DEFAULT] = {"is_default", DG_POLICY_BOOL, false},
	[DG_CLUSTER_IDENTITY] = {"identity", DG_POLICY_TEXT, false},
	[DG_CLUSTER_SERVICE_USER] = {"service_user", DG_POLICY_TEXT, false},
	[DG_CLUSTER_SERVICE_SECRET] = {"service_secret", DG_POLICY_TEXT, false},
	[DG_CLUSTER_METADATA_USER] = {"metadata_user", DG_POLICY_TEXT, false},
	[DG_CLUSTER_TLS_CA_FILE] = {"tls_ca_file", DG_POLICY_TEXT, false},
	[DG_CLUSTER_CROSS_CHECK] = {"cross_check", DG_POLICY_TEXT, false},
	[DG_CLUSTER_MODE] = {"mode", DG_POLICY_TEXT, false},
	[DG_CLUSTER_CATALOGS] = {"catalogs", DG_POLICY_LIST, false},
};

static const struct dg_policy_field rule_fields[] = {
	[DG_RULE_ENABLED] = {"enabled", DG_POLICY_BOOL, false},
	[DG_RULE_EFFECT] = {"effect", DG_POLICY_TEXT, false},
	[DG_RULE_PRIVILEGES] = {"privileges", DG_POLICY_LIST, false},
	[DG_RULE_KIND] = {"kind", DG_POLICY_TEXT, false},
	[DG_RULE_CATALOG] = {"catalog", DG_POLICY_TEXT, false},
	[DG_RULE_SCHEMA] = {"schema_name", DG_POLICY_TEXT, false},
	[DG_RULE_NAME] = {"object_name", DG_POLICY_TEXT, false},
	[DG_RULE_COLUMNS] = {"columns", DG_POLICY_LIST, false},
	[DG_RULE_CLUSTERS] = {"clusters", DG_POLICY_LIST, false},
	[DG_RULE_PRINCIPALS] = {"principals", DG_POLICY_LIST, false},
	[DG_RULE_EXCEPTED] = {"excepted", DG_POLICY_LIST, false},
	[DG_RULE_VALID_FROM] = {"valid_from", DG_POLICY_TIME, false},
	[DG_RULE_VALID_UNTIL] = {"valid_until", DG_POLICY_TIME, false},
	[DG_RULE_REASON] = {"reason", DG_POLICY_TEXT, false},
	[DG_RULE_TAGS] = {"tags", DG_POLICY_LIST, false},
	[DG_RULE_NETWORKS] = {"networks", DG_POLICY_LIST, false},
	[DG_RULE_BREAK_GLASS] = {"break_glass", DG_POLICY_BOOL, false},
};

static const struct dg_policy_field catalog_fields[] = {
	[DG_CATALOG_MODE] = {"mode", DG_POLICY_TEXT, false},
	[DG_CATALOG_DESCRIPTION] = {"description", DG_POLICY_TEXT, false},
};

static const struct dg_policy_field tag_fields[] = {
	[DG_TAG_DESCRIPTION] = {"description", DG_POLICY_TEXT, false},
	[DG_TAG_OBJECTS] = {"objects", DG_POLICY_LIST, false},
};

static const struct dg_policy_field admin_fields[] = {
	[DG_ADMIN_ROLE] = {"role", DG_POLICY_TEXT, false},
	[DG_ADMIN_PRINCIPALS] = {"principals", DG_POLICY_LIST, false},
	[DG_ADMIN_CATALOGS] = {"catalogs", DG_POLICY_LIST, false},
	[DG_ADMIN_SCHEMAS] = {"schemas", DG_POLICY_LIST, false},
	[DG_ADMIN_TAGS] = {"tags", DG_POLICY_LIST, false},
};

static const struct dg_policy_field group_fields[] = {
	[DG_GROUP_ROLES] = {"roles", DG_POLICY_LIST, false},
	[DG_GROUP_DESCRIPTION] = {"description", DG_POLICY_TEXT, false},
};

const struct dg_policy_section_info dg_policy_sections[DG_POLICY_SECTIONS] = {
	[DG_POLICY_USERS] = {"users", "user", user_fields,
			     DG_ARRAY_LEN(user_fields)},
	[DG_POLICY_ROLES] = {"roles", "role", role_fields,
			     DG_ARRAY_LEN(role_fields)},
	[DG_POLICY_CLUSTERS] = {"clusters", "cluster", cluster_fields,
				DG_ARRAY_LEN(cluster_fields)},
	[DG_POLICY_RULES] = {"rules", "rule", rule_fields,
			     DG_ARRAY_LEN(rule_fields)},
	[DG_POLICY_CATALOGS] = {"catalogs", "catalog", catalog_fields,
				DG_ARRAY_LEN(catalog_fields)},
	[DG_POLICY_TAGS] = {"tags", "tag", tag_fields,
			    DG_ARRAY_LEN(tag_fields)},
	[DG_POLICY_ADMINS] = {"admins", "admin", admin_fields,
			      DG_ARRAY_LEN(admin_fields)},
	[DG_POLICY_GROUPS] = {"group_mappings", "group mapping", group_fields,
			      DG_ARRAY_LEN(group_fields)},
};

void
dg_policy_model_init(struct dg_policy_model *model, size_t max_bytes)
{
	*model = (struct dg_policy_model){.default_rules = -1};
	model->arena = dg_arena_create(max_bytes);
	for (unsigned i = 0; i < DG_POLICY_SECTIONS; i++)
		dg_map_init(&model->lists[i].names, NULL);
}

void
dg_policy_model_fini(struct dg_policy_model *model)
{
	for (unsigned i = 0; i < DG_POLICY_SECTIONS; i++) {
		struct dg_policy_list *list = &model->lists[i];

		for (size_t j = 0; j < list->n; j++) {
			struct dg_str *plain = &list->items[j]->plain;

			if (plain->data == NULL)
				continue;
			dg_wipe((void *)(uintptr_t)plain->data, plain->len);
			dg_str_free(plain);
		}
		dg_free(list->items);
		dg_map_fini(&list->names);
	}
	dg_arena_destroy(&model->arena);
}

struct dg_policy_item *
dg_policy_add(struct dg_policy_model *model, enum dg_policy_section section)
{
	struct dg_policy_list *list = &model->lists[section];
	struct dg_policy_item *item =
		DG_ARENA_NEW(model->arena, struct dg_policy_item);

	if (item == NULL)
		return NULL;
	for (unsigned i = 0; i < DG_POLICY_FIELDS_MAX; i++)
		if (i >= dg_policy_sections[section].n_fields ||
		    dg_policy_sections[section].fields[i].type !=
			    DG_POLICY_TIME)
			item->fields[i].text = DG_STR_EMPTY;
	if (list->n == list->capacity) {
		list->capacity = list->n == 0 ? 64 : 2 * list->n;
		list->items =
			dg_realloc(list->items, list->capacity, sizeof(void *));
	}
	list->items[list->n++] = item;
	return item;
}

enum dg_rc
dg_policy_enter(struct dg_policy_model *model, enum dg_policy_section section,
		struct dg_policy_item *item)
{
	struct dg_map *names = &model->lists[section].names;

	if (dg_map_get(names, item->name) != NULL)
		return DG_ERR_CONFLICT;
	return dg_map_put(names, item->name, item, NULL);
}

const struct dg_policy_item *
dg_policy_find(const struct dg_policy_model *model,
	       enum dg_policy_section section, struct dg_str name)
{
	return dg_map_get(&model->lists[section].names, name);
}

static int
compare_items(const void *a, const void *b)
{
	const struct dg_str *x = a;
	const struct dg_str *y = b;

	return dg_str_cmp(*x, *y);
}

static int
compare_names(const void *a, const void *b)
{
	struct dg_policy_item *const *x = a;
	struct dg_policy_item *const *y = b;

	return dg_str_cmp((*x)->name, (*y)->name);
}

void
dg_policy_sort_list(struct dg_policy_list *list)
{
	if (list->n > 0)
		qsort(list->items, list->n, sizeof(void *), compare_names);
}

size_t
dg_policy_sort(struct dg_str *items, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(items, n, sizeof(*items), compare_items);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !dg_str_eq(items[i], items[kept - 1]))
			items[kept++] = items[i];
	return kept;
}

static bool
lists_equal(const struct dg_policy_value *a, const struct dg_policy_value *b)
{
	if (a->n_items != b->n_items)
		return false;
	for (size_t i = 0; i < a->n_items; i++)
		if (!dg_str_eq(a->items[i], b->items[i]))
			return false;
	return true;
}

bool
dg_policy_equal(enum dg_policy_type type, const struct dg_policy_value *a,
		const struct dg_policy_value *b)
{
	switch (type) {
	case DG_POLICY_TEXT:
		return dg_str_eq(a->text, b->text);
	case DG_POLICY_TIME:
		return (a->text.data == NULL) == (b->text.data == NULL) &&
		       dg_str_eq(a->text, b->text);
	case DG_POLICY_BOOL:
	case DG_POLICY_INT:
		return a->number == b->number;
	case DG_POLICY_LIST:
		return lists_equal(a, b);
	}
	return false;
}

bool
dg_policy_value_is_empty(const struct dg_policy_value *value)
{
	return value->text.len == 0 && value->number == 0 &&
	       value->n_items == 0;
}

void
dg_policy_value_put(struct dg_json_writer *w, enum dg_policy_type type,
		    const struct dg_policy_value *value)
{
	switch (type) {
	case DG_POLICY_TEXT:
		dg_json_put_str(w, value->text);
		return;
	case DG_POLICY_TIME:
		if (value->text.data == NULL)
			dg_json_put_null(w);
		else
			dg_json_put_str(w, value->text);
		return;
	case DG_POLICY_BOOL:
		dg_json_put_bool(w, value->number != 0);
		return;
	case DG_POLICY_INT:
		dg_json_put_int(w, value->number);
		return;
	case DG_POLICY_LIST:
		dg_json_array_open(w);
		for (size_t i = 0; i < value->n_items; i++)
			dg_json_put_str(w, value->items[i]);
		dg_json_array_close(w);
		return;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_stored.c - what is stored, as a model.
 *
 * One statement, hence one moment; JSON whose keys are the columns, so that
 * the tables of policy_model.c say how to read it. Built-in roles and rules
 * are left out: files do not speak about them.
 */
#include "policy_model.h"

enum { STORED_MAX_BYTES = 1 << 30 };

#define TIME(column) \
	"'" column "', replace(to_char(" column " AT TIME ZONE 'UTC', " \
	"'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000Z', 'Z')"

/* An index is used: the array is known before the table is read. */
#define WANTED(section, row) \
	"($1::jsonb IS NULL OR " row ".name = ANY (ARRAY(" \
	"SELECT jsonb_array_elements_text($1::jsonb -> '" section "'))))"
#define WANTED_USER WANTED("users", "u")
#define WANTED_ROLE WANTED("roles", "r")
#define WANTED_CLUSTER WANTED("clusters", "c")
#define WANTED_RULE WANTED("rules", "r")
#define WANTED_CATALOG WANTED("catalogs", "k")
#define WANTED_TAG WANTED("tags", "t")
#define WANTED_ADMIN WANTED("admins", "a")
#define WANTED_GROUP WANTED("group_mappings", "g")
#define RULE_TIMES TIME("valid_from") ", " TIME("valid_until")

static const char stored_sql[] =
	"SELECT jsonb_build_object("
	"'version', (SELECT version FROM datagateway.policy_version),"
	"'default_rules', (SELECT CASE WHEN bool_and(enabled) THEN 1"
	" WHEN bool_or(enabled) THEN 2 ELSE 0 END"
	" FROM datagateway.rules WHERE builtin),"
	"'users', (SELECT jsonb_agg(to_jsonb(u)) FROM datagateway.users u"
	" WHERE " WANTED_USER "),"
	"'roles', (SELECT jsonb_agg(to_jsonb(r) || jsonb_build_object("
	" 'members', ARRAY(SELECT coalesce('user:' || m.member_user,"
	" 'role:' || m.member_role) FROM datagateway.role_members m"
	" WHERE m.role = r.name))) FROM datagateway.roles r"
	" WHERE NOT r.builtin AND " WANTED_ROLE "),"
	"'clusters', (SELECT jsonb_agg(to_jsonb(c)) FROM datagateway.clusters"
	" c WHERE " WANTED_CLUSTER "),"
	"'catalogs', (SELECT jsonb_agg(to_jsonb(k)) FROM datagateway.catalogs"
	" k WHERE " WANTED_CATALOG "),"
	"'tags', (SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object("
	" 'objects', ARRAY(SELECT datagateway.object_text(o.catalog,"
	" o.schema_name, o.object_name, o.column_name)"
	" FROM datagateway.tag_objects o WHERE o.tag = t.name)))"
	" FROM datagateway.tags t WHERE " WANTED_TAG "),"
	"'admins', (SELECT jsonb_agg(to_jsonb(a)) FROM datagateway.admins a"
	" WHERE " WANTED_ADMIN "),"
	"'group_mappings', (SELECT jsonb_agg(to_jsonb(g))"
	" FROM datagateway.group_mappings g WHERE " WANTED_GROUP "),"
	"'rules', (SELECT jsonb_agg(to_jsonb(r) ||"
	" jsonb_build_object(" RULE_TIMES ")) FROM datagateway.rules r"
	" WHERE NOT r.builtin AND " WANTED_RULE "))";

struct reading {
	struct dg_policy_model *model;
	enum dg_rc rc;
	struct dg_error *err;
};

static enum dg_rc
not_understood(const struct reading *r, const char *what)
{
	return dg_error_set(r->err, DG_ERR_INTERNAL,
			    "the stored policy is not understood: %s", what);
}

static enum dg_rc
no_room(const struct reading *r)
{
	return dg_error_set(r->err, DG_ERR_LIMIT,
			    "the stored policy is too large");
}

static enum dg_rc
read_text(const struct reading *r, const struct dg_json *json,
	  struct dg_str *out)
{
	struct dg_str text;

	if (!dg_json_string(json, &text))
		return not_understood(r, "a text");
	*out = dg_arena_str(r->model->arena, text);
	return out->data == NULL ? no_room(r) : DG_OK;
}

static enum dg_rc
read_list(const struct reading *r, const struct dg_json *json,
	  struct dg_policy_value *out)
{
	size_t n = dg_json_size(json);
	struct dg_str *items =
		DG_ARENA_ARRAY(r->model->arena, struct dg_str, n);

	if (!dg_json_is_array(json))
		return not_understood(r, "a list");
	if (items == NULL)
		return no_room(r);
	for (size_t i = 0; i < n; i++) {
		enum dg_rc rc = read_text(r, dg_json_at(json, i), &items[i]);

		if (rc != DG_OK)
			return rc;
	}
	out->items = items;
	out->n_items = dg_policy_sort(items, n);
	return DG_OK;
}

static enum dg_rc
read_field(const struct reading *r, const struct dg_json *json,
	   enum dg_policy_type type, struct dg_policy_value *out)
{
	struct dg_str ignored;
	bool truth;

	switch (type) {
	case DG_POLICY_TEXT:
		return read_text(r, json, &out->text);
	case DG_POLICY_TIME:
		if (!dg_json_string(json, &ignored))
			return DG_OK; /* null: no such time */
		return read_text(r, json, &out->text);
	case DG_POLICY_BOOL:
		if (!dg_json_bool(json, &truth))
			return not_understood(r, "a truth value");
		out->number = truth ? 1 : 0;
		return DG_OK;
	case DG_POLICY_INT:
		if (!dg_json_int(json, &out->number))
			return not_understood(r, "a number");
		return DG_OK;
	case DG_POLICY_LIST:
		return read_list(r, json, out);
	}
	return not_understood(r, "a type");
}

static enum dg_rc
read_item(const struct reading *r, enum dg_policy_section section,
	  const struct dg_json *json)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[section];
	struct dg_policy_item *item = dg_policy_add(r->model, section);
	enum dg_rc rc;

	if (item == NULL)
		return no_room(r);
	rc = read_text(r, dg_json_get(json, "name"), &item->name);
	for (size_t i = 0; rc == DG_OK && i < info->n_fields; i++)
		rc = read_field(r, dg_json_get(json, info->fields[i].name),
				info->fields[i].type, &item->fields[i]);
	if (rc == DG_OK)
		rc = dg_policy_enter(r->model, section, item);
	return rc;
}

static enum dg_rc
read_all(const struct reading *r, const struct dg_json *root)
{
	int64_t default_rules;
	enum dg_rc rc = DG_OK;

	if (!dg_json_int(dg_json_get(root, "version"), &r->model->version) ||
	    !dg_json_int(dg_json_get(root, "default_rules"), &default_rules))
		return not_understood(r, "the version");
	r->model->default_rules = (int)default_rules;
	for (unsigned s = 0; s < DG_POLICY_SECTIONS; s++) {
		/* null when there is none */
		const struct dg_json *list =
			dg_json_get(root, dg_policy_sections[s].name);

		for (size_t i = 0; rc == DG_OK && i < dg_json_size(list); i++)
			rc = read_item(r, (enum dg_policy_section)s,
				       dg_json_at(list, i));
		r->model->lists[s].is_there = true;
	}
	return rc;
}

static void
on_stored(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err DG_UNUSED)
{
	struct reading *r = arg;
	struct dg_json *root = NULL;

	r->rc = rc;
	if (rc != DG_OK)
		return;
	if (dg_pg_rows(result) != 1) {
		r->rc = not_understood(r, "the answer");
		return;
	}
	r->rc = dg_json_parse(dg_pg_get(result, 0, 0), STORED_MAX_BYTES, &root,
			      r->err);
	if (r->rc == DG_OK)
		r->rc = read_all(r, root);
	dg_json_destroy(&root);
}

enum dg_rc
dg_policy_read_stored(struct dg_pg *pg, struct dg_loop *loop,
		      struct dg_str wanted, struct dg_policy_model *model,
		      struct dg_error *err)
{
	struct reading r = {.model = model, .err = err};
	enum dg_rc rc = dg_pg_query_wait(pg, loop, stored_sql, &wanted, 1,
					 on_stored, &r, err);

	return rc == DG_OK ? r.rc : rc;
}

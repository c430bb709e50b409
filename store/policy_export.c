/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_export.c - items under the keys of policy files.
 *
 * What policy_keys.c reads; reading what is written here gives the same item,
 * passwords excepted: those stay in Postgres. What is empty is left out, as
 * files do; truth values are always told.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "policy_model.h"

enum { STORED_MAX_BYTES = 1 << 30 };

/* Columns that have another name in files; NULL: put together below. */
static const struct {
	const char *column;
	const char *key;
} names[] = {
	{"is_default", "default"},
	{"principals", "to"},
	{"excepted", "except"},
	{"tls", NULL},
	{"host", NULL},
	{"port", NULL},
	{"kind", NULL},
	{"catalog", NULL},
	{"schema_name", NULL},
	{"object_name", NULL},
};

/* NULL: no key of its own. */
static const char *
key_of(const struct dg_policy_field *field)
{
	if (field->is_secret)
		return NULL;
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++)
		if (strcmp(names[i].column, field->name) == 0)
			return names[i].key;
	return field->name;
}

static bool
is_left_out(const struct dg_policy_field *field,
	    const struct dg_policy_value *value)
{
	return field->type != DG_POLICY_BOOL && dg_policy_value_is_empty(value);
}

/* ---- what is put together ------------------------------------------------ */

static enum dg_rc
put_url(struct dg_arena *arena, struct dg_json_writer *w,
	const struct dg_policy_value *f)
{
	struct dg_str host = f[DG_CLUSTER_HOST].text;
	bool is_v6 = dg_str_find(host, ':', 0) < host.len;
	struct dg_str url = dg_arena_printf(
		arena, "%s://%s%.*s%s:%lld",
		f[DG_CLUSTER_TLS].number != 0 ? "https" : "http",
		is_v6 ? "[" : "", DG_STR_ARG(host), is_v6 ? "]" : "",
		(long long)f[DG_CLUSTER_PORT].number);

	if (url.data == NULL)
		return DG_ERR_LIMIT;
	dg_json_key(w, "url");
	dg_json_put_str(w, url);
	return DG_OK;
}

/* A part in quotes where it would be read as something else. */
static enum dg_rc
append_part(struct dg_buf *out, struct dg_str part)
{
	enum dg_rc rc =
		dg_buf_len(out) > 0 ? dg_buf_append_char(out, '.') : DG_OK;
	bool quoted = dg_str_find(part, '.', 0) < part.len ||
		      dg_str_find(part, '"', 0) < part.len;

	if (rc == DG_OK && quoted)
		rc = dg_buf_append_char(out, '"');
	for (size_t i = 0; rc == DG_OK && i < part.len; i++) {
		if (part.data[i] == '"')
			rc = dg_buf_append_char(out, '"');
		if (rc == DG_OK)
			rc = dg_buf_append_char(out, part.data[i]);
	}
	if (rc == DG_OK && quoted)
		rc = dg_buf_append_char(out, '"');
	return rc;
}

static enum dg_rc
put_object(struct dg_arena *arena, struct dg_json_writer *w,
	   const struct dg_policy_value *f)
{
	enum { OBJECT_MAX_BYTES = 1 << 20 };
	const struct dg_str parts[] = {f[DG_RULE_CATALOG].text,
				       f[DG_RULE_SCHEMA].text,
				       f[DG_RULE_NAME].text};
	bool has_parts = parts[0].len > 0;
	struct dg_buf text;
	struct dg_str copy;
	enum dg_rc rc = DG_OK;

	if (f[DG_RULE_KIND].text.len == 0)
		return DG_OK;
	dg_json_key_str(w, f[DG_RULE_KIND].text);
	if (!has_parts) { /* one name, dots and all */
		dg_json_put_str(w, parts[2]);
		return DG_OK;
	}
	dg_buf_init(&text, OBJECT_MAX_BYTES);
	for (size_t i = 0; rc == DG_OK && i < DG_ARRAY_LEN(parts); i++)
		if (parts[i].len > 0)
			rc = append_part(&text, parts[i]);
	copy = dg_arena_str(arena, dg_buf_peek(&text));
	dg_buf_fini(&text);
	if (rc != DG_OK || copy.data == NULL)
		return DG_ERR_LIMIT;
	dg_json_put_str(w, copy);
	return DG_OK;
}

static enum dg_rc
put_rest(struct dg_arena *arena, struct dg_json_writer *w,
	 enum dg_policy_section section, const struct dg_policy_value *fields)
{
	if (section == DG_POLICY_CLUSTERS)
		return put_url(arena, w, fields);
	if (section == DG_POLICY_RULES)
		return put_object(arena, w, fields);
	return DG_OK;
}

enum dg_rc
dg_policy_put_item(struct dg_arena *arena, struct dg_json_writer *w,
		   enum dg_policy_section section,
		   const struct dg_policy_item *item)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[section];
	enum dg_rc rc;

	dg_json_object_open(w);
	dg_json_key(w, "name");
	dg_json_put_str(w, item->name);
	rc = put_rest(arena, w, section, item->fields);
	for (size_t i = 0; i < info->n_fields; i++) {
		const struct dg_policy_field *field = &info->fields[i];
		const char *key = key_of(field);

		if (key == NULL || is_left_out(field, &item->fields[i]))
			continue;
		dg_json_key(w, key);
		dg_policy_value_put(w, field->type, &item->fields[i]);
	}
	dg_json_object_close(w);
	return rc;
}

/* ---- all of it ----------------------------------------------------------- */

static enum dg_rc
put_section(struct dg_arena *arena, struct dg_json_writer *w,
	    enum dg_policy_section section, struct dg_policy_list *list)
{
	enum dg_rc rc = DG_OK;

	dg_policy_sort_list(list);
	dg_json_key(w, dg_policy_sections[section].name);
	dg_json_array_open(w);
	for (size_t i = 0; rc == DG_OK && i < list->n; i++) {
		dg_arena_reset(arena);
		rc = dg_policy_put_item(arena, w, section, list->items[i]);
	}
	dg_json_array_close(w);
	return rc;
}

enum dg_rc
dg_store_policy_export(struct dg_pg *pg, struct dg_loop *loop,
		       struct dg_buf *json_out, int64_t *version_out,
		       struct dg_error *err)
{
	struct dg_arena *arena = dg_arena_create(STORED_MAX_BYTES);
	struct dg_policy_model model;
	struct dg_json_writer w;
	enum dg_rc rc;

	dg_policy_model_init(&model, STORED_MAX_BYTES);
	dg_json_begin(&w, json_out);
	rc = dg_policy_read_stored(pg, loop, dg_str_make(NULL, 0), &model, err);
	dg_json_object_open(&w);
	for (unsigned s = 0; rc == DG_OK && s < DG_POLICY_SECTIONS; s++)
		rc = put_section(arena, &w, (enum dg_policy_section)s,
				 &model.lists[s]);
	if (model.default_rules < 2) { /* else some are on, some are off */
		dg_json_key(&w, "default_rules");
		dg_json_put_bool(&w, model.default_rules == 1);
	}
	dg_json_object_close(&w);
	*version_out = model.version;
	if (rc == DG_OK && dg_json_finish(&w) != DG_OK)
		rc = dg_error_set(err, DG_ERR_LIMIT, "the policy is too large");
	dg_policy_model_fini(&model);
	dg_arena_destroy(&arena);
	return rc;
}

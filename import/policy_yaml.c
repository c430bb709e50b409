/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_yaml.c - an imported policy as a policy file (docs/policy.md), each
 * rule under a comment that says where it comes from.
 */
#include <stdarg.h>

#include "base/json.h"
#include "import/import.h"

struct writer {
	struct dg_buf *out;
	enum dg_rc rc;
};

static void
put(struct writer *w, struct dg_str s)
{
	if (w->rc == DG_OK)
		w->rc = dg_buf_append(w->out, s);
}

static void
put_text(struct writer *w, const char *s)
{
	put(w, dg_str_from_cstr(s));
}

static bool
is_plain(struct dg_str s)
{
	if (s.len == 0 || !(s.data[0] >= 'a' && s.data[0] <= 'z'))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.data[i] >= 'a' && s.data[i] <= 'z') ||
		      (s.data[i] >= '0' && s.data[i] <= '9') ||
		      s.data[i] == '_' || s.data[i] == '-' ||
		      (s.data[i] == '.' && i + 1 < s.len)))
			return false;
	return !dg_str_eq(s, DG_STR("true")) &&
	       !dg_str_eq(s, DG_STR("false")) &&
	       !dg_str_eq(s, DG_STR("null")) && !dg_str_eq(s, DG_STR("yes")) &&
	       !dg_str_eq(s, DG_STR("no")) && !dg_str_eq(s, DG_STR("on")) &&
	       !dg_str_eq(s, DG_STR("off")) && !dg_str_eq(s, DG_STR("y")) &&
	       !dg_str_eq(s, DG_STR("n"));
}

/* A scalar; strings of JSON are strings of YAML. */
static void
put_scalar(struct writer *w, struct dg_str s)
{
	if (is_plain(s))
		put(w, s);
	else if (w->rc == DG_OK)
		w->rc = dg_json_append_string(w->out, s);
}

static void
put_prefixed(struct writer *w, const char *prefix, struct dg_str name)
{
	struct dg_buf both;

	dg_buf_init(&both, name.len + 16);
	if (dg_buf_append(&both, dg_str_from_cstr(prefix)) != DG_OK ||
	    dg_buf_append(&both, name) != DG_OK)
		w->rc = DG_ERR_LIMIT;
	if (name.len > 0 && is_plain(name)) /* "role:x" is plain as well */
		put(w, dg_buf_peek(&both));
	else if (w->rc == DG_OK)
		w->rc = dg_json_append_string(w->out, dg_buf_peek(&both));
	dg_buf_fini(&both);
}

static void
put_principals(struct writer *w, const char *key,
	       const struct dg_acl_principal *items, size_t n)
{
	if (n == 0)
		return;
	put_text(w, "    ");
	put_text(w, key);
	put_text(w, ": [");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put_text(w, ", ");
		if (items[i].is_role &&
		    dg_str_eq(items[i].name, DG_STR("public")))
			put_text(w, "public");
		else
			put_prefixed(w, items[i].is_role ? "role:" : "user:",
				     items[i].name);
	}
	put_text(w, "]\n");
}

static void
put_names(struct writer *w, const char *key, const struct dg_str *items,
	  size_t n)
{
	put_text(w, "    ");
	put_text(w, key);
	put_text(w, ": [");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put_text(w, ", ");
		put_scalar(w, items[i]);
	}
	put_text(w, "]\n");
}

/* In quotes when it holds a dot or a quote; then `"` is written twice. */
static void
add_part(struct writer *w, struct dg_buf *to, struct dg_str part)
{
	bool is_quoted = dg_str_find(part, '.', 0) < part.len ||
			 dg_str_find(part, '"', 0) < part.len;
	enum dg_rc rc = DG_OK;

	if (dg_buf_len(to) > 0)
		rc = dg_buf_append_char(to, '.');
	if (rc == DG_OK && is_quoted)
		rc = dg_buf_append_char(to, '"');
	for (size_t i = 0; rc == DG_OK && i < part.len; i++) {
		rc = dg_buf_append_char(to, part.data[i]);
		if (rc == DG_OK && part.data[i] == '"')
			rc = dg_buf_append_char(to, '"');
	}
	if (rc == DG_OK && is_quoted)
		rc = dg_buf_append_char(to, '"');
	if (rc != DG_OK)
		w->rc = rc;
}

static void
put_object(struct writer *w, const struct dg_acl_object *o)
{
	const struct dg_str parts[] = {o->catalog, o->schema, o->name};
	struct dg_buf text;

	dg_buf_init(&text, 65536);
	if (o->catalog.len == 0) { /* one part is taken as it is */
		if (dg_buf_append(&text, o->name) != DG_OK)
			w->rc = DG_ERR_LIMIT;
	} else {
		for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++)
			if (parts[i].len > 0)
				add_part(w, &text, parts[i]);
	}
	put_text(w, "    ");
	put_text(w, dg_acl_kind_name(o->kind));
	put_text(w, ": ");
	put_scalar(w, dg_buf_peek(&text));
	put_text(w, "\n");
	dg_buf_fini(&text);
}

static void
put_rule(struct writer *w, const struct dg_import_rule *rule)
{
	bool is_first = true;

	put_text(w, "\n  # ");
	put(w, rule->source);
	put_text(w, "\n  - name: ");
	put_scalar(w, rule->name);
	put_text(w, rule->effect == DG_ACL_ALLOW ? "\n    effect: allow\n"
						 : "\n    effect: deny\n");
	put_principals(w, "to", rule->to, rule->n_to);
	put_principals(w, "except", rule->except, rule->n_except);
	put_text(w, "    privileges: [");
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++)
		if ((rule->privileges & DG_ACL_BIT(p)) != 0) {
			put_text(w, is_first ? "" : ", ");
			put_text(w, dg_acl_privilege_name(
					    (enum dg_acl_privilege)p));
			is_first = false;
		}
	put_text(w, "]\n");
	put_object(w, &rule->object);
	if (rule->n_columns > 0)
		put_names(w, "columns", rule->columns, rule->n_columns);
}

static void
put_people(struct writer *w, const struct dg_import_policy *policy)
{
	put_text(w, policy->n_users == 0 ? "users: []\n\n" : "users:\n");
	for (size_t i = 0; i < policy->n_users; i++) {
		put_text(w, "  - name: ");
		put_scalar(w, policy->users[i]);
		put_text(w, "\n");
	}
	put_text(w, policy->n_roles == 0 ? "\nroles: []\n" : "\nroles:\n");
	for (size_t i = 0; i < policy->n_roles; i++) {
		const struct dg_import_role *role = &policy->roles[i];

		put_text(w, "  - name: ");
		put_scalar(w, role->name);
		put_text(w, "\n    members: [");
		for (size_t j = 0; j < role->n_members; j++) {
			put_text(w, j > 0 ? ", " : "");
			put_prefixed(w, "user:", role->members[j]);
		}
		put_text(w, "]\n");
	}
	put_text(w, "\n");
}

enum dg_rc
dg_import_write_yaml(const struct dg_import_policy *policy,
		     const struct dg_import_yaml *how, struct dg_buf *out)
{
	struct writer w = {.out = out};

	put_text(&w, "# Made by `datagateway admin import trino-rules` from ");
	for (size_t i = 0; i < how->file_name.len; i++)
		put(&w, (unsigned char)how->file_name.data[i] < ' '
				? DG_STR("?")
				: dg_str_slice(how->file_name, i, i + 1));
	put_text(&w, ".\n\n");
	if (how->with_people)
		put_people(&w, policy);
	put_text(&w, "default_rules: false\n\n");
	put_text(&w, policy->n_rules == 0 ? "rules: []\n" : "rules:");
	for (size_t i = 0; i < policy->n_rules; i++)
		put_rule(&w, &policy->rules[i]);
	return w.rc;
}

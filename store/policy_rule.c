/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_rule.c - items as acl takes them, and whether the whole makes sense.
 *
 * The judge is acl's own builder: what it takes here, replicas will load.
 */
#include "admin_rows.h"
#include "base/assert.h"
#include "base/mem.h"
#include "policy_model.h"
#include "policy_text.h"

enum { SCRATCH_BYTES = 64 << 20, BUILDER_BYTES = 1 << 30 };

/* "user:NAME" or "role:NAME" */
static struct dg_acl_principal
principal_of(struct dg_str token)
{
	return (struct dg_acl_principal){
		.is_role = dg_str_starts_with(token, DG_STR("role:")),
		.name = dg_str_slice(token, 5, token.len)};
}

static const struct dg_acl_principal *
principals_of(const struct dg_policy_value *value, struct dg_arena *arena)
{
	struct dg_acl_principal *out =
		DG_ARENA_ARRAY(arena, struct dg_acl_principal, value->n_items);

	for (size_t i = 0; out != NULL && i < value->n_items; i++)
		out[i] = principal_of(value->items[i]);
	return out;
}

enum dg_rc
dg_policy_rule(const struct dg_policy_item *item, int64_t id,
	       struct dg_arena *arena, struct dg_acl_rule *rule_out,
	       struct dg_error *err)
{
	const struct dg_policy_value *f = item->fields;

	*rule_out = (struct dg_acl_rule){
		.id = id,
		.effect = dg_str_eq(f[DG_RULE_EFFECT].text, DG_STR("deny"))
				  ? DG_ACL_DENY
				  : DG_ACL_ALLOW,
		.principals = principals_of(&f[DG_RULE_PRINCIPALS], arena),
		.n_principals = f[DG_RULE_PRINCIPALS].n_items,
		.except = principals_of(&f[DG_RULE_EXCEPTED], arena),
		.n_except = f[DG_RULE_EXCEPTED].n_items,
		.object = {.catalog = f[DG_RULE_CATALOG].text,
			   .schema = f[DG_RULE_SCHEMA].text,
			   .name = f[DG_RULE_NAME].text},
		.columns = f[DG_RULE_COLUMNS].items,
		.n_columns = f[DG_RULE_COLUMNS].n_items,
		.clusters = f[DG_RULE_CLUSTERS].items,
		.n_clusters = f[DG_RULE_CLUSTERS].n_items,
		.tags = f[DG_RULE_TAGS].items,
		.n_tags = f[DG_RULE_TAGS].n_items,
		.networks = f[DG_RULE_NETWORKS].items,
		.n_networks = f[DG_RULE_NETWORKS].n_items,
		.reason = f[DG_RULE_REASON].text,
	};
	if (rule_out->principals == NULL || rule_out->except == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "the list is too long");
	if (!dg_acl_kind_parse(f[DG_RULE_KIND].text, &rule_out->object.kind))
		return dg_error_set(err, DG_ERR_INVALID, "unknown kind");
	for (size_t i = 0; i < f[DG_RULE_PRIVILEGES].n_items; i++)
		rule_out->privileges |=
			dg_acl_privilege_parse(f[DG_RULE_PRIVILEGES].items[i]);
	rule_out->break_glass = f[DG_RULE_BREAK_GLASS].number != 0;
	if (dg_policy_time_us(f[DG_RULE_VALID_FROM].text,
			      &rule_out->valid_from_us) != DG_OK ||
	    dg_policy_time_us(f[DG_RULE_VALID_UNTIL].text,
			      &rule_out->valid_until_us) != DG_OK)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a time is not understood");
	/* 0 would be for ever. */
	if (f[DG_RULE_VALID_UNTIL].text.data != NULL &&
	    rule_out->valid_until_us == 0)
		rule_out->valid_until_us = 1;
	return dg_acl_rule_check(rule_out, err);
}

enum dg_rc
dg_policy_admin(const struct dg_policy_item *item, struct dg_arena *arena,
		struct dg_acl_admin *admin_out, struct dg_error *err)
{
	const struct dg_policy_value *f = item->fields;
	const struct dg_store_admin_texts texts = {
		.role = f[DG_ADMIN_ROLE].text,
		.catalogs = f[DG_ADMIN_CATALOGS].items,
		.n_catalogs = f[DG_ADMIN_CATALOGS].n_items,
		.schemas = f[DG_ADMIN_SCHEMAS].items,
		.n_schemas = f[DG_ADMIN_SCHEMAS].n_items,
		.tags = f[DG_ADMIN_TAGS].items,
		.n_tags = f[DG_ADMIN_TAGS].n_items,
	};

	return dg_store_admin_make(&texts, arena, admin_out, err);
}

/* ---- the whole ---------------------------------------------------------- */

struct whole {
	const struct dg_policy_model *file;
	const struct dg_policy_model *stored; /* may be NULL */
	struct dg_arena *scratch;
	struct dg_error *err;
};

/* The section as it would be; NULL when that is not known. */
static const struct dg_policy_list *
section_of(const struct whole *w, enum dg_policy_section section)
{
	if (w->file->lists[section].is_there)
		return &w->file->lists[section];
	return w->stored == NULL ? NULL : &w->stored->lists[section];
}

/* "line 12: role \"x\"" in front of what is wrong with it */
static enum dg_rc
wrap(const struct whole *w, enum dg_policy_section section,
     const struct dg_policy_item *item)
{
	const char *one = dg_policy_sections[section].one;

	if (item->line > 0 && !w->file->is_json)
		return dg_error_wrap(w->err, "line %u: %s \"%.*s\"", item->line,
				     one, DG_STR_ARG(item->name));
	return dg_error_wrap(w->err, "%s \"%.*s\"", one,
			     DG_STR_ARG(item->name));
}

static enum dg_rc
add_names(const struct whole *w, struct dg_acl_builder *builder)
{
	const struct dg_policy_list *users = section_of(w, DG_POLICY_USERS);
	const struct dg_policy_list *roles = section_of(w, DG_POLICY_ROLES);
	enum dg_rc rc = DG_OK;

	DG_ASSERT(users != NULL && roles != NULL);
	for (size_t i = 0; rc == DG_OK && i < users->n; i++)
		rc = dg_acl_add_user(builder, users->items[i]->name, w->err);
	for (size_t i = 0; rc == DG_OK && i < roles->n; i++)
		rc = dg_acl_add_role(builder, roles->items[i]->name, w->err);
	for (size_t i = 0; rc == DG_OK && i < roles->n; i++) {
		const struct dg_policy_item *role = roles->items[i];
		const struct dg_policy_value *members =
			&role->fields[DG_ROLE_MEMBERS];

		for (size_t j = 0; rc == DG_OK && j < members->n_items; j++)
			rc = dg_acl_add_member(builder, role->name,
					       principal_of(members->items[j]),
					       w->err);
		if (rc != DG_OK)
			rc = wrap(w, DG_POLICY_ROLES, role);
	}
	return rc;
}

static enum dg_rc
add_rules(const struct whole *w, struct dg_acl_builder *builder)
{
	const struct dg_policy_list *rules = section_of(w, DG_POLICY_RULES);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rules != NULL && rc == DG_OK && i < rules->n; i++) {
		struct dg_acl_rule rule;

		dg_arena_reset(w->scratch);
		rc = dg_policy_rule(rules->items[i], (int64_t)i + 1, w->scratch,
				    &rule, w->err);
		if (rc == DG_OK)
			rc = dg_acl_add_rule(builder, &rule, w->err);
		if (rc != DG_OK)
			rc = wrap(w, DG_POLICY_RULES, rules->items[i]);
	}
	return rc;
}

static enum dg_rc
add_taggings(const struct whole *w, struct dg_acl_builder *builder)
{
	const struct dg_policy_list *tags = section_of(w, DG_POLICY_TAGS);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; tags != NULL && rc == DG_OK && i < tags->n; i++) {
		const struct dg_policy_value *objects =
			&tags->items[i]->fields[DG_TAG_OBJECTS];

		dg_arena_reset(w->scratch);
		for (size_t j = 0; rc == DG_OK && j < objects->n_items; j++) {
			struct dg_acl_tagging tagging;

			rc = dg_policy_tagged(objects->items[j], w->scratch,
					      &tagging, w->err);
			tagging.tag = tags->items[i]->name;
			if (rc == DG_OK)
				rc = dg_acl_add_tagging(builder, &tagging,
							w->err);
		}
		if (rc != DG_OK)
			rc = wrap(w, DG_POLICY_TAGS, tags->items[i]);
	}
	return rc;
}

/* "NAME=POLICY NAME" of a cluster */
static enum dg_rc
add_catalog_names(const struct whole *w, struct dg_acl_builder *builder)
{
	const struct dg_policy_list *clusters =
		section_of(w, DG_POLICY_CLUSTERS);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; clusters != NULL && rc == DG_OK && i < clusters->n;
	     i++) {
		const struct dg_policy_item *cluster = clusters->items[i];
		const struct dg_policy_value *names =
			&cluster->fields[DG_CLUSTER_CATALOGS];

		for (size_t j = 0; rc == DG_OK && j < names->n_items; j++)
			rc = dg_policy_map_catalog(builder, cluster->name,
						   names->items[j], w->err);
		if (rc != DG_OK)
			rc = wrap(w, DG_POLICY_CLUSTERS, cluster);
	}
	return rc;
}

static enum dg_rc
add_admins(const struct whole *w, struct dg_acl_builder *builder)
{
	const struct dg_policy_list *admins = section_of(w, DG_POLICY_ADMINS);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; admins != NULL && rc == DG_OK && i < admins->n;
	     i++) {
		const struct dg_policy_value *to =
			&admins->items[i]->fields[DG_ADMIN_PRINCIPALS];
		const struct dg_acl_principal *principals;
		struct dg_acl_admin admin;

		dg_arena_reset(w->scratch);
		principals = principals_of(to, w->scratch);
		rc = principals == NULL
			     ? dg_error_set(w->err, DG_ERR_LIMIT,
					    "the list is too long")
			     : dg_policy_admin(admins->items[i], w->scratch,
					       &admin, w->err);
		if (rc == DG_OK)
			rc = dg_acl_add_admin(builder, &admin, principals,
					      to->n_items, w->err);
		if (rc != DG_OK)
			rc = wrap(w, DG_POLICY_ADMINS, admins->items[i]);
	}
	return rc;
}

/* *snapshot_out: NULL when too little is known. */
static enum dg_rc
build(const struct whole *w, struct dg_acl_snapshot **snapshot_out)
{
	struct dg_acl_builder *builder;
	enum dg_rc rc;

	*snapshot_out = NULL;
	if (section_of(w, DG_POLICY_USERS) == NULL ||
	    section_of(w, DG_POLICY_ROLES) == NULL)
		return DG_OK;
	builder = dg_acl_builder_create(1, BUILDER_BYTES);
	rc = add_names(w, builder);
	if (rc == DG_OK)
		rc = add_catalog_names(w, builder);
	if (rc == DG_OK)
		rc = add_taggings(w, builder);
	if (rc == DG_OK)
		rc = add_rules(w, builder);
	if (rc == DG_OK)
		rc = add_admins(w, builder);
	if (rc == DG_OK)
		rc = dg_acl_builder_finish(&builder, snapshot_out, w->err);
	dg_acl_builder_destroy(&builder);
	return rc;
}

enum dg_rc
dg_policy_build(const struct dg_policy_model *file,
		const struct dg_policy_model *stored,
		struct dg_acl_snapshot **snapshot_out, struct dg_error *err)
{
	struct whole w = {.file = file, .stored = stored, .err = err};
	enum dg_rc rc;

	w.scratch = dg_arena_create(SCRATCH_BYTES);
	rc = build(&w, snapshot_out);
	dg_arena_destroy(&w.scratch);
	return rc;
}

static enum dg_rc
check_cluster_name(const struct whole *w, enum dg_policy_section section,
		   const struct dg_policy_item *item, struct dg_str cluster)
{
	const struct dg_policy_list *clusters =
		section_of(w, DG_POLICY_CLUSTERS);

	if (clusters == NULL || cluster.len == 0 ||
	    dg_map_get(&clusters->names, cluster) != NULL)
		return DG_OK;
	(void)dg_error_set(w->err, DG_ERR_INVALID,
			   "there is no cluster \"%.*s\"", DG_STR_ARG(cluster));
	return wrap(w, section, item);
}

static enum dg_rc
check_clusters(const struct whole *w)
{
	const struct dg_policy_list *users = section_of(w, DG_POLICY_USERS);
	const struct dg_policy_list *rules = section_of(w, DG_POLICY_RULES);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; users != NULL && rc == DG_OK && i < users->n; i++)
		rc = check_cluster_name(
			w, DG_POLICY_USERS, users->items[i],
			users->items[i]->fields[DG_USER_DEFAULT_CLUSTER].text);
	for (size_t i = 0; rules != NULL && rc == DG_OK && i < rules->n; i++) {
		const struct dg_policy_value *names =
			&rules->items[i]->fields[DG_RULE_CLUSTERS];

		for (size_t j = 0; rc == DG_OK && j < names->n_items; j++)
			rc = check_cluster_name(w, DG_POLICY_RULES,
						rules->items[i],
						names->items[j]);
	}
	return rc;
}

static enum dg_rc
check_tags_of(const struct whole *w, enum dg_policy_section section,
	      unsigned field)
{
	const struct dg_policy_list *items = section_of(w, section);
	const struct dg_policy_list *tags = section_of(w, DG_POLICY_TAGS);

	for (size_t i = 0; items != NULL && tags != NULL && i < items->n; i++) {
		const struct dg_policy_value *names =
			&items->items[i]->fields[field];

		for (size_t j = 0; j < names->n_items; j++) {
			if (dg_map_get(&tags->names, names->items[j]) != NULL)
				continue;
			(void)dg_error_set(w->err, DG_ERR_INVALID,
					   "there is no tag \"%.*s\"",
					   DG_STR_ARG(names->items[j]));
			return wrap(w, section, items->items[i]);
		}
	}
	return DG_OK;
}

enum dg_rc
dg_policy_check_whole(const struct dg_policy_model *file,
		      const struct dg_policy_model *stored,
		      struct dg_error *err)
{
	struct whole w = {.file = file, .stored = stored, .err = err};
	struct dg_acl_snapshot *snapshot;
	enum dg_rc rc;

	w.scratch = dg_arena_create(SCRATCH_BYTES);
	rc = build(&w, &snapshot);
	dg_acl_snapshot_unref(&snapshot);
	if (rc == DG_OK)
		rc = check_clusters(&w);
	if (rc == DG_OK)
		rc = check_tags_of(&w, DG_POLICY_RULES, DG_RULE_TAGS);
	if (rc == DG_OK)
		rc = check_tags_of(&w, DG_POLICY_ADMINS, DG_ADMIN_TAGS);
	dg_arena_destroy(&w.scratch);
	return rc;
}

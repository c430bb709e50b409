/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.c - see acl/admin.h.
 *
 * A rule lies within a scope when its pattern does: dg_acl_pattern_covers may
 * say no where a cleverer proof would say yes, never the other way. Names are
 * compared as they are written; a rule in capitals is within no scope in small
 * letters.
 */
#include "acl/admin.h"

#include "builder.h"
#include "match.h"
#include "pattern.h"

static const char *const role_names[] = {
	[DG_ACL_ADMIN] = "admin",
	[DG_ACL_STEWARD] = "steward",
	[DG_ACL_AUDITOR] = "auditor",
};

bool
dg_acl_admin_role_parse(struct dg_str name, enum dg_acl_admin_role *role_out)
{
	for (unsigned i = 0; i < DG_ARRAY_LEN(role_names); i++)
		if (dg_str_eq(name, dg_str_from_cstr(role_names[i]))) {
			*role_out = (enum dg_acl_admin_role)i;
			return true;
		}
	return false;
}

enum dg_rc
dg_acl_admin_check(const struct dg_acl_admin *admin, struct dg_error *err)
{
	bool has_scope = admin->n_objects + admin->n_tags > 0;

	if (has_scope != (admin->role == DG_ACL_STEWARD))
		return dg_error_set(err, DG_ERR_INVALID,
				    has_scope ? "only a steward has catalogs, "
						"schemas or tags"
					      : "a steward needs catalogs, "
						"schemas or tags");
	for (size_t i = 0; i < admin->n_objects; i++) {
		const struct dg_acl_object *o = &admin->objects[i];

		if ((o->kind != DG_ACL_CATALOG && o->kind != DG_ACL_SCHEMA) ||
		    o->catalog.len == 0 ||
		    (o->schema.len == 0) != (o->kind == DG_ACL_CATALOG))
			return dg_error_set(err, DG_ERR_INVALID,
					    "a steward's objects are catalogs "
					    "and schemas");
	}
	for (size_t i = 0; i < admin->n_tags; i++)
		if (dg_acl_check_exact("tag", admin->tags[i], false, err) !=
		    DG_OK)
			return DG_ERR_INVALID;
	return DG_OK;
}

/* ---- scopes ------------------------------------------------------------- */

static bool
has_schema(enum dg_acl_kind kind)
{
	return (dg_acl_kind_parts(kind) & 2) != 0;
}

/* All that object can name is within one catalog or schema of the scope. */
static bool
holds_object(const struct dg_acl_admin *steward,
	     const struct dg_acl_object *object)
{
	for (size_t i = 0; i < steward->n_objects; i++) {
		const struct dg_acl_object *scope = &steward->objects[i];

		if (!dg_acl_pattern_covers(scope->catalog, object->catalog))
			continue;
		if (scope->kind == DG_ACL_CATALOG ||
		    (has_schema(object->kind) &&
		     dg_acl_pattern_covers(scope->schema, object->schema)))
			return true;
	}
	return false;
}

static bool
holds_tag(const struct dg_acl_admin *steward, struct dg_str tag)
{
	for (size_t i = 0; i < steward->n_tags; i++)
		if (dg_str_eq(steward->tags[i], tag))
			return true;
	return false;
}

/* A rule speaks of what carries any of its tags: all must be the steward's. */
static bool
holds_tags(const struct dg_acl_admin *steward, const struct dg_acl_rule *rule)
{
	for (size_t i = 0; i < rule->n_tags; i++)
		if (!holds_tag(steward, rule->tags[i]))
			return false;
	return rule->n_tags > 0;
}

static bool
is_of_stewards(enum dg_acl_kind kind)
{
	switch (kind) {
	case DG_ACL_CATALOG:
	case DG_ACL_SCHEMA:
	case DG_ACL_TABLE:
	case DG_ACL_FUNCTION:
	case DG_ACL_PROCEDURE:
	case DG_ACL_TABLE_FUNCTION:
		return true;
	case DG_ACL_CLUSTER:
	case DG_ACL_PROPERTY:
	case DG_ACL_USER:
	case DG_ACL_QUERY:
	case DG_ACL_KIND_COUNT:
		break;
	}
	return false;
}

static bool
holds_rule(const struct dg_acl_admin *steward, const struct dg_acl_rule *rule)
{
	return is_of_stewards(rule->object.kind) &&
	       (holds_object(steward, &rule->object) ||
		holds_tags(steward, rule));
}

/* ---- writing ------------------------------------------------------------ */

static bool
any_holds_rule(const struct dg_acl_admin *admins, size_t n,
	       const struct dg_acl_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (admins[i].role == DG_ACL_STEWARD &&
		    holds_rule(&admins[i], rule))
			return true;
	return false;
}

static enum dg_rc
check_rule(const struct dg_acl_admin *admins, size_t n,
	   const struct dg_acl_write *write, struct dg_error *err)
{
	if (write->is_builtin)
		return dg_error_set(err, DG_ERR_DENIED,
				    "default rules are no steward's");
	if (write->before != NULL && !any_holds_rule(admins, n, write->before))
		return dg_error_set(err, DG_ERR_DENIED,
				    "the rule as it is reaches beyond your "
				    "catalogs, schemas and tags");
	if (write->after != NULL && !any_holds_rule(admins, n, write->after))
		return dg_error_set(err, DG_ERR_DENIED,
				    "the rule reaches beyond your catalogs, "
				    "schemas and tags");
	return DG_OK;
}

/*
 * A tag gives and takes rights that others wrote: both the tag and what it is
 * put on must be the steward's, by the same row.
 */
static enum dg_rc
check_tagging(const struct dg_acl_admin *admins, size_t n,
	      const struct dg_acl_tagging *tagging, struct dg_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (admins[i].role == DG_ACL_STEWARD &&
		    holds_tag(&admins[i], tagging->tag) &&
		    holds_object(&admins[i], &tagging->object))
			return DG_OK;
	return dg_error_set(err, DG_ERR_DENIED,
			    "tag \"%.*s\" and what it is put on are not both "
			    "yours",
			    DG_STR_ARG(tagging->tag));
}

static bool
has_role(const struct dg_acl_admin *admins, size_t n,
	 enum dg_acl_admin_role role)
{
	for (size_t i = 0; i < n; i++)
		if (admins[i].role == role)
			return true;
	return false;
}

enum dg_rc
dg_acl_may_write(const struct dg_acl_admin *admins, size_t n_admins,
		 const struct dg_acl_write *write, struct dg_error *err)
{
	if (has_role(admins, n_admins, DG_ACL_ADMIN))
		return DG_OK;
	if (!has_role(admins, n_admins, DG_ACL_STEWARD))
		return dg_error_set(err, DG_ERR_DENIED,
				    "you may write nothing");
	switch (write->kind) {
	case DG_ACL_WRITE_RULE:
		return check_rule(admins, n_admins, write, err);
	case DG_ACL_WRITE_TAGGING:
		return check_tagging(admins, n_admins, write->tagging, err);
	case DG_ACL_WRITE_OTHER:
		break;
	}
	return dg_error_set(err, DG_ERR_DENIED,
			    "a steward may write rules, and put tags on "
			    "objects");
}

bool
dg_acl_may_read(const struct dg_acl_admin *admins, size_t n_admins)
{
	(void)admins;
	return n_admins > 0;
}

/* ---- in a snapshot ------------------------------------------------------ */

static enum dg_rc
keep_str(struct dg_arena *arena, struct dg_str s, struct dg_str *out)
{
	*out = dg_arena_str(arena, s);
	return out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

static enum dg_rc
keep_admin(struct dg_arena *arena, const struct dg_acl_admin *admin,
	   struct dg_acl_admin *out)
{
	struct dg_acl_object *objects =
		DG_ARENA_ARRAY(arena, struct dg_acl_object, admin->n_objects);
	struct dg_str *tags =
		DG_ARENA_ARRAY(arena, struct dg_str, admin->n_tags);
	enum dg_rc rc = DG_OK;

	if (objects == NULL || tags == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; rc == DG_OK && i < admin->n_objects; i++) {
		objects[i].kind = admin->objects[i].kind;
		rc = keep_str(arena, admin->objects[i].catalog,
			      &objects[i].catalog);
		if (rc == DG_OK)
			rc = keep_str(arena, admin->objects[i].schema,
				      &objects[i].schema);
	}
	for (size_t i = 0; rc == DG_OK && i < admin->n_tags; i++)
		rc = keep_str(arena, admin->tags[i], &tags[i]);
	*out = *admin;
	out->objects = objects;
	out->tags = tags;
	return rc;
}

enum dg_rc
dg_acl_add_admin(struct dg_acl_builder *builder,
		 const struct dg_acl_admin *admin,
		 const struct dg_acl_principal *principals, size_t n_principals,
		 struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	enum dg_rc rc = dg_acl_admin_check(admin, err);

	for (size_t i = 0; rc == DG_OK && i < n_principals; i++) {
		const struct dg_acl_member *member = dg_map_get(
			principals[i].is_role ? &s->roles : &s->users,
			principals[i].name);
		struct dg_acl_admin_row *row =
			DG_ARENA_NEW(s->arena, struct dg_acl_admin_row);

		if (member == NULL)
			return dg_error_set(err, DG_ERR_NOT_FOUND,
					    "there is no %s \"%.*s\"",
					    principals[i].is_role ? "role"
								  : "user",
					    DG_STR_ARG(principals[i].name));
		if (row == NULL ||
		    keep_admin(s->arena, admin, &row->admin) != DG_OK)
			return dg_acl_out_of_room(builder, err);
		row->member = member->id;
		row->next = s->admins;
		s->admins = row;
		rc = dg_acl_check_room(builder, err);
	}
	return rc;
}

static bool
is_in_closure(const struct dg_acl_member *user, uint32_t id)
{
	for (uint32_t i = 0; i < user->n_closure; i++)
		if (user->closure[i] == id)
			return true;
	return false;
}

static size_t
count_rows(const struct dg_acl_snapshot *s)
{
	size_t n = 0;

	for (const struct dg_acl_admin_row *r = s->admins; r != NULL;
	     r = r->next)
		n++;
	return n;
}

enum dg_rc
dg_acl_admins_of(const struct dg_acl_snapshot *snapshot, struct dg_str user,
		 struct dg_arena *arena, const struct dg_acl_admin **admins_out,
		 size_t *n_out)
{
	const struct dg_acl_member *member = dg_map_get(&snapshot->users, user);
	struct dg_acl_admin *admins = DG_ARENA_ARRAY(arena, struct dg_acl_admin,
						     count_rows(snapshot));

	*n_out = 0;
	*admins_out = admins;
	if (admins == NULL)
		return DG_ERR_LIMIT;
	for (const struct dg_acl_admin_row *r = snapshot->admins;
	     member != NULL && r != NULL; r = r->next)
		if (is_in_closure(member, r->member))
			admins[(*n_out)++] = r->admin;
	return DG_OK;
}

/* Whether the object lies in the scope, or carries one of its tags. */
static bool
may_give(const struct dg_acl_snapshot *s, const struct dg_acl_admin *admin,
	 const struct dg_acl_query *query, const struct dg_acl_object *object)
{
	if (admin->role != DG_ACL_STEWARD || !is_of_stewards(object->kind))
		return false;
	if (holds_object(admin, object))
		return true;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		const struct dg_acl_tagged *tagged = query->tagged[i];

		for (uint32_t t = 0; tagged != NULL && t < tagged->n_tags; t++)
			if (holds_tag(admin,
				      dg_acl_symbols_name(&s->symbols,
							  tagged->tags[t])))
				return true;
	}
	return false;
}

/* The question about the object itself, whoever asks. */
static enum dg_rc
ask_about(const struct dg_acl_snapshot *snapshot, struct dg_str cluster,
	  const struct dg_acl_object *object, struct dg_arena *arena,
	  struct dg_acl_query *query, struct dg_acl_object *lower_out)
{
	static const struct dg_acl_member nobody;
	const struct dg_acl_request request = {.user = DG_STR_EMPTY,
					       .cluster = cluster};

	if (dg_acl_query_init(query, snapshot, &request, &nobody, object,
			      arena) != DG_OK)
		return DG_ERR_LIMIT;
	dg_acl_query_symbols(query);
	*lower_out = (struct dg_acl_object){.kind = object->kind,
					    .catalog = query->parts[0],
					    .schema = query->parts[1],
					    .name = query->parts[2]};
	return DG_OK;
}

static struct dg_str
name_of_row(const struct dg_acl_snapshot *s, const struct dg_acl_admin_row *r,
	    struct dg_arena *arena)
{
	const struct dg_acl_member *m = s->members[r->member];

	return dg_arena_printf(arena, "%s:%.*s", m->is_role ? "role" : "user",
			       DG_STR_ARG(m->name));
}

enum dg_rc
dg_acl_stewards_of(const struct dg_acl_snapshot *snapshot,
		   struct dg_str cluster, const struct dg_acl_object *object,
		   struct dg_arena *arena, const struct dg_str **names_out,
		   size_t *n_out)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(arena, struct dg_str, count_rows(snapshot));
	struct dg_acl_object lower;
	struct dg_acl_query query;

	*n_out = 0;
	*names_out = names;
	if (names == NULL || ask_about(snapshot, cluster, object, arena, &query,
				       &lower) != DG_OK)
		return DG_ERR_LIMIT;
	for (const struct dg_acl_admin_row *r = snapshot->admins; r != NULL;
	     r = r->next) {
		if (!may_give(snapshot, &r->admin, &query, &lower))
			continue;
		names[*n_out] = name_of_row(snapshot, r, arena);
		if (names[*n_out].data == NULL)
			return DG_ERR_LIMIT;
		(*n_out)++;
	}
	return DG_OK;
}

enum dg_rc
dg_acl_admin_names(const struct dg_acl_snapshot *snapshot,
		   struct dg_arena *arena, const struct dg_str **names_out,
		   size_t *n_out)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(arena, struct dg_str, count_rows(snapshot));

	*n_out = 0;
	*names_out = names;
	if (names == NULL)
		return DG_ERR_LIMIT;
	for (const struct dg_acl_admin_row *r = snapshot->admins; r != NULL;
	     r = r->next) {
		if (r->admin.role != DG_ACL_ADMIN)
			continue;
		names[*n_out] = name_of_row(snapshot, r, arena);
		if (names[*n_out].data == NULL)
			return DG_ERR_LIMIT;
		(*n_out)++;
	}
	return DG_OK;
}

bool
dg_acl_is_concerned(const struct dg_acl_snapshot *snapshot,
		    const struct dg_acl_admin *admins, size_t n_admins,
		    struct dg_str cluster, const struct dg_acl_object *object,
		    struct dg_arena *arena)
{
	struct dg_acl_object lower;
	struct dg_acl_query query;

	if (has_role(admins, n_admins, DG_ACL_ADMIN) ||
	    has_role(admins, n_admins, DG_ACL_AUDITOR) ||
	    !is_of_stewards(object->kind))
		return n_admins > 0;
	if (ask_about(snapshot, cluster, object, arena, &query, &lower) !=
	    DG_OK)
		return false;
	for (size_t i = 0; i < n_admins; i++)
		if (may_give(snapshot, &admins[i], &query, &lower))
			return true;
	return false;
}

/* Among the columns of the table that carry a tag of the stewards'. */
static bool
is_tagged_column(const struct dg_acl_snapshot *s,
		 const struct dg_acl_tagged *table,
		 const struct dg_acl_admin *admins, size_t n_admins,
		 struct dg_str column)
{
	for (uint32_t c = 0; c < table->n_columns; c++) {
		const struct dg_acl_tagged_column *own = &table->columns[c];

		if (!dg_acl_column_holds(
			    dg_acl_symbols_name(&s->symbols, own->column),
			    column))
			continue;
		for (size_t i = 0; i < n_admins; i++)
			if (admins[i].role == DG_ACL_STEWARD &&
			    holds_tag(
				    &admins[i],
				    dg_acl_symbols_name(&s->symbols, own->tag)))
				return true;
	}
	return false;
}

bool
dg_acl_is_concerned_by(const struct dg_acl_snapshot *snapshot,
		       const struct dg_acl_admin *admins, size_t n_admins,
		       struct dg_str cluster,
		       const struct dg_acl_object *object,
		       const struct dg_str *columns, size_t n_columns,
		       struct dg_arena *arena)
{
	const struct dg_acl_tagged *table;
	struct dg_acl_object lower;
	struct dg_acl_query query;

	if (dg_acl_is_concerned(snapshot, admins, n_admins, cluster, object,
				arena))
		return true;
	if (object->kind != DG_ACL_TABLE || n_columns == 0 ||
	    ask_about(snapshot, cluster, object, arena, &query, &lower) !=
		    DG_OK)
		return false;
	table = query.tagged[DG_ACL_PARTS - 1];
	for (size_t i = 0; i < n_columns; i++)
		if (table == NULL || !is_tagged_column(snapshot, table, admins,
						       n_admins, columns[i]))
			return false;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_rows.c - rows of datagateway.admins: as acl takes them, and those of
 * one administrator.
 */
#include "admin_rows.h"

#include "array.h"
#include "base/json.h"
#include "policy_text.h"
#include "store/admin.h"

enum {
	ADMIN_COLUMNS = 4,
	ROLES_MAX_BYTES = 1 << 20,
};

/* ---- from a row --------------------------------------------------------- */

static enum dg_rc
not_understood(struct dg_error *err, const char *what)
{
	return dg_error_set(err, DG_ERR_INVALID,
			    "%s of an admin is not understood", what);
}

static enum dg_rc
parse_list(struct dg_str text, struct dg_arena *arena,
	   const struct dg_str **items_out, size_t *n_out, const char *what,
	   struct dg_error *err)
{
	return dg_store_array_parse(text, arena, items_out, n_out) == DG_OK
		       ? DG_OK
		       : not_understood(err, what);
}

static enum dg_rc
add_objects(const struct dg_str *texts, size_t n, enum dg_acl_kind kind,
	    struct dg_acl_object *objects, struct dg_arena *arena,
	    struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = dg_policy_object(texts[i], kind, arena, &objects[i], err);
	return rc;
}

enum dg_rc
dg_store_admin_make(const struct dg_store_admin_texts *texts,
		    struct dg_arena *arena, struct dg_acl_admin *admin_out,
		    struct dg_error *err)
{
	struct dg_acl_object *objects =
		DG_ARENA_ARRAY(arena, struct dg_acl_object,
			       texts->n_catalogs + texts->n_schemas);
	struct dg_acl_admin admin = {
		.objects = objects,
		.n_objects = texts->n_catalogs + texts->n_schemas,
		.tags = texts->tags,
		.n_tags = texts->n_tags,
	};
	enum dg_rc rc;

	if (objects == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "the list is too long");
	if (!dg_acl_admin_role_parse(texts->role, &admin.role))
		return not_understood(err, "the role");
	rc = add_objects(texts->catalogs, texts->n_catalogs, DG_ACL_CATALOG,
			 objects, arena, err);
	if (rc == DG_OK)
		rc = add_objects(texts->schemas, texts->n_schemas,
				 DG_ACL_SCHEMA, objects + texts->n_catalogs,
				 arena, err);
	if (rc == DG_OK)
		rc = dg_acl_admin_check(&admin, err);
	if (rc == DG_OK)
		*admin_out = admin;
	return rc;
}

enum dg_rc
dg_store_admin_read(const struct dg_row *row, size_t column,
		    struct dg_arena *arena, struct dg_acl_admin *admin_out,
		    struct dg_error *err)
{
	struct dg_store_admin_texts texts = {
		.role = dg_arena_str(arena, dg_row_get(row, column))};
	enum dg_rc rc =
		parse_list(dg_row_get(row, column + 1), arena, &texts.catalogs,
			   &texts.n_catalogs, "a catalog", err);

	if (rc == DG_OK)
		rc = parse_list(dg_row_get(row, column + 2), arena,
				&texts.schemas, &texts.n_schemas, "a schema",
				err);
	if (rc == DG_OK)
		rc = parse_list(dg_row_get(row, column + 3), arena, &texts.tags,
				&texts.n_tags, "a tag", err);
	return rc == DG_OK ? dg_store_admin_make(&texts, arena, admin_out, err)
			   : rc;
}

/* ---- those of one administrator ----------------------------------------- */

struct reading {
	struct dg_arena *arena;
	struct dg_acl_admin *admins;
	size_t n;
	enum dg_rc rc;
	struct dg_error *err;
};

static void
on_rows(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	const struct dg_error *err DG_UNUSED)
{
	struct reading *r = arg;
	size_t n;

	r->rc = rc;
	if (rc != DG_OK)
		return;
	n = dg_pg_rows(result);
	r->admins = DG_ARENA_ARRAY(r->arena, struct dg_acl_admin, n);
	if (r->admins == NULL)
		r->rc = dg_error_set(r->err, DG_ERR_LIMIT,
				     "there are too many rows of admins");
	for (; r->rc == DG_OK && r->n < n; r->n++) {
		struct dg_str cells[ADMIN_COLUMNS];
		struct dg_row row =
			dg_pg_row(result, r->n, cells, ADMIN_COLUMNS);

		r->rc = dg_store_admin_read(&row, 0, r->arena, &r->admins[r->n],
					    r->err);
	}
}

static enum dg_rc
write_names(struct dg_buf *out, const struct dg_str *names, size_t n)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_array_open(&w);
	for (size_t i = 0; i < n; i++)
		dg_json_put_str(&w, names[i]);
	dg_json_array_close(&w);
	return dg_json_finish(&w);
}

enum dg_rc
dg_store_admins_of(struct dg_pg *pg, struct dg_loop *loop,
		   struct dg_str subject, const struct dg_str *roles,
		   size_t n_roles, struct dg_arena *arena,
		   const struct dg_acl_admin **admins_out, size_t *n_out,
		   struct dg_error *err)
{
	static const char sql[] =
		"WITH RECURSIVE held (role) AS ("
		" (SELECT role FROM datagateway.role_members"
		"  WHERE member_user = $1"
		"  UNION SELECT jsonb_array_elements_text($2::jsonb))"
		" UNION SELECT m.role FROM held"
		" JOIN datagateway.role_members m ON m.member_role = held.role)"
		"SELECT role, catalogs, schemas, tags FROM datagateway.admins"
		" WHERE EXISTS (SELECT FROM datagateway.users u"
		"  WHERE u.name = $1 AND NOT u.disabled)"
		" AND principals && (ARRAY['user:' || $1, 'role:public']"
		"  || ARRAY(SELECT 'role:' || held.role FROM held))"
		" ORDER BY name";
	struct reading r = {.arena = arena, .err = err};
	struct dg_str params[2] = {subject};
	struct dg_buf names;
	enum dg_rc rc;

	dg_buf_init(&names, ROLES_MAX_BYTES);
	rc = write_names(&names, roles, n_roles);
	params[1] = dg_buf_peek(&names);
	if (rc == DG_OK)
		rc = dg_pg_query_wait(pg, loop, sql, params,
				      DG_ARRAY_LEN(params), on_rows, &r, err);
	else
		(void)dg_error_set(err, rc, "there are too many roles");
	dg_buf_fini(&names);
	if (rc == DG_OK)
		rc = r.rc;
	*admins_out = r.admins;
	*n_out = rc == DG_OK ? r.n : 0;
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tagging.c - where tags may be put, and the builder's list of where they were.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "builder.h"

enum { TAGGINGS_MAX = 1 << 28 };

enum dg_rc
dg_acl_tagging_check(const struct dg_acl_tagging *tagging, struct dg_error *err)
{
	const struct dg_acl_object *o = &tagging->object;
	enum dg_rc rc = dg_acl_check_exact("tag", tagging->tag, false, err);

	if (rc != DG_OK)
		return rc;
	if (o->kind != DG_ACL_CATALOG && o->kind != DG_ACL_SCHEMA &&
	    o->kind != DG_ACL_TABLE)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a tag can be put on catalogs, schemas, "
				    "tables and columns");
	if (tagging->column.len > 0 && o->kind != DG_ACL_TABLE)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a column is one of a table");
	rc = dg_acl_check_exact("catalog", o->catalog, false, err);
	if (rc == DG_OK && o->kind != DG_ACL_CATALOG)
		rc = dg_acl_check_exact("schema", o->schema, false, err);
	if (rc == DG_OK && o->kind == DG_ACL_TABLE)
		rc = dg_acl_check_exact("table", o->name, false, err);
	if (rc == DG_OK && tagging->column.len > 0)
		rc = dg_acl_check_exact("column", tagging->column, true, err);
	return rc;
}

static enum dg_rc
intern_tagging(struct dg_acl_snapshot *s, const struct dg_acl_tagging *tagging,
	       struct dg_acl_tagging_key *out)
{
	const struct dg_acl_object *o = &tagging->object;
	enum dg_rc rc = dg_acl_intern_lower(s, tagging->tag, &out->tag);

	if (rc == DG_OK)
		rc = dg_acl_intern_lower(s, o->catalog, &out->key[0]);
	if (rc == DG_OK && o->kind != DG_ACL_CATALOG)
		rc = dg_acl_intern_lower(s, o->schema, &out->key[1]);
	if (rc == DG_OK && o->kind == DG_ACL_TABLE)
		rc = dg_acl_intern_lower(s, o->name, &out->key[2]);
	if (rc == DG_OK && tagging->column.len > 0)
		rc = dg_acl_intern_column(s, tagging->column, &out->column);
	return rc;
}

enum dg_rc
dg_acl_add_tagging(struct dg_acl_builder *builder,
		   const struct dg_acl_tagging *tagging, struct dg_error *err)
{
	struct dg_acl_tagging_key key = {.column = DG_ACL_SYM_NONE};
	enum dg_rc rc = dg_acl_tagging_check(tagging, err);

	DG_ASSERT(!builder->modifies);
	if (rc != DG_OK)
		return rc;
	if (builder->n_taggings >= TAGGINGS_MAX ||
	    intern_tagging(builder->snapshot, tagging, &key) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	if (builder->n_taggings == builder->taggings_capacity) {
		builder->taggings_capacity =
			builder->n_taggings == 0 ? 64 : 2 * builder->n_taggings;
		builder->taggings = dg_realloc(builder->taggings,
					       builder->taggings_capacity,
					       sizeof(*builder->taggings));
	}
	builder->taggings[builder->n_taggings++] = key;
	return dg_acl_check_room(builder, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.c - see changes.h.
 *
 *     catalog NUL schema NUL table NUL, again and again
 *
 * or a single NUL, or a name without a table: all tables. No name holds a NUL.
 */
#include "metadata/changes.h"

enum { CHANGES_MAX = 1024 };

/* Whether a table of that name may have other columns afterwards. */
static bool
changes_columns(enum dg_sql_action action)
{
	switch (action) {
	case DG_SQL_ACT_CREATE_TABLE:
	case DG_SQL_ACT_DROP_TABLE:
	case DG_SQL_ACT_CREATE_VIEW:
	case DG_SQL_ACT_DROP_VIEW:
	case DG_SQL_ACT_RENAME_TABLE:
	case DG_SQL_ACT_RENAME_VIEW:
	case DG_SQL_ACT_REFRESH_VIEW:
	case DG_SQL_ACT_CREATE_MATERIALIZED_VIEW:
	case DG_SQL_ACT_DROP_MATERIALIZED_VIEW:
	case DG_SQL_ACT_RENAME_MATERIALIZED_VIEW:
	case DG_SQL_ACT_ADD_COLUMN:
	case DG_SQL_ACT_DROP_COLUMN:
	case DG_SQL_ACT_RENAME_COLUMN:
	case DG_SQL_ACT_ALTER_COLUMN:
	case DG_SQL_ACT_SET_PROPERTIES:
	case DG_SQL_ACT_TABLE_PROCEDURE:
	case DG_SQL_ACT_FAST_FORWARD:
		/* without a table: any */
	case DG_SQL_ACT_RENAME_SCHEMA:
	case DG_SQL_ACT_DROP_SCHEMA:
	case DG_SQL_ACT_CREATE_CATALOG:
	case DG_SQL_ACT_DROP_CATALOG:
	case DG_SQL_ACT_PROCEDURE:
		return true;
	case DG_SQL_ACT_SELECT:
	case DG_SQL_ACT_SELECT_LITERAL:
	case DG_SQL_ACT_SELECT_MAYBE:
	case DG_SQL_ACT_INSERT:
	case DG_SQL_ACT_UPDATE:
	case DG_SQL_ACT_DELETE:
	case DG_SQL_ACT_SHOW_CATALOGS:
	case DG_SQL_ACT_SHOW_SCHEMAS:
	case DG_SQL_ACT_SHOW_TABLES:
	case DG_SQL_ACT_SHOW_COLUMNS:
	case DG_SQL_ACT_USE_SCHEMA:
	case DG_SQL_ACT_SET_SESSION:
	case DG_SQL_ACT_TABLE_FUNCTION:
	case DG_SQL_ACT_FUNCTION:
	case DG_SQL_ACT_TRUNCATE:
	case DG_SQL_ACT_ANALYZE:
	case DG_SQL_ACT_ADD_CONSTRAINT:
	case DG_SQL_ACT_DROP_CONSTRAINT:
	case DG_SQL_ACT_CREATE_BRANCH:
	case DG_SQL_ACT_DROP_BRANCH:
	case DG_SQL_ACT_REFRESH_MATERIALIZED_VIEW:
	case DG_SQL_ACT_COMMENT_TABLE:
	case DG_SQL_ACT_COMMENT_VIEW:
	case DG_SQL_ACT_COMMENT_COLUMN:
	case DG_SQL_ACT_SET_TABLE_OWNER:
	case DG_SQL_ACT_GRANT_TABLE:
	case DG_SQL_ACT_CREATE_SCHEMA:
	case DG_SQL_ACT_SET_SCHEMA_OWNER:
	case DG_SQL_ACT_GRANT_SCHEMA:
	case DG_SQL_ACT_MANAGE_ROLES:
	case DG_SQL_ACT_SHOW_BRANCHES:
	case DG_SQL_ACT_SHOW_CREATE:
	case DG_SQL_ACT_SHOW_GRANTS:
	case DG_SQL_ACT_SHOW_CREATE_SCHEMA:
	case DG_SQL_ACT_SHOW_FUNCTIONS:
	case DG_SQL_ACT_SHOW_ALL_GRANTS:
	case DG_SQL_ACT_SHOW_ROLES:
	case DG_SQL_ACT_CREATE_FUNCTION:
	case DG_SQL_ACT_DROP_FUNCTION:
	case DG_SQL_ACT_ALTER_FUNCTION:
	case DG_SQL_ACT_SHOW_CREATE_FUNCTION:
	case DG_SQL_ACT_OPAQUE:
		break;
	}
	return false;
}

static enum dg_rc
append_name(struct dg_buf *out, const struct dg_sql_name *name)
{
	const struct dg_str parts[] = {name->catalog, name->schema,
				       name->table};
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < DG_ARRAY_LEN(parts) && rc == DG_OK; i++) {
		rc = dg_buf_append(out, parts[i]);
		if (rc == DG_OK)
			rc = dg_buf_append(out, DG_STR("\0"));
	}
	return rc;
}

enum dg_rc
dg_changes_encode(const struct dg_sql_analysis *analysis,
		  struct dg_arena *arena, struct dg_str *changes_out)
{
	struct dg_buf text;
	enum dg_rc rc = DG_OK;

	dg_buf_init(&text, CHANGES_MAX);
	for (size_t i = 0; i < analysis->n_access && rc == DG_OK; i++) {
		const struct dg_sql_access *access = &analysis->access[i];

		if (changes_columns(access->action))
			rc = append_name(&text, &access->object);
	}
	*changes_out = dg_arena_str(arena, rc == DG_OK ? dg_buf_peek(&text)
						       : DG_STR("\0"));
	dg_buf_fini(&text);
	return changes_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

void
dg_changes_forget(struct dg_metadata *metadata, struct dg_str cluster,
		  struct dg_str changes)
{
	while (changes.len > 0) {
		struct dg_sql_name name;

		if (!dg_str_split(&changes, '\0', &name.catalog) ||
		    !dg_str_split(&changes, '\0', &name.schema) ||
		    !dg_str_split(&changes, '\0', &name.table) ||
		    name.table.len == 0) {
			dg_metadata_forget_all(metadata);
			return;
		}
		dg_metadata_forget(metadata, cluster, &name);
	}
}

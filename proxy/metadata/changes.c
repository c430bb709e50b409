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
	enum dg_sql_effect effect = dg_sql_action_effect(action);

	return effect == DG_SQL_MAKES || effect == DG_SQL_CHANGES;
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

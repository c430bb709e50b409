/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_row.h - rows of rules, and cells of rows; private to store/.
 */
#ifndef DG_STORE_RULE_ROW_H
#define DG_STORE_RULE_ROW_H

#include "acl/acl.h"
#include "base/row.h"

/*
 * Writing lists costs Postgres more than all the rest of a row: empty ones are
 * NULL, and of one item without its braces where it cannot be mistaken.
 */
#define DG_STORE_RULE_COLUMNS \
	"r.id, r.name, r.effect, " \
	"CASE WHEN cardinality(r.privileges) = 1 THEN r.privileges[1] " \
	"ELSE r.privileges::text END, " \
	"r.kind, r.catalog, r.schema_name, r.object_name, " \
	"CASE WHEN cardinality(r.columns) > 0 THEN r.columns END, " \
	"CASE WHEN cardinality(r.clusters) > 0 THEN r.clusters END, " \
	"CASE WHEN cardinality(r.principals) = 1 THEN r.principals[1] " \
	"ELSE r.principals::text END, " \
	"CASE WHEN cardinality(r.excepted) > 0 THEN r.excepted END, " \
	"CASE WHEN r.valid_from IS NULL THEN 0 ELSE " \
	"(extract(epoch FROM r.valid_from) * 1000000)::bigint END, " /* 0 \
									would \
									be for \
									ever. \
								      */ \
	"CASE WHEN r.valid_until IS NULL THEN 0 WHEN r.valid_until = 'epoch' " \
	"THEN 1 ELSE (extract(epoch FROM r.valid_until) * 1000000)::bigint " \
	"END, r.reason, " \
	"CASE WHEN cardinality(r.tags) > 0 THEN r.tags END, " \
	"CASE WHEN cardinality(r.networks) > 0 THEN r.networks END, " \
	"r.break_glass"
enum { DG_STORE_RULE_CELLS = 18 };

/*
 * The rule of a row with these columns. Its texts and lists live in scratch
 * and in the row. INVALID or LIMIT with err.
 */
enum dg_rc dg_store_rule_read(const struct dg_row *row,
			      struct dg_arena *scratch,
			      struct dg_acl_rule *rule,
			      struct dg_error *err) DG_MUST_CHECK;
/* "user:NAME", "role:NAME" */
enum dg_rc
dg_store_principals_read(const struct dg_row *row, size_t column,
			 struct dg_arena *scratch,
			 const struct dg_acl_principal **principals_out,
			 size_t *n_out, struct dg_error *err) DG_MUST_CHECK;

/* -1: no number. */
static inline int64_t
dg_store_get_int(const struct dg_row *row, size_t column)
{
	int64_t value = 0;

	if (dg_str_to_i64(dg_row_get(row, column), &value) != DG_OK)
		return -1;
	return value;
}

static inline bool
dg_store_get_bool(const struct dg_row *row, size_t column)
{
	return dg_str_eq(dg_row_get(row, column), DG_STR("t"));
}

/* The index of the cell's text among names, or -1. */
static inline int
dg_store_get_enum(const struct dg_row *row, size_t column,
		  const char *const *names, int n)
{
	struct dg_str value = dg_row_get(row, column);

	for (int i = 0; i < n; i++)
		if (dg_str_eq(value, dg_str_from_cstr(names[i])))
			return i;
	return -1;
}

#endif

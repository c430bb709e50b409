/* SPDX-License-Identifier: Apache-2.0 */
/*
 * column_index.h - finding a name among many columns; private to this folder.
 *
 * Open addressing with linear probing, at most half full; no pointers inside,
 * so that an index may be copied as bytes. Both sides may be hostile (columns
 * of a subquery are the client's), so the hash is keyed and the caller counts
 * the slots that a search looked at.
 */
#ifndef DG_SQLPARSE_COLUMN_INDEX_H
#define DG_SQLPARSE_COLUMN_INDEX_H

#include "base/map.h"
#include "sqlparse/sqlparse.h"

#define DG_SQL_NO_COLUMN UINT32_MAX
#define DG_SQL_SEVERAL_COLUMNS (UINT32_MAX - 1)

struct dg_sql_index_slot {
	uint32_t hash;
	uint32_t column; /* + 1; 0: free; top bit: others have that name too */
};

struct dg_sql_column_index {
	uint32_t mask; /* of slots */
	struct dg_sql_index_slot slots[];
};

static inline uint32_t
dg_sql_hash_column(struct dg_str name)
{
	return (uint32_t)dg_hash_quick(name.data, name.len);
}

/* Room of index_size(n) bytes, zeroed. Names without data are left out. */
void dg_sql_column_index_fill(struct dg_sql_column_index *index,
			      const struct dg_str *names, size_t n,
			      uint64_t *steps);
/*
 * A column's number, NO_COLUMN or SEVERAL_COLUMNS. names: those of the index;
 * steps grows by the slots looked at beyond the first.
 */
uint32_t dg_sql_column_index_find(const struct dg_sql_column_index *index,
				  const struct dg_str *names,
				  struct dg_str name, uint32_t hash,
				  uint64_t *steps);

#endif

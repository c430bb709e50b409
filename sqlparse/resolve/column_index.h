/* SPDX-License-Identifier: Apache-2.0 */
/*
 * column_index.h - finding a name among many columns; private to this folder.
 *
 * Open addressing with linear probing, at most half full; no pointers inside,
 * so that an index may be copied as bytes. A filter in front says of most names
 * that the index does not have them, so that a name that is looked for in all
 * relations of a FROM clause seldom gets to the slots of the others. Both sides
 * may be hostile (columns of a subquery are the client's), so the hash is keyed
 * and the caller counts the slots that a search looked at.
 *
 * Behind the slots, of an index that is made once for many statements, are the
 * columns' numbers by name, so that no statement has to sort names.
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
	uint64_t filter[8]; /* a bit for each hash's highest bits */
	uint32_t mask;      /* of slots */
	uint32_t n_ordered; /* numbers behind the slots: all columns, or 0 */
	struct dg_sql_index_slot slots[];
};

static inline uint32_t
dg_sql_hash_column(struct dg_str name)
{
	return (uint32_t)dg_hash_quick(name.data, name.len);
}

/* Room of index_bytes(n), zeroed. Names without data are left out. */
void dg_sql_column_index_fill(struct dg_sql_column_index *index,
			      const struct dg_str *names, size_t n,
			      uint64_t *steps);

/* Without the order. */
size_t dg_sql_column_index_bytes(size_t n_names);

/* n_ordered columns, as dg_str_cmp has their names. */
static inline const uint32_t *
dg_sql_column_index_order(const struct dg_sql_column_index *index)
{
	return (const uint32_t *)(const void *)&index->slots[index->mask + 1];
}

#define DG_SQL_SLOT_SEVERAL 0x80000000U

/* Do eight bytes differ? Any bit of the answer says so. */
static inline uint64_t
dg_sql_differ_at(const char *a, const char *b, size_t at)
{
	uint64_t eight_of_a, eight_of_b;

	memcpy(&eight_of_a, a + at, sizeof(eight_of_a));
	memcpy(&eight_of_b, b + at, sizeof(eight_of_b));
	return eight_of_a ^ eight_of_b;
}

/* dg_str_eq; of 8 to 32 bytes, most names, how many they are is no branch. */
static inline bool
dg_sql_same_column(struct dg_str a, struct dg_str b)
{
	size_t last = a.len - 8;
	size_t step = a.len > 16 ? 8 : 0;

	if (a.len != b.len || last > 32 - 8)
		return dg_str_eq(a, b);
	return (dg_sql_differ_at(a.data, b.data, 0) |
		dg_sql_differ_at(a.data, b.data, step) |
		dg_sql_differ_at(a.data, b.data, last - step) |
		dg_sql_differ_at(a.data, b.data, last)) == 0;
}

/*
 * The slot that holds name, or the free one where it belongs. names: those of
 * the index; steps grows by the slots looked at beyond the first.
 */
static inline uint32_t
dg_sql_column_index_probe(const struct dg_sql_column_index *index,
			  const struct dg_str *names, struct dg_str name,
			  uint32_t hash, uint64_t *steps)
{
	uint32_t at = hash & index->mask;

	for (;; at = (at + 1) & index->mask, ++*steps) {
		const struct dg_sql_index_slot *slot = &index->slots[at];

		if (slot->column == 0 ||
		    (slot->hash == hash &&
		     dg_sql_same_column(
			     names[(slot->column & ~DG_SQL_SLOT_SEVERAL) - 1],
			     name)))
			return at;
	}
}

/* Which bit of the filter. */
static inline uint32_t
dg_sql_column_index_bit(uint32_t hash)
{
	return hash >> 23;
}

static inline bool
dg_sql_column_index_may_have(const struct dg_sql_column_index *index,
			     uint32_t hash)
{
	uint32_t bit = dg_sql_column_index_bit(hash);

	return (index->filter[bit / 64] >> bit % 64 & 1) != 0;
}

/* A column's number, NO_COLUMN or SEVERAL_COLUMNS. */
static inline uint32_t
dg_sql_column_index_find(const struct dg_sql_column_index *index,
			 const struct dg_str *names, struct dg_str name,
			 uint32_t hash, uint64_t *steps)
{
	uint32_t at, column;

	if (!dg_sql_column_index_may_have(index, hash))
		return DG_SQL_NO_COLUMN;
	at = dg_sql_column_index_probe(index, names, name, hash, steps);
	column = index->slots[at].column;
	if (column == 0)
		return DG_SQL_NO_COLUMN;
	return (column & DG_SQL_SLOT_SEVERAL) != 0 ? DG_SQL_SEVERAL_COLUMNS
						   : column - 1;
}

#endif

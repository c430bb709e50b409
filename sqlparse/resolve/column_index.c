/* SPDX-License-Identifier: Apache-2.0 */
/*
 * column_index.c - a hash over the names of columns. See column_index.h.
 *
 * Who caches a table's columns has the index made once, instead of for each
 * statement that reads the table.
 */
#include "resolve/column_index.h"

#include "base/assert.h"
#include "resolve/fold.h"

static size_t
capacity_for(size_t n_names)
{
	size_t capacity = 16;

	while (capacity < n_names * 2)
		capacity *= 2;
	return capacity;
}

size_t
dg_sql_column_index_size(size_t n_names)
{
	DG_ASSERT(n_names <= DG_SQL_MAX_COLUMNS);
	return sizeof(struct dg_sql_column_index) +
	       capacity_for(n_names) * sizeof(struct dg_sql_index_slot);
}

void
dg_sql_column_index_fill(struct dg_sql_column_index *index,
			 const struct dg_str *names, size_t n, uint64_t *steps)
{
	index->mask = (uint32_t)capacity_for(n) - 1;
	for (uint32_t i = 0; i < n; i++) {
		struct dg_sql_index_slot *slot;
		uint32_t hash, bit;

		if (names[i].data == NULL)
			continue;
		hash = dg_sql_hash_column(names[i]);
		bit = dg_sql_column_index_bit(hash);
		index->filter[bit / 64] |= UINT64_C(1) << bit % 64;
		slot = &index->slots[dg_sql_column_index_probe(
			index, names, names[i], hash, steps)];
		if (slot->column != 0)
			slot->column |= DG_SQL_SLOT_SEVERAL;
		else
			*slot = (struct dg_sql_index_slot){hash, i + 1};
	}
}

bool
dg_sql_column_index_init(struct dg_sql_column_index *index,
			 const struct dg_str *names, size_t n)
{
	uint64_t steps = 0;

	for (size_t i = 0; i < n; i++)
		if (!dg_sql_is_folded(names[i]))
			return false;
	memset(index, 0, dg_sql_column_index_size(n));
	dg_sql_column_index_fill(index, names, n, &steps);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * column_index.c - a hash over the names of columns. See column_index.h.
 *
 * Who caches a table's columns has the index made once, instead of for each
 * statement that reads the table.
 */
#include "resolve/column_index.h"

#include <stdlib.h>

#include "base/assert.h"
#include "resolve/fold.h"

static size_t
capacity_for(size_t n_names)
{
	size_t capacity = 4;

	while (capacity < n_names * 2)
		capacity *= 2;
	return capacity;
}

size_t
dg_sql_column_index_bytes(size_t n_names)
{
	DG_ASSERT(n_names <= DG_SQL_MAX_COLUMNS);
	return sizeof(struct dg_sql_column_index) +
	       capacity_for(n_names) * sizeof(struct dg_sql_index_slot);
}

size_t
dg_sql_column_index_size(size_t n_names)
{
	return dg_sql_column_index_bytes(n_names) + n_names * sizeof(uint32_t);
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

static int
compare_numbers(const void *left, const void *right, void *arg)
{
	const struct dg_str *names = arg;

	return dg_str_cmp(names[*(const uint32_t *)left],
			  names[*(const uint32_t *)right]);
}

/* None where a column has no name, or another's. */
static void
fill_order(struct dg_sql_column_index *index, const struct dg_str *names,
	   size_t n)
{
	uint32_t *order = (uint32_t *)(void *)&index->slots[index->mask + 1];

	for (uint32_t i = 0; i < n; i++) {
		if (names[i].data == NULL)
			return;
		order[i] = i;
	}
	qsort_r(order, n, sizeof(*order), compare_numbers,
		(void *)(uintptr_t)names);
	for (size_t i = 1; i < n; i++)
		if (dg_str_eq(names[order[i - 1]], names[order[i]]))
			return;
	index->n_ordered = (uint32_t)n;
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
	fill_order(index, names, n);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.h - a row of a table as texts, wherever it was read from.
 *
 * Cells are borrowed from what was read and live until the callback that got
 * the row returns. SQL NULL is a cell with data NULL.
 */
#ifndef DG_BASE_ROW_H
#define DG_BASE_ROW_H

#include "base/assert.h"
#include "base/str.h"

struct dg_row {
	const struct dg_str *cells;
	size_t n;
};

static inline struct dg_str
dg_row_get(const struct dg_row *row, size_t column)
{
	DG_ASSERT(column < row->n);
	return row->cells[column];
}

static inline bool
dg_row_is_null(const struct dg_row *row, size_t column)
{
	return dg_row_get(row, column).data == NULL;
}

#endif

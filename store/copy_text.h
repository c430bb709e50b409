/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_text.h - a line of COPY ... TO STDOUT (text format) as cells; private
 * to store/.
 */
#ifndef DG_STORE_COPY_TEXT_H
#define DG_STORE_COPY_TEXT_H

#include "base/row.h"

/*
 * The line, without its newline, is changed in place and holds the cells.
 * Exactly n of them: else, or where an escape is none that Postgres writes,
 * INVALID.
 */
enum dg_rc dg_store_copy_split(char *line, size_t len, struct dg_str *cells,
			       size_t n) DG_MUST_CHECK;

#endif

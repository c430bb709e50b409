/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h - on which lines of a JSON text the items of its lists begin.
 */
#ifndef DG_IMPORT_LINES_H
#define DG_IMPORT_LINES_H

#include "base/str.h"

/*
 * The lines, from 1, on which the first n items begin of the list that the
 * text's object has under key; 0 where there is none. The text is JSON that
 * was parsed already.
 */
void dg_json_lines_of(struct dg_str text, struct dg_str key, unsigned *lines,
		      size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.h - the sections of Trino's rule file as lists of which the first rule
 * that matches counts; private to import/.
 *
 * Catalogs decide beside each other section, so each list is the product of
 * the two: its pairs in order have one first match, too.
 */
#ifndef DG_IMPORT_LISTS_H
#define DG_IMPORT_LISTS_H

#include "plan.h"

enum { DG_LISTS_MAX = 16 };

struct dg_lists {
	struct dg_plan *plan;
	const struct dg_trino_file *file;
	struct dg_list items[DG_LISTS_MAX];
	size_t n;
	/* Made here, freed by _fini. */
	struct dg_regex **regexes;
	size_t n_regexes, regexes_capacity;
};

enum dg_rc dg_lists_make(struct dg_lists *lists) DG_MUST_CHECK;
void dg_lists_fini(struct dg_lists *lists);

#endif

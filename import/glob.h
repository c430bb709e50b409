/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - how the globs of policies relate: `*` any characters, `?` one.
 */
#ifndef DG_IMPORT_GLOB_H
#define DG_IMPORT_GLOB_H

#include "base/str.h"

bool dg_glob_is_wild(struct dg_str glob);
/*
 * All that inner (a glob or a name) matches, outer matches too. May say no
 * where a cleverer proof would say yes, never the other way.
 */
bool dg_glob_covers(struct dg_str outer, struct dg_str inner);
/* Some text is matched by both; exact for ASCII. */
bool dg_globs_meet(struct dg_str a, struct dg_str b);

#endif

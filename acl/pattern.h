/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - globs: `*` any bytes, also none; `?` one character.
 *
 * There is no escape: names with a star in them cannot be written exactly.
 */
#ifndef DG_ACL_PATTERN_H
#define DG_ACL_PATTERN_H

#include "base/str.h"

/* Holds a `*` or `?`. */
bool dg_acl_is_pattern(struct dg_str s);
/* Time linear in the text times the stars of the pattern; no memory. */
bool dg_acl_pattern_matches(struct dg_str pattern, struct dg_str text);
/*
 * Whether all that inner (a pattern or a name) matches, outer matches too.
 * May say no where a cleverer proof would say yes, never the other way.
 */
bool dg_acl_pattern_covers(struct dg_str outer, struct dg_str inner);

enum { DG_ACL_BEGIN_MAX = 32 }; /* bytes of a beginning that count */
/* What all that it matches begins with, as far as that counts. */
struct dg_str dg_acl_pattern_begin(struct dg_str pattern);

/* inner is the column itself or a field of it: "a" holds "a.b". */
bool dg_acl_column_holds(struct dg_str outer, struct dg_str inner);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_globs.h - a regular expression as globs, and whether Java and PCRE2
 * read it alike; private to regex.c.
 */
#ifndef DG_IMPORT_REGEX_GLOBS_H
#define DG_IMPORT_REGEX_GLOBS_H

#include "base/arena.h"

/* False: it is more than a few names and globs. */
bool dg_regex_to_globs(struct dg_str regex, struct dg_arena *arena,
		       const struct dg_str **globs_out, size_t *n_out);
/* INVALID with the construct that is not carried over. */
enum dg_rc dg_regex_check(struct dg_str regex, struct dg_error *err);

#endif

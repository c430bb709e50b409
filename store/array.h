/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array.h - text[] as Postgres writes it: {a,"b c",NULL}.
 */
#ifndef DG_STORE_ARRAY_H
#define DG_STORE_ARRAY_H

#include "base/arena.h"

/*
 * One dimension, no NULLs. The items live in the arena. INVALID for anything
 * else, LIMIT when the arena is full.
 */
enum dg_rc dg_store_array_parse(struct dg_str text, struct dg_arena *arena,
				const struct dg_str **items_out,
				size_t *n_out) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - bump allocation with a cap, freed as a whole.
 *
 * One arena per statement, one per snapshot. There is no per-object free.
 * Sizes that depend on a peer end here: beyond the cap dg_arena_alloc returns
 * NULL, which the caller maps to DG_ERR_LIMIT. Memory is zeroed and aligned to
 * 16, but what was asked for raw is not zeroed. Freed and unused room is
 * poisoned under AddressSanitizer. Not thread-safe.
 */
#ifndef DG_BASE_ARENA_H
#define DG_BASE_ARENA_H

#include "base/budget.h"

DG_BEGIN_DECLS

struct dg_arena;

/* cap_bytes bounds the sum of all chunks, bookkeeping included. */
struct dg_arena *dg_arena_create(size_t cap_bytes);
/*
 * All chunks but the first count against budget, which must outlive the
 * arena; may be NULL. Only while there is no other chunk.
 */
void dg_arena_set_budget(struct dg_arena *arena, struct dg_budget *budget);
/* From now on: what was handed out is overwritten when it is given back. */
void dg_arena_keep_secrets(struct dg_arena *arena);
/*
 * NULL was returned since the last reset because the budget, not the cap, was
 * used up: the same could succeed at another time.
 */
bool dg_arena_is_starved(const struct dg_arena *arena);
void dg_arena_destroy(struct dg_arena **arena);
/* Gives everything back but the first chunk. */
void dg_arena_reset(struct dg_arena *arena);

/* Zeroed; NULL when cap or budget is reached. size 0 gives a valid pointer. */
void *dg_arena_alloc(struct dg_arena *arena, size_t size) DG_MUST_CHECK;
/* The same, not zeroed: for what is written in full before it is read. */
void *dg_arena_alloc_raw(struct dg_arena *arena, size_t size) DG_MUST_CHECK;
/* The same with an overflow-checked product. */
void *dg_arena_alloc_array(struct dg_arena *arena, size_t count,
			   size_t size) DG_MUST_CHECK;
#define DG_ARENA_NEW(arena, type) \
	((type *)dg_arena_alloc((arena), sizeof(type)))
#define DG_ARENA_ARRAY(arena, type, n) \
	((type *)dg_arena_alloc_array((arena), (n), sizeof(type)))

/* A copy of s in the arena; data is NULL when the cap is reached. */
struct dg_str dg_arena_str(struct dg_arena *arena, struct dg_str s);
/* NUL-terminated copy; NULL when s holds a NUL or the cap is reached. */
char *dg_arena_cstr(struct dg_arena *arena, struct dg_str s) DG_MUST_CHECK;
/* printf into the arena; data is NULL when the cap is reached. */
struct dg_str dg_arena_printf(struct dg_arena *arena, const char *fmt, ...)
	DG_PRINTF(2, 3);

struct dg_arena_mark {
	void *chunk;
	size_t used;
};
struct dg_arena_mark dg_arena_mark(const struct dg_arena *arena);
void dg_arena_rewind(struct dg_arena *arena, struct dg_arena_mark mark);

/* Bytes handed out, and bytes held from the heap. */
size_t dg_arena_used(const struct dg_arena *arena);
size_t dg_arena_held(const struct dg_arena *arena);

DG_END_DECLS

#endif

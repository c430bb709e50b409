/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - a hash map from byte strings to pointers.
 *
 * Open addressing; SipHash-1-3 with a per-process random seed, so that names
 * chosen by a client cannot make it slow. Keys are borrowed: their bytes must
 * outlive the entry. Memory comes from the heap, or from an arena when one is
 * given (then fini is not needed). Iteration order is unspecified.
 */
#ifndef DG_BASE_MAP_H
#define DG_BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct dg_map_slot;

struct dg_map {
	struct dg_map_slot *slots; /* owned, or in arena */
	size_t count;
	size_t capacity;
	struct dg_arena *arena; /* borrowed, may be NULL */
};

void dg_map_init(struct dg_map *map, struct dg_arena *arena);
void dg_map_fini(struct dg_map *map);

/* The value, or NULL. */
void *dg_map_get(const struct dg_map *map, struct dg_str key);
/*
 * Adds or replaces; the former value goes to *old_out when that is not NULL.
 * LIMIT when the arena is full. value must not be NULL.
 */
enum dg_rc dg_map_put(struct dg_map *map, struct dg_str key, void *value,
		      void **old_out) DG_MUST_CHECK;
/* The removed value, or NULL. */
void *dg_map_remove(struct dg_map *map, struct dg_str key);

struct dg_map_iter {
	size_t next;
	struct dg_str key;
	void *value;
};
/* Start with {0}; false at the end. The map must not change meanwhile. */
bool dg_map_next(const struct dg_map *map, struct dg_map_iter *iter);

/*
 * A keyed hash that costs a third of dg_hash on names, for what lives as long
 * as one request: weaker, so that who uses it must bound the work that a
 * collision makes. Other machines give other values.
 */
uint64_t dg_hash_quick(const void *data, size_t len);
/* SipHash-1-3 under the process's seed. */
uint64_t dg_hash(const void *data, size_t len);
/* The same under a key of the caller's; for tests and for stable hashes. */
uint64_t dg_hash_seeded(uint64_t k0, uint64_t k1, const void *data, size_t len);

#endif

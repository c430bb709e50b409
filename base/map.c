/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c - open addressing with linear probing. See map.h.
 *
 * At most 3/4 of the slots are taken. A removal shifts the following entries
 * back instead of leaving a tombstone, so that a map with much coming and
 * going stays fast. A slot is free when its value is NULL.
 */
#include "base/map.h"

#include <endian.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/assert.h"
#include "base/mem.h"

enum { MAP_FIRST_CAPACITY = 8 };

struct dg_map_slot {
	uint64_t hash;
	struct dg_str key; /* borrowed from the caller */
	void *value;       /* the caller's; NULL = free slot */
};

static uint64_t hash_seed[4]; /* dg_hash has the first two */
static pthread_once_t hash_seed_once = PTHREAD_ONCE_INIT;
static atomic_bool hash_seed_read;

static void
read_seed(void)
{
	/* Without entropy clients could choose collisions: do not start. */
	DG_ASSERT(getrandom(hash_seed, sizeof(hash_seed), 0) ==
		  (ssize_t)sizeof(hash_seed));
	atomic_store_explicit(&hash_seed_read, true, memory_order_release);
}

/* On the way of every look-up: a load, but for the first. */
static inline void
need_seed(void)
{
	if (!atomic_load_explicit(&hash_seed_read, memory_order_acquire))
		pthread_once(&hash_seed_once, read_seed);
}

static inline uint64_t
rotate_left(uint64_t x, unsigned bits)
{
	return (x << bits) | (x >> (64 - bits));
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate_left(s->v1, 13) ^ s->v0;
	s->v0 = rotate_left(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate_left(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate_left(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate_left(s->v1, 17) ^ s->v2;
	s->v2 = rotate_left(s->v2, 32);
}

/* Little endian whatever the machine. */
static inline uint64_t
load_le(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The last len % 8 bytes; where there are 8 before the end, in one load. */
static inline uint64_t
load_tail(const unsigned char *p, size_t left, size_t len)
{
	uint64_t word = 0;

	if (left == 0)
		return 0;
	if (len >= 8)
		return load_le(p + left - 8) >> (64 - 8 * left);
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

/* SipHash (Aumasson, Bernstein 2012), 1 round a word and 3 at the end. */
uint64_t
dg_hash_seeded(uint64_t k0, uint64_t k1, const void *data, size_t len)
{
	struct sip s = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};
	const unsigned char *p = data;
	size_t left = len;
	uint64_t word;

	for (; left >= 8; left -= 8, p += 8) {
		word = load_le(p);
		s.v3 ^= word;
		sip_round(&s);
		s.v0 ^= word;
	}
	word = load_tail(p, left, len) | (uint64_t)(len & 0xff) << 56;
	s.v3 ^= word;
	sip_round(&s);
	s.v0 ^= word;
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t
dg_hash(const void *data, size_t len)
{
	need_seed();
	return dg_hash_seeded(hash_seed[0], hash_seed[1], data, len);
}

/* Both halves of the 128-bit product, so that each bit in counts. */
static inline uint64_t
fold_product(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
load_word(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* The first and the last bytes of less than 8, which may overlap. */
static inline void
load_short(const unsigned char *p, size_t len, uint64_t words[2])
{
	uint32_t first = 0;
	uint32_t last = 0;

	if (len >= 4) {
		memcpy(&first, p, sizeof(first));
		memcpy(&last, p + len - 4, sizeof(last));
	} else if (len > 0) {
		first = (uint32_t)p[0] << 8 | p[len / 2];
		last = p[len - 1];
	}
	words[0] = first;
	words[1] = last;
}

/* 8 to 32 bytes, most names: how many they are is no branch. */
static inline uint64_t
hash_name(const unsigned char *p, size_t len)
{
	size_t step = len > 16 ? 8 : 0;
	uint64_t outer = fold_product(load_word(p) ^ hash_seed[0] ^ len,
				      load_word(p + len - 8) ^ hash_seed[1]);
	uint64_t inner =
		fold_product(load_word(p + step) ^ hash_seed[2],
			     load_word(p + len - 8 - step) ^ hash_seed[3]);

	return fold_product(outer ^ inner, hash_seed[0] | 1);
}

/* Products of the words and a secret, folded; in the manner of wyhash. */
uint64_t
dg_hash_quick(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t words[2];
	uint64_t hash;

	need_seed();
	if (len >= 8 && len <= 32)
		return hash_name(p, len);
	hash = hash_seed[0] ^ len;
	if (len < 8) {
		load_short(p, len, words);
	} else {
		for (size_t left = len; left > 16; left -= 16, p += 16)
			hash = fold_product(load_word(p) ^ hash,
					    load_word(p + 8) ^ hash_seed[1]);
		p = (const unsigned char *)data + len - 16;
		words[0] = load_word(p);
		words[1] = load_word(p + 8);
	}
	hash = fold_product(words[0] ^ hash, words[1] ^ hash_seed[1]);
	return fold_product(hash, hash_seed[0] | 1);
}

void
dg_map_init(struct dg_map *map, struct dg_arena *arena)
{
	*map = (struct dg_map){.arena = arena};
}

void
dg_map_fini(struct dg_map *map)
{
	if (map->arena == NULL)
		dg_free(map->slots);
	*map = (struct dg_map){.arena = map->arena};
}

/* The slot that holds key, or the free one where it belongs. */
static struct dg_map_slot *
find_slot(struct dg_map_slot *slots, size_t capacity, uint64_t hash,
	  struct dg_str key)
{
	size_t mask = capacity - 1;
	size_t i = (size_t)hash & mask;

	while (slots[i].value != NULL &&
	       (slots[i].hash != hash || !dg_str_eq(slots[i].key, key)))
		i = (i + 1) & mask;
	return &slots[i];
}

void *
dg_map_get(const struct dg_map *map, struct dg_str key)
{
	if (map->count == 0)
		return NULL;
	return find_slot(map->slots, map->capacity, dg_hash(key.data, key.len),
			 key)
		->value;
}

static enum dg_rc
grow(struct dg_map *map)
{
	size_t capacity =
		map->capacity == 0 ? MAP_FIRST_CAPACITY : map->capacity * 2;
	struct dg_map_slot *slots;

	if (map->arena != NULL)
		slots = DG_ARENA_ARRAY(map->arena, struct dg_map_slot,
				       capacity);
	else
		slots = DG_NEW_ARRAY(struct dg_map_slot, capacity);
	if (slots == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < map->capacity; i++) {
		const struct dg_map_slot *old = &map->slots[i];

		if (old->value != NULL)
			*find_slot(slots, capacity, old->hash, old->key) = *old;
	}
	if (map->arena == NULL)
		dg_free(map->slots);
	map->slots = slots;
	map->capacity = capacity;
	return DG_OK;
}

enum dg_rc
dg_map_put(struct dg_map *map, struct dg_str key, void *value, void **old_out)
{
	uint64_t hash = dg_hash(key.data, key.len);
	struct dg_map_slot *slot;
	enum dg_rc rc;

	DG_ASSERT(value != NULL);
	if (map->count >= map->capacity / 4 * 3) {
		rc = grow(map);
		if (rc != DG_OK)
			return rc;
	}
	slot = find_slot(map->slots, map->capacity, hash, key);
	if (old_out != NULL)
		*old_out = slot->value;
	if (slot->value == NULL)
		map->count++;
	*slot = (struct dg_map_slot){hash, key, value};
	return DG_OK;
}

/* Closes the gap at index gap: later entries of the run move up. */
static void
shift_back(struct dg_map *map, size_t gap)
{
	size_t mask = map->capacity - 1;
	size_t i = (gap + 1) & mask;

	for (; map->slots[i].value != NULL; i = (i + 1) & mask) {
		size_t home = (size_t)map->slots[i].hash & mask;

		/* Its home must not lie behind the gap, seen from i. */
		if (((i - home) & mask) >= ((i - gap) & mask)) {
			map->slots[gap] = map->slots[i];
			gap = i;
		}
	}
	map->slots[gap] = (struct dg_map_slot){.value = NULL};
}

void *
dg_map_remove(struct dg_map *map, struct dg_str key)
{
	struct dg_map_slot *slot;
	void *value;

	if (map->count == 0)
		return NULL;
	slot = find_slot(map->slots, map->capacity, dg_hash(key.data, key.len),
			 key);
	value = slot->value;
	if (value == NULL)
		return NULL;
	shift_back(map, (size_t)(slot - map->slots));
	map->count--;
	return value;
}

bool
dg_map_next(const struct dg_map *map, struct dg_map_iter *iter)
{
	while (iter->next < map->capacity) {
		const struct dg_map_slot *slot = &map->slots[iter->next++];

		if (slot->value != NULL) {
			iter->key = slot->key;
			iter->value = slot->value;
			return true;
		}
	}
	return false;
}

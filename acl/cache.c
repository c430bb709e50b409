/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.c - effective rights by (user, roles of the session, privilege, object,
 * cluster), and by the client's address where rules ask for it.
 *
 * Belongs to one thread. When it is full it is emptied as a whole: what is
 * asked for again comes back in microseconds, and there is nothing to get
 * wrong. An entry is used only within the time in which no validity window of
 * a rule opens or closes.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "match.h"

enum {
	CACHE_BYTES_PER_ENTRY = 1024,
	CACHE_KEY_MAX = 512,
};

struct dg_acl_cache {
	struct dg_acl_snapshot *snapshot; /* one reference */
	struct dg_arena *arena;           /* owned; keys and rights */
	struct dg_map map;                /* in the arena */
	size_t max_entries;
};

struct dg_acl_cache *
dg_acl_cache_create(struct dg_acl_snapshot *snapshot, size_t max_entries)
{
	struct dg_acl_cache *cache = DG_NEW(struct dg_acl_cache);

	DG_ASSERT(max_entries > 0 &&
		  max_entries < SIZE_MAX / (2 * CACHE_BYTES_PER_ENTRY));
	cache->snapshot = dg_acl_snapshot_ref(snapshot);
	cache->max_entries = max_entries;
	cache->arena =
		dg_arena_create((max_entries + 64) * CACHE_BYTES_PER_ENTRY);
	dg_map_init(&cache->map, cache->arena);
	return cache;
}

void
dg_acl_cache_destroy(struct dg_acl_cache **cache)
{
	struct dg_acl_cache *c = *cache;

	*cache = NULL;
	if (c == NULL)
		return;
	dg_arena_destroy(&c->arena);
	dg_acl_snapshot_unref(&c->snapshot);
	dg_free(c);
}

static void
empty(struct dg_acl_cache *cache)
{
	dg_arena_reset(cache->arena);
	dg_map_init(&cache->map, cache->arena);
}

/* Empty while it is not known, or no rule asks for it. */
static struct dg_str
client_of(const struct dg_acl_query *query)
{
	return dg_str_make((const char *)query->client.bytes,
			   query->client_known ? sizeof(query->client.bytes)
					       : 0);
}

/*
 * 0 when the names are too long to be worth it. The roles of the session are in
 * it one by one: two sessions of a user share what they have in common only.
 */
static size_t
make_key(const struct dg_acl_query *query, char key[CACHE_KEY_MAX])
{
	const struct dg_acl_member *user = query->user;
	const struct dg_str names[] = {
		query->parts[0],
		query->parts[1],
		query->parts[2],
		query->cluster,
		client_of(query),
		dg_str_make((const char *)user->extra,
			    user->n_extra * sizeof(uint32_t)),
	};
	uint32_t head[3 + DG_ARRAY_LEN(names)] = {
		user->id, (uint32_t)query->kind, query->privileges};
	size_t len = sizeof(head);

	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		if (names[i].len > CACHE_KEY_MAX - len)
			return 0;
		head[3 + i] = (uint32_t)names[i].len;
		if (names[i].len > 0)
			memcpy(key + len, names[i].data, names[i].len);
		len += names[i].len;
	}
	memcpy(key, head, sizeof(head));
	return len;
}

static const struct dg_acl_effective *
store(struct dg_acl_cache *cache, const struct dg_acl_query *query,
      struct dg_str key)
{
	struct dg_acl_effective *effective =
		dg_acl_effective_build(query, cache->arena);
	struct dg_str kept;

	if (effective == NULL)
		return NULL;
	kept = dg_arena_str(cache->arena, key);
	if (kept.data == NULL ||
	    dg_map_put(&cache->map, kept, effective, NULL) != DG_OK)
		return NULL;
	return effective;
}

static bool
is_current(const struct dg_acl_effective *effective, int64_t now_us)
{
	return now_us >= effective->window.from_us &&
	       now_us < effective->window.until_us;
}

const struct dg_acl_effective *
dg_acl_effective_get(struct dg_acl_cache *cache, struct dg_acl_query *query,
		     struct dg_arena *arena)
{
	char bytes[CACHE_KEY_MAX];
	const struct dg_acl_effective *found;
	struct dg_str key;

	if (cache == NULL) {
		dg_acl_query_symbols(query);
		return dg_acl_effective_build(query, arena);
	}
	DG_ASSERT(cache->snapshot == query->snapshot);
	key = dg_str_make(bytes, make_key(query, bytes));
	if (key.len > 0) {
		found = dg_map_get(&cache->map, key);
		if (found != NULL && is_current(found, query->now_us))
			return found;
	}
	dg_acl_query_symbols(query);
	if (key.len == 0)
		return dg_acl_effective_build(query, arena);
	if (cache->map.count >= cache->max_entries)
		empty(cache);
	found = store(cache, query, key);
	if (found != NULL)
		return found;
	/* No room: start afresh next time, answer from the caller's arena. */
	empty(cache);
	return dg_acl_effective_build(query, arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.c - credentials that were verified a moment ago. See cache.h.
 *
 * Entries are dropped oldest first when the cache is full: an entry lives for
 * a fixed time from its verification, however often it is used.
 */
#include "auth/cache.h"

#include "base/assert.h"
#include "base/mem.h"

struct entry {
	struct dg_list link; /* in oldest */
	struct dg_credential_key key;
	struct dg_str user; /* owned */
	int64_t user_id;
	int64_t credential_version;
	uint64_t expires_ms;
};

static struct dg_str
key_str(const struct dg_credential_key *key)
{
	return dg_str_make(key->bytes, sizeof(key->bytes));
}

static void
drop(struct dg_credential_cache *cache, struct entry *entry)
{
	(void)dg_map_remove(&cache->entries, key_str(&entry->key));
	dg_list_remove(&entry->link);
	dg_str_free(&entry->user);
	dg_wipe(&entry->key, sizeof(entry->key));
	dg_free(entry);
}

static struct entry *
oldest_entry(struct dg_credential_cache *cache)
{
	return DG_CONTAINER_OF(cache->oldest.next, struct entry, link);
}

void
dg_credential_cache_init(struct dg_credential_cache *cache, size_t max,
			 uint64_t ttl_ms)
{
	dg_map_init(&cache->entries, NULL);
	dg_list_init(&cache->oldest);
	cache->max = max;
	cache->ttl_ms = ttl_ms;
}

void
dg_credential_cache_fini(struct dg_credential_cache *cache)
{
	while (!dg_list_is_empty(&cache->oldest))
		drop(cache, oldest_entry(cache));
	dg_map_fini(&cache->entries);
}

/* A user who was removed and made again is another one: the id tells. */
static const struct dg_store_user *
backing_user(const struct entry *entry, const struct dg_store_snapshot *policy)
{
	const struct dg_store_user *user =
		dg_store_find_user(policy, entry->user);

	if (user == NULL || user->disabled || user->id != entry->user_id ||
	    user->credential_version != entry->credential_version)
		return NULL;
	return user;
}

const struct dg_store_user *
dg_credential_cache_find(struct dg_credential_cache *cache,
			 const struct dg_credential_key *key,
			 const struct dg_store_snapshot *policy,
			 uint64_t now_ms)
{
	struct entry *entry = dg_map_get(&cache->entries, key_str(key));
	const struct dg_store_user *user;

	if (entry == NULL)
		return NULL;
	user = backing_user(entry, policy);
	if (user != NULL && now_ms < entry->expires_ms)
		return user;
	drop(cache, entry);
	return NULL;
}

void
dg_credential_cache_add(struct dg_credential_cache *cache,
			const struct dg_credential_key *key,
			const struct dg_store_user *user, uint64_t now_ms)
{
	struct entry *entry = dg_map_get(&cache->entries, key_str(key));

	if (cache->ttl_ms == 0)
		return;
	if (entry != NULL)
		drop(cache, entry);
	while (cache->entries.count >= cache->max)
		drop(cache, oldest_entry(cache));
	entry = DG_NEW(struct entry);
	entry->key = *key;
	entry->user = dg_str_dup(user->name);
	entry->user_id = user->id;
	entry->credential_version = user->credential_version;
	entry->expires_ms = now_ms + cache->ttl_ms;
	dg_list_append(&cache->oldest, &entry->link);
	DG_ASSERT(dg_map_put(&cache->entries, key_str(&entry->key), entry,
			     NULL) == DG_OK);
}

void
dg_credential_cache_sweep(struct dg_credential_cache *cache,
			  const struct dg_store_snapshot *policy)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &cache->oldest) {
		struct entry *entry = DG_CONTAINER_OF(it, struct entry, link);

		if (backing_user(entry, policy) == NULL)
			drop(cache, entry);
	}
}

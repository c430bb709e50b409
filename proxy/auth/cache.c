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

enum { GROUP_BYTES = 1024 };

struct entry {
	struct dg_list link; /* in oldest */
	struct dg_credential_key key;
	struct dg_str user;    /* owned */
	struct dg_str *groups; /* owned, as their bytes are: one block */
	size_t n_groups;
	size_t bytes; /* of that block */
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
	cache->bytes -= entry->bytes;
	dg_free(entry->groups);
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
	cache->bytes = 0;
	cache->ttl_ms = ttl_ms;
}

void
dg_credential_cache_fini(struct dg_credential_cache *cache)
{
	dg_credential_cache_clear(cache);
	dg_map_fini(&cache->entries);
}

void
dg_credential_cache_clear(struct dg_credential_cache *cache)
{
	while (!dg_list_is_empty(&cache->oldest))
		drop(cache, oldest_entry(cache));
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

bool
dg_credential_cache_find(struct dg_credential_cache *cache,
			 const struct dg_credential_key *key,
			 const struct dg_store_snapshot *policy,
			 uint64_t now_ms, struct dg_caller *caller_out)
{
	struct entry *entry = dg_map_get(&cache->entries, key_str(key));
	const struct dg_store_user *user;

	if (entry == NULL)
		return false;
	user = backing_user(entry, policy);
	if (user == NULL || now_ms >= entry->expires_ms) {
		drop(cache, entry);
		return false;
	}
	*caller_out = (struct dg_caller){.name = user->name,
					 .groups = entry->groups,
					 .n_groups = entry->n_groups};
	return true;
}

static size_t
group_bytes(const struct dg_caller *caller)
{
	size_t bytes = caller->n_groups * sizeof(struct dg_str);

	for (size_t i = 0; i < caller->n_groups; i++)
		bytes += caller->groups[i].len;
	return bytes;
}

static void
copy_groups(struct entry *entry, const struct dg_caller *caller)
{
	char *to;

	entry->bytes = group_bytes(caller);
	if (entry->bytes == 0)
		return;
	entry->groups = dg_calloc(entry->bytes, 1);
	entry->n_groups = caller->n_groups;
	to = (char *)(entry->groups + caller->n_groups);
	for (size_t i = 0; i < caller->n_groups; i++) {
		struct dg_str group = caller->groups[i];

		if (group.len > 0)
			memcpy(to, group.data, group.len);
		entry->groups[i] = dg_str_make(to, group.len);
		to += group.len;
	}
}

void
dg_credential_cache_add(struct dg_credential_cache *cache,
			const struct dg_credential_key *key,
			const struct dg_store_user *user,
			const struct dg_caller *caller, uint64_t now_ms,
			uint64_t until_ms)
{
	struct entry *entry = dg_map_get(&cache->entries, key_str(key));
	size_t bytes = group_bytes(caller);

	if (entry != NULL)
		drop(cache, entry);
	if (cache->ttl_ms == 0 || until_ms <= now_ms ||
	    bytes > cache->max * GROUP_BYTES)
		return;
	while (cache->entries.count >= cache->max ||
	       cache->bytes > cache->max * GROUP_BYTES - bytes)
		drop(cache, oldest_entry(cache));
	entry = DG_NEW(struct entry);
	entry->key = *key;
	entry->user = dg_str_dup(user->name);
	copy_groups(entry, caller);
	cache->bytes += entry->bytes;
	entry->user_id = user->id;
	entry->credential_version = user->credential_version;
	entry->expires_ms = until_ms - now_ms < cache->ttl_ms
				    ? until_ms
				    : now_ms + cache->ttl_ms;
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - credentials that were verified a moment ago.
 *
 * Keyed by a keyed hash of the credentials under a key of the process, so that
 * a memory image holds no password, no token and no hash that could be guessed
 * against. An entry holds which user, in which version of the credentials, it
 * stands for, and the groups a token named; it is good only while the policy
 * says the same.
 */
#ifndef DG_PROXY_AUTH_CACHE_H
#define DG_PROXY_AUTH_CACHE_H

#include "auth/auth.h"
#include "base/list.h"
#include "base/map.h"

enum { DG_CREDENTIAL_KEY = 32 };

struct dg_credential_key {
	char bytes[DG_CREDENTIAL_KEY];
};

struct dg_credential_cache {
	struct dg_map entries; /* key -> owned struct entry */
	struct dg_list oldest; /* all entries, oldest first */
	size_t max;
	size_t bytes; /* of all groups; at most GROUP_BYTES an entry of max */
	uint64_t ttl_ms;
};

void dg_credential_cache_init(struct dg_credential_cache *cache, size_t max,
			      uint64_t ttl_ms);
void dg_credential_cache_fini(struct dg_credential_cache *cache);
/*
 * Whose credentials these are, by policy; valid until the next call and as
 * long as the policy. False when it is not known.
 */
bool dg_credential_cache_find(struct dg_credential_cache *cache,
			      const struct dg_credential_key *key,
			      const struct dg_store_snapshot *policy,
			      uint64_t now_ms, struct dg_caller *caller_out);
/* groups: copied. until_ms: never remembered for longer. */
void dg_credential_cache_add(struct dg_credential_cache *cache,
			     const struct dg_credential_key *key,
			     const struct dg_store_user *user,
			     const struct dg_caller *caller, uint64_t now_ms,
			     uint64_t until_ms);
void dg_credential_cache_clear(struct dg_credential_cache *cache);
/* Drops what the policy no longer backs. */
void dg_credential_cache_sweep(struct dg_credential_cache *cache,
			       const struct dg_store_snapshot *policy);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - what a worker thread owns, and what a statement may use of it.
 *
 * One loop, its listeners, its pools and caches, and references to the newest
 * snapshots, which change between dispatches only. Nothing here is locked.
 */
#ifndef DG_PROXY_WORKER_H
#define DG_PROXY_WORKER_H

#include "audit/audit.h"
#include "auth/auth.h"
#include "config.h"
#include "http/client.h"
#include "http/server.h"
#include "metadata/metadata.h"
#include "presto/rewrite.h"
#include "presto/seal.h"
#include "route/route.h"

#define DG_WORKER_MAGIC UINT32_C(0x57524b31)

struct dg_worker {
	uint32_t magic;
	unsigned index;
	struct dg_loop *loop; /* owned, as all below unless said */
	/*
	 * Borrowed from the gateway, which keeps every configuration it ever
	 * ran with: a statement may hold on to the one it started with.
	 */
	const struct dg_config *config;
	struct dg_upstream *upstream;
	struct dg_auth *auth;
	struct dg_metadata *metadata;
	struct dg_audit *audit;        /* borrowed from the gateway */
	const struct dg_keyring *keys; /* borrowed from the gateway */
	const char *replica;           /* borrowed: this replica's name */
	/* What all requests and replies on their way may hold together. */
	struct dg_budget memory;
	struct dg_arena *scratch;         /* empty between dispatches */
	struct dg_store_snapshot *policy; /* ref; NULL before the first load */
	struct dg_acl_cache *rights;      /* of policy's version */
	struct dg_cluster_states *clusters; /* ref; may be NULL */
	uint64_t policy_fresh_ms; /* monotonic: last successful poll */
};

/*
 * All workers of this process forget the columns of these tables
 * (metadata/changes.h): this one at once, the others with their next messages.
 */
void dg_worker_tables_changed(struct dg_worker *worker, struct dg_str cluster,
			      struct dg_str changes);

/* Policy is there and not older than policy.max_staleness. */
bool dg_worker_policy_usable(const struct dg_worker *worker);
/* If it is not: why, for the client. */
const char *dg_worker_policy_why(const struct dg_worker *worker);

#endif

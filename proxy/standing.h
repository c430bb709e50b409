/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standing.h - where this replica stands: which version all of its workers
 * work with, by how much that is behind, and its row among the replicas.
 *
 * Control thread only. A version is in force when every worker has said so;
 * until then the former one is.
 */
#ifndef DG_PROXY_STANDING_H
#define DG_PROXY_STANDING_H

#include "store/store.h"

struct dg_config;
struct dg_standing;

struct dg_standing *dg_standing_create(struct dg_loop *control,
				       unsigned n_workers);
void dg_standing_destroy(struct dg_standing **standing);

/* What the configuration or else the host calls this replica. */
enum { DG_STANDING_NAME_MAX = 256 };
void dg_standing_name(const struct dg_config *config,
		      char out[DG_STANDING_NAME_MAX]);

/* From now on it reports; follower is borrowed until destroy. */
struct dg_standing_replica {
	const char *conninfo;
	const char *name;
	const char *address;
	unsigned address_port; /* that was bound, for port 0 */
	const struct dg_store_follower *follower;
	const struct dg_config *config; /* borrowed */
};
void dg_standing_join(struct dg_standing *standing,
		      const struct dg_standing_replica *replica);
/* After a reload. */
void dg_standing_configure(struct dg_standing *standing,
			   const struct dg_config *config);

/* Workers are told of this version. */
void dg_standing_published(struct dg_standing *standing,
			   struct dg_store_snapshot *policy);
/* A worker works with this version; NULL: with none yet. */
void dg_standing_settled(struct dg_standing *standing, unsigned worker,
			 const struct dg_store_snapshot *policy);
/* Every worker has worked with a version. */
bool dg_standing_is_settled(const struct dg_standing *standing);

struct dg_standing_lag {
	int64_t in_force; /* 0: none */
	int64_t seen;     /* the newest that is known of */
	int64_t versions; /* between them */
	int64_t ms;       /* since there is a newer one; 0: there is none */
};
void dg_standing_lag(const struct dg_standing *standing,
		     struct dg_standing_lag *lag_out);
/* By more than policy.max_lag; nothing is refused for it. */
bool dg_standing_is_too_far_behind(const struct dg_standing *standing);
/* The metrics of it. */
void dg_standing_measure(const struct dg_standing *standing);

/* Before the end, once; what follows may be called at once. */
void dg_standing_leave(struct dg_standing *standing);
bool dg_standing_has_left(const struct dg_standing *standing);

#endif

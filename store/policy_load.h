/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_load.h - reading one version of the policy; private to store/.
 */
#ifndef DG_STORE_POLICY_LOAD_H
#define DG_STORE_POLICY_LOAD_H

#include "store/store.h"

/*
 * Once per load. OK: the snapshot, whose one reference is the callee's. Else
 * NULL and err; INVALID, CONFLICT, NOT_FOUND and LIMIT are about the policy
 * itself, and *version_out says which version that was.
 */
typedef void (*dg_store_loaded_fn)(void *arg, enum dg_rc rc, int64_t version,
				   struct dg_store_snapshot *snapshot,
				   const struct dg_error *err);

/*
 * pg must be fail_fast: a load that loses its session must not go on in
 * another. With pg destroyed, the load ends with CLOSED. With base (NULL: none)
 * only what has changed since is read, if that is rules and the log has all of
 * it; else everything. The result is the same.
 */
void dg_store_load(struct dg_pg *pg, size_t max_bytes,
		   struct dg_store_snapshot *base, dg_store_loaded_fn on_loaded,
		   void *arg);

/* One row: the version, and its stamp (001_policy.sql). */
extern const char dg_store_version_sql[];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replicas.h - which replicas there are, as who administers them asks; what
 * they say of themselves is store.h's.
 */
#ifndef DG_STORE_REPLICAS_H
#define DG_STORE_REPLICAS_H

#include "store/store.h"

struct dg_store_replica {
	int64_t id;
	struct dg_str name; /* as long as the result it was read from */
	struct dg_str host;
	struct dg_str address;
	int64_t version;
	bool is_ours; /* the version is of this history */
	bool is_silent;
};
/* Rows for dg_store_replica_read; no parameters. */
extern const char dg_store_replicas_sql[];
void dg_store_replica_read(const struct dg_pg_result *result, size_t row,
			   struct dg_store_replica *out);
/* It does not work with this version, nor with a later one; or may not. */
bool dg_store_replica_lacks(const struct dg_store_replica *replica,
			    int64_t version);

/*
 * Waits until no replica that reports lacks the version, timeout_ms at most.
 * behind_out: a line for each that does ("name (host, address): ..."); empty:
 * all have it. Drives the loop.
 */
enum dg_rc dg_store_replicas_wait(struct dg_pg *pg, struct dg_loop *loop,
				  int64_t version, uint64_t timeout_ms,
				  struct dg_buf *behind_out,
				  struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offload.h - a few threads for what takes CPU for milliseconds (argon2,
 * policy compile), so that no loop waits.
 *
 * work runs on a pool thread, done on the submitting loop's thread. The queue
 * is bounded in all and per key (a hash of the client's address, say), so
 * that one client cannot take all of it.
 */
#ifndef DG_BASE_OFFLOAD_H
#define DG_BASE_OFFLOAD_H

#include "base/loop.h"

struct dg_offload;

struct dg_offload_config {
	unsigned threads;   /* >= 1 */
	size_t queue_max;   /* jobs waiting or running, in all */
	size_t per_key_max; /* of those, with one key; 0 = no such limit */
};

struct dg_offload *dg_offload_create(const struct dg_offload_config *config);
/* Waits for running jobs; jobs not started are dropped without done. */
void dg_offload_destroy(struct dg_offload **pool);

/*
 * Any thread. work(arg) on a pool thread, then done(arg) posted to loop.
 * UNAVAILABLE when the pool or the key is at its bound; arg stays with the
 * caller then. done is delivered even when the loop's mailbox is full for a
 * while (the pool thread waits).
 */
enum dg_rc dg_offload_submit(struct dg_offload *pool, uint64_t key,
			     dg_loop_fn work, dg_loop_fn done, void *arg,
			     struct dg_loop *loop) DG_MUST_CHECK;

#endif

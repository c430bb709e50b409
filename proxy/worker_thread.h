/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_thread.h - the life of a worker, as the gateway sees it.
 *
 * Created, fed and destroyed on the control thread; in between the worker runs
 * on its own. What the control thread publishes is kept in an outbox per
 * worker, newest of each kind, until the worker's mailbox takes it: nothing is
 * lost and nothing piles up.
 */
#ifndef DG_PROXY_WORKER_THREAD_H
#define DG_PROXY_WORKER_THREAD_H

#include "base/offload.h"
#include "worker.h"

struct ssl_ctx_st;
struct dg_tokens;
struct dg_worker_thread;

/* Shared by all workers; borrowed until the last of them is destroyed. */
struct dg_worker_shared {
	struct dg_loop *control;
	const struct dg_config *config;
	struct dg_offload *offload;
	struct dg_audit *audit;
	const struct dg_keyring *keys;
	struct ssl_ctx_st *tls;   /* NULL: plain */
	struct dg_tokens *tokens; /* the control thread's; NULL: none */
	const char *replica;
	size_t max_connections; /* of one worker */
	/*
	 * On the control loop: a worker took in what was published. The policy
	 * it works with, NULL before the first; lives until this returns.
	 */
	void (*on_settled)(void *arg, unsigned worker,
			   const struct dg_store_snapshot *policy);
	/* On the control loop: a draining worker has no connection left. */
	void (*on_drained)(void *arg, unsigned worker);
	void *arg;
	/* All of them, in a place that does not move; set before any starts. */
	struct dg_worker_thread *const *workers;
	unsigned n_workers;
};

/*
 * Opens the listeners. ports: one an address of config.listen, 0 = as in the
 * address; filled in with what was bound, for the workers that follow.
 */
enum dg_rc dg_worker_create(const struct dg_worker_shared *shared,
			    unsigned index, unsigned *ports,
			    struct dg_worker_thread **worker_out,
			    struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_worker_start(struct dg_worker_thread *thread,
			   struct dg_error *err) DG_MUST_CHECK;
/* Stops the loop and waits for the thread; harmless when it does not run. */
void dg_worker_join(struct dg_worker_thread *thread);
/* When all are joined: takes in what they have posted to each other. */
void dg_worker_empty(struct dg_worker_thread *thread);
/* Joined and emptied, and after the offload pool is gone. */
void dg_worker_destroy(struct dg_worker_thread **thread);

/*
 * Any thread, from start to destroy: fn(arg) runs on the worker's thread, or
 * when it is emptied. UNAVAILABLE: its mailbox is full; arg is still the
 * caller's.
 */
enum dg_rc dg_worker_post(struct dg_worker_thread *thread, dg_loop_fn fn,
			  void *arg) DG_MUST_CHECK;
/* On its own thread. */
struct dg_worker *dg_worker_of(struct dg_worker_thread *thread);

/* The outbox. References are taken as needed. */
void dg_worker_publish_policy(struct dg_worker_thread *thread,
			      struct dg_store_snapshot *policy);
void dg_worker_publish_clusters(struct dg_worker_thread *thread,
				struct dg_cluster_states *clusters);
void dg_worker_publish_keys(struct dg_worker_thread *thread,
			    struct dg_jwt_keys *keys);
void dg_worker_publish_freshness(struct dg_worker_thread *thread,
				 uint64_t policy_fresh_ms);
void dg_worker_publish_config(struct dg_worker_thread *thread,
			      const struct dg_config *config,
			      struct ssl_ctx_st *tls);
void dg_worker_publish_drain(struct dg_worker_thread *thread);

#endif

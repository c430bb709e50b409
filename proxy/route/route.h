/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h - which cluster a statement goes to, and what is known of clusters.
 *
 * The choice is made from caller and connection only, before anything is
 * parsed: session property datagateway.cluster, else client tag cluster=NAME,
 * else the user's default, else the global one. A name that is unknown or not
 * allowed fails the statement; there is no silent fallback.
 */
#ifndef DG_PROXY_ROUTE_ROUTE_H
#define DG_PROXY_ROUTE_ROUTE_H

#include "http/client.h"
#include "presto/session.h"
#include "sqlparse/sqlparse.h"
#include "subject.h"

struct dg_target {
	const struct dg_store_cluster *cluster; /* borrowed from the snapshot */
	unsigned version; /* of the engine, from /v1/info; 0 = not known yet */
	struct dg_endpoint endpoint;
};

/* Versions and health as the control thread last saw them; a snapshot too. */
struct dg_cluster_state {
	struct dg_str name;
	bool reachable;
	bool starting;
	unsigned version;
	char version_text[64];
};
struct dg_cluster_states {
	struct dg_cluster_state *states; /* owned */
	size_t n_states;
	int refs; /* atomic */
};
struct dg_cluster_states *dg_cluster_states_ref(struct dg_cluster_states *s);
void dg_cluster_states_unref(struct dg_cluster_states **s);

/*
 * A target that outlives the policy it was chosen from: all of it copied to
 * arena. LIMIT when that is full.
 */
enum dg_rc dg_target_copy(const struct dg_target *target,
			  struct dg_arena *arena,
			  struct dg_target *copy_out) DG_MUST_CHECK;

void dg_target_fill(const struct dg_store_cluster *cluster,
		    const struct dg_cluster_states *states,
		    struct dg_target *target_out);
/* Of a cluster by its name, whoever asks; false: the policy has none such. */
bool dg_target_find(const struct dg_store_snapshot *policy,
		    const struct dg_cluster_states *states, struct dg_str name,
		    struct dg_target *target_out);
/* As what its statements are read; version 0: not known yet. */
struct dg_sql_engine dg_target_engine(const struct dg_target *target);
/*
 * Which columns they need rights on: utilized, as analysis.presto_columns says,
 * for Presto only. Trino has one rule, and the cross-check holds to it.
 */
enum dg_sql_accounting dg_target_accounting(const struct dg_target *target,
					    bool utilized);

/*
 * NOT_FOUND / DENIED / UNAVAILABLE with a text for people that names the
 * clusters the user may USE. Both families: see dg_route_check_family.
 */
enum dg_rc dg_route_choose(const struct dg_store_snapshot *policy,
			   const struct dg_cluster_states *states,
			   const struct dg_subject *who,
			   const struct dg_session *session, int64_t now_us,
			   struct dg_arena *arena, struct dg_target *target_out,
			   struct dg_error *err) DG_MUST_CHECK;
/* By name, for sealed URIs: still there, enabled, and allowed to be used. */
enum dg_rc dg_route_by_name(const struct dg_store_snapshot *policy,
			    const struct dg_cluster_states *states,
			    const struct dg_subject *who, struct dg_str name,
			    int64_t now_us, struct dg_target *target_out,
			    struct dg_error *err) DG_MUST_CHECK;
/* The version is known, so the dialect is: UNAVAILABLE until then. */
enum dg_rc dg_route_check_ready(const struct dg_target *target,
				struct dg_error *err) DG_MUST_CHECK;
/* A client of one family on a cluster of the other: UNSUPPORTED, names both. */
enum dg_rc dg_route_check_family(const struct dg_target *target,
				 const struct dg_session *session,
				 struct dg_error *err) DG_MUST_CHECK;

/* Polls /v1/info of every cluster from the control loop. */
struct dg_health;
typedef void (*dg_health_fn)(void *arg, struct dg_cluster_states *states);
struct dg_health *dg_health_create(struct dg_loop *loop,
				   struct dg_upstream *upstream,
				   unsigned interval_ms, unsigned timeout_ms,
				   dg_health_fn on_change, void *arg);
void dg_health_destroy(struct dg_health **health);
/* Every cluster of the snapshot has been asked once, with whatever answer. */
bool dg_health_is_settled(const struct dg_health *health);
void dg_health_set_snapshot(struct dg_health *health,
			    struct dg_store_snapshot *policy);

/*
 * Which secret may go to which address ("REFERENCE URL", secrets.bindings).
 * Per thread: opened by it before its first use of a PASSWORD cluster, closed
 * before it ends. Bindings are borrowed.
 */
void dg_route_secrets_open(char *const *bindings, size_t n_bindings);
void dg_route_secrets_close(void);

/*
 * Authorization and user headers for a request of ours to a cluster
 * (protocol.md 8.9): user header alone, or Basic of the service user. Secrets
 * are read from their reference by dg_secret_read and cached by thread.
 */
enum dg_rc dg_route_identity(const struct dg_store_cluster *cluster,
			     struct dg_str user, struct dg_arena *arena,
			     struct dg_http_header *out, size_t max, size_t *n,
			     struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - the running gateway: control thread, workers, their life.
 */
#ifndef DG_PROXY_GATEWAY_H
#define DG_PROXY_GATEWAY_H

#include "base/arena.h"
#include "base/loop.h"

struct dg_config;
struct dg_gateway;
struct dg_store_snapshot;

/* What an operator wants to know; filled on the control thread. */
struct dg_gateway_status {
	int64_t policy_version; /* in force in all workers; 0: none yet */
	int64_t policy_seen;    /* the newest that is known of */
	int64_t lag_versions;   /* between them */
	int64_t lag_ms; /* since there is a newer one; 0: there is none */
	int64_t policy_age_ms; /* since the last successful poll; -1 never */
	bool policy_from_file; /* Postgres has not answered yet */
	bool postgres_connected;
	bool ready;          /* accepts statements */
	const char *why_not; /* static; NULL when ready */
	unsigned workers;
};

/*
 * Opens sockets and starts threads; control is run by the caller, who blocks
 * no signals: the gateway's threads take none. Config is borrowed.
 */
enum dg_rc dg_gateway_start(struct dg_loop *control,
			    const struct dg_config *config,
			    struct dg_gateway **gateway_out,
			    struct dg_error *err) DG_MUST_CHECK;
/*
 * From now on SIGTERM and SIGINT drain (a second one ends at once), SIGHUP
 * reads config_file again, SIGPIPE is ignored.
 */
void dg_gateway_take_signals(struct dg_gateway *gateway,
			     const char *config_file);
/*
 * All or nothing: a file with errors, or one that changes what cannot change
 * while running, leaves everything as it is. INVALID, CONFLICT, IO.
 */
enum dg_rc dg_gateway_reload(struct dg_gateway *gateway,
			     const char *config_file,
			     struct dg_error *err) DG_MUST_CHECK;
/* Drains (bounded by shutdown.grace), then stops the control loop. */
void dg_gateway_shutdown(struct dg_gateway *gateway);
void dg_gateway_destroy(struct dg_gateway **gateway);

/* Whom an administrator's bearer token stands for. */
struct dg_gateway_identity {
	struct dg_str user;         /* a user of the policy, enabled */
	const struct dg_str *roles; /* by the groups of the token */
	size_t n_roles;
};
/*
 * On the control thread. The token must be for auth.jwt.admin_audiences; TLS
 * is the caller's to ask for. DENIED with a text for the bearer; UNAVAILABLE:
 * it cannot be told now. LIMIT when the arena is full. Names live as long as
 * the policy of this moment: copy what is kept.
 */
enum dg_rc dg_gateway_check_token(struct dg_gateway *gateway,
				  struct dg_str token, struct dg_arena *arena,
				  struct dg_gateway_identity *identity_out,
				  struct dg_error *err) DG_MUST_CHECK;

/*
 * On the control thread: called with the policy in force, if there is one, and
 * with each that follows; ref it to keep it. NULL ends that. One watches.
 */
typedef void (*dg_gateway_policy_fn)(void *arg,
				     struct dg_store_snapshot *policy);
void dg_gateway_watch_policy(struct dg_gateway *gateway,
			     dg_gateway_policy_fn watch, void *arg);

void dg_gateway_status(const struct dg_gateway *gateway,
		       struct dg_gateway_status *status_out);
/* Port of the first client listener (tests ask for port 0). */
unsigned dg_gateway_port(const struct dg_gateway *gateway);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - the running gateway: control thread, workers, their life.
 */
#ifndef DG_PROXY_GATEWAY_H
#define DG_PROXY_GATEWAY_H

#include "base/error.h"
#include "base/loop.h"

struct dg_config;
struct dg_gateway;

/* What an operator wants to know; filled on the control thread. */
struct dg_gateway_status {
	int64_t policy_version; /* 0: none yet */
	int64_t policy_age_ms;  /* since the last successful poll; -1 never */
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
void dg_gateway_status(const struct dg_gateway *gateway,
		       struct dg_gateway_status *status_out);
/* Port of the first client listener (tests ask for port 0). */
unsigned dg_gateway_port(const struct dg_gateway *gateway);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h - the operator's HTTP side: metrics, health, and the admin API.
 *
 * /metrics (Prometheus text), /healthz (the process answers), /readyz (it
 * accepts statements; 503 with the reason when not), without authentication:
 * the address belongs on a network that clients do not reach. /api/v1 (api.h)
 * with tokens, where the configuration gives it a connection to Postgres.
 */
#ifndef DG_ADMIN_ADMIN_H
#define DG_ADMIN_ADMIN_H

#include "proxy/config.h"
#include "proxy/gateway.h"
#include "proxy/http_service.h"

struct dg_admin;

/* On the control loop. gateway is borrowed and outlives admin. */
enum dg_rc dg_admin_open(struct dg_loop *control, struct dg_gateway *gateway,
			 const struct dg_config *config,
			 struct dg_admin **admin_out,
			 struct dg_error *err) DG_MUST_CHECK;
void dg_admin_close(struct dg_admin **admin);
unsigned dg_admin_port(const struct dg_admin *admin);

/* One page, as a function of what it shows. */
void dg_admin_page(const struct dg_gateway_status *status,
		   const struct dg_service_request *request,
		   struct dg_service_reply *reply);

#endif

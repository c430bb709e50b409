/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - /api/v1: the policy, tokens and logs, by REST.
 *
 * Requests come on the control loop; all that waits for Postgres is done by
 * threads of its own, each with a connection of its own.
 */
#ifndef DG_ADMIN_API_H
#define DG_ADMIN_API_H

#include "proxy/gateway.h"
#include "proxy/http_service.h"

struct dg_api;

struct dg_api_config {
	struct dg_str conninfo;     /* copied; of the role datagateway_admin */
	struct dg_gateway *gateway; /* borrowed; knows the issuer's tokens */
};

struct dg_api *dg_api_create(struct dg_loop *control,
			     const struct dg_api_config *config);
/* Waits for what is being done; what waits is answered with 503. */
void dg_api_destroy(struct dg_api **api);
/* The path begins with "/api/v1". Answers the call. */
void dg_api_call(struct dg_api *api, struct dg_service_call *call);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.h - the statement protocol: entry points for the router.
 *
 * Each takes over an authenticated exchange and answers it. The states of a
 * POST are drawn in docs/fsm/statement.dot, those of a page (GET, HEAD and
 * DELETE of a sealed URI) in docs/fsm/page.dot.
 */
#ifndef DG_PROXY_PRESTO_STATEMENT_H
#define DG_PROXY_PRESTO_STATEMENT_H

#include "worker.h"

/*
 * dg_http_service.on_request; arg is the worker. Routes by the allow-list:
 * POST and HEAD /v1/statement, sealed statement URIs, GET /v1/info,
 * DELETE and GET /v1/query/{id} for its owner; all else is 404. Authenticates
 * first.
 */
void dg_presto_serve(void *arg, struct dg_http_exchange *x);

/* POST /v1/statement, authenticated. */
void dg_statement_start(struct dg_worker *worker, struct dg_http_exchange *x,
			const struct dg_caller *caller);
/* GET, HEAD, DELETE of a sealed URI, authenticated. */
void dg_page_start(struct dg_worker *worker, struct dg_http_exchange *x,
		   const struct dg_caller *caller);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri.h - URIs between clients and coordinators: what the gateway is called,
 * and what a coordinator's URI may look like before it is sealed.
 */
#ifndef DG_PROXY_PRESTO_URI_H
#define DG_PROXY_PRESTO_URI_H

#include "base/arena.h"
#include "http/client.h"
#include "presto/rewrite.h"
#include "presto/seal.h"

/*
 * "https://gw.example:8443", without a slash at the end: public_url when it is
 * not empty, else from the request. INVALID: no usable Host header.
 */
enum dg_rc dg_uri_base(const char *public_url, const struct dg_http_head *head,
		       bool is_tls, struct dg_arena *arena,
		       struct dg_str *base_out) DG_MUST_CHECK;

/*
 * Path and query of a URI from a page of the coordinator at endpoint, and the
 * phase it belongs to. A nextUri must name that coordinator and a statement
 * path; partialCancelUri carries the internal address on Presto, so there the
 * path alone counts. INVALID for all else: the page is not passed on. The
 * view points into uri.
 */
enum dg_rc dg_uri_from_engine(const struct dg_endpoint *endpoint,
			      enum dg_uri_kind kind, struct dg_str uri,
			      struct dg_str *path_out,
			      enum dg_seal_phase *phase_out) DG_MUST_CHECK;

#endif

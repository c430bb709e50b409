/* SPDX-License-Identifier: Apache-2.0 */
/*
 * response.h - which headers of a coordinator's page reach the client, and in
 * what form (protocol.md 2.3). An allow-list.
 */
#ifndef DG_PROXY_PRESTO_RESPONSE_H
#define DG_PROXY_PRESTO_RESPONSE_H

#include "base/arena.h"
#include "http/head.h"
#include "presto/family.h"
#include "presto/seal.h"

struct dg_response_context {
	enum dg_family family;
	const struct dg_keyring *keys; /* for transaction ids */
	struct dg_str cluster;
	struct dg_str principal;
	struct dg_str session_user;
	int64_t transaction_until_us; /* what becomes of their ids */
};

/*
 * Copies to the arena; appended to out[*n]. Session properties of the
 * gateway's own never come from an engine, transaction ids are sealed.
 * INVALID for a page that cannot be passed on: another content type than JSON,
 * a content coding, values with control bytes. LIMIT: arena or max.
 */
enum dg_rc dg_response_headers(const struct dg_response_context *context,
			       const struct dg_http_head *head,
			       struct dg_arena *arena,
			       struct dg_http_header *out, size_t max,
			       size_t *n) DG_MUST_CHECK;

#endif

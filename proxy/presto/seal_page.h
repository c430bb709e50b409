/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal_page.h - the URIs of one page of a coordinator, as the rewriter asks
 * for them: nextUri and partialCancelUri sealed, infoUri on the gateway.
 */
#ifndef DG_PROXY_PRESTO_SEAL_PAGE_H
#define DG_PROXY_PRESTO_SEAL_PAGE_H

#include "presto/rewrite.h"
#include "presto/seal.h"
#include "route/route.h"

struct dg_page_uris {
	const struct dg_keyring *keys;
	const struct dg_rewriter *rewriter; /* for the page's facts */
	const struct dg_endpoint *endpoint;
	struct dg_str base;
	/*
	 * What the next URI inherits: all but phase, query id, path, expiry.
	 * The flags as they will stand when the page has been released.
	 */
	const struct dg_sealed *from;
	int64_t now_us;
	int64_t queued_us;  /* lifetime while nothing has started */
	int64_t running_us; /* lifetime afterwards */
};

/* dg_uri_fn; arg is a struct dg_page_uris. INVALID: the page may not pass. */
enum dg_rc dg_page_uris_replace(void *arg, enum dg_uri_kind kind,
				struct dg_str uri, struct dg_buf *out);

#endif

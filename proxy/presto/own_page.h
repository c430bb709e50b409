/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_page.h - results that the gateway makes itself, carried in sealed URIs.
 *
 * A denial or the end of SET SESSION is shown at the GET that follows the
 * POST (protocol.md 5.3). Whatever that GET needs rides in the `extra` of the
 * sealed URI, so that any replica can answer it, as often as it is asked.
 */
#ifndef DG_PROXY_PRESTO_OWN_PAGE_H
#define DG_PROXY_PRESTO_OWN_PAGE_H

#include "base/arena.h"
#include "http/head.h"
#include "presto/reply.h"

enum dg_own_kind {
	DG_OWN_FAILED,
	DG_OWN_SET_SESSION,
	DG_OWN_RESET_SESSION,
};

struct dg_own_page {
	enum dg_own_kind kind;
	enum dg_family family;
	struct dg_failure failure; /* FAILED */
	struct dg_str property;    /* the others: "datagateway.cluster" */
	struct dg_str value;       /* SET: not encoded yet */
};

/* Messages longer than this are cut: the whole rides in a URI. */
#define DG_OWN_MESSAGE_MAX 2048

enum dg_rc dg_own_page_encode(const struct dg_own_page *page,
			      struct dg_buf *out) DG_MUST_CHECK;
/* Views point into bytes. */
enum dg_rc dg_own_page_decode(struct dg_str bytes,
			      struct dg_own_page *page_out) DG_MUST_CHECK;

/*
 * The body, and for SET and RESET the header that tells the client to keep or
 * forget the property (*n_headers_out is 0 or 1).
 */
enum dg_rc dg_own_page_render(const struct dg_own_page *page, struct dg_str id,
			      struct dg_str base, struct dg_arena *arena,
			      struct dg_buf *body_out,
			      struct dg_http_header *header_out,
			      size_t *n_headers_out) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal_page.c - see seal_page.h.
 *
 * The query id is the page's own: it changes in mid-query when Presto repeats
 * a query by itself (protocol.md 1.3).
 */
#include "presto/seal_page.h"

#include "presto/reply.h"
#include "presto/uri.h"

static struct dg_str
page_id(const struct dg_page_uris *uris)
{
	struct dg_str id =
		dg_str_from_cstr(dg_rewriter_facts(uris->rewriter)->id);

	return id.len > 0 ? id : uris->from->query_id;
}

static enum dg_rc
seal(const struct dg_page_uris *uris, enum dg_uri_kind kind, struct dg_str uri,
     struct dg_buf *out)
{
	struct dg_sealed next = *uris->from;
	bool waiting;
	enum dg_rc rc;

	rc = dg_uri_from_engine(uris->endpoint, kind, uri, &next.path,
				&next.phase);
	if (rc != DG_OK)
		return rc;
	waiting = next.phase == DG_SEAL_QUEUED &&
		  (next.flags & DG_SEAL_STARTED) == 0;
	next.query_id = page_id(uris);
	next.expires_us =
		uris->now_us + (waiting ? uris->queued_us : uris->running_us);
	rc = dg_buf_append(out, uris->base);
	return rc == DG_OK ? dg_seal_uri(uris->keys, &next, out) : rc;
}

enum dg_rc
dg_page_uris_replace(void *arg, enum dg_uri_kind kind, struct dg_str uri,
		     struct dg_buf *out)
{
	const struct dg_page_uris *uris = arg;

	switch (kind) {
	case DG_URI_INFO:
		return dg_reply_info_uri(uris->base, page_id(uris), out);
	case DG_URI_PARTIAL_CANCEL:
		/* No client needs it: one that looks odd is left out. */
		return seal(uris, kind, uri, out) == DG_OK ? DG_OK
							   : DG_ERR_NOT_FOUND;
	case DG_URI_NEXT:
		return seal(uris, kind, uri, out);
	}
	return DG_ERR_INTERNAL;
}

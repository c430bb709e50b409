/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite.h - the streaming scanner over a QueryResults page (protocol.md 3.4).
 *
 * Follows depth and keys of the JSON as it passes, takes the members nextUri,
 * partialCancelUri, infoUri out of the outermost object and writes their
 * replacements as its last members: whoever makes them knows the whole page by
 * then (its id, whether rows came, whether they were checked). Clients read
 * pages as objects; the order of members means nothing to them. Notes id,
 * stats.state, what error it is, updateType, whether there is data. Holds back
 * no more than one key and the URIs (8 KiB each). All other bytes pass in
 * runs. Malformed JSON is an error, never passed on.
 */
#ifndef DG_PROXY_PRESTO_REWRITE_H
#define DG_PROXY_PRESTO_REWRITE_H

#include "base/buf.h"

enum dg_uri_kind { DG_URI_NEXT, DG_URI_PARTIAL_CANCEL, DG_URI_INFO };

/*
 * Appends the replacement for a URI (decoded) to out, without quotes. Called
 * when the page's facts are complete. Another rc than OK stops the page: the
 * caller cuts the connection or refuses. NOT_FOUND drops the whole member.
 */
typedef enum dg_rc (*dg_uri_fn)(void *arg, enum dg_uri_kind kind,
				struct dg_str uri, struct dg_buf *out);

#define DG_PAGE_TEXT_MAX 128

struct dg_page_facts {
	char id[DG_PAGE_TEXT_MAX];
	char state[32];
	char error_name[DG_PAGE_TEXT_MAX];
	char error_type[32];
	int64_t error_code; /* 0 unless it is a plain number */
	char update_type[DG_PAGE_TEXT_MAX];
	bool has_next;
	bool has_data; /* a non-empty `data` */
	bool has_error;
	bool complete; /* the closing brace was seen, only blanks after it */
};

struct dg_rewriter; /* on the heap; may be reset and used again */
struct dg_rewriter *dg_rewriter_create(void);
void dg_rewriter_destroy(struct dg_rewriter **rewriter);
void dg_rewriter_reset(struct dg_rewriter *rewriter, dg_uri_fn on_uri,
		       void *arg);
/* A page may add this much to the bytes that came in. */
#define DG_REWRITE_GROWTH (3 * 8192 + 128)

/*
 * Feeds the next bytes of the page; output is appended to out. INVALID for
 * what is not a JSON object in UTF-8 or names a member twice, LIMIT when out
 * is full or a bound is hit, UNSUPPORTED for rows that are not in the page
 * (spooled). After an error nothing more may be fed.
 */
enum dg_rc dg_rewriter_feed(struct dg_rewriter *rewriter, struct dg_str in,
			    struct dg_buf *out) DG_MUST_CHECK;
const struct dg_page_facts *dg_rewriter_facts(const struct dg_rewriter *r);
/* True when `data` has begun: the page must be checked before it goes on. */
bool dg_rewriter_at_data(const struct dg_rewriter *rewriter);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body.h - body framing as an incremental decoder, without I/O.
 */
#ifndef DG_PROXY_HTTP_BODY_H
#define DG_PROXY_HTTP_BODY_H

#include "http/head.h"

struct dg_http_body {
	enum dg_http_framing framing;
	uint64_t remaining;   /* of the body (LENGTH) or of the chunk */
	unsigned state;       /* of the chunk parser */
	unsigned size_digits; /* of the chunk size being read */
	size_t trailer_bytes; /* extensions and trailers read so far */
};

void dg_http_body_init(struct dg_http_body *body,
		       const struct dg_http_head *head);
/*
 * Takes bytes from in: *payload_out is the next run of payload (a view into
 * in, may be empty), *consumed_out how much of in is used up by it. DONE: the
 * body is complete; NEED_MORE: call again with what follows. Trailers are
 * read, bounded and dropped.
 */
enum dg_http_parse dg_http_body_next(struct dg_http_body *body,
				     struct dg_str in,
				     struct dg_str *payload_out,
				     size_t *consumed_out,
				     struct dg_http_fault *fault_out);

#endif

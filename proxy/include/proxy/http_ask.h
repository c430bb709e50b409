/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_ask.h - one request after another to one HTTP server, for command-line
 * tools: each call waits for its reply.
 */
#ifndef DG_PROXY_HTTP_ASK_H
#define DG_PROXY_HTTP_ASK_H

#include "base/buf.h"

struct dg_asker;

enum { DG_ASK_HEADERS_MAX = 8 };

struct dg_ask_header {
	struct dg_str name;
	struct dg_str value;
};

struct dg_ask {
	const char *method;
	struct dg_str target; /* path and query, encoded */
	struct dg_ask_header headers[DG_ASK_HEADERS_MAX];
	size_t n_headers;
	struct dg_str body;
};

struct dg_ask_reply {
	unsigned status;
	struct dg_buf *body; /* the caller's; bounded by its maximum */
};

/*
 * url: http://HOST[:PORT] or https://HOST[:PORT], nothing behind it. ca_file
 * NULL: the system's authorities. INVALID for another url.
 */
enum dg_rc dg_asker_open(struct dg_str url, const char *ca_file,
			 struct dg_asker **asker_out,
			 struct dg_error *err) DG_MUST_CHECK;
void dg_asker_close(struct dg_asker **asker);
/* OK with whatever status came; UNAVAILABLE, IO, TIMEOUT, LIMIT. */
enum dg_rc dg_asker_ask(struct dg_asker *asker, const struct dg_ask *ask,
			struct dg_ask_reply *reply,
			struct dg_error *err) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h - HTTP/1.1 request and response heads, parsed without I/O.
 *
 * Strict where leniency lets two readers disagree (RFC 9112: no obs-fold, no
 * space before the colon, no bare CR, one framing, no duplicate or signed
 * Content-Length, no Transfer-Encoding besides "chunked", token-only names),
 * tolerant where real clients need it: absolute-form targets, chunked POST.
 * Allocates nothing; the views point into the bytes given.
 */
#ifndef DG_PROXY_HTTP_HEAD_H
#define DG_PROXY_HTTP_HEAD_H

#include "base/str.h"

enum dg_http_method {
	DG_HTTP_GET,
	DG_HTTP_HEAD,
	DG_HTTP_POST,
	DG_HTTP_PUT,
	DG_HTTP_DELETE,
	DG_HTTP_OTHER,
};

enum dg_http_framing {
	DG_HTTP_NO_BODY,
	DG_HTTP_LENGTH,
	DG_HTTP_CHUNKED,
	DG_HTTP_UNTIL_CLOSE, /* responses only */
};

struct dg_http_header {
	struct dg_str name; /* as sent; compare with dg_str_eq_nocase */
	struct dg_str
		value; /* blanks around it trimmed; bytes 0x20-0xff, tab */
};

#define DG_HTTP_HEADERS_MAX 128

struct dg_http_head {
	/* requests */
	enum dg_http_method method;
	struct dg_str method_text;
	struct dg_str target; /* as sent */
	struct dg_str path;   /* begins with '/', no query; not decoded */
	struct dg_str query;  /* without '?' */
	/* responses */
	unsigned status;
	struct dg_str reason;
	/* both */
	unsigned minor; /* HTTP/1.minor */
	struct dg_http_header headers[DG_HTTP_HEADERS_MAX];
	size_t n_headers;
	enum dg_http_framing framing;
	uint64_t content_length; /* LENGTH */
	bool keep_alive;
	bool expect_continue;
	size_t head_len; /* bytes, the empty line included */
};

enum dg_http_parse { DG_HTTP_DONE, DG_HTTP_NEED_MORE, DG_HTTP_BAD };

struct dg_http_fault {
	unsigned status; /* to answer: 400, 413, 431, 501, 505 */
	const char *why; /* static; one line */
};

/* bytes: what has arrived so far, from the head's first byte. */
enum dg_http_parse dg_http_parse_request(struct dg_str bytes, size_t max_head,
					 struct dg_http_head *head_out,
					 struct dg_http_fault *fault_out);
/* method: of the request it answers (HEAD has no body). 1xx: see status. */
enum dg_http_parse dg_http_parse_response(struct dg_str bytes, size_t max_head,
					  enum dg_http_method method,
					  struct dg_http_head *head_out,
					  struct dg_http_fault *fault_out);

/* A head that has not come to its end; zeroed at its start. */
struct dg_http_head_progress {
	size_t parsed; /* bytes that were there when it was last parsed */
	size_t seen;   /* and when its end was last looked for */
};
/*
 * A head that arrives in drops must not be parsed at each of them, or a
 * patient peer makes it cost the square of its length: true when its end may
 * have come, or twice as much is there. The caller parses then.
 */
bool dg_http_head_is_worth_parsing(struct dg_http_head_progress *progress,
				   struct dg_str bytes, size_t max_head);

/* First header of that name, or NULL; *count_out (may be NULL): how many. */
const struct dg_http_header *dg_http_find(const struct dg_http_head *head,
					  struct dg_str name,
					  size_t *count_out);

#endif

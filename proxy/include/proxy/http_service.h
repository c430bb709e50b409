/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_service.h - a small HTTP service on a loop, for the admin's side.
 *
 * What admin may use of the proxy's HTTP server: whole requests in, whole
 * bounded replies out, at once or later. Each call that reaches the handler is
 * answered once, with dg_service_reply, on the loop's thread; a client that
 * has gone meanwhile makes no difference.
 */
#ifndef DG_PROXY_HTTP_SERVICE_H
#define DG_PROXY_HTTP_SERVICE_H

#include "base/buf.h"
#include "base/loop.h"

struct dg_service;
struct dg_service_call; /* one request that waits for its reply */

/* Views are valid until the reply, or until the client has gone. */
struct dg_service_request {
	struct dg_str method;
	struct dg_str path; /* begins with '/'; not decoded */
	struct dg_str query;
	const char *peer; /* address and port */
};

enum { DG_SERVICE_HEADERS_MAX = 8 };

struct dg_service_header {
	struct dg_str name;
	struct dg_str value; /* no control bytes: ours to see to */
};

struct dg_service_reply {
	unsigned status;          /* 200 unless set */
	const char *content_type; /* static; "text/plain; charset=utf-8" */
	struct dg_service_header headers[DG_SERVICE_HEADERS_MAX];
	size_t n_headers;
	struct dg_buf *body; /* empty, to be filled; bounded */
};

typedef void (*dg_service_fn)(void *arg, struct dg_service_call *call);
/* rc: OK; LIMIT too long; others: it did not come. Views as above. */
typedef void (*dg_service_body_fn)(void *arg, enum dg_rc rc,
				   struct dg_str body);

struct dg_service_config {
	struct dg_str address;
	const char *tls_certificate; /* NULL or "": plain */
	const char *tls_key;
	dg_service_fn handle;
	void *arg;
};

#define DG_SERVICE_REPLY_MAX ((size_t)48 << 20)

/* Everything happens on loop's thread. */
enum dg_rc dg_service_open(struct dg_loop *loop,
			   const struct dg_service_config *config,
			   struct dg_service **service_out,
			   struct dg_error *err) DG_MUST_CHECK;
/* Cuts what is open. No call may be left unanswered. */
void dg_service_close(struct dg_service **service);
unsigned dg_service_port(const struct dg_service *service);
/* "127.0.0.1:9180", "[::1]:0": nobody but this host gets there. */
bool dg_service_is_loopback(struct dg_str address);

const struct dg_service_request *
dg_service_request(const struct dg_service_call *call);
bool dg_service_has_doubled(const struct dg_service_call *call,
			    struct dg_str name);
/* The value; data NULL when it is not there, or more than once. */
struct dg_str dg_service_header(const struct dg_service_call *call,
				struct dg_str name);
/* At most once; done may be called before it returns. */
void dg_service_read_body(struct dg_service_call *call, size_t max,
			  dg_service_body_fn done, void *arg);
/* The call is gone. */
void dg_service_reply(struct dg_service_call *call,
		      const struct dg_service_reply *reply);

#endif

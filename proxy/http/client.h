/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - requests to coordinators over pools of kept-alive connections.
 *
 * One pool set per worker; endpoints are keyed by host, port, TLS and CA. No
 * redirects are followed. A request whose kept connection turns out closed
 * before a byte of the reply came is sent once more on a fresh one only when
 * `repeatable` says so.
 */
#ifndef DG_PROXY_HTTP_CLIENT_H
#define DG_PROXY_HTTP_CLIENT_H

#include "base/budget.h"
#include "http/head.h"
#include "net/resolver.h"

struct dg_upstream; /* the pools of one worker */
struct dg_upstream_call;

struct dg_upstream_config {
	size_t max_idle_per_endpoint;
	size_t max_per_endpoint; /* connections; further calls wait in line */
	size_t max_waiting; /* calls in line per endpoint; then UNAVAILABLE */
	size_t max_head;
	size_t in_max; /* read buffer per connection */
	unsigned connect_timeout_ms;
	unsigned idle_timeout_ms; /* kept connections */
	/*
	 * What requests and fetched replies take beyond a small allowance
	 * each; then UNAVAILABLE. Borrowed; NULL: not bounded together.
	 */
	struct dg_budget *budget;
};

struct dg_upstream *dg_upstream_create(struct dg_loop *loop,
				       struct dg_resolver *resolver,
				       const struct dg_upstream_config *config);
/* Running calls end with CLOSED. */
void dg_upstream_destroy(struct dg_upstream **upstream);

struct dg_loop *dg_upstream_loop(struct dg_upstream *upstream);
/* A part of the budget, for replies that are kept in memory. */
struct dg_budget *dg_upstream_replies(struct dg_upstream *upstream);

struct dg_endpoint {
	struct dg_str host; /* name or address literal */
	uint16_t port;
	bool tls;
	struct dg_str ca_file; /* empty: system's */
};

struct dg_upstream_request {
	struct dg_endpoint endpoint;
	const char *method;   /* "POST" */
	struct dg_str target; /* path and query */
	/* Host and Content-Length are added; nothing else. Copied. */
	const struct dg_http_header *headers;
	size_t n_headers;
	struct dg_str body;       /* copied */
	unsigned head_timeout_ms; /* sent to head of the reply */
	unsigned body_timeout_ms; /* between bytes of the body */
	bool repeatable;
};

struct dg_upstream_handlers {
	/* 1xx are skipped. The head is valid during the call only. */
	void (*on_head)(void *arg, const struct dg_http_head *head);
	/* Payload bytes, valid during the call. */
	void (*on_body)(void *arg, struct dg_str bytes);
	/*
	 * Last callback, exactly once, unless cancelled: OK when the reply was
	 * complete. IO, TIMEOUT, UNAVAILABLE with why (names the phase).
	 */
	void (*on_done)(void *arg, enum dg_rc rc, const char *why);
};

/* Never fails at once: errors come by on_done, after this returned. */
struct dg_upstream_call *
dg_upstream_send(struct dg_upstream *upstream,
		 const struct dg_upstream_request *request,
		 const struct dg_upstream_handlers *handlers, void *arg);
/* No callback follows. NULLs. Closes the connection unless it was idle. */
void dg_upstream_cancel(struct dg_upstream_call **call);
/* Back-pressure: no on_body while paused. */
void dg_upstream_pause(struct dg_upstream_call *call, bool paused);

/*
 * A whole small reply in memory: for metadata, /v1/info, cross-checks. LIMIT
 * when it is longer than max_body, UNAVAILABLE when the budget is used up, of
 * which all fetches together have a quarter.
 */
typedef void (*dg_fetch_fn)(void *arg, enum dg_rc rc, unsigned status,
			    struct dg_str body, const char *why);
struct dg_fetch;
struct dg_fetch *dg_upstream_fetch(struct dg_upstream *upstream,
				   const struct dg_upstream_request *request,
				   size_t max_body, dg_fetch_fn done,
				   void *arg);
void dg_upstream_fetch_cancel(struct dg_fetch **fetch);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_service.h - a small HTTP service on a loop, for the admin's pages.
 *
 * What admin may use of the proxy's HTTP server: whole small requests in,
 * whole small replies out, no bodies of requests. Answers GET and HEAD; other
 * methods reach the handler as well and are its to refuse.
 */
#ifndef DG_PROXY_HTTP_SERVICE_H
#define DG_PROXY_HTTP_SERVICE_H

#include "base/buf.h"
#include "base/loop.h"

struct dg_service;

/* Views are valid during the call. */
struct dg_service_request {
	struct dg_str method;
	struct dg_str path; /* begins with '/'; not decoded */
	struct dg_str query;
};

struct dg_service_reply {
	unsigned status;          /* 200 unless set */
	const char *content_type; /* static; "text/plain; charset=utf-8" */
	struct dg_buf *body;      /* empty, to be filled; bounded */
};

typedef void (*dg_service_fn)(void *arg,
			      const struct dg_service_request *request,
			      struct dg_service_reply *reply);

/* Everything happens on loop's thread. */
enum dg_rc dg_service_open(struct dg_loop *loop, struct dg_str address,
			   dg_service_fn handle, void *arg,
			   struct dg_service **service_out,
			   struct dg_error *err) DG_MUST_CHECK;
/* Cuts what is open. */
void dg_service_close(struct dg_service **service);
unsigned dg_service_port(const struct dg_service *service);

#endif

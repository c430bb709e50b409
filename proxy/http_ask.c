/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_ask.c - the HTTP client that coordinators are asked with, on a loop of
 * its own that is driven until the reply is there.
 */
#include "proxy/http_ask.h"

#include "base/assert.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/offload.h"
#include "http/client.h"
#include "net/address.h"

enum {
	ASK_MAGIC = 0x41736b72,
	MAILBOX_MAX = 16,
	HEAD_MAX = 64 << 10,
	IN_MAX = 64 << 10,
	CONNECT_TIMEOUT_MS = 10000,
	REPLY_TIMEOUT_MS = 120000,
};

struct dg_asker {
	uint32_t magic;
	struct dg_loop *loop;       /* owned, as all of these */
	struct dg_offload *offload; /* looks names up */
	struct dg_resolver *resolver;
	struct dg_upstream *upstream;
	struct dg_str host;
	struct dg_str ca_file;
	uint16_t port;
	bool tls;
};

static enum dg_rc
parse_url(struct dg_asker *asker, struct dg_str url, struct dg_error *err)
{
	struct dg_str rest;
	struct dg_str host;
	uint64_t port;
	size_t end;

	asker->tls = dg_str_starts_with(url, DG_STR("https://"));
	port = asker->tls ? 443 : 80;
	if (!asker->tls && !dg_str_starts_with(url, DG_STR("http://")))
		goto fail;
	rest = dg_str_slice(url, asker->tls ? 8 : 7, url.len);
	if (dg_str_ends_with(rest, DG_STR("/")))
		rest = dg_str_slice(rest, 0, rest.len - 1);
	if (dg_str_starts_with(rest, DG_STR("["))) {
		end = dg_str_find(rest, ']', 0);
		host = dg_str_slice(rest, 1, end);
		end++;
	} else {
		end = dg_str_find(rest, ':', 0);
		host = dg_str_slice(rest, 0, end);
	}
	if (host.len == 0 || dg_str_find(host, '/', 0) < host.len)
		goto fail;
	if (end < rest.len &&
	    (rest.data[end] != ':' ||
	     dg_str_to_u64(dg_str_slice(rest, end + 1, rest.len), &port) !=
		     DG_OK ||
	     port < 1 || port > UINT16_MAX))
		goto fail;
	if (!asker->tls && !dg_host_is_this_machine(host))
		return dg_error_set(err, DG_ERR_INVALID,
				    "a token must not be sent in the clear: "
				    "use https://, or http:// on the machine "
				    "itself");
	asker->host = dg_str_dup(host);
	asker->port = (uint16_t)port;
	return DG_OK;
fail:
	return dg_error_set(err, DG_ERR_INVALID,
			    "the server is http://HOST:PORT or "
			    "https://HOST:PORT");
}

enum dg_rc
dg_asker_open(struct dg_str url, const char *ca_file,
	      struct dg_asker **asker_out, struct dg_error *err)
{
	static const struct dg_offload_config offload = {
		.threads = 1, .queue_max = 4, .per_key_max = 0};
	static const struct dg_upstream_config upstream = {
		.max_idle_per_endpoint = 1,
		.max_per_endpoint = 1,
		.max_waiting = 1,
		.max_head = HEAD_MAX,
		.in_max = IN_MAX,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.idle_timeout_ms = CONNECT_TIMEOUT_MS,
	};
	struct dg_asker *asker = DG_NEW(struct dg_asker);

	asker->magic = ASK_MAGIC;
	if (parse_url(asker, url, err) != DG_OK) {
		dg_asker_close(&asker);
		return DG_ERR_INVALID;
	}
	asker->ca_file = dg_str_dup(dg_str_from_cstr(ca_file));
	asker->loop = dg_loop_create("ask", MAILBOX_MAX);
	asker->offload = dg_offload_create(&offload);
	asker->resolver = dg_resolver_create(asker->loop, asker->offload,
					     CONNECT_TIMEOUT_MS);
	asker->upstream =
		dg_upstream_create(asker->loop, asker->resolver, &upstream);
	*asker_out = asker;
	return DG_OK;
}

void
dg_asker_close(struct dg_asker **asker)
{
	struct dg_asker *a = *asker;

	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, ASK_MAGIC);
	dg_upstream_destroy(&a->upstream);
	dg_offload_destroy(&a->offload);
	dg_resolver_destroy(&a->resolver);
	if (a->loop != NULL)
		dg_loop_destroy(&a->loop);
	dg_str_free(&a->host);
	dg_str_free(&a->ca_file);
	a->magic = 0;
	dg_free(a);
	*asker = NULL;
}

struct waiting {
	struct dg_ask_reply *reply;
	struct dg_error *err;
	enum dg_rc rc;
	bool is_done;
};

static void
on_done(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	const char *why)
{
	struct waiting *w = arg;

	w->is_done = true;
	w->reply->status = status;
	w->rc = rc;
	if (rc != DG_OK)
		(void)dg_error_set(w->err, rc, "%s", why);
	else if (dg_buf_append(w->reply->body, body) != DG_OK)
		w->rc = dg_error_set(w->err, DG_ERR_LIMIT,
				     "the reply is too long");
}

enum dg_rc
dg_asker_ask(struct dg_asker *asker, const struct dg_ask *ask,
	     struct dg_ask_reply *reply, struct dg_error *err)
{
	struct dg_http_header headers[DG_ASK_HEADERS_MAX];
	struct waiting w = {.reply = reply, .err = err};
	struct dg_upstream_request request = {
		.endpoint = {.host = asker->host,
			     .port = asker->port,
			     .tls = asker->tls,
			     .ca_file = asker->ca_file},
		.method = ask->method,
		.target = ask->target,
		.headers = headers,
		.n_headers = ask->n_headers,
		.body = ask->body,
		.head_timeout_ms = REPLY_TIMEOUT_MS,
		.body_timeout_ms = REPLY_TIMEOUT_MS,
	};

	DG_CHECK_MAGIC(asker, ASK_MAGIC);
	DG_ASSERT(ask->n_headers <= DG_ASK_HEADERS_MAX);
	for (size_t i = 0; i < ask->n_headers; i++)
		headers[i] = (struct dg_http_header){ask->headers[i].name,
						     ask->headers[i].value};
	(void)dg_upstream_fetch(asker->upstream, &request, reply->body->max,
				on_done, &w);
	while (!w.is_done)
		dg_loop_run_once(asker->loop);
	return w.rc;
}

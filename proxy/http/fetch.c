/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.c - a call whose whole reply is kept in memory, up to a bound. See
 * client.h.
 */
#include "base/assert.h"
#include "base/buf.h"
#include "base/mem.h"
#include "http/client.h"

enum {
	FETCH_MAGIC = 0x46657463,
	BODY_BASE = 16 * 1024, /* not charged */
};

struct dg_fetch {
	uint32_t magic;
	struct dg_loop *loop;          /* borrowed */
	struct dg_upstream_call *call; /* owned; NULL when it has ended */
	struct dg_budget *budget;      /* borrowed */
	struct dg_buf body;
	size_t max_body;
	size_t charged; /* bytes of body, taken from budget */
	unsigned status;
	dg_fetch_fn done;
	void *arg;
};

static void
free_fetch(void *arg)
{
	struct dg_fetch *fetch = arg;

	DG_CHECK_MAGIC(fetch, FETCH_MAGIC);
	dg_buf_fini(&fetch->body);
	dg_budget_give(fetch->budget, fetch->charged);
	fetch->magic = 0;
	dg_free(fetch);
}

static void
on_head(void *arg, const struct dg_http_head *head)
{
	struct dg_fetch *fetch = arg;

	DG_CHECK_MAGIC(fetch, FETCH_MAGIC);
	fetch->status = head->status;
}

/* The last callback: the bytes live until this dispatch is over. */
static void
finish(struct dg_fetch *fetch, enum dg_rc rc, const char *why)
{
	struct dg_str body =
		rc == DG_OK ? dg_buf_peek(&fetch->body) : DG_STR_EMPTY;

	dg_loop_defer(fetch->loop, free_fetch, fetch);
	fetch->done(fetch->arg, rc, fetch->status, body, why);
}

static void
on_body(void *arg, struct dg_str bytes)
{
	struct dg_fetch *fetch = arg;
	enum dg_rc rc;

	DG_CHECK_MAGIC(fetch, FETCH_MAGIC);
	rc = dg_budget_raise(fetch->budget, &fetch->body, bytes.len,
			     fetch->max_body, &fetch->charged);
	if (rc == DG_OK)
		rc = dg_buf_append(&fetch->body, bytes);
	if (rc == DG_OK)
		return;
	dg_upstream_cancel(&fetch->call);
	finish(fetch, rc,
	       rc == DG_ERR_LIMIT ? "the reply is too long"
				  : "no memory is left for the reply");
}

static void
on_done(void *arg, enum dg_rc rc, const char *why)
{
	struct dg_fetch *fetch = arg;

	DG_CHECK_MAGIC(fetch, FETCH_MAGIC);
	fetch->call = NULL;
	finish(fetch, rc, why);
}

struct dg_fetch *
dg_upstream_fetch(struct dg_upstream *upstream,
		  const struct dg_upstream_request *request, size_t max_body,
		  dg_fetch_fn done, void *arg)
{
	static const struct dg_upstream_handlers handlers = {
		.on_head = on_head,
		.on_body = on_body,
		.on_done = on_done,
	};
	struct dg_fetch *fetch = DG_NEW(struct dg_fetch);

	fetch->magic = FETCH_MAGIC;
	fetch->loop = dg_upstream_loop(upstream);
	fetch->budget = dg_upstream_replies(upstream);
	fetch->max_body = max_body;
	dg_buf_init(&fetch->body, max_body < BODY_BASE ? max_body : BODY_BASE);
	fetch->done = done;
	fetch->arg = arg;
	fetch->call = dg_upstream_send(upstream, request, &handlers, fetch);
	return fetch;
}

void
dg_upstream_fetch_cancel(struct dg_fetch **fetch)
{
	struct dg_fetch *f = *fetch;

	if (f == NULL)
		return;
	DG_CHECK_MAGIC(f, FETCH_MAGIC);
	*fetch = NULL;
	DG_ASSERT(f->call != NULL);
	dg_upstream_cancel(&f->call);
	dg_loop_defer(f->loop, free_fetch, f);
}

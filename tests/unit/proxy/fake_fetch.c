/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_fetch.c - in place of http/fetch.c. See fake_fetch.h.
 */
#include "proxy/fake_fetch.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/list.h"
#include "base/mem.h"

enum { HEADERS_MAX = 8, TEXT_MAX = 512 };

struct dg_fetch {
	struct dg_list link;
	char request[TEXT_MAX];
	char names[HEADERS_MAX][64];
	char values[HEADERS_MAX][128];
	size_t n_headers;
	char body[TEXT_MAX];
	dg_fetch_fn done;
	void *arg;
};

static struct dg_list waiting = {&waiting, &waiting};
static size_t made;

struct dg_upstream *
fake_fetch_upstream(struct dg_loop *loop)
{
	const struct dg_upstream_config config = {
		.max_per_endpoint = 1,
		.in_max = 4096,
	};

	return dg_upstream_create(loop, NULL, &config);
}

struct dg_fetch *
dg_upstream_fetch(struct dg_upstream *upstream,
		  const struct dg_upstream_request *request, size_t max_body,
		  dg_fetch_fn done, void *arg)
{
	struct dg_fetch *f = DG_NEW(struct dg_fetch);

	(void)upstream;
	(void)max_body;
	(void)snprintf(f->request, sizeof(f->request), "%s %.*s",
		       request->method, DG_STR_ARG(request->target));
	(void)snprintf(f->body, sizeof(f->body), "%.*s",
		       DG_STR_ARG(request->body));
	DG_ASSERT(request->n_headers <= HEADERS_MAX);
	for (size_t i = 0; i < request->n_headers; i++) {
		(void)snprintf(f->names[i], sizeof(f->names[i]), "%.*s",
			       DG_STR_ARG(request->headers[i].name));
		(void)snprintf(f->values[i], sizeof(f->values[i]), "%.*s",
			       DG_STR_ARG(request->headers[i].value));
	}
	f->n_headers = request->n_headers;
	f->done = done;
	f->arg = arg;
	dg_list_append(&waiting, &f->link);
	made++;
	return f;
}

void
dg_upstream_fetch_cancel(struct dg_fetch **fetch)
{
	if (*fetch == NULL)
		return;
	dg_list_remove(&(*fetch)->link);
	dg_free(*fetch);
	*fetch = NULL;
}

static struct dg_fetch *
oldest(void)
{
	DG_ASSERT(!dg_list_is_empty(&waiting));
	return DG_CONTAINER_OF(waiting.next, struct dg_fetch, link);
}

size_t
fake_fetch_open(void)
{
	struct dg_list *it;
	struct dg_list *tmp;
	size_t n = 0;

	DG_LIST_FOREACH (it, tmp, &waiting)
		n++;
	return n;
}

size_t
fake_fetch_made(void)
{
	return made;
}

const char *
fake_fetch_request(void)
{
	return oldest()->request;
}

const char *
fake_fetch_header(const char *name)
{
	const struct dg_fetch *f = oldest();

	for (size_t i = 0; i < f->n_headers; i++)
		if (strcmp(f->names[i], name) == 0)
			return f->values[i];
	return "";
}

const char *
fake_fetch_body(void)
{
	return oldest()->body;
}

static void
end(enum dg_rc rc, unsigned status, const char *body, const char *why)
{
	struct dg_fetch *f = oldest();
	dg_fetch_fn done = f->done;
	void *arg = f->arg;

	dg_list_remove(&f->link);
	dg_free(f);
	done(arg, rc, status, dg_str_from_cstr(body), why);
}

void
fake_fetch_answer(unsigned status, const char *body)
{
	end(DG_OK, status, body, "");
}

void
fake_fetch_fail_as(enum dg_rc rc, const char *why)
{
	end(rc, 0, "", why);
}

void
fake_fetch_fail(const char *why)
{
	fake_fetch_fail_as(DG_ERR_IO, why);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.c - the router: an allow-list of paths, authentication, /v1/info.
 *
 * What is not listed in `routes` does not exist (protocol.md 1.1): coordinators
 * have many doors that show or stop other people's queries. Invariant: nothing
 * but 404, 405 and the refusal of credentials is answered before the caller is
 * known.
 */
#include "base/assert.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "presto/answer.h"
#include "presto/query.h"
#include "presto/statement.h"

#define DG_SERVE_MAGIC UINT32_C(0x53525631)

enum route {
	ROUTE_NONE,
	ROUTE_STATEMENT, /* /v1/statement */
	ROUTE_PAGE,      /* /v1/statement/... */
	ROUTE_INFO,      /* /v1/info */
	ROUTE_QUERY,     /* /v1/query/ID */
};

#define QUERY_PREFIX DG_STR("/v1/query/")

static enum route
find_route(struct dg_str path)
{
	if (dg_str_eq(path, DG_STR("/v1/statement")))
		return ROUTE_STATEMENT;
	if (dg_str_starts_with(path, DG_STR("/v1/statement/")))
		return ROUTE_PAGE;
	if (dg_str_eq(path, DG_STR("/v1/info")))
		return ROUTE_INFO;
	if (dg_str_starts_with(path, QUERY_PREFIX))
		return ROUTE_QUERY;
	return ROUTE_NONE;
}

/* ---- /v1/info ---------------------------------------------------------- */

/*
 * No session comes with it: the version is that of the caller's default
 * cluster (protocol.md 13).
 */
static const char *
find_version(const struct dg_worker *worker, const struct dg_caller *caller,
	     struct dg_arena *arena)
{
	const struct dg_cluster_states *all = worker->clusters;
	const struct dg_session session = {.has_family = false};
	struct dg_subject who;
	struct dg_target target;
	struct dg_error err;

	if (worker->policy == NULL || all == NULL ||
	    dg_subject_of(worker->policy, caller, caller->name, arena, &who) !=
		    DG_OK ||
	    dg_route_choose(worker->policy, all, &who, &session,
			    dg_clock_wall_us(), arena, &target, &err) != DG_OK)
		return "unknown";
	for (size_t i = 0; i < all->n_states; i++) {
		if (dg_str_eq(all->states[i].name, target.cluster->name) &&
		    all->states[i].version_text[0] != '\0')
			return all->states[i].version_text;
	}
	return "unknown";
}

/* The engine's own environment name can be a key: it is never shown. */
static void
answer_info(struct dg_worker *worker, struct dg_http_exchange *x,
	    const struct dg_caller *caller)
{
	struct dg_arena *arena = dg_http_exchange_arena(x);
	struct dg_json_writer w;
	struct dg_buf body;

	dg_buf_init(&body, 4096);
	dg_json_begin(&w, &body);
	dg_json_object_open(&w);
	dg_json_key(&w, "nodeVersion");
	dg_json_object_open(&w);
	dg_json_key(&w, "version");
	dg_json_put_cstr(&w, find_version(worker, caller, arena));
	dg_json_object_close(&w);
	dg_json_key(&w, "environment");
	dg_json_put_cstr(&w, "datagateway");
	dg_json_key(&w, "coordinator");
	dg_json_put_bool(&w, true);
	dg_json_key(&w, "starting");
	dg_json_put_bool(&w, false);
	dg_json_key(&w, "uptime");
	dg_json_put_cstr(&w, "0.00s");
	dg_json_object_close(&w);
	if (dg_json_finish(&w) == DG_OK)
		dg_answer_page(x, NULL, 0, dg_buf_peek(&body));
	else
		dg_answer_text(x, 404, DG_STR("No version is known"));
	dg_buf_fini(&body);
}

/* ---- after authentication ---------------------------------------------- */

static void
refuse_method(struct dg_http_exchange *x)
{
	dg_metric_add(DG_METRIC_BAD_REQUESTS, 1);
	dg_answer_text(x, 405, DG_STR("Method not allowed"));
}

static void
serve_statement(struct dg_worker *worker, struct dg_http_exchange *x,
		const struct dg_caller *caller)
{
	enum dg_http_method method = dg_http_exchange_head(x)->method;

	if (method == DG_HTTP_POST)
		dg_statement_start(worker, x, caller);
	else if (method == DG_HTTP_HEAD)
		dg_answer_text(x, 200, DG_STR_EMPTY);
	else
		refuse_method(x);
}

static void
dispatch(struct dg_worker *worker, struct dg_http_exchange *x,
	 const struct dg_caller *caller)
{
	const struct dg_http_head *head = dg_http_exchange_head(x);

	switch (find_route(head->path)) {
	case ROUTE_STATEMENT:
		serve_statement(worker, x, caller);
		return;
	case ROUTE_PAGE:
		dg_page_start(worker, x, caller);
		return;
	case ROUTE_INFO:
		if (head->method == DG_HTTP_GET || head->method == DG_HTTP_HEAD)
			answer_info(worker, x, caller);
		else
			refuse_method(x);
		return;
	case ROUTE_QUERY:
		dg_query_start(worker, x, caller,
			       dg_str_slice(head->path, QUERY_PREFIX.len,
					    head->path.len));
		return;
	case ROUTE_NONE:
		break;
	}
	DG_UNREACHABLE();
}

/* ---- authentication ---------------------------------------------------- */

struct serve {
	uint32_t magic;
	struct dg_worker *worker;
	struct dg_http_exchange *x;
	struct dg_auth_call *call;
};

static void
destroy(void *arg)
{
	struct serve *s = arg;

	DG_CHECK_MAGIC(s, DG_SERVE_MAGIC);
	s->magic = 0;
	dg_free(s);
}

static void
on_client_gone(void *arg)
{
	struct serve *s = arg;

	DG_CHECK_MAGIC(s, DG_SERVE_MAGIC);
	dg_auth_cancel(&s->call);
	dg_loop_defer(s->worker->loop, destroy, s);
}

static bool
is_presto_client(const struct dg_http_head *head)
{
	for (size_t i = 0; i < head->n_headers; i++) {
		if (dg_str_starts_with_nocase(head->headers[i].name,
					      DG_STR("X-Presto-")))
			return true;
	}
	return false;
}

/*
 * Trino's clients show the body, Presto's the reason phrase (protocol.md 5.3):
 * both get the text.
 */
static void
answer_challenge(const struct dg_worker *worker, struct dg_http_exchange *x,
		 const char *text)
{
	bool presto = is_presto_client(dg_http_exchange_head(x));
	bool tokens_only = !worker->config->auth_password &&
			   worker->config->jwt_issuer[0] != '\0';
	const struct dg_http_header header = {
		DG_STR("WWW-Authenticate"),
		tokens_only ? DG_STR("Bearer realm=\"DataGateway\"")
		: presto    ? DG_STR("Basic realm=\"Presto\"")
			    : DG_STR("Basic realm=\"Trino\""),
	};

	dg_http_reply_simple(x, 401, text, &header, 1,
			     DG_STR("text/plain; charset=utf-8"),
			     dg_str_from_cstr(text));
}

static void
refuse_caller(const struct dg_worker *worker, struct dg_http_exchange *x,
	      enum dg_auth_result result, const char *text)
{
	/*
	 * Drivers that ask for the version spin on other codes than 200, 403
	 * and 404 (protocol.md 1.4).
	 */
	if (find_route(dg_http_exchange_head(x)->path) == ROUTE_INFO) {
		dg_answer_text(x, 403, dg_str_from_cstr(text));
		return;
	}
	switch (result) {
	case DG_AUTH_MISSING:
	case DG_AUTH_FAILED:
		answer_challenge(worker, x, text);
		return;
	case DG_AUTH_BUSY:
		dg_answer_text(x, 503, dg_str_from_cstr(text));
		return;
	case DG_AUTH_REFUSED:
		dg_answer_text(x, 403, dg_str_from_cstr(text));
		return;
	case DG_AUTH_OK:
		break;
	}
	DG_UNREACHABLE();
}

/* The caller, and from where. */
static void
dispatch_from(struct dg_worker *worker, struct dg_http_exchange *x,
	      const struct dg_caller *caller)
{
	struct dg_caller placed = *caller;

	placed.address = dg_str_from_cstr(dg_http_exchange_peer(x));
	dispatch(worker, x, &placed);
}

/* dg_auth_fn */
static void
on_authenticated(void *arg, enum dg_auth_result result,
		 const struct dg_caller *caller, const char *text)
{
	struct serve *s = arg;
	struct dg_http_exchange *x = s->x;
	struct dg_worker *worker = s->worker;

	DG_CHECK_MAGIC(s, DG_SERVE_MAGIC);
	s->call = NULL;
	/* From here the exchange belongs to whoever answers it. */
	dg_http_exchange_on_cancel(x, NULL, NULL);
	dg_loop_defer(worker->loop, destroy, s);
	if (result == DG_AUTH_OK)
		dg_http_exchange_trust(x);
	if (result == DG_AUTH_OK)
		dispatch_from(worker, x, caller);
	else
		refuse_caller(worker, x, result, text == NULL ? "" : text);
}

void
dg_presto_serve(void *arg, struct dg_http_exchange *x)
{
	struct dg_worker *worker = arg;
	const struct dg_http_head *head = dg_http_exchange_head(x);
	const struct dg_auth_request request = {
		.head = head,
		.peer = dg_http_exchange_peer(x),
		.is_tls = dg_http_exchange_is_tls(x),
	};
	struct dg_auth_call *call;
	struct serve *s;

	DG_CHECK_MAGIC(worker, DG_WORKER_MAGIC);
	if (find_route(head->path) == ROUTE_NONE) {
		dg_metric_add(DG_METRIC_BAD_REQUESTS, 1);
		dg_answer_text(x, 404, DG_STR("Not found"));
		return;
	}
	s = DG_NEW(struct serve);
	s->magic = DG_SERVE_MAGIC;
	s->worker = worker;
	s->x = x;
	dg_http_exchange_on_cancel(x, on_client_gone, s);
	call = dg_auth_check(worker->auth, &request, on_authenticated, s);
	/* NULL: it has called back, and s is on its way out. */
	if (call != NULL)
		s->call = call;
}

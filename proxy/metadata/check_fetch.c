/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_fetch.c - asks a Trino coordinator what a query touched, until it
 * knows or the deadline is over. See cross_check.h.
 *
 * Asked as the session user: the owner of a query may always see it.
 */
#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "metadata/cross_check.h"
#include "presto/query_id.h"

enum {
	CALL_MAGIC = 0x43686b43,
	ARENA_MAX = 4 << 20,
	/*
	 * A pruned QueryInfo: the text of the query (1 MB at most, which
	 * escapes can double), its session, some KB of figures, the tables.
	 */
	BODY_MAX = 2 << 20,
	HEADERS_MAX = 4,
	AGAIN_MS = 25, /* between two questions while it plans */
};

struct dg_check_call {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_upstream *upstream; /* borrowed */
	struct dg_arena *arena;       /* owned; holds what follows */
	struct dg_target target;
	struct dg_str path;
	struct dg_str encoded;
	struct dg_str user;
	struct dg_http_header headers[HEADERS_MAX];
	size_t n_headers;
	uint64_t until_ms;
	struct dg_fetch *fetch; /* NULL: between two questions */
	struct dg_timer timer;
	struct dg_str failure; /* told by the timer, when set */
	dg_check_fn done;
	void *arg;
};

static void
destroy(struct dg_check_call *call)
{
	dg_upstream_fetch_cancel(&call->fetch);
	dg_timer_fini(&call->timer);
	dg_arena_destroy(&call->arena);
	call->magic = 0;
	dg_free(call);
}

static void
finish(struct dg_check_call *call, enum dg_check_result result,
       struct dg_str what)
{
	call->done(call->arg, result, what);
	destroy(call);
}

static void ask(void *arg);

static void
ask_again(struct dg_check_call *call)
{
	if (dg_clock_mono_ms() + AGAIN_MS >= call->until_ms)
		finish(call, DG_CHECK_FAILED,
		       DG_STR("it did not tell in time"));
	else
		dg_timer_start(&call->timer, call->loop, AGAIN_MS, ask, call);
}

static void
on_answer(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	  const char *why)
{
	struct dg_check_call *call = arg;
	enum dg_check_result result;
	struct dg_str what;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	call->fetch = NULL;
	if (rc != DG_OK) {
		finish(call, DG_CHECK_FAILED, dg_str_from_cstr(why));
		return;
	}
	if (status != 200) {
		finish(call, DG_CHECK_FAILED,
		       dg_arena_printf(call->arena, "it answered %u", status));
		return;
	}
	result = dg_check_compare(call->encoded, body, call->user, call->arena,
				  &what);
	if (result == DG_CHECK_NOT_YET)
		ask_again(call);
	else
		finish(call, result, what);
}

static void
ask(void *arg)
{
	struct dg_check_call *call = arg;
	uint64_t now_ms = dg_clock_mono_ms();
	unsigned left_ms = now_ms < call->until_ms
				   ? (unsigned)(call->until_ms - now_ms)
				   : 1;
	const struct dg_upstream_request request = {
		.endpoint = call->target.endpoint,
		.method = "GET",
		.target = call->path,
		.headers = call->headers,
		.n_headers = call->n_headers,
		.head_timeout_ms = left_ms,
		.body_timeout_ms = left_ms,
		.repeatable = true,
	};

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	call->fetch = dg_upstream_fetch(call->upstream, &request, BODY_MAX,
					on_answer, call);
}

static void
on_failure(void *arg)
{
	struct dg_check_call *call = arg;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	finish(call, DG_CHECK_FAILED, call->failure);
}

static bool
prepare(struct dg_check_call *call, const struct dg_target *target,
	struct dg_str query_id, struct dg_str session_user,
	struct dg_str encoded)
{
	struct dg_str user = dg_arena_str(call->arena, session_user);

	if (!dg_query_id_is_valid(query_id) || user.data == NULL)
		return false;
	call->path = dg_arena_printf(call->arena, "/v1/query/%.*s?pruned=true",
				     DG_STR_ARG(query_id));
	call->encoded = dg_arena_str(call->arena, encoded);
	call->user = user;
	return call->path.data != NULL && call->encoded.data != NULL &&
	       dg_target_copy(target, call->arena, &call->target) == DG_OK &&
	       dg_route_identity(call->target.cluster, user, call->arena,
				 call->headers, HEADERS_MAX, &call->n_headers,
				 NULL) == DG_OK;
}

struct dg_check_call *
dg_check_start(struct dg_loop *loop, struct dg_upstream *upstream,
	       const struct dg_target *target, struct dg_str query_id,
	       struct dg_str session_user, struct dg_str encoded,
	       unsigned deadline_ms, dg_check_fn done, void *arg)
{
	struct dg_check_call *call = DG_NEW(struct dg_check_call);

	call->magic = CALL_MAGIC;
	call->loop = loop;
	call->upstream = upstream;
	call->arena = dg_arena_create(ARENA_MAX);
	dg_arena_set_budget(call->arena, dg_upstream_replies(upstream));
	dg_arena_keep_secrets(call->arena);
	call->until_ms = dg_clock_mono_ms() + deadline_ms;
	call->done = done;
	call->arg = arg;
	if (prepare(call, target, query_id, session_user, encoded)) {
		ask(call);
		return call;
	}
	call->failure = DG_STR("it cannot be asked as this user");
	dg_timer_start(&call->timer, loop, 0, on_failure, call);
	return call;
}

void
dg_check_cancel(struct dg_check_call **call)
{
	struct dg_check_call *c = *call;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, CALL_MAGIC);
	destroy(c);
	*call = NULL;
}

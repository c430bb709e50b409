/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.c - requests of the admin API between the control loop and its threads.
 *
 * The control loop finds the operation, holds back addresses with wrong
 * tokens, and reads bodies; a thread checks the token and does the work. A
 * body is read only from somebody whose token was right, so a request with a
 * body goes to a thread twice. The invariant: every call that comes in is
 * answered once, on the control loop, whatever became of it.
 */
#include "admin/api.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "api_private.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/offload.h"
#include "lockout.h"

enum {
	API_MAGIC = 0x41706976,
	JOB_MAGIC = 0x41706a62,
	THREADS = 4,
	QUEUE_MAX = 64,
	PER_ADDRESS_MAX = 16,
	ARENA_MAX = 16 << 20,
	BODY_MAX = 1 << 20,
	APPLY_BODY_MAX = 32 << 20,
	SESSION_MAILBOX_MAX = 16,
	CONNECT_TIMEOUT_MS = 5000,
	QUERY_TIMEOUT_MS = 30000,
};

struct dg_api {
	uint32_t magic;
	struct dg_loop *control;        /* borrowed */
	struct dg_offload *threads;     /* owned */
	struct dg_str conninfo;         /* owned, wiped; with a NUL behind */
	struct dg_gateway *gateway;     /* borrowed */
	struct dg_api_waiting *waiting; /* owned */
	struct dg_list jobs;            /* on their way */
	bool is_closing;                /* nothing new is begun */
	pthread_mutex_t lock;           /* of is_busy of the sessions */
	struct dg_api_session sessions[THREADS];
	struct dg_api_lockout lockout;
	struct dg_api_current current;
};

/* ---- sessions (threads) -------------------------------------------------- */

static void
open_session(const struct dg_api *api, struct dg_api_session *session)
{
	const struct dg_pg_config config = {
		.name = "admin",
		.conninfo = api->conninfo.data,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.query_timeout_ms = QUERY_TIMEOUT_MS,
		.queue_max = 4,
	};

	session->loop = dg_loop_create("admin", SESSION_MAILBOX_MAX);
	session->pg = dg_pg_create(session->loop, &config);
}

/* There are as many as threads. */
static struct dg_api_session *
take_session(struct dg_api *api)
{
	struct dg_api_session *session = NULL;

	pthread_mutex_lock(&api->lock);
	for (size_t i = 0; session == NULL && i < THREADS; i++)
		if (!api->sessions[i].is_busy)
			session = &api->sessions[i];
	DG_ASSERT(session != NULL);
	session->is_busy = true;
	pthread_mutex_unlock(&api->lock);
	if (session->pg == NULL)
		open_session(api, session);
	return session;
}

static void
give_session(struct dg_api *api, struct dg_api_session *session)
{
	pthread_mutex_lock(&api->lock);
	session->is_busy = false;
	pthread_mutex_unlock(&api->lock);
}

/* ---- jobs (threads) ------------------------------------------------------ */

static bool
wants_body(const struct dg_api_job *job)
{
	return dg_api_is_write(job) &&
	       !dg_str_eq(job->method, DG_STR("DELETE")) && !job->has_body;
}

static void
work(void *arg)
{
	struct dg_api_job *job = arg;

	DG_CHECK_MAGIC(job, JOB_MAGIC);
	job->session = take_session(job->api);
	if (dg_api_admit(job) && !wants_body(job))
		job->match.route->handle(job);
	give_session(job->api, job->session);
	job->session = NULL;
}

/* ---- jobs (control loop) ------------------------------------------------- */

static void
forget_body(struct dg_api_job *job)
{
	if (job->body.data != NULL)
		dg_wipe(job->body.data, job->body.cap);
	dg_buf_fini(&job->body);
}

static void
free_job(struct dg_api_job *job)
{
	dg_api_wait_give_place(job);
	dg_list_remove(&job->link);
	forget_body(job);
	if (job->reply.data != NULL) /* a new token */
		dg_wipe(job->reply.data, job->reply.cap);
	dg_buf_fini(&job->reply);
	dg_arena_destroy(&job->arena);
	job->magic = 0;
	dg_free(job);
}

static void
log_call(const struct dg_api_job *job)
{
	dg_log_info(NULL, "admin.request",
		    DG_FIELDS(DG_LOG_STR("method", job->method),
			      DG_LOG_STR("path", job->path),
			      DG_LOG_INT("status", job->status),
			      DG_LOG_INT("token", job->token.id),
			      DG_LOG_STR("subject", job->token.subject)),
		    "a request of the admin API was answered");
}

static void
answer(struct dg_api_job *job)
{
	struct dg_service_reply reply = {
		.status = job->status,
		.content_type = job->content_type_out,
		.n_headers = job->n_headers,
		.body = &job->reply,
	};

	_Static_assert((int)API_HEADERS_MAX <= (int)DG_SERVICE_HEADERS_MAX,
		       "they fit");
	memcpy(reply.headers, job->headers, sizeof(job->headers));
	if (job->match.route != NULL && job->match.route->handle != NULL)
		log_call(job);
	dg_service_reply(job->call, &reply);
	free_job(job);
}

static void submit(struct dg_api_job *job);

static void
on_body(void *arg, enum dg_rc rc, struct dg_str body)
{
	struct dg_api_job *job = arg;

	DG_CHECK_MAGIC(job, JOB_MAGIC);
	job->has_body = true;
	if (rc == DG_OK)
		rc = dg_buf_append(&job->body, body);
	if (rc == DG_OK) {
		submit(job);
		return;
	}
	if (rc == DG_ERR_LIMIT)
		dg_api_problem(job, 413, "the body is too long");
	else if (rc == DG_ERR_UNAVAILABLE)
		dg_api_problem(job, 503, "the buffers are full");
	else
		dg_api_problem(job, 400, "the body did not come");
	answer(job);
}

static void
note_token(struct dg_api_job *job)
{
	const char *peer = job->peer;

	if (!job->is_wrong_token) {
		if (job->is_signed_in || job->token.id != 0)
			dg_api_lockout_note_good(&job->api->lockout, peer);
		return;
	}
	dg_log_warn(NULL, "admin.wrong_token",
		    DG_FIELDS(DG_LOG_CSTR("client", peer)), "a wrong token");
	if (dg_api_lockout_note_bad(&job->api->lockout, peer,
				    dg_clock_mono_ms()))
		dg_log_warn(NULL, "admin.locked_out",
			    DG_FIELDS(DG_LOG_CSTR("client", peer)),
			    "too many wrong tokens from one address");
}

static void
on_worked(void *arg)
{
	struct dg_api_job *job = arg;

	DG_CHECK_MAGIC(job, JOB_MAGIC);
	note_token(job);
	if (dg_api_wait_is_due(job)) {
		forget_body(job);
		dg_api_wait_start(job);
		return;
	}
	if (job->status != 0 || !wants_body(job)) {
		answer(job);
		return;
	}
	dg_service_read_body(job->call, job->body.max, on_body, job);
}

static void
submit(struct dg_api_job *job)
{
	uint64_t key = dg_hash(job->peer, job->peer_address_len);

	if (!job->api->is_closing &&
	    dg_offload_submit(job->api->threads, key, work, on_worked, job,
			      job->api->control) == DG_OK)
		return;
	dg_api_header(job, DG_STR("Retry-After"), DG_STR("1"));
	dg_api_problem(job, 503, "too many requests are waiting");
	answer(job);
}

/* ---- what comes in ------------------------------------------------------- */

static struct dg_str
keep(struct dg_api_job *job, struct dg_str text)
{
	return text.data == NULL ? text : dg_arena_str(job->arena, text);
}

static struct dg_str
media_type(struct dg_api_job *job, struct dg_str text)
{
	char *lower;

	if (text.data == NULL)
		return DG_STR_EMPTY;
	text = dg_str_trim(dg_str_slice(text, 0, dg_str_find(text, ';', 0)));
	lower = dg_arena_alloc(job->arena, text.len);
	for (size_t i = 0; lower != NULL && i < text.len; i++)
		lower[i] = text.data[i] >= 'A' && text.data[i] <= 'Z'
				   ? (char)(text.data[i] - 'A' + 'a')
				   : text.data[i];
	return lower == NULL ? DG_STR_EMPTY : dg_str_make(lower, text.len);
}

/* One that changes what a request does: dropping it would be worse. */
static struct dg_str
read_header(struct dg_api_job *job, const struct dg_service_call *call,
	    struct dg_str name)
{
	job->has_doubled |= dg_service_has_doubled(call, name);
	return keep(job, dg_service_header(call, name));
}

static struct dg_api_job *
new_job(struct dg_api *api, struct dg_service_call *call)
{
	const struct dg_service_request *request = dg_service_request(call);
	struct dg_str authorization =
		dg_service_header(call, DG_STR("Authorization"));
	struct dg_api_job *job = DG_NEW(struct dg_api_job);
	const char *colon;

	job->magic = JOB_MAGIC;
	job->api = api;
	job->current = &api->current;
	job->gateway = api->gateway;
	job->call = call;
	job->waiting = api->waiting;
	job->arena = dg_arena_create(ARENA_MAX);
	dg_arena_keep_secrets(job->arena);
	dg_list_append(&api->jobs, &job->link);
	job->content_type_out = "application/json";
	job->method = keep(job, request->method);
	job->path = keep(job, dg_str_slice(request->path, 7, SIZE_MAX));
	job->query = keep(job, request->query);
	(void)snprintf(job->peer, sizeof(job->peer), "%s", request->peer);
	colon = strrchr(job->peer, ':');
	job->peer_address_len =
		colon == NULL ? strlen(job->peer) : (size_t)(colon - job->peer);
	job->bearer = dg_str_make(NULL, 0);
	if (dg_str_starts_with_nocase(authorization, DG_STR("Bearer ")))
		job->bearer = keep(job, dg_str_trim(dg_str_slice(authorization,
								 7, SIZE_MAX)));
	job->if_match = read_header(job, call, DG_STR("If-Match"));
	job->if_none_match = read_header(job, call, DG_STR("If-None-Match"));
	job->accept = keep(job, dg_service_header(call, DG_STR("Accept")));
	job->idempotency_key =
		read_header(job, call, DG_STR("Idempotency-Key"));
	job->content_type = media_type(
		job, dg_service_header(call, DG_STR("Content-Type")));
	dg_buf_init(&job->body, dg_str_eq(job->path, DG_STR("/apply"))
					? APPLY_BODY_MAX
					: BODY_MAX);
	dg_buf_init(&job->reply, DG_SERVICE_REPLY_MAX);
	return job;
}

/* The operation is found and somebody with a token asks; false: answered. */
static bool
is_worth_it(struct dg_api_job *job)
{
	uint64_t left_ms;
	char seconds[24];

	if (job->match.route == NULL && job->match.is_path_known) {
		dg_api_header(job, DG_STR("Allow"),
			      dg_str_from_cstr(job->match.allow));
		dg_api_problem(job, 405, NULL);
		return false;
	}
	if (job->match.route == NULL) {
		dg_api_problem(job, 404, "there is no such resource");
		return false;
	}
	if (job->has_doubled) {
		dg_api_problem(job, 400,
			       "If-Match, If-None-Match and Idempotency-Key "
			       "stand once");
		return false;
	}
	left_ms = dg_api_lockout_left_ms(&job->api->lockout, job->peer,
					 dg_clock_mono_ms());
	if (left_ms > 0) {
		(void)snprintf(seconds, sizeof(seconds), "%" PRIu64,
			       left_ms / 1000 + 1);
		dg_api_header(job, DG_STR("Retry-After"),
			      dg_str_from_cstr(seconds));
		dg_api_problem(job, 429,
			       "too many wrong tokens came from your "
			       "address");
		return false;
	}
	if (job->bearer.data == NULL) {
		dg_api_header(job, DG_STR("WWW-Authenticate"),
			      DG_STR("Bearer"));
		dg_api_problem(job, 401,
			       "a token is needed: Authorization: "
			       "Bearer dga_...");
		return false;
	}
	return true;
}

/* Descriptions: for everybody, nothing to wait for. */
static bool
is_page(const struct dg_api_job *job)
{
	return job->match.route != NULL && job->match.route->handle == NULL;
}

static void
show_page(struct dg_api_job *job)
{
	struct dg_service_reply reply = {
		.status = 200,
		.content_type = "text/plain; charset=utf-8",
		.body = &job->reply,
	};

	dg_api_page(job->match.route, &reply);
	dg_service_reply(job->call, &reply);
	free_job(job);
}

void
dg_api_call(struct dg_api *api, struct dg_service_call *call)
{
	struct dg_api_job *job = new_job(api, call);
	enum dg_rc rc;

	DG_CHECK_MAGIC(api, API_MAGIC);
	rc = dg_api_match(job->method, job->path, job->arena, &job->match);
	if (rc != DG_OK) {
		dg_api_problem(job, 400, "the path is not well-formed");
		answer(job);
	} else if (is_page(job)) {
		show_page(job);
	} else if (!is_worth_it(job)) {
		answer(job);
	} else if (!dg_api_sign_in(job, api->gateway)) {
		note_token(job);
		answer(job);
	} else {
		submit(job);
	}
}

/* ---- life ---------------------------------------------------------------- */

static void
on_policy(void *arg, struct dg_store_snapshot *policy)
{
	struct dg_api *api = arg;

	DG_CHECK_MAGIC(api, API_MAGIC);
	dg_api_current_set(&api->current, policy);
}

struct dg_api *
dg_api_create(struct dg_loop *control, const struct dg_api_config *config)
{
	static const struct dg_offload_config threads = {
		.threads = THREADS,
		.queue_max = QUEUE_MAX,
		.per_key_max = PER_ADDRESS_MAX,
	};
	struct dg_api *api = DG_NEW(struct dg_api);
	sigset_t all;
	sigset_t before;
	char *conninfo;

	api->magic = API_MAGIC;
	api->control = control;
	conninfo = dg_calloc(config->conninfo.len + 1, 1);
	memcpy(conninfo, config->conninfo.data, config->conninfo.len);
	api->conninfo = dg_str_make(conninfo, config->conninfo.len);
	api->gateway = config->gateway;
	dg_list_init(&api->jobs);
	api->waiting = dg_api_waiting_create(control, conninfo, answer);
	dg_api_current_init(&api->current);
	DG_ASSERT(pthread_mutex_init(&api->lock, NULL) == 0);
	(void)sigfillset(&all); /* signals are the control thread's */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	api->threads = dg_offload_create(&threads);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	dg_gateway_watch_policy(api->gateway, on_policy, api);
	return api;
}

static void
on_last_message(void *arg)
{
	dg_loop_stop(arg);
}

void
dg_api_destroy(struct dg_api **api)
{
	struct dg_api *a = *api;

	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, API_MAGIC);
	dg_gateway_watch_policy(a->gateway, NULL, NULL);
	dg_offload_destroy(&a->threads);
	/* What was done meanwhile is answered by messages that are here now. */
	a->is_closing = true;
	if (dg_loop_post(a->control, on_last_message, a->control) == DG_OK)
		dg_loop_run(a->control);
	dg_api_waiting_destroy(&a->waiting);
	while (!dg_list_is_empty(&a->jobs)) {
		struct dg_api_job *job =
			DG_CONTAINER_OF(a->jobs.next, struct dg_api_job, link);

		dg_api_problem(job, 503, "the program ends");
		answer(job);
	}
	for (size_t i = 0; i < THREADS; i++) {
		dg_pg_destroy(&a->sessions[i].pg);
		if (a->sessions[i].loop != NULL)
			dg_loop_destroy(&a->sessions[i].loop);
	}
	pthread_mutex_destroy(&a->lock);
	dg_api_current_fini(&a->current);
	dg_wipe((void *)(uintptr_t)a->conninfo.data, a->conninfo.len);
	dg_free((void *)(uintptr_t)a->conninfo.data);
	a->magic = 0;
	dg_free(a);
	*api = NULL;
}

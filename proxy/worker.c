/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c - a worker thread: its loop, listeners, pools and caches, and how
 * the newest snapshots reach it.
 *
 * Two threads meet here. Up to dg_worker_start and from dg_worker_join on all
 * belongs to the control thread; in between the control thread touches only
 * the outbox and the loop's mailbox.
 */
#include "worker_thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "metadata/changes.h"
#include "net/listener.h"
#include "presto/statement.h"
#include "tokens.h"

enum {
	THREAD_MAGIC = 0x576b5468,
	MAILBOX_MAX = 65536,
	RESOLVER_TTL_MS = 10000,
	RIGHTS_MAX = 10000,
	RETRY_MS = 10,
	FLIGHTS_MAX = 64, /* queries for columns, at a time */
};

/* What is published in one message; NULL and 0 mean no news. */
struct update {
	struct dg_worker_thread *thread;
	struct dg_store_snapshot *policy;   /* ref */
	struct dg_cluster_states *clusters; /* ref */
	struct dg_jwt_keys *keys;           /* ref */
	uint64_t policy_fresh_ms;
	const struct dg_config *config;
	struct ssl_ctx_st *tls; /* goes with config */
	bool drain;
};

/* Told to the control thread. */
struct report {
	struct dg_worker_thread *thread;
	struct dg_store_snapshot *policy; /* ref; NULL: none yet */
	bool drained;
};

/* Told by one worker to another. */
struct change {
	struct dg_worker_thread *thread;
	struct dg_str cluster; /* owned */
	struct dg_str changes; /* owned */
};

struct dg_worker_thread {
	struct dg_worker worker; /* first: services get a pointer to it */
	uint32_t magic;
	struct dg_worker_shared shared;
	pthread_t id;
	bool running; /* control thread only, as the next one */
	bool has_run;
	/* A change could not be posted: everything is to be forgotten. */
	atomic_bool missed_change;
	struct dg_resolver *resolver;   /* owned */
	struct dg_http_server *server;  /* owned */
	struct dg_balancers *balancers; /* owned */
	struct dg_listener **listeners; /* owned */
	size_t n_listeners;
	/* Control thread only: */
	struct update outbox;
	bool outbox_full; /* there is something in it */
	struct dg_timer retry;
};

bool
dg_worker_policy_usable(const struct dg_worker *worker)
{
	uint64_t age_ms;

	if (worker->policy == NULL)
		return false;
	age_ms = dg_clock_mono_ms() - worker->policy_fresh_ms;
	return age_ms <= (uint64_t)worker->config->policy_max_staleness_ms;
}

const char *
dg_worker_policy_why(const struct dg_worker *worker)
{
	return worker->policy == NULL
		       ? "The gateway has no access policy yet: it waits for "
			 "Postgres; try again later"
		       : "The gateway's access policy is too old: Postgres has "
			 "not answered for longer than policy.max_staleness; "
			 "try again later";
}

/* ---- worker's thread --------------------------------------------------- */

/* Control thread. */
static void
on_report(void *arg)
{
	struct report *report = arg;
	const struct dg_worker_shared *shared = &report->thread->shared;
	unsigned index = report->thread->worker.index;

	if (report->drained)
		shared->on_drained(shared->arg, index);
	else
		shared->on_settled(shared->arg, index, report->policy);
	dg_store_snapshot_unref(&report->policy);
	dg_free(report);
}

/* A report that does not get through is made up for by the next one. */
static bool
tell(struct dg_worker_thread *thread, bool drained)
{
	struct report *report = DG_NEW(struct report);

	report->thread = thread;
	report->policy = dg_store_snapshot_ref(thread->worker.policy);
	report->drained = drained;
	if (dg_loop_post(thread->shared.control, on_report, report) == DG_OK)
		return true;
	dg_store_snapshot_unref(&report->policy);
	dg_free(report);
	return false;
}

static void
on_server_drained(void *arg)
{
	struct dg_worker_thread *thread = arg;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (!tell(thread, true))
		dg_log_warn(NULL, "worker.drained_unheard", DG_NO_FIELDS,
			    "the grace period will end this worker");
}

static void
close_listeners(struct dg_worker_thread *thread)
{
	for (size_t i = 0; i < thread->n_listeners; i++)
		dg_listener_close(&thread->listeners[i]);
}

static void
take_policy(struct dg_worker *worker, struct dg_store_snapshot *policy)
{
	dg_acl_cache_destroy(&worker->rights);
	dg_store_snapshot_unref(&worker->policy);
	worker->policy = policy;
	worker->rights = dg_acl_cache_create(policy->acl, RIGHTS_MAX);
	dg_auth_set_snapshot(worker->auth, policy);
}

/* ---- changed tables ---------------------------------------------------- */

static void
make_up_for_missed(struct dg_worker_thread *thread)
{
	if (atomic_exchange(&thread->missed_change, false))
		dg_metadata_forget_all(thread->worker.metadata);
}

static void
on_change(void *arg)
{
	struct change *change = arg;
	struct dg_worker_thread *thread = change->thread;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	dg_changes_forget(thread->worker.metadata, change->cluster,
			  change->changes);
	make_up_for_missed(thread);
	dg_str_free(&change->cluster);
	dg_str_free(&change->changes);
	dg_free(change);
}

static void
post_change(struct dg_worker_thread *to, struct dg_str cluster,
	    struct dg_str changes)
{
	struct change *change = DG_NEW(struct change);

	change->thread = to;
	change->cluster = dg_str_dup(cluster);
	change->changes = dg_str_dup(changes);
	if (dg_loop_post(to->worker.loop, on_change, change) == DG_OK)
		return;
	/* Its mailbox is full; there are updates to come in any case. */
	atomic_store(&to->missed_change, true);
	dg_str_free(&change->cluster);
	dg_str_free(&change->changes);
	dg_free(change);
}

void
dg_worker_tables_changed(struct dg_worker *worker, struct dg_str cluster,
			 struct dg_str changes)
{
	struct dg_worker_thread *thread =
		DG_CONTAINER_OF(worker, struct dg_worker_thread, worker);

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (changes.len == 0)
		return;
	dg_changes_forget(worker->metadata, cluster, changes);
	for (unsigned i = 0; i < thread->shared.n_workers; i++)
		if (thread->shared.workers[i] != thread)
			post_change(thread->shared.workers[i], cluster,
				    changes);
}

/* ---- updates ----------------------------------------------------------- */

static void
on_update(void *arg)
{
	struct update *update = arg;
	struct dg_worker_thread *thread = update->thread;
	struct dg_worker *worker = &thread->worker;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (update->policy != NULL)
		take_policy(worker, update->policy);
	if (update->clusters != NULL) {
		dg_cluster_states_unref(&worker->clusters);
		worker->clusters = update->clusters;
	}
	if (update->keys != NULL)
		dg_auth_set_keys(worker->auth, update->keys);
	dg_jwt_keys_unref(&update->keys);
	if (update->policy_fresh_ms != 0)
		worker->policy_fresh_ms = update->policy_fresh_ms;
	if (update->config != NULL) {
		worker->config = update->config;
		dg_http_server_set_tls(thread->server, update->tls);
	}
	make_up_for_missed(thread);
	(void)tell(thread, false);
	if (update->drain) {
		close_listeners(thread);
		dg_http_server_drain(thread->server, on_server_drained, thread);
	}
	dg_free(update);
}

static void *
run_thread(void *arg)
{
	struct dg_worker_thread *thread = arg;
	const struct dg_config *config = thread->worker.config;
	char name[16];

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	(void)snprintf(name, sizeof(name), "dg-worker-%u",
		       thread->worker.index);
	(void)pthread_setname_np(pthread_self(), name);
	dg_route_secrets_open(config->secret_bindings,
			      config->n_secret_bindings);
	dg_loop_run(thread->worker.loop);
	dg_route_secrets_close();
	return NULL;
}

enum dg_rc
dg_worker_post(struct dg_worker_thread *thread, dg_loop_fn fn, void *arg)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	return dg_loop_post(thread->worker.loop, fn, arg);
}

struct dg_worker *
dg_worker_of(struct dg_worker_thread *thread)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	return &thread->worker;
}

/* ---- the outbox (control thread) --------------------------------------- */

static void
flush_outbox(void *arg)
{
	struct dg_worker_thread *thread = arg;
	struct update *update;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (!thread->outbox_full || !thread->running)
		return;
	update = DG_NEW(struct update);
	*update = thread->outbox;
	update->thread = thread;
	if (dg_loop_post(thread->worker.loop, on_update, update) == DG_OK) {
		thread->outbox = (struct update){.drain = false};
		thread->outbox_full = false;
		return;
	}
	dg_free(update);
	dg_timer_start(&thread->retry, thread->shared.control, RETRY_MS,
		       flush_outbox, thread);
}

static void
send_outbox(struct dg_worker_thread *thread)
{
	thread->outbox_full = true;
	flush_outbox(thread);
}

void
dg_worker_publish_policy(struct dg_worker_thread *thread,
			 struct dg_store_snapshot *policy)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	dg_store_snapshot_unref(&thread->outbox.policy);
	thread->outbox.policy = dg_store_snapshot_ref(policy);
	send_outbox(thread);
}

void
dg_worker_publish_clusters(struct dg_worker_thread *thread,
			   struct dg_cluster_states *clusters)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	dg_cluster_states_unref(&thread->outbox.clusters);
	thread->outbox.clusters = dg_cluster_states_ref(clusters);
	send_outbox(thread);
}

void
dg_worker_publish_keys(struct dg_worker_thread *thread,
		       struct dg_jwt_keys *keys)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	dg_jwt_keys_unref(&thread->outbox.keys);
	thread->outbox.keys = dg_jwt_keys_ref(keys);
	send_outbox(thread);
}

void
dg_worker_publish_freshness(struct dg_worker_thread *thread,
			    uint64_t policy_fresh_ms)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	thread->outbox.policy_fresh_ms = policy_fresh_ms;
	send_outbox(thread);
}

void
dg_worker_publish_config(struct dg_worker_thread *thread,
			 const struct dg_config *config, struct ssl_ctx_st *tls)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	thread->outbox.config = config;
	thread->outbox.tls = tls;
	send_outbox(thread);
}

void
dg_worker_publish_drain(struct dg_worker_thread *thread)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	thread->outbox.drain = true;
	send_outbox(thread);
}

/* ---- life (control thread) --------------------------------------------- */

static struct dg_http_server *
create_server(struct dg_worker_thread *thread)
{
	const struct dg_config *c = thread->shared.config;
	const struct dg_http_server_config config = {
		.max_head = (size_t)c->limit_head,
		.arena_max = (size_t)c->limit_arena,
		.out_max = (size_t)c->limit_out,
		.max_connections = thread->shared.max_connections,
		.idle_timeout_ms = (unsigned)c->timeout_idle_ms,
		.head_timeout_ms = (unsigned)c->timeout_head_ms,
		.body_timeout_ms = (unsigned)c->timeout_body_ms,
		.write_timeout_ms = (unsigned)c->timeout_write_ms,
		.tls_timeout_ms = (unsigned)c->timeout_tls_ms,
		.balancers = thread->balancers,
		.budget = &thread->worker.memory,
	};
	const struct dg_http_service service = {dg_presto_serve,
						&thread->worker};

	return dg_http_server_create(thread->worker.loop, thread->shared.tls,
				     &config, &service);
}

static struct dg_upstream *
create_upstream(struct dg_worker_thread *thread)
{
	const struct dg_config *c = thread->shared.config;
	const struct dg_upstream_config config = {
		.max_idle_per_endpoint = (size_t)c->upstream_idle,
		.max_per_endpoint = (size_t)c->upstream_connections,
		.max_waiting = (size_t)c->upstream_waiting,
		.max_head = (size_t)c->limit_head,
		.in_max = (size_t)c->upstream_buffer,
		.connect_timeout_ms = (unsigned)c->upstream_connect_ms,
		.idle_timeout_ms = (unsigned)c->upstream_idle_ms,
		.budget = &thread->worker.memory,
	};

	return dg_upstream_create(thread->worker.loop, thread->resolver,
				  &config);
}

/* Control thread. */
static void
on_keys_wanted(void *arg)
{
	struct dg_worker_thread *thread = arg;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	dg_tokens_wish(thread->shared.tokens);
}

/* A wish that is not heard is said again when the wait is over. */
static void
want_keys(void *arg)
{
	struct dg_worker_thread *thread = arg;

	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (dg_loop_post(thread->shared.control, on_keys_wanted, thread) !=
	    DG_OK)
		dg_log_warn(NULL, "auth.keys_unasked", DG_NO_FIELDS,
			    "the control thread has too much to do");
}

static struct dg_auth *
create_auth(struct dg_worker_thread *thread)
{
	const struct dg_config *c = thread->shared.config;
	const struct dg_auth_config config = {
		.password = c->auth_password,
		.trusted_header = c->auth_trusted_header,
		.require_tls = c->auth_require_tls,
		.lower_names = c->auth_username_case == DG_USERNAME_LOWER,
		.cache_ttl_ms = (unsigned)c->auth_cache_ttl_ms,
		.cache_max = (size_t)c->auth_cache_entries,
		.jwt = dg_tokens_rules(thread->shared.tokens),
		.jwt_require_tls = c->jwt_require_tls,
		.jwt_lower_names = c->jwt_username_case == DG_USERNAME_LOWER,
		.jwt_wait_ms = (unsigned)c->jwt_keys_timeout_ms,
		.want_keys = c->jwt_keys_url[0] == '\0' ? NULL : want_keys,
		.want_keys_arg = thread,
	};

	return dg_auth_create(thread->worker.loop, thread->shared.offload,
			      &config);
}

static struct dg_metadata *
create_metadata(struct dg_worker_thread *thread)
{
	const struct dg_config *c = thread->shared.config;
	/* The greater part of the connections is for statements. */
	size_t flights = 1 + (size_t)c->upstream_connections / 4;
	const struct dg_metadata_config config = {
		.ttl_ms = (unsigned)c->metadata_ttl_ms,
		.absent_ttl_ms = (unsigned)c->metadata_absent_ttl_ms,
		.deadline_ms = (unsigned)c->metadata_deadline_ms,
		.max_tables = (size_t)c->metadata_tables,
		.max_bytes = (size_t)c->metadata_memory,
		.max_flights = flights > FLIGHTS_MAX ? FLIGHTS_MAX : flights,
	};

	return dg_metadata_create(thread->worker.loop, thread->worker.upstream,
				  &config);
}

/* The first worker takes a free port; the others join it. */
static struct dg_str
address_with_port(struct dg_str address, unsigned port, char *room, size_t size)
{
	size_t colon = address.len;

	if (port == 0)
		return address;
	DG_ASSERT(address.data != NULL);
	while (address.data[colon - 1] != ':')
		colon--;
	(void)snprintf(room, size, "%.*s%u",
		       DG_STR_ARG(dg_str_slice(address, 0, colon)), port);
	return dg_str_from_cstr(room);
}

static enum dg_rc
open_listeners(struct dg_worker_thread *thread, unsigned *ports,
	       struct dg_error *err)
{
	const struct dg_config *c = thread->shared.config;

	thread->listeners = DG_NEW_ARRAY(struct dg_listener *, c->n_listen);
	for (size_t i = 0; i < c->n_listen; i++) {
		char room[300];
		struct dg_str address =
			address_with_port(dg_str_from_cstr(c->listen[i]),
					  ports[i], room, sizeof(room));
		enum dg_rc rc = DG_OK;

		if (thread->worker.index == 0)
			rc = dg_listener_check_free(address, err);
		if (rc == DG_OK)
			rc = dg_listener_open(thread->worker.loop, address,
					      dg_http_server_accept,
					      thread->server,
					      &thread->listeners[i], err);
		if (rc != DG_OK) {
			(void)dg_error_wrap(err, "listen");
			return rc;
		}
		thread->n_listeners = i + 1;
		ports[i] = dg_listener_port(thread->listeners[i]);
	}
	return DG_OK;
}

enum dg_rc
dg_worker_create(const struct dg_worker_shared *shared, unsigned index,
		 unsigned *ports, struct dg_worker_thread **worker_out,
		 struct dg_error *err)
{
	struct dg_worker_thread *thread = DG_NEW(struct dg_worker_thread);
	struct dg_worker *worker = &thread->worker;
	enum dg_rc rc;

	thread->magic = THREAD_MAGIC;
	thread->shared = *shared;
	worker->magic = DG_WORKER_MAGIC;
	worker->index = index;
	worker->config = shared->config;
	worker->audit = shared->audit;
	worker->keys = shared->keys;
	worker->replica = shared->replica;
	dg_budget_init(&worker->memory, (size_t)shared->config->limit_memory);
	dg_budget_watch(&worker->memory, dg_metric_watch_memory);
	worker->scratch = dg_arena_create((size_t)shared->config->limit_arena);
	dg_arena_set_budget(worker->scratch, &worker->memory);
	worker->loop = dg_loop_create("worker", MAILBOX_MAX);
	thread->resolver = dg_resolver_create(worker->loop, shared->offload,
					      RESOLVER_TTL_MS);
	worker->upstream = create_upstream(thread);
	worker->auth = create_auth(thread);
	worker->metadata = create_metadata(thread);
	rc = dg_balancers_create(shared->config->proxy_protocol,
				 shared->config->n_proxy_protocol,
				 &thread->balancers, err);
	if (rc == DG_OK) {
		thread->server = create_server(thread);
		rc = open_listeners(thread, ports, err);
	}
	if (rc != DG_OK) {
		dg_worker_destroy(&thread);
		return rc;
	}
	*worker_out = thread;
	return DG_OK;
}

enum dg_rc
dg_worker_start(struct dg_worker_thread *thread, struct dg_error *err)
{
	int rc = pthread_create(&thread->id, NULL, run_thread, thread);

	if (rc != 0)
		return dg_error_set(err, DG_ERR_IO,
				    "cannot start a worker thread: %s",
				    strerror(rc));
	thread->running = true;
	flush_outbox(thread);
	return DG_OK;
}

static void
on_last_message(void *arg)
{
	dg_loop_stop(arg);
}

/* What others posted before the thread ended holds references: take it in. */
static void
empty_mailbox(struct dg_loop *loop)
{
	if (dg_loop_post(loop, on_last_message, loop) == DG_OK)
		dg_loop_run(loop);
}

void
dg_worker_join(struct dg_worker_thread *thread)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (!thread->running)
		return;
	dg_loop_stop(thread->worker.loop);
	(void)pthread_join(thread->id, NULL);
	thread->running = false;
	thread->has_run = true;
}

void
dg_worker_empty(struct dg_worker_thread *thread)
{
	DG_CHECK_MAGIC(thread, THREAD_MAGIC);
	if (thread->has_run)
		empty_mailbox(thread->worker.loop);
}

void
dg_worker_destroy(struct dg_worker_thread **thread)
{
	struct dg_worker_thread *t = *thread;

	if (t == NULL)
		return;
	DG_CHECK_MAGIC(t, THREAD_MAGIC);
	DG_ASSERT(!t->running);
	close_listeners(t);
	dg_free(t->listeners);
	/* Exchanges first: they hold calls of what is below. */
	dg_http_server_destroy(&t->server);
	dg_balancers_destroy(&t->balancers);
	dg_metadata_destroy(&t->worker.metadata);
	dg_auth_destroy(&t->worker.auth);
	dg_upstream_destroy(&t->worker.upstream);
	dg_resolver_destroy(&t->resolver);
	dg_acl_cache_destroy(&t->worker.rights);
	dg_store_snapshot_unref(&t->worker.policy);
	dg_cluster_states_unref(&t->worker.clusters);
	dg_store_snapshot_unref(&t->outbox.policy);
	dg_cluster_states_unref(&t->outbox.clusters);
	dg_jwt_keys_unref(&t->outbox.keys);
	dg_timer_fini(&t->retry);
	dg_loop_destroy(&t->worker.loop);
	dg_arena_destroy(&t->worker.scratch);
	dg_budget_fini(&t->worker.memory);
	t->magic = 0;
	dg_free(t);
	*thread = NULL;
}

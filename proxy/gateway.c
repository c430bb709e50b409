/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.c - the control thread: what is started in which order, what is
 * published to the workers, and how it all ends.
 *
 * Owns everything that workers borrow, and outlives them. Statements are not
 * seen here. The invariant: what workers hold is immutable; news reach them as
 * new snapshots through their mailboxes.
 */
#include "proxy/gateway.h"

#include <pthread.h>
#include <signal.h>
#include <sodium.h>

#include "audit/spool.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "cpus.h"
#include "known.h"
#include "net/tls.h"
#include "policy_source.h"
#include "signals.h"
#include "standing.h"
#include "tokens.h"
#include "worker_thread.h"

enum {
	GATEWAY_MAGIC = 0x47746577,
	TICK_MAX_MS = 1000,
	DRAIN_POLL_MS = 20,
	SHOUT_MS = 600000, /* how often unsafe settings are recalled */
	SETTLE_MS = 5000,  /* how long the first answers of clusters matter */
	KEYS_MAX = 64 << 10,
	FILES_RESERVE = 128,
	RESOLVER_TTL_MS = 10000,
	CONTROL_CONNECTIONS = 4,
	CONTROL_HEAD_MAX = 64 << 10,
};

/* Of one reload. All of it stays: workers may hold pointers to any. */
struct reloaded {
	struct reloaded *next;
	struct dg_config *config;   /* owned; what it brought */
	struct ssl_ctx_st *old_tls; /* owned; what it replaced, or NULL */
};

struct dg_gateway {
	uint32_t magic;
	struct dg_loop *control;        /* borrowed */
	const struct dg_config *config; /* the caller's, or of reloads */
	struct ssl_ctx_st *tls;         /* owned; NULL: plain */
	struct reloaded *reloads;
	struct dg_str conninfo; /* owned, wiped */
	struct dg_keyring *keys;
	struct dg_tokens *tokens; /* NULL: they are not accepted */
	char replica[DG_STANDING_NAME_MAX];
	struct dg_offload *offload;
	struct dg_audit *audit;
	struct dg_resolver *resolver;
	struct dg_upstream *upstream;
	struct dg_health *health;
	struct dg_store_saver *saver; /* NULL: no file */
	struct dg_audit_spool *spool; /* until the audit takes it */
	struct dg_store_follower *follower;
	struct dg_store_snapshot *policy; /* ref; newest; NULL: none yet */
	struct dg_worker_thread **workers;
	unsigned n_workers;         /* created */
	dg_gateway_policy_fn watch; /* NULL: nobody */
	void *watch_arg;
	struct dg_standing *standing;
	bool *drained;   /* per worker */
	unsigned *ports; /* per address of config.listen */
	struct dg_timer tick;
	uint64_t policy_since_ms; /* when the first policy came */
	uint64_t shouted_ms;
	bool announced; /* gateway.ready was logged */
	bool draining;
	uint64_t drain_until_ms;
	struct dg_timer drain_timer;
	struct dg_signals *signals;
	char *config_file; /* owned; what SIGHUP reads */
};

/* ---- publishing -------------------------------------------------------- */

static void
on_policy(void *arg, struct dg_store_snapshot *policy)
{
	struct dg_gateway *gateway = arg;
	/* Of a policy from the file that may be long ago. */
	uint64_t fresh_ms = dg_store_follower_last_poll_ms(gateway->follower);

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	dg_store_snapshot_unref(&gateway->policy);
	gateway->policy = dg_store_snapshot_ref(policy);
	if (gateway->policy_since_ms == 0)
		gateway->policy_since_ms = dg_clock_mono_ms();
	dg_standing_published(gateway->standing, policy);
	for (unsigned i = 0; i < gateway->n_workers; i++) {
		dg_worker_publish_policy(gateway->workers[i], policy);
		dg_worker_publish_freshness(gateway->workers[i], fresh_ms);
	}
	dg_health_set_snapshot(gateway->health, policy);
	if (gateway->watch != NULL)
		gateway->watch(gateway->watch_arg, policy);
}

void
dg_gateway_watch_policy(struct dg_gateway *gateway, dg_gateway_policy_fn watch,
			void *arg)
{
	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	gateway->watch = watch;
	gateway->watch_arg = arg;
	if (watch != NULL && gateway->policy != NULL)
		watch(arg, gateway->policy);
}

static void
on_clusters(void *arg, struct dg_cluster_states *states)
{
	struct dg_gateway *gateway = arg;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_publish_clusters(gateway->workers[i], states);
}

/* Newer keys of the tokens' issuer, or all that there are. */
static void
on_jwt_keys(void *arg, struct dg_jwt_keys *keys)
{
	struct dg_gateway *gateway = arg;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_publish_keys(gateway->workers[i], keys);
}

static int64_t
policy_age_ms(const struct dg_gateway *gateway)
{
	uint64_t fresh_ms = dg_store_follower_last_poll_ms(gateway->follower);

	return fresh_ms == 0 ? -1 : (int64_t)(dg_clock_mono_ms() - fresh_ms);
}

/* Three polls in a row without an answer: no connection to speak of. */
static bool
is_postgres_connected(const struct dg_gateway *gateway)
{
	int64_t age_ms = policy_age_ms(gateway);

	return age_ms >= 0 && age_ms <= 3 * gateway->config->postgres_poll_ms;
}

static void
publish_freshness(struct dg_gateway *gateway)
{
	uint64_t fresh_ms = dg_store_follower_last_poll_ms(gateway->follower);

	dg_metric_set(DG_METRIC_PG_CONNECTED, is_postgres_connected(gateway));
	dg_standing_measure(gateway->standing);
	dg_tokens_measure(gateway->tokens);
	if (fresh_ms == 0)
		return;
	dg_metric_set(DG_METRIC_POLICY_AGE_S,
		      (int64_t)((dg_clock_mono_ms() - fresh_ms) / 1000));
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_publish_freshness(gateway->workers[i], fresh_ms);
}

/* ---- state ------------------------------------------------------------- */

/* The first statements should not fail for want of a cluster's version. */
static bool
is_settled(const struct dg_gateway *gateway)
{
	if (!dg_standing_is_settled(gateway->standing))
		return false;
	return gateway->announced || dg_health_is_settled(gateway->health) ||
	       dg_clock_mono_ms() > gateway->policy_since_ms + SETTLE_MS;
}

static const char *
why_not_ready(const struct dg_gateway *gateway)
{
	if (gateway->draining)
		return "shutting down";
	if (gateway->policy == NULL)
		return "no policy has been loaded";
	if (policy_age_ms(gateway) > gateway->config->policy_max_staleness_ms)
		return "the policy is older than policy.max_staleness";
	if (!is_settled(gateway))
		return "starting";
	if (dg_standing_is_too_far_behind(gateway->standing))
		return "the policy is behind by more than policy.max_lag";
	return NULL;
}

void
dg_gateway_status(const struct dg_gateway *gateway,
		  struct dg_gateway_status *status_out)
{
	struct dg_standing_lag lag;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	dg_standing_lag(gateway->standing, &lag);
	*status_out = (struct dg_gateway_status){
		.policy_version = lag.in_force,
		.policy_seen = lag.seen,
		.lag_versions = lag.versions,
		.lag_ms = lag.ms,
		.policy_age_ms = policy_age_ms(gateway),
		.policy_from_file =
			dg_store_follower_is_from_file(gateway->follower),
		.postgres_connected = is_postgres_connected(gateway),
		.why_not = why_not_ready(gateway),
		.workers = gateway->n_workers,
	};
	status_out->ready = status_out->why_not == NULL;
}

unsigned
dg_gateway_port(const struct dg_gateway *gateway)
{
	return gateway->ports[0];
}

static void
announce(struct dg_gateway *gateway)
{
	if (gateway->announced || why_not_ready(gateway) != NULL)
		return;
	gateway->announced = true;
	dg_log_info(NULL, "gateway.ready",
		    DG_FIELDS(DG_LOG_INT("port", gateway->ports[0]),
			      DG_LOG_INT("workers", gateway->n_workers),
			      DG_LOG_INT("policy_version",
					 gateway->policy->version)),
		    "statements are accepted");
}

static void
shout(struct dg_gateway *gateway)
{
	gateway->shouted_ms = dg_clock_mono_ms();
	if (gateway->config->auth_trusted_header)
		dg_log_warn(NULL, "auth.trusted_header", DG_NO_FIELDS,
			    "NO AUTHENTICATION: auth.trusted_header.enabled "
			    "lets anybody who reaches this port be any user");
	if (gateway->config->keys_ring[0] == '\0')
		dg_log_warn(NULL, "keys.random", DG_NO_FIELDS,
			    "keys.ring is not set: URIs are sealed with a "
			    "random key, so there may be no other replica and "
			    "a restart ends all queries");
}

static void
on_tick(void *arg)
{
	struct dg_gateway *gateway = arg;
	int64_t interval_ms = gateway->config->postgres_poll_ms;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	publish_freshness(gateway);
	announce(gateway);
	if (dg_clock_mono_ms() - gateway->shouted_ms >= SHOUT_MS)
		shout(gateway);
	if (!gateway->announced)
		interval_ms = DRAIN_POLL_MS;
	else if (interval_ms > TICK_MAX_MS)
		interval_ms = TICK_MAX_MS;
	dg_timer_start(&gateway->tick, gateway->control, (uint64_t)interval_ms,
		       on_tick, gateway);
}

static void
on_worker_settled(void *arg, unsigned worker,
		  const struct dg_store_snapshot *policy)
{
	struct dg_gateway *gateway = arg;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	dg_standing_settled(gateway->standing, worker, policy);
	announce(gateway);
}

enum dg_rc
dg_gateway_check_token(struct dg_gateway *gateway, struct dg_str token,
		       struct dg_arena *arena,
		       struct dg_gateway_identity *identity_out,
		       struct dg_error *err)
{
	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	if (policy_age_ms(gateway) > gateway->config->policy_max_staleness_ms)
		return dg_error_set(err, DG_ERR_UNAVAILABLE,
				    "Tokens cannot be checked: the policy is "
				    "older than policy.max_staleness");
	return dg_tokens_check_admin(gateway->tokens, gateway->policy, token,
				     arena, identity_out, err);
}

struct dg_known *
dg_gateway_know(struct dg_gateway *gateway, struct dg_str cluster)
{
	return dg_known_create(gateway->workers, gateway->n_workers, cluster);
}

/* ---- the end ----------------------------------------------------------- */

static bool
is_drained(const struct dg_gateway *gateway)
{
	for (unsigned i = 0; i < gateway->n_workers; i++)
		if (!gateway->drained[i])
			return false;
	return dg_audit_pending(gateway->audit) == 0;
}

static void
on_drain_poll(void *arg)
{
	struct dg_gateway *gateway = arg;
	bool drained = is_drained(gateway);
	bool is_late = dg_clock_mono_ms() >= gateway->drain_until_ms;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	if (drained || is_late)
		dg_standing_leave(gateway->standing);
	if (!is_late && !(drained && dg_standing_has_left(gateway->standing))) {
		dg_timer_start(&gateway->drain_timer, gateway->control,
			       DRAIN_POLL_MS, on_drain_poll, gateway);
		return;
	}
	dg_log_info(NULL, "gateway.stopped",
		    DG_FIELDS(DG_LOG_BOOL("drained", drained)),
		    drained ? "everything was brought to its end"
			    : "the grace period is over");
	dg_loop_stop(gateway->control);
}

static void
on_worker_drained(void *arg, unsigned worker)
{
	struct dg_gateway *gateway = arg;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	gateway->drained[worker] = true;
}

void
dg_gateway_shutdown(struct dg_gateway *gateway)
{
	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	if (gateway->draining) {
		gateway->drain_until_ms = 0;
		return;
	}
	gateway->draining = true;
	gateway->drain_until_ms = dg_clock_mono_ms() +
				  (uint64_t)gateway->config->shutdown_grace_ms;
	dg_log_info(NULL, "gateway.draining",
		    DG_FIELDS(DG_LOG_INT("grace_ms",
					 gateway->config->shutdown_grace_ms)),
		    "no new connections, running requests end");
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_publish_drain(gateway->workers[i]);
	on_drain_poll(gateway);
}

/* ---- reload ------------------------------------------------------------ */

/* TLS files, the last thing that can fail. */
static enum dg_rc
load_tls(const struct dg_config *config, struct ssl_ctx_st **tls_out,
	 struct dg_error *err)
{
	enum dg_rc rc;

	*tls_out = NULL;
	if (config->tls_cert[0] == '\0')
		return DG_OK;
	rc = dg_tls_server_create(config->tls_cert, config->tls_key, tls_out,
				  err);
	if (rc != DG_OK)
		(void)dg_error_wrap(err, "tls");
	return rc;
}

/* Either side may be what the gateway was started with. */
static void
swap_config(struct dg_gateway *gateway, struct dg_config *fresh,
	    struct ssl_ctx_st *tls)
{
	struct reloaded *reloaded = DG_NEW(struct reloaded);

	reloaded->config = fresh;
	reloaded->old_tls = gateway->tls;
	reloaded->next = gateway->reloads;
	gateway->reloads = reloaded;
	gateway->config = fresh;
	gateway->tls = tls;
	dg_standing_configure(gateway->standing, fresh);
	dg_log_set_level((enum dg_log_level)fresh->log_level);
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_publish_config(gateway->workers[i], fresh, tls);
}

static enum dg_rc
load_fresh(const struct dg_gateway *gateway, const char *file,
	   struct dg_config **fresh_out, struct dg_error *err)
{
	struct dg_buf text;
	enum dg_rc rc;

	dg_buf_init(&text, DG_ERROR_TEXT_MAX);
	rc = dg_config_load(file, fresh_out, &text);
	if (rc != DG_OK) {
		(void)dg_error_set(err, rc, "%.*s",
				   DG_STR_ARG(dg_str_trim(dg_buf_peek(&text))));
		goto out;
	}
	rc = dg_config_check_reload(gateway->config, *fresh_out, &text);
	if (rc != DG_OK) {
		(void)dg_error_set(err, rc,
				   "%s changes what needs a restart: %.*s",
				   file, DG_STR_ARG(dg_buf_peek(&text)));
		dg_config_destroy(fresh_out);
	}
out:
	dg_buf_fini(&text);
	return rc;
}

enum dg_rc
dg_gateway_reload(struct dg_gateway *gateway, const char *config_file,
		  struct dg_error *err)
{
	struct dg_config *fresh = NULL;
	struct ssl_ctx_st *tls = NULL;
	enum dg_rc rc;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	rc = load_fresh(gateway, config_file, &fresh, err);
	if (rc == DG_OK)
		rc = load_tls(fresh, &tls, err);
	if (rc != DG_OK) {
		dg_config_destroy(&fresh);
		return rc;
	}
	swap_config(gateway, fresh, tls);
	return DG_OK;
}

static void
reload(struct dg_gateway *gateway)
{
	struct dg_error err;

	if (dg_gateway_reload(gateway, gateway->config_file, &err) == DG_OK)
		dg_log_info(
			NULL, "config.reloaded",
			DG_FIELDS(DG_LOG_CSTR("file", gateway->config_file)),
			"the configuration was read again");
	else
		dg_log_error(NULL, "config.reload_failed",
			     DG_FIELDS(DG_LOG_CSTR("why", err.text)),
			     "the configuration stays as it was");
}

static void
on_signal(void *arg, int number)
{
	struct dg_gateway *gateway = arg;

	DG_CHECK_MAGIC(gateway, GATEWAY_MAGIC);
	if (number == SIGHUP)
		reload(gateway);
	else
		dg_gateway_shutdown(gateway);
}

void
dg_gateway_take_signals(struct dg_gateway *gateway, const char *config_file)
{
	DG_ASSERT(gateway->signals == NULL);
	gateway->config_file = dg_strdup(config_file);
	gateway->signals =
		dg_signals_open(gateway->control, on_signal, gateway);
}

/* ---- the start --------------------------------------------------------- */

static enum dg_rc
load_keys(struct dg_gateway *gateway, struct dg_error *err)
{
	struct dg_str reference = dg_str_from_cstr(gateway->config->keys_ring);
	struct dg_str lines;
	enum dg_rc rc;

	if (reference.len == 0) {
		gateway->keys = dg_keyring_random();
		return DG_OK;
	}
	rc = dg_secret_read(reference, KEYS_MAX, &lines, err);
	if (rc == DG_OK) {
		rc = dg_keyring_parse(lines, &gateway->keys, err);
		dg_secret_free(&lines);
	}
	if (rc != DG_OK)
		(void)dg_error_wrap(err, "keys.ring");
	return rc;
}

static void
start_control_side(struct dg_gateway *gateway)
{
	const struct dg_config *c = gateway->config;
	const struct dg_offload_config offload = {
		.threads = (unsigned)c->offload_threads,
		.queue_max = (size_t)c->offload_queue,
		.per_key_max = (size_t)c->offload_per_address,
	};
	const struct dg_store_audit_config audit = {
		.conninfo = gateway->conninfo.data,
		.queue_max = (size_t)c->audit_queue,
		.spool = gateway->spool,
	};
	const struct dg_upstream_config upstream = {
		.max_idle_per_endpoint = 1,
		.max_per_endpoint = CONTROL_CONNECTIONS,
		.max_waiting = CONTROL_CONNECTIONS,
		.max_head = CONTROL_HEAD_MAX,
		.in_max = (size_t)c->upstream_buffer,
		.connect_timeout_ms = (unsigned)c->health_timeout_ms,
		.idle_timeout_ms = (unsigned)c->upstream_idle_ms,
	};

	gateway->offload = dg_offload_create(&offload);
	gateway->audit =
		dg_audit_create(gateway->control, &audit, (size_t)c->audit_text,
				(size_t)c->audit_memory);
	gateway->spool = NULL;
	gateway->resolver = dg_resolver_create(
		gateway->control, gateway->offload, RESOLVER_TTL_MS);
	gateway->upstream = dg_upstream_create(gateway->control,
					       gateway->resolver, &upstream);
	gateway->health = dg_health_create(gateway->control, gateway->upstream,
					   (unsigned)c->health_interval_ms,
					   (unsigned)c->health_timeout_ms,
					   on_clusters, gateway);
}

static void
start_following(struct dg_gateway *gateway)
{
	const struct dg_config *c = gateway->config;
	struct dg_standing_replica replica = {
		.conninfo = gateway->conninfo.data,
		.name = gateway->replica,
		.address = c->listen[0],
		.address_port = gateway->ports[0],
		.config = c,
	};
	const struct dg_store_follower_config config = {
		.conninfo = gateway->conninfo.data,
		.poll_ms = (unsigned)c->postgres_poll_ms,
		.snapshot_max_bytes = (size_t)c->policy_memory,
		.saver = gateway->saver,
		.on_snapshot = on_policy,
		.arg = gateway,
	};

	gateway->follower = dg_store_follower_create(gateway->control, &config);
	replica.follower = gateway->follower;
	dg_standing_join(gateway->standing, &replica);
	shout(gateway);
	on_tick(gateway);
}

static enum dg_rc
create_workers(struct dg_gateway *gateway, struct dg_error *err)
{
	const struct dg_config *c = gateway->config;
	unsigned n = c->workers > 0 ? (unsigned)c->workers : dg_cpus_granted();
	struct dg_worker_shared shared = {
		.control = gateway->control,
		.config = c,
		.offload = gateway->offload,
		.audit = gateway->audit,
		.keys = gateway->keys,
		.tls = gateway->tls,
		.tokens = gateway->tokens,
		.replica = gateway->replica,
		.max_connections = dg_connections_granted(
					   (size_t)c->limit_connections,
					   n * (size_t)c->upstream_connections +
						   FILES_RESERVE) /
					   n +
				   1,
		.on_settled = on_worker_settled,
		.on_drained = on_worker_drained,
		.arg = gateway,
		.n_workers = n,
	};

	gateway->workers = DG_NEW_ARRAY(struct dg_worker_thread *, n);
	shared.workers = gateway->workers;
	gateway->standing = dg_standing_create(gateway->control, n);
	gateway->drained = DG_NEW_ARRAY(bool, n);
	gateway->ports = DG_NEW_ARRAY(unsigned, c->n_listen);
	for (unsigned i = 0; i < n; i++) {
		enum dg_rc rc = dg_worker_create(&shared, i, gateway->ports,
						 &gateway->workers[i], err);

		if (rc != DG_OK)
			return rc;
		gateway->n_workers = i + 1;
	}
	return DG_OK;
}

static enum dg_rc
start_workers(struct dg_gateway *gateway, struct dg_error *err)
{
	const struct dg_config *c = gateway->config;

	for (unsigned i = 0; i < gateway->n_workers; i++) {
		enum dg_rc rc = dg_worker_start(gateway->workers[i], err);

		if (rc != DG_OK)
			return rc;
	}
	for (size_t i = 0; i < c->n_listen; i++)
		dg_log_info(NULL, "proxy.listening",
			    DG_FIELDS(DG_LOG_CSTR("address", c->listen[i]),
				      DG_LOG_INT("port", gateway->ports[i]),
				      DG_LOG_BOOL("tls", gateway->tls != NULL)),
			    "clients can connect");
	return DG_OK;
}

/* What can wait for others, and be ended by a signal meanwhile. */
static enum dg_rc
prepare(struct dg_gateway *gateway, struct dg_error *err)
{
	enum dg_rc rc;

	if (sodium_init() < 0)
		return dg_error_set(err, DG_ERR_INTERNAL,
				    "libsodium cannot be used");
	dg_log_set_level((enum dg_log_level)gateway->config->log_level);
	rc = dg_config_conninfo(gateway->config, &gateway->conninfo, err);
	if (rc == DG_OK)
		rc = load_tls(gateway->config, &gateway->tls, err);
	if (rc == DG_OK)
		rc = load_keys(gateway, err);
	if (rc == DG_OK)
		rc = dg_audit_spool_configured(gateway->config, &gateway->spool,
					       err);
	if (rc == DG_OK)
		rc = dg_policy_source_migrate(gateway->config,
					      gateway->conninfo.data,
					      gateway->control, err);
	return rc;
}

/* Threads inherit the mask of signals: these are the control thread's. */
static enum dg_rc
start_threads(struct dg_gateway *gateway, struct dg_error *err)
{
	sigset_t all;
	sigset_t before;
	enum dg_rc rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	start_control_side(gateway);
	gateway->tokens = dg_tokens_create(gateway->config);
	rc = dg_policy_source_saver(gateway->config, gateway->conninfo.data,
				    gateway->control, &gateway->saver, err);
	if (rc == DG_OK)
		rc = create_workers(gateway, err);
	if (rc == DG_OK)
		rc = dg_tokens_start(gateway->tokens, gateway->control,
				     gateway->upstream, on_jwt_keys, gateway,
				     err);
	if (rc == DG_OK)
		rc = start_workers(gateway, err);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

enum dg_rc
dg_gateway_start(struct dg_loop *control, const struct dg_config *config,
		 struct dg_gateway **gateway_out, struct dg_error *err)
{
	struct dg_gateway *gateway = DG_NEW(struct dg_gateway);
	enum dg_rc rc;

	gateway->magic = GATEWAY_MAGIC;
	gateway->control = control;
	gateway->config = config;
	dg_standing_name(config, gateway->replica);
	dg_route_secrets_open(config->secret_bindings,
			      config->n_secret_bindings);
	rc = prepare(gateway, err);
	if (rc == DG_OK)
		rc = start_threads(gateway, err);
	if (rc != DG_OK) {
		dg_gateway_destroy(&gateway);
		return rc;
	}
	start_following(gateway);
	*gateway_out = gateway;
	return DG_OK;
}

/* Reports of workers that came after the loop was stopped. */
static void
on_last_message(void *arg)
{
	dg_loop_stop(arg);
}

static void
stop_workers(struct dg_gateway *gateway)
{
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_join(gateway->workers[i]);
	for (unsigned i = 0; i < gateway->n_workers; i++)
		dg_worker_empty(gateway->workers[i]);
	if (gateway->n_workers > 0 &&
	    dg_loop_post(gateway->control, on_last_message, gateway->control) ==
		    DG_OK)
		dg_loop_run(gateway->control);
}

static void
free_reloads(struct dg_gateway *gateway)
{
	while (gateway->reloads != NULL) {
		struct reloaded *reloaded = gateway->reloads;

		gateway->reloads = reloaded->next;
		dg_config_destroy(&reloaded->config);
		dg_tls_destroy(&reloaded->old_tls);
		dg_free(reloaded);
	}
}

void
dg_gateway_destroy(struct dg_gateway **gateway)
{
	struct dg_gateway *g = *gateway;

	if (g == NULL)
		return;
	DG_CHECK_MAGIC(g, GATEWAY_MAGIC);
	stop_workers(g);
	dg_signals_close(&g->signals);
	dg_free(g->config_file);
	dg_timer_fini(&g->tick);
	dg_timer_fini(&g->drain_timer);
	dg_standing_destroy(&g->standing);
	dg_store_follower_destroy(&g->follower);
	dg_store_saver_destroy(&g->saver);
	dg_health_destroy(&g->health);
	dg_tokens_stop(g->tokens);
	/* Its jobs point into workers and into our resolver. */
	dg_offload_destroy(&g->offload);
	for (unsigned i = 0; i < g->n_workers; i++)
		dg_worker_destroy(&g->workers[i]);
	dg_upstream_destroy(&g->upstream);
	dg_resolver_destroy(&g->resolver);
	dg_audit_destroy(&g->audit);
	dg_audit_spool_close(&g->spool);
	dg_store_snapshot_unref(&g->policy);
	dg_keyring_destroy(&g->keys);
	dg_tokens_destroy(&g->tokens);
	dg_tls_destroy(&g->tls);
	free_reloads(g);
	dg_route_secrets_close();
	dg_secret_free(&g->conninfo);
	dg_free(g->workers);
	dg_free(g->drained);
	dg_free(g->ports);
	g->magic = 0;
	dg_free(g);
	*gateway = NULL;
}

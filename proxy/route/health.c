/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.c - asks every cluster for /v1/info from the control loop.
 *
 * One probe a cluster, one question at a time. A version once known is kept
 * while the coordinator is away: its dialect does not change by that. A
 * cluster whose address or engine changes starts anew.
 */
#include "route/health.h"

#include <string.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"

enum {
	HEALTH_MAGIC = 0x486c7468,
	PROBE_MAGIC = 0x50726f62,
	BODY_MAX = 64 << 10,
	SCRATCH_MAX = 16 << 10,
};

struct dg_health {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_upstream *upstream; /* borrowed */
	unsigned interval_ms;
	unsigned timeout_ms;
	dg_health_fn on_change;
	void *arg;
	struct dg_store_snapshot *policy; /* ref; may be NULL */
	struct dg_list probes;            /* owned struct probe */
	struct dg_timer timer;
};

struct probe {
	uint32_t magic;
	struct dg_list link;      /* in health.probes */
	struct dg_health *health; /* borrowed */
	/* Of health.policy; set anew with each. */
	const struct dg_store_cluster *cluster;
	struct dg_str host; /* owned: what the state is about */
	uint16_t port;
	bool tls;
	enum dg_store_engine engine;
	struct dg_cluster_state state; /* its name is owned */
	struct dg_fetch *fetch;        /* NULL: no question is open */
	bool asked;                    /* an answer or a failure was seen */
};

static void
publish(struct dg_health *health)
{
	struct dg_cluster_states *states = DG_NEW(struct dg_cluster_states);
	struct dg_list *it;
	struct dg_list *tmp;
	size_t n = 0;

	states->refs = 1;
	DG_LIST_FOREACH (it, tmp, &health->probes)
		n++;
	states->states = DG_NEW_ARRAY(struct dg_cluster_state, n + 1);
	DG_LIST_FOREACH (it, tmp, &health->probes) {
		const struct probe *probe =
			DG_CONTAINER_OF(it, struct probe, link);
		struct dg_cluster_state *state =
			&states->states[states->n_states++];

		*state = probe->state;
		state->name = dg_str_dup(probe->state.name);
	}
	health->on_change(health->arg, states);
	dg_cluster_states_unref(&states);
}

static bool
is_same_state(const struct dg_cluster_state *a,
	      const struct dg_cluster_state *b)
{
	return a->reachable == b->reachable && a->starting == b->starting &&
	       a->version == b->version &&
	       strcmp(a->version_text, b->version_text) == 0;
}

static void
settle(struct probe *probe, const struct dg_cluster_state *fresh,
       const char *why)
{
	if (probe->asked && is_same_state(&probe->state, fresh))
		return;
	probe->asked = true;
	if (fresh->reachable)
		dg_log_info(
			NULL, "cluster.up",
			DG_FIELDS(DG_LOG_STR("cluster", fresh->name),
				  DG_LOG_CSTR("version", fresh->version_text),
				  DG_LOG_BOOL("starting", fresh->starting)),
			"cluster answers");
	else
		dg_log_warn(NULL, "cluster.down",
			    DG_FIELDS(DG_LOG_STR("cluster", fresh->name),
				      DG_LOG_CSTR("why", why)),
			    "cluster cannot be used");
	probe->state = *fresh;
	publish(probe->health);
}

static void
on_info(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	const char *why)
{
	struct probe *probe = arg;
	struct dg_cluster_state fresh;

	DG_CHECK_MAGIC(probe, PROBE_MAGIC);
	probe->fetch = NULL;
	fresh = probe->state;
	fresh.reachable = false;
	fresh.starting = false;
	if (rc == DG_OK && status != 200)
		why = "its /v1/info does not answer 200";
	else if (rc == DG_OK &&
		 !dg_health_read_info(probe->engine, body, &fresh, &why))
		fresh.reachable = false;
	settle(probe, &fresh, why);
}

/* Somebody has to ask, also where nobody reads metadata. */
static struct dg_str
asking_user(const struct dg_store_cluster *cluster)
{
	if (cluster->metadata_user.len > 0)
		return cluster->metadata_user;
	return cluster->service_user.len > 0 ? cluster->service_user
					     : DG_STR("datagateway");
}

/* /v1/info is public on Trino; on Presto it may need the service user. */
static void
ask(struct probe *probe)
{
	struct dg_arena *scratch = dg_arena_create(SCRATCH_MAX);
	struct dg_http_header headers[4];
	struct dg_error err = {.text = ""};
	struct dg_upstream_request request = {
		.endpoint = {.host = probe->host,
			     .port = probe->port,
			     .tls = probe->tls,
			     .ca_file = probe->cluster->tls_ca_file},
		.method = "GET",
		.target = DG_STR("/v1/info"),
		.headers = headers,
		.head_timeout_ms = probe->health->timeout_ms,
		.body_timeout_ms = probe->health->timeout_ms,
		.repeatable = true,
	};

	dg_arena_keep_secrets(scratch);
	if (dg_route_identity(probe->cluster, asking_user(probe->cluster),
			      scratch, headers, DG_ARRAY_LEN(headers),
			      &request.n_headers, &err) == DG_OK)
		probe->fetch =
			dg_upstream_fetch(probe->health->upstream, &request,
					  BODY_MAX, on_info, probe);
	else
		on_info(probe, DG_ERR_DENIED, 0, DG_STR_EMPTY, err.text);
	dg_arena_destroy(&scratch);
}

static void
on_tick(void *arg)
{
	struct dg_health *health = arg;
	struct dg_list *it;
	struct dg_list *tmp;

	DG_CHECK_MAGIC(health, HEALTH_MAGIC);
	DG_LIST_FOREACH (it, tmp, &health->probes) {
		struct probe *probe = DG_CONTAINER_OF(it, struct probe, link);

		if (probe->fetch == NULL)
			ask(probe);
	}
	dg_timer_start(&health->timer, health->loop, health->interval_ms,
		       on_tick, health);
}

static void
destroy_probe(struct probe *probe)
{
	dg_upstream_fetch_cancel(&probe->fetch);
	dg_list_remove(&probe->link);
	dg_str_free(&probe->host);
	dg_str_free(&probe->state.name);
	probe->magic = 0;
	dg_free(probe);
}

struct dg_health *
dg_health_create(struct dg_loop *loop, struct dg_upstream *upstream,
		 unsigned interval_ms, unsigned timeout_ms,
		 dg_health_fn on_change, void *arg)
{
	struct dg_health *health = DG_NEW(struct dg_health);

	health->magic = HEALTH_MAGIC;
	health->loop = loop;
	health->upstream = upstream;
	health->interval_ms = interval_ms;
	health->timeout_ms = timeout_ms;
	health->on_change = on_change;
	health->arg = arg;
	dg_list_init(&health->probes);
	return health;
}

void
dg_health_destroy(struct dg_health **health)
{
	struct dg_health *h = *health;

	if (h == NULL)
		return;
	DG_CHECK_MAGIC(h, HEALTH_MAGIC);
	while (!dg_list_is_empty(&h->probes))
		destroy_probe(
			DG_CONTAINER_OF(h->probes.next, struct probe, link));
	dg_timer_fini(&h->timer);
	dg_store_snapshot_unref(&h->policy);
	h->magic = 0;
	dg_free(h);
	*health = NULL;
}

static bool
is_about(const struct probe *probe, const struct dg_store_cluster *cluster)
{
	return dg_str_eq(probe->state.name, cluster->name) &&
	       dg_str_eq(probe->host, cluster->host) &&
	       probe->port == cluster->port && probe->tls == cluster->tls &&
	       probe->engine == cluster->engine;
}

static void
add_probe(struct dg_health *health, const struct dg_store_cluster *cluster)
{
	struct probe *probe = DG_NEW(struct probe);

	probe->magic = PROBE_MAGIC;
	probe->health = health;
	probe->cluster = cluster;
	probe->host = dg_str_dup(cluster->host);
	probe->port = cluster->port;
	probe->tls = cluster->tls;
	probe->engine = cluster->engine;
	probe->state.name = dg_str_dup(cluster->name);
	dg_list_append(&health->probes, &probe->link);
}

/* The cluster of the new policy that a probe goes on with, or NULL. */
static const struct dg_store_cluster *
find_subject(const struct probe *probe, const struct dg_store_snapshot *policy)
{
	for (size_t i = 0; i < policy->n_clusters; i++)
		if (policy->clusters[i].enabled &&
		    is_about(probe, &policy->clusters[i]))
			return &policy->clusters[i];
	return NULL;
}

static bool
has_probe(const struct dg_health *health,
	  const struct dg_store_cluster *cluster)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &health->probes)
		if (is_about(DG_CONTAINER_OF(it, struct probe, link), cluster))
			return true;
	return false;
}

void
dg_health_set_snapshot(struct dg_health *health,
		       struct dg_store_snapshot *policy)
{
	struct dg_list *it;
	struct dg_list *tmp;
	struct dg_store_snapshot *old = health->policy;

	DG_CHECK_MAGIC(health, HEALTH_MAGIC);
	health->policy = dg_store_snapshot_ref(policy);
	DG_LIST_FOREACH (it, tmp, &health->probes) {
		struct probe *probe = DG_CONTAINER_OF(it, struct probe, link);

		probe->cluster = find_subject(probe, policy);
		if (probe->cluster == NULL)
			destroy_probe(probe);
	}
	for (size_t i = 0; i < policy->n_clusters; i++)
		if (policy->clusters[i].enabled &&
		    !has_probe(health, &policy->clusters[i]))
			add_probe(health, &policy->clusters[i]);
	dg_store_snapshot_unref(&old);
	publish(health);
	on_tick(health);
}

bool
dg_health_is_settled(const struct dg_health *health)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &health->probes)
		if (!DG_CONTAINER_OF(it, struct probe, link)->asked)
			return false;
	return health->policy != NULL;
}

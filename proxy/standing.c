/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standing.c - see standing.h.
 */
#include "standing.h"

#include <stdio.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "config.h"

enum {
	STANDING_MAGIC = 0x5374616e,
	REPORT_POLLS = 3, /* reports are rarer than polls */
	REPORT_MIN_MS = 500,
	REPORT_MAX_MS = 30000,
	TEXT_MAX = 256,
};

struct dg_standing {
	uint32_t magic;
	struct dg_loop *control;        /* borrowed */
	const struct dg_config *config; /* borrowed; NULL before join */
	const struct dg_store_follower *follower; /* borrowed; likewise */
	struct dg_store_presence *presence;       /* owned; likewise */
	struct dg_store_snapshot *newest;         /* ref; published */
	uint64_t published_ms;                    /* when */
	int64_t version;                          /* in force; 0: none */
	char stamp[DG_STORE_STAMP_MAX];           /* of it */
	unsigned n_workers;
	bool *has_some;   /* per worker: a policy */
	bool *has_newest; /* per worker */
	bool is_leaving;
	bool has_left;
};

struct dg_standing *
dg_standing_create(struct dg_loop *control, unsigned n_workers)
{
	struct dg_standing *s = DG_NEW(struct dg_standing);

	s->magic = STANDING_MAGIC;
	s->control = control;
	s->n_workers = n_workers;
	s->has_some = DG_NEW_ARRAY(bool, n_workers);
	s->has_newest = DG_NEW_ARRAY(bool, n_workers);
	return s;
}

void
dg_standing_destroy(struct dg_standing **standing)
{
	struct dg_standing *s = *standing;

	*standing = NULL;
	if (s == NULL)
		return;
	DG_CHECK_MAGIC(s, STANDING_MAGIC);
	dg_store_presence_destroy(&s->presence);
	dg_store_snapshot_unref(&s->newest);
	dg_free(s->has_some);
	dg_free(s->has_newest);
	s->magic = 0;
	dg_free(s);
}

void
dg_standing_name(const struct dg_config *config, char out[DG_STANDING_NAME_MAX])
{
	memset(out, 0, DG_STANDING_NAME_MAX);
	if (config->replica[0] != '\0')
		(void)snprintf(out, DG_STANDING_NAME_MAX, "%s",
			       config->replica);
	else
		(void)gethostname(out, DG_STANDING_NAME_MAX - 1);
}

/* ---- the row ------------------------------------------------------------ */

static int64_t
poll_age_ms(const struct dg_standing *s)
{
	uint64_t last_ms = dg_store_follower_last_poll_ms(s->follower);

	return last_ms == 0 ? -1 : (int64_t)(dg_clock_mono_ms() - last_ms);
}

static void
fill(void *arg, struct dg_store_presence_state *state)
{
	const struct dg_standing *s = arg;

	DG_CHECK_MAGIC(s, STANDING_MAGIC);
	*state = (struct dg_store_presence_state){
		.version = s->version,
		.stamp = s->stamp,
		.seen_version = dg_store_follower_seen_version(s->follower),
		.poll_age_ms = poll_age_ms(s),
		.stale_after_ms = s->config->policy_max_staleness_ms,
	};
}

static unsigned
report_ms(const struct dg_config *config)
{
	int64_t ms = REPORT_POLLS * config->postgres_poll_ms;

	if (ms < REPORT_MIN_MS)
		return REPORT_MIN_MS;
	return ms > REPORT_MAX_MS ? REPORT_MAX_MS : (unsigned)ms;
}

/* "0.0.0.0:0" tells nothing: the port is the one that was bound. */
static struct dg_str
print_address(const struct dg_standing_replica *replica, char out[TEXT_MAX])
{
	const char *colon = strrchr(replica->address, ':');
	size_t len = colon == NULL ? strlen(replica->address)
				   : (size_t)(colon - replica->address);

	(void)snprintf(out, TEXT_MAX, "%.*s:%u", (int)len, replica->address,
		       replica->address_port);
	return dg_str_from_cstr(out);
}

void
dg_standing_join(struct dg_standing *s,
		 const struct dg_standing_replica *replica)
{
	char host[TEXT_MAX] = "";
	char address[TEXT_MAX];
	struct dg_store_presence_config config = {
		.conninfo = replica->conninfo,
		.name = dg_str_from_cstr(replica->name),
		.address = print_address(replica, address),
		.program = DG_STR(DG_VERSION),
		.report_ms = report_ms(replica->config),
		.fill = fill,
		.arg = s,
	};

	DG_CHECK_MAGIC(s, STANDING_MAGIC);
	(void)gethostname(host, sizeof(host) - 1);
	config.host = dg_str_from_cstr(host);
	s->follower = replica->follower;
	s->config = replica->config;
	s->presence = dg_store_presence_create(s->control, &config);
}

void
dg_standing_configure(struct dg_standing *s, const struct dg_config *config)
{
	s->config = config;
}

static void
on_left(void *arg)
{
	struct dg_standing *s = arg;

	DG_CHECK_MAGIC(s, STANDING_MAGIC);
	s->has_left = true;
}

void
dg_standing_leave(struct dg_standing *s)
{
	if (s->is_leaving)
		return;
	s->is_leaving = true;
	if (s->presence == NULL)
		s->has_left = true;
	else
		dg_store_presence_leave(s->presence, on_left);
}

bool
dg_standing_has_left(const struct dg_standing *s)
{
	return s->has_left;
}

/* ---- what is in force --------------------------------------------------- */

void
dg_standing_published(struct dg_standing *s, struct dg_store_snapshot *policy)
{
	dg_store_snapshot_unref(&s->newest);
	s->newest = dg_store_snapshot_ref(policy);
	s->published_ms = dg_clock_mono_ms();
	memset(s->has_newest, 0, s->n_workers * sizeof(*s->has_newest));
}

static bool
have_all(const bool *has, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!has[i])
			return false;
	return true;
}

void
dg_standing_settled(struct dg_standing *s, unsigned worker,
		    const struct dg_store_snapshot *policy)
{
	bool is_news;

	DG_CHECK_MAGIC(s, STANDING_MAGIC);
	DG_ASSERT(worker < s->n_workers);
	if (policy == NULL)
		return;
	s->has_some[worker] = true;
	is_news = policy == s->newest && !s->has_newest[worker];
	if (!is_news)
		return;
	s->has_newest[worker] = true;
	if (!have_all(s->has_newest, s->n_workers))
		return;
	s->version = policy->version;
	memcpy(s->stamp, policy->stamp, sizeof(s->stamp));
	dg_standing_measure(s);
	if (s->presence != NULL)
		dg_store_presence_report(s->presence);
}

bool
dg_standing_is_settled(const struct dg_standing *s)
{
	return have_all(s->has_some, s->n_workers);
}

void
dg_standing_lag(const struct dg_standing *s, struct dg_standing_lag *lag_out)
{
	*lag_out = (struct dg_standing_lag){.in_force = s->version,
					    .seen = s->version};
	if (s->follower == NULL)
		return;
	lag_out->seen = dg_store_follower_seen_version(s->follower);
	if (lag_out->seen > s->version)
		lag_out->versions = lag_out->seen - s->version;
	lag_out->ms = (int64_t)dg_store_follower_behind_ms(s->follower);
	/* Loaded, but a worker has not taken it in. */
	if (lag_out->ms == 0 && s->newest != NULL &&
	    !have_all(s->has_newest, s->n_workers))
		lag_out->ms =
			(int64_t)(dg_clock_mono_ms() - s->published_ms) + 1;
}

bool
dg_standing_is_too_far_behind(const struct dg_standing *s)
{
	struct dg_standing_lag lag;

	dg_standing_lag(s, &lag);
	return s->config != NULL && s->config->policy_max_lag_ms > 0 &&
	       lag.ms > s->config->policy_max_lag_ms;
}

void
dg_standing_measure(const struct dg_standing *s)
{
	struct dg_standing_lag lag;

	dg_standing_lag(s, &lag);
	dg_metric_set(DG_METRIC_POLICY_VERSION, lag.in_force);
	dg_metric_set(DG_METRIC_POLICY_SEEN, lag.seen);
	dg_metric_set(DG_METRIC_POLICY_LAG_VERSIONS, lag.versions);
	dg_metric_set(DG_METRIC_POLICY_LAG_S, lag.ms / 1000);
}

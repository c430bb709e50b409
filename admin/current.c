/* SPDX-License-Identifier: Apache-2.0 */
/*
 * current.c - see current.h.
 */
#include "current.h"

#include <time.h>

#include "base/assert.h"

void
dg_api_current_init(struct dg_api_current *current)
{
	pthread_condattr_t attributes;

	DG_ASSERT(pthread_mutex_init(&current->lock, NULL) == 0);
	DG_ASSERT(pthread_condattr_init(&attributes) == 0);
	DG_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	DG_ASSERT(pthread_cond_init(&current->changed, &attributes) == 0);
	(void)pthread_condattr_destroy(&attributes);
	current->policy = NULL;
}

void
dg_api_current_fini(struct dg_api_current *current)
{
	dg_store_snapshot_unref(&current->policy);
	(void)pthread_cond_destroy(&current->changed);
	(void)pthread_mutex_destroy(&current->lock);
}

void
dg_api_current_set(struct dg_api_current *current,
		   struct dg_store_snapshot *policy)
{
	struct dg_store_snapshot *before;

	pthread_mutex_lock(&current->lock);
	before = current->policy;
	current->policy = dg_store_snapshot_ref(policy);
	pthread_cond_broadcast(&current->changed);
	pthread_mutex_unlock(&current->lock);
	dg_store_snapshot_unref(&before);
}

static struct timespec
time_after(unsigned ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

struct dg_store_snapshot *
dg_api_current_get(struct dg_api_current *current, int64_t version,
		   unsigned timeout_ms)
{
	struct timespec end = time_after(timeout_ms);
	struct dg_store_snapshot *policy = NULL;

	pthread_mutex_lock(&current->lock);
	while (current->policy == NULL || current->policy->version < version)
		if (pthread_cond_timedwait(&current->changed, &current->lock,
					   &end) != 0)
			break; /* what there is must do */
	if (current->policy != NULL)
		policy = dg_store_snapshot_ref(current->policy);
	pthread_mutex_unlock(&current->lock);
	return policy;
}

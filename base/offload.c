/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offload.c - a bounded queue in front of a few threads. See offload.h.
 *
 * Jobs that wait or run are in one list, oldest first; its length is the bound
 * in all, the number of its jobs with one key the bound per key. The list is
 * short (queue_max), so counting walks it.
 */
#include "base/offload.h"

#include <pthread.h>
#include <time.h>

#include "base/assert.h"
#include "base/mem.h"

enum { OFFLOAD_MAGIC = 0x4f66664c, RETRY_NS = 1000000 };

struct job {
	struct dg_list link; /* in dg_offload.jobs */
	uint64_t key;
	dg_loop_fn work;
	dg_loop_fn done;
	void *arg;            /* the submitter's */
	struct dg_loop *loop; /* borrowed; outlives the pool */
	bool running;
};

struct dg_offload {
	uint32_t magic;
	struct dg_offload_config config;
	pthread_t *threads; /* owned, config.threads */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under lock: */
	struct dg_list jobs; /* owned struct job */
	size_t n_jobs;
	bool stopping;
};

/* The oldest job that no thread works on yet, or NULL. */
static struct job *
take_job(struct dg_offload *pool)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &pool->jobs) {
		struct job *job = DG_CONTAINER_OF(it, struct job, link);

		if (!job->running) {
			job->running = true;
			return job;
		}
	}
	return NULL;
}

static bool
is_stopping(struct dg_offload *pool)
{
	bool stopping;

	pthread_mutex_lock(&pool->lock);
	stopping = pool->stopping;
	pthread_mutex_unlock(&pool->lock);
	return stopping;
}

/* A full mailbox is waited for, unless the pool goes down meanwhile. */
static void
deliver(struct dg_offload *pool, const struct job *job)
{
	const struct timespec pause = {.tv_nsec = RETRY_NS};

	while (dg_loop_post(job->loop, job->done, job->arg) != DG_OK) {
		if (is_stopping(pool))
			return;
		nanosleep(&pause, NULL);
	}
}

static void *
run_thread(void *arg)
{
	struct dg_offload *pool = arg;

	DG_CHECK_MAGIC(pool, OFFLOAD_MAGIC);
	pthread_mutex_lock(&pool->lock);
	while (!pool->stopping) {
		struct job *job = take_job(pool);

		if (job == NULL) {
			pthread_cond_wait(&pool->changed, &pool->lock);
			continue;
		}
		pthread_mutex_unlock(&pool->lock);
		job->work(job->arg);
		pthread_mutex_lock(&pool->lock);
		/* Free for the next one before the answer is seen. */
		dg_list_remove(&job->link);
		pool->n_jobs--;
		pthread_mutex_unlock(&pool->lock);
		deliver(pool, job);
		dg_free(job);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct dg_offload *
dg_offload_create(const struct dg_offload_config *config)
{
	struct dg_offload *pool = DG_NEW(struct dg_offload);

	DG_ASSERT(config->threads >= 1);
	DG_ASSERT(config->queue_max >= 1);
	pool->magic = OFFLOAD_MAGIC;
	pool->config = *config;
	dg_list_init(&pool->jobs);
	DG_ASSERT(pthread_mutex_init(&pool->lock, NULL) == 0);
	DG_ASSERT(pthread_cond_init(&pool->changed, NULL) == 0);
	pool->threads = DG_NEW_ARRAY(pthread_t, config->threads);
	for (unsigned i = 0; i < config->threads; i++)
		DG_ASSERT(pthread_create(&pool->threads[i], NULL, run_thread,
					 pool) == 0);
	return pool;
}

void
dg_offload_destroy(struct dg_offload **pool)
{
	struct dg_offload *p = *pool;
	struct dg_list *it;
	struct dg_list *tmp;

	if (p == NULL)
		return;
	DG_CHECK_MAGIC(p, OFFLOAD_MAGIC);
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->config.threads; i++)
		pthread_join(p->threads[i], NULL);
	DG_LIST_FOREACH (it, tmp, &p->jobs) {
		dg_list_remove(it);
		dg_free(DG_CONTAINER_OF(it, struct job, link));
	}
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	dg_free(p->threads);
	p->magic = 0;
	dg_free(p);
	*pool = NULL;
}

/* Under lock. */
static bool
has_room(const struct dg_offload *pool, uint64_t key)
{
	struct dg_list *it;
	struct dg_list *tmp;
	size_t same = 0;

	if (pool->n_jobs >= pool->config.queue_max)
		return false;
	if (pool->config.per_key_max == 0)
		return true;
	DG_LIST_FOREACH (it, tmp, &pool->jobs)
		same += DG_CONTAINER_OF(it, struct job, link)->key == key;
	return same < pool->config.per_key_max;
}

enum dg_rc
dg_offload_submit(struct dg_offload *pool, uint64_t key, dg_loop_fn work,
		  dg_loop_fn done, void *arg, struct dg_loop *loop)
{
	struct job *job = DG_NEW(struct job);
	bool accepted;

	DG_CHECK_MAGIC(pool, OFFLOAD_MAGIC);
	*job = (struct job){.key = key,
			    .work = work,
			    .done = done,
			    .arg = arg,
			    .loop = loop};
	pthread_mutex_lock(&pool->lock);
	accepted = !pool->stopping && has_room(pool, key);
	if (accepted) {
		dg_list_append(&pool->jobs, &job->link);
		pool->n_jobs++;
		pthread_cond_signal(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!accepted)
		dg_free(job);
	return accepted ? DG_OK : DG_ERR_UNAVAILABLE;
}

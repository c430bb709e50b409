/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.c - asks one worker after the other what it knows of a table.
 *
 * A question is a sheet of paper: the asker posts it to a worker and waits a
 * little; the worker writes its answer on it, on its own thread, from its own
 * cache. Both hold it, so that either may be the last: a worker that is late
 * writes on a sheet that nobody reads. Who was late once is not asked again,
 * and nobody is when the asker has waited for long enough, or keeps enough.
 */
#include "known.h"

#include <pthread.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"

enum {
	SHEET_BYTES = 16 << 20,
	KEPT_BYTES = 64 << 20, /* of all sheets that are kept, and one more */
	PATIENCE_MS = 200,
	WAIT_MS = 3000, /* from the first question on */
};

struct sheet {
	int refs; /* atomic: the asker's and the worker's */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_answered;
	struct dg_worker_thread *thread; /* borrowed; outlives the question */
	struct dg_arena *arena;          /* owned; of all names here */
	struct dg_str cluster;
	struct dg_sql_name table; /* empty: only how it is read */
	/* The answer: */
	bool is_known; /* the cluster */
	struct dg_sql_engine engine;
	enum dg_sql_accounting accounting;
	enum dg_sql_lookup lookup;
	struct dg_sql_columns columns;
	struct sheet *next; /* kept by the asker */
};

struct dg_known {
	struct dg_worker_thread *const *workers; /* borrowed */
	unsigned n_workers;
	bool *is_late;         /* owned; by worker */
	struct dg_str cluster; /* owned */
	struct sheet *kept;    /* refs: columns that were found */
	size_t n_kept;         /* bytes */
	uint64_t until_ms;     /* 0: nothing has been asked */
};

/* ---- the sheet ----------------------------------------------------------- */

static void
unref_sheet(struct sheet *sheet)
{
	if (__atomic_sub_fetch(&sheet->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	(void)pthread_cond_destroy(&sheet->changed);
	(void)pthread_mutex_destroy(&sheet->lock);
	dg_arena_destroy(&sheet->arena);
	dg_free(sheet);
}

static bool
copy_name(struct dg_arena *arena, struct dg_str from, struct dg_str *to)
{
	*to = dg_arena_str(arena, from);
	return to->data != NULL;
}

/* NULL: the names are too long. table NULL: none. */
static struct sheet *
make_sheet(struct dg_worker_thread *thread, struct dg_str cluster,
	   const struct dg_sql_name *table)
{
	struct sheet *sheet = DG_NEW(struct sheet);
	pthread_condattr_t attributes;

	sheet->refs = 1;
	sheet->thread = thread;
	sheet->lookup = DG_SQL_UNAVAILABLE;
	sheet->arena = dg_arena_create(SHEET_BYTES);
	DG_ASSERT(pthread_mutex_init(&sheet->lock, NULL) == 0);
	DG_ASSERT(pthread_condattr_init(&attributes) == 0);
	DG_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	DG_ASSERT(pthread_cond_init(&sheet->changed, &attributes) == 0);
	(void)pthread_condattr_destroy(&attributes);
	if (copy_name(sheet->arena, cluster, &sheet->cluster) &&
	    (table == NULL ||
	     (copy_name(sheet->arena, table->catalog, &sheet->table.catalog) &&
	      copy_name(sheet->arena, table->schema, &sheet->table.schema) &&
	      copy_name(sheet->arena, table->table, &sheet->table.table))))
		return sheet;
	unref_sheet(sheet);
	return NULL;
}

/* ---- a worker's thread --------------------------------------------------- */

static void
fill_sheet(struct sheet *sheet, struct dg_worker *worker)
{
	struct dg_target target;

	if (worker->policy == NULL ||
	    !dg_target_find(worker->policy, worker->clusters, sheet->cluster,
			    &target))
		return;
	sheet->is_known = true;
	sheet->engine = dg_target_engine(&target);
	sheet->accounting = dg_target_accounting(
		&target,
		worker->config->presto_columns == DG_PRESTO_COLUMNS_UTILIZED);
	if (sheet->table.table.len == 0)
		return;
	sheet->lookup =
		dg_metadata_lookup(worker->metadata, &target, &sheet->table,
				   sheet->arena, &sheet->columns);
}

static void
on_sheet(void *arg)
{
	struct sheet *sheet = arg;

	pthread_mutex_lock(&sheet->lock);
	fill_sheet(sheet, dg_worker_of(sheet->thread));
	sheet->is_answered = true;
	pthread_cond_signal(&sheet->changed);
	pthread_mutex_unlock(&sheet->lock);
	unref_sheet(sheet);
}

/* ---- the asker's --------------------------------------------------------- */

static struct timespec
time_after(unsigned ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* A late worker may still write on it: only what is_answered says is read. */
static bool
wait_for(struct sheet *sheet)
{
	struct timespec end = time_after(PATIENCE_MS);
	bool is_answered;

	pthread_mutex_lock(&sheet->lock);
	while (!sheet->is_answered)
		if (pthread_cond_timedwait(&sheet->changed, &sheet->lock,
					   &end) != 0)
			break;
	is_answered = sheet->is_answered;
	pthread_mutex_unlock(&sheet->lock);
	return is_answered;
}

static bool
is_patient(struct dg_known *known)
{
	uint64_t now = dg_clock_mono_ms();

	if (known->until_ms == 0)
		known->until_ms = now + WAIT_MS;
	return now < known->until_ms && known->n_kept < KEPT_BYTES;
}

/* An answered sheet with a reference for the caller, or NULL. */
static struct sheet *
ask_worker(struct dg_known *known, unsigned i, const struct dg_sql_name *table)
{
	struct sheet *sheet;

	if (known->is_late[i] || !is_patient(known))
		return NULL;
	sheet = make_sheet(known->workers[i], known->cluster, table);
	if (sheet == NULL)
		return NULL;
	__atomic_add_fetch(&sheet->refs, 1, __ATOMIC_RELAXED);
	if (dg_worker_post(known->workers[i], on_sheet, sheet) != DG_OK)
		unref_sheet(sheet); /* the worker's */
	else if (wait_for(sheet))
		return sheet;
	known->is_late[i] = true;
	unref_sheet(sheet);
	return NULL;
}

struct dg_known *
dg_known_create(struct dg_worker_thread *const *workers, unsigned n_workers,
		struct dg_str cluster)
{
	struct dg_known *known = DG_NEW(struct dg_known);

	known->workers = workers;
	known->n_workers = n_workers;
	known->is_late = DG_NEW_ARRAY(bool, n_workers);
	known->cluster = dg_str_dup(cluster);
	return known;
}

void
dg_known_close(struct dg_known **known)
{
	struct dg_known *k = *known;

	*known = NULL;
	if (k == NULL)
		return;
	while (k->kept != NULL) {
		struct sheet *sheet = k->kept;

		k->kept = sheet->next;
		unref_sheet(sheet);
	}
	dg_str_free(&k->cluster);
	dg_free(k->is_late);
	dg_free(k);
}

bool
dg_known_reading(struct dg_known *known, struct dg_sql_engine *engine_out,
		 enum dg_sql_accounting *accounting_out)
{
	for (unsigned i = 0; i < known->n_workers; i++) {
		struct sheet *sheet = ask_worker(known, i, NULL);
		bool is_known = sheet != NULL && sheet->is_known;

		if (is_known) {
			*engine_out = sheet->engine;
			*accounting_out = sheet->accounting;
		}
		if (sheet != NULL)
			unref_sheet(sheet);
		if (is_known)
			return true;
	}
	return false;
}

enum dg_sql_lookup
dg_known_columns(void *known, const struct dg_sql_name *table,
		 struct dg_sql_columns *columns_out)
{
	struct dg_known *k = known;
	bool is_absent = false;

	if (table->table.len == 0)
		return DG_SQL_UNAVAILABLE;
	for (unsigned i = 0; i < k->n_workers; i++) {
		struct sheet *sheet = ask_worker(k, i, table);

		if (sheet == NULL)
			continue;
		if (sheet->lookup == DG_SQL_FOUND) {
			*columns_out = sheet->columns;
			sheet->next = k->kept;
			k->kept = sheet;
			k->n_kept += dg_arena_held(sheet->arena);
			return DG_SQL_FOUND;
		}
		is_absent = is_absent || sheet->lookup == DG_SQL_ABSENT;
		unref_sheet(sheet);
	}
	return is_absent ? DG_SQL_ABSENT : DG_SQL_UNAVAILABLE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.c - sharded cells and the Prometheus text format. See metrics.h.
 *
 * Each thread adds to the cells of one shard; a reading is the sum over all.
 * More threads than shards share, which is slower but not wrong: every update
 * is an atomic addition. Everything is static: an update cannot fail.
 */
#include "base/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/assert.h"

enum {
	METRIC_SHARDS = 32,
	METRIC_LABELS_MAX = 8,
	CACHE_LINE = 64,
};

enum metric_kind { KIND_counter, KIND_gauge, KIND_histogram };

/* Histograms are numbered by themselves: only they need buckets. */
#define HISTOGRAM_counter(id)
#define HISTOGRAM_gauge(id)
#define HISTOGRAM_histogram(id) HISTOGRAM_OF_##id,
enum histogram {
#define DG_METRIC(id, name, kind, unit, label, values, help) \
	HISTOGRAM_##kind(id)
#include "base/metrics.def"
#undef DG_METRIC
	HISTOGRAM_COUNT
};

struct row {
	const char *name;
	const char *label;
	const char *values;
	const char *help;
	enum metric_kind kind;
	unsigned histogram; /* enum histogram; only where kind says so */
};

#define INDEX_counter(id) 0
#define INDEX_gauge(id) 0
#define INDEX_histogram(id) HISTOGRAM_OF_##id

static const struct row rows[DG_METRIC_COUNT] = {
#define DG_METRIC(id, name, kind, unit, label, values, help) \
	{name, label, values, help, KIND_##kind, INDEX_##kind(id)},
#include "base/metrics.def"
#undef DG_METRIC
};

/* Upper bounds; one more bucket, without a bound, follows. */
static const uint64_t bounds[] = {
	1,      2,      5,       10,      20,      50,       100,   200,
	500,    1000,   2000,    5000,    10000,   20000,    50000, 100000,
	200000, 500000, 1000000, 2000000, 5000000, 10000000,
};
enum { BUCKETS = DG_ARRAY_LEN(bounds) + 1 };

struct histogram_cells {
	_Atomic uint64_t buckets[BUCKETS];
	_Atomic uint64_t sum;
};

struct shard {
	_Alignas(CACHE_LINE) _Atomic int64_t
		cells[DG_METRIC_COUNT][METRIC_LABELS_MAX];
	struct histogram_cells histograms[HISTOGRAM_COUNT];
};

static struct shard shards[METRIC_SHARDS];
static _Atomic unsigned next_shard;

static struct shard *
own_shard(void)
{
	static _Thread_local struct shard *mine;

	if (mine == NULL)
		mine = &shards[atomic_fetch_add_explicit(&next_shard, 1,
							 memory_order_relaxed) %
			       METRIC_SHARDS];
	return mine;
}

static unsigned
label_count(const struct row *row)
{
	unsigned n = 1;

	for (const char *p = row->values; *p != '\0'; p++)
		n += *p == '|';
	return n;
}

void
dg_metric_add_label(enum dg_metric metric, unsigned label_index, int64_t delta)
{
	DG_ASSERT(metric < DG_METRIC_COUNT);
	DG_ASSERT(label_index < METRIC_LABELS_MAX);
	DG_DEBUG_ASSERT(label_index < label_count(&rows[metric]));
	DG_DEBUG_ASSERT(rows[metric].kind != KIND_histogram);
	DG_DEBUG_ASSERT(delta >= 0 || rows[metric].kind == KIND_gauge);
	atomic_fetch_add_explicit(&own_shard()->cells[metric][label_index],
				  delta, memory_order_relaxed);
}

void
dg_metric_add(enum dg_metric metric, int64_t delta)
{
	dg_metric_add_label(metric, 0, delta);
}

void
dg_metric_watch_memory(int64_t limit, int64_t used, bool refused)
{
	if (limit != 0)
		dg_metric_add(DG_METRIC_MEMORY_LIMIT, limit);
	if (used != 0)
		dg_metric_add(DG_METRIC_MEMORY_USED, used);
	if (refused)
		dg_metric_add(DG_METRIC_MEMORY_REFUSED, 1);
}

void
dg_metric_set(enum dg_metric metric, int64_t value)
{
	DG_ASSERT(metric < DG_METRIC_COUNT);
	DG_DEBUG_ASSERT(rows[metric].kind == KIND_gauge);
	for (size_t i = 1; i < METRIC_SHARDS; i++)
		atomic_store_explicit(&shards[i].cells[metric][0], 0,
				      memory_order_relaxed);
	atomic_store_explicit(&shards[0].cells[metric][0], value,
			      memory_order_relaxed);
}

void
dg_metric_observe(enum dg_metric metric, uint64_t value)
{
	struct histogram_cells *cells;
	size_t bucket = 0;

	DG_ASSERT(metric < DG_METRIC_COUNT);
	DG_ASSERT(rows[metric].kind == KIND_histogram);
	cells = &own_shard()->histograms[rows[metric].histogram];
	while (bucket < DG_ARRAY_LEN(bounds) && value > bounds[bucket])
		bucket++;
	atomic_fetch_add_explicit(&cells->buckets[bucket], 1,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&cells->sum, value, memory_order_relaxed);
}

int64_t
dg_metric_value(enum dg_metric metric, unsigned label_index)
{
	int64_t sum = 0;

	DG_ASSERT(metric < DG_METRIC_COUNT);
	DG_ASSERT(label_index < METRIC_LABELS_MAX);
	for (size_t i = 0; i < METRIC_SHARDS; i++)
		sum += atomic_load_explicit(
			&shards[i].cells[metric][label_index],
			memory_order_relaxed);
	return sum;
}

static enum dg_rc
render_cells(struct dg_buf *out, enum dg_metric metric)
{
	const struct row *row = &rows[metric];
	struct dg_str values = dg_str_from_cstr(row->values);
	struct dg_str value;
	enum dg_rc rc = DG_OK;

	if (row->label[0] == '\0')
		return dg_buf_appendf(out, "%s %" PRId64 "\n", row->name,
				      dg_metric_value(metric, 0));
	for (unsigned i = 0; rc == DG_OK && dg_str_split(&values, '|', &value);
	     i++)
		rc = dg_buf_appendf(out, "%s{%s=\"%.*s\"} %" PRId64 "\n",
				    row->name, row->label, DG_STR_ARG(value),
				    dg_metric_value(metric, i));
	return rc;
}

static uint64_t
sum_bucket(unsigned histogram, size_t bucket)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < METRIC_SHARDS; i++)
		sum += atomic_load_explicit(
			&shards[i].histograms[histogram].buckets[bucket],
			memory_order_relaxed);
	return sum;
}

static uint64_t
sum_observed(unsigned histogram)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < METRIC_SHARDS; i++)
		sum += atomic_load_explicit(
			&shards[i].histograms[histogram].sum,
			memory_order_relaxed);
	return sum;
}

static enum dg_rc
render_histogram(struct dg_buf *out, const struct row *row)
{
	uint64_t count = 0;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < DG_ARRAY_LEN(bounds); i++) {
		count += sum_bucket(row->histogram, i);
		rc = dg_buf_appendf(
			out, "%s_bucket{le=\"%" PRIu64 "\"} %" PRIu64 "\n",
			row->name, bounds[i], count);
	}
	if (rc != DG_OK)
		return rc;
	count += sum_bucket(row->histogram, DG_ARRAY_LEN(bounds));
	return dg_buf_appendf(out,
			      "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
			      "%s_sum %" PRIu64 "\n"
			      "%s_count %" PRIu64 "\n",
			      row->name, count, row->name,
			      sum_observed(row->histogram), row->name, count);
}

static const char *
kind_name(enum metric_kind kind)
{
	switch (kind) {
	case KIND_counter:
		return "counter";
	case KIND_gauge:
		return "gauge";
	case KIND_histogram:
		return "histogram";
	}
	DG_UNREACHABLE();
}

static enum dg_rc
render_row(struct dg_buf *out, enum dg_metric metric)
{
	const struct row *row = &rows[metric];
	enum dg_rc rc;

	rc = dg_buf_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name,
			    row->help, row->name, kind_name(row->kind));
	if (rc != DG_OK)
		return rc;
	if (row->kind == KIND_histogram)
		return render_histogram(out, row);
	return render_cells(out, metric);
}

enum dg_rc
dg_metrics_render(struct dg_buf *out)
{
	enum dg_rc rc = DG_OK;

	for (unsigned i = 0; rc == DG_OK && i < DG_METRIC_COUNT; i++)
		rc = render_row(out, (enum dg_metric)i);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - counters, gauges and histograms, rendered as Prometheus text.
 *
 * Every metric is a row of metrics.def (name, kind, unit, label, its closed
 * set of values, help): the enum, the storage, the text format and the table
 * in docs/metrics.md all come from there. Updates are relaxed atomics on
 * cells of the calling thread's shard, so that workers share no cache line.
 */
#ifndef DG_BASE_METRICS_H
#define DG_BASE_METRICS_H

#include "base/buf.h"

enum dg_metric {
#define DG_METRIC(id, name, kind, unit, label, values, help) DG_METRIC_##id,
#include "base/metrics.def"
#undef DG_METRIC
	DG_METRIC_COUNT
};

/* Counter and gauge without label. Gauges may go down: delta < 0. */
void dg_metric_add(enum dg_metric metric, int64_t delta);
/* label_index counts the row's values from 0. */
void dg_metric_add_label(enum dg_metric metric, unsigned label_index,
			 int64_t delta);
/* Sets a gauge to one value for the process, whatever shards hold. */
void dg_metric_set(enum dg_metric metric, int64_t value);
/* Histogram; value in the row's unit (microseconds for _us rows). */
void dg_metric_observe(enum dg_metric metric, uint64_t value);

/* For dg_budget_watch: what may be held, what is held, what was refused. */
void dg_metric_watch_memory(int64_t limit, int64_t used, bool refused);

/* Sum over shards; label_index 0 for unlabelled rows. For tests and health. */
int64_t dg_metric_value(enum dg_metric metric, unsigned label_index);

/* Appends the whole page (Prometheus text format 0.0.4). */
enum dg_rc dg_metrics_render(struct dg_buf *out) DG_MUST_CHECK;

#endif

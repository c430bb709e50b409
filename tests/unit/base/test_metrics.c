/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_metrics.c - sums over threads, and the page Prometheus reads.
 */
#include "base/metrics.h"

#include <pthread.h>

#include "test_support.h"

static bool
has_line(struct dg_str page, const char *line)
{
	struct dg_str part;

	while (dg_str_split(&page, '\n', &part)) {
		if (dg_str_eq(part, dg_str_from_cstr(line)))
			return true;
	}
	return false;
}

static void
test_counter_and_labels(void **state)
{
	(void)state;
	dg_metric_add(DG_METRIC_CLIENT_ACCEPTED, 1);
	dg_metric_add(DG_METRIC_CLIENT_ACCEPTED, 2);
	assert_int_equal(dg_metric_value(DG_METRIC_CLIENT_ACCEPTED, 0), 3);
	dg_metric_add_label(DG_METRIC_AUTH, 1, 5);
	assert_int_equal(dg_metric_value(DG_METRIC_AUTH, 0), 0);
	assert_int_equal(dg_metric_value(DG_METRIC_AUTH, 1), 5);
}

static void
test_gauge(void **state)
{
	(void)state;
	dg_metric_add(DG_METRIC_CLIENT_CONNECTIONS, 4);
	dg_metric_add(DG_METRIC_CLIENT_CONNECTIONS, -3);
	assert_int_equal(dg_metric_value(DG_METRIC_CLIENT_CONNECTIONS, 0), 1);
	dg_metric_set(DG_METRIC_POLICY_VERSION, 12);
	dg_metric_set(DG_METRIC_POLICY_VERSION, 9);
	assert_int_equal(dg_metric_value(DG_METRIC_POLICY_VERSION, 0), 9);
}

enum { ADDERS = 40, ADDS = 2000 };

static void *
add_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < ADDS; i++) {
		dg_metric_add(DG_METRIC_RELAYED_BYTES, 3);
		dg_metric_add(DG_METRIC_UPSTREAM_CONNECTIONS, 1);
		dg_metric_observe(DG_METRIC_DECIDE_US, (uint64_t)i);
		dg_metric_add(DG_METRIC_UPSTREAM_CONNECTIONS, -1);
	}
	return NULL;
}

/* More threads than shards: some share, no update gets lost. */
static void
test_threads(void **state)
{
	pthread_t threads[ADDERS];
	struct dg_buf page;

	(void)state;
	for (int i = 0; i < ADDERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, add_many, NULL), 0);
	for (int i = 0; i < ADDERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(dg_metric_value(DG_METRIC_RELAYED_BYTES, 0),
			 3 * ADDERS * ADDS);
	assert_int_equal(dg_metric_value(DG_METRIC_UPSTREAM_CONNECTIONS, 0), 0);
	dg_buf_init(&page, 1 << 20);
	assert_int_equal(dg_metrics_render(&page), DG_OK);
	assert_true(has_line(dg_buf_peek(&page),
			     "datagateway_decide_microseconds_count 80000"));
	assert_true(has_line(dg_buf_peek(&page),
			     "datagateway_decide_microseconds_sum 79960000"));
	/* 0..10 of each thread. */
	assert_true(
		has_line(dg_buf_peek(&page),
			 "datagateway_decide_microseconds_bucket{le=\"10\"} "
			 "440"));
	assert_true(
		has_line(dg_buf_peek(&page),
			 "datagateway_decide_microseconds_bucket{le=\"+Inf\"} "
			 "80000"));
	dg_buf_fini(&page);
}

static void
test_histogram_beyond_bounds(void **state)
{
	struct dg_buf page;

	(void)state;
	dg_metric_observe(DG_METRIC_DECIDE_US, UINT64_C(1) << 40);
	dg_buf_init(&page, 1 << 20);
	assert_int_equal(dg_metrics_render(&page), DG_OK);
	assert_true(
		has_line(dg_buf_peek(&page),
			 "datagateway_decide_microseconds_bucket{le=\"+Inf\"} "
			 "80001"));
	assert_true(has_line(dg_buf_peek(&page),
			     "datagateway_decide_microseconds_bucket{"
			     "le=\"10000000\"} 80000"));
	dg_buf_fini(&page);
}

static void
test_page(void **state)
{
	struct dg_buf page;
	struct dg_str text;

	(void)state;
	dg_metric_add_label(DG_METRIC_REQUESTS, 0, 7);
	dg_buf_init(&page, 1 << 20);
	assert_int_equal(dg_metrics_render(&page), DG_OK);
	text = dg_buf_peek(&page);
	assert_true(
		has_line(text, "# TYPE datagateway_requests_total counter"));
	assert_true(has_line(text, "# HELP datagateway_requests_total HTTP "
				   "replies to clients by status class"));
	assert_true(
		has_line(text, "datagateway_requests_total{class=\"2xx\"} 7"));
	assert_true(
		has_line(text, "datagateway_requests_total{class=\"5xx\"} 0"));
	assert_true(has_line(text, "datagateway_bad_requests_total 0"));
	assert_true(dg_str_ends_with(text, DG_STR("\n")));
	dg_buf_fini(&page);
}

static void
test_page_does_not_fit(void **state)
{
	struct dg_buf page;

	(void)state;
	dg_buf_init(&page, 100);
	assert_int_equal(dg_metrics_render(&page), DG_ERR_LIMIT);
	dg_buf_fini(&page);
}

/* Each row's label values fit the cells that a shard has for it. */
static void
test_rows_are_sane(void **state)
{
	static const struct {
		const char *name, *label, *values;
	} rows[] = {
#define DG_METRIC(id, name, kind, unit, label, values, help) \
	{name, label, values},
#include "base/metrics.def"
#undef DG_METRIC
	};

	(void)state;
	for (unsigned i = 0; i < DG_ARRAY_LEN(rows); i++) {
		struct dg_str values = dg_str_from_cstr(rows[i].values);
		struct dg_str value;
		unsigned n = 0;

		while (dg_str_split(&values, '|', &value))
			n++;
		assert_true(n <= 8);
		assert_int_equal(rows[i].label[0] == '\0',
				 rows[i].values[0] == '\0');
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(rows[i].name, rows[j].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter_and_labels),
		cmocka_unit_test(test_gauge),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_histogram_beyond_bounds),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_does_not_fit),
		cmocka_unit_test(test_rows_are_sane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

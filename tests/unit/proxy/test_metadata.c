/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_metadata.c - the cache of tables' columns and those who wait for it,
 * with queries that end when they are told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "metadata/columns_query.h"
#include "metadata/metadata.h"

/* ---- in place of queries ----------------------------------------------- */

struct dg_columns_query {
	dg_columns_fn done;
	void *arg;
	struct dg_columns_query *next;
};

static struct dg_columns_query *queries; /* newest first */
static int started;

struct dg_columns_query *
dg_columns_query_start(struct dg_loop *loop, struct dg_upstream *upstream,
		       const struct dg_target *target,
		       const struct dg_sql_name *table, unsigned deadline_ms,
		       dg_columns_fn done, void *arg)
{
	struct dg_columns_query *q = DG_NEW(struct dg_columns_query);

	(void)loop;
	(void)upstream;
	(void)target;
	(void)table;
	(void)deadline_ms;
	q->done = done;
	q->arg = arg;
	q->next = queries;
	queries = q;
	started++;
	return q;
}

static void
unlink_query(struct dg_columns_query *q)
{
	struct dg_columns_query **at = &queries;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
}

void
dg_columns_query_cancel(struct dg_columns_query **query)
{
	if (*query == NULL)
		return;
	unlink_query(*query);
	dg_free(*query);
	*query = NULL;
}

/* Ends the newest query. */
static void
end_query(enum dg_columns_result result, size_t n_names)
{
	static const struct dg_str names[] = {
		DG_STR_INIT("a"), DG_STR_INIT("bb"), DG_STR_INIT("ccc")};
	const struct dg_sql_columns columns = {.names = names,
					       .n_names = n_names};
	struct dg_columns_query *q = queries;

	unlink_query(q);
	q->done(q->arg, result, &columns, "why");
	dg_free(q);
}

/* ---- fixture ----------------------------------------------------------- */

struct fixture {
	struct dg_loop *loop;
	struct dg_metadata *metadata;
	struct dg_arena *arena;
	struct dg_store_cluster cluster;
	struct dg_target target;
	int done;
};

static void
open_fixture(struct fixture *f, unsigned ttl_ms, size_t max_tables)
{
	const struct dg_metadata_config config = {
		.ttl_ms = ttl_ms,
		.absent_ttl_ms = ttl_ms,
		.deadline_ms = 5000,
		.max_tables = max_tables,
		.max_bytes = 1 << 20,
	};

	*f = (struct fixture){.done = 0};
	started = 0;
	f->loop = dg_loop_create("test", 16);
	f->metadata = dg_metadata_create(f->loop, NULL, &config);
	f->arena = dg_arena_create(1 << 20);
	f->cluster = (struct dg_store_cluster){
		.id = 1, .name = DG_STR("one"), .host = DG_STR("h"), .port = 1};
	f->target = (struct dg_target){
		.cluster = &f->cluster,
		.endpoint = {.host = DG_STR("h"), .port = 1}};
}

static void
close_fixture(struct fixture *f)
{
	dg_metadata_destroy(&f->metadata);
	dg_arena_destroy(&f->arena);
	dg_loop_destroy(&f->loop);
	assert_null(queries);
}

static const struct dg_sql_name t1 = {DG_STR_INIT("c"), DG_STR_INIT("s"),
				      DG_STR_INIT("t1")};
static const struct dg_sql_name t2 = {DG_STR_INIT("c"), DG_STR_INIT("s"),
				      DG_STR_INIT("t2")};

static enum dg_sql_lookup
look(struct fixture *f, const struct dg_sql_name *table, size_t *n_out)
{
	struct dg_sql_columns columns = {.n_names = 0};
	enum dg_sql_lookup lookup = dg_metadata_lookup(
		f->metadata, &f->target, table, f->arena, &columns);

	if (n_out != NULL)
		*n_out = columns.n_names;
	return lookup;
}

static void
on_done(void *arg)
{
	struct fixture *f = arg;

	f->done++;
}

static struct dg_metadata_wait *
fetch(struct fixture *f, const struct dg_sql_name *tables, size_t n)
{
	return dg_metadata_fetch(f->metadata, &f->target, tables, n, on_done,
				 f);
}

/* ---- tests ------------------------------------------------------------- */

static void
remembers(void **state)
{
	struct fixture f;
	size_t n;

	(void)state;
	open_fixture(&f, 60000, 10);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	(void)fetch(&f, &t1, 1);
	assert_int_equal(f.done, 0);
	end_query(DG_COLUMNS_FOUND, 3);
	assert_int_equal(f.done, 1);
	assert_int_equal(look(&f, &t1, &n), DG_SQL_FOUND);
	assert_int_equal(n, 3);
	(void)fetch(&f, &t2, 1);
	end_query(DG_COLUMNS_ABSENT, 0);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_ABSENT);
	/* Nothing left to ask: still not before the call returned. */
	(void)fetch(&f, &t1, 1);
	assert_int_equal(f.done, 2);
	dg_loop_run_once(f.loop);
	assert_int_equal(f.done, 3);
	assert_int_equal(started, 2);
	close_fixture(&f);
}

static void
shares_flights(void **state)
{
	const struct dg_sql_name both[] = {t1, t2};
	struct dg_metadata_wait *cancelled;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, both, 2);
	(void)fetch(&f, both, 1);
	cancelled = fetch(&f, both, 2);
	dg_metadata_cancel(&cancelled);
	assert_null(cancelled);
	assert_int_equal(started, 2);
	end_query(DG_COLUMNS_FOUND, 1); /* t2 */
	assert_int_equal(f.done, 0);
	end_query(DG_COLUMNS_FOUND, 1); /* t1 */
	assert_int_equal(f.done, 2);
	close_fixture(&f);
}

static void
does_not_guess(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FAILED, 0);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_UNAVAILABLE);
	close_fixture(&f);
}

static void
on_done_look(void *arg)
{
	struct fixture *f = arg;

	f->done++;
	assert_int_equal(look(f, &t1, NULL), DG_SQL_FOUND);
	assert_int_equal(look(f, &t2, NULL), DG_SQL_FOUND);
}

/* With no life at all an answer is still there for who asked for it. */
static void
asks_anew_each_time(void **state)
{
	const struct dg_sql_name both[] = {t1, t2};
	struct fixture f;

	(void)state;
	open_fixture(&f, 0, 10);
	(void)dg_metadata_fetch(f.metadata, &f.target, both, 2, on_done_look,
				&f);
	end_query(DG_COLUMNS_FOUND, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_PENDING);
	close_fixture(&f);
}

static void
on_done_fetch(void *arg)
{
	struct fixture *f = arg;

	f->done++;
	dg_metadata_forget(f->metadata, DG_STR("one"), &t1);
	(void)fetch(f, &t1, 1);
}

/* The flight that is told of is not joined any more. */
static void
can_ask_again_when_told(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)dg_metadata_fetch(f.metadata, &f.target, &t1, 1, on_done_fetch,
				&f);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(started, 2);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 2);
	close_fixture(&f);
}

static void
forgets_on_request(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	dg_metadata_forget(f.metadata, DG_STR("one"), &t1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	/* What was asked before the table changed is not believed. */
	(void)fetch(&f, &t1, 1);
	dg_metadata_forget(f.metadata, DG_STR("one"), &t1);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_UNAVAILABLE);
	close_fixture(&f);
}

static void
tells_clusters_apart(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	f.cluster.name = DG_STR("two");
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	f.cluster.name = DG_STR("one");
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_FOUND);
	/* The same name, but another coordinator behind it. */
	f.target.endpoint.port = 2;
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	close_fixture(&f);
}

static void
keeps_to_its_bounds(void **state)
{
	static char long_name[2000];
	const struct dg_sql_name unkeepable = {
		DG_STR("c"), DG_STR("s"),
		dg_str_make(long_name, sizeof(long_name))};
	const struct dg_sql_name t3 = {DG_STR("c"), DG_STR("s"), DG_STR("t3")};
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 2);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	(void)fetch(&f, &t2, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_FOUND); /* newest now */
	(void)fetch(&f, &t3, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_PENDING);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_FOUND);
	memset(long_name, 'x', sizeof(long_name));
	assert_int_equal(look(&f, &unkeepable, NULL), DG_SQL_UNAVAILABLE);
	(void)fetch(&f, &unkeepable, 1);
	dg_loop_run_once(f.loop);
	assert_int_equal(f.done, 4);
	close_fixture(&f);
}

static void
dies_while_waited_for(void **state)
{
	struct dg_metadata_wait *wait;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	wait = fetch(&f, &t1, 1);
	dg_metadata_destroy(&f.metadata);
	dg_metadata_cancel(&wait);
	assert_int_equal(f.done, 0);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(shares_flights),
		cmocka_unit_test(does_not_guess),
		cmocka_unit_test(asks_anew_each_time),
		cmocka_unit_test(can_ask_again_when_told),
		cmocka_unit_test(forgets_on_request),
		cmocka_unit_test(tells_clusters_apart),
		cmocka_unit_test(keeps_to_its_bounds),
		cmocka_unit_test(dies_while_waited_for),
	};

	dg_log_set_level(DG_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

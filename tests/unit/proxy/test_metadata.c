/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_metadata.c - the cache of tables' columns and those who wait for it,
 * with queries that end when they are told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "metadata/changes.h"
#include "metadata/columns_query.h"
#include "metadata/metadata.h"

/* ---- in place of queries ----------------------------------------------- */

struct dg_columns_query {
	struct dg_str table; /* owned */
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
	(void)deadline_ms;
	q->table = dg_str_dup(table->table);
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
	dg_str_free(&(*query)->table);
	dg_free(*query);
	*query = NULL;
}

static bool
is_asked(const char *table)
{
	for (struct dg_columns_query *q = queries; q != NULL; q = q->next)
		if (dg_str_eq(q->table, dg_str_from_cstr(table)))
			return true;
	return false;
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
	q->done(q->arg, result, &columns, "why", "host:1: detail");
	dg_str_free(&q->table);
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
		.max_flights = 20,
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
fetch_as(struct fixture *f, const char *user, const struct dg_sql_name *tables,
	 size_t n, unsigned deadline_ms, dg_loop_fn done)
{
	const struct dg_metadata_request request = {
		.target = &f->target,
		.user = dg_str_from_cstr(user),
		.tables = tables,
		.n_tables = n,
		.deadline_ms = deadline_ms,
	};

	return dg_metadata_fetch(f->metadata, &request, done, f);
}

static struct dg_metadata_wait *
fetch(struct fixture *f, const struct dg_sql_name *tables, size_t n)
{
	return fetch_as(f, "ann", tables, n, 60000, on_done);
}

enum { MANY = 300 };

/* Names that nobody has asked for: PREFIX0, PREFIX1, ... */
static const struct dg_sql_name *
many(const char *prefix)
{
	static struct dg_sql_name names[MANY];
	static char texts[MANY][16];

	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%s%zu", prefix, i);
		names[i] = (struct dg_sql_name){DG_STR("c"), DG_STR("s"),
						dg_str_from_cstr(texts[i])};
	}
	return names;
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

/* What went wrong is told; what is no view has a life like columns. */
static void
tells_why_and_what_is_no_view(void **state)
{
	struct dg_sql_columns columns = {.n_names = 0};
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FAILED, 0);
	assert_int_equal(dg_metadata_lookup(f.metadata, &f.target, &t1, f.arena,
					    &columns),
			 DG_SQL_UNAVAILABLE);
	assert_true(dg_str_eq(columns.why,
			      DG_STR("asking its coordinator failed (why)")));
	(void)fetch(&f, &t2, 1);
	end_query(DG_COLUMNS_NO_VIEW, 0);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_NO_VIEW);
	assert_int_equal(f.done, 2);
	close_fixture(&f);
}

/* A view is a view, or unknown: never a table, once its time is over. */
static void
forgets_a_view_into_the_unknown(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 0, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
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
	(void)fetch_as(&f, "ann", both, 2, 60000, on_done_look);
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
	(void)fetch_as(&f, "ann", &t1, 1, 60000, on_done_fetch);
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
	size_t n;

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
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	assert_int_equal(f.done, 1);
	assert_int_equal(started, 3);
	end_query(DG_COLUMNS_FOUND, 2);
	assert_int_equal(f.done, 2);
	assert_int_equal(look(&f, &t1, &n), DG_SQL_FOUND);
	assert_int_equal(n, 2);
	close_fixture(&f);
}

/* Nor is it kept for others when who asked has gone. */
static void
forgets_what_nobody_waits_for(void **state)
{
	struct dg_metadata_wait *wait;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	wait = fetch(&f, &t1, 1);
	dg_metadata_forget(f.metadata, DG_STR("one"), &t1);
	dg_metadata_cancel(&wait);
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(started, 1);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	close_fixture(&f);
}

/* Which of t1 and t2 is still known after the statement's changes. */
static void
expect_left(const struct dg_sql_access *access, size_t n, bool t1_left,
	    bool t2_left)
{
	const struct dg_sql_name both[] = {t1, t2};
	const struct dg_sql_analysis analysis = {.access = access,
						 .n_access = n};
	struct dg_str changes;
	struct fixture f;

	open_fixture(&f, 60000, 10);
	(void)fetch(&f, both, 2);
	end_query(DG_COLUMNS_FOUND, 1);
	end_query(DG_COLUMNS_ABSENT, 0);
	assert_int_equal(dg_changes_encode(&analysis, f.arena, &changes),
			 DG_OK);
	assert_int_equal(changes.len == 0, t1_left && t2_left);
	dg_changes_forget(f.metadata, DG_STR("two"), changes);
	assert_int_equal(look(&f, &t1, NULL),
			 changes.len == 1 ? DG_SQL_PENDING : DG_SQL_ABSENT);
	dg_changes_forget(f.metadata, DG_STR("one"), changes);
	assert_int_equal(look(&f, &t1, NULL) != DG_SQL_PENDING, t1_left);
	assert_int_equal(look(&f, &t2, NULL) != DG_SQL_PENDING, t2_left);
	close_fixture(&f);
}

static void
statements_change_tables(void **state)
{
	static char long_name[2000];
	struct dg_sql_access access[] = {
		{.action = DG_SQL_ACT_SELECT, .object = t2},
		{.action = DG_SQL_ACT_CREATE_TABLE, .object = t1},
		{.action = DG_SQL_ACT_DROP_VIEW, .object = t2},
	};

	(void)state;
	expect_left(access, 0, true, true);
	expect_left(access, 1, true, true);
	expect_left(access, 2, false, true);
	expect_left(access, 3, false, false);
	/* Too much to be said one by one: all there is. */
	memset(long_name, 'x', sizeof(long_name));
	access[2].object.table = dg_str_make(long_name, sizeof(long_name));
	expect_left(access, 3, false, false);
}

/* What cannot be read forgets all, and what is under way as well. */
static void
odd_changes_change_everything(void **state)
{
	static const struct dg_str odd[] = {DG_STR_INIT("\0"), DG_STR_INIT("c"),
					    DG_STR_INIT("c\0s\0"),
					    DG_STR_INIT("c\0s\0t9\0x\0")};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(odd); i++) {
		open_fixture(&f, 60000, 10);
		(void)fetch(&f, &t1, 1);
		end_query(DG_COLUMNS_FOUND, 1);
		(void)fetch(&f, &t2, 1);
		dg_changes_forget(f.metadata, DG_STR("one"), odd[i]);
		assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
		end_query(DG_COLUMNS_FOUND, 1);
		assert_int_equal(f.done, 1);
		end_query(DG_COLUMNS_FOUND, 1);
		assert_int_equal(f.done, 2);
		close_fixture(&f);
	}
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

/* ---- many at a time ---------------------------------------------------- */

/* One user's crowd is served a few at a time; the next user at once. */
static void
keeps_a_crowd_in_line(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	(void)fetch(&f, many("x"), MANY);
	assert_int_equal(started, 8);
	(void)fetch_as(&f, "bob", &t1, 1, 60000, on_done);
	assert_int_equal(started, 9);
	assert_true(is_asked("t1"));
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 1);
	assert_int_equal(started, 9);
	assert_false(is_asked("x8"));
	for (int i = 0; i < MANY; i++) {
		assert_non_null(queries);
		end_query(DG_COLUMNS_ABSENT, 0);
	}
	assert_int_equal(started, 1 + MANY);
	assert_int_equal(f.done, 2);
	close_fixture(&f);
}

/* All of them together have a bound as well, and take turns. */
static void
takes_users_in_turn(void **state)
{
	static const char *const users[] = {"ann", "bob", "cid"};
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	for (size_t i = 0; i < 3; i++)
		(void)fetch_as(&f, users[i], many(users[i]), 50, 60000,
			       on_done);
	assert_int_equal(started, 20);
	assert_true(is_asked("bob7"));
	assert_true(is_asked("cid3"));
	assert_false(is_asked("cid4"));
	/* cid is the only one who has not got his share. */
	end_query(DG_COLUMNS_FOUND, 1);
	assert_true(is_asked("cid4"));
	for (int i = 1; i < 150; i++)
		end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 3);
	close_fixture(&f);
}

/* What stands deep in one user's line comes at once for another. */
static void
does_not_wait_in_the_line_of_others(void **state)
{
	const struct dg_sql_name *names = many("x");
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	(void)fetch(&f, names, MANY);
	(void)fetch_as(&f, "bob", &names[MANY - 1], 1, 60000, on_done);
	assert_int_equal(started, 9);
	assert_true(is_asked("x299"));
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 1);
	for (int i = 1; i < MANY; i++)
		end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(f.done, 2);
	assert_int_equal(started, MANY);
	close_fixture(&f);
}

static void
starts_nothing_for_the_gone(void **state)
{
	struct dg_metadata_wait *wait;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	wait = fetch(&f, many("x"), 100);
	(void)fetch(&f, &t1, 1);
	dg_metadata_cancel(&wait);
	for (int i = 0; i < 9; i++)
		end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(started, 9);
	assert_int_equal(f.done, 1);
	close_fixture(&f);
}

static void
sends_away_when_the_line_is_long(void **state)
{
	struct dg_metadata_wait *waits[3];
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	waits[0] = fetch(&f, many("x"), MANY);
	assert_non_null(waits[0]);
	assert_null(fetch(&f, &t1, 1));
	waits[1] = fetch_as(&f, "bob", &t2, 1, 60000, on_done);
	assert_non_null(waits[1]);
	dg_metadata_cancel(&waits[0]);
	waits[2] = fetch(&f, &t1, 1);
	assert_non_null(waits[2]);
	dg_metadata_cancel(&waits[1]);
	dg_metadata_cancel(&waits[2]);
	close_fixture(&f);
}

/* In line or under way: too late is too late. */
static void
waits_no_longer_than_told(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 1000);
	(void)fetch(&f, many("x"), 8);
	(void)fetch_as(&f, "ann", &t1, 1, 1, on_done);
	(void)fetch_as(&f, "bob", &t2, 1, 1, on_done);
	while (f.done < 2)
		dg_loop_run_once(f.loop);
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_PENDING);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_PENDING);
	/* What is under way still serves the next one. */
	assert_true(is_asked("t2"));
	end_query(DG_COLUMNS_FOUND, 1);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_FOUND);
	for (int i = 0; i < 8; i++)
		end_query(DG_COLUMNS_FOUND, 1);
	assert_false(is_asked("t1"));
	assert_int_equal(f.done, 3);
	close_fixture(&f);
}

static void
invented_names_push_out_nothing(void **state)
{
	static const enum dg_columns_result results[] = {DG_COLUMNS_ABSENT,
							 DG_COLUMNS_FAILED};
	struct fixture f;
	int kept = 0;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, &t1, 1);
	end_query(DG_COLUMNS_FOUND, 1);
	for (size_t i = 0; i < DG_ARRAY_LEN(results); i++) {
		(void)fetch(&f, many(i == 0 ? "x" : "y"), 50);
		for (int j = 0; j < 50; j++)
			end_query(results[i], 0);
	}
	assert_int_equal(look(&f, &t1, NULL), DG_SQL_FOUND);
	/* They have a bound of their own. */
	for (size_t i = 0; i < 2; i++) {
		const struct dg_sql_name *names = many(i == 0 ? "x" : "y");

		for (int j = 0; j < 50; j++)
			kept += look(&f, &names[j], NULL) != DG_SQL_PENDING;
	}
	assert_int_equal(kept, 10);
	close_fixture(&f);
}

/*
 * An answer that was there and is not any more, or for which there is no room,
 * is none: who reads a view could have brought that about.
 */
static void
tells_what_is_lost_from_what_is_not_known(void **state)
{
	const struct dg_sql_name both[] = {t1, t2};
	struct dg_arena *full = dg_arena_create(4096);
	struct dg_sql_columns columns;
	struct fixture f;

	(void)state;
	open_fixture(&f, 60000, 10);
	(void)fetch(&f, both, 2);
	end_query(DG_COLUMNS_FOUND, 1);
	dg_metadata_forget(f.metadata, DG_STR("one"), &t2);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_PENDING);
	assert_true(dg_metadata_is_crowded_out(f.metadata, &f.target, &t2));
	end_query(DG_COLUMNS_FOUND, 3);
	while (dg_arena_alloc(full, 1) != NULL)
		;
	assert_int_equal(
		dg_metadata_lookup(f.metadata, &f.target, &t1, full, &columns),
		DG_SQL_PENDING);
	assert_true(dg_metadata_is_crowded_out(f.metadata, &f.target, &t1));
	(void)fetch(&f, &t2, 1);
	end_query(DG_COLUMNS_FAILED, 0);
	assert_int_equal(look(&f, &t2, NULL), DG_SQL_UNAVAILABLE);
	dg_arena_destroy(&full);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(shares_flights),
		cmocka_unit_test(does_not_guess),
		cmocka_unit_test(tells_why_and_what_is_no_view),
		cmocka_unit_test(forgets_a_view_into_the_unknown),
		cmocka_unit_test(asks_anew_each_time),
		cmocka_unit_test(can_ask_again_when_told),
		cmocka_unit_test(forgets_on_request),
		cmocka_unit_test(forgets_what_nobody_waits_for),
		cmocka_unit_test(statements_change_tables),
		cmocka_unit_test(odd_changes_change_everything),
		cmocka_unit_test(tells_clusters_apart),
		cmocka_unit_test(keeps_to_its_bounds),
		cmocka_unit_test(dies_while_waited_for),
		cmocka_unit_test(keeps_a_crowd_in_line),
		cmocka_unit_test(takes_users_in_turn),
		cmocka_unit_test(does_not_wait_in_the_line_of_others),
		cmocka_unit_test(starts_nothing_for_the_gone),
		cmocka_unit_test(sends_away_when_the_line_is_long),
		cmocka_unit_test(waits_no_longer_than_told),
		cmocka_unit_test(invented_names_push_out_nothing),
		cmocka_unit_test(tells_what_is_lost_from_what_is_not_known),
	};

	dg_log_set_level(DG_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

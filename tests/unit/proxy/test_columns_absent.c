/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_columns_absent.c - what has to be said before a table counts as one that
 * is not there: whoever may use the name is let through on that word, and by
 * then it may be a view over what he may not see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metadata/columns_query.h"
#include "proxy/fake_fetch.h"

static const struct dg_sql_name table = {DG_STR_INIT("c"), DG_STR_INIT("s"),
					 DG_STR_INIT("t")};

#define ERROR(name, message) \
	"{\"error\":{\"errorName\":\"" name \
	"\",\"errorType\":\"USER_ERROR\",\"message\":\"" message "\"}}"
#define SAYS(message) ERROR("SYNTAX_ERROR", message)
#define ROW(text) "{\"data\":[[" text "]]}"
#define GONE SAYS("Table c.s.t does not exist")
#define GONE_KIND SAYS("line 1:1: Materialized view 'c.s.t' does not exist")

/* How the statements begin. */
#define COLUMNS "SELECT * FROM \"c\".\"s\".\"t\""
#define VIEWS "SELECT view_owner"
#define MATERIALIZED "SHOW CREATE MATERIALIZED VIEW \"c\".\"s\".\"t\""
#define CREATE "SHOW CREATE VIEW \"c\".\"s\".\"t\""

static const struct {
	enum dg_store_engine engine;
	unsigned version;
	struct {
		const char *asked; /* NULL: no more */
		const char *answer;
	} steps[4];
	enum dg_columns_result result;
} cases[] = {
	/* Presto has to say it of views of all kinds. */
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, GONE}, {VIEWS, "{}"}, {MATERIALIZED, GONE_KIND}},
	 DG_COLUMNS_ABSENT},
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, SAYS("Catalog c does not exist")},
	  {VIEWS, SAYS("Catalog c does not exist")},
	  {MATERIALIZED, GONE_KIND}},
	 DG_COLUMNS_ABSENT},
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, GONE},
	  {VIEWS, "{}"},
	  {MATERIALIZED, ERROR("PERMISSION_DENIED", "Access Denied")}},
	 DG_COLUMNS_FAILED},
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, GONE},
	  {VIEWS, "{}"},
	  {MATERIALIZED, SAYS("Materialized view 'c.s.x' does not exist")}},
	 DG_COLUMNS_FAILED},
	/* Its text names in our session what is elsewhere in its reader's. */
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, SAYS("Table system.information_schema.salaries does not "
			 "exist")},
	  {VIEWS, "{}"},
	  {MATERIALIZED,
	   ROW("\"create materialized view t as select x from salaries\"")}},
	 DG_COLUMNS_FAILED},
	/* Even with the very words: the text has `FROM s.salaries`. */
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, SAYS("Schema s does not exist")},
	  {VIEWS, "{}"},
	  {MATERIALIZED,
	   ROW("\"create materialized view t as select x from s.salaries\"")}},
	 DG_COLUMNS_FAILED},
	/* A view over what has gone for a moment. */
	{DG_STORE_PRESTO,
	 287,
	 {{COLUMNS, SAYS("line 1:15: Failed analyzing stored view 'c.s.t': "
			 "line 1:55: Table c.s.x does not exist")},
	  {VIEWS, ROW("null,\"select 1\"")}},
	 DG_COLUMNS_FAILED},
	/* Those without materialized views, and without either. */
	{DG_STORE_PRESTO,
	 244,
	 {{COLUMNS, GONE}, {VIEWS, "{}"}},
	 DG_COLUMNS_ABSENT},
	{DG_STORE_PRESTO,
	 244,
	 {{COLUMNS, GONE}, {VIEWS, ROW("null,\"select 1\"")}},
	 DG_COLUMNS_FAILED},
	{DG_STORE_PRESTO, 238, {{COLUMNS, GONE}}, DG_COLUMNS_ABSENT},
	/* Trino has names for it. */
	{DG_STORE_TRINO,
	 476,
	 {{COLUMNS, ERROR("TABLE_NOT_FOUND",
			  "line 1:15: Table 'c.s.t' does not exist")}},
	 DG_COLUMNS_ABSENT},
	{DG_STORE_TRINO,
	 476,
	 {{COLUMNS,
	   ERROR("TABLE_NOT_FOUND", "line 1:15: Table 'c.s.x' does not exist")},
	  {CREATE, ROW("\"create view t security invoker as select 1\"")}},
	 DG_COLUMNS_FAILED},
};

struct outcome {
	int done;
	enum dg_columns_result result;
};

static void
on_columns(void *arg, enum dg_columns_result result,
	   const struct dg_sql_columns *columns, const char *why,
	   const char *detail)
{
	struct outcome *outcome = arg;

	(void)columns;
	(void)why;
	(void)detail;
	outcome->done++;
	outcome->result = result;
}

static void
take_steps(size_t at)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(cases[at].steps); i++) {
		const char *asked = cases[at].steps[i].asked;

		if (asked == NULL)
			return;
		assert_memory_equal(fake_fetch_body(), asked, strlen(asked));
		fake_fetch_answer(200, cases[at].steps[i].answer);
	}
}

static void
believes_it_of_that_name_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_store_cluster cluster = {
			.name = DG_STR("c"),
			.engine = cases[i].engine,
			.host = DG_STR("h"),
			.port = 1,
			.metadata_user = DG_STR("meta"),
		};
		const struct dg_target target = {.cluster = &cluster,
						 .version = cases[i].version};
		struct dg_loop *loop = dg_loop_create("test", 16);
		struct dg_upstream *upstream = fake_fetch_upstream(loop);
		struct outcome outcome = {.done = 0};

		(void)dg_columns_query_start(loop, upstream, &target, &table,
					     60000, on_columns, &outcome);
		take_steps(i);
		assert_int_equal(outcome.done, 1);
		assert_int_equal(outcome.result, cases[i].result);
		assert_int_equal(fake_fetch_open(), 0);
		dg_upstream_destroy(&upstream);
		dg_loop_destroy(&loop);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_it_of_that_name_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

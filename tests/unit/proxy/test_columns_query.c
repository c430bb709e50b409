/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_columns_query.c - the query for the columns of a table, from its POST to
 * the DELETE of what is left, against requests that the test answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "metadata/columns_query.h"
#include "proxy/fake_fetch.h"

static const struct dg_store_cluster cluster = {
	.name = DG_STR_INIT("c"),
	.engine = DG_STORE_TRINO,
	.host = DG_STR_INIT("h"),
	.port = 1,
	.metadata_user = DG_STR_INIT("meta"),
};
static const struct dg_target target = {.cluster = &cluster};
static const struct dg_sql_name table = {
	DG_STR_INIT("tpch"), DG_STR_INIT("tiny"), DG_STR_INIT("nation")};

struct fixture {
	struct dg_loop *loop;
	struct dg_upstream *upstream;
	struct dg_columns_query *query;
	enum dg_columns_result result;
	int done;
	size_t n_names;
	char view[512]; /* what is told of it, or "" */
	char why[128];
	char detail[128];
};

/* "RIGHTS text; owner: table(columns)", each read in turn. */
static void
print_view(const struct dg_sql_view *view, char *out, size_t size)
{
	static const char *const rights[] = {
		[DG_SQL_VIEW_OWNER] = "owner",
		[DG_SQL_VIEW_READER] = "reader",
		[DG_SQL_VIEW_UNKNOWN] = "unknown",
	};
	int n = snprintf(out, size, "%s%s %.*s", rights[view->rights],
			 view->is_told ? "!" : "", DG_STR_ARG(view->text));

	for (size_t i = 0; i < view->n_reads; i++) {
		const struct dg_sql_view_read *read = &view->reads[i];

		n += snprintf(out + n, size - (size_t)n, "; %.*s: %.*s(",
			      DG_STR_ARG(read->owner),
			      DG_STR_ARG(read->table.table));
		for (size_t c = 0; c < read->n_columns; c++)
			n += snprintf(out + n, size - (size_t)n, "%s%.*s",
				      c == 0 ? "" : ",",
				      DG_STR_ARG(read->columns[c]));
		n += snprintf(out + n, size - (size_t)n, ")");
	}
}

static void
on_columns(void *arg, enum dg_columns_result result,
	   const struct dg_sql_columns *columns, const char *why,
	   const char *detail)
{
	struct fixture *f = arg;

	f->done++;
	f->query = NULL;
	f->result = result;
	f->n_names = columns == NULL ? 0 : columns->n_names;
	if (columns != NULL && columns->view != NULL)
		print_view(columns->view, f->view, sizeof(f->view));
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
	(void)snprintf(f->detail, sizeof(f->detail), "%s", detail);
}

static void
start_on(struct fixture *f, const struct dg_target *on,
	 const struct dg_sql_name *name, unsigned deadline_ms)
{
	*f = (struct fixture){.loop = dg_loop_create("test", 16)};
	f->upstream = fake_fetch_upstream(f->loop);
	f->query = dg_columns_query_start(f->loop, f->upstream, on, name,
					  deadline_ms, on_columns, f);
	assert_int_equal(f->done, 0);
}

static void
start(struct fixture *f, const struct dg_sql_name *name, unsigned deadline_ms)
{
	start_on(f, &target, name, deadline_ms);
}

static void
stop(struct fixture *f)
{
	dg_columns_query_cancel(&f->query);
	dg_upstream_destroy(&f->upstream);
	dg_loop_destroy(&f->loop);
	assert_int_equal(fake_fetch_open(), 0);
}

#define TOUCHED(tables) \
	"{\"state\":\"FINISHED\",\"referencedTables\":[" tables "]}"
#define ENTRY(table, user, direct, columns, more) \
	"{\"catalog\":\"tpch\",\"schema\":\"tiny\",\"table\":\"" table \
	"\",\"authorization\":\"" user "\",\"directlyReferenced\":" direct \
	",\"columns\":[" columns "]" more "}"
#define DIRECT(table, more) ENTRY(table, "meta", "true", "", more)
#define READ(table, user, column, more) \
	ENTRY(table, user, "false", "{\"column\":\"" column "\"}", more)
#define CHAIN ",\"referenceChain\":[]"
#define TEXT CHAIN ",\"viewText\":\"select 1\""
#define NEXT(n) "\"nextUri\":\"http://elsewhere:9/v1/statement/q/" #n "\""

static void
follows_and_cancels(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 60000);
	assert_string_equal(fake_fetch_request(), "POST /v1/statement");
	assert_string_equal(
		fake_fetch_body(),
		"SELECT * FROM \"tpch\".\"tiny\".\"nation\" LIMIT 0");
	assert_string_equal(fake_fetch_header("X-Trino-User"), "meta");
	assert_string_equal(fake_fetch_header("Content-Type"),
			    "text/plain; charset=utf-8");
	fake_fetch_answer(200, "{" NEXT(1) "}");
	/* Where the coordinator says it is does not count. */
	assert_string_equal(fake_fetch_request(), "GET /v1/statement/q/1");
	fake_fetch_answer(200, "{" NEXT(2) "}");
	fake_fetch_answer(200,
			  "{" NEXT(3) ",\"id\":\"20260101_000000_00001_abcde\","
				      "\"columns\":[{\"name\":\"a\"},"
				      "{\"name\":\"b\"}]}");
	assert_int_equal(f.done, 0);
	assert_string_equal(fake_fetch_request(), "DELETE /v1/statement/q/3");
	assert_string_equal(fake_fetch_header("X-Trino-User"), "meta");
	fake_fetch_answer(204, "");
	assert_string_equal(
		fake_fetch_request(),
		"GET /v1/query/20260101_000000_00001_abcde?pruned=true");
	fake_fetch_answer(200, TOUCHED(DIRECT("nation", ",\"referenceChain\":"
							"[]")));
	assert_int_equal(f.done, 1);
	assert_int_equal(f.result, DG_COLUMNS_FOUND);
	assert_int_equal(f.n_names, 2);
	assert_string_equal(f.view, "");
	stop(&f);
}

/* ---- what is behind the name -------------------------------------------- */

#define CREATE_VIEW "SHOW CREATE VIEW \"tpch\".\"tiny\".\"nation\""
#define CREATE_MATERIALIZED \
	"SHOW CREATE MATERIALIZED VIEW \"tpch\".\"tiny\".\"nation\""
#define PRESTO_VIEWS \
	"SELECT view_owner, view_definition FROM \"tpch\"." \
	"information_schema.views WHERE table_schema = 'tiny' AND " \
	"table_name = 'nation'"
#define ERROR(name, message) \
	"{\"error\":{\"errorName\":\"" name \
	"\",\"errorType\":\"USER_ERROR\",\"message\":\"" message "\"}}"
#define NO_VIEW(what) ERROR("NOT_SUPPORTED", "line 1:1: Relation 'x' is " what)
#define NO_SUCH(what) \
	ERROR("TABLE_NOT_FOUND", "line 1:1: " what " does not exist")
#define GONE NO_SUCH("View 'tpch.tiny.nation'")
#define GONE_MATERIALIZED NO_SUCH("Materialized view 'tpch.tiny.nation'")
#define GONE_ODD NO_SUCH("View 'tpch.tiny.\\\"it's \\\"\\\"odd\\\"\\\"\\\"'")
#define ROW(text) "{\"data\":[[\"" text "\"]]}"

static const struct {
	enum dg_store_engine engine;
	unsigned version;
	const char *touched; /* NULL: it is not asked */
	struct {
		const char *asked; /* NULL: no more */
		const char *answer;
	} texts[3];
	const char *view; /* NULL: the look-up fails; "": a table */
} behind[] = {
	/* Versions that tell the text of what is a view. */
	{DG_STORE_TRINO, 476, TOUCHED(DIRECT("v", CHAIN)), {{NULL, NULL}}, ""},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(READ("t", "meta", "A", CHAIN) "," READ(
		 "u", "ann", "b", CHAIN) "," DIRECT("v", TEXT)),
	 {{CREATE_VIEW, ROW("create view v security invoker as select 1")}},
	 "reader! create view v security invoker as select 1; : t(a); "
	 "ann: u(b)"},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(READ("t", "meta", "a", CHAIN) "," DIRECT("v", TEXT)),
	 {{CREATE_VIEW, ROW("create view v security definer as select 1")}},
	 "owner! create view v security definer as select 1; meta: t(a)"},
	/* What a filter of the engine's reads is nobody's affair. */
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(READ("t", "meta", "a",
		      ",\"referenceChain\":[{\"@type\":\"rowFilter\"}"
		      "]") "," DIRECT("v", CHAIN)),
	 {{NULL, NULL}},
	 ""},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(DIRECT("v", TEXT)),
	 {{CREATE_VIEW, NO_VIEW("a materialized view, not a view")},
	  {CREATE_MATERIALIZED, ROW("create materialized view v as select 1")}},
	 "owner! create materialized view v as select 1"},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(DIRECT("v", TEXT)),
	 {{CREATE_VIEW, ROW("create view of a later version")}},
	 "unknown! create view of a later version"},
	/* Those before. */
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(DIRECT("v", "")),
	 {{CREATE_VIEW, NO_VIEW("a table, not a view")}},
	 ""},
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(READ("t", "meta", "a", "") "," DIRECT("v", "")),
	 {{CREATE_VIEW, "{" NEXT(7) "}"},
	  {NULL, ROW("create view v security invoker as select 1")}},
	 "reader! create view v security invoker as select 1; : t(a)"},
	{DG_STORE_TRINO, 435, TOUCHED(""), {{NULL, NULL}}, NULL},
	{DG_STORE_TRINO, 435, "{}", {{NULL, NULL}}, NULL},
	{DG_STORE_TRINO,
	 435,
	 TOUCHED("{\"directlyReferenced\":false}"),
	 {{NULL, NULL}},
	 NULL},
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(DIRECT("v", "")),
	 {{CREATE_VIEW, ERROR("PERMISSION_DENIED", "not a view")}},
	 NULL},
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(DIRECT("v", "")),
	 {{CREATE_VIEW, "{}"}},
	 NULL},
	/* It has become something else between two questions, or is gone. */
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(DIRECT("v", TEXT)),
	 {{CREATE_VIEW, NO_VIEW("a table, not a view")}},
	 NULL},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(DIRECT("v", TEXT)),
	 {{CREATE_VIEW, GONE}},
	 NULL},
	{DG_STORE_TRINO,
	 476,
	 TOUCHED(DIRECT("v", TEXT)),
	 {{CREATE_VIEW, NO_VIEW("a materialized view, not a view")},
	  {CREATE_MATERIALIZED, NO_VIEW("a view, not a materialized view")}},
	 NULL},
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(READ("t", "meta", "a", "") "," DIRECT("v", "")),
	 {{CREATE_VIEW, GONE}},
	 NULL},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{}"}, {CREATE_MATERIALIZED, GONE_MATERIALIZED}},
	 NULL},
	/* Where SHOW CREATE does not follow what SELECT follows. */
	{DG_STORE_TRINO,
	 435,
	 TOUCHED(DIRECT("v", "")),
	 {{CREATE_VIEW, GONE}},
	 ""},
	/* What the list of views does not have, or cannot show. */
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{}"},
	  {CREATE_MATERIALIZED, NO_VIEW("a view, not a materialized view")}},
	 NULL},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, ERROR("SYNTAX_ERROR", "Table x does not exist")},
	  {CREATE_MATERIALIZED, NO_VIEW("a table, not a materialized view")}},
	 ""},
	{DG_STORE_PRESTO,
	 244,
	 NULL,
	 {{PRESTO_VIEWS, ERROR("SYNTAX_ERROR", "Table x does not exist")}},
	 NULL},
	{DG_STORE_PRESTO, 244, NULL, {{PRESTO_VIEWS, "{}"}}, ""},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{\"data\":[[null]]}"}},
	 NULL},
	/* Presto: no owner, whose rights would be asked. */
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{\"data\":[[null,\"select 1\"]]}"}},
	 "reader select 1"},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{\"data\":[[\"ann\",\"select 1\"]]}"}},
	 "owner select 1"},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{}"},
	  {CREATE_MATERIALIZED,
	   ERROR("SYNTAX_ERROR", "'x' is a table, not a materialized view")}},
	 ""},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, "{}"},
	  {CREATE_MATERIALIZED, ROW("create materialized view v as select 1")}},
	 "reader create materialized view v as select 1"},
	{DG_STORE_PRESTO,
	 296,
	 NULL,
	 {{PRESTO_VIEWS, "{}"},
	  {CREATE_MATERIALIZED,
	   ROW("create materialized view v security definer as select 1")}},
	 "owner create materialized view v security definer as select 1"},
	{DG_STORE_PRESTO,
	 287,
	 NULL,
	 {{PRESTO_VIEWS, ERROR("SYNTAX_ERROR", "no column view_owner")},
	  {CREATE_MATERIALIZED, ERROR("PERMISSION_DENIED", "not a view")}},
	 NULL},
	/* Before there was SECURITY INVOKER. */
	{DG_STORE_PRESTO, 238, NULL, {{NULL, NULL}}, ""},
};

static void
answer_texts(size_t at)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(behind[at].texts); i++) {
		if (behind[at].texts[i].answer == NULL)
			return;
		if (behind[at].texts[i].asked != NULL)
			assert_string_equal(fake_fetch_body(),
					    behind[at].texts[i].asked);
		else
			assert_string_equal(fake_fetch_request(),
					    "GET /v1/statement/q/7");
		fake_fetch_answer(200, behind[at].texts[i].answer);
	}
}

static void
asks_what_is_behind(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(behind); i++) {
		struct dg_store_cluster on = cluster;
		const struct dg_target to = {.cluster = &on,
					     .version = behind[i].version};
		struct fixture f;

		on.engine = behind[i].engine;
		start_on(&f, &to, &table, 60000);
		fake_fetch_answer(200,
				  "{\"id\":\"20260101_000000_00001_abcde\","
				  "\"columns\":[{\"name\":\"a\"}]}");
		if (behind[i].touched != NULL)
			fake_fetch_answer(200, behind[i].touched);
		answer_texts(i);
		assert_int_equal(f.done, 1);
		if (behind[i].view == NULL) {
			assert_int_equal(f.result, DG_COLUMNS_FAILED);
			assert_string_not_equal(f.why, "");
		} else {
			assert_int_equal(f.result, DG_COLUMNS_FOUND);
			assert_string_equal(f.view, behind[i].view);
		}
		stop(&f);
	}
}

/* The tables that every catalog has are made of no text. */
static void
asks_nothing_behind_information_schema(void **state)
{
	const struct dg_sql_name views = {
		DG_STR("tpch"), DG_STR("information_schema"), DG_STR("views")};
	struct fixture f;

	(void)state;
	start(&f, &views, 60000);
	fake_fetch_answer(200, "{\"columns\":[{\"name\":\"a\"}]}");
	assert_int_equal(f.done, 1);
	assert_int_equal(f.result, DG_COLUMNS_FOUND);
	stop(&f);
}

static void
needs_somebody_to_ask_as(void **state)
{
	struct dg_store_cluster on = cluster;
	const struct dg_target to = {.cluster = &on, .version = 476};
	struct fixture f;

	(void)state;
	on.metadata_user = DG_STR_EMPTY;
	start_on(&f, &to, &table, 60000);
	assert_int_equal(fake_fetch_open(), 0);
	while (f.done == 0)
		dg_loop_run_once(f.loop);
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	assert_string_equal(f.why, "the cluster has no metadata_user to ask "
				   "as");
	stop(&f);
}

static void
needs_an_id(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 60000);
	fake_fetch_answer(200, "{\"id\":\"../x\",\"columns\":[{\"name\":"
			       "\"a\"}]}");
	assert_int_equal(f.done, 1);
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	stop(&f);
}

#define NOT_REACHED "connecting to lake.internal:8443: Connection refused"

static void
tells_what_went_wrong(void **state)
{
	static const struct {
		unsigned status; /* 0: the request fails */
		const char *body;
		enum dg_columns_result result;
		enum dg_rc rc;
		const char *why; /* without a host and a port */
	} cases[] = {
		{200, NO_SUCH("Table 'tpch.tiny.nation'"), DG_COLUMNS_ABSENT,
		 DG_OK, ""},
		{401, "", DG_COLUMNS_FAILED, DG_OK, "it did not answer 200"},
		{503, "", DG_COLUMNS_FAILED, DG_OK, "it did not answer 200"},
		{0, NOT_REACHED, DG_COLUMNS_FAILED, DG_ERR_IO,
		 "it could not be reached, or its answer not be read"},
		{0, NOT_REACHED, DG_COLUMNS_FAILED, DG_ERR_TIMEOUT,
		 "it did not answer in time"},
		{0, NOT_REACHED, DG_COLUMNS_FAILED, DG_ERR_UNAVAILABLE,
		 "it could not be asked"},
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		start(&f, &table, 60000);
		if (cases[i].status == 0)
			fake_fetch_fail_as(cases[i].rc, cases[i].body);
		else
			fake_fetch_answer(cases[i].status, cases[i].body);
		assert_int_equal(f.done, 1);
		assert_int_equal(f.result, cases[i].result);
		assert_string_equal(f.why, cases[i].why);
		assert_string_equal(f.detail,
				    cases[i].rc == DG_OK ? "" : NOT_REACHED);
		stop(&f);
	}
}

static void
keeps_its_deadline(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 1);
	fake_fetch_answer(200, "{" NEXT(1) "}");
	while (f.done == 0)
		dg_loop_run_once(f.loop);
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	assert_string_equal(f.why, "it did not tell the columns in time");
	stop(&f);
}

static void
has_an_end(void **state)
{
	struct fixture f;
	size_t before = fake_fetch_made();

	(void)state;
	start(&f, &table, 60000);
	while (f.done == 0)
		fake_fetch_answer(200, "{" NEXT(1) "}");
	assert_int_equal(f.result, DG_COLUMNS_FAILED);
	assert_string_equal(f.why, "the query for columns has no end");
	assert_true(fake_fetch_made() - before <= 200);
	stop(&f);
}

/* ---- whether it is a view at all ---------------------------------------- */

#define COLUMNS_PAGE \
	"{\"id\":\"20260101_000000_00001_abcde\"," \
	"\"columns\":[{\"name\":\"a\"}]}"
#define SELECT_ALL "SELECT * FROM \"tpch\".\"tiny\".\"nation\" LIMIT 0"
#define QUERY_INFO "GET /v1/query/20260101_000000_00001_abcde?pruned=true"
#define ODD "\"tpch\".\"tiny\".\"it's \"\"odd\"\"\""
#define ODD_VIEWS \
	"SELECT view_owner, view_definition FROM \"tpch\"." \
	"information_schema.views WHERE table_schema = 'tiny' AND " \
	"table_name = 'it''s \"odd\"'"
#define DENIED ERROR("PERMISSION_DENIED", "line 1:1: Access Denied")
#define INVOKER ROW("create view v security invoker as select 1")

static const struct {
	const char *name; /* NULL: nation */
	enum dg_store_engine engine;
	unsigned version;
	struct {
		const char *asked; /* a statement, or "GET path"; NULL: none */
		const char *answer;
		unsigned status; /* 0: 200 */
	} steps[5];
	enum dg_columns_result result;
	const char *view;
} kinds[] = {
	/* What has to be quoted: first of all, what is it? */
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, NO_VIEW("a table, not a view"), 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, GONE_ODD, 0}},
	 DG_COLUMNS_ABSENT,
	 ""},
	/* Of another one that is said, or what it is made of is not there. */
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, GONE, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, INVOKER, 0},
	  {"SELECT * FROM " ODD " LIMIT 0", GONE_ODD, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, INVOKER, 0},
	  {"SELECT * FROM " ODD " LIMIT 0", COLUMNS_PAGE, 0},
	  {QUERY_INFO,
	   TOUCHED(READ("t", "meta", "a", CHAIN) "," DIRECT("v", TEXT)), 0},
	  {"SHOW CREATE VIEW " ODD, INVOKER, 0}},
	 DG_COLUMNS_FOUND,
	 "reader! create view v security invoker as select 1; : t(a)"},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 435,
	 {{"SHOW CREATE VIEW " ODD, NO_VIEW("a materialized view, not a view"),
	   0},
	  {"SHOW CREATE MATERIALIZED VIEW " ODD,
	   ROW("create materialized view v as select 1"), 0},
	  {"SELECT * FROM " ODD " LIMIT 0", DENIED, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, DENIED, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_TRINO,
	 476,
	 {{"SHOW CREATE VIEW " ODD, "", 503}},
	 DG_COLUMNS_FAILED,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_PRESTO,
	 287,
	 {{ODD_VIEWS, "{}", 0},
	  {"SHOW CREATE MATERIALIZED VIEW " ODD,
	   NO_VIEW("a table, not a materialized view"), 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	{"it's \"odd\"",
	 DG_STORE_PRESTO,
	 287,
	 {{ODD_VIEWS, "{\"data\":[[null,\"select 1\"]]}", 0},
	  {"SELECT * FROM " ODD " LIMIT 0", COLUMNS_PAGE, 0},
	  {ODD_VIEWS, "{\"data\":[[null,\"select 1\"]]}", 0}},
	 DG_COLUMNS_FOUND,
	 "reader select 1"},
	{"it's \"odd\"",
	 DG_STORE_PRESTO,
	 244,
	 {{ODD_VIEWS, "{}", 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	{"t$files",
	 DG_STORE_PRESTO,
	 238,
	 {{NULL, NULL, 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	/* Of what has no columns for us that much may be known. */
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, DENIED, 0},
	  {CREATE_VIEW, NO_VIEW("a table, not a view"), 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, DENIED, 0}, {CREATE_VIEW, INVOKER, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, DENIED, 0}, {CREATE_VIEW, DENIED, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{NULL,
	 DG_STORE_PRESTO,
	 238,
	 {{SELECT_ALL, DENIED, 0}},
	 DG_COLUMNS_NO_VIEW,
	 ""},
	/* A coordinator forgets queries. */
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, COLUMNS_PAGE, 0},
	  {QUERY_INFO, "", 410},
	  {CREATE_VIEW, NO_VIEW("a table, not a view"), 0}},
	 DG_COLUMNS_FOUND,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, COLUMNS_PAGE, 0},
	  {QUERY_INFO, "", 404},
	  {CREATE_VIEW, INVOKER, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, COLUMNS_PAGE, 0},
	  {QUERY_INFO, "", 404},
	  {CREATE_VIEW, GONE, 0}},
	 DG_COLUMNS_FAILED,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, COLUMNS_PAGE, 0}, {QUERY_INFO, "", 500}},
	 DG_COLUMNS_FAILED,
	 ""},
	{NULL,
	 DG_STORE_TRINO,
	 476,
	 {{SELECT_ALL, "", 429}},
	 DG_COLUMNS_FAILED,
	 ""},
};

static void
take_steps(size_t at)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds[at].steps); i++) {
		const char *asked = kinds[at].steps[i].asked;
		unsigned status = kinds[at].steps[i].status;

		if (asked == NULL)
			return;
		assert_string_equal(strncmp(asked, "GET ", 4) == 0
					    ? fake_fetch_request()
					    : fake_fetch_body(),
				    asked);
		fake_fetch_answer(status == 0 ? 200 : status,
				  kinds[at].steps[i].answer);
	}
}

static void
asks_whether_it_is_a_view(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(kinds); i++) {
		struct dg_store_cluster on = cluster;
		const struct dg_target to = {.cluster = &on,
					     .version = kinds[i].version};
		struct dg_sql_name name = table;
		struct fixture f;

		on.engine = kinds[i].engine;
		if (kinds[i].name != NULL)
			name.table = dg_str_from_cstr(kinds[i].name);
		start_on(&f, &to, &name, 60000);
		take_steps(i);
		while (f.done == 0 && fake_fetch_open() == 0)
			dg_loop_run_once(f.loop);
		assert_int_equal(f.done, 1);
		assert_int_equal(f.result, kinds[i].result);
		assert_string_equal(f.view, kinds[i].view);
		stop(&f);
	}
}

static void
can_be_cancelled(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, &table, 60000);
	dg_columns_query_cancel(&f.query);
	assert_null(f.query);
	assert_int_equal(fake_fetch_open(), 0);
	assert_int_equal(f.done, 0);
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_and_cancels),
		cmocka_unit_test(asks_what_is_behind),
		cmocka_unit_test(asks_nothing_behind_information_schema),
		cmocka_unit_test(needs_somebody_to_ask_as),
		cmocka_unit_test(needs_an_id),
		cmocka_unit_test(tells_what_went_wrong),
		cmocka_unit_test(keeps_its_deadline),
		cmocka_unit_test(has_an_end),
		cmocka_unit_test(asks_whether_it_is_a_view),
		cmocka_unit_test(can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns_query.c - runs the query for the columns of one table, and those for
 * what is behind it. See columns_query.h.
 *
 * One request at a time, to one coordinator, all under one deadline and a
 * bound on pages. What is left running there is cancelled with a DELETE that
 * nobody waits for.
 *
 * Invariant: FOUND and NO_VIEW are only told when what view.h asks has been
 * answered, too.
 */
#include "metadata/columns_query.h"

#include "base/assert.h"
#include "base/mem.h"
#include "metadata/view.h"

enum {
	QUERY_MAGIC = 0x436f6c51,
	ARENA_MAX = 8 << 20,
	/*
	 * A page without rows: columns of some 300 bytes each, type and
	 * signature included; 4,000 of them, and rows of many fields.
	 */
	BODY_MAX = 2 << 20,
	PAGES_MAX = 200,
	HEADERS_MAX = 10,
	OWN_HEADERS = 4,
};

/* What is being asked. */
enum stage {
	STAGE_COLUMNS, /* which columns it has */
	STAGE_BEHIND,  /* then: what is behind it */
	STAGE_KIND,    /* instead: whether it is a view */
};

struct dg_columns_query {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_upstream *upstream; /* borrowed */
	struct dg_arena *arena;       /* owned; holds all texts below */
	struct dg_target target;
	struct dg_http_header headers[HEADERS_MAX];
	size_t n_headers;
	struct dg_str text;
	enum stage stage;
	struct dg_sql_columns columns; /* once they are there */
	bool has_columns;
	struct dg_view_asking view;
	enum dg_view_question question; /* of view, but for STAGE_COLUMNS */
	bool is_odd;  /* its name: STAGE_KIND comes before the others */
	bool no_view; /* that is sure, and nothing is to be asked */
	/* STAGE_KIND, because this has come between; or NULL. */
	const char *failure;
	bool said_absent; /* that was it */
	unsigned deadline_ms;
	unsigned pages;
	struct dg_fetch *fetch; /* NULL: between two requests */
	struct dg_timer timer;  /* deadline, or a failure to be told */
	const char *why;
	dg_columns_fn done;
	void *arg;
};

static void
destroy(struct dg_columns_query *query)
{
	dg_upstream_fetch_cancel(&query->fetch);
	dg_timer_fini(&query->timer);
	dg_arena_destroy(&query->arena);
	query->magic = 0;
	dg_free(query);
}

static void
finish(struct dg_columns_query *query, enum dg_columns_result result,
       const struct dg_sql_columns *columns, const char *why)
{
	query->done(query->arg, result, columns, why, "");
	destroy(query);
}

/* What a request came to; its own words name the coordinator. */
static const char *
explain(enum dg_rc rc)
{
	switch ((int)rc) {
	case DG_OK:
		return "it did not answer 200";
	case DG_ERR_TIMEOUT:
		return "it did not answer in time";
	case DG_ERR_LIMIT:
		return "its answer is too large";
	case DG_ERR_IO:
		return "it could not be reached, or its answer not be read";
	default:
		return "it could not be asked";
	}
}

static void
fail_request(struct dg_columns_query *query, enum dg_rc rc, const char *detail)
{
	query->done(query->arg, DG_COLUMNS_FAILED, NULL, explain(rc), detail);
	destroy(query);
}

static void
on_deadline(void *arg)
{
	struct dg_columns_query *query = arg;

	DG_CHECK_MAGIC(query, QUERY_MAGIC);
	finish(query, query->no_view ? DG_COLUMNS_NO_VIEW : DG_COLUMNS_FAILED,
	       NULL, query->why);
}

static void
on_cancelled(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	     const char *why)
{
	/* Best effort: an abandoned query ends by the engine's own clock. */
	(void)arg;
	(void)rc;
	(void)status;
	(void)body;
	(void)why;
}

static void
cancel_upstream(struct dg_columns_query *query, struct dg_str next)
{
	const struct dg_upstream_request request = {
		.endpoint = query->target.endpoint,
		.method = "DELETE",
		.target = next,
		.headers = query->headers,
		.n_headers = query->n_headers,
		.head_timeout_ms = query->deadline_ms,
		.body_timeout_ms = query->deadline_ms,
		.repeatable = true,
	};

	if (next.len > 0)
		(void)dg_upstream_fetch(query->upstream, &request, BODY_MAX,
					on_cancelled, NULL);
}

static void on_page(void *arg, enum dg_rc rc, unsigned status,
		    struct dg_str body, const char *why);

static void
fail(struct dg_columns_query *query, const char *why)
{
	finish(query, DG_COLUMNS_FAILED, NULL, why);
}

/* The POST runs nothing before its first GET: both may be repeated. */
static void
ask(struct dg_columns_query *query, const char *method, struct dg_str path,
    struct dg_str body)
{
	const struct dg_upstream_request request = {
		.endpoint = query->target.endpoint,
		.method = method,
		.target = path,
		.headers = query->headers,
		.n_headers = query->n_headers,
		.body = body,
		.head_timeout_ms = query->deadline_ms,
		.body_timeout_ms = query->deadline_ms,
		.repeatable = true,
	};

	query->fetch = dg_upstream_fetch(query->upstream, &request, BODY_MAX,
					 on_page, query);
}

static void
ask_next(struct dg_columns_query *query, struct dg_str next)
{
	if (++query->pages < PAGES_MAX)
		ask(query, "GET", next, DG_STR_EMPTY);
	else
		fail(query, "the query for columns has no end");
}

/* ---- what is behind it ------------------------------------------------- */

static void
ask_columns(struct dg_columns_query *query)
{
	query->stage = STAGE_COLUMNS;
	ask(query, "POST", DG_STR("/v1/statement"), query->text);
}

static void
tell_found(struct dg_columns_query *query)
{
	query->columns.view = query->view.view;
	finish(query, DG_COLUMNS_FOUND, &query->columns, "");
}

/*
 * Of a view all has to be known; of anything else that it is none will do for
 * who may read whatever there is in it.
 */
static void
tell_kind(struct dg_columns_query *query)
{
	bool is_view = query->view.view != NULL;

	query->view.view = NULL;
	if (is_view && query->failure != NULL)
		fail(query, query->failure);
	else if (is_view)
		ask_columns(query);
	else if (query->has_columns && query->view.is_absent)
		fail(query, query->failure);
	else if (query->has_columns)
		tell_found(query);
	else if (query->view.is_absent || query->said_absent)
		finish(query, DG_COLUMNS_ABSENT, NULL, "");
	else
		finish(query, DG_COLUMNS_NO_VIEW, NULL, "");
}

/* A new question; a statement for each but the first. */
static void
ask_behind(struct dg_columns_query *query, enum dg_view_question question)
{
	struct dg_str text;

	query->question = question;
	if (question == DG_VIEW_NOTHING && query->stage == STAGE_KIND)
		tell_kind(query);
	else if (question == DG_VIEW_NOTHING)
		tell_found(query);
	else if (dg_view_statement(&query->view, question, &text) == DG_OK)
		ask(query, "POST", DG_STR("/v1/statement"), text);
	else
		fail(query, "the answer is too large");
}

static void
ask_kind(struct dg_columns_query *query)
{
	query->stage = STAGE_KIND;
	query->view.view = NULL;
	ask_behind(query, dg_view_begin_by_name(&query->view));
}

/* The usual way does not go on; there may be another to what has to be known.
 */
static void
give_up(struct dg_columns_query *query, const char *why)
{
	if (query->is_odd || query->failure != NULL) {
		fail(query, why);
		return;
	}
	query->failure = why;
	ask_kind(query);
}

/*
 * Presto analyses the text of a materialized view with what the session has for
 * names that are left out: in ours something else may be missing, which is
 * called as what was asked for. Whoever has a view before him is told that.
 */
static void
on_absent(struct dg_columns_query *query)
{
	if (query->is_odd || query->target.cluster->engine == DG_STORE_PRESTO) {
		query->said_absent = true;
		give_up(query, "it refused the query for columns");
	} else {
		finish(query, DG_COLUMNS_ABSENT, NULL, "");
	}
}

static void
begin_behind(struct dg_columns_query *query, struct dg_str id)
{
	enum dg_view_question question = dg_view_begin(&query->view);
	struct dg_str path;

	query->stage = STAGE_BEHIND;
	query->has_columns = true;
	query->view.is_there = true;
	if (question != DG_VIEW_TOUCHED) {
		ask_behind(query, question);
		return;
	}
	query->question = question;
	path = dg_arena_printf(query->arena, "/v1/query/%.*s?pruned=true",
			       DG_STR_ARG(id));
	if (id.len > 0 && path.data != NULL)
		ask(query, "GET", path, DG_STR_EMPTY);
	else
		fail(query, "the query for columns has no usable id");
}

static void
on_behind(struct dg_columns_query *query, struct dg_str body)
{
	struct dg_page_place place = {DG_STR_EMPTY, DG_STR_EMPTY};
	enum dg_view_question asked = query->question;
	enum dg_view_question next;
	const char *why;

	if (asked != DG_VIEW_TOUCHED &&
	    !dg_page_place(body, query->arena, &place)) {
		fail(query, "its reply holds no usable nextUri");
		return;
	}
	if (dg_view_answer(&query->view, asked, body, &next, &why) != DG_OK) {
		cancel_upstream(query, place.next);
		fail(query, why);
		return;
	}
	if (next == asked) {
		ask_next(query, place.next);
		return;
	}
	cancel_upstream(query, place.next);
	ask_behind(query, next);
}

/* ---- the columns ------------------------------------------------------- */

static void
on_columns_page(struct dg_columns_query *query, struct dg_str body)
{
	struct dg_page_place place = {DG_STR_EMPTY, DG_STR_EMPTY};
	const char *why;

	switch (dg_columns_page(query->target.cluster->engine,
				&query->view.table, body, query->arena,
				&query->columns, &place, &why)) {
	case DG_PAGE_AGAIN:
		ask_next(query, place.next);
		break;
	case DG_PAGE_COLUMNS:
		cancel_upstream(query, place.next);
		begin_behind(query, place.id);
		break;
	case DG_PAGE_ABSENT:
		on_absent(query);
		break;
	case DG_PAGE_BAD:
		cancel_upstream(query, place.next);
		give_up(query, why);
		break;
	}
}

static void
on_page(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	const char *why)
{
	struct dg_columns_query *query = arg;

	DG_CHECK_MAGIC(query, QUERY_MAGIC);
	query->fetch = NULL;
	if (rc == DG_OK && status == 200 && query->stage == STAGE_COLUMNS)
		on_columns_page(query, body);
	else if (rc == DG_OK && status == 200)
		on_behind(query, body);
	else if (rc == DG_ERR_LIMIT && query->stage == STAGE_COLUMNS)
		give_up(query, "it has too many columns");
	else if (rc == DG_OK && (status == 404 || status == 410) &&
		 query->stage == STAGE_BEHIND &&
		 query->question == DG_VIEW_TOUCHED)
		give_up(query, "it has forgotten the query for columns");
	else
		fail_request(query, rc, why);
}

/* The first statement. False: there is none. */
static bool
prepare_text(struct dg_columns_query *query, struct dg_str *first_out)
{
	enum dg_view_question question = dg_view_begin_by_name(&query->view);

	query->why = "the table's name is too long";
	if (dg_columns_text(&query->view.table, query->arena, &query->text) !=
	    DG_OK)
		return false;
	*first_out = query->text;
	query->is_odd = !dg_columns_is_plain(&query->view.table);
	if (!query->is_odd)
		return true;
	query->stage = STAGE_KIND;
	query->question = question;
	query->no_view = question == DG_VIEW_NOTHING;
	return !query->no_view &&
	       dg_view_statement(&query->view, question, first_out) == DG_OK;
}

/*
 * Presto's planner wants the session to have a schema where a view names
 * another one without, and then does not use it (0.287, RelationPlanner).
 */
static void
add_presto_schema(struct dg_columns_query *query)
{
	query->headers[query->n_headers++] = (struct dg_http_header){
		DG_STR("X-Presto-Catalog"), DG_STR("system")};
	query->headers[query->n_headers++] = (struct dg_http_header){
		DG_STR("X-Presto-Schema"), DG_STR("information_schema")};
}

static bool
prepare(struct dg_columns_query *query, const struct dg_target *target,
	const struct dg_sql_name *table, struct dg_str *first_out)
{
	bool trino = target->cluster->engine == DG_STORE_TRINO;

	query->why = "the table's name is too long";
	query->view = (struct dg_view_asking){
		.engine = {trino ? DG_SQL_TRINO : DG_SQL_PRESTO,
			   target->version},
		.table = {dg_arena_str(query->arena, table->catalog),
			  dg_arena_str(query->arena, table->schema),
			  dg_arena_str(query->arena, table->table)},
		.user = dg_arena_str(query->arena,
				     target->cluster->metadata_user),
		.arena = query->arena,
	};
	if (query->view.table.catalog.data == NULL ||
	    query->view.table.schema.data == NULL ||
	    query->view.table.table.data == NULL ||
	    query->view.user.data == NULL)
		return false;
	query->why = "the cluster has no metadata_user to ask as";
	if (target->cluster->metadata_user.len == 0)
		return false;
	query->why = "the cluster's metadata user cannot be asserted";
	if (dg_target_copy(target, query->arena, &query->target) != DG_OK ||
	    dg_route_identity(
		    query->target.cluster, query->target.cluster->metadata_user,
		    query->arena, query->headers, HEADERS_MAX - OWN_HEADERS,
		    &query->n_headers, NULL) != DG_OK)
		return false;
	query->headers[query->n_headers++] = (struct dg_http_header){
		DG_STR("Content-Type"), DG_STR("text/plain; charset=utf-8")};
	query->headers[query->n_headers++] = (struct dg_http_header){
		trino ? DG_STR("X-Trino-Source") : DG_STR("X-Presto-Source"),
		DG_STR("datagateway-metadata")};
	if (!trino)
		add_presto_schema(query);
	if (!prepare_text(query, first_out))
		return false;
	query->why = "it did not tell the columns in time";
	return true;
}

struct dg_columns_query *
dg_columns_query_start(struct dg_loop *loop, struct dg_upstream *upstream,
		       const struct dg_target *target,
		       const struct dg_sql_name *table, unsigned deadline_ms,
		       dg_columns_fn done, void *arg)
{
	struct dg_columns_query *query = DG_NEW(struct dg_columns_query);
	struct dg_str first;
	bool ready;

	query->magic = QUERY_MAGIC;
	query->loop = loop;
	query->upstream = upstream;
	query->arena = dg_arena_create(ARENA_MAX);
	dg_arena_set_budget(query->arena, dg_upstream_replies(upstream));
	dg_arena_keep_secrets(query->arena);
	query->deadline_ms = deadline_ms;
	query->done = done;
	query->arg = arg;
	ready = prepare(query, target, table, &first);
	/* What cannot be asked fails on the next pass, not in here. */
	dg_timer_start(&query->timer, loop, ready ? deadline_ms : 0,
		       on_deadline, query);
	if (ready)
		ask(query, "POST", DG_STR("/v1/statement"), first);
	return query;
}

void
dg_columns_query_cancel(struct dg_columns_query **query)
{
	struct dg_columns_query *q = *query;

	if (q == NULL)
		return;
	DG_CHECK_MAGIC(q, QUERY_MAGIC);
	destroy(q);
	*query = NULL;
}

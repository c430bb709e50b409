/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns_query.h - asking a coordinator for the columns of one table, and for
 * what is behind it when it is a view (view.h).
 *
 * `SELECT * FROM "c"."s"."t" LIMIT 0` as the cluster's metadata user, followed
 * until the columns are there, then cancelled: the fastest way on both engines,
 * and the one that shows exactly what `*` will expand to (protocol.md 13).
 *
 * Of names that connectors take for more than names (queries and metadata
 * tables hide in quotes, protocol.md 10.4) columns are asked only once they
 * have turned out to be views. What is no view has none that are sure.
 */
#ifndef DG_PROXY_METADATA_COLUMNS_QUERY_H
#define DG_PROXY_METADATA_COLUMNS_QUERY_H

#include "http/client.h"
#include "metadata/metadata.h"

enum dg_columns_result {
	DG_COLUMNS_FOUND,
	DG_COLUMNS_ABSENT,  /* the engine says that there is no such table */
	DG_COLUMNS_NO_VIEW, /* it says that this is no view; columns unknown */
	DG_COLUMNS_FAILED,  /* anything else; why says what */
};

/*
 * names: lower case, ordinal order, valid during the call. why: for everybody,
 * of fixed words; detail: for the log, with hosts and ports, or "".
 */
typedef void (*dg_columns_fn)(void *arg, enum dg_columns_result result,
			      const struct dg_sql_columns *columns,
			      const char *why, const char *detail);

struct dg_columns_query;
/* Never calls back before it returned; done at the latest at the deadline. */
struct dg_columns_query *dg_columns_query_start(struct dg_loop *loop,
						struct dg_upstream *upstream,
						const struct dg_target *target,
						const struct dg_sql_name *table,
						unsigned deadline_ms,
						dg_columns_fn done, void *arg);
/* No callback follows. */
void dg_columns_query_cancel(struct dg_columns_query **query);

/* ---- the pure parts ---------------------------------------------------- */

/* Nothing but a table's or a view's name, wherever it is used. */
bool dg_columns_is_plain(const struct dg_sql_name *table);
/* As SQL has names ("), and texts ('): any bytes but a NUL. LIMIT. */
enum dg_rc dg_columns_quote(struct dg_str s, char quote, struct dg_arena *arena,
			    struct dg_str *out) DG_MUST_CHECK;
/* LIMIT. */
enum dg_rc dg_columns_text(const struct dg_sql_name *table,
			   struct dg_arena *arena,
			   struct dg_str *text_out) DG_MUST_CHECK;

enum dg_page_verdict {
	DG_PAGE_AGAIN, /* next_out is where to ask */
	DG_PAGE_COLUMNS,
	DG_PAGE_ABSENT, /* of this very name; on Presto that proves nothing */
	DG_PAGE_BAD,
};
/* Where a page's query is; texts in the arena. */
struct dg_page_place {
	struct dg_str next; /* path and query on the same coordinator; or "" */
	struct dg_str
		id; /* of the query, one that may stand in a path; or "" */
};
enum dg_page_verdict dg_columns_page(enum dg_store_engine engine,
				     const struct dg_sql_name *table,
				     struct dg_str body, struct dg_arena *arena,
				     struct dg_sql_columns *columns_out,
				     struct dg_page_place *place_out,
				     const char **why_out);
/*
 * An engine's message says that there is no such table, or not its schema or
 * catalog: no more than that, and not of what a view is made of.
 */
bool dg_columns_says_absent(const struct dg_sql_name *table,
			    struct dg_str message);
/* The place of any page. False: not such a one. */
bool dg_page_place(struct dg_str body, struct dg_arena *arena,
		   struct dg_page_place *place_out);

#endif

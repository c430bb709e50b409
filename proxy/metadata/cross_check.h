/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cross_check.h - asking a Trino coordinator what a query really touched
 * (architecture.md 4): referencedTables and output of GET /v1/query/{id} must
 * lie within what was decided. Pure comparison here plus the fetch.
 */
#ifndef DG_PROXY_METADATA_CROSS_CHECK_H
#define DG_PROXY_METADATA_CROSS_CHECK_H

#include "base/json.h"
#include "http/client.h"
#include "route/route.h"
#include "sqlparse/sqlparse.h"

/*
 * What was decided, small enough to ride in a sealed URI: per table the columns
 * (or all), as names or, when long, as hashes. Bytes, not text. LIMIT when even
 * that is too long: then there is nothing to compare with.
 */
enum dg_rc dg_check_encode(const struct dg_sql_analysis *analysis,
			   struct dg_arena *arena,
			   struct dg_str *text_out) DG_MUST_CHECK;

enum dg_check_result {
	DG_CHECK_OK,
	DG_CHECK_SKIPPED,  /* this kind of statement reports nothing */
	DG_CHECK_NOT_YET,  /* the engine is still planning: ask again */
	DG_CHECK_EXCEEDED, /* touched more than was decided */
	DG_CHECK_FAILED,   /* 403, 410, timeout, unreadable */
};

/*
 * body: of GET /v1/query/{id}. user: whom the query runs as; what views read
 * with his rights counts as read by him. what_out: the first thing beyond, for
 * people.
 */
enum dg_check_result dg_check_compare(struct dg_str encoded, struct dg_str body,
				      struct dg_str user,
				      struct dg_arena *arena,
				      struct dg_str *what_out);

/*
 * Of an entry of referencedTables: it is read by a row filter or a column mask
 * of the engine's own access control. Versions without chains do not tell.
 */
bool dg_check_is_of_a_filter(const struct dg_json *entry);

/*
 * Asks, again while the engine plans. Never calls back before it returned;
 * done at the latest at the deadline. what: for people, with EXCEEDED, FAILED.
 */
struct dg_check_call;
typedef void (*dg_check_fn)(void *arg, enum dg_check_result result,
			    struct dg_str what);
struct dg_check_call *
dg_check_start(struct dg_loop *loop, struct dg_upstream *upstream,
	       const struct dg_target *target, struct dg_str query_id,
	       struct dg_str session_user, struct dg_str encoded,
	       unsigned deadline_ms, dg_check_fn done, void *arg);
void dg_check_cancel(struct dg_check_call **call);

#endif

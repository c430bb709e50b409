/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - finding out whether a name is a view's, and what is read through it
 * with whose rights.
 *
 * Trino tells of a query all that it touches, and with whose rights: that of
 * `SELECT *` out of the view says what the view reads. What is missing there
 * (functions; versions that do not say what is a view) is in the text that SHOW
 * CREATE gives, and so is the SECURITY. Presto tells neither: a view without an
 * owner in information_schema.views is one with its reader's rights, and the
 * definition there is all there is to know of it.
 *
 * That a name is no view counts only where the engine has said so.
 */
#ifndef DG_PROXY_METADATA_VIEW_H
#define DG_PROXY_METADATA_VIEW_H

#include "base/arena.h"
#include "route/route.h"
#include "sqlparse/sqlparse.h"

/* In this order; each answer says what is to be asked next. */
enum dg_view_question {
	DG_VIEW_TOUCHED, /* GET /v1/query/{id} of the query for columns */
	DG_VIEW_CREATE,  /* the text of a view */
	DG_VIEW_CREATE_MATERIALIZED,
	DG_VIEW_NOTHING,
};

struct dg_view_asking {
	struct dg_sql_engine engine;
	struct dg_sql_name table;
	struct dg_str user; /* as whom is asked */
	struct dg_arena *arena;
	bool is_there; /* somebody has selected from it */
	/* What has been found; NULL while it is no view. */
	struct dg_sql_view *view;
	bool is_view;   /* what was touched has shown that */
	bool is_absent; /* there is nothing of that name */
};

/* What to ask first of a table that is there. */
enum dg_view_question dg_view_begin(const struct dg_view_asking *asking);
/* The same of a name from which nobody has selected yet, or can. */
enum dg_view_question
dg_view_begin_by_name(const struct dg_view_asking *asking);
/* The statement, for CREATE and CREATE_MATERIALIZED. LIMIT. */
enum dg_rc dg_view_statement(const struct dg_view_asking *asking,
			     enum dg_view_question question,
			     struct dg_str *text_out) DG_MUST_CHECK;

/*
 * What came of a question: for TOUCHED the body of GET /v1/query/{id}, else a
 * page's. INVALID, with why: nothing can be made of it. *next_out: what to ask
 * now, which may be the same, on the page's nextUri.
 */
enum dg_rc dg_view_answer(struct dg_view_asking *asking,
			  enum dg_view_question question, struct dg_str body,
			  enum dg_view_question *next_out,
			  const char **why_out) DG_MUST_CHECK;

/* All of it in the arena; NULL: that is full. */
const struct dg_sql_view *dg_view_copy(const struct dg_sql_view *view,
				       struct dg_arena *arena);
/* About how many bytes a copy takes. */
size_t dg_view_size(const struct dg_sql_view *view);

#endif

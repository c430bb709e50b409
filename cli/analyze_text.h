/* SPDX-License-Identifier: Apache-2.0 */
/*
 * analyze_text.h - the answer of `analyze` for people.
 *
 * Nothing that programs read: it may change with any release.
 */
#ifndef DG_CLI_ANALYZE_TEXT_H
#define DG_CLI_ANALYZE_TEXT_H

#include "base/buf.h"
#include "sqlparse/sqlparse.h"

/*
 * What the statement is, a table of what it needs rights for, and its text with
 * each name marked, ^ objects and ~ columns. LIMIT: out is full.
 */
enum dg_rc dg_analyze_put_text(struct dg_buf *out, struct dg_str sql,
			       const struct dg_sql_analysis *analysis,
			       struct dg_arena *arena) DG_MUST_CHECK;
/* What is wrong, and the place in the text. */
enum dg_rc dg_analyze_put_error(struct dg_buf *out, struct dg_str sql,
				const struct dg_sql_error *err,
				struct dg_arena *arena) DG_MUST_CHECK;

#endif

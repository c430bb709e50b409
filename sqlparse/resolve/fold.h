/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.h - when are two names the same; private to this folder.
 *
 * Both engines compare names without regard to case, quoted or not, by Java's
 * rules and not by ASCII's (grammar.md 2.2). A name that is folded less than
 * the engine folds it would miss the deny rule on it.
 */
#ifndef DG_SQLPARSE_FOLD_H
#define DG_SQLPARSE_FOLD_H

#include "base/arena.h"
#include "sqlparse/sqlparse.h"

/* True: folding changes nothing. ASCII without capitals, that is. */
bool dg_sql_is_folded(struct dg_str name);

/*
 * The folded name: itself where nothing needs folding, else a copy in the
 * arena. LIMIT when that is full; UNSUPPORTED when the fold depends on more
 * than the letter (name: U+03A3, final sigma).
 *
 * name: catalogs, schemas, tables, CTEs, aliases (toLowerCase).
 * column, in sqlparse.h: columns and lambda parameters.
 */
enum dg_rc dg_sql_fold_name(struct dg_arena *arena, struct dg_str name,
			    struct dg_str *folded_out) DG_MUST_CHECK;

#endif

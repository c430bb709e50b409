/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_world.h - a made-up catalog for targets that analyze: what is answered
 * for a table, and which columns it has, follows from its name alone. Also
 * what must hold of every answer, and how two answers compare.
 */
#ifndef DG_TESTS_FUZZ_SQL_WORLD_H
#define DG_TESTS_FUZZ_SQL_WORLD_H

#include "sql_input.h"

/* Of 64 kinds of names, a bit each: which answers are given. */
struct sql_world {
	uint64_t absent;
	uint64_t pending;
	uint64_t unavailable; /* the rest is FOUND */
};

/* `world` for dg_sql_context.arg; names of prepared statements as well. */
struct dg_sql_context sql_world_context(const struct sql_input *input,
					struct sql_world *world);
/* The bit of a table. */
uint64_t sql_world_bit(const struct dg_sql_name *table);

/* Parses and analyzes; checks the answer or the error. */
enum dg_rc sql_analyze(const struct sql_input *input, struct dg_str text,
		       const struct dg_sql_context *context,
		       struct dg_sql_analysis *analysis_out);

/* The same rights; with offsets, also in the same places. */
bool sql_same_analysis(const struct dg_sql_analysis *a,
		       const struct dg_sql_analysis *b, bool offsets);
/* What needs the rights of all needs those of part as well. */
bool sql_covers(const struct dg_sql_analysis *all,
		const struct dg_sql_analysis *part);

#endif

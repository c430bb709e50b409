/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lambda_ends.h - the search for where lambdas end; private to this folder.
 *
 * promote_lambdas.c reduces an expression to the steps in which something is
 * to decide; this finds the decisions that the engines make.
 */
#ifndef DG_SQLPARSE_LAMBDA_ENDS_H
#define DG_SQLPARSE_LAMBDA_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dg_sql_step_kind {
	DG_SQL_STEP_ARROW,     /* a body begins */
	DG_SQL_STEP_PREDICATE, /* what a body has once between its ANDs */
	DG_SQL_STEP_LIKE,
	DG_SQL_STEP_ESCAPE,
	DG_SQL_STEP_BETWEEN,
	DG_SQL_STEP_AND,
	DG_SQL_STEP_OR,
	DG_SQL_STEP_IN,   /* of a predicate, or of POSITION */
	DG_SQL_STEP_HANG, /* on the lambda, as its body ends in no operand */
};

struct dg_sql_step {
	uint8_t kind;
	bool has_list;   /* IN: so it may be that of a predicate */
	bool has_value;  /* AND, IN: a value follows, so it may end a bound */
	bool is_on_list; /* HANG: on the list of the IN before */
	bool ends;       /* the answer, of AND and IN: ends what is open */
	uint32_t token;
	uint32_t n_left;      /* with a value, from here on */
	uint32_t top, n_open; /* of the search: before it */
};

/* What an expression begins in. */
enum dg_sql_frame {
	DG_SQL_FRAME_EXPRESSION,
	DG_SQL_FRAME_VALUE,    /* without predicates, but in brackets */
	DG_SQL_FRAME_POSITION, /* two of those, and IN between */
};

/* Something begun and not ended. */
struct dg_sql_open {
	uint32_t under;
	uint32_t bound;     /* the innermost BETWEEN or POSITION that waits */
	uint32_t n_bounds;  /* .. and how many do */
	uint32_t unspent;   /* the innermost that may have a predicate still */
	uint32_t escapable; /* the innermost whose LIKE has no ESCAPE yet */
	uint8_t kind;
};

/* Of n steps there are no more open ones at a time. */
#define DG_SQL_OPEN_MAX(n) (2 * (size_t)(n) + 2)

struct dg_sql_search {
	struct dg_sql_step *steps;
	size_t n;
	struct dg_sql_open *open; /* room for DG_SQL_OPEN_MAX(n) */
	uint32_t n_open, top;
	bool looks_ahead; /* false: what can be in a body is */
	size_t *budget;   /* of steps to take; 0: the search was cut off */
};

/* False: there is no way to read it, or the budget is spent. */
bool dg_sql_find_ends(struct dg_sql_search *s, enum dg_sql_frame frame);

#endif

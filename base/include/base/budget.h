/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - how many bytes may be held together, whoever holds them.
 *
 * A budget counts; it allocates nothing. Who wants memory beyond a small fixed
 * allowance takes it from the budget first and gives it back when the memory is
 * free again; what is refused is an ordinary error: "busy, try again". A part
 * has a bound of its own and draws on its whole, so that one use cannot starve
 * the others. Belongs to one thread. NULL stands for a budget without a bound.
 */
#ifndef DG_BASE_BUDGET_H
#define DG_BASE_BUDGET_H

#include "base/buf.h"

DG_BEGIN_DECLS

/* Of a change by so many bytes, or of a refusal, which changes nothing. */
typedef void (*dg_budget_watch_fn)(int64_t limit, int64_t used, bool refused);

struct dg_budget {
	struct dg_budget *whole; /* borrowed; NULL: it is no part */
	size_t limit;
	size_t used;
	dg_budget_watch_fn watch; /* NULL: nobody is told */
};

/* Caller's storage. */
void dg_budget_init(struct dg_budget *budget, size_t limit);
/* A part of whole, which may be NULL and must outlive it. */
void dg_budget_init_part(struct dg_budget *budget, size_t limit,
			 struct dg_budget *whole);
/* Tells of limit and use, and from now on of each change, until fini. */
void dg_budget_watch(struct dg_budget *budget, dg_budget_watch_fn watch);
/* All must have been given back. */
void dg_budget_fini(struct dg_budget *budget);

/* All or nothing; false when it would pass a limit. */
bool dg_budget_take(struct dg_budget *budget, size_t n) DG_MUST_CHECK;
/* No more than was taken. */
void dg_budget_give(struct dg_budget *budget, size_t n);
/* What was taken from a part now counts against its whole alone. */
void dg_budget_leave_part(struct dg_budget *part, size_t n);

/*
 * Raises buf->max, by doubling, until n more bytes fit, and adds what that
 * took to *taken. The maximum that buf was given at init is free. LIMIT: max
 * would be passed. UNAVAILABLE: the budget is used up.
 */
enum dg_rc dg_budget_raise(struct dg_budget *budget, struct dg_buf *buf,
			   size_t n, size_t max, size_t *taken) DG_MUST_CHECK;

DG_END_DECLS

#endif

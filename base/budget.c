/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.c - counting bytes against a bound. See budget.h.
 *
 * The invariant: used <= limit, and what a part uses its whole uses as well.
 */
#include "base/budget.h"

#include "base/assert.h"

void
dg_budget_init(struct dg_budget *budget, size_t limit)
{
	*budget = (struct dg_budget){.limit = limit};
}

void
dg_budget_init_part(struct dg_budget *budget, size_t limit,
		    struct dg_budget *whole)
{
	*budget = (struct dg_budget){.limit = limit, .whole = whole};
}

void
dg_budget_watch(struct dg_budget *budget, dg_budget_watch_fn watch)
{
	DG_ASSERT(budget->watch == NULL);
	budget->watch = watch;
	watch((int64_t)budget->limit, (int64_t)budget->used, false);
}

void
dg_budget_fini(struct dg_budget *budget)
{
	DG_DEBUG_ASSERT(budget->used == 0);
	if (budget->watch != NULL)
		budget->watch(-(int64_t)budget->limit, -(int64_t)budget->used,
			      false);
	*budget = (struct dg_budget){.limit = 0};
}

static void
count(struct dg_budget *budget, size_t n)
{
	budget->used += n;
	if (budget->watch != NULL)
		budget->watch(0, (int64_t)n, false);
}

static void
uncount(struct dg_budget *budget, size_t n)
{
	DG_ASSERT(n <= budget->used);
	budget->used -= n;
	if (budget->watch != NULL)
		budget->watch(0, -(int64_t)n, false);
}

/* A part is rarely watched itself, but its whole is. */
static void
tell_refusal(const struct dg_budget *budget)
{
	while (budget != NULL && budget->watch == NULL)
		budget = budget->whole;
	if (budget != NULL)
		budget->watch(0, 0, true);
}

bool
dg_budget_take(struct dg_budget *budget, size_t n)
{
	for (struct dg_budget *b = budget; b != NULL; b = b->whole) {
		if (n > b->limit - b->used) {
			tell_refusal(b);
			return false;
		}
	}
	for (struct dg_budget *b = budget; b != NULL; b = b->whole)
		count(b, n);
	return true;
}

void
dg_budget_give(struct dg_budget *budget, size_t n)
{
	for (struct dg_budget *b = budget; b != NULL; b = b->whole)
		uncount(b, n);
}

void
dg_budget_leave_part(struct dg_budget *part, size_t n)
{
	uncount(part, n);
}

enum dg_rc
dg_budget_raise(struct dg_budget *budget, struct dg_buf *buf, size_t n,
		size_t max, size_t *taken)
{
	size_t len = dg_buf_len(buf);
	size_t raised = buf->max;

	if (len > max || n > max - len)
		return DG_ERR_LIMIT;
	while (raised < len + n)
		raised = raised > max / 2 ? max : 2 * raised;
	if (raised == buf->max)
		return DG_OK;
	if (!dg_budget_take(budget, raised - buf->max))
		return DG_ERR_UNAVAILABLE;
	*taken += raised - buf->max;
	buf->max = raised;
	return DG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lambda_ends.c - which AND is that of BETWEEN, which IN that of POSITION.
 *
 * The engines' parsers decide from left to right, look ahead as far as they
 * must, and of the ways to read the rest take the first in the order of their
 * grammar: what can stay in the innermost lambda stays there. Of all that may
 * follow a body only these two words make a choice: what else goes on with
 * the innermost body that can have it leaves no less open than if it went on
 * with one around. So the search keeps each such word in the body as long as
 * the rest can be read then, and goes back to the last one if not.
 *
 * What is open is a stack of nodes that are never changed, so that going back
 * is to forget those made since. Invariant: at a step all nodes in front of
 * its n_open are as they were when it was reached first.
 */
#include "scan/lambda_ends.h"

#define NONE UINT32_MAX

enum kind {
	VALUE,    /* nothing but a value */
	UNSPENT,  /* a lambda, or the expression, that may have a predicate */
	SPENT,    /* .. that has one */
	LIKE,     /* .. that has one without ESCAPE */
	BETWEEN,  /* the lower bound */
	POSITION, /* the first value */
};

static void
push(struct dg_sql_search *s, uint32_t under, enum kind kind)
{
	struct dg_sql_open *open = &s->open[s->n_open];
	bool waits = kind == BETWEEN || kind == POSITION;

	*open = (struct dg_sql_open){
		.under = under,
		.bound = NONE,
		.unspent = NONE,
		.escapable = NONE,
		.kind = (uint8_t)kind,
	};
	if (under != NONE && !waits) {
		open->bound = s->open[under].bound;
		open->unspent = s->open[under].unspent;
		open->escapable = s->open[under].escapable;
	}
	if (under != NONE)
		open->n_bounds = s->open[under].n_bounds + waits;
	if (waits)
		open->bound = s->n_open;
	if (kind == UNSPENT)
		open->unspent = s->n_open;
	if (kind == LIKE)
		open->escapable = s->n_open;
	s->top = s->n_open++;
}

/* What is in it ends, and it is of another kind from here on. */
static bool
become(struct dg_sql_search *s, uint32_t at, enum kind kind)
{
	if (at == NONE)
		return false;
	push(s, s->open[at].under, kind);
	return true;
}

/* Whether AND and OR go on with what is innermost. */
static bool
is_boolean(const struct dg_sql_open *open)
{
	return open->kind == UNSPENT || open->kind == SPENT ||
	       open->kind == LIKE;
}

static bool
has_waiting(const struct dg_sql_search *s, const struct dg_sql_step *step,
	    uint32_t top)
{
	enum kind kind = step->kind == DG_SQL_STEP_IN ? POSITION : BETWEEN;
	uint32_t bound = s->open[top].bound;

	return step->has_value && bound != NONE && s->open[bound].kind == kind;
}

static bool
end_bound(struct dg_sql_search *s, struct dg_sql_step *step)
{
	if (!has_waiting(s, step, s->top))
		return false;
	step->ends = true;
	/* The BETWEEN has been counted as a predicate where it began. */
	s->top = s->open[s->open[s->top].bound].under;
	return true;
}

/* In the body, unless what waits needs each that is left. */
static bool
take_either(struct dg_sql_search *s, struct dg_sql_step *step)
{
	const struct dg_sql_open *top = &s->open[s->top];
	bool is_spare = !s->looks_ahead || !step->has_value ||
			top->n_bounds < step->n_left;

	if (step->kind == DG_SQL_STEP_AND && is_boolean(top) && is_spare)
		return become(s, s->top, UNSPENT);
	if (step->kind == DG_SQL_STEP_IN && step->has_list &&
	    top->unspent != NONE && is_spare)
		return become(s, top->unspent, SPENT);
	return top->n_bounds <= step->n_left && end_bound(s, step);
}

/* The innermost lambda is a value, and more comes to it. */
static bool
leave_lambda(struct dg_sql_search *s)
{
	const struct dg_sql_open *top = &s->open[s->top];

	if (!is_boolean(top) || top->under == NONE)
		return false;
	s->top = top->under;
	return true;
}

static bool
take(struct dg_sql_search *s, struct dg_sql_step *step)
{
	const struct dg_sql_open *top = &s->open[s->top];
	switch ((enum dg_sql_step_kind)step->kind) {
	case DG_SQL_STEP_ARROW:
		push(s, s->top, UNSPENT);
		return true;
	case DG_SQL_STEP_PREDICATE:
		return become(s, top->unspent, SPENT);
	case DG_SQL_STEP_LIKE:
		return become(s, top->unspent, LIKE);
	case DG_SQL_STEP_ESCAPE:
		return become(s, top->escapable, SPENT);
	case DG_SQL_STEP_BETWEEN:
		if (!become(s, top->unspent, SPENT))
			return false;
		push(s, s->top, BETWEEN);
		return true;
	case DG_SQL_STEP_AND:
	case DG_SQL_STEP_IN:
		return take_either(s, step);
	case DG_SQL_STEP_OR:
		return is_boolean(top) && become(s, s->top, UNSPENT);
	case DG_SQL_STEP_HANG:
		return (step->is_on_list && step[-1].ends) || leave_lambda(s);
	}
	return false;
}

/* To the last step in front of `at` that can be taken otherwise, or n. */
static size_t
go_back(struct dg_sql_search *s, size_t at)
{
	while (s->looks_ahead && at-- > 0) {
		struct dg_sql_step *step = &s->steps[at];

		if ((step->kind == DG_SQL_STEP_AND ||
		     step->kind == DG_SQL_STEP_IN) &&
		    !step->ends && has_waiting(s, step, step->top)) {
			s->top = step->top;
			s->n_open = step->n_open;
			return end_bound(s, step) ? at : s->n;
		}
	}
	return s->n;
}

static void
count_left(struct dg_sql_search *s)
{
	uint32_t n_left = 0;

	for (size_t at = s->n; at-- > 0;) {
		n_left += s->steps[at].has_value;
		s->steps[at].n_left = n_left;
	}
}

bool
dg_sql_find_ends(struct dg_sql_search *s, enum dg_sql_frame frame)
{
	size_t at = 0;

	count_left(s);
	s->n_open = 0;
	push(s, NONE, frame == DG_SQL_FRAME_EXPRESSION ? UNSPENT : VALUE);
	if (frame == DG_SQL_FRAME_POSITION)
		push(s, s->top, POSITION);
	while (at < s->n || s->open[s->top].bound != NONE) {
		struct dg_sql_step *step = &s->steps[at];

		if (*s->budget == 0)
			return false;
		--*s->budget;
		if (at < s->n) {
			step->top = s->top;
			step->n_open = s->n_open;
			step->ends = false;
			if (take(s, step)) {
				at++;
				continue;
			}
		}
		at = go_back(s, at);
		if (at == s->n)
			return false;
		at++;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_lambdas.c - where the body of a lambda ends.
 *
 * Part of the pass of promote.c. A body takes all that follows and stops only
 * where the rest could not be read otherwise: in front of the `.*` of a select
 * item, of the IN of POSITION, of the AND of BETWEEN, and of what hangs on no
 * AT TIME ZONE. No single token of look-ahead tells these from a field, a
 * predicate and a conjunction of the body; so they get codes of their own here.
 * What is in no statement with an arrow costs nothing.
 *
 * Of each expression, which is read on one level of brackets and CASE, this
 * makes the steps of lambda_ends.h. Where an expression ends is not known for
 * certain, as its last word may be a name or a clause: then it ends early, and
 * what is decided with too little of it the grammar refuses.
 */
#include "base/arena.h"
#include "scan/gate.h"
#include "scan/lambda_ends.h"
#include "scan/promote.h"

/* What was read last of an expression. */
enum grade {
	NOTHING,   /* an operand is to come */
	OPERAND,   /* .. has come, on which more can hang */
	ZONED,     /* AT TIME ZONE: nothing can hang on it */
	CONDITION, /* the end of a predicate: neither is it a value */
};

/* Steps to look for the ends in one statement, beside some for each token. */
#define BUDGET 100000

struct reader {
	const struct dg_sql_promote *p;
	struct dg_sql_search search;
	size_t budget;
	size_t end; /* of the level */
	/* Of the level: */
	bool is_assigning; /* a = x, b = y */
	bool is_of_values; /* the arguments of TRIM and the like */
	/* Of the expression: */
	enum grade grade;
	bool has_arrow;
	bool has_bound; /* a BETWEEN */
	bool is_on_list;
	bool is_value; /* a `.*` follows */
};

/* Steps that one expression can have. */
static size_t
count_steps(const struct dg_sql_promote *p)
{
	size_t count = 0;

	for (size_t at = 0; at < p->n; at++) {
		switch (p->t[at].code) {
		case DG_TK_EQ:
		case DG_TK_NE:
		case DG_TK_LT:
		case DG_TK_LE:
		case DG_TK_GT:
		case DG_TK_GE:
		case DG_TK_IN:
		case DG_TK_POSITION_IN:
		case DG_TK_IS:
		case DG_TK_LIKE:
		case DG_TK_MATCH_OF:
		case DG_TK_AT: /* and what hangs on it */
			count += 2;
			break;
		case DG_TK_AND:
		case DG_TK_OR:
		case DG_TK_ESCAPE:
		case DG_TK_BETWEEN:
		case DG_TK_OVERLAPS:
		case DG_TK_ARROW:
			count++;
			break;
		}
	}
	return count;
}

static bool
prepare(struct reader *r)
{
	struct dg_sql_search *s = &r->search;
	struct dg_arena *arena = r->p->tokens->arena;
	size_t n = count_steps(r->p);

	s->steps = DG_ARENA_ARRAY(arena, struct dg_sql_step, n);
	s->open = DG_ARENA_ARRAY(arena, struct dg_sql_open, DG_SQL_OPEN_MAX(n));
	s->budget = &r->budget;
	return s->steps != NULL && s->open != NULL;
}

/* Of the brackets, and of CASE and END once they are linked. */
static size_t
partner(const struct dg_sql_promote *p, size_t at)
{
	switch (p->t[at].code) {
	case DG_TK_LP:
	case DG_TK_LP_SORT:
	case DG_TK_LB:
	case DG_TK_LB_OUTER:
	case DG_TK_RP:
	case DG_TK_RB:
	case DG_TK_CASE:
	case DG_TK_END:
		return p->t[at].match;
	}
	return DG_SQL_NO_TOKEN;
}

/* ---- the levels --------------------------------------------------------- */

/* From here on the match of a CASE and of its END is the other one. */
static void
link_cases(const struct dg_sql_promote *p)
{
	uint32_t open = DG_SQL_NO_TOKEN; /* the last CASE, whose match is the
					    one outside */

	for (uint32_t at = 0; at < p->n; at++) {
		uint32_t around = p->t[at].match;
		uint32_t outer;

		switch (p->t[at].code) {
		case DG_TK_RP:
		case DG_TK_RB: /* ends each CASE that it has in it */
			while (open != DG_SQL_NO_TOKEN &&
			       around != DG_SQL_NO_TOKEN && open > around) {
				outer = p->t[open].match;
				p->t[open].match = DG_SQL_NO_TOKEN;
				open = outer;
			}
			break;
		case DG_TK_CASE:
			p->t[at].match = open;
			open = at;
			break;
		case DG_TK_END:
			p->t[at].match = DG_SQL_NO_TOKEN;
			if (open == DG_SQL_NO_TOKEN ||
			    (around != DG_SQL_NO_TOKEN && open < around))
				break;
			outer = p->t[open].match;
			p->t[open].match = at;
			p->t[at].match = open;
			open = outer;
			break;
		}
	}
	while (open != DG_SQL_NO_TOKEN) {
		uint32_t outer = p->t[open].match;

		p->t[open].match = DG_SQL_NO_TOKEN;
		open = outer;
	}
}

/* ---- an expression ------------------------------------------------------ */

/* What is no operand. All else may be one: a wrong one the grammar refuses. */
static bool
separates(unsigned code)
{
	switch (code) {
	case 0:
	case DG_TK_AS:
	case DG_TK_COLON:
	case DG_TK_COMMA:
	case DG_TK_CROSS:
	case DG_TK_DOUBLE_ARROW:
	case DG_TK_ELSE:
	case DG_TK_END:
	case DG_TK_EXCEPT:
	case DG_TK_FOR:
	case DG_TK_FRAME:
	case DG_TK_FROM:
	case DG_TK_FULL:
	case DG_TK_GROUP:
	case DG_TK_HAVING:
	case DG_TK_INNER:
	case DG_TK_INTERSECT:
	case DG_TK_INTO:
	case DG_TK_JOIN:
	case DG_TK_LEFT:
	case DG_TK_NATURAL:
	case DG_TK_ON:
	case DG_TK_ORDER:
	case DG_TK_RB:
	case DG_TK_RIGHT:
	case DG_TK_RP:
	case DG_TK_SELECT:
	case DG_TK_SEMICOLON:
	case DG_TK_TABLE:
	case DG_TK_THEN:
	case DG_TK_UNION:
	case DG_TK_USING:
	case DG_TK_VALUES:
	case DG_TK_WHEN:
	case DG_TK_WHERE:
	case DG_TK_WITH:
		return true;
	}
	return false;
}

static unsigned
code_at(const struct reader *r, size_t at)
{
	return at < r->end ? r->p->t[at].code : 0;
}

static struct dg_sql_step *
add(struct reader *r, enum dg_sql_step_kind kind, size_t at)
{
	struct dg_sql_step *step = &r->search.steps[r->search.n++];

	*step = (struct dg_sql_step){
		.kind = (uint8_t)kind,
		.is_on_list = r->is_on_list,
		.token = (uint32_t)at,
	};
	r->is_on_list = false;
	return step;
}

/* Behind brackets that open at `at`; `at` if nothing closes them here. */
static size_t
skip_brackets(const struct reader *r, size_t at)
{
	size_t other = partner(r->p, at);

	return other > at && other < r->end ? other + 1 : at;
}

/* A string, or an interval. */
static size_t
skip_literal(const struct reader *r, size_t at)
{
	if (code_at(r, at) == DG_TK_INTERVAL) {
		at++;
		at += code_at(r, at) == DG_TK_PLUS ||
		      code_at(r, at) == DG_TK_MINUS;
	}
	at += dg_sql_is_string(code_at(r, at));
	if (code_at(r, at) == DG_TK_UESCAPE)
		at += 2;
	while (code_at(r, at) == DG_TK_UNIT || code_at(r, at) == DG_TK_TO) {
		at++;
		if (code_at(r, at) == DG_TK_LP)
			at = skip_brackets(r, at);
	}
	return at;
}

/* An operand is to come; `at`: it does not. */
static size_t
read_operand(struct reader *r, size_t at)
{
	unsigned code = code_at(r, at);
	size_t next = at + 1;

	if (separates(code))
		return at;
	switch (code) {
	case DG_TK_PLUS:
	case DG_TK_MINUS:
	case DG_TK_NOT:
		return next;
	case DG_TK_PROCESSING: /* FINAL f(x) */
		if (next < r->end && dg_sql_is_name(r->p, &r->p->t[next]))
			return next;
		break;
	case DG_TK_LP:
	case DG_TK_LP_SORT:
	case DG_TK_LB:
	case DG_TK_CASE:
		next = skip_brackets(r, at);
		break;
	case DG_TK_INTERVAL:
		next = skip_literal(r, at);
		break;
	case DG_TK_DOUBLE:
	case DG_TK_DOUBLE_LITERAL:
		next += code_at(r, next) == DG_TK_PRECISION;
		break;
	}
	r->grade = next > at ? OPERAND : NOTHING;
	return next;
}

/* It hangs on the lambda around if it cannot hang on what was read. */
static void
hang(struct reader *r, size_t at, enum grade most)
{
	if (r->grade > most)
		add(r, DG_SQL_STEP_HANG, at);
	r->is_on_list = false;
}

/* A field, a subscript, a method. */
static size_t
read_postfix(struct reader *r, size_t at)
{
	struct dg_sql_token *token = &r->p->t[at];
	bool is_dot = token->code != DG_TK_LB;
	size_t next = is_dot ? at + 2 : skip_brackets(r, at);

	if (token->code == DG_TK_DOT && code_at(r, at + 1) == DG_TK_STAR) {
		if (r->p->trino && r->has_arrow)
			token->code = DG_TK_DOT_STAR;
		r->is_value = r->p->trino;
		return at;
	}
	if (next == at || next > r->end)
		return at;
	hang(r, at, OPERAND);
	if (r->grade == ZONED && r->has_arrow && token->code == DG_TK_DOT)
		token->code = DG_TK_DOT_OUTER;
	else if (r->grade == ZONED && r->has_arrow && token->code == DG_TK_LB)
		token->code = DG_TK_LB_OUTER;
	r->grade = OPERAND;
	return next;
}

static size_t
read_zone(struct reader *r, size_t at)
{
	hang(r, at, ZONED);
	r->grade = ZONED;
	if (code_at(r, at + 1) == DG_TK_LOCAL)
		return at + 2;
	return skip_literal(r, at + 3); /* TIME ZONE */
}

/* What comes to an operand without a sign: `at` if that is none of it. */
static size_t
read_tail(struct reader *r, size_t at)
{
	unsigned code = code_at(r, at);
	size_t next = at + 1;

	if (r->grade != OPERAND)
		return at;
	switch (code) {
	case DG_TK_LP:
		return skip_brackets(r, at);
	case DG_TK_LIT_STRING:
	case DG_TK_LIT_UNICODE:
	case DG_TK_UESCAPE:
		return skip_literal(r, at);
	case DG_TK_WITHIN:
		next += code_at(r, next) == DG_TK_GROUP;
		return skip_brackets(r, next);
	case DG_TK_FILTER:
		return skip_brackets(r, next);
	case DG_TK_IGNORE:
	case DG_TK_RESPECT:
		return next + 1;
	case DG_TK_OVER:
		return code_at(r, next) == DG_TK_LP ? skip_brackets(r, next)
						    : next + 1;
	}
	return at;
}

static size_t
read_comparison(struct reader *r, size_t at)
{
	add(r, DG_SQL_STEP_PREDICATE, at++);
	r->grade = NOTHING;
	if ((code_at(r, at) != DG_TK_ANY && code_at(r, at) != DG_TK_ALL) ||
	    code_at(r, at + 1) != DG_TK_LP)
		return at;
	r->grade = CONDITION;
	return skip_brackets(r, at + 1);
}

static size_t
read_is(struct reader *r, size_t at)
{
	add(r, DG_SQL_STEP_PREDICATE, at++);
	at += code_at(r, at) == DG_TK_NOT;
	r->grade = CONDITION;
	if (code_at(r, at) != DG_TK_DISTINCT)
		return at + 1;
	r->grade = NOTHING;
	return at + 2;
}

static size_t
read_in(struct reader *r, size_t at)
{
	struct dg_sql_step *step = add(r, DG_SQL_STEP_IN, at);

	r->grade = NOTHING;
	step->has_value = code_at(r, at - 1) != DG_TK_NOT &&
			  code_at(r, at + 1) != DG_TK_NOT;
	if (code_at(r, at + 1) != DG_TK_LP)
		return at + 1;
	step->has_list = true;
	r->is_on_list = true;
	r->grade = CONDITION;
	return skip_brackets(r, at + 1);
}

static size_t
read_between(struct reader *r, size_t at)
{
	add(r, DG_SQL_STEP_BETWEEN, at++);
	r->has_bound = true;
	r->grade = NOTHING;
	if (code_at(r, at) == DG_TK_SYMMETRIC && at + 1 < r->end &&
	    dg_sql_starts_expression(r->p, &r->p->t[at + 1]))
		at++;
	return at;
}

static size_t
read_match(struct reader *r, size_t at)
{
	add(r, DG_SQL_STEP_PREDICATE, at++);
	at += code_at(r, at) == DG_TK_UNIQUE;
	at += code_at(r, at) == DG_TK_MATCH_TYPE ||
	      code_at(r, at) == DG_TK_FULL;
	r->grade = CONDITION;
	return skip_brackets(r, at);
}

static size_t
read_connective(struct reader *r, size_t at)
{
	unsigned code = code_at(r, at);

	if (code == DG_TK_AND)
		add(r, DG_SQL_STEP_AND, at)->has_value =
			code_at(r, at + 1) != DG_TK_NOT;
	else
		add(r, code == DG_TK_OR ? DG_SQL_STEP_OR : DG_SQL_STEP_ESCAPE,
		    at);
	r->grade = NOTHING;
	return at + 1;
}

/* What can follow an operand; `at`: that is not of the expression. */
static size_t
read_on(struct reader *r, size_t at)
{
	unsigned code = code_at(r, at);

	switch (code) {
	case DG_TK_ARROW:
		if (r->is_on_list) /* of parameters */
			r->search.steps[r->search.n - 1].has_list = false;
		else if (r->grade != OPERAND)
			return at;
		add(r, DG_SQL_STEP_ARROW, at);
		r->has_arrow = true;
		r->grade = NOTHING;
		return at + 1;
	case DG_TK_DOT:
	case DG_TK_LB:
	case DG_TK_DOUBLE_COLON:
		return read_postfix(r, at);
	case DG_TK_AT:
		return read_zone(r, at);
	case DG_TK_PLUS:
	case DG_TK_MINUS:
	case DG_TK_STAR:
	case DG_TK_SLASH:
	case DG_TK_PERCENT:
	case DG_TK_CONCAT:
		hang(r, at, ZONED);
		r->grade = NOTHING;
		return at + 1;
	case DG_TK_AND:
	case DG_TK_OR:
	case DG_TK_ESCAPE:
		return read_connective(r, at);
	case DG_TK_EQ:
	case DG_TK_NE:
	case DG_TK_LT:
	case DG_TK_LE:
	case DG_TK_GT:
	case DG_TK_GE:
		return read_comparison(r, at);
	case DG_TK_OVERLAPS:
		add(r, DG_SQL_STEP_PREDICATE, at);
		r->grade = NOTHING;
		return at + 1;
	case DG_TK_LIKE:
		add(r, DG_SQL_STEP_LIKE, at);
		r->grade = NOTHING;
		return at + 1;
	case DG_TK_NOT: /* of the next: a predicate, or nothing */
		code = code_at(r, at + 1);
		return at + (code == DG_TK_IN || code == DG_TK_LIKE ||
			     code == DG_TK_BETWEEN);
	case DG_TK_IN:
	case DG_TK_POSITION_IN:
		return read_in(r, at);
	case DG_TK_IS:
		return read_is(r, at);
	case DG_TK_BETWEEN:
		return read_between(r, at);
	case DG_TK_MATCH_OF:
		return read_match(r, at);
	}
	return read_tail(r, at);
}

/* WHEN > 5, WHEN BETWEEN 1 AND 4; or a clause goes on with AND. */
static bool
begins_with_predicate(const struct reader *r, size_t at)
{
	unsigned code = code_at(r, at);

	if (code == DG_TK_NOT)
		code = code_at(r, at + 1);
	switch (code) {
	case DG_TK_EQ:
	case DG_TK_NE:
	case DG_TK_LT:
	case DG_TK_LE:
	case DG_TK_GT:
	case DG_TK_GE:
	case DG_TK_IN:
	case DG_TK_IS:
	case DG_TK_LIKE:
	case DG_TK_BETWEEN:
	case DG_TK_OVERLAPS:
	case DG_TK_MATCH_OF:
	case DG_TK_AND:
		return true;
	}
	return false;
}

/* The steps of the expression at `at`; where it ends, which may be `at`. */
static size_t
read_expression(struct reader *r, size_t at)
{
	size_t next = at;

	r->search.n = 0;
	r->has_arrow = false;
	r->has_bound = false;
	r->is_on_list = false;
	r->is_value = r->is_of_values;
	r->grade = begins_with_predicate(r, at) ? OPERAND : NOTHING;
	do {
		at = next;
		next = r->grade == NOTHING ? read_operand(r, at)
					   : read_on(r, at);
	} while (next > at && next <= r->end);
	return at;
}

/* ---- what was found ----------------------------------------------------- */

static void
mark(const struct reader *r)
{
	const struct dg_sql_search *s = &r->search;

	for (size_t i = 0; i < s->n; i++) {
		if (!s->steps[i].ends)
			continue;
		r->p->t[s->steps[i].token].code =
			s->steps[i].kind == DG_SQL_STEP_IN ? DG_TK_POSITION_IN
							   : DG_TK_BETWEEN_AND;
	}
}

/* No rule takes it then. */
static void
refuse(const struct reader *r, size_t at)
{
	r->p->t[at].code = DG_TK_ILLEGAL;
	r->p->t[at].word = DG_SQL_I_LAMBDA;
}

static bool
find_ends(struct reader *r, enum dg_sql_frame frame, bool looks_ahead)
{
	r->search.looks_ahead = looks_ahead;
	if (dg_sql_find_ends(&r->search, frame))
		return true;
	if (r->budget == 0)
		refuse(r, r->search.steps[r->search.n - 1].token);
	return false;
}

/* PROPERTIES a = x, SET a.b = y, b = z; WITH (a = x) */
static size_t
skip_target(struct reader *r, size_t at)
{
	size_t next = at;

	switch (at == 0 ? 0 : r->p->t[at - 1].code) {
	case DG_TK_SET:
	case DG_TK_SESSION:
	case DG_TK_WITH_SESSION:
	case DG_TK_PROPERTIES:
		r->is_assigning = true;
		break;
	case DG_TK_LP:
	case DG_TK_COMMA:
		break;
	default:
		r->is_assigning = false;
	}
	if (r->is_assigning)
		next = dg_sql_skip_name(r->p, at);
	return next > at && code_at(r, next) == DG_TK_EQ ? next + 1 : at;
}

static size_t
settle_expression(struct reader *r, size_t at)
{
	bool looks_ahead =
		dg_sql_has(r->p->tokens->engine, DG_SQL_G_BETWEEN_LAMBDA);
	size_t first = skip_target(r, at);
	size_t end;

	/* ROWS BETWEEN is no predicate. */
	first += at > 0 && r->p->t[at - 1].code == DG_TK_FRAME &&
		 code_at(r, at) == DG_TK_BETWEEN;
	end = read_expression(r, first);
	if (r->has_arrow && r->has_bound && looks_ahead &&
	    find_ends(r,
		      r->is_value ? DG_SQL_FRAME_VALUE
				  : DG_SQL_FRAME_EXPRESSION,
		      true))
		mark(r);
	return end > at && !separates(code_at(r, end)) ? end : end + 1;
}

/*
 * Older engines know of the brackets that they are POSITION's, but in them
 * take what can be in a body for that.
 */
static bool
settle_position(struct reader *r, size_t first)
{
	if (read_expression(r, first) != r->end || !r->has_arrow ||
	    !find_ends(r, DG_SQL_FRAME_POSITION, true))
		return false;
	if (dg_sql_has(r->p->tokens->engine, DG_SQL_G_BETWEEN_LAMBDA) ||
	    find_ends(r, DG_SQL_FRAME_POSITION, false))
		mark(r);
	else
		refuse(r, r->end);
	return true;
}

/* TRIM(a FROM b): values, each of them. */
static bool
takes_values(const struct reader *r, size_t first)
{
	switch (first < 2 ? 0 : r->p->t[first - 2].code) {
	case DG_TK_EXTRACT:
	case DG_TK_NORMALIZE:
	case DG_TK_TRIM:
		return true;
	case DG_TK_OVERLAY:
	case DG_TK_SUBSTRING:
		break;
	default: /* a subscript */
		return first > 1 && r->p->t[first - 1].code == DG_TK_LB &&
		       (r->p->t[first - 2].code == DG_TK_ID ||
			r->p->t[first - 2].code == DG_TK_QUOTED ||
			r->p->t[first - 2].code == DG_TK_RP ||
			r->p->t[first - 2].code == DG_TK_RB ||
			r->p->t[first - 2].code == DG_TK_END);
	}
	for (size_t at = first; at < r->end; at++) {
		size_t other = partner(r->p, at);

		if (code_at(r, at) == DG_TK_PLACING ||
		    (code_at(r, at) == DG_TK_FROM &&
		     r->p->t[at - 1].code != DG_TK_DISTINCT))
			return true;
		if (other > at && other < r->end)
			at = other;
	}
	return false;
}

/* Tokens first to end, without those in brackets and in CASE. */
static void
settle_level(struct reader *r, size_t first, size_t end)
{
	size_t at = first;

	r->end = end;
	r->is_of_values = takes_values(r, first);
	r->is_assigning = first > 1 && r->p->t[first - 1].code == DG_TK_LP &&
			  r->p->t[first - 2].code == DG_TK_WITH;
	if (first > 1 && r->p->t[first - 2].code == DG_TK_POSITION &&
	    settle_position(r, first))
		return;
	while (at < end)
		at = settle_expression(r, at);
}

bool
dg_sql_promote_lambdas(struct dg_sql_promote *p)
{
	struct reader r = {.p = p, .budget = BUDGET + 16 * p->n};

	link_cases(p);
	if (!prepare(&r))
		return false;
	settle_level(&r, 0, p->n);
	for (size_t at = 0; at < p->n; at++) {
		size_t other = partner(p, at);

		if (other != DG_SQL_NO_TOKEN && other > at)
			settle_level(&r, at + 1, other);
	}
	return true;
}

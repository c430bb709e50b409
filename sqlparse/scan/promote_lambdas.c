/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promote_lambdas.c - where the body of a lambda ends.
 *
 * Part of the pass of promote.c. A body takes all that follows and stops only
 * where the rest could not be read otherwise: in front of the `.*` of a select
 * item, of the IN of POSITION and of the AND of BETWEEN. No single token of
 * look-ahead tells these from a field, a predicate and a conjunction of the
 * body; so they get codes of their own here. What is in no statement with an
 * arrow costs nothing.
 */
#include "scan/gate.h"
#include "scan/promote.h"

/* Of the brackets, and of CASE and END once they are linked. */
static size_t
partner(const struct dg_sql_promote *p, size_t at)
{
	switch (p->t[at].code) {
	case DG_TK_LP:
	case DG_TK_LP_SORT:
	case DG_TK_LB:
	case DG_TK_RP:
	case DG_TK_RB:
	case DG_TK_CASE:
	case DG_TK_END:
		return p->t[at].match;
	}
	return DG_SQL_NO_TOKEN;
}

/* What makes more than a value of a value. */
static bool
is_predicate(unsigned code)
{
	switch (code) {
	case DG_TK_AND:
	case DG_TK_OR:
	case DG_TK_EQ:
	case DG_TK_NE:
	case DG_TK_LT:
	case DG_TK_LE:
	case DG_TK_GT:
	case DG_TK_GE:
	case DG_TK_NOT:
	case DG_TK_IN:
	case DG_TK_IS:
	case DG_TK_LIKE:
	case DG_TK_BETWEEN:
	case DG_TK_MATCH_OF:
	case DG_TK_OVERLAPS:
		return true;
	}
	return false;
}

/* ---- POSITION ---------------------------------------------------------- */

/* IN (..), in a body: of a predicate there, or of POSITION. */
static bool
is_predicate_in(const struct dg_sql_promote *p, size_t at)
{
	uint32_t close = p->t[at + 1].match;

	return p->t[at + 1].code == DG_TK_LP && close != DG_SQL_NO_TOKEN &&
	       p->t[close + 1].code != DG_TK_ARROW;
}

/* What was read between the brackets of POSITION. */
struct position {
	size_t in;       /* the IN between its two values, as it seems; or 0 */
	bool is_sure;    /* and it cannot be that of a predicate */
	bool left_body;  /* an arrow in front of it */
	bool right_body; /* and behind */
};

/* A body has what it can have: of several INs the last one is not its own. */
static void
read_in(const struct dg_sql_promote *p, struct position *position, size_t at)
{
	position->is_sure = !position->left_body || !is_predicate_in(p, at);
	position->right_body = false;
	position->in = at;
}

/* In no body there is a predicate; false: these are the arguments of a call. */
static bool
read_predicate(struct position *position)
{
	if (position->in == 0)
		return position->left_body;
	if (position->right_body)
		return true;
	position->in = 0;
	return !position->is_sure;
}

/* False as for read_predicate. */
static bool
read_token(const struct dg_sql_promote *p, struct position *position, size_t at)
{
	unsigned code = p->t[at].code;

	if (code == DG_TK_COMMA || code == DG_TK_ORDER ||
	    (code == DG_TK_DISTINCT && p->t[at - 1].code == DG_TK_LP))
		return false;
	if (code == DG_TK_IN && !position->is_sure &&
	    p->t[at - 1].code != DG_TK_NOT) {
		read_in(p, position, at);
		return true;
	}
	if (code == DG_TK_ARROW && position->in == 0)
		position->left_body = true;
	else if (code == DG_TK_ARROW)
		position->right_body = true;
	return !is_predicate(code) || read_predicate(position);
}

static bool
is_left_open(const struct dg_sql_promote *p, size_t at)
{
	return (p->t[at].code == DG_TK_LP || p->t[at].code == DG_TK_LB) &&
	       p->t[at].match == DG_SQL_NO_TOKEN;
}

/* The IN of POSITION in the brackets of token open; 0: there is none. */
static size_t
find_position_in(const struct dg_sql_promote *p, size_t open)
{
	struct position position = {.in = 0};
	size_t cases = 0;

	uint32_t close = p->t[open].match; /* none: up to the end */

	for (size_t at = open + 1; at < close && at < p->n; at++) {
		cases += p->t[at].code == DG_TK_CASE;
		if (cases > 0)
			cases -= p->t[at].code == DG_TK_END;
		else if (!read_token(p, &position, at))
			return 0;
		if (is_left_open(p, at))
			break;
		/* Not into brackets: all scans together are one pass. */
		at = dg_sql_bracket_end(p, at);
	}
	return position.in;
}

void
dg_sql_promote_position(struct dg_sql_promote *p)
{
	const struct dg_sql_token *open = dg_sql_ahead(p, 1);
	size_t in = 0;

	dg_sql_keep_if(p, open->code == DG_TK_LP);
	if (open->code == DG_TK_LP)
		in = find_position_in(p, p->i + 1);
	if (in > 0)
		p->t[in].code = DG_TK_POSITION_IN;
}

/* ---- BETWEEN ------------------------------------------------------------ */

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

/* What stands in no expression, nor in a statement behind its end. */
static bool
ends_expression(const struct dg_sql_promote *p, size_t at)
{
	switch (p->t[at].code) {
	case DG_TK_FROM: /* IS DISTINCT FROM, IS NOT DISTINCT FROM */
		return at < 2 || p->t[at - 1].code != DG_TK_DISTINCT ||
		       (p->t[at - 2].code != DG_TK_IS &&
			p->t[at - 2].code != DG_TK_NOT);
	case DG_TK_AS:
	case DG_TK_CASE:
	case DG_TK_COMMA:
	case DG_TK_CROSS:
	case DG_TK_DOUBLE_ARROW:
	case DG_TK_ELSE:
	case DG_TK_END:
	case DG_TK_EXCEPT:
	case DG_TK_FULL:
	case DG_TK_GROUP:
	case DG_TK_HAVING:
	case DG_TK_INNER:
	case DG_TK_INTERSECT:
	case DG_TK_INTO:
	case DG_TK_JOIN:
	case DG_TK_LB:
	case DG_TK_LEFT:
	case DG_TK_LP:
	case DG_TK_LP_SORT:
	case DG_TK_NATURAL:
	case DG_TK_ON:
	case DG_TK_ORDER:
	case DG_TK_POSITION_IN:
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

/*
 * An expression, read from its end. An AND could end the lower bound of a
 * BETWEEN when no predicate follows it, as the upper bound is a value: those
 * are linked by their matches, the rightmost first. In another lambda a
 * predicate can follow: that is then the operator of the other one.
 */
struct bounds {
	struct dg_sql_token *t;
	bool takes_between;
	size_t head, tail; /* of those ANDs; 0: none */
	size_t other;      /* the rightmost AND that is not of them; or 0 */
	size_t last;       /* the AND read last, not yet one of them; or 0 */
	bool last_ends;    /* and that it could end a bound */
	bool predicate;    /* read since, and before an arrow if there is one */
	bool arrow;        /* read since */
	unsigned taken;    /* ANDs of BETWEENs: none, one, more */
	size_t if_alone;   /* the last of them, if in no lambda; or 0 */
	size_t if_inside;  /* and if in one; the same if that is the same */
	size_t star;       /* `.*` behind all that; or 0 */
};

static void
queue_last(struct bounds *b)
{
	if (b->last != 0 && !b->last_ends && b->other == 0 &&
	    b->t[b->last + 1].code != DG_TK_NOT)
		b->other = b->last;
	if (b->last != 0 && b->last_ends) {
		b->t[b->last].match = 0;
		if (b->head == 0)
			b->head = b->last;
		else
			b->t[b->tail].match = (uint32_t)b->last;
		b->tail = b->last;
	}
	b->last = 0;
}

static void
read_connective(struct bounds *b, size_t and_at)
{
	queue_last(b);
	b->last = and_at;
	b->last_ends = !b->predicate;
	b->predicate = false;
	b->arrow = false;
}

/* Of one BETWEEN alone it is clear which AND it has in another lambda. */
static void
take_and(struct bounds *b)
{
	bool is_only = b->taken == 0;

	b->taken++;
	b->if_alone = b->head;
	b->if_inside = b->head;
	if (b->other > b->head)
		b->if_inside = is_only ? b->other : 0;
	if (b->head == 0)
		return;
	b->t[b->head].code = DG_TK_BETWEEN_AND;
	b->head = b->t[b->head].match;
}

/*
 * With a lambda in front of its AND the body takes as many ANDs as it can and
 * leaves the last one. Without, the next AND is this BETWEEN's.
 */
static void
read_between(struct bounds *b)
{
	if (b->arrow && b->takes_between) {
		queue_last(b);
		take_and(b);
	}
	b->last = 0;
	b->predicate = true;
	b->arrow = false;
}

/* What was read is in a lambda. */
static void
read_arrow(struct bounds *b)
{
	if (b->if_inside != b->if_alone) {
		if (b->if_alone != 0)
			b->t[b->if_alone].code = DG_TK_AND;
		if (b->if_inside != 0)
			b->t[b->if_inside].code = DG_TK_BETWEEN_AND;
		b->if_alone = b->if_inside;
		b->takes_between = false; /* of others it is not clear */
	}
	if (b->star != 0)
		b->t[b->star].code = DG_TK_DOT_STAR;
	b->star = 0;
	b->predicate = false;
	b->arrow = true;
}

/* ROWS BETWEEN: not a predicate, nor is what stands behind it. */
static bool
is_frame_between(const struct dg_sql_promote *p, size_t at)
{
	return p->t[at].code == DG_TK_BETWEEN && at > 0 &&
	       p->t[at - 1].code == DG_TK_FRAME;
}

/* Token at, from the right; false where no expression goes on. */
static bool
read_bound(const struct dg_sql_promote *p, struct bounds *b, size_t at)
{
	unsigned code = p->t[at].code;

	if (ends_expression(p, at))
		return false;
	if (code == DG_TK_AND || code == DG_TK_OR)
		read_connective(b, code == DG_TK_AND ? at : 0);
	else if (code == DG_TK_BETWEEN)
		read_between(b);
	else if (code == DG_TK_ARROW)
		read_arrow(b);
	else if (is_predicate(code))
		b->predicate = true;
	else if (p->trino && code == DG_TK_DOT &&
		 p->t[at + 1].code == DG_TK_STAR)
		b->star = at;
	return true;
}

/* Its AND ends no bound of ours, and its words may be names: left alone. */
static bool
has_frame_between(const struct dg_sql_promote *p, size_t first, size_t end)
{
	for (size_t at = first; at < end; at++) {
		size_t other = partner(p, at);

		if (is_frame_between(p, at))
			return true;
		if (other != DG_SQL_NO_TOKEN && other > at)
			at = other;
	}
	return false;
}

/* Tokens first to end, without those in brackets and in CASE. */
static void
settle_level(const struct dg_sql_promote *p, size_t first, size_t end)
{
	const struct bounds none = {
		.t = p->t,
		.takes_between = dg_sql_has(p->tokens->engine,
					    DG_SQL_G_BETWEEN_LAMBDA) &&
				 !has_frame_between(p, first, end),
	};
	struct bounds b = none;

	for (size_t at = end; at-- > first;) {
		size_t other = partner(p, at);

		/* What opens here is closed by a token of a later version. */
		if (other < at && other >= first)
			at = other;
		else if (!read_bound(p, &b, at))
			b = none;
	}
}

void
dg_sql_promote_lambdas(struct dg_sql_promote *p)
{
	link_cases(p);
	settle_level(p, 0, p->n);
	for (size_t at = 0; at < p->n; at++) {
		size_t other = partner(p, at);

		if (other != DG_SQL_NO_TOKEN && other > at)
			settle_level(p, at + 1, other);
	}
}

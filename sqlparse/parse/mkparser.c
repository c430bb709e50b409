/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkparser.c - writes parse_table.h: lemon's tables, laid out to be fast.
 *
 * A build-time program, compiled once for each dialect together with what
 * lemon made of the grammar. lemon runs with -c, since its own compression
 * puts default reductions before %fallback and so takes keywords for names in
 * silence. What that leaves undone is done here:
 *
 * 1. A state that can do nothing but reduce by one rule does so at once, when
 *    it is entered, without a look at the next token; it is no state any more.
 *    On a wrong token that reduces before the error is found, which changes
 *    neither its place nor what could have stood there: every right token
 *    begins with the same reduction, and none can make a wrong one right.
 * 2. Where that rule only gives one symbol another name and has no action, the
 *    state that follows is entered in its place.
 * 3. Where a token makes a state do such a renaming, and the reduction that
 *    comes next for that token is the same one wherever the state is come to
 *    from, that reduction is done in its place.
 * 4. The commonest reduction of a state has no cells, but a set of tokens that
 *    many states share. It is an action for those tokens, not by default.
 * 5. Rows of cells are laid over each other, those first that a few usual
 *    statements come by: what most statements need lies close together. What
 *    else there is to say of a state lies in front of its row, and where that
 *    begins is the state's number: a token is looked up by one load.
 *
 * For each state and token ours must do what lemon's tables do: check_actions
 * compares them all, and the build fails if not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"

/* NOLINTNEXTLINE(bugprone-suspicious-include): the tables that lemon made */
#include DG_SQL_GRAMMAR

enum {
	N_SYMBOLS = YYNOCODE,
	CELLS_MAX = 65536 - N_SYMBOLS,
	/* Actions of ours; those of states are less than all of these. */
	REDUCE = 10000,       /* + rule; on a symbol shifted: at once */
	SHIFT_REDUCE = 20000, /* + rule; shift the token, reduce at once */
	ACCEPT = 30000,
	REJECT = 30001, /* made by %nonassoc: not even as a name */
	NONE = 30002,
	/* The same as they are written, in 16 bits. */
	NUMBER_REDUCE = 0x8000,
	NUMBER_SHIFT = 0x4000,
	NUMBER_ACCEPT = 0x7ffe, /* states are less */
	NUMBER_REJECT = 0x7fff,
	NUMBER_RENAMING = 1 << 10, /* + symbol, in place of a rule */
	NUMBER_SIZE_AT = 11,
	NUMBER_SIZE_MAX = 7,
	HEAD = 2, /* cells in front of a row's tokens */
	SETS_MAX = 1024,
	SET_BYTES = (YYNTOKEN + 7) / 8,
};

/* lemon's actions of one state, in our numbers, states still in theirs. */
struct state {
	unsigned on[N_SYMBOLS];
	int only_rule; /* what it reduces by and nothing else; or -1 */
	bool used;
	unsigned number; /* ours */
	unsigned visits; /* by the usual statements */
	unsigned base;   /* of its row in cells[] */
	unsigned goto_base;
	unsigned common; /* the commonest reduction ... */
	unsigned set;    /* ... and of which tokens it is the action */
};

struct cell {
	unsigned symbol;
	unsigned action;
	bool used;
};

static struct state states[YYNSTATE];
static unsigned ours[YYNSTATE]; /* our states, as lemon counts */
static unsigned n_ours;
static struct cell cells[CELLS_MAX];
static unsigned n_cells;
static struct cell gotos[CELLS_MAX];
static unsigned n_gotos;
static unsigned char sets[SETS_MAX][SET_BYTES];
static unsigned n_sets;

/* A cell as it is written. */
static struct written {
	unsigned first;
	unsigned second;
} written[CELLS_MAX];

static void
fail(const char *what)
{
	fprintf(stderr, "mkparser: %s\n", what);
	exit(1);
}

static bool
is_state(unsigned action)
{
	return action < REDUCE;
}

static bool
is_reduction(unsigned action)
{
	return action >= REDUCE && action < SHIFT_REDUCE;
}

/* ---- what lemon says */

static unsigned
read_action(unsigned action)
{
	if (action <= YY_MAX_SHIFT)
		return action;
	if (action >= YY_MIN_REDUCE && action <= YY_MAX_REDUCE)
		return REDUCE + (action - YY_MIN_REDUCE);
	if (action == YY_ACCEPT_ACTION)
		return ACCEPT;
	if (action == YY_ERROR_ACTION)
		return REJECT;
	if (action != YY_NO_ACTION)
		fail("lemon made shift-reduce actions: run it with -c");
	return NONE;
}

static unsigned
lemon_action(int offset, unsigned symbol)
{
	int at = offset + (int)symbol;

	if (at < 0 || at >= YY_ACTTAB_COUNT || yy_lookahead[at] != symbol)
		return NONE;
	return read_action(yy_action[at]);
}

/* Rule 0 makes a whole statement: nothing but the end may follow. */
static int
find_only_rule(const struct state *state)
{
	int rule = -1;

	for (unsigned symbol = 0; symbol < N_SYMBOLS; symbol++) {
		unsigned action = state->on[symbol];

		if (action == NONE)
			continue;
		if (!is_reduction(action) || action == REDUCE ||
		    (rule >= 0 && action != REDUCE + (unsigned)rule))
			return -1;
		rule = (int)(action - REDUCE);
	}
	return rule;
}

static void
read_states(void)
{
	for (unsigned i = 0; i < YYNSTATE; i++) {
		struct state *state = &states[i];

		if (yy_default[i] != YY_ERROR_ACTION)
			fail("lemon made default actions: run it with -c");
		for (unsigned symbol = 0; symbol < N_SYMBOLS; symbol++) {
			state->on[symbol] = NONE;
			if (symbol < YYNTOKEN)
				state->on[symbol] = lemon_action(
					(int)yy_shift_ofst[i], symbol);
			else if (i <= YY_REDUCE_COUNT)
				state->on[symbol] = lemon_action(
					(int)yy_reduce_ofst[i], symbol);
		}
		state->only_rule = find_only_rule(state);
	}
}

/* ---- 1 and 2: states that only reduce */

static unsigned
skip_states(const struct state *state, unsigned action, bool is_token)
{
	while (is_state(action) && states[action].only_rule >= 0) {
		unsigned rule = (unsigned)states[action].only_rule;

		if (yyRuleInfoNRhs[rule] != -1 || rule < YYNRULE_WITH_ACTION)
			return (is_token ? SHIFT_REDUCE : REDUCE) + rule;
		action = state->on[yyRuleInfoLhs[rule]];
	}
	return action;
}

/* ---- 3: renamings in front of a reduction */

/* A rule of one symbol without an action: what is on the stack stays. */
static bool
is_renaming(unsigned action)
{
	unsigned rule = action - REDUCE;

	return is_reduction(action) && rule != 0 &&
	       yyRuleInfoNRhs[rule] == -1 && rule >= YYNRULE_WITH_ACTION;
}

/* A reduction that pops what is on top: which state that is plays no role. */
static bool
takes_top(unsigned action)
{
	return is_reduction(action) && yyRuleInfoNRhs[action - REDUCE] < 0;
}

/* What `below` does with the token once it has the renamed symbol on top. */
static unsigned
action_after(const struct state *below, unsigned renaming, unsigned token)
{
	unsigned action = below->on[yyRuleInfoLhs[renaming - REDUCE]];

	return is_state(action) ? states[action].on[token] : action;
}

/* The same wherever state `number` is come to from; else NONE. */
static unsigned
common_action_after(unsigned number, unsigned renaming, unsigned token)
{
	unsigned found = NONE;

	for (unsigned i = 0; i < n_ours; i++) {
		const struct state *below = &states[ours[i]];

		for (unsigned symbol = 0; symbol < N_SYMBOLS; symbol++) {
			unsigned action;

			if (below->on[symbol] != number)
				continue;
			action = action_after(below, renaming, token);
			if (!takes_top(action) ||
			    (found != NONE && action != found))
				return NONE;
			found = action;
		}
	}
	return found;
}

static unsigned
skip_renamings(unsigned number)
{
	struct state *state = &states[number];
	unsigned n = 0;

	for (unsigned token = 0; token < YYNTOKEN; token++) {
		unsigned action = state->on[token];
		unsigned after;

		if (!is_renaming(action))
			continue;
		after = common_action_after(number, action, token);
		if (after == NONE)
			continue;
		state->on[token] = after;
		n++;
	}
	return n;
}

static void
skip_all_renamings(void)
{
	unsigned n;

	do {
		n = 0;
		for (unsigned i = 0; i < n_ours; i++)
			n += skip_renamings(ours[i]);
	} while (n > 0);
}

/* Marks what can be reached and gives it numbers; the first state is 0. */
static void
number_states(void)
{
	states[0].used = true;
	ours[n_ours++] = 0;
	for (unsigned i = 0; i < n_ours; i++) {
		struct state *state = &states[ours[i]];
		struct state before = *state;

		state->number = i;
		for (unsigned symbol = 0; symbol < N_SYMBOLS; symbol++) {
			unsigned action = skip_states(
				&before, state->on[symbol], symbol < YYNTOKEN);

			state->on[symbol] = action;
			if (!is_state(action) || states[action].used)
				continue;
			states[action].used = true;
			ours[n_ours++] = action;
		}
	}
}

/* ---- the states of usual statements */

#define TK(name) DG_TK_##name
/* clang-format off */
static const uint16_t usual[] = {
	/* WITH c AS (SELECT "a", "f"("b") "d" FROM x.y.z, x.y.z w
	   WHERE ("a" = 1) AND (w."a" > 'b') GROUP BY "a", w."b") */
	TK(WITH), TK(ID), TK(AS), TK(LP), TK(SELECT), TK(QUOTED), TK(COMMA),
	TK(QUOTED), TK(LP), TK(QUOTED), TK(RP), TK(QUOTED), TK(FROM),
	TK(ID), TK(DOT), TK(ID), TK(DOT), TK(ID), TK(COMMA),
	TK(ID), TK(DOT), TK(ID), TK(DOT), TK(ID), TK(ID),
	TK(WHERE), TK(LP), TK(QUOTED), TK(EQ), TK(LIT_INTEGER), TK(RP), TK(AND),
	TK(LP), TK(ID), TK(DOT), TK(QUOTED), TK(GT), TK(LIT_STRING), TK(RP),
	TK(GROUP), TK(BY), TK(QUOTED), TK(COMMA), TK(ID), TK(DOT), TK(QUOTED),
	TK(RP),
	/* SELECT c.a, f(CASE WHEN (a = b) THEN (a * 1.5) ELSE NULL END) AS b,
	   CAST(a AS t(1, 2)), count(*) FROM c AS d JOIN e ON a = b AND c = d
	   LEFT JOIN (SELECT a FROM b) c ON d.a = c.a */
	TK(SELECT), TK(ID), TK(DOT), TK(ID), TK(COMMA), TK(ID), TK(LP),
	TK(CASE), TK(WHEN), TK(LP), TK(ID), TK(EQ), TK(ID), TK(RP), TK(THEN),
	TK(LP), TK(ID), TK(STAR), TK(LIT_DECIMAL), TK(RP), TK(ELSE), TK(NULL),
	TK(END), TK(RP), TK(AS), TK(ID), TK(COMMA),
	TK(CAST), TK(LP), TK(ID), TK(AS), TK(ID), TK(LP), TK(LIT_INTEGER),
	TK(COMMA), TK(LIT_INTEGER), TK(RP), TK(RP), TK(COMMA),
	TK(ID), TK(LP), TK(STAR), TK(RP), TK(FROM), TK(ID), TK(AS), TK(ID),
	TK(JOIN), TK(ID), TK(ON), TK(ID), TK(EQ), TK(ID), TK(AND), TK(ID),
	TK(EQ), TK(ID), TK(LEFT), TK(JOIN), TK(LP), TK(SELECT), TK(ID), TK(FROM),
	TK(ID), TK(RP), TK(ID), TK(ON), TK(ID), TK(DOT), TK(ID), TK(EQ), TK(ID),
	TK(DOT), TK(ID),
	/* WHERE ((a IN ('a', 'b')) OR (b BETWEEN 1 AND (2 + 3)))
	   AND (a > (SELECT max(a) FROM b WHERE c.a = b.a)) AND a IS NOT NULL
	   AND b LIKE 'c' AND NOT a < b GROUP BY a HAVING (sum(a) > 1) */
	TK(WHERE), TK(LP), TK(LP), TK(ID), TK(IN), TK(LP), TK(LIT_STRING),
	TK(COMMA), TK(LIT_STRING), TK(RP), TK(RP), TK(OR), TK(LP), TK(ID),
	TK(BETWEEN), TK(LIT_INTEGER), TK(AND), TK(LP), TK(LIT_INTEGER), TK(PLUS),
	TK(LIT_INTEGER), TK(RP), TK(RP), TK(RP), TK(AND),
	TK(LP), TK(ID), TK(GT), TK(LP), TK(SELECT), TK(ID), TK(LP), TK(ID),
	TK(RP), TK(FROM), TK(ID), TK(WHERE), TK(ID), TK(DOT), TK(ID), TK(EQ),
	TK(ID), TK(DOT), TK(ID), TK(RP), TK(RP), TK(AND), TK(ID), TK(IS), TK(NOT),
	TK(NULL), TK(AND), TK(ID), TK(LIKE), TK(LIT_STRING), TK(AND), TK(NOT),
	TK(ID), TK(LT), TK(ID), TK(GROUP), TK(BY), TK(ID), TK(HAVING), TK(LP),
	TK(ID), TK(LP), TK(ID), TK(RP), TK(GT), TK(LIT_INTEGER), TK(RP),
	/* UNION ALL SELECT * FROM a ORDER BY "a" ASC, b.c DESC LIMIT 1 */
	TK(UNION), TK(ALL), TK(SELECT), TK(STAR), TK(FROM), TK(ID), TK(ORDER),
	TK(BY), TK(QUOTED), TK(ASC), TK(COMMA), TK(ID), TK(DOT), TK(ID),
	TK(DESC), TK(LIMIT), TK(LIT_INTEGER), 0,
};
/* clang-format on */

/* The state of a symbol just made of as many as the rule says. */
static unsigned
reduce_all(const unsigned *stack, unsigned *top_inout, unsigned action)
{
	unsigned top = *top_inout;

	while (is_reduction(action)) {
		unsigned rule = action - REDUCE;

		top -= (unsigned)-yyRuleInfoNRhs[rule];
		states[stack[top]].visits++;
		action = states[stack[top]].on[yyRuleInfoLhs[rule]];
		top++;
	}
	*top_inout = top;
	return action;
}

/* Parses them, to see which states they come by. */
static void
count_visits(void)
{
	unsigned stack[200] = {0};
	unsigned top = 0;

	for (size_t i = 0; i < DG_ARRAY_LEN(usual);) {
		struct state *state = &states[stack[top]];
		unsigned action = state->on[usual[i]];

		if (action >= ACCEPT || top + 2 >= DG_ARRAY_LEN(stack))
			fail("a usual statement cannot be read");
		state->visits++;
		if (!is_reduction(action)) {
			top++;
			i++;
		}
		if (action >= SHIFT_REDUCE)
			action -= SHIFT_REDUCE - REDUCE;
		action = reduce_all(stack, &top, action);
		if (action == ACCEPT)
			break;
		stack[top] = action;
	}
}

static int
compare_visits(const void *left, const void *right)
{
	const struct state *a = &states[*(const unsigned *)left];
	const struct state *b = &states[*(const unsigned *)right];

	if (a->visits != b->visits)
		return a->visits > b->visits ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* The first state stays 0. */
static void
number_by_visits(void)
{
	count_visits();
	qsort(ours + 1, n_ours - 1, sizeof(ours[0]), compare_visits);
	for (unsigned i = 0; i < n_ours; i++)
		states[ours[i]].number = i;
}

/* ---- 4: what a state does with most tokens */

static unsigned
find_set(const unsigned char set[SET_BYTES])
{
	for (unsigned i = 0; i < n_sets; i++)
		if (memcmp(sets[i], set, SET_BYTES) == 0)
			return i;
	if (n_sets == SETS_MAX)
		fail("too many sets of tokens");
	memcpy(sets[n_sets], set, SET_BYTES);
	return n_sets++;
}

static void
choose_common(struct state *state)
{
	unsigned counts[YYNRULE] = {0};
	unsigned char set[SET_BYTES] = {0};
	unsigned best = 0;

	state->common = NONE;
	for (unsigned token = 0; token < YYNTOKEN; token++) {
		unsigned action = state->on[token];

		if (!is_reduction(action) || ++counts[action - REDUCE] <= best)
			continue;
		best = counts[action - REDUCE];
		state->common = action;
	}
	for (unsigned token = 0; token < YYNTOKEN; token++) {
		if (best > 0 && state->on[token] == state->common)
			set[token / 8] |= (unsigned char)(1u << token % 8);
	}
	state->set = find_set(set);
}

static bool
needs_cell(const struct state *state, unsigned token)
{
	return state->on[token] != NONE && state->on[token] != state->common;
}

/* ---- 5: rows over each other */

/* Cells say by the token whose they are, since no two rows begin together. */
static bool
fits(const struct state *state, unsigned base)
{
	for (unsigned i = 0; i < HEAD; i++)
		if (cells[base + i].used)
			return false;
	for (unsigned token = 0; token < YYNTOKEN; token++)
		if (needs_cell(state, token) && cells[base + HEAD + token].used)
			return false;
	return true;
}

static void
place_row(struct state *state)
{
	unsigned base = 0;

	while (!fits(state, base))
		if (++base >= NUMBER_ACCEPT)
			fail("too many cells for the numbers of states");
	state->base = base;
	for (unsigned i = 0; i < HEAD; i++)
		cells[base + i] = (struct cell){N_SYMBOLS, NONE, true};
	for (unsigned token = 0; token < YYNTOKEN; token++) {
		if (needs_cell(state, token))
			cells[base + HEAD + token] =
				(struct cell){token, state->on[token], true};
	}
	if (base + HEAD + YYNTOKEN > n_cells)
		n_cells = base + HEAD + YYNTOKEN;
}

/* A goto is never missing: cells of one action may be shared. */
static bool
gotos_fit(const struct state *state, unsigned base)
{
	for (unsigned symbol = YYNTOKEN; symbol < N_SYMBOLS; symbol++) {
		const struct cell *cell = &gotos[base + symbol - YYNTOKEN];

		if (state->on[symbol] != NONE && cell->used &&
		    cell->action != state->on[symbol])
			return false;
	}
	return true;
}

static void
place_gotos(struct state *state)
{
	unsigned base = 0;

	while (!gotos_fit(state, base))
		if (++base + N_SYMBOLS > CELLS_MAX)
			fail("too many gotos for 16 bits");
	state->goto_base = base;
	for (unsigned symbol = YYNTOKEN; symbol < N_SYMBOLS; symbol++) {
		if (state->on[symbol] != NONE)
			gotos[base + symbol - YYNTOKEN] =
				(struct cell){symbol, state->on[symbol], true};
	}
	if (base + N_SYMBOLS - YYNTOKEN > n_gotos)
		n_gotos = base + N_SYMBOLS - YYNTOKEN;
}

static unsigned
count_cells(const struct state *state)
{
	unsigned n = 0;

	for (unsigned token = 0; token < YYNTOKEN; token++)
		n += needs_cell(state, token);
	return n;
}

static int
compare_rows(const void *left, const void *right)
{
	const struct state *a = &states[*(const unsigned *)left];
	const struct state *b = &states[*(const unsigned *)right];
	unsigned in_a = count_cells(a);
	unsigned in_b = count_cells(b);

	if (a->visits == 0 && b->visits == 0 && in_a != in_b)
		return in_a > in_b ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* The usual rows first, then the fullest one. */
static void
place_states(void)
{
	unsigned order[YYNSTATE] = {0};

	for (unsigned i = 0; i < n_ours; i++) {
		choose_common(&states[ours[i]]);
		order[i] = ours[i];
	}
	qsort(order, n_ours, sizeof(order[0]), compare_rows);
	for (unsigned i = 0; i < n_ours; i++) {
		place_row(&states[order[i]]);
		place_gotos(&states[order[i]]);
	}
}

/* ---- the proof */

/* As find_own_action and find_action of parser.tmpl. */
static unsigned
look_up_own(const struct state *state, unsigned token)
{
	const struct cell *cell = &cells[state->base + HEAD + token];

	if (cell->used && cell->symbol == token)
		return cell->action;
	if ((sets[state->set][token / 8] >> token % 8 & 1) != 0)
		return state->common;
	return NONE;
}

static unsigned
look_up(const struct state *state, unsigned token)
{
	unsigned action = look_up_own(state, token);

	if (action == NONE && yyFallback[token] != 0)
		return look_up_own(state, yyFallback[token]);
	return action;
}

static void
check_actions(const struct state *state)
{
	for (unsigned token = 0; token < YYNTOKEN; token++) {
		unsigned wanted = state->on[token];

		if (look_up_own(state, token) != wanted)
			fail("a state lost an action");
		/* parser.tmpl cannot tell REJECT from NONE. */
		if (wanted == REJECT && yyFallback[token] != 0)
			fail("%nonassoc forbids a word that can be a name");
		if (wanted == NONE && yyFallback[token] != 0)
			wanted = state->on[yyFallback[token]];
		if (look_up(state, token) != wanted)
			fail("a state lost a name");
	}
	for (unsigned symbol = YYNTOKEN; symbol < N_SYMBOLS; symbol++) {
		if (state->on[symbol] != NONE &&
		    gotos[state->goto_base + symbol - YYNTOKEN].action !=
			    state->on[symbol])
			fail("a state lost a goto");
	}
}

/* ---- output */

/* As print_head describes them. */
static unsigned
number_action(unsigned action)
{
	unsigned rule, size;

	if (is_state(action))
		return states[action].base;
	if (action == ACCEPT)
		return NUMBER_ACCEPT;
	if (action == REJECT || action == NONE)
		return NUMBER_REJECT;
	rule = is_reduction(action) ? action - REDUCE : action - SHIFT_REDUCE;
	size = (unsigned)-yyRuleInfoNRhs[rule];
	if (size > NUMBER_SIZE_MAX)
		size = NUMBER_SIZE_MAX;
	if (size == 1 && rule >= YYNRULE_WITH_ACTION)
		rule = NUMBER_RENAMING | (yyRuleInfoLhs[rule] - YYNTOKEN);
	return NUMBER_REDUCE | (is_reduction(action) ? 0 : NUMBER_SHIFT) |
	       size << NUMBER_SIZE_AT | rule;
}

static void
print_head(void)
{
	printf("/*\n * Written by mkparser.c; not to be edited.\n"
	       " * %u states of lemon's %u, %u cells, %u sets, %u gotos.\n *\n"
	       " * An action below ACCEPT: shift, then that state. With bit "
	       "REDUCE: reduce by\n * the rule in the lowest bits, of as many "
	       "symbols as the bits above say (all\n * set: see the rule), "
	       "with bit SHIFT after a shift; on a symbol just made,\n"
	       " * push that first. With bit RENAMING the lowest bits are no "
	       "rule, but the symbol\n * that the one on top becomes.\n */\n",
	       n_ours, (unsigned)YYNSTATE, n_cells, n_sets, n_gotos);
	printf("#define FIRST_STATE %uU\n", states[0].base);
	printf("#define HEAD %uU\n", (unsigned)HEAD);
	printf("#define RENAMING %uU\n", (unsigned)NUMBER_RENAMING);
	printf("#define REDUCE %uU\n", (unsigned)NUMBER_REDUCE);
	printf("#define SHIFT %uU\n", (unsigned)NUMBER_SHIFT);
	printf("#define SIZE_AT %uU\n", (unsigned)NUMBER_SIZE_AT);
	printf("#define LONG_SIZE %uU\n", (unsigned)NUMBER_SIZE_MAX);
	printf("#define REJECT %uU\n", (unsigned)NUMBER_REJECT);
	printf("#define ACCEPT %uU\n", (unsigned)NUMBER_ACCEPT);
	/* One object: then one register holds the address of all. */
	printf("static const struct {\n");
	printf("\tstruct cell cells[%u];\n", n_cells);
	printf("\tunsigned char sets[%u];\n", n_sets * (unsigned)SET_BYTES);
	printf("\tuint16_t gotos[%u];\n", n_gotos);
	printf("\tuint16_t results[%u];\n", (unsigned)YYNRULE);
	printf("\tuint8_t sizes[%u];\n", (unsigned)YYNRULE);
	printf("\tuint16_t fallback[%u];\n", (unsigned)YYNTOKEN);
	printf("} table = {\n");
}

/* A row's head, as parser.tmpl reads it. None of it looks like a token's. */
static void
fill_heads(void)
{
	for (unsigned i = 0; i < n_ours; i++) {
		const struct state *state = &states[ours[i]];

		written[state->base] = (struct written){
			number_action(state->common),
			state->set * (unsigned)SET_BYTES,
		};
		written[state->base + 1] =
			(struct written){UINT16_MAX, state->goto_base};
	}
}

static void
fill_cells(void)
{
	for (unsigned i = 0; i < n_cells; i++) {
		written[i] = (struct written){UINT16_MAX, NUMBER_REJECT};
		if (cells[i].used)
			written[i] = (struct written){
				cells[i].symbol,
				number_action(cells[i].action),
			};
	}
}

static void
print_cells(void)
{
	fill_cells();
	fill_heads();
	printf("\t.cells = {\n");
	for (unsigned i = 0; i < n_cells; i++)
		printf("\t{%u, %u},\n", written[i].first, written[i].second);
	printf("\t},\n\t.sets = {\n");
	for (unsigned i = 0; i < n_sets; i++) {
		printf("\t");
		for (unsigned byte = 0; byte < SET_BYTES; byte++)
			printf("%u, ", sets[i][byte]);
		printf("\n");
	}
	printf("\t},\n");
}

static void
print_gotos(void)
{
	printf("\t.gotos = {\n");
	for (unsigned i = 0; i < n_gotos; i++)
		printf("\t%u,\n",
		       number_action(gotos[i].used ? gotos[i].action : NONE));
	printf("\t},\n");
}

static void
print_rules(void)
{
	printf("\t.results = {\n");
	for (unsigned i = 0; i < YYNRULE; i++)
		printf("\t%u,\n", yyRuleInfoLhs[i] - YYNTOKEN);
	printf("\t},\n\t.sizes = {\n");
	for (unsigned i = 0; i < YYNRULE; i++)
		printf("\t%d,\n", -yyRuleInfoNRhs[i]);
	printf("\t},\n\t.fallback = {\n");
	for (unsigned token = 0; token < YYNTOKEN; token++)
		printf("\t%u,\n", token < DG_ARRAY_LEN(yyFallback)
					  ? (unsigned)yyFallback[token]
					  : 0);
	printf("\t},\n};\n");
}

int
main(void)
{
	if (YYNSTATE >= REDUCE || YYNRULE > NUMBER_RENAMING ||
	    N_SYMBOLS - YYNTOKEN > NUMBER_RENAMING)
		fail("the grammar has outgrown the numbers of actions");
	read_states();
	number_states();
	skip_all_renamings();
	number_by_visits();
	place_states();
	for (unsigned i = 0; i < n_ours; i++)
		check_actions(&states[ours[i]]);
	print_head();
	print_cells();
	print_gotos();
	print_rules();
	return 0;
}

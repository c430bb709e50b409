/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.c - the constructors behind the grammar's actions.
 *
 * Nodes are cut from blocks of the statement's arena. Each counts against the
 * limit of nodes and knows its depth, so that no tree deeper than the limit is
 * ever finished and everything that walks one may recurse. Names and literals
 * are made in text.c.
 */
#include "ast/build.h"

#include <limits.h>
#include <stdio.h>

#include "base/assert.h"
#include "scan/error.h"

enum {
	SLOTS_MAX = 8,
	BLOCK_MIN = 1024,
	BLOCK_MAX = 64 * 1024,
	BYTES_A_TOKEN = 80, /* of nodes, about */
};

bool
dg_sql_build_init(struct dg_sql_build *cx, const struct dg_sql_tokens *tokens,
		  const struct dg_sql_limits *limits, struct dg_arena *arena,
		  struct dg_sql_error *err)
{
	*cx = (struct dg_sql_build){
		.tokens = tokens,
		.max_nodes = limits->max_nodes,
		.max_depth = limits->max_depth < UINT16_MAX
				     ? (unsigned)limits->max_depth
				     : UINT16_MAX,
		.arena = arena,
		.err = err,
		.rc = DG_OK,
		.last = tokens->at,
		.arrow = tokens->at,
	};
	cx->scratch = dg_arena_alloc(arena, sizeof(struct dg_sql_node) +
						    SLOTS_MAX * sizeof(void *));
	cx->block = cx->block_end = (char *)cx->scratch; /* none yet */
	return cx->scratch != NULL;
}

void
dg_sql_build_fail(struct dg_sql_build *cx, enum dg_sql_error_kind kind,
		  uint32_t offset, const char *text)
{
	if (cx->rc == DG_OK)
		cx->rc = dg_sql_fail(cx->err, kind, cx->tokens->text, offset,
				     "%s", text);
	cx->block_end = cx->block; /* no more nodes */
}

void
dg_sql_build_fault(struct dg_sql_build *cx, uint32_t offset, const char *text)
{
	if (cx->fault != NULL)
		return;
	cx->fault = text;
	cx->fault_offset = offset;
}

static void
fail_depth(struct dg_sql_build *cx, uint32_t offset)
{
	dg_sql_build_fail(cx, DG_SQL_E_LIMIT, offset,
			  "The statement is nested too deeply");
}

static void
fail_memory(struct dg_sql_build *cx)
{
	dg_sql_build_fail(cx, DG_SQL_E_LIMIT, cx->last->offset,
			  "The statement needs too much memory");
}

void
dg_sql_build_overflow(struct dg_sql_build *cx)
{
	fail_depth(cx, cx->last->offset);
}

static uint32_t
last_end(const struct dg_sql_build *cx)
{
	return cx->last->offset + cx->last->len;
}

/* A new block; false: no more nodes, and why is told. */
static DG_COLD bool
add_block(struct dg_sql_build *cx)
{
	size_t size = cx->tokens->n * BYTES_A_TOKEN;

	if (cx->rc != DG_OK)
		return false;
	if (cx->n_nodes >= cx->max_nodes) {
		dg_sql_build_fail(cx, DG_SQL_E_LIMIT, cx->last->offset,
				  "The statement has too many parts");
		return false;
	}
	if (size < BLOCK_MIN)
		size = BLOCK_MIN;
	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	cx->block = dg_arena_alloc_raw(cx->arena, size);
	if (cx->block == NULL) {
		cx->block = cx->block_end;
		fail_memory(cx);
		return false;
	}
	cx->block_end = cx->block + size;
	return true;
}

/* Room for a node in the block at hand, or NULL. */
static inline struct dg_sql_node *
allocate(struct dg_sql_build *cx, unsigned n_slots)
{
	size_t size = sizeof(struct dg_sql_node) + n_slots * sizeof(void *);
	struct dg_sql_node *node = (struct dg_sql_node *)(void *)cx->block;

	if ((size_t)(cx->block_end - cx->block) < size ||
	    cx->n_nodes >= cx->max_nodes)
		return NULL;
	cx->n_nodes++;
	cx->block += size;
	return node;
}

/* All but the slots, and what depends on them. */
static inline void
fill(struct dg_sql_build *cx, struct dg_sql_node *node, enum dg_sql_kind kind,
     unsigned flags, uint32_t start)
{
	node->kind = (uint16_t)kind;
	node->flags = (uint16_t)flags;
	node->op = 0;
	node->op2 = 0;
	node->depth = 1;
	node->offset = start;
	node->end = last_end(cx);
	node->text.data = NULL;
	node->text.len = 0;
	node->next = NULL;
}

static inline unsigned
depth_of(const struct dg_sql_node *kid)
{
	static const struct dg_sql_node none = {.depth = 0};

	/* A load of one or the other: no branch that nobody can foresee. */
	return (kid == NULL ? &none : kid)->depth;
}

static inline unsigned
larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* What is in slot 0 does not count in a chain, and gets its way up. */
static inline unsigned
depth_of_left(struct dg_sql_node *node, struct dg_sql_node *left)
{
	if (left == NULL || left->kind != node->kind ||
	    !dg_sql_is_chain_kind(node->kind))
		return depth_of(left);
	left->next = node;
	return left->depth - 1u;
}

static DG_COLD struct dg_sql_node *
refuse_depth(struct dg_sql_build *cx, struct dg_sql_node *node)
{
	fail_depth(cx, node->offset);
	return node;
}

static inline struct dg_sql_node *
set_depth(struct dg_sql_build *cx, struct dg_sql_node *node, unsigned beneath)
{
	node->depth = (uint16_t)(beneath + 1);
	return beneath < cx->max_depth ? node : refuse_depth(cx, node);
}

/* To be done again whenever a slot is filled later. */
static void
settle(struct dg_sql_build *cx, struct dg_sql_node *node, unsigned n_slots)
{
	unsigned depth;

	if (cx->rc != DG_OK)
		return;
	depth = depth_of_left(node, node->kid[0]);
	for (unsigned i = 1; i < n_slots; i++)
		depth = larger(depth, depth_of(node->kid[i]));
	(void)set_depth(cx, node, depth);
}

/* NOLINTBEGIN(misc-no-recursion): once, as there is room then. */
/*
 * The usual nodes are made by functions that call none: where there is no room
 * left, the node is made by this one in their stead.
 */
static DG_COLD struct dg_sql_node *
make_in_new_block(struct dg_sql_build *cx, enum dg_sql_kind kind,
		  unsigned flags, uint32_t start, unsigned n,
		  struct dg_sql_node *first, struct dg_sql_node *second)
{
	if (!add_block(cx))
		return cx->scratch;
	if (n == 0)
		return dg_mk_leaf(cx, kind, flags, start);
	if (n == 1)
		return dg_mk_node1(cx, kind, flags, start, first);
	return dg_mk_node2(cx, kind, flags, start, first, second);
}

struct dg_sql_node *
dg_mk_leaf(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	   uint32_t start)
{
	struct dg_sql_node *node = allocate(cx, 0);

	if (node == NULL)
		return make_in_new_block(cx, kind, flags, start, 0, NULL, NULL);
	fill(cx, node, kind, flags, start);
	return node;
}

struct dg_sql_node *
dg_mk_node1(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	    uint32_t start, struct dg_sql_node *kid)
{
	struct dg_sql_node *node = allocate(cx, 1);

	if (node == NULL)
		return make_in_new_block(cx, kind, flags, start, 1, kid, NULL);
	fill(cx, node, kind, flags, start);
	node->kid[0] = kid;
	return set_depth(cx, node, depth_of(kid));
}

struct dg_sql_node *
dg_mk_node2(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	    uint32_t start, struct dg_sql_node *first,
	    struct dg_sql_node *second)
{
	struct dg_sql_node *node = allocate(cx, 2);
	unsigned depth;

	if (node == NULL)
		return make_in_new_block(cx, kind, flags, start, 2, first,
					 second);
	fill(cx, node, kind, flags, start);
	node->kid[0] = first;
	node->kid[1] = second;
	depth = larger(depth_of_left(node, first), depth_of(second));
	return set_depth(cx, node, depth);
}
/* NOLINTEND(misc-no-recursion) */

struct dg_sql_node *
dg_mk_nodes(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	    uint32_t start, unsigned n, struct dg_sql_node *const *kids)
{
	struct dg_sql_node *node = allocate(cx, n);

	if (node == NULL && add_block(cx))
		node = allocate(cx, n);
	if (node == NULL)
		return cx->scratch;
	fill(cx, node, kind, flags, start);
	memcpy(node->kid, kids, n * sizeof(kids[0]));
	settle(cx, node, n);
	return node;
}

static void
close_gate(struct dg_sql_build *cx, enum dg_sql_gate gate, uint32_t offset)
{
	char text[DG_ERROR_TEXT_MAX];

	dg_sql_gate_explain(cx->tokens->engine, gate, text, sizeof(text));
	dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, offset, text);
}

void
dg_mk_gate(struct dg_sql_build *cx, enum dg_sql_gate gate, uint32_t offset)
{
	if (!dg_sql_has(cx->tokens->engine, gate))
		close_gate(cx, gate, offset);
}

struct dg_sql_node *
dg_mk_nested(struct dg_sql_build *cx, enum dg_sql_gate gate,
	     struct dg_sql_node *name)
{
	const struct dg_sql_node *parts = name->kid[DG_SQL_QNAME_PARTS];

	if (cx->rc == DG_OK && dg_sql_list_first(parts)->next != NULL)
		dg_mk_gate(cx, gate, dg_sql_list_first(parts)->end);
	return name;
}

struct dg_sql_node *
dg_mk_flag(struct dg_sql_node *node, unsigned flags)
{
	node->flags |= (uint16_t)flags;
	return node;
}

struct dg_sql_node *
dg_mk_headed(struct dg_sql_build *cx, struct dg_sql_node *head,
	     struct dg_sql_node *node)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	node->kid[0] = head;
	node->offset = head->offset;
	settle(cx, node, dg_sql_kind_slots((enum dg_sql_kind)node->kind));
	return node;
}

/* ---- lists */

struct dg_sql_node *
dg_mk_list(struct dg_sql_build *cx, struct dg_sql_node *first)
{
	uint32_t start = first == NULL ? cx->last->offset : first->offset;

	return MK(LIST, 0, start, first, first);
}

struct dg_sql_node *
dg_mk_append(struct dg_sql_build *cx, struct dg_sql_node *list,
	     struct dg_sql_node *item)
{
	if (cx->rc != DG_OK)
		return list;
	/* No rule adds to the list of none. */
	DG_ASSERT(list->kid[DG_SQL_LIST_LAST] != NULL);
	list->kid[DG_SQL_LIST_LAST]->next = item;
	list->kid[DG_SQL_LIST_LAST] = item;
	list->end = last_end(cx);
	if (item->depth >= list->depth) {
		list->depth = (uint16_t)(item->depth + 1u);
		if (list->depth > cx->max_depth)
			fail_depth(cx, item->offset);
	}
	return list;
}

/* ---- queries */

struct dg_sql_node *
dg_mk_enclosed(struct dg_sql_build *cx, const struct dg_sql_token *open,
	       struct dg_sql_node *query)
{
	query->offset = open->offset;
	query->end = last_end(cx);
	return query;
}

struct dg_sql_node *
dg_mk_with_query(struct dg_sql_build *cx, const struct dg_sql_token *with,
		 struct dg_sql_node *clause, struct dg_sql_node *query)
{
	if (cx->rc != DG_OK)
		return query;
	clause->end = clause->kid[DG_SQL_WITH_CTES]->end;
	query->kid[DG_SQL_QUERY_WITH] = clause;
	query->offset = with->offset;
	settle(cx, query, DG_SQL_SLOTS_OF_QUERY);
	return query;
}

struct dg_sql_node *
dg_mk_with_functions(struct dg_sql_build *cx, const struct dg_sql_token *with,
		     struct dg_sql_node *functions, struct dg_sql_node *query)
{
	struct dg_sql_node *clause;

	if (cx->rc != DG_OK)
		return query;
	clause = query->kid[DG_SQL_QUERY_WITH];
	if (clause == NULL) {
		clause = MK(WITH, 0, with->offset, NULL, functions);
		query->kid[DG_SQL_QUERY_WITH] = clause;
	} else {
		clause->kid[DG_SQL_WITH_FUNCTIONS] = functions;
		clause->offset = with->offset;
		settle(cx, clause, DG_SQL_SLOTS_OF_WITH);
	}
	query->offset = with->offset;
	settle(cx, query, DG_SQL_SLOTS_OF_QUERY);
	return query;
}

/* a, a.b, a.b.c */
static bool
is_chain_of_names(const struct dg_sql_node *node)
{
	while (node->kind == DG_SQL_K_DEREF)
		node = node->kid[DG_SQL_DEREF_BASE];
	return node->kind == DG_SQL_K_ID;
}

struct dg_sql_node *
dg_mk_star(struct dg_sql_build *cx, struct dg_sql_node *target,
	   struct dg_sql_node *aliases)
{
	if (cx->tokens->engine.dialect == DG_SQL_PRESTO && cx->rc == DG_OK &&
	    !is_chain_of_names(target))
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, cx->last->offset,
				  "Only a table's name can stand before .*");
	return MK(SELECT_STAR, 0, target->offset, target, aliases);
}

struct dg_sql_node *
dg_mk_table_arg(struct dg_sql_build *cx, struct dg_sql_node *relation,
		struct dg_sql_node *partition, const struct dg_sql_token *empty,
		struct dg_sql_node *order)
{
	struct dg_sql_node *node =
		MK(TABLE_ARG, 0, relation->offset, relation, partition, order);

	return empty == NULL ? node : dg_mk_worded(cx, node, empty, empty);
}

struct dg_sql_node *
dg_mk_table_arg_alias(struct dg_sql_build *cx, struct dg_sql_node *relation,
		      const struct dg_sql_token *name,
		      struct dg_sql_node *columns)
{
	if (name->code != DG_TK_QUOTED && name->word == DG_SQL_W_COPARTITION &&
	    dg_sql_has(cx->tokens->engine, DG_SQL_G_COPARTITION_CHECK))
		dg_sql_build_fault(cx, name->offset,
				   "COPARTITION is ambiguous here: write AS "
				   "before an alias, or put an argument that "
				   "takes none last");
	return MK(REL_ALIAS, 0, relation->offset, relation, dg_mk_id(cx, name),
		  columns);
}

struct dg_sql_node *
dg_mk_window(struct dg_sql_build *cx, struct dg_sql_node *base,
	     struct dg_sql_node *partition, struct dg_sql_node *order,
	     struct dg_sql_node *frame)
{
	uint32_t start = base != NULL        ? base->offset
			 : partition != NULL ? partition->offset
			 : order != NULL     ? order->offset
			 : frame != NULL     ? frame->offset
					     : cx->last->offset;

	return MK(WINDOW_SPEC, 0, start, base, partition, order, frame);
}

struct dg_sql_node *
dg_mk_frame(struct dg_sql_build *cx, struct dg_sql_node *frame,
	    struct dg_sql_node *pattern)
{
	bool says_something = false;

	if (cx->rc != DG_OK)
		return cx->scratch;
	for (unsigned i = 0; i < DG_SQL_SLOTS_OF_ROW_PATTERN; i++)
		says_something = says_something || pattern->kid[i] != NULL;
	if (!says_something)
		return frame;
	frame->kid[DG_SQL_FRAME_PATTERN] = pattern;
	settle(cx, frame, DG_SQL_SLOTS_OF_FRAME);
	return frame;
}

struct dg_sql_node *
dg_mk_pattern(struct dg_sql_build *cx, enum dg_sql_kind kind,
	      struct dg_sql_node *items)
{
	struct dg_sql_node *first = items->kid[DG_SQL_LIST_FIRST];

	if (first == items->kid[DG_SQL_LIST_LAST])
		return first;
	return dg_mk_node(cx, kind, 0, first->offset, 1, &items);
}

/* ---- expressions */

struct dg_sql_node *
dg_mk_binary_op(struct dg_sql_build *cx, enum dg_sql_op op,
		struct dg_sql_node *left, struct dg_sql_node *right)
{
	return MK_OP(BINARY_OP, op, 0, left->offset, left, right);
}

/* The parameters as a list of ID; NULL when there is something else. */
static struct dg_sql_node *
lambda_params(struct dg_sql_build *cx, struct dg_sql_node *params)
{
	struct dg_sql_node *only = params;

	if (params->kind == DG_SQL_K_PAREN)
		only = params->kid[DG_SQL_PAREN_EXPR];
	if (only->kind == DG_SQL_K_ID)
		return dg_mk_list(cx, only);
	if (params->kind != DG_SQL_K_ROW_EXPR)
		return NULL;
	DG_SQL_FOREACH(item, params->kid[DG_SQL_ROW_EXPR_ITEMS])
	{
		if (item->kind != DG_SQL_K_ID)
			return NULL;
	}
	return params->kid[DG_SQL_ROW_EXPR_ITEMS];
}

struct dg_sql_node *
dg_mk_lambda_params(struct dg_sql_build *cx, struct dg_sql_node *params,
		    const struct dg_sql_token *arrow)
{
	struct dg_sql_node *names;

	if (cx->rc != DG_OK)
		return cx->scratch;
	cx->arrow = arrow;
	names = lambda_params(cx, params);
	if (names == NULL) {
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, arrow->offset,
				  "mismatched input '->'. Before it only names "
				  "can stand");
		return cx->scratch;
	}
	names->offset = params->offset;
	return names;
}

struct dg_sql_node *
dg_mk_quantified(struct dg_sql_build *cx, enum dg_sql_op comparison,
		 enum dg_sql_op any_all, struct dg_sql_node *query)
{
	struct dg_sql_node *node =
		MK_OP(QUANTIFIED, comparison, 0, query->offset, NULL, query);

	node->op2 = (uint8_t)any_all;
	return node;
}

/* Functions that the engines' parsers know by name. */
static const struct counted {
	struct dg_str name;
	unsigned min;
	unsigned max;
	bool trino_only;
} counted[] = {
	{DG_STR_INIT("if"), 2, 3, false},
	{DG_STR_INIT("nullif"), 2, 2, false},
	{DG_STR_INIT("coalesce"), 2, UINT_MAX, false},
	{DG_STR_INIT("try"), 1, 1, false},
	{DG_STR_INIT("format"), 2, UINT_MAX, true},
};

static void
check_arguments(struct dg_sql_build *cx, const struct dg_sql_node *call)
{
	const struct dg_sql_node *name = call->kid[DG_SQL_CALL_NAME];
	bool trino = cx->tokens->engine.dialect == DG_SQL_TRINO;
	unsigned n = 0;

	if (name->kind != DG_SQL_K_ID)
		return;
	for (size_t i = 0; i < DG_ARRAY_LEN(counted); i++) {
		const struct counted *row = &counted[i];

		if (!dg_str_eq_nocase(name->text, row->name) ||
		    (row->trino_only && !trino))
			continue;
		DG_SQL_FOREACH(arg, call->kid[DG_SQL_CALL_ARGS])
		{
			if (++n > row->max)
				break;
		}
		if (n < row->min || n > row->max)
			dg_sql_build_fault(cx, name->offset,
					   "Wrong number of arguments of a "
					   "function");
		return;
	}
}

struct dg_sql_node *
dg_mk_callee(struct dg_sql_build *cx, struct dg_sql_node *callee)
{
	if (cx->rc == DG_OK &&
	    !dg_sql_has(cx->tokens->engine, DG_SQL_G_METHOD) &&
	    !is_chain_of_names(callee))
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, cx->last->offset,
				  "mismatched input '('. Only a function's "
				  "name can stand before it");
	return callee;
}

struct dg_sql_node *
dg_mk_call(struct dg_sql_build *cx, struct dg_sql_node *name,
	   struct dg_sql_node *call)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	call->kid[DG_SQL_CALL_NAME] = name;
	call->offset = name->offset;
	call->end = last_end(cx);
	settle(cx, call, DG_SQL_SLOTS_OF_CALL);
	check_arguments(cx, call);
	return call;
}

struct dg_sql_node *
dg_mk_call_tail(struct dg_sql_build *cx, struct dg_sql_node *call,
		struct dg_sql_node *filter, unsigned nulls,
		struct dg_sql_node *over)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	call->kid[DG_SQL_CALL_FILTER] = filter;
	call->kid[DG_SQL_CALL_OVER] = over;
	call->end = last_end(cx);
	settle(cx, call, DG_SQL_SLOTS_OF_CALL);
	return dg_mk_flag(call, nulls);
}

struct dg_sql_node *
dg_mk_static_call(struct dg_sql_build *cx, struct dg_sql_node *type,
		  struct dg_sql_node *name, struct dg_sql_node *args)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	return MK(STATIC_CALL, 0, type->offset, type, name,
		  args->kid[DG_SQL_CALL_ARGS]);
}

struct dg_sql_node *
dg_mk_processing(struct dg_sql_build *cx, const struct dg_sql_token *mode,
		 struct dg_sql_node *call)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	call->offset = mode->offset;
	return dg_mk_flag(call, mode->word == DG_SQL_W_FINAL
					? DG_SQL_F_FINAL
					: DG_SQL_F_RUNNING);
}

struct dg_sql_node *
dg_mk_special(struct dg_sql_build *cx, const struct dg_sql_token *keyword,
	      struct dg_sql_node *args)
{
	struct dg_sql_node *name = dg_mk_keyword_id(cx, keyword);

	return MK(CALL, 0, keyword->offset, name, args);
}

struct dg_sql_node *
dg_mk_extract(struct dg_sql_build *cx, const struct dg_sql_token *extract,
	      const struct dg_sql_token *field, struct dg_sql_node *value)
{
	static const struct dg_str fields[] = {
		DG_STR_INIT("year"),         DG_STR_INIT("quarter"),
		DG_STR_INIT("month"),        DG_STR_INIT("week"),
		DG_STR_INIT("day"),          DG_STR_INIT("day_of_month"),
		DG_STR_INIT("day_of_week"),  DG_STR_INIT("dow"),
		DG_STR_INIT("day_of_year"),  DG_STR_INIT("doy"),
		DG_STR_INIT("year_of_week"), DG_STR_INIT("yow"),
		DG_STR_INIT("hour"),         DG_STR_INIT("minute"),
		DG_STR_INIT("second"),       DG_STR_INIT("timezone_minute"),
		DG_STR_INIT("timezone_hour")};
	struct dg_str text = dg_sql_token_text(cx->tokens->text, field);
	size_t i = 0;

	while (i < DG_ARRAY_LEN(fields) && !dg_str_eq_nocase(fields[i], text))
		i++;
	if (i == DG_ARRAY_LEN(fields))
		dg_sql_build_fault(cx, extract->offset,
				   "EXTRACT does not have this field");
	return dg_mk_special(
		cx, extract,
		dg_mk_append(cx, dg_mk_list(cx, dg_mk_word(cx, field)), value));
}

struct dg_sql_node *
dg_mk_listagg(struct dg_sql_build *cx, struct dg_sql_node *call,
	      struct dg_sql_node *within, struct dg_sql_node *filter,
	      struct dg_sql_node *over)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	call->kid[DG_SQL_CALL_WITHIN] = within;
	return dg_mk_call_tail(cx, call, filter, 0, over);
}

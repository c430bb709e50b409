/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.h - the tree between grammar and resolver; private to this folder.
 *
 * One node layout for all kinds; kinds.def names each kind and its slots,
 * and from that table come the enums, the dump and the walker. A list is a
 * node of kind LIST whose members are chained by `next`. An absent part is
 * NULL. Nodes are immutable after parsing; the resolver writes side tables.
 * No simplification: what was written is there, or its checks would be lost.
 */
#ifndef DG_SQLPARSE_AST_H
#define DG_SQLPARSE_AST_H

#include "sqlparse/sqlparse.h"

enum dg_sql_kind {
#define DG_SQL_KIND(kind, dump) DG_SQL_K_##kind,
#define DG_SQL_SLOT(kind, slot, dump)
#define DG_SQL_END(kind)
#include "ast/kinds.def"
#undef DG_SQL_KIND
#undef DG_SQL_SLOT
#undef DG_SQL_END
	DG_SQL_K_COUNT
};

/* DG_SQL_SELECT_FROM is the index of SELECT's FROM in kid[]. */
enum dg_sql_slot {
#define DG_SQL_KIND(kind, dump) DG_SQL_BEFORE_##kind = -1,
#define DG_SQL_SLOT(kind, slot, dump) DG_SQL_##kind##_##slot,
#define DG_SQL_END(kind) DG_SQL_SLOTS_OF_##kind,
#include "ast/kinds.def"
#undef DG_SQL_KIND
#undef DG_SQL_SLOT
#undef DG_SQL_END
};

/* Bits of dg_sql_node.flags; which kind uses which is in kinds.def. */
enum dg_sql_flag {
	DG_SQL_F_NOT = 1 << 0,
	DG_SQL_F_DISTINCT = 1 << 1,
	DG_SQL_F_ALL = 1 << 2,
	DG_SQL_F_QUOTED = 1 << 3,     /* ID: was in double quotes */
	DG_SQL_F_FOLDED = 1 << 4,     /* ID: ASCII without capitals */
	DG_SQL_F_RECURSIVE = 1 << 4,  /* WITH */
	DG_SQL_F_ORDINALITY = 1 << 4, /* REL_UNNEST */
	DG_SQL_F_STAR = 1 << 4,       /* CALL: f(*) */
	DG_SQL_F_TRY = 1 << 4,        /* CAST: TRY_CAST */
	DG_SQL_F_IF_EXISTS = 1 << 5,  /* also IF NOT EXISTS */
	DG_SQL_F_OR_REPLACE = 1 << 6,
	DG_SQL_F_WITH_NO_DATA = 1 << 7,  /* CREATE_TABLE_AS */
	DG_SQL_F_WITH_DATA = 1 << 8,     /* CREATE_TABLE_AS */
	DG_SQL_F_DESC = 1 << 5,          /* SORT_ITEM */
	DG_SQL_F_NULLS_FIRST = 1 << 6,   /* SORT_ITEM */
	DG_SQL_F_NULLS_LAST = 1 << 7,    /* SORT_ITEM */
	DG_SQL_F_WITH_TIES = 1 << 5,     /* LIMIT: FETCH .. WITH TIES */
	DG_SQL_F_IGNORE_NULLS = 1 << 5,  /* CALL */
	DG_SQL_F_RESPECT_NULLS = 1 << 6, /* CALL */
	DG_SQL_F_RUNNING = 1 << 7,       /* CALL */
	DG_SQL_F_FINAL = 1 << 8,         /* CALL */
	DG_SQL_F_ON_EMPTY = 1 << 5,      /* JSON_BEHAVIOR */
	DG_SQL_F_NATURAL = 1 << 5,       /* REL_JOIN */
	DG_SQL_F_DESCRIBE = 1 << 5,      /* SHOW_COLUMNS written DESCRIBE t */
	DG_SQL_F_VERBOSE = 1 << 6,       /* EXPLAIN */
	DG_SQL_F_ANALYZE = 1 << 7,       /* EXPLAIN ANALYZE */
	DG_SQL_F_SYMMETRIC = 1 << 5,     /* BETWEEN */
	DG_SQL_F_INVOKER = 1 << 9,       /* CREATE_VIEW SECURITY INVOKER */
	DG_SQL_F_DEFINER = 1 << 10,      /* CREATE_VIEW SECURITY DEFINER */
	DG_SQL_F_CASCADE = 1 << 6,       /* DROP_SCHEMA, DROP_CATALOG */
	DG_SQL_F_INCLUDING = 1 << 6,     /* LIKE_TABLE .. PROPERTIES */
	DG_SQL_F_EXCLUDING = 1 << 7,     /* LIKE_TABLE .. PROPERTIES */
	DG_SQL_F_TEMPORARY = 1 << 7,     /* functions */
	/* GRANT: WITH GRANT or ADMIN OPTION, REVOKE .. OPTION FOR */
	DG_SQL_F_OPTION = 1 << 6,
};

/* Which operator a node with several is about: dg_sql_node.op. */
enum dg_sql_op {
	DG_SQL_OP_NONE,
	DG_SQL_OP_UNION,
	DG_SQL_OP_EXCEPT,
	DG_SQL_OP_INTERSECT,
	DG_SQL_OP_CROSS,
	DG_SQL_OP_INNER,
	DG_SQL_OP_LEFT,
	DG_SQL_OP_RIGHT,
	DG_SQL_OP_FULL,
	DG_SQL_OP_AND,
	DG_SQL_OP_OR,
	DG_SQL_OP_EQ,
	DG_SQL_OP_NE,
	DG_SQL_OP_LT,
	DG_SQL_OP_LE,
	DG_SQL_OP_GT,
	DG_SQL_OP_GE,
	DG_SQL_OP_ADD,
	DG_SQL_OP_SUB,
	DG_SQL_OP_MUL,
	DG_SQL_OP_DIV,
	DG_SQL_OP_MOD,
	DG_SQL_OP_CONCAT,
	DG_SQL_OP_NEG,
	DG_SQL_OP_POS,
	DG_SQL_OP_ANY, /* also SOME */
	DG_SQL_OP_ALL,
	DG_SQL_OP_COUNT
};

struct dg_sql_node {
	uint16_t kind;   /* enum dg_sql_kind */
	uint16_t flags;  /* enum dg_sql_flag */
	uint8_t op;      /* enum dg_sql_op */
	uint8_t op2;     /* QUANTIFIED: ANY or ALL; op is the comparison */
	uint16_t depth;  /* levels of recursion beneath; see "Chains" */
	uint32_t offset; /* first byte in the text, where the engine points */
	uint32_t end;    /* one past the last byte */
	/*
	 * ID: the name as written, quotes removed and "" undone, case kept.
	 * Literals: the decoded value. CURRENT: the keyword.
	 */
	struct dg_str text;
	struct dg_sql_node *next;  /* in a LIST; in a chain, one up */
	struct dg_sql_node *kid[]; /* as many as the kind has slots */
};

struct dg_sql_tree {
	struct dg_str text;
	struct dg_sql_engine engine;
	struct dg_sql_node *root; /* a statement node */
	enum dg_sql_statement statement;
	size_t n_nodes;
	size_t depth; /* of recursion, see "Chains"; within the limit */
	struct dg_sql_session_effect effect;
};

const char *dg_sql_kind_name(enum dg_sql_kind kind);
unsigned dg_sql_kind_slots(enum dg_sql_kind kind);
const char *dg_sql_slot_name(enum dg_sql_kind kind, unsigned slot);

static inline struct dg_sql_node *
dg_sql_list_first(const struct dg_sql_node *list)
{
	return list == NULL ? NULL : list->kid[0];
}

/* NOLINTBEGIN(bugprone-macro-parentheses): `it` is declared here. */
#define DG_SQL_FOREACH(it, list) \
	for (struct dg_sql_node *it = dg_sql_list_first(list); it != NULL; \
	     it = it->next)
/* NOLINTEND(bugprone-macro-parentheses) */

/*
 * Chains. `a OR b OR c ...` and `q UNION r UNION s ...` nest to the left, and
 * programs write them with tens of thousands of operands. Recursion down LEFT
 * would need as much C stack, so it is not counted in the depth and *must not*
 * be done: a node whose LEFT has its own kind (BINARY_OP, SET_OP) is read from
 * the bottom up. The nodes inside a chain are in no list; their `next` is the
 * node above. So, with the top of the chain in hand:
 *
 *	at = dg_sql_chain_bottom(top);
 *	recurse(at->kid[0]);
 *	recurse(at->kid[1]);
 *	while (at != top) {
 *		at = at->next;
 *		recurse(at->kid[1]);
 *	}
 *
 * LEFT is kid[0] and RIGHT kid[1] in both kinds. Everything else nests within
 * the depth limit, joins and dotted names too.
 */
static inline bool
dg_sql_is_chain_kind(unsigned kind)
{
	return kind == DG_SQL_K_BINARY_OP || kind == DG_SQL_K_SET_OP;
}

/* top is of a chain kind; itself when its LEFT is of another kind. */
static inline const struct dg_sql_node *
dg_sql_chain_bottom(const struct dg_sql_node *top)
{
	while (top->kid[0]->kind == top->kind)
		top = top->kid[0];
	return top;
}

/*
 * The only generic recursion over trees. visit returns what to do with the
 * node's children; the depth is bounded by the parse limit.
 */
enum dg_sql_walk { DG_SQL_WALK_ON, DG_SQL_WALK_SKIP, DG_SQL_WALK_STOP };
typedef enum dg_sql_walk (*dg_sql_visit_fn)(void *arg,
					    const struct dg_sql_node *node);
/* False when visit said STOP. NULL node is fine. */
bool dg_sql_walk(const struct dg_sql_node *node, dg_sql_visit_fn visit,
		 void *arg);

#endif

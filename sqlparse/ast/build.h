/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.h - what grammar.y calls to make nodes; private to this folder.
 *
 * One struct dg_sql_build per parse. Constructors never return NULL: after the
 * first failure (memory, a limit, a construct that only looked right) rc is
 * set, they hand out a scratch node that nobody reads, and the driver stops.
 */
#ifndef DG_SQLPARSE_AST_BUILD_H
#define DG_SQLPARSE_AST_BUILD_H

#include "ast/ast.h"
#include "scan/gate.h"
#include "scan/token.h"

struct dg_sql_build {
	const struct dg_sql_tokens *tokens;
	size_t max_nodes;
	unsigned max_depth; /* as far as a node can tell */
	struct dg_arena *arena;
	struct dg_sql_error *err;
	enum dg_rc rc;            /* of the first failure */
	struct dg_sql_node *root; /* set by the start rule */
	size_t n_nodes;
	const struct dg_sql_token
		*last; /* shifted last; ends what is reduced */
	const struct dg_sql_token *rejected; /* no rule takes it here */
	const struct dg_sql_token
		*arrow;    /* of the last lambda; else the first */
	const char *fault; /* of a text that the grammar takes; or NULL */
	uint32_t fault_offset;
	char *block;     /* unused part of ... */
	char *block_end; /* ... the newest block of nodes */
	struct dg_sql_node *scratch;
};

/* False when the arena is full. */
bool dg_sql_build_init(struct dg_sql_build *cx,
		       const struct dg_sql_tokens *tokens,
		       const struct dg_sql_limits *limits,
		       struct dg_arena *arena, struct dg_sql_error *err);
DG_COLD void dg_sql_build_overflow(struct dg_sql_build *cx);
/* The first failure stays. */
DG_COLD void dg_sql_build_fail(struct dg_sql_build *cx,
			       enum dg_sql_error_kind kind, uint32_t offset,
			       const char *text);

/*
 * What the engines find only when they have read the whole statement, such as a
 * count of arguments: a syntax error further on is told in its stead. The first
 * stays.
 */
DG_COLD void dg_sql_build_fault(struct dg_sql_build *cx, uint32_t offset,
				const char *text);

/* A node that reaches from byte start to the last token, with its slots. */
struct dg_sql_node *dg_mk_leaf(struct dg_sql_build *cx, enum dg_sql_kind kind,
			       unsigned flags, uint32_t start);
struct dg_sql_node *dg_mk_node1(struct dg_sql_build *cx, enum dg_sql_kind kind,
				unsigned flags, uint32_t start,
				struct dg_sql_node *kid);
struct dg_sql_node *dg_mk_node2(struct dg_sql_build *cx, enum dg_sql_kind kind,
				unsigned flags, uint32_t start,
				struct dg_sql_node *first,
				struct dg_sql_node *second);
struct dg_sql_node *dg_mk_nodes(struct dg_sql_build *cx, enum dg_sql_kind kind,
				unsigned flags, uint32_t start, unsigned n,
				struct dg_sql_node *const *kids);

/* Most nodes have two slots at most: those pass through no array. */
static inline struct dg_sql_node *
dg_mk_node(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	   uint32_t start, unsigned n, struct dg_sql_node *const *kids)
{
	if (n == 1)
		return dg_mk_node1(cx, kind, flags, start, kids[0]);
	if (n == 2)
		return dg_mk_node2(cx, kind, flags, start, kids[0], kids[1]);
	return dg_mk_nodes(cx, kind, flags, start, n, kids);
}

/* MK(KIND, flags, start, kid, ...): as many kids as the kind has slots. */
#define MK(kind, flags, start, ...) \
	dg_mk_node( \
		cx, DG_SQL_K_##kind, (flags), (start), DG_SQL_SLOTS_OF_##kind, \
		(struct dg_sql_node * [DG_SQL_SLOTS_OF_##kind]){__VA_ARGS__})
/* The same with an operator. */
#define MK_OP(kind, op, flags, start, ...) \
	dg_mk_op(MK(kind, flags, start, __VA_ARGS__), (op))
/* No slots. */
#define MK_LEAF(kind, flags, start) \
	dg_mk_leaf(cx, DG_SQL_K_##kind, (flags), (start))

static inline struct dg_sql_node *
dg_mk_op(struct dg_sql_node *node, enum dg_sql_op op)
{
	node->op = (uint8_t)op;
	return node;
}

/*
 * What stands in front of a node that was made before it was known (the left
 * operand of a predicate, the label of a loop): put it in slot 0 now.
 */
struct dg_sql_node *dg_mk_headed(struct dg_sql_build *cx,
				 struct dg_sql_node *head,
				 struct dg_sql_node *node);
/* Sets text to the token's words in upper case. */
struct dg_sql_node *dg_mk_worded(struct dg_sql_build *cx,
				 struct dg_sql_node *node,
				 const struct dg_sql_token *from,
				 const struct dg_sql_token *to);
/* A syntax error at the offset where this version has no such thing. */
void dg_mk_gate(struct dg_sql_build *cx, enum dg_sql_gate gate,
		uint32_t offset);
#define GATE(gate, at) dg_mk_gate(cx, DG_SQL_G_##gate, (at)->offset)
/* The name of a column; of a field of one only where the gate is open. */
struct dg_sql_node *dg_mk_nested(struct dg_sql_build *cx, enum dg_sql_gate gate,
				 struct dg_sql_node *name);
struct dg_sql_node *dg_mk_flag(struct dg_sql_node *node, unsigned flags);

struct dg_sql_node *dg_mk_list(struct dg_sql_build *cx,
			       struct dg_sql_node *first);
struct dg_sql_node *dg_mk_append(struct dg_sql_build *cx,
				 struct dg_sql_node *list,
				 struct dg_sql_node *item);

/* Names. token: ID or QUOTED. */
struct dg_sql_node *dg_mk_id(struct dg_sql_build *cx,
			     const struct dg_sql_token *token);
/* The same where the engines take any letters: of arguments, of rights. */
struct dg_sql_node *dg_mk_any_id(struct dg_sql_build *cx,
				 const struct dg_sql_token *token);
/* The keyword that a function is called by. */
struct dg_sql_node *dg_mk_keyword_id(struct dg_sql_build *cx,
				     const struct dg_sql_token *token);
/* One more part; name NULL: the first. */
struct dg_sql_node *dg_mk_qname(struct dg_sql_build *cx,
				struct dg_sql_node *name,
				const struct dg_sql_token *part);
/* A table's name with the branch that is written to. */
struct dg_sql_node *dg_mk_branch(struct dg_sql_node *name,
				 struct dg_sql_node *branch);
/* kind: a SHOW. name may be NULL; like: a LIKE without VALUE, or NULL. */
struct dg_sql_node *dg_mk_show(struct dg_sql_build *cx, enum dg_sql_kind kind,
			       const struct dg_sql_token *show,
			       struct dg_sql_node *name,
			       struct dg_sql_node *like);
/* A keyword as an operand: WORD for one token, or for from .. last. */
struct dg_sql_node *dg_mk_word(struct dg_sql_build *cx,
			       const struct dg_sql_token *token);
struct dg_sql_node *dg_mk_words(struct dg_sql_build *cx,
				const struct dg_sql_token *from);

/*
 * Rules of the engines' parsers beside their grammars, on what has been read.
 * A routine begins with RETURN or BEGIN.
 */
void dg_mk_check_body(struct dg_sql_build *cx,
		      const struct dg_sql_node *control);
/* ID and WORD: no role has the name of a right. */
void dg_mk_check_roles(struct dg_sql_build *cx,
		       const struct dg_sql_node *rights);
/* STRING: a member of a JSON object has a name. */
void dg_mk_check_member(struct dg_sql_build *cx,
			const struct dg_sql_node *name);
/* -1.* is a number's; dot: where anything else would be wrong. */
void dg_mk_check_signed(struct dg_sql_build *cx,
			const struct dg_sql_token *sign,
			const struct dg_sql_token *dot);
/* a -> b.* is the lambda's; x + a -> b.* is nobody's. */
void dg_mk_check_primary(struct dg_sql_build *cx,
			 const struct dg_sql_node *value,
			 const struct dg_sql_token *dot);
/*
 * What hangs on a value hangs on no AT TIME ZONE without brackets: in a lambda
 * it hangs on the lambda, and elsewhere on nothing.
 */
void dg_mk_fail_zoned(struct dg_sql_build *cx, const struct dg_sql_token *sign);
static inline void
dg_mk_check_unzoned(struct dg_sql_build *cx, const struct dg_sql_node *value,
		    const struct dg_sql_token *sign)
{
	if (value->kind == DG_SQL_K_AT_ZONE)
		dg_mk_fail_zoned(cx, sign);
}
/* CURRENT_USER grants, CURRENT_DATE does not. */
void dg_mk_check_grantor(struct dg_sql_build *cx,
			 const struct dg_sql_token *token);
/* ALTER FUNCTION changes something; options may be NULL. */
void dg_mk_check_null_calls(struct dg_sql_build *cx,
			    const struct dg_sql_node *options);
/* In Presto no two say the same of a routine; options may be NULL. */
void dg_mk_check_options(struct dg_sql_build *cx,
			 const struct dg_sql_node *options);
/* The same of a constraint. */
void dg_mk_check_constraint(struct dg_sql_build *cx,
			    const struct dg_sql_node *options);
/* label.* as an argument: nothing but a name stands before the dot. */
void dg_mk_check_label(struct dg_sql_build *cx, const struct dg_sql_node *label,
		       const struct dg_sql_token *dot);
/* ROLLUP () and CUBE () are Presto's. */
void dg_mk_check_sets(struct dg_sql_build *cx, const struct dg_sql_token *token,
		      const struct dg_sql_node *sets);
/* CREATE OR REPLACE .. IF NOT EXISTS; flags of both. */
void dg_mk_check_create(struct dg_sql_build *cx,
			const struct dg_sql_token *create, unsigned flags);
/* No lambda in a GROUP BY of Presto; just read, from its GROUP on. */
void dg_mk_check_group(struct dg_sql_build *cx,
		       const struct dg_sql_token *group);
/* From the longer to the shorter, where the engine looks at it. */
void dg_mk_check_units(struct dg_sql_build *cx, const struct dg_sql_token *from,
		       const struct dg_sql_token *to,
		       const struct dg_sql_token *until);
void dg_mk_check_precision(struct dg_sql_build *cx,
			   const struct dg_sql_token *precision);
/* SQL alone in some versions. */
void dg_mk_check_language(struct dg_sql_build *cx,
			  const struct dg_sql_token *name);
/* A field of a descriptor has a type in Presto. */
void dg_mk_check_descriptor(struct dg_sql_build *cx,
			    const struct dg_sql_token *name);
/* t ARRAY [5] */
void dg_mk_check_sized(struct dg_sql_build *cx,
		       const struct dg_sql_token *array);

/* What ROW (..) has, as a type. */
enum dg_sql_fields {
	DG_SQL_FIELD_NAMED = 1,
	DG_SQL_FIELD_TYPE = 2, /* and no name */
	DG_SQL_FIELD_NUMBER = 4,
};
/* So many fields, and one more whose type (or number) begins at that token. */
unsigned dg_mk_fields(struct dg_sql_build *cx, unsigned fields,
		      const struct dg_sql_token *type);

/* Literals. */
/* $$..$$ */
struct dg_sql_node *dg_mk_dollar(struct dg_sql_build *cx,
				 const struct dg_sql_token *token);
struct dg_sql_node *dg_mk_literal(struct dg_sql_build *cx,
				  enum dg_sql_kind kind,
				  const struct dg_sql_token *token);
/* NUMBER; a syntax error beyond a bigint. */
struct dg_sql_node *dg_mk_integer(struct dg_sql_build *cx,
				  const struct dg_sql_token *token);
struct dg_sql_node *dg_mk_string(struct dg_sql_build *cx,
				 const struct dg_sql_token *token);
/* escape: the STRING behind UESCAPE, or NULL. */
struct dg_sql_node *dg_mk_unicode(struct dg_sql_build *cx,
				  const struct dg_sql_token *token,
				  const struct dg_sql_token *escape);
/* U&'..' of a SHOW: as it is written where the engine does not decode it. */
struct dg_sql_node *dg_mk_shown(struct dg_sql_build *cx,
				const struct dg_sql_token *token,
				const struct dg_sql_token *escape);
struct dg_sql_node *dg_mk_binary(struct dg_sql_build *cx,
				 const struct dg_sql_token *token);
/* text is the type's name, as written. */
struct dg_sql_node *dg_mk_typed(struct dg_sql_build *cx,
				const struct dg_sql_token *type,
				struct dg_sql_node *string);
/* sign: PLUS, MINUS or NULL; text: the unit words from `unit` to the last. */
struct dg_sql_node *dg_mk_interval(struct dg_sql_build *cx,
				   const struct dg_sql_token *start,
				   const struct dg_sql_token *sign,
				   struct dg_sql_node *value,
				   const struct dg_sql_token *unit);
struct dg_sql_node *dg_mk_current(struct dg_sql_build *cx,
				  const struct dg_sql_token *token,
				  const struct dg_sql_token *precision);
/* A leaf with the text of the tokens from .. last, as written. */
struct dg_sql_node *dg_mk_written(struct dg_sql_build *cx,
				  enum dg_sql_kind kind,
				  const struct dg_sql_token *from);

/* Queries. */
/* The query now begins at the token open and ends at the last one. */
struct dg_sql_node *dg_mk_enclosed(struct dg_sql_build *cx,
				   const struct dg_sql_token *open,
				   struct dg_sql_node *query);
struct dg_sql_node *dg_mk_with_query(struct dg_sql_build *cx,
				     const struct dg_sql_token *with,
				     struct dg_sql_node *clause,
				     struct dg_sql_node *query);
/* functions: list of ROUTINE, in front of the query and of its WITH. */
struct dg_sql_node *dg_mk_with_functions(struct dg_sql_build *cx,
					 const struct dg_sql_token *with,
					 struct dg_sql_node *functions,
					 struct dg_sql_node *query);
/* primary.*: Presto takes a chain of names only. */
struct dg_sql_node *dg_mk_star(struct dg_sql_build *cx,
			       struct dg_sql_node *target,
			       struct dg_sql_node *aliases);

/* empty: PRUNE, KEEP or NULL. */
struct dg_sql_node *dg_mk_table_arg(struct dg_sql_build *cx,
				    struct dg_sql_node *relation,
				    struct dg_sql_node *partition,
				    const struct dg_sql_token *empty,
				    struct dg_sql_node *order);
/* All four may be NULL. */
struct dg_sql_node *dg_mk_window(struct dg_sql_build *cx,
				 struct dg_sql_node *base,
				 struct dg_sql_node *partition,
				 struct dg_sql_node *order,
				 struct dg_sql_node *frame);

/* pattern: a ROW_PATTERN, left out when it says nothing. */
struct dg_sql_node *dg_mk_frame(struct dg_sql_build *cx,
				struct dg_sql_node *frame,
				struct dg_sql_node *pattern);
/* items: a list of patterns; of one, that pattern. */
struct dg_sql_node *dg_mk_pattern(struct dg_sql_build *cx,
				  enum dg_sql_kind kind,
				  struct dg_sql_node *items);

/* An alias without AS, which the engines do not take for COPARTITION. */
struct dg_sql_node *dg_mk_table_arg_alias(struct dg_sql_build *cx,
					  struct dg_sql_node *relation,
					  const struct dg_sql_token *name,
					  struct dg_sql_node *columns);

/* Expressions. */
struct dg_sql_node *dg_mk_binary_op(struct dg_sql_build *cx, enum dg_sql_op op,
				    struct dg_sql_node *left,
				    struct dg_sql_node *right);
/* params: a name, or bare names in PAREN or ROW_EXPR; else a syntax error. */
struct dg_sql_node *dg_mk_lambda_params(struct dg_sql_build *cx,
					struct dg_sql_node *params,
					const struct dg_sql_token *arrow);
/* comparison ANY/ALL (query), without its left operand. */
struct dg_sql_node *dg_mk_quantified(struct dg_sql_build *cx,
				     enum dg_sql_op comparison,
				     enum dg_sql_op any_all,
				     struct dg_sql_node *query);
/*
 * args: a CALL without a name. name: ID or DEREF. Of the few functions that the
 * engines know by name the number of arguments is checked.
 */
struct dg_sql_node *dg_mk_call(struct dg_sql_build *cx,
			       struct dg_sql_node *name,
			       struct dg_sql_node *call);
/* What stands before the `(` read last: names alone, in most versions. */
struct dg_sql_node *dg_mk_callee(struct dg_sql_build *cx,
				 struct dg_sql_node *callee);
struct dg_sql_node *dg_mk_call_tail(struct dg_sql_build *cx,
				    struct dg_sql_node *call,
				    struct dg_sql_node *filter, unsigned nulls,
				    struct dg_sql_node *over);
/* type::name(args); args: a CALL without a name. */
struct dg_sql_node *dg_mk_static_call(struct dg_sql_build *cx,
				      struct dg_sql_node *type,
				      struct dg_sql_node *name,
				      struct dg_sql_node *args);
/* mode: RUNNING or FINAL. */
struct dg_sql_node *dg_mk_processing(struct dg_sql_build *cx,
				     const struct dg_sql_token *mode,
				     struct dg_sql_node *call);
/* EXTRACT and the like: CALL of the keyword with these arguments. */
struct dg_sql_node *dg_mk_special(struct dg_sql_build *cx,
				  const struct dg_sql_token *keyword,
				  struct dg_sql_node *args);
struct dg_sql_node *dg_mk_extract(struct dg_sql_build *cx,
				  const struct dg_sql_token *extract,
				  const struct dg_sql_token *field,
				  struct dg_sql_node *value);
struct dg_sql_node *dg_mk_listagg(struct dg_sql_build *cx,
				  struct dg_sql_node *call,
				  struct dg_sql_node *within,
				  struct dg_sql_node *filter,
				  struct dg_sql_node *over);

/*
 * The parser of each dialect, generated from grammar.y. Feeds the tokens and
 * leaves the tree in cx->root; on a syntax error cx->rejected, and in expected
 * a bit for each token code that could have stood there.
 */
#define DG_SQL_EXPECTED_BYTES 64
void dg_sql_trino_run(struct dg_sql_build *cx,
		      unsigned char expected[DG_SQL_EXPECTED_BYTES]);
void dg_sql_presto_run(struct dg_sql_build *cx,
		       unsigned char expected[DG_SQL_EXPECTED_BYTES]);

#endif

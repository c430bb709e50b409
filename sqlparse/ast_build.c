/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast_build.c - the constructors behind the grammar's actions.
 *
 * Nodes are cut from blocks of the statement's arena. Each counts against the
 * limit of nodes and knows its depth, so that no tree deeper than the limit is
 * ever finished and everything that walks one may recurse. Literals and names
 * are decoded here, once.
 */
#include "ast_build.h"

#include "base/assert.h"

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
		.limits = limits,
		.arena = arena,
		.err = err,
		.rc = DG_OK,
		.last = tokens->at,
	};
	cx->scratch = dg_arena_alloc(arena, sizeof(struct dg_sql_node) +
						    SLOTS_MAX * sizeof(void *));
	return cx->scratch != NULL;
}

static void
fail(struct dg_sql_build *cx, enum dg_sql_error_kind kind, uint32_t offset,
     const char *text)
{
	if (cx->rc == DG_OK)
		cx->rc = dg_sql_fail(cx->err, kind, cx->tokens->text, offset,
				     "%s", text);
}

static void
fail_depth(struct dg_sql_build *cx, uint32_t offset)
{
	fail(cx, DG_SQL_E_LIMIT, offset, "The statement is nested too deeply");
}

static void
fail_memory(struct dg_sql_build *cx)
{
	fail(cx, DG_SQL_E_LIMIT, cx->last->offset,
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

static bool
grow_block(struct dg_sql_build *cx, size_t need)
{
	size_t size = cx->tokens->n * BYTES_A_TOKEN;

	if (size < BLOCK_MIN)
		size = BLOCK_MIN;
	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	DG_ASSERT(need <= size);
	cx->block = dg_arena_alloc(cx->arena, size);
	cx->block_end = cx->block == NULL ? NULL : cx->block + size;
	return cx->block != NULL;
}

static struct dg_sql_node *
allocate(struct dg_sql_build *cx, unsigned n_slots)
{
	size_t size = sizeof(struct dg_sql_node) + n_slots * sizeof(void *);
	struct dg_sql_node *node;

	if (cx->rc != DG_OK)
		return cx->scratch;
	if (cx->n_nodes >= cx->limits->max_nodes) {
		fail(cx, DG_SQL_E_LIMIT, cx->last->offset,
		     "The statement has too many parts");
		return cx->scratch;
	}
	if ((cx->block == NULL || (size_t)(cx->block_end - cx->block) < size) &&
	    !grow_block(cx, size)) {
		fail_memory(cx);
		return cx->scratch;
	}
	cx->n_nodes++;
	node = (struct dg_sql_node *)(void *)cx->block;
	cx->block += size;
	return node;
}

/*
 * Depth of a node with these slots, and the chain's way up: both must be done
 * again whenever a slot is filled later.
 */
static void
settle(struct dg_sql_build *cx, struct dg_sql_node *node, unsigned n_slots)
{
	unsigned depth = 0;
	unsigned i = 0;

	if (cx->rc != DG_OK)
		return;
	if (dg_sql_is_chain_kind(node->kind) && node->kid[0] != NULL &&
	    node->kid[0]->kind == node->kind) {
		node->kid[0]->next = node;
		depth = node->kid[0]->depth - 1u;
		i = 1;
	}
	for (; i < n_slots; i++) {
		if (node->kid[i] != NULL && node->kid[i]->depth > depth)
			depth = node->kid[i]->depth;
	}
	if (depth >= cx->limits->max_depth || depth >= UINT16_MAX) {
		fail_depth(cx, node->offset);
		return;
	}
	node->depth = (uint16_t)(depth + 1);
}

struct dg_sql_node *
dg_mk_node(struct dg_sql_build *cx, enum dg_sql_kind kind, unsigned flags,
	   uint32_t start, unsigned n, struct dg_sql_node *const *kids)
{
	struct dg_sql_node *node = allocate(cx, n);

	if (node == cx->scratch)
		return node;
	node->kind = (uint16_t)kind;
	node->flags = (uint16_t)flags;
	node->offset = start;
	node->end = last_end(cx);
	for (unsigned i = 0; i < n; i++)
		node->kid[i] = kids[i];
	settle(cx, node, n);
	return node;
}

struct dg_sql_node *
dg_mk_op(struct dg_sql_node *node, enum dg_sql_op op)
{
	node->op = (uint8_t)op;
	return node;
}

struct dg_sql_node *
dg_mk_flag(struct dg_sql_node *node, unsigned flags)
{
	node->flags |= (uint16_t)flags;
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
	list->kid[DG_SQL_LIST_LAST]->next = item;
	list->kid[DG_SQL_LIST_LAST] = item;
	list->end = last_end(cx);
	if (item->depth >= list->depth) {
		list->depth = (uint16_t)(item->depth + 1u);
		if (list->depth > cx->limits->max_depth)
			fail_depth(cx, item->offset);
	}
	return list;
}

/* ---- text of tokens */

static char *
text_room(struct dg_sql_build *cx, size_t size)
{
	char *room = cx->rc == DG_OK ? dg_arena_alloc(cx->arena, size) : NULL;

	if (room == NULL)
		fail_memory(cx);
	return room;
}

static struct dg_str
token_text(const struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	return dg_sql_token_text(cx->tokens->text, token);
}

static char
to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c;
}

static bool
is_wordlike(const struct dg_sql_token *token)
{
	return token->word != 0 || token->code == DG_TK_ID ||
	       token->code == DG_TK_LIT_INTEGER;
}

/* The tokens from .. to with a blank only where words would run together. */
static struct dg_str
join_tokens(struct dg_sql_build *cx, const struct dg_sql_token *from,
	    const struct dg_sql_token *to, bool upper)
{
	size_t room =
		to->offset + to->len - from->offset + 1 + (size_t)(to - from);
	char *text = text_room(cx, room);
	size_t len = 0;

	if (text == NULL)
		return DG_STR_EMPTY;
	for (const struct dg_sql_token *at = from; at <= to; at++) {
		struct dg_str part = token_text(cx, at);

		if (at > from && is_wordlike(at) &&
		    (is_wordlike(at - 1) || at[-1].code == DG_TK_RP ||
		     at[-1].code == DG_TK_GT))
			text[len++] = ' ';
		for (size_t i = 0; i < part.len; i++)
			text[len++] =
				upper ? to_upper(part.data[i]) : part.data[i];
	}
	return dg_str_make(text, len);
}

struct dg_sql_node *
dg_mk_worded(struct dg_sql_build *cx, struct dg_sql_node *node,
	     const struct dg_sql_token *from, const struct dg_sql_token *to)
{
	if (from == to && from->word != DG_SQL_NO_WORD)
		node->text = dg_sql_word_name((enum dg_sql_word)from->word);
	else
		node->text = join_tokens(cx, from, to, true);
	return node;
}

/* body with each doubled quote made one */
static struct dg_str
undouble(struct dg_sql_build *cx, struct dg_str body, char quote)
{
	char *text;
	size_t len = 0;

	if (dg_str_find(body, quote, 0) == body.len)
		return body;
	text = text_room(cx, body.len);
	if (text == NULL)
		return DG_STR_EMPTY;
	for (size_t i = 0; i < body.len; i++) {
		text[len++] = body.data[i];
		if (body.data[i] == quote)
			i++;
	}
	return dg_str_make(text, len);
}

/* ---- names */

struct dg_sql_node *
dg_mk_id(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	bool quoted = token->code == DG_TK_QUOTED;
	struct dg_sql_node *node =
		MK_LEAF(ID, quoted ? DG_SQL_F_QUOTED : 0, token->offset);
	struct dg_str text = token_text(cx, token);

	if (quoted)
		text = undouble(cx, dg_str_slice(text, 1, text.len - 1), '"');
	node->text = text;
	node->end = token->offset + token->len;
	return node;
}

struct dg_sql_node *
dg_mk_qname(struct dg_sql_build *cx, struct dg_sql_node *name,
	    const struct dg_sql_token *part)
{
	struct dg_sql_node *id = dg_mk_id(cx, part);

	if (cx->rc != DG_OK)
		return cx->scratch;
	if (name == NULL)
		return MK(QNAME, 0, part->offset, dg_mk_list(cx, id));
	(void)dg_mk_append(cx, name->kid[DG_SQL_QNAME_PARTS], id);
	name->end = id->end;
	return name;
}

struct dg_sql_node *
dg_mk_show(struct dg_sql_build *cx, enum dg_sql_kind kind,
	   const struct dg_sql_token *show, struct dg_sql_node *name,
	   struct dg_sql_node *like)
{
	struct dg_sql_node *kids[3];
	unsigned n = 0;

	if (kind != DG_SQL_K_SHOW_CATALOGS)
		kids[n++] = name;
	kids[n++] = like == NULL ? NULL : like->kid[DG_SQL_LIKE_PATTERN];
	kids[n++] = like == NULL ? NULL : like->kid[DG_SQL_LIKE_ESCAPE];
	return dg_mk_node(cx, kind, 0, show->offset, n, kids);
}

struct dg_sql_node *
dg_mk_word(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(WORD, 0, token->offset);

	node->end = token->offset + token->len;
	return dg_mk_worded(cx, node, token, token);
}

struct dg_sql_node *
dg_mk_words(struct dg_sql_build *cx, const struct dg_sql_token *from)
{
	return dg_mk_worded(cx, MK_LEAF(WORD, 0, from->offset), from, cx->last);
}

/* ---- literals */

struct dg_sql_node *
dg_mk_literal(struct dg_sql_build *cx, enum dg_sql_kind kind,
	      const struct dg_sql_token *token)
{
	struct dg_sql_node *node =
		dg_mk_node(cx, kind, 0, token->offset, 0, NULL);

	node->end = token->offset + token->len;
	node->text = token->code == DG_TK_TRUE    ? DG_STR("true")
		     : token->code == DG_TK_FALSE ? DG_STR("false")
						  : token_text(cx, token);
	return node;
}

static struct dg_str
string_value(struct dg_sql_build *cx, const struct dg_sql_token *token,
	     size_t prefix)
{
	struct dg_str text = token_text(cx, token);

	return undouble(cx, dg_str_slice(text, prefix + 1, text.len - 1), '\'');
}

struct dg_sql_node *
dg_mk_string(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(STRING, 0, token->offset);

	node->text = string_value(cx, token, 0);
	return node;
}

/* Up to four bytes; code is a scalar value. */
static size_t
put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xC0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xE0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3F));
		to[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3F));
	to[2] = (char)(0x80 | (code >> 6 & 0x3F));
	to[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

/*
 * One escape behind the escape character: itself, XXXX or +XXXXXX. Returns the
 * bytes read, 0 when it is none.
 */
static size_t
read_escape(struct dg_str text, size_t at, char escape, uint32_t *code_out)
{
	size_t digits = 4;
	size_t start = at;
	uint32_t code = 0;

	if (at < text.len && text.data[at] == escape) {
		*code_out = (unsigned char)escape;
		return 1;
	}
	if (at < text.len && text.data[at] == '+') {
		digits = 6;
		at++;
	}
	if (text.len - at < digits)
		return 0;
	for (size_t i = 0; i < digits; i++) {
		int digit = dg_hex_value(text.data[at + i]);

		if (digit < 0)
			return 0;
		code = code << 4 | (uint32_t)digit;
	}
	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	*code_out = code;
	return at + digits - start;
}

/* False where an escape is malformed. Never longer than the text. */
static bool
decode_unicode(struct dg_str text, char escape, char *to, size_t *len_out)
{
	size_t len = 0;
	size_t at = 0;

	while (at < text.len) {
		uint32_t code = 0;
		size_t step;

		if (text.data[at] != escape) {
			to[len++] = text.data[at++];
			continue;
		}
		step = read_escape(text, at + 1, escape, &code);
		if (step == 0)
			return false;
		len += put_utf8(to + len, code);
		at += step + 1;
	}
	*len_out = len;
	return true;
}

static bool
is_escape_character(struct dg_str s)
{
	char c = s.len == 1 ? s.data[0] : ' ';

	return c > 0x20 && c < 0x7F && dg_hex_value(c) < 0 && c != '"' &&
	       c != '+' && c != '\'';
}

struct dg_sql_node *
dg_mk_unicode(struct dg_sql_build *cx, const struct dg_sql_token *token,
	      const struct dg_sql_token *escape)
{
	struct dg_sql_node *node = MK_LEAF(STRING, 0, token->offset);
	struct dg_str text = string_value(cx, token, 2);
	struct dg_str mark =
		escape == NULL ? DG_STR("\\") : string_value(cx, escape, 0);
	char *value = text_room(cx, text.len + 1);
	size_t len;

	if (value == NULL)
		return node;
	if (!is_escape_character(mark) ||
	    !decode_unicode(text, mark.data[0], value, &len)) {
		fail(cx, DG_SQL_E_SYNTAX, token->offset,
		     "Malformed escape in a Unicode string");
		return node;
	}
	node->text = dg_str_make(value, len);
	return node;
}

struct dg_sql_node *
dg_mk_binary(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(BINARY, 0, token->offset);
	struct dg_str text = token_text(cx, token);
	struct dg_str body = dg_str_slice(text, 2, text.len - 1);
	char *value = text_room(cx, body.len + 1);
	size_t len = 0;
	bool good = true;

	if (value == NULL)
		return node;
	for (size_t i = 0; i < body.len; i++) {
		char c = body.data[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		good = good && dg_hex_value(c) >= 0;
		value[len++] = to_upper(c);
	}
	if (!good || len % 2 != 0)
		fail(cx, DG_SQL_E_SYNTAX, token->offset,
		     "A binary literal needs an even number of hexadecimal "
		     "digits");
	node->text = dg_str_make(value, len);
	return node;
}

struct dg_sql_node *
dg_mk_typed(struct dg_sql_build *cx, struct dg_sql_node *id,
	    struct dg_sql_node *string)
{
	struct dg_sql_node *node = MK(TYPED_LITERAL, 0, id->offset, string);

	node->text = id->text;
	return node;
}

struct dg_sql_node *
dg_mk_interval(struct dg_sql_build *cx, const struct dg_sql_token *start,
	       const struct dg_sql_token *sign, struct dg_sql_node *value,
	       const struct dg_sql_token *unit)
{
	struct dg_sql_node *node = MK(INTERVAL, 0, start->offset, value);

	if (sign != NULL && sign->code == DG_TK_MINUS)
		node->op = DG_SQL_OP_NEG;
	return dg_mk_worded(cx, node, unit, cx->last);
}

struct dg_sql_node *
dg_mk_current(struct dg_sql_build *cx, const struct dg_sql_token *token,
	      const struct dg_sql_token *precision)
{
	struct dg_sql_node *number =
		precision == NULL
			? NULL
			: dg_mk_literal(cx, DG_SQL_K_NUMBER, precision);

	return dg_mk_worded(cx, MK(CURRENT, 0, token->offset, number), token,
			    token);
}

struct dg_sql_node *
dg_mk_type(struct dg_sql_build *cx, const struct dg_sql_token *from)
{
	struct dg_sql_node *node = MK_LEAF(TYPE, 0, from->offset);

	node->text = from == cx->last ? token_text(cx, from)
				      : join_tokens(cx, from, cx->last, false);
	return node;
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
		fail(cx, DG_SQL_E_SYNTAX, cx->last->offset,
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

/* ---- expressions */

struct dg_sql_node *
dg_mk_binary_op(struct dg_sql_build *cx, enum dg_sql_op op,
		struct dg_sql_node *left, struct dg_sql_node *right)
{
	return MK_OP(BINARY_OP, op, 0, left->offset, left, right);
}

struct dg_sql_node *
dg_mk_paren(struct dg_sql_build *cx, const struct dg_sql_token *open,
	    struct dg_sql_node *items)
{
	struct dg_sql_node *first = items->kid[DG_SQL_LIST_FIRST];

	if (first == items->kid[DG_SQL_LIST_LAST])
		return MK(PAREN, 0, open->offset, first);
	return MK(ROW_EXPR, 0, open->offset, items);
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
	names = lambda_params(cx, params);
	if (names == NULL) {
		fail(cx, DG_SQL_E_SYNTAX, arrow->offset,
		     "mismatched input '->'. Before it only names can stand");
		return cx->scratch;
	}
	names->offset = params->offset;
	return names;
}

struct dg_sql_node *
dg_mk_predicate(struct dg_sql_build *cx, struct dg_sql_node *left,
		struct dg_sql_node *predicate)
{
	if (cx->rc != DG_OK)
		return cx->scratch;
	predicate->kid[0] = left;
	predicate->offset = left->offset;
	settle(cx, predicate,
	       dg_sql_kind_slots((enum dg_sql_kind)predicate->kind));
	return predicate;
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

struct dg_sql_node *
dg_mk_call(struct dg_sql_build *cx, struct dg_sql_node *name,
	   struct dg_sql_node *call)
{
	bool methods = cx->tokens->engine.dialect == DG_SQL_TRINO &&
		       (cx->tokens->engine.version == 0 ||
			cx->tokens->engine.version >= 482);

	if (cx->rc != DG_OK)
		return cx->scratch;
	if (!methods && !is_chain_of_names(name))
		fail(cx, DG_SQL_E_SYNTAX, name->kid[1]->end,
		     "mismatched input '('. Only a function's name can stand "
		     "before it");
	call->kid[DG_SQL_CALL_NAME] = name;
	call->offset = name->offset;
	call->end = last_end(cx);
	settle(cx, call, DG_SQL_SLOTS_OF_CALL);
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
dg_mk_special(struct dg_sql_build *cx, const struct dg_sql_token *keyword,
	      struct dg_sql_node *args)
{
	struct dg_sql_node *name = dg_mk_id(cx, keyword);

	return MK(CALL, 0, keyword->offset, name, args);
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

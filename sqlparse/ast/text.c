/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - nodes that hold text: names, keywords as operands, literals.
 *
 * What a token says is decoded here, once: quotes, escapes, letters' case where
 * that means nothing. A literal that is malformed is a syntax error.
 */
#include "ast/build.h"

/* ---- text of tokens */

static char *
text_room(struct dg_sql_build *cx, size_t size)
{
	char *room =
		cx->rc == DG_OK ? dg_arena_alloc_raw(cx->arena, size) : NULL;

	if (room == NULL)
		dg_sql_build_fail(cx, DG_SQL_E_LIMIT, cx->last->offset,
				  "The statement needs too much memory");
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
static DG_COLD struct dg_str
undouble(struct dg_sql_build *cx, struct dg_str body, char quote)
{
	char *text;
	size_t len = 0;

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

static inline struct dg_sql_node *
make_id(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	unsigned flags = token->folded ? DG_SQL_F_FOLDED : 0;
	struct dg_str text = token_text(cx, token);
	struct dg_sql_node *node;

	if (token->code == DG_TK_QUOTED) {
		flags |= DG_SQL_F_QUOTED;
		text = dg_str_make(text.data + 1, text.len - 2);
		if (token->doubled)
			text = undouble(cx, text, '"');
	}
	node = MK_LEAF(ID, flags, token->offset);
	node->text = text;
	node->end = token->offset + token->len;
	return node;
}

struct dg_sql_node *
dg_mk_id(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	if (token->doubled && token->code != DG_TK_QUOTED)
		dg_sql_build_fault(cx, token->offset,
				   "A name without quotes has letters beyond "
				   "ASCII");
	return make_id(cx, token);
}

struct dg_sql_node *
dg_mk_any_id(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	return make_id(cx, token);
}

struct dg_sql_node *
dg_mk_keyword_id(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = make_id(cx, token);

	if (token->doubled)
		node->text = dg_sql_word_name((enum dg_sql_word)token->word);
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
		return MK(QNAME, 0, part->offset, dg_mk_list(cx, id), NULL);
	(void)dg_mk_append(cx, name->kid[DG_SQL_QNAME_PARTS], id);
	name->end = id->end;
	return name;
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

static unsigned
base_of(struct dg_str text)
{
	char letter = text.len > 2 && text.data[0] == '0' ? text.data[1] : '0';

	switch (letter) {
	case 'x':
	case 'X':
		return 16;
	case 'o':
	case 'O':
		return 8;
	case 'b':
	case 'B':
		return 2;
	}
	return 10;
}

/* False beyond 64 bits. */
static bool
integer_value(struct dg_str text, uint64_t *value_out)
{
	unsigned base = base_of(text);
	uint64_t value = 0;

	for (size_t i = base == 10 ? 0 : 2; i < text.len; i++) {
		uint64_t digit;

		if (text.data[i] == '_')
			continue;
		digit = (uint64_t)dg_hex_value(text.data[i]);
		if (value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*value_out = value;
	return true;
}

/*
 * A bigint. In Trino the sign is the literal's, so that the least one can be
 * written; Presto complains at the beginning of the statement.
 */
static void
check_integer(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	enum { ALWAYS_FIT = 15 }; /* digits, whatever their base */
	bool trino = cx->tokens->engine.dialect == DG_SQL_TRINO;
	bool minus = trino && token > cx->tokens->at &&
		     token[-1].code == DG_TK_MINUS;
	uint64_t value;

	if (token->len <= ALWAYS_FIT)
		return;
	if (integer_value(token_text(cx, token), &value) &&
	    value <= (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return;
	dg_sql_build_fault(cx,
			   !trino  ? 0
			   : minus ? token[-1].offset
				   : token->offset,
			   "Invalid numeric literal: it does not fit into a "
			   "bigint");
}

struct dg_sql_node *
dg_mk_literal(struct dg_sql_build *cx, enum dg_sql_kind kind,
	      const struct dg_sql_token *token)
{
	struct dg_sql_node *node = dg_mk_leaf(cx, kind, 0, token->offset);

	node->end = token->offset + token->len;
	node->text = token->code == DG_TK_TRUE    ? DG_STR("true")
		     : token->code == DG_TK_FALSE ? DG_STR("false")
						  : token_text(cx, token);
	return node;
}

struct dg_sql_node *
dg_mk_integer(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	check_integer(cx, token);
	return dg_mk_literal(cx, DG_SQL_K_NUMBER, token);
}

static struct dg_str
string_value(struct dg_sql_build *cx, const struct dg_sql_token *token,
	     size_t prefix)
{
	struct dg_str text = token_text(cx, token);

	text = dg_str_slice(text, prefix + 1, text.len - 1);
	return token->doubled ? undouble(cx, text, '\'') : text;
}

struct dg_sql_node *
dg_mk_string(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(STRING, 0, token->offset);

	node->text = string_value(cx, token, 0);
	return node;
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
		len += dg_utf8_put(to + len, code);
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
		dg_sql_build_fault(cx, token->offset,
				   "Malformed escape in a Unicode string");
		return node;
	}
	node->text = dg_str_make(value, len);
	return node;
}

struct dg_sql_node *
dg_mk_shown(struct dg_sql_build *cx, const struct dg_sql_token *token,
	    const struct dg_sql_token *escape)
{
	struct dg_sql_node *node;

	if (dg_sql_has(cx->tokens->engine, DG_SQL_G_SHOW_LIKE_DECODED))
		return dg_mk_unicode(cx, token, escape);
	node = MK_LEAF(STRING, 0, token->offset);
	node->text = token_text(cx, token);
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
		dg_sql_build_fault(
			cx,
			token->offset + dg_sql_has(cx->tokens->engine,
						   DG_SQL_G_COLUMN_TWICE),
			"A binary literal needs an even number of hexadecimal "
			"digits");
	node->text = dg_str_make(value, len);
	return node;
}

struct dg_sql_node *
dg_mk_typed(struct dg_sql_build *cx, const struct dg_sql_token *type,
	    struct dg_sql_node *string)
{
	struct dg_sql_node *node = MK(TYPED_LITERAL, 0, type->offset, string);
	const struct dg_sql_node *id = make_id(cx, type);

	if ((id->flags & DG_SQL_F_QUOTED) == 0 &&
	    dg_str_eq_nocase(id->text, DG_STR("x")))
		dg_sql_build_fault(cx, id->offset,
				   "A binary literal has no blank between X "
				   "and the quote");
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
	uint64_t value;

	/* Of digits alone: neither 0x3 nor 1_0. */
	if (precision != NULL &&
	    (dg_str_to_u64(token_text(cx, precision), &value) != DG_OK ||
	     value > INT32_MAX))
		dg_sql_build_fault(cx, precision->offset,
				   "A precision does not fit into an integer");
	return dg_mk_worded(cx, MK(CURRENT, 0, token->offset, number), token,
			    token);
}

struct dg_sql_node *
dg_mk_written(struct dg_sql_build *cx, enum dg_sql_kind kind,
	      const struct dg_sql_token *from)
{
	struct dg_sql_node *node = dg_mk_leaf(cx, kind, 0, from->offset);

	node->text = from == cx->last ? token_text(cx, from)
				      : join_tokens(cx, from, cx->last, false);
	return node;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump.c - trees and tokens as text, for tests, bug reports, `analyze`.
 *
 * A tree is one s-expression on one line: (kind op flags "text" slot=node ..).
 * A slot is named only when it is filled, a list is [a b c]. It shows all that
 * is in the tree but offsets, so that white space, comments and the case of
 * keywords leave it as it is.
 */
#include "ast/ast.h"
#include "scan/token.h"

#include "base/assert.h"

static enum dg_rc dump_node(const struct dg_sql_node *node,
			    struct dg_buf *out) DG_MUST_CHECK;

static const char *const op_names[] = {
	[DG_SQL_OP_NONE] = "",         [DG_SQL_OP_UNION] = "union",
	[DG_SQL_OP_EXCEPT] = "except", [DG_SQL_OP_INTERSECT] = "intersect",
	[DG_SQL_OP_CROSS] = "cross",   [DG_SQL_OP_INNER] = "inner",
	[DG_SQL_OP_LEFT] = "left",     [DG_SQL_OP_RIGHT] = "right",
	[DG_SQL_OP_FULL] = "full",     [DG_SQL_OP_AND] = "and",
	[DG_SQL_OP_OR] = "or",         [DG_SQL_OP_EQ] = "=",
	[DG_SQL_OP_NE] = "<>",         [DG_SQL_OP_LT] = "<",
	[DG_SQL_OP_LE] = "<=",         [DG_SQL_OP_GT] = ">",
	[DG_SQL_OP_GE] = ">=",         [DG_SQL_OP_ADD] = "+",
	[DG_SQL_OP_SUB] = "-",         [DG_SQL_OP_MUL] = "*",
	[DG_SQL_OP_DIV] = "/",         [DG_SQL_OP_MOD] = "%",
	[DG_SQL_OP_CONCAT] = "||",     [DG_SQL_OP_NEG] = "-",
	[DG_SQL_OP_POS] = "+",         [DG_SQL_OP_ANY] = "any",
	[DG_SQL_OP_ALL] = "all",
};

/* What a bit of flags is called depends on the kind: `any` is the rest. */
struct flag_name {
	uint16_t kind;
	uint16_t flag;
	const char *name;
};

#define ANY_KIND DG_SQL_K_COUNT
#define ROW(kind, flag, name) \
	{ \
		DG_SQL_K_##kind, DG_SQL_F_##flag, name \
	}
static const struct flag_name flag_names[] = {
	{ANY_KIND, DG_SQL_F_NOT, "not"},
	{ANY_KIND, DG_SQL_F_DISTINCT, "distinct"},
	{ANY_KIND, DG_SQL_F_ALL, "all"},
	ROW(ID, QUOTED, "quoted"),
	ROW(WITH, RECURSIVE, "recursive"),
	ROW(REL_UNNEST, ORDINALITY, "ordinality"),
	ROW(CALL, STAR, "star"),
	ROW(CALL, IGNORE_NULLS, "ignore-nulls"),
	ROW(CALL, RESPECT_NULLS, "respect-nulls"),
	ROW(CALL, RUNNING, "running"),
	ROW(CALL, FINAL, "final"),
	ROW(JSON_BEHAVIOR, ON_EMPTY, "on-empty"),
	ROW(CAST, TRY, "try"),
	ROW(CREATE_TABLE_AS, IF_EXISTS, "if-not-exists"),
	ROW(CREATE_TABLE_AS, OR_REPLACE, "or-replace"),
	ROW(CREATE_TABLE_AS, WITH_NO_DATA, "with-no-data"),
	ROW(CREATE_TABLE_AS, WITH_DATA, "with-data"),
	ROW(DROP_TABLE, IF_EXISTS, "if-exists"),
	ROW(DROP_VIEW, IF_EXISTS, "if-exists"),
	ROW(CREATE_VIEW, OR_REPLACE, "or-replace"),
	ROW(CREATE_VIEW, INVOKER, "invoker"),
	ROW(CREATE_VIEW, DEFINER, "definer"),
	ROW(SORT_ITEM, DESC, "desc"),
	ROW(SORT_ITEM, NULLS_FIRST, "nulls-first"),
	ROW(SORT_ITEM, NULLS_LAST, "nulls-last"),
	ROW(LIMIT, WITH_TIES, "with-ties"),
	ROW(REL_JOIN, NATURAL, "natural"),
	ROW(SHOW_COLUMNS, DESCRIBE, "describe"),
	ROW(EXPLAIN, VERBOSE, "verbose"),
	ROW(EXPLAIN, ANALYZE, "analyze"),
	ROW(BETWEEN, SYMMETRIC, "symmetric"),
	ROW(CREATE_TABLE, IF_EXISTS, "if-not-exists"),
	ROW(CREATE_TABLE, OR_REPLACE, "or-replace"),
	ROW(LIKE_TABLE, INCLUDING, "including-properties"),
	ROW(LIKE_TABLE, EXCLUDING, "excluding-properties"),
	ROW(CREATE_MATERIALIZED_VIEW, IF_EXISTS, "if-not-exists"),
	ROW(CREATE_MATERIALIZED_VIEW, OR_REPLACE, "or-replace"),
	ROW(CREATE_MATERIALIZED_VIEW, INVOKER, "invoker"),
	ROW(CREATE_MATERIALIZED_VIEW, DEFINER, "definer"),
	ROW(DROP_MATERIALIZED_VIEW, IF_EXISTS, "if-exists"),
	ROW(CREATE_SCHEMA, IF_EXISTS, "if-not-exists"),
	ROW(DROP_SCHEMA, IF_EXISTS, "if-exists"),
	ROW(DROP_SCHEMA, CASCADE, "cascade"),
	ROW(CREATE_CATALOG, IF_EXISTS, "if-not-exists"),
	ROW(DROP_CATALOG, IF_EXISTS, "if-exists"),
	ROW(DROP_CATALOG, CASCADE, "cascade"),
	ROW(ALTER, IF_EXISTS, "if-exists"),
	ROW(ADD_COLUMN, IF_EXISTS, "if-not-exists"),
	ROW(RENAME_COLUMN, IF_EXISTS, "if-exists"),
	ROW(DROP_COLUMN, IF_EXISTS, "if-exists"),
	ROW(DROP_CONSTRAINT, IF_EXISTS, "if-exists"),
	ROW(CREATE_REFERENCE, IF_EXISTS, "if-not-exists"),
	ROW(CREATE_REFERENCE, OR_REPLACE, "or-replace"),
	ROW(DROP_REFERENCE, IF_EXISTS, "if-exists"),
	ROW(CREATE_BRANCH, IF_EXISTS, "if-not-exists"),
	ROW(CREATE_BRANCH, OR_REPLACE, "or-replace"),
	ROW(DROP_BRANCH, IF_EXISTS, "if-exists"),
	ROW(CREATE_FUNCTION, OR_REPLACE, "or-replace"),
	ROW(CREATE_FUNCTION, TEMPORARY, "temporary"),
	ROW(DROP_FUNCTION, IF_EXISTS, "if-exists"),
	ROW(DROP_FUNCTION, TEMPORARY, "temporary"),
	ROW(GRANT, OPTION, "option"),
	ROW(DROP_ROLE, IF_EXISTS, "if-exists"),
};
#undef ROW

static enum dg_rc
put(struct dg_buf *out, const char *s)
{
	return dg_buf_append(out, dg_str_from_cstr(s));
}

/* In double quotes; what is not printable as \xNN, UTF-8 as it is. */
static enum dg_rc
put_quoted(struct dg_buf *out, struct dg_str s)
{
	enum dg_rc rc = dg_buf_append_char(out, '"');

	for (size_t i = 0; i < s.len && rc == DG_OK; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == '"' || c == '\\')
			rc = dg_buf_appendf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			rc = dg_buf_appendf(out, "\\x%02X", c);
		else
			rc = dg_buf_append_char(out, (char)c);
	}
	return rc == DG_OK ? dg_buf_append_char(out, '"') : rc;
}

static enum dg_rc
put_flags(struct dg_buf *out, const struct dg_sql_node *node)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < DG_ARRAY_LEN(flag_names) && rc == DG_OK; i++) {
		const struct flag_name *row = &flag_names[i];

		if ((node->flags & row->flag) != 0 &&
		    (row->kind == ANY_KIND || row->kind == node->kind))
			rc = dg_buf_appendf(out, " %s", row->name);
	}
	return rc;
}

static enum dg_rc
put_ops(struct dg_buf *out, const struct dg_sql_node *node)
{
	enum dg_rc rc = DG_OK;

	if (node->op != DG_SQL_OP_NONE)
		rc = dg_buf_appendf(out, " %s", op_names[node->op]);
	if (rc == DG_OK && node->op2 != DG_SQL_OP_NONE)
		rc = dg_buf_appendf(out, " %s", op_names[node->op2]);
	return rc;
}

/* Kinds whose text says something, even when it is empty. */
static bool
has_text(const struct dg_sql_node *node)
{
	return node->text.len > 0 || node->kind == DG_SQL_K_ID ||
	       node->kind == DG_SQL_K_STRING || node->kind == DG_SQL_K_BINARY;
}

static enum dg_rc
open_node(const struct dg_sql_node *node, struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_appendf(
		out, "(%s", dg_sql_kind_name((enum dg_sql_kind)node->kind));

	if (rc == DG_OK)
		rc = put_ops(out, node);
	if (rc == DG_OK)
		rc = put_flags(out, node);
	if (rc == DG_OK && has_text(node)) {
		rc = dg_buf_append_char(out, ' ');
		if (rc == DG_OK)
			rc = put_quoted(out, node->text);
	}
	return rc;
}

static enum dg_rc
put_slot_name(const struct dg_sql_node *node, unsigned slot, struct dg_buf *out)
{
	return dg_buf_appendf(
		out,
		" %s=", dg_sql_slot_name((enum dg_sql_kind)node->kind, slot));
}

static enum dg_rc
dump_slots(const struct dg_sql_node *node, unsigned from, struct dg_buf *out)
{
	unsigned n = dg_sql_kind_slots((enum dg_sql_kind)node->kind);
	enum dg_rc rc = DG_OK;

	for (unsigned i = from; i < n && rc == DG_OK; i++) {
		if (node->kid[i] == NULL)
			continue;
		rc = put_slot_name(node, i, out);
		if (rc == DG_OK)
			rc = dump_node(node->kid[i], out);
	}
	return rc == DG_OK ? dg_buf_append_char(out, ')') : rc;
}

static enum dg_rc
dump_list(const struct dg_sql_node *list, struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_append_char(out, '[');

	DG_SQL_FOREACH(item, list)
	{
		if (rc == DG_OK && item != dg_sql_list_first(list))
			rc = dg_buf_append_char(out, ' ');
		if (rc == DG_OK)
			rc = dump_node(item, out);
	}
	return rc == DG_OK ? dg_buf_append_char(out, ']') : rc;
}

/* Down the left side opening, up again closing; see ast.h, "Chains". */
static enum dg_rc
dump_chain(const struct dg_sql_node *top, struct dg_buf *out)
{
	const struct dg_sql_node *bottom = dg_sql_chain_bottom(top);
	const struct dg_sql_node *at = top;
	enum dg_rc rc = open_node(top, out);

	for (; at != bottom && rc == DG_OK; at = at->kid[0]) {
		rc = put_slot_name(at, 0, out);
		if (rc == DG_OK)
			rc = open_node(at->kid[0], out);
	}
	if (rc == DG_OK)
		rc = dump_slots(bottom, 0, out);
	while (at != top && rc == DG_OK) {
		at = at->next;
		rc = dump_slots(at, 1, out);
	}
	return rc;
}

static enum dg_rc
dump_node(const struct dg_sql_node *node, struct dg_buf *out)
{
	enum dg_rc rc;

	if (node->kind == DG_SQL_K_LIST)
		return dump_list(node, out);
	if (dg_sql_is_chain_kind(node->kind))
		return dump_chain(node, out);
	rc = open_node(node, out);
	return rc == DG_OK ? dump_slots(node, 0, out) : rc;
}

enum dg_rc
dg_sql_dump_tree(const struct dg_sql_tree *tree, struct dg_buf *out)
{
	return dump_node(tree->root, out);
}

/* ---- tokens */

static const char *
token_class(const struct dg_sql_token *token)
{
	if (token->code == 0)
		return "end";
	if (token->code == DG_TK_ILLEGAL)
		return "illegal";
	if (token->code == DG_TK_ID)
		return "name";
	if (token->code == DG_TK_QUOTED)
		return "quoted";
	if (token->code == DG_TK_LIT_STRING || token->code == DG_TK_LIT_UNICODE)
		return "string";
	if (token->code == DG_TK_LIT_BINARY)
		return "binary";
	if (token->code == DG_TK_LIT_INTEGER ||
	    token->code == DG_TK_LIT_DECIMAL)
		return "number";
	return token->word != DG_SQL_NO_WORD ? "keyword" : "sign";
}

enum dg_rc
dg_sql_dump_tokens(struct dg_str text, struct dg_sql_engine engine,
		   struct dg_arena *arena, struct dg_buf *out)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_error err;
	enum dg_rc rc = dg_sql_tokenize(text, engine, &dg_sql_default_limits,
					arena, &tokens, &err);

	if (rc != DG_OK)
		return rc;
	if (!dg_sql_promote(&tokens))
		return DG_ERR_LIMIT;
	for (size_t i = 0; i <= tokens.n && rc == DG_OK; i++) {
		const struct dg_sql_token *token = &tokens.at[i];

		rc = dg_buf_appendf(out, "%u %s ", (unsigned)token->offset,
				    token_class(token));
		if (rc == DG_OK)
			rc = put_quoted(out, dg_sql_token_text(text, token));
		if (rc == DG_OK)
			rc = put(out, "\n");
	}
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast_statement.c - constructors that only statements need.
 *
 * Beside ast_build.c, under the same rules.
 */
#include "ast_build.h"

struct dg_sql_node *
dg_mk_show(struct dg_sql_build *cx, enum dg_sql_kind kind,
	   const struct dg_sql_token *show, struct dg_sql_node *name,
	   struct dg_sql_node *like)
{
	struct dg_sql_node *kids[3];
	unsigned n = 0;

	if (kind != DG_SQL_K_SHOW_CATALOGS && kind != DG_SQL_K_SHOW_SESSION)
		kids[n++] = name;
	kids[n++] = like == NULL ? NULL : like->kid[DG_SQL_LIKE_PATTERN];
	kids[n++] = like == NULL ? NULL : like->kid[DG_SQL_LIKE_ESCAPE];
	return dg_mk_node(cx, kind, 0, show->offset, n, kids);
}

struct dg_sql_node *
dg_mk_branch(struct dg_sql_node *name, struct dg_sql_node *branch)
{
	name->kid[DG_SQL_QNAME_BRANCH] = branch;
	name->end = branch->end;
	return name;
}

static void
reject_word(struct dg_sql_build *cx, const struct dg_sql_token *word,
	    const char *text)
{
	dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, word->offset, text);
}

void
dg_mk_check_explain(struct dg_sql_build *cx, const struct dg_sql_token *key,
		    const struct dg_sql_token *value)
{
	bool format = key->word == DG_SQL_W_FORMAT;

	switch (value->word) {
	case DG_SQL_W_TEXT:
	case DG_SQL_W_GRAPHVIZ:
	case DG_SQL_W_JSON:
		if (format)
			return;
		break;
	case DG_SQL_W_LOGICAL:
	case DG_SQL_W_DISTRIBUTED:
	case DG_SQL_W_VALIDATE:
	case DG_SQL_W_IO:
		if (!format)
			return;
		break;
	}
	reject_word(cx, value,
		    format ? "Expecting: 'TEXT', 'GRAPHVIZ', 'JSON'"
			   : "Expecting: 'LOGICAL', 'DISTRIBUTED', "
			     "'VALIDATE', 'IO'");
}

void
dg_mk_check_mode(struct dg_sql_build *cx, const struct dg_sql_token *word)
{
	const struct dg_sql_token *before = word - 1;
	bool reading = before->word == DG_SQL_W_READ;
	bool level = before[reading ? -1 : 0].word == DG_SQL_W_LEVEL;

	switch (word->word) {
	case DG_SQL_W_SERIALIZABLE:
		if (!reading && word[1].word != DG_SQL_W_READ)
			return;
		break;
	case DG_SQL_W_REPEATABLE:
		if (!reading && word[1].word == DG_SQL_W_READ)
			return;
		break;
	case DG_SQL_W_COMMITTED:
	case DG_SQL_W_UNCOMMITTED:
		if (reading && level)
			return;
		break;
	case DG_SQL_W_WRITE:
		if (reading && !level)
			return;
		break;
	}
	reject_word(cx, word,
		    "There is no such transaction mode, and no such isolation "
		    "level");
}

void
dg_mk_check_body(struct dg_sql_build *cx, const struct dg_sql_node *control)
{
	if (control->kind != DG_SQL_K_ROUTINE_RETURN &&
	    control->kind != DG_SQL_K_ROUTINE_BLOCK)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, control->offset,
				  "Function body must start with RETURN or "
				  "BEGIN");
}

struct dg_sql_node *
dg_mk_dollar(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(STRING, 0, token->offset);
	struct dg_str text = dg_sql_token_text(cx->tokens->text, token);

	node->text = dg_str_slice(text, 2, text.len - 2);
	if (!dg_str_starts_with(node->text, DG_STR("\n")) &&
	    !dg_str_starts_with(node->text, DG_STR("\r\n")))
		dg_sql_build_fail(
			cx, DG_SQL_E_SYNTAX, token->offset,
			"A function's definition must start with a newline "
			"behind the opening $$");
	return node;
}

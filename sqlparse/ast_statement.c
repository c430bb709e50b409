/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast_statement.c - constructors that only statements need.
 *
 * Beside ast_build.c, under the same rules. Here is also what a version of the
 * engine has that no keyword of its own tells of.
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

void
dg_mk_until(struct dg_sql_build *cx, const struct dg_sql_token *token,
	    unsigned version)
{
	unsigned engine = cx->tokens->engine.version;

	if (engine == 0 || engine >= version)
		dg_sql_build_fail(
			cx, DG_SQL_E_SYNTAX, token->offset,
			"The engine is of a newer version, which does not "
			"read this");
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

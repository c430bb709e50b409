/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effect.c - what a statement changes of its session: properties, USE, prepared
 * statements. The client tells it the next time, in headers.
 */
#include "parse/parse.h"

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 0x20) : c;
}

/* "a.b" in lower case; data NULL when the arena is full. */
static struct dg_str
join_property(const struct dg_sql_node *qname, struct dg_arena *arena)
{
	size_t len = 0;
	char *text;

	DG_SQL_FOREACH(part, qname->kid[DG_SQL_QNAME_PARTS])
	{
		len += part->text.len + 1;
	}
	text = dg_arena_alloc(arena, len);
	if (text == NULL)
		return dg_str_make(NULL, 0);
	len = 0;
	DG_SQL_FOREACH(part, qname->kid[DG_SQL_QNAME_PARTS])
	{
		if (len > 0)
			text[len++] = '.';
		for (size_t i = 0; i < part->text.len; i++)
			text[len++] = to_lower(part->text.data[i]);
	}
	return dg_str_make(text, len);
}

static bool
set_property(struct dg_sql_session_effect *effect,
	     const struct dg_sql_node *qname, const struct dg_sql_node *value,
	     struct dg_arena *arena)
{
	effect->property = join_property(qname, arena);
	if (value != NULL && value->kind == DG_SQL_K_STRING) {
		effect->value_is_string = true;
		effect->value = value->text;
	}
	return effect->property.data != NULL;
}

static void
set_inner(struct dg_sql_session_effect *effect, struct dg_str text,
	  const struct dg_sql_node *statement)
{
	effect->inner_text =
		dg_str_slice(text, statement->offset, statement->end);
}

bool
dg_sql_find_effect(struct dg_sql_tree *tree, struct dg_arena *arena)
{
	struct dg_sql_session_effect *effect = &tree->effect;
	struct dg_sql_node *const *kid = tree->root->kid;

	*effect = (struct dg_sql_session_effect){
		.property = DG_STR_EMPTY,
		.value = DG_STR_EMPTY,
		.catalog = DG_STR_EMPTY,
		.schema = DG_STR_EMPTY,
		.prepared = DG_STR_EMPTY,
		.inner_text = DG_STR_EMPTY,
	};
	switch (tree->root->kind) {
	case DG_SQL_K_SET_SESSION:
		return set_property(effect, kid[DG_SQL_SET_SESSION_NAME],
				    kid[DG_SQL_SET_SESSION_VALUE], arena);
	case DG_SQL_K_RESET_SESSION:
		return set_property(effect, kid[DG_SQL_RESET_SESSION_NAME],
				    NULL, arena);
	case DG_SQL_K_USE:
		if (kid[DG_SQL_USE_CATALOG] != NULL)
			effect->catalog = kid[DG_SQL_USE_CATALOG]->text;
		effect->schema = kid[DG_SQL_USE_SCHEMA]->text;
		return true;
	case DG_SQL_K_PREPARE:
		effect->prepared = kid[DG_SQL_PREPARE_NAME]->text;
		set_inner(effect, tree->text, kid[DG_SQL_PREPARE_STATEMENT]);
		return true;
	case DG_SQL_K_EXECUTE:
		effect->prepared = kid[DG_SQL_EXECUTE_NAME]->text;
		return true;
	case DG_SQL_K_DESCRIBE_INPUT:
		effect->prepared = kid[DG_SQL_DESCRIBE_INPUT_NAME]->text;
		return true;
	case DG_SQL_K_DESCRIBE_OUTPUT:
		if (kid[DG_SQL_DESCRIBE_OUTPUT_NAME] != NULL)
			effect->prepared =
				kid[DG_SQL_DESCRIBE_OUTPUT_NAME]->text;
		return true;
	case DG_SQL_K_DEALLOCATE:
		effect->prepared = kid[DG_SQL_DEALLOCATE_NAME]->text;
		return true;
	}
	return true;
}

bool
dg_sql_tree_security(const struct dg_sql_tree *tree, bool *invoker_out,
		     bool *definer_out)
{
	*invoker_out = (tree->root->flags & DG_SQL_F_INVOKER) != 0;
	*definer_out = (tree->root->flags & DG_SQL_F_DEFINER) != 0;
	return tree->root->kind == DG_SQL_K_CREATE_VIEW ||
	       tree->root->kind == DG_SQL_K_CREATE_MATERIALIZED_VIEW;
}

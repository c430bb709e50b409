/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_session.c - see own_session.h.
 *
 * Statements that never mention the word are not parsed here: the search is
 * what every statement pays for these.
 */
#include "presto/own_session.h"

#define WORD DG_STR("datagateway")
#define PREFIX DG_STR("datagateway.")

bool
dg_own_session_is_name(struct dg_str property)
{
	return dg_str_starts_with_nocase(property, PREFIX);
}

static bool
mentions_word(struct dg_str text)
{
	for (size_t i = 0; i + WORD.len <= text.len; i++) {
		if ((text.data[i] | 32) == 'd' &&
		    dg_str_eq_nocase(dg_str_slice(text, i, i + WORD.len), WORD))
			return true;
	}
	return false;
}

/* Of one text; *inner_out is what PREPARE wraps, else empty. */
static enum dg_own_session
classify(struct dg_str text, struct dg_sql_engine engine,
	 const struct dg_sql_limits *limits, struct dg_arena *arena,
	 struct dg_own_setting *setting_out, struct dg_str *inner_out)
{
	struct dg_sql_session_effect effect;
	enum dg_sql_statement statement;
	struct dg_sql_tree *tree;
	struct dg_sql_error err;

	*inner_out = DG_STR_EMPTY;
	if (!mentions_word(text) ||
	    dg_sql_parse(text, engine, limits, arena, &tree, &err) != DG_OK)
		return DG_OWN_SESSION_NONE;
	dg_sql_tree_effect(tree, &effect);
	statement = dg_sql_tree_statement(tree);
	if (statement == DG_SQL_STMT_PREPARE)
		*inner_out = effect.inner_text;
	if (!dg_own_session_is_name(effect.property))
		return DG_OWN_SESSION_NONE;
	setting_out->property = effect.property;
	setting_out->value = effect.value;
	if (statement == DG_SQL_STMT_RESET_SESSION)
		return DG_OWN_SESSION_RESET;
	if (statement != DG_SQL_STMT_SET_SESSION)
		return DG_OWN_SESSION_NONE;
	return effect.value_is_string ? DG_OWN_SESSION_SET
				      : DG_OWN_SESSION_VALUE;
}

enum dg_own_session
dg_own_session_find(struct dg_str text, struct dg_sql_engine engine,
		    const struct dg_sql_limits *limits, struct dg_arena *arena,
		    struct dg_own_setting *setting_out)
{
	struct dg_own_setting ignored;
	struct dg_str inner;
	enum dg_own_session found =
		classify(text, engine, limits, arena, setting_out, &inner);

	/* PREPARE does not nest (protocol.md 6.1): one level is all. */
	if (inner.len > 0 && classify(inner, engine, limits, arena, &ignored,
				      &inner) != DG_OWN_SESSION_NONE)
		return DG_OWN_SESSION_NESTED;
	return found;
}

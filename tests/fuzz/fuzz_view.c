/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_view.c - whether a name is a view's: the questions, with any name in
 * them, and the answers of a coordinator.
 *
 * The first byte says what the rest is: an answer, to which question of which
 * engine, or a name. What holds besides not crashing: whatever a name is made
 * of, the text of a question is one statement about that very name; and that
 * there is no view has been said in so many words.
 */
#include <string.h>

#include "base/assert.h"
#include "metadata/columns_query.h"
#include "metadata/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 4 << 20, NAME_MAX_BYTES = 1000 };

static struct dg_view_asking
asking_of(uint8_t dice, struct dg_str name, struct dg_arena *arena)
{
	static const unsigned versions[] = {238, 244, 287, 0};
	bool trino = (dice & 1) != 0;

	return (struct dg_view_asking){
		.engine = {trino ? DG_SQL_TRINO : DG_SQL_PRESTO,
			   trino ? 0 : versions[dice >> 1 & 3]},
		.table = {DG_STR("cat"), DG_STR("sch"), name},
		.user = DG_STR("meta"),
		.arena = arena,
		.is_there = (dice & 8) != 0,
	};
}

/* ---- questions ---------------------------------------------------------- */

/* What the statement names, each time the same; in arg. */
static enum dg_sql_lookup
take_name(void *arg, const struct dg_sql_name *table,
	  struct dg_sql_columns *columns_out)
{
	struct dg_sql_name *taken = arg;

	(void)columns_out;
	*taken = *table;
	return DG_SQL_NO_VIEW;
}

static bool
is_lower(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.data[i] >= 'A' && s.data[i] <= 'Z') ||
		    (unsigned char)s.data[i] >= 0x80)
			return false;
	return true;
}

/* Reads the question as an engine does. */
static void
check_text(struct dg_str text, const struct dg_view_asking *asking,
	   enum dg_sql_statement expected)
{
	struct dg_sql_name taken = {.catalog = DG_STR_EMPTY};
	const struct dg_sql_context context = {
		.engine = {asking->engine.dialect, 0},
		.limits = &dg_sql_default_limits,
		.columns = take_name,
		.arg = &taken,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_error err;
	struct dg_sql_tree *tree;

	if (dg_sql_parse(text, context.engine, context.limits, asking->arena,
			 &tree, &err) != DG_OK)
		return; /* no name for an engine, either */
	DG_ASSERT(dg_sql_tree_statement(tree) == expected);
	if (dg_sql_analyze(tree, &context, asking->arena, &analysis, &err) !=
	    DG_OK)
		return;
	DG_ASSERT(analysis.n_access >= 1);
	if (expected != DG_SQL_STMT_SELECT || !is_lower(asking->table.table))
		return;
	DG_ASSERT(dg_str_eq(taken.catalog, DG_STR("cat")) ||
		  dg_str_eq(taken.table, DG_STR("views")));
	DG_ASSERT(dg_str_eq(taken.table, DG_STR("views")) ||
		  dg_str_starts_with(asking->table.table, taken.table));
}

static void
ask_by_name(uint8_t dice, struct dg_str name, struct dg_arena *arena)
{
	const struct dg_view_asking asking = asking_of(dice, name, arena);
	bool presto = asking.engine.dialect == DG_SQL_PRESTO;
	struct dg_str text;

	if (name.len == 0 || name.len > NAME_MAX_BYTES ||
	    !dg_str_is_utf8(name) || dg_str_find(name, '\0', 0) < name.len)
		return;
	DG_ASSERT(dg_columns_text(&asking.table, arena, &text) == DG_OK);
	check_text(text, &asking, DG_SQL_STMT_SELECT);
	DG_ASSERT(dg_view_statement(&asking, DG_VIEW_CREATE, &text) == DG_OK);
	check_text(text, &asking,
		   presto ? DG_SQL_STMT_SELECT : DG_SQL_STMT_SHOW_CREATE);
	DG_ASSERT(dg_view_statement(&asking, DG_VIEW_CREATE_MATERIALIZED,
				    &text) == DG_OK);
	check_text(text, &asking, DG_SQL_STMT_SHOW_CREATE);
}

/* ---- answers ------------------------------------------------------------ */

static bool
has(struct dg_str body, const char *words)
{
	return body.len > 0 &&
	       memmem(body.data, body.len, words, strlen(words)) != NULL;
}

/* Letters may be escapes. */
static bool
says_none(struct dg_str body)
{
	return has(body, "not a view") || has(body, "not a materialized") ||
	       has(body, "does not exist") || has(body, "not found") ||
	       has(body, "\\");
}

static void
answer(uint8_t dice, struct dg_str body, struct dg_arena *arena)
{
	struct dg_view_asking asking = asking_of(dice, DG_STR("t"), arena);
	enum dg_view_question question =
		(enum dg_view_question)((dice >> 4 & 7) % DG_VIEW_NOTHING);
	enum dg_view_question next;
	const char *why = NULL;

	if (dg_view_answer(&asking, question, body, &next, &why) != DG_OK) {
		DG_ASSERT(why != NULL && *why != '\0');
		return;
	}
	DG_ASSERT(next == question || next > question);
	if (asking.view == NULL && next == DG_VIEW_NOTHING &&
	    question != DG_VIEW_TOUCHED &&
	    (asking.engine.dialect == DG_SQL_TRINO ||
	     question == DG_VIEW_CREATE_MATERIALIZED))
		DG_ASSERT(says_none(body));
	if (asking.view != NULL) {
		DG_ASSERT(dg_view_copy(asking.view, arena) != NULL ||
			  dg_view_size(asking.view) > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_arena *arena;
	struct dg_str in;

	if (size == 0)
		return 0;
	in = dg_str_make((const char *)data + 1, size - 1);
	arena = dg_arena_create(ARENA_MAX);
	if ((data[0] & 0x80) != 0)
		ask_by_name(data[0], in, arena);
	else
		answer(data[0], in, arena);
	dg_arena_destroy(&arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast_outline.c - which names, tables, scopes and joins are in a statement.
 *
 * usage: ast_outline trino|presto VERSION
 *
 * Statements on stdin, each ended by a NUL byte; per statement, at once, one
 * line of items, separated by '|', or "error LINE COLUMN KIND: MESSAGE".
 * ParserOracle.java says the same of the engine's own tree, so test_parsers.py
 * and test_generated.py can compare what was read, not just whether. Items: I
 * name@line:column (a name in an expression), T table@.., Q@.. (SELECT), F
 * function@.., A alias, W name (of WITH), L n@.. (lambda with n names in it:
 * where its body ends), J type, *, N name@.. (what a row pattern, JSON or
 * JSON_TABLE gives a name to), S the engine's class of the statement, O dotted
 * name (any; the engine says those of its statements).
 *
 * Left out, because the engine's tree does not show them as children: grouping
 * sets, and in Presto the fields of dotted names and what stands before `.*`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ast/ast.h"
#include "base/assert.h"

enum { ARENA_MAX = 256 << 20 };

struct outline {
	const struct dg_sql_tree *tree;
	bool first;
	unsigned names; /* items I so far */
};

static void outline(struct outline *o, const struct dg_sql_node *node);

static void
begin_item(struct outline *o, const char *letter)
{
	printf("%s%s", o->first ? "" : "|", letter);
	o->first = false;
}

static void
print_place(const struct outline *o, const struct dg_sql_node *node)
{
	unsigned line;
	unsigned column;

	dg_sql_locate(o->tree->text, node->offset, &line, &column);
	printf("@%u:%u", line, column);
}

static void
print_text(struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			printf("\\n");
		else
			putchar(text.data[i]);
	}
}

static void
item_named(struct outline *o, const char *letter, struct dg_str name,
	   const struct dg_sql_node *at)
{
	o->names += letter[0] == 'I';
	begin_item(o, letter);
	printf(" ");
	print_text(name);
	if (at != NULL)
		print_place(o, at);
}

static void
item_table(struct outline *o, const struct dg_sql_node *qname,
	   const struct dg_sql_node *at)
{
	const char *before = " ";

	begin_item(o, "T");
	DG_SQL_FOREACH(part, qname->kid[DG_SQL_QNAME_PARTS])
	{
		printf("%s", before);
		print_text(part->text);
		before = ".";
	}
	print_place(o, at);
}

static void
item_join(struct outline *o, unsigned op)
{
	begin_item(o, "J ");
	printf("%s", op == DG_SQL_OP_CROSS   ? "CROSS"
		     : op == DG_SQL_OP_LEFT  ? "LEFT"
		     : op == DG_SQL_OP_RIGHT ? "RIGHT"
		     : op == DG_SQL_OP_FULL  ? "FULL"
					     : "INNER");
}

static bool
is_chain_of_names(const struct dg_sql_node *node)
{
	while (node->kind == DG_SQL_K_DEREF)
		node = node->kid[DG_SQL_DEREF_BASE];
	return node->kind == DG_SQL_K_ID;
}

/* Slots that hold names to define or to find elsewhere, not expressions. */
static bool
is_name_slot(const struct outline *o, const struct dg_sql_node *node,
	     unsigned slot)
{
	switch (node->kind) {
	case DG_SQL_K_DESCRIBE_OUTPUT:
		return slot == DG_SQL_DESCRIBE_OUTPUT_NAME;
	case DG_SQL_K_ROUTINE:
		return slot != DG_SQL_ROUTINE_BODY;
	case DG_SQL_K_ROUTINE_DECLARE:
		return slot == DG_SQL_ROUTINE_DECLARE_NAMES;
	case DG_SQL_K_ROUTINE_LOOP:
		return slot == DG_SQL_ROUTINE_LOOP_LABEL;
	case DG_SQL_K_DEREF: /* Presto's has its base as only child */
		return slot == DG_SQL_DEREF_FIELD &&
		       o->tree->engine.dialect == DG_SQL_PRESTO;
	case DG_SQL_K_SELECT_ITEM:
		return slot == DG_SQL_SELECT_ITEM_ALIAS;
	case DG_SQL_K_SELECT_STAR:
		return slot == DG_SQL_SELECT_STAR_ALIASES ||
		       o->tree->engine.dialect == DG_SQL_PRESTO;
	case DG_SQL_K_REL_ALIAS:
		return slot != DG_SQL_REL_ALIAS_RELATION;
	case DG_SQL_K_CTE:
		return slot != DG_SQL_CTE_QUERY;
	case DG_SQL_K_REL_JOIN:
		return slot == DG_SQL_REL_JOIN_USING;
	case DG_SQL_K_WINDOW_DEF:
		return slot == DG_SQL_WINDOW_DEF_NAME;
	case DG_SQL_K_CALL:
		return slot == DG_SQL_CALL_NAME &&
		       is_chain_of_names(node->kid[slot]);
	case DG_SQL_K_STATIC_CALL:
		return slot == DG_SQL_STATIC_CALL_TYPE;
	case DG_SQL_K_NAMED_ARG:
		return slot == DG_SQL_NAMED_ARG_NAME;
	case DG_SQL_K_LAMBDA:
		return slot == DG_SQL_LAMBDA_PARAMS;
	case DG_SQL_K_ROW_FIELD:
		return slot == DG_SQL_ROW_FIELD_NAME;
	case DG_SQL_K_SET_OP:
		return slot == DG_SQL_SET_OP_CORRESPONDING;
	case DG_SQL_K_PROPERTY:
		return slot == DG_SQL_PROPERTY_NAME;
	case DG_SQL_K_CREATE_MATERIALIZED_VIEW:
		return slot == DG_SQL_CREATE_MATERIALIZED_VIEW_PROPERTIES &&
		       o->tree->engine.dialect == DG_SQL_TRINO;
	case DG_SQL_K_MERGE:
		return slot == DG_SQL_MERGE_ALIAS;
	case DG_SQL_K_INSERT:
		return slot == DG_SQL_INSERT_COLUMNS;
	case DG_SQL_K_CREATE_TABLE_AS:
		return slot == DG_SQL_CREATE_TABLE_AS_COLUMNS;
	case DG_SQL_K_PREPARE:
		return slot == DG_SQL_PREPARE_NAME;
	case DG_SQL_K_EXECUTE:
		return slot == DG_SQL_EXECUTE_NAME;
	case DG_SQL_K_COLUMN_DEF:
		return slot == DG_SQL_COLUMN_DEF_NAME;
	case DG_SQL_K_EXECUTE_PROCEDURE:
		return slot == DG_SQL_EXECUTE_PROCEDURE_NAME;
	case DG_SQL_K_CREATE_SCHEMA:
		return slot == DG_SQL_CREATE_SCHEMA_OWNER;
	case DG_SQL_K_CREATE_CATALOG:
		return slot != DG_SQL_CREATE_CATALOG_PROPERTIES;
	case DG_SQL_K_CREATE_VECTOR_INDEX:
		return slot == DG_SQL_CREATE_VECTOR_INDEX_COLUMNS;
	case DG_SQL_K_CREATE_BRANCH:
		return slot != DG_SQL_CREATE_BRANCH_PROPERTIES;
	case DG_SQL_K_QNAME:
	case DG_SQL_K_CONSTRAINT:
	case DG_SQL_K_RENAME_COLUMN:
	case DG_SQL_K_SET_PROPERTIES:
	case DG_SQL_K_DROP_CONSTRAINT:
	case DG_SQL_K_SET_AUTHORIZATION:
	case DG_SQL_K_DROP_BRANCH:
	case DG_SQL_K_FAST_FORWARD:
	case DG_SQL_K_DROP_CATALOG:
	case DG_SQL_K_GRANT:
	case DG_SQL_K_GRANT_OBJECT:
	case DG_SQL_K_SHOW_GRANTS:
	case DG_SQL_K_SHOW_ROLES:
	case DG_SQL_K_SHOW_ROLE_GRANTS:
	case DG_SQL_K_CREATE_ROLE:
	case DG_SQL_K_DROP_ROLE:
	case DG_SQL_K_SET_ROLE:
	case DG_SQL_K_SET_SESSION_AUTHORIZATION:
	case DG_SQL_K_SET_PATH:
	case DG_SQL_K_DESCRIBE_INPUT:
	case DG_SQL_K_PARAM:
	case DG_SQL_K_ROUTINE_JUMP:
	case DG_SQL_K_USE:
	case DG_SQL_K_DEALLOCATE:
	case DG_SQL_K_SHOW_SCHEMAS:
	case DG_SQL_K_GROUPING:
	case DG_SQL_K_GROUPING_SETS:
	case DG_SQL_K_ROLLUP:
	case DG_SQL_K_CUBE:
	case DG_SQL_K_DESCRIPTOR_FIELD:
		return true;
	case DG_SQL_K_REL_FUNCTION:
		return slot != DG_SQL_REL_FUNCTION_ARGS;
	case DG_SQL_K_MEASURE:
		return o->tree->engine.dialect == DG_SQL_PRESTO;
	case DG_SQL_K_PATTERN_MEASURE:
		return slot == DG_SQL_PATTERN_MEASURE_NAME;
	case DG_SQL_K_PATTERN_DEFINE:
		return slot == DG_SQL_PATTERN_DEFINE_NAME;
	case DG_SQL_K_PATTERN_SUBSET:
		return slot == DG_SQL_PATTERN_SUBSET_NAME;
	case DG_SQL_K_JSON_PATH:
		return slot == DG_SQL_JSON_PATH_NAME;
	case DG_SQL_K_JSON_ARG:
		return slot == DG_SQL_JSON_ARG_NAME;
	case DG_SQL_K_JSON_COLUMN:
		return slot == DG_SQL_JSON_COLUMN_NAME;
	case DG_SQL_K_JSON_ORDINALITY:
		return true;
	case DG_SQL_K_JSON_NESTED:
		return slot == DG_SQL_JSON_NESTED_NAME;
	}
	return false;
}

/* The one change whose column Trino keeps as an identifier. */
static void
item_dropped_null(struct outline *o, const struct dg_sql_node *node)
{
	const struct dg_sql_node *qname = node->kid[DG_SQL_ALTER_COLUMN_COLUMN];
	const struct dg_sql_node *id =
		dg_sql_list_first(qname->kid[DG_SQL_QNAME_PARTS]);

	if (o->tree->engine.dialect == DG_SQL_TRINO &&
	    dg_str_eq(node->text, DG_STR("DROP NOT NULL")))
		item_named(o, "I", id->text, id);
}

static void
item_made(struct outline *o, const struct dg_sql_node *id)
{
	item_named(o, "N", id->text, id);
}

/* Of which the engine's parser makes nodes of other kinds, or other calls. */
static bool
is_special(struct dg_str name)
{
	static const struct dg_str names[] = {
		DG_STR_INIT("coalesce"),  DG_STR_INIT("concat"),
		DG_STR_INIT("extract"),   DG_STR_INIT("format"),
		DG_STR_INIT("if"),        DG_STR_INIT("listagg"),
		DG_STR_INIT("normalize"), DG_STR_INIT("nullif"),
		DG_STR_INIT("overlay"),   DG_STR_INIT("position"),
		DG_STR_INIT("row"),       DG_STR_INIT("strpos"),
		DG_STR_INIT("substr"),    DG_STR_INIT("substring"),
		DG_STR_INIT("trim"),      DG_STR_INIT("try"),
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		if (dg_str_eq_nocase(name, names[i]))
			return true;
	}
	return false;
}

static void
print_chain(const struct dg_sql_node *node)
{
	if (node->kind == DG_SQL_K_DEREF) {
		print_chain(node->kid[DG_SQL_DEREF_BASE]);
		printf(".");
		node = node->kid[DG_SQL_DEREF_FIELD];
	}
	print_text(node->text);
}

static void
item_function(struct outline *o, const struct dg_sql_node *call)
{
	const struct dg_sql_node *name = call->kid[DG_SQL_CALL_NAME];

	if (!is_chain_of_names(name) ||
	    (name->kind == DG_SQL_K_ID && is_special(name->text)))
		return;
	begin_item(o, "F ");
	print_chain(name);
	print_place(o, call);
}

static void
print_item(struct outline *o, const struct dg_sql_node *node)
{
	switch (node->kind) {
	case DG_SQL_K_ID:
		item_named(o, "I", node->text, node);
		break;
	case DG_SQL_K_REL_TABLE:
		item_table(o, node->kid[DG_SQL_REL_TABLE_NAME], node);
		break;
	case DG_SQL_K_TABLE_QUERY:
		item_table(o, node->kid[DG_SQL_TABLE_QUERY_NAME], node);
		break;
	case DG_SQL_K_DELETE:
		item_table(o, node->kid[DG_SQL_DELETE_TABLE], node);
		break;
	case DG_SQL_K_ALTER_COLUMN:
		item_dropped_null(o, node);
		break;
	case DG_SQL_K_REFRESH_MATERIALIZED_VIEW:
		if (o->tree->engine.dialect == DG_SQL_PRESTO)
			item_table(o, node->kid[0], node);
		break;
	case DG_SQL_K_MERGE:
		item_table(o, node->kid[DG_SQL_MERGE_TABLE], node);
		if (node->kid[DG_SQL_MERGE_ALIAS] != NULL)
			item_named(o, "A", node->kid[DG_SQL_MERGE_ALIAS]->text,
				   NULL);
		break;
	case DG_SQL_K_SELECT:
		begin_item(o, "Q");
		print_place(o, node);
		break;
	case DG_SQL_K_REL_ALIAS:
		item_named(o, "A", node->kid[DG_SQL_REL_ALIAS_NAME]->text,
			   NULL);
		break;
	case DG_SQL_K_CTE:
		item_named(o, "W", node->kid[DG_SQL_CTE_NAME]->text, NULL);
		break;
	case DG_SQL_K_CALL:
		item_function(o, node);
		break;
	case DG_SQL_K_REL_JOIN:
		item_join(o, node->op);
		break;
	case DG_SQL_K_SELECT_STAR:
		begin_item(o, "*");
		break;
	case DG_SQL_K_JSON_ACCESS: /* .'a' */
		if (node->kid[DG_SQL_JSON_ACCESS_MEMBER] != NULL)
			item_named(o, "I",
				   node->kid[DG_SQL_JSON_ACCESS_MEMBER]->text,
				   node->kid[DG_SQL_JSON_ACCESS_MEMBER]);
		break;
	case DG_SQL_K_PATTERN_MEASURE:
		item_made(o, node->kid[DG_SQL_PATTERN_MEASURE_NAME]);
		break;
	case DG_SQL_K_PATTERN_DEFINE:
		item_made(o, node->kid[DG_SQL_PATTERN_DEFINE_NAME]);
		break;
	case DG_SQL_K_PATTERN_SUBSET:
		item_made(o, node->kid[DG_SQL_PATTERN_SUBSET_NAME]);
		break;
	case DG_SQL_K_JSON_ARG:
		item_made(o, node->kid[DG_SQL_JSON_ARG_NAME]);
		break;
	case DG_SQL_K_JSON_COLUMN:
		item_made(o, node->kid[DG_SQL_JSON_COLUMN_NAME]);
		break;
	case DG_SQL_K_JSON_ORDINALITY:
		item_made(o, node->kid[DG_SQL_JSON_ORDINALITY_NAME]);
		break;
	}
}

/* FROM a, b, c is two joins in the engine's tree. */
static void
print_comma_joins(struct outline *o, const struct dg_sql_node *select)
{
	size_t n = 0;

	DG_SQL_FOREACH(relation, select->kid[DG_SQL_SELECT_FROM])
	{
		if (n++ > 0)
			begin_item(o, "J IMPLICIT");
	}
}

static void
outline_kids(struct outline *o, const struct dg_sql_node *node, unsigned from)
{
	unsigned n = dg_sql_kind_slots((enum dg_sql_kind)node->kind);

	for (unsigned i = from; i < n; i++) {
		if (node->kid[i] != NULL && !is_name_slot(o, node, i))
			outline(o, node->kid[i]);
	}
}

static void
outline_lambda(struct outline *o, const struct dg_sql_node *lambda)
{
	unsigned before = o->names;

	outline_kids(o, lambda, 0);
	begin_item(o, "L");
	printf(" %u", o->names - before);
	print_place(o, lambda);
}

static void
outline(struct outline *o, const struct dg_sql_node *node)
{
	const struct dg_sql_node *at;

	if (node->kind == DG_SQL_K_LAMBDA) {
		outline_lambda(o, node);
		return;
	}
	print_item(o, node);
	if (node->kind == DG_SQL_K_SELECT)
		print_comma_joins(o, node);
	if (node->kind == DG_SQL_K_LIST) {
		DG_SQL_FOREACH(item, node)
		{
			outline(o, item);
		}
		return;
	}
	if (!dg_sql_is_chain_kind(node->kind)) {
		outline_kids(o, node, 0);
		return;
	}
	at = dg_sql_chain_bottom(node);
	outline(o, at->kid[0]);
	outline_kids(o, at, 1);
	while (at != node) {
		at = at->next;
		outline_kids(o, at, 1);
	}
}

/* ---- statements: what the engine calls them */

static bool
has_text(const struct dg_sql_node *node, const char *text)
{
	return dg_str_eq(node->text, dg_str_from_cstr(text));
}

static const char *
class_of_alter(const struct outline *o, const struct dg_sql_node *node)
{
	const struct dg_sql_node *change = node->kid[DG_SQL_ALTER_CHANGE];

	switch (change->kind) {
	case DG_SQL_K_RENAME:
		return has_text(node, "TABLE")    ? "RenameTable"
		       : has_text(node, "VIEW")   ? "RenameView"
		       : has_text(node, "SCHEMA") ? "RenameSchema"
						  : "RenameMaterializedView";
	case DG_SQL_K_ALTER_COLUMN:
		if (has_text(change, "SET DATA TYPE"))
			return "SetColumnType";
		if (has_text(change, "SET DEFAULT"))
			return o->tree->engine.dialect == DG_SQL_TRINO
				       ? "SetDefaultValue"
				       : "SetColumnDefault";
		if (has_text(change, "DROP DEFAULT"))
			return "DropDefaultValue";
		return o->tree->engine.dialect == DG_SQL_TRINO
			       ? "DropNotNullConstraint"
			       : "AlterColumnNotNull";
	case DG_SQL_K_SET_AUTHORIZATION:
		return "SetAuthorizationStatement";
	case DG_SQL_K_EXECUTE_PROCEDURE:
		return "TableExecute";
	case DG_SQL_K_REFRESH_VIEW:
		return "RefreshView";
	}
	return NULL; /* as the change is called */
}

static const char *
class_of_grant(const struct dg_sql_node *node)
{
	bool roles = node->kid[DG_SQL_GRANT_OBJECT] == NULL;

	if (has_text(node, "DENY"))
		return "Deny";
	if (has_text(node, "GRANT"))
		return roles ? "GrantRoles" : "Grant";
	return roles ? "RevokeRoles" : "Revoke";
}

static const char *
class_of(const struct outline *o, const struct dg_sql_node *node)
{
	bool presto = o->tree->engine.dialect == DG_SQL_PRESTO;

	switch (node->kind) {
	case DG_SQL_K_EXPLAIN:
		return (node->flags & DG_SQL_F_ANALYZE) != 0 ? "ExplainAnalyze"
							     : "Explain";
	case DG_SQL_K_CREATE_TABLE_AS:
		return "CreateTableAsSelect";
	case DG_SQL_K_FAST_FORWARD:
		return "FastForwardBranch";
	case DG_SQL_K_TRUNCATE:
		return "TruncateTable";
	case DG_SQL_K_CALL_PROCEDURE:
		return "Call";
	case DG_SQL_K_SHOW_CREATE:
		return presto && has_text(node, "FUNCTION")
			       ? "ShowCreateFunction"
			       : "ShowCreate";
	case DG_SQL_K_GRANT:
		return class_of_grant(node);
	case DG_SQL_K_ALTER:
		return class_of_alter(o, node);
	}
	return NULL;
}

/* show-catalogs: ShowCatalogs */
static void
print_camel(const char *name)
{
	bool upper = true;

	for (; *name != '\0'; name++) {
		if (*name == '-') {
			upper = true;
			continue;
		}
		putchar(upper ? *name - 'a' + 'A' : *name);
		upper = false;
	}
}

static void
item_statement(struct outline *o, const struct dg_sql_node *node)
{
	const char *name = class_of(o, node);

	begin_item(o, "S ");
	if (name != NULL) {
		printf("%s", name);
		return;
	}
	if (node->kind == DG_SQL_K_ALTER)
		node = node->kid[DG_SQL_ALTER_CHANGE];
	print_camel(dg_sql_kind_name((enum dg_sql_kind)node->kind));
}

static enum dg_sql_walk
visit_names(void *arg, const struct dg_sql_node *node)
{
	struct outline *o = arg;
	const char *before = "O ";

	if (node->kind != DG_SQL_K_QNAME)
		return DG_SQL_WALK_ON;
	begin_item(o, "");
	DG_SQL_FOREACH(part, node->kid[DG_SQL_QNAME_PARTS])
	{
		printf("%s", before);
		print_text(part->text);
		before = ".";
	}
	return DG_SQL_WALK_ON;
}

/* A statement may hold one: EXPLAIN, PREPARE. */
static void
outline_statements(struct outline *o, const struct dg_sql_node *node)
{
	while (node->kind != DG_SQL_K_QUERY_STATEMENT) {
		item_statement(o, node);
		if (node->kind == DG_SQL_K_EXPLAIN)
			node = node->kid[DG_SQL_EXPLAIN_STATEMENT];
		else if (node->kind == DG_SQL_K_PREPARE)
			node = node->kid[DG_SQL_PREPARE_STATEMENT];
		else
			break;
	}
	(void)dg_sql_walk(node, visit_names, o);
}

static void
outline_statement(struct dg_str text, struct dg_sql_engine engine,
		  struct dg_arena *arena)
{
	struct dg_sql_error err;
	struct outline o = {.first = true};
	struct dg_sql_tree *tree;

	if (dg_sql_parse(text, engine, &dg_sql_default_limits, arena, &tree,
			 &err) == DG_OK) {
		o.tree = tree;
		outline(&o, tree->root);
		outline_statements(&o, tree->root);
		printf("\n");
	} else {
		printf("error %u %u %s: %s\n", err.line, err.column,
		       dg_sql_error_kind_name(err.kind), err.text);
	}
	fflush(stdout);
	dg_arena_reset(arena);
}

int
main(int argc, char **argv)
{
	struct dg_arena *arena = dg_arena_create(ARENA_MAX);
	struct dg_sql_engine engine = {.dialect = DG_SQL_TRINO};
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	if (argc != 3) {
		fprintf(stderr, "usage: ast_outline trino|presto VERSION\n");
		return 2;
	}
	if (strcmp(argv[1], "presto") == 0)
		engine.dialect = DG_SQL_PRESTO;
	if (dg_sql_version_parse(engine.dialect, dg_str_from_cstr(argv[2]),
				 &engine.version) != DG_OK)
		return 2;
	while ((len = getdelim(&text, &size, '\0', stdin)) > 0)
		outline_statement(dg_str_make(text, (size_t)len - 1), engine,
				  arena);
	free(text);
	dg_arena_destroy(&arena);
	return 0;
}

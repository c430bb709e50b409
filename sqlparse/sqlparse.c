/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlparse.c - the driver: limits, tokens, promotion, parser, tree.
 *
 * Holds no state between calls; all memory is the caller's arena. A failure
 * at any step is an error with a place in the text, never a partial tree.
 */
#include "sqlparse/sqlparse.h"

#include <stdarg.h>
#include <stdio.h>

#include "ast/build.h"
#include "parse/reject.h"

#include "base/assert.h"

const struct dg_sql_limits dg_sql_default_limits = {
	.max_bytes = 1000000,
	.max_tokens = 400000,
	.max_depth = 2000,
	.max_nodes = 1000000,
};

enum dg_rc
dg_sql_version_parse(enum dg_sql_dialect dialect, struct dg_str text,
		     unsigned *version_out)
{
	uint64_t number;
	size_t digits = 0;

	if (dialect == DG_SQL_PRESTO) {
		if (!dg_str_starts_with(text, DG_STR("0.")))
			return DG_ERR_INVALID;
		text = dg_str_slice(text, 2, text.len);
	}
	while (digits < text.len && text.data[digits] >= '0' &&
	       text.data[digits] <= '9')
		digits++;
	/* 476, 476-e.3, 0.287.1, 0.287-edge4 */
	if (digits < text.len && text.data[digits] != '-' &&
	    text.data[digits] != '.')
		return DG_ERR_INVALID;
	if (dg_str_to_u64(dg_str_slice(text, 0, digits), &number) != DG_OK ||
	    number == 0 || number >= UINT16_MAX)
		return DG_ERR_INVALID;
	*version_out = (unsigned)number;
	return DG_OK;
}

void
dg_sql_locate(struct dg_str text, size_t offset, unsigned *line_out,
	      unsigned *column_out)
{
	unsigned line = 1;
	unsigned column = 1;

	if (offset > text.len)
		offset = text.len;
	for (size_t at = 0; at < offset; at++) {
		unsigned char c = (unsigned char)text.data[at];

		if (c == '\n') {
			line++;
			column = 1;
		} else if ((c & 0xC0) != 0x80) {
			column++;
		}
	}
	*line_out = line;
	*column_out = column;
}

enum dg_rc
dg_sql_fail(struct dg_sql_error *err, enum dg_sql_error_kind kind,
	    struct dg_str text, size_t offset, const char *fmt, ...)
{
	va_list ap;
	enum dg_rc rc;

	va_start(ap, fmt);
	rc = dg_sql_vfail(err, kind, text, offset, fmt, ap);
	va_end(ap);
	return rc;
}

enum dg_rc
dg_sql_vfail(struct dg_sql_error *err, enum dg_sql_error_kind kind,
	     struct dg_str text, size_t offset, const char *fmt, va_list ap)
{
	err->kind = kind;
	err->offset = offset < text.len ? offset : text.len;
	dg_sql_locate(text, err->offset, &err->line, &err->column);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	switch (kind) {
	case DG_SQL_E_SYNTAX:
	case DG_SQL_E_RESOLVE:
		return DG_ERR_INVALID;
	case DG_SQL_E_UNSUPPORTED:
		return DG_ERR_UNSUPPORTED;
	case DG_SQL_E_LIMIT:
		return DG_ERR_LIMIT;
	}
	DG_UNREACHABLE();
}

const char *
dg_sql_error_kind_name(enum dg_sql_error_kind kind)
{
	switch (kind) {
	case DG_SQL_E_SYNTAX:
		return "syntax";
	case DG_SQL_E_RESOLVE:
		return "resolve";
	case DG_SQL_E_UNSUPPORTED:
		return "unsupported";
	case DG_SQL_E_LIMIT:
		return "limit";
	}
	DG_UNREACHABLE();
}

const char *
dg_sql_statement_name(enum dg_sql_statement statement)
{
	static const char *const names[] = {
#define DG_SQL_STATEMENT(id, name, read_only) name,
#include "sqlparse/statements.def"
#undef DG_SQL_STATEMENT
	};

	DG_ASSERT(statement < DG_ARRAY_LEN(names));
	return names[statement];
}

/* The statement of a root node. */
static enum dg_sql_statement
classify(const struct dg_sql_node *root)
{
	switch (root->kind) {
#define CASE(kind) \
	case DG_SQL_K_##kind: \
		return DG_SQL_STMT_##kind
	case DG_SQL_K_QUERY_STATEMENT:
		return DG_SQL_STMT_SELECT;
	case DG_SQL_K_CALL_PROCEDURE:
		return DG_SQL_STMT_CALL;
	case DG_SQL_K_GRANT:
		return dg_str_eq(root->text, DG_STR("GRANT"))
			       ? DG_SQL_STMT_GRANT
		       : dg_str_eq(root->text, DG_STR("REVOKE"))
			       ? DG_SQL_STMT_REVOKE
			       : DG_SQL_STMT_DENY;
	case DG_SQL_K_EXPLAIN:
		return (root->flags & DG_SQL_F_ANALYZE) != 0
			       ? DG_SQL_STMT_EXPLAIN_ANALYZE
			       : DG_SQL_STMT_EXPLAIN;
		CASE(SHOW_CATALOGS);
		CASE(SHOW_SCHEMAS);
		CASE(SHOW_TABLES);
		CASE(SHOW_COLUMNS);
		CASE(USE);
		CASE(SET_SESSION);
		CASE(RESET_SESSION);
		CASE(PREPARE);
		CASE(EXECUTE);
		CASE(EXECUTE_IMMEDIATE);
		CASE(DEALLOCATE);
		CASE(START_TRANSACTION);
		CASE(COMMIT);
		CASE(ROLLBACK);
		CASE(CREATE_TABLE_AS);
		CASE(INSERT);
		CASE(DELETE);
		CASE(DROP_TABLE);
		CASE(CREATE_VIEW);
		CASE(DROP_VIEW);
		CASE(UPDATE);
		CASE(MERGE);
		CASE(TRUNCATE);
		CASE(ANALYZE);
		CASE(REFRESH_MATERIALIZED_VIEW);
		CASE(CREATE_TABLE);
		CASE(CREATE_MATERIALIZED_VIEW);
		CASE(DROP_MATERIALIZED_VIEW);
		CASE(CREATE_SCHEMA);
		CASE(DROP_SCHEMA);
		CASE(CREATE_CATALOG);
		CASE(DROP_CATALOG);
		CASE(COMMENT);
		CASE(ALTER);
		CASE(CREATE_BRANCH);
		CASE(DROP_BRANCH);
		CASE(FAST_FORWARD);
		CASE(CREATE_TYPE);
		CASE(CREATE_VECTOR_INDEX);
		CASE(CREATE_FUNCTION);
		CASE(DROP_FUNCTION);
		CASE(ALTER_FUNCTION);
		CASE(CREATE_ROLE);
		CASE(DROP_ROLE);
		CASE(SET_ROLE);
		CASE(SET_SESSION_AUTHORIZATION);
		CASE(RESET_SESSION_AUTHORIZATION);
		CASE(SET_PATH);
		CASE(SET_TIME_ZONE);
		CASE(SHOW_CREATE);
		CASE(SHOW_STATS);
		CASE(SHOW_FUNCTIONS);
		CASE(SHOW_SESSION);
		CASE(SHOW_GRANTS);
		CASE(SHOW_ROLES);
		CASE(SHOW_ROLE_GRANTS);
		CASE(SHOW_BRANCHES);
		CASE(SHOW_PARTITIONS);
		CASE(DESCRIBE_INPUT);
		CASE(DESCRIBE_OUTPUT);
#undef CASE
	}
	DG_UNREACHABLE();
}

/* Most statements are ASCII: eight bytes at a time, then the rest in earnest.
 */
static bool
is_utf8(struct dg_str text)
{
	size_t at = 0;

	while (at + 8 <= text.len) {
		uint64_t eight;

		memcpy(&eight, text.data + at, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
		at += 8;
	}
	return dg_str_is_utf8(dg_str_slice(text, at, text.len));
}

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

/* False when the arena is full. */
static bool
find_effect(struct dg_sql_tree *tree, struct dg_arena *arena)
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

/* Tokens to a root node in cx. */
static enum dg_rc
run_parser(struct dg_sql_build *cx)
{
	unsigned char expected[DG_SQL_EXPECTED_BYTES] = {0};

	switch (cx->tokens->engine.dialect) {
	case DG_SQL_TRINO:
		dg_sql_trino_run(cx, expected);
		break;
	case DG_SQL_PRESTO:
		dg_sql_presto_run(cx, expected);
		break;
	}
	if (cx->rc != DG_OK)
		return cx->rc;
	if (cx->rejected != NULL)
		return dg_sql_reject(cx, expected);
	if (cx->fault != NULL)
		return dg_sql_fail(cx->err, DG_SQL_E_SYNTAX, cx->tokens->text,
				   cx->fault_offset, "%s", cx->fault);
	DG_ASSERT(cx->root != NULL);
	return DG_OK;
}

enum dg_rc
dg_sql_parse(struct dg_str text, struct dg_sql_engine engine,
	     const struct dg_sql_limits *limits, struct dg_arena *arena,
	     struct dg_sql_tree **tree_out, struct dg_sql_error *err)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_build cx;
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	rc = dg_sql_tokenize(text, engine, limits, arena, &tokens, err);
	if (rc != DG_OK)
		return rc;
	if (!is_utf8(text))
		return dg_sql_fail(err, DG_SQL_E_SYNTAX, text, 0,
				   "The statement is not valid UTF-8");
	dg_sql_promote(&tokens);
	tree = DG_ARENA_NEW(arena, struct dg_sql_tree);
	if (tree == NULL ||
	    !dg_sql_build_init(&cx, &tokens, limits, arena, err))
		goto no_memory;
	rc = run_parser(&cx);
	if (rc != DG_OK)
		return rc;
	tree->text = text;
	tree->engine = engine;
	tree->root = cx.root;
	tree->statement = classify(cx.root);
	tree->n_nodes = cx.n_nodes;
	tree->depth = cx.root->depth;
	if (!find_effect(tree, arena))
		goto no_memory;
	*tree_out = tree;
	return DG_OK;
no_memory:
	return dg_sql_fail(err, DG_SQL_E_LIMIT, text, 0,
			   "The statement needs too much memory");
}

enum dg_sql_statement
dg_sql_tree_statement(const struct dg_sql_tree *tree)
{
	return tree->statement;
}

void
dg_sql_tree_effect(const struct dg_sql_tree *tree,
		   struct dg_sql_session_effect *effect_out)
{
	*effect_out = tree->effect;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.c - constructors that only statements need.
 *
 * Beside build.c, under the same rules.
 */
#include "ast/build.h"

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
dg_mk_check_body(struct dg_sql_build *cx, const struct dg_sql_node *control)
{
	if (control->kind != DG_SQL_K_ROUTINE_RETURN &&
	    control->kind != DG_SQL_K_ROUTINE_BLOCK)
		dg_sql_build_fault(cx, control->offset,
				   "Function body must start with RETURN or "
				   "BEGIN");
}

/* The one right that is no reserved word. */
static bool
is_update(const struct dg_sql_node *right)
{
	return right->kind == DG_SQL_K_ID &&
	       (right->flags & DG_SQL_F_QUOTED) == 0 &&
	       dg_str_eq_nocase(right->text, DG_STR("UPDATE"));
}

/* Of rights any letter is taken, but not of roles. */
static void
check_ascii(struct dg_sql_build *cx, const struct dg_sql_node *name)
{
	if ((name->flags & DG_SQL_F_QUOTED) == 0 &&
	    !dg_str_is_ascii(name->text))
		dg_sql_build_fault(cx, name->offset,
				   "A name without quotes has letters beyond "
				   "ASCII");
}

void
dg_mk_check_roles(struct dg_sql_build *cx, const struct dg_sql_node *rights)
{
	DG_SQL_FOREACH(right, rights)
	{
		if (right->kind == DG_SQL_K_ID)
			check_ascii(cx, right);
	}
	if (cx->rc != DG_OK || cx->tokens->engine.dialect == DG_SQL_PRESTO ||
	    !dg_sql_has(cx->tokens->engine, DG_SQL_G_ANY_PRIVILEGE))
		return;
	DG_SQL_FOREACH(right, rights)
	{
		if (right->kind == DG_SQL_K_WORD || is_update(right))
			dg_sql_build_fault(cx, right->offset,
					   "The name of a right cannot be that "
					   "of a role");
	}
}

void
dg_mk_check_member(struct dg_sql_build *cx, const struct dg_sql_node *name)
{
	if (name->text.len == 0)
		dg_sql_build_fault(cx, name->offset,
				   "A member of a JSON object has a name");
}

void
dg_mk_check_signed(struct dg_sql_build *cx, const struct dg_sql_token *sign,
		   const struct dg_sql_token *dot)
{
	if (sign[1].code != DG_TK_LIT_INTEGER &&
	    sign[1].code != DG_TK_LIT_DECIMAL)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, dot->offset,
				  "mismatched input '.'. Behind a sign only a "
				  "number can stand before .*");
}

void
dg_mk_check_primary(struct dg_sql_build *cx, const struct dg_sql_node *value,
		    const struct dg_sql_token *dot)
{
	if (value->kind == DG_SQL_K_BINARY_OP ||
	    value->kind == DG_SQL_K_UNARY_OP || value->kind == DG_SQL_K_AT_ZONE)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, dot->offset,
				  "mismatched input '.'. Behind an operator "
				  ".* needs brackets around it all");
}

void
dg_mk_fail_zoned(struct dg_sql_build *cx, const struct dg_sql_token *sign)
{
	dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, sign->offset,
			  sign->code == DG_TK_LB
				  ? "mismatched input '['. Behind AT TIME ZONE "
				    "it needs brackets around it all"
				  : "mismatched input '.'. Behind AT TIME ZONE "
				    "it needs brackets around it all");
}

void
dg_mk_check_grantor(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	if (token->word != DG_SQL_W_CURRENT_USER)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, token->offset,
				  "Expecting: <identifier>, 'USER', 'ROLE', "
				  "'CURRENT_USER', 'CURRENT_ROLE'");
}

/* Which of the things that one can say of a routine, by its first word. */
static unsigned
characteristic(const struct dg_sql_node *option)
{
	static const struct dg_str words[] = {
		DG_STR_INIT("LANGUAGE"), DG_STR_INIT("DETERMINISTIC"),
		DG_STR_INIT("NOT"),      DG_STR_INIT("RETURNS"),
		DG_STR_INIT("CALLED"),   DG_STR_INIT("SECURITY"),
	};
	static const unsigned bits[] = {1, 2, 2, 4, 4, 8};

	if (option->kind == DG_SQL_K_STRING) /* COMMENT 'x' */
		return 16;
	if (option->kind == DG_SQL_K_LIST) /* WITH (..) */
		return 32;
	for (size_t i = 0; i < DG_ARRAY_LEN(words); i++) {
		if (dg_str_starts_with(option->text, words[i]))
			return bits[i];
	}
	return 0;
}

void
dg_mk_check_options(struct dg_sql_build *cx, const struct dg_sql_node *options)
{
	unsigned seen = 0;

	if (options == NULL || cx->rc != DG_OK ||
	    cx->tokens->engine.dialect == DG_SQL_TRINO)
		return;
	DG_SQL_FOREACH(option, options)
	{
		unsigned bit = characteristic(option);

		if ((seen & bit) != 0)
			dg_sql_build_fault(
				cx,
				option->offset +
					dg_sql_has(cx->tokens->engine,
						   DG_SQL_G_COLUMN_TWICE),
				"The same is said of the function "
				"twice");
		seen |= bit;
	}
}

void
dg_mk_check_null_calls(struct dg_sql_build *cx,
		       const struct dg_sql_node *options)
{
	if (options == NULL)
		dg_sql_build_fault(cx, 0, "Nothing is said of what to alter");
	dg_mk_check_options(cx, options);
}

void
dg_mk_check_constraint(struct dg_sql_build *cx,
		       const struct dg_sql_node *options)
{
	unsigned seen = 0;

	if (options == NULL || cx->rc != DG_OK)
		return;
	DG_SQL_FOREACH(option, options)
	{
		bool is_enforced =
			dg_str_ends_with(option->text, DG_STR("ENFORCED"));
		unsigned bit = is_enforced ? 1
			       : dg_str_ends_with(option->text, DG_STR("RELY"))
				       ? 2
				       : 4;

		if ((seen & bit) != 0)
			dg_sql_build_fault(
				cx, options->kid[DG_SQL_LIST_FIRST]->offset,
				"The same is said of the constraint twice");
		seen |= bit;
	}
}

void
dg_mk_check_label(struct dg_sql_build *cx, const struct dg_sql_node *label,
		  const struct dg_sql_token *dot)
{
	if (label->kind != DG_SQL_K_ID)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX,
				  label->kind == DG_SQL_K_ROW_EXPR
					  ? dot->offset
					  : dot[1].offset,
				  "Only the name of a pattern variable can "
				  "stand before .* here");
}

void
dg_mk_check_sets(struct dg_sql_build *cx, const struct dg_sql_token *token,
		 const struct dg_sql_node *sets)
{
	if (sets == NULL &&
	    !dg_sql_has(cx->tokens->engine, DG_SQL_G_EMPTY_CUBE))
		dg_sql_build_fault(cx, token->offset,
				   "Grouping sets cannot be empty");
}

void
dg_mk_check_create(struct dg_sql_build *cx, const struct dg_sql_token *create,
		   unsigned flags)
{
	unsigned both = DG_SQL_F_OR_REPLACE | DG_SQL_F_IF_EXISTS;

	if ((flags & both) == both)
		dg_sql_build_fault(cx, create->offset,
				   "OR REPLACE and IF NOT EXISTS exclude each "
				   "other");
}

void
dg_mk_check_group(struct dg_sql_build *cx, const struct dg_sql_token *group)
{
	if (cx->arrow > group &&
	    !dg_sql_has(cx->tokens->engine, DG_SQL_G_GROUP_LAMBDA))
		dg_sql_build_fault(cx, cx->arrow->offset,
				   "GROUP BY does not take a lambda; group by "
				   "the number of a column");
}

/* Of YEAR and MONTH, or of DAY to SECOND; 0: of the others. */
static unsigned
unit_rank(const struct dg_sql_token *unit, bool of_days)
{
	switch (unit->word) {
	case DG_SQL_W_YEAR:
		return of_days ? 0 : 2;
	case DG_SQL_W_MONTH:
		return of_days ? 0 : 1;
	case DG_SQL_W_DAY:
		return of_days ? 4 : 0;
	case DG_SQL_W_HOUR:
		return of_days ? 3 : 0;
	case DG_SQL_W_MINUTE:
		return of_days ? 2 : 0;
	case DG_SQL_W_SECOND:
		return of_days ? 1 : 0;
	}
	return 0;
}

void
dg_mk_check_units(struct dg_sql_build *cx, const struct dg_sql_token *from,
		  const struct dg_sql_token *to,
		  const struct dg_sql_token *until)
{
	bool of_days = unit_rank(from, true) > 0;

	if (dg_sql_has(cx->tokens->engine, DG_SQL_G_INTERVAL_PRECISION) &&
	    (unit_rank(until, of_days) == 0 ||
	     unit_rank(until, of_days) >= unit_rank(from, of_days)))
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX, to->offset,
				  "mismatched input 'TO'. An interval goes "
				  "from a longer unit to a shorter one");
}

void
dg_mk_check_precision(struct dg_sql_build *cx,
		      const struct dg_sql_token *precision)
{
	uint64_t value;

	if (dg_str_to_u64(dg_sql_token_text(cx->tokens->text, precision),
			  &value) != DG_OK ||
	    value > INT32_MAX)
		dg_sql_build_fault(cx, precision->offset,
				   "A precision does not fit into an integer");
}

void
dg_mk_check_language(struct dg_sql_build *cx, const struct dg_sql_token *name)
{
	if (name->word != DG_SQL_W_SQL &&
	    cx->tokens->engine.dialect == DG_SQL_PRESTO)
		dg_mk_gate(cx, DG_SQL_G_ANY_LANGUAGE, name->offset);
}

void
dg_mk_check_descriptor(struct dg_sql_build *cx, const struct dg_sql_token *name)
{
	if (cx->tokens->engine.dialect == DG_SQL_PRESTO)
		dg_sql_build_fault(cx, name->offset,
				   "A field of a descriptor needs a type");
}

void
dg_mk_check_sized(struct dg_sql_build *cx, const struct dg_sql_token *array)
{
	dg_sql_build_fault(cx, array->offset,
			   "An array has no size in its type");
}

unsigned
dg_mk_fields(struct dg_sql_build *cx, unsigned fields,
	     const struct dg_sql_token *type)
{
	bool presto = cx->tokens->engine.dialect == DG_SQL_PRESTO;
	unsigned others = DG_SQL_FIELD_NUMBER |
			  (presto ? (unsigned)DG_SQL_FIELD_TYPE : 0);
	bool had_name = (fields & DG_SQL_FIELD_NAMED) != 0;
	unsigned before = type[-1].code;
	unsigned field = type->code == DG_TK_LIT_INTEGER ? DG_SQL_FIELD_NUMBER
			 : before == DG_TK_LP || before == DG_TK_COMMA
				 ? DG_SQL_FIELD_TYPE
				 : DG_SQL_FIELD_NAMED;

	/* a ARRAY: without a name, or of a type by that name */
	if (presto && field == DG_SQL_FIELD_TYPE && type[1].code == DG_TK_ARRAY)
		return fields;
	fields |= field;
	if ((fields & DG_SQL_FIELD_NAMED) != 0 && (fields & others) != 0)
		dg_sql_build_fail(cx, DG_SQL_E_SYNTAX,
				  had_name && field == DG_SQL_FIELD_TYPE
					  ? cx->last[1].offset
					  : type->offset,
				  "The fields of a row have names and types, "
				  "all or none");
	return fields;
}

struct dg_sql_node *
dg_mk_dollar(struct dg_sql_build *cx, const struct dg_sql_token *token)
{
	struct dg_sql_node *node = MK_LEAF(STRING, 0, token->offset);
	struct dg_str text = dg_sql_token_text(cx->tokens->text, token);

	node->text = dg_str_slice(text, 2, text.len - 2);
	if (!dg_str_starts_with(node->text, DG_STR("\n")) &&
	    !dg_str_starts_with(node->text, DG_STR("\r\n")))
		dg_sql_build_fault(
			cx, token->offset,
			"A function's definition must start with a newline "
			"behind the opening $$");
	return node;
}

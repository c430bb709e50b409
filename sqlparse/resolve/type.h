/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type.h - types of columns, as far as the fields of rows go; private to this
 * folder.
 *
 * An encoded type is text without pointers: "." for one without fields, "?"
 * for one that may have some, "[" and a type for an array, "(", then for each
 * field its name's length, ":", the name folded as the engines compare fields,
 * its type, and ")" for a row. Empty: nothing is known.
 */
#ifndef DG_SQLPARSE_TYPE_H
#define DG_SQLPARSE_TYPE_H

#include "sqlparse/sqlparse.h"

static inline bool
dg_sql_type_is_row(struct dg_str type)
{
	return type.len > 0 && type.data[0] == '(';
}

static inline bool
dg_sql_type_is_array(struct dg_str type)
{
	return type.len > 0 && type.data[0] == '[';
}

/* Of an array; empty for anything else. */
static inline struct dg_str
dg_sql_type_element(struct dg_str type)
{
	return dg_sql_type_is_array(type) ? dg_str_slice(type, 1, type.len)
					  : DG_STR_EMPTY;
}

/* Fields of a row one by one: *rest begins as the row's type. */
bool dg_sql_type_next(struct dg_str *rest, struct dg_str *name_out,
		      struct dg_str *type_out);

/* The type of the row's field `name` (folded); false when it has none. */
bool dg_sql_type_field(struct dg_str type, struct dg_str name,
		       struct dg_str *type_out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.c - what is wrong, and where: line and column as the engines count.
 */
#include "scan/error.h"

#include <stdio.h>

#include "base/assert.h"

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
	case DG_SQL_E_NO_CATALOG:
	case DG_SQL_E_NO_SCHEMA:
	case DG_SQL_E_NO_COLUMN:
	case DG_SQL_E_AMBIGUOUS:
	case DG_SQL_E_SAME_QUERY:
	case DG_SQL_E_ALIASES:
	case DG_SQL_E_NO_ALIASES:
	case DG_SQL_E_RECURSION:
	case DG_SQL_E_NO_TABLE:
	case DG_SQL_E_NO_FUNCTION:
	case DG_SQL_E_PARTS:
		return DG_ERR_INVALID;
	case DG_SQL_E_UNSUPPORTED:
		return DG_ERR_UNSUPPORTED;
	case DG_SQL_E_LIMIT:
		return DG_ERR_LIMIT;
	}
	DG_UNREACHABLE();
}

bool
dg_sql_error_is_of_names(enum dg_sql_error_kind kind)
{
	return kind == DG_SQL_E_RESOLVE || kind >= DG_SQL_E_NO_CATALOG;
}

const char *
dg_sql_error_kind_name(enum dg_sql_error_kind kind)
{
	switch (kind) {
	case DG_SQL_E_SYNTAX:
		return "syntax";
	case DG_SQL_E_RESOLVE:
	case DG_SQL_E_NO_CATALOG:
	case DG_SQL_E_NO_SCHEMA:
	case DG_SQL_E_NO_COLUMN:
	case DG_SQL_E_AMBIGUOUS:
	case DG_SQL_E_SAME_QUERY:
	case DG_SQL_E_ALIASES:
	case DG_SQL_E_NO_ALIASES:
	case DG_SQL_E_RECURSION:
	case DG_SQL_E_NO_TABLE:
	case DG_SQL_E_NO_FUNCTION:
	case DG_SQL_E_PARTS:
		return "resolve";
	case DG_SQL_E_UNSUPPORTED:
		return "unsupported";
	case DG_SQL_E_LIMIT:
		return "limit";
	}
	DG_UNREACHABLE();
}

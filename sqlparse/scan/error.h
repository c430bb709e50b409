/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - how a statement is refused; private to this folder and those built
 * on it.
 */
#ifndef DG_SQLPARSE_ERROR_H
#define DG_SQLPARSE_ERROR_H

#include <stdarg.h>

#include "sqlparse/sqlparse.h"

/* Fills err, at the offset, or at the end of the text where it is beyond. */
DG_COLD enum dg_rc dg_sql_fail(struct dg_sql_error *err,
			       enum dg_sql_error_kind kind, struct dg_str text,
			       size_t offset, const char *fmt, ...)
	DG_PRINTF(5, 6);
DG_COLD enum dg_rc dg_sql_vfail(struct dg_sql_error *err,
				enum dg_sql_error_kind kind, struct dg_str text,
				size_t offset, const char *fmt, va_list ap)
	DG_PRINTF(5, 0);

#endif

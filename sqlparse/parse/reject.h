/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reject.h - what to say of a text that no rule takes; private to this folder.
 */
#ifndef DG_SQLPARSE_REJECT_H
#define DG_SQLPARSE_REJECT_H

#include "ast/build.h"

/* Fills cx->err for cx->rejected and returns the code to go with it. */
enum dg_rc dg_sql_reject(const struct dg_sql_build *cx,
			 const unsigned char expected[DG_SQL_EXPECTED_BYTES]);

#endif

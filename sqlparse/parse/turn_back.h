/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_back.h - where the engines say an error is; private to this folder.
 */
#ifndef DG_SQLPARSE_TURN_BACK_H
#define DG_SQLPARSE_TURN_BACK_H

#include "ast/build.h"

/* The token to point at for cx->rejected: itself, or one in front of it. */
const struct dg_sql_token *
dg_sql_turn_back(const struct dg_sql_build *cx,
		 const unsigned char expected[DG_SQL_EXPECTED_BYTES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_back.h - where the engines say an error is; private to this folder.
 */
#ifndef DG_SQLPARSE_TURN_BACK_H
#define DG_SQLPARSE_TURN_BACK_H

#include "ast/build.h"

/* Whether a rule would have taken that token. */
static inline bool
dg_sql_is_expected(const unsigned char expected[DG_SQL_EXPECTED_BYTES],
		   unsigned code)
{
	return (expected[code / 8] >> code % 8 & 1) != 0;
}

/* The token to point at for cx->rejected: itself, or one in front of it. */
const struct dg_sql_token *
dg_sql_turn_back(const struct dg_sql_build *cx,
		 const unsigned char expected[DG_SQL_EXPECTED_BYTES]);

#endif

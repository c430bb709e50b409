/* SPDX-License-Identifier: Apache-2.0 */
/*
 * all_headers.cc - the headers are C++ as well, and what they declare is found.
 */
#include <base/arena.h>
#include <base/buf.h>
#include <base/budget.h>
#include <base/error.h>
#include <base/mem.h>
#include <base/str.h>
#include <sqlparse/sqlparse.h>

#include <cstdio>

int
main()
{
	const dg_sql_engine engine = {DG_SQL_PRESTO, 287};
	dg_arena *arena = dg_arena_create(1 << 20);
	dg_sql_error err;
	dg_buf out;
	dg_rc rc;

	dg_buf_init(&out, 1 << 20);
	rc = dg_sql_normalize(DG_STR("SELECT 1  FROM t"), engine, arena, &out);
	std::printf("%s %.*s\n", dg_rc_name(rc), DG_STR_ARG(dg_buf_peek(&out)));
	dg_sql_tree *tree;
	rc = dg_sql_parse(DG_STR("select from"), engine, &dg_sql_default_limits,
			  arena, &tree, &err);
	std::printf("%s %u:%u\n", dg_rc_name(rc), err.line, err.column);
	dg_buf_fini(&out);
	dg_arena_destroy(&arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_support.h - what the unit tests of sqlparse share: a fixture with an
 * arena and a buffer, parsing to a dump, comparing with what is expected.
 */
#ifndef SQL_SUPPORT_H
#define SQL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/mem.h"
#include "sqlparse/sqlparse.h"

struct sql_fixture {
	struct dg_arena *arena;
	struct dg_buf out;
	struct dg_sql_limits limits;
	struct dg_sql_error err;
};

static inline int
sql_setup(void **state)
{
	struct sql_fixture *f = DG_NEW(struct sql_fixture);

	f->arena = dg_arena_create((size_t)512 << 20);
	dg_buf_init(&f->out, (size_t)128 << 20);
	f->limits = dg_sql_default_limits;
	*state = f;
	return 0;
}

static inline int
sql_teardown(void **state)
{
	struct sql_fixture *f = *state;

	dg_buf_fini(&f->out);
	dg_arena_destroy(&f->arena);
	dg_free(f);
	return 0;
}

static inline struct dg_sql_engine
sql_trino(unsigned version)
{
	return (struct dg_sql_engine){DG_SQL_TRINO, version};
}

static inline struct dg_sql_engine
sql_presto(unsigned version)
{
	return (struct dg_sql_engine){DG_SQL_PRESTO, version};
}

static inline enum dg_rc
sql_parse(struct sql_fixture *f, struct dg_str text,
	  struct dg_sql_engine engine, struct dg_sql_tree **tree_out)
{
	memset(&f->err, 0, sizeof(f->err));
	return dg_sql_parse(text, engine, &f->limits, f->arena, tree_out,
			    &f->err);
}

/*
 * The dump of the text's tree, or "KIND LINE:COLUMN" of its error, in f->out
 * until the next call.
 */
static inline struct dg_str
sql_dump(struct sql_fixture *f, struct dg_str text, struct dg_sql_engine engine)
{
	struct dg_sql_tree *tree;
	enum dg_rc rc;

	dg_arena_reset(f->arena);
	dg_buf_clear(&f->out);
	if (sql_parse(f, text, engine, &tree) == DG_OK)
		rc = dg_sql_dump_tree(tree, &f->out);
	else
		rc = dg_buf_appendf(&f->out, "%s %u:%u",
				    dg_sql_error_kind_name(f->err.kind),
				    f->err.line, f->err.column);
	assert_int_equal(rc, DG_OK);
	return dg_buf_peek(&f->out);
}

#define assert_same(actual, expected, about) \
	assert_same_at((actual), (expected), (about), __FILE__, __LINE__)

static inline void
assert_same_at(struct dg_str actual, struct dg_str expected,
	       struct dg_str about, const char *file, int line)
{
	if (dg_str_eq(actual, expected))
		return;
	print_error("of     %.*s\nexpect %.*s\ngot    %.*s\n",
		    DG_STR_ARG(about), DG_STR_ARG(expected),
		    DG_STR_ARG(actual));
	_fail(file, line);
}

#endif

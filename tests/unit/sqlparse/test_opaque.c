/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_opaque.c - everything that opaque.def lists is refused as it says, and
 * in the dialect that it names.
 */
#include "analyze_support.h"

enum { TRINO = 1, PRESTO = 2, BOTH = TRINO | PRESTO };

struct row {
	const char *id;
	unsigned dialects;
	const char *example;
	const char *reason;
};

static const struct row opaque[] = {
#define DG_SQL_OPAQUE(id, dialect, what, example, reason) \
	{#id, dialect, example, reason},
#include "sqlparse/opaque.def"
};

static const struct row refused[] = {
#define DG_SQL_REFUSED(id, dialect, what, example, reason) \
	{#id, dialect, example, reason},
#include "sqlparse/opaque.def"
};

/* The dialect whose grammar the example is in. */
static struct dg_sql_context
context_of(struct sql_fixture *f, const struct row *row)
{
	struct dg_sql_context context = small_context(f);

	if ((row->dialects & TRINO) == 0)
		context.engine = sql_presto(0);
	return context;
}

static void
assert_opaque(struct sql_fixture *f, const struct row *row)
{
	struct dg_sql_context context = context_of(f, row);
	struct dg_str sql = dg_str_from_cstr(row->example);
	struct dg_sql_analysis analysis;

	dg_arena_reset(f->arena);
	if (analyze_in(f, sql, &context, &analysis) != DG_OK)
		fail_msg("%s: %s", row->id, f->err.text);
	assert_false(analysis.read_only);
	for (size_t i = 0; i < analysis.n_access; i++) {
		const struct dg_sql_access *a = &analysis.access[i];

		if (a->action != DG_SQL_ACT_OPAQUE)
			continue;
		assert_same(a->reason, dg_str_from_cstr(row->reason), sql);
		assert_true(a->offset < sql.len);
		return;
	}
	fail_msg("%s: nothing opaque in %s", row->id, row->example);
}

static void
test_opaque(void **state)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(opaque); i++)
		assert_opaque(*state, &opaque[i]);
}

static void
test_refused(void **state)
{
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(refused); i++) {
		const struct row *row = &refused[i];
		struct dg_sql_context context = context_of(f, row);
		struct dg_str sql = dg_str_from_cstr(row->example);
		struct dg_sql_analysis analysis;

		dg_arena_reset(f->arena);
		assert_int_equal(analyze_in(f, sql, &context, &analysis),
				 DG_ERR_UNSUPPORTED);
		assert_int_equal(f->err.kind, DG_SQL_E_UNSUPPORTED);
		assert_string_equal(f->err.text, row->reason);
		assert_true(f->err.offset < sql.len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_opaque, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_refused, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.opaque", tests, NULL,
					   NULL);
}

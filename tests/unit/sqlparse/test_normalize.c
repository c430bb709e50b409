/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_normalize.c - normalised text: what it is, that a second time changes
 * nothing, that layout, comments and case do not show.
 */
#include "sql_support.h"

static struct dg_str
normalize(struct sql_fixture *f, struct dg_str text,
	  struct dg_sql_engine engine)
{
	dg_arena_reset(f->arena);
	dg_buf_clear(&f->out);
	assert_int_equal(dg_sql_normalize(text, engine, f->arena, &f->out),
			 DG_OK);
	return dg_buf_peek(&f->out);
}

static const struct {
	const char *text;
	const char *normal;
} cases[] = {
	{"", ""},
	{"SELECT  a,b\nFROM T -- c\nWHERE x='secret' AND y IN (1,2.5,X'00')",
	 "select a, b from t where x = ? and y in (?, ?, ?)"},
	{"select Count(*), \"Quoted Name\" from C.S.T",
	 "select count(*), \"Quoted Name\" from c.s.t"},
	{"select - - 1, a - -1", "select - - ?, a - - ?"},
	{"select a[1], f(x)(1)", "select a[?], f(x) (?)"},
	{"select U&'a' UESCAPE '!' b", "select ? uescape ? b"},
	{"select a!=b", "select a <> b"},
	{"select 1 . b", "select ?.b"},
	{"call p ( x => 'pw' )", "call p(x => ?)"},
	{"select 1;", "select ? ;"},
	{"this is no sql at all", "this is no sql at all"},
	{"select 'secret", "<unreadable>"},
	{"select 1a", "<unreadable>"},
	{"<unreadable>", "<unreadable>"},
	{"select /* 'x' */ a /* ) */", "select a"},
	{"execute immediate 'select secret from t'", "execute immediate ?"},
};

static void
test_cases(void **state)
{
	struct sql_fixture *f = *state;
	const struct dg_sql_engine engines[] = {sql_trino(0), sql_presto(0)};

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str text = dg_str_from_cstr(cases[i].text);
		struct dg_str normal = dg_str_from_cstr(cases[i].normal);

		for (size_t e = 0; e < DG_ARRAY_LEN(engines); e++) {
			assert_same(normalize(f, text, engines[e]), normal,
				    text);
			assert_same(normalize(f, normal, engines[e]), normal,
				    normal);
		}
	}
}

static void
test_same_for_all_layouts(void **state)
{
	static const char *const layouts[] = {
		"SELECT a.b FROM t WHERE c = 'x'",
		"select A . B from T where C='y'",
		"/* hello */select a.b--x\nfrom\tt\r\nwhere c\n=\n'it''s'",
	};
	struct sql_fixture *f = *state;
	struct dg_str first = dg_str_dup(
		normalize(f, dg_str_from_cstr(layouts[0]), sql_trino(0)));

	for (size_t i = 1; i < DG_ARRAY_LEN(layouts); i++) {
		struct dg_str text = dg_str_from_cstr(layouts[i]);

		assert_same(normalize(f, text, sql_trino(0)), first, text);
	}
	dg_str_free(&first);
}

/* Kept in dashboards: these numbers never change. */
static void
test_fingerprints(void **state)
{
	static const struct {
		const char *text;
		uint64_t fingerprint;
	} known[] = {
		{"", UINT64_C(0xEFD01F60BA992926)},
		{"SELECT 1", UINT64_C(0x1CAB9ADA31915ED1)},
		{"select /* x */ 'y'", UINT64_C(0x1CAB9ADA31915ED1)},
		{"select \"Name\" from nation where regionkey in (1, 2)",
		 UINT64_C(0xF11E02C9C576BAA4)},
		{"select 'unreadable", UINT64_C(0xD5EC854EC15B8BA3)},
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(known); i++) {
		assert_int_equal(
			dg_sql_fingerprint(dg_str_from_cstr(known[i].text),
					   sql_trino(476), f->arena),
			known[i].fingerprint);
	}
}

/* Audit has a buffer of its own size: full is LIMIT. */
static void
test_full_buffer(void **state)
{
	struct sql_fixture *f = *state;
	struct dg_buf small;

	dg_buf_init(&small, 8);
	assert_int_equal(dg_sql_normalize(DG_STR("select a from t"),
					  sql_trino(0), f->arena, &small),
			 DG_ERR_LIMIT);
	dg_buf_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_same_for_all_layouts),
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_full_buffer),
	};

	return cmocka_run_group_tests(tests, sql_setup, sql_teardown);
}

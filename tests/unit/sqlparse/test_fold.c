/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fold.c - names fold as Java folds them, for every code point there is.
 */
#include "sql_support.h"

#include "resolve/fold.h"

/* What Java 25 (Unicode 16) makes of all of them, as one number: FNV-1a. */
#define JAVA_TO_LOWER_CASE UINT64_C(0x6c3a7f81d2fa0d59)
#define JAVA_EQUALS_IGNORE_CASE UINT64_C(0x243ab1779250072a)
#define JAVA_BOTH UINT64_C(0x194f8d7e231539e7)

static uint64_t
add_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

enum how { NAME, TRINO_COLUMN, PRESTO_COLUMN };

static enum dg_rc
fold_as(struct sql_fixture *f, enum how how, struct dg_str name,
	struct dg_str *out)
{
	switch (how) {
	case NAME:
		return dg_sql_fold_name(f->arena, name, out);
	case TRINO_COLUMN:
		return dg_sql_fold_column(f->arena, DG_SQL_TRINO, name, out);
	case PRESTO_COLUMN:
		return dg_sql_fold_column(f->arena, DG_SQL_PRESTO, name, out);
	}
	return DG_ERR_INTERNAL;
}

static uint64_t
hash_all(struct sql_fixture *f, enum how how)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (unsigned c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		struct dg_str name, folded, again;

		if ((c >= 0xd800 && c < 0xe000) || (c == 0x3a3 && how == NAME))
			continue;
		dg_arena_reset(f->arena);
		name = dg_str_make(bytes, dg_utf8_put(bytes, c));
		assert_int_equal(fold_as(f, how, name, &folded), DG_OK);
		assert_int_equal(fold_as(f, how, folded, &again), DG_OK);
		assert_same(again, folded, name);
		for (size_t i = 0; i < folded.len; i++)
			hash = add_byte(hash, (unsigned char)folded.data[i]);
		hash = add_byte(hash, 0xff);
	}
	return hash;
}

static void
test_java(void **state)
{
	assert_true(hash_all(*state, NAME) == JAVA_TO_LOWER_CASE);
	assert_true(hash_all(*state, PRESTO_COLUMN) == JAVA_BOTH);
	assert_true(hash_all(*state, TRINO_COLUMN) == JAVA_EQUALS_IGNORE_CASE);
}

/* A capital at each place of names of each length: eight bytes a step. */
static void
test_places(void **state)
{
	static const char capitals[] = {'A', 'M', 'Z'};
	static const char others[] = {'@', '[', '`', '{', '0', '_', '\x7f'};
	struct sql_fixture *f = *state;
	char text[40], expected[40];
	struct dg_str folded;

	for (size_t len = 1; len < sizeof(text); len++) {
		for (size_t at = 0; at < len; at++) {
			struct dg_str name = dg_str_make(text, len);

			memset(text, 'x', len);
			for (size_t i = 0; i < sizeof(others); i++) {
				text[at] = others[i];
				assert_int_equal(
					fold_as(f, NAME, name, &folded), DG_OK);
				assert_ptr_equal(folded.data, text);
			}
			for (size_t i = 0; i < sizeof(capitals); i++) {
				text[at] = capitals[i];
				memcpy(expected, text, len);
				expected[at] = (char)(capitals[i] + 32);
				assert_int_equal(
					fold_as(f, NAME, name, &folded), DG_OK);
				assert_same(folded, dg_str_make(expected, len),
					    name);
			}
			dg_arena_reset(f->arena);
		}
	}
}

static void
test_special(void **state)
{
	static const struct {
		enum how how;
		const char *name;
		const char *folded; /* NULL: refused */
	} cases[] = {
		{NAME, "", ""},
		{NAME, "\xe2\x84\xaa", "k"},
		{NAME, "\xc4\xb0x", "i\xcc\x87x"},
		{TRINO_COLUMN, "\xc4\xb0x", "ix"},
		{PRESTO_COLUMN, "\xc4\xb0x", "i\xcc\x87x"},
		{NAME, "\xc5\xbfsn", "\xc5\xbfsn"},
		{TRINO_COLUMN, "\xc5\xbfsn", "ssn"},
		{PRESTO_COLUMN, "\xc5\xbfsn", "ssn"},
		{TRINO_COLUMN, "\xc4\xb1", "i"},
		{NAME, "x\xce\xa3", NULL},
		{PRESTO_COLUMN, "\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83"},
		{TRINO_COLUMN, "\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83"},
		{NAME, "bad\xff", NULL},
		{TRINO_COLUMN, "\xc3", NULL},
	};
	struct sql_fixture *f = *state;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str name = dg_str_from_cstr(cases[i].name);
		struct dg_str folded;
		enum dg_rc rc = fold_as(f, cases[i].how, name, &folded);

		if (cases[i].folded == NULL) {
			assert_int_equal(rc, DG_ERR_UNSUPPORTED);
			continue;
		}
		assert_int_equal(rc, DG_OK);
		assert_same(folded, dg_str_from_cstr(cases[i].folded), name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_java, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_places, sql_setup,
						sql_teardown),
		cmocka_unit_test_setup_teardown(test_special, sql_setup,
						sql_teardown),
	};

	return cmocka_run_group_tests_name("sqlparse.fold", tests, NULL, NULL);
}

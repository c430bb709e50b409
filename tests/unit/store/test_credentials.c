/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_credentials.c - hashes have exactly our cost; what costs more or is no
 * hash is refused before any memory is taken.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "credentials.h"

#include <cmocka.h>

#define COST "$argon2id$v=19$m=19456,t=2,p=1$"

static void
test_hash_and_verify(void **state)
{
	char hash[DG_STORE_HASH_MAX];
	char other[DG_STORE_HASH_MAX];
	struct dg_error err;
	struct dg_str password = DG_STR("correct horse");

	(void)state;
	assert_int_equal(dg_store_password_hash(password, hash, &err), DG_OK);
	assert_true(dg_str_starts_with(dg_str_from_cstr(hash), DG_STR(COST)));
	assert_true(dg_store_password_is_hash(dg_str_from_cstr(hash)));
	assert_true(dg_store_password_verify(password, dg_str_from_cstr(hash)));
	assert_false(dg_store_password_verify(DG_STR("correct horsf"),
					      dg_str_from_cstr(hash)));
	assert_false(
		dg_store_password_verify(DG_STR(""), dg_str_from_cstr(hash)));
	/* salted: the same password twice gives two hashes */
	assert_int_equal(dg_store_password_hash(password, other, &err), DG_OK);
	assert_string_not_equal(hash, other);
	/* any byte of it matters */
	hash[40] ^= 1;
	assert_false(
		dg_store_password_verify(password, dg_str_from_cstr(hash)));
}

/* Passwords are bytes: NUL and UTF-8 are as good as any. */
static void
test_any_bytes(void **state)
{
	char hash[DG_STORE_HASH_MAX];
	struct dg_str password = dg_str_make("a\0b\xff", 4);

	(void)state;
	assert_int_equal(dg_store_password_hash(password, hash, NULL), DG_OK);
	assert_true(dg_store_password_verify(password, dg_str_from_cstr(hash)));
	assert_false(dg_store_password_verify(dg_str_make("a\0c\xff", 4),
					      dg_str_from_cstr(hash)));
}

static void
test_bounds(void **state)
{
	static char longest[1025];
	char hash[DG_STORE_HASH_MAX];
	struct dg_error err;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(
		dg_store_password_hash(dg_str_make(longest, 1024), hash, &err),
		DG_OK);
	assert_int_equal(
		dg_store_password_hash(dg_str_make(longest, 1025), hash, &err),
		DG_ERR_INVALID);
	assert_string_equal(err.text, "the password is longer than 1024 bytes");
	assert_int_equal(dg_store_password_hash(DG_STR(""), hash, &err),
			 DG_ERR_INVALID);
}

static void
test_what_is_a_hash(void **state)
{
	static const struct {
		const char *text;
		bool expected;
	} cases[] = {
		{COST "c2FsdHNhbHQ$aGFzaGhhc2g", true},
		{"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", true},
		{"", false},
		{"secret", false},
		{"$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=16$m=19456,t=2,p=1$c2FsdA$aGFzaA", false},
		/* more than ours: memory, passes, lanes */
		{"$argon2id$v=19$m=19457,t=2,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=4194304,t=2,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=19456,t=11,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=19456,t=2,p=2$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=0,t=2,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=19456,t=0,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=,t=2,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$t=2,m=19456,p=1$c2FsdA$aGFzaA", false},
		{"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA", false},
		{"$argon2id$v=19$m=19456,t=2,p=1", false},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		if (dg_store_password_is_hash(dg_str_from_cstr(
			    cases[i].text)) != cases[i].expected)
			fail_msg("%s", cases[i].text);
	assert_false(dg_store_password_verify(DG_STR("x"), DG_STR("x")));
}

/* It costs what others cost, and no password is right. */
static void
test_dummy(void **state)
{
	struct dg_str dummy = dg_store_password_dummy_hash();

	(void)state;
	assert_true(dg_str_starts_with(dummy, DG_STR(COST)));
	assert_true(dg_store_password_is_hash(dummy));
	assert_false(dg_store_password_verify(DG_STR("x"), dummy));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_and_verify),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_what_is_a_hash),
		cmocka_unit_test(test_dummy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

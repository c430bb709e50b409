/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_str.c - views: comparing, cutting, numbers, UTF-8.
 */
#include "base/str.h"

#include "base/mem.h"
#include "test_support.h"

static void
test_compare(void **state)
{
	(void)state;
	assert_true(dg_str_eq(DG_STR("ab"), DG_STR("ab")));
	assert_false(dg_str_eq(DG_STR("ab"), DG_STR("aB")));
	assert_true(dg_str_eq((struct dg_str){NULL, 0}, DG_STR_EMPTY));
	assert_true(dg_str_eq_nocase(DG_STR("aZ9["), DG_STR("Az9[")));
	/* '[' and '{' differ by the case bit and are not letters. */
	assert_false(dg_str_eq_nocase(DG_STR("["), DG_STR("{")));
	assert_false(dg_str_eq_nocase(DG_STR("\xC3\x84"), DG_STR("\xC3\xA4")));
	assert_true(dg_str_cmp(DG_STR("a"), DG_STR("b")) < 0);
	assert_true(dg_str_cmp(DG_STR("ab"), DG_STR("a")) > 0);
	assert_true(dg_str_cmp(DG_STR("a\xFF"), DG_STR("a\x01")) > 0);
	assert_int_equal(dg_str_cmp(DG_STR("x"), DG_STR("x")), 0);
	assert_int_equal(dg_str_cmp(DG_STR_EMPTY, (struct dg_str){NULL, 0}), 0);
}

static void
test_prefix_suffix(void **state)
{
	(void)state;
	assert_true(dg_str_starts_with(DG_STR("abc"), DG_STR("ab")));
	assert_true(dg_str_starts_with(DG_STR("abc"), DG_STR("")));
	assert_false(dg_str_starts_with(DG_STR("a"), DG_STR("ab")));
	assert_true(dg_str_starts_with_nocase(DG_STR("X-Trino-User"),
					      DG_STR("x-trino-")));
	assert_false(dg_str_starts_with_nocase(DG_STR("X"), DG_STR("x-")));
	assert_true(dg_str_ends_with(DG_STR("abc"), DG_STR("bc")));
	assert_true(dg_str_ends_with(DG_STR(""), DG_STR("")));
	assert_false(dg_str_ends_with(DG_STR("bc"), DG_STR("abc")));
}

static void
test_secret(void **state)
{
	(void)state;
	assert_true(dg_str_eq_secret(DG_STR("s3cret"), DG_STR("s3cret")));
	assert_false(dg_str_eq_secret(DG_STR("s3cret"), DG_STR("s3creT")));
	assert_false(dg_str_eq_secret(DG_STR("x3cret"), DG_STR("s3cret")));
	assert_false(dg_str_eq_secret(DG_STR("s3cre"), DG_STR("s3cret")));
	assert_true(dg_str_eq_secret(DG_STR(""), DG_STR("")));
}

static void
test_slice_trim_find(void **state)
{
	(void)state;
	assert_str(dg_str_slice(DG_STR("hello"), 1, 3), "el");
	assert_str(dg_str_slice(DG_STR("hello"), 3, 99), "lo");
	assert_str(dg_str_slice(DG_STR("hello"), 4, 2), "");
	assert_str(dg_str_slice(DG_STR("hello"), 9, 12), "");
	assert_str(dg_str_trim(DG_STR(" \t\r\na b \n")), "a b");
	assert_str(dg_str_trim(DG_STR("  ")), "");
	/* Vertical tab and form feed are not blanks here. */
	assert_str(dg_str_trim(DG_STR("\v")), "\v");
	assert_int_equal(dg_str_find(DG_STR("a,b,c"), ',', 0), 1);
	assert_int_equal(dg_str_find(DG_STR("a,b,c"), ',', 2), 3);
	assert_int_equal(dg_str_find(DG_STR("a,b,c"), ';', 0), 5);
	assert_int_equal(dg_str_find(DG_STR("a"), 'a', 7), 1);
}

static void
test_split(void **state)
{
	struct dg_str rest = DG_STR("a,,b,");
	struct dg_str part;

	(void)state;
	assert_true(dg_str_split(&rest, ',', &part));
	assert_str(part, "a");
	assert_true(dg_str_split(&rest, ',', &part));
	assert_str(part, "");
	assert_true(dg_str_split(&rest, ',', &part));
	assert_str(part, "b");
	assert_true(dg_str_split(&rest, ',', &part));
	assert_str(part, "");
	assert_false(dg_str_split(&rest, ',', &part));
	assert_null(rest.data);
}

static void
test_hex_value(void **state)
{
	static const char digits[] = "0123456789abcdef";
	int n_digits = 0;

	(void)state;
	for (int c = 0; c < 256; c++)
		n_digits += dg_hex_value((char)c) >= 0;
	assert_int_equal(n_digits, 22);
	for (int i = 0; i < 16; i++)
		assert_int_equal(dg_hex_value(digits[i]), i);
	assert_int_equal(dg_hex_value('A'), 10);
	assert_int_equal(dg_hex_value('F'), 15);
}

static const struct {
	const char *text;
	enum dg_rc rc;
	uint64_t value;
} unsigned_cases[] = {
	{"0", DG_OK, 0},
	{"007", DG_OK, 7},
	{"18446744073709551615", DG_OK, UINT64_MAX},
	{"18446744073709551616", DG_ERR_INVALID, 0},
	{"99999999999999999999", DG_ERR_INVALID, 0},
	{"", DG_ERR_INVALID, 0},
	{"+1", DG_ERR_INVALID, 0},
	{"-1", DG_ERR_INVALID, 0},
	{" 1", DG_ERR_INVALID, 0},
	{"1 ", DG_ERR_INVALID, 0},
	{"1x", DG_ERR_INVALID, 0},
	{"0x1", DG_ERR_INVALID, 0},
};

static void
test_to_u64(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(unsigned_cases); i++) {
		uint64_t n = 0;
		enum dg_rc rc = dg_str_to_u64(
			dg_str_from_cstr(unsigned_cases[i].text), &n);

		assert_int_equal(rc, unsigned_cases[i].rc);
		assert_true(n == unsigned_cases[i].value);
	}
}

static const struct {
	const char *text;
	enum dg_rc rc;
	int64_t value;
} signed_cases[] = {
	{"0", DG_OK, 0},
	{"-0", DG_OK, 0},
	{"-1", DG_OK, -1},
	{"9223372036854775807", DG_OK, INT64_MAX},
	{"9223372036854775808", DG_ERR_INVALID, 0},
	{"-9223372036854775808", DG_OK, INT64_MIN},
	{"-9223372036854775809", DG_ERR_INVALID, 0},
	{"-", DG_ERR_INVALID, 0},
	{"--1", DG_ERR_INVALID, 0},
	{"", DG_ERR_INVALID, 0},
};

static void
test_to_i64(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(signed_cases); i++) {
		int64_t n = 0;
		enum dg_rc rc = dg_str_to_i64(
			dg_str_from_cstr(signed_cases[i].text), &n);

		assert_int_equal(rc, signed_cases[i].rc);
		assert_true(n == signed_cases[i].value);
	}
}

static const struct {
	const char *text;
	bool valid;
} utf8_cases[] = {
	{"", true},
	{"plain ascii, longer than a word", true},
	{"caf\xC3\xA9", true},
	{"\xE2\x82\xAC", true},
	{"\xF0\x9F\x98\x80", true},
	{"\xF4\x8F\xBF\xBF", true},  /* U+10FFFF */
	{"\xF4\x90\x80\x80", false}, /* above */
	{"\xEF\xBF\xBF", true},
	{"\x80", false},
	{"abcdefgh\xFF", false},
	{"\xC0\xAF", false},         /* overlong '/' */
	{"\xC1\xBF", false},         /* overlong */
	{"\xE0\x9F\xBF", false},     /* overlong */
	{"\xF0\x8F\xBF\xBF", false}, /* overlong */
	{"\xED\xA0\x80", false},     /* surrogate */
	{"\xED\x9F\xBF", true},
	{"\xC3", false},         /* cut */
	{"\xE2\x82", false},     /* cut */
	{"\xF0\x9F\x98", false}, /* cut */
	{"\xC3(", false},
	{"\xE2(\xAC", false},
	{"\xF0\x9F(\x80", false},
	{"\xF5\x80\x80\x80", false},
};

static void
test_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(utf8_cases); i++)
		assert_int_equal(
			dg_str_is_utf8(dg_str_from_cstr(utf8_cases[i].text)),
			utf8_cases[i].valid);
}

/* The same at every offset to the word-wise ASCII scan. */
static void
test_utf8_shifted(void **state)
{
	char text[64];

	(void)state;
	for (size_t shift = 0; shift < 20; shift++) {
		for (size_t i = 0; i < DG_ARRAY_LEN(utf8_cases); i++) {
			size_t len = strlen(utf8_cases[i].text);

			memset(text, 'a', sizeof(text));
			memcpy(text + shift, utf8_cases[i].text, len);
			assert_int_equal(
				dg_str_is_utf8(dg_str_make(text, shift + len)),
				utf8_cases[i].valid);
		}
	}
}

/*
 * Well-formed and in the order of their code points: there are as many such
 * sequences as code points, so each is the right one.
 */
static void
test_utf8_put(void **state)
{
	char before[4] = {0};
	size_t before_len = 0;

	(void)state;
	for (uint32_t code = 0; code < 0x110000; code++) {
		char bytes[4];
		size_t len;

		if (code == 0xD800)
			code = 0xE000;
		len = dg_utf8_put(bytes, code);
		assert_int_equal(dg_str_utf8_step(dg_str_make(bytes, len), 0),
				 len);
		if (code > 0)
			assert_true(dg_str_cmp(dg_str_make(before, before_len),
					       dg_str_make(bytes, len)) < 0);
		memcpy(before, bytes, len);
		before_len = len;
	}
}

static void
test_utf8_step(void **state)
{
	struct dg_str s = DG_STR("a\xC3\xA9\xFF");

	(void)state;
	assert_int_equal(dg_str_utf8_step(s, 0), 1);
	assert_int_equal(dg_str_utf8_step(s, 1), 2);
	assert_int_equal(dg_str_utf8_step(s, 2), 0);
	assert_int_equal(dg_str_utf8_step(s, 3), 0);
	assert_int_equal(dg_str_utf8_step(s, 4), 0);
}

static void
test_ascii(void **state)
{
	(void)state;
	assert_true(dg_str_is_ascii(DG_STR("")));
	assert_true(dg_str_is_ascii(DG_STR("0123456789\x7F")));
	assert_false(dg_str_is_ascii(DG_STR("0123456789\x80")));
	assert_false(dg_str_is_ascii(DG_STR("\x80")));
}

static void
test_cstr_refuses_nul(void **state)
{
	char *copy = NULL;

	(void)state;
	assert_int_equal(dg_str_to_cstr(DG_STR("a\0b"), &copy), DG_ERR_INVALID);
	assert_null(copy);
	assert_int_equal(dg_str_to_cstr(DG_STR("ab"), &copy), DG_OK);
	assert_string_equal(copy, "ab");
	dg_free(copy);
	assert_int_equal(dg_str_to_cstr((struct dg_str){NULL, 0}, &copy),
			 DG_OK);
	assert_string_equal(copy, "");
	dg_free(copy);
}

static void
test_dup(void **state)
{
	struct dg_str copy = dg_str_dup(DG_STR("a\0b"));

	(void)state;
	assert_true(dg_str_eq(copy, DG_STR("a\0b")));
	dg_str_free(&copy);
	assert_null(copy.data);
	assert_int_equal(copy.len, 0);
	dg_str_free(&copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_prefix_suffix),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_slice_trim_find),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_hex_value),
		cmocka_unit_test(test_to_u64),
		cmocka_unit_test(test_to_i64),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf8_shifted),
		cmocka_unit_test(test_utf8_put),
		cmocka_unit_test(test_utf8_step),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_cstr_refuses_nul),
		cmocka_unit_test(test_dup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

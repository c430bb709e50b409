/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_write.c - numbers, dates and header lines as they go out.
 */
#include "http/write.h"

#include "http/chars.h"
#include "http/status.h"
#include "net_support.h"

static void
test_numbers(void **state)
{
	static const struct {
		uint64_t n;
		const char *decimal;
		const char *hex;
	} cases[] = {
		{0, "0", "0"},
		{9, "9", "9"},
		{10, "10", "a"},
		{255, "255", "ff"},
		{UINT64_C(4294967296), "4294967296", "100000000"},
		{UINT64_MAX, "18446744073709551615", "ffffffffffffffff"},
	};
	char out[DG_HTTP_DECIMAL_MAX];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char *end = dg_http_put_decimal(out, cases[i].n);

		assert_str(dg_str_make(out, (size_t)(end - out)),
			   cases[i].decimal);
		end = dg_http_put_hex(out, cases[i].n);
		assert_str(dg_str_make(out, (size_t)(end - out)), cases[i].hex);
	}
}

static void
test_dates(void **state)
{
	static const struct {
		int64_t unix_s;
		const char *text;
	} cases[] = {
		{0, "Thu, 01 Jan 1970 00:00:00 GMT"},
		{784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
		{1709164799, "Wed, 28 Feb 2024 23:59:59 GMT"},
		{1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"},
		{4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char out[DG_HTTP_DATE_LEN];

		dg_http_format_date(cases[i].unix_s, out);
		assert_str(dg_str_make(out, sizeof(out)), cases[i].text);
	}
}

/* No value can end its line, wherever it comes from. */
static void
test_header_lines(void **state)
{
	static const struct {
		struct dg_str value;
		const char *line;
	} cases[] = {
		{DG_STR_INIT("b"), "A: b\r\n"},
		{DG_STR_INIT(""), "A: \r\n"},
		{DG_STR_INIT("tab\tand \xc3\xa9"), "A: tab\tand \xc3\xa9\r\n"},
		{DG_STR_INIT("a\r\nSet-Cookie: x"), "A: a??Set-Cookie: x\r\n"},
		{DG_STR_INIT("long enough for words\n"),
		 "A: long enough for words?\r\n"},
		{DG_STR_INIT("a\0b\x7f"), "A: a?b?\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_http_header header = {DG_STR("A"),
						      cases[i].value};
		char out[128];
		char *end = dg_http_put_header(out, header.name, header.value);

		assert_str(dg_str_make(out, (size_t)(end - out)),
			   cases[i].line);
		assert_int_equal((size_t)(end - out),
				 dg_http_header_size(&header));
	}
}

/* The check of eight bytes at a time against the plain rule. */
static void
test_field_values(void **state)
{
	(void)state;
	for (size_t len = 1; len < 20; len++) {
		for (size_t at = 0; at < len; at++) {
			for (int c = 0; c < 256; c++) {
				char text[20];
				bool good =
					(c >= 0x20 && c != 0x7f) || c == '\t';

				memset(text, 'x', sizeof(text));
				text[at] = (char)c;
				assert_int_equal(
					dg_http_is_field_value(
						dg_str_make(text, len)),
					good);
			}
		}
	}
}

static void
test_tokens_and_reasons(void **state)
{
	(void)state;
	assert_int_equal(dg_http_token_len(DG_STR("X-Trino_User.1~:")), 15);
	assert_int_equal(dg_http_token_len(DG_STR("a b")), 1);
	assert_int_equal(dg_http_token_len(DG_STR("\xc3\xa9")), 0);
	assert_false(dg_http_is_target_byte('#'));
	assert_false(dg_http_is_target_byte(' '));
	assert_false(dg_http_is_target_byte('\x7f'));
	assert_true(dg_http_is_target_byte('%'));
	assert_str(dg_http_reason(200), "OK");
	assert_str(dg_http_reason(431), "Request Header Fields Too Large");
	assert_str(dg_http_reason(299), "Status");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_header_lines),
		cmocka_unit_test(test_field_values),
		cmocka_unit_test(test_tokens_and_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

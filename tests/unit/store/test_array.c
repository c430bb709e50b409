/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_array.c - text[] as Postgres writes it, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "array.h"

#include <cmocka.h>

/* The items, each followed by '|'; "INVALID" or "LIMIT". */
static const char *
parse(struct dg_str text, size_t cap)
{
	static char out[4096];
	struct dg_arena *arena = dg_arena_create(cap);
	const struct dg_str *items;
	size_t n;
	size_t len = 0;
	enum dg_rc rc = dg_store_array_parse(text, arena, &items, &n);

	out[0] = '\0';
	if (rc != DG_OK)
		(void)snprintf(out, sizeof(out), "%s",
			       rc == DG_ERR_INVALID ? "INVALID" : "LIMIT");
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%.*s|",
					DG_STR_ARG(items[i]));
	dg_arena_destroy(&arena);
	return out;
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		const char *items;
	} cases[] = {
		{"{}", ""},
		{"{a}", "a|"},
		{"{a,b c,d}", "a|b c|d|"},
		{"{\"\"}", "|"},
		{"{\"NULL\",nullable}", "NULL|nullable|"},
		{"{\"a,b\",\"{c}\",\"d\\\"e\",\"f\\\\g\"}",
		 "a,b|{c}|d\"e|f\\g|"},
		{"{\xc3\xa4,\"\xe2\x82\xac \"}", "\xc3\xa4|\xe2\x82\xac |"},
		{"", "INVALID"},
		{"{", "INVALID"},
		{"a", "INVALID"},
		{"{a", "INVALID"},
		{"{a}b", "INVALID"},
		{"{a}}", "INVALID"},
		{"{a,}", "INVALID"},
		{"{,a}", "INVALID"},
		{"{{a}}", "INVALID"},
		{"{NULL}", "INVALID"},
		{"{a,null}", "INVALID"},
		{"{\"a}", "INVALID"},
		{"{\"a\\}", "INVALID"},
		{"{\"a\"b}", "INVALID"},
		{"{a\"b}", "INVALID"},
		{"[1:1]={a}", "INVALID"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const char *items =
			parse(dg_str_from_cstr(cases[i].text), 1 << 20);

		if (strcmp(items, cases[i].items) != 0)
			fail_msg("%s: %s", cases[i].text, items);
	}
}

/* Cut anywhere, it is never read beyond its end. */
static void
test_every_prefix(void **state)
{
	static const char text[] = "{a,\"b\\\"c\",\"\",\"d,e\",f}";

	(void)state;
	for (size_t n = 0; n + 1 < sizeof(text); n++)
		if (n + 2 < sizeof(text))
			assert_string_equal(
				parse(dg_str_make(text, n), 1 << 20),
				"INVALID");
}

static void
test_limit(void **state)
{
	static char text[20001];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? ',' : 'a';
	text[0] = '{';
	text[sizeof(text) - 1] = '}';
	assert_string_equal(parse(dg_str_make(text, sizeof(text)), 16 << 10),
			    "LIMIT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pattern.c - globs: what they match, what they cover, and that no
 * pattern makes them slow.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "base/str.h"

#include <cmocka.h>

#include "pattern.h"

static void
test_matches(void **state)
{
	static const struct {
		const char *pattern;
		const char *text;
		bool expected;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "A", false},
		{"*", "", true},
		{"*", "anything.at all", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"?", "\xc3\xa4", true}, /* one character of two bytes */
		{"??", "\xc3\xa4", false},
		{"fact_*", "fact_sales", true},
		{"fact_*", "fact", false},
		{"fact_*", "my_fact_sales", false},
		{"*_pii", "customer_pii", true},
		{"*_pii", "customer_pii_2", false},
		{"a*b*c", "a1b2c", true},
		{"a*b*c", "abc", true},
		{"a*b*c", "acb", false},
		{"*a*", "bab", true},
		{"*ab", "aab", true},
		{"*aab", "aaaab", true},
		{"a**b", "ab", true},
		{"a?*", "a", false},
		{"a?*", "ab", true},
		{"*?", "", false},
		{"*?*", "x", true},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		if (dg_acl_pattern_matches(dg_str_from_cstr(cases[i].pattern),
					   dg_str_from_cstr(cases[i].text)) !=
		    cases[i].expected)
			fail_msg("\"%s\" on \"%s\"", cases[i].pattern,
				 cases[i].text);
}

static void
test_covers(void **state)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool expected;
	} cases[] = {
		{"*", "*", true},       {"*", "a*", true},
		{"a*", "*", false},     {"a*", "ab*", true},
		{"ab*", "a*", false},   {"a*", "abc", true},
		{"?", "*", false},      {"?", "?", true},
		{"a?", "a*", false},    {"*a", "*ba", true},
		{"*", "?", true},       {"a", "?", false},
		{"a*c", "a*b*c", true}, {"a?c", "a?c", true},
		{"**", "*", true},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		if (dg_acl_pattern_covers(dg_str_from_cstr(cases[i].outer),
					  dg_str_from_cstr(cases[i].inner)) !=
		    cases[i].expected)
			fail_msg("\"%s\" over \"%s\"", cases[i].outer,
				 cases[i].inner);
}

static void
test_is_pattern(void **state)
{
	(void)state;
	assert_true(dg_acl_is_pattern(DG_STR("a*")));
	assert_true(dg_acl_is_pattern(DG_STR("?")));
	assert_false(dg_acl_is_pattern(DG_STR("t$files")));
	assert_false(dg_acl_is_pattern(DG_STR("")));
}

/* With backtracking this would take longer than the universe has had. */
static void
test_hostile_pattern_ends(void **state)
{
	static char pattern[4000];
	static char text[4000];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern); i++) {
		pattern[i] = i % 2 == 0 ? '*' : 'a';
		text[i] = 'a';
	}
	pattern[sizeof(pattern) - 1] = 'b';
	assert_false(
		dg_acl_pattern_matches(dg_str_make(pattern, sizeof(pattern)),
				       dg_str_make(text, sizeof(text))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_is_pattern),
		cmocka_unit_test(test_hostile_pattern_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_glob.c - how globs relate: covering is never claimed wrongly, meeting
 * is exact. Checked against all short names.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "base/str.h"

#include <cmocka.h>

#include "glob.h"

static const char *const globs[] = {
	"*",   "a",    "b",   "a*",  "*a",   "?",    "??",  "a?",   "?a",
	"a*b", "*ab*", "ab*", "*ba", "a?b",  "*a*b", "?*",  "*?",   "aa*",
	"**",  "?*?",  "b*a", "abb", "*b?*", "a*a*", "*bb", "a?*a", "?b",
};

enum { NAME_MAX_BYTES = 6 };

/* The next of a, b, aa, ab, ...; false behind the last. */
static bool
next_name(char *name, size_t *len)
{
	for (size_t i = *len; i-- > 0;) {
		if (name[i] == 'a') {
			name[i] = 'b';
			return true;
		}
		name[i] = 'a';
	}
	name[(*len)++] = 'a';
	return *len <= NAME_MAX_BYTES;
}

static void
test_against_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(globs); i++) {
		for (size_t j = 0; j < DG_ARRAY_LEN(globs); j++) {
			struct dg_str a = dg_str_from_cstr(globs[i]);
			struct dg_str b = dg_str_from_cstr(globs[j]);
			char name[NAME_MAX_BYTES + 1] = "";
			bool meet = false;
			bool within = true;
			size_t len = 0;

			while (next_name(name, &len)) {
				struct dg_str n = dg_str_make(name, len);
				bool in_a = dg_glob_covers(a, n);
				bool in_b = dg_glob_covers(b, n);

				meet = meet || (in_a && in_b);
				within = within && (in_a || !in_b);
			}
			if (dg_globs_meet(a, b) != meet)
				fail_msg("%s meets %s: %d", globs[i], globs[j],
					 meet);
			if (dg_glob_covers(a, b) && !within)
				fail_msg("%s does not cover %s", globs[i],
					 globs[j]);
		}
	}
}

static void
test_covers(void **state)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool expected;
	} cases[] = {
		{"*", "a*", true},      {"a*", "*", false},
		{"a*", "ab*", true},    {"a*", "a", true},
		{"a?", "a*", false},    {"?*", "a*", true},
		{"*_x", "a_*_x", true}, {"?", "\xc3\xa4", true},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		if (dg_glob_covers(dg_str_from_cstr(cases[i].outer),
				   dg_str_from_cstr(cases[i].inner)) !=
		    cases[i].expected)
			fail_msg("%s over %s", cases[i].outer, cases[i].inner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_names),
		cmocka_unit_test(test_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

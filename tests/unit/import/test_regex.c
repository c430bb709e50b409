/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_regex.c - expressions as globs, matched, replaced, refused.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "base/str.h"

#include <cmocka.h>

#include "regex.h"

static struct dg_arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = dg_arena_create((size_t)1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dg_arena_destroy(&arena);
	return 0;
}

static struct dg_regex *
compile(const char *text)
{
	struct dg_regex *regex;
	struct dg_error err;

	if (dg_regex_compile(dg_str_from_cstr(text), arena, &regex, &err) !=
	    DG_OK)
		fail_msg("%s: %s", text, err.text);
	return regex;
}

static void
test_globs(void **state)
{
	static const struct {
		const char *regex;
		const char *globs; /* NULL: it is none */
	} cases[] = {
		{"hive", "hive"},
		{".*", "*"},
		{".+", "?*"},
		{"", ""},
		{"^a$", "a"},
		{"a|b|c_d", "a b c_d"},
		{"(a|b)_x", "a_x b_x"},
		{"(?:a|b).*", "a* b*"},
		{"tmp_.*", "tmp_*"},
		{".*_pii", "*_pii"},
		{"a.c", "a?c"},
		{"a\\.c", "a.c"},
		{"colou?r", "color colour"},
		{"t[12]", "t1 t2"},
		{"x(y|)z", "xyz xz"},
		{"a-b/c@d", "a-b/c@d"},
		{"[a-z]+", NULL},
		{"a*", NULL},
		{"a{2}", NULL},
		{"(?!a).*", NULL},
		{"(?i)a", NULL},
		{"\\d", NULL},
		{"a\\*", NULL},
		{".*?", NULL},
		{"[^a]", NULL},
		{"([abcdefgh]){1}", NULL},
		{"[abcdefgh][abcdefgh][abcdefgh]", NULL}, /* too many */
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_regex *regex = compile(cases[i].regex);
		struct dg_str said = DG_STR_EMPTY;
		const struct dg_str *globs;
		size_t n;
		bool is = dg_regex_globs(regex, &globs, &n);

		if (is != (cases[i].globs != NULL))
			fail_msg("%s: %d", cases[i].regex, is);
		for (size_t j = 0; is && j < n; j++)
			said = dg_arena_printf(
				arena, "%.*s%s%.*s", DG_STR_ARG(said),
				j > 0 ? " " : "", DG_STR_ARG(globs[j]));
		if (is && !dg_str_eq(said, dg_str_from_cstr(cases[i].globs)))
			fail_msg("%s: %.*s", cases[i].regex, DG_STR_ARG(said));
		dg_regex_destroy(&regex);
	}
}

static void
test_matches(void **state)
{
	static const struct {
		const char *regex;
		const char *text;
		bool expected;
	} cases[] = {
		{"a", "a", true},
		{"a", "ab", false},
		{"a|ab", "ab", true},
		{"(?!a).*", "b", true},
		{"(?!a).*", "ab", false},
		{"[a-f]+", "face", true},
		{"[a-f]+", "faces", false},
		{"(?i)ADMIN", "admin", true},
		{"a{2,3}", "aaaa", false},
		{"\\w+", "a_1", true},
		{"(a|b)\\1", "aa", true},
		{"(a|b)\\1", "ab", false},
		{".", "\xc3\xa4", true},
		{"a$", "a", true},
		{"", "", true},
		{"x|", "", true},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_regex *regex = compile(cases[i].regex);
		struct dg_error err;
		bool matches;

		assert_int_equal(
			dg_regex_matches(regex, dg_str_from_cstr(cases[i].text),
					 &matches, &err),
			DG_OK);
		if (matches != cases[i].expected)
			fail_msg("%s on %s", cases[i].regex, cases[i].text);
		dg_regex_destroy(&regex);
	}
}

/* Where Java and PCRE2 may differ, nobody is asked. */
static void
test_refused(void **state)
{
	static const char *const cases[] = {
		"\\p{L}", "[a-z&&[^b]]", "[[:alpha:]]", "(?x)a",
		"(?u)a",  "\\Qa\\E",     "\\u0041",     "\\x41",
		"\\bx",   "a{,3}",       "{",           "]",
		"[]a]",   "(",           "(?<n",        "(?<a b>x)",
		"\\",     "\\11",        "(*F)",        "(?i)\xc3\xa4",
		"(?#c)",  "a}",          "*",           "\\R",
		"\\h",    "(?P<n>a)",    "(?|a)",       "\\k<n>",
		"\\G",    "\\Z",
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_regex *regex;
		struct dg_error err;

		if (dg_regex_compile(dg_str_from_cstr(cases[i]), arena, &regex,
				     &err) == DG_OK)
			fail_msg("taken: %s", cases[i]);
		assert_null(regex);
	}
}

static void
test_names_that_differ(void **state)
{
	struct dg_regex *any = compile(".*");
	struct dg_regex *caseless = compile("(?i)k.*");
	struct dg_error err;
	bool matches;

	(void)state;
	assert_int_equal(dg_regex_matches(any, DG_STR("a\nb"), &matches, &err),
			 DG_ERR_UNSUPPORTED);
	assert_int_equal(
		dg_regex_matches(any, DG_STR("a\xc2\x85"), &matches, &err),
		DG_ERR_UNSUPPORTED);
	assert_int_equal(dg_regex_matches(caseless, DG_STR("\xe2\x84\xaa"),
					  &matches, &err),
			 DG_ERR_UNSUPPORTED);
	assert_false(matches);
	dg_regex_destroy(&any);
	dg_regex_destroy(&caseless);
}

/* A pattern that is slow is an error, not a wait. */
static void
test_slow(void **state)
{
	struct dg_regex *regex = compile("(a|aa)+[bc]");
	struct dg_error err;
	char name[64];
	bool matches;

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(dg_regex_matches(regex,
					  dg_str_make(name, sizeof(name)),
					  &matches, &err),
			 DG_ERR_UNSUPPORTED);
	dg_regex_destroy(&regex);
}

static void
test_replace(void **state)
{
	static const struct {
		const char *regex, *text, *with;
		const char *expected; /* NULL: refused */
	} cases[] = {
		{"svc_(.*)", "svc_bob", "$1", "bob"},
		{"svc_(.*)", "svc_bob", "$1_x", "bob_x"},
		{"(a)(b)", "ab", "$2$1$0", "baab"},
		{"(a)", "a", "$12", "a2"},
		{"(?<n>a)", "a", "${n}!", "a!"},
		{"a", "a", "x\\.y\\$", "x.y$"},
		{"(a)|b", "b", "<$1>", "<>"},
		{"a", "a", "$1", NULL},
		{"a", "a", "$", NULL},
		{"a", "a", "${n}", NULL},
		{"a", "a", "\\", NULL},
		{"a", "b", "x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_regex *regex = compile(cases[i].regex);
		struct dg_str out;
		struct dg_error err;
		enum dg_rc rc = dg_regex_replace(
			regex, dg_str_from_cstr(cases[i].text),
			dg_str_from_cstr(cases[i].with), arena, &out, &err);

		if ((rc == DG_OK) != (cases[i].expected != NULL) ||
		    (rc == DG_OK &&
		     !dg_str_eq(out, dg_str_from_cstr(cases[i].expected))))
			fail_msg("%s, %s: %.*s", cases[i].regex, cases[i].with,
				 DG_STR_ARG(out));
		dg_regex_destroy(&regex);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names_that_differ),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_replace),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

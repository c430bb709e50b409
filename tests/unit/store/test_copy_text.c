/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_copy_text.c - lines of COPY, and what Postgres would not write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "copy_text.h"

#include <cmocka.h>

/* The cells, each followed by '|', NULL as "~"; "INVALID". */
static const char *
split(const char *text, size_t n)
{
	static char out[256];
	char line[256];
	struct dg_str cells[8];
	size_t len = 0;

	(void)snprintf(line, sizeof(line), "%s", text);
	if (dg_store_copy_split(line, strlen(text), cells, n) != DG_OK)
		return "INVALID";
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(
			out + len, sizeof(out) - len, "%.*s|",
			cells[i].data == NULL ? 1 : (int)cells[i].len,
			cells[i].data == NULL ? "~" : cells[i].data);
	return out;
}

static void
test_split(void **state)
{
	static const struct {
		const char *line;
		size_t n;
		const char *cells;
	} cases[] = {
		{"", 1, "|"},
		{"a", 1, "a|"},
		{"a\tb\tc", 3, "a|b|c|"},
		{"\t", 2, "||"},
		{"a\t", 2, "a||"},
		{"\\N", 1, "~|"},
		{"\\N\t\\N\tx", 3, "~|~|x|"},
		{"\\\\N\t\\tN", 2, "\\N|\tN|"},
		{"\\b\\f\\n\\r\\t\\v\\\\", 1, "\b\f\n\r\t\v\\|"},
		{"{\"a\\\\\"b\",c}\td", 2, "{\"a\\\"b\",c}|d|"},
		{"\xc3\xa4\t\x01", 2, "\xc3\xa4|\x01|"},
		{"a\tb", 1, "INVALID"},
		{"a\tb", 3, "INVALID"},
		{"", 2, "INVALID"},
		{"\\", 1, "INVALID"},
		{"a\\", 1, "INVALID"},
		{"\\Nx", 1, "INVALID"},
		{"a\\.", 1, "INVALID"},
		{"\\\tb", 2, "INVALID"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_string_equal(split(cases[i].line, cases[i].n),
				    cases[i].cells);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

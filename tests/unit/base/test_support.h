/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_support.h - what the unit tests of base share.
 *
 * Includes cmocka after the headers it needs, and compares string views.
 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(actual, literal) \
	assert_str_at((actual), (literal), __FILE__, __LINE__)

static inline void
assert_str_at(struct dg_str actual, const char *expected, const char *file,
	      int line)
{
	struct dg_str want = dg_str_from_cstr(expected);

	if (dg_str_eq(actual, want))
		return;
	print_error("expected \"%s\", got \"%.*s\"\n", expected,
		    DG_STR_ARG(actual));
	_fail(file, line);
}

#endif

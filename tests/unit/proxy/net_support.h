/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_support.h - what the unit tests of proxy/net and proxy/http share.
 */
#ifndef NET_SUPPORT_H
#define NET_SUPPORT_H

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
	if (dg_str_eq(actual, dg_str_from_cstr(expected)))
		return;
	print_error("expected \"%s\",\n     got \"%.*s\"\n", expected,
		    DG_STR_ARG(actual));
	_fail(file, line);
}

#endif

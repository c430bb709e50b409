/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assert.c - what a failed assertion does. See assert.h.
 */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void
dg_assert_failed(const char *file, int line, const char *expr)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expr);
	abort();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assert.h - assertions for our own bugs; never for peer data, files, clock.
 *
 * DG_ASSERT is always compiled in. DG_DEBUG_ASSERT costs nothing unless
 * DG_DEBUG is defined. A failed assertion prints file, line and expression to
 * stderr and aborts: a replica that no longer knows its state must not go on
 * deciding who may read what.
 */
#ifndef DG_BASE_ASSERT_H
#define DG_BASE_ASSERT_H

#include "base/attributes.h"

/* Prints one line to stderr and calls abort(). */
DG_NORETURN DG_COLD void dg_assert_failed(const char *file, int line,
					  const char *expr);

#define DG_ASSERT(expr) \
	((expr) ? (void)0 : dg_assert_failed(__FILE__, __LINE__, #expr))

#ifdef DG_DEBUG
#define DG_DEBUG_ASSERT(expr) DG_ASSERT(expr)
#else
/* Compiled, never run. */
#define DG_DEBUG_ASSERT(expr) ((void)(0 && (expr)))
#endif

#define DG_UNREACHABLE() dg_assert_failed(__FILE__, __LINE__, "unreachable")

/*
 * Long-lived objects that travel through a void pointer start with a
 * `uint32_t magic`, set at creation and checked on entry to each callback.
 * Values are unique in the program (tests/lint).
 */
#define DG_CHECK_MAGIC(obj, value) \
	DG_ASSERT((obj) != NULL && (obj)->magic == (value))

#endif

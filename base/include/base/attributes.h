/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attributes.h - compiler attributes under one spelling.
 *
 * The only place that names gcc/clang extensions for declarations.
 */
#ifndef DG_BASE_ATTRIBUTES_H
#define DG_BASE_ATTRIBUTES_H

#include <stddef.h> /* of macros alone no compiler makes an object */

/* Around the declarations of a header that C++ may include. */
#ifdef __cplusplus
#define DG_BEGIN_DECLS extern "C" {
#define DG_END_DECLS }
#else
#define DG_BEGIN_DECLS
#define DG_END_DECLS
#endif

#define DG_MUST_CHECK __attribute__((warn_unused_result))
#define DG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define DG_NORETURN __attribute__((noreturn))
#define DG_UNUSED __attribute__((unused))
#define DG_FALLTHROUGH __attribute__((fallthrough))
#define DG_NONNULL __attribute__((nonnull))
/* Off the hot path: out of line, and away from it. */
#define DG_COLD __attribute__((cold, noinline))

#define DG_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

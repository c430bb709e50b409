/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - what a fallible function returns, and why it failed.
 *
 * A fallible function returns enum dg_rc and is DG_MUST_CHECK; where a person
 * needs to know why, its last parameter is a struct dg_error *, which may be
 * NULL. The text is a complete sentence without a trailing newline; wrapping
 * adds context in front: "policy file x.yaml: rule 7: unknown privilege".
 */
#ifndef DG_BASE_ERROR_H
#define DG_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attributes.h"

DG_BEGIN_DECLS

enum dg_rc {
	DG_OK = 0,
	DG_ERR_INVALID,     /* input is malformed */
	DG_ERR_LIMIT,       /* a configured limit would be exceeded */
	DG_ERR_NOT_FOUND,   /* the thing named does not exist */
	DG_ERR_CONFLICT,    /* exists already, or changed meanwhile */
	DG_ERR_DENIED,      /* authentication or policy says no */
	DG_ERR_UNSUPPORTED, /* understood, but not offered */
	DG_ERR_IO,          /* the system or a peer failed */
	DG_ERR_TIMEOUT,     /* a deadline passed */
	DG_ERR_UNAVAILABLE, /* try again later: not ready, full, shutting down
			     */
	DG_ERR_CLOSED,      /* the peer closed, or we cancelled */
	DG_ERR_INTERNAL,    /* a case we did not foresee; refuse and log */
};

#define DG_ERROR_TEXT_MAX 512

struct dg_error {
	enum dg_rc code;
	char text[DG_ERROR_TEXT_MAX]; /* NUL-terminated, cut if longer */
};

/* Stable lower-case name, e.g. "not_found"; never NULL. */
const char *dg_rc_name(enum dg_rc rc);

/* Fills err (if not NULL) and returns code, so `return dg_error_set(...)`. */
enum dg_rc dg_error_set(struct dg_error *err, enum dg_rc code, const char *fmt,
			...) DG_PRINTF(3, 4);
#ifdef __clang_analyzer__
/* Shows the analyzer that the code that goes in comes out. */
#define dg_error_set(err, code, ...) \
	(dg_error_set((err), (code), __VA_ARGS__), (code))
#endif
enum dg_rc dg_error_vset(struct dg_error *err, enum dg_rc code, const char *fmt,
			 va_list ap) DG_PRINTF(3, 0);

/* Puts context and ": " in front of err's text; keeps the code; returns it. */
enum dg_rc dg_error_wrap(struct dg_error *err, const char *fmt, ...)
	DG_PRINTF(2, 3);

DG_END_DECLS

#endif

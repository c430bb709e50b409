/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - string views: pointer and length, passed by value.
 *
 * A dg_str owns nothing and need not end in NUL. NUL-terminated copies are
 * made only at the borders to libpq, OpenSSL and system calls, through
 * dg_str_to_cstr or dg_arena_cstr, which refuse embedded NULs.
 */
#ifndef DG_BASE_STR_H
#define DG_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"
#include "base/error.h"

DG_BEGIN_DECLS

struct dg_str {
	const char *data; /* borrowed; may be NULL only when len is 0 */
	size_t len;       /* bytes */
};

/* For printf: "%.*s" with DG_STR_ARG(s). */
#define DG_STR_ARG(s) ((int)((s).len > 65535 ? 65535 : (s).len)), (s).data

#ifdef __cplusplus
#define DG_STR(literal) (dg_str{"" literal, sizeof(literal) - 1})
#else
#define DG_STR(literal) ((struct dg_str){"" literal, sizeof(literal) - 1})
#endif
#define DG_STR_INIT(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}
#define DG_STR_EMPTY DG_STR("")

static inline struct dg_str
dg_str_make(const char *data, size_t len)
{
	struct dg_str s = {data, len};

	return s;
}

static inline struct dg_str
dg_str_from_cstr(const char *s)
{
	return dg_str_make(s, s == NULL ? 0 : strlen(s));
}

static inline bool
dg_str_is_empty(struct dg_str s)
{
	return s.len == 0;
}

static inline bool
dg_str_eq(struct dg_str a, struct dg_str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* ASCII case folding only, on purpose: see grammar.md 2.2 for the rest. */
bool dg_str_eq_nocase(struct dg_str a, struct dg_str b);
bool dg_str_starts_with(struct dg_str s, struct dg_str prefix);
bool dg_str_starts_with_nocase(struct dg_str s, struct dg_str prefix);
bool dg_str_ends_with(struct dg_str s, struct dg_str suffix);
/* Byte order, shorter first on a tie; for qsort-like use. */
int dg_str_cmp(struct dg_str a, struct dg_str b);

/* Time depends on the lengths only, never on the contents. */
bool dg_str_eq_secret(struct dg_str a, struct dg_str b);

/* [from, to) clipped to the string. */
struct dg_str dg_str_slice(struct dg_str s, size_t from, size_t to);
/* Without leading and trailing space, tab, CR, LF. */
struct dg_str dg_str_trim(struct dg_str s);
/* Index of the first c at or after from, or s.len. */
size_t dg_str_find(struct dg_str s, char c, size_t from);

/*
 * Cuts *rest at the next separator: the part before goes to *part_out, *rest
 * becomes what follows. False when *rest was used up (data == NULL then).
 */
bool dg_str_split(struct dg_str *rest, char separator, struct dg_str *part_out);

/* 0 to 15; -1 for what is no hexadecimal digit. */
int dg_hex_value(char c);

/* Decimal digits only, whole string, no sign, no overflow. */
enum dg_rc dg_str_to_u64(struct dg_str s, uint64_t *out) DG_MUST_CHECK;
/* Optional leading '-'. */
enum dg_rc dg_str_to_i64(struct dg_str s, int64_t *out) DG_MUST_CHECK;

/* True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool dg_str_is_utf8(struct dg_str s);
bool dg_str_is_ascii(struct dg_str s);
/* Bytes of the well-formed UTF-8 sequence at index at; 0 where there is none.
 */
size_t dg_str_utf8_step(struct dg_str s, size_t at);
/*
 * Writes the UTF-8 of a code point below 0x110000 (not a surrogate: the caller
 * has seen to that) to `to`, which has room for 4 bytes; returns how many.
 */
size_t dg_utf8_put(char *to, uint32_t code);

/* Heap copy with a NUL; INVALID when s holds a NUL. Free with dg_free. */
enum dg_rc dg_str_to_cstr(struct dg_str s, char **out) DG_MUST_CHECK;

/* Heap copy; dg_str_free gives it back. */
struct dg_str dg_str_dup(struct dg_str s);
void dg_str_free(struct dg_str *s);

DG_END_DECLS

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbols.h - each name once, known by a small number.
 *
 * Numbers are dense and never change. The first few are reserved for parts of
 * a rule that are not exact names. A table may add to another, which it must
 * not outlive: names that are there keep their numbers.
 */
#ifndef DG_ACL_SYMBOLS_H
#define DG_ACL_SYMBOLS_H

#include "base/arena.h"
#include "base/str.h"

enum {
	DG_ACL_SYM_NONE, /* the kind has no such part */
	DG_ACL_SYM_STAR, /* "*" */
	DG_ACL_SYM_GLOB, /* in keys: some pattern, look at the rule */
	DG_ACL_SYM_FIRST
};
#define DG_ACL_SYM_UNKNOWN UINT32_MAX /* no rule names it */

struct dg_acl_symbol {
	const char *data; /* in the arena */
	uint32_t len;
	uint32_t hash;
};

struct dg_acl_symbols {
	const struct dg_acl_symbols *base; /* borrowed; NULL: none */
	uint32_t first;                    /* number that is not base's */
	uint32_t begins; /* bit n: patterns begin with n + 1 bytes */
	struct dg_acl_symbol *names; /* owned; by number, less first */
	uint32_t *slots;             /* owned; number, 0 = free */
	uint32_t count;              /* next number */
	uint32_t capacity;
	uint32_t n_slots;       /* a power of two */
	struct dg_arena *arena; /* borrowed; holds the bytes */
};

void dg_acl_symbols_init(struct dg_acl_symbols *symbols,
			 const struct dg_acl_symbols *base,
			 struct dg_arena *arena);
void dg_acl_symbols_fini(struct dg_acl_symbols *symbols);
/* LIMIT when the arena is full or the name is over 64 KiB. */
enum dg_rc dg_acl_symbols_intern(struct dg_acl_symbols *symbols,
				 struct dg_str name,
				 uint32_t *symbol_out) DG_MUST_CHECK;
/*
 * Fetches what interning these names will look at, all of them at once: a
 * table of a million names is in no cache, and each look-up waits three times.
 */
enum { DG_ACL_WARM_MAX = 24 };
void dg_acl_symbols_warm(const struct dg_acl_symbols *symbols,
			 const struct dg_str *names, size_t n);
/* DG_ACL_SYM_UNKNOWN when it was never interned. */
uint32_t dg_acl_symbols_find(const struct dg_acl_symbols *symbols,
			     struct dg_str name);
size_t dg_acl_symbols_bytes(const struct dg_acl_symbols *symbols);
/* Those that base does not have. */
static inline uint32_t
dg_acl_symbols_own(const struct dg_acl_symbols *symbols)
{
	return symbols->base == NULL ? 0 : symbols->count - symbols->first;
}
/* The same names under the same numbers, in a table with the same base. */
enum dg_rc
dg_acl_symbols_copy_own(struct dg_acl_symbols *symbols,
			const struct dg_acl_symbols *from) DG_MUST_CHECK;
/* A name that patterns begin with, DG_ACL_BEGIN_MAX bytes at most. */
enum dg_rc dg_acl_symbols_begin(struct dg_acl_symbols *symbols,
				struct dg_str name) DG_MUST_CHECK;

static inline struct dg_str
dg_acl_symbols_name(const struct dg_acl_symbols *symbols, uint32_t symbol)
{
	const struct dg_acl_symbol *s =
		symbols->base != NULL && symbol < symbols->first
			? &symbols->base->names[symbol]
			: &symbols->names[symbol - symbols->first];

	return dg_str_make(s->data, s->len);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbols.h - each name once, known by a small number.
 *
 * Numbers are dense and never change. The first few are reserved for parts of
 * a rule that are not exact names.
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
	struct dg_acl_symbol *names; /* owned; by number */
	uint32_t *slots;             /* owned; number, 0 = free */
	uint32_t count;
	uint32_t capacity;
	uint32_t n_slots;       /* a power of two */
	struct dg_arena *arena; /* borrowed; holds the bytes */
};

void dg_acl_symbols_init(struct dg_acl_symbols *symbols,
			 struct dg_arena *arena);
void dg_acl_symbols_fini(struct dg_acl_symbols *symbols);
/* LIMIT when the arena is full or the name is over 64 KiB. */
enum dg_rc dg_acl_symbols_intern(struct dg_acl_symbols *symbols,
				 struct dg_str name,
				 uint32_t *symbol_out) DG_MUST_CHECK;
/* DG_ACL_SYM_UNKNOWN when it was never interned. */
uint32_t dg_acl_symbols_find(const struct dg_acl_symbols *symbols,
			     struct dg_str name);
size_t dg_acl_symbols_bytes(const struct dg_acl_symbols *symbols);

static inline struct dg_str
dg_acl_symbols_name(const struct dg_acl_symbols *symbols, uint32_t symbol)
{
	const struct dg_acl_symbol *s = &symbols->names[symbol];

	return dg_str_make(s->data, s->len);
}

#endif

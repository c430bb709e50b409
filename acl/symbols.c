/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbols.c - the table of interned names. Open addressing, at most half full.
 */
#include "symbols.h"

#include "base/assert.h"
#include "base/map.h"
#include "base/mem.h"

enum {
	SYMBOLS_FIRST_CAPACITY = 64,
	SYMBOL_MAX_BYTES = 65536,
	BEGIN_MAX_BYTES = 32, /* bits of begins */
};

static uint32_t
hash_name(struct dg_str name)
{
	return (uint32_t)dg_hash(name.data, name.len);
}

void
dg_acl_symbols_init(struct dg_acl_symbols *symbols,
		    const struct dg_acl_symbols *base, struct dg_arena *arena)
{
	DG_ASSERT(base == NULL || base->base == NULL);
	symbols->base = base;
	symbols->first = base == NULL ? 0 : base->count;
	symbols->begins = base == NULL ? 0 : base->begins;
	symbols->arena = arena;
	symbols->capacity = SYMBOLS_FIRST_CAPACITY;
	symbols->n_slots = 2 * SYMBOLS_FIRST_CAPACITY;
	symbols->names = DG_NEW_ARRAY(struct dg_acl_symbol, symbols->capacity);
	symbols->slots = DG_NEW_ARRAY(uint32_t, symbols->n_slots);
	symbols->count = symbols->first;
	if (base != NULL)
		return;
	for (uint32_t i = 0; i < DG_ACL_SYM_FIRST; i++)
		symbols->names[i].data = "";
	symbols->names[DG_ACL_SYM_STAR] =
		(struct dg_acl_symbol){.data = "*", .len = 1};
	symbols->count = DG_ACL_SYM_FIRST;
}

void
dg_acl_symbols_fini(struct dg_acl_symbols *symbols)
{
	dg_free(symbols->names);
	dg_free(symbols->slots);
	symbols->names = NULL;
	symbols->slots = NULL;
}

/* The slot that holds name, or the free one where it belongs. */
static uint32_t
find_slot(const struct dg_acl_symbols *symbols, struct dg_str name,
	  uint32_t hash)
{
	uint32_t mask = symbols->n_slots - 1;

	for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
		uint32_t symbol = symbols->slots[at];

		if (symbol == 0)
			return at;
		if (symbols->names[symbol - symbols->first].hash == hash &&
		    dg_str_eq(dg_acl_symbols_name(symbols, symbol), name))
			return at;
	}
}

static void
grow(struct dg_acl_symbols *symbols)
{
	uint32_t mask;

	DG_ASSERT(symbols->capacity <= UINT32_MAX / 8);
	symbols->capacity *= 2;
	symbols->names = dg_realloc(symbols->names, symbols->capacity,
				    sizeof(struct dg_acl_symbol));
	dg_free(symbols->slots);
	symbols->n_slots *= 2;
	symbols->slots = DG_NEW_ARRAY(uint32_t, symbols->n_slots);
	mask = symbols->n_slots - 1;
	for (uint32_t i = 0; i < symbols->capacity / 2; i++) {
		uint32_t at = symbols->names[i].hash & mask;

		if (symbols->first + i < DG_ACL_SYM_FIRST)
			continue;
		while (symbols->slots[at] != 0)
			at = (at + 1) & mask;
		symbols->slots[at] = symbols->first + i;
	}
}

enum dg_rc
dg_acl_symbols_intern(struct dg_acl_symbols *symbols, struct dg_str name,
		      uint32_t *symbol_out)
{
	uint32_t hash = hash_name(name);
	uint32_t at;
	struct dg_str copy;

	if (symbols->base != NULL) {
		at = find_slot(symbols->base, name, hash);
		*symbol_out = symbols->base->slots[at];
		if (*symbol_out != 0)
			return DG_OK;
	}
	at = find_slot(symbols, name, hash);
	if (symbols->slots[at] != 0) {
		*symbol_out = symbols->slots[at];
		return DG_OK;
	}
	if (name.len > SYMBOL_MAX_BYTES)
		return DG_ERR_LIMIT;
	copy = dg_arena_str(symbols->arena, name);
	if (copy.data == NULL)
		return DG_ERR_LIMIT;
	if (symbols->count - symbols->first == symbols->capacity) {
		grow(symbols);
		at = find_slot(symbols, name, hash);
	}
	symbols->names[symbols->count - symbols->first] =
		(struct dg_acl_symbol){.data = copy.data,
				       .len = (uint32_t)copy.len,
				       .hash = hash};
	symbols->slots[at] = symbols->count;
	*symbol_out = symbols->count++;
	return DG_OK;
}

void
dg_acl_symbols_warm(const struct dg_acl_symbols *symbols,
		    const struct dg_str *names, size_t n)
{
	const struct dg_acl_symbols *s =
		symbols->base == NULL ? symbols : symbols->base;
	uint32_t at[DG_ACL_WARM_MAX];

	if (n > DG_ACL_WARM_MAX)
		n = DG_ACL_WARM_MAX;
	for (size_t i = 0; i < n; i++) {
		at[i] = hash_name(names[i]) & (s->n_slots - 1);
		__builtin_prefetch(&s->slots[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		at[i] = s->slots[at[i]];
		__builtin_prefetch(&s->names[at[i]]);
	}
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(s->names[at[i]].data);
}

uint32_t
dg_acl_symbols_find(const struct dg_acl_symbols *symbols, struct dg_str name)
{
	uint32_t hash = hash_name(name);
	uint32_t symbol = 0;

	if (symbols->base != NULL)
		symbol = symbols->base
				 ->slots[find_slot(symbols->base, name, hash)];
	if (symbol == 0)
		symbol = symbols->slots[find_slot(symbols, name, hash)];
	return symbol == 0 ? DG_ACL_SYM_UNKNOWN : symbol;
}

enum dg_rc
dg_acl_symbols_copy_own(struct dg_acl_symbols *symbols,
			const struct dg_acl_symbols *from)
{
	uint32_t ignored;

	symbols->begins = from->begins;
	for (uint32_t i = symbols->first; i < from->count; i++)
		if (dg_acl_symbols_intern(symbols, dg_acl_symbols_name(from, i),
					  &ignored) != DG_OK)
			return DG_ERR_LIMIT;
	return DG_OK;
}

enum dg_rc
dg_acl_symbols_begin(struct dg_acl_symbols *symbols, struct dg_str name)
{
	uint32_t ignored;

	if (name.len == 0)
		return DG_OK;
	DG_ASSERT(name.len <= BEGIN_MAX_BYTES);
	symbols->begins |= UINT32_C(1) << (name.len - 1);
	return dg_acl_symbols_intern(symbols, name, &ignored);
}

size_t
dg_acl_symbols_bytes(const struct dg_acl_symbols *symbols)
{
	return symbols->capacity * sizeof(struct dg_acl_symbol) +
	       symbols->n_slots * sizeof(uint32_t);
}

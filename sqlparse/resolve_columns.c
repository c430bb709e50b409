/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve_columns.c - sets of columns, and finding a name in one.
 *
 * A set is shared by all who refer to the relation (a CTE, a base table), so
 * that its index is built once, on the first search. Few columns are searched
 * one by one. Hashes are SipHash under the process's seed: the names are the
 * client's.
 */
#include "resolve.h"

enum {
	SMALL_SET = 8, /* searched without an index */
	FIRST_NAMES = 8,
};

#define SLOT_SEVERAL 0x80000000U

struct dg_sql_slot_of_set {
	uint32_t hash;
	uint32_t column; /* + 1; SLOT_SEVERAL: others have the same name */
};

struct dg_sql_set *
dg_sql_set_create(struct dg_sql_resolver *r, const struct dg_str *names,
		  uint32_t n, bool open)
{
	struct dg_sql_set *set = dg_sql_alloc(r, 1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->names = names;
	set->n = n;
	set->open = open;
	return set;
}

static uint32_t
search_small(const struct dg_sql_set *set, const struct dg_str name)
{
	uint32_t found = DG_SQL_NO_COLUMN;

	for (uint32_t i = 0; i < set->n; i++) {
		if (set->names[i].data == NULL ||
		    !dg_str_eq(set->names[i], name))
			continue;
		if (found != DG_SQL_NO_COLUMN)
			return DG_SQL_SEVERAL_COLUMNS;
		found = i;
	}
	return found;
}

/* The slot that holds name, or the free one where it belongs. */
static struct dg_sql_slot_of_set *
probe(const struct dg_sql_set *set, struct dg_str name, uint32_t hash)
{
	uint32_t at = hash & set->mask;

	for (;; at = (at + 1) & set->mask) {
		struct dg_sql_slot_of_set *slot = &set->slots[at];

		if (slot->column == 0)
			return slot;
		if (slot->hash == hash &&
		    dg_str_eq(set->names[(slot->column & ~SLOT_SEVERAL) - 1],
			      name))
			return slot;
	}
}

static bool
build_index(struct dg_sql_resolver *r, struct dg_sql_set *set)
{
	uint32_t capacity = 4 * SMALL_SET;

	while (capacity < set->n * 2)
		capacity *= 2;
	set->slots = dg_sql_alloc(r, capacity, sizeof(*set->slots));
	if (set->slots == NULL)
		return false;
	set->mask = capacity - 1;
	for (uint32_t i = 0; i < set->n; i++) {
		struct dg_str name = set->names[i];
		struct dg_sql_slot_of_set *slot;
		uint32_t hash;

		if (name.data == NULL)
			continue;
		hash = (uint32_t)dg_hash(name.data, name.len);
		slot = probe(set, name, hash);
		if (slot->column != 0) {
			slot->column |= SLOT_SEVERAL;
			continue;
		}
		slot->hash = hash;
		slot->column = i + 1;
	}
	return true;
}

uint32_t
dg_sql_set_find(struct dg_sql_resolver *r, struct dg_sql_set *set,
		const struct dg_sql_part *part)
{
	const struct dg_sql_slot_of_set *slot;

	if (set->n <= SMALL_SET)
		return search_small(set, part->column);
	if (set->mask == 0 && !build_index(r, set))
		return DG_SQL_NO_COLUMN;
	slot = probe(set, part->column, part->hash);
	if (slot->column == 0)
		return DG_SQL_NO_COLUMN;
	if (slot->column & SLOT_SEVERAL)
		return DG_SQL_SEVERAL_COLUMNS;
	return slot->column - 1;
}

static bool
grow_names(struct dg_sql_resolver *r, struct dg_sql_names *names)
{
	uint32_t cap = names->cap == 0 ? FIRST_NAMES : names->cap * 2;
	struct dg_str *items;

	if (names->n >= DG_SQL_MAX_COLUMNS)
		return dg_sql_refuse_limit(r);
	items = dg_sql_alloc(r, cap, sizeof(*items));
	if (items == NULL)
		return false;
	if (names->n > 0)
		memcpy(items, names->items, names->n * sizeof(*items));
	names->items = items;
	names->cap = cap;
	return true;
}

bool
dg_sql_names_add(struct dg_sql_resolver *r, struct dg_sql_names *names,
		 struct dg_str name)
{
	if (names->n == names->cap && !grow_names(r, names))
		return false;
	names->items[names->n++] = name;
	return true;
}

struct dg_sql_set *
dg_sql_names_finish(struct dg_sql_resolver *r, const struct dg_sql_names *names)
{
	return dg_sql_set_create(r, names->items, names->n, names->open);
}

struct dg_sql_set *
dg_sql_set_of_ids(struct dg_sql_resolver *r, const struct dg_sql_node *list)
{
	struct dg_sql_names names = {.n = 0};
	struct dg_str name;

	DG_SQL_FOREACH(id, list)
	{
		if (!dg_sql_fold_column_id(r, id, &name) ||
		    !dg_sql_names_add(r, &names, name))
			return NULL;
	}
	return dg_sql_names_finish(r, &names);
}

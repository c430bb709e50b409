/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns.c - sets of columns, and finding a name in one.
 *
 * A set is shared by all who refer to the relation (a CTE, a base table), so
 * that its index is made once, on the first search, unless a base table came
 * with one.
 */
#include "resolve/resolve.h"

enum { FIRST_NAMES = 8 };

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

static bool
make_index(struct dg_sql_resolver *r, struct dg_sql_set *set)
{
	struct dg_sql_column_index *index =
		dg_sql_alloc(r, 1, dg_sql_column_index_bytes(set->n));
	uint64_t steps = 0;

	if (index == NULL)
		return false;
	dg_sql_column_index_fill(index, set->names, set->n, &steps);
	set->index = index;
	return dg_sql_spend(r, steps);
}

uint32_t
dg_sql_set_search(struct dg_sql_resolver *r, struct dg_sql_set *set,
		  const struct dg_sql_part *part)
{
	if (!make_index(r, set))
		return DG_SQL_NO_COLUMN;
	return dg_sql_set_find(r, set, part);
}

/* As many as there is room for names. */
static bool
make_lazies(struct dg_sql_resolver *r, struct dg_sql_names *names)
{
	struct dg_sql_lazy **lazies =
		dg_sql_alloc(r, names->cap, sizeof(struct dg_sql_lazy *));

	if (lazies == NULL)
		return false;
	if (names->lazies != NULL)
		memcpy(lazies, names->lazies,
		       names->n * sizeof(struct dg_sql_lazy *));
	names->lazies = lazies;
	return true;
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
	return names->lazies == NULL || make_lazies(r, names);
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

bool
dg_sql_names_add_lazy(struct dg_sql_resolver *r, struct dg_sql_names *names,
		      struct dg_str name, struct dg_sql_lazy *lazy)
{
	if (!dg_sql_names_add(r, names, name))
		return false;
	if (lazy == NULL)
		return true;
	if (names->lazies == NULL && !make_lazies(r, names))
		return false;
	names->lazies[names->n - 1] = lazy;
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

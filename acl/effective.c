/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effective.c - what all rules about one privilege on one object come to.
 *
 * Metadata tables (`t$files`, `t@123`, `t.branch_x`) show data of their base:
 * whatever is denied on the base, even one column, is denied on them; an allow
 * must name them.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "match.h"
#include "pattern.h"

/* Hits about columns that are kept for a second look at them. */
enum { HITS_KEPT = 256 };

struct tally {
	struct dg_acl_effective *out;
	bool columns_matter;
	bool as_base; /* these rules are about the base table */
	const struct dg_acl_symbols *symbols;
	uint32_t n_denies;
	uint32_t n_allows;
	uint32_t n_hits; /* may be more than are kept */
	struct dg_acl_hit hits[HITS_KEPT];
};

/* The lowest id; a rule that breaks the glass only where no other will do. */
static bool
is_better(const struct dg_acl_compiled *rule,
	  const struct dg_acl_compiled *other)
{
	if (rule->break_glass != other->break_glass)
		return other->break_glass;
	return rule->id < other->id;
}

static void
keep_best(const struct dg_acl_compiled **kept,
	  const struct dg_acl_compiled *rule)
{
	if (*kept == NULL || is_better(rule, *kept))
		*kept = rule;
}

/* A column and the columns above it: "a.b.c" is 3. */
static uint32_t
count_above(struct dg_str name)
{
	uint32_t n = 1;

	for (size_t dot = dg_str_find(name, '.', 0); dot < name.len;
	     dot = dg_str_find(name, '.', dot + 1))
		n++;
	return n;
}

static void
count_columns(struct tally *tally, const struct dg_acl_hit *hit)
{
	uint32_t symbol;
	size_t at = 0;

	if (tally->n_hits < HITS_KEPT)
		tally->hits[tally->n_hits] = *hit;
	tally->n_hits++;
	while (dg_acl_hit_column(tally->symbols, hit, &at, &symbol)) {
		if (hit->rule->effect == DG_ACL_DENY)
			tally->n_denies += count_above(
				dg_acl_symbols_name(tally->symbols, symbol));
		else
			tally->n_allows++;
	}
}

/* Of the base table any column will do, but there must be one. */
static bool
is_whole(const struct tally *tally, const struct dg_acl_hit *hit)
{
	uint32_t ignored;
	size_t at = 0;

	if (!dg_acl_hit_has_columns(hit) || !tally->columns_matter)
		return true;
	return tally->as_base &&
	       dg_acl_hit_column(tally->symbols, hit, &at, &ignored);
}

static void
count_hit(void *arg, const struct dg_acl_hit *hit)
{
	struct tally *tally = arg;

	if (hit->rule->effect == DG_ACL_ALLOW && tally->as_base)
		return;
	if (!is_whole(tally, hit))
		count_columns(tally, hit);
	else if (hit->rule->effect == DG_ACL_DENY)
		keep_best(&tally->out->deny_whole, hit->rule);
	else
		keep_best(&tally->out->allow_whole, hit->rule);
}

struct fill_arg {
	const struct dg_acl_symbols *symbols;
	struct dg_acl_column_right *denies;
	struct dg_acl_column_right *allows;
	uint32_t n_denies;
	uint32_t n_allows;
	bool wants_allows;
};

static void
fill_denies(struct fill_arg *a, const struct dg_acl_compiled *rule,
	    uint32_t symbol)
{
	struct dg_str name = dg_acl_symbols_name(a->symbols, symbol);

	a->denies[a->n_denies++] =
		(struct dg_acl_column_right){.symbol = symbol, .rule = rule};
	for (size_t dot = dg_str_find(name, '.', 0); dot < name.len;
	     dot = dg_str_find(name, '.', dot + 1))
		a->denies[a->n_denies++] = (struct dg_acl_column_right){
			.symbol = dg_acl_symbols_find(
				a->symbols, dg_str_slice(name, 0, dot)),
			.is_prefix = true,
			.rule = rule,
		};
}

static void
fill_hit(void *arg, const struct dg_acl_hit *hit)
{
	struct fill_arg *a = arg;
	uint32_t symbol;
	size_t at = 0;

	if (hit->rule->effect == DG_ACL_ALLOW && !a->wants_allows)
		return;
	while (dg_acl_hit_has_columns(hit) &&
	       dg_acl_hit_column(a->symbols, hit, &at, &symbol)) {
		if (hit->rule->effect == DG_ACL_DENY)
			fill_denies(a, hit->rule, symbol);
		else
			a->allows[a->n_allows++] = (struct dg_acl_column_right){
				.symbol = symbol, .rule = hit->rule};
	}
}

/* Columns themselves before prefixes, then by id. */
static int
compare_right(const void *a, const void *b)
{
	const struct dg_acl_column_right *x = a;
	const struct dg_acl_column_right *y = b;

	if (x->symbol != y->symbol)
		return x->symbol < y->symbol ? -1 : 1;
	if (x->is_prefix != y->is_prefix)
		return x->is_prefix ? 1 : -1;
	if (x->rule == y->rule)
		return 0;
	return is_better(x->rule, y->rule) ? -1 : 1;
}

/* Sorted, the best of each symbol kept; the new count. */
static uint32_t
settle(struct dg_acl_column_right *rights, uint32_t n)
{
	uint32_t kept = 0;

	if (n == 0)
		return 0;
	qsort(rights, n, sizeof(*rights), compare_right);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || rights[i].symbol != rights[kept - 1].symbol)
			rights[kept++] = rights[i];
	return kept;
}

static enum dg_rc
keep_rights(struct dg_arena *arena, const struct dg_acl_column_right *rights,
	    uint32_t n, const struct dg_acl_column_right **out)
{
	struct dg_acl_column_right *kept =
		DG_ARENA_ARRAY(arena, struct dg_acl_column_right, n);

	if (kept == NULL)
		return DG_ERR_LIMIT;
	if (n > 0)
		memcpy(kept, rights, n * sizeof(*rights));
	*out = kept;
	return DG_OK;
}

/* Rules may name a column a thousand times; what is kept is one of each. */
static enum dg_rc
gather_columns(const struct dg_acl_query *query, const struct tally *tally,
	       struct dg_arena *arena, struct dg_acl_effective *out)
{
	struct fill_arg a = {.symbols = &query->snapshot->symbols,
			     .wants_allows = out->allow_whole == NULL};
	enum dg_rc rc;

	a.denies = DG_NEW_ARRAY(struct dg_acl_column_right, tally->n_denies);
	a.allows = DG_NEW_ARRAY(struct dg_acl_column_right,
				a.wants_allows ? tally->n_allows : 0);
	for (uint32_t i = 0; i < tally->n_hits && tally->n_hits <= HITS_KEPT;
	     i++)
		fill_hit(&a, &tally->hits[i]);
	if (tally->n_hits > HITS_KEPT)
		dg_acl_match_each(query, &out->window, fill_hit, &a);
	out->n_denies = settle(a.denies, a.n_denies);
	out->n_allows = settle(a.allows, a.n_allows);
	rc = keep_rights(arena, a.denies, out->n_denies, &out->denies);
	if (rc == DG_OK)
		rc = keep_rights(arena, a.allows, out->n_allows, &out->allows);
	dg_free(a.denies);
	dg_free(a.allows);
	return rc;
}

/*
 * Whether it matters what rules say about columns: not once all of them are
 * denied, nor when some are allowed that are allowed anyway.
 */
static bool
needs_columns(const struct tally *tally)
{
	const struct dg_acl_effective *e = tally->out;

	if (e->deny_whole != NULL)
		return false;
	return tally->n_denies > 0 ||
	       (tally->n_allows > 0 && e->allow_whole == NULL);
}

/* The table that a metadata table belongs to; false when it is none. */
static bool
find_base(struct dg_str name, struct dg_str *base_out)
{
	static const struct dg_str branch = DG_STR_INIT(".branch_");
	static const struct dg_str tag = DG_STR_INIT(".tag_");

	for (size_t i = 1; i < name.len; i++) {
		struct dg_str rest = dg_str_slice(name, i, name.len);

		if (rest.data[0] == '$' || rest.data[0] == '@' ||
		    dg_str_starts_with(rest, branch) ||
		    dg_str_starts_with(rest, tag)) {
			*base_out = dg_str_slice(name, 0, i);
			return true;
		}
	}
	return false;
}

static void
count_base(const struct dg_acl_query *query, struct tally *tally)
{
	struct dg_acl_query base = *query;

	if (query->kind != DG_ACL_TABLE ||
	    !find_base(query->parts[2], &base.parts[2]))
		return;
	dg_acl_query_symbols(&base);
	tally->as_base = true;
	dg_acl_match_each(&base, &tally->out->window, count_hit, tally);
}

struct dg_acl_effective *
dg_acl_effective_build(const struct dg_acl_query *query, struct dg_arena *arena)
{
	struct dg_acl_effective *out =
		DG_ARENA_NEW(arena, struct dg_acl_effective);
	struct tally tally; /* hits are filled as they come */

	tally.out = out;
	tally.columns_matter =
		dg_acl_has_columns(query->kind, query->privileges);
	tally.as_base = false;
	tally.symbols = &query->snapshot->symbols;
	tally.n_denies = 0;
	tally.n_allows = 0;
	tally.n_hits = 0;
	if (out == NULL)
		return NULL;
	out->window = (struct dg_acl_window){.from_us = INT64_MIN,
					     .until_us = INT64_MAX};
	dg_acl_match_each(query, &out->window, count_hit, &tally);
	if (needs_columns(&tally) &&
	    gather_columns(query, &tally, arena, out) != DG_OK)
		return NULL;
	count_base(query, &tally);
	return out;
}

static const struct dg_acl_column_right *
find_right(const struct dg_acl_snapshot *snapshot,
	   const struct dg_acl_column_right *rights, uint32_t n,
	   struct dg_str column)
{
	uint32_t symbol;
	uint32_t low = 0;

	if (n == 0)
		return NULL;
	symbol = dg_acl_symbols_find(&snapshot->symbols, column);
	while (low < n) {
		uint32_t middle = low + (n - low) / 2;

		if (rights[middle].symbol == symbol)
			return &rights[middle];
		if (rights[middle].symbol < symbol)
			low = middle + 1;
		else
			n = middle;
	}
	return NULL;
}

const struct dg_acl_compiled *
dg_acl_effective_deny(const struct dg_acl_snapshot *snapshot,
		      const struct dg_acl_effective *effective,
		      struct dg_str column)
{
	const struct dg_acl_column_right *right;

	if (effective->n_denies == 0)
		return NULL;
	right = find_right(snapshot, effective->denies, effective->n_denies,
			   column);
	if (right != NULL)
		return right->rule;
	for (size_t dot = dg_str_find(column, '.', 0); dot < column.len;
	     dot = dg_str_find(column, '.', dot + 1)) {
		right = find_right(snapshot, effective->denies,
				   effective->n_denies,
				   dg_str_slice(column, 0, dot));
		if (right != NULL && !right->is_prefix)
			return right->rule;
	}
	return NULL;
}

const struct dg_acl_compiled *
dg_acl_effective_allow(const struct dg_acl_snapshot *snapshot,
		       const struct dg_acl_effective *effective,
		       struct dg_str column, bool is_field)
{
	const struct dg_acl_column_right *right;

	if (effective->allow_whole != NULL)
		return effective->allow_whole;
	right = find_right(snapshot, effective->allows, effective->n_allows,
			   column);
	if (right != NULL || !is_field)
		return right == NULL ? NULL : right->rule;
	for (size_t dot = dg_str_find(column, '.', 0); dot < column.len;
	     dot = dg_str_find(column, '.', dot + 1)) {
		right = find_right(snapshot, effective->allows,
				   effective->n_allows,
				   dg_str_slice(column, 0, dot));
		if (right != NULL)
			return right->rule;
	}
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - finds the rules that speak about a user and an object.
 *
 * Work is bounded by the user's own roles and rules, never by how many rules
 * there are for others.
 */
#include "match.h"

#include "pattern.h"

/* ---- the question ------------------------------------------------------- */

/* The names of the question as the policy has them. */
static enum dg_rc
set_parts(struct dg_acl_query *query, const struct dg_acl_object *object,
	  bool policy_names, struct dg_arena *arena)
{
	const struct dg_str parts[DG_ACL_PARTS] = {
		object->catalog, object->schema, object->name};
	unsigned used = dg_acl_kind_parts(object->kind);
	bool keeps_case = dg_acl_kind_keeps_case(object->kind);

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		if ((used & (1U << i)) == 0)
			query->parts[i] = DG_STR_EMPTY;
		else if (keeps_case || parts[i].len == 0)
			query->parts[i] = parts[i];
		else
			query->parts[i] = dg_acl_lower(arena, parts[i]);
		if (query->parts[i].data == NULL && parts[i].len > 0)
			return DG_ERR_LIMIT;
	}
	if (policy_names || query->snapshot->catalogs.count == 0)
		return DG_OK;
	if (query->kind != DG_ACL_PROPERTY) {
		query->parts[0] = dg_acl_policy_catalog(
			query->snapshot, query->cluster, query->parts[0]);
		return DG_OK;
	}
	query->parts[2] = dg_acl_policy_property(
		query->snapshot, query->cluster, query->parts[2], arena);
	return query->parts[2].data == NULL ? DG_ERR_LIMIT : DG_OK;
}

/*
 * A rule about "role:NAME" is about each user that the role holds. The roles of
 * a session do not count: it is not the one asked about who is signed in.
 */
static enum dg_rc
set_aliases(struct dg_acl_query *query, struct dg_arena *arena)
{
	const struct dg_acl_snapshot *s = query->snapshot;
	const struct dg_acl_member *target =
		dg_map_get(&s->users, query->parts[2]);
	uint32_t *aliases;

	if (target == NULL)
		return DG_OK;
	aliases = DG_ARENA_ARRAY(arena, uint32_t, target->n_closure);
	if (aliases == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t i = 0; i < target->n_closure; i++) {
		const struct dg_acl_member *m = s->members[target->closure[i]];
		struct dg_str name;

		if (!m->is_role)
			continue;
		name = dg_arena_printf(arena, "role:%.*s", DG_STR_ARG(m->name));
		if (name.data == NULL)
			return DG_ERR_LIMIT;
		aliases[query->n_aliases] =
			dg_acl_symbols_find(&s->symbols, name);
		if (aliases[query->n_aliases] != DG_ACL_SYM_UNKNOWN)
			query->n_aliases++;
	}
	query->aliases = aliases;
	return DG_OK;
}

enum dg_rc
dg_acl_query_init(struct dg_acl_query *query,
		  const struct dg_acl_snapshot *snapshot,
		  const struct dg_acl_request *request,
		  const struct dg_acl_member *user,
		  const struct dg_acl_object *object, struct dg_arena *arena)
{
	*query = (struct dg_acl_query){
		.snapshot = snapshot,
		.user = user,
		.kind = object->kind,
		.now_us = request->now_us,
		.cluster = dg_acl_lower(arena, request->cluster),
	};
	if (query->cluster.data == NULL && request->cluster.len > 0)
		return DG_ERR_LIMIT;
	if (snapshot->has_networks)
		query->client_known =
			dg_acl_address_parse(request->client, &query->client);
	if (set_parts(query, object, request->policy_names, arena) != DG_OK)
		return DG_ERR_LIMIT;
	return dg_acl_kind_keeps_case(object->kind) ? set_aliases(query, arena)
						    : DG_OK;
}

/* Tags are inherited: by tables, functions and the like from above. */
static void
find_tags(struct dg_acl_query *query)
{
	unsigned used = dg_acl_kind_parts(query->kind);
	uint32_t key[DG_ACL_PARTS] = {0};

	if ((used & 1) == 0 || query->snapshot->tags.n_tagged == 0)
		return;
	for (unsigned i = 0; i < DG_ACL_PARTS && (used >> i & 1) != 0; i++) {
		/* Only tables carry tags of their own at this depth. */
		if (i == 2 && query->kind != DG_ACL_TABLE)
			return;
		key[i] = query->symbols[i];
		query->tagged[i] = dg_acl_find_tagged(query->snapshot, key);
	}
}

/* What patterns of this part may begin with. */
static void
find_begins(struct dg_acl_query *query, unsigned part)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;
	struct dg_str name = query->parts[part];
	uint32_t *begins = query->begins[part];
	uint32_t n = 0;

	begins[n++] = DG_ACL_SYM_GLOB;
	for (uint32_t len = 1; len <= name.len && len <= DG_ACL_BEGIN_MAX;
	     len++) {
		uint32_t symbol;

		if ((symbols->begins >> (len - 1) & 1) == 0)
			continue;
		symbol = dg_acl_symbols_find(symbols,
					     dg_str_slice(name, 0, len));
		if (symbol != DG_ACL_SYM_UNKNOWN)
			begins[n++] = symbol | DG_ACL_BEGINS;
	}
	query->n_begins[part] = n;
}

void
dg_acl_query_symbols(struct dg_acl_query *query)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;
	unsigned used = dg_acl_kind_parts(query->kind);

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		query->symbols[i] =
			(used & (1U << i)) == 0
				? DG_ACL_SYM_NONE
				: dg_acl_symbols_find(symbols, query->parts[i]);
		find_begins(query, i);
	}
	if (query->cluster.len > 0)
		query->cluster_symbol =
			dg_acl_symbols_find(symbols, query->cluster);
	find_tags(query);
}

/* ---- conditions --------------------------------------------------------- */

static bool
is_in(const uint32_t *sorted, uint32_t n, uint32_t id)
{
	uint32_t low = 0;

	while (low < n) {
		uint32_t middle = low + (n - low) / 2;

		if (sorted[middle] == id)
			return true;
		if (sorted[middle] < id)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}

static bool
is_excepted(const struct dg_acl_query *query, const struct dg_acl_conditions *c)
{
	for (uint32_t i = 0; c->n_except > 0 && i < query->user->n_closure; i++)
		if (is_in(c->except, c->n_except, query->user->closure[i]))
			return true;
	return false;
}

/* As long as no cluster is chosen, its allows are not given, its denies are. */
static bool
is_for_cluster(const struct dg_acl_query *query,
	       const struct dg_acl_conditions *c, enum dg_acl_effect effect)
{
	if (c->n_clusters == 0)
		return true;
	if (query->cluster.len == 0)
		return effect == DG_ACL_DENY;
	return is_in(c->clusters, c->n_clusters, query->cluster_symbol);
}

/* The same for the client's address while that is not known. */
static bool
is_for_client(const struct dg_acl_query *query,
	      const struct dg_acl_conditions *c, enum dg_acl_effect effect)
{
	if (c->n_networks == 0)
		return true;
	if (!query->client_known)
		return effect == DG_ACL_DENY;
	for (uint32_t i = 0; i < c->n_networks; i++)
		if (dg_acl_network_holds(&c->networks[i], &query->client))
			return true;
	return false;
}

/* Narrows window to where the answer is the same. */
static bool
is_in_time(const struct dg_acl_query *query, const struct dg_acl_conditions *c,
	   struct dg_acl_window *window)
{
	if (c->valid_from_us != 0 && query->now_us < c->valid_from_us) {
		if (c->valid_from_us < window->until_us)
			window->until_us = c->valid_from_us;
		return false;
	}
	if (c->valid_from_us > window->from_us)
		window->from_us = c->valid_from_us;
	if (c->valid_until_us == 0)
		return true;
	if (query->now_us >= c->valid_until_us) {
		if (c->valid_until_us > window->from_us)
			window->from_us = c->valid_until_us;
		return false;
	}
	if (c->valid_until_us < window->until_us)
		window->until_us = c->valid_until_us;
	return true;
}

bool
dg_acl_conditions_hold(const struct dg_acl_query *query,
		       const struct dg_acl_compiled *rule,
		       struct dg_acl_window *window)
{
	const struct dg_acl_conditions *c = rule->conditions;

	if (rule->always)
		return true;
	return is_for_cluster(query, c, (enum dg_acl_effect)rule->effect) &&
	       is_for_client(query, c, (enum dg_acl_effect)rule->effect) &&
	       !is_excepted(query, c) && is_in_time(query, c, window);
}

bool
dg_acl_is_in_force(const struct dg_acl_query *query,
		   const struct dg_acl_compiled *rule)
{
	const struct dg_acl_conditions *c = rule->conditions;
	struct dg_acl_window ignored = {0};

	return c == NULL ||
	       (is_for_client(query, c, (enum dg_acl_effect)rule->effect) &&
		is_in_time(query, c, &ignored));
}

static bool
globs_match(const struct dg_acl_query *query,
	    const struct dg_acl_compiled *rule)
{
	const struct dg_acl_symbols *symbols = &query->snapshot->symbols;

	for (unsigned i = 0; rule->globs >> i != 0; i++)
		if ((rule->globs & (1U << i)) != 0 &&
		    !dg_acl_pattern_matches(
			    dg_acl_symbols_name(symbols, rule->parts[i]),
			    query->parts[i]))
			return false;
	return true;
}

static const struct dg_acl_group *
find_group(const struct dg_acl_block *block, uint32_t hash, uint32_t kind,
	   uint32_t tag, const uint32_t key[DG_ACL_PARTS])
{
	uint32_t mask = block->n_slots - 1;

	for (uint32_t at = hash & mask; block->slots[at] != 0;
	     at = (at + 1) & mask) {
		const struct dg_acl_group *g =
			&block->groups[block->slots[at] - 1];

		if (g->kind == kind && g->tag == tag && g->key[0] == key[0] &&
		    g->key[1] == key[1] && g->key[2] == key[2])
			return g;
	}
	return NULL;
}

/* A key that is looked for, and how far that has come. */
struct probe {
	const struct dg_acl_part *part;
	const struct dg_acl_member *member;
	const struct dg_acl_tagged *table;
	const struct dg_acl_block *block;
	const struct dg_acl_group *group;
	uint32_t tag;
	uint32_t hash;
	uint32_t key[DG_ACL_PARTS];
};

enum { PROBES = 64 };

/*
 * Rules that are looked for, and what to do with them. Keys are looked for
 * many at a time, step by step: what takes the time of a first question is
 * waiting for memory, and so they wait for it together.
 */
struct search {
	const struct dg_acl_query *query;
	const struct dg_acl_part *part; /* being searched */
	const struct dg_acl_member *member;
	const struct dg_acl_tagged *table; /* looked for by its columns' tags */
	struct probe probes[PROBES];
	uint32_t n_probes;
	struct dg_acl_window *window;
	dg_acl_hit_fn fn;
	void *arg;
	struct dg_acl_hit hit; /* rule and privileges are set for each */
};

/*
 * A tag of a column says nothing about what has no columns. An allow of READ
 * includes SHOW of the table, as if it were written with columns.
 */
static uint32_t
privileges_of(const struct search *search, const struct dg_acl_compiled *rule)
{
	uint32_t of_columns =
		DG_ACL_BIT(DG_ACL_P_SELECT) | DG_ACL_BIT(DG_ACL_P_UPDATE);

	if (search->hit.table == NULL)
		return rule->privileges;
	if (rule->effect == DG_ACL_ALLOW)
		of_columns |= DG_ACL_BIT(DG_ACL_P_SHOW);
	return rule->privileges & of_columns;
}

/* Where both rule and tag name columns, they may have none in common. */
static bool
has_column(const struct search *search)
{
	const struct dg_acl_hit *hit = &search->hit;
	uint32_t ignored;
	size_t at = 0;

	return hit->table == NULL || hit->rule->n_columns == 0 ||
	       dg_acl_hit_column(&search->query->snapshot->symbols, hit, &at,
				 &ignored);
}

static void
match_rules(struct search *search, const struct dg_acl_compiled *rules,
	    uint32_t n)
{
	const struct dg_acl_query *query = search->query;
	struct dg_acl_hit *hit = &search->hit;

	for (uint32_t i = 0; i < n; i++) {
		hit->rule = &rules[i];
		hit->privileges = privileges_of(search, hit->rule);
		if ((hit->privileges & query->privileges) != 0 &&
		    globs_match(query, hit->rule) && has_column(search) &&
		    dg_acl_conditions_hold(query, hit->rule, search->window))
			search->fn(search->arg, hit);
	}
}

/* Those that a block may have; the others are dropped. */
static void
find_blocks(struct search *search)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < search->n_probes; i++) {
		struct probe *p = &search->probes[i];
		const struct dg_acl_cell *cell =
			&p->part->cells[dg_acl_block_of(p->hash,
							p->part->n_blocks)];

		if (!dg_acl_cell_may_have(cell, p->hash))
			continue;
		p->block = cell->block;
		__builtin_prefetch(p->block);
		search->probes[n++] = *p;
	}
	search->n_probes = n;
}

static void
find_groups(struct search *search)
{
	struct probe *end = search->probes + search->n_probes;

	for (struct probe *p = search->probes; p < end; p++)
		__builtin_prefetch(
			&p->block->slots[p->hash & (p->block->n_slots - 1)]);
	for (struct probe *p = search->probes; p < end; p++) {
		uint32_t slot =
			p->block->slots[p->hash & (p->block->n_slots - 1)];

		if (slot != 0)
			__builtin_prefetch(&p->block->groups[slot - 1]);
	}
	for (struct probe *p = search->probes; p < end; p++) {
		p->group = find_group(p->block, p->hash, search->query->kind,
				      p->tag, p->key);
		if (p->group != NULL)
			__builtin_prefetch(p->block->rules + p->group->first);
	}
}

/* Looks for all keys that have come together. */
static void
match_probes(struct search *search)
{
	find_blocks(search);
	find_groups(search);
	for (uint32_t i = 0; i < search->n_probes; i++) {
		const struct probe *p = &search->probes[i];

		if (p->group == NULL)
			continue;
		search->hit.member = p->member;
		search->hit.tag = p->tag;
		search->hit.table = p->table;
		match_rules(search, p->block->rules + p->group->first,
			    search->query->wants_all ? p->group->n
						     : p->group->n_telling);
	}
	search->n_probes = 0;
}

static void
match_key(struct search *search, uint32_t tag, const uint32_t *key)
{
	const struct dg_acl_part *part = search->part;
	struct probe *p = &search->probes[search->n_probes++];

	p->part = part;
	p->member = search->member;
	p->table = search->table;
	p->tag = tag;
	p->hash = dg_acl_group_hash(search->query->kind, tag, key);
	memcpy(p->key, key, sizeof(p->key));
	__builtin_prefetch(
		&part->cells[dg_acl_block_of(p->hash, part->n_blocks)]);
	if (search->n_probes == PROBES)
		match_probes(search);
}

/* What the key of a rule of this shape may have as part; how many. */
static uint32_t
keys_of_part(const struct dg_acl_query *query, unsigned digit, unsigned part,
	     const uint32_t **keys_out)
{
	static const uint32_t star = DG_ACL_SYM_STAR;

	switch (digit) {
	case 0:
		*keys_out = &query->symbols[part];
		return 1;
	case 1:
		*keys_out = &star;
		return 1;
	default:
		*keys_out = query->begins[part];
		return query->n_begins[part];
	}
}

static void
match_shape(struct search *search, uint32_t tag, unsigned shape)
{
	const struct dg_acl_query *query = search->query;
	const uint32_t *keys[DG_ACL_PARTS];
	uint32_t n[DG_ACL_PARTS];

	for (unsigned i = 0; i < DG_ACL_PARTS; i++, shape /= 3)
		n[i] = keys_of_part(query, shape % 3, i, &keys[i]);
	for (uint32_t a = 0; a < n[0]; a++)
		for (uint32_t b = 0; b < n[1]; b++)
			for (uint32_t c = 0; c < n[2]; c++) {
				const uint32_t key[DG_ACL_PARTS] = {
					keys[0][a], keys[1][b], keys[2][c]};

				match_key(search, tag, key);
			}
}

static void
match_shapes(struct search *search, uint32_t tag, uint32_t shapes)
{
	for (unsigned shape = 0; shapes >> shape != 0; shape++)
		if ((shapes >> shape & 1) != 0)
			match_shape(search, tag, shape);
}

static void
match_aliases(struct search *search)
{
	const struct dg_acl_query *query = search->query;

	for (uint32_t i = 0; i < query->n_aliases; i++) {
		const uint32_t key[DG_ACL_PARTS] = {
			DG_ACL_SYM_NONE, DG_ACL_SYM_NONE, query->aliases[i]};

		match_key(search, DG_ACL_SYM_NONE, key);
	}
}

/* Rules by the tags of the object, and by those of its columns. */
static void
match_tags(struct search *search, uint32_t shapes)
{
	const struct dg_acl_query *query = search->query;
	const struct dg_acl_tagged *table = query->tagged[2];

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		const struct dg_acl_tagged *tagged = query->tagged[i];

		for (uint32_t t = 0; tagged != NULL && t < tagged->n_tags;
		     t++) {
			match_shapes(search, tagged->tags[t], shapes);
		}
	}
	search->table = table;
	for (uint32_t i = 0; table != NULL && i < table->n_columns; i++) {
		uint32_t tag = table->columns[i].tag;
		uint32_t before = 0;

		while (table->columns[before].tag != tag)
			before++;
		if (before < i)
			continue; /* seen with an earlier column */
		match_shapes(search, tag, shapes);
	}
	search->table = NULL;
}

void
dg_acl_match_each(const struct dg_acl_query *query,
		  struct dg_acl_window *window, dg_acl_hit_fn fn, void *arg)
{
	const struct dg_acl_snapshot *s = query->snapshot;
	struct search search; /* probes are filled as they come */

	search.query = query;
	search.window = window;
	search.fn = fn;
	search.arg = arg;
	search.table = NULL;
	search.n_probes = 0;
	search.hit = (struct dg_acl_hit){0};
	for (uint32_t i = 0; i < query->user->n_closure; i++) {
		const struct dg_acl_part *part =
			dg_acl_part_of(s, query->user->closure[i]);

		if (part == NULL)
			continue;
		search.part = part;
		search.member = s->members[query->user->closure[i]];
		match_shapes(&search, DG_ACL_SYM_NONE,
			     part->sums.shapes[query->kind]);
		match_aliases(&search);
		if (part->sums.tag_shapes[query->kind] != 0)
			match_tags(&search, part->sums.tag_shapes[query->kind]);
	}
	match_probes(&search);
}

/* ---- what a hit is about ------------------------------------------------ */

static bool
is_above(struct dg_str upper, struct dg_str lower)
{
	return dg_str_starts_with(lower, upper) &&
	       (lower.len == upper.len || lower.data[upper.len] == '.');
}

/* What both columns hold: the lower one of the two, or nothing. */
static bool
meet(const struct dg_acl_symbols *symbols, uint32_t a, uint32_t b,
     uint32_t *symbol_out)
{
	struct dg_str x = dg_acl_symbols_name(symbols, a);
	struct dg_str y = dg_acl_symbols_name(symbols, b);

	*symbol_out = is_above(x, y) ? b : a;
	return is_above(x, y) || is_above(y, x);
}

bool
dg_acl_hit_column(const struct dg_acl_symbols *symbols,
		  const struct dg_acl_hit *hit, size_t *at,
		  uint32_t *symbol_out)
{
	const struct dg_acl_compiled *rule = hit->rule;
	size_t each = rule->n_columns == 0 ? 1 : rule->n_columns;

	if (hit->table == NULL) {
		if (*at == rule->n_columns)
			return false;
		*symbol_out = rule->columns[(*at)++];
		return true;
	}
	while (*at < hit->table->n_columns * each) {
		const struct dg_acl_tagged_column *c =
			&hit->table->columns[*at / each];
		size_t own = (*at)++ % each;

		if (c->tag != hit->tag)
			continue;
		*symbol_out = c->column;
		if (rule->n_columns == 0 ||
		    meet(symbols, c->column, rule->columns[own], symbol_out))
			return true;
	}
	return false;
}

bool
dg_acl_carries(const struct dg_acl_query *container,
	       const struct dg_acl_compiled *rule)
{
	const struct dg_acl_conditions *c = rule->conditions;

	if (c == NULL || c->n_tags == 0)
		return true;
	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		const struct dg_acl_tagged *tagged = container->tagged[i];

		for (uint32_t t = 0; tagged != NULL && t < tagged->n_tags; t++)
			if (is_in(c->tags, c->n_tags, tagged->tags[t]))
				return true;
	}
	return false;
}

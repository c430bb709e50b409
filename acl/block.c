/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.c - rules whose keys' hashes begin alike, in one piece of memory.
 *
 *     | header | rules | conditions | varying | groups | lists | networks |
 *
 * A block holds all that its rules need but names and numbers of principals,
 * so it may outlive the version that made it. It never changes.
 */
#include "block.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "pattern.h"

enum { SAYERS_MAX = 16 }; /* rules of a group that others are held against */

void
dg_acl_block_maker_fini(struct dg_acl_block_maker *maker)
{
	dg_free(maker->groups);
	dg_free(maker->slots);
	dg_free(maker->rest);
}

/* ---- groups ------------------------------------------------------------- */

static uint32_t
begin_of(const struct dg_acl_symbols *symbols, uint32_t pattern)
{
	struct dg_str begin =
		dg_acl_pattern_begin(dg_acl_symbols_name(symbols, pattern));
	uint32_t symbol;

	if (begin.len == 0)
		return DG_ACL_SYM_GLOB;
	symbol = dg_acl_symbols_find(symbols, begin);
	DG_ASSERT(symbol != DG_ACL_SYM_UNKNOWN); /* interned with the rule */
	return symbol | DG_ACL_BEGINS;
}

static void
key_of(const struct dg_acl_snapshot *s, const struct dg_acl_compiled *rule,
       uint32_t key[DG_ACL_PARTS])
{
	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		key[i] = (rule->globs & (1U << i)) != 0
				 ? begin_of(&s->symbols, rule->parts[i])
				 : rule->parts[i];
}

uint32_t
dg_acl_placed_hash(const struct dg_acl_snapshot *s,
		   const struct dg_acl_compiled *rule, uint32_t tag)
{
	uint32_t key[DG_ACL_PARTS];

	key_of(s, rule, key);
	return dg_acl_group_hash(rule->kind, tag, key);
}

static uint32_t
slots_for(size_t n)
{
	uint32_t slots = 4;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

static void
make_room(struct dg_acl_block_maker *m, size_t n)
{
	if (n <= m->capacity)
		return;
	m->capacity = 2 * n;
	m->groups = dg_realloc(m->groups, m->capacity, sizeof(*m->groups));
	m->slots =
		dg_realloc(m->slots, slots_for(m->capacity), sizeof(*m->slots));
	m->rest = dg_realloc(m->rest, m->capacity, sizeof(*m->rest));
}

static bool
key_eq(const struct dg_acl_group *group, uint32_t kind, uint32_t tag,
       const uint32_t key[DG_ACL_PARTS])
{
	return group->kind == kind && group->tag == tag &&
	       group->key[0] == key[0] && group->key[1] == key[1] &&
	       group->key[2] == key[2];
}

/* Finds or makes the group of a rule under a tag; the group's number. */
static uint32_t
find_place(struct dg_acl_block_maker *m, uint32_t mask, uint32_t *n_groups,
	   const struct dg_acl_placed *p)
{
	uint32_t key[DG_ACL_PARTS];
	uint32_t kind = p->rule->kind;
	uint32_t at = p->hash & mask;

	key_of(m->snapshot, p->rule, key);
	for (; m->slots[at] != 0; at = (at + 1) & mask)
		if (key_eq(&m->groups[m->slots[at] - 1], kind, p->tag, key))
			return m->slots[at] - 1;
	m->groups[*n_groups] = (struct dg_acl_group){
		.key = {key[0], key[1], key[2]},
		.tag = p->tag,
		.kind = kind,
	};
	m->slots[at] = ++*n_groups;
	return *n_groups - 1;
}

static int
compare_placed(const void *a, const void *b)
{
	const struct dg_acl_placed *x = a;
	const struct dg_acl_placed *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->rule->id < y->rule->id ? -1 : x->rule->id > y->rule->id;
}

/* Whether all that rule says is said by said, which is before it. */
static bool
is_said(const struct dg_acl_compiled *rule, const struct dg_acl_compiled *said)
{
	return said->effect == rule->effect &&
	       (rule->privileges & ~said->privileges) == 0 &&
	       memcmp(said->parts, rule->parts, sizeof(rule->parts)) == 0;
}

/*
 * Of one group, in order of ids. What a rule says with columns or conditions
 * is not looked into: only others without any say all that it does. Of tags all
 * have the group's.
 */
static uint32_t
put_telling_first(struct dg_acl_block_maker *m, struct dg_acl_placed *placed,
		  uint32_t n)
{
	const struct dg_acl_compiled *sayers[SAYERS_MAX];
	uint32_t n_sayers = 0;
	uint32_t n_telling = 0;
	uint32_t n_rest = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct dg_acl_compiled *rule = placed[i].rule;
		uint32_t by = 0;

		while (by < n_sayers && !is_said(rule, sayers[by]))
			by++;
		if (by < n_sayers) {
			m->rest[n_rest++] = placed[i];
			continue;
		}
		placed[n_telling++] = placed[i];
		if (n_sayers < SAYERS_MAX && rule->n_columns == 0 &&
		    rule->always && !rule->break_glass)
			sayers[n_sayers++] = rule;
	}
	if (n_rest > 0)
		memcpy(placed + n_telling, m->rest, n_rest * sizeof(*placed));
	return n_telling;
}

/* Gives each its group and sorts by group, then by id; the groups' number. */
static uint32_t
sort_groups(struct dg_acl_block_maker *m, struct dg_acl_placed *placed,
	    uint32_t n)
{
	uint32_t mask = slots_for(n) - 1;
	uint32_t n_groups = 0;

	make_room(m, n);
	memset(m->slots, 0, ((size_t)mask + 1) * sizeof(*m->slots));
	for (uint32_t i = 0; i < n; i++) {
		placed[i].group = find_place(m, mask, &n_groups, &placed[i]);
		m->groups[placed[i].group].n++;
	}
	qsort(placed, n, sizeof(*placed), compare_placed);
	for (uint32_t g = 0, first = 0; g < n_groups; g++) {
		m->groups[g].first = first;
		m->groups[g].n_telling =
			put_telling_first(m, placed + first, m->groups[g].n);
		first += m->groups[g].n;
	}
	return n_groups;
}

/* ---- memory ------------------------------------------------------------- */

/* What goes behind the header, in this order: largest alignment first. */
struct layout {
	uint32_t n_rules;
	uint32_t n_groups;
	uint32_t n_slots;
	size_t n_conditions;
	size_t n_networks;
	size_t n_varying;
	size_t n_words; /* columns, lists of conditions, denies */
};

/* Whether it is in force at times, or for some clients, only. */
static bool
is_varying(const struct dg_acl_compiled *rule)
{
	const struct dg_acl_conditions *c = rule->conditions;

	return c != NULL && (c->valid_from_us != 0 || c->valid_until_us != 0 ||
			     c->n_networks > 0);
}

static struct layout
measure(const struct dg_acl_placed *placed, uint32_t n, uint32_t n_groups)
{
	struct layout l = {.n_rules = n,
			   .n_groups = n_groups,
			   .n_slots = slots_for(n_groups)};

	for (uint32_t i = 0; i < n; i++) {
		const struct dg_acl_conditions *c = placed[i].rule->conditions;

		l.n_words += placed[i].rule->n_columns;
		l.n_words += placed[i].rule->effect == DG_ACL_DENY;
		l.n_varying += is_varying(placed[i].rule);
		if (c == NULL || placed[i].rule->shares)
			continue;
		l.n_conditions++;
		l.n_networks += c->n_networks;
		l.n_words += (size_t)c->n_clusters + c->n_except + c->n_tags;
	}
	return l;
}

/* Where the next of each goes. */
struct cursor {
	struct dg_acl_conditions *conditions;
	struct dg_acl_varying *varying;
	struct dg_acl_network *networks;
	uint32_t *words;
};

static const uint32_t *
copy_words(struct cursor *c, const uint32_t *words, uint32_t n)
{
	uint32_t *to = c->words;

	if (n == 0)
		return NULL;
	memcpy(to, words, n * sizeof(*words));
	c->words += n;
	return to;
}

static const struct dg_acl_conditions *
copy_conditions(struct cursor *c, const struct dg_acl_conditions *from)
{
	struct dg_acl_conditions *to = c->conditions++;

	*to = *from;
	to->clusters = copy_words(c, from->clusters, from->n_clusters);
	to->except = copy_words(c, from->except, from->n_except);
	to->tags = copy_words(c, from->tags, from->n_tags);
	to->networks = c->networks;
	if (from->n_networks > 0)
		memcpy(c->networks, from->networks,
		       from->n_networks * sizeof(*from->networks));
	c->networks += from->n_networks;
	return to;
}

static void
copy_rule(struct cursor *c, const struct dg_acl_compiled *from,
	  struct dg_acl_compiled *to)
{
	*to = *from;
	to->columns = copy_words(c, from->columns, from->n_columns);
	if (from->conditions != NULL && !from->shares)
		to->conditions = copy_conditions(c, from->conditions);
}

static void
note_shape(struct dg_acl_sums *sums, const struct dg_acl_group *group)
{
	uint32_t *shapes =
		group->tag == DG_ACL_SYM_NONE ? sums->shapes : sums->tag_shapes;

	shapes[group->kind] |= UINT32_C(1)
			       << (dg_acl_shape_of(group->key[0]) +
				   3 * dg_acl_shape_of(group->key[1]) +
				   9 * dg_acl_shape_of(group->key[2]));
}

static void
fill_slots(const struct dg_acl_group *groups, uint32_t n, uint32_t *slots,
	   uint32_t n_slots)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = dg_acl_group_hash(groups[i].kind, groups[i].tag,
						groups[i].key) &
			      (n_slots - 1);

		while (slots[at] != 0)
			at = (at + 1) & (n_slots - 1);
		slots[at] = i + 1;
	}
}

static size_t
block_bytes(const struct layout *l)
{
	return sizeof(struct dg_acl_block) +
	       l->n_rules * sizeof(struct dg_acl_compiled) +
	       l->n_conditions * sizeof(struct dg_acl_conditions) +
	       l->n_varying * sizeof(struct dg_acl_varying) +
	       l->n_groups * sizeof(struct dg_acl_group) +
	       (l->n_slots + l->n_words) * sizeof(uint32_t) +
	       l->n_networks * sizeof(struct dg_acl_network);
}

static void
list_denies(struct dg_acl_block *block, const struct dg_acl_placed *placed,
	    uint32_t n, struct cursor *c)
{
	block->denies = c->words;
	for (uint32_t i = 0; i < n; i++)
		if (placed[i].rule->effect == DG_ACL_DENY) {
			*c->words++ = i;
			block->sums.n_denies++;
		}
}

/* With all fingerprints, as those of these rules are kept. */
static void
sum_up(const struct dg_acl_snapshot *s, struct dg_acl_block *block,
       struct cursor *c)
{
	block->varying = c->varying;
	for (uint32_t i = 0; i < block->sums.n_rules; i++) {
		const struct dg_acl_compiled *rule = &block->rules[i];
		uint64_t fingerprint = dg_acl_rule_fingerprint(s, rule);

		block->sums.fingerprint += fingerprint;
		if (!is_varying(rule))
			continue;
		*c->varying++ = (struct dg_acl_varying){
			.fingerprint = fingerprint, .rule = i};
		block->sums.n_varying++;
	}
}

_Static_assert(_Alignof(struct dg_acl_network) <= _Alignof(uint32_t),
	       "networks come last in a block");

struct dg_acl_block *
dg_acl_block_make(struct dg_acl_block_maker *maker,
		  struct dg_acl_placed *placed, uint32_t n)
{
	uint32_t n_groups = sort_groups(maker, placed, n);
	struct layout l = measure(placed, n, n_groups);
	struct dg_acl_block *block = dg_calloc(1, block_bytes(&l));
	struct dg_acl_compiled *rules = (void *)(block + 1);
	struct cursor c = {.conditions = (void *)(rules + n)};
	struct dg_acl_group *groups;
	uint32_t *slots;

	c.varying = (void *)(c.conditions + l.n_conditions);
	groups = (void *)(c.varying + l.n_varying);
	slots = (void *)(groups + n_groups);
	c.words = slots + l.n_slots;
	c.networks = (void *)(c.words + l.n_words);
	block->refs = 1;
	block->n_groups = n_groups;
	block->n_slots = l.n_slots;
	block->rules = rules;
	block->groups = groups;
	block->slots = slots;
	block->sums.n_rules = n;
	block->sums.bytes = block_bytes(&l);
	memcpy(groups, maker->groups, n_groups * sizeof(*groups));
	for (uint32_t g = 0; g < n_groups; g++)
		note_shape(&block->sums, &groups[g]);
	fill_slots(groups, n_groups, slots, l.n_slots);
	list_denies(block, placed, n, &c);
	block->lowest_id = INT64_MAX;
	for (uint32_t i = 0; i < n; i++) {
		copy_rule(&c, placed[i].rule, &rules[i]);
		if (rules[i].id < block->lowest_id)
			block->lowest_id = rules[i].id;
	}
	sum_up(maker->snapshot, block, &c);
	return block;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint.c - a number for all that decides what a user may do.
 *
 * Two snapshots that hold the same rules for a user give the same number, in
 * any process: names are hashed, never symbols, and lists are summed up, since
 * their order depends on how a snapshot was built. What changes no decision
 * (ids, reasons) is left out. Rules are summed up once, when their part is
 * built; those that hold at times or for some clients only are added once more
 * while they are in force. So a question costs a hash for each role of the
 * user and for each of these rules.
 */
#include "base/assert.h"
#include "match.h"
#include "session.h"

/* Tells a rule that is in force from the same rule that is there. */
enum { IN_FORCE = 0x6e6f77 };

static uint64_t
hash_symbols(const struct dg_acl_snapshot *s, const uint32_t *symbols,
	     uint32_t n)
{
	uint64_t sum = n;

	for (uint32_t i = 0; i < n; i++)
		sum += dg_acl_hash_str(
			dg_acl_symbols_name(&s->symbols, symbols[i]));
	return sum;
}

static uint64_t
hash_member(const struct dg_acl_member *member)
{
	const uint64_t words[] = {member->is_role,
				  dg_acl_hash_str(member->name)};

	return dg_acl_hash(words, sizeof(words));
}

static uint64_t
hash_except(const struct dg_acl_snapshot *s, const struct dg_acl_conditions *c)
{
	uint64_t sum = c->n_except;

	for (uint32_t i = 0; i < c->n_except; i++)
		sum += hash_member(s->members[c->except[i]]);
	return sum;
}

static uint64_t
hash_networks(const struct dg_acl_conditions *c)
{
	uint64_t sum = c->n_networks;

	for (uint32_t i = 0; i < c->n_networks; i++)
		sum += dg_acl_hash(&c->networks[i], sizeof(c->networks[i]));
	return sum;
}

/* The tags, and where they were put. */
static uint64_t
hash_tags(const struct dg_acl_snapshot *s, const struct dg_acl_conditions *c)
{
	uint64_t sum = hash_symbols(s, c->tags, c->n_tags);

	for (uint32_t i = 0; i < c->n_tags; i++) {
		const struct dg_acl_tag *tag = dg_acl_find_tag(s, c->tags[i]);

		sum += tag == NULL ? 0 : tag->fingerprint;
	}
	return sum;
}

static uint64_t
hash_part(const struct dg_acl_snapshot *s, uint32_t symbol)
{
	return symbol < DG_ACL_SYM_FIRST ? symbol
					 : dg_acl_hash_str(dg_acl_symbols_name(
						   &s->symbols, symbol));
}

/* What goes in is well spread already. */
static uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return sum ^ sum >> 32;
}

uint64_t
dg_acl_rule_fingerprint(const struct dg_acl_snapshot *s,
			const struct dg_acl_compiled *rule)
{
	const struct dg_acl_conditions *c = rule->conditions;
	uint64_t sum = (uint64_t)rule->privileges << 32 |
		       (uint64_t)rule->globs << 16 | (uint64_t)rule->kind << 8 |
		       rule->effect;

	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		sum = mix(sum, hash_part(s, rule->parts[i]));
	sum = mix(sum, hash_symbols(s, rule->columns, rule->n_columns));
	if (c != NULL) {
		sum = mix(sum, (uint64_t)c->valid_from_us);
		sum = mix(sum, (uint64_t)c->valid_until_us);
		sum = mix(sum, hash_symbols(s, c->clusters, c->n_clusters));
		sum = mix(sum, hash_except(s, c));
		/* Left out where there are none: replicas of other versions
		 * of the program come to the same number. */
		if (c->n_networks > 0)
			sum = mix(sum, hash_networks(c));
		if (c->n_tags > 0)
			sum = mix(sum, hash_tags(s, c));
	}
	return mix(sum, c != NULL);
}

/* More than a session's roles can need. */
static size_t
session_bytes(const struct dg_acl_snapshot *snapshot,
	      const struct dg_acl_request *who)
{
	return (snapshot->n_members + who->n_roles + 1024) * 8 *
	       sizeof(uint32_t);
}

/* Of those of the rules that come and go by themselves which are there now. */
static uint64_t
sum_in_force(const struct dg_acl_query *query, const struct dg_acl_block *block)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < block->sums.n_varying; i++) {
		const struct dg_acl_varying *v = &block->varying[i];

		if (dg_acl_is_in_force(query, &block->rules[v->rule]))
			sum += mix(v->fingerprint, IN_FORCE);
	}
	return sum;
}

static uint64_t
sum_part(const struct dg_acl_query *query, const struct dg_acl_part *part)
{
	uint64_t sum = part->sums.fingerprint;

	for (uint32_t i = 0; part->sums.n_varying > 0 && i < part->n_blocks;
	     i++) {
		const struct dg_acl_block *block = part->cells[i].block;

		if (block != NULL)
			sum += sum_in_force(query, block);
	}
	return sum;
}

/* What of a question the rules' times and networks are held against. */
static struct dg_acl_query
make_query(const struct dg_acl_snapshot *snapshot,
	   const struct dg_acl_request *who)
{
	struct dg_acl_query query = {.snapshot = snapshot,
				     .now_us = who->now_us};

	if (snapshot->has_networks)
		query.client_known =
			dg_acl_address_parse(who->client, &query.client);
	return query;
}

uint64_t
dg_acl_fingerprint(const struct dg_acl_snapshot *snapshot,
		   const struct dg_acl_request *who)
{
	struct dg_arena *arena = dg_arena_create(session_bytes(snapshot, who));
	const struct dg_acl_query query = make_query(snapshot, who);
	const struct dg_acl_member *member;
	uint64_t sum;

	DG_ASSERT(dg_acl_session_member(snapshot, who, arena, &member) ==
		  DG_OK);
	sum = member == NULL ? 0 : snapshot->places_fingerprint;
	for (uint32_t i = 0; member != NULL && i < member->n_closure; i++) {
		const struct dg_acl_member *m =
			snapshot->members[member->closure[i]];
		const struct dg_acl_part *part =
			dg_acl_part_of(snapshot, m->id);
		const uint64_t words[] = {
			hash_member(m),
			part == NULL ? 0 : sum_part(&query, part),
		};

		sum += dg_acl_hash(words, sizeof(words));
	}
	dg_arena_destroy(&arena);
	return sum;
}

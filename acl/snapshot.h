/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h - the compiled policy, private to acl/.
 *
 *     snapshot -> ground: names, users, roles, tags, places
 *              -> part, of each principal -> block -> group -> rules
 *
 * The ground and the blocks are immutable and shared between versions by
 * reference count: a change of a rule makes one block anew.
 *
 * A principal's rules are grouped by what they name. A group's key is (kind,
 * three symbols, tag), a symbol being an exact name, STAR, or for a pattern
 * what it begins with; so a look-up probes one group per shape that occurs and
 * beginning that the name has, and only patterns that begin like the name are
 * compared with it. Within a group rules are in order of their ids, those that
 * tell nothing new behind the others: the first that matches is the one that
 * is named.
 */
#ifndef DG_ACL_SNAPSHOT_H
#define DG_ACL_SNAPSHOT_H

#include "acl/admin.h"
#include "base/map.h"
#include "symbols.h"

enum { DG_ACL_PARTS = 3 }; /* catalog, schema, name */

/* What only some rules have. */
struct dg_acl_conditions {
	int64_t valid_from_us;  /* 0 = always */
	int64_t valid_until_us; /* exclusive; 0 = for ever */
	const uint32_t *clusters;
	uint32_t n_clusters; /* 0 = all */
	uint32_t n_except;
	const uint32_t *except; /* principals */
	const struct dg_acl_network *networks;
	uint32_t n_networks; /* 0 = any */
	uint32_t n_tags;     /* 0 = whether tagged or not */
	const uint32_t *tags;
};

struct dg_acl_compiled {
	int64_t id;
	const struct dg_acl_conditions *conditions; /* NULL: none */
	const uint32_t *columns; /* symbols, sorted, each once */
	uint32_t n_columns;      /* 0 = all */
	uint32_t reason;         /* symbol or NONE */
	uint32_t parts[DG_ACL_PARTS];
	uint32_t privileges; /* those that the kind can have */
	uint8_t effect;      /* enum dg_acl_effect */
	uint8_t kind;        /* enum dg_acl_kind */
	uint8_t globs;       /* bit per part that is a pattern */
	bool break_glass;
	bool always; /* there are no conditions but tags */
	bool shares; /* the conditions are the ground's */
};

/* Rules by tag have a group for each of their tags. */
struct dg_acl_group {
	uint32_t key[DG_ACL_PARTS];
	uint32_t tag; /* NONE: rules that name no tag */
	uint32_t kind;
	uint32_t first; /* in the block's rules */
	uint32_t n;
	/*
	 * The first of these, but for those that a lower one says already: the
	 * rest can only be named by who asks for all rules.
	 */
	uint32_t n_telling;
};

/* In keys: the pattern begins with this symbol; else it is GLOB. */
#define DG_ACL_BEGINS UINT32_C(0x80000000)

/* Shapes: each part exact or absent (0), STAR (1) or GLOB (2), base 3. */
enum { DG_ACL_SHAPES = 27 };

/* What can be added up over blocks. */
struct dg_acl_sums {
	uint32_t n_rules;
	uint32_t n_denies;
	uint32_t n_varying;
	uint32_t shapes[DG_ACL_KIND_COUNT];     /* bit per shape that occurs */
	uint32_t tag_shapes[DG_ACL_KIND_COUNT]; /* of rules by tag */
	uint64_t fingerprint;                   /* of the rules */
	size_t bytes;
};

/* One of a block's rules that comes and goes with the time or the client. */
struct dg_acl_varying {
	uint64_t fingerprint; /* of the rule */
	uint32_t rule;        /* of the block's */
};

/* Rules whose keys' hashes begin alike; all of it in one piece of memory. */
struct dg_acl_block {
	/* What a look-up needs is in the first line of the cache. */
	const struct dg_acl_compiled *rules; /* group by group */
	const struct dg_acl_group *groups;
	const uint32_t *slots;  /* group + 1; 0 = free */
	const uint32_t *denies; /* of rules, those that deny */
	uint32_t n_slots;       /* a power of two */
	uint32_t n_groups;
	int refs; /* atomic */
	int64_t lowest_id;
	struct dg_acl_sums sums;
	const struct dg_acl_varying *varying;
};

/*
 * A block and, in the same line of the cache, which keys it may have: most
 * questions end here.
 */
enum { DG_ACL_FILTER_WORDS = 7 };
struct dg_acl_cell {
	struct dg_acl_block *block; /* ref; NULL: no such rules */
	uint64_t filter[DG_ACL_FILTER_WORDS];
};

/* The rules of one principal. */
struct dg_acl_part {
	int refs;          /* atomic */
	uint32_t n_blocks; /* a power of two */
	struct dg_acl_sums sums;
	void *memory;              /* owned; of the cells */
	struct dg_acl_cell *cells; /* by the upper bits of keys' hashes */
};

struct dg_acl_member {
	struct dg_str name;
	bool is_role;
	uint32_t id;
	const uint32_t *parents; /* roles it was put into, sorted */
	uint32_t n_parents;
	/* Users: itself, public, all roles; in that order, roles sorted. */
	const uint32_t *closure;
	uint32_t n_closure;
	/* Sessions: the roles it adds, sorted. See session.h. */
	const uint32_t *extra;
	uint32_t n_extra;
};

enum { DG_ACL_PUBLIC = 0 }; /* the number of role "public" */

struct dg_acl_tagged_column {
	uint32_t column;
	uint32_t tag;
};

/* A catalog, schema or table that carries tags, or whose columns do. */
struct dg_acl_tagged {
	uint32_t key[DG_ACL_PARTS]; /* NONE: not so deep */
	const uint32_t *tags;       /* its own, not those from above */
	uint32_t n_tags;
	uint32_t n_columns;
	const struct dg_acl_tagged_column *columns;
};

/* A tag with all that carries it, itself or in a column. */
struct dg_acl_tag {
	uint32_t tag;
	uint32_t n_carriers;
	const struct dg_acl_tagged *const *carriers;
	uint64_t fingerprint; /* of where it was put */
};

struct dg_acl_tags {
	struct dg_acl_tagged *tagged; /* in the arena */
	const uint32_t *slots;        /* tagged + 1; 0 = free */
	uint32_t n_tagged;
	uint32_t n_slots;              /* a power of two; 0: no tags at all */
	const struct dg_acl_tag *tags; /* sorted by tag */
	uint32_t n_tags;
};

/* Who administers what, linked; the last one added comes first. */
struct dg_acl_admin_row {
	uint32_t member;
	struct dg_acl_admin admin;
	const struct dg_acl_admin_row *next;
};

/*
 * What versions share as long as only rules change. The tables are the same
 * that snapshots have; here is who owns them.
 */
struct dg_acl_ground {
	int refs; /* atomic */
	struct dg_arena *arena;
	struct dg_acl_symbols symbols;
	struct dg_map users;
	struct dg_map roles;
	struct dg_map catalogs;
	struct dg_map observed_clusters;
	struct dg_map observed_catalogs;
	struct dg_acl_member **members;
	size_t bytes;
};

struct dg_acl_snapshot {
	int refs; /* atomic */
	int64_t version;
	struct dg_acl_ground *ground; /* ref; NULL while the first is built */
	struct dg_arena *arena;       /* owned; NULL: it is the ground's */
	struct dg_acl_symbols symbols;
	const struct dg_acl_part **parts; /* owned, refs; by member or NULL */
	struct dg_map users;              /* name -> dg_acl_member */
	struct dg_map roles;              /* likewise */
	struct dg_acl_member **members;   /* owned array; by number */
	uint32_t n_members;
	uint32_t n_rules;
	bool has_networks; /* some rule asks for the client's address */
	struct dg_acl_tags tags;
	const struct dg_acl_admin_row *admins;
	struct dg_map catalogs;          /* "cluster catalog" -> dg_str */
	struct dg_map observed_clusters; /* name -> anything */
	struct dg_map observed_catalogs; /* likewise */
	uint64_t places_fingerprint;     /* of these three */
	size_t bytes;
};

/* rule.c: which privileges an object of this kind can have. */
uint32_t dg_acl_kind_privileges(enum dg_acl_kind kind);
/* Whether the kind uses catalog, schema, name: bits 0, 1, 2. */
unsigned dg_acl_kind_parts(enum dg_acl_kind kind);
/* User names are compared as they are written, all others in lower case. */
bool dg_acl_kind_keeps_case(enum dg_acl_kind kind);
/* "role:NAME" where users are named: all whom the role holds. */
bool dg_acl_names_role(enum dg_acl_kind kind, struct dg_str name);
/* ASCII upper case to lower; s itself when there is none. data NULL: full. */
struct dg_str dg_acl_lower(struct dg_arena *arena, struct dg_str s);

/* compile.c: the closure of each user; CONFLICT with the path of a cycle. */
enum dg_rc dg_acl_compile_members(struct dg_acl_snapshot *snapshot,
				  struct dg_error *err) DG_MUST_CHECK;

/* A rule as it comes or goes, for one principal and tag. */
struct dg_acl_posting {
	uint32_t member;
	uint32_t rule; /* in the builder's rules */
	uint32_t tag;  /* one of the rule's; NONE: it has none */
};
struct dg_acl_postings {
	struct dg_acl_posting *items; /* owned */
	size_t n;
	size_t capacity;
};
/*
 * part.c: brings the snapshot's parts up to date, blocks without a change
 * being shared. rules is what postings point into; those are used up. NOT_FOUND
 * when a rule that goes was not there.
 */
enum dg_rc dg_acl_compile_parts(struct dg_acl_snapshot *snapshot,
				const struct dg_acl_compiled *rules,
				struct dg_acl_postings *come,
				struct dg_acl_postings *go,
				size_t max_bytes) DG_MUST_CHECK;
const struct dg_acl_part *dg_acl_part_ref(const struct dg_acl_part *part);
void dg_acl_part_unref(const struct dg_acl_part **part);
static inline const struct dg_acl_part *
dg_acl_part_of(const struct dg_acl_snapshot *snapshot, uint32_t member)
{
	return snapshot->parts[member];
}

/*
 * All rules of a part whose ids are below a bound, which may be lowered on the
 * way; in no order, a rule by several tags for each. Start with the bound only.
 */
struct dg_acl_part_iter {
	int64_t below; /* INT64_MAX: all of them */
	uint32_t block;
	uint32_t rule;
};
static inline const struct dg_acl_compiled *
dg_acl_part_next(const struct dg_acl_part *part, struct dg_acl_part_iter *iter)
{
	for (; part != NULL && iter->block < part->n_blocks; iter->block++) {
		const struct dg_acl_block *block =
			part->cells[iter->block].block;

		while (block != NULL && block->lowest_id < iter->below &&
		       iter->rule < block->sums.n_rules) {
			const struct dg_acl_compiled *rule =
				&block->rules[iter->rule++];

			if (rule->id < iter->below)
				return rule;
		}
		iter->rule = 0;
	}
	return NULL;
}

/* The same of those that deny. */
static inline const struct dg_acl_compiled *
dg_acl_part_next_deny(const struct dg_acl_part *part,
		      struct dg_acl_part_iter *iter)
{
	for (; part != NULL && iter->block < part->n_blocks; iter->block++) {
		const struct dg_acl_block *block =
			part->cells[iter->block].block;

		if (block != NULL && iter->rule < block->sums.n_denies)
			return &block->rules[block->denies[iter->rule++]];
		iter->rule = 0;
	}
	return NULL;
}

/* versions.c: frees one that was never handed out as well. */
void dg_acl_snapshot_free(struct dg_acl_snapshot *snapshot);
/* The tables that were built become the ground. */
void dg_acl_snapshot_settle(struct dg_acl_snapshot *snapshot);
/* A copy that shares everything, with room for new names. NULL: none left. */
struct dg_acl_snapshot *
dg_acl_snapshot_derive(const struct dg_acl_snapshot *snapshot, int64_t version,
		       size_t max_bytes);

/* tags.c: from where tags were put, in any order; sorts it. */
struct dg_acl_tagging_key {
	uint32_t key[DG_ACL_PARTS];
	uint32_t column; /* NONE: the object itself */
	uint32_t tag;
};
enum dg_rc dg_acl_compile_tags(struct dg_acl_snapshot *snapshot,
			       struct dg_acl_tagging_key *keys,
			       size_t n) DG_MUST_CHECK;
/* What was put on exactly this object; NULL: nothing. */
const struct dg_acl_tagged *
dg_acl_find_tagged(const struct dg_acl_snapshot *snapshot,
		   const uint32_t key[DG_ACL_PARTS]);
/* NULL: it was put nowhere. */
const struct dg_acl_tag *dg_acl_find_tag(const struct dg_acl_snapshot *snapshot,
					 uint32_t tag);

/* places.c: what the policy calls a catalog of the cluster; lower case. */
struct dg_str dg_acl_policy_catalog(const struct dg_acl_snapshot *snapshot,
				    struct dg_str cluster,
				    struct dg_str catalog);
/* The same for a property, of a catalog or not; data NULL: arena is full. */
struct dg_str dg_acl_policy_property(const struct dg_acl_snapshot *snapshot,
				     struct dg_str cluster,
				     struct dg_str property,
				     struct dg_arena *arena);

/* fingerprint.c */
uint64_t dg_acl_rule_fingerprint(const struct dg_acl_snapshot *snapshot,
				 const struct dg_acl_compiled *rule);

/* The key is no secret: who could look for a collision writes the rules. */
static inline uint64_t
dg_acl_hash(const void *data, size_t len)
{
	return dg_hash_seeded(UINT64_C(0x6461746167617465),
			      UINT64_C(0x77617972756c6573), data, len);
}

static inline uint64_t
dg_acl_hash_str(struct dg_str s)
{
	return dg_acl_hash(s.data, s.len);
}

/* seed: what else tells two keys apart. */
static inline uint32_t
dg_acl_key_hash(uint64_t seed, const uint32_t key[DG_ACL_PARTS])
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1);

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		h ^= key[i];
		h *= UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

static inline uint32_t
dg_acl_group_hash(uint32_t kind, uint32_t tag, const uint32_t key[DG_ACL_PARTS])
{
	return dg_acl_key_hash((uint64_t)tag << 8 | kind, key);
}

/* Which of a part's blocks; the lower bits are for the slot within it. */
static inline uint32_t
dg_acl_block_of(uint32_t hash, uint32_t n_blocks)
{
	return hash >> 16 & (n_blocks - 1);
}

/* The two bits of a key's hash in the filter of its cell. */
static inline void
dg_acl_filter_bits(uint32_t hash, uint32_t bits[2])
{
	uint32_t other = hash * UINT32_C(0x9e3779b1);
	uint64_t n = DG_ACL_FILTER_WORDS * 64;

	bits[0] = (uint32_t)((uint64_t)other * n >> 32);
	other = (other ^ other >> 15) * UINT32_C(0x85ebca6b);
	bits[1] = (uint32_t)((uint64_t)other * n >> 32);
}

/* No: the cell's block has no group of that hash. */
static inline bool
dg_acl_cell_may_have(const struct dg_acl_cell *cell, uint32_t hash)
{
	uint32_t bits[2];

	dg_acl_filter_bits(hash, bits);
	return (cell->filter[bits[0] / 64] >> bits[0] % 64 & 1) != 0 &&
	       (cell->filter[bits[1] / 64] >> bits[1] % 64 & 1) != 0;
}

static inline unsigned
dg_acl_shape_of(uint32_t symbol)
{
	if (symbol == DG_ACL_SYM_STAR)
		return 1;
	return symbol == DG_ACL_SYM_GLOB || (symbol & DG_ACL_BEGINS) != 0 ? 2
									  : 0;
}

#endif

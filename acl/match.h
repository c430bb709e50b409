/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which rules speak about a user and an object, and what they come
 * to; private to acl/.
 */
#ifndef DG_ACL_MATCH_H
#define DG_ACL_MATCH_H

#include "pattern.h"
#include "snapshot.h"

/* One question, names looked up once. */
struct dg_acl_query {
	const struct dg_acl_snapshot *snapshot;
	const struct dg_acl_member *user;
	enum dg_acl_kind kind;
	uint32_t privileges; /* rules with any of these */
	struct dg_str parts[DG_ACL_PARTS];
	uint32_t symbols[DG_ACL_PARTS];
	/* Keys of patterns that begin as the part does; GLOB first */
	uint32_t begins[DG_ACL_PARTS][DG_ACL_BEGIN_MAX + 1];
	uint32_t n_begins[DG_ACL_PARTS];
	/* Of users: the roles that hold them, as rules name these */
	const uint32_t *aliases;
	uint32_t n_aliases;
	/* What carries tags: the catalog, the schema, the table; or NULL */
	const struct dg_acl_tagged *tagged[DG_ACL_PARTS];
	struct dg_str cluster;   /* lower case; empty: not chosen yet */
	uint32_t cluster_symbol; /* valid when there is one */
	bool client_known;       /* looked at only when rules need it */
	struct dg_acl_address client;
	int64_t now_us;
	bool wants_all; /* also rules that tell nothing new */
};

/* For how long an answer holds, as far as validity windows go. */
struct dg_acl_window {
	int64_t from_us;  /* inclusive */
	int64_t until_us; /* exclusive */
};

/*
 * The parts of object in lower case where names are compared so. LIMIT when
 * the arena is full. Symbols are not looked up yet: dg_acl_query_symbols.
 */
enum dg_rc dg_acl_query_init(struct dg_acl_query *query,
			     const struct dg_acl_snapshot *snapshot,
			     const struct dg_acl_request *request,
			     const struct dg_acl_member *user,
			     const struct dg_acl_object *object,
			     struct dg_arena *arena) DG_MUST_CHECK;
void dg_acl_query_symbols(struct dg_acl_query *query);

/* Whether cluster, time and except let the rule speak; narrows window. */
bool dg_acl_conditions_hold(const struct dg_acl_query *query,
			    const struct dg_acl_compiled *rule,
			    struct dg_acl_window *window);

/* The same as far as time and client go: now and client of query are used. */
bool dg_acl_is_in_force(const struct dg_acl_query *query,
			const struct dg_acl_compiled *rule);

/* A rule that speaks, and of what. */
struct dg_acl_hit {
	const struct dg_acl_compiled *rule;
	const struct dg_acl_member *member; /* whom it was written for */
	uint32_t privileges;                /* those that count here */
	/*
	 * NULL: of the object, or of those columns that the rule names. Else
	 * the table, of whose columns only those carry the tag.
	 */
	const struct dg_acl_tagged *table;
	uint32_t tag;
};
typedef void (*dg_acl_hit_fn)(void *arg, const struct dg_acl_hit *hit);
/*
 * Each rule that names the object, has one of the privileges, and whose
 * conditions hold; unless wants_all, those left out that a rule for the same
 * principal with a lower id makes superfluous; a rule for several principals,
 * or by several tags, may come several times.
 */
void dg_acl_match_each(const struct dg_acl_query *query,
		       struct dg_acl_window *window, dg_acl_hit_fn fn,
		       void *arg);
/* Whether the hit is about some columns only, if columns matter. */
static inline bool
dg_acl_hit_has_columns(const struct dg_acl_hit *hit)
{
	return hit->table != NULL || hit->rule->n_columns > 0;
}
/*
 * The columns of such a hit, one after the other; start with *at 0. Where both
 * rule and tag name columns, what both hold.
 */
bool dg_acl_hit_column(const struct dg_acl_symbols *symbols,
		       const struct dg_acl_hit *hit, size_t *at,
		       uint32_t *symbol_out);

/*
 * Whether the rule is about the container as far as tags go: it names none, or
 * the container or what is above it carries one of them.
 */
bool dg_acl_carries(const struct dg_acl_query *container,
		    const struct dg_acl_compiled *rule);

/* places.c: whether a refusal would only be remarked upon. */
bool dg_acl_query_observed(const struct dg_acl_query *query);

/* A column that some rule names. */
struct dg_acl_column_right {
	uint32_t symbol;
	bool is_prefix; /* a field beneath it is named, not the column */
	const struct dg_acl_compiled *rule;
};

/*
 * What all matching rules come to for one privilege on one object. The rule
 * that is kept of several is the one with the lowest id.
 */
struct dg_acl_effective {
	struct dg_acl_window window;
	const struct dg_acl_compiled *deny_whole;
	const struct dg_acl_compiled *allow_whole;
	const struct dg_acl_column_right *denies; /* sorted by symbol */
	const struct dg_acl_column_right *allows;
	uint32_t n_denies;
	uint32_t n_allows;
};

/* NULL when the arena is full. */
struct dg_acl_effective *
dg_acl_effective_build(const struct dg_acl_query *query,
		       struct dg_arena *arena);

/*
 * The deny that bites a read of column, NULL when none does. A deny of `a.b`
 * bites `a`, `a.b` and `a.b.c`; one of `a` bites all of them.
 */
const struct dg_acl_compiled *
dg_acl_effective_deny(const struct dg_acl_snapshot *snapshot,
		      const struct dg_acl_effective *effective,
		      struct dg_str column);
/*
 * The allow that covers column. With is_field false the name is a column's
 * whole name even if there are dots in it: an allow of `a` says nothing then.
 */
const struct dg_acl_compiled *
dg_acl_effective_allow(const struct dg_acl_snapshot *snapshot,
		       const struct dg_acl_effective *effective,
		       struct dg_str column, bool is_field);

/* cache.c: from the cache if there is one, else built in the arena. */
const struct dg_acl_effective *dg_acl_effective_get(struct dg_acl_cache *cache,
						    struct dg_acl_query *query,
						    struct dg_arena *arena);

/* visible.c: the allow through which the object can be seen, or NULL. */
const struct dg_acl_compiled *
dg_acl_visible_by(struct dg_acl_query *query, struct dg_arena *arena,
		  const struct dg_acl_compiled **deny_out);

static inline bool
dg_acl_has_columns(enum dg_acl_kind kind, uint32_t privileges)
{
	return kind == DG_ACL_TABLE &&
	       (privileges & (DG_ACL_BIT(DG_ACL_P_SELECT) |
			      DG_ACL_BIT(DG_ACL_P_UPDATE))) != 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.h - the policy read the other way: who may use an object, and what a
 * user may use; pure, as all of acl.
 *
 * For people: slower than decisions, and never decided upon. Whatever is told
 * about an object with exact names is what dg_acl_decide says.
 */
#ifndef DG_ACL_REACH_H
#define DG_ACL_REACH_H

#include "acl/acl.h"

/* What all rules about one privilege on an object come to, for one user. */
struct dg_acl_rights {
	/* All columns, also future ones, but those in denied. */
	bool whole;
	const struct dg_str *columns; /* not whole: these */
	size_t n_columns;
	const struct dg_str *denied; /* whole: not these, nor their fields */
	size_t n_denied;
	int64_t rule_id; /* the allow that gives most; 0: none */
};
static inline bool
dg_acl_rights_any(const struct dg_acl_rights *rights)
{
	return rights->whole || rights->n_columns > 0;
}
/*
 * The request's entries are not looked at. An unknown user has none. Being
 * observed gives no rights: dg_acl_is_observed. LIMIT: the arena is full.
 */
enum dg_rc dg_acl_rights_on(const struct dg_acl_snapshot *snapshot,
			    const struct dg_acl_request *who,
			    enum dg_acl_privilege privilege,
			    const struct dg_acl_object *object,
			    struct dg_arena *arena,
			    struct dg_acl_rights *rights_out) DG_MUST_CHECK;

/*
 * One user who may use the object. rights: when any column was asked for; else
 * NULL. Both live during the call. Not OK ends the walk, and is what it
 * returns.
 */
typedef enum dg_rc (*dg_acl_holder_fn)(void *arg, struct dg_str user,
				       const struct dg_acl_outcome *outcome,
				       const struct dg_acl_rights *rights);
/*
 * Calls fn for each user whom dg_acl_decide would let through the request's
 * only entry (the request's user does not matter), in order of names, from the
 * first one behind after; with rules and path. any_column: instead for each
 * who has the entry's privilege for some column, or is observed there; its
 * columns are not looked at. Roles of sessions are as the request says.
 */
enum dg_rc dg_acl_each_holder(const struct dg_acl_snapshot *snapshot,
			      const struct dg_acl_request *request,
			      bool any_column, struct dg_str after,
			      dg_acl_holder_fn fn, void *arg) DG_MUST_CHECK;

/*
 * The same of anyone who comes with the request's roles, of whom the policy
 * says nothing else: fn is called once, or not at all, with the request's user.
 */
enum dg_rc dg_acl_anyone_holds(const struct dg_acl_snapshot *snapshot,
			       const struct dg_acl_request *request,
			       bool any_column, dg_acl_holder_fn fn,
			       void *arg) DG_MUST_CHECK;

/*
 * Whether the roles of the request's session bring any deny, whatever it is
 * about, that the user does not have without them. LIMIT: the arena is full.
 */
enum dg_rc dg_acl_session_denies(const struct dg_acl_snapshot *snapshot,
				 const struct dg_acl_request *who,
				 struct dg_arena *arena,
				 bool *denies_out) DG_MUST_CHECK;

/*
 * "user -> role -> role": whom the rule was written for, as the user comes to
 * it. Empty: it is none of the user's rules. data NULL: the arena is full.
 */
struct dg_str dg_acl_path_of_rule(const struct dg_acl_snapshot *snapshot,
				  const struct dg_acl_request *who,
				  int64_t rule_id, struct dg_arena *arena);

/*
 * One thing that the user's rules name. Exact names: what the user may there,
 * which may be nothing. A pattern: what allows give on all that it matches;
 * exact items and denies stand above it.
 */
struct dg_acl_reach_item {
	struct dg_acl_object object; /* in the policy's names */
	bool is_pattern;
	bool is_deny; /* a pattern whose rights are taken away instead */
	struct dg_acl_rights rights;
};
/*
 * What the user may do to objects of a kind, as far as rules name them: items
 * sorted by object, denies behind allows. Tags are resolved to what carries
 * them; a tag on columns only gives an item of these. *is_cut_out: there are
 * more than max.
 */
enum dg_rc dg_acl_reach(const struct dg_acl_snapshot *snapshot,
			const struct dg_acl_request *who, enum dg_acl_kind kind,
			enum dg_acl_privilege privilege, size_t max,
			struct dg_arena *arena,
			const struct dg_acl_reach_item **items_out,
			size_t *n_out, bool *is_cut_out) DG_MUST_CHECK;

/*
 * What allows less denies give on all that the object's patterns match, as for
 * an item of dg_acl_reach; of exact names dg_acl_rights_on.
 */
enum dg_rc dg_acl_rights_on_all(const struct dg_acl_snapshot *snapshot,
				const struct dg_acl_request *who,
				enum dg_acl_privilege privilege,
				const struct dg_acl_object *object,
				struct dg_arena *arena,
				struct dg_acl_rights *rights_out) DG_MUST_CHECK;

/* What somebody gains and loses by one policy following another. */
struct dg_acl_effect_item {
	struct dg_str user; /* or the name of those who come with roles */
	enum dg_acl_privilege privilege;
	struct dg_acl_object object; /* may be patterns */
	struct dg_acl_rights gains;
	struct dg_acl_rights loses;
};
struct dg_acl_effects {
	size_t n_users; /* whose rules or roles differ */
	size_t n_gains; /* items with some */
	size_t n_losses;
	bool is_cut; /* not all were looked at: there may be more */
};
typedef void (*dg_acl_effect_fn)(void *arg,
				 const struct dg_acl_effect_item *item);
struct dg_acl_comparison {
	const struct dg_acl_snapshot *before;
	const struct dg_acl_snapshot *after;
	struct dg_str cluster;
	int64_t now_us;
	size_t max; /* fn is called for so many items at most, each time */
	dg_acl_effect_fn fn;
	void *arg;
	uint64_t steps; /* taken by all calls; after so many: is_cut */
};
/*
 * For each user whose rules or roles differ, on the cluster, as a client of no
 * known address at now: what rules name in either policy, and the rights
 * there. LIMIT: a user has too many rules.
 */
enum dg_rc dg_acl_compare(struct dg_acl_comparison *comparison,
			  struct dg_acl_effects *effects_out) DG_MUST_CHECK;
/* Roles that tokens bring, and what those who come with them are called. */
struct dg_acl_comers {
	struct dg_str name;
	const struct dg_str *before; /* roles, by the policy before */
	size_t n_before;
	const struct dg_str *after;
	size_t n_after;
};
/* The same of anyone who comes with them; n_users is 1 or 0. */
enum dg_rc
dg_acl_compare_anyone(struct dg_acl_comparison *comparison,
		      const struct dg_acl_comers *comers,
		      struct dg_acl_effects *effects_out) DG_MUST_CHECK;

#endif

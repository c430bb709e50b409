/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.h - a snapshot while it is being filled; private to acl/.
 *
 * builder.c has users and roles, policy.c rules, tagging.c where tags were put,
 * places.c what clusters and catalogs add.
 */
#ifndef DG_ACL_BUILDER_H
#define DG_ACL_BUILDER_H

#include "snapshot.h"

enum { DG_ACL_MEMBERS_MAX = 1 << 30 };

struct dg_acl_edge {
	uint32_t role;
	uint32_t member;
};

struct dg_acl_builder {
	struct dg_acl_snapshot *snapshot; /* owned; being filled */
	size_t cap_bytes;
	struct dg_arena *scratch; /* owned; lists of rules until finish */
	uint32_t members_capacity;
	struct dg_acl_compiled *rules; /* owned; that come and that go */
	uint32_t n_rules;
	uint32_t rules_capacity;
	struct dg_acl_postings come;
	struct dg_acl_postings go;
	int64_t last_id;
	struct dg_acl_edge *edges; /* owned */
	size_t n_edges;
	size_t edges_capacity;
	/* A tag's symbol -> conditions of rules that ask for it alone. */
	struct dg_map by_tag;
	struct dg_acl_tagging_key *taggings; /* owned */
	size_t n_taggings;
	size_t taggings_capacity;
	bool modifies; /* only rules may come and go */
	bool sorted;   /* rules came in order of their ids */
	bool is_full;  /* the cap was met once: never finish */
};

/* Remembers that the cap was met: LIMIT. */
enum dg_rc dg_acl_out_of_room(struct dg_acl_builder *builder,
			      struct dg_error *err);
/* Of the snapshot, without its parts. */
size_t dg_acl_bytes_held(const struct dg_acl_builder *builder);
/* LIMIT when more is held than may be. */
enum dg_rc dg_acl_check_room(struct dg_acl_builder *builder,
			     struct dg_error *err) DG_MUST_CHECK;
/* NULL with NOT_FOUND in err. */
const struct dg_acl_member *
dg_acl_find_member(const struct dg_acl_snapshot *snapshot,
		   struct dg_acl_principal principal, struct dg_error *err);
/* The name's symbol in lower case. */
enum dg_rc dg_acl_intern_lower(struct dg_acl_snapshot *snapshot,
			       struct dg_str name,
			       uint32_t *symbol_out) DG_MUST_CHECK;
/* Symbols for `a` and `a.b` of a field `a.b.c`, and for all of it. */
enum dg_rc dg_acl_intern_column(struct dg_acl_snapshot *snapshot,
				struct dg_str column,
				uint32_t *symbol_out) DG_MUST_CHECK;

/* rule.c: a name that is no pattern, as it must be spelt in a policy. */
enum dg_rc dg_acl_check_exact(const char *what, struct dg_str name,
			      bool is_column,
			      struct dg_error *err) DG_MUST_CHECK;

#endif

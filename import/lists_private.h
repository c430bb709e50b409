/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists_private.h - what lists.c and lists_tables.c share.
 */
#ifndef DG_IMPORT_LISTS_PRIVATE_H
#define DG_IMPORT_LISTS_PRIVATE_H

#include "lists.h"

#define P(name) DG_ACL_BIT(DG_ACL_P_##name)

/* A rule with whom it is about; the catalogs, and the other side. */
struct dg_side {
	const struct dg_trino_rule *rule;
	struct dg_who who;
	unsigned grants; /* what of rule->grants is carried over */
};

struct dg_sides {
	struct dg_side *items;
	size_t n;
};

/* How a section becomes a list. */
struct dg_shape {
	enum dg_acl_kind kind;
	unsigned n_parts;
	const struct dg_right *rights;
	const unsigned *means; /* bits of dg_trino_rule.grants, any of them */
	const unsigned *needs; /* of the catalog, per right */
	size_t n_rights;
};

/* An expression that no rule of the file holds. */
enum dg_rc dg_side_compile(struct dg_lists *l, struct dg_str text,
			   struct dg_regex **out) DG_MUST_CHECK;
/* A rule that Trino adds by itself. */
struct dg_trino_rule *dg_side_imply(struct dg_lists *l,
				    enum dg_trino_section section,
				    unsigned grants);
/* Whom a rule is about; what cannot be known is taken to say no. */
enum dg_rc dg_side_of(struct dg_lists *l, const struct dg_trino_rule *rule,
		      struct dg_side *out) DG_MUST_CHECK;
/* A section's rules; absent is what stands for one that is not there. */
enum dg_rc dg_sides_of(struct dg_lists *l, enum dg_trino_section section,
		       struct dg_trino_rule *absent,
		       struct dg_sides *out) DG_MUST_CHECK;
/* Every catalog rule with every rule of the section, in that order. */
enum dg_rc dg_list_product(struct dg_lists *l, const struct dg_sides *catalogs,
			   const struct dg_sides *sides,
			   const struct dg_shape *shape,
			   struct dg_list **list_out) DG_MUST_CHECK;

enum dg_rc dg_list_tables(struct dg_lists *l,
			  const struct dg_sides *catalogs) DG_MUST_CHECK;
enum dg_rc
dg_list_information_schema(struct dg_lists *l,
			   const struct dg_sides *catalogs) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h - who may write what into a policy; pure, as all of acl.
 *
 * An admin may write all. An auditor may read all. A steward may write rules
 * that can never be about anything outside its scope, and put its tags on what
 * lies within it. Each write is judged alone, by what is stored and what is to
 * be stored: nothing of a request, an import or a bulk makes another part of it
 * allowed. What cannot be shown to lie within the scope does not.
 */
#ifndef DG_ACL_ADMIN_H
#define DG_ACL_ADMIN_H

#include "acl/acl.h"

enum dg_acl_admin_role {
	DG_ACL_ADMIN,
	DG_ACL_STEWARD,
	DG_ACL_AUDITOR,
};
/* By its lower-case name. */
bool dg_acl_admin_role_parse(struct dg_str name,
			     enum dg_acl_admin_role *role_out);

/* What one row makes somebody. */
struct dg_acl_admin {
	enum dg_acl_admin_role role;
	/* STEWARD: catalogs and schemas, each part a name or a pattern */
	const struct dg_acl_object *objects;
	size_t n_objects;
	const struct dg_str *tags; /* STEWARD */
	size_t n_tags;
};

/* INVALID: a steward without a scope, others with one, what is no scope. */
enum dg_rc dg_acl_admin_check(const struct dg_acl_admin *admin,
			      struct dg_error *err) DG_MUST_CHECK;

/* A row for each principal; unknown principals: NOT_FOUND. */
enum dg_rc dg_acl_add_admin(struct dg_acl_builder *builder,
			    const struct dg_acl_admin *admin,
			    const struct dg_acl_principal *principals,
			    size_t n_principals,
			    struct dg_error *err) DG_MUST_CHECK;
/*
 * All that the user is by the rows for it and for the roles that hold it; an
 * unknown user is nothing. The list is in the arena (LIMIT when that is full),
 * what it holds lives as the snapshot.
 */
enum dg_rc dg_acl_admins_of(const struct dg_acl_snapshot *snapshot,
			    struct dg_str user, struct dg_arena *arena,
			    const struct dg_acl_admin **admins_out,
			    size_t *n_out) DG_MUST_CHECK;
/*
 * Names of the principals ("user:NAME", "role:NAME") whose stewards may give
 * rights on the object, as the cluster calls it (empty: as the policy does); in
 * the arena.
 */
enum dg_rc dg_acl_stewards_of(const struct dg_acl_snapshot *snapshot,
			      struct dg_str cluster,
			      const struct dg_acl_object *object,
			      struct dg_arena *arena,
			      const struct dg_str **names_out,
			      size_t *n_out) DG_MUST_CHECK;
/* The same of those that are administrators of everything. */
enum dg_rc dg_acl_admin_names(const struct dg_acl_snapshot *snapshot,
			      struct dg_arena *arena,
			      const struct dg_str **names_out,
			      size_t *n_out) DG_MUST_CHECK;
/*
 * Whether one of these rows is about the object: an admin's and an auditor's
 * are about everything, a steward's about its scope and what carries its tags.
 * What stewards have nothing to do with (clusters, properties) is nobody's
 * secret. False also when the arena is full.
 */
bool dg_acl_is_concerned(const struct dg_acl_snapshot *snapshot,
			 const struct dg_acl_admin *admins, size_t n_admins,
			 struct dg_str cluster,
			 const struct dg_acl_object *object,
			 struct dg_arena *arena);

/*
 * The same of some columns of a table: also where each of them, or the column
 * that it is a field of, carries a tag of the rows'.
 */
bool dg_acl_is_concerned_by(const struct dg_acl_snapshot *snapshot,
			    const struct dg_acl_admin *admins, size_t n_admins,
			    struct dg_str cluster,
			    const struct dg_acl_object *object,
			    const struct dg_str *columns, size_t n_columns,
			    struct dg_arena *arena);

enum dg_acl_write_kind {
	DG_ACL_WRITE_RULE,
	DG_ACL_WRITE_TAGGING, /* put on, or taken away */
	/* users, roles, members, clusters, catalogs, tags as such, ... */
	DG_ACL_WRITE_OTHER,
};

struct dg_acl_write {
	enum dg_acl_write_kind kind;
	/*
	 * RULE: what is stored under the rule's name and, when it is renamed,
	 * under the new one, NULL: nothing; and what is to be, NULL: nothing.
	 */
	const struct dg_acl_rule *before;
	const struct dg_acl_rule *after;
	bool is_builtin;                      /* RULE: a default rule */
	const struct dg_acl_tagging *tagging; /* TAGGING */
};

/* DENIED with the reason. admins: of the one who asks (dg_acl_admins_of). */
enum dg_rc dg_acl_may_write(const struct dg_acl_admin *admins, size_t n_admins,
			    const struct dg_acl_write *write,
			    struct dg_error *err) DG_MUST_CHECK;
bool dg_acl_may_read(const struct dg_acl_admin *admins, size_t n_admins);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import.h - rules of an engine's own access control, as a policy of ours.
 *
 * Pure: text in, rules out; no I/O, no clock. What comes out never grants more
 * than the engine would: what cannot be said exactly is granted less, and each
 * such case is a note with the line it is about (docs/from-trino.md).
 */
#ifndef DG_IMPORT_IMPORT_H
#define DG_IMPORT_IMPORT_H

#include "acl/acl.h"
#include "base/arena.h"
#include "base/buf.h"

/* Somebody the gateway will know. */
struct dg_import_user {
	struct dg_str name;
	const struct dg_str *groups; /* as the engine's group provider says */
	size_t n_groups;
	const struct dg_str *roles; /* that are always enabled */
	size_t n_roles;
};

struct dg_import_table {
	struct dg_str catalog, schema, name; /* as the engine spells them */
};

struct dg_import_input {
	struct dg_str rules; /* JSON */
	const struct dg_import_user *users;
	size_t n_users;
	bool users_known;  /* those are all; else the file's names count, too */
	bool groups_known; /* the same of groups */
	bool roles_known;
	const struct dg_import_table *tables;
	size_t n_tables;
};

struct dg_import_rule {
	struct dg_str name;   /* unique */
	struct dg_str source; /* "tables[3], line 41" */
	unsigned line;
	enum dg_acl_effect effect;
	const struct dg_acl_principal *to;
	size_t n_to;
	const struct dg_acl_principal *except;
	size_t n_except;
	uint32_t privileges;
	struct dg_acl_object object;
	const struct dg_str *columns;
	size_t n_columns;
};

enum dg_import_note_kind {
	DG_IMPORT_DROPPED,  /* not carried over: what it grants is not granted
			     */
	DG_IMPORT_NARROWED, /* carried over for what is known only */
	DG_IMPORT_DIFFERS,  /* the gateway means something else by it */
};
const char *dg_import_note_kind_name(enum dg_import_note_kind kind);

struct dg_import_note {
	enum dg_import_note_kind kind;
	unsigned line;       /* 0: about no line in particular */
	struct dg_str where; /* "tables[3]"; may be empty */
	struct dg_str text;
};

struct dg_import_role {
	struct dg_str name;
	const struct dg_str *members; /* users */
	size_t n_members;
};

struct dg_import_policy {
	const struct dg_import_rule *rules;
	size_t n_rules;
	const struct dg_import_note *notes;
	size_t n_notes;
	const struct dg_str *users; /* all that were thought of */
	size_t n_users;
	const struct dg_import_role *roles;
	size_t n_roles;
	/* What dg_import_trino compared with the engine's rules, afterwards. */
	uint64_t n_compared;
	uint64_t n_less; /* granted by the engine alone */
};

/*
 * Everything in policy_out is in the arena, or borrowed from input. INVALID:
 * the engine would not take the file either, or it holds what we cannot read
 * as the engine does. INTERNAL: the outcome would grant more than the rules.
 */
enum dg_rc dg_import_trino(const struct dg_import_input *input,
			   struct dg_arena *arena,
			   struct dg_import_policy *policy_out,
			   struct dg_error *err) DG_MUST_CHECK;

struct dg_import_yaml {
	struct dg_str file_name; /* of the rules, for the comment above all */
	bool with_people;        /* sections users and roles as well */
};
/* A policy file for `datagateway admin apply`; LIMIT: out is full. */
enum dg_rc dg_import_write_yaml(const struct dg_import_policy *policy,
				const struct dg_import_yaml *how,
				struct dg_buf *out) DG_MUST_CHECK;

#endif

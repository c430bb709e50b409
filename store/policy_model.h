/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_model.h - a policy as a table of named items, private to store/.
 *
 * A policy file and what is stored are brought into the same form, field by
 * field under the names of the columns; so comparing, showing and writing them
 * is one piece of code for all sections. Lists are sets: sorted, each once.
 */
#ifndef DG_STORE_POLICY_MODEL_H
#define DG_STORE_POLICY_MODEL_H

#include "base/json.h"
#include "base/map.h"
#include "store/admin.h"

enum dg_policy_section {
	DG_POLICY_USERS,
	DG_POLICY_ROLES,
	DG_POLICY_CLUSTERS,
	DG_POLICY_RULES,
	DG_POLICY_CATALOGS,
	DG_POLICY_TAGS,
	DG_POLICY_ADMINS,
	DG_POLICY_GROUPS,
	DG_POLICY_SECTIONS
};

enum { DG_POLICY_FIELDS_MAX = 20 };

enum dg_policy_type {
	DG_POLICY_TEXT,
	DG_POLICY_BOOL,
	DG_POLICY_INT,
	DG_POLICY_LIST,
	DG_POLICY_TIME /* or NULL */
};

struct dg_policy_field {
	const char *name;
	enum dg_policy_type type;
	bool is_secret; /* never shown */
};

struct dg_policy_section_info {
	const char *name; /* of the table, and in files */
	const char *one;  /* "user" */
	const struct dg_policy_field *fields;
	size_t n_fields;
};
extern const struct dg_policy_section_info
	dg_policy_sections[DG_POLICY_SECTIONS];

/* Indexes of the fields. */
enum {
	DG_USER_PASSWORD_HASH,
	DG_USER_DISABLED,
	DG_USER_DEFAULT_CLUSTER,
	DG_USER_DEFAULT_CATALOG,
	DG_USER_DEFAULT_SCHEMA,
	DG_USER_AUTH_METHODS
};
enum { DG_ROLE_DESCRIPTION, DG_ROLE_MEMBERS };
enum { DG_GROUP_ROLES, DG_GROUP_DESCRIPTION };
enum {
	DG_CLUSTER_ENGINE,
	DG_CLUSTER_TLS,
	DG_CLUSTER_HOST,
	DG_CLUSTER_PORT,
	DG_CLUSTER_ENABLED,
	DG_CLUSTER_IS_DEFAULT,
	DG_CLUSTER_IDENTITY,
	DG_CLUSTER_SERVICE_USER,
	DG_CLUSTER_SERVICE_SECRET,
	DG_CLUSTER_METADATA_USER,
	DG_CLUSTER_TLS_CA_FILE,
	DG_CLUSTER_CROSS_CHECK,
	DG_CLUSTER_MODE,
	DG_CLUSTER_CATALOGS
};
enum {
	DG_RULE_ENABLED,
	DG_RULE_EFFECT,
	DG_RULE_PRIVILEGES,
	DG_RULE_KIND,
	DG_RULE_CATALOG,
	DG_RULE_SCHEMA,
	DG_RULE_NAME,
	DG_RULE_COLUMNS,
	DG_RULE_CLUSTERS,
	DG_RULE_PRINCIPALS,
	DG_RULE_EXCEPTED,
	DG_RULE_VALID_FROM,
	DG_RULE_VALID_UNTIL,
	DG_RULE_REASON,
	DG_RULE_TAGS,
	DG_RULE_NETWORKS,
	DG_RULE_BREAK_GLASS
};
enum { DG_CATALOG_MODE, DG_CATALOG_DESCRIPTION };
enum { DG_TAG_DESCRIPTION, DG_TAG_OBJECTS };
enum {
	DG_ADMIN_ROLE,
	DG_ADMIN_PRINCIPALS,
	DG_ADMIN_CATALOGS,
	DG_ADMIN_SCHEMAS,
	DG_ADMIN_TAGS
};

struct dg_policy_value {
	struct dg_str text;         /* TEXT, TIME (data NULL: none) */
	int64_t number;             /* BOOL, INT */
	const struct dg_str *items; /* LIST */
	size_t n_items;
};

/* How a file says what a user's password is. */
enum dg_policy_password {
	DG_POLICY_KEEP,  /* not at all: what is stored stays */
	DG_POLICY_GIVEN, /* the hash itself; empty: none */
	DG_POLICY_PLAIN, /* by reference: hashed when it differs */
};

struct dg_policy_item {
	struct dg_str name;
	unsigned line; /* in the file; 0: stored */
	enum dg_policy_password password;
	struct dg_str plain; /* heap; PLAIN only; wiped with the model */
	struct dg_policy_value fields[DG_POLICY_FIELDS_MAX];
};

struct dg_policy_list {
	struct dg_policy_item **items; /* owned array, items in the arena */
	size_t n;
	size_t capacity;
	bool is_there;       /* the file has the section */
	struct dg_map names; /* name -> item */
};

struct dg_policy_model {
	struct dg_arena *arena; /* owned */
	struct dg_policy_list lists[DG_POLICY_SECTIONS];
	int64_t version; /* stored ones */
	/* Are the default rules on? -1 not said, 0, 1; stored: 2 mixed. */
	int default_rules;
	bool is_json; /* then the lines of items are nodes */
};

void dg_policy_model_init(struct dg_policy_model *model, size_t max_bytes);
void dg_policy_model_fini(struct dg_policy_model *model);
/* A new item with empty fields; NULL when the arena is full. */
struct dg_policy_item *dg_policy_add(struct dg_policy_model *model,
				     enum dg_policy_section section);
/* Enters it under its name; CONFLICT when that is taken. */
enum dg_rc dg_policy_enter(struct dg_policy_model *model,
			   enum dg_policy_section section,
			   struct dg_policy_item *item) DG_MUST_CHECK;
const struct dg_policy_item *dg_policy_find(const struct dg_policy_model *model,
					    enum dg_policy_section section,
					    struct dg_str name);
/* By name. */
void dg_policy_sort_list(struct dg_policy_list *list);
/* Sorts and drops repetitions in place; the new count. */
size_t dg_policy_sort(struct dg_str *items, size_t n);
bool dg_policy_equal(enum dg_policy_type type, const struct dg_policy_value *a,
		     const struct dg_policy_value *b);
/* No text, 0 or false, no items. */
bool dg_policy_value_is_empty(const struct dg_policy_value *value);
/* Behind its key, which the caller writes; null for a time that is none. */
void dg_policy_value_put(struct dg_json_writer *w, enum dg_policy_type type,
			 const struct dg_policy_value *value);

/* policy_rule.c */

/* The rule as acl takes it, its lists in the arena; INVALID with err. */
enum dg_rc dg_policy_rule(const struct dg_policy_item *item, int64_t id,
			  struct dg_arena *arena, struct dg_acl_rule *rule_out,
			  struct dg_error *err) DG_MUST_CHECK;
/* Likewise of admins. */
enum dg_rc dg_policy_admin(const struct dg_policy_item *item,
			   struct dg_arena *arena,
			   struct dg_acl_admin *admin_out,
			   struct dg_error *err) DG_MUST_CHECK;
/*
 * Whether file on top of stored is a policy that replicas would load: names
 * that are used exist, roles form no cycle, there is one default cluster.
 * Sections that the file does not have are those stored (may be NULL: then
 * what cannot be known is not looked at).
 */
enum dg_rc dg_policy_check_whole(const struct dg_policy_model *file,
				 const struct dg_policy_model *stored,
				 struct dg_error *err) DG_MUST_CHECK;

/*
 * The policy that file on top of stored is, for acl; without default rules.
 * NULL when users or roles are not known.
 */
enum dg_rc dg_policy_build(const struct dg_policy_model *file,
			   const struct dg_policy_model *stored,
			   struct dg_acl_snapshot **snapshot_out,
			   struct dg_error *err) DG_MUST_CHECK;

/* policy_effects.c */

/*
 * Who gains and loses which rights when file is put on top of stored, which is
 * complete: a JSON object. replaced: file has nothing but the item of that name
 * or, when it has none, takes it away; data NULL: whole sections. Only about
 * what the admins' rows are about; NULL: about everything.
 */
struct dg_policy_effects_of {
	const struct dg_policy_model *file;
	const struct dg_policy_model *stored;
	struct dg_str replaced;
	const struct dg_acl_admin *admins;
	size_t n_admins;
};
enum dg_rc dg_policy_effects(const struct dg_policy_effects_of *of,
			     struct dg_buf *json_out,
			     struct dg_error *err) DG_MUST_CHECK;

/* policy_notes.c */

/*
 * Puts texts into an array: what is so after a change and was not before, all
 * sections given. LIMIT: the arena is full.
 */
enum dg_rc dg_policy_put_notes(struct dg_json_writer *w,
			       const struct dg_policy_list *before,
			       const struct dg_policy_list *after,
			       struct dg_arena *arena) DG_MUST_CHECK;

/* policy_permit.c */

/*
 * Whether who is all this may turn what is stored into what file says; DENIED
 * names the first item that it may not. What stored does not have is new.
 */
enum dg_rc dg_policy_permit(const struct dg_acl_admin *admins, size_t n_admins,
			    const struct dg_policy_model *file,
			    const struct dg_policy_model *stored,
			    struct dg_error *err) DG_MUST_CHECK;

/* policy_stored.c */

/*
 * What is stored, in one statement. wanted: {"users": [name...], ...}, nothing
 * else then; data NULL: all.
 */
enum dg_rc dg_policy_read_stored(struct dg_pg *pg, struct dg_loop *loop,
				 struct dg_str wanted,
				 struct dg_policy_model *model,
				 struct dg_error *err) DG_MUST_CHECK;

/* policy_export.c */

/*
 * An item under the keys of policy files, as a JSON object; what is empty is
 * left out, passwords always. The arena is for texts that are put together.
 */
enum dg_rc dg_policy_put_item(struct dg_arena *arena, struct dg_json_writer *w,
			      enum dg_policy_section section,
			      const struct dg_policy_item *item) DG_MUST_CHECK;

/* policy_write.c */

struct dg_policy_difference {
	struct dg_buf *diff;    /* borrowed; for people */
	struct dg_buf *changes; /* borrowed; for Postgres; holds hashes */
	size_t n_changes;
};
enum dg_rc dg_policy_compare(const struct dg_policy_model *file,
			     struct dg_policy_model *stored,
			     struct dg_policy_difference *difference,
			     struct dg_error *err) DG_MUST_CHECK;
struct dg_policy_sending {
	struct dg_str changes;
	struct dg_str actor;
	int64_t expected; /* version; CONFLICT when it is another */
	bool dry_run;     /* all checks, nothing done */
	const struct dg_store_reply *reply; /* to keep; may be NULL */
};
enum dg_rc dg_policy_send(struct dg_pg *pg, struct dg_loop *loop,
			  const struct dg_policy_sending *sending,
			  int64_t *version_out,
			  struct dg_error *err) DG_MUST_CHECK;
/* The hash that a user shall have, into the item; it is GIVEN then. */
enum dg_rc dg_policy_settle_password(struct dg_arena *arena,
				     struct dg_policy_item *user,
				     const struct dg_policy_item *stored,
				     struct dg_error *err) DG_MUST_CHECK;
/* All fields, secrets included: what an ETag is made of. */
void dg_policy_put_fields(struct dg_json_writer *w,
			  enum dg_policy_section section,
			  const struct dg_policy_item *item);

/* policy_yaml.c */

struct dg_store_policy_file {
	struct dg_policy_model model;
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acl.h - the policy model: build a snapshot, decide, explain.
 *
 * Pure: no I/O, no clock (the caller passes `now`), no SQL. Allow adds, deny
 * always wins, nothing is allowed by default (docs/policy.md). A snapshot is
 * immutable and ref-counted; any thread may decide on it. Names of catalogs,
 * schemas, tables, columns are compared in lower case; user and role names
 * exactly.
 */
#ifndef DG_ACL_ACL_H
#define DG_ACL_ACL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum dg_acl_privilege {
#define DG_ACL_PRIVILEGE(id, name) DG_ACL_P_##id,
#include "acl/privileges.def"
#undef DG_ACL_PRIVILEGE
	DG_ACL_P_COUNT
};
/* Sets of privileges are masks, uint32_t, a bit each. */
#define DG_ACL_BIT(privilege) (UINT32_C(1) << (privilege))

/* Lower-case name; never NULL. */
const char *dg_acl_privilege_name(enum dg_acl_privilege privilege);
/* A privilege or a bundle (read, write, own), any case; 0 when unknown. */
uint32_t dg_acl_privilege_parse(struct dg_str name);

enum dg_acl_kind {
	DG_ACL_CATALOG,  /* catalog */
	DG_ACL_SCHEMA,   /* catalog.schema */
	DG_ACL_TABLE,    /* catalog.schema.table: tables, views */
	DG_ACL_FUNCTION, /* catalog.schema.name */
	DG_ACL_PROCEDURE,
	DG_ACL_TABLE_FUNCTION,
	DG_ACL_CLUSTER,  /* name */
	DG_ACL_PROPERTY, /* session property: name or catalog.name */
	DG_ACL_USER,     /* to impersonate: name, or in rules "role:NAME" */
	DG_ACL_QUERY,    /* of another user: that user's, likewise */
	DG_ACL_KIND_COUNT
};
const char *dg_acl_kind_name(enum dg_acl_kind kind);
bool dg_acl_kind_parse(struct dg_str name, enum dg_acl_kind *kind_out);

/* An IPv6 address; IPv4 ones as ::ffff:a.b.c.d. */
struct dg_acl_address {
	uint8_t bytes[16];
};
/* With or without a port: "10.1.2.3", "10.1.2.3:80", "fe80::1", "[fe80::1]:80"
 */
bool dg_acl_address_parse(struct dg_str text,
			  struct dg_acl_address *address_out);

struct dg_acl_network {
	struct dg_acl_address address; /* zeroes behind the prefix */
	uint8_t bits;                  /* of 128; of IPv4: 96 and more */
};
/* INVALID with the reason, e.g. when bits behind the prefix are set. */
enum dg_rc dg_acl_network_parse(struct dg_str text,
				struct dg_acl_network *network_out,
				struct dg_error *err) DG_MUST_CHECK;
/* No IPv4 address is in an IPv6 network, however wide. */
bool dg_acl_network_holds(const struct dg_acl_network *network,
			  const struct dg_acl_address *address);

/* How many of catalog, schema, name a kind uses, filled from the left. */
struct dg_acl_object {
	enum dg_acl_kind kind;
	/*
	 * In rules each part is exact, "*", or a glob (`*`, `?`). Kinds with
	 * one part use `name` only; CATALOG uses catalog; SCHEMA catalog and
	 * schema.
	 */
	struct dg_str catalog;
	struct dg_str schema;
	struct dg_str name;
};

enum dg_acl_effect { DG_ACL_ALLOW, DG_ACL_DENY };

struct dg_acl_principal {
	bool is_role;
	struct dg_str name; /* role "public" holds every authenticated user */
};

/* A rule as it is written; the builder copies what it keeps. */
struct dg_acl_rule {
	int64_t id;
	enum dg_acl_effect effect;
	const struct dg_acl_principal *principals;
	size_t n_principals;
	const struct dg_acl_principal *except; /* deny only */
	size_t n_except;
	uint32_t privileges;
	struct dg_acl_object object;
	const struct dg_str *columns; /* n == 0: all columns, also future */
	size_t n_columns;
	/*
	 * n == 0: whatever the object names; else only what of it carries one
	 * of these tags, itself or from above: for select and update of tables
	 * also single columns.
	 */
	const struct dg_str *tags;
	size_t n_tags;
	const struct dg_str *clusters; /* n == 0: all */
	size_t n_clusters;
	/* "10.0.0.0/8", "2001:db8::/32", an address; n == 0: any client */
	const struct dg_str *networks;
	size_t n_networks;
	int64_t valid_from_us;  /* wall clock; 0 = always */
	int64_t valid_until_us; /* exclusive; 0 = for ever */
	bool break_glass;       /* allow with a reason and a near end */
	struct dg_str reason;
};

/* From valid_from, where there is one, to valid_until. */
#define DG_ACL_BREAK_GLASS_MAX_US (INT64_C(24) * 3600 * 1000000)

/* INVALID with the reason when a rule makes no sense; the builder's check. */
enum dg_rc dg_acl_rule_check(const struct dg_acl_rule *rule,
			     struct dg_error *err) DG_MUST_CHECK;

/* ---- building ---------------------------------------------------------- */

struct dg_acl_builder;
struct dg_acl_snapshot;

/* cap_bytes bounds the snapshot's memory. */
struct dg_acl_builder *dg_acl_builder_create(int64_t version, size_t cap_bytes);
/*
 * For a version that differs in rules only: starts with all that snapshot has
 * and shares what does not change. Nothing but rules may be added or removed.
 * NULL when so many changes were made that it is time to build anew.
 */
struct dg_acl_builder *
dg_acl_builder_modify(const struct dg_acl_snapshot *snapshot, int64_t version,
		      size_t cap_bytes);
void dg_acl_builder_destroy(struct dg_acl_builder **builder);
enum dg_rc dg_acl_add_user(struct dg_acl_builder *builder, struct dg_str name,
			   struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_acl_add_role(struct dg_acl_builder *builder, struct dg_str name,
			   struct dg_error *err) DG_MUST_CHECK;
/* member gets all rights of role. Unknown names: NOT_FOUND. */
enum dg_rc dg_acl_add_member(struct dg_acl_builder *builder, struct dg_str role,
			     struct dg_acl_principal member,
			     struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_acl_add_rule(struct dg_acl_builder *builder,
			   const struct dg_acl_rule *rule,
			   struct dg_error *err) DG_MUST_CHECK;
/*
 * The rule as it was added; a builder that modifies. When it was not there,
 * here or at the end: NOT_FOUND. A rule that changes is removed and added.
 */
enum dg_rc dg_acl_remove_rule(struct dg_acl_builder *builder,
			      const struct dg_acl_rule *rule,
			      struct dg_error *err) DG_MUST_CHECK;
/*
 * Puts a tag on a catalog, schema or table, or on a column of a table (empty:
 * on all of it). Names are exact. What is beneath carries it, too.
 */
struct dg_acl_tagging {
	struct dg_str tag;
	struct dg_acl_object object;
	struct dg_str column;
};
/* A name that is no pattern, spelt as policies must: in folded letters. */
enum dg_rc dg_acl_name_check(const char *what, struct dg_str name,
			     struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_acl_tagging_check(const struct dg_acl_tagging *tagging,
				struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_acl_add_tagging(struct dg_acl_builder *builder,
			      const struct dg_acl_tagging *tagging,
			      struct dg_error *err) DG_MUST_CHECK;
/* What the cluster calls catalog is policy_name to the policy. */
enum dg_rc dg_acl_map_catalog(struct dg_acl_builder *builder,
			      struct dg_str cluster, struct dg_str catalog,
			      struct dg_str policy_name,
			      struct dg_error *err) DG_MUST_CHECK;
/*
 * Nothing is refused there, only remarked upon: on a cluster, or in a catalog
 * under its name in the policy. USE, IMPERSONATE and what is done to queries
 * of others is not observed but decided, and so are unknown users.
 */
enum dg_rc dg_acl_observe_cluster(struct dg_acl_builder *builder,
				  struct dg_str cluster,
				  struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_acl_observe_catalog(struct dg_acl_builder *builder,
				  struct dg_str catalog,
				  struct dg_error *err) DG_MUST_CHECK;
/*
 * Takes the builder (destroyed, NULLed, on success and failure). CONFLICT with
 * the path when roles form a cycle. One reference is the caller's.
 */
enum dg_rc dg_acl_builder_finish(struct dg_acl_builder **builder,
				 struct dg_acl_snapshot **snapshot_out,
				 struct dg_error *err) DG_MUST_CHECK;

/* Any thread. */
struct dg_acl_snapshot *dg_acl_snapshot_ref(struct dg_acl_snapshot *snapshot);
void dg_acl_snapshot_unref(struct dg_acl_snapshot **snapshot);
int64_t dg_acl_snapshot_version(const struct dg_acl_snapshot *snapshot);
size_t dg_acl_snapshot_bytes(const struct dg_acl_snapshot *snapshot);
size_t dg_acl_snapshot_rules(const struct dg_acl_snapshot *snapshot);

/* ---- deciding ---------------------------------------------------------- */

struct dg_acl_entry {
	enum dg_acl_privilege privilege;
	struct dg_acl_object object; /* exact names */
	/* For table SELECT/UPDATE; others leave these empty. */
	const struct dg_str *columns; /* lower case */
	size_t n_columns;
	bool all_columns; /* every column, hidden ones as well */
	/*
	 * Allowed where no deny bites, without an allow: a second name of what
	 * another entry is about.
	 */
	bool unless_denied;
	/* The table's visible columns, when known (else n == 0, known false) */
	bool columns_known;
	const struct dg_str *table_columns;
	size_t n_table_columns;
};

struct dg_acl_request {
	struct dg_str user;
	/*
	 * Not a user of the policy but whoever comes with the roles, of whom it
	 * says nothing else; user is what a path calls it. For people who ask,
	 * never for a client.
	 */
	bool anyone;
	struct dg_str cluster; /* empty: before a cluster is chosen */
	/* Catalogs come under their names in the policy, not the cluster's. */
	bool policy_names;
	/*
	 * The client's address, with or without a port; an IPv4 address mapped
	 * into IPv6 is an IPv4 address. While it is not known (empty, or no
	 * address) allows with networks are not given and denies with networks
	 * bite.
	 */
	struct dg_str client;
	/* Roles besides the stored ones, as of a token; unknown: nothing. */
	const struct dg_str *roles;
	size_t n_roles;
	int64_t now_us;
	const struct dg_acl_entry *entries;
	size_t n_entries;
};

enum dg_acl_reason {
	DG_ACL_R_ALLOWED,
	DG_ACL_R_DENIED_BY_RULE,  /* a deny bites */
	DG_ACL_R_NOT_GRANTED,     /* no allow, or not for these columns */
	DG_ACL_R_COLUMNS_UNKNOWN, /* metadata missing and rules need it */
	DG_ACL_R_NO_SUCH_USER,
	DG_ACL_R_COUNT
};
const char *dg_acl_reason_name(enum dg_acl_reason reason);

struct dg_acl_outcome {
	bool allowed;
	/*
	 * Allowed only because cluster or catalog are being observed: reason,
	 * rule and columns are those of the refusal that it would be.
	 */
	bool observed;
	bool break_glass; /* allowed by such a rule, and by no other */
	enum dg_acl_reason reason;
	/* The deny that bit, or an allow that covered; 0 = none. */
	int64_t rule_id;
	struct dg_str rule_reason; /* the rule's own text; lives as snapshot */
	/* Exactly the columns refused; empty when it is not about columns. */
	const struct dg_str *missing;
	size_t n_missing;
	/* Explain: all rules that matched, and user -> role -> role. */
	const int64_t *rule_ids;
	size_t n_rule_ids;
	struct dg_str path;
};

struct dg_acl_decision {
	bool allowed;                    /* all entries are */
	bool observed;                   /* some only by being observed */
	struct dg_acl_outcome *outcomes; /* as many as entries; in the arena */
	size_t first_denied;             /* index; n_entries when none */
};

/*
 * Effective rights per (user, table), computed on first use. Belongs to one
 * thread and one snapshot version; drop it with its version.
 */
struct dg_acl_cache;
struct dg_acl_cache *dg_acl_cache_create(struct dg_acl_snapshot *snapshot,
					 size_t max_entries);
void dg_acl_cache_destroy(struct dg_acl_cache **cache);

/* cache may be NULL. Fails only with LIMIT (arena): then refuse. */
enum dg_rc dg_acl_decide(const struct dg_acl_snapshot *snapshot,
			 struct dg_acl_cache *cache,
			 const struct dg_acl_request *request,
			 struct dg_arena *arena,
			 struct dg_acl_decision *decision_out) DG_MUST_CHECK;
/* The same answer with rule_ids and path filled; slower. */
enum dg_rc dg_acl_explain(const struct dg_acl_snapshot *snapshot,
			  const struct dg_acl_request *request,
			  struct dg_arena *arena,
			  struct dg_acl_decision *decision_out) DG_MUST_CHECK;

/*
 * Names of roles that would each let the request's only entry through, if the
 * user had it besides its own; at most max. Only so many roles are tried. The
 * list is in the arena, the names live as the snapshot.
 */
enum dg_rc dg_acl_helping_roles(const struct dg_acl_snapshot *snapshot,
				const struct dg_acl_request *request,
				struct dg_arena *arena, size_t max,
				const struct dg_str **names_out,
				size_t *n_out) DG_MUST_CHECK;

/*
 * Whether the user has any privilege at all on the object or beneath it:
 * USE, SHOW and DESCRIBE (policy.md "SHOW").
 */
bool dg_acl_can_see(const struct dg_acl_snapshot *snapshot,
		    const struct dg_acl_request *who,
		    const struct dg_acl_object *object);
/*
 * Whether the user has any privilege on the object itself that is not denied
 * again. A deny of SHOW takes no other privilege away: it hides names.
 */
bool dg_acl_has_any(const struct dg_acl_snapshot *snapshot,
		    const struct dg_acl_request *who,
		    const struct dg_acl_object *object);
/* Whether a refusal about the object would only be remarked upon. */
bool dg_acl_is_observed(const struct dg_acl_snapshot *snapshot,
			const struct dg_acl_request *who,
			const struct dg_acl_object *object);

/*
 * A number that stays the same from snapshot to snapshot, in any process, as
 * long as the rules about the user and the user's roles do, those of the
 * session included, and the same of them are in force: who has the time, and
 * the client's address for rules with networks. 0 for an unknown user.
 */
uint64_t dg_acl_fingerprint(const struct dg_acl_snapshot *snapshot,
			    const struct dg_acl_request *who);

#endif

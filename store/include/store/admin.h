/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h - what the admin API needs of the store: single items of the policy,
 * listings, tokens, replies that are kept.
 *
 * Items have the form of policy files (docs/policy.md), as JSON; they pass the
 * same readers and the same way into Postgres as files do. All functions drive
 * the loop that pg is on until they are done: for threads that may wait.
 */
#ifndef DG_STORE_ADMIN_H
#define DG_STORE_ADMIN_H

#include "acl/admin.h"
#include "base/json.h"
#include "store/store.h"

/* ---- whole policies ----------------------------------------------------- */

/* is_remote: references to files and the environment are refused. */
enum dg_rc dg_store_policy_parse_from(struct dg_str yaml, bool is_remote,
				      struct dg_store_policy_file **file_out,
				      struct dg_buf *errors_out) DG_MUST_CHECK;
/*
 * From JSON, never with such references; passwords may stand in it. Errors are
 * lines of JSON POINTER, tab, text. is_partial: what it names may stand
 * elsewhere, so this is not looked at.
 */
enum dg_rc dg_store_policy_parse_json(const struct dg_json *root,
				      bool is_partial,
				      struct dg_store_policy_file **file_out,
				      struct dg_buf *errors_out) DG_MUST_CHECK;
/* All of it but passwords, as a JSON object that could be applied. */
enum dg_rc dg_store_policy_export(struct dg_pg *pg, struct dg_loop *loop,
				  struct dg_buf *json_out, int64_t *version_out,
				  struct dg_error *err) DG_MUST_CHECK;

/* ---- replies that are kept ---------------------------------------------- */

/* Of one write, by the token and its Idempotency-Key. */
struct dg_store_reply {
	int64_t token;
	struct dg_str key;     /* data NULL: none, nothing is kept */
	struct dg_str request; /* a hash of what was asked */
	int64_t status;
	struct dg_str etag;
	struct dg_str body;
	int64_t version;
};
/*
 * Fills request, status, etag, body, version (in the arena) from token and
 * key; NOT_FOUND when there is none.
 */
enum dg_rc dg_store_reply_find(struct dg_pg *pg, struct dg_loop *loop,
			       struct dg_arena *arena,
			       struct dg_store_reply *reply,
			       struct dg_error *err) DG_MUST_CHECK;

/* ---- single items ------------------------------------------------------- */

#define DG_STORE_ETAG_MAX 36 /* quotes included */

/* "users", "roles", "clusters", "rules"; false: there is no such section. */
bool dg_store_section_find(struct dg_str name, unsigned *section_out);

enum dg_rc dg_store_item_read(struct dg_pg *pg, struct dg_loop *loop,
			      unsigned section, struct dg_str name,
			      struct dg_buf *json_out,
			      char etag_out[DG_STORE_ETAG_MAX],
			      struct dg_error *err) DG_MUST_CHECK;

enum dg_store_how {
	DG_STORE_CREATE, /* CONFLICT when it is there */
	DG_STORE_PUT,    /* as the body says, from nothing or from before */
	DG_STORE_MERGE,  /* RFC 7396: the body's keys, null takes one away */
	DG_STORE_DELETE,
	DG_STORE_ADD,    /* value to the list under key */
	DG_STORE_REMOVE, /* from it; NOT_FOUND when it is not there */
};

struct dg_store_item_write {
	unsigned section;
	struct dg_str name;
	enum dg_store_how how;
	const struct dg_json *body; /* CREATE, PUT, MERGE */
	const char *key;            /* ADD, REMOVE */
	struct dg_str value;
	struct dg_str if_match; /* an ETag, "*", or empty */
	bool if_none_match;     /* it must not be there */
	struct dg_str actor;
	/* Whose rights bound the write (dg_store_admins_of); NULL: nobody's. */
	const struct dg_acl_admin *admins;
	size_t n_admins;
	bool dry_run;
	struct dg_store_reply reply; /* token, key, request */
};

struct dg_store_item_result {
	bool is_stale;   /* CONFLICT: the preconditions do not hold */
	bool is_created; /* it was not there before */
	int64_t version; /* in force afterwards */
	size_t n_changes;
	char etag[DG_STORE_ETAG_MAX]; /* "" when it is gone */
	struct dg_buf *item;          /* as it is now; empty when it is gone */
	struct dg_buf *diff;          /* for people */
	/* Of a dry run: JSON, as far as it is about what admins are about. */
	struct dg_buf *effects; /* NULL: not asked for */
	struct dg_buf *errors;  /* INVALID: as dg_store_policy_parse_json */
};

/*
 * INVALID, NOT_FOUND, CONFLICT, DENIED (beyond the scope of admins), LIMIT,
 * UNAVAILABLE (others write without end), IO. The buffers are the caller's,
 * empty.
 */
enum dg_rc dg_store_item_write(struct dg_pg *pg, struct dg_loop *loop,
			       const struct dg_store_item_write *write,
			       struct dg_store_item_result *result,
			       struct dg_error *err) DG_MUST_CHECK;

/* ---- administrators ----------------------------------------------------- */

/*
 * What the subject is by the rows of datagateway.admins, also through roles:
 * those it is a member of, and those (roles, by name) that it has for this
 * session only. An unknown or disabled user is nothing. All in the arena.
 */
enum dg_rc dg_store_admins_of(struct dg_pg *pg, struct dg_loop *loop,
			      struct dg_str subject, const struct dg_str *roles,
			      size_t n_roles, struct dg_arena *arena,
			      const struct dg_acl_admin **admins_out,
			      size_t *n_out,
			      struct dg_error *err) DG_MUST_CHECK;

/* ---- keeping the audit -------------------------------------------------- */

struct dg_store_prune {
	bool by_month;      /* else partitions of a day */
	unsigned ahead;     /* so many of them beyond the present one */
	unsigned keep_days; /* what is older goes; 0: nothing does */
	/* set: */
	uint64_t made;
	uint64_t dropped;
	uint64_t deleted; /* rows that were in no partition of their own */
};
/*
 * Makes partitions ahead, and drops those that are past as a whole; for who
 * owns the tables. What was done until it failed stays done.
 */
enum dg_rc dg_store_audit_prune(struct dg_pg *pg, struct dg_loop *loop,
				struct dg_store_prune *prune,
				struct dg_error *err) DG_MUST_CHECK;

/* ---- explaining --------------------------------------------------------- */

/* The version that is stored; replicas follow within milliseconds. */
enum dg_rc dg_store_version(struct dg_pg *pg, struct dg_loop *loop,
			    int64_t *version_out,
			    struct dg_error *err) DG_MUST_CHECK;
/* "2026-01-31T12:34:56Z", with a fraction or none; INVALID: no such time. */
enum dg_rc dg_store_time_us(struct dg_str text, int64_t *us_out) DG_MUST_CHECK;
/* "catalog.schema.table.column" or less of it, no patterns; tag: nothing. */
enum dg_rc dg_store_object_parse(struct dg_str text, struct dg_arena *arena,
				 struct dg_acl_tagging *object_out,
				 struct dg_error *err) DG_MUST_CHECK;
/*
 * ids: "7,8". {"7": "name"}, without those that are gone meanwhile; owned by
 * the caller.
 */
enum dg_rc dg_store_rule_names(struct dg_pg *pg, struct dg_loop *loop,
			       struct dg_str ids, struct dg_json **names_out,
			       struct dg_error *err) DG_MUST_CHECK;

/* ---- listings ----------------------------------------------------------- */

#define DG_STORE_FILTERS_MAX 10

struct dg_store_listing {
	const char *name;
	const char *sql; /* $1 cursor, $2 count, $3... the filters */
	const char *filters[DG_STORE_FILTERS_MAX + 1]; /* NULL ends them */
	bool is_items; /* rows are names of items of the section of that name */
};
/* NULL: there is none of that name. */
const struct dg_store_listing *dg_store_listing_find(struct dg_str name);

struct dg_store_page {
	const struct dg_store_listing *listing;
	struct dg_str after; /* cursor; data NULL: from the beginning */
	unsigned limit;
	struct dg_str filters[DG_STORE_FILTERS_MAX]; /* data NULL: any */
};
/*
 * The items as JSON values into an open array; *next_out (in the arena) is the
 * cursor of what follows, data NULL at the end.
 */
enum dg_rc dg_store_list(struct dg_pg *pg, struct dg_loop *loop,
			 const struct dg_store_page *page,
			 struct dg_arena *arena, struct dg_json_writer *w,
			 struct dg_str *next_out,
			 struct dg_error *err) DG_MUST_CHECK;

/* ---- tokens ------------------------------------------------------------- */

/* "dga_ID_SECRET", the secret of 256 random bits. */
#define DG_STORE_TOKEN_PREFIX "dga_"
#define DG_STORE_TOKEN_MAX 80

enum dg_store_admin_role {
	DG_STORE_ADMIN,   /* everything */
	DG_STORE_STEWARD, /* rules within a scope */
	DG_STORE_AUDITOR, /* reads */
};

struct dg_store_token {
	int64_t id;
	struct dg_str name;
	struct dg_str subject; /* for whom it acts */
	enum dg_store_admin_role role;
	const struct dg_str *scopes; /* "rules:write"; none: all of the role */
	size_t n_scopes;
};
/* DENIED when it is not known, forged, revoked or over. */
enum dg_rc dg_store_token_check(struct dg_pg *pg, struct dg_loop *loop,
				struct dg_str text, struct dg_arena *arena,
				struct dg_store_token *token_out,
				struct dg_error *err) DG_MUST_CHECK;

struct dg_store_new_token {
	struct dg_str name;
	struct dg_str subject;
	struct dg_str role;
	const struct dg_str *scopes;
	size_t n_scopes;
	int64_t lifetime_s;
	struct dg_str actor;
};
/* text_out is shown once and kept nowhere; wipe it. */
enum dg_rc dg_store_token_create(struct dg_pg *pg, struct dg_loop *loop,
				 const struct dg_store_new_token *token,
				 char text_out[DG_STORE_TOKEN_MAX],
				 int64_t *id_out,
				 struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_store_token_revoke(struct dg_pg *pg, struct dg_loop *loop,
				 int64_t id, struct dg_str actor,
				 struct dg_error *err) DG_MUST_CHECK;
/* How many tokens of administrators can be used. */
enum dg_rc dg_store_token_admins(struct dg_pg *pg, struct dg_loop *loop,
				 int64_t *count_out,
				 struct dg_error *err) DG_MUST_CHECK;

/* Hexadecimal, of a request: what tells repetitions from other requests. */
#define DG_STORE_DIGEST_MAX 65
void dg_store_digest(const struct dg_str *parts, size_t n,
		     char out[DG_STORE_DIGEST_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - everything that is kept in Postgres.
 *
 * Schema migrations, the policy as replicas follow it, the writing of policy
 * files, and the audit trail. Every write takes its version from one row in
 * its own transaction, so versions are in commit order (architecture.md 6).
 * All functions belong to the control loop's thread; snapshots may be used,
 * referenced and released by any thread.
 */
#ifndef DG_STORE_STORE_H
#define DG_STORE_STORE_H

#include "acl/acl.h"
#include "base/map.h"
#include "base/pg.h"

/* ---- schema ------------------------------------------------------------ */

/*
 * Brings the schema up to date under an advisory lock; each step in its own
 * transaction. *applied_out: how many steps ran. Drives the loop until done.
 */
enum dg_rc dg_store_migrate(struct dg_pg *pg, struct dg_loop *loop,
			    unsigned *applied_out,
			    struct dg_error *err) DG_MUST_CHECK;
/* The newest schema version this program knows. */
unsigned dg_store_schema_version(void);

/* ---- policy snapshots -------------------------------------------------- */

struct dg_store_user {
	int64_t id;
	struct dg_str name;
	struct dg_str password_hash; /* "$argon2id$..."; empty: no password */
	bool disabled;
	struct dg_str default_cluster; /* empty: the global one */
	struct dg_str default_catalog;
	struct dg_str default_schema;
	/* Counts up with each change of the credentials: drops caches. */
	int64_t credential_version;
	/* Bit per enum dg_store_auth; 0: whatever the configuration allows. */
	unsigned auth_methods;
};

enum dg_store_auth {
	DG_STORE_AUTH_PASSWORD,
	DG_STORE_AUTH_TOKEN,
	DG_STORE_AUTH_NONE, /* a trusted header: for who is not limited */
};
static inline bool
dg_store_user_may(const struct dg_store_user *user, enum dg_store_auth method)
{
	return user->auth_methods == 0 ||
	       (user->auth_methods >> method & 1U) != 0;
}

enum dg_store_engine { DG_STORE_TRINO, DG_STORE_PRESTO };
enum dg_store_identity {
	DG_STORE_ID_HEADER,  /* isolated network: the user header alone */
	DG_STORE_ID_PASSWORD /* service user with password, user header */
};
enum dg_store_check {
	DG_STORE_CHECK_OFF,
	DG_STORE_CHECK_AUDIT,
	DG_STORE_CHECK_ENFORCE
};

struct dg_store_cluster {
	int64_t id;
	struct dg_str name;
	enum dg_store_engine engine;
	bool tls;
	struct dg_str host;
	uint16_t port;
	bool enabled;
	bool is_default; /* at most one */
	enum dg_store_identity identity;
	struct dg_str service_user;   /* PASSWORD; also fetches metadata */
	struct dg_str service_secret; /* reference: "file:PATH", "env:NAME" */
	struct dg_str metadata_user;  /* who reads columns; sees all of them */
	struct dg_str tls_ca_file;    /* empty: system's */
	enum dg_store_check cross_check;
	bool is_observed; /* the policy's snapshot knows what that means */
};

/* Users, clusters and rules of one version; immutable, ref-counted. */
#define DG_STORE_STAMP_MAX 64
struct dg_store_ground;
struct dg_store_snapshot {
	int64_t version;
	/* Of the version; another history has another one. */
	char stamp[DG_STORE_STAMP_MAX];
	struct dg_acl_snapshot *acl; /* one reference held */
	struct dg_map users;         /* name -> struct dg_store_user */
	struct dg_map groups;        /* name -> its roles, private to store */
	const struct dg_store_cluster *clusters;
	size_t n_clusters;
	int64_t loaded_us;              /* wall clock */
	unsigned n_changes;             /* versions since everything was read */
	struct dg_arena *arena;         /* the ground's */
	struct dg_store_ground *ground; /* ref; all of this but acl */
	int refs;                       /* atomic */
};

struct dg_store_snapshot *dg_store_snapshot_ref(struct dg_store_snapshot *s);
void dg_store_snapshot_unref(struct dg_store_snapshot **s);
const struct dg_store_user *
dg_store_find_user(const struct dg_store_snapshot *s, struct dg_str name);
/*
 * What groups that a token or directory names stand for. Unknown ones give
 * nothing; roles may come twice. The list is in the arena, the names live as
 * the snapshot. LIMIT when the arena is full.
 */
enum dg_rc dg_store_group_roles(const struct dg_store_snapshot *s,
				const struct dg_str *groups, size_t n_groups,
				struct dg_arena *arena,
				const struct dg_str **roles_out,
				size_t *n_roles_out) DG_MUST_CHECK;
/*
 * All groups that stand for roles, in order of names; the list is in the arena,
 * the names live as the snapshot. LIMIT when the arena is full.
 */
enum dg_rc dg_store_groups(const struct dg_store_snapshot *s,
			   struct dg_arena *arena,
			   const struct dg_str **groups_out,
			   size_t *n_out) DG_MUST_CHECK;
const struct dg_store_cluster *
dg_store_find_cluster(const struct dg_store_snapshot *s, struct dg_str name);
const struct dg_store_cluster *
dg_store_default_cluster(const struct dg_store_snapshot *s);

/*
 * The last good policy in a file, for a start without Postgres: sealed, for
 * the owner alone, replaced as a whole. A thread of its own writes it, with a
 * connection of its own: rows go from Postgres to the file as they are.
 */
struct dg_store_saver;
struct dg_store_saver_config {
	const char *path;
	struct dg_str key;    /* 32 bytes in base64; not kept */
	const char *conninfo; /* copied; which database is in the file */
	unsigned interval_ms; /* at least between two writes */
};
/* Starts a thread. INVALID: the key is none. */
enum dg_rc dg_store_saver_create(struct dg_loop *loop,
				 const struct dg_store_saver_config *config,
				 struct dg_store_saver **saver_out,
				 struct dg_error *err) DG_MUST_CHECK;
/* Breaks off what is being written, and waits for that. */
void dg_store_saver_destroy(struct dg_store_saver **saver);
/* The snapshot was the newest just now: writes that down, when it is time. */
void dg_store_saver_note(struct dg_store_saver *saver,
			 const struct dg_store_snapshot *snapshot);
/*
 * What is in the file. *age_ms_out: since it was known to be the newest.
 * Blocks while it reads. NOT_FOUND: there is no file; others: it cannot be
 * used, and err says why and what to do.
 */
enum dg_rc dg_store_saver_load(struct dg_store_saver *saver, size_t max_bytes,
			       struct dg_store_snapshot **snapshot_out,
			       int64_t *age_ms_out,
			       struct dg_error *err) DG_MUST_CHECK;

/*
 * Follows the policy: loads it, LISTENs, polls every poll_ms besides, and
 * calls on_snapshot for each new version (takes no reference for the callee:
 * ref it to keep it).
 */
struct dg_store_follower;
typedef void (*dg_store_snapshot_fn)(void *arg, struct dg_store_snapshot *s);
struct dg_store_follower_config {
	const char *conninfo;
	unsigned poll_ms; /* 1000 */
	size_t snapshot_max_bytes;
	/*
	 * Borrowed; NULL: none. What is in its file is in force until Postgres
	 * answers for the first time.
	 */
	struct dg_store_saver *saver;
	dg_store_snapshot_fn on_snapshot;
	void *arg;
};
struct dg_store_follower *
dg_store_follower_create(struct dg_loop *loop,
			 const struct dg_store_follower_config *config);
void dg_store_follower_destroy(struct dg_store_follower **follower);
/*
 * Monotonic ms of the last successful poll or load; 0 = never. It may have
 * been before the clock began, which shows as a very large number: only the
 * difference to now means something.
 */
uint64_t dg_store_follower_last_poll_ms(const struct dg_store_follower *f);
/* The newest version it has heard of, loaded or not; 0: none yet. */
int64_t dg_store_follower_seen_version(const struct dg_store_follower *f);
/*
 * For how long there has been a newer version than the one that was loaded
 * last, by the clock of Postgres; 0: there is none that it knows of.
 */
uint64_t dg_store_follower_behind_ms(const struct dg_store_follower *f);

/* ---- the replica among replicas ---------------------------------------- */

/*
 * Keeps a row in datagateway.replicas as long as the process lives: what it
 * is, and which version it works with. Reports every report_ms and when told
 * to; what to report is asked for then. Without Postgres nothing is reported,
 * and nothing else happens.
 */
struct dg_store_presence;
struct dg_store_presence_state {
	int64_t version;   /* in force; 0: none */
	const char *stamp; /* of it; not NULL */
	int64_t seen_version;
	int64_t poll_age_ms; /* -1: never polled */
	/* After this long without a poll it refuses everything. */
	int64_t stale_after_ms;
};
typedef void (*dg_store_presence_fn)(void *arg,
				     struct dg_store_presence_state *state_out);
typedef void (*dg_store_left_fn)(void *arg);
struct dg_store_presence_config {
	const char *conninfo;
	struct dg_str name; /* texts are copied, cut at 256 bytes */
	struct dg_str host;
	struct dg_str address; /* where clients connect */
	struct dg_str program; /* its version */
	unsigned report_ms;
	dg_store_presence_fn fill;
	void *arg;
};
struct dg_store_presence *
dg_store_presence_create(struct dg_loop *loop,
			 const struct dg_store_presence_config *config);
/* Something to report has changed. */
void dg_store_presence_report(struct dg_store_presence *presence);
/*
 * Takes the row away, once, before the end. done (with arg of the
 * configuration) may be called before it returns.
 */
void dg_store_presence_leave(struct dg_store_presence *presence,
			     dg_store_left_fn done);
void dg_store_presence_destroy(struct dg_store_presence **presence);

/* The policy in force is the file's: Postgres has not answered yet. */
bool dg_store_follower_is_from_file(const struct dg_store_follower *f);

/* ---- policy files: `admin apply` --------------------------------------- */

struct dg_store_policy_file; /* parsed and checked */

/* All errors of the file, with line numbers, one a line, into errors_out. */
enum dg_rc dg_store_policy_parse(struct dg_str yaml,
				 struct dg_store_policy_file **file_out,
				 struct dg_buf *errors_out) DG_MUST_CHECK;
void dg_store_policy_destroy(struct dg_store_policy_file **file);
/*
 * Compares with what is stored, writes a readable diff to diff_out, and unless
 * dry_run applies it in one transaction. effects_out (may be NULL): who gains
 * and loses what, as JSON; stays empty when there is too much to compare.
 * *changes_out counts differences, *version_out is the version in force
 * afterwards.
 */
enum dg_rc dg_store_policy_apply(struct dg_pg *pg, struct dg_loop *loop,
				 const struct dg_store_policy_file *file,
				 struct dg_str actor, bool dry_run,
				 struct dg_buf *diff_out,
				 struct dg_buf *effects_out,
				 size_t *changes_out, int64_t *version_out,
				 struct dg_error *err) DG_MUST_CHECK;

/* ---- passwords --------------------------------------------------------- */

/* argon2id, m=19 MiB, t=2, p=1. CPU for 10 ms and more: offload threads. */
#define DG_STORE_HASH_MAX 128
enum dg_rc dg_store_password_hash(struct dg_str password,
				  char hash_out[DG_STORE_HASH_MAX],
				  struct dg_error *err) DG_MUST_CHECK;
bool dg_store_password_verify(struct dg_str password,
			      struct dg_str hash) DG_MUST_CHECK;
/* A hash that no password matches, to spend the same time on unknown users. */
struct dg_str dg_store_password_dummy_hash(void);

/* ---- audit ------------------------------------------------------------- */

struct dg_store_audit_decision {
	struct dg_str statement_id; /* of the gateway; unique */
	int64_t at_us;
	struct dg_str principal;
	struct dg_str session_user;
	struct dg_str client_address;
	struct dg_str source;      /* client-named, untrusted */
	struct dg_str cluster;     /* may be empty */
	struct dg_str statement;   /* kind */
	struct dg_str text;        /* normalised */
	uint64_t fingerprint;      /* of that; 0 = none */
	struct dg_str access_json; /* the access list */
	struct dg_str decision;    /* allowed denied invalid unsupported ... */
	int64_t rule_id;           /* 0 = none */
	struct dg_str reason;
	int64_t policy_version;
	struct dg_str replica;
};

struct dg_store_audit_end {
	struct dg_str statement_id;
	int64_t started_us;     /* the decision's at_us */
	struct dg_str query_id; /* the engine's */
	int64_t at_us;
	int64_t duration_ms;
	struct dg_str state; /* FINISHED FAILED CANCELED REFUSED ... */
	struct dg_str error_name;
	int64_t rows; /* -1 unknown */
	int64_t bytes;
};

/* Group commit: what is queued goes in one transaction. */
struct dg_store_audit;
/*
 * Records on disk while Postgres is away, sealed, in files PATH.NUMBER; those
 * that are there already are written to Postgres first. key: 32 bytes in
 * base64. INVALID: it is none; IO: the folder is not there.
 */
struct dg_audit_spool;
enum dg_rc dg_audit_spool_open(const char *path, struct dg_str key,
			       uint64_t max_bytes,
			       struct dg_audit_spool **spool_out,
			       struct dg_error *err) DG_MUST_CHECK;
void dg_audit_spool_close(struct dg_audit_spool **spool);
struct dg_store_audit_config {
	const char *conninfo;
	size_t queue_max;             /* records */
	struct dg_audit_spool *spool; /* taken; NULL: records wait in memory */
};
/* rc OK: committed, or on disk. Called on the control loop. */
typedef void (*dg_store_audit_fn)(void *arg, enum dg_rc rc);
struct dg_store_audit *
dg_store_audit_create(struct dg_loop *loop,
		      const struct dg_store_audit_config *config);
void dg_store_audit_destroy(struct dg_store_audit **audit);
/* Copies the record. UNAVAILABLE when the queue is full: refuse then. */
enum dg_rc dg_store_audit_decision(struct dg_store_audit *audit,
				   const struct dg_store_audit_decision *record,
				   dg_store_audit_fn done,
				   void *arg) DG_MUST_CHECK;
/* Idempotent by statement id and start; done may be NULL. */
enum dg_rc dg_store_audit_end(struct dg_store_audit *audit,
			      const struct dg_store_audit_end *record,
			      dg_store_audit_fn done, void *arg) DG_MUST_CHECK;

#endif

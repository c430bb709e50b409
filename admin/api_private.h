/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_private.h - a request of the admin API on its way.
 *
 * api.c carries it between the control loop and the threads; handlers (the
 * functions of routes.def) run on a thread, may wait for Postgres, and fill
 * the reply. Nobody else touches a job meanwhile.
 */
#ifndef DG_ADMIN_API_PRIVATE_H
#define DG_ADMIN_API_PRIVATE_H

#include "admin/api.h"
#include "base/json.h"
#include "base/list.h"
#include "current.h"
#include "route.h"
#include "wait.h"

/* A connection, for one job at a time. */
struct dg_api_session {
	struct dg_loop *loop; /* owned */
	struct dg_pg *pg;     /* owned */
	bool is_busy;
};

enum { API_HEADERS_MAX = 6 };

struct dg_api_job {
	uint32_t magic;
	struct dg_api *api;             /* borrowed; outlives */
	struct dg_api_current *current; /* the api's */
	struct dg_gateway *gateway;     /* borrowed; outlives the api */
	struct dg_service_call *call;   /* to be answered */
	struct dg_list link;            /* in api->jobs */
	struct dg_arena *arena;         /* owned */
	struct dg_api_match match;
	struct dg_str method; /* these are copies in the arena */
	struct dg_str path;
	struct dg_str query;
	struct dg_str bearer;   /* secret; data NULL: none */
	struct dg_str if_match; /* data NULL: none; so the others */
	struct dg_str if_none_match;
	struct dg_str content_type; /* without parameters, lower case */
	struct dg_str accept;
	struct dg_str idempotency_key;
	bool has_doubled;   /* one of these headers is there twice */
	struct dg_buf body; /* may hold a password: wiped */
	bool has_body;      /* read already */
	char peer[64];      /* address and port */
	size_t peer_address_len;

	/* set by the thread, of who signed in by the loop */
	struct dg_api_session *session;
	struct dg_store_token token; /* id 0: signed in */
	/* Somebody with a token of the issuer's: roles of this session. */
	bool is_signed_in;
	const struct dg_str *roles;
	size_t n_roles;
	/* Of a steward's token: what its subject is; NULL: not bounded. */
	const struct dg_acl_admin *admins;
	size_t n_admins;
	bool is_wrong_token;
	uint64_t wait_ms; /* the answer waits for replicas (wait.h); 0: no */
	bool has_place;   /* to wait in */
	int64_t version;  /* that it wrote, or is answered with; 0: none */
	unsigned status;
	const char *content_type_out;
	struct dg_service_header headers[API_HEADERS_MAX];
	size_t n_headers;
	struct dg_buf reply;

	/* wait.h; on the control loop again */
	struct dg_api_waiting *waiting; /* borrowed */
	struct dg_list wait_link;
	uint64_t wait_until_ms;
};

/* ---- handlers (routes.def) ---------------------------------------------- */

void dg_api_read_self(struct dg_api_job *job);
void dg_api_list(struct dg_api_job *job);
void dg_api_create_item(struct dg_api_job *job);
void dg_api_read_item(struct dg_api_job *job);
void dg_api_put_item(struct dg_api_job *job);
void dg_api_patch_item(struct dg_api_job *job);
void dg_api_delete_item(struct dg_api_job *job);
void dg_api_add_member(struct dg_api_job *job);
void dg_api_remove_member(struct dg_api_job *job);
void dg_api_apply(struct dg_api_job *job);
void dg_api_export(struct dg_api_job *job);
void dg_api_create_token(struct dg_api_job *job);
void dg_api_read_token(struct dg_api_job *job);
void dg_api_revoke_token(struct dg_api_job *job);
void dg_api_explain(struct dg_api_job *job);
void dg_api_who_can(struct dg_api_job *job);
void dg_api_user_access(struct dg_api_job *job);

/* page.c of the API: HTML and YAML. */
void dg_api_page(const struct dg_api_route *route,
		 struct dg_service_reply *reply);

/* ---- who asks (caller.c) ------------------------------------------------ */

/*
 * On the control loop: a token that is not of this API must be the issuer's.
 * False: answered; is_wrong_token says whether with 401.
 */
bool dg_api_sign_in(struct dg_api_job *job,
		    struct dg_gateway *gateway) DG_MUST_CHECK;
/* On a thread: the caller is known and may do it. False: answered. */
bool dg_api_admit(struct dg_api_job *job) DG_MUST_CHECK;

/*
 * Whether it may be told who may what, as GET /access tells: what a write comes
 * to is read in others' rules, whatever the write is about.
 */
bool dg_api_tells_access(const struct dg_api_job *job);

/* ---- replies (reply.c) -------------------------------------------------- */

/* application/problem+json; detail may be NULL. */
void dg_api_problem(struct dg_api_job *job, unsigned status,
		    const char *detail);
/* The status that belongs to rc, with err's text. */
void dg_api_fail(struct dg_api_job *job, enum dg_rc rc,
		 const struct dg_error *err);
/*
 * With a list of places: errors has lines of POINTER, tab, text, or of texts
 * alone.
 */
void dg_api_problem_with(struct dg_api_job *job, unsigned status,
			 const char *detail, const struct dg_buf *errors);
/* A parameter of the query, or a header, by its name. */
void dg_api_bad_parameter(struct dg_api_job *job, struct dg_str name,
			  const char *detail);
/* value is copied. */
void dg_api_header(struct dg_api_job *job, struct dg_str name,
		   struct dg_str value);
/* status and application/json; ends with dg_api_reply_end. */
void dg_api_reply_begin(struct dg_api_job *job, struct dg_json_writer *w,
			unsigned status);
void dg_api_reply_end(struct dg_api_job *job, struct dg_json_writer *w);
void dg_api_put_version(struct dg_api_job *job, int64_t version);
/* What a write has done, or would do; diff: lines for people;
 * effects: JSON, or empty. */
void dg_api_reply_changes(struct dg_api_job *job, bool dry_run, int64_t version,
			  size_t n_changes, struct dg_str diff,
			  struct dg_str effects);

/*
 * The policy in force, with all that was stored before; a reference for the
 * caller. NULL: answered.
 */
struct dg_store_snapshot *dg_api_policy(struct dg_api_job *job);

/* ---- requests (request.c) ----------------------------------------------- */

/* The method changes something. */
bool dg_api_is_write(const struct dg_api_job *job);

struct dg_api_param {
	struct dg_str name;
	struct dg_str value;
};
/*
 * All parameters must be among the names; each at most once. values_out has
 * one each, data NULL for what was not given. False: answered.
 */
bool dg_api_params(struct dg_api_job *job, const char *const *names, size_t n,
		   struct dg_str *values_out) DG_MUST_CHECK;
/* "true" or "false" or not there; false: answered. */
bool dg_api_flag(struct dg_api_job *job, const char *name, struct dg_str value,
		 bool *out) DG_MUST_CHECK;
/*
 * What every write takes: dry_run, and wait and wait_timeout, for which a
 * place to wait is taken. False: answered.
 */
bool dg_api_write_params(struct dg_api_job *job,
			 bool *dry_run_out) DG_MUST_CHECK;
/* Of listings; false: answered. *after_out: data NULL, from the beginning. */
bool dg_api_read_limit(struct dg_api_job *job, struct dg_str text,
		       unsigned *out) DG_MUST_CHECK;
bool dg_api_read_cursor(struct dg_api_job *job, struct dg_str text,
			struct dg_str *after_out) DG_MUST_CHECK;
/* The way back, as "next"; data NULL: there is no more. */
void dg_api_put_cursor(struct dg_api_job *job, struct dg_json_writer *w,
		       struct dg_str next);
/* The body as a JSON object; false: answered. */
bool dg_api_body(struct dg_api_job *job, struct dg_str content_type,
		 struct dg_json **out) DG_MUST_CHECK;
/* "ann (token 7)": what the change log calls who did it. */
struct dg_str dg_api_actor(struct dg_api_job *job);

#endif

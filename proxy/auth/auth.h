/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h - who is calling: a chain of authenticators and their caches.
 *
 * Bearer tokens of one issuer; Basic against argon2id hashes, verified on
 * offload threads; for closed test networks a trusted-header mode that must be
 * switched on by name. The caches belong to one worker; an entry dies with the
 * user's credential version, by age, with the issuer's keys, and never holds a
 * password or a token (a keyed hash of it).
 */
#ifndef DG_PROXY_AUTH_AUTH_H
#define DG_PROXY_AUTH_AUTH_H

#include "auth/jwt.h"
#include "base/offload.h"
#include "http/head.h"
#include "store/store.h"

struct dg_auth; /* one per worker */

struct dg_auth_config {
	bool password;         /* Basic against the users of the policy */
	bool trusted_header;   /* no passwords: X-*-User is believed */
	bool require_tls;      /* refuse passwords over plain connections */
	bool lower_names;      /* user names are lowered before look-up */
	unsigned cache_ttl_ms; /* 0: nothing is remembered */
	size_t cache_max;
	/* Tokens: what they must say; borrowed. NULL: none is accepted. */
	const struct dg_jwt_rules *jwt;
	bool jwt_require_tls;
	bool jwt_lower_names;
	/* How long a token by an unknown key waits for newer keys. */
	unsigned jwt_wait_ms;
	/*
	 * Asks for newer keys; dg_auth_set_keys will follow. Not called before
	 * next_ms of those that are there. NULL: there are none to be had.
	 */
	void (*want_keys)(void *arg);
	void *want_keys_arg;
};

/* Who is calling, as far as the authenticator knows. */
struct dg_caller {
	struct dg_str name;          /* canonical; a user of the policy */
	const struct dg_str *groups; /* as the token names them */
	size_t n_groups;
	struct dg_str address; /* "address:port"; set where the request came */
};

/* LIMIT when the arena is full. */
enum dg_rc dg_caller_copy(const struct dg_caller *caller,
			  struct dg_arena *arena,
			  struct dg_caller *copy_out) DG_MUST_CHECK;

struct dg_auth_request {
	const struct dg_http_head *head;
	const char *peer; /* address:port of the client */
	bool is_tls;
};

enum dg_auth_result {
	DG_AUTH_OK,
	DG_AUTH_MISSING, /* no credentials: 401 with a challenge */
	DG_AUTH_FAILED,  /* wrong, unknown or disabled: 401, one text for all */
	DG_AUTH_BUSY,    /* too many checks are waiting: 503 */
	DG_AUTH_REFUSED, /* e.g. a password over plain HTTP: 403 */
};

/* caller: with OK; valid during the call. text: one line. */
typedef void (*dg_auth_fn)(void *arg, enum dg_auth_result result,
			   const struct dg_caller *caller, const char *text);

struct dg_auth *dg_auth_create(struct dg_loop *loop, struct dg_offload *offload,
			       const struct dg_auth_config *config);
/* After the offload pool is gone: jobs of this auth may still run in it. */
void dg_auth_destroy(struct dg_auth **auth);
/*
 * A new policy version is in force (takes a reference of its own); cached
 * users who changed are dropped.
 */
void dg_auth_set_snapshot(struct dg_auth *auth, struct dg_store_snapshot *s);

/*
 * The issuer's keys as of now (takes a reference of its own): tokens that wait
 * are looked at again; remembered ones are dropped when the keys are others.
 */
void dg_auth_set_keys(struct dg_auth *auth, struct dg_jwt_keys *keys);

/*
 * The enabled user behind a name that an authenticator found; DENIED when
 * there is none. name_out lives as long as the policy.
 */
enum dg_rc dg_auth_find_user(const struct dg_store_snapshot *policy,
			     struct dg_str name, bool lower,
			     struct dg_arena *arena,
			     struct dg_str *name_out) DG_MUST_CHECK;

struct dg_auth_call;
/*
 * May call back before it returns; then the result is NULL. Otherwise the call
 * can be cancelled (no callback follows).
 */
struct dg_auth_call *dg_auth_check(struct dg_auth *auth,
				   const struct dg_auth_request *request,
				   dg_auth_fn done, void *arg);
void dg_auth_cancel(struct dg_auth_call **call);

#endif

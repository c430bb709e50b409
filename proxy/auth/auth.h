/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h - who is calling: a chain of authenticators and a credential cache.
 *
 * Basic against argon2id hashes, verified on offload threads; for closed test
 * networks a trusted-header mode that must be switched on by name. The cache
 * belongs to one worker; an entry dies with the user's credential version, by
 * age, and never holds a password (a keyed hash of it).
 */
#ifndef DG_PROXY_AUTH_AUTH_H
#define DG_PROXY_AUTH_AUTH_H

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
};

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

/* principal: canonical name, valid during the call. text: one line. */
typedef void (*dg_auth_fn)(void *arg, enum dg_auth_result result,
			   struct dg_str principal, const char *text);

struct dg_auth *dg_auth_create(struct dg_loop *loop, struct dg_offload *offload,
			       const struct dg_auth_config *config);
/* After the offload pool is gone: jobs of this auth may still run in it. */
void dg_auth_destroy(struct dg_auth **auth);
/*
 * A new policy version is in force (takes a reference of its own); cached
 * users who changed are dropped.
 */
void dg_auth_set_snapshot(struct dg_auth *auth, struct dg_store_snapshot *s);

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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_private.h - what the authenticators share; private to auth/.
 */
#ifndef DG_PROXY_AUTH_AUTH_PRIVATE_H
#define DG_PROXY_AUTH_AUTH_PRIVATE_H

#include <sodium.h>

#include "auth/auth.h"
#include "auth/cache.h"
#include "base/list.h"

#define DG_AUTH_MAGIC UINT32_C(0x41757468)
#define DG_AUTH_CALL_MAGIC UINT32_C(0x41754361)

enum { DG_AUTH_NAME_MAX = 256, DG_AUTH_REFUSAL_SLOTS = 256 };

struct dg_auth {
	uint32_t magic;
	struct dg_loop *loop;       /* borrowed */
	struct dg_offload *offload; /* borrowed */
	struct dg_auth_config config;
	struct dg_store_snapshot *policy; /* ref; may be NULL */
	struct dg_credential_cache cache; /* passwords */
	struct dg_list flights;           /* owned struct flight */
	unsigned char key[crypto_generichash_KEYBYTES]; /* of the process */
	/* Tokens: */
	struct dg_credential_cache tokens;
	struct dg_jwt_keys *keys; /* ref; NULL: none yet */
	struct dg_list waiting;   /* dg_auth_call for newer keys, in order */
	size_t n_waiting;
	bool keys_wanted; /* and not here yet */
	struct dg_timer wait_timer;
	/* Refused tokens by address: each may have cost a millisecond. */
	struct dg_auth_refusals {
		uint64_t second; /* in which they were counted */
		unsigned n;
	} refusals[DG_AUTH_REFUSAL_SLOTS];
	uint64_t next_log_ms; /* refusals are not logged before */
	uint64_t n_unlogged;
};

/* Somebody who waits: for a flight, or for keys (then with a token). */
struct dg_auth_call {
	uint32_t magic;
	struct dg_list link;  /* in flight.calls or auth.waiting */
	struct dg_auth *auth; /* borrowed */
	dg_auth_fn done;
	void *arg;
	struct dg_str token; /* owned, wiped; empty: waits for a flight */
	struct dg_str peer;  /* owned */
	uint64_t until_ms;
};

struct dg_answer {
	enum dg_auth_result result;
	struct dg_caller caller; /* valid while the callback runs */
	const char *text;
};

/* One request on its way through the chain. */
struct dg_attempt {
	struct dg_auth *auth;
	const struct dg_auth_request *request;
	dg_auth_fn done;
	void *arg;
	/* What came of it: a call that waits, or an answer. */
	struct dg_auth_call *call;
	struct dg_answer answer;
	struct dg_arena *arena; /* what the answer lies in; owned, or NULL */
};

extern const char dg_auth_text_failed[];
extern const char dg_auth_text_plain[];

struct dg_answer dg_auth_refuse(enum dg_auth_result result, const char *text);
struct dg_answer dg_auth_accept(const struct dg_store_user *user);
void dg_auth_give(dg_auth_fn done, void *arg, const struct dg_answer *answer);
struct dg_auth_call *dg_auth_call_create(struct dg_auth *auth, dg_auth_fn done,
					 void *arg);
/* Canonical form of a name, in room; empty when it cannot be one. */
struct dg_str dg_auth_canonical_name(struct dg_str name, bool lower,
				     char room[DG_AUTH_NAME_MAX]);
/* The address without its port, hashed: what one client is bounded by. */
uint64_t dg_auth_address_key(struct dg_str peer);
/* An enabled user of the newest policy who may come in so, or NULL. */
const struct dg_store_user *dg_auth_enabled_user(const struct dg_auth *auth,
						 struct dg_str name,
						 enum dg_store_auth method);

/*
 * token.c. False: no bearer token came with the request. Else the attempt has
 * an answer or a call.
 */
bool dg_auth_try_token(struct dg_attempt *attempt);
void dg_auth_tokens_init(struct dg_auth *auth);
/* Those who wait are cancelled. */
void dg_auth_tokens_fini(struct dg_auth *auth);
void dg_auth_tokens_forget_call(struct dg_auth_call *call);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.h - the gateway's part in bearer tokens: what they must say, the keys
 * of their issuer, and those of administrators. Control thread.
 */
#ifndef DG_PROXY_TOKENS_H
#define DG_PROXY_TOKENS_H

#include "auth/jwt_issuer.h"
#include "auth/jwt_rules.h"
#include "proxy/gateway.h"
#include "store/store.h"

struct dg_tokens;

/* NULL when the configuration accepts none; all else takes that for nothing. */
struct dg_tokens *dg_tokens_create(const struct dg_config *config);
/* Reads key files; asks for keys from now on. */
enum dg_rc dg_tokens_start(struct dg_tokens *tokens, struct dg_loop *loop,
			   struct dg_upstream *upstream,
			   dg_jwt_issuer_fn on_keys, void *arg,
			   struct dg_error *err) DG_MUST_CHECK;
/* No key comes any more. */
void dg_tokens_stop(struct dg_tokens *tokens);
/* When no worker looks at the rules any more. */
void dg_tokens_destroy(struct dg_tokens **tokens);

/* Those for clients; borrowed. */
const struct dg_jwt_rules *dg_tokens_rules(const struct dg_tokens *tokens);
void dg_tokens_wish(struct dg_tokens *tokens);
/* Sets the gauges that change by themselves. */
void dg_tokens_measure(const struct dg_tokens *tokens);
/* As dg_gateway_check_token; policy may be NULL. */
enum dg_rc dg_tokens_check_admin(struct dg_tokens *tokens,
				 const struct dg_store_snapshot *policy,
				 struct dg_str token, struct dg_arena *arena,
				 struct dg_gateway_identity *identity_out,
				 struct dg_error *err) DG_MUST_CHECK;

#endif

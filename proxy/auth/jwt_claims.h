/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_claims.h - what the payload of a token says, once its signature held.
 */
#ifndef DG_PROXY_AUTH_JWT_CLAIMS_H
#define DG_PROXY_AUTH_JWT_CLAIMS_H

#include "auth/jwt.h"
#include "base/json.h"

/* identity_out: all but from_url. */
enum dg_jwt_verdict
dg_jwt_claims_judge(const struct dg_json *claims,
		    const struct dg_jwt_rules *rules, int64_t now_s,
		    struct dg_arena *arena,
		    struct dg_jwt_identity *identity_out) DG_MUST_CHECK;

#endif

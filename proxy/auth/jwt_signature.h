/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_signature.h - whether a key made a token's signature.
 */
#ifndef DG_PROXY_AUTH_JWT_SIGNATURE_H
#define DG_PROXY_AUTH_JWT_SIGNATURE_H

#include "auth/jwt_keys.h"

/*
 * text: the token up to its second dot; signature: its bytes. The algorithm is
 * the one that the header names and must be among the key's; all else is
 * refused.
 */
bool dg_jwt_signature_holds(const struct dg_jwt_key *key,
			    enum dg_jwt_algorithm algorithm, struct dg_str text,
			    struct dg_str signature) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_rules.h - what the configuration asks of tokens.
 */
#ifndef DG_PROXY_AUTH_JWT_RULES_H
#define DG_PROXY_AUTH_JWT_RULES_H

#include "auth/jwt.h"

struct dg_config;

/*
 * Borrows from config. The paths in it are owned: dg_jwt_rules_fini. Names are
 * known to be right: dg_config_cross_check looks at them.
 */
void dg_jwt_rules_init(struct dg_jwt_rules *rules,
		       const struct dg_config *config);
void dg_jwt_rules_fini(struct dg_jwt_rules *rules);

#endif

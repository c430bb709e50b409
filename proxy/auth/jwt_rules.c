/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_rules.c - see jwt_rules.h.
 */
#include "auth/jwt_rules.h"

#include "base/assert.h"
#include "config.h"

static unsigned
algorithms_of(const struct dg_config *config)
{
	unsigned bits = 0;

	for (size_t i = 0; i < config->n_jwt_algorithms; i++) {
		enum dg_jwt_algorithm algorithm;

		if (dg_jwt_algorithm_parse(
			    dg_str_from_cstr(config->jwt_algorithms[i]),
			    &algorithm))
			bits |= DG_JWT_BIT(algorithm);
	}
	return config->n_jwt_algorithms == 0 ? DG_JWT_ALL : bits;
}

void
dg_jwt_rules_init(struct dg_jwt_rules *rules, const struct dg_config *config)
{
	*rules = (struct dg_jwt_rules){
		.issuer = dg_str_from_cstr(config->jwt_issuer),
		.audiences = config->jwt_audiences,
		.n_audiences = config->n_jwt_audiences,
		.types = config->jwt_types,
		.n_types = config->n_jwt_types,
		.algorithms = algorithms_of(config),
		.leeway_s = config->jwt_leeway_ms / 1000,
		.max_age_s = config->jwt_max_age_ms / 1000,
	};
	DG_ASSERT(dg_jwt_path_parse(dg_str_from_cstr(config->jwt_user_claim),
				    &rules->user) == DG_OK);
	DG_ASSERT(dg_jwt_path_parse(dg_str_from_cstr(config->jwt_groups_claim),
				    &rules->groups) == DG_OK);
}

void
dg_jwt_rules_fini(struct dg_jwt_rules *rules)
{
	dg_jwt_path_fini(&rules->user);
	dg_jwt_path_fini(&rules->groups);
}

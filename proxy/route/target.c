/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.c - copies of targets, for what outlives the policy they came from.
 */
#include "route/route.h"

static bool
copy_str(struct dg_str *s, struct dg_arena *arena)
{
	*s = dg_arena_str(arena, *s);
	return s->data != NULL;
}

enum dg_rc
dg_target_copy(const struct dg_target *target, struct dg_arena *arena,
	       struct dg_target *copy_out)
{
	struct dg_store_cluster *cluster =
		DG_ARENA_NEW(arena, struct dg_store_cluster);

	if (cluster == NULL)
		return DG_ERR_LIMIT;
	*cluster = *target->cluster;
	if (!copy_str(&cluster->name, arena) ||
	    !copy_str(&cluster->host, arena) ||
	    !copy_str(&cluster->service_user, arena) ||
	    !copy_str(&cluster->service_secret, arena) ||
	    !copy_str(&cluster->metadata_user, arena) ||
	    !copy_str(&cluster->tls_ca_file, arena))
		return DG_ERR_LIMIT;
	*copy_out = (struct dg_target){
		.cluster = cluster,
		.version = target->version,
		.endpoint = {.host = cluster->host,
			     .port = cluster->port,
			     .tls = cluster->tls,
			     .ca_file = cluster->tls_ca_file},
	};
	return DG_OK;
}

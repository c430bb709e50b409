/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.c - a cluster with what is known of it: made, copied for what outlives
 * the policy it came from, and how its statements are read.
 */
#include "route/route.h"

static const struct dg_cluster_state *
find_state(const struct dg_cluster_states *states, struct dg_str name)
{
	if (states == NULL)
		return NULL;
	for (size_t i = 0; i < states->n_states; i++)
		if (dg_str_eq(states->states[i].name, name))
			return &states->states[i];
	return NULL;
}

void
dg_target_fill(const struct dg_store_cluster *cluster,
	       const struct dg_cluster_states *states,
	       struct dg_target *target_out)
{
	const struct dg_cluster_state *state =
		find_state(states, cluster->name);

	*target_out = (struct dg_target){
		.cluster = cluster,
		.version = state == NULL ? 0 : state->version,
		.endpoint = {.host = cluster->host,
			     .port = cluster->port,
			     .tls = cluster->tls,
			     .ca_file = cluster->tls_ca_file},
	};
}

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

bool
dg_target_find(const struct dg_store_snapshot *policy,
	       const struct dg_cluster_states *states, struct dg_str name,
	       struct dg_target *target_out)
{
	const struct dg_store_cluster *cluster =
		dg_store_find_cluster(policy, name);

	if (cluster != NULL)
		dg_target_fill(cluster, states, target_out);
	return cluster != NULL;
}

struct dg_sql_engine
dg_target_engine(const struct dg_target *target)
{
	return (struct dg_sql_engine){target->cluster->engine == DG_STORE_TRINO
					      ? DG_SQL_TRINO
					      : DG_SQL_PRESTO,
				      target->version};
}

enum dg_sql_accounting
dg_target_accounting(const struct dg_target *target, bool utilized)
{
	return utilized && target->cluster->engine == DG_STORE_PRESTO
		       ? DG_SQL_UTILIZED
		       : DG_SQL_STRICT;
}

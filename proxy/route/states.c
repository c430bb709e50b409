/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states.c - the snapshot of what is known of clusters: references only.
 * health.c makes them, any thread may hold them.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "route/route.h"

struct dg_cluster_states *
dg_cluster_states_ref(struct dg_cluster_states *s)
{
	if (s != NULL)
		(void)__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void
dg_cluster_states_unref(struct dg_cluster_states **s)
{
	struct dg_cluster_states *states = *s;
	int left;

	if (states == NULL)
		return;
	*s = NULL;
	left = __atomic_sub_fetch(&states->refs, 1, __ATOMIC_ACQ_REL);
	DG_ASSERT(left >= 0);
	if (left > 0)
		return;
	for (size_t i = 0; i < states->n_states; i++)
		dg_str_free(&states->states[i].name);
	dg_free(states->states);
	dg_free(states);
}

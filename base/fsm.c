/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fsm.c - the only writer of a state. See fsm.h.
 */
#include "base/fsm.h"

#include "base/assert.h"

void
dg_fsm_init(struct dg_fsm *fsm, const struct dg_fsm_state *table,
	    unsigned n_states, unsigned initial)
{
	DG_ASSERT(n_states <= 32);
	DG_ASSERT(initial < n_states);
	*fsm = (struct dg_fsm){table, n_states, initial};
}

void
dg_fsm_move(struct dg_fsm *fsm, unsigned next)
{
	DG_ASSERT(next < fsm->n_states);
	DG_ASSERT((fsm->table[fsm->state].next & DG_FSM_TO(next)) != 0);
	fsm->state = next;
}

const char *
dg_fsm_name(const struct dg_fsm *fsm)
{
	return fsm->table[fsm->state].name;
}

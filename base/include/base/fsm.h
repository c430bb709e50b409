/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fsm.h - a state with a table of allowed moves.
 *
 * The owner keeps a dg_fsm and a const table: per state its name, a mask of
 * allowed next states, and whether the state waits for something outside
 * (then it must have a deadline). dg_fsm_move is the only writer; a move that
 * the table does not list is our own bug and aborts.
 */
#ifndef DG_BASE_FSM_H
#define DG_BASE_FSM_H

#include <stdbool.h>
#include <stdint.h>

struct dg_fsm_state {
	const char *name; /* as in docs/fsm/NAME.dot */
	uint32_t next;    /* bit per allowed next state */
	bool waits;       /* a deadline must be running while in this state */
};

struct dg_fsm {
	const struct dg_fsm_state *table; /* static */
	unsigned n_states;
	unsigned state;
};

#define DG_FSM_TO(state) (UINT32_C(1) << (state))

void dg_fsm_init(struct dg_fsm *fsm, const struct dg_fsm_state *table,
		 unsigned n_states, unsigned initial);
void dg_fsm_move(struct dg_fsm *fsm, unsigned next);
const char *dg_fsm_name(const struct dg_fsm *fsm);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wait.h - writes whose answer waits until every replica works with them.
 *
 * The write is done before the wait begins, and no thread waits: jobs lie in a
 * list on the control loop while one connection asks, for all of them at once,
 * which replicas are behind. The invariant: whoever waits has a place, and
 * places are few.
 */
#ifndef DG_ADMIN_WAIT_H
#define DG_ADMIN_WAIT_H

#include "base/loop.h"

struct dg_api_job;
struct dg_api_waiting;

enum {
	API_WAITS_MAX = 16,
	API_WAIT_DEFAULT_S = 10,
	API_WAIT_MAX_S = 60,
};

/* The job's reply is complete. On the control loop. */
typedef void (*dg_api_waited_fn)(struct dg_api_job *job);

struct dg_api_waiting *dg_api_waiting_create(struct dg_loop *control,
					     const char *conninfo,
					     dg_api_waited_fn done);
/* Those that wait are answered: it is not known whether all have it. */
void dg_api_waiting_destroy(struct dg_api_waiting **waiting);

/* On any thread, before the write; false: all places are taken. */
bool dg_api_wait_take_place(struct dg_api_job *job) DG_MUST_CHECK;
/* Harmless when it has none. */
void dg_api_wait_give_place(struct dg_api_job *job);

/* It wants to wait, has a place, and has written a version. */
bool dg_api_wait_is_due(const struct dg_api_job *job);
/*
 * Until all replicas have job->version or job->wait_ms are over. The reply
 * becomes 202 with who is behind unless all have it.
 */
void dg_api_wait_start(struct dg_api_job *job);

#endif

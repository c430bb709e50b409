/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_access.h - whether the query behind a sealed URI may still go on.
 */
#ifndef DG_PROXY_PRESTO_PAGE_ACCESS_H
#define DG_PROXY_PRESTO_PAGE_ACCESS_H

#include "subject.h"
#include "worker.h"

/*
 * The caller is the sealed principal and has just authenticated. Looks at the
 * policy of this moment: the session user is there and enabled, may be spoken
 * for, may use the cluster. A query that runs is let end under
 * `revocation.running: finish` and when its cluster is merely switched off; a
 * first GET never. Under `kill` what is looked at is user and cluster; the
 * tables of a running query are not decided anew, because the text is not
 * kept. Nor can those of a first GET be: it is CONFLICT when the session
 * user's rules are others than those it was decided by, roles that only the
 * caller's groups give included.
 *
 * target_out (in the arena) is also filled for DENIED and CONFLICT, so that the
 * query can be stopped, when the cluster is there. NOT_FOUND: the cluster is
 * not. UNAVAILABLE: no usable policy. Else DENIED; err is for people.
 */
enum dg_rc dg_page_access(const struct dg_worker *worker,
			  const struct dg_sealed *sealed,
			  const struct dg_caller *caller,
			  struct dg_arena *arena, struct dg_target *target_out,
			  struct dg_error *err) DG_MUST_CHECK;

#endif

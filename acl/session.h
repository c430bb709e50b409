/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - a user with the roles of one session; private to acl/.
 */
#ifndef DG_ACL_SESSION_H
#define DG_ACL_SESSION_H

#include "snapshot.h"

/*
 * The user of a request. With roles of a session that it does not have anyway:
 * a copy in the arena whose closure holds them and all roles above them, and
 * whose `extra` names them. Anyone is a member without a place among the
 * snapshot's: its id is the number of these. *member_out is NULL for an unknown
 * user. LIMIT when the arena is full.
 */
enum dg_rc
dg_acl_session_member(const struct dg_acl_snapshot *snapshot,
		      const struct dg_acl_request *request,
		      struct dg_arena *arena,
		      const struct dg_acl_member **member_out) DG_MUST_CHECK;

#endif

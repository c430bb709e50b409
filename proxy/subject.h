/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.h - as whom the policy is asked.
 *
 * A user, with the roles that the groups of this very session give. They hold
 * for the authenticated user alone: whoever is spoken for comes without them.
 */
#ifndef DG_PROXY_SUBJECT_H
#define DG_PROXY_SUBJECT_H

#include "auth/auth.h"

struct dg_subject {
	struct dg_str user;
	const struct dg_str *roles; /* besides the stored ones */
	size_t n_roles;
	struct dg_str client; /* its address, for rules by network */
};

/*
 * user: the caller, or whom it speaks for. Roles are as of policy, and live as
 * long as policy and arena. LIMIT when the arena is full: refuse then.
 */
enum dg_rc dg_subject_of(const struct dg_store_snapshot *policy,
			 const struct dg_caller *caller, struct dg_str user,
			 struct dg_arena *arena,
			 struct dg_subject *subject_out) DG_MUST_CHECK;

#endif

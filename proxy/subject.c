/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.c - see subject.h.
 */
#include "subject.h"

enum dg_rc
dg_subject_of(const struct dg_store_snapshot *policy,
	      const struct dg_caller *caller, struct dg_str user,
	      struct dg_arena *arena, struct dg_subject *subject_out)
{
	struct dg_subject subject = {.user = user, .client = caller->address};
	enum dg_rc rc = DG_OK;

	if (dg_str_eq(user, caller->name))
		rc = dg_store_group_roles(policy, caller->groups,
					  caller->n_groups, arena,
					  &subject.roles, &subject.n_roles);
	if (rc == DG_OK)
		*subject_out = subject;
	return rc;
}

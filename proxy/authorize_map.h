/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize_map.h - which right of the policy an action of SQL needs.
 *
 * The whole meeting point of the two models. A switch without a default, so
 * that a new action does not compile before somebody has said which privilege
 * it needs. The verbs are the engines' own, because tools and people match on
 * them (protocol.md 5.1).
 */
#ifndef DG_PROXY_AUTHORIZE_MAP_H
#define DG_PROXY_AUTHORIZE_MAP_H

#include "acl/acl.h"
#include "sqlparse/sqlparse.h"

enum dg_authorize_way {
	DG_BY_PRIVILEGE,  /* dg_acl_decide on privilege and kind */
	DG_UNLESS_DENIED, /* the same, but no rule need allow it */
	DG_BY_SIGHT,      /* dg_acl_can_see: any right on it or beneath it */
	DG_NEVER,
};

struct dg_authorize_mapping {
	enum dg_authorize_way way;
	enum dg_acl_privilege privilege;
	enum dg_acl_kind kind;
	const char *verb; /* "select from table", after "Cannot " */
};

struct dg_authorize_mapping dg_authorize_map(enum dg_sql_action action);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - policies and questions as text, so that tests read as tables.
 *
 *     user NAME | role NAME | member ROLE WHO
 *     tag NAME KIND OBJECT [column=a.b]
 *     map CLUSTER CATALOG NAME | observe_cluster NAME | observe_catalog NAME
 *     allow|deny ID WHO,... PRIVILEGE,... KIND OBJECT [columns=a,b]
 *         [except=WHO,...] [clusters=x,y] [networks=N,..] [tags=x,y]
 *         [from=US] [until=US] [reason=TEXT] [break_glass]
 *
 * WHO is a user's name, or @NAME for a role. A question is
 *
 *     USER PRIVILEGE KIND OBJECT [columns=a,b] [all] [known=a,b,c]
 *         [cluster=x] [client=ADDRESS] [roles=a,b] [now=US] [anyone]
 *
 * and its answer "allowed RULE [break_glass]" or "REASON [RULE] [missing=a,b]",
 * "observed " in front of it if it is allowed all the same.
 */
#ifndef DG_TESTS_ACL_WORLD_H
#define DG_TESTS_ACL_WORLD_H

#include "acl/acl.h"

enum { WORLD_LIST_MAX = 32 };

/* Lines end with a newline; the snapshot, or NULL with err. */
struct dg_acl_snapshot *world_build(const char *lines, struct dg_error *err);
/* As above, and fails the test on an error. */
struct dg_acl_snapshot *world(const char *lines);

enum world_how { WORLD_PLAIN, WORLD_CACHED, WORLD_EXPLAINED };

/* The answer lives in static memory until the next call. */
const char *world_ask(struct dg_acl_snapshot *snapshot, const char *question,
		      enum world_how how);
/* "rules=1,2 path=ann -> reader" */
const char *world_explain(struct dg_acl_snapshot *snapshot,
			  const char *question);
bool world_can_see(struct dg_acl_snapshot *snapshot, const char *question);
bool world_has_any(struct dg_acl_snapshot *snapshot, const char *question);

/* Every question in every way of asking. */
struct world_ask {
	const char *question;
	const char *answer;
};
void world_check(const char *lines, const struct world_ask *asks, size_t n);

#define PEOPLE \
	"user ann\nuser bob\nuser Eve\n" \
	"role reader\nrole analyst\nrole steward\n" \
	"member analyst ann\nmember reader @analyst\nmember steward bob\n"
#define CHECK(rules, ...) \
	do { \
		static const struct world_ask asks[] = {__VA_ARGS__}; \
		(void)state; \
		world_check(PEOPLE rules, asks, DG_ARRAY_LEN(asks)); \
	} while (0)

#endif

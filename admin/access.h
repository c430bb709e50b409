/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - what questions about the policy the other way round have in
 * common: the policy, when and from where, and how rights are told.
 */
#ifndef DG_ADMIN_ACCESS_H
#define DG_ADMIN_ACCESS_H

#include "acl/reach.h"
#include "api_private.h"

struct dg_api_asked {
	struct dg_api_job *job;
	struct dg_store_snapshot *policy; /* ref */
	struct dg_arena *arena;           /* owned */
	enum dg_acl_privilege privilege;
	struct dg_str cluster; /* empty: any, or the user's */
	struct dg_acl_request request;
	struct dg_buf ids; /* of rules, to be named */
};

void dg_api_asked_init(struct dg_api_asked *asked, struct dg_api_job *job);
void dg_api_asked_fini(struct dg_api_asked *asked);
/*
 * Parameters as they came; data NULL: not given. The cluster is one of the
 * policy's, or empty. False: answered.
 */
bool dg_api_asked_read(struct dg_api_asked *asked, struct dg_str privilege,
		       struct dg_str cluster, struct dg_str address,
		       struct dg_str time) DG_MUST_CHECK;
/* Whether the user of a request may use the cluster. LIMIT: too much. */
enum dg_rc dg_api_may_use(const struct dg_api_asked *asked,
			  const struct dg_acl_request *who,
			  struct dg_str cluster, bool *may_out) DG_MUST_CHECK;

void dg_api_put_text(struct dg_json_writer *w, const char *key,
		     struct dg_str text);
void dg_api_put_flag(struct dg_json_writer *w, const char *key, bool value);
/* columns, except. */
void dg_api_put_rights(struct dg_json_writer *w,
		       const struct dg_acl_rights *rights);
/* Its number; 0: none. The end names it. */
void dg_api_put_rule(struct dg_api_asked *asked, struct dg_json_writer *w,
		     int64_t id);
/* The privilege, the version, and what the rules that were told are called. */
void dg_api_put_end(struct dg_api_asked *asked, struct dg_json_writer *w);

#endif

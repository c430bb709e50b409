/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_member.h - the members of a QueryResults page that mean something to
 * the gateway (protocol.md 3.1).
 */
#ifndef DG_PROXY_PRESTO_PAGE_MEMBER_H
#define DG_PROXY_PRESTO_PAGE_MEMBER_H

#include "base/str.h"

enum dg_member {
	DG_MEMBER_NEXT, /* the first three as enum dg_uri_kind */
	DG_MEMBER_PARTIAL_CANCEL,
	DG_MEMBER_INFO,
	DG_MEMBER_ID,
	DG_MEMBER_DATA,
	DG_MEMBER_BINARY_DATA,
	DG_MEMBER_STATS,
	DG_MEMBER_ERROR,
	DG_MEMBER_UPDATE_TYPE,
	DG_MEMBER_OTHER,
};

/* By the decoded key; OTHER when it is none of these in any case of letters. */
enum dg_member dg_member_find(struct dg_str key);
struct dg_str dg_member_name(enum dg_member member);
/*
 * Whether a value that begins with c may stand there. INVALID, or UNSUPPORTED
 * for rows that are not in the page (spooled).
 */
enum dg_rc dg_member_check(enum dg_member member, char c) DG_MUST_CHECK;

#endif

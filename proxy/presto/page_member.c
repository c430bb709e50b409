/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_member.c - see page_member.h.
 */
#include "presto/page_member.h"

static const struct dg_str names[] = {
	[DG_MEMBER_NEXT] = DG_STR_INIT("nextUri"),
	[DG_MEMBER_PARTIAL_CANCEL] = DG_STR_INIT("partialCancelUri"),
	[DG_MEMBER_INFO] = DG_STR_INIT("infoUri"),
	[DG_MEMBER_ID] = DG_STR_INIT("id"),
	[DG_MEMBER_DATA] = DG_STR_INIT("data"),
	[DG_MEMBER_BINARY_DATA] = DG_STR_INIT("binaryData"),
	[DG_MEMBER_STATS] = DG_STR_INIT("stats"),
	[DG_MEMBER_ERROR] = DG_STR_INIT("error"),
	[DG_MEMBER_UPDATE_TYPE] = DG_STR_INIT("updateType"),
};

enum dg_member
dg_member_find(struct dg_str key)
{
	for (unsigned i = 0; i < DG_MEMBER_OTHER; i++) {
		if (dg_str_eq_nocase(names[i], key))
			return (enum dg_member)i;
	}
	return DG_MEMBER_OTHER;
}

struct dg_str
dg_member_name(enum dg_member member)
{
	return names[member];
}

enum dg_rc
dg_member_check(enum dg_member member, char c)
{
	switch (member) {
	case DG_MEMBER_NEXT:
	case DG_MEMBER_PARTIAL_CANCEL:
	case DG_MEMBER_INFO:
	case DG_MEMBER_ID:
	case DG_MEMBER_UPDATE_TYPE:
		return c == '"' || c == 'n' ? DG_OK : DG_ERR_INVALID;
	case DG_MEMBER_DATA:
	case DG_MEMBER_BINARY_DATA:
		if (c == '{')
			return DG_ERR_UNSUPPORTED;
		return c == '[' || c == 'n' ? DG_OK : DG_ERR_INVALID;
	case DG_MEMBER_STATS:
	case DG_MEMBER_ERROR:
		return c == '{' || c == 'n' ? DG_OK : DG_ERR_INVALID;
	case DG_MEMBER_OTHER:
		return DG_OK;
	}
	return DG_ERR_INTERNAL;
}

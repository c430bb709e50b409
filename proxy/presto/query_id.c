/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_id.c - see query_id.h.
 */
#include "presto/query_id.h"

bool
dg_query_id_is_valid(struct dg_str id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '_'))
			return false;
	}
	return id.len > 0 && id.len <= DG_QUERY_ID_LEN_MAX;
}

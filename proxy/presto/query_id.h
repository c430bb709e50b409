/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_id.h - what may be called a query id, wherever one is taken from a
 * client or a coordinator and becomes part of a path (protocol.md 5.1).
 */
#ifndef DG_PROXY_PRESTO_QUERY_ID_H
#define DG_PROXY_PRESTO_QUERY_ID_H

#include "base/str.h"

#define DG_QUERY_ID_LEN_MAX 100

/* [_a-z0-9]+ of at most DG_QUERY_ID_LEN_MAX bytes. */
bool dg_query_id_is_valid(struct dg_str id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family.h - the two protocol families, and what differs by name only.
 */
#ifndef DG_PROXY_PRESTO_FAMILY_H
#define DG_PROXY_PRESTO_FAMILY_H

#include "base/str.h"

enum dg_family {
	DG_FAMILY_TRINO,  /* X-Trino-*  */
	DG_FAMILY_PRESTO, /* X-Presto-* */
};

/* "X-Trino-" and "X-Presto-"; "Trino" and "Presto". */
struct dg_str dg_family_prefix(enum dg_family family);
const char *dg_family_name(enum dg_family family);

#endif

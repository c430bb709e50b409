/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family.c - names of the two protocol families. See family.h.
 */
#include "presto/family.h"

struct dg_str
dg_family_prefix(enum dg_family family)
{
	return family == DG_FAMILY_TRINO ? DG_STR("X-Trino-")
					 : DG_STR("X-Presto-");
}

const char *
dg_family_name(enum dg_family family)
{
	return family == DG_FAMILY_TRINO ? "Trino" : "Presto";
}

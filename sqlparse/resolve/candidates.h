/* SPDX-License-Identifier: Apache-2.0 */
/*
 * candidates.h - which sources of a scope may have a name; private to this
 * folder.
 *
 * Which one of several relations has it, nobody can foresee, the processor
 * included: so that is no branch for each of them. Of up to 64 a bit says
 * whether one may, and scope.c looks at those alone. A source without its bit
 * does not have the name for certain.
 */
#ifndef DG_SQLPARSE_RESOLVE_CANDIDATES_H
#define DG_SQLPARSE_RESOLVE_CANDIDATES_H

#include "resolve/resolve.h"

enum { DG_SQL_CANDIDATES_MAX = 64 };

/* By the hash of a column's name, without a qualifier. */
static inline uint64_t
dg_sql_mark_by_column(const struct dg_sql_source *sources, uint32_t n,
		      uint32_t hash)
{
	uint64_t marked = 0;

	for (uint32_t i = 0; i < n; i++) {
		bool may = (sources[i].label == NULL) &
			   dg_sql_set_may_have(sources[i].set, hash);

		marked |= (uint64_t)may << i;
	}
	return marked;
}

/* Names that differ in this are not the same. */
static inline uint64_t
dg_sql_outline(struct dg_str name)
{
	if (name.len == 0)
		return 0;
	return (uint64_t)name.len << 16 |
	       (uint64_t)(unsigned char)name.data[0] << 8 |
	       (unsigned char)name.data[name.len - 1];
}

/* By the outline of a qualifier's last part. */
static inline uint64_t
dg_sql_mark_by_qualifier(const struct dg_sql_source *sources, uint32_t n,
			 uint64_t outline)
{
	uint64_t marked = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct dg_sql_source *source = &sources[i];
		uint32_t n_alias = source->n_alias;
		bool may = source->label != NULL;

		if (n_alias > 0)
			may |= dg_sql_outline(source->alias[n_alias - 1]) ==
			       outline;
		marked |= (uint64_t)may << i;
	}
	return marked;
}

#endif

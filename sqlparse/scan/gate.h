/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.h - what a version of an engine reads; private to this folder.
 *
 * One table, gates.def, beside that of the keywords: the scanner, promote.c,
 * the grammar's actions and the resolver ask here, docs/sql-support.md is
 * written from the same.
 */
#ifndef DG_SQLPARSE_GATE_H
#define DG_SQLPARSE_GATE_H

#include "sqlparse/sqlparse.h"

enum dg_sql_gate {
#define DG_SQL_GATE(id, what, t_since, t_until, p_since, p_until) DG_SQL_G_##id,
#include "scan/gates.def"
#undef DG_SQL_GATE
	DG_SQL_N_GATES
};

/*
 * To compare with the versions of a table: an engine newer than all that we
 * know, or whose version nobody told, is taken for the newest.
 */
static inline unsigned
dg_sql_gate_version(struct dg_sql_engine engine)
{
	if (engine.version == 0 || engine.version >= UINT16_MAX)
		return UINT16_MAX - 1;
	return engine.version;
}

bool dg_sql_has(struct dg_sql_engine engine, enum dg_sql_gate gate);
/* "WITH SESSION": what it is about, to end a sentence with. */
const char *dg_sql_gate_text(enum dg_sql_gate gate);
/* A sentence: which version does not read what, and which is the first. */
void dg_sql_gate_explain(struct dg_sql_engine engine, enum dg_sql_gate gate,
			 char *to, size_t size);
/* The first version of the dialect that has it; 0: each has, or none. */
unsigned dg_sql_gate_since(enum dg_sql_dialect dialect, enum dg_sql_gate gate);

#endif

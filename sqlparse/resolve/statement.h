/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.h - what the files for statements share; private to this
 * folder.
 *
 * statement.c dispatches and does the session's own statements,
 * dml.c those that change rows, ddl.c those that change
 * definitions and rights, show.c those that show what is there,
 * routine.c the bodies of functions.
 */
#ifndef DG_SQLPARSE_RESOLVE_STATEMENT_H
#define DG_SQLPARSE_RESOLVE_STATEMENT_H

#include "resolve/resolve.h"

/* For rights that are not about an object of three parts. */
extern const struct dg_sql_name dg_sql_no_object;

/*
 * A table that the statement acts on. A metadata table means its base; but
 * some catalogs have ordinary tables of such names (memory."t$x" is not t's),
 * so that who changes one needs the right on what was written as well, and
 * nothing may deny the name to who only looks at it.
 */
struct dg_sql_target {
	const struct dg_sql_node *qname;
	struct dg_sql_name written;
	struct dg_sql_name base; /* what was written, unless is_metadata */
	bool is_metadata;
	uint32_t offset;
};

/* ---- targets: dml.c */

bool dg_sql_target_name(struct dg_sql_resolver *r,
			const struct dg_sql_node *qname,
			struct dg_sql_target *target);
bool dg_sql_target_change(struct dg_sql_resolver *r,
			  const struct dg_sql_target *target,
			  enum dg_sql_action action);
/* A right to look at it; a deny of the name as written is heeded. */
bool dg_sql_target_look(struct dg_sql_resolver *r,
			const struct dg_sql_target *target,
			enum dg_sql_action action);
/* SELECT on all its columns; hidden: and on those that `*` leaves out. */
bool dg_sql_target_read(struct dg_sql_resolver *r,
			const struct dg_sql_target *target, bool hidden);
/* Names in an expression that sees the table alone; NULL is fine. */
bool dg_sql_target_where(struct dg_sql_resolver *r,
			 const struct dg_sql_target *target,
			 const struct dg_sql_node *where);
/* The same in one step for a name. */
bool dg_sql_change_table(struct dg_sql_resolver *r,
			 const struct dg_sql_node *qname,
			 enum dg_sql_action action);
bool dg_sql_look_at_table(struct dg_sql_resolver *r,
			  const struct dg_sql_node *qname,
			  enum dg_sql_action action);
bool dg_sql_read_table(struct dg_sql_resolver *r,
		       const struct dg_sql_node *qname, bool hidden);

/* ---- other objects: statement.c */

/* id NULL: the session's catalog, or an error at node. */
bool dg_sql_catalog_name(struct dg_sql_resolver *r,
			 const struct dg_sql_node *node,
			 const struct dg_sql_node *id,
			 struct dg_str *catalog_out);
/* [catalog.]schema; qname NULL: the session's, or an error at node. */
bool dg_sql_schema_name(struct dg_sql_resolver *r,
			const struct dg_sql_node *node,
			const struct dg_sql_node *qname,
			struct dg_sql_name *object_out);
/* A right on a function or procedure: [catalog.][schema.]name. */
bool dg_sql_add_routine_right(struct dg_sql_resolver *r,
			      const struct dg_sql_node *qname,
			      enum dg_sql_action action);
/* Constants, says the engine; a subquery parses, so its tables are read. */
bool dg_sql_resolve_properties(struct dg_sql_resolver *r,
			       const struct dg_sql_node *list);

/* ---- statements, by theme; false for those of another theme too */

bool dg_sql_resolve_dml(struct dg_sql_resolver *r,
			const struct dg_sql_node *node);
bool dg_sql_resolve_ddl(struct dg_sql_resolver *r,
			const struct dg_sql_node *node);
bool dg_sql_resolve_rights(struct dg_sql_resolver *r,
			   const struct dg_sql_node *node);
bool dg_sql_resolve_show(struct dg_sql_resolver *r,
			 const struct dg_sql_node *node);

#endif

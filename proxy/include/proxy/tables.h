/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - tables and their columns as somebody tells them, in place of a
 * coordinator: {"catalog": {"schema": {"table": ["column", ...]}}}. A view can
 * be told as such: {"columns": [...], "view": its query or CREATE statement,
 * "rights": "reader" or "owner"}.
 */
#ifndef DG_PROXY_TABLES_H
#define DG_PROXY_TABLES_H

#include "base/error.h"
#include "base/json.h"
#include "sqlparse/sqlparse.h"

struct dg_tables; /* immutable but for scratch: one thread at a time */

/*
 * Copies what it needs of the document. Names are taken as they are; they
 * should be in lower case. A column is "name" or ["name", "type"]. INVALID
 * when it has another form, LIMIT beyond max_bytes.
 */
enum dg_rc dg_tables_create(const struct dg_json *root, size_t max_bytes,
			    struct dg_tables **tables_out,
			    struct dg_error *err) DG_MUST_CHECK;
void dg_tables_destroy(struct dg_tables **tables);

/* FOUND or ABSENT. The columns live as long as tables. */
enum dg_sql_lookup dg_tables_find(const struct dg_tables *tables,
				  const struct dg_sql_name *table,
				  struct dg_sql_columns *columns_out);

/* Of each table of such a document, until done is not OK, which is returned. */
typedef enum dg_rc (*dg_tables_fn)(void *arg, const struct dg_sql_name *table,
				   const struct dg_json *columns);
enum dg_rc dg_tables_each(const struct dg_json *root, dg_tables_fn done,
			  void *arg);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog_file.h - tables and their columns from a JSON file, in place of a
 * coordinator: {"catalog": {"schema": {"table": ["column", ...]}}}.
 */
#ifndef DG_CLI_CATALOG_FILE_H
#define DG_CLI_CATALOG_FILE_H

#include "base/error.h"
#include "base/json.h"
#include "sqlparse/sqlparse.h"

struct dg_catalog_file;

/* Names in the file are taken as they are; they should be in lower case. */
enum dg_rc dg_catalog_file_load(const char *path,
				struct dg_catalog_file **tables_out,
				struct dg_error *err) DG_MUST_CHECK;
/* Of each table of such a document, until done is not OK, which is returned. */
typedef enum dg_rc (*dg_catalog_table_fn)(void *arg,
					  const struct dg_sql_name *table,
					  const struct dg_json *columns);
enum dg_rc dg_catalog_tables(const struct dg_json *root,
			     dg_catalog_table_fn done, void *arg);
void dg_catalog_file_destroy(struct dg_catalog_file **tables);

/* FOUND or ABSENT. The columns live as long as tables. */
enum dg_sql_lookup dg_catalog_file_find(const struct dg_catalog_file *tables,
					const struct dg_sql_name *table,
					struct dg_sql_columns *columns_out);

#endif

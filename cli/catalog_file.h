/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog_file.h - tables and their columns (proxy/tables.h) from a file.
 */
#ifndef DG_CLI_CATALOG_FILE_H
#define DG_CLI_CATALOG_FILE_H

#include "proxy/tables.h"

/* The document; destroy it. */
enum dg_rc dg_catalog_file_read(const char *path, struct dg_json **root_out,
				struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_catalog_file_load(const char *path, struct dg_tables **tables_out,
				struct dg_error *err) DG_MUST_CHECK;

#endif

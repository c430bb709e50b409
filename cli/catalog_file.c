/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog_file.c - see catalog_file.h.
 */
#include "catalog_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stream.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define TABLES_MAX_BYTES ((size_t)512 << 20)

static enum dg_rc
read_file(const char *path, struct dg_buf *text, struct dg_error *err)
{
	FILE *in = fopen(path, "rb");
	enum dg_rc rc;

	if (in == NULL)
		return dg_error_set(err, DG_ERR_IO, "%s", strerror(errno));
	rc = dg_cli_stream_read(in, text);
	if (rc == DG_ERR_LIMIT)
		dg_error_set(err, rc, "The file is too large.");
	else if (rc != DG_OK)
		dg_error_set(err, rc, "%s", strerror(errno));
	fclose(in);
	return rc;
}

enum dg_rc
dg_catalog_file_read(const char *path, struct dg_json **root_out,
		     struct dg_error *err)
{
	struct dg_buf text;
	enum dg_rc rc;

	dg_buf_init(&text, FILE_MAX_BYTES);
	rc = read_file(path, &text, err);
	if (rc == DG_OK)
		rc = dg_json_parse(dg_buf_peek(&text), FILE_MAX_BYTES, root_out,
				   err);
	if (rc != DG_OK)
		dg_error_wrap(err, "%s", path);
	dg_buf_fini(&text);
	return rc;
}

enum dg_rc
dg_catalog_file_load(const char *path, struct dg_tables **tables_out,
		     struct dg_error *err)
{
	struct dg_json *root = NULL;
	enum dg_rc rc = dg_catalog_file_read(path, &root, err);

	if (rc != DG_OK)
		return rc;
	rc = dg_tables_create(root, TABLES_MAX_BYTES, tables_out, err);
	if (rc != DG_OK)
		dg_error_wrap(err, "%s", path);
	dg_json_destroy(&root);
	return rc;
}

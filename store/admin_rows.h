/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_rows.h - rows of datagateway.admins as acl takes them; private to
 * store/.
 */
#ifndef DG_STORE_ADMIN_ROWS_H
#define DG_STORE_ADMIN_ROWS_H

#include "acl/admin.h"
#include "base/pg.h"

struct dg_store_admin_texts {
	struct dg_str role;
	const struct dg_str *catalogs;
	size_t n_catalogs;
	const struct dg_str *schemas; /* catalog.schema */
	size_t n_schemas;
	const struct dg_str *tags;
	size_t n_tags;
};
/* Checked; borrows the texts, the rest is in the arena. */
enum dg_rc dg_store_admin_make(const struct dg_store_admin_texts *texts,
			       struct dg_arena *arena,
			       struct dg_acl_admin *admin_out,
			       struct dg_error *err) DG_MUST_CHECK;
/* role, catalogs, schemas, tags, from column on; all in the arena. */
enum dg_rc dg_store_admin_read(const struct dg_row *row, size_t column,
			       struct dg_arena *arena,
			       struct dg_acl_admin *admin_out,
			       struct dg_error *err) DG_MUST_CHECK;

#endif

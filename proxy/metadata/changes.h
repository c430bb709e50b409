/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.h - which tables a statement changes, so that their columns can be
 * forgotten: when it is decided, and again when the engine has ended it.
 */
#ifndef DG_PROXY_METADATA_CHANGES_H
#define DG_PROXY_METADATA_CHANGES_H

#include "metadata/metadata.h"

/*
 * Bytes that ride in a sealed URI; empty when nothing is changed. Names that
 * are too many stand for every table there is.
 */
enum dg_rc dg_changes_encode(const struct dg_sql_analysis *analysis,
			     struct dg_arena *arena,
			     struct dg_str *changes_out) DG_MUST_CHECK;
/* What cannot be read stands for every table as well. */
void dg_changes_forget(struct dg_metadata *metadata, struct dg_str cluster,
		       struct dg_str changes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_rows.h - rows of the policy, on their way into a snapshot; private to
 * store/.
 *
 * init, then begin or change, then rows (after begin: all of all tables, in
 * order), then finish; begin and change may start anew at any time. After an
 * error there is nothing to do but that, or fini. Errors are in err.
 */
#ifndef DG_STORE_POLICY_ROWS_H
#define DG_STORE_POLICY_ROWS_H

#include "base/row.h"
#include "rule_row.h"
#include "snapshot.h"

enum { DG_POLICY_COLUMNS_MAX = DG_STORE_RULE_CELLS };

struct dg_policy_intake {
	size_t max_bytes;
	bool is_change;
	struct dg_store_snapshot *snapshot; /* owned */
	struct dg_acl_builder *builder;     /* owned */
	struct dg_arena *scratch;           /* owned; reset for each row */
	struct dg_store_cluster *clusters;  /* owned, until copied */
	struct dg_error err;
};

/* What is read of a version: a COPY, and what takes its rows. */
struct dg_policy_table {
	const char *sql;
	enum dg_rc (*take)(struct dg_policy_intake *in,
			   const struct dg_row *row);
	size_t n_columns;
};
extern const struct dg_policy_table dg_policy_tables[];
extern const size_t dg_policy_n_tables;

void dg_policy_intake_init(struct dg_policy_intake *in, size_t max_bytes);
void dg_policy_intake_fini(struct dg_policy_intake *in);
/* stamp: shorter than DG_STORE_STAMP_MAX. */
void dg_policy_intake_begin(struct dg_policy_intake *in, int64_t version,
			    struct dg_str stamp);
/* Only rules will come and go. False: base cannot be changed, begin anew. */
bool dg_policy_intake_change(struct dg_policy_intake *in,
			     const struct dg_store_snapshot *base,
			     int64_t version, struct dg_str stamp);
/* A line of a table's COPY, without its newline; changed in place. */
enum dg_rc dg_policy_take_line(struct dg_policy_intake *in, size_t table,
			       char *line, size_t len) DG_MUST_CHECK;
/* A rule (DG_STORE_RULE_COLUMNS) as it is; of a change, one that was. */
enum dg_rc dg_policy_take_rule(struct dg_policy_intake *in,
			       const struct dg_row *row) DG_MUST_CHECK;
enum dg_rc dg_policy_take_former(struct dg_policy_intake *in,
				 const struct dg_row *row) DG_MUST_CHECK;
/* Makes it immutable; the one reference is the caller's. */
enum dg_rc
dg_policy_intake_finish(struct dg_policy_intake *in,
			struct dg_store_snapshot **snapshot_out) DG_MUST_CHECK;

#endif

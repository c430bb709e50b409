/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_spool.h - audit records on disk while Postgres is away; private to
 * store/.
 *
 * Segments PATH.NUMBER, sealed, written to their end and read from their
 * start, oldest first. What append has taken is durable: it waits for the disk.
 * Not locked: one thread at a time.
 */
#ifndef DG_STORE_AUDIT_SPOOL_H
#define DG_STORE_AUDIT_SPOOL_H

#include "store/store.h"

/* LIMIT: it is full; IO: the disk does not take it. Nothing was taken then. */
enum dg_rc dg_audit_spool_append(struct dg_audit_spool *spool,
				 struct dg_str batch,
				 struct dg_error *err) DG_MUST_CHECK;
bool dg_audit_spool_is_empty(const struct dg_audit_spool *spool);
uint64_t dg_audit_spool_bytes(const struct dg_audit_spool *spool);
/*
 * The next batch of the oldest segment; it lives until the next call.
 * *at_end_out: there is none left in it, forget it when all are settled. What
 * cannot be read is put aside under another name, and said so in the log.
 */
enum dg_rc dg_audit_spool_next(struct dg_audit_spool *spool,
			       struct dg_str *batch_out, bool *at_end_out,
			       struct dg_error *err) DG_MUST_CHECK;
/* The segment that was read to its end goes. */
void dg_audit_spool_forget(struct dg_audit_spool *spool);
/* Its first batch comes again. */
void dg_audit_spool_rewind(struct dg_audit_spool *spool);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - from workers to the audit writer of the control thread.
 *
 * A decision is durable before the first GET of the statement goes upstream:
 * dg_audit_decision calls back when Postgres has committed it (group commit).
 * Every record is a log line as well. The spool is bounded; full = refuse.
 */
#ifndef DG_PROXY_AUDIT_AUDIT_H
#define DG_PROXY_AUDIT_AUDIT_H

#include "store/store.h"

struct dg_audit; /* shared by all workers, owned by the gateway */

/*
 * text_max: longer texts of a record are cut, a longer access list left out.
 * memory_max: bytes that decisions take until their answer is back.
 */
struct dg_audit *dg_audit_create(struct dg_loop *control,
				 const struct dg_store_audit_config *config,
				 size_t text_max, size_t memory_max);
/* When no worker runs any more. */
void dg_audit_destroy(struct dg_audit **audit);
/* Records that are not settled yet. Any thread. */
size_t dg_audit_pending(const struct dg_audit *audit);

struct dg_audit_call;
typedef void (*dg_audit_fn)(void *arg, enum dg_rc rc);
/*
 * From a worker's loop; done is called on it. The record is copied.
 * UNAVAILABLE at once when the spool is full (call is NULL, no callback).
 */
enum dg_rc dg_audit_decision(struct dg_audit *audit, struct dg_loop *loop,
			     const struct dg_store_audit_decision *record,
			     dg_audit_fn done, void *arg,
			     struct dg_audit_call **call_out) DG_MUST_CHECK;
void dg_audit_cancel(struct dg_audit_call **call);
/*
 * Fire and forget, from any thread. When as many ends as the spool holds wait
 * already, it is only logged.
 */
void dg_audit_end(struct dg_audit *audit, const struct dg_store_audit_end *end);

#endif

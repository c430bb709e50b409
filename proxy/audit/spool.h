/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - the audit's spool on disk, as the configuration has it.
 */
#ifndef DG_PROXY_AUDIT_SPOOL_H
#define DG_PROXY_AUDIT_SPOOL_H

#include "config.h"
#include "store/store.h"

/* NULL where audit.spool_file is not set. */
enum dg_rc dg_audit_spool_configured(const struct dg_config *config,
				     struct dg_audit_spool **spool_out,
				     struct dg_error *err) DG_MUST_CHECK;

#endif

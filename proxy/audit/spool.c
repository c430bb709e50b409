/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.c - see spool.h. What a spool is stands in store/audit_spool.h.
 */
#include "audit/spool.h"

#include "proxy/config.h"

enum { KEY_MAX = 1024 };

enum dg_rc
dg_audit_spool_configured(const struct dg_config *config,
			  struct dg_audit_spool **spool_out,
			  struct dg_error *err)
{
	struct dg_str key;
	enum dg_rc rc;

	*spool_out = NULL;
	if (config->audit_spool_file[0] == '\0')
		return DG_OK;
	rc = dg_secret_read(dg_str_from_cstr(config->audit_spool_key), KEY_MAX,
			    &key, err);
	if (rc == DG_OK) {
		rc = dg_audit_spool_open(config->audit_spool_file, key,
					 (uint64_t)config->audit_spool_size,
					 spool_out, err);
		dg_secret_free(&key);
	}
	return rc == DG_OK ? rc : dg_error_wrap(err, "audit.spool_file");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the configuration: one table of options (config.def), one YAML
 * file, one immutable struct.
 *
 * From the table come the struct's members, the parser, the checks,
 * docs/configuration.md and the test of the sample file. Loading is in the
 * public header; what only the running gateway needs is here.
 */
#ifndef DG_PROXY_CONFIG_H
#define DG_PROXY_CONFIG_H

#include "proxy/config.h"

/* Values of the DG_OPT_ENUM options, in the order of their rows. */
enum dg_config_revocation { DG_REVOCATION_FINISH, DG_REVOCATION_KILL };
enum dg_config_disclose { DG_DISCLOSE_FULL, DG_DISCLOSE_MINIMAL };
enum dg_config_presto_columns {
	DG_PRESTO_COLUMNS_ALL,
	DG_PRESTO_COLUMNS_UTILIZED,
};
enum dg_config_username_case { DG_USERNAME_KEEP, DG_USERNAME_LOWER };

/*
 * One member a row: char * (never NULL, owned), int64_t, bool, int (index of
 * the value), or char ** with n_MEMBER. Members in units of their row.
 */
struct dg_config {
#define DG_OPT_STR(member, path, def, reload, help) char *member;
#define DG_OPT_INT(member, path, def, min, max, unit, reload, help) \
	int64_t member;
#define DG_OPT_BOOL(member, path, def, reload, help) bool member;
#define DG_OPT_ENUM(member, path, def, values, reload, help) int member;
#define DG_OPT_LIST(member, path, reload, help) \
	char **member; \
	size_t n_##member;
#include "config.def"
#undef DG_OPT_STR
#undef DG_OPT_INT
#undef DG_OPT_BOOL
#undef DG_OPT_ENUM
#undef DG_OPT_LIST
};

/*
 * Reload takes effect as a whole or not at all: CONFLICT, with the paths of
 * the options that differ but cannot change while running, into why_out.
 */
enum dg_rc dg_config_check_reload(const struct dg_config *running,
				  const struct dg_config *fresh,
				  struct dg_buf *why_out) DG_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the configuration: one table of options (config.def), one YAML
 * file, one immutable struct.
 *
 * From the table come the struct's members, the parser, the checks, `--help`
 * of check-config, docs/configuration.md and the test of the sample file. All
 * errors of a file are reported at once, with line numbers.
 */
#ifndef DG_PROXY_CONFIG_H
#define DG_PROXY_CONFIG_H

#include "base/buf.h"

struct dg_config {
#define DG_OPT_STR(member, path, def, reload, help) char *member;
#define DG_OPT_INT(member, path, def, min, max, unit, reload, help)            \
	int64_t member;
#define DG_OPT_BOOL(member, path, def, reload, help) bool member;
#define DG_OPT_ENUM(member, path, def, values, reload, help) int member;
#define DG_OPT_LIST(member, path, reload, help)                                \
	char **member;                                                         \
	size_t n_##member;
#include "config.def"
#undef DG_OPT_STR
#undef DG_OPT_INT
#undef DG_OPT_BOOL
#undef DG_OPT_ENUM
#undef DG_OPT_LIST
};

/* All errors, a line each ("gateway.yaml:12: ..."), into errors_out. */
enum dg_rc dg_config_load(const char *file, struct dg_config **config_out,
			  struct dg_buf *errors_out) DG_MUST_CHECK;
enum dg_rc dg_config_parse(struct dg_str yaml, const char *name,
			   struct dg_config **config_out,
			   struct dg_buf *errors_out) DG_MUST_CHECK;
void dg_config_destroy(struct dg_config **config);
/* docs/configuration.md */
enum dg_rc dg_config_reference(struct dg_buf *out) DG_MUST_CHECK;

/*
 * A secret by reference: "file:PATH" (trailing newline cut), "env:NAME".
 * Wipe and free with dg_secret_free.
 */
enum dg_rc dg_secret_read(struct dg_str reference, size_t max,
			  struct dg_str *out, struct dg_error *err) DG_MUST_CHECK;
void dg_secret_free(struct dg_str *secret);

#endif

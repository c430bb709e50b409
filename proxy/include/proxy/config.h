/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - loading and checking the configuration file; for the command line.
 *
 * The struct itself is the proxy's own (proxy/config.h). All errors of a file
 * are reported at once, with line numbers; a file with an error is refused as
 * a whole.
 */
#ifndef DG_PROXY_PUBLIC_CONFIG_H
#define DG_PROXY_PUBLIC_CONFIG_H

#include "base/buf.h"

struct dg_config;

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
 * The Postgres connection string, its reference resolved. NUL-terminated and
 * maybe with a password in it: give it back with dg_secret_free.
 */
enum dg_rc dg_config_conninfo(const struct dg_config *config,
			      struct dg_str *out,
			      struct dg_error *err) DG_MUST_CHECK;
/* Of the admin listener; borrowed from config, "" for what is not set. */
struct dg_config_admin {
	const char *listen;
	const char *tls_certificate;
	const char *tls_key;
	const char *api_conninfo; /* or a reference to one; "": no API */
	unsigned audit_days;      /* to keep; 0: everything */
};
struct dg_config_admin dg_config_admin(const struct dg_config *config);
/* As dg_config_conninfo, of the admin API. */
enum dg_rc dg_config_api_conninfo(const struct dg_config *config,
				  struct dg_str *out,
				  struct dg_error *err) DG_MUST_CHECK;

/*
 * A secret by reference: "file:PATH" (trailing newlines cut), "env:NAME".
 * Always followed by a NUL; INVALID when it holds one, is empty or is longer
 * than max. Wipe and free with dg_secret_free.
 */
enum dg_rc dg_secret_read(struct dg_str reference, size_t max,
			  struct dg_str *out,
			  struct dg_error *err) DG_MUST_CHECK;
void dg_secret_free(struct dg_str *secret);
bool dg_secret_is_reference(struct dg_str text);

#endif

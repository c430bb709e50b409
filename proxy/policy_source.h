/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_source.h - where the gateway has its policy from, before it follows
 * it: a schema that is up to date, and a file for when Postgres is away.
 */
#ifndef DG_PROXY_POLICY_SOURCE_H
#define DG_PROXY_POLICY_SOURCE_H

#include "config.h"
#include "store/store.h"

/*
 * postgres.migrate. Drives the loop until it is done. With a policy file, a
 * Postgres that does not answer is no error: the schema stays as it is.
 */
enum dg_rc dg_policy_source_migrate(const struct dg_config *config,
				    const char *conninfo, struct dg_loop *loop,
				    struct dg_error *err) DG_MUST_CHECK;
/* NULL where policy.snapshot_file is not set. Starts a thread. */
enum dg_rc dg_policy_source_saver(const struct dg_config *config,
				  const char *conninfo, struct dg_loop *loop,
				  struct dg_store_saver **saver_out,
				  struct dg_error *err) DG_MUST_CHECK;

#endif

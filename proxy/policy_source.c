/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_source.c - see policy_source.h. What it does is done once, at the
 * start; from then on the follower and its saver are by themselves.
 */
#include "policy_source.h"

#include "base/log.h"
#include "proxy/config.h"

enum {
	MIGRATE_TIMEOUT_MS = 300000,
	CONNECT_TIMEOUT_MS = 10000, /* where there is a file to fall back to */
	QUEUE_MAX = 16,
	KEY_MAX = 1024,
};

/* ---- the schema --------------------------------------------------------- */

struct reach {
	bool up;
	bool down;
};

static void
on_state(void *arg, bool connected, const char *why DG_UNUSED)
{
	struct reach *reach = arg;

	reach->up = reach->up || connected;
	reach->down = !connected;
}

/* Whether it answers at all; only asked where that is no condition. */
static bool
answers(const struct dg_config *config, struct dg_loop *loop,
	const struct reach *reach)
{
	if (config->policy_snapshot_file[0] == '\0')
		return true;
	while (!reach->up && !reach->down)
		dg_loop_run_once(loop);
	return reach->up;
}

enum dg_rc
dg_policy_source_migrate(const struct dg_config *config, const char *conninfo,
			 struct dg_loop *loop, struct dg_error *err)
{
	bool has_file = config->policy_snapshot_file[0] != '\0';
	struct reach reach = {.up = false};
	const struct dg_pg_config pg_config = {
		.name = "migrate",
		.conninfo = conninfo,
		.connect_timeout_ms =
			has_file ? CONNECT_TIMEOUT_MS : MIGRATE_TIMEOUT_MS,
		.query_timeout_ms = MIGRATE_TIMEOUT_MS,
		.queue_max = QUEUE_MAX,
		.on_state = on_state,
		.arg = &reach,
	};
	struct dg_pg *pg;
	unsigned applied = 0;
	enum dg_rc rc = DG_OK;

	if (!config->postgres_migrate)
		return DG_OK;
	pg = dg_pg_create(loop, &pg_config);
	if (answers(config, loop, &reach)) {
		rc = dg_store_migrate(pg, loop, &applied, err);
		if (rc == DG_OK)
			dg_log_info(NULL, "store.migrated",
				    DG_FIELDS(DG_LOG_INT("steps", applied)),
				    "the schema is up to date");
	} else {
		dg_log_warn(NULL, "store.not_migrated", DG_NO_FIELDS,
			    "Postgres does not answer: the schema is left as "
			    "it is; if it is an older one, start again when "
			    "Postgres answers");
	}
	dg_pg_destroy(&pg);
	return rc == DG_OK ? rc : dg_error_wrap(err, "postgres.migrate");
}

/* ---- the file ----------------------------------------------------------- */

enum dg_rc
dg_policy_source_saver(const struct dg_config *config, const char *conninfo,
		       struct dg_loop *loop, struct dg_store_saver **saver_out,
		       struct dg_error *err)
{
	struct dg_store_saver_config saver = {
		.path = config->policy_snapshot_file,
		.conninfo = conninfo,
		.interval_ms = (unsigned)config->policy_snapshot_interval_ms,
	};
	struct dg_str key;
	enum dg_rc rc;

	*saver_out = NULL;
	if (saver.path[0] == '\0')
		return DG_OK;
	rc = dg_secret_read(dg_str_from_cstr(config->policy_snapshot_key),
			    KEY_MAX, &key, err);
	if (rc == DG_OK) {
		saver.key = key;
		rc = dg_store_saver_create(loop, &saver, saver_out, err);
		dg_secret_free(&key);
	}
	return rc == DG_OK ? rc : dg_error_wrap(err, "policy.snapshot_key");
}

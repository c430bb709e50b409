/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres.c - see postgres.h. A conninfo may hold a password: it is wiped as
 * soon as the connection has its own copy, and never shown.
 */
#include "postgres.h"

#include <stdio.h>

#include "base/log.h"
#include "command.h"
#include "proxy/config.h"

enum {
	ERRORS_MAX = 1 << 20,
	CONNECT_TIMEOUT_MS = 10000,
	QUERY_TIMEOUT_MS = 600000, /* a large policy, a long lock */
	QUEUE_MAX = 4,
	MAILBOX_MAX = 4,
	POLL_MS = 1000,
	POLICY_TIMEOUT_MS = 60000,
	POLICY_MAX_BYTES = 1 << 30,
};

static bool
read_config(const char *command, const char *file, struct dg_str *conninfo_out)
{
	struct dg_config *config = NULL;
	struct dg_error err = {0};
	struct dg_buf errors;
	bool ok;

	dg_buf_init(&errors, ERRORS_MAX);
	ok = dg_config_load(file, &config, &errors) == DG_OK;
	if (!ok)
		fprintf(stderr, "%.*s", DG_STR_ARG(dg_buf_peek(&errors)));
	dg_buf_fini(&errors);
	if (ok && dg_config_conninfo(config, conninfo_out, &err) != DG_OK) {
		dg_cli_complain(command, "%s", err.text);
		ok = false;
	}
	dg_config_destroy(&config);
	return ok;
}

/* Free the secret, if there is one, when conninfo was copied. */
static bool
find_conninfo(const char *command, const struct dg_cli_database *database,
	      const char **conninfo_out, struct dg_str *secret_out)
{
	*secret_out = dg_str_make(NULL, 0);
	*conninfo_out = database->conninfo;
	if (database->conninfo != NULL)
		return true;
	if (!read_config(command, database->config_file, secret_out))
		return false;
	*conninfo_out = secret_out->data;
	return true;
}

bool
dg_cli_database_option(struct dg_cli_database *database, int option,
		       const char *value)
{
	if (option == 'c')
		database->config_file = value;
	else if (option == 'd')
		database->conninfo = value;
	return option == 'c' || option == 'd';
}

bool
dg_cli_database_is_given(const char *command,
			 const struct dg_cli_database *database)
{
	if ((database->conninfo == NULL) != (database->config_file == NULL))
		return true;
	(void)dg_cli_usage_error(command, "one of -c and -d is needed");
	return false;
}

/* Better to know in seconds that there is no server than in minutes. */
static bool
probe(const char *command, struct dg_loop *loop, struct dg_pg_config config)
{
	struct dg_error err = {0};
	struct dg_pg *pg;
	enum dg_rc rc;

	config.query_timeout_ms = CONNECT_TIMEOUT_MS;
	pg = dg_pg_create(loop, &config);
	rc = dg_pg_script_wait(pg, loop, "SELECT 1", &err);
	dg_pg_destroy(&pg);
	if (rc != DG_OK)
		dg_cli_complain(command, "%s", err.text);
	return rc == DG_OK;
}

bool
dg_cli_postgres_open(const char *command,
		     const struct dg_cli_database *database,
		     struct dg_cli_postgres *postgres_out)
{
	struct dg_str secret;
	struct dg_pg_config config = {
		.name = "admin",
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.query_timeout_ms = QUERY_TIMEOUT_MS,
		.queue_max = QUEUE_MAX,
		.fail_fast = false,
	};

	if (!find_conninfo(command, database, &config.conninfo, &secret))
		return false;
	dg_log_set_level(DG_LOG_ERROR); /* warnings come back as errors */
	postgres_out->pg = NULL;
	postgres_out->loop = dg_loop_create("cli", MAILBOX_MAX);
	if (probe(command, postgres_out->loop, config))
		postgres_out->pg = dg_pg_create(postgres_out->loop, &config);
	dg_secret_free(&secret);
	if (postgres_out->pg == NULL)
		dg_loop_destroy(&postgres_out->loop);
	return postgres_out->pg != NULL;
}

struct arrival {
	struct dg_store_snapshot *policy;
	bool is_late;
};

static void
on_policy(void *arg, struct dg_store_snapshot *policy)
{
	struct arrival *arrival = arg;

	if (arrival->policy == NULL)
		arrival->policy = dg_store_snapshot_ref(policy);
}

static void
on_late(void *arg)
{
	struct arrival *arrival = arg;

	arrival->is_late = true;
}

bool
dg_cli_postgres_policy(const char *command,
		       const struct dg_cli_database *database,
		       struct dg_cli_postgres *postgres,
		       struct dg_store_snapshot **policy_out)
{
	struct arrival arrival = {.policy = NULL};
	struct dg_str secret;
	struct dg_store_follower_config config = {
		.poll_ms = POLL_MS,
		.snapshot_max_bytes = POLICY_MAX_BYTES,
		.on_snapshot = on_policy,
		.arg = &arrival,
	};
	struct dg_store_follower *follower;
	struct dg_timer late = {0};

	if (!find_conninfo(command, database, &config.conninfo, &secret))
		return false;
	follower = dg_store_follower_create(postgres->loop, &config);
	dg_secret_free(&secret);
	dg_timer_start(&late, postgres->loop, POLICY_TIMEOUT_MS, on_late,
		       &arrival);
	while (arrival.policy == NULL && !arrival.is_late)
		dg_loop_run_once(postgres->loop);
	dg_timer_fini(&late);
	dg_store_follower_destroy(&follower);
	*policy_out = arrival.policy;
	if (arrival.policy == NULL)
		dg_cli_complain(command, "the policy cannot be loaded");
	return arrival.policy != NULL;
}

void
dg_cli_postgres_close(struct dg_cli_postgres *postgres)
{
	dg_pg_destroy(&postgres->pg);
	dg_loop_destroy(&postgres->loop);
}

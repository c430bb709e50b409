/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c - brings the schema up to date, one numbered step at a time.
 *
 * A step is one simple query, hence one transaction, that takes an advisory
 * lock first and then looks again which version it finds: of any number of
 * programs that migrate at once, one does each step.
 */
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "migrations.h"
#include "store/store.h"

/* Any constant will do, as long as it stays the same. */
#define LOCK "SELECT pg_advisory_xact_lock(4919131752989213764);\n"

enum { SCRIPT_MAX_BYTES = 4 << 20 };

/* Raised by a step that finds its work done by somebody else. */
#define SQLSTATE_DONE "DG002"

static const char bootstrap[] =
	LOCK "CREATE SCHEMA IF NOT EXISTS datagateway;\n"
	     "CREATE TABLE IF NOT EXISTS datagateway.schema_version (\n"
	     "  version integer PRIMARY KEY,\n"
	     "  name text NOT NULL,\n"
	     "  applied_at timestamptz NOT NULL DEFAULT now());\n";

unsigned
dg_store_schema_version(void)
{
	unsigned n = 0;

	while (dg_store_migrations[n].name != NULL)
		n++;
	return n;
}

struct number {
	int64_t value;
};

static void
on_number(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err DG_UNUSED)
{
	struct number *number = arg;

	if (rc != DG_OK || dg_pg_rows(result) != 1 ||
	    dg_str_to_i64(dg_pg_get(result, 0, 0), &number->value) != DG_OK)
		number->value = -1;
}

static enum dg_rc
ask_number(struct dg_pg *pg, struct dg_loop *loop, const char *sql,
	   int64_t *value_out, struct dg_error *err)
{
	struct number number = {-1};
	enum dg_rc rc = dg_pg_query_wait(pg, loop, sql, NULL, 0, on_number,
					 &number, err);

	if (rc == DG_OK && number.value < 0)
		rc = dg_error_set(err, DG_ERR_INTERNAL,
				  "Postgres did not answer with a number");
	*value_out = number.value;
	return rc;
}

static enum dg_rc
find_version(struct dg_pg *pg, struct dg_loop *loop, int64_t *version_out,
	     struct dg_error *err)
{
	int64_t exists;
	enum dg_rc rc;

	rc = ask_number(pg, loop,
			"SELECT (to_regclass('datagateway.schema_version') "
			"IS NOT NULL)::int",
			&exists, err);
	if (rc == DG_OK && exists == 0)
		rc = dg_pg_script_wait(pg, loop, bootstrap, err);
	if (rc == DG_OK)
		rc = ask_number(pg, loop,
				"SELECT coalesce(max(version), 0) "
				"FROM datagateway.schema_version",
				version_out, err);
	return rc;
}

static enum dg_rc
run_step(struct dg_pg *pg, struct dg_loop *loop, unsigned number,
	 struct dg_error *err)
{
	const struct dg_store_migration *m = &dg_store_migrations[number - 1];
	struct dg_buf script;
	char *text = NULL;
	enum dg_rc rc;

	dg_buf_init(&script, SCRIPT_MAX_BYTES);
	rc = dg_buf_appendf(&script,
			    LOCK
			    "DO $check$ BEGIN\n"
			    "IF (SELECT coalesce(max(version), 0)\n"
			    "    FROM datagateway.schema_version) <> %u THEN\n"
			    "  RAISE EXCEPTION 'done by another program'\n"
			    "    USING ERRCODE = '" SQLSTATE_DONE "';\n"
			    "END IF; END $check$;\n",
			    number - 1);
	if (rc == DG_OK)
		rc = dg_buf_append(&script, dg_str_from_cstr(m->sql));
	if (rc == DG_OK)
		rc = dg_buf_appendf(&script,
				    ";INSERT INTO datagateway.schema_version\n"
				    "(version, name) VALUES (%u, '%s');\n",
				    number, m->name);
	if (rc == DG_OK)
		rc = dg_str_to_cstr(dg_buf_peek(&script), &text);
	dg_buf_fini(&script);
	if (rc == DG_OK)
		rc = dg_pg_script_wait(pg, loop, text, err);
	dg_free(text);
	return rc;
}

/*
 * Whoever may not create roles or give rights away can still migrate; then
 * replicas need another role that may read these tables.
 */
static enum dg_rc
run_grants(struct dg_pg *pg, struct dg_loop *loop, struct dg_error *err)
{
	struct dg_buf script;
	char *text = NULL;
	enum dg_rc rc;

	dg_buf_init(&script, SCRIPT_MAX_BYTES);
	rc = dg_buf_append(&script, DG_STR(LOCK));
	if (rc == DG_OK)
		rc = dg_buf_append(&script, dg_str_from_cstr(dg_store_grants));
	if (rc == DG_OK)
		rc = dg_str_to_cstr(dg_buf_peek(&script), &text);
	dg_buf_fini(&script);
	if (rc == DG_OK)
		rc = dg_pg_script_wait(pg, loop, text, err);
	dg_free(text);
	if (rc != DG_ERR_DENIED)
		return rc;
	dg_log_warn(NULL, "store.no_grants", DG_NO_FIELDS,
		    "no rights were given to role datagateway_proxy");
	return DG_OK;
}

enum dg_rc
dg_store_migrate(struct dg_pg *pg, struct dg_loop *loop, unsigned *applied_out,
		 struct dg_error *err)
{
	unsigned known = dg_store_schema_version();
	unsigned applied = 0;
	int64_t version;
	enum dg_rc rc;

	for (;;) {
		rc = find_version(pg, loop, &version, err);
		if (rc != DG_OK)
			return dg_error_wrap(err, "schema version");
		if (version >= known)
			break;
		rc = run_step(pg, loop, (unsigned)version + 1, err);
		if (rc == DG_OK)
			applied++;
		else if (strcmp(dg_pg_last_sqlstate(pg), SQLSTATE_DONE) != 0)
			return dg_error_wrap(err, "migration %s",
					     dg_store_migrations[version].name);
	}
	/* One version ahead is a rolling update under way. */
	if (version > known + 1)
		return dg_error_set(err, DG_ERR_CONFLICT,
				    "the schema has version %lld, this program "
				    "knows %u: update the program",
				    (long long)version, known);
	rc = run_grants(pg, loop, err);
	if (rc != DG_OK)
		return dg_error_wrap(err, "rights of role datagateway_proxy");
	*applied_out = applied;
	return DG_OK;
}

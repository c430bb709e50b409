/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_load.c - one version of the policy, read in one transaction.
 *
 * A chain of queries under REPEATABLE READ, each started by the end of the one
 * before, rows handled as they arrive. Where the log of changes shows that
 * nothing but rules has changed since the version at hand, only those are read:
 * as they were, to be taken away, and as they are. The connection is fail_fast,
 * so a lost session ends the load instead of continuing it in another
 * transaction. Whatever cannot be read exactly makes the whole version refused:
 * a rule that is left out might have been a deny.
 */
#include "policy_load.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "policy_rows.h"

enum { PARAM_MAX_BYTES = DG_STORE_STAMP_MAX };

struct load {
	struct dg_pg *pg; /* borrowed; answers even while being destroyed */
	dg_store_loaded_fn on_loaded;
	void *arg;
	const struct plan
		*plan; /* its steps are being done; NULL: tables are */
	size_t step;   /* of the plan, or which table */
	int64_t version;
	char stamp[DG_STORE_STAMP_MAX];
	struct dg_store_snapshot *base;  /* ref; NULL: read everything */
	bool is_change;                  /* of base */
	char params[3][PARAM_MAX_BYTES]; /* base's version, stamp; version */
	struct dg_policy_intake in;
	enum dg_rc rc;
};

static enum dg_rc
bad_row(struct load *l, const char *what, struct dg_str name)
{
	return dg_error_set(&l->in.err, DG_ERR_INVALID,
			    "%s \"%.*s\" is not understood", what,
			    DG_STR_ARG(name));
}

/* ---- what there is ------------------------------------------------------ */

static enum dg_rc
take_version(struct load *l, const struct dg_row *row)
{
	struct dg_str stamp = dg_row_get(row, 1);

	l->version = dg_store_get_int(row, 0);
	if (l->version <= 0 || stamp.len >= DG_STORE_STAMP_MAX)
		return bad_row(l, "policy version", dg_row_get(row, 0));
	(void)snprintf(l->stamp, sizeof(l->stamp), "%.*s", DG_STR_ARG(stamp));
	(void)snprintf(l->params[2], PARAM_MAX_BYTES, "%lld",
		       (long long)l->version);
	return DG_OK;
}

/* Whether all changes since base are of rules, and are in the log. */
static enum dg_rc
take_extent(struct load *l, const struct dg_row *row)
{
	l->is_change =
		l->version > l->base->version && dg_store_get_bool(row, 0);
	return DG_OK;
}

static enum dg_rc
take_former(struct load *l, const struct dg_row *row)
{
	return dg_policy_take_former(&l->in, row);
}

static enum dg_rc
take_rule(struct load *l, const struct dg_row *row)
{
	return dg_policy_take_rule(&l->in, row);
}

/* ---- the chain ---------------------------------------------------------- */

#define POLICY_VERSION \
	"SELECT version, datagateway.policy_stamp(version) " \
	"FROM datagateway.policy_version"
const char dg_store_version_sql[] = POLICY_VERSION;

struct step {
	const char *sql;
	enum dg_rc (*take)(struct load *l, const struct dg_row *row);
	size_t n_params;
};

struct plan {
	const struct step *steps;
	size_t n;
};

static const struct step look_steps[] = {
	{POLICY_VERSION, take_version, 0},
};

static const struct step compare_steps[] = {
	{POLICY_VERSION, take_version, 0},
	{"SELECT datagateway.policy_stamp($1::bigint) = $2 AND "
	 "count(DISTINCT version) = $3::bigint - $1::bigint AND "
	 "coalesce(bool_and(object = 'rules' AND is_row), false) AND "
	 "count(*) <= 100000 "
	 "FROM datagateway.policy_log WHERE version > $1::bigint",
	 take_extent, 3},
};

static const struct step change_steps[] = {
	{"SELECT " DG_STORE_RULE_COLUMNS
	 " FROM (SELECT DISTINCT ON (rule) before "
	 "FROM datagateway.rule_change WHERE version > $1::bigint "
	 "ORDER BY rule, id) c, "
	 "jsonb_populate_record(NULL::datagateway.rules, c.before) r "
	 "WHERE c.before IS NOT NULL AND r.enabled",
	 take_former, 1},
	{"SELECT " DG_STORE_RULE_COLUMNS
	 " FROM datagateway.rules r WHERE r.enabled "
	 "AND r.id = ANY (ARRAY(SELECT rule FROM datagateway.rule_change "
	 "WHERE version > $1::bigint)) ORDER BY r.id",
	 take_rule, 1},
};

static const struct plan look_plan = {look_steps, DG_ARRAY_LEN(look_steps)};
static const struct plan compare_plan = {compare_steps,
					 DG_ARRAY_LEN(compare_steps)};
static const struct plan change_plan = {change_steps,
					DG_ARRAY_LEN(change_steps)};

static void
load_free(struct load *l)
{
	dg_policy_intake_fini(&l->in);
	dg_store_snapshot_unref(&l->base);
	dg_free(l);
}

/* Frees l; the callback is the last thing that happens. */
static void
answer(struct load *l, enum dg_rc rc, struct dg_store_snapshot *snapshot,
       const struct dg_error *err)
{
	dg_store_loaded_fn on_loaded = l->on_loaded;
	void *arg = l->arg;
	int64_t version = l->version;
	struct dg_error copy = {.code = rc};

	if (err != NULL)
		copy = *err;
	load_free(l);
	on_loaded(arg, rc, version, snapshot, rc == DG_OK ? NULL : &copy);
}

static void
give_up(struct load *l, enum dg_rc rc, const struct dg_error *err)
{
	answer(l, rc, NULL, err);
}

/* The session may be in a transaction; it may also be gone. */
static void
fail(struct load *l, enum dg_rc rc, const struct dg_error *err)
{
	if (rc != DG_ERR_CLOSED && rc != DG_ERR_IO)
		if (dg_pg_script(l->pg, "ROLLBACK", NULL, NULL) != DG_OK)
			rc = DG_ERR_UNAVAILABLE;
	give_up(l, rc, err);
}

static void begin(struct load *l);

/* A change that does not fit is no reason to stay behind: read everything. */
static void
start_over(struct load *l, const char *why)
{
	dg_log_warn(NULL, "policy.change_misfit",
		    DG_FIELDS(DG_LOG_INT("version", l->version)),
		    "the change does not fit, everything is loaded: %s", why);
	dg_store_snapshot_unref(&l->base);
	begin(l);
}

static bool
is_about_change(const struct load *l, enum dg_rc rc)
{
	return l->is_change &&
	       (rc == DG_ERR_NOT_FOUND || rc == DG_ERR_CONFLICT ||
		rc == DG_ERR_INVALID || rc == DG_ERR_LIMIT);
}

static void
on_committed(void *arg, enum dg_rc rc,
	     const struct dg_pg_result *result DG_UNUSED,
	     const struct dg_error *err)
{
	struct load *l = arg;
	struct dg_store_snapshot *snapshot = NULL;

	if (rc == DG_OK) {
		rc = dg_policy_intake_finish(&l->in, &snapshot);
		err = &l->in.err;
		if (is_about_change(l, rc)) {
			start_over(l, err->text);
			return;
		}
	}
	answer(l, rc, snapshot, err);
}

static void
on_rolled_back(void *arg, enum dg_rc rc,
	       const struct dg_pg_result *result DG_UNUSED,
	       const struct dg_error *err)
{
	struct load *l = arg;

	if (rc == DG_OK)
		start_over(l, l->in.err.text);
	else
		give_up(l, rc, err);
}

static bool
on_row(void *arg, const struct dg_pg_result *result)
{
	struct dg_str cells[DG_POLICY_COLUMNS_MAX];
	struct dg_row row = dg_pg_row(result, 0, cells, DG_POLICY_COLUMNS_MAX);
	struct load *l = arg;

	l->rc = l->plan->steps[l->step].take(l, &row);
	return l->rc == DG_OK;
}

static bool
on_line(void *arg, char *line, size_t len)
{
	struct load *l = arg;

	l->rc = dg_policy_take_line(&l->in, l->step, line, len);
	return l->rc == DG_OK;
}

static void on_step_done(void *arg, enum dg_rc rc,
			 const struct dg_pg_result *result,
			 const struct dg_error *err);

static enum dg_rc
start_step(struct load *l)
{
	struct dg_str params[DG_ARRAY_LEN(l->params)];
	const struct step *step;

	if (l->plan == NULL)
		return dg_pg_copy_out(l->pg, dg_policy_tables[l->step].sql,
				      on_line, on_step_done, l);
	step = &l->plan->steps[l->step];
	for (size_t i = 0; i < DG_ARRAY_LEN(params); i++)
		params[i] = dg_str_from_cstr(l->params[i]);
	return dg_pg_query_rows(l->pg, step->sql, params, step->n_params,
				on_row, on_step_done, l);
}

static size_t
count_steps(const struct load *l)
{
	return l->plan == NULL ? dg_policy_n_tables : l->plan->n;
}

/* The version is known, and whether it can be had by changing base. */
static enum dg_rc
start_rules(struct load *l)
{
	struct dg_str stamp = dg_str_from_cstr(l->stamp);

	if (l->version == 0)
		return bad_row(l, "policy version", DG_STR_EMPTY);
	if (l->is_change)
		l->is_change = dg_policy_intake_change(&l->in, l->base,
						       l->version, stamp);
	if (!l->is_change)
		dg_policy_intake_begin(&l->in, l->version, stamp);
	l->plan = l->is_change ? &change_plan : NULL;
	l->step = 0;
	return DG_OK;
}

static void
on_step_done(void *arg, enum dg_rc rc,
	     const struct dg_pg_result *result DG_UNUSED,
	     const struct dg_error *err)
{
	static const struct dg_error lost = {
		DG_ERR_UNAVAILABLE, "the connection to Postgres was lost"};
	struct load *l = arg;

	/* Our own reason is better than "the reader stopped". */
	if (is_about_change(l, l->rc) &&
	    dg_pg_script(l->pg, "ROLLBACK", on_rolled_back, l) == DG_OK)
		return;
	if (l->rc != DG_OK) {
		fail(l, l->rc, &l->in.err);
		return;
	}
	if (rc != DG_OK) {
		fail(l, rc, err);
		return;
	}
	l->step++;
	if (l->step == count_steps(l) &&
	    (l->plan == &look_plan || l->plan == &compare_plan)) {
		rc = start_rules(l);
		if (rc != DG_OK) {
			fail(l, rc, &l->in.err);
			return;
		}
	}
	rc = l->step < count_steps(l)
		     ? start_step(l)
		     : dg_pg_script(l->pg, "COMMIT", on_committed, l);
	if (rc != DG_OK)
		give_up(l, DG_ERR_UNAVAILABLE, &lost);
}

static void
on_begun(void *arg, enum dg_rc rc, const struct dg_pg_result *result DG_UNUSED,
	 const struct dg_error *err)
{
	struct load *l = arg;

	if (rc == DG_OK)
		rc = start_step(l);
	if (rc != DG_OK)
		give_up(l, rc, err);
}

/* From nothing or from base; also when the first try did not fit. */
static void
begin(struct load *l)
{
	static const struct dg_error down = {DG_ERR_UNAVAILABLE,
					     "no connection to Postgres"};

	l->plan = l->base == NULL ? &look_plan : &compare_plan;
	l->step = 0;
	l->version = 0;
	l->is_change = false;
	l->rc = DG_OK;
	if (dg_pg_script(l->pg,
			 "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
			 on_begun, l) != DG_OK)
		give_up(l, DG_ERR_UNAVAILABLE, &down);
}

void
dg_store_load(struct dg_pg *pg, size_t max_bytes,
	      struct dg_store_snapshot *base, dg_store_loaded_fn on_loaded,
	      void *arg)
{
	struct load *l = DG_NEW(struct load);

	l->pg = pg;
	l->on_loaded = on_loaded;
	l->arg = arg;
	dg_policy_intake_init(&l->in, max_bytes);
	if (base != NULL) {
		l->base = dg_store_snapshot_ref(base);
		(void)snprintf(l->params[0], PARAM_MAX_BYTES, "%lld",
			       (long long)base->version);
		memcpy(l->params[1], base->stamp, PARAM_MAX_BYTES);
	}
	begin(l);
}

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

#include "admin_rows.h"
#include "array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "copy_text.h"
#include "policy_text.h"
#include "rule_row.h"
#include "snapshot.h"

enum {
	SCRATCH_BYTES = 16 << 20, /* lists of one row */
	USERS_SHARE = 4,          /* a quarter for users, the rest for rules */
	COLUMNS_MAX = DG_STORE_RULE_CELLS,
	PARAM_MAX_BYTES = DG_STORE_STAMP_MAX,
};

struct load {
	struct dg_pg *pg; /* borrowed; answers even while being destroyed */
	dg_store_loaded_fn on_loaded;
	void *arg;
	const struct plan *plan; /* its steps are being done */
	size_t step;
	int64_t version;
	size_t max_bytes;
	struct dg_store_snapshot *base;     /* ref; NULL: read everything */
	bool is_change;                     /* of base */
	char params[3][PARAM_MAX_BYTES];    /* base's version, stamp; version */
	struct dg_store_snapshot *snapshot; /* owned */
	struct dg_acl_builder *builder;     /* owned; NULL until the version */
	size_t builder_bytes;
	struct dg_arena *scratch;          /* owned; reset for each row */
	struct dg_store_cluster *clusters; /* owned, until copied */
	enum dg_rc rc;
	struct dg_error err;
};

/* ---- cells -------------------------------------------------------------- */

static struct dg_str
keep(struct load *l, const struct dg_row *row, size_t column)
{
	struct dg_str value = dg_row_get(row, column);

	return dg_arena_str(l->snapshot->arena,
			    value.data == NULL ? DG_STR_EMPTY : value);
}

static enum dg_rc
bad_row(struct load *l, const char *what, struct dg_str name)
{
	return dg_error_set(&l->err, DG_ERR_INVALID,
			    "%s \"%.*s\" is not understood", what,
			    DG_STR_ARG(name));
}

static enum dg_rc
no_room(struct load *l)
{
	return dg_error_set(&l->err, DG_ERR_LIMIT,
			    "the policy needs more memory than is allowed");
}

/* ---- rows --------------------------------------------------------------- */

static enum dg_rc
take_version(struct load *l, const struct dg_row *row)
{
	struct dg_str stamp = dg_row_get(row, 1);

	l->version = dg_store_get_int(row, 0);
	if (l->version <= 0 || stamp.len >= DG_STORE_STAMP_MAX)
		return bad_row(l, "policy version", dg_row_get(row, 0));
	l->snapshot->version = l->version;
	memset(l->snapshot->stamp, 0, sizeof(l->snapshot->stamp));
	if (stamp.len > 0)
		memcpy(l->snapshot->stamp, stamp.data, stamp.len);
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

static const char *const modes[] = {"enforce", "observe"};

/* What the policy is told of a cluster: its names of catalogs, its mode. */
static enum dg_rc
add_place(struct load *l, const struct dg_row *row, struct dg_str name,
	  bool is_observed)
{
	const struct dg_str *catalogs;
	size_t n;
	enum dg_rc rc;

	dg_arena_reset(l->scratch);
	rc = dg_store_array_parse(dg_row_get(row, 15), l->scratch, &catalogs,
				  &n);
	if (rc != DG_OK)
		return bad_row(l, "the list of catalogs of cluster", name);
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = dg_policy_map_catalog(l->builder, name, catalogs[i],
					   &l->err);
	if (rc == DG_OK && is_observed)
		rc = dg_acl_observe_cluster(l->builder, name, &l->err);
	return rc;
}

static enum dg_rc
take_cluster(struct load *l, const struct dg_row *row)
{
	static const char *const engines[] = {"trino", "presto"};
	static const char *const identities[] = {"header", "password"};
	static const char *const checks[] = {"off", "audit", "enforce"};
	struct dg_store_snapshot *s = l->snapshot;
	int engine = dg_store_get_enum(row, 2, engines, 2);
	int identity = dg_store_get_enum(row, 8, identities, 2);
	int check = dg_store_get_enum(row, 13, checks, 3);
	int mode = dg_store_get_enum(row, 14, modes, 2);
	int64_t port = dg_store_get_int(row, 5);
	struct dg_store_cluster *c;

	if (engine < 0 || identity < 0 || check < 0 || mode < 0 || port < 1 ||
	    port > 65535)
		return bad_row(l, "cluster", dg_row_get(row, 1));
	l->clusters = dg_realloc(l->clusters, s->n_clusters + 1, sizeof(*c));
	c = &l->clusters[s->n_clusters++];
	*c = (struct dg_store_cluster){
		.id = dg_store_get_int(row, 0),
		.name = keep(l, row, 1),
		.engine = (enum dg_store_engine)engine,
		.tls = dg_store_get_bool(row, 3),
		.host = keep(l, row, 4),
		.port = (uint16_t)port,
		.enabled = dg_store_get_bool(row, 6),
		.is_default = dg_store_get_bool(row, 7),
		.identity = (enum dg_store_identity)identity,
		.service_user = keep(l, row, 9),
		.service_secret = keep(l, row, 10),
		.metadata_user = keep(l, row, 11),
		.tls_ca_file = keep(l, row, 12),
		.cross_check = (enum dg_store_check)check,
		.is_observed = mode == 1,
	};
	if (c->name.data == NULL || c->host.data == NULL ||
	    c->service_user.data == NULL || c->service_secret.data == NULL ||
	    c->metadata_user.data == NULL || c->tls_ca_file.data == NULL)
		return no_room(l);
	return add_place(l, row, c->name, c->is_observed);
}

static enum dg_rc
take_catalog(struct load *l, const struct dg_row *row)
{
	int mode = dg_store_get_enum(row, 1, modes, 2);

	if (mode < 0)
		return bad_row(l, "catalog", dg_row_get(row, 0));
	return mode == 1 ? dg_acl_observe_catalog(l->builder,
						  dg_row_get(row, 0), &l->err)
			 : DG_OK;
}

static enum dg_rc
take_tagging(struct load *l, const struct dg_row *row)
{
	struct dg_acl_tagging tagging = {
		.tag = dg_row_get(row, 0),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = dg_row_get(row, 1),
			   .schema = dg_row_get(row, 2),
			   .name = dg_row_get(row, 3)},
		.column = dg_row_get(row, 4),
	};
	enum dg_rc rc;

	if (tagging.object.schema.len == 0)
		tagging.object.kind = DG_ACL_CATALOG;
	else if (tagging.object.name.len == 0)
		tagging.object.kind = DG_ACL_SCHEMA;
	rc = dg_acl_add_tagging(l->builder, &tagging, &l->err);
	if (rc != DG_OK)
		dg_error_wrap(&l->err, "tag \"%.*s\"", DG_STR_ARG(tagging.tag));
	return rc;
}

/* Names of methods to bits; false: one is not known. */
static bool
get_methods(struct load *l, const struct dg_row *row, size_t column,
	    unsigned *methods_out)
{
	static const struct dg_str names[] = {
		[DG_STORE_AUTH_PASSWORD] = DG_STR_INIT("password"),
		[DG_STORE_AUTH_TOKEN] = DG_STR_INIT("token"),
	};
	const struct dg_str *items;
	size_t n;

	*methods_out = 0;
	dg_arena_reset(l->scratch);
	if (dg_store_array_parse(dg_row_get(row, column), l->scratch, &items,
				 &n) != DG_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned m = 0;

		while (m < DG_ARRAY_LEN(names) &&
		       !dg_str_eq(items[i], names[m]))
			m++;
		if (m == DG_ARRAY_LEN(names))
			return false;
		*methods_out |= 1U << m;
	}
	return true;
}

static enum dg_rc
take_user(struct load *l, const struct dg_row *row)
{
	struct dg_store_user *u =
		DG_ARENA_NEW(l->snapshot->arena, struct dg_store_user);

	if (u == NULL)
		return no_room(l);
	*u = (struct dg_store_user){
		.id = dg_store_get_int(row, 0),
		.name = keep(l, row, 1),
		.password_hash = keep(l, row, 2),
		.disabled = dg_store_get_bool(row, 3),
		.default_cluster = keep(l, row, 4),
		.default_catalog = keep(l, row, 5),
		.default_schema = keep(l, row, 6),
		.credential_version = dg_store_get_int(row, 7),
	};
	if (u->name.data == NULL || u->password_hash.data == NULL ||
	    u->default_cluster.data == NULL ||
	    u->default_catalog.data == NULL || u->default_schema.data == NULL ||
	    dg_map_put(&l->snapshot->users, u->name, u, NULL) != DG_OK)
		return no_room(l);
	if (!get_methods(l, row, 8, &u->auth_methods))
		return bad_row(l, "a method of user", u->name);
	return dg_acl_add_user(l->builder, u->name, &l->err);
}

static enum dg_rc
take_role(struct load *l, const struct dg_row *row)
{
	return dg_acl_add_role(l->builder, dg_row_get(row, 0), &l->err);
}

static enum dg_rc
take_member(struct load *l, const struct dg_row *row)
{
	bool is_role = dg_row_is_null(row, 1);
	struct dg_acl_principal member = {
		.is_role = is_role, .name = dg_row_get(row, is_role ? 2 : 1)};

	return dg_acl_add_member(l->builder, dg_row_get(row, 0), member,
				 &l->err);
}

static enum dg_rc
take_group(struct load *l, const struct dg_row *row)
{
	struct dg_str name = dg_row_get(row, 0);
	const struct dg_str *roles;
	enum dg_rc rc;
	size_t n;

	dg_arena_reset(l->scratch);
	if (dg_store_array_parse(dg_row_get(row, 1), l->scratch, &roles, &n) !=
	    DG_OK)
		return bad_row(l, "group mapping", name);
	for (size_t i = 0; i < n; i++) {
		rc = dg_store_snapshot_map_group(l->snapshot, name, roles[i]);
		if (rc != DG_OK)
			return no_room(l);
	}
	return DG_OK;
}

/* ---- rules -------------------------------------------------------------- */

static enum dg_rc
pass_rule(struct load *l, const struct dg_row *row,
	  enum dg_rc (*pass)(struct dg_acl_builder *builder,
			     const struct dg_acl_rule *rule,
			     struct dg_error *err))
{
	struct dg_str name = dg_row_get(row, 1);
	struct dg_acl_rule rule;
	enum dg_rc rc;

	dg_arena_reset(l->scratch);
	rc = dg_store_rule_read(row, l->scratch, &rule, &l->err);
	if (rc == DG_OK)
		rc = pass(l->builder, &rule, &l->err);
	if (rc != DG_OK)
		dg_error_wrap(&l->err, "rule \"%.*s\"", DG_STR_ARG(name));
	return rc;
}

static enum dg_rc
take_rule(struct load *l, const struct dg_row *row)
{
	return pass_rule(l, row, dg_acl_add_rule);
}

static enum dg_rc
take_former(struct load *l, const struct dg_row *row)
{
	return pass_rule(l, row, dg_acl_remove_rule);
}

/* ---- admins ------------------------------------------------------------- */

static enum dg_rc
take_admin(struct load *l, const struct dg_row *row)
{
	const struct dg_acl_principal *principals;
	struct dg_acl_admin admin;
	size_t n;
	enum dg_rc rc;

	dg_arena_reset(l->scratch);
	rc = dg_store_principals_read(row, 5, l->scratch, &principals, &n,
				      &l->err);
	if (rc == DG_OK)
		rc = dg_store_admin_read(row, 1, l->scratch, &admin, &l->err);
	if (rc == DG_OK)
		rc = dg_acl_add_admin(l->builder, &admin, principals, n,
				      &l->err);
	if (rc != DG_OK)
		dg_error_wrap(&l->err, "admin \"%.*s\"",
			      DG_STR_ARG(dg_row_get(row, 0)));
	return rc;
}

/* ---- the chain ---------------------------------------------------------- */

#define POLICY_VERSION \
	"SELECT version, datagateway.policy_stamp(version) " \
	"FROM datagateway.policy_version"

struct step {
	const char *sql; /* a query, or a COPY */
	enum dg_rc (*take)(struct load *l, const struct dg_row *row);
	size_t n_params;
	size_t n_columns; /* of a COPY; 0: it is a query */
};

struct plan {
	const struct step *steps;
	size_t n;
};

static const struct step look_steps[] = {
	{POLICY_VERSION, take_version, 0, 0},
};

static const struct step compare_steps[] = {
	{POLICY_VERSION, take_version, 0, 0},
	{"SELECT datagateway.policy_stamp($1::bigint) = $2 AND "
	 "count(DISTINCT version) = $3::bigint - $1::bigint AND "
	 "coalesce(bool_and(object = 'rules' AND is_row), false) AND "
	 "count(*) <= 100000 "
	 "FROM datagateway.policy_log WHERE version > $1::bigint",
	 take_extent, 3, 0},
};

static const struct step change_steps[] = {
	{"SELECT " DG_STORE_RULE_COLUMNS
	 " FROM (SELECT DISTINCT ON (rule) before "
	 "FROM datagateway.rule_change WHERE version > $1::bigint "
	 "ORDER BY rule, id) c, "
	 "jsonb_populate_record(NULL::datagateway.rules, c.before) r "
	 "WHERE c.before IS NOT NULL AND r.enabled",
	 take_former, 1, 0},
	{"SELECT " DG_STORE_RULE_COLUMNS
	 " FROM datagateway.rules r WHERE r.enabled "
	 "AND r.id = ANY (ARRAY(SELECT rule FROM datagateway.rule_change "
	 "WHERE version > $1::bigint)) ORDER BY r.id",
	 take_rule, 1, 0},
};

#define COPY(query) "COPY (" query ") TO STDOUT"
static const struct step full_steps[] = {
	{COPY("SELECT id, name, engine, tls, host, port, enabled, is_default, "
	      "identity, service_user, service_secret, metadata_user, "
	      "tls_ca_file, "
	      "cross_check, mode, catalogs FROM datagateway.clusters ORDER BY "
	      "name"),
	 take_cluster, 0, 16},
	{COPY("SELECT name, mode FROM datagateway.catalogs"), take_catalog, 0,
	 2},
	{COPY("SELECT tag, catalog, schema_name, object_name, column_name "
	      "FROM datagateway.tag_objects"),
	 take_tagging, 0, 5},
	{COPY("SELECT id, name, password_hash, disabled, default_cluster, "
	      "default_catalog, default_schema, credential_version, "
	      "auth_methods "
	      "FROM datagateway.users"),
	 take_user, 0, 9},
	{COPY("SELECT name FROM datagateway.roles"), take_role, 0, 1},
	{COPY("SELECT name, roles FROM datagateway.group_mappings"), take_group,
	 0, 2},
	{COPY("SELECT role, member_user, member_role "
	      "FROM datagateway.role_members"),
	 take_member, 0, 3},
	{COPY("SELECT name, role, catalogs, schemas, tags, principals "
	      "FROM datagateway.admins ORDER BY name DESC"),
	 take_admin, 0, 6},
	{COPY("SELECT " DG_STORE_RULE_COLUMNS
	      " FROM datagateway.rules r WHERE r.enabled"),
	 take_rule, 0, DG_STORE_RULE_CELLS},
};

static const struct plan look_plan = {look_steps, DG_ARRAY_LEN(look_steps)};
static const struct plan compare_plan = {compare_steps,
					 DG_ARRAY_LEN(compare_steps)};
static const struct plan change_plan = {change_steps,
					DG_ARRAY_LEN(change_steps)};
static const struct plan full_plan = {full_steps, DG_ARRAY_LEN(full_steps)};

static void
load_free(struct load *l)
{
	dg_store_snapshot_unref(&l->snapshot);
	dg_store_snapshot_unref(&l->base);
	dg_acl_builder_destroy(&l->builder);
	dg_arena_destroy(&l->scratch);
	dg_free(l->clusters);
	dg_free(l);
}

/* Frees l; the callback is the last thing that happens. */
static void
finish(struct load *l, enum dg_rc rc, const struct dg_error *err)
{
	struct dg_store_snapshot *snapshot = rc == DG_OK ? l->snapshot : NULL;
	dg_store_loaded_fn on_loaded = l->on_loaded;
	void *arg = l->arg;
	int64_t version = l->version;
	struct dg_error copy = {.code = rc};

	if (err != NULL)
		copy = *err;
	if (rc == DG_OK)
		l->snapshot = NULL;
	load_free(l);
	on_loaded(arg, rc, version, snapshot, rc == DG_OK ? NULL : &copy);
}

/* The session may be in a transaction; it may also be gone. */
static void
fail(struct load *l, enum dg_rc rc, const struct dg_error *err)
{
	if (rc != DG_ERR_CLOSED && rc != DG_ERR_IO)
		if (dg_pg_script(l->pg, "ROLLBACK", NULL, NULL) != DG_OK)
			rc = DG_ERR_UNAVAILABLE;
	finish(l, rc, err);
}

static enum dg_rc
keep_clusters(struct load *l)
{
	struct dg_store_snapshot *s = l->snapshot;
	struct dg_store_cluster *copy = DG_ARENA_ARRAY(
		s->arena, struct dg_store_cluster, s->n_clusters);

	if (copy == NULL)
		return no_room(l);
	if (s->n_clusters > 0)
		memcpy(copy, l->clusters, s->n_clusters * sizeof(*copy));
	s->clusters = copy;
	return DG_OK;
}

/* Everything was read: make it immutable. */
static enum dg_rc
compile(struct load *l)
{
	enum dg_rc rc = DG_OK;

	if (!l->is_change)
		rc = keep_clusters(l);
	l->snapshot->loaded_us = dg_clock_wall_us();
	if (rc == DG_OK)
		rc = dg_acl_builder_finish(&l->builder, &l->snapshot->acl,
					   &l->err);
	return rc;
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
	dg_store_snapshot_unref(&l->snapshot);
	dg_acl_builder_destroy(&l->builder);
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

	if (rc == DG_OK) {
		rc = compile(l);
		err = &l->err;
		if (is_about_change(l, rc)) {
			start_over(l, err->text);
			return;
		}
	}
	finish(l, rc, err);
}

static void
on_rolled_back(void *arg, enum dg_rc rc,
	       const struct dg_pg_result *result DG_UNUSED,
	       const struct dg_error *err)
{
	struct load *l = arg;

	if (rc == DG_OK)
		start_over(l, l->err.text);
	else
		finish(l, rc, err);
}

static bool
on_row(void *arg, const struct dg_pg_result *result)
{
	struct dg_str cells[COLUMNS_MAX];
	struct dg_row row = dg_pg_row(result, 0, cells, COLUMNS_MAX);
	struct load *l = arg;

	l->rc = l->plan->steps[l->step].take(l, &row);
	return l->rc == DG_OK;
}

static bool
on_line(void *arg, char *line, size_t len)
{
	struct load *l = arg;
	const struct step *step = &l->plan->steps[l->step];
	struct dg_str cells[COLUMNS_MAX];
	struct dg_row row = {.cells = cells, .n = step->n_columns};

	l->rc = dg_store_copy_split(line, len, cells, step->n_columns);
	if (l->rc == DG_OK)
		l->rc = step->take(l, &row);
	else
		(void)dg_error_set(&l->err, l->rc,
				   "a row of the policy is not understood");
	return l->rc == DG_OK;
}

static void on_step_done(void *arg, enum dg_rc rc,
			 const struct dg_pg_result *result,
			 const struct dg_error *err);

static enum dg_rc
start_step(struct load *l)
{
	const struct step *step = &l->plan->steps[l->step];
	struct dg_str params[DG_ARRAY_LEN(l->params)];

	if (step->n_columns > 0)
		return dg_pg_copy_out(l->pg, step->sql, on_line, on_step_done,
				      l);
	for (size_t i = 0; i < DG_ARRAY_LEN(params); i++)
		params[i] = dg_str_from_cstr(l->params[i]);
	return dg_pg_query_rows(l->pg, step->sql, params, step->n_params,
				on_row, on_step_done, l);
}

/* The version is known, and whether it can be had by changing base. */
static enum dg_rc
start_rules(struct load *l)
{
	struct dg_store_snapshot *s;

	if (l->version == 0)
		return bad_row(l, "policy version", DG_STR_EMPTY);
	if (l->is_change) {
		l->builder = dg_acl_builder_modify(l->base->acl, l->version,
						   l->builder_bytes);
		l->is_change = l->builder != NULL;
	}
	l->plan = l->is_change ? &change_plan : &full_plan;
	l->step = 0;
	if (!l->is_change) {
		l->builder =
			dg_acl_builder_create(l->version, l->builder_bytes);
		return DG_OK;
	}
	s = dg_store_snapshot_derive(l->base);
	s->version = l->version;
	s->n_changes++;
	memcpy(s->stamp, l->snapshot->stamp, sizeof(s->stamp));
	dg_store_snapshot_unref(&l->snapshot);
	l->snapshot = s;
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
		fail(l, l->rc, &l->err);
		return;
	}
	if (rc != DG_OK) {
		fail(l, rc, err);
		return;
	}
	l->step++;
	if (l->step == l->plan->n &&
	    (l->plan == &look_plan || l->plan == &compare_plan)) {
		rc = start_rules(l);
		if (rc != DG_OK) {
			fail(l, rc, &l->err);
			return;
		}
	}
	rc = l->step < l->plan->n
		     ? start_step(l)
		     : dg_pg_script(l->pg, "COMMIT", on_committed, l);
	if (rc != DG_OK)
		finish(l, DG_ERR_UNAVAILABLE, &lost);
}

static void
on_begun(void *arg, enum dg_rc rc, const struct dg_pg_result *result DG_UNUSED,
	 const struct dg_error *err)
{
	struct load *l = arg;

	if (rc == DG_OK)
		rc = start_step(l);
	if (rc != DG_OK)
		finish(l, rc, err);
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
	l->snapshot = dg_store_snapshot_create(l->max_bytes / USERS_SHARE);
	if (dg_pg_script(l->pg,
			 "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
			 on_begun, l) != DG_OK)
		finish(l, DG_ERR_UNAVAILABLE, &down);
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
	l->max_bytes = max_bytes;
	l->builder_bytes = max_bytes - max_bytes / USERS_SHARE;
	l->scratch = dg_arena_create(SCRATCH_BYTES);
	if (base != NULL) {
		l->base = dg_store_snapshot_ref(base);
		(void)snprintf(l->params[0], PARAM_MAX_BYTES, "%lld",
			       (long long)base->version);
		memcpy(l->params[1], base->stamp, PARAM_MAX_BYTES);
	}
	begin(l);
}

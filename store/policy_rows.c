/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_rows.c - rows of the policy's tables, on their way into a snapshot.
 *
 * It does not matter whether they come from Postgres or from a file: the
 * tables, in their order, are all that there is to read. Whatever cannot be
 * read exactly makes the whole version refused: a rule that is left out might
 * have been a deny.
 */
#include "policy_rows.h"

#include "admin_rows.h"
#include "array.h"
#include "base/clock.h"
#include "base/mem.h"
#include "copy_text.h"
#include "policy_text.h"
#include "rule_row.h"

enum {
	SCRATCH_BYTES = 16 << 20, /* lists of one row */
	USERS_SHARE = 4,          /* a quarter for users, the rest for rules */
};

/* ---- cells -------------------------------------------------------------- */

static struct dg_str
keep(struct dg_policy_intake *in, const struct dg_row *row, size_t column)
{
	struct dg_str value = dg_row_get(row, column);

	return dg_arena_str(in->snapshot->arena,
			    value.data == NULL ? DG_STR_EMPTY : value);
}

static enum dg_rc
bad_row(struct dg_policy_intake *in, const char *what, struct dg_str name)
{
	return dg_error_set(&in->err, DG_ERR_INVALID,
			    "%s \"%.*s\" is not understood", what,
			    DG_STR_ARG(name));
}

static enum dg_rc
no_room(struct dg_policy_intake *in)
{
	return dg_error_set(&in->err, DG_ERR_LIMIT,
			    "the policy needs more memory than is allowed");
}

/* ---- rows -------------------------------------------------------------- */

static const char *const modes[] = {"enforce", "observe"};

/* What the policy is told of a cluster: its names of catalogs, its mode. */
static enum dg_rc
add_place(struct dg_policy_intake *in, const struct dg_row *row,
	  struct dg_str name, bool is_observed)
{
	const struct dg_str *catalogs;
	size_t n;
	enum dg_rc rc;

	dg_arena_reset(in->scratch);
	rc = dg_store_array_parse(dg_row_get(row, 15), in->scratch, &catalogs,
				  &n);
	if (rc != DG_OK)
		return bad_row(in, "the list of catalogs of cluster", name);
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = dg_policy_map_catalog(in->builder, name, catalogs[i],
					   &in->err);
	if (rc == DG_OK && is_observed)
		rc = dg_acl_observe_cluster(in->builder, name, &in->err);
	return rc;
}

static enum dg_rc
take_cluster(struct dg_policy_intake *in, const struct dg_row *row)
{
	static const char *const engines[] = {"trino", "presto"};
	static const char *const identities[] = {"header", "password"};
	static const char *const checks[] = {"off", "audit", "enforce"};
	struct dg_store_snapshot *s = in->snapshot;
	int engine = dg_store_get_enum(row, 2, engines, 2);
	int identity = dg_store_get_enum(row, 8, identities, 2);
	int check = dg_store_get_enum(row, 13, checks, 3);
	int mode = dg_store_get_enum(row, 14, modes, 2);
	int64_t port = dg_store_get_int(row, 5);
	struct dg_store_cluster *c;

	if (engine < 0 || identity < 0 || check < 0 || mode < 0 || port < 1 ||
	    port > 65535)
		return bad_row(in, "cluster", dg_row_get(row, 1));
	in->clusters = dg_realloc(in->clusters, s->n_clusters + 1, sizeof(*c));
	c = &in->clusters[s->n_clusters++];
	*c = (struct dg_store_cluster){
		.id = dg_store_get_int(row, 0),
		.name = keep(in, row, 1),
		.engine = (enum dg_store_engine)engine,
		.tls = dg_store_get_bool(row, 3),
		.host = keep(in, row, 4),
		.port = (uint16_t)port,
		.enabled = dg_store_get_bool(row, 6),
		.is_default = dg_store_get_bool(row, 7),
		.identity = (enum dg_store_identity)identity,
		.service_user = keep(in, row, 9),
		.service_secret = keep(in, row, 10),
		.metadata_user = keep(in, row, 11),
		.tls_ca_file = keep(in, row, 12),
		.cross_check = (enum dg_store_check)check,
		.is_observed = mode == 1,
	};
	if (c->name.data == NULL || c->host.data == NULL ||
	    c->service_user.data == NULL || c->service_secret.data == NULL ||
	    c->metadata_user.data == NULL || c->tls_ca_file.data == NULL)
		return no_room(in);
	return add_place(in, row, c->name, c->is_observed);
}

static enum dg_rc
take_catalog(struct dg_policy_intake *in, const struct dg_row *row)
{
	int mode = dg_store_get_enum(row, 1, modes, 2);

	if (mode < 0)
		return bad_row(in, "catalog", dg_row_get(row, 0));
	return mode == 1 ? dg_acl_observe_catalog(in->builder,
						  dg_row_get(row, 0), &in->err)
			 : DG_OK;
}

static enum dg_rc
take_tagging(struct dg_policy_intake *in, const struct dg_row *row)
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
	rc = dg_acl_add_tagging(in->builder, &tagging, &in->err);
	if (rc != DG_OK)
		dg_error_wrap(&in->err, "tag \"%.*s\"",
			      DG_STR_ARG(tagging.tag));
	return rc;
}

/* Names of methods to bits; false: one is not known. */
static bool
get_methods(struct dg_policy_intake *in, const struct dg_row *row,
	    size_t column, unsigned *methods_out)
{
	static const struct dg_str names[] = {
		[DG_STORE_AUTH_PASSWORD] = DG_STR_INIT("password"),
		[DG_STORE_AUTH_TOKEN] = DG_STR_INIT("token"),
	};
	const struct dg_str *items;
	size_t n;

	*methods_out = 0;
	dg_arena_reset(in->scratch);
	if (dg_store_array_parse(dg_row_get(row, column), in->scratch, &items,
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
take_user(struct dg_policy_intake *in, const struct dg_row *row)
{
	struct dg_store_user *u =
		DG_ARENA_NEW(in->snapshot->arena, struct dg_store_user);

	if (u == NULL)
		return no_room(in);
	*u = (struct dg_store_user){
		.id = dg_store_get_int(row, 0),
		.name = keep(in, row, 1),
		.password_hash = keep(in, row, 2),
		.disabled = dg_store_get_bool(row, 3),
		.default_cluster = keep(in, row, 4),
		.default_catalog = keep(in, row, 5),
		.default_schema = keep(in, row, 6),
		.credential_version = dg_store_get_int(row, 7),
	};
	if (u->name.data == NULL || u->password_hash.data == NULL ||
	    u->default_cluster.data == NULL ||
	    u->default_catalog.data == NULL || u->default_schema.data == NULL ||
	    dg_map_put(&in->snapshot->users, u->name, u, NULL) != DG_OK)
		return no_room(in);
	if (!get_methods(in, row, 8, &u->auth_methods))
		return bad_row(in, "a method of user", u->name);
	return dg_acl_add_user(in->builder, u->name, &in->err);
}

static enum dg_rc
take_role(struct dg_policy_intake *in, const struct dg_row *row)
{
	return dg_acl_add_role(in->builder, dg_row_get(row, 0), &in->err);
}

static enum dg_rc
take_member(struct dg_policy_intake *in, const struct dg_row *row)
{
	bool is_role = dg_row_is_null(row, 1);
	struct dg_acl_principal member = {
		.is_role = is_role, .name = dg_row_get(row, is_role ? 2 : 1)};

	return dg_acl_add_member(in->builder, dg_row_get(row, 0), member,
				 &in->err);
}

static enum dg_rc
take_group(struct dg_policy_intake *in, const struct dg_row *row)
{
	struct dg_str name = dg_row_get(row, 0);
	const struct dg_str *roles;
	enum dg_rc rc;
	size_t n;

	dg_arena_reset(in->scratch);
	if (dg_store_array_parse(dg_row_get(row, 1), in->scratch, &roles, &n) !=
	    DG_OK)
		return bad_row(in, "group mapping", name);
	for (size_t i = 0; i < n; i++) {
		rc = dg_store_snapshot_map_group(in->snapshot, name, roles[i]);
		if (rc != DG_OK)
			return no_room(in);
	}
	return DG_OK;
}

/* ---- rules -------------------------------------------------------------- */

static enum dg_rc
pass_rule(struct dg_policy_intake *in, const struct dg_row *row,
	  enum dg_rc (*pass)(struct dg_acl_builder *builder,
			     const struct dg_acl_rule *rule,
			     struct dg_error *err))
{
	struct dg_str name = dg_row_get(row, 1);
	struct dg_acl_rule rule;
	enum dg_rc rc;

	dg_arena_reset(in->scratch);
	rc = dg_store_rule_read(row, in->scratch, &rule, &in->err);
	if (rc == DG_OK)
		rc = pass(in->builder, &rule, &in->err);
	if (rc != DG_OK)
		dg_error_wrap(&in->err, "rule \"%.*s\"", DG_STR_ARG(name));
	return rc;
}

enum dg_rc
dg_policy_take_rule(struct dg_policy_intake *in, const struct dg_row *row)
{
	return pass_rule(in, row, dg_acl_add_rule);
}

enum dg_rc
dg_policy_take_former(struct dg_policy_intake *in, const struct dg_row *row)
{
	return pass_rule(in, row, dg_acl_remove_rule);
}

/* ---- admins ------------------------------------------------------------- */

static enum dg_rc
take_admin(struct dg_policy_intake *in, const struct dg_row *row)
{
	const struct dg_acl_principal *principals;
	struct dg_acl_admin admin;
	size_t n;
	enum dg_rc rc;

	dg_arena_reset(in->scratch);
	rc = dg_store_principals_read(row, 5, in->scratch, &principals, &n,
				      &in->err);
	if (rc == DG_OK)
		rc = dg_store_admin_read(row, 1, in->scratch, &admin, &in->err);
	if (rc == DG_OK)
		rc = dg_acl_add_admin(in->builder, &admin, principals, n,
				      &in->err);
	if (rc != DG_OK)
		dg_error_wrap(&in->err, "admin \"%.*s\"",
			      DG_STR_ARG(dg_row_get(row, 0)));
	return rc;
}

/* ---- tables ------------------------------------------------------------ */

#define COPY(query) "COPY (" query ") TO STDOUT"
const struct dg_policy_table dg_policy_tables[] = {
	{COPY("SELECT id, name, engine, tls, host, port, enabled, is_default, "
	      "identity, service_user, service_secret, metadata_user, "
	      "tls_ca_file, "
	      "cross_check, mode, catalogs FROM datagateway.clusters ORDER BY "
	      "name"),
	 take_cluster, 16},
	{COPY("SELECT name, mode FROM datagateway.catalogs"), take_catalog, 2},
	{COPY("SELECT tag, catalog, schema_name, object_name, column_name "
	      "FROM datagateway.tag_objects"),
	 take_tagging, 5},
	{COPY("SELECT id, name, password_hash, disabled, default_cluster, "
	      "default_catalog, default_schema, credential_version, "
	      "auth_methods "
	      "FROM datagateway.users"),
	 take_user, 9},
	{COPY("SELECT name FROM datagateway.roles"), take_role, 1},
	{COPY("SELECT name, roles FROM datagateway.group_mappings"), take_group,
	 2},
	{COPY("SELECT role, member_user, member_role "
	      "FROM datagateway.role_members"),
	 take_member, 3},
	{COPY("SELECT name, role, catalogs, schemas, tags, principals "
	      "FROM datagateway.admins ORDER BY name DESC"),
	 take_admin, 6},
	{COPY("SELECT " DG_STORE_RULE_COLUMNS
	      " FROM datagateway.rules r WHERE r.enabled"),
	 dg_policy_take_rule, DG_STORE_RULE_CELLS},
};

const size_t dg_policy_n_tables = DG_ARRAY_LEN(dg_policy_tables);

enum dg_rc
dg_policy_take_line(struct dg_policy_intake *in, size_t table, char *line,
		    size_t len)
{
	const struct dg_policy_table *t = &dg_policy_tables[table];
	struct dg_str cells[DG_POLICY_COLUMNS_MAX];
	struct dg_row row = {.cells = cells, .n = t->n_columns};

	if (dg_store_copy_split(line, len, cells, t->n_columns) != DG_OK)
		return dg_error_set(&in->err, DG_ERR_INVALID,
				    "a row of the policy is not understood");
	return t->take(in, &row);
}

/* ---- life --------------------------------------------------------------- */

void
dg_policy_intake_init(struct dg_policy_intake *in, size_t max_bytes)
{
	*in = (struct dg_policy_intake){
		.max_bytes = max_bytes,
		.scratch = dg_arena_create(SCRATCH_BYTES),
	};
}

static void
drop(struct dg_policy_intake *in)
{
	dg_store_snapshot_unref(&in->snapshot);
	dg_acl_builder_destroy(&in->builder);
	dg_free(in->clusters);
	in->clusters = NULL;
}

void
dg_policy_intake_fini(struct dg_policy_intake *in)
{
	drop(in);
	dg_arena_destroy(&in->scratch);
}

static size_t
builder_bytes(const struct dg_policy_intake *in)
{
	return in->max_bytes - in->max_bytes / USERS_SHARE;
}

static void
set_stamp(struct dg_store_snapshot *s, int64_t version, struct dg_str stamp)
{
	DG_ASSERT(stamp.len < sizeof(s->stamp));
	s->version = version;
	memset(s->stamp, 0, sizeof(s->stamp));
	if (stamp.len > 0)
		memcpy(s->stamp, stamp.data, stamp.len);
}

void
dg_policy_intake_begin(struct dg_policy_intake *in, int64_t version,
		       struct dg_str stamp)
{
	drop(in);
	in->is_change = false;
	in->snapshot = dg_store_snapshot_create(in->max_bytes / USERS_SHARE);
	set_stamp(in->snapshot, version, stamp);
	in->builder = dg_acl_builder_create(version, builder_bytes(in));
}

bool
dg_policy_intake_change(struct dg_policy_intake *in,
			const struct dg_store_snapshot *base, int64_t version,
			struct dg_str stamp)
{
	drop(in);
	in->builder =
		dg_acl_builder_modify(base->acl, version, builder_bytes(in));
	if (in->builder == NULL)
		return false;
	in->is_change = true;
	in->snapshot = dg_store_snapshot_derive(base);
	in->snapshot->n_changes++;
	set_stamp(in->snapshot, version, stamp);
	return true;
}

static enum dg_rc
keep_clusters(struct dg_policy_intake *in)
{
	struct dg_store_snapshot *s = in->snapshot;
	struct dg_store_cluster *copy = DG_ARENA_ARRAY(
		s->arena, struct dg_store_cluster, s->n_clusters);

	if (copy == NULL)
		return no_room(in);
	if (s->n_clusters > 0)
		memcpy(copy, in->clusters, s->n_clusters * sizeof(*copy));
	s->clusters = copy;
	return DG_OK;
}

enum dg_rc
dg_policy_intake_finish(struct dg_policy_intake *in,
			struct dg_store_snapshot **snapshot_out)
{
	enum dg_rc rc = DG_OK;

	if (!in->is_change)
		rc = keep_clusters(in);
	in->snapshot->loaded_us = dg_clock_wall_us();
	if (rc == DG_OK)
		rc = dg_acl_builder_finish(&in->builder, &in->snapshot->acl,
					   &in->err);
	if (rc != DG_OK)
		return rc;
	*snapshot_out = in->snapshot;
	in->snapshot = NULL;
	return DG_OK;
}

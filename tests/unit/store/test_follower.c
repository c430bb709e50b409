/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_follower.c - a replica's view of the policy: loaded whole, soon after
 * each commit, kept when a version is bad, back after Postgres was away.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/lab.h"

#include <cmocka.h>

struct replica {
	struct dg_store_follower *follower;
	struct dg_store_snapshot *snapshot; /* ref */
	int snapshots;
	int64_t last_version;
};

static void
on_snapshot(void *arg, struct dg_store_snapshot *s)
{
	struct replica *r = arg;

	assert_true(s->version > r->last_version);
	r->last_version = s->version;
	dg_store_snapshot_unref(&r->snapshot);
	r->snapshot = dg_store_snapshot_ref(s);
	r->snapshots++;
}

static struct dg_store_follower_config
config_of(struct replica *r)
{
	return (struct dg_store_follower_config){
		.conninfo = lab_conninfo(),
		.poll_ms = 1000,
		.snapshot_max_bytes = 16 << 20,
		.on_snapshot = on_snapshot,
		.arg = r,
	};
}

static void
start(struct lab *lab, struct replica *r)
{
	struct dg_store_follower_config config = config_of(r);

	*r = (struct replica){0};
	r->follower = dg_store_follower_create(lab->loop, &config);
}

static void
stop(struct replica *r)
{
	dg_store_follower_destroy(&r->follower);
	dg_store_snapshot_unref(&r->snapshot);
}

static bool
may_use(const struct replica *r, const char *user, const char *cluster)
{
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_USE,
		.object = {.kind = DG_ACL_CLUSTER,
			   .name = dg_str_from_cstr(cluster)},
	};
	struct dg_acl_request request = {.user = dg_str_from_cstr(user),
					 .now_us = dg_clock_wall_us(),
					 .entries = &entry,
					 .n_entries = 1};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_decision d;

	assert_int_equal(
		dg_acl_decide(r->snapshot->acl, NULL, &request, arena, &d),
		DG_OK);
	dg_arena_destroy(&arena);
	return d.allowed;
}

#define GIVE \
	"INSERT INTO datagateway.rules (name, effect, privileges, kind, " \
	"object_name, principals) VALUES "

static void
test_everything_is_read(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	const struct dg_store_user *user;
	const struct dg_store_cluster *cluster;

	lab_run(lab,
		"INSERT INTO datagateway.clusters (name, engine, tls, host, "
		"port, is_default, identity, service_user, service_secret, "
		"metadata_user, tls_ca_file, cross_check) VALUES "
		"('one', 'trino', true, 'h.example', 8443, true, 'password', "
		"'svc', 'file:/run/x', 'meta', '/ca.pem', 'enforce'), "
		"('two', 'presto', false, '::1', 80, false, 'header', '', '', "
		"'', '', 'off');"
		"INSERT INTO datagateway.users (name, password_hash, disabled, "
		"default_cluster, default_catalog, default_schema) VALUES "
		"('ann', '$argon2id$v=19$x', false, 'two', 'tpch', 'tiny'), "
		"('o''neil \"x\" {a,b} \\', '', true, '', '', '');"
		"INSERT INTO datagateway.roles (name) VALUES ('a'), ('b');"
		"INSERT INTO datagateway.role_members VALUES "
		"('a', NULL, 'b'), ('b', 'ann', NULL);" GIVE
		"('1', 'allow', '{use}', 'cluster', 'one', "
		"ARRAY['role:a', 'user:o''neil \"x\" {a,b} \\'])");
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	assert_true(r.snapshot->version > 1);
	assert_true(dg_store_follower_last_poll_ms(r.follower) > 0);

	user = dg_store_find_user(r.snapshot, DG_STR("ann"));
	assert_non_null(user);
	assert_true(dg_str_eq(user->password_hash, DG_STR("$argon2id$v=19$x")));
	assert_false(user->disabled);
	assert_true(dg_str_eq(user->default_cluster, DG_STR("two")));
	assert_true(dg_str_eq(user->default_catalog, DG_STR("tpch")));
	assert_true(dg_str_eq(user->default_schema, DG_STR("tiny")));
	assert_int_equal(user->credential_version, 1);
	user = dg_store_find_user(r.snapshot, DG_STR("o'neil \"x\" {a,b} \\"));
	assert_non_null(user);
	assert_true(user->disabled);
	assert_null(dg_store_find_user(r.snapshot, DG_STR("Ann")));

	assert_int_equal(r.snapshot->n_clusters, 2);
	cluster = dg_store_default_cluster(r.snapshot);
	assert_ptr_equal(cluster,
			 dg_store_find_cluster(r.snapshot, DG_STR("one")));
	assert_int_equal(cluster->engine, DG_STORE_TRINO);
	assert_true(cluster->tls && cluster->enabled);
	assert_true(dg_str_eq(cluster->host, DG_STR("h.example")));
	assert_int_equal(cluster->port, 8443);
	assert_int_equal(cluster->identity, DG_STORE_ID_PASSWORD);
	assert_true(dg_str_eq(cluster->service_user, DG_STR("svc")));
	assert_true(dg_str_eq(cluster->service_secret, DG_STR("file:/run/x")));
	assert_true(dg_str_eq(cluster->metadata_user, DG_STR("meta")));
	assert_true(dg_str_eq(cluster->tls_ca_file, DG_STR("/ca.pem")));
	assert_int_equal(cluster->cross_check, DG_STORE_CHECK_ENFORCE);
	cluster = dg_store_find_cluster(r.snapshot, DG_STR("two"));
	assert_int_equal(cluster->engine, DG_STORE_PRESTO);
	assert_int_equal(cluster->identity, DG_STORE_ID_HEADER);
	assert_int_equal(cluster->cross_check, DG_STORE_CHECK_OFF);
	assert_null(dg_store_find_cluster(r.snapshot, DG_STR("three")));

	assert_true(may_use(&r, "ann", "one"));
	assert_false(may_use(&r, "ann", "two"));
	assert_true(may_use(&r, "o'neil \"x\" {a,b} \\", "one"));
	stop(&r);
}

static bool
may_read(const struct replica *r, const char *table, const char *column,
	 const char *client, bool *observed_out)
{
	const struct dg_str columns[] = {dg_str_from_cstr(column)};
	const struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("pg"),
			   .schema = DG_STR("s"),
			   .name = dg_str_from_cstr(table)},
		.columns = columns,
		.n_columns = 1,
		.columns_known = true,
		.table_columns = columns,
		.n_table_columns = 1,
	};
	const struct dg_acl_request request = {
		.user = DG_STR("ann"),
		.cluster = DG_STR("one"),
		.client = dg_str_from_cstr(client),
		.now_us = 1,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_decision decision;
	bool allowed;

	assert_int_equal(dg_acl_decide(r->snapshot->acl, NULL, &request, arena,
				       &decision),
			 DG_OK);
	allowed = decision.allowed;
	*observed_out = decision.observed;
	dg_arena_destroy(&arena);
	return allowed;
}

/* Tags, networks, names of catalogs, modes, methods: as they are stored. */
static void
test_the_whole_model(void **state)
{
	struct lab *lab = *state;
	const struct dg_store_user *user;
	struct replica r;
	bool observed;

	lab_run(lab,
		"INSERT INTO datagateway.clusters (name, engine, tls, host, "
		"port, catalogs) VALUES ('one', 'trino', false, 'h', 1, "
		"'{pg=lake}');"
		"INSERT INTO datagateway.users (name, auth_methods) VALUES "
		"('ann', '{token}'), ('bob', '{}');"
		"INSERT INTO datagateway.tags (name) VALUES ('pii'), ('open');"
		"INSERT INTO datagateway.tag_objects VALUES ('open', 'lake', "
		"'s', '', ''), ('pii', 'lake', 's', 't', 'mail');"
		"INSERT INTO datagateway.rules (name, effect, privileges, "
		"kind, catalog, schema_name, object_name, principals, tags, "
		"networks) VALUES ('a', 'allow', '{select}', 'table', '*', "
		"'*', '*', '{user:ann}', '{open}', '{10.0.0.0/8}'), ('b', "
		"'deny', '{select}', 'table', '*', '*', '*', '{role:public}', "
		"'{pii}', '{}')");
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	assert_true(may_read(&r, "t", "name", "10.1.1.1:5", &observed));
	assert_false(observed);
	assert_false(may_read(&r, "t", "mail", "10.1.1.1:5", &observed));
	assert_true(may_read(&r, "u", "mail", "10.1.1.1:5", &observed));
	assert_false(may_read(&r, "u", "mail", "11.1.1.1:5", &observed));
	user = dg_store_find_user(r.snapshot, DG_STR("ann"));
	assert_false(dg_store_user_may(user, DG_STORE_AUTH_PASSWORD));
	assert_true(dg_store_user_may(user, DG_STORE_AUTH_TOKEN));
	user = dg_store_find_user(r.snapshot, DG_STR("bob"));
	assert_true(dg_store_user_may(user, DG_STORE_AUTH_PASSWORD));

	lab_run(lab, "INSERT INTO datagateway.catalogs (name, mode) VALUES "
		     "('lake', 'observe')");
	LAB_UNTIL(lab, r.snapshots == 2);
	assert_true(may_read(&r, "t", "mail", "10.1.1.1:5", &observed));
	assert_true(observed);
	lab_run(lab, "DELETE FROM datagateway.catalogs;"
		     "UPDATE datagateway.clusters SET mode = 'observe'");
	LAB_UNTIL(lab, r.snapshots == 3);
	assert_true(may_read(&r, "u", "mail", "11.1.1.1", &observed));
	assert_true(observed);
	lab_run(lab, "UPDATE datagateway.clusters SET mode = 'enforce';"
		     "DELETE FROM datagateway.tag_objects WHERE tag = 'open'");
	LAB_UNTIL(lab, r.snapshots == 4);
	assert_false(may_read(&r, "u", "mail", "10.1.1.1", &observed));
	stop(&r);
}

static void
test_groups_become_roles(void **state)
{
	static const struct {
		const char *group;
		const char *roles; /* in any order, joined */
	} rows[] = {
		{"Team A", "reader,writer"},
		{"team a", "reader"},
		{"TEAM A", ""},
		{"", ""},
	};
	struct lab *lab = *state;
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_str *groups;
	size_t n;
	struct replica r;

	lab_run(lab, "INSERT INTO datagateway.group_mappings (name, roles) "
		     "VALUES ('Team A', '{writer,reader}'), "
		     "('team a', '{reader}')");
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	assert_int_equal(dg_store_groups(r.snapshot, arena, &groups, &n),
			 DG_OK);
	assert_int_equal(n, 2);
	assert_true(dg_str_eq(groups[0], DG_STR("Team A")) &&
		    dg_str_eq(groups[1], DG_STR("team a")));
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		const struct dg_str group = dg_str_from_cstr(rows[i].group);
		const struct dg_str *roles;
		size_t len = 0;

		assert_int_equal(dg_store_group_roles(r.snapshot, &group, 1,
						      arena, &roles, &n),
				 DG_OK);
		for (size_t k = 0; k < n; k++) {
			char role[16];

			(void)snprintf(role, sizeof(role), "%.*s",
				       DG_STR_ARG(roles[k]));
			assert_non_null(strstr(rows[i].roles, role));
			len += roles[k].len + 1;
		}
		assert_int_equal(len, rows[i].roles[0] == '\0'
					      ? 0
					      : strlen(rows[i].roles) + 1);
	}
	dg_arena_destroy(&arena);
	stop(&r);
}

/* From COMMIT's answer to the new snapshot in hand, for two replicas. */
static void
test_soon_after_commit(void **state)
{
	enum { CHANGES = 50 };
	struct lab *lab = *state;
	struct replica one;
	struct replica two;
	uint64_t worst_us = 0;
	uint64_t sum_us = 0;
	char sql[128];

	start(lab, &one);
	start(lab, &two);
	LAB_UNTIL(lab, one.snapshots == 1 && two.snapshots == 1);
	for (int i = 0; i < CHANGES; i++) {
		uint64_t start_us;
		uint64_t took_us;

		(void)snprintf(sql, sizeof(sql),
			       "INSERT INTO datagateway.users (name) "
			       "VALUES ('u%d')",
			       i);
		start_us = dg_clock_mono_us();
		lab_run(lab, sql);
		LAB_UNTIL(lab, one.last_version == i + 2 &&
				       two.last_version == i + 2);
		took_us = dg_clock_mono_us() - start_us;
		sum_us += took_us;
		if (took_us > worst_us)
			worst_us = took_us;
	}
	print_message("change in force in two replicas after %.1f ms, at most "
		      "%.1f ms\n",
		      (double)sum_us / CHANGES / 1000, (double)worst_us / 1000);
	/* Notified, not polled: polling alone would take half a second. */
	assert_true(sum_us / CHANGES < 250000);
	stop(&one);
	stop(&two);
}

/* Where LISTEN does not work, asking does. */
static void
test_polling_alone(void **state)
{
	struct lab *lab = *state;
	struct replica r;

	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "ALTER TABLE datagateway.users DISABLE TRIGGER ALL;"
		     "UPDATE datagateway.policy_version SET version = 50");
	LAB_UNTIL(lab, r.last_version == 50);
	stop(&r);
}

/* A transaction that is never committed is never seen. */
static void
test_rollback(void **state)
{
	struct lab *lab = *state;
	struct replica r;

	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "BEGIN");
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ghost')");
	lab_run(lab, "ROLLBACK");
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('real')");
	LAB_UNTIL(lab, r.last_version == 2);
	assert_null(dg_store_find_user(r.snapshot, DG_STR("ghost")));
	assert_non_null(dg_store_find_user(r.snapshot, DG_STR("real")));
	stop(&r);
}

/* Held until it is let go, whatever came after it. */
static void
test_old_snapshots_live_on(void **state)
{
	struct lab *lab = *state;
	struct dg_store_snapshot *old;
	struct replica r;

	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	old = dg_store_snapshot_ref(r.snapshot);
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann')");
	LAB_UNTIL(lab, r.last_version == 2);
	assert_null(dg_store_find_user(old, DG_STR("ann")));
	assert_non_null(dg_store_find_user(r.snapshot, DG_STR("ann")));
	stop(&r);
	assert_int_equal(old->version, 1);
	dg_store_snapshot_unref(&old);
}

static void
test_server_restart(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	uint64_t before;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann')");
	LAB_UNTIL(lab, r.last_version == 2);
	lab_server("restart");
	before = dg_clock_mono_ms();
	LAB_UNTIL(lab, dg_store_follower_last_poll_ms(r.follower) > before);
	/* Its own connection of the lab comes back by itself as well. */
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('bob')");
	LAB_UNTIL(lab, r.last_version == 3);
	assert_non_null(dg_store_find_user(r.snapshot, DG_STR("bob")));
	stop(&r);
	dg_log_set_fd(2);
}

/*
 * A version that cannot be read whole is not read at all: the former stays,
 * and its age shows. (The schema prevents this; here it is got round.)
 */
static void
test_bad_version(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	uint64_t polled;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	polled = dg_store_follower_last_poll_ms(r.follower);
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann');" GIVE
		     "('good', 'allow', '{use}', 'cluster', 'one', "
		     "'{user:ann}'), "
		     /* select does not apply to a cluster */
		     "('bad', 'deny', '{select}', 'cluster', 'one', "
		     "'{user:ann}')");
	/* Two polls later it is still so. */
	for (int i = 0; i < 2; i++) {
		uint64_t until = dg_clock_mono_ms() + 1100;

		LAB_UNTIL(lab, dg_clock_mono_ms() >= until);
	}
	assert_int_equal(r.snapshots, 1);
	assert_null(dg_store_find_user(r.snapshot, DG_STR("ann")));
	assert_true(dg_store_follower_last_poll_ms(r.follower) < polled + 1000);
	lab_run(lab, "DELETE FROM datagateway.rules WHERE name = 'bad'");
	LAB_UNTIL(lab, r.snapshots == 2);
	assert_true(may_use(&r, "ann", "one"));
	stop(&r);
	dg_log_set_fd(2);
}

static void
test_memory_limit(void **state)
{
	struct lab *lab = *state;
	struct replica r = {0};
	struct dg_store_follower_config config = config_of(&r);

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	lab_run(lab, "INSERT INTO datagateway.users (name) "
		     "SELECT 'user' || i FROM generate_series(1, 5000) i");
	config.snapshot_max_bytes = 256 * 1024;
	r.follower = dg_store_follower_create(lab->loop, &config);
	lab_run(lab, "SELECT 1");
	for (uint64_t until = dg_clock_mono_ms() + 1500;
	     dg_clock_mono_ms() < until;)
		dg_loop_run_once(lab->loop);
	assert_int_equal(r.snapshots, 0);
	assert_int_equal(dg_store_follower_last_poll_ms(r.follower), 0);
	stop(&r);
	dg_log_set_fd(2);
}

/* At any moment: while it connects, loads, or rests. */
static void
test_destroy_at_any_time(void **state)
{
	struct lab *lab = *state;

	lab_run(lab, "INSERT INTO datagateway.users (name) "
		     "SELECT 'user' || i FROM generate_series(1, 2000) i");
	for (int passes = 0; passes < 60; passes++) {
		struct replica r;

		start(lab, &r);
		for (int i = 0; i < passes && r.snapshots == 0; i++)
			dg_loop_run_once(lab->loop);
		stop(&r);
	}
}

/* ---- changes ------------------------------------------------------------ */

static uint64_t chance = 20261122;

static unsigned
dice(unsigned sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % sides;
}

/* One of the things that people do to rules. */
static void
change_something(char *sql, size_t size)
{
	static const char *const objects[] = {"'t1'", "'t2'", "'t*'", "'*'"};
	static const char *const who[] = {"user:ann", "user:bob", "role:a",
					  "role:public"};
	unsigned name = dice(60);

	switch (dice(6)) {
	case 0:
		(void)snprintf(sql, size,
			       "DELETE FROM datagateway.rules "
			       "WHERE name = 'r%u'",
			       name);
		break;
	case 1:
		(void)snprintf(sql, size,
			       "UPDATE datagateway.rules SET enabled = "
			       "NOT enabled WHERE name = 'r%u'",
			       name);
		break;
	case 2:
		(void)snprintf(sql, size,
			       "UPDATE datagateway.rules SET effect = 'deny', "
			       "excepted = '{user:bob}', columns = '{}', "
			       "object_name = %s "
			       "WHERE name IN ('r%u', 'r%u')",
			       objects[dice(4)], name, dice(60));
		break;
	default:
		(void)snprintf(
			sql, size,
			"INSERT INTO datagateway.rules (name, effect, "
			"privileges, kind, catalog, schema_name, object_name, "
			"columns, principals, clusters, valid_until, reason, "
			"networks) VALUES ('r%u', 'allow', '%s', 'table', "
			"'c', 's', %s, '%s', '{%s,%s}', '%s', %s, 'why %u', "
			"'%s') ON CONFLICT (name) DO UPDATE SET "
			"columns = excluded.columns, effect = 'allow', "
			"excepted = '{}', principals = excluded.principals, "
			"object_name = excluded.object_name",
			name, dice(2) == 0 ? "{select}" : "{select,show}",
			objects[dice(4)], dice(2) == 0 ? "{}" : "{x,y}",
			who[dice(4)], who[dice(4)],
			dice(5) == 0 ? "{one}" : "{}",
			dice(4) == 0 ? "'2100-01-01 00:00:00.000001+00'"
				     : "NULL",
			name, dice(5) == 0 ? "{10.0.0.0/8}" : "{}");
		break;
	}
}

static void
explain(const struct replica *r, const char *user, const char *table, char *out,
	size_t size)
{
	static const struct dg_str columns[] = {
		DG_STR_INIT("x"), DG_STR_INIT("y"), DG_STR_INIT("z")};
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s"),
			   .name = dg_str_from_cstr(table)},
		.columns = columns,
		.n_columns = 3,
		.columns_known = true,
		.table_columns = columns,
		.n_table_columns = 3,
	};
	struct dg_acl_request request = {.user = dg_str_from_cstr(user),
					 .client = DG_STR("10.1.2.3"),
					 .cluster = DG_STR("one"),
					 .now_us = 1,
					 .entries = &entry,
					 .n_entries = 1};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_acl_outcome *o;
	struct dg_acl_decision d;
	int n;

	assert_int_equal(dg_acl_explain(r->snapshot->acl, &request, arena, &d),
			 DG_OK);
	o = &d.outcomes[0];
	n = snprintf(out, size, "%d %lld %zu %.*s %llx:", o->allowed,
		     (long long)o->rule_id, o->n_missing,
		     DG_STR_ARG(o->rule_reason),
		     (unsigned long long)dg_acl_fingerprint(r->snapshot->acl,
							    &request));
	for (size_t i = 0; i < o->n_rule_ids; i++)
		n += snprintf(out + n, size - (size_t)n, " %lld",
			      (long long)o->rule_ids[i]);
	dg_arena_destroy(&arena);
}

static void
assert_same(const struct replica *a, const struct replica *b)
{
	static const char *const users[] = {"ann", "bob"};
	static const char *const tables[] = {"t1", "t2", "t3", "u"};
	char x[4096];
	char y[4096];

	assert_int_equal(a->last_version, b->last_version);
	assert_string_equal(a->snapshot->stamp, b->snapshot->stamp);
	assert_int_equal(dg_acl_snapshot_rules(a->snapshot->acl),
			 dg_acl_snapshot_rules(b->snapshot->acl));
	for (size_t u = 0; u < DG_ARRAY_LEN(users); u++)
		for (size_t t = 0; t < DG_ARRAY_LEN(tables); t++) {
			explain(a, users[u], tables[t], x, sizeof(x));
			explain(b, users[u], tables[t], y, sizeof(y));
			assert_string_equal(x, y);
		}
}

#define PEOPLE \
	"INSERT INTO datagateway.clusters (name, engine, tls, host, port) " \
	"VALUES ('one', 'trino', false, 'h', 1);" \
	"INSERT INTO datagateway.users (name) VALUES ('ann'), ('bob');" \
	"INSERT INTO datagateway.roles (name) VALUES ('a');" \
	"INSERT INTO datagateway.role_members VALUES ('a', 'ann', NULL);"

/* What is changed is what would be loaded, whatever was done to rules. */
static void
test_changes_are_loads(void **state)
{
	enum { ROUNDS = 40 };
	struct lab *lab = *state;
	struct replica changing;
	char sql[1024];

	lab_run(lab, PEOPLE);
	start(lab, &changing);
	LAB_UNTIL(lab, changing.snapshots == 1);
	assert_int_equal(changing.snapshot->n_changes, 0);
	for (int round = 0; round < ROUNDS; round++) {
		unsigned transactions = 1 + dice(4);
		struct replica fresh;
		int64_t version;

		for (unsigned t = 0; t < transactions; t++) {
			unsigned statements = 1 + dice(5);

			lab_run(lab, "BEGIN");
			for (unsigned i = 0; i < statements; i++) {
				change_something(sql, sizeof(sql));
				lab_run(lab, sql);
			}
			lab_run(lab, "COMMIT");
		}
		version = strtoll(lab_ask(lab, "SELECT version FROM "
					       "datagateway.policy_version"),
				  NULL, 10);
		start(lab, &fresh);
		LAB_UNTIL(lab, changing.last_version == version &&
				       fresh.last_version == version);
		assert_same(&changing, &fresh);
		assert_int_equal(fresh.snapshot->n_changes, 0);
		stop(&fresh);
	}
	/* Everything was read once only. */
	assert_true(changing.snapshot->n_changes >= ROUNDS / 2);
	stop(&changing);
}

/* What the log does not tell in full is read in full. */
static void
test_more_than_rules(void **state)
{
	static const char *const others[] = {
		"INSERT INTO datagateway.users (name) VALUES ('zoe')",
		"UPDATE datagateway.users SET disabled = true "
		"WHERE name = 'zoe'",
		"TRUNCATE datagateway.rules",
		/* a version that is not in the log */
		"INSERT INTO datagateway.rules (name, effect, privileges, "
		"kind, catalog, schema_name, object_name, principals) VALUES "
		"('x', 'allow', '{select}', 'table', 'c', 's', 't', "
		"'{user:ann}'); DELETE FROM datagateway.policy_change",
		/* another history with the same number */
		"UPDATE datagateway.policy_version SET version = version - 1; "
		"DELETE FROM datagateway.rules WHERE name = 'x'",
	};
	struct lab *lab = *state;
	struct replica r;

	lab_run(lab, PEOPLE);
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	for (size_t i = 0; i < DG_ARRAY_LEN(others); i++) {
		struct replica fresh;
		int before = r.snapshots;

		r.last_version = 0;
		lab_run(lab, others[i]);
		LAB_UNTIL(lab, r.snapshots == before + 1);
		assert_int_equal(r.snapshot->n_changes, 0);
		start(lab, &fresh);
		LAB_UNTIL(lab, fresh.snapshots == 1);
		assert_same(&r, &fresh);
		stop(&fresh);
	}
	stop(&r);
}

/* Tokens of the admin API stand in the log, and are no policy. */
static void
test_tokens_are_no_news(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	uint64_t polled;

	lab_run(lab, PEOPLE);
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "SELECT datagateway.create_token('t', 'ann', 'admin', "
		     "'{}', sha256('x'), 1000, 'me')");
	polled = dg_clock_mono_ms();
	LAB_UNTIL(lab, dg_store_follower_last_poll_ms(r.follower) > polled);
	assert_int_equal(r.snapshots, 1);
	lab_run(lab, GIVE "('x', 'allow', '{use}', 'cluster', 'one', "
			  "'{user:ann}')");
	LAB_UNTIL(lab, r.snapshots == 2);
	assert_int_equal(r.snapshot->n_changes, 1);
	stop(&r);
}

/* A log that lies: the change does not fit, and everything is read. */
static void
test_a_change_that_does_not_fit(void **state)
{
	struct lab *lab = *state;
	struct replica r;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	lab_run(lab, PEOPLE
		"INSERT INTO datagateway.rules (name, effect, privileges, "
		"kind, catalog, schema_name, object_name, principals) VALUES "
		"('x', 'allow', '{select}', 'table', 'c', 's', 't', "
		"'{user:ann}')");
	start(lab, &r);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "BEGIN");
	lab_run(lab, "UPDATE datagateway.rules SET object_name = 'u' "
		     "WHERE name = 'x'");
	lab_run(lab, "UPDATE datagateway.policy_change SET before = before || "
		     "'{\"object_name\": \"other\"}' WHERE id = "
		     "(SELECT max(id) FROM datagateway.policy_change)");
	lab_run(lab, "COMMIT");
	LAB_UNTIL(lab, r.snapshots == 2);
	assert_int_equal(r.snapshot->n_changes, 0);
	stop(&r);
	dg_log_set_fd(2);
}

int
main(void)
{
#define FOLLOWER_TEST(f) \
	cmocka_unit_test_setup_teardown(f, lab_setup_migrated, lab_teardown)
	const struct CMUnitTest tests[] = {
		FOLLOWER_TEST(test_everything_is_read),
		FOLLOWER_TEST(test_the_whole_model),
		FOLLOWER_TEST(test_groups_become_roles),
		FOLLOWER_TEST(test_soon_after_commit),
		FOLLOWER_TEST(test_polling_alone),
		FOLLOWER_TEST(test_rollback),
		FOLLOWER_TEST(test_old_snapshots_live_on),
		FOLLOWER_TEST(test_server_restart),
		FOLLOWER_TEST(test_bad_version),
		FOLLOWER_TEST(test_memory_limit),
		FOLLOWER_TEST(test_destroy_at_any_time),
		FOLLOWER_TEST(test_changes_are_loads),
		FOLLOWER_TEST(test_more_than_rules),
		FOLLOWER_TEST(test_tokens_are_no_news),
		FOLLOWER_TEST(test_a_change_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

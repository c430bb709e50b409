/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_saver.c - the policy's file as replicas have it: written beside a real
 * Postgres, in force where that does not answer, refused where it is not what
 * was written.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/lab.h"

#include <cmocka.h>

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OTHER_KEY "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

enum { POLICY_MAX_BYTES = 16 << 20 };

static char folder[] = "/tmp/dgsaverXXXXXX";
static char path[64];
static char seen_path[64];

struct replica {
	struct dg_loop *loop;
	struct dg_store_saver *saver;
	struct dg_store_follower *follower;
	struct dg_store_snapshot *snapshot; /* ref */
	unsigned snapshots;
};

static void
on_snapshot(void *arg, struct dg_store_snapshot *s)
{
	struct replica *r = arg;

	dg_store_snapshot_unref(&r->snapshot);
	r->snapshot = dg_store_snapshot_ref(s);
	r->snapshots++;
}

static struct dg_store_saver *
open_saver(struct dg_loop *loop, const char *key, const char *conninfo,
	   unsigned interval_ms)
{
	struct dg_store_saver_config config = {
		.path = path,
		.key = dg_str_from_cstr(key),
		.conninfo = conninfo,
		.interval_ms = interval_ms,
	};
	struct dg_store_saver *saver;

	assert_int_equal(dg_store_saver_create(loop, &config, &saver, NULL),
			 DG_OK);
	return saver;
}

static void
start(struct replica *r, struct lab *lab, unsigned interval_ms)
{
	struct dg_store_follower_config config = {
		.conninfo = lab_conninfo(),
		.poll_ms = 100,
		.snapshot_max_bytes = POLICY_MAX_BYTES,
		.on_snapshot = on_snapshot,
		.arg = r,
	};

	*r = (struct replica){.loop = lab->loop};
	r->saver = open_saver(lab->loop, KEY, lab_conninfo(), interval_ms);
	config.saver = r->saver;
	r->follower = dg_store_follower_create(lab->loop, &config);
}

static void
stop(struct replica *r)
{
	dg_store_follower_destroy(&r->follower);
	dg_store_saver_destroy(&r->saver);
	dg_store_snapshot_unref(&r->snapshot);
}

/* The version in the file, as anybody who may can read it; 0: it cannot be. */
static int64_t
version_in_file(struct lab *lab, const char *key, struct dg_error *err)
{
	struct dg_store_saver *saver =
		open_saver(lab->loop, key, lab_conninfo(), 1000);
	struct dg_store_snapshot *s = NULL;
	int64_t version = 0;
	int64_t age_ms;

	if (dg_store_saver_load(saver, POLICY_MAX_BYTES, &s, &age_ms, err) ==
	    DG_OK)
		version = s->version;
	dg_store_snapshot_unref(&s);
	dg_store_saver_destroy(&saver);
	return version;
}

static int
setup(void **state)
{
	(void)unlink(path);
	(void)unlink(seen_path);
	return lab_setup_migrated(state);
}

static bool
is_there(const char *file)
{
	return access(file, F_OK) == 0;
}

static off_t
size_of(const char *file)
{
	struct stat about;

	assert_int_equal(stat(file, &about), 0);
	return about.st_size;
}

#define GIVE \
	"INSERT INTO datagateway.rules (name, effect, privileges, kind, " \
	"object_name, principals, valid_until) VALUES "

/* A policy with something of everything that a replica has to know. */
static void
fill(struct lab *lab)
{
	lab_run(lab,
		"INSERT INTO datagateway.clusters (name, engine, tls, host, "
		"port, is_default, catalogs, mode) VALUES "
		"('one', 'trino', true, 'h.example', 8443, true, "
		"'{\"pg=pg_one\"}', 'observe');"
		"INSERT INTO datagateway.users (name, password_hash, disabled, "
		"auth_methods) VALUES "
		"('ann', '$argon2id$v=19$x', false, '{password}'), "
		"('o''neil \"x\" {a,b} \\', '', true, '{}');"
		"INSERT INTO datagateway.roles (name) VALUES ('a'), ('b');"
		"INSERT INTO datagateway.role_members VALUES "
		"('a', NULL, 'b'), ('b', 'ann', NULL);"
		"INSERT INTO datagateway.tags (name) VALUES ('pii');"
		"INSERT INTO datagateway.tag_objects (tag, catalog, "
		"schema_name, object_name, column_name) VALUES "
		"('pii', 'c', 's', 't', 'x');"
		"INSERT INTO datagateway.group_mappings (name, roles) VALUES "
		"('CN=x', '{a,b}');" GIVE
		"('1', 'allow', '{use}', 'cluster', 'one', '{role:a}', NULL), "
		"('2', 'allow', '{use}', 'cluster', 'late', '{role:a}', "
		"now() + interval '1 hour'), "
		"('3', 'allow', '{use}', 'cluster', 'gone', '{role:a}', "
		"'2020-01-01')");
}

static bool
may_use(const struct replica *r, const char *cluster, int64_t now_us)
{
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_USE,
		.object = {.kind = DG_ACL_CLUSTER,
			   .name = dg_str_from_cstr(cluster)},
	};
	struct dg_acl_request request = {.user = DG_STR("ann"),
					 .now_us = now_us,
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

static void
check_policy(const struct replica *r)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_str group = DG_STR("CN=x");
	const struct dg_store_cluster *cluster;
	const struct dg_store_user *user;
	const struct dg_str *roles;
	int64_t now_us = dg_clock_wall_us();
	size_t n;

	user = dg_store_find_user(r->snapshot, DG_STR("ann"));
	assert_non_null(user);
	assert_true(dg_str_eq(user->password_hash, DG_STR("$argon2id$v=19$x")));
	assert_true(dg_store_user_may(user, DG_STORE_AUTH_PASSWORD));
	assert_false(dg_store_user_may(user, DG_STORE_AUTH_TOKEN));
	user = dg_store_find_user(r->snapshot, DG_STR("o'neil \"x\" {a,b} \\"));
	assert_non_null(user);
	assert_true(user->disabled);
	cluster = dg_store_default_cluster(r->snapshot);
	assert_non_null(cluster);
	assert_int_equal(cluster->port, 8443);
	assert_true(cluster->is_observed);
	assert_int_equal(
		dg_store_group_roles(r->snapshot, &group, 1, arena, &roles, &n),
		DG_OK);
	assert_int_equal(n, 2);
	/* Time goes on without Postgres. */
	assert_true(may_use(r, "one", now_us));
	assert_true(may_use(r, "late", now_us));
	assert_false(may_use(r, "late", now_us + INT64_C(7200) * 1000000));
	assert_false(may_use(r, "gone", now_us));
	dg_arena_destroy(&arena);
}

static void
test_start_without_postgres(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	struct stat about;
	uint64_t age_ms;
	int64_t version;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	fill(lab);
	start(&r, lab, 1000);
	LAB_UNTIL(lab, r.snapshots == 1 && is_there(path));
	check_policy(&r);
	assert_false(dg_store_follower_is_from_file(r.follower));
	version = r.snapshot->version;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	/* It is kept up to date that nothing has changed. */
	LAB_UNTIL(lab, is_there(seen_path));
	stop(&r);

	lab_server("stop");
	start(&r, lab, 1000);
	LAB_UNTIL(lab, r.snapshots == 1);
	assert_true(dg_store_follower_is_from_file(r.follower));
	assert_int_equal(r.snapshot->version, version);
	check_policy(&r);
	age_ms =
		dg_clock_mono_ms() - dg_store_follower_last_poll_ms(r.follower);
	assert_true(age_ms < 60000);

	/* Back: what is there is current, and what comes is a change of it. */
	lab_server("start");
	LAB_UNTIL(lab, !dg_store_follower_is_from_file(r.follower));
	assert_int_equal(r.snapshots, 1);
	lab_run(lab,
		GIVE "('4', 'allow', '{use}', 'cluster', 'new', '{role:a}', "
		     "NULL)");
	LAB_UNTIL(lab, r.snapshots == 2);
	assert_int_equal(r.snapshot->n_changes, 1);
	assert_true(may_use(&r, "new", dg_clock_wall_us()));
	check_policy(&r);
	stop(&r);
	dg_log_set_fd(2);
}

/* Of many changes some are written; none for long stays the last one. */
static void
test_a_storm(void **state)
{
	struct lab *lab = *state;
	struct dg_error err;
	struct replica r;
	int64_t first;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	start(&r, lab, 3600000);
	LAB_UNTIL(lab, r.snapshots == 1 && is_there(path));
	first = r.snapshot->version;
	for (unsigned i = 0; i < 20; i++) {
		char sql[128];

		(void)snprintf(sql, sizeof(sql),
			       "INSERT INTO datagateway.users (name) "
			       "VALUES ('u%u')",
			       i);
		lab_run(lab, sql);
	}
	LAB_UNTIL(lab, r.snapshot->version == first + 20);
	assert_int_equal(version_in_file(lab, KEY, &err), first);
	/* Nothing says that this older version was seen since. */
	assert_false(is_there(seen_path));
	stop(&r);

	start(&r, lab, 1000);
	LAB_UNTIL(lab, version_in_file(lab, KEY, &err) == first + 20);
	stop(&r);
	dg_log_set_fd(2);
}

/* In a file that is cut off, another's, or not there, there is no policy. */
static void
test_refused(void **state)
{
	struct lab *lab = *state;
	struct dg_store_snapshot *s = NULL;
	struct dg_store_saver *saver;
	struct dg_error err;
	struct replica r;
	int64_t version;
	int64_t age_ms;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	assert_int_equal(version_in_file(lab, KEY, &err), 0);
	assert_int_equal(err.code, DG_ERR_NOT_FOUND);
	fill(lab);
	start(&r, lab, 1000);
	LAB_UNTIL(lab, is_there(path));
	version = r.snapshot->version;
	stop(&r);
	assert_int_equal(version_in_file(lab, KEY, &err), version);
	assert_int_equal(version_in_file(lab, OTHER_KEY, &err), 0);
	assert_non_null(strstr(err.text, "not written with this key"));
	assert_non_null(strstr(err.text, path));

	saver = open_saver(lab->loop, KEY, "host=elsewhere dbname=postgres",
			   1000);
	assert_int_equal(
		dg_store_saver_load(saver, POLICY_MAX_BYTES, &s, &age_ms, &err),
		DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "names \"elsewhere:/postgres\""));
	/* More than fits. */
	dg_store_saver_destroy(&saver);
	saver = open_saver(lab->loop, KEY, lab_conninfo(), 1000);
	assert_int_equal(dg_store_saver_load(saver, 4096, &s, &age_ms, &err),
			 DG_ERR_LIMIT);
	dg_store_saver_destroy(&saver);

	assert_int_equal(truncate(path, size_of(path) - 1), 0);
	assert_int_equal(version_in_file(lab, KEY, &err), 0);
	assert_non_null(strstr(err.text, "ends too early"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(version_in_file(lab, KEY, &err), 0);

	/* A replica says so and goes on without. */
	lab_server("stop");
	start(&r, lab, 1000);
	for (uint64_t until = dg_clock_mono_ms() + 500;
	     dg_clock_mono_ms() < until;)
		dg_loop_run_once(lab->loop);
	assert_int_equal(r.snapshots, 0);
	assert_int_equal(dg_store_follower_last_poll_ms(r.follower), 0);
	lab_server("start");
	LAB_UNTIL(lab, r.snapshots == 1);
	LAB_UNTIL(lab, version_in_file(lab, KEY, &err) == version);
	stop(&r);
	dg_log_set_fd(2);
}

/* Where it cannot be written, the policy is in force all the same. */
static void
test_nowhere_to_write(void **state)
{
	struct lab *lab = *state;
	struct replica r;
	char whole[sizeof(path)];

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	memcpy(whole, path, sizeof(path));
	(void)snprintf(path, sizeof(path), "%s/no/such", folder);
	start(&r, lab, 1000);
	LAB_UNTIL(lab, r.snapshots == 1);
	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann')");
	LAB_UNTIL(lab, r.snapshots == 2);
	stop(&r);
	memcpy(path, whole, sizeof(path));
	dg_log_set_fd(2);
}

/* The end does not wait for a Postgres that says nothing. */
static void
test_end_while_writing(void **state)
{
	struct lab *lab = *state;
	struct dg_pg *blocker = lab_connect(lab->loop);
	struct dg_error err;
	struct replica r;
	uint64_t from_ms;

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	start(&r, lab, 1000);
	LAB_UNTIL(lab, r.snapshots == 1 && is_there(path));
	dg_store_follower_destroy(&r.follower);
	dg_store_saver_destroy(&r.saver);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(dg_pg_script_wait(blocker, lab->loop,
					   "BEGIN; LOCK datagateway.rules",
					   &err),
			 DG_OK);
	r.saver = open_saver(lab->loop, KEY, lab_conninfo(), 1000);
	dg_store_saver_note(r.saver, r.snapshot);
	from_ms = dg_clock_mono_ms();
	while (strcmp(lab_ask(lab, "SELECT count(*) FROM pg_locks "
				   "WHERE NOT granted"),
		      "1") != 0)
		assert_true(dg_clock_mono_ms() - from_ms < 30000);
	from_ms = dg_clock_mono_ms();
	stop(&r);
	assert_true(dg_clock_mono_ms() - from_ms < 10000);
	assert_false(is_there(path));
	dg_pg_destroy(&blocker);
	dg_log_set_fd(2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)
		TEST(test_end_while_writing), TEST(test_start_without_postgres),
		TEST(test_a_storm),           TEST(test_refused),
		TEST(test_nowhere_to_write),
	};
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/policy", folder);
	(void)snprintf(seen_path, sizeof(seen_path), "%s/policy.seen", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)unlink(seen_path);
	(void)rmdir(folder);
	return failed;
}

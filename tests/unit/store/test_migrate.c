/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_migrate.c - the schema: made once, by one of many; and what it refuses
 * and writes down by itself, whoever the writer is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/lab.h"

#include <cmocka.h>

static void
test_fresh_and_again(void **state)
{
	struct lab *lab = *state;
	struct dg_error err;
	unsigned applied = 99;

	assert_int_equal(dg_store_migrate(lab->pg, lab->loop, &applied, &err),
			 DG_OK);
	assert_int_equal(applied, dg_store_schema_version());
	assert_int_equal(dg_store_migrate(lab->pg, lab->loop, &applied, &err),
			 DG_OK);
	assert_int_equal(applied, 0);
	assert_string_equal(lab_ask(lab, "SELECT version FROM "
					 "datagateway.policy_version"),
			    /* the default rules did not count it up */
			    "1");
	assert_string_equal(
		lab_ask(lab, "SELECT name FROM datagateway.schema_version "
			     "WHERE version = 1"),
		"001_policy.sql");
}

/* The child's exit status is how many steps it did, or 100. */
static int
migrate_in_child(void)
{
	struct dg_loop *loop = dg_loop_create("child", 10);
	struct dg_pg *pg = lab_connect(loop);
	struct dg_error err;
	unsigned applied = 100;

	if (dg_store_migrate(pg, loop, &applied, &err) != DG_OK)
		applied = 100;
	dg_pg_destroy(&pg);
	dg_loop_destroy(&loop);
	return (int)applied;
}

static void
test_many_at_once(void **state)
{
	enum { PROGRAMS = 6 };
	struct lab *lab = *state;
	pid_t pids[PROGRAMS];
	unsigned sum = 0;

	for (int i = 0; i < PROGRAMS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(migrate_in_child());
	}
	for (int i = 0; i < PROGRAMS; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) < 100);
		sum += (unsigned)WEXITSTATUS(status);
	}
	assert_int_equal(sum, dg_store_schema_version());
	assert_string_equal(
		lab_ask(lab,
			"SELECT count(*) = max(version) AND min(version) = 1 "
			"FROM datagateway.schema_version"),
		"t");
}

static void
test_newer_schema(void **state)
{
	struct lab *lab = *state;
	struct dg_error err;
	unsigned applied;
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
		       "INSERT INTO datagateway.schema_version VALUES "
		       "(%u, 'next')",
		       dg_store_schema_version() + 1);
	lab_run(lab, sql);
	assert_int_equal(dg_store_migrate(lab->pg, lab->loop, &applied, &err),
			 DG_OK);
	lab_run(lab, "UPDATE datagateway.schema_version SET version = 99 "
		     "WHERE name = 'next'");
	assert_int_equal(dg_store_migrate(lab->pg, lab->loop, &applied, &err),
			 DG_ERR_CONFLICT);
	assert_non_null(strstr(err.text, "update the program"));
}

/* A database owner without CREATEROLE can migrate; the grants are left out. */
static void
test_without_createrole(void **state)
{
	struct lab *lab = *state;
	struct dg_error err;
	unsigned applied = 0;

	lab_run(lab, "DO $$ BEGIN CREATE ROLE dg_owner; EXCEPTION WHEN "
		     "duplicate_object THEN NULL; END $$;"
		     "DROP ROLE IF EXISTS datagateway_proxy;"
		     "GRANT CREATE ON DATABASE postgres TO dg_owner");
	lab_run(lab, "SET ROLE dg_owner");
	if (dg_store_migrate(lab->pg, lab->loop, &applied, &err) != DG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(applied, dg_store_schema_version());
	lab_run(lab, "RESET ROLE");
	assert_string_equal(lab_ask(lab, "SELECT count(*) FROM pg_roles WHERE "
					 "rolname = 'datagateway_proxy'"),
			    "0");
	/* The superuser comes later. */
	assert_int_equal(dg_store_migrate(lab->pg, lab->loop, &applied, &err),
			 DG_OK);
	assert_string_equal(lab_ask(lab, "SELECT count(*) FROM pg_roles WHERE "
					 "rolname = 'datagateway_proxy'"),
			    "1");
}

/* What reads hostile bytes reads the policy, adds audit rows, no more. */
static void
test_proxy_role(void **state)
{
	static const char *const forbidden[] = {
		"UPDATE datagateway.users SET disabled = false",
		"INSERT INTO datagateway.roles (name) VALUES ('x')",
		"DELETE FROM datagateway.rules",
		"UPDATE datagateway.policy_version SET version = 0",
		"SELECT * FROM datagateway.policy_change",
		"SELECT text FROM datagateway.audit_decision",
		"DELETE FROM datagateway.audit_end",
		"SELECT datagateway.apply_changes('{}', 'x', 1)",
		"CREATE TABLE datagateway.x ()",
	};
	struct lab *lab = *state;

	lab_run(lab, "SET ROLE datagateway_proxy");
	assert_string_equal(
		lab_ask(lab, "SELECT version FROM datagateway.policy_version"),
		"1");
	for (size_t i = 0; i < DG_ARRAY_LEN(forbidden); i++)
		if (lab_try(lab, forbidden[i]) != DG_ERR_DENIED)
			fail_msg("%s: %s", forbidden[i], lab_error());
	lab_run(lab, "RESET ROLE");
}

static void
test_versions_and_log(void **state)
{
	struct lab *lab = *state;

	lab_run(lab, "INSERT INTO datagateway.users (name, password_hash) "
		     "VALUES ('ann', '$argon2id$v=19$x');"
		     "INSERT INTO datagateway.roles (name) VALUES ('r');"
		     "INSERT INTO datagateway.role_members (role, member_user) "
		     "VALUES ('r', 'ann')");
	assert_string_equal(
		lab_ask(lab, "SELECT version FROM datagateway.policy_version"),
		"2");
	lab_run(lab, "SET datagateway.actor = 'admin@x';"
		     "UPDATE datagateway.users SET password_hash = "
		     "'$argon2id$v=19$y'");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws(' ', version, actor, object, "
			     "name, before ->> 'password_hash', "
			     "after ->> 'password_hash', "
			     "after ->> 'credential_version') "
			     "FROM datagateway.policy_change "
			     "WHERE version > 1 ORDER BY id"),
		"2 postgres users ann *** 1\n"
		"2 postgres roles r\n"
		"2 postgres role_members r\n"
		"3 admin@x users ann *** *** 2");
	/* A transaction that fails takes no version. */
	assert_int_equal(lab_try(lab, "DELETE FROM datagateway.users;"
				      "SELECT 1 / 0"),
			 DG_ERR_INVALID);
	assert_string_equal(
		lab_ask(lab, "SELECT version FROM datagateway.policy_version"),
		"3");
}

#define RULE \
	"INSERT INTO datagateway.rules (name, effect, privileges, kind, " \
	"catalog, schema_name, object_name, principals, clusters) VALUES " \
	"('x', 'allow', '{select}', 'table', 'c', 's', 't', "

static void
test_what_is_refused(void **state)
{
	static const struct {
		const char *sql;
		const char *error;
	} cases[] = {
		{RULE "'{user:zoe}', '{}')",
		 "rule \"x\" names user \"zoe\", which does not exist"},
		{RULE "'{role:zoe}', '{}')",
		 "rule \"x\" names role \"zoe\", which does not exist"},
		{RULE "'{zoe}', '{}')", "which does not exist"},
		{RULE "'{user:ann}', '{moon}')",
		 "rule \"x\" names cluster \"moon\", which does not exist"},
		{RULE "'{}', '{}')", "rules_principals_check"},
		{RULE "'{user:ann,NULL}', '{}')", "violates check constraint"},
		{RULE "'{role:a}', '{}');"
		      "UPDATE datagateway.roles SET name = 'z' WHERE name = "
		      "'a'",
		 "does not exist"},
		{"DELETE FROM datagateway.roles WHERE name = 'public'",
		 "role public cannot be removed"},
		{"UPDATE datagateway.users SET default_cluster = 'moon'",
		 "the default cluster \"moon\" of user \"ann\" does not exist"},
		{"UPDATE datagateway.users SET password_hash = 'secret'",
		 "password_hash_check"},
		{"INSERT INTO datagateway.role_members (role, member_user) "
		 "VALUES ('public', 'ann')",
		 "violates check constraint"},
		{"INSERT INTO datagateway.role_members (role, member_role) "
		 "VALUES ('a', 'b'), ('b', 'c'), ('c', 'a')",
		 "roles form a cycle: "},
		{"INSERT INTO datagateway.role_members (role, member_role) "
		 "VALUES ('a', 'a')",
		 "roles form a cycle: a -> a"},
		{"INSERT INTO datagateway.users (name) VALUES (E'a\\nb')",
		 "violates check constraint"},
		{"INSERT INTO datagateway.users (name) VALUES ('')",
		 "violates check constraint"},
	};
	struct lab *lab = *state;

	lab_run(lab, "INSERT INTO datagateway.users (name) VALUES ('ann');"
		     "INSERT INTO datagateway.roles (name) VALUES ('a'), "
		     "('b'), ('c')");
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		assert_int_equal(lab_try(lab, cases[i].sql), DG_ERR_INVALID);
		if (strstr(lab_error(), cases[i].error) == NULL)
			fail_msg("%s: %s", cases[i].sql, lab_error());
	}
	/* Nothing of it is left, and good ones are taken. */
	lab_run(lab, RULE "'{user:ann,role:public}', '{}');"
			  "INSERT INTO datagateway.role_members "
			  "(role, member_role) VALUES ('a', 'b'), ('a', 'c'), "
			  "('b', 'c')");
	assert_int_equal(lab_try(lab, "DELETE FROM datagateway.users"),
			 DG_ERR_INVALID);
	assert_non_null(strstr(lab_error(),
			       "user \"ann\" is still named by rule \"x\""));
}

/* The words that the schema lets in are those that the program reads. */
static void
test_words(void **state)
{
	struct lab *lab = *state;
	const char *words = lab_ask(
		lab, "SELECT string_agg(m[1], ' ') FROM pg_constraint c, "
		     "regexp_matches(pg_get_constraintdef(c.oid), "
		     "'''([a-z_]+)''', 'g') m "
		     "WHERE conname IN ('rules_privileges_check', "
		     "'rules_kind_check')");
	struct dg_str rest = dg_str_from_cstr(words);
	struct dg_str word;
	size_t privileges = 0;
	size_t kinds = 0;
	enum dg_acl_kind kind;

	while (dg_str_split(&rest, ' ', &word)) {
		if (dg_acl_privilege_parse(word) != 0)
			privileges++;
		else if (dg_acl_kind_parse(word, &kind))
			kinds++;
		else
			fail_msg("unknown word %.*s", DG_STR_ARG(word));
	}
	assert_int_equal(privileges, DG_ACL_P_COUNT + 3); /* three bundles */
	assert_int_equal(kinds, DG_ACL_KIND_COUNT);
}

/* Two writers at once: versions are in the order of their commits. */
static void
test_order_of_versions(void **state)
{
	struct lab *lab = *state;
	struct dg_pg *other = lab_connect(lab->loop);
	uint64_t deadline_ms;
	struct dg_error err;

	lab_run(lab, "BEGIN");
	lab_run(lab, "INSERT INTO datagateway.roles (name) VALUES ('first')");
	/* Asked for now, can only go on when the first has committed. */
	assert_int_equal(dg_pg_script(other,
				      "INSERT INTO datagateway.roles (name) "
				      "VALUES ('second')",
				      NULL, NULL),
			 DG_OK);
	deadline_ms = dg_clock_mono_ms() + 30000;
	/* Asking drives the loop, and with it the other connection. */
	while (strcmp(lab_ask(lab, "SELECT count(*) FROM pg_locks "
				   "WHERE NOT granted"),
		      "1") != 0)
		assert_true(dg_clock_mono_ms() < deadline_ms);
	lab_run(lab, "COMMIT");
	if (dg_pg_script_wait(other, lab->loop, "SELECT 1", &err) != DG_OK)
		fail_msg("%s", err.text);
	assert_string_equal(
		lab_ask(lab, "SELECT version || name FROM "
			     "datagateway.policy_change WHERE version > 1 "
			     "ORDER BY id"),
		"2first\n3second");
	dg_pg_destroy(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fresh_and_again, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_many_at_once, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_without_createrole,
						lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(
			test_newer_schema, lab_setup_migrated, lab_teardown),
		cmocka_unit_test_setup_teardown(
			test_proxy_role, lab_setup_migrated, lab_teardown),
		cmocka_unit_test_setup_teardown(test_versions_and_log,
						lab_setup_migrated,
						lab_teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_refused, lab_setup_migrated, lab_teardown),
		cmocka_unit_test_setup_teardown(test_words, lab_setup_migrated,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_order_of_versions,
						lab_setup_migrated,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

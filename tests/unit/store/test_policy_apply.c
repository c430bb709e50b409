/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy_apply.c - what is stored becomes equal to the file: all of it or
 * nothing, once, shown as it is done, and never with a hash in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/lab.h"

#include <cmocka.h>

static struct dg_error last_error;
static size_t last_changes;
static int64_t last_version;
static char last_diff[65536];

static enum dg_rc
apply_with(struct lab *lab, const char *yaml, bool dry_run)
{
	struct dg_store_policy_file *file = NULL;
	struct dg_buf errors;
	struct dg_buf diff;
	enum dg_rc rc;

	dg_buf_init(&errors, 1 << 20);
	dg_buf_init(&diff, sizeof(last_diff) - 1);
	if (dg_store_policy_parse(dg_str_from_cstr(yaml), &file, &errors) !=
	    DG_OK)
		fail_msg("%.*s", DG_STR_ARG(dg_buf_peek(&errors)));
	last_error = (struct dg_error){0};
	rc = dg_store_policy_apply(lab->pg, lab->loop, file,
				   DG_STR("tester@lab"), dry_run, &diff, NULL,
				   &last_changes, &last_version, &last_error);
	memcpy(last_diff, dg_buf_peek(&diff).data, dg_buf_len(&diff));
	last_diff[dg_buf_len(&diff)] = '\0';
	dg_store_policy_destroy(&file);
	dg_buf_fini(&errors);
	dg_buf_fini(&diff);
	assert_null(strstr(last_diff, "$argon2id$"));
	return rc;
}

static void
apply(struct lab *lab, const char *yaml)
{
	if (apply_with(lab, yaml, false) != DG_OK)
		fail_msg("%s", last_error.text);
}

#define HASH(x) \
	"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGF" x

#define USERS \
	"users:\n- {name: ann, password_hash: '" HASH("1") "'}\n- {name: " \
							   "bob}\n"
#define ROLES \
	"roles:\n- {name: r, members: [ann]}\n" \
	"- {name: s, members: [role:r, bob]}\n"
#define CLUSTERS \
	"clusters:\n- {name: one, engine: trino, url: 'https://h:8443', " \
	"default: true}\n" \
	"- {name: two, engine: presto, url: 'http://h:80'}\n"
#define RULES \
	"rules:\n- {name: use, effect: allow, to: role:s, privileges: use, " \
	"cluster: '*'}\n" \
	"- {name: no, effect: deny, to: [public], except: [role:r], " \
	"privileges: [update, SELECT], table: C.s.t, columns: [b, A], " \
	"clusters: one, valid_from: 2026-01-01, reason: because}\n"

static void
test_everything_is_written(void **state)
{
	struct lab *lab = *state;

	apply(lab, USERS ROLES CLUSTERS RULES);
	assert_int_equal(last_changes, 8);
	assert_int_equal(last_version, 2);
	assert_string_equal(lab_ask(lab, "SELECT concat_ws('|', name, "
					 "password_hash <> '', disabled) FROM "
					 "datagateway.users ORDER BY name"),
			    "ann|t|f\nbob|f|f");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', role, member_user, "
			     "member_role) FROM datagateway.role_members "
			     "ORDER BY 1"),
		"r|ann\ns|bob\ns|r");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', name, engine, tls, host, "
			     "port, enabled, is_default, identity, "
			     "cross_check) FROM datagateway.clusters "
			     "ORDER BY 1"),
		"one|trino|t|h|8443|t|t|header|audit\n"
		"two|presto|f|h|80|t|f|header|off");
	assert_string_equal(
		lab_ask(lab,
			"SELECT concat_ws('|', name, effect, privileges, kind, "
			"catalog, schema_name, object_name, columns, clusters, "
			"principals, excepted, valid_from AT TIME ZONE 'UTC', "
			"reason, created_by) FROM datagateway.rules "
			"WHERE NOT builtin ORDER BY name"),
		"no|deny|{select,update}|table|c|s|t|{a,b}|{one}|{role:public}|"
		"{role:r}|2026-01-01 00:00:00|because|tester@lab\n"
		"use|allow|{use}|cluster|||*|{}|{}|{role:s}|{}||tester@lab");
	assert_string_equal(
		lab_ask(lab, "SELECT DISTINCT version || actor FROM "
			     "datagateway.policy_change WHERE version > 1"),
		"2tester@lab");
}

static void
test_idempotent(void **state)
{
	struct lab *lab = *state;

	apply(lab, USERS ROLES CLUSTERS RULES);
	apply(lab, USERS ROLES CLUSTERS RULES);
	assert_int_equal(last_changes, 0);
	assert_int_equal(last_version, 2);
	assert_string_equal(last_diff, "");
	/* Another order and spelling of the same. */
	apply(lab, RULES CLUSTERS ROLES USERS);
	assert_int_equal(last_changes, 0);
	assert_string_equal(lab_ask(lab, "SELECT version FROM "
					 "datagateway.policy_version"),
			    "2");
}

#define MODEL \
	"tags:\n- {name: PII, description: personal, objects: [C, c.s, " \
	"c.s.t.mail, '\"a.b\".s.t.f.g']}\n- {name: none}\n" \
	"catalogs:\n- {name: c, mode: observe}\n" \
	"clusters:\n- {name: one, engine: trino, url: 'http://h:1', " \
	"mode: observe, catalogs: [pg=pg_two]}\n" \
	"users:\n- {name: ann, auth_methods: [token]}\n" \
	"roles: []\n" \
	"rules:\n- {name: by tag, effect: deny, to: ann, privileges: select, " \
	"tags: [pii], networks: [10.0.0.0/8]}\n" \
	"admins:\n- {name: crm, role: steward, to: ann, schemas: [c.crm_*], " \
	"tags: [pii]}\n- {name: all, role: admin, to: user:ann}\n"

static void
test_the_whole_model(void **state)
{
	struct lab *lab = *state;

	apply(lab, MODEL);
	assert_int_equal(last_changes, 8);
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', tag, catalog, schema_name, "
			     "object_name, column_name) FROM "
			     "datagateway.tag_objects ORDER BY 1"),
		"pii|a.b|s|t|f.g\npii|c|s|t|mail\npii|c|s||\npii|c|||");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', name, kind, catalog, "
			     "schema_name, object_name, tags, networks, "
			     "break_glass) FROM datagateway.rules "
			     "WHERE NOT builtin"),
		"by tag|table|*|*|*|{pii}|{10.0.0.0/8}|f");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', name, role, principals, "
			     "catalogs, schemas, tags) FROM datagateway.admins "
			     "ORDER BY 1"),
		"all|admin|{user:ann}|{}|{}|{}\n"
		"crm|steward|{user:ann}|{}|{c.crm_*}|{pii}");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', mode, catalogs, (SELECT "
			     "concat(mode, auth_methods) FROM "
			     "datagateway.catalogs, datagateway.users)) FROM "
			     "datagateway.clusters"),
		"observe|{pg=pg_two}|observe{token}");
	apply(lab, MODEL);
	assert_int_equal(last_changes, 0);
	apply(lab, "tags:\n- {name: pii, objects: [c.s, d]}\n- {name: none}\n");
	assert_string_equal(
		last_diff,
		"~ tag \"pii\"\n    description: \"personal\" -> \"\"\n"
		"    objects: [\"\\\"a.b\\\".s.t.f.g\", \"c\", \"c.s\", "
		"\"c.s.t.mail\"] -> [\"c.s\", \"d\"]\n");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', catalog, schema_name) "
			     "FROM datagateway.tag_objects ORDER BY 1"),
		"c|s\nd|");
	/* The log knows of what, and who did it. */
	assert_string_equal(
		lab_ask(lab,
			"SELECT DISTINCT concat_ws('|', object, name, "
			"actor) FROM datagateway.policy_change "
			"WHERE object IN ('tags', 'tag_objects', 'admins', "
			"'catalogs') ORDER BY 1"),
		"admins|all|tester@lab\nadmins|crm|tester@lab\n"
		"catalogs|c|tester@lab\ntag_objects|pii|tester@lab\n"
		"tags|none|tester@lab\ntags|pii|tester@lab");
	assert_int_equal(apply_with(lab, "tags: []\n", false), DG_ERR_INVALID);
	apply(lab, "tags: []\nrules: []\nadmins: []\ncatalogs: []\n");
	assert_string_equal(lab_ask(lab, "SELECT count(*) FROM "
					 "datagateway.tag_objects"),
			    "0");
}

/* Also by others than our tools. */
static void
test_group_mappings(void **state)
{
	struct lab *lab = *state;

	apply(lab, "group_mappings:\n"
		   "- {name: Team A, roles: [s, r, gone, r], description: x}\n"
		   "- {name: team a, roles: r}\n");
	assert_int_equal(last_changes, 2);
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', name, roles, description) "
			     "FROM datagateway.group_mappings ORDER BY id"),
		"Team A|{gone,r,s}|x\nteam a|{r}|");
	/* A file without the section leaves it alone. */
	apply(lab, USERS);
	apply(lab, "group_mappings:\n- {name: Team A, roles: [r]}\n");
	assert_string_equal(last_diff,
			    "~ group mapping \"Team A\"\n"
			    "    roles: [\"gone\", \"r\", \"s\"] -> "
			    "[\"r\"]\n    description: \"x\" -> \"\"\n"
			    "- group mapping \"team a\"\n");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', object, name, actor, "
			     "before IS NULL, after IS NULL) FROM "
			     "datagateway.policy_change "
			     "WHERE object = 'group_mappings' ORDER BY id"),
		"group_mappings|Team A|tester@lab|t|f\n"
		"group_mappings|team a|tester@lab|t|f\n"
		"group_mappings|team a|tester@lab|f|t\n"
		"group_mappings|Team A|tester@lab|f|f");
}

static void
test_the_store_looks_itself(void **state)
{
	static const struct {
		const char *sql;
		const char *error;
	} cases[] = {
		{"DELETE FROM datagateway.tags WHERE name = 'pii'",
		 "tag \"pii\" is still named by rule \"by tag\""},
		{"DELETE FROM datagateway.users",
		 "user \"ann\" is still named by"},
		{"UPDATE datagateway.rules SET tags = '{gone}' WHERE NOT "
		 "builtin",
		 "rule \"by tag\" names tag \"gone\", which does not exist"},
		{"UPDATE datagateway.admins SET tags = '{gone}' WHERE name = "
		 "'crm'",
		 "admin \"crm\" names tags \"gone\", which does not exist"},
		{"UPDATE datagateway.rules SET effect = 'allow', reason = 'x', "
		 "break_glass = true, valid_until = now() + interval '25 "
		 "hours' WHERE NOT builtin",
		 "rule \"by tag\" breaks the glass and must end within a day"},
		{"UPDATE datagateway.rules SET effect = 'allow', break_glass = "
		 "true, valid_until = now() + interval '1 hour' WHERE NOT "
		 "builtin",
		 "violates check constraint"},
	};
	struct lab *lab = *state;

	apply(lab, MODEL);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		assert_int_not_equal(lab_try(lab, cases[i].sql), DG_OK);
		if (strstr(lab_error(), cases[i].error) == NULL)
			fail_msg("%s: %s", cases[i].sql, lab_error());
	}
}

static void
test_object_texts(void **state)
{
	struct lab *lab = *state;

	assert_string_equal(
		lab_ask(lab,
			"SELECT coalesce(array_to_string(p, '|', '-'), 'none') "
			"|| coalesce(' ' || (datagateway.object_text(p[1], "
			"coalesce(p[2], ''), coalesce(p[3], ''), "
			"coalesce(p[4], '')) = t), '') FROM unnest(ARRAY["
			"'c', 'c.s', 'c.s.t', 'c.s.t.a.b', "
			"'\"a.b\".\"x\"\"y\".t.\"q\"', 'c.', '', 'c..t', "
			"'\"c']) WITH ORDINALITY AS x (t, n), "
			"datagateway.object_parts(t) p ORDER BY n"),
		"c|-|-|- true\nc|s|-|- true\nc|s|t|- true\nc|s|t|a.b true\n"
		"a.b|x\"y|t|\"q\" true\nnone\nnone\nnone\nnone");
}

static void
test_dry_run(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(apply_with(lab, USERS, true), DG_OK);
	assert_int_equal(last_changes, 2);
	assert_int_equal(last_version, 1);
	assert_string_equal(last_diff, "+ user \"ann\"\n"
				       "    password_hash: set\n"
				       "+ user \"bob\"\n");
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.users"), "0");
}

static void
test_difference(void **state)
{
	struct lab *lab = *state;

	apply(lab, USERS ROLES CLUSTERS RULES);
	apply(lab,
	      "users:\n"
	      "- {name: ann, password_hash: '" HASH(
		      "2") "', disabled: true}\n"
			   "- {name: carl}\n"
			   "roles:\n- {name: r, members: [carl]}\n"
			   "clusters:\n- {name: two, engine: presto, url: "
			   "'http://h:80', "
			   "default: true}\n"
			   "rules:\n- {name: use, effect: allow, to: role:r, "
			   "privileges: use, cluster: '*', valid_until: "
			   "2030-01-01}\n"
			   "default_rules: false\n");
	assert_string_equal(
		last_diff, "~ cluster \"two\"\n"
			   "    is_default: false -> true\n"
			   "- cluster \"one\"\n"
			   "~ user \"ann\"\n"
			   "    password_hash: changed\n"
			   "    disabled: false -> true\n"
			   "+ user \"carl\"\n"
			   "- user \"bob\"\n"
			   "~ role \"r\"\n"
			   "    members: [\"user:ann\"] -> [\"user:carl\"]\n"
			   "- role \"s\"\n"
			   "~ rule \"use\"\n"
			   "    principals: [\"role:s\"] -> [\"role:r\"]\n"
			   "    valid_until: none -> \"2030-01-01T00:00:00Z\"\n"
			   "- rule \"no\"\n"
			   "~ default rules\n"
			   "    enabled: false\n");
	assert_int_equal(last_changes, 10);
	assert_string_equal(lab_ask(lab,
				    "SELECT count(*) FROM datagateway.rules "
				    "WHERE enabled"),
			    "1");
	/* The rule is the same one still. */
	assert_string_equal(
		lab_ask(lab, "SELECT count(DISTINCT after ->> 'id') FROM "
			     "datagateway.policy_change WHERE name = 'use'"),
		"1");
	apply(lab, "default_rules: true\n");
	assert_int_equal(last_changes, 1);
	apply(lab, "default_rules: true\n");
	assert_int_equal(last_changes, 0);
}

/* A section that the file does not have stays as it is. */
static void
test_absent_sections(void **state)
{
	struct lab *lab = *state;

	apply(lab, USERS ROLES CLUSTERS RULES);
	apply(lab, "{}");
	assert_int_equal(last_changes, 0);
	apply(lab, "rules: []\n");
	assert_int_equal(last_changes, 2);
	assert_string_equal(lab_ask(lab,
				    "SELECT count(*) FROM datagateway.rules "
				    "WHERE NOT builtin"),
			    "0");
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.users"), "2");
}

/* What the other sections, as they are stored, do not go with. */
static void
test_refused_as_a_whole(void **state)
{
	static const struct {
		const char *yaml;
		const char *error;
	} cases[] = {
		{"users: [{name: ann}]\n",
		 "role \"s\": there is no user \"bob\""},
		{"roles: [{name: r}]\n", "there is no role \"s\""},
		{"roles:\n- {name: r, members: role:s}\n"
		 "- {name: s, members: role:r}\n",
		 "roles form a cycle: r -> s -> r"},
		{"clusters: []\n", "rule \"no\": there is no cluster \"one\""},
		{"users:\n- {name: ann, default_cluster: three}\n"
		 "- {name: bob}\n",
		 "line 2: user \"ann\": there is no cluster \"three\""},
		{"rules: [{name: x, effect: allow, to: zoe, privileges: use, "
		 "cluster: one}]\n",
		 "line 1: rule \"x\": there is no user \"zoe\""},
	};
	struct lab *lab = *state;

	apply(lab, USERS ROLES CLUSTERS RULES);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		assert_int_not_equal(apply_with(lab, cases[i].yaml, false),
				     DG_OK);
		if (strstr(last_error.text, cases[i].error) == NULL)
			fail_msg("%s: %s", cases[i].yaml, last_error.text);
		assert_string_equal(lab_ask(lab, "SELECT version FROM "
						 "datagateway.policy_version"),
				    "2");
	}
}

static void
test_passwords(void **state)
{
	struct lab *lab = *state;
	char before[256];

	assert_int_equal(setenv("DG_TEST_PASSWORD", "first", 1), 0);
	apply(lab, "users: [{name: ann, password_env: DG_TEST_PASSWORD}]\n");
	assert_string_equal(last_diff, "+ user \"ann\"\n"
				       "    password_hash: set\n");
	(void)snprintf(before, sizeof(before), "%s",
		       lab_ask(lab, "SELECT password_hash FROM "
				    "datagateway.users"));
	assert_true(dg_store_password_verify(DG_STR("first"),
					     dg_str_from_cstr(before)));
	/* The same password: the same hash, nothing to do. */
	apply(lab, "users: [{name: ann, password_env: DG_TEST_PASSWORD}]\n");
	assert_int_equal(last_changes, 0);
	/* Not spoken of: it stays. */
	apply(lab, "users: [{name: ann, default_schema: x}]\n");
	assert_string_equal(last_diff, "~ user \"ann\"\n"
				       "    default_schema: \"\" -> \"x\"\n");
	assert_string_equal(
		lab_ask(lab, "SELECT password_hash FROM datagateway.users"),
		before);
	assert_int_equal(setenv("DG_TEST_PASSWORD", "second", 1), 0);
	apply(lab, "users: [{name: ann, default_schema: x, password_env: "
		   "DG_TEST_PASSWORD}]\n");
	assert_string_equal(last_diff, "~ user \"ann\"\n"
				       "    password_hash: changed\n");
	assert_string_equal(lab_ask(lab, "SELECT credential_version FROM "
					 "datagateway.users"),
			    "2");
	apply(lab, "users: [{name: ann, default_schema: x, password_hash: "
		   "none}]\n");
	assert_string_equal(last_diff, "~ user \"ann\"\n"
				       "    password_hash: removed\n");
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.policy_change "
			     "WHERE concat(before, after) LIKE '%argon2id%'"),
		"0");
}

/* Quotes, braces, dollars, long texts: kept byte for byte. */
static void
test_hostile_values(void **state)
{
	struct lab *lab = *state;
	static const char name[] = "o'neil; DROP TABLE x; -- {a,b} \\ \"q\" %s";

	apply(lab, "users: [{name: 'o''neil; DROP TABLE x; -- {a,b} \\ \"q\" "
		   "%s'}]\n"
		   "roles: [{name: '{,}', members: ['o''neil; DROP TABLE x; -- "
		   "{a,b} \\ \"q\" %s']}]\n"
		   "rules: [{name: '$1', effect: deny, to: ['role:{,}'], "
		   "privileges: select, table: 'a.\"b.''{}\".c', "
		   "columns: ['x,y', 'NULL'], reason: \"\xe2\x82\xac '\"}]\n");
	assert_string_equal(lab_ask(lab, "SELECT name FROM datagateway.users"),
			    name);
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws('|', name, schema_name, "
			     "columns[1], columns[2], principals[1], reason) "
			     "FROM datagateway.rules WHERE NOT builtin"),
		"$1|b.'{}|null|x,y|role:{,}|\xe2\x82\xac '");
	apply(lab, "users: [{name: 'o''neil; DROP TABLE x; -- {a,b} \\ \"q\" "
		   "%s'}]\n");
	assert_int_equal(last_changes, 0);
}

/* Between comparing and writing somebody else was there. */
static void
test_conflict(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(
		lab_try(lab, "SELECT datagateway.apply_changes('{}', 'x', 7)"),
		DG_ERR_INTERNAL);
	assert_string_equal(lab_error(),
			    "the policy was changed meanwhile (version 1, not "
			    "7) (SQLSTATE DG001)");
	assert_string_equal(lab_ask(lab, "SELECT version FROM "
					 "datagateway.policy_version"),
			    "1");
}

int
main(void)
{
#define APPLY_TEST(f) \
	cmocka_unit_test_setup_teardown(f, lab_setup_migrated, lab_teardown)
	const struct CMUnitTest tests[] = {
		APPLY_TEST(test_everything_is_written),
		APPLY_TEST(test_idempotent),
		APPLY_TEST(test_the_whole_model),
		APPLY_TEST(test_group_mappings),
		APPLY_TEST(test_the_store_looks_itself),
		APPLY_TEST(test_object_texts),
		APPLY_TEST(test_dry_run),
		APPLY_TEST(test_difference),
		APPLY_TEST(test_absent_sections),
		APPLY_TEST(test_refused_as_a_whole),
		APPLY_TEST(test_passwords),
		APPLY_TEST(test_hostile_values),
		APPLY_TEST(test_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy_permit.c - a steward's files and requests: what lies within the
 * scope is taken, and one thing beyond it refuses all of it, by its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy_model.h"
#include "store/lab.h"

#include <cmocka.h>

#define POLICY \
	"users: [{name: ann}, {name: bob}]\n" \
	"roles: [{name: r, members: [bob]}]\n" \
	"clusters: [{name: one, engine: trino, url: 'http://h:1'}]\n" \
	"catalogs: [{name: hive, mode: observe}]\n" \
	"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, " \
	"{name: sales, objects: [hive.s]}]\n" \
	"admins: [{name: a, role: steward, to: ann, catalogs: hive, tags: " \
	"sales}]\n" \
	"rules:\n" \
	"- {name: mine, effect: allow, to: role:r, privileges: read, table: " \
	"hive.*.*}\n" \
	"- {name: pii, effect: deny, to: public, except: [role:r], " \
	"privileges: select, tags: pii}\n" \
	"- {name: use, effect: allow, to: public, privileges: use, cluster: " \
	"'*'}\n"

static struct dg_store_policy_file *
parse(const char *yaml)
{
	struct dg_store_policy_file *file = NULL;
	struct dg_buf errors;

	dg_buf_init(&errors, 1 << 16);
	if (dg_store_policy_parse(dg_str_from_cstr(yaml), &file, &errors) !=
	    DG_OK)
		fail_msg("%s%.*s", yaml, DG_STR_ARG(dg_buf_peek(&errors)));
	dg_buf_fini(&errors);
	return file;
}

/* The error, or "". */
static const char *
permit(const struct dg_acl_admin *admins, size_t n, const char *yaml)
{
	static struct dg_error err;
	struct dg_store_policy_file *stored = parse(POLICY);
	struct dg_store_policy_file *file = parse(yaml);
	enum dg_rc rc;

	err = (struct dg_error){0};
	stored->model.default_rules = 1;
	rc = dg_policy_permit(admins, n, &file->model, &stored->model, &err);
	assert_true(rc == DG_OK || rc == DG_ERR_DENIED);
	dg_store_policy_destroy(&stored);
	dg_store_policy_destroy(&file);
	return err.text;
}

static const struct dg_acl_object hive = {.kind = DG_ACL_CATALOG,
					  .catalog = DG_STR_INIT("hive"),
					  .schema = DG_STR_INIT("")};
static const struct dg_str sales = DG_STR_INIT("sales");
static const struct dg_acl_admin steward = {.role = DG_ACL_STEWARD,
					    .objects = &hive,
					    .n_objects = 1,
					    .tags = &sales,
					    .n_tags = 1};
static const struct dg_acl_admin admin = {.role = DG_ACL_ADMIN};
static const struct dg_acl_admin auditor = {.role = DG_ACL_AUDITOR};

#define MINE \
	"- {name: mine, effect: allow, to: role:r, privileges: read, table: " \
	"hive.*.*}\n"
#define PII \
	"- {name: pii, effect: deny, to: public, except: [role:r], " \
	"privileges: select, tags: pii}\n"
#define USE \
	"- {name: use, effect: allow, to: public, privileges: use, cluster: " \
	"'*'}\n"
#define BEYOND "reaches beyond your catalogs, schemas and tags"
#define NO_OTHER "a steward may write rules, and put tags on objects"
#define NOT_YOURS "and what it is put on are not both yours"

static const struct {
	const char *yaml;
	const char *error; /* of the steward; "" taken */
} cases[] = {
	{POLICY, ""},
	{"", ""},
	/* Its own rules. */
	{"rules:\n" PII USE, ""},
	{"rules:\n" PII USE MINE
	 "- {name: new, effect: allow, to: [ann], privileges: own, table: "
	 "hive.s.t}\n"
	 "- {name: tagged, effect: allow, to: [ann], privileges: read, tags: "
	 "sales}\n",
	 ""},
	/* Those of others: changed, removed, dodged by except, replaced. */
	{"rules:\n" MINE USE, "rule \"pii\": the rule as it is " BEYOND},
	{"rules: []\n", "rule \"pii\": the rule as it is " BEYOND},
	{"rules:\n" MINE USE
	 "- {name: pii, effect: deny, to: public, except: [role:r, ann], "
	 "privileges: select, tags: pii}\n",
	 "rule \"pii\": the rule as it is " BEYOND},
	{"rules:\n" MINE PII
	 "- {name: use, effect: allow, to: role:r, privileges: read, table: "
	 "hive.s.t}\n",
	 "rule \"use\": the rule as it is " BEYOND},
	/* From within to beyond. */
	{"rules:\n" PII USE
	 "- {name: mine, effect: allow, to: role:r, privileges: read, table: "
	 "'*.*.*'}\n",
	 "rule \"mine\": the rule " BEYOND},
	{"rules:\n" MINE PII USE
	 "- {name: x, effect: allow, to: ann, privileges: own, table: "
	 "hive?.*.*}\n",
	 "rule \"x\": the rule " BEYOND},
	{"rules:\n" MINE PII USE
	 "- {name: x, effect: allow, to: ann, privileges: read, tags: [sales, "
	 "pii]}\n",
	 "rule \"x\": the rule " BEYOND},
	{"rules:\n" MINE PII USE
	 "- {name: x, effect: allow, to: ann, privileges: impersonate, user: "
	 "'*'}\n",
	 "rule \"x\": the rule " BEYOND},
	/* One thing beyond among many. */
	{"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, {name: sales, "
	 "objects: [hive.s, hive.x]}]\n"
	 "rules:\n" MINE PII USE
	 "- {name: x, effect: allow, to: ann, privileges: read, table: "
	 "d.s.t}\n",
	 "rule \"x\": the rule " BEYOND},
	/* Tags. */
	{"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, {name: sales, "
	 "objects: [hive.x.t.a]}]\n",
	 ""},
	{"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, {name: sales, "
	 "objects: [hive.s, d.s]}]\n",
	 "tag \"sales\": tag \"sales\" " NOT_YOURS},
	{"tags: [{name: pii, objects: [d.s.t]}, {name: sales, objects: "
	 "[hive.s]}]\n",
	 "tag \"pii\": tag \"pii\" " NOT_YOURS},
	{"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, {name: sales, "
	 "objects: [hive.s], description: x}]\n",
	 "tag \"sales\": " NO_OTHER},
	{"tags: [{name: pii, objects: [hive.s.t.mail, d.s.t]}, {name: sales, "
	 "objects: [hive.s]}, {name: new}]\n",
	 "tag \"new\": " NO_OTHER},
	/* All else. */
	{"users: [{name: ann}, {name: bob}, {name: new}]\n",
	 "user \"new\": " NO_OTHER},
	{"users: [{name: ann, password_hash: none}, {name: bob}]\n",
	 "user \"ann\": " NO_OTHER},
	{"users: [{name: ann}]\n", "user \"bob\": " NO_OTHER},
	{"roles: [{name: r, members: [bob, ann]}]\n", "role \"r\": " NO_OTHER},
	{"clusters: [{name: one, engine: trino, url: 'http://h:2'}]\n",
	 "cluster \"one\": " NO_OTHER},
	{"catalogs: []\n", "catalog \"hive\": " NO_OTHER},
	{"catalogs: [{name: hive}]\n", "catalog \"hive\": " NO_OTHER},
	{"admins: [{name: a, role: admin, to: ann}]\n",
	 "admin \"a\": " NO_OTHER},
	{"default_rules: true\n", ""},
	{"default_rules: false\n", "default_rules: " NO_OTHER},
};

static void
test_steward(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const char *error = permit(&steward, 1, cases[i].yaml);

		if (strcmp(error, cases[i].error) != 0)
			fail_msg("%s\n%s\nnot %s", cases[i].yaml, error,
				 cases[i].error);
	}
}

static void
test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		assert_string_equal(permit(&admin, 1, cases[i].yaml), "");
		if (cases[i].error[0] == '\0')
			continue;
		assert_non_null(strstr(permit(&auditor, 1, cases[i].yaml),
				       "you may write nothing"));
		assert_non_null(strstr(permit(NULL, 0, cases[i].yaml),
				       "you may write nothing"));
	}
}

/* ---- who is what -------------------------------------------------------- */

static size_t
rows_with(struct lab *lab, const char *subject, const struct dg_str *roles,
	  size_t n_roles, enum dg_acl_admin_role *first)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_acl_admin *admins;
	struct dg_error err;
	size_t n;

	assert_int_equal(dg_store_admins_of(lab->pg, lab->loop,
					    dg_str_from_cstr(subject), roles,
					    n_roles, arena, &admins, &n, &err),
			 DG_OK);
	if (n > 0)
		*first = admins[0].role;
	if (n > 0 && admins[0].role == DG_ACL_STEWARD) {
		assert_int_equal(admins[0].n_objects, 2);
		assert_true(
			dg_str_eq(admins[0].objects[1].schema, DG_STR("a.b")));
	}
	dg_arena_destroy(&arena);
	return n;
}

static size_t
rows_of(struct lab *lab, const char *subject, enum dg_acl_admin_role *first)
{
	return rows_with(lab, subject, NULL, 0, first);
}

static void
test_rows(void **state)
{
	struct lab *lab = *state;
	static const struct dg_str session[] = {DG_STR_INIT("un\"known"),
						DG_STR_INIT("low")};
	enum dg_acl_admin_role role = DG_ACL_ADMIN;

	lab_run(lab,
		"INSERT INTO datagateway.users (name, disabled) VALUES "
		"('ann', false), ('bob', false), ('eve', false), "
		"('gone', true);"
		"INSERT INTO datagateway.roles (name) VALUES ('low'), ('top');"
		"INSERT INTO datagateway.role_members VALUES "
		"('low', 'ann', NULL), ('top', NULL, 'low'), "
		"('top', 'gone', NULL);"
		"INSERT INTO datagateway.admins (name, role, principals, "
		"catalogs, schemas) VALUES ('s', 'steward', '{role:top}', "
		"'{hive}', ARRAY['lake.\"a.b\"']);"
		"INSERT INTO datagateway.admins (name, role, principals) "
		"VALUES ('x', 'admin', '{user:bob}')");
	assert_int_equal(rows_of(lab, "ann", &role), 1);
	assert_int_equal(role, DG_ACL_STEWARD);
	assert_int_equal(rows_of(lab, "bob", &role), 1);
	assert_int_equal(role, DG_ACL_ADMIN);
	assert_int_equal(rows_of(lab, "eve", &role), 0);
	assert_int_equal(rows_of(lab, "gone", &role), 0);
	assert_int_equal(rows_of(lab, "nobody", &role), 0);
	/* Roles of a session count as those that are stored. */
	role = DG_ACL_ADMIN;
	assert_int_equal(rows_with(lab, "eve", session, 2, &role), 1);
	assert_int_equal(role, DG_ACL_STEWARD);
	assert_int_equal(rows_with(lab, "gone", session, 2, &role), 0);
	lab_run(lab, "INSERT INTO datagateway.admins (name, role, principals) "
		     "VALUES ('all', 'auditor', '{role:public}')");
	assert_int_equal(rows_of(lab, "eve", &role), 1);
	assert_int_equal(role, DG_ACL_AUDITOR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steward),
		cmocka_unit_test(test_others),
		cmocka_unit_test_setup_teardown(test_rows, lab_setup_migrated,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

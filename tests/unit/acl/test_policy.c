/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy.c - the builder: what it refuses, nested roles, cycles, limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/world.h"

#include <cmocka.h>

static void
expect_refused(const char *lines, enum dg_rc rc, const char *text)
{
	struct dg_error err = {0};

	assert_null(world_build(lines, &err));
	assert_int_equal(err.code, rc);
	assert_string_equal(err.text, text);
}

static void
test_names_must_be_there(void **state)
{
	(void)state;
	expect_refused("user ann\nuser ann\n", DG_ERR_CONFLICT,
		       "user \"ann\" exists already");
	expect_refused("role r\nrole r\n", DG_ERR_CONFLICT,
		       "role \"r\" exists already");
	expect_refused("member r ann\n", DG_ERR_NOT_FOUND,
		       "there is no role \"r\"");
	expect_refused("role r\nmember r ann\n", DG_ERR_NOT_FOUND,
		       "there is no user \"ann\"");
	expect_refused("allow 1 ann select table c.s.t\n", DG_ERR_NOT_FOUND,
		       "there is no user \"ann\"");
	/* Names of users are compared exactly. */
	expect_refused("user ann\nallow 1 Ann select table c.s.t\n",
		       DG_ERR_NOT_FOUND, "there is no user \"Ann\"");
	expect_refused("user ann\ndeny 1 ann select table c.s.t except=@x\n",
		       DG_ERR_NOT_FOUND, "there is no role \"x\"");
	expect_refused("user ann\nmember public ann\n", DG_ERR_INVALID,
		       "public holds every user; it has no members and is no "
		       "member");
}

static void
test_ids_are_unique(void **state)
{
	(void)state;
	expect_refused("user ann\n"
		       "allow 2 ann select table c.s.t\n"
		       "allow 1 ann select table c.s.u\n"
		       "deny 2 ann select table c.s.t\n",
		       DG_ERR_CONFLICT, "two rules have the id 2");
}

static void
test_cycles(void **state)
{
	(void)state;
	expect_refused("role a\nmember a @a\n", DG_ERR_CONFLICT,
		       "roles form a cycle: a -> a");
	expect_refused("user ann\nrole x\nrole a\nrole b\nrole c\n"
		       "member x ann\nmember a ann\n"
		       "member a @b\nmember b @c\nmember c @a\nmember x @c\n",
		       DG_ERR_CONFLICT, "roles form a cycle: a -> c -> b -> a");
}

/* A diamond is no cycle. */
static void
test_diamond(void **state)
{
	struct dg_acl_snapshot *s =
		world("user ann\nrole top\nrole l\nrole r\nrole low\n"
		      "member top @l\nmember top @r\nmember l @low\n"
		      "member r @low\nmember low ann\n"
		      "allow 1 @top select table c.s.t\n");

	(void)state;
	assert_string_equal(world_ask(s, "ann select table c.s.t", WORLD_PLAIN),
			    "allowed 1");
	assert_string_equal(world_explain(s, "ann select table c.s.t"),
			    "rules=1 path=ann -> low -> l -> top");
	dg_acl_snapshot_unref(&s);
}

/* Nesting depth costs no stack. */
static void
test_deep_nesting(void **state)
{
	enum { DEPTH = 20000 };
	struct dg_acl_builder *b = dg_acl_builder_create(1, 64 << 20);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;
	struct dg_acl_principal who = {.name = DG_STR("ann")};
	struct dg_acl_rule rule = {
		.id = 1,
		.principals = &who,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_USE),
		.object = {.kind = DG_ACL_CLUSTER, .name = DG_STR("one")},
	};
	char names[2][32];

	(void)state;
	assert_int_equal(dg_acl_add_user(b, who.name, &err), DG_OK);
	for (int i = 0; i < DEPTH; i++) {
		char *name = names[i % 2];

		(void)snprintf(name, sizeof(names[0]), "r%d", i);
		assert_int_equal(
			dg_acl_add_role(b, dg_str_from_cstr(name), &err),
			DG_OK);
		assert_int_equal(
			dg_acl_add_member(b, dg_str_from_cstr(name), who, &err),
			DG_OK);
		who = (struct dg_acl_principal){.is_role = true,
						.name = dg_str_from_cstr(name)};
	}
	assert_int_equal(dg_acl_add_rule(b, &rule, &err), DG_OK);
	assert_int_equal(dg_acl_builder_finish(&b, &s, &err), DG_OK);
	assert_string_equal(world_ask(s, "ann use cluster one", WORLD_PLAIN),
			    "allowed 1");
	dg_acl_snapshot_unref(&s);
}

static void
test_memory_is_bounded(void **state)
{
	struct dg_acl_builder *b = dg_acl_builder_create(1, 256 * 1024);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err = {0};
	char name[64];
	enum dg_rc rc = DG_OK;

	(void)state;
	for (int i = 0; i < 100000 && rc == DG_OK; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		rc = dg_acl_add_user(b, dg_str_from_cstr(name), &err);
	}
	assert_int_equal(rc, DG_ERR_LIMIT);
	assert_string_equal(err.text,
			    "the policy needs more than 262144 bytes");
	/* What failed once cannot be finished by accident. */
	assert_int_equal(dg_acl_builder_finish(&b, &s, &err), DG_ERR_LIMIT);
	assert_null(b);
	assert_null(s);
}

static void
test_references(void **state)
{
	struct dg_acl_snapshot *s = world("user ann\n"
					  "allow 5 ann select table c.s.t\n");
	struct dg_acl_snapshot *second = dg_acl_snapshot_ref(s);

	(void)state;
	assert_int_equal(dg_acl_snapshot_version(s), 7);
	assert_int_equal(dg_acl_snapshot_rules(s), 1);
	assert_true(dg_acl_snapshot_bytes(s) > 0);
	dg_acl_snapshot_unref(&s);
	assert_null(s);
	assert_string_equal(
		world_ask(second, "ann select table c.s.t", WORLD_PLAIN),
		"allowed 5");
	dg_acl_snapshot_unref(&second);
	dg_acl_snapshot_unref(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_must_be_there),
		cmocka_unit_test(test_ids_are_unique),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_diamond),
		cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

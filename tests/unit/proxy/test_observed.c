/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_observed.c - in a catalog that is observed nothing is refused for lack
 * of a right, all of it is said, and what nobody can account for is refused,
 * even if only for now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authorize.h"

static struct dg_acl_snapshot *
make_policy(void)
{
	static const struct dg_acl_principal alice = {
		.name = DG_STR_INIT("alice")};
	struct dg_acl_rule rule = {.id = 1,
				   .principals = &alice,
				   .n_principals = 1,
				   .privileges = DG_ACL_BIT(DG_ACL_P_SELECT),
				   .object = {.kind = DG_ACL_TABLE,
					      .catalog = DG_STR("hive"),
					      .schema = DG_STR("hr"),
					      .name = DG_STR("t")}};
	struct dg_acl_builder *b = dg_acl_builder_create(1, 1 << 20);
	struct dg_acl_snapshot *policy = NULL;

	assert_int_equal(dg_acl_add_user(b, alice.name, NULL), DG_OK);
	assert_int_equal(dg_acl_add_rule(b, &rule, NULL), DG_OK);
	rule.id = 2;
	rule.effect = DG_ACL_DENY;
	rule.privileges = DG_ACL_BIT(DG_ACL_P_INSERT);
	assert_int_equal(dg_acl_add_rule(b, &rule, NULL), DG_OK);
	assert_int_equal(dg_acl_observe_catalog(b, DG_STR("hive"), NULL),
			 DG_OK);
	assert_int_equal(dg_acl_builder_finish(&b, &policy, NULL), DG_OK);
	return policy;
}

static struct dg_verdict
authorize(const struct dg_acl_snapshot *policy, struct dg_arena *arena,
	  const enum dg_sql_action *actions, size_t n, size_t n_passing)
{
	struct dg_sql_access accesses[4] = {{.action = DG_SQL_ACT_SELECT}};
	const struct dg_sql_analysis analysis = {.access = accesses,
						 .n_access = n};
	const struct dg_authorize_request request = {.policy = policy,
						     .user = DG_STR("alice"),
						     .cluster = DG_STR("east"),
						     .now_us = 1,
						     .analysis = &analysis};
	struct dg_verdict verdict;

	for (size_t i = 0; i < n; i++) {
		accesses[i].action = actions[i];
		accesses[i].is_passing = i < n_passing;
		accesses[i].reason = DG_STR("Nobody knows");
		accesses[i].object = (struct dg_sql_name){
			DG_STR("hive"), DG_STR("hr"), DG_STR("t")};
	}
	assert_int_equal(dg_authorize(&request, arena, &verdict), DG_OK);
	return verdict;
}

static void
test_observed(void **state)
{
	static const enum dg_sql_action actions[] = {
		DG_SQL_ACT_SELECT, DG_SQL_ACT_DELETE, DG_SQL_ACT_INSERT,
		DG_SQL_ACT_OPAQUE};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_snapshot *policy = make_policy();
	struct dg_verdict v;

	(void)state;
	v = authorize(policy, arena, actions, 1, 0);
	assert_true(v.allowed && !v.observed);
	v = authorize(policy, arena, actions, 3, 0);
	assert_true(v.allowed && v.observed);
	assert_true(dg_str_eq(v.reason, DG_STR("would_deny")));
	assert_true(dg_str_eq(
		v.access_json,
		DG_STR("[{\"action\":\"select\",\"catalog\":\"hive\","
		       "\"schema\":\"hr\",\"table\":\"t\",\"rule\":1},"
		       "{\"action\":\"delete\",\"catalog\":\"hive\","
		       "\"schema\":\"hr\",\"table\":\"t\","
		       "\"would_deny\":\"not_granted\"},"
		       "{\"action\":\"insert\",\"catalog\":\"hive\","
		       "\"schema\":\"hr\",\"table\":\"t\","
		       "\"would_deny\":\"denied_by_rule\",\"rule\":2}]")));
	v = authorize(policy, arena, actions, 4, 0);
	assert_true(!v.allowed && !v.observed);
	assert_true(dg_str_eq(v.reason, DG_STR("opaque")));
	dg_acl_snapshot_unref(&policy);
	dg_arena_destroy(&arena);
}

/* Nothing is missing to who asks: that is no denial. */
static void
test_unknown_for_now(void **state)
{
	static const enum dg_sql_action both[] = {DG_SQL_ACT_OPAQUE,
						  DG_SQL_ACT_OPAQUE};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_snapshot *policy = make_policy();
	struct dg_verdict v;

	(void)state;
	v = authorize(policy, arena, both, 1, 1);
	assert_true(!v.allowed && v.is_passing);
	assert_true(dg_str_eq(v.reason, DG_STR("metadata")));
	assert_true(dg_str_eq(v.message, DG_STR("Nobody knows")));
	v = authorize(policy, arena, both, 2, 1);
	assert_true(!v.allowed && !v.is_passing);
	assert_true(dg_str_starts_with(v.message, DG_STR("Access Denied: "
							 "Nobody knows; ")));
	dg_acl_snapshot_unref(&policy);
	dg_arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_observed),
		cmocka_unit_test(test_unknown_for_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

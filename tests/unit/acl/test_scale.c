/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_scale.c - a large policy: what it takes to build, to hold, to ask.
 *
 * Prints its figures; what it asserts is generous enough for any machine and
 * for sanitizers. DG_TEST_RULES sets the number of rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/acl.h"
#include "base/clock.h"

#include <cmocka.h>

enum {
	USERS = 500,
	ROLES = 100,
	TABLES = 10000,
	COLUMNS = 50,
	SCHEMAS = 50,
	RULES = 100000,
	QUESTIONS = 20000,
	NAME = 32,
};

static uint64_t chance = 88172645463325252U;

static unsigned
dice(unsigned sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % sides;
}

static struct dg_str
name(char out[NAME], const char *prefix, unsigned number)
{
	(void)snprintf(out, NAME, "%s%u", prefix, number);
	return dg_str_from_cstr(out);
}

static void
add_members(struct dg_acl_builder *b)
{
	char first[NAME];
	char second[NAME];
	struct dg_error err;

	for (unsigned i = 0; i < USERS; i++)
		assert_int_equal(
			dg_acl_add_user(b, name(first, "user", i), &err),
			DG_OK);
	for (unsigned i = 0; i < ROLES; i++)
		assert_int_equal(
			dg_acl_add_role(b, name(first, "role", i), &err),
			DG_OK);
	/* Chains of five roles; users in the innermost of three of them. */
	for (unsigned i = 0; i < ROLES; i++)
		if (i % 5 != 4)
			assert_int_equal(
				dg_acl_add_member(
					b, name(first, "role", i),
					(struct dg_acl_principal){
						.is_role = true,
						.name = name(second, "role",
							     i + 1)},
					&err),
				DG_OK);
	for (unsigned i = 0; i < 3 * USERS; i++)
		assert_int_equal(
			dg_acl_add_member(
				b, name(first, "role", dice(ROLES / 5) * 5 + 4),
				(struct dg_acl_principal){
					.name = name(second, "user",
						     i % USERS)},
				&err),
			DG_OK);
}

/* 20 % patterns, 30 % with columns, 5 % denies. */
static void
add_rule(struct dg_acl_builder *b, int64_t id)
{
	char who[NAME];
	char schema[NAME];
	char table[NAME];
	char columns[3][NAME];
	struct dg_str column_names[3];
	unsigned t = dice(TABLES);
	bool is_pattern = dice(10) < 2;
	struct dg_acl_principal principal = {
		.is_role = true, .name = name(who, "role", dice(ROLES))};
	struct dg_acl_rule rule = {
		.id = id,
		.effect = dice(20) == 0 ? DG_ACL_DENY : DG_ACL_ALLOW,
		.principals = &principal,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_SELECT),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("lake"),
			   .schema = name(schema, "schema", t % SCHEMAS),
			   .name = name(table, "table", t)},
		.columns = column_names,
	};
	struct dg_error err;

	if (dice(10) == 0) {
		principal.is_role = false;
		principal.name = name(who, "user", dice(USERS));
	}
	if (is_pattern) {
		(void)snprintf(table, sizeof(table), "table%u*", t / 10);
		rule.object.name = dg_str_from_cstr(table);
	}
	if (dice(10) < 3)
		for (; rule.n_columns < 3; rule.n_columns++)
			column_names[rule.n_columns] =
				name(columns[rule.n_columns], "column",
				     dice(COLUMNS));
	if (dg_acl_add_rule(b, &rule, &err) != DG_OK)
		fail_msg("%s", err.text);
}

static void
ask(struct dg_acl_snapshot *s, struct dg_acl_cache *cache, unsigned question,
    struct dg_arena *arena)
{
	static char names[COLUMNS][NAME];
	static struct dg_str all[COLUMNS];
	char user[NAME];
	char schema[NAME];
	char table[NAME];
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("lake"),
			   .schema = name(schema, "schema", question % SCHEMAS),
			   .name = name(table, "table", question % TABLES)},
		.columns = all,
		.n_columns = 8,
		.columns_known = true,
		.table_columns = all,
		.n_table_columns = COLUMNS,
	};
	struct dg_acl_request request = {
		.user = name(user, "user", question % USERS),
		.cluster = DG_STR("one"),
		.now_us = 1,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_acl_decision decision;

	if (all[0].data == NULL)
		for (unsigned i = 0; i < COLUMNS; i++)
			all[i] = name(names[i], "column", i);
	dg_arena_reset(arena);
	assert_int_equal(dg_acl_decide(s, cache, &request, arena, &decision),
			 DG_OK);
}

static double
time_questions(struct dg_acl_snapshot *s, struct dg_acl_cache *cache,
	       unsigned distinct)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	uint64_t start;
	double us;

	if (cache != NULL) /* warm */
		for (unsigned i = 0; i < distinct; i++)
			ask(s, cache, i * 7919, arena);
	start = dg_clock_mono_us();
	for (unsigned i = 0; i < QUESTIONS; i++)
		ask(s, cache, i % distinct * 7919, arena);
	us = (double)(dg_clock_mono_us() - start) / QUESTIONS;
	dg_arena_destroy(&arena);
	return us;
}

static void
test_scale(void **state)
{
	const char *text = getenv("DG_TEST_RULES");
	long rules = text == NULL ? RULES : strtol(text, NULL, 10);
	struct dg_acl_builder *b =
		dg_acl_builder_create(1, (size_t)rules * 400 + (16 << 20));
	uint64_t start = dg_clock_mono_us();
	struct dg_acl_snapshot *s = NULL;
	struct dg_acl_cache *cache;
	struct dg_error err;
	double build_ms;
	double cold_us;
	double warm_us;

	(void)state;
	add_members(b);
	for (int64_t i = 1; i <= rules; i++)
		add_rule(b, i);
	assert_int_equal(dg_acl_builder_finish(&b, &s, &err), DG_OK);
	build_ms = (double)(dg_clock_mono_us() - start) / 1000;
	cold_us = time_questions(s, NULL, QUESTIONS);
	cache = dg_acl_cache_create(s, 4096);
	warm_us = time_questions(s, cache, 1000);
	print_message("%ld rules: built in %.0f ms, %.1f MB, %.0f bytes a "
		      "rule; decide %.2f us cold, %.2f us warm\n",
		      rules, build_ms,
		      (double)dg_acl_snapshot_bytes(s) / (1 << 20),
		      (double)dg_acl_snapshot_bytes(s) / (double)rules, cold_us,
		      warm_us);
	assert_true(dg_acl_snapshot_bytes(s) / (size_t)rules < 300);
	assert_true(cold_us < 5000);
	assert_true(warm_us < 500);
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

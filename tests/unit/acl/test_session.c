/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_session.c - roles that a user has in one session only: they count as
 * stored ones do, and no other session sees them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "acl/reach.h"
#include "acl/world.h"

static const char policy[] =
	"user ann\nuser bob\n"
	"role reader\nrole analyst\nrole lead\nrole guest\n"
	"member reader @analyst\nmember analyst @lead\nmember guest ann\n"
	"allow 1 @reader select table c.s.t\n"
	"allow 2 @lead select table c.s.salary\n"
	"deny 3 @guest select table c.s.t except=@lead\n"
	"deny 4 @analyst insert table c.s.t\n"
	"allow 5 @public insert table c.s.t\n"
	"allow 6 ann select table c.s.own\n";

static void
decides(void **state)
{
	static const struct {
		const char *question;
		const char *answer;
	} rows[] = {
		{"bob select table c.s.t columns=a known=a",
		 "not_granted missing=a"},
		{"bob select table c.s.t columns=a known=a roles=reader",
		 "allowed 1"},
		/* Roles above it as well. */
		{"bob select table c.s.t columns=a known=a roles=lead",
		 "allowed 1"},
		{"bob select table c.s.salary columns=a known=a roles=lead",
		 "allowed 2"},
		/* Denies and exceptions see them. */
		{"bob insert table c.s.t", "allowed 5"},
		{"bob insert table c.s.t roles=reader", "allowed 5"},
		{"bob insert table c.s.t roles=lead", "denied_by_rule 4"},
		{"ann select table c.s.t columns=a known=a roles=reader",
		 "denied_by_rule 3 missing=a"},
		{"ann select table c.s.t columns=a known=a roles=lead",
		 "allowed 1"},
		/* What is no role, or what everybody has, gives nothing. */
		{"bob select table c.s.t columns=a known=a "
		 "roles=nobody,public,bob",
		 "not_granted missing=a"},
		{"bob select table c.s.t columns=a known=a roles=Reader",
		 "not_granted missing=a"},
		/* Nor do roles make a user. */
		{"zoe select table c.s.t columns=a known=a roles=lead",
		 "no_such_user"},
		{"bob select table c.s.t columns=a known=a "
		 "roles=lead,reader,lead",
		 "allowed 1"},
		/* Whoever comes with them has them and what all have. */
		{"zoe select table c.s.t columns=a known=a roles=lead anyone",
		 "allowed 1"},
		{"zoe select table c.s.t columns=a known=a roles=gone anyone",
		 "not_granted missing=a"},
		{"zoe insert table c.s.t anyone", "allowed 5"},
		{"zoe insert table c.s.t roles=lead anyone",
		 "denied_by_rule 4"},
		{"zoe select table c.s.t columns=a known=a "
		 "roles=reader,guest anyone",
		 "denied_by_rule 3 missing=a"},
		/* Of nobody by name: neither ann's roles nor her rules. */
		{"ann select table c.s.t columns=a known=a roles=reader anyone",
		 "allowed 1"},
		{"ann select table c.s.own columns=a known=a", "allowed 6"},
		{"ann select table c.s.own columns=a known=a anyone",
		 "not_granted missing=a"},
	};
	struct dg_acl_snapshot *s = world(policy);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++)
		for (int how = WORLD_PLAIN; how <= WORLD_EXPLAINED; how++) {
			const char *got = world_ask(s, rows[i].question,
						    (enum world_how)how);

			if (strcmp(got, rows[i].answer) != 0)
				fail_msg("%s: %s, not %s", rows[i].question,
					 got, rows[i].answer);
		}
	dg_acl_snapshot_unref(&s);
}

static bool
may_select(struct dg_acl_snapshot *s, struct dg_acl_cache *cache,
	   const struct dg_str *roles, size_t n_roles)
{
	const struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s"),
			   .name = DG_STR("t")},
		.all_columns = true,
		.columns_known = true,
	};
	const struct dg_acl_request request = {
		.user = DG_STR("bob"),
		.roles = roles,
		.n_roles = n_roles,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_decision d;

	assert_int_equal(dg_acl_decide(s, cache, &request, arena, &d), DG_OK);
	dg_arena_destroy(&arena);
	return d.allowed;
}

/* One cache for all sessions of a worker. */
static void
does_not_leak_through_the_cache(void **state)
{
	const struct dg_str reader[] = {DG_STR("reader")};
	const struct dg_str guest[] = {DG_STR("reader"), DG_STR("guest")};
	const struct dg_str turned[] = {DG_STR("guest"), DG_STR("reader")};
	struct dg_acl_snapshot *s = world(policy);
	struct dg_acl_cache *cache = dg_acl_cache_create(s, 100);

	(void)state;
	for (int round = 0; round < 3; round++) {
		assert_true(may_select(s, cache, reader, 1));
		assert_false(may_select(s, cache, NULL, 0));
		assert_false(may_select(s, cache, guest, 2));
		assert_false(may_select(s, cache, turned, 2));
	}
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
}

/* More roles than a key of the cache can hold. */
static void
is_right_with_many_roles(void **state)
{
	enum { MANY = 300 };
	static char lines[MANY * 40];
	static char names[MANY][8];
	struct dg_str roles[MANY];
	struct dg_acl_snapshot *s;
	struct dg_acl_cache *cache;
	size_t len = 0;

	(void)state;
	len += (size_t)snprintf(lines, sizeof(lines), "user bob\n");
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "r%u", i);
		roles[i] = dg_str_from_cstr(names[i]);
		len += (size_t)snprintf(lines + len, sizeof(lines) - len,
					"role r%u\n", i);
	}
	(void)snprintf(lines + len, sizeof(lines) - len,
		       "allow 1 @r299 select table c.s.t\n");
	s = world(lines);
	cache = dg_acl_cache_create(s, 100);
	for (int round = 0; round < 2; round++) {
		assert_true(may_select(s, cache, roles, MANY));
		assert_false(may_select(s, cache, roles, MANY - 1));
	}
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
}

static void
shows_and_explains(void **state)
{
	struct dg_acl_snapshot *s = world(policy);

	(void)state;
	assert_false(world_can_see(s, "bob show table c.s.salary"));
	assert_true(world_can_see(s, "bob show table c.s.salary roles=lead"));
	assert_false(world_has_any(s, "bob show table c.s.salary"));
	assert_true(world_has_any(s, "bob show table c.s.salary roles=lead"));
	assert_string_equal(
		world_explain(s, "bob select table c.s.t columns=a known=a "
				 "roles=lead"),
		"rules=1 path=bob -> lead -> analyst -> reader");
	assert_string_equal(
		world_explain(s, "a-group select table c.s.t columns=a known=a "
				 "roles=guest,lead anyone"),
		"rules=1 path=a-group -> lead -> analyst -> reader");
	assert_string_equal(world_explain(s, "a-group insert table c.s.t "
					     "roles=guest anyone"),
			    "rules=5 path=a-group -> public");
	dg_acl_snapshot_unref(&s);
}

static bool
brings_denies(struct dg_acl_snapshot *s, const char *user, const char *role)
{
	const struct dg_str roles[] = {dg_str_from_cstr(role)};
	const struct dg_acl_request who = {
		.user = dg_str_from_cstr(user), .roles = roles, .n_roles = 1};
	struct dg_arena *arena = dg_arena_create(4096);
	bool denies = true;

	assert_int_equal(dg_acl_session_denies(s, &who, arena, &denies), DG_OK);
	dg_arena_destroy(&arena);
	return denies;
}

/* Only what the user would not have without the session. */
static void
tells_of_denies(void **state)
{
	struct dg_acl_snapshot *s =
		world("user ann\nuser bob\nrole low\nrole high\nrole other\n"
		      "member high @low\nmember high ann\n"
		      "deny 1 @high select table c.s.t\n"
		      "deny 2 @public insert table c.s.t\n"
		      "allow 3 @other select table c.s.*\n");

	(void)state;
	assert_true(brings_denies(s, "bob", "low"));
	assert_true(brings_denies(s, "bob", "high"));
	assert_false(brings_denies(s, "ann", "low"));
	assert_false(brings_denies(s, "bob", "other"));
	assert_false(brings_denies(s, "bob", "unknown"));
	assert_false(brings_denies(s, "nobody", "high"));
	dg_acl_snapshot_unref(&s);
}

static uint64_t
fingerprint(const char *lines, const struct dg_str *roles, size_t n_roles)
{
	struct dg_acl_snapshot *s = world(lines);
	const struct dg_acl_request who = {
		.user = DG_STR("bob"), .roles = roles, .n_roles = n_roles};
	uint64_t number = dg_acl_fingerprint(s, &who);

	dg_acl_snapshot_unref(&s);
	return number;
}

static void
is_part_of_the_fingerprint(void **state)
{
	const struct dg_str lead[] = {DG_STR("lead")};
	const struct dg_str reader[] = {DG_STR("reader")};
	const struct dg_str more[] = {DG_STR("lead"), DG_STR("no-role"),
				      DG_STR("reader")};
	char changed[1024];

	(void)state;
	assert_true(fingerprint(policy, lead, 1) !=
		    fingerprint(policy, NULL, 0));
	assert_true(fingerprint(policy, lead, 1) !=
		    fingerprint(policy, reader, 1));
	assert_true(fingerprint(policy, lead, 1) ==
		    fingerprint(policy, more, 3));
	(void)snprintf(changed, sizeof(changed),
		       "%sallow 9 @reader select table c.s.u\n", policy);
	assert_true(fingerprint(changed, lead, 1) !=
		    fingerprint(policy, lead, 1));
	assert_true(fingerprint(changed, NULL, 0) ==
		    fingerprint(policy, NULL, 0));
}

static void
is_surprised(void *arg, const struct dg_acl_effect_item *item)
{
	(void)arg;
	fail_msg("%.*s", DG_STR_ARG(item->user));
}

/* Nothing differs, which takes steps to see; there are only so many. */
static void
counts_what_comparing_takes(void **state)
{
	const struct dg_str roles[] = {DG_STR("lead"), DG_STR("reader")};
	const struct dg_acl_comers comers = {.name = DG_STR("group"),
					     .before = roles,
					     .n_before = 2,
					     .after = roles,
					     .n_after = 2};
	struct dg_acl_snapshot *s = world(policy);
	struct dg_acl_comparison comparison = {
		.before = s, .after = s, .max = 1, .fn = is_surprised};
	struct dg_acl_effects effects;
	uint64_t steps = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			dg_acl_compare_anyone(&comparison, &comers, &effects),
			DG_OK);
		assert_false(effects.is_cut);
		assert_true(comparison.steps > steps);
		steps = comparison.steps;
	}
	comparison.steps = UINT64_C(1) << 40;
	assert_int_equal(dg_acl_compare_anyone(&comparison, &comers, &effects),
			 DG_OK);
	assert_true(effects.is_cut);
	dg_acl_snapshot_unref(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(does_not_leak_through_the_cache),
		cmocka_unit_test(is_right_with_many_roles),
		cmocka_unit_test(shows_and_explains),
		cmocka_unit_test(tells_of_denies),
		cmocka_unit_test(is_part_of_the_fingerprint),
		cmocka_unit_test(counts_what_comparing_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fingerprint.c - it changes with what a user may do, and with nothing
 * else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "acl/world.h"

#include <cmocka.h>

#define RULES \
	"allow 1 @reader select table c.s.* columns=a,b\n" \
	"deny 2 ann select table c.s.t reason=because\n" \
	"allow 3 @public use cluster one from=5 until=9\n" \
	"deny 4 @public insert table c.*.* except=@reader,bob clusters=x,y\n"

static uint64_t
fingerprint(const char *lines, const char *user)
{
	struct dg_acl_snapshot *s = world(lines);
	const struct dg_acl_request who = {.user = dg_str_from_cstr(user)};
	uint64_t number = dg_acl_fingerprint(s, &who);

	dg_acl_snapshot_unref(&s);
	return number;
}

/* What is about others, and how a snapshot was put together. */
static void
stays(void **state)
{
	static const char *const same[] = {
		PEOPLE RULES,
		/* Rules of others, their roles, more people. */
		PEOPLE RULES "allow 5 bob,@steward read table *.*.*\n",
		PEOPLE RULES "user carl\nrole new\nmember new bob\n",
		"user zoe\n" PEOPLE RULES "allow 5 zoe read table c.s.t\n",
		/* Other ids, another reason, another order. */
		"role steward\nrole analyst\nrole reader\nuser bob\nuser ann\n"
		"member reader @analyst\nmember steward bob\n"
		"member analyst ann\n"
		"allow 70 @public use cluster one from=5 until=9\n"
		"deny 40 @public insert table c.*.* except=bob,@reader "
		"clusters=y,x\n"
		"deny 30 ann select table c.s.t\n"
		"allow 20 @reader select table c.s.* columns=b,a\n",
		/* One principal more in a rule is that one's business. */
		PEOPLE "allow 1 @reader,bob select table c.s.* columns=a,b\n"
		       "deny 2 ann select table c.s.t reason=because\n"
		       "allow 3 @public use cluster one from=5 until=9\n"
		       "deny 4 @public insert table c.*.* except=@reader,bob "
		       "clusters=x,y\n",
	};
	uint64_t want = fingerprint(same[0], "ann");

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(same); i++)
		if (fingerprint(same[i], "ann") != want)
			fail_msg("%zu differs", i);
}

static void
changes(void **state)
{
	static const char *const others[] = {
		PEOPLE RULES,
		PEOPLE,
		PEOPLE RULES "allow 5 ann read table c.s.t\n",
		PEOPLE RULES "allow 5 @analyst read table c.s.t\n",
		PEOPLE RULES "allow 5 @public read table c.s.t\n",
		PEOPLE RULES "deny 5 @public read table c.s.t\n",
		PEOPLE RULES "deny 5 @public read table c.s.*\n",
		PEOPLE RULES "deny 5 @public read table c.s.t*\n",
		PEOPLE RULES "deny 5 @public read table c.t.s\n",
		PEOPLE RULES "deny 5 @public select table c.t.s\n",
		PEOPLE RULES "deny 5 @public select table c.t.s columns=a\n",
		PEOPLE RULES "deny 5 @public select table c.t.s columns=a.b\n",
		PEOPLE RULES "deny 5 @public select table c.t.s columns=a,b\n",
		PEOPLE RULES "deny 5 @public read table c.s.t from=1\n",
		PEOPLE RULES "deny 5 @public read table c.s.t until=1\n",
		PEOPLE RULES "deny 5 @public read table c.s.t clusters=x\n",
		PEOPLE RULES "deny 5 @public read table c.s.t clusters=y\n",
		PEOPLE RULES "deny 5 @public read table c.s.t except=bob\n",
		PEOPLE RULES "deny 5 @public read table c.s.t except=@reader\n",
		PEOPLE RULES "member steward ann\n",
		PEOPLE RULES "role empty\nmember empty ann\n",
	};
	uint64_t seen[DG_ARRAY_LEN(others)];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(others); i++) {
		seen[i] = fingerprint(others[i], "ann");
		for (size_t j = 0; j < i; j++)
			if (seen[i] == seen[j])
				fail_msg("%zu is like %zu", i, j);
	}
}

/* What Ann may do changes by itself: with the time, with where she is. */
#define VARYING \
	"allow 1 @public select table c.s.*\n" \
	"allow 2 @analyst select table c.t.* from=10 until=20\n" \
	"deny 3 ann select table c.s.hot from=15\n" \
	"deny 4 ann,bob select table c.s.home networks=192.168.0.0/16\n" \
	"allow 5 @reader update table c.s.t networks=10.0.0.0/8 until=30\n" \
	"allow 6 bob select table c.u.* until=12\n"

struct moment {
	int64_t now_us;
	const char *client;
	unsigned like; /* moments of the same number have the same rules */
};

static void
follows_time_and_place(void **state)
{
	static const struct moment moments[] = {
		{9, "10.0.0.1:5000", 0},
		{9, "10.9.9.9", 0}, /* in the same networks */
		{0, "10.0.0.1", 0},
		{10, "10.0.0.1", 1}, /* 2 begins */
		{12, "10.0.0.1", 1}, /* 6 is none of hers */
		{14, "10.0.0.1", 1},
		{15, "10.0.0.1", 2}, /* 3 begins */
		{19, "::ffff:10.0.0.1", 2},
		{20, "10.0.0.1", 3}, /* 2 has ended */
		{29, "10.0.0.1", 3},
		{30, "10.0.0.1", 4}, /* 5 has ended */
		{1000, "172.16.0.1", 4},
		{1000, "10.0.0.1", 4}, /* but not to be had there any more */
		{9, "172.16.0.1", 5},
		{9, "2001:db8::1", 5},
		{9, "192.168.0.1", 6},
		{9, "", 6}, /* not known: denies bite, allows do not help */
		{20, "192.168.0.1", 7},
	};
	struct dg_acl_snapshot *s = world(PEOPLE VARYING);
	uint64_t seen[DG_ARRAY_LEN(moments)];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(moments); i++) {
		const struct dg_acl_request who = {
			.user = DG_STR("ann"),
			.client = dg_str_from_cstr(moments[i].client),
			.now_us = moments[i].now_us,
		};

		seen[i] = dg_acl_fingerprint(s, &who);
		for (size_t j = 0; j < i; j++)
			if ((seen[i] == seen[j]) !=
			    (moments[i].like == moments[j].like))
				fail_msg("%zu against %zu", i, j);
	}
	dg_acl_snapshot_unref(&s);
}

/* A rule of a role that only this session gives ends as others do. */
static void
follows_roles_of_the_session(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 @steward select table c.s.* until=10\n");
	const struct dg_str roles[] = {DG_STR("steward")};
	struct dg_acl_request who = {.user = DG_STR("ann")};
	uint64_t seen[4];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(seen); i++) {
		who.roles = roles;
		who.n_roles = i / 2;
		who.now_us = i % 2 == 0 ? 9 : 10;
		seen[i] = dg_acl_fingerprint(s, &who);
	}
	assert_true(seen[0] == seen[1]);
	assert_true(seen[2] != seen[3]);
	assert_true(seen[1] != seen[3]);
	dg_acl_snapshot_unref(&s);
}

/* Replicas compare each other's: no seed of a process may be in it. */
static void
is_the_same_everywhere(void **state)
{
	(void)state;
	assert_int_equal(fingerprint(PEOPLE RULES, "ann"),
			 UINT64_C(0xfa526bbc8545c97d));
	assert_true(fingerprint(PEOPLE RULES, "bob") !=
		    fingerprint(PEOPLE RULES, "ann"));
	assert_true(fingerprint(PEOPLE RULES, "nobody") == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays),
		cmocka_unit_test(changes),
		cmocka_unit_test(follows_time_and_place),
		cmocka_unit_test(follows_roles_of_the_session),
		cmocka_unit_test(is_the_same_everywhere),
	};

	return cmocka_run_group_tests_name("acl.fingerprint", tests, NULL,
					   NULL);
}

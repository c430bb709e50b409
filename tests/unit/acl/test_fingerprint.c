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
		cmocka_unit_test(is_the_same_everywhere),
	};

	return cmocka_run_group_tests_name("acl.fingerprint", tests, NULL,
					   NULL);
}

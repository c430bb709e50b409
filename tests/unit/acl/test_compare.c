/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_compare.c - what is told of rules about users, where "role:NAME" stands
 * for those whom the role holds. All other kinds, and that nothing is left
 * out, is for tests/policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "acl/reach.h"
#include "acl/world.h"

#include <cmocka.h>

enum { TOLD_MAX = 256, ITEMS_MAX = 64 };

struct told {
	char text[TOLD_MAX];
	size_t len;
};

/* "+impersonate eve " */
static void
on_effect(void *arg, const struct dg_acl_effect_item *item)
{
	struct told *told = arg;
	int n = snprintf(told->text + told->len, TOLD_MAX - told->len,
			 "%c%s %.*s ",
			 dg_acl_rights_any(&item->gains) ? '+' : '-',
			 dg_acl_privilege_name(item->privilege),
			 DG_STR_ARG(item->object.name));

	assert_in_range(n, 1, TOLD_MAX - told->len - 1);
	if (dg_str_eq(item->user, DG_STR("ann")))
		told->len += (size_t)n;
	told->text[told->len] = '\0';
}

static void
check(const char *before, const char *after, const char *expected)
{
	struct dg_acl_snapshot *was = world(before);
	struct dg_acl_snapshot *is_now = world(after);
	struct told told = {.len = 0};
	struct dg_acl_comparison comparison = {.before = was,
					       .after = is_now,
					       .max = ITEMS_MAX,
					       .fn = on_effect,
					       .arg = &told};
	struct dg_acl_effects effects;

	assert_int_equal(dg_acl_compare(&comparison, &effects), DG_OK);
	assert_false(effects.is_cut);
	assert_string_equal(told.text, expected);
	dg_acl_snapshot_unref(&was);
	dg_acl_snapshot_unref(&is_now);
}

static void
test_roles(void **state)
{
	static const struct {
		const char *kept;
		const char *made;
		const char *gained;
		const char *lost;
	} cases[] = {
		{"", "allow 2 @public impersonate user role:reader\n",
		 "+impersonate role:reader ", "-impersonate role:reader "},
		/* r* is of names that users have, not of "role:reader". */
		{"allow 1 ann impersonate user r*\n",
		 "allow 2 @public impersonate user role:reader\n",
		 "+impersonate role:reader ", "-impersonate role:reader "},
		{"allow 1 ann impersonate user *\n",
		 "allow 2 @public impersonate user role:reader\n", "", ""},
		/* Who is taken out of those a role holds. */
		{"allow 1 @public view query role:public\n",
		 "deny 2 ann view query ?o?\n", "-view ?o? ", "+view ?o? "},
		{"allow 1 @public view query bob\n",
		 "deny 2 ann view query role:steward\n", "-view bob ",
		 "+view bob "},
		{"allow 1 @public view query role:public\n",
		 "deny 2 ann view query role:steward\n", "-view role:steward ",
		 "+view role:steward "},
		{"allow 1 @public view query b*\n",
		 "deny 2 ann view query role:steward\n", "-view role:steward ",
		 "+view role:steward "},
		{"", "deny 2 ann view query ?o?\n", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char with[1024];
		char without[1024];

		(void)snprintf(without, sizeof(without), PEOPLE "%s",
			       cases[i].kept);
		(void)snprintf(with, sizeof(with), "%s%s", without,
			       cases[i].made);
		check(without, with, cases[i].gained);
		check(with, without, cases[i].lost);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

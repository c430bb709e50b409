/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_places.c - what depends on where a question comes from: networks,
 * clusters with names of their own, roles of a token, what is only observed,
 * and rules that break the glass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "acl/world.h"

#include <cmocka.h>

static void
test_networks(void **state)
{
	CHECK("allow 1 ann insert table c.s.t "
	      "networks=10.0.0.0/8,2001:db8::/32\n"
	      "allow 2 ann delete table c.s.t\n"
	      "deny 3 ann delete table c.s.t networks=192.0.2.0/24\n",
	      {"ann insert table c.s.t client=10.1.2.3", "allowed 1"},
	      {"ann insert table c.s.t client=10.1.2.3:999", "allowed 1"},
	      {"ann insert table c.s.t client=::ffff:10.1.2.3", "allowed 1"},
	      {"ann insert table c.s.t client=[2001:db8::1]:99", "allowed 1"},
	      {"ann insert table c.s.t client=11.1.2.3", "not_granted"},
	      {"ann delete table c.s.t client=10.1.2.3", "allowed 2"},
	      {"ann delete table c.s.t client=192.0.2.9", "denied_by_rule 3"},
	      /* Not known: allows are not given, denies bite. */
	      {"ann insert table c.s.t", "not_granted"},
	      {"ann delete table c.s.t", "denied_by_rule 3"},
	      {"ann delete table c.s.t client=unix", "denied_by_rule 3"});
}

static void
test_catalog_names(void **state)
{
	CHECK("map two pg pg_two\nmap two iceberg hive\nmap three pg hive\n"
	      "allow 1 ann insert table hive.s.t\n"
	      "allow 2 ann insert table pg.s.t\n"
	      "allow 3 ann insert table pg_two.s.t clusters=two\n"
	      "allow 4 ann set property hive.*\n"
	      "tag hot catalog pg_two\n"
	      "allow 5 ann delete table *.*.* tags=hot\n",
	      {"ann insert table hive.s.t cluster=one", "allowed 1"},
	      {"ann insert table hive.s.t cluster=two", "allowed 1"},
	      {"ann insert table ICEBERG.s.t cluster=Two", "allowed 1"},
	      {"ann insert table iceberg.s.t cluster=one", "not_granted"},
	      {"ann insert table pg.s.t cluster=one", "allowed 2"},
	      {"ann insert table pg.s.t cluster=two", "allowed 3"},
	      {"ann insert table pg.s.t cluster=three", "allowed 1"},
	      {"ann insert table pg.s.t", "allowed 2"},
	      {"ann set property iceberg.x cluster=two", "allowed 4"},
	      {"ann set property iceberg.x cluster=one", "not_granted"},
	      {"ann delete table pg.s.t cluster=two", "allowed 5"},
	      {"ann delete table pg.s.t cluster=one", "not_granted"});
}

static void
test_observed(void **state)
{
	CHECK("observe_cluster two\nobserve_catalog hive\nmap one h hive\n"
	      "deny 1 ann select table hive.s.t columns=a\n"
	      "allow 2 ann select table hive.s.u\n",
	      {"ann select table hive.s.t columns=a,b cluster=one known=a,b",
	       "observed denied_by_rule 1 missing=a,b"},
	      {"ann select table h.s.t columns=b cluster=one known=a,b",
	       "observed not_granted missing=b"},
	      {"ann select table hive.s.u columns=b cluster=one known=b",
	       "allowed 2"},
	      {"ann insert table d.s.t cluster=one", "not_granted"},
	      {"ann insert table d.s.t cluster=two", "observed not_granted"},
	      {"ann insert table d.s.t", "not_granted"},
	      {"ann set property x cluster=two", "observed not_granted"},
	      {"ann set property x cluster=one", "not_granted"},
	      {"ann set property h.x cluster=one", "observed not_granted"},
	      {"ann create schema hive.x cluster=one", "observed not_granted"},
	      {"ann show catalog nothing cluster=two", "observed not_granted"},
	      /* Who may come in, and what is done to others, is decided. */
	      {"ann use cluster two cluster=two", "not_granted"},
	      {"ann impersonate user bob cluster=two", "not_granted"},
	      {"ann kill query bob cluster=two", "not_granted"},
	      {"ann select table system.runtime.queries columns=query "
	       "cluster=two known=query",
	       "not_granted missing=query"},
	      {"ann execute procedure system.runtime.kill_query cluster=two",
	       "not_granted"},
	      {"nobody insert table hive.s.t cluster=two", "no_such_user"});
}

static void
test_is_observed(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "observe_cluster two\nobserve_catalog hive\n");
	const struct dg_acl_request two = {.user = DG_STR("ann"),
					   .cluster = DG_STR("two")};
	const struct dg_acl_request one = {.user = DG_STR("ann"),
					   .cluster = DG_STR("one")};
	const struct dg_acl_request stranger = {.user = DG_STR("x"),
						.cluster = DG_STR("two")};
	struct dg_acl_object object = {.kind = DG_ACL_SCHEMA,
				       .catalog = DG_STR("d"),
				       .schema = DG_STR("s")};

	(void)state;
	assert_true(dg_acl_is_observed(s, &two, &object));
	assert_false(dg_acl_is_observed(s, &one, &object));
	assert_false(dg_acl_is_observed(s, &stranger, &object));
	assert_false(dg_acl_can_see(s, &two, &object));
	object.catalog = DG_STR("HIVE");
	assert_true(dg_acl_is_observed(s, &one, &object));
	dg_acl_snapshot_unref(&s);
}

static void
test_roles_of_tokens(void **state)
{
	CHECK("role top\nmember top @steward\n"
	      "allow 1 @reader insert table c.s.t\n"
	      "allow 2 @top delete table c.s.t\n"
	      "deny 3 @public insert table c.s.u except=@steward\n"
	      "allow 4 @public insert table c.s.u\n",
	      {"Eve insert table c.s.t", "not_granted"},
	      {"Eve insert table c.s.t roles=reader", "allowed 1"},
	      {"Eve insert table c.s.t roles=analyst", "allowed 1"},
	      {"Eve insert table c.s.t roles=gone,reader", "allowed 1"},
	      {"Eve insert table c.s.t roles=Reader", "not_granted"},
	      {"Eve delete table c.s.t roles=steward", "allowed 2"},
	      {"Eve insert table c.s.u", "denied_by_rule 3"},
	      {"Eve insert table c.s.u roles=reader", "denied_by_rule 3"},
	      {"Eve insert table c.s.u roles=steward", "allowed 4"},
	      {"ann insert table c.s.t roles=reader,steward", "allowed 1"},
	      {"nobody insert table c.s.t roles=reader", "no_such_user"});
}

/* The same cache must not mix up clients and roles. */
static void
test_cache(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 ann insert table c.s.t "
			     "networks=10.0.0.0/8\n"
			     "allow 2 @steward insert table c.s.t\n");
	struct dg_acl_cache *cache = dg_acl_cache_create(s, 100);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_str steward = DG_STR("steward");
	const struct dg_acl_entry entry = {.privilege = DG_ACL_P_INSERT,
					   .object = {.kind = DG_ACL_TABLE,
						      .catalog = DG_STR("c"),
						      .schema = DG_STR("s"),
						      .name = DG_STR("t")}};
	const struct {
		struct dg_acl_request request;
		bool allowed;
	} asks[] = {
		{{.client = DG_STR("10.0.0.1")}, true},
		{{.client = DG_STR("11.0.0.1")}, false},
		{{.client = DG_STR("")}, false},
		{{.client = DG_STR("11.0.0.1"),
		  .roles = &steward,
		  .n_roles = 1},
		 true},
	};

	(void)state;
	for (size_t i = 0; i < 3 * DG_ARRAY_LEN(asks); i++) {
		size_t at = i % DG_ARRAY_LEN(asks);
		struct dg_acl_request request = asks[at].request;
		struct dg_acl_decision decision;

		request.user = DG_STR("ann");
		request.entries = &entry;
		request.n_entries = 1;
		assert_int_equal(
			dg_acl_decide(s, cache, &request, arena, &decision),
			DG_OK);
		assert_int_equal(decision.allowed, asks[at].allowed);
	}
	dg_arena_destroy(&arena);
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
}

static void
test_break_glass(void **state)
{
	CHECK("allow 1 ann insert table c.*.* until=9 reason=fire break_glass\n"
	      "allow 2 ann insert table c.s.t\n"
	      "deny 3 ann insert table c.s.u\n",
	      /* Named only where no other rule would do; no deny gives way. */
	      {"ann insert table c.s.t now=1", "allowed 2"},
	      {"ann insert table c.s.v now=1", "allowed 1 break_glass"},
	      {"ann insert table c.s.v now=9", "not_granted"},
	      {"ann insert table c.s.u now=1", "denied_by_rule 3"});
}

static void
test_refused(void **state)
{
	static const char *const bad[][2] = {
		{"user ann\nallow 1 ann read table c.s.t until=9 break_glass\n",
		 "a break_glass rule needs a reason"},
		{"user ann\nallow 1 ann read table c.s.t reason=x "
		 "break_glass\n",
		 "a break_glass rule needs an end"},
		{"user ann\ndeny 1 ann read table c.s.t reason=x until=9 "
		 "break_glass\n",
		 "break_glass goes with allow only"},
		{"user ann\nallow 1 ann read table c.s.t reason=x from=1 "
		 "until=86400000002 break_glass\n",
		 "a break_glass rule ends after a day at the latest"},
		{"user ann\nallow 1 ann read table c.s.t networks=10.0.0.1/8\n",
		 "network \"10.0.0.1/8\" has bits behind its prefix"},
		{"map one c d\nmap one C e\n",
		 "catalog \"C\" of cluster \"one\" has two names"},
		{"map one c d*\n",
		 "catalog \"d*\" is a pattern; a name is wanted"},
		{"observe_catalog c*\n",
		 "catalog \"c*\" is a pattern; a name is wanted"},
	};
	struct dg_error err = {0};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		assert_null(world_build(bad[i][0], &err));
		assert_string_equal(err.text, bad[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_catalog_names),
		cmocka_unit_test(test_observed),
		cmocka_unit_test(test_is_observed),
		cmocka_unit_test(test_roles_of_tokens),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_break_glass),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

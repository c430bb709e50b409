/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_decide.c - docs/policy.md "Decision", each sentence as a table. Every
 * question is asked plainly, through a warm cache and with explanation: the
 * answers must be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "acl/world.h"

#include <cmocka.h>

static void
test_nothing_by_default(void **state)
{
	CHECK("",
	      {"ann select table c.s.t columns=a known=a",
	       "not_granted missing=a"},
	      {"ann insert table c.s.t", "not_granted"},
	      {"ann show table c.s.t", "not_granted"},
	      {"ann use cluster one", "not_granted"},
	      {"zoe select table c.s.t columns=a known=a", "no_such_user"},
	      {"eve use cluster one", "no_such_user"});
}

static void
test_allow_adds(void **state)
{
	CHECK("allow 1 @reader select table c.s.t columns=a\n"
	      "allow 2 ann select table c.s.t columns=b\n"
	      "allow 3 @public select table c.pub.*\n"
	      "allow 4 @steward select table c.s.*\n",
	      {"ann select table c.s.t columns=a known=a,b,x", "allowed 1"},
	      {"ann select table c.s.t columns=b,a known=a,b,x", "allowed 2"},
	      {"ann select table c.s.t columns=a,x,b,y known=a,b,x,y",
	       "not_granted missing=x,y"},
	      {"bob select table c.s.t columns=x known=a,b,x", "allowed 4"},
	      {"Eve select table c.pub.any columns=x known=x", "allowed 3"},
	      {"Eve select table c.s.t columns=a known=a",
	       "not_granted missing=a"},
	      {"ann update table c.s.t columns=a known=a",
	       "not_granted missing=a"});
}

static void
test_deny_wins(void **state)
{
	CHECK("allow 1 @public own table *.*.*\n"
	      "deny 2 @reader select table c.s.t columns=ssn\n"
	      "deny 3 @reader insert table c.s.*\n"
	      "deny 4 @public delete table c.s.t except=@steward,Eve\n",
	      {"ann select table c.s.t columns=a,ssn known=a,ssn",
	       "denied_by_rule 2 missing=ssn"},
	      {"ann select table c.s.t columns=a known=a,ssn", "allowed 1"},
	      {"ann update table c.s.t columns=ssn known=a,ssn", "allowed 1"},
	      {"bob select table c.s.t columns=ssn known=a,ssn", "allowed 1"},
	      {"ann insert table c.s.t", "denied_by_rule 3"},
	      {"bob insert table c.s.t", "allowed 1"},
	      {"ann delete table c.s.t", "denied_by_rule 4"},
	      {"bob delete table c.s.t", "allowed 1"},
	      {"Eve delete table c.s.t", "allowed 1"});
}

/* Denied and merely uncovered columns are reported together. */
static void
test_all_refused_columns(void **state)
{
	CHECK("allow 1 ann select table c.s.t columns=a,b\n"
	      "deny 2 ann select table c.s.t columns=b\n"
	      "deny 3 bob select table c.s.*\n"
	      "allow 4 bob select table c.s.t\n",
	      {"ann select table c.s.t columns=a,b,c known=a,b,c",
	       "denied_by_rule 2 missing=b,c"},
	      {"bob select table c.s.t columns=a,b known=a,b",
	       "denied_by_rule 3 missing=a,b"},
	      {"bob select table c.s.t known=a,b", "denied_by_rule 3"});
}

static void
test_empty_column_set(void **state)
{
	CHECK("allow 1 ann select table c.s.t columns=a\n"
	      "allow 2 @public select table c.s.all\n"
	      "deny 3 ann select table c.s.all columns=x,y\n"
	      "allow 4 bob select table c.s.t columns=f.g\n"
	      "allow 5 bob insert table c.s.t\n"
	      "deny 6 Eve select table c.s.all columns=f.g\n",
	      {"ann select table c.s.t known=a,b", "allowed 1"},
	      /* the allowed column must be there, and not denied */
	      {"ann select table c.s.t known=b", "not_granted"},
	      {"ann select table c.s.t", "columns_unknown"},
	      {"bob select table c.s.all known=b", "allowed 2"},
	      {"bob select table c.s.all", "allowed 2"},
	      {"ann select table c.s.all known=x,y,z", "allowed 2"},
	      {"ann select table c.s.all known=x,y", "denied_by_rule 3"},
	      {"ann select table c.s.all", "columns_unknown"},
	      /* a field is not a column; other privileges do not count */
	      {"bob select table c.s.t known=f", "not_granted"},
	      {"Eve select table c.s.all known=f", "denied_by_rule 6"},
	      {"Eve select table c.s.t known=f", "not_granted"});
}

static void
test_unknown_columns(void **state)
{
	CHECK("allow 1 @public select table c.s.open\n"
	      "allow 2 ann select table c.s.part columns=a\n"
	      "allow 3 @public select table c.s.but\n"
	      "deny 4 ann select table c.s.but columns=ssn\n"
	      "deny 5 bob select table c.s.but\n",
	      {"ann select table c.s.open columns=a", "allowed 1"},
	      {"ann select table c.s.open all", "allowed 1"},
	      {"ann select table c.s.part columns=a", "columns_unknown"},
	      {"ann select table c.s.part columns=a known=a", "allowed 2"},
	      {"ann select table c.s.but columns=a", "columns_unknown"},
	      {"ann select table c.s.but columns=a,ssn",
	       "denied_by_rule 4 missing=ssn"},
	      {"bob select table c.s.but columns=a",
	       "denied_by_rule 5 missing=a"},
	      {"Eve select table c.s.but columns=a", "allowed 3"},
	      {"Eve select table c.s.part columns=a", "not_granted"});
}

static void
test_all_columns(void **state)
{
	CHECK("allow 1 @public select table c.s.open\n"
	      "allow 2 ann select table c.s.part columns=a,b\n"
	      "allow 3 @public select table c.s.but\n"
	      "deny 4 ann select table c.s.but columns=ssn\n"
	      "deny 5 bob select table c.s.but columns=f.g\n"
	      "deny 6 Eve select table c.s.but\n",
	      {"ann select table c.s.open all known=a,b", "allowed 1"},
	      /* hidden columns are never covered by a list */
	      {"ann select table c.s.part all known=a,b", "not_granted"},
	      {"ann select table c.s.part all known=a,b,c",
	       "not_granted missing=c"},
	      {"ann select table c.s.but all known=a,ssn",
	       "denied_by_rule 4 missing=ssn"},
	      /* a denied column may be a hidden one */
	      {"ann select table c.s.but all known=a",
	       "denied_by_rule 4 missing=ssn"},
	      {"ann select table c.s.but all", "denied_by_rule 4 missing=ssn"},
	      {"bob select table c.s.but all known=a,f",
	       "denied_by_rule 5 missing=f"},
	      {"Eve select table c.s.but all known=a,f",
	       "denied_by_rule 6 missing=a,f"});
}

/* Names that are not among the table's columns, e.g. "$path". */
static void
test_hidden_columns(void **state)
{
	CHECK("allow 1 ann select table c.s.t columns=a\n"
	      "allow 2 bob select table c.s.t\n"
	      "deny 3 bob select table c.s.t columns=$path\n"
	      "allow 4 Eve select table c.s.t columns=a,$path\n",
	      {"ann select table c.s.t columns=$path known=a",
	       "not_granted missing=$path"},
	      {"bob select table c.s.t columns=$file_size known=a",
	       "allowed 2"},
	      {"bob select table c.s.t columns=$path known=a",
	       "denied_by_rule 3 missing=$path"},
	      {"Eve select table c.s.t columns=$path known=a", "allowed 4"});
}

static void
test_nested_fields(void **state)
{
	CHECK("allow 1 @public select table c.s.t\n"
	      "deny 2 ann select table c.s.t columns=a.b\n"
	      "deny 3 bob select table c.s.t columns=a\n"
	      "allow 4 Eve select table c.s.u columns=a.b,d\n",
	      {"ann select table c.s.t columns=a known=a,c",
	       "denied_by_rule 2 missing=a"},
	      {"ann select table c.s.t columns=a.b known=a,c",
	       "denied_by_rule 2 missing=a.b"},
	      {"ann select table c.s.t columns=a.b.c known=a,c",
	       "denied_by_rule 2 missing=a.b.c"},
	      {"ann select table c.s.t columns=a.x,c known=a,c", "allowed 1"},
	      {"bob select table c.s.t columns=a.b known=a",
	       "denied_by_rule 3 missing=a.b"},
	      {"Eve select table c.s.u columns=a known=a,d",
	       "not_granted missing=a"},
	      {"Eve select table c.s.u columns=a.b,a.b.c known=a,d",
	       "allowed 4"},
	      {"Eve select table c.s.u columns=a.x,d.e known=a,d",
	       "not_granted missing=a.x"},
	      /* a column whose own name holds a dot is not a field of `d` */
	      {"Eve select table c.s.u columns=d.e known=a,d,d.e",
	       "not_granted missing=d.e"});
}

static void
test_case(void **state)
{
	CHECK("allow 1 ann SELECT table TPCH.Tiny.NATION columns=Name\n"
	      "allow 2 ann select table tpch.t*.Reg?on\n"
	      "allow 3 ann use cluster One\n"
	      "allow 4 ann impersonate user Bob\n",
	      {"ann select table tpch.tiny.nation columns=name known=name",
	       "allowed 1"},
	      {"ann select table Tpch.TINY.Nation columns=NAME known=name",
	       "allowed 1"},
	      {"ann select table tpch.TEST.REGION columns=x known=x",
	       "allowed 2"},
	      {"ann use cluster ONE", "allowed 3"},
	      {"ann impersonate user Bob", "allowed 4"},
	      {"ann impersonate user bob", "not_granted"});
}

static void
test_patterns(void **state)
{
	CHECK("allow 1 ann select table c.s.t\n"
	      "allow 2 ann insert table c.s.*\n"
	      "allow 3 ann update table c.*.t\n"
	      "allow 4 ann delete table *.s.t\n"
	      "allow 5 ann truncate table c.s.f_*\n"
	      "allow 6 ann drop table c.s?.*\n"
	      "allow 7 ann alter table *.s_*.f?\n"
	      "allow 8 ann set property hive.*\n"
	      "allow 9 ann show catalog c\n",
	      {"ann select table c.s.t columns=a known=a", "allowed 1"},
	      {"ann select table c.s.t2 columns=a known=a",
	       "not_granted missing=a"},
	      {"ann insert table c.s.x", "allowed 2"},
	      {"ann insert table c.s2.x", "not_granted"},
	      {"ann update table c.x.t columns=a known=a", "allowed 3"},
	      {"ann delete table x.s.t", "allowed 4"},
	      {"ann truncate table c.s.f_1", "allowed 5"},
	      {"ann truncate table c.s.g_1", "not_granted"},
	      {"ann drop table c.s1.x", "allowed 6"},
	      {"ann drop table c.s.x", "not_granted"},
	      {"ann alter table x.s_y.f1", "allowed 7"},
	      {"ann alter table x.s_y.f12", "not_granted"},
	      {"ann set property hive.insert_mode", "allowed 8"},
	      {"ann set property query_max_memory", "not_granted"},
	      /* a rule on a table says nothing about a schema */
	      {"ann drop schema c.s1", "not_granted"});
}

static void
test_clusters(void **state)
{
	CHECK("allow 1 ann select table c.s.t clusters=Prod,test\n"
	      "allow 2 bob select table c.s.t\n"
	      "deny 3 bob select table c.s.t clusters=prod\n",
	      {"ann select table c.s.t columns=a known=a cluster=PROD",
	       "allowed 1"},
	      {"ann select table c.s.t columns=a known=a cluster=dev",
	       "not_granted missing=a"},
	      {"bob select table c.s.t columns=a known=a cluster=dev",
	       "allowed 2"},
	      {"bob select table c.s.t columns=a known=a cluster=prod",
	       "denied_by_rule 3 missing=a"},
	      /* no cluster chosen yet: its allows are not given, its denies are
	       */
	      {"ann select table c.s.t columns=a known=a",
	       "not_granted missing=a"},
	      {"bob select table c.s.t columns=a known=a",
	       "denied_by_rule 3 missing=a"});
}

static void
test_validity(void **state)
{
	CHECK("allow 1 ann insert table c.s.t from=100 until=200\n"
	      "allow 2 bob insert table c.s.t\n"
	      "deny 3 bob insert table c.s.t from=100\n"
	      "deny 4 bob insert table c.s.t until=50\n",
	      {"ann insert table c.s.t now=99", "not_granted"},
	      {"ann insert table c.s.t now=100", "allowed 1"},
	      {"ann insert table c.s.t now=199", "allowed 1"},
	      {"ann insert table c.s.t now=200", "not_granted"},
	      {"bob insert table c.s.t now=49", "denied_by_rule 4"},
	      {"bob insert table c.s.t now=50", "allowed 2"},
	      {"bob insert table c.s.t now=100", "denied_by_rule 3"});
}

/* One cache, time going on: windows open and close. */
static void
test_validity_in_the_cache(void **state)
{
	struct dg_acl_snapshot *s = world(
		PEOPLE "allow 1 ann insert table c.s.t from=10 until=20\n"
		       "deny 2 ann insert table c.s.t from=13 until=16\n");
	struct dg_acl_cache *cache = dg_acl_cache_create(s, 4);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_INSERT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s"),
			   .name = DG_STR("t")},
	};
	struct dg_acl_request request = {
		.user = DG_STR("ann"), .entries = &entry, .n_entries = 1};
	struct dg_acl_decision decision;

	(void)state;
	/* Forth and back again: a clock may be set. */
	for (int64_t i = 0; i < 60; i++) {
		int64_t now = i < 30 ? i : 59 - i;

		request.now_us = now;
		assert_int_equal(
			dg_acl_decide(s, cache, &request, arena, &decision),
			DG_OK);
		assert_int_equal(decision.allowed,
				 now >= 10 && now < 20 &&
					 !(now >= 13 && now < 16));
	}
	dg_arena_destroy(&arena);
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
}

/* Their data is their base's: a deny of the base is theirs, an allow is not. */
static void
test_metadata_tables(void **state)
{
	CHECK("allow 1 ann select table c.s.t\n"
	      "allow 2 bob select table c.s.*\n"
	      "deny 3 bob select table c.s.t columns=ssn\n"
	      "allow 4 Eve select table c.s.t$files\n",
	      {"ann select table c.s.t$files columns=path known=path",
	       "not_granted missing=path"},
	      {"bob select table c.s.t$files columns=path known=path",
	       "denied_by_rule 3 missing=path"},
	      {"bob select table c.s.t@1 columns=a known=a",
	       "denied_by_rule 3 missing=a"},
	      {"bob select table c.s.t.branch_x columns=a known=a",
	       "denied_by_rule 3 missing=a"},
	      {"bob select table c.s.t.tag_x columns=a known=a",
	       "denied_by_rule 3 missing=a"},
	      {"bob select table c.s.u$files columns=path known=path",
	       "allowed 2"},
	      {"Eve select table c.s.t$files columns=path known=path",
	       "allowed 4"});
}

/* A second name needs no allow, but no deny may name it or its base. */
static void
test_unless_denied(void **state)
{
	CHECK("allow 1 ann select table c.s.*\n"
	      "deny 2 ann select table c.s.user$\n"
	      "deny 3 ann select table c.s.v$* columns=sid\n"
	      "deny 4 ann select table c.s.t columns=ssn\n"
	      "allow 5 bob select table c.s.t columns=a\n",
	      {"ann select table c.s.user$ all unless_denied",
	       "denied_by_rule 2"},
	      {"ann select table c.s.v$x all unless_denied",
	       "denied_by_rule 3 missing=sid"},
	      {"ann select table c.s.t.tag_x all unless_denied",
	       "denied_by_rule 4"},
	      {"ann select table c.s.w$x all unless_denied", "allowed"},
	      {"bob select table c.s.t$x all unless_denied", "allowed"},
	      {"bob select table c.s.t$x all", "not_granted"},
	      {"nobody select table c.s.t$x all unless_denied",
	       "no_such_user"});
}

static void
test_other_kinds(void **state)
{
	CHECK("allow 1 ann execute function c.s.f\n"
	      "allow 2 ann execute table_function *.system.query\n"
	      "deny 3 @analyst use cluster prod\n"
	      "allow 4 @public use cluster *\n"
	      "deny 5 ann set property query_max_*\n"
	      "allow 6 @public set property *\n"
	      "allow 7 bob kill,view query ann\n",
	      {"ann execute function c.s.f", "allowed 1"},
	      {"ann execute procedure c.s.f", "not_granted"},
	      {"ann execute table_function pg.system.query", "allowed 2"},
	      {"ann use cluster prod", "denied_by_rule 3"},
	      {"bob use cluster prod", "allowed 4"},
	      {"ann set property query_max_run_time", "denied_by_rule 5"},
	      {"ann set property time_zone_id", "allowed 6"},
	      {"bob kill query ann", "allowed 7"},
	      {"bob kill query Eve", "not_granted"});
}

static void
test_show(void **state)
{
	CHECK("allow 1 ann select table c.s.t columns=a\n"
	      "allow 2 bob insert table c.s.x_*\n"
	      "deny 3 bob insert table c.s.x_secret\n"
	      "allow 4 Eve own table d.s.*\n"
	      "deny 5 Eve own table d.s.*\n"
	      "allow 6 @steward create schema e.s\n"
	      "deny 7 @steward show schema e.s\n"
	      "deny 8 ann show table c.s.t\n"
	      "allow 9 @analyst select table f.s.t columns=a\n"
	      "deny 10 ann select table f.s.t columns=a\n"
	      "allow 11 Eve show catalog g\n",
	      {"bob show table c.s.x_1", "allowed 2"},
	      {"bob show table c.s.x_secret", "not_granted"},
	      {"bob show schema c.s", "allowed 2"},
	      {"bob show catalog c", "allowed 2"},
	      {"bob show catalog d", "not_granted"},
	      /* all that was allowed is denied again */
	      {"Eve show table d.s.t", "denied_by_rule 5"},
	      {"Eve show schema d.s", "not_granted"},
	      {"Eve show catalog d", "not_granted"},
	      {"Eve show catalog g", "allowed 11"},
	      {"Eve show schema g.s", "not_granted"},
	      {"bob show schema e.s", "denied_by_rule 7"},
	      {"bob show catalog e", "allowed 6"},
	      /* hidden, but what is beneath may still be used */
	      {"ann show table c.s.t", "denied_by_rule 8"},
	      {"ann show schema c.s", "allowed 1"},
	      {"ann show table f.s.t", "not_granted"},
	      {"ann show schema f.s", "not_granted"});
}

static void
test_can_see(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 ann select table c.s.t columns=a\n"
			     "allow 2 ann use cluster one\n");

	(void)state;
	assert_true(world_can_see(s, "ann show catalog c"));
	assert_true(world_can_see(s, "ann show schema C.S"));
	assert_true(world_can_see(s, "ann show table c.s.t"));
	assert_true(world_can_see(s, "ann show cluster one"));
	assert_false(world_can_see(s, "ann show table c.s.u"));
	assert_false(world_can_see(s, "ann show cluster two"));
	assert_false(world_can_see(s, "bob show catalog c"));
	assert_false(world_can_see(s, "zoe show catalog c"));
	dg_acl_snapshot_unref(&s);
}

static void
test_has_any(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 ann select table c.s.t columns=a,b\n"
			     "allow 2 ann insert table c.s.u\n"
			     "allow 3 ann select table d.*.*\n"
			     "deny 4 ann select table d.s.t\n"
			     "deny 5 ann show table c.s.*\n"
			     "deny 6 ann select table c.s.t columns=a\n"
			     "allow 7 ann select table e.s.t columns=a\n"
			     "deny 8 ann select table e.s.t columns=a\n");

	(void)state;
	assert_true(world_has_any(s, "ann show table c.s.t"));
	assert_true(world_has_any(s, "ann show table c.s.u"));
	/* hidden, and yet of use */
	assert_false(world_can_see(s, "ann show table c.s.t"));
	assert_true(world_has_any(s, "ann show table d.s.u"));
	assert_false(world_has_any(s, "ann show table d.s.t"));
	assert_false(world_has_any(s, "ann show table e.s.t"));
	assert_false(world_has_any(s, "ann show table f.s.t"));
	/* not what is beneath */
	assert_false(world_has_any(s, "ann show schema c.s"));
	assert_false(world_has_any(s, "bob show table c.s.t"));
	assert_false(world_has_any(s, "zoe show table c.s.t"));
	dg_acl_snapshot_unref(&s);
}

static void
test_explanation(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 5 @reader,@analyst select table c.s.t\n"
			     "allow 2 @public select table c.*.t\n"
			     "deny 9 ann select table c.s.t columns=x\n"
			     "allow 7 @steward select table c.s.t\n"
			     "allow 8 ann insert table c.s.t\n");

	(void)state;
	assert_string_equal(
		world_explain(s, "ann select table c.s.t columns=a known=a,x"),
		"rules=2,5,9 path=ann -> public");
	assert_string_equal(
		world_explain(s, "ann select table c.s.t columns=x known=a,x"),
		"rules=2,5,9 path=ann");
	assert_string_equal(world_explain(s, "bob insert table c.s.t"),
			    "rules= path=");
	assert_string_equal(world_explain(s, "zoe insert table c.s.t"),
			    "rules= path=");
	assert_string_equal(world_explain(s, "ann show schema c.s"),
			    "rules= path=ann");
	dg_acl_snapshot_unref(&s);
}

/* All entries are judged; the first denied one is pointed at. */
static void
test_several_entries(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 ann insert table c.s.t\n"
			     "deny 2 ann drop table c.s.t reason=keep\n");
	struct dg_acl_entry entries[4] = {{.privilege = DG_ACL_P_INSERT},
					  {.privilege = DG_ACL_P_DROP},
					  {.privilege = DG_ACL_P_INSERT},
					  {.privilege = DG_ACL_P_DELETE}};
	struct dg_acl_request request = {
		.user = DG_STR("ann"), .entries = entries, .n_entries = 4};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_decision d;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		entries[i].object =
			(struct dg_acl_object){.kind = DG_ACL_TABLE,
					       .catalog = DG_STR("c"),
					       .schema = DG_STR("s"),
					       .name = DG_STR("t")};
	assert_int_equal(dg_acl_decide(s, NULL, &request, arena, &d), DG_OK);
	assert_false(d.allowed);
	assert_int_equal(d.first_denied, 1);
	assert_true(d.outcomes[0].allowed);
	assert_int_equal(d.outcomes[1].reason, DG_ACL_R_DENIED_BY_RULE);
	assert_true(dg_str_eq(d.outcomes[1].rule_reason, DG_STR("keep")));
	assert_true(d.outcomes[2].allowed);
	assert_int_equal(d.outcomes[3].reason, DG_ACL_R_NOT_GRANTED);
	request.n_entries = 0;
	assert_int_equal(dg_acl_decide(s, NULL, &request, arena, &d), DG_OK);
	assert_true(d.allowed);
	request.user = DG_STR("zoe");
	assert_int_equal(dg_acl_decide(s, NULL, &request, arena, &d), DG_OK);
	assert_false(d.allowed);
	dg_arena_destroy(&arena);
	dg_acl_snapshot_unref(&s);
}

/* Without memory there is no answer, least of all a yes. */
static void
test_arena_full(void **state)
{
	struct dg_acl_snapshot *s =
		world(PEOPLE "allow 1 ann select table c.s.t columns=a,b\n");
	struct dg_str column = DG_STR("a");
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s"),
			   .name = DG_STR("t")},
		.columns = &column,
		.n_columns = 1,
		.columns_known = true,
		.table_columns = &column,
		.n_table_columns = 1,
	};
	struct dg_acl_request request = {
		.user = DG_STR("ann"), .entries = &entry, .n_entries = 1};
	struct dg_arena *arena = dg_arena_create(16 * 1024);
	struct dg_acl_decision d = {.allowed = true};
	enum dg_rc rc;
	int refused = 0;

	(void)state;
	/* Fill it up byte by byte: each step either works or says LIMIT. */
	do {
		d.allowed = false;
		rc = dg_acl_decide(s, NULL, &request, arena, &d);
		if (rc == DG_OK)
			assert_true(d.allowed);
		else {
			assert_int_equal(rc, DG_ERR_LIMIT);
			assert_false(d.allowed);
			refused++;
		}
	} while (dg_arena_alloc(arena, 16) != NULL);
	assert_true(refused > 0);
	dg_arena_destroy(&arena);
	dg_acl_snapshot_unref(&s);
}

static void
test_users_by_role(void **state)
{
	CHECK("allow 1 bob impersonate user role:reader\n"
	      "deny 2 bob impersonate user role:steward\n"
	      "allow 3 Eve kill,view query role:public\n"
	      "allow 4 ann impersonate user r*\n"
	      "allow 5 bob impersonate user bob\n",
	      {"bob impersonate user ann", "allowed 1"},
	      {"bob impersonate user Eve", "not_granted"},
	      {"bob impersonate user bob", "denied_by_rule 2"},
	      {"bob impersonate user role:reader", "allowed 1"},
	      {"bob impersonate user gone", "not_granted"},
	      {"Eve kill query ann", "allowed 3"},
	      {"Eve view query gone", "not_granted"},
	      /* Patterns are about users alone. */
	      {"ann impersonate user bob", "not_granted"});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_by_default),
		cmocka_unit_test(test_users_by_role),
		cmocka_unit_test(test_allow_adds),
		cmocka_unit_test(test_deny_wins),
		cmocka_unit_test(test_all_refused_columns),
		cmocka_unit_test(test_empty_column_set),
		cmocka_unit_test(test_unknown_columns),
		cmocka_unit_test(test_all_columns),
		cmocka_unit_test(test_hidden_columns),
		cmocka_unit_test(test_nested_fields),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_clusters),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_validity_in_the_cache),
		cmocka_unit_test(test_metadata_tables),
		cmocka_unit_test(test_unless_denied),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_can_see),
		cmocka_unit_test(test_has_any),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_several_entries),
		cmocka_unit_test(test_arena_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tags.c - what carries a tag, and what rules by tag come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/world.h"

#include <cmocka.h>

static void
test_inherited(void **state)
{
	CHECK("tag lake catalog c\ntag crm schema c.s\ntag hot table c.s.t\n"
	      "allow 1 ann select table *.*.* tags=lake\n"
	      "allow 2 ann insert table *.*.* tags=crm\n"
	      "allow 3 ann delete table *.*.* tags=hot\n"
	      "allow 4 ann execute function *.*.* tags=crm\n"
	      "allow 5 ann create schema *.* tags=lake\n",
	      {"ann select table c.x.y columns=a known=a", "allowed 1"},
	      {"ann select table d.s.t columns=a known=a",
	       "not_granted missing=a"},
	      {"ann insert table c.s.u", "allowed 2"},
	      {"ann insert table c.x.t", "not_granted"},
	      {"ann delete table c.s.t", "allowed 3"},
	      {"ann delete table c.s.u", "not_granted"},
	      {"ann delete table C.S.T", "allowed 3"},
	      {"ann execute function c.s.f", "allowed 4"},
	      /* A table's tag is not a function's of the same name. */
	      {"ann execute function c.x.t", "not_granted"},
	      {"ann create schema c.new", "allowed 5"},
	      {"ann create schema d.s", "not_granted"});
}

static void
test_besides_an_object(void **state)
{
	CHECK("tag hot table c.s.t\ntag hot table d.s.t\ntag cold table c.s.u\n"
	      "allow 1 ann insert table c.*.* tags=hot,cold\n"
	      "deny 2 ann insert table *.*.u tags=cold,unused\n",
	      {"ann insert table c.s.t", "allowed 1"},
	      {"ann insert table d.s.t", "not_granted"},
	      {"ann insert table c.s.u", "denied_by_rule 2"},
	      {"ann insert table c.s.v", "not_granted"});
}

static void
test_columns(void **state)
{
	CHECK("tag pii table c.s.t column=mail\ntag pii table c.s.t "
	      "column=f.g\n"
	      "allow 1 ann own table c.*.*\n"
	      "deny 2 @public own table *.*.* tags=pii except=bob\n"
	      "allow 3 Eve read table *.*.* tags=pii\n",
	      {"ann select table c.s.t columns=a,mail known=a,mail,f",
	       "denied_by_rule 2 missing=mail"},
	      {"ann select table c.s.t columns=f known=a,mail,f",
	       "denied_by_rule 2 missing=f"},
	      {"ann select table c.s.t columns=f.h known=a,mail,f",
	       "allowed 1"},
	      {"ann select table c.s.t columns=f.g.i known=a,mail,f",
	       "denied_by_rule 2 missing=f.g.i"},
	      {"ann select table c.s.t columns=a known=a,mail,f", "allowed 1"},
	      {"ann select table c.s.t known=a,mail,f", "allowed 1"},
	      {"ann select table c.s.u columns=mail known=mail", "allowed 1"},
	      {"ann update table c.s.t columns=mail known=a,mail,f",
	       "denied_by_rule 2 missing=mail"},
	      /* A column's tag says nothing about the table. */
	      {"ann insert table c.s.t", "allowed 1"},
	      {"ann show table c.s.t", "allowed 1"},
	      {"bob select table c.s.t columns=mail known=mail",
	       "not_granted missing=mail"},
	      {"Eve show table c.s.u", "not_granted"});
}

static void
test_allowed_columns(void **state)
{
	CHECK("tag open table c.s.t column=a\ntag open table c.s.t column=f.g\n"
	      "allow 1 ann read table *.*.* tags=open\n",
	      {"ann select table c.s.t columns=a known=a,b,f", "allowed 1"},
	      {"ann select table c.s.t columns=b known=a,b,f",
	       "not_granted missing=b"},
	      {"ann select table c.s.t columns=f.g known=a,b,f", "allowed 1"},
	      {"ann select table c.s.t columns=f known=a,b,f",
	       "not_granted missing=f"},
	      {"ann select table c.s.t known=a,b,f", "allowed 1"},
	      {"ann select table c.s.t all known=a,b,f",
	       "not_granted missing=b,f"},
	      {"ann show table c.s.t", "allowed 1"},
	      {"ann show table c.s.u", "not_granted"});
}

/* Both a column and a tag: what both hold. */
static void
test_columns_and_tags(void **state)
{
	CHECK("tag pii table c.s.t column=f\ntag pii table c.s.t column=a\n"
	      "tag pii table c.s.t column=h.i\ntag all table c.s.u\n"
	      "tag pii table c.s.v column=b.c\n"
	      "allow 3 bob read table *.*.* columns=b tags=pii\n"
	      "allow 1 ann select table *.*.* columns=f.g,b,h tags=pii\n"
	      "allow 2 ann select table *.*.* columns=b tags=all\n",
	      {"ann select table c.s.t columns=f.g known=a,b,f,h", "allowed 1"},
	      {"ann select table c.s.t columns=h.i known=a,b,f,h", "allowed 1"},
	      {"ann select table c.s.t columns=a,b,f,h known=a,b,f,h",
	       "not_granted missing=a,b,f,h"},
	      {"ann select table c.s.u columns=a,b known=a,b",
	       "not_granted missing=a"},
	      {"ann show table c.s.t", "allowed 1"},
	      {"bob show table c.s.t", "not_granted"},
	      {"bob show table c.s.v", "allowed 3"});
}

/* Sentence 3: what a tag could take away counts as well. */
static void
test_unknown_columns(void **state)
{
	CHECK("tag pii table c.s.t column=mail\ntag hot table c.s.v\n"
	      "allow 1 ann select table c.*.*\n"
	      "deny 2 ann select table *.*.* tags=pii,hot\n",
	      {"ann select table c.s.t columns=a", "columns_unknown"},
	      {"ann select table c.s.t columns=mail",
	       "denied_by_rule 2 missing=mail"},
	      {"ann select table c.s.t all", "denied_by_rule 2 missing=mail"},
	      {"ann select table c.s.t", "columns_unknown"},
	      {"ann select table c.s.u columns=a", "allowed 1"},
	      {"ann select table c.s.v columns=a",
	       "denied_by_rule 2 missing=a"});
}

/* Metadata tables show data of their table. */
static void
test_metadata_tables(void **state)
{
	CHECK("tag pii table c.s.t column=mail\ntag hot table c.s.u\n"
	      "allow 1 ann select table c.*.*\n"
	      "deny 2 ann select table *.*.* tags=pii\n"
	      "allow 3 bob select table *.*.* tags=hot\n",
	      {"ann select table c.s.t$files columns=a known=a",
	       "denied_by_rule 2 missing=a"},
	      {"ann select table c.s.u$files columns=a known=a", "allowed 1"},
	      {"bob select table c.s.u$files columns=a known=a",
	       "not_granted missing=a"});
}

static void
test_containers(void **state)
{
	struct dg_acl_snapshot *s = world(
		PEOPLE "tag hot table c.s.t\ntag hot schema d.x\n"
		       "tag col table e.s.t column=a\ntag gone table f.s.t\n"
		       "tag lake catalog g\n"
		       "allow 1 ann select table *.*.* tags=hot,col,gone\n"
		       "deny 2 @public own table *.*.* tags=gone\n"
		       "allow 3 bob select table *.*.v tags=hot\n"
		       "allow 4 Eve select table *.*.* tags=lake\n"
		       "deny 5 Eve own table g.secret.*\n");

	(void)state;
	assert_true(world_can_see(s, "ann show catalog c"));
	assert_true(world_can_see(s, "ann show schema c.s"));
	assert_false(world_can_see(s, "ann show schema c.other"));
	assert_true(world_can_see(s, "ann show catalog d"));
	assert_true(world_can_see(s, "ann show schema d.x"));
	assert_true(world_can_see(s, "ann show schema e.s"));
	assert_false(world_can_see(s, "ann show catalog f"));
	assert_false(world_can_see(s, "bob show catalog c"));
	assert_true(world_can_see(s, "bob show catalog d"));
	assert_true(world_can_see(s, "Eve show schema g.any"));
	assert_false(world_can_see(s, "Eve show schema g.secret"));
	assert_false(world_can_see(s, "Eve show catalog c"));
	dg_acl_snapshot_unref(&s);
}

static void
test_refused(void **state)
{
	static const char *const bad[][2] = {
		{"tag pii function c.s.f\n",
		 "a tag can be put on catalogs, schemas, tables and columns"},
		{"tag pii schema c.s column=a\n", "a column is one of a table"},
		{"tag pii table c.s.*\n",
		 "table \"*\" is a pattern; a name is wanted"},
		{"tag p* table c.s.t\n",
		 "tag \"p*\" is a pattern; a name is wanted"},
		{"user ann\nallow 1 ann use cluster one tags=pii\n",
		 "a cluster carries no tags"},
		{"user ann\nallow 1 ann select table c.s.t tags=p?\n",
		 "tag \"p?\" is a pattern; a name is wanted"},
	};
	struct dg_error err = {0};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		assert_null(world_build(bad[i][0], &err));
		assert_string_equal(err.text, bad[i][1]);
	}
}

static void
test_fingerprint(void **state)
{
	static const char rules[] =
		PEOPLE "deny 1 ann select table *.*.* tags=pii\n";
	static const char *const lines[] = {
		"",
		"tag pii table c.s.t\n",
		"tag pii table c.s.t column=a\n",
		"tag pii table c.s.u\n",
		"tag pii schema c.s\n",
	};
	const struct dg_acl_request ann = {.user = DG_STR("ann")};
	uint64_t numbers[DG_ARRAY_LEN(lines)];
	struct dg_acl_snapshot *s;
	char text[512];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(lines); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", rules, lines[i]);
		s = world(text);
		numbers[i] = dg_acl_fingerprint(s, &ann);
		dg_acl_snapshot_unref(&s);
		for (size_t j = 0; j < i; j++)
			assert_true(numbers[i] != numbers[j]);
	}
	/* Tags that no rule about the user names do not matter. */
	(void)snprintf(text, sizeof(text), "%s%s", rules,
		       "tag other table c.s.t\n");
	s = world(text);
	assert_true(numbers[0] == dg_acl_fingerprint(s, &ann));
	dg_acl_snapshot_unref(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_besides_an_object),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_allowed_columns),
		cmocka_unit_test(test_columns_and_tags),
		cmocka_unit_test(test_unknown_columns),
		cmocka_unit_test(test_metadata_tables),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

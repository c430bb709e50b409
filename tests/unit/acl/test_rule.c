/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rule.c - rules that make no sense are refused with a reason, and names
 * are read as they are written in files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "acl/acl.h"

#include <cmocka.h>

#include "snapshot.h"

#define OWN (DG_ACL_BIT(DG_ACL_P_COUNT) - 1)
#define SELECT DG_ACL_BIT(DG_ACL_P_SELECT)

static const struct dg_acl_principal ann = {.name = DG_STR_INIT("ann")};
static const struct dg_acl_principal public_role = {
	.is_role = true, .name = DG_STR_INIT("public")};
static const struct dg_str columns[] = {DG_STR_INIT("a"), DG_STR_INIT("b.c")};
static const struct dg_str glob_column[] = {DG_STR_INIT("a*")};
static const struct dg_str clusters[] = {DG_STR_INIT("one")};

static struct dg_acl_rule
good_rule(void)
{
	return (struct dg_acl_rule){
		.id = 1,
		.principals = &ann,
		.n_principals = 1,
		.privileges = SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s*"),
			   .name = DG_STR("*")},
	};
}

static void
expect_refused(const struct dg_acl_rule *rule, const char *text)
{
	struct dg_error err = {0};

	assert_int_equal(dg_acl_rule_check(rule, &err), DG_ERR_INVALID);
	assert_string_equal(err.text, text);
}

static void
test_good(void **state)
{
	struct dg_acl_rule rule = good_rule();
	struct dg_error err;

	(void)state;
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
	rule.columns = columns;
	rule.n_columns = 2;
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
	rule = good_rule();
	rule.privileges = OWN;
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
	rule = good_rule();
	rule.effect = DG_ACL_DENY;
	rule.except = &ann;
	rule.n_except = 1;
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
}

static void
test_who_and_when(void **state)
{
	struct dg_acl_rule rule = good_rule();

	(void)state;
	rule.id = 0;
	expect_refused(&rule, "a rule's id must be positive");
	rule = good_rule();
	rule.n_principals = 0;
	expect_refused(&rule, "a rule needs a user or role");
	rule = good_rule();
	rule.except = &ann;
	rule.n_except = 1;
	expect_refused(&rule, "except goes with deny only");
	rule.effect = DG_ACL_DENY;
	rule.except = &public_role;
	expect_refused(&rule, "except public would make the deny void");
	rule = good_rule();
	rule.valid_from_us = 10;
	rule.valid_until_us = 10;
	expect_refused(&rule, "the rule would end before it begins");
}

static void
test_objects(void **state)
{
	struct dg_acl_rule rule = good_rule();

	(void)state;
	rule.object.schema = DG_STR("");
	expect_refused(&rule, "schema is empty");
	rule = good_rule();
	rule.object.kind = DG_ACL_SCHEMA;
	expect_refused(&rule, "a schema has no name part");
	rule.object.name = DG_STR("");
	expect_refused(&rule, "privilege select does not apply to a schema");
	rule = good_rule();
	rule.object.name = dg_str_make("a\0b", 3);
	expect_refused(&rule, "name is not UTF-8 text");
	rule.object.name = DG_STR("a\xff");
	expect_refused(&rule, "name is not UTF-8 text");
	rule.object.kind = DG_ACL_KIND_COUNT;
	expect_refused(&rule, "unknown kind");
}

/* Columns are compared more loosely: such a rule would never match. */
static void
test_columns_beyond_ascii(void)
{
	static const char *const others[] = {
		"\xc5\xbfsn",      /* long s: ssn */
		"p\xc4\xb1n",      /* dotless i: pin */
		"info.p\xc4\xb0n", /* I with a dot */
		"\xe2\x84\xaa",    /* kelvin sign: k */
		"\xc2\xb5",        /* micro sign: mu */
		"\xcf\x82",        /* final sigma: sigma */
		"\xc3\x84",
	};
	struct dg_acl_rule rule = good_rule();
	struct dg_str column;
	struct dg_error err;

	rule.columns = &column;
	rule.n_columns = 1;
	for (size_t i = 0; i < DG_ARRAY_LEN(others); i++) {
		column = dg_str_from_cstr(others[i]);
		assert_int_equal(dg_acl_rule_check(&rule, &err),
				 DG_ERR_INVALID);
	}
	column = DG_STR("stra\xc3\x9f"
			"e.\xcf\x83\xc3\xa4");
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
}

/*
 * The engines fold names beyond ASCII in ways of their own; a rule in another
 * spelling than the folded one would silently never match.
 */
static void
test_case_beyond_ascii(void **state)
{
	struct dg_acl_rule rule = good_rule();
	struct dg_error err;

	(void)state;
	rule.object.name = DG_STR("stra\xc3\x9f"
				  "e");
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
	rule.object.name = DG_STR("\xc3\x84pfel");
	expect_refused(&rule,
		       "name \"\xc3\x84pfel\" must be written in lower case");
	rule.object.name = DG_STR("\xce\xa3"); /* final or not */
	expect_refused(&rule,
		       "name \"\xce\xa3\" must be written in lower case");
	/* For tables long s, dotless i and micro sign are letters of their own.
	 */
	rule.object.name = DG_STR("\xc5\xbf\xc4\xb1\xc2\xb5");
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
	test_columns_beyond_ascii();
	/* Users are compared exactly, whatever the letters. */
	rule.object = (struct dg_acl_object){.kind = DG_ACL_USER,
					     .name = DG_STR("\xc3\x84nne")};
	rule.privileges = DG_ACL_BIT(DG_ACL_P_IMPERSONATE);
	assert_int_equal(dg_acl_rule_check(&rule, &err), DG_OK);
}

static void
test_privileges(void **state)
{
	struct dg_acl_rule rule = good_rule();

	(void)state;
	rule.privileges = 0;
	expect_refused(&rule, "a rule needs a privilege");
	rule.privileges = UINT32_C(1) << 31;
	expect_refused(&rule, "unknown privilege");
	rule.privileges = SELECT | DG_ACL_BIT(DG_ACL_P_KILL);
	expect_refused(&rule, "privilege kill does not apply to a table");
}

static void
test_columns(void **state)
{
	struct dg_acl_rule rule = good_rule();

	(void)state;
	rule.columns = columns;
	rule.n_columns = 1;
	rule.privileges = dg_acl_privilege_parse(DG_STR("read"));
	assert_int_equal(dg_acl_rule_check(&rule, NULL), DG_OK);
	rule.privileges = OWN;
	expect_refused(&rule,
		       "columns go with select and update only (and read)");
	rule.effect = DG_ACL_DENY;
	rule.privileges = dg_acl_privilege_parse(DG_STR("read"));
	expect_refused(&rule, "columns go with select and update only");
	rule.privileges = SELECT;
	rule.columns = glob_column;
	expect_refused(
		&rule,
		"column \"a*\" is a pattern; columns are written exactly");
	rule.object = (struct dg_acl_object){.kind = DG_ACL_CLUSTER,
					     .name = DG_STR("one")};
	rule.privileges = DG_ACL_BIT(DG_ACL_P_USE);
	expect_refused(&rule, "a cluster has no columns");
	rule.n_columns = 0;
	rule.clusters = clusters;
	rule.n_clusters = 1;
	expect_refused(&rule, "a rule about a cluster names it as its object, "
			      "not under clusters");
}

static void
test_names(void **state)
{
	enum dg_acl_kind kind;

	(void)state;
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++)
		assert_int_equal(dg_acl_privilege_parse(
					 dg_str_from_cstr(dg_acl_privilege_name(
						 (enum dg_acl_privilege)p))),
				 DG_ACL_BIT(p));
	assert_int_equal(dg_acl_privilege_parse(DG_STR("Select")), SELECT);
	assert_int_equal(dg_acl_privilege_parse(DG_STR("OWN")), OWN);
	assert_int_equal(dg_acl_privilege_parse(DG_STR("write")),
			 SELECT << 1 | SELECT << 2 | SELECT << 3 | SELECT << 4);
	assert_int_equal(dg_acl_privilege_parse(DG_STR("")), 0);
	assert_int_equal(dg_acl_privilege_parse(DG_STR("selec")), 0);
	for (unsigned k = 0; k < DG_ACL_KIND_COUNT; k++) {
		assert_true(dg_acl_kind_parse(
			dg_str_from_cstr(dg_acl_kind_name((enum dg_acl_kind)k)),
			&kind));
		assert_int_equal(kind, k);
	}
	assert_false(dg_acl_kind_parse(DG_STR("thing"), &kind));
	assert_string_equal(dg_acl_reason_name(DG_ACL_R_NOT_GRANTED),
			    "not_granted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_who_and_when),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_case_beyond_ascii),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

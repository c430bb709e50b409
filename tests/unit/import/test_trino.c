/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_trino.c - small rule files and the rules that are made of them. Whether
 * those mean the same is dg_import_trino's own check, and the engine's word in
 * tests/integration; here is what they look like.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "base/str.h"

#include <cmocka.h>

#include "import/import.h"

static struct dg_arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = dg_arena_create((size_t)1 << 28);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dg_arena_destroy(&arena);
	return 0;
}

static const struct dg_str staff[] = {DG_STR_INIT("staff")};
static const struct dg_import_user users[] = {
	{.name = DG_STR_INIT("ann"), .groups = staff, .n_groups = 1},
	{.name = DG_STR_INIT("bob")},
	{.name = DG_STR_INIT("svc_bob")},
};
static const struct dg_import_table tables[] = {
	{DG_STR_INIT("h"), DG_STR_INIT("s"), DG_STR_INIT("t")},
	{DG_STR_INIT("h"), DG_STR_INIT("s"), DG_STR_INIT("u")},
	{DG_STR_INIT("h"), DG_STR_INIT("r"), DG_STR_INIT("v")},
	{DG_STR_INIT("p"), DG_STR_INIT("q"), DG_STR_INIT("w")},
};

static enum dg_rc
import(const char *json, struct dg_import_policy *out, struct dg_error *err)
{
	const struct dg_import_input input = {
		.rules = dg_str_from_cstr(json),
		.users = users,
		.n_users = DG_ARRAY_LEN(users),
		.users_known = true,
		.groups_known = true,
		.tables = tables,
		.n_tables = DG_ARRAY_LEN(tables),
	};

	return dg_import_trino(&input, arena, out, err);
}

static struct dg_str
say_people(struct dg_str out, const char *word,
	   const struct dg_acl_principal *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out = dg_arena_printf(arena, "%.*s%s%s%.*s", DG_STR_ARG(out),
				      i == 0 ? word : ",",
				      items[i].is_role ? "@" : "",
				      DG_STR_ARG(items[i].name));
	return out;
}

/* "+ann select h.s.t" for each rule about a kind, a line each. */
static struct dg_str
say_rules(const struct dg_import_policy *policy, enum dg_acl_kind kind,
	  enum dg_acl_privilege privilege)
{
	struct dg_str out = DG_STR_EMPTY;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct dg_import_rule *r = &policy->rules[i];

		if (r->object.kind != kind ||
		    (r->privileges & DG_ACL_BIT(privilege)) == 0 ||
		    dg_str_eq(r->object.schema, DG_STR("information_schema")))
			continue;
		out = dg_arena_printf(arena, "%.*s%s", DG_STR_ARG(out),
				      r->effect == DG_ACL_ALLOW ? "+" : "-");
		out = say_people(out, "", r->to, r->n_to);
		out = say_people(out, " not ", r->except, r->n_except);
		out = dg_arena_printf(arena, "%.*s %.*s.%.*s.%.*s",
				      DG_STR_ARG(out),
				      DG_STR_ARG(r->object.catalog),
				      DG_STR_ARG(r->object.schema),
				      DG_STR_ARG(r->object.name));
		for (size_t j = 0; j < r->n_columns; j++)
			out = dg_arena_printf(arena, "%.*s %.*s",
					      DG_STR_ARG(out),
					      DG_STR_ARG(r->columns[j]));
		out = dg_arena_printf(arena, "%.*s\n", DG_STR_ARG(out));
	}
	return out;
}

static void
check(const char *json, enum dg_acl_kind kind, enum dg_acl_privilege privilege,
      const char *expected)
{
	struct dg_import_policy policy;
	struct dg_error err;
	struct dg_str said;

	if (import(json, &policy, &err) != DG_OK)
		fail_msg("%s\n%s", json, err.text);
	said = say_rules(&policy, kind, privilege);
	if (!dg_str_eq(said, dg_str_from_cstr(expected)))
		fail_msg("%s\nis\n%.*snot\n%s", json, DG_STR_ARG(said),
			 expected);
}

static void
test_tables(void **state)
{
	static const struct {
		const char *rules;
		const char *expected;
	} cases[] = {
		/* Allows alone add up. */
		{"{'user':'ann','privileges':['SELECT']},"
		 "{'user':'bob','schema':'s','privileges':['SELECT']}",
		 "+ann *.*.*\n+bob *.s.*\n"},
		/* No before yes: a deny. */
		{"{'user':'bob','schema':'s','privileges':[]},"
		 "{'privileges':['SELECT']}",
		 "-bob *.s.*\n+@public *.*.*\n"},
		/* Who is granted before is excepted. */
		{"{'user':'ann','privileges':['SELECT']},"
		 "{'schema':'s','privileges':[]},"
		 "{'privileges':['SELECT']}",
		 "+ann *.*.*\n-@public not ann *.s.*\n+@public *.*.*\n"},
		{"{'group':'staff','privileges':['SELECT']},"
		 "{'schema':'s','privileges':['INSERT']},"
		 "{'privileges':['SELECT']}",
		 "+@staff *.*.*\n-@public not @staff *.s.*\n+@public *.*.*\n"},
		/* No later yes: no deny. */
		{"{'user':'ann','privileges':['SELECT']},{'privileges':[]}",
		 "+ann *.*.*\n"},
		{"{'schema':'s','privileges':[]},"
		 "{'schema':'r','privileges':['SELECT']}",
		 "+@public *.r.*\n"},
		/* What comes after all is nothing. */
		{"{'privileges':[]},{'privileges':['SELECT']}", ""},
		{"{'user':'ann','privileges':[]},"
		 "{'user':'ann','privileges':['SELECT']}",
		 ""},
		/* A hole in a hole: told name by name. */
		{"{'user':'ann','catalog':'h','schema':'s','table':'t',"
		 "'privileges':['SELECT']},"
		 "{'catalog':'h','schema':'s','privileges':[]},"
		 "{'catalog':'h','privileges':['SELECT']}",
		 "+ann h.s.t\n+@public h.r.*\n"},
		/* Columns. */
		{"{'columns':[{'name':'c','allow':false}],"
		 "'privileges':['SELECT']}",
		 "+@public *.*.*\n-@public *.*.* c\n"},
		{"{'user':'ann','privileges':['SELECT']},"
		 "{'schema':'s','columns':[{'name':'c','allow':false},"
		 "{'name':'d','mask':'x'},{'name':'e'}],"
		 "'privileges':['GRANT_SELECT']}",
		 "+ann *.*.*\n+@public *.s.*\n-@public not ann *.s.* c d\n"},
		/* Filters. */
		{"{'user':'ann','filter':'a=1','privileges':['SELECT']},"
		 "{'privileges':['SELECT']}",
		 "-ann *.*.*\n+@public *.*.*\n"},
		/* Not globs. */
		{"{'catalog':'h','schema':'[r-s]','table':'(?!t).*',"
		 "'privileges':['SELECT']}",
		 "+@public h.r.v\n+@public h.s.u\n"},
		{"{'catalog':'h','table':'(?!t).*','privileges':[]},"
		 "{'catalog':'h','schema':'s','privileges':['SELECT']}",
		 "+@public h.s.t\n"},
		/* People who are neither users nor groups. */
		{"{'user':'svc_.*','privileges':['SELECT']}",
		 "+svc_bob *.*.*\n"},
		{"{'user':'svc_.*','privileges':[]},{'privileges':['SELECT']}",
		 "-@public not ann,bob *.*.*\n+@public *.*.*\n"},
		{"{'user':'a.*','group':'staff','privileges':['SELECT']}",
		 "+ann *.*.*\n"},
		/* Nobody, and names that are none. */
		{"{'user':'eve','privileges':['SELECT']}", ""},
		{"{'schema':'S','privileges':['SELECT']}", ""},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str json = dg_arena_printf(arena, "{'tables':[%s]}",
						     cases[i].rules);
		char *text = dg_arena_cstr(arena, json);

		for (char *c = text; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		check(text, DG_ACL_TABLE, DG_ACL_P_SELECT, cases[i].expected);
	}
}

static void
test_catalogs(void **state)
{
	static const char json[] =
		"{\"catalogs\":[{\"user\":\"ann\",\"allow\":\"all\"},"
		"{\"catalog\":\"h\",\"allow\":\"read-only\"}]}";

	(void)state;
	check(json, DG_ACL_TABLE, DG_ACL_P_SELECT,
	      "+ann *.*.*\n+@public h.*.*\n+@public system.*.*\n");
	check(json, DG_ACL_TABLE, DG_ACL_P_INSERT,
	      "+ann *.*.*\n+@public system.*.*\n");
	check(json, DG_ACL_SCHEMA, DG_ACL_P_CREATE,
	      "+ann *.*.\n+@public system.*.\n");
	check(json, DG_ACL_CATALOG, DG_ACL_P_CREATE, "");
	check("{\"catalogs\":[{\"allow\":\"owner\"}]}", DG_ACL_CATALOG,
	      DG_ACL_P_CREATE, "+@public *..\n");
}

static void
test_absent(void **state)
{
	(void)state;
	check("{}", DG_ACL_TABLE, DG_ACL_P_DROP, "+@public *.*.*\n");
	check("{}", DG_ACL_SCHEMA, DG_ACL_P_DROP, "+@public *.*.\n");
	check("{}", DG_ACL_CLUSTER, DG_ACL_P_USE, "+@public ..*\n");
	check("{}", DG_ACL_QUERY, DG_ACL_P_KILL, "+@public ..*\n");
	check("{}", DG_ACL_USER, DG_ACL_P_IMPERSONATE, "");
	check("{}", DG_ACL_FUNCTION, DG_ACL_P_EXECUTE,
	      "+@public system.builtin.*\n");
	check("{}", DG_ACL_PROPERTY, DG_ACL_P_SET,
	      "+@public ..*.*\n+@public ..*\n");
	check("{\"tables\":[]}", DG_ACL_TABLE, DG_ACL_P_SELECT, "");
}

static void
test_impersonation(void **state)
{
	(void)state;
	check("{\"impersonation\":["
	      "{\"original_user\":\"svc_(.*)\",\"new_user\":\"$1\"},"
	      "{\"original_user\":\"bob\",\"new_user\":\"a.*\","
	      "\"allow\":false},"
	      "{\"original_user\":\"bob\",\"new_user\":\".*\"}]}",
	      DG_ACL_USER, DG_ACL_P_IMPERSONATE,
	      "+svc_bob ..bob\n-bob ..a*\n+bob ..*\n");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *json;
		const char *word;
	} cases[] = {
		{"[]", "object"},
		{"{\"table\":[]}", "no section"},
		{"{\"tables\":[\n\n{\"privileges\":[\"READ\"]}]}",
		 "line 3: tables[1]"},
		{"{\"tables\":[{}]}", "privileges is missing"},
		{"{\"catalogs\":[{\"allow\":\"some\"}]}", "unknown word"},
		{"{\"tables\":[{\"privileges\":[],\n\"user\":\"\\\\p{L}\"}]}",
		 "this escape"},
		{"{\"impersonation\":[{}]}", "new_user is missing"},
		{"{\"impersonation\":[{\"original_user\":\"ann\","
		 "\"new_user\":\"$1\"}]}",
		 "group"},
		{"{\"queries\":[{\"allow\":[\"execute\"],"
		 "\"queryOwner\":\"a\"}]}",
		 "queryOwner"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_import_policy policy;
		struct dg_error err;

		if (import(cases[i].json, &policy, &err) == DG_OK)
			fail_msg("taken: %s", cases[i].json);
		if (strstr(err.text, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].json, err.text);
	}
}

static void
test_notes(void **state)
{
	struct dg_import_policy policy;
	struct dg_error err;

	(void)state;
	assert_int_equal(import("{\"authorization\":[{\"new_user\":\"x\"}],\n"
				"\"tables\":[{\"privileges\":[]},\n"
				"{\"user\":\"ann\",\"filter\":\"x\",\n"
				"\"privileges\":[\"SELECT\"],\"usr\":1}]}",
				&policy, &err),
			 DG_OK);
	assert_int_equal(policy.n_notes, 3);
	assert_int_equal(policy.notes[0].line, 3);
	assert_int_equal(policy.notes[0].kind, DG_IMPORT_DROPPED);
	assert_int_equal(policy.notes[1].line, 1);
	assert_non_null(
		strstr(dg_arena_cstr(arena, policy.notes[2].text), "\"usr\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_catalogs),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_impersonation),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

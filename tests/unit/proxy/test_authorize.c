/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_authorize.c - each action needs its privilege, refusals say all that
 * is missing in the engines' words, and their length is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "authorize.h"
#include "base/json.h"

/* Those that apply to tables stand first in privileges.def. */
#define TABLE_PRIVILEGES (DG_ACL_BIT(DG_ACL_P_SHOW + 1) - 1)

static struct dg_arena *arena;
static struct dg_acl_builder *builder;
static struct dg_acl_snapshot *policy;
static int64_t n_rules;

static void
expect_ok(enum dg_rc rc)
{
	assert_int_equal(rc, DG_OK);
}

static int
setup(void **state)
{
	(void)state;
	arena = dg_arena_create(16 << 20);
	builder = dg_acl_builder_create(1, 1 << 20);
	policy = NULL;
	n_rules = 0;
	expect_ok(dg_acl_add_user(builder, DG_STR("alice"), NULL));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_acl_snapshot_unref(&policy);
	dg_acl_builder_destroy(&builder);
	dg_arena_destroy(&arena);
	return 0;
}

static struct dg_acl_object
table_object(const char *catalog, const char *schema, const char *name)
{
	return (struct dg_acl_object){
		.kind = DG_ACL_TABLE,
		.catalog = dg_str_from_cstr(catalog),
		.schema = dg_str_from_cstr(schema),
		.name = dg_str_from_cstr(name),
	};
}

/* Of the rules that are added. */
static struct dg_str deny_reason;

static void
add_rule(enum dg_acl_effect effect, uint32_t privileges,
	 struct dg_acl_object object, const struct dg_str *columns, size_t n)
{
	const struct dg_acl_principal alice = {.name = DG_STR("alice")};
	const struct dg_acl_rule rule = {
		.id = ++n_rules,
		.effect = effect,
		.principals = &alice,
		.n_principals = 1,
		.privileges = privileges,
		.object = object,
		.columns = columns,
		.n_columns = n,
		.reason = deny_reason,
	};
	struct dg_error err;

	if (dg_acl_add_rule(builder, &rule, &err) != DG_OK)
		fail_msg("%s", err.text);
}

static void
allow(enum dg_acl_privilege privilege, struct dg_acl_object object)
{
	add_rule(DG_ACL_ALLOW, DG_ACL_BIT(privilege), object, NULL, 0);
}

/* dg_sql_columns_fn: every table has a, b, c. */
static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *out)
{
	static const struct dg_str names[] = {
		DG_STR_INIT("a"), DG_STR_INIT("b"), DG_STR_INIT("c")};

	(void)arg;
	(void)table;
	*out = (struct dg_sql_columns){.names = names, .n_names = 3};
	return DG_SQL_FOUND;
}

static struct dg_sql_access
access_of(enum dg_sql_action action, const char *table)
{
	return (struct dg_sql_access){
		.action = action,
		.object = {DG_STR("hive"), DG_STR("hr"),
			   dg_str_from_cstr(table)},
		.columns_known = true,
	};
}

#define TEXT DG_STR("select 1,\n\n  x from y")

static struct dg_authorize_request request = {
	.help = DG_STR_INIT("ask data-team@example.com"),
	.statement_id = DG_STR_INIT("s1"),
};

static struct dg_verdict
authorize(const struct dg_sql_access *access, size_t n)
{
	const struct dg_sql_analysis analysis = {.access = access,
						 .n_access = n};
	struct dg_verdict verdict;

	if (policy == NULL)
		expect_ok(dg_acl_builder_finish(&builder, &policy, NULL));
	request.policy = policy;
	request.user = DG_STR("alice");
	request.cluster = DG_STR("east");
	request.now_us = 1;
	request.text = TEXT;
	request.analysis = &analysis;
	request.columns = find_columns;
	expect_ok(dg_authorize(&request, arena, &verdict));
	return verdict;
}

#define ASK " (ask data-team@example.com; statement id s1)"

static void
expect_text(struct dg_str got, const char *want)
{
	if (!dg_str_eq(got, dg_str_from_cstr(want)))
		fail_msg("got  %.*s\nwant %s", DG_STR_ARG(got), want);
}

static void
nothing_needs_nothing(void **state)
{
	(void)state;
	struct dg_verdict v = authorize(NULL, 0);

	assert_true(v.allowed);
	expect_text(v.access_json, "[]");
}

static void
missing_columns(void **state)
{
	(void)state;
	const struct dg_str a = DG_STR("a");
	const struct dg_sql_column_use uses[] = {
		{.name = DG_STR("a"), .offset = 0},
		{.name = DG_STR("b"), .offset = 20},
		{.name = DG_STR("c"), .offset = 13}};
	struct dg_sql_access access = access_of(DG_SQL_ACT_SELECT, "salaries");
	struct dg_verdict v;

	add_rule(DG_ACL_ALLOW, DG_ACL_BIT(DG_ACL_P_SELECT),
		 table_object("hive", "hr", "salaries"), &a, 1);
	access.columns = uses;
	access.n_columns = 3;
	access.offset = 20;
	v = authorize(&access, 1);
	assert_false(v.allowed);
	expect_text(v.message,
		    "Access Denied: line 3:3: Cannot select from columns "
		    "[b, c] in table hive.hr.salaries" ASK);
	assert_int_equal(v.line, 3);
	assert_int_equal(v.column, 3);
	expect_text(v.reason, dg_acl_reason_name(DG_ACL_R_NOT_GRANTED));
	request.minimal = true;
	v = authorize(&access, 1);
	request.minimal = false;
	/* Where the column stands would tell which one it is. */
	expect_text(v.message,
		    "Access Denied: line 3:10: Cannot select from table "
		    "hive.hr.salaries" ASK);
	access.n_columns = 1;
	v = authorize(&access, 1);
	assert_true(v.allowed);
	assert_int_equal(v.rule_id, 1);
	expect_text(v.access_json,
		    "[{\"action\":\"select\",\"catalog\":\"hive\","
		    "\"schema\":\"hr\",\"table\":\"salaries\","
		    "\"columns\":[\"a\"],\"rule\":1}]");
}

/* No column named, all columns, and columns that nobody knows. */
static void
column_sets(void **state)
{
	(void)state;
	const struct dg_str a = DG_STR("a");
	struct dg_sql_access access = access_of(DG_SQL_ACT_SELECT, "t");

	add_rule(DG_ACL_ALLOW, DG_ACL_BIT(DG_ACL_P_SELECT),
		 table_object("hive", "hr", "t"), &a, 1);
	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "whole"));
	assert_true(authorize(&access, 1).allowed);
	access.all_columns = true;
	assert_false(authorize(&access, 1).allowed);
	access.columns_known = false;
	assert_false(authorize(&access, 1).allowed);
	access = access_of(DG_SQL_ACT_SELECT, "whole");
	access.all_columns = true;
	access.columns_known = false;
	assert_true(authorize(&access, 1).allowed);
	access = access_of(DG_SQL_ACT_SELECT, "other");
	assert_false(authorize(&access, 1).allowed);
}

/* "user$" reads what `user` may: but a deny of that very name bites. */
static void
denied_by_its_literal_name(void **state)
{
	(void)state;
	struct dg_sql_access access[] = {
		access_of(DG_SQL_ACT_SELECT, "user"),
		access_of(DG_SQL_ACT_SELECT_LITERAL, "user$"),
		access_of(DG_SQL_ACT_SELECT_LITERAL, "user$x"),
	};
	struct dg_verdict v;

	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "*"));
	add_rule(DG_ACL_DENY, DG_ACL_BIT(DG_ACL_P_SELECT),
		 table_object("hive", "hr", "user$"), NULL, 0);
	for (size_t i = 0; i < DG_ARRAY_LEN(access); i++) {
		access[i].all_columns = true;
		access[i].offset = 13;
	}
	v = authorize(access, 3);
	assert_false(v.allowed);
	assert_int_equal(v.rule_id, 2);
	expect_text(v.reason, dg_acl_reason_name(DG_ACL_R_DENIED_BY_RULE));
	expect_text(v.message,
		    "Access Denied: line 3:3: Cannot select from table "
		    "hive.hr.user$" ASK);
	expect_text(v.access_json,
		    "[{\"action\":\"select\",\"catalog\":\"hive\","
		    "\"schema\":\"hr\",\"table\":\"user\","
		    "\"columns\":\"*\",\"rule\":1},"
		    "{\"action\":\"select_literal\",\"catalog\":\"hive\","
		    "\"schema\":\"hr\",\"table\":\"user$\","
		    "\"columns\":\"*\",\"denied\":true,\"rule\":2},"
		    "{\"action\":\"select_literal\",\"catalog\":\"hive\","
		    "\"schema\":\"hr\",\"table\":\"user$x\","
		    "\"columns\":\"*\"}]");
	access[1].action = DG_SQL_ACT_SELECT_MAYBE;
	assert_false(authorize(access, 2).allowed);
	access[1] = access[2];
	assert_true(authorize(access, 2).allowed);
}

/* The literal name gives nothing: the base is what must be allowed. */
static void
literal_name_allows_nothing(void **state)
{
	(void)state;
	struct dg_sql_access access[] = {
		access_of(DG_SQL_ACT_SELECT, "t"),
		access_of(DG_SQL_ACT_SELECT_LITERAL, "t$files"),
	};

	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "t$files"));
	assert_false(authorize(access, 2).allowed);
}

/* Who has no right on a table is told its name, and nothing of the rules. */
static void
strangers(void **state)
{
	(void)state;
	const struct dg_str a = DG_STR("a");
	const struct dg_sql_column_use uses[] = {
		{.name = DG_STR("a"), .offset = 13},
		{.name = DG_STR("b"), .offset = 13}};
	struct dg_sql_access access = access_of(DG_SQL_ACT_SELECT, "salaries");
	struct dg_verdict v;

	add_rule(DG_ACL_DENY, DG_ACL_BIT(DG_ACL_P_SELECT),
		 table_object("hive", "hr", "*"), &a, 1);
	allow(DG_ACL_P_INSERT, table_object("hive", "hr", "inbox"));
	access.columns = uses;
	access.n_columns = 2;
	access.columns_known = false;
	access.offset = 20;
	v = authorize(&access, 1);
	expect_text(v.message,
		    "Access Denied: line 3:10: Cannot select from table "
		    "hive.hr.salaries" ASK);
	access.n_columns = 0;
	access.all_columns = true;
	expect_text(authorize(&access, 1).message,
		    "Access Denied: line 3:10: Cannot select from table "
		    "hive.hr.salaries" ASK);
	/* Any right makes an acquaintance. */
	access.object.table = DG_STR("inbox");
	v = authorize(&access, 1);
	expect_text(v.message,
		    "Access Denied: line 3:10: Cannot select from columns "
		    "[a] in table hive.hr.inbox" ASK);
	assert_true(dg_authorize_any(&request, &access.object, arena));
	access.object.table = DG_STR("salaries");
	assert_false(dg_authorize_any(&request, &access.object, arena));
}

static struct dg_verdict
authorize_error(const struct dg_sql_access *access, bool minimal)
{
	const struct dg_sql_analysis analysis = {.access = access,
						 .n_access = 1};
	struct dg_verdict verdict;

	(void)authorize(access, 1); /* fills the request */
	request.analysis = &analysis;
	request.minimal = minimal;
	expect_ok(dg_authorize_error(&request, arena, &verdict));
	request.minimal = false;
	return verdict;
}

/* Columns of an analysis without metadata are guesses: tables decide. */
static void
errors_of_names(void **state)
{
	static const struct {
		const char *table;
		bool full;
		bool minimal;
	} cases[] = {
		{"whole", true, true},      {"but_a", true, false},
		{"only_a", true, false},    {"insert", false, false},
		{"nothing", false, false},  {"denied", false, false},
		{"a_denied", false, false},
	};
	const struct dg_str a = DG_STR("a");
	const uint32_t select = DG_ACL_BIT(DG_ACL_P_SELECT);
	const struct dg_sql_column_use guess = {.name = DG_STR("zzz"),
						.offset = 13};

	(void)state;
	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "whole"));
	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "but_a"));
	add_rule(DG_ACL_DENY, select, table_object("hive", "hr", "but_a"), &a,
		 1);
	add_rule(DG_ACL_ALLOW, select, table_object("hive", "hr", "only_a"), &a,
		 1);
	allow(DG_ACL_P_INSERT, table_object("hive", "hr", "insert"));
	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "denied"));
	add_rule(DG_ACL_DENY, select, table_object("hive", "hr", "denied"),
		 NULL, 0);
	add_rule(DG_ACL_ALLOW, select, table_object("hive", "hr", "a_denied"),
		 &a, 1);
	add_rule(DG_ACL_DENY, select, table_object("hive", "hr", "a_denied"),
		 &a, 1);
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_access access =
			access_of(DG_SQL_ACT_SELECT, cases[i].table);
		struct dg_verdict v;

		access.columns = &guess;
		access.n_columns = 1;
		access.columns_known = false;
		v = authorize_error(&access, false);
		if (v.allowed != cases[i].full)
			fail_msg("%s", cases[i].table);
		if (!v.allowed)
			assert_null(memmem(v.message.data, v.message.len, "zzz",
					   3));
		v = authorize_error(&access, true);
		if (v.allowed != cases[i].minimal)
			fail_msg("%s, minimal", cases[i].table);
	}
}

struct action_case {
	enum dg_sql_action action;
	enum dg_acl_privilege privilege;
	const char *words;
};

/* The right privilege is enough, all the others together are not. */
/* Said where the verb is not the privilege's name. */
static const char *
need(enum dg_acl_privilege privilege)
{
	return privilege == DG_ACL_P_ALTER   ? " (needs alter)"
	       : privilege == DG_ACL_P_GRANT ? " (needs grant)"
					     : "";
}

static void
each_action_has_its_privilege(void **state)
{
	(void)state;
	static const struct action_case cases[] = {
		{DG_SQL_ACT_SELECT, DG_ACL_P_SELECT, "select from table"},
		{DG_SQL_ACT_INSERT, DG_ACL_P_INSERT, "insert into table"},
		{DG_SQL_ACT_UPDATE, DG_ACL_P_UPDATE, "update table"},
		{DG_SQL_ACT_DELETE, DG_ACL_P_DELETE, "delete from table"},
		{DG_SQL_ACT_CREATE_TABLE, DG_ACL_P_CREATE, "create table"},
		{DG_SQL_ACT_DROP_TABLE, DG_ACL_P_DROP, "drop table"},
		{DG_SQL_ACT_CREATE_VIEW, DG_ACL_P_CREATE, "create view"},
		{DG_SQL_ACT_DROP_VIEW, DG_ACL_P_DROP, "drop view"},
		{DG_SQL_ACT_TRUNCATE, DG_ACL_P_TRUNCATE, "truncate table"},
		{DG_SQL_ACT_ANALYZE, DG_ACL_P_ANALYZE, "analyze table"},
		{DG_SQL_ACT_RENAME_TABLE, DG_ACL_P_ALTER, "rename table"},
		{DG_SQL_ACT_ADD_COLUMN, DG_ACL_P_ALTER,
		 "add a column to table"},
		{DG_SQL_ACT_DROP_COLUMN, DG_ACL_P_ALTER,
		 "drop a column from table"},
		{DG_SQL_ACT_RENAME_COLUMN, DG_ACL_P_ALTER,
		 "rename a column in table"},
		{DG_SQL_ACT_ALTER_COLUMN, DG_ACL_P_ALTER,
		 "change a column of table"},
		{DG_SQL_ACT_ADD_CONSTRAINT, DG_ACL_P_ALTER,
		 "add a constraint to table"},
		{DG_SQL_ACT_DROP_CONSTRAINT, DG_ACL_P_ALTER,
		 "drop a constraint from table"},
		{DG_SQL_ACT_SET_PROPERTIES, DG_ACL_P_ALTER,
		 "set properties of"},
		{DG_SQL_ACT_TABLE_PROCEDURE, DG_ACL_P_ALTER,
		 "execute a procedure of table"},
		{DG_SQL_ACT_CREATE_BRANCH, DG_ACL_P_ALTER,
		 "make a branch of table"},
		{DG_SQL_ACT_DROP_BRANCH, DG_ACL_P_ALTER,
		 "take a branch from table"},
		{DG_SQL_ACT_FAST_FORWARD, DG_ACL_P_ALTER,
		 "fast forward a branch of table"},
		{DG_SQL_ACT_RENAME_VIEW, DG_ACL_P_ALTER, "rename view"},
		{DG_SQL_ACT_REFRESH_VIEW, DG_ACL_P_REFRESH, "refresh view"},
		{DG_SQL_ACT_CREATE_MATERIALIZED_VIEW, DG_ACL_P_CREATE,
		 "create materialized view"},
		{DG_SQL_ACT_DROP_MATERIALIZED_VIEW, DG_ACL_P_DROP,
		 "drop materialized view"},
		{DG_SQL_ACT_RENAME_MATERIALIZED_VIEW, DG_ACL_P_ALTER,
		 "rename materialized view"},
		{DG_SQL_ACT_REFRESH_MATERIALIZED_VIEW, DG_ACL_P_REFRESH,
		 "refresh materialized view"},
		{DG_SQL_ACT_COMMENT_TABLE, DG_ACL_P_COMMENT,
		 "comment on table"},
		{DG_SQL_ACT_COMMENT_VIEW, DG_ACL_P_COMMENT, "comment on view"},
		{DG_SQL_ACT_COMMENT_COLUMN, DG_ACL_P_COMMENT,
		 "comment on a column of table"},
		{DG_SQL_ACT_SET_TABLE_OWNER, DG_ACL_P_GRANT,
		 "set authorization for table"},
		{DG_SQL_ACT_GRANT_TABLE, DG_ACL_P_GRANT,
		 "change privilege select on table"},
		{DG_SQL_ACT_SHOW_GRANTS, DG_ACL_P_GRANT,
		 "show grants on table"},
	};
	struct dg_verdict v;

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		char name[20];

		snprintf(name, sizeof(name), "only%zu", i);
		allow(cases[i].privilege, table_object("hive", "hr", name));
		snprintf(name, sizeof(name), "rest%zu", i);
		add_rule(DG_ACL_ALLOW,
			 TABLE_PRIVILEGES & ~DG_ACL_BIT(cases[i].privilege),
			 table_object("hive", "hr", name), NULL, 0);
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_sql_access access;
		char text[200];
		char name[20];

		snprintf(name, sizeof(name), "only%zu", i);
		access = access_of(cases[i].action, name);
		access.name = DG_STR("select");
		assert_true(authorize(&access, 1).allowed);
		snprintf(name, sizeof(name), "rest%zu", i);
		access.object.table = dg_str_from_cstr(name);
		v = authorize(&access, 1);
		assert_false(v.allowed);
		snprintf(text, sizeof(text),
			 "Access Denied: line 1:1: Cannot %s hive.hr.rest%zu%s "
			 "(ask data-team@example.com; statement id s1)",
			 cases[i].words, i, need(cases[i].privilege));
		expect_text(v.message, text);
	}
}

/* What the engine keeps of rights and roles is not to be seen by reading. */
static void
rights_of_the_engine(void **state)
{
	(void)state;
	const struct dg_acl_object catalog = {.kind = DG_ACL_CATALOG,
					      .catalog = DG_STR_INIT("ours")};
	struct dg_sql_access access[] = {
		{.action = DG_SQL_ACT_MANAGE_ROLES},
		{.action = DG_SQL_ACT_SHOW_ROLES},
		{.action = DG_SQL_ACT_SHOW_ALL_GRANTS},
	};

	allow(DG_ACL_P_GRANT, catalog);
	allow(DG_ACL_P_SELECT, table_object("hive", "*", "*"));
	for (size_t i = 0; i < DG_ARRAY_LEN(access); i++) {
		access[i].object.catalog = DG_STR("ours");
		assert_true(authorize(&access[i], 1).allowed);
		access[i].object.catalog = DG_STR("hive");
		assert_false(authorize(&access[i], 1).allowed);
	}
}

static void
sight(void **state)
{
	(void)state;
	struct dg_sql_access access[] = {
		{.action = DG_SQL_ACT_SHOW_SCHEMAS,
		 .object = {.catalog = DG_STR_INIT("hive")}},
		{.action = DG_SQL_ACT_SHOW_TABLES,
		 .object = {DG_STR_INIT("hive"), DG_STR_INIT("hr"),
			    DG_STR_INIT("")}},
		{.action = DG_SQL_ACT_SHOW_COLUMNS,
		 .object = {DG_STR_INIT("hive"), DG_STR_INIT("hr"),
			    DG_STR_INIT("t")}},
		{.action = DG_SQL_ACT_USE_SCHEMA,
		 .object = {DG_STR_INIT("hive"), DG_STR_INIT("hr"),
			    DG_STR_INIT("")}},
		{.action = DG_SQL_ACT_USE_SCHEMA,
		 .object = {.catalog = DG_STR_INIT("hive")}},
		{.action = DG_SQL_ACT_SHOW_CATALOGS},
	};

	allow(DG_ACL_P_INSERT, table_object("hive", "hr", "t"));
	allow(DG_ACL_P_SELECT, table_object("system", "jdbc", "*"));
	for (size_t i = 0; i < DG_ARRAY_LEN(access); i++)
		assert_true(authorize(&access[i], 1).allowed);
	access[0].object.catalog = DG_STR("other");
	access[1].object.schema = DG_STR("other");
	access[2].object.table = DG_STR("other");
	access[3].object.schema = DG_STR("other");
	access[4].object.catalog = DG_STR("other");
	for (size_t i = 0; i < 5; i++)
		assert_false(authorize(&access[i], 1).allowed);
	expect_text(authorize(&access[1], 1).message,
		    "Access Denied: line 1:1: Cannot show tables of schema "
		    "hive.other" ASK);
}

static void
catalogs_are_hidden_without_jdbc(void **state)
{
	(void)state;
	const struct dg_sql_access access = {.action =
						     DG_SQL_ACT_SHOW_CATALOGS};

	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "t"));
	assert_false(authorize(&access, 1).allowed);
}

static void
opaque_is_never_allowed(void **state)
{
	(void)state;
	const struct dg_sql_access access = {
		.action = DG_SQL_ACT_OPAQUE,
		.reason = DG_STR("it calls something"),
	};
	struct dg_verdict v;

	add_rule(DG_ACL_ALLOW, TABLE_PRIVILEGES, table_object("*", "*", "*"),
		 NULL, 0);
	v = authorize(&access, 1);
	assert_false(v.allowed);
	expect_text(v.reason, "opaque");
	expect_text(v.message,
		    "Access Denied: line 1:1: Nobody can run this through "
		    "the gateway: it calls something" ASK);
}

/* Whatever the order of the access list: people read from left to right. */
static void
refusals_in_the_order_of_the_text(void **state)
{
	(void)state;
	struct dg_sql_access access[] = {
		access_of(DG_SQL_ACT_SELECT, "read"),
		access_of(DG_SQL_ACT_SELECT, "mine"),
		access_of(DG_SQL_ACT_INSERT, "written"),
	};
	struct dg_verdict v;

	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "mine"));
	access[0].offset = 20;
	access[2].offset = 7;
	v = authorize(access, 3);
	expect_text(v.message,
		    "Access Denied: line 1:8: Cannot insert into table "
		    "hive.hr.written; line 3:10: Cannot select from table "
		    "hive.hr.read" ASK);
	assert_int_equal(v.line, 1);
	assert_int_equal(v.column, 8);
}

/* The rule's own words; not for strangers, and not when little is told. */
static void
deny_tells_its_reason(void **state)
{
	(void)state;
	struct dg_sql_access access = access_of(DG_SQL_ACT_DELETE, "salaries");

	deny_reason = DG_STR("payroll only");
	add_rule(DG_ACL_DENY, DG_ACL_BIT(DG_ACL_P_DELETE),
		 table_object("hive", "hr", "*"), NULL, 0);
	deny_reason = DG_STR_EMPTY;
	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "salaries"));
	expect_text(authorize(&access, 1).message,
		    "Access Denied: line 1:1: Cannot delete from table "
		    "hive.hr.salaries: payroll only" ASK);
	request.minimal = true;
	expect_text(authorize(&access, 1).message,
		    "Access Denied: line 1:1: Cannot delete from table "
		    "hive.hr.salaries" ASK);
	request.minimal = false;
	access.object.table = DG_STR("strange");
	expect_text(authorize(&access, 1).message,
		    "Access Denied: line 1:1: Cannot delete from table "
		    "hive.hr.strange" ASK);
}

static void
functions_and_properties(void **state)
{
	(void)state;
	struct dg_sql_access access[] = {
		{.action = DG_SQL_ACT_FUNCTION,
		 .object = {DG_STR_INIT("hive"), DG_STR_INIT("f"),
			    DG_STR_INIT("")},
		 .name = DG_STR_INIT("g")},
		{.action = DG_SQL_ACT_TABLE_FUNCTION,
		 .object = {DG_STR_INIT("hive"), DG_STR_INIT("f"),
			    DG_STR_INIT("g")}},
		{.action = DG_SQL_ACT_SET_SESSION,
		 .name = DG_STR_INIT("hive.x")},
		{.action = DG_SQL_ACT_SET_SESSION, .name = DG_STR_INIT("y")},
	};
	struct dg_acl_object object = table_object("hive", "f", "g");

	object.kind = DG_ACL_FUNCTION;
	allow(DG_ACL_P_EXECUTE, object);
	object = (struct dg_acl_object){.kind = DG_ACL_PROPERTY,
					.name = DG_STR("y")};
	allow(DG_ACL_P_SET, object);
	assert_true(authorize(&access[0], 1).allowed);
	assert_false(authorize(&access[1], 1).allowed);
	assert_false(authorize(&access[2], 1).allowed);
	assert_true(authorize(&access[3], 1).allowed);
	expect_text(authorize(&access[2], 1).message,
		    "Access Denied: line 1:1: Cannot set catalog session "
		    "property hive.x" ASK);
}

static void
properties_of_headers(void **state)
{
	(void)state;
	const struct dg_str names[] = {DG_STR("y"), DG_STR("z")};
	const struct dg_acl_object object = {.kind = DG_ACL_PROPERTY,
					     .name = DG_STR("y")};
	struct dg_verdict v = authorize(NULL, 0);

	dg_acl_snapshot_unref(&policy);
	builder = dg_acl_builder_create(2, 1 << 20);
	expect_ok(dg_acl_add_user(builder, DG_STR("alice"), NULL));
	allow(DG_ACL_P_SET, object);
	expect_ok(dg_acl_builder_finish(&builder, &policy, NULL));
	request.policy = policy;
	expect_ok(dg_authorize_properties(&request, names, 1, arena, &v));
	assert_true(v.allowed);
	expect_ok(dg_authorize_properties(&request, names, 2, arena, &v));
	assert_false(v.allowed);
	assert_int_equal(v.line, 0);
	expect_text(v.message,
		    "Access Denied: Cannot set system session property z" ASK);
}

static void
one_question(void **state)
{
	(void)state;
	const struct dg_acl_object bob = {.kind = DG_ACL_USER,
					  .name = DG_STR("bob")};

	allow(DG_ACL_P_IMPERSONATE, bob);
	(void)authorize(NULL, 0);
	assert_true(dg_authorize_one(&request, DG_ACL_P_IMPERSONATE,
				     DG_ACL_USER, DG_STR("bob"), arena));
	assert_false(dg_authorize_one(&request, DG_ACL_P_IMPERSONATE,
				      DG_ACL_USER, DG_STR("carol"), arena));
	assert_false(dg_authorize_one(&request, DG_ACL_P_VIEW, DG_ACL_QUERY,
				      DG_STR("bob"), arena));
}

/* All failing entries are told, the first gives the place. */
static void
many_refusals(void **state)
{
	(void)state;
	struct dg_sql_access access[40];
	struct dg_verdict v;

	allow(DG_ACL_P_SELECT, table_object("hive", "hr", "t0"));
	for (size_t i = 0; i < 40; i++) {
		access[i] = access_of(DG_SQL_ACT_SELECT, "");
		access[i].object.table = dg_arena_printf(arena, "t%zu", i);
		access[i].offset = i == 0 ? 0 : 7;
	}
	v = authorize(access, 3);
	expect_text(v.message,
		    "Access Denied: line 1:8: Cannot select from table "
		    "hive.hr.t1; line 1:8: Cannot select from table "
		    "hive.hr.t2" ASK);
	assert_int_equal(v.column, 8);
	v = authorize(access, 40);
	assert_true(v.message.len <= 1024);
	assert_non_null(
		memmem(v.message.data, v.message.len, " more (ask", 10));
	request.access_max = 400;
	v = authorize(access, 40);
	request.access_max = 0;
	assert_true(v.access_json.len < 400);
	assert_non_null(
		memmem(v.access_json.data, v.access_json.len, "{\"more\":", 8));
}

static void
huge_column_list(void **state)
{
	(void)state;
	struct dg_sql_access access = access_of(DG_SQL_ACT_SELECT, "t");
	struct dg_sql_column_use *uses =
		DG_ARENA_ARRAY(arena, struct dg_sql_column_use, 1000);
	const struct dg_str x = DG_STR("x");
	struct dg_verdict v;

	add_rule(DG_ACL_ALLOW, DG_ACL_BIT(DG_ACL_P_SELECT),
		 table_object("hive", "hr", "t"), &x, 1);
	for (size_t i = 0; i < 1000; i++)
		uses[i].name = dg_arena_printf(arena, "column_%03zu", i);
	access.columns = uses;
	access.n_columns = 1000;
	v = authorize(&access, 1);
	assert_false(v.allowed);
	assert_true(v.message.len <= 1024);
	assert_non_null(memmem(v.message.data, v.message.len, "... (ask", 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(nothing_needs_nothing),
		TEST(missing_columns),
		TEST(column_sets),
		TEST(denied_by_its_literal_name),
		TEST(literal_name_allows_nothing),
		TEST(strangers),
		TEST(errors_of_names),
		TEST(each_action_has_its_privilege),
		TEST(rights_of_the_engine),
		TEST(sight),
		TEST(catalogs_are_hidden_without_jdbc),
		TEST(opaque_is_never_allowed),
		TEST(refusals_in_the_order_of_the_text),
		TEST(deny_tells_its_reason),
		TEST(functions_and_properties),
		TEST(properties_of_headers),
		TEST(one_question),
		TEST(many_refusals),
		TEST(huge_column_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_admin.c - a steward does not reach beyond its scope: by tables of what
 * one would try, and by random writes. Of those that are taken, none may change
 * any answer about anything outside the scope.
 *
 * The seed is printed; DG_TEST_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/admin.h"

#include <cmocka.h>

#define S(literal) DG_STR_INIT(literal)

static const struct dg_acl_principal ann = {.name = S("ann")};

static const struct dg_acl_object scope_objects[] = {
	{.kind = DG_ACL_CATALOG, .catalog = S("hive"), .schema = S("")},
	{.kind = DG_ACL_SCHEMA, .catalog = S("lake"), .schema = S("crm_*")},
};
static const struct dg_str scope_tags[] = {S("open"), S("sales")};
static const struct dg_acl_admin steward = {
	.role = DG_ACL_STEWARD,
	.objects = scope_objects,
	.n_objects = DG_ARRAY_LEN(scope_objects),
	.tags = scope_tags,
	.n_tags = DG_ARRAY_LEN(scope_tags),
};
static const struct dg_acl_admin admin = {.role = DG_ACL_ADMIN};
static const struct dg_acl_admin auditor = {.role = DG_ACL_AUDITOR};

/* ---- what one would try ------------------------------------------------- */

struct attempt {
	enum dg_acl_kind kind;
	const char *catalog;
	const char *schema;
	const char *name;
	const char *tags[2];
	bool may;
};

static struct dg_acl_rule
rule_of(const struct attempt *a, struct dg_str tags[2])
{
	struct dg_acl_rule rule = {
		.id = 1,
		.principals = &ann,
		.n_principals = 1,
		.privileges = DG_ACL_BIT(DG_ACL_P_COUNT) - 1,
		.object = {.kind = a->kind,
			   .catalog = dg_str_from_cstr(a->catalog),
			   .schema = dg_str_from_cstr(a->schema),
			   .name = dg_str_from_cstr(a->name)},
		.tags = tags,
	};

	while (rule.n_tags < 2 && a->tags[rule.n_tags] != NULL) {
		tags[rule.n_tags] = dg_str_from_cstr(a->tags[rule.n_tags]);
		rule.n_tags++;
	}
	return rule;
}

static bool
may(const struct dg_acl_admin *who, const struct dg_acl_write *write)
{
	struct dg_error err = {0};
	enum dg_rc rc = dg_acl_may_write(who, 1, write, &err);

	assert_true(rc == DG_OK || (rc == DG_ERR_DENIED && err.text[0] != 0));
	return rc == DG_OK;
}

static const struct attempt attempts[] = {
	{DG_ACL_TABLE, "hive", "s", "t", {0}, true},
	{DG_ACL_TABLE, "hive", "*", "*", {0}, true},
	{DG_ACL_TABLE, "lake", "crm_x", "t", {0}, true},
	{DG_ACL_TABLE, "lake", "crm_*", "*", {0}, true},
	{DG_ACL_TABLE, "lake", "crm_a*", "*", {0}, true},
	{DG_ACL_FUNCTION, "hive", "s", "f", {0}, true},
	{DG_ACL_PROCEDURE, "lake", "crm_x", "f", {0}, true},
	{DG_ACL_SCHEMA, "lake", "crm_x", "", {0}, true},
	{DG_ACL_CATALOG, "hive", "", "", {0}, true},
	/* Globs. */
	{DG_ACL_TABLE, "*", "*", "*", {0}, false},
	{DG_ACL_TABLE, "hiv?", "s", "t", {0}, false},
	{DG_ACL_TABLE, "hive*", "s", "t", {0}, false},
	{DG_ACL_TABLE, "lake", "*", "*", {0}, false},
	{DG_ACL_TABLE, "lake", "crm*", "*", {0}, false},
	{DG_ACL_TABLE, "lake", "?rm_*", "*", {0}, false},
	{DG_ACL_TABLE, "la*", "crm_x", "*", {0}, false},
	{DG_ACL_TABLE, "HIVE", "s", "t", {0}, false},
	{DG_ACL_TABLE, "", "s", "t", {0}, false},
	/* Other objects. */
	{DG_ACL_TABLE, "other", "s", "t", {0}, false},
	{DG_ACL_TABLE, "lake", "s", "t", {0}, false},
	{DG_ACL_CATALOG, "lake", "", "", {0}, false},
	{DG_ACL_SCHEMA, "lake", "s", "", {0}, false},
	/* Tags: all of them must be the steward's. */
	{DG_ACL_TABLE, "*", "*", "*", {"open"}, true},
	{DG_ACL_TABLE, "*", "*", "*", {"open", "sales"}, true},
	{DG_ACL_TABLE, "*", "*", "*", {"open", "pii"}, false},
	{DG_ACL_TABLE, "*", "*", "*", {"pii"}, false},
	{DG_ACL_TABLE, "*", "*", "*", {"OPEN"}, false},
	{DG_ACL_TABLE, "hive", "*", "*", {"pii"}, true},
	/* What is no data. */
	{DG_ACL_CLUSTER, "", "", "hive", {0}, false},
	{DG_ACL_PROPERTY, "", "", "hive.x", {0}, false},
	{DG_ACL_USER, "", "", "bob", {0}, false},
	{DG_ACL_QUERY, "", "", "bob", {0}, false},
	{DG_ACL_CLUSTER, "hive", "", "x", {"open"}, false},
};

static void
test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(attempts); i++) {
		const struct attempt *a = &attempts[i];
		struct dg_str tags[2];
		struct dg_acl_rule rule = rule_of(a, tags);
		struct dg_acl_write write = {.kind = DG_ACL_WRITE_RULE,
					     .after = &rule};

		if (may(&steward, &write) != a->may)
			fail_msg("%s.%s.%s", a->catalog, a->schema, a->name);
		rule.effect = DG_ACL_DENY;
		rule.except = &ann;
		rule.n_except = 1;
		assert_int_equal(may(&steward, &write), a->may);
		write.after = NULL;
		write.before = &rule;
		assert_int_equal(may(&steward, &write), a->may);
		write.is_builtin = true;
		assert_false(may(&steward, &write));
		assert_true(may(&admin, &write));
		assert_false(may(&auditor, &write));
	}
}

/* Neither into the scope nor out of it, nor over another's rule. */
static void
test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(attempts); i++)
		for (size_t j = 0; j < DG_ARRAY_LEN(attempts); j++) {
			struct dg_str tags[2][2];
			struct dg_acl_rule before =
				rule_of(&attempts[i], tags[0]);
			struct dg_acl_rule after =
				rule_of(&attempts[j], tags[1]);
			const struct dg_acl_write write = {
				.kind = DG_ACL_WRITE_RULE,
				.before = &before,
				.after = &after};

			assert_int_equal(may(&steward, &write),
					 attempts[i].may && attempts[j].may);
		}
}

static void
test_taggings(void **state)
{
	static const struct {
		struct dg_acl_tagging tagging;
		bool may;
	} cases[] = {
		{{S("open"),
		  {DG_ACL_TABLE, S("hive"), S("s"), S("t")},
		  S("mail")},
		 true},
		{{S("open"), {DG_ACL_CATALOG, S("hive"), S(""), S("")}, S("")},
		 true},
		{{S("sales"),
		  {DG_ACL_SCHEMA, S("lake"), S("crm_x"), S("")},
		  S("")},
		 true},
		/* Its own tag would bring these into the scope. */
		{{S("open"), {DG_ACL_TABLE, S("other"), S("s"), S("t")}, S("")},
		 false},
		{{S("open"), {DG_ACL_CATALOG, S("lake"), S(""), S("")}, S("")},
		 false},
		{{S("open"), {DG_ACL_SCHEMA, S("lake"), S("s"), S("")}, S("")},
		 false},
		/* A tag of others, with their allows and denies. */
		{{S("pii"), {DG_ACL_TABLE, S("hive"), S("s"), S("t")}, S("")},
		 false},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_acl_write write = {.kind = DG_ACL_WRITE_TAGGING,
						   .tagging =
							   &cases[i].tagging};

		assert_int_equal(may(&steward, &write), cases[i].may);
		assert_true(may(&admin, &write));
		assert_false(may(&auditor, &write));
	}
}

/* One row's tag and another row's object do not add up. */
static void
test_rows_stand_alone(void **state)
{
	const struct dg_acl_admin rows[] = {
		{.role = DG_ACL_STEWARD,
		 .objects = scope_objects,
		 .n_objects = 1},
		{.role = DG_ACL_STEWARD, .tags = scope_tags, .n_tags = 1},
		{.role = DG_ACL_STEWARD, .tags = scope_tags + 1, .n_tags = 1},
		{.role = DG_ACL_AUDITOR},
	};
	const struct dg_acl_tagging tagging = {
		S("open"), {DG_ACL_TABLE, S("hive"), S("s"), S("t")}, S("")};
	struct dg_acl_write write = {.kind = DG_ACL_WRITE_TAGGING,
				     .tagging = &tagging};
	struct attempt both = {DG_ACL_TABLE,      "*",  "*", "*",
			       {"open", "sales"}, false};
	struct dg_str tags[2];
	struct dg_acl_rule rule = rule_of(&both, tags);
	struct dg_error err;

	(void)state;
	assert_int_equal(
		dg_acl_may_write(rows, DG_ARRAY_LEN(rows), &write, &err),
		DG_ERR_DENIED);
	write = (struct dg_acl_write){.kind = DG_ACL_WRITE_RULE,
				      .after = &rule};
	assert_int_equal(
		dg_acl_may_write(rows, DG_ARRAY_LEN(rows), &write, &err),
		DG_ERR_DENIED);
	rule.n_tags = 1;
	assert_int_equal(
		dg_acl_may_write(rows, DG_ARRAY_LEN(rows), &write, &err),
		DG_OK);
}

static void
test_all_else(void **state)
{
	const struct dg_acl_write write = {.kind = DG_ACL_WRITE_OTHER};
	struct dg_error err;

	(void)state;
	assert_false(may(&steward, &write));
	assert_false(may(&auditor, &write));
	assert_true(may(&admin, &write));
	assert_int_equal(dg_acl_may_write(NULL, 0, &write, &err),
			 DG_ERR_DENIED);
	assert_false(dg_acl_may_read(NULL, 0));
	assert_true(dg_acl_may_read(&auditor, 1));
}

/* ---- rows in a snapshot ------------------------------------------------- */

static void
test_rows(void **state)
{
	static const struct dg_acl_principal to[] = {
		{.is_role = true, .name = S("data")}, {.name = S("eve")}};
	static const struct dg_acl_object table = {DG_ACL_TABLE, S("Hive"),
						   S("s"), S("t")};
	static const struct dg_acl_object tagged = {DG_ACL_TABLE, S("x"),
						    S("s"), S("t")};
	static const struct dg_acl_object other = {DG_ACL_TABLE, S("x"), S("s"),
						   S("u")};
	struct dg_acl_builder *b = dg_acl_builder_create(1, 1 << 20);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	const struct dg_acl_tagging tagging = {S("open"), tagged, S("")};
	const struct dg_acl_admin *admins;
	const struct dg_str *names;
	struct dg_acl_snapshot *s;
	struct dg_error err;
	size_t n;

	(void)state;
	assert_int_equal(dg_acl_add_user(b, DG_STR("ann"), &err), DG_OK);
	assert_int_equal(dg_acl_add_user(b, DG_STR("eve"), &err), DG_OK);
	assert_int_equal(dg_acl_add_role(b, DG_STR("data"), &err), DG_OK);
	assert_int_equal(dg_acl_add_role(b, DG_STR("team"), &err), DG_OK);
	assert_int_equal(
		dg_acl_add_member(b, DG_STR("data"),
				  (struct dg_acl_principal){true, S("team")},
				  &err),
		DG_OK);
	assert_int_equal(dg_acl_add_member(b, DG_STR("team"), ann, &err),
			 DG_OK);
	assert_int_equal(dg_acl_add_tagging(b, &tagging, &err), DG_OK);
	assert_int_equal(dg_acl_add_admin(b, &steward, to, 2, &err), DG_OK);
	assert_int_equal(dg_acl_add_admin(b, &admin, to + 1, 1, &err), DG_OK);
	assert_int_equal(dg_acl_builder_finish(&b, &s, &err), DG_OK);

	assert_int_equal(dg_acl_admins_of(s, DG_STR("ann"), arena, &admins, &n),
			 DG_OK);
	assert_int_equal(n, 1);
	assert_int_equal(admins[0].role, DG_ACL_STEWARD);
	assert_int_equal(admins[0].n_objects, 2);
	assert_int_equal(dg_acl_admins_of(s, DG_STR("eve"), arena, &admins, &n),
			 DG_OK);
	assert_int_equal(n, 2);
	assert_int_equal(dg_acl_admins_of(s, DG_STR("zoe"), arena, &admins, &n),
			 DG_OK);
	assert_int_equal(n, 0);

	assert_int_equal(
		dg_acl_stewards_of(s, DG_STR_EMPTY, &table, arena, &names, &n),
		DG_OK);
	assert_int_equal(n, 2);
	assert_true(dg_str_eq(names[0], DG_STR("user:eve")));
	assert_true(dg_str_eq(names[1], DG_STR("role:data")));
	assert_int_equal(
		dg_acl_stewards_of(s, DG_STR_EMPTY, &tagged, arena, &names, &n),
		DG_OK);
	assert_int_equal(n, 2);
	assert_int_equal(
		dg_acl_stewards_of(s, DG_STR_EMPTY, &other, arena, &names, &n),
		DG_OK);
	assert_int_equal(n, 0);
	dg_arena_destroy(&arena);
	dg_acl_snapshot_unref(&s);
}

static void
test_refused_rows(void **state)
{
	static const struct dg_acl_object table = {DG_ACL_TABLE, S("x"), S("s"),
						   S("t")};
	const struct dg_acl_admin bad[] = {
		{.role = DG_ACL_STEWARD},
		{.role = DG_ACL_ADMIN, .tags = scope_tags, .n_tags = 1},
		{.role = DG_ACL_AUDITOR,
		 .objects = scope_objects,
		 .n_objects = 1},
		{.role = DG_ACL_STEWARD, .objects = &table, .n_objects = 1},
	};
	struct dg_error err;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++)
		assert_int_equal(dg_acl_admin_check(&bad[i], &err),
				 DG_ERR_INVALID);
}

/* ---- random writes ------------------------------------------------------ */

enum { WORLDS = 4000, RULES = 5, TAGGINGS = 3, LIST = 2 };

static uint64_t chance;

static unsigned
dice(unsigned sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % sides;
}

#define PICK(words) dg_str_from_cstr((words)[dice(DG_ARRAY_LEN(words))])

static const char *const catalogs[] = {"c", "d"};
static const char *const schemas[] = {"s", "s2"};
static const char *const tables[] = {"t", "u"};
static const char *const columns[] = {"a", "b"};
static const char *const tag_names[] = {"x", "y"};
static const char *const catalog_globs[] = {"c", "d", "*", "c*", "?"};
static const char *const schema_globs[] = {"s", "s2", "*", "s*", "s?", "?"};
static const char *const table_globs[] = {"t", "u", "*"};

struct random_rule {
	struct dg_acl_rule rule;
	struct dg_str tags[LIST];
	struct dg_str columns[1];
};

struct world {
	struct random_rule rules[RULES + 1]; /* the last one: to be written */
	struct dg_acl_tagging taggings[TAGGINGS + 1];
	struct dg_acl_object scope[LIST];
	struct dg_str tags[LIST];
	struct dg_acl_admin steward;
};

static void
make_rule(struct random_rule *r, int64_t id)
{
	static const enum dg_acl_kind kinds[] = {DG_ACL_TABLE, DG_ACL_TABLE,
						 DG_ACL_TABLE, DG_ACL_SCHEMA,
						 DG_ACL_FUNCTION};
	struct dg_acl_rule *rule = &r->rule;

	*r = (struct random_rule){0};
	rule->id = id;
	rule->effect = dice(2) ? DG_ACL_DENY : DG_ACL_ALLOW;
	rule->privileges = DG_ACL_BIT(DG_ACL_P_COUNT) - 1;
	rule->object.kind = kinds[dice(DG_ARRAY_LEN(kinds))];
	rule->object.catalog = PICK(catalog_globs);
	rule->object.schema = PICK(schema_globs);
	rule->object.name = rule->object.kind == DG_ACL_SCHEMA
				    ? DG_STR("")
				    : PICK(table_globs);
	rule->n_tags = dice(3);
	for (size_t i = 0; i < rule->n_tags; i++)
		r->tags[i] = PICK(tag_names);
	if (rule->object.kind == DG_ACL_TABLE && dice(3) == 0) {
		rule->privileges = DG_ACL_BIT(DG_ACL_P_SELECT);
		r->columns[0] = PICK(columns);
		rule->n_columns = 1;
	}
}

static void
make_tagging(struct dg_acl_tagging *t)
{
	unsigned depth = dice(4);

	*t = (struct dg_acl_tagging){.tag = PICK(tag_names),
				     .object = {.kind = DG_ACL_CATALOG,
						.catalog = PICK(catalogs),
						.schema = DG_STR(""),
						.name = DG_STR("")},
				     .column = DG_STR("")};
	if (depth > 0) {
		t->object.kind = DG_ACL_SCHEMA;
		t->object.schema = PICK(schemas);
	}
	if (depth > 1) {
		t->object.kind = DG_ACL_TABLE;
		t->object.name = PICK(tables);
	}
	if (depth > 2)
		t->column = PICK(columns);
}

static void
make_world(struct world *w)
{
	*w = (struct world){.steward = {.role = DG_ACL_STEWARD}};
	for (int i = 0; i <= RULES; i++)
		make_rule(&w->rules[i], i + 1);
	for (int i = 0; i <= TAGGINGS; i++)
		make_tagging(&w->taggings[i]);
	w->steward.n_objects = dice(LIST + 1);
	for (size_t i = 0; i < w->steward.n_objects; i++) {
		bool is_schema = dice(2) > 0;

		w->scope[i] = (struct dg_acl_object){
			.kind = is_schema ? DG_ACL_SCHEMA : DG_ACL_CATALOG,
			.catalog = dice(4) > 0 ? PICK(catalogs)
					       : PICK(catalog_globs),
			.schema = is_schema ? PICK(schema_globs) : DG_STR(""),
			.name = DG_STR("")};
	}
	w->steward.n_tags = dice(LIST + 1);
	for (size_t i = 0; i < w->steward.n_tags; i++)
		w->tags[i] = PICK(tag_names);
	w->steward.objects = w->scope;
	w->steward.tags = w->tags;
}

static struct dg_acl_snapshot *
build(struct world *w, size_t n_rules, size_t n_taggings)
{
	struct dg_acl_builder *b = dg_acl_builder_create(1, 4 << 20);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;

	assert_int_equal(dg_acl_add_user(b, ann.name, &err), DG_OK);
	for (size_t i = 0; i < n_rules; i++) {
		struct random_rule *r = &w->rules[i];

		r->rule.principals = &ann;
		r->rule.n_principals = 1;
		r->rule.tags = r->tags;
		r->rule.columns = r->columns;
		assert_int_equal(dg_acl_add_rule(b, &r->rule, &err), DG_OK);
	}
	for (size_t i = 0; i < n_taggings; i++)
		assert_int_equal(dg_acl_add_tagging(b, &w->taggings[i], &err),
				 DG_OK);
	assert_int_equal(dg_acl_builder_finish(&b, &s, &err), DG_OK);
	return s;
}

/* As naive as can be: the scopes here are names or short patterns. */
static bool
glob_is(struct dg_str glob, struct dg_str name)
{
	if (glob.len == 0)
		return name.len == 0;
	if (glob.data[0] == '*')
		return glob_is(dg_str_slice(glob, 1, glob.len), name) ||
		       (name.len > 0 &&
			glob_is(glob, dg_str_slice(name, 1, name.len)));
	return name.len > 0 &&
	       (glob.data[0] == '?' || glob.data[0] == name.data[0]) &&
	       glob_is(dg_str_slice(glob, 1, glob.len),
		       dg_str_slice(name, 1, name.len));
}

static bool
is_on(const struct dg_acl_tagging *t, const struct dg_acl_object *o,
      struct dg_str column)
{
	const struct dg_acl_object *to = &t->object;

	if (!dg_str_eq(to->catalog, o->catalog))
		return false;
	if (to->kind == DG_ACL_CATALOG)
		return true;
	if (!dg_str_eq(to->schema, o->schema))
		return false;
	if (to->kind == DG_ACL_SCHEMA)
		return true;
	return o->kind == DG_ACL_TABLE && dg_str_eq(to->name, o->name) &&
	       (t->column.len == 0 || dg_str_eq(t->column, column));
}

static bool
is_steward_of(const struct world *w, const struct dg_acl_object *o,
	      struct dg_str column)
{
	for (size_t i = 0; i < w->steward.n_objects; i++)
		if (glob_is(w->scope[i].catalog, o->catalog) &&
		    (w->scope[i].kind == DG_ACL_CATALOG ||
		     glob_is(w->scope[i].schema, o->schema)))
			return true;
	/* Tags as they were before the write. */
	for (size_t i = 0; i < w->steward.n_tags; i++)
		for (int j = 0; j < TAGGINGS; j++)
			if (dg_str_eq(w->taggings[j].tag, w->tags[i]) &&
			    is_on(&w->taggings[j], o, column))
				return true;
	return false;
}

static bool
is_allowed(struct dg_acl_snapshot *s, enum dg_acl_privilege privilege,
	   const struct dg_acl_object *object, const struct dg_str *column,
	   struct dg_arena *arena)
{
	static const struct dg_str known[] = {S("a"), S("b")};
	const struct dg_acl_entry entry = {
		.privilege = privilege,
		.object = *object,
		.columns = column,
		.n_columns = column == NULL ? 0 : 1,
		.columns_known = column != NULL,
		.table_columns = known,
		.n_table_columns = 2,
	};
	const struct dg_acl_request request = {.user = ann.name,
					       .now_us = 1,
					       .entries = &entry,
					       .n_entries = 1};
	struct dg_acl_decision decision;

	dg_arena_reset(arena);
	assert_int_equal(dg_acl_decide(s, NULL, &request, arena, &decision),
			 DG_OK);
	return decision.allowed;
}

static size_t
compare_object(const struct world *w, struct dg_acl_snapshot *before,
	       struct dg_acl_snapshot *after,
	       const struct dg_acl_object *object, struct dg_arena *arena)
{
	enum dg_acl_privilege privilege =
		object->kind == DG_ACL_TABLE      ? DG_ACL_P_INSERT
		: object->kind == DG_ACL_FUNCTION ? DG_ACL_P_EXECUTE
						  : DG_ACL_P_CREATE;
	size_t n = 0;

	if (!is_steward_of(w, object, DG_STR(""))) {
		assert_int_equal(
			is_allowed(before, privilege, object, NULL, arena),
			is_allowed(after, privilege, object, NULL, arena));
		n++;
	}
	for (size_t i = 0; object->kind == DG_ACL_TABLE && i < 2; i++) {
		struct dg_str column = dg_str_from_cstr(columns[i]);

		if (is_steward_of(w, object, column))
			continue;
		assert_int_equal(is_allowed(before, DG_ACL_P_SELECT, object,
					    &column, arena),
				 is_allowed(after, DG_ACL_P_SELECT, object,
					    &column, arena));
		n++;
	}
	return n;
}

/* Everything that is not the steward's; how much that is. */
static size_t
compare(const struct world *w, struct dg_acl_snapshot *before,
	struct dg_acl_snapshot *after, struct dg_arena *arena)
{
	static const enum dg_acl_kind kinds[] = {DG_ACL_TABLE, DG_ACL_SCHEMA,
						 DG_ACL_FUNCTION};
	size_t n = 0;

	for (unsigned i = 0; i < 24; i++) {
		struct dg_acl_object object = {
			.kind = kinds[i / 8],
			.catalog = dg_str_from_cstr(catalogs[i & 1]),
			.schema = dg_str_from_cstr(schemas[i >> 1 & 1]),
			.name = dg_str_from_cstr(tables[i >> 2 & 1])};

		if (object.kind == DG_ACL_SCHEMA)
			object.name = DG_STR("");
		n += compare_object(w, before, after, &object, arena);
	}
	return n;
}

static bool
try_write(struct world *w, bool is_tagging, size_t *compared,
	  struct dg_arena *arena)
{
	const struct dg_acl_write write = {
		.kind = is_tagging ? DG_ACL_WRITE_TAGGING : DG_ACL_WRITE_RULE,
		.after = is_tagging ? NULL : &w->rules[RULES].rule,
		.tagging = is_tagging ? &w->taggings[TAGGINGS] : NULL};
	struct dg_acl_snapshot *before;
	struct dg_acl_snapshot *after;

	w->rules[RULES].rule.tags = w->rules[RULES].tags;
	if (!may(&w->steward, &write))
		return false;
	before = build(w, RULES, TAGGINGS);
	after = build(w, RULES + (is_tagging ? 0 : 1),
		      TAGGINGS + (is_tagging ? 1 : 0));
	*compared += compare(w, before, after, arena);
	dg_acl_snapshot_unref(&before);
	dg_acl_snapshot_unref(&after);
	return true;
}

static void
test_nothing_outside_changes(void **state)
{
	const char *text = getenv("DG_TEST_SEED");
	unsigned long seed = text == NULL ? 20240229 : strtoul(text, NULL, 10);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	size_t taken[2] = {0};
	size_t compared = 0;

	(void)state;
	print_message("seed %lu\n", seed);
	for (unsigned long i = 0; i < WORLDS; i++) {
		struct world w;

		chance = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) + 1;
		make_world(&w);
		for (unsigned tagging = 0; tagging < 2; tagging++)
			taken[tagging] +=
				try_write(&w, tagging != 0, &compared, arena);
	}
	print_message("%d worlds, %zu rules and %zu taggings taken, %zu "
		      "answers compared\n",
		      (int)WORLDS, taken[0], taken[1], compared);
	assert_true(taken[0] > WORLDS / 20 && taken[1] > WORLDS / 20);
	assert_true(compared > WORLDS);
	dg_arena_destroy(&arena);
}

/* ---- what one is told of --------------------------------------------------
 */

static struct dg_acl_snapshot *
tagged_columns(void)
{
	static const struct {
		struct dg_str tag;
		struct dg_str column;
	} rows[] = {{S("open"), S("mail")},
		    {S("open"), S("info.street")},
		    {S("sales"), S("id")},
		    {S("secret"), S("pay")}};
	struct dg_acl_builder *builder = dg_acl_builder_create(1, 1 << 20);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;

	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		const struct dg_acl_tagging tagging = {
			.tag = rows[i].tag,
			.object = {.kind = DG_ACL_TABLE,
				   .catalog = S("ice"),
				   .schema = S("s"),
				   .name = S("t")},
			.column = rows[i].column};

		assert_int_equal(dg_acl_add_tagging(builder, &tagging, &err),
				 DG_OK);
	}
	assert_int_equal(dg_acl_builder_finish(&builder, &s, &err), DG_OK);
	return s;
}

static void
test_columns_of_its_tags(void **state)
{
	static const struct {
		const char *table;
		struct dg_str columns[2];
		size_t n;
		bool told;
	} rows[] = {
		{"t", {S("mail")}, 1, true},
		{"t", {S("mail"), S("id")}, 2, true},
		{"t", {S("mail.domain")}, 1, true},
		{"t", {S("info.street")}, 1, true},
		{"t", {S("info")}, 1, false},
		{"t", {S("info.city")}, 1, false},
		{"t", {S("mail"), S("pay")}, 2, false},
		{"t", {S("mai")}, 1, false},
		{"t", {S("")}, 0, false}, /* all of it */
		{"u", {S("mail")}, 1, false},
		{"t*", {S("mail")}, 1, false},
	};
	struct dg_acl_snapshot *s = tagged_columns();
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(rows); i++) {
		const struct dg_acl_object object = {
			.kind = DG_ACL_TABLE,
			.catalog = S("ice"),
			.schema = S("s"),
			.name = dg_str_from_cstr(rows[i].table)};

		if (dg_acl_is_concerned_by(s, &steward, 1, DG_STR_EMPTY,
					   &object, rows[i].columns, rows[i].n,
					   arena) != rows[i].told)
			fail_msg("row %zu", i);
		assert_true(dg_acl_is_concerned_by(s, &auditor, 1, DG_STR_EMPTY,
						   &object, rows[i].columns,
						   rows[i].n, arena));
	}
	dg_arena_destroy(&arena);
	dg_acl_snapshot_unref(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_taggings),
		cmocka_unit_test(test_rows_stand_alone),
		cmocka_unit_test(test_all_else),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refused_rows),
		cmocka_unit_test(test_nothing_outside_changes),
		cmocka_unit_test(test_columns_of_its_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

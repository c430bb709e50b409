/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_modify.c - a snapshot that was changed is the snapshot that would have
 * been built: random rules come, change and go over many versions, and each
 * version is held against one made from nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/acl.h"

#include <cmocka.h>

enum {
	RULES_MAX = 1000,
	VERSIONS = 30,
	QUESTIONS = 100,
	USERS = 5,
	ROLES = 4,
	NAME = 32,
	CAP_BYTES = 16 << 20,
};

static uint64_t chance;

static unsigned
dice(unsigned sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % sides;
}

/* Everything about a rule comes from its seed. */
struct seed {
	int64_t id;
	uint64_t seed; /* 0: the rule is not there */
};

struct made {
	struct dg_acl_rule rule;
	struct dg_acl_principal principals[3];
	struct dg_acl_principal except;
	struct dg_str columns[3];
	struct dg_str tag;
	struct dg_str cluster;
	struct dg_str network;
	char texts[10][NAME];
	unsigned n_texts;
};

static struct dg_str
print(struct made *m, const char *prefix, unsigned number, const char *suffix)
{
	char *out = m->texts[m->n_texts++];

	(void)snprintf(out, NAME, "%s%u%s", prefix, number, suffix);
	return dg_str_from_cstr(out);
}

static struct dg_acl_principal
draw_principal(struct made *m)
{
	unsigned number = dice(USERS + ROLES + 1);

	if (number == USERS + ROLES)
		return (struct dg_acl_principal){.is_role = true,
						 .name = DG_STR("public")};
	if (number < USERS)
		return (struct dg_acl_principal){
			.name = print(m, "user", number, "")};
	return (struct dg_acl_principal){
		.is_role = true, .name = print(m, "role", number - USERS, "")};
}

static void
draw_object(struct made *m)
{
	struct dg_acl_object *o = &m->rule.object;

	*o = (struct dg_acl_object){
		.kind = DG_ACL_TABLE,
		.catalog = DG_STR("c"),
		.schema = print(m, "s", dice(3), ""),
		.name = print(m, "table", dice(40), ""),
	};
	switch (dice(6)) {
	case 0:
		o->name = print(m, "table", dice(5), "*");
		break;
	case 1:
		o->name = DG_STR("*");
		break;
	case 2:
		o->schema = DG_STR("s*");
		o->name = DG_STR("*1");
		break;
	default:
		break;
	}
}

static void
make(const struct seed *seed, struct made *m)
{
	uint64_t before = chance;

	*m = (struct made){.rule = {.id = seed->id}};
	chance = seed->seed;
	m->rule.effect = dice(4) == 0 ? DG_ACL_DENY : DG_ACL_ALLOW;
	m->rule.privileges = DG_ACL_BIT(DG_ACL_P_SELECT);
	m->rule.principals = m->principals;
	m->rule.n_principals = 1 + dice(3);
	for (size_t i = 0; i < m->rule.n_principals; i++)
		m->principals[i] = draw_principal(m);
	draw_object(m);
	m->rule.columns = m->columns;
	m->rule.n_columns = dice(2) * dice(3);
	for (size_t i = 0; i < m->rule.n_columns; i++)
		m->columns[i] = print(m, "column", dice(6), "");
	if (dice(5) == 0) {
		m->tag = dice(2) == 0 ? DG_STR("pii") : DG_STR("finance");
		m->rule.tags = &m->tag;
		m->rule.n_tags = 1;
	}
	if (m->rule.effect == DG_ACL_DENY && dice(3) == 0) {
		m->except = (struct dg_acl_principal){.name = DG_STR("user0")};
		m->rule.except = &m->except;
		m->rule.n_except = 1;
	}
	if (dice(5) == 0) {
		m->cluster = DG_STR("one");
		m->rule.clusters = &m->cluster;
		m->rule.n_clusters = 1;
	}
	if (dice(5) == 0)
		m->rule.valid_until_us = 100;
	if (dice(5) == 0) {
		m->network = DG_STR("10.0.0.0/8");
		m->rule.networks = &m->network;
		m->rule.n_networks = 1;
	}
	m->rule.reason = dice(3) == 0 ? DG_STR("because") : DG_STR_EMPTY;
	chance = before;
}

static void
check(enum dg_rc rc, const struct dg_error *err)
{
	if (rc != DG_OK)
		fail_msg("%s", err->text);
}

static void
add_ground(struct dg_acl_builder *b)
{
	struct made m = {0};
	struct dg_error err;
	struct dg_acl_tagging tagging = {
		.tag = DG_STR("pii"),
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = DG_STR("s1"),
			   .name = DG_STR("table1")},
		.column = DG_STR("column2"),
	};

	for (unsigned i = 0; i < USERS; i++, m.n_texts = 0)
		check(dg_acl_add_user(b, print(&m, "user", i, ""), &err), &err);
	for (unsigned i = 0; i < ROLES; i++, m.n_texts = 0)
		check(dg_acl_add_role(b, print(&m, "role", i, ""), &err), &err);
	for (unsigned i = 0; i < USERS; i++, m.n_texts = 0)
		check(dg_acl_add_member(
			      b, print(&m, "role", i % ROLES, ""),
			      (struct dg_acl_principal){
				      .name = print(&m, "user", i, "")},
			      &err),
		      &err);
	check(dg_acl_add_tagging(b, &tagging, &err), &err);
	tagging.tag = DG_STR("finance");
	tagging.object = (struct dg_acl_object){.kind = DG_ACL_SCHEMA,
						.catalog = DG_STR("c"),
						.schema = DG_STR("s2")};
	tagging.column = DG_STR_EMPTY;
	check(dg_acl_add_tagging(b, &tagging, &err), &err);
}

static struct dg_acl_snapshot *
build(const struct seed *rules, int64_t version)
{
	struct dg_acl_builder *b = dg_acl_builder_create(version, CAP_BYTES);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;
	struct made m;

	add_ground(b);
	for (unsigned i = 0; i < RULES_MAX; i++) {
		if (rules[i].seed == 0)
			continue;
		make(&rules[i], &m);
		check(dg_acl_add_rule(b, &m.rule, &err), &err);
	}
	check(dg_acl_builder_finish(&b, &s, &err), &err);
	return s;
}

/* Changes some rules, in both. */
static struct dg_acl_snapshot *
modify(const struct dg_acl_snapshot *from, struct seed *rules, int64_t version)
{
	struct dg_acl_builder *b =
		dg_acl_builder_modify(from, version, CAP_BYTES);
	unsigned changes = dice(5) == 0 ? 300 : 1 + dice(20);
	unsigned inclined = dice(3); /* to take away, to change, to add */
	struct dg_acl_snapshot *s = NULL;
	bool changed[RULES_MAX] = {false};
	struct dg_error err;
	struct made m;

	assert_non_null(b);
	for (unsigned i = 0; i < changes; i++) {
		unsigned at = dice(RULES_MAX);
		bool was = rules[at].seed != 0;
		bool will = was ? inclined > 0 : inclined == 2 || dice(4) == 0;

		if (changed[at])
			continue;
		changed[at] = true;
		if (was) {
			make(&rules[at], &m);
			check(dg_acl_remove_rule(b, &m.rule, &err), &err);
		}
		rules[at].seed = will ? 1 + dice(1U << 30) : 0;
		if (will) {
			make(&rules[at], &m);
			check(dg_acl_add_rule(b, &m.rule, &err), &err);
		}
	}
	check(dg_acl_builder_finish(&b, &s, &err), &err);
	return s;
}

static void
assert_answer(const struct dg_acl_outcome *a, const struct dg_acl_outcome *b)
{
	assert_int_equal(a->allowed, b->allowed);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->rule_id, b->rule_id);
	assert_int_equal(a->n_missing, b->n_missing);
	assert_int_equal(a->n_rule_ids, b->n_rule_ids);
	for (size_t i = 0; i < a->n_rule_ids; i++)
		assert_int_equal(a->rule_ids[i], b->rule_ids[i]);
	assert_true(dg_str_eq(a->rule_reason, b->rule_reason));
	assert_true(dg_str_eq(a->path, b->path));
}

static void
ask_both(const struct dg_acl_snapshot *a, const struct dg_acl_snapshot *b)
{
	static const struct dg_str columns[] = {
		DG_STR_INIT("column0"), DG_STR_INIT("column1"),
		DG_STR_INIT("column2"), DG_STR_INIT("column3"),
		DG_STR_INIT("column4"), DG_STR_INIT("column5")};
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct made m = {0};
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = DG_STR("c"),
			   .schema = print(&m, "s", dice(3), ""),
			   .name = print(&m, "table", dice(40), "")},
		.columns = &columns[dice(3)],
		.n_columns = dice(4),
		.columns_known = true,
		.table_columns = columns,
		.n_table_columns = DG_ARRAY_LEN(columns),
	};
	struct dg_acl_request request = {
		.user = print(&m, "user", dice(USERS), ""),
		.cluster = dice(2) == 0 ? DG_STR("one") : DG_STR("two"),
		.client = dice(2) == 0 ? DG_STR("10.1.2.3") : DG_STR("::1"),
		.now_us = 1 + dice(200),
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_acl_decision x;
	struct dg_acl_decision y;

	if (dice(4) == 0) {
		entry = (struct dg_acl_entry){.privilege = DG_ACL_P_SHOW,
					      .object = entry.object};
		entry.object.kind = DG_ACL_SCHEMA;
		entry.object.name = DG_STR_EMPTY;
	}
	assert_int_equal(dg_acl_explain(a, &request, arena, &x), DG_OK);
	assert_int_equal(dg_acl_explain(b, &request, arena, &y), DG_OK);
	assert_answer(&x.outcomes[0], &y.outcomes[0]);
	assert_int_equal(dg_acl_fingerprint(a, &request),
			 dg_acl_fingerprint(b, &request));
	dg_arena_destroy(&arena);
}

static void
test_changed_is_built(void **state)
{
	static struct seed rules[RULES_MAX];
	struct dg_acl_snapshot *s;

	(void)state;
	chance = 20261122;
	for (unsigned i = 0; i < RULES_MAX; i++)
		rules[i] = (struct seed){
			.id = i + 1, .seed = dice(3) == 0 ? 1 + dice(1000) : 0};
	s = build(rules, 1);
	for (int64_t version = 2; version < VERSIONS; version++) {
		struct dg_acl_snapshot *next = modify(s, rules, version);
		struct dg_acl_snapshot *fresh = build(rules, version);

		/* The next one must not live from the one before. */
		dg_acl_snapshot_unref(&s);
		s = next;
		assert_int_equal(dg_acl_snapshot_version(s), version);
		assert_int_equal(dg_acl_snapshot_rules(s),
				 dg_acl_snapshot_rules(fresh));
		for (unsigned i = 0; i < QUESTIONS; i++)
			ask_both(s, fresh);
		dg_acl_snapshot_unref(&fresh);
	}
	dg_acl_snapshot_unref(&s);
}

/* The version before stays what it was. */
static void
test_the_former_stays(void **state)
{
	static struct seed rules[RULES_MAX];
	static struct seed former[RULES_MAX];
	struct dg_acl_snapshot *first;
	struct dg_acl_snapshot *second;
	struct dg_acl_snapshot *again;

	(void)state;
	chance = 4711;
	for (unsigned i = 0; i < RULES_MAX; i++)
		rules[i] = (struct seed){.id = i + 1, .seed = 1 + dice(1000)};
	memcpy(former, rules, sizeof(rules));
	first = build(rules, 1);
	second = modify(first, rules, 2);
	again = build(former, 1);
	for (unsigned i = 0; i < QUESTIONS; i++)
		ask_both(first, again);
	dg_acl_snapshot_unref(&first);
	dg_acl_snapshot_unref(&second);
	dg_acl_snapshot_unref(&again);
}

/* What does not fit is an error, and nothing is changed. */
static void
test_a_rule_that_was_not_there(void **state)
{
	static struct seed rules[RULES_MAX];
	struct seed other = {.id = 7, .seed = 12345};
	struct dg_acl_snapshot *s;
	struct dg_acl_snapshot *next = NULL;
	struct dg_acl_builder *b;
	struct dg_error err;
	struct made m;

	(void)state;
	rules[6] = (struct seed){.id = 7, .seed = 99};
	s = build(rules, 1);
	b = dg_acl_builder_modify(s, 2, CAP_BYTES);
	make(&other, &m);
	check(dg_acl_remove_rule(b, &m.rule, &err), &err);
	assert_int_equal(dg_acl_builder_finish(&b, &next, &err),
			 DG_ERR_NOT_FOUND);
	assert_null(next);
	assert_null(b);
	dg_acl_snapshot_unref(&s);
}

/* Names that no version had before; until there are too many of them. */
static void
test_new_names(void **state)
{
	static struct seed rules[RULES_MAX];
	struct dg_acl_snapshot *s = build(rules, 1);
	int64_t id = 1;
	int64_t version;

	(void)state;
	for (version = 2;; version++) {
		struct dg_acl_builder *b =
			dg_acl_builder_modify(s, version, CAP_BYTES);
		struct dg_acl_principal user = {.name = DG_STR("user1")};
		struct dg_acl_snapshot *next = NULL;
		struct dg_error err;

		if (b == NULL)
			break;
		for (unsigned i = 0; i < 10000; i++) {
			struct made m = {0};

			m.rule = (struct dg_acl_rule){
				.id = id,
				.principals = &user,
				.n_principals = 1,
				.privileges = DG_ACL_BIT(DG_ACL_P_SELECT),
				.object = {.kind = DG_ACL_TABLE,
					   .catalog = DG_STR("c"),
					   .schema = DG_STR("s"),
					   .name = print(&m, "new",
							 (unsigned)id, "")},
			};
			id++;
			check(dg_acl_add_rule(b, &m.rule, &err), &err);
		}
		check(dg_acl_builder_finish(&b, &next, &err), &err);
		dg_acl_snapshot_unref(&s);
		s = next;
	}
	assert_true(version > 5 && version < 20);
	assert_int_equal(dg_acl_snapshot_rules(s), id - 1);
	dg_acl_snapshot_unref(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_is_built),
		cmocka_unit_test(test_the_former_stays),
		cmocka_unit_test(test_a_rule_that_was_not_there),
		cmocka_unit_test(test_new_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

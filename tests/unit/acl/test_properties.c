/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_properties.c - random policies and questions, against a reference that
 * is as naive as the text of docs/policy.md, and against what must always
 * hold: deny is monotone, allow is monotone, the order of rules does not
 * matter, a cache changes nothing, what is not known counts against.
 *
 * The seed is printed; DG_TEST_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/acl.h"

#include <cmocka.h>

enum {
	USERS = 3,
	ROLES = 5,
	RULES_MAX = 12,
	COLUMNS_MAX = 4,
	QUESTIONS = 12, /* to each policy */
	WORLDS = 10000,
	LIST = 3,
};

/* ---- chance ------------------------------------------------------------- */

static uint64_t chance;
static unsigned long current_seed;

static unsigned
dice(unsigned sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % sides;
}

static struct dg_str
pick(const char *const *words, unsigned n)
{
	return dg_str_from_cstr(words[dice(n)]);
}
#define PICK(words) pick((words), DG_ARRAY_LEN(words))

/* ---- a random policy ---------------------------------------------------- */

static const char *const user_names[USERS] = {"ann", "bob", "eve"};
static const char *const role_names[ROLES] = {"r0", "r1", "r2", "r3", "public"};
static const char *const catalogs[] = {"c", "c", "d", "*", "?"};
static const char *const schemas[] = {"s", "s", "s2", "*", "s*"};
static const char *const tables[] = {"t",  "t", "u",  "t$files", "*",
				     "t*", "?", "u*", "**"};
static const char *const columns[] = {"a", "b", "f", "f.g", "f.h", "f.g.i"};
static const char *const clusters[] = {"one", "two"};
static const char *const plain_catalogs[] = {"c", "d"};
static const char *const plain_schemas[] = {"s", "s2"};
static const char *const plain_tables[] = {"t", "u", "t$files", "u@1", "v"};

struct random_rule {
	struct dg_acl_rule rule;
	struct dg_acl_principal principals[LIST];
	struct dg_acl_principal except[LIST];
	struct dg_str columns[COLUMNS_MAX];
	struct dg_str clusters[LIST];
};

struct policy {
	bool member[ROLES][ROLES + USERS]; /* role < member: no cycles */
	struct random_rule rules[RULES_MAX + 1];
	size_t n_rules;
};

static struct dg_acl_principal
random_principal(void)
{
	bool is_role = dice(3) > 0;

	return (struct dg_acl_principal){.is_role = is_role,
					 .name = is_role ? PICK(role_names)
							 : PICK(user_names)};
}

static uint32_t
random_privileges(enum dg_acl_kind kind, bool with_columns)
{
	static const char *const whole[] = {"select", "insert", "read",
					    "own",    "update", "show"};
	static const char *const parts[] = {"select", "update"};

	if (kind == DG_ACL_TABLE)
		return dg_acl_privilege_parse(with_columns ? PICK(parts)
							   : PICK(whole));
	if (kind == DG_ACL_CLUSTER)
		return DG_ACL_BIT(DG_ACL_P_USE);
	return dg_acl_privilege_parse(dice(2) ? DG_STR("create")
					      : DG_STR("show"));
}

static struct dg_acl_object
random_object(bool exact)
{
	static const enum dg_acl_kind kinds[] = {
		DG_ACL_TABLE, DG_ACL_TABLE,  DG_ACL_TABLE,   DG_ACL_TABLE,
		DG_ACL_TABLE, DG_ACL_SCHEMA, DG_ACL_CATALOG, DG_ACL_CLUSTER};
	struct dg_acl_object o = {.kind = kinds[dice(8)],
				  .catalog = DG_STR(""),
				  .schema = DG_STR(""),
				  .name = DG_STR("")};

	if (o.kind == DG_ACL_CLUSTER) {
		o.name = PICK(clusters);
		return o;
	}
	o.catalog = exact ? PICK(plain_catalogs) : PICK(catalogs);
	if (o.kind != DG_ACL_CATALOG)
		o.schema = exact ? PICK(plain_schemas) : PICK(schemas);
	if (o.kind == DG_ACL_TABLE)
		o.name = exact ? PICK(plain_tables) : PICK(tables);
	return o;
}

static void
make_rule(struct random_rule *r, int64_t id, enum dg_acl_effect effect)
{
	bool with_columns;

	*r = (struct random_rule){.rule = {.id = id, .effect = effect}};
	r->rule.object = random_object(false);
	with_columns = r->rule.object.kind == DG_ACL_TABLE && dice(3) == 0;
	r->rule.privileges =
		random_privileges(r->rule.object.kind, with_columns);
	r->rule.n_principals = 1 + dice(2);
	for (size_t i = 0; i < r->rule.n_principals; i++)
		r->principals[i] = random_principal();
	if (effect == DG_ACL_DENY && dice(4) == 0) {
		r->rule.n_except = 1;
		do
			r->except[0] = random_principal();
		while (dg_str_eq(r->except[0].name, DG_STR("public")));
	}
	if (with_columns) {
		r->rule.n_columns = 1 + dice(2);
		for (size_t i = 0; i < r->rule.n_columns; i++)
			r->columns[i] = PICK(columns);
	}
	if (r->rule.object.kind != DG_ACL_CLUSTER && dice(5) == 0) {
		r->rule.n_clusters = 1;
		r->clusters[0] = PICK(clusters);
	}
	if (dice(5) == 0)
		r->rule.valid_from_us = 1 + dice(4);
	if (dice(5) == 0)
		r->rule.valid_until_us = r->rule.valid_from_us + 1 + dice(4);
}

static void
make_policy(struct policy *p)
{
	*p = (struct policy){.n_rules = 1 + dice(RULES_MAX)};
	for (unsigned role = 0; role + 1 < ROLES; role++)
		for (unsigned m = role + 1; m < ROLES + USERS; m++)
			p->member[role][m] = m != ROLES - 1 && dice(4) == 0;
	for (size_t i = 0; i < p->n_rules; i++)
		make_rule(&p->rules[i], (int64_t)(10 * i + 10),
			  dice(3) == 0 ? DG_ACL_DENY : DG_ACL_ALLOW);
}

static struct dg_acl_principal
member_at(unsigned m)
{
	return (struct dg_acl_principal){
		.is_role = m < ROLES,
		.name = dg_str_from_cstr(m < ROLES ? role_names[m]
						   : user_names[m - ROLES])};
}

static struct dg_acl_snapshot *
build(struct policy *p, const size_t *order, size_t n_rules)
{
	struct dg_acl_builder *b = dg_acl_builder_create(1, 4 << 20);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;

	for (unsigned i = 0; i < USERS; i++)
		assert_int_equal(
			dg_acl_add_user(b, member_at(ROLES + i).name, &err),
			DG_OK);
	for (unsigned i = 0; i < ROLES; i++)
		assert_int_equal(dg_acl_add_role(b, member_at(i).name, &err),
				 DG_OK);
	for (unsigned role = 0; role < ROLES; role++)
		for (unsigned m = 0; m < ROLES + USERS; m++)
			if (p->member[role][m])
				assert_int_equal(
					dg_acl_add_member(b,
							  member_at(role).name,
							  member_at(m), &err),
					DG_OK);
	for (size_t i = 0; i < n_rules; i++) {
		struct random_rule *r = &p->rules[order[i]];

		/* The array may have been moved: set the pointers late. */
		r->rule.principals = r->principals;
		r->rule.except = r->except;
		r->rule.columns = r->columns;
		r->rule.clusters = r->clusters;
		if (dg_acl_add_rule(b, &r->rule, &err) != DG_OK)
			fail_msg("%s", err.text);
	}
	if (dg_acl_builder_finish(&b, &s, &err) != DG_OK)
		fail_msg("%s", err.text);
	return s;
}

/* ---- the reference ------------------------------------------------------ */

struct question {
	struct dg_acl_request request;
	struct dg_acl_entry entry;
	unsigned user;
	struct dg_str columns[COLUMNS_MAX];
	struct dg_str known[COLUMNS_MAX];
};

static bool
naive_glob(const char *p, size_t np, const char *t, size_t nt)
{
	if (np == 0)
		return nt == 0;
	if (*p == '*')
		return naive_glob(p + 1, np - 1, t, nt) ||
		       (nt > 0 && naive_glob(p, np, t + 1, nt - 1));
	return nt > 0 && (*p == '?' || *p == *t) &&
	       naive_glob(p + 1, np - 1, t + 1, nt - 1);
}

static bool
part_matches(struct dg_str pattern, struct dg_str name)
{
	return naive_glob(pattern.data, pattern.len, name.data, name.len);
}

/* member m (a role, or ROLES + user) is in role, in however many steps. */
static bool
is_in_role(const struct policy *p, unsigned m, unsigned role)
{
	if (m == role)
		return true;
	for (unsigned r = 0; r < ROLES; r++)
		if (p->member[r][m] && is_in_role(p, r, role))
			return true;
	return false;
}

static bool
holds(const struct policy *p, unsigned user, struct dg_acl_principal who)
{
	if (!who.is_role)
		return dg_str_eq(who.name, member_at(ROLES + user).name);
	for (unsigned r = 0; r < ROLES; r++)
		if (dg_str_eq(who.name, member_at(r).name))
			return r == ROLES - 1 || is_in_role(p, ROLES + user, r);
	return false;
}

static bool
speaks(const struct policy *p, const struct question *q,
       const struct random_rule *r)
{
	const struct dg_acl_rule *rule = &r->rule;
	bool is_for = false;
	int64_t now = q->request.now_us;

	for (size_t i = 0; i < rule->n_principals; i++)
		is_for = is_for || holds(p, q->user, r->principals[i]);
	for (size_t i = 0; i < rule->n_except; i++)
		is_for = is_for && !holds(p, q->user, r->except[i]);
	if (rule->n_clusters > 0 && q->request.cluster.len == 0)
		is_for = is_for && rule->effect == DG_ACL_DENY;
	else if (rule->n_clusters > 0)
		is_for =
			is_for && dg_str_eq(r->clusters[0], q->request.cluster);
	return is_for && now >= rule->valid_from_us &&
	       (rule->valid_until_us == 0 || now < rule->valid_until_us);
}

static bool
names(const struct dg_acl_rule *rule, const struct dg_acl_object *o)
{
	return rule->object.kind == o->kind &&
	       part_matches(rule->object.catalog, o->catalog) &&
	       part_matches(rule->object.schema, o->schema) &&
	       part_matches(rule->object.name, o->name);
}

static bool
has(const struct dg_acl_rule *rule, enum dg_acl_privilege privilege)
{
	return (rule->privileges & DG_ACL_BIT(privilege)) != 0;
}

static bool
is_above(struct dg_str a, struct dg_str b)
{
	return dg_str_eq(a, b) || (b.len > a.len && b.data[a.len] == '.' &&
				   dg_str_starts_with(b, a));
}

static bool
bites(const struct random_rule *r, struct dg_str column)
{
	for (size_t i = 0; i < r->rule.n_columns; i++)
		if (is_above(r->columns[i], column) ||
		    is_above(column, r->columns[i]))
			return true;
	return r->rule.n_columns == 0;
}

static bool
covers(const struct random_rule *r, struct dg_str column)
{
	for (size_t i = 0; i < r->rule.n_columns; i++)
		if (is_above(r->columns[i], column))
			return true;
	return r->rule.n_columns == 0;
}

/* All rules with this effect and privilege that name the object. */
struct selection {
	const struct random_rule *rules[2 * RULES_MAX + 2];
	bool whole[2 * RULES_MAX + 2];
	size_t n;
};

static void
select_rules(const struct policy *p, const struct question *q,
	     const struct dg_acl_object *o, enum dg_acl_privilege privilege,
	     enum dg_acl_effect effect, struct selection *out)
{
	struct dg_acl_object base = *o;
	size_t cut = 0;

	out->n = 0;
	while (cut < o->name.len && o->name.data[cut] != '$' &&
	       o->name.data[cut] != '@')
		cut++;
	base.name = dg_str_slice(o->name, 0, cut);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct random_rule *r = &p->rules[i];

		if (r->rule.effect != effect || !has(&r->rule, privilege) ||
		    !speaks(p, q, r))
			continue;
		if (names(&r->rule, o)) {
			out->whole[out->n] = r->rule.n_columns == 0;
			out->rules[out->n++] = r;
		}
		if (effect == DG_ACL_DENY && o->kind == DG_ACL_TABLE &&
		    cut < o->name.len && names(&r->rule, &base)) {
			out->whole[out->n] = true;
			out->rules[out->n++] = r;
		}
	}
}

static bool
any_whole(const struct selection *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->whole[i])
			return true;
	return false;
}

static bool
any_bites(const struct selection *s, struct dg_str column)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->whole[i] || bites(s->rules[i], column))
			return true;
	return false;
}

static bool
any_covers(const struct selection *s, struct dg_str column)
{
	for (size_t i = 0; i < s->n; i++)
		if (covers(s->rules[i], column))
			return true;
	return false;
}

static enum dg_acl_reason
reference_columns(const struct policy *p, const struct question *q)
{
	const struct dg_acl_entry *e = &q->entry;
	struct selection deny;
	struct selection give;
	bool denied = false;
	bool uncovered = false;
	bool left = false;

	select_rules(p, q, &e->object, e->privilege, DG_ACL_DENY, &deny);
	select_rules(p, q, &e->object, e->privilege, DG_ACL_ALLOW, &give);
	if (any_whole(&deny))
		return DG_ACL_R_DENIED_BY_RULE;
	for (size_t i = 0; i < e->n_columns && !e->all_columns; i++) {
		denied = denied || any_bites(&deny, e->columns[i]);
		uncovered = uncovered || !any_covers(&give, e->columns[i]);
	}
	if (e->all_columns) {
		denied = deny.n > 0;
		uncovered = !any_whole(&give);
	}
	if (denied)
		return DG_ACL_R_DENIED_BY_RULE;
	if (give.n == 0)
		return DG_ACL_R_NOT_GRANTED;
	if (!e->columns_known)
		return any_whole(&give) && deny.n == 0
			       ? DG_ACL_R_ALLOWED
			       : DG_ACL_R_COLUMNS_UNKNOWN;
	if (e->n_columns > 0 || e->all_columns)
		return uncovered ? DG_ACL_R_NOT_GRANTED : DG_ACL_R_ALLOWED;
	left = any_whole(&give) && deny.n == 0;
	for (size_t i = 0; i < e->n_table_columns; i++) {
		bool given = any_covers(&give, e->table_columns[i]);

		left = left ||
		       (given && !any_bites(&deny, e->table_columns[i]));
		denied = denied || given;
	}
	return left     ? DG_ACL_R_ALLOWED
	       : denied ? DG_ACL_R_DENIED_BY_RULE
			: DG_ACL_R_NOT_GRANTED;
}

static bool
has_columns(enum dg_acl_kind kind, enum dg_acl_privilege privilege)
{
	return kind == DG_ACL_TABLE &&
	       (privilege == DG_ACL_P_SELECT || privilege == DG_ACL_P_UPDATE);
}

/* Any privilege left on exactly this object. */
static bool
sees_itself(const struct policy *p, const struct question *q,
	    const struct dg_acl_object *o)
{
	for (unsigned i = 0; i < DG_ACL_P_COUNT; i++) {
		enum dg_acl_privilege privilege = (enum dg_acl_privilege)i;
		struct selection give;
		bool whole_deny = false;
		struct selection deny;

		select_rules(p, q, o, privilege, DG_ACL_ALLOW, &give);
		select_rules(p, q, o, privilege, DG_ACL_DENY, &deny);
		for (size_t j = 0; j < deny.n; j++)
			whole_deny = whole_deny ||
				     (deny.rules[j]->rule.n_columns == 0 &&
				      names(&deny.rules[j]->rule, o));
		if (give.n == 0 || whole_deny)
			continue;
		if (any_whole(&give) || !has_columns(o->kind, privilege))
			return true;
		if (any_whole(&deny))
			continue;
		for (size_t j = 0; j < give.n; j++)
			for (size_t c = 0; c < give.rules[j]->rule.n_columns;
			     c++)
				if (!any_bites(&deny,
					       give.rules[j]->columns[c]))
					return true;
	}
	return false;
}

static bool
is_exact(struct dg_str s)
{
	return dg_str_find(s, '*', 0) == s.len &&
	       dg_str_find(s, '?', 0) == s.len;
}

static bool
is_beneath(const struct dg_acl_rule *rule, const struct dg_acl_object *o)
{
	if (rule->object.kind == DG_ACL_CLUSTER ||
	    rule->object.kind <= o->kind ||
	    !part_matches(rule->object.catalog, o->catalog))
		return false;
	return o->kind == DG_ACL_CATALOG ||
	       part_matches(rule->object.schema, o->schema);
}

/* Words of the rules above only: which of them hold which. */
static bool
word_covers(struct dg_str outer, struct dg_str inner)
{
	if (dg_str_eq(outer, inner) || dg_str_eq(outer, DG_STR("*")) ||
	    dg_str_eq(outer, DG_STR("**")))
		return true;
	if (is_exact(inner))
		return part_matches(outer, inner);
	return false;
}

static bool
takes_all(const struct dg_acl_rule *deny, const struct dg_acl_rule *give,
	  const struct dg_acl_object *o)
{
	return deny->object.kind == give->object.kind && is_beneath(deny, o) &&
	       deny->n_columns == 0 &&
	       (o->kind == DG_ACL_SCHEMA ||
		word_covers(deny->object.schema, give->object.schema)) &&
	       word_covers(deny->object.name, give->object.name);
}

static bool
sees_beneath(const struct policy *p, const struct question *q,
	     const struct dg_acl_object *o)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct dg_acl_rule *give = &p->rules[i].rule;
		struct dg_acl_object named = give->object;
		uint32_t left = give->privileges;

		if (give->effect == DG_ACL_DENY ||
		    !speaks(p, q, &p->rules[i]) || !is_beneath(give, o))
			continue;
		named.catalog = o->catalog;
		if (o->kind == DG_ACL_SCHEMA)
			named.schema = o->schema;
		if (is_exact(named.schema) && is_exact(named.name)) {
			if (sees_itself(p, q, &named))
				return true;
			continue;
		}
		if (named.kind == DG_ACL_TABLE)
			left &= (DG_ACL_BIT(DG_ACL_P_SHOW) << 1) - 1;
		for (size_t j = 0; j < p->n_rules; j++)
			if (p->rules[j].rule.effect == DG_ACL_DENY &&
			    speaks(p, q, &p->rules[j]) &&
			    takes_all(&p->rules[j].rule, give, o))
				left &= ~p->rules[j].rule.privileges;
		if (left != 0)
			return true;
	}
	return false;
}

static enum dg_acl_reason
reference_show(const struct policy *p, const struct question *q)
{
	const struct dg_acl_object *o = &q->entry.object;

	for (size_t i = 0; i < p->n_rules; i++) {
		const struct dg_acl_rule *rule = &p->rules[i].rule;

		if (rule->effect == DG_ACL_DENY && has(rule, DG_ACL_P_SHOW) &&
		    names(rule, o) && speaks(p, q, &p->rules[i]))
			return DG_ACL_R_DENIED_BY_RULE;
	}
	if (sees_itself(p, q, o))
		return DG_ACL_R_ALLOWED;
	if (o->kind <= DG_ACL_SCHEMA && sees_beneath(p, q, o))
		return DG_ACL_R_ALLOWED;
	return DG_ACL_R_NOT_GRANTED;
}

static enum dg_acl_reason
reference(const struct policy *p, const struct question *q)
{
	const struct dg_acl_entry *e = &q->entry;
	struct selection deny;
	struct selection give;

	if (e->privilege == DG_ACL_P_SHOW)
		return reference_show(p, q);
	if (has_columns(e->object.kind, e->privilege))
		return reference_columns(p, q);
	select_rules(p, q, &e->object, e->privilege, DG_ACL_DENY, &deny);
	select_rules(p, q, &e->object, e->privilege, DG_ACL_ALLOW, &give);
	return deny.n > 0   ? DG_ACL_R_DENIED_BY_RULE
	       : give.n > 0 ? DG_ACL_R_ALLOWED
			    : DG_ACL_R_NOT_GRANTED;
}

/* ---- asking ------------------------------------------------------------- */

static void
make_question(struct question *q)
{
	static const enum dg_acl_privilege of_tables[] = {
		DG_ACL_P_SELECT, DG_ACL_P_SELECT, DG_ACL_P_SELECT,
		DG_ACL_P_UPDATE, DG_ACL_P_INSERT, DG_ACL_P_SHOW};
	static const char *const table_columns[COLUMNS_MAX] = {"a", "b", "f",
							       "x"};
	struct dg_acl_entry *e = &q->entry;

	*q = (struct question){.user = dice(USERS)};
	q->request.user = member_at(ROLES + q->user).name;
	q->request.cluster = dice(4) == 0 ? DG_STR("") : PICK(clusters);
	q->request.now_us = dice(9);
	e->object = random_object(true);
	if (e->object.kind == DG_ACL_TABLE)
		e->privilege = of_tables[dice(6)];
	else if (e->object.kind == DG_ACL_CLUSTER)
		e->privilege = DG_ACL_P_USE;
	else
		e->privilege = dice(2) ? DG_ACL_P_CREATE : DG_ACL_P_SHOW;
	if (has_columns(e->object.kind, e->privilege)) {
		e->n_columns = dice(COLUMNS_MAX);
		for (size_t i = 0; i < e->n_columns; i++)
			q->columns[i] = PICK(columns);
		e->all_columns = dice(5) == 0;
		e->columns_known = dice(4) > 0;
		e->n_table_columns =
			e->columns_known ? 1 + dice(COLUMNS_MAX) : 0;
		for (size_t i = 0; i < e->n_table_columns; i++)
			q->known[i] = dg_str_from_cstr(table_columns[i]);
	}
	e->columns = q->columns;
	e->table_columns = q->known;
	q->request.entries = e;
	q->request.n_entries = 1;
}

struct answer {
	bool allowed;
	enum dg_acl_reason reason;
	int64_t rule_id;
	size_t n_missing;
};

static struct answer
ask(struct dg_acl_snapshot *s, struct dg_acl_cache *cache,
    const struct question *q, struct dg_arena *arena, bool explain)
{
	struct dg_acl_decision d;
	enum dg_rc rc =
		explain ? dg_acl_explain(s, &q->request, arena, &d)
			: dg_acl_decide(s, cache, &q->request, arena, &d);

	assert_int_equal(rc, DG_OK);
	assert_int_equal(d.allowed, d.outcomes[0].allowed);
	return (struct answer){.allowed = d.allowed,
			       .reason = d.outcomes[0].reason,
			       .rule_id = d.outcomes[0].rule_id,
			       .n_missing = d.outcomes[0].n_missing};
}

static void
assert_same(struct answer a, struct answer b)
{
	assert_int_equal(a.allowed, b.allowed);
	assert_int_equal(a.reason, b.reason);
	assert_int_equal(a.rule_id, b.rule_id);
	assert_int_equal(a.n_missing, b.n_missing);
}

/* Exactly the columns refused: each alone is, and all others are allowed. */
static void
check_missing(struct dg_acl_snapshot *s, const struct question *q,
	      struct dg_arena *arena, struct answer whole)
{
	struct question one = *q;
	size_t refused = 0;

	if (!has_columns(q->entry.object.kind, q->entry.privilege) ||
	    q->entry.all_columns || !q->entry.columns_known)
		return;
	one.request.entries = &one.entry;
	for (size_t i = 0; i < q->entry.n_columns; i++) {
		one.entry.columns = &q->columns[i];
		one.entry.n_columns = 1;
		refused += !ask(s, NULL, &one, arena, false).allowed;
	}
	assert_int_equal(refused, whole.n_missing);
}

static void
check_unknown_is_closed(struct dg_acl_snapshot *s, const struct question *q,
			struct dg_arena *arena, struct answer known)
{
	struct question blind = *q;

	blind.request.entries = &blind.entry;
	blind.entry.columns_known = false;
	blind.entry.n_table_columns = 0;
	if (ask(s, NULL, &blind, arena, false).allowed)
		assert_true(known.allowed);
}

static void
shuffle(size_t *order, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = dice((unsigned)i);
		size_t t = order[i - 1];

		order[i - 1] = order[j];
		order[j] = t;
	}
}

static size_t
check_policy(struct policy *p, struct dg_arena *arena, size_t *allowed)
{
	size_t order[RULES_MAX + 1];
	struct dg_acl_snapshot *s;
	struct dg_acl_snapshot *shuffled;
	struct dg_acl_snapshot *more;
	struct dg_acl_cache *cache;
	enum dg_acl_effect effect = dice(2) ? DG_ACL_DENY : DG_ACL_ALLOW;

	for (size_t i = 0; i <= RULES_MAX; i++)
		order[i] = i;
	s = build(p, order, p->n_rules);
	make_rule(&p->rules[p->n_rules], 5 + 10 * (int64_t)dice(RULES_MAX),
		  effect);
	more = build(p, order, p->n_rules + 1);
	shuffle(order, p->n_rules);
	shuffled = build(p, order, p->n_rules);
	cache = dg_acl_cache_create(s, 4);
	for (int i = 0; i < QUESTIONS; i++) {
		struct question q;
		struct answer a;
		struct answer with_more;

		dg_arena_reset(arena);
		make_question(&q);
		a = ask(s, NULL, &q, arena, false);
		assert_int_equal(a.reason, reference(p, &q));
		assert_same(a, ask(s, cache, &q, arena, false));
		assert_same(a, ask(s, cache, &q, arena, false));
		assert_same(a, ask(s, NULL, &q, arena, true));
		assert_same(a, ask(shuffled, NULL, &q, arena, false));
		with_more = ask(more, NULL, &q, arena, false);
		if (effect == DG_ACL_DENY)
			assert_true(a.allowed || !with_more.allowed);
		else
			assert_true(!a.allowed || with_more.allowed);
		check_missing(s, &q, arena, a);
		check_unknown_is_closed(s, &q, arena, a);
		*allowed += a.allowed;
	}
	dg_acl_cache_destroy(&cache);
	dg_acl_snapshot_unref(&s);
	dg_acl_snapshot_unref(&shuffled);
	dg_acl_snapshot_unref(&more);
	return QUESTIONS;
}

static void
test_properties(void **state)
{
	const char *text = getenv("DG_TEST_SEED");
	unsigned long seed = text == NULL ? 20240229 : strtoul(text, NULL, 10);
	struct dg_arena *arena = dg_arena_create(4 << 20);
	size_t cases = 0;
	size_t allowed = 0;

	(void)state;
	for (unsigned long i = 0; i < WORLDS; i++) {
		struct policy p;

		current_seed = seed + i;
		chance = current_seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		make_policy(&p);
		cases += check_policy(&p, arena, &allowed);
	}
	dg_arena_destroy(&arena);
	print_message("%zu cases from seed %lu, %zu allowed\n", cases, seed,
		      allowed);
	assert_true(allowed > cases / 20 && allowed < cases * 19 / 20);
}

static int
print_seed(void **state)
{
	(void)state;
	print_message("last seed: %lu\n", current_seed);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
	};

	return cmocka_run_group_tests(tests, NULL, print_seed);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.c - reads the little language of world.h. Trusts its input: a mistake
 * in a test aborts the test.
 */
#include "acl/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { WORLD_BYTES = 8 << 20 };

static struct dg_str
next_word(struct dg_str *rest)
{
	struct dg_str word = DG_STR_EMPTY;

	while (rest->data != NULL && word.len == 0 &&
	       dg_str_split(rest, ' ', &word))
		;
	return word;
}

static size_t
split_list(struct dg_str list, struct dg_str out[WORLD_LIST_MAX])
{
	size_t n = 0;
	struct dg_str part;

	if (list.len == 0)
		return 0;
	while (dg_str_split(&list, ',', &part)) {
		assert_true(n < WORLD_LIST_MAX);
		out[n++] = part;
	}
	return n;
}

static size_t
split_principals(struct dg_str list,
		 struct dg_acl_principal out[WORLD_LIST_MAX])
{
	struct dg_str names[WORLD_LIST_MAX];
	size_t n = split_list(list, names);

	for (size_t i = 0; i < n; i++) {
		bool is_role = dg_str_starts_with(names[i], DG_STR("@"));

		out[i] = (struct dg_acl_principal){
			.is_role = is_role,
			.name = dg_str_slice(names[i], is_role, names[i].len)};
	}
	return n;
}

static uint32_t
parse_privileges(struct dg_str list)
{
	struct dg_str names[WORLD_LIST_MAX];
	size_t n = split_list(list, names);
	uint32_t mask = 0;

	for (size_t i = 0; i < n; i++) {
		assert_true(dg_acl_privilege_parse(names[i]) != 0);
		mask |= dg_acl_privilege_parse(names[i]);
	}
	return mask;
}

/* "a.b.c" by kind; kinds with one part take all of it as the name. */
static struct dg_acl_object
parse_object(struct dg_str kind, struct dg_str text)
{
	struct dg_acl_object object = {.catalog = DG_STR_EMPTY};

	assert_true(dg_acl_kind_parse(kind, &object.kind));
	object.schema = object.name = object.catalog;
	if (object.kind >= DG_ACL_CLUSTER) {
		object.name = text;
		return object;
	}
	(void)dg_str_split(&text, '.', &object.catalog);
	if (object.kind != DG_ACL_CATALOG)
		(void)dg_str_split(&text, '.', &object.schema);
	if (object.kind != DG_ACL_CATALOG && object.kind != DG_ACL_SCHEMA)
		object.name = text;
	return object;
}

/* The value of "key=value" among the words of rest. */
static struct dg_str
option(struct dg_str rest, const char *key)
{
	struct dg_str word;

	for (word = next_word(&rest); word.len > 0; word = next_word(&rest)) {
		size_t eq = dg_str_find(word, '=', 0);

		if (dg_str_eq(dg_str_slice(word, 0, eq), dg_str_from_cstr(key)))
			return eq == word.len
				       ? word
				       : dg_str_slice(word, eq + 1, word.len);
	}
	return dg_str_make(NULL, 0);
}

static int64_t
number(struct dg_str s)
{
	int64_t n = 0;

	if (s.data != NULL)
		assert_int_equal(dg_str_to_i64(s, &n), DG_OK);
	return n;
}

static enum dg_rc
add_rule(struct dg_acl_builder *builder, struct dg_str effect,
	 struct dg_str rest, struct dg_error *err)
{
	struct dg_acl_principal principals[WORLD_LIST_MAX];
	struct dg_acl_principal except[WORLD_LIST_MAX];
	struct dg_str columns[WORLD_LIST_MAX];
	struct dg_str clusters[WORLD_LIST_MAX];
	struct dg_str networks[WORLD_LIST_MAX];
	struct dg_str tags[WORLD_LIST_MAX];
	struct dg_acl_rule rule = {
		.effect = dg_str_eq(effect, DG_STR("deny")) ? DG_ACL_DENY
							    : DG_ACL_ALLOW,
		.principals = principals,
		.except = except,
		.columns = columns,
		.clusters = clusters,
		.networks = networks,
		.tags = tags,
	};
	struct dg_str kind;

	rule.id = number(next_word(&rest));
	rule.n_principals = split_principals(next_word(&rest), principals);
	rule.privileges = parse_privileges(next_word(&rest));
	kind = next_word(&rest);
	rule.object = parse_object(kind, next_word(&rest));
	rule.n_columns = split_list(option(rest, "columns"), columns);
	rule.n_except = split_principals(option(rest, "except"), except);
	rule.n_clusters = split_list(option(rest, "clusters"), clusters);
	rule.n_networks = split_list(option(rest, "networks"), networks);
	rule.n_tags = split_list(option(rest, "tags"), tags);
	rule.break_glass = option(rest, "break_glass").data != NULL;
	rule.valid_from_us = number(option(rest, "from"));
	rule.valid_until_us = number(option(rest, "until"));
	rule.reason = option(rest, "reason");
	return dg_acl_add_rule(builder, &rule, err);
}

static enum dg_rc
add_tagging(struct dg_acl_builder *builder, struct dg_str rest,
	    struct dg_error *err)
{
	struct dg_acl_tagging tagging = {.tag = next_word(&rest)};
	struct dg_str kind = next_word(&rest);

	tagging.object = parse_object(kind, next_word(&rest));
	tagging.column = option(rest, "column");
	return dg_acl_add_tagging(builder, &tagging, err);
}

static enum dg_rc
add_map(struct dg_acl_builder *builder, struct dg_str rest,
	struct dg_error *err)
{
	struct dg_str cluster = next_word(&rest);
	struct dg_str catalog = next_word(&rest);

	return dg_acl_map_catalog(builder, cluster, catalog, next_word(&rest),
				  err);
}

static enum dg_rc
add_line(struct dg_acl_builder *builder, struct dg_str line,
	 struct dg_error *err)
{
	struct dg_str what = next_word(&line);
	struct dg_acl_principal who[WORLD_LIST_MAX];
	struct dg_str role;

	if (what.len == 0)
		return DG_OK;
	if (dg_str_eq(what, DG_STR("user")))
		return dg_acl_add_user(builder, next_word(&line), err);
	if (dg_str_eq(what, DG_STR("role")))
		return dg_acl_add_role(builder, next_word(&line), err);
	if (dg_str_eq(what, DG_STR("member"))) {
		role = next_word(&line);
		assert_int_equal(split_principals(next_word(&line), who), 1);
		return dg_acl_add_member(builder, role, who[0], err);
	}
	if (dg_str_eq(what, DG_STR("tag")))
		return add_tagging(builder, line, err);
	if (dg_str_eq(what, DG_STR("map")))
		return add_map(builder, line, err);
	if (dg_str_eq(what, DG_STR("observe_cluster")))
		return dg_acl_observe_cluster(builder, next_word(&line), err);
	if (dg_str_eq(what, DG_STR("observe_catalog")))
		return dg_acl_observe_catalog(builder, next_word(&line), err);
	return add_rule(builder, what, line, err);
}

struct dg_acl_snapshot *
world_build(const char *lines, struct dg_error *err)
{
	struct dg_acl_builder *builder = dg_acl_builder_create(7, WORLD_BYTES);
	struct dg_acl_snapshot *snapshot = NULL;
	struct dg_str rest = dg_str_from_cstr(lines);
	struct dg_str line;

	while (dg_str_split(&rest, '\n', &line))
		if (add_line(builder, line, err) != DG_OK) {
			dg_acl_builder_destroy(&builder);
			return NULL;
		}
	if (dg_acl_builder_finish(&builder, &snapshot, err) != DG_OK)
		return NULL;
	return snapshot;
}

struct dg_acl_snapshot *
world(const char *lines)
{
	struct dg_error err = {0};
	struct dg_acl_snapshot *snapshot = world_build(lines, &err);

	if (snapshot == NULL)
		fail_msg("%s", err.text);
	return snapshot;
}

/* ---- questions ---------------------------------------------------------- */

struct question {
	struct dg_acl_request request;
	struct dg_acl_entry entry;
	struct dg_str columns[WORLD_LIST_MAX];
	struct dg_str known[WORLD_LIST_MAX];
	struct dg_str roles[WORLD_LIST_MAX];
};

static void
parse_question(const char *text, struct question *q)
{
	struct dg_str rest = dg_str_from_cstr(text);
	struct dg_str user = next_word(&rest);
	struct dg_str privilege = next_word(&rest);
	struct dg_str kind = next_word(&rest);
	struct dg_str known;
	uint32_t mask = dg_acl_privilege_parse(privilege);

	*q = (struct question){.request = {.user = user}};
	assert_true(mask != 0);
	while ((mask & DG_ACL_BIT(q->entry.privilege)) == 0)
		q->entry.privilege++;
	q->entry.object = parse_object(kind, next_word(&rest));
	q->entry.columns = q->columns;
	q->entry.n_columns = split_list(option(rest, "columns"), q->columns);
	q->entry.all_columns = option(rest, "all").data != NULL;
	q->request.anyone = option(rest, "anyone").data != NULL;
	q->entry.unless_denied = option(rest, "unless_denied").data != NULL;
	known = option(rest, "known");
	q->entry.columns_known = known.data != NULL;
	q->entry.table_columns = q->known;
	q->entry.n_table_columns = split_list(known, q->known);
	q->request.cluster = option(rest, "cluster");
	q->request.client = option(rest, "client");
	q->request.roles = q->roles;
	q->request.n_roles = split_list(option(rest, "roles"), q->roles);
	q->request.now_us = number(option(rest, "now"));
	q->request.entries = &q->entry;
	q->request.n_entries = 1;
}

static void append(char *out, size_t size, const char *fmt, ...)
	DG_PRINTF(3, 4);

static void
append(char *out, size_t size, const char *fmt, ...)
{
	size_t len = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(out + len, size - len, fmt, ap);
	va_end(ap);
}

const char *
world_ask(struct dg_acl_snapshot *snapshot, const char *question,
	  enum world_how how)
{
	static char answer[1024];
	struct question q;
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_cache *cache = NULL;
	struct dg_acl_decision decision;
	const struct dg_acl_outcome *o;
	enum dg_rc rc;

	parse_question(question, &q);
	if (how == WORLD_CACHED) {
		cache = dg_acl_cache_create(snapshot, 10);
		assert_int_equal(dg_acl_decide(snapshot, cache, &q.request,
					       arena, &decision),
				 DG_OK);
	}
	rc = how == WORLD_EXPLAINED
		     ? dg_acl_explain(snapshot, &q.request, arena, &decision)
		     : dg_acl_decide(snapshot, cache, &q.request, arena,
				     &decision);
	assert_int_equal(rc, DG_OK);
	o = &decision.outcomes[0];
	assert_int_equal(decision.allowed, o->allowed);
	assert_int_equal(decision.first_denied, o->allowed ? 1 : 0);
	assert_int_equal(decision.observed, o->observed);
	assert_int_equal(o->allowed,
			 o->observed || o->reason == DG_ACL_R_ALLOWED);
	answer[0] = '\0';
	append(answer, sizeof(answer), "%s%s", o->observed ? "observed " : "",
	       dg_acl_reason_name(o->reason));
	if (o->rule_id != 0)
		append(answer, sizeof(answer), " %d", (int)o->rule_id);
	if (o->break_glass)
		append(answer, sizeof(answer), " break_glass");
	for (size_t i = 0; i < o->n_missing; i++)
		append(answer, sizeof(answer), "%s%.*s",
		       i == 0 ? " missing=" : ",", DG_STR_ARG(o->missing[i]));
	dg_acl_cache_destroy(&cache);
	dg_arena_destroy(&arena);
	return answer;
}

const char *
world_explain(struct dg_acl_snapshot *snapshot, const char *question)
{
	static char answer[1024];
	struct question q;
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_acl_decision decision;
	const struct dg_acl_outcome *o;

	parse_question(question, &q);
	assert_int_equal(dg_acl_explain(snapshot, &q.request, arena, &decision),
			 DG_OK);
	o = &decision.outcomes[0];
	answer[0] = '\0';
	append(answer, sizeof(answer), "rules=");
	for (size_t i = 0; i < o->n_rule_ids; i++)
		append(answer, sizeof(answer), "%s%d", i == 0 ? "" : ",",
		       (int)o->rule_ids[i]);
	append(answer, sizeof(answer), " path=%.*s", DG_STR_ARG(o->path));
	dg_arena_destroy(&arena);
	return answer;
}

bool
world_can_see(struct dg_acl_snapshot *snapshot, const char *question)
{
	struct question q;

	parse_question(question, &q);
	return dg_acl_can_see(snapshot, &q.request, &q.entry.object);
}

bool
world_has_any(struct dg_acl_snapshot *snapshot, const char *question)
{
	struct question q;

	parse_question(question, &q);
	return dg_acl_has_any(snapshot, &q.request, &q.entry.object);
}

void
world_check(const char *lines, const struct world_ask *asks, size_t n)
{
	static const enum world_how hows[] = {WORLD_PLAIN, WORLD_CACHED,
					      WORLD_EXPLAINED};
	struct dg_acl_snapshot *s = world(lines);

	for (size_t i = 0; i < n; i++)
		for (size_t h = 0; h < DG_ARRAY_LEN(hows); h++) {
			const char *answer =
				world_ask(s, asks[i].question, hows[h]);

			if (strcmp(answer, asks[i].answer) != 0)
				fail_msg("%s (%zu): %s, not %s",
					 asks[i].question, h, answer,
					 asks[i].answer);
		}
	dg_acl_snapshot_unref(&s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_answers.c - a line with a policy and accesses in, a line with answers
 * out: what dg_acl_decide says, for tests/policy/agree.py.
 *
 * Each access is asked plainly, through a cache that later ones share, with its
 * explanation, and of a snapshot that was made of another one by changing
 * rules; these must not differ. What the policy says the other way round is
 * told as well (holders), or held against decisions (reach). Trusts the form of
 * its input.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/reach.h"
#include "base/json.h"
#include "base/mem.h"

enum {
	LIST_MAX = 64,
	LINE_MAX_BYTES = 16 << 20,
	POLICY_BYTES = 16 << 20,
	ANSWER_BYTES = 4 << 20,
	CACHE_ENTRIES = 8, /* few: so that it is emptied, too */
};

static void DG_PRINTF(1, 2) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	exit(2);
}

static struct dg_str
text(const struct dg_json *object, const char *key)
{
	struct dg_str s = DG_STR_EMPTY;

	if (!dg_json_string(dg_json_get(object, key), &s))
		die("no text \"%s\"\n", key);
	return s;
}

static int64_t
number(const struct dg_json *object, const char *key)
{
	int64_t n = 0;

	if (!dg_json_int(dg_json_get(object, key), &n))
		die("no number \"%s\"\n", key);
	return n;
}

static bool
truth(const struct dg_json *object, const char *key)
{
	bool b = false;

	if (!dg_json_bool(dg_json_get(object, key), &b))
		die("no truth \"%s\"\n", key);
	return b;
}

static size_t
texts(const struct dg_json *object, const char *key, struct dg_str out[])
{
	const struct dg_json *list = dg_json_get(object, key);
	size_t n = dg_json_size(list);

	if (n > LIST_MAX)
		die("\"%s\" is too long\n", key);
	for (size_t i = 0; i < n; i++)
		if (!dg_json_string(dg_json_at(list, i), &out[i]))
			die("\"%s\" is no list of texts\n", key);
	return n;
}

static struct dg_acl_principal
principal(struct dg_str token)
{
	return (struct dg_acl_principal){
		.is_role = dg_str_starts_with(token, DG_STR("role:")),
		.name = dg_str_slice(token, 5, token.len)};
}

static size_t
principals(const struct dg_json *object, const char *key,
	   struct dg_acl_principal out[])
{
	struct dg_str tokens[LIST_MAX];
	size_t n = texts(object, key, tokens);

	for (size_t i = 0; i < n; i++)
		out[i] = principal(tokens[i]);
	return n;
}

static struct dg_acl_object
object_of(const struct dg_json *json)
{
	struct dg_acl_object object = {.catalog = text(json, "catalog"),
				       .schema = text(json, "schema"),
				       .name = text(json, "name")};

	if (!dg_acl_kind_parse(text(json, "kind"), &object.kind))
		die("unknown kind\n");
	return object;
}

/* ---- the policy --------------------------------------------------------- */

static void
check(enum dg_rc rc, const struct dg_error *err)
{
	if (rc != DG_OK)
		die("%s\n", err->text);
}

typedef enum dg_rc (*rule_fn)(struct dg_acl_builder *builder,
			      const struct dg_acl_rule *rule,
			      struct dg_error *err);

/* do_it: adds or removes it. */
static void
with_rule(struct dg_acl_builder *builder, const struct dg_json *json,
	  rule_fn do_it)
{
	struct dg_acl_principal to[LIST_MAX];
	struct dg_acl_principal except[LIST_MAX];
	struct dg_str privileges[LIST_MAX];
	struct dg_str columns[LIST_MAX];
	struct dg_str clusters[LIST_MAX];
	struct dg_str networks[LIST_MAX];
	struct dg_str tags[LIST_MAX];
	struct dg_error err;
	struct dg_acl_rule rule = {
		.id = number(json, "id"),
		.effect = dg_str_eq(text(json, "effect"), DG_STR("deny"))
				  ? DG_ACL_DENY
				  : DG_ACL_ALLOW,
		.principals = to,
		.n_principals = principals(json, "to", to),
		.except = except,
		.n_except = principals(json, "except", except),
		.object = object_of(json),
		.columns = columns,
		.n_columns = texts(json, "columns", columns),
		.clusters = clusters,
		.n_clusters = texts(json, "clusters", clusters),
		.networks = networks,
		.n_networks = texts(json, "networks", networks),
		.tags = tags,
		.n_tags = texts(json, "tags", tags),
		.break_glass = truth(json, "break_glass"),
		.reason = DG_STR("because"),
		.valid_from_us = number(json, "from"),
		.valid_until_us = number(json, "until"),
	};
	size_t n = texts(json, "privileges", privileges);

	for (size_t i = 0; i < n; i++)
		rule.privileges |= dg_acl_privilege_parse(privileges[i]);
	check(do_it(builder, &rule, &err), &err);
}

static void
add_members(struct dg_acl_builder *builder, const struct dg_json *policy)
{
	const struct dg_json *members = dg_json_get(policy, "members");
	struct dg_str names[LIST_MAX];
	struct dg_error err;
	size_t n = texts(policy, "users", names);

	for (size_t i = 0; i < n; i++)
		check(dg_acl_add_user(builder, names[i], &err), &err);
	n = texts(policy, "roles", names);
	for (size_t i = 0; i < n; i++)
		check(dg_acl_add_role(builder, names[i], &err), &err);
	for (size_t i = 0; i < dg_json_size(members); i++) {
		const struct dg_json *pair = dg_json_at(members, i);
		struct dg_str role = DG_STR_EMPTY;
		struct dg_str member = DG_STR_EMPTY;

		if (!dg_json_string(dg_json_at(pair, 0), &role) ||
		    !dg_json_string(dg_json_at(pair, 1), &member))
			die("a member is a pair of texts\n");
		check(dg_acl_add_member(builder, role, principal(member), &err),
		      &err);
	}
}

static struct dg_str
text_at(const struct dg_json *list, size_t at)
{
	struct dg_str s = DG_STR_EMPTY;

	if (!dg_json_string(dg_json_at(list, at), &s))
		die("no text at %zu\n", at);
	return s;
}

/* [tag, catalog, schema, name, column]; empty where it ends earlier */
static void
add_tagging(struct dg_acl_builder *builder, const struct dg_json *json)
{
	struct dg_acl_tagging tagging = {.tag = text_at(json, 0),
					 .object = {.kind = DG_ACL_TABLE,
						    .catalog = text_at(json, 1),
						    .schema = text_at(json, 2),
						    .name = text_at(json, 3)},
					 .column = text_at(json, 4)};
	struct dg_error err;

	if (tagging.object.schema.len == 0)
		tagging.object.kind = DG_ACL_CATALOG;
	else if (tagging.object.name.len == 0)
		tagging.object.kind = DG_ACL_SCHEMA;
	check(dg_acl_add_tagging(builder, &tagging, &err), &err);
}

static void
add_places(struct dg_acl_builder *builder, const struct dg_json *policy)
{
	const struct dg_json *maps = dg_json_get(policy, "maps");
	struct dg_str names[LIST_MAX];
	struct dg_error err;
	size_t n = texts(policy, "observed_clusters", names);

	for (size_t i = 0; i < n; i++)
		check(dg_acl_observe_cluster(builder, names[i], &err), &err);
	n = texts(policy, "observed_catalogs", names);
	for (size_t i = 0; i < n; i++)
		check(dg_acl_observe_catalog(builder, names[i], &err), &err);
	for (size_t i = 0; i < dg_json_size(maps); i++) {
		const struct dg_json *map = dg_json_at(maps, i);

		check(dg_acl_map_catalog(builder, text_at(map, 0),
					 text_at(map, 1), text_at(map, 2),
					 &err),
		      &err);
	}
}

/* All of it but those rules whose number, modulo 3, is left_out. */
static struct dg_acl_snapshot *
read_policy(const struct dg_json *policy, size_t left_out)
{
	struct dg_acl_builder *builder = dg_acl_builder_create(1, POLICY_BYTES);
	const struct dg_json *rules = dg_json_get(policy, "rules");
	const struct dg_json *taggings = dg_json_get(policy, "taggings");
	struct dg_acl_snapshot *snapshot = NULL;
	struct dg_error err;

	add_members(builder, policy);
	add_places(builder, policy);
	for (size_t i = 0; i < dg_json_size(taggings); i++)
		add_tagging(builder, dg_json_at(taggings, i));
	for (size_t i = 0; i < dg_json_size(rules); i++)
		if (i % 3 != left_out)
			with_rule(builder, dg_json_at(rules, i),
				  dg_acl_add_rule);
	check(dg_acl_builder_finish(&builder, &snapshot, &err), &err);
	return snapshot;
}

/* The same in the end: some rules come late, some go and come again. */
static struct dg_acl_snapshot *
read_changed(const struct dg_json *policy)
{
	struct dg_acl_snapshot *first = read_policy(policy, 0);
	struct dg_acl_builder *builder =
		dg_acl_builder_modify(first, 2, POLICY_BYTES);
	const struct dg_json *rules = dg_json_get(policy, "rules");
	struct dg_acl_snapshot *snapshot = NULL;
	struct dg_error err;

	for (size_t i = 0; i < dg_json_size(rules); i++) {
		if (i % 3 == 1)
			with_rule(builder, dg_json_at(rules, i),
				  dg_acl_remove_rule);
		if (i % 3 != 2)
			with_rule(builder, dg_json_at(rules, i),
				  dg_acl_add_rule);
	}
	check(dg_acl_builder_finish(&builder, &snapshot, &err), &err);
	dg_acl_snapshot_unref(&first);
	return snapshot;
}

/* ---- the answers -------------------------------------------------------- */

static bool
is_same(const struct dg_acl_outcome *a, const struct dg_acl_outcome *b)
{
	bool same = a->allowed == b->allowed && a->reason == b->reason &&
		    a->observed == b->observed &&
		    a->break_glass == b->break_glass &&
		    a->rule_id == b->rule_id && a->n_missing == b->n_missing;

	for (size_t i = 0; same && i < a->n_missing; i++)
		same = dg_str_eq(a->missing[i], b->missing[i]);
	return same;
}

/* The object stays open. */
static void
write_answer(struct dg_json_writer *w, const struct dg_acl_outcome *outcome)
{
	dg_json_object_open(w);
	dg_json_key(w, "allowed");
	dg_json_put_bool(w, outcome->allowed);
	dg_json_key(w, "observed");
	dg_json_put_bool(w, outcome->observed);
	dg_json_key(w, "break_glass");
	dg_json_put_bool(w, outcome->break_glass);
	dg_json_key(w, "reason");
	dg_json_put_cstr(w, dg_acl_reason_name(outcome->reason));
	dg_json_key(w, "rule");
	dg_json_put_int(w, outcome->rule_id);
	dg_json_key(w, "missing");
	dg_json_array_open(w);
	for (size_t i = 0; i < outcome->n_missing; i++)
		dg_json_put_str(w, outcome->missing[i]);
	dg_json_array_close(w);
}

/* ---- the other way round ------------------------------------------------- */

static enum dg_rc
put_holder(void *arg, struct dg_str user, const struct dg_acl_outcome *outcome,
	   const struct dg_acl_rights *rights)
{
	if (!outcome->allowed || rights != NULL)
		die("no holder\n");
	dg_json_put_str(arg, user);
	return DG_OK;
}

/* Whoever comes with the roles of the request and is nobody else. */
static enum dg_rc
note_anyone(void *arg, struct dg_str user DG_UNUSED,
	    const struct dg_acl_outcome *outcome,
	    const struct dg_acl_rights *rights)
{
	bool *is_held = arg;

	if (!outcome->allowed || rights != NULL || *is_held)
		die("no holder\n");
	*is_held = true;
	return DG_OK;
}

/* Field and column bite each other. */
static bool
bites(struct dg_str denied, struct dg_str column)
{
	return dg_str_eq(denied, column) ||
	       (dg_str_starts_with(denied, column) &&
		denied.data[column.len] == '.');
}

static bool
is_in(const struct dg_str *names, size_t n, struct dg_str column)
{
	for (size_t i = 0; i < n; i++)
		if (bites(names[i], column))
			return true;
	return false;
}

static bool
holds(const struct dg_acl_rights *rights, struct dg_str column)
{
	if (rights->whole)
		return !is_in(rights->denied, rights->n_denied, column);
	for (size_t i = 0; i < rights->n_columns; i++)
		if (dg_str_eq(rights->columns[i], column))
			return true;
	return false;
}

static bool
glob(struct dg_str pattern, struct dg_str text)
{
	if (pattern.len == 0)
		return text.len == 0;
	if (pattern.data[0] == '*')
		return glob(dg_str_slice(pattern, 1, pattern.len), text) ||
		       (text.len > 0 &&
			glob(pattern, dg_str_slice(text, 1, text.len)));
	if (text.len == 0)
		return false;
	if (pattern.data[0] == '?')
		return glob(dg_str_slice(pattern, 1, pattern.len),
			    dg_str_slice(text, dg_str_utf8_step(text, 0),
					 text.len));
	return pattern.data[0] == text.data[0] &&
	       glob(dg_str_slice(pattern, 1, pattern.len),
		    dg_str_slice(text, 1, text.len));
}

static bool
is_about(const struct dg_acl_reach_item *item,
	 const struct dg_acl_object *object)
{
	return glob(item->object.catalog, object->catalog) &&
	       glob(item->object.schema, object->schema) &&
	       glob(item->object.name, object->name);
}

static struct dg_str
lower(struct dg_str text, struct dg_arena *arena)
{
	char *copy = dg_arena_alloc(arena, text.len + 1);

	if (copy == NULL)
		die("no room\n");
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)tolower((unsigned char)text.data[i]);
	return dg_str_make(copy, text.len);
}

/* As docs/admin-api.md tells people to read it. */
static bool
reads(const struct dg_acl_reach_item *items, size_t n,
      const struct dg_acl_object *object, struct dg_str column)
{
	bool gives = false;
	bool takes = false;

	for (size_t i = 0; i < n; i++) {
		const struct dg_acl_rights *rights = &items[i].rights;

		if (!is_about(&items[i], object))
			continue;
		if (!items[i].is_pattern)
			return holds(rights, column);
		if (items[i].is_deny)
			takes = takes || rights->whole ||
				is_in(rights->columns, rights->n_columns,
				      column);
		else
			gives = gives || holds(rights, column);
	}
	return gives && !takes;
}

/* What is told of all that a user may is what is decided, column by column. */
static void
check_reach(const struct dg_acl_snapshot *snapshot,
	    const struct dg_acl_request *request, struct dg_arena *arena)
{
	static const struct dg_str columns[] = {
		DG_STR_INIT("a"), DG_STR_INIT("b"), DG_STR_INIT("f")};
	struct dg_acl_entry entry = request->entries[0];
	struct dg_acl_request one = *request;
	const struct dg_acl_reach_item *items;
	struct dg_acl_decision decision;
	bool is_cut;
	size_t n;

	if (entry.object.kind != DG_ACL_TABLE ||
	    (entry.privilege != DG_ACL_P_SELECT &&
	     entry.privilege != DG_ACL_P_UPDATE) ||
	    strpbrk(entry.object.name.data, "$@.") != NULL)
		return;
	entry.object.catalog = lower(entry.object.catalog, arena);
	entry.object.schema = lower(entry.object.schema, arena);
	entry.object.name = lower(entry.object.name, arena);
	one.policy_names = true;
	one.entries = &entry;
	entry.n_columns = 1;
	entry.all_columns = entry.unless_denied = false;
	entry.columns_known = true;
	entry.n_table_columns = 1;
	if (dg_acl_reach(snapshot, &one, DG_ACL_TABLE, entry.privilege, 10000,
			 arena, &items, &n, &is_cut) != DG_OK ||
	    is_cut)
		die("no reach\n");
	for (size_t i = 0; i < DG_ARRAY_LEN(columns); i++) {
		entry.columns = entry.table_columns = &columns[i];
		if (dg_acl_decide(snapshot, NULL, &one, arena, &decision) !=
		    DG_OK)
			die("no answer\n");
		if ((decision.allowed && !decision.observed) !=
		    reads(items, n, &entry.object, columns[i]))
			die("what %.*s may on %.*s.%.*s.%.*s (%.*s) is told "
			    "otherwise: decided %d\n",
			    DG_STR_ARG(one.user),
			    DG_STR_ARG(entry.object.catalog),
			    DG_STR_ARG(entry.object.schema),
			    DG_STR_ARG(entry.object.name),
			    DG_STR_ARG(columns[i]), decision.allowed);
	}
}

/* ---- by a change --------------------------------------------------------- */

enum { EFFECTS_MAX = 4096 };

/* What is told of one user and privilege on what matches an object. */
struct told {
	const struct dg_acl_request *one;
	const struct dg_acl_object *object;
	enum dg_acl_privilege privilege;
	struct dg_str column;
	bool gains;
	bool loses;
};

/* "All but f.g" tells of f; a field tells of its column. */
static bool
tells(const struct dg_acl_rights *rights, struct dg_str column)
{
	for (size_t i = 0; i < rights->n_denied; i++)
		if (dg_str_eq(rights->denied[i], column))
			return false;
	return rights->whole ||
	       is_in(rights->columns, rights->n_columns, column);
}

/* "role:NAME" may be about any user. */
static bool
may_be_about(const struct dg_acl_object *told,
	     const struct dg_acl_object *object)
{
	const struct dg_acl_reach_item like = {.object = *told};

	return told->kind == object->kind &&
	       (is_about(&like, object) ||
		dg_str_starts_with(told->name, DG_STR("role:")));
}

static void
on_effect(void *arg, const struct dg_acl_effect_item *item)
{
	struct told *told = arg;

	if (item->privilege != told->privilege ||
	    !dg_str_eq(item->user, told->one->user) ||
	    !may_be_about(&item->object, told->object))
		return;
	told->gains = told->gains || tells(&item->gains, told->column);
	told->loses = told->loses || tells(&item->loses, told->column);
}

/* Columns of tables one by one, if any; else none: once, with none. */
static size_t
columns_of(const struct dg_acl_entry *entry, const struct dg_str **columns_out)
{
	static const struct dg_str columns[] = {
		DG_STR_INIT("a"), DG_STR_INIT("b"), DG_STR_INIT("f")};
	static const struct dg_str none = DG_STR_INIT("");
	bool has_columns = entry->object.kind == DG_ACL_TABLE &&
			   (entry->privilege == DG_ACL_P_SELECT ||
			    entry->privilege == DG_ACL_P_UPDATE);

	*columns_out = has_columns ? columns : &none;
	return has_columns ? DG_ARRAY_LEN(columns) : 1;
}

/* As rules name it: in lower case, but for names of users. */
static void
fold_object(struct dg_acl_object *object, struct dg_arena *arena)
{
	object->catalog = lower(object->catalog, arena);
	object->schema = lower(object->schema, arena);
	if (object->kind != DG_ACL_USER && object->kind != DG_ACL_QUERY)
		object->name = lower(object->name, arena);
}

/*
 * Whatever is decided otherwise by the second policy was told as gain or loss,
 * of the user or of anyone with the roles of the request.
 */
static void
check_effects(const struct dg_acl_snapshot *before,
	      const struct dg_acl_snapshot *after,
	      const struct dg_acl_request *request, bool anyone,
	      struct dg_arena *arena)
{
	struct dg_acl_entry entry = request->entries[0];
	struct dg_acl_request one = {.user = request->user,
				     .cluster = request->cluster,
				     .client = DG_STR_EMPTY,
				     .policy_names = true,
				     .now_us = request->now_us,
				     .entries = &entry,
				     .n_entries = 1};
	struct told told = {.one = &one,
			    .object = &entry.object,
			    .privilege = entry.privilege};
	const struct dg_str *columns;
	size_t n = columns_of(&entry, &columns);
	struct dg_acl_comparison comparison = {.before = before,
					       .after = after,
					       .cluster = one.cluster,
					       .now_us = one.now_us,
					       .max = EFFECTS_MAX,
					       .fn = on_effect,
					       .arg = &told};
	const struct dg_acl_comers comers = {.name = one.user,
					     .before = request->roles,
					     .n_before = request->n_roles,
					     .after = request->roles,
					     .n_after = request->n_roles};
	struct dg_acl_effects effects;
	struct dg_acl_decision was;
	struct dg_acl_decision is_now;

	if (anyone) {
		one.anyone = true;
		one.roles = request->roles;
		one.n_roles = request->n_roles;
	}
	if (entry.privilege == DG_ACL_P_SHOW ||
	    (entry.object.kind == DG_ACL_TABLE &&
	     strpbrk(entry.object.name.data, "$@.") != NULL))
		return;
	fold_object(&entry.object, arena);
	entry.all_columns = entry.unless_denied = false;
	entry.columns_known = true;
	for (size_t i = 0; i < n; i++) {
		entry.columns = entry.table_columns = &columns[i];
		entry.n_columns = entry.n_table_columns = columns[i].len > 0;
		told.column = columns[i];
		told.gains = told.loses = false;
		if (dg_acl_decide(before, NULL, &one, arena, &was) != DG_OK ||
		    dg_acl_decide(after, NULL, &one, arena, &is_now) != DG_OK ||
		    (anyone ? dg_acl_compare_anyone(&comparison, &comers,
						    &effects)
			    : dg_acl_compare(&comparison, &effects)) != DG_OK ||
		    effects.is_cut)
			die("no effects\n");
		if (was.allowed != is_now.allowed && !was.observed &&
		    !is_now.observed &&
		    !(is_now.allowed ? told.gains : told.loses))
			die("what %.*s %s (%s on %s %.*s.%.*s.%.*s, %.*s) is "
			    "not told\n",
			    DG_STR_ARG(one.user),
			    is_now.allowed ? "gains" : "loses",
			    dg_acl_privilege_name(entry.privilege),
			    dg_acl_kind_name(entry.object.kind),
			    DG_STR_ARG(entry.object.catalog),
			    DG_STR_ARG(entry.object.schema),
			    DG_STR_ARG(entry.object.name),
			    DG_STR_ARG(columns[i]));
	}
}

/* The same policy in two makings. */
struct asked {
	struct dg_acl_snapshot *snapshot;
	struct dg_acl_cache *cache;
	struct dg_acl_snapshot *changed;
	struct dg_acl_snapshot *part; /* without some of the rules */
};

static void
answer(const struct asked *asked, const struct dg_json *json,
       struct dg_json_writer *w)
{
	struct dg_arena *arena = dg_arena_create(ANSWER_BYTES);
	struct dg_str columns[LIST_MAX];
	struct dg_str known[LIST_MAX];
	struct dg_str roles[LIST_MAX];
	struct dg_acl_entry entry = {
		.object = object_of(json),
		.columns = columns,
		.n_columns = texts(json, "columns", columns),
		.all_columns = truth(json, "all"),
		.unless_denied = truth(json, "unless_denied"),
		.columns_known = dg_json_is_array(dg_json_get(json, "known")),
		.table_columns = known,
		.n_table_columns = texts(json, "known", known),
	};
	const struct dg_acl_request request = {
		.user = text(json, "user"),
		.cluster = text(json, "cluster"),
		.client = text(json, "client"),
		.roles = roles,
		.n_roles = texts(json, "roles", roles),
		.now_us = number(json, "now"),
		.entries = &entry,
		.n_entries = 1,
	};
	uint32_t mask = dg_acl_privilege_parse(text(json, "privilege"));
	struct dg_acl_decision plain;
	struct dg_acl_decision cached;
	struct dg_acl_decision explained;
	struct dg_acl_decision changed;
	bool anyone = false;

	while ((mask & DG_ACL_BIT(entry.privilege)) == 0)
		entry.privilege++;
	if (dg_acl_decide(asked->snapshot, NULL, &request, arena, &plain) !=
		    DG_OK ||
	    dg_acl_decide(asked->snapshot, asked->cache, &request, arena,
			  &cached) != DG_OK ||
	    dg_acl_explain(asked->snapshot, &request, arena, &explained) !=
		    DG_OK ||
	    dg_acl_decide(asked->changed, NULL, &request, arena, &changed) !=
		    DG_OK)
		die("no answer\n");
	if (!is_same(&plain.outcomes[0], &changed.outcomes[0]))
		die("a snapshot that was changed gives another answer\n");
	if (!is_same(&plain.outcomes[0], &cached.outcomes[0]) ||
	    !is_same(&plain.outcomes[0], &explained.outcomes[0]))
		die("the cache or the explanation gives another answer\n");
	write_answer(w, &plain.outcomes[0]);
	dg_json_key(w, "holders");
	dg_json_array_open(w);
	if (dg_acl_each_holder(asked->snapshot, &request, false, DG_STR_EMPTY,
			       put_holder, w) != DG_OK)
		die("no holders\n");
	dg_json_array_close(w);
	if (dg_acl_anyone_holds(asked->snapshot, &request, false, note_anyone,
				&anyone) != DG_OK)
		die("no holders\n");
	dg_json_key(w, "anyone");
	dg_json_put_bool(w, anyone);
	dg_json_object_close(w);
	check_reach(asked->snapshot, &request, arena);
	/* They cost most. */
	if ((request.now_us + (int64_t)entry.object.name.len) % 8 == 1) {
		bool by_roles = request.n_roles > 0;

		check_effects(asked->part, asked->snapshot, &request, by_roles,
			      arena);
		check_effects(asked->snapshot, asked->part, &request, by_roles,
			      arena);
	}
	dg_arena_destroy(&arena);
}

static void
answer_line(struct dg_str line)
{
	struct dg_json *root = NULL;
	const struct dg_json *accesses;
	struct asked asked;
	struct dg_json_writer w;
	struct dg_error err;
	struct dg_buf out;

	check(dg_json_parse(line, LINE_MAX_BYTES, &root, &err), &err);
	asked.snapshot = read_policy(dg_json_get(root, "policy"), SIZE_MAX);
	asked.cache = dg_acl_cache_create(asked.snapshot, CACHE_ENTRIES);
	asked.changed = read_changed(dg_json_get(root, "policy"));
	asked.part = read_policy(dg_json_get(root, "policy"), 0);
	accesses = dg_json_get(root, "accesses");
	dg_buf_init(&out, LINE_MAX_BYTES);
	dg_json_begin(&w, &out);
	dg_json_array_open(&w);
	for (size_t i = 0; i < dg_json_size(accesses); i++)
		answer(&asked, dg_json_at(accesses, i), &w);
	dg_json_array_close(&w);
	if (dg_json_finish(&w) != DG_OK)
		die("the answers are too long\n");
	(void)printf("%.*s\n", (int)dg_buf_len(&out), dg_buf_peek(&out).data);
	dg_buf_fini(&out);
	dg_acl_cache_destroy(&asked.cache);
	dg_acl_snapshot_unref(&asked.snapshot);
	dg_acl_snapshot_unref(&asked.changed);
	dg_acl_snapshot_unref(&asked.part);
	dg_json_destroy(&root);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0)
		answer_line(dg_str_make(line, (size_t)n));
	free(line);
	return 0;
}

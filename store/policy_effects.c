/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_effects.c - what a change of the policy comes to, for who is about to
 * make it: who gains and who loses which rights.
 *
 * Both policies are built as replicas would and compared by acl, on each
 * cluster; what is the same on several is told once. Groups of tokens are told
 * apart, as far as it is not what everybody gains or loses. A steward is told
 * of what its rows are about, by the policy as it is.
 */
#include "acl/reach.h"
#include "base/clock.h"
#include "base/mem.h"
#include "policy_model.h"

enum {
	TOLD_MAX = 1000,
	TEXT_MAX = 4096,
	COLUMNS_SHOWN = 12,
	ARENA_BYTES = 64 << 20,
};

enum whom { USERS, EVERYBODY, GROUPS };

/* Who have roles by a group of tokens. */
struct groups {
	const struct dg_policy_list *list;
	struct dg_map by_name; /* -> struct dg_policy_item */
};

struct telling {
	const struct dg_policy_effects_of *of;
	const struct dg_acl_snapshot *before;
	struct dg_arena *arena;
	struct dg_map told;  /* texts */
	struct dg_map users; /* who is told of */
	struct groups before_groups;
	struct groups after_groups;
	enum whom whom; /* the effects are of */
	/* On this cluster: "loses select on hive.crm.people". */
	struct dg_map everybodys;
	struct dg_json_writer w;
	size_t n_gains;
	size_t n_losses;
	size_t n_users;
	uint64_t steps; /* of comparisons on all clusters */
	bool is_cut;
};

/* ---- words -------------------------------------------------------------- */

static enum dg_rc
say_names(struct dg_buf *out, const char *lead, const struct dg_str *names,
	  size_t n)
{
	size_t shown = n > COLUMNS_SHOWN ? COLUMNS_SHOWN : n;
	enum dg_rc rc = dg_buf_appendf(out, "%s", lead);

	for (size_t i = 0; rc == DG_OK && i < shown; i++)
		rc = dg_buf_appendf(out, "%s%.*s", i == 0 ? " " : ", ",
				    DG_STR_ARG(names[i]));
	if (rc == DG_OK && shown < n)
		rc = dg_buf_appendf(out, " and %zu more", n - shown);
	return rc;
}

static const char *
word_of(enum dg_acl_kind kind)
{
	switch (kind) {
	case DG_ACL_CATALOG:
		return "catalog ";
	case DG_ACL_SCHEMA:
		return "schema ";
	case DG_ACL_TABLE:
		return "";
	case DG_ACL_FUNCTION:
		return "function ";
	case DG_ACL_PROCEDURE:
		return "procedure ";
	case DG_ACL_TABLE_FUNCTION:
		return "table function ";
	case DG_ACL_CLUSTER:
		return "cluster ";
	case DG_ACL_PROPERTY:
		return "session property ";
	case DG_ACL_USER:
		return "user ";
	case DG_ACL_QUERY:
		return "queries of ";
	case DG_ACL_KIND_COUNT:
		break;
	}
	return "";
}

/* "schema hive.crm"; a table is its name alone. */
static enum dg_rc
say_object(struct dg_buf *out, const struct dg_acl_object *object)
{
	const struct dg_str parts[] = {object->catalog, object->schema,
				       object->name};
	enum dg_rc rc = dg_buf_appendf(out, "%s", word_of(object->kind));
	const char *dot = "";

	for (size_t i = 0; rc == DG_OK && i < DG_ARRAY_LEN(parts); i++) {
		if (parts[i].len == 0)
			continue;
		rc = dg_buf_appendf(out, "%s%.*s", dot, DG_STR_ARG(parts[i]));
		dot = ".";
	}
	return rc;
}

/* "loses select on hive.crm.people: columns email" */
static enum dg_rc
say(struct dg_buf *out, const struct dg_acl_effect_item *item, const char *verb,
    const struct dg_acl_rights *rights)
{
	enum dg_rc rc = dg_buf_appendf(out, "%s %s on ", verb,
				       dg_acl_privilege_name(item->privilege));

	if (rc == DG_OK)
		rc = say_object(out, &item->object);
	if (rc == DG_OK && rights->whole && rights->n_denied > 0)
		return say_names(out, ": all columns but", rights->denied,
				 rights->n_denied);
	if (rc == DG_OK && !rights->whole)
		return say_names(out, ": columns", rights->columns,
				 rights->n_columns);
	return rc;
}

static bool
is_for_asker(const struct telling *t, const struct dg_acl_effect_item *item,
	     const struct dg_acl_rights *rights)
{
	struct dg_arena_mark mark = dg_arena_mark(t->arena);
	bool is_concerned =
		t->of->admins == NULL ||
		dg_acl_is_concerned_by(
			t->before, t->of->admins, t->of->n_admins, DG_STR_EMPTY,
			&item->object, rights->columns,
			rights->whole ? 0 : rights->n_columns, t->arena);

	dg_arena_rewind(t->arena, mark);
	return is_concerned;
}

static void
note_user(struct telling *t, struct dg_str user)
{
	struct dg_str name;

	if (t->of->admins == NULL || dg_map_get(&t->users, user) != NULL)
		return;
	name = dg_arena_str(t->arena, user);
	if (name.data == NULL || dg_map_put(&t->users, name, t, NULL) != DG_OK)
		t->is_cut = true;
	else
		t->n_users++;
}

/* Once, whatever the cluster. */
static void
tell(struct telling *t, struct dg_str who, struct dg_str what, size_t *counter)
{
	struct dg_str text = dg_arena_printf(t->arena, "%s%.*s %.*s",
					     t->whom == GROUPS ? "group " : "",
					     DG_STR_ARG(who), DG_STR_ARG(what));

	if (text.data == NULL || dg_map_get(&t->told, text) != NULL ||
	    dg_map_put(&t->told, text, t, NULL) != DG_OK)
		return;
	(*counter)++;
	dg_json_put_str(&t->w, text);
}

static void
tell_rights(struct telling *t, const struct dg_acl_effect_item *item,
	    const char *verb, const struct dg_acl_rights *rights,
	    size_t *counter)
{
	struct dg_buf words;
	struct dg_str what;

	if (!dg_acl_rights_any(rights) || !is_for_asker(t, item, rights))
		return;
	dg_buf_init(&words, TEXT_MAX);
	if (say(&words, item, verb, rights) != DG_OK)
		t->is_cut = true; /* names that are this long */
	what = dg_arena_str(t->arena, dg_buf_peek(&words));
	dg_buf_fini(&words);
	if (what.data == NULL) {
		t->is_cut = true;
		return;
	}
	switch (t->whom) {
	case USERS:
		note_user(t, item->user);
		tell(t, item->user, what, counter);
		return;
	case EVERYBODY:
		if (dg_map_get(&t->everybodys, what) == NULL &&
		    dg_map_put(&t->everybodys, what, t, NULL) != DG_OK)
			t->is_cut = true;
		return;
	case GROUPS:
		if (dg_map_get(&t->everybodys, what) == NULL)
			tell(t, item->user, what, counter);
		return;
	}
}

static void
on_effect(void *arg, const struct dg_acl_effect_item *item)
{
	struct telling *t = arg;

	tell_rights(t, item, "loses", &item->loses, &t->n_losses);
	tell_rights(t, item, "gains", &item->gains, &t->n_gains);
}

/* ---- the two policies --------------------------------------------------- */

/* Stored items but the one of that name, and those of the file. */
static void
merge_section(const struct dg_policy_list *file,
	      const struct dg_policy_list *stored, struct dg_str replaced,
	      struct dg_policy_list *out)
{
	*out = (struct dg_policy_list){
		.items = DG_NEW_ARRAY(struct dg_policy_item *,
				      stored->n + file->n + 1),
		.is_there = true};
	for (size_t i = 0; i < stored->n; i++)
		if (!dg_str_eq(stored->items[i]->name, replaced))
			out->items[out->n++] = stored->items[i];
	for (size_t i = 0; i < file->n; i++)
		out->items[out->n++] = file->items[i];
}

/* What there will be. Lists are borrowed, but for those that are merged. */
static void
init_after(struct dg_policy_model *after, const struct dg_policy_model *file,
	   const struct dg_policy_model *stored, struct dg_str replaced)
{
	*after = (struct dg_policy_model){.is_json = file->is_json ||
						     replaced.data != NULL};
	for (unsigned s = 0; s < DG_POLICY_SECTIONS; s++) {
		if (!file->lists[s].is_there)
			after->lists[s] = stored->lists[s];
		else if (replaced.data == NULL)
			after->lists[s] = file->lists[s];
		else
			merge_section(&file->lists[s], &stored->lists[s],
				      replaced, &after->lists[s]);
		after->lists[s].is_there = file->lists[s].is_there;
	}
}

static void
fini_after(struct dg_policy_model *after, struct dg_str replaced)
{
	for (unsigned s = 0; s < DG_POLICY_SECTIONS; s++)
		if (replaced.data != NULL && after->lists[s].is_there)
			dg_free(after->lists[s].items);
}

/* ---- groups ---------------------------------------------------------------
 */

/* LIMIT: there are too many. */
static enum dg_rc
init_groups(struct groups *groups, const struct dg_policy_list *list,
	    struct dg_arena *arena)
{
	enum dg_rc rc = DG_OK;

	groups->list = list;
	dg_map_init(&groups->by_name, arena);
	for (size_t i = 0; rc == DG_OK && i < list->n; i++)
		rc = dg_map_put(&groups->by_name, list->items[i]->name,
				list->items[i], NULL);
	return rc;
}

static const struct dg_policy_value *
roles_of(const struct groups *groups, struct dg_str name)
{
	static const struct dg_policy_value none;
	const struct dg_policy_item *item = dg_map_get(&groups->by_name, name);

	return item == NULL ? &none : &item->fields[DG_GROUP_ROLES];
}

/* What those come to who have the roles by a group, and nothing else. */
static enum dg_rc
compare_comers(struct telling *t, struct dg_acl_comparison *comparison,
	       const struct dg_acl_comers *comers)
{
	struct dg_acl_effects effects;
	enum dg_rc rc = dg_acl_compare_anyone(comparison, comers, &effects);

	t->is_cut = t->is_cut || effects.is_cut;
	return rc;
}

/* Those that are listed, but not those of but. */
static enum dg_rc
compare_listed(struct telling *t, struct dg_acl_comparison *comparison,
	       const struct dg_policy_list *of, const struct groups *but)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && !t->is_cut && i < of->n; i++) {
		struct dg_str name = of->items[i]->name;
		const struct dg_policy_value *was =
			roles_of(&t->before_groups, name);
		const struct dg_policy_value *is_now =
			roles_of(&t->after_groups, name);
		const struct dg_acl_comers comers = {.name = name,
						     .before = was->items,
						     .n_before = was->n_items,
						     .after = is_now->items,
						     .n_after =
							     is_now->n_items};

		if (but == NULL || dg_map_get(&but->by_name, name) == NULL)
			rc = compare_comers(t, comparison, &comers);
		t->is_cut =
			t->is_cut || t->n_gains + t->n_losses > 2 * TOLD_MAX;
	}
	return rc;
}

static enum dg_rc
compare_groups(struct telling *t, struct dg_acl_comparison *comparison)
{
	const struct dg_policy_list *before = t->before_groups.list;
	const struct dg_policy_list *after = t->after_groups.list;
	const struct dg_acl_comers everybody = {.name = DG_STR_EMPTY};
	enum dg_rc rc;

	if (before->n + after->n == 0)
		return DG_OK;
	dg_map_init(&t->everybodys, t->arena);
	t->whom = EVERYBODY;
	rc = compare_comers(t, comparison, &everybody);
	t->whom = GROUPS;
	if (rc == DG_OK)
		rc = compare_listed(t, comparison, before, NULL);
	if (rc == DG_OK)
		rc = compare_listed(t, comparison, after, &t->before_groups);
	return rc;
}

/* ---- on clusters ----------------------------------------------------------
 */

static enum dg_rc
compare_on(struct telling *t, const struct dg_acl_snapshot *after,
	   struct dg_str cluster)
{
	struct dg_acl_comparison comparison = {.before = t->before,
					       .after = after,
					       .cluster = cluster,
					       .now_us = dg_clock_wall_us(),
					       .max = TOLD_MAX,
					       .fn = on_effect,
					       .arg = t,
					       .steps = t->steps};
	struct dg_acl_effects effects;
	enum dg_rc rc;

	t->whom = USERS;
	rc = dg_acl_compare(&comparison, &effects);
	t->is_cut = t->is_cut || effects.is_cut;
	/* To who is not told of all of them it would tell of others. */
	if (t->of->admins == NULL && effects.n_users > t->n_users)
		t->n_users = effects.n_users;
	if (rc == DG_OK)
		rc = compare_groups(t, &comparison);
	t->steps = comparison.steps;
	return rc;
}

/* Those that are stored, and new ones; "" where there are none. */
static enum dg_rc
compare_all(struct telling *t, const struct dg_policy_model *whole,
	    const struct dg_acl_snapshot *after)
{
	const struct dg_policy_list *lists[] = {
		&t->of->stored->lists[DG_POLICY_CLUSTERS],
		&t->of->file->lists[DG_POLICY_CLUSTERS]};
	enum dg_rc rc =
		init_groups(&t->before_groups,
			    &t->of->stored->lists[DG_POLICY_GROUPS], t->arena);

	if (rc == DG_OK)
		rc = init_groups(&t->after_groups,
				 &whole->lists[DG_POLICY_GROUPS], t->arena);
	if (rc == DG_OK && lists[0]->n + lists[1]->n == 0)
		return compare_on(t, after, DG_STR_EMPTY);
	for (size_t l = 0; l < DG_ARRAY_LEN(lists); l++)
		for (size_t i = 0; rc == DG_OK && !t->is_cut && i < lists[l]->n;
		     i++)
			rc = compare_on(t, after, lists[l]->items[i]->name);
	return rc;
}

static enum dg_rc
write_effects(struct telling *t, const struct dg_policy_model *whole,
	      const struct dg_acl_snapshot *after)
{
	enum dg_rc rc;

	dg_json_object_open(&t->w);
	dg_json_key(&t->w, "items");
	dg_json_array_open(&t->w);
	rc = compare_all(t, whole, after);
	dg_json_array_close(&t->w);
	dg_json_key(&t->w, "notes");
	dg_json_array_open(&t->w);
	if (rc == DG_OK)
		rc = dg_policy_put_notes(&t->w, t->of->stored->lists,
					 whole->lists, t->arena);
	dg_json_array_close(&t->w);
	dg_json_key(&t->w, "users");
	dg_json_put_int(&t->w, (int64_t)t->n_users);
	dg_json_key(&t->w, "gains");
	dg_json_put_int(&t->w, (int64_t)t->n_gains);
	dg_json_key(&t->w, "losses");
	dg_json_put_int(&t->w, (int64_t)t->n_losses);
	dg_json_key(&t->w, "is_cut");
	dg_json_put_bool(&t->w, t->is_cut);
	dg_json_object_close(&t->w);
	return rc == DG_OK ? dg_json_finish(&t->w) : rc;
}

enum dg_rc
dg_policy_effects(const struct dg_policy_effects_of *of,
		  struct dg_buf *json_out, struct dg_error *err)
{
	static const struct dg_str nothing = DG_STR_INIT(
		"{\"items\":[],\"notes\":[],\"users\":0,\"gains\":0,"
		"\"losses\":0,\"is_cut\":true}");
	struct dg_acl_snapshot *before = NULL;
	struct dg_acl_snapshot *after = NULL;
	struct telling t = {.of = of};
	struct dg_policy_model whole;
	enum dg_rc rc;

	init_after(&whole, of->file, of->stored, of->replaced);
	rc = dg_policy_build(of->stored, NULL, &before, err);
	if (rc == DG_OK)
		rc = dg_policy_build(&whole, of->stored, &after, err);
	if (rc == DG_OK && before != NULL && after != NULL) {
		t.arena = dg_arena_create(ARENA_BYTES);
		dg_map_init(&t.told, t.arena);
		dg_map_init(&t.users, t.arena);
		t.before = before;
		dg_json_begin(&t.w, json_out);
		rc = write_effects(&t, &whole, after);
		dg_arena_destroy(&t.arena);
	}
	dg_acl_snapshot_unref(&before);
	dg_acl_snapshot_unref(&after);
	fini_after(&whole, of->replaced);
	if (rc == DG_OK)
		return DG_OK;
	dg_buf_clear(json_out);
	/* Too much to tell: that is told, and the write is not held up. */
	return rc == DG_ERR_LIMIT ? dg_buf_append(json_out, nothing) : rc;
}

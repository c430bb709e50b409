/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize.c - access list to policy entries, decision to verdict. See
 * authorize.h.
 *
 * Which right an action needs stands in authorize_map.c, the words of a refusal
 * in authorize_words.c.
 *
 * Invariant: a verdict is `allowed` only after every access was either decided
 * by dg_acl_decide or seen by dg_acl_can_see; there is no third way.
 */
#include "authorize.h"
#include "authorize_map.h"
#include "authorize_words.h"

#include <stdlib.h>

#include "acl/admin.h"
#include "base/json.h"
#include "base/map.h"

struct work {
	const struct dg_authorize_request *request;
	struct dg_arena *arena;
	struct dg_authorize_check *checks;
	size_t n_checks;
	const struct dg_authorize_check *
		*refused; /* in the order of the text */
	size_t n_refused;
	struct dg_acl_entry *entries;
	size_t n_entries;
	struct dg_acl_request acl;
};

/* ---- objects and entries ----------------------------------------------- */

static struct dg_acl_object
make_object(const struct dg_sql_access *access,
	    struct dg_authorize_mapping *map)
{
	struct dg_acl_object object = {
		.kind = map->kind,
		.catalog = access->object.catalog,
		.schema = access->object.schema,
		.name = access->object.table,
	};

	switch (map->kind) {
	case DG_ACL_TABLE:
		if (access->action == DG_SQL_ACT_SHOW_CATALOGS) {
			object.catalog = DG_STR("system");
			object.schema = DG_STR("jdbc");
			object.name = DG_STR("catalogs");
		}
		break;
	case DG_ACL_SCHEMA:
		/* USE of a catalog alone. */
		if (object.schema.len == 0) {
			object.kind = DG_ACL_CATALOG;
			map->kind = DG_ACL_CATALOG;
		}
		break;
	case DG_ACL_FUNCTION:
	case DG_ACL_PROCEDURE:
	case DG_ACL_TABLE_FUNCTION:
		if (access->name.len > 0)
			object.name = access->name;
		break;
	case DG_ACL_PROPERTY:
	case DG_ACL_CLUSTER:
	case DG_ACL_USER:
	case DG_ACL_QUERY:
		object.name = access->name;
		break;
	case DG_ACL_CATALOG:
	case DG_ACL_KIND_COUNT:
		break;
	}
	return object;
}

/* Columns, or of those that are not read as a whole, fields. */
static size_t
count_parts(const struct dg_sql_access *access)
{
	size_t n = 0;

	for (size_t i = 0; i < access->n_columns; i++)
		n += access->columns[i].n_fields == 0
			     ? 1
			     : access->columns[i].n_fields;
	return n;
}

static enum dg_rc
fill_columns(struct work *w, const struct dg_sql_access *access,
	     struct dg_acl_entry *entry)
{
	struct dg_sql_columns known = {0};
	struct dg_str *names;

	names = DG_ARENA_ARRAY(w->arena, struct dg_str, count_parts(access));
	if (names == NULL)
		return DG_ERR_LIMIT;
	entry->columns = names;
	for (size_t i = 0; i < access->n_columns; i++) {
		const struct dg_sql_column_use *column = &access->columns[i];

		if (column->n_fields == 0)
			names[entry->n_columns++] = column->name;
		for (size_t f = 0; f < column->n_fields; f++)
			names[entry->n_columns++] = column->fields[f].path;
	}
	entry->all_columns = access->all_columns;
	if (!access->columns_known || w->request->columns == NULL)
		return DG_OK;
	if (w->request->columns(w->request->columns_arg, &access->object,
				&known) != DG_SQL_FOUND)
		return DG_OK;
	entry->columns_known = true;
	entry->table_columns = known.names;
	entry->n_table_columns = known.n_names;
	return DG_OK;
}

static bool
is_decided(enum dg_authorize_way way)
{
	return way == DG_BY_PRIVILEGE || way == DG_UNLESS_DENIED;
}

static enum dg_rc
add_check(struct work *w, const struct dg_sql_access *access)
{
	struct dg_authorize_check *check = &w->checks[w->n_checks++];
	struct dg_acl_entry *entry;

	check->access = access;
	check->map = dg_authorize_map(access->action);
	check->object = make_object(access, &check->map);
	if (!is_decided(check->map.way))
		return DG_OK;
	check->entry = w->n_entries;
	entry = &w->entries[w->n_entries++];
	entry->privilege = check->map.privilege;
	entry->object = check->object;
	if (check->map.way == DG_UNLESS_DENIED) {
		entry->unless_denied = true;
		entry->all_columns = access->all_columns;
	}
	if (access->action == DG_SQL_ACT_SELECT ||
	    access->action == DG_SQL_ACT_UPDATE)
		return fill_columns(w, access, entry);
	return DG_OK;
}

static enum dg_rc
start_work(struct work *w, const struct dg_authorize_request *request, size_t n,
	   struct dg_arena *arena)
{
	memset(w, 0, sizeof(*w));
	w->request = request;
	w->arena = arena;
	w->checks = DG_ARENA_ARRAY(arena, struct dg_authorize_check, n);
	w->refused =
		DG_ARENA_ARRAY(arena, const struct dg_authorize_check *, n);
	w->entries = DG_ARENA_ARRAY(arena, struct dg_acl_entry, n);
	return w->checks == NULL || w->refused == NULL || w->entries == NULL
		       ? DG_ERR_LIMIT
		       : DG_OK;
}

/* Any right will do. */
static void
look(struct work *w, struct dg_authorize_check *check)
{
	const struct dg_acl_snapshot *policy = w->request->policy;
	struct dg_acl_outcome *outcome = &check->outcome;

	outcome->allowed = dg_acl_can_see(policy, &w->acl, &check->object);
	outcome->reason =
		outcome->allowed ? DG_ACL_R_ALLOWED : DG_ACL_R_NOT_GRANTED;
	if (outcome->allowed ||
	    !dg_acl_is_observed(policy, &w->acl, &check->object))
		return;
	outcome->allowed = true;
	outcome->observed = true;
}

static enum dg_rc
decide(struct work *w)
{
	struct dg_acl_decision decision = {0};
	enum dg_rc rc;

	w->acl = (struct dg_acl_request){
		.user = w->request->user,
		.roles = w->request->roles,
		.n_roles = w->request->n_roles,
		.client = w->request->client,
		.cluster = w->request->cluster,
		.now_us = w->request->now_us,
		.entries = w->entries,
		.n_entries = w->n_entries,
	};
	rc = w->request->explain
		     ? dg_acl_explain(w->request->policy, &w->acl, w->arena,
				      &decision)
		     : dg_acl_decide(w->request->policy, w->request->cache,
				     &w->acl, w->arena, &decision);
	if (rc != DG_OK)
		return rc;
	for (size_t i = 0; i < w->n_checks; i++) {
		struct dg_authorize_check *check = &w->checks[i];

		switch (check->map.way) {
		case DG_BY_PRIVILEGE:
		case DG_UNLESS_DENIED:
			check->outcome = decision.outcomes[check->entry];
			break;
		case DG_BY_SIGHT:
			look(w, check);
			break;
		case DG_NEVER:
			check->outcome.allowed = false;
			break;
		}
	}
	return DG_OK;
}

/* Refused columns are told to those who have a right on the table. */
static void
choose_words(struct work *w)
{
	for (size_t i = 0; i < w->n_checks; i++) {
		struct dg_authorize_check *check = &w->checks[i];

		if (check->outcome.allowed || !is_decided(check->map.way) ||
		    check->map.kind != DG_ACL_TABLE)
			continue;
		check->name_only = w->request->minimal ||
				   !dg_acl_has_any(w->request->policy, &w->acl,
						   &check->object);
	}
}

/* ---- the order of refusals --------------------------------------------- */

/* The names that are missing; few are looked for one by one. */
struct missing {
	const struct dg_acl_outcome *outcome;
	struct dg_map by_name; /* when there are many, in the arena */
};

enum { MISSING_FEW = 16 };

static enum dg_rc
init_missing(struct work *w, const struct dg_acl_outcome *outcome,
	     struct missing *m)
{
	enum dg_rc rc = DG_OK;

	m->outcome = outcome;
	dg_map_init(&m->by_name, w->arena);
	if (outcome->n_missing <= MISSING_FEW)
		return DG_OK;
	for (size_t i = 0; rc == DG_OK && i < outcome->n_missing; i++)
		rc = dg_map_put(&m->by_name, outcome->missing[i], w, NULL);
	return rc;
}

static bool
is_missing(const struct missing *m, struct dg_str column)
{
	const struct dg_acl_outcome *outcome = m->outcome;

	if (outcome->n_missing > MISSING_FEW)
		return dg_map_get(&m->by_name, column) != NULL;
	for (size_t i = 0; i < outcome->n_missing; i++) {
		if (dg_str_eq(outcome->missing[i], column))
			return true;
	}
	return false;
}

/* Where a column is read that is refused, or a field; SIZE_MAX: nowhere. */
static size_t
missing_offset(const struct missing *m, const struct dg_sql_column_use *column)
{
	size_t first = SIZE_MAX;

	if (column->n_fields == 0 && is_missing(m, column->name))
		return column->offset;
	for (size_t i = 0; i < column->n_fields; i++)
		if (column->fields[i].offset < first &&
		    is_missing(m, column->fields[i].path))
			first = column->fields[i].offset;
	return first;
}

/*
 * Of the first refused column where it is about columns, else of the table; of
 * that as well where the arena is too full to look for columns.
 */
static size_t
refused_offset(struct work *w, const struct dg_authorize_check *check)
{
	const struct dg_sql_access *access = check->access;
	struct dg_arena_mark mark = dg_arena_mark(w->arena);
	struct missing m;
	size_t first = SIZE_MAX;

	if (check->name_only || init_missing(w, &check->outcome, &m) != DG_OK)
		return access->offset;
	for (size_t i = 0; i < access->n_columns; i++) {
		size_t offset = missing_offset(&m, &access->columns[i]);

		if (offset < first)
			first = offset;
	}
	dg_arena_rewind(w->arena, mark);
	return first == SIZE_MAX ? access->offset : first;
}

/* By place; what shares one stays in the order of the access list. */
static int
compare_refused(const void *a, const void *b)
{
	const struct dg_authorize_check *left =
		*(const struct dg_authorize_check *const *)a;
	const struct dg_authorize_check *right =
		*(const struct dg_authorize_check *const *)b;

	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return left < right ? -1 : left > right;
}

static void
order_refused(struct work *w)
{
	for (size_t i = 0; i < w->n_checks; i++) {
		struct dg_authorize_check *check = &w->checks[i];

		if (check->outcome.allowed)
			continue;
		check->offset = refused_offset(w, check);
		w->refused[w->n_refused++] = check;
	}
	qsort(w->refused, w->n_refused,
	      sizeof(const struct dg_authorize_check *), compare_refused);
}

/* ---- the access list for the audit ------------------------------------- */

static void
put_part(struct dg_json_writer *j, const char *key, struct dg_str value)
{
	if (value.len == 0)
		return;
	dg_json_key(j, key);
	dg_json_put_str(j, value);
}

static void
put_column(struct dg_json_writer *j, const struct dg_sql_column_use *column)
{
	if (column->n_fields == 0)
		dg_json_put_str(j, column->name);
	for (size_t i = 0; i < column->n_fields; i++)
		dg_json_put_str(j, column->fields[i].path);
}

/* What would have been the answer. */
static void
put_observed(struct dg_json_writer *j, const struct dg_acl_outcome *outcome)
{
	dg_json_key(j, "would_deny");
	dg_json_put_cstr(j, dg_acl_reason_name(outcome->reason));
	if (outcome->n_missing == 0)
		return;
	dg_json_key(j, "missing");
	dg_json_array_open(j);
	for (size_t i = 0; i < outcome->n_missing; i++)
		dg_json_put_str(j, outcome->missing[i]);
	dg_json_array_close(j);
}

/* Who asked for an explanation gets all of it. */
static void
put_explained(struct dg_json_writer *j, const struct dg_acl_outcome *outcome)
{
	dg_json_key(j, "reason");
	dg_json_put_cstr(j, dg_acl_reason_name(outcome->reason));
	if (outcome->n_missing > 0 && !outcome->observed) {
		dg_json_key(j, "missing");
		dg_json_array_open(j);
		for (size_t i = 0; i < outcome->n_missing; i++)
			dg_json_put_str(j, outcome->missing[i]);
		dg_json_array_close(j);
	}
	dg_json_key(j, "rules");
	dg_json_array_open(j);
	for (size_t i = 0; i < outcome->n_rule_ids; i++)
		dg_json_put_int(j, outcome->rule_ids[i]);
	dg_json_array_close(j);
	put_part(j, "path", outcome->path);
}

static void
put_names(struct dg_json_writer *j, const char *key, const struct dg_str *names,
	  size_t n)
{
	if (n == 0)
		return;
	dg_json_key(j, key);
	dg_json_array_open(j);
	for (size_t i = 0; i < n; i++)
		dg_json_put_str(j, names[i]);
	dg_json_array_close(j);
}

/*
 * Of what is refused: the principals whose stewards may give the right, and
 * the roles that have it.
 */
static void
put_remedies(struct dg_json_writer *j, const struct work *w,
	     const struct dg_authorize_check *check)
{
	enum { ROLES_MAX = 16 };
	struct dg_acl_request one = w->acl;
	const struct dg_str *names;
	size_t n;

	if (!is_decided(check->map.way))
		return;
	if (dg_acl_stewards_of(w->request->policy, w->request->cluster,
			       &check->object, w->arena, &names, &n) == DG_OK)
		put_names(j, "stewards", names, n);
	one.entries = &w->acl.entries[check->entry];
	one.n_entries = 1;
	if (dg_acl_helping_roles(w->request->policy, &one, w->arena, ROLES_MAX,
				 &names, &n) == DG_OK)
		put_names(j, "roles", names, n);
}

static void
put_access(struct dg_json_writer *j, const struct work *w,
	   const struct dg_authorize_check *check)
{
	const struct dg_sql_access *access = check->access;

	dg_json_object_open(j);
	dg_json_key(j, "action");
	dg_json_put_cstr(j, dg_sql_action_name(access->action));
	put_part(j, "catalog", access->object.catalog);
	put_part(j, "schema", access->object.schema);
	put_part(j, "table", access->object.table);
	put_part(j, "name", access->name);
	if (access->all_columns) {
		dg_json_key(j, "columns");
		dg_json_put_cstr(j, "*");
	} else if (access->n_columns > 0) {
		dg_json_key(j, "columns");
		dg_json_array_open(j);
		for (size_t i = 0; i < access->n_columns; i++)
			put_column(j, &access->columns[i]);
		dg_json_array_close(j);
	}
	if (!check->outcome.allowed) {
		dg_json_key(j, "denied");
		dg_json_put_bool(j, true);
	}
	if (check->outcome.observed)
		put_observed(j, &check->outcome);
	if (check->outcome.break_glass) {
		dg_json_key(j, "break_glass");
		dg_json_put_bool(j, true);
	}
	if (check->outcome.rule_id != 0) {
		dg_json_key(j, "rule");
		dg_json_put_int(j, check->outcome.rule_id);
	}
	if (w->request->explain) {
		put_explained(j, &check->outcome);
		if (!check->outcome.allowed)
			put_remedies(j, w, check);
	}
	dg_json_object_close(j);
}

#define ACCESS_MAX (16U << 20)

/*
 * Entries are whole or not there: an audit record that had to be cut says how
 * many are missing.
 */
static enum dg_rc
write_access(struct work *w, struct dg_str *out)
{
	size_t max = w->request->access_max;
	struct dg_json_writer j;
	struct dg_buf text;
	size_t i;
	enum dg_rc rc;

	dg_buf_init(&text, ACCESS_MAX);
	dg_json_begin(&j, &text);
	dg_json_array_open(&j);
	for (i = 0; i < w->n_checks; i++) {
		if (max != 0 && i > 0 && dg_buf_len(&text) > max / 2)
			break;
		put_access(&j, w, &w->checks[i]);
	}
	if (i < w->n_checks) {
		dg_json_object_open(&j);
		dg_json_key(&j, "more");
		dg_json_put_int(&j, (int64_t)(w->n_checks - i));
		dg_json_object_close(&j);
	}
	dg_json_array_close(&j);
	rc = dg_json_finish(&j);
	if (rc == DG_OK) {
		*out = dg_arena_str(w->arena, dg_buf_peek(&text));
		if (out->data == NULL)
			rc = DG_ERR_LIMIT;
	}
	dg_buf_fini(&text);
	return rc;
}

/* ---- entry points ------------------------------------------------------ */

static const char *
reason_of(const struct dg_authorize_check *check)
{
	return check->map.way == DG_NEVER
		       ? "opaque"
		       : dg_acl_reason_name(check->outcome.reason);
}

static bool
is_passing(const struct work *w)
{
	for (size_t i = 0; i < w->n_refused; i++)
		if (!w->refused[i]->access->is_passing)
			return false;
	return true;
}

/* The first one in the text stands for all. */
static void
refuse(struct work *w, const struct dg_authorize_check *check,
       struct dg_verdict *v)
{
	v->allowed = false;
	v->is_passing = is_passing(w);
	v->rule_id = check->outcome.rule_id;
	v->reason = v->is_passing ? DG_STR("metadata")
				  : dg_str_from_cstr(reason_of(check));
	if (w->request->text.len > 0)
		dg_sql_locate(w->request->text, check->offset, &v->line,
			      &v->column);
}

static enum dg_rc
word_refusal(struct work *w, struct dg_str *out)
{
	const struct dg_authorize_words words = {
		.request = w->request,
		.refused = w->refused,
		.n_refused = w->n_refused,
		.is_passing = is_passing(w),
	};

	return dg_authorize_say(&words, w->arena, out);
}

/* Allowed, but the first that would not be stands for all. */
static void
remark(const struct work *w, struct dg_verdict *v)
{
	for (size_t i = 0; i < w->n_checks && !v->observed; i++) {
		if (!w->checks[i].outcome.observed)
			continue;
		v->observed = true;
		v->rule_id = w->checks[i].outcome.rule_id;
		v->reason = DG_STR("would_deny");
	}
}

/* From outcomes to the verdict. */
static enum dg_rc
conclude(struct work *w, struct dg_verdict *verdict_out)
{
	struct dg_verdict v = {.allowed = true, .reason = DG_STR("allowed")};
	enum dg_rc rc;

	choose_words(w);
	order_refused(w);
	if (w->n_refused > 0)
		refuse(w, w->refused[0], &v);
	else
		remark(w, &v);
	for (size_t i = 0;
	     i < w->n_checks && v.rule_id == 0 && v.allowed && !v.observed; i++)
		v.rule_id = w->checks[i].outcome.rule_id;
	rc = write_access(w, &v.access_json);
	if (rc == DG_OK && !v.allowed)
		rc = word_refusal(w, &v.message);
	if (rc == DG_OK)
		*verdict_out = v;
	return rc;
}

enum dg_rc
dg_authorize(const struct dg_authorize_request *request, struct dg_arena *arena,
	     struct dg_verdict *verdict_out)
{
	const struct dg_sql_analysis *analysis = request->analysis;
	struct work w;
	enum dg_rc rc;

	rc = start_work(&w, request, analysis->n_access, arena);
	for (size_t i = 0; i < analysis->n_access && rc == DG_OK; i++)
		rc = add_check(&w, &analysis->access[i]);
	if (rc == DG_OK)
		rc = decide(&w);
	return rc == DG_OK ? conclude(&w, verdict_out) : rc;
}

/* Instead of the columns, which nobody knows: some, or all of them. */
static void
strip_columns(struct work *w, struct dg_sql_access *access)
{
	if (access->action != DG_SQL_ACT_SELECT &&
	    access->action != DG_SQL_ACT_UPDATE)
		return;
	access->n_columns = 0;
	access->all_columns = w->request->minimal;
	access->columns_known = false;
}

/* Not denied for sure: whether a column is left shows when they are known. */
static void
pardon_unknown(struct work *w)
{
	for (size_t i = 0; i < w->n_checks; i++) {
		struct dg_authorize_check *check = &w->checks[i];

		if (check->outcome.reason == DG_ACL_R_COLUMNS_UNKNOWN)
			check->outcome.allowed = dg_acl_has_any(
				w->request->policy, &w->acl, &check->object);
	}
}

enum dg_rc
dg_authorize_error(const struct dg_authorize_request *request,
		   struct dg_arena *arena, struct dg_verdict *verdict_out)
{
	const struct dg_sql_analysis *analysis = request->analysis;
	struct dg_sql_access *accesses;
	struct work w;
	enum dg_rc rc;

	rc = start_work(&w, request, analysis->n_access, arena);
	if (rc != DG_OK)
		return rc;
	accesses =
		DG_ARENA_ARRAY(arena, struct dg_sql_access, analysis->n_access);
	if (accesses == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < analysis->n_access && rc == DG_OK; i++) {
		accesses[i] = analysis->access[i];
		strip_columns(&w, &accesses[i]);
		rc = add_check(&w, &accesses[i]);
	}
	if (rc == DG_OK)
		rc = decide(&w);
	if (rc == DG_OK && !request->minimal)
		pardon_unknown(&w);
	return rc == DG_OK ? conclude(&w, verdict_out) : rc;
}

enum dg_rc
dg_authorize_properties(const struct dg_authorize_request *request,
			const struct dg_str *names, size_t n_names,
			struct dg_arena *arena, struct dg_verdict *verdict_out)
{
	struct dg_authorize_request without_text = *request;
	struct dg_sql_access *accesses;
	struct work w;
	enum dg_rc rc;

	without_text.text = DG_STR_EMPTY;
	rc = start_work(&w, &without_text, n_names, arena);
	if (rc != DG_OK)
		return rc;
	accesses = DG_ARENA_ARRAY(arena, struct dg_sql_access, n_names);
	if (accesses == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < n_names && rc == DG_OK; i++) {
		accesses[i].action = DG_SQL_ACT_SET_SESSION;
		accesses[i].name = names[i];
		rc = add_check(&w, &accesses[i]);
	}
	if (rc == DG_OK)
		rc = decide(&w);
	return rc == DG_OK ? conclude(&w, verdict_out) : rc;
}

bool
dg_authorize_one(const struct dg_authorize_request *request,
		 enum dg_acl_privilege privilege, enum dg_acl_kind kind,
		 struct dg_str name, struct dg_arena *arena)
{
	struct dg_acl_entry entry = {
		.privilege = privilege,
		.object = {.kind = kind, .name = name},
	};
	struct dg_acl_request acl = {
		.user = request->user,
		.roles = request->roles,
		.n_roles = request->n_roles,
		.client = request->client,
		.cluster = request->cluster,
		.now_us = request->now_us,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_acl_decision decision = {0};

	return dg_acl_decide(request->policy, request->cache, &acl, arena,
			     &decision) == DG_OK &&
	       decision.allowed;
}

bool
dg_authorize_any(const struct dg_authorize_request *request,
		 const struct dg_sql_name *table, struct dg_arena *arena)
{
	struct dg_acl_entry entry = {
		.privilege = DG_ACL_P_SELECT,
		.object = {.kind = DG_ACL_TABLE,
			   .catalog = table->catalog,
			   .schema = table->schema,
			   .name = table->table},
	};
	const struct dg_acl_request acl = {
		.user = request->user,
		.roles = request->roles,
		.n_roles = request->n_roles,
		.client = request->client,
		.cluster = request->cluster,
		.now_us = request->now_us,
		.entries = &entry,
		.n_entries = 1,
	};
	struct dg_acl_decision decision = {0};

	/* The usual cases, from the cache: all, or it depends on columns. */
	if (dg_acl_decide(request->policy, request->cache, &acl, arena,
			  &decision) == DG_OK &&
	    (decision.allowed ||
	     decision.outcomes[0].reason == DG_ACL_R_COLUMNS_UNKNOWN))
		return true;
	return dg_acl_has_any(request->policy, &acl, &entry.object);
}

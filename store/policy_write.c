/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_write.c - a policy file against what is stored: the difference, as
 * people read it and as Postgres takes it.
 *
 * Both are written from one walk over the items, so that what is shown is what
 * is done. All changes go into one call of datagateway.apply_changes, which
 * refuses them when the version is no longer the one that was compared with.
 * Password hashes are never shown.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "credentials.h"
#include "policy_model.h"

enum {
	STORED_MAX_BYTES = 1 << 30,
	CHANGES_MAX_BYTES = 512 << 20,
};

struct apply {
	const struct dg_policy_model *file;
	struct dg_policy_model *stored;
	struct dg_arena *arena; /* hashes made here */
	struct dg_buf *diff;
	struct dg_json_writer changes;
	size_t n_changes;
	enum dg_rc rc; /* of writing the diff */
	struct dg_error *err;
};

/* ---- showing ------------------------------------------------------------ */

static void DG_PRINTF(2, 3) show(struct apply *a, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (a->rc == DG_OK)
		a->rc = dg_buf_append(a->diff, dg_str_from_cstr(line));
}

/* As JSON writes it: control bytes of a name must not reach a terminal. */
static void
show_text(struct apply *a, struct dg_str text)
{
	if (a->rc == DG_OK)
		a->rc = dg_json_append_string(a->diff, text);
}

static void
show_value(struct apply *a, const struct dg_policy_field *field,
	   const struct dg_policy_value *value)
{
	switch (field->type) {
	case DG_POLICY_TEXT:
		show_text(a, value->text);
		return;
	case DG_POLICY_TIME:
		if (value->text.data == NULL)
			show(a, "none");
		else
			show_text(a, value->text);
		return;
	case DG_POLICY_BOOL:
		show(a, "%s", value->number != 0 ? "true" : "false");
		return;
	case DG_POLICY_INT:
		show(a, "%lld", (long long)value->number);
		return;
	case DG_POLICY_LIST:
		show(a, "[");
		for (size_t i = 0; i < value->n_items; i++) {
			show(a, i == 0 ? "" : ", ");
			show_text(a, value->items[i]);
		}
		show(a, "]");
		return;
	}
}

static void
show_item(struct apply *a, char sign, enum dg_policy_section section,
	  const struct dg_policy_item *item)
{
	show(a, "%c %s ", sign, dg_policy_sections[section].one);
	show_text(a, item->name);
	show(a, "\n");
	a->n_changes++;
}

static void
show_field(struct apply *a, const struct dg_policy_field *field,
	   const struct dg_policy_value *before,
	   const struct dg_policy_value *after)
{
	if (field->is_secret) {
		show(a, "    %s: %s\n", field->name,
		     dg_policy_value_is_empty(after) ? "removed"
		     : before == NULL || dg_policy_value_is_empty(before)
			     ? "set"
			     : "changed");
		return;
	}
	show(a, "    %s: ", field->name);
	if (before != NULL) {
		show_value(a, field, before);
		show(a, " -> ");
	}
	show_value(a, field, after);
	show(a, "\n");
}

/* ---- writing ------------------------------------------------------------ */

/* fields: the item's own, but for what was worked out here. */
static void
write_item(struct dg_json_writer *w, enum dg_policy_section section,
	   const struct dg_policy_item *item,
	   const struct dg_policy_value *fields)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[section];

	dg_json_object_open(w);
	dg_json_key(w, "name");
	dg_json_put_str(w, item->name);
	for (size_t i = 0; i < info->n_fields; i++) {
		dg_json_key(w, info->fields[i].name);
		dg_policy_value_put(w, info->fields[i].type, &fields[i]);
	}
	dg_json_object_close(w);
}

void
dg_policy_put_fields(struct dg_json_writer *w, enum dg_policy_section section,
		     const struct dg_policy_item *item)
{
	write_item(w, section, item, item->fields);
}

/* ---- comparing ---------------------------------------------------------- */

/* The hash that the user shall have. A right password keeps its hash. */
static enum dg_rc
find_hash(struct dg_arena *arena, const struct dg_policy_item *user,
	  const struct dg_policy_item *stored, struct dg_str *hash_out,
	  struct dg_error *err)
{
	struct dg_str old =
		stored == NULL ? DG_STR_EMPTY
			       : stored->fields[DG_USER_PASSWORD_HASH].text;
	char hash[DG_STORE_HASH_MAX];
	enum dg_rc rc;

	switch (user->password) {
	case DG_POLICY_KEEP:
		*hash_out = old;
		return DG_OK;
	case DG_POLICY_GIVEN:
		*hash_out = user->fields[DG_USER_PASSWORD_HASH].text;
		return DG_OK;
	case DG_POLICY_PLAIN:
		break;
	}
	if (dg_store_password_verify(user->plain, old)) {
		*hash_out = old;
		return DG_OK;
	}
	rc = dg_store_password_hash(user->plain, hash, err);
	if (rc != DG_OK)
		return dg_error_wrap(err, "user \"%.*s\"",
				     DG_STR_ARG(user->name));
	*hash_out = dg_arena_str(arena, dg_str_from_cstr(hash));
	return hash_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

enum dg_rc
dg_policy_settle_password(struct dg_arena *arena, struct dg_policy_item *user,
			  const struct dg_policy_item *stored,
			  struct dg_error *err)
{
	enum dg_rc rc =
		find_hash(arena, user, stored,
			  &user->fields[DG_USER_PASSWORD_HASH].text, err);

	if (rc == DG_OK)
		user->password = DG_POLICY_GIVEN;
	return rc;
}

static enum dg_rc
compare_item(struct apply *a, enum dg_policy_section section,
	     const struct dg_policy_item *item)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[section];
	const struct dg_policy_item *old =
		dg_policy_find(a->stored, section, item->name);
	struct dg_policy_value fields[DG_POLICY_FIELDS_MAX];
	bool shown = false;

	memcpy(fields, item->fields, sizeof(fields));
	if (section == DG_POLICY_USERS) {
		enum dg_rc rc =
			find_hash(a->arena, item, old,
				  &fields[DG_USER_PASSWORD_HASH].text, a->err);

		if (rc != DG_OK)
			return rc;
	}
	if (old == NULL)
		show_item(a, '+', section, item);
	for (size_t i = 0; i < info->n_fields; i++) {
		if (old == NULL ? dg_policy_value_is_empty(&fields[i])
				: dg_policy_equal(info->fields[i].type,
						  &old->fields[i], &fields[i]))
			continue;
		if (old != NULL && !shown)
			show_item(a, '~', section, item);
		shown = true;
		show_field(a, &info->fields[i],
			   old == NULL ? NULL : &old->fields[i], &fields[i]);
	}
	if (old == NULL || shown)
		write_item(&a->changes, section, item, fields);
	return DG_OK;
}

static enum dg_rc
compare_section(struct apply *a, enum dg_policy_section section)
{
	const struct dg_policy_list *wanted = &a->file->lists[section];
	struct dg_policy_list *stored = &a->stored->lists[section];
	enum dg_rc rc = DG_OK;

	dg_json_key(&a->changes, dg_policy_sections[section].name);
	dg_json_object_open(&a->changes);
	dg_json_key(&a->changes, "set");
	dg_json_array_open(&a->changes);
	/* In the order of the file; an absent section has no items. */
	for (size_t i = 0; rc == DG_OK && i < wanted->n; i++)
		rc = compare_item(a, section, wanted->items[i]);
	dg_json_array_close(&a->changes);
	dg_json_key(&a->changes, "delete");
	dg_json_array_open(&a->changes);
	dg_policy_sort_list(stored);
	for (size_t i = 0; wanted->is_there && i < stored->n; i++) {
		const struct dg_policy_item *item = stored->items[i];

		if (dg_policy_find(a->file, section, item->name) != NULL)
			continue;
		show_item(a, '-', section, item);
		dg_json_put_str(&a->changes, item->name);
	}
	dg_json_array_close(&a->changes);
	dg_json_object_close(&a->changes);
	return rc;
}

static enum dg_rc
compare_all(struct apply *a)
{
	static const enum dg_policy_section order[] = {
		DG_POLICY_CLUSTERS, DG_POLICY_CATALOGS, DG_POLICY_USERS,
		DG_POLICY_ROLES,    DG_POLICY_TAGS,     DG_POLICY_RULES,
		DG_POLICY_ADMINS,   DG_POLICY_GROUPS};
	int wanted = a->file->default_rules;
	enum dg_rc rc = DG_OK;

	dg_json_object_open(&a->changes);
	for (size_t i = 0; rc == DG_OK && i < DG_ARRAY_LEN(order); i++)
		rc = compare_section(a, order[i]);
	if (rc == DG_OK && wanted >= 0 && wanted != a->stored->default_rules) {
		dg_json_key(&a->changes, "default_rules");
		dg_json_put_bool(&a->changes, wanted != 0);
		show(a, "~ default rules\n    enabled: %s\n",
		     wanted != 0 ? "true" : "false");
		a->n_changes++;
	}
	dg_json_object_close(&a->changes);
	if (rc == DG_OK && a->rc != DG_OK)
		rc = dg_error_set(a->err, a->rc, "the difference is too long");
	return rc;
}

enum dg_rc
dg_policy_compare(const struct dg_policy_model *file,
		  struct dg_policy_model *stored,
		  struct dg_policy_difference *difference, struct dg_error *err)
{
	struct apply a = {.file = file,
			  .stored = stored,
			  .diff = difference->diff,
			  .err = err};
	enum dg_rc rc;

	a.arena = dg_arena_create(STORED_MAX_BYTES);
	dg_json_begin(&a.changes, difference->changes);
	rc = compare_all(&a);
	if (rc == DG_OK)
		rc = dg_json_finish(&a.changes);
	difference->n_changes = a.n_changes;
	dg_arena_destroy(&a.arena);
	return rc;
}

/* ---- applying ----------------------------------------------------------- */

struct number {
	int64_t value;
};

static void
on_applied(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	   const struct dg_error *err DG_UNUSED)
{
	struct number *version = arg;

	if (rc != DG_OK || dg_pg_rows(result) != 1 ||
	    dg_str_to_i64(dg_pg_get(result, 0, 0), &version->value) != DG_OK)
		version->value = -1;
}

/* What the functions of 004_apply.sql and 005_admin.sql raise. */
static enum dg_rc
judge(enum dg_rc rc, const char *sqlstate, struct dg_error *err)
{
	if (strcmp(sqlstate, "DG003") == 0)
		return DG_OK;                 /* the dry run went through */
	if (strcmp(sqlstate, "DG001") == 0) { /* somebody was faster */
		if (err != NULL)
			err->code = DG_ERR_CONFLICT;
		return DG_ERR_CONFLICT;
	}
	return rc;
}

static const char apply_sql[] = "SELECT datagateway.apply_changes("
				"$1::jsonb, $2, $3::bigint)";
static const char write_sql[] =
	"SELECT datagateway.admin_write($1::jsonb, $2, $3::bigint, "
	"$4::boolean, $5::bigint, $6, $7, $8::integer, $9, $10)";

static struct dg_str
number_text(char *out, size_t size, int64_t number)
{
	(void)snprintf(out, size, "%lld", (long long)number);
	return dg_str_from_cstr(out);
}

enum dg_rc
dg_policy_send(struct dg_pg *pg, struct dg_loop *loop,
	       const struct dg_policy_sending *sending, int64_t *version_out,
	       struct dg_error *err)
{
	static const struct dg_store_reply no_reply;
	const struct dg_store_reply *reply =
		sending->reply == NULL ? &no_reply : sending->reply;
	char numbers[3][24];
	const struct dg_str params[] = {
		sending->changes,
		sending->actor,
		number_text(numbers[0], sizeof(numbers[0]), sending->expected),
		sending->dry_run ? DG_STR("true") : DG_STR("false"),
		number_text(numbers[1], sizeof(numbers[1]), reply->token),
		reply->key, /* NULL: none is kept */
		reply->request,
		number_text(numbers[2], sizeof(numbers[2]), reply->status),
		reply->etag,
		reply->body,
	};
	bool is_plain = !sending->dry_run && reply->key.data == NULL;
	struct number version = {-1};
	enum dg_rc rc;

	rc = dg_pg_query_wait(pg, loop, is_plain ? apply_sql : write_sql,
			      params, is_plain ? 3 : DG_ARRAY_LEN(params),
			      on_applied, &version, err);
	if (rc != DG_OK)
		rc = judge(rc, dg_pg_last_sqlstate(pg), err);
	if (rc == DG_OK)
		*version_out =
			sending->dry_run ? sending->expected : version.value;
	return rc;
}

enum dg_rc
dg_store_policy_apply(struct dg_pg *pg, struct dg_loop *loop,
		      const struct dg_store_policy_file *file,
		      struct dg_str actor, bool dry_run,
		      struct dg_buf *diff_out, struct dg_buf *effects_out,
		      size_t *changes_out, int64_t *version_out,
		      struct dg_error *err)
{
	struct dg_policy_model stored;
	struct dg_buf changes;
	struct dg_policy_difference difference = {.diff = diff_out,
						  .changes = &changes};
	int64_t version = 0;
	enum dg_rc rc;

	dg_policy_model_init(&stored, STORED_MAX_BYTES);
	dg_buf_init(&changes, CHANGES_MAX_BYTES);
	rc = dg_policy_read_stored(pg, loop, dg_str_make(NULL, 0), &stored,
				   err);
	if (rc == DG_OK)
		rc = dg_policy_check_whole(&file->model, &stored, err);
	if (rc == DG_OK)
		rc = dg_policy_compare(&file->model, &stored, &difference, err);
	version = stored.version;
	if (rc == DG_OK && effects_out != NULL && difference.n_changes > 0) {
		const struct dg_policy_effects_of of = {.file = &file->model,
							.stored = &stored};

		rc = dg_policy_effects(&of, effects_out, err);
	}
	if (rc == DG_OK && !dry_run && difference.n_changes > 0) {
		const struct dg_policy_sending sending = {
			.changes = dg_buf_peek(&changes),
			.actor = actor,
			.expected = stored.version,
		};

		rc = dg_policy_send(pg, loop, &sending, &version, err);
	}
	if (rc == DG_OK) {
		*changes_out = difference.n_changes;
		*version_out = version;
	}
	if (changes.data != NULL)
		dg_wipe(changes.data, changes.cap); /* hashes */
	dg_buf_fini(&changes);
	dg_policy_model_fini(&stored);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_item.c - one item of the policy: read, and written as a small file
 * would write it.
 *
 * A write reads the item as it is, builds what it shall be as JSON, and takes
 * the way of policy files from there. The version that was read guards what is
 * written; when somebody else was faster with anything, all of it is done
 * again, preconditions included. References to other items are checked by
 * Postgres, which sees all of them.
 */
#include <sodium.h>
#include <stdio.h>

#include "base/mem.h"
#include "policy_model.h"

enum {
	ITEM_MAX_BYTES = 64 << 20,
	CHANGES_MAX_BYTES = 64 << 20,
	WHOLE_MAX_BYTES = 1 << 30,
	ATTEMPTS = 64,
	ETAG_BYTES = 16,
};
_Static_assert(2 * ETAG_BYTES + 3 <= DG_STORE_ETAG_MAX, "an ETag fits");

bool
dg_store_section_find(struct dg_str name, unsigned *section_out)
{
	for (unsigned s = 0; s < DG_POLICY_SECTIONS; s++)
		if (dg_str_eq(name,
			      dg_str_from_cstr(dg_policy_sections[s].name))) {
			*section_out = s;
			return true;
		}
	return false;
}

/* {"users": [name]} */
static enum dg_rc
wanted_one(struct dg_buf *out, unsigned section, struct dg_str name)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	dg_json_key(&w, dg_policy_sections[section].name);
	dg_json_array_open(&w);
	dg_json_put_str(&w, name);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	return dg_json_finish(&w);
}

static enum dg_rc
read_one(struct dg_pg *pg, struct dg_loop *loop, unsigned section,
	 struct dg_str name, struct dg_policy_model *model,
	 struct dg_error *err)
{
	struct dg_buf wanted;
	enum dg_rc rc;

	dg_buf_init(&wanted, ITEM_MAX_BYTES);
	rc = wanted_one(&wanted, section, name);
	if (rc == DG_OK)
		rc = dg_policy_read_stored(pg, loop, dg_buf_peek(&wanted),
					   model, err);
	dg_buf_fini(&wanted);
	return rc;
}

/* Of all fields, so that a changed password is a change. */
static enum dg_rc
make_etag(unsigned section, const struct dg_policy_item *item,
	  char out[DG_STORE_ETAG_MAX])
{
	unsigned char hash[ETAG_BYTES];
	char hex[2 * ETAG_BYTES + 1];
	struct dg_json_writer w;
	struct dg_buf fields;
	enum dg_rc rc;

	dg_buf_init(&fields, ITEM_MAX_BYTES);
	dg_json_begin(&w, &fields);
	dg_policy_put_fields(&w, (enum dg_policy_section)section, item);
	rc = dg_json_finish(&w);
	if (rc == DG_OK) {
		struct dg_str text = dg_buf_peek(&fields);

		(void)crypto_generichash(hash, sizeof(hash),
					 (const unsigned char *)text.data,
					 text.len, NULL, 0);
		(void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
		(void)snprintf(out, DG_STORE_ETAG_MAX, "\"%s\"", hex);
	}
	if (fields.data != NULL)
		dg_wipe(fields.data, fields.cap); /* a hash */
	dg_buf_fini(&fields);
	return rc;
}

static enum dg_rc
put_item(struct dg_buf *out, unsigned section,
	 const struct dg_policy_item *item)
{
	struct dg_arena *arena = dg_arena_create(ITEM_MAX_BYTES);
	struct dg_json_writer w;
	enum dg_rc rc;

	dg_json_begin(&w, out);
	rc = dg_policy_put_item(arena, &w, (enum dg_policy_section)section,
				item);
	if (rc == DG_OK)
		rc = dg_json_finish(&w);
	dg_arena_destroy(&arena);
	return rc;
}

static enum dg_rc
not_there(unsigned section, struct dg_str name, struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_NOT_FOUND, "there is no %s \"%.*s\"",
			    dg_policy_sections[section].one, DG_STR_ARG(name));
}

enum dg_rc
dg_store_item_read(struct dg_pg *pg, struct dg_loop *loop, unsigned section,
		   struct dg_str name, struct dg_buf *json_out,
		   char etag_out[DG_STORE_ETAG_MAX], struct dg_error *err)
{
	const struct dg_policy_item *item;
	struct dg_policy_model model;
	enum dg_rc rc;

	dg_policy_model_init(&model, ITEM_MAX_BYTES);
	rc = read_one(pg, loop, section, name, &model, err);
	item = dg_policy_find(&model, (enum dg_policy_section)section, name);
	if (rc == DG_OK && item == NULL)
		rc = not_there(section, name, err);
	if (rc == DG_OK)
		rc = put_item(json_out, section, item);
	if (rc == DG_OK)
		rc = make_etag(section, item, etag_out);
	dg_policy_model_fini(&model);
	return rc;
}

/* ---- what it shall be ---------------------------------------------------- */

struct writing {
	const struct dg_store_item_write *w;
	struct dg_store_item_result *result;
	const struct dg_policy_item *old; /* NULL: not there */
	struct dg_policy_model stored;
	struct dg_store_policy_file *file; /* owned */
	bool is_outrun;                    /* somebody else wrote first */
	struct dg_error *err;
};

/* Of a merge: a secret belongs to an address, and is dropped with it. */
static bool
is_dropped(const struct writing *g, const struct dg_json *stored,
	   struct dg_str key)
{
	struct dg_str before;
	struct dg_str after;

	return g->w->section == DG_POLICY_CLUSTERS &&
	       dg_str_eq(key, DG_STR("service_secret")) &&
	       dg_json_string(dg_json_get(g->w->body, "url"), &after) &&
	       dg_json_string(dg_json_get(stored, "url"), &before) &&
	       !dg_str_eq(before, after);
}

static const struct dg_json *
find_member(const struct dg_json *object, struct dg_str key)
{
	struct dg_json_iter iter = {0};

	while (dg_json_next(object, &iter))
		if (dg_str_eq(iter.key, key))
			return iter.value;
	return NULL;
}

/* RFC 7396, one level: items have no objects in them. */
static void
put_merged(const struct writing *g, const struct dg_json *stored,
	   struct dg_json_writer *out)
{
	struct dg_json_iter iter = {0};

	while (dg_json_next(stored, &iter))
		if (find_member(g->w->body, iter.key) == NULL &&
		    !is_dropped(g, stored, iter.key)) {
			dg_json_key_str(out, iter.key);
			dg_json_put_value(out, iter.value);
		}
	iter = (struct dg_json_iter){0};
	while (dg_json_next(g->w->body, &iter))
		if (!dg_json_is_null(iter.value)) {
			dg_json_key_str(out, iter.key);
			dg_json_put_value(out, iter.value);
		}
}

/* The stored item with a value more, or less, in one of its lists. */
static void
put_listed(const struct writing *g, const struct dg_json *stored,
	   struct dg_json_writer *out)
{
	struct dg_str key = dg_str_from_cstr(g->w->key);
	const struct dg_json *list = find_member(stored, key);
	struct dg_json_iter iter = {0};

	while (dg_json_next(stored, &iter))
		if (!dg_str_eq(iter.key, key)) {
			dg_json_key_str(out, iter.key);
			dg_json_put_value(out, iter.value);
		}
	dg_json_key_str(out, key);
	dg_json_array_open(out);
	for (size_t i = 0; i < dg_json_size(list); i++) {
		struct dg_str value = DG_STR_EMPTY;

		if (dg_json_string(dg_json_at(list, i), &value) &&
		    !dg_str_eq(value, g->w->value))
			dg_json_put_str(out, value);
	}
	if (g->w->how == DG_STORE_ADD)
		dg_json_put_str(out, g->w->value);
	dg_json_array_close(out);
}

static void
put_body(const struct writing *g, struct dg_json_writer *out)
{
	struct dg_json_iter iter = {0};

	if (dg_json_get(g->w->body, "name") == NULL) {
		dg_json_key(out, "name");
		dg_json_put_str(out, g->w->name);
	}
	while (dg_json_next(g->w->body, &iter)) {
		dg_json_key_str(out, iter.key);
		dg_json_put_value(out, iter.value);
	}
}

static enum dg_rc
parse_stored(const struct writing *g, struct dg_json **out)
{
	struct dg_buf text;
	enum dg_rc rc;

	dg_buf_init(&text, ITEM_MAX_BYTES);
	rc = put_item(&text, g->w->section, g->old);
	if (rc == DG_OK)
		rc = dg_json_parse(dg_buf_peek(&text), ITEM_MAX_BYTES, out,
				   g->err);
	dg_buf_fini(&text);
	return rc;
}

/* {"users": [{...}]}, or no item in it when it shall be gone. */
static enum dg_rc
compose(const struct writing *g, struct dg_buf *out)
{
	struct dg_json *stored = NULL;
	struct dg_json_writer w;
	enum dg_rc rc;

	if (g->old != NULL) {
		rc = parse_stored(g, &stored);
		if (rc != DG_OK)
			return rc;
	}
	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	dg_json_key(&w, dg_policy_sections[g->w->section].name);
	dg_json_array_open(&w);
	switch (g->w->how) {
	case DG_STORE_CREATE:
	case DG_STORE_PUT:
		dg_json_object_open(&w);
		put_body(g, &w);
		dg_json_object_close(&w);
		break;
	case DG_STORE_MERGE:
		dg_json_object_open(&w);
		put_merged(g, stored, &w);
		dg_json_object_close(&w);
		break;
	case DG_STORE_ADD:
	case DG_STORE_REMOVE:
		dg_json_object_open(&w);
		put_listed(g, stored, &w);
		dg_json_object_close(&w);
		break;
	case DG_STORE_DELETE:
		break;
	}
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	rc = dg_json_finish(&w);
	dg_json_destroy(&stored);
	return rc;
}

/* "/rules/0/columns" of the document is "/columns" of the body. */
static enum dg_rc
take_errors(const struct writing *g, const struct dg_buf *errors)
{
	struct dg_str rest = dg_buf_peek(errors);
	struct dg_str line;
	enum dg_rc rc = DG_OK;

	while (rc == DG_OK && dg_str_split(&rest, '\n', &line)) {
		size_t at = dg_str_find(line, '/', 1);
		size_t tab = dg_str_find(line, '\t', 0);

		if (line.len == 0)
			continue;
		at = dg_str_find(line, '/', at + 1);
		if (at > tab)
			at = tab;
		rc = dg_buf_appendf(
			g->result->errors, "%.*s\n",
			DG_STR_ARG(dg_str_slice(line, at, line.len)));
	}
	return rc;
}

static enum dg_rc
parse_composed(struct writing *g)
{
	struct dg_json *root = NULL;
	struct dg_buf text;
	struct dg_buf errors;
	enum dg_rc rc;

	dg_buf_init(&text, ITEM_MAX_BYTES);
	dg_buf_init(&errors, ITEM_MAX_BYTES);
	rc = compose(g, &text);
	if (rc == DG_OK)
		rc = dg_json_parse(dg_buf_peek(&text), ITEM_MAX_BYTES, &root,
				   g->err);
	if (rc == DG_OK)
		rc = dg_store_policy_parse_json(root, true, &g->file, &errors);
	if (rc == DG_ERR_INVALID && dg_buf_len(&errors) > 0)
		rc = take_errors(g, &errors) == DG_OK
			     ? dg_error_set(
				       g->err, DG_ERR_INVALID,
				       "the %s does not make sense",
				       dg_policy_sections[g->w->section].one)
			     : DG_ERR_LIMIT;
	dg_json_destroy(&root);
	if (text.data != NULL)
		dg_wipe(text.data, text.cap); /* a password */
	dg_buf_fini(&text);
	dg_buf_fini(&errors);
	return rc;
}

/* ---- writing ------------------------------------------------------------- */

static bool
has_value(const struct writing *g)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[g->w->section];

	for (size_t i = 0; i < info->n_fields; i++) {
		const struct dg_policy_value *list = &g->old->fields[i];

		if (strcmp(info->fields[i].name, g->w->key) != 0)
			continue;
		for (size_t j = 0; j < list->n_items; j++)
			if (dg_str_eq(list->items[j], g->w->value))
				return true;
	}
	return false;
}

static enum dg_rc
stale(const struct writing *g, const char *why)
{
	g->result->is_stale = true;
	return dg_error_set(g->err, DG_ERR_CONFLICT, "%s \"%.*s\" %s",
			    dg_policy_sections[g->w->section].one,
			    DG_STR_ARG(g->w->name), why);
}

/* Whether what is asked for can be done with what is there. */
static enum dg_rc
check_there(const struct writing *g)
{
	const struct dg_store_item_write *w = g->w;
	bool is_new = w->how == DG_STORE_CREATE || w->how == DG_STORE_PUT;

	if (g->old == NULL && !is_new)
		return not_there(w->section, w->name, g->err);
	if (g->old != NULL && w->how == DG_STORE_CREATE)
		return dg_error_set(g->err, DG_ERR_CONFLICT,
				    "%s \"%.*s\" exists already",
				    dg_policy_sections[w->section].one,
				    DG_STR_ARG(w->name));
	if (w->how == DG_STORE_REMOVE && !has_value(g))
		return dg_error_set(g->err, DG_ERR_NOT_FOUND,
				    "\"%.*s\" is not in %s of %s \"%.*s\"",
				    DG_STR_ARG(w->value), w->key,
				    dg_policy_sections[w->section].one,
				    DG_STR_ARG(w->name));
	return DG_OK;
}

/* After the body: what makes no sense is refused whatever is there. */
static enum dg_rc
check_preconditions(const struct writing *g)
{
	const struct dg_store_item_write *w = g->w;
	char etag[DG_STORE_ETAG_MAX];
	enum dg_rc rc;

	if (g->old == NULL)
		return w->if_match.len == 0 ? DG_OK
					    : stale(g, "does not exist");
	if (w->if_none_match)
		return stale(g, "exists already");
	if (w->if_match.len == 0 || dg_str_eq(w->if_match, DG_STR("*")))
		return DG_OK;
	rc = make_etag(w->section, g->old, etag);
	if (rc == DG_OK && !dg_str_eq(w->if_match, dg_str_from_cstr(etag)))
		return stale(g, "was changed meanwhile");
	return rc;
}

/* The names of body and path are one. */
static enum dg_rc
check_name(const struct writing *g)
{
	struct dg_str name;

	if (g->w->how == DG_STORE_DELETE ||
	    dg_json_get(g->w->body, "name") == NULL)
		return DG_OK;
	if (dg_json_string(dg_json_get(g->w->body, "name"), &name) &&
	    dg_str_eq(name, g->w->name))
		return DG_OK;
	if (dg_buf_appendf(g->result->errors,
			   "/name\tis not the name in the path\n") != DG_OK)
		return DG_ERR_LIMIT;
	return dg_error_set(g->err, DG_ERR_INVALID,
			    "a %s keeps its name; make another one",
			    dg_policy_sections[g->w->section].one);
}

static enum dg_rc
describe(struct writing *g, const struct dg_policy_list *list)
{
	struct dg_policy_item *item = list->n == 0 ? NULL : list->items[0];
	enum dg_rc rc;

	if (item == NULL)
		return DG_OK;
	if (g->w->section == DG_POLICY_USERS) {
		rc = dg_policy_settle_password(g->file->model.arena, item,
					       g->old, g->err);
		if (rc != DG_OK)
			return rc;
	}
	rc = put_item(g->result->item, g->w->section, item);
	if (rc == DG_OK)
		rc = make_etag(g->w->section, item, g->result->etag);
	return rc;
}

static enum dg_rc
send(struct writing *g, struct dg_pg *pg, struct dg_loop *loop,
     struct dg_str changes)
{
	struct dg_store_reply reply = g->w->reply;
	const struct dg_policy_sending sending = {
		.changes = changes,
		.actor = g->w->actor,
		.expected = g->stored.version,
		.dry_run = g->w->dry_run,
		.reply = &reply,
	};
	enum dg_rc rc;

	reply.status = g->w->how == DG_STORE_DELETE ? 204
		       : g->old == NULL             ? 201
						    : 200;
	reply.etag = dg_str_from_cstr(g->result->etag);
	reply.body = dg_buf_peek(g->result->item);
	rc = dg_policy_send(pg, loop, &sending, &g->result->version, g->err);
	g->is_outrun = rc == DG_ERR_CONFLICT &&
		       strcmp(dg_pg_last_sqlstate(pg), "DG001") == 0;
	return rc;
}

/* For all of the policy has to be read: a dry run may take its time. */
static enum dg_rc
find_effects(struct writing *g, struct dg_pg *pg, struct dg_loop *loop)
{
	struct dg_policy_model whole;
	const struct dg_policy_effects_of of = {
		.file = &g->file->model,
		.stored = &whole,
		.replaced = g->w->name,
		.admins = g->w->admins,
		.n_admins = g->w->n_admins,
	};
	enum dg_rc rc;

	dg_policy_model_init(&whole, WHOLE_MAX_BYTES);
	rc = dg_policy_read_stored(pg, loop, dg_str_make(NULL, 0), &whole,
				   g->err);
	if (rc == DG_OK)
		rc = dg_policy_effects(&of, g->result->effects, g->err);
	dg_policy_model_fini(&whole);
	return rc;
}

static enum dg_rc
write_once(struct writing *g, struct dg_pg *pg, struct dg_loop *loop)
{
	struct dg_buf changes;
	struct dg_policy_difference difference = {.diff = g->result->diff,
						  .changes = &changes};
	enum dg_rc rc;

	dg_buf_init(&changes, CHANGES_MAX_BYTES);
	rc = read_one(pg, loop, g->w->section, g->w->name, &g->stored, g->err);
	g->old = dg_policy_find(
		&g->stored, (enum dg_policy_section)g->w->section, g->w->name);
	if (rc == DG_OK)
		rc = check_there(g);
	if (rc == DG_OK)
		rc = parse_composed(g);
	if (rc == DG_OK && g->w->admins != NULL)
		rc = dg_policy_permit(g->w->admins, g->w->n_admins,
				      &g->file->model, &g->stored, g->err);
	if (rc == DG_OK)
		rc = check_preconditions(g);
	if (rc == DG_OK)
		rc = describe(g, &g->file->model.lists[g->w->section]);
	if (rc == DG_OK)
		rc = dg_policy_compare(&g->file->model, &g->stored, &difference,
				       g->err);
	g->result->version = g->stored.version;
	g->result->is_created = g->old == NULL;
	g->result->n_changes = difference.n_changes;
	if (rc == DG_OK && difference.n_changes > 0)
		rc = send(g, pg, loop, dg_buf_peek(&changes));
	if (rc == DG_OK && g->w->dry_run && g->result->effects != NULL)
		rc = find_effects(g, pg, loop);
	if (changes.data != NULL)
		dg_wipe(changes.data, changes.cap);
	dg_buf_fini(&changes);
	return rc;
}

enum dg_rc
dg_store_item_write(struct dg_pg *pg, struct dg_loop *loop,
		    const struct dg_store_item_write *write,
		    struct dg_store_item_result *result, struct dg_error *err)
{
	struct writing g = {.w = write, .result = result, .err = err};
	enum dg_rc rc = check_name(&g);

	for (unsigned i = 0; rc == DG_OK && i < ATTEMPTS; i++) {
		dg_buf_clear(result->item);
		dg_buf_clear(result->diff);
		result->etag[0] = '\0';
		dg_policy_model_init(&g.stored, ITEM_MAX_BYTES);
		rc = write_once(&g, pg, loop);
		dg_store_policy_destroy(&g.file);
		dg_policy_model_fini(&g.stored);
		if (!g.is_outrun)
			return rc;
		g.is_outrun = false;
		rc = DG_OK;
	}
	if (rc != DG_OK)
		return rc;
	return dg_error_set(err, DG_ERR_UNAVAILABLE,
			    "others change the policy all the time");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize_words.c - see authorize_words.h.
 *
 * The words are the engines' own where they say enough, because tools and
 * people match on them (protocol.md 5.1).
 */
#include "authorize_words.h"

#include <stdio.h>

enum { MESSAGE_MAX = 1024 };

/* What does not fit is dropped; the caller says so. */
static bool
say(struct dg_buf *out, struct dg_str text)
{
	return dg_buf_append(out, text) == DG_OK;
}

static bool
say_cstr(struct dg_buf *out, const char *text)
{
	return say(out, dg_str_from_cstr(text));
}

static bool
say_object(struct dg_buf *out, const struct dg_acl_object *object)
{
	const struct dg_str parts[] = {object->catalog, object->schema,
				       object->name};
	bool first = true;
	bool ok = true;

	for (size_t i = 0; i < DG_ARRAY_LEN(parts) && ok; i++) {
		if (parts[i].len == 0)
			continue;
		ok = (first || say(out, DG_STR("."))) && say(out, parts[i]);
		first = false;
	}
	return ok;
}

static bool
say_columns(struct dg_buf *out, const struct dg_str *names, size_t n)
{
	bool ok = say(out, DG_STR(" columns ["));

	for (size_t i = 0; i < n && ok; i++)
		ok = (i == 0 || say(out, DG_STR(", "))) && say(out, names[i]);
	return ok && say(out, DG_STR("] in table "));
}

static bool
say_property(struct dg_buf *out, struct dg_str name)
{
	return say(out, dg_str_find(name, '.', 0) < name.len
				? DG_STR("set catalog session property ")
				: DG_STR("set system session property ")) &&
	       say(out, name);
}

static bool
say_table(struct dg_buf *out, const struct dg_authorize_check *check)
{
	const struct dg_acl_outcome *outcome = &check->outcome;
	bool ok = say_cstr(out, check->map.verb);

	if (ok && outcome->n_missing > 0 && !check->name_only)
		ok = say_columns(out, outcome->missing, outcome->n_missing);
	else
		ok = ok && say(out, DG_STR(" table "));
	ok = ok && say_object(out, &check->object);
	if (ok && outcome->reason == DG_ACL_R_COLUMNS_UNKNOWN &&
	    !check->name_only)
		ok = say(out, DG_STR(" (its columns are not known, and your "
				     "rights depend on them)"));
	return ok;
}

/* "change privilege select on table a.b.c" */
static bool
say_grant(struct dg_buf *out, const struct dg_authorize_check *check)
{
	return say(out, DG_STR("change privilege ")) &&
	       say(out, check->access->name) &&
	       say(out, check->map.kind == DG_ACL_SCHEMA
				? DG_STR(" on schema ")
				: DG_STR(" on table ")) &&
	       say_object(out, &check->object);
}

static bool
say_action(struct dg_buf *out, const struct dg_authorize_check *check)
{
	const struct dg_sql_access *access = check->access;

	if (access->action == DG_SQL_ACT_SHOW_CATALOGS)
		return say_cstr(out, check->map.verb);
	if (access->action == DG_SQL_ACT_GRANT_TABLE ||
	    access->action == DG_SQL_ACT_GRANT_SCHEMA)
		return say_grant(out, check);
	if (check->map.kind == DG_ACL_TABLE &&
	    (check->map.privilege == DG_ACL_P_SELECT ||
	     check->map.privilege == DG_ACL_P_UPDATE))
		return say_table(out, check);
	if (check->map.kind == DG_ACL_PROPERTY)
		return say_property(out, check->object.name);
	return say_cstr(out, check->map.verb) && say(out, DG_STR(" ")) &&
	       say_object(out, &check->object);
}

/* What to ask for, where the words do not say it already: "(needs alter)". */
static bool
say_need(struct dg_buf *out, const struct dg_authorize_check *check)
{
	const char *name = dg_acl_privilege_name(check->map.privilege);

	if (check->map.way != DG_BY_PRIVILEGE ||
	    strncmp(check->map.verb, name, strlen(name)) == 0)
		return true;
	return say(out, DG_STR(" (needs ")) && say_cstr(out, name) &&
	       say(out, DG_STR(")"));
}

/* The word of who wrote the deny. */
static bool
say_reason(const struct dg_authorize_words *w, struct dg_buf *out,
	   const struct dg_authorize_check *check)
{
	const struct dg_acl_outcome *outcome = &check->outcome;

	if (outcome->reason != DG_ACL_R_DENIED_BY_RULE ||
	    outcome->rule_reason.len == 0 || check->name_only ||
	    w->request->minimal)
		return true;
	return say(out, DG_STR(": ")) && say(out, outcome->rule_reason);
}

/* How far the text has been gone through. */
struct place {
	size_t offset;
	unsigned line;
	unsigned column;
};

/* On to an offset: the text is gone through once for all refusals. */
static void
go_on(struct place *at, struct dg_str text, size_t offset)
{
	unsigned line;
	unsigned column;

	if (offset > text.len)
		offset = text.len;
	if (offset < at->offset)
		*at = (struct place){.line = 1, .column = 1};
	dg_sql_locate(dg_str_slice(text, at->offset, offset),
		      offset - at->offset, &line, &column);
	at->column = line > 1 ? column : at->column + column - 1;
	at->line += line - 1;
	at->offset = offset;
}

/* "line 3:8: Cannot ..."; headers have no place in the text. */
static bool
say_refusal(const struct dg_authorize_words *w, struct place *at,
	    struct dg_buf *out, const struct dg_authorize_check *check)
{
	char where[48];

	if (w->request->text.len > 0) {
		go_on(at, w->request->text, check->offset);
		snprintf(where, sizeof(where), "line %u:%u: ", at->line,
			 at->column);
		if (!say_cstr(out, where))
			return false;
	}
	if (check->access->is_passing)
		return say(out, check->access->reason);
	if (check->access->action == DG_SQL_ACT_OPAQUE)
		return say(out, DG_STR("Nobody can run this through the "
				       "gateway: ")) &&
		       say(out, check->access->reason);
	return say(out, DG_STR("Cannot ")) && say_action(out, check) &&
	       say_need(out, check) && say_reason(w, out, check);
}

/* " (ask ...; statement id ...)" */
static bool
say_help(const struct dg_authorize_request *request, struct dg_buf *out)
{
	bool help = request->help.len > 0;
	bool id = request->statement_id.len > 0;

	if (!help && !id)
		return true;
	return say(out, DG_STR(" (")) && say(out, request->help) &&
	       say(out, help && id ? DG_STR("; ") : DG_STR_EMPTY) &&
	       (!id || (say(out, DG_STR("statement id ")) &&
			say(out, request->statement_id))) &&
	       say(out, DG_STR(")"));
}

enum {
	ITEM_MAX = 480,  /* one refusal */
	ITEMS_MAX = 700, /* all of them; help and statement id follow */
};

/* A refusal that is longer than its share is cut. */
static void
word_item(const struct dg_authorize_words *w, struct place *at,
	  const struct dg_authorize_check *check, struct dg_buf *item)
{
	dg_buf_clear(item);
	if (say_refusal(w, at, item, check))
		return;
	if (dg_buf_len(item) > ITEM_MAX - 3)
		dg_buf_truncate(item, ITEM_MAX - 3);
	(void)say(item, DG_STR("..."));
}

static bool
word_items(const struct dg_authorize_words *w, struct dg_buf *item,
	   struct dg_buf *text)
{
	struct place at = {.line = 1, .column = 1};
	size_t unsaid = 0;
	bool first = true;

	if (!w->is_passing && !say(text, DG_STR("Access Denied: ")))
		return false;
	for (size_t i = 0; i < w->n_refused; i++) {
		struct dg_str words;

		word_item(w, &at, w->refused[i], item);
		words = dg_buf_peek(item);
		if (!first && dg_buf_len(text) + words.len > ITEMS_MAX) {
			unsaid++;
			continue;
		}
		if ((!first && !say(text, DG_STR("; "))) || !say(text, words))
			return false;
		first = false;
	}
	return unsaid == 0 ||
	       dg_buf_appendf(text, " and %zu more", unsaid) == DG_OK;
}

enum dg_rc
dg_authorize_say(const struct dg_authorize_words *w, struct dg_arena *arena,
		 struct dg_str *out)
{
	struct dg_buf item;
	struct dg_buf text;
	enum dg_rc rc = DG_ERR_LIMIT;

	dg_buf_init(&item, ITEM_MAX);
	dg_buf_init(&text, MESSAGE_MAX);
	if (!word_items(w, &item, &text))
		goto out;
	/* A help text that does not fit is left out. */
	(void)say_help(w->request, &text);
	*out = dg_arena_str(arena, dg_buf_peek(&text));
	if (out->data != NULL)
		rc = DG_OK;
out:
	dg_buf_fini(&text);
	dg_buf_fini(&item);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_audit.c - `datagateway admin audit`: who read what, and who changed the
 * policy about it, in one list, the newest first.
 *
 * Asks for statements and for changes with the filters that each knows; a
 * filter that only statements have leaves the changes out.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin_client.h"
#include "base/clock.h"
#include "base/mem.h"

enum { TARGET_MAX = 1 << 16, LIST_MAX = 128 << 20, LIMIT_MAX = 1000 };

static const char help[] =
	"Usage: datagateway admin audit [FILTER=VALUE]... [OPTION]...\n"
	"Who read what, and who changed the policy, the newest first.\n\n"
	"  user=NAME         who did it\n"
	"  object=CATALOG.SCHEMA.TABLE.COLUMN, or less of it: statements that\n"
	"                    needed a right on it, rules and tags that name "
	"it\n"
	"  since=30m|12h|7d, from=TIME, to=TIME\n"
	"  decision=allowed|denied|..., cluster=NAME, q=PART OF THE TEXT,\n"
	"  statement_id=ID, query_id=ID, fingerprint=HEX: statements only\n"
	"  what=statements|changes, limit=N (100)\n";

/* What the two lists call a filter; NULL: it has none. */
static const struct filter {
	const char *name;
	const char *of_statements;
	const char *of_changes;
} filters[] = {
	{"user", "principal", "actor"},
	{"object", "object", "about"},
	{"from", "from", "from"},
	{"to", "to", "to"},
	{"decision", "decision", NULL},
	{"cluster", "cluster", NULL},
	{"q", "q", NULL},
	{"statement_id", "statement_id", NULL},
	{"query_id", "query_id", NULL},
	{"fingerprint", "fingerprint", NULL},
};

struct search {
	struct dg_cli_admin admin;
	struct dg_buf statements; /* parameters of the query */
	struct dg_buf changes;
	uint64_t limit;
	bool no_statements;
	bool no_changes;
};

/* ---- the question -------------------------------------------------------- */

static bool
add_parameter(struct dg_buf *out, const char *name, struct dg_str value)
{
	return dg_buf_appendf(out, "&%s=", name) == DG_OK &&
	       dg_cli_encode(out, value) == DG_OK;
}

/* "12h" -> the time that long ago, as the API takes it. */
static bool
add_since(struct search *s, struct dg_str value)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}};
	uint64_t n = 0;
	uint64_t seconds = 0;
	char text[32];
	struct tm tm;
	time_t then;

	if (value.len < 2 ||
	    dg_str_to_u64(dg_str_slice(value, 0, value.len - 1), &n) != DG_OK ||
	    n > 100000)
		return false;
	for (size_t i = 0; i < DG_ARRAY_LEN(units); i++)
		if (value.data[value.len - 1] == units[i].unit)
			seconds = n * units[i].seconds;
	if (seconds == 0)
		return false;
	then = (time_t)(dg_clock_wall_us() / 1000000 - (int64_t)seconds);
	if (gmtime_r(&then, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return false;
	return add_parameter(&s->statements, "from", dg_str_from_cstr(text)) &&
	       add_parameter(&s->changes, "from", dg_str_from_cstr(text));
}

static bool
add_filter(struct search *s, struct dg_str name, struct dg_str value)
{
	if (dg_str_eq(name, DG_STR("since")))
		return add_since(s, value);
	if (dg_str_eq(name, DG_STR("limit")))
		return dg_str_to_u64(value, &s->limit) == DG_OK &&
		       s->limit >= 1 && s->limit <= LIMIT_MAX;
	if (dg_str_eq(name, DG_STR("what"))) {
		s->no_changes = dg_str_eq(value, DG_STR("statements"));
		s->no_statements = dg_str_eq(value, DG_STR("changes"));
		return s->no_changes || s->no_statements;
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(filters); i++) {
		const struct filter *f = &filters[i];

		if (!dg_str_eq(name, dg_str_from_cstr(f->name)))
			continue;
		if (f->of_changes == NULL)
			s->no_changes = true;
		return add_parameter(&s->statements, f->of_statements, value) &&
		       (f->of_changes == NULL ||
			add_parameter(&s->changes, f->of_changes, value));
	}
	return false;
}

static bool
read_words(struct search *s)
{
	for (size_t i = 0; i < s->admin.n_words; i++) {
		struct dg_str word = dg_str_from_cstr(s->admin.words[i]);
		size_t equals = dg_str_find(word, '=', 0);

		if (equals == word.len ||
		    !add_filter(s, dg_str_slice(word, 0, equals),
				dg_str_slice(word, equals + 1, word.len))) {
			(void)dg_cli_usage_error("admin audit",
						 "%s is no filter, or has a "
						 "value that it cannot have",
						 s->admin.words[i]);
			return false;
		}
	}
	return true;
}

/* *list_out stays NULL when it is not wanted. False after a complaint. */
static bool
fetch(struct search *s, const char *path, const struct dg_buf *parameters,
      bool is_unwanted, struct dg_json **list_out)
{
	struct dg_buf target;
	bool ok;

	if (is_unwanted)
		return true;
	dg_buf_init(&target, TARGET_MAX);
	ok = dg_buf_appendf(&target, "%s?limit=%u%.*s", path,
			    (unsigned)s->limit,
			    DG_STR_ARG(dg_buf_peek(parameters))) == DG_OK &&
	     dg_cli_admin_ask(&s->admin, "GET", dg_buf_peek(&target), NULL,
			      DG_STR_EMPTY) &&
	     dg_cli_admin_reply(&s->admin, list_out);
	dg_buf_fini(&target);
	return ok;
}

/* ---- the answer ---------------------------------------------------------- */

static struct dg_str
text_of(const struct dg_json *entry, const char *key)
{
	struct dg_str text = DG_STR_EMPTY;

	(void)dg_json_string(dg_json_get(entry, key), &text);
	return text;
}

static void
put_text(struct dg_json_writer *w, const char *key, struct dg_str text)
{
	dg_json_key(w, key);
	dg_json_put_str(w, text);
}

static const char *
done_by(const struct dg_json *change)
{
	if (dg_json_is_object(dg_json_get(change, "before")))
		return dg_json_is_object(dg_json_get(change, "after"))
			       ? "changed"
			       : "removed";
	return "added";
}

/* Statements and changes under the same keys. */
static void
put_entry(struct dg_json_writer *w, const struct dg_json *entry,
	  bool is_statement)
{
	int64_t version = 0;
	char id[24];

	(void)dg_json_int(dg_json_get(entry, "version"), &version);
	(void)snprintf(id, sizeof(id), "version %lld", (long long)version);
	dg_json_object_open(w);
	put_text(w, "at", text_of(entry, "at"));
	put_text(w, "who",
		 text_of(entry, is_statement ? "principal" : "actor"));
	put_text(w, "what",
		 text_of(entry, is_statement ? "statement" : "object"));
	put_text(w, "result",
		 is_statement ? text_of(entry, "decision")
			      : dg_str_from_cstr(done_by(entry)));
	put_text(w, "id",
		 is_statement ? text_of(entry, "statement_id")
			      : dg_str_from_cstr(id));
	put_text(w, "text", text_of(entry, is_statement ? "text" : "name"));
	dg_json_key(w, is_statement ? "statement" : "change");
	dg_json_put_value(w, entry);
	dg_json_object_close(w);
}

/* Both lists begin with the newest; their times compare as texts. */
static enum dg_rc
merge(const struct search *s, const struct dg_json *statements,
      const struct dg_json *changes, struct dg_buf *out)
{
	struct dg_json_writer w;
	size_t i = 0;
	size_t j = 0;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	dg_json_key(&w, "items");
	dg_json_array_open(&w);
	while (i + j < s->limit) {
		const struct dg_json *statement = dg_json_at(statements, i);
		const struct dg_json *change = dg_json_at(changes, j);
		bool is_statement = change == NULL ||
				    (statement != NULL &&
				     dg_str_cmp(text_of(statement, "at"),
						text_of(change, "at")) >= 0);

		if (statement == NULL && change == NULL)
			break;
		put_entry(&w, is_statement ? statement : change, is_statement);
		i += is_statement;
		j += !is_statement;
	}
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	return dg_json_finish(&w);
}

static bool
show(const struct search *s, const struct dg_buf *merged)
{
	static const struct dg_cli_resource columns = {
		.name = "audit", .columns = "at who what result id text"};
	struct dg_json *list = NULL;
	struct dg_str text = dg_buf_peek(merged);

	if (s->admin.json) {
		(void)fwrite(text.data, 1, text.len, stdout);
		putchar('\n');
		return true;
	}
	if (dg_json_parse(text, LIST_MAX, &list, NULL) != DG_OK)
		return false;
	dg_cli_table(&columns, dg_json_get(list, "items"));
	dg_json_destroy(&list);
	return true;
}

static bool
search(struct search *s)
{
	struct dg_json *statements = NULL;
	struct dg_json *changes = NULL;
	struct dg_buf merged;
	bool ok;

	dg_buf_init(&merged, LIST_MAX);
	ok = fetch(s, "/audit", &s->statements, s->no_statements,
		   &statements) &&
	     fetch(s, "/changes", &s->changes, s->no_changes, &changes);
	if (ok && (merge(s, dg_json_get(statements, "items"),
			 dg_json_get(changes, "items"), &merged) != DG_OK ||
		   !show(s, &merged))) {
		dg_cli_complain("admin audit", "the list is too long");
		ok = false;
	}
	dg_json_destroy(&statements);
	dg_json_destroy(&changes);
	dg_buf_fini(&merged);
	return ok;
}

enum dg_exit
dg_command_admin_audit(int argc, char **argv)
{
	struct search s = {.limit = 100};
	enum dg_exit status;
	bool done;

	status = dg_cli_admin_open(&s.admin, "admin audit", help, argc, argv,
				   &done);
	if (done)
		return status;
	dg_buf_init(&s.statements, TARGET_MAX / 2);
	dg_buf_init(&s.changes, TARGET_MAX / 2);
	if (!read_words(&s))
		status = DG_EXIT_USAGE;
	else
		status = search(&s) ? DG_EXIT_OK : DG_EXIT_FAILED;
	dg_buf_fini(&s.statements);
	dg_buf_fini(&s.changes);
	dg_cli_admin_close(&s.admin);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.c - see view.h. Pure: columns_query.c sends the questions.
 *
 * Invariant: what is asked of a view's reader is never left out for want of an
 * answer; the look-up fails then, or the view is DG_SQL_VIEW_UNKNOWN.
 */
#include "metadata/view.h"

#include "base/json.h"
#include "metadata/columns_query.h"
#include "metadata/cross_check.h"

enum {
	BODY_MAX = 2 << 20,
	READS_MAX = 10000,
	PRESTO_MATERIALIZED = 245, /* since 0.245 */
};

/* ---- what is asked ----------------------------------------------------- */

enum dg_view_question
dg_view_begin_by_name(const struct dg_view_asking *asking)
{
	/* What every catalog has is made of no text. */
	if (dg_str_eq(asking->table.schema, DG_STR("information_schema")) ||
	    !dg_sql_has_reader_views(asking->engine))
		return DG_VIEW_NOTHING;
	return DG_VIEW_CREATE;
}

enum dg_view_question
dg_view_begin(const struct dg_view_asking *asking)
{
	enum dg_view_question first = dg_view_begin_by_name(asking);

	return first == DG_VIEW_CREATE && asking->engine.dialect == DG_SQL_TRINO
		       ? DG_VIEW_TOUCHED
		       : first;
}

static bool
asks_views(const struct dg_view_asking *asking, enum dg_view_question question)
{
	return question == DG_VIEW_CREATE &&
	       asking->engine.dialect == DG_SQL_PRESTO;
}

enum dg_rc
dg_view_statement(const struct dg_view_asking *asking,
		  enum dg_view_question question, struct dg_str *text_out)
{
	bool of_views = asks_views(asking, question);
	char quote = of_views ? '\'' : '"';
	struct dg_sql_name q;

	if (dg_columns_quote(asking->table.catalog, '"', asking->arena,
			     &q.catalog) != DG_OK ||
	    dg_columns_quote(asking->table.schema, quote, asking->arena,
			     &q.schema) != DG_OK ||
	    dg_columns_quote(asking->table.table, quote, asking->arena,
			     &q.table) != DG_OK)
		return DG_ERR_LIMIT;
	if (of_views)
		*text_out = dg_arena_printf(
			asking->arena,
			"SELECT view_owner, view_definition FROM %.*s."
			"information_schema.views WHERE table_schema = %.*s "
			"AND table_name = %.*s",
			DG_STR_ARG(q.catalog), DG_STR_ARG(q.schema),
			DG_STR_ARG(q.table));
	else
		*text_out = dg_arena_printf(
			asking->arena, "SHOW CREATE %sVIEW %.*s.%.*s.%.*s",
			question == DG_VIEW_CREATE ? "" : "MATERIALIZED ",
			DG_STR_ARG(q.catalog), DG_STR_ARG(q.schema),
			DG_STR_ARG(q.table));
	return text_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

static struct dg_sql_view *
get_view(struct dg_view_asking *asking)
{
	if (asking->view == NULL)
		asking->view = DG_ARENA_NEW(asking->arena, struct dg_sql_view);
	return asking->view;
}

/* ---- what the query touched (Trino) ------------------------------------ */

static bool
copy_part(struct dg_view_asking *asking, const struct dg_json *entry,
	  const char *key, struct dg_str *part_out)
{
	struct dg_str part;

	if (!dg_json_string(dg_json_get(entry, key), &part))
		return false;
	*part_out = dg_arena_str(asking->arena, part);
	return part_out->data != NULL;
}

static bool
copy_columns(struct dg_view_asking *asking, const struct dg_json *columns,
	     struct dg_sql_view_read *read)
{
	size_t n = dg_json_size(columns);
	struct dg_str *names = DG_ARENA_ARRAY(asking->arena, struct dg_str, n);

	if (names == NULL || !dg_json_is_array(columns))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct dg_str name;

		if (!copy_part(asking, dg_json_at(columns, i), "column",
			       &name) ||
		    dg_sql_fold_column(asking->arena, asking->engine.dialect,
				       name, &names[i]) != DG_OK)
			return false;
	}
	read->columns = names;
	read->n_columns = n;
	return true;
}

/* Read on the view's behalf; with the asking user's rights: its reader's. */
static bool
copy_read(struct dg_view_asking *asking, const struct dg_json *entry,
	  struct dg_sql_view_read *read)
{
	if (!copy_part(asking, entry, "catalog", &read->table.catalog) ||
	    !copy_part(asking, entry, "schema", &read->table.schema) ||
	    !copy_part(asking, entry, "table", &read->table.table) ||
	    !copy_part(asking, entry, "authorization", &read->owner) ||
	    !copy_columns(asking, dg_json_get(entry, "columns"), read))
		return false;
	if (dg_str_eq(read->owner, asking->user))
		read->owner = DG_STR_EMPTY;
	return true;
}

static bool
copy_reads(struct dg_view_asking *asking, const struct dg_json *tables,
	   bool *may_be_view_out)
{
	size_t n = dg_json_size(tables);
	struct dg_sql_view_read *reads;
	struct dg_sql_view *view;
	size_t kept = 0;

	*may_be_view_out = false;
	if (n > READS_MAX)
		return false;
	reads = DG_ARENA_ARRAY(asking->arena, struct dg_sql_view_read, n);
	for (size_t i = 0; reads != NULL && i < n; i++) {
		const struct dg_json *entry = dg_json_at(tables, i);
		bool direct;

		if (!dg_json_bool(dg_json_get(entry, "directlyReferenced"),
				  &direct))
			return false;
		/* Versions with chains have the text of what is a view. */
		if (direct && dg_json_get(entry, "viewText") != NULL)
			asking->is_view = true;
		if (direct && dg_json_get(entry, "referenceChain") == NULL)
			*may_be_view_out = true;
		if (direct || dg_check_is_of_a_filter(entry))
			continue;
		if (!copy_read(asking, entry, &reads[kept++]))
			return false;
	}
	*may_be_view_out = *may_be_view_out || asking->is_view || kept > 0;
	if (kept == 0)
		return reads != NULL;
	view = get_view(asking);
	if (view == NULL)
		return false;
	view->is_told = true;
	view->reads = reads;
	view->n_reads = kept;
	return true;
}

static enum dg_rc
read_touched(struct dg_view_asking *asking, const struct dg_json *root,
	     enum dg_view_question *next_out, const char **why_out)
{
	const struct dg_json *tables = dg_json_get(root, "referencedTables");
	bool may_be_view;

	*why_out = "what the query for columns touched cannot be read";
	if (!dg_json_is_array(tables) || dg_json_size(tables) == 0 ||
	    !copy_reads(asking, tables, &may_be_view))
		return DG_ERR_INVALID;
	*next_out = may_be_view ? DG_VIEW_CREATE : DG_VIEW_NOTHING;
	return DG_OK;
}

/* ---- its text ---------------------------------------------------------- */

/* Whose rights the reads are that were told of as the asking user's. */
static void
give_reads(struct dg_view_asking *asking)
{
	struct dg_sql_view *view = asking->view;
	struct dg_sql_view_read *reads;

	if (view->rights == DG_SQL_VIEW_READER || view->n_reads == 0)
		return;
	reads = DG_ARENA_ARRAY(asking->arena, struct dg_sql_view_read,
			       view->n_reads);
	if (reads == NULL) {
		view->rights = DG_SQL_VIEW_UNKNOWN;
		return;
	}
	memcpy(reads, view->reads, view->n_reads * sizeof(*reads));
	for (size_t i = 0; i < view->n_reads; i++)
		if (reads[i].owner.len == 0)
			reads[i].owner = asking->user;
	view->reads = reads;
}

/* Of a CREATE statement. */
static enum dg_sql_view_rights
rights_of(const struct dg_view_asking *asking, enum dg_view_question question,
	  struct dg_str text)
{
	bool presto = asking->engine.dialect == DG_SQL_PRESTO;
	bool invoker;
	bool definer;
	struct dg_arena_mark mark = dg_arena_mark(asking->arena);
	struct dg_sql_tree *tree;
	struct dg_sql_error err;
	bool ok;

	ok = dg_sql_parse(text, asking->engine, &dg_sql_default_limits,
			  asking->arena, &tree, &err) == DG_OK &&
	     dg_sql_tree_security(tree, &invoker, &definer);
	dg_arena_rewind(asking->arena, mark);
	if (!ok)
		return DG_SQL_VIEW_UNKNOWN;
	/* Presto's analyzer asks who reads one, unless it says otherwise. */
	if (presto && question == DG_VIEW_CREATE_MATERIALIZED)
		invoker = !definer;
	return invoker ? DG_SQL_VIEW_READER : DG_SQL_VIEW_OWNER;
}

static enum dg_rc
take_text(struct dg_view_asking *asking, enum dg_view_question question,
	  const struct dg_json *row)
{
	bool has_owner = asking->engine.dialect == DG_SQL_PRESTO &&
			 question == DG_VIEW_CREATE;
	const struct dg_json *owner = dg_json_at(row, 0);
	struct dg_sql_view *view = get_view(asking);
	struct dg_str text;

	if (view == NULL ||
	    !dg_json_string(dg_json_at(row, has_owner ? 1 : 0), &text))
		return DG_ERR_INVALID;
	view->text = dg_arena_str(asking->arena, text);
	if (view->text.data == NULL)
		return DG_ERR_INVALID;
	if (has_owner)
		view->rights = dg_json_string(owner, &text)
				       ? DG_SQL_VIEW_OWNER
				       : DG_SQL_VIEW_READER;
	else
		view->rights = rights_of(asking, question, view->text);
	/* Nothing may be told of a view that reads no table. */
	if (asking->engine.dialect == DG_SQL_TRINO)
		view->is_told = true;
	give_reads(asking);
	return DG_OK;
}

/* What there is of that name, by an answer that tells of no view. */
enum other {
	OTHER_UNKNOWN,
	OTHER_TABLE,
	OTHER_VIEW,
	OTHER_MATERIALIZED,
	OTHER_ABSENT,
};

/*
 * The engine's "that is no view" is an error of the user's; nothing else is.
 * Names stand before these words, never behind them.
 */
static enum other
read_error(const struct dg_view_asking *asking, const struct dg_json *error)
{
	struct dg_str type;
	struct dg_str name;
	struct dg_str message;

	if (!dg_json_string(dg_json_get(error, "errorType"), &type) ||
	    !dg_json_string(dg_json_get(error, "errorName"), &name) ||
	    !dg_json_string(dg_json_get(error, "message"), &message) ||
	    !dg_str_eq(type, DG_STR("USER_ERROR")) ||
	    dg_str_eq(name, DG_STR("PERMISSION_DENIED")))
		return OTHER_UNKNOWN;
	if (dg_str_ends_with(message,
			     DG_STR("is a materialized view, not a view")))
		return OTHER_MATERIALIZED;
	if (dg_str_ends_with(message,
			     DG_STR("is a view, not a materialized view")))
		return OTHER_VIEW;
	if (dg_columns_says_absent(&asking->table, message))
		return OTHER_ABSENT;
	if (dg_str_ends_with(message, DG_STR(", not a view")) ||
	    dg_str_ends_with(message, DG_STR(", not a materialized view")))
		return OTHER_TABLE;
	return OTHER_UNKNOWN;
}

/* No view: reads that were told of are a filter's of the engine's, or such. */
static bool
take_table(struct dg_view_asking *asking)
{
	if (asking->is_view)
		return false; /* it was one a moment ago */
	if (asking->view != NULL)
		give_reads(asking);
	return true;
}

/*
 * SELECT follows a table that Trino's catalogs redirect to another one, and
 * SHOW CREATE does not; else it is gone.
 */
static bool
take_absent(struct dg_view_asking *asking)
{
	asking->is_absent = true;
	return !asking->is_there || (asking->engine.dialect == DG_SQL_TRINO &&
				     !asking->is_view && asking->view == NULL);
}

/* It is no such view; false: nothing that is known for sure. */
static bool
take_other(struct dg_view_asking *asking, enum dg_view_question question,
	   enum other other, enum dg_view_question *next_out)
{
	*next_out = DG_VIEW_NOTHING;
	switch (other) {
	case OTHER_TABLE:
		return take_table(asking);
	case OTHER_ABSENT:
		return take_absent(asking);
	case OTHER_MATERIALIZED:
		*next_out = DG_VIEW_CREATE_MATERIALIZED;
		return question == DG_VIEW_CREATE;
	case OTHER_VIEW:
	case OTHER_UNKNOWN:
		break;
	}
	return false;
}

/*
 * Presto's list of views does not have it, or there is no such list. SHOW
 * CREATE knows tables from views of any kind.
 */
static bool
take_unlisted(const struct dg_view_asking *asking, bool failed,
	      enum dg_view_question *next_out)
{
	unsigned version = asking->engine.version;

	if (version == 0 || version >= PRESTO_MATERIALIZED) {
		*next_out = DG_VIEW_CREATE_MATERIALIZED;
		return true;
	}
	*next_out = DG_VIEW_NOTHING;
	return !failed;
}

static enum dg_rc
read_page(struct dg_view_asking *asking, enum dg_view_question question,
	  const struct dg_json *root, enum dg_view_question *next_out,
	  const char **why_out)
{
	const struct dg_json *error = dg_json_get(root, "error");
	const struct dg_json *rows = dg_json_get(root, "data");
	bool known;

	*why_out = "it did not tell whether that is a view";
	if (error == NULL && dg_json_size(rows) > 0) {
		*next_out = DG_VIEW_NOTHING;
		return take_text(asking, question, dg_json_at(rows, 0));
	}
	if (error == NULL && dg_json_get(root, "nextUri") != NULL) {
		*next_out = question;
		return DG_OK;
	}
	if (asks_views(asking, question))
		known = take_unlisted(asking, error != NULL, next_out);
	else
		known = take_other(asking, question, read_error(asking, error),
				   next_out);
	return known ? DG_OK : DG_ERR_INVALID;
}

enum dg_rc
dg_view_answer(struct dg_view_asking *asking, enum dg_view_question question,
	       struct dg_str body, enum dg_view_question *next_out,
	       const char **why_out)
{
	struct dg_json *root = NULL;
	enum dg_rc rc;

	*why_out = "its reply is not JSON";
	if (dg_json_parse(body, BODY_MAX, &root, NULL) != DG_OK)
		return DG_ERR_INVALID;
	if (!dg_json_is_object(root))
		rc = DG_ERR_INVALID;
	else if (question == DG_VIEW_TOUCHED)
		rc = read_touched(asking, root, next_out, why_out);
	else
		rc = read_page(asking, question, root, next_out, why_out);
	dg_json_destroy(&root);
	return rc;
}

/* ---- copies ------------------------------------------------------------ */

static bool
copy_str(struct dg_arena *arena, struct dg_str from, struct dg_str *to)
{
	*to = dg_arena_str(arena, from);
	return to->data != NULL;
}

static bool
copy_view_read(const struct dg_sql_view_read *from, struct dg_arena *arena,
	       struct dg_sql_view_read *to)
{
	struct dg_str *columns =
		DG_ARENA_ARRAY(arena, struct dg_str, from->n_columns);

	if (columns == NULL ||
	    !copy_str(arena, from->table.catalog, &to->table.catalog) ||
	    !copy_str(arena, from->table.schema, &to->table.schema) ||
	    !copy_str(arena, from->table.table, &to->table.table) ||
	    !copy_str(arena, from->owner, &to->owner))
		return false;
	for (size_t i = 0; i < from->n_columns; i++)
		if (!copy_str(arena, from->columns[i], &columns[i]))
			return false;
	to->columns = columns;
	to->n_columns = from->n_columns;
	return true;
}

const struct dg_sql_view *
dg_view_copy(const struct dg_sql_view *view, struct dg_arena *arena)
{
	struct dg_sql_view *copy = DG_ARENA_NEW(arena, struct dg_sql_view);
	struct dg_sql_view_read *reads =
		DG_ARENA_ARRAY(arena, struct dg_sql_view_read, view->n_reads);

	if (copy == NULL || reads == NULL)
		return NULL;
	*copy = *view;
	copy->reads = reads;
	if (!copy_str(arena, view->text, &copy->text))
		return NULL;
	for (size_t i = 0; i < view->n_reads; i++)
		if (!copy_view_read(&view->reads[i], arena, &reads[i]))
			return NULL;
	return copy;
}

size_t
dg_view_size(const struct dg_sql_view *view)
{
	size_t size = sizeof(*view) + view->text.len;

	for (size_t i = 0; i < view->n_reads; i++) {
		const struct dg_sql_view_read *read = &view->reads[i];

		size += sizeof(*read) + read->owner.len +
			read->table.catalog.len + read->table.schema.len +
			read->table.table.len;
		for (size_t c = 0; c < read->n_columns; c++)
			size += sizeof(struct dg_str) + read->columns[c].len;
	}
	return size;
}

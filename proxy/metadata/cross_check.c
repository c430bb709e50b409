/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cross_check.c - what was decided, in few bytes, and whether what the engine
 * says it touched lies within. Pure but for the salt of long lists.
 *
 *   'S'                                   nothing to compare
 *   'L' table...                          the names themselves
 *   'H' salt(16) table...                 hashes under the salt
 *   'D' salt(16) table...                 one hash for all columns of a table
 *   table: flags n_columns name column... (numbers as two bytes)
 *   name, column: length and bytes in 'L'; 8 and 4 bytes of hash in 'H';
 *   in 'D' the columns are 16 bytes, and the engine must name the same set
 *
 * The shortest that fits is taken in this order: names tell most. A metadata
 * table ("t$files") is in the list twice, by its base and as it was written,
 * since connectors differ in which of both they report.
 *
 * The text rides in a sealed URI: a client can neither read the salt nor
 * change a list, so it cannot look for a name that hashes to another's.
 */
#include "metadata/cross_check.h"

#include <sodium.h>

#include "base/map.h"

enum {
	LIST_MAX = 1024, /* longer ones are hashed */
	TEXT_MAX = 4096, /* what still fits a URI */
	BODY_MAX = 8 << 20,
	NAME_MAX_BYTES = 1 << 12,
	SALT_LEN = 16,
	TABLE_HASH = 8,
	COLUMN_HASH = 4,
	SET_HASH = 16,
	FLAG_ALL_COLUMNS = 1,
	FLAG_WRITTEN = 2,
};

/* ---- names in either form ---------------------------------------------- */

struct form {
	char mark; /* 'L', 'H', 'D' */
	uint64_t k0;
	uint64_t k1;
};

static bool
is_hashed(const struct form *form)
{
	return form->mark != 'L';
}

/* Of a set of columns, in any order; nobody who knows the salt chooses them. */
struct set_hash {
	uint64_t sums[2];
};

static void
add_to_set(const struct form *form, struct dg_str column, struct set_hash *set)
{
	set->sums[0] +=
		dg_hash_seeded(form->k0, form->k1, column.data, column.len);
	set->sums[1] +=
		dg_hash_seeded(form->k1, ~form->k0, column.data, column.len);
}

static void
read_salt(struct form *form, const char *salt)
{
	memcpy(&form->k0, salt, sizeof(form->k0));
	memcpy(&form->k1, salt + sizeof(form->k0), sizeof(form->k1));
}

static enum dg_rc
put_number(struct dg_buf *out, size_t n)
{
	const char bytes[2] = {(char)(n >> 8 & 0xff), (char)(n & 0xff)};

	if (n > UINT16_MAX)
		return DG_ERR_LIMIT;
	return dg_buf_append(out, dg_str_make(bytes, sizeof(bytes)));
}

static enum dg_rc
put_name(const struct form *form, size_t hash_len, struct dg_str name,
	 struct dg_buf *out)
{
	uint64_t hash;
	enum dg_rc rc;

	if (is_hashed(form)) {
		hash = dg_hash_seeded(form->k0, form->k1, name.data, name.len);
		return dg_buf_append(
			out, dg_str_make((const char *)&hash, hash_len));
	}
	rc = put_number(out, name.len);
	return rc == DG_OK ? dg_buf_append(out, name) : rc;
}

/* ---- reading ----------------------------------------------------------- */

static bool
take(struct dg_str *rest, size_t n, struct dg_str *out)
{
	if (rest->len < n)
		return false;
	*out = dg_str_slice(*rest, 0, n);
	*rest = dg_str_slice(*rest, n, rest->len);
	return true;
}

static bool
take_number(struct dg_str *rest, size_t *out)
{
	struct dg_str bytes;

	if (!take(rest, 2, &bytes))
		return false;
	*out = (size_t)(unsigned char)bytes.data[0] << 8 |
	       (unsigned char)bytes.data[1];
	return true;
}

static bool
take_name(const struct form *form, size_t hash_len, struct dg_str *rest,
	  struct dg_str *out)
{
	size_t len = hash_len;

	if (!is_hashed(form) && !take_number(rest, &len))
		return false;
	return take(rest, len, out);
}

static bool
is_name(const struct form *form, struct dg_str stored, struct dg_str name)
{
	uint64_t hash;

	if (!is_hashed(form))
		return dg_str_eq(stored, name);
	hash = dg_hash_seeded(form->k0, form->k1, name.data, name.len);
	return memcmp(&hash, stored.data, stored.len) == 0;
}

/* ---- encoding ---------------------------------------------------------- */

/* The engine may say upper case where we said lower. */
static void
fold(char *to, struct dg_str from)
{
	for (size_t i = 0; i < from.len; i++)
		to[i] = from.data[i] >= 'A' && from.data[i] <= 'Z'
				? (char)(from.data[i] - 'A' + 'a')
				: from.data[i];
}

/* One string for a table: parts end in NUL, which none of them holds. */
static struct dg_str
join_name(struct dg_str catalog, struct dg_str schema, struct dg_str table,
	  struct dg_arena *arena)
{
	const struct dg_str parts[] = {catalog, schema, table};
	size_t len = catalog.len + schema.len + table.len + 3;
	char *room = len > NAME_MAX_BYTES ? NULL : dg_arena_alloc(arena, len);
	size_t at = 0;

	if (room == NULL)
		return dg_str_make(NULL, 0);
	for (size_t i = 0; i < DG_ARRAY_LEN(parts); i++) {
		fold(room + at, parts[i]);
		at += parts[i].len;
		room[at++] = '\0';
	}
	return dg_str_make(room, len);
}

enum part { PART_NONE, PART_READ, PART_WRITTEN, PART_SHOWN };

static enum part
part_of(enum dg_sql_action action)
{
	switch (dg_sql_action_effect(action)) {
	case DG_SQL_READS:
		return PART_READ;
	case DG_SQL_WRITES:
	case DG_SQL_MAKES:
		return PART_WRITTEN;
	case DG_SQL_SHOWS:
		return PART_SHOWN;
	case DG_SQL_CHANGES:
	case DG_SQL_OTHER:
		return PART_NONE;
	}
	return PART_NONE;
}

static enum dg_rc
put_set(const struct form *form, const struct dg_sql_access *access,
	struct dg_buf *out)
{
	struct set_hash set = {{0, 0}};

	for (size_t i = 0; i < access->n_columns; i++)
		add_to_set(form, access->columns[i].name, &set);
	return dg_buf_append(out, dg_str_make((const char *)&set, SET_HASH));
}

static enum dg_rc
put_table(const struct form *form, const struct dg_sql_access *access,
	  bool written, struct dg_arena *arena, struct dg_buf *out)
{
	struct dg_str name =
		join_name(access->object.catalog, access->object.schema,
			  access->object.table, arena);
	size_t n = access->all_columns ? 0 : access->n_columns;
	char flags = (char)((access->all_columns ? FLAG_ALL_COLUMNS : 0) |
			    (written ? FLAG_WRITTEN : 0));
	enum dg_rc rc;

	if (name.data == NULL)
		return DG_ERR_LIMIT;
	rc = dg_buf_append_char(out, flags);
	if (rc == DG_OK)
		rc = put_number(out, n);
	if (rc == DG_OK)
		rc = put_name(form, TABLE_HASH, name, out);
	if (rc == DG_OK && form->mark == 'D' && n > 0)
		return put_set(form, access, out);
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = put_name(form, COLUMN_HASH, access->columns[i].name, out);
	return rc;
}

static enum dg_rc
put_tables(const struct form *form, const struct dg_sql_analysis *analysis,
	   struct dg_arena *arena, struct dg_buf *out)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < analysis->n_access; i++) {
		const struct dg_sql_access *access = &analysis->access[i];
		enum part part = part_of(access->action);

		if (part == PART_READ || part == PART_WRITTEN)
			rc = put_table(form, access, part == PART_WRITTEN,
				       arena, out);
	}
	return rc;
}

/* EXPLAIN, SHOW, PREPARE and their like report nothing that tells. */
static bool
reports_nothing(enum dg_sql_statement statement)
{
	switch (statement) {
	case DG_SQL_STMT_SELECT:
	case DG_SQL_STMT_EXPLAIN_ANALYZE:
	case DG_SQL_STMT_EXECUTE:
	case DG_SQL_STMT_EXECUTE_IMMEDIATE:
	case DG_SQL_STMT_CREATE_TABLE_AS:
	case DG_SQL_STMT_INSERT:
	case DG_SQL_STMT_DELETE:
	case DG_SQL_STMT_UPDATE:
	case DG_SQL_STMT_MERGE:
		return false;
	case DG_SQL_STMT_EXPLAIN:
	case DG_SQL_STMT_SHOW_CATALOGS:
	case DG_SQL_STMT_SHOW_SCHEMAS:
	case DG_SQL_STMT_SHOW_TABLES:
	case DG_SQL_STMT_SHOW_COLUMNS:
	case DG_SQL_STMT_USE:
	case DG_SQL_STMT_SET_SESSION:
	case DG_SQL_STMT_RESET_SESSION:
	case DG_SQL_STMT_PREPARE:
	case DG_SQL_STMT_DEALLOCATE:
	case DG_SQL_STMT_START_TRANSACTION:
	case DG_SQL_STMT_COMMIT:
	case DG_SQL_STMT_ROLLBACK:
	case DG_SQL_STMT_DROP_TABLE:
	case DG_SQL_STMT_CREATE_VIEW:
	case DG_SQL_STMT_DROP_VIEW:
	case DG_SQL_STMT_TRUNCATE:
	case DG_SQL_STMT_ANALYZE:
	case DG_SQL_STMT_REFRESH_MATERIALIZED_VIEW:
	case DG_SQL_STMT_CALL:
	case DG_SQL_STMT_CREATE_TABLE:
	case DG_SQL_STMT_CREATE_MATERIALIZED_VIEW:
	case DG_SQL_STMT_DROP_MATERIALIZED_VIEW:
	case DG_SQL_STMT_CREATE_SCHEMA:
	case DG_SQL_STMT_DROP_SCHEMA:
	case DG_SQL_STMT_CREATE_CATALOG:
	case DG_SQL_STMT_DROP_CATALOG:
	case DG_SQL_STMT_COMMENT:
	case DG_SQL_STMT_ALTER:
	case DG_SQL_STMT_CREATE_BRANCH:
	case DG_SQL_STMT_DROP_BRANCH:
	case DG_SQL_STMT_FAST_FORWARD:
	case DG_SQL_STMT_CREATE_TYPE:
	case DG_SQL_STMT_CREATE_VECTOR_INDEX:
	case DG_SQL_STMT_CREATE_FUNCTION:
	case DG_SQL_STMT_DROP_FUNCTION:
	case DG_SQL_STMT_ALTER_FUNCTION:
	case DG_SQL_STMT_GRANT:
	case DG_SQL_STMT_REVOKE:
	case DG_SQL_STMT_DENY:
	case DG_SQL_STMT_CREATE_ROLE:
	case DG_SQL_STMT_DROP_ROLE:
	case DG_SQL_STMT_SET_ROLE:
	case DG_SQL_STMT_SET_SESSION_AUTHORIZATION:
	case DG_SQL_STMT_RESET_SESSION_AUTHORIZATION:
	case DG_SQL_STMT_SET_PATH:
	case DG_SQL_STMT_SET_TIME_ZONE:
	case DG_SQL_STMT_SHOW_CREATE:
	case DG_SQL_STMT_SHOW_STATS:
	case DG_SQL_STMT_SHOW_FUNCTIONS:
	case DG_SQL_STMT_SHOW_SESSION:
	case DG_SQL_STMT_SHOW_GRANTS:
	case DG_SQL_STMT_SHOW_ROLES:
	case DG_SQL_STMT_SHOW_ROLE_GRANTS:
	case DG_SQL_STMT_SHOW_BRANCHES:
	case DG_SQL_STMT_SHOW_PARTITIONS:
	case DG_SQL_STMT_DESCRIBE_INPUT:
	case DG_SQL_STMT_DESCRIBE_OUTPUT:
		return true;
	}
	return false;
}

/* EXECUTE of a SHOW: the engine reads its own information_schema for it. */
static bool
only_shows(const struct dg_sql_analysis *analysis)
{
	bool shows = false;

	for (size_t i = 0; i < analysis->n_access; i++) {
		enum dg_sql_action action = analysis->access[i].action;
		enum part part = part_of(action);

		if (action == DG_SQL_ACT_SELECT_LITERAL)
			continue; /* goes with a read, or with a DESCRIBE */
		if (part == PART_READ || part == PART_WRITTEN)
			return false;
		shows = shows || part == PART_SHOWN;
	}
	return shows;
}

static enum dg_rc
encode(char mark, const struct dg_sql_analysis *analysis,
       struct dg_arena *arena, struct dg_buf *out)
{
	struct form form = {.mark = mark};
	char salt[SALT_LEN];
	enum dg_rc rc;

	dg_buf_clear(out);
	rc = dg_buf_append_char(out, mark);
	if (rc == DG_OK && is_hashed(&form)) {
		randombytes_buf(salt, sizeof(salt));
		read_salt(&form, salt);
		rc = dg_buf_append(out, dg_str_make(salt, sizeof(salt)));
	}
	return rc == DG_OK ? put_tables(&form, analysis, arena, out) : rc;
}

enum dg_rc
dg_check_encode(const struct dg_sql_analysis *analysis, struct dg_arena *arena,
		struct dg_str *text_out)
{
	struct dg_buf out;
	enum dg_rc rc;

	if (reports_nothing(analysis->statement) || only_shows(analysis)) {
		*text_out = DG_STR("S");
		return DG_OK;
	}
	dg_buf_init(&out, TEXT_MAX);
	rc = encode('L', analysis, arena, &out);
	if (rc != DG_OK || dg_buf_len(&out) > LIST_MAX)
		rc = encode('H', analysis, arena, &out);
	if (rc != DG_OK)
		rc = encode('D', analysis, arena, &out);
	if (rc == DG_OK) {
		*text_out = dg_arena_str(arena, dg_buf_peek(&out));
		if (text_out->data == NULL)
			rc = DG_ERR_LIMIT;
	}
	dg_buf_fini(&out);
	return rc;
}

/* ---- comparing --------------------------------------------------------- */

struct decided {
	struct form form;
	struct dg_str tables;
	struct dg_str user;
};

static bool
open_encoded(struct dg_str encoded, struct decided *out)
{
	struct dg_str salt;
	struct dg_str mark;

	if (!take(&encoded, 1, &mark))
		return false;
	out->form = (struct form){.mark = mark.data[0]};
	if (strchr("LHD", out->form.mark) == NULL)
		return false;
	if (is_hashed(&out->form)) {
		if (!take(&encoded, SALT_LEN, &salt))
			return false;
		read_salt(&out->form, salt.data);
	}
	out->tables = encoded;
	return true;
}

/* One table of what was decided. */
struct entry {
	bool all_columns;
	bool written;
	struct dg_str table;
	size_t n_columns;
	struct dg_str columns; /* as encoded */
};

static bool
take_columns(const struct form *form, struct dg_str *rest, struct entry *entry)
{
	const struct dg_str before = *rest;
	struct dg_str name;

	if (form->mark == 'D')
		return take(rest, entry->n_columns > 0 ? SET_HASH : 0,
			    &entry->columns);
	for (size_t i = 0; i < entry->n_columns; i++)
		if (!take_name(form, COLUMN_HASH, rest, &name))
			return false;
	entry->columns = dg_str_slice(before, 0, before.len - rest->len);
	return true;
}

static bool
take_entry(const struct form *form, struct dg_str *rest, struct entry *entry)
{
	struct dg_str flags;

	if (!take(rest, 1, &flags) || !take_number(rest, &entry->n_columns) ||
	    !take_name(form, TABLE_HASH, rest, &entry->table))
		return false;
	entry->all_columns = (flags.data[0] & FLAG_ALL_COLUMNS) != 0;
	entry->written = (flags.data[0] & FLAG_WRITTEN) != 0;
	return take_columns(form, rest, entry);
}

/* The next entry about this table; malformed text holds none. */
static bool
next_entry(const struct decided *decided, struct dg_str *rest,
	   struct dg_str table, bool written, struct entry *entry)
{
	while (rest->len > 0) {
		if (!take_entry(&decided->form, rest, entry))
			return false;
		if (entry->written == written &&
		    is_name(&decided->form, entry->table, table))
			return true;
	}
	return false;
}

static bool
is_table_decided(const struct decided *decided, struct dg_str table,
		 bool written)
{
	struct dg_str rest = decided->tables;
	struct entry entry;

	return next_entry(decided, &rest, table, written, &entry);
}

static bool
is_column_decided(const struct decided *decided, struct dg_str table,
		  struct dg_str column)
{
	struct dg_str rest = decided->tables;
	struct entry entry;

	while (next_entry(decided, &rest, table, false, &entry)) {
		struct dg_str name;

		if (entry.all_columns)
			return true;
		for (size_t i = 0; i < entry.n_columns; i++)
			if (take_name(&decided->form, COLUMN_HASH,
				      &entry.columns, &name) &&
			    is_name(&decided->form, name, column))
				return true;
	}
	return false;
}

static bool
is_set_decided(const struct decided *decided, struct dg_str table,
	       const struct set_hash *set)
{
	struct dg_str rest = decided->tables;
	struct entry entry;

	while (next_entry(decided, &rest, table, false, &entry))
		if (entry.all_columns ||
		    (entry.columns.len == SET_HASH &&
		     memcmp(entry.columns.data, set, SET_HASH) == 0))
			return true;
	return false;
}

static enum dg_check_result
exceed(struct dg_arena *arena, struct dg_str *what_out, const char *verb,
       struct dg_str table, struct dg_str column)
{
	/* Its parts end in NUL, so each is a text of its own. */
	const char *catalog = table.data;
	const char *schema = catalog + strlen(catalog) + 1;
	const char *name = schema + strlen(schema) + 1;

	*what_out = dg_arena_printf(arena, "%s %s%.*s%s%s.%s.%s", verb,
				    column.len > 0 ? "column " : "",
				    DG_STR_ARG(column),
				    column.len > 0 ? " of table " : "table ",
				    catalog, schema, name);
	if (what_out->data == NULL)
		*what_out = DG_STR("touched more than was decided");
	return DG_CHECK_EXCEEDED;
}

static enum dg_check_result
fail(struct dg_str *what_out, struct dg_str what)
{
	*what_out = what;
	return DG_CHECK_FAILED;
}

static bool
read_table(const struct dg_json *object, const char *catalog_key,
	   struct dg_arena *arena, struct dg_str *name_out)
{
	struct dg_str catalog;
	struct dg_str schema;
	struct dg_str table;

	if (!dg_json_string(dg_json_get(object, catalog_key), &catalog) ||
	    !dg_json_string(dg_json_get(object, "schema"), &schema) ||
	    !dg_json_string(dg_json_get(object, "table"), &table))
		return false;
	*name_out = join_name(catalog, schema, table, arena);
	return name_out->data != NULL;
}

static bool
read_column(const struct dg_json *columns, size_t at, struct dg_arena *arena,
	    struct dg_str *name_out)
{
	if (!dg_json_string(dg_json_get(dg_json_at(columns, at), "column"),
			    name_out))
		return false;
	return dg_sql_fold_column(arena, DG_SQL_TRINO, *name_out, name_out) ==
	       DG_OK;
}

static enum dg_check_result
compare_columns(const struct decided *decided, struct dg_str table,
		const struct dg_json *columns, struct dg_arena *arena,
		struct dg_str *what_out)
{
	size_t n = dg_json_size(columns);
	struct set_hash set = {{0, 0}};

	for (size_t i = 0; i < n; i++) {
		struct dg_arena_mark mark = dg_arena_mark(arena);
		struct dg_str name;

		if (!read_column(columns, i, arena, &name))
			return fail(what_out,
				    DG_STR("a column cannot be read"));
		if (decided->form.mark == 'D')
			add_to_set(&decided->form, name, &set);
		else if (!is_column_decided(decided, table, name))
			return exceed(arena, what_out, "read", table, name);
		dg_arena_rewind(arena, mark);
	}
	if (decided->form.mark == 'D' && n > 0 &&
	    !is_set_decided(decided, table, &set))
		return exceed(arena, what_out, "read", table,
			      DG_STR("(too many to name)"));
	return DG_CHECK_OK;
}

bool
dg_check_is_of_a_filter(const struct dg_json *entry)
{
	const struct dg_json *chain = dg_json_get(entry, "referenceChain");

	for (size_t i = 0; i < dg_json_size(chain); i++) {
		struct dg_str type;

		if (dg_json_string(dg_json_get(dg_json_at(chain, i), "@type"),
				   &type) &&
		    (dg_str_eq(type, DG_STR("rowFilter")) ||
		     dg_str_eq(type, DG_STR("columnMask"))))
			return true;
	}
	return false;
}

/* What a view reads with its owner's rights is none of the user's. */
static bool
is_of_another(const struct decided *decided, const struct dg_json *entry)
{
	bool direct = true;
	struct dg_str reader;

	(void)dg_json_bool(dg_json_get(entry, "directlyReferenced"), &direct);
	if (direct)
		return false;
	if (dg_json_string(dg_json_get(entry, "authorization"), &reader) &&
	    !dg_str_eq(reader, decided->user))
		return true;
	return dg_check_is_of_a_filter(entry);
}

static enum dg_check_result
compare_table(const struct decided *decided, const struct dg_json *entry,
	      struct dg_arena *arena, struct dg_str *what_out)
{
	const struct dg_json *columns = dg_json_get(entry, "columns");
	struct dg_str table;

	if (is_of_another(decided, entry))
		return DG_CHECK_OK;
	if (!read_table(entry, "catalog", arena, &table) ||
	    !dg_json_is_array(columns))
		return fail(what_out, DG_STR("a table cannot be read"));
	if (!is_table_decided(decided, table, false))
		return exceed(arena, what_out, "read", table, DG_STR_EMPTY);
	return compare_columns(decided, table, columns, arena, what_out);
}

static bool
is_any_read_decided(const struct decided *decided)
{
	struct dg_str rest = decided->tables;
	struct entry entry;

	while (rest.len > 0)
		if (!take_entry(&decided->form, &rest, &entry) ||
		    !entry.written)
			return true;
	return false;
}

/*
 * A query that failed before its analysis was over tells no tables either.
 * Nothing has been started for it then, so no row was read. The name of its
 * error proves nothing: fail(1, x) throws a SYNTAX_ERROR with x for its text.
 */
static bool
may_have_read(const struct dg_json *root)
{
	const struct dg_json *stats = dg_json_get(root, "queryStats");
	int64_t tasks;

	return !dg_json_int(dg_json_get(stats, "totalTasks"), &tasks) ||
	       tasks != 0;
}

static bool
has_failed(const struct dg_json *root)
{
	struct dg_str state;

	return dg_json_string(dg_json_get(root, "state"), &state) &&
	       dg_str_eq(state, DG_STR("FAILED"));
}

static enum dg_check_result
compare_tables(const struct decided *decided, const struct dg_json *root,
	       struct dg_arena *arena, struct dg_str *what_out)
{
	const struct dg_json *tables = dg_json_get(root, "referencedTables");
	const struct dg_json *output = dg_json_get(root, "output");
	struct dg_str written;

	if (!dg_json_is_array(tables))
		return fail(what_out, DG_STR("it tells no tables"));
	if (dg_json_size(tables) == 0 && has_failed(root) &&
	    is_any_read_decided(decided) && may_have_read(root))
		return fail(what_out, DG_STR("it ran, and tells no tables"));
	for (size_t i = 0; i < dg_json_size(tables); i++) {
		enum dg_check_result result = compare_table(
			decided, dg_json_at(tables, i), arena, what_out);

		if (result != DG_CHECK_OK)
			return result;
	}
	if (!dg_json_is_object(output))
		return DG_CHECK_OK;
	if (!read_table(output, "catalogName", arena, &written))
		return fail(what_out, DG_STR("its output cannot be read"));
	if (!is_table_decided(decided, written, true))
		return exceed(arena, what_out, "wrote", written, DG_STR_EMPTY);
	return DG_CHECK_OK;
}

/* Before planning is over the list is empty, which says nothing. */
static bool
is_planned(struct dg_str state)
{
	static const char *const early[] = {"QUEUED", "WAITING_FOR_RESOURCES",
					    "DISPATCHING", "PLANNING"};

	for (size_t i = 0; i < DG_ARRAY_LEN(early); i++)
		if (dg_str_eq(state, dg_str_from_cstr(early[i])))
			return false;
	return true;
}

enum dg_check_result
dg_check_compare(struct dg_str encoded, struct dg_str body, struct dg_str user,
		 struct dg_arena *arena, struct dg_str *what_out)
{
	enum dg_check_result result;
	struct dg_json *root = NULL;
	struct decided decided;
	struct dg_str state;

	*what_out = DG_STR_EMPTY;
	if (dg_str_eq(encoded, DG_STR("S")))
		return DG_CHECK_SKIPPED;
	if (!open_encoded(encoded, &decided))
		return fail(what_out, DG_STR("what was decided is unreadable"));
	decided.user = user;
	if (dg_json_parse(body, BODY_MAX, &root, NULL) != DG_OK)
		return fail(what_out, DG_STR("its answer is not JSON"));
	if (!dg_json_string(dg_json_get(root, "state"), &state))
		result = fail(what_out, DG_STR("it tells no state"));
	else if (!is_planned(state))
		result = DG_CHECK_NOT_YET;
	else
		result = compare_tables(&decided, root, arena, what_out);
	dg_json_destroy(&root);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlparse.h - from SQL text to the list of what a statement touches.
 *
 * Pure functions of their arguments: no I/O, no clock, no policy, no global
 * state. dg_sql_parse reads the text in the dialect and version of one engine;
 * dg_sql_analyze binds names with the engine's rules (grammar.md 5) and
 * answers with an access list (architecture.md 5). Everything lives in the
 * arena that the caller passes; there is nothing else to free.
 *
 * The invariant: what cannot be accounted for completely is never left out;
 * it is an error, or an entry with action OPAQUE.
 */
#ifndef DG_SQLPARSE_SQLPARSE_H
#define DG_SQLPARSE_SQLPARSE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

DG_BEGIN_DECLS

enum dg_sql_dialect {
	DG_SQL_TRINO,
	DG_SQL_PRESTO,
};

struct dg_sql_engine {
	enum dg_sql_dialect dialect;
	/* Trino 476 is 476, Presto 0.287 is 287; 0 means the newest known. */
	unsigned version;
};

/* "476", "0.287", "0.287-edge4" -> number. INVALID when it is neither. */
enum dg_rc dg_sql_version_parse(enum dg_sql_dialect dialect, struct dg_str text,
				unsigned *version_out) DG_MUST_CHECK;

struct dg_sql_limits {
	size_t max_bytes; /* of the text */
	size_t max_tokens;
	size_t max_depth; /* of nesting: parser stack and tree walks */
	size_t max_nodes;
};
/* 1,000,000 bytes (query.max-length), 400,000 tokens, 2,000 deep, ... */
extern const struct dg_sql_limits dg_sql_default_limits;

enum dg_sql_error_kind {
	DG_SQL_E_SYNTAX,      /* the engine would not read it either */
	DG_SQL_E_RESOLVE,     /* a name cannot be bound, or is ambiguous */
	DG_SQL_E_UNSUPPORTED, /* read, but not accounted for: refused */
	DG_SQL_E_LIMIT,
	/* RESOLVE, where the engines have a name for what it is: */
	DG_SQL_E_NO_CATALOG, /* none is given, nor does the session have one */
	DG_SQL_E_NO_SCHEMA,
	DG_SQL_E_NO_COLUMN, /* no such column */
	DG_SQL_E_AMBIGUOUS,
	DG_SQL_E_SAME_QUERY, /* two of a WITH have one name */
	DG_SQL_E_ALIASES,    /* of columns: not as many as columns */
	DG_SQL_E_NO_ALIASES, /* of a recursive query's columns */
	DG_SQL_E_RECURSION,  /* a query refers to itself where it cannot */
	DG_SQL_E_NO_TABLE,   /* none is given with a column */
	DG_SQL_E_NO_FUNCTION,
	DG_SQL_E_PARTS, /* more of a name than there can be */
};
/* RESOLVE or one of those that are finer: a name is the matter. */
bool dg_sql_error_is_of_names(enum dg_sql_error_kind kind);

struct dg_sql_error {
	enum dg_sql_error_kind kind;
	size_t offset;   /* byte offset in the text */
	unsigned line;   /* from 1; only LF ends a line, as for the engines */
	unsigned column; /* from 1, in code points, as the engines count */
	char text[DG_ERROR_TEXT_MAX];
};

/* Line and column of a byte offset, as in struct dg_sql_error. */
void dg_sql_locate(struct dg_str text, size_t offset, unsigned *line_out,
		   unsigned *column_out);
/* "syntax", "resolve" (the finer ones, too), "unsupported", "limit". */
const char *dg_sql_error_kind_name(enum dg_sql_error_kind kind);

enum dg_sql_statement {
#define DG_SQL_STATEMENT(id, name, read_only) DG_SQL_STMT_##id,
#include "sqlparse/statements.def"
#undef DG_SQL_STATEMENT
};
/* e.g. "select", "create_table_as"; the "statement" of `analyze`. */
const char *dg_sql_statement_name(enum dg_sql_statement statement);

struct dg_sql_tree; /* in the arena */

/*
 * Reads one statement. The text must be UTF-8 and outlive the tree. On failure
 * INVALID, UNSUPPORTED or LIMIT and err; err must not be NULL.
 */
enum dg_rc dg_sql_parse(struct dg_str text, struct dg_sql_engine engine,
			const struct dg_sql_limits *limits,
			struct dg_arena *arena, struct dg_sql_tree **tree_out,
			struct dg_sql_error *err) DG_MUST_CHECK;

enum dg_sql_statement dg_sql_tree_statement(const struct dg_sql_tree *tree);

/*
 * What a gateway must know of statements about the session itself, without
 * analysis: fields that do not apply are empty. Names have their quotes
 * removed; property names are lower case, prepared names as written.
 */
struct dg_sql_session_effect {
	struct dg_str property;   /* SET/RESET SESSION a.b: "a.b" */
	bool value_is_string;     /* SET SESSION to a string literal: */
	struct dg_str value;      /* its decoded text */
	struct dg_str catalog;    /* USE c.s */
	struct dg_str schema;     /* USE s */
	struct dg_str prepared;   /* PREPARE / EXECUTE / DEALLOCATE name */
	struct dg_str inner_text; /* PREPARE: the text after FROM */
};
void dg_sql_tree_effect(const struct dg_sql_tree *tree,
			struct dg_sql_session_effect *effect_out);

/*
 * CREATE VIEW, CREATE MATERIALIZED VIEW: whether it has SECURITY INVOKER, or
 * DEFINER. False: another statement.
 */
bool dg_sql_tree_security(const struct dg_sql_tree *tree, bool *invoker_out,
			  bool *definer_out);

/* One canonical s-expression (tests, bug reports, `analyze --dump ast`). */
enum dg_rc dg_sql_dump_tree(const struct dg_sql_tree *tree,
			    struct dg_buf *out) DG_MUST_CHECK;
enum dg_rc dg_sql_dump_tokens(struct dg_str text, struct dg_sql_engine engine,
			      struct dg_arena *arena,
			      struct dg_buf *out) DG_MUST_CHECK;

/* ---- analysis ---------------------------------------------------------- */

/* Lower case (grammar.md 2.2 folding). Parts that do not apply are empty. */
struct dg_sql_name {
	struct dg_str catalog;
	struct dg_str schema;
	struct dg_str table;
};

enum dg_sql_lookup {
	DG_SQL_FOUND,
	DG_SQL_ABSENT,  /* the engine has no such table */
	DG_SQL_PENDING, /* not known yet: fetch, then analyze again */
	/*
	 * Nothing is known: who reads it may be reading a view with his own
	 * rights, and is refused (OPAQUE) where the engine has such views.
	 */
	DG_SQL_UNAVAILABLE,
	DG_SQL_NO_VIEW, /* no view for sure; its columns are not known */
};

/* No engine bears a table of more. */
#define DG_SQL_MAX_COLUMNS 1000000U

/* Where each name is; opaque, without pointers: may be copied as bytes. */
struct dg_sql_column_index;

/* A table, and which of its columns a view reads. */
struct dg_sql_view_read {
	struct dg_sql_name table;
	const struct dg_str *columns; /* as the engine compares them */
	size_t n_columns;
	struct dg_str owner; /* with whose rights; empty: its reader's */
};

/* Whose rights the engine asks for when a view is read. */
enum dg_sql_view_rights {
	DG_SQL_VIEW_OWNER,   /* the owner's: nothing is asked of the reader */
	DG_SQL_VIEW_READER,  /* the reader's, for all that its text names */
	DG_SQL_VIEW_UNKNOWN, /* it cannot be told: OPAQUE to who reads it */
};

/* What is behind a name, where that is a view or a materialized view. */
struct dg_sql_view {
	enum dg_sql_view_rights rights;
	/* Its query, or the CREATE statement that makes it; empty: unknown. */
	struct dg_str text;
	/*
	 * The engine has told which tables it reads with whose rights: of the
	 * text only functions are looked at then.
	 */
	bool is_told;
	const struct dg_sql_view_read *reads;
	size_t n_reads;
};

struct dg_sql_columns {
	const struct dg_str *names; /* ordinal order, lower case */
	size_t n_names;
	/* As dg_sql_type_encode gives them, or empty. NULL: none is known. */
	const struct dg_str *types;
	/* Of these names; NULL: each statement has to make it. */
	const struct dg_sql_column_index *index;
	const struct dg_sql_view *view; /* NULL: nothing but a table */
	/* With UNAVAILABLE: who asks has no right on it at all. */
	bool is_withheld;
	/* With UNAVAILABLE: what went wrong, for people; may be empty. */
	struct dg_str why;
};

/* Has the engine views that read with the rights of who reads them? */
bool dg_sql_has_reader_views(struct dg_sql_engine engine);
/*
 * The table that a metadata table's name ("t$files", "t@12") would be about.
 * False: the name is an ordinary one.
 */
bool dg_sql_metadata_base(const struct dg_sql_name *name,
			  struct dg_sql_name *base_out);

/*
 * What there is to know of a column's type, out of the text that the engines
 * have for it ("row(a bigint, b array(row(c varchar)))"): the fields of rows.
 * Empty where nothing is sure; a value of such a type is always read as a
 * whole. LIMIT when the arena is full.
 */
enum dg_rc dg_sql_type_encode(struct dg_str text, struct dg_arena *arena,
			      struct dg_str *encoded_out) DG_MUST_CHECK;

/*
 * A column's name as the engine compares it (equalsIgnoreCase; Presto has made
 * it lower case before): itself where nothing needs folding, else a copy.
 * LIMIT when the arena is full, UNSUPPORTED for what is not UTF-8.
 */
enum dg_rc dg_sql_fold_column(struct dg_arena *arena,
			      enum dg_sql_dialect dialect, struct dg_str name,
			      struct dg_str *folded_out) DG_MUST_CHECK;

/* How many bytes the index of so many names, at most the maximum, takes. */
size_t dg_sql_column_index_size(size_t n_names);
/* False: the names are not in the engine's lower case, there can be none. */
bool dg_sql_column_index_init(struct dg_sql_column_index *index,
			      const struct dg_str *names,
			      size_t n_names) DG_MUST_CHECK;

/* The caller's catalog. Answers live as long as the analysis. */
typedef enum dg_sql_lookup (*dg_sql_columns_fn)(
	void *arg, const struct dg_sql_name *table,
	struct dg_sql_columns *columns_out);

/* Text of a prepared statement of this session; name byte for byte. */
typedef bool (*dg_sql_prepared_fn)(void *arg, struct dg_str name,
				   struct dg_str *text_out);

/* Which of the columns that a statement names are read. */
enum dg_sql_accounting {
	DG_SQL_STRICT, /* all of them, used or not: Trino's rule */
	/*
	 * Those that what comes out depends on: of a subquery's columns those
	 * that are used. Presto's rule since 0.294 (grammar.md 5.1), less what
	 * it leaves out and should not.
	 */
	DG_SQL_UTILIZED,
};

struct dg_sql_context {
	struct dg_sql_engine engine;
	const struct dg_sql_limits *limits;
	struct dg_str catalog; /* session's; empty when not set */
	struct dg_str schema;
	/* Who asks: views that he owns are read with his rights, too. */
	struct dg_str user;
	enum dg_sql_accounting accounting;
	dg_sql_columns_fn columns;   /* NULL: every table UNAVAILABLE */
	dg_sql_prepared_fn prepared; /* NULL: none */
	void *arg;                   /* for both */
};

enum dg_sql_action {
#define DG_SQL_ACTION(id, name, object, effect) DG_SQL_ACT_##id,
#include "sqlparse/actions.def"
#undef DG_SQL_ACTION
};
const char *dg_sql_action_name(enum dg_sql_action action);

/* What an action does to its object, once the engine has run it. */
enum dg_sql_effect {
	DG_SQL_READS,
	DG_SQL_WRITES,  /* rows of a table that stays as it is */
	DG_SQL_MAKES,   /* a table or view of that name, with what is in it */
	DG_SQL_CHANGES, /* which columns a name has; without a table: any */
	DG_SQL_SHOWS,   /* what there is, out of information_schema */
	DG_SQL_OTHER,   /* also rights that stand beside one that reads */
};
enum dg_sql_effect dg_sql_action_effect(enum dg_sql_action action);

/* A field of a row, or of the rows in an array. */
struct dg_sql_field_use {
	struct dg_str path; /* "column.field.field", lower case */
	size_t offset;      /* of its first use in the text */
};

struct dg_sql_column_use {
	struct dg_str name; /* lower case */
	size_t offset;      /* of its first use in the text */
	/* Only these of it are read, sorted; none: all of it. */
	const struct dg_sql_field_use *fields;
	size_t n_fields;
};

/*
 * One right that the statement needs. Two actions need none, and are refused
 * if any rule denies the SELECT: SELECT_LITERAL is a name as written
 * ("t$files") beside the SELECT on the table that it is taken to mean, since
 * some catalogs have ordinary tables of such names; SELECT_MAYBE is a table
 * that some connectors take a name for ("t" of "t: text") beside the SELECT on
 * the name itself.
 */
struct dg_sql_access {
	enum dg_sql_action action;
	struct dg_sql_name object;
	/*
	 * For SELECT, UPDATE: which columns, sorted by name, each once. May be
	 * empty (`count(*)`): the table itself is still read.
	 */
	const struct dg_sql_column_use *columns;
	size_t n_columns;
	/*
	 * Every column, also those that we cannot name: without metadata, or a
	 * read of hidden columns as well (`TABLE t`, grammar.md 8).
	 */
	bool all_columns;
	/* The table's columns were known when this was worked out. */
	bool columns_known;
	/* Functions, session properties, users ...: the name; else empty. */
	struct dg_str name;
	/* OPAQUE: why. */
	struct dg_str reason;
	/* OPAQUE, with an object: nobody could tell now what that is. */
	bool is_passing;
	size_t offset; /* in the client's text, for errorLocation */
};

struct dg_sql_analysis {
	enum dg_sql_statement statement;
	const struct dg_sql_access *access; /* sorted: action, object, name */
	size_t n_access;
	/* PENDING tables; if any, the rest is not complete: fetch and repeat.
	 */
	const struct dg_sql_name *pending;
	size_t n_pending;
	/* No effect beyond reading: a first GET may be repeated elsewhere. */
	bool read_only;
};

/*
 * Binds names and lists accesses. DG_OK with n_pending > 0 is not an answer
 * yet: it may still become an error, as an error may become an answer. On
 * failure INVALID (RESOLVE), UNSUPPORTED or LIMIT with err. A table
 * that is ABSENT is no failure: it is listed like one whose columns are not
 * known, so that the policy answers before anybody learns what exists.
 */
enum dg_rc dg_sql_analyze(const struct dg_sql_tree *tree,
			  const struct dg_sql_context *context,
			  struct dg_arena *arena,
			  struct dg_sql_analysis *analysis_out,
			  struct dg_sql_error *err) DG_MUST_CHECK;

/* ---- normalised text --------------------------------------------------- */

/*
 * The text with literals masked by '?', comments and white space folded to
 * one blank, unquoted words in lower case: for audit, logs, fingerprints.
 * Works on tokens, so also on text that does not parse; idempotent. A list of
 * three values and one of four differ; names in double quotes stay as they
 * are. Text that cannot even be tokenised gives "<unreadable>". LIMIT: out is
 * full, or the arena; what was appended is a beginning.
 */
enum dg_rc dg_sql_normalize(struct dg_str text, struct dg_sql_engine engine,
			    struct dg_arena *arena,
			    struct dg_buf *out) DG_MUST_CHECK;

/*
 * A number for the normalised text, the same with every build and machine: to
 * count and to group by, not against those who want two statements to have
 * one. 0: the arena is full.
 */
uint64_t dg_sql_fingerprint(struct dg_str text, struct dg_sql_engine engine,
			    struct dg_arena *arena);
/* The same of what dg_sql_normalize made, as long as it is whole. */
uint64_t dg_sql_fingerprint_of(struct dg_str normalized);

DG_END_DECLS

#endif

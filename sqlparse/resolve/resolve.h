/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - binding names; private to this folder.
 *
 * One resolver per dg_sql_analyze. It walks the immutable tree once: each
 * query, each CTE, each expression is visited one time, in the engine's order.
 * What it learns is in the tables (which columns of each are used) and in the
 * list of other rights; access.c makes the answer of both.
 *
 * Functions return bool: false means that r->rc and the caller's error say
 * why, and everything stops. All memory is the arena's.
 *
 * The invariant (grammar.md 5.1): whatever column an expression could be
 * reading, as far as we know, has been charged to its table. A relation's
 * columns are either a base table's, charged on use, or were charged when the
 * relation was resolved; so no origins need to be tracked through subqueries.
 */
#ifndef DG_SQLPARSE_RESOLVE_H
#define DG_SQLPARSE_RESOLVE_H

#include "ast/ast.h"
#include "base/map.h"
#include "resolve/column_index.h"
#include "resolve/type.h"

/*
 * How often a name may be looked for in a relation: what a hostile statement
 * with many names over many relations, nested, can cost (about 5 ns each).
 */
#define DG_SQL_MAX_STEPS 20000000U

/* ---- column sets: columns.c ------------------------------------ */

/* The columns that a relation shows. Shared; immutable but for its index. */
struct dg_sql_set {
	const struct dg_str *names; /* folded; data NULL: has no name */
	uint32_t n;
	bool open; /* there may be others, whose names we do not know */
	const struct dg_sql_column_index *index; /* NULL: not made yet */
};

/* A name looked for, hashed once for all sets. */
struct dg_sql_part {
	struct dg_str name;   /* folded as a name: qualifiers */
	struct dg_str column; /* folded as a column */
	const struct dg_sql_node *id;
	uint32_t hash; /* of column; may be 0 until it is looked for */
};

struct dg_sql_resolver;

/* NULL: limit. */
struct dg_sql_set *dg_sql_set_create(struct dg_sql_resolver *r,
				     const struct dg_str *names, uint32_t n,
				     bool open);
/* A column's number, NO_COLUMN or SEVERAL_COLUMNS. May fail r (limit). */
static inline uint32_t dg_sql_set_find(struct dg_sql_resolver *r,
				       struct dg_sql_set *set,
				       const struct dg_sql_part *part);
/* The same for a set that has no index yet. */
uint32_t dg_sql_set_search(struct dg_sql_resolver *r, struct dg_sql_set *set,
			   const struct dg_sql_part *part);

/* The columns that a list of IDs names. */
struct dg_sql_set *dg_sql_set_of_ids(struct dg_sql_resolver *r,
				     const struct dg_sql_node *list);

struct dg_sql_lazy;

/* Names of a relation in the making. */
struct dg_sql_names {
	struct dg_str *items;
	struct dg_sql_lazy **lazies; /* of each; NULL: none has one */
	uint32_t n;
	uint32_t cap;
	bool open;
	bool keep; /* columns may be lazy: who gets them looks at each use */
};
bool dg_sql_names_add(struct dg_sql_resolver *r, struct dg_sql_names *names,
		      struct dg_str name);
/* The same; lazy: NULL or what a use of the column reads. */
bool dg_sql_names_add_lazy(struct dg_sql_resolver *r,
			   struct dg_sql_names *names, struct dg_str name,
			   struct dg_sql_lazy *lazy);
struct dg_sql_set *dg_sql_names_finish(struct dg_sql_resolver *r,
				       const struct dg_sql_names *names);

/* ---- tables and other rights: table.c -------------------------- */

/* A column that is not among those listed: hidden, or of a table unknown. */
struct dg_sql_unlisted {
	struct dg_str name;
	uint32_t offset;
	struct dg_sql_unlisted *next;
};

/* Fields of a listed column that is not read as a whole. */
struct dg_sql_field {
	uint32_t column;
	struct dg_str path; /* "column.field.field" */
	uint32_t offset;
	struct dg_sql_field *next;
};

/* A table of the engine's; one per name and statement. */
struct dg_sql_table {
	struct dg_sql_name name;
	enum dg_sql_lookup lookup;
	const struct dg_str *listed; /* FOUND: as the catalog spells them */
	struct dg_sql_set *set;      /* the same folded; open unless FOUND */
	const struct dg_str *types;  /* of listed columns, or NULL */
	uint32_t *first_use;         /* per listed column: offset + 1, or 0 */
	uint32_t *used;              /* columns for which that is not 0 */
	uint32_t n_used;
	struct dg_map field_map;
	struct dg_sql_field *fields;
	size_t n_fields;
	struct dg_map unlisted_map;
	struct dg_sql_unlisted *unlisted;
	size_t n_unlisted;
	bool read;                      /* SELECT is needed, if on no column */
	bool all_listed;                /* `*` */
	bool all_columns;               /* and hidden ones */
	uint32_t offset;                /* first mention that reads, or may */
	uint32_t star_offset;           /* first mention that reads all */
	const struct dg_sql_view *view; /* FOUND, and it is one; or NULL */
	bool is_withheld;               /* nobody looked */
	struct dg_str why;              /* UNAVAILABLE: for people */
	bool shown;                     /* were it a view, it would be read */
	bool is_opened;                 /* what the view reads is charged */
	bool is_refreshed;              /* so is what its REFRESH reads */
	struct dg_sql_table *next;
};

/* A right that is not the reading of a table. */
struct dg_sql_right {
	enum dg_sql_action action;
	struct dg_sql_name object;
	struct dg_str name;
	struct dg_str reason;
	struct dg_sql_unlisted *columns; /* UPDATE; perhaps some twice */
	size_t n_columns;
	bool columns_known;
	bool is_passing;
	uint32_t offset;
	struct dg_sql_right *next;
};

/* name: QNAME. Fills in what the session gives; fails where it does not. */
bool dg_sql_table_name(struct dg_sql_resolver *r,
		       const struct dg_sql_node *qname,
		       struct dg_sql_name *name_out);
/* The table of a column's name, which ends in the column. */
bool dg_sql_column_table(struct dg_sql_resolver *r,
			 const struct dg_sql_node *qname,
			 struct dg_sql_name *name_out);
/* NULL: limit. Not yet read. */
struct dg_sql_table *dg_sql_table_get(struct dg_sql_resolver *r,
				      const struct dg_sql_name *name);
/*
 * ASCII letters, digits and underscores: neither a metadata table's name nor an
 * odd one.
 */
bool dg_sql_is_plain_name(struct dg_str name);
/*
 * The base table that a metadata table's name ("t$files", "t@12") belongs to;
 * false when name is an ordinary table's. A limit fails r.
 */
bool dg_sql_table_is_metadata(struct dg_sql_resolver *r,
			      const struct dg_sql_name *name,
			      struct dg_sql_name *base_out);

void dg_sql_charge_table(struct dg_sql_table *table, uint32_t offset);
/* It needs no right itself; what is read through it, should it be a view. */
void dg_sql_show_table(struct dg_sql_table *table, uint32_t offset);
/* path: of fields, without the column; empty: all of it. */
bool dg_sql_charge_column(struct dg_sql_resolver *r, struct dg_sql_table *table,
			  uint32_t column, struct dg_str path, uint32_t offset);
/* A column that the table need not list: hidden, or its columns unknown. */
bool dg_sql_charge_name(struct dg_sql_resolver *r, struct dg_sql_table *table,
			const struct dg_sql_part *part, uint32_t offset);
/*
 * Names under which a connector may give other tables: "*" is refused, of
 * "a,b: text" nothing may deny a and b.
 */
bool dg_sql_charge_odd_name(struct dg_sql_resolver *r,
			    const struct dg_sql_node *qname,
			    const struct dg_sql_name *name);
/* A read of `written`, which dg_sql_table_is_metadata takes for base's. */
bool dg_sql_charge_metadata(struct dg_sql_resolver *r,
			    const struct dg_sql_name *written,
			    const struct dg_sql_name *base, uint32_t offset);
/* All visible columns; and all with the hidden ones. */
void dg_sql_charge_listed(struct dg_sql_table *table, uint32_t offset);
void dg_sql_charge_all(struct dg_sql_table *table, uint32_t offset);

bool dg_sql_add_right(struct dg_sql_resolver *r, enum dg_sql_action action,
		      const struct dg_sql_name *object, struct dg_str name,
		      uint32_t offset);
/* The same, for columns to be added; NULL: limit. */
struct dg_sql_right *dg_sql_right_get(struct dg_sql_resolver *r,
				      enum dg_sql_action action,
				      const struct dg_sql_name *object,
				      struct dg_str name, uint32_t offset);
bool dg_sql_right_add_column(struct dg_sql_resolver *r,
			     struct dg_sql_right *right, struct dg_str name,
			     uint32_t offset);
/* What cannot be accounted for; all of it is in opaque.def. */
enum dg_sql_opaque {
#define DG_SQL_OPAQUE(id, dialect, what, example, reason) DG_SQL_OPAQUE_##id,
#include "sqlparse/opaque.def"
};
enum dg_sql_refused {
#define DG_SQL_REFUSED(id, dialect, what, example, reason) DG_SQL_REFUSED_##id,
#include "sqlparse/opaque.def"
};
/* The statement is read, and never allowed. */
bool dg_sql_add_opaque(struct dg_sql_resolver *r,
		       const struct dg_sql_node *node, enum dg_sql_opaque what);

/* ---- values passed on: lazy.c ----------------------------------- */

/* What is read: of a table's column, or of a lazy value. */
struct dg_sql_charge {
	struct dg_sql_table *table;
	uint32_t column;
	struct dg_sql_lazy *lazy;
	struct dg_str path; /* fields of it; empty: all */
	uint32_t offset;
	struct dg_sql_charge *next;
};

/* A column that is passed on, to be charged where it is used. */
struct dg_sql_lazy {
	struct dg_sql_charge *charges; /* by a use of all of it */
	/* A column or its field: one charge, of a table; fields can be used. */
	bool is_value;
	struct dg_str type;     /* of that */
	bool used;              /* somebody says which part of it is read */
	bool whole;             /* its charges are made, or about to be */
	bool counts;            /* even when nobody uses it, by any rule */
	struct dg_sql_lazy *of; /* an element's: its array, used with it */
	struct dg_sql_lazy *queued;
	struct dg_sql_lazy *next; /* of all */
};

/* What a name stands for. Neither table nor lazy: nothing to charge. */
struct dg_sql_trace {
	struct dg_sql_table *table;
	uint32_t column;
	struct dg_sql_lazy *lazy;
	struct dg_str path; /* fields of that */
	struct dg_str type; /* of the value; empty: fields cannot be told */
	uint32_t offset;
};

/*
 * From a value to the field of it that node names, n DEREFs deep; as far as it
 * can be told apart.
 */
bool dg_sql_trace_fields(struct dg_sql_resolver *r, struct dg_sql_trace *trace,
			 const struct dg_sql_node *node, uint32_t n);
bool dg_sql_charge_trace(struct dg_sql_resolver *r,
			 const struct dg_sql_trace *trace);
/* Instead of charging it; *lazy_out NULL: it was charged, or need not be. */
bool dg_sql_keep_trace(struct dg_sql_resolver *r,
		       const struct dg_sql_trace *trace,
		       struct dg_sql_lazy **lazy_out);
/* A field, or all (""), of the elements of a lazy array. */
bool dg_sql_keep_element(struct dg_sql_resolver *r, struct dg_sql_lazy *array,
			 struct dg_str field, struct dg_str type,
			 struct dg_sql_lazy **lazy_out);
bool dg_sql_is_worth_keeping(const struct dg_sql_resolver *r,
			     struct dg_str type);
struct dg_sql_lazy *dg_sql_lazy_create(struct dg_sql_resolver *r);
/* All of each; lazies may be NULL, and have NULLs in it. */
bool dg_sql_use_lazies(struct dg_sql_resolver *r,
		       struct dg_sql_lazy *const *lazies, uint32_t n);
/* At the end: what nobody has used. */
bool dg_sql_settle_lazies(struct dg_sql_resolver *r);

/* ---- scopes: scope.c ------------------------------------------- */

/* Listed column `column` of `table`, or a lazy value; neither: charged. */
struct dg_sql_origin {
	struct dg_sql_table *table;
	uint32_t column;
	struct dg_sql_lazy *lazy;
};

/* A key that JOIN .. USING took out of a source. */
struct dg_sql_exclusion {
	uint32_t column;
	const struct dg_sql_exclusion *next;
};

/* One relation of a FROM clause, or what else gives names. */
struct dg_sql_source {
	const struct dg_str *alias; /* qualifier, folded: [cat,] [schema,] t */
	uint32_t n_alias;           /* 0: columns cannot be qualified */
	const struct dg_sql_node *label; /* of a row pattern: behind it only */
	bool renamed;   /* by t(a, b): hidden columns are hidden */
	bool scrambled; /* columns not in the order the engine has them */
	struct dg_sql_set *set;
	/* A use of column i is charged to origins[i], or to table's i, or .. */
	struct dg_sql_table *table;  /* NULL: to nobody, that was done before */
	struct dg_sql_lazy **lazies; /* or to these, unless NULL */
	const struct dg_sql_origin *origins;
	const struct dg_sql_exclusion *excluded;
	uint32_t n_excluded;
};

/* Sources in the order written; a join's are a range of them. */
struct dg_sql_from {
	struct dg_sql_source *items;
	uint32_t n;
	uint32_t cap;
};

/* Names that an expression sees; parent: further out. NULL: none at all. */
struct dg_sql_scope {
	const struct dg_sql_scope *parent;
	struct dg_sql_from *from;
	uint32_t lo;
	uint32_t hi;
};

/* Zeroed, at the end of from; NULL: limit. Invalid when from grows. */
struct dg_sql_source *dg_sql_from_add(struct dg_sql_resolver *r,
				      struct dg_sql_from *from);

/* The same, with these names for its columns; false: limit. */
bool dg_sql_from_add_names(struct dg_sql_resolver *r, struct dg_sql_from *from,
			   const struct dg_sql_names *names);

/* An ID, or DEREFs down to one, parentheses aside. */
bool dg_sql_is_chain(const struct dg_sql_node *node);

/* A name or dotted chain as a value. */
bool dg_sql_resolve_chain(struct dg_sql_resolver *r,
			  const struct dg_sql_scope *scope,
			  const struct dg_sql_node *node);
/* What it stands for, not charged yet (what it may be besides, is). */
bool dg_sql_trace_chain(struct dg_sql_resolver *r,
			const struct dg_sql_scope *scope,
			const struct dg_sql_node *node,
			struct dg_sql_trace *trace_out);
/* The same, but *bound_out = false instead of an error when it is no column. */
bool dg_sql_try_chain(struct dg_sql_resolver *r,
		      const struct dg_sql_scope *scope,
		      const struct dg_sql_node *node, bool *bound_out);
/* `node.*` as a relation's columns; *bound_out false: it names no relation. */
bool dg_sql_resolve_star(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *scope,
			 const struct dg_sql_node *node,
			 struct dg_sql_names *names, bool *bound_out);
/*
 * Every visible column of a source: charged, or kept if the names say so, and
 * unless NULL named.
 */
bool dg_sql_expand_source(struct dg_sql_resolver *r,
			  const struct dg_sql_source *source,
			  struct dg_sql_names *names, uint32_t offset);
/* Is there a column among them whose reading could be put off? */
bool dg_sql_can_keep(const struct dg_sql_resolver *r,
		     const struct dg_sql_source *source);
/* Their names, without charging; and whose they are: how many. */
bool dg_sql_name_source(struct dg_sql_resolver *r,
			const struct dg_sql_source *source,
			struct dg_sql_names *names);
uint32_t dg_sql_list_origins(const struct dg_sql_source *source,
			     struct dg_sql_origin *origins);
/* One key of USING, which its side loses; side_name is for the error. */
bool dg_sql_take_key(struct dg_sql_resolver *r, const struct dg_sql_scope *side,
		     const struct dg_sql_node *key,
		     const struct dg_sql_part *part, const char *side_name);

/* ---- relations, queries, expressions ----------------------------------- */

/* What a query shows: columns, and for `TABLE t` still their qualifier. */
struct dg_sql_shape {
	bool keep; /* asked for: columns may be lazy */
	struct dg_sql_set *set;
	struct dg_sql_lazy **lazies; /* of each column; NULL: all are charged */
	const struct dg_str *alias;
	uint32_t n_alias;
};

struct dg_sql_cte {
	struct dg_str name;
	struct dg_sql_set *set; /* NULL: inside itself, not to be used */
	struct dg_sql_lazy **lazies;
	const void *frame; /* which WITH */
	bool recursive;    /* being resolved, under RECURSIVE */
	struct dg_sql_cte *shadowed;
	struct dg_sql_cte *next; /* in the frame */
};

struct dg_sql_resolver {
	const struct dg_sql_context *context;
	struct dg_arena *arena;
	struct dg_sql_error *err;
	enum dg_rc rc;
	struct dg_str text; /* the client's, for error positions */
	struct dg_sql_engine engine;
	struct dg_str catalog; /* the session's, folded */
	struct dg_str schema;
	/*
	 * Inside EXECUTE the text at hand is not the client's: all offsets are
	 * those of the EXECUTE.
	 */
	bool pinned;
	uint32_t pin;
	bool constant;  /* in USING: no names of columns, no subqueries */
	bool takes_all; /* in a view's text: each table with all its columns */

	struct dg_map ctes;   /* name -> innermost dg_sql_cte */
	uint32_t n_recursive; /* of them, those being resolved */
	uint32_t n_around;    /* queries of WITH around what is resolved */
	uint32_t n_queries;   /* begun so far */
	struct dg_map table_map;
	struct dg_sql_table *tables; /* newest first */
	size_t n_tables;
	bool has_views; /* among them */
	struct dg_map right_map;
	struct dg_sql_right *rights;
	size_t n_rights;
	struct dg_sql_lazy *lazies; /* all of them */
	struct dg_sql_lazy *queue;  /* to be charged as a whole */
	struct dg_sql_lazy *sink;   /* what is read now, is read by this */
	uint64_t steps;             /* up to DG_SQL_MAX_STEPS */
};

/* outer: what the query's own FROM may see of enclosing queries. shape: may
 * be NULL when nobody looks at the columns. */
bool dg_sql_resolve_query(struct dg_sql_resolver *r,
			  const struct dg_sql_scope *outer,
			  const struct dg_sql_node *query,
			  struct dg_sql_shape *shape);
/* Appends the relation's sources to from. */
bool dg_sql_resolve_relation(struct dg_sql_resolver *r,
			     const struct dg_sql_scope *outer,
			     struct dg_sql_from *from,
			     const struct dg_sql_node *relation);
/* A FROM clause: relations joined by commas. */
bool dg_sql_resolve_from(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *outer,
			 struct dg_sql_from *from,
			 const struct dg_sql_node *list);
/* `TABLE t`. */
bool dg_sql_resolve_table_query(struct dg_sql_resolver *r,
				const struct dg_sql_node *node,
				struct dg_sql_shape *shape);
bool dg_sql_resolve_expr(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *scope,
			 const struct dg_sql_node *node);
/* As far as it is a column or a field; else it is resolved. */
bool dg_sql_trace_expr(struct dg_sql_resolver *r,
		       const struct dg_sql_scope *scope,
		       const struct dg_sql_node *node,
		       struct dg_sql_trace *trace_out);
bool dg_sql_resolve_list(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *scope,
			 const struct dg_sql_node *list);
/* Of each item that child only: list->..->kid[kid]. */
bool dg_sql_resolve_each(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *scope,
			 const struct dg_sql_node *list, size_t kid);
bool dg_sql_resolve_window(struct dg_sql_resolver *r,
			   const struct dg_sql_scope *scope,
			   const struct dg_sql_node *spec);
/* One source of those from lo on, each column with its origin. */
bool dg_sql_merge_sources(struct dg_sql_resolver *r, struct dg_sql_from *from,
			  uint32_t lo, const struct dg_sql_node *node);

/* ---- row patterns: pattern.c ------------------------------------ */

bool dg_sql_resolve_match(struct dg_sql_resolver *r,
			  const struct dg_sql_scope *outer,
			  struct dg_sql_from *from,
			  const struct dg_sql_node *node);
/* The pattern of a window's frame; scope: what the window sees. */
bool dg_sql_resolve_frame_pattern(struct dg_sql_resolver *r,
				  const struct dg_sql_scope *scope,
				  const struct dg_sql_node *pattern);
/* Unlike names: quotes keep the case. */
bool dg_sql_same_label(const struct dg_sql_node *a,
		       const struct dg_sql_node *b);
bool dg_sql_is_label(const struct dg_sql_scope *scope,
		     const struct dg_sql_node *id);

/* ---- JSON: json.c ----------------------------------------------- */

bool dg_sql_resolve_json(struct dg_sql_resolver *r,
			 const struct dg_sql_scope *scope,
			 const struct dg_sql_node *node);
/* left: the relations before it, which its expressions see. */
bool dg_sql_resolve_json_table(struct dg_sql_resolver *r,
			       const struct dg_sql_scope *left,
			       struct dg_sql_from *from,
			       const struct dg_sql_node *node);

/* The body of a function: what it calls. */
bool dg_sql_resolve_routine(struct dg_sql_resolver *r,
			    const struct dg_sql_node *routine);
bool dg_sql_resolve_statement(struct dg_sql_resolver *r,
			      const struct dg_sql_node *node,
			      struct dg_sql_analysis *analysis);

/*
 * Charges what is read through views with the rights of who reads them, views
 * in views included, and refuses names that may be such views: view.c. To be
 * called when all else has been resolved.
 */
bool dg_sql_open_views(struct dg_sql_resolver *r);
/* REFRESH: what its query reads, too, is asked of who refreshes it. */
bool dg_sql_refresh_view(struct dg_sql_resolver *r,
			 const struct dg_sql_name *name, uint32_t offset);

/* Counts work that a hostile statement could make large; false: too much. */
static inline bool dg_sql_spend(struct dg_sql_resolver *r, uint64_t steps);
DG_COLD bool dg_sql_refuse_steps(struct dg_sql_resolver *r);

/* ---- common: resolve.c -------------------------------------------------- */

static inline uint32_t
dg_sql_at(const struct dg_sql_resolver *r, const struct dg_sql_node *node)
{
	return r->pinned ? r->pin : node->offset;
}

/* Always false; the first failure is kept. */
DG_COLD bool dg_sql_refuse(struct dg_sql_resolver *r,
			   enum dg_sql_error_kind kind,
			   const struct dg_sql_node *node, const char *fmt, ...)
	DG_PRINTF(4, 5);
DG_COLD bool dg_sql_refuse_limit(struct dg_sql_resolver *r);
/* Of kind UNSUPPORTED. */
bool dg_sql_refuse_as(struct dg_sql_resolver *r, const struct dg_sql_node *node,
		      enum dg_sql_refused what);
#ifdef __clang_analyzer__
/* Shows the analyzer that these are false. */
#define dg_sql_refuse(...) (dg_sql_refuse(__VA_ARGS__), false)
#define dg_sql_refuse_limit(r) (dg_sql_refuse_limit(r), false)
#define dg_sql_refuse_as(r, node, what) (dg_sql_refuse_as(r, node, what), false)
#endif
/* A node that stands where we do not expect its kind. */
DG_COLD bool dg_sql_refuse_kind(struct dg_sql_resolver *r,
				const struct dg_sql_node *node);
/* Zeroed array in the arena; NULL: r has failed. */
void *dg_sql_alloc(struct dg_sql_resolver *r, size_t count, size_t size);

/* Folded text of an ID: of a table, schema, alias; of a column. */
bool dg_sql_fold_id(struct dg_sql_resolver *r, const struct dg_sql_node *id,
		    struct dg_str *name_out);
bool dg_sql_fold_column_id(struct dg_sql_resolver *r,
			   const struct dg_sql_node *id,
			   struct dg_str *name_out);
/* Each part of a dotted name; more than room of them: refused. what: "table" */
bool dg_sql_fold_qname(struct dg_sql_resolver *r,
		       const struct dg_sql_node *qname, const char *what,
		       struct dg_str *parts, size_t room, size_t *n_out);
static inline bool dg_sql_make_part(struct dg_sql_resolver *r,
				    const struct dg_sql_node *id,
				    struct dg_sql_part *part_out);
/* Both foldings of an ID that needs one. */
bool dg_sql_fold_part(struct dg_sql_resolver *r, const struct dg_sql_node *id,
		      struct dg_sql_part *part_out);

/* A literal that is no row, whatever stands beside it; NULL may be one. */
bool dg_sql_is_scalar(const struct dg_sql_node *node);

static inline uint32_t
dg_sql_set_find(struct dg_sql_resolver *r, struct dg_sql_set *set,
		const struct dg_sql_part *part)
{
	if (set->index == NULL)
		return dg_sql_set_search(r, set, part);
	return dg_sql_column_index_find(set->index, set->names, part->column,
					part->hash, &r->steps);
}

/* False: for certain none of its columns has a name with that hash. */
static inline bool
dg_sql_set_may_have(const struct dg_sql_set *set, uint32_t hash)
{
	return set->index == NULL ||
	       dg_sql_column_index_may_have(set->index, hash);
}

static inline bool
dg_sql_make_part(struct dg_sql_resolver *r, const struct dg_sql_node *id,
		 struct dg_sql_part *part_out)
{
	part_out->id = id;
	part_out->name = part_out->column = id->text;
	part_out->hash = 0;
	return (id->flags & DG_SQL_F_FOLDED) != 0 ||
	       dg_sql_fold_part(r, id, part_out);
}

static inline void
dg_sql_hash_part(struct dg_sql_part *part)
{
	if (part->hash == 0)
		part->hash = dg_sql_hash_column(part->column);
}

static inline bool
dg_sql_spend(struct dg_sql_resolver *r, uint64_t steps)
{
	r->steps += steps;
	return r->steps <= DG_SQL_MAX_STEPS || dg_sql_refuse_steps(r);
}

static inline const struct dg_sql_node *
dg_sql_strip_parens(const struct dg_sql_node *node)
{
	while (node != NULL && node->kind == DG_SQL_K_PAREN)
		node = node->kid[DG_SQL_PAREN_EXPR];
	return node;
}

#endif

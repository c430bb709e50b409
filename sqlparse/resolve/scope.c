/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.c - which column does a name mean? (grammar.md 5.3)
 *
 * From the innermost scope outwards, in each: the longest leading part of the
 * dotted chain that is a column there, its front being a qualifier; what
 * follows are row fields. More than one in a scope is ambiguous.
 *
 * What is found is a trace: it is the caller's to charge, or to pass on.
 *
 * What is not known for sure never ends the search: a relation whose columns
 * we do not know may or may not have the name, so that it is charged and the
 * scopes further out are searched all the same. A name that no relation lists
 * may be a hidden column ("$path") of the one base table that could hold it.
 */
#include "resolve/resolve.h"

#include <stdio.h>

#include "base/assert.h"
#include "resolve/candidates.h"

/* An alias has 3 parts at most: no column takes more of the chain. */
#define CHAIN_MAX 4

struct chain {
	struct dg_sql_part parts[CHAIN_MAX]; /* the first ones */
	uint32_t n;                          /* of those */
	uint32_t total;                      /* of all there are */
	bool dotted;                         /* more than one part in all */
	uint32_t offset;
	const struct dg_sql_node *node;
};

struct match {
	const struct dg_sql_source *source;
	uint32_t column;
	uint32_t n; /* parts of the chain that it took */
};

/* Where a name could be bound that is listed nowhere. */
struct loose {
	bool charge;  /* whoever could hide it, while searching */
	bool maybe;   /* a relation of unknown columns may have it */
	bool several; /* more than one table could hide it */
	struct dg_sql_table *table;     /* the one that could */
	const struct dg_sql_part *part; /* the name, of the chain */
};

struct dg_sql_source *
dg_sql_from_add(struct dg_sql_resolver *r, struct dg_sql_from *from)
{
	if (from->n == from->cap) {
		uint32_t cap = from->cap == 0 ? 4 : from->cap * 2;
		struct dg_sql_source *items;

		items = dg_sql_alloc(r, cap, sizeof(*items));
		if (items == NULL)
			return NULL;
		if (from->n > 0)
			memcpy(items, from->items, from->n * sizeof(*items));
		from->items = items;
		from->cap = cap;
	}
	/* May have been in use before: an alias makes one source of several. */
	from->items[from->n] = (struct dg_sql_source){.alias = NULL};
	return &from->items[from->n++];
}

bool
dg_sql_from_add_names(struct dg_sql_resolver *r, struct dg_sql_from *from,
		      const struct dg_sql_names *names)
{
	struct dg_sql_source *source = dg_sql_from_add(r, from);

	if (source == NULL)
		return false;
	source->set = dg_sql_names_finish(r, names);
	source->lazies = names->lazies;
	return source->set != NULL;
}

/* ---- chains ------------------------------------------------------------ */

/* Its field, and what the field is of. */
static const struct dg_sql_node *
chain_base(const struct dg_sql_node *deref)
{
	return dg_sql_strip_parens(deref->kid[DG_SQL_DEREF_BASE]);
}

bool
dg_sql_is_chain(const struct dg_sql_node *node)
{
	node = dg_sql_strip_parens(node);
	while (node->kind == DG_SQL_K_DEREF)
		node = chain_base(node);
	return node->kind == DG_SQL_K_ID;
}

/* The chain may be long; only its first parts matter. node: its DEREF. */
static bool
make_dotted(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	    struct chain *chain)
{
	const struct dg_sql_node *last[CHAIN_MAX] = {NULL};
	uint32_t seen = 0;

	while (node->kind == DG_SQL_K_DEREF) {
		last[seen++ % CHAIN_MAX] = node->kid[DG_SQL_DEREF_FIELD];
		node = chain_base(node);
	}
	last[seen++ % CHAIN_MAX] = node;
	chain->n = seen < CHAIN_MAX ? seen : CHAIN_MAX;
	chain->total = seen;
	for (uint32_t i = 0; i < chain->n; i++) {
		const struct dg_sql_node *id = last[(seen - 1 - i) % CHAIN_MAX];

		DG_ASSERT(id != NULL);
		if (!dg_sql_make_part(r, id, &chain->parts[i]))
			return false;
	}
	return true;
}

static inline bool
make_chain(struct dg_sql_resolver *r, const struct dg_sql_node *node,
	   struct chain *chain)
{
	node = dg_sql_strip_parens(node);
	chain->node = node;
	chain->offset = dg_sql_at(r, node);
	chain->dotted = node->kind == DG_SQL_K_DEREF;
	if (chain->dotted)
		return make_dotted(r, node, chain);
	chain->n = chain->total = 1;
	return dg_sql_make_part(r, node, &chain->parts[0]);
}

/* Do the first n parts end the source's alias? */
static bool
has_qualifier(const struct dg_sql_source *source,
	      const struct dg_sql_part *parts, uint32_t n)
{
	if (source->label != NULL)
		return n == 1 && dg_sql_same_label(source->label, parts[0].id);
	if (n > source->n_alias)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!dg_str_eq(source->alias[source->n_alias - n + i],
			       parts[i].name))
			return false;
	return true;
}

static bool
is_excluded(const struct dg_sql_source *source, uint32_t column)
{
	const struct dg_sql_exclusion *out;

	for (out = source->excluded; out != NULL; out = out->next)
		if (out->column == column)
			return true;
	return false;
}

static uint32_t
find_in_source(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	       const struct dg_sql_part *part)
{
	uint32_t column = dg_sql_set_find(r, source->set, part);

	if (source->excluded == NULL)
		return column;
	if (!dg_sql_spend(r, source->n_excluded) || is_excluded(source, column))
		return DG_SQL_NO_COLUMN;
	return column;
}

/* One more source in which the first n parts mean this column, or none. */
static inline unsigned
note_match(struct match *match, unsigned found,
	   const struct dg_sql_source *source, uint32_t column, uint32_t n)
{
	if (column == DG_SQL_NO_COLUMN)
		return found;
	if (column == DG_SQL_SEVERAL_COLUMNS || found > 0)
		return 2;
	*match = (struct match){source, column, n};
	return 1;
}

/* Columns that the first n parts mean in one scope: 0, 1, or 2 for several. */
static inline unsigned
find_in_scope(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	      struct dg_sql_part *parts, uint32_t n, struct match *match)
{
	struct dg_sql_part *part = &parts[n - 1];
	uint64_t outline = n > 1 ? dg_sql_outline(parts[n - 2].name) : 0;
	unsigned found = 0;
	uint32_t some;

	if (scope->lo == scope->hi || !dg_sql_spend(r, scope->hi - scope->lo))
		return 0;
	dg_sql_hash_part(part);
	for (uint32_t at = scope->lo; at < scope->hi; at += some) {
		const struct dg_sql_source *sources = &scope->from->items[at];
		uint64_t marked;

		some = scope->hi - at;
		if (some > DG_SQL_CANDIDATES_MAX)
			some = DG_SQL_CANDIDATES_MAX;
		marked =
			n > 1 ? dg_sql_mark_by_qualifier(sources, some, outline)
			      : dg_sql_mark_by_column(sources, some,
						      part->hash);
		for (; marked != 0; marked &= marked - 1) {
			const struct dg_sql_source *source =
				&sources[__builtin_ctzll(marked)];

			if (n > 1 && !has_qualifier(source, parts, n - 1))
				continue;
			found = note_match(match, found, source,
					   find_in_source(r, source, part), n);
			if (found > 1)
				return found;
		}
	}
	return found;
}

/* ---- what is found ----------------------------------------------------- */

static struct dg_sql_origin
origin_of(const struct dg_sql_source *source, uint32_t column)
{
	if (source->origins != NULL)
		return source->origins[column];
	return (struct dg_sql_origin){
		.table = source->table,
		.column = column,
		.lazy = source->lazies == NULL ? NULL : source->lazies[column],
	};
}

/* The types of columns with a dot in their names cannot be used: "a.b"."c". */
static struct dg_str
type_of(const struct dg_sql_table *table, uint32_t column)
{
	struct dg_str name = table->listed[column];

	if (table->types == NULL || table->types[column].len < 2 ||
	    dg_str_find(name, '.', 0) < name.len)
		return DG_STR_EMPTY;
	return table->types[column];
}

static struct dg_sql_trace
trace_column(const struct dg_sql_source *source, uint32_t column,
	     uint32_t offset)
{
	struct dg_sql_origin origin = origin_of(source, column);
	struct dg_sql_trace trace = {.offset = offset};

	if (origin.lazy != NULL) {
		trace.lazy = origin.lazy;
		trace.type = origin.lazy->type;
	} else if (origin.table == NULL) {
		return trace;
	} else if (origin.table->lookup == DG_SQL_FOUND) {
		trace.table = origin.table;
		trace.column = origin.column;
		trace.type = type_of(origin.table, origin.column);
	} else { /* renamed columns of a table that we do not know */
		dg_sql_charge_all(origin.table, offset);
	}
	return trace;
}

static bool
charge_column(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	      uint32_t column, uint32_t offset)
{
	struct dg_sql_trace trace = trace_column(source, column, offset);

	return dg_sql_charge_trace(r, &trace);
}

/* ---- names that are not listed ----------------------------------------- */

/* Could hold columns that are not listed. */
static bool
may_hide(const struct dg_sql_source *source)
{
	return source->table != NULL && !source->renamed &&
	       source->table->lookup == DG_SQL_FOUND;
}

/* Listed, but out of reach: JOIN .. USING took it. */
static bool
is_listed(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	  const struct dg_sql_part *part)
{
	return dg_sql_set_find(r, source->set, part) != DG_SQL_NO_COLUMN;
}

/*
 * How connectors name what they hide: "$path", "_key"; tpch has row_number.
 * Such a name may be hidden in a relation that does not list it even if one
 * further out does.
 */
static bool
looks_hidden(struct dg_str name)
{
	return name.len > 0 && (name.data[0] == '$' || name.data[0] == '_' ||
				dg_str_eq(name, DG_STR("row_number")));
}

/* Which part would be the source's column; NULL when none would. */
static const struct dg_sql_part *
part_for_source(const struct dg_sql_source *source, const struct chain *chain,
		bool first_is_alias)
{
	for (uint32_t n = chain->n; n > 1; n--)
		if (has_qualifier(source, chain->parts, n - 1))
			return &chain->parts[n - 1];
	if (source->label != NULL)
		return NULL;
	if (!chain->dotted)
		return &chain->parts[0];
	return source->set->open && !first_is_alias ? &chain->parts[0] : NULL;
}

static bool
is_alias_in_scope(const struct dg_sql_scope *scope, const struct chain *chain)
{
	for (uint32_t i = scope->lo; i < scope->hi; i++)
		for (uint32_t n = 1; n < chain->n; n++)
			if (has_qualifier(&scope->from->items[i], chain->parts,
					  n))
				return true;
	return false;
}

static bool
note_hidden(struct dg_sql_resolver *r, struct dg_sql_table *table,
	    const struct dg_sql_part *part, const struct chain *chain,
	    struct loose *loose)
{
	if (loose->table != NULL && loose->table != table)
		loose->several = true;
	loose->table = table;
	loose->part = part;
	if (loose->charge || looks_hidden(part->column))
		return dg_sql_charge_name(r, table, part, chain->offset);
	return true;
}

/*
 * An alias over a join: a hidden column could be any table's. So such a name
 * is refused unless it is bound further out, or a relation of unknown columns
 * may have it; then all of them are read.
 */
static bool
note_merged(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	    const struct dg_sql_part *part, const struct chain *chain,
	    struct loose *loose)
{
	if (!dg_sql_spend(r, source->set->n))
		return false;
	for (uint32_t i = 0; i < source->set->n; i++) {
		struct dg_sql_table *table = source->origins[i].table;

		if (table == NULL)
			continue;
		loose->several = true;
		loose->table = table;
		loose->part = part;
		if (looks_hidden(part->column))
			dg_sql_charge_all(table, chain->offset);
		else if (loose->charge &&
			 !dg_sql_charge_name(r, table, part, chain->offset))
			return false;
	}
	return true;
}

/* Could the name be a column of this source that it does not list? */
static bool
search_source(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	      const struct dg_sql_part *part, const struct chain *chain,
	      struct loose *loose)
{
	if (source->set->open)
		loose->maybe = true;
	if (is_listed(r, source, part))
		return true;
	if (source->origins != NULL && !source->renamed &&
	    !note_merged(r, source, part, chain, loose))
		return false;
	if (may_hide(source))
		return note_hidden(r, source->table, part, chain, loose);
	if (source->set->open && source->table != NULL)
		return dg_sql_charge_name(r, source->table, part,
					  chain->offset);
	return true;
}

/* No column of this scope is known to be meant: who could it be? */
static bool
search_loose(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     const struct chain *chain, struct loose *loose)
{
	bool first_is_alias;

	if (!dg_sql_spend(r, scope->hi - scope->lo))
		return false;
	first_is_alias = chain->dotted && is_alias_in_scope(scope, chain);
	for (uint32_t i = scope->lo; i < scope->hi; i++) {
		const struct dg_sql_source *source = &scope->from->items[i];
		const struct dg_sql_part *part =
			part_for_source(source, chain, first_is_alias);

		if (part != NULL &&
		    !search_source(r, source, part, chain, loose))
			return false;
	}
	return true;
}

/* ---- values ------------------------------------------------------------ */

/* "a.b.c" of the first n parts, cut where it gets long. */
static const char *
chain_text(const struct chain *chain, uint32_t n, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < n && len < size; i++) {
		struct dg_str name = chain->parts[i].column;
		int more = snprintf(out + len, size - len, "%s%.*s",
				    i == 0 ? "" : ".", DG_STR_ARG(name));

		len += more < 0 ? size : (size_t)more;
	}
	return out;
}

static bool
fail_ambiguous(struct dg_sql_resolver *r, const struct chain *chain, uint32_t n)
{
	char name[256];

	return dg_sql_refuse(r, DG_SQL_E_AMBIGUOUS, chain->node,
			     "Column '%s' is ambiguous",
			     chain_text(chain, n, name, sizeof(name)));
}

static bool
fail_unresolved(struct dg_sql_resolver *r, const struct chain *chain,
		const struct loose *loose)
{
	char name[256];

	chain_text(chain, chain->n, name, sizeof(name));
	if (loose->several && looks_hidden(loose->part->column))
		return dg_sql_refuse(
			r, DG_SQL_E_NO_COLUMN, chain->node,
			"Column '%s' cannot be resolved: more than "
			"one table could hide it, qualify it",
			name);
	return dg_sql_refuse(r, DG_SQL_E_NO_COLUMN, chain->node,
			     "Column '%s' cannot be resolved", name);
}

/*
 * The listed column that the chain means; no source: there is none. Charges on
 * the way who else could be meant. False: r has failed.
 */
static bool
bind_chain(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	   struct chain *chain, struct loose *loose, struct match *match_out)
{
	match_out->source = NULL;
	for (; scope != NULL; scope = scope->parent) {
		for (uint32_t n = chain->n; n > 0; n--) {
			unsigned found = find_in_scope(r, scope, chain->parts,
						       n, match_out);

			if (found > 1)
				return fail_ambiguous(r, chain, n);
			if (found == 1)
				return true;
		}
		if (!search_loose(r, scope, chain, loose))
			return false;
	}
	return true;
}

/*
 * Of a name that is bound to no listed column: it may be of a relation whose
 * columns we do not know (a row's field that UNNEST shows), and as well be one
 * that a table hides, or got since its columns were listed. All that could
 * are charged with it.
 */
static bool
charge_loose(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
	     struct chain *chain, const struct loose *loose)
{
	struct loose again = {.charge = true};
	struct match match;

	if (loose->table == NULL)
		return true;
	if (!loose->several)
		return dg_sql_charge_name(r, loose->table, loose->part,
					  chain->offset);
	return bind_chain(r, scope, chain, &again, &match);
}

static bool
trace_match(struct dg_sql_resolver *r, const struct chain *chain,
	    const struct match *match, struct dg_sql_trace *trace_out)
{
	*trace_out = trace_column(match->source, match->column, chain->offset);
	return dg_sql_trace_fields(r, trace_out, chain->node,
				   chain->total - match->n);
}

/* No listed column is meant. */
static bool
resolve_unlisted(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		 struct chain *chain, const struct loose *loose)
{
	if (loose->maybe || (loose->table != NULL && !loose->several))
		return charge_loose(r, scope, chain, loose);
	return fail_unresolved(r, chain, loose);
}

bool
dg_sql_trace_chain(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		   const struct dg_sql_node *node,
		   struct dg_sql_trace *trace_out)
{
	struct loose loose = {.maybe = false};
	struct match match;
	struct chain chain;

	*trace_out = (struct dg_sql_trace){.table = NULL};
	if (!make_chain(r, node, &chain) ||
	    !bind_chain(r, scope, &chain, &loose, &match))
		return false;
	if (match.source != NULL)
		return trace_match(r, &chain, &match, trace_out);
	return resolve_unlisted(r, scope, &chain, &loose);
}

/* All of a column that is its table's, or was charged before: most names. */
static inline bool
is_plain(const struct dg_sql_resolver *r, const struct chain *chain,
	 const struct match *match)
{
	const struct dg_sql_source *source = match->source;

	return match->n == chain->total && source->origins == NULL &&
	       source->lazies == NULL && r->sink == NULL &&
	       (source->table == NULL || source->table->lookup == DG_SQL_FOUND);
}

bool
dg_sql_resolve_chain(struct dg_sql_resolver *r,
		     const struct dg_sql_scope *scope,
		     const struct dg_sql_node *node)
{
	struct loose loose = {.maybe = false};
	struct dg_sql_trace trace;
	struct match match;
	struct chain chain;

	if (!make_chain(r, node, &chain) ||
	    !bind_chain(r, scope, &chain, &loose, &match))
		return false;
	if (match.source == NULL)
		return resolve_unlisted(r, scope, &chain, &loose);
	if (is_plain(r, &chain, &match))
		return match.source->table == NULL ||
		       dg_sql_charge_column(r, match.source->table,
					    match.column, DG_STR_EMPTY,
					    chain.offset);
	return trace_match(r, &chain, &match, &trace) &&
	       dg_sql_charge_trace(r, &trace);
}

bool
dg_sql_try_chain(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		 const struct dg_sql_node *node, bool *bound_out)
{
	struct loose loose = {.maybe = false};
	struct dg_sql_trace trace;
	struct match match;
	struct chain chain;

	*bound_out = false;
	if (!make_chain(r, node, &chain) ||
	    !bind_chain(r, scope, &chain, &loose, &match))
		return false;
	if (match.source == NULL)
		return true;
	*bound_out = true;
	return trace_match(r, &chain, &match, &trace) &&
	       dg_sql_charge_trace(r, &trace);
}

/* ---- stars ------------------------------------------------------------- */

bool
dg_sql_name_source(struct dg_sql_resolver *r,
		   const struct dg_sql_source *source,
		   struct dg_sql_names *names)
{
	const struct dg_sql_set *set = source->set;

	names->open = names->open || set->open;
	if (!dg_sql_spend(r, (uint64_t)set->n * source->n_excluded))
		return false;
	for (uint32_t i = 0; i < set->n; i++)
		if (!is_excluded(source, i) &&
		    !dg_sql_names_add(r, names, set->names[i]))
			return false;
	return true;
}

uint32_t
dg_sql_list_origins(const struct dg_sql_source *source,
		    struct dg_sql_origin *origins)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < source->set->n; i++) {
		if (is_excluded(source, i))
			continue;
		origins[n++] = origin_of(source, i);
	}
	return n;
}

bool
dg_sql_can_keep(const struct dg_sql_resolver *r,
		const struct dg_sql_source *source)
{
	const struct dg_sql_table *table = source->table;

	if (source->origins != NULL || source->lazies != NULL)
		return true;
	if (table == NULL || table->lookup != DG_SQL_FOUND)
		return false;
	return table->types != NULL ||
	       r->context->accounting == DG_SQL_UTILIZED;
}

/* The columns as expand_source would have them, kept where that is of use. */
static bool
keep_source(struct dg_sql_resolver *r, const struct dg_sql_source *source,
	    struct dg_sql_names *names, uint32_t offset)
{
	names->open = names->open || source->set->open;
	if (!dg_sql_spend(r,
			  (uint64_t)source->set->n * (1 + source->n_excluded)))
		return false;
	for (uint32_t i = 0; i < source->set->n; i++) {
		struct dg_sql_trace trace;
		struct dg_sql_lazy *lazy;

		if (is_excluded(source, i))
			continue; /* charged as a key */
		trace = trace_column(source, i, offset);
		if (!dg_sql_keep_trace(r, &trace, &lazy) ||
		    !dg_sql_names_add_lazy(r, names, source->set->names[i],
					   lazy))
			return false;
	}
	return true;
}

bool
dg_sql_expand_source(struct dg_sql_resolver *r,
		     const struct dg_sql_source *source,
		     struct dg_sql_names *names, uint32_t offset)
{
	if (!dg_sql_spend(r, 1))
		return false;
	if (names != NULL && names->keep && dg_sql_can_keep(r, source))
		return keep_source(r, source, names, offset);
	if (source->origins != NULL || source->lazies != NULL) {
		if (!dg_sql_spend(r, source->set->n))
			return false;
		for (uint32_t i = 0; i < source->set->n; i++)
			if (!charge_column(r, source, i, offset))
				return false;
	} else if (source->table != NULL) {
		dg_sql_charge_listed(source->table, offset);
	}
	return names == NULL || dg_sql_name_source(r, source, names);
}

bool
dg_sql_resolve_star(struct dg_sql_resolver *r, const struct dg_sql_scope *scope,
		    const struct dg_sql_node *node, struct dg_sql_names *names,
		    bool *bound_out)
{
	struct chain chain;

	*bound_out = false;
	if (!make_chain(r, node, &chain))
		return false;
	for (; scope != NULL; scope = scope->parent) {
		struct match match;

		if (!dg_sql_spend(r, scope->hi - scope->lo))
			return false;
		for (uint32_t i = scope->lo; i < scope->hi; i++) {
			struct dg_sql_source *source = &scope->from->items[i];

			if (!has_qualifier(source, chain.parts, chain.n))
				continue;
			*bound_out = true;
			if (source->label == NULL && /* count(A.*) counts */
			    !dg_sql_expand_source(r, source, names,
						  chain.offset))
				return false;
		}
		if (*bound_out)
			return true;
		/* A column nearer than the next relation of that name. */
		for (uint32_t n = chain.n; n > 0; n--)
			if (find_in_scope(r, scope, chain.parts, n, &match) > 0)
				return true;
	}
	return true;
}

/* ---- USING ------------------------------------------------------------- */

static bool
exclude(struct dg_sql_resolver *r, struct dg_sql_source *source,
	uint32_t column)
{
	struct dg_sql_exclusion *out = dg_sql_alloc(r, 1, sizeof(*out));

	if (out == NULL)
		return false;
	out->column = column;
	out->next = source->excluded;
	source->excluded = out;
	source->n_excluded++;
	return true;
}

/*
 * Trino looks for a key that a side lacks further out, as for any name. That
 * is not offered, but where we do not know the side's columns it may happen.
 */
bool
dg_sql_take_key(struct dg_sql_resolver *r, const struct dg_sql_scope *side,
		const struct dg_sql_node *key, const struct dg_sql_part *part,
		const char *side_name)
{
	struct chain chain = {.n = 1, .node = key};
	struct loose loose = {.maybe = false};
	struct match match;
	unsigned found;

	chain.parts[0] = *part;
	chain.offset = dg_sql_at(r, key);
	found = find_in_scope(r, side, chain.parts, 1, &match);
	if (found > 1)
		return fail_ambiguous(r, &chain, 1);
	if (found == 1) {
		struct dg_sql_source *items = side->from->items;

		if (!charge_column(r, match.source, match.column, chain.offset))
			return false;
		return exclude(r, &items[match.source - items], match.column);
	}
	if (!search_loose(r, side, &chain, &loose))
		return false;
	if (!loose.maybe)
		return dg_sql_refuse(r, DG_SQL_E_NO_COLUMN, key,
				     "Column '%.*s' is missing from %s side of "
				     "join",
				     DG_STR_ARG(part->column), side_name);
	if (!bind_chain(r, side->parent, &chain, &loose, &match))
		return false;
	return match.source == NULL ? charge_loose(r, side, &chain, &loose)
				    : charge_column(r, match.source,
						    match.column, chain.offset);
}

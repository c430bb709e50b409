/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lazy.c - values that are passed on: what is read of them is decided
 * where they are used. docs/internals/resolve.md "Passing on" says when.
 *
 * A lazy value stands for a column of a subquery. A use of all of it makes its
 * charges, once; a use of a field of it charges that field, where the value is
 * a column or a field itself. Uses may be put off in turn: while there is a
 * sink, they become charges of that.
 *
 * The invariant: a lazy value is either charged, passed on as itself, or in
 * the end charged as a whole because nobody said which part of it was read;
 * only by the utilised rule what nobody uses is left out.
 */
#include "base/assert.h"
#include "resolve/fold.h"
#include "resolve/resolve.h"

/* ---- paths ------------------------------------------------------------- */

static bool
join_path(struct dg_sql_resolver *r, struct dg_str a, struct dg_str b,
	  struct dg_str *path_out)
{
	if (a.len == 0 || b.len == 0) {
		*path_out = a.len == 0 ? b : a;
		return true;
	}
	*path_out = dg_arena_printf(r->arena, "%.*s.%.*s", DG_STR_ARG(a),
				    DG_STR_ARG(b));
	return path_out->data != NULL || dg_sql_refuse_limit(r);
}

/*
 * What we cannot tell from another field's path, or do not know to be a field,
 * is not told apart: all of the value is read then.
 */
static bool
trace_field(struct dg_sql_resolver *r, struct dg_sql_trace *trace,
	    const struct dg_sql_node *id)
{
	struct dg_str type = trace->type;
	struct dg_str name;
	enum dg_rc rc;

	trace->type = DG_STR_EMPTY;
	if (!dg_sql_type_is_row(type))
		return true;
	if (!dg_sql_spend(r, type.len / 16))
		return false;
	/* Both engines compare fields by equalsIgnoreCase. */
	rc = dg_sql_fold_column(r->arena, DG_SQL_TRINO, id->text, &name);
	if (rc == DG_ERR_LIMIT)
		return dg_sql_refuse_limit(r);
	if (rc != DG_OK || name.len == 0 ||
	    dg_str_find(name, '.', 0) < name.len ||
	    !dg_sql_type_field(type, name, &type))
		return true;
	trace->type = type;
	return join_path(r, trace->path, name, &trace->path);
}

bool
dg_sql_trace_fields(struct dg_sql_resolver *r, struct dg_sql_trace *trace,
		    const struct dg_sql_node *node, uint32_t n)
{
	const struct dg_sql_node **ids;

	if (n == 0)
		return true;
	if (!dg_sql_type_is_row(trace->type)) {
		trace->type = DG_STR_EMPTY;
		return true;
	}
	ids = dg_sql_alloc(r, n, sizeof(struct dg_sql_node *));
	if (ids == NULL)
		return false;
	for (uint32_t i = n; i > 0; i--) {
		ids[i - 1] = node->kid[DG_SQL_DEREF_FIELD];
		node = dg_sql_strip_parens(node->kid[DG_SQL_DEREF_BASE]);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!trace_field(r, trace, ids[i]))
			return false;
	return true;
}

/* ---- making and using --------------------------------------------------- */

struct dg_sql_lazy *
dg_sql_lazy_create(struct dg_sql_resolver *r)
{
	struct dg_sql_lazy *lazy = dg_sql_alloc(r, 1, sizeof(*lazy));

	if (lazy == NULL)
		return NULL;
	lazy->next = r->lazies;
	r->lazies = lazy;
	return lazy;
}

static bool
add_charge(struct dg_sql_resolver *r, struct dg_sql_lazy *lazy,
	   const struct dg_sql_charge *charge)
{
	struct dg_sql_charge *copy = dg_sql_alloc(r, 1, sizeof(*copy));

	if (copy == NULL)
		return false;
	*copy = *charge;
	copy->next = lazy->charges;
	lazy->charges = copy;
	return true;
}

static void
mark_used(struct dg_sql_lazy *lazy)
{
	for (; lazy != NULL && !lazy->used; lazy = lazy->of)
		lazy->used = true;
}

/* All of a value is read: its charges are to be made. */
static void
take_whole(struct dg_sql_resolver *r, struct dg_sql_lazy *lazy)
{
	if (lazy->whole)
		return;
	lazy->whole = true;
	lazy->queued = r->queue;
	r->queue = lazy;
}

static bool
make_charge(struct dg_sql_resolver *r, const struct dg_sql_charge *charge,
	    struct dg_str path)
{
	struct dg_sql_lazy *lazy = charge->lazy;
	struct dg_str all;

	if (!join_path(r, charge->path, path, &all))
		return false;
	if (lazy == NULL)
		return dg_sql_charge_column(r, charge->table, charge->column,
					    all, charge->offset);
	mark_used(lazy);
	if (lazy->whole)
		return true;
	if (all.len == 0 || !lazy->is_value) {
		take_whole(r, lazy);
		return true;
	}
	DG_ASSERT(lazy->charges->lazy == NULL); /* values are flat */
	return join_path(r, lazy->charges->path, all, &all) &&
	       dg_sql_charge_column(r, lazy->charges->table,
				    lazy->charges->column, all,
				    lazy->charges->offset);
}

/* Charges may ask for others, to any depth. */
static bool
drain(struct dg_sql_resolver *r)
{
	while (r->queue != NULL) {
		struct dg_sql_lazy *lazy = r->queue;

		r->queue = lazy->queued;
		for (const struct dg_sql_charge *it = lazy->charges; it != NULL;
		     it = it->next)
			if (!dg_sql_spend(r, 1) ||
			    !make_charge(r, it, DG_STR_EMPTY))
				return false;
	}
	return true;
}

static bool
charge_lazy(struct dg_sql_resolver *r, const struct dg_sql_trace *trace)
{
	const struct dg_sql_charge charge = {
		.table = trace->table,
		.column = trace->column,
		.lazy = trace->lazy,
		.path = trace->path,
		.offset = trace->offset,
	};

	if (r->sink != NULL)
		return add_charge(r, r->sink, &charge);
	return make_charge(r, &charge, DG_STR_EMPTY) && drain(r);
}

bool
dg_sql_charge_trace(struct dg_sql_resolver *r, const struct dg_sql_trace *trace)
{
	if (trace->table == NULL && trace->lazy == NULL)
		return true;
	if (trace->lazy != NULL || r->sink != NULL)
		return charge_lazy(r, trace);
	return dg_sql_charge_column(r, trace->table, trace->column, trace->path,
				    trace->offset);
}

bool
dg_sql_use_lazies(struct dg_sql_resolver *r, struct dg_sql_lazy *const *lazies,
		  uint32_t n)
{
	for (uint32_t i = 0; lazies != NULL && i < n; i++) {
		const struct dg_sql_trace all = {.lazy = lazies[i]};

		if (!dg_sql_spend(r, 1) || !dg_sql_charge_trace(r, &all))
			return false;
	}
	return true;
}

/* Is it worth putting off what is read of a value of that type? */
bool
dg_sql_is_worth_keeping(const struct dg_sql_resolver *r, struct dg_str type)
{
	return r->context->accounting == DG_SQL_UTILIZED ||
	       dg_sql_type_is_row(type) || dg_sql_type_is_array(type);
}

bool
dg_sql_keep_trace(struct dg_sql_resolver *r, const struct dg_sql_trace *trace,
		  struct dg_sql_lazy **lazy_out)
{
	struct dg_sql_charge charge = {
		.table = trace->table,
		.column = trace->column,
		.path = trace->path,
		.offset = trace->offset,
	};
	struct dg_sql_lazy *from = trace->lazy;

	*lazy_out = NULL;
	if (from != NULL && (trace->path.len == 0 || !from->is_value)) {
		*lazy_out = from;
		return true;
	}
	if (trace->table == NULL && from == NULL)
		return true;
	if (from != NULL) {
		mark_used(from);
		charge.table = from->charges->table;
		charge.column = from->charges->column;
		if (!join_path(r, from->charges->path, trace->path,
			       &charge.path))
			return false;
	} else if (!dg_sql_is_worth_keeping(r, trace->type)) {
		return dg_sql_charge_trace(r, trace);
	}
	*lazy_out = dg_sql_lazy_create(r);
	if (*lazy_out == NULL)
		return false;
	(*lazy_out)->is_value = true;
	(*lazy_out)->type = trace->type;
	return add_charge(r, *lazy_out, &charge);
}

bool
dg_sql_keep_element(struct dg_sql_resolver *r, struct dg_sql_lazy *array,
		    struct dg_str field, struct dg_str type,
		    struct dg_sql_lazy **lazy_out)
{
	struct dg_sql_lazy *lazy = dg_sql_lazy_create(r);
	struct dg_sql_charge charge = *array->charges;

	*lazy_out = lazy;
	if (lazy == NULL ||
	    !join_path(r, array->charges->path, field, &charge.path))
		return false;
	lazy->is_value = true;
	lazy->type = type;
	lazy->of = array;
	return add_charge(r, lazy, &charge);
}

bool
dg_sql_settle_lazies(struct dg_sql_resolver *r)
{
	bool strict = r->context->accounting == DG_SQL_STRICT;

	DG_ASSERT(r->sink == NULL);
	for (struct dg_sql_lazy *it = r->lazies; it != NULL; it = it->next)
		if (it->of == NULL && !it->used && (strict || it->counts))
			take_whole(r, it);
	return drain(r);
}

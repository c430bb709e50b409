/* SPDX-License-Identifier: Apache-2.0 */
/*
 * analyze_support.h - what the tests of the resolver share: a small catalog
 * and the access list as one line of text.
 *
 * A line reads "select cat.sch.t(a,b)", entries in their order, "; " between
 * them; `*` among the columns is all_columns, `?` behind them means that they
 * were not known, a name is in brackets.
 */
#ifndef ANALYZE_SUPPORT_H
#define ANALYZE_SUPPORT_H

#include "sql_support.h"

static const struct dg_str abc_names[] = {DG_STR_INIT("a"), DG_STR_INIT("b"),
					  DG_STR_INIT("c")};
static const struct dg_str ax_names[] = {DG_STR_INIT("a"), DG_STR_INIT("x")};

/* abc and ax in cat.sch are known; p* are pending; u* cannot be known;
   of n* it is known that they are no views. */
static inline enum dg_sql_lookup
small_catalog(void *arg, const struct dg_sql_name *table,
	      struct dg_sql_columns *columns_out)
{
	(void)arg;
	if (!dg_str_eq(table->catalog, DG_STR("cat")) ||
	    !dg_str_eq(table->schema, DG_STR("sch")))
		return DG_SQL_ABSENT;
	if (dg_str_eq(table->table, DG_STR("abc"))) {
		*columns_out = (struct dg_sql_columns){.names = abc_names,
						       .n_names = 3};
		return DG_SQL_FOUND;
	}
	if (dg_str_eq(table->table, DG_STR("ax"))) {
		*columns_out = (struct dg_sql_columns){.names = ax_names,
						       .n_names = 2};
		return DG_SQL_FOUND;
	}
	if (dg_str_starts_with(table->table, DG_STR("p")))
		return DG_SQL_PENDING;
	if (dg_str_starts_with(table->table, DG_STR("u")))
		return DG_SQL_UNAVAILABLE;
	if (dg_str_starts_with(table->table, DG_STR("n")))
		return DG_SQL_NO_VIEW;
	return DG_SQL_ABSENT;
}

static inline struct dg_sql_context
small_context(struct sql_fixture *f)
{
	return (struct dg_sql_context){
		.engine = sql_trino(0),
		.limits = &f->limits,
		.catalog = DG_STR("cat"),
		.schema = DG_STR("sch"),
		.columns = small_catalog,
	};
}

/* Both steps; the arena is not reset. */
static inline enum dg_rc
analyze_in(struct sql_fixture *f, struct dg_str sql,
	   const struct dg_sql_context *context,
	   struct dg_sql_analysis *analysis)
{
	struct dg_sql_tree *tree;
	enum dg_rc rc = sql_parse(f, sql, context->engine, &tree);

	if (rc != DG_OK)
		return rc;
	return dg_sql_analyze(tree, context, f->arena, analysis, &f->err);
}

static inline void
append(struct dg_buf *out, const char *before, struct dg_str s)
{
	assert_int_equal(dg_buf_append(out, dg_str_from_cstr(before)), DG_OK);
	assert_int_equal(dg_buf_append(out, s), DG_OK);
}

static inline void
append_access(struct dg_buf *out, const struct dg_sql_access *a)
{
	append(out, dg_sql_action_name(a->action), DG_STR_EMPTY);
	if (a->object.catalog.len > 0)
		append(out, " ", a->object.catalog);
	if (a->object.schema.len > 0)
		append(out, ".", a->object.schema);
	if (a->object.table.len > 0)
		append(out, ".", a->object.table);
	if (a->name.len > 0) {
		append(out, " [", a->name);
		append(out, "]", DG_STR_EMPTY);
	}
	if (a->action != DG_SQL_ACT_SELECT)
		return;
	append(out, "(", DG_STR_EMPTY);
	for (size_t i = 0; i < a->n_columns; i++)
		append(out, i == 0 ? "" : ",", a->columns[i].name);
	append(out, a->all_columns ? "*)" : ")", DG_STR_EMPTY);
	append(out, a->columns_known ? "" : "?", DG_STR_EMPTY);
}

static inline void
append_analysis(struct dg_buf *out, const struct dg_sql_analysis *analysis)
{
	for (size_t i = 0; i < analysis->n_access; i++) {
		append(out, i == 0 ? "" : "; ", DG_STR_EMPTY);
		append_access(out, &analysis->access[i]);
	}
}

/* The list, or "KIND LINE:COLUMN message", in f->out until the next call. */
static inline struct dg_str
access_in(struct sql_fixture *f, struct dg_str sql,
	  const struct dg_sql_context *context)
{
	struct dg_sql_analysis analysis;

	dg_arena_reset(f->arena);
	dg_buf_clear(&f->out);
	if (analyze_in(f, sql, context, &analysis) == DG_OK)
		append_analysis(&f->out, &analysis);
	else
		assert_int_equal(
			dg_buf_appendf(&f->out, "%s %u:%u %s",
				       dg_sql_error_kind_name(f->err.kind),
				       f->err.line, f->err.column, f->err.text),
			DG_OK);
	return dg_buf_peek(&f->out);
}

static inline struct dg_str
access_of(struct sql_fixture *f, struct dg_str sql)
{
	struct dg_sql_context context = small_context(f);

	return access_in(f, sql, &context);
}

#endif

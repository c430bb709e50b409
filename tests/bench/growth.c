/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth.c - what a statement of each shape costs as it grows.
 *
 * usage: growth [SHAPE]
 *
 * Prints "shape bytes steps bytes_of_memory microseconds answer" a line, for
 * each shape in sizes four times apart. Steps are basic blocks that ran in
 * sqlparse and bytes that the C library looked through for it: they are counted
 * in growth_steps, which has sqlparse compiled for that, and do not depend on
 * the machine. In growth they are 0, and the time is worth reading.
 *
 * growth_steps fails when four times the text takes more than LINEAR_MAX times
 * the steps, or when a shape that must be cut off is not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "growth_steps.h"
#include "sqlparse/sqlparse.h"

enum {
	MEGABYTE = 1 << 20,
	SIZES = 5,
	/* As limits.request_memory is by default. */
	MEMORY_MAX = 128 * MEGABYTE,
	/* Sorting is not linear, but nearly so. */
	LINEAR_MAX = 5,
};

/* Steps that any statement may take, whatever it is. */
#define STEPS_MAX UINT64_C(700000000)

enum growth {
	LINEAR,  /* in its length */
	BOUNDED, /* grows faster, until it is cut off */
};

/*
 * before item between item .. middle close close .. after. '#' in item and
 * close is the number of the repetition, '@' the one before it.
 */
struct shape {
	const char *name;
	enum growth growth;
	size_t n; /* repetitions in the largest text */
	const char *before;
	const char *item;
	const char *between;
	const char *middle;
	const char *close;
	const char *after;
};

static const struct shape shapes[] = {
#define SHAPE(name, growth, n, before, item, between, middle, close, after) \
	{name, growth, n, before, item, between, middle, close, after},
#include "growth_shapes.def"
#undef SHAPE
};

static const struct dg_str columns[] = {
	DG_STR_INIT("a"), DG_STR_INIT("b"), DG_STR_INIT("c"),
	DG_STR_INIT("x"), DG_STR_INIT("y"), DG_STR_INIT("z"),
};

static enum dg_sql_lookup
find_columns(void *arg, const struct dg_sql_name *table,
	     struct dg_sql_columns *columns_out)
{
	(void)arg;
	if (dg_str_starts_with(table->table, DG_STR("u")))
		return DG_SQL_UNAVAILABLE;
	columns_out->names = columns;
	columns_out->n_names = DG_ARRAY_LEN(columns);
	return DG_SQL_FOUND;
}

static void
put(struct dg_buf *text, const char *part, size_t number)
{
	enum dg_rc rc = DG_OK;

	for (; *part != '\0' && rc == DG_OK; part++) {
		if (*part == '#')
			rc = dg_buf_appendf(text, "%zu", number);
		else if (*part == '@')
			rc = dg_buf_appendf(text, "%zu",
					    number > 0 ? number - 1 : 0);
		else
			rc = dg_buf_append_char(text, *part);
	}
	DG_ASSERT(rc == DG_OK);
}

static void
make_text(struct dg_buf *text, const struct shape *shape, size_t n)
{
	dg_buf_clear(text);
	put(text, shape->before, 0);
	for (size_t i = 0; i < n; i++) {
		put(text, i > 0 ? shape->between : "", i);
		put(text, shape->item, i);
	}
	put(text, shape->middle, n);
	for (size_t i = 0; i < n && shape->close[0] != '\0'; i++)
		put(text, shape->close, n - i - 1);
	put(text, shape->after, n);
}

struct cost {
	uint64_t steps;
	size_t memory;
	double us;
	enum dg_rc rc;
	struct dg_sql_error err;
};

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Text to access list; the limit of length alone is lifted. */
static void
run(struct dg_str text, struct dg_arena *arena, struct cost *cost)
{
	struct dg_sql_limits limits = dg_sql_default_limits;
	struct dg_sql_context context = {
		.limits = &limits,
		.catalog = DG_STR("c"),
		.schema = DG_STR("s"),
		.columns = find_columns,
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_tree *tree;
	double start = now_us();

	dg_arena_reset(arena);
	growth_steps = 0;
	limits.max_bytes = (size_t)64 * MEGABYTE;
	cost->rc = dg_sql_parse(text, context.engine, &limits, arena, &tree,
				&cost->err);
	if (cost->rc == DG_OK)
		cost->rc = dg_sql_analyze(tree, &context, arena, &analysis,
					  &cost->err);
	cost->us = now_us() - start;
	cost->steps = growth_steps;
	cost->memory = dg_arena_held(arena);
}

static const char *
answer(const struct cost *cost)
{
	return cost->rc == DG_OK ? "ok"
				 : dg_sql_error_kind_name(cost->err.kind);
}

static void
check(const struct shape *shape, const struct cost *costs, size_t *wrong)
{
	const struct cost *last = &costs[SIZES - 1];

	if (last->steps == 0)
		return;
	for (size_t i = 0; i < SIZES; i++) {
		bool good = costs[i].steps <= STEPS_MAX &&
			    costs[i].memory <= MEMORY_MAX &&
			    (costs[i].rc == DG_OK || costs[i].err.line > 0);

		if (shape->growth == LINEAR && i > 0)
			good = good && costs[i].steps <=
					       LINEAR_MAX * costs[i - 1].steps;
		if (!good) {
			fprintf(stderr, "%s: size %zu of %d is wrong: %s\n",
				shape->name, i + 1, (int)SIZES,
				costs[i].rc == DG_OK ? "" : costs[i].err.text);
			(*wrong)++;
		}
	}
	if (shape->growth == BOUNDED && last->rc != DG_ERR_LIMIT) {
		fprintf(stderr, "%s: is not cut off\n", shape->name);
		(*wrong)++;
	}
}

static void
measure(const struct shape *shape, struct dg_buf *text, struct dg_arena *arena,
	size_t *wrong)
{
	struct cost costs[SIZES] = {{.steps = 0}};
	size_t n = shape->n;

	for (size_t i = SIZES; i-- > 0; n /= 4) {
		make_text(text, shape, n);
		run(dg_buf_peek(text), arena, &costs[i]);
		printf("%s %zu %" PRIu64 " %zu %.0f %s\n", shape->name,
		       dg_buf_len(text), costs[i].steps, costs[i].memory,
		       costs[i].us, answer(&costs[i]));
	}
	check(shape, costs, wrong);
}

int
main(int argc, char **argv)
{
	struct dg_arena *arena = dg_arena_create(MEMORY_MAX);
	struct dg_buf text;
	size_t wrong = 0;

	dg_buf_init(&text, (size_t)64 * MEGABYTE);
	for (size_t i = 0; i < DG_ARRAY_LEN(shapes); i++) {
		if (argc < 2 || strcmp(argv[1], shapes[i].name) == 0)
			measure(&shapes[i], &text, arena, &wrong);
	}
	dg_buf_fini(&text);
	dg_arena_destroy(&arena);
	return wrong == 0 ? 0 : 1;
}

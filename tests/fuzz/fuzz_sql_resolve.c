/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_resolve.c - how the answer depends on what is known of tables.
 *
 * Less known is never less needed: without the columns of some tables, or of
 * all, a statement is refused or needs at least the same rights. Asking again
 * and again while tables are fetched ends with the answer that there is when
 * all are known from the start.
 */
#include "base/assert.h"
#include "sql_world.h"

#define ALL UINT64_MAX

/* Each of 64 kinds of tables with chance a half. */
static uint64_t
some(uint32_t dice)
{
	uint64_t bits = dice * UINT64_C(0x9E3779B97F4A7C15);

	return bits ^ bits >> 29;
}

static void
check_less_known(const struct sql_input *input,
		 const struct dg_sql_analysis *known, uint64_t unavailable)
{
	struct sql_world world = {.unavailable = unavailable};
	struct dg_sql_context context = sql_world_context(input, &world);
	struct dg_sql_analysis less;

	if (sql_analyze(input, input->text, &context, &less) != DG_OK)
		return;
	DG_ASSERT(less.statement == known->statement);
	/* Who knows less is less sure, never surer. */
	DG_ASSERT(known->read_only || !less.read_only);
	DG_ASSERT(sql_covers(&less, known));
}

/* Fetches what is pending until nothing is. */
static void
check_pending(const struct sql_input *input,
	      const struct dg_sql_analysis *known)
{
	struct sql_world world = {.pending = ALL};
	struct dg_sql_context context = sql_world_context(input, &world);
	struct dg_sql_analysis analysis;

	for (;;) {
		uint64_t before = world.pending;

		DG_ASSERT(sql_analyze(input, input->text, &context,
				      &analysis) == DG_OK);
		if (analysis.n_pending == 0)
			break;
		for (size_t i = 0; i < analysis.n_pending; i++)
			world.pending &= ~sql_world_bit(&analysis.pending[i]);
		DG_ASSERT(world.pending != before);
	}
	DG_ASSERT(sql_same_analysis(known, &analysis, true));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_world world = {0};
	struct dg_sql_analysis known;
	struct dg_sql_context context;
	struct sql_input input;

	if (!sql_input_make(data, size, &input))
		return 0;
	context = sql_world_context(&input, &world);
	if (sql_analyze(&input, input.text, &context, &known) != DG_OK)
		return 0;
	DG_ASSERT(known.n_pending == 0);
	check_less_known(&input, &known, ALL);
	check_less_known(&input, &known, some(input.dice));
	check_pending(&input, &known);
	return 0;
}

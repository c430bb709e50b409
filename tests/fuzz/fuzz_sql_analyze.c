/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sql_analyze.c - any bytes as a statement, through all that the gateway
 * does with it, with every kind of answer about its tables.
 *
 * The answer is sorted, without repetition, inside the text; the same when
 * asked again, and for another layout and words in another case. With little
 * memory it is the same or an error LIMIT.
 */
#include "base/assert.h"
#include "sql_world.h"

/* Without comments between its tokens: another layout of the same. */
static void
check_respelled(const struct sql_input *input,
		const struct dg_sql_context *context,
		const struct dg_sql_analysis *analysis)
{
	struct dg_sql_analysis again;
	struct dg_sql_tokens tokens;

	DG_ASSERT(sql_input_tokens(input, &tokens));
	DG_ASSERT(sql_analyze(input,
			      sql_respell(input, &tokens, sql_is_reserved),
			      context, &again) == DG_OK);
	DG_ASSERT(sql_same_analysis(analysis, &again, false));
}

static void
check_again(const struct sql_input *input, const struct dg_sql_context *context,
	    const struct dg_sql_analysis *analysis)
{
	struct dg_sql_analysis again;

	DG_ASSERT(sql_analyze(input, input->text, context, &again) == DG_OK);
	DG_ASSERT(sql_same_analysis(analysis, &again, true));
}

static void
check_small(const struct sql_input *input, const struct dg_sql_context *context,
	    const struct dg_sql_analysis *analysis)
{
	struct sql_input small = *input;
	struct dg_sql_analysis again;
	enum dg_rc rc;

	small.arena = sql_small_arena(input);
	rc = sql_analyze(&small, input->text, context, &again);
	DG_ASSERT(rc == DG_OK || rc == DG_ERR_LIMIT);
	if (rc == DG_OK)
		DG_ASSERT(sql_same_analysis(analysis, &again, true));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_world world = {
		.absent = UINT64_C(0x0101010101010101),
		.pending = UINT64_C(0x0202020202020202),
		.unavailable = UINT64_C(0x8484848484848484),
	};
	struct dg_sql_analysis analysis;
	struct dg_sql_context context;
	struct sql_input input;

	if (!sql_input_make(data, size, &input))
		return 0;
	context = sql_world_context(&input, &world);
	if (input.dice % 8 == 7)
		context.schema = DG_STR_EMPTY;
	if (input.dice % 16 == 7)
		context.catalog = DG_STR_EMPTY;
	if (sql_analyze(&input, input.text, &context, &analysis) != DG_OK)
		return 0;
	switch (input.dice % 3) {
	case 0:
		check_again(&input, &context, &analysis);
		break;
	case 1:
		check_small(&input, &context, &analysis);
		break;
	default:
		check_respelled(&input, &context, &analysis);
	}
	return 0;
}

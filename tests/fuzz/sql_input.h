/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_input.h - what the targets that read SQL share.
 *
 * An input is one byte that chooses the engine ('0' is the newest Trino) and
 * the statement, so the four targets read one another's corpora. Costly checks
 * are made of some inputs only, chosen by a hash of the text: the same input
 * is always treated alike.
 */
#ifndef DG_TESTS_FUZZ_SQL_INPUT_H
#define DG_TESTS_FUZZ_SQL_INPUT_H

#include "scan/token.h"
#include "sqlparse/sqlparse.h"

struct sql_input {
	struct dg_sql_engine engine;
	struct dg_str text;
	uint32_t dice;          /* a hash of the text */
	struct dg_arena *arena; /* empty */
};

/* Small enough that inputs reach them. */
extern const struct dg_sql_limits sql_limits;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* False: nothing to do. */
bool sql_input_make(const uint8_t *data, size_t size,
		    struct sql_input *input_out);

/* An error has a place inside the text, a kind that goes with rc, words. */
void sql_check_error(struct dg_str text, enum dg_rc rc,
		     const struct dg_sql_error *err);

/*
 * The same tokens, apart: each gap is made anew out of blanks and comments.
 * Words that case accepts have the case of their ASCII letters changed.
 */
struct dg_str sql_respell(const struct sql_input *input,
			  const struct dg_sql_tokens *tokens,
			  bool (*case_of)(const struct dg_sql_tokens *tokens,
					  const struct dg_sql_token *token));
/* For case_of: what no engine distinguishes by case. */
bool sql_is_reserved(const struct dg_sql_tokens *tokens,
		     const struct dg_sql_token *token);
bool sql_is_word(const struct dg_sql_tokens *tokens,
		 const struct dg_sql_token *token);

/* Tokens of the input before promotion; false: they are not all there. */
bool sql_input_tokens(const struct sql_input *input,
		      struct dg_sql_tokens *tokens_out);

/*
 * An arena with any part of the room that input's arena has taken so far, so
 * that each allocation fails for some input; destroyed by the next call.
 */
struct dg_arena *sql_small_arena(const struct sql_input *input);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - the statement as an array of tokens; private to this folder.
 *
 * token.c scans the whole text at once, so that promote.c can look as far
 * ahead as it needs to decide what a soft keyword is. The last token has code
 * 0 and no length: the end. Bytes that are in no token are white space or
 * comments; a text that cannot be scanned further ends in one ILLEGAL token,
 * which no grammar rule takes.
 */
#ifndef DG_SQLPARSE_TOKEN_H
#define DG_SQLPARSE_TOKEN_H

#include "grammar_tokens.h"
#include "sqlparse/sqlparse.h"

/* Every word of keywords.def; what a token was spelled like. */
enum dg_sql_word {
	DG_SQL_NO_WORD, /* not a keyword of this engine version */
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved) \
	DG_SQL_W_##word,
#include "scan/keywords.def"
#undef DG_SQL_WORD
	DG_SQL_N_WORDS
};

/* Why a token is ILLEGAL; in dg_sql_token.word. */
enum dg_sql_illegal {
	DG_SQL_I_CHARACTER,
	DG_SQL_I_STRING,     /* no closing quote */
	DG_SQL_I_QUOTED,     /* no closing double quote */
	DG_SQL_I_EMPTY_NAME, /* "" */
	DG_SQL_I_NUL_NAME,   /* a NUL inside double quotes */
	DG_SQL_I_BACKQUOTED,
	DG_SQL_I_DIGIT_NAME,
	DG_SQL_I_NAME_CHARACTER, /* Presto: @ or : inside a name */
	DG_SQL_I_LAMBDA,         /* promote_lambdas.c: one has no end */
	DG_SQL_I_GATE, /* and beyond: + enum dg_sql_gate, not read yet */
};

#define DG_SQL_NO_TOKEN UINT32_MAX

struct dg_sql_token {
	unsigned code : 16;   /* DG_TK_*; 0 at the end */
	unsigned word : 14;   /* enum dg_sql_word, or enum dg_sql_illegal */
	unsigned folded : 1;  /* a name: ASCII without capitals */
	unsigned doubled : 1; /* in quotes, with one inside, doubled; or a word
				 with a letter beyond ASCII, folded */
	uint32_t offset;      /* in the text */
	uint32_t len;
	/*
	 * A bracket: its partner. Any other token: the innermost bracket that
	 * is open around it. DG_SQL_NO_TOKEN where there is none. Where there
	 * are lambdas, promotion links others anew (promote_lambdas.c).
	 */
	uint32_t match;
};

struct dg_sql_tokens {
	struct dg_str text;
	struct dg_sql_engine engine;
	struct dg_sql_token *at; /* in the arena */
	struct dg_arena *arena;
	uint64_t *unsettled; /* a bit for each that promote.c looks at */
	size_t n;            /* without the end token, which is at[n] */
	bool is_ascii;       /* all of the text */
};

/* LIMIT with err, or OK: what is wrong with the text is in the tokens. */
enum dg_rc dg_sql_tokenize(struct dg_str text, struct dg_sql_engine engine,
			   const struct dg_sql_limits *limits,
			   struct dg_arena *arena,
			   struct dg_sql_tokens *tokens_out,
			   struct dg_sql_error *err) DG_MUST_CHECK;

/*
 * Words about which promote.c has nothing to decide, but behind a dot: none at
 * all, and the commonest ones, which every version reserves.
 */
extern const bool dg_sql_word_is_settled[DG_SQL_N_WORDS];
/*
 * Decides each soft keyword by its neighbours; see promote.c. False: there is
 * no memory to find where lambdas end, and the tokens are of no use.
 */
bool dg_sql_promote(struct dg_sql_tokens *tokens) DG_MUST_CHECK;

static inline struct dg_str
dg_sql_token_text(struct dg_str text, const struct dg_sql_token *token)
{
	return dg_str_make(text.data + token->offset, token->len);
}

/* Of a keyword that this engine version reserves: never a name. */
bool dg_sql_word_is_reserved(enum dg_sql_word word,
			     struct dg_sql_engine engine);
/*
 * Codes that the word may have beside the one it got: what to try where no rule
 * takes that. Ends with 0; for NONE it is empty.
 */
const uint16_t *dg_sql_word_readings(enum dg_sql_word word);
/* "SELECT"; word is not NONE. */
struct dg_str dg_sql_word_name(enum dg_sql_word word);
/* The word of a token code, or NONE; `(` and the like have none. */
enum dg_sql_word dg_sql_code_word(unsigned code);

#endif

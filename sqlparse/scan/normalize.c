/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normalize.c - a statement's text without its values, layout and case.
 *
 * From tokens alone, so that what does not parse can be logged as well. The
 * result depends on the tokens only and reads as the same tokens again, but
 * for literals, which have all become `?`: so doing it twice changes nothing.
 */
#include "scan/token.h"

static const char unreadable[] = "<unreadable>";

static bool
is_literal(const struct dg_sql_token *token)
{
	switch (token->code) {
	case DG_TK_LIT_STRING:
	case DG_TK_LIT_UNICODE:
	case DG_TK_LIT_BINARY:
	case DG_TK_LIT_DOLLAR:
	case DG_TK_LIT_INTEGER:
	case DG_TK_LIT_DECIMAL:
		return true;
	}
	return false;
}

static bool
is_name(const struct dg_sql_tokens *tokens, const struct dg_sql_token *token)
{
	if (token->code == DG_TK_QUOTED)
		return true;
	if (token->word == DG_SQL_NO_WORD)
		return token->code == DG_TK_ID;
	return !dg_sql_word_is_reserved((enum dg_sql_word)token->word,
					tokens->engine);
}

/* f(x) and a.b, but `in (x)` and `a + b`: two signs never touch. */
static bool
is_blank_before(const struct dg_sql_tokens *tokens, size_t at)
{
	const struct dg_sql_token *token = &tokens->at[at];

	if (at == 0)
		return false;
	switch (token[-1].code) {
	case DG_TK_LP:
	case DG_TK_LB:
	case DG_TK_DOT:
		return false;
	}
	switch (token->code) {
	case DG_TK_RP:
	case DG_TK_RB:
	case DG_TK_COMMA:
	case DG_TK_DOT:
		return false;
	case DG_TK_LP:
	case DG_TK_LB:
		return !is_name(tokens, token - 1);
	}
	return true;
}

static enum dg_rc
put_lower(struct dg_buf *out, struct dg_str word)
{
	char *room;
	enum dg_rc rc = dg_buf_reserve(out, word.len, &room);

	if (rc != DG_OK)
		return rc;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		room[i] = c >= 'A' && c <= 'Z' ? (char)(c + 0x20) : c;
	}
	dg_buf_commit(out, word.len);
	return DG_OK;
}

static enum dg_rc
put_token(struct dg_buf *out, struct dg_str text,
	  const struct dg_sql_token *token)
{
	struct dg_str spelling = dg_sql_token_text(text, token);

	if (is_literal(token))
		return dg_buf_append_char(out, '?');
	if (token->code == DG_TK_NE)
		return dg_buf_append(out, DG_STR("<>"));
	if (token->code == DG_TK_ID || token->word != DG_SQL_NO_WORD)
		return put_lower(out, spelling);
	return dg_buf_append(out, spelling);
}

static enum dg_rc
put_all(const struct dg_sql_tokens *tokens, struct dg_buf *out)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < tokens->n && rc == DG_OK; i++) {
		if (is_blank_before(tokens, i))
			rc = dg_buf_append_char(out, ' ');
		if (rc == DG_OK)
			rc = put_token(out, tokens->text, &tokens->at[i]);
	}
	return rc;
}

enum dg_rc
dg_sql_normalize(struct dg_str text, struct dg_sql_engine engine,
		 struct dg_arena *arena, struct dg_buf *out)
{
	struct dg_sql_tokens tokens;
	struct dg_sql_error err;
	enum dg_rc rc = dg_sql_tokenize(text, engine, &dg_sql_default_limits,
					arena, &tokens, &err);

	if (rc != DG_OK ||
	    dg_str_eq(text, dg_str_make(unreadable, sizeof(unreadable) - 1)) ||
	    (tokens.n > 0 && tokens.at[tokens.n - 1].code == DG_TK_ILLEGAL))
		return dg_buf_append(out, dg_str_from_cstr(unreadable));
	return put_all(&tokens, out);
}

/* FNV-1a, then mixed: short texts differ in all bits. */
static uint64_t
hash_text(struct dg_str text)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < text.len; i++) {
		hash ^= (unsigned char)text.data[i];
		hash *= UINT64_C(0x100000001B3);
	}
	hash ^= hash >> 33;
	hash *= UINT64_C(0xFF51AFD7ED558CCD);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xC4CEB9FE1A85EC53);
	return hash ^ hash >> 33;
}

uint64_t
dg_sql_fingerprint_of(struct dg_str normalized)
{
	return hash_text(normalized);
}

uint64_t
dg_sql_fingerprint(struct dg_str text, struct dg_sql_engine engine,
		   struct dg_arena *arena)
{
	struct dg_buf normal;
	uint64_t hash;

	/* A blank in front of each byte, or what stands for the unreadable. */
	dg_buf_init(&normal, 2 * text.len + sizeof(unreadable));
	hash = dg_sql_normalize(text, engine, arena, &normal) == DG_OK
		       ? hash_text(dg_buf_peek(&normal))
		       : 0;
	dg_buf_fini(&normal);
	return hash;
}

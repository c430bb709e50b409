/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c - from bytes to the token array.
 *
 * One pass over the text with a table of character classes. It reads as the
 * engines' lexers do: a lone CR ends a line comment, form feed is no blank, the
 * longest match is taken. What no rule matches is an ILLEGAL token, the last.
 */
#include "scan/token.h"

#include "base/assert.h"
#include "keyword_table.h"
#include "scan/bytes.h"
#include "scan/classes.h"
#include "scan/error.h"
#include "scan/gate.h"
#include "scan/keyword.h"
#include "scan/word_table.h"

/* What is scanned, and the tokens so far. */
struct scan {
	const char *text; /* a copy, with zero bytes behind it: bytes.h */
	const unsigned char *solid; /* which bytes are no blanks */
	size_t len;
	struct dg_sql_token *out; /* array with room for `room` tokens */
	uint64_t *unsettled;      /* as in dg_sql_tokens */
	size_t n;                 /* of them, found */
	size_t room;
	unsigned dialect;    /* enum dg_sql_dialect */
	unsigned version;    /* of a word to be known: since <= version */
	size_t last_comment; /* none is closed from here on */
	uint32_t open;       /* innermost open bracket */
	bool has_nul;        /* somewhere in the text */
	bool folds_letters;  /* beyond ASCII: fold_letter */
	bool has_modern_numbers;
	bool has_dollar_strings;
	bool has_patterns; /* the signs of row patterns */
	bool has_methods;  /* and with them `::` */
};

/* Zero behind the end. */
static inline unsigned char
peek(const struct scan *s, size_t at)
{
	return (unsigned char)s->text[at];
}

/* In Presto a part of a name, which is then refused. */
static bool
is_name_sign(const struct scan *s, size_t at)
{
	return s->dialect == DG_SQL_PRESTO &&
	       (peek(s, at) == '@' || peek(s, at) == ':');
}

/* Bytes of a letter that is taken for an I or an S; 0: none is there. */
static size_t
fold_letter(const struct scan *s, size_t at, char *letter_out)
{
	if (!s->folds_letters)
		return 0;
	return dg_sql_fold_letter(s->text + at, letter_out);
}

/*
 * Every scan_.. writes the token that begins at `at` and returns its end; code
 * 0: a comment, which is none.
 */
static inline size_t
found(const struct scan *s, struct dg_sql_token *token, unsigned code,
      size_t at, size_t end)
{
	*token = (struct dg_sql_token){
		.code = code & 0xffff,
		.offset = (uint32_t)at,
		.len = (uint32_t)(end - at),
		.match = s->open,
	};
	return end;
}

static size_t
illegal(const struct scan *s, struct dg_sql_token *token,
	enum dg_sql_illegal why, size_t at, size_t end)
{
	found(s, token, DG_TK_ILLEGAL, at, end);
	token->word = why;
	return end;
}

/* The first eight bytes of the word, zero behind its end. */
static inline uint64_t
load_head(const struct scan *s, size_t at, size_t len)
{
	uint64_t head;

	memcpy(&head, s->text + at, sizeof(head));
	if (len >= sizeof(head))
		return head;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return head & ((UINT64_C(1) << len * 8) - 1);
#else
	return head & ~(UINT64_MAX >> len * 8);
#endif
}

/* The keyword in the len bytes at `at`, if this version knows it. */
static inline unsigned
find_word(const struct scan *s, size_t at, size_t len)
{
	uint64_t head;
	unsigned word;

	if (len > KEYWORD_LEN_MAX)
		return DG_SQL_NO_WORD;
	head = dg_sql_fold_head(load_head(s, at, len));
	word = keyword_bucket[dg_sql_hash_word(
		head, (unsigned char)s->text[at + len - 1], len)];
	for (; word != DG_SQL_NO_WORD; word = keyword_next[word]) {
		const struct word_info *info = &word_table[word];

		if (keyword_head[word] == head && info->name.len == len &&
		    has_tail(s->text + at, info->name))
			return info->since[s->dialect] <= s->version
				       ? word
				       : DG_SQL_NO_WORD;
	}
	return DG_SQL_NO_WORD;
}

/* Notes a token for promote.c, if it may be another one than it looks. */
static inline void
note_if(const struct scan *s, const struct dg_sql_token *token, unsigned may)
{
	s->unsettled[(token - s->out) / 64] |= (uint64_t)may
					       << (token - s->out) % 64;
}

static inline void
note_word(const struct scan *s, const struct dg_sql_token *token, unsigned word)
{
	unsigned before = token == s->out ? 0 : token[-1].code;
	bool dotted = (before == DG_TK_DOT) | (before == DG_TK_DOUBLE_COLON);
	bool may = !dg_sql_word_is_settled[word];

	note_if(s, token, may | (dotted & (word != DG_SQL_NO_WORD)));
}

/* A word with a letter in it that is folded: looked up as the engine has it. */
static DG_COLD size_t
scan_folded_word(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	char letters[KEYWORD_LEN_MAX + sizeof(uint64_t)] = {0};
	struct scan folded = *s;
	size_t end = at;
	size_t n = 0;
	unsigned word;

	for (;; n++) {
		char letter = (char)peek(s, end);
		size_t step = fold_letter(s, end, &letter);

		if (step == 0 && dg_sql_is_name_byte((unsigned char)letter))
			step = 1;
		if (step == 0)
			break;
		if (n < KEYWORD_LEN_MAX)
			letters[n] = letter;
		end += step;
	}
	if (is_name_sign(s, end))
		return illegal(s, token, DG_SQL_I_NAME_CHARACTER, at, end + 1);
	folded.text = letters;
	word = find_word(&folded, 0, n);
	found(s, token, word_table[word].code, at, end);
	token->word = word & 0x3fff;
	token->doubled = true;
	note_word(s, token, word);
	return end;
}

static inline size_t
scan_word(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	bool folded;
	size_t end = at + dg_sql_count_name(s->text + at, &folded);
	char letter;
	unsigned word;

	if (peek(s, end) >= 0x80 && fold_letter(s, end, &letter) > 0)
		return scan_folded_word(s, token, at);
	if (is_name_sign(s, end))
		return illegal(s, token, DG_SQL_I_NAME_CHARACTER, at, end + 1);
	word = find_word(s, at, end - at);
	note_word(s, token, word);
	*token = (struct dg_sql_token){
		.code = word_table[word].code,
		.word = word & 0x3fff,
		.folded = folded,
		.offset = (uint32_t)at,
		.len = (uint32_t)(end - at),
		.match = s->open,
	};
	return end;
}

/*
 * Behind the closing quote of the text whose body is at `body`; 0: none. The
 * token begins at `at`. Where the last quote stands behind another and nothing
 * closes it, it opens a text of its own, as in the engines' scanners.
 */
static inline size_t
scan_body(const struct scan *s, struct dg_sql_token *token, unsigned code,
	  size_t at, size_t body, char quote)
{
	bool folded = true;
	size_t n_doubled = 0;
	size_t end;

	for (;; n_doubled++) {
		end = body + dg_sql_count_quoted(s->text + body, s->len - body,
						 quote, &folded);
		if (end >= s->len) { /* it never comes */
			if (n_doubled-- == 0)
				return 0;
			end = body - 1;
			break;
		}
		end++;
		if (peek(s, end) != (unsigned char)quote)
			break;
		body = end + 1;
	}
	*token = (struct dg_sql_token){
		.code = code & 0xffff,
		.folded = folded,
		.doubled = n_doubled > 0,
		.offset = (uint32_t)at,
		.len = (uint32_t)(end - at),
		.match = s->open,
	};
	return end;
}

/* X'..' and U&'..', which must touch; 0: the letter begins a word. */
static DG_COLD size_t
scan_prefixed(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char c = peek(s, at) | 0x20;

	if (c == 'x' && peek(s, at + 1) == '\'' && at + 2 < s->len) {
		const char *close =
			memchr(s->text + at + 2, '\'', s->len - at - 2);

		if (close != NULL)
			return found(s, token, DG_TK_LIT_BINARY, at,
				     (size_t)(close - s->text) + 1);
	}
	if (c == 'u' && peek(s, at + 1) == '&' && peek(s, at + 2) == '\'')
		return scan_body(s, token, DG_TK_LIT_UNICODE, at, at + 3, '\'');
	return 0;
}

static inline size_t
scan_string(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	size_t end = scan_body(s, token, DG_TK_LIT_STRING, at, at + 1, '\'');

	return end == 0 ? illegal(s, token, DG_SQL_I_STRING, at, at + 1) : end;
}

/*
 * The engines take a NUL in a quoted name as any other character, and Trino's
 * memory connector even makes a table of it. No catalog with a store has such
 * names, while much that reads names ends at a NUL: they are refused.
 */
static inline size_t
scan_name(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	size_t end = scan_body(s, token, DG_TK_QUOTED, at, at + 1, '"');

	if (end == 0)
		return illegal(s, token, DG_SQL_I_QUOTED, at, at + 1);
	if (end == at + 2 && s->dialect == DG_SQL_TRINO)
		return illegal(s, token, DG_SQL_I_EMPTY_NAME, at, end);
	if (s->has_nul && memchr(s->text + at, '\0', end - at) != NULL)
		return illegal(s, token, DG_SQL_I_NUL_NAME, at, end);
	return end;
}

/* Digits from `at`, with single underscores between them if allowed. */
static size_t
skip_digits(const struct scan *s, size_t at, bool underscores)
{
	if (!dg_sql_is_digit(peek(s, at)))
		return at;
	for (;;) {
		at++;
		if (underscores && peek(s, at) == '_' &&
		    dg_sql_is_digit(peek(s, at + 1)))
			at++;
		if (!dg_sql_is_digit(peek(s, at)))
			return at;
	}
}

/* End of 0x1F, 0o17, 0b1 with underscores; `at` when there is none. */
static size_t
skip_radix(const struct scan *s, size_t at)
{
	unsigned char radix = peek(s, at + 1) | 0x20;
	size_t end = at + 2;

	if (s->text[at] != '0' ||
	    (radix != 'x' && radix != 'o' && radix != 'b'))
		return at;
	for (;;) {
		size_t next = peek(s, end) == '_' ? end + 1 : end;

		if (!dg_sql_is_radix_digit(peek(s, next), radix))
			break;
		end = next + 1;
	}
	return end == at + 2 ? at : end;
}

static size_t
skip_exponent(const struct scan *s, size_t at)
{
	size_t digits = at + 1;

	if ((peek(s, at) | 0x20) != 'e')
		return at;
	if (peek(s, digits) == '+' || peek(s, digits) == '-')
		digits++;
	return dg_sql_is_digit(peek(s, digits)) ? skip_digits(s, digits, false)
						: at;
}

/* Digits and nothing that could belong to them; `at` where it is not so. */
static size_t
skip_plain_integer(const struct scan *s, size_t at)
{
	size_t end = at;

	while (dg_sql_is_digit(peek(s, end)))
		end++;
	if (dg_sql_is_name_byte(peek(s, end)) || peek(s, end) == '.' ||
	    peek(s, end) == '@' || peek(s, end) == ':' || peek(s, end) >= 0x80)
		return at;
	return end;
}

/*
 * The longest of integer, decimal, double and digit-first name; a number wins
 * a tie. Doubles never have underscores.
 */
static size_t
scan_number(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	bool modern = s->has_modern_numbers;
	size_t integer = skip_plain_integer(s, at);
	size_t plain, decimal, fraction, exponent;
	size_t name = at;
	char letter;

	if (integer > at)
		return found(s, token, DG_TK_LIT_INTEGER, at, integer);
	integer = decimal = skip_digits(s, at, modern);
	plain = fraction = skip_digits(s, at, false);
	if (peek(s, integer) == '.')
		decimal = skip_digits(s, integer + 1, modern);
	if (peek(s, plain) == '.')
		fraction = skip_digits(s, plain + 1, false);
	exponent = skip_exponent(s, fraction);
	if (exponent == fraction)
		exponent = at;
	if (modern) {
		size_t radix = skip_radix(s, at);

		integer = radix > integer ? radix : integer;
	}
	if (dg_sql_is_digit((unsigned char)s->text[at])) {
		while (dg_sql_is_name_byte(peek(s, name)) ||
		       is_name_sign(s, name) ||
		       fold_letter(s, name, &letter) > 0)
			name += peek(s, name) < 0x80 ? 1 : 2;
	}
	if (name > integer && name > decimal && name > exponent)
		return illegal(s, token, DG_SQL_I_DIGIT_NAME, at, name);
	if (integer >= decimal && integer >= exponent)
		return found(s, token, DG_TK_LIT_INTEGER, at, integer);
	return found(s, token, DG_TK_LIT_DECIMAL, at,
		     decimal > exponent ? decimal : exponent);
}

static size_t
skip_line_comment(const struct scan *s, size_t at)
{
	while (at < s->len && s->text[at] != '\n' && s->text[at] != '\r')
		at++;
	return at;
}

/* Behind $$ .. $$, a function's text in another language; 0: none. */
static size_t
find_dollar_end(const struct scan *s, size_t at)
{
	const char *end;

	if (!s->has_dollar_strings || peek(s, at) != '$' ||
	    peek(s, at + 1) != '$')
		return 0;
	end = memmem(s->text + at + 2, s->len - at - 2, "$$", 2);
	return end == NULL ? 0 : (size_t)(end - s->text) + 2;
}

static size_t
scan_pattern_sign(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char c = (unsigned char)s->text[at];
	size_t end = find_dollar_end(s, at);

	if (end != 0)
		return found(s, token, DG_TK_LIT_DOLLAR, at, end);
	if (!s->has_patterns)
		return illegal(s, token, DG_SQL_I_CHARACTER, at, at + 1);
	if (c == '{' && peek(s, at + 1) == '-')
		return found(s, token, DG_TK_LC_MINUS, at, at + 2);
	return found(s, token, single_code[c], at, at + 1);
}

static size_t
scan_minus(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char next = peek(s, at + 1);

	if (next == '-')
		return found(s, token, 0, at, skip_line_comment(s, at));
	if (next == '>')
		return found(s, token, DG_TK_ARROW, at, at + 2);
	if (next == '}' && s->has_patterns)
		return found(s, token, DG_TK_MINUS_RC, at, at + 2);
	return found(s, token, DG_TK_MINUS, at, at + 1);
}

static size_t
scan_slash(struct scan *s, struct dg_sql_token *token, size_t at)
{
	const char *end = NULL;

	if (peek(s, at + 1) == '*' && at < s->last_comment) {
		end = memmem(s->text + at + 2, s->len - at - 2, "*/", 2);
		if (end != NULL)
			return found(s, token, 0, at,
				     (size_t)(end - s->text) + 2);
		s->last_comment = at;
	}
	return found(s, token, DG_TK_SLASH, at, at + 1);
}

/* Of Trino only. */
static size_t
scan_colon(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	if (peek(s, at + 1) == ':' && s->has_methods)
		return found(s, token, DG_TK_DOUBLE_COLON, at, at + 2);
	return found(s, token, DG_TK_COLON, at, at + 1);
}

/* `!`, `|`, `:`: one byte or two. */
static size_t
scan_operator(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char next = peek(s, at + 1);

	switch (s->text[at]) {
	case '!':
		if (next == '=')
			return found(s, token, DG_TK_NE, at, at + 2);
		break;
	case '|':
		if (next == '|')
			return found(s, token, DG_TK_CONCAT, at, at + 2);
		if (s->has_patterns)
			return found(s, token, DG_TK_BAR, at, at + 1);
		break;
	case ':':
		if (s->dialect == DG_SQL_TRINO)
			return scan_colon(s, token, at);
		break;
	}
	return illegal(s, token, DG_SQL_I_CHARACTER, at, at + 1);
}

static size_t
scan_bad(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	size_t step = dg_str_utf8_step(dg_str_make(s->text, s->len), at);
	char letter;

	if (fold_letter(s, at, &letter) > 0)
		return scan_folded_word(s, token, at);
	return illegal(s, token, DG_SQL_I_CHARACTER, at,
		       at + (step == 0 ? 1 : step));
}

static size_t
scan_back_quoted(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	size_t end = scan_body(s, token, DG_TK_ILLEGAL, at, at + 1, '`');

	if (end == 0)
		return illegal(s, token, DG_SQL_I_CHARACTER, at, at + 1);
	return illegal(s, token, DG_SQL_I_BACKQUOTED, at, end);
}

/* ---- signs */

/* `<=`, `>=`, `<>`, `=>`, `.5` */
static DG_COLD size_t
scan_longer(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char next = peek(s, at + 1);

	switch (s->text[at]) {
	case '<':
		return found(s, token, next == '>' ? DG_TK_NE : DG_TK_LE, at,
			     at + 2);
	case '>':
		return found(s, token, DG_TK_GE, at, at + 2);
	case '=':
		return found(s, token, DG_TK_DOUBLE_ARROW, at, at + 2);
	}
	return scan_number(s, token, at);
}

static inline size_t
scan_sign(const struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char c = peek(s, at);

	if ((longer_if[c] & follower_of[peek(s, at + 1)]) != 0)
		return scan_longer(s, token, at);
	return found(s, token, single_code[c], at, at + 1);
}

/* ---- brackets: an open one holds the one outside, until it has a partner */

static inline size_t
scan_open(struct scan *s, struct dg_sql_token *token, size_t at)
{
	found(s, token, single_code[peek(s, at)], at, at + 1);
	s->open = (uint32_t)(token - s->out);
	return at + 1;
}

static inline size_t
scan_close(struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned code = single_code[peek(s, at)];
	unsigned partner = code == DG_TK_RP ? DG_TK_LP : DG_TK_LB;
	uint32_t open = s->open;

	found(s, token, code, at, at + 1);
	if (open == DG_SQL_NO_TOKEN || s->out[open].code != partner) {
		token->match = DG_SQL_NO_TOKEN;
		return at + 1;
	}
	s->open = s->out[open].match;
	s->out[open].match = (uint32_t)(token - s->out);
	return at + 1;
}

/* Brackets left open keep no partner. */
static void
drop_open_brackets(struct scan *s)
{
	while (s->open != DG_SQL_NO_TOKEN) {
		uint32_t outer = s->out[s->open].match;

		s->out[s->open].match = DG_SQL_NO_TOKEN;
		s->open = outer;
	}
}

/* ---- the array */

static inline size_t
scan_token(struct scan *s, struct dg_sql_token *token, size_t at)
{
	unsigned char c = peek(s, at);
	size_t end;

	switch ((enum char_class)class_of[c]) {
	case C_PREFIX:
		end = scan_prefixed(s, token, at);
		if (end != 0)
			return end;
		DG_FALLTHROUGH;
	case C_WORD:
		return scan_word(s, token, at);
	case C_DIGIT:
		return scan_number(s, token, at);
	case C_NAME:
		return scan_name(s, token, at);
	case C_STRING:
		return scan_string(s, token, at);
	case C_BACK_QUOTE:
		return scan_back_quoted(s, token, at);
	case C_MINUS:
		end = scan_minus(s, token, at);
		note_if(s, token, token->code == DG_TK_ARROW);
		return end;
	case C_SLASH:
		return scan_slash(s, token, at);
	case C_BANG:
	case C_BAR:
	case C_COLON:
		return scan_operator(s, token, at);
	case C_PATTERN:
		return scan_pattern_sign(s, token, at);
	case C_OPEN:
		return scan_open(s, token, at);
	case C_CLOSE:
		return scan_close(s, token, at);
	case C_SIGN:
		return scan_sign(s, token, at);
	case C_BAD:
		break;
	}
	return scan_bad(s, token, at);
}

/* Room for more tokens and the end token; false when the arena is full. */
static bool
make_room(struct scan *s, struct dg_arena *arena)
{
	size_t room = s->room == 0 ? s->len / 5 + 16 : s->room * 2;
	struct dg_sql_token *out;
	uint64_t *unsettled;

	if (room > s->len + 2)
		room = s->len + 2;
	out = dg_arena_alloc_raw(arena, room * sizeof(*out));
	unsettled = DG_ARENA_ARRAY(arena, uint64_t, room / 64 + 1);
	if (out == NULL || unsettled == NULL)
		return false;
	if (s->n > 0) {
		memcpy(out, s->out, s->n * sizeof(*out));
		memcpy(unsettled, s->unsettled,
		       (s->room / 64 + 1) * sizeof(*unsettled));
	}
	s->out = out;
	s->unsettled = unsettled;
	s->room = room;
	return true;
}

/* Moves *at over blanks and comments; whether anything follows. */
static bool
skip_to_token(struct scan *s, size_t *at)
{
	struct dg_sql_token token;
	size_t end;

	for (;; *at = end) {
		*at = dg_sql_skip_blanks(s->solid, *at);
		if (*at >= s->len)
			return false;
		if (s->text[*at] == '-')
			end = scan_minus(s, &token, *at);
		else if (s->text[*at] == '/')
			end = scan_slash(s, &token, *at);
		else
			return true;
		if (token.code != 0)
			return true;
	}
}

/*
 * From byte *at on, as many tokens as there is room and leave for; *at moves
 * behind them. False when there is nothing more to scan.
 */
static bool
scan_tokens(struct scan *s, size_t max_tokens, size_t *at_inout)
{
	struct dg_sql_token *token = s->out + s->n;
	const struct dg_sql_token *last =
		s->out + (s->room - 1 < max_tokens ? s->room - 1 : max_tokens);
	bool more = false;
	size_t at = *at_inout;

	for (;;) {
		at = dg_sql_skip_blanks(s->solid, at);
		if (at >= s->len)
			break;
		if (token == last) {
			more = skip_to_token(s, &at);
			break;
		}
		at = scan_token(s, token, at);
		if (token->code == DG_TK_ILLEGAL) {
			token++;
			break;
		}
		token += token->code != 0;
	}
	s->n = (size_t)(token - s->out);
	*at_inout = at;
	return more;
}

/* What is scanned is a copy with zero bytes behind it; false: no memory. */
static bool
copy_text(struct scan *s, struct dg_str text, struct dg_arena *arena,
	  bool *is_ascii_out)
{
	char *copy = dg_arena_alloc_raw(arena, text.len + DG_SQL_PADDING);
	unsigned char *solid =
		dg_arena_alloc_raw(arena, dg_sql_solid_size(text.len));
	struct dg_sql_bytes bytes;

	if (copy == NULL || solid == NULL)
		return false;
	bytes = dg_sql_copy_bytes(copy, text.data, text.len, solid);
	s->text = copy;
	s->solid = solid;
	s->has_nul = bytes.has_nul;
	*is_ascii_out = bytes.is_ascii;
	return true;
}

static DG_COLD enum dg_rc
fail_memory(struct dg_sql_error *err, struct dg_str text, size_t at)
{
	return dg_sql_fail(err, DG_SQL_E_LIMIT, text, at,
			   "The statement needs too much memory");
}

enum dg_rc
dg_sql_tokenize(struct dg_str text, struct dg_sql_engine engine,
		const struct dg_sql_limits *limits, struct dg_arena *arena,
		struct dg_sql_tokens *tokens_out, struct dg_sql_error *err)
{
	struct scan s = {
		.len = text.len,
		.last_comment = text.len,
		.open = DG_SQL_NO_TOKEN,
		.dialect = engine.dialect,
		.version = dg_sql_gate_version(engine),
		.folds_letters = dg_sql_has(engine, DG_SQL_G_FOLDED_LETTER),
		.has_modern_numbers =
			dg_sql_has(engine, DG_SQL_G_MODERN_NUMBER),
		.has_dollar_strings =
			dg_sql_has(engine, DG_SQL_G_DOLLAR_STRING),
		.has_patterns = dg_sql_has(engine, DG_SQL_G_ROW_PATTERN),
		.has_methods = dg_sql_has(engine, DG_SQL_G_METHOD),
	};
	size_t at = 0;

	if (text.len > limits->max_bytes || text.len >= DG_SQL_NO_TOKEN)
		return dg_sql_fail(err, DG_SQL_E_LIMIT, text, 0,
				   "The statement is %zu bytes long; the limit "
				   "is %zu",
				   text.len, limits->max_bytes);
	if (!copy_text(&s, text, arena, &tokens_out->is_ascii))
		return fail_memory(err, text, 0);
	do {
		if (s.room > 0 && s.n >= limits->max_tokens)
			return dg_sql_fail(err, DG_SQL_E_LIMIT, text, at,
					   "The statement has more than %zu "
					   "words and signs",
					   limits->max_tokens);
		if (!make_room(&s, arena))
			return fail_memory(err, text, at);
	} while (scan_tokens(&s, limits->max_tokens, &at));
	drop_open_brackets(&s);
	found(&s, &s.out[s.n], 0, text.len, text.len);
	tokens_out->text = text;
	tokens_out->engine = engine;
	tokens_out->at = s.out;
	tokens_out->arena = arena;
	tokens_out->unsettled = s.unsettled;
	tokens_out->n = s.n;
	return DG_OK;
}

bool
dg_sql_word_is_reserved(enum dg_sql_word word, struct dg_sql_engine engine)
{
	DG_ASSERT(word < DG_SQL_N_WORDS);
	if (word == DG_SQL_W_EXECUTE) /* the one that was, and is no longer */
		return !dg_sql_has(engine, DG_SQL_G_EXECUTE_NAME);
	return word_table[word].reserved[engine.dialect] <=
	       dg_sql_gate_version(engine);
}

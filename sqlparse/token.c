/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c - from bytes to the token array.
 *
 * One pass over the text with a table of character classes. It reads exactly
 * what the engines' lexers read: a lone CR ends a line comment, form feed is no
 * white space, the longest match decides between a number and a name that
 * begins with a digit. What no rule matches becomes an ILLEGAL token and ends
 * the scan, since the parser cannot get past it.
 */
#include "token.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "keyword.h"
#include "keyword_table.h"

/* What a byte can begin. WORD and DIGIT also continue a name. */
enum char_class {
	C_BAD,
	C_SPACE,
	C_WORD,
	C_PREFIX, /* u, x: a word, or the prefix of a literal */
	C_DIGIT,
	C_QUOTE,
	C_DOUBLE_QUOTE,
	C_BACK_QUOTE,
	C_OPEN,
	C_CLOSE,
	C_DOT,
	C_MINUS,
	C_SLASH,
	C_LESS,
	C_GREATER,
	C_EQUAL,
	C_BANG,
	C_BAR,
	C_COLON,
	C_PATTERN, /* { } ^ $ */
	C_SINGLE,  /* one byte, one token */
};

/* clang-format off */
static const uint8_t class_of[256] = {
	['\t'] = C_SPACE, ['\n'] = C_SPACE, ['\r'] = C_SPACE, [' '] = C_SPACE,
	['a'] = C_WORD, ['b'] = C_WORD, ['c'] = C_WORD, ['d'] = C_WORD,
	['e'] = C_WORD, ['f'] = C_WORD, ['g'] = C_WORD, ['h'] = C_WORD,
	['i'] = C_WORD, ['j'] = C_WORD, ['k'] = C_WORD, ['l'] = C_WORD,
	['m'] = C_WORD, ['n'] = C_WORD, ['o'] = C_WORD, ['p'] = C_WORD,
	['q'] = C_WORD, ['r'] = C_WORD, ['s'] = C_WORD, ['t'] = C_WORD,
	['u'] = C_PREFIX, ['v'] = C_WORD, ['w'] = C_WORD, ['x'] = C_PREFIX,
	['y'] = C_WORD, ['z'] = C_WORD,
	['A'] = C_WORD, ['B'] = C_WORD, ['C'] = C_WORD, ['D'] = C_WORD,
	['E'] = C_WORD, ['F'] = C_WORD, ['G'] = C_WORD, ['H'] = C_WORD,
	['I'] = C_WORD, ['J'] = C_WORD, ['K'] = C_WORD, ['L'] = C_WORD,
	['M'] = C_WORD, ['N'] = C_WORD, ['O'] = C_WORD, ['P'] = C_WORD,
	['Q'] = C_WORD, ['R'] = C_WORD, ['S'] = C_WORD, ['T'] = C_WORD,
	['U'] = C_PREFIX, ['V'] = C_WORD, ['W'] = C_WORD, ['X'] = C_PREFIX,
	['Y'] = C_WORD, ['Z'] = C_WORD, ['_'] = C_WORD,
	['0'] = C_DIGIT, ['1'] = C_DIGIT, ['2'] = C_DIGIT, ['3'] = C_DIGIT,
	['4'] = C_DIGIT, ['5'] = C_DIGIT, ['6'] = C_DIGIT, ['7'] = C_DIGIT,
	['8'] = C_DIGIT, ['9'] = C_DIGIT,
	['\''] = C_QUOTE, ['"'] = C_DOUBLE_QUOTE, ['`'] = C_BACK_QUOTE,
	['('] = C_OPEN, ['['] = C_OPEN, [')'] = C_CLOSE, [']'] = C_CLOSE,
	['.'] = C_DOT, ['-'] = C_MINUS, ['/'] = C_SLASH, ['<'] = C_LESS,
	['>'] = C_GREATER, ['='] = C_EQUAL, ['!'] = C_BANG, ['|'] = C_BAR,
	[':'] = C_COLON,
	['{'] = C_PATTERN, ['}'] = C_PATTERN, ['^'] = C_PATTERN,
	['$'] = C_PATTERN,
	['+'] = C_SINGLE, ['*'] = C_SINGLE, ['%'] = C_SINGLE, [','] = C_SINGLE,
	['?'] = C_SINGLE, [';'] = C_SINGLE, ['@'] = C_SINGLE,
};

static const uint16_t single_code[128] = {
	['+'] = DG_TK_PLUS, ['*'] = DG_TK_STAR, ['%'] = DG_TK_PERCENT,
	[','] = DG_TK_COMMA, ['?'] = DG_TK_QM, [';'] = DG_TK_SEMICOLON,
	['@'] = DG_TK_AT_SIGN, ['{'] = DG_TK_LC, ['}'] = DG_TK_RC,
	['^'] = DG_TK_CARET, ['$'] = DG_TK_DOLLAR, ['('] = DG_TK_LP, [')'] = DG_TK_RP,
	['['] = DG_TK_LB, [']'] = DG_TK_RB,
};

struct word_info {
	struct dg_str name;
	uint16_t code;
	uint16_t since[2];    /* by dialect */
	uint16_t reserved[2]; /* by dialect */
};

static const struct word_info word_table[] = {
	{DG_STR_INIT(""), DG_TK_ID, {0, 0}, {UINT16_MAX, UINT16_MAX}},
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved)     \
	{DG_STR_INIT(#word), DG_TK_##token,                                    \
	 {t_since, p_since}, {t_reserved, p_reserved}},
#include "keywords.def"
#undef DG_SQL_WORD
};
/* clang-format on */

/* The scan in progress. */
struct scan {
	const char *text;
	size_t len;
	size_t at;                /* first byte of the token */
	struct dg_sql_token *out; /* array with room for `room` tokens */
	size_t n;
	size_t room;
	uint32_t open;       /* innermost open bracket */
	unsigned dialect;    /* enum dg_sql_dialect */
	unsigned version;    /* of a word to be known: since <= version */
	bool no_comment_end; /* no further comment end in the text */
	bool stop;
};

static unsigned
gate_version(struct dg_sql_engine engine)
{
	if (engine.version == 0 || engine.version >= UINT16_MAX)
		return UINT16_MAX - 1;
	return engine.version;
}

static unsigned char
peek(const struct scan *s, size_t at)
{
	return at < s->len ? (unsigned char)s->text[at] : 0;
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_byte(unsigned char c)
{
	return class_of[c] >= C_WORD && class_of[c] <= C_DIGIT;
}

static void
push(struct scan *s, unsigned code, unsigned word, size_t end)
{
	struct dg_sql_token *token = &s->out[s->n++];

	token->code = (uint16_t)code;
	token->word = (uint16_t)word;
	token->offset = (uint32_t)s->at;
	token->len = (uint32_t)(end - s->at);
	token->match = s->open;
	s->at = end;
}

static void
push_illegal(struct scan *s, enum dg_sql_illegal why, size_t end)
{
	push(s, DG_TK_ILLEGAL, why, end);
	s->stop = true;
}

/* The first eight bytes of the word, zero behind its end. */
static uint64_t
load_head(const struct scan *s, size_t len)
{
	uint64_t head = 0;

	if (len >= sizeof(head)) {
		memcpy(&head, s->text + s->at, sizeof(head));
		return head;
	}
	if (s->at + sizeof(head) > s->len) {
		memcpy(&head, s->text + s->at, len);
		return head;
	}
	memcpy(&head, s->text + s->at, sizeof(head));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return head & ((UINT64_C(1) << len * 8) - 1);
#else
	return head & ~(UINT64_MAX >> len * 8);
#endif
}

/* The keyword in the next len bytes, if this version knows it. */
static unsigned
find_word(const struct scan *s, size_t len)
{
	unsigned char last = (unsigned char)s->text[s->at + len - 1];
	unsigned word;

	if (len > KEYWORD_LEN_MAX)
		return 0;
	word = keyword_bucket[dg_sql_hash_word(load_head(s, len), last, len)];
	for (; word != 0; word = keyword_next[word]) {
		const struct word_info *info = &word_table[word];
		size_t i = 0;

		if (info->name.len != len)
			continue;
		while (i < len && (s->text[s->at + i] | 0x20) ==
					  (info->name.data[i] | 0x20))
			i++;
		if (i == len)
			return info->since[s->dialect] <= s->version ? word : 0;
	}
	return 0;
}

static void
scan_word(struct scan *s)
{
	size_t end = s->at + 1;
	unsigned word;

	while (end < s->len && is_name_byte((unsigned char)s->text[end]))
		end++;
	if (s->dialect == DG_SQL_PRESTO &&
	    (peek(s, end) == '@' || peek(s, end) == ':')) {
		push_illegal(s, DG_SQL_I_NAME_CHARACTER, end + 1);
		return;
	}
	word = find_word(s, end - s->at);
	push(s, word_table[word].code, word, end);
}

/* Behind the closing quote of the literal whose body is at `at`; 0: none. */
static size_t
find_quoted_end(const struct scan *s, size_t at, char quote)
{
	for (;;) {
		const char *close;

		if (at >= s->len)
			return 0;
		close = memchr(s->text + at, quote, s->len - at);
		if (close == NULL)
			return 0;
		at = (size_t)(close - s->text) + 1;
		if (peek(s, at) != (unsigned char)quote)
			return at;
		at++;
	}
}

/* X'..' and U&'..' must touch; else the letter begins a word. */
static void
scan_prefixed(struct scan *s)
{
	unsigned char c = (unsigned char)(s->text[s->at] | 0x20);
	size_t end = 0;

	if (c == 'x' && peek(s, s->at + 1) == '\'' && s->at + 2 < s->len) {
		const char *close =
			memchr(s->text + s->at + 2, '\'', s->len - s->at - 2);

		if (close != NULL) {
			end = (size_t)(close - s->text) + 1;
			push(s, DG_TK_LIT_BINARY, 0, end);
			return;
		}
	}
	if (c == 'u' && peek(s, s->at + 1) == '&' &&
	    peek(s, s->at + 2) == '\'') {
		end = find_quoted_end(s, s->at + 3, '\'');
		if (end != 0) {
			push(s, DG_TK_LIT_UNICODE, 0, end);
			return;
		}
	}
	scan_word(s);
}

static void
scan_string(struct scan *s)
{
	size_t end = find_quoted_end(s, s->at + 1, '\'');

	if (end == 0)
		push_illegal(s, DG_SQL_I_STRING, s->at + 1);
	else
		push(s, DG_TK_LIT_STRING, 0, end);
}

/*
 * The engines take a NUL in a quoted name as any other character, and Trino's
 * memory connector even makes a table of it. No catalog with a store has such
 * names, while much that reads names ends at a NUL: they are refused.
 */
static void
scan_quoted(struct scan *s)
{
	size_t end = find_quoted_end(s, s->at + 1, '"');

	if (end == 0)
		push_illegal(s, DG_SQL_I_QUOTED, s->at + 1);
	else if (end == s->at + 2 && s->dialect == DG_SQL_TRINO)
		push_illegal(s, DG_SQL_I_EMPTY_NAME, end);
	else if (memchr(s->text + s->at, '\0', end - s->at) != NULL)
		push_illegal(s, DG_SQL_I_NUL_NAME, end);
	else
		push(s, DG_TK_QUOTED, 0, end);
}

/* Digits from `at`, with single underscores between them if allowed. */
static size_t
skip_digits(const struct scan *s, size_t at, bool underscores)
{
	if (!is_digit(peek(s, at)))
		return at;
	for (;;) {
		at++;
		if (underscores && peek(s, at) == '_' &&
		    is_digit(peek(s, at + 1)))
			at++;
		if (!is_digit(peek(s, at)))
			return at;
	}
}

static bool
is_radix_digit(unsigned char c, unsigned char radix)
{
	unsigned char low = c | 0x20;

	if (radix == 'b')
		return c == '0' || c == '1';
	if (radix == 'o')
		return c >= '0' && c <= '7';
	return is_digit(c) || (low >= 'a' && low <= 'f');
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

		if (!is_radix_digit(peek(s, next), radix))
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
	return is_digit(peek(s, digits)) ? skip_digits(s, digits, false) : at;
}

/*
 * The longest of integer, decimal, double and digit-first name; a number wins
 * a tie. Doubles never have underscores.
 */
static void
scan_number(struct scan *s)
{
	bool modern = s->dialect == DG_SQL_TRINO && s->version >= 420;
	size_t integer = skip_digits(s, s->at, modern);
	size_t plain = skip_digits(s, s->at, false);
	size_t decimal = integer;
	size_t fraction = plain;
	size_t exponent;
	size_t name = s->at;

	if (peek(s, integer) == '.')
		decimal = skip_digits(s, integer + 1, modern);
	if (peek(s, plain) == '.')
		fraction = skip_digits(s, plain + 1, false);
	exponent = skip_exponent(s, fraction);
	if (exponent == fraction)
		exponent = s->at;
	if (modern) {
		size_t radix = skip_radix(s, s->at);

		integer = radix > integer ? radix : integer;
	}
	if (is_digit((unsigned char)s->text[s->at])) {
		while (is_name_byte(peek(s, name)) ||
		       (s->dialect == DG_SQL_PRESTO &&
			(peek(s, name) == '@' || peek(s, name) == ':')))
			name++;
	}
	if (name > integer && name > decimal && name > exponent)
		push_illegal(s, DG_SQL_I_DIGIT_NAME, name);
	else if (integer >= decimal && integer >= exponent)
		push(s, DG_TK_LIT_INTEGER, 0, integer);
	else
		push(s, DG_TK_LIT_DECIMAL, 0,
		     decimal > exponent ? decimal : exponent);
}

static void
scan_open(struct scan *s)
{
	uint32_t self = (uint32_t)s->n;

	/* Holds the bracket outside until the partner is found. */
	push(s, single_code[(unsigned char)s->text[s->at]], 0, s->at + 1);
	s->open = self;
}

static void
scan_close(struct scan *s)
{
	unsigned code = single_code[(unsigned char)s->text[s->at]];
	unsigned partner = code == DG_TK_RP ? DG_TK_LP : DG_TK_LB;
	uint32_t open = s->open;

	push(s, code, 0, s->at + 1);
	if (open == DG_SQL_NO_TOKEN || s->out[open].code != partner) {
		s->out[s->n - 1].match = DG_SQL_NO_TOKEN;
		return;
	}
	s->open = s->out[open].match;
	s->out[open].match = (uint32_t)s->n - 1;
	s->out[s->n - 1].match = open;
}

static void
skip_line_comment(struct scan *s)
{
	while (s->at < s->len && s->text[s->at] != '\n' &&
	       s->text[s->at] != '\r')
		s->at++;
}

/* The signs of row patterns came with them. */
static bool
has_patterns(const struct scan *s)
{
	return s->dialect == DG_SQL_TRINO && s->version >= 356;
}

static void
scan_pattern_sign(struct scan *s)
{
	unsigned char c = (unsigned char)s->text[s->at];

	if (!has_patterns(s))
		push_illegal(s, DG_SQL_I_CHARACTER, s->at + 1);
	else if (c == '{' && peek(s, s->at + 1) == '-')
		push(s, DG_TK_LC_MINUS, 0, s->at + 2);
	else
		push(s, single_code[c], 0, s->at + 1);
}

static void
scan_minus(struct scan *s)
{
	unsigned char next = peek(s, s->at + 1);

	if (next == '-')
		skip_line_comment(s);
	else if (next == '>')
		push(s, DG_TK_ARROW, 0, s->at + 2);
	else if (next == '}' && has_patterns(s))
		push(s, DG_TK_MINUS_RC, 0, s->at + 2);
	else
		push(s, DG_TK_MINUS, 0, s->at + 1);
}

static void
scan_slash(struct scan *s)
{
	if (peek(s, s->at + 1) == '*' && !s->no_comment_end) {
		const char *end = memmem(s->text + s->at + 2,
					 s->len - s->at - 2, "*/", 2);

		if (end != NULL) {
			s->at = (size_t)(end - s->text) + 2;
			return;
		}
		s->no_comment_end = true;
	}
	push(s, DG_TK_SLASH, 0, s->at + 1);
}

/* Of Trino only. */
static void
scan_colon(struct scan *s)
{
	if (peek(s, s->at + 1) == ':' && s->version >= 482)
		push(s, DG_TK_DOUBLE_COLON, 0, s->at + 2);
	else
		push(s, DG_TK_COLON, 0, s->at + 1);
}

/* `<`, `>`, `=`, `!`, `|`, `:`: one byte or two. */
static void
scan_operator(struct scan *s)
{
	char c = s->text[s->at];
	unsigned char next = peek(s, s->at + 1);

	if (c == '<' && next == '>')
		push(s, DG_TK_NE, 0, s->at + 2);
	else if (c == '<' && next == '=')
		push(s, DG_TK_LE, 0, s->at + 2);
	else if (c == '>' && next == '=')
		push(s, DG_TK_GE, 0, s->at + 2);
	else if (c == '=' && next == '>')
		push(s, DG_TK_DOUBLE_ARROW, 0, s->at + 2);
	else if (c == '!' && next == '=')
		push(s, DG_TK_NE, 0, s->at + 2);
	else if (c == '|' && next == '|')
		push(s, DG_TK_CONCAT, 0, s->at + 2);
	else if (c == '|' && has_patterns(s))
		push(s, DG_TK_BAR, 0, s->at + 1);
	else if (c == '<')
		push(s, DG_TK_LT, 0, s->at + 1);
	else if (c == '>')
		push(s, DG_TK_GT, 0, s->at + 1);
	else if (c == '=')
		push(s, DG_TK_EQ, 0, s->at + 1);
	else if (c == ':' && s->dialect == DG_SQL_TRINO)
		scan_colon(s);
	else
		push_illegal(s, DG_SQL_I_CHARACTER, s->at + 1);
}

/* $$ .. $$, a function's text in another language. */
static bool
scan_dollar(struct scan *s)
{
	struct dg_str text = {s->text, s->len};
	size_t end = s->at + 2;

	if (s->dialect != DG_SQL_TRINO || s->version < 468 ||
	    peek(s, s->at + 1) != '$')
		return false;
	for (;; end++) {
		end = dg_str_find(text, '$', end);
		if (end >= s->len)
			return false;
		if (peek(s, end + 1) == '$')
			break;
	}
	push(s, DG_TK_LIT_DOLLAR, 0, end + 2);
	return true;
}

/* Presto reads U+0131 as I and U+017F as S, before anything else. */
static void
scan_bad(struct scan *s)
{
	unsigned char first = (unsigned char)s->text[s->at];
	unsigned char second = peek(s, s->at + 1);
	size_t step = dg_str_utf8_step(dg_str_make(s->text, s->len), s->at);
	bool folded = (first == 0xC4 && second == 0xB1) ||
		      (first == 0xC5 && second == 0xBF);

	push_illegal(s,
		     folded && s->dialect == DG_SQL_PRESTO
			     ? DG_SQL_I_FOLDED_LETTER
			     : DG_SQL_I_CHARACTER,
		     s->at + (step == 0 ? 1 : step));
}

static void
scan_back_quoted(struct scan *s)
{
	size_t end = find_quoted_end(s, s->at + 1, '`');

	push_illegal(s, end == 0 ? DG_SQL_I_CHARACTER : DG_SQL_I_BACKQUOTED,
		     end == 0 ? s->at + 1 : end);
}

static void
scan_dot(struct scan *s)
{
	if (is_digit(peek(s, s->at + 1)))
		scan_number(s);
	else
		push(s, DG_TK_DOT, 0, s->at + 1);
}

static void
scan_token(struct scan *s)
{
	unsigned char c = (unsigned char)s->text[s->at];

	switch ((enum char_class)class_of[c]) {
	case C_SPACE:
		while (s->at < s->len &&
		       class_of[(unsigned char)s->text[s->at]] == C_SPACE)
			s->at++;
		break;
	case C_WORD:
		scan_word(s);
		break;
	case C_PREFIX:
		scan_prefixed(s);
		break;
	case C_DIGIT:
		scan_number(s);
		break;
	case C_QUOTE:
		scan_string(s);
		break;
	case C_DOUBLE_QUOTE:
		scan_quoted(s);
		break;
	case C_BACK_QUOTE:
		scan_back_quoted(s);
		break;
	case C_OPEN:
		scan_open(s);
		break;
	case C_CLOSE:
		scan_close(s);
		break;
	case C_DOT:
		scan_dot(s);
		break;
	case C_MINUS:
		scan_minus(s);
		break;
	case C_SLASH:
		scan_slash(s);
		break;
	case C_LESS:
	case C_GREATER:
	case C_EQUAL:
	case C_BANG:
	case C_BAR:
	case C_COLON:
		scan_operator(s);
		break;
	case C_PATTERN:
		if (s->text[s->at] == '$' && scan_dollar(s))
			break;
		scan_pattern_sign(s);
		break;
	case C_SINGLE:
		push(s, single_code[c], 0, s->at + 1);
		break;
	case C_BAD:
		scan_bad(s);
		break;
	}
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

/* Room for one token more and the end token; false when the arena is full. */
static bool
make_room(struct scan *s, struct dg_arena *arena)
{
	size_t room = s->room == 0 ? s->len / 5 + 16 : s->room * 2;
	struct dg_sql_token *out;

	if (s->n + 2 <= s->room)
		return true;
	if (room > s->len + 2)
		room = s->len + 2;
	out = DG_ARENA_ARRAY(arena, struct dg_sql_token, room);
	if (out == NULL)
		return false;
	if (s->n > 0)
		memcpy(out, s->out, s->n * sizeof(*out));
	s->out = out;
	s->room = room;
	return true;
}

enum dg_rc
dg_sql_tokenize(struct dg_str text, struct dg_sql_engine engine,
		const struct dg_sql_limits *limits, struct dg_arena *arena,
		struct dg_sql_tokens *tokens_out, struct dg_sql_error *err)
{
	struct scan s = {
		.text = text.data,
		.len = text.len,
		.open = DG_SQL_NO_TOKEN,
		.dialect = engine.dialect,
		.version = gate_version(engine),
	};

	if (text.len > limits->max_bytes || text.len >= DG_SQL_NO_TOKEN)
		return dg_sql_fail(err, DG_SQL_E_LIMIT, text, 0,
				   "The statement is %zu bytes long; the limit "
				   "is %zu",
				   text.len, limits->max_bytes);
	for (;;) {
		if (!make_room(&s, arena))
			return dg_sql_fail(
				err, DG_SQL_E_LIMIT, text, s.at,
				"The statement needs too much memory");
		if (s.at >= s.len || s.stop)
			break;
		if (s.n >= limits->max_tokens)
			return dg_sql_fail(err, DG_SQL_E_LIMIT, text, s.at,
					   "The statement has more than %zu "
					   "words and signs",
					   limits->max_tokens);
		scan_token(&s);
	}
	drop_open_brackets(&s);
	s.at = s.len;
	push(&s, 0, 0, s.len);
	tokens_out->text = text;
	tokens_out->engine = engine;
	tokens_out->at = s.out;
	tokens_out->n = s.n - 1;
	return DG_OK;
}

bool
dg_sql_word_is_reserved(enum dg_sql_word word, struct dg_sql_engine engine)
{
	DG_ASSERT(word < DG_SQL_N_WORDS);
	return word_table[word].reserved[engine.dialect] <=
	       gate_version(engine);
}

struct dg_str
dg_sql_word_name(enum dg_sql_word word)
{
	DG_ASSERT(word < DG_SQL_N_WORDS);
	return word_table[word].name;
}

enum dg_sql_word
dg_sql_code_word(unsigned code)
{
	for (unsigned word = 1; code != DG_TK_ID && word < DG_SQL_N_WORDS;
	     word++) {
		if (word_table[word].code == code)
			return (enum dg_sql_word)word;
	}
	return DG_SQL_NO_WORD;
}

enum dg_rc
dg_sql_fail(struct dg_sql_error *err, enum dg_sql_error_kind kind,
	    struct dg_str text, size_t offset, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	err->offset = offset < text.len ? offset : text.len;
	dg_sql_locate(text, err->offset, &err->line, &err->column);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	switch (kind) {
	case DG_SQL_E_SYNTAX:
	case DG_SQL_E_RESOLVE:
		return DG_ERR_INVALID;
	case DG_SQL_E_UNSUPPORTED:
		return DG_ERR_UNSUPPORTED;
	case DG_SQL_E_LIMIT:
		return DG_ERR_LIMIT;
	}
	DG_UNREACHABLE();
}

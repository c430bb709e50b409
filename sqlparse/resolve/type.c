/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type.c - reading the engines' text of a type; see type.h.
 *
 * Only rows and arrays matter. The two engines write them alike,
 * `row(a bigint, "b c" array(row(x varchar)))`; a field without a name is
 * written as its type alone, which for types of several words reads like a
 * name and a type. What could be read in two ways is taken as unknown: fields
 * are then never told apart.
 */
#include "resolve/type.h"

#include "base/buf.h"
#include "resolve/fold.h"

enum {
	TYPE_MAX_BYTES = 1 << 18,
	TYPE_MAX_DEPTH = 64,
};

struct reader {
	struct dg_str text;
	size_t at;
	struct dg_arena *arena;
	struct dg_buf out;
	unsigned depth;
	bool full; /* the arena is */
};

/* ---- encoding ---------------------------------------------------------- */

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

static char
peek(const struct reader *r)
{
	return r->at < r->text.len ? r->text.data[r->at] : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static void
skip_blanks(struct reader *r)
{
	while (take(r, ' '))
		continue;
}

static struct dg_str
take_word(struct reader *r)
{
	size_t from = r->at;

	while (is_word_char(peek(r)))
		r->at++;
	return dg_str_slice(r->text, from, r->at);
}

static bool
put(struct reader *r, struct dg_str text)
{
	return dg_buf_append(&r->out, text) == DG_OK;
}

/* "a ""b""", the opening quote being next. */
static bool
take_quoted(struct reader *r, struct dg_str *name_out)
{
	char *name = dg_arena_alloc(r->arena, r->text.len);
	size_t len = 0;

	if (name == NULL) {
		r->full = true;
		return false;
	}
	for (r->at++; r->at < r->text.len; r->at++) {
		char c = r->text.data[r->at];

		if (c == '"') {
			r->at++;
			if (peek(r) != '"') {
				*name_out = dg_str_make(name, len);
				return true;
			}
		}
		name[len++] = c;
	}
	return false;
}

/* Words that go on a type's name where a field's type could begin. */
static bool
continues_a_type(struct dg_str word)
{
	static const struct dg_str words[] = {
		DG_STR_INIT("with"),      DG_STR_INIT("without"),
		DG_STR_INIT("day"),       DG_STR_INIT("year"),
		DG_STR_INIT("precision"), DG_STR_INIT("varying")};

	for (size_t i = 0; i < DG_ARRAY_LEN(words); i++)
		if (dg_str_eq_nocase(word, words[i]))
			return true;
	return false;
}

static bool read_type(struct reader *r);

static bool
put_field(struct reader *r, struct dg_str name)
{
	struct dg_str folded;
	enum dg_rc rc =
		dg_sql_fold_column(r->arena, DG_SQL_TRINO, name, &folded);

	r->full = r->full || rc == DG_ERR_LIMIT;
	return rc == DG_OK && name.len > 0 &&
	       dg_buf_appendf(&r->out, "%zu:", folded.len) == DG_OK &&
	       put(r, folded);
}

/* A name, a blank, a type. A type alone has no blank where we look for it. */
static bool
read_field(struct reader *r)
{
	struct dg_str name;
	size_t from;

	skip_blanks(r);
	if (peek(r) == '"') {
		if (!take_quoted(r, &name))
			return false;
	} else {
		name = take_word(r);
	}
	if (!take(r, ' '))
		return false;
	skip_blanks(r);
	from = r->at;
	if (continues_a_type(take_word(r)))
		return false;
	r->at = from;
	return put_field(r, name) && read_type(r);
}

static bool
read_row(struct reader *r)
{
	if (!put(r, DG_STR("(")))
		return false;
	do {
		if (!read_field(r))
			return false;
	} while (take(r, ','));
	return take(r, ')') && put(r, DG_STR(")"));
}

static bool
read_array(struct reader *r)
{
	return put(r, DG_STR("[")) && read_type(r) && take(r, ')');
}

/* Any other type, to the comma or parenthesis behind it. */
static bool
skip_type(struct reader *r)
{
	bool quoted = false;
	size_t depth = 0;

	for (; r->at < r->text.len; r->at++) {
		char c = r->text.data[r->at];

		if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (depth == 0 && (c == ',' || c == ')'))
			return true;
		depth += c == '(';
		depth -= c == ')';
	}
	return depth == 0 && !quoted;
}

static bool
read_other(struct reader *r, struct dg_str word)
{
	/* Of these nobody has fields; all others, maps too, might. */
	static const struct dg_str plain[] = {
		DG_STR_INIT("boolean"),   DG_STR_INIT("tinyint"),
		DG_STR_INIT("smallint"),  DG_STR_INIT("integer"),
		DG_STR_INIT("bigint"),    DG_STR_INIT("real"),
		DG_STR_INIT("double"),    DG_STR_INIT("decimal"),
		DG_STR_INIT("varchar"),   DG_STR_INIT("char"),
		DG_STR_INIT("varbinary"), DG_STR_INIT("date"),
		DG_STR_INIT("time"),      DG_STR_INIT("timestamp"),
		DG_STR_INIT("interval"),  DG_STR_INIT("uuid"),
		DG_STR_INIT("ipaddress"), DG_STR_INIT("ipprefix"),
		DG_STR_INIT("unknown"),   DG_STR_INIT("number")};

	if (!skip_type(r))
		return false;
	for (size_t i = 0; i < DG_ARRAY_LEN(plain); i++)
		if (dg_str_eq_nocase(word, plain[i]))
			return put(r, DG_STR("."));
	return put(r, DG_STR("?"));
}

static bool
read_type(struct reader *r)
{
	struct dg_str word;
	bool ok;

	if (r->depth >= TYPE_MAX_DEPTH)
		return false;
	r->depth++;
	word = take_word(r);
	if (dg_str_eq_nocase(word, DG_STR("row")) && take(r, '('))
		ok = read_row(r);
	else if (dg_str_eq_nocase(word, DG_STR("array")) && take(r, '('))
		ok = read_array(r);
	else
		ok = word.len > 0 && read_other(r, word);
	r->depth--;
	return ok;
}

enum dg_rc
dg_sql_type_encode(struct dg_str text, struct dg_arena *arena,
		   struct dg_str *encoded_out)
{
	struct reader r = {.text = text, .arena = arena};
	enum dg_rc rc = DG_OK;

	*encoded_out = DG_STR_EMPTY;
	if (text.len > TYPE_MAX_BYTES || !dg_str_is_utf8(text))
		return DG_OK;
	dg_buf_init(&r.out, TYPE_MAX_BYTES * 2);
	if (read_type(&r) && r.at == text.len) {
		if (dg_str_eq(dg_buf_peek(&r.out), DG_STR("."))) {
			*encoded_out = DG_STR(".");
		} else {
			*encoded_out = dg_arena_str(arena, dg_buf_peek(&r.out));
			r.full = r.full || encoded_out->data == NULL;
		}
	}
	if (r.full) {
		*encoded_out = DG_STR_EMPTY;
		rc = DG_ERR_LIMIT;
	}
	dg_buf_fini(&r.out);
	return rc;
}

/* ---- reading ----------------------------------------------------------- */

/* "12:": the number; *at behind it. Encodings are ours, and well formed. */
static size_t
read_length(struct dg_str type, size_t *at)
{
	size_t n = 0;

	for (; *at < type.len && type.data[*at] != ':'; (*at)++)
		n = n * 10 + (size_t)(type.data[*at] - '0');
	(*at)++;
	return n;
}

/* Where the type that begins at `at` ends. */
static size_t
skip_encoded(struct dg_str type, size_t at)
{
	size_t depth = 0;

	while (at < type.len) {
		char c = type.data[at];

		if (c >= '0' && c <= '9') {
			size_t len = read_length(type, &at);

			at += len;
			continue;
		}
		at++;
		if (c == '[')
			continue;
		depth += c == '(';
		depth -= c == ')';
		if (depth == 0)
			break;
	}
	return at;
}

bool
dg_sql_type_next(struct dg_str *rest, struct dg_str *name_out,
		 struct dg_str *type_out)
{
	size_t at = dg_sql_type_is_row(*rest) ? 1 : 0;
	size_t len, end;

	if (at >= rest->len || rest->data[at] < '0' || rest->data[at] > '9')
		return false;
	len = read_length(*rest, &at);
	*name_out = dg_str_slice(*rest, at, at + len);
	at += len;
	end = skip_encoded(*rest, at);
	*type_out = dg_str_slice(*rest, at, end);
	*rest = dg_str_slice(*rest, end, rest->len);
	return true;
}

bool
dg_sql_type_field(struct dg_str type, struct dg_str name,
		  struct dg_str *type_out)
{
	struct dg_str rest = type;
	struct dg_str field;

	if (!dg_sql_type_is_row(type))
		return false;
	while (dg_sql_type_next(&rest, &field, type_out))
		if (dg_str_eq(field, name))
			return true;
	return false;
}

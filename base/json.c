/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - reading JSON through jansson, writing it by hand. See json.h.
 *
 * A dg_json is a jansson value under another name; nothing outside this file
 * sees jansson. Texts of parse errors are our own and name a place only:
 * jansson's quote the document, which may hold secrets.
 */
#include "base/json.h"

#include <inttypes.h>
#include <jansson.h>

#include "base/assert.h"
#include "base/mem.h"

enum { JSON_DEPTH_MAX = 63 };

/* Values are immutable to us; jansson's API is not const-correct. */
static json_t *
to_jansson(const struct dg_json *value)
{
	return (json_t *)(uintptr_t)value;
}

static struct dg_json *
from_jansson(json_t *value)
{
	return (struct dg_json *)value;
}

static const char *
describe(enum json_error_code code)
{
	static const char *const texts[] = {
		[json_error_unknown] = "malformed JSON",
		[json_error_out_of_memory] = "out of memory",
		[json_error_stack_overflow] = "nested too deep",
		[json_error_cannot_open_file] = "malformed JSON",
		[json_error_invalid_argument] = "malformed JSON",
		[json_error_invalid_utf8] = "not UTF-8",
		[json_error_premature_end_of_input] = "ends too early",
		[json_error_end_of_input_expected] = "text after the value",
		[json_error_invalid_syntax] = "syntax error",
		[json_error_invalid_format] = "malformed JSON",
		[json_error_wrong_type] = "malformed JSON",
		[json_error_null_character] = "\\u0000 in a string",
		[json_error_null_value] = "malformed JSON",
		[json_error_null_byte_in_key] = "\\u0000 in a key",
		[json_error_duplicate_key] = "duplicate key",
		[json_error_numeric_overflow] = "number out of range",
	};
	size_t i = (size_t)code;

	return i < DG_ARRAY_LEN(texts) && texts[i] != NULL ? texts[i]
							   : texts[0];
}

enum dg_rc
dg_json_parse(struct dg_str text, size_t max_bytes, struct dg_json **root_out,
	      struct dg_error *err)
{
	json_error_t error;
	json_t *root;

	if (text.len > max_bytes)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "JSON of %zu bytes, allowed are %zu",
				    text.len, max_bytes);
	if (text.len == 0)
		text = DG_STR_EMPTY;
	root = json_loadb(text.data, text.len,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root == NULL)
		return dg_error_set(err, DG_ERR_INVALID,
				    "JSON line %d column %d: %s", error.line,
				    error.column,
				    describe(json_error_code(&error)));
	*root_out = from_jansson(root);
	return DG_OK;
}

void
dg_json_destroy(struct dg_json **root)
{
	json_decref(to_jansson(*root));
	*root = NULL;
}

struct dg_json *
dg_json_get(const struct dg_json *object, const char *key)
{
	return from_jansson(json_object_get(to_jansson(object), key));
}

size_t
dg_json_size(const struct dg_json *array_or_object)
{
	const json_t *value = to_jansson(array_or_object);

	if (json_is_array(value))
		return json_array_size(value);
	return json_object_size(value);
}

struct dg_json *
dg_json_at(const struct dg_json *array, size_t index)
{
	return from_jansson(json_array_get(to_jansson(array), index));
}

bool
dg_json_is_object(const struct dg_json *value)
{
	return json_is_object(to_jansson(value));
}

bool
dg_json_is_array(const struct dg_json *value)
{
	return json_is_array(to_jansson(value));
}

bool
dg_json_string(const struct dg_json *value, struct dg_str *out)
{
	const json_t *string = to_jansson(value);

	if (!json_is_string(string))
		return false;
	*out = dg_str_make(json_string_value(string),
			   json_string_length(string));
	return true;
}

bool
dg_json_int(const struct dg_json *value, int64_t *out)
{
	const json_t *number = to_jansson(value);

	if (!json_is_integer(number))
		return false;
	*out = json_integer_value(number);
	return true;
}

bool
dg_json_bool(const struct dg_json *value, bool *out)
{
	const json_t *boolean = to_jansson(value);

	if (!json_is_boolean(boolean))
		return false;
	*out = json_is_true(boolean);
	return true;
}

bool
dg_json_is_null(const struct dg_json *value)
{
	return json_is_null(to_jansson(value));
}

bool
dg_json_next(const struct dg_json *object, struct dg_json_iter *iter)
{
	json_t *o = to_jansson(object);

	if (!json_is_object(o))
		return false;
	iter->state = iter->state == NULL
			      ? json_object_iter(o)
			      : json_object_iter_next(o, iter->state);
	if (iter->state == NULL)
		return false;
	iter->key = dg_str_from_cstr(json_object_iter_key(iter->state));
	iter->value = from_jansson(json_object_iter_value(iter->state));
	return true;
}

/* What stands for byte c inside quotes; NULL when it stands for itself. */
static const char *
escape_of(unsigned char c, char scratch[8])
{
	static const char hex[] = "0123456789abcdef";

	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		break;
	}
	if (c >= 0x20 && c != 0x7f)
		return NULL;
	memcpy(scratch, "\\u00", 4);
	scratch[4] = hex[c >> 4];
	scratch[5] = hex[c & 15];
	scratch[6] = '\0';
	return scratch;
}

struct dg_str
dg_json_escape_step(struct dg_str s, size_t *at, char scratch[8])
{
	size_t from = *at;
	const char *escape;

	while (*at < s.len) {
		size_t step = dg_str_utf8_step(s, *at);

		if (step == 0) {
			escape = "\xEF\xBF\xBD"; /* U+FFFD */
			step = 1;
		} else {
			escape = escape_of((unsigned char)s.data[*at], scratch);
		}
		if (escape == NULL) {
			*at += step;
			continue;
		}
		if (*at > from)
			break;
		*at += step;
		return dg_str_from_cstr(escape);
	}
	return dg_str_slice(s, from, *at);
}

static enum dg_rc
append_escaped(struct dg_buf *out, struct dg_str s)
{
	char scratch[8];
	size_t at = 0;
	enum dg_rc rc = dg_buf_append_char(out, '"');

	while (rc == DG_OK && at < s.len)
		rc = dg_buf_append(out, dg_json_escape_step(s, &at, scratch));
	return rc == DG_OK ? dg_buf_append_char(out, '"') : rc;
}

enum dg_rc
dg_json_append_string(struct dg_buf *out, struct dg_str s)
{
	size_t before = dg_buf_len(out);
	enum dg_rc rc = append_escaped(out, s);

	if (rc != DG_OK)
		dg_buf_truncate(out, before);
	return rc;
}

void
dg_json_begin(struct dg_json_writer *w, struct dg_buf *out)
{
	*w = (struct dg_json_writer){.out = out};
}

static void
put(struct dg_json_writer *w, struct dg_str text)
{
	if (w->rc == DG_OK)
		w->rc = dg_buf_append(w->out, text);
}

/* The comma that a new value needs, if any. */
static void
separate(struct dg_json_writer *w)
{
	uint64_t bit = UINT64_C(1) << w->depth;

	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if ((w->has_member & bit) != 0)
		put(w, DG_STR(","));
	w->has_member |= bit;
}

static void
open_level(struct dg_json_writer *w, struct dg_str bracket)
{
	separate(w);
	put(w, bracket);
	if (w->depth == JSON_DEPTH_MAX) {
		if (w->rc == DG_OK)
			w->rc = DG_ERR_LIMIT;
		return;
	}
	w->depth++;
	w->has_member &= ~(UINT64_C(1) << w->depth);
}

static void
close_level(struct dg_json_writer *w, struct dg_str bracket)
{
	DG_ASSERT(!w->after_key);
	if (w->rc != DG_OK)
		return;
	DG_ASSERT(w->depth > 0);
	w->depth--;
	put(w, bracket);
}

void
dg_json_object_open(struct dg_json_writer *w)
{
	open_level(w, DG_STR("{"));
}

void
dg_json_object_close(struct dg_json_writer *w)
{
	close_level(w, DG_STR("}"));
}

void
dg_json_array_open(struct dg_json_writer *w)
{
	open_level(w, DG_STR("["));
}

void
dg_json_array_close(struct dg_json_writer *w)
{
	close_level(w, DG_STR("]"));
}

static void
put_string(struct dg_json_writer *w, struct dg_str s)
{
	if (w->rc == DG_OK)
		w->rc = dg_json_append_string(w->out, s);
}

void
dg_json_key_str(struct dg_json_writer *w, struct dg_str key)
{
	DG_ASSERT(!w->after_key);
	separate(w);
	put_string(w, key);
	put(w, DG_STR(":"));
	w->after_key = true;
}

void
dg_json_key(struct dg_json_writer *w, const char *key)
{
	dg_json_key_str(w, dg_str_from_cstr(key));
}

void
dg_json_put_str(struct dg_json_writer *w, struct dg_str s)
{
	separate(w);
	put_string(w, s);
}

void
dg_json_put_cstr(struct dg_json_writer *w, const char *s)
{
	dg_json_put_str(w, dg_str_from_cstr(s));
}

void
dg_json_put_lines(struct dg_json_writer *w, struct dg_str text)
{
	struct dg_str line;

	dg_json_array_open(w);
	while (dg_str_split(&text, '\n', &line))
		if (line.len > 0)
			dg_json_put_str(w, line);
	dg_json_array_close(w);
}

void
dg_json_put_int(struct dg_json_writer *w, int64_t n)
{
	separate(w);
	if (w->rc == DG_OK)
		w->rc = dg_buf_appendf(w->out, "%" PRId64, n);
}

void
dg_json_put_bool(struct dg_json_writer *w, bool b)
{
	separate(w);
	put(w, b ? DG_STR("true") : DG_STR("false"));
}

void
dg_json_put_null(struct dg_json_writer *w)
{
	separate(w);
	put(w, DG_STR("null"));
}

void
dg_json_put_raw(struct dg_json_writer *w, struct dg_str json)
{
	separate(w);
	put(w, json);
}

void
dg_json_put_value(struct dg_json_writer *w, const struct dg_json *value)
{
	enum { VALUE_MAX_BYTES = 64 << 20 };
	enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY };
	size_t len = json_dumpb(to_jansson(value), NULL, 0, FLAGS);
	char *text;

	if (len == 0 || len > VALUE_MAX_BYTES) {
		w->rc = w->rc == DG_OK ? DG_ERR_LIMIT : w->rc;
		return;
	}
	text = dg_calloc(len, 1);
	(void)json_dumpb(to_jansson(value), text, len, FLAGS);
	dg_json_put_raw(w, dg_str_make(text, len));
	dg_wipe(text, len); /* it may be a secret */
	dg_free(text);
}

enum dg_rc
dg_json_finish(struct dg_json_writer *w)
{
	DG_ASSERT(w->rc != DG_OK || (w->depth == 0 && !w->after_key));
	return w->rc;
}

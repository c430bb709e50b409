/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form.c - form-url-encoding of header values. See form.h.
 *
 * Stricter than Java where Java would replace what it cannot decode: the
 * gateway and the engine must not read two different texts.
 */
#include "presto/form.h"

static bool
is_text(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
		    c == 0x7f)
			return false;
	}
	return dg_str_is_utf8(s);
}

enum dg_rc
dg_form_decode(struct dg_str text, struct dg_arena *arena, struct dg_str *out)
{
	char *to = dg_arena_alloc(arena, text.len);
	size_t n = 0;

	if (to == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = i + 2 < text.len
					   ? dg_hex_value(text.data[i + 1])
					   : -1;
			int low =
				high < 0 ? -1 : dg_hex_value(text.data[i + 2]);

			if (low < 0)
				return DG_ERR_INVALID;
			c = (char)(unsigned char)(high * 16 + low);
			i += 2;
		}
		to[n++] = c;
	}
	if (!is_text(dg_str_make(to, n)))
		return DG_ERR_INVALID;
	*out = dg_str_make(to, n);
	return DG_OK;
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' ||
	       c == '_';
}

enum dg_rc
dg_form_encode(struct dg_str text, struct dg_buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t start = dg_buf_len(out);
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < text.len && rc == DG_OK; i++) {
		unsigned char c = (unsigned char)text.data[i];
		char escape[3] = {'%', digits[c >> 4], digits[c & 15]};

		if (is_plain(text.data[i]))
			rc = dg_buf_append_char(out, text.data[i]);
		else if (c == ' ')
			rc = dg_buf_append_char(out, '+');
		else
			rc = dg_buf_append(out, dg_str_make(escape, 3));
	}
	if (rc != DG_OK)
		dg_buf_truncate(out, start);
	return rc;
}

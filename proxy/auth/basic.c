/* SPDX-License-Identifier: Apache-2.0 */
/*
 * basic.c - reading `Authorization: Basic`. See basic.h.
 */
#include "auth/basic.h"

#include "base/base64.h"

#define SCHEME DG_STR("Basic ")

/*
 * The JDBC drivers, both command lines and Python write ISO-8859-1, others
 * UTF-8, and none says which (RFC 7617, section 3 leaves it open). Bytes that
 * are not UTF-8 are taken for the former and brought to UTF-8 in place.
 */
static enum dg_rc
to_utf8(char *bytes, size_t max, size_t *len)
{
	size_t to = *len;

	if (dg_str_is_utf8(dg_str_make(bytes, *len)))
		return DG_OK;
	for (size_t i = 0; i < *len; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			to++;
	if (to > max)
		return DG_ERR_INVALID;
	/* From the end: what is written never lies before what is read. */
	for (size_t from = *len, at = to; from-- > 0;) {
		unsigned char c = (unsigned char)bytes[from];

		if (c >= 0x80) {
			bytes[--at] = (char)(0x80 | (c & 0x3f));
			bytes[--at] = (char)(0xc0 | (c >> 6));
		} else {
			bytes[--at] = (char)c;
		}
	}
	*len = to;
	return DG_OK;
}

enum dg_rc
dg_basic_read(struct dg_str value, struct dg_basic *out)
{
	struct dg_str text;
	size_t len;
	size_t colon;

	if (!dg_str_starts_with_nocase(value, SCHEME))
		return DG_ERR_UNSUPPORTED;
	text = dg_str_trim(dg_str_slice(value, SCHEME.len, value.len));
	if (dg_base64_decoded_max(text.len) > sizeof(out->room))
		return DG_ERR_INVALID;
	if (dg_base64_decode(text, false, out->room, &len) != DG_OK)
		return DG_ERR_INVALID;
	if (to_utf8(out->room, sizeof(out->room), &len) != DG_OK)
		return DG_ERR_INVALID;
	text = dg_str_make(out->room, len);
	colon = dg_str_find(text, ':', 0);
	if (colon == 0 || colon + 1 >= len)
		return DG_ERR_INVALID;
	out->user = dg_str_slice(text, 0, colon);
	out->password = dg_str_slice(text, colon + 1, len);
	return DG_OK;
}

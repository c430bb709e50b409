/* SPDX-License-Identifier: Apache-2.0 */
/*
 * basic.c - reading `Authorization: Basic`. See basic.h.
 */
#include "auth/basic.h"

#include "base/base64.h"

#define SCHEME DG_STR("Basic ")

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
	text = dg_str_make(out->room, len);
	colon = dg_str_find(text, ':', 0);
	if (colon == 0 || colon + 1 >= len)
		return DG_ERR_INVALID;
	out->user = dg_str_slice(text, 0, colon);
	out->password = dg_str_slice(text, colon + 1, len);
	return DG_OK;
}

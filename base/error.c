/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.c - result names and bounded error texts. See error.h.
 *
 * A text is formatted aside and copied then, so that an argument may be the
 * text of the very error that is being set.
 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"

#undef dg_error_set /* error.h, for the analyzer */

const char *
dg_rc_name(enum dg_rc rc)
{
	switch (rc) {
	case DG_OK:
		return "ok";
	case DG_ERR_INVALID:
		return "invalid";
	case DG_ERR_LIMIT:
		return "limit";
	case DG_ERR_NOT_FOUND:
		return "not_found";
	case DG_ERR_CONFLICT:
		return "conflict";
	case DG_ERR_DENIED:
		return "denied";
	case DG_ERR_UNSUPPORTED:
		return "unsupported";
	case DG_ERR_IO:
		return "io";
	case DG_ERR_TIMEOUT:
		return "timeout";
	case DG_ERR_UNAVAILABLE:
		return "unavailable";
	case DG_ERR_CLOSED:
		return "closed";
	case DG_ERR_INTERNAL:
		return "internal";
	}
	DG_UNREACHABLE();
}

enum dg_rc
dg_error_vset(struct dg_error *err, enum dg_rc code, const char *fmt,
	      va_list ap)
{
	char text[DG_ERROR_TEXT_MAX];

	if (err == NULL)
		return code;
	vsnprintf(text, sizeof(text), fmt, ap);
	memcpy(err->text, text, strlen(text) + 1);
	err->code = code;
	return code;
}

enum dg_rc
dg_error_set(struct dg_error *err, enum dg_rc code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	dg_error_vset(err, code, fmt, ap);
	va_end(ap);
	return code;
}

enum dg_rc
dg_error_wrap(struct dg_error *err, const char *fmt, ...)
{
	char context[DG_ERROR_TEXT_MAX];
	va_list ap;

	if (err == NULL)
		return DG_ERR_INTERNAL;
	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	return dg_error_set(err, err->code, "%s: %s", context, err->text);
}

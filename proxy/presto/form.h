/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form.h - application/x-www-form-urlencoded values, as Java's URLEncoder and
 * URLDecoder have them (protocol.md 2.1): the engines use these for whatever
 * a header carries that is not a plain word.
 */
#ifndef DG_PROXY_PRESTO_FORM_H
#define DG_PROXY_PRESTO_FORM_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * '+' is a blank, %XX a byte. INVALID: a broken escape, a result that is not
 * UTF-8 or holds control bytes other than tab, CR, LF. LIMIT: arena.
 */
enum dg_rc dg_form_decode(struct dg_str text, struct dg_arena *arena,
			  struct dg_str *out) DG_MUST_CHECK;
/* Letters, digits, ".-*_" stand for themselves, the blank becomes '+'. */
enum dg_rc dg_form_encode(struct dg_str text, struct dg_buf *out) DG_MUST_CHECK;

#endif

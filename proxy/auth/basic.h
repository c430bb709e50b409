/* SPDX-License-Identifier: Apache-2.0 */
/*
 * basic.h - reading `Authorization: Basic` (RFC 7617).
 */
#ifndef DG_PROXY_AUTH_BASIC_H
#define DG_PROXY_AUTH_BASIC_H

#include "base/str.h"

enum { DG_BASIC_MAX = 4096 };

/* user and password are views into room, which the caller wipes. */
struct dg_basic {
	char room[DG_BASIC_MAX];
	struct dg_str user;
	struct dg_str password;
};

/*
 * value: of the header. UNSUPPORTED: another scheme. INVALID: not base64, no
 * colon, an empty name or password, or absurdly long. What comes as ISO-8859-1
 * is turned into UTF-8.
 */
enum dg_rc dg_basic_read(struct dg_str value,
			 struct dg_basic *out) DG_MUST_CHECK;

#endif
